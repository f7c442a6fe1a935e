/* Compiled CPPNs against evaluators written from the rules in 1-GENOME 1.2 and 2-RENDERING 2.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Two oracles, one in long double and one in plain double with libm's functions. A random network may be
 * chaotic, or a point may lie at a discontinuity; then errors of the last bit are magnified and nothing
 * can be said. Such points are recognized by the oracles alone (they differ by more than 1e-10, or an
 * argument is within 1e-9 of a discontinuity), skipped, and must be few.
 */
#include "activations.h"
#include "cppn/program.h"

#include <math.h>
#include <string.h>

static const KromoSpan span = { 96000, 48000, 0.8 };

/* ---- networks ---- */

static void
init_network (KromoNetwork *network, guint n_bias, guint n_outputs, guint n_hidden)
{
  network->n_bias = n_bias;
  network->n_inputs = 2;
  network->n_outputs = n_outputs;
  network->n_nodes = n_bias + 2 + n_outputs + n_hidden;
  network->activations = g_new0 (guint8, network->n_nodes);
  network->n_connections = 0;
  network->connections = NULL;
}

static void
clear_network (KromoNetwork *network)
{
  g_free (network->activations);
  g_free (network->connections);
}

static void
connect (KromoNetwork *network, guint source, guint target, double weight)
{
  guint n = network->n_connections++;

  if ((n & (n - 1)) == 0)
    network->connections = g_renew (KromoNetworkConnection, network->connections, MAX (2 * n, 1));
  network->connections[n] = (KromoNetworkConnection){ source, target, weight };
}

static void
make_random (KromoNetwork *network, guint32 seed, gboolean smooth)
{
  static const guint8 smooth_ones[] = { KROMO_ACTIVATION_SINE, KROMO_ACTIVATION_SINE2,
    KROMO_ACTIVATION_COS, KROMO_ACTIVATION_ARCTAN, KROMO_ACTIVATION_BIPOLAR_SIGMOID,
    KROMO_ACTIVATION_PLAIN_SIGMOID, KROMO_ACTIVATION_GAUSSIAN, KROMO_ACTIVATION_LINEAR };
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  guint n_leaves;

  init_network (
      network, (guint) g_rand_int_range (rand, 0, 4), 6, (guint) g_rand_int_range (rand, 0, 25));
  n_leaves = network->n_bias + 2;
  for (guint i = n_leaves; i < network->n_nodes; i++) {
    guint n = (guint) g_rand_int_range (rand, 0, 7);

    network->activations[i] = smooth ? smooth_ones[g_rand_int_range (rand, 0, 8)]
                                     : (guint8) g_rand_int_range (rand, 0, KROMO_N_ACTIVATIONS);
    for (guint k = 0; k < n; k++) {
      guint source = (guint) g_rand_int_range (
          rand, 0, (gint) (g_rand_boolean (rand) ? n_leaves : network->n_nodes));

      connect (network, source, i, g_rand_double_range (rand, -1.5, 1.5));
      if (g_rand_int_range (rand, 0, 8) == 0) /* a duplicate */
        connect (network, source, i, network->connections[network->n_connections - 1].weight);
    }
  }
  /* Connections of different targets come interleaved. */
  for (guint i = network->n_connections; i > 1; i--) {
    guint k = (guint) g_rand_int_range (rand, 0, (gint) i);
    KromoNetworkConnection swap = network->connections[i - 1];

    network->connections[i - 1] = network->connections[k];
    network->connections[k] = swap;
  }
}

/* ---- the oracles ---- */

typedef struct {
  const KromoNetwork *network;
  guint8 *state; /* 0 new, 1 open, 2 done */
  long double *exact;
  double *plain;
  gboolean delicate;
} Oracle;

