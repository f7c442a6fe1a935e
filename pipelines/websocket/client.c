/* kromo-websocket: one client
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What it says, how long it may stay. A client that is gone is kept until its threads have ended, so that the
 * number of clients bounds them too.
 */

#include "client.h"

#include <math.h>

#include "envelope.h"
#include "feed.h"
#include "gate.h"
#include "message.h"
#include "request.h"

/* What a message counts against the rate. */
#define COST_RENDER 10.0
#define COST_BYTES (16.0 * 1024)

#define MAX_SECONDS 1e9

/* Seconds that a client has to say good-bye too. */
#define CLOSING_TIME 2.0

struct _Client {
  ClientHost host;
  GIOStream *stream;
  SoupWebsocketConnection *connection;
  Gate *gate;
  guint tick;
  gboolean closed, refused;
  gint64 closing_since; /* 0: it is not */

  /* Receiving */
  double tokens;
  gint64 tokens_at, heard_at;

  Feed feed;
};

static double
seconds_since (gint64 then)
{
  return (double) (g_get_monotonic_time () - then) / G_USEC_PER_SEC;
}

void
client_poke (Client *self)
{
  feed_try_start (&self->feed);
}

/* ---- what the client says ---- */

static gboolean
handle_render (Client *self, JsonObject *message, char *genome, GError **error)
{
  Request *request = request_new (self->host.settings, self->host.library, message, genome, error);

  if (!request)
    return FALSE;
  feed_render (&self->feed, request);

  return TRUE;
}

static gboolean
handle_position (Client *self, JsonObject *message, GError **error)
{
  double position = NAN;

  if (!request_read_number (
          message, "position", -MAX_SECONDS, MAX_SECONDS, " seconds", &position, NULL, error))
    return FALSE;
  if (isnan (position)) {
    g_set_error_literal (
        error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "position must be a number");
    return FALSE;
  }
  feed_set_position (&self->feed, position);

  return TRUE;
}

static gboolean
handle_change (Client *self, JsonObject *message, JsonNode *id, GError **error)
{
  double note_delta = 0, velocity = 0, ahead = 0;
  gboolean has_note_delta, has_velocity, has_ahead;

  if (!request_read_number (message, "noteDelta", -REQUEST_MAX_NOTE_DELTA, REQUEST_MAX_NOTE_DELTA,
          " semitones", &note_delta, &has_note_delta, error)
      || !request_read_number (message, "velocity", 0, 1, "", &velocity, &has_velocity, error)
      || !request_read_number (message, "ahead", REQUEST_MIN_AHEAD, REQUEST_MAX_AHEAD, " seconds",
          &ahead, &has_ahead, error))
    return FALSE;
  feed_change (&self->feed, id, has_note_delta ? &note_delta : NULL,
      has_velocity ? &velocity : NULL, has_ahead ? &ahead : NULL);

  return TRUE;
}

/* Takes @genome. */
static gboolean
handle (Client *self, JsonObject *message, JsonNode *id, char *genome, GError **error)
{
  JsonNode *node = json_object_get_member (message, "type");
  const char *type = node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

  if (g_strcmp0 (type, "render") == 0) {
    self->tokens -= COST_RENDER;
    return handle_render (self, message, genome, error);
  }
  g_free (genome);
  if (g_strcmp0 (type, "playback-position") == 0)
    return handle_position (self, message, error);
  if (g_strcmp0 (type, "change") == 0)
    return handle_change (self, message, id, error);
  if (g_strcmp0 (type, "stop") == 0) {
    feed_stop (&self->feed, id);
    return TRUE;
  }
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      "type must be \"render\", \"playback-position\", \"change\" or \"stop\"");

  return FALSE;
}

/* A bucket of tokens that holds those of two seconds. Who owes some is not read until they have come. */
static void
count_message (Client *self, gsize size)
{
  double rate = self->host.settings->rate;
  gint64 now = g_get_monotonic_time ();

  self->tokens = MIN (self->tokens + rate * seconds_since (self->tokens_at), 2 * rate);
  self->tokens_at = now;
  self->tokens -= 1 + (double) size / COST_BYTES;
}

static void
pause_if_too_fast (Client *self)
{
  if (self->tokens < 0)
    gate_pause (self->gate,
        self->tokens_at + (gint64) (-self->tokens / self->host.settings->rate * G_USEC_PER_SEC));
}

