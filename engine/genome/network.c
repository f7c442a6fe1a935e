/* The wave network: one CPPN, or one for each frequency.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-private.h"

#include <math.h>
#include <string.h>

#define N_INPUTS 2 /* what 2-RENDERING 2.3 feeds */

typedef enum {
  TYPE_BIAS,
  TYPE_INPUT,
  TYPE_OUTPUT,
  TYPE_HIDDEN,
  N_TYPES
} NodeType;
static const char *const type_names[N_TYPES] = { "bias", "input", "output", "hidden" };

static gint
compare_ids (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static gboolean
read_type (const KromoJson *node, const KromoPath *up, NodeType *type, GError **error)
{
  const char *member = kromo_json_member (node, "nodeType") ? "nodeType" : "type";
  KromoPath path = KROMO_PATH_KEY (up, member);
  const char *name = kromo_json_string (kromo_json_member (node, member));
  g_autofree char *quoted = NULL;

  if (name == NULL) {
    path.key = "nodeType";
    return kromo_fail (error, &path, KROMO_ERROR_INVALID,
        "is missing, or not a string (bias, input, output or hidden)");
  }
  for (guint i = 0; i < N_TYPES; i++)
    if (g_ascii_strcasecmp (name, type_names[i]) == 0) {
      *type = (NodeType) i;
      return TRUE;
    }
  quoted = kromo_quote (name);
  return kromo_fail (error, &path, KROMO_ERROR_INVALID,
      "%s is no type of network node (bias, input, output or hidden)", quoted);
}

static gboolean
read_activation (const KromoJson *node, const KromoPath *up, guint8 *activation, GError **error)
{
  KromoPath path = KROMO_PATH_KEY (up, "activationFunction");
  const char *name = kromo_json_string (kromo_json_member (node, "activationFunction"));
  KromoActivation known;

  if (name == NULL)
    return kromo_fail (error, &path, KROMO_ERROR_INVALID, "is missing, or not a string");
  if (!kromo_activation_from_name (name, &known)) {
    g_autofree char *quoted = kromo_quote (name);
    return kromo_fail (
        error, &path, KROMO_ERROR_INVALID, "%s is no known activation function", quoted);
  }
  *activation = (guint8) known;
  return TRUE;
}

static gboolean
read_count (
    const KromoJson *cppn, const char *name, const KromoPath *up, guint *count, GError **error)
{
  KromoPath path = KROMO_PATH_KEY (up, name);
  double value;

  if (!kromo_json_number (kromo_json_member (cppn, name), &path, &value, error))
    return FALSE;
  if (value < 1 || value > KROMO_MAX_NETWORK_NODES || floor (value) != value)
    return kromo_fail (error, &path, KROMO_ERROR_INVALID, "is not a count of nodes");
  *count = (guint) value;
  return TRUE;
}

/* The order of nodes is the order of the network, so their types must follow it. */
static gboolean
check_type (KromoNetwork *network, guint i, NodeType type, const KromoPath *path, GError **error)
{
  guint first_output, first_hidden;
  NodeType wanted;

  if (i == network->n_bias && type == TYPE_BIAS) {
    network->n_bias++;
    return TRUE;
  }
  first_output = network->n_bias + network->n_inputs;
  first_hidden = first_output + network->n_outputs;
  wanted = i < first_output ? TYPE_INPUT : i < first_hidden ? TYPE_OUTPUT : TYPE_HIDDEN;
  if (type == wanted)
    return TRUE;
  return kromo_fail (error, path, KROMO_ERROR_INVALID,
      "is a node of type %s where one of type %s belongs (%u bias, %u input, %u output, then "
      "hidden nodes)",
      type_names[type], type_names[wanted], network->n_bias, network->n_inputs, network->n_outputs);
}

static gboolean
read_nodes (KromoReader *reader, const KromoJson *nodes, const KromoPath *up, KromoNetwork *network,
    GTree *ids, GError **error)
{
  const KromoJson *value = kromo_json_first (nodes);

  if (nodes->n > KROMO_MAX_NETWORK_NODES)
    return kromo_fail (error, up, KROMO_ERROR_LIMIT, "more than %d nodes", KROMO_MAX_NETWORK_NODES);
  network->n_nodes = (guint) nodes->n;
  network->activations = g_new (guint8, MAX (network->n_nodes, 1));
  for (guint i = 0; i < network->n_nodes; i++, value = kromo_json_next (value)) {
    KromoPath path = KROMO_PATH_INDEX (up, i);
    const KromoJson *node = kromo_reader_object (reader, value, &path, error);
    KromoPath gid_path;
    NodeType type = TYPE_BIAS;
    const char *id;

    if (node == NULL || !read_type (node, &path, &type, error)
        || !check_type (network, i, type, &path, error))
      return FALSE;
    network->activations[i] = KROMO_ACTIVATION_NULL;
    if ((type == TYPE_OUTPUT || type == TYPE_HIDDEN)
        && !read_activation (node, &path, &network->activations[i], error))
      return FALSE;

    gid_path = KROMO_PATH_KEY (&path, "gid");
    id = kromo_json_id (reader, kromo_json_member (node, "gid"), &gid_path, error);
    if (id == NULL)
      return FALSE;
    if (g_tree_lookup (ids, id))
      return kromo_fail (error, &gid_path, KROMO_ERROR_INVALID, "is another node's gid, too");
    g_tree_insert (ids, (gpointer) id, GUINT_TO_POINTER (i + 1));
  }
  if (network->n_nodes < network->n_bias + network->n_inputs + network->n_outputs)
    return kromo_fail (error, up, KROMO_ERROR_INVALID,
        "has %u nodes, too few for %u bias, %u input and %u output nodes", network->n_nodes,
        network->n_bias, network->n_inputs, network->n_outputs);
  return TRUE;
}

static gboolean
read_end (KromoReader *reader, const KromoJson *connection, const char *name, const KromoPath *up,
    GTree *ids, guint32 *index, GError **error)
{
  KromoPath path = KROMO_PATH_KEY (up, name);
  const char *id = kromo_json_id (reader, kromo_json_member (connection, name), &path, error);
  guint found;

  if (id == NULL)
    return FALSE;
  found = GPOINTER_TO_UINT (g_tree_lookup (ids, id));
  if (found == 0) {
    g_autofree char *quoted = kromo_quote (id);
    return kromo_fail (error, &path, KROMO_ERROR_INVALID, "%s is no node of this network", quoted);
  }
  *index = found - 1;
  return TRUE;
}

static int
compare_pairs (const void *a, const void *b)
{
  const KromoNetworkConnection *p = *(const KromoNetworkConnection *const *) a;
  const KromoNetworkConnection *q = *(const KromoNetworkConnection *const *) b;

  if (p->source != q->source)
    return p->source < q->source ? -1 : 1;
  if (p->target != q->target)
    return p->target < q->target ? -1 : 1;
  return (p > q) - (p < q);
}

/* Connections between the same pair of nodes all have the weight of the last one. */
static void
share_weights (KromoNetwork *network)
{
  guint n = network->n_connections;
  g_autofree KromoNetworkConnection **sorted = g_new (KromoNetworkConnection *, MAX (n, 1));

  for (guint i = 0; i < n; i++)
    sorted[i] = &network->connections[i];
  qsort (sorted, n, sizeof *sorted, compare_pairs);
  for (guint i = n; i-- > 1;)
    if (sorted[i - 1]->source == sorted[i]->source && sorted[i - 1]->target == sorted[i]->target)
      sorted[i - 1]->weight = sorted[i]->weight;
}

static gboolean
read_connections (KromoReader *reader, const KromoJson *connections, const KromoPath *up,
    KromoNetwork *network, GTree *ids, GError **error)
{
  const KromoJson *value = kromo_json_first (connections);
  guint n;

  if (connections->n > KROMO_MAX_NETWORK_CONNECTIONS)
    return kromo_fail (
        error, up, KROMO_ERROR_LIMIT, "more than %d connections", KROMO_MAX_NETWORK_CONNECTIONS);
  n = (guint) connections->n;
  network->connections = g_new (KromoNetworkConnection, MAX (n, 1));
  for (guint i = 0; i < n; i++, value = kromo_json_next (value)) {
    KromoPath path = KROMO_PATH_INDEX (up, i);
    const KromoJson *object = kromo_reader_object (reader, value, &path, error);
    KromoNetworkConnection c;
    KromoPath weight_path = KROMO_PATH_KEY (&path, "weight");

    if (object == NULL || !read_end (reader, object, "sourceID", &path, ids, &c.source, error)
        || !read_end (reader, object, "targetID", &path, ids, &c.target, error)
        || !kromo_json_number (kromo_json_get (object, "weight"), &weight_path, &c.weight, error))
      return FALSE;
    if (c.target >= network->n_bias + network->n_inputs)
      network->connections[network->n_connections++] = c;
  }
  share_weights (network);
  return TRUE;
}

static gboolean
read_cppn (KromoReader *reader, const KromoJson *cppn, const KromoPath *up, KromoNetwork *network,
    GError **error)
{
  KromoPath nodes_path = KROMO_PATH_KEY (up, "nodes");
  KromoPath connections_path = KROMO_PATH_KEY (up, "connections");
  const KromoJson *array;
  gboolean ok = FALSE;
  GTree *ids;

  if (!read_count (cppn, "inputNodeCount", up, &network->n_inputs, error)
      || !read_count (cppn, "outputNodeCount", up, &network->n_outputs, error))
    return FALSE;
  if (network->n_inputs != N_INPUTS) {
    KromoPath path = KROMO_PATH_KEY (up, "inputNodeCount");
    return kromo_fail (error, &path, KROMO_ERROR_UNSUPPORTED,
        "is %u; only networks with %d inputs (a sine and a ramp) can be played", network->n_inputs,
        N_INPUTS);
  }

  ids = g_tree_new_full (compare_ids, NULL, NULL, NULL);
  array = kromo_reader_array (reader, kromo_json_member (cppn, "nodes"), &nodes_path, error);
  if (array && read_nodes (reader, array, &nodes_path, network, ids, error)) {
    array = kromo_reader_array (
        reader, kromo_json_member (cppn, "connections"), &connections_path, error);
    ok = array && read_connections (reader, array, &connections_path, network, ids, error);
  }
  g_tree_unref (ids);
  return ok;
}

/* { offspring: CPPN }, or the CPPN itself. */
static gboolean
read_offspring (KromoReader *reader, const KromoJson *holder, const KromoPath *up,
    KromoNetwork *network, GError **error)
{
  KromoPath path = KROMO_PATH_KEY (up, "offspring");
  const KromoJson *offspring = kromo_json_member (holder, "offspring");
  const KromoJson *cppn;

  if (offspring == NULL && kromo_json_member (holder, "nodes"))
    return read_cppn (reader, holder, up, network, error);
  cppn = kromo_reader_object (reader, offspring, &path, error);
  return cppn && read_cppn (reader, cppn, &path, network, error);
}

static gboolean
read_frequency_key (const char *key, const KromoPath *path, double *frequency, GError **error)
{
  char *end;

  *frequency = g_ascii_strtod (key, &end);
  /* strtod reads hexadecimal numbers and infinities, too */
  if (*key == 0 || strspn (key, "0123456789.eE+-") != strlen (key) || *end != 0
      || !isfinite (*frequency))
    return kromo_fail (error, path, KROMO_ERROR_INVALID, "its key is not a frequency");
  return TRUE;
}

static gboolean
read_per_frequency (KromoReader *reader, const KromoJson *wave, const KromoPath *up,
    KromoGenome *genome, GError **error)
{
  KromoPath path = KROMO_PATH_KEY (up, "CPPNs");
  const KromoJson *cppns =
      kromo_reader_object (reader, kromo_json_member (wave, "CPPNs"), &path, error);
  g_autoptr (GArray) members = NULL;

  if (cppns == NULL)
    return FALSE;
  members = kromo_json_members (cppns);
  if (members->len == 0)
    return kromo_fail (error, &path, KROMO_ERROR_INVALID, "has no network");
  if (members->len > KROMO_MAX_NETWORKS)
    return kromo_fail (
        error, &path, KROMO_ERROR_LIMIT, "more than %d networks", KROMO_MAX_NETWORKS);
  genome->per_frequency = TRUE;
  genome->n_networks = members->len;
  genome->networks = g_new0 (KromoNetwork, members->len);
  genome->network_keys = g_new0 (double, members->len);
  for (guint i = 0; i < members->len; i++) {
    const KromoJsonMember *member = &g_array_index (members, KromoJsonMember, i);
    KromoPath cppn_path = KROMO_PATH_KEY (&path, member->name);
    const KromoJson *holder;

    if (!read_frequency_key (member->name, &cppn_path, &genome->network_keys[i], error))
      return FALSE;
    holder = kromo_reader_object (reader, member->value, &cppn_path, error);
    if (holder == NULL || !read_offspring (reader, holder, &cppn_path, &genome->networks[i], error))
      return FALSE;
  }
  return TRUE;
}

gboolean
kromo_read_wave_network (KromoReader *reader, const KromoJson *node, const KromoPath *path,
    KromoGenome *genome, GError **error)
{
  KromoPath wave_path = *path;
  const KromoJson *wave = kromo_reader_object (reader, node, &wave_path, error);

  if (wave == NULL)
    return FALSE;
  if (kromo_json_truthy (kromo_json_get (wave, "oneCPPNPerFrequency")))
    return read_per_frequency (reader, wave, &wave_path, genome, error);
  genome->n_networks = 1;
  genome->networks = g_new0 (KromoNetwork, 1);
  return read_offspring (reader, wave, &wave_path, &genome->networks[0], error);
}
