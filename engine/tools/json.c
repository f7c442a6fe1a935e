/* The facts for programs. Text from the genome is there as it is, escaped as JSON escapes it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "info.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

static void
add_string (JsonBuilder *b, const char *name, const char *value)
{
  json_builder_set_member_name (b, name);
  if (value == NULL)
    json_builder_add_null_value (b);
  else
    json_builder_add_string_value (b, value);
}

static void
add_integer (JsonBuilder *b, const char *name, gint64 value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_int_value (b, value);
}

static void
add_value (JsonBuilder *b, double value)
{
  if (isfinite (value))
    json_builder_add_double_value (b, value);
  else
    json_builder_add_null_value (b);
}

static void
add_number (JsonBuilder *b, const char *name, double value)
{
  json_builder_set_member_name (b, name);
  add_value (b, value);
}

static void
add_boolean (JsonBuilder *b, const char *name, gboolean value)
{
  json_builder_set_member_name (b, name);
  json_builder_add_boolean_value (b, value);
}

static void
begin_object (JsonBuilder *b, const char *name)
{
  if (name != NULL)
    json_builder_set_member_name (b, name);
  json_builder_begin_object (b);
}

static void
begin_array (JsonBuilder *b, const char *name)
{
  json_builder_set_member_name (b, name);
  json_builder_begin_array (b);
}

static void
add_head (const InfoFacts *facts, JsonBuilder *b)
{
  const KromoMetadata *m = &facts->genome->metadata;

  add_string (b, "source", facts->source);
  add_string (b, "id", facts->genome->id);
  add_string (b, "form", facts->genome->is_asneat ? "asNEAT" : "plain");
  begin_object (b, "metadata");
  if (m->has_duration)
    add_number (b, "duration", m->duration);
  if (m->has_note_delta)
    add_number (b, "note-delta", m->note_delta);
  if (m->has_velocity)
    add_number (b, "velocity", m->velocity);
  if (m->has_reverse)
    add_boolean (b, "reverse", m->reverse);
  json_builder_end_object (b);

  begin_object (b, "settings");
  add_number (b, "duration", (double) facts->note.duration / 1e9);
  add_number (b, "note-delta", facts->note.note_delta);
  add_number (b, "velocity", facts->note.velocity);
  add_boolean (b, "reverse", facts->note.reverse);
  add_integer (b, "rate", facts->format.rate);
  add_integer (b, "channels", facts->format.channels);
  add_string (b, "rendering", info_rendering_get_name (facts->format.rendering));
  json_builder_end_object (b);
}

static void
add_network (const InfoFacts *facts, guint index, JsonBuilder *b)
{
  const KromoGenome *genome = facts->genome;
  const KromoNetwork *network = &genome->networks[index];
  const InfoNetwork *counts = &facts->networks[index];

  begin_object (b, NULL);
  if (genome->per_frequency)
    add_number (b, "frequency", genome->network_keys[index]);
  add_integer (b, "nodes", network->n_nodes);
  add_integer (b, "bias", network->n_bias);
  add_integer (b, "inputs", network->n_inputs);
  add_integer (b, "outputs", network->n_outputs);
  add_integer (b, "hidden", counts->n_hidden);
  add_integer (b, "connections", network->n_connections);
  add_integer (b, "dropped", counts->n_dropped);
  add_integer (b, "reached", counts->n_reached);
  begin_object (b, "activations");
  for (guint i = 0; i < KROMO_N_ACTIVATIONS; i++) {
    if (counts->activations[i] > 0)
      add_integer (b, kromo_activation_get_name ((KromoActivation) i), counts->activations[i]);
  }
  json_builder_end_object (b);
  json_builder_end_object (b);
}

static void
add_count (const InfoFacts *facts, const char *name, const InfoCount *count, JsonBuilder *b)
{
  begin_object (b, name);
  add_integer (b, "count", count->n);
  if (facts->fates != NULL)
    add_integer (b, "running", count->n_running);
  json_builder_end_object (b);
}

static void
add_drive (const InfoFacts *facts, const KromoDrive *drive, JsonBuilder *b)
{
  begin_object (b, NULL);
  add_string (b, "node",
      drive->node == KROMO_DESTINATION ? NULL : facts->genome->patch.nodes[drive->node].key);
  add_string (b, "parameter", drive->param_name);
  if (drive->has_range) {
    begin_array (b, "range");
    add_value (b, drive->range[0]);
    add_value (b, drive->range[1]);
    json_builder_end_array (b);
  }
  add_number (b, "weight", drive->weight);
  add_boolean (b, "enabled", drive->enabled);
  if (drive->has_partial) {
    add_number (b, "partial-number", drive->partial_number);
    add_number (b, "inharmonicity-factor", drive->inharmonicity_factor);
  }
  json_builder_end_object (b);
}

static void
add_output (const InfoFacts *facts, guint index, JsonBuilder *b)
{
  const KromoNetworkOutput *output = &facts->genome->patch.outputs[index];

  begin_object (b, NULL);
  add_string (b, "id", output->id);
  if (output->output < 0) {
    add_string (b, "noise", info_noise_get_name (output->output));
  } else {
    add_integer (b, "output", output->output);
    add_number (b, "frequency", output->frequency);
    begin_object (b, "played-at");
    for (guint kind = 0; kind < KROMO_N_PART_KINDS; kind++) {
      const KromoPart *part = info_facts_find_part (facts, index, (KromoPartKind) kind);

      if (part != NULL)
        add_number (b, info_part_get_name ((KromoPartKind) kind), part->frequency);
    }
    json_builder_end_object (b);
  }
  begin_array (b, "drives");
  for (guint i = 0; i < output->n_drives; i++)
    add_drive (facts, &output->drives[i], b);
  json_builder_end_array (b);
  json_builder_end_object (b);
}

static void
add_patch (const InfoFacts *facts, JsonBuilder *b)
{
  const KromoPatch *patch = &facts->genome->patch;

  begin_object (b, "patch");
  begin_object (b, "kinds");
  for (guint i = 0; i < KROMO_N_NODE_KINDS; i++) {
    if (facts->kinds[i].n > 0)
      add_count (facts, kromo_node_kind_get_name ((KromoNodeKind) i), &facts->kinds[i], b);
  }
  json_builder_end_object (b);
  add_count (facts, "weights", &facts->weights, b);
  add_integer (b, "connections", facts->n_connections);
  begin_array (b, "nodes");
  for (guint i = 0; i < patch->n_nodes; i++) {
    begin_object (b, NULL);
    add_string (b, "key", patch->nodes[i].key);
    add_string (b, "kind", kromo_node_kind_get_name (patch->nodes[i].kind));
    add_boolean (b, "weight", patch->nodes[i].is_weight);
    if (facts->fates != NULL)
      add_string (b, "state", info_fate_get_name (facts->fates[i]));
    json_builder_end_object (b);
  }
  json_builder_end_array (b);
  begin_array (b, "network-outputs");
  for (guint i = 0; i < patch->n_outputs; i++)
    add_output (facts, i, b);
  json_builder_end_array (b);
  json_builder_end_object (b);
}

static void
add_rendering (const InfoFacts *facts, JsonBuilder *b)
{
  begin_object (b, "rendering");
  if (facts->error != NULL)
    add_string (b, "error", facts->error->message);
  if (facts->fates != NULL) {
    begin_array (b, "frequencies");
    for (guint i = 0; i < facts->frequencies->len; i++)
      add_value (b, g_array_index (facts->frequencies, double, i));
    json_builder_end_array (b);
    add_integer (b, "signals", facts->n_signals);
    add_integer (b, "activations", (gint64) facts->n_activations);
    add_integer (b, "multiply-adds", (gint64) facts->n_multiply_adds);
    add_number (b, "longest-delay", facts->longest_delay);
    add_count (facts, "convolvers", &facts->convolvers, b);
    if (facts->convolvers.n > 0)
      add_number (b, "response", (double) facts->note.duration / 1e9);
  }
  if (facts->error == NULL) {
    add_integer (b, "frames", (gint64) facts->n_frames);
    add_integer (b, "memory", (gint64) facts->memory);
    if (facts->preparation_time >= 0.0)
      add_number (b, "preparation", facts->preparation_time);
    add_number (b, "rtf", facts->rtf);
    add_number (b, "measured", facts->measured);
  }
  json_builder_end_object (b);
}

static void
add_strings (const char *const *strings, JsonBuilder *b)
{
  for (; *strings != NULL; strings++)
    json_builder_add_string_value (b, *strings);
}

/* json-glib 1.6 writes 1e22 as 1e+22.0, which is not JSON: the fraction goes. */
static void
append_json (GString *out, const char *text)
{
  gboolean in_string = FALSE;

  for (const char *at = text; *at != '\0'; at++) {
    g_string_append_c (out, *at);
    if (*at == '"')
      in_string = !in_string;
    else if (in_string && *at == '\\')
      g_string_append_c (out, *++at);
    else if (!in_string && *at == 'e' && (at[1] == '+' || at[1] == '-')) {
      const gsize digits = strspn (at + 2, "0123456789");

      g_string_append_len (out, at + 1, (gssize) digits + 1);
      at += digits + 1;
      if (g_str_has_prefix (at + 1, ".0"))
        at += 2;
    }
  }
}

static void
write_root (JsonBuilder *b, GString *out)
{
  g_autoptr (JsonNode) root = json_builder_get_root (b);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *text = NULL;

  json_generator_set_pretty (generator, TRUE);
  json_generator_set_root (generator, root);
  text = json_generator_to_data (generator, NULL);
  append_json (out, text);
  g_string_append_c (out, '\n');
}

void
info_write_json (const InfoFacts *facts, GString *out)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();

  json_builder_begin_object (b);
  add_head (facts, b);
  begin_array (b, "networks");
  for (guint i = 0; i < facts->genome->n_networks; i++)
    add_network (facts, i, b);
  json_builder_end_array (b);
  add_patch (facts, b);
  add_rendering (facts, b);
  begin_array (b, "warnings");
  add_strings ((const char *const *) facts->genome->warnings, b);
  add_strings ((const char *const *) facts->warnings, b);
  json_builder_end_array (b);
  json_builder_end_object (b);
  write_root (b, out);
}

void
info_write_json_list (const char *const *strings, GString *out)
{
  g_autoptr (JsonBuilder) b = json_builder_new ();

  json_builder_begin_array (b);
  add_strings (strings, b);
  json_builder_end_array (b);
  write_root (b, out);
}
