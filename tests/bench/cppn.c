/* What the CPPN kernels and whole programs cost.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * First ns a value for each kernel and instruction set. Then, for every genome of the parity data, what its
 * programs cost a frame, an output value, and against the arithmetic bound: their activations and
 * multiply-adds at the speeds of the kernels just measured. Last, the same for three networks that are
 * made up, larger than what evolution makes.
 */
#include "bench-common.h"
#include "cppn/program.h"
#include "graph/bank-private.h"
#include "render/build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 48000
#define MULTIPLY_ADD KROMO_N_ACTIVATIONS /* its place among the speeds */
#define INPUT (KROMO_N_ACTIVATIONS + 1)
#define N_SPEEDS (KROMO_N_ACTIVATIONS + 2)

static const char *const names[N_SPEEDS] = { "Sine", "Sine2", "cos", "arctan", "triangle",
  "sawtooth", "StepFunction", "spike", "BipolarSigmoid", "PlainSigmoid", "Gaussian", "Linear",
  "NullFn", "multiply-add", "input sine" };

static char *filter = NULL;
static double seconds = 10.0;
static int runs = 40;
static gboolean quiet = FALSE;

static const GOptionEntry options[] = {
  { "filter", 'f', 0, G_OPTION_ARG_STRING, &filter, "Only genomes whose id contains TEXT", "TEXT" },
  { "seconds", 's', 0, G_OPTION_ARG_DOUBLE, &seconds, "Length of the sounds (10)", "N" },
  { "runs", 'r', 0, G_OPTION_ARG_INT, &runs, "Runs, of which the median counts (40)", "N" },
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "No line for each genome", NULL },
  { NULL },
};

/* ---- kernels ---- */

typedef enum {
  ONE, /* an activation of a sum of one term */
  THREE,
  ANY, /* an activation in place, whatever the argument */
  SINE_INPUT,
  COPY
} What;

typedef struct {
  _Alignas(KROMO_BLOCK_ALIGN) double registers[4][KROMO_QUANTUM];
  const KromoKernels *kernels;
  What what;
  guint activation;
  gsize n;
} Kernel;

static void
run_kernel (Kernel *kernel, guint rounds)
{
  static const KromoTerm terms[3] = { { 0.9, 1 }, { 0.4, 2 }, { 0.2, 3 } };
  const KromoKernels *kernels = kernel->kernels;
  const double *sources = (const double *) kernel->registers;
  double *out = kernel->registers[0];

  for (guint i = 0; i < rounds; i++) {
    switch (kernel->what) {
    case ONE:
    case THREE:
      kernels->nodes[kernel->activation](
          out, sources, 0.1, terms, kernel->what == ONE ? 1 : 3, kernel->n);
      break;
    case SINE_INPUT:
      kernels->bounded_input (out, sources + KROMO_QUANTUM, 440.0, 1.0, kernel->n);
      break;
    case ANY:
    case COPY:
      memcpy (out, sources + KROMO_QUANTUM, kernel->n * sizeof (double));
      if (kernel->what == ANY)
        kernels->activations[kernel->activation](out, kernel->n);
      break;
    }
    __asm__ volatile("" : : "r"(kernel->registers) : "memory");
  }
}

/* The median of several runs, in ns a value. */
static double
time_rounds (Kernel *kernel, What what)
{
  const guint rounds = g_str_equal (kernel->kernels->name, "baseline") ? 10 : 200;
  g_autofree double *times = g_new (double, runs);

  kernel->what = what;
  for (int run = 0; run < runs; run++) {
    const double begin = bench_cpu_time ();

    run_kernel (kernel, rounds);
    times[run] = bench_cpu_time () - begin;
  }
  return bench_summarize (times, (guint) runs).median / (double) (rounds * kernel->n) * 1e9;
}

static void
init_kernel (Kernel *kernel, const KromoKernels *kernels, guint activation, double scale, gsize n)
{
  kernel->kernels = kernels;
  kernel->activation = activation;
  kernel->n = n;
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    kernel->registers[1][i] = kernel->registers[2][i] = kernel->registers[3][i] =
        (double) ((i * 37) % 128) / 64.0 * scale - scale;
}

