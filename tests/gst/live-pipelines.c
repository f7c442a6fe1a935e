/* kromosrc: live in pipelines, with the system's clock
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#define RATE 48000
#define CAPS "audio/x-raw, rate=48000, channels=1, format=F32LE"
#define MS GST_MSECOND

static gboolean
has_factory (const char *name)
{
  GstElementFactory *factory = gst_element_factory_find (name);

  if (!factory)
    return FALSE;
  gst_object_unref (factory);

  return TRUE;
}

static GstElement *
parse (const char *text)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);

  fail_unless (pipeline && !error, "%s", error ? error->message : text);

  return pipeline;
}

static void
wait_for_end (GstElement *pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message =
      gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_object_unref (bus);
}

typedef struct {
  GMutex lock;
  GCond cond;
  guint buffers;
  guint64 frames;
  GstClockTime first, end; /* running time */
} Meter;

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstEvent *event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  const GstSegment *segment;
  Meter *meter = user_data;
  GstClockTime time;

  gst_event_parse_segment (event, &segment);
  time = gst_segment_to_running_time (segment, GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));
  gst_event_unref (event);
  fail_unless (GST_CLOCK_TIME_IS_VALID (time));
  g_mutex_lock (&meter->lock);
  if (meter->buffers++ == 0)
    meter->first = time;
  else
    fail_unless (ABS (GST_CLOCK_DIFF (meter->end, time)) <= 1,
        "%" GST_TIME_FORMAT " after %" GST_TIME_FORMAT, GST_TIME_ARGS (time),
        GST_TIME_ARGS (meter->end));
  meter->end = time + GST_BUFFER_DURATION (buffer);
  meter->frames += gst_buffer_get_size (buffer) / sizeof (float);
  g_cond_broadcast (&meter->cond);
  g_mutex_unlock (&meter->lock);

  return GST_PAD_PROBE_OK;
}

/* Checks that what comes to the sink pad of an element is without gaps. */
static void
meter_watch (Meter *meter, GstElement *element)
{
  GstPad *pad = gst_element_get_static_pad (element, "sink");

  *meter = (Meter){ 0 };
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, meter, NULL);
  gst_object_unref (pad);
}

static void
meter_wait (Meter *meter, guint n)
{
  gint64 deadline = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND;

  g_mutex_lock (&meter->lock);
  while (meter->buffers < n)
    fail_unless (g_cond_wait_until (&meter->cond, &meter->lock, deadline));
  g_mutex_unlock (&meter->lock);
}

#define SHORT "kromosrc is-live=true duration=300000000 ! " CAPS " ! "

static const struct {
  const char *text;
  guint64 frames;
} lines[] = {
  { SHORT "queue ! audioconvert ! fakesink name=sink sync=true", RATE * 3 / 10 },
  { "kromosrc duration=300000000 ! " CAPS " ! clocksync ! fakesink name=sink", RATE * 3 / 10 },
  { "kromosrc duration=300000000 ! " CAPS " ! fakesink name=sink sync=true", RATE * 3 / 10 },
  { "kromosrc is-live=true adaptive=false chunk-duration=10000000 loops=-1 duration=33000000 "
    "num-buffers=20 ! " CAPS " ! fakesink name=sink",
      20 * RATE / 100 },
  { "kromosrc is-live=true loops=3 duration=50000000 ! " CAPS " ! fakesink name=sink",
      RATE * 15 / 100 },
  { "audiomixer name=mix force-live=false ! " CAPS " ! fakesink name=sink sync=true " SHORT
    "queue ! mix. " SHORT "queue ! mix.",
      RATE * 3 / 10 },
};

GST_START_TEST (test_to_the_end)
{
  GstElement *pipeline, *sink;
  Meter meter;

  if (strstr (lines[__i__].text, "audiomixer") && !has_factory ("audiomixer"))
    return;
  pipeline = parse (lines[__i__].text);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  meter_watch (&meter, sink);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for_end (pipeline);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (strstr (lines[__i__].text, "audiomixer")) /* that starts when it does, in whole buffers */
    fail_unless (meter.frames + RATE / 50 >= lines[__i__].frames);
  else
    fail_unless_equals_uint64 (meter.frames, lines[__i__].frames);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
}
GST_END_TEST

