/* kromosrc: elements downstream that fail, flush, go away and come back, and disks that are full
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#define RATE 48000
#define CAPS "audio/x-raw, rate=48000, channels=1, format=S16LE"
#define MS GST_MSECOND
#define N_CHUNKS 100
#define CHUNK (RATE / 100)

/* A second of sound, in 100 chunks. */
static GstElement *
make_chunks (void)
{
  return make_src (
      "duration", GST_SECOND, "adaptive", FALSE, "chunk-duration", GST_SECOND / N_CHUNKS, NULL);
}

static void
assert_whole (const Capture *capture)
{
  Capture *straight = capture_run (make_chunks (), CAPS);

  fail_unless_equals_uint64 (capture_frames (capture), RATE);
  assert_same_bytes (capture, straight, 0);
  capture_free (straight);
}

/* What came before is forgotten, and the same element plays the whole sound. */
static void
assert_plays_again (Rig *rig)
{
  Capture *capture = rig->capture;

  fail_unless_equals_int (
      gst_element_set_state (rig->pipeline, GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  g_byte_array_set_size (capture->data, 0);
  g_array_set_size (capture->buffers, 0);
  g_ptr_array_set_size (capture->messages, 0);
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  rig_stop (rig);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  assert_whole (capture);
}

/* ---- what pushing a buffer returns ---- */

typedef struct {
  GstFlowReturn flow;
  guint at; /* the buffer that it is returned for; those after it too */
  guint n;  /* atomic: that it was returned for */
  gboolean off;
} Fault;

static GstPadProbeReturn
return_fault (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Fault *fault = user_data;

  if (fault->off || GST_BUFFER_OFFSET (info->data) < fault->at * CHUNK)
    return GST_PAD_PROBE_OK;
  gst_buffer_unref (info->data);
  info->data = NULL;
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = fault->flow;
  g_atomic_int_inc (&fault->n);

  return GST_PAD_PROBE_HANDLED;
}

static const struct {
  GstFlowReturn flow;
  guint n_errors;
} flows[] = {
  { GST_FLOW_ERROR, 1 },
  { GST_FLOW_NOT_LINKED, 1 },
  { GST_FLOW_NOT_NEGOTIATED, 1 },
  { GST_FLOW_NOT_SUPPORTED, 1 },
  { GST_FLOW_CUSTOM_ERROR, 1 },
  { GST_FLOW_EOS, 0 },
  { GST_FLOW_FLUSHING, 0 },
};

/* It is told of once, nothing more is sent, and the next start is as good as the first. */
GST_START_TEST (test_flow_returns)
{
  GRand *rand = g_rand_new_with_seed ((guint32) __i__);
  guint i;

  for (i = 0; i < 10; i++) {
    Rig *rig = rig_new (make_chunks (), CAPS);
    GstPad *pad = gst_element_get_static_pad (rig->src, "src");
    Fault fault = { flows[__i__].flow, (guint) g_rand_int_range (rand, 0, N_CHUNKS), 0, FALSE };
    GstTask *task;

    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, return_fault, &fault, NULL);
    gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
    if (fault.flow != GST_FLOW_FLUSHING)
      rig_wait (rig);
    while (g_atomic_int_get (&fault.n) == 0)
      g_usleep (100);
    GST_PAD_STREAM_LOCK (pad); /* the streaming thread is through with it */
    GST_PAD_STREAM_UNLOCK (pad);
    task = GST_PAD_TASK (pad);
    fail_unless_equals_int (gst_task_get_state (task), GST_TASK_PAUSED);
    rig_stop (rig);
    fail_unless_equals_int (fault.n, 1);
    fail_unless_equals_int (rig->capture->buffers->len, fault.at);
    fail_unless_equals_int (
        capture_count (rig->capture, GST_MESSAGE_ERROR), (gint) flows[__i__].n_errors);
    fail_unless_equals_int (rig->capture->eos, fault.flow != GST_FLOW_FLUSHING);
    fault.off = TRUE;
    assert_plays_again (rig);
    gst_object_unref (pad);
    capture_free (rig->capture);
    rig_free (rig);
  }
  g_rand_free (rand);
}
GST_END_TEST

/* ---- flushes ---- */

/* Someone else flushes what comes from the source: it goes on with the next sample that it has, and all of those
 * that come are the right ones. */
GST_START_TEST (test_flushed)
{
  Capture *straight = capture_run (make_chunks (), CAPS);
  Rig *rig = rig_new (make_chunks (), CAPS);
  Capture *capture = rig->capture;
  guint i;

  g_object_set (rig->sink, "async", FALSE, NULL);
  gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
  for (i = 0; i < 20; i++) {
    gst_element_send_event (rig->src, gst_event_new_flush_start ());
    gst_element_send_event (rig->src, gst_event_new_flush_stop (i % 2));
    g_usleep (500);
  }
  rig_wait (rig);
  rig_stop (rig);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  fail_unless (capture->eos);
  for (i = 0; i < capture->buffers->len; i++) {
    const BufferRecord *buffer = capture_buffer (capture, i);

    if (i > 0)
      fail_unless (buffer->offset >= capture_buffer (capture, i - 1)->offset_end);
    fail_unless (memcmp (capture->data->data + i * CHUNK * 2,
                     straight->data->data + buffer->offset * 2, CHUNK * 2)
        == 0);
  }
  assert_plays_again (rig);
  capture_free (capture);
  capture_free (straight);
  rig_free (rig);
}
GST_END_TEST

/* ---- unlinked and linked again ---- */

static GstPadProbeReturn
on_blocked (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  counter_add (user_data);

  return GST_PAD_PROBE_OK; /* and so blocks */
}

/* While what is to be sent is held, the way that it goes is another one: no sample is lost or comes twice. */
GST_START_TEST (test_relinked)
{
  GstElement *src = make_chunks ();
  Rig *rig = rig_new (src, CAPS);
  GstPad *pad = gst_element_get_static_pad (src, "src");
  guint i;

  gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
  for (i = 0; i < 20; i++) {
    Counter blocked = { 0 };
    gulong probe = gst_pad_add_probe (pad,
        GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
        on_blocked, &blocked, NULL);
    GstPad *peer = gst_pad_get_peer (pad);
    gint64 deadline = g_get_monotonic_time () + 50 * G_TIME_SPAN_MILLISECOND;

    if (counter_reaches (&blocked, 1, deadline)) { /* it is not at its end already */
      fail_unless (gst_pad_unlink (pad, peer));
      fail_unless_equals_int (gst_pad_link (pad, peer), GST_PAD_LINK_OK);
    }
    gst_pad_remove_probe (pad, probe);
    gst_object_unref (peer);
    g_usleep (200);
  }
  rig_wait (rig);
  rig_stop (rig);
  fail_unless_equals_int (capture_count (rig->capture, GST_MESSAGE_ERROR), 0);
  assert_whole (rig->capture);
  gst_object_unref (pad);
  capture_free (rig->capture);
  rig_free (rig);
}
GST_END_TEST

static GstPadProbeReturn
unlink_here (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstPad *peer;

  if (GST_BUFFER_OFFSET (info->data) != 50 * CHUNK)
    return GST_PAD_PROBE_OK;
  peer = gst_pad_get_peer (pad);
  gst_pad_unlink (pad, peer);
  gst_object_unref (peer);

  return GST_PAD_PROBE_REMOVE;
}

/* Without any care: an error that says so, and once it is linked again it plays. */
GST_START_TEST (test_unlinked)
{
  Rig *rig = rig_new (make_chunks (), CAPS);
  GstPad *pad = gst_element_get_static_pad (rig->src, "src");
  GError *error = NULL;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, unlink_here, NULL, NULL);
  gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
  rig_wait (rig);
  rig_stop (rig);
  fail_unless_equals_int (capture_count (rig->capture, GST_MESSAGE_ERROR), 1);
  gst_message_parse_error (capture_message (rig->capture, GST_MESSAGE_ERROR, 0), &error, NULL);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED));
  g_error_free (error);
  fail_unless_equals_int (rig->capture->buffers->len, 50);
  fail_unless (gst_element_link (rig->src, rig->filter));
  assert_plays_again (rig);
  gst_object_unref (pad);
  capture_free (rig->capture);
  rig_free (rig);
}
GST_END_TEST

