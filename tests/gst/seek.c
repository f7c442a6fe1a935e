/* kromosrc: queries and seeks
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#define RATE 44100
#define CAPS "audio/x-raw, rate=44100, channels=2, format=S16LE"
#define FRAMES (2 * RATE)

static GstElement *
two_seconds (void)
{
  return make_src ("duration", 2 * GST_SECOND, NULL);
}

static void
assert_duration (GstElement *element, GstFormat format, gint64 expected)
{
  gint64 duration = -2;

  fail_unless (gst_element_query_duration (element, format, &duration));
  fail_unless_equals_int64 (duration, expected);
}

GST_START_TEST (test_duration)
{
  Rig *rig = rig_new (make_src ("duration", G_GUINT64_CONSTANT (1234567891), NULL), CAPS);
  guint64 n = 54444; /* 1.234567891 * 44100 = 54444.44 */

  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  assert_duration (rig->src, GST_FORMAT_DEFAULT, n);
  assert_duration (rig->src, GST_FORMAT_BYTES, n * 4);
  assert_duration (rig->src, GST_FORMAT_TIME, n * GST_SECOND / RATE);
  assert_duration (rig->pipeline, GST_FORMAT_TIME, n * GST_SECOND / RATE);
  capture_free (rig_stop (rig));
  rig_free (rig);
}
GST_END_TEST

GST_START_TEST (test_position)
{
  Rig *rig = rig_new (
      make_src ("adaptive", FALSE, "chunk-duration", 10 * GST_MSECOND, "num-buffers", 5, NULL),
      CAPS);
  gint64 position = -2;

  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  fail_unless (gst_element_query_position (rig->src, GST_FORMAT_TIME, &position));
  fail_unless_equals_int64 (position, 50 * GST_MSECOND);
  fail_unless (gst_element_query_position (rig->src, GST_FORMAT_DEFAULT, &position));
  fail_unless_equals_int64 (position, 5 * 441);
  fail_unless (gst_element_query_position (rig->src, GST_FORMAT_BYTES, &position));
  fail_unless_equals_int64 (position, 5 * 441 * 4);
  capture_free (rig_stop (rig));
  rig_free (rig);
}
GST_END_TEST

GST_START_TEST (test_convert)
{
  static const struct {
    GstFormat from;
    gint64 value;
    GstFormat to;
    gint64 expected;
  } cases[] = {
    { GST_FORMAT_TIME, GST_SECOND, GST_FORMAT_DEFAULT, 44100 },
    { GST_FORMAT_TIME, GST_SECOND, GST_FORMAT_BYTES, 176400 },
    { GST_FORMAT_DEFAULT, 1, GST_FORMAT_TIME, 22675 },
    { GST_FORMAT_TIME, 22675, GST_FORMAT_DEFAULT, 1 },
    { GST_FORMAT_DEFAULT, 54321, GST_FORMAT_TIME, G_GINT64_CONSTANT (1231768707) },
    { GST_FORMAT_TIME, G_GINT64_CONSTANT (1231768707), GST_FORMAT_DEFAULT, 54321 },
    { GST_FORMAT_DEFAULT, 3, GST_FORMAT_BYTES, 12 },
    { GST_FORMAT_BYTES, 15, GST_FORMAT_DEFAULT, 3 },
    { GST_FORMAT_BYTES, 176400, GST_FORMAT_TIME, GST_SECOND },
    { GST_FORMAT_TIME, -1, GST_FORMAT_BYTES, -1 },
  };
  Rig *rig = rig_new (two_seconds (), CAPS);
  gint64 result;
  guint i;

  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    result = -2;
    fail_unless (
        gst_element_query_convert (rig->src, cases[i].from, cases[i].value, cases[i].to, &result));
    fail_unless_equals_int64 (result, cases[i].expected);
  }
  fail_if (gst_element_query_convert (rig->src, GST_FORMAT_TIME, 1, GST_FORMAT_BUFFERS, &result));
  capture_free (rig_stop (rig));
  rig_free (rig);
}
GST_END_TEST

