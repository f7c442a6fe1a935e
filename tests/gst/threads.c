/* kromosrc: n-threads changes no sample, and its threads end with the stream
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stepper.h"

#include <string.h>

#define HELPER "kromo-ahead"
#define PATIENCE (60 * G_TIME_SPAN_SECOND)

static const char *const counts[] = { "2", "3", "8", "0" };

/* A genome with much to evaluate. */
static GstElement *
make_heavy (const char *n_threads)
{
  GstElement *src = make_steady ("duration", SECONDS (2), NULL);
  g_autofree char *path = g_build_filename (
      g_getenv ("KROMO_TEST_DATA"), "parity", "genomes", "ev117_m50_pf.json.gz", NULL);

  g_object_set (src, "location", path, NULL);
  gst_util_set_object_arg (G_OBJECT (src), "n-threads", n_threads);

  return src;
}

static guint
get_n_threads (GstElement *src)
{
  GstStructure *stats = NULL;
  guint n = 0;

  g_object_get (src, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint (stats, "n-threads", &n));
  gst_structure_free (stats);

  return n;
}

/* The threads of this process that help; where the system does not tell, as many as there should be. */
static guint
count_helpers (guint expected)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;
  guint n = 0;

  if (!dir)
    return expected;
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename ("/proc/self/task", name, "comm", NULL);
    g_autofree char *text = NULL;

    if (g_file_get_contents (path, &text, NULL, NULL))
      n += g_str_has_prefix (text, HELPER);
  }

  return n;
}

/* A thread takes its name when it begins to run, and the system shows it for a moment after it was joined. */
static void
assert_helpers (guint expected)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;

  while (count_helpers (expected) != expected && g_get_monotonic_time () < deadline)
    g_usleep (1000);
  fail_unless_equals_int (count_helpers (expected), expected);
}

GST_START_TEST (test_same_bytes)
{
  Capture *alone = capture_run (make_heavy ("1"), STEPPER_CAPS);
  Capture *together = capture_run (make_heavy (counts[__i__]), STEPPER_CAPS);

  fail_unless_equals_uint64 (capture_frames (together), 2 * STEPPER_RATE);
  assert_same_frames (together, alone, 0, -1);
  capture_free (together);
  capture_free (alone);
}
GST_END_TEST

/* None before the first chunk has left, and none after PAUSED->READY; the next run has its own. */
GST_START_TEST (test_life)
{
  Stepper *stepper = stepper_new (make_heavy ("3"), NULL);
  guint i;

  for (i = 0; i < 3; i++) {
    if (i > 0)
      stepper_restart (stepper);
    else
      stepper_start (stepper, GST_STATE_PAUSED);
    fail_unless_equals_int (get_n_threads (stepper_src (stepper)), 1);
    assert_helpers (0);
    stepper_start (stepper, GST_STATE_PLAYING);
    fail_unless (stepper_pull (stepper));
    fail_unless_equals_int (get_n_threads (stepper_src (stepper)), 3);
    fail_unless (stepper_pull (stepper));
    assert_helpers (2);
    if (i == 1)
      fail_unless (stepper_seek (stepper, 1.0, STEPPER_RATE, -1));
    fail_unless (stepper_pull (stepper));
  }
  capture_free (stepper_finish (stepper));
  assert_helpers (0);
}
GST_END_TEST

GST_START_TEST (test_none)
{
  Stepper *stepper = stepper_new (make_heavy ("1"), NULL);

  stepper_start (stepper, GST_STATE_PLAYING);
  fail_unless (stepper_pull (stepper));
  fail_unless (stepper_pull (stepper));
  fail_unless_equals_int (get_n_threads (stepper_src (stepper)), 1);
  assert_helpers (0);
  capture_free (stepper_finish (stepper));
}
GST_END_TEST

/* Other notes, and another genome, while it plays; a seek after each. */
static Capture *
run_changes (const char *n_threads)
{
  static const Setting settings[] = {
    { "note-delta", "3" },
    { "velocity", "0.5" },
    { "oversample", "true" },
    { "seed", "7" },
    { "rendering", "standard" },
  };
  Stepper *stepper = stepper_new (make_heavy (n_threads), NULL);
  guint i;

  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < G_N_ELEMENTS (settings); i++) {
    fail_unless (stepper_pull (stepper));
    set_one (stepper_src (stepper), &settings[i]);
    stepper_change (stepper);
    fail_unless (stepper_pull (stepper));
    fail_unless (stepper_seek (stepper, i % 2 ? 1.0 : -1.0, 10000 * i, 90000));
    fail_unless (stepper_pull (stepper));
    fail_unless (stepper_seek (stepper, 1.0, 5000 * i, -1));
  }
  stepper_run (stepper);

  return stepper_finish (stepper);
}

GST_START_TEST (test_changes)
{
  Capture *alone = run_changes ("1"), *together = run_changes (counts[__i__]);

  fail_unless_equals_int (together->data->len, alone->data->len);
  fail_unless (memcmp (together->data->data, alone->data->data, alone->data->len) == 0);
  capture_free (together);
  capture_free (alone);
}
GST_END_TEST

static Suite *
threads_suite (void)
{
  Suite *suite = suite_create ("kromosrc-threads");
  TCase *tcase = tcase_create ("threads");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, test_same_bytes, 0, G_N_ELEMENTS (counts));
  tcase_add_test (tcase, test_life);
  tcase_add_test (tcase, test_none);
  tcase_add_loop_test (tcase, test_changes, 0, G_N_ELEMENTS (counts));

  return suite;
}

GST_CHECK_MAIN (threads)
