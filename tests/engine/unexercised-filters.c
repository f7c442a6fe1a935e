/* What no stored genome exercises, in filters and compressors: tails after the end of the input, the
 * clamp of the detune factor, curves on detune and on a compressor's parameters, against the formulas of 3-WEB-AUDIO
 * 3.3 and 3.6 and the k-rate lag of 2.6.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "harness.h"
#include "rendered-documents.h"

#define N 3072
#define BLOCKS (N / KROMO_QUANTUM)

static void
fill_wave (float *wave, guint n, float step)
{
  for (guint i = 0; i < n; i++)
    wave[i] = sinf (step * (float) i) + 0.25f * (float) (i % 5) - 0.5f;
}

/* Within @tolerance of the expected value, relative where it is large. */
static void
assert_close (const float *out, const float *expected, guint n, float tolerance)
{
  for (guint i = 0; i < n; i++) {
    if (isnan (expected[i]) ? !isnan (out[i])
                            : out[i] != expected[i]
                && !(fabsf (out[i] - expected[i]) <= tolerance * fmaxf (1.0f, fabsf (expected[i]))))
      g_error ("frame %u is %.9g, expected %.9g", i, out[i], expected[i]);
  }
}

/* ---- biquad filters ---- */

typedef struct {
  KromoFilter type;
  float frequency, detune, q, gain;
} Settings;

typedef struct {
  double b0, b1, b2, a1, a2;
} Coefficients;

static Coefficients
get_coefficients (const Settings *s)
{
  const float factor = fminf (fmaxf (exp2f (s->detune / 1200.0f), 0.0f), HARNESS_RATE / 2.0f);
  const double f0 = (float) (fminf (s->frequency, HARNESS_RATE / 2.0f) * factor);
  const double w = 2.0 * G_PI * f0 / HARNESS_RATE, c = cos (w), sn = sin (w);
  const double aq = sn / (2.0 * s->q), adb = sn / (2.0 * pow (10.0, s->q / 20.0));
  const double a = pow (10.0, s->gain / 40.0);
  const double kappa = 2.0 * (sn / 2.0 * sqrt (2.0)) * sqrt (a);
  double b0, b1, b2, a0, a1 = -2.0 * c, a2;

  switch (s->type) {
  case KROMO_FILTER_LOWPASS:
    b0 = b2 = (1.0 - c) / 2.0;
    b1 = 1.0 - c;
    a0 = 1.0 + adb;
    a2 = 1.0 - adb;
    break;
  case KROMO_FILTER_HIGHPASS:
    b0 = b2 = (1.0 + c) / 2.0;
    b1 = -(1.0 + c);
    a0 = 1.0 + adb;
    a2 = 1.0 - adb;
    break;
  case KROMO_FILTER_BANDPASS:
    b0 = aq;
    b1 = 0.0;
    b2 = -aq;
    a0 = 1.0 + aq;
    a2 = 1.0 - aq;
    break;
  case KROMO_FILTER_PEAKING:
    b0 = 1.0 + aq * a;
    b1 = -2.0 * c;
    b2 = 1.0 - aq * a;
    a0 = 1.0 + aq / a;
    a2 = 1.0 - aq / a;
    break;
  default: /* low shelf */
    b0 = a * ((a + 1.0) - (a - 1.0) * c + kappa);
    b1 = 2.0 * a * ((a - 1.0) - (a + 1.0) * c);
    b2 = a * ((a + 1.0) - (a - 1.0) * c - kappa);
    a0 = (a + 1.0) + (a - 1.0) * c + kappa;
    a1 = -2.0 * ((a - 1.0) + (a + 1.0) * c);
    a2 = (a + 1.0) + (a - 1.0) * c - kappa;
    break;
  }
  return (Coefficients){ b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0 };
}

