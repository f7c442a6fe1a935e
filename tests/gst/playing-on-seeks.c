/* kromosrc: seeks, changes and states between one sound and the next
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stepper.h"

#include <glib/gstdio.h>

#define LENGTH 12345
#define DURATION (gst_util_uint64_scale_int_ceil (LENGTH, GST_SECOND, STEPPER_RATE))

static GstElement *
make_short (const char *name)
{
  g_autofree char *path = data_path (name);

  return make_steady ("location", path, "duration", DURATION, NULL);
}

typedef struct {
  guint n_asked;
  const char *next[3]; /* what each of them is told */
} Asked;

static void
on_about_to_finish (GstElement *src, Asked *asked)
{
  const char *next =
      asked->n_asked < G_N_ELEMENTS (asked->next) ? asked->next[asked->n_asked] : NULL;

  asked->n_asked++;
  if (next)
    set_one (src, &(Setting){ "location", next });
}

static Stepper *
make_asked (Asked *asked, guint64 duration)
{
  GstElement *src = make_short ("no-memory.json");

  g_object_set (src, "duration", duration, NULL);
  g_signal_connect (src, "about-to-finish", G_CALLBACK (on_about_to_finish), asked);

  return stepper_new (src, NULL);
}

/* What has been captured, which begins at @start of the timeline, is of the two sounds one after the other. */
static void
assert_both (const Capture *capture, guint64 start, const char *first_name, const char *second_name)
{
  Capture *one = capture_run (make_short (first_name), STEPPER_CAPS);
  Capture *two = capture_run (make_short (second_name), STEPPER_CAPS);
  guint64 i;

  g_byte_array_append (one->data, two->data->data, two->data->len);
  for (i = 0; i < capture->buffers->len; i++)
    fail_unless_equals_uint64 (capture_buffer (capture, i)->offset,
        i == 0 ? start : capture_buffer (capture, i - 1)->offset_end);
  assert_same_bytes (capture, one, start);
  capture_free (one);
  capture_free (two);
}

/* Into the second one exactly; what was before it is gone. */
GST_START_TEST (test_seek_in_next)
{
  static const guint64 targets[] = { LENGTH, LENGTH + 1, LENGTH + 4800, 2 * LENGTH - 1 };
  Asked asked = { .next = { "tone.json" } };
  Stepper *stepper = make_asked (&asked, DURATION);
  GstQuery *query = gst_query_new_seeking (GST_FORMAT_DEFAULT);
  gint64 start;
  guint i;

  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_pull_to (stepper, LENGTH);
  fail_unless (gst_element_query (stepper_src (stepper), query));
  gst_query_parse_seeking (query, NULL, NULL, &start, NULL);
  fail_unless_equals_int64 (start, LENGTH);
  gst_query_unref (query);
  for (i = 0; i < G_N_ELEMENTS (targets); i++) {
    fail_if (stepper_seek (stepper, 1, LENGTH - 1, -1));
    fail_if (stepper_seek (stepper, 1, 0, -1));
    fail_unless (stepper_seek (stepper, 1, (gint64) targets[i], -1));
    stepper_run (stepper);
    fail_unless (stepper_capture (stepper)->eos);
    fail_unless_equals_uint64 (capture_frames (stepper_capture (stepper)), 2 * LENGTH - targets[i]);
    assert_both (stepper_capture (stepper), targets[i], "no-memory.json", "tone.json");
  }
  capture_free (stepper_finish (stepper));
}
GST_END_TEST

/* Backwards it ends where the sound begins. */
GST_START_TEST (test_reverse_in_next)
{
  Asked asked = { .next = { "tone.json" } };
  Stepper *stepper = make_asked (&asked, DURATION);
  Capture *capture;

  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_pull_to (stepper, LENGTH);
  fail_unless (stepper_seek (stepper, -1, 0, LENGTH + 6000));
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  fail_unless_equals_uint64 (capture_frames (capture), 6000);
  fail_unless_equals_uint64 (capture_buffer (capture, capture->buffers->len - 1)->offset, LENGTH);
  capture_free (capture);
}
GST_END_TEST

