/* Listens to a sound by WebRTC and writes it to a WAV file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib-unix.h>
#include <libsoup/soup.h>
#include <locale.h>
#include <stdio.h>

#include "peer.h"

#define CONNECT_SECONDS 20
#define SILENT_SECONDS 5 /* a sender who sends nothing for so long is gone */

typedef struct {
  const char *uri, *address;
  GMainLoop *loop;
  GstElement *pipeline, *rtc;
  char *file, *place; /* the connection's URI, for DELETE */
  gboolean is_connected, has_goodbye, is_ending, is_good;
  int n_packets; /* atomic */
  int n_seen, n_silent;
  GError *error;
} App;

static void
fail (App *app, const char *text)
{
  if (!app->error)
    app->error = g_error_new_literal (GST_CORE_ERROR, GST_CORE_ERROR_FAILED, text);
  g_main_loop_quit (app->loop);
}

/* The sender's sound is over, or the user's patience: the file gets its end. */
static void
finish (App *app)
{
  GstElement *tail = gst_bin_get_by_name (GST_BIN (app->pipeline), "tail");
  GstPad *pad;

  if (app->is_ending)
    return;
  app->is_ending = TRUE;
  if (!tail) {
    fail (app, "the sender left before there was a sound");
    return;
  }
  /* The jitter buffer holds back what webrtcbin's latency says. */
  pad = gst_element_get_static_pad (tail, "sink");
  gst_pad_send_event (pad, gst_event_new_eos ());
  gst_object_unref (pad);
  gst_object_unref (tail);
}

static gboolean
on_late_goodbye (gpointer data)
{
  finish (data);

  return G_SOURCE_REMOVE;
}

static gboolean
on_second (gpointer data)
{
  App *app = data;
  int n = g_atomic_int_get (&app->n_packets);

  app->n_silent = n == app->n_seen ? app->n_silent + 1 : 0;
  app->n_seen = n;
  if (app->is_connected && !app->is_ending && app->n_silent == SILENT_SECONDS) {
    app->error = g_error_new (GST_CORE_ERROR, GST_CORE_ERROR_FAILED,
        "nothing has come for %d seconds; the file has what came before", SILENT_SECONDS);
    finish (app);
  }

  return G_SOURCE_CONTINUE;
}

static GstPadProbeReturn
on_packet (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  g_atomic_int_inc (&((App *) data)->n_packets);

  return GST_PAD_PROBE_OK;
}

/* In a thread of webrtcbin's: a stream comes in. */
static void
on_pad_added (GstElement *rtc, GstPad *pad, App *app)
{
  g_autoptr (GError) error = NULL;
  GstElement *tail;
  GstPad *sink;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;
  tail = gst_parse_bin_from_description (
      "queue ! rtpopusdepay ! opusdec ! audioconvert ! audio/x-raw,format=S16LE ! wavenc "
      "! filesink name=file async=false",
      TRUE, &error);
  if (!tail) {
    GST_ELEMENT_ERROR (rtc, CORE, MISSING_PLUGIN, ("%s", error->message), (NULL));
    return;
  }
  gst_object_set_name (GST_OBJECT (tail), "tail");
  gst_child_proxy_set (GST_CHILD_PROXY (tail), "file::location", app->file, NULL);
  gst_bin_add (GST_BIN (app->pipeline), tail);
  sink = gst_element_get_static_pad (tail, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, app, NULL);
  gst_pad_link (pad, sink);
  gst_object_unref (sink);
  gst_element_sync_state_with_parent (tail);
}

/* The address of the connection, which the server gave with its answer */
static char *
place_of (SoupMessage *message)
{
  const char *location =
      soup_message_headers_get_one (soup_message_get_response_headers (message), "Location");
  g_autoptr (GUri) uri = location
      ? g_uri_parse_relative (soup_message_get_uri (message), location, SOUP_HTTP_URI_FLAGS, NULL)
      : NULL;

  return uri ? g_uri_to_string (uri) : NULL;
}

