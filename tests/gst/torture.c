/* kromosrc: random state changes while other threads write properties, seek and ask
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * KROMO_TORTURE_CHANGES says how many state changes each variant makes (1000), KROMO_TORTURE_SEED what
 * the random numbers start from. What the threads do follows from the seed; when, does not.
 */

#include "torture.h"

#include "leaks.h"

#include <string.h>

#include <gst/check/gsttestclock.h>

/* A state change that takes longer hangs. Long enough for valgrind on a busy machine. */
#define PATIENCE (60 * GST_SECOND)
#define LOOK (20 * G_TIME_SPAN_MILLISECOND)

static const struct {
  const char *name;
  gboolean queue, is_live, test_clock;
} variants[] = {
  { "straight", FALSE, FALSE, FALSE },
  { "queue", TRUE, FALSE, FALSE },
  { "live", FALSE, TRUE, FALSE },
  { "live, queue, test clock", TRUE, TRUE, TRUE },
};

static guint
get_number (const char *name, guint value)
{
  const char *text = g_getenv (name);

  return text ? (guint) g_ascii_strtoull (text, NULL, 10) : value;
}

/* What the source itself cannot play it says before any data. */
static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Torture *torture = user_data;
  GError *error = NULL;
  char *debug = NULL;
  GstState state;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_STATE_CHANGED
      && GST_MESSAGE_SRC (message) == GST_OBJECT (torture->src)) {
    gst_message_parse_state_changed (message, NULL, &state, NULL);
    if (state == GST_STATE_READY)
      g_atomic_int_set (&torture->n_sent, 0);
  }
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return GST_BUS_PASS;
  gst_message_parse_error (message, &error, &debug);
  if (error->domain == GST_RESOURCE_ERROR && g_atomic_int_get (&torture->n_sent) > 0) {
    GST_ERROR ("after %d buffers: %s", g_atomic_int_get (&torture->n_sent), error->message);
    g_atomic_int_inc (&torture->n_late);
  }
  g_error_free (error);
  g_free (debug);

  return GST_BUS_PASS;
}

static GstPadProbeReturn
on_sent (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Torture *torture = user_data;

  g_atomic_int_inc (&torture->n_sent);

  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Torture *torture = user_data;
  GstMapInfo map;

  /* The other end of the buffer's way reads it too. */
  fail_unless (gst_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), &map, GST_MAP_READ));
  fail_unless (map.size > 0 && map.data[map.size - 1] + map.data[0] >= 0);
  gst_buffer_unmap (GST_PAD_PROBE_INFO_BUFFER (info), &map);
  g_atomic_int_inc (&torture->n_buffers);

  return GST_PAD_PROBE_OK;
}

/* In whatever thread the element calls it from. */
static void
on_about_to_finish (GstElement *src, gpointer user_data)
{
  Torture *torture = user_data;
  guint n = (guint) g_atomic_int_get (&torture->n_buffers);
  g_autofree char *path = data_path (n % 8 ? "tone.json" : "missing.json");

  if (n % 2)
    g_object_set (src, "location", path, NULL);
}