/* A stop at the end is the end, to the nanosecond; one after it is in what comes next. */
GST_START_TEST (test_stop)
{
  static const gint64 stops[] = { 0, 1, 10000, 30000, 20833 * 100 };
  const gint64 stop =
      stops[__i__] + (gint64) gst_util_uint64_scale_int (LENGTH, GST_SECOND, STEPPER_RATE);
  /* a segment has the frames whose timestamps lie before its stop */
  const guint64 n_more =
      gst_util_uint64_scale_int_ceil ((guint64) stop, STEPPER_RATE, GST_SECOND) - LENGTH;
  Asked asked = { .next = { "tone.json" } };
  Stepper *stepper = make_asked (&asked, DURATION);
  Capture *capture;
  guint i;

  /* before anyone can be asked */
  gst_element_set_state (stepper_src (stepper), GST_STATE_READY);
  fail_unless (gst_element_seek (stepper_src (stepper), 1, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET, stop));
  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  fail_unless (capture->eos);
  for (i = 0; i < capture->buffers->len; i++)
    fail_unless (capture_buffer (capture, i)->size > 0);
  fail_unless_equals_uint64 (capture_frames (capture), LENGTH + n_more);
  fail_unless_equals_int (asked.n_asked, n_more > 0);
  assert_both (capture, 0, "no-memory.json", "tone.json");
  capture_free (capture);
}
GST_END_TEST

/* What was told is kept; who told nothing is asked again. */
GST_START_TEST (test_seek_back)
{
  const gboolean told = __i__;
  Asked asked = { .next = { told ? "tone.json" : NULL, told ? NULL : "tone.json" } };
  Stepper *stepper = make_asked (&asked, SECONDS (3));
  Capture *capture;

  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_pull_to (stepper, 12 * STEPPER_CHUNK);
  fail_unless_equals_int (asked.n_asked, 1);
  fail_unless (stepper_seek (stepper, 1, 0, -1));
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  fail_unless (capture->eos);
  fail_unless_equals_uint64 (capture_frames (capture), 6 * STEPPER_RATE);
  fail_unless_equals_int (asked.n_asked, told ? 2 : 3);
  capture_free (capture);
}
GST_END_TEST

/* A change at the end of one is of what comes next as well. */
GST_START_TEST (test_change)
{
  static const Setting higher = { "note-delta", "7" };
  Asked asked = { .next = { "tone.json" } };
  Stepper *stepper = make_asked (&asked, DURATION);
  GstElement *other = make_short ("tone.json");
  Capture *straight, *capture;
  guint64 frame;
  guint i;

  set_one (other, &higher);
  straight = capture_run (other, STEPPER_CAPS);
  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_settle (stepper);
  if (__i__ == 0) {
    /* once it plays */
    stepper_pull_to (stepper, LENGTH);
    set_one (stepper_src (stepper), &higher);
    frame = stepper_change (stepper);
    fail_unless (stepper_frame (stepper) > LENGTH);
  } else {
    /* in the last chunk of the one before */
    stepper_pull_to (stepper, LENGTH / STEPPER_CHUNK * STEPPER_CHUNK);
    set_one (stepper_src (stepper), &higher);
    stepper_settle (stepper);
    fail_unless (stepper_pull (stepper));
    fail_unless_equals_uint64 (stepper_frame (stepper), LENGTH);
    stepper_settle (stepper);
    fail_unless (stepper_pull (stepper));
    frame = stepper_frame (stepper);
  }
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 2);
  fail_unless_equals_uint64 (capture_frames (capture), 2 * LENGTH);
  for (i = (guint) (frame - LENGTH) + 240 + 2 * QUANTUM + FADE; i < LENGTH; i++)
    fail_unless (capture_samples (capture)[LENGTH + i] == capture_samples (straight)[i],
        "frame %u of the second", i);
  capture_free (straight);
  capture_free (capture);
}
GST_END_TEST

/* ---- while it is made ready ---- */

