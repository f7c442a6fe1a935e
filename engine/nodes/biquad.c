/* Second-order filters.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Robert Bristow-Johnson's cookbook formulas as Web Audio has them (3-WEB-AUDIO 3.3), direct form I,
 * all in double: engine/ops/filters.c. Quirks of the reference: only the detune factor is clamped, not the frequency; Q = 0
 * poisons the state of the types that divide by it.
 */
#include "nodes.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct {
  KromoFilter type;
  gboolean standard;
} Biquad;

typedef struct {
  guint32 n_channels;
  guint32 known;                    /* whether the section is that of its parameters: */
  float frequency, detune, q, gain; /* single values */
  KromoFilterSection section;
  KromoFilterHistory channels[6];
} BiquadState;

/* ---- standard ---- */

static gboolean
divides_by_q (KromoFilter type)
{
  return type == KROMO_FILTER_BANDPASS || type == KROMO_FILTER_NOTCH || type == KROMO_FILTER_ALLPASS
      || type == KROMO_FILTER_PEAKING;
}

static void
pass_scaled (KromoFilterCoefficients *k, guint i, double scale)
{
  k->b0[i] = scale;
  k->b1[i] = k->b2[i] = k->a1[i] = k->a2[i] = 0.0;
}

/* At 0 and at Nyquist numerator and denominator share their roots: what is left in the limit. */
static double
get_scale_at_edge (KromoFilter type, gboolean nyquist, double a)
{
  switch (type) {
  case KROMO_FILTER_LOWPASS:
    return nyquist ? 1.0 : 0.0;
  case KROMO_FILTER_HIGHPASS:
    return nyquist ? 0.0 : 1.0;
  case KROMO_FILTER_BANDPASS:
    return 0.0;
  case KROMO_FILTER_LOWSHELF:
    return nyquist ? a * a : 1.0;
  case KROMO_FILTER_HIGHSHELF:
    return nyquist ? 1.0 : a * a;
  default:
    return 1.0;
  }
}

/* The limits for Q towards 0, which stand for negative Q as well. */
static double
get_scale_without_q (KromoFilter type, double a)
{
  switch (type) {
  case KROMO_FILTER_NOTCH:
    return 0.0;
  case KROMO_FILTER_ALLPASS:
    return -1.0;
  case KROMO_FILTER_PEAKING:
    return a * a;
  default: /* bandpass */
    return 1.0;
  }
}

static void
take_limits (KromoFilter type, const KromoFilterShape *shape, const float *frequency, float nyquist,
    guint n, KromoFilterCoefficients *k)
{
  for (guint i = 0; i < n; i++) {
    if (frequency[i] == 0.0f || frequency[i] == nyquist)
      pass_scaled (k, i, get_scale_at_edge (type, frequency[i] == nyquist, shape->amplitude[i]));
    else if (divides_by_q (type) && shape->q[i] <= 0.0)
      pass_scaled (k, i, get_scale_without_q (type, shape->amplitude[i]));
  }
}

/* ---- coefficients ---- */

/* A parameter's values at @n frames; @memory has room for them. */
static const float *
spread (const KromoValues *param, guint n, float *memory)
{
  if (!param->single)
    return param->values;
  for (guint i = 0; i < n; i++)
    memory[i] = param->values[0];
  return memory;
}

/* 10^(param / divisor) */
static void
find_powers (const KromoRun *run, guint param, double divisor, guint n, double *powers)
{
  const KromoValues *values = &run->params[param];

  run->ops->filters->exp10 (powers, values->values, divisor, values->single ? 1 : n);
  for (guint i = 1; values->single && i < n; i++)
    powers[i] = powers[0];
}

