/* kromo-websocket: one client
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * At most one sound is rendered for a client, and at most one chunk of it is with libsoup at a time: the next
 * is pulled when the socket has taken that one and the client's position has come near enough. A client that
 * is gone is kept until its threads have ended, so that the number of clients bounds them too.
 */

#include "client.h"

#include <math.h>

#include "envelope.h"
#include "gate.h"
#include "message.h"
#include "request.h"

/* libsoup's own sources have the default priority. While it has something to write, its source is as ready as
 * ours on the same socket, and goes first: when ours is dispatched, nothing is left in its queue. */
#define PRIORITY_WRITABLE (G_PRIORITY_DEFAULT + 10)

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

  /* Sending */
  GSource *writable; /* NULL: the socket has taken everything */
  gint64 blocked_since;

  /* Receiving */
  double tokens;
  gint64 tokens_at, heard_at;

  /* Rendering */
  Player *player;
  gboolean stopping, has_batch;
  Request *request; /* what the player renders */
  Request *next;    /* what waits for the player to be gone, or for a batch */
  guint chunks;
  guint64 samples;
  double position; /* seconds */
  gint64 moved_at;
  GByteArray *batch;
  GString *text;
};

static void try_start (Client *self);

static double
seconds_since (gint64 then)
{
  return (double) (g_get_monotonic_time () - then) / G_USEC_PER_SEC;
}

/* ---- sending ---- */

/* Takes @text. Answers are short, and no more than one comes of each message that was read. */
static void
send_text (Client *self, char *text)
{
  if (!self->closed
      && soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_text (self->connection, text);
  g_free (text);
}

static void
send_binary (Client *self, GBytes *bytes)
{
  if (soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_message (self->connection, SOUP_WEBSOCKET_DATA_BINARY, bytes);
}

static void
stop_waiting (Client *self)
{
  if (!self->writable)
    return;
  g_source_destroy (self->writable);
  g_clear_pointer (&self->writable, g_source_unref);
}

static void
return_batch (Client *self)
{
  if (!self->has_batch)
    return;
  self->has_batch = FALSE;
  self->host.return_batch (self->host.user_data);
}

static void pump (Client *self);

static gboolean
on_writable (GObject *stream, gpointer user_data)
{
  Client *self = user_data;

  stop_waiting (self);
  if (!self->request || !self->request->batch)
    return_batch (self);
  pump (self);

  return G_SOURCE_REMOVE;
}

/* After something long was handed over. */
static void
wait_until_sent (Client *self)
{
  GPollableOutputStream *output =
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->stream));

  if (self->writable)
    return;
  self->blocked_since = g_get_monotonic_time ();
  self->writable = g_pollable_output_stream_create_source (output, NULL);
  g_source_set_priority (self->writable, PRIORITY_WRITABLE);
  g_source_set_callback (self->writable, G_SOURCE_FUNC (on_writable), self, NULL);
  g_source_attach (self->writable, NULL);
}

/* ---- rendering ---- */

static void
on_player_gone (gpointer user_data)
{
  Client *self = user_data;

  self->stopping = FALSE;
  if (self->closed)
    self->host.gone (self, self->host.user_data);
  else
    try_start (self);
}

/* The render ends, whether it was complete or not. */
static void
end_render (Client *self)
{
  g_clear_pointer (&self->request, request_free);
  g_clear_pointer (&self->batch, g_byte_array_unref);
  if (self->text)
    g_string_free (g_steal_pointer (&self->text), TRUE);
  if (!self->player)
    return;
  self->stopping = TRUE;
  player_stop (g_steal_pointer (&self->player), on_player_gone, self);
}

static void
fail_render (Client *self, const char *text)
{
  send_text (self, message_error (self->request->id, text));
  end_render (self);
  return_batch (self);
}

static void
on_player_wake (gpointer user_data)
{
  pump (user_data);
}

static void
try_start (Client *self)
{
  if (self->closed || !self->next || self->player || self->stopping)
    return;
  if (self->next->batch && !self->has_batch) {
    if (!self->host.take_batch (self->host.user_data))
      return;
    self->has_batch = TRUE;
  }

  self->request = g_steal_pointer (&self->next);
  self->chunks = 0;
  self->samples = 0;
  self->position = 0;
  self->moved_at = g_get_monotonic_time ();
  if (self->request->as_json)
    self->text = g_string_new (NULL);
  else if (self->request->batch)
    self->batch = g_byte_array_new ();
  self->player = player_new (&self->request->sound, on_player_wake, self);
  /* The element has its own. */
  g_clear_pointer (&self->request->sound.genome, g_free);
}

static double
get_rendered (Client *self)
{
  return (double) self->samples / SAMPLE_RATE;
}

static gboolean
wants_chunk (Client *self)
{
  if (self->writable)
    return FALSE;

  return self->request->batch || get_rendered (self) < self->position + self->request->ahead;
}

static void
send_chunk (Client *self, const GstMapInfo *map)
{
  gsize n = map->size / sizeof (float);
  g_autoptr (GBytes) bytes = NULL;

  if (self->request->as_json) {
    g_string_truncate (self->text, 0);
    message_append_samples (self->text, (const float *) map->data, n);
  }
  send_text (
      self, message_chunk (self->request->id, self->chunks, get_rendered (self), n, self->text));
  if (!self->request->as_json) {
    bytes = g_bytes_new_static (map->data, map->size); /* libsoup copies it */
    send_binary (self, bytes);
  }
  wait_until_sent (self);
}

static void
keep_chunk (Client *self, const GstMapInfo *map)
{
  if (self->text)
    message_append_samples (self->text, (const float *) map->data, map->size / sizeof (float));
  else
    g_byte_array_append (self->batch, map->data, (guint) map->size);
}

