/* The mathematical functions of the kernels, for one value, without branches.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Plain C with explicit fma(), so that loops over them vectorise and give the same bits on every CPU.
 * The polynomials are Chebyshev fits of this project's own (in the Remez sense within a few per cent),
 * computed with 400 bits and rounded to double; the reductions follow Cody and Waite. Error bounds
 * are in ulp of the result.
 */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

/* 1.5 * 2^52: adding it rounds to an integer, which is then in the low bits of the sum. */
#define KROMO_MAGIC 0x1.8p52

#define KROMO_PI 0x1.921fb54442d18p+1 /* pi in three parts */
#define KROMO_PI_LO 0x1.1a62633145c07p-53
#define KROMO_PI_LOLO -0x1.f1976b7ed8fbcp-109
#define KROMO_INV_PI 0x1.45f306dc9c883p-2
#define KROMO_2_PI 0x1.921fb54442d18p+2
#define KROMO_INV_2_PI 0x1.45f306dc9c883p-3 /* the correctly rounded 1 / KROMO_2_PI */
#define KROMO_2_OVER_PI 0x1.45f306dc9c883p-1
#define KROMO_LN2 0x1.62e42fefa39efp-1
#define KROMO_LN2_LO 0x1.abc9e3b39803fp-56
#define KROMO_LOG2_E 0x1.71547652b82fep+0

/* Up to here the three parts of pi suffice; see kromo_is_large(). */
#define KROMO_SINE_LIMIT 0x1p32
#define KROMO_SINE_LIMIT_BITS UINT64_C (0x41f0000000000000)

static inline uint64_t
kromo_bits (double x)
{
  uint64_t bits;

  memcpy (&bits, &x, sizeof bits);
  return bits;
}

static inline double
kromo_from_bits (uint64_t bits)
{
  double x;

  memcpy (&x, &bits, sizeof x);
  return x;
}

#define KROMO_SIGN (UINT64_C (1) << 63)

/* Functions of bounded arguments take |x| <= KROMO_BOUND and have the bits of those for any argument. */
#define KROMO_BOUND 100.0

/* The sign bit is set if |x| > KROMO_SINE_LIMIT, and for infinities and NaN. */
static inline uint64_t
kromo_is_large (double x)
{
  return KROMO_SINE_LIMIT_BITS - (kromo_bits (x) & ~KROMO_SIGN);
}

/* An angle as (-1)^odd sin r with |r| <= pi/2 (and a little more). */
typedef struct {
  double r;
  uint64_t odd; /* in the lowest bit; the others are undefined */
} KromoAngle;

/* Payne and Hanek's reduction for any double; @half is 1 for x + pi/2 instead of x. */
KromoAngle kromo_reduce_large (double x, int half);

/* |x| <= 2^32. r = x - k pi. k has 31 bits, and k * KROMO_PI differs from x by a multiple of 2^-52 below
 * 2, so the first fma is exact; the second rounds to half an ulp of r, however close x is to a
 * multiple of pi, and so does the third, which changes r only where r < 1e-7. */
static inline KromoAngle
kromo_reduce (double x)
{
  double t = fma (x, KROMO_INV_PI, KROMO_MAGIC);
  double k = KROMO_MAGIC - t;
  double r = fma (k, KROMO_PI, x);

  r = fma (k, KROMO_PI_LO, r);
  return (KromoAngle){ fma (k, KROMO_PI_LOLO, r), kromo_bits (t) };
}

/* The same for x + pi/2: k is a half-integer. */
static inline KromoAngle
kromo_reduce_cosine (double x)
{
  double t = fma (x, KROMO_INV_PI, 0.5) + KROMO_MAGIC;
  double k = (KROMO_MAGIC - t) + 0.5;
  double r = fma (k, KROMO_PI, x);

  r = fma (k, KROMO_PI_LO, r);
  return (KromoAngle){ fma (k, KROMO_PI_LOLO, r), kromo_bits (t) };
}

/* sin of a reduced angle: fit to 4e-17 over |r| <= pi/2 + 1e-6; below 2 ulp with the
 * reduction (0.8 for |r| < 0.5; the rounding of p and r * u tells near pi/2). */
static inline double
kromo_sine_of (KromoAngle angle)
{
  double r = angle.r, u = r * r;
  double p = fma (u, 0x1.89a4857c6d205p-49, -0x1.ae5138b98566bp-41);

  p = fma (u, p, 0x1.6124015b470e4p-33);
  p = fma (u, p, -0x1.ae6455a1d6befp-26);
  p = fma (u, p, 0x1.71de3a545670fp-19);
  p = fma (u, p, -0x1.a01a01a018aadp-13);
  p = fma (u, p, 0x1.1111111111107p-7);
  p = fma (u, p, -0x1.5555555555555p-3);
  return kromo_from_bits (kromo_bits (fma (r * u, p, r)) ^ (angle.odd << 63));
}

