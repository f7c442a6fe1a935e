/* Single nodes against vectors of the reference's audio graph.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * 4800 frames at 48 kHz, inputs x and y as buffer sources, curves from time 0 over the whole. Equal to
 * the last bit, but for the FFTs of the convolver and the oversampled wave shaper.
 */
#include "harness.h"
#include "samples.h"

#include <math.h>
#include <string.h>

#define FRAMES 4800

static char *folder;

typedef struct {
  Harness h;
  guint x, y; /* sources */
} Fixture;

static float *
load (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".f32", NULL);
  gsize n_samples;
  float *samples = test_load_samples (folder, file, &n_samples);

  g_assert_cmpuint (n_samples, ==, FRAMES);
  return samples;
}

static KromoView
view_of (Fixture *f, const char *name)
{
  g_autofree float *values = load (name);

  return harness_view (&f->h, values, FRAMES);
}

static guint
add_source (Fixture *f, const char *name)
{
  g_autofree float *values = load (name);

  return harness_add_source (&f->h, values, FRAMES);
}

static void
curve (Fixture *f, KromoParamPlan *plan, const char *name)
{
  const KromoView view = view_of (f, name);

  kromo_param_plan_curve (plan, &view, 0.0, FRAMES / (double) HARNESS_RATE);
}

static void
setup (Fixture *f, guint channels)
{
  harness_init (&f->h, channels);
  f->x = add_source (f, "in_x");
  f->y = add_source (f, "in_y");
}

/* Runs the graph and compares its channels with NAME.0, NAME.1; tears down. */
static void
check (Fixture *f, const char *name, double tolerance)
{
  const guint channels = f->h.channels;
  guint stride;
  g_autofree float *out = harness_run (&f->h, FRAMES, &stride);
  double worst = 0.0;

  for (guint c = 0; c < channels; c++) {
    g_autofree char *file = g_strdup_printf ("%s.%u", name, c);
    g_autofree float *expected = load (file);

    for (guint i = 0; i < FRAMES; i++) {
      const double error = fabs ((double) out[c * stride + i] - expected[i]);

      if (error > tolerance)
        g_error ("%s: frame %u is %.9g, expected %.9g", file, i, out[c * stride + i], expected[i]);
      worst = fmax (worst, error);
    }
  }
  g_test_message ("%s: greatest error %g", name, worst);
}

static void
test_gain_curve (void)
{
  Fixture f;
  KromoNode *gain = kromo_gain_new ();

  setup (&f, 1);
  curve (&f, &gain->params[KROMO_GAIN_GAIN], "curve_sin");
  kromo_graph_connect (f.h.graph, f.x, harness_add_heard (&f.h, gain));
  check (&f, "gain_curve", 0.0);
}

/* A constant source is a buffer of ones through a gain that has its offset's events. */
static void
check_offset (Fixture *f, KromoNode *offset, const char *name)
{
  float ones[FRAMES];

  for (guint i = 0; i < FRAMES; i++)
    ones[i] = 1.0f;
  kromo_graph_connect (
      f->h.graph, harness_add_source (&f->h, ones, FRAMES), harness_add_heard (&f->h, offset));
  check (f, name, 0.0);
}

static void
test_targets (void)
{
  Fixture f;
  KromoNode *offset = kromo_gain_new ();
  KromoParamPlan *plan = &offset->params[KROMO_GAIN_GAIN];

  setup (&f, 1);
  kromo_param_plan_set (plan, 0.0, 0.0);
  kromo_param_plan_target (plan, 1.0, 0.0, 0.01);
  kromo_param_plan_target (plan, 0.5, 0.03, 0.02);
  kromo_param_plan_target (plan, 0.0, 0.07, 0.01);
  check_offset (&f, offset, "adsr");
}

static void
test_target_gap (void)
{
  Fixture f;
  KromoNode *offset = kromo_gain_new ();
  KromoParamPlan *plan = &offset->params[KROMO_GAIN_GAIN];

  setup (&f, 1);
  kromo_param_plan_set (plan, 0.0, 0.0);
  kromo_param_plan_target (plan, 1.0, 0.05, 0.01);
  check_offset (&f, offset, "target_gap");
}

