/* Where in the document, and what is said about it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-private.h"

#include <string.h>

#define MAX_QUOTED 60 /* characters of the document in a message */

char *
kromo_quote (const char *text)
{
  g_autofree char *head = NULL;
  GString *quoted = g_string_new (NULL);
  gboolean cut = g_utf8_strlen (text, MAX_QUOTED * 6 + 1) > MAX_QUOTED;

  head = cut ? g_utf8_substring (text, 0, MAX_QUOTED) : g_strdup (text);
  g_string_append_c (quoted, '"');
  for (const char *p = head; *p; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_c (quoted, '\\');
    if ((guchar) *p < 0x20 || *p == 0x7f)
      g_string_append_printf (quoted, "\\u%04x", (guint) (guchar) *p);
    else
      g_string_append_c (quoted, *p);
  }
  g_string_append (quoted, cut ? "...\"" : "\"");
  return g_string_free (quoted, FALSE);
}

static gboolean
is_identifier (const char *key)
{
  if (!g_ascii_isalpha (*key) && *key != '_' && *key != '$')
    return FALSE;
  return strlen (key) <= MAX_QUOTED
      && strspn (key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$")
      == strlen (key);
}

static void
append_path (GString *text, const KromoPath *path)
{
  if (path->up == NULL) {
    g_string_append_c (text, '$');
    return;
  }
  append_path (text, path->up);
  if (path->key == NULL) {
    g_string_append_printf (text, "[%u]", path->index);
  } else if (is_identifier (path->key)) {
    g_string_append_printf (text, ".%s", path->key);
  } else {
    g_autofree char *quoted = kromo_quote (path->key);
    g_string_append_printf (text, "[%s]", quoted);
  }
}

char *
kromo_path_to_string (const KromoPath *path)
{
  GString *text = g_string_new (NULL);

  append_path (text, path);
  return g_string_free (text, FALSE);
}

gboolean
kromo_fail (GError **error, const KromoPath *path, KromoError code, const char *format, ...)
{
  g_autofree char *where = kromo_path_to_string (path);
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, KROMO_ERROR, (gint) code, "%s: %s", where, what);
  return FALSE;
}

void
kromo_reader_warn (KromoReader *reader, const KromoPath *path, const char *format, ...)
{
  g_autofree char *where = NULL, *what = NULL;
  va_list args;

  if (reader->warnings->len > KROMO_MAX_WARNINGS)
    return;
  if (reader->warnings->len == KROMO_MAX_WARNINGS) {
    g_ptr_array_add (reader->warnings, g_strdup ("further warnings are left out"));
    return;
  }
  where = kromo_path_to_string (path);
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (reader->warnings, g_strdup_printf ("%s: %s", where, what));
}
