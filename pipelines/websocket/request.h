/* kromo-websocket: what a client asks for, checked
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

#include "library.h"
#include "player.h"
#include "settings.h"

G_BEGIN_DECLS

/**
 * Request:
 * @id: (nullable): the client's requestId, a string or a number
 * @as_json: samples as a JSON array rather than in a binary message
 * @batch: all at once, as fast as it renders
 * @ahead: seconds to send ahead of the reported position
 *
 * A sound to be rendered for a client.
 */
typedef struct {
  JsonNode *id;
  PlayerSound sound;
  gboolean as_json, batch;
  double ahead;
} Request;

/**
 * request_new:
 * @message: a message of type render
 * @genome: (transfer full) (nullable): the genome that was in it
 *
 * Returns: (nullable): the request, or %NULL with @error set
 */
Request *request_new (
    const Settings *settings, Library *library, JsonObject *message, char *genome, GError **error);
void request_free (Request *self);

/** request_read_id: (transfer full) (nullable): a message's requestId; FALSE when it can be none */
gboolean request_read_id (JsonObject *message, JsonNode **id, GError **error);

/**
 * request_read_number:
 * @value: (out): not touched when the member is not there or null
 * @found: (out) (optional): whether it was there
 *
 * Returns: %FALSE with @error set when it is no number from @min to @max
 */
gboolean request_read_number (JsonObject *message, const char *name, double min, double max,
    const char *unit, double *value, gboolean *found, GError **error);

#define REQUEST_MAX_NOTE_DELTA 128.0 /* semitones */
#define REQUEST_MIN_AHEAD 0.05       /* seconds */
#define REQUEST_MAX_AHEAD 3600.0

G_END_DECLS
