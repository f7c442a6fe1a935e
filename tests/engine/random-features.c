/* Which of the features that wild genomes should have does a genome have?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "random-features.h"

#include <math.h>
#include <string.h>

#define SHORT_DELAY 0.00266 /* seconds: less than a quantum at 48 kHz */
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
  "filter behind a source that ends", "filter frequency beyond Nyquist", "60 nodes",
  "NoteOscillatorNode", "NetworkOutputNode", "NoteNetworkOutputNode", "PartialNetworkOutputNode",
  "PartialEnvelopeNetworkOutputNode", "stored q", "genome warnings" };

G_STATIC_ASSERT (G_N_ELEMENTS (names) <= MAX_FEATURES);

/* A connection between audio nodes, weight nodes looked through. */
typedef struct {
  guint source;
  gint target;
  KromoParam param;
  double weight;
  gboolean enabled;
} Link;

typedef struct {
  const KromoGenome *genome;
  const KromoPatch *patch;
  const char *text; /* without backslashes */
  gboolean plain;
  GArray *links;
  gboolean *reach, *reach_without_delays; /* [n * n] */
  gboolean has[MAX_FEATURES];
} Look;

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

static void
note (Look *look, gboolean has, const char *name)
{
  if (has)
    look->has[find (name)] = TRUE;
}

static void
note_number (Look *look, const char *what, gint number)
{
  g_autofree char *name = g_strdup_printf ("%s %d", what, number);

  note (look, TRUE, name);
}

static gboolean
has_value (const KromoPatchNode *node, KromoParam param)
{
  return node->present >> param & 1;
}

/* ---- the graph ---- */

static void
collect_links (Look *look)
{
  const KromoPatch *patch = look->patch;

  for (guint i = 0; i < patch->n_nodes; i++) {
    for (guint k = 0; k < patch->nodes[i].n_connections && !patch->nodes[i].is_weight; k++) {
      const KromoPatchConnection *c = &patch->nodes[i].connections[k];
      const KromoPatchNode *weight = c->target >= 0 ? &patch->nodes[c->target] : NULL;
      Link link = { i, c->target, c->param, 1.0, c->enabled };

      if (weight != NULL && weight->is_weight && weight->n_connections > 0) {
        link.target = weight->connections[0].target;
        link.param = weight->connections[0].param;
        if (has_value (weight, KROMO_PARAM_GAIN))
          link.weight = weight->values[KROMO_PARAM_GAIN];
      }
      g_array_append_val (look->links, link);
    }
  }
}

static void
reach_from (const Look *look, guint from, guint node, gboolean delays, gboolean *reach)
{
  const guint n = look->patch->n_nodes;

  for (guint i = 0; i < look->links->len; i++) {
    const Link *link = &g_array_index (look->links, Link, i);

    if (link->source != node || link->target < 0 || reach[from * n + (guint) link->target]
        || (!delays && look->patch->nodes[link->target].kind == KROMO_NODE_DELAY))
      continue;
    reach[from * n + (guint) link->target] = TRUE;
    reach_from (look, from, (guint) link->target, delays, reach);
  }
}

static void
look_at_loops (Look *look)
{
  const KromoPatchNode *nodes = look->patch->nodes;
  const guint n = look->patch->n_nodes;

  for (guint i = 0; i < n; i++) {
    reach_from (look, i, i, TRUE, look->reach);
    if (nodes[i].kind != KROMO_NODE_DELAY)
      reach_from (look, i, i, FALSE, look->reach_without_delays);
  }
  for (guint i = 0; i < n; i++) {
    guint n_delays = 0;

    note (look, look->reach_without_delays[i * n + i], "loop without delay");
    for (guint k = 0; k < n; k++)
      n_delays +=
          nodes[k].kind == KROMO_NODE_DELAY && look->reach[i * n + k] && look->reach[k * n + i];
    note (look, n_delays == 1, "loop with one delay");
    note (look, n_delays > 1, "loop with several delays");
    note (look,
        nodes[i].kind == KROMO_NODE_DELAY && look->reach[i * n + i]
            && nodes[i].values[KROMO_PARAM_DELAY_TIME] < SHORT_DELAY,
        "loop with a short delay");
  }
}

