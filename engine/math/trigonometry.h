/* Sine and cosine together, for filters: within 0.505 ulp, so that they are nearly always the correctly
 * rounded values.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Cody and Waite's reduction to |r| <= pi/4 in two parts, then Taylor's series, of which the first two terms
 * are kept in two parts.
 */
#pragma once

#include "exact.h"
#include "functions.h"

/* sin (r), |r| <= pi/4 (and a little more); u = r^2 */
static inline double
kromo_sine_near_0 (KromoPair r, KromoPair u)
{
  double q = fma (u.hi, 0x1.952c77030ad4ap-49, -0x1.ae7f3e733b81fp-41);
  KromoPair a, w, sum;

  q = fma (u.hi, q, 0x1.6124613a86d09p-33);
  q = fma (u.hi, q, -0x1.ae64567f544e4p-26);
  q = fma (u.hi, q, 0x1.71de3a556c734p-19);
  q = fma (u.hi, q, -0x1.a01a01a01a01ap-13);
  q = fma (u.hi, q, 0x1.1111111111111p-7);
  a = kromo_add_to (-0x1.5555555555555p-3, u.hi * q, -0x1.5555555555555p-57); /* -1/6 */
  w = kromo_multiply_pairs (kromo_multiply_pairs (u, r), a);
  sum = kromo_add_ordered (r.hi, w.hi);
  return sum.hi + (sum.lo + (w.lo + r.lo));
}

/* cos (r), likewise */
static inline double
kromo_cosine_near_0 (KromoPair u)
{
  double q = fma (u.hi, -0x1.6827863b97d97p-53, 0x1.ae7f3e733b81fp-45);
  KromoPair a, w, half, sum;

  q = fma (u.hi, q, -0x1.93974a8c07c9dp-37);
  q = fma (u.hi, q, 0x1.1eed8eff8d898p-29);
  q = fma (u.hi, q, -0x1.27e4fb7789f5cp-22);
  q = fma (u.hi, q, 0x1.a01a01a01a01ap-16);
  q = fma (u.hi, q, -0x1.6c16c16c16c17p-10);
  a = kromo_add_to (0x1.5555555555555p-5, u.hi * q, 0x1.5555555555555p-59); /* 1/24 */
  w = kromo_multiply_pairs (kromo_multiply_pairs (u, u), a);
  half = kromo_add_ordered (1.0, -0.5 * u.hi);
  sum = kromo_add_ordered (half.hi, w.hi);
  return sum.hi + (sum.lo + (w.lo + (half.lo - 0.5 * u.lo)));
}

/* |x| <= 2^30; NaN of anything that is not finite. */
static inline void
kromo_sine_cosine (double x, double *sine, double *cosine)
{
  const double t = fma (x, KROMO_2_OVER_PI, KROMO_MAGIC), k = KROMO_MAGIC - t;
  const uint64_t quadrant = kromo_bits (t);
  const KromoPair p = kromo_multiply_exact (k, 0.5 * KROMO_PI_LO);
  KromoPair r = kromo_add_exact (fma (k, 0.5 * KROMO_PI, x), p.hi); /* the fma is exact */
  KromoPair u;
  double s, c, swapped;

  r = kromo_add_ordered (r.hi, r.lo + fma (k, 0.5 * KROMO_PI_LOLO, p.lo));
  u = kromo_multiply_pairs (r, r);
  u = kromo_add_ordered (u.hi, u.lo);
  s = kromo_sine_near_0 (r, u);
  c = kromo_cosine_near_0 (u);
  swapped = quadrant & 1 ? c : s;
  c = quadrant & 1 ? s : c;
  *sine = kromo_from_bits (kromo_bits (swapped) ^ (quadrant & 2) << 62);
  *cosine = kromo_from_bits (kromo_bits (c) ^ ((quadrant + 1) & 2) << 62);
}
