/* The same bits from every instruction set, compiler and level of optimisation: what the CPPN kernels and
 * programs give, hashed and compared with literals.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A change of a kernel that is meant changes its literal, once; the failing test says what to. Points
 * are made without the C library's functions, whose last bits are not the same everywhere.
 */
#include "cppn/program.h"
#include "genome/hash.h"
#include "math/functions.h"

#include <float.h>

#define N_POINTS (KROMO_QUANTUM * 7813) /* a million */
#define N_PROGRAMS 20

static const double edges[] = { 0.0, 0x1p-1074, 1e-320, DBL_MIN, 1e-300, 1e-100, 1e-20, 1e-17,
  1e-16, 1e-9, 0.0625, 0.1, 0.25, 0.5, 0.5625, 1.0, 1.5, 1.5082963267948966, 1.5707963267948966,
  2.0, 3.0, 3.141592653589793, 4.0, 6.283185307179586, 7.0, 8.0, 22.0, 36.0, 100.0, 144.0, 145.0,
  599.0, 601.0, 707.9, 708.1, 709.782712893384, 709.7827128933841, 719.0, 721.0, 745.0, 746.0, 1e3,
  1e6, 1e9, 2e9, 4e9, 4294967295.5, 4294967296.0, 4294967296.5, 5e9, 1e13, 0x1p52, 0x1p53, 0x1p54,
  1e22, 1e100, 1e300, 0x1.6ac5b262ca1ffp+849, DBL_MAX, INFINITY, NAN };

/* Any double, and many of those that matter: @i is the number of the point. */
static double
make_point (guint i)
{
  const guint64 random = kromo_splitmix64 (i);
  const double unit = (double) (gint64) random * 0x1p-63; /* -1..1 */

  if (i < 2 * G_N_ELEMENTS (edges))
    return i % 2 == 0 ? edges[i / 2] : -edges[i / 2];
  switch (i % 8) {
  case 0:
    return 4.0 * unit;
  case 1:
    return 64.0 * unit;
  case 2:
    return 0x1p32 * unit;
  case 3: /* but no NaN that arithmetic would not make */
    return isnan (kromo_from_bits (random)) ? NAN : kromo_from_bits (random);
  case 4:
    return 2e13 * unit;
  case 5: /* near multiples of pi/2 */
    return kromo_from_bits (
        kromo_bits ((double) (gint32) random * (0.5 * KROMO_PI)) + (random >> 62));
  case 6:
    return 750.0 * unit;
  default: /* 2^-40 to 2^40 */
    return kromo_from_bits (
        (random & (KROMO_SIGN | ((UINT64_C (1) << 52) - 1))) | (983 + (random >> 52) % 80) << 52);
  }
}

static double
make_bounded (guint i)
{
  const double x = make_point (i);

  return fabs (x) <= 16.0 ? x : 16.0 * (double) (gint64) kromo_splitmix64 (i) * 0x1p-63;
}

/* The sign of a NaN is not always the same, and of no consequence. */
static guint64
hash_block (guint64 hash, const double *x)
{
  guint64 bits[KROMO_QUANTUM];

  for (guint i = 0; i < KROMO_QUANTUM; i++)
    bits[i] = isnan (x[i]) ? G_GUINT64_CONSTANT (0x7ff8000000000000) : kromo_bits (x[i]);
  return kromo_hash (hash, bits, sizeof bits);
}

static void
check_hash (const char *kernels, const char *what, guint64 hash, guint64 want)
{
  if (hash != want)
    g_error ("%s, %s: 0x%016" G_GINT64_MODIFIER "x, not 0x%016" G_GINT64_MODIFIER "x", what,
        kernels, hash, want);
}

/* ---- kernels ---- */

