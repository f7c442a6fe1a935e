/* What each audio node costs alone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * ns a frame of a graph that is one node behind a buffer source (or an oscillator, which needs none),
 * beside that of the reference's audio graph (web-audio-api-rs), which has the
 * source in it likewise. Signals, curves and responses lie in memory.
 */
#include "bench-common.h"
#include "graph/graph.h"
#include "nodes/nodes.h"

#include <math.h>

#define RATE 48000
#define SHAPER_POINTS 48000

static char *filter = NULL;
static int seconds = 60;
static int runs = 5;

static const GOptionEntry options[] = {
  { "filter", 'f', 0, G_OPTION_ARG_STRING, &filter, "Only nodes whose name contains TEXT", "TEXT" },
  { "seconds", 's', 0, G_OPTION_ARG_INT, &seconds, "Length of the sound (60)", "N" },
  { "runs", 'r', 0, G_OPTION_ARG_INT, &runs, "Runs, of which the median counts (5)", "N" },
  { NULL },
};

typedef struct {
  KromoBank *bank;
  KromoGraph *graph;
  GPtrArray *arrays;
  guint source;
} Fixture;

typedef struct {
  const char *name;
  double reference; /* ns a frame; 0: not known */
  gboolean needs_source;
  void (*add) (Fixture *f, guint variant);
  guint variant;
} Case;

/* ---- signals ---- */

static KromoView
keep (Fixture *f, float *values, gsize n)
{
  KromoView view;

  g_ptr_array_add (f->arrays, values);
  kromo_view_init_memory (&view, values, n);
  return view;
}

/* Noise at half of full scale: never silent, never the same. */
static KromoView
make_noise (Fixture *f, gsize n)
{
  float *values = g_new (float, n);
  guint32 x = 1;

  for (gsize i = 0; i < n; i++) {
    x = x * 1664525u + 1013904223u;
    values[i] = (float) ((gint32) x) * 0x1p-32f;
  }
  return keep (f, values, n);
}

/* Seven waves of a sine between @low and @high. */
static KromoView
make_wave (Fixture *f, gsize n, double low, double high)
{
  float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = (float) (low + (high - low) * (0.5 + 0.5 * sin (7.0 * 2.0 * G_PI * i / n)));
  return keep (f, values, n);
}

static void
set_curve (Fixture *f, KromoParamPlan *plan, double low, double high)
{
  const KromoView view = make_wave (f, (gsize) seconds * RATE, low, high);

  kromo_param_plan_curve (plan, &view, 0.0, seconds);
}

/* ---- graphs ---- */

static guint
add_behind_source (Fixture *f, KromoNode *node)
{
  const guint handle = kromo_graph_add (f->graph, node);

  kromo_graph_connect (f->graph, f->source, handle);
  kromo_graph_connect (f->graph, handle, KROMO_GRAPH_DESTINATION);
  return handle;
}

static void
add_source (Fixture *f, guint variant)
{
  kromo_graph_connect (f->graph, f->source, KROMO_GRAPH_DESTINATION);
}

static KromoNode *
make_gain (double value)
{
  KromoNode *gain = kromo_gain_new ();

  kromo_param_plan_set_value (&gain->params[KROMO_GAIN_GAIN], value);
  return gain;
}

static void
add_series (Fixture *f, guint n, double value)
{
  guint last = f->source;

  for (guint i = 0; i < n; i++) {
    const guint gain = kromo_graph_add (f->graph, make_gain (value));

    kromo_graph_connect (f->graph, last, gain);
    last = gain;
  }
  kromo_graph_connect (f->graph, last, KROMO_GRAPH_DESTINATION);
}

static void
add_gains (Fixture *f, guint n)
{
  add_series (f, n, 0.99);
}

static void
add_unity_gains (Fixture *f, guint n)
{
  add_series (f, n, 1.0);
}

static void
add_gain_curve (Fixture *f, guint variant)
{
  KromoNode *gain = kromo_gain_new ();

  set_curve (f, &gain->params[KROMO_GAIN_GAIN], 0.1, 0.9);
  add_behind_source (f, gain);
}

static void
add_oscillator (Fixture *f, guint shape)
{
  kromo_graph_connect (f->graph, kromo_graph_add (f->graph, kromo_oscillator_new (shape, RATE)),
      KROMO_GRAPH_DESTINATION);
}

