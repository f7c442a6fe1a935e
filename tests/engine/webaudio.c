/* Single nodes against vectors of the reference's audio graph.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * 4800 frames at 48 kHz, inputs x and y as buffer sources, curves from time 0 over the whole. Equal to
 * the last bit, but for the FFTs of the convolver and the oversampled wave shaper.
 */
#include "graph/graph.h"
#include "nodes/nodes.h"
#include "samples.h"

#include <math.h>
#include <string.h>

#define RATE 48000
#define FRAMES 4800

static char *folder;

typedef struct {
  KromoBank *bank;
  KromoGraph *graph;
  GPtrArray *arrays;
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
  KromoView view;
  float *values = load (name);

  g_ptr_array_add (f->arrays, values);
  kromo_view_init_memory (&view, values, FRAMES);
  return view;
}

static guint
add_source (Fixture *f, const char *name)
{
  const KromoView view = view_of (f, name);

  return kromo_graph_add (f->graph, kromo_buffer_source_new (&view, FALSE));
}

static void
curve (Fixture *f, KromoParamPlan *plan, const char *name)
{
  const KromoView view = view_of (f, name);

  kromo_param_plan_curve (plan, &view, 0.0, FRAMES / (double) RATE);
}

static void
setup (Fixture *f, guint channels)
{
  const KromoSpan span = { FRAMES, RATE, 1.0 };

  f->bank = kromo_bank_new (&span);
  f->graph = kromo_graph_new (RATE, channels, f->bank);
  f->arrays = g_ptr_array_new_with_free_func (g_free);
  f->x = add_source (f, "in_x");
  f->y = add_source (f, "in_y");
}

static guint
add (Fixture *f, KromoNode *node)
{
  const guint handle = kromo_graph_add (f->graph, node);

  kromo_graph_connect (f->graph, handle, KROMO_GRAPH_DESTINATION);
  return handle;
}

/* Runs the graph and compares its channels with NAME.0, NAME.1; tears down. */
static void
check (Fixture *f, const char *name, guint channels, double tolerance)
{
  KromoLayout layout = { 0, 0 };
  KromoArena arena;
  g_autofree float *out = g_new (float, channels * (FRAMES + KROMO_QUANTUM));
  double worst = 0.0;
  gpointer memory;

  g_assert_true (kromo_bank_compile (f->bank, &layout, NULL));
  kromo_graph_plan (f->graph, &layout);
  memory = g_aligned_alloc0 (1, layout.state + layout.scratch + KROMO_ALIGNMENT, KROMO_ALIGNMENT);
  arena.state = memory;
  arena.scratch = arena.state + layout.state;
  g_assert_true (kromo_graph_prepare (f->graph, NULL, NULL, NULL));
  kromo_bank_reset (f->bank, &arena);
  kromo_graph_reset (f->graph, &arena);
  for (guint b = 0; b * KROMO_QUANTUM < FRAMES; b++) {
    float *planes[KROMO_MAX_CHANNELS];

    for (guint c = 0; c < channels; c++)
      planes[c] = out + c * (FRAMES + KROMO_QUANTUM) + b * KROMO_QUANTUM;
    kromo_graph_run (f->graph, &arena, b, planes);
  }
  for (guint c = 0; c < channels; c++) {
    g_autofree char *file = g_strdup_printf ("%s.%u", name, c);
    g_autofree float *expected = load (file);

    for (guint i = 0; i < FRAMES; i++) {
      const double error = fabs ((double) out[c * (FRAMES + KROMO_QUANTUM) + i] - expected[i]);

      if (error > tolerance)
        g_error ("%s: frame %u is %.9g, expected %.9g", file, i,
            out[c * (FRAMES + KROMO_QUANTUM) + i], expected[i]);
      worst = fmax (worst, error);
    }
  }
  g_test_message ("%s: greatest error %g", name, worst);
  g_aligned_free (memory);
  kromo_graph_free (f->graph);
  kromo_bank_unref (f->bank);
  g_ptr_array_unref (f->arrays);
}