static void
look_at_parameter (Look *look, const Link *link)
{
  const KromoPatchNode *target = &look->patch->nodes[link->target];
  const gboolean own = look->reach[(guint) link->target * look->patch->n_nodes + link->source]
      || (guint) link->target == link->source;

  switch (link->param) {
  case KROMO_PARAM_GAIN:
    note (look, target->kind == KROMO_NODE_GAIN, "audio into gain");
    note (look, target->kind == KROMO_NODE_GAIN && own, "gain into its own gain");
    break;
  case KROMO_PARAM_FREQUENCY:
    note (look, target->kind == KROMO_NODE_OSCILLATOR, "audio into frequency");
    break;
  case KROMO_PARAM_Q:
    note (look, TRUE, "audio into Q");
    break;
  case KROMO_PARAM_DETUNE:
    note (look, TRUE, "audio into detune");
    break;
  case KROMO_PARAM_DELAY_TIME:
    note (look, TRUE, "audio into delayTime");
    note (look, own, "delay into its own delayTime");
    break;
  case KROMO_PARAM_PLAYBACK_RATE:
    note (look, TRUE, "audio into playbackRate");
    break;
  default:
    note (look, link->param >= KROMO_PARAM_THRESHOLD && link->param <= KROMO_PARAM_RELEASE,
        "audio into compressor");
    note (look, link->param >= KROMO_PARAM_BUFFER, "audio into no parameter");
    break;
  }
}

static void
look_at_links (Look *look)
{
  const guint n = look->patch->n_nodes;
  guint n_out = 0;

  for (guint i = 0; i < look->links->len; i++) {
    const Link *link = &g_array_index (look->links, Link, i);

    n_out += link->target == KROMO_DESTINATION;
    note (look, !link->enabled, "disabled");
    note (look, link->weight == 0.0, "weight 0");
    note (look,
        (link->weight != 1.0 && fabs (link->weight - 1.0) < 1e-6)
            || (link->weight != 0.0 && fabs (link->weight) < 1e-6),
        "gain near 1 or 0");
    for (guint k = 0; k < i; k++) {
      const Link *other = &g_array_index (look->links, Link, k);

      note (look,
          other->source == link->source && other->target == link->target
              && other->param == link->param,
          "duplicate connection");
    }
    if (link->target < 0)
      continue;
    if (link->param != KROMO_PARAM_NONE)
      look_at_parameter (look, link);
    else if (look->reach[(guint) link->target * n + link->source]) {
      note (look, fabs (link->weight) > 1.0, "loop above 1");
      note (look, fabs (link->weight) < 1.0, "loop below 1");
    }
  }
  note (look, n_out > 1, "several to the output");
  note (look, n_out == 0, "nothing to the output");
}

/* ---- nodes ---- */

static guint
count_drives (const Look *look, guint node, KromoParam param, double *partials, guint *distinct)
{
  guint n = 0;

  *distinct = 0;
  for (guint i = 0; i < look->patch->n_outputs; i++) {
    for (guint k = 0; k < look->patch->outputs[i].n_drives; k++) {
      const KromoDrive *drive = &look->patch->outputs[i].drives[k];
      gboolean known = FALSE;

      if (drive->node != (gint) node || drive->param != param)
        continue;
      for (guint p = 0; p < n && p < MAX_FEATURES; p++)
        known |= partials[p] == drive->partial_number;
      partials[MIN (n, MAX_FEATURES - 1)] = drive->partial_number;
      n++;
      *distinct += !known;
    }
  }
  return n;
}

static void
look_at_composite (Look *look, guint index)
{
  double numbers[MAX_FEATURES];
  guint distinct, distinct_envelopes;

  if (look->patch->nodes[index].kind == KROMO_NODE_WAVETABLE) {
    const guint waves = count_drives (look, index, KROMO_PARAM_BUFFER, numbers, &distinct);

    note_number (look, "waves", (gint) MIN (waves, 6));
    note (look, count_drives (look, index, KROMO_PARAM_MIX, numbers, &distinct) == 0,
        "wavetable without mix");
  } else {
    const guint n = count_drives (look, index, KROMO_PARAM_PARTIAL_BUFFER, numbers, &distinct);
    const guint n_envelopes =
        count_drives (look, index, KROMO_PARAM_PARTIAL_GAIN_ENVELOPE, numbers, &distinct_envelopes);

    note (look, n > 1, "partials");
    note (look, distinct < n || distinct_envelopes < n_envelopes, "duplicate partials");
    note (look, distinct_envelopes > distinct, "surplus envelopes");
    note (look, distinct_envelopes < distinct, "too few envelopes");
  }
}