static void
torture_init (Torture *torture, guint variant)
{
  GstElement *sink, *queue;
  GstPad *pad;
  GstBus *bus;

  *torture = (Torture){ .is_live = variants[variant].is_live };
  torture->seed = get_number ("KROMO_TORTURE_SEED", 1) * 1000 + variant * 10;
  g_mutex_init (&torture->seeking);
  torture->pipeline = gst_pipeline_new (NULL);
  torture->src =
      gst_object_ref (make_src ("is-live", torture->is_live, "duration", GST_SECOND, NULL));
  torture_add_controls (torture->src);
  torture->filter = gst_element_factory_make ("capsfilter", NULL);
  queue = gst_element_factory_make (variants[variant].queue ? "queue" : "identity", NULL);
  sink = gst_element_factory_make ("fakesink", NULL);
  fail_unless (torture->filter && queue && sink);
  g_object_set (sink, "sync", FALSE, NULL);
  /* Otherwise caps that the source has just been told of may be refused. */
  gst_util_set_object_arg (G_OBJECT (torture->filter), "caps-change-mode", "delayed");
  gst_util_set_object_arg (
      G_OBJECT (torture->filter), "caps", "audio/x-raw, format=S16LE, rate=8000, channels=1");
  gst_bin_add_many (GST_BIN (torture->pipeline), torture->src, torture->filter, queue, sink, NULL);
  fail_unless (gst_element_link_many (torture->src, torture->filter, queue, sink, NULL));
  torture->pad = gst_element_get_static_pad (torture->src, "src");
  gst_pad_add_probe (torture->pad, GST_PAD_PROBE_TYPE_BUFFER, on_sent, torture, NULL);
  bus = gst_element_get_bus (torture->pipeline);
  gst_bus_set_sync_handler (bus, on_message, torture, NULL);
  gst_object_unref (bus);
  if (variants[variant].test_clock) {
    torture->clock = gst_test_clock_new ();
    gst_pipeline_use_clock (GST_PIPELINE (torture->pipeline), torture->clock);
  }

  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, torture, NULL);
  gst_object_unref (pad);
  if (g_signal_lookup ("about-to-finish", G_OBJECT_TYPE (torture->src)))
    g_signal_connect (torture->src, "about-to-finish", G_CALLBACK (on_about_to_finish), torture);
}

/* A sink that begins to flush while it looks at a sticky event refuses it, which GStreamer 1.22 takes for an
 * error of the stream, whatever the source. It is rare. */
static gboolean
is_race_of_flushing (const GError *error, const char *debug)
{
  return g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED)
      && strstr (debug, "gst_base_src_loop") && strstr (debug, "streaming stopped, reason");
}

/* Settings that cannot be played are told of as they should be; anything else is a fault. */
static void
check_error (Torture *torture, GstMessage *message)
{
  GError *error = NULL;
  char *debug = NULL;
  gboolean expected;

  gst_message_parse_error (message, &error, &debug);
  expected = g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS)
      || g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND)
      || g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ)
      || g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE);
  if (!expected && is_race_of_flushing (error, debug)) {
    torture->n_races++;
    expected = TRUE;
  }
  fail_unless (expected, "%s (%s)", error->message, debug);
  GST_LOG ("%s", error->message);
  g_error_free (error);
  g_free (debug);
}

static guint
look_at_messages (Torture *torture)
{
  GstBus *bus = gst_element_get_bus (torture->pipeline);
  GstMessage *message;
  guint n_errors = 0;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ANY))) {
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      check_error (torture, message);
      n_errors++;
    }
    gst_message_unref (message);
  }
  gst_object_unref (bus);

  return n_errors;
}

static void
let_it_play (Torture *torture, GRand *rand)
{
  gint until = g_atomic_int_get (&torture->n_buffers) + g_rand_int_range (rand, 1, 8);
  gint64 end = g_get_monotonic_time () + LOOK;

  while (g_atomic_int_get (&torture->n_buffers) < until && g_get_monotonic_time () < end)
    g_usleep (200);
}

/* The kinds of seeks that are not for every state: those that wait for the stream want it to go on, and
 * the pipeline to have no state change under way; those to an element in READY are kept until it starts. */
static void
seek (Torture *torture, GRand *rand)
{
  GstState state;

  g_mutex_lock (&torture->seeking);
  gst_element_get_state (torture->pipeline, &state, NULL, PATIENCE);
  if (state == GST_STATE_PLAYING)
    gst_element_send_event (torture->pipeline, torture_random_seek (rand, 0));
  else if (state == GST_STATE_READY)
    gst_element_send_event (torture->src, torture_random_seek (rand, GST_SEEK_FLAG_FLUSH));
  g_mutex_unlock (&torture->seeking);
}

/* The state changes themselves. Returns how many failed, which they do when the settings of that moment
 * cannot be played. */
