/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scenario-diff.h"

#include <string.h>

/* Lines that are shown around a difference. */
#define CONTEXT 3

typedef struct {
  char mark;
  const char *line;
  guint a, b; /* line numbers from 1 */
} Entry;

/* Longest common subsequences: of the lines from i and j on, at i * (n_b + 1) + j. */
static guint *
measure (char **a, guint n_a, char **b, guint n_b)
{
  guint *lengths = g_new0 (guint, (gsize) (n_a + 1) * (n_b + 1));
  guint i, j, width = n_b + 1;

  for (i = n_a; i-- > 0;) {
    for (j = n_b; j-- > 0;) {
      if (strcmp (a[i], b[j]) == 0)
        lengths[i * width + j] = lengths[(i + 1) * width + j + 1] + 1;
      else
        lengths[i * width + j] = MAX (lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }

  return lengths;
}

static GArray *
align (char **a, guint n_a, char **b, guint n_b)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  guint *lengths = measure (a, n_a, b, n_b);
  guint i = 0, j = 0, width = n_b + 1;

  while (i < n_a || j < n_b) {
    Entry entry = { ' ', NULL, i + 1, j + 1 };

    if (i < n_a && j < n_b && strcmp (a[i], b[j]) == 0) {
      entry.line = a[i++];
      j++;
    } else if (j == n_b
        || (i < n_a && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
      entry.mark = '-';
      entry.line = a[i++];
    } else {
      entry.mark = '+';
      entry.line = b[j++];
    }
    g_array_append_val (entries, entry);
  }
  g_free (lengths);

  return entries;
}

static gboolean
is_near_difference (const GArray *entries, guint i)
{
  guint k = i > CONTEXT ? i - CONTEXT : 0, end = MIN (i + CONTEXT + 1, entries->len);

  for (; k < end; k++) {
    if (g_array_index (entries, Entry, k).mark != ' ')
      return TRUE;
  }

  return FALSE;
}

static char *
print (const GArray *entries)
{
  GString *text = g_string_new ("--- expected\n+++ now\n");
  gboolean skipped = TRUE;
  guint i;

  for (i = 0; i < entries->len; i++) {
    const Entry *entry = &g_array_index (entries, Entry, i);

    if (!is_near_difference (entries, i)) {
      skipped = TRUE;
      continue;
    }
    if (skipped)
      g_string_append_printf (text, "@@ -%u +%u @@\n", entry->a, entry->b);
    skipped = FALSE;
    g_string_append_printf (text, "%c%s\n", entry->mark, entry->line);
  }

  return g_string_free (text, FALSE);
}

char *
scenario_diff (const char *a, const char *b)
{
  g_auto (GStrv) a_lines = NULL, b_lines = NULL;
  g_autoptr (GArray) entries = NULL;

  if (strcmp (a, b) == 0)
    return NULL;
  a_lines = g_strsplit (a, "\n", -1);
  b_lines = g_strsplit (b, "\n", -1);
  entries = align (a_lines, g_strv_length (a_lines), b_lines, g_strv_length (b_lines));

  return print (entries);
}
