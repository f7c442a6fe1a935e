/* The network and the patch as a graph in Graphviz's language.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Nodes: n<NETWORK>_<NODE> of the networks, o<OUTPUT> the network outputs, a<NODE> the audio nodes, and
 * "out". Grey and dashed is what does not take part in the sound.
 */
#include "info.h"

#define GREY "color=\"#999999\" fontcolor=\"#999999\" style=dashed"

/* Inside of a string: a backslash would begin one of Graphviz's escapes, an ampersand one of HTML's. */
static void
append_text (GString *out, const char *text)
{
  g_autofree char *escaped = info_escape (text);

  for (const char *p = escaped; *p != '\0'; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_c (out, '\\');
    if (*p == '&')
      g_string_append (out, "&amp;");
    else
      g_string_append_c (out, *p);
  }
}

/* ---- networks ---- */

static void
write_network_node (const KromoNetwork *network, guint index, guint node, GString *out)
{
  const guint first_output = network->n_bias + network->n_inputs;

  g_string_append_printf (out, "    n%u_%u [label=\"", index, node);
  if (node < network->n_bias)
    g_string_append (out, "bias\" shape=box");
  else if (node < first_output)
    g_string_append_printf (out, "input %u\" shape=box", node - network->n_bias);
  else if (node < first_output + network->n_outputs)
    g_string_append_printf (out, "output %u\\n%s\" shape=doublecircle", node - first_output,
        kromo_activation_get_name ((KromoActivation) network->activations[node]));
  else
    g_string_append_printf (out, "%s\" shape=ellipse",
        kromo_activation_get_name ((KromoActivation) network->activations[node]));
  g_string_append (out, "];\n");
}

static void
write_network (const InfoFacts *facts, guint index, GString *out)
{
  const KromoGenome *genome = facts->genome;
  const KromoNetwork *network = &genome->networks[index];

  g_string_append_printf (out, "  subgraph cluster_network_%u {\n    label=\"network", index);
  if (genome->per_frequency)
    g_string_append_printf (out, " for %g Hz", genome->network_keys[index]);
  g_string_append (out, "\";\n");
  for (guint i = 0; i < network->n_nodes; i++)
    write_network_node (network, index, i, out);
  for (guint i = 0; i < network->n_connections; i++) {
    const KromoNetworkConnection *c = &network->connections[i];

    g_string_append_printf (
        out, "    n%u_%u -> n%u_%u [label=\"%.3g\"", index, c->source, index, c->target, c->weight);
    if (facts->networks[index].dropped[i])
      g_string_append (out, " constraint=false " GREY);
    g_string_append (out, "];\n");
  }
  g_string_append (out, "  }\n");
}

/* ---- patch ---- */

static gboolean
runs (const InfoFacts *facts, guint node)
{
  return facts->fates == NULL || facts->fates[node] == KROMO_FATE_RUNS;
}

static void
write_audio_node (const InfoFacts *facts, guint index, GString *out)
{
  const KromoPatchNode *node = &facts->genome->patch.nodes[index];

  g_string_append_printf (out, "    a%u [label=\"", index);
  if (node->is_weight) {
    const gboolean stored = node->present >> KROMO_PARAM_GAIN & 1;

    g_string_append_printf (
        out, "%.3g\" shape=plaintext", stored ? node->values[KROMO_PARAM_GAIN] : 1.0);
  } else {
    append_text (out, node->key);
    g_string_append_printf (out, "\\n%s\" shape=box", kromo_node_kind_get_name (node->kind));
  }
  g_string_append (out, runs (facts, index) ? "];\n" : " " GREY "];\n");
}

static void
write_connection (
    const InfoFacts *facts, guint source, const KromoPatchConnection *connection, GString *out)
{
  gboolean heard = runs (facts, source);

  g_string_append_printf (out, "    a%u -> ", source);
  if (connection->target == KROMO_DESTINATION)
    g_string_append (out, "out");
  else
    g_string_append_printf (out, "a%d", connection->target);
  if (connection->target != KROMO_DESTINATION)
    heard = heard && runs (facts, (guint) connection->target);
  g_string_append (out, " [label=\"");
  if (connection->param_name != NULL)
    append_text (out, connection->param_name);
  g_string_append (out, heard ? "\"];\n" : "\" " GREY "];\n");
}

