/* The block loops: the same bits from every instruction set, compiler and optimisation.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each is run over random blocks with edge values among them; the results' hash stands here.
 */
#include "ops/ops.h"

#include "genome/hash.h"
#include "math/single.h"

#include <float.h>
#include <math.h>

#define N_BLOCKS 500
#define Q KROMO_QUANTUM

static const float edges[] = { 0.0f, -0.0f, 1e-45f, -1e-39f, FLT_MIN, 1e-20f, 0.5f, 1.0f, -1.0f,
  2.0f, 1e10f, FLT_MAX, -FLT_MAX, INFINITY, -INFINITY, NAN };

/* What a test is given, anew for each block. */
typedef struct {
  guint64 seed;
  float a[Q + 16], b[Q + 16], c[Q + 16], d[Q + 16], e[Q + 16]; /* anything */
  float unit[Q + 16];                                          /* [-1, 1) */
  float y[Q], z[Q];
  double x[Q], w[Q];
  gint32 k[Q];
} Data;

/* Of results; NaN counts as one. */
typedef guint64 Hash;

static double
uniform (Data *data)
{
  data->seed += KROMO_GOLDEN_GAMMA;
  return (double) (kromo_splitmix64 (data->seed) >> 11) * 0x1p-52 - 1.0;
}

static void
make_wild (Data *data, float *values)
{
  for (guint i = 0; i < Q + 16; i++) {
    const double u = uniform (data);

    values[i] = (float) (i % 3 ? u : u * exp2 (floor (40.0 * u)));
  }
  if (data->seed & 0x1000)
    values[data->seed >> 20 & (Q - 1)] = edges[data->seed >> 40 & 15];
}

static void
fill (Data *data, guint64 block)
{
  data->seed = kromo_splitmix64 (block);
  make_wild (data, data->a);
  make_wild (data, data->b);
  make_wild (data, data->c);
  make_wild (data, data->d);
  make_wild (data, data->e);
  for (guint i = 0; i < Q + 16; i++)
    data->unit[i] = (float) uniform (data);
}

static void
add (Hash *hash, double value)
{
  const double known = isnan (value) ? G_MAXDOUBLE : value;

  *hash = kromo_hash (*hash, &known, sizeof known);
}

static void
add_floats (Hash *hash, const float *values)
{
  for (guint i = 0; i < Q; i++)
    add (hash, values[i]);
}

static void
add_doubles (Hash *hash, const double *values)
{
  for (guint i = 0; i < Q; i++)
    add (hash, values[i]);
}

/* ---- what is run ---- */

static void
run_blocks (const KromoOps *ops, Data *t, Hash *hash)
{
  const KromoBlockOps *o = ops->blocks;

  o->scale (t->y, t->a, t->b[0]);
  add_floats (hash, t->y);
  o->multiply (t->y, t->a, t->b);
  add_floats (hash, t->y);
  o->add (t->y, t->y, t->c);
  add_floats (hash, t->y);
  o->mix_stereo (t->y, t->a, t->b);
  add_floats (hash, t->y);
  o->mix_surround (t->y, t->a, t->b, t->c, t->d, t->e);
  add_floats (hash, t->y);
  o->fold (t->y, t->a, t->b, t->c);
  add_floats (hash, t->y);
  o->clamp (t->y, t->a, 0.25f, -0.5f, FLT_MAX);
  add_floats (hash, t->y);
  add (hash, o->is_zero (t->a) + 2 * o->is_finite (t->a) + 4 * o->any_normal (t->a));
}

static void
run_curves (const KromoOps *ops, Data *t, Hash *hash)
{
  const KromoCurveOps *o = ops->curves;
  const KromoWaveWindow window = { -0.75, 0.25, -0.25, 0.5, (t->seed & 1) != 0 };
  double times[Q];

  o->map_range (t->y, t->unit, Q, 20.0, 3000.0);
  add_floats (hash, t->y);
  o->map_wave (t->y, t->unit, Q, &window);
  add_floats (hash, t->y);
  for (guint i = 0; i < Q; i++)
    times[i] = 1.0 + fabs (t->unit[0]) + i / 48000.0;
  o->find_positions (t->x, times, 0.5, 959999.0 * (1.0 - 0.5 * (t->seed & 2)), 20.0);
  add_doubles (hash, t->x);
  add (hash, o->split (t->k, t->y, t->x, floor (t->x[0])));
  add_floats (hash, t->y);
  o->interpolate (t->z, t->a, t->k, t->y);
  add_floats (hash, t->z);
  o->interpolate_steady (t->z, t->a, t->y);
  add_floats (hash, t->z);
}

