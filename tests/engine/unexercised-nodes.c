/* What no stored genome exercises, in gains, parameters and delays, against 3-WEB-AUDIO 1.3, 2.2, 3.1
 * and 3.2.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "harness.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define N 4096
#define HALF_POWER 0.70710678118654752440f

static void
fill_wave (float *wave, guint n, float step)
{
  for (guint i = 0; i < n; i++)
    wave[i] = 0.5f * cosf (step * (float) i) + 0.125f * (float) (i % 3);
}

static guint
add_constant (Harness *h, float value, guint n)
{
  g_autofree float *x = g_new (float, n);

  for (guint i = 0; i < n; i++)
    x[i] = value;
  return harness_add_source (h, x, n);
}

/* ---- gains and parameters ---- */

/* A gain on 0.7: the product in quantum 0, where it has 128 values, then perhaps a shortcut. */
static void
check_gain (float gain, float expected)
{
  Harness h;
  guint handle, stride;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  handle = harness_add_gain (&h, gain);
  kromo_graph_connect (h.graph, add_constant (&h, 0.7f, 512), handle);
  harness_to_output (&h, handle);
  out = harness_run (&h, 512, &stride);
  for (guint i = 0; i < 512; i++)
    g_assert_cmpfloat (out[i], ==, i < KROMO_QUANTUM ? 0.7f * gain : expected);
}

static void
test_thresholds (void)
{
  const float ulp = 0x1p-24f; /* below 1 */

  check_gain (-1e-6f, 0.0f);
  check_gain (nextafterf (1e-6f, 1.0f), 0.7f * nextafterf (1e-6f, 1.0f));
  check_gain (nextafterf (-1e-6f, -1.0f), 0.7f * nextafterf (-1e-6f, -1.0f));
  /* 1e-6 is between 16 and 17 such steps, and between 8 and 9 of those above 1 */
  check_gain (1.0f - 16.0f * ulp, 0.7f);
  check_gain (1.0f - 17.0f * ulp, 0.7f * (1.0f - 17.0f * ulp));
  check_gain (1.0f + 16.0f * ulp, 0.7f);
  check_gain (1.0f + 18.0f * ulp, 0.7f * (1.0f + 18.0f * ulp));
  g_assert_cmpfloat (0.7f * (1.0f - 16.0f * ulp), !=, 0.7f);
}

/* What varies, or has a signal connected, has no shortcut however near to 0 or 1 it stays. */
static void
check_varying (float gain, gboolean by_curve)
{
  const float points[] = { gain, gain };
  KromoNode *node = kromo_gain_new ();
  KromoView view;
  Harness h;
  guint handle, stride;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  view = harness_view (&h, points, 2);
  if (by_curve)
    kromo_param_plan_curve (&node->params[KROMO_GAIN_GAIN], &view, 0.0, 1.0);
  else
    kromo_param_plan_set_value (&node->params[KROMO_GAIN_GAIN], 0.0);
  handle = harness_add_heard (&h, node);
  kromo_graph_connect (h.graph, add_constant (&h, 0.7f, 512), handle);
  if (!by_curve)
    kromo_graph_connect_param (h.graph, add_constant (&h, gain, 512), handle, KROMO_GAIN_GAIN);
  out = harness_run (&h, 512, &stride);
  for (guint i = 0; i < 512; i++)
    g_assert_cmpfloat (out[i], ==, 0.7f * gain);
}

static void
test_varying_gains (void)
{
  const float nearly_one = 1.0f - 0x1p-23f;

  check_varying (5e-7f, TRUE);
  check_varying (5e-7f, FALSE);
  check_varying (nearly_one, TRUE);
  check_varying (nearly_one, FALSE);
}

