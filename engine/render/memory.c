/* What of a graph takes most memory, for the message that says there is too little.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "build-private.h"

/* Whether @node is, or is inside of, what became of a patch node. */
static gboolean
is_part_of (const KromoBuilder *builder, guint index, const KromoNode *node)
{
  const KromoBuilt *built = &builder->built[index];
  const KromoNode *own;

  if (built->removed || built->out == KROMO_NO_HANDLE)
    return FALSE;
  own = kromo_graph_get_node (builder->graph, built->out);
  if (own == node || own->peer == node)
    return TRUE;
  /* a feedback delay's own delay comes after the gain that it is known by */
  return builder->patch->nodes[index].kind == KROMO_NODE_FEEDBACK_DELAY
      && kromo_graph_get_node (builder->graph, built->out + 1)->peer == node;
}

static gint
find_node (const KromoBuilder *builder, const KromoNode *node)
{
  for (guint i = 0; i < builder->patch->n_nodes; i++) {
    if (is_part_of (builder, i, node))
      return (gint) i;
  }
  return -1;
}

static gint
find_driven (const KromoBuilder *builder, const KromoDriven *driven)
{
  for (guint i = 0; i < builder->patch->n_nodes; i++) {
    const GArray *drives = g_ptr_array_index (builder->parts.nodes, i);

    for (guint k = 0; k < drives->len; k++) {
      if (&g_array_index (drives, KromoDriven, k) == driven)
        return (gint) i;
    }
  }
  return -1;
}

void
kromo_builder_find_largest (const KromoBuilder *builder, KromoLargest *largest)
{
  const KromoNode *node = kromo_graph_get_largest_node (builder->graph);
  const guint64 table = kromo_bank_get_table_size (builder->bank);
  gint index;

  largest->bytes = node != NULL ? node->state_size : 0;
  if (builder->table != NULL && table > largest->bytes) {
    largest->bytes = table;
    index = find_driven (builder, builder->table);
  } else {
    index = node != NULL ? find_node (builder, node) : -1;
  }
  if (index < 0) {
    largest->name = g_strdup (node != NULL ? node->klass->name : "the output");
    return;
  }
  largest->name =
      g_strdup_printf ("%s \"%s\"", kromo_node_kind_get_name (builder->patch->nodes[index].kind),
          builder->patch->nodes[index].key);
}
