/* White, pink and brown noise as functions of the frame index (2-RENDERING 2.4).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bank.h"

G_BEGIN_DECLS

/* State of the colouring filters before the next frame; all zero at frame 0. */
typedef struct {
  double b[7]; /* pink */
  double l;    /* brown */
} KromoNoiseState;

/* @n samples from frame @start on; @state is that before @start and becomes that after the last. */
void kromo_noise_fill (
    KromoNoise noise, guint64 seed, guint64 start, KromoNoiseState *state, guint n, float *samples);

G_END_DECLS