static void
look_at_node (Look *look, guint index)
{
  const KromoPatchNode *node = &look->patch->nodes[index];
  const guint n = look->patch->n_nodes;
  gboolean linked = FALSE, heard = FALSE, one = FALSE, six = FALSE, ends = FALSE;

  note (look, TRUE, kromo_node_kind_get_name (node->kind));
  for (guint i = 0; i < look->links->len; i++) {
    const Link *link = &g_array_index (look->links, Link, i);
    const KromoPatchNode *source = &look->patch->nodes[link->source];

    linked |= link->source == index || link->target == (gint) index;
    heard |= link->target == KROMO_DESTINATION
        && (link->source == index || look->reach[index * n + link->source]);
    if (link->target != (gint) index && !look->reach[(guint) MAX (link->target, 0) * n + index])
      continue;
    six |= source->kind == KROMO_NODE_WAVETABLE || source->kind == KROMO_NODE_ADDITIVE;
    one |= source->kind == KROMO_NODE_OSCILLATOR || source->kind == KROMO_NODE_BUFFER_SOURCE;
    ends |= source->kind == KROMO_NODE_BUFFER_SOURCE && !source->loop
        && fabs (source->values[KROMO_PARAM_PLAYBACK_RATE]) > 1.0;
  }
  note (look, !linked, "orphan");
  note (look, !heard, "cannot be heard");
  note (look, node->kind == KROMO_NODE_DELAY && one && six, "mono and six channels into a delay");
  note (look, node->kind == KROMO_NODE_BIQUAD_FILTER && ends, "filter behind a source that ends");
  if (node->kind == KROMO_NODE_BIQUAD_FILTER)
    note_number (look, "filter type", (gint) node->shape);
  if (node->kind == KROMO_NODE_OSCILLATOR)
    note_number (look, "oscillator type", (gint) node->shape);
  if (node->kind == KROMO_NODE_WAVETABLE || node->kind == KROMO_NODE_ADDITIVE)
    look_at_composite (look, index);
  note (look, !isnan (node->max_delay_time), "maxDelayTime");
  note (look, node->values[KROMO_PARAM_DELAY_TIME] > 1.0, "longer than a second");
  note (look, node->oversample == 2, "oversample 2");
  note (look, node->oversample == 4, "oversample 4");
  note (look, !node->normalize, "not normalized");
  note (look, node->loop, "looping");
  note (look, node->values[KROMO_PARAM_PLAYBACK_RATE] < 0.0, "backwards");
  note (look, g_str_equal (node->key, "0"), "fade 0");
  note (look, g_str_equal (node->key, "0-"), "fade 0-");
  note (look, node->key[0] >= '1' && strspn (node->key, "0123456789") == strlen (node->key),
      "id like an index");
}

/* ---- drives ---- */

static void
look_at_drive (Look *look, const KromoNetworkOutput *output, const KromoDrive *drive)
{
  const KromoPatchNode *node = drive->node >= 0 ? &look->patch->nodes[drive->node] : NULL;

  note (look, !drive->enabled, "disabled");
  note (look, drive->node == KROMO_DESTINATION, "drives the output");
  note (look, node != NULL && drive->param == KROMO_PARAM_NONE, "drives nothing");
  note (look, drive->inharmonicity_factor != 0.0, "inharmonicity");
  note (look, !drive->has_range, "null range");
  /* what the asNEAT form makes of a missing one; no buffer is given it */
  note (look,
      !look->plain && drive->param == KROMO_PARAM_BUFFER && drive->has_range
          && drive->range[0] == 0.0 && drive->range[1] == 1.0,
      "missing range");
  note (look, drive->has_range && drive->range[0] > drive->range[1], "range backwards");
  note (look, drive->has_range && drive->range[0] == drive->range[1], "range of a point");
  if (output->output < 0) {
    note_number (look, "noise", output->output);
    note (look,
        node != NULL && node->kind != KROMO_NODE_BUFFER_SOURCE
            && (drive->param == KROMO_PARAM_BUFFER || drive->param == KROMO_PARAM_CURVE),
        "noise as response or curve");
  }
  if (node == NULL)
    return;
  note (look, drive->param == KROMO_PARAM_DETUNE, "curve on detune");
  note (look, drive->param == KROMO_PARAM_PLAYBACK_RATE, "curve on playbackRate");
  note (look, drive->param == KROMO_PARAM_Q, "curve on Q");
  note (look, drive->param == KROMO_PARAM_GAIN, "curve on gain");
  note (look, drive->param == KROMO_PARAM_DELAY_TIME, "curve on delayTime");
  note (look, drive->param == KROMO_PARAM_FREQUENCY, "curve on frequency");
  note (look, node->kind == KROMO_NODE_DYNAMICS_COMPRESSOR && drive->param != KROMO_PARAM_NONE,
      "curve on compressor");
  note (look,
      drive->param == KROMO_PARAM_FREQUENCY && drive->has_range && drive->range[1] > 96000.0,
      "filter frequency beyond Nyquist");
}

