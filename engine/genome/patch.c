/* A patch under construction, whichever form it comes from.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-private.h"

#include <math.h>
#include <string.h>

#define FNV_OFFSET G_GUINT64_CONSTANT (0xcbf29ce484222325)
#define FNV_PRIME G_GUINT64_CONSTANT (0x100000001b3)

static void
connection_clear (gpointer data)
{
  g_free (((KromoPatchConnection *) data)->param_name);
}

static void
drive_clear (gpointer data)
{
  g_free (((KromoDrive *) data)->param_name);
}

static void
patch_draft_free (gpointer data)
{
  KromoPatchDraft *draft = data;

  g_free (draft->node.key);
  g_array_unref (draft->connections);
  g_free (draft);
}

static void
output_draft_free (gpointer data)
{
  KromoOutputDraft *draft = data;

  g_free (draft->output.id);
  g_array_unref (draft->drives);
  g_free (draft);
}

static gint
compare_strings (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

void
kromo_patch_builder_init (KromoPatchBuilder *builder, KromoReader *reader, guint n_networks_outputs)
{
  memset (builder, 0, sizeof *builder);
  builder->reader = reader;
  builder->nodes = g_ptr_array_new_with_free_func (patch_draft_free);
  builder->outputs = g_ptr_array_new_with_free_func (output_draft_free);
  builder->keys = g_tree_new_full (compare_strings, NULL, g_free, NULL);
  builder->n_networks_outputs = n_networks_outputs;
  builder->seed = FNV_OFFSET;
}

void
kromo_patch_builder_clear (KromoPatchBuilder *builder)
{
  g_clear_pointer (&builder->nodes, g_ptr_array_unref);
  g_clear_pointer (&builder->outputs, g_ptr_array_unref);
  g_clear_pointer (&builder->keys, g_tree_unref);
}

static gboolean
check_size (KromoPatchBuilder *builder, const KromoPath *path, GError **error)
{
  if (builder->nodes->len - builder->n_weight_nodes + builder->outputs->len
      >= KROMO_MAX_PATCH_NODES)
    return kromo_fail (error, path, KROMO_ERROR_LIMIT,
        "more than %d audio nodes and network outputs", KROMO_MAX_PATCH_NODES);
  return TRUE;
}

KromoPatchNode *
kromo_patch_builder_add_node (KromoPatchBuilder *builder, const char *key, KromoNodeKind kind,
    gboolean is_weight, const KromoPath *path, guint *index, GError **error)
{
  KromoPatchDraft *draft;
  KromoPatchNode *node;
  gint found;

  if (kromo_patch_builder_find (builder, key, &found)) {
    draft = builder->nodes->pdata[found];
    builder->n_weight_nodes -= draft->node.is_weight ? 1 : 0;
    g_array_set_size (draft->connections, 0);
    g_free (draft->node.key);
  } else {
    if (is_weight && builder->n_weight_nodes >= KROMO_MAX_PATCH_CONNECTIONS) {
      kromo_fail (
          error, path, KROMO_ERROR_LIMIT, "more than %d weight nodes", KROMO_MAX_PATCH_CONNECTIONS);
      return NULL;
    }
    if (!is_weight && !check_size (builder, path, error))
      return NULL;
    draft = g_new0 (KromoPatchDraft, 1);
    draft->connections = g_array_new (FALSE, FALSE, sizeof (KromoPatchConnection));
    g_array_set_clear_func (draft->connections, connection_clear);
    found = (gint) builder->nodes->len;
    g_ptr_array_add (builder->nodes, draft);
    g_tree_insert (builder->keys, g_strdup (key), GINT_TO_POINTER (found + 1));
  }
  builder->n_weight_nodes += is_weight ? 1 : 0;
  node = &draft->node;
  memset (node, 0, sizeof *node);
  node->key = g_strdup (key);
  node->kind = kind;
  node->filter_q = NAN;
  node->max_delay_time = NAN;
  node->oversample = 1;
  node->normalize = TRUE;
  node->is_weight = is_weight;
  node->weight_enabled = TRUE;
  if (index)
    *index = (guint) found;
  return node;
}

KromoOutputDraft *
kromo_patch_builder_add_output (
    KromoPatchBuilder *builder, const char *id, const KromoPath *path, GError **error)
{
  KromoOutputDraft *draft;

  if (!check_size (builder, path, error))
    return NULL;
  draft = g_new0 (KromoOutputDraft, 1);
  draft->output.id = g_strdup (id);
  draft->drives = g_array_new (FALSE, FALSE, sizeof (KromoDrive));
  g_array_set_clear_func (draft->drives, drive_clear);
  g_ptr_array_add (builder->outputs, draft);
  return draft;
}

gboolean
kromo_patch_builder_find (KromoPatchBuilder *builder, const char *key, gint *index)
{
  gint found = GPOINTER_TO_INT (g_tree_lookup (builder->keys, key));

  *index = found - 1;
  return found > 0;
}

/* One more connection as stored. */
gboolean
kromo_patch_builder_count (KromoPatchBuilder *builder, const KromoPath *path, GError **error)
{
  if (builder->n_connections >= KROMO_MAX_PATCH_CONNECTIONS)
    return kromo_fail (error, path, KROMO_ERROR_LIMIT, "more than %d connections in the patch",
        KROMO_MAX_PATCH_CONNECTIONS);
  builder->n_connections++;
  return TRUE;
}

