/* The asNEAT form of a patch, and its conversion to the plain one (1-GENOME 1.3 and 1.4).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "../math/exponential.h"
#include "genome-private.h"

#include <math.h>
#include <string.h>

#define MAX_PARAMS 5

/* The audio nodes, and which of their members are taken. */
static const struct {
  const char *name;
  KromoNodeKind kind;
  KromoParam params[MAX_PARAMS]; /* up to KROMO_PARAM_NONE */
} audio_nodes[] = {
  { "GainNode", KROMO_NODE_GAIN, { KROMO_PARAM_GAIN } },
  { "OscillatorNode", KROMO_NODE_OSCILLATOR, { KROMO_PARAM_FREQUENCY, KROMO_PARAM_DETUNE } },
  { "NoteOscillatorNode", KROMO_NODE_OSCILLATOR, { KROMO_PARAM_DETUNE } },
  { "FilterNode", KROMO_NODE_BIQUAD_FILTER,
      { KROMO_PARAM_FREQUENCY, KROMO_PARAM_DETUNE, KROMO_PARAM_GAIN } },
  { "DelayNode", KROMO_NODE_DELAY, { KROMO_PARAM_DELAY_TIME } },
  { "FeedbackDelayNode", KROMO_NODE_FEEDBACK_DELAY,
      { KROMO_PARAM_DELAY_TIME, KROMO_PARAM_FEEDBACK_RATIO } },
  { "ConvolverNode", KROMO_NODE_CONVOLVER, { KROMO_PARAM_NONE } },
  { "WaveShaperNode", KROMO_NODE_WAVE_SHAPER, { KROMO_PARAM_NONE } },
  { "CompressorNode", KROMO_NODE_DYNAMICS_COMPRESSOR,
      { KROMO_PARAM_THRESHOLD, KROMO_PARAM_KNEE, KROMO_PARAM_RATIO, KROMO_PARAM_ATTACK,
          KROMO_PARAM_RELEASE } },
  { "AudioBufferSourceNode", KROMO_NODE_BUFFER_SOURCE, { KROMO_PARAM_NONE } },
  { "WavetableNode", KROMO_NODE_WAVETABLE, { KROMO_PARAM_NONE } },
  { "AdditiveNode", KROMO_NODE_ADDITIVE, { KROMO_PARAM_NONE } },
};

static const struct {
  const char *name;
  gboolean note, partial;
} output_nodes[] = {
  { "NetworkOutputNode", FALSE, FALSE },
  { "NoteNetworkOutputNode", TRUE, FALSE },
  { "PartialNetworkOutputNode", FALSE, TRUE },
  { "PartialEnvelopeNetworkOutputNode", FALSE, TRUE },
};

typedef enum {
  ROLE_AUDIO,
  ROLE_OUTPUT,
  ROLE_OUT_NODE
} Role;

typedef struct {
  Role role;
  guint index; /* of the builder's nodes or outputs */
  /* of a partial's output, for its connections */
  gboolean partial;
  double partial_number, inharmonicity_factor;
} Entry;

static const Entry out_node = { .role = ROLE_OUT_NODE };