static void
write_output_node (const InfoFacts *facts, guint index, GString *out)
{
  const KromoNetworkOutput *output = &facts->genome->patch.outputs[index];

  g_string_append_printf (out, "    o%u [label=\"", index);
  append_text (out, output->id != NULL ? output->id : "");
  if (output->output < 0)
    g_string_append_printf (out, "\\n%s noise", info_noise_get_name (output->output));
  else
    g_string_append_printf (out, "\\noutput %d, %g Hz", output->output, output->frequency);
  g_string_append (out, "\" shape=hexagon];\n");
}

static void
write_patch (const InfoFacts *facts, GString *out)
{
  const KromoPatch *patch = &facts->genome->patch;

  g_string_append (out, "  subgraph cluster_patch {\n    label=\"patch\";\n");
  for (guint i = 0; i < patch->n_outputs; i++)
    write_output_node (facts, i, out);
  for (guint i = 0; i < patch->n_nodes; i++)
    write_audio_node (facts, i, out);
  g_string_append (out, "    out [label=\"sound\" shape=doubleoctagon];\n");
  for (guint i = 0; i < patch->n_nodes; i++) {
    for (guint k = 0; k < patch->nodes[i].n_connections; k++)
      write_connection (facts, i, &patch->nodes[i].connections[k], out);
  }
  g_string_append (out, "  }\n");
}

/* ---- between them ---- */

static void
write_drive (const InfoFacts *facts, guint index, const KromoDrive *drive, GString *out)
{
  const gboolean drives = drive->node != KROMO_DESTINATION && drive->param != KROMO_PARAM_NONE;

  if (drive->node == KROMO_DESTINATION)
    g_string_append_printf (out, "  o%u -> out [label=\"", index);
  else
    g_string_append_printf (out, "  o%u -> a%d [label=\"", index, drive->node);
  if (drive->param_name != NULL)
    append_text (out, drive->param_name);
  if (drive->has_range)
    g_string_append_printf (out, "\\n%g to %g", drive->range[0], drive->range[1]);
  g_string_append (out, drives && runs (facts, (guint) drive->node) ? "\"];\n" : "\" " GREY "];\n");
}

static void
write_drives (const InfoFacts *facts, guint index, GString *out)
{
  const KromoGenome *genome = facts->genome;
  const KromoNetworkOutput *output = &genome->patch.outputs[index];

  for (guint kind = 0; kind < KROMO_N_PART_KINDS; kind++) {
    const KromoPart *part = info_facts_find_part (facts, index, (KromoPartKind) kind);

    if (part == NULL || part->output < 0)
      continue;
    g_string_append_printf (out, "  n%u_%u -> o%u;\n", part->network,
        genome->networks[part->network].n_bias + genome->networks[part->network].n_inputs
            + (guint) part->output,
        index);
    break; /* all its parts are of one network */
  }
  for (guint i = 0; i < output->n_drives; i++)
    write_drive (facts, index, &output->drives[i], out);
}

void
info_write_dot (const InfoFacts *facts, GString *out)
{
  const KromoGenome *genome = facts->genome;

  g_string_append (out, "digraph \"");
  append_text (out, genome->id != NULL ? genome->id : facts->source);
  g_string_append (out,
      "\" {\n  rankdir=LR;\n  node [fontname=sans fontsize=10];\n"
      "  edge [fontname=sans fontsize=8];\n");
  for (guint i = 0; i < genome->n_networks; i++)
    write_network (facts, i, out);
  write_patch (facts, out);
  for (guint i = 0; i < genome->patch.n_outputs; i++)
    write_drives (facts, i, out);
  g_string_append (out, "}\n");
}
