/* Wave shaper: a curve read at the place that the input names.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The curve is a signal with random access; nothing of it is kept.
 */
#include "nodes.h"
#include "resampler.h"

#include <math.h>
#include <string.h>

#define CENTRED 1e-9f /* a curve whose centre is nearer to 0 leaves silence silent */
#define MAX_CHANNELS 6
#define MAX_OVERSAMPLE KROMO_RESAMPLER_MAX_FACTOR
#define SHAPE_OPERATIONS 20
#define RESAMPLE_OPERATIONS 240

typedef struct {
  KromoView curve; /* kind KROMO_VIEW_NOTHING: none */
  guint oversample;
  KromoResampler up, down; /* with oversampling */
  gsize work;              /* scratch: float[MAX_OVERSAMPLE * KROMO_QUANTUM] */
} WaveShaper;

typedef struct {
  guint32 centre_known, centred;
  guint32 n_channels; /* of the overlaps */
  float up[MAX_CHANNELS][MAX_OVERSAMPLE * KROMO_QUANTUM];
  float down[MAX_CHANNELS][KROMO_QUANTUM];
} WaveShaperState;

static void
shape (const WaveShaper *shaper, const KromoRun *run, const float *x, float *y)
{
  guint64 left[KROMO_QUANTUM], right[KROMO_QUANTUM];
  float phase[KROMO_QUANTUM], a[KROMO_QUANTUM], b[KROMO_QUANTUM];

  run->ops->shapers->find_points (left, right, phase, x, shaper->curve.n_values - 1);
  kromo_view_gather (&shaper->curve, run->bank, &run->arena, left, KROMO_QUANTUM, a);
  kromo_view_gather (&shaper->curve, run->bank, &run->arena, right, KROMO_QUANTUM, b);
  run->ops->shapers->blend (y, a, b, phase);
}

/* What becomes of a channel that is zero: its points are all the same. */
static float
shape_zero (const WaveShaper *shaper, const KromoRun *run)
{
  guint64 left[KROMO_QUANTUM], right[KROMO_QUANTUM];
  float phase[KROMO_QUANTUM], pair[2], y;

  run->ops->shapers->find_points (left, right, phase, kromo_zeros, shaper->curve.n_values - 1);
  kromo_view_gather (
      &shaper->curve, run->bank, &run->arena, (const guint64[]){ left[0], right[0] }, 2, pair);
  y = (1.0f - phase[0]) * pair[0] + phase[0] * pair[1];
  return y;
}

static void
shape_oversampled (const WaveShaper *shaper, KromoRun *run, WaveShaperState *state, guint c,
    const float *x, float *y)
{
  float *work = kromo_arena_scratch (&run->arena, shaper->work);

  kromo_resampler_run (&shaper->up, &run->arena, x, work, state->up[c]);
  for (guint k = 0; k < shaper->oversample; k++)
    shape (shaper, run, work + k * KROMO_QUANTUM, work + k * KROMO_QUANTUM);
  kromo_resampler_run (&shaper->down, &run->arena, work, y, state->down[c]);
}

/* Whether silence stays silence. */
static gboolean
is_centred (const WaveShaper *shaper, const KromoRun *run, WaveShaperState *state)
{
  const guint64 n = shaper->curve.n_values;
  const guint64 middle[] = { (n - 1) / 2, n / 2 };
  float values[2];

  if (!state->centre_known) {
    kromo_view_gather (&shaper->curve, run->bank, &run->arena, middle, 2, values);
    state->centred = fabsf ((values[0] + values[1]) / 2.0f) < CENTRED;
    state->centre_known = TRUE;
  }
  return state->centred;
}

