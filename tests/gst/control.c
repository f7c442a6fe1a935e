/* kromosrc: properties that controllers set
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Notes have, for each 100 ms of the timeline, the value of their beginning; the volume has one for each
 * frame.
 */

#include "stepper.h"

#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>
#include <math.h>

#define FRAMES (2 * STEPPER_RATE)
#define CELL STEPPER_CHUNK

/* A line from one value to another over two seconds. */
static void
control (GstElement *src, const char *name, double from, double to)
{
  GstControlSource *source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *values = GST_TIMED_VALUE_CONTROL_SOURCE (source);

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  fail_unless (gst_timed_value_control_source_set (values, 0, from));
  fail_unless (gst_timed_value_control_source_set (values, SECONDS (2), to));
  fail_unless (gst_object_add_control_binding (
      GST_OBJECT (src), gst_direct_control_binding_new_absolute (GST_OBJECT (src), name, source)));
  gst_object_unref (source);
}

static void
control_all (GstElement *src)
{
  control (src, "note-delta", -7, 12);
  control (src, "tuning-ratio", 0.9, 1.3);
  control (src, "velocity", 1, 0.3);
  control (src, "volume", 0.2, 0.9);
}

static Capture *
run (GstElement *src)
{
  return capture_run (src, STEPPER_CAPS);
}

/* ---- the volume ---- */

GST_START_TEST (test_volume)
{
  Capture *straight = run (make_still ("limit")), *capture;
  GstElement *src = make_still ("limit");
  guint64 i;

  control (src, "volume", 0, 1);
  g_object_set (src, "chunk-duration", __i__ ? SECONDS (1) : 7 * GST_MSECOND, NULL);
  capture = run (src);
  assert_runs_on (capture, 0, 1);
  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);
  for (i = 0; i < FRAMES; i++) {
    const double expected = capture_samples (straight)[i] * ((double) i / FRAMES);

    fail_unless (
        fabs (capture_samples (capture)[i] - expected) < 1e-6, "frame %" G_GUINT64_FORMAT, i);
  }
  for (i = 0; i < capture->buffers->len; i++)
    fail_unless (capture_buffer (capture, (guint) i)->duration <= 100 * GST_MSECOND);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* ---- notes ---- */

static GstElement *
make_controlled (guint kind)
{
  GstElement *src;

  if (kind == 0) {
    src = make_still ("none");
  } else {
    src = make_steady ("duration", SECONDS (2), NULL);
    if (kind == 2) /* one that remembers, into the limiter */
      g_object_set (src, "seed", G_GUINT64_CONSTANT (3), "loops", 2, "duration", SECONDS (1), NULL);
  }
  control_all (src);

  return src;
}

/* Whatever the chunks, the same bits. */
GST_START_TEST (test_same)
{
  static const guint64 chunks[] = { 1, 5, 37, 99, 101, 250, 5000 };
  Capture *capture = run (make_controlled (__i__)), *other;
  GstElement *src;
  guint i;

  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);
  assert_runs_on (capture, 0, 1);
  for (i = 0; i <= G_N_ELEMENTS (chunks); i++) {
    src = make_controlled (__i__);
    if (i < G_N_ELEMENTS (chunks))
      g_object_set (src, "chunk-duration", chunks[i] * GST_MSECOND, NULL);
    else
      g_object_set (src, "adaptive", TRUE, NULL);
    other = run (src);
    fail_unless_equals_uint64 (capture_frames (other), FRAMES);
    assert_runs_on (other, 0, 1);
    assert_same_frames (other, capture, 0, -1);
    capture_free (other);
  }
  capture_free (capture);
}
GST_END_TEST

static double
get_line (double from, double to, guint64 frame)
{
  return from + (to - from) * (double) frame / FRAMES;
}

/* What each 100 ms has after the crossfade is that of its beginning's note. */
GST_START_TEST (test_cells)
{
  GstElement *src = make_still ("none");
  Capture *capture, *straight;
  guint64 frame;

  control (src, "note-delta", -10, 10);
  capture = run (src);
  for (frame = 0; frame < FRAMES; frame += CELL) {
    src = make_still ("none");
    g_object_set (src, "note-delta", get_line (-10, 10, frame), NULL);
    straight = run (src);
    assert_same_frames (
        capture, straight, frame ? next_quantum (frame) + FADE : 0, (gint64) (frame + CELL));
    capture_free (straight);
  }
  capture_free (capture);
}
GST_END_TEST

/* A sound without memory is after a seek what it is without one. */
GST_START_TEST (test_seek)
{
  static const guint64 targets[] = { CELL / 2, 3 * CELL + 2000, 12 * CELL + 4700, 19 * CELL + 1000,
    5 * CELL + 700 };
  Capture *straight = run (make_controlled (0)), *capture;
  Stepper *stepper = stepper_new (make_controlled (0), NULL);
  guint i;

  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < G_N_ELEMENTS (targets); i++) {
    fail_unless (stepper_seek (stepper, 1, (gint64) targets[i], -1));
    stepper_run (stepper);
    capture = stepper_capture (stepper);
    fail_unless_equals_uint64 (capture_frames (capture), FRAMES - targets[i]);
    assert_same_bytes (capture, straight, targets[i]);
  }
  capture_free (stepper_finish (stepper));
  capture_free (straight);
}
GST_END_TEST

