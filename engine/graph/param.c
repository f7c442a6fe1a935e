/* AudioParam timelines.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The algorithm of 3-WEB-AUDIO 2.5, block by block, with the reference's quirks: a head event in the
 * future is extrapolated backwards once another was consumed in the same block, and a k-rate parameter
 * has the value from before the block's events.
 */
#include "param.h"

#include "../math/single.h"
#include "curve.h"

#include <float.h>
#include <math.h>

#define SETTLED_DISTANCE 1e-10

void
kromo_param_plan_init (
    KromoParamPlan *plan, float default_value, float min, float max, gboolean k_rate)
{
  plan->default_value = plan->initial = default_value;
  plan->min = min;
  plan->max = max;
  plan->k_rate = k_rate;
  plan->events = g_array_new (FALSE, TRUE, sizeof (KromoEvent));
  kromo_param_plan_set (plan, default_value, 0.0);
}

void
kromo_param_plan_clear (KromoParamPlan *plan)
{
  g_array_unref (plan->events);
}

static KromoEvent *
append (KromoParamPlan *plan, KromoEventKind kind, double value, double time)
{
  KromoEvent event = { kind, time, (float) value, 0.0, 0.0, { 0 } };

  g_array_append_val (plan->events, event);
  return &g_array_index (plan->events, KromoEvent, plan->events->len - 1);
}

void
kromo_param_plan_set_value (KromoParamPlan *plan, double value)
{
  plan->initial = (float) value;
  kromo_param_plan_set (plan, value, 0.0);
}

void
kromo_param_plan_set (KromoParamPlan *plan, double value, double time)
{
  append (plan, KROMO_EVENT_SET, value, time);
}

void
kromo_param_plan_ramp (KromoParamPlan *plan, gboolean exponential, double value, double time)
{
  append (plan, exponential ? KROMO_EVENT_EXPONENTIAL_RAMP : KROMO_EVENT_LINEAR_RAMP, value, time);
}

void
kromo_param_plan_target (KromoParamPlan *plan, double value, double time, double time_constant)
{
  append (plan, KROMO_EVENT_TARGET, value, time)->time_constant = (float) time_constant;
}

void
kromo_param_plan_curve (KromoParamPlan *plan, const KromoView *view, double time, double duration)
{
  KromoEvent *event = append (plan, KROMO_EVENT_CURVE, 0.0, time);

  event->curve = *view;
  event->duration = duration;
}

void
kromo_param_reset (const KromoParamPlan *plan, KromoParamState *state)
{
  state->intrinsic = plan->initial;
  state->last_value = 0.0f;
  state->last_time = 0.0;
  state->next = 0;
  state->settled = FALSE;
  state->settled_time = 0.0;
}

gboolean
kromo_param_is_constant (const KromoParamPlan *plan, float *value)
{
  for (guint i = 0; i < plan->events->len; i++) {
    const KromoEvent *event = &g_array_index (plan->events, KromoEvent, i);

    if (event->kind != KROMO_EVENT_SET || event->time > 0.0)
      return FALSE;
    *value = kromo_param_clamp (plan, event->value);
  }
  return plan->events->len > 0;
}

/* ---- one block ---- */

void
kromo_block_time_init (KromoBlockTime *time, guint64 block, double rate, gboolean standard)
{
  time->period = 1.0 / rate;
  time->start = (double) (block * KROMO_QUANTUM) / rate;
  time->end = time->start + KROMO_QUANTUM * time->period;
  time->standard = standard;
  time->has_times = FALSE;
  time->taps.n_values = 0;
}

/* start + period + period + ..., each sum rounded. As long as the sums have the same exponent, all are
 * multiples of the same ulp, so each step adds the same rounded period, unless the exact sum is halfway between
 * two of them. */
static void
add_up (double start, double period, double *times)
{
  const double step = (start + period) - start, last = start + (KROMO_QUANTUM - 1) * step;
  int exponent, last_exponent;

  frexp (start, &exponent);
  frexp (last, &last_exponent);
  if (start > 0.0 && exponent == last_exponent
      && fabs (period - step) != ldexp (0.5, exponent - DBL_MANT_DIG)) {
    for (gint i = 0; i < KROMO_QUANTUM; i++)
      times[i] = start + i * step;
  } else {
    times[0] = start;
    for (guint i = 1; i < KROMO_QUANTUM; i++)
      times[i] = times[i - 1] + period;
  }
}