/* Those of the block's first @n frames. */
static void
find_coefficients (const Biquad *biquad, const KromoRun *run, guint n, KromoFilterCoefficients *k)
{
  const KromoFilterOps *ops = run->ops->filters;
  const KromoFilter type = biquad->type;
  const float nyquist = (float) (run->rate / 2.0);
  float memory[2][KROMO_QUANTUM], f[KROMO_QUANTUM];
  const float *frequency = spread (&run->params[KROMO_BIQUAD_FREQUENCY], n, memory[0]);
  const float *detune = spread (&run->params[KROMO_BIQUAD_DETUNE], n, memory[1]);
  const float *q;
  KromoFilterShape shape;

  if (biquad->standard)
    ops->find_frequencies_standard (f, frequency, detune, nyquist, n);
  else
    ops->find_frequencies (f, frequency, detune, nyquist, n);
  ops->find_angles (shape.cosine, shape.sine, f, run->rate, n);
  q = spread (&run->params[KROMO_BIQUAD_Q], n, memory[0]);
  for (guint i = 0; divides_by_q (type) && i < n; i++)
    shape.q[i] = q[i];
  if (type == KROMO_FILTER_LOWPASS || type == KROMO_FILTER_HIGHPASS)
    find_powers (run, KROMO_BIQUAD_Q, 20.0, n, shape.resonance);
  if (type == KROMO_FILTER_PEAKING || type == KROMO_FILTER_LOWSHELF
      || type == KROMO_FILTER_HIGHSHELF)
    find_powers (run, KROMO_BIQUAD_GAIN, 40.0, n, shape.amplitude);
  ops->find_coefficients[type](k, &shape, n);
  if (biquad->standard)
    take_limits (type, &shape, f, nyquist, n, k);
}

/* The section for parameters that are single values; most often that of the block before. */
static void
update_section (const Biquad *biquad, const KromoRun *run, BiquadState *state)
{
  const float frequency = run->params[KROMO_BIQUAD_FREQUENCY].values[0];
  const float detune = run->params[KROMO_BIQUAD_DETUNE].values[0];
  const float q = run->params[KROMO_BIQUAD_Q].values[0];
  const float gain = run->params[KROMO_BIQUAD_GAIN].values[0];
  KromoFilterCoefficients k;

  if (state->known && frequency == state->frequency && detune == state->detune && q == state->q
      && gain == state->gain)
    return;
  find_coefficients (biquad, run, 1, &k);
  state->section = (KromoFilterSection){ k.b0[0], k.b1[0], k.b2[0], k.a1[0], k.a2[0] };
  state->frequency = frequency;
  state->detune = detune;
  state->q = q;
  state->gain = gain;
  state->known = TRUE;
}

static gboolean
at_rest (const KromoFilterHistory *h)
{
  const double values[] = { h->x1, h->x2, h->y1, h->y2 };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    if (values[i] != 0.0 && fpclassify (values[i]) != FP_SUBNORMAL)
      return FALSE;
  }
  return TRUE;
}