static long double
activate_exactly (guint activation, long double x)
{
  const long double pi = 3.14159265358979323846264338327950288L;

  switch (activation) {
  case KROMO_ACTIVATION_SINE:
    return sinl (x);
  case KROMO_ACTIVATION_SINE2:
    return sinl (2.0L * x);
  case KROMO_ACTIVATION_COS:
    return cosl (x);
  case KROMO_ACTIVATION_ARCTAN:
    return atanl (x);
  case KROMO_ACTIVATION_TRIANGLE:
    return 2.0L / pi * asinl (sinl (x));
  case KROMO_ACTIVATION_SAWTOOTH:
    return 2.0L * (x / (2.0L * pi) - floorl (0.5L + x / (2.0L * pi)));
  case KROMO_ACTIVATION_BIPOLAR_SIGMOID:
    return 2.0L / (1.0L + expl (-4.9L * x)) - 1.0L;
  case KROMO_ACTIVATION_PLAIN_SIGMOID:
    return 1.0L / (1.0L + expl (-x));
  case KROMO_ACTIVATION_GAUSSIAN:
    return 2.0L * expl (-((2.5L * x) * (2.5L * x))) - 1.0L;
  case KROMO_ACTIVATION_LINEAR:
    return fabsl (x);
  case KROMO_ACTIVATION_SPIKE:
    return fmodl (floorl (x), 2.0L) == 0.0L ? 1.0L - 2.0L * (x - floorl (x))
                                            : -1.0L + 2.0L * (x - floorl (x));
  case KROMO_ACTIVATION_STEP:
    return x <= 0.0L ? -1.0L : 1.0L;
  default:
    return 0.0L;
  }
}

/* How close x is to where the activation jumps, or where a triangle turns and its formula is coarse. */
static double
distance (guint activation, double x)
{
  switch (activation) {
  case KROMO_ACTIVATION_STEP:
    return x == 0.0 ? 1.0 : fabs (x); /* exactly 0 it only is where all is exact */
  case KROMO_ACTIVATION_SPIKE:
    return x == 0.0 ? 1.0 : fabs (x - rint (x));
  case KROMO_ACTIVATION_SAWTOOTH:
    return fabs (cos (0.5 * x));
  case KROMO_ACTIVATION_TRIANGLE:
    return 1e-4 * fabs (cos (x));
  default:
    return 1.0;
  }
}

static void
visit (Oracle *oracle, guint node)
{
  const KromoNetwork *network = oracle->network;
  long double exact = 0;
  double plain = 0;

  oracle->state[node] = 1;
  for (guint i = 0; i < network->n_connections; i++) {
    const KromoNetworkConnection *connection = &network->connections[i];

    if (connection->target != node)
      continue;
    if (oracle->state[connection->source] == 0)
      visit (oracle, connection->source);
    if (oracle->state[connection->source] == 1)
      continue;
    exact += connection->weight * oracle->exact[connection->source];
    plain += connection->weight * oracle->plain[connection->source];
  }
  if (distance (network->activations[node], plain) < 1e-9)
    oracle->delicate = TRUE;
  oracle->exact[node] = activate_exactly (network->activations[node], exact);
  oracle->plain[node] = activation_formula (network->activations[node], plain);
  oracle->state[node] = 2;
}

/* All outputs at one frame. */
static void
consult (Oracle *oracle, const KromoNetwork *network, double frequency, double frame)
{
  double m = span.n_frames > 1 ? -1 + (frame / (double) (span.n_frames - 1)) * 2 : -1;
  double p = frequency * ((double) span.n_frames / span.rate), angle = p * m;
  guint n_leaves = network->n_bias + 2;

  oracle->network = network;
  oracle->delicate = FALSE;
  memset (oracle->state, 0, network->n_nodes);
  for (guint i = 0; i < n_leaves; i++) {
    oracle->state[i] = 2;
    oracle->exact[i] = oracle->plain[i] = 1;
  }
  oracle->exact[network->n_bias] = sinl (angle) * span.velocity;
  oracle->plain[network->n_bias] = sin (angle) * span.velocity;
  oracle->exact[network->n_bias + 1] = oracle->plain[network->n_bias + 1] = m;
  for (guint i = 0; i < network->n_outputs; i++)
    if (oracle->state[n_leaves + i] == 0)
      visit (oracle, n_leaves + i);
}

/* ---- helpers ---- */

typedef struct {
  guint n_signals;
  float *data;
  float **values;
} Values;

static void
init_values (Values *values, guint n_signals)
{
  values->n_signals = n_signals;
  values->data = g_new (float, n_signals *KROMO_QUANTUM);
  values->values = g_new (float *, n_signals);
  memset (values->data, 0x77, n_signals * KROMO_QUANTUM * sizeof (float));
  for (guint i = 0; i < n_signals; i++)
    values->values[i] = values->data + i * KROMO_QUANTUM;
}

static void
clear_values (Values *values)
{
  g_free (values->data);
  g_free (values->values);
}

