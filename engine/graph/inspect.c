/* What a planned graph and its bank tell about themselves.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bank-private.h"
#include "graph-private.h"

void
kromo_graph_set_owner (KromoGraph *graph, guint owner)
{
  graph->owner = owner;
}

static KromoFate
fate_of (const KromoGraph *graph, guint vertex)
{
  const KromoGraphVertex *v = kromo_graph_get_vertex (graph, vertex);

  if (v->step != 0)
    return KROMO_FATE_RUNS;
  if (g_array_index (graph->orders, KromoVertex, vertex).dropped)
    return KROMO_FATE_DROPPED;
  return v->heard ? KROMO_FATE_SILENT : KROMO_FATE_UNHEARD;
}

void
kromo_graph_get_fates (const KromoGraph *graph, KromoFate *fates, guint n)
{
  for (guint i = 0; i < n; i++)
    fates[i] = KROMO_FATE_ABSENT;
  for (guint i = 0; i < graph->handles->len; i++) {
    const KromoGraphHandle *handle = &g_array_index (graph->handles, KromoGraphHandle, i);

    if (handle->owner < n)
      fates[handle->owner] = MAX (fates[handle->owner], fate_of (graph, handle->output));
  }
}

void
kromo_bank_count (
    const KromoBank *bank, guint *n_signals, guint64 *n_activations, guint64 *n_multiply_adds)
{
  *n_signals = 0;
  *n_activations = *n_multiply_adds = 0;
  for (guint i = 0; i < bank->groups->len; i++) {
    const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, i);
    const guint times = g->oversampled ? 2 : 1;
    guint activations, multiply_adds;

    kromo_program_count (g->program, &activations, &multiply_adds);
    *n_signals += g->signals->len;
    *n_activations += (guint64) activations * times;
    *n_multiply_adds += (guint64) multiply_adds * times;
  }
}
