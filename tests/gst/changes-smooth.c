/* kromosrc: changes while it plays make no clicks, come in any number, live and over new caps
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stepper.h"

#include <math.h>

/* ---- clicks ---- */

static double
find_peak (const Capture *capture, guint64 from, guint64 to)
{
  const float *samples = capture_samples (capture);
  float peak = 0;
  guint64 i;

  for (i = from; i < to; i++)
    peak = fmaxf (peak, fabsf (samples[i]));

  return peak;
}

static double
find_step (const Capture *capture, guint64 from, guint64 to)
{
  const float *samples = capture_samples (capture);
  double step = 0;
  guint64 i;

  for (i = MAX (from, 1); i < to; i++)
    step = MAX (step, fabs ((double) samples[i] - samples[i - 1]));

  return step;
}

static GstElement *
make_sound (guint i, guint n_changes)
{
  static const Setting changes[] = {
    { "note-delta", "7" },
    { "velocity", "0.4" },
    { "tuning-ratio", "0.7" },
    { "rendering", "standard" },
    { "oversample", "true" },
    { "location", "no-memory.json" },
    { "seed", "3" },
    { "seed", "4" },
  };
  GstElement *src = make_steady (
      "duration", SECONDS (2), "normalize", i % 2 ? 0 : 2, "seed", (guint64) i / 2, NULL);
  guint k;

  for (k = 0; k < n_changes; k++)
    set_one (src, &changes[k]);

  return src;
}

#define N_CHANGES 8
#define AROUND (2 * STEPPER_CHUNK)

/* From one sample to the next it steps no further than the two sounds do around there, apart from what the
 * crossfade's slope makes of their level. */
GST_START_TEST (test_no_click)
{
  const double slope = G_PI / 2 / FADE;
  Stepper *stepper = stepper_new (make_sound (__i__, 0), NULL);
  GstElement *src = stepper_src (stepper);
  Capture *capture, *straight[N_CHANGES + 1];
  guint64 frames[N_CHANGES];
  guint i;

  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < N_CHANGES; i++) {
    GstElement *now = make_sound (__i__, i + 1);
    gdouble delta, ratio, velocity;
    char *location;
    guint64 seed;
    gint rendering;
    gboolean oversample;

    fail_unless (stepper_pull (stepper));
    g_object_get (now, "note-delta", &delta, "tuning-ratio", &ratio, "velocity", &velocity,
        "rendering", &rendering, "oversample", &oversample, "location", &location, "seed", &seed,
        NULL);
    g_object_set (src, "note-delta", delta, "tuning-ratio", ratio, "velocity", velocity,
        "rendering", rendering, "oversample", oversample, NULL);
    if (i == 5)
      g_object_set (src, "location", location, NULL);
    else if (i > 5)
      g_object_set (src, "seed", seed, NULL);
    g_free (location);
    gst_object_unref (gst_object_ref_sink (now));
    frames[i] = stepper_change (stepper);
  }
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  for (i = 0; i <= N_CHANGES; i++)
    straight[i] = capture_run (make_sound (__i__, i), STEPPER_CAPS);

  assert_runs_on (capture, 0, 4);
  for (i = 0; i < N_CHANGES; i++) {
    const guint64 from = frames[i] - AROUND, to = frames[i] + AROUND;
    const double bound = find_step (straight[i], from, to) + find_step (straight[i + 1], from, to)
        + slope * (find_peak (straight[i], from, to) + find_peak (straight[i + 1], from, to));
    const double step = find_step (capture, frames[i], frames[i] + QUANTUM + 2 * FADE);

    fail_unless (step <= bound, "change %u: %g, at most %g", i, step, bound);
    fail_unless (step > 0, "silence");
  }
  for (i = 0; i <= N_CHANGES; i++)
    capture_free (straight[i]);
  capture_free (capture);
}
GST_END_TEST

/* ---- many ---- */