static void
add_modulated (Fixture *f, guint shape)
{
  const guint oscillator = kromo_graph_add (f->graph, kromo_oscillator_new (shape, RATE));

  kromo_graph_connect_param (f->graph, f->source, oscillator, KROMO_OSCILLATOR_FREQUENCY);
  kromo_graph_connect (f->graph, oscillator, KROMO_GRAPH_DESTINATION);
}

static void
add_biquad (Fixture *f, guint has_curve)
{
  KromoNode *biquad = kromo_biquad_new (KROMO_FILTER_LOWPASS, RATE);

  if (has_curve)
    set_curve (f, &biquad->params[KROMO_BIQUAD_FREQUENCY], 200.0, 8000.0);
  else
    kromo_param_plan_set_value (&biquad->params[KROMO_BIQUAD_FREQUENCY], 1000.0);
  add_behind_source (f, biquad);
}

static void
add_delay (Fixture *f, guint has_curve)
{
  KromoNode *writer, *reader;
  guint delay;

  kromo_delay_new (1.0, &writer, &reader);
  if (has_curve)
    set_curve (f, &reader->params[KROMO_DELAY_DELAY_TIME], 0.01, 0.03);
  else
    kromo_param_plan_set_value (&reader->params[KROMO_DELAY_DELAY_TIME], 0.0123456);
  delay = kromo_graph_add_delay (f->graph, writer, reader);
  kromo_graph_connect (f->graph, f->source, delay);
  kromo_graph_connect (f->graph, delay, KROMO_GRAPH_DESTINATION);
}

static void
add_compressor (Fixture *f, guint variant)
{
  add_behind_source (f, kromo_compressor_new ());
}

static void
add_shaper (Fixture *f, guint oversample)
{
  const KromoView curve = make_wave (f, SHAPER_POINTS, -1.0, 1.0);

  add_behind_source (f, kromo_wave_shaper_new (&curve, oversample));
}

static void
add_convolver (Fixture *f, guint n_seconds)
{
  const KromoView response = make_noise (f, (gsize) n_seconds * RATE);

  add_behind_source (f, kromo_convolver_new (&response, TRUE));
}

/* Waves, each through a gain with a curve, into a merger; of an additive node (@has_levels), partials through one more
 * gain each. Its sources are its own. */
static void
add_composite (Fixture *f, guint n, gboolean has_levels)
{
  const guint merger = kromo_graph_add (f->graph, kromo_merger_new ());
  const KromoView noise = make_noise (f, (gsize) seconds * RATE);

  for (guint i = 0; i < n; i++) {
    const guint source = kromo_graph_add (f->graph, kromo_buffer_source_new (&noise, FALSE));
    KromoNode *envelope = kromo_gain_new ();
    guint gain;

    set_curve (f, &envelope->params[KROMO_GAIN_GAIN], 0.5, 1.0);
    gain = kromo_graph_add (f->graph, envelope);
    kromo_graph_connect (f->graph, source, gain);
    if (has_levels) {
      const guint level = kromo_graph_add (f->graph, make_gain (0.9));

      kromo_graph_connect (f->graph, gain, level);
      gain = level;
    }
    kromo_graph_connect (f->graph, gain, merger);
  }
  kromo_graph_connect (f->graph, merger, KROMO_GRAPH_DESTINATION);
}

static void
add_wavetable (Fixture *f, guint n)
{
  add_composite (f, n, FALSE);
}

static void
add_additive (Fixture *f, guint n)
{
  add_composite (f, n, TRUE);
}

static const Case cases[] = {
  { "buffer source", 3.4, TRUE, add_source, 0 },
  { "gain", 4.0, TRUE, add_gains, 1 },
  { "gain, value curve", 17.9, TRUE, add_gain_curve, 0 },
  { "100 gains of 1 in series", 0.0, TRUE, add_unity_gains, 100 },
  { "100 gains in series", 93.0, TRUE, add_gains, 100 },
  { "oscillator, sine", 11.5, FALSE, add_oscillator, KROMO_SHAPE_SINE },
  { "oscillator, square", 0.0, FALSE, add_oscillator, KROMO_SHAPE_SQUARE },
  { "oscillator, sawtooth", 22.1, FALSE, add_oscillator, KROMO_SHAPE_SAWTOOTH },
  { "oscillator, triangle", 0.0, FALSE, add_oscillator, KROMO_SHAPE_TRIANGLE },
  { "sine, audio-rate frequency", 31.0, TRUE, add_modulated, KROMO_SHAPE_SINE },
  { "biquad", 21.8, TRUE, add_biquad, FALSE },
  { "biquad, frequency curve", 72.2, TRUE, add_biquad, TRUE },
  { "delay", 11.5, TRUE, add_delay, FALSE },
  { "delay, value curve", 28.0, TRUE, add_delay, TRUE },
  { "compressor", 39.2, TRUE, add_compressor, 0 },
  { "wave shaper, 48000 points", 22.3, TRUE, add_shaper, 1 },
  { "the same, 4x oversampled", 0.0, TRUE, add_shaper, 4 },
  { "wavetable of 16 waves", 0.0, FALSE, add_wavetable, 16 },
  { "additive of 16 partials", 0.0, FALSE, add_additive, 16 },
  { "convolver, response of 1 s", 146.0, TRUE, add_convolver, 1 },
  { "convolver, response of 10 s", 939.0, TRUE, add_convolver, 10 },
};

