/* The sine's argument reduction for large arguments, after Payne and Hanek.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * With x = M * 2^e, M an integer of 53 bits, x / pi modulo 2 needs only those bits of 1/pi that are not
 * multiples of 2 after the multiplication by 2^e, and of these the first 192: then what is cut off is
 * below 2^-138, while no double is closer to a multiple of pi than about 2^-60.
 */
#include "functions.h"

#define WORDS 6 /* 192 bits */

/* 64 zeros, then the fraction of 1/pi, computed with mpmath to 1400 bits. */
static const uint32_t inv_pi[40] = { 0x00000000, 0x00000000, 0x517cc1b7, 0x27220a94, 0xfe13abe8,
  0xfa9a6ee0, 0x6db14acc, 0x9e21c820, 0xff28b1d5, 0xef5de2b0, 0xdb92371d, 0x2126e970, 0x03249775,
  0x04e8c90e, 0x7f0ef58e, 0x5894d39f, 0x74411afa, 0x975da242, 0x74ce3813, 0x5a2fbf20, 0x9cc8eb1c,
  0xc1a99cfa, 0x4e422fc5, 0xdefc941d, 0x8ffc4bff, 0xef02cc07, 0xf79788c5, 0xad05368f, 0xb69b3f67,
  0x93e584db, 0xa7a31fb3, 0x4f2ff516, 0xba93dd63, 0xf5f2f8bd, 0x9e839cfb, 0xc5294975, 0x35fdafd8,
  0x8fc6ae84, 0x2b019823, 0x7e3db5d5 };

/* out = M * (bits e, e+1, ... of the fraction of 1/pi) modulo 2^192, the least significant word first */
static void
multiply (uint64_t mantissa, int exponent, uint32_t *out)
{
  unsigned position = (unsigned) (exponent + 63), word = position / 32, shift = position % 32;
  uint64_t low = mantissa & 0xffffffff, high = mantissa >> 32, carry = 0;
  uint32_t slice[WORDS];

  for (unsigned i = 0; i < WORDS; i++) {
    uint64_t pair = (uint64_t) inv_pi[word + i] << 32 | inv_pi[word + i + 1];

    slice[WORDS - 1 - i] = (uint32_t) (pair << shift >> 32);
  }
  for (unsigned i = 0; i < WORDS; i++) {
    carry += low * slice[i];
    out[i] = (uint32_t) carry;
    carry >>= 32;
  }
  carry = 0;
  for (unsigned i = 0; i + 1 < WORDS; i++) {
    carry += high * slice[i] + out[i + 1];
    out[i + 1] = (uint32_t) carry;
    carry >>= 32;
  }
}

static void
shift_left (uint32_t *x, unsigned n)
{
  for (; n >= 32; n -= 32) {
    memmove (x + 1, x, (WORDS - 1) * sizeof *x);
    x[0] = 0;
  }
  for (unsigned i = WORDS - 1; i > 0; i--)
    x[i] = (uint32_t) (((uint64_t) x[i] << 32 | x[i - 1]) << n >> 32);
  x[0] <<= n;
}

/* pi * f, where f is the 192 bits as a fraction below 1/2; to 0.51 ulp */
static double
scale (uint32_t *x)
{
  unsigned zeros = 0;
  double high, low, product, rest;

  while (zeros < 32 * WORDS && !(x[WORDS - 1 - zeros / 32] >> (31 - zeros % 32) & 1))
    zeros++;
  if (zeros == 32 * WORDS)
    return 0.0;
  shift_left (x, zeros);
  /* 48 bits, then the next 64 */
  high = (double) ((uint64_t) x[5] << 16 | x[4] >> 16) * 0x1p-48;
  low = (double) (x[4] & 0xffff) * 0x1p-64 + (double) x[3] * 0x1p-96;
  product = high * KROMO_PI;
  rest = fma (high, KROMO_PI, -product) + fma (high, KROMO_PI_LO, low * KROMO_PI);
  return (product + rest) * kromo_from_bits ((uint64_t) (1023 - zeros) << 52);
}

KromoAngle
kromo_reduce_large (double x, int half)
{
  uint64_t bits = kromo_bits (x) & ~KROMO_SIGN;
  uint32_t y[WORDS];
  uint64_t odd;
  double r;
  int negative;

  if (bits >= UINT64_C (0x7ff0000000000000))
    return (KromoAngle){ NAN, 0 };
  if (bits < KROMO_SINE_LIMIT_BITS)
    return half ? kromo_reduce_cosine (x) : kromo_reduce (x);

  multiply ((bits & UINT64_C (0xfffffffffffff)) | UINT64_C (1) << 52, (int) (bits >> 52) - 1075, y);
  /* y is |x| / pi modulo 2, 2^191 standing for 1. A cosine is even, so |x| will do for it as well. */
  if (half)
    y[WORDS - 1] += UINT32_C (0x40000000);
  odd = y[WORDS - 1] >> 31;
  shift_left (y, 1);
  /* Now 2^192 stands for 1. Round to the nearest integer: a fraction above 1/2 is one below 0. */
  negative = y[WORDS - 1] >> 31;
  if (negative) {
    uint64_t carry = 1;

    odd ^= 1;
    for (unsigned i = 0; i < WORDS; i++) {
      carry += (uint32_t) ~y[i];
      y[i] = (uint32_t) carry;
      carry >>= 32;
    }
  }
  r = scale (y);
  if (negative)
    r = -r;
  if (!half && kromo_bits (x) >> 63)
    r = -r;
  return (KromoAngle){ r, odd };
}
