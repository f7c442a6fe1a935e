/* kromosrc: what changes while it plays
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The genome no-memory.json is a function of the frame index alone, so that after a change and its
 * crossfade there is what a straight run of the new settings has.
 */

#include "stepper.h"

#define FRAMES (2 * STEPPER_RATE)
/* What the limiter has looked at already when a change comes. */
#define LOOK_AHEAD (240 + QUANTUM)

static Capture *
run_with (GstElement *src, const Setting *setting)
{
  if (setting)
    set_one (src, setting);

  return capture_run (src, STEPPER_CAPS);
}

/* ---- one change ---- */

static const Setting notes[] = {
  { "note-delta", "7" },
  { "note-delta", "-24.5" },
  { "tuning-ratio", "1.2345" },
  { "velocity", "0.3" },
};

static const Setting graphs[] = {
  { "rendering", "standard" },
  { "inharmonicity", "true" },
  { "transpose-all", "true" },
  { "oversample", "true" },
  { "location", "tone.json" },
  { "seed", "7" },
};

/* Before the first frame that a change may be heard in all is as before, after the crossfade all is as if it
 * had always been so. */
static void
assert_change (
    const Setting *setting, const char *normalize, guint pulls, gboolean is_still, guint n_tags)
{
  const gboolean limits = g_str_equal (normalize, "limit");
  Capture *old = run_with (make_still (normalize), NULL), *now, *capture;
  Stepper *stepper = stepper_new (make_still (normalize), NULL);
  GstElement *other = make_still (normalize);
  guint64 frame, from;
  guint i;

  /* so that the change is not one of tuning and note at once */
  now = run_with (other, setting);
  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < pulls; i++)
    fail_unless (stepper_pull (stepper));
  set_one (stepper_src (stepper), setting);
  frame = stepper_change (stepper);
  fail_unless_equals_uint64 (frame, (pulls + 1) * STEPPER_CHUNK);
  stepper_run (stepper);
  fail_unless_equals_uint64 (stepper_count_changes (stepper), 1);
  capture = stepper_finish (stepper);

  assert_runs_on (capture, 0, n_tags);
  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);
  fail_unless (capture->eos);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), 0);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_DURATION_CHANGED), 0);
  assert_same_frames (capture, old, 0, frame);
  from = limits ? frame + LOOK_AHEAD : next_quantum (frame);
  fail_unless (differs (capture, old, from, from + FADE));
  if (is_still)
    assert_same_frames (capture, now, from + FADE, -1);
  fail_unless (differs (old, now, from + FADE, -1));
  capture_free (capture);
  capture_free (old);
  capture_free (now);
}

/* At the beginning of a quantum, and within one. */
GST_START_TEST (test_note)
{
  assert_change (&notes[__i__ / 2], "none", 3 + __i__ % 2, TRUE, 1);
}
GST_END_TEST

GST_START_TEST (test_graph)
{
  const Setting *setting = &graphs[__i__ / 2];
  const gboolean is_genome = __i__ / 2 >= 4;

  assert_change (
      setting, "none", 3 + __i__ % 2, !g_str_equal (setting->name, "seed"), 1 + is_genome);
}
GST_END_TEST

GST_START_TEST (test_limit)
{
  assert_change (&notes[0], "limit", 3, FALSE, 1);
  assert_change (&graphs[4], "limit", 4, FALSE, 2);
}
GST_END_TEST

/* ---- level ---- */

