/* kromosrc: changes while it plays, along with everything else that may happen
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stepper.h"

#include <glib/gstdio.h>
#include <math.h>

#define FRAMES (2 * STEPPER_RATE)

static char *
read_data (const char *name)
{
  g_autofree char *path = data_path (name);
  char *text;

  fail_unless (g_file_get_contents (path, &text, NULL, NULL));

  return text;
}

/* ---- what fails ---- */

static void
assert_warning (const Capture *capture, guint i, GQuark domain, gint code)
{
  GstMessage *message = capture_message (capture, GST_MESSAGE_WARNING, i);
  GError *error = NULL;

  fail_unless (message != NULL);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (error->domain == domain && error->code == code, "%s", error->message);
  fail_unless (strstr (error->message, "what plays goes on") != NULL, "%s", error->message);
  g_error_free (error);
}

/* The old one plays on, bit by bit; what can change still does. */
GST_START_TEST (test_failures)
{
  static const Setting bad[] = {
    { "location", "no-such-file.json" },
    { "location", "not-json.json" },
    { "location", "unknown-function.json" },
    { "genome", "{ \"waveNetwork\": 7 }" },
  };
  static const Setting higher = { "note-delta", "7" }, good = { "location", "tone.json" };
  Capture *old = capture_run (make_still ("none"), STEPPER_CAPS), *now, *tone, *capture;
  Stepper *stepper = stepper_new (make_still ("none"), NULL);
  GstElement *src = make_still ("none");
  guint64 frame;
  guint i;

  set_one (src, &higher);
  now = capture_run (src, STEPPER_CAPS);
  src = make_still ("none");
  set_one (src, &higher);
  set_one (src, &good);
  tone = capture_run (src, STEPPER_CAPS);

  src = stepper_src (stepper);
  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < G_N_ELEMENTS (bad); i++) {
    set_one (src, &bad[i]);
    stepper_settle (stepper);
    fail_unless (stepper_pull (stepper));
    fail_unless_equals_uint64 (stepper_count_changes (stepper), 0);
    fail_unless_equals_int (capture_count (stepper_capture (stepper), GST_MESSAGE_WARNING), i + 1);
  }
  capture = stepper_capture (stepper);
  assert_warning (capture, 0, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND);
  for (i = 1; i < G_N_ELEMENTS (bad); i++)
    assert_warning (capture, i, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE);

  set_one (src, &higher);
  frame = stepper_change (stepper);
  assert_same_frames (capture, old, 0, frame);
  stepper_pull_to (stepper, 8 * STEPPER_CHUNK);
  assert_same_frames (capture, now, next_quantum (frame) + FADE, (gint64) capture_frames (capture));
  set_one (src, &good);
  frame = stepper_change (stepper);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 2);
  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), G_N_ELEMENTS (bad));
  assert_same_frames (capture, tone, next_quantum (frame) + FADE, -1);
  capture_free (capture);
  capture_free (old);
  capture_free (now);
  capture_free (tone);
}
GST_END_TEST

GST_START_TEST (test_seek_after_failure)
{
  static const Setting bad = { "location", "no-such-file.json" };
  Capture *straight = capture_run (make_still ("limit"), STEPPER_CAPS), *capture;
  Stepper *stepper = stepper_new (make_still ("limit"), NULL);

  stepper_start (stepper, GST_STATE_PLAYING);
  set_one (stepper_src (stepper), &bad);
  fail_unless (stepper_seek (stepper, 1, 1234, -1));
  stepper_run (stepper);
  fail_unless_equals_uint64 (stepper_count_changes (stepper), 0);
  capture = stepper_finish (stepper);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), 1);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  assert_same_bytes (capture, straight, 1234);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* ---- where the genome comes from ---- */

/* The last one set wins, while it plays as before. */
GST_START_TEST (test_last_wins)
{
  g_autofree char *tone = data_path ("tone.json"), *text = read_data ("tone.json");
  Stepper *stepper = stepper_new (make_still ("none"), NULL);
  GstElement *src = stepper_src (stepper);
  char *location, *genome;
  Capture *capture;
  guint64 seed;
  guint i;

  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < 6; i++) {
    if (i % 3 == 0)
      g_object_set (src, "seed", (guint64) 5 + i, NULL);
    else if (i % 3 == 1)
      g_object_set (src, "genome", text, NULL);
    else
      g_object_set (src, "location", tone, NULL);
    stepper_change (stepper);
    g_object_get (src, "location", &location, "genome", &genome, "seed", &seed, NULL);
    fail_unless_equals_uint64 (seed, i % 3 == 0 ? 5 + i : 0);
    fail_unless_equals_string (genome, i % 3 == 1 ? text : NULL);
    fail_unless_equals_string (location, i % 3 == 2 ? tone : NULL);
    g_free (location);
    g_free (genome);
  }
  /* none at all: the built-in one */
  g_object_set (src, "location", NULL, NULL);
  stepper_change (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 8);
  capture_free (capture);
}
GST_END_TEST

