/* One listener of a WebRTC sender: a pipeline of its own, in which the sound begins when the connection stands
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "listener.h"

#include "peer.h"

/* A listener who does not connect in this time is given up. */
#define CONNECT_SECONDS 20
/* The last packet passes a queue or two of webrtcbin's when the end of the stream has come. */
#define LAST_PACKET_MS 100
/* The goodbye goes out when the sound is over; the connection stays for what is still under way. */
#define GOODBYE_MS 1000

struct _Listener {
  GstElement *pipeline, *rtc, *source;
  guint bus_watch, timeout;
  gboolean has_answered, is_over, has_ended;
  ListenerAnswered answered;
  ListenerEnded ended;
  gpointer data;
};

/* The listener may be gone afterwards. */
static void
end (Listener *self, const char *reason)
{
  if (self->has_ended)
    return;
  self->has_ended = TRUE;
  if (!self->has_answered) {
    self->has_answered = TRUE;
    self->answered (self, NULL, reason, self->data);
  }
  self->ended (self, reason, self->data);
}

static gboolean
on_timeout (gpointer data)
{
  Listener *self = data;

  self->timeout = 0;
  end (self, "did not connect");

  return G_SOURCE_REMOVE;
}

static gboolean
on_goodbye_said (gpointer data)
{
  Listener *self = data;

  self->timeout = 0;
  end (self, "heard it all");

  return G_SOURCE_REMOVE;
}

static void set_timeout (Listener *self, guint ms, GSourceFunc func);
static void say_goodbye (Listener *self);

static gboolean
on_over (gpointer data)
{
  Listener *self = data;

  self->timeout = 0;
  say_goodbye (self);
  set_timeout (self, GOODBYE_MS, on_goodbye_said);

  return G_SOURCE_REMOVE;
}

static void
set_timeout (Listener *self, guint ms, GSourceFunc func)
{
  if (self->timeout)
    g_source_remove (self->timeout);
  self->timeout = func ? g_timeout_add (ms, func, self) : 0;
}

/* With the end of the stream the RTP session says goodbye (RTCP BYE), but rtprtxsend before it, which webrtcbin
 * has in any case, keeps that event to itself. */
static void
say_goodbye (Listener *self)
{
  GstElement *rtpbin = gst_bin_get_by_name (GST_BIN (self->rtc), "rtpbin");
  GstElement *session = NULL;
  GstPad *pad;

  if (rtpbin)
    g_signal_emit_by_name (rtpbin, "get-session", 0, &session);
  pad = session ? gst_element_get_static_pad (session, "send_rtp_sink") : NULL;
  if (pad) {
    gst_pad_send_event (pad, gst_event_new_eos ());
    gst_object_unref (pad);
  }
  gst_clear_object (&session);
  gst_clear_object (&rtpbin);
}

/* The sound begins now: its running time 0 is this moment, for its own pace and downstream. */
static void
start_sound (Listener *self)
{
  GstClock *clock = gst_element_get_clock (self->pipeline);
  GstClockTime now = gst_clock_get_time (clock);
  GstPad *pad = gst_element_get_static_pad (self->source, "src");

  gst_pad_set_offset (pad, now - gst_element_get_base_time (self->pipeline));
  gst_object_unref (pad);
  gst_object_unref (clock);
  gst_element_set_base_time (self->source, now);
  gst_element_set_locked_state (self->source, FALSE);
  if (!gst_element_sync_state_with_parent (self->source))
    return; /* an error message says why */
}

static void
on_peer (Listener *self, const char *what)
{
  if (g_str_equal (what, "gathered") && !self->has_answered) {
    g_autofree char *text = peer_local_text (self->rtc);

    self->has_answered = TRUE;
    self->answered (self, text, "no description", self->data);
  } else if (g_str_equal (what, "connected") && gst_element_is_locked_state (self->source)) {
    set_timeout (self, 0, NULL);
    start_sound (self);
  } else if (g_str_equal (what, "over")) {
    self->is_over = TRUE;
    set_timeout (self, LAST_PACKET_MS, on_over);
  } else if (g_str_equal (what, "closed")) {
    end (self, self->is_over ? "heard it all" : "left");
  }
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer data)
{
  Listener *self = data;
  const char *what = peer_message_what (message);

  if (what) {
    on_peer (self, what);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_error (message, &error, NULL);
    end (self, error->message);
  }

  return G_SOURCE_CONTINUE;
}

