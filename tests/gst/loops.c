/* kromosrc: a sound played more than once
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stepper.h"

#define LENGTH 12345
#define DURATION (gst_util_uint64_scale_int_ceil (LENGTH, GST_SECOND, STEPPER_RATE))

/* One that remembers: feedback, and levels above 1 for the limiter. */
static GstElement *
make_looped (gint loops, guint64 n_frames)
{
  GstElement *src = make_steady ("loops", loops, "volume", 0.5, NULL);
  g_autofree char *path = g_build_filename (
      g_getenv ("KROMO_TEST_DATA"), "parity", "genomes", "t61_cycle_delay.json.gz", NULL);

  g_object_set (src, "location", path, "note-delta", 2.0, "duration",
      gst_util_uint64_scale_int_ceil (n_frames, GST_SECOND, STEPPER_RATE), NULL);

  return src;
}

/* Frames of the whole, from @start on. */
static void
assert_passes (const Capture *capture, const Capture *pass, guint64 start)
{
  const gsize bpf = pass->info.bpf;
  const guint64 length = capture_frames (pass);
  guint64 i;

  fail_unless_equals_int (capture->info.bpf, bpf);
  for (i = 0; i < capture_frames (capture); i++)
    fail_unless (
        memcmp (capture->data->data + i * bpf, pass->data->data + (start + i) % length * bpf, bpf)
            == 0,
        "frame %" G_GUINT64_FORMAT, start + i);
}

/* Each pass is the same, and time runs on; with chunks of any length. */
GST_START_TEST (test_passes)
{
  static const guint64 chunks[] = { 4800, 128, 1001, 3 * LENGTH, 60 * STEPPER_RATE };
  static const char *const ways[] = { "none", "limit", "peak" };
  Capture *pass, *capture;
  GstElement *src;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (ways); i++) {
    src = make_looped (1, LENGTH);
    gst_util_set_object_arg (G_OBJECT (src), "normalize", ways[i]);
    g_object_set (src, "edge-fade", 20 * GST_MSECOND, NULL);
    pass = capture_run (src, STEPPER_CAPS);
    fail_unless_equals_uint64 (capture_frames (pass), LENGTH);
    src = make_looped (5, LENGTH);
    gst_util_set_object_arg (G_OBJECT (src), "normalize", ways[i]);
    g_object_set (src, "edge-fade", 20 * GST_MSECOND, "chunk-duration",
        gst_util_uint64_scale_int (chunks[__i__], GST_SECOND, STEPPER_RATE), NULL);
    capture = capture_run (src, STEPPER_CAPS);
    assert_runs_on (capture, 0, 1);
    fail_unless_equals_uint64 (capture_frames (capture), 5 * LENGTH);
    assert_passes (capture, pass, 0);
    capture_free (pass);
    capture_free (capture);
  }
}
GST_END_TEST

static void
assert_duration (Stepper *stepper, gint64 frames)
{
  gint64 duration = -2;
  gboolean is_known =
      gst_element_query_duration (stepper_src (stepper), GST_FORMAT_DEFAULT, &duration);

  if (frames == -1) {
    fail_unless (!is_known || duration == -1);
    is_known = gst_element_query_duration (stepper_src (stepper), GST_FORMAT_TIME, &duration);
    fail_unless (!is_known || duration == -1);
    return;
  }
  fail_unless (is_known);
  fail_unless_equals_int64 (duration, frames);
  fail_unless (gst_element_query_duration (stepper_src (stepper), GST_FORMAT_TIME, &duration));
  fail_unless_equals_int64 (
      duration, gst_util_uint64_scale_int ((guint64) frames, GST_SECOND, STEPPER_RATE));
}

