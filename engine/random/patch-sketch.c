/* A patch under construction, and its text in both forms (1-GENOME 1.3 and 1.5).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "random-private.h"

#include <string.h>

#define ENCODED_PATCH 0
#define ENCODED_ELEMENTS 1

static void
node_free (gpointer data)
{
  KromoSketchNode *node = data;

  g_free (node->id);
  g_string_free (node->members, TRUE);
  g_free (node);
}

static guint
add_node (KromoPatchSketch *sketch, KromoNodeKind kind, const char *name, char *id)
{
  KromoSketchNode *node = g_new0 (KromoSketchNode, 1);

  node->id = id;
  node->name = name;
  node->kind = kind;
  node->members = g_string_new (NULL);
  g_ptr_array_add (sketch->nodes, node);
  return sketch->nodes->len - 1;
}

KromoPatchSketch *
kromo_patch_sketch_new (gboolean plain)
{
  KromoPatchSketch *sketch = g_new0 (KromoPatchSketch, 1);

  sketch->plain = plain;
  sketch->nodes = g_ptr_array_new_with_free_func (node_free);
  sketch->connections = g_array_new (FALSE, FALSE, sizeof (KromoSketchConnection));
  add_node (sketch, KROMO_N_NODE_KINDS, "OutNode", g_strdup ("0"));
  return sketch;
}

void
kromo_patch_sketch_free (KromoPatchSketch *sketch)
{
  g_ptr_array_unref (sketch->nodes);
  g_array_unref (sketch->connections);
  g_free (sketch);
}

guint
kromo_patch_sketch_add (KromoPatchSketch *sketch, KromoNodeKind kind, char *id)
{
  static const char *const names[KROMO_N_NODE_KINDS] = {
    [KROMO_NODE_GAIN] = "GainNode",
    [KROMO_NODE_OSCILLATOR] = "OscillatorNode",
    [KROMO_NODE_BUFFER_SOURCE] = "AudioBufferSourceNode",
    [KROMO_NODE_WAVETABLE] = "WavetableNode",
    [KROMO_NODE_ADDITIVE] = "AdditiveNode",
    [KROMO_NODE_DELAY] = "DelayNode",
    [KROMO_NODE_BIQUAD_FILTER] = "FilterNode",
    [KROMO_NODE_WAVE_SHAPER] = "WaveShaperNode",
    [KROMO_NODE_DYNAMICS_COMPRESSOR] = "CompressorNode",
    [KROMO_NODE_CONVOLVER] = "ConvolverNode",
    [KROMO_NODE_FEEDBACK_DELAY] = "FeedbackDelayNode",
  };

  g_assert (sketch->plain || names[kind] != NULL);
  return add_node (sketch, kind, names[kind], id);
}

guint
kromo_patch_sketch_add_output (KromoPatchSketch *sketch, KromoSketchOutputKind kind, char *id)
{
  static const char *const names[] = {
    [KROMO_SKETCH_NETWORK_OUTPUT] = "NetworkOutputNode",
    [KROMO_SKETCH_NOTE_OUTPUT] = "NoteNetworkOutputNode",
    [KROMO_SKETCH_PARTIAL_OUTPUT] = "PartialNetworkOutputNode",
    [KROMO_SKETCH_ENVELOPE_OUTPUT] = "PartialEnvelopeNetworkOutputNode",
  };

  return add_node (sketch, KROMO_N_NODE_KINDS, names[kind], id);
}

KromoSketchNode *
kromo_patch_sketch_get (const KromoPatchSketch *sketch, guint node)
{
  return g_ptr_array_index (sketch->nodes, node);
}

GString *
kromo_patch_sketch_members (const KromoPatchSketch *sketch, guint node)
{
  return kromo_patch_sketch_get (sketch, node)->members;
}

KromoSketchConnection *
kromo_patch_sketch_connect (KromoPatchSketch *sketch, guint source, guint target, const char *param)
{
  const KromoSketchConnection connection = { source, target, param, 1.0, KROMO_SKETCH_RANGE_MISSING,
    { 0.0, 1.0 }, FALSE };

  g_array_append_val (sketch->connections, connection);
  return &g_array_index (sketch->connections, KromoSketchConnection, sketch->connections->len - 1);
}

void
kromo_patch_sketch_drive (KromoPatchSketch *sketch, guint output, guint target, const char *param,
    double low, double high)
{
  KromoSketchConnection *connection = kromo_patch_sketch_connect (sketch, output, target, param);

  connection->range_kind = KROMO_SKETCH_RANGE_GIVEN;
  connection->range[0] = low;
  connection->range[1] = high;
}

static gboolean
is_output (const KromoSketchNode *node)
{
  return node->kind == KROMO_N_NODE_KINDS;
}

static void
write_range (GString *text, const char *key, const KromoSketchConnection *connection)
{
  switch (connection->range_kind) {
  case KROMO_SKETCH_RANGE_MISSING:
    break;
  case KROMO_SKETCH_RANGE_NULL:
    kromo_text_literal (text, key, "null");
    break;
  case KROMO_SKETCH_RANGE_GIVEN:
    kromo_text_open (text, key, '[');
    kromo_text_number (text, NULL, connection->range[0]);
    kromo_text_number (text, NULL, connection->range[1]);
    kromo_text_close (text, ']');
    break;
  }
}

/* ---- the asNEAT form ---- */

