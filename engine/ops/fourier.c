/* Convolution of real blocks by complex Fourier transforms; compiled once for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Two blocks of n real values, x and x', are taken as the complex polynomial (x - i x') of degree n - 1, modulo
 * t^n + i: that is, as a real one of degree 2n - 1 modulo t^2n + 1, whose products are negacyclic convolutions
 * ("right-angle convolution", Nussbaumer). Turned by exp (-i pi j / 2n), the transform of length n diagonalizes
 * it, without a special case for any bin. Nobody looks at single bins, so they are left in the order in which
 * decimation in frequency puts them, and the inverse, by decimation in time, takes them from there. Radix 4,
 * with one pass of radix 2 where n is not a power of 4.
 */
#include "../math/functions.h"
#include "set.h"

#define SMALL                                                                                      \
  256 /* transforms up to here go pass by pass, larger ones part by part, for the cache's sake */
#define WIDE 16 /* values in the narrowest rows that are known to be multiples of it */
#define CHUNK 1024

extern const KromoFourierOps KROMO_TABLE (kromo_fourier_ops);

/* ---- tables ---- */

/* exp (i step j) */
static void
fill_circle (float *restrict re, float *restrict im, guint n, double step)
{
  for (guint j = 0; j < n; j++) {
    const double x = step * (gint) j;

    re[j] = (float) kromo_sine_of (kromo_reduce_cosine (x));
    im[j] = (float) kromo_sine_of (kromo_reduce (x));
  }
}

static gboolean
is_power_of_4 (guint n)
{
  return (n & 0x55555555u) != 0;
}

/* After the turn come the twiddles of each pass; those of shorter ones come last. */

static gsize
get_turn_size (guint n)
{
  return 2 * (gsize) n;
}

static gsize
get_pass_size (guint length)
{
  return is_power_of_4 (length) ? 6 * (gsize) (length / 4) : length;
}

static gsize
get_size (guint n)
{
  gsize size = get_turn_size (n);

  if (!is_power_of_4 (n)) {
    size += get_pass_size (n);
    n /= 2;
  }
  for (; n > 4; n /= 4)
    size += get_pass_size (n);
  return size;
}

static void
plan (float *tables, guint n)
{
  fill_circle (tables, tables + n, n, -KROMO_PI / 2.0 / n);
  tables += get_turn_size (n);
  if (!is_power_of_4 (n)) {
    fill_circle (tables, tables + n / 2, n / 2, -KROMO_2_PI / n);
    tables += get_pass_size (n);
    n /= 2;
  }
  for (; n > 4; n /= 4) {
    const guint quarter = n / 4;

    for (guint k = 0; k < 3; k++)
      fill_circle (tables + 2 * k * quarter, tables + (2 * k + 1) * quarter, quarter,
          -KROMO_2_PI / n * (k + 1));
    tables += get_pass_size (n);
  }
}

/* ---- passes ---- */

/* Rows of a butterfly: parts of one array each, which do not overlap. */

static inline void
split_row (float *restrict r0, float *restrict i0, float *restrict r1, float *restrict i1,
    float *restrict r2, float *restrict i2, float *restrict r3, float *restrict i3, const float *w,
    guint stride, guint n)
{
  for (guint j = 0; j < n; j++) {
    const float ar = r0[j] + r2[j], ai = i0[j] + i2[j], br = r0[j] - r2[j], bi = i0[j] - i2[j];
    const float cr = r1[j] + r3[j], ci = i1[j] + i3[j], dr = i1[j] - i3[j], di = r3[j] - r1[j];
    const float yr = br + dr, yi = bi + di, zr = ar - cr, zi = ai - ci, vr = br - dr, vi = bi - di;
    const float *u = w + j;

    r0[j] = ar + cr;
    i0[j] = ai + ci;
    r1[j] = yr * u[0] - yi * u[stride];
    i1[j] = yr * u[stride] + yi * u[0];
    r2[j] = zr * u[2 * stride] - zi * u[3 * stride];
    i2[j] = zr * u[3 * stride] + zi * u[2 * stride];
    r3[j] = vr * u[4 * stride] - vi * u[5 * stride];
    i3[j] = vr * u[5 * stride] + vi * u[4 * stride];
  }
}

