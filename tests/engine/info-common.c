/* Running kromo-info, and what its output should say, computed another way.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "info-common.h"
#include "wrapper.h"

#include <gio/gio.h>
#include <string.h>

void
output_clear (Output *output)
{
  g_free (output->out);
  g_free (output->err);
}

static Output
run_arguments (va_list args, const char *first)
{
  g_autoptr (GPtrArray) argv = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  Output output = { NULL };

  g_assert_nonnull (g_getenv ("KROMO_INFO"));
  argv = test_argv_new (g_getenv ("KROMO_INFO"));
  /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): the callers begin it */
  for (const char *argument = first; argument != NULL; argument = va_arg (args, const char *))
    g_ptr_array_add (argv, g_strdup (argument));
  g_ptr_array_add (argv, NULL);
  process = g_subprocess_newv ((const char *const *) argv->pdata,
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output.out, &output.err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  output.status = g_subprocess_get_exit_status (process);
  return output;
}

Output
run_info (const char *argument, ...)
{
  va_list args;
  Output output;

  va_start (args, argument);
  output = run_arguments (args, argument);
  va_end (args);
  return output;
}

JsonNode *
run_info_json (const char *argument, ...)
{
  g_auto (Output) output = { NULL };
  g_autoptr (GError) error = NULL;
  JsonNode *root;
  va_list args;

  va_start (args, argument);
  output = run_arguments (args, argument);
  va_end (args);
  g_assert_cmpstr (output.err, ==, "");
  g_assert_cmpint (output.status, ==, 0);
  root = json_from_string (output.out, &error);
  g_assert_no_error (error);
  return root;
}

void
assert_exits (const Output *output, const char *message)
{
  const char *end = strchr (output->err, '\n');

  g_assert_cmpint (output->status, ==, 1);
  g_assert_nonnull (strstr (output->err, message));
  g_assert_true (g_str_has_prefix (output->err, "kromo-info: "));
  g_assert_true (end != NULL && end[1] == '\0');
  assert_visible (output->err);
}

void
assert_visible (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_true (*p == '\n' || g_unichar_isprint (g_utf8_get_char (p)));
}

/* ---- networks ---- */

typedef struct {
  const KromoNetwork *network;
  guint8 *state; /* 1: being visited, 2: done */
  guint n_recurrent;
} Walk;

static void
visit (Walk *walk, guint node)
{
  const KromoNetwork *network = walk->network;

  walk->state[node] = 1;
  for (guint i = 0; i < network->n_connections; i++) {
    const KromoNetworkConnection *c = &network->connections[i];

    if (c->target != node)
      continue;
    if (walk->state[c->source] == 1)
      walk->n_recurrent++;
    else if (walk->state[c->source] == 0)
      visit (walk, c->source);
  }
  walk->state[node] = 2;
}

static guint
walk_all (const KromoNetwork *network, guint8 *state)
{
  const guint first = network->n_bias + network->n_inputs;
  Walk walk = { network, state, 0 };

  for (guint i = 0; i < network->n_outputs; i++) {
    if (state[first + i] == 0)
      visit (&walk, first + i);
  }
  return walk.n_recurrent;
}

guint
count_recurrent (const KromoNetwork *network)
{
  g_autofree guint8 *state = g_new0 (guint8, network->n_nodes);

  return walk_all (network, state);
}

gboolean *
find_reached (const KromoNetwork *network)
{
  g_autofree guint8 *state = g_new0 (guint8, network->n_nodes);
  gboolean *reached = g_new0 (gboolean, network->n_nodes);

  walk_all (network, state);
  for (guint i = network->n_bias + network->n_inputs; i < network->n_nodes; i++)
    reached[i] = state[i] == 2;
  return reached;
}

