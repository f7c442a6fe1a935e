/* kromosrc: properties and what is done with them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#include <glib/gstdio.h>
#include <string.h>

/* Name, value by default, another value; each as gst-launch would take them. */
static const struct {
  const char *name, *initial, *other;
} properties[] = {
  { "location", "", "/no/such/file" },
  { "genome-id", "", "01ABC" },
  { "genome", "", "{}" },
  { "use-metadata", "false", "true" },
  { "note-delta", "0", "-12.5" },
  { "tuning-ratio", "1", "1.5" },
  { "velocity", "1", "0.25" },
  { "duration", "4000000000", "123456789012" },
  { "reverse", "false", "true" },
  { "oversample", "false", "true" },
  { "inharmonicity", "false", "true" },
  { "transpose-all", "false", "true" },
  { "rendering", "reference", "standard" },
  { "normalize", "limit", "peak" },
  { "edge-fade", "0", "5000000" },
  { "seed", "0", "42" },
  { "volume", "1", "0.5" },
  { "mute", "false", "true" },
  { "loops", "1", "-1" },
  { "next-location", "", "/no/such/file" },
  { "is-live", "false", "true" },
  { "adaptive", "true", "false" },
  { "measure-rtf", "true", "false" },
  { "target-latency", "1000000000", "100000000" },
  { "min-chunk-duration", "100000000", "20000000" },
  { "max-chunk-duration", "5000000000", "1000000000" },
  { "chunk-duration", "500000000", "20000000" },
  { "n-threads", "1", "0" },
  { "checkpoint-memory", "8388608", "0" },
  { "max-memory", "1073741824", "1048576" },
  { "max-operations", "1000000", "100000000" },
};

static const char *const heard_while_playing[] = { "location", "genome-id", "genome", "seed",
  "note-delta", "tuning-ratio", "velocity", "oversample", "inharmonicity", "transpose-all",
  "rendering", "volume", "mute", "next-location", NULL };
static const char *const controllable[] = { "note-delta", "tuning-ratio", "velocity", "volume",
  NULL };

static char *
get_text (GstElement *src, const char *name)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (src), name);
  GValue value = G_VALUE_INIT;
  char *text;

  fail_unless (pspec != NULL, "no property %s", name);
  g_value_init (&value, pspec->value_type);
  g_object_get_property (G_OBJECT (src), name, &value);
  if (G_VALUE_HOLDS_STRING (&value))
    text = g_strdup (g_value_get_string (&value) ? g_value_get_string (&value) : "");
  else
    text = gst_value_serialize (&value);
  g_value_unset (&value);

  return text;
}

static gboolean
is_value (GstElement *src, const char *name, const char *expected)
{
  g_autofree char *text = get_text (src, name);

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (src), name)->value_type == G_TYPE_DOUBLE)
    return g_ascii_strtod (text, NULL) == g_ascii_strtod (expected, NULL);

  return g_strcmp0 (text, expected) == 0;
}

GST_START_TEST (test_round_trip)
{
  GstElement *src = gst_object_ref_sink (make_src (NULL, NULL));
  GParamSpec *pspec;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (properties); i++) {
    const char *name = properties[i].name;
    gboolean playing = g_strv_contains (heard_while_playing, name);

    fail_unless (is_value (src, name, properties[i].initial), "%s", name);
    gst_util_set_object_arg (G_OBJECT (src), name, properties[i].other);
    fail_unless (is_value (src, name, properties[i].other), "%s", name);

    pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (src), name);
    fail_unless (
        (pspec->flags & (playing ? GST_PARAM_MUTABLE_PLAYING : GST_PARAM_MUTABLE_READY)) != 0);
    fail_unless_equals_int (
        (pspec->flags & GST_PARAM_CONTROLLABLE) != 0, g_strv_contains (controllable, name));
    fail_unless (strlen (g_param_spec_get_blurb (pspec)) > 5);
  }
  gst_object_unref (src);
}
GST_END_TEST

GST_START_TEST (test_read_only)
{
  static const char *const names[] = { "genome-ids", "rtf", "stats" };
  GstElement *src = gst_object_ref_sink (make_src (NULL, NULL));
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (src), names[i]);

    fail_unless (pspec != NULL);
    fail_unless ((pspec->flags & G_PARAM_READABLE) && !(pspec->flags & G_PARAM_WRITABLE));
  }
  gst_object_unref (src);
}
GST_END_TEST

