/* kromosrc: seeks anywhere, in either direction, give the bytes of the straight run
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * KROMO_SEEKS says how many each of the twenty sounds gets (25).
 */

#include "common.h"

#include <string.h>

#define CAPS "audio/x-raw, rate=48000, channels=1, format=" GST_AUDIO_NE (F32)
#define RATE 48000
#define DURATION (1500 * GST_MSECOND)

/* With the five seeds, twenty. */
static const char *const genomes[] = { "ev016_m28", "ev023_m60", "ev103_m5_nz", "ev117_m50_pf",
  "t10_biquad_lowpass", "t20_convolver", "t21_waveshaper", "t22_compressor", "t25_delay_frac",
  "t36_fm", "t40_wavetable3", "t42_additive3", "t53_buffer_playbackRate_curve", "t61_cycle_delay",
  "t90_percppn" };
#define N_SEEDS 5
#define N_GENOMES (G_N_ELEMENTS (genomes) + N_SEEDS)

static GstElement *
make_genome (guint i)
{
  GstElement *src = make_src ("duration", DURATION, NULL);
  g_autofree char *name = NULL, *path = NULL;

  if (i >= G_N_ELEMENTS (genomes)) {
    g_object_set (src, "seed", (guint64) (i - G_N_ELEMENTS (genomes) + 1), NULL);
    return src;
  }
  name = g_strdup_printf ("%s.json.gz", genomes[i]);
  path = g_build_filename (g_getenv ("KROMO_TEST_DATA"), "parity", "genomes", name, NULL);
  g_object_set (src, "location", path, NULL);

  return src;
}

typedef struct {
  const GByteArray *straight;
  gsize bpf;
  gint n_buffers, n_frames; /* since the last flush; atomic */
  gint n_wrong;             /* atomic */
} Check;

/* @start: in the straight run, which may end and begin again within the data. */
static gboolean
is_same (const GByteArray *straight, gsize start, const guint8 *data, gsize size)
{
  while (size > 0) {
    gsize n = MIN (size, straight->len - start);

    if (memcmp (data, straight->data + start, n) != 0)
      return FALSE;
    data += n;
    size -= n;
    start = 0;
  }

  return TRUE;
}

/* Every buffer, whatever seek it comes from. */
static GstPadProbeReturn
check_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Check *check = user_data;
  GstBuffer *buffer;
  GstMapInfo map;
  gsize start;

  if (!GST_IS_BUFFER (info->data)) {
    if (GST_EVENT_TYPE (info->data) == GST_EVENT_FLUSH_STOP)
      g_atomic_int_set (&check->n_frames, 0);
    return GST_PAD_PROBE_OK;
  }
  buffer = GST_BUFFER (info->data);
  start = (GST_BUFFER_OFFSET (buffer) * check->bpf) % check->straight->len;
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  if (map.size == 0 || !is_same (check->straight, start, map.data, map.size))
    g_atomic_int_inc (&check->n_wrong);
  g_atomic_int_inc (&check->n_buffers);
  g_atomic_int_add (&check->n_frames, (gint) (map.size / check->bpf));
  gst_buffer_unmap (buffer, &map);

  return GST_PAD_PROBE_OK;
}

static void
watch (Rig *rig, Check *check)
{
  GstPad *pad = gst_element_get_static_pad (rig->sink, "sink");

  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
          | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      check_buffer, check, NULL);
  gst_object_unref (pad);
}

/* Until this very seek has been played; those before it may have left messages of theirs. */
static void
wait_for (Rig *rig, guint32 seqnum)
{
  const GstMessageType ends = GST_MESSAGE_EOS | GST_MESSAGE_SEGMENT_DONE | GST_MESSAGE_ERROR;
  GstBus *bus = gst_element_get_bus (rig->pipeline);
  gboolean done = FALSE;

  while (!done) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE, ends);

    fail_if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR);
    done = gst_message_get_seqnum (message) == seqnum;
    gst_message_unref (message);
  }
  gst_object_unref (bus);
}