static guint
change_states (Torture *torture, guint n_changes)
{
  GRand *rand = g_rand_new_with_seed (torture->seed);
  guint i, n_failed = 0;

  for (i = 0; i < n_changes; i++) {
    GstState state = (GstState) g_rand_int_range (rand, GST_STATE_NULL, GST_STATE_PLAYING + 1);
    GstStateChangeReturn ret = gst_element_set_state (torture->pipeline, state);
    gint then = g_rand_int_range (rand, 0, 4);

    if (ret == GST_STATE_CHANGE_FAILURE)
      n_failed++;
    else if (then == 0)
      let_it_play (torture, rand);
    else if (then < 3)
      fail_if (
          gst_element_get_state (torture->pipeline, NULL, NULL, PATIENCE) == GST_STATE_CHANGE_ASYNC,
          "change %u, to %s, does not end", i, gst_element_state_get_name (state));
    if (then == 2)
      seek (torture, rand);
    /* What cannot be played stays so until something else is set. */
    if (look_at_messages (torture) > 0 || ret == GST_STATE_CHANGE_FAILURE) {
      torture_reset_properties (torture->src);
      g_object_set (torture->src, "is-live", torture->is_live, "duration", GST_SECOND, NULL);
    }
  }
  g_rand_free (rand);

  return n_failed;
}

/* Nothing of all that is left: the element plays what a new one plays. */
static void
check_clean_run (GstElement *src)
{
  const char *caps = "audio/x-raw, format=F32LE, rate=48000, channels=2";
  Capture *tortured, *fresh;

  /* The base class keeps a seek in READY until the next start, over NULL too. */
  gst_element_set_state (src, GST_STATE_PAUSED);
  gst_element_set_state (src, GST_STATE_NULL);
  g_object_set (src, "duration", 300 * GST_MSECOND, NULL);
  tortured = capture_run (src, caps);
  fresh = capture_run (make_src ("duration", 300 * GST_MSECOND, NULL), caps);
  fail_unless_equals_uint64 (capture_frames (tortured), 14400);
  fail_unless_equals_uint64 (tortured->data->len, fresh->data->len);
  assert_same_bytes (tortured, fresh, 0);
  fail_unless_equals_uint64 (capture_buffer (tortured, 0)->pts, 0);
  fail_unless_equals_int (capture_count (tortured, GST_MESSAGE_ERROR), 0);
  fail_unless_equals_int (
      capture_count (tortured, GST_MESSAGE_WARNING), capture_count (fresh, GST_MESSAGE_WARNING));
  capture_free (tortured);
  capture_free (fresh);
}

/* A bin completes state changes in a thread of GStreamer's, which keeps it for as long as it takes to see that
 * nothing is to be done any more. */
static void
wait_for_last_reference (gpointer object, const char *name)
{
  gint64 end = g_get_monotonic_time () + PATIENCE / GST_USECOND;

  while (GST_OBJECT_REFCOUNT_VALUE (object) > 1 && g_get_monotonic_time () < end)
    g_usleep (1000);
  ASSERT_OBJECT_REFCOUNT (object, name, 1);
}

/* Nobody else has the element any more, and it is as good as new. */
static void
torture_clear (Torture *torture)
{
  gst_element_set_state (torture->pipeline, GST_STATE_NULL);
  torture_remove_controls (torture->src);
  torture_reset_properties (torture->src);
  /* A capsfilter that was given caps in READY or NULL lets go of the old ones on PAUSED->READY alone. */
  gst_element_set_state (torture->filter, GST_STATE_PAUSED);
  gst_element_set_state (torture->filter, GST_STATE_NULL);
  gst_object_unref (torture->pad);
  wait_for_last_reference (torture->pipeline, "pipeline");
  gst_bin_remove (GST_BIN (torture->pipeline), torture->src);
  gst_object_unref (torture->pipeline);
  gst_clear_object (&torture->clock);
  g_mutex_clear (&torture->seeking);
  g_signal_handlers_disconnect_by_data (torture->src, torture);
  wait_for_last_reference (torture->src, "kromosrc");
  check_clean_run (torture->src);
  ASSERT_OBJECT_REFCOUNT (torture->src, "kromosrc", 1);
  gst_object_unref (torture->src);
}

