/* The graph's own rules: order of sums, cycles, channel mixing, silence, parameters (3-WEB-AUDIO 1
 * and 2), each against numbers worked out from the rules.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "math/fpmode.h"
#include "harness.h"

#include <math.h>
#include <string.h>

#define N 512
#define HALF_POWER 0.70710678118654752440f

static void
fill (float *x, float value)
{
  for (guint i = 0; i < N; i++)
    x[i] = value;
}

static guint
add_constant (Harness *h, float value)
{
  float x[N];

  fill (x, value);
  return harness_add_source (h, x, N);
}

static guint
add_impulse (Harness *h)
{
  const float x[N] = { 1.0f };

  return harness_add_source (h, x, N);
}

/* ---- order ---- */

/* Numbers whose single-precision sum depends on the order. */
static const float terms[] = { 1e8f, -1e8f, 3.0f };

static void
test_sum_of_sources (void)
{
  Harness h;
  guint sources[3], stride;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  for (guint i = 0; i < 3; i++)
    sources[i] = add_constant (&h, terms[i]);
  /* whatever the order of connection, the last created comes first */
  harness_to_output (&h, sources[1]);
  harness_to_output (&h, sources[2]);
  harness_to_output (&h, sources[0]);
  out = harness_run (&h, N, &stride);
  g_assert_cmpfloat ((terms[2] + terms[1]) + terms[0], !=, (terms[0] + terms[1]) + terms[2]);
  g_assert_cmpfloat (out[0], ==, (terms[2] + terms[1]) + terms[0]);
}

static void
test_sum_of_branches (void)
{
  Harness h;
  guint source, gains[3], stride;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  source = add_constant (&h, 1.0f);
  for (guint i = 0; i < 3; i++) {
    gains[i] = harness_add_gain (&h, terms[i]);
    harness_to_output (&h, gains[i]);
  }
  kromo_graph_connect (h.graph, source, gains[1]);
  kromo_graph_connect (h.graph, source, gains[2]);
  kromo_graph_connect (h.graph, source, gains[0]);
  out = harness_run (&h, N, &stride);
  g_assert_cmpfloat (out[0], ==, (terms[0] + terms[2]) + terms[1]);
}

static void
test_duplicate_connection (void)
{
  Harness h;
  guint source, stride;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  source = add_constant (&h, 0.25f);
  harness_to_output (&h, source);
  harness_to_output (&h, source);
  out = harness_run (&h, N, &stride);
  g_assert_cmpfloat (out[10], ==, 0.5f);
}

/* ---- cycles ---- */

static void
test_cycle_without_delay (void)
{
  Harness h;
  guint source, a, b, shaper, stride;
  g_autofree float *out = NULL;
  const float curve[] = { -1.0f, 0.5f, 1.0f };
  KromoView view;

  harness_init (&h, 1);
  view = harness_view (&h, curve, 3);
  source = add_constant (&h, 0.25f);
  a = harness_add_gain (&h, 0.5);
  b = harness_add_gain (&h, 0.5);
  shaper = harness_add_heard (&h, kromo_wave_shaper_new (&view, 1));
  kromo_graph_connect (h.graph, source, a);
  kromo_graph_connect (h.graph, a, b);
  kromo_graph_connect (h.graph, b, a);
  kromo_graph_connect (h.graph, b, shaper);
  harness_to_output (&h, a);
  harness_to_output (&h, source);
  out = harness_run (&h, N, &stride);
  /* the cycle is gone, the dry path sounds, and the shaper behind it makes 0.5 of silence */
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (out[i], ==, 0.75f);
}

static void
test_own_parameter (void)
{
  Harness h;
  guint source, gain, stride;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  source = add_constant (&h, 0.5f);
  gain = harness_add_gain (&h, 0.5);
  kromo_graph_connect (h.graph, source, gain);
  kromo_graph_connect_param (h.graph, gain, gain, KROMO_GAIN_GAIN);
  harness_to_output (&h, gain);
  out = harness_run (&h, N, &stride);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (out[i], ==, 0.0f);
}

