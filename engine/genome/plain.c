/* The plain form of a patch: an audio graph and network outputs (1-GENOME 1.5).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-private.h"

#include <string.h>

static const KromoJson *
need_array (const KromoJson *node, const KromoPath *path, const char *what, GError **error)
{
  if (kromo_json_is (node, KROMO_JSON_ARRAY))
    return node;
  kromo_fail (error, path, KROMO_ERROR_INVALID, "is not an array: %s", what);
  return NULL;
}

static const KromoJson *
need_object (const KromoJson *node, const KromoPath *path, GError **error)
{
  if (kromo_json_is (node, KROMO_JSON_OBJECT))
    return node;
  kromo_fail (error, path, KROMO_ERROR_INVALID, "%s", node ? "is not an object" : "is missing");
  return NULL;
}

static const KromoJson *
element_or_null (const KromoJson *array, guint i)
{
  const KromoJson *value = kromo_json_element (array, i);

  return kromo_json_is (value, KROMO_JSON_NULL) ? NULL : value;
}

/* ---- audio graph ---- */

static gboolean
read_number (const KromoJson *value, const KromoPath *path, double *number, GError **error)
{
  if (value->type == KROMO_JSON_ARRAY)
    return kromo_fail (error, path, KROMO_ERROR_UNSUPPORTED,
        "automation of a parameter is not supported; a number is");
  *number = 0.0; /* as null counts */
  return value->type == KROMO_JSON_NULL || kromo_json_number (value, path, number, error);
}

static gboolean
read_max_delay_time (
    const KromoJson *value, const KromoPath *path, KromoPatchNode *node, GError **error)
{
  double seconds;

  if (!kromo_json_number (value, path, &seconds, error))
    return FALSE;
  if (seconds <= 0.0 || seconds >= 180.0)
    return kromo_fail (
        error, path, KROMO_ERROR_INVALID, "is not between 0 and 180 seconds (exclusively)");
  node->max_delay_time = seconds;
  return TRUE;
}

static gboolean
read_oversample (const KromoJson *value, guint *oversample)
{
  const char *name = kromo_json_string (value);

  if (name && g_str_equal (name, "none"))
    *oversample = 1;
  else if (name && g_str_equal (name, "2x"))
    *oversample = 2;
  else if (name && g_str_equal (name, "4x"))
    *oversample = 4;
  else
    return FALSE;
  return TRUE;
}

static gboolean
read_flag (const KromoJson *value, gboolean *flag)
{
  if (!kromo_json_is_boolean (value))
    return FALSE;
  *flag = value->type == KROMO_JSON_TRUE;
  return TRUE;
}