GST_START_TEST (test_last_one_wins)
{
  GstElement *src = gst_object_ref_sink (make_src ("location", "a.json", NULL));

  g_object_set (src, "genome", "{}", NULL);
  fail_unless (is_value (src, "location", "") && is_value (src, "genome", "{}"));
  g_object_set (src, "seed", G_GUINT64_CONSTANT (7), NULL);
  fail_unless (is_value (src, "genome", "") && is_value (src, "seed", "7"));
  g_object_set (src, "location", "b.json", NULL);
  fail_unless (is_value (src, "location", "b.json") && is_value (src, "seed", "0"));
  /* what takes nothing away leaves the others */
  g_object_set (src, "genome", NULL, "seed", G_GUINT64_CONSTANT (0), NULL);
  fail_unless (is_value (src, "location", "b.json"));
  g_object_set (src, "genome", "{}", "location", NULL, NULL);
  fail_unless (is_value (src, "genome", "{}"));
  gst_object_unref (src);
}
GST_END_TEST

GST_START_TEST (test_genome_ids)
{
  g_autofree char *json = data_path ("tone.json"), *none = data_path ("none.json");
  GstElement *src = gst_object_ref_sink (make_src (NULL, NULL));
  GStrv ids = NULL;

  g_object_get (src, "genome-ids", &ids, NULL);
  fail_unless (ids == NULL);
  g_object_set (src, "location", none, NULL);
  g_object_get (src, "genome-ids", &ids, NULL);
  fail_unless (ids == NULL);
  g_object_set (src, "location", json, NULL);
  g_object_get (src, "genome-ids", &ids, NULL);
  fail_unless (ids != NULL && ids[0] == NULL);
  g_strfreev (ids);
  gst_object_unref (src);
}
GST_END_TEST

static guint64
played_frames (const char *name, gboolean use_metadata, guint64 duration)
{
  g_autofree char *path = data_path (name);
  GstElement *src = make_src ("location", path, "use-metadata", use_metadata, NULL);
  Capture *capture;
  guint64 frames;

  if (duration)
    g_object_set (src, "duration", duration, NULL);
  capture = capture_run (src, NULL);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  frames = capture_frames (capture);
  capture_free (capture);

  return frames;
}

/* The file says 2.5 s. What the user sets counts, even when it is the default. */
GST_START_TEST (test_metadata_duration)
{
  fail_unless_equals_uint64 (played_frames ("tone.json", FALSE, 0), 4 * 48000);
  fail_unless_equals_uint64 (played_frames ("tone.json", TRUE, 0), 120000);
  fail_unless_equals_uint64 (played_frames ("tone.json", TRUE, GST_SECOND), 48000);
  fail_unless_equals_uint64 (played_frames ("tone.json", TRUE, 4 * GST_SECOND), 4 * 48000);
}
GST_END_TEST

static gboolean
same_sound (Capture *a, Capture *b)
{
  gboolean same =
      a->data->len == b->data->len && memcmp (a->data->data, b->data->data, a->data->len) == 0;

  fail_unless (a->data->len > 0);
  capture_free (a);
  capture_free (b);

  return same;
}

#define TONE(...) capture_run (make_src ("location", path, __VA_ARGS__, NULL), NULL)

/* The file says noteDelta -3, velocity 0.5, reverse. Each of the four takes part in the sound. */
GST_START_TEST (test_metadata_note)
{
  g_autofree char *path = data_path ("tone.json");
  guint64 duration = 2500 * GST_MSECOND;

  fail_unless (same_sound (TONE ("use-metadata", TRUE),
      TONE ("duration", duration, "note-delta", -3.0, "velocity", 0.5, "reverse", TRUE)));
  fail_unless (same_sound (TONE ("use-metadata", TRUE, "note-delta", 0.0),
      TONE ("duration", duration, "velocity", 0.5, "reverse", TRUE)));
  fail_unless (same_sound (TONE ("use-metadata", TRUE, "velocity", 1.0),
      TONE ("duration", duration, "note-delta", -3.0, "reverse", TRUE)));
  fail_unless (same_sound (TONE ("use-metadata", TRUE, "reverse", FALSE),
      TONE ("duration", duration, "note-delta", -3.0, "velocity", 0.5)));
  fail_if (
      same_sound (TONE ("duration", duration, "note-delta", -3.0), TONE ("duration", duration)));
  fail_if (same_sound (TONE ("duration", duration, "velocity", 0.5), TONE ("duration", duration)));
  fail_if (same_sound (TONE ("duration", duration, "reverse", TRUE), TONE ("duration", duration)));
}
GST_END_TEST

