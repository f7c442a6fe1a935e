/* What of a graph takes most memory, for the message that says there is too little.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "build-private.h"

static guint
find_driven (const KromoBuilder *builder, const KromoDriven *driven)
{
  for (guint i = 0; i < builder->patch->n_nodes; i++) {
    const GArray *drives = g_ptr_array_index (builder->parts.nodes, i);

    for (guint k = 0; k < drives->len; k++) {
      if (&g_array_index (drives, KromoDriven, k) == driven)
        return i;
    }
  }
  return KROMO_NO_OWNER;
}

void
kromo_builder_find_largest (const KromoBuilder *builder, KromoLargest *largest)
{
  guint index;
  const KromoNode *node = kromo_graph_get_largest_node (builder->graph, &index);
  const guint64 table = kromo_bank_get_table_size (builder->bank);

  largest->bytes = node != NULL ? node->state_size : 0;
  if (builder->table != NULL && table > largest->bytes) {
    largest->bytes = table;
    index = find_driven (builder, builder->table);
  }
  if (index == KROMO_NO_OWNER) {
    largest->name = g_strdup (node != NULL ? node->klass->name : "the output");
    return;
  }
  largest->name =
      g_strdup_printf ("%s \"%s\"", kromo_node_kind_get_name (builder->patch->nodes[index].kind),
          builder->patch->nodes[index].key);
}