static gint
compare_ids (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static gboolean
read_note (const KromoJson *node, const KromoPath *up, gboolean *has_frequency, double *frequency,
    GError **error)
{
  KromoPath path = KROMO_PATH_KEY (up, "noteOffset");
  const KromoJson *member = kromo_json_member (node, "noteOffset");
  double offset;

  *has_frequency = kromo_json_truthy (member);
  if (!*has_frequency)
    return TRUE;
  if (!kromo_json_number (member, &path, &offset, error))
    return FALSE;
  *frequency =
      440.0 * kromo_pow (kromo_exp2 (1.0 / 12.0), offset); /* in this way, to the last bit */
  if (!isfinite (*frequency))
    return kromo_fail (error, &path, KROMO_ERROR_INVALID, "makes a frequency beyond all numbers");
  return TRUE;
}

static gboolean
read_truthy_number (const KromoJson *object, const char *name, const KromoPath *up,
    gboolean *present, double *value, GError **error)
{
  KromoPath path = KROMO_PATH_KEY (up, name);
  const KromoJson *member = kromo_json_member (object, name);

  *present = kromo_json_truthy (member);
  return !*present || kromo_json_number (member, &path, value, error);
}

static gboolean
read_audio_members (KromoPatchBuilder *builder, const KromoJson *object, const KromoPath *path,
    guint type, KromoPatchNode *node, GError **error)
{
  const KromoParam *params = audio_nodes[type].params;
  const KromoJson *member = kromo_json_member (object, "type");
  gboolean present;

  for (guint i = 0; i < MAX_PARAMS && params[i] != KROMO_PARAM_NONE; i++) {
    if (!read_truthy_number (object, kromo_param_get_name (params[i]), path, &present,
            &node->values[params[i]], error))
      return FALSE;
    if (present)
      node->present |= 1u << params[i];
  }
  if (kromo_json_truthy (member)) {
    KromoPath type_path = KROMO_PATH_KEY (path, "type");
    kromo_patch_builder_set_shape (builder, node, member, &type_path);
  }
  if (g_str_equal (audio_nodes[type].name, "NoteOscillatorNode")) {
    if (!read_note (object, path, &present, &node->values[KROMO_PARAM_FREQUENCY], error))
      return FALSE;
    if (present)
      node->present |= 1u << KROMO_PARAM_FREQUENCY;
  }
  if (node->kind == KROMO_NODE_BIQUAD_FILTER && kromo_json_member (object, "q")) {
    KromoPath q_path = KROMO_PATH_KEY (path, "q");
    return kromo_json_number (kromo_json_member (object, "q"), &q_path, &node->filter_q, error);
  }
  return TRUE;
}

static gboolean
read_output_members (KromoPatchBuilder *builder, const KromoJson *object, const KromoPath *path,
    guint type, KromoNetworkOutput *output, Entry *entry, GError **error)
{
  KromoPath type_path = KROMO_PATH_KEY (path, "type");
  KromoPath frequency_path = KROMO_PATH_KEY (path, "frequency");
  const KromoJson *frequency = kromo_json_get (object, "frequency");
  gboolean has_frequency = FALSE;

  if (!kromo_patch_builder_read_output (
          builder, kromo_json_member (object, "type"), &type_path, &output->output, error))
    return FALSE;
  if (output_nodes[type].partial) {
    entry->partial = TRUE;
    if (!kromo_json_number_member (
            object, "partialNumber", path, 1.0, &entry->partial_number, error)
        || !kromo_json_number_member (
            object, "inharmonicityFactor", path, 0.0, &entry->inharmonicity_factor, error))
      return FALSE;
  }
  output->frequency = 0.0;
  if (output->output < 0)
    return TRUE;
  if (output_nodes[type].note
      && !read_note (object, path, &has_frequency, &output->frequency, error))
    return FALSE;
  if (has_frequency || kromo_json_is (frequency, KROMO_JSON_NULL))
    return TRUE;
  return kromo_json_number (frequency, &frequency_path, &output->frequency, error);
}

/* The same id twice: the later node takes the place of the earlier, as in a JavaScript object. */
static Entry *
add_entry (
    GTree *ids, const char *id, Role role, const KromoPath *path, gboolean *again, GError **error)
{
  Entry *entry = g_tree_lookup (ids, id);

  *again = entry != NULL;
  if (entry && entry->role != role) {
    kromo_fail (error, path, KROMO_ERROR_INVALID,
        "is the id of an audio node and of a network output at once");
    return NULL;
  }
  if (entry == NULL) {
    entry = g_new0 (Entry, 1);
    entry->role = role;
    g_tree_insert (ids, (gpointer) id, entry);
  }
  return entry;
}

static gboolean
read_output_node (KromoPatchBuilder *builder, GTree *ids, const KromoJson *object, const char *id,
    guint type, const KromoPath *path, GError **error)
{
  KromoPath id_path = KROMO_PATH_KEY (path, "id");
  gboolean again;
  Entry *entry = add_entry (ids, id, ROLE_OUTPUT, &id_path, &again, error);
  KromoOutputDraft *draft;

  if (entry == NULL)
    return FALSE;
  if (again) {
    draft = builder->outputs->pdata[entry->index];
    kromo_reader_warn (builder->reader, &id_path, "replaces an earlier node with this id");
  } else {
    entry->index = builder->outputs->len;
    draft = kromo_patch_builder_add_output (builder, id, path, error);
    if (draft == NULL)
      return FALSE;
  }
  entry->partial = FALSE;
  return read_output_members (builder, object, path, type, &draft->output, entry, error);
}

static gboolean
read_audio_node (KromoPatchBuilder *builder, GTree *ids, const KromoJson *object, const char *id,
    guint type, const KromoPath *path, GError **error)
{
  KromoPath id_path = KROMO_PATH_KEY (path, "id");
  gboolean again;
  Entry *entry = add_entry (ids, id, ROLE_AUDIO, &id_path, &again, error);
  KromoPatchNode *node;

  if (entry == NULL)
    return FALSE;
  if (again)
    kromo_reader_warn (builder->reader, &id_path, "replaces an earlier node with this id");
  node = kromo_patch_builder_add_node (
      builder, id, audio_nodes[type].kind, FALSE, path, &entry->index, error);
  return node && read_audio_members (builder, object, path, type, node, error);
}

static gboolean
read_node (KromoPatchBuilder *builder, GTree *ids, const KromoJson *object, const KromoPath *path,
    GError **error)
{
  KromoPath name_path = KROMO_PATH_KEY (path, "name");
  KromoPath id_path = KROMO_PATH_KEY (path, "id");
  const char *name = kromo_json_string (kromo_json_member (object, "name"));
  g_autofree char *quoted = NULL;
  const char *id;
  gboolean again;

  if (name == NULL)
    return kromo_fail (error, &name_path, KROMO_ERROR_INVALID, "is missing, or not a string");
  id = kromo_json_id (builder->reader, kromo_json_member (object, "id"), &id_path, error);
  if (id == NULL)
    return FALSE;
  kromo_patch_builder_seed_string (builder, id);
  if (g_str_equal (name, "OutNode")) /* it is 0, unless somebody has named it otherwise */
    return g_str_equal (id, "0") || add_entry (ids, id, ROLE_OUT_NODE, &id_path, &again, error);
  for (guint i = 0; i < G_N_ELEMENTS (audio_nodes); i++)
    if (g_str_equal (name, audio_nodes[i].name))
      return read_audio_node (builder, ids, object, id, i, path, error);
  for (guint i = 0; i < G_N_ELEMENTS (output_nodes); i++)
    if (g_str_equal (name, output_nodes[i].name))
      return read_output_node (builder, ids, object, id, i, path, error);
  quoted = kromo_quote (name);
  return kromo_fail (
      error, &name_path, KROMO_ERROR_UNSUPPORTED, "%s is no kind of node known here", quoted);
}

/* One end of a connection: an entry and the id it has there. */
static const Entry *
read_end (KromoReader *reader, GTree *ids, const KromoJson *object, const char *name,
    const KromoPath *up, const char **id, GError **error)
{
  KromoPath path = KROMO_PATH_KEY (up, name);
  const KromoJson *member = kromo_json_member (object, name);
  const Entry *entry;

  *id = kromo_json_id (reader, member, &path, error);
  if (*id == NULL)
    return NULL;
  entry = g_tree_lookup (ids, *id);
  if (g_str_equal (*id, "0") && (entry == NULL || kromo_json_is (member, KROMO_JSON_NUMBER)))
    return &out_node; /* the number is always the OutNode, the string may be another node */
  if (entry == NULL) {
    g_autofree char *quoted = kromo_quote (*id);
    kromo_fail (error, &path, KROMO_ERROR_INVALID, "%s is no node of this patch", quoted);
  }
  return entry;
}

/* Through a gain node made from the weight. A second connection of the same name makes that node anew,
 * and connects the source to it once more. */
static gboolean
connect_weighted (KromoPatchBuilder *builder, const Entry *source, const char *source_id,
    const Entry *target, const char *target_id, const char *param, const KromoJson *weight,
    double value, gboolean enabled, const KromoPath *path, GError **error)
{
  g_autofree char *key = param ? g_strdup_printf ("%s_%s-%s-weight", source_id, target_id, param)
                               : g_strdup_printf ("%s_%s-weight", source_id, target_id);
  gboolean any_enabled = enabled;
  KromoPatchNode *node;
  guint index;
  gint found;

  if (kromo_patch_builder_find (builder, key, &found)) {
    KromoPatchDraft *old = builder->nodes->pdata[found];
    any_enabled |= old->node.is_weight && old->node.weight_enabled;
  }
  node = kromo_patch_builder_add_node (builder, key, KROMO_NODE_GAIN, TRUE, path, &index, error);
  if (node == NULL)
    return FALSE;
  if (weight) { /* as it is, even 0 */
    node->present = 1u << KROMO_PARAM_GAIN;
    node->values[KROMO_PARAM_GAIN] = value;
  }
  node->weight_enabled = any_enabled;
  kromo_patch_builder_connect (builder, index, (gint) target->index, param, TRUE);
  kromo_patch_builder_connect (builder, source->index, (gint) index, NULL, enabled);
  return TRUE;
}

static gboolean
add_drive (KromoPatchBuilder *builder, const Entry *source, const Entry *target,
    const KromoJson *object, const char *param, double weight, gboolean enabled,
    const KromoPath *path, GError **error)
{
  KromoPath range_path = KROMO_PATH_KEY (path, "targetParameterRange");
  const KromoJson *range = kromo_json_get (object, "targetParameterRange");
  KromoOutputDraft *draft = builder->outputs->pdata[source->index];
  KromoDrive drive = { .range = { 0.0, 1.0 }, .weight = weight, .enabled = enabled };

  drive.has_range = !kromo_json_is (range, KROMO_JSON_NULL);
  if (range && drive.has_range && !kromo_read_range (range, &range_path, drive.range, error))
    return FALSE;
  drive.has_partial = source->partial;
  drive.partial_number = source->partial ? source->partial_number : 1.0;
  drive.inharmonicity_factor = source->partial ? source->inharmonicity_factor : 0.0;
  if (target->role == ROLE_OUT_NODE) {
    drive.node = KROMO_DESTINATION;
  } else {
    drive.node = (gint) target->index;
    drive.param = kromo_param_from_name (param);
    drive.param_name = drive.param == KROMO_PARAM_NONE ? NULL : g_strdup (param);
  }
  g_array_append_val (draft->drives, drive);
  return TRUE;
}

static gboolean
read_connection (KromoPatchBuilder *builder, GTree *ids, const KromoJson *object,
    const KromoPath *path, GError **error)
{
  KromoPath param_path = KROMO_PATH_KEY (path, "targetParameter");
  const KromoJson *weight_node = kromo_json_get (object, "weight");
  const KromoJson *param_node = kromo_json_member (object, "targetParameter");
  const KromoJson *enabled_node = kromo_json_member (object, "enabled");
  const char *source_id, *target_id;
  const Entry *source =
      read_end (builder->reader, ids, object, "sourceNode", path, &source_id, error);
  const Entry *target = source
      ? read_end (builder->reader, ids, object, "targetNode", path, &target_id, error)
      : NULL;
  const char *param = NULL;
  gboolean enabled;
  double weight;

  if (target == NULL || !kromo_json_number_member (object, "weight", path, 1.0, &weight, error))
    return FALSE;
  if (kromo_json_truthy (param_node)) {
    param = kromo_json_string (param_node);
    if (param == NULL)
      return kromo_fail (
          error, &param_path, KROMO_ERROR_INVALID, "is neither null nor the name of a parameter");
  }
  enabled = !kromo_json_is (enabled_node, KROMO_JSON_FALSE);
  kromo_patch_builder_seed_double (builder, weight);

  if (source->role == ROLE_OUT_NODE) {
    kromo_reader_warn (builder->reader, path, "comes from the output node and is ignored");
    return TRUE;
  }
  if (target->role == ROLE_OUTPUT) {
    kromo_reader_warn (builder->reader, path, "goes into a network output and is ignored");
    return TRUE;
  }
  if (source->role == ROLE_OUTPUT)
    return add_drive (builder, source, target, object, param, weight, enabled, path, error);
  if (target->role == ROLE_OUT_NODE) {
    kromo_patch_builder_connect (builder, source->index, KROMO_DESTINATION, NULL, enabled);
    return TRUE;
  }
  return connect_weighted (builder, source, source_id, target, target_id, param, weight_node,
      weight, enabled, path, error);
}

gboolean
kromo_read_asneat (
    KromoPatchBuilder *builder, const KromoJson *patch, const KromoPath *path, GError **error)
{
  KromoPath nodes_path = KROMO_PATH_KEY (path, "nodes");
  KromoPath connections_path = KROMO_PATH_KEY (path, "connections");
  const KromoJson *nodes, *connections, *value;
  gboolean ok = TRUE;
  GTree *ids;

  nodes =
      kromo_reader_array (builder->reader, kromo_json_member (patch, "nodes"), &nodes_path, error);
  connections = nodes ? kromo_reader_array (builder->reader,
                    kromo_json_member (patch, "connections"), &connections_path, error)
                      : NULL;
  if (connections == NULL)
    return FALSE;
  ids = g_tree_new_full (compare_ids, NULL, NULL, g_free);
  value = kromo_json_first (nodes);
  for (guint i = 0; ok && i < nodes->n; i++, value = kromo_json_next (value)) {
    KromoPath element = KROMO_PATH_INDEX (&nodes_path, i);
    const KromoJson *object = kromo_reader_object (builder->reader, value, &element, error);
    ok = object && read_node (builder, ids, object, &element, error);
  }
  value = kromo_json_first (connections);
  for (guint i = 0; ok && i < connections->n; i++, value = kromo_json_next (value)) {
    KromoPath element = KROMO_PATH_INDEX (&connections_path, i);
    const KromoJson *object;

    ok = kromo_patch_builder_count (builder, &element, error);
    if (!ok)
      break;
    object = kromo_reader_object (builder->reader, value, &element, error);
    ok = object && read_connection (builder, ids, object, &element, error);
  }
  g_tree_unref (ids);
  return ok;
}
