/* What no stored genome exercises, in buffer sources: odd rates, short buffers, loops, against the
 * formulas of 3-WEB-AUDIO 3.7.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "harness.h"

#include <math.h>
#include <string.h>

#define N 2048
#define BLOCKS (N / KROMO_QUANTUM)
#define PERIOD (1.0 / HARNESS_RATE)

static void
assert_same (const float *out, const float *expected, guint n)
{
  for (guint i = 0; i < n; i++) {
    if (out[i] != expected[i])
      g_error ("frame %u is %.9g, expected %.9g", i, out[i], expected[i]);
  }
}

/* One sample between two of the buffer, @position in frames. */
static float
interpolate (const float *buffer, guint length, gboolean loop, double position)
{
  const guint j = (guint) floor (position);
  const double k = position - floor (position);
  double next;

  if (j + 1 < length)
    next = buffer[j + 1];
  else if (loop)
    next = buffer[0];
  else if (j == 0 || fabs (1.0 - k) <= 0x1p-26)
    next = 0.0;
  else
    next = 2.0 * buffer[j] - buffer[j - 1];
  return (float) ((1.0 - k) * buffer[j] + k * next);
}

/* Plays @buffer with a rate for each quantum. */
static void
play (const float *buffer, guint length, gboolean loop, const float *rates, float *out)
{
  const double duration = length / (double) HARNESS_RATE;
  gboolean copying = TRUE, ended = FALSE;
  double position = 0.0;

  for (guint i = 0; i < N; i++) {
    const double rate = rates[i / KROMO_QUANTUM];

    copying = copying && rate == 1.0;
    out[i] = 0.0f;
    if (copying) {
      const guint k = (guint) round (position * HARNESS_RATE) + i % KROMO_QUANTUM;

      out[i] = k < length ? buffer[k] : 0.0f;
      if (i % KROMO_QUANTUM == KROMO_QUANTUM - 1)
        position += KROMO_QUANTUM * PERIOD;
      continue;
    }
    while (loop && position >= duration)
      position -= duration;
    ended =
        ended || (rate > 0.0 && position >= duration && !loop) || (rate < 0.0 && position < 0.0);
    if (!ended && position >= 0.0 && position < duration)
      out[i] = interpolate (buffer, length, loop, position * HARNESS_RATE);
    position += PERIOD * rate;
  }
}

static float *
run_source (KromoNode *source, Harness *h)
{
  guint stride;

  harness_add_heard (h, source);
  return harness_run (h, N, &stride);
}

static float *
play_at (const float *buffer, guint length, gboolean loop, double rate)
{
  Harness h;
  KromoNode *source;
  KromoView view;

  harness_init (&h, 1);
  view = harness_view (&h, buffer, length);
  source = kromo_buffer_source_new (&view, loop);
  kromo_param_plan_set_value (&source->params[KROMO_BUFFER_SOURCE_PLAYBACK_RATE], rate);
  return run_source (source, &h);
}

static void
fill_wave (float *wave, guint n)
{
  for (guint i = 0; i < n; i++)
    wave[i] = sinf (0.1f * (float) i) + 0.01f * (float) (i % 7);
}

static void
check_rate (guint length, gboolean loop, double rate)
{
  float buffer[N], rates[BLOCKS], expected[N];
  g_autofree float *out = NULL;

  fill_wave (buffer, length);
  for (guint b = 0; b < BLOCKS; b++)
    rates[b] = (float) rate;
  play (buffer, length, loop, rates, expected);
  out = play_at (buffer, length, loop, rate);
  assert_same (out, expected, N);
}

static void
test_rates (void)
{
  const double rates[] = { 1.0, 0.0, 1e-9, 0.25, 0.37, 0.5, 0.8, 1.5, 2.7, 10.0, 1000.0 };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++) {
    check_rate (500, FALSE, rates[i]);
    check_rate (1, FALSE, rates[i]);
    check_rate (2, FALSE, rates[i]);
    check_rate (N, FALSE, rates[i]);
  }
}

/* Spelled out: the last sample is followed by a linear extrapolation, a single one by 0. */
static void
check_spelled_out (
    const float *buffer, guint length, double rate, const float *expected, guint n_expected)
{
  g_autofree float *out = play_at (buffer, length, FALSE, rate);

  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (fabsf (out[i] - (i < n_expected ? expected[i] : 0.0f)), <=, 1e-6f);
}

static void
test_short_buffers (void)
{
  check_spelled_out ((const float[]){ 1.0f, 0.5f }, 2, 0.25,
      (const float[]){ 1.0f, 0.875f, 0.75f, 0.625f, 0.5f, 0.375f, 0.25f, 0.125f }, 8);
  check_spelled_out (
      (const float[]){ 1.0f }, 1, 0.25, (const float[]){ 1.0f, 0.75f, 0.5f, 0.25f }, 4);
  check_spelled_out ((const float[]){ 1.0f, 0.5f, 0.75f }, 3, 0.5,
      (const float[]){ 1.0f, 0.75f, 0.5f, 0.625f, 0.75f, 0.875f }, 6);
}