GST_START_TEST (test_reverse)
{
  GstElement *src = make_still ("none");
  Capture *capture, *straight;
  const guint8 *data;
  Stepper *stepper;
  guint i;

  control (src, "note-delta", -10, 10);
  g_object_set (src, "chunk-duration", (guint64) (__i__ ? 250 : 30) * GST_MSECOND, NULL);
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  fail_unless (stepper_seek (stepper, -1, 0, 5 * CELL + 100));
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  fail_unless_equals_uint64 (capture_frames (capture), 5 * CELL + 100);
  for (i = 0, data = capture->data->data; i < capture->buffers->len; i++) {
    const BufferRecord *buffer = capture_buffer (capture, i);
    const guint64 cell = buffer->offset / CELL * CELL;

    fail_unless (buffer->offset_end <= cell + CELL);
    src = make_still ("none");
    g_object_set (src, "note-delta", get_line (-10, 10, cell), NULL);
    straight = run (src);
    fail_unless (memcmp (data, straight->data->data + buffer->offset * 4, buffer->size) == 0,
        "frame %" G_GUINT64_FORMAT, buffer->offset);
    data += buffer->size;
    capture_free (straight);
  }
  capture_free (capture);
}
GST_END_TEST

/* What follows, though it was made ready two seconds before, has its note from the very beginning, and has the same bits whatever the chunks. */
GST_START_TEST (test_playing_on)
{
  static const guint64 chunks[] = { 100, 37, 250, 3000 };
  g_autofree char *tone = data_path ("tone.json");
  Capture *capture[4], *straight;
  const guint64 length = 3 * STEPPER_RATE - 1000;
  GstElement *src;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (chunks); i++) {
    src = make_still ("none");
    control (src, "note-delta", -10, 10);
    g_object_set (src, "duration",
        gst_util_uint64_scale_int_ceil (length, GST_SECOND, STEPPER_RATE), "next-location", tone,
        "chunk-duration", chunks[i] * GST_MSECOND, NULL);
    capture[i] = run (src);
    assert_runs_on (capture[i], 0, 2);
    fail_unless_equals_uint64 (capture_frames (capture[i]), 2 * length);
    assert_same_frames (capture[i], capture[0], 0, -1);
  }
  src = make_still ("none");
  g_object_set (src, "duration", gst_util_uint64_scale_int_ceil (length, GST_SECOND, STEPPER_RATE),
      "location", tone, "note-delta", 10.0, NULL);
  straight = run (src);
  fail_unless (memcmp (capture_samples (capture[0]) + length, capture_samples (straight),
                   1000 * sizeof (float))
      == 0);
  for (i = 0; i < G_N_ELEMENTS (chunks); i++)
    capture_free (capture[i]);
  capture_free (straight);
}
GST_END_TEST

/* The last value stays. */
GST_START_TEST (test_removed)
{
  const gboolean disabled = __i__;
  Stepper *stepper;
  GstElement *src = make_still ("none");
  GstControlBinding *binding;
  Capture *capture, *straight;
  gdouble delta;

  control (src, "note-delta", -10, 10);
  g_object_set (src, "chunk-duration", 250 * GST_MSECOND, NULL);
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_pull_to (stepper, 4 * CELL);
  binding = gst_object_get_control_binding (GST_OBJECT (src), "note-delta");
  if (disabled)
    gst_object_set_control_binding_disabled (GST_OBJECT (src), "note-delta", TRUE);
  else
    fail_unless (gst_object_remove_control_binding (GST_OBJECT (src), binding));
  gst_object_unref (binding);
  g_object_get (src, "note-delta", &delta, NULL);
  fail_unless (fabs (delta - get_line (-10, 10, 4 * CELL)) < 1e-9);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 1);
  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);
  fail_unless_equals_uint64 (capture_buffer (capture, 4)->duration, 100 * GST_MSECOND);
  fail_unless_equals_uint64 (capture_buffer (capture, 5)->duration, 250 * GST_MSECOND);
  src = make_still ("none");
  g_object_set (src, "note-delta", delta, NULL);
  straight = run (src);
  assert_same_frames (capture, straight, 4 * CELL + FADE + QUANTUM, -1);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

static Suite *
control_suite (void)
{
  Suite *suite = suite_create ("kromosrc-control");
  TCase *tcase = tcase_create ("control");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, test_volume, 0, 2);
  tcase_add_loop_test (tcase, test_same, 0, 3);
  tcase_add_test (tcase, test_cells);
  tcase_add_test (tcase, test_seek);
  tcase_add_loop_test (tcase, test_reverse, 0, 2);
  tcase_add_test (tcase, test_playing_on);
  tcase_add_loop_test (tcase, test_removed, 0, 2);

  return suite;
}

GST_CHECK_MAIN (control)