/* What is made ready for one sound is not for the next: that one changes by itself. */
GST_START_TEST (test_change_for_another)
{
  static const Setting bad[] = { { "location", "not-json.json" }, { "location", "missing.json" } };
  static const Setting higher = { "note-delta", "7" };
  Asked asked = { .next = { "tone.json" } };
  Stepper *stepper = make_asked (&asked, DURATION);
  GstElement *other = make_short ("tone.json");
  Capture *straight, *capture;
  guint64 frame;

  set_one (other, &higher);
  straight = capture_run (other, STEPPER_CAPS);
  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_settle (stepper);
  stepper_hold_warnings (stepper);
  set_one (stepper_src (stepper), &bad[0]);
  stepper_wait_for_warning (stepper);
  set_one (stepper_src (stepper), &higher);
  set_one (stepper_src (stepper), &bad[1]);
  stepper_release_warning (stepper);
  stepper_wait_for_warning (stepper);
  stepper_pull_to (stepper, LENGTH);
  stepper_release_warning (stepper);
  frame = stepper_change (stepper);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 2);
  frame = next_quantum (frame - LENGTH) + 240 + 2 * QUANTUM + FADE;
  fail_unless (memcmp (capture_samples (capture) + LENGTH + frame,
                   capture_samples (straight) + frame, (LENGTH - frame) * sizeof (float))
      == 0);
  capture_free (straight);
  capture_free (capture);
}
GST_END_TEST

/* A day of sound, which takes long to be scanned for its peak. */
static char *
write_endless (void)
{
  g_autofree char *path = data_path ("tone.json"), *text = NULL;
  g_auto (GStrv) parts = NULL;
  g_autofree char *longer = NULL;
  char *name = NULL;
  gint fd = g_file_open_tmp ("kromo-XXXXXX.json", &name, NULL);

  fail_unless (fd >= 0 && g_close (fd, NULL));
  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  parts = g_strsplit (text, "\"duration\": 2.5", 2);
  fail_unless_equals_int (g_strv_length (parts), 2);
  longer = g_strjoinv ("\"duration\": 86400", parts);
  fail_unless (g_file_set_contents (name, longer, -1, NULL));

  return name;
}

/* At the end the stream waits for what comes next; neither a seek nor READY waits for it. */
GST_START_TEST (test_waiting)
{
  g_autofree char *still = data_path ("no-memory.json"), *next = write_endless ();
  GstElement *src = make_steady ("location", still, "use-metadata", TRUE, "next-location", next,
      "note-delta", 0.0, "velocity", 1.0, NULL);
  Stepper *stepper;
  Capture *capture;
  guint i;

  gst_util_set_object_arg (G_OBJECT (src), "normalize", "peak");
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < 3; i++) {
    fail_unless (stepper_seek (stepper, 1, 7 * STEPPER_RATE - 1000, -1));
    capture = stepper_capture (stepper);
    fail_unless_equals_uint64 (capture_frames (capture), 1000);
    stepper_let_go (stepper);
  }
  capture = stepper_finish (stepper);
  fail_if (capture->eos);
  fail_unless_equals_uint64 (capture_frames (capture), 1000);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), 0);
  g_remove (next);
  capture_free (capture);
}
GST_END_TEST

/* Nor does READY wait for a change, which has a minute of sound to scan. */
GST_START_TEST (test_long_change)
{
  static const Setting lower = { "note-delta", "-5" };
  GstElement *src = make_short ("no-memory.json");
  Stepper *stepper;
  Capture *capture;

  g_object_set (src, "duration", SECONDS (60), NULL);
  gst_util_set_object_arg (G_OBJECT (src), "normalize", "peak");
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  set_one (src, &lower);
  fail_unless (stepper_pull (stepper));
  capture = stepper_finish (stepper);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  capture_free (capture);
}
GST_END_TEST

static Suite *
playing_on_seeks_suite (void)
{
  Suite *suite = suite_create ("kromosrc-playing-on-seeks");
  TCase *tcase = tcase_create ("playing-on-seeks");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_seek_in_next);
  tcase_add_test (tcase, test_reverse_in_next);
  tcase_add_loop_test (tcase, test_stop, 0, 5);
  tcase_add_loop_test (tcase, test_seek_back, 0, 2);
  tcase_add_loop_test (tcase, test_change, 0, 2);
  tcase_add_test (tcase, test_change_for_another);
  tcase_add_test (tcase, test_waiting);
  tcase_add_test (tcase, test_long_change);

  return suite;
}

GST_CHECK_MAIN (playing_on_seeks)
