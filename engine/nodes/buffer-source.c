/* Buffer sources: play a signal at a rate.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * At rate 1 the samples are copied; once a block had another rate, positions are interpolated for
 * good. Sources start at 0 and the buffer has the graph's rate.
 */
#include "../math/single.h"
#include "nodes.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define MAX_TURNS                                                                                  \
  64 /* of a loop in one frame that are subtracted one by one, as the reference does */
#define NEARLY_ONE 0x1p-26 /* how close to the next sample counts as on it */
#define INTERPOLATION_OPERATIONS 30

typedef struct {
  KromoView buffer; /* kind KROMO_VIEW_NOTHING: none */
  gboolean loop, loops_backwards;
} BufferSource;

typedef struct {
  double position; /* seconds into the buffer */
  guint32 interpolating;
  guint32 ended;
} BufferSourceState;

/* The next block at rate 1: where it lies, or put into @own. */
static const float *
next_block (const BufferSource *source, BufferSourceState *state, KromoRun *run, float *own)
{
  const guint64 n = source->buffer.n_values;
  const guint64 start = (guint64) round (state->position * run->rate);
  const guint count = start < n ? (guint) MIN (n - start, KROMO_QUANTUM) : 0;
  const float *data = kromo_view_peek (&source->buffer, run->bank, &run->arena, start);

  if (data == NULL) {
    data = own;
    if (count > 0)
      kromo_view_read (&source->buffer, run->bank, &run->arena, start, count, own);
    memset (own + count, 0, (KROMO_QUANTUM - count) * sizeof (float));
  }
  state->position += KROMO_QUANTUM * run->time.period;
  state->ended = !source->loop && state->position >= n / run->rate;
  return data;
}

/* Where each frame of a block falls in the buffer. */
typedef struct {
  guint n; /* frames that fall into it; the rest is 0 */
  guint64 left[KROMO_QUANTUM], right[KROMO_QUANTUM];
  double phase[KROMO_QUANTUM];
  guint8 frame[KROMO_QUANTUM];
  gboolean extrapolate[KROMO_QUANTUM]; /* right is that before left */
  gboolean zero_right[KROMO_QUANTUM];
} Taps;

static void
add_tap (const BufferSource *source, Taps *taps, double position, double rate, guint frame)
{
  const guint64 last = source->buffer.n_values - 1;
  const double where = position * rate;
  const double whole = floor (where);
  const guint64 j = MIN ((guint64) whole, last);
  const guint k = taps->n++;

  taps->frame[k] = (guint8) frame;
  taps->left[k] = j;
  taps->phase[k] = where - whole;
  taps->extrapolate[k] = taps->zero_right[k] = FALSE;
  if (j < last) {
    taps->right[k] = j + 1;
  } else if (source->loop) {
    taps->right[k] = 0;
  } else if (j == 0 || fabs (1.0 - taps->phase[k]) <= NEARLY_ONE) {
    taps->right[k] = j;
    taps->zero_right[k] = TRUE;
  } else {
    taps->right[k] = j - 1;
    taps->extrapolate[k] = TRUE;
  }
}

static void
find_taps (const BufferSource *source, BufferSourceState *state, double rate, double sample_rate,
    double period, Taps *taps)
{
  const double length = source->buffer.n_values / sample_rate;

  taps->n = 0;
  for (guint i = 0; i < KROMO_QUANTUM && !state->ended; i++) {
    if (source->loop) {
      if (isinf (rate) || (state->position < 0.0 && !source->loops_backwards))
        state->ended = TRUE; /* played backwards, the reference's node dies */
      while (state->position < 0.0 && !state->ended)
        state->position = fmod (state->position, length) + length;
      if (state->position >= MAX_TURNS * length)
        state->position = fmod (state->position, length);
      while (state->position >= length)
        state->position -= length;
    } else if ((rate > 0.0 && state->position >= length) || (rate < 0.0 && state->position < 0.0)) {
      state->ended = TRUE;
    }
    if (state->ended)
      break;
    if (state->position >= 0.0 && state->position < length)
      add_tap (source, taps, state->position, sample_rate, i);
    state->position += period * rate;
  }
}

