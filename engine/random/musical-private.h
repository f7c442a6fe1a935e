/* Musical genomes: what their files share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "random-private.h"

G_BEGIN_DECLS

#define KROMO_TUNE_OUTPUTS 18 /* of the network */
#define KROMO_TUNE_MAX_CHORDS 4
#define KROMO_TUNE_MAX_DEGREES 7

/* A tune under construction. Pitches are semitones above A3 = 220 Hz. */
typedef struct {
  KromoDice *dice;
  KromoNetworkSketch *network;
  KromoPatchSketch *patch;
  guint n_outputs;     /* of the network, so far */
  guint n_names;       /* makes ids unique */
  gint root;           /* the key note */
  const guint8 *scale; /* semitones above it */
  guint n_degrees;     /* in an octave */
  guint n_chords;
  guint chords[KROMO_TUNE_MAX_CHORDS];        /* the degrees that they stand on */
  guint chord_outputs[KROMO_TUNE_MAX_CHORDS]; /* their levels; valid if n_chords > 1 */
  guint n_pulses;                             /* of the rhythm, in the whole sound */
  guint still;                                /* an output that is always 0 */
  guint bus;                                  /* the gain that all voices go to */
  double amplitude;                           /* of all voices so far, at most */
} KromoTune;

/* ---- the network: each adds an output and returns its number ---- */

/* Waves ride on the sine; they are in [-1, 1]. */
guint kromo_tune_add_wave (KromoTune *tune);

/* Curves ride on the ramp; -1 is silence, and 1 full. */
guint kromo_tune_add_pluck (KromoTune *tune, double n_pulses, double phase);
guint kromo_tune_add_bump (KromoTune *tune, double centre, double width);
guint kromo_tune_add_swell (KromoTune *tune);
guint kromo_tune_add_edges (KromoTune *tune);

/* Slow waves of the sine, for frequencies of some Hz. */
guint kromo_tune_add_wobble (KromoTune *tune);

guint kromo_tune_get_room (const KromoTune *tune); /* outputs that can still be added */

/* ---- the patch ---- */

char *kromo_tune_name (KromoTune *tune, const char *what);
guint kromo_tune_add_gain (KromoTune *tune, const char *what, double gain);
void kromo_tune_curve (KromoTune *tune, guint output, double hertz, guint target, const char *param,
    double low, double high);
gint kromo_tune_get_pitch (const KromoTune *tune, guint degree);

/* ---- voices: each adds itself to the bus, with that amplitude ---- */

void kromo_tune_add_drone (KromoTune *tune, double amplitude);
void kromo_tune_add_pad (KromoTune *tune, double amplitude);
void kromo_tune_add_arpeggio (KromoTune *tune, double amplitude);
void kromo_tune_add_choir (KromoTune *tune, double amplitude);
void kromo_tune_add_wavetable (KromoTune *tune, double amplitude);
void kromo_tune_add_shimmer (KromoTune *tune, double amplitude);
void kromo_tune_add_whistle (KromoTune *tune, double amplitude);
void kromo_tune_add_breath (KromoTune *tune, double amplitude);

G_END_DECLS
