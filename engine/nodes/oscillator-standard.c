/* Oscillators of the standard rendering: band-limited, and running backwards at negative frequencies.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Wavetables with ever more partials, about six an octave, read by linear interpolation; two neighbours
 * are crossfaded, of which neither has a partial beyond the Nyquist frequency. docs/standard-nodes.md
 * says why this suffices. No function of the C library is called for a table or, without detune, for a
 * sample, so that the bits are the same on every CPU.
 */
#include "../math/exponential.h"
#include "nodes-private.h"

#include <math.h>
#include <string.h>

#define PARTIALS 2048 /* of the fullest table, at least */
#define MAX_TABLES 64
#define MIN_SIZE 2048
#define MAX_SIZE 8192
#define CIRCLE (2 * MAX_SIZE)
#define FULL (8.0 / 9.0) /* of the Nyquist frequency: a table's highest partial is faded in here */
#define GIBBS 1.17897974447216727 /* 2 Si (pi) / pi: where square's and sawtooth's series peak */

typedef struct {
  double limit; /* cycles a frame at which the highest partial reaches the Nyquist frequency */
  double slope; /* of the weight against cycles a frame */
  guint partials, size;
  float *samples; /* [size + 1], the last is the first */
} Table;

/* Immutable, made once for each shape. */
typedef struct {
  guint n_tables;
  Table tables[MAX_TABLES]; /* by ascending partials */
} Wave;

typedef struct {
  const Wave *wave;
} Oscillator;

typedef struct {
  double phase; /* cycles, 0 <= phase < 1 */
} OscillatorState;

/* ---- making the tables ---- */

typedef struct {
  double re, im;
} Complex;

typedef struct {
  double sine[CIRCLE * 3 / 4]; /* of CIRCLE steps a cycle */
  Complex z[MAX_SIZE];
} Work;

/* 0 <= x <= pi / 4, Taylor's series. */
static double
sine_of (double x)
{
  const double y = -x * x;
  double sum = 1.0;

  for (int n = 16; n > 0; n -= 2)
    sum = 1.0 + sum * y / (n * (n + 1));
  return x * sum;
}

static double
cosine_of (double x)
{
  const double y = -x * x;
  double sum = 1.0;

  for (int n = 16; n > 0; n -= 2)
    sum = 1.0 + sum * y / (n * (n - 1));
  return sum;
}

static void
fill_sine (double *sine)
{
  const guint quarter = CIRCLE / 4;

  for (guint i = 0; i <= quarter; i++)
    sine[i] = i <= quarter / 2 ? sine_of (i * (2.0 * G_PI / CIRCLE))
                               : cosine_of ((quarter - i) * (2.0 * G_PI / CIRCLE));
  for (guint i = 1; i < 2 * quarter; i++)
    sine[quarter + i] = i <= quarter ? sine[quarter - i] : -sine[i - quarter];
}

/* The specification's Fourier coefficients, with its normalization. */
static double
coefficient (KromoShape shape, guint n)
{
  switch (shape) {
  case KROMO_SHAPE_SQUARE:
    return n % 2 ? 4.0 / (n * G_PI * GIBBS) : 0.0;
  case KROMO_SHAPE_SAWTOOTH:
    return (n % 2 ? 2.0 : -2.0) / (n * G_PI * GIBBS);
  case KROMO_SHAPE_TRIANGLE:
    return n % 2 ? (n % 4 == 1 ? 8.0 : -8.0) / (G_PI * G_PI * n * n) : 0.0;
  case KROMO_SHAPE_SINE:
  default:
    return n == 1 ? 1.0 : 0.0;
  }
}

static guint
reverse_bits (guint i, guint size)
{
  guint reversed = 0;

  for (guint bit = 1; bit < size; bit <<= 1, i >>= 1)
    reversed = 2 * reversed + (i & 1);
  return reversed;
}

/* Adds a series to the spectrum, which is in bit-reversed order: to the real part of the signal, or to
 * its imaginary part. What linear interpolation will take from each partial is added before. */
