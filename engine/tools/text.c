/* The facts for people.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "info.h"

#include <math.h>

#define LINE_LENGTH 100

static void
append_escaped (GString *out, const char *text)
{
  g_autofree char *escaped = info_escape (text);

  g_string_append (out, escaped);
}

static const char *
plural (guint64 n)
{
  return n == 1 ? "" : "s";
}

/* ---- what it is ---- */

static void
write_metadata (const KromoMetadata *m, GString *out)
{
  const char *comma = "";

  g_string_append (out, "metadata: ");
  if (m->has_duration) {
    g_string_append_printf (out, "duration %g s", m->duration);
    comma = ", ";
  }
  if (m->has_note_delta) {
    g_string_append_printf (out, "%snote delta %g", comma, m->note_delta);
    comma = ", ";
  }
  if (m->has_velocity) {
    g_string_append_printf (out, "%svelocity %g", comma, m->velocity);
    comma = ", ";
  }
  if (m->has_reverse) {
    g_string_append_printf (out, "%sreverse %s", comma, m->reverse ? "yes" : "no");
    comma = ", ";
  }
  g_string_append (out, *comma != '\0' ? "\n" : "none\n");
}

static void
write_head (const InfoFacts *facts, GString *out)
{
  const KromoGenome *genome = facts->genome;

  g_string_append (out, "genome:   ");
  append_escaped (out, genome->id != NULL ? genome->id : "(without an id)");
  g_string_append (out, "\nfrom:     ");
  append_escaped (out, facts->source);
  g_string_append_printf (out, "\nform:     %s\n", genome->is_asneat ? "asNEAT" : "plain");
  write_metadata (&genome->metadata, out);
  g_string_append_printf (out,
      "played:   %g s at %u Hz, %u channel%s, note delta %g, velocity %g%s, %s rendering\n",
      (double) facts->note.duration / 1e9, facts->format.rate, facts->format.channels,
      plural (facts->format.channels), facts->note.note_delta, facts->note.velocity,
      facts->note.reverse ? ", reversed" : "", info_rendering_get_name (facts->format.rendering));
}

/* ---- networks ---- */

static void
write_network (const InfoFacts *facts, guint index, GString *out)
{
  const KromoGenome *genome = facts->genome;
  const KromoNetwork *network = &genome->networks[index];
  const InfoNetwork *counts = &facts->networks[index];
  const char *separator = "";

  if (genome->per_frequency)
    g_string_append_printf (out, "\nNetwork for %g Hz\n", genome->network_keys[index]);
  else
    g_string_append (out, "\nNetwork\n");
  g_string_append_printf (out,
      "  %u nodes: %u bias, %u inputs, %u outputs, %u hidden; the outputs depend on %u, themselves "
      "included\n",
      network->n_nodes, network->n_bias, network->n_inputs, network->n_outputs, counts->n_hidden,
      counts->n_reached);
  g_string_append_printf (out, "  %u connection%s, of which %u recurrent and dropped\n",
      network->n_connections, plural (network->n_connections), counts->n_dropped);
  g_string_append (out, "  activations: ");
  for (guint i = 0; i < KROMO_N_ACTIVATIONS; i++) {
    if (counts->activations[i] == 0)
      continue;
    g_string_append_printf (out, "%s%s %u", separator,
        kromo_activation_get_name ((KromoActivation) i), counts->activations[i]);
    separator = ", ";
  }
  g_string_append (out, *separator != '\0' ? "\n" : "none\n");
}

/* ---- patch ---- */

static void
write_count (const InfoFacts *facts, const char *name, const InfoCount *count, GString *out)
{
  if (count->n == 0)
    return;
  g_string_append_printf (out, "  %-18s %5u", name, count->n);
  if (facts->fates != NULL)
    g_string_append_printf (out, "  %5u run%s", count->n_running, count->n_running == 1 ? "s" : "");
  g_string_append_c (out, '\n');
}