static void
eval (const KromoProgram *program, const double *frames, guint n, Values *values)
{
  gsize size = kromo_program_get_scratch_size (program);
  gpointer scratch = g_aligned_alloc (1, size, 64);

  memset (scratch, 0xff, size); /* NaN */
  kromo_program_eval (program, scratch, frames, n, values->values);
  g_aligned_free (scratch);
}

static float
eval_one (const KromoNetwork *network, guint output, double frequency, double frame)
{
  KromoSignal signal = { output, frequency };
  g_autoptr (KromoProgram) program = kromo_program_new (network, &signal, 1, &span);
  Values values;
  float value;

  init_values (&values, 1);
  eval (program, &frame, 1, &values);
  value = values.data[0];
  clear_values (&values);
  return value;
}

static gboolean
same_bits (const float *a, const float *b, guint n)
{
  return memcmp (a, b, n * sizeof *a) == 0;
}

/* ---- tests ---- */

static void
test_random (gconstpointer data)
{
  gboolean smooth = GPOINTER_TO_INT (data);
  static const double frequencies[] = { 440.0, 27.5, 3520.0 };
  KromoSignal signals[18];
  double frames[KROMO_QUANTUM], worst = 0;
  guint n_checked = 0, n_skipped = 0;
  g_autoptr (GRand) rand = g_rand_new_with_seed (99);

  for (guint i = 0; i < 18; i++)
    signals[i] = (KromoSignal){ i % 6, frequencies[i / 6] };
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    frames[i] = g_rand_int_range (rand, 0, 96000);
  frames[0] = 0;
  frames[1] = 95999;
  frames[2] = 0.5;

  for (guint32 seed = 0; seed < 300; seed++) {
    g_autoptr (KromoProgram) program = NULL;
    KromoNetwork network;
    Oracle oracle;
    Values values;

    make_random (&network, seed, smooth);
    init_values (&values, 18);
    oracle.state = g_new (guint8, network.n_nodes);
    oracle.exact = g_new (long double, network.n_nodes);
    oracle.plain = g_new (double, network.n_nodes);
    program = kromo_program_new (&network, signals, 18, &span);
    eval (program, frames, KROMO_QUANTUM, &values);

    for (guint f = 0; f < 3; f++) {
      for (guint i = 0; i < KROMO_QUANTUM; i += (i < 4 ? 1 : 7)) {
        consult (&oracle, &network, frequencies[f], frames[i]);
        for (guint k = 0; k < 6; k++) {
          guint node = network.n_bias + 2 + k;
          double error = fabs ((double) (values.values[f * 6 + k][i] - oracle.exact[node]));
          double scale = MAX (1.0, fabs (oracle.plain[node]));

          if (oracle.delicate || fabsl (oracle.exact[node] - oracle.plain[node]) > 1e-10L * scale) {
            n_skipped++;
            continue;
          }
          n_checked++;
          worst = MAX (worst, error / scale);
          if (!(error <= 1e-7 * scale))
            g_error ("network %u, output %u at frame %g, %g Hz: %.9g, not %.9g", seed, k, frames[i],
                frequencies[f], values.values[f * 6 + k][i], oracle.plain[node]);
        }
      }
    }
    g_free (oracle.state);
    g_free (oracle.exact);
    g_free (oracle.plain);
    clear_values (&values);
    clear_network (&network);
  }
  g_test_message ("%u points, %u skipped, worst %.3g (single precision rounds by 6e-8)", n_checked,
      n_skipped, worst);
  g_assert_cmpuint (n_skipped * 20, <, n_checked);
}

