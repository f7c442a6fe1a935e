/* What no stored genome exercises, in oscillators: the limits of their frequency, detuning, and where a
 * negative frequency leads, against the formulas of 3-WEB-AUDIO 3.8.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "harness.h"
#include "rendered-documents.h"

static void
assert_same (const float *out, const float *expected, guint n)
{
  g_assert_cmpmem (out, n * sizeof (float), expected, n * sizeof (float));
}

#define LONG 9088 /* whole quanta, more than 9000 frames */

static double
blep (double t, double dt)
{
  if (t < dt)
    return t / dt + t / dt - t / dt * (t / dt) - 1.0;
  if (t > 1.0 - dt) {
    const double u = (t - 1.0) / dt;

    return u * u + u + u + 1.0;
  }
  return 0.0;
}

static float
table_entry (guint i)
{
  return sinf ((float) (i % 8192) * 2.0f * (float) G_PI * (1.0f / 8192.0f));
}

static float
wave_at (KromoShape shape, double ph, double inc)
{
  const double half = ph + 0.5 >= 1.0 ? ph - 0.5 : ph + 0.5;
  const double z = -4.0 * ph + 2.0, position = ph * 8192.0;
  const guint j = position > 0.0 ? (guint) position : 0;
  const float k = (float) (position - floor (position));

  switch (shape) {
  case KROMO_SHAPE_SQUARE:
    return (float) ((ph < 0.5 ? 1.0 : -1.0) + blep (ph, inc) - blep (half, inc));
  case KROMO_SHAPE_SAWTOOTH:
    return (float) (2.0 * half - 1.0 - blep (half, inc));
  case KROMO_SHAPE_TRIANGLE:
    return (float) (z > 1.0 ? 2.0 - z : z < -1.0 ? -2.0 - z : z);
  case KROMO_SHAPE_SINE:
  default:
    return fmaf (table_entry (j), 1.0f - k, table_entry (j + 1) * k);
  }
}

static double
increment (double frequency, float detune)
{
  const double nyquist = HARNESS_RATE / 2.0;
  const double f = (float) CLAMP (frequency, -nyquist, nyquist);

  return CLAMP (f * exp2 (detune / 1200.0), -nyquist, nyquist) / HARNESS_RATE;
}

/* Compares an oscillator with the formulas, frame by frame. */
static void
check_frames (KromoShape shape, const float *out, const double *increments)
{
  double ph = 0.0;

  for (guint i = 0; i < LONG; i++) {
    const float expected = wave_at (shape, ph, increments[i]);

    /* the order of the operations in blep() is not given */
    if (!(fabsf (out[i] - expected) <= 2e-7f * fmaxf (1.0f, fabsf (expected))))
      g_error ("shape %u, frame %u is %.9g, expected %.9g", shape, i, out[i], expected);
    ph += increments[i];
    if (ph >= 1.0)
      ph -= 1.0;
  }
}

/* Checks an oscillator and returns what it plays. */
static float *
check_oscillator (KromoShape shape, double frequency, double detune)
{
  KromoNode *node = kromo_oscillator_new (shape, HARNESS_RATE);
  double increments[LONG];
  Harness h;
  guint stride;
  float *out;

  harness_init (&h, 1);
  kromo_param_plan_set_value (&node->params[KROMO_OSCILLATOR_FREQUENCY], frequency);
  kromo_param_plan_set_value (&node->params[KROMO_OSCILLATOR_DETUNE], detune);
  harness_add_heard (&h, node);
  out = harness_run (&h, LONG, &stride);
  for (guint i = 0; i < LONG; i++)
    increments[i] = increment (frequency, (float) detune);
  check_frames (shape, out, increments);
  return out;
}

static void
check_start (KromoShape shape, const float *expected, guint n)
{
  g_autofree float *out = check_oscillator (shape, 440.0, 0.0);

  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat (fabsf (out[i] - expected[i]), <=, 1e-7f);
}

static void
test_starts (void)
{
  check_start (KROMO_SHAPE_SINE, (const float[]){ 0.0f, 0.0575640f, 0.1149371f }, 3);
  check_start (KROMO_SHAPE_SQUARE, (const float[]){ 0.0f, 1.0f, 1.0f, 1.0f }, 4);
  check_start (KROMO_SHAPE_SAWTOOTH, (const float[]){ 0.0f, 0.0183333f }, 2);
  check_start (KROMO_SHAPE_TRIANGLE, (const float[]){ 0.0f, 0.0366667f }, 2);
}

