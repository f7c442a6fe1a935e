/* What no stored genome exercises, in wave shapers and convolvers, against 3-WEB-AUDIO 3.4 and 3.5.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "harness.h"

#include <math.h>
#include <string.h>

#define N 4096

static void
fill_wave (float *wave, guint n, float step)
{
  for (guint i = 0; i < n; i++)
    wave[i] = 0.5f * cosf (step * (float) i) + 0.125f * (float) (i % 3);
}

/* ---- wave shapers ---- */

static float *
run_shaper (const float *curve, guint n_curve, guint oversample, const float *x, guint n)
{
  Harness h;
  KromoView view;
  guint stride;

  harness_init (&h, 1);
  view = harness_view (&h, curve, n_curve);
  kromo_graph_connect (h.graph, harness_add_source (&h, x, n),
      harness_add_heard (&h, kromo_wave_shaper_new (&view, oversample)));
  return harness_run (&h, N, &stride);
}

static float
shape (const float *curve, guint n, float x)
{
  const float v = ((float) n - 1.0f) / 2.0f * (x + 1.0f);
  float phase, before, after;

  if (isnan (v))
    return NAN;
  if (v <= 0.0f)
    return curve[0];
  if (v >= (float) n - 1.0f)
    return curve[n - 1];
  phase = v - floorf (v);
  before = (1.0f - phase) * curve[(guint) v];
  after = phase * curve[(guint) v + 1];
  return before + after;
}

/* Inputs far out of range, not a number, on the points and between. */
static void
test_shapes (void)
{
  const float curve[] = { 0.3f, -0.7f, 0.9f, 0.1f, -0.2f };
  float x[512];

  for (guint i = 0; i < 512; i++)
    x[i] = ((float) i - 256.0f) / 100.0f;
  x[10] = NAN;
  x[20] = INFINITY;
  x[21] = -INFINITY;
  for (guint n = 1; n <= 5; n++) {
    g_autofree float *out = run_shaper (curve, n, 1, x, 512);

    for (guint i = 0; i < 512; i++) {
      const float expected = shape (curve, n, x[i]);

      g_assert_true (isnan (expected) ? isnan (out[i]) : out[i] == expected);
    }
  }
}

/* After the source's end: the middle of the curve, or silence where that is 0. */
static void
check_centre (const float *curve, guint n, float expected)
{
  const float x[] = { 1.0f };
  g_autofree float *out = run_shaper (curve, n, 1, x, 1);

  g_assert_cmpfloat (out[0], ==, curve[n - 1]);
  for (guint i = KROMO_QUANTUM; i < N; i++)
    g_assert_cmpfloat (fabsf (out[i] - expected), <=, 1e-8f);
}

static void
test_centres (void)
{
  check_centre ((const float[]){ 0.5f }, 1, 0.5f);
  check_centre ((const float[]){ 0.5f, 0.25f }, 2, 0.375f);
  check_centre ((const float[]){ 0.5f, -0.5f }, 2, 0.0f);
  check_centre ((const float[]){ 0.5f, 0.125f, 0.75f }, 3, 0.125f);
  check_centre ((const float[]){ 0.5f, 0.0f, 0.75f }, 3, 0.0f);
  check_centre ((const float[]){ 1.0f, 0.25f, 0.5f, 1.0f }, 4, 0.375f);
}

/* Oversampled, a straight curve delays by a quantum, spreads an impulse about its place, and what
 * is still under way when the source ends is lost. */
static void
check_oversampling (guint factor)
{
  const float straight[] = { -1.0f, 1.0f };
  float tone[1024], impulse[512] = { 0 };
  g_autofree float *out = NULL, *response = NULL;

  for (guint i = 0; i < 1024; i++)
    tone[i] = 0.8f * sinf (2.0f * (float) G_PI * 500.0f * (float) i / HARNESS_RATE);
  impulse[40] = 1.0f;
  out = run_shaper (straight, 2, factor, tone, 1024);
  response = run_shaper (straight, 2, factor, impulse, 512);
  for (guint i = 0; i < N; i++) {
    if (i >= 256 && i < 1024)
      g_assert_cmpfloat (fabsf (out[i] - tone[i - 128]), <=, 1e-4f);
    else if (i >= 1024)
      g_assert_cmpfloat (out[i], ==, 0.0f);
    g_assert_cmpfloat (fabsf (response[i]), <=, i == 168 ? 1.0f : 0.3f);
    if (i < 128) /* symmetric, as far as the signal was running */
      g_assert_cmpfloat (fabsf (response[168 - i] - response[168 + i]), <=, 1e-6f);
  }
  g_assert_cmpfloat (fabsf (response[168] - 0.88f), <=, 0.02f);
}