static void
run_oscillators (const KromoOps *ops, Data *t, Hash *hash)
{
  const KromoOscillatorOps *o = ops->oscillators;
  double phases[Q], increments[Q];

  for (guint i = 0; i < Q; i++)
    t->y[i] = t->unit[i] * 4800.0f;
  o->find_factors (t->x, t->y);
  add_doubles (hash, t->x);
  for (guint i = 0; i < Q; i++)
    t->y[i] = t->unit[Q - i] * 12000.0f;
  o->find_increments (increments, t->y, t->x, 48000.0);
  add_doubles (hash, increments);
  for (guint i = 0; i < Q; i++)
    phases[i] = t->seed & 3 ? fabs (t->unit[i]) : 3.0 * uniform (t) - 2.0;
  for (guint i = 0; i < Q; i++)
    phases[i] = phases[i] < 1.0 ? phases[i] : 0.0;
  for (guint shape = KROMO_SHAPE_SINE; shape <= KROMO_SHAPE_TRIANGLE; shape++) {
    o->shapes[shape](t->y, phases, increments);
    add_floats (hash, t->y);
  }
}

static void
run_filters (const KromoOps *ops, Data *t, Hash *hash)
{
  const KromoFilterOps *o = ops->filters;
  KromoFilterShape shape;
  KromoFilterCoefficients k;

  for (guint i = 0; i < Q; i++) {
    t->y[i] = fabsf (t->unit[i]) * (t->seed & 1 ? 24000.0f : 2.0f);
    t->z[i] = t->seed & 2 ? t->unit[Q - i] * 9600.0f : 0.0f;
  }
  o->find_frequencies_standard (t->y, t->y, t->z, 24000.0f, Q);
  add_floats (hash, t->y);
  o->find_frequencies (t->y, t->y, t->z, 24000.0f, Q);
  add_floats (hash, t->y);
  o->find_angles (shape.cosine, shape.sine, t->y, 48000.0, Q);
  add_doubles (hash, shape.cosine);
  add_doubles (hash, shape.sine);
  for (guint i = 0; i < Q; i++)
    shape.q[i] = t->y[i] = 20.0f * t->unit[i];
  o->exp10 (shape.resonance, t->y, 20.0, Q);
  o->exp10 (shape.amplitude, t->y, 40.0, Q);
  add_doubles (hash, shape.resonance);
  for (guint type = KROMO_FILTER_LOWPASS; type <= KROMO_FILTER_ALLPASS; type++) {
    const guint start = type == KROMO_FILTER_NOTCH ? t->seed >> 30 & (Q - 1) : 0;
    KromoFilterHistory history = { 0.5, -0.25, 0.125, 1.0 };

    o->find_coefficients[type](&k, &shape, Q);
    add_doubles (hash, k.b0);
    add_doubles (hash, k.b1);
    add_doubles (hash, k.b2);
    add_doubles (hash, k.a1);
    add_doubles (hash, k.a2);
    o->run (&k, start, &history, t->unit, t->y);
    for (guint i = start; i < Q; i++)
      add (hash, t->y[i]);
  }
  for (guint i = 0; i < Q; i += 16) {
    const KromoFilterSection section = { k.b0[i], k.b1[i], k.b2[i], k.a1[i], k.a2[i] };
    KromoFilterHistory history = { 0.5, -0.25, 0.125, 1.0 };

    o->run_steady (&section, &history, t->unit, t->y);
    add_floats (hash, t->y);
    add (hash, history.x1 + history.x2);
    add (hash, history.y1 - history.y2);
  }
  k.a1[t->seed & (Q - 1)] = INFINITY;
  k.b0[t->seed >> 8 & (Q - 1)] = NAN;
  add (hash, o->count_finite (&k, Q));
}

static void
run_delays (const KromoOps *ops, Data *t, Hash *hash)
{
  const KromoDelayOps *o = ops->delays;
  const gint32 length = Q;

  for (guint i = 0; i < Q; i++)
    t->y[i] = fabsf (t->unit[i]) * 0.002f;
  o->find_taps (t->k, t->z, t->y, t->seed & 1 ? 0.001 : 0.0, 48000.0);
  add_floats (hash, t->z);
  for (guint i = 0; i < Q; i++)
    add (hash, t->k[i]);
  o->read_taps (t->y, t->a, length, (gint32) (t->seed & 64), t->k, t->z);
  add_floats (hash, t->y);
  o->blend (t->y, t->a, fabsf (t->unit[0]));
  add_floats (hash, t->y);
}

static void
run_levels (const KromoOps *ops, Data *t, Hash *hash)
{
  const KromoLevelOps *o = ops->levels;
  const KromoCompression curve = { -24.0f + 30.0f * t->unit[0], 20.0f + 20.0f * t->unit[1],
    10.0f + 9.0f * t->unit[2], -0.01f };

  o->find_peaks (t->y, t->a, t->b);
  add_floats (hash, t->y);
  for (guint i = 0; i < Q; i++)
    t->y[i] = t->y[i] < FLT_MIN ? 0.0f : t->y[i]; /* as the graph's mode has it */
  o->find_reductions (t->z, t->y, &curve);
  add_floats (hash, t->z);
  o->find_gains (t->z, t->z, 3.5f);
  add_floats (hash, t->z);
}

static void
run_shapers (const KromoOps *ops, Data *t, Hash *hash)
{
  const KromoShaperOps *o = ops->shapers;
  guint64 left[Q], right[Q];

  o->find_points (left, right, t->y, t->a, t->seed % 50000);
  add_floats (hash, t->y);
  for (guint i = 0; i < Q; i++)
    add (hash, (double) (left[i] * 65536 + right[i]));
  o->blend (t->z, t->b, t->c, t->y);
  add_floats (hash, t->z);
}

