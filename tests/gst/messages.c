/* kromosrc: errors, warnings, tags, progress, statistics
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#include <string.h>

#define RESOURCE(code) GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_##code
#define STREAM(code) GST_STREAM_ERROR, GST_STREAM_ERROR_##code

/* Runs the element, which must fail with one error. Takes the floating reference. */
static void
assert_fails (GstElement *src, GQuark domain, gint code, const char *text)
{
  Capture *capture = capture_run (src, NULL);

  assert_one_error (capture, domain, code, text);
  capture_free (capture);
}

static GstElement *
with_file (const char *name)
{
  g_autofree char *path = data_path (name);

  return make_src ("location", path, NULL);
}

GST_START_TEST (test_file_errors)
{
  assert_fails (with_file ("no-such-file.json"), RESOURCE (NOT_FOUND), "no-such-file");
  /* a folder is there, but not to be read */
  assert_fails (with_file ("."), RESOURCE (OPEN_READ), "");
}
GST_END_TEST

GST_START_TEST (test_genome_errors)
{
  assert_fails (with_file ("not-json.json"), STREAM (DECODE), "");
  assert_fails (with_file ("no-patch.json"), STREAM (DECODE), "");
  assert_fails (make_src ("genome", "[1, 2", NULL), STREAM (DECODE), "");
  assert_fails (make_src ("genome", "", NULL), STREAM (DECODE), "");
}
GST_END_TEST

GST_START_TEST (test_unknown_function)
{
  assert_fails (with_file ("unknown-function.json"), STREAM (DECODE), "SineX");
}
GST_END_TEST

GST_START_TEST (test_settings_errors)
{
  assert_fails (make_src ("duration", G_GUINT64_CONSTANT (30), NULL), RESOURCE (SETTINGS),
      "duration is 30 ns, less than one sample");
  assert_fails (
      make_src ("duration", G_GUINT64_CONSTANT (0), NULL), RESOURCE (SETTINGS), "duration is 0 ns");
  /* enough for a sample at 192 kHz, but not at 48 kHz */
  assert_fails (make_src ("duration", G_GUINT64_CONSTANT (6000), NULL), RESOURCE (SETTINGS),
      "less than one sample at 48000 Hz");
  assert_fails (
      make_src ("duration", G_MAXUINT64, NULL), RESOURCE (SETTINGS), "more than the 24 h");
  assert_fails (
      make_src ("min-chunk-duration", 2 * GST_SECOND, "max-chunk-duration", GST_SECOND, NULL),
      RESOURCE (SETTINGS), "min-chunk-duration");
}
GST_END_TEST

static const struct {
  const char *name, *value;
} unsupported[] = {
  { "loops", "0" },
};

GST_START_TEST (test_unsupported)
{
  GstElement *src = make_src (NULL, NULL);

  gst_util_set_object_arg (G_OBJECT (src), unsupported[__i__].name, unsupported[__i__].value);
  assert_fails (src, RESOURCE (SETTINGS), unsupported[__i__].name);
}
GST_END_TEST

/* After an error in one run the next may be a good one. */
GST_START_TEST (test_recovery)
{
  Rig *rig = rig_new (make_src ("duration", G_GUINT64_CONSTANT (6000), NULL), NULL);
  Capture *capture = rig->capture;

  gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
  rig_wait (rig);
  rig_stop (rig);
  assert_one_error (capture, RESOURCE (SETTINGS), "less than one sample");
  g_ptr_array_set_size (capture->messages, 0);

  g_object_set (rig->src, "location", "/no/such/file", NULL);
  fail_if (rig_start (rig, GST_STATE_PLAYING));
  rig_stop (rig);
  assert_one_error (capture, RESOURCE (NOT_FOUND), "/no/such/file");
  g_ptr_array_set_size (capture->messages, 0);

  g_object_set (rig->src, "location", NULL, "duration", GST_SECOND, NULL);
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  rig_stop (rig);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  fail_unless_equals_uint64 (capture_frames (capture), 48000);
  rig_free (rig);
  capture_free (capture);
}
GST_END_TEST

