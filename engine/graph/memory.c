/* The audio graph: which node takes most memory.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "graph-private.h"

const KromoNode *
kromo_graph_get_largest_node (const KromoGraph *graph)
{
  const KromoNode *largest = NULL;

  for (guint i = 0; i < graph->steps->len; i++) {
    const KromoNode *node = g_array_index (graph->steps, KromoGraphStep, i).node;

    if (largest == NULL || node->state_size > largest->state_size)
      largest = node;
  }
  return largest;
}
