/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "common.h"

#include <string.h>

Capture *
capture_new (void)
{
  Capture *capture = g_new0 (Capture, 1);

  capture->data = g_byte_array_new ();
  capture->buffers = g_array_new (FALSE, TRUE, sizeof (BufferRecord));
  capture->events = g_ptr_array_new_with_free_func ((GDestroyNotify) gst_event_unref);
  capture->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) gst_message_unref);

  return capture;
}

void
capture_free (Capture *capture)
{
  g_byte_array_unref (capture->data);
  g_array_unref (capture->buffers);
  g_ptr_array_unref (capture->events);
  g_ptr_array_unref (capture->messages);
  gst_clear_caps (&capture->caps);
  g_free (capture);
}

static void
record_buffer (Capture *capture, GstBuffer *buffer)
{
  BufferRecord record = {
    .pts = GST_BUFFER_PTS (buffer),
    .duration = GST_BUFFER_DURATION (buffer),
    .offset = GST_BUFFER_OFFSET (buffer),
    .offset_end = GST_BUFFER_OFFSET_END (buffer),
    .size = gst_buffer_get_size (buffer),
    .discont = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT),
    .has_audio_meta = gst_buffer_get_audio_meta (buffer) != NULL,
    .events_before = capture->events->len,
  };
  GstMapInfo map;

  g_array_append_val (capture->buffers, record);
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_byte_array_append (capture->data, map.data, (guint) map.size);
  gst_buffer_unmap (buffer, &map);
}

static void
record_event (Capture *capture, GstEvent *event)
{
  GstCaps *caps;

  g_ptr_array_add (capture->events, gst_event_ref (event));
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    gst_caps_replace (&capture->caps, caps);
    fail_unless (gst_audio_info_from_caps (&capture->info, caps));
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    capture->eos = TRUE;
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP) {
    g_byte_array_set_size (capture->data, 0);
    g_array_set_size (capture->buffers, 0);
    capture->eos = FALSE;
  }
}

static GstPadProbeReturn
on_data (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  if (GST_IS_BUFFER (info->data))
    record_buffer (user_data, GST_BUFFER (info->data));
  else
    record_event (user_data, GST_EVENT (info->data));

  return GST_PAD_PROBE_OK;
}

Rig *
rig_new (GstElement *src, const char *caps)
{
  Rig *rig = g_new0 (Rig, 1);
  GstCaps *filter_caps;
  GstPad *pad;

  rig->pipeline = gst_pipeline_new (NULL);
  rig->src = src;
  rig->filter = gst_element_factory_make ("capsfilter", NULL);
  rig->sink = gst_element_factory_make ("fakesink", NULL);
  fail_unless (rig->filter && rig->sink);
  if (caps) {
    filter_caps = gst_caps_from_string (caps);
    fail_unless (filter_caps != NULL);
    g_object_set (rig->filter, "caps", filter_caps, NULL);
    gst_caps_unref (filter_caps);
  }
  g_object_set (rig->sink, "sync", FALSE, NULL);
  gst_bin_add_many (GST_BIN (rig->pipeline), rig->src, rig->filter, rig->sink, NULL);
  fail_unless (gst_element_link_many (rig->src, rig->filter, rig->sink, NULL));

  rig->capture = capture_new ();
  pad = gst_element_get_static_pad (rig->sink, "sink");
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
          | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      on_data, rig->capture, NULL);
  gst_object_unref (pad);

  return rig;
}

gboolean
rig_start (Rig *rig, GstState state)
{
  if (gst_element_set_state (rig->pipeline, state) == GST_STATE_CHANGE_FAILURE)
    return FALSE;

  return gst_element_get_state (rig->pipeline, NULL, NULL, GST_CLOCK_TIME_NONE)
      != GST_STATE_CHANGE_FAILURE;
}

void
rig_wait (Rig *rig)
{
  const GstMessageType ends = GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_SEGMENT_DONE;
  GstBus *bus = gst_element_get_bus (rig->pipeline);
  GstMessage *message;
  gboolean end = FALSE;

  while (!end) {
    message = gst_bus_timed_pop (bus, GST_CLOCK_TIME_NONE);
    end = !GST_MESSAGE_TYPE_IS_EXTENDED (message) && (GST_MESSAGE_TYPE (message) & ends) != 0;
    g_ptr_array_add (rig->capture->messages, message);
  }
  gst_object_unref (bus);
}

