/* AudioParam timelines by the W3C specification.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The state is the number of events that have begun, and the value just before the last of them did.
 */
#include "../math/exponential.h"
#include "curve.h"

#include <math.h>

typedef struct {
  const KromoParamPlan *plan;
  KromoParamState *state;
  const KromoBank *bank;
  const KromoArena *arena;
} Timeline;

static gboolean
is_ramp (const KromoEvent *event)
{
  return event->kind == KROMO_EVENT_LINEAR_RAMP || event->kind == KROMO_EVENT_EXPONENTIAL_RAMP;
}

/* The event that has begun last; for a ramp, that has ended. */
static const KromoEvent *
get_current (const Timeline *line)
{
  return &g_array_index (line->plan->events, KromoEvent, line->state->next - 1);
}

static const KromoEvent *
get_following (const Timeline *line)
{
  const guint next = line->state->next;

  return next < line->plan->events->len ? &g_array_index (line->plan->events, KromoEvent, next)
                                        : NULL;
}

static float
value_of_ramp (const KromoEvent *ramp, double t0, float v0, double t)
{
  const double phase = (t - t0) / (ramp->time - t0);

  if (ramp->kind == KROMO_EVENT_LINEAR_RAMP)
    return (float) (v0 + ((double) ramp->value - v0) * phase);
  if (v0 * ramp->value <= 0.0f)
    return v0;
  return (float) (v0 * kromo_pow ((double) ramp->value / v0, phase));
}

/* Between the current event's beginning and the following one's. */
static float
value_at (const Timeline *line, double t)
{
  const KromoEvent *current = get_current (line), *following = get_following (line);
  const float before = line->state->last_value;
  double t0 = current->time;
  float v0 = current->value;

  if (current->kind == KROMO_EVENT_CURVE) {
    if (t < t0 + current->duration)
      return kromo_curve_value (current, line->bank, line->arena, t);
    t0 += current->duration;
    v0 = kromo_curve_value (current, line->bank, line->arena, INFINITY);
  } else if (current->kind == KROMO_EVENT_TARGET) {
    if (following == NULL || !is_ramp (following))
      return (float) (v0 + (before - (double) v0) * kromo_exp (-(t - t0) / current->time_constant));
    v0 = before; /* a ramp takes its place */
  }
  return following != NULL && is_ramp (following) ? value_of_ramp (following, t0, v0, t) : v0;
}

/* Begins the events that are due at @t. */
static void
advance (const Timeline *line, double t)
{
  KromoParamState *state = line->state;
  const KromoEvent *following;

  while ((following = get_following (line)) != NULL && following->time <= t) {
    state->last_value =
        state->next > 0 ? value_at (line, following->time) : line->plan->default_value;
    state->next++;
  }
}

/* Whether nothing changes from @t to @end. */
static gboolean
is_constant (const Timeline *line, double t, double end)
{
  const KromoEvent *current = get_current (line), *following = get_following (line);

  if (following != NULL && (is_ramp (following) || following->time < end))
    return FALSE;
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): one has begun */
  return current->kind == KROMO_EVENT_SET || is_ramp (current)
      || (current->kind == KROMO_EVENT_CURVE && t >= current->time + current->duration);
}

static void
fill (const Timeline *line, KromoBlockTime *time, float *values)
{
  const KromoEvent *current = get_current (line), *following = get_following (line);
  const double *times = kromo_block_time_get_times (time);

  if (current->kind == KROMO_EVENT_CURVE
      && (following == NULL || (!is_ramp (following) && following->time >= time->end))) {
    if (!kromo_curve_fill_block (current, line->bank, line->arena, time, values))
      kromo_curve_fill (current, line->bank, line->arena, times, KROMO_QUANTUM, values);
    return;
  }
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    advance (line, times[i]);
    values[i] = value_at (line, times[i]);
  }
}

gboolean
kromo_param_compute_standard (const KromoParamPlan *plan, KromoParamState *state,
    KromoBlockTime *time, const KromoBank *bank, const KromoArena *arena, const float *input,
    float *values)
{
  const KromoBlockOps *ops = kromo_ops_get ()->blocks;
  const Timeline line = { plan, state, bank, arena };

  advance (&line, time->start);
  if (plan->k_rate || (input == NULL && is_constant (&line, time->start, time->end))) {
    const float value = value_at (&line, time->start);

    values[0] = kromo_param_clamp (plan, input != NULL ? input[0] + value : value);
    return TRUE;
  }
  fill (&line, time, values);
  if (input != NULL)
    ops->add (values, input, values);
  ops->clamp (values, values, plan->default_value, plan->min, plan->max);
  return FALSE;
}