static void
test_biquad (gconstpointer data)
{
  static const char *names[] = { "lowpass", "highpass", "bandpass", "lowshelf", "highshelf",
    "peaking", "notch", "allpass" };
  const KromoFilter type = GPOINTER_TO_UINT (data);
  KromoNode *biquad = kromo_biquad_new (type, HARNESS_RATE);
  g_autofree char *name = g_strconcat ("biquad_", names[type], NULL);
  Fixture f;

  setup (&f, 1);
  curve (&f, &biquad->params[KROMO_BIQUAD_FREQUENCY], "curve_freq");
  kromo_param_plan_set_value (&biquad->params[KROMO_BIQUAD_Q], 3.0);
  kromo_param_plan_set_value (&biquad->params[KROMO_BIQUAD_GAIN], 6.0);
  kromo_param_plan_set_value (&biquad->params[KROMO_BIQUAD_DETUNE], 50.0);
  kromo_graph_connect (f.h.graph, f.x, harness_add_heard (&f.h, biquad));
  check (&f, name, 0.0);
}

static void
test_delay (void)
{
  Fixture f;
  guint delay;

  setup (&f, 1);
  delay = harness_add_delay (&f.h, 0.0123456);
  kromo_graph_connect (f.h.graph, f.x, delay);
  harness_to_output (&f.h, delay);
  check (&f, "delay_const", 0.0);
}

static void
test_delay_curve (void)
{
  Fixture f;
  guint delay;

  setup (&f, 1);
  delay = harness_add_delay (&f.h, 0.0);
  curve (
      &f, &kromo_graph_get_node (f.h.graph, delay)->params[KROMO_DELAY_DELAY_TIME], "curve_delay");
  kromo_graph_connect (f.h.graph, f.x, delay);
  harness_to_output (&f.h, delay);
  check (&f, "delay_curve", 0.0);
}

static void
test_comb (void)
{
  Fixture f;
  guint delay, feedback;

  setup (&f, 1);
  delay = harness_add_delay (&f.h, 0.0123456);
  feedback = harness_add_gain (&f.h, 0.6);
  kromo_graph_connect (f.h.graph, f.x, delay);
  kromo_graph_connect (f.h.graph, delay, feedback);
  kromo_graph_connect (f.h.graph, feedback, delay);
  harness_to_output (&f.h, delay);
  check (&f, "comb", 0.0);
}

static void
test_playback_rate (void)
{
  Fixture f;
  KromoView x;
  KromoNode *source;

  setup (&f, 1);
  x = view_of (&f, "in_x");
  source = kromo_buffer_source_new (&x, FALSE);
  curve (&f, &source->params[KROMO_BUFFER_SOURCE_PLAYBACK_RATE], "curve_rate");
  harness_add_heard (&f.h, source);
  check (&f, "src_rate", 0.0);
}

static const char *shapes[] = { "sine", "square", "sawtooth", "triangle" };

static void
test_oscillator (gconstpointer data)
{
  const KromoShape shape = GPOINTER_TO_UINT (data);
  g_autofree char *name = g_strconcat ("osc_", shapes[shape], NULL);
  Fixture f;
  guint gain;

  setup (&f, 1);
  gain = harness_add_gain (&f.h, 300.0);
  kromo_graph_connect (f.h.graph, f.x, gain);
  kromo_graph_connect_param (f.h.graph, gain,
      harness_add_heard (&f.h, kromo_oscillator_new (shape, HARNESS_RATE)),
      KROMO_OSCILLATOR_FREQUENCY);
  check (&f, name, 0.0);
}