GST_START_TEST (test_volume)
{
  Capture *straight = run_with (make_still ("limit"), NULL), *capture;
  Stepper *stepper = stepper_new (make_still ("limit"), NULL);
  guint64 half, mute, loud, i;
  const float *a, *b;

  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_pull_to (stepper, 3 * STEPPER_CHUNK);
  g_object_set (stepper_src (stepper), "volume", 0.5, NULL);
  fail_unless (stepper_pull (stepper));
  half = stepper_frame (stepper);
  g_object_set (stepper_src (stepper), "mute", TRUE, NULL);
  fail_unless (stepper_pull (stepper));
  mute = stepper_frame (stepper);
  g_object_set (stepper_src (stepper), "mute", FALSE, "volume", 2.0, NULL);
  fail_unless (stepper_pull (stepper));
  loud = stepper_frame (stepper);
  stepper_run (stepper);
  fail_unless_equals_uint64 (stepper_count_changes (stepper), 0);
  capture = stepper_finish (stepper);

  assert_runs_on (capture, 0, 1);
  assert_same_frames (capture, straight, 0, half);
  a = capture_samples (capture);
  b = capture_samples (straight);
  for (i = half; i < FRAMES; i++) {
    float gain = i < mute ? 0.5f : i < loud ? 0 : 2;

    fail_unless (a[i] == gain * b[i], "frame %" G_GUINT64_FORMAT, i);
  }
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* ---- what waits for READY ---- */

GST_START_TEST (test_fixed)
{
  static const Setting fixed[] = {
    { "duration", "1000000000" },
    { "reverse", "true" },
    { "normalize", "none" },
    { "loops", "3" },
    { "edge-fade", "300000000" },
    { "adaptive", "true" },
    { "chunk-duration", "37000000" },
    { "min-chunk-duration", "1000000" },
    { "max-chunk-duration", "2000000" },
    { "target-latency", "1" },
    { "use-metadata", "true" },
    { "max-memory", "1" },
    { "checkpoint-memory", "0" },
  };
  const Setting *note = &notes[1];
  Capture *straight = run_with (make_still ("peak"), NULL), *capture;
  Stepper *stepper = stepper_new (make_still ("peak"), NULL);
  GstElement *other = make_still ("peak");
  guint i;

  /* alone */
  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < G_N_ELEMENTS (fixed); i++)
    set_one (stepper_src (stepper), &fixed[i]);
  stepper_run (stepper);
  fail_unless_equals_uint64 (stepper_count_changes (stepper), 0);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 1);
  fail_unless_equals_int (capture->buffers->len, (FRAMES + STEPPER_CHUNK - 1) / STEPPER_CHUNK);
  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);
  assert_same_frames (capture, straight, 0, -1);
  capture_free (capture);
  capture_free (straight);

  /* and along with a change */
  straight = run_with (other, note);
  stepper = stepper_new (make_still ("peak"), NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < G_N_ELEMENTS (fixed); i++)
    set_one (stepper_src (stepper), &fixed[i]);
  set_one (stepper_src (stepper), note);
  stepper_change (stepper);
  fail_unless (stepper_seek (stepper, 1, 0, -1));
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);
  assert_same_frames (capture, straight, 0, -1);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), 0);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* ---- moments ---- */

/* Before any sound has left it is as if it had been set before. */
static GstPadProbeReturn
on_first_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstElement *src = gst_pad_get_parent_element (pad);

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))
      == (GstEventType) GPOINTER_TO_UINT (user_data))
    g_object_set (src, "note-delta", 7.0, "seed", G_GUINT64_CONSTANT (7), NULL);
  gst_object_unref (src);

  return GST_PAD_PROBE_OK;
}

GST_START_TEST (test_before_first_buffer)
{
  static const GstEventType types[] = { GST_EVENT_STREAM_START, GST_EVENT_CAPS };
  GstElement *src = make_still ("limit");
  GstPad *pad = gst_element_get_static_pad (src, "src");
  Capture *straight, *capture;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_first_event,
      GUINT_TO_POINTER (types[__i__]), NULL);
  gst_object_unref (pad);
  capture = capture_run (src, STEPPER_CAPS);
  src = make_still ("limit");
  g_object_set (src, "note-delta", 7.0, "seed", G_GUINT64_CONSTANT (7), NULL);
  straight = capture_run (src, STEPPER_CAPS);
  assert_runs_on (capture, 0, 1);
  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);
  assert_same_frames (capture, straight, 0, -1);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

GST_START_TEST (test_paused)
{
  Capture *old = run_with (make_still ("none"), NULL), *now, *capture;
  Stepper *stepper = stepper_new (make_still ("none"), NULL);

  now = run_with (make_still ("none"), &notes[0]);
  stepper_start (stepper, GST_STATE_PAUSED);
  set_one (stepper_src (stepper), &notes[0]);
  stepper_settle (stepper);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 1);
  assert_same_frames (capture, old, 0, STEPPER_CHUNK);
  fail_unless (differs (capture, old, STEPPER_CHUNK, 2 * STEPPER_CHUNK));
  assert_same_frames (capture, now, next_quantum (STEPPER_CHUNK) + FADE, -1);
  capture_free (capture);
  capture_free (old);
  capture_free (now);
}
GST_END_TEST

/* READY in between: what was set has its say from the beginning. */
GST_START_TEST (test_started_over)
{
  Capture *now = run_with (make_still ("limit"), &notes[0]), *capture;
  Stepper *stepper = stepper_new (make_still ("limit"), NULL);
  guint n_buffers;

  stepper_start (stepper, GST_STATE_PAUSED);
  set_one (stepper_src (stepper), &notes[0]);
  n_buffers = stepper_capture (stepper)->buffers->len;
  fail_unless_equals_int (n_buffers, 1);
  stepper_restart (stepper);
  stepper_run (stepper);
  fail_unless_equals_uint64 (stepper_count_changes (stepper), 0);
  capture = stepper_finish (stepper);
  assert_same_frames (capture, now, 0, -1);
  capture_free (capture);
  capture_free (now);
}
GST_END_TEST

