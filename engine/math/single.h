/* Functions in single precision as the reference has them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The reference calls the GNU C library's. These are computed in double precision with errors of up to 1e-10, so that
 * one result in a thousand is not the correctly rounded one; a compressor's output tells the difference. To agree
 * with it in that, too, our series are of the same order over the same intervals. That of 2^x is the best fit in the
 * sense of Chebyshev; the logarithm's coefficients, two of its points and the constant of 10^x were fitted to the
 * results of glibc 2.36, as is the list of the sine table's exceptions. Compared with that library, of 2 * 10^7
 * random arguments exp2 and exp differ in none, 10^x in 5, x^0.6 in 321; log10 in 18 of 2.1 * 10^7 floats spread
 * over all, ln in 16 of them (but in one of 20,000 between 1/2 and 2).
 */
#pragma once

#include "exponential.h"

#include <glib.h>

G_BEGIN_DECLS

#define KROMO_SINE_TABLE_SIZE 8192

extern const double kromo_single_roots[32];
extern const double kromo_single_reciprocals[16], kromo_single_logarithms[16];

/* 2^x, rounded once from a cubic: 2^(i/32) (1 + ...), |r| <= 1/64, relative error 2^-33.2. */
static inline float
kromo_single_exp2_of (double x)
{
  double z = x > 160.0 ? 160.0 : x, t, r, p;
  uint64_t bits;

  z = z < -160.0 ? -160.0 : z;
  t = z + KROMO_MAGIC / 32.0;
  r = z - (t - KROMO_MAGIC / 32.0);
  bits = kromo_bits (t);
  p = fma (r, 0x1.c6af84b915487p-5, 0x1.ebfce50fac500p-3);
  p = fma (r, p, 0x1.62e42ff0c52d6p-1);
  p = fma (r, p, 1.0);
  bits = kromo_bits (kromo_single_roots[bits & 31]) + (bits >> 5 << 52);
  return (float) (p * kromo_from_bits (bits));
}

static inline float
kromo_single_exp2 (float x)
{
  return kromo_single_exp2_of (x);
}

static inline float
kromo_single_exp (float x)
{
  return kromo_single_exp2_of (x * KROMO_LOG2_E);
}

/* 10^x; the constant is log2 (10) with the error that the reference's has. */
static inline float
kromo_single_exp10 (float x)
{
  return kromo_single_exp2_of (x * 0x1.a934f0979b22fp+1);
}

/* x^y for x >= 0. */
static inline float
kromo_single_pow (float x, float y)
{
  if (x == 0.0f)
    return y > 0.0f ? 0.0f : y == 0.0f ? 1.0f : INFINITY;
  if (!(x <= G_MAXFLOAT))
    return y < 0.0f ? 0.0f : y == 0.0f ? 1.0f : x;
  return kromo_single_exp2_of (kromo_log2_pair (x).hi * y);
}

/* ln x of a positive normal number: that of c, in whose interval x 2^-k is, and a quartic in x 2^-k / c - 1. */
static inline float
kromo_single_log (float x)
{
  uint32_t bits, from_start;
  uint64_t i;
  float z;
  double r, u, p, whole;

  memcpy (&bits, &x, sizeof bits);
  from_start = bits - 0x3f330000; /* where the intervals start: 0.699 */
  i = (uint64_t) from_start >> 19 & 15;
  bits -= from_start & 0xff800000;
  memcpy (&z, &bits, sizeof z);
  r = fma (z, kromo_single_reciprocals[i], -1.0);
  u = r * r;
  whole = fma ((double) ((int32_t) from_start >> 23), KROMO_LN2, kromo_single_logarithms[i]);
  p = fma (r, 0.33345678562075604, -0.49999974269461195);
  p = fma (u, -0.25091987520319925, p);
  return (float) fma (u, p, whole + r);
}

/* The common logarithm of a positive normal number or infinity: with x = m 2^n, n log10 (2) + ln m / ln 10 in
 * single precision, log10 (2) being in two parts. m is at least 1, but below for x < 1. */
static inline float
kromo_single_log10 (float x)
{
  uint32_t bits;
  int32_t n;
  float m, low;

  memcpy (&bits, &x, sizeof bits);
  n = (int32_t) (bits >> 23) - 127;
  n += n < 0;
  bits -= (uint32_t) n << 23;
  memcpy (&m, &bits, sizeof m);
  low = (float) n * 0x1.a84fb6p-21f + 0x1.bcb7b2p-2f * kromo_single_log (m);
  return x <= G_MAXFLOAT ? low + (float) n * 0x1.3441p-2f : x;
}

/* One cycle of the reference's sine, and its first value once more; kromo_sine_table_init() first. */
extern float kromo_sine_table[KROMO_SINE_TABLE_SIZE + 1];
void kromo_sine_table_init (void);

G_END_DECLS