/* The keys of the nodes with one fate, in lines. */
static void
write_nodes (const InfoFacts *facts, KromoFate fate, GString *out)
{
  const KromoPatch *patch = &facts->genome->patch;
  gsize line = 0;

  for (guint i = 0; i < patch->n_nodes; i++) {
    g_autofree char *key = NULL;

    if (facts->fates[i] != fate || patch->nodes[i].is_weight)
      continue;
    key = info_escape (patch->nodes[i].key);
    if (line == 0) {
      g_string_append_printf (out, "  %s: ", info_fate_get_reason (fate));
    } else if (out->len - line > LINE_LENGTH) {
      g_string_append (out, ",\n    ");
      line = out->len;
    } else {
      g_string_append (out, ", ");
    }
    if (line == 0)
      line = out->len;
    g_string_append_printf (out, "%s (%s)", key, kromo_node_kind_get_name (patch->nodes[i].kind));
  }
  if (line > 0)
    g_string_append_c (out, '\n');
}

static void
write_patch (const InfoFacts *facts, GString *out)
{
  g_string_append (out, "\nPatch\n");
  for (guint i = 0; i < KROMO_N_NODE_KINDS; i++)
    write_count (facts, kromo_node_kind_get_name ((KromoNodeKind) i), &facts->kinds[i], out);
  write_count (facts, "(weights)", &facts->weights, out);
  g_string_append_printf (
      out, "  %u connection%s\n", facts->n_connections, plural (facts->n_connections));
  if (facts->fates == NULL)
    return;
  for (gint fate = KROMO_FATE_RUNS; fate >= KROMO_FATE_ABSENT; fate--)
    write_nodes (facts, (KromoFate) fate, out);
}

static void
write_drive (const InfoFacts *facts, const KromoDrive *drive, GString *out)
{
  g_string_append (out, "    ");
  if (drive->node == KROMO_DESTINATION || drive->param == KROMO_PARAM_NONE) {
    g_string_append (out, "drives nothing: it goes to ");
    append_escaped (out,
        drive->node == KROMO_DESTINATION ? "the output"
                                         : facts->genome->patch.nodes[drive->node].key);
  } else {
    const KromoPatchNode *node = &facts->genome->patch.nodes[drive->node];

    append_escaped (out, drive->param_name);
    g_string_append (out, " of ");
    append_escaped (out, node->key);
    g_string_append_printf (out, " (%s)", kromo_node_kind_get_name (node->kind));
  }
  if (drive->has_range)
    g_string_append_printf (out, ", %g to %g", drive->range[0], drive->range[1]);
  if (drive->has_partial)
    g_string_append_printf (out, ", partial %g", drive->partial_number);
  if (drive->param == KROMO_PARAM_PARTIAL_GAIN_ENVELOPE)
    g_string_append_printf (out, ", weight %g", drive->weight);
  g_string_append (out, drive->enabled ? "\n" : ", disabled\n");
}

static void
write_output (const InfoFacts *facts, guint index, GString *out)
{
  const KromoNetworkOutput *output = &facts->genome->patch.outputs[index];

  g_string_append (out, "  ");
  append_escaped (out, output->id != NULL ? output->id : "(without an id)");
  if (output->output < 0)
    g_string_append_printf (out, ": %s noise", info_noise_get_name (output->output));
  else
    g_string_append_printf (out, ": output %d at %g Hz", output->output, output->frequency);
  for (guint kind = 0; kind < KROMO_N_PART_KINDS; kind++) {
    const KromoPart *part = info_facts_find_part (facts, index, (KromoPartKind) kind);

    if (part != NULL && part->output >= 0 && part->frequency != output->frequency)
      g_string_append_printf (out, ", %g Hz for %s", part->frequency,
          kind == KROMO_PART_OTHER ? "other parameters"
                                   : info_part_get_name ((KromoPartKind) kind));
  }
  g_string_append (out, output->n_drives == 0 ? ", drives nothing\n" : "\n");
  for (guint i = 0; i < output->n_drives; i++)
    write_drive (facts, &output->drives[i], out);
}