static void
on_message (SoupWebsocketConnection *connection, SoupWebsocketDataType type, GBytes *bytes,
    gpointer user_data)
{
  Client *self = user_data;
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  g_autoptr (JsonObject) message = NULL;
  g_autoptr (JsonNode) id = NULL;
  g_autoptr (GError) error = NULL;
  char *genome = NULL;

  gate_reset (self->gate);
  self->heard_at = g_get_monotonic_time ();
  if (self->closed || self->closing_since)
    return;
  count_message (self, size);
  if (type != SOUP_WEBSOCKET_DATA_TEXT) {
    feed_send_text (&self->feed, message_error (NULL, "Messages to the server must be JSON text"));
    pause_if_too_fast (self);
    return;
  }

  message = envelope_open (text ? text : "", size, &genome, &error);
  if (message && !request_read_id (message, &id, &error))
    g_clear_pointer (&genome, g_free);
  else if (message)
    handle (self, message, id, genome, &error);
  if (error)
    feed_send_text (&self->feed, message_error (id, error->message));
  pause_if_too_fast (self);
}

/* ---- coming and going ---- */

static void
on_pong (SoupWebsocketConnection *connection, GBytes *bytes, gpointer user_data)
{
  Client *self = user_data;

  self->heard_at = g_get_monotonic_time ();
}

static void
on_feed_gone (gpointer user_data)
{
  Client *self = user_data;

  self->host.gone (self, self->host.user_data);
}

/* Lets go of the connection at once, and of the rest when the player is gone. */
static void
drop (Client *self)
{
  gboolean is_gone;

  if (self->closed)
    return;
  self->closed = TRUE;
  g_clear_handle_id (&self->tick, g_source_remove);
  is_gone = feed_end (&self->feed);
  g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  g_io_stream_close (self->stream, NULL, NULL);
  if (is_gone)
    self->host.gone (self, self->host.user_data);
}

static void
on_closed (SoupWebsocketConnection *connection, gpointer user_data)
{
  drop (user_data);
}

/* Once a second: who does not read, does not play or does not answer is let go. */
static gboolean
on_tick (gpointer user_data)
{
  Client *self = user_data;
  double timeout = self->host.settings->timeout;

  if (feed_is_stalled (&self->feed, timeout)
      || (self->closing_since && seconds_since (self->closing_since) > CLOSING_TIME)
      || seconds_since (self->heard_at) > 2 * timeout) {
    self->tick = 0;
    drop (self);
    return G_SOURCE_REMOVE;
  }
  feed_check_position (&self->feed, timeout);

  return G_SOURCE_CONTINUE;
}

void
client_close (Client *self, gushort code, const char *reason)
{
  if (self->closed || self->closing_since)
    return;
  self->closing_since = g_get_monotonic_time ();
  feed_stop (&self->feed, NULL);
  if (soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->connection, code, reason);
}

void
client_refuse (Client *self, const char *reason)
{
  self->refused = TRUE;
  feed_send_text (&self->feed, message_error (NULL, reason));
  /* "Try again later", 1013, is not among the codes that libsoup sends. */
  client_close (self, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, reason);
}

gboolean
client_has_place (Client *self)
{
  return !self->refused;
}

static void
listen_to_connection (Client *self)
{
  SoupWebsocketConnection *connection = self->connection;

  soup_websocket_connection_set_max_incoming_payload_size (
      connection, (guint64) self->host.settings->max_genome_bytes + ENVELOPE_MAX_BYTES);
  soup_websocket_connection_set_keepalive_interval (
      connection, (guint) MAX (1, self->host.settings->timeout / 2));
  g_signal_connect (connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (connection, "pong", G_CALLBACK (on_pong), self);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
}

Client *
client_new (const ClientHost *host, GIOStream *stream, GUri *uri, const char *origin)
{
  Client *self = g_new0 (Client, 1);
  g_autoptr (GIOStream) gated = NULL;

  self->host = *host;
  self->stream = stream;
  self->tokens = 2 * host->settings->rate;
  self->tokens_at = self->heard_at = g_get_monotonic_time ();
  /* Twice the largest message: its frames have heads, and pings may lie between. */
  self->gate =
      gate_new (stream, 2 * ((gsize) host->settings->max_genome_bytes + ENVELOPE_MAX_BYTES));
  gated =
      g_simple_io_stream_new (G_INPUT_STREAM (self->gate), g_io_stream_get_output_stream (stream));
  self->connection = soup_websocket_connection_new (
      gated, uri, SOUP_WEBSOCKET_CONNECTION_SERVER, origin, NULL, NULL);
  feed_init (&self->feed, &self->host, self->connection, stream, on_feed_gone, self);
  listen_to_connection (self);
  self->tick = g_timeout_add_seconds (1, on_tick, self);

  feed_send_text (
      &self->feed, message_welcome ("kromo: ask for a sound with a message of type render"));

  return self;
}

void
client_free (Client *self)
{
  g_clear_object (&self->gate);
  g_object_unref (self->stream);
  g_free (self);
}