static void
change_something (GstElement *src, guint i)
{
  g_autofree char *one = data_path ("tone.json"), *two = data_path ("no-memory.json");

  switch (i % 11) {
  case 0:
    g_object_set (src, "seed", (guint64) 1 + i % 5, NULL);
    break;
  case 3:
    g_object_set (src, "rendering", i % 2, NULL);
    break;
  case 5:
    g_object_set (src, "location", i % 2 ? one : two, NULL);
    break;
  case 6:
    g_object_set (src, "oversample", i % 3 == 0, "transpose-all", i % 2, NULL);
    break;
  case 7:
    g_object_set (src, "genome-id", i % 2 ? "some" : NULL, NULL);
    break;
  case 8:
    g_object_set (src, "tuning-ratio", 0.5 + (i % 7) * 0.2, "volume", (i % 4) * 0.3, NULL);
    break;
  case 9:
    g_object_set (src, "velocity", (i % 9) / 8.0, "inharmonicity", i % 2, NULL);
    break;
  default:
    g_object_set (src, "note-delta", (i % 25) - 12.0, NULL);
  }
}

/* As fast as they can be set, some with a chunk in between; then all is as set. */
GST_START_TEST (test_many)
{
  GstElement *src = make_steady ("duration", SECONDS (30), NULL), *other;
  Stepper *stepper = stepper_new (src, NULL);
  Capture *straight, *capture;
  guint i;

  other = make_steady ("duration", SECONDS (30), "num-buffers", 20, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < 200; i++) {
    change_something (src, i);
    change_something (other, i);
    if (i % 3 == 0)
      fail_unless (stepper_pull (stepper));
  }
  stepper_settle (stepper);
  for (i = 0; i < 3; i++)
    fail_unless (stepper_pull (stepper));
  capture = stepper_capture (stepper);
  fail_unless (stepper_count_changes (stepper) > 0);
  assert_runs_on (capture, 0, capture_count_events (capture, GST_EVENT_TAG));
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), 0);

  fail_unless (stepper_seek (stepper, 1, STEPPER_RATE, -1));
  for (i = 0; i < 5; i++)
    fail_unless (stepper_pull (stepper));
  capture = stepper_finish (stepper);
  straight = capture_run (other, STEPPER_CAPS);
  assert_same_bytes (capture, straight, STEPPER_RATE);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* With chunks of 5 ms, so that most changes come while one fades in: the last one of all is not lost. */
GST_START_TEST (test_many_short)
{
  static const Setting last = { "location", "tone.json" };
  GstElement *src = make_still ("none"), *other = make_still ("none");
  Stepper *stepper;
  Capture *straight, *capture;
  guint i;

  g_object_set (src, "chunk-duration", 5 * GST_MSECOND, NULL);
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < 100; i++) {
    g_object_set (src, "note-delta", (gdouble) (i % 12), "velocity", i % 2 ? 1.0 : 0.5, NULL);
    stepper_settle (stepper);
    fail_unless (stepper_pull (stepper));
  }
  g_object_set (src, "note-delta", 3.0, "velocity", 1.0, NULL);
  set_one (src, &last);
  stepper_settle (stepper);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  set_one (other, &last);
  straight = capture_run (other, STEPPER_CAPS);
  assert_runs_on (capture, 0, 2);
  assert_same_frames (capture, straight, STEPPER_RATE, -1);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* ---- live ---- */

