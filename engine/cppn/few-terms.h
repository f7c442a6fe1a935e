/* Sums of a few terms and activations of them, in one pass over memory: a part of kernels.c, which all
 * kernels are compiled from.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "kernels.h"
#include "../math/functions.h"

#define ROUND(n) ((n) & ~(gsize) (KROMO_BLOCK_ROUND - 1))
#define ALIGNED(x) __builtin_assume_aligned ((x), KROMO_BLOCK_ALIGN)

/* Not an activation: the sum itself. */
#define IDENTITY KROMO_N_ACTIVATIONS

/* @activation is a constant wherever this is inlined. */
static inline G_ALWAYS_INLINE double
activate (guint activation, double x)
{
  switch (activation) {
  case KROMO_ACTIVATION_SINE:
    return kromo_sine_of (kromo_reduce (x));
  case KROMO_ACTIVATION_SINE2:
    return kromo_sine_of (kromo_reduce (x + x));
  case KROMO_ACTIVATION_COS:
    return kromo_sine_of (kromo_reduce_cosine (x));
  case KROMO_ACTIVATION_SAWTOOTH:
    return kromo_sawtooth (x);
  case KROMO_ACTIVATION_STEP:
    return x <= 0.0 ? -1.0 : 1.0;
  case KROMO_ACTIVATION_SPIKE:
    return kromo_spike (x);
  case KROMO_ACTIVATION_BIPOLAR_SIGMOID:
    return kromo_bounded_bipolar_sigmoid (x);
  case KROMO_ACTIVATION_PLAIN_SIGMOID:
    return kromo_bounded_plain_sigmoid (x);
  case KROMO_ACTIVATION_LINEAR:
    return fabs (x);
  default:
    return x;
  }
}

/* Up to three terms in one pass. */
static inline G_ALWAYS_INLINE void
few_terms (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n, guint activation)
{
  double *restrict y = ALIGNED (out);
  const double *a, *b, *c;
  double wa, wb, wc;

  if (n_terms == 0) {
    for (gsize i = 0; i < ROUND (n); i++)
      y[i] = activate (activation, start);
    return;
  }
  a = ALIGNED (registers + (gsize) terms[0].source * KROMO_QUANTUM);
  wa = terms[0].weight;
  if (n_terms == 1) {
    for (gsize i = 0; i < ROUND (n); i++)
      y[i] = activate (activation, start + wa * a[i]);
    return;
  }
  b = ALIGNED (registers + (gsize) terms[1].source * KROMO_QUANTUM);
  wb = terms[1].weight;
  if (n_terms == 2) {
    for (gsize i = 0; i < ROUND (n); i++)
      y[i] = activate (activation, (start + wa * a[i]) + wb * b[i]);
    return;
  }
  c = ALIGNED (registers + (gsize) terms[2].source * KROMO_QUANTUM);
  wc = terms[2].weight;
  for (gsize i = 0; i < ROUND (n); i++)
    y[i] = activate (activation, ((start + wa * a[i]) + wb * b[i]) + wc * c[i]);
}