/* @in has @n_in frames and is followed by zeros; @detune (nullable) has a value for each frame. */
static void
run_filter (const Settings *s, const float *detune, const float *in, guint n_in, float *out)
{
  Settings now = *s;
  Coefficients k = get_coefficients (s);
  double x1 = 0.0, x2 = 0.0, y1 = 0.0, y2 = 0.0;

  for (guint i = 0; i < N; i++) {
    const double x = i < n_in ? in[i] : 0.0;
    double y;

    if (detune != NULL) {
      now.detune = detune[i];
      k = get_coefficients (&now);
    }
    y = k.b0 * x + k.b1 * x1 + k.b2 * x2 - k.a1 * y1 - k.a2 * y2;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    out[i] = (float) y;
  }
}

static guint
add_filter (Harness *h, const Settings *s)
{
  KromoNode *node = kromo_biquad_new (s->type, HARNESS_RATE);

  kromo_param_plan_set_value (&node->params[KROMO_BIQUAD_FREQUENCY], s->frequency);
  kromo_param_plan_set_value (&node->params[KROMO_BIQUAD_DETUNE], s->detune);
  kromo_param_plan_set_value (&node->params[KROMO_BIQUAD_Q], s->q);
  kromo_param_plan_set_value (&node->params[KROMO_BIQUAD_GAIN], s->gain);
  return harness_add_heard (h, node);
}

/* A stereo source that ends: both sides ring on, apart. */
static void
check_tail (const Settings *s)
{
  float left[300], right[300], expected[2][N];
  g_autofree float *out = NULL;
  Harness h;
  guint stride;

  fill_wave (left, 300, 0.1f);
  fill_wave (right, 300, 0.37f);
  run_filter (s, NULL, left, 300, expected[0]);
  run_filter (s, NULL, right, 300, expected[1]);
  harness_init (&h, 2);
  kromo_graph_connect (h.graph, harness_add_stereo (&h, left, right, 300), add_filter (&h, s));
  out = harness_run (&h, N, &stride);
  assert_close (out, expected[0], N, 1e-6f);
  assert_close (out + stride, expected[1], N, 1e-6f);
  g_assert_cmpfloat (fabsf (out[N - 100] - out[stride + N - 100]), >, 1e-6f);
}

static void
test_tails (void)
{
  check_tail (&(Settings){ KROMO_FILTER_BANDPASS, 1000.0f, 0.0f, 150.0f, 0.0f });
  check_tail (&(Settings){ KROMO_FILTER_LOWPASS, 300.0f, 100.0f, 40.0f, 0.0f });
  check_tail (&(Settings){ KROMO_FILTER_PEAKING, 700.0f, 0.0f, 90.0f, 24.0f });
}

static void
check_input (const Settings *s, const float *in, guint n_in, float tolerance)
{
  float expected[N];
  g_autofree float *out = NULL;
  Harness h;
  guint stride;

  run_filter (s, NULL, in, n_in, expected);
  harness_init (&h, 1);
  kromo_graph_connect (h.graph, harness_add_source (&h, in, n_in), add_filter (&h, s));
  out = harness_run (&h, N, &stride);
  assert_close (out, expected, N, tolerance);
}

static void
check_mono (const Settings *s, float tolerance)
{
  float in[1000];

  fill_wave (in, 1000, 0.2f);
  check_input (s, in, 1000, tolerance);
}

/* Detuning goes beyond Nyquist: 40 kHz at a rate of 48 kHz is 8 kHz with its sine turned, unstable. */
static void
test_above_nyquist (void)
{
  const Settings unstable = { KROMO_FILTER_LOWPASS, 20000.0f, 1200.0f, 1.0f, 0.0f };
  float in[1000], out[N];
  guint last = 0;

  fill_wave (in, 1000, 0.2f);
  run_filter (&unstable, NULL, in, 1000, out);
  while (last < N && isfinite (out[last]))
    last++;
  g_assert_cmpuint (last, <, N); /* it grows beyond all numbers */
  check_mono (&unstable, 1e-4f);
  check_mono (&(Settings){ KROMO_FILTER_LOWPASS, 20000.0f, 2000.0f, 1.0f, 0.0f }, 1e-4f);
  check_mono (&(Settings){ KROMO_FILTER_BANDPASS, 14000.0f, 1200.0f, 3.0f, 0.0f }, 1e-4f);
}