/* A delay's own delay time, through a gain, is a cycle of the reader alone: muted. */
static void
test_own_delay_time (void)
{
  Harness h;
  guint source, delay, gain, stride;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  source = add_constant (&h, 0.5f);
  delay = harness_add_delay (&h, 0.001);
  gain = harness_add_gain (&h, 0.001);
  kromo_graph_connect (h.graph, source, delay);
  kromo_graph_connect (h.graph, delay, gain);
  kromo_graph_connect_param (h.graph, gain, delay, KROMO_DELAY_DELAY_TIME);
  harness_to_output (&h, delay);
  out = harness_run (&h, N, &stride);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (out[i], ==, 0.0f);
}

/* An impulse into a loop of delays comes back every @expected frames. */
static void
check_loop (const double *frames, guint n, guint expected)
{
  Harness h;
  guint source, delays[3] = { 0 }, stride, period = 0;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  source = add_impulse (&h);
  for (guint i = 0; i < n; i++)
    delays[i] = harness_add_delay (&h, frames[i] / HARNESS_RATE);
  kromo_graph_connect (h.graph, source, delays[0]);
  for (guint i = 0; i < n; i++)
    kromo_graph_connect (h.graph, delays[i], delays[(i + 1) % n]);
  harness_to_output (&h, delays[0]);
  out = harness_run (&h, 4 * N, &stride);
  for (guint i = 0, last = 0; i < 4 * N && period == 0; i++) {
    if (fabsf (out[i]) > 0.9f) {
      period = last > 0 ? i - last : 0;
      last = i;
    }
  }
  g_assert_cmpuint (period, ==, expected);
}

static void
test_loops (void)
{
  /* of several delays one has the minimum of a quantum, the others none */
  check_loop ((const double[]){ 10.0, 20.0 }, 2, 148);
  check_loop ((const double[]){ 0.0 }, 1, 128);
  check_loop ((const double[]){ 48.0 }, 1, 128);
  check_loop ((const double[]){ 128.0 }, 1, 128);
  check_loop ((const double[]){ 200.0 }, 1, 200);
  check_loop ((const double[]){ 200.0, 1.0, 2.0 }, 3, 203);
}

static void
test_fm_loop (void)
{
  Harness h;
  guint oscillator, delay, gain, stride;
  g_autofree float *out = NULL;
  double change = 0.0;

  harness_init (&h, 1);
  oscillator = harness_add_heard (&h, kromo_oscillator_new (KROMO_SHAPE_SINE, HARNESS_RATE));
  delay = harness_add_delay (&h, 0.005);
  gain = harness_add_gain (&h, 100.0);
  kromo_graph_connect (h.graph, oscillator, delay);
  kromo_graph_connect (h.graph, delay, gain);
  kromo_graph_connect_param (h.graph, gain, oscillator, KROMO_OSCILLATOR_FREQUENCY);
  out = harness_run (&h, N, &stride);
  for (guint i = 0; i < N; i++)
    change = fmax (change, fabs (out[i] - sin (2.0 * G_PI * 440.0 * i / HARNESS_RATE)));
  g_assert_cmpfloat (change, >, 0.1); /* it sounds, and modulated */
  g_assert_cmpfloat (fabs (out[100] - sin (2.0 * G_PI * 440.0 * 100.0 / HARNESS_RATE)), <, 1e-6);
}

/* ---- channel mixing ---- */

static void
check_mix (guint from, guint to, const float *expected)
{
  static float planes[6][KROMO_QUANTUM], scratch[KROMO_BUS_CHANNELS * KROMO_QUANTUM];
  KromoBus in, out;

  kromo_bus_set_zero (&in, from);
  for (guint c = 0; c < from; c++) {
    for (guint i = 0; i < KROMO_QUANTUM; i++)
      planes[c][i] = 1.0f / (c + 3); /* no two alike, sums inexact */
    kromo_bus_set_channel (&in, c, planes[c]);
  }
  kromo_bus_mix (&out, &in, to, scratch);
  g_assert_cmpuint (out.n_channels, ==, to);
  for (guint c = 0; c < to; c++) {
    g_assert_cmpfloat (out.data[c][0], ==, expected[c]);
    g_assert_cmpfloat (out.data[c][KROMO_QUANTUM - 1], ==, expected[c]);
  }
}

