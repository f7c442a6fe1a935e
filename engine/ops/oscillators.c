/* Oscillators; compiled once for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "../math/exponential.h"
#include "../math/single.h"
#include "set.h"

extern const KromoOscillatorOps KROMO_TABLE (kromo_oscillator_ops);

static void
find_factors (double *y, const float *cents)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = kromo_exp2 (cents[i] / 1200.0);
}

static void
find_increments (double *y, const float *frequency, const double *factor, double rate)
{
  const double nyquist = rate / 2.0;

  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const double f = frequency[i] * factor[i];

    y[i] = CLAMP (f, -nyquist, nyquist) / rate;
  }
}

/* The polynomial band-limited step: what smooths a jump within one frame of it. */
static inline double
blep (double t, double dt)
{
  const gboolean after = t<dt, before = t> 1.0 - dt;
  const double u = (after ? t : t - 1.0) / dt;
  const double rest = before ? u * u + u + u + 1.0 : 0.0;

  return after ? u + u - u * u - 1.0 : rest;
}

static inline double
half_a_cycle_on (double phase)
{
  const double on = phase + 0.5;

  return on >= 1.0 ? on - 1.0 : on;
}

static void
sine (float *y, const double *phase, const double *inc)
{
  float k[KROMO_QUANTUM], a[KROMO_QUANTUM], b[KROMO_QUANTUM];
  gint32 j[KROMO_QUANTUM];

  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const double position = phase[i] * KROMO_SINE_TABLE_SIZE;
    const double whole = floor (position);

    k[i] = (float) (position - whole);
    j[i] = (gint32) (whole > 0.0 ? whole : 0.0);
  }
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    a[i] = kromo_sine_table[j[i]];
    b[i] = kromo_sine_table[j[i] + 1];
  }
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = fmaf (a[i], 1.0f - k[i], b[i] * k[i]);
}

static void
sawtooth (float *y, const double *phase, const double *inc)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const double q = half_a_cycle_on (phase[i]);

    y[i] = (float) (2.0 * q - 1.0 - blep (q, inc[i]));
  }
}

static void
square (float *y, const double *phase, const double *inc)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const double level = phase[i] < 0.5 ? 1.0 : -1.0;

    y[i] = (float) (level + blep (phase[i], inc[i]) - blep (half_a_cycle_on (phase[i]), inc[i]));
  }
}

static void
triangle (float *y, const double *phase, const double *inc)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const double z = -4.0 * phase[i] + 2.0, low = z < -1.0 ? -2.0 - z : z;

    y[i] = (float) (z > 1.0 ? 2.0 - z : low);
  }
}

const KromoOscillatorOps KROMO_TABLE (kromo_oscillator_ops) = {
  .find_factors = find_factors,
  .find_increments = find_increments,
  .shapes = {
    [KROMO_SHAPE_SINE] = sine,
    [KROMO_SHAPE_SQUARE] = square,
    [KROMO_SHAPE_SAWTOOTH] = sawtooth,
    [KROMO_SHAPE_TRIANGLE] = triangle,
  },
};