/* The bits depend on nothing but signal and frame. */
static void
test_independence (void)
{
  KromoSignal signals[12];
  double frames[KROMO_QUANTUM], other[KROMO_QUANTUM];
  guint n_kernels;
  const KromoKernels *const *kernels = kromo_kernels_list (&n_kernels);
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);

  for (guint i = 0; i < 12; i++)
    signals[i] = (KromoSignal){ i % 6, i % 4 < 2 ? 440.0 : 554.37 };
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    frames[i] = 7 + i * 500;

  for (guint32 seed = 1000; seed < 1060; seed++) {
    g_autoptr (KromoProgram) program = NULL;
    KromoNetwork network;
    Values all, some;
    guint begin, n;

    make_random (&network, seed, FALSE);
    init_values (&all, 12);
    init_values (&some, 12);
    program = kromo_program_new (&network, signals, 12, &span);
    eval (program, frames, KROMO_QUANTUM, &all);

    /* instruction sets */
    for (guint v = 0; v < n_kernels; v++) {
      const KromoKernels *kept = program->kernels;

      program->kernels = kernels[v];
      eval (program, frames, KROMO_QUANTUM, &some);
      g_assert_true (same_bits (all.data, some.data, 12 * KROMO_QUANTUM));
      program->kernels = kept;
    }

    /* chunks; nothing is written beyond them */
    for (begin = 0; begin < KROMO_QUANTUM; begin += n) {
      n = (guint) g_rand_int_range (rand, 1, 40);
      n = MIN (n, KROMO_QUANTUM - begin);
      memset (some.data, 0x77, sizeof (float) * 12 * KROMO_QUANTUM);
      eval (program, frames + begin, n, &some);
      for (guint k = 0; k < 12; k++) {
        g_assert_true (same_bits (all.values[k] + begin, some.values[k], n));
        for (guint i = n; i < KROMO_QUANTUM; i++) {
          guint32 untouched;

          memcpy (&untouched, &some.values[k][i], 4);
          g_assert_cmphex (untouched, ==, 0x77777777);
        }
      }
    }

    /* the other way round, among other frames, one of them with a huge sine argument */
    for (guint i = 0; i < KROMO_QUANTUM; i++)
      other[i] = i % 2 ? frames[KROMO_QUANTUM - 1 - i] : i == 64 ? 1e15 : -frames[i];
    eval (program, other, KROMO_QUANTUM, &some);
    for (guint k = 0; k < 12; k++)
      for (guint i = 1; i < KROMO_QUANTUM; i += 2)
        g_assert_true (same_bits (&all.values[k][KROMO_QUANTUM - 1 - i], &some.values[k][i], 1));

    /* each signal alone */
    for (guint k = 0; k < 12; k++) {
      g_autoptr (KromoProgram) alone = kromo_program_new (&network, signals + k, 1, &span);

      eval (alone, frames, KROMO_QUANTUM, &some);
      g_assert_true (same_bits (all.values[k], some.values[0], KROMO_QUANTUM));
    }
    clear_values (&all);
    clear_values (&some);
    clear_network (&network);
  }
}

/* Output = |weight * input|: the inputs, to the bit. */
static void
test_inputs (void)
{
  KromoNetwork network;
  const double m = -1 + (12345.0 / 95999) * 2, angle = 440.0 * 2.0 * m;
  KromoSpan one = { 1, 48000, 1 };
  KromoSignal signal = { 0, 440 };
  KromoProgram *program;
  Values values;

  init_network (&network, 1, 2, 0);
  network.activations[3] = network.activations[4] = KROMO_ACTIVATION_LINEAR;
  connect (&network, 2, 3, 1.0);
  connect (&network, 1, 4, 1.0);
  g_assert_cmpfloat (eval_one (&network, 0, 440, 12345), ==, (float) fabs (m));
  g_assert_cmpfloat (eval_one (&network, 0, 440, 0), ==, 1.0F);
  g_assert_cmpfloat (eval_one (&network, 0, 440, 95999), ==, 1.0F);
  g_assert_cmpfloat (eval_one (&network, 1, 440, 12345), ==, (float) fabs (sin (angle) * 0.8));
  g_assert_cmpfloat (eval_one (&network, 1, 0, 12345), ==, 0.0F);

  program = kromo_program_new (&network, &signal, 1, &one);
  init_values (&values, 1);
  eval (program, (double[]){ 0 }, 1, &values);
  g_assert_cmpfloat (values.data[0], ==, 1.0F);
  clear_values (&values);
  kromo_program_unref (program);
  clear_network (&network);
}