/* Caps that nothing can be made of, found out only when data is to flow. */
GST_START_TEST (test_negotiation_error)
{
  Rig *rig = rig_new (make_src (NULL, NULL), NULL);
  GstCaps *caps = gst_caps_from_string ("audio/x-raw, rate=4000");
  Capture *capture;

  g_object_set (rig->filter, "caps", caps, NULL);
  gst_caps_unref (caps);
  gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
  rig_wait (rig);
  capture = rig_stop (rig);
  rig_free (rig);
  assert_one_error (capture, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION, "audioresample");
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_no_warnings)
{
  Capture *capture = capture_run (make_src ("duration", GST_SECOND, NULL), NULL);

  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), 0);
  capture_free (capture);
}
GST_END_TEST

static void
assert_one_warning (GstElement *src, const char *one, const char *another)
{
  Capture *capture = capture_run (src, NULL);
  GstMessage *message = capture_message (capture, GST_MESSAGE_WARNING, 0);
  GError *warning = NULL;

  fail_unless (message != NULL, "no warning");
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), 1);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  gst_message_parse_warning (message, &warning, NULL);
  fail_unless (warning->domain == GST_STREAM_ERROR);
  fail_unless (strstr (warning->message, one) != NULL, "%s", warning->message);
  fail_unless (strstr (warning->message, another) != NULL, "%s", warning->message);
  g_error_free (warning);
  fail_unless_equals_uint64 (capture_frames (capture), 4 * 48000);
  capture_free (capture);
}

/* What the genome's reader and the renderer have to say, in one message. */
GST_START_TEST (test_warnings)
{
  assert_one_warning (with_file ("warned.json"), "weird", "takes no audio");
}
GST_END_TEST

GST_START_TEST (test_non_finite)
{
  assert_one_warning (with_file ("non-finite.json"), "infinite", "silence");
}
GST_END_TEST

static GstTagList *
get_tags (const Capture *capture, guint *position)
{
  GstTagList *tags = NULL;
  guint i;

  for (i = 0; i < capture->events->len; i++) {
    GstEvent *event = g_ptr_array_index (capture->events, i);

    if (GST_EVENT_TYPE (event) == GST_EVENT_TAG) {
      fail_unless (tags == NULL, "more than one tag event");
      gst_event_parse_tag (event, &tags);
      *position = i;
    }
  }
  fail_unless (tags != NULL);

  return tags;
}

static void
assert_tags (GstElement *src, const char *title, const char *comment)
{
  Capture *capture = capture_run (src, NULL);
  const char *text;
  guint position = 0, i;
  GstTagList *tags = get_tags (capture, &position);

  fail_unless_equals_int (gst_tag_list_get_scope (tags), GST_TAG_SCOPE_STREAM);
  fail_unless (gst_tag_list_peek_string_index (tags, GST_TAG_TITLE, 0, &text));
  fail_unless_equals_string (text, title);
  fail_unless (gst_tag_list_peek_string_index (tags, GST_TAG_APPLICATION_NAME, 0, &text));
  fail_unless (g_str_has_prefix (text, "kromosrc "));
  fail_unless (gst_tag_list_peek_string_index (tags, GST_TAG_COMMENT, 0, &text));
  fail_unless_equals_string (text, comment);
  /* before the first buffer, after the segment */
  fail_unless (position < capture_buffer (capture, 0)->events_before);
  for (i = position; i < capture->events->len; i++)
    fail_if (GST_EVENT_TYPE (g_ptr_array_index (capture->events, i)) == GST_EVENT_SEGMENT);
  capture_free (capture);
}

GST_START_TEST (test_tags)
{
  g_autofree char *tone = data_path ("tone.json"), *no_id = data_path ("no-id.json");

  assert_tags (make_src ("duration", 1500 * GST_MSECOND, "velocity", 0.25, NULL), "kromo default",
      "note-delta 0, velocity 0.25, duration 1.5 s");
  assert_tags (make_src ("location", tone, "use-metadata", TRUE, NULL), "tone-1",
      "note-delta -3, velocity 0.5, duration 2.5 s");
  assert_tags (make_src ("location", no_id, "note-delta", -12.5, NULL), "no-id.json",
      "note-delta -12.5, velocity 1, duration 4 s");
}
GST_END_TEST

