/* The last step of building a patch: JavaScript's order of object keys.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-private.h"

typedef struct {
  gboolean is_index;
  guint32 index;  /* of an array */
  guint position; /* of appearance */
  guint item;     /* what is being sorted */
} Rank;

static int
compare_ranks (const void *a, const void *b)
{
  const Rank *p = a, *q = b;

  if (p->is_index != q->is_index)
    return p->is_index ? -1 : 1;
  if (p->is_index && p->index != q->index)
    return p->index < q->index ? -1 : 1;
  if (p->position != q->position)
    return p->position < q->position ? -1 : 1;
  return (p->item > q->item) - (p->item < q->item);
}

static void
move_nodes (KromoPatchBuilder *builder, KromoPatch *patch, gint *new_index)
{
  guint n = builder->nodes->len;
  g_autofree Rank *ranks = g_new0 (Rank, MAX (n, 1));

  for (guint i = 0; i < n; i++) {
    KromoPatchDraft *draft = builder->nodes->pdata[i];

    ranks[i].is_index = kromo_js_array_index (draft->node.key, &ranks[i].index);
    ranks[i].position = ranks[i].item = i;
  }
  qsort (ranks, n, sizeof *ranks, compare_ranks);

  patch->n_nodes = n;
  patch->nodes = g_new0 (KromoPatchNode, MAX (n, 1));
  for (guint i = 0; i < n; i++) {
    KromoPatchDraft *draft = builder->nodes->pdata[ranks[i].item];

    new_index[ranks[i].item] = (gint) i;
    patch->nodes[i] = draft->node;
    draft->node.key = NULL;
  }
  for (guint i = 0; i < n; i++) {
    KromoPatchNode *node = &patch->nodes[i];
    KromoPatchDraft *draft = builder->nodes->pdata[ranks[i].item];

    node->n_connections = draft->connections->len;
    node->connections = (KromoPatchConnection *) g_array_steal (draft->connections, NULL);
    for (guint k = 0; k < node->n_connections; k++)
      if (node->connections[k].target != KROMO_DESTINATION)
        node->connections[k].target = new_index[node->connections[k].target];
  }
}

/* Drives by the keys of their nodes; @first is scratch for where a node (or, in its last element, the
 * destination) was driven first. */
static void
sort_drives (KromoNetworkOutput *output, const KromoPatch *patch, guint *first)
{
  g_autofree Rank *ranks = g_new0 (Rank, MAX (output->n_drives, 1));
  g_autofree KromoDrive *sorted = g_new0 (KromoDrive, MAX (output->n_drives, 1));

  for (guint i = output->n_drives; i-- > 0;) {
    gint node = output->drives[i].node;
    first[node == KROMO_DESTINATION ? patch->n_nodes : (guint) node] = i;
  }
  for (guint i = 0; i < output->n_drives; i++) {
    gint node = output->drives[i].node;
    /* the OutNode's key is its id, 0 */
    const char *key = node == KROMO_DESTINATION ? "0" : patch->nodes[node].key;

    ranks[i].is_index = kromo_js_array_index (key, &ranks[i].index);
    ranks[i].position = first[node == KROMO_DESTINATION ? patch->n_nodes : (guint) node];
    ranks[i].item = i;
  }
  qsort (ranks, output->n_drives, sizeof *ranks, compare_ranks);
  for (guint i = 0; i < output->n_drives; i++)
    sorted[i] = output->drives[ranks[i].item];
  g_free (output->drives);
  output->drives = g_steal_pointer (&sorted);
}

static void
move_outputs (
    KromoPatchBuilder *builder, gboolean group_drives, KromoPatch *patch, const gint *new_index)
{
  guint n = builder->outputs->len;
  g_autofree guint *first = g_new0 (guint, patch->n_nodes + 1);

  patch->n_outputs = n;
  patch->outputs = g_new0 (KromoNetworkOutput, MAX (n, 1));
  for (guint i = 0; i < n; i++) {
    KromoOutputDraft *draft = builder->outputs->pdata[i];
    KromoNetworkOutput *output = &patch->outputs[i];

    *output = draft->output;
    draft->output.id = NULL;
    output->n_drives = draft->drives->len;
    output->drives = (KromoDrive *) g_array_steal (draft->drives, NULL);
    for (guint k = 0; k < output->n_drives; k++)
      if (output->drives[k].node != KROMO_DESTINATION)
        output->drives[k].node = new_index[output->drives[k].node];
    if (group_drives)
      sort_drives (output, patch, first);
  }
}

void
kromo_patch_builder_finish (KromoPatchBuilder *builder, gboolean group_drives, KromoPatch *patch)
{
  g_autofree gint *new_index = g_new0 (gint, MAX (builder->nodes->len, 1));

  patch->noise_seed = builder->seed;
  move_nodes (builder, patch, new_index);
  move_outputs (builder, group_drives, patch, new_index);
}

void
kromo_patch_clear (KromoPatch *patch)
{
  for (guint i = 0; i < patch->n_nodes; i++) {
    for (guint k = 0; k < patch->nodes[i].n_connections; k++)
      g_free (patch->nodes[i].connections[k].param_name);
    g_free (patch->nodes[i].connections);
    g_free (patch->nodes[i].key);
  }
  for (guint i = 0; i < patch->n_outputs; i++) {
    for (guint k = 0; k < patch->outputs[i].n_drives; k++)
      g_free (patch->outputs[i].drives[k].param_name);
    g_free (patch->outputs[i].drives);
    g_free (patch->outputs[i].id);
  }
  g_free (patch->nodes);
  g_free (patch->outputs);
}
