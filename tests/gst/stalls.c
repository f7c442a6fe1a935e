/* kromosrc: live, when the sink stands still, or the clock does not go on evenly
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "live-rig.h"

#define CAPS "audio/x-raw, rate=48000, channels=1, format=F32LE"
#define CHUNK 480
#define MS GST_MSECOND
#define HOUR (3600 * GST_SECOND)

/* A second of sound, in 100 chunks. */
static Live *
start (GstState state)
{
  Live *live = live_new (make_src ("duration", GST_SECOND, NULL), CAPS);

  live_set_state (live, state);

  return live;
}

/* From chunk n on, each is waited for when it should be: nothing comes in a burst, nothing is missing. */
static void
play_to_end (Live *live, guint n, GstClockTime due)
{
  guint i;

  for (i = n; i < 100; i++) {
    fail_unless_equals_uint64 (live_wait (live), due + (i - n) * 10 * MS);
    fail_unless_equals_int (live->rig->capture->buffers->len, i);
    live_step (live);
  }
  rig_wait (live->rig);
}

/* Of all that was rendered no sample was lost, and what came later was said to. */
static void
end (Live *live, GstClockTime base)
{
  Capture *straight = capture_run (make_src ("duration", GST_SECOND, NULL), CAPS);
  Capture *capture = live_free (live);

  fail_unless_equals_uint64 (capture_frames (capture), LIVE_RATE);
  live_assert_contiguous (capture, 0);
  assert_same_bytes (capture, straight, 0);
  fail_unless_equals_uint64 (live_get_base (capture), base);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), 0);
  capture_free (capture);
  capture_free (straight);
}

/* What the streaming thread waits for has come, and so has more. */
static void
jump (Live *live, GstClockTime by)
{
  GstClockID id;

  live_wait (live);
  gst_test_clock_advance_time (live->clock, by);
  id = gst_test_clock_process_next_clock_id (live->clock);
  fail_unless (id != NULL);
  gst_clock_id_unref (id);
}

/* ---- a sink that stands still ---- */

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  if (GST_BUFFER_OFFSET (info->data) < 20 * CHUNK)
    return GST_PAD_PROBE_PASS;
  counter_add (user_data);

  return GST_PAD_PROBE_OK; /* and so blocks */
}

static const GstClockTime stalls[] = { 60 * GST_SECOND, 12 * HOUR };

GST_START_TEST (test_sink_stalls)
{
  Live *live = start (GST_STATE_PAUSED);
  GstPad *pad = gst_element_get_static_pad (live->rig->src, "src");
  GstClockTime stall = stalls[__i__];
  Counter blocked = { 0 };
  gulong probe;
  guint i;

  probe = gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, on_buffer, &blocked, NULL);
  live_set_state (live, GST_STATE_PLAYING);
  for (i = 0; i < 20; i++)
    live_step (live);
  counter_wait (&blocked, 1);

  gst_test_clock_advance_time (live->clock, stall);
  fail_unless_equals_uint64 (live_get_stat (live->rig->src, "frames"), 21 * CHUNK);
  gst_pad_remove_probe (pad, probe);
  gst_object_unref (pad);
  /* The next one leaves at once, ten milliseconds after its time as it were. */
  play_to_end (live, 22, 210 * MS + stall);
  end (live, stall - 10 * MS);
}
GST_END_TEST

/* What is less than a second is caught up with: its time has come, so it leaves. */
GST_START_TEST (test_caught_up)
{
  Live *live = start (GST_STATE_PLAYING);
  guint i;

  for (i = 0; i < 20; i++)
    live_step (live);
  jump (live, 505 * MS);
  play_to_end (live, 71, 710 * MS);
  end (live, 0);
}
GST_END_TEST

/* ---- clocks ---- */

/* As after the machine was suspended, with a clock that went on. The chunk that was waited for is not stale
 * either. */
GST_START_TEST (test_clock_jumps)
{
  Live *live = start (GST_STATE_PLAYING);
  GstClockTime by = stalls[__i__];
  guint i;

  for (i = 0; i < 20; i++)
    live_step (live);
  jump (live, by);
  for (i = 22; i < 50; i++) {
    fail_unless_equals_uint64 (live_wait (live), by + (i - 1) * 10 * MS);
    fail_unless_equals_int (live->rig->capture->buffers->len, i);
    live_step (live);
  }
  jump (live, by);
  play_to_end (live, 51, 2 * by + 490 * MS);
  end (live, 2 * by - 20 * MS);
}
GST_END_TEST

