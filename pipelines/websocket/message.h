/* kromo-websocket: the texts of the protocol
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each returns a JSON text. docs/websocket.md has the protocol.
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

char *message_welcome (const char *text);

/* @id: (nullable): the client's requestId */
char *message_error (JsonNode *id, const char *text);

/* @timestamp: seconds; @data: (nullable): the samples as message_append_samples() writes them */
char *message_chunk (
    JsonNode *id, guint index, double timestamp, gsize samples, const GString *data);
char *message_batch_result (JsonNode *id, guint64 samples, const GString *data);
char *message_complete (JsonNode *id, guint chunks, guint64 samples);

/* Numbers with commas between them, each with as many digits as bring back the same 32 bits. */
void message_append_samples (GString *data, const float *samples, gsize n);

G_END_DECLS