void
kromo_patch_builder_connect (
    KromoPatchBuilder *builder, guint source, gint target, const char *param_name, gboolean enabled)
{
  KromoPatchDraft *draft = builder->nodes->pdata[source];
  KromoPatchConnection c = { .target = target, .enabled = enabled };

  c.param = kromo_param_from_name (param_name);
  c.param_name = c.param == KROMO_PARAM_NONE ? NULL : g_strdup (param_name);
  g_array_append_val (draft->connections, c);
}

void
kromo_patch_builder_set_shape (
    KromoPatchBuilder *builder, KromoPatchNode *node, const KromoJson *type, const KromoPath *path)
{
  static const char *const shapes[] = { "sine", "square", "sawtooth", "triangle", NULL };
  static const char *const filters[] = { "lowpass", "highpass", "bandpass", "lowshelf", "highshelf",
    "peaking", "notch", "allpass", NULL };
  const char *name = kromo_json_string (type);
  g_autofree char *quoted = NULL;

  if (node->kind != KROMO_NODE_OSCILLATOR && node->kind != KROMO_NODE_BIQUAD_FILTER)
    return;
  if (name) {
    const char *const *names = node->kind == KROMO_NODE_OSCILLATOR ? shapes : filters;

    for (guint i = 0; names[i]; i++)
      if (g_str_equal (name, names[i])) {
        node->shape = i;
        return;
      }
  }
  quoted = name ? kromo_quote (name) : g_strdup ("this");
  kromo_reader_warn (builder->reader, path, "%s is no type of %s; the default plays", quoted,
      kromo_node_kind_get_name (node->kind));
}

gboolean
kromo_patch_builder_read_output (KromoPatchBuilder *builder, const KromoJson *node,
    const KromoPath *path, gint *output, GError **error)
{
  const char *name = kromo_json_string (node);
  guint32 index = G_MAXUINT32;
  gboolean known;

  if (name && g_str_equal (name, "noiseWhite")) {
    *output = KROMO_OUTPUT_NOISE_WHITE;
    return TRUE;
  }
  if (name && g_str_equal (name, "noisePink")) {
    *output = KROMO_OUTPUT_NOISE_PINK;
    return TRUE;
  }
  if (name && g_str_equal (name, "noiseBrown")) {
    *output = KROMO_OUTPUT_NOISE_BROWN;
    return TRUE;
  }
  if (name) {
    known = kromo_js_array_index (name, &index);
  } else if (kromo_json_is (node, KROMO_JSON_NUMBER)) {
    double number = kromo_json_get_number (node);

    known = number >= 0 && number < G_MAXUINT32 && floor (number) == number;
    index = known ? (guint32) number : 0;
  } else {
    return kromo_fail (error, path, KROMO_ERROR_INVALID,
        "%s: the number of a network output, or noiseWhite, noisePink or noiseBrown, is needed",
        node ? "is of the wrong type" : "is missing");
  }
  if (!known) {
    g_autofree char *quoted = name ? kromo_quote (name) : g_strdup ("this number");
    return kromo_fail (error, path, KROMO_ERROR_INVALID,
        "%s is neither the number of a network output nor noiseWhite, noisePink or noiseBrown",
        quoted);
  }
  if (index >= builder->n_networks_outputs)
    return kromo_fail (error, path, KROMO_ERROR_INVALID,
        "there is no network output %u, only 0 to %u", index, builder->n_networks_outputs - 1);
  *output = (gint) index;
  return TRUE;
}

gboolean
kromo_read_range (const KromoJson *node, const KromoPath *path, double range[2], GError **error)
{
  const KromoJson *value = kromo_json_first (node);

  if (!kromo_json_is (node, KROMO_JSON_ARRAY) || node->n != 2)
    return kromo_fail (
        error, path, KROMO_ERROR_INVALID, "is not a range: [minimum, maximum] or null");
  for (guint i = 0; i < 2; i++, value = kromo_json_next (value)) {
    KromoPath element = KROMO_PATH_INDEX (path, i);
    if (!kromo_json_number (value, &element, &range[i], error))
      return FALSE;
  }
  return TRUE;
}

void
kromo_patch_builder_seed_string (KromoPatchBuilder *builder, const char *text)
{
  for (; *text; text++)
    builder->seed = (builder->seed ^ (guint8) *text) * FNV_PRIME;
}

void
kromo_patch_builder_seed_double (KromoPatchBuilder *builder, double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  for (int i = 0; i < 8; i++, bits >>= 8)
    builder->seed = (builder->seed ^ (bits & 0xff)) * FNV_PRIME;
}
