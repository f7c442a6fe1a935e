/* kromo-websocket: what comes in waits while what goes out cannot
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An input stream around that of a socket. Everything that is read may be answered, by us or by libsoup
 * (which answers pings), and what is not taken by the other end stays in our memory. So nothing is read while
 * the socket takes nothing, nor while the client sends too fast. It also ends the stream of a client that sends more than a message may have:
 * libsoup puts the fragments of a message together whatever their number. */
#define TYPE_GATE (gate_get_type ())
G_DECLARE_FINAL_TYPE (Gate, gate, KROMO, GATE, GFilterInputStream)

/**
 * gate_new:
 * @stream: what comes in and goes out, pollable
 * @limit: bytes that may come between two calls of gate_reset()
 */
Gate *gate_new (GIOStream *stream, gsize limit);

/** gate_reset: a whole message has come */
void gate_reset (Gate *self);

/** gate_pause: nothing more is read until @time (microseconds of the monotonic clock) */
void gate_pause (Gate *self, gint64 time);

G_END_DECLS