/* Every activation of nothing, of non-finite sums, and what is constant needs no code. */
static void
test_constants (void)
{
  static const float at_0[KROMO_N_ACTIVATIONS] = { 0, 0, 1, 0, 0, 0, -1, 1, 0, 0.5F, 1, 0, 0 };
  static const float at_infinity[KROMO_N_ACTIVATIONS] = { NAN, NAN, NAN, 1.57079633F, NAN, NAN, 1,
    NAN, 1, 1, -1, INFINITY, 0 };

  for (guint a = 0; a < KROMO_N_ACTIVATIONS; a++) {
    g_autoptr (KromoProgram) program = NULL;
    KromoSignal signal = { 0, 440 };
    KromoNetwork network;
    guint n_activations, n_multiply_adds;
    float value;

    init_network (&network, 3, 3, 1);
    for (guint i = 5; i < 9; i++)
      network.activations[i] = (guint8) a;
    g_assert_cmpfloat (eval_one (&network, 0, 440, 5), ==, at_0[a]);

    /* Output 1: infinity that depends on the ramp; output 2: a constant. */
    network.activations[8] = KROMO_ACTIVATION_LINEAR;
    connect (&network, 4, 8, 1.7e308);
    connect (&network, 4, 8, 1.7e308);
    connect (&network, 8, 6, 1.0);
    value = eval_one (&network, 1, 440, 0);
    g_assert_true (value == at_infinity[a] || (isnan (value) && isnan (at_infinity[a])));

    connect (&network, 0, 7, 0.25);
    connect (&network, 2, 7, 0.5);
    connect (&network, 1, 7, -0.125);
    g_assert_cmpfloat_with_epsilon (
        eval_one (&network, 2, 440, 5), (float) activation_formula (a, 0.625), 1e-7);
    signal.output = 2;
    program = kromo_program_new (&network, &signal, 1, &span);
    kromo_program_count (program, &n_activations, &n_multiply_adds);
    g_assert_cmpuint (n_activations + n_multiply_adds, ==, 0);
    clear_network (&network);
  }
}

/* Constants keep their places in a sum. */
static void
test_sum_order (void)
{
  KromoNetwork network;

  init_network (&network, 1, 3, 0);
  for (guint i = 3; i < 6; i++)
    network.activations[i] = KROMO_ACTIVATION_LINEAR;
  connect (&network, 0, 3, 1e17);
  connect (&network, 0, 3, -1e17);
  connect (&network, 2, 3, 1.0); /* 1e17 - 1e17 + m */
  connect (&network, 0, 4, 1e17);
  connect (&network, 2, 4, 1.0);
  connect (&network, 0, 4, -1e17); /* 1e17 + m - 1e17 */
  connect (&network, 2, 5, 1.0);
  connect (&network, 0, 5, 1e17);
  connect (&network, 0, 5, -1e17);
  g_assert_cmpfloat (eval_one (&network, 0, 440, 0), ==, 1.0F);
  g_assert_cmpfloat (eval_one (&network, 1, 440, 0), ==, 0.0F);
  g_assert_cmpfloat (eval_one (&network, 2, 440, 0), ==, 0.0F);
  clear_network (&network);
}

/* Node 3 is output 0, 4 output 1, 5 and 6 are hidden; all Linear; at frame 0, m is -1. */
static void
test_cycles (void)
{
  KromoNetwork network;

  init_network (&network, 1, 2, 2);
  for (guint i = 3; i < 7; i++)
    network.activations[i] = KROMO_ACTIVATION_LINEAR;
  connect (&network, 5, 3, 1.0); /* 3 <- 5 <- (m, 6, itself), 6 <- (5, bias), 4 <- (6, 3) */
  connect (&network, 5, 5, 100.0);
  connect (&network, 2, 5, 2.0);
  connect (&network, 6, 5, -0.5);
  connect (&network, 5, 6, 10.0);
  connect (&network, 0, 6, 3.0);
  connect (&network, 6, 4, 1.0);
  connect (&network, 3, 4, 1.0);
  /* From output 0: 5 is open when 6 asks for it, so 6 = 3, 5 = |-2 - 1.5|. */
  g_assert_cmpfloat (eval_one (&network, 0, 440, 0), ==, 3.5F);
  /* Output 1 alone is the same network: 6 stays 3, though a walk from output 1 would find 5 first. */
  g_assert_cmpfloat (eval_one (&network, 1, 440, 0), ==, 6.5F);
  clear_network (&network);
}

/* What depends on the ramp alone is computed once, what is equal is computed once, what is not needed not
 * at all. */
