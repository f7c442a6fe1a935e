/* Second-order filters.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Robert Bristow-Johnson's cookbook formulas as Web Audio has them (3-WEB-AUDIO 3.3), direct form I,
 * all in double. Quirks of the reference: only the detune factor is clamped, not the frequency; Q = 0
 * poisons the state of the types that divide by it.
 */
#include "nodes.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct {
  float frequency, detune, q, gain; /* what they were made from ... */
  double c, s;                      /* ... by way of cos and sin of the frequency, */
  double resonance;                 /* 10^(Q/20), */
  double a, sqrt_a;                 /* and the amplitude 10^(gain/40) */
  double b0, b1, b2, a1, a2;
} Coefficients;

typedef struct {
  KromoFilter type;
  void (*set_frequency) (Coefficients *k, float frequency, float detune, double rate);
  void (*compute) (Coefficients *k, KromoFilter type);
} Biquad;

typedef struct {
  double x1, x2, y1, y2;
} History;

typedef struct {
  guint32 n_channels;
  guint32 known; /* whether the coefficients are those of their parameters */
  Coefficients coefficients;
  History channels[6];
} BiquadState;

static void
divide (Coefficients *c, double b0, double b1, double b2, double a0, double a1, double a2)
{
  c->b0 = b0 / a0;
  c->b1 = b1 / a0;
  c->b2 = b2 / a0;
  c->a1 = a1 / a0;
  c->a2 = a2 / a0;
}

static void
shelf (Coefficients *k, double c, double sign)
{
  /* the high shelf is the low one with the cosine's sign turned */
  const double a = k->a, alpha = k->s / 2.0 * G_SQRT2, kappa = 2.0 * alpha * k->sqrt_a;
  const double plus = (a + 1.0) * c, minus = (a - 1.0) * c;

  if (sign > 0.0)
    divide (k, a * (a + 1.0 - minus + kappa), 2.0 * a * (a - 1.0 - plus),
        a * (a + 1.0 - minus - kappa), a + 1.0 + minus + kappa, -2.0 * (a - 1.0 + plus),
        a + 1.0 + minus - kappa);
  else
    divide (k, a * (a + 1.0 + minus + kappa), -2.0 * a * (a - 1.0 + plus),
        a * (a + 1.0 + minus - kappa), a + 1.0 - minus + kappa, 2.0 * (a - 1.0 - plus),
        a + 1.0 - minus - kappa);
}

static void
compute_coefficients (Coefficients *k, KromoFilter type)
{
  const double c = k->c, s = k->s, alpha = s / (2.0 * k->q);

  switch (type) {
  case KROMO_FILTER_LOWPASS:
  case KROMO_FILTER_HIGHPASS: {
    const double beta = s / (2.0 * k->resonance);
    const double x = type == KROMO_FILTER_LOWPASS ? 1.0 - c : 1.0 + c;

    divide (k, x / 2.0, type == KROMO_FILTER_LOWPASS ? x : -x, x / 2.0, 1.0 + beta, -2.0 * c,
        1.0 - beta);
    break;
  }
  case KROMO_FILTER_BANDPASS:
    divide (k, alpha, 0.0, -alpha, 1.0 + alpha, -2.0 * c, 1.0 - alpha);
    break;
  case KROMO_FILTER_NOTCH:
    divide (k, 1.0, -2.0 * c, 1.0, 1.0 + alpha, -2.0 * c, 1.0 - alpha);
    break;
  case KROMO_FILTER_ALLPASS:
    divide (k, 1.0 - alpha, -2.0 * c, 1.0 + alpha, 1.0 + alpha, -2.0 * c, 1.0 - alpha);
    break;
  case KROMO_FILTER_PEAKING:
    divide (k, 1.0 + alpha * k->a, -2.0 * c, 1.0 - alpha * k->a, 1.0 + alpha / k->a, -2.0 * c,
        1.0 - alpha / k->a);
    break;
  case KROMO_FILTER_LOWSHELF:
    shelf (k, c, 1.0);
    break;
  case KROMO_FILTER_HIGHSHELF:
  default:
    shelf (k, c, -1.0);
    break;
  }
}

static void
set_angle (Coefficients *k, float f0, double rate)
{
  const double w = 2.0 * G_PI * f0 / rate;

  k->c = cos (w);
  k->s = sin (w);
}

static void
set_frequency (Coefficients *k, float frequency, float detune, double rate)
{
  const float nyquist = (float) (rate / 2.0);
  const float factor = detune == 0.0f ? 1.0f : exp2f (detune / 1200.0f);

  set_angle (k, frequency * fminf (fmaxf (factor, 0.0f), nyquist), rate);
}

/* ---- standard ---- */

static void
set_frequency_standard (Coefficients *k, float frequency, float detune, double rate)
{
  const float nyquist = (float) (rate / 2.0);
  const float factor = detune == 0.0f ? 1.0f : exp2f (detune / 1200.0f);
  const float f0 = fminf (fmaxf (frequency * factor, 0.0f), nyquist);

  set_angle (k, f0, rate);
  if (f0 == 0.0f || f0 == nyquist)
    k->s = 0.0; /* exactly, also at Nyquist */
}

static void
pass_scaled (Coefficients *k, double scale)
{
  k->b0 = scale;
  k->b1 = k->b2 = k->a1 = k->a2 = 0.0;
}

