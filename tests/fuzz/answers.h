/* What the WebSocket server says, checked against docs/websocket.md.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "wire.h"

G_BEGIN_DECLS

typedef struct {
  gboolean welcomed, closed;
  gsize binary;  /* bytes of the binary message that must follow; 0: none */
  gint64 chunks; /* of the sound that is coming; -1: none is */
  guint64 samples;
  gboolean batch;
  double latest; /* the furthest position that the client ever told, seconds */
  double ahead, max_duration;
} Answers;

void answers_init (Answers *self, double ahead, double max_duration);
void answers_take (Answers *self, const WireFrame *frame);

G_END_DECLS
