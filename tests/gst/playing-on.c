/* kromosrc: one sound after the other, without a gap
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stepper.h"

#include <glib/gstdio.h>

/* Not whole quanta, nor whole chunks. */
#define LENGTH 12345
#define DURATION (gst_util_uint64_scale_int_ceil (LENGTH, GST_SECOND, STEPPER_RATE))

static GstElement *
make_short (void)
{
  g_autofree char *path = data_path ("no-memory.json");

  return make_steady ("location", path, "duration", DURATION, NULL);
}

static Capture *
run_short (const Setting *setting)
{
  GstElement *src = make_short ();

  set_one (src, setting);

  return capture_run (src, STEPPER_CAPS);
}

/* Frames from @from on are those of a straight run from @start to its end, or the capture's. */
static void
assert_part (const Capture *capture, guint64 from, const Capture *straight, guint64 start)
{
  guint64 n = MIN (capture_frames (capture) - from, capture_frames (straight) - start);
  const guint8 *a = capture->data->data, *b = straight->data->data;
  const gsize bpf = capture->info.bpf;

  fail_unless (capture_frames (capture) > from && capture_frames (straight) > start);
  fail_unless (memcmp (a + from * bpf, b + start * bpf, n * bpf) == 0,
      "other frames from %" G_GUINT64_FORMAT " on", from);
}

/* ---- the signal ---- */

typedef struct {
  const Setting *settings; /* what comes next, each time */
  guint n_settings;
  guint n_asked;
  GThread *thread;
  Rig *rig;
  Capture *capture;
  guint64 frames; /* that had come when it was last emitted */
  guint n_notified;
} Asked;

static void
on_about_to_finish (GstElement *src, Asked *asked)
{
  if (asked->n_asked < asked->n_settings)
    set_one (src, &asked->settings[asked->n_asked]);
  asked->n_asked++;
  asked->thread = g_thread_self ();
  if (asked->capture && asked->capture->info.bpf)
    asked->frames = capture_frames (asked->capture);
}

static void
on_notify (GObject *src, GParamSpec *pspec, Asked *asked)
{
  asked->n_notified++;
}

static void
ask (GstElement *src, Asked *asked, const char *notify)
{
  g_signal_connect (src, "about-to-finish", G_CALLBACK (on_about_to_finish), asked);
  if (notify)
    g_signal_connect (src, notify, G_CALLBACK (on_notify), asked);
}

static gboolean
has_duration (Stepper *stepper)
{
  gint64 duration;

  return gst_element_query_duration (stepper_src (stepper), GST_FORMAT_TIME, &duration)
      && duration != -1;
}

static GstPadProbeReturn
on_stream_thread (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  *(GThread **) user_data = g_thread_self ();

  return GST_PAD_PROBE_REMOVE;
}

/* Once, two seconds before the end, in the streaming thread; who says nothing gets the end. */
GST_START_TEST (test_signal)
{
  GstElement *src = make_short ();
  GstPad *pad = gst_element_get_static_pad (src, "src");
  Asked asked = { .n_asked = 0 };
  Capture *capture, *straight;
  GThread *thread = NULL;
  Stepper *stepper;

  g_object_set (src, "duration", SECONDS (5), NULL);
  ask (src, &asked, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_stream_thread, &thread, NULL);
  gst_object_unref (pad);
  stepper = stepper_new (src, NULL);
  asked.capture = stepper_capture (stepper);
  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_run (stepper);
  fail_unless (has_duration (stepper));
  capture = stepper_finish (stepper);
  fail_unless_equals_int (asked.n_asked, 1);
  fail_unless (asked.thread == thread);
  fail_unless (
      asked.frames <= 3 * STEPPER_RATE && asked.frames + 2 * STEPPER_CHUNK >= 3 * STEPPER_RATE,
      "asked after %" G_GUINT64_FORMAT " frames", asked.frames);
  assert_runs_on (capture, 0, 1);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_DURATION_CHANGED), 0);
  src = make_short ();
  g_object_set (src, "duration", SECONDS (5), NULL);
  straight = capture_run (src, STEPPER_CAPS);
  assert_same_frames (capture, straight, 0, -1);
  capture_free (straight);
  capture_free (capture);
}
GST_END_TEST

static const Setting nexts[] = {
  { "location", "tone.json" },
  { "seed", "5" },
  { "genome-id", "any" },
  { "next-location", "tone.json" },
};

/* Index of the last event that comes before the buffer that begins at a frame. */
static GstEvent *
get_event_before (const Capture *capture, guint64 frame)
{
  guint i;

  for (i = 0; i < capture->buffers->len; i++) {
    const BufferRecord *buffer = capture_buffer (capture, i);

    if (buffer->offset == frame)
      return g_ptr_array_index (capture->events, buffer->events_before - 1);
  }
  fail ("no buffer begins at %" G_GUINT64_FORMAT, frame);

  return NULL;
}