static void
assert_network (JsonObject *object, const KromoNetwork *network)
{
  g_autofree gboolean *reached = find_reached (network);
  JsonObject *activations = json_object_get_object_member (object, "activations");
  guint counts[KROMO_N_ACTIVATIONS] = { 0 };
  guint n_reached = 0, n_kinds = 0;

  for (guint i = 0; i < network->n_nodes; i++) {
    n_reached += reached[i] != FALSE;
    if (reached[i])
      counts[network->activations[i]]++;
  }
  g_assert_cmpint (json_object_get_int_member (object, "nodes"), ==, network->n_nodes);
  g_assert_cmpint (json_object_get_int_member (object, "outputs"), ==, network->n_outputs);
  g_assert_cmpint (json_object_get_int_member (object, "hidden"), ==,
      network->n_nodes - network->n_bias - network->n_inputs - network->n_outputs);
  g_assert_cmpint (json_object_get_int_member (object, "connections"), ==, network->n_connections);
  g_assert_cmpint (json_object_get_int_member (object, "dropped"), ==, count_recurrent (network));
  g_assert_cmpint (json_object_get_int_member (object, "reached"), ==, n_reached);
  for (guint i = 0; i < KROMO_N_ACTIVATIONS; i++) {
    const char *name = kromo_activation_get_name ((KromoActivation) i);

    g_assert_true (json_object_has_member (activations, name) == (counts[i] > 0));
    if (counts[i] > 0)
      g_assert_cmpint (json_object_get_int_member (activations, name), ==, counts[i]);
    n_kinds += counts[i] > 0;
  }
  g_assert_cmpuint (json_object_get_size (activations), ==, n_kinds);
}

/* ---- patches ---- */

/* Whether a way of connections leads from each node to the destination. */
static gboolean *
find_audible (const KromoPatch *patch)
{
  gboolean *audible = g_new0 (gboolean, MAX (patch->n_nodes, 1));
  gboolean changed = TRUE;

  while (changed) {
    changed = FALSE;
    for (guint i = 0; i < patch->n_nodes; i++) {
      for (guint k = 0; k < patch->nodes[i].n_connections && !audible[i]; k++) {
        const gint target = patch->nodes[i].connections[k].target;

        audible[i] = target == KROMO_DESTINATION || audible[target];
        changed |= audible[i];
      }
    }
  }
  return audible;
}

static void
assert_count (JsonObject *parent, const char *name, guint n, guint n_running)
{
  JsonObject *object = json_object_get_object_member (parent, name);

  g_assert_cmpint (json_object_get_int_member (object, "count"), ==, n);
  g_assert_cmpint (json_object_get_int_member (object, "running"), ==, n_running);
}

static void
assert_nodes (JsonObject *object, const KromoPatch *patch)
{
  JsonArray *nodes = json_object_get_array_member (object, "nodes");
  JsonObject *kinds = json_object_get_object_member (object, "kinds");
  g_autofree gboolean *audible = find_audible (patch);
  guint n[KROMO_N_NODE_KINDS + 1] = { 0 }, n_running[KROMO_N_NODE_KINDS + 1] = { 0 };

  g_assert_cmpuint (json_array_get_length (nodes), ==, patch->n_nodes);
  for (guint i = 0; i < patch->n_nodes; i++) {
    const KromoPatchNode *node = &patch->nodes[i];
    JsonObject *said = json_array_get_object_element (nodes, i);
    const char *state = json_object_get_string_member (said, "state");
    const guint kind = node->is_weight ? KROMO_N_NODE_KINDS : node->kind;

    g_assert_cmpstr (json_object_get_string_member (said, "key"), ==, node->key);
    g_assert_true (json_object_get_boolean_member (said, "weight") == node->is_weight);
    n[kind]++;
    if (g_str_equal (state, "runs")) {
      n_running[kind]++;
      g_assert_true (audible[i]);
    } else if (!audible[i]) {
      g_assert_true (g_str_equal (state, "unheard") || g_str_equal (state, "absent")
          || g_str_equal (state, "loop"));
    }
  }
  for (guint i = 0; i < KROMO_N_NODE_KINDS; i++) {
    const char *name = kromo_node_kind_get_name ((KromoNodeKind) i);

    if (n[i] > 0)
      assert_count (kinds, name, n[i], n_running[i]);
    else
      g_assert_false (json_object_has_member (kinds, name));
  }
  assert_count (object, "weights", n[KROMO_N_NODE_KINDS], n_running[KROMO_N_NODE_KINDS]);
}

