/* The limiter against its formula, evaluated directly.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "render/limiter.h"

#include <math.h>

#define RATE 8000 /* 40 frames of look-ahead */
#define N 2000

/* p(i), i + L < N or the last */
static double
peak_until (const float *x, guint end)
{
  float peak = 0.0f;

  for (guint j = 0; j <= end && j < N; j++)
    peak = fmaxf (peak, fabsf (x[j]));
  return peak;
}

/* g(i) = the mean of h(i-L)..h(i), h = 1 before frame 0 */
static double
direct_gain (const double *h, guint i, guint look_ahead)
{
  double sum = 0.0;

  for (guint k = 0; k <= look_ahead; k++)
    sum += i < k ? 1.0 : h[i - k];
  return sum / (look_ahead + 1);
}

static void
check (const float *x)
{
  KromoLimiter limiter;
  double before = 1.0, h[N];

  kromo_limiter_reset (&limiter, RATE);
  g_assert_cmpuint (limiter.look_ahead, ==, 40);
  for (guint i = 0; i < N; i++)
    h[i] = fmin (1.0, 1.0 / peak_until (x, i + limiter.look_ahead));
  for (guint i = 0; i < limiter.look_ahead; i++)
    kromo_limiter_look (&limiter, fabsf (x[i]));
  for (guint i = 0; i < N; i++) {
    const guint ahead = i + limiter.look_ahead;
    const double gain = kromo_limiter_next (&limiter, ahead < N ? fabsf (x[ahead]) : 0.0f);

    g_assert_cmpfloat (fabs (gain - direct_gain (h, i, limiter.look_ahead)), <=, 1e-14);
    g_assert_cmpfloat (gain, <=, before + 1e-15); /* never rises */
    g_assert_cmpfloat (fabsf (kromo_limiter_apply (x[i], gain)), <=, 1.0f);
    g_assert_cmpfloat (fabs (x[i] * gain), <=, 1.0 + 1e-7);
    before = gain;
  }
}

static void
test_random (void)
{
  GRand *rand = g_rand_new_with_seed (7);
  float x[N];

  for (guint round = 0; round < 20; round++) {
    const double slope = g_rand_double_range (rand, 0.0, 6.0);

    for (guint i = 0; i < N; i++) {
      x[i] = (float) (g_rand_double_range (rand, -1.0, 1.0) * (0.5 + slope * i / N));
      if (g_rand_int_range (rand, 0, 500) == 0)
        x[i] *= 20.0f;
    }
    check (x);
  }
  g_rand_free (rand);
}

static void
test_in_range (void)
{
  KromoLimiter limiter;

  kromo_limiter_reset (&limiter, 48000);
  g_assert_cmpuint (limiter.look_ahead, ==, 240);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpfloat (kromo_limiter_next (&limiter, i % 2 ? 1.0f : 0.3f), ==, 1.0);
}

/* 5 ms before a peak the gain begins to fall, at the peak it is there, and stays to the last bit. */
static void
test_step (void)
{
  KromoLimiter limiter;
  double gains[N];

  kromo_limiter_reset (&limiter, RATE);
  for (guint i = 0; i < N; i++)
    gains[i] = kromo_limiter_next (&limiter, i + limiter.look_ahead == 500 ? 4.0f : 0.5f);
  g_assert_cmpfloat (gains[459], ==, 1.0);
  g_assert_cmpfloat (gains[460], <, 1.0);
  g_assert_cmpfloat (fabs (gains[480] - (20.0 + 21.0 * 0.25) / 41.0), <, 1e-14);
  for (guint i = 500; i < N; i++)
    g_assert_cmpfloat (gains[i], ==, 0.25);
}

/* A sound that explodes is not cut off either, however small the gains become. */
static void
test_explosion (void)
{
  float x[N];

  for (guint i = 0; i < N; i++)
    x[i] = (float) (exp2 (((double) MIN (i, 1900) - 200.0) / 16.0) * (i % 2 ? 1.0 : -0.7));
  check (x);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/limiter/random", test_random);
  g_test_add_func ("/limiter/in-range", test_in_range);
  g_test_add_func ("/limiter/step", test_step);
  g_test_add_func ("/limiter/explosion", test_explosion);
  return g_test_run ();
}