/* An editor writes the file again, and the same name is set again. */
GST_START_TEST (test_reload)
{
  g_autofree char *path = NULL, *one = read_data ("no-memory.json"), *two = read_data ("tone.json");
  g_autofree char *name = data_path ("tone.json");
  GstElement *src = make_still ("none");
  Capture *straight, *capture;
  Stepper *stepper;
  guint64 frame;
  gint fd;

  g_object_set (src, "location", name, NULL);
  straight = capture_run (src, STEPPER_CAPS);

  fd = g_file_open_tmp ("kromo-XXXXXX.json", &path, NULL);
  fail_unless (fd >= 0 && g_close (fd, NULL));
  fail_unless (g_file_set_contents (path, one, -1, NULL));
  src = make_still ("none");
  g_object_set (src, "location", path, NULL);
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  fail_unless (g_file_set_contents (path, two, -1, NULL));
  fail_unless (stepper_pull (stepper));
  fail_unless_equals_uint64 (stepper_count_changes (stepper), 0);
  g_object_set (src, "location", path, NULL);
  frame = stepper_change (stepper);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 2);
  assert_same_frames (capture, straight, next_quantum (frame) + FADE, -1);
  g_remove (path);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* Though the process knows that it is the same genome, it is loaded and starts anew. */
GST_START_TEST (test_reload_same)
{
  g_autofree char *name = data_path ("tone.json");
  GstElement *src = make_still ("none");
  Stepper *stepper;

  g_object_set (src, "location", name, NULL);
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  fail_unless (stepper_pull (stepper));
  g_object_set (src, "location", name, NULL);
  stepper_change (stepper);
  fail_unless_equals_uint64 (stepper_count_changes (stepper), 1);
  stepper_run (stepper);
  capture_free (stepper_finish (stepper));
}
GST_END_TEST

/* What the new genome says of its note counts where the user has said nothing; the length stays. */
GST_START_TEST (test_metadata)
{
  g_autofree char *tone = data_path ("tone.json"), *still = data_path ("no-memory.json");
  const gboolean says = __i__;
  GstElement *src = make_steady ("location", still, "use-metadata", TRUE, "normalize", 0, NULL);
  Capture *straight, *capture;
  Stepper *stepper;
  guint64 frame;

  if (says)
    g_object_set (src, "note-delta", 2.0, NULL);
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  g_object_set (src, "location", tone, NULL);
  frame = stepper_change (stepper);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 2);
  fail_unless_equals_uint64 (capture_frames (capture), 7 * STEPPER_RATE);

  src = make_steady ("location", tone, "normalize", 0, "duration", SECONDS (7), "note-delta",
      says ? 2.0 : -3.0, "velocity", 0.5, NULL);
  straight = capture_run (src, STEPPER_CAPS);
  assert_same_frames (capture, straight, next_quantum (frame) + FADE, -1);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* ---- seeks ---- */

/* With feedback, filters, a convolver, noise: things that remember. */
static const char *const remembering[] = { NULL, "t61_cycle_delay", "t20_convolver",
  "t10_biquad_lowpass", "ev103_m5_nz" };

static GstElement *
make_remembering (guint i)
{
  GstElement *src = make_steady ("duration", SECONDS (2), NULL);

  if (remembering[i]) {
    g_autofree char *name = g_strconcat (remembering[i], ".json.gz", NULL);
    g_autofree char *path =
        g_build_filename (g_getenv ("KROMO_TEST_DATA"), "parity", "genomes", name, NULL);

    g_object_set (src, "location", path, NULL);
  }

  return src;
}

/* A note that is next to the same lets the nodes go on: what comes is next to the same. At rest they would
 * take long to get there. */
GST_START_TEST (test_states)
{
  GstElement *src = make_remembering (1 + 2 * __i__), *other = make_remembering (1 + 2 * __i__);
  Capture *straight, *capture;
  Stepper *stepper;
  guint64 frame, i;
  double peak = 0, difference = 0;

  g_object_set (src, "normalize", 0, NULL);
  g_object_set (other, "normalize", 0, NULL);
  straight = capture_run (other, STEPPER_CAPS);
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_pull_to (stepper, 8 * STEPPER_CHUNK);
  g_object_set (src, "tuning-ratio", 1 + 1e-9, NULL);
  frame = next_quantum (stepper_change (stepper)) + FADE;
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  for (i = frame; i < FRAMES; i++) {
    peak = fmax (peak, fabsf (capture_samples (straight)[i]));
    difference = fmax (
        difference, fabs ((double) capture_samples (straight)[i] - capture_samples (capture)[i]));
  }
  fail_unless (peak > 0 && difference < 1e-3 * peak, "%g of %g", difference, peak);
  capture_free (straight);
  capture_free (capture);
}
GST_END_TEST

