/* Audio on its way between nodes, and Web Audio's channel mixing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Inside the graph there are three channel counts: 1, 2 (what a clamped-max node makes of more) and
 * 6 (what a merger makes). A destination may have 1 to 8.
 */
#pragma once

#include "../kromo.h"

G_BEGIN_DECLS

#define KROMO_BUS_CHANNELS KROMO_MAX_CHANNELS

/* One quantum of audio. Channels known to be zero throughout have their bit set in @zero and point at
 * kromo_zeros, so that they can be left out of the arithmetic; the others point at samples that
 * somebody else owns until the end of the quantum. A silent bus has exactly one channel. */
typedef struct {
  guint n_channels;
  gboolean silent;
  guint zero;
  const float *data[KROMO_BUS_CHANNELS];
} KromoBus;

typedef enum {
  KROMO_COUNT_MAX,         /* as many channels as the widest contribution */
  KROMO_COUNT_CLAMPED_MAX, /* likewise, but at most the node's channel count */
  KROMO_COUNT_EXPLICIT     /* the node's channel count */
} KromoCountMode;

/* Channels of an input whose widest contribution has @widest. */
static inline guint
kromo_bus_count (guint widest, KromoCountMode mode, guint count)
{
  switch (mode) {
  case KROMO_COUNT_EXPLICIT:
    return count;
  case KROMO_COUNT_CLAMPED_MAX:
    return MIN (widest, count);
  case KROMO_COUNT_MAX:
  default:
    return widest;
  }
}

extern const float kromo_zeros[KROMO_QUANTUM];

void kromo_bus_set_silent (KromoBus *bus);
/* @n_channels zero channels that are not flagged as silence */
void kromo_bus_set_zero (KromoBus *bus, guint n_channels);
void kromo_bus_set_channel (KromoBus *bus, guint channel, const float *data);

/* Mixes @from to @n_channels as the speakers rules say. Up-mixing only places channels; what
 * down-mixing computes goes to @scratch, one quantum for each of @n_channels. */
void kromo_bus_mix (KromoBus *to, const KromoBus *from, guint n_channels, float *scratch);

/* The same, but that three channels are made of two as the specification has it: left, right, 0. */
void kromo_bus_mix_standard (KromoBus *to, const KromoBus *from, guint n_channels, float *scratch);

typedef void (*KromoBusMix) (KromoBus *to, const KromoBus *from, guint n_channels, float *scratch);

/* Adds @from to @sum (which starts silent), first mixing both to the count that the mode asks for.
 * Sums go to @own, one quantum for each channel; @scratch has room for KROMO_BUS_CHANNELS quanta. */
void kromo_bus_add (KromoBus *sum, const KromoBus *from, KromoBusMix mix, KromoCountMode mode,
    guint count, float *own, float *scratch);

G_END_DECLS