/* ---- measuring ---- */

static void
setup (Fixture *f, const Case *c)
{
  const gsize n = (gsize) seconds * RATE;
  const KromoSpan span = { n, RATE, 1.0 };
  KromoView noise;

  f->bank = kromo_bank_new (&span);
  f->graph = kromo_graph_new (RATE, 1, f->bank);
  f->arrays = g_ptr_array_new_with_free_func (g_free);
  noise = make_noise (f, n);
  f->source = kromo_graph_add (f->graph, kromo_buffer_source_new (&noise, FALSE));
  c->add (f, c->variant);
}

static void
teardown (Fixture *f)
{
  kromo_graph_free (f->graph);
  kromo_bank_unref (f->bank);
  g_ptr_array_unref (f->arrays);
}

/* Seconds for the whole sound. */
static double
run (const Fixture *f, const KromoArena *arena)
{
  const guint64 n_blocks = (guint64) seconds * RATE / KROMO_QUANTUM;
  float samples[KROMO_QUANTUM];
  float *const out[] = { samples };
  double start;

  kromo_bank_reset (f->bank, arena);
  kromo_graph_reset (f->graph, arena);
  start = bench_cpu_time ();
  for (guint64 block = 0; block < n_blocks; block++)
    kromo_graph_run (f->graph, arena, block, out);
  return bench_cpu_time () - start;
}

/* ns a frame. */
static BenchFigures
measure (const Case *c)
{
  g_autofree double *times = g_new (double, runs);
  KromoLayout layout = { 0, 0 };
  KromoArena arena;
  Fixture f;

  setup (&f, c);
  g_assert_true (kromo_bank_compile (f.bank, &layout, NULL));
  kromo_graph_plan (f.graph, &layout);
  arena.state =
      g_aligned_alloc0 (1, layout.state + layout.scratch + KROMO_ALIGNMENT, KROMO_ALIGNMENT);
  arena.scratch = arena.state + layout.state;
  g_assert_true (kromo_graph_prepare (f.graph, &arena, NULL, NULL, NULL));
  for (int i = 0; i < runs; i++)
    times[i] = run (&f, &arena) / ((double) seconds * RATE) * 1e9;
  g_aligned_free (arena.state);
  teardown (&f);
  return bench_summarize (times, runs);
}

static void
print_row (const Case *c, BenchFigures figures, double source_ns)
{
  const double ns = figures.median;

  g_print (
      "%-32s%10.2f%10.2f%12.2f", c->name, figures.best, ns, c->needs_source ? ns - source_ns : ns);
  if (c->reference > 0.0)
    g_print ("%12.1f%10.1f\n", c->reference, c->reference / ns);
  else
    g_print ("%12s%10s\n", "-", "-");
}

int
main (int argc, char **argv)
{
  double source_ns;

  bench_parse_options (&argc, &argv, options, "Times single audio nodes.");
  runs = MAX (runs, 1);
  seconds = CLAMP (seconds, 1, 600);
  bench_print_machine ("of the one thread's CPU");
  source_ns = measure (&cases[0]).median;
  g_print (
      "%d s of sound at 48 kHz, mono, medians of %d runs, ns a frame. The reference's figures are "
      "another run's and have the\nsource in them, as our best and median; goal: twice as "
      "fast, 5 times where it is a gain, the last one <= 150 ns.\n\n",
      seconds, runs);
  g_print (
      "%-32s%10s%10s%12s%12s%10s\n", "node", "best", "median", "less source", "reference", "times");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    if (filter == NULL || g_strrstr (cases[i].name, filter) != NULL)
      print_row (&cases[i], measure (&cases[i]), source_ns);
  }
  g_free (filter);
  return 0;
}
