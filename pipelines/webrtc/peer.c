/* What both ends of a WebRTC connection do with their webrtcbin
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "peer.h"

#include <stdlib.h>
#include <string.h>

void
peer_post (GstElement *pipeline, const char *what)
{
  gst_element_post_message (pipeline,
      gst_message_new_application (GST_OBJECT (pipeline),
          gst_structure_new (PEER_MESSAGE, "what", G_TYPE_STRING, what, NULL)));
}

const char *
peer_message_what (GstMessage *message)
{
  const GstStructure *structure = gst_message_get_structure (message);

  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_APPLICATION
          && gst_structure_has_name (structure, PEER_MESSAGE)
      ? gst_structure_get_string (structure, "what")
      : NULL;
}

/* ---- what happens, in threads of webrtcbin's ---- */

static void
on_gathering (GstElement *rtc, GParamSpec *spec, GstElement *pipeline)
{
  GstWebRTCICEGatheringState state;

  g_object_get (rtc, "ice-gathering-state", &state, NULL);
  if (state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE)
    peer_post (pipeline, "gathered");
}

static void
on_connection (GstElement *rtc, GParamSpec *spec, GstElement *pipeline)
{
  GstWebRTCPeerConnectionState state;

  g_object_get (rtc, "connection-state", &state, NULL);
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
    peer_post (pipeline, "connected");
  else if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED
      || state == GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED)
    peer_post (pipeline, "closed");
}

static void
on_bye (GstElement *rtpbin, guint session, guint ssrc, GstElement *pipeline)
{
  peer_post (pipeline, "goodbye");
}

/* The other end reports every few seconds; when it does not any more, it is gone without a word. */
static void
on_timeout (GstElement *rtpbin, guint session, guint ssrc, GstElement *pipeline)
{
  peer_post (pipeline, "closed");
}

gboolean
peer_watch (GstElement *rtc, GstElement *pipeline, const char *address, GError **error)
{
  GstElement *rtpbin = gst_bin_get_by_name (GST_BIN (rtc), "rtpbin");
  gboolean is_added = TRUE;

  g_signal_connect (rtc, "notify::ice-gathering-state", G_CALLBACK (on_gathering), pipeline);
  g_signal_connect (rtc, "notify::connection-state", G_CALLBACK (on_connection), pipeline);
  if (rtpbin) {
    g_signal_connect (rtpbin, "on-bye-ssrc", G_CALLBACK (on_bye), pipeline);
    g_signal_connect (rtpbin, "on-timeout", G_CALLBACK (on_timeout), pipeline);
    gst_object_unref (rtpbin);
  }
  if (address) {
    GObject *agent = NULL;

    g_object_get (rtc, "ice-agent", &agent, NULL);
    g_signal_emit_by_name (agent, "add-local-ip-address", address, &is_added);
    g_object_unref (agent);
  }
  if (!is_added)
    g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
        "\"%s\" is no numeric address that connections can be made from", address);

  return is_added;
}

/* ---- descriptions ---- */

/* Waits for @promise and takes it; NULL with @error set where the answer is one. (transfer full) */
static GstStructure *
take_reply (GstPromise *promise, GError **error)
{
  GstPromiseResult result = gst_promise_wait (promise);
  const GstStructure *reply =
      result == GST_PROMISE_RESULT_REPLIED ? gst_promise_get_reply (promise) : NULL;
  GstStructure *copy = NULL;

  if (reply && gst_structure_has_field (reply, "error"))
    gst_structure_get (reply, "error", G_TYPE_ERROR, error, NULL);
  else if (result == GST_PROMISE_RESULT_REPLIED)
    copy = reply ? gst_structure_copy (reply) : gst_structure_new_empty ("done");
  else
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED, "webrtcbin gives no answer");
  gst_promise_unref (promise);

  return copy;
}

static gboolean
set_description (
    GstElement *rtc, const char *signal, GstWebRTCSessionDescription *description, GError **error)
{
  GstPromise *promise = gst_promise_new ();
  GstStructure *reply;

  g_signal_emit_by_name (rtc, signal, description, gst_promise_ref (promise));
  reply = take_reply (promise, error);
  gst_promise_unref (promise);
  if (!reply)
    return FALSE;
  gst_structure_free (reply);

  return TRUE;
}

gboolean
peer_describe (GstElement *rtc, const char *signal, GError **error)
{
  GstPromise *promise = gst_promise_new ();
  GstWebRTCSessionDescription *description = NULL;
  GstStructure *reply;
  gboolean good;

  g_signal_emit_by_name (rtc, signal, NULL, gst_promise_ref (promise));
  reply = take_reply (promise, error);
  gst_promise_unref (promise);
  if (!reply)
    return FALSE;
  gst_structure_get (reply, g_str_equal (signal, "create-offer") ? "offer" : "answer",
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, NULL);
  gst_structure_free (reply);
  if (!description) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED, "webrtcbin has no description");
    return FALSE;
  }
  good = set_description (rtc, "set-local-description", description, error);
  gst_webrtc_session_description_free (description);

  return good;
}

gboolean
peer_set_remote (GstElement *rtc, GstWebRTCSDPType type, const char *text, GError **error)
{
  GstSDPMessage *sdp;
  GstWebRTCSessionDescription *description;
  gboolean good;

  if (gst_sdp_message_new_from_text (text, &sdp) != GST_SDP_OK) {
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT, "this is no SDP");
    return FALSE;
  }
  description = gst_webrtc_session_description_new (type, sdp);
  good = set_description (rtc, "set-remote-description", description, error);
  gst_webrtc_session_description_free (description);

  return good;
}

char *
peer_local_text (GstElement *rtc)
{
  GstWebRTCSessionDescription *description = NULL;
  char *text;

  g_object_get (rtc, "local-description", &description, NULL);
  if (!description)
    return NULL;
  text = gst_sdp_message_as_text (description->sdp);
  gst_webrtc_session_description_free (description);

  return text;
}

int
peer_find_opus (const char *offer)
{
  g_autoptr (GRegex) opus = g_regex_new (
      "^a=rtpmap:(\\d{1,3}) opus/48000/2\\s*$", G_REGEX_CASELESS | G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *type = NULL;

  if (!strstr (offer, "\nm=audio ") || !g_regex_match (opus, offer, 0, &match))
    return -1;
  type = g_match_info_fetch (match, 1);

  return (int) g_ascii_strtoll (type, NULL, 10);
}
