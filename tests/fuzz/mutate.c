/* Mutations of JSON documents.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "mutate.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define MAX_NODES 20000
#define MAX_DEPTH 100

/* Words that mean something in a genome. */
static const char *const words[] = { "triangle", "sawtooth", "StepFunction", "Sine", "Sine2", "cos",
  "arctan", "spike", "BipolarSigmoid", "PlainSigmoid", "Gaussian", "Linear", "NullFn", "gain",
  "biquadFilter", "delay", "convolver", "waveShaper", "compressor", "bufferSource", "oscillator",
  "wavetable", "additive", "feedbackDelay", "noiseWhite", "noisePink", "noiseBrown", "frequency",
  "detune", "Q", "delayTime", "playbackRate", "buffer", "curve", "mix", "partialBuffer",
  "partialGainEnvelope", "threshold", "knee", "ratio", "attack", "release", "lowpass", "highpass",
  "bandpass", "lowshelf", "highshelf", "peaking", "notch", "allpass", "sine", "square", "2x", "4x",
  "0", "" };

static const double numbers[] = { 0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-9, 1e-300, 5e-324, 440.0,
  -440.0, 20.0, 24000.0, 1e6, 1e9, 1e13, 1e38, 4e38, 1e308, -1e308, 2147483647.0, 4294967296.0,
  9007199254740993.0 };

typedef struct {
  GPtrArray *nodes; /* all of the document's */
  GRand *rand;
} Mutation;

static guint
choose (Mutation *m, guint n)
{
  return (guint) g_rand_int_range (m->rand, 0, (gint32) n);
}

static void
collect (Mutation *m, JsonNode *node)
{
  if (m->nodes->len >= MAX_NODES)
    return;
  g_ptr_array_add (m->nodes, node);
  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    for (guint i = 0; i < json_array_get_length (array); i++)
      collect (m, json_array_get_element (array, i));
  } else if (JSON_NODE_HOLDS_OBJECT (node)) {
    g_autoptr (GList) members = json_object_get_values (json_node_get_object (node));

    for (GList *l = members; l != NULL; l = l->next)
      collect (m, l->data);
  }
}

static JsonNode *
any_node (Mutation *m)
{
  return g_ptr_array_index (m->nodes, choose (m, m->nodes->len));
}

/* json_node_copy() would share what is inside. */
static JsonNode *
copy_any (Mutation *m)
{
  g_autofree char *text = json_to_string (any_node (m), FALSE);

  return json_from_string (text, NULL);
}

static double
mutate_number (Mutation *m, double value)
{
  switch (choose (m, 5)) {
  case 0:
    return -value;
  case 1:
    return value * g_rand_double_range (m->rand, 0.0, 4.0);
  case 2:
    return value + g_rand_int_range (m->rand, -2, 3);
  case 3:
    return g_rand_double_range (m->rand, -3.0, 3.0);
  default:
    return numbers[choose (m, G_N_ELEMENTS (numbers))];
  }
}

static void
mutate_value (Mutation *m, JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_DOUBLE) {
    json_node_set_double (node, mutate_number (m, json_node_get_double (node)));
  } else if (type == G_TYPE_INT64) {
    json_node_set_int (node, json_node_get_int (node) + g_rand_int_range (m->rand, -3, 4));
  } else if (type == G_TYPE_BOOLEAN) {
    json_node_set_boolean (node, !json_node_get_boolean (node));
  } else if (type == G_TYPE_STRING) {
    JsonNode *other = any_node (m);

    /* An id of something else, or a word. */
    if (JSON_NODE_HOLDS_VALUE (other) && json_node_get_value_type (other) == G_TYPE_STRING) {
      g_autofree char *text = json_node_dup_string (other);

      json_node_set_string (node, text);
    } else {
      json_node_set_string (node, words[choose (m, G_N_ELEMENTS (words))]);
    }
  }
}

static void
mutate_array (Mutation *m, JsonArray *array)
{
  const guint n = json_array_get_length (array);
  JsonNode *node;

  if (n == 0 || choose (m, 4) == 0) {
    json_array_add_element (array, copy_any (m));
    return;
  }
  node = json_node_ref (json_array_get_element (array, choose (m, n)));
  if (choose (m, 2) == 0)
    json_array_remove_element (array, choose (m, n));
  json_array_add_element (array, node);
  if (choose (m, 3) == 0)
    json_array_remove_element (array, choose (m, json_array_get_length (array)));
}

static void
mutate_object (Mutation *m, JsonObject *object)
{
  g_autoptr (GList) members = json_object_get_members (object);
  const guint n = g_list_length (members);
  const char *name;

  if (n == 0 || choose (m, 4) == 0) {
    json_object_set_member (object, words[choose (m, G_N_ELEMENTS (words))], copy_any (m));
    return;
  }
  name = g_list_nth_data (members, choose (m, n));
  if (choose (m, 3) == 0)
    json_object_remove_member (object, name);
  else
    json_object_set_member (object, name, copy_any (m));
}

static void
mutate_document (Mutation *m)
{
  JsonNode *node = any_node (m);

  if (JSON_NODE_HOLDS_VALUE (node))
    mutate_value (m, node);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    mutate_array (m, json_node_get_array (node));
  else if (JSON_NODE_HOLDS_OBJECT (node))
    mutate_object (m, json_node_get_object (node));
}

/* json-glib goes as deep as the document does, and has no limit. */
static gboolean
is_deep (const guint8 *text, gsize length)
{
  guint depth = 0;

  for (gsize i = 0; i < length; i++) {
    if (text[i] == '[' || text[i] == '{')
      depth++;
    else if ((text[i] == ']' || text[i] == '}') && depth > 0)
      depth--;
    if (depth > MAX_DEPTH)
      return TRUE;
  }
  return FALSE;
}

static gsize
write_document (JsonNode *root, guint8 *data, gsize max_size)
{
  g_autofree char *text = json_to_string (root, FALSE);
  const gsize length = strlen (text);

  if (length > max_size)
    return 0;
  memcpy (data, text, length);
  return length;
}

gsize
fuzz_mutate (guint8 *data, gsize size, gsize max_size, gsize header, guint seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autoptr (JsonParser) parser = json_parser_new ();
  Mutation mutation = { NULL, rand };
  gsize length;

  if (size <= header || max_size <= header)
    return LLVMFuzzerMutate (data, size, max_size);
  if (choose (&mutation, 4) == 0) {
    LLVMFuzzerMutate (data, header, header);
    return size;
  }
  if (is_deep (data + header, size - header)
      || !json_parser_load_from_data (
          parser, (const char *) data + header, (gssize) (size - header), NULL)
      || json_parser_get_root (parser) == NULL)
    return header + LLVMFuzzerMutate (data + header, size - header, max_size - header);

  for (guint i = 0, n = 1 + choose (&mutation, 3); i < n; i++) {
    mutation.nodes = g_ptr_array_new ();
    collect (&mutation, json_parser_get_root (parser));
    mutate_document (&mutation);
    g_ptr_array_unref (mutation.nodes);
  }
  length = write_document (json_parser_get_root (parser), data + header, max_size - header);
  return length > 0 ? header + length : size;
}
