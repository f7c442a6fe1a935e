/* The standard rendering's oscillators against the specification's Fourier series
 * (docs/standard-nodes.md).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "harness.h"

#include <float.h>
#include <kissfft/kiss_fftr.h>
#include <math.h>

#define NYQUIST (HARNESS_RATE / 2.0)
#define GIBBS 1.1789797444721672 /* 2 / pi Si (pi), what square and sawtooth are divided by */

static double
decibels (double x)
{
  return 20.0 * log10 (x);
}

static const char *const shape_names[] = { "sine", "square", "sawtooth", "triangle" };

static float *
play (KromoShape shape, double frequency, double detune, guint n_frames)
{
  KromoNode *node = kromo_oscillator_standard_new (shape, HARNESS_RATE);
  Harness h;
  guint stride;

  harness_init (&h, 1);
  kromo_param_plan_set_value (&node->params[KROMO_OSCILLATOR_FREQUENCY], frequency);
  kromo_param_plan_set_value (&node->params[KROMO_OSCILLATOR_DETUNE], detune);
  harness_add_heard (&h, node);
  return harness_run (&h, n_frames, &stride);
}

/* With curves, @detune is nullable. */
static float *
play_curves (KromoShape shape, const float *frequency, const float *detune, guint n_frames)
{
  KromoNode *node = kromo_oscillator_standard_new (shape, HARNESS_RATE);
  const double duration = (n_frames - 1) / (double) HARNESS_RATE;
  KromoView view;
  Harness h;
  guint stride;

  harness_init (&h, 1);
  view = harness_view (&h, frequency, n_frames);
  kromo_param_plan_curve (&node->params[KROMO_OSCILLATOR_FREQUENCY], &view, 0.0, duration);
  if (detune != NULL) {
    view = harness_view (&h, detune, n_frames);
    kromo_param_plan_curve (&node->params[KROMO_OSCILLATOR_DETUNE], &view, 0.0, duration);
  }
  harness_add_heard (&h, node);
  return harness_run (&h, n_frames, &stride);
}

#define WINDOW 96000 /* bins of half a hertz */

/* (transfer full): WINDOW / 2 + 1 bins, scaled to amplitudes */
static kiss_fft_cpx *
analyze (const float *samples)
{
  kiss_fft_cpx *bins = g_new (kiss_fft_cpx, WINDOW / 2 + 1);
  kiss_fftr_cfg plan = kiss_fftr_alloc (WINDOW, 0, NULL, NULL);

  kiss_fftr (plan, samples, bins);
  kiss_fftr_free (plan);
  for (guint i = 0; i <= WINDOW / 2; i++) {
    bins[i].r *= 2.0f / WINDOW;
    bins[i].i *= 2.0f / WINDOW;
  }
  return bins;
}

/* In half hertz; none divides the window much, so that aliases do not fall on harmonics. */
static const guint frequencies[] = { 2, 3, 7, 11, 13, 23, 29, 37, 41, 53, 67, 83, 101, 127, 149,
  173, 223, 331, 439, 557, 661, 773, 881, 997, 1327, 1759, 2203, 2887, 3539, 4421, 5281, 6661, 8009,
  9601, 11003, 12601, 13999, 15187, 15991, 16007, 18013, 20011, 22003, 23993, 24007, 26003, 28001,
  31013, 34019, 38011, 41011, 45007, 46001, 47917 };

static void
test_aliases (gconstpointer data)
{
  const KromoShape shape = GPOINTER_TO_UINT (data);
  double worst = -INFINITY;

  for (guint i = 0; i < G_N_ELEMENTS (frequencies); i++) {
    const guint f = frequencies[i];
    g_autofree float *samples = play (shape, f / 2.0, 0.0, WINDOW);
    g_autofree kiss_fft_cpx *bins = analyze (samples);
    const double fundamental = hypot (bins[f].r, bins[f].i);

    for (guint bin = 0; bin < WINDOW / 2; bin++) {
      const double level = decibels (hypot (bins[bin].r, bins[bin].i) / fundamental + 1e-30);

      if (bin % f == 0 && bin > 0)
        continue;
      if (level > -75.0)
        g_error ("%s at %g Hz: %.1f dB at %g Hz", shape_names[shape], f / 2.0, level, bin / 2.0);
      worst = fmax (worst, level);
    }
  }
  g_test_message ("%s: worst alias %.1f dB", shape_names[shape], worst);
}

static double
expected_partial (KromoShape shape, guint n)
{
  switch (shape) {
  case KROMO_SHAPE_SQUARE:
    return 2.0 / (n * G_PI) * (1.0 - pow (-1.0, n)) / GIBBS;
  case KROMO_SHAPE_SAWTOOTH:
    return pow (-1.0, n + 1) * 2.0 / (n * G_PI) / GIBBS;
  case KROMO_SHAPE_TRIANGLE:
    return 8.0 * sin (n * G_PI / 2.0) / (G_PI * G_PI * n * n);
  default:
    return n == 1 ? 1.0 : 0.0;
  }
}

/* Sine terms only, of the specified size; above 0.79 of the Nyquist frequency between 0 and that. */
static void
test_partials (gconstpointer data)
{
  static const guint halves[] = { 11, 97, 881, 3539, 9601, 16007, 30011, 47917 };
  const KromoShape shape = GPOINTER_TO_UINT (data);

  for (guint i = 0; i < G_N_ELEMENTS (halves); i++) {
    const guint f = halves[i];
    g_autofree float *samples = play (shape, f / 2.0, 0.0, WINDOW);
    g_autofree kiss_fft_cpx *bins = analyze (samples);

    for (guint n = 1; n * f < WINDOW / 2 && n <= 2048; n++) {
      const double expected = expected_partial (shape, n), found = -bins[n * f].i;
      const double tolerance = fmax (2e-4 * fabs (expected), 1e-6);

      g_assert_cmpfloat_with_epsilon (bins[n * f].r, 0.0, 1e-4 * fabs (expected) + 2e-6);
      if (n == 1 || n * f < 0.79 * WINDOW / 2)
        g_assert_cmpfloat_with_epsilon (found, expected, tolerance);
      else
        g_assert_cmpfloat_with_epsilon (found, expected / 2.0, fabs (expected) / 2.0 + tolerance);
    }
  }
}

