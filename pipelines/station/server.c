/* kromo-station: the connection to an Icecast server
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * shout2send does not recover from errors: each connection is a pipeline of its own, thrown away when it
 * breaks. While there is none, what is pushed is lost. A new one takes nothing before server_begin(), so that
 * it gets a stream from its beginning.
 *
 * libshout loses a socket with each connection that does not come about. So the port is knocked at before, and
 * a server that answers but refuses is asked less often.
 */
#include "server.h"

#include "bus.h"

#include <gio/gio.h>
#include <gst/app/gstappsrc.h>

/* What a connection may be behind before it counts as broken, seconds. */
#define MAX_BEHIND 10
#define BYTES_BEHIND 65536 /* headers weigh where sounds are short */
#define MAX_CLOSING_TIME (5 * GST_SECOND)
/* Seconds between attempts: where nobody answers, and where the server refuses. */
#define MAX_PAUSE 10
#define MAX_PAUSE_REFUSED 60
#define MAX_KNOCKING_TIME 5 /* seconds */

struct _Server {
  const Options *options;
  OutletFailed failed;
  gpointer user_data;

  /* main thread */
  GstElement *pipeline; /* NULL: no connection */
  GstElement *sink;
  GSocketClient *client;
  GCancellable *cancellable;
  guint watch, tick, timeout;
  guint pause;     /* before the next attempt, seconds */
  gboolean is_up;  /* the server takes what is sent */
  gboolean was_up; /* at any time */
  gint64 connected_at;

  GMutex lock;
  GstAppSrc *current; /* takes what is pushed */
  GstAppSrc *waiting; /* will take the next stream */
  gboolean is_behind;
};

/* ---- connecting ---- */

static void attempt (Server *server);

static void
disconnect (Server *server)
{
  g_mutex_lock (&server->lock);
  gst_clear_object (&server->current);
  gst_clear_object (&server->waiting);
  server->is_behind = FALSE;
  g_mutex_unlock (&server->lock);

  g_clear_handle_id (&server->watch, g_source_remove);
  g_clear_handle_id (&server->tick, g_source_remove);
  if (server->pipeline)
    gst_element_set_state (server->pipeline, GST_STATE_NULL);
  gst_clear_object (&server->sink);
  gst_clear_object (&server->pipeline);
  server->is_up = FALSE;
}

static gboolean
on_timeout (gpointer user_data)
{
  Server *server = user_data;

  server->timeout = 0;
  attempt (server);

  return G_SOURCE_REMOVE;
}

/* The pause grows, unless the connection was a good one. */
static void
lose (Server *server, const char *reason, guint max_pause)
{
  const Options *options = server->options;
  g_autofree char *text =
      g_strdup_printf ("http://%s:%d%s: %s", options->host, options->port, options->mount, reason);
  gboolean was_good = server->is_up
      && g_get_monotonic_time () - server->connected_at > MAX_PAUSE * G_TIME_SPAN_SECOND;

  disconnect (server);
  if (!server->was_up && !options->wait) {
    g_autoptr (GError) error =
        g_error_new_literal (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_WRITE, text);

    server->failed (error, server->user_data);
    return;
  }
  server->pause = was_good || server->pause == 0 ? 1 : MIN (2 * server->pause, max_pause);
  g_printerr ("%s; trying again in %u s\n", text, server->pause);
  server->timeout = g_timeout_add_seconds (server->pause, on_timeout, server);
}

static gboolean
has_sent (Server *server)
{
  GstStructure *stats = NULL;
  guint64 rendered = 0;

  g_object_get (server->sink, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, "rendered", &rendered);
  gst_structure_free (stats);

  return rendered > 0;
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Server *server = user_data;
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;
  gst_message_parse_error (message, &error, NULL);
  server->watch = 0;
  if (server->is_up)
    lose (server, error->message, MAX_PAUSE);
  else
    lose (server, "It does not take us; are user and password right, and is the mount free?",
        MAX_PAUSE_REFUSED);

  return G_SOURCE_REMOVE;
}

static gboolean
on_tick (gpointer user_data)
{
  Server *server = user_data;
  gboolean is_behind;

  g_mutex_lock (&server->lock);
  is_behind = server->is_behind;
  g_mutex_unlock (&server->lock);
  if (is_behind) {
    server->tick = 0;
    lose (server, "The server does not take what is sent", MAX_PAUSE);
    return G_SOURCE_REMOVE;
  }
  if (!server->is_up && has_sent (server)) {
    const Options *options = server->options;

    server->is_up = server->was_up = TRUE;
    server->connected_at = g_get_monotonic_time ();
    if (!options->quiet)
      g_print ("on air at http://%s:%d%s\n", options->host, options->port, options->mount);
  }

  return G_SOURCE_CONTINUE;
}

static void
set_properties (Server *server, GstElement *in)
{
  const Options *options = server->options;
  GstCaps *caps = gst_caps_from_string (
      options->format == FORMAT_OPUS ? "application/ogg" : "audio/mpeg,mpegversion=1,layer=3");

  g_object_set (
      in, "caps", caps, "format", GST_FORMAT_TIME, "max-bytes", G_GUINT64_CONSTANT (0), NULL);
  gst_caps_unref (caps);
  g_object_set (server->sink, "ip", options->host, "port", options->port, "mount", options->mount,
      "username", options->user, "password", options->password, "streamname", options->name,
      "public", options->is_public, "genre", options->genre, "description", options->description,
      "user-agent", "kromo-station/" PACKAGE_VERSION, NULL);
  if (options->url)
    g_object_set (server->sink, "url", options->url, NULL);
}