static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer pipeline)
{
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS)
    peer_post (pipeline, "over");

  return GST_PAD_PROBE_OK;
}

/* Opus at a constant rate, whose bytes tell the time: packets of exactly 960 ticks, the first one too. */
static GstElement *
make_pipeline (const ListenerSettings *settings, int payload_type, GError **error)
{
  int channels = settings->sound->channels == 2 ? 2 : 1;
  g_autofree char *text = g_strdup_printf (
      "kromosrc name=source is-live=true min-chunk-duration=20000000 max-chunk-duration=20000000 "
      "! audio/x-raw,rate=48000,channels=%d ! audioconvert ! queue "
      "! opusenc frame-size=20 bitrate-type=cbr bitrate=%d ! identity datarate=%d "
      "! rtpopuspay pt=%d ! application/x-rtp,media=audio,encoding-name=OPUS,payload=%d "
      "! webrtcbin name=rtc bundle-policy=max-bundle",
      channels, settings->bitrate, settings->bitrate / 8, payload_type, payload_type);

  return gst_parse_launch (text, error);
}

static gboolean
answer (Listener *self, const char *offer, GError **error)
{
  GstWebRTCRTPTransceiver *transceiver = NULL;

  /* It neither listens nor is it thought to. */
  g_signal_emit_by_name (self->rtc, "get-transceiver", 0, &transceiver);
  if (transceiver) {
    g_object_set (transceiver, "direction", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, NULL);
    gst_object_unref (transceiver);
  }

  return peer_set_remote (self->rtc, GST_WEBRTC_SDP_TYPE_OFFER, offer, error)
      && peer_describe (self->rtc, "create-answer", error);
}

Listener *
listener_new (const ListenerSettings *settings, const char *offer, ListenerAnswered answered,
    ListenerEnded ended, gpointer data, GError **error)
{
  int payload_type = peer_find_opus (offer);
  Listener *self;
  GstElement *pipeline;
  GstBus *bus;
  GstPad *pad;

  if (payload_type < 0) {
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
        "the offer is no SDP that asks for audio in Opus");
    return NULL;
  }
  pipeline = make_pipeline (settings, payload_type, error);
  if (!pipeline)
    return NULL;

  self = g_new0 (Listener, 1);
  self->pipeline = gst_object_ref_sink (pipeline);
  self->rtc = gst_bin_get_by_name (GST_BIN (pipeline), "rtc");
  self->source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  self->answered = answered;
  self->ended = ended;
  self->data = data;
  if (settings->genome)
    g_object_set (self->source, "location", settings->genome, NULL);
  sound_options_apply (settings->sound, self->source);
  gst_element_set_locked_state (self->source, TRUE);

  bus = gst_element_get_bus (pipeline);
  self->bus_watch = gst_bus_add_watch (bus, on_message, self);
  gst_object_unref (bus);
  pad = gst_element_get_static_pad (self->rtc, "sink_0");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, pipeline, NULL);
  gst_object_unref (pad);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  if (!peer_watch (self->rtc, pipeline, settings->address, error) || !answer (self, offer, error)) {
    listener_free (self);
    return NULL;
  }
  set_timeout (self, CONNECT_SECONDS * 1000, on_timeout);

  return self;
}

void
listener_free (Listener *self)
{
  set_timeout (self, 0, NULL);
  g_source_remove (self->bus_watch);
  gst_element_set_locked_state (self->source, FALSE);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->source);
  gst_object_unref (self->rtc);
  gst_object_unref (self->pipeline);
  g_free (self);
}
