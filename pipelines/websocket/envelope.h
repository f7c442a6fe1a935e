/* kromo-websocket: a client's message without the genome in it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a message may have besides the genome. The parser is recursive and its objects are hash tables that
 * can be made slow; within these bounds neither matters. A whole number beyond 64 bits is another one to it. */
#define ENVELOPE_MAX_BYTES 4096
#define ENVELOPE_MAX_DEPTH 8
#define ENVELOPE_MAX_DIGITS 18

/**
 * envelope_open:
 * @text: (array length=size): a message, JSON
 * @genome: (out) (transfer full) (nullable): the text of the member `genome` of the outermost object, as it
 *   stands there and not looked at: the element reads it with more care than a parser
 *
 * Returns: (transfer full) (nullable): the object with null in the place of the genome; %NULL with @error set
 *   when it is no object, not JSON, or beyond the bounds
 */
JsonObject *envelope_open (const char *text, gsize size, char **genome, GError **error);

G_END_DECLS
