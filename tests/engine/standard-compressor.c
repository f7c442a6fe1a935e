/* The standard rendering's compressor against the formulas in docs/standard-nodes.md.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "harness.h"

#include <float.h>
#include <math.h>

static double
decibels (double x)
{
  return 20.0 * log10 (x);
}

static double
amplitude (double db)
{
  return pow (10.0, db / 20.0);
}

/* Numbers in -1..1, always the same. */
static float *
make_noise (guint n)
{
  float *values = g_new (float, n);
  guint32 x = 1;

  for (guint i = 0; i < n; i++) {
    x = x * 1664525u + 1013904223u;
    values[i] = (float) (gint32) x * 0x1p-31f;
  }
  return values;
}

typedef struct {
  double attack, knee, ratio, release, threshold; /* in the order of the parameters */
} Setting;

static guint
add_compressor (Harness *h, const Setting *s)
{
  const double values[] = { s->attack, s->knee, s->ratio, s->release, s->threshold };
  KromoNode *node = kromo_compressor_standard_new ();

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    kromo_param_plan_set_value (&node->params[i], values[i]);
  return kromo_graph_add (h->graph, node);
}

static float *
compress (const Setting *s, const float *samples, guint n_frames)
{
  Harness h;
  guint source, node, stride;

  harness_init (&h, 1);
  source = harness_add_source (&h, samples, n_frames);
  node = add_compressor (&h, s);
  kromo_graph_connect (h.graph, source, node);
  harness_to_output (&h, node);
  return harness_run (&h, n_frames, &stride);
}

/* @level up to frame @change, then @after. */
static float *
make_steps (double level, double after, guint change, guint n)
{
  float *values = g_new (float, n);

  for (guint i = 0; i < n; i++)
    values[i] = (float) (i < change ? level : after);
  return values;
}

/* Output level for an input level, dB, as documented. */
static double
curve (const Setting *s, double level)
{
  const double slope = 1.0 / s->ratio - 1.0, above = level - s->threshold;

  if (above <= 0.0)
    return level;
  if (above < s->knee)
    return level + slope * above * above / (2.0 * s->knee);
  return level + slope * (above - s->knee / 2.0);
}

static double
make_up (const Setting *s)
{
  return -0.6 * curve (s, 0.0);
}

#define DELAY 288 /* 6 ms */

static void
test_delay (void)
{
  static const Setting transparent = { 0.003, 30.0, 1.0, 0.25, -24.0 };
  const guint n = 4800;
  g_autofree float *x = make_noise (n), *y = compress (&transparent, x, n);

  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat (y[i], ==, i < DELAY ? 0.0f : x[i - DELAY]);
}

static const Setting settings[] = {
  { 0.003, 30.0, 12.0, 0.25, -24.0 }, /* the defaults */
  { 0.003, 0.0, 4.0, 0.25, -50.0 },
  { 0.01, 40.0, 20.0, 0.1, -30.0 },
  { 0.0, 0.0, 2.0, 0.0, 0.0 },
  { 0.002, 12.0, 20.0, 1.0, -78.0 },
};

/* A constant settles on the curve, from above and from below; a quiet one shows the make-up gain. */
static void
test_static_curve (void)
{
  const guint n = 48000;

  for (guint c = 0; c < G_N_ELEMENTS (settings); c++) {
    const Setting *s = &settings[c];

    for (double level = -79.0; level <= 20.0; level += 4.5) {
      const double expected = curve (s, level) + make_up (s);
      g_autofree float *x = make_steps (-amplitude (level), 0.0, n, n);
      g_autofree float *below = make_steps (amplitude (30.0), amplitude (level), 2000, 6 * n);
      g_autofree float *y = compress (s, x, n), *z = NULL;

      g_assert_cmpfloat_with_epsilon (decibels (-y[n - 1]), expected, 1e-3);
      if (s->release > 0.5)
        continue; /* takes longer */
      z = compress (s, below, 6 * n);
      g_assert_cmpfloat_with_epsilon (decibels (z[6 * n - 1]), expected, 1e-3);
    }
  }
}

