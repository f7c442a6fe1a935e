/* A WebSocket's wire, from the client's end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define WIRE_FIN 0x80
#define WIRE_MASKED 0x80

enum {
  WIRE_CONTINUATION = 0,
  WIRE_TEXT = 1,
  WIRE_BINARY = 2,
  WIRE_CLOSE = 8,
  WIRE_PING = 9,
  WIRE_PONG = 10
};

/* Appends a frame, masked. @first: flags and opcode */
void wire_append (GByteArray *out, guint8 first, const void *data, gsize size);

/* A server's frame: not masked, not fragmented. */
typedef struct {
  guint opcode;
  const guint8 *data;
  gsize size;
} WireFrame;

/* Returns: how many bytes the frame at the beginning has, or 0 where it is not all there. Asserts what a
 * server's frame must be. */
gsize wire_read (const guint8 *data, gsize size, WireFrame *frame);

G_END_DECLS