/* Seeks; returns how many frames that plays, and the seek's number. */
static gint
seek (Rig *rig, GRand *rand, guint64 n_frames, GstSeekFlags flags, guint32 *seqnum)
{
  gint a = g_rand_int_range (rand, 0, (gint) n_frames + 1);
  gint b = g_rand_int_range (rand, 0, (gint) n_frames + 1);
  gint start = MIN (a, b), stop = MAX (a, b);
  gdouble rate = g_rand_boolean (rand) ? 1 : -1;
  GstEvent *event;

  if (g_rand_boolean (rand) && rate > 0)
    stop = (gint) n_frames;
  if (start == stop) {
    start = 0;
    stop = (gint) n_frames;
  }
  event = gst_event_new_seek (rate, GST_FORMAT_TIME, flags, GST_SEEK_TYPE_SET,
      gst_util_uint64_scale_int (start, GST_SECOND, RATE), GST_SEEK_TYPE_SET,
      gst_util_uint64_scale_int (stop, GST_SECOND, RATE));
  *seqnum = gst_event_get_seqnum (event);
  fail_unless (gst_element_send_event (rig->pipeline, event));

  return stop - start;
}

static void
run (GstElement *straight_src, GstElement *src, guint64 n_frames, guint32 seed)
{
  Capture *straight = capture_run (straight_src, CAPS);
  Rig *rig = rig_new (src, CAPS);
  Check check = { straight->data, sizeof (float) };
  GRand *rand = g_rand_new_with_seed (seed);
  const char *seeks = g_getenv ("KROMO_SEEKS");
  const guint n_seeks = seeks ? (guint) g_ascii_strtoull (seeks, NULL, 10) : 25;
  gboolean is_segment = FALSE;
  guint32 seqnum;
  guint i;
  gint n_patient = 0;

  fail_unless (n_seeks > 0);
  watch (rig, &check);
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  for (i = 0; i < n_seeks; i++) {
    /* A sink that had its EOS takes nothing but a flush. */
    gboolean flush = !is_segment || g_rand_int_range (rand, 0, 3) > 0;
    gboolean patient = i == n_seeks - 1 || g_rand_boolean (rand);
    GstSeekFlags flags = GST_SEEK_FLAG_ACCURATE | (flush ? GST_SEEK_FLAG_FLUSH : 0);
    gint frames;

    /* Without a flush the seek waits for the sink, which must not wait for the pipeline then. */
    if (!flush)
      gst_element_get_state (rig->pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
    is_segment = g_rand_boolean (rand);
    flags |= is_segment ? GST_SEEK_FLAG_SEGMENT : 0;
    frames = seek (rig, rand, n_frames, flags, &seqnum);

    if (!patient)
      continue;
    n_patient++;
    wait_for (rig, seqnum);
    if (flush)
      fail_unless_equals_int (g_atomic_int_get (&check.n_frames), frames);
  }
  fail_unless_equals_int (g_atomic_int_get (&check.n_wrong), 0);
  fail_unless (g_atomic_int_get (&check.n_buffers) >= n_patient);
  capture_free (rig_stop (rig));
  rig_free (rig);
  capture_free (straight);
  g_rand_free (rand);
}

/* 500 seeks in all. */
GST_START_TEST (test_random_seeks)
{
  run (make_genome (__i__), make_genome (__i__), RATE * 3 / 2, 1000 + __i__);
}
GST_END_TEST

static GstElement *
with (GstElement *src, const char *name, const char *value)
{
  gst_util_set_object_arg (G_OBJECT (src), name, value);

  return src;
}

/* Over the ends of passes. */
GST_START_TEST (test_random_seeks_in_loops)
{
  run (make_genome (__i__), with (make_genome (__i__), "loops", "3"), RATE * 9 / 2, __i__);
}
GST_END_TEST

GST_START_TEST (test_random_seeks_without_checkpoints)
{
  run (make_genome (__i__), with (make_genome (__i__), "checkpoint-memory", "0"), RATE * 3 / 2,
      2000 + __i__);
}
GST_END_TEST

GST_START_TEST (test_random_seeks_with_threads)
{
  run (make_genome (__i__), with (make_genome (__i__), "n-threads", __i__ % 2 ? "3" : "8"),
      RATE * 3 / 2, 3000 + __i__);
}
GST_END_TEST

static Suite *
random_seek_suite (void)
{
  Suite *suite = suite_create ("kromosrc-random-seek");
  TCase *tcase = tcase_create ("random-seek");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, test_random_seeks, 0, N_GENOMES);
  tcase_add_loop_test (tcase, test_random_seeks_in_loops, 0, 4);
  tcase_add_loop_test (tcase, test_random_seeks_without_checkpoints, 14, 17);
  tcase_add_loop_test (tcase, test_random_seeks_with_threads, 0, N_GENOMES);

  return suite;
}

GST_CHECK_MAIN (random_seek)
