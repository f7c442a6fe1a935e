/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "leaks.h"

#include <gst/check/gstcheck.h>
#include <string.h>

/* Threads of GStreamer's may still have what they were the last to use. */
#define PATIENCE (30 * G_TIME_SPAN_SECOND)
#define SETTLE (50 * G_TIME_SPAN_MILLISECOND)

struct _Leaks {
  GstTracer *tracer; /* NULL: nothing is looked for */
  GHashTable *types; /* name to how many objects */
};

static GstTracer *
find_tracer (void)
{
  GList *tracers = gst_tracing_get_active_tracers (), *item;
  GstTracer *tracer = NULL;

  for (item = tracers; item; item = item->next) {
    if (strcmp (G_OBJECT_TYPE_NAME (item->data), "GstLeaksTracer") == 0)
      tracer = gst_object_ref (item->data);
  }
  g_list_free_full (tracers, gst_object_unref);

  return tracer;
}

/* GStreamer 1.22 gives the objects without references, and so they must not be given back. */
static const char *
take_type_name (const GstStructure *object)
{
  GValue *value = (GValue *) gst_structure_get_value (object, "object");
  const char *name = G_VALUE_TYPE_NAME (value);

  value->data[0].v_pointer = NULL;

  return name;
}

static GHashTable *
count_types (GstTracer *tracer)
{
  GHashTable *types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GstStructure *all = NULL;
  const GValue *list;
  guint i;

  g_signal_emit_by_name (tracer, "get-live-objects", &all);
  fail_unless (all != NULL);
  list = gst_structure_get_value (all, "live-objects-list");
  for (i = 0; i < gst_value_list_get_size (list); i++) {
    const char *name =
        take_type_name (gst_value_get_structure (gst_value_list_get_value (list, i)));
    guint n = GPOINTER_TO_UINT (g_hash_table_lookup (types, name)) + 1;

    g_hash_table_replace (types, g_strdup (name), GUINT_TO_POINTER (n));
  }
  gst_structure_free (all);

  return types;
}

Leaks *
leaks_begin (void)
{
  Leaks *leaks = g_new0 (Leaks, 1);
  const char *tracers = g_getenv ("GST_TRACERS");

  leaks->tracer = find_tracer ();
  if (leaks->tracer)
    leaks->types = count_types (leaks->tracer);
  else
    fail_if (tracers && strstr (tracers, "leaks"), "no tracer of leaks");

  return leaks;
}

/* What there is more of now, or NULL. */
static char *
find_more (Leaks *leaks)
{
  GHashTable *now = count_types (leaks->tracer);
  GString *text = g_string_new (NULL);
  gpointer name, n;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, now);
  while (g_hash_table_iter_next (&iter, &name, &n)) {
    guint before = GPOINTER_TO_UINT (g_hash_table_lookup (leaks->types, name));

    if (GPOINTER_TO_UINT (n) > before)
      g_string_append_printf (
          text, " %s: %u, and were %u;", (char *) name, GPOINTER_TO_UINT (n), before);
  }
  g_hash_table_unref (now);

  return g_string_free (text, text->len == 0);
}

void
leaks_end (Leaks *leaks)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  char *more = NULL;

  if (leaks->tracer) {
    /* An object that is about to go away must not do so while it is being looked at. */
    gst_task_cleanup_all ();
    g_usleep (SETTLE);
    while ((more = find_more (leaks)) && g_get_monotonic_time () < deadline) {
      g_free (more);
      g_usleep (SETTLE);
    }
    fail_if (more, "leaks:%s", more);
    g_hash_table_unref (leaks->types);
    gst_object_unref (leaks->tracer);
  }
  g_free (leaks);
}