/* Held for ever, or nearly so: even a buffer of one sample does not end. */
static void
test_standing_still (void)
{
  const float buffer[] = { 0.75f, -1.0f };

  for (guint length = 1; length <= 2; length++) {
    g_autofree float *still = play_at (buffer, length, FALSE, 0.0);
    g_autofree float *slow = play_at (buffer, length, FALSE, 1e-9);

    for (guint i = 0; i < N; i++) {
      g_assert_cmpfloat (still[i], ==, 0.75f);
      g_assert_cmpfloat (fabsf (slow[i] - 0.75f), <=, 4e-6f);
    }
    g_assert_cmpfloat (slow[N - 1], <, 0.75f);
  }
}

/* Backwards from the beginning: one sample. */
static void
test_backwards (void)
{
  const float buffer[] = { 0.75f, -1.0f, 0.5f };
  g_autofree float *out = play_at (buffer, 3, FALSE, -1.0);
  g_autofree float *loop = play_at (buffer, 3, TRUE, -1.0);

  g_assert_cmpfloat (out[0], ==, 0.75f);
  for (guint i = 1; i < N; i++) {
    g_assert_cmpfloat (out[i], ==, 0.0f);
    g_assert_cmpfloat (loop[i], ==, 0.0f); /* a loop dies of it */
  }
}

static void
test_loops (void)
{
  const double rates[] = { 0.25, 0.37, 0.5, 1.5, 2.7, 60.0 };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++) {
    check_rate (100, TRUE, rates[i]);
    check_rate (3, TRUE, rates[i]);
    check_rate (1, TRUE, rates[i]);
  }
}

/* The rate changes within quantum 3, hence from quantum 4 on; who has interpolated goes on with it. */
static void
check_change (double first, double second, guint length)
{
  Harness h;
  KromoNode *source;
  KromoParamPlan *plan;
  KromoView view;
  float buffer[N], rates[BLOCKS], expected[N];
  g_autofree float *out = NULL;

  fill_wave (buffer, length);
  for (guint b = 0; b < BLOCKS; b++)
    rates[b] = (float) (b < 4 ? first : second);
  play (buffer, length, FALSE, rates, expected);
  harness_init (&h, 1);
  view = harness_view (&h, buffer, length);
  source = kromo_buffer_source_new (&view, FALSE);
  plan = &source->params[KROMO_BUFFER_SOURCE_PLAYBACK_RATE];
  kromo_param_plan_set_value (plan, first);
  kromo_param_plan_set (plan, second, 450.0 / HARNESS_RATE);
  out = run_source (source, &h);
  assert_same (out, expected, N);
}

static void
test_changes (void)
{
  check_change (1.0, 0.5, N);
  check_change (0.5, 1.0, N);
  check_change (0.3, 1.0, N);
  check_change (1.0, 2.5, 1000);
  check_change (1.0, -0.5, N); /* back to the beginning and over it */
  check_change (0.0, 1.0, 700);
}

/* A detune curve acts a quantum late: quantum 0 has the default, quantum b the curve at 128 b. */
static void
test_detune_curve (void)
{
  const float curve[] = { 1200.0f, -700.0f, 2400.0f };
  const double duration = N * PERIOD;
  Harness h;
  KromoNode *source;
  KromoView view, points;
  float buffer[N], rates[BLOCKS], expected[N];
  g_autofree float *out = NULL;

  fill_wave (buffer, N);
  rates[0] = 1.0f;
  for (guint b = 1; b < BLOCKS; b++) {
    const double time = (b - 1) * KROMO_QUANTUM / (double) HARNESS_RATE + KROMO_QUANTUM * PERIOD;
    const double position = 2.0 * time / duration;
    const guint k = (guint) position;
    const float cents =
        fmaf (curve[k + 1] - curve[k], (float) (position - floor (position)), curve[k]);

    rates[b] = exp2f (cents / 1200.0f);
  }
  play (buffer, N, FALSE, rates, expected);
  harness_init (&h, 1);
  view = harness_view (&h, buffer, N);
  points = harness_view (&h, curve, 3);
  source = kromo_buffer_source_new (&view, FALSE);
  kromo_param_plan_curve (&source->params[KROMO_BUFFER_SOURCE_DETUNE], &points, 0.0, duration);
  out = run_source (source, &h);
  assert_same (out, expected, N);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sources/rates", test_rates);
  g_test_add_func ("/sources/short", test_short_buffers);
  g_test_add_func ("/sources/standing-still", test_standing_still);
  g_test_add_func ("/sources/backwards", test_backwards);
  g_test_add_func ("/sources/loops", test_loops);
  g_test_add_func ("/sources/changes", test_changes);
  g_test_add_func ("/sources/detune-curve", test_detune_curve);
  return g_test_run ();
}