static void
test_standing_oscillators (void)
{
  for (KromoShape shape = KROMO_SHAPE_SINE; shape <= KROMO_SHAPE_TRIANGLE; shape++) {
    g_autofree float *out = check_oscillator (shape, 0.0, 100.0);

    for (guint i = 0; i < LONG; i++)
      g_assert_cmpfloat (out[i], ==, shape == KROMO_SHAPE_SQUARE ? 1.0f : 0.0f);
  }
}

/* At and above Nyquist, be it by detuning, nothing is left. */
static void
test_highest_oscillators (void)
{
  for (KromoShape shape = KROMO_SHAPE_SINE; shape <= KROMO_SHAPE_TRIANGLE; shape++) {
    g_autofree float *at = check_oscillator (shape, 24000.0, 0.0);
    g_autofree float *above = check_oscillator (shape, 30000.0, 0.0);
    g_autofree float *detuned = check_oscillator (shape, 13000.0, 1200.0);

    assert_same (above, at, LONG);
    assert_same (detuned, at, LONG);
    for (guint i = 0; i < LONG; i++)
      g_assert_cmpfloat (fabsf (at[i]), <=, shape == KROMO_SHAPE_SINE ? 1e-7f : 0.0f);
  }
}

static void
test_detuned_oscillators (void)
{
  for (KromoShape shape = KROMO_SHAPE_SINE; shape <= KROMO_SHAPE_TRIANGLE; shape++) {
    g_autofree float *octave = check_oscillator (shape, 440.0, 1200.0);
    g_autofree float *same = check_oscillator (shape, 880.0, 0.0);

    assert_same (octave, same, LONG);
  }
}

/* A phase that runs away below 0: the sine stays near 0, the others grow without bound. */
static void
test_negative_oscillators (void)
{
  g_autofree float *sine = check_oscillator (KROMO_SHAPE_SINE, -100.0, 0.0);
  g_autofree float *square = check_oscillator (KROMO_SHAPE_SQUARE, -100.0, 0.0);
  g_autofree float *sawtooth = check_oscillator (KROMO_SHAPE_SAWTOOTH, -100.0, 0.0);
  g_autofree float *triangle = check_oscillator (KROMO_SHAPE_TRIANGLE, -100.0, 0.0);
  float greatest = 0.0f;

  for (guint i = 0; i < LONG; i++)
    greatest = fmaxf (greatest, fabsf (sine[i]));
  g_assert_cmpfloat (greatest, <=, 0.0008f);
  g_assert_cmpfloat (fabsf (triangle[9000] + 75.0f), <, 0.1f);
  g_test_message ("square %g, sawtooth %g", square[9000], sawtooth[9000]);
  g_assert_cmpfloat (fabsf (sawtooth[9000] / 7.7e7f - 1.0f), <, 0.02f);
  g_assert_cmpfloat (fabsf (square[9000] / -4.3e6f - 1.0f), <, 0.02f);
}

/* A detune curve acts at audio rate. */
static void
test_detune_curve (void)
{
  const float cents[] = { 0.0f, 2400.0f, -1200.0f, 700.0f };
  const double duration = LONG / (double) HARNESS_RATE;

  for (KromoShape shape = KROMO_SHAPE_SINE; shape <= KROMO_SHAPE_TRIANGLE; shape++) {
    KromoNode *node = kromo_oscillator_new (shape, HARNESS_RATE);
    double increments[LONG];
    g_autofree float *out = NULL;
    KromoView view;
    Harness h;
    guint stride;

    harness_init (&h, 1);
    view = harness_view (&h, cents, 4);
    kromo_param_plan_curve (&node->params[KROMO_OSCILLATOR_DETUNE], &view, 0.0, duration);
    harness_add_heard (&h, node);
    out = harness_run (&h, LONG, &stride);
    for (guint i = 0; i < LONG; i++)
      increments[i] = increment (440.0, curve_at (cents, 4, duration, time_of (i, HARNESS_RATE)));
    check_frames (shape, out, increments);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oscillators/starts", test_starts);
  g_test_add_func ("/oscillators/standing", test_standing_oscillators);
  g_test_add_func ("/oscillators/highest", test_highest_oscillators);
  g_test_add_func ("/oscillators/detuned", test_detuned_oscillators);
  g_test_add_func ("/oscillators/negative", test_negative_oscillators);
  g_test_add_func ("/oscillators/detune-curve", test_detune_curve);
  return g_test_run ();
}