GST_START_TEST (test_queries)
{
  static const gint loops[] = { 1, 7, 1000000, -1, G_MAXINT };
  const gint64 n = loops[__i__];
  /* timestamps are 64 bits: what is longer goes on for ever */
  const gboolean is_endless = n < 0 || (guint64) n > G_MAXINT64 / 2 / DURATION;
  Stepper *stepper = stepper_new (make_looped (loops[__i__], LENGTH), NULL);
  gint64 position = -2;

  stepper_start (stepper, GST_STATE_PLAYING);
  assert_duration (stepper, is_endless ? -1 : n * LENGTH);
  if (n != 1) {
    stepper_pull_to (stepper, 3 * LENGTH);
    fail_unless (gst_element_query_position (stepper_src (stepper), GST_FORMAT_DEFAULT, &position));
    fail_unless (position >= (gint64) stepper_frame (stepper)
            && position <= (gint64) stepper_frame (stepper) + STEPPER_CHUNK,
        "position %" G_GINT64_FORMAT, position);
  }
  capture_free (stepper_finish (stepper));
}
GST_END_TEST

/* A day, more often than timestamps have room for. */
GST_START_TEST (test_endless)
{
  GstElement *src = make_looped (G_MAXINT, LENGTH);
  Stepper *stepper;

  g_object_set (src, "duration", 24 * 3600 * GST_SECOND, NULL);
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  assert_duration (stepper, -1);
  fail_unless (stepper_pull (stepper));
  capture_free (stepper_finish (stepper));
}
GST_END_TEST

GST_START_TEST (test_seeks)
{
  Capture *pass = capture_run (make_looped (1, LENGTH), STEPPER_CAPS), *capture;
  const gint loops = __i__ ? -1 : 20;
  Stepper *stepper = stepper_new (make_looped (loops, LENGTH), NULL);
  GRand *random = g_rand_new_with_seed (7);
  guint i, k;

  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < 60; i++) {
    gint64 start = g_rand_int_range (random, 0, 20 * LENGTH), stop = -1;

    if (i == 10)
      start = 7 * LENGTH;
    else if (i == 11)
      start = 7 * LENGTH - 1;
    else if (i == 12)
      start = 20 * LENGTH - 1;
    if (i % 3 == 1)
      stop = MIN (start + g_rand_int_range (random, 1, 3 * LENGTH), 20 * LENGTH);
    fail_unless (stepper_seek (stepper, 1, start, stop));
    capture = stepper_capture (stepper);
    for (k = 0; k < 6 && stepper_pull (stepper); k++)
      continue;
    fail_unless (capture->buffers->len > 0);
    fail_unless_equals_uint64 (capture_buffer (capture, 0)->offset, start);
    assert_passes (capture, pass, start);
    if (stop != -1)
      fail_unless (capture_frames (capture) <= (guint64) (stop - start));
    if (stop != -1 && capture->eos)
      fail_unless_equals_uint64 (capture_frames (capture), stop - start);
  }
  g_rand_free (random);
  capture_free (stepper_finish (stepper));
  capture_free (pass);
}
GST_END_TEST

/* Far out, where there are more frames than 32 bits count. */
GST_START_TEST (test_far)
{
  Capture *pass = capture_run (make_looped (1, LENGTH), STEPPER_CAPS), *capture;
  const guint64 start = G_GUINT64_CONSTANT (2000000) * LENGTH + 321;
  Stepper *stepper = stepper_new (make_looped (__i__ ? -1 : G_MAXINT, LENGTH), NULL);
  guint i;

  stepper_start (stepper, GST_STATE_PLAYING);
  fail_unless (stepper_seek (stepper, 1, (gint64) start, -1));
  for (i = 0; i < 5; i++)
    fail_unless (stepper_pull (stepper));
  capture = stepper_capture (stepper);
  fail_unless_equals_uint64 (capture_buffer (capture, 0)->offset, start);
  assert_passes (capture, pass, start);
  capture_free (stepper_finish (stepper));
  capture_free (pass);
}
GST_END_TEST