/* What the kernel adds to a program: a multiply-add is what a further term adds to a BipolarSigmoid, the most
 * frequent activation, and an activation is what it takes with one term, without that term. Arguments
 * are in -4..4, those of triangles away from their peaks. */
static double
time_kernel (const KromoKernels *kernels, guint which, gsize n)
{
  Kernel kernel;
  double multiply_add;

  init_kernel (&kernel, kernels, KROMO_ACTIVATION_BIPOLAR_SIGMOID, 4.0, n);
  if (which == INPUT)
    return time_rounds (&kernel, SINE_INPUT);
  multiply_add = (time_rounds (&kernel, THREE) - time_rounds (&kernel, ONE)) / 2.0;
  if (which == MULTIPLY_ADD)
    return MAX (multiply_add, 0.0);
  init_kernel (&kernel, kernels, which, which == KROMO_ACTIVATION_TRIANGLE ? 1.4 : 4.0, n);
  return time_rounds (&kernel, ONE) - multiply_add;
}

/* An activation of arguments in -@scale..@scale in place, whatever they are. */
static double
time_any (const KromoKernels *kernels, guint activation, double scale)
{
  Kernel kernel;

  init_kernel (&kernel, kernels, activation, scale, KROMO_QUANTUM);
  return time_rounds (&kernel, ANY) - time_rounds (&kernel, COPY);
}

/* Of the kernels that programs use: to be measured again and again, since the machine's speed drifts. */
static void
time_speeds (double *speeds)
{
  for (guint which = 0; which < N_SPEEDS; which++)
    speeds[which] = time_kernel (kromo_kernels_get (), which, KROMO_QUANTUM);
}

static void
time_kernels (void)
{
  guint n;
  const KromoKernels *const *kernels = kromo_kernels_list (&n);

  g_print ("%-24s", "ns a value, |x| <= 4");
  for (guint k = 0; k < n; k++)
    g_print ("%10s", kernels[k]->name);
  g_print ("  blocks of 8   any argument\n");
  for (guint which = 0; which < N_SPEEDS; which++) {
    g_print ("%-24s", names[which]);
    for (guint k = 0; k < n; k++)
      g_print ("%10.3f", time_kernel (kernels[k], which, KROMO_QUANTUM));
    g_print ("%13.3f", time_kernel (kernels[n - 1], which, 8));
    if (which < KROMO_N_ACTIVATIONS)
      g_print ("%15.3f", time_any (kernels[n - 1], which, 4.0));
    g_print ("\n");
  }
  g_print ("%-24s", "Sine, |x| <= 1e12");
  for (guint k = 0; k < n; k++)
    g_print ("%10.3f", time_any (kernels[k], KROMO_ACTIVATION_SINE, 1e12));
  g_print ("\n\nPrograms use %s.\n", kromo_kernels_get ()->name);
}

/* ---- programs ---- */

/* What a frame costs. */
typedef struct {
  guint n_signals, n_activations, n_multiply_adds, n_registers;
  double ns, bound;
} Cost;

static double
get_bound (const KromoProgram *program, const double *speeds)
{
  double bound = program->n_terms * speeds[MULTIPLY_ADD];

  for (guint i = 0; i < program->n_instructions; i++) {
    const KromoInstruction *instruction = &program->instructions[i];

    if (instruction->kind == KROMO_INSTRUCTION_INPUT)
      bound += speeds[INPUT];
    else if (instruction->kind == KROMO_INSTRUCTION_NODE)
      bound += speeds[instruction->activation];
  }
  return bound;
}

