/* kromo-websocket: what is rendered for a client, and how it gets there
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * At most one sound is rendered for a client, and at most one chunk of it is with libsoup at a time: the next
 * is pulled when the socket has taken that one and the client's position has come near enough.
 */

#include "feed.h"

#include "message.h"

/* libsoup's own sources have the default priority. While it has something to write, its source is as ready as
 * ours on the same socket, and goes first: when ours is dispatched, nothing is left in its queue. */
#define PRIORITY_WRITABLE (G_PRIORITY_DEFAULT + 10)

static double
seconds_since (gint64 then)
{
  return (double) (g_get_monotonic_time () - then) / G_USEC_PER_SEC;
}

/* ---- sending ---- */

/* Takes @text. Answers are short, and no more than one comes of each message that was read. */
void
feed_send_text (Feed *self, char *text)
{
  if (self->connection
      && soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_text (self->connection, text);
  g_free (text);
}

static void
send_binary (Feed *self, GBytes *bytes)
{
  if (soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_message (self->connection, SOUP_WEBSOCKET_DATA_BINARY, bytes);
}

static void
stop_waiting (Feed *self)
{
  if (!self->writable)
    return;
  g_source_destroy (self->writable);
  g_clear_pointer (&self->writable, g_source_unref);
}

static void
return_batch (Feed *self)
{
  if (!self->has_batch)
    return;
  self->has_batch = FALSE;
  self->host->return_batch (self->host->user_data);
}

static void pump (Feed *self);

static gboolean
on_writable (GObject *stream, gpointer user_data)
{
  Feed *self = user_data;

  stop_waiting (self);
  if (!self->request || !self->request->batch)
    return_batch (self);
  pump (self);

  return G_SOURCE_REMOVE;
}

/* After something long was handed over. */
static void
wait_until_sent (Feed *self)
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
  Feed *self = user_data;

  self->stopping = FALSE;
  if (self->connection)
    feed_try_start (self);
  else
    self->gone (self->user_data);
}

/* The render ends, whether it was complete or not. */
static void
end_render (Feed *self)
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
fail_render (Feed *self, const char *text)
{
  feed_send_text (self, message_error (self->request->id, text));
  end_render (self);
  return_batch (self);
}

static void
on_player_wake (gpointer user_data)
{
  pump (user_data);
}

void
feed_try_start (Feed *self)
{
  if (!self->connection || !self->next || self->player || self->stopping)
    return;
  if (self->next->batch && !self->has_batch) {
    if (!self->host->take_batch (self->host->user_data))
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
get_rendered (Feed *self)
{
  return (double) self->samples / SAMPLE_RATE;
}

static gboolean
wants_chunk (Feed *self)
{
  if (self->writable)
    return FALSE;

  return self->request->batch || get_rendered (self) < self->position + self->request->ahead;
}

static void
send_chunk (Feed *self, const GstMapInfo *map)
{
  gsize n = map->size / sizeof (float);
  g_autoptr (GBytes) bytes = NULL;

  if (self->request->as_json) {
    g_string_truncate (self->text, 0);
    message_append_samples (self->text, (const float *) (gconstpointer) map->data, n);
  }
  feed_send_text (
      self, message_chunk (self->request->id, self->chunks, get_rendered (self), n, self->text));
  if (!self->request->as_json) {
    bytes = g_bytes_new_static (map->data, map->size); /* libsoup copies it */
    send_binary (self, bytes);
  }
  wait_until_sent (self);
}

static void
keep_chunk (Feed *self, const GstMapInfo *map)
{
  if (self->text)
    message_append_samples (
        self->text, (const float *) (gconstpointer) map->data, map->size / sizeof (float));
  else
    g_byte_array_append (self->batch, map->data, (guint) map->size);
}

static void
take_chunk (Feed *self, GstSample *sample)
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
complete (Feed *self)
{
  JsonNode *id = self->request->id;

  if (self->request->batch) {
    feed_send_text (self, message_batch_result (id, self->samples, self->text));
    if (self->batch) {
      g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (g_steal_pointer (&self->batch));

      send_binary (self, bytes);
    }
    wait_until_sent (self);
  }
  feed_send_text (self, message_complete (id, self->chunks, self->samples));
  end_render (self);
}

/* Does what can be done now. */
static void
pump (Feed *self)
{
  while (self->player && wants_chunk (self)) {
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
          library_hide_path (self->host->library, player_get_error (self->player));

      fail_render (self, text);
      return;
    }
    case PLAYER_WAITS:
      return;
    }
  }
}

/* ---- for the client ---- */

void
feed_init (Feed *self, const ClientHost *host, SoupWebsocketConnection *connection,
    GIOStream *stream, PlayerFunc gone, gpointer user_data)
{
  *self = (Feed){
    .host = host,
    .connection = connection,
    .stream = stream,
    .gone = gone,
    .user_data = user_data,
  };
}

void
feed_render (Feed *self, Request *request)
{
  g_clear_pointer (&self->next, request_free);
  self->next = request;
  end_render (self);
  if (!self->writable && !request->batch)
    return_batch (self);
  feed_try_start (self);
}

/* Nobody can have played what was not sent yet. */
void
feed_set_position (Feed *self, double position)
{
  position = CLAMP (position, 0, get_rendered (self));
  if (position > self->position)
    self->moved_at = g_get_monotonic_time ();
  self->position = position;
  pump (self);
}

static gboolean
is_about (const Request *request, JsonNode *id)
{
  return request && (!id || (request->id && json_node_equal (id, request->id)));
}

void
feed_change (
    Feed *self, JsonNode *id, const double *note_delta, const double *velocity, const double *ahead)
{
  if (!is_about (self->request, id))
    return;
  if (ahead)
    self->request->ahead = MIN (*ahead, self->host->settings->ahead);
  player_change (self->player, note_delta, velocity);
  pump (self);
}

void
feed_stop (Feed *self, JsonNode *id)
{
  if (is_about (self->next, id))
    g_clear_pointer (&self->next, request_free);
  if (!is_about (self->request, id))
    return;
  end_render (self);
  if (!self->writable)
    return_batch (self);
}

gboolean
feed_is_stalled (Feed *self, double timeout)
{
  return self->writable && seconds_since (self->blocked_since) > timeout;
}

void
feed_check_position (Feed *self, double timeout)
{
  g_autofree char *text = NULL;

  if (!self->player || self->writable || wants_chunk (self)
      || seconds_since (self->moved_at) <= timeout)
    return;
  text = g_strdup_printf ("The position has not moved for %g s, so the sound was ended", timeout);
  fail_render (self, text);
}

gboolean
feed_end (Feed *self)
{
  self->connection = NULL;
  stop_waiting (self);
  g_clear_pointer (&self->next, request_free);
  end_render (self);
  return_batch (self);

  return !self->stopping;
}
