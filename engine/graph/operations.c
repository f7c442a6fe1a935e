/* What a frame costs, estimated from what runs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bank-private.h"
#include "graph-private.h"
#include "halfband.h"

#define PER_ACTIVATION 10
#define PER_SIGNAL 2 /* that is stored or read: a value to copy, map or mix */
#define PER_PARAM 20 /* that moves: a value curve, or an audio-rate input */
#define PER_NOISE 20

/* One evaluation of all of a program's signals. */
static guint64
count_program (const KromoProgram *program)
{
  guint n_activations, n_multiply_adds;

  kromo_program_count (program, &n_activations, &n_multiply_adds);
  return (guint64) n_activations * PER_ACTIVATION + n_multiply_adds
      + (guint64) kromo_program_get_n_signals (program) * PER_SIGNAL;
}

guint64
kromo_view_count_operations (const KromoView *view, const KromoBank *bank)
{
  const KromoBankGroup *g;

  if (view->kind == KROMO_VIEW_NOISE_TABLE)
    return PER_NOISE;
  if (view->kind != KROMO_VIEW_RANDOM)
    return PER_SIGNAL;
  g = &g_array_index (bank->groups, KromoBankGroup, view->source);
  /* of indices far apart, each needs half frames of its own */
  return count_program (g->program) * (g->oversampled ? 1 + KROMO_HALFBAND_SPAN (1) : 1);
}

static guint64
count_steady (const KromoBank *bank)
{
  guint64 total = (guint64) bank->noises->len * PER_NOISE;

  for (guint i = 0; i < bank->groups->len; i++) {
    const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, i);

    if (g->random)
      continue;
    total += count_program (g->program) * (g->oversampled ? 2 : 1);
    if (g->oversampled)
      total += (guint64) g->signals->len * 2 * KROMO_HALFBAND_REACH;
  }
  return total;
}

static guint64
count_step (const KromoGraph *graph, const KromoGraphStep *step)
{
  const KromoNode *node = step->node;
  const guint64 n_channels = MAX (node->max_in, node->max_out);
  guint64 total = n_channels * (node->klass->operations + step->inputs.n * PER_SIGNAL);

  for (guint p = 0; p < node->n_params; p++) {
    if (!(step->constant & (1u << p)))
      total += PER_PARAM + (guint64) step->params[p].n * PER_SIGNAL;
  }
  if (node->klass->count_operations != NULL)
    total += node->klass->count_operations (node, graph->bank);
  return total;
}

guint64
kromo_graph_count_operations (const KromoGraph *graph)
{
  guint64 total =
      count_steady (graph->bank) + (guint64) graph->destination.n * graph->channels * PER_SIGNAL;

  for (guint i = 0; i < graph->steps->len; i++)
    total += count_step (graph, &g_array_index (graph->steps, KromoGraphStep, i));
  return total;
}