/* What would sound different and is not played. */
static gboolean
is_unsupported (const char *name)
{
  static const char *const names[] = { "startTime", "stopTime", "offsetTime", "numberOfInputs",
    "numberOfOutputs" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      return TRUE;
  return FALSE;
}

/* Sources start at 0, at their beginning: to say so changes nothing. */
static gboolean
is_usual_start (const char *name, const KromoJson *value)
{
  return (g_str_equal (name, "startTime") || g_str_equal (name, "offsetTime"))
      && value->type == KROMO_JSON_NUMBER && kromo_json_get_number (value) == 0.0;
}

static gboolean
read_param (KromoPatchBuilder *builder, KromoPatchNode *node, const char *name,
    const KromoJson *value, const KromoPath *path, GError **error)
{
  KromoParam param = kromo_param_from_name (name);
  gboolean understood = TRUE;

  if (kromo_node_kind_has_param (node->kind, param)) {
    node->present |= 1u << param;
    return read_number (value, path, &node->values[param], error);
  }
  if (value->type == KROMO_JSON_NULL || is_usual_start (name, value))
    return TRUE;
  if (is_unsupported (name))
    return kromo_fail (error, path, KROMO_ERROR_UNSUPPORTED, "is not supported");
  if (node->kind == KROMO_NODE_DELAY && g_str_equal (name, "maxDelayTime"))
    return read_max_delay_time (value, path, node, error);
  if (g_str_equal (name, "type"))
    kromo_patch_builder_set_shape (builder, node, value, path);
  else if (node->kind == KROMO_NODE_WAVE_SHAPER && g_str_equal (name, "oversample"))
    understood = read_oversample (value, &node->oversample);
  else if (node->kind == KROMO_NODE_CONVOLVER && g_str_equal (name, "normalize"))
    understood = read_flag (value, &node->normalize);
  else if (node->kind == KROMO_NODE_BUFFER_SOURCE && g_str_equal (name, "loop"))
    understood = read_flag (value, &node->loop);
  else
    understood = g_str_equal (name, "noteOffset"); /* oscillators carry it, to no effect */
  if (!understood)
    kromo_reader_warn (builder->reader, path, "is not understood and ignored");
  return TRUE;
}

static gboolean
read_node (KromoPatchBuilder *builder, const char *key, const KromoJson *value,
    const KromoPath *path, GError **error)
{
  KromoPath type_path = KROMO_PATH_INDEX (path, 0), params_path = KROMO_PATH_INDEX (path, 2);
  KromoPatchNode *node;
  KromoNodeKind kind;
  const KromoJson *array;
  const KromoJson *params;
  const KromoJson *params_node;
  const char *type;
  g_autoptr (GArray) members = NULL;

  array = need_array (value, path, "[type, connections, parameters]", error);
  if (array == NULL)
    return FALSE;
  type = kromo_json_string (element_or_null (array, 0));
  if (type == NULL)
    return kromo_fail (error, &type_path, KROMO_ERROR_INVALID, "is missing, or not a string");
  kind = kromo_node_kind_from_name (type);
  if (kind == KROMO_N_NODE_KINDS) {
    g_autofree char *quoted = kromo_quote (type);
    return kromo_fail (
        error, &type_path, KROMO_ERROR_UNSUPPORTED, "%s is no kind of node known here", quoted);
  }
  node = kromo_patch_builder_add_node (builder, key, kind,
      kind == KROMO_NODE_GAIN && g_str_has_suffix (key, "-weight"), path, NULL, error);
  if (node == NULL)
    return FALSE;
  kromo_patch_builder_seed_string (builder, key);

  params_node = element_or_null (array, 2);
  if (params_node == NULL)
    return TRUE;
  params = need_object (params_node, &params_path, error);
  if (params == NULL)
    return FALSE;
  members = kromo_json_members (params);
  for (guint i = 0; i < members->len; i++) {
    const KromoJsonMember *member = &g_array_index (members, KromoJsonMember, i);
    KromoPath param_path = KROMO_PATH_KEY (&params_path, member->name);

    if (!read_param (builder, node, member->name, member->value, &param_path, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
connect_to (KromoPatchBuilder *builder, guint source, const char *key, const char *param,
    const KromoPath *path, GError **error)
{
  KromoPatchDraft *draft = builder->nodes->pdata[source];
  gint target = KROMO_DESTINATION;

  if (!g_str_equal (key, "output") && !kromo_patch_builder_find (builder, key, &target)) {
    g_autofree char *quoted = kromo_quote (key);
    return kromo_fail (
        error, path, KROMO_ERROR_INVALID, "%s is no node of this audio graph", quoted);
  }
  /* a weight node and its one connection stand for one stored connection */
  if ((!draft->node.is_weight || draft->connections->len > 0)
      && !kromo_patch_builder_count (builder, path, error))
    return FALSE;
  kromo_patch_builder_connect (
      builder, source, target, target == KROMO_DESTINATION ? NULL : param, TRUE);
  return TRUE;
}

static gboolean
read_connection (KromoPatchBuilder *builder, guint source, const KromoJson *value,
    const KromoPath *path, GError **error)
{
  KromoPath key_path = KROMO_PATH_KEY (path, "key");
  KromoPath destination_path = KROMO_PATH_KEY (path, "destination");
  const KromoJson *destination;
  const char *key;

  if (value->type != KROMO_JSON_OBJECT) {
    key = kromo_json_id (builder->reader, value, path, error);
    return key && connect_to (builder, source, key, NULL, path, error);
  }
  if (kromo_json_member (value, "inputs") || kromo_json_member (value, "outputs")) {
    kromo_reader_warn (builder->reader, path,
        "connections between numbered inputs and outputs make no connection");
    return TRUE;
  }
  key = kromo_json_id (builder->reader, kromo_json_member (value, "key"), &key_path, error);
  if (key == NULL)
    return FALSE;
  destination = kromo_json_member (value, "destination");
  if (destination && kromo_json_string (destination) == NULL)
    return kromo_fail (
        error, &destination_path, KROMO_ERROR_INVALID, "is not the name of a parameter");
  return connect_to (builder, source, key, kromo_json_string (destination), &key_path, error);
}

static gboolean
read_connections (KromoPatchBuilder *builder, guint source, const KromoJson *value,
    const KromoPath *path, GError **error)
{
  const KromoJson *element;

  if (value == NULL)
    return TRUE;
  if (value->type != KROMO_JSON_ARRAY)
    return read_connection (builder, source, value, path, error);
  element = kromo_json_first (value);
  for (guint i = 0; i < value->n; i++, element = kromo_json_next (element)) {
    KromoPath element_path = KROMO_PATH_INDEX (path, i);

    if (!read_connection (builder, source, element, &element_path, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_audio_graph (
    KromoPatchBuilder *builder, const KromoJson *graph, const KromoPath *up, GError **error)
{
  g_autoptr (GArray) members = kromo_json_members (graph);

  for (guint i = 0; i < members->len; i++) {
    const KromoJsonMember *member = &g_array_index (members, KromoJsonMember, i);
    KromoPath path = KROMO_PATH_KEY (up, member->name);

    if (!read_node (builder, member->name, member->value, &path, error))
      return FALSE;
  }
  for (guint i = 0; i < members->len; i++) {
    const KromoJsonMember *member = &g_array_index (members, KromoJsonMember, i);
    KromoPath path = KROMO_PATH_KEY (up, member->name);
    KromoPath connections_path = KROMO_PATH_INDEX (&path, 1);
    const KromoJson *connections = element_or_null (member->value, 1);

    if (!read_connections (builder, i, connections, &connections_path, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- network outputs ---- */

static gboolean
read_drive (KromoPatchBuilder *builder, KromoOutputDraft *draft, gint node, const KromoJson *object,
    const KromoPath *path, GError **error)
{
  KromoPath name_path = KROMO_PATH_KEY (path, "paramName");
  KromoPath range_path = KROMO_PATH_KEY (path, "range");
  const KromoJson *name = kromo_json_member (object, "paramName");
  const KromoJson *range = kromo_json_member (object, "range");
  KromoDrive drive = { .node = node, .enabled = TRUE };

  if (kromo_json_truthy (name) && kromo_json_string (name) == NULL)
    return kromo_fail (
        error, &name_path, KROMO_ERROR_INVALID, "is neither null nor the name of a parameter");
  drive.has_range = range != NULL;
  drive.has_partial = kromo_json_member (object, "partialNumber") != NULL;
  if ((range && !kromo_read_range (range, &range_path, drive.range, error))
      || !kromo_json_number_member (object, "weight", path, 1.0, &drive.weight, error)
      || !kromo_json_number_member (
          object, "partialNumber", path, 1.0, &drive.partial_number, error)
      || !kromo_json_number_member (
          object, "inharmonicityFactor", path, 0.0, &drive.inharmonicity_factor, error)
      || !kromo_patch_builder_count (builder, path, error))
    return FALSE;
  if (node != KROMO_DESTINATION)
    drive.param = kromo_param_from_name (kromo_json_string (name));
  if (drive.param != KROMO_PARAM_NONE)
    drive.param_name = g_strdup (kromo_json_string (name));
  kromo_patch_builder_seed_double (builder, drive.weight);
  g_array_append_val (draft->drives, drive);
  return TRUE;
}

static gboolean
read_drives (KromoPatchBuilder *builder, KromoOutputDraft *draft, const KromoJson *nodes,
    const KromoPath *up, GError **error)
{
  g_autoptr (GArray) members = kromo_json_members (nodes);

  for (guint i = 0; i < members->len; i++) {
    const KromoJsonMember *member = &g_array_index (members, KromoJsonMember, i);
    KromoPath path = KROMO_PATH_KEY (up, member->name);
    const KromoJson *drives, *drive;
    gint node;

    /* where there is no node "0", that key is what the OutNode of the asNEAT form becomes */
    if (!kromo_patch_builder_find (builder, member->name, &node)) {
      if (!g_str_equal (member->name, "0"))
        return kromo_fail (
            error, &path, KROMO_ERROR_INVALID, "its key is no node of the audio graph");
      node = KROMO_DESTINATION;
    }
    drives = need_array (member->value, &path, "[{paramName, range}]", error);
    if (drives == NULL)
      return FALSE;
    drive = kromo_json_first (drives);
    for (guint k = 0; k < drives->n; k++, drive = kromo_json_next (drive)) {
      KromoPath element = KROMO_PATH_INDEX (&path, k);
      const KromoJson *object = need_object (drive, &element, error);

      if (object == NULL || !read_drive (builder, draft, node, object, &element, error))
        return FALSE;
    }
  }
  return TRUE;
}

static gboolean
read_output (
    KromoPatchBuilder *builder, const KromoJson *object, const KromoPath *path, GError **error)
{
  KromoPath id_path = KROMO_PATH_KEY (path, "id");
  KromoPath output_path = KROMO_PATH_KEY (path, "networkOutput");
  KromoPath frequency_path = KROMO_PATH_KEY (path, "frequency");
  KromoPath nodes_path = KROMO_PATH_KEY (path, "audioGraphNodes");
  const KromoJson *id_node = kromo_json_member (object, "id");
  const KromoJson *frequency = kromo_json_get (object, "frequency");
  const KromoJson *nodes_node = kromo_json_member (object, "audioGraphNodes");
  const KromoJson *nodes;
  KromoOutputDraft *draft;
  const char *id = NULL;

  if (id_node && (id = kromo_json_id (builder->reader, id_node, &id_path, error)) == NULL)
    return FALSE;
  draft = kromo_patch_builder_add_output (builder, id, path, error);
  if (draft == NULL
      || !kromo_patch_builder_read_output (builder, kromo_json_member (object, "networkOutput"),
          &output_path, &draft->output.output, error))
    return FALSE;
  if (draft->output.output >= 0 && !kromo_json_is (frequency, KROMO_JSON_NULL)
      && !kromo_json_number (frequency, &frequency_path, &draft->output.frequency, error))
    return FALSE;
  if (nodes_node == NULL)
    return TRUE;
  nodes = need_object (nodes_node, &nodes_path, error);
  return nodes && read_drives (builder, draft, nodes, &nodes_path, error);
}

gboolean
kromo_read_plain (
    KromoPatchBuilder *builder, const KromoJson *patch, const KromoPath *path, GError **error)
{
  KromoPath graph_path = KROMO_PATH_KEY (path, "audioGraph");
  KromoPath outputs_path = KROMO_PATH_KEY (path, "networkOutputs");
  const KromoJson *outputs_node = kromo_json_member (patch, "networkOutputs");
  const KromoJson *graph;
  const KromoJson *outputs, *output;

  graph = need_object (kromo_json_member (patch, "audioGraph"), &graph_path, error);
  if (graph == NULL || !read_audio_graph (builder, graph, &graph_path, error))
    return FALSE;
  if (outputs_node == NULL)
    return TRUE;
  outputs = need_array (
      outputs_node, &outputs_path, "[{networkOutput, frequency, audioGraphNodes}]", error);
  if (outputs == NULL)
    return FALSE;
  output = kromo_json_first (outputs);
  for (guint i = 0; i < outputs->n; i++, output = kromo_json_next (output)) {
    KromoPath element = KROMO_PATH_INDEX (&outputs_path, i);
    const KromoJson *object = need_object (output, &element, error);

    if (object == NULL || !read_output (builder, object, &element, error))
      return FALSE;
  }
  return TRUE;
}
