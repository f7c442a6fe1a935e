/* Noise.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "noise.h"

#include "../genome/hash.h"

/* Uniform in [-1, 1), multiples of 2^-23. */
static double
white (guint64 seed, guint64 frame)
{
  const guint64 bits = kromo_splitmix64 (seed + frame * KROMO_GOLDEN_GAMMA);

  return (double) (bits >> 40) * 0x1p-23 - 1.0;
}

/* Paul Kellet's filter; b[6] is last frame's white noise, scaled. */
static double
pink (double *b, double w)
{
  double out;

  b[0] = 0.99886 * b[0] + w * 0.0555179;
  b[1] = 0.99332 * b[1] + w * 0.0750759;
  b[2] = 0.96900 * b[2] + w * 0.1538520;
  b[3] = 0.86650 * b[3] + w * 0.3104856;
  b[4] = 0.55000 * b[4] + w * 0.5329522;
  b[5] = -0.7616 * b[5] - w * 0.0168980;
  out = 0.11 * (b[0] + b[1] + b[2] + b[3] + b[4] + b[5] + b[6] + w * 0.5362);
  b[6] = w * 0.115926;
  return out;
}

void
kromo_noise_fill (
    KromoNoise noise, guint64 seed, guint64 start, KromoNoiseState *state, guint n, float *samples)
{
  for (guint i = 0; i < n; i++) {
    const double w = white (seed, start + i);

    switch (noise) {
    case KROMO_NOISE_PINK:
      samples[i] = (float) pink (state->b, w);
      break;
    case KROMO_NOISE_BROWN:
      state->l = (state->l + 0.02 * w) / 1.02;
      samples[i] = (float) (3.5 * state->l);
      break;
    case KROMO_NOISE_WHITE:
    default:
      samples[i] = (float) w;
      break;
    }
  }
}
