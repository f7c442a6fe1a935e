/* Arithmetic of blocks; compiled once for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "set.h"

#include <math.h>
#include <string.h>

#define HALF_POWER 0.70710678118654752440f /* sqrt (1/2) */

#define EXPONENT 0x7f800000u

extern const KromoBlockOps KROMO_TABLE (kromo_block_ops);

static void
scale (float *y, const float *x, float gain)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = x[i] * gain;
}

static void
multiply (float *y, const float *a, const float *b)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = a[i] * b[i];
}

static void
add (float *y, const float *a, const float *b)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = a[i] + b[i];
}

static void
mix_stereo (float *y, const float *l, const float *r)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = 0.5f * (l[i] + r[i]);
}

static void
mix_surround (
    float *y, const float *l, const float *r, const float *c, const float *sl, const float *sr)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = fmaf (HALF_POWER, l[i] + r[i], fmaf (0.5f, sl[i] + sr[i], c[i]));
}

static void
fold (float *y, const float *f, const float *c, const float *s)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = f[i] + HALF_POWER * (c[i] + s[i]);
}

static void
clamp (float *y, const float *x, float replacement, float min, float max)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    float value = x[i] < min ? min : x[i];

    value = value > max ? max : value;
    y[i] = x[i] == x[i] ? value : replacement;
  }
}

static guint32
bits_of (float x)
{
  guint32 bits;

  memcpy (&bits, &x, sizeof bits);
  return bits;
}

/* By the bits, since these loops must not be stopped early to vectorise. */

static gboolean
is_zero (const float *x)
{
  guint32 any = 0;

  for (guint i = 0; i < KROMO_QUANTUM; i++)
    any |= x[i] != 0.0f;
  return any == 0;
}

static gboolean
is_finite (const float *x)
{
  guint32 any = 0;

  for (guint i = 0; i < KROMO_QUANTUM; i++)
    any |= (bits_of (x[i]) & EXPONENT) == EXPONENT;
  return any == 0;
}

static gboolean
any_normal (const float *x)
{
  guint32 any = 0;

  for (guint i = 0; i < KROMO_QUANTUM; i++)
    any |= ((bits_of (x[i]) + 0x800000u) & EXPONENT) > 0x800000u;
  return any != 0;
}

const KromoBlockOps KROMO_TABLE (kromo_block_ops) = {
  .scale = scale,
  .multiply = multiply,
  .add = add,
  .mix_stereo = mix_stereo,
  .mix_surround = mix_surround,
  .fold = fold,
  .clamp = clamp,
  .is_zero = is_zero,
  .is_finite = is_finite,
  .any_normal = any_normal,
};
