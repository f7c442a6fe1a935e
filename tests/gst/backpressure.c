/* kromosrc: what is not taken is not rendered
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#include <malloc.h>

#define RATE 48000
#define CAPS "audio/x-raw, rate=48000, channels=1, format=S16LE"
#define MS GST_MSECOND

static guint64
get_frames (GstElement *src)
{
  GstStructure *stats;
  guint64 frames = 0;

  g_object_get (src, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, "frames", &frames));
  gst_structure_free (stats);

  return frames;
}

/* ---- blocked ---- */

static GstPadProbeReturn
on_third_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  if (GST_BUFFER_OFFSET (info->data) < 2 * RATE / 10)
    return GST_PAD_PROBE_PASS;
  counter_add (user_data);

  return GST_PAD_PROBE_OK; /* and so blocks */
}

GST_START_TEST (test_blocked)
{
  Capture *straight = capture_run (make_src ("duration", 10 * GST_SECOND, NULL), CAPS), *capture;
  Rig *rig = rig_new (
      make_src ("duration", 10 * GST_SECOND, "adaptive", FALSE, "chunk-duration", 100 * MS, NULL),
      CAPS);
  GstPad *pad = gst_element_get_static_pad (rig->src, "src");
  Counter blocked = { 0 };
  gint64 position = -2;
  gulong probe;

  probe = gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, on_third_buffer, &blocked, NULL);
  gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
  counter_wait (&blocked, 1);
  fail_unless_equals_uint64 (get_frames (rig->src), 3 * RATE / 10);
  /* Time for it to go wrong: another one plays to its end. */
  capture_free (capture_run (make_src ("duration", 20 * GST_SECOND, NULL), CAPS));
  fail_unless_equals_uint64 (get_frames (rig->src), 3 * RATE / 10);
  fail_unless (gst_element_query_position (rig->src, GST_FORMAT_TIME, &position));
  fail_unless_equals_int64 (position, 300 * MS);
  fail_unless_equals_int (rig->capture->buffers->len, 2);

  gst_pad_remove_probe (pad, probe);
  gst_object_unref (pad);
  rig_wait (rig);
  capture = rig_stop (rig);
  rig_free (rig);
  fail_unless_equals_uint64 (capture_frames (capture), 10 * RATE);
  assert_same_bytes (capture, straight, 0);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* What is blocked can be stopped. */
GST_START_TEST (test_stopped_while_blocked)
{
  Rig *rig = rig_new (make_src ("adaptive", FALSE, "chunk-duration", 100 * MS, NULL), CAPS);
  GstPad *pad = gst_element_get_static_pad (rig->src, "src");
  Counter blocked = { 0 };

  gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, on_third_buffer, &blocked, NULL);
  gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
  counter_wait (&blocked, 1);
  gst_object_unref (pad);
  capture_free (rig_stop (rig));
  rig_free (rig);
}
GST_END_TEST

/* ---- a queue ---- */

static void
on_overrun (GstElement *queue, gpointer user_data)
{
  counter_add (user_data);
}

static guint64
pull (GstElement *sink)
{
  GstSample *sample = NULL;
  guint64 end;

  g_signal_emit_by_name (sink, "pull-sample", &sample);
  fail_unless (sample != NULL);
  end = GST_BUFFER_OFFSET_END (gst_sample_get_buffer (sample));
  gst_sample_unref (sample);

  return end;
}

GST_START_TEST (test_queue)
{
  GstElement *pipeline = gst_parse_launch (
      "kromosrc name=src duration=30000000000 adaptive=false "
      "chunk-duration=50000000 ! " CAPS " ! queue name=queue max-size-time=1000000000 "
      "max-size-bytes=0 max-size-buffers=0 ! appsink name=sink "
      "sync=false max-buffers=1",
      NULL);
  GstElement *src, *queue, *sink;
  const guint64 chunk = RATE / 20;
  Counter full = { 0 };
  guint64 end = 0;
  guint i;

  fail_unless (pipeline != NULL);
  src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  queue = gst_bin_get_by_name (GST_BIN (pipeline), "queue");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_signal_connect (queue, "overrun", G_CALLBACK (on_overrun), &full);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (i = 0; i < 500; i++) {
    guint64 frames;

    /* One in the sink, one before it, one after the queue was full, and a second. */
    counter_wait (&full, i + 1);
    frames = get_frames (src);
    fail_unless (frames >= end + RATE && frames <= end + RATE + 3 * chunk,
        "%" G_GUINT64_FORMAT " frames ahead", frames - end);
    end = pull (sink);
    fail_unless_equals_uint64 (end, (i + 1) * chunk);
  }
  while (end < 30 * RATE)
    end = pull (sink);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (src);
  gst_object_unref (queue);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
}
GST_END_TEST

/* ---- memory ---- */

#define WARM 1000
#define LAST 11000

typedef struct {
  guint n;
  gsize warm, last;
} Memory;

static GstPadProbeReturn
look_at_memory (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Memory *memory = user_data;

  memory->n++;
  if (memory->n == WARM)
    memory->warm = mallinfo2 ().uordblks;
  else if (memory->n == LAST)
    memory->last = mallinfo2 ().uordblks;

  return GST_PAD_PROBE_OK;
}

static GstBusSyncReply
keep_ends (GstBus *bus, GstMessage *message, gpointer user_data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return GST_BUS_PASS;
  gst_message_unref (message);

  return GST_BUS_DROP;
}

GST_START_TEST (test_memory)
{
  GstElement *pipeline = gst_parse_launch ("kromosrc name=src duration=600000000000 adaptive=false "
                                           "chunk-duration=10000000 ! fakesink name=sink",
      NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstPad *pad = gst_element_get_static_pad (sink, "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  Memory memory = { 0 };
  GstElement *src;

  src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  g_object_set (src, "num-buffers", LAST, "checkpoint-memory", (guint64) 0, NULL);
  gst_bus_set_sync_handler (bus, keep_ends, NULL, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, look_at_memory, &memory, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_message_unref (gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless_equals_int (memory.n, LAST);
  fail_unless (memory.last < memory.warm + 65536,
      "%" G_GSIZE_FORMAT " bytes, then %" G_GSIZE_FORMAT, memory.warm, memory.last);
  gst_object_unref (src);
  gst_object_unref (bus);
  gst_object_unref (pad);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
}
GST_END_TEST

static Suite *
backpressure_suite (void)
{
  Suite *suite = suite_create ("backpressure");
  TCase *tests = tcase_create ("backpressure");

  suite_add_tcase (suite, tests);
  tcase_add_test (tests, test_blocked);
  tcase_add_test (tests, test_stopped_while_blocked);
  tcase_add_test (tests, test_queue);
  tcase_add_test (tests, test_memory);

  return suite;
}

GST_CHECK_MAIN (backpressure);
