/* The audio graph: which node takes most memory.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "graph-private.h"

static guint
owner_of (const KromoGraph *graph, const KromoNode *node)
{
  for (guint i = 0; i < graph->handles->len; i++) {
    const KromoGraphHandle *h = &g_array_index (graph->handles, KromoGraphHandle, i);

    if (kromo_graph_get_vertex (graph, h->input)->node == node
        || kromo_graph_get_vertex (graph, h->output)->node == node)
      return h->owner;
  }
  return KROMO_NO_OWNER;
}

const KromoNode *
kromo_graph_get_largest_node (const KromoGraph *graph, guint *owner)
{
  const KromoNode *largest = NULL;

  for (guint i = 0; i < graph->steps->len; i++) {
    const KromoNode *node = g_array_index (graph->steps, KromoGraphStep, i).node;

    if (largest == NULL || node->state_size > largest->state_size)
      largest = node;
  }
  *owner = largest != NULL ? owner_of (graph, largest) : KROMO_NO_OWNER;
  return largest;
}
