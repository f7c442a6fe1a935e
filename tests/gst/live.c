/* kromosrc: live, with a clock that only the test moves
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "live-rig.h"

#define CAPS "audio/x-raw, rate=48000, channels=1, format=F32LE"
#define RATE LIVE_RATE
#define CHUNK 480
#define MS GST_MSECOND

static void
assert_latency (GstElement *element, GstClockTime expected)
{
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min, max;
  gboolean is_live;

  fail_unless (gst_element_query (element, query));
  gst_query_parse_latency (query, &is_live, &min, &max);
  fail_unless (is_live);
  fail_unless_equals_uint64 (min, expected);
  fail_unless_equals_uint64 (max, GST_CLOCK_TIME_NONE);
  gst_query_unref (query);
}

/* ---- time ---- */

GST_START_TEST (test_paced_by_the_clock)
{
  Live *live = live_new (make_src ("duration", GST_SECOND, NULL), CAPS);
  Capture *capture;
  guint i;

  fail_unless_equals_int (
      gst_element_set_state (live->rig->pipeline, GST_STATE_PAUSED), GST_STATE_CHANGE_NO_PREROLL);
  fail_if (GST_OBJECT_FLAG_IS_SET (live->rig->src, GST_ELEMENT_FLAG_PROVIDE_CLOCK));
  assert_latency (live->rig->src, 10 * MS);
  fail_unless_equals_int (live->rig->capture->buffers->len, 0);
  live_set_state (live, GST_STATE_PLAYING);
  for (i = 1; i < 100; i++) {
    fail_unless_equals_uint64 (live_wait (live), i * 10 * MS);
    fail_unless_equals_int (live->rig->capture->buffers->len, i);
    assert_latency (live->rig->src, 10 * MS);
    live_step (live);
  }
  rig_wait (live->rig);
  capture = live_free (live);
  fail_unless (capture->eos);
  fail_unless_equals_uint64 (capture_frames (capture), RATE);
  fail_unless_equals_uint64 (live_get_base (capture), 0);
  live_assert_contiguous (capture, 0);
  for (i = 0; i < capture->buffers->len; i++)
    fail_unless_equals_int (capture_buffer (capture, i)->discont, i == 0);
  capture_free (capture);
}
GST_END_TEST