const double *
kromo_block_time_get_times (KromoBlockTime *time)
{
  if (time->has_times)
    return time->times;
  time->has_times = TRUE;
  if (time->standard) {
    for (gint i = 0; i < KROMO_QUANTUM; i++)
      time->times[i] = time->start + i * time->period;
  } else {
    add_up (time->start, time->period, time->times);
  }
  return time->times;
}

typedef struct {
  const KromoParamPlan *plan;
  KromoParamState *state;
  KromoBlockTime *time;
  const KromoBank *bank;
  const KromoArena *arena;
  float *values;
  guint filled;
} Block;

static guint
frame_of (const Block *block, double time)
{
  const double frames = round (fmax (0.0, time - block->time->start) / block->time->period);

  return (guint) fmin (KROMO_QUANTUM, frames);
}

static void
fill_constant (Block *block, guint end, float value)
{
  for (; block->filled < end; block->filled++)
    block->values[block->filled] = value;
}

static void
finish (Block *block, double time, float value)
{
  KromoParamState *state = block->state;

  state->intrinsic = value;
  state->last_time = time;
  state->last_value = value;
  state->next++;
  state->settled = FALSE;
}

/* ---- ramps ---- */

static float
ramp_value (const KromoEvent *event, const KromoParamState *state, double time)
{
  const float v0 = state->last_value, v1 = event->value;
  const float phase = (float) ((time - state->last_time) / (event->time - state->last_time));

  if (event->kind == KROMO_EVENT_LINEAR_RAMP)
    return fmaf (v1 - v0, phase, v0);
  return v0 * kromo_single_pow (v1 / v0, phase);
}

static gboolean
run_ramp (Block *block, const KromoEvent *event)
{
  KromoParamState *state = block->state;
  const guint end = frame_of (block, event->time);
  double t = block->filled * block->time->period + block->time->start;

  for (; block->filled < end; block->filled++, t += block->time->period)
    state->intrinsic = block->values[block->filled] = ramp_value (event, state, t);
  if (event->time >= block->time->end) {
    state->intrinsic = ramp_value (event, state, block->time->end);
    return FALSE;
  }
  finish (block, event->time, event->value);
  return TRUE;
}

/* ---- targets ---- */

static float
target_value (const KromoEvent *event, float v0, double time)
{
  const float phase = (float) kromo_exp (-((time - event->time) / event->time_constant));

  return fmaf (v0 - event->value, phase, event->value);
}

static gboolean
run_target (Block *block, const KromoEvent *event, const KromoEvent *following)
{
  KromoParamState *state = block->state;
  const float v0 = state->last_value;
  double end_time = block->time->end;
  gboolean finished = FALSE;
  double t = block->filled * block->time->period + block->time->start;
  guint end;

  if (following != NULL
      && (following->kind == KROMO_EVENT_LINEAR_RAMP
          || following->kind == KROMO_EVENT_EXPONENTIAL_RAMP)) {
    end_time = block->time->start;
    finished = TRUE;
  } else if (following != NULL && following->time < block->time->end) {
    end_time = following->time;
    finished = TRUE;
  }
  end = frame_of (block, end_time);
  for (; block->filled < end; block->filled++, t += block->time->period) {
    block->values[block->filled] = t < event->time ? state->intrinsic : target_value (event, v0, t);
  }
  if (finished) {
    finish (block, end_time, target_value (event, v0, end_time));
    return TRUE;
  }
  state->intrinsic = target_value (event, v0, end_time);
  if (fabs ((double) event->value - state->intrinsic) < SETTLED_DISTANCE) {
    state->intrinsic = event->value;
    state->settled = TRUE;
    state->settled_time = end_time;
    if (event->value == 0.0f) {
      for (guint i = 0; i < KROMO_QUANTUM; i++) {
        if (fpclassify (block->values[i]) == FP_SUBNORMAL)
          block->values[i] = 0.0f;
      }
    }
  }
  return FALSE;
}

/* ---- curves ---- */