/* Tells the sender, who may be gone already. */
static void
leave (App *app)
{
  g_autoptr (SoupSession) session = soup_session_new_with_options ("timeout", 2, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("DELETE", app->place);
  g_autoptr (GBytes) reply = NULL;

  if (message)
    reply = soup_session_send_and_read (session, message, NULL, NULL);
}

/* Sends the offer and takes the answer. */
static void
negotiate (App *app)
{
  g_autoptr (SoupSession) session =
      soup_session_new_with_options ("timeout", CONNECT_SECONDS, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("POST", app->uri);
  g_autofree char *offer = peer_local_text (app->rtc);
  g_autoptr (GBytes) body = g_bytes_new (offer, strlen (offer));
  g_autoptr (GBytes) reply = NULL;
  g_autofree char *answer = NULL;

  soup_message_set_request_body_from_bytes (message, "application/sdp", body);
  reply = soup_session_send_and_read (session, message, NULL, &app->error);
  if (!reply) {
    g_prefix_error (&app->error, "%s: ", app->uri);
    g_main_loop_quit (app->loop);
    return;
  }
  answer = g_strndup (g_bytes_get_data (reply, NULL), g_bytes_get_size (reply));
  if (soup_message_get_status (message) != SOUP_STATUS_CREATED) {
    g_autofree char *text = g_strdup_printf ("%s: %u %s: %s", app->uri,
        soup_message_get_status (message), soup_message_get_reason_phrase (message), answer);

    fail (app, text);
    return;
  }
  app->place = place_of (message);
  if (!peer_set_remote (app->rtc, GST_WEBRTC_SDP_TYPE_ANSWER, answer, &app->error)) {
    g_main_loop_quit (app->loop);
  }
}

static void
on_peer (App *app, const char *what)
{
  if (g_str_equal (what, "gathered")) {
    negotiate (app);
  } else if (g_str_equal (what, "connected")) {
    app->is_connected = TRUE;
    g_print ("connected\n");
  } else if (g_str_equal (what, "goodbye")) {
    guint latency = 200; /* ms */

    app->has_goodbye = TRUE;
    g_object_get (app->rtc, "latency", &latency, NULL);
    g_timeout_add (latency + 100, on_late_goodbye, app);
  } else if (g_str_equal (what, "closed")) {
    if (app->is_connected)
      finish (app);
    else
      fail (app, "the connection could not be made");
  }
}

/* webrtcbin has sinks too, and they never end: the pipeline as a whole does not. */
static gboolean
is_end_of_file (GstMessage *message)
{
  g_autoptr (GstMessage) forwarded = NULL;

  if (!gst_message_has_name (message, "GstBinForwarded"))
    return FALSE;
  gst_structure_get (
      gst_message_get_structure (message), "message", GST_TYPE_MESSAGE, &forwarded, NULL);

  return GST_MESSAGE_TYPE (forwarded) == GST_MESSAGE_EOS
      && g_str_equal (GST_OBJECT_NAME (GST_MESSAGE_SRC (forwarded)), "tail");
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer data)
{
  App *app = data;
  const char *what = peer_message_what (message);

  if (what) {
    on_peer (app, what);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    if (!app->error)
      gst_message_parse_error (message, &app->error, NULL);
    g_main_loop_quit (app->loop);
  } else if (is_end_of_file (message)) {
    app->is_good = TRUE;
    g_main_loop_quit (app->loop);
  }

  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer data)
{
  finish (data);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_timeout (gpointer data)
{
  App *app = data;

  if (!app->is_connected)
    fail (app, "no connection within 20 seconds");

  return G_SOURCE_REMOVE;
}

static void
start (App *app)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (
      "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=111,"
      "encoding-params=(string)2");
  GstWebRTCRTPTransceiver *transceiver = NULL;

  g_signal_emit_by_name (app->rtc, "add-transceiver", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY,
      caps, &transceiver);
  g_clear_object (&transceiver);
  g_signal_connect (app->rtc, "pad-added", G_CALLBACK (on_pad_added), app);
  gst_element_set_state (app->pipeline, GST_STATE_PLAYING);
  if (!peer_watch (app->rtc, app->pipeline, app->address, &app->error)
      || !peer_describe (app->rtc, "create-offer", &app->error))
    return;
  g_timeout_add_seconds (CONNECT_SECONDS, on_timeout, app);
  g_timeout_add_seconds (1, on_second, app);
  g_unix_signal_add (SIGINT, on_interrupt, app);
  g_unix_signal_add (SIGTERM, on_interrupt, app);
  g_main_loop_run (app->loop);
}

static gboolean
listen_to (App *app)
{
  GstBus *bus;
  guint watch;

  app->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  g_object_set (app->pipeline, "message-forward", TRUE, NULL);
  app->rtc = gst_element_factory_make ("webrtcbin", NULL);
  if (!app->rtc) {
    app->error = g_error_new_literal (GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "GStreamer does not find webrtcbin (gstreamer1.0-plugins-bad, gstreamer1.0-nice)");
    gst_object_unref (app->pipeline);
    return FALSE;
  }
  g_object_set (app->rtc, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, NULL);
  gst_bin_add (GST_BIN (app->pipeline), app->rtc);
  app->loop = g_main_loop_new (NULL, FALSE);
  bus = gst_element_get_bus (app->pipeline);
  watch = gst_bus_add_watch (bus, on_message, app);
  gst_object_unref (bus);
  start (app);
  if (app->place && !app->has_goodbye)
    leave (app);
  g_free (app->place);
  g_source_remove (watch);
  gst_element_set_state (app->pipeline, GST_STATE_NULL);
  gst_object_unref (app->pipeline);
  g_main_loop_unref (app->loop);

  return app->is_good;
}

/* A sender on this machine that listens at the loopback interface also connects over that. */
static gboolean
is_here (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
  const char *host = uri ? g_uri_get_host (uri) : NULL;

  return host && (g_str_has_prefix (host, "127.") || g_str_equal (host, "localhost"));
}

int
main (int argc, char **argv)
{
  App app = { 0 };
  g_autofree char *address = NULL;
  g_auto (GStrv) arguments = NULL;
  const GOptionEntry entries[] = {
    { "address", 'a', 0, G_OPTION_ARG_STRING, &address,
        "Connect only over the interface with this numeric address (all, but 127.0.0.1 when the "
        "sender is there)",
        "ADDRESS" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &arguments, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("URL FILE.wav");
  gboolean good = FALSE;

  setlocale (LC_ALL, "");
  setvbuf (stdout, NULL, _IOLBF, 0);
  gst_init (NULL, NULL);
  g_option_context_set_summary (context,
      "Writes what a WebRTC sender plays to a file, until it says goodbye, or Ctrl-C.\n"
      "URL is where offers go, such as http://127.0.0.1:8080/listen");
  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, &argc, &argv, &app.error)) {
    if (!arguments || !arguments[0] || !arguments[1] || arguments[2]) {
      g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);

      g_printerr ("%s", help);
      return 2;
    }
    if (g_uri_is_valid (arguments[0], G_URI_FLAGS_NONE, &app.error)) {
      app.uri = arguments[0];
      app.file = arguments[1];
      app.address = address ? address : is_here (app.uri) ? "127.0.0.1" : NULL;
      good = listen_to (&app);
    }
  }
  if (app.error) {
    g_printerr ("%s\n", app.error->message);
    g_clear_error (&app.error);
    good = FALSE;
  }

  return !good;
}
