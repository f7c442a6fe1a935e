/* What a genome says, counted.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "info.h"

#include "cppn/program.h"
#include "render/build.h"

#include <math.h>

#define FEEDBACK_DELAY_MAX 5.0 /* seconds */

static void
count_network (const KromoNetwork *network, InfoNetwork *facts)
{
  g_auto (KromoNetworkOrder) order = { NULL };
  g_autofree guint32 *next = NULL;

  kromo_network_order_init (&order, network);
  facts->n_hidden = network->n_nodes - network->n_bias - network->n_inputs - network->n_outputs;
  facts->n_reached = order.n_order;
  for (guint i = 0; i < order.n_order; i++)
    facts->activations[network->activations[order.order[i]]]++;

  /* incoming connections are sorted by target, and otherwise in the order of the network's */
  next = g_memdup2 (order.first, network->n_nodes * sizeof *next);
  facts->dropped = g_new0 (gboolean, MAX (network->n_connections, 1));
  for (guint i = 0; i < network->n_connections; i++) {
    const guint32 place = next[network->connections[i].target]++;

    facts->dropped[i] = order.incoming[place].source == KROMO_DROPPED;
    facts->n_dropped += facts->dropped[i] != FALSE;
  }
}

static InfoCount *
count_of (InfoFacts *facts, const KromoPatchNode *node)
{
  return node->is_weight ? &facts->weights : &facts->kinds[node->kind];
}

static void
count_patch (InfoFacts *facts)
{
  const KromoPatch *patch = &facts->genome->patch;

  for (guint i = 0; i < patch->n_nodes; i++) {
    count_of (facts, &patch->nodes[i])->n++;
    if (!patch->nodes[i].is_weight)
      facts->n_connections += patch->nodes[i].n_connections;
  }
  for (guint i = 0; i < patch->n_outputs; i++)
    facts->n_drives += patch->outputs[i].n_drives;
}

InfoFacts *
info_facts_new (
    const char *source, KromoGenome *genome, const KromoNote *note, const KromoFormat *format)
{
  InfoFacts *facts = g_new0 (InfoFacts, 1);

  facts->source = g_strdup (source);
  facts->genome = kromo_genome_ref (genome);
  facts->note = *note;
  facts->format = *format;
  facts->networks = g_new0 (InfoNetwork, MAX (genome->n_networks, 1));
  facts->frequencies = g_array_new (FALSE, FALSE, sizeof (double));
  facts->longest_delay_node = -1;
  facts->warnings = g_new0 (char *, 1);
  facts->rtf = NAN;
  for (guint i = 0; i < genome->n_networks; i++)
    count_network (&genome->networks[i], &facts->networks[i]);
  count_patch (facts);
  return facts;
}

void
info_facts_free (InfoFacts *facts)
{
  for (guint i = 0; i < facts->genome->n_networks; i++)
    g_free (facts->networks[i].dropped);
  g_free (facts->networks);
  if (facts->parts.parts != NULL)
    kromo_parts_clear (&facts->parts);
  g_array_unref (facts->frequencies);
  g_strfreev (facts->warnings);
  g_free (facts->fates);
  g_clear_error (&facts->error);
  kromo_genome_unref (facts->genome);
  g_free (facts->source);
  g_free (facts);
}