static void
wave_shaper_process (
    const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const WaveShaper *shaper = node->config;
  WaveShaperState *state = kromo_node_state (node, &run->arena);

  if (shaper->curve.kind == KROMO_VIEW_NOTHING) {
    *out = *in;
    return;
  }
  if (in->silent && is_centred (shaper, run, state))
    return;
  kromo_bus_set_zero (out, in->n_channels);
  if (shaper->oversample > 1 && in->n_channels != state->n_channels) {
    memset (state->up, 0, sizeof state->up);
    memset (state->down, 0, sizeof state->down);
    state->n_channels = in->n_channels;
  }
  for (guint c = 0; c < in->n_channels; c++) {
    float *y = own + c * KROMO_QUANTUM;

    if (shaper->oversample > 1) {
      shape_oversampled (shaper, run, state, c, in->data[c], y);
    } else if (in->zero & (1u << c)) {
      const float value = shape_zero (shaper, run);

      for (guint i = 0; i < KROMO_QUANTUM; i++)
        y[i] = value;
    } else {
      shape (shaper, run, in->data[c], y);
    }
    kromo_bus_set_channel (out, c, y);
  }
}

static void
wave_shaper_plan (KromoNode *node, KromoLayout *layout, double rate)
{
  WaveShaper *shaper = node->config;
  gsize size = G_STRUCT_OFFSET (WaveShaperState, up);

  if (shaper->oversample > 1) {
    kromo_resampler_plan (&shaper->up, layout);
    kromo_resampler_plan (&shaper->down, layout);
    shaper->work =
        kromo_layout_take (&layout->scratch, MAX_OVERSAMPLE * KROMO_QUANTUM * sizeof (float));
    size = sizeof (WaveShaperState);
  }
  kromo_node_take_state (node, layout, size);
}

static void
wave_shaper_reset (const KromoNode *node, const KromoArena *arena)
{
  const WaveShaper *shaper = node->config;

  memset (kromo_node_state (node, arena), 0, node->state_size);
  if (shaper->oversample > 1) {
    kromo_resampler_reset (&shaper->up, arena);
    kromo_resampler_reset (&shaper->down, arena);
  }
}

/* The centre is another curve's. */
static void
wave_shaper_go_on (const KromoNode *node, const KromoRun *run, gconstpointer before)
{
  WaveShaperState *state = kromo_node_state (node, &run->arena);

  memcpy (state, before, node->state_size);
  state->centre_known = FALSE;
}

/* Two points of the curve for each frame, and the FFTs of the resamplers. */
static guint64
wave_shaper_count_operations (const KromoNode *node, const KromoBank *bank)
{
  const WaveShaper *shaper = node->config;
  const guint64 points = 2 * kromo_view_count_operations (&shaper->curve, bank);
  const guint64 frame = SHAPE_OPERATIONS + (shaper->oversample > 1 ? RESAMPLE_OPERATIONS : 0);

  if (shaper->curve.kind == KROMO_VIEW_NOTHING)
    return 0;
  return node->max_in * shaper->oversample * (frame + points);
}

static const KromoNodeClass wave_shaper_class = {
  .name = "waveShaper",
  .plan = wave_shaper_plan,
  .reset = wave_shaper_reset,
  .go_on = wave_shaper_go_on,
  .process = wave_shaper_process,
  .count_operations = wave_shaper_count_operations,
  .count_mode = KROMO_COUNT_MAX,
  .channel_count = 2,
  .is_source = TRUE, /* with a curve that is not 0 in the middle */
};

KromoNode *
kromo_wave_shaper_new (const KromoView *curve, guint oversample)
{
  KromoNode *node = g_new0 (KromoNode, 1);
  WaveShaper *shaper = g_new0 (WaveShaper, 1);

  g_assert (oversample == 1 || oversample == 2 || oversample == MAX_OVERSAMPLE);
  if (curve != NULL)
    shaper->curve = *curve;
  shaper->oversample = oversample;
  if (oversample > 1) {
    kromo_resampler_init (&shaper->up, KROMO_QUANTUM, oversample * KROMO_QUANTUM);
    kromo_resampler_init (&shaper->down, oversample * KROMO_QUANTUM, KROMO_QUANTUM);
  }
  node->klass = &wave_shaper_class;
  node->config = shaper;
  return node;
}