static void
interpolate_block (
    const BufferSource *source, BufferSourceState *state, KromoRun *run, double rate, float *own)
{
  Taps taps;
  float left[KROMO_QUANTUM], right[KROMO_QUANTUM];

  find_taps (source, state, rate, run->rate, run->time.period, &taps);
  memset (own, 0, KROMO_QUANTUM * sizeof (float));
  if (taps.n == 0)
    return;
  kromo_view_gather (&source->buffer, run->bank, &run->arena, taps.left, taps.n, left);
  kromo_view_gather (&source->buffer, run->bank, &run->arena, taps.right, taps.n, right);
  for (guint k = 0; k < taps.n; k++) {
    const double a = left[k];
    double b = right[k];

    if (taps.zero_right[k])
      b = 0.0;
    else if (taps.extrapolate[k])
      b = 2.0 * a - b;
    own[taps.frame[k]] = (float) ((1.0 - taps.phase[k]) * a + taps.phase[k] * b);
  }
}

static float
cents_to_factor (float detune)
{
  return detune == 0.0f ? 1.0f : kromo_single_exp2 (detune / 1200.0f);
}

static void
buffer_source_process (
    const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const BufferSource *source = node->config;
  BufferSourceState *state = kromo_node_state (node, &run->arena);
  const float detune = run->params[KROMO_BUFFER_SOURCE_DETUNE].values[0];
  const float playback_rate = run->params[KROMO_BUFFER_SOURCE_PLAYBACK_RATE].values[0];
  const float rate = playback_rate * cents_to_factor (detune);

  if (source->buffer.kind == KROMO_VIEW_NOTHING || state->ended)
    return;
  kromo_bus_set_zero (out, 1);
  if (rate == 1.0f && !state->interpolating) {
    kromo_bus_set_channel (out, 0, next_block (source, state, run, own));
  } else {
    state->interpolating = TRUE;
    interpolate_block (source, state, run, rate, own);
    kromo_bus_set_channel (out, 0, own);
  }
}

/* At its initial rate all the time. */
static void
buffer_source_start (const KromoNode *node, const KromoRun *run, guint moving)
{
  const BufferSource *source = node->config;
  BufferSourceState *state = kromo_node_state (node, &run->arena);
  const double length = source->buffer.n_values / run->rate;
  const float rate = kromo_param_get_initial (&node->params[KROMO_BUFFER_SOURCE_PLAYBACK_RATE])
      * cents_to_factor (kromo_param_get_initial (&node->params[KROMO_BUFFER_SOURCE_DETUNE]));

  state->position = (double) (run->block * KROMO_QUANTUM) / run->rate * rate;
  state->interpolating = run->block > 0 && (moving || rate != 1.0f);
  if (source->loop && isfinite (state->position) && (rate >= 0.0f || source->loops_backwards))
    state->position = fmod (state->position, length);
  else
    state->ended = run->block > 0 && !(state->position >= 0.0 && state->position < length);
}

static void
buffer_source_plan (KromoNode *node, KromoLayout *layout, double rate)
{
  kromo_node_take_state (node, layout, sizeof (BufferSourceState));
}

/* Two values a frame where the rate is not 1. */
static guint64
buffer_source_count_operations (const KromoNode *node, const KromoBank *bank)
{
  const BufferSource *source = node->config;

  return 2 * kromo_view_count_operations (&source->buffer, bank)
      + (kromo_view_is_steady (&source->buffer) ? 0 : INTERPOLATION_OPERATIONS);
}

static const KromoNodeClass buffer_source_class = {
  .name = "bufferSource",
  .plan = buffer_source_plan,
  .start = buffer_source_start,
  .process = buffer_source_process,
  .operations = 5,
  .count_operations = buffer_source_count_operations,
  .is_source = TRUE,
};

static KromoNode *
buffer_source_new (const KromoView *buffer, gboolean loop, gboolean loops_backwards)
{
  KromoNode *node = g_new0 (KromoNode, 1);
  BufferSource *source = g_new0 (BufferSource, 1);

  if (buffer != NULL)
    source->buffer = *buffer;
  source->loop = loop;
  source->loops_backwards = loops_backwards;
  node->klass = &buffer_source_class;
  node->config = source;
  node->n_params = 2;
  kromo_param_plan_init (&node->params[KROMO_BUFFER_SOURCE_DETUNE], 0.0f, -FLT_MAX, FLT_MAX, TRUE);
  kromo_param_plan_init (
      &node->params[KROMO_BUFFER_SOURCE_PLAYBACK_RATE], 1.0f, -FLT_MAX, FLT_MAX, TRUE);
  return node;
}

KromoNode *
kromo_buffer_source_new (const KromoView *buffer, gboolean loop)
{
  return buffer_source_new (buffer, loop, FALSE);
}

KromoNode *
kromo_buffer_source_standard_new (const KromoView *buffer, gboolean loop)
{
  return buffer_source_new (buffer, loop, TRUE);
}
