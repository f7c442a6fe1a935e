/* A list of genomes, played one after the other, with everything that can be changed meanwhile
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "lib/genomes.h"
#include "lib/sound-options.h"

G_BEGIN_DECLS

typedef struct _Player Player;

typedef struct {
  /* A genome begins to sound: @latency (ns) after it was asked for. */
  void (*started) (Player *player, GstClockTime latency, gpointer user_data);
  /* A genome could not be played, or @is_fatal: nothing can. */
  void (*failed) (Player *player, const char *message, gboolean is_fatal, gpointer user_data);
  void (*warned) (Player *player, const char *message, gpointer user_data);
  /* The last genome of the list is over. */
  void (*ended) (Player *player, gpointer user_data);
} PlayerFuncs;

typedef struct {
  const Genome *genome;
  guint index, n_genomes;
  gboolean is_paused;
  GstClockTime position, duration; /* GST_CLOCK_TIME_NONE: not known */
  double note_delta, volume, rtf;
  gboolean is_muted;
} PlayerState;

/**
 * player_new:
 * @genomes: (element-type Genome): stays the caller's
 * @sink: a description of elements as gst-launch-1.0 takes it
 *
 * Returns: (nullable): %NULL with @error set where there is no such sink, or no sound device
 */
Player *player_new (GPtrArray *genomes, const SoundOptions *options, const char *sink,
    const PlayerFuncs *funcs, gpointer user_data, GError **error);
void player_free (Player *player);

/* Whether the list begins again at its end. */
void player_set_repeat (Player *player, gboolean repeat);

/* @asked_at: when the user asked for it, as g_get_monotonic_time() says */
void player_start (Player *player, gint64 asked_at);

/* Plays the genome @by places on; before the first and after the last one is the end of the list. */
void player_skip (Player *player, gint by);

void player_toggle_pause (Player *player);
void player_toggle_mute (Player *player);
void player_add_note (Player *player, double semitones);
void player_add_volume (Player *player, double by);

/* @by: nanoseconds, back when negative. Not beyond the ends. */
void player_seek (Player *player, GstClockTimeDiff by);

void player_get_state (Player *player, PlayerState *state);

G_END_DECLS
