/* Oscillators.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A phase in cycles that wraps at 1 but, a quirk of the reference, not at 0: with a negative frequency
 * it runs away below.
 */
#include "../math/single.h"
#include "nodes-private.h"

#include <math.h>

typedef struct {
  KromoShape shape;
} Oscillator;

typedef struct {
  double phase; /* cycles */
} OscillatorState;

static void
fill (double *values, double value)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    values[i] = value;
}

static double
increment (float frequency, float detune, double rate)
{
  const double f = frequency * kromo_exp2 (detune / 1200.0), nyquist = rate / 2.0;

  return CLAMP (f, -nyquist, nyquist) / rate;
}

/* Of a block whose frequency or detune changes. */
static void
find_increments (const KromoRun *run, double *inc)
{
  const KromoOscillatorOps *ops = run->ops->oscillators;
  const KromoValues *f = &run->params[KROMO_OSCILLATOR_FREQUENCY];
  const KromoValues *d = &run->params[KROMO_OSCILLATOR_DETUNE];
  double factor[KROMO_QUANTUM];
  float frequency[KROMO_QUANTUM];

  if (d->single)
    fill (factor, kromo_exp2 (d->values[0] / 1200.0));
  else
    ops->find_factors (factor, d->values);
  for (guint i = 0; f->single && i < KROMO_QUANTUM; i++)
    frequency[i] = f->values[0];
  ops->find_increments (inc, f->single ? frequency : f->values, factor, run->rate);
}

static void
oscillator_process (
    const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const Oscillator *oscillator = node->config;
  OscillatorState *state = kromo_node_state (node, &run->arena);
  const KromoValues *f = &run->params[KROMO_OSCILLATOR_FREQUENCY];
  const KromoValues *d = &run->params[KROMO_OSCILLATOR_DETUNE];
  double phase = state->phase, phases[KROMO_QUANTUM], inc[KROMO_QUANTUM];

  if (f->single && d->single)
    fill (inc, increment (f->values[0], d->values[0], run->rate));
  else
    find_increments (run, inc);
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    phases[i] = phase;
    phase += inc[i];
    if (phase >= 1.0)
      phase -= 1.0;
  }
  state->phase = phase;
  run->ops->oscillators->shapes[oscillator->shape](own, phases, inc);
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
  .operations = 40,
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

  kromo_sine_table_init ();
  oscillator->shape = shape;
  return kromo_oscillator_make (&oscillator_class, oscillator, rate);
}