/* A parameter that comes out NaN has its default, an infinite one is clamped. */
static void
check_input (float input, float expected)
{
  Harness h;
  guint handle, stride;
  g_autofree float *out = NULL;

  harness_init (&h, 1);
  handle = harness_add_gain (&h, 0.25);
  harness_to_output (&h, handle);
  kromo_graph_connect (h.graph, add_constant (&h, 0x1p-100f, 512), handle);
  kromo_graph_connect_param (h.graph, add_constant (&h, input, 512), handle, KROMO_GAIN_GAIN);
  out = harness_run (&h, 512, &stride);
  for (guint i = 0; i < 512; i++)
    g_assert_cmpfloat (out[i], ==, 0x1p-100f * expected);
}

static void
test_parameter_limits (void)
{
  check_input (1.0f, 1.25f);
  check_input (NAN, 1.0f);
  check_input (INFINITY, FLT_MAX);
  check_input (-INFINITY, -FLT_MAX);
}

/* ---- delays ---- */

/* A loop of a delay of 10 frames, which has the input, and one of 200: the search for an order breaks
 * the loop at the delay that it meets first, and that one lasts a quantum at least. */
static void
check_broken (const char *creation, guint expected)
{
  const float impulse[] = { 1.0f };
  guint source = 0, first = 0, second = 0, stride, last = 0, period = 0;
  g_autofree float *out = NULL;
  Harness h;

  harness_init (&h, 1);
  for (guint i = 0; creation[i]; i++) {
    if (creation[i] == 's')
      source = harness_add_source (&h, impulse, 1);
    else if (creation[i] == 'a')
      first = harness_add_delay (&h, 10.0 / HARNESS_RATE);
    else
      second = harness_add_delay (&h, 200.0 / HARNESS_RATE);
  }
  kromo_graph_connect (h.graph, source, first);
  kromo_graph_connect (h.graph, first, second);
  kromo_graph_connect (h.graph, second, first);
  harness_to_output (&h, first);
  out = harness_run (&h, N, &stride);
  for (guint i = 1; i < N && period == 0; i++) {
    if (fabsf (out[i]) > 0.9f) {
      period = last > 0 ? i - last : 0;
      last = i;
    }
  }
  g_assert_cmpuint (period, ==, expected);
}

static void
test_broken_delays (void)
{
  check_broken ("sab", 128 + 200);
  check_broken ("abs", 128 + 200);
  check_broken ("sba", 128 + 200); /* the source is tried first and leads to a */
  check_broken ("bsa", 10 + 200);
  check_broken ("bas", 10 + 200);
}

/* One frame of 1, 2 or 6 channels as another number of them, in place. */
static void
mix (float *x, guint from, guint to)
{
  const float in[6] = { x[0], x[1], x[2], x[3], x[4], x[5] };
  const float h = HALF_POWER;

  if (from == to)
    return;
  memset (x, 0, 6 * sizeof (float));
  if (from == 1 && to == 6) {
    x[2] = in[0];
  } else if (from == 1) {
    x[0] = x[1] = in[0];
  } else if (from == 2 && to == 1) {
    x[0] = 0.5f * (in[0] + in[1]);
  } else if (from == 2) {
    x[0] = in[0];
    x[1] = in[1];
  } else if (to == 1) {
    x[0] = fmaf (h, in[0] + in[1], fmaf (0.5f, in[4] + in[5], in[2]));
  } else {
    x[0] = in[0] + h * (in[2] + in[4]);
    x[1] = in[1] + h * (in[2] + in[5]);
  }
}

/* Of the signals, and pauses that are whole numbers of frames in single precision too. */
#define PAUSE (HARNESS_RATE / 128) /* 375 frames */
#define LENGTH 600
#define DELAY (6 * PAUSE)

/* The ring of a delay through which go a mono, a six-channel (merger) and a stereo signal that begin at
 * frames 0, 375 and 750: at each change of the count, and when all is over and one channel of silence
 * comes, all that is delayed is mixed anew. */