static inline void
join_row (float *restrict r0, float *restrict i0, float *restrict r1, float *restrict i1,
    float *restrict r2, float *restrict i2, float *restrict r3, float *restrict i3, const float *w,
    guint stride, guint n)
{
  for (guint j = 0; j < n; j++) {
    const float *u = w + j;
    const float yr = r1[j] * u[0] + i1[j] * u[stride], yi = i1[j] * u[0] - r1[j] * u[stride];
    const float zr = r2[j] * u[2 * stride] + i2[j] * u[3 * stride];
    const float zi = i2[j] * u[2 * stride] - r2[j] * u[3 * stride];
    const float vr = r3[j] * u[4 * stride] + i3[j] * u[5 * stride];
    const float vi = i3[j] * u[4 * stride] - r3[j] * u[5 * stride];
    const float ar = r0[j] + zr, ai = i0[j] + zi, br = r0[j] - zr, bi = i0[j] - zi;
    const float cr = yr + vr, ci = yi + vi, dr = yi - vi, di = vr - yr;

    r0[j] = ar + cr;
    i0[j] = ai + ci;
    r1[j] = br - dr;
    i1[j] = bi - di;
    r2[j] = ar - cr;
    i2[j] = ai - ci;
    r3[j] = br + dr;
    i3[j] = bi + di;
  }
}

static void
split_wide (const float *w, float *re, float *im, guint quarter)
{
  const guint q = quarter / WIDE * WIDE;

  split_row (re, im, re + q, im + q, re + 2 * q, im + 2 * q, re + 3 * q, im + 3 * q, w, q, q);
}

static void
join_wide (const float *w, float *re, float *im, guint quarter)
{
  const guint q = quarter / WIDE * WIDE;

  join_row (re, im, re + q, im + q, re + 2 * q, im + 2 * q, re + 3 * q, im + 3 * q, w, q, q);
}

static void
split_4 (const float *w, float *re, float *im)
{
  split_row (re, im, re + 4, im + 4, re + 8, im + 8, re + 12, im + 12, w, 4, 4);
}

static void
join_4 (const float *w, float *re, float *im)
{
  join_row (re, im, re + 4, im + 4, re + 8, im + 8, re + 12, im + 12, w, 4, 4);
}

/* The last pass, which has no twiddles. */
static void
split_ones (float *restrict re, float *restrict im, guint n)
{
  for (guint b = 0; b < n / 4; b++) {
    float *r = re + 4 * b, *i = im + 4 * b;
    const float ar = r[0] + r[2], ai = i[0] + i[2], br = r[0] - r[2], bi = i[0] - i[2];
    const float cr = r[1] + r[3], ci = i[1] + i[3], dr = i[1] - i[3], di = r[3] - r[1];

    r[0] = ar + cr;
    i[0] = ai + ci;
    r[1] = br + dr;
    i[1] = bi + di;
    r[2] = ar - cr;
    i[2] = ai - ci;
    r[3] = br - dr;
    i[3] = bi - di;
  }
}

static void
join_ones (float *restrict re, float *restrict im, guint n)
{
  for (guint b = 0; b < n / 4; b++) {
    float *r = re + 4 * b, *i = im + 4 * b;
    const float ar = r[0] + r[2], ai = i[0] + i[2], br = r[0] - r[2], bi = i[0] - i[2];
    const float cr = r[1] + r[3], ci = i[1] + i[3], dr = i[1] - i[3], di = r[3] - r[1];

    r[0] = ar + cr;
    i[0] = ai + ci;
    r[1] = br - dr;
    i[1] = bi - di;
    r[2] = ar - cr;
    i[2] = ai - ci;
    r[3] = br + dr;
    i[3] = bi + di;
  }
}

/* Radix 2, over the two halves. */
static void
split_halves (const float *w, float *restrict r0, float *restrict i0, float *restrict r1,
    float *restrict i1, guint half)
{
  const guint h = half / WIDE * WIDE;

  for (guint j = 0; j < h; j++) {
    const float yr = r0[j] - r1[j], yi = i0[j] - i1[j];

    r0[j] += r1[j];
    i0[j] += i1[j];
    r1[j] = yr * w[j] - yi * w[h + j];
    i1[j] = yr * w[h + j] + yi * w[j];
  }
}

static void
join_halves (const float *w, float *restrict r0, float *restrict i0, float *restrict r1,
    float *restrict i1, guint half)
{
  const guint h = half / WIDE * WIDE;

  for (guint j = 0; j < h; j++) {
    const float yr = r1[j] * w[j] + i1[j] * w[h + j], yi = i1[j] * w[j] - r1[j] * w[h + j];

    r1[j] = r0[j] - yr;
    i1[j] = i0[j] - yi;
    r0[j] += yr;
    i0[j] += yi;
  }
}

/* ---- transforms of a power of 4 ---- */

