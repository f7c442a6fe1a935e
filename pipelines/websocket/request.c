/* kromo-websocket: what a client asks for, checked
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "request.h"

#include <math.h>
#include <string.h>

#define MAX_ID_BYTES 256
#define DEFAULT_DURATION 4.0

/* A change is heard once what is on its way has played, so chunks are short beside that. */
#define CHUNKS_AHEAD 4
#define MIN_MAX_CHUNK (40 * GST_MSECOND)
#define MAX_MAX_CHUNK (500 * GST_MSECOND)

static gboolean G_GNUC_PRINTF (2, 3) fail (GError **error, const char *format, ...)
{
  va_list args;

  if (error) {
    va_start (args, format);
    *error = g_error_new_valist (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, format, args);
    va_end (args);
  }

  return FALSE;
}

/* A member that is neither missing nor null, or NULL. */
static JsonNode *
get_member (JsonObject *message, const char *name)
{
  JsonNode *node = json_object_get_member (message, name);

  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

gboolean
request_read_number (JsonObject *message, const char *name, double min, double max,
    const char *unit, double *value, gboolean *found, GError **error)
{
  JsonNode *node = get_member (message, name);
  GType type = node ? json_node_get_value_type (node) : G_TYPE_INVALID;
  double number;

  if (found)
    *found = node != NULL;
  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE))
    return fail (error, "%s must be a number", name);
  number = json_node_get_double (node);
  if (!(number >= min && number <= max))
    return fail (error, "%s is %g; it must be between %g and %g%s", name, number, min, max, unit);
  *value = number;

  return TRUE;
}

static gboolean
read_boolean (JsonObject *message, const char *name, gboolean *value, GError **error)
{
  JsonNode *node = get_member (message, name);

  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return fail (error, "%s must be true or false", name);
  *value = json_node_get_boolean (node);

  return TRUE;
}

/* The length of text is that of its UTF-8. */
static gboolean
read_string (JsonObject *message, const char *name, const char **value, GError **error)
{
  JsonNode *node = get_member (message, name);

  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return fail (error, "%s must be a string", name);
  *value = json_node_get_string (node);
  if (strlen (*value) > MAX_ID_BYTES)
    return fail (error, "%s is longer than %d bytes", name, MAX_ID_BYTES);

  return TRUE;
}

/* Infinity is no JSON; nor is 1e22 as json-glib 1.6 writes it, with a fraction behind the exponent. */
static gboolean
comes_back (JsonNode *number)
{
  g_autofree char *text = json_to_string (number, FALSE);
  g_autoptr (JsonNode) back = json_from_string (text, NULL);

  return back != NULL && json_node_get_double (back) == json_node_get_double (number);
}

gboolean
request_read_id (JsonObject *message, JsonNode **id, GError **error)
{
  JsonNode *node = get_member (message, "requestId");
  GType type;

  *id = NULL;
  if (!node)
    return TRUE;
  type = json_node_get_value_type (node);
  if (!JSON_NODE_HOLDS_VALUE (node) || type == G_TYPE_BOOLEAN)
    return fail (error, "requestId must be a string or a number");
  if (type == G_TYPE_DOUBLE && !comes_back (node))
    return fail (error, "requestId is a number that would not come back the same");
  if (type == G_TYPE_STRING && strlen (json_node_get_string (node)) > MAX_ID_BYTES)
    return fail (error, "requestId is longer than %d bytes", MAX_ID_BYTES);
  *id = json_node_copy (node);

  return TRUE;
}

static gboolean
read_format (JsonObject *message, gboolean *as_json, GError **error)
{
  const char *format = "binary";

  if (!read_string (message, "format", &format, error))
    return FALSE;
  *as_json = g_str_equal (format, "json");
  if (!*as_json && !g_str_equal (format, "binary"))
    return fail (error, "format must be \"binary\" or \"json\"");

  return TRUE;
}

/* Takes @genome. */
static gboolean
find_genome (Request *self, const Settings *settings, Library *library, JsonObject *message,
    char *genome, GError **error)
{
  const char *id = NULL;

  self->sound.genome = genome;
  if (!read_string (message, "genomeId", &id, error))
    return FALSE;
  if ((id != NULL) == (genome != NULL))
    return fail (error, "Say what to render: either genomeId or genome");
  if (genome && strlen (genome) > (gsize) settings->max_genome_bytes)
    return fail (error, "The genome has %" G_GSIZE_FORMAT " bytes; at most %d are taken",
        strlen (genome), settings->max_genome_bytes);
  if (id && !library_find (library, id, &self->sound.location, &self->sound.genome_id)) {
    g_autofree char *shown = g_strescape (id, NULL);

    return fail (error, "There is no genome \"%.80s\" here", shown);
  }

  return TRUE;
}

static gboolean
read_message (Request *self, const Settings *settings, JsonObject *message, GError **error)
{
  double duration = MIN (DEFAULT_DURATION, settings->max_duration);

  self->ahead = settings->ahead;
  if (!request_read_id (message, &self->id, error)
      || !request_read_number (
          message, "duration", 0, settings->max_duration, " seconds", &duration, NULL, error)
      || !request_read_number (message, "noteDelta", -REQUEST_MAX_NOTE_DELTA,
          REQUEST_MAX_NOTE_DELTA, " semitones", &self->sound.note_delta, NULL, error)
      || !request_read_number (message, "velocity", 0, 1, "", &self->sound.velocity, NULL, error)
      || !request_read_number (message, "ahead", REQUEST_MIN_AHEAD, REQUEST_MAX_AHEAD, " seconds",
          &self->ahead, NULL, error)
      || !read_format (message, &self->as_json, error)
      || !read_boolean (message, "batch", &self->batch, error))
    return FALSE;

  self->ahead = MIN (self->ahead, settings->ahead);
  self->sound.duration = (GstClockTime) round (duration * GST_SECOND);
  self->sound.max_chunk = self->batch
      ? MAX_MAX_CHUNK
      : CLAMP (
          (GstClockTime) (self->ahead * GST_SECOND / CHUNKS_AHEAD), MIN_MAX_CHUNK, MAX_MAX_CHUNK);
  self->sound.max_memory = (guint64) settings->max_memory << 20;

  return TRUE;
}

Request *
request_new (
    const Settings *settings, Library *library, JsonObject *message, char *genome, GError **error)
{
  Request *self = g_new0 (Request, 1);

  self->sound.velocity = 1;
  if (!find_genome (self, settings, library, message, genome, error)
      || !read_message (self, settings, message, error))
    g_clear_pointer (&self, request_free);

  return self;
}

void
request_free (Request *self)
{
  g_clear_pointer (&self->id, json_node_unref);
  g_free (self->sound.location);
  g_free (self->sound.genome_id);
  g_free (self->sound.genome);
  g_free (self);
}