static const Setting changes[] = {
  { "note-delta", "-5" },
  { "velocity", "0.6" },
  { "rendering", "standard" },
  { "oversample", "true" },
  { "seed", "11" },
};

/* To the content of a straight run with what is set, whether the change had been made or was to come. */
GST_START_TEST (test_seek)
{
  GstElement *src = make_remembering (__i__);
  Stepper *stepper = stepper_new (src, NULL);
  guint i;

  stepper_start (stepper, GST_STATE_PLAYING);
  for (i = 0; i < G_N_ELEMENTS (changes); i++) {
    const guint64 target = i * 7919;
    GstElement *other = make_remembering (__i__);
    Capture *straight;
    guint k;

    set_one (src, &changes[i]);
    if (i % 2) {
      stepper_change (stepper);
      fail_unless (stepper_pull (stepper));
    }
    fail_unless (stepper_seek (stepper, 1, (gint64) target, -1));
    for (k = 0; k < 3; k++)
      fail_unless (stepper_pull (stepper));
    fail_unless_equals_uint64 (stepper_count_changes (stepper), i + 1);

    for (k = 0; k <= i; k++)
      set_one (other, &changes[k]);
    straight = capture_run (other, STEPPER_CAPS);
    assert_same_bytes (stepper_capture (stepper), straight, target);
    capture_free (straight);
  }
  capture_free (stepper_finish (stepper));
}
GST_END_TEST

/* Backwards there is nothing to fade from: each chunk is the one thing or the other. */
GST_START_TEST (test_reverse)
{
  static const Setting higher = { "note-delta", "7" }, tone = { "location", "tone.json" };
  GstElement *src = make_still ("limit");
  Stepper *stepper = stepper_new (src, NULL);
  Capture *straight[3], *capture;
  guint64 first_change, second_change, end = FRAMES;
  const guint8 *data;
  guint i;

  straight[0] = capture_run (make_still ("limit"), STEPPER_CAPS);
  src = make_still ("limit");
  set_one (src, &higher);
  straight[1] = capture_run (src, STEPPER_CAPS);
  src = make_still ("limit");
  set_one (src, &higher);
  set_one (src, &tone);
  straight[2] = capture_run (src, STEPPER_CAPS);

  src = stepper_src (stepper);
  stepper_start (stepper, GST_STATE_PLAYING);
  fail_unless (stepper_pull (stepper)); /* tags are known to have left */
  fail_unless (stepper_seek (stepper, -1, 0, FRAMES));
  fail_unless (stepper_pull (stepper));
  set_one (src, &higher);
  first_change = stepper_change (stepper);
  fail_unless (stepper_pull (stepper));
  set_one (src, &tone);
  second_change = stepper_change (stepper);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);
  fail_unless_equals_int (capture_count_events (capture, GST_EVENT_TAG), 2);
  for (i = 0, data = capture->data->data; i < capture->buffers->len; i++) {
    const BufferRecord *buffer = capture_buffer (capture, i);
    const Capture *expected =
        straight[(buffer->offset <= first_change) + (buffer->offset <= second_change)];

    fail_unless_equals_uint64 (buffer->offset_end, end);
    fail_unless (memcmp (data, expected->data->data + buffer->offset * 4, buffer->size) == 0,
        "frame %" G_GUINT64_FORMAT, buffer->offset);
    data += buffer->size;
    end = buffer->offset;
  }
  for (i = 0; i < 3; i++)
    capture_free (straight[i]);
  capture_free (capture);
}
GST_END_TEST

static Suite *
changes_along_suite (void)
{
  Suite *suite = suite_create ("kromosrc-changes-along");
  TCase *tcase = tcase_create ("changes-along");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_failures);
  tcase_add_test (tcase, test_seek_after_failure);
  tcase_add_test (tcase, test_last_wins);
  tcase_add_test (tcase, test_reload);
  tcase_add_test (tcase, test_reload_same);
  tcase_add_loop_test (tcase, test_metadata, 0, 2);
  tcase_add_loop_test (tcase, test_states, 0, 2);
  tcase_add_loop_test (tcase, test_seek, 0, G_N_ELEMENTS (remembering));
  tcase_add_test (tcase, test_reverse);

  return suite;
}

GST_CHECK_MAIN (changes_along)