static void
run_fourier (const KromoOps *ops, Data *t, Hash *hash)
{
  const KromoFourierOps *o = ops->fourier;
  const guint n = Q << (t->seed % 6);
  float *memory = g_aligned_alloc0 (7 * n + o->get_size (n), sizeof (float), 64);
  float *x = memory, *h = x + 2 * n, *sum = h + 2 * n, *tables = sum + 3 * n;

  o->plan (tables, n);
  for (guint i = 0; i < 2 * n; i++)
    sum[i] = (float) uniform (t);
  o->forward (tables, x, sum, sum + n, n);
  for (guint i = 0; i < n; i++)
    sum[i] = (float) uniform (t);
  memset (sum + n, 0, n * sizeof (float));
  o->forward (tables, h, sum, sum + n, n);
  for (guint i = 0; i < 2 * n; i++)
    add (hash, x[i]);
  o->sum_products (sum, x, 0, 1, h, 1, n);
  o->inverse (tables, sum, sum + 2 * n, n);
  for (guint i = 0; i < n; i++)
    add (hash, sum[2 * n + i]);
  g_aligned_free (memory);
}

typedef struct {
  const char *name;
  void (*run) (const KromoOps *ops, Data *data, Hash *hash);
  guint n_blocks;
  guint64 hash;
} Group;

static const Group groups[] = {
  { "blocks", run_blocks, N_BLOCKS, G_GUINT64_CONSTANT (0xb95f30c8135f8c50) },
  { "curves", run_curves, N_BLOCKS, G_GUINT64_CONSTANT (0xc1bbb437b72c31d8) },
  { "oscillators", run_oscillators, N_BLOCKS, G_GUINT64_CONSTANT (0x158097ba102eb563) },
  { "filters", run_filters, N_BLOCKS, G_GUINT64_CONSTANT (0x9bee50063e9664f5) },
  { "delays", run_delays, N_BLOCKS, G_GUINT64_CONSTANT (0x3a72be11d7a6db52) },
  { "levels", run_levels, N_BLOCKS, G_GUINT64_CONSTANT (0x92471b94ba6fcd62) },
  { "shapers", run_shapers, N_BLOCKS, G_GUINT64_CONSTANT (0x0285ab574b233405) },
  { "fourier", run_fourier, 30, G_GUINT64_CONSTANT (0x104528f524d9137a) },
};

static void
test_bits (gconstpointer user_data)
{
  const Group *group = user_data;
  Data *data = g_new0 (Data, 1);

  kromo_sine_table_init ();
  for (KromoCpu cpu = KROMO_CPU_BASELINE; cpu <= kromo_cpu_get_best (); cpu++) {
    const KromoOps *ops = kromo_ops_find (cpu);
    Hash hash = 1;

    g_assert_cmpstr (ops->name, ==, kromo_cpu_get_name (cpu));
    for (guint b = 0; b < group->n_blocks; b++) {
      fill (data, b);
      group->run (ops, data, &hash);
    }
    if (hash != group->hash)
      g_error ("%s, %s: the hash is 0x%016" G_GINT64_MODIFIER "x", group->name, ops->name, hash);
  }
  g_free (data);
}

/* The convolution itself, against its definition. */
static void
test_convolution (void)
{
  const KromoFourierOps *ops = kromo_ops_get ()->fourier;

  for (guint n = 128; n <= 8192; n *= 2) {
    float *memory = g_aligned_alloc0 (9 * n + ops->get_size (n), sizeof (float), 64);
    float *x = memory, *h = x + 2 * n, *spectrum = h + 2 * n, *other = spectrum + 2 * n;
    float *y = other + 2 * n, *tables = y + n;
    Data data = { .seed = n };

    for (guint i = 0; i < 2 * n; i++)
      x[i] = (float) uniform (&data);
    for (guint i = 0; i < n; i++)
      h[i] = (float) uniform (&data);
    ops->plan (tables, n);
    ops->forward (tables, spectrum, x, x + n, n);
    ops->forward (tables, other, h, h + n, n);
    ops->sum_products (
        x + 0, spectrum, 0, 1, other, 1, n); /* x is taken below from its seed again */
    ops->inverse (tables, x, y, n);
    data.seed = n;
    for (guint i = 0; i < 2 * n; i++)
      x[i] = (float) uniform (&data);
    for (guint i = 0; i < n; i += 61) {
      double exact = 0.0;

      for (guint j = 0; j < n; j++)
        exact += (double) h[j] * x[n + i - j];
      g_assert_cmpfloat_with_epsilon (y[i], exact, 2e-6 * sqrt (n));
    }
    g_aligned_free (memory);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++) {
    g_autofree char *path = g_strconcat ("/ops/bits/", groups[i].name, NULL);

    g_test_add_data_func (path, &groups[i], test_bits);
  }
  g_test_add_func ("/ops/convolution", test_convolution);
  return g_test_run ();
}