/* ---- rendering ---- */

static void
write_size (gsize bytes, GString *out)
{
  if (bytes < 1024 * 1024)
    g_string_append_printf (out, "%.0f KiB", (double) bytes / 1024);
  else
    g_string_append_printf (out, "%.1f MiB", (double) bytes / (1024 * 1024));
}

static void
write_delays (const InfoFacts *facts, GString *out)
{
  g_string_append (out, "  longest delay: ");
  if (facts->longest_delay_node < 0) {
    g_string_append (out, "none\n");
    return;
  }
  g_string_append_printf (out, "%g s (", facts->longest_delay);
  append_escaped (out, facts->genome->patch.nodes[facts->longest_delay_node].key);
  g_string_append (out, ")\n");
}

static void
write_rendering (const InfoFacts *facts, GString *out)
{
  g_string_append_printf (out, "\nRendering\n  %u signal%s of the network at %u frequenc%s",
      facts->n_signals, plural (facts->n_signals), facts->frequencies->len,
      facts->frequencies->len == 1 ? "y" : "ies");
  for (guint i = 0; i < facts->frequencies->len; i++)
    g_string_append_printf (
        out, "%s%.10g", i == 0 ? ": " : ", ", g_array_index (facts->frequencies, double, i));
  g_string_append_printf (out, "%s\n", facts->frequencies->len > 0 ? " Hz" : "");
  g_string_append_printf (out,
      "  %" G_GUINT64_FORMAT " activation%s and %" G_GUINT64_FORMAT " multiply-adds a frame\n",
      facts->n_activations, plural (facts->n_activations), facts->n_multiply_adds);
  write_delays (facts, out);
  if (facts->convolvers.n > 0)
    g_string_append_printf (out,
        "  convolvers: %u, of which %u run%s; the response is as long as the sound, %g s\n",
        facts->convolvers.n, facts->convolvers.n_running,
        facts->convolvers.n_running == 1 ? "s" : "", (double) facts->note.duration / 1e9);
  if (facts->error != NULL)
    return;
  g_string_append_printf (out,
      "  %" G_GUINT64_FORMAT " frame%s; memory of one renderer: ", facts->n_frames,
      plural (facts->n_frames));
  write_size (facts->memory, out);
  g_string_append (out, "\n  real-time factor (RTF), measured on this machine: ");
  if (isnan (facts->rtf))
    g_string_append (out, "not measured, as the preparation takes too long\n");
  else
    g_string_append_printf (out, "%.4f, over %.3f s of sound after %.3f s of preparation\n",
        facts->rtf, facts->measured, facts->preparation_time);
}

static void
write_warnings (const char *const *warnings, GString *out)
{
  for (; *warnings != NULL; warnings++) {
    g_string_append (out, "  ");
    append_escaped (out, *warnings);
    g_string_append_c (out, '\n');
  }
}

void
info_write_text (const InfoFacts *facts, GString *out)
{
  const KromoGenome *genome = facts->genome;

  write_head (facts, out);
  for (guint i = 0; i < genome->n_networks; i++)
    write_network (facts, i, out);
  write_patch (facts, out);
  g_string_append_printf (out, "\nNetwork outputs: %u, with %u connection%s\n",
      genome->patch.n_outputs, facts->n_drives, plural (facts->n_drives));
  for (guint i = 0; i < genome->patch.n_outputs; i++)
    write_output (facts, i, out);
  if (facts->fates != NULL)
    write_rendering (facts, out);
  if (genome->warnings[0] != NULL || facts->warnings[0] != NULL) {
    g_string_append (out, "\nWarnings\n");
    write_warnings ((const char *const *) genome->warnings, out);
    write_warnings ((const char *const *) facts->warnings, out);
  }
}
