/* What the CPPN kernels and whole programs cost.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Prints ns a value for each kernel and instruction set, and ns a frame for programs made of them, with
 * the ratio to the bound that the kernels set.
 */
#include "cppn/program.h"

#include <string.h>

static const char *const names[KROMO_N_ACTIVATIONS] = { "Sine", "Sine2", "cos", "arctan",
  "triangle", "sawtooth", "StepFunction", "spike", "BipolarSigmoid", "PlainSigmoid", "Gaussian",
  "Linear", "NullFn" };

static double
seconds (void)
{
  return (double) g_get_monotonic_time () * 1e-6;
}

/* The best of several runs, in ns a value. @activation KROMO_N_ACTIVATIONS: two terms of a sum. */
static double
time_kernel (const KromoKernels *kernels, guint activation, double scale, gsize n)
{
  _Alignas(64) double registers[3][KROMO_QUANTUM];
  KromoTerm terms[2] = { { 0.3, 1 }, { 0.4, 2 } };
  double best = G_MAXDOUBLE, copy;
  const double *sources = (const double *) registers;
  guint rounds = kernels->name[0] == 'b' ? 50 : 1000;

  for (guint i = 0; i < KROMO_QUANTUM; i++)
    registers[1][i] = registers[2][i] = (double) ((i * 37) % 128) / 64.0 * scale - scale;
  for (guint run = 0; run < 60; run++) {
    double begin = seconds ();

    for (guint i = 0; i < rounds; i++) {
      if (activation == KROMO_N_ACTIVATIONS) {
        kernels->sum (registers[0], sources, 0.1, terms, 2, n);
      } else {
        memcpy (registers[0], registers[1], n * sizeof (double));
        kernels->activations[activation](registers[0], n);
      }
    }
    best = MIN (best, seconds () - begin);
  }
  best /= rounds * n * 1e-9;
  if (activation == KROMO_N_ACTIVATIONS)
    return best / 2;

  copy = G_MAXDOUBLE;
  for (guint run = 0; run < 60; run++) {
    double begin = seconds ();

    for (guint i = 0; i < rounds; i++) {
      memcpy (registers[0], registers[1], n * sizeof (double));
      __asm__ volatile("" : : "r"(registers) : "memory");
    }
    copy = MIN (copy, seconds () - begin);
  }
  return best - copy / (rounds * n * 1e-9);
}

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
time_program (const double *ns, double multiply_add, guint n_hidden, guint n_frequencies)
{
  const KromoSpan span = { 480000, 48000, 1 };
  KromoSignal *signals = g_new0 (KromoSignal, n_frequencies * 2);
  double frames[KROMO_QUANTUM], best = G_MAXDOUBLE, bound = 0, begin, compile;
  float **values = g_new (float *, n_frequencies * 2);
  KromoNetwork network;
  KromoProgram *program;
  gpointer scratch;
  guint n_activations, n_multiply_adds;

  make_network (&network, n_hidden, 1);
  for (guint i = 0; i < n_frequencies * 2; i++) {
    signals[i].output = i % 18;
    signals[i].frequency = 110.0 * (1 + i / 2);
    values[i] = g_new (float, KROMO_QUANTUM);
  }
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    frames[i] = i + 12345;
  begin = seconds ();
  for (guint i = 0; i < 20; i++)
    kromo_program_unref (kromo_program_new (&network, signals, n_frequencies * 2, &span));
  compile = (seconds () - begin) / 20;
  program = kromo_program_new (&network, signals, n_frequencies * 2, &span);
  scratch = g_aligned_alloc (1, kromo_program_get_scratch_size (program), 64);
  for (guint run = 0; run < 100; run++) {
    begin = seconds ();
    for (guint i = 0; i < 100; i++)
      kromo_program_eval (program, scratch, frames, KROMO_QUANTUM, values);
    best = MIN (best, seconds () - begin);
  }
  best /= 100 * KROMO_QUANTUM * 1e-9;

  kromo_program_count (program, &n_activations, &n_multiply_adds);
  for (guint i = 0; i < program->n_instructions; i++) {
    const KromoInstruction *instruction = &program->instructions[i];

    if (instruction->kind == KROMO_INSTRUCTION_INPUT)
      bound += ns[KROMO_ACTIVATION_SINE];
    else if (instruction->kind == KROMO_INSTRUCTION_NODE)
      bound += ns[instruction->activation];
  }
  bound += n_multiply_adds * multiply_add;
  g_print (
      "program: %u frequencies, %u activations, %u multiply-adds, %u registers, compiled in %.0f "
      "us: %.1f ns a frame, %.2f times its bound\n",
      n_frequencies, n_activations, n_multiply_adds, program->n_registers, compile * 1e6, best,
      best / bound);

  g_aligned_free (scratch);
  kromo_program_unref (program);
  for (guint i = 0; i < n_frequencies * 2; i++)
    g_free (values[i]);
  g_free (values);
  g_free (signals);
  g_free (network.activations);
  g_free (network.connections);
}

int
main (void)
{
  guint n;
  const KromoKernels *const *kernels = kromo_kernels_list (&n);
  double ns[3][KROMO_N_ACTIVATIONS + 1] = { { 0 } };

  g_print ("%-24s", "ns a value, |x| <= 4");
  for (guint k = 0; k < n; k++)
    g_print ("%10s", kernels[k]->name);
  g_print ("  blocks of 8\n");
  for (guint a = 0; a <= KROMO_N_ACTIVATIONS; a++) {
    g_print ("%-24s", a < KROMO_N_ACTIVATIONS ? names[a] : "multiply-add");
    for (guint k = 0; k < n; k++) {
      ns[k][a] = time_kernel (kernels[k], a, 4.0, KROMO_QUANTUM);
      g_print ("%10.3f", ns[k][a]);
    }
    g_print ("%10.3f\n", time_kernel (kernels[n - 1], a, 4.0, 8));
  }
  g_print ("%-24s", "Sine, |x| <= 1e12");
  for (guint k = 0; k < n; k++)
    g_print ("%10.3f", time_kernel (kernels[k], KROMO_ACTIVATION_SINE, 1e12, KROMO_QUANTUM));
  g_print ("\nprograms use %s\n", kromo_kernels_get ()->name);
  for (guint k = 0; k < n; k++) {
    if (kernels[k] != kromo_kernels_get ())
      continue;
    time_program (ns[k], ns[k][KROMO_N_ACTIVATIONS], 20, 1);
    time_program (ns[k], ns[k][KROMO_N_ACTIVATIONS], 20, 13);
    time_program (ns[k], ns[k][KROMO_N_ACTIVATIONS], 60, 37);
  }
  return 0;
}