static void
add_series (Work *work, guint size, KromoShape shape, guint partials, gboolean imaginary)
{
  for (guint n = 1; n <= partials; n++) {
    const double b = coefficient (shape, n);
    double sinc, half;
    Complex *plus, *minus;

    if (b == 0.0)
      continue;
    sinc = work->sine[n * (CIRCLE / 2 / size)] * size / (n * G_PI);
    half = b / (2.0 * sinc * sinc);
    plus = &work->z[reverse_bits (n, size)];
    minus = &work->z[reverse_bits (size - n, size)];
    if (imaginary) {
      plus->re += half;
      minus->re -= half;
    } else {
      plus->im -= half;
      minus->im += half;
    }
  }
}

/* Spectrum in bit-reversed order to signal, in place. */
static void
transform (Work *work, guint size)
{
  Complex *z = work->z;

  for (guint half = 1; half < size; half *= 2) {
    const guint stride = CIRCLE / 2 / half;

    for (guint start = 0; start < size; start += 2 * half) {
      for (guint j = 0; j < half; j++) {
        const double c = work->sine[j * stride + CIRCLE / 4], s = work->sine[j * stride];
        Complex *a = &z[start + j], *b = a + half;
        const double re = b->re * c - b->im * s, im = b->re * s + b->im * c;

        b->re = a->re - re;
        b->im = a->im - im;
        a->re += re;
        a->im += im;
      }
    }
  }
}

/* One table, or two (@second is nullable) of the same size by one transform. */
static void
fill_pair (Work *work, KromoShape shape, Table *first, Table *second)
{
  const guint size = second != NULL ? second->size : first->size;

  memset (work->z, 0, size * sizeof (Complex));
  add_series (work, size, shape, first->partials, FALSE);
  if (second != NULL)
    add_series (work, size, shape, second->partials, TRUE);
  transform (work, size);
  first->size = size;
  first->samples = g_new (float, size + 1);
  for (guint i = 0; i <= size; i++)
    first->samples[i] = (float) work->z[i % size].re;
  if (second == NULL)
    return;
  second->samples = g_new (float, size + 1);
  for (guint i = 0; i <= size; i++)
    second->samples[i] = (float) work->z[i % size].im;
}

/* Each table has at least 1 / FULL times the partials of the one before. */
static void
plan_tables (Wave *wave, KromoShape shape)
{
  const guint step = shape == KROMO_SHAPE_SAWTOOTH ? 1 : 2;
  guint partials = 1;

  for (;;) {
    Table *table = &wave->tables[wave->n_tables++];

    g_assert (wave->n_tables <= MAX_TABLES);
    table->partials = partials;
    table->limit = 0.5 / partials;
    table->slope = 1.0 / ((1.0 - FULL) * table->limit);
    for (table->size = MIN_SIZE; (guint64) table->size * table->size < 20000 * partials;)
      table->size *= 2;
    if (partials >= PARTIALS || shape == KROMO_SHAPE_SINE)
      break;
    partials += MAX (step, (partials + 7) / 8);
    if (step == 2)
      partials |= 1;
  }
}

static Wave *
make_wave (KromoShape shape)
{
  Wave *wave = g_new0 (Wave, 1);
  Work *work = g_new (Work, 1);

  plan_tables (wave, shape);
  fill_sine (work->sine);
  for (guint i = 0; i < wave->n_tables; i += 2) {
    Table *table = &wave->tables[i];

    fill_pair (work, shape, table, i + 1 < wave->n_tables ? table + 1 : NULL);
  }
  g_free (work);
  return wave;
}

static const Wave *
get_wave (KromoShape shape)
{
  static gsize waves[KROMO_SHAPE_TRIANGLE + 1];

  if (g_once_init_enter (&waves[shape]))
    g_once_init_leave (&waves[shape], (gsize) make_wave (shape));
  return GSIZE_TO_POINTER (waves[shape]);
}

/* ---- reading them ---- */

/* What is read at one frequency; without a table there is silence. */
typedef struct {
  const Table *table, *below;
  float weight; /* of table; 1: below is not read */
} Blend;