/* At the exact last frame. */
GST_START_TEST (test_next)
{
  const Setting *next = &nexts[__i__], *sounds = __i__ == 3 ? &nexts[0] : next;
  const gboolean by_property = __i__ == 3;
  Asked asked = { .settings = next, .n_settings = by_property ? 0 : 1 };
  GstElement *src = make_short ();
  Stepper *stepper = stepper_new (src, NULL);
  Capture *before = capture_run (make_short (), STEPPER_CAPS), *after = run_short (sounds),
          *capture;
  char *location;
  guint64 seed;

  ask (src, &asked, by_property ? "notify::next-location" : "notify::location");
  if (by_property)
    set_one (src, next);
  asked.n_notified = 0;
  stepper_start (stepper, GST_STATE_PLAYING);
  fail_if (has_duration (stepper));
  stepper_pull_to (stepper, LENGTH);
  fail_unless_equals_uint64 (stepper_frame (stepper), LENGTH);
  fail_if (has_duration (stepper));
  g_object_get (src, "next-location", &location, NULL);
  fail_unless (location == NULL);
  g_object_get (src, "location", &location, "seed", &seed, NULL);
  fail_unless (__i__ == 1 ? location == NULL && seed == 5 : location != NULL && seed == 0);
  if (by_property)
    fail_unless (g_str_has_suffix (location, next->value));
  g_free (location);
  stepper_run (stepper);
  fail_unless_equals_uint64 (stepper_count_changes (stepper), 0);
  capture = stepper_finish (stepper);

  fail_unless_equals_int (asked.n_asked, 2);
  fail_unless (asked.n_notified >= 1);
  assert_runs_on (capture, 0, 2);
  fail_unless (capture->eos);
  fail_unless_equals_uint64 (capture_frames (capture), 2 * LENGTH);
  fail_unless_equals_int (GST_EVENT_TYPE (get_event_before (capture, LENGTH)), GST_EVENT_TAG);
  fail_unless (capture_count (capture, GST_MESSAGE_DURATION_CHANGED) >= 1);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), 0);
  assert_part (capture, 0, before, 0);
  assert_part (capture, LENGTH, after, 0);
  capture_free (before);
  capture_free (after);
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_many)
{
  static const Setting settings[20] = {
    { "seed", "1" },
    { "seed", "2" },
    { "location", "tone.json" },
    { "seed", "3" },
    { "location", "no-memory.json" },
    { "seed", "2" },
    { "seed", "1" },
    { "seed", "4" },
    { "location", "tone.json" },
    { "location", "tone.json" },
    { "seed", "1" },
    { "seed", "2" },
    { "seed", "5" },
    { "seed", "6" },
    { "seed", "7" },
    { "seed", "8" },
    { "location", "no-memory.json" },
    { "location", "tone.json" },
    { "seed", "9" },
    { "seed", "1" },
  };
  Asked asked = { .settings = settings, .n_settings = 20 };
  GstElement *src = make_short ();
  Capture *capture, *straight;
  guint i;

  ask (src, &asked, NULL);
  capture = capture_run (src, STEPPER_CAPS);
  fail_unless_equals_int (asked.n_asked, 21);
  assert_runs_on (capture, 0, 21);
  fail_unless_equals_uint64 (capture_frames (capture), 21 * LENGTH);
  for (i = 0; i < 20; i++) {
    straight = run_short (&settings[i]);
    assert_part (capture, (i + 1) * LENGTH, straight, 0);
    capture_free (straight);
  }
  capture_free (capture);
}
GST_END_TEST

/* ---- when nobody is asked ---- */

GST_START_TEST (test_not_asked)
{
  Asked asked = { .settings = nexts, .n_settings = 1 };
  GstElement *src = make_short ();
  Stepper *stepper;
  guint i;

  ask (src, &asked, NULL);
  g_object_set (src, "duration", SECONDS (4), "loops", __i__ == 2 ? -1 : 1, NULL);
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  if (__i__ == 0)
    fail_unless (gst_element_seek (src, 1, GST_FORMAT_TIME,
        GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_SEGMENT, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, -1));
  else if (__i__ == 1)
    fail_unless (stepper_seek (stepper, -1, 0, 4 * STEPPER_RATE));
  else if (__i__ == 3)
    fail_unless (stepper_seek (stepper, 1, 0, 4 * STEPPER_RATE - 1));
  if (__i__ == 2)
    for (i = 0; i < 100; i++)
      fail_unless (stepper_pull (stepper));
  else
    stepper_run (stepper);
  fail_unless_equals_int (asked.n_asked, 0);
  capture_free (stepper_finish (stepper));
}
GST_END_TEST

