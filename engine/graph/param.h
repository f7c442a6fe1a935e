/* AudioParam: a timeline of events and an audio-rate input (3-WEB-AUDIO section 2).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "../ops/ops.h"
#include "bank.h"

G_BEGIN_DECLS

typedef enum {
  KROMO_EVENT_SET,
  KROMO_EVENT_LINEAR_RAMP,
  KROMO_EVENT_EXPONENTIAL_RAMP,
  KROMO_EVENT_TARGET,
  KROMO_EVENT_CURVE
} KromoEventKind;

typedef struct {
  KromoEventKind kind;
  double time;          /* seconds: when it happens or starts; for a ramp, when it ends */
  float value;          /* set, ramp: the value; target: what is approached */
  double time_constant; /* target: seconds, > 0 */
  double duration;      /* curve: seconds */
  KromoView curve;
} KromoEvent;

/* The immutable part. The first event is the constructor's: the default at time 0. */
typedef struct {
  float default_value, min, max;
  gboolean k_rate;
  float initial;  /* the value before any event: the default, or what was assigned to .value */
  GArray *events; /* KromoEvent, by time */
  gsize state;    /* arena state: KromoParamState */
} KromoParamPlan;

typedef struct {
  float intrinsic;
  float last_value; /* of the last finished event ... */
  double last_time; /* ... and its time */
  guint32 next;     /* index of the head of the queue */
  guint32
      settled; /* the head is a target that has been replaced by set (its value, settled_time) */
  double settled_time;
} KromoParamState;

/* Where the frames of a block fall between the values of a curve; the same for all curves of a length. */
typedef struct {
  guint64 n_values;            /* of the curve, and */
  double start, duration;      /* its time; n_values is 0: nothing is known yet */
  guint64 first;               /* value that is needed, and */
  guint n_needed;              /* how many; 0: this way is not open to them */
  gboolean is_steady;          /* whether the frames' values follow one another */
  gint32 whole[KROMO_QUANTUM]; /* value relative to the first */
  float phase[KROMO_QUANTUM];  /* and how far it is to the next */
} KromoCurveTaps;

/* When a block is, in seconds. */
typedef struct {
  double start;  /* of the block */
  double end;    /* of the block: start of the next */
  double period; /* of one frame */

  /* worked out when they are asked for */
  gboolean standard, has_times;
  double times[KROMO_QUANTUM]; /* of the frames */
  KromoCurveTaps taps;         /* of the curve that was last asked for */
} KromoBlockTime;

/* Reference rendering adds up the periods of a block's frames, @standard does not. */
void kromo_block_time_init (KromoBlockTime *time, guint64 block, double rate, gboolean standard);

const double *kromo_block_time_get_times (KromoBlockTime *time);

void kromo_param_plan_init (
    KromoParamPlan *plan, float default_value, float min, float max, gboolean k_rate);
void kromo_param_plan_clear (KromoParamPlan *plan);

/* .value = @value, before rendering */
void kromo_param_plan_set_value (KromoParamPlan *plan, double value);
/* Adds an event; times must not descend. Duration of a curve > 0, time constants are rounded to single. */
void kromo_param_plan_set (KromoParamPlan *plan, double value, double time);
void kromo_param_plan_ramp (KromoParamPlan *plan, gboolean exponential, double value, double time);
void kromo_param_plan_target (
    KromoParamPlan *plan, double value, double time, double time_constant);
void kromo_param_plan_curve (
    KromoParamPlan *plan, const KromoView *view, double time, double duration);

void kromo_param_reset (const KromoParamPlan *plan, KromoParamState *state);

/**
 * kromo_param_compute:
 * @input: (nullable): a quantum of audio to add; %NULL when nothing or silence is connected
 * @values: (out): a quantum, or only the first value when %TRUE is returned
 *
 * Advances by one block and computes its values.
 *
 * Returns: whether the block has a single value
 */
gboolean kromo_param_compute (const KromoParamPlan *plan, KromoParamState *state,
    KromoBlockTime *time, const KromoBank *bank, const KromoArena *arena, const float *input,
    float *values);

/* The same as the W3C specification has it: what is held before an event is the value before it, ramps
 * start from there, and a k-rate parameter has the value of the block's first frame. */
gboolean kromo_param_compute_standard (const KromoParamPlan *plan, KromoParamState *state,
    KromoBlockTime *time, const KromoBank *bank, const KromoArena *arena, const float *input,
    float *values);

/* Within the parameter's range; its default for NaN. */
static inline float
kromo_param_clamp (const KromoParamPlan *plan, float value)
{
  if (value != value)
    return plan->default_value;
  value = value < plan->min ? plan->min : value;
  return value > plan->max ? plan->max : value;
}

/* Whether it never changes after its first block, without an input; @value: (out): from then on. */
gboolean kromo_param_is_constant (const KromoParamPlan *plan, float *value);

/* Before any event, and without an input. */
static inline float
kromo_param_get_initial (const KromoParamPlan *plan)
{
  return kromo_param_clamp (plan, plan->initial);
}

G_END_DECLS