/* A flush before the first buffer has left does not lose the tags. */
GST_START_TEST (test_tags_after_seek)
{
  Rig *rig = rig_new (make_src (NULL, NULL), NULL);
  guint i, n = 0;

  for (i = 0; i < 20; i++) {
    fail_unless (rig_start (rig, GST_STATE_READY));
    g_ptr_array_set_size (rig->capture->events, 0);
    gst_element_set_state (rig->pipeline, GST_STATE_PAUSED);
    gst_element_seek_simple (rig->pipeline, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SECOND);
    fail_unless (rig_start (rig, GST_STATE_PAUSED));
    for (n = 0; n < rig->capture->events->len; n++) {
      if (GST_EVENT_TYPE (g_ptr_array_index (rig->capture->events, n)) == GST_EVENT_TAG)
        break;
    }
    fail_unless (n < rig->capture->events->len, "no tags");
  }
  capture_free (rig_stop (rig));
  rig_free (rig);
}
GST_END_TEST

GST_START_TEST (test_chunk_messages)
{
  Capture *capture = capture_run (make_src ("duration", GST_SECOND, "adaptive", FALSE,
                                      "chunk-duration", 300 * GST_MSECOND, NULL),
      NULL);
  guint64 rendered, total, duration;
  gdouble progress, rtf;
  guint i;

  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ELEMENT), 4);
  for (i = 0; i < 4; i++) {
    const GstStructure *s =
        gst_message_get_structure (capture_message (capture, GST_MESSAGE_ELEMENT, i));
    guint64 expected = i == 3 ? 48000 : (i + 1) * 14400;

    fail_unless (gst_structure_has_name (s, "kromosrc-progress"));
    fail_unless (gst_structure_get (s, "rendered", G_TYPE_UINT64, &rendered, "total", G_TYPE_UINT64,
        &total, "progress", G_TYPE_DOUBLE, &progress, "rtf", G_TYPE_DOUBLE, &rtf, "chunk-duration",
        G_TYPE_UINT64, &duration, NULL));
    fail_unless_equals_uint64 (rendered, expected);
    fail_unless_equals_uint64 (total, 48000);
    fail_unless (progress == expected / 48000.0);
    fail_unless (rtf > 0);
    fail_unless_equals_uint64 (duration, (i == 3 ? 100 : 300) * GST_MSECOND);
  }
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_scan_progress)
{
  Capture *capture = capture_run (make_src ("normalize", 1 /* peak */, NULL), NULL);
  guint n = capture_count (capture, GST_MESSAGE_PROGRESS), i;

  fail_unless (n >= 2, "%u", n);
  for (i = 0; i < n; i++) {
    g_autofree char *code = NULL;
    GstProgressType type;

    gst_message_parse_progress (
        capture_message (capture, GST_MESSAGE_PROGRESS, i), &type, &code, NULL);
    fail_unless_equals_string (code, "scan");
    fail_unless_equals_int (type,
        i == 0           ? GST_PROGRESS_TYPE_START
            : i == n - 1 ? GST_PROGRESS_TYPE_COMPLETE
                         : GST_PROGRESS_TYPE_CONTINUE);
  }
  capture_free (capture);

  capture = capture_run (make_src ("normalize", 0 /* none */, NULL), NULL);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_PROGRESS), 0);
  capture_free (capture);
}
GST_END_TEST