static const struct {
  const char *name;
  guint64 any, bounded; /* of activations, and of nodes */
} activations[KROMO_N_ACTIVATIONS] = {
  [KROMO_ACTIVATION_SINE] = { "sine", G_GUINT64_CONSTANT (0xe37512e81302ff79),
      G_GUINT64_CONSTANT (0x76651c1ca709dd0c) },
  [KROMO_ACTIVATION_SINE2] = { "sine2", G_GUINT64_CONSTANT (0xd2b3ae9ffcb99cb8),
      G_GUINT64_CONSTANT (0x5d3dd07d1e422feb) },
  [KROMO_ACTIVATION_COS] = { "cos", G_GUINT64_CONSTANT (0xadae1748fb9d2aa7),
      G_GUINT64_CONSTANT (0x30c34c212fdb477c) },
  [KROMO_ACTIVATION_ARCTAN] = { "arctan", G_GUINT64_CONSTANT (0x1e52d1bffe387664),
      G_GUINT64_CONSTANT (0xb9a65821425d273b) },
  [KROMO_ACTIVATION_TRIANGLE] = { "triangle", G_GUINT64_CONSTANT (0x7a090af951ddb7cc),
      G_GUINT64_CONSTANT (0x9f401d8f8b32ef7c) },
  [KROMO_ACTIVATION_SAWTOOTH] = { "sawtooth", G_GUINT64_CONSTANT (0x3eedfccb9f63c4b9),
      G_GUINT64_CONSTANT (0x7acf7a6f3e493be9) },
  [KROMO_ACTIVATION_STEP] = { "step", G_GUINT64_CONSTANT (0x308598cbc54e3280),
      G_GUINT64_CONSTANT (0x2cadff97e6cf0bae) },
  [KROMO_ACTIVATION_SPIKE] = { "spike", G_GUINT64_CONSTANT (0x84e33c65e433c7ec),
      G_GUINT64_CONSTANT (0xb5f6e23a55521952) },
  [KROMO_ACTIVATION_BIPOLAR_SIGMOID] = { "bipolar-sigmoid", G_GUINT64_CONSTANT (0xe6c65b218794f9c4),
      G_GUINT64_CONSTANT (0x7263f91695f47c1b) },
  [KROMO_ACTIVATION_PLAIN_SIGMOID] = { "plain-sigmoid", G_GUINT64_CONSTANT (0xd54a08321c121fe4),
      G_GUINT64_CONSTANT (0xc9c9d21a65628a31) },
  [KROMO_ACTIVATION_GAUSSIAN] = { "gaussian", G_GUINT64_CONSTANT (0xd1ac4e0aaca6a561),
      G_GUINT64_CONSTANT (0xf944bd4b86dfea5d) },
  [KROMO_ACTIVATION_LINEAR] = { "linear", G_GUINT64_CONSTANT (0xb3f071d21ff1dfae),
      G_GUINT64_CONSTANT (0x8d43eb4eddbd21f6) },
  [KROMO_ACTIVATION_NULL] = { "null", 0, G_GUINT64_CONSTANT (0x6274103c5d5416bf) },
};

static void
test_activation (gconstpointer data)
{
  const guint activation = GPOINTER_TO_UINT (data);
  guint n_kernels;
  const KromoKernels *const *kernels = kromo_kernels_list (&n_kernels);
  _Alignas(KROMO_BLOCK_ALIGN) double x[KROMO_QUANTUM];

  for (guint v = 0; v < n_kernels; v++) {
    guint64 hash = 0;

    for (guint i = 0; i < N_POINTS; i += KROMO_QUANTUM) {
      for (guint k = 0; k < KROMO_QUANTUM; k++)
        x[k] = make_point (i + k);
      kernels[v]->activations[activation](x, KROMO_QUANTUM);
      hash = hash_block (hash, x);
    }
    check_hash (kernels[v]->name, activations[activation].name, hash, activations[activation].any);
  }
}

/* Nodes have the bits of sum and activation, too. */
static void
test_node (gconstpointer data)
{
  static const KromoTerm terms[] = { { 1.3, 0 }, { -0.7, 1 }, { 0.9, 2 }, { 0.3, 1 }, { -1.1, 0 } };
  const guint activation = GPOINTER_TO_UINT (data);
  guint n_kernels;
  const KromoKernels *const *kernels = kromo_kernels_list (&n_kernels);
  _Alignas(KROMO_BLOCK_ALIGN) double registers[3][KROMO_QUANTUM];
  _Alignas(KROMO_BLOCK_ALIGN) double out[KROMO_QUANTUM], plain[KROMO_QUANTUM];
  const double *sources = (const double *) registers;

  for (guint v = 0; v < n_kernels; v++) {
    guint64 hash = 0;

    for (guint i = 0; i < N_POINTS; i += KROMO_QUANTUM) {
      const guint n_terms = i / KROMO_QUANTUM % 6, n = 8 + i / 64 % 16 * 8;

      for (guint k = 0; k < KROMO_QUANTUM; k++) {
        registers[0][k] = make_bounded (i + k);
        registers[1][k] = make_bounded (N_POINTS + i + k);
        registers[2][k] = make_bounded (2 * N_POINTS + i + k);
        out[k] = plain[k] = 7.0;
      }
      kernels[v]->nodes[activation](out, sources, 0.01, terms, n_terms, n);
      kernels[v]->sum (plain, sources, 0.01, terms, n_terms, n);
      kernels[v]->activations[activation](plain, n);
      g_assert_cmpmem (out, sizeof out, plain, sizeof plain);
      hash = hash_block (hash, out);
    }
    check_hash (
        kernels[v]->name, activations[activation].name, hash, activations[activation].bounded);
  }
}