#define KROMO_PEAK (0.5 * KROMO_PI - 0.0625)

/* (2/pi) asin (sin r) of a reduced angle. That is linear, except that the formula computed in double
 * precision flattens towards +-1, where the sine is rounded to multiples of 2^-53 and the arc sine
 * magnifies that (up to 1e-8). Within 1/16 of a peak we therefore round the sine, too: with
 * s = 1 - (1 - cos d) rounded, and e = 1 - s exact, acos s = sqrt (2e) (1 + e/12 + 3e^2/160 + ...).
 * Elsewhere the formula's own error is below 6e-16. */
static inline double
kromo_triangle_of (KromoAngle angle)
{
  double a = fabs (angle.r);
  double d = (0.5 * KROMO_PI - a) + 0.5 * KROMO_PI_LO;
  double dd = d * d;
  double c = fma (dd, -0x1.a01a01a01a01ap-16, 0x1.6c16c16c16c17p-10); /* 1/8!, 1/6! */
  double e, q, peak, slope;

  c = fma (dd, c, -0x1.5555555555555p-5);
  c = fma (dd, c, 0.5) * dd;
  e = 1.0 - (1.0 - c);
  q = fma (e, 35.0 / 18432.0, 5.0 / 896.0);
  q = fma (e, q, 3.0 / 160.0);
  q = fma (e, q, 1.0 / 12.0);
  q = fma (e, q, 1.0);
  peak = fma (-KROMO_2_OVER_PI, sqrt (e + e) * q, 1.0);
  slope = a * KROMO_2_OVER_PI;
  a = a > KROMO_PEAK ? peak : slope;
  return kromo_from_bits (
      kromo_bits (a) ^ ((angle.odd << 63) ^ (kromo_bits (angle.r) & KROMO_SIGN)));
}

/* The sign bit is set where kromo_triangle_of() is not kromo_triangle_slope_of(). Of no use for NaN. */
static inline uint64_t
kromo_is_near_peak (KromoAngle angle)
{
  return kromo_bits (KROMO_PEAK) - (kromo_bits (angle.r) & ~KROMO_SIGN);
}

static inline double
kromo_triangle_slope_of (KromoAngle angle)
{
  return kromo_from_bits (kromo_bits (angle.r * KROMO_2_OVER_PI) ^ (angle.odd << 63));
}

/* exp (x) = p * 2^k with 0.7 < p < 1.42, |x| < 1000; returns p, and k in the low bits of *t. Fit to 2e-17
 * over |r| <= ln 2 / 2; below 1.3 ulp. */
static inline double
kromo_exp_parts (double x, double *t)
{
  double k, r, p;

  *t = fma (x, KROMO_LOG2_E, KROMO_MAGIC);
  k = KROMO_MAGIC - *t;
  r = fma (k, KROMO_LN2, x);
  r = fma (k, KROMO_LN2_LO, r);
  p = fma (r, 0x1.af389ecfcbdafp-26, 0x1.28917c89aa05dp-22);
  p = fma (r, p, 0x1.71de0db2f6ae9p-19);
  p = fma (r, p, 0x1.a019b9149a3cep-16);
  p = fma (r, p, 0x1.a01a01a7c2efep-13);
  p = fma (r, p, 0x1.6c16c17889ef1p-10);
  p = fma (r, p, 0x1.11111111109b5p-7);
  p = fma (r, p, 0x1.5555555553d68p-5);
  p = fma (r, p, 0x1.5555555555556p-3);
  p = fma (r, p, 0x1.0000000000001p-1);
  return 1.0 + fma (r * r, p, r);
}

/* exp (x) for |x| <= 708, where it is a normal number. Of a NaN, t's low bits are 0, so it stays one. */
static inline double
kromo_exp_normal (double x)
{
  double t, p = kromo_exp_parts (x, &t);

  return kromo_from_bits (kromo_bits (p) + (kromo_bits (t) << 52));
}

/* exp (x) for x <= 720, infinity where it overflows; for x >= -600 */
static inline double
kromo_exp_high (double x)
{
  double t, p = kromo_exp_parts (x, &t);

  return kromo_from_bits (kromo_bits (p * 0x1p-64) + (kromo_bits (t) << 52)) * 0x1p64;
}

/* atan x. One division for all cases: t = |x|, (|x| - 1) / (|x| + 1), -1 / |x| with 0, pi/4, pi/2 to be
 * added. Fit to 6e-17 over |t| <= 0.5625; below 1.6 ulp. */
