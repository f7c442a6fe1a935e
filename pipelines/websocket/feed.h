/* kromo-websocket: what is rendered for a client, and how it gets there
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "client.h"
#include "player.h"
#include "request.h"

G_BEGIN_DECLS

/* Part of a client; all of it is the feed's own. */
typedef struct {
  const ClientHost *host;
  SoupWebsocketConnection *connection; /* NULL: it has ended */
  GIOStream *stream;
  PlayerFunc gone;
  gpointer user_data;

  GSource *writable; /* NULL: the socket has taken everything */
  gint64 blocked_since;

  Player *player;
  gboolean stopping, has_batch;
  Request *request; /* what the player renders */
  Request *next;    /* what waits for the player to be gone, or for a batch */
  guint chunks;
  guint64 samples;
  double position; /* seconds */
  gint64 moved_at;
  GByteArray *batch;
  GString *text;
} Feed;

/**
 * feed_init:
 * @stream: the connection's, which is written to
 * @gone: called after feed_end() when nothing of it is left, if feed_end() did not say so
 *
 * Nothing of what is given is copied.
 */
void feed_init (Feed *self, const ClientHost *host, SoupWebsocketConnection *connection,
    GIOStream *stream, PlayerFunc gone, gpointer user_data);

/** feed_send_text: sends and takes @text, an answer: short, and no more than one for each message that was read */
void feed_send_text (Feed *self, char *text);

/** feed_render: takes @request, which replaces what is rendered */
void feed_render (Feed *self, Request *request);

/** feed_try_start: there may be a place for a batch now */
void feed_try_start (Feed *self);

/** feed_set_position: the client has played so many seconds */
void feed_set_position (Feed *self, double position);

/** feed_change: another note, or another time ahead; a %NULL leaves it as it is. Does nothing when @id is not
 * that of what is rendered; %NULL is whatever is. */
void feed_change (Feed *self, JsonNode *id, const double *note_delta, const double *velocity,
    const double *ahead);

/** feed_stop: no more of @id, or of whatever is rendered if it is %NULL */
void feed_stop (Feed *self, JsonNode *id);

/** feed_is_stalled: whether the socket has taken nothing for so many seconds */
gboolean feed_is_stalled (Feed *self, double timeout);

/** feed_check_position: ends a sound whose position has not moved for so many seconds */
void feed_check_position (Feed *self, double timeout);

/** feed_end: nothing more is sent. Returns whether nothing is left of it already. */
gboolean feed_end (Feed *self);

G_END_DECLS
