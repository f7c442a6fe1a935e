/* Second-order filters; compiled once for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Robert Bristow-Johnson's cookbook formulas as Web Audio has them (3-WEB-AUDIO 3.3).
 */
#include "../math/single.h"
#include "../math/trigonometry.h"
#include "set.h"

extern const KromoFilterOps KROMO_TABLE (kromo_filter_ops);

/* ---- what the coefficients are made from ---- */

static void
find_frequencies (float *y, const float *frequency, const float *cents, float nyquist, guint n)
{
  for (guint i = 0; i < n; i++) {
    float factor = kromo_single_exp2 (cents[i] / 1200.0f);

    factor = factor < nyquist ? factor : nyquist;
    y[i] = frequency[i] * factor;
  }
}

static void
find_frequencies_standard (
    float *y, const float *frequency, const float *cents, float nyquist, guint n)
{
  for (guint i = 0; i < n; i++) {
    const float product = frequency[i] * kromo_single_exp2 (cents[i] / 1200.0f);
    const float above = product > 0.0f ? product : 0.0f; /* 0 for 0 times infinity */

    y[i] = above < nyquist ? above : nyquist;
  }
}

static void
find_angles (double *cosine, double *sine, const float *frequency, double rate, guint n)
{
  for (guint i = 0; i < n; i++)
    kromo_sine_cosine (2.0 * G_PI * frequency[i] / rate, &sine[i], &cosine[i]);
}

static void
exp10_of (double *y, const float *x, double divisor, guint n)
{
  for (guint i = 0; i < n; i++)
    y[i] = kromo_exp10 (x[i] / divisor);
}

/* ---- coefficients ---- */

static inline void
divide (KromoFilterCoefficients *k, guint i, double b0, double b1, double b2, double a0, double a1,
    double a2)
{
  k->b0[i] = b0 / a0;
  k->b1[i] = b1 / a0;
  k->b2[i] = b2 / a0;
  k->a1[i] = a1 / a0;
  k->a2[i] = a2 / a0;
}

static void
lowpass (KromoFilterCoefficients *restrict k, const KromoFilterShape *shape, guint n)
{
  for (guint i = 0; i < n; i++) {
    const double beta = shape->sine[i] / (2.0 * shape->resonance[i]), x = 1.0 - shape->cosine[i];

    divide (k, i, x / 2.0, x, x / 2.0, 1.0 + beta, -2.0 * shape->cosine[i], 1.0 - beta);
  }
}

static void
highpass (KromoFilterCoefficients *restrict k, const KromoFilterShape *shape, guint n)
{
  for (guint i = 0; i < n; i++) {
    const double beta = shape->sine[i] / (2.0 * shape->resonance[i]), x = 1.0 + shape->cosine[i];

    divide (k, i, x / 2.0, -x, x / 2.0, 1.0 + beta, -2.0 * shape->cosine[i], 1.0 - beta);
  }
}

static void
bandpass (KromoFilterCoefficients *restrict k, const KromoFilterShape *shape, guint n)
{
  for (guint i = 0; i < n; i++) {
    const double alpha = shape->sine[i] / (2.0 * shape->q[i]), c = shape->cosine[i];

    divide (k, i, alpha, 0.0, -alpha, 1.0 + alpha, -2.0 * c, 1.0 - alpha);
  }
}

static void
notch (KromoFilterCoefficients *restrict k, const KromoFilterShape *shape, guint n)
{
  for (guint i = 0; i < n; i++) {
    const double alpha = shape->sine[i] / (2.0 * shape->q[i]), c = shape->cosine[i];

    divide (k, i, 1.0, -2.0 * c, 1.0, 1.0 + alpha, -2.0 * c, 1.0 - alpha);
  }
}

static void
allpass (KromoFilterCoefficients *restrict k, const KromoFilterShape *shape, guint n)
{
  for (guint i = 0; i < n; i++) {
    const double alpha = shape->sine[i] / (2.0 * shape->q[i]), c = shape->cosine[i];

    divide (k, i, 1.0 - alpha, -2.0 * c, 1.0 + alpha, 1.0 + alpha, -2.0 * c, 1.0 - alpha);
  }
}

static void
peaking (KromoFilterCoefficients *restrict k, const KromoFilterShape *shape, guint n)
{
  for (guint i = 0; i < n; i++) {
    const double alpha = shape->sine[i] / (2.0 * shape->q[i]), c = shape->cosine[i];
    const double a = shape->amplitude[i];

    divide (k, i, 1.0 + alpha * a, -2.0 * c, 1.0 - alpha * a, 1.0 + alpha / a, -2.0 * c,
        1.0 - alpha / a);
  }
}

