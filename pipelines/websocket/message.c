/* kromo-websocket: the texts of the protocol
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "message.h"

#include "settings.h"

static JsonBuilder *
begin (const char *type)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, type);

  return builder;
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static void
add_id (JsonBuilder *builder, JsonNode *id)
{
  json_builder_set_member_name (builder, "requestId");
  if (id)
    json_builder_add_value (builder, json_node_copy (id));
  else
    json_builder_add_null_value (builder);
}

/* Takes @builder. The samples are text already. */
static char *
end (JsonBuilder *builder, const GString *data)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *json = NULL;
  char *text;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  g_object_unref (builder);
  json = json_to_string (root, FALSE);
  text = g_utf8_make_valid (json, -1); /* half a surrogate pair in the client's requestId is not */
  if (data) {
    GString *whole = g_string_sized_new (data->len + 256);

    g_string_append (whole, text);
    g_string_truncate (whole, whole->len - 1);
    g_string_append (whole, ",\"data\":[");
    g_string_append_len (whole, data->str, (gssize) data->len);
    g_string_append (whole, "]}");
    g_free (text);
    text = g_string_free (whole, FALSE);
  }

  return text;
}

char *
message_welcome (const char *text)
{
  JsonBuilder *builder = begin ("welcome");

  add_string (builder, "message", text);
  add_int (builder, "sampleRate", SAMPLE_RATE);

  return end (builder, NULL);
}

char *
message_error (JsonNode *id, const char *text)
{
  JsonBuilder *builder = begin ("error");

  add_id (builder, id);
  add_string (builder, "message", text);

  return end (builder, NULL);
}

char *
message_chunk (JsonNode *id, guint index, double timestamp, gsize samples, const GString *data)
{
  JsonBuilder *builder = begin ("chunk");

  add_id (builder, id);
  add_int (builder, "index", index);
  add_double (builder, "timestamp", timestamp);
  add_int (builder, "sampleRate", SAMPLE_RATE);
  add_int (builder, "samples", samples);

  return end (builder, data);
}

char *
message_batch_result (JsonNode *id, guint64 samples, const GString *data)
{
  JsonBuilder *builder = begin ("batch-result");

  add_id (builder, id);
  add_int (builder, "samples", samples);
  add_double (builder, "duration", (double) samples / SAMPLE_RATE);
  add_int (builder, "sampleRate", SAMPLE_RATE);

  return end (builder, data);
}

char *
message_complete (JsonNode *id, guint chunks, guint64 samples)
{
  JsonBuilder *builder = begin ("complete");

  add_id (builder, id);
  add_int (builder, "totalChunks", chunks);
  add_int (builder, "totalSamples", samples);
  add_double (builder, "duration", (double) samples / SAMPLE_RATE);
  add_int (builder, "sampleRate", SAMPLE_RATE);

  return end (builder, NULL);
}

void
message_append_samples (GString *data, const float *samples, gsize n)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  for (gsize i = 0; i < n; i++) {
    if (data->len)
      g_string_append_c (data, ',');
    g_string_append (data, g_ascii_formatd (buffer, sizeof buffer, "%.9g", (double) samples[i]));
  }
}