/* The detune factor, 2^128 by its own range, is clamped to rate / 2, whatever it is multiplied by. */
static void
test_clamp (void)
{
  check_mono (&(Settings){ KROMO_FILTER_LOWPASS, 0.25f, 153600.0f, 1.0f, 0.0f }, 1e-6f);
  check_mono (&(Settings){ KROMO_FILTER_HIGHPASS, 0.25f, 153600.0f, 1.0f, 0.0f }, 1e-6f);
  check_mono (&(Settings){ KROMO_FILTER_LOWSHELF, 0.125f, 30000.0f, 1.0f, 6.0f }, 1e-6f);
  check_mono (&(Settings){ KROMO_FILTER_LOWPASS, 30000.0f, 0.0f, 1.0f, 0.0f }, 1e-6f);
}

/* At 0 Hz: nothing, or all. */
static void
test_lowest (void)
{
  check_mono (&(Settings){ KROMO_FILTER_LOWPASS, 0.0f, 0.0f, 1.0f, 0.0f }, 0.0f);
  check_mono (&(Settings){ KROMO_FILTER_HIGHPASS, 0.0f, 0.0f, 1.0f, 0.0f }, 1e-6f);
  check_mono (&(Settings){ KROMO_FILTER_BANDPASS, 0.0f, 0.0f, 1.0f, 0.0f }, 0.0f);
}

/* One NaN stays in the state for ever, also after the end of the input. */
static void
test_nan (void)
{
  const Settings s = { KROMO_FILTER_PEAKING, 500.0f, 0.0f, 1.0f, 6.0f };
  float in[1000];

  fill_wave (in, 1000, 0.2f);
  in[700] = NAN;
  check_input (&s, in, 1000, 1e-6f);
}

/* A detune curve acts at audio rate. */
static void
test_detune_curve (void)
{
  const Settings s = { KROMO_FILTER_BANDPASS, 2000.0f, 0.0f, 5.0f, 0.0f };
  const float cents[] = { -2400.0f, 1200.0f, 0.0f, 3000.0f };
  const double duration = N / (double) HARNESS_RATE;
  float in[1000], detune[N], expected[N];
  g_autofree float *out = NULL;
  KromoView view;
  Harness h;
  guint filter, stride;

  fill_wave (in, 1000, 0.2f);
  for (guint i = 0; i < N; i++)
    detune[i] = curve_at (cents, 4, duration, time_of (i, HARNESS_RATE));
  run_filter (&s, detune, in, 1000, expected);
  harness_init (&h, 1);
  view = harness_view (&h, cents, 4);
  filter = add_filter (&h, &s);
  kromo_param_plan_curve (
      &kromo_graph_get_node (h.graph, filter)->params[KROMO_BIQUAD_DETUNE], &view, 0.0, duration);
  kromo_graph_connect (h.graph, harness_add_source (&h, in, 1000), filter);
  out = harness_run (&h, N, &stride);
  assert_close (out, expected, N, 1e-6f);
}

/* ---- compressors ---- */

typedef struct {
  float attack, knee, ratio, release, threshold;
} Compression;

static float
to_linear (float db)
{
  return powf (10.0f, db / 20.0f);
}

static float
to_db (float linear)
{
  return linear == 0.0f ? -1000.0f : 20.0f * log10f (linear);
}

static void
run_compressor (const Compression *by_block, const float *x, float *out)
{
  const float rate = HARNESS_RATE;
  float d = 0.0f;

  for (guint i = 0; i < N; i++) {
    const Compression *p = &by_block[i / KROMO_QUANTUM];
    const float t = p->knee > 0.0f ? p->threshold + p->knee / 2.0f : p->threshold;
    const float half = p->knee / 2.0f, k = (1.0f / p->ratio - 1.0f) / (2.0f * p->knee);
    const float attack = expf (-1.0f / (p->attack * rate));
    const float release = expf (-1.0f / (p->release * rate));
    const float make_up = to_db (powf (1.0f / to_linear (t + (-t / p->ratio)), 0.6f));
    const float s = to_db (fabsf (x[i]));
    float y, a;

    if (s <= t - half)
      y = s;
    else if (s <= t + half)
      y = s + ((s - t) + half) * ((s - t) + half) * k;
    else
      y = t + (s - t) / p->ratio;
    a = s - y;
    d = a > d ? attack * d + (1.0f - attack) * a : release * d + (1.0f - release) * a;
    out[i] = i >= 384 ? x[i - 384] * to_linear (-d + make_up) : 0.0f;
  }
}