/* @index: where to look first; only the speed depends on it */
static Blend
choose_tables (const Wave *wave, double inc, guint *index)
{
  const double speed = fabs (inc);
  Blend blend = { NULL, NULL, 1.0f };
  guint k = *index;

  while (k + 1 < wave->n_tables && speed < wave->tables[k + 1].limit)
    k++;
  while (k > 0 && speed >= wave->tables[k].limit)
    k--;
  *index = k;
  if (speed < wave->tables[k].limit) {
    const Table *table = &wave->tables[k];

    blend.table = table;
    if (k > 0) {
      blend.below = table - 1;
      blend.weight = (float) MIN ((table->limit - speed) * table->slope, 1.0);
    }
  }
  return blend;
}

static float
read_table (const Table *table, double phase)
{
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is one below where it has a weight */
  const double position = phase * table->size;
  const guint j = (guint) position;
  const float k = (float) (position - j), y = table->samples[j];

  return y + (table->samples[j + 1] - y) * k;
}

static float
read_blend (const Blend *blend, double phase)
{
  float y;

  if (blend->table == NULL)
    return 0.0f;
  y = read_table (blend->table, phase);
  if (blend->weight < 1.0f)
    y = y * blend->weight + read_table (blend->below, phase) * (1.0f - blend->weight);
  return y;
}

/* Both 0 <= phase < 1 and |inc| <= 1/2. */
static double
advance (double phase, double inc)
{
  phase += inc;
  if (phase < 0.0)
    phase += 1.0;
  return phase >= 1.0 ? phase - 1.0 : phase;
}

static double
detune_factor (float cents)
{
  return cents == 0.0f ? 1.0 : kromo_exp2 (cents / 1200.0);
}

static double
increment (float frequency, double factor, double rate)
{
  const double f = frequency * factor, nyquist = rate / 2.0;

  return CLAMP (f, -nyquist, nyquist) / rate;
}

static void
oscillator_process (
    const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const Oscillator *oscillator = node->config;
  OscillatorState *state = kromo_node_state (node, &run->arena);
  const KromoValues *f = &run->params[KROMO_OSCILLATOR_FREQUENCY];
  const KromoValues *d = &run->params[KROMO_OSCILLATOR_DETUNE];
  double phase = state->phase, factor = detune_factor (d->values[0]);
  double inc = increment (f->values[0], factor, run->rate);
  guint index = 0;
  Blend blend = choose_tables (oscillator->wave, inc, &index);

  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    if (!f->single || !d->single) {
      if (!d->single)
        factor = detune_factor (d->values[i]);
      inc = increment (f->values[f->single ? 0 : i], factor, run->rate);
      blend = choose_tables (oscillator->wave, inc, &index);
    }
    own[i] = read_blend (&blend, phase);
    phase = advance (phase, inc);
  }
  state->phase = phase;
  kromo_bus_set_zero (out, 1);
  kromo_bus_set_channel (out, 0, own);
}

/* Where a steady frequency leads; with any other the phase is 0. */
static void
oscillator_start (const KromoNode *node, const KromoRun *run, guint moving)
{
  OscillatorState *state = kromo_node_state (node, &run->arena);
  const float frequency = kromo_param_get_initial (&node->params[KROMO_OSCILLATOR_FREQUENCY]);
  const float detune = kromo_param_get_initial (&node->params[KROMO_OSCILLATOR_DETUNE]);
  const double inc = increment (frequency, detune_factor (detune), run->rate);
  const double phase = inc * (double) (run->block * KROMO_QUANTUM);

  if (!moving)
    state->phase = advance (phase - floor (phase), 0.0);
}

static void
oscillator_plan (KromoNode *node, KromoLayout *layout, double rate)
{
  kromo_node_take_state (node, layout, sizeof (OscillatorState));
}

static const KromoNodeClass oscillator_class = {
  .name = "oscillator",
  .plan = oscillator_plan,
  .start = oscillator_start,
  .process = oscillator_process,
  .operations = 40,
  .is_source = TRUE,
};

KromoNode *
kromo_oscillator_standard_new (KromoShape shape, double rate)
{
  Oscillator *oscillator = g_new0 (Oscillator, 1);

  oscillator->wave = get_wave (shape);
  return kromo_oscillator_make (&oscillator_class, oscillator, rate);
}
