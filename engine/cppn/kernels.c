/* The block kernels; compiled once for each instruction set, see meson.build.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Loops are in place or restrict, over a multiple of 8 values, and call functions without branches, so
 * that gcc and clang vectorise them without remainders.
 */
#include "kernels.h"
#include "../math/functions.h"

#ifndef KROMO_KERNELS_TABLE
#define KROMO_KERNELS_TABLE kromo_kernels_baseline
#define KROMO_KERNELS_NAME "baseline"
#endif

extern const KromoKernels KROMO_KERNELS_TABLE;

#define ROUND(n) ((n) & ~(gsize) (KROMO_BLOCK_ROUND - 1))
#define ALIGNED(x) __builtin_assume_aligned ((x), KROMO_BLOCK_ALIGN)

/* ---- sines: one look whether any argument needs the slow reduction ---- */

static int
any_large (const double *x, gsize n)
{
  uint64_t any = 0;

  x = ALIGNED (x);
  for (gsize i = 0; i < ROUND (n); i++)
    any |= kromo_is_large (x[i]);
  return (int) (any >> 63);
}

/* Small arguments among large ones take the short way here, too, so that a value does not depend on
 * its neighbours. */
static KromoAngle
reduce_any (double x)
{
  return kromo_is_large (x) >> 63 ? kromo_reduce_large (x, 0) : kromo_reduce (x);
}

static KromoAngle
reduce_cosine_any (double x)
{
  return kromo_is_large (x) >> 63 ? kromo_reduce_large (x, 1) : kromo_reduce_cosine (x);
}

static void
sine (double *x, gsize n)
{
  x = ALIGNED (x);
  if (any_large (x, n)) {
    for (gsize i = 0; i < n; i++)
      x[i] = kromo_sine_of (reduce_any (x[i]));
    return;
  }
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = kromo_sine_of (kromo_reduce (x[i]));
}

static void
sine2 (double *x, gsize n)
{
  double *y = ALIGNED (x);

  for (gsize i = 0; i < ROUND (n); i++)
    y[i] *= 2.0;
  sine (x, n);
}

static void
cosine (double *x, gsize n)
{
  x = ALIGNED (x);
  if (any_large (x, n)) {
    for (gsize i = 0; i < n; i++)
      x[i] = kromo_sine_of (reduce_cosine_any (x[i]));
    return;
  }
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = kromo_sine_of (kromo_reduce_cosine (x[i]));
}

static void
triangle (double *x, gsize n)
{
  x = ALIGNED (x);
  if (any_large (x, n)) {
    for (gsize i = 0; i < n; i++)
      x[i] = kromo_triangle_of (reduce_any (x[i]));
    return;
  }
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = kromo_triangle_of (kromo_reduce (x[i]));
}

static void
input (double *restrict out, const double *ramp_values, double phase, double velocity, gsize n)
{
  double *restrict y = ALIGNED (out);
  const double *m = ALIGNED (ramp_values);

  for (gsize i = 0; i < ROUND (n); i++)
    y[i] = m[i] * phase;
  sine (out, n);
  if (velocity != 1.0)
    for (gsize i = 0; i < ROUND (n); i++)
      y[i] *= velocity;
}

/* ---- other activations ---- */

static void
arctan (double *x, gsize n)
{
  x = ALIGNED (x);
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = kromo_atan (x[i]);
}

static void
sawtooth (double *x, gsize n)
{
  x = ALIGNED (x);
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = kromo_sawtooth (x[i]);
}

static void
step (double *x, gsize n)
{
  x = ALIGNED (x);
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = x[i] <= 0.0 ? -1.0 : 1.0;
}

static void
spike (double *x, gsize n)
{
  x = ALIGNED (x);
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = kromo_spike (x[i]);
}

static void
bipolar_sigmoid (double *x, gsize n)
{
  x = ALIGNED (x);
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = kromo_bipolar_sigmoid (x[i]);
}

static void
plain_sigmoid (double *x, gsize n)
{
  x = ALIGNED (x);
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = kromo_plain_sigmoid (x[i]);
}

static void
gaussian (double *x, gsize n)
{
  x = ALIGNED (x);
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = kromo_gaussian (x[i]);
}