static void
take_chunk (Client *self, GstSample *sample)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    fail_render (self, "The samples could not be read");
    return;
  }
  if (self->request->batch)
    keep_chunk (self, &map);
  else
    send_chunk (self, &map);
  self->chunks++;
  self->samples += map.size / sizeof (float);
  gst_buffer_unmap (buffer, &map);
}

static void
complete (Client *self)
{
  JsonNode *id = self->request->id;

  if (self->request->batch) {
    send_text (self, message_batch_result (id, self->samples, self->text));
    if (self->batch) {
      g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (g_steal_pointer (&self->batch));

      send_binary (self, bytes);
    }
    wait_until_sent (self);
  }
  send_text (self, message_complete (id, self->chunks, self->samples));
  end_render (self);
}

/* Does what can be done now. */
static void
pump (Client *self)
{
  while (!self->closed && self->player && wants_chunk (self)) {
    g_autoptr (GstSample) sample = NULL;

    switch (player_pull (self->player, &sample)) {
    case PLAYER_CHUNK:
      take_chunk (self, sample);
      break;
    case PLAYER_ENDED:
      complete (self);
      return;
    case PLAYER_FAILED: {
      g_autofree char *text =
          library_hide_path (self->host.library, player_get_error (self->player));

      fail_render (self, text);
      return;
    }
    case PLAYER_WAITS:
      return;
    }
  }
}

void
client_poke (Client *self)
{
  try_start (self);
}

/* ---- what the client says ---- */

static gboolean
handle_render (Client *self, JsonObject *message, char *genome, GError **error)
{
  Request *request = request_new (self->host.settings, self->host.library, message, genome, error);

  if (!request)
    return FALSE;
  g_clear_pointer (&self->next, request_free);
  self->next = request;
  end_render (self);
  if (!self->writable && !request->batch)
    return_batch (self);
  try_start (self);

  return TRUE;
}

/* Nobody can have played what was not sent yet. */
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
  position = CLAMP (position, 0, get_rendered (self));
  if (position > self->position)
    self->moved_at = g_get_monotonic_time ();
  self->position = position;
  pump (self);

  return TRUE;
}

/* Whether a message is about what is being rendered. One about what has just ended is no mistake. */
static gboolean
is_current (Client *self, JsonNode *id)
{
  if (!self->request)
    return FALSE;

  return !id || (self->request->id && json_node_equal (id, self->request->id));
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
  if (!is_current (self, id))
    return TRUE;
  if (has_ahead)
    self->request->ahead = MIN (ahead, self->host.settings->ahead);
  player_change (
      self->player, has_note_delta ? &note_delta : NULL, has_velocity ? &velocity : NULL);
  pump (self);

  return TRUE;
}

static void
handle_stop (Client *self, JsonNode *id)
{
  if (self->next && (!id || (self->next->id && json_node_equal (id, self->next->id))))
    g_clear_pointer (&self->next, request_free);
  if (!is_current (self, id))
    return;
  end_render (self);
  return_batch (self);
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
    handle_stop (self, id);
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
    send_text (self, message_error (NULL, "Messages to the server must be JSON text"));
    pause_if_too_fast (self);
    return;
  }

  message = envelope_open (text ? text : "", size, &genome, &error);
  if (message && !request_read_id (message, &id, &error))
    g_clear_pointer (&genome, g_free);
  else if (message)
    handle (self, message, id, genome, &error);
  if (error)
    send_text (self, message_error (id, error->message));
  pause_if_too_fast (self);
}

/* ---- coming and going ---- */

static void
on_pong (SoupWebsocketConnection *connection, GBytes *bytes, gpointer user_data)
{
  Client *self = user_data;

  self->heard_at = g_get_monotonic_time ();
}

/* Lets go of the connection at once, and of the rest when the player is gone. */
static void
drop (Client *self)
{
  if (self->closed)
    return;
  self->closed = TRUE;
  g_clear_handle_id (&self->tick, g_source_remove);
  stop_waiting (self);
  g_clear_pointer (&self->next, request_free);
  end_render (self);
  return_batch (self);
  g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  g_io_stream_close (self->stream, NULL, NULL);
  if (!self->stopping)
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

  if ((self->writable && seconds_since (self->blocked_since) > timeout)
      || (self->closing_since && seconds_since (self->closing_since) > CLOSING_TIME)
      || seconds_since (self->heard_at) > 2 * timeout) {
    self->tick = 0;
    drop (self);
    return G_SOURCE_REMOVE;
  }
  if (self->player && !self->writable && !wants_chunk (self)
      && seconds_since (self->moved_at) > timeout) {
    g_autofree char *text =
        g_strdup_printf ("The position has not moved for %g s, so the sound was ended", timeout);

    fail_render (self, text);
  }

  return G_SOURCE_CONTINUE;
}

void
client_close (Client *self, gushort code, const char *reason)
{
  if (self->closed || self->closing_since)
    return;
  self->closing_since = g_get_monotonic_time ();
  g_clear_pointer (&self->next, request_free);
  end_render (self);
  if (soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->connection, code, reason);
}

void
client_refuse (Client *self, const char *reason)
{
  self->refused = TRUE;
  send_text (self, message_error (NULL, reason));
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
  listen_to_connection (self);
  self->tick = g_timeout_add_seconds (1, on_tick, self);

  send_text (self, message_welcome ("kromo: ask for a sound with a message of type render"));

  return self;
}

void
client_free (Client *self)
{
  g_clear_object (&self->gate);
  g_object_unref (self->stream);
  g_free (self);
}