static void
test_mixing (void)
{
  const float a = 1.0f / 3, b = 1.0f / 4, c = 1.0f / 5, sl = 1.0f / 7, sr = 1.0f / 8;

  check_mix (1, 1, (const float[]){ a });
  check_mix (1, 2, (const float[]){ a, a });
  check_mix (1, 3, (const float[]){ a, 0, 0 });
  check_mix (1, 4, (const float[]){ a, a, 0, 0 });
  check_mix (1, 5, (const float[]){ a, 0, 0, 0, 0 });
  check_mix (1, 6, (const float[]){ 0, 0, a, 0, 0, 0 });
  check_mix (1, 8, (const float[]){ a, 0, 0, 0, 0, 0, 0, 0 });
  check_mix (2, 1, (const float[]){ 0.5f * (a + b) });
  check_mix (2, 3, (const float[]){ 0, a, b });
  check_mix (2, 4, (const float[]){ a, b, 0, 0 });
  check_mix (2, 5, (const float[]){ a, b, 0, 0, 0 });
  check_mix (2, 6, (const float[]){ a, b, 0, 0, 0, 0 });
  check_mix (2, 7, (const float[]){ a, b, 0, 0, 0, 0, 0 });
  check_mix (6, 1, (const float[]){ fmaf (HALF_POWER, a + b, fmaf (0.5f, sl + sr, c)) });
  check_mix (6, 2, (const float[]){ a + HALF_POWER * (c + sl), b + HALF_POWER * (c + sr) });
  check_mix (6, 3, (const float[]){ a, b, c });
  check_mix (6, 4, (const float[]){ a + HALF_POWER * c, b + HALF_POWER * c, sl, sr });
  check_mix (6, 5, (const float[]){ a, b, c, 1.0f / 6, sl });
  check_mix (6, 8, (const float[]){ a, b, c, 1.0f / 6, sl, sr, 0, 0 });
}

/* One, two and six channels at one input: who comes first decides. */
static void
check_meeting (gboolean mono_meets_stereo, float expected)
{
  Harness h;
  guint mono, stereo, source, merger, gain, stride;
  float one[N], none[N];
  g_autofree float *out = NULL;

  fill (one, 1.0f);
  fill (none, 0.0f);
  harness_init (&h, 1);
  /* created last is summed first */
  if (mono_meets_stereo) {
    source = add_constant (&h, 0.0f);
    merger = kromo_graph_add (h.graph, kromo_merger_new ());
    stereo = harness_add_stereo (&h, none, none, N);
    mono = harness_add_source (&h, one, N);
  } else {
    stereo = harness_add_stereo (&h, none, none, N);
    source = add_constant (&h, 0.0f);
    merger = kromo_graph_add (h.graph, kromo_merger_new ());
    mono = harness_add_source (&h, one, N);
  }
  gain = harness_add_gain (&h, 1.0);
  kromo_graph_connect (h.graph, source, merger);
  kromo_graph_connect (h.graph, merger, gain);
  kromo_graph_connect (h.graph, stereo, gain);
  kromo_graph_connect (h.graph, mono, gain);
  harness_to_output (&h, gain);
  out = harness_run (&h, N, &stride);
  g_assert_cmpfloat (fabsf (out[200] - expected), <, 1e-6f);
}

static void
test_meetings (void)
{
  check_meeting (TRUE, 2.0f * HALF_POWER); /* becomes L and R, then folds */
  check_meeting (FALSE, 1.0f);             /* goes to the centre */
}

static void
check_merger (guint channels, const float *expected)
{
  Harness h;
  guint merger, stride;
  g_autofree float *out = NULL;

  harness_init (&h, channels);
  merger = harness_add_heard (&h, kromo_merger_new ());
  kromo_graph_connect (h.graph, add_constant (&h, 0.3f), merger);
  out = harness_run (&h, N, &stride);
  for (guint c = 0; c < channels; c++)
    g_assert_cmpfloat (out[c * stride + 5], ==, expected[c]);
}

static void
test_merger (void)
{
  check_merger (1, (const float[]){ HALF_POWER * 0.3f });
  check_merger (2, (const float[]){ 0.3f, 0.0f });
  check_merger (6, (const float[]){ 0.3f, 0, 0, 0, 0, 0 });
}