static void
linear (double *x, gsize n)
{
  x = ALIGNED (x);
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = fabs (x[i]);
}

static void
null (double *x, gsize n)
{
  memset (x, 0, n * sizeof *x);
}

/* ---- around them ---- */

static void
ramp (double *x, double last, gsize n)
{
  x = ALIGNED (x);
  if (last > 0.0) {
    for (gsize i = 0; i < ROUND (n); i++)
      x[i] = -1.0 + x[i] / last * 2.0;
  } else {
    for (gsize i = 0; i < ROUND (n); i++)
      x[i] = -1.0;
  }
}

/* The first up to three terms, with the start value. */
static gsize
sum_start (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  double *restrict y = ALIGNED (out);
  const double *a, *b, *c;
  double wa, wb, wc;

  if (n_terms == 0) {
    for (gsize i = 0; i < ROUND (n); i++)
      y[i] = start;
    return 0;
  }
  a = ALIGNED (registers + (gsize) terms[0].source * KROMO_QUANTUM);
  wa = terms[0].weight;
  if (n_terms == 1) {
    for (gsize i = 0; i < ROUND (n); i++)
      y[i] = start + wa * a[i];
    return 1;
  }
  b = ALIGNED (registers + (gsize) terms[1].source * KROMO_QUANTUM);
  wb = terms[1].weight;
  if (n_terms == 2) {
    for (gsize i = 0; i < ROUND (n); i++)
      y[i] = (start + wa * a[i]) + wb * b[i];
    return 2;
  }
  c = ALIGNED (registers + (gsize) terms[2].source * KROMO_QUANTUM);
  wc = terms[2].weight;
  for (gsize i = 0; i < ROUND (n); i++)
    y[i] = ((start + wa * a[i]) + wb * b[i]) + wc * c[i];
  return 3;
}

static void
sum (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  double *restrict y = ALIGNED (out);
  gsize t = sum_start (out, registers, start, terms, n_terms, n);

  for (; t + 1 < n_terms; t += 2) {
    const double *a = ALIGNED (registers + (gsize) terms[t].source * KROMO_QUANTUM);
    const double *b = ALIGNED (registers + (gsize) terms[t + 1].source * KROMO_QUANTUM);
    double wa = terms[t].weight, wb = terms[t + 1].weight;

    for (gsize i = 0; i < ROUND (n); i++)
      y[i] = (y[i] + wa * a[i]) + wb * b[i];
  }
  if (t < n_terms) {
    const double *a = ALIGNED (registers + (gsize) terms[t].source * KROMO_QUANTUM);
    double wa = terms[t].weight;

    for (gsize i = 0; i < ROUND (n); i++)
      y[i] += wa * a[i];
  }
}

static void
store (float *restrict out, const double *x, gsize n)
{
  for (gsize i = 0; i < n; i++)
    out[i] = x[i] == x[i] ? (float) x[i] : NAN;
}

const KromoKernels KROMO_KERNELS_TABLE = {
  .name = KROMO_KERNELS_NAME,
  .activations = {
    [KROMO_ACTIVATION_SINE] = sine,
    [KROMO_ACTIVATION_SINE2] = sine2,
    [KROMO_ACTIVATION_COS] = cosine,
    [KROMO_ACTIVATION_ARCTAN] = arctan,
    [KROMO_ACTIVATION_TRIANGLE] = triangle,
    [KROMO_ACTIVATION_SAWTOOTH] = sawtooth,
    [KROMO_ACTIVATION_STEP] = step,
    [KROMO_ACTIVATION_SPIKE] = spike,
    [KROMO_ACTIVATION_BIPOLAR_SIGMOID] = bipolar_sigmoid,
    [KROMO_ACTIVATION_PLAIN_SIGMOID] = plain_sigmoid,
    [KROMO_ACTIVATION_GAUSSIAN] = gaussian,
    [KROMO_ACTIVATION_LINEAR] = linear,
    [KROMO_ACTIVATION_NULL] = null,
  },
  .ramp = ramp,
  .input = input,
  .sum = sum,
  .store = store,
};