/* Adds what @program costs on quanta from the middle of the sound. */
static void
time_program (const KromoProgram *program, const double *speeds, Cost *cost)
{
  const guint n_signals = kromo_program_get_n_signals (program), n_evals = 40;
  g_autofree float *data = g_new (float, (gsize) n_signals *KROMO_QUANTUM);
  g_autofree float **values = g_new (float *, n_signals);
  gpointer scratch =
      g_aligned_alloc (1, kromo_program_get_scratch_size (program), KROMO_BLOCK_ALIGN);
  g_autofree double *times = g_new (double, runs);
  double frame = floor (seconds * RATE / 2.0);
  guint n_activations, n_multiply_adds;

  for (guint i = 0; i < n_signals; i++)
    values[i] = data + (gsize) i * KROMO_QUANTUM;
  for (int run = 0; run < runs; run++) {
    const double begin = bench_cpu_time ();

    for (guint i = 0; i < n_evals; i++) {
      double frames[KROMO_QUANTUM];

      for (guint k = 0; k < KROMO_QUANTUM; k++)
        frames[k] = frame + k;
      frame += KROMO_QUANTUM;
      kromo_program_eval (program, scratch, frames, KROMO_QUANTUM, values);
    }
    times[run] = bench_cpu_time () - begin;
  }
  kromo_program_count (program, &n_activations, &n_multiply_adds);
  cost->n_signals += n_signals;
  cost->n_activations += n_activations;
  cost->n_multiply_adds += n_multiply_adds;
  cost->n_registers = MAX (cost->n_registers, program->n_registers);
  cost->ns += bench_summarize (times, (guint) runs).median / (n_evals * KROMO_QUANTUM) * 1e9;
  cost->bound += get_bound (program, speeds);
  g_aligned_free (scratch);
}

static void
print_cost (const char *id, const Cost *cost)
{
  g_print ("%-32s%8u%8u%8u%8u%10.1f%10.3f%10.1f%8.2f\n", id, cost->n_signals, cost->n_activations,
      cost->n_multiply_adds, cost->n_registers, cost->ns, cost->ns / cost->n_signals,
      cost->n_signals / cost->ns * 1e3, cost->ns / cost->bound);
}

/* ---- the parity data's genomes ---- */

static KromoBank *
make_bank (const BenchGenome *entry)
{
  KromoNote note = KROMO_NOTE_INIT;
  const KromoFormat format = { RATE, 1, KROMO_NORMALIZE_NONE, KROMO_RENDERING_REFERENCE };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) text = bench_load_genome (entry);
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome =
      kromo_genome_new_from_data (g_bytes_get_data (text, NULL), g_bytes_get_size (text), &error);
  g_autoptr (KromoGraph) graph = NULL;
  KromoBank *bank = NULL;
  KromoLayout layout = { 0, 0 };

  note.duration = (guint64) (seconds * 1e9);
  note.inharmonicity = entry->inharmonicity;
  if (genome != NULL)
    graph = kromo_build_graph (genome, &note, &format, kromo_count_frames (RATE, note.duration),
        &bank, &layout, warnings, NULL, &error);
  if (graph == NULL) {
    g_printerr ("%s: %s\n", entry->id, error->message);
    exit (1);
  }
  return bank;
}

static void
time_genomes (void)
{
  double speeds[N_SPEEDS];
  g_autoptr (GPtrArray) genomes = bench_list_genomes (filter);
  g_autofree double *per_value = g_new (double, genomes->len);
  g_autofree double *ratios = g_new (double, genomes->len);
  g_autofree double *per_frame = g_new (double, genomes->len);
  double sum = 0.0, sum_bound = 0.0;
  BenchFigures value, ratio, frame;
  guint n = 0;

  g_print ("%-32s%8s%8s%8s%8s%10s%10s%10s%8s\n", "genome", "signals", "activ.", "mult.", "regist.",
      "ns/frame", "ns/value", "Mvalues/s", "bound");
  for (guint i = 0; i < genomes->len; i++) {
    const BenchGenome *genome = g_ptr_array_index (genomes, i);
    g_autoptr (KromoBank) bank = make_bank (genome);
    Cost cost = { 0 };

    time_speeds (speeds);
    for (guint k = 0; k < bank->groups->len; k++)
      time_program (g_array_index (bank->groups, KromoBankGroup, k).program, speeds, &cost);
    if (!genome->evolved || cost.n_activations == 0)
      continue;
    if (!quiet)
      print_cost (genome->id, &cost);
    per_value[n] = cost.ns / cost.n_signals;
    per_frame[n] = cost.ns;
    ratios[n++] = cost.ns / cost.bound;
    sum += cost.ns;
    sum_bound += cost.bound;
  }
  value = bench_summarize (per_value, n);
  ratio = bench_summarize (ratios, n);
  frame = bench_summarize (per_frame, n);
  g_print ("%u evolved genomes, median and worst: %.1f and %.1f ns a frame (RTF %.5f and %.5f)\n",
      n, frame.median, frame.worst, frame.median * RATE * 1e-9, frame.worst * RATE * 1e-9);
  g_print ("an output value: %.3f and %.3f ns; output values a second and core: %.0f and %.0f "
           "million\n",
      value.median, value.worst, 1e3 / value.median, 1e3 / value.worst);
  g_print ("against the arithmetic bound: %.2f and %.2f times (goal 1.5); of all together %.2f "
           "times\n\n",
      ratio.median, ratio.worst, sum / sum_bound);
}