static void
set_field (Compression *c, guint param, float value)
{
  switch (param) {
  case KROMO_COMPRESSOR_ATTACK:
    c->attack = value;
    break;
  case KROMO_COMPRESSOR_KNEE:
    c->knee = value;
    break;
  case KROMO_COMPRESSOR_RATIO:
    c->ratio = value;
    break;
  case KROMO_COMPRESSOR_RELEASE:
    c->release = value;
    break;
  default:
    c->threshold = value;
    break;
  }
}

/* A curve from 0 over the whole: the default in quantum 0, then the curve at the quantum's start, clamped
 * to @min..@max. */
static void
check_curve (guint param, const float *curve, float min, float max)
{
  const double duration = N / (double) HARNESS_RATE;
  KromoNode *node = kromo_compressor_new ();
  Compression by_block[BLOCKS];
  float in[N], expected[N];
  g_autofree float *out = NULL;
  KromoView view;
  Harness h;
  guint stride;

  for (guint b = 0; b < BLOCKS; b++) {
    const float value = curve_at (curve, 3, duration, time_of (b * KROMO_QUANTUM, HARNESS_RATE));

    by_block[b] = (Compression){ 0.003f, 30.0f, 12.0f, 0.25f, -24.0f };
    if (b > 0)
      set_field (&by_block[b], param, fminf (fmaxf (value, min), max));
  }
  fill_wave (in, N, 0.05f);
  run_compressor (by_block, in, expected);
  harness_init (&h, 1);
  view = harness_view (&h, curve, 3);
  kromo_param_plan_curve (&node->params[param], &view, 0.0, duration);
  kromo_graph_connect (h.graph, harness_add_source (&h, in, N), harness_add_heard (&h, node));
  out = harness_run (&h, N, &stride);
  assert_close (out, expected, N, 2e-6f);
}

static void
test_compressor_curves (void)
{
  check_curve (KROMO_COMPRESSOR_THRESHOLD, (const float[]){ -50.0f, -5.0f, 20.0f }, -100.0f, 0.0f);
  check_curve (KROMO_COMPRESSOR_KNEE, (const float[]){ 20.0f, -10.0f, 60.0f }, 0.0f, 40.0f);
  check_curve (KROMO_COMPRESSOR_RATIO, (const float[]){ 0.0f, 8.0f, 30.0f }, 1.0f, 20.0f);
  check_curve (KROMO_COMPRESSOR_ATTACK, (const float[]){ 0.05f, 0.0005f, 0.1f }, 0.0f, 1.0f);
  check_curve (KROMO_COMPRESSOR_RELEASE, (const float[]){ 0.01f, -0.001f, 0.5f }, 0.0f, 1.0f);
}

/* A NaN poisons the detector, and with it all that follows; what is still delayed too. */
static void
test_compressor_nan (void)
{
  float in[N];
  g_autofree float *out = NULL;
  Harness h;
  guint stride;

  fill_wave (in, N, 0.05f);
  in[1000] = NAN;
  harness_init (&h, 1);
  kromo_graph_connect (
      h.graph, harness_add_source (&h, in, N), harness_add_heard (&h, kromo_compressor_new ()));
  out = harness_run (&h, N, &stride);
  for (guint i = 0; i < N; i++)
    g_assert_cmpint (isnan (out[i]) != 0, ==, i >= 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/filters/tails", test_tails);
  g_test_add_func ("/filters/above-nyquist", test_above_nyquist);
  g_test_add_func ("/filters/clamp", test_clamp);
  g_test_add_func ("/filters/lowest", test_lowest);
  g_test_add_func ("/filters/nan", test_nan);
  g_test_add_func ("/filters/detune-curve", test_detune_curve);
  g_test_add_func ("/filters/compressor/curves", test_compressor_curves);
  g_test_add_func ("/filters/compressor/nan", test_compressor_nan);
  return g_test_run ();
}
