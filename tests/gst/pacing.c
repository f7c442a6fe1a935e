/* kromosrc: how long chunks are, from how long rendering takes
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Estimates are remembered for each genome of a process. A test that is about them takes genomes of its own: those of a seed.
 */

#include "common.h"

#include "burner.h"
#include "gstkromosrc.h"

#define RATE 48000
#define CAPS "audio/x-raw, rate=48000, channels=1, format=S16LE"
#define MS GST_MSECOND

static guint64
get_frames (const Capture *capture, guint i)
{
  const BufferRecord *buffer = capture_buffer (capture, i);

  return buffer->offset_end - buffer->offset;
}

/* Takes the element; how much was probed in @probed. */
static Capture *
run (GstElement *src, double rtf, guint64 *probed)
{
  Burner *burner = burner_new (src, rtf);
  Capture *capture = capture_run (src, CAPS);

  if (probed)
    *probed = burner_probed (burner);
  burner_free (burner);

  return capture;
}

static void
assert_whole (const Capture *capture, guint64 n_frames)
{
  guint64 sum = 0;
  guint i;

  for (i = 0; i < capture->buffers->len; i++) {
    fail_unless_equals_uint64 (capture_buffer (capture, i)->offset, sum);
    sum += get_frames (capture, i);
  }
  fail_unless_equals_uint64 (sum, n_frames);
  fail_unless_equals_uint64 (capture_frames (capture), n_frames);
  fail_unless (capture->eos);
}

static const struct {
  double rtf;
  guint64 target_latency, chunk;
} table[] = {
  { 0.01, 1000 * MS, 5000 * MS },
  { 0.139, 100 * MS, 720 * MS },
  { 0.2, 1000 * MS, 5000 * MS },
  { 1, 1000 * MS, 1000 * MS },
  { 5, 1000 * MS, 200 * MS },
  { 50, 1000 * MS, 100 * MS },
};

GST_START_TEST (test_schedule)
{
  guint64 last = RATE / 10, at_most = table[__i__].chunk * RATE / GST_SECOND, goal;
  GstElement *src =
      make_src ("duration", 31 * GST_SECOND, "target-latency", table[__i__].target_latency, NULL);
  Capture *capture = run (src, table[__i__].rtf, NULL);
  guint i;

  assert_whole (capture, 31 * RATE);
  fail_unless_equals_uint64 (get_frames (capture, 0), last);
  goal = get_frames (capture, capture->buffers->len - 2);
  fail_unless (goal <= at_most && goal + 128 >= at_most, "%" G_GUINT64_FORMAT " frames", goal);
  for (i = 1; i < capture->buffers->len - 1; i++) {
    fail_unless_equals_uint64 (get_frames (capture, i), MIN (2 * last, goal));
    last = get_frames (capture, i);
  }
  capture_free (capture);
}
GST_END_TEST

/* Fast: half a second of sound. Slow: a hundredth of the target latency, and what it takes to see that. */
GST_START_TEST (test_probe)
{
  guint64 probed, seed = 11;

  capture_free (run (make_src ("duration", 3 * GST_SECOND, "seed", seed, NULL), 0.001, &probed));
  fail_unless (probed >= RATE / 2 && probed < RATE / 2 + 1024, "%u frames", (guint) probed);
  capture_free (run (
      make_src ("duration", 3 * GST_SECOND, "seed", seed, "note-delta", 1.0, "velocity", 0.5, NULL),
      0.001, &probed));
  fail_unless_equals_uint64 (probed, 0);
}
GST_END_TEST

GST_START_TEST (test_probe_budget)
{
  guint64 probed, seed = 12;

  /* 10 ms: 2400 frames at this speed. */
  capture_free (run (make_src ("duration", 3 * GST_SECOND, "seed", seed, NULL), 0.2, &probed));
  fail_unless_equals_uint64 (probed, 3 * 1024);
}
GST_END_TEST

GST_START_TEST (test_no_probe)
{
  Capture *capture;
  guint64 probed, seed = 15;

  capture = run (
      make_src ("duration", 5 * GST_SECOND, "seed", seed, "measure-rtf", FALSE, NULL), 5, &probed);
  fail_unless_equals_uint64 (probed, 0);
  fail_unless_equals_uint64 (get_frames (capture, 0), RATE / 10);
  fail_unless_equals_uint64 (get_frames (capture, 1), RATE / 5); /* as measured with the first */
  assert_whole (capture, 5 * RATE);
  capture_free (capture);
}
GST_END_TEST