static gboolean
make_pipeline (Server *server, GError **error)
{
  GstElement *in;
  GstBus *bus;

  server->pipeline = gst_parse_launch_full (
      "appsrc name=in ! shout2send name=out", NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (!server->pipeline)
    return FALSE;
  in = gst_bin_get_by_name (GST_BIN (server->pipeline), "in");
  server->sink = gst_bin_get_by_name (GST_BIN (server->pipeline), "out");
  set_properties (server, in);
  bus = bus_get_sifted (server->pipeline);
  server->watch = gst_bus_add_watch (bus, on_message, server);
  gst_object_unref (bus);
  gst_element_set_state (server->pipeline, GST_STATE_PLAYING);
  server->tick = g_timeout_add_seconds (1, on_tick, server);

  g_mutex_lock (&server->lock);
  server->waiting = GST_APP_SRC (in);
  g_mutex_unlock (&server->lock);

  return TRUE;
}

static void
on_knocked (GObject *client, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection =
      g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (client), result, &error);
  Server *server = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* there is no server any more */
  if (!connection || !make_pipeline (server, &error))
    lose (server, error->message, MAX_PAUSE);
  g_clear_object (&connection);
}

static void
attempt (Server *server)
{
  g_socket_client_connect_to_host_async (server->client, server->options->host,
      (guint16) server->options->port, server->cancellable, on_knocked, server);
}

/* Whether somebody answers; so the first sound can begin with a connection. */
static gboolean
knock (Server *server, GError **error)
{
  const Options *options = server->options;
  g_autoptr (GError) reason = NULL;
  GSocketConnection *connection = g_socket_client_connect_to_host (
      server->client, options->host, (guint16) options->port, NULL, &reason);

  if (!connection) {
    g_set_error (error, reason->domain, reason->code, "http://%s:%d%s: %s; --wait keeps trying",
        options->host, options->port, options->mount, reason->message);
    return FALSE;
  }
  g_object_unref (connection);

  return TRUE;
}

static void
server_free (Server *server)
{
  disconnect (server);
  g_object_unref (server->client);
  g_object_unref (server->cancellable);
  g_mutex_clear (&server->lock);
  g_free (server);
}

Server *
server_new (const Options *options, OutletFailed failed, gpointer user_data, GError **error)
{
  Server *server = g_new0 (Server, 1);

  g_mutex_init (&server->lock);
  server->options = options;
  server->failed = failed;
  server->user_data = user_data;
  server->client = g_socket_client_new ();
  server->cancellable = g_cancellable_new ();
  g_socket_client_set_timeout (server->client, MAX_KNOCKING_TIME);
  if (options->wait)
    attempt (server);
  else if (!knock (server, error) || !make_pipeline (server, error))
    g_clear_pointer (&server, server_free);

  return server;
}

/* ---- sending ---- */

gboolean
server_is_waiting (Server *server)
{
  gboolean is_waiting;

  g_mutex_lock (&server->lock);
  is_waiting = server->waiting != NULL;
  g_mutex_unlock (&server->lock);

  return is_waiting;
}

void
server_begin (Server *server)
{
  g_mutex_lock (&server->lock);
  if (server->waiting) {
    gst_clear_object (&server->current);
    server->current = g_steal_pointer (&server->waiting);
  }
  g_mutex_unlock (&server->lock);
}

/* shout2send waits for the server; the queue is appsrc's. */
void
server_push (Server *server, GstBuffer *bytes)
{
  const guint64 max_queued =
      (guint64) server->options->bitrate * 1000 / 8 * MAX_BEHIND + BYTES_BEHIND;

  g_mutex_lock (&server->lock);
  if (server->current && !server->is_behind) {
    gst_app_src_push_buffer (server->current, gst_buffer_ref (bytes));
    server->is_behind = gst_app_src_get_current_level_bytes (server->current) > max_queued;
  }
  g_mutex_unlock (&server->lock);
}

void
server_push_tags (Server *server, GstEvent *event)
{
  g_mutex_lock (&server->lock);
  if (server->current)
    gst_element_send_event (GST_ELEMENT (server->current), gst_event_ref (event));
  g_mutex_unlock (&server->lock);
}

/* ---- the end ---- */

static gboolean
send_the_rest (Server *server, GError **error)
{
  GstBus *bus = gst_element_get_bus (server->pipeline);
  GstMessage *message;
  gboolean good;

  gst_app_src_end_of_stream (server->current);
  message = gst_bus_timed_pop_filtered (bus, MAX_CLOSING_TIME, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  good = message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
  if (!message)
    g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_WRITE,
        "The server does not take the rest of what is sent");
  else if (!good)
    gst_message_parse_error (message, error, NULL);
  g_clear_pointer (&message, gst_message_unref);
  gst_object_unref (bus);

  return good;
}

gboolean
server_close (Server *server, GError **error)
{
  gboolean good = TRUE;

  g_clear_handle_id (&server->watch, g_source_remove);
  g_clear_handle_id (&server->timeout, g_source_remove);
  if (server->current)
    good = send_the_rest (server, error);
  g_cancellable_cancel (server->cancellable);
  server_free (server);

  return good;
}
