/* Powers and logarithms in double precision, within 0.51 ulp: nearly always the correctly rounded values.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Taylor's series, whose first terms are kept in two parts.
 */
#pragma once

#include "exact.h"
#include "functions.h"

#define KROMO_LOG2_E_LO 0x1.777d0ffda0d24p-56
#define KROMO_LOG2_10 0x1.a934f0979a371p+1
#define KROMO_LOG2_10_LO 0x1.7f2495fb7fa6dp-53

/* 2^(y.hi + y.lo); 0 and infinity where it is too small or large. Subnormal results are rounded twice. */
static inline double
kromo_exp2_pair (KromoPair y)
{
  double hi = y.hi > 1100.0 ? 1100.0 : y.hi, t, f, q;
  uint64_t exponent, half;
  KromoPair r, a, w, b, u, z, e;

  hi = hi < -1200.0 ? -1200.0 : hi;
  t = hi + KROMO_MAGIC;
  f = hi - (t - KROMO_MAGIC);
  r = kromo_multiply_pairs (kromo_add_exact (f, y.lo), (KromoPair){ KROMO_LN2, KROMO_LN2_LO });
  r = kromo_add_ordered (r.hi, r.lo);
  q = fma (r.hi, 0x1.93974a8c07c9dp-37, 0x1.6124613a86d09p-33); /* 1/14!, 1/13!, ... */
  q = fma (r.hi, q, 0x1.1eed8eff8d898p-29);
  q = fma (r.hi, q, 0x1.ae64567f544e4p-26);
  q = fma (r.hi, q, 0x1.27e4fb7789f5cp-22);
  q = fma (r.hi, q, 0x1.71de3a556c734p-19);
  q = fma (r.hi, q, 0x1.a01a01a01a01ap-16);
  q = fma (r.hi, q, 0x1.a01a01a01a01ap-13);
  q = fma (r.hi, q, 0x1.6c16c16c16c17p-10);
  q = fma (r.hi, q, 0x1.1111111111111p-7);
  q = fma (r.hi, q, 0x1.5555555555555p-5);
  a = kromo_add_to (0x1.5555555555555p-3, r.hi * q, 0x1.5555555555555p-57); /* 1/3! + ... */
  w = kromo_multiply_pairs (r, a);
  b = kromo_add_to (0.5, w.hi, w.lo);
  u = kromo_multiply_pairs (r, r);
  z = kromo_multiply_pairs (u, b);
  e = kromo_add_to (r.hi, z.hi, z.lo + r.lo);
  w = kromo_add_ordered (1.0, e.hi);
  exponent = (kromo_bits (t) + 2048) & 0xfff;
  half = exponent >> 1;
  return (w.hi + (w.lo + e.lo)) * kromo_from_bits (half << 52)
      * kromo_from_bits ((exponent - half - 2) << 52);
}

static inline double
kromo_exp2 (double x)
{
  return kromo_exp2_pair ((KromoPair){ x, 0.0 });
}

static inline double
kromo_exp (double x)
{
  const double hi = x * KROMO_LOG2_E;
  const double lo = fma (x, KROMO_LOG2_E, -hi) + x * KROMO_LOG2_E_LO;

  return kromo_exp2_pair ((KromoPair){ hi, fabs (hi) < 2000.0 ? lo : 0.0 });
}

/* 10^x */
static inline double
kromo_exp10 (double x)
{
  const double hi = x * KROMO_LOG2_10;
  const double lo = fma (x, KROMO_LOG2_10, -hi) + x * KROMO_LOG2_10_LO;

  return kromo_exp2_pair ((KromoPair){ hi, fabs (hi) < 2000.0 ? lo : 0.0 });
}

/* The binary logarithm of a positive normal number: with m between sqrt (1/2) and sqrt (2) and s = (m - 1) /
 * (m + 1), ln m = 2 artanh s. To 2^-66 of it. */
static inline KromoPair
kromo_log2_pair (double x)
{
  const uint64_t sqrt_half = UINT64_C (0x3fe6a09e667f3bcd);
  const int64_t exponent = (int64_t) (kromo_bits (x) - sqrt_half) >> 52;
  const double m = kromo_from_bits (kromo_bits (x) - ((uint64_t) exponent << 52));
  const KromoPair den = kromo_add_exact (m, 1.0);
  const KromoPair log2_e = { KROMO_LOG2_E, KROMO_LOG2_E_LO };
  KromoPair s, u, a, w, sum;
  double q;

  s.hi = (m - 1.0) / den.hi;
  s.lo = (fma (-s.hi, den.hi, m - 1.0) - s.hi * den.lo) / den.hi;
  u = kromo_multiply_pairs (s, s);
  q = fma (u.hi, 0x1.47ae147ae147bp-5, 0x1.642c8590b2164p-5); /* 1/25, 1/23, ... */
  q = fma (u.hi, q, 0x1.8618618618618p-5);
  q = fma (u.hi, q, 0x1.af286bca1af28p-5);
  q = fma (u.hi, q, 0x1.e1e1e1e1e1e1ep-5);
  q = fma (u.hi, q, 0x1.1111111111111p-4);
  q = fma (u.hi, q, 0x1.3b13b13b13b14p-4);
  q = fma (u.hi, q, 0x1.745d1745d1746p-4);
  q = fma (u.hi, q, 0x1.c71c71c71c71cp-4);
  q = fma (u.hi, q, 0x1.2492492492492p-3);
  q = fma (u.hi, q, 0x1.999999999999ap-3);
  a = kromo_add_to (0x1.5555555555555p-2, u.hi * q, 0x1.5555555555555p-56); /* 1/3 + ... */
  w = kromo_multiply_pairs (kromo_multiply_pairs (u, s), a);
  sum = kromo_add_to (s.hi, w.hi, w.lo + s.lo);
  sum = kromo_add_ordered (sum.hi, sum.lo);
  w = kromo_multiply_pairs (sum, log2_e);
  sum = kromo_add_ordered ((double) exponent, 2.0 * w.hi);
  return (KromoPair){ sum.hi, sum.lo + 2.0 * w.lo };
}

/* x^y for a positive normal x and finite y; within 0.51 ulp for results between 2^-60 and 2^60, 1 ulp elsewhere. */
static inline double
kromo_pow (double x, double y)
{
  const KromoPair log2_x = kromo_log2_pair (x);
  const KromoPair product = kromo_multiply_exact (log2_x.hi, y);

  return kromo_exp2_pair (
      (KromoPair){ product.hi, fabs (product.hi) < 2000.0 ? fma (log2_x.lo, y, product.lo) : 0.0 });
}
