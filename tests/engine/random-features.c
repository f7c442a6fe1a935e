/* Which of the features that wild genomes should have does a genome have?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "random-look.h"

#include <math.h>
#include <string.h>

#define DEEP 20

static const char *const names[] = { "gain", "oscillator", "bufferSource", "wavetable", "additive",
  "delay", "biquadFilter", "waveShaper", "dynamicsCompressor", "convolver", "feedbackDelay",
  "channelMerger", "filter type 0", "filter type 1", "filter type 2", "filter type 3",
  "filter type 4", "filter type 5", "filter type 6", "filter type 7", "oscillator type 0",
  "oscillator type 1", "oscillator type 2", "oscillator type 3", "waves 0", "waves 1", "waves 2",
  "waves 3", "waves 4", "waves 5", "waves 6", "wavetable without mix", "partials",
  "duplicate partials", "surplus envelopes", "too few envelopes", "inharmonicity", "noise -1",
  "noise -2", "noise -3", "noise as response or curve", "several to the output", "orphan",
  "cannot be heard", "nothing to the output", "loop with one delay", "loop with several delays",
  "loop with a short delay", "loop without delay", "loop above 1", "loop below 1",
  "gain into its own gain", "delay into its own delayTime", "audio into frequency",
  "audio into gain", "audio into Q", "audio into detune", "audio into delayTime",
  "audio into compressor", "audio into playbackRate", "audio into no parameter",
  "duplicate connection", "disabled", "weight 0", "gain near 1 or 0", "gain stored as 0",
  "member stored as null", "id like an index", "id as a number", "missing range", "null range",
  "range backwards", "range of a point", "rivals", "curve on compressor", "curve on detune",
  "curve on playbackRate", "curve on Q", "curve on delayTime", "curve on frequency",
  "curve on gain", "drives nothing", "drives the output", "deep network", "recurrent network",
  "duplicate network connection", "activation 0", "activation 1", "activation 2", "activation 3",
  "activation 4", "activation 5", "activation 6", "activation 7", "activation 8", "activation 9",
  "activation 10", "activation 11", "activation 12", "activation undefined", "bias none",
  "bias several", "few network outputs", "network per frequency", "missing key", "key tie",
  "plain form", "asNEAT form", "maxDelayTime", "longer than a second", "oversample 2",
  "oversample 4", "not normalized", "looping", "backwards", "fade 0", "fade 0-", "JSON in strings",
  "JSON in strings in strings", "mono and six channels into a delay",
  "filter behind a source that ends", "filter frequency beyond Nyquist", "50 nodes",
  "NoteOscillatorNode", "NetworkOutputNode", "NoteNetworkOutputNode", "PartialNetworkOutputNode",
  "PartialEnvelopeNetworkOutputNode", "stored q", "genome warnings" };

G_STATIC_ASSERT (G_N_ELEMENTS (names) <= MAX_FEATURES);

guint
features_get_n (void)
{
  return G_N_ELEMENTS (names);
}

const char *
features_get_name (guint feature)
{
  return names[feature];
}

static guint
find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (g_str_equal (names[i], name))
      return i;
  }
  g_error ("no feature %s", name);
}

guint
features_count (const Features *features, const char *name)
{
  return features->counts[find (name)];
}

void
look_note (Look *look, gboolean has, const char *name)
{
  if (has)
    look->has[find (name)] = TRUE;
}

void
look_note_number (Look *look, const char *what, gint number)
{
  g_autofree char *name = g_strdup_printf ("%s %d", what, number);

  look_note (look, TRUE, name);
}

/* ---- networks ---- */

/* The longest way to a node, back edges left out. */
static guint
depth_of (Look *look, const KromoNetwork *network, guint node, guint8 *marks, guint *depths)
{
  guint depth = 0;

  marks[node] = 1;
  for (guint i = 0; i < network->n_connections; i++) {
    const KromoNetworkConnection *c = &network->connections[i];

    if (c->target != node)
      continue;
    look_note (look, marks[c->source] == 1, "recurrent network");
    if (marks[c->source] == 0)
      depth_of (look, network, c->source, marks, depths);
    if (marks[c->source] == 2)
      depth = MAX (depth, depths[c->source] + 1);
  }
  marks[node] = 2;
  depths[node] = depth;
  return depth;
}

