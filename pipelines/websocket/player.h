/* kromo-websocket: one sound being rendered, given out chunk by chunk
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * PlayerSound:
 * @location: (nullable): a file, with @genome_id (nullable), or
 * @genome: (nullable): a genome's text
 * @note_delta: semitones
 * @velocity: 0..1
 * @duration: nanoseconds
 * @max_chunk: nanoseconds of the longest chunk
 * @max_memory: bytes that rendering it may need
 *
 * What to render, as mono 32 bit float.
 */
typedef struct {
  char *location, *genome_id, *genome;
  double note_delta, velocity;
  GstClockTime duration, max_chunk;
  guint64 max_memory;
} PlayerSound;

typedef enum {
  PLAYER_WAITS, /* nothing is there yet: the wake function comes */
  PLAYER_CHUNK,
  PLAYER_ENDED,
  PLAYER_FAILED
} PlayerState;

typedef struct _Player Player;
typedef void (*PlayerFunc) (gpointer user_data);

/**
 * player_new:
 * @wake: called in the main context when player_pull() may have something
 *
 * Starts rendering in threads of its own. At most two chunks are rendered before they are pulled: one waits,
 * and the thread that renders waits with the next.
 */
Player *player_new (const PlayerSound *sound, PlayerFunc wake, gpointer user_data);

/**
 * player_pull:
 * @sample: (out) (transfer full): the next chunk, for PLAYER_CHUNK
 *
 * Never waits.
 */
PlayerState player_pull (Player *self, GstSample **sample);

/** player_get_error: the element's own words; only after PLAYER_FAILED */
const char *player_get_error (Player *self);

/** player_change: another note from the next chunk on; a %NULL leaves it as it is */
void player_change (Player *self, const double *note_delta, const double *velocity);

/**
 * player_stop:
 * @gone: called in the main context when nothing of it is left
 *
 * Ends it in a thread, as that may take a moment. The player must not be used afterwards.
 */
void player_stop (Player *self, PlayerFunc gone, gpointer user_data);

G_END_DECLS