/* With an instantaneous attack and a slow release, a tone's gain is that of its peaks. */
static void
test_tone (void)
{
  static const Setting s = { 0.0, 10.0, 5.0, 1.0, -40.0 };
  const guint n = 24000;
  float x[24000];

  for (double level = -50.0; level <= 0.0; level += 5.0) {
    g_autofree float *y = NULL;
    float peak = 0.0f;

    for (guint i = 0; i < n; i++)
      x[i] = (float) (amplitude (level) * sin (2.0 * G_PI * i / 48.0));
    y = compress (&s, x, n);
    for (guint i = n - 480; i < n; i++)
      peak = fmaxf (peak, fabsf (y[i]));
    g_assert_cmpfloat_with_epsilon (decibels (peak), curve (&s, level) + make_up (&s), 0.02);
  }
}

static guint
first_above (const float *y, guint from, guint n, double level)
{
  while (from < n && !(y[from] >= level))
    from++;
  return from;
}

/* Attack: 10 dB in its time when the target is far below. Release: from -10 dB to 0 in its time. */
static void
test_times (void)
{
  static const double times[] = { 0.02, 0.1, 0.25, 1.0 };

  for (guint c = 0; c < G_N_ELEMENTS (times); c++) {
    const Setting attack = { times[c], 0.0, 20.0, 0.25, -100.0 };
    const Setting release = { 0.0, 0.0, 2.0, times[c], -20.0 };
    const guint frames = (guint) (times[c] * HARNESS_RATE), n = 2 * frames + 4800, change = 1000;
    g_autofree float *x = make_steps (1.0, 1.0, n, n), *y = compress (&attack, x, n);
    g_autofree float *u = make_steps (1.0, 0.01, change, n), *v = compress (&release, u, n);
    guint down = DELAY, up;

    while (down < n && y[down] > amplitude (make_up (&attack) - 10.0))
      down++;
    g_assert_cmpfloat_with_epsilon (down, frames, 2.0 + 0.02 * frames);
    g_assert_cmpfloat_with_epsilon (
        decibels (v[change + DELAY - 1]), make_up (&release) - 10.0, 10.0);
    up = first_above (v, change + DELAY, n, 0.99999 * 0.01 * amplitude (make_up (&release)));
    g_assert_cmpfloat_with_epsilon (up - change, frames, 2.0 + 0.01 * frames);
  }
}

/* Times of 0: the gain is there at once, ahead of the sound that asks for it. */
static void
test_no_times (void)
{
  static const Setting s = { 0.0, 0.0, 2.0, 0.0, -20.0 };
  const guint n = 2000, change = 1000;
  g_autofree float *x = make_steps (1.0, amplitude (-10.0), change, n), *y = compress (&s, x, n);

  for (guint i = DELAY; i < n; i++) {
    const double gain = (i < change ? -10.0 : -5.0) + make_up (&s);

    g_assert_cmpfloat_with_epsilon (decibels (y[i] / x[i - DELAY]), gain, 1e-4);
  }
}

/* One gain for both channels, made by the louder; the tail stays stereo. */
static void
test_stereo (void)
{
  static const Setting s = { 0.003, 10.0, 10.0, 0.1, -30.0 };
  const guint n = 4096;
  g_autofree float *loud = make_noise (n), *quiet = make_steps (0.001, -0.002, 1000, n);
  g_autofree float *out = NULL, *alone = compress (&s, loud, n);
  guint source, node, stride;
  Harness h;

  harness_init (&h, 2);
  source = harness_add_stereo (&h, quiet, loud, n);
  node = add_compressor (&h, &s);
  kromo_graph_connect (h.graph, source, node);
  harness_to_output (&h, node);
  out = harness_run (&h, n + DELAY, &stride);
  for (guint i = DELAY; i < n + DELAY; i++) {
    const float gain = out[stride + i] / loud[i - DELAY];

    if (i < n)
      g_assert_cmpfloat (out[stride + i], ==, alone[i]);
    g_assert_cmpfloat_with_epsilon (out[i], quiet[i - DELAY] * gain, 1e-7);
  }
}