static void
assert_outputs (JsonObject *object, const KromoPatch *patch)
{
  JsonArray *outputs = json_object_get_array_member (object, "network-outputs");

  g_assert_cmpuint (json_array_get_length (outputs), ==, patch->n_outputs);
  for (guint i = 0; i < patch->n_outputs; i++) {
    const KromoNetworkOutput *output = &patch->outputs[i];
    JsonObject *said = json_array_get_object_element (outputs, i);
    JsonArray *drives = json_object_get_array_member (said, "drives");

    g_assert_cmpuint (json_array_get_length (drives), ==, output->n_drives);
    if (output->output >= 0) {
      g_assert_cmpint (json_object_get_int_member (said, "output"), ==, output->output);
      g_assert_cmpfloat (json_object_get_double_member (said, "frequency"), ==, output->frequency);
    }
    for (guint k = 0; k < output->n_drives; k++) {
      const KromoDrive *drive = &output->drives[k];
      JsonObject *drive_said = json_array_get_object_element (drives, k);

      g_assert_true (
          json_object_get_null_member (drive_said, "node") == (drive->node == KROMO_DESTINATION));
      if (drive->node != KROMO_DESTINATION)
        g_assert_cmpstr (
            json_object_get_string_member (drive_said, "node"), ==, patch->nodes[drive->node].key);
    }
  }
}

void
assert_facts (JsonNode *root, const KromoGenome *genome)
{
  JsonObject *object = json_node_get_object (root);
  JsonObject *patch = json_object_get_object_member (object, "patch");
  JsonArray *networks = json_object_get_array_member (object, "networks");
  guint n_connections = 0;

  g_assert_cmpuint (json_array_get_length (networks), ==, genome->n_networks);
  for (guint i = 0; i < genome->n_networks; i++)
    assert_network (json_array_get_object_element (networks, i), &genome->networks[i]);
  for (guint i = 0; i < genome->patch.n_nodes; i++) {
    if (!genome->patch.nodes[i].is_weight)
      n_connections += genome->patch.nodes[i].n_connections;
  }
  g_assert_cmpint (json_object_get_int_member (patch, "connections"), ==, n_connections);
  assert_nodes (patch, &genome->patch);
  assert_outputs (patch, &genome->patch);
}

/* ---- dot ---- */

/* Without what is in strings. */
static char *
strip_strings (const char *dot)
{
  GString *bare = g_string_new (NULL);
  gboolean inside = FALSE;

  for (const char *p = dot; *p != '\0'; p++) {
    if (inside && *p == '\\') {
      p++;
      g_assert_true (*p != '\0');
    } else if (*p == '"') {
      inside = !inside;
    } else if (!inside) {
      g_string_append_c (bare, *p);
    }
  }
  g_assert_false (inside);
  return g_string_free (bare, FALSE);
}

static void G_GNUC_PRINTF (2, 3) assert_has_node (GHashTable *lines, const char *format, ...)
{
  g_autofree char *name = NULL;
  va_list args;

  va_start (args, format);
  name = g_strdup_vprintf (format, args);
  va_end (args);
  g_assert_true (g_hash_table_contains (lines, name));
}

void
assert_dot (const char *dot, const KromoGenome *genome)
{
  g_autofree char *bare = strip_strings (dot);
  g_auto (GStrv) lines = g_strsplit (bare, "\n", -1);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gint depth = 0;

  assert_visible (dot);
  g_assert_true (g_str_has_prefix (bare, "digraph "));
  for (const char *p = bare; *p != '\0'; p++) {
    depth += (*p == '{') - (*p == '}');
    g_assert_cmpint (depth, >=, 0);
    g_assert_true (depth > 0 || p[0] != '}' || strcmp (p, "}\n") == 0);
  }
  g_assert_cmpint (depth, ==, 0);
  for (char **line = lines; *line != NULL; line++) {
    char *label = strstr (*line, " [label=");

    if (label != NULL && strstr (*line, " -> ") == NULL)
      g_hash_table_add (names, g_strstrip (g_strndup (*line, (gsize) (label - *line))));
  }
  for (guint i = 0; i < genome->n_networks; i++) {
    for (guint k = 0; k < genome->networks[i].n_nodes; k++)
      assert_has_node (names, "n%u_%u", i, k);
  }
  for (guint i = 0; i < genome->patch.n_nodes; i++)
    assert_has_node (names, "a%u", i);
  for (guint i = 0; i < genome->patch.n_outputs; i++)
    assert_has_node (names, "o%u", i);
  assert_has_node (names, "out");
}