static inline double
kromo_atan (double x)
{
  double a = fabs (x);
  double num = a > 2.0 ? -1.0 : a - 1.0;
  double den = a > 2.0 ? a : a + 1.0;
  double hi = a > 2.0 ? 0.5 * KROMO_PI : 0.25 * KROMO_PI;
  double lo = a > 2.0 ? 0.5 * KROMO_PI_LO : 0.25 * KROMO_PI_LO;
  double quotient = num / den;
  double t = a > 0.5625 ? quotient : a;
  double u = t * t, p;

  hi = a > 0.5625 ? hi : 0.0;
  lo = a > 0.5625 ? lo : 0.0;
  p = fma (u, -0x1.b05c6547a5d9bp-8, 0x1.542da3cc83185p-6);
  p = fma (u, p, -0x1.1f1e5a925155cp-5);
  p = fma (u, p, 0x1.70ffea9fc6018p-5);
  p = fma (u, p, -0x1.aaa1810c1c751p-5);
  p = fma (u, p, 0x1.e1333d3a5c952p-5);
  p = fma (u, p, -0x1.1107eece71524p-4);
  p = fma (u, p, 0x1.3b130bcd49819p-4);
  p = fma (u, p, -0x1.745d0fb5c5357p-4);
  p = fma (u, p, 0x1.c71c71922b9efp-4);
  p = fma (u, p, -0x1.24924924319cep-3);
  p = fma (u, p, 0x1.99999999990e6p-3);
  p = fma (u, p, -0x1.5555555555554p-2);
  a = hi + (t + fma (t * u, p, lo));
  return kromo_from_bits (kromo_bits (a) | (kromo_bits (x) & KROMO_SIGN));
}

/* x / 2pi, correctly rounded (but for denormal quotients) without a division: Markstein's theorem, the
 * reciprocal being correctly rounded and the remainder exact. */
static inline double
kromo_turns (double x)
{
  double q = x * KROMO_INV_2_PI;

  return fma (fma (-q, KROMO_2_PI, x), KROMO_INV_2_PI, q);
}

static inline double
kromo_sawtooth (double x)
{
  double t = kromo_turns (x);

  return 2.0 * (t - floor (0.5 + t));
}

static inline double
kromo_spike (double x)
{
  double whole = floor (x), twice = 2.0 * (x - whole), half = 0.5 * whole;
  double even = 1.0 - twice, odd = twice - 1.0;

  return floor (half) == half ? even : odd;
}

/* Beyond the limits below the results no longer change: 1 + exp is 1, or the quotient is lost in the 1.
 * NaN passes them. (One comparison each, since gcc 12 makes poor code of two in a row.) */

/* 2 / (1 + exp (-4.9 x)) - 1 for |x| <= KROMO_BOUND. With x = r - k ln 2 / 4.9, exp (-4.9 x) is
 * 2^k (c - r) / (c + r) for c = r coth (2.45 r), which is even in r and nearly constant: fit to 9e-17 of
 * the result over |r| <= ln 2 / 9.8. Like the formula, it is exactly 0 where |x| is too small for the 1 in
 * it, and rounds in steps of about 1e-16 near there; in all within 5e-16. */
static inline double
kromo_bounded_bipolar_sigmoid (double x)
{
  double t = fma (x, -0x1.c46dddbeee6dep+2, KROMO_MAGIC); /* -4.9 / ln 2 */
  double k = t - KROMO_MAGIC;
  double r = fma (k, 0x1.21b50d025152bp-3, x); /* ln 2 / 4.9 */
  double u = r * r;
  double c = fma (u, -0x1.c785428f035e7p-4, 0x1.7e9a3d1ed5e60p-3);
  double plus, minus;

  c = fma (u, c, -0x1.4ea5627db74a4p-2);
  c = fma (u, c, 0x1.a22222220e631p-1);
  c = fma (u, c, 0x1.a1f58d0fac6b0p-2);
  plus = c + r;
  minus = kromo_from_bits (kromo_bits (c - r) + (kromo_bits (t) << 52));
  return (plus - minus) / (plus + minus);
}

static inline double
kromo_bipolar_sigmoid (double x)
{
  double a = fabs (x);

  a = a > KROMO_BOUND ? KROMO_BOUND : a;
  return kromo_bounded_bipolar_sigmoid (
      kromo_from_bits (kromo_bits (a) | (kromo_bits (x) & KROMO_SIGN)));
}

static inline double
kromo_bounded_plain_sigmoid (double x)
{
  return 1.0 / (1.0 + kromo_exp_normal (-x));
}

static inline double
kromo_plain_sigmoid (double x)
{
  double y = x > 600.0 ? 600.0 : x;

  y = y < -720.0 ? -720.0 : y;
  return 1.0 / (1.0 + kromo_exp_high (-y));
}

static inline double
kromo_gaussian (double x)
{
  double y = 2.5 * x;

  y = y * y;
  y = y > 708.0 ? 708.0 : y;
  return 2.0 * kromo_exp_normal (-y) - 1.0;
}