GST_START_TEST (test_seeking_and_latency)
{
  Rig *rig = rig_new (two_seconds (), CAPS);
  GstQuery *query;
  gboolean seekable = FALSE, live = TRUE;
  gint64 start = -2, end = -2;

  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  query = gst_query_new_seeking (GST_FORMAT_TIME);
  fail_unless (gst_element_query (rig->src, query));
  gst_query_parse_seeking (query, NULL, &seekable, &start, &end);
  fail_unless (seekable);
  fail_unless_equals_int64 (start, 0);
  fail_unless_equals_int64 (end, 2 * GST_SECOND);
  gst_query_unref (query);

  query = gst_query_new_latency ();
  fail_unless (gst_element_query (rig->src, query));
  gst_query_parse_latency (query, &live, NULL, NULL);
  fail_if (live);
  gst_query_unref (query);
  capture_free (rig_stop (rig));
  rig_free (rig);
}
GST_END_TEST

/* Seeks in PAUSED, plays to the end, and compares with a straight run from there. */
static void
assert_seek (GstFormat format, GstSeekFlags flags, GstSeekType start_type, gint64 start,
    gint64 stop, guint64 from, guint64 to)
{
  Capture *straight = capture_run (two_seconds (), CAPS), *capture;
  Rig *rig = rig_new (two_seconds (), CAPS);
  guint64 next;
  guint i;

  fail_unless_equals_uint64 (capture_frames (straight), FRAMES);
  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  fail_unless (gst_element_seek (rig->pipeline, 1.0, format, flags, start_type, start,
      stop == -1 ? GST_SEEK_TYPE_NONE : GST_SEEK_TYPE_SET, stop));
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  capture = rig_stop (rig);
  rig_free (rig);

  fail_unless_equals_uint64 (capture_frames (capture), to - from);
  fail_unless (capture_buffer (capture, 0)->discont);
  for (i = 0, next = from; i < capture->buffers->len; i++) {
    fail_unless_equals_uint64 (capture_buffer (capture, i)->offset, next);
    fail_unless_equals_uint64 (capture_buffer (capture, i)->pts, next * GST_SECOND / RATE);
    next = capture_buffer (capture, i)->offset_end;
  }
  fail_unless_equals_uint64 (next, to);
  assert_same_bytes (capture, straight, from);
  capture_free (capture);
  capture_free (straight);
}

#define ACCURATE (GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE)

GST_START_TEST (test_seek_content)
{
  static const guint64 frames[] = { 0, 1, 127, 128, 4409, 4410, 44100, 87654, FRAMES - 1 };
  guint64 from = frames[__i__];

  assert_seek (
      GST_FORMAT_TIME, ACCURATE, GST_SEEK_TYPE_SET, from * GST_SECOND / RATE, -1, from, FRAMES);
}
GST_END_TEST

GST_START_TEST (test_seek_stop)
{
  assert_seek (GST_FORMAT_TIME, ACCURATE, GST_SEEK_TYPE_SET, 300 * GST_MSECOND, 700 * GST_MSECOND,
      13230, 30870);
}
GST_END_TEST

GST_START_TEST (test_seek_segment)
{
  assert_seek (GST_FORMAT_TIME, ACCURATE | GST_SEEK_FLAG_SEGMENT, GST_SEEK_TYPE_SET, GST_SECOND, -1,
      RATE, FRAMES);
}
GST_END_TEST

GST_START_TEST (test_seek_formats)
{
  assert_seek (GST_FORMAT_DEFAULT, ACCURATE, GST_SEEK_TYPE_SET, 12345, -1, 12345, FRAMES);
  assert_seek (GST_FORMAT_BYTES, ACCURATE, GST_SEEK_TYPE_SET, 12345 * 4, -1, 12345, FRAMES);
}
GST_END_TEST

GST_START_TEST (test_seek_from_end)
{
  assert_seek (GST_FORMAT_TIME, ACCURATE, GST_SEEK_TYPE_END, -(gint64) (500 * GST_MSECOND), -1,
      66150, FRAMES);
}
GST_END_TEST