/* A parameter takes the first channel alone. */
static void
test_parameter_of_stereo (void)
{
  Harness h;
  float left[N], right[N];
  guint gain, stride;
  g_autofree float *out = NULL;

  fill (left, 2.0f);
  fill (right, 10.0f);
  harness_init (&h, 1);
  gain = harness_add_gain (&h, 1.0);
  kromo_graph_connect (h.graph, add_constant (&h, 0.5f), gain);
  kromo_graph_connect_param (
      h.graph, harness_add_stereo (&h, left, right, N), gain, KROMO_GAIN_GAIN);
  harness_to_output (&h, gain);
  out = harness_run (&h, N, &stride);
  g_assert_cmpfloat (out[0], ==, 1.5f);
  g_assert_cmpfloat (out[300], ==, 1.5f);
}

/* When a stereo source ends, what is still delayed of it becomes mono. */
static void
test_delayed_stereo (void)
{
  Harness h;
  float left[N], right[N];
  guint delay, stride;
  g_autofree float *out = NULL;

  fill (left, 1.0f);
  fill (right, 0.25f);
  harness_init (&h, 2);
  delay = harness_add_delay (&h, 256.0 / HARNESS_RATE);
  kromo_graph_connect (h.graph, harness_add_stereo (&h, left, right, N), delay);
  harness_to_output (&h, delay);
  out = harness_run (&h, 2 * N, &stride);
  g_assert_cmpfloat (fabsf (out[N - 1] - 1.0f), <, 1e-5f);
  g_assert_cmpfloat (fabsf (out[stride + N - 1] - 0.25f), <, 1e-5f);
  g_assert_cmpfloat (fabsf (out[N + 10] - 0.625f), <, 1e-5f);
  g_assert_cmpfloat (fabsf (out[stride + N + 10] - 0.625f), <, 1e-5f);
}

/* ---- silence and thresholds ---- */

static void
test_tiny_gain (void)
{
  Harness h;
  guint gain, stride;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  gain = harness_add_gain (&h, 1e-6);
  kromo_graph_connect (h.graph, add_constant (&h, 1.0f), gain);
  harness_to_output (&h, gain);
  out = harness_run (&h, N, &stride);
  g_assert_cmpfloat (out[0], ==, 1e-6f); /* the first quantum has 128 values of the gain */
  g_assert_cmpfloat (out[KROMO_QUANTUM], ==, 0.0f);
}

static void
test_nearly_unity_gain (void)
{
  Harness h;
  guint gain, stride;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  gain = harness_add_gain (&h, 1.0000005);
  kromo_graph_connect (h.graph, add_constant (&h, 1.0f), gain);
  harness_to_output (&h, gain);
  out = harness_run (&h, N, &stride);
  g_assert_cmpfloat (out[0], >, 1.0f);
  g_assert_cmpfloat (out[KROMO_QUANTUM], ==, 1.0f);
}

static void
test_flush_to_zero (void)
{
  const KromoFpMode mode = kromo_fp_get_mode ();
  Harness h;
  guint gain, stride;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  gain = harness_add_gain (&h, 1e-5);
  kromo_graph_connect (h.graph, add_constant (&h, 1e-35f), gain);
  harness_to_output (&h, gain);
  out = harness_run (&h, N, &stride);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (out[i], ==, 0.0f);
  g_assert_cmpuint (kromo_fp_get_mode (), ==, mode);
}

/* ---- parameters ---- */

static void
check_events (
    KromoNode *offset, const guint *frames, const double *expected, guint n, double tolerance)
{
  Harness h;
  guint stride;
  float one[24 * N];
  g_autofree float *out = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (one); i++)
    one[i] = 1.0f;
  harness_init (&h, 1);
  kromo_graph_connect (
      h.graph, harness_add_source (&h, one, G_N_ELEMENTS (one)), harness_add_heard (&h, offset));
  out = harness_run (&h, G_N_ELEMENTS (one), &stride);
  for (guint i = 0; i < n; i++) {
    g_test_message ("frame %u is %.9g", frames[i], out[frames[i]]);
    g_assert_cmpfloat (fabs (out[frames[i]] - expected[i]), <=, tolerance);
  }
}

/* Quirk: once an event of a block is consumed, a later target is extrapolated backwards. */
static void
test_backward_extrapolation (void)
{
  KromoNode *offset = kromo_gain_new ();

  kromo_param_plan_target (&offset->params[0], 3.0, 0.05, 0.01);
  check_events (offset, (const guint[]){ 0, 127, 128, 2400, 2401, 12000 },
      (const double[]){ 1.0, 1.0, -224.35, -224.35, 1.0, 3.0 }, 6, 0.02);
}

