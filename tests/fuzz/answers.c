/* What the WebSocket server says, checked against docs/websocket.md.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "answers.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define RATE 48000

void
answers_init (Answers *self, double ahead, double max_duration)
{
  *self = (Answers){ .chunks = -1, .ahead = ahead, .max_duration = max_duration };
}

/* The samples of a message: in it, or to follow. */
static guint64
take_samples (Answers *self, JsonObject *message)
{
  const gint64 samples = json_object_get_int_member (message, "samples");

  g_assert_cmpint (samples, >=, 0);
  g_assert_cmpfloat ((double) samples, <=, self->max_duration * RATE + 1);
  if (json_object_has_member (message, "data"))
    g_assert_cmpuint (
        json_array_get_length (json_object_get_array_member (message, "data")), ==, samples);
  else
    self->binary = (gsize) samples * sizeof (float);
  return (guint64) samples;
}

static void
take_chunk (Answers *self, JsonObject *message)
{
  const gint64 index = json_object_get_int_member (message, "index");
  const double timestamp = json_object_get_double_member (message, "timestamp");

  if (index == 0) {
    self->chunks = 0;
    self->samples = 0;
    self->batch = FALSE;
  }
  g_assert_cmpint (index, ==, self->chunks);
  g_assert_cmpfloat_with_epsilon (timestamp, (double) self->samples / RATE, 1e-9);
  g_assert_cmpfloat (timestamp, <, self->latest + self->ahead);
  self->samples += take_samples (self, message);
  self->chunks++;
}

static void
take_batch (Answers *self, JsonObject *message)
{
  self->batch = TRUE;
  self->chunks = 0;
  self->samples = take_samples (self, message);
}

/* A sound of no length has no chunk. */
static void
take_complete (Answers *self, JsonObject *message)
{
  const gint64 samples = json_object_get_int_member (message, "totalSamples");
  const gint64 chunks = json_object_get_int_member (message, "totalChunks");

  if (self->batch || chunks > 0) {
    g_assert_cmpint (self->chunks, >=, 0);
    g_assert_cmpint (samples, ==, (gint64) self->samples);
  }
  if (!self->batch)
    g_assert_true (chunks == 0 || chunks == self->chunks);
  self->chunks = -1;
  self->samples = 0;
  self->batch = FALSE;
}

static void
take_text (Answers *self, const WireFrame *frame)
{
  g_autofree char *text = g_strndup ((const char *) frame->data, frame->size);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *message;
  const char *type;

  g_assert_true (g_utf8_validate (text, (gssize) frame->size, NULL));
  root = json_from_string (text, &error);
  g_assert_no_error (error);
  message = json_node_get_object (root);
  type = json_object_get_string_member (message, "type");
  g_assert_true (self->welcomed == !g_str_equal (type, "welcome"));
  self->welcomed = TRUE;
  if (g_str_equal (type, "chunk"))
    take_chunk (self, message);
  else if (g_str_equal (type, "batch-result"))
    take_batch (self, message);
  else if (g_str_equal (type, "complete"))
    take_complete (self, message);
  else if (g_str_equal (type, "error"))
    g_assert_cmpuint (strlen (json_object_get_string_member (message, "message")), >, 0);
  else
    g_assert_cmpstr (type, ==, "welcome");
}

void
answers_take (Answers *self, const WireFrame *frame)
{
  g_assert_false (self->closed);
  switch (frame->opcode) {
  case WIRE_TEXT:
    g_assert_cmpuint (self->binary, ==, 0);
    take_text (self, frame);
    break;
  case WIRE_BINARY:
    g_assert_cmpuint (frame->size, ==, self->binary);
    g_assert_cmpuint (frame->size, >, 0);
    self->binary = 0;
    break;
  case WIRE_CLOSE:
    self->closed = TRUE;
    break;
  default:
    g_assert_true (frame->opcode == WIRE_PING || frame->opcode == WIRE_PONG);
    g_assert_cmpuint (frame->size, <, 126);
  }
}