static void
split_small (const float *w, float *re, float *im, guint n)
{
  for (guint length = n; length > 16; length /= 4) {
    for (guint start = 0; start < n; start += length)
      split_wide (w, re + start, im + start, length / 4);
    w += get_pass_size (length);
  }
  for (guint start = 0; start < n; start += 16)
    split_4 (w, re + start, im + start);
  split_ones (re, im, n);
}

static void
split_all (const float *w, float *re, float *im, guint n)
{
  const guint quarter = n / 4;

  if (n <= SMALL) {
    split_small (w, re, im, n);
    return;
  }
  split_wide (w, re, im, quarter);
  for (guint k = 0; k < 4; k++)
    split_all (w + get_pass_size (n), re + k * quarter, im + k * quarter, quarter);
}

static void
join_small (const float *w, float *re, float *im, guint n)
{
  const float *last = w + get_pass_size (n); /* if that is 64 */

  if (n > 64)
    last += get_pass_size (64);
  join_ones (re, im, n);
  for (guint start = 0; start < n; start += 16)
    join_4 (last, re + start, im + start);
  for (guint length = 64; length <= n; length *= 4) {
    last -= get_pass_size (length);
    for (guint start = 0; start < n; start += length)
      join_wide (last, re + start, im + start, length / 4);
  }
}

static void
join_all (const float *w, float *re, float *im, guint n)
{
  const guint quarter = n / 4;

  if (n <= SMALL) {
    join_small (w, re, im, n);
    return;
  }
  for (guint k = 0; k < 4; k++)
    join_all (w + get_pass_size (n), re + k * quarter, im + k * quarter, quarter);
  join_wide (w, re, im, quarter);
}

/* ---- the whole ---- */

static void
turn (const float *t, float *restrict re, float *restrict im, const float *x, const float *next,
    guint n)
{
  const guint length = n / WIDE * WIDE;

  for (guint j = 0; j < length; j++) {
    re[j] = x[j] * t[j] + next[j] * t[length + j];
    im[j] = x[j] * t[length + j] - next[j] * t[j];
  }
}

/* Only what becomes of x'. */
static void
turn_back (const float *t, const float *re, const float *im, float *restrict y, guint n)
{
  const guint length = n / WIDE * WIDE;
  const float scale = 1.0f / (float) n;

  for (guint j = 0; j < length; j++)
    y[j] = (re[j] * t[length + j] - im[j] * t[j]) * scale;
}

static void
forward (const float *tables, float *spectrum, const float *x, const float *next, guint n)
{
  const float *w = tables + get_turn_size (n);
  float *re = spectrum, *im = spectrum + n;

  turn (tables, re, im, x, next, n);
  if (is_power_of_4 (n)) {
    split_all (w, re, im, n);
  } else {
    split_halves (w, re, im, re + n / 2, im + n / 2, n / 2);
    w += get_pass_size (n);
    split_all (w, re, im, n / 2);
    split_all (w, re + n / 2, im + n / 2, n / 2);
  }
}

static void
inverse (const float *tables, float *spectrum, float *y, guint n)
{
  const float *w = tables + get_turn_size (n);
  float *re = spectrum, *im = spectrum + n;

  if (is_power_of_4 (n)) {
    join_all (w, re, im, n);
  } else {
    join_all (w + get_pass_size (n), re, im, n / 2);
    join_all (w + get_pass_size (n), re + n / 2, im + n / 2, n / 2);
    join_halves (w, re, im, re + n / 2, im + n / 2, n / 2);
  }
  turn_back (tables, re, im, y, n);
}

static void
multiply_add (float *restrict sr, float *restrict si, const float *ar, const float *ai,
    const float *br, const float *bi, guint n)
{
  const guint length = n / WIDE * WIDE;

  for (guint j = 0; j < length; j++) {
    sr[j] += ar[j] * br[j] - ai[j] * bi[j];
    si[j] += ar[j] * bi[j] + ai[j] * br[j];
  }
}

static void
sum_products (
    float *sum, const float *a, guint newest, guint ring, const float *b, guint n_products, guint n)
{
  memset (sum, 0, 2 * (gsize) n * sizeof (float));
  for (guint start = 0; start < n; start += CHUNK) {
    const guint length = MIN (n - start, CHUNK);

    for (guint p = 0; p < n_products; p++) {
      const guint place = newest >= p ? newest - p : newest + ring - p;
      const float *x = a + 2 * (gsize) n * place + start, *y = b + 2 * (gsize) n * p + start;

      multiply_add (sum + start, sum + n + start, x, x + n, y, y + n, length);
    }
  }
}

const KromoFourierOps KROMO_TABLE (kromo_fourier_ops) = {
  .get_size = get_size,
  .plan = plan,
  .forward = forward,
  .inverse = inverse,
  .sum_products = sum_products,
};
