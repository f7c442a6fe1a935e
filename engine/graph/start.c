/* Graphs that start in the midst of the sound.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is a function of time alone, timelines and noise, is as it would be; what depends on what
 * was heard is at rest, or goes on from the states of another graph.
 */
#include "../math/fpmode.h"
#include "bank-private.h"
#include "graph-private.h"

#include <math.h>
#include <string.h>

/* ---- noise ---- */

/* Frames after which nothing is left in the filters of what they started from, not even in rounding: the
 * slowest pole is 0.99886 of pink noise, 1/1.02 of brown noise. */
static guint64
count_warming_blocks (KromoNoise noise)
{
  switch (noise) {
  case KROMO_NOISE_PINK:
    return 65536 / KROMO_QUANTUM;
  case KROMO_NOISE_BROWN:
    return 8192 / KROMO_QUANTUM;
  case KROMO_NOISE_WHITE:
  default:
    return 2; /* what a ring holds */
  }
}

void
kromo_bank_start (const KromoBank *bank, const KromoArena *arena, guint64 block)
{
  kromo_bank_reset (bank, arena);
  for (guint i = 0; i < bank->noises->len; i++) {
    const KromoBankNoise *n = &g_array_index (bank->noises, KromoBankNoise, i);
    KromoBankRing *ring;

    if (n->random)
      continue;
    ring = kromo_arena_state (arena, n->state);
    for (guint64 b = block - MIN (block, count_warming_blocks (n->noise)); b < block; b++)
      kromo_noise_fill (
          n->noise, n->seed, b * KROMO_QUANTUM, &ring->filter, KROMO_QUANTUM, ring->values[b & 1]);
    ring->next_block = block;
  }
}

/* ---- timelines ---- */

/* The next block of which more than the parameter's value depends, after @block. */
static guint64
find_next_change (const KromoParamPlan *plan, const KromoParamState *state, guint64 block,
    guint64 end, double rate)
{
  const KromoEvent *head;
  double time, next;

  if (state->next >= plan->events->len)
    return end;
  head = &g_array_index (plan->events, KromoEvent, state->next);
  time = head->time;
  if (head->kind == KROMO_EVENT_CURVE && time * rate < (double) (block + 1) * KROMO_QUANTUM)
    time += head->duration;
  next = floor (time * rate / KROMO_QUANTUM) - 1.0; /* rounded as may be */
  if (head->kind == KROMO_EVENT_TARGET && next <= (double) block)
    return block + 1; /* it may come to its end at any time */
  return next < (double) end ? MAX (block + 1, (guint64) fmax (next, 0.0)) : end;
}

/* A timeline just before @block. */
static void
start_param (const KromoGraph *graph, const KromoParamPlan *plan, KromoParamState *state,
    const KromoArena *arena, guint64 block)
{
  float values[KROMO_QUANTUM];

  kromo_param_reset (plan, state);
  for (guint64 b = 0; b < block;
       b = MAX (b + 1, find_next_change (plan, state, b, block - 1, graph->rate))) {
    KromoBlockTime time;

    kromo_block_time_init (&time, b, graph->rate, graph->rules->standard_times);
    graph->rules->compute_param (plan, state, &time, graph->bank, arena, NULL, values);
  }
}

/* Whether anything moves a parameter away from its initial value. */
static gboolean
is_moving (const KromoGraphStep *step, guint param)
{
  const KromoParamPlan *plan = &step->node->params[param];

  for (guint i = 0; i < plan->events->len; i++) {
    const KromoEvent *event = &g_array_index (plan->events, KromoEvent, i);

    if (event->kind != KROMO_EVENT_SET || event->time > 0.0)
      return TRUE;
  }
  return step->params[param].n > 0 || (step->is_deferred && param == 0);
}

/* ---- nodes ---- */

static gboolean
is_same_step (const KromoGraphStep *a, const KromoGraphStep *b)
{
  const KromoNode *n = a->node, *m = b->node;

  if (n->klass != m->klass || n->state != m->state || n->state_size != m->state_size
      || n->n_params != m->n_params || n->max_in != m->max_in || n->max_out != m->max_out
      || a->is_deferred != b->is_deferred || a->deferred != b->deferred)
    return FALSE;
  return memcmp (a->param_states, b->param_states, sizeof a->param_states) == 0;
}

gboolean
kromo_graph_has_same_states (const KromoGraph *a, const KromoGraph *b)
{
  if (a->rate != b->rate || a->rules != b->rules || a->steps->len != b->steps->len)
    return FALSE;
  for (guint i = 0; i < a->steps->len; i++) {
    if (!is_same_step (&g_array_index (a->steps, KromoGraphStep, i),
            &g_array_index (b->steps, KromoGraphStep, i)))
      return FALSE;
  }
  return TRUE;
}

static void
go_on (const KromoGraphStep *step, KromoRun *run, const KromoArena *from)
{
  const KromoNode *node = step->node;
  gconstpointer state = kromo_node_state (node, from);

  if (node->klass->go_on != NULL)
    node->klass->go_on (node, run, state);
  else if (node->state_size > 0)
    memcpy (kromo_node_state (node, &run->arena), state, node->state_size);
  if (step->is_deferred)
    memcpy (kromo_arena_state (&run->arena, step->deferred),
        kromo_arena_state (from, step->deferred), sizeof (KromoDeferred));
}

static void
start_node (const KromoGraphStep *step, KromoRun *run)
{
  const KromoNode *node = step->node;
  guint moving = 0;

  if (node->klass->start == NULL)
    return;
  for (guint p = 0; p < node->n_params; p++)
    moving |= (guint) is_moving (step, p) << p;
  node->klass->start (node, run, moving);
}

void
kromo_graph_start (const KromoGraph *graph, const KromoArena *arena, guint64 block,
    const KromoGraph *graph_before, const KromoArena *before)
{
  const KromoFpMode mode = kromo_fp_begin (KROMO_FP_USUAL);
  KromoRun run = { .arena = *arena,
    .bank = graph->bank,
    .ops = kromo_ops_get (),
    .block = block,
    .rate = graph->rate };

  kromo_block_time_init (&run.time, block, graph->rate, graph->rules->standard_times);
  g_assert (graph_before == NULL || kromo_graph_has_same_states (graph, graph_before));
  kromo_bank_start (graph->bank, arena, block);
  kromo_fp_set_mode (KROMO_FP_FLUSHING);
  kromo_graph_reset (graph, arena);
  for (guint i = 0; i < graph->steps->len; i++) {
    const KromoGraphStep *step = &g_array_index (graph->steps, KromoGraphStep, i);

    for (guint p = 0; p < step->node->n_params; p++)
      start_param (graph, &step->node->params[p], kromo_arena_state (arena, step->param_states[p]),
          arena, block);
    if (before != NULL)
      go_on (step, &run, before);
    else
      start_node (step, &run);
  }
  kromo_fp_set_mode (mode);
}