/* As a frequency passes the limit of a table, nothing jumps. */
static void
test_blending (gconstpointer data)
{
  const KromoShape shape = GPOINTER_TO_UINT (data);

  for (guint n = 2; n <= 400; n++) {
    g_autofree float *a = play (shape, NYQUIST / n * (1.0 - 3e-7), 0.0, KROMO_QUANTUM);
    g_autofree float *b = play (shape, NYQUIST / n * (1.0 + 3e-7), 0.0, KROMO_QUANTUM);

    for (guint i = 0; i < KROMO_QUANTUM; i++)
      g_assert_cmpfloat_with_epsilon (a[i], b[i], 3e-4);
  }
}

static void
test_backwards (gconstpointer data)
{
  const KromoShape shape = GPOINTER_TO_UINT (data);
  const guint period = 375, n = 20 * period;
  g_autofree float *forwards = play (shape, 128.0, 0.0, n + period);
  g_autofree float *backwards = play (shape, -128.0, 0.0, n);
  double power = 0.0;

  for (guint i = 0; i < n; i++) {
    g_assert_cmpfloat_with_epsilon (backwards[i], forwards[n - i], 2e-5);
    power += backwards[i] * backwards[i];
  }
  g_assert_cmpfloat (power / n, >, 0.2);
}

/* The phase is the integral of a frequency that swings through zero. */
static void
test_through_zero (void)
{
  const guint n = 24000;
  g_autofree float *frequency = g_new (float, n), *sine = NULL, *triangle = NULL;
  double phase = 0.0;

  for (guint i = 0; i < n; i++)
    frequency[i] = (float) (700.0 * cos (2.0 * G_PI * 7.0 * i / HARNESS_RATE) - 90.0);
  sine = play_curves (KROMO_SHAPE_SINE, frequency, NULL, n);
  triangle = play_curves (KROMO_SHAPE_TRIANGLE, frequency, NULL, n);
  for (guint i = 0; i < n; i++) {
    const double x = sin (2.0 * G_PI * phase);

    g_assert_cmpfloat_with_epsilon (sine[i], x, 1e-4);
    g_assert_cmpfloat_with_epsilon (triangle[i], asin (x) * 2.0 / G_PI, 0.03);
    phase += frequency[i] / HARNESS_RATE;
  }
}

static void
test_silent_frequencies (gconstpointer data)
{
  static const struct {
    double frequency, detune;
  } silent[] = { { NYQUIST, 0.0 }, { -NYQUIST, 0.0 }, { 1e9, 0.0 }, { 20000.0, 1200.0 },
    { -20000.0, 1200.0 }, { 1.0, 153600.0 }, { 0.0, 0.0 }, { 0.0, 153600.0 } };
  const KromoShape shape = GPOINTER_TO_UINT (data);
  g_autofree float *high = play (shape, 23990.0, 0.0, 4800);
  double power = 0.0;

  for (guint c = 0; c < G_N_ELEMENTS (silent); c++) {
    g_autofree float *out = play (shape, silent[c].frequency, silent[c].detune, 1000);

    for (guint i = 0; i < 1000; i++)
      g_assert_cmpfloat_with_epsilon (out[i], 0.0, 1e-7);
  }
  for (guint i = 0; i < 4800; i++)
    power += high[i] * high[i];
  g_assert_cmpfloat_with_epsilon (sqrt (power / 2400.0), fabs (expected_partial (shape, 1)), 0.01);
}

/* Whatever the frequency and detune do, within a range; a detune is a factor. */
static void
test_wild (gconstpointer data)
{
  const KromoShape shape = GPOINTER_TO_UINT (data);
  const guint n = 24000;
  g_autofree float *f = g_new (float, n), *d = g_new (float, n), *out = NULL;
  g_autofree float *octave = play (shape, 220.0, 1200.0, 4800);
  g_autofree float *plain = play (shape, 440.0, 0.0, 4800);

  for (guint i = 0; i < n; i++) {
    f[i] = (float) sin (0.37 * i * i) * (i % 3 ? 30000.0f : FLT_MAX);
    d[i] = (float) sin (0.53 * i * i) * (i % 5 ? 1200.0f : 200000.0f);
  }
  out = play_curves (shape, f, d, n);
  for (guint i = 0; i < n; i++)
    g_assert_true (fabsf (out[i]) <= 1.1f); /* not so if it is NaN */
  for (guint i = 0; i < 4800; i++)
    g_assert_cmpfloat_with_epsilon (octave[i], plain[i], 1e-6);
}

static void
add_for_shapes (const char *name, GTestDataFunc function)
{
  for (guint i = 0; i < G_N_ELEMENTS (shape_names); i++) {
    g_autofree char *path = g_strdup_printf ("/standard-oscillator/%s/%s", name, shape_names[i]);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), function);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_for_shapes ("aliases", test_aliases);
  add_for_shapes ("partials", test_partials);
  add_for_shapes ("blending", test_blending);
  add_for_shapes ("backwards", test_backwards);
  add_for_shapes ("silent-frequencies", test_silent_frequencies);
  add_for_shapes ("wild", test_wild);
  g_test_add_func ("/standard-oscillator/through-zero", test_through_zero);
  return g_test_run ();
}