GST_START_TEST (test_torture)
{
  guint n_changes = get_number ("KROMO_TORTURE_CHANGES", 1000), n_failed, i;
  GThread *threads[4];
  Torture torture;
  Leaks *leaks;

  /* What is made once, by whoever comes first, is made now. */
  capture_free (capture_run (make_src ("duration", 100 * GST_MSECOND, NULL), NULL));
  leaks = leaks_begin ();
  torture_init (&torture, (guint) __i__);
  torture_check_table (torture.src);
  threads[0] = g_thread_new ("write", torture_write, &torture);
  threads[1] = g_thread_new ("seek", torture_seek, &torture);
  threads[2] = g_thread_new ("query", torture_query, &torture);
  threads[3] = g_thread_new ("swap", torture_swap, &torture);
  n_failed = change_states (&torture, n_changes);

  g_atomic_int_set (&torture.stop, 1);
  gst_element_set_state (torture.pipeline, GST_STATE_NULL);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  GST_INFO ("%s: %u changes, %u failed, %d buffers, %d writes, %d seeks, %d queries, %d swaps, %d "
            "flushes, %u races of GStreamer's, %d late errors",
      variants[__i__].name, n_changes, n_failed, torture.n_buffers, torture.n_writes,
      torture.n_seeks, torture.n_queries, torture.n_swaps, torture.n_flushes, torture.n_races,
      torture.n_late);
  fail_unless (torture.n_buffers > 0);
  fail_unless (torture.n_swaps > 0 && torture.n_flushes > 0);
  fail_unless_equals_int (torture.n_late, 0);
  fail_unless (torture.n_races <= MAX (n_changes / 100, 1), "%u races", torture.n_races);
  fail_unless (n_failed < n_changes / 2, "%u of %u state changes failed", n_failed, n_changes);

  torture_clear (&torture);
  leaks_end (leaks);
}
GST_END_TEST

static void
wait_for (Torture *torture, GstMessageType type)
{
  GstBus *bus = gst_element_get_bus (torture->pipeline);
  GstMessage *message =
      gst_bus_timed_pop_filtered (bus, PATIENCE, type | GST_MESSAGE_ERROR | GST_MESSAGE_EOS);

  fail_unless (message && GST_MESSAGE_TYPE (message) == type, "%" GST_PTR_FORMAT, message);
  gst_message_unref (message);
  gst_object_unref (bus);
}

/* A genome that cannot be had while another plays: told of, and nothing else. */
GST_START_TEST (test_bad_sources)
{
  static const char *const files[] = { "missing.json", "not-json.json", "no-patch.json" };
  Torture torture;
  guint i;

  torture_init (&torture, 0);
  g_object_set (torture.src, "loops", -1, NULL);
  gst_element_set_state (torture.pipeline, GST_STATE_PLAYING);
  for (i = 0; i < 2 * G_N_ELEMENTS (files); i++) {
    const char *file = files[i / 2];
    g_autofree char *path = data_path (file);

    wait_for (&torture, GST_MESSAGE_ELEMENT); /* a chunk */
    g_object_set (torture.src, i % 2 ? "genome" : "location", i % 2 ? "{" : path, NULL);
    wait_for (&torture, GST_MESSAGE_WARNING);
  }
  wait_for (&torture, GST_MESSAGE_ELEMENT);
  torture_clear (&torture);
}
GST_END_TEST

/* In frames, with no rate to count them by: refused at once, for the base class would start without a
 * segment, and fail. */
GST_START_TEST (test_seek_before_caps)
{
  GstEvent *seek = gst_event_new_seek (
      1, GST_FORMAT_DEFAULT, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 1000, GST_SEEK_TYPE_NONE, -1);
  Torture torture;

  torture_init (&torture, 0);
  gst_element_set_state (torture.pipeline, GST_STATE_READY);
  fail_if (gst_element_send_event (torture.src, seek));
  fail_if (gst_element_set_state (torture.pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE);
  wait_for (&torture, GST_MESSAGE_ELEMENT);
  torture_clear (&torture);
}
GST_END_TEST

static Suite *
torture_suite (void)
{
  Suite *suite = suite_create ("torture");
  TCase *tcase = tcase_create ("general");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_bad_sources);
  tcase_add_test (tcase, test_seek_before_caps);
  tcase_add_loop_test (tcase, test_torture, 0, G_N_ELEMENTS (variants));

  return suite;
}

GST_CHECK_MAIN (torture)