/* Through zero: the modulator is a 100 Hz oscillator. */
static void
test_oscillator_negative (gconstpointer data)
{
  const KromoShape shape = GPOINTER_TO_UINT (data);
  KromoNode *modulator = kromo_oscillator_new (KROMO_SHAPE_SINE, HARNESS_RATE);
  g_autofree char *name = g_strconcat ("osc_neg_", shapes[shape], NULL);
  Fixture f;
  guint gain, source;

  setup (&f, 1);
  kromo_param_plan_set_value (&modulator->params[KROMO_OSCILLATOR_FREQUENCY], 100.0);
  source = kromo_graph_add (f.h.graph, modulator);
  gain = harness_add_gain (&f.h, 2000.0);
  kromo_graph_connect (f.h.graph, source, gain);
  kromo_graph_connect_param (f.h.graph, gain,
      harness_add_heard (&f.h, kromo_oscillator_new (shape, HARNESS_RATE)),
      KROMO_OSCILLATOR_FREQUENCY);
  check (&f, name, 0.0);
}

static void
test_compressor (void)
{
  g_autofree float *x = load ("in_x"), *y = load ("in_y");
  Fixture f;

  setup (&f, 2);
  kromo_graph_connect (f.h.graph, harness_add_stereo (&f.h, x, y, FRAMES),
      harness_add_heard (&f.h, kromo_compressor_new ()));
  check (&f, "comp", 0.0);
}

static void
check_shaper (guint oversample, double gain_value, const char *name, double tolerance)
{
  KromoView values;
  Fixture f;
  guint louder;

  setup (&f, 1);
  values = view_of (&f, "curve_sin");
  louder = harness_add_gain (&f.h, gain_value);
  kromo_graph_connect (f.h.graph, f.x, louder);
  kromo_graph_connect (
      f.h.graph, louder, harness_add_heard (&f.h, kromo_wave_shaper_new (&values, oversample)));
  check (&f, name, tolerance);
}

static void
test_wave_shaper (void)
{
  check_shaper (1, 1.4, "shaper", 0.0);
}

static void
test_wave_shaper_oversampled (void)
{
  check_shaper (4, 1.0, "shaper4x", 5e-6);
}

static void
test_convolver (void)
{
  KromoView response;
  Fixture f;

  setup (&f, 1);
  response = view_of (&f, "in_y");
  kromo_graph_connect (
      f.h.graph, f.x, harness_add_heard (&f.h, kromo_convolver_new (&response, TRUE)));
  check (&f, "conv", 5e-6);
}

static void
test_merger (void)
{
  Fixture f;
  guint merger;

  setup (&f, 1);
  merger = harness_add_heard (&f.h, kromo_merger_new ());
  kromo_graph_connect (f.h.graph, f.x, merger);
  kromo_graph_connect (f.h.graph, f.y, merger);
  check (&f, "merger_mono", 0.0);
}

int
main (int argc, char **argv)
{
  g_autofree char *parity = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  parity = test_parity_folder ();
  folder = g_build_filename (parity, "webaudio", NULL);
  g_test_add_func ("/webaudio/gain-curve", test_gain_curve);
  g_test_add_func ("/webaudio/targets", test_targets);
  g_test_add_func ("/webaudio/target-gap", test_target_gap);
  for (guint i = KROMO_FILTER_LOWPASS; i <= KROMO_FILTER_ALLPASS; i++) {
    g_autofree char *path = g_strdup_printf ("/webaudio/biquad/%u", i);
    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_biquad);
  }
  g_test_add_func ("/webaudio/delay", test_delay);
  g_test_add_func ("/webaudio/delay-curve", test_delay_curve);
  g_test_add_func ("/webaudio/comb", test_comb);
  g_test_add_func ("/webaudio/playback-rate", test_playback_rate);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autofree char *path = g_strconcat ("/webaudio/oscillator/", shapes[i], NULL);
    g_autofree char *negative = g_strconcat ("/webaudio/oscillator-negative/", shapes[i], NULL);
    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_oscillator);
    g_test_add_data_func (negative, GUINT_TO_POINTER (i), test_oscillator_negative);
  }
  g_test_add_func ("/webaudio/compressor", test_compressor);
  g_test_add_func ("/webaudio/wave-shaper", test_wave_shaper);
  g_test_add_func ("/webaudio/wave-shaper-oversampled", test_wave_shaper_oversampled);
  g_test_add_func ("/webaudio/convolver", test_convolver);
  g_test_add_func ("/webaudio/merger", test_merger);
  status = g_test_run ();
  g_free (folder);
  return status;
}