static void
lowshelf (KromoFilterCoefficients *restrict k, const KromoFilterShape *shape, guint n)
{
  for (guint i = 0; i < n; i++) {
    const double a = shape->amplitude[i], alpha = shape->sine[i] / 2.0 * G_SQRT2;
    const double kappa = 2.0 * alpha * sqrt (a);
    const double plus = (a + 1.0) * shape->cosine[i], minus = (a - 1.0) * shape->cosine[i];

    divide (k, i, a * (a + 1.0 - minus + kappa), 2.0 * a * (a - 1.0 - plus),
        a * (a + 1.0 - minus - kappa), a + 1.0 + minus + kappa, -2.0 * (a - 1.0 + plus),
        a + 1.0 + minus - kappa);
  }
}

static void
highshelf (KromoFilterCoefficients *restrict k, const KromoFilterShape *shape, guint n)
{
  for (guint i = 0; i < n; i++) {
    const double a = shape->amplitude[i], alpha = shape->sine[i] / 2.0 * G_SQRT2;
    const double kappa = 2.0 * alpha * sqrt (a);
    const double plus = (a + 1.0) * shape->cosine[i], minus = (a - 1.0) * shape->cosine[i];

    divide (k, i, a * (a + 1.0 + minus + kappa), -2.0 * a * (a - 1.0 + plus),
        a * (a + 1.0 + minus - kappa), a + 1.0 - minus + kappa, 2.0 * (a - 1.0 - plus),
        a + 1.0 - minus - kappa);
  }
}

static guint
count_finite (const KromoFilterCoefficients *k, guint n)
{
  for (guint i = 0; i < n; i++) {
    const double b = k->b0[i] * 0.0 + k->b1[i] * 0.0 + k->b2[i] * 0.0;

    if (b + k->a1[i] * 0.0 + k->a2[i] * 0.0 != 0.0)
      return i;
  }
  return n;
}

/* ---- filtering ---- */

/* The part of the input, without the feedback. */
static void
delay (double *x, const KromoFilterHistory *h, const float *in)
{
  x[0] = h->x2;
  x[1] = h->x1;
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    x[i + 2] = in[i];
}

static void
run_steady (const KromoFilterSection *k, KromoFilterHistory *h, const float *in, float *out)
{
  const double a1 = k->a1, a2 = k->a2;
  double x[KROMO_QUANTUM + 2], u[KROMO_QUANTUM], y1 = h->y1, y2 = h->y2;

  delay (x, h, in);
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    u[i] = k->b0 * x[i + 2] + k->b1 * x[i + 1] + k->b2 * x[i];
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const double y = u[i] - a1 * y1 - a2 * y2;

    y2 = y1;
    y1 = y;
    u[i] = y;
  }
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    out[i] = (float) u[i];
  *h = (KromoFilterHistory){ x[KROMO_QUANTUM + 1], x[KROMO_QUANTUM], y1, y2 };
}

static void
run_from (const KromoFilterCoefficients *k, guint start, KromoFilterHistory *h, const float *in,
    float *out)
{
  double x[KROMO_QUANTUM + 2], u[KROMO_QUANTUM], y1 = h->y1, y2 = h->y2;

  delay (x, h, in);
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    u[i] = k->b0[i] * x[i + 2] + k->b1[i] * x[i + 1] + k->b2[i] * x[i];
  for (guint i = start; i < KROMO_QUANTUM; i++) {
    const double y = u[i] - k->a1[i] * y1 - k->a2[i] * y2;

    y2 = y1;
    y1 = y;
    u[i] = y;
  }
  for (guint i = start; i < KROMO_QUANTUM; i++)
    out[i] = (float) u[i];
  *h = (KromoFilterHistory){ x[KROMO_QUANTUM + 1], x[KROMO_QUANTUM], y1, y2 };
}

const KromoFilterOps KROMO_TABLE (kromo_filter_ops) = {
  .find_frequencies = find_frequencies,
  .find_frequencies_standard = find_frequencies_standard,
  .find_angles = find_angles,
  .exp10 = exp10_of,
  .find_coefficients = {
    [KROMO_FILTER_LOWPASS] = lowpass,
    [KROMO_FILTER_HIGHPASS] = highpass,
    [KROMO_FILTER_BANDPASS] = bandpass,
    [KROMO_FILTER_LOWSHELF] = lowshelf,
    [KROMO_FILTER_HIGHSHELF] = highshelf,
    [KROMO_FILTER_PEAKING] = peaking,
    [KROMO_FILTER_NOTCH] = notch,
    [KROMO_FILTER_ALLPASS] = allpass,
  },
  .count_finite = count_finite,
  .run_steady = run_steady,
  .run = run_from,
};