static void
expect_remixed (const float *a, const float *b, const float *c, guint n_channels, float *out)
{
  static float ring[N][6];
  guint count = 1;

  memset (ring, 0, sizeof ring);
  for (guint start = 0; start < N; start += KROMO_QUANTUM) {
    const guint end = start + KROMO_QUANTUM;
    const gboolean has_six = end > PAUSE && start < PAUSE + LENGTH;
    const gboolean has_two = end > 2 * PAUSE && start < 2 * PAUSE + LENGTH;
    const guint now = has_six ? 6 : has_two ? 2 : 1;

    for (guint i = 0; i < N; i++)
      mix (ring[i], count, now);
    count = now;
    for (guint i = start; i < end; i++) {
      float frame[6];

      if (i < LENGTH)
        ring[i][has_six ? 2 : 0] += a[i];
      if (i >= PAUSE && i < PAUSE + LENGTH)
        ring[i][0] += b[i - PAUSE];
      if (i >= 2 * PAUSE && i < 2 * PAUSE + LENGTH)
        ring[i][0] += c[i - 2 * PAUSE];
      memset (frame, 0, sizeof frame);
      if (i >= DELAY)
        memcpy (frame, ring[i - DELAY], sizeof frame);
      mix (frame, count, n_channels);
      for (guint k = 0; k < n_channels; k++)
        out[k * N + i] = frame[k];
    }
  }
}

static void
check_remixed (guint n_channels)
{
  float a[LENGTH], b[LENGTH], c[LENGTH];
  g_autofree float *expected = g_new (float, n_channels *N);
  g_autofree float *out = NULL;
  guint main_delay, pause, merger, convolver, stride;
  Harness h;

  fill_wave (a, LENGTH, 0.05f);
  fill_wave (b, LENGTH, 0.11f);
  fill_wave (c, LENGTH, 0.23f);
  expect_remixed (a, b, c, n_channels, expected);
  harness_init (&h, n_channels);
  main_delay = harness_add_delay (&h, DELAY / (double) HARNESS_RATE);
  harness_to_output (&h, main_delay);
  kromo_graph_connect (h.graph, harness_add_source (&h, a, LENGTH), main_delay);

  pause = harness_add_delay (&h, PAUSE / (double) HARNESS_RATE);
  merger = kromo_graph_add (h.graph, kromo_merger_new ());
  kromo_graph_connect (h.graph, harness_add_source (&h, b, LENGTH), pause);
  kromo_graph_connect (h.graph, pause, merger);
  kromo_graph_connect (h.graph, merger, main_delay);

  pause = harness_add_delay (&h, 2 * PAUSE / (double) HARNESS_RATE);
  merger = kromo_graph_add (h.graph, kromo_merger_new ());
  convolver = kromo_graph_add (h.graph, kromo_convolver_new (NULL, TRUE)); /* to two channels */
  kromo_graph_connect (h.graph, harness_add_source (&h, c, LENGTH), pause);
  kromo_graph_connect (h.graph, pause, merger);
  kromo_graph_connect (h.graph, merger, convolver);
  kromo_graph_connect (h.graph, convolver, main_delay);

  out = harness_run (&h, N, &stride);
  for (guint k = 0; k < n_channels; k++) {
    for (guint i = 0; i < N; i++) {
      if (out[k * stride + i] != expected[k * N + i])
        g_error ("channel %u, frame %u is %.9g, expected %.9g", k, i, out[k * stride + i],
            expected[k * N + i]);
    }
  }
}

static void
test_remixed_delay (void)
{
  check_remixed (1);
  check_remixed (2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nodes/gain/thresholds", test_thresholds);
  g_test_add_func ("/nodes/gain/varying", test_varying_gains);
  g_test_add_func ("/nodes/parameter-limits", test_parameter_limits);
  g_test_add_func ("/nodes/delay/broken", test_broken_delays);
  g_test_add_func ("/nodes/delay/remixed", test_remixed_delay);
  return g_test_run ();
}