/* Back and forth, and after the end. */
GST_START_TEST (test_seek_again)
{
  Capture *straight = capture_run (two_seconds (), CAPS), *capture;
  Rig *rig = rig_new (two_seconds (), CAPS);
  static const guint64 frames[] = { 60000, 441, 0, 88000 };
  guint i;

  capture = rig->capture;
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  for (i = 0; i < G_N_ELEMENTS (frames); i++) {
    fail_unless (gst_element_seek_simple (
        rig->pipeline, GST_FORMAT_TIME, ACCURATE, frames[i] * GST_SECOND / RATE));
    rig_wait (rig);
    fail_unless_equals_uint64 (capture_frames (capture), FRAMES - frames[i]);
    assert_same_bytes (capture, straight, frames[i]);
  }
  rig_stop (rig);
  rig_free (rig);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

GST_START_TEST (test_seek_past_end)
{
  Rig *rig = rig_new (two_seconds (), CAPS);
  Capture *capture = rig->capture;

  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  fail_unless (gst_element_seek_simple (rig->pipeline, GST_FORMAT_TIME, ACCURATE, 2 * GST_SECOND));
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  fail_unless_equals_int (capture->buffers->len, 0);
  fail_unless (capture->eos);
  rig_stop (rig);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  rig_free (rig);
  capture_free (capture);
}
GST_END_TEST

/* Before there is a rate. */
GST_START_TEST (test_seek_in_ready)
{
  Capture *straight = capture_run (two_seconds (), CAPS), *capture;
  Rig *rig = rig_new (two_seconds (), CAPS);

  fail_unless (rig_start (rig, GST_STATE_READY));
  fail_unless (gst_element_seek_simple (rig->src, GST_FORMAT_TIME, ACCURATE, GST_SECOND));
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  capture = rig_stop (rig);
  rig_free (rig);
  fail_unless_equals_uint64 (capture_frames (capture), RATE);
  assert_same_bytes (capture, straight, RATE);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* Seeks from another thread than the streaming one, at any moment, with chunks that take long. */
GST_START_TEST (test_seek_while_rendering)
{
  Capture *straight = capture_run (two_seconds (), CAPS), *capture;
  Rig *rig = rig_new (make_src ("duration", 2 * GST_SECOND, "adaptive", FALSE, "chunk-duration",
                          2 * GST_SECOND, NULL),
      CAPS);
  guint i;

  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  for (i = 0; i < 50; i++)
    fail_unless (gst_element_seek_simple (
        rig->pipeline, GST_FORMAT_TIME, ACCURATE, (i * 7919 % FRAMES) * GST_SECOND / RATE));
  fail_unless (gst_element_get_state (rig->pipeline, NULL, NULL, GST_CLOCK_TIME_NONE)
      == GST_STATE_CHANGE_SUCCESS);
  fail_unless (gst_element_seek_simple (rig->pipeline, GST_FORMAT_TIME, ACCURATE, GST_SECOND));
  do {
    rig_wait (rig);
  } while (!rig->capture->eos);
  capture = rig_stop (rig);
  rig_free (rig);
  fail_unless_equals_uint64 (capture_frames (capture), RATE);
  assert_same_bytes (capture, straight, RATE);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* The long way to a late position can be broken off. */
GST_START_TEST (test_seek_interrupted)
{
  Rig *rig =
      rig_new (make_src ("duration", 24 * 3600 * GST_SECOND, NULL), "audio/x-raw, rate=192000");
  GstClockTime start;

  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  fail_unless (
      gst_element_seek_simple (rig->pipeline, GST_FORMAT_TIME, ACCURATE, 24 * 3599 * GST_SECOND));
  start = gst_util_get_timestamp ();
  fail_unless (
      gst_element_seek_simple (rig->pipeline, GST_FORMAT_TIME, ACCURATE, 24 * 3598 * GST_SECOND));
  capture_free (rig_stop (rig));
  fail_unless (gst_util_get_timestamp () - start < 5 * GST_SECOND);
  rig_free (rig);
}
GST_END_TEST

static gboolean
change_rate (Rig *rig, gdouble rate)
{
  return gst_element_seek (rig->pipeline, rate, GST_FORMAT_TIME, GST_SEEK_FLAG_INSTANT_RATE_CHANGE,
      GST_SEEK_TYPE_NONE, -1, GST_SEEK_TYPE_NONE, -1);
}

/* A pad may send the same one again. */
static void
assert_rate_changes (const Capture *capture, const char *expected)
{
  g_autoptr (GString) multipliers = g_string_new (NULL);
  guint32 seqnum = GST_SEQNUM_INVALID;
  gdouble multiplier;
  guint i;

  for (i = 0; i < capture->events->len; i++) {
    GstEvent *event = g_ptr_array_index (capture->events, i);

    if (GST_EVENT_TYPE (event) != GST_EVENT_INSTANT_RATE_CHANGE
        || gst_event_get_seqnum (event) == seqnum)
      continue;
    seqnum = gst_event_get_seqnum (event);
    gst_event_parse_instant_rate_change (event, &multiplier, NULL);
    g_string_append_printf (multipliers, "%g ", multiplier);
  }
  fail_unless_equals_string (multipliers->str, expected);
}

/* Downstream plays the same data at another rate: nothing else may happen. */
GST_START_TEST (test_instant_rate)
{
  Capture *straight = capture_run (two_seconds (), CAPS), *capture;
  Rig *rig = rig_new (two_seconds (), CAPS);

  capture = rig->capture;
  fail_if (change_rate (rig, 2));
  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  fail_if (change_rate (rig, -2));
  assert_rate_changes (capture, "");
  fail_unless (change_rate (rig, 2));
  assert_rate_changes (capture, "2 ");
  fail_unless (gst_element_seek (rig->pipeline, 4, GST_FORMAT_TIME, ACCURATE, GST_SEEK_TYPE_SET,
      GST_SECOND, GST_SEEK_TYPE_NONE, -1));
  fail_unless (gst_element_get_state (rig->pipeline, NULL, NULL, GST_CLOCK_TIME_NONE)
      == GST_STATE_CHANGE_SUCCESS);
  fail_unless (change_rate (rig, 1));
  assert_rate_changes (capture, "2 1 0.25 ");
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  rig_stop (rig);
  rig_free (rig);
  fail_unless_equals_uint64 (capture_frames (capture), RATE);
  assert_same_bytes (capture, straight, RATE);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* In the streaming thread, when it has just begun anew. */
static void
change_rate_again (GstElement *src, guint *n_asked)
{
  GstPad *pad = gst_element_get_static_pad (src, "src");

  if (++*n_asked == 2)
    fail_unless (gst_pad_send_event (pad,
        gst_event_new_seek (3, GST_FORMAT_TIME, GST_SEEK_FLAG_INSTANT_RATE_CHANGE,
            GST_SEEK_TYPE_NONE, -1, GST_SEEK_TYPE_NONE, -1)));
  gst_object_unref (pad);
}

/* Between a flush and the segment. */
GST_START_TEST (test_instant_rate_after_flush)
{
  Rig *rig = rig_new (two_seconds (), CAPS);
  guint n_asked = 0;

  g_signal_connect (rig->src, "about-to-finish", G_CALLBACK (change_rate_again), &n_asked);
  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  fail_unless (gst_element_seek_simple (rig->pipeline, GST_FORMAT_TIME, ACCURATE, GST_SECOND));
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  assert_rate_changes (rig->capture, "3 ");
  capture_free (rig_stop (rig));
  rig_free (rig);
}
GST_END_TEST

static Suite *
seek_suite (void)
{
  Suite *suite = suite_create ("kromosrc-seek");
  TCase *tcase = tcase_create ("seek");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_duration);
  tcase_add_test (tcase, test_position);
  tcase_add_test (tcase, test_convert);
  tcase_add_test (tcase, test_seeking_and_latency);
  tcase_add_loop_test (tcase, test_seek_content, 0, 9);
  tcase_add_test (tcase, test_seek_stop);
  tcase_add_test (tcase, test_seek_segment);
  tcase_add_test (tcase, test_seek_formats);
  tcase_add_test (tcase, test_seek_from_end);
  tcase_add_test (tcase, test_seek_again);
  tcase_add_test (tcase, test_seek_past_end);
  tcase_add_test (tcase, test_seek_in_ready);
  tcase_add_test (tcase, test_seek_while_rendering);
  tcase_add_test (tcase, test_seek_interrupted);
  tcase_add_test (tcase, test_instant_rate);
  tcase_add_test (tcase, test_instant_rate_after_flush);

  return suite;
}

GST_CHECK_MAIN (seek)
