/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scenario-log.h"

#include "scenario-diff.h"

/* No scenario takes that long; without it a failure would be a hang. */
#define PATIENCE (30 * G_TIME_SPAN_SECOND)

struct _ScenarioLog {
  GMutex lock;
  GCond cond;
  GPtrArray *lines; /* GString */
  gboolean closed;
};

static void
free_line (gpointer line)
{
  g_string_free (line, TRUE);
}

ScenarioLog *
scenario_log_new (void)
{
  ScenarioLog *log = g_new0 (ScenarioLog, 1);

  g_mutex_init (&log->lock);
  g_cond_init (&log->cond);
  log->lines = g_ptr_array_new_with_free_func (free_line);

  return log;
}

void
scenario_log_free (ScenarioLog *log)
{
  g_ptr_array_unref (log->lines);
  g_cond_clear (&log->cond);
  g_mutex_clear (&log->lock);
  g_free (log);
}

guint
scenario_log_add (ScenarioLog *log, const char *text)
{
  GString *line = g_string_new (text);
  guint n;

  g_string_replace (line, g_getenv ("KROMO_TEST_DATA"), "DATA", 0);
  g_mutex_lock (&log->lock);
  n = log->lines->len;
  if (log->closed)
    g_string_free (line, TRUE);
  else
    g_ptr_array_add (log->lines, line);
  g_cond_broadcast (&log->cond);
  g_mutex_unlock (&log->lock);

  return n;
}

void
scenario_log_append (ScenarioLog *log, guint line, const char *text)
{
  g_mutex_lock (&log->lock);
  if (line < log->lines->len)
    g_string_append (g_ptr_array_index (log->lines, line), text);
  g_mutex_unlock (&log->lock);
}

void
scenario_log_close (ScenarioLog *log)
{
  g_mutex_lock (&log->lock);
  log->closed = TRUE;
  g_mutex_unlock (&log->lock);
}

gboolean
scenario_log_wait (ScenarioLog *log, guint from, const char *prefix)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  gboolean found = FALSE, in_time = TRUE;

  g_mutex_lock (&log->lock);
  while (!found && in_time) {
    for (; from < log->lines->len && !found; from++) {
      const GString *line = g_ptr_array_index (log->lines, from);

      found = g_str_has_prefix (line->str, prefix);
    }
    if (!found)
      in_time = g_cond_wait_until (&log->cond, &log->lock, deadline);
  }
  g_mutex_unlock (&log->lock);

  return found;
}

char *
scenario_log_to_text (ScenarioLog *log)
{
  GString *text = g_string_new (NULL);
  guint i;

  g_mutex_lock (&log->lock);
  for (i = 0; i < log->lines->len; i++) {
    const GString *line = g_ptr_array_index (log->lines, i);

    g_string_append_printf (text, "%s\n", line->str);
  }
  g_mutex_unlock (&log->lock);

  return g_string_free (text, FALSE);
}

char *
scenario_log_compare (ScenarioLog *log, const char *filename)
{
  g_autofree char *now = scenario_log_to_text (log), *expected = NULL;
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (g_getenv ("KROMO_SCENARIOS_UPDATE"), "1") == 0) {
    if (!g_file_set_contents (filename, now, -1, &error))
      return g_strdup (error->message);
    return NULL;
  }
  if (!g_file_get_contents (filename, &expected, NULL, &error))
    return g_strdup_printf ("%s; KROMO_SCENARIOS_UPDATE=1 writes it", error->message);

  return scenario_diff (expected, now);
}