static void
test_curve_gap (void)
{
  KromoNode *offset = kromo_gain_new ();
  const float values[] = { 5.0f, 6.0f, 7.0f };
  KromoView view;

  kromo_view_init_memory (&view, values, 3);
  kromo_param_plan_curve (&offset->params[0], &view, 0.05, 0.05);
  check_events (offset, (const guint[]){ 0, 127, 128, 2400, 3600, 4800, 9000 },
      (const double[]){ 1.0, 1.0, 5.1067, 5.1067, 6.0, 7.0, 7.0 }, 7, 1e-3);
}

static void
test_ramps (void)
{
  KromoNode *offset = kromo_gain_new ();

  kromo_param_plan_set (&offset->params[0], 1.0, 0.0);
  kromo_param_plan_ramp (&offset->params[0], FALSE, 3.0, 0.05);
  kromo_param_plan_ramp (&offset->params[0], TRUE, 0.75, 0.15);
  kromo_param_plan_set (&offset->params[0], 2.0, 0.2);
  check_events (offset, (const guint[]){ 0, 1200, 2400, 4800, 7200, 9500, 9700 },
      (const double[]){ 1.0, 2.0, 3.0, 1.5, 0.75, 0.75, 2.0 }, 7, 1e-5);
}

/* k-rate: what is set at the edge of a block acts a block later, but at once after another event. */
static void
check_k_rate (double first, guint expected)
{
  Harness h;
  float ramp[4 * N];
  KromoNode *source;
  KromoView view;
  guint stride, i;
  g_autofree float *out = NULL;

  for (i = 0; i < G_N_ELEMENTS (ramp); i++)
    ramp[i] = (float) i;
  harness_init (&h, 1);
  view = harness_view (&h, ramp, G_N_ELEMENTS (ramp));
  source = kromo_buffer_source_new (&view, FALSE);
  if (first > 0.0)
    kromo_param_plan_set (
        &source->params[KROMO_BUFFER_SOURCE_PLAYBACK_RATE], 1.0, first / HARNESS_RATE);
  kromo_param_plan_set (
      &source->params[KROMO_BUFFER_SOURCE_PLAYBACK_RATE], 2.0, 512.0 / HARNESS_RATE);
  harness_add_heard (&h, source);
  out = harness_run (&h, 2 * N, &stride);
  for (i = 1; i < 2 * N && out[i] - out[i - 1] < 1.5f; i++)
    ;
  g_assert_cmpuint (i - 1, ==, expected);
}

static void
test_k_rate_lag (void)
{
  check_k_rate (0.0, 640);
  check_k_rate (450.0, 512);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/graph/order/sources", test_sum_of_sources);
  g_test_add_func ("/graph/order/branches", test_sum_of_branches);
  g_test_add_func ("/graph/duplicate-connection", test_duplicate_connection);
  g_test_add_func ("/graph/cycles/without-delay", test_cycle_without_delay);
  g_test_add_func ("/graph/cycles/own-parameter", test_own_parameter);
  g_test_add_func ("/graph/cycles/own-delay-time", test_own_delay_time);
  g_test_add_func ("/graph/cycles/loops", test_loops);
  g_test_add_func ("/graph/cycles/fm", test_fm_loop);
  g_test_add_func ("/graph/channels/mixing", test_mixing);
  g_test_add_func ("/graph/channels/meetings", test_meetings);
  g_test_add_func ("/graph/channels/merger", test_merger);
  g_test_add_func ("/graph/channels/parameter", test_parameter_of_stereo);
  g_test_add_func ("/graph/channels/delayed-stereo", test_delayed_stereo);
  g_test_add_func ("/graph/tiny-gain", test_tiny_gain);
  g_test_add_func ("/graph/nearly-unity-gain", test_nearly_unity_gain);
  g_test_add_func ("/graph/flush-to-zero", test_flush_to_zero);
  g_test_add_func ("/graph/parameters/extrapolation", test_backward_extrapolation);
  g_test_add_func ("/graph/parameters/curve-gap", test_curve_gap);
  g_test_add_func ("/graph/parameters/ramps", test_ramps);
  g_test_add_func ("/graph/parameters/k-rate", test_k_rate_lag);
  return g_test_run ();
}
