/* The block kernels; compiled once for each instruction set, see meson.build.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Loops are in place or restrict, over a multiple of 8 values, and call functions without branches, so
 * that gcc and clang vectorise them without remainders.
 */
#include "few-terms.h"

#ifndef KROMO_KERNELS_TABLE
#define KROMO_KERNELS_TABLE kromo_kernels_baseline
#define KROMO_KERNELS_NAME "baseline"
#endif

extern const KromoKernels KROMO_KERNELS_TABLE;

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

/* ---- sums, and activations of sums ---- */

static void
sum (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  double *restrict y = ALIGNED (out);
  gsize t = MIN (n_terms, 3);

  few_terms (out, registers, start, terms, t, n, IDENTITY);
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

static inline G_ALWAYS_INLINE void
node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n, guint activation)
{
  double *y = ALIGNED (out);

  if (n_terms <= 3) {
    few_terms (out, registers, start, terms, n_terms, n, activation);
    return;
  }
  sum (out, registers, start, terms, n_terms, n);
  for (gsize i = 0; i < ROUND (n); i++)
    y[i] = activate (activation, y[i]);
}

static void
sine_node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  node (out, registers, start, terms, n_terms, n, KROMO_ACTIVATION_SINE);
}

static void
sine2_node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  node (out, registers, start, terms, n_terms, n, KROMO_ACTIVATION_SINE2);
}

static void
cosine_node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  node (out, registers, start, terms, n_terms, n, KROMO_ACTIVATION_COS);
}

static void
sawtooth_node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  node (out, registers, start, terms, n_terms, n, KROMO_ACTIVATION_SAWTOOTH);
}

static void
step_node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  node (out, registers, start, terms, n_terms, n, KROMO_ACTIVATION_STEP);
}

static void
spike_node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  node (out, registers, start, terms, n_terms, n, KROMO_ACTIVATION_SPIKE);
}

static void
bipolar_sigmoid_node (double *restrict out, const double *registers, double start,
    const KromoTerm *terms, gsize n_terms, gsize n)
{
  node (out, registers, start, terms, n_terms, n, KROMO_ACTIVATION_BIPOLAR_SIGMOID);
}

static void
plain_sigmoid_node (double *restrict out, const double *registers, double start,
    const KromoTerm *terms, gsize n_terms, gsize n)
{
  node (out, registers, start, terms, n_terms, n, KROMO_ACTIVATION_PLAIN_SIGMOID);
}

static void
linear_node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  node (out, registers, start, terms, n_terms, n, KROMO_ACTIVATION_LINEAR);
}

/* These two are slower in one pass than in two. */

static void
arctan_node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  sum (out, registers, start, terms, n_terms, n);
  arctan (out, n);
}

static void
gaussian_node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  sum (out, registers, start, terms, n_terms, n);
  gaussian (out, n);
}

/* The square root near the peaks is slow, and most blocks have no value there. */
static void
triangle_node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  _Alignas(KROMO_BLOCK_ALIGN) double x[KROMO_QUANTUM];
  double *restrict y = ALIGNED (out);
  uint64_t any = 0;

  sum (x, registers, start, terms, n_terms, n);
  for (gsize i = 0; i < ROUND (n); i++) {
    KromoAngle angle = kromo_reduce (x[i]);

    any |= kromo_is_near_peak (angle);
    y[i] = kromo_triangle_slope_of (angle);
  }
  if (any >> 63)
    for (gsize i = 0; i < ROUND (n); i++)
      y[i] = kromo_triangle_of (kromo_reduce (x[i]));
}

static void
null_node (double *restrict out, const double *registers, double start, const KromoTerm *terms,
    gsize n_terms, gsize n)
{
  null (out, n);
}

/* ---- around them ---- */

static gboolean
ramp (double *x, double last, gsize n)
{
  uint64_t any = 0;

  x = ALIGNED (x);
  if (!(last > 0.0)) {
    for (gsize i = 0; i < ROUND (n); i++)
      x[i] = -1.0;
    return TRUE;
  }
  for (gsize i = 0; i < ROUND (n); i++)
    x[i] = -1.0 + x[i] / last * 2.0;
  for (gsize i = 0; i < ROUND (n); i++)
    any |= kromo_bits (KROMO_RAMP_BOUND) - (kromo_bits (x[i]) & ~KROMO_SIGN);
  return !(any >> 63);
}

static void
bounded_input (
    double *restrict out, const double *ramp_values, double phase, double velocity, gsize n)
{
  double *restrict y = ALIGNED (out);
  const double *m = ALIGNED (ramp_values);

  for (gsize i = 0; i < ROUND (n); i++)
    y[i] = kromo_sine_of (kromo_reduce (m[i] * phase));
  if (velocity != 1.0)
    for (gsize i = 0; i < ROUND (n); i++)
      y[i] *= velocity;
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
  .nodes = {
    [KROMO_ACTIVATION_SINE] = sine_node,
    [KROMO_ACTIVATION_SINE2] = sine2_node,
    [KROMO_ACTIVATION_COS] = cosine_node,
    [KROMO_ACTIVATION_ARCTAN] = arctan_node,
    [KROMO_ACTIVATION_TRIANGLE] = triangle_node,
    [KROMO_ACTIVATION_SAWTOOTH] = sawtooth_node,
    [KROMO_ACTIVATION_STEP] = step_node,
    [KROMO_ACTIVATION_SPIKE] = spike_node,
    [KROMO_ACTIVATION_BIPOLAR_SIGMOID] = bipolar_sigmoid_node,
    [KROMO_ACTIVATION_PLAIN_SIGMOID] = plain_sigmoid_node,
    [KROMO_ACTIVATION_GAUSSIAN] = gaussian_node,
    [KROMO_ACTIVATION_LINEAR] = linear_node,
    [KROMO_ACTIVATION_NULL] = null_node,
  },
  .ramp = ramp,
  .input = input,
  .bounded_input = bounded_input,
  .sum = sum,
  .store = store,
};