static void
test_oversampling (void)
{
  check_oversampling (2);
  check_oversampling (4);
}

/* ---- convolvers ---- */

static void
convolve (
    const float *x, guint n_x, const float *response, guint n_response, double scale, float *out)
{
  for (guint i = 0; i < N; i++) {
    double sum = 0.0;

    for (guint k = 0; k < n_response && k <= i; k++)
      sum += i - k < n_x ? (double) x[i - k] * response[k] * scale : 0.0;
    out[i] = (float) sum;
  }
}

static void
check_response (guint n_response, float level, gboolean normalize, double scale)
{
  float x[700], response[1500], expected[N];
  g_autofree float *out = NULL;
  KromoView view;
  Harness h;
  guint stride;

  fill_wave (x, 700, 0.3f);
  for (guint i = 0; i < n_response; i++)
    response[i] = level * sinf (0.01f * (float) (i * i));
  response[0] = level;
  convolve (x, 700, response, n_response, scale, expected);
  harness_init (&h, 1);
  view = harness_view (&h, response, n_response);
  kromo_graph_connect (h.graph, harness_add_source (&h, x, 700),
      harness_add_heard (&h, kromo_convolver_new (&view, normalize)));
  out = harness_run (&h, N, &stride);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (fabsf (out[i] - expected[i]), <=, 1e-5 * scale * level);
}

static void
test_responses (void)
{
  /* as it is */
  check_response (1500, 1.0f, FALSE, 1.0);
  check_response (1, 0.5f, FALSE, 1.0);
  /* one sample: P is its magnitude; too quiet for that: P is 0.000125 */
  check_response (1, 0.5f, TRUE, 1.0 / 0.5 * 0.00125 * (44100.0 / HARNESS_RATE));
  check_response (1500, 1e-5f, TRUE, 1.0 / 0.000125 * 0.00125 * (44100.0 / HARNESS_RATE));
}

/* Without a buffer the input passes, stereo as it is. With one, when a stereo source ends, only the left
 * convolver goes on, and its tail is heard on both sides. */
static void
check_stereo (gboolean has_response)
{
  const float identity = 1.0f;
  float left[300], right[300], response[1500], expected[2][N];
  g_autofree float *out = NULL;
  KromoView view;
  Harness h;
  guint stride;

  fill_wave (left, 300, 0.3f);
  fill_wave (right, 300, 0.05f);
  fill_wave (response, 1500, 0.7f);
  convolve (
      left, 300, has_response ? response : &identity, has_response ? 1500 : 1, 1.0, expected[0]);
  convolve (
      right, 300, has_response ? response : &identity, has_response ? 1500 : 1, 1.0, expected[1]);
  harness_init (&h, 2);
  view = harness_view (&h, response, 1500);
  kromo_graph_connect (h.graph, harness_add_stereo (&h, left, right, 300),
      harness_add_heard (&h, kromo_convolver_new (has_response ? &view : NULL, FALSE)));
  out = harness_run (&h, N, &stride);
  for (guint i = 0; i < N; i++) {
    const float on_the_right = i < 3 * KROMO_QUANTUM ? expected[1][i] : expected[0][i];

    g_assert_cmpfloat (fabsf (out[i] - expected[0][i]), <=, has_response ? 1e-4f : 0.0f);
    g_assert_cmpfloat (fabsf (out[stride + i] - on_the_right), <=, has_response ? 1e-4f : 0.0f);
  }
}

static void
test_stereo_convolver (void)
{
  check_stereo (TRUE);
  check_stereo (FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shapers/wave-shaper/shapes", test_shapes);
  g_test_add_func ("/shapers/wave-shaper/centres", test_centres);
  g_test_add_func ("/shapers/wave-shaper/oversampling", test_oversampling);
  g_test_add_func ("/shapers/convolver/responses", test_responses);
  g_test_add_func ("/shapers/convolver/stereo", test_stereo_convolver);
  return g_test_run ();
}