/* In the last pass alone. */
GST_START_TEST (test_loops)
{
  Asked asked = { .settings = nexts, .n_settings = 1 };
  GstElement *src = make_short ();
  Stepper *stepper;
  Capture *capture, *straight;

  ask (src, &asked, NULL);
  g_object_set (src, "duration", SECONDS (3), "loops", 3, NULL);
  stepper = stepper_new (src, NULL);
  stepper_start (stepper, GST_STATE_PLAYING);
  stepper_pull_to (stepper, 65 * STEPPER_CHUNK);
  fail_unless_equals_int (asked.n_asked, 0);
  stepper_pull_to (stepper, 71 * STEPPER_CHUNK);
  fail_unless_equals_int (asked.n_asked, 1);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  fail_unless_equals_int (asked.n_asked, 2);
  assert_runs_on (capture, 0, 2);
  fail_unless_equals_uint64 (capture_frames (capture), 18 * STEPPER_RATE);
  src = make_short ();
  g_object_set (src, "duration", SECONDS (3), NULL);
  set_one (src, &nexts[0]);
  straight = capture_run (src, STEPPER_CAPS);
  assert_part (capture, 9 * STEPPER_RATE, straight, 0);
  assert_part (capture, 12 * STEPPER_RATE, straight, 0);
  assert_part (capture, 15 * STEPPER_RATE, straight, 0);
  capture_free (straight);
  capture_free (capture);
}
GST_END_TEST

/* ---- what comes next cannot be ---- */

GST_START_TEST (test_failure)
{
  static const Setting bad[] = {
    { "next-location", "no-such-file.json" },
    { "location", "not-json.json" },
    { "genome", "[" },
  };
  const Setting *next = &bad[__i__];
  Asked asked = { .settings = next, .n_settings = 1 };
  Capture *straight = capture_run (make_short (), STEPPER_CAPS), *capture;
  GstElement *src = make_short ();
  Rig *rig;
  gint64 duration = -1;

  ask (src, &asked, NULL);
  rig = rig_new (src, STEPPER_CAPS);
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  /* What plays is the last one after all. */
  fail_unless (gst_element_query_duration (src, GST_FORMAT_DEFAULT, &duration));
  fail_unless_equals_int64 (duration, LENGTH);
  capture = rig_stop (rig);
  rig_free (rig);
  fail_unless (capture->eos);
  assert_runs_on (capture, 0, 1);
  fail_unless_equals_uint64 (capture_frames (capture), LENGTH);
  assert_same_frames (capture, straight, 0, -1);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), 1);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  capture_free (straight);
  capture_free (capture);
}
GST_END_TEST

/* ---- length and note ---- */

GST_START_TEST (test_metadata)
{
  g_autofree char *still = data_path ("no-memory.json"), *tone = data_path ("tone.json");
  GstElement *src =
      make_steady ("location", still, "use-metadata", TRUE, "next-location", tone, NULL);
  Capture *capture = capture_run (src, STEPPER_CAPS), *straight;
  const guint64 length = 7 * STEPPER_RATE;

  assert_runs_on (capture, 0, 2);
  fail_unless_equals_uint64 (capture_frames (capture), length + 5 * STEPPER_RATE / 2);
  src = make_steady ("location", tone, "use-metadata", TRUE, NULL);
  straight = capture_run (src, STEPPER_CAPS);
  assert_part (capture, length, straight, 0);
  capture_free (straight);
  src = make_steady ("location", still, "use-metadata", TRUE, NULL);
  straight = capture_run (src, STEPPER_CAPS);
  assert_part (capture, 0, straight, 0);
  capture_free (straight);
  capture_free (capture);
}
GST_END_TEST

/* Which are read in READY, for what comes next as well. */
GST_START_TEST (test_length)
{
  g_autofree char *next = data_path (nexts[0].value);
  GstElement *src = make_short ();
  Stepper *stepper = stepper_new (src, NULL);
  Capture *after = run_short (&nexts[0]), *capture;

  stepper_start (stepper, GST_STATE_PLAYING);
  g_object_set (src, "duration", SECONDS (1), "reverse", TRUE, "next-location", next, NULL);
  stepper_run (stepper);
  capture = stepper_finish (stepper);
  assert_runs_on (capture, 0, 2);
  fail_unless_equals_uint64 (capture_frames (capture), 2 * LENGTH);
  assert_part (capture, LENGTH, after, 0);
  capture_free (after);
  capture_free (capture);
}
GST_END_TEST

static Suite *
playing_on_suite (void)
{
  Suite *suite = suite_create ("kromosrc-playing-on");
  TCase *tcase = tcase_create ("playing-on");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_signal);
  tcase_add_loop_test (tcase, test_next, 0, G_N_ELEMENTS (nexts));
  tcase_add_test (tcase, test_many);
  tcase_add_loop_test (tcase, test_not_asked, 0, 4);
  tcase_add_test (tcase, test_loops);
  tcase_add_loop_test (tcase, test_failure, 0, 3);
  tcase_add_test (tcase, test_metadata);
  tcase_add_test (tcase, test_length);

  return suite;
}

GST_CHECK_MAIN (playing_on)