static void
fill_curve (Block *block, const KromoEvent *event, guint end)
{
  double times[KROMO_QUANTUM], t = block->filled * block->time->period + block->time->start;
  guint n = 0;

  for (; block->filled < end && t < event->time; block->filled++, t += block->time->period)
    block->values[block->filled] = block->state->intrinsic;
  for (; block->filled + n < end; n++, t += block->time->period)
    times[n] = t;
  kromo_curve_fill (event, block->bank, block->arena, times, n, block->values + block->filled);
  block->filled += n;
}

static gboolean
run_curve (Block *block, const KromoEvent *event)
{
  KromoParamState *state = block->state;
  const double end_time = event->time + event->duration;
  const guint end = frame_of (block, end_time);

  if (block->plan->k_rate /* only the value at the end matters */
      || (block->filled == 0 && end == KROMO_QUANTUM && block->time->start >= event->time
          && kromo_curve_fill_block (event, block->bank, block->arena, block->time, block->values)))
    block->filled = end;
  else
    fill_curve (block, event, end);
  if (end_time >= block->time->end) {
    /* Needed where the next block does not begin with the curve itself. */
    if (block->plan->k_rate || event->time > block->time->end)
      state->intrinsic = kromo_curve_value (event, block->bank, block->arena, block->time->end);
    return FALSE;
  }
  finish (block, end_time, kromo_curve_value (event, block->bank, block->arena, INFINITY));
  return TRUE;
}

static gboolean
run_event (Block *block, const KromoEvent *event, const KromoEvent *following)
{
  const double time = event->time > 0.0 ? event->time : block->time->start;
  KromoParamState *state = block->state;

  switch (event->kind) {
  case KROMO_EVENT_EXPONENTIAL_RAMP:
    if (state->last_value != 0.0f && state->last_value * event->value >= 0.0f)
      return run_ramp (block, event);
    break; /* cannot be exponential: becomes a set */
  case KROMO_EVENT_LINEAR_RAMP:
    return run_ramp (block, event);
  case KROMO_EVENT_TARGET:
    if (!state->settled)
      return run_target (block, event, following);
    break;
  case KROMO_EVENT_CURVE:
    return run_curve (block, event);
  case KROMO_EVENT_SET:
  default:
    break;
  }
  fill_constant (
      block, frame_of (block, state->settled ? state->settled_time : time), state->intrinsic);
  if ((state->settled ? state->settled_time : time) > block->time->end)
    return FALSE;
  finish (block, state->settled ? state->settled_time : time, event->value);
  return TRUE;
}

/* Whether the block ends with the intrinsic value throughout, nothing being consumed. */
static gboolean
is_idle (const KromoParamPlan *plan, const KromoParamState *state, const KromoBlockTime *time)
{
  const KromoEvent *head;

  if (state->next >= plan->events->len)
    return TRUE;
  head = &g_array_index (plan->events, KromoEvent, state->next);
  if (state->settled)
    return state->settled_time >= time->end;
  return head->time >= time->end && head->kind != KROMO_EVENT_LINEAR_RAMP
      && head->kind != KROMO_EVENT_EXPONENTIAL_RAMP;
}

gboolean
kromo_param_compute (const KromoParamPlan *plan, KromoParamState *state, KromoBlockTime *time,
    const KromoBank *bank, const KromoArena *arena, const float *input, float *values)
{
  const gboolean idle = is_idle (plan, state, time);
  const float before = state->intrinsic;
  Block block = { plan, state, time, bank, arena, values, 0 };

  if (!idle) {
    while (state->next < plan->events->len) {
      const KromoEvent *event = &g_array_index (plan->events, KromoEvent, state->next);
      const KromoEvent *following = state->next + 1 < plan->events->len ? event + 1 : NULL;

      if (!run_event (&block, event, following))
        break;
    }
    fill_constant (&block, KROMO_QUANTUM, state->intrinsic);
  }
  if (plan->k_rate || (idle && input == NULL)) {
    values[0] = kromo_param_clamp (plan, input != NULL ? before + input[0] : before);
    return TRUE;
  }
  if (idle)
    fill_constant (&block, KROMO_QUANTUM, before);
  if (input != NULL)
    kromo_ops_get ()->blocks->add (values, input, values);
  kromo_ops_get ()->blocks->clamp (values, values, plan->default_value, plan->min, plan->max);
  return FALSE;
}