/* The second run of a genome knows how fast it is; one in another format does not. */
GST_START_TEST (test_remembered)
{
  guint64 probed, seed = 13, another = 14;
  Burner *burner;
  GstElement *src;

  capture_free (run (make_src ("duration", 3 * GST_SECOND, "seed", seed, NULL), 0.5, &probed));
  fail_unless (probed > 0);
  capture_free (run (make_src ("duration", 2 * GST_SECOND, "seed", seed, NULL), 0.5, &probed));
  fail_unless_equals_uint64 (probed, 0);
  capture_free (run (make_src ("duration", 2 * GST_SECOND, "seed", another, NULL), 0.5, &probed));
  fail_unless (probed > 0);
  src = make_src ("duration", 2 * GST_SECOND, "seed", seed, NULL);
  burner = burner_new (src, 0.5);
  capture_free (capture_run (src, "audio/x-raw, rate=44100, channels=1"));
  fail_unless (burner_probed (burner) > 0);
  burner_free (burner);
}
GST_END_TEST

GST_START_TEST (test_fixed)
{
  Capture *capture;
  guint64 probed;
  guint i;

  capture = run (make_src ("duration", 2 * GST_SECOND + 1 * MS, "adaptive", FALSE, "chunk-duration",
                     123 * MS, NULL),
      0.01, &probed);
  fail_unless_equals_uint64 (probed, 0);
  assert_whole (capture, 2 * RATE + 48);
  for (i = 0; i < capture->buffers->len - 1; i++)
    fail_unless_equals_uint64 (get_frames (capture, i), 123 * 48);
  fail_unless_equals_uint64 (get_frames (capture, i), (2001 - 16 * 123) * 48);
  capture_free (capture);
}
GST_END_TEST

/* Chunks of 1 s; then ten times slower, then as before. */
GST_START_TEST (test_slow_passage)
{
  GstElement *src = make_src ("duration", 60 * GST_SECOND, NULL);
  Burner *burner = burner_new (src, 1);
  Capture *capture;
  guint i, slow = 0, grown = 0;

  burner_change (burner, 10 * RATE, 10);
  burner_change (burner, 20 * RATE, 1);
  capture = capture_run (src, CAPS);
  burner_free (burner);
  assert_whole (capture, 60 * RATE);
  for (i = 0; i < capture->buffers->len - 1; i++) {
    const BufferRecord *buffer = capture_buffer (capture, i);
    guint64 frames = get_frames (capture, i);

    if (buffer->offset >= 10 * RATE && buffer->offset < 20 * RATE && ++slow > 1)
      fail_unless_equals_uint64 (frames, RATE / 10);
    if (buffer->offset >= 20 * RATE) {
      fail_unless (i == 0 || frames <= 2 * get_frames (capture, i - 1));
      grown += frames >= RATE * 9 / 10;
    }
  }
  fail_unless (slow > 50, "%u slow chunks", slow);
  fail_unless (grown > 10, "%u long chunks again", grown);
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_flushing_seek)
{
  GstElement *src = make_src ("duration", 40 * GST_SECOND, NULL);
  Burner *burner = burner_new (src, 0.01);
  Rig *rig = rig_new (src, CAPS);
  Capture *capture;

  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  fail_unless (get_frames (rig->capture, 6) == 5 * RATE);
  fail_unless (gst_element_seek_simple (
      rig->pipeline, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, 10 * GST_SECOND));
  rig_wait (rig);
  capture = rig_stop (rig);
  rig_free (rig);
  burner_free (burner);
  fail_unless_equals_uint64 (capture_buffer (capture, 0)->offset, 10 * RATE);
  fail_unless_equals_uint64 (get_frames (capture, 0), RATE / 10);
  fail_unless_equals_uint64 (get_frames (capture, 1), RATE / 5);
  capture_free (capture);
}
GST_END_TEST

static Suite *
pacing_suite (void)
{
  Suite *suite = suite_create ("pacing");
  TCase *tests = tcase_create ("chunks");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (tests, test_schedule, 0, G_N_ELEMENTS (table));
  tcase_add_test (tests, test_probe);
  tcase_add_test (tests, test_probe_budget);
  tcase_add_test (tests, test_no_probe);
  tcase_add_test (tests, test_remembered);
  tcase_add_test (tests, test_fixed);
  tcase_add_test (tests, test_slow_passage);
  tcase_add_test (tests, test_flushing_seek);

  return suite;
}

GST_CHECK_MAIN (pacing);