/* In PAUSED any time may go by, and another clock may come. */
GST_START_TEST (test_clock_changes)
{
  static const struct {
    gboolean new_clock;
    GstClockTime time; /* of LIVE_START */
  } cases[] = { { FALSE, LIVE_START + 10 * HOUR }, { TRUE, LIVE_START + 10 * HOUR }, { TRUE, 0 },
    { TRUE, 365 * 24 * HOUR } };
  Live *live = start (GST_STATE_PLAYING);
  guint i;

  for (i = 0; i < 20; i++)
    live_step (live);
  live_wait (live);
  live_set_state (live, GST_STATE_PAUSED);
  if (cases[__i__].new_clock) {
    gst_object_unref (live->clock);
    live->clock = GST_TEST_CLOCK (gst_test_clock_new_with_start_time (cases[__i__].time));
    gst_pipeline_use_clock (GST_PIPELINE (live->rig->pipeline), GST_CLOCK (live->clock));
  } else {
    gst_test_clock_set_time (live->clock, cases[__i__].time);
  }
  live_set_state (live, GST_STATE_PLAYING);
  for (i = 21; i < 100; i++) {
    GstClockTime due = live_wait (live) + LIVE_START;

    fail_unless_equals_uint64 (due, cases[__i__].time + (i - 20) * 10 * MS);
    fail_unless_equals_int (live->rig->capture->buffers->len, i);
    live_step (live);
  }
  rig_wait (live->rig);
  end (live, 0);
}
GST_END_TEST

/* The clock is asked even for what is late. */
static void
crank_to_end (Rig *rig, GstTestClock *clock)
{
  GstBus *bus = gst_element_get_bus (rig->pipeline);
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  GstMessage *message = NULL;

  while (!message && g_get_monotonic_time () < deadline) {
    gboolean moved = gst_test_clock_peek_id_count (clock) > 0 && gst_test_clock_crank (clock);

    message = gst_bus_timed_pop_filtered (bus, moved ? 0 : MS, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  }
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_object_unref (bus);
}

/* The stream's time begins again while the pipeline's is still the old one, which is no stall. */
GST_START_TEST (test_seek_after_long)
{
  Live *live = live_new (make_src ("duration", 20 * GST_SECOND, NULL), CAPS);
  GstElement *pipeline = live->rig->pipeline;
  Capture *capture;

  g_object_set (live->rig->sink, "async", TRUE, NULL);
  live_set_state (live, GST_STATE_PLAYING);
  while (live_now (live) < 10 * GST_SECOND) {
    live_wait (live);
    live_step (live);
  }
  live_wait (live);
  fail_unless (gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET, GST_SECOND,
      GST_SEEK_TYPE_SET, 15 * GST_SECOND));
  fail_unless_equals_int (
      gst_element_get_state (pipeline, NULL, NULL, 60 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
  crank_to_end (live->rig, live->clock);
  capture = live_free (live);
  fail_unless_equals_uint64 (capture_frames (capture), 14 * LIVE_RATE);
  live_assert_contiguous (capture, LIVE_RATE);
  fail_unless_equals_uint64 (live_get_base (capture), 0);
  capture_free (capture);
}
GST_END_TEST

/* One that is not live leaves the clock to the sink. */
GST_START_TEST (test_not_live)
{
  Capture *straight = capture_run (make_src ("duration", GST_SECOND, NULL), CAPS), *capture;
  Rig *rig = rig_new (
      make_src ("duration", GST_SECOND, "adaptive", FALSE, "chunk-duration", 10 * MS, NULL), CAPS);
  GstTestClock *clock = GST_TEST_CLOCK (gst_test_clock_new ());
  guint i;

  g_object_set (rig->sink, "sync", TRUE, NULL);
  gst_pipeline_use_clock (GST_PIPELINE (rig->pipeline), GST_CLOCK (clock));
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  for (i = 0; i < 10; i++) {
    gst_test_clock_wait_for_next_pending_id (clock, NULL);
    fail_unless (gst_test_clock_crank (clock));
  }
  gst_test_clock_wait_for_next_pending_id (clock, NULL);
  gst_test_clock_advance_time (clock, HOUR);
  crank_to_end (rig, clock);
  capture = rig_stop (rig);
  rig_free (rig);
  gst_object_unref (clock);
  fail_unless_equals_uint64 (capture_frames (capture), LIVE_RATE);
  live_assert_contiguous (capture, 0);
  assert_same_bytes (capture, straight, 0);
  fail_unless_equals_uint64 (live_get_base (capture), 0);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

static Suite *
stalls_suite (void)
{
  Suite *suite = suite_create ("stalls");
  TCase *tests = tcase_create ("stalls");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (tests, test_sink_stalls, 0, G_N_ELEMENTS (stalls));
  tcase_add_test (tests, test_caught_up);
  tcase_add_loop_test (tests, test_clock_jumps, 0, G_N_ELEMENTS (stalls));
  tcase_add_loop_test (tests, test_clock_changes, 0, 4);
  tcase_add_test (tests, test_seek_after_long);
  tcase_add_test (tests, test_not_live);

  return suite;
}

GST_CHECK_MAIN (stalls);