/* A source comes to a pipeline that has been playing: it begins at the time that it is. */
GST_START_TEST (test_added_later)
{
  GstElement *pipeline =
      parse ("audiotestsrc is-live=true samplesperbuffer=480 ! " CAPS " ! fakesink name=other");
  GstElement *other = gst_bin_get_by_name (GST_BIN (pipeline), "other");
  GstElement *src = make_src ("is-live", TRUE, "duration", 60 * GST_SECOND, NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstClockTime before, after;
  GstClock *clock;
  Meter running, added;

  meter_watch (&running, other);
  meter_watch (&added, sink);
  g_object_set (sink, "async", FALSE, "sync", TRUE, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  meter_wait (&running, 20);
  gst_bin_add_many (GST_BIN (pipeline), src, sink, NULL);
  fail_unless (gst_element_link_filtered (src, sink, gst_caps_from_string (CAPS)));
  clock = gst_element_get_clock (pipeline);
  before = gst_clock_get_time (clock) - gst_element_get_base_time (pipeline);
  fail_unless (gst_element_sync_state_with_parent (sink));
  fail_unless (gst_element_sync_state_with_parent (src));
  meter_wait (&added, 10);
  after = gst_clock_get_time (clock) - gst_element_get_base_time (pipeline);
  gst_object_unref (clock);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless (added.first >= before && added.first < after);
  gst_object_unref (other);
  gst_object_unref (pipeline);
}
GST_END_TEST

static GstPadProbeReturn
on_idle (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstPad *peer = gst_pad_get_peer (pad);

  gst_pad_unlink (pad, peer);
  gst_object_unref (peer);

  return GST_PAD_PROBE_REMOVE;
}

/* Listeners come and go while the first one hears all of it. */
GST_START_TEST (test_branches)
{
  GstElement *pipeline =
      parse ("kromosrc is-live=true duration=60000000000 ! " CAPS
             " ! tee name=tee allow-not-linked=true ! queue ! fakesink name=first sync=true");
  GstElement *tee = gst_bin_get_by_name (GST_BIN (pipeline), "tee");
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "first");
  Meter whole, part;
  guint i;

  meter_watch (&whole, sink);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  meter_wait (&whole, 5);
  for (i = 0; i < 5; i++) {
    GstElement *bin =
        gst_parse_bin_from_description ("queue ! fakesink name=sink async=false", TRUE, NULL);
    GstElement *other = gst_bin_get_by_name (GST_BIN (bin), "sink");
    GstPad *pad = gst_element_request_pad_simple (tee, "src_%u");
    GstPad *entry = gst_element_get_static_pad (bin, "sink");

    meter_watch (&part, other);
    gst_bin_add (GST_BIN (pipeline), bin);
    fail_unless (gst_element_sync_state_with_parent (bin));
    fail_unless_equals_int (gst_pad_link (pad, entry), GST_PAD_LINK_OK);
    meter_wait (&part, 5);
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_IDLE, on_idle, NULL, NULL);
    while (gst_pad_is_linked (pad))
      g_thread_yield ();
    gst_element_set_state (bin, GST_STATE_NULL);
    gst_bin_remove (GST_BIN (pipeline), bin);
    gst_element_release_request_pad (tee, pad);
    gst_object_unref (other);
    gst_object_unref (entry);
    gst_object_unref (pad);
  }
  meter_wait (&whole, whole.buffers + 5);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (sink);
  gst_object_unref (tee);
  gst_object_unref (pipeline);
}
GST_END_TEST

/* Set in READY, the same element is live, not live, and live again. */
GST_START_TEST (test_reuse)
{
  Rig *rig = rig_new (make_src ("duration", 100 * MS, NULL), CAPS);
  guint i;

  for (i = 0; i < 5; i++) {
    gboolean live = i % 2 == 0, is_live = !live;
    GstQuery *query = gst_query_new_latency ();

    g_object_set (rig->src, "is-live", live, NULL);
    fail_unless_equals_int (gst_element_set_state (rig->pipeline, GST_STATE_PAUSED),
        live ? GST_STATE_CHANGE_NO_PREROLL : GST_STATE_CHANGE_ASYNC);
    fail_unless (gst_element_query (rig->src, query));
    gst_query_parse_latency (query, &is_live, NULL, NULL);
    fail_unless_equals_int (is_live, live);
    gst_query_unref (query);
    fail_unless (rig_start (rig, GST_STATE_PLAYING));
    rig_wait (rig);
    rig_stop (rig);
    fail_unless_equals_uint64 (capture_frames (rig->capture), (i + 1) * RATE / 10);
  }
  capture_free (rig->capture);
  rig_free (rig);
}
GST_END_TEST

static Suite *
live_pipelines_suite (void)
{
  Suite *suite = suite_create ("live-pipelines");
  TCase *tests = tcase_create ("pipelines");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (tests, test_to_the_end, 0, G_N_ELEMENTS (lines));
  tcase_add_test (tests, test_added_later);
  tcase_add_test (tests, test_branches);
  tcase_add_test (tests, test_reuse);

  return suite;
}

GST_CHECK_MAIN (live_pipelines);