/* A scan of a day's sound ends when it is told to. */
GST_START_TEST (test_scan_interrupted)
{
  Rig *rig = rig_new (
      make_src ("normalize", 1 /* peak */, "duration", 24 * 3600 * GST_SECOND, NULL), NULL);
  GstBus *bus = gst_element_get_bus (rig->pipeline);
  GstProgressType type;
  GstMessage *message;
  Capture *capture;
  guint n;

  gst_element_set_state (rig->pipeline, GST_STATE_PAUSED);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_PROGRESS);
  gst_message_parse_progress (message, &type, NULL, NULL);
  fail_unless_equals_int (type, GST_PROGRESS_TYPE_START);
  gst_message_unref (message);
  capture = rig_stop (rig);
  n = capture_count (capture, GST_MESSAGE_PROGRESS);
  fail_unless (n > 0);
  gst_message_parse_progress (
      capture_message (capture, GST_MESSAGE_PROGRESS, n - 1), &type, NULL, NULL);
  fail_unless_equals_int (type, GST_PROGRESS_TYPE_CANCELED);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  fail_unless_equals_int (capture->buffers->len, 0);
  gst_object_unref (bus);
  rig_free (rig);
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_stats)
{
  Rig *rig = rig_new (make_src ("duration", 2 * GST_SECOND, "adaptive", FALSE, "chunk-duration",
                          600 * GST_MSECOND, NULL),
      NULL);
  static const char *const cpus[] = { "baseline", "avx2", "avx512", NULL };
  guint64 chunk, chunks, frames, latency, render_time, underruns, memory, checkpoint_memory;
  guint n_threads;
  GstStructure *stats = NULL;
  gdouble rtf, property;
  GstClockTime start = gst_util_get_timestamp (), elapsed;

  g_object_get (rig->src, "rtf", &property, NULL);
  fail_unless_equals_float (property, 0.0);
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  elapsed = gst_util_get_timestamp () - start;
  g_object_get (rig->src, "stats", &stats, "rtf", &property, NULL);
  fail_unless (gst_structure_get (stats, "rtf", G_TYPE_DOUBLE, &rtf, "chunk-duration",
      G_TYPE_UINT64, &chunk, "chunks", G_TYPE_UINT64, &chunks, "frames", G_TYPE_UINT64, &frames,
      "first-chunk-latency", G_TYPE_UINT64, &latency, "render-time", G_TYPE_UINT64, &render_time,
      "underruns", G_TYPE_UINT64, &underruns, "memory", G_TYPE_UINT64, &memory, "checkpoint-memory",
      G_TYPE_UINT64, &checkpoint_memory, "n-threads", G_TYPE_UINT, &n_threads, NULL));
  fail_unless (rtf > 0 && rtf == property);
  fail_unless_equals_uint64 (chunk, 200 * GST_MSECOND);
  fail_unless_equals_uint64 (chunks, 4);
  fail_unless_equals_uint64 (frames, 96000);
  fail_unless_equals_uint64 (underruns, 0);
  fail_unless_equals_int (n_threads, 1);
  fail_unless (latency > 0 && latency < elapsed);
  fail_unless (memory > 65536 && memory < 1 << 24);
  fail_unless (checkpoint_memory > 0 && checkpoint_memory <= 8 << 20);
  fail_unless (render_time > 0 && render_time < elapsed);
  fail_unless (g_strv_contains (cpus, gst_structure_get_string (stats, "cpu")));
  gst_structure_free (stats);
  capture_free (rig_stop (rig));
  rig_free (rig);
}
GST_END_TEST

static Suite *
messages_suite (void)
{
  Suite *suite = suite_create ("kromosrc-messages");
  TCase *tcase = tcase_create ("messages");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_file_errors);
  tcase_add_test (tcase, test_genome_errors);
  tcase_add_test (tcase, test_unknown_function);
  tcase_add_test (tcase, test_settings_errors);
  tcase_add_loop_test (tcase, test_unsupported, 0, G_N_ELEMENTS (unsupported));
  tcase_add_test (tcase, test_recovery);
  tcase_add_test (tcase, test_negotiation_error);
  tcase_add_test (tcase, test_no_warnings);
  tcase_add_test (tcase, test_warnings);
  tcase_add_test (tcase, test_non_finite);
  tcase_add_test (tcase, test_tags);
  tcase_add_test (tcase, test_tags_after_seek);
  tcase_add_test (tcase, test_chunk_messages);
  tcase_add_test (tcase, test_scan_progress);
  tcase_add_test (tcase, test_scan_interrupted);
  tcase_add_test (tcase, test_stats);

  return suite;
}

GST_CHECK_MAIN (messages)
