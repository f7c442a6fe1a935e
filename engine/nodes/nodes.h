/* The audio nodes (3-WEB-AUDIO section 3; parameters in the order of 1.1).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each constructor gives a node that a graph takes over. Its parameters have their defaults until they
 * are changed with kromo_param_plan_*(), before the graph is planned.
 */
#pragma once

#include "../graph/node.h"

G_BEGIN_DECLS

enum {
  KROMO_GAIN_GAIN
};
KromoNode *kromo_gain_new (void);

/* Standard rendering: the exact product, however near the gain is to 0 or 1. */
KromoNode *kromo_gain_standard_new (void);

enum {
  KROMO_OSCILLATOR_FREQUENCY,
  KROMO_OSCILLATOR_DETUNE
};
KromoNode *kromo_oscillator_new (KromoShape shape, double rate);

/* Standard rendering: band-limited, and running backwards at negative frequencies. */
KromoNode *kromo_oscillator_standard_new (KromoShape shape, double rate);

enum {
  KROMO_BUFFER_SOURCE_DETUNE,
  KROMO_BUFFER_SOURCE_PLAYBACK_RATE
};
/* @buffer: (nullable): mono, at the graph's rate; without one the node is silent. A view for random
 * readers, unless nothing touches the playback rate. */
KromoNode *kromo_buffer_source_new (const KromoView *buffer, gboolean loop);

/* Standard rendering: loops backwards too. */
KromoNode *kromo_buffer_source_standard_new (const KromoView *buffer, gboolean loop);

enum {
  KROMO_DELAY_DELAY_TIME
};
/* @max_delay_time: seconds, 0 < max < 180 */
void kromo_delay_new (double max_delay_time, KromoNode **writer, KromoNode **reader);

/* Standard rendering: what is delayed keeps its channels when the input falls silent. */
void kromo_delay_standard_new (double max_delay_time, KromoNode **writer, KromoNode **reader);

enum {
  KROMO_BIQUAD_Q,
  KROMO_BIQUAD_DETUNE,
  KROMO_BIQUAD_FREQUENCY,
  KROMO_BIQUAD_GAIN
};
KromoNode *kromo_biquad_new (KromoFilter type, double rate);

/* Standard rendering: the detuned frequency is clamped, and where the coefficients have no value (Q of 0, a
 * frequency of 0 or Nyquist) their limits take its place. */
KromoNode *kromo_biquad_standard_new (KromoFilter type, double rate);

/* @curve: (nullable): for random readers; without one the node passes its input through
 * @oversample: 1, 2 or 4 */
KromoNode *kromo_wave_shaper_new (const KromoView *curve, guint oversample);

enum {
  KROMO_COMPRESSOR_ATTACK,
  KROMO_COMPRESSOR_KNEE,
  KROMO_COMPRESSOR_RATIO,
  KROMO_COMPRESSOR_RELEASE,
  KROMO_COMPRESSOR_THRESHOLD
};
KromoNode *kromo_compressor_new (void);

/* Standard rendering: the W3C specification's compressor. */
KromoNode *kromo_compressor_standard_new (void);

/* @response: (nullable): the mono impulse response at the graph's rate, for random readers; without one
 *   the node passes its input through
 * @normalize: scale it to a standard loudness */
KromoNode *kromo_convolver_new (const KromoView *response, gboolean normalize);

/* Standard rendering: both channels ring on when a stereo input falls silent. */
KromoNode *kromo_convolver_standard_new (const KromoView *response, gboolean normalize);

/* Six inputs of which only the first is ever connected; the output has six channels. */
KromoNode *kromo_merger_new (void);

G_END_DECLS
