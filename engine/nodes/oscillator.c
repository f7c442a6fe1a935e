/* Oscillators.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A phase in cycles that wraps at 1 but, a quirk of the reference, not at 0: with a negative frequency
 * it runs away below.
 */
#include "nodes-private.h"

#include <math.h>

#define TABLE_SIZE 8192

typedef struct {
  KromoShape shape;
  const float *table;
} Oscillator;

typedef struct {
  double phase; /* cycles */
} OscillatorState;

static const float *
sine_table (void)
{
  static float table[TABLE_SIZE];
  static gsize ready = 0;

  if (g_once_init_enter (&ready)) {
    for (guint i = 0; i < TABLE_SIZE; i++)
      table[i] = sinf (((float) i * 2.0f * (float) G_PI) * (1.0f / TABLE_SIZE));
    g_once_init_leave (&ready, 1);
  }
  return table;
}

/* The polynomial band-limited step: what smooths a jump within one frame of it. */
static double
blep (double t, double dt)
{
  if (t < dt) {
    const double u = t / dt;

    return u + u - u * u - 1.0;
  }
  if (t > 1.0 - dt) {
    const double u = (t - 1.0) / dt;

    return u * u + u + u + 1.0;
  }
  return 0.0;
}

static double
half_a_cycle_on (double phase)
{
  return phase + 0.5 >= 1.0 ? phase + 0.5 - 1.0 : phase + 0.5;
}

static float
sine (const float *table, double phase)
{
  const double position = phase * TABLE_SIZE;
  const double whole = floor (position);
  const float k = (float) (position - whole);
  const guint j = whole > 0.0 ? (guint) whole & (TABLE_SIZE - 1) : 0;

  return fmaf (table[j], 1.0f - k, table[(j + 1) & (TABLE_SIZE - 1)] * k);
}

static float
sawtooth (double phase, double inc)
{
  const double q = half_a_cycle_on (phase);

  return (float) (2.0 * q - 1.0 - blep (q, inc));
}

static float
square (double phase, double inc)
{
  return (
      float) ((phase < 0.5 ? 1.0 : -1.0) + blep (phase, inc) - blep (half_a_cycle_on (phase), inc));
}

static float
triangle (double phase)
{
  const double z = -4.0 * phase + 2.0;

  return (float) (z > 1.0 ? 2.0 - z : z < -1.0 ? -2.0 - z : z);
}

static float
sample (const Oscillator *oscillator, double phase, double inc)
{
  switch (oscillator->shape) {
  case KROMO_SHAPE_SQUARE:
    return square (phase, inc);
  case KROMO_SHAPE_SAWTOOTH:
    return sawtooth (phase, inc);
  case KROMO_SHAPE_TRIANGLE:
    return triangle (phase);
  case KROMO_SHAPE_SINE:
  default:
    return sine (oscillator->table, phase);
  }
}

static double
increment (float frequency, float detune, double rate)
{
  const double f = frequency * (detune == 0.0f ? 1.0 : exp2 (detune / 1200.0));
  const double nyquist = rate / 2.0;

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
  const gboolean single = f->single && d->single;
  double phase = state->phase, inc = increment (f->values[0], d->values[0], run->rate);

  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    if (!single)
      inc = increment (f->values[f->single ? 0 : i], d->values[d->single ? 0 : i], run->rate);
    own[i] = sample (oscillator, phase, inc);
    phase += inc;
    if (phase >= 1.0)
      phase -= 1.0;
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
  const double inc = increment (frequency, detune, run->rate);
  const double phase = inc * (double) (run->block * KROMO_QUANTUM);

  if (!moving)
    state->phase = inc > 0.0 ? phase - floor (phase) : phase;
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
  .is_source = TRUE,
};

KromoNode *
kromo_oscillator_make (const KromoNodeClass *klass, gpointer config, double rate)
{
  KromoNode *node = g_new0 (KromoNode, 1);
  const float nyquist = (float) (rate / 2.0);

  node->klass = klass;
  node->config = config;
  node->n_params = 2;
  kromo_param_plan_init (
      &node->params[KROMO_OSCILLATOR_FREQUENCY], 440.0f, -nyquist, nyquist, FALSE);
  kromo_param_plan_init (
      &node->params[KROMO_OSCILLATOR_DETUNE], 0.0f, -153600.0f, 153600.0f, FALSE);
  return node;
}

KromoNode *
kromo_oscillator_new (KromoShape shape, double rate)
{
  Oscillator *oscillator = g_new0 (Oscillator, 1);

  oscillator->shape = shape;
  oscillator->table = sine_table ();
  return kromo_oscillator_make (&oscillator_class, oscillator, rate);
}
