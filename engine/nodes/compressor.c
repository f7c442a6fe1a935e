/* The reference's dynamics compressor: a peak detector with branching attack and release, a quadratic
 * knee, look-ahead in whole blocks (3-WEB-AUDIO 3.6).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "../math/single.h"
#include "nodes-private.h"

#define LOOK_AHEAD 0.006 /* seconds, then rounded up to blocks */
#define SILENCE_DB (-1000.0f)

typedef struct {
  guint n_blocks; /* of delay; set by plan */
} Compressor;

/* Followed by the ring of delayed blocks. */
typedef struct {
  float detector; /* dB of reduction */
} CompressorState;

typedef struct {
  KromoCompression curve;
  float attack, release; /* smoothing coefficients */
  float make_up;         /* dB */
} Settings;

static float
to_linear (float db)
{
  return kromo_single_exp10 (db / 20.0f);
}

static float
to_db (float linear)
{
  return linear == 0.0f ? SILENCE_DB : 20.0f * kromo_single_log10 (linear);
}

static Settings
get_settings (const KromoRun *run)
{
  const float attack = run->params[KROMO_COMPRESSOR_ATTACK].values[0];
  const float release = run->params[KROMO_COMPRESSOR_RELEASE].values[0];
  const float knee = run->params[KROMO_COMPRESSOR_KNEE].values[0];
  const float rate = (float) run->rate;
  Settings s;
  float full_range;

  s.curve.threshold = run->params[KROMO_COMPRESSOR_THRESHOLD].values[0];
  if (knee > 0.0f)
    s.curve.threshold += knee / 2.0f;
  s.curve.width = knee;
  s.curve.ratio = run->params[KROMO_COMPRESSOR_RATIO].values[0];
  s.curve.k = (1.0f / s.curve.ratio - 1.0f) / (2.0f * knee);
  s.attack = kromo_single_exp (-1.0f / (attack * rate));
  s.release = kromo_single_exp (-1.0f / (release * rate));
  full_range = s.curve.threshold + -s.curve.threshold / s.curve.ratio;
  s.make_up = to_db (kromo_single_pow (1.0f / to_linear (full_range), 0.6f));
  return s;
}

/* @reductions becomes the detector's, smoothed. Both ways are computed and one is chosen last, so that only an
 * addition and a product wait for the frame before. */
static void
smooth (const Settings *s, CompressorState *state, float *reductions)
{
  const float attack = s->attack, release = s->release;
  const float attack_rest = 1.0f - attack, release_rest = 1.0f - release;
  float d = state->detector;

  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const float reduction = reductions[i];
    const float rising = attack * d + attack_rest * reduction;
    const float falling = release * d + release_rest * reduction;

    d = reduction > d ? rising : falling;
    reductions[i] = d;
  }
  state->detector = d;
}

static void
compute_gains (const KromoRun *run, CompressorState *state, const KromoBus *in, float *gains)
{
  const KromoLevelOps *ops = run->ops->levels;
  const Settings settings = get_settings (run);

  ops->find_peaks (gains, in->data[0], in->data[in->n_channels - 1]);
  ops->find_reductions (gains, gains, &settings.curve);
  smooth (&settings, state, gains);
  ops->find_gains (gains, gains, settings.make_up);
}

static void
compressor_process (
    const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const Compressor *compressor = node->config;
  CompressorState *state = kromo_node_state (node, &run->arena);
  KromoDelayedBlock *ring = kromo_compressor_get_blocks (node, &run->arena);
  KromoDelayedBlock *oldest = &ring[run->block % compressor->n_blocks];
  const KromoDelayedBlock delayed = *oldest;
  float gains[KROMO_QUANTUM];

  compute_gains (run, state, in, gains);
  kromo_delayed_block_put (oldest, in);
  if (delayed.n_channels == 0)
    return;
  kromo_bus_set_zero (out, delayed.n_channels);
  for (guint c = 0; c < delayed.n_channels; c++) {
    float *y = own + c * KROMO_QUANTUM;

    run->ops->blocks->multiply (y, delayed.data[c], gains);
    kromo_bus_set_channel (out, c, y);
  }
}

static void
compressor_plan (KromoNode *node, KromoLayout *layout, double rate)
{
  Compressor *compressor = node->config;

  compressor->n_blocks = (guint) ceilf ((float) (rate * LOOK_AHEAD) / KROMO_QUANTUM);
  kromo_node_take_state (
      node, layout, KROMO_ALIGNMENT + compressor->n_blocks * sizeof (KromoDelayedBlock));
}

static const KromoNodeClass compressor_class = {
  .name = "dynamicsCompressor",
  .plan = compressor_plan,
  .process = compressor_process,
  .operations = 80,
  .count_mode = KROMO_COUNT_CLAMPED_MAX,
  .channel_count = 2,
};

KromoNode *
kromo_compressor_make (const KromoNodeClass *klass, gpointer config)
{
  KromoNode *node = g_new0 (KromoNode, 1);

  node->klass = klass;
  node->config = config;
  node->n_params = 5;
  kromo_param_plan_init (&node->params[KROMO_COMPRESSOR_ATTACK], 0.003f, 0.0f, 1.0f, TRUE);
  kromo_param_plan_init (&node->params[KROMO_COMPRESSOR_KNEE], 30.0f, 0.0f, 40.0f, TRUE);
  kromo_param_plan_init (&node->params[KROMO_COMPRESSOR_RATIO], 12.0f, 1.0f, 20.0f, TRUE);
  kromo_param_plan_init (&node->params[KROMO_COMPRESSOR_RELEASE], 0.25f, 0.0f, 1.0f, TRUE);
  kromo_param_plan_init (&node->params[KROMO_COMPRESSOR_THRESHOLD], -24.0f, -100.0f, 0.0f, TRUE);
  return node;
}

KromoNode *
kromo_compressor_new (void)
{
  return kromo_compressor_make (&compressor_class, g_new0 (Compressor, 1));
}