Capture *
rig_stop (Rig *rig)
{
  GstBus *bus = gst_element_get_bus (rig->pipeline);
  Capture *capture = rig->capture;
  GstMessage *message;

  gst_element_set_state (rig->pipeline, GST_STATE_READY);
  while ((message = gst_bus_pop (bus)))
    g_ptr_array_add (capture->messages, message);
  gst_object_unref (bus);

  return capture;
}

void
rig_free (Rig *rig)
{
  gst_element_set_state (rig->pipeline, GST_STATE_NULL);
  gst_object_unref (rig->pipeline);
  g_free (rig);
}

Capture *
capture_run (GstElement *src, const char *caps)
{
  Rig *rig = rig_new (src, caps);
  Capture *capture;

  if (rig_start (rig, GST_STATE_PLAYING))
    rig_wait (rig);
  capture = rig_stop (rig);
  rig_free (rig);

  return capture;
}

const BufferRecord *
capture_buffer (const Capture *capture, guint i)
{
  fail_unless (i < capture->buffers->len, "buffer %u of %u", i, capture->buffers->len);

  return &g_array_index (capture->buffers, BufferRecord, i);
}

guint64
capture_frames (const Capture *capture)
{
  return capture->data->len / capture->info.bpf;
}

GstMessage *
capture_message (const Capture *capture, GstMessageType type, guint i)
{
  guint k;

  for (k = 0; k < capture->messages->len; k++) {
    GstMessage *message = g_ptr_array_index (capture->messages, k);

    if (GST_MESSAGE_TYPE (message) == type && i-- == 0)
      return message;
  }

  return NULL;
}

guint
capture_count (const Capture *capture, GstMessageType type)
{
  guint n = 0;

  while (capture_message (capture, type, n))
    n++;

  return n;
}

void
assert_same_bytes (const Capture *capture, const Capture *straight, guint64 start)
{
  gsize skip = start * straight->info.bpf;

  fail_unless (capture->data->len > 0);
  fail_unless (skip + capture->data->len <= straight->data->len, "%u bytes from %u of %u",
      capture->data->len, (guint) skip, straight->data->len);
  fail_unless (memcmp (capture->data->data, straight->data->data + skip, capture->data->len) == 0);
}

void
assert_one_error (const Capture *capture, GQuark domain, gint code, const char *text)
{
  GstMessage *message = capture_message (capture, GST_MESSAGE_ERROR, 0);
  GError *error = NULL;

  fail_unless (message != NULL, "no error");
  gst_message_parse_error (message, &error, NULL);
  fail_unless (error->domain == domain && error->code == code, "%s %d: %s",
      g_quark_to_string (error->domain), error->code, error->message);
  fail_unless (strstr (error->message, text) != NULL, "%s", error->message);
  g_error_free (error);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 1);
  fail_unless_equals_int (capture->buffers->len, 0);
}

GstElement *
make_src (const char *first, ...)
{
  GstElement *src = gst_element_factory_make ("kromosrc", NULL);
  va_list args;

  fail_unless (src != NULL, "no kromosrc: is GST_PLUGIN_PATH set?");
  va_start (args, first);
  if (first)
    g_object_set_valist (G_OBJECT (src), first, args);
  va_end (args);

  return src;
}

char *
data_path (const char *name)
{
  return g_build_filename (g_getenv ("KROMO_TEST_DATA"), "gst", name, NULL);
}

void
counter_add (Counter *counter)
{
  g_mutex_lock (&counter->lock);
  counter->n++;
  g_cond_broadcast (&counter->cond);
  g_mutex_unlock (&counter->lock);
}

gboolean
counter_reaches (Counter *counter, guint n, gint64 deadline)
{
  gboolean in_time = TRUE;

  g_mutex_lock (&counter->lock);
  while (counter->n < n && in_time)
    in_time = g_cond_wait_until (&counter->cond, &counter->lock, deadline);
  in_time = counter->n >= n;
  g_mutex_unlock (&counter->lock);

  return in_time;
}

void
counter_wait (Counter *counter, guint n)
{
  fail_unless (
      counter_reaches (counter, n, g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND), "%u", n);
}