static void
write_id (const KromoPatchSketch *sketch, GString *text, const char *key, guint node)
{
  const char *id = kromo_patch_sketch_get (sketch, node)->id;
  const gboolean digits = strspn (id, "0123456789") == strlen (id);

  if (node == KROMO_SKETCH_OUT || (sketch->numbers && digits && *id != '0'))
    kromo_text_literal (text, key, id);
  else
    kromo_text_string (text, key, id);
}

static void
write_asneat_node (const KromoPatchSketch *sketch, GString *text, guint index)
{
  const KromoSketchNode *node = kromo_patch_sketch_get (sketch, index);
  g_autoptr (GString) object = g_string_new (NULL);

  kromo_text_open (object, NULL, '{');
  kromo_text_string (object, "name", node->name);
  write_id (sketch, object, "id", index);
  if (node->members->len > 0)
    kromo_text_literal (object, NULL, node->members->str);
  if (node->partial_number != 0.0) {
    kromo_text_number (object, "partialNumber", node->partial_number);
    kromo_text_number (object, "inharmonicityFactor", node->inharmonicity);
  }
  kromo_text_close (object, '}');
  kromo_text_json (text, NULL, object->str, sketch->encodings[ENCODED_ELEMENTS]);
}

static void
write_asneat_connection (
    const KromoPatchSketch *sketch, GString *text, const KromoSketchConnection *connection)
{
  g_autoptr (GString) object = g_string_new (NULL);

  kromo_text_open (object, NULL, '{');
  write_id (sketch, object, "sourceNode", connection->source);
  write_id (sketch, object, "targetNode", connection->target);
  if (connection->param != NULL)
    kromo_text_string (object, "targetParameter", connection->param);
  else
    kromo_text_literal (object, "targetParameter", "null");
  write_range (object, "targetParameterRange", connection);
  kromo_text_number (object, "weight", connection->weight);
  if (connection->disabled)
    kromo_text_literal (object, "enabled", "false");
  kromo_text_close (object, '}');
  kromo_text_json (text, NULL, object->str, sketch->encodings[ENCODED_ELEMENTS]);
}

char *
kromo_patch_sketch_to_asneat (const KromoPatchSketch *sketch)
{
  GString *text = g_string_new (NULL);

  kromo_text_open (text, NULL, '{');
  kromo_text_open (text, "nodes", '[');
  for (guint i = 0; i < sketch->nodes->len; i++)
    write_asneat_node (sketch, text, i);
  kromo_text_close (text, ']');
  kromo_text_open (text, "connections", '[');
  for (guint i = 0; i < sketch->connections->len; i++)
    write_asneat_connection (
        sketch, text, &g_array_index (sketch->connections, KromoSketchConnection, i));
  kromo_text_close (text, ']');
  kromo_text_close (text, '}');
  return g_string_free (text, FALSE);
}

/* ---- the plain form ---- */

static void
write_target (const KromoPatchSketch *sketch, GString *text, guint target, const char *param)
{
  const char *key =
      target == KROMO_SKETCH_OUT ? "output" : kromo_patch_sketch_get (sketch, target)->id;

  if (param != NULL && target != KROMO_SKETCH_OUT) {
    kromo_text_open (text, NULL, '{');
    kromo_text_string (text, "key", key);
    kromo_text_string (text, "destination", param);
    kromo_text_close (text, '}');
  } else {
    kromo_text_string (text, NULL, key);
  }
}

/* The connection itself if its weight is 1, else through a weight node, which is made in @weights; a
 * second one of the same name cannot be told from the first, so it is left out. */