static void
test_inputs (void)
{
  guint n_kernels;
  const KromoKernels *const *kernels = kromo_kernels_list (&n_kernels);
  _Alignas(KROMO_BLOCK_ALIGN) double m[KROMO_QUANTUM], x[KROMO_QUANTUM], bounded[KROMO_QUANTUM];
  float stored[KROMO_QUANTUM];

  for (guint v = 0; v < n_kernels; v++) {
    guint64 hash = 0;

    for (guint i = 0; i < 2000; i++) {
      const double phase = fabs (make_point (1000 + i));
      const double last = (double) (kromo_splitmix64 (i) >> (30 + i % 34));

      for (guint k = 0; k < KROMO_QUANTUM; k++)
        m[k] = floor (fabs (make_point (i * 8 + 8)) * 0.25 * last) + k * 0.5;
      kernels[v]->ramp (m, last, KROMO_QUANTUM);
      kernels[v]->input (x, m, phase, i % 3 == 0 ? 1.0 : 0.3, KROMO_QUANTUM);
      if (phase * KROMO_RAMP_BOUND <= KROMO_SINE_LIMIT && fabs (m[KROMO_QUANTUM - 1]) <= 2.0) {
        kernels[v]->bounded_input (bounded, m, phase, i % 3 == 0 ? 1.0 : 0.3, KROMO_QUANTUM);
        g_assert_cmpmem (x, sizeof x, bounded, sizeof bounded);
      }
      kernels[v]->store (stored, x, KROMO_QUANTUM);
      hash = kromo_hash (hash_block (hash_block (hash, m), x), stored, sizeof stored);
    }
    check_hash (
        kernels[v]->name, "ramp, input and store", hash, G_GUINT64_CONSTANT (0x3d8b47047f4d9f81));
  }
}

/* ---- programs ---- */

static void
make_network (KromoNetwork *network, guint seed)
{
  const guint n = 3 + 6 + 24, n_connections = (n - 3) * 4;

  *network = (KromoNetwork){ .n_bias = 1, .n_inputs = 2, .n_outputs = 6, .n_nodes = n };
  network->activations = g_new0 (guint8, n);
  network->connections = g_new (KromoNetworkConnection, n_connections);
  network->n_connections = n_connections;
  for (guint i = 0; i < n_connections; i++) {
    const guint64 random = kromo_splitmix64 (seed * 1000 + i);
    KromoNetworkConnection *connection = &network->connections[i];

    connection->target = 3 + i / 4;
    network->activations[connection->target] = (guint8) (random % KROMO_N_ACTIVATIONS);
    connection->source = (guint) (random >> 8) % (random % 3 == 0 ? 3 : n);
    connection->weight = (double) (gint64) random * (i % 16 == 0 ? 0x1p-58 : 0x1p-62);
  }
}

static void
test_programs (void)
{
  const KromoSpan span = { 96000, 48000, 0.8 };
  guint n_kernels;
  const KromoKernels *const *kernels = kromo_kernels_list (&n_kernels);
  KromoSignal signals[18];
  float data[18][KROMO_QUANTUM], *values[18];
  double frames[KROMO_QUANTUM];

  for (guint i = 0; i < 18; i++) {
    signals[i] = (KromoSignal){ i % 6, 27.5 * (1 + i / 6 * 100) };
    values[i] = data[i];
  }
  for (guint v = 0; v < n_kernels; v++) {
    guint64 hash = 0;

    for (guint seed = 0; seed < N_PROGRAMS; seed++) {
      KromoNetwork network;
      g_autoptr (KromoProgram) program = NULL;
      gpointer scratch;

      make_network (&network, seed);
      program = kromo_program_new (&network, signals, 18, &span);
      program->kernels = kernels[v];
      scratch = g_aligned_alloc (1, kromo_program_get_scratch_size (program), KROMO_BLOCK_ALIGN);
      for (guint block = 0; block < 750; block += 7) {
        for (guint i = 0; i < KROMO_QUANTUM; i++)
          frames[i] = block * KROMO_QUANTUM + i;
        kromo_program_eval (program, scratch, frames, KROMO_QUANTUM, values);
        hash = kromo_hash (hash, data, sizeof data);
      }
      g_aligned_free (scratch);
      g_free (network.activations);
      g_free (network.connections);
    }
    check_hash (kernels[v]->name, "programs", hash, G_GUINT64_CONSTANT (0x31d8ffb8e000f950));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < KROMO_N_ACTIVATIONS; i++) {
    g_autofree char *any = g_strconcat ("/bits/activations/", activations[i].name, NULL);
    g_autofree char *bounded = g_strconcat ("/bits/nodes/", activations[i].name, NULL);

    g_test_add_data_func (any, GUINT_TO_POINTER (i), test_activation);
    g_test_add_data_func (bounded, GUINT_TO_POINTER (i), test_node);
  }
  g_test_add_func ("/bits/inputs", test_inputs);
  g_test_add_func ("/bits/programs", test_programs);
  return g_test_run ();
}