static void
test_gain_curve (void)
{
  Fixture f;
  KromoNode *gain = kromo_gain_new ();

  setup (&f, 1);
  curve (&f, &gain->params[KROMO_GAIN_GAIN], "curve_sin");
  kromo_graph_connect (f.graph, f.x, add (&f, gain));
  check (&f, "gain_curve", 1, 0.0);
}

/* A constant source is a buffer of ones through a gain that has its offset's events. */
static void
check_offset (Fixture *f, KromoNode *offset, const char *name)
{
  float *ones = g_new (float, FRAMES);
  KromoView view;

  for (guint i = 0; i < FRAMES; i++)
    ones[i] = 1.0f;
  g_ptr_array_add (f->arrays, ones);
  kromo_view_init_memory (&view, ones, FRAMES);
  kromo_graph_connect (f->graph,
      kromo_graph_add (f->graph, kromo_buffer_source_new (&view, FALSE)), add (f, offset));
  check (f, name, 1, 0.0);
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
  KromoNode *biquad = kromo_biquad_new (type, RATE);
  g_autofree char *name = g_strconcat ("biquad_", names[type], NULL);
  Fixture f;

  setup (&f, 1);
  curve (&f, &biquad->params[KROMO_BIQUAD_FREQUENCY], "curve_freq");
  kromo_param_plan_set_value (&biquad->params[KROMO_BIQUAD_Q], 3.0);
  kromo_param_plan_set_value (&biquad->params[KROMO_BIQUAD_GAIN], 6.0);
  kromo_param_plan_set_value (&biquad->params[KROMO_BIQUAD_DETUNE], 50.0);
  kromo_graph_connect (f.graph, f.x, add (&f, biquad));
  check (&f, name, 1, 0.0);
}

static guint
add_delay (Fixture *f, double time, const char *time_curve)
{
  KromoNode *writer, *reader;
  guint delay;

  kromo_delay_new (1.0, &writer, &reader);
  if (time_curve != NULL)
    curve (f, &reader->params[KROMO_DELAY_DELAY_TIME], time_curve);
  else
    kromo_param_plan_set_value (&reader->params[KROMO_DELAY_DELAY_TIME], time);
  delay = kromo_graph_add_delay (f->graph, writer, reader);
  kromo_graph_connect (f->graph, delay, KROMO_GRAPH_DESTINATION);
  return delay;
}

static void
test_delay (void)
{
  Fixture f;

  setup (&f, 1);
  kromo_graph_connect (f.graph, f.x, add_delay (&f, 0.0123456, NULL));
  check (&f, "delay_const", 1, 0.0);
}

static void
test_delay_curve (void)
{
  Fixture f;

  setup (&f, 1);
  kromo_graph_connect (f.graph, f.x, add_delay (&f, 0.0, "curve_delay"));
  check (&f, "delay_curve", 1, 0.0);
}

static void
test_comb (void)
{
  Fixture f;
  KromoNode *gain = kromo_gain_new ();
  guint delay, feedback;

  setup (&f, 1);
  kromo_param_plan_set_value (&gain->params[KROMO_GAIN_GAIN], 0.6);
  delay = add_delay (&f, 0.0123456, NULL);
  feedback = kromo_graph_add (f.graph, gain);
  kromo_graph_connect (f.graph, f.x, delay);
  kromo_graph_connect (f.graph, delay, feedback);
  kromo_graph_connect (f.graph, feedback, delay);
  check (&f, "comb", 1, 0.0);
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
  add (&f, source);
  check (&f, "src_rate", 1, 0.0);
}

static const char *shapes[] = { "sine", "square", "sawtooth", "triangle" };

static void
test_oscillator (gconstpointer data)
{
  const KromoShape shape = GPOINTER_TO_UINT (data);
  KromoNode *depth = kromo_gain_new ();
  g_autofree char *name = g_strconcat ("osc_", shapes[shape], NULL);
  Fixture f;
  guint gain;

  setup (&f, 1);
  kromo_param_plan_set_value (&depth->params[KROMO_GAIN_GAIN], 300.0);
  gain = kromo_graph_add (f.graph, depth);
  kromo_graph_connect (f.graph, f.x, gain);
  kromo_graph_connect_param (f.graph, gain, add (&f, kromo_oscillator_new (shape, RATE)),
      KROMO_OSCILLATOR_FREQUENCY);
  check (&f, name, 1, 0.0);
}