static void
look_at_network (Look *look, const KromoNetwork *network)
{
  g_autofree guint8 *marks = g_new0 (guint8, network->n_nodes);
  g_autofree guint *depths = g_new0 (guint, network->n_nodes);

  look_note (look, network->n_bias == 0, "bias none");
  look_note (look, network->n_bias > 1, "bias several");
  look_note (look, network->n_outputs < 18, "few network outputs");
  for (guint i = network->n_bias + network->n_inputs; i < network->n_nodes; i++) {
    look_note_number (look, "activation", network->activations[i]);
    if (marks[i] == 0)
      look_note (look, depth_of (look, network, i, marks, depths) >= DEEP, "deep network");
  }
  for (guint i = 0; i < network->n_connections; i++) {
    for (guint k = 0; k < i; k++)
      look_note (look,
          network->connections[i].source == network->connections[k].source
              && network->connections[i].target == network->connections[k].target,
          "duplicate network connection");
  }
}

static void
look_at_keys (Look *look)
{
  for (guint i = 0; i < look->patch->n_outputs && look->genome->per_frequency; i++) {
    const double stored = look->patch->outputs[i].frequency;
    const double step = stored < 20.0 ? 1.0 : 10.0;
    const double key = floor (stored / step + 0.5) * step;
    double nearest = INFINITY;
    guint n = 0;

    if (look->patch->outputs[i].output < 0)
      continue;
    for (guint k = 0; k < look->genome->n_networks; k++) {
      const double distance = fabs (look->genome->network_keys[k] - key);

      n = distance < nearest ? 1 : distance == nearest ? n + 1 : n;
      nearest = fmin (nearest, distance);
    }
    look_note (look, nearest > 0.0, "missing key");
    look_note (look, n > 1, "key tie");
  }
}

static void
look_at_text (Look *look, const char *text)
{
  static const char *const kinds[] = { "NoteOscillatorNode", "NetworkOutputNode",
    "NoteNetworkOutputNode", "PartialNetworkOutputNode", "PartialEnvelopeNetworkOutputNode" };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *member = g_strdup_printf ("\"name\":\"%s\"", kinds[i]);

    look_note (look, strstr (look->text, member) != NULL, kinds[i]);
  }
  look_note (look, strstr (look->text, "\"q\":") != NULL, "stored q");
  look_note (look, strstr (look->text, "\"gain\":0}") || strstr (look->text, "\"gain\":0,"),
      "gain stored as 0");
  look_note (look,
      strstr (look->text, "\"gain\":null") || strstr (look->text, "\"frequency\":null"),
      "member stored as null");
  look_note (look, g_regex_match_simple ("\"id\":[1-9]", look->text, 0, 0), "id as a number");
  look_note (look, strstr (look->text, ":\"undefined\"") != NULL, "activation undefined");
  look_note (look, strstr (text, "\\\"") != NULL, "JSON in strings");
  look_note (look, strstr (text, "\\\\\\\"") != NULL, "JSON in strings in strings");
  look_note (look, look->plain, "plain form");
  look_note (look, !look->plain, "asNEAT form");
}

void
features_add (Features *features, const char *text, const KromoGenome *genome)
{
  const guint n = genome->patch.n_nodes;
  g_autofree char *stripped = g_strdup (text);
  g_autoptr (GArray) links = g_array_new (FALSE, FALSE, sizeof (Link));
  g_autofree gboolean *reach = g_new0 (gboolean, MAX (n * n, 1));
  g_autofree gboolean *reach_without_delays = g_new0 (gboolean, MAX (n * n, 1));
  Look look = { genome, &genome->patch, stripped, FALSE, links, reach, reach_without_delays,
    { FALSE } };
  char *to = stripped;

  for (const char *from = text; *from; from++)
    if (*from != '\\')
      *to++ = *from;
  *to = 0;
  look.plain = strstr (stripped, "\"asNEATPatch\"") == NULL;
  look_at_links (&look);
  look_at_nodes (&look);
  look_at_drives (&look);
  for (guint i = 0; i < genome->n_networks; i++)
    look_at_network (&look, &genome->networks[i]);
  look_note (&look, genome->per_frequency, "network per frequency");
  look_at_keys (&look);
  look_at_text (&look, text);
  look_note (&look, kromo_genome_get_warnings (genome)[0] != NULL, "genome warnings");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    features->counts[i] += look.has[i];
}