const KromoPart *
info_facts_find_part (const InfoFacts *facts, guint output, KromoPartKind kind)
{
  guint low = 0, high = facts->parts.parts != NULL ? facts->parts.parts->len : 0;

  while (low < high) { /* they are in the order of outputs and kinds */
    const guint middle = low + (high - low) / 2;
    const KromoPart *part = &g_array_index (facts->parts.parts, KromoPart, middle);

    if (part->place == output && part->kind == kind)
      return part;
    if (part->place < output || (part->place == output && part->kind < kind))
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

/* ---- what the note and the format make of it ---- */

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
collect_frequencies (InfoFacts *facts)
{
  GArray *list = facts->frequencies;
  guint n = 0;

  for (guint i = 0; i < facts->parts.parts->len; i++) {
    const KromoPart *part = &g_array_index (facts->parts.parts, KromoPart, i);

    if (part->output >= 0)
      g_array_append_val (list, part->frequency);
  }
  g_array_sort (list, compare_doubles);
  for (guint i = 0; i < list->len; i++) {
    const double frequency = g_array_index (list, double, i);

    if (n == 0 || g_array_index (list, double, n - 1) != frequency)
      g_array_index (list, double, n++) = frequency;
  }
  g_array_set_size (list, n);
}

/* As long as a delay can get, the outputs that drive it staying in -1..1. */
static double
delay_bound (const InfoFacts *facts, guint index, gboolean modulated)
{
  const KromoPatchNode *node = &facts->genome->patch.nodes[index];
  const KromoDriven *driven = kromo_parts_find (&facts->parts, index, KROMO_PARAM_DELAY_TIME);
  double max = kromo_rules_get (facts->format.rendering)->max_delay_time, time = 0.0;

  if (node->kind == KROMO_NODE_FEEDBACK_DELAY)
    max = FEEDBACK_DELAY_MAX;
  else if (!isnan (node->max_delay_time))
    max = node->max_delay_time;
  if (modulated)
    return max;
  if (driven != NULL && node->kind == KROMO_NODE_DELAY)
    time = driven->drive->has_range ? fmax (driven->drive->range[0], driven->drive->range[1]) : 1.0;
  else if (node->present >> KROMO_PARAM_DELAY_TIME & 1)
    time = node->values[KROMO_PARAM_DELAY_TIME];
  return CLAMP (time, 0.0, max);
}

static void
find_longest_delay (InfoFacts *facts)
{
  const KromoPatch *patch = &facts->genome->patch;
  g_autofree gboolean *modulated = g_new0 (gboolean, MAX (patch->n_nodes, 1));

  for (guint i = 0; i < patch->n_nodes; i++) {
    for (guint k = 0; k < patch->nodes[i].n_connections; k++) {
      const KromoPatchConnection *c = &patch->nodes[i].connections[k];

      if (c->target >= 0 && c->param == KROMO_PARAM_DELAY_TIME
          && facts->fates[i] == KROMO_FATE_RUNS)
        modulated[c->target] = TRUE;
    }
  }
  for (guint i = 0; i < patch->n_nodes; i++) {
    const KromoNodeKind kind = patch->nodes[i].kind;

    if ((kind == KROMO_NODE_DELAY || kind == KROMO_NODE_FEEDBACK_DELAY)
        && facts->fates[i] == KROMO_FATE_RUNS) {
      const double bound = delay_bound (facts, i, modulated[i]);

      if (facts->longest_delay_node < 0 || bound > facts->longest_delay) {
        facts->longest_delay_node = (gint) i;
        facts->longest_delay = bound;
      }
    }
  }
}

static void
count_convolvers (InfoFacts *facts)
{
  const KromoPatch *patch = &facts->genome->patch;

  for (guint i = 0; i < patch->n_nodes; i++) {
    if (patch->nodes[i].kind != KROMO_NODE_CONVOLVER
        || kromo_parts_find (&facts->parts, i, KROMO_PARAM_BUFFER) == NULL)
      continue;
    facts->convolvers.n++;
    facts->convolvers.n_running += facts->fates[i] == KROMO_FATE_RUNS;
  }
}

gboolean
info_facts_build (InfoFacts *facts)
{
  const KromoPatch *patch = &facts->genome->patch;
  const guint64 n_frames = kromo_count_frames (facts->format.rate, facts->note.duration);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (KromoBank) bank = NULL;
  g_autoptr (KromoGraph) graph = NULL;
  KromoLayout layout = { 0 };

  if (!kromo_parts_init (&facts->parts, facts->genome, &facts->note,
          kromo_rules_get (facts->format.rendering), &facts->error)) {
    facts->parts.parts = NULL;
    return FALSE;
  }
  graph = kromo_build_graph (facts->genome, &facts->note, &facts->format, n_frames, &bank, &layout,
      warnings, NULL, &facts->error);
  if (graph == NULL)
    return FALSE;
  facts->fates = g_new0 (KromoFate, MAX (patch->n_nodes, 1));
  kromo_graph_get_fates (graph, facts->fates, patch->n_nodes);
  for (guint i = 0; i < patch->n_nodes; i++)
    count_of (facts, &patch->nodes[i])->n_running += facts->fates[i] == KROMO_FATE_RUNS;
  kromo_bank_count (bank, &facts->n_signals, &facts->n_activations, &facts->n_multiply_adds);
  collect_frequencies (facts);
  find_longest_delay (facts);
  count_convolvers (facts);
  return TRUE;
}