/* In and out of PAUSED at all phases of a chunk: no sample is lost, and none comes late or early. */
GST_START_TEST (test_pauses)
{
  Capture *straight = capture_run (make_src ("duration", GST_SECOND, NULL), CAPS), *capture;
  Live *live = live_new (make_src ("duration", GST_SECOND, NULL), CAPS);
  GstClockTime paused = 0;
  guint i;

  live_set_state (live, GST_STATE_PLAYING);
  for (i = 1; i < 100; i++) {
    GstClockTime due = live_wait (live);

    fail_unless_equals_uint64 (due, i * 10 * MS + paused);
    if (i % 2 == 0) {
      gst_test_clock_advance_time (live->clock, i * 90 * GST_USECOND);
      live_set_state (live, GST_STATE_PAUSED);
      gst_test_clock_advance_time (live->clock, 7 * MS * i);
      paused += 7 * MS * i;
      fail_unless_equals_int (live->rig->capture->buffers->len, i);
      live_set_state (live, GST_STATE_PLAYING);
      fail_unless_equals_uint64 (live_wait (live), i * 10 * MS + paused);
    }
    live_step (live);
  }
  rig_wait (live->rig);
  capture = live_free (live);
  fail_unless_equals_uint64 (capture_frames (capture), RATE);
  fail_unless_equals_uint64 (live_get_base (capture), 0);
  live_assert_contiguous (capture, 0);
  assert_same_bytes (capture, straight, 0);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* As fast as states change, with threads where they happen to be. */
GST_START_TEST (test_quick_pauses)
{
  Capture *straight = capture_run (make_src ("duration", GST_SECOND / 2, NULL), CAPS), *capture;
  Rig *rig = rig_new (make_src ("duration", GST_SECOND / 2, "is-live", TRUE, NULL), CAPS);
  guint i;

  for (i = 0; i < 50; i++) {
    fail_unless (rig_start (rig, GST_STATE_PLAYING));
    fail_unless (rig_start (rig, GST_STATE_PAUSED));
  }
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  capture = rig_stop (rig);
  rig_free (rig);
  fail_unless_equals_uint64 (capture_frames (capture), RATE / 2);
  live_assert_contiguous (capture, 0);
  assert_same_bytes (capture, straight, 0);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* One that starts later than its pipeline, and one that pauses alone, go on at the time that it is. */
GST_START_TEST (test_late)
{
  Live *live = live_new (make_src ("duration", GST_SECOND, NULL), CAPS);
  GstElement *src = live->rig->src;
  Capture *capture;
  guint i;

  gst_element_set_locked_state (src, TRUE);
  live_set_state (live, GST_STATE_PLAYING);
  gst_test_clock_advance_time (live->clock, 3210 * MS);
  gst_element_set_locked_state (src, FALSE);
  fail_unless (gst_element_sync_state_with_parent (src));
  for (i = 1; i < 10; i++) {
    fail_unless_equals_uint64 (live_wait (live), (3210 + 10 * i) * MS);
    fail_unless_equals_int (live->rig->capture->buffers->len, i);
    live_step (live);
  }
  live_wait (live);
  fail_unless_equals_uint64 (live_get_base (live->rig->capture), 3210 * MS);

  gst_element_set_state (src, GST_STATE_PAUSED);
  gst_test_clock_advance_time (live->clock, 1000 * MS);
  gst_element_set_state (src, GST_STATE_PLAYING);
  for (i = 11; i < 20; i++) { /* the tenth has left at once */
    fail_unless_equals_uint64 (live_wait (live), (4300 + 10 * (i - 10)) * MS);
    live_step (live);
  }
  live_wait (live);
  fail_unless_equals_uint64 (live_get_base (live->rig->capture), 4200 * MS);

  capture = live_free (live);
  live_assert_contiguous (capture, 0);
  capture_free (capture);
}
GST_END_TEST

/* Seeks while it plays: to the sample, and paced from then on. */
GST_START_TEST (test_flushing_seek)
{
  Capture *straight = capture_run (make_src ("duration", GST_SECOND, NULL), CAPS), *capture;
  Live *live = live_new (make_src ("duration", GST_SECOND, NULL), CAPS);
  guint i;

  g_object_set (live->rig->sink, "async", TRUE, NULL);
  live_set_state (live, GST_STATE_PLAYING);
  for (i = 1; i < 5; i++)
    live_step (live);
  live_wait (live);
  fail_unless (gst_element_seek (live->rig->pipeline, 1.0, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET, 500 * MS, GST_SEEK_TYPE_SET,
      800 * MS));
  /* Meanwhile the first buffer brings the sink back to PLAYING, with a new base time. */
  while (!live->rig->capture->eos && live_now (live) < 2 * GST_SECOND) {
    GstClockID id;

    if (gst_test_clock_peek_next_pending_id (live->clock, &id)) {
      gst_clock_id_unref (id);
      gst_test_clock_crank (live->clock);
    }
    g_thread_yield ();
  }
  rig_wait (live->rig);
  capture = live_free (live);
  fail_unless_equals_uint64 (capture_frames (capture), RATE * 3 / 10);
  live_assert_contiguous (capture, RATE / 2);
  assert_same_bytes (capture, straight, RATE / 2);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* A pause after a seek must not take the time of the stream for that of the pipeline. */
GST_START_TEST (test_pause_after_seek)
{
  Live *live = live_new (make_src ("duration", GST_SECOND, NULL), CAPS);
  Capture *capture;
  guint i;

  live_set_state (live, GST_STATE_PAUSED);
  fail_unless (gst_element_seek (live->rig->pipeline, 1.0, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET, 500 * MS, GST_SEEK_TYPE_NONE,
      -1));
  live_set_state (live, GST_STATE_PLAYING);
  for (i = 1; i < 50; i++) {
    fail_unless_equals_uint64 (live_wait (live), i * 10 * MS);
    if (i % 10 == 0) {
      live_set_state (live, GST_STATE_PAUSED);
      live_set_state (live, GST_STATE_PLAYING);
      fail_unless_equals_uint64 (live_wait (live), i * 10 * MS);
    }
    live_step (live);
  }
  rig_wait (live->rig);
  capture = live_free (live);
  fail_unless_equals_uint64 (capture_frames (capture), RATE / 2);
  live_assert_contiguous (capture, RATE / 2);
  capture_free (capture);
}
GST_END_TEST

/* ---- latency ---- */

static void
assert_chunk (const Capture *capture, guint i, guint64 frames)
{
  const BufferRecord *buffer = capture_buffer (capture, i);

  fail_unless_equals_uint64 (buffer->offset_end - buffer->offset, frames);
}

GST_START_TEST (test_latency)
{
  static const guint64 frames[] = { 480, 960, 1920, 3840, 4800, 4800 };
  Live *live = live_new (make_src ("duration", 60 * GST_SECOND, NULL), CAPS);
  Capture *capture = live->rig->capture;
  guint64 end, calm = 0;
  guint i, messages;

  burner_change (live->burner, 0, 0.6);
  live_set_state (live, GST_STATE_PLAYING);
  for (i = 0; i < G_N_ELEMENTS (frames); i++) {
    live_wait (live);
    assert_chunk (capture, i, frames[i]);
    assert_latency (live->rig->src,
        gst_util_uint64_scale (frames[MIN (i + 1, G_N_ELEMENTS (frames) - 1)], GST_SECOND, RATE));
    live_step (live);
  }
  live_wait (live);
  end = capture_buffer (capture, capture->buffers->len - 1)->offset_end + 4800;
  burner_change (live->burner, end, 0.01);
  while (calm < 10 * RATE) { /* the one that waits was slow */
    live_step (live);
    live_wait (live);
    end = capture_buffer (capture, capture->buffers->len - 1)->offset_end;
    calm = end;
    assert_chunk (capture, capture->buffers->len - 1, 4800);
    if (capture->buffers->len > 110)
      break;
    assert_latency (
        live->rig->src, live_get_stat (live->rig->src, "chunks") < 107 ? 100 * MS : 50 * MS);
  }
  capture = live_free (live);
  messages = capture_count (capture, GST_MESSAGE_LATENCY);
  fail_unless (messages >= 5, "%u", messages);
  capture_free (capture);
}
GST_END_TEST

/* What the user sets holds, and without adaptation all chunks are the one that is set. */
GST_START_TEST (test_bounds)
{
  static const struct {
    guint64 min, max; /* 0: not set */
    gboolean adaptive;
    double rtf;
    guint64 first, last;
  } cases[] = {
    { 20 * MS, 0, TRUE, 0.01, 20 * MS, 20 * MS },
    { 20 * MS, 40 * MS, TRUE, 0.9, 20 * MS, 40 * MS },
    { 0, 15 * MS, TRUE, 0.9, 10 * MS, 15 * MS },
    { 0, 5 * MS, TRUE, 0.9, 5 * MS, 5 * MS },
    { 0, 0, FALSE, 0.9, 500 * MS, 500 * MS },
    { 200 * MS, 0, TRUE, 0.9, 200 * MS, 200 * MS },
  };
  GstElement *src = make_src ("adaptive", cases[__i__].adaptive, NULL);
  Live *live;
  Capture *capture;
  guint i;

  if (cases[__i__].min)
    g_object_set (src, "min-chunk-duration", cases[__i__].min, NULL);
  if (cases[__i__].max)
    g_object_set (src, "max-chunk-duration", cases[__i__].max, NULL);
  live = live_new (src, CAPS);
  burner_change (live->burner, 0, cases[__i__].rtf);
  live_set_state (live, GST_STATE_PAUSED);
  assert_latency (src, cases[__i__].first);
  live_set_state (live, GST_STATE_PLAYING);
  for (i = 0; i < 5; i++) {
    live_wait (live);
    live_step (live);
  }
  live_wait (live);
  assert_latency (src, cases[__i__].last);
  capture = live->rig->capture;
  assert_chunk (capture, 0, cases[__i__].first * RATE / GST_SECOND);
  assert_chunk (capture, 5, cases[__i__].last * RATE / GST_SECOND);
  capture_free (live_free (live));
}
GST_END_TEST

GST_START_TEST (test_underruns)
{
  Live *live =
      live_new (make_src ("duration", GST_SECOND, "max-chunk-duration", 10 * MS, NULL), CAPS);
  Capture *capture;
  guint i, n = 0;

  burner_change (live->burner, 20 * CHUNK, 1.5);
  burner_change (live->burner, 23 * CHUNK, 0.99);
  live_set_state (live, GST_STATE_PLAYING);
  for (i = 1; i < 100; i++) {
    live_wait (live);
    fail_unless_equals_uint64 (
        live_get_stat (live->rig->src, "underruns"), CLAMP ((gint) i - 20, 0, 3));
    live_step (live);
  }
  rig_wait (live->rig);
  capture = live_free (live);
  for (i = 0; i < capture->messages->len; i++) {
    const GstStructure *structure =
        gst_message_get_structure (g_ptr_array_index (capture->messages, i));
    guint64 timestamp, underruns;

    if (!structure || !gst_structure_has_name (structure, "kromosrc-underrun"))
      continue;
    fail_unless (gst_structure_get_uint64 (structure, "timestamp", &timestamp));
    fail_unless (gst_structure_get_uint64 (structure, "underruns", &underruns));
    fail_unless_equals_uint64 (timestamp, (20 + n++) * 10 * MS);
    fail_unless_equals_uint64 (underruns, n);
  }
  fail_unless_equals_int (n, 3);
  capture_free (capture);
}
GST_END_TEST

/* From the end to the beginning, as the samples are needed. */
GST_START_TEST (test_reverse)
{
  Live *live = live_new (make_src ("duration", GST_SECOND, NULL), CAPS);
  Capture *capture;
  guint i;

  live_set_state (live, GST_STATE_PAUSED);
  fail_unless (gst_element_seek (live->rig->pipeline, -1.0, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET,
      GST_SECOND));
  live_set_state (live, GST_STATE_PLAYING);
  for (i = 1; i < 100; i++) {
    fail_unless_equals_uint64 (live_wait (live), i * 10 * MS);
    fail_unless_equals_int (live->rig->capture->buffers->len, i);
    live_step (live);
  }
  rig_wait (live->rig);
  capture = live_free (live);
  fail_unless_equals_uint64 (capture_frames (capture), RATE);
  for (i = 0; i < 100; i++)
    fail_unless_equals_uint64 (capture_buffer (capture, i)->offset, (99 - i) * CHUNK);
  capture_free (capture);
}
GST_END_TEST

static Suite *
live_suite (void)
{
  Suite *suite = suite_create ("live");
  TCase *tests = tcase_create ("time");

  suite_add_tcase (suite, tests);
  tcase_add_test (tests, test_paced_by_the_clock);
  tcase_add_test (tests, test_pauses);
  tcase_add_test (tests, test_quick_pauses);
  tcase_add_test (tests, test_late);
  tcase_add_test (tests, test_flushing_seek);
  tcase_add_test (tests, test_pause_after_seek);
  tests = tcase_create ("latency");
  suite_add_tcase (suite, tests);
  tcase_add_test (tests, test_latency);
  tcase_add_loop_test (tests, test_bounds, 0, 6);
  tcase_add_test (tests, test_underruns);
  tcase_add_test (tests, test_reverse);

  return suite;
}

GST_CHECK_MAIN (live);