static void
look_at_drives (Look *look)
{
  double numbers[MAX_FEATURES];
  guint distinct;

  for (guint i = 0; i < look->patch->n_outputs; i++) {
    const KromoNetworkOutput *output = &look->patch->outputs[i];

    for (guint k = 0; k < output->n_drives; k++)
      look_at_drive (look, output, &output->drives[k]);
  }
  for (guint i = 0; i < look->patch->n_nodes; i++) {
    for (KromoParam p = KROMO_PARAM_GAIN; p < KROMO_N_NUMERIC_PARAMS; p++)
      note (look, count_drives (look, i, p, numbers, &distinct) > 1, "rivals");
  }
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
    note (look, marks[c->source] == 1, "recurrent network");
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

  note (look, network->n_bias == 0, "bias none");
  note (look, network->n_bias > 1, "bias several");
  note (look, network->n_outputs < 18, "few network outputs");
  for (guint i = network->n_bias + network->n_inputs; i < network->n_nodes; i++) {
    note_number (look, "activation", network->activations[i]);
    if (marks[i] == 0)
      note (look, depth_of (look, network, i, marks, depths) >= DEEP, "deep network");
  }
  for (guint i = 0; i < network->n_connections; i++) {
    for (guint k = 0; k < i; k++)
      note (look,
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
    note (look, nearest > 0.0, "missing key");
    note (look, n > 1, "key tie");
  }
}

static void
look_at_text (Look *look, const char *text)
{
  static const char *const kinds[] = { "NoteOscillatorNode", "NetworkOutputNode",
    "NoteNetworkOutputNode", "PartialNetworkOutputNode", "PartialEnvelopeNetworkOutputNode" };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *member = g_strdup_printf ("\"name\":\"%s\"", kinds[i]);

    note (look, strstr (look->text, member) != NULL, kinds[i]);
  }
  note (look, strstr (look->text, "\"q\":") != NULL, "stored q");
  note (look, strstr (look->text, "\"gain\":0}") || strstr (look->text, "\"gain\":0,"),
      "gain stored as 0");
  note (look, strstr (look->text, "\"gain\":null") || strstr (look->text, "\"frequency\":null"),
      "member stored as null");
  note (look, g_regex_match_simple ("\"id\":[1-9]", look->text, 0, 0), "id as a number");
  note (look, strstr (look->text, ":\"undefined\"") != NULL, "activation undefined");
  note (look, strstr (text, "\\\"") != NULL, "JSON in strings");
  note (look, strstr (text, "\\\\\\\"") != NULL, "JSON in strings in strings");
  note (look, look->plain, "plain form");
  note (look, !look->plain, "asNEAT form");
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
  guint n_audio = 0;

  for (const char *from = text; *from; from++)
    if (*from != '\\')
      *to++ = *from;
  *to = 0;
  look.plain = strstr (stripped, "\"asNEATPatch\"") == NULL;
  collect_links (&look);
  look_at_loops (&look);
  look_at_links (&look);
  for (guint i = 0; i < n; i++) {
    if (genome->patch.nodes[i].is_weight)
      continue;
    look_at_node (&look, i);
    n_audio++;
  }
  note (&look, n_audio >= 50, "60 nodes");
  look_at_drives (&look);
  for (guint i = 0; i < genome->n_networks; i++)
    look_at_network (&look, &genome->networks[i]);
  note (&look, genome->per_frequency, "network per frequency");
  look_at_keys (&look);
  look_at_text (&look, text);
  note (&look, kromo_genome_get_warnings (genome)[0] != NULL, "genome warnings");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    features->counts[i] += look.has[i];
}