static void
test_sharing (void)
{
  KromoNetwork network;
  KromoSignal signals[] = { { 0, 440 }, { 0, 880 }, { 1, 440 }, { 1, 880 }, { 0, 440 } };
  const guint want[][2] = { { 3, 3 }, { 5, 5 }, { 5, 5 }, { 5, 5 }, { 5, 5 } };
  guint n_activations, n_multiply_adds;

  init_network (&network, 1, 3, 4);
  connect (&network, 2, 6, 1.0); /* hidden 6 and 7 are equal and on the ramp */
  connect (&network, 2, 7, 1.0);
  connect (&network, 1, 8, 1.0); /* 8 is on the sine */
  connect (&network, 8, 9, 1.0); /* 9 is not needed for 0 and 1 */
  connect (&network, 9, 5, 1.0);
  connect (&network, 6, 3, 2.0);
  connect (&network, 1, 3, 1.0); /* output 0: sine and ramp */
  connect (&network, 7, 4, 0.5); /* output 1: ramp */
  for (guint n = 1; n <= G_N_ELEMENTS (signals); n++) {
    g_autoptr (KromoProgram) program = kromo_program_new (&network, signals, n, &span);
    guint more = n > 2 ? 1 : 0;

    kromo_program_count (program, &n_activations, &n_multiply_adds);
    g_assert_cmpuint (n_activations, ==, want[n - 1][0] + more);
    g_assert_cmpuint (n_multiply_adds, ==, want[n - 1][1] + more);
    g_assert_cmpuint (kromo_program_get_n_signals (program), ==, n);
    g_assert_cmpuint (kromo_program_get_memory (program), >, 0);
    g_assert_cmpuint (kromo_program_get_scratch_size (program), <=, 5 * 1024);
  }
  clear_network (&network);
}

/* As deep as a network may be. */
static void
test_deep (void)
{
  KromoNetwork network;
  KromoSignal signal = { 0, 440 };
  g_autoptr (KromoProgram) program = NULL;
  double x;
  const guint n = KROMO_MAX_NETWORK_NODES;

  init_network (&network, 1, 1, n - 4);
  for (guint i = 3; i < n; i++) {
    network.activations[i] = KROMO_ACTIVATION_ARCTAN;
    if (i > 3 && i + 1 < n)
      connect (&network, i + 1, i, 1.1);
  }
  connect (&network, 4, 3, 1.0);
  connect (&network, 1, n - 1, 1.0);
  connect (&network, 3, n - 1, 1.0); /* and back */

  x = atan (sin (440.0 * 2.0 * -1.0) * 0.8);
  for (guint i = n - 2; i > 3; i--)
    x = atan (1.1 * x);
  g_assert_cmpfloat_with_epsilon (eval_one (&network, 0, 440, 0), atan (x), 1e-6);
  program = kromo_program_new (&network, &signal, 1, &span);
  g_assert_cmpuint (kromo_program_get_scratch_size (program), <=, 4 * 1024);
  clear_network (&network);
}

/* As wide as a network may be: all connections into one node. */
static void
test_wide (void)
{
  KromoNetwork network;
  double sum = 0;
  const guint n = 30000;

  init_network (&network, 1, 1, n);
  network.activations[3] = KROMO_ACTIVATION_LINEAR;
  for (guint i = 0; i < n; i++) {
    double weight = 1.0 + i * 1e-4;

    network.activations[4 + i] = KROMO_ACTIVATION_COS;
    connect (&network, 2, 4 + i, weight);
    connect (&network, 4 + i, 3, 1e-4);
    sum += 1e-4 * cos (-weight);
  }
  g_assert_cmpfloat_with_epsilon (eval_one (&network, 0, 440, 0), fabs (sum), 1e-6);
  clear_network (&network);
}

static void
test_references (void)
{
  KromoNetwork network;
  KromoSignal signal = { 0, 440 };
  KromoProgram *program;

  init_network (&network, 0, 1, 0);
  program = kromo_program_new (&network, &signal, 1, &span);
  g_assert_true (kromo_program_ref (program) == program);
  kromo_program_unref (program);
  g_assert_cmpuint (kromo_program_get_n_signals (program), ==, 1);
  kromo_program_unref (program);

  program = kromo_program_new (&network, NULL, 0, &span);
  g_assert_cmpuint (kromo_program_get_n_signals (program), ==, 0);
  kromo_program_unref (program);
  clear_network (&network);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/cppn/random/smooth", GINT_TO_POINTER (TRUE), test_random);
  g_test_add_data_func ("/cppn/random/all", GINT_TO_POINTER (FALSE), test_random);
  g_test_add_func ("/cppn/independence", test_independence);
  g_test_add_func ("/cppn/inputs", test_inputs);
  g_test_add_func ("/cppn/constants", test_constants);
  g_test_add_func ("/cppn/sum-order", test_sum_order);
  g_test_add_func ("/cppn/cycles", test_cycles);
  g_test_add_func ("/cppn/sharing", test_sharing);
  g_test_add_func ("/cppn/deep", test_deep);
  g_test_add_func ("/cppn/wide", test_wide);
  g_test_add_func ("/cppn/references", test_references);
  return g_test_run ();
}