static void
write_plain_connection (const KromoPatchSketch *sketch, GString *text, GString *weights,
    GHashTable *keys, const KromoSketchConnection *c)
{
  const char *source = kromo_patch_sketch_get (sketch, c->source)->id;
  const char *target = kromo_patch_sketch_get (sketch, c->target)->id;
  char *key;

  if (c->weight == 1.0 || c->target == KROMO_SKETCH_OUT) {
    write_target (sketch, text, c->target, c->param);
    return;
  }
  key = c->param ? g_strdup_printf ("%s_%s-%s-weight", source, target, c->param)
                 : g_strdup_printf ("%s_%s-weight", source, target);
  kromo_text_string (text, NULL, key);
  if (!g_hash_table_add (keys, key))
    return;
  kromo_text_open (weights, key, '[');
  kromo_text_string (weights, NULL, "gain");
  write_target (sketch, weights, c->target, c->param);
  kromo_text_open (weights, NULL, '{');
  kromo_text_number (weights, "gain", c->weight);
  kromo_text_close (weights, '}');
  kromo_text_close (weights, ']');
}

static void
write_plain_node (
    const KromoPatchSketch *sketch, GString *text, GString *weights, GHashTable *keys, guint index)
{
  const KromoSketchNode *node = kromo_patch_sketch_get (sketch, index);

  kromo_text_open (text, node->id, '[');
  kromo_text_string (text, NULL, kromo_node_kind_get_name (node->kind));
  kromo_text_open (text, NULL, '[');
  for (guint i = 0; i < sketch->connections->len; i++) {
    const KromoSketchConnection *c = &g_array_index (sketch->connections, KromoSketchConnection, i);

    if (c->source == index)
      write_plain_connection (sketch, text, weights, keys, c);
  }
  kromo_text_close (text, ']');
  if (node->members->len > 0) {
    kromo_text_open (text, NULL, '{');
    kromo_text_literal (text, NULL, node->members->str);
    kromo_text_close (text, '}');
  }
  kromo_text_close (text, ']');
}

static void
write_plain_drives (const KromoPatchSketch *sketch, GString *text, guint output, guint target)
{
  const KromoSketchNode *node = kromo_patch_sketch_get (sketch, output);
  gboolean any = FALSE;

  for (guint i = 0; i < sketch->connections->len; i++) {
    const KromoSketchConnection *c = &g_array_index (sketch->connections, KromoSketchConnection, i);

    if (c->source != output || c->target != target)
      continue;
    if (!any)
      kromo_text_open (text, kromo_patch_sketch_get (sketch, target)->id, '[');
    any = TRUE;
    kromo_text_open (text, NULL, '{');
    if (c->param != NULL)
      kromo_text_string (text, "paramName", c->param);
    else
      kromo_text_literal (text, "paramName", "null");
    write_range (text, "range", c);
    kromo_text_number (text, "weight", c->weight);
    if (node->partial_number != 0.0) {
      kromo_text_number (text, "partialNumber", node->partial_number);
      kromo_text_number (text, "inharmonicityFactor", node->inharmonicity);
    }
    kromo_text_close (text, '}');
  }
  if (any)
    kromo_text_close (text, ']');
}

static void
write_plain_output (const KromoPatchSketch *sketch, GString *text, guint index)
{
  const KromoSketchNode *node = kromo_patch_sketch_get (sketch, index);

  kromo_text_open (text, NULL, '{');
  kromo_text_string (text, "id", node->id);
  if (node->members->len > 0)
    kromo_text_literal (text, NULL, node->members->str);
  kromo_text_open (text, "audioGraphNodes", '{');
  for (guint target = 0; target < sketch->nodes->len; target++)
    write_plain_drives (sketch, text, index, target);
  kromo_text_close (text, '}');
  kromo_text_close (text, '}');
}

char *
kromo_patch_sketch_to_plain (const KromoPatchSketch *sketch)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GString) weights = g_string_new (NULL);
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  kromo_text_open (text, NULL, '{');
  kromo_text_open (text, "audioGraph", '{');
  for (guint i = 1; i < sketch->nodes->len; i++) {
    if (!is_output (kromo_patch_sketch_get (sketch, i)))
      write_plain_node (sketch, text, weights, keys, i);
  }
  if (weights->len > 0)
    kromo_text_literal (text, NULL, weights->str);
  kromo_text_close (text, '}');
  kromo_text_open (text, "networkOutputs", '[');
  for (guint i = 1; i < sketch->nodes->len; i++) {
    if (is_output (kromo_patch_sketch_get (sketch, i)))
      write_plain_output (sketch, text, i);
  }
  kromo_text_close (text, ']');
  kromo_text_close (text, '}');
  return g_string_free (text, FALSE);
}

char *
kromo_patch_sketch_to_json (const KromoPatchSketch *sketch)
{
  g_autofree char *json =
      sketch->plain ? kromo_patch_sketch_to_plain (sketch) : kromo_patch_sketch_to_asneat (sketch);
  GString *text = g_string_new (NULL);

  kromo_text_json (text, NULL, json, sketch->encodings[ENCODED_PATCH]);
  return g_string_free (text, FALSE);
}