/* ---- made up ones ---- */

/* A network as evolution makes them: @n_hidden nodes of a few connections each. */
static void
make_network (KromoNetwork *network, guint n_hidden, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  static const KromoActivation usual[] = { KROMO_ACTIVATION_SINE, KROMO_ACTIVATION_SINE2,
    KROMO_ACTIVATION_BIPOLAR_SIGMOID, KROMO_ACTIVATION_BIPOLAR_SIGMOID, KROMO_ACTIVATION_TRIANGLE,
    KROMO_ACTIVATION_SAWTOOTH, KROMO_ACTIVATION_STEP, KROMO_ACTIVATION_BIPOLAR_SIGMOID };
  guint n = 3 + 18 + n_hidden, n_connections = 0;

  *network = (KromoNetwork){ .n_bias = 1, .n_inputs = 2, .n_outputs = 18, .n_nodes = n };
  network->activations = g_new0 (guint8, n);
  network->connections = g_new0 (KromoNetworkConnection, n * 3);
  for (guint i = 3; i < n; i++) {
    network->activations[i] = usual[g_rand_int_range (rand, 0, G_N_ELEMENTS (usual))];
    for (guint k = 0; k < 3; k++) {
      KromoNetworkConnection *connection = &network->connections[n_connections++];
      guint sources = i < 21 ? 3 + n_hidden : 3 + (i - 21);
      guint source = (guint) g_rand_int_range (rand, 0, (gint) sources);

      connection->target = i;
      connection->source = source < 3 ? source : source + 18;
      connection->weight = g_rand_double_range (rand, -3, 3);
    }
  }
  network->n_connections = n_connections;
}

static void
time_network (guint n_hidden, guint n_frequencies)
{
  double speeds[N_SPEEDS];
  const KromoSpan span = { (guint64) (seconds * RATE), RATE, 1 };
  g_autofree KromoSignal *signals = g_new0 (KromoSignal, n_frequencies * 2);
  g_autofree char *name = NULL;
  KromoNetwork network;
  KromoProgram *program;
  Cost cost = { 0 };
  double begin;

  make_network (&network, n_hidden, 1);
  for (guint i = 0; i < n_frequencies * 2; i++) {
    signals[i].output = i % 18;
    signals[i].frequency = 110.0 * (1 + i / 2);
  }
  begin = bench_cpu_time ();
  for (guint i = 0; i < 20; i++)
    kromo_program_unref (kromo_program_new (&network, signals, n_frequencies * 2, &span));
  name = g_strdup_printf ("made in %.0f us", (bench_cpu_time () - begin) / 20.0 * 1e6);
  program = kromo_program_new (&network, signals, n_frequencies * 2, &span);
  time_speeds (speeds);
  time_program (program, speeds, &cost);
  print_cost (name, &cost);
  kromo_program_unref (program);
  g_free (network.activations);
  g_free (network.connections);
}

int
main (int argc, char **argv)
{
  bench_parse_options (&argc, &argv, options, "Times the kernels and programs of the CPPNs.");
  runs = MAX (runs, 1);
  bench_print_machine ("of the one thread's CPU");
  time_kernels ();
  time_genomes ();
  time_network (20, 1);
  time_network (20, 13);
  time_network (60, 37);
  g_free (filter);
  return 0;
}