/* Delayed mono is heard from both channels beside delayed stereo. */
static void
test_layouts (void)
{
  static const Setting transparent = { 0.003, 30.0, 1.0, 0.25, -24.0 };
  const guint n = 2048, n_stereo = 512;
  g_autofree float *mono = make_noise (n), *left = make_steps (0.25, 0.0, n_stereo, n);
  g_autofree float *right = make_steps (-0.5, 0.0, n_stereo, n), *out = NULL;
  guint first, second, node, stride;
  Harness h;

  harness_init (&h, 2);
  first = harness_add_source (&h, mono, n);
  second = harness_add_stereo (&h, left, right, n_stereo);
  node = add_compressor (&h, &transparent);
  kromo_graph_connect (h.graph, first, node);
  kromo_graph_connect (h.graph, second, node);
  harness_to_output (&h, node);
  out = harness_run (&h, n, &stride);
  for (guint i = DELAY; i < n; i++) {
    g_assert_cmpfloat (out[i], ==, mono[i - DELAY] + left[i - DELAY]);
    g_assert_cmpfloat (out[stride + i], ==, mono[i - DELAY] + right[i - DELAY]);
  }
}

/* ---- silence, and numbers out of range ---- */

static gboolean was_silent[16];

static void
probe_process (const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  if (run->block < G_N_ELEMENTS (was_silent))
    was_silent[run->block] = in->silent;
}

static const KromoNodeClass probe_class = { .name = "probe", .process = probe_process };

/* Four blocks of sound come out in blocks 2 to 6. */
static void
test_silence (void)
{
  const guint n = 4 * KROMO_QUANTUM;
  g_autofree float *x = make_noise (n), *out = NULL;
  KromoNode *probe = g_new0 (KromoNode, 1);
  guint source, node, stride;
  Harness h;

  probe->klass = &probe_class;
  harness_init (&h, 1);
  source = harness_add_source (&h, x, n);
  node = add_compressor (&h, &settings[0]);
  kromo_graph_connect (h.graph, source, node);
  kromo_graph_connect (h.graph, node, harness_add_heard (&h, probe));
  out = harness_run (&h, 16 * KROMO_QUANTUM, &stride);
  for (guint b = 0; b < 16; b++)
    g_assert_cmpint (was_silent[b], ==, b < 2 || b > 6);
}

static void
test_extremes (void)
{
  static const Setting s = { 1.0, 0.0, 20.0, 0.0, -100.0 };
  const guint n = 4800;

  for (guint c = 0; c < G_N_ELEMENTS (settings) + 1; c++) {
    g_autofree float *x = make_noise (n), *y = NULL;

    for (guint i = 0; i < n; i++)
      x[i] *= i % 1000 < 300 ? 0.01f : FLT_MAX;
    y = compress (c == 0 ? &s : &settings[c - 1], x, n);
    for (guint i = 0; i < n; i++)
      g_assert_true (isfinite (y[i]));
    x[1000] = NAN;
    x[1001] = INFINITY;
    for (guint i = 1002; i < n; i++)
      x[i] = 0.5f;
    g_free (y);
    y = compress (c == 0 ? &s : &settings[c - 1], x, n);
    for (guint i = 1002 + DELAY; i < n; i++)
      g_assert_true (isfinite (y[i]));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/standard-compressor/delay", test_delay);
  g_test_add_func ("/standard-compressor/static-curve", test_static_curve);
  g_test_add_func ("/standard-compressor/tone", test_tone);
  g_test_add_func ("/standard-compressor/times", test_times);
  g_test_add_func ("/standard-compressor/no-times", test_no_times);
  g_test_add_func ("/standard-compressor/stereo", test_stereo);
  g_test_add_func ("/standard-compressor/layouts", test_layouts);
  g_test_add_func ("/standard-compressor/silence", test_silence);
  g_test_add_func ("/standard-compressor/extremes", test_extremes);
  return g_test_run ();
}