/* Through zero: the modulator is a 100 Hz oscillator. */
static void
test_oscillator_negative (gconstpointer data)
{
  const KromoShape shape = GPOINTER_TO_UINT (data);
  KromoNode *modulator = kromo_oscillator_new (KROMO_SHAPE_SINE, RATE);
  KromoNode *depth = kromo_gain_new ();
  g_autofree char *name = g_strconcat ("osc_neg_", shapes[shape], NULL);
  Fixture f;
  guint gain, source;

  setup (&f, 1);
  kromo_param_plan_set_value (&modulator->params[KROMO_OSCILLATOR_FREQUENCY], 100.0);
  kromo_param_plan_set_value (&depth->params[KROMO_GAIN_GAIN], 2000.0);
  source = kromo_graph_add (f.graph, modulator);
  gain = kromo_graph_add (f.graph, depth);
  kromo_graph_connect (f.graph, source, gain);
  kromo_graph_connect_param (f.graph, gain, add (&f, kromo_oscillator_new (shape, RATE)),
      KROMO_OSCILLATOR_FREQUENCY);
  check (&f, name, 1, 0.0);
}

/* The vector's input is x and y as one stereo signal. */
typedef struct {
  const float *x, *y;
} StereoSource;

static void
stereo_process (const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const StereoSource *source = node->config;
  const guint64 start = run->block * KROMO_QUANTUM;
  const gsize n = MIN (FRAMES - start, KROMO_QUANTUM);

  memset (own, 0, 2 * KROMO_QUANTUM * sizeof (float));
  memcpy (own, source->x + start, n * sizeof (float));
  memcpy (own + KROMO_QUANTUM, source->y + start, n * sizeof (float));
  kromo_bus_set_zero (out, 2);
  kromo_bus_set_channel (out, 0, own);
  kromo_bus_set_channel (out, 1, own + KROMO_QUANTUM);
}

static guint
two_channels (guint max_in)
{
  return 2;
}

static const KromoNodeClass stereo_class = {
  .name = "stereo source",
  .process = stereo_process,
  .is_source = TRUE,
  .max_out = two_channels,
};

static void
test_compressor (void)
{
  KromoNode *node = g_new0 (KromoNode, 1);
  StereoSource *source = g_new0 (StereoSource, 1);
  Fixture f;

  setup (&f, 2);
  source->x = view_of (&f, "in_x").memory;
  source->y = view_of (&f, "in_y").memory;
  node->klass = &stereo_class;
  node->config = source;
  kromo_graph_connect (
      f.graph, kromo_graph_add (f.graph, node), add (&f, kromo_compressor_new ()));
  check (&f, "comp", 2, 0.0);
}

static void
check_shaper (guint oversample, double gain_value, const char *name, double tolerance)
{
  KromoNode *gain = kromo_gain_new ();
  KromoView values;
  Fixture f;
  guint louder;

  setup (&f, 1);
  values = view_of (&f, "curve_sin");
  kromo_param_plan_set_value (&gain->params[KROMO_GAIN_GAIN], gain_value);
  louder = kromo_graph_add (f.graph, gain);
  kromo_graph_connect (f.graph, f.x, louder);
  kromo_graph_connect (
      f.graph, louder, add (&f, kromo_wave_shaper_new (&values, oversample)));
  check (&f, name, 1, tolerance);
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
  kromo_graph_connect (f.graph, f.x, add (&f, kromo_convolver_new (&response, &response, TRUE)));
  check (&f, "conv", 1, 5e-6);
}

static void
test_merger (void)
{
  Fixture f;
  guint merger;

  setup (&f, 1);
  merger = add (&f, kromo_merger_new ());
  kromo_graph_connect (f.graph, f.x, merger);
  kromo_graph_connect (f.graph, f.y, merger);
  check (&f, "merger_mono", 1, 0.0);
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
