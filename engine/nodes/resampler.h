/* Resampling of quanta by whole factors, as the reference's oversampled wave shaper does it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Overlap-add with one FFT a block: a windowed sinc in the frequency domain, bins cut or padded. An up-
 * and a down-resampler in series delay by one quantum (3-WEB-AUDIO 3.4).
 */
#pragma once

#include "fft.h"

G_BEGIN_DECLS

#define KROMO_RESAMPLER_MAX_FACTOR 4

/* Immutable but for offsets; @n_in or @n_out is KROMO_QUANTUM, the other a multiple. */
typedef struct {
  guint n_in, n_out;
  const kiss_fft_cpx *response; /* [n_in + 1], scaled by 1 / (2 n_in); everybody's */
  gsize forward, inverse;       /* scratch: FFT plans of 2 n_in and 2 n_out */
  gsize time;                   /* scratch: float[2 max (n_in, n_out)] */
  gsize bins;                   /* scratch: kiss_fft_cpx[max (n_in, n_out) + 1] */
} KromoResampler;

void kromo_resampler_init (KromoResampler *resampler, guint n_in, guint n_out);
void kromo_resampler_plan (KromoResampler *resampler, KromoLayout *layout);
void kromo_resampler_reset (const KromoResampler *resampler, const KromoArena *arena);

/* @overlap: float[n_out], the second half of the block before; zero at first */
void kromo_resampler_run (const KromoResampler *resampler, const KromoArena *arena, const float *in,
    float *out, float *overlap);

G_END_DECLS