/* Backwards over the ends of passes. */
GST_START_TEST (test_reverse)
{
  const gint64 start = __i__ ? 3 * LENGTH / 2 : 0, stop = __i__ ? 7 * LENGTH / 2 : 4 * LENGTH;
  Capture *pass = capture_run (make_looped (1, LENGTH), STEPPER_CAPS), *capture;
  Stepper *stepper = stepper_new (make_looped (__i__ == 2 ? -1 : 4, LENGTH), NULL);
  guint64 end = (guint64) stop;
  const guint8 *data;
  guint i, k;

  stepper_start (stepper, GST_STATE_PLAYING);
  fail_unless (stepper_seek (stepper, -1, start, stop));
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  data = capture->data->data;
  for (i = 0; i < capture->buffers->len; i++) {
    const BufferRecord *buffer = capture_buffer (capture, i);

    fail_unless_equals_uint64 (buffer->offset_end, end);
    for (k = 0; k < buffer->size / 4; k++)
      fail_unless (
          memcmp (data + k * 4, pass->data->data + (buffer->offset + k) % LENGTH * 4, 4) == 0,
          "frame %" G_GUINT64_FORMAT, buffer->offset + k);
    data += buffer->size;
    end = buffer->offset;
  }
  fail_unless_equals_uint64 (end, start);
  capture_free (capture);
  capture_free (pass);
}
GST_END_TEST

GST_START_TEST (test_very_short)
{
  static const guint64 lengths[] = { 1, 2, 10, 127, 129 };
  const guint64 length = lengths[__i__];
  Capture *pass = capture_run (make_looped (1, length), STEPPER_CAPS), *capture;
  GstElement *src = make_looped (1000, length);

  fail_unless_equals_uint64 (capture_frames (pass), length);
  g_object_set (src, "chunk-duration", SECONDS (1), NULL);
  capture = capture_run (src, STEPPER_CAPS);
  fail_unless_equals_uint64 (capture_frames (capture), 1000 * length);
  assert_runs_on (capture, 0, 1);
  assert_passes (capture, pass, 0);
  capture_free (capture);
  capture_free (pass);
}
GST_END_TEST

/* A change is heard in the passes that follow, each of which is then a straight run. */
GST_START_TEST (test_change)
{
  GstElement *other = make_looped (1, LENGTH);
  Stepper *stepper = stepper_new (make_looped (4, LENGTH), NULL);
  Capture *before, *after, *capture;
  guint64 frame;

  before = capture_run (make_looped (1, LENGTH), STEPPER_CAPS);
  g_object_set (other, "note-delta", -6.0, NULL);
  after = capture_run (other, STEPPER_CAPS);
  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_pull_to (stepper, LENGTH);
  g_object_set (stepper_src (stepper), "note-delta", -6.0, NULL);
  frame = stepper_change (stepper);
  fail_unless (frame < 2 * LENGTH);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 1);
  fail_unless_equals_uint64 (capture_frames (capture), 4 * LENGTH);
  fail_unless (memcmp (capture_samples (capture), capture_samples (before), LENGTH * 4) == 0);
  fail_unless (
      memcmp (capture_samples (capture) + LENGTH, capture_samples (before), (frame - LENGTH) * 4)
      == 0);
  fail_unless (
      memcmp (capture_samples (capture) + 2 * LENGTH, capture_samples (after), LENGTH * 4) == 0);
  fail_unless (
      memcmp (capture_samples (capture) + 3 * LENGTH, capture_samples (after), LENGTH * 4) == 0);
  capture_free (before);
  capture_free (after);
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_none)
{
  Capture *capture = capture_run (make_looped (0, LENGTH), STEPPER_CAPS);

  assert_one_error (capture, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, "loops is 0");
  capture_free (capture);
}
GST_END_TEST

static Suite *
loops_suite (void)
{
  Suite *suite = suite_create ("kromosrc-loops");
  TCase *tcase = tcase_create ("loops");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, test_passes, 0, 5);
  tcase_add_loop_test (tcase, test_queries, 0, 5);
  tcase_add_test (tcase, test_endless);
  tcase_add_loop_test (tcase, test_seeks, 0, 2);
  tcase_add_loop_test (tcase, test_far, 0, 2);
  tcase_add_loop_test (tcase, test_reverse, 0, 3);
  tcase_add_loop_test (tcase, test_very_short, 0, 5);
  tcase_add_test (tcase, test_change);
  tcase_add_test (tcase, test_none);

  return suite;
}

GST_CHECK_MAIN (loops)