/* ---- full disks ---- */

/* The first error is the sink's and says what is wrong; what is left can be played elsewhere. */
static void
fill_disk (const char *location)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *src = make_src ("duration", 10 * GST_SECOND, NULL);
  GstElement *sink = gst_element_factory_make ("filesink", NULL);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  GError *error = NULL;

  fail_unless (sink != NULL);
  g_object_set (sink, "location", location, NULL);
  gst_bin_add_many (GST_BIN (pipeline), src, sink, NULL);
  fail_unless (gst_element_link (src, sink));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR);
  fail_unless (GST_MESSAGE_SRC (message) == GST_OBJECT (sink));
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT), "%s",
      error->message);
  g_error_free (error);
  gst_message_unref (message);

  fail_if (gst_element_set_state (pipeline, GST_STATE_NULL) == GST_STATE_CHANGE_FAILURE);
  g_object_set (sink, "location", "/dev/null", NULL);
  fail_if (gst_element_set_state (pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}

GST_START_TEST (test_full_device)
{
  fill_disk ("/dev/full");
}
GST_END_TEST

/* In a name space of mounts of its own, which ends with the test. Who may not mount has no small disk. */
GST_START_TEST (test_small_disk)
{
  g_autofree char *dir = g_dir_make_tmp ("kromo-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "sound.raw", NULL);

  if (unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
      && mount ("tmpfs", dir, "tmpfs", 0, "size=256k") == 0) {
    fill_disk (path);
    fail_unless_equals_int (umount (dir), 0);
  } else {
    GST_WARNING ("no small disk: it may not be mounted");
  }
  g_rmdir (dir);
}
GST_END_TEST

static Suite *
adversity_suite (void)
{
  Suite *suite = suite_create ("adversity");
  TCase *tests = tcase_create ("adversity");

  suite_add_tcase (suite, tests);
  tcase_add_loop_test (tests, test_flow_returns, 0, G_N_ELEMENTS (flows));
  tcase_add_test (tests, test_flushed);
  tcase_add_test (tests, test_relinked);
  tcase_add_test (tests, test_unlinked);
  tcase_add_test (tests, test_full_device);
  tcase_add_test (tests, test_small_disk);

  return suite;
}

GST_CHECK_MAIN (adversity);