GST_START_TEST (test_live)
{
  static const Setting lower = { "note-delta", "-7" };
  GstElement *src = make_still ("none"), *other = make_still ("none");
  Capture *old, *now, *capture;
  Stepper *stepper;
  guint64 frame;
  guint i;

  g_object_set (src, "duration", GST_SECOND / 2, "is-live", TRUE, NULL);
  g_object_set (other, "duration", GST_SECOND / 2, NULL);
  old = capture_run (other, STEPPER_CAPS);
  other = make_still ("none");
  g_object_set (other, "duration", GST_SECOND / 2, NULL);
  set_one (other, &lower);
  now = capture_run (other, STEPPER_CAPS);

  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  fail_unless (stepper_pull (stepper));
  set_one (src, &lower);
  frame = stepper_change (stepper);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  /* the base class shifts timestamps by when the first buffer came */
  for (i = 1; i < capture->buffers->len; i++) {
    const BufferRecord *last = capture_buffer (capture, i - 1), *next = capture_buffer (capture, i);

    fail_unless_equals_uint64 (next->offset, last->offset_end);
    fail_unless_equals_uint64 (next->pts, last->pts + last->duration);
    fail_if (next->discont);
  }
  fail_unless_equals_uint64 (capture_frames (capture), STEPPER_RATE / 2);
  assert_same_frames (capture, old, 0, frame);
  assert_same_frames (capture, now, next_quantum (frame) + FADE, -1);
  capture_free (capture);
  capture_free (old);
  capture_free (now);
}
GST_END_TEST

/* ---- over new caps ---- */

static void
accept (Stepper *stepper, const char *text)
{
  GstCaps *caps = gst_caps_from_string (text);
  GstPad *pad = gst_element_get_static_pad (stepper_src (stepper), "src");
  GstElement *filter = gst_pad_get_parent_element (gst_pad_get_peer (pad));

  g_object_set (filter, "caps", caps, NULL);
  gst_object_unref (GST_PAD_PEER (pad));
  gst_object_unref (filter);
  gst_object_unref (pad);
  gst_caps_unref (caps);
}

/* A change that was made ready for other caps than those that came in between: it is heard all the same. */
GST_START_TEST (test_caps)
{
  static const Setting lower = { "note-delta", "-7" };
  static const char *const caps[] = { "audio/x-raw, rate=48000, channels=2, format=F32LE",
    "audio/x-raw, rate=24000, channels=1, format=F32LE",
    "audio/x-raw, rate=48000, channels=1, format=F64LE" };
  const guint64 rates[] = { 48000, 24000, 48000 };
  GstElement *other = make_still ("none");
  Stepper *stepper = stepper_new (make_still ("none"), NULL);
  Capture *straight, *capture;
  guint64 frame;
  gsize size;

  stepper_start (stepper, GST_STATE_PLAYING);
  fail_unless (stepper_pull (stepper));
  set_one (stepper_src (stepper), &lower);
  stepper_settle (stepper);
  accept (stepper, caps[__i__]);
  fail_unless (stepper_pull (stepper));
  fail_unless_equals_uint64 (stepper_count_changes (stepper), 1);
  frame = stepper_frame (stepper);
  fail_unless_equals_uint64 (frame, rates[__i__] / 5);
  capture = stepper_capture (stepper);
  size = capture->data->len - capture_buffer (capture, 2)->size;
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  fail_unless_equals_int (capture_count_events (capture, GST_EVENT_CAPS), 2);
  fail_unless_equals_int (capture_count_events (capture, GST_EVENT_SEGMENT), 1);
  fail_unless (capture->eos);

  set_one (other, &lower);
  straight = capture_run (other, caps[__i__]);
  /* another sample format is no reason to leave out the crossfade */
  if (__i__ == 2)
    frame = next_quantum (frame) + FADE;
  g_byte_array_remove_range (
      capture->data, 0, size + (frame - rates[__i__] / 5) * straight->info.bpf);
  assert_same_bytes (capture, straight, frame);
  fail_unless_equals_uint64 (frame + capture_frames (capture), 2 * rates[__i__]);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

static Suite *
changes_smooth_suite (void)
{
  Suite *suite = suite_create ("kromosrc-changes-smooth");
  TCase *tcase = tcase_create ("changes-smooth");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, test_no_click, 0, 8);
  tcase_add_test (tcase, test_many);
  tcase_add_test (tcase, test_many_short);
  tcase_add_test (tcase, test_live);
  tcase_add_loop_test (tcase, test_caps, 0, 3);

  return suite;
}

GST_CHECK_MAIN (changes_smooth)
