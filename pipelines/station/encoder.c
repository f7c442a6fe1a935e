/* kromo-station: samples to one stream of Ogg/Opus or MP3
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A pipeline of its own, so that a stream can end and the next one begin while the sound goes on. Its time
 * begins at 0 and is counted in samples.
 */
#include "encoder.h"

#include "bus.h"
#include "sound.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#define MAX_FINISHING_TIME (10 * GST_SECOND)

struct _Encoder {
  GstElement *pipeline;
  GstBus *bus;
  GstAppSrc *in;
  guint frame_size; /* bytes */
  guint64 n_frames; /* so far */
  EncoderCallbacks callbacks;
  gpointer user_data;
};

/* ---- out ---- */

static GstFlowReturn
on_sample (GstAppSink *sink, gpointer user_data)
{
  Encoder *encoder = user_data;
  GstSample *sample = gst_app_sink_pull_sample (sink);

  if (!sample)
    return GST_FLOW_EOS;
  encoder->callbacks.bytes (gst_sample_get_buffer (sample), encoder->user_data);
  gst_sample_unref (sample);

  return GST_FLOW_OK;
}

static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  Encoder *encoder = user_data;

  if (GST_EVENT_TYPE (event) == GST_EVENT_TAG)
    encoder->callbacks.tags (event, encoder->user_data);

  return GST_PAD_PROBE_OK;
}

/* ---- making it ---- */

static char *
describe (const Options *options)
{
  const gint rate = options->bitrate;

  if (options->format == FORMAT_OPUS)
    return g_strdup_printf ("appsrc name=in ! opusenc bitrate=%d ! oggmux ! appsink name=out "
                            "sync=false async=false",
        rate * 1000);

  return g_strdup_printf ("appsrc name=in ! lamemp3enc target=bitrate cbr=true bitrate=%d ! "
                          "appsink name=out sync=false async=false",
      rate);
}

static void
connect_all (Encoder *encoder, const Options *options)
{
  GstAppSinkCallbacks callbacks = { .new_sample = on_sample };
  GstElement *sink = gst_bin_get_by_name (GST_BIN (encoder->pipeline), "out");
  GstPad *pad = gst_element_get_static_pad (sink, "sink");
  GstCaps *caps = gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING, "S16LE", "layout",
      G_TYPE_STRING, "interleaved", "rate", G_TYPE_INT, SOUND_RATE, "channels", G_TYPE_INT,
      options->channels, NULL);

  encoder->bus = bus_get_sifted (encoder->pipeline);
  encoder->in = GST_APP_SRC (gst_bin_get_by_name (GST_BIN (encoder->pipeline), "in"));
  g_object_set (encoder->in, "caps", caps, "format", GST_FORMAT_TIME, "block", TRUE, "max-bytes",
      (guint64) SOUND_RATE * encoder->frame_size, NULL);
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, encoder, NULL);
  if (options->format == FORMAT_MP3)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, encoder, NULL);
  gst_caps_unref (caps);
  gst_object_unref (pad);
  gst_object_unref (sink);
}

Encoder *
encoder_new (const Options *options, GstTagList *tags, const EncoderCallbacks *callbacks,
    gpointer user_data, GError **error)
{
  g_autofree char *description = describe (options);
  GstElement *pipeline =
      gst_parse_launch_full (description, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  Encoder *encoder;

  if (!pipeline)
    return NULL;
  encoder = g_new0 (Encoder, 1);
  encoder->pipeline = pipeline;
  encoder->frame_size = 2 * (guint) options->channels;
  encoder->callbacks = *callbacks;
  encoder->user_data = user_data;
  connect_all (encoder, options);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  if (tags)
    encoder_push_tags (encoder, tags);

  return encoder;
}

/* ---- in ---- */

void
encoder_push_tags (Encoder *encoder, GstTagList *tags)
{
  /* appsrc keeps events in line with buffers. */
  gst_element_send_event (GST_ELEMENT (encoder->in), gst_event_new_tag (gst_tag_list_ref (tags)));
}

gboolean
encoder_push (Encoder *encoder, GstBuffer *samples)
{
  GstBuffer *buffer = gst_buffer_copy (samples);
  guint64 n_frames = gst_buffer_get_size (samples) / encoder->frame_size;
  guint64 end = encoder->n_frames + n_frames;

  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale_int (encoder->n_frames, GST_SECOND, SOUND_RATE);
  GST_BUFFER_DURATION (buffer) =
      gst_util_uint64_scale_int (end, GST_SECOND, SOUND_RATE) - GST_BUFFER_PTS (buffer);
  GST_BUFFER_OFFSET (buffer) = encoder->n_frames;
  GST_BUFFER_OFFSET_END (buffer) = end;
  GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_DISCONT);
  encoder->n_frames = end;

  return gst_app_src_push_buffer (encoder->in, buffer) == GST_FLOW_OK;
}

gboolean
encoder_finish (Encoder *encoder, GError **error)
{
  GstMessage *message;
  gboolean good;

  gst_app_src_end_of_stream (encoder->in);
  message = gst_bus_timed_pop_filtered (
      encoder->bus, MAX_FINISHING_TIME, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  good = message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
  if (!message)
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_ENCODE, "it does not come to an end");
  else if (!good)
    gst_message_parse_error (message, error, NULL);
  g_clear_pointer (&message, gst_message_unref);
  gst_element_set_state (encoder->pipeline, GST_STATE_NULL);
  gst_object_unref (encoder->bus);
  gst_object_unref (encoder->in);
  gst_object_unref (encoder->pipeline);
  g_free (encoder);

  return good;
}