/* In the last chunk, and when it has been made. */
GST_START_TEST (test_near_end)
{
  Capture *old = run_with (make_still ("limit"), NULL), *capture;
  const guint64 last = FRAMES - STEPPER_CHUNK;
  Stepper *stepper = stepper_new (make_still ("limit"), NULL);

  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_pull_to (stepper, last - STEPPER_CHUNK);
  set_one (stepper_src (stepper), &notes[0]);
  fail_unless_equals_uint64 (stepper_change (stepper), last);
  set_one (stepper_src (stepper), &graphs[4]);
  stepper_settle (stepper);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 1);
  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);
  assert_same_frames (capture, old, 0, last);
  fail_unless (differs (capture, old, last, -1));
  capture_free (capture);
  capture_free (old);
}
GST_END_TEST

/* Chunks that are shorter than the crossfade: each change waits for the one before to end, none is lost. */
GST_START_TEST (test_within_crossfade)
{
  const guint64 chunk = 96; /* 2 ms */
  GstElement *src = make_still ("none");
  Capture *now, *capture;
  Stepper *stepper;
  guint64 begin, frame;

  now = run_with (make_still ("none"), &graphs[4]);
  g_object_set (src, "chunk-duration", chunk * GST_SECOND / STEPPER_RATE, NULL);
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_pull_to (stepper, 10 * chunk);
  set_one (stepper_src (stepper), &notes[1]);
  begin = stepper_change (stepper);
  set_one (stepper_src (stepper), &graphs[0]);
  stepper_settle (stepper);
  fail_unless (stepper_pull (stepper));
  g_object_set (stepper_src (stepper), "rendering", 0, "note-delta", 3.0, NULL);
  set_one (stepper_src (stepper), &graphs[4]);
  stepper_settle (stepper);
  while (stepper_count_changes (stepper) < 2)
    fail_unless (stepper_pull (stepper));
  frame = stepper_frame (stepper);
  fail_unless (frame >= begin + FADE && frame < begin + FADE + QUANTUM + 2 * chunk,
      "begun at %" G_GUINT64_FORMAT ", then %" G_GUINT64_FORMAT, begin, frame);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 2);
  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);
  assert_same_frames (capture, now, next_quantum (frame) + FADE, -1);
  capture_free (capture);
  capture_free (now);
}
GST_END_TEST

/* ---- while something is under way ---- */

/* Chunks of five seconds become short ones as long as there is something to wait for. */
GST_START_TEST (test_short_chunks)
{
  static const Setting bad = { "location", "not-json.json" };
  GstElement *src =
      make_src ("duration", SECONDS (60), "adaptive", FALSE, "chunk-duration", SECONDS (5), NULL);
  Stepper *stepper = stepper_new (src, NULL);
  static const guint64 durations[] = { SECONDS (5), SECONDS (5), 100 * GST_MSECOND,
    100 * GST_MSECOND, 100 * GST_MSECOND, SECONDS (5) };
  Capture *capture;
  guint i;

  stepper_hold_warnings (stepper);
  stepper_start (stepper, GST_STATE_PLAYING);
  fail_unless (stepper_pull (stepper));
  set_one (src, &bad);
  stepper_wait_for_warning (stepper);
  for (i = 0; i < 3; i++)
    fail_unless (stepper_pull (stepper));
  stepper_release_warning (stepper);
  stepper_settle (stepper);
  fail_unless (stepper_pull (stepper));
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 1);
  for (i = 0; i < G_N_ELEMENTS (durations); i++)
    fail_unless_equals_uint64 (capture_buffer (capture, i)->duration, durations[i]);
  capture_free (capture);
}
GST_END_TEST

static Suite *
changes_suite (void)
{
  Suite *suite = suite_create ("kromosrc-changes");
  TCase *tcase = tcase_create ("changes");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, test_note, 0, 2 * G_N_ELEMENTS (notes));
  tcase_add_loop_test (tcase, test_graph, 0, 2 * G_N_ELEMENTS (graphs));
  tcase_add_test (tcase, test_limit);
  tcase_add_test (tcase, test_volume);
  tcase_add_test (tcase, test_fixed);
  tcase_add_loop_test (tcase, test_before_first_buffer, 0, 2);
  tcase_add_test (tcase, test_paused);
  tcase_add_test (tcase, test_started_over);
  tcase_add_test (tcase, test_near_end);
  tcase_add_test (tcase, test_within_crossfade);
  tcase_add_test (tcase, test_short_chunks);

  return suite;
}

GST_CHECK_MAIN (changes)