static gboolean
all_at_rest (const BiquadState *state)
{
  for (guint c = 0; c < state->n_channels; c++) {
    if (!at_rest (&state->channels[c]))
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_finite (const KromoFilterSection *k)
{
  return isfinite (k->b0) && isfinite (k->b1) && isfinite (k->b2) && isfinite (k->a1)
      && isfinite (k->a2);
}

/* The channels of a block; @active has a bit for each that is not at rest with nothing to filter. */
typedef struct {
  const float *x[6];
  float *y[6];
  guint n_channels, active;
} Channels;

static void
filter_steady (const Biquad *biquad, const KromoRun *run, BiquadState *state, Channels *channels)
{
  update_section (biquad, run, state);
  if (!is_finite (&state->section)) /* that makes something of a channel at rest: NaN */
    channels->active = (1u << channels->n_channels) - 1;
  for (guint c = 0; c < channels->n_channels; c++) {
    if (channels->active & (1u << c))
      run->ops->filters->run_steady (
          &state->section, &state->channels[c], channels->x[c], channels->y[c]);
  }
}

static void
filter_changing (const Biquad *biquad, const KromoRun *run, BiquadState *state, Channels *channels)
{
  const guint all = (1u << channels->n_channels) - 1;
  KromoFilterCoefficients k;
  guint n_quiet = KROMO_QUANTUM; /* frames of channels at rest */

  find_coefficients (biquad, run, KROMO_QUANTUM, &k);
  if (channels->active != all)
    n_quiet = run->ops->filters->count_finite (&k, KROMO_QUANTUM);
  for (guint c = 0; c < channels->n_channels; c++) {
    const guint start = channels->active & (1u << c) ? 0 : n_quiet;

    if (start == KROMO_QUANTUM)
      continue;
    memset (channels->y[c], 0, start * sizeof (float));
    run->ops->filters->run (&k, start, &state->channels[c], channels->x[c], channels->y[c]);
    channels->active |= 1u << c;
  }
}

static void
biquad_process (const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const Biquad *biquad = node->config;
  BiquadState *state = kromo_node_state (node, &run->arena);
  Channels channels = { .n_channels = in->n_channels };
  gboolean single = TRUE;

  if (in->silent) {
    if (all_at_rest (state))
      return;
    channels.n_channels = state->n_channels;
  }
  for (guint c = state->n_channels; c < channels.n_channels; c++)
    memset (&state->channels[c], 0, sizeof state->channels[c]);
  state->n_channels = channels.n_channels;
  for (guint c = 0; c < channels.n_channels; c++) {
    const gboolean zero = in->silent || (in->zero & (1u << c));

    channels.x[c] = zero ? kromo_zeros : in->data[c];
    channels.y[c] = own + c * KROMO_QUANTUM;
    if (!zero || !at_rest (&state->channels[c]))
      channels.active |= 1u << c;
  }
  for (guint p = 0; p < node->n_params; p++)
    single = single && run->params[p].single;
  if (single)
    filter_steady (biquad, run, state, &channels);
  else
    filter_changing (biquad, run, state, &channels);
  kromo_bus_set_zero (out, channels.n_channels);
  for (guint c = 0; c < channels.n_channels; c++) {
    if (channels.active & (1u << c))
      kromo_bus_set_channel (out, c, channels.y[c]);
  }
}

static void
biquad_plan (KromoNode *node, KromoLayout *layout, double rate)
{
  kromo_node_take_state (node, layout, sizeof (BiquadState));
}

static void
biquad_reset (const KromoNode *node, const KromoArena *arena)
{
  BiquadState *state = kromo_node_state (node, arena);

  memset (state, 0, sizeof *state);
  state->n_channels = 1;
}

static const KromoNodeClass biquad_class = {
  .name = "biquadFilter",
  .plan = biquad_plan,
  .reset = biquad_reset,
  .process = biquad_process,
  .operations = 150, /* with coefficients that move; else 40 */
  .count_mode = KROMO_COUNT_MAX,
  .channel_count = 2,
};

static KromoNode *
biquad_new (const Biquad *config, double rate)
{
  KromoNode *node = g_new0 (KromoNode, 1);

  node->klass = &biquad_class;
  node->config = g_memdup2 (config, sizeof *config);
  node->n_params = 4;
  kromo_param_plan_init (&node->params[KROMO_BIQUAD_Q], 1.0f, -FLT_MAX, FLT_MAX, FALSE);
  kromo_param_plan_init (&node->params[KROMO_BIQUAD_DETUNE], 0.0f, -153600.0f, 153600.0f, FALSE);
  kromo_param_plan_init (
      &node->params[KROMO_BIQUAD_FREQUENCY], 350.0f, 0.0f, (float) (rate / 2.0), FALSE);
  kromo_param_plan_init (
      &node->params[KROMO_BIQUAD_GAIN], 0.0f, -FLT_MAX, 1541.273681640625f, FALSE);
  return node;
}

KromoNode *
kromo_biquad_new (KromoFilter type, double rate)
{
  const Biquad config = { type, FALSE };

  return biquad_new (&config, rate);
}

KromoNode *
kromo_biquad_standard_new (KromoFilter type, double rate)
{
  const Biquad config = { type, TRUE };

  return biquad_new (&config, rate);
}
