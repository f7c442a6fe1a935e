/* Sums and products with their rounding errors.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * After Dekker (1971) and Knuth. A number in two parts is hi + lo, with |lo| at most half an ulp of hi where it
 * has been normalized.
 */
#pragma once

#include <math.h>

typedef struct {
  double hi, lo;
} KromoPair;

/* a + b exactly; |a| >= |b| or a = 0 */
static inline KromoPair
kromo_add_ordered (double a, double b)
{
  const double hi = a + b;

  return (KromoPair){ hi, b - (hi - a) };
}

/* a + b exactly */
static inline KromoPair
kromo_add_exact (double a, double b)
{
  const double hi = a + b, part = hi - a;

  return (KromoPair){ hi, (a - (hi - part)) + (b - part) };
}

/* a * b exactly */
static inline KromoPair
kromo_multiply_exact (double a, double b)
{
  const double hi = a * b;

  return (KromoPair){ hi, fma (a, b, -hi) };
}

/* Both in two parts, to 2^-104 or so; not normalized. */
static inline KromoPair
kromo_multiply_pairs (KromoPair a, KromoPair b)
{
  const KromoPair p = kromo_multiply_exact (a.hi, b.hi);

  return (KromoPair){ p.hi, p.lo + fma (a.hi, b.lo, a.lo * b.hi) };
}

/* (a + b) + c, for |a| >= |b|, c in two parts and of the size of b's last bits */
static inline KromoPair
kromo_add_to (double a, double b, double c_lo)
{
  const KromoPair sum = kromo_add_ordered (a, b);

  return (KromoPair){ sum.hi, sum.lo + c_lo };
}