GST_START_TEST (test_tuning_ratio)
{
  g_autofree char *path = data_path ("tone.json");

  fail_unless (same_sound (TONE ("tuning-ratio", 0.5), TONE ("note-delta", -12.0)));
  fail_if (same_sound (TONE ("tuning-ratio", 0.5), TONE ("note-delta", 0.0)));
}
GST_END_TEST

/* As text it is the same genome as from the file. */
GST_START_TEST (test_genome_text)
{
  g_autofree char *path = data_path ("tone.json"), *text = NULL;

  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  fail_unless (same_sound (TONE ("use-metadata", TRUE),
      capture_run (make_src ("genome", text, "use-metadata", TRUE, NULL), NULL)));
  fail_if (same_sound (TONE ("use-metadata", FALSE), capture_run (make_src (NULL, NULL), NULL)));
}
GST_END_TEST

/* The file is read at READY->PAUSED and not before. */
GST_START_TEST (test_location_is_read_late)
{
  g_autofree char *source = data_path ("tone.json"), *text = NULL, *path = NULL;
  GstElement *src;
  Capture *capture;
  gint fd;

  fail_unless (g_file_get_contents (source, &text, NULL, NULL));
  fd = g_file_open_tmp ("kromo-XXXXXX", &path, NULL);
  fail_unless (fd >= 0);
  g_close (fd, NULL);
  g_unlink (path);
  src = make_src ("location", path, NULL);
  fail_unless (g_file_set_contents (path, text, -1, NULL));
  capture = capture_run (src, NULL);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  fail_unless_equals_uint64 (capture_frames (capture), 4 * 48000);
  capture_free (capture);
  g_unlink (path);
}
GST_END_TEST

static gpointer
set_and_get (gpointer user_data)
{
  GstElement *src = user_data;
  guint i;

  for (i = 0; i < 2000; i++) {
    GstStructure *stats = NULL;
    guint64 duration = 0;

    g_object_set (src, "duration", (i % 10) * GST_SECOND, "reverse", (gboolean) (i % 2), "volume",
        1.0, "edge-fade", (i % 3) * GST_SECOND, "loops", (gint) (i % 4), "chunk-duration",
        (guint64) i + 1, "normalize", i % 3, NULL);
    g_object_get (src, "duration", &duration, "stats", &stats, NULL);
    fail_unless (stats != NULL);
    gst_structure_free (stats);
  }

  return NULL;
}

/* Set from two threads while it plays, but heard in READY only. */
GST_START_TEST (test_threads)
{
  Capture *plain = capture_run (make_src ("duration", 2 * GST_SECOND, NULL), NULL), *capture;
  Rig *rig = rig_new (
      make_src ("duration", 2 * GST_SECOND, "adaptive", FALSE, "chunk-duration", GST_MSECOND, NULL),
      NULL);
  GThread *threads[2];
  guint i;

  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  for (i = 0; i < 2; i++)
    threads[i] = g_thread_new ("setter", set_and_get, rig->src);
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  for (i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  capture = rig_stop (rig);
  rig_free (rig);
  fail_unless_equals_int (capture->data->len, plain->data->len);
  assert_same_bytes (capture, plain, 0);
  capture_free (capture);
  capture_free (plain);
}
GST_END_TEST

static Suite *
properties_suite (void)
{
  Suite *suite = suite_create ("kromosrc-properties");
  TCase *tcase = tcase_create ("properties");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_round_trip);
  tcase_add_test (tcase, test_read_only);
  tcase_add_test (tcase, test_last_one_wins);
  tcase_add_test (tcase, test_genome_ids);
  tcase_add_test (tcase, test_metadata_duration);
  tcase_add_test (tcase, test_metadata_note);
  tcase_add_test (tcase, test_tuning_ratio);
  tcase_add_test (tcase, test_genome_text);
  tcase_add_test (tcase, test_location_is_read_late);
  tcase_add_test (tcase, test_threads);

  return suite;
}

GST_CHECK_MAIN (properties)