/* At 0 and at Nyquist numerator and denominator share their roots: what is left in the limit. */
static void
compute_at_edge (Coefficients *k, KromoFilter type)
{
  const gboolean nyquist = k->c < 0.0;

  switch (type) {
  case KROMO_FILTER_LOWPASS:
    pass_scaled (k, nyquist ? 1.0 : 0.0);
    break;
  case KROMO_FILTER_HIGHPASS:
    pass_scaled (k, nyquist ? 0.0 : 1.0);
    break;
  case KROMO_FILTER_BANDPASS:
    pass_scaled (k, 0.0);
    break;
  case KROMO_FILTER_LOWSHELF:
    pass_scaled (k, nyquist ? k->a * k->a : 1.0);
    break;
  case KROMO_FILTER_HIGHSHELF:
    pass_scaled (k, nyquist ? 1.0 : k->a * k->a);
    break;
  default:
    pass_scaled (k, 1.0);
    break;
  }
}

/* The limits for Q towards 0, which stand for negative Q as well. */
static void
compute_without_q (Coefficients *k, KromoFilter type)
{
  switch (type) {
  case KROMO_FILTER_NOTCH:
    pass_scaled (k, 0.0);
    break;
  case KROMO_FILTER_ALLPASS:
    pass_scaled (k, -1.0);
    break;
  case KROMO_FILTER_PEAKING:
    pass_scaled (k, k->a * k->a);
    break;
  default: /* bandpass */
    pass_scaled (k, 1.0);
    break;
  }
}

static void
compute_standard (Coefficients *k, KromoFilter type)
{
  const gboolean uses_q = type == KROMO_FILTER_BANDPASS || type == KROMO_FILTER_NOTCH
      || type == KROMO_FILTER_ALLPASS || type == KROMO_FILTER_PEAKING;

  if (k->s == 0.0)
    compute_at_edge (k, type);
  else if (uses_q && k->q <= 0.0f)
    compute_without_q (k, type);
  else
    compute_coefficients (k, type);
}

static float
value_at (const KromoValues *param, guint i)
{
  return param->values[param->single ? 0 : i];
}

/* The coefficients for frame @i; most often those of the frame before. */
static void
update (const KromoNode *node, const KromoRun *run, BiquadState *state, guint i)
{
  const Biquad *biquad = node->config;
  Coefficients *k = &state->coefficients;
  const float frequency = value_at (&run->params[KROMO_BIQUAD_FREQUENCY], i);
  const float detune = value_at (&run->params[KROMO_BIQUAD_DETUNE], i);
  const float q = value_at (&run->params[KROMO_BIQUAD_Q], i);
  const float gain = value_at (&run->params[KROMO_BIQUAD_GAIN], i);
  const gboolean same_frequency = state->known && frequency == k->frequency && detune == k->detune;
  const gboolean same_q = state->known && q == k->q, same_gain = state->known && gain == k->gain;

  if (same_frequency && same_q && same_gain)
    return;
  if (!same_frequency) {
    k->frequency = frequency;
    k->detune = detune;
    biquad->set_frequency (k, frequency, detune, run->rate);
  }
  if (!same_q) {
    k->q = q;
    k->resonance = pow (10.0, (double) q / 20.0);
  }
  if (!same_gain) {
    k->gain = gain;
    k->a = pow (10.0, (double) gain / 40.0);
    k->sqrt_a = sqrt (k->a);
  }
  biquad->compute (k, biquad->type);
  state->known = TRUE;
}

static float
filter (const Coefficients *k, History *h, float sample)
{
  const double x = sample;
  const double y = k->b0 * x + k->b1 * h->x1 + k->b2 * h->x2 - k->a1 * h->y1 - k->a2 * h->y2;

  h->x2 = h->x1;
  h->x1 = x;
  h->y2 = h->y1;
  h->y1 = y;
  return (float) y;
}

static gboolean
at_rest (const History *h)
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
is_finite (const Coefficients *k)
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
filter_constant (BiquadState *state, const Channels *channels)
{
  for (guint c = 0; c < channels->n_channels; c++) {
    const float *x = channels->x[c];
    float *y = channels->y[c];

    for (guint i = 0; (channels->active & (1u << c)) && i < KROMO_QUANTUM; i++)
      y[i] = filter (&state->coefficients, &state->channels[c], x[i]);
  }
}

/* Coefficients that are not finite make something of a channel at rest: NaN. */
static void
wake_all (Channels *channels, guint n_silent)
{
  for (guint c = 0; c < channels->n_channels; c++) {
    if (!(channels->active & (1u << c)))
      memset (channels->y[c], 0, n_silent * sizeof (float));
  }
  channels->active = (1u << channels->n_channels) - 1;
}

static void
filter_changing (const KromoNode *node, const KromoRun *run, BiquadState *state, Channels *channels)
{
  const guint all = (1u << channels->n_channels) - 1;

  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    update (node, run, state, i);
    if (channels->active != all && !is_finite (&state->coefficients))
      wake_all (channels, i);
    for (guint c = 0; c < channels->n_channels; c++) {
      if (channels->active & (1u << c))
        channels->y[c][i] = filter (&state->coefficients, &state->channels[c], channels->x[c][i]);
    }
  }
}

static void
biquad_process (const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
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
  update (node, run, state, 0);
  if (!is_finite (&state->coefficients))
    wake_all (&channels, 0);
  if (single)
    filter_constant (state, &channels);
  else
    filter_changing (node, run, state, &channels);
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
  const Biquad config = { type, set_frequency, compute_coefficients };

  return biquad_new (&config, rate);
}

KromoNode *
kromo_biquad_standard_new (KromoFilter type, double rate)
{
  const Biquad config = { type, set_frequency_standard, compute_standard };

  return biquad_new (&config, rate);
}
