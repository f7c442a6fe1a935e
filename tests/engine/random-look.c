/* Features of patches: connections, loops, nodes, and what is driven.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "random-look.h"

#include <math.h>
#include <string.h>

#define SHORT_DELAY 0.00266 /* seconds: less than a quantum at 48 kHz */

static gboolean
has_value (const KromoPatchNode *node, KromoParam param)
{
  return node->present >> param & 1;
}

/* ---- connections ---- */

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

    look_note (look, look->reach_without_delays[i * n + i], "loop without delay");
    for (guint k = 0; k < n; k++)
      n_delays +=
          nodes[k].kind == KROMO_NODE_DELAY && look->reach[i * n + k] && look->reach[k * n + i];
    look_note (look, n_delays == 1, "loop with one delay");
    look_note (look, n_delays > 1, "loop with several delays");
    look_note (look,
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
    look_note (look, target->kind == KROMO_NODE_GAIN, "audio into gain");
    look_note (look, target->kind == KROMO_NODE_GAIN && own, "gain into its own gain");
    break;
  case KROMO_PARAM_FREQUENCY:
    look_note (look, target->kind == KROMO_NODE_OSCILLATOR, "audio into frequency");
    break;
  case KROMO_PARAM_Q:
    look_note (look, TRUE, "audio into Q");
    break;
  case KROMO_PARAM_DETUNE:
    look_note (look, TRUE, "audio into detune");
    break;
  case KROMO_PARAM_DELAY_TIME:
    look_note (look, TRUE, "audio into delayTime");
    look_note (look, own, "delay into its own delayTime");
    break;
  case KROMO_PARAM_PLAYBACK_RATE:
    look_note (look, TRUE, "audio into playbackRate");
    break;
  default:
    look_note (look, link->param >= KROMO_PARAM_THRESHOLD && link->param <= KROMO_PARAM_RELEASE,
        "audio into compressor");
    look_note (look, link->param >= KROMO_PARAM_BUFFER, "audio into no parameter");
    break;
  }
}

void
look_at_links (Look *look)
{
  const guint n = look->patch->n_nodes;
  guint n_out = 0;

  collect_links (look);
  look_at_loops (look);
  for (guint i = 0; i < look->links->len; i++) {
    const Link *link = &g_array_index (look->links, Link, i);

    n_out += link->target == KROMO_DESTINATION;
    look_note (look, !link->enabled, "disabled");
    look_note (look, link->weight == 0.0, "weight 0");
    look_note (look,
        (link->weight != 1.0 && fabs (link->weight - 1.0) < 1e-6)
            || (link->weight != 0.0 && fabs (link->weight) < 1e-6),
        "gain near 1 or 0");
    for (guint k = 0; k < i; k++) {
      const Link *other = &g_array_index (look->links, Link, k);

      look_note (look,
          other->source == link->source && other->target == link->target
              && other->param == link->param,
          "duplicate connection");
    }
    if (link->target < 0)
      continue;
    if (link->param != KROMO_PARAM_NONE)
      look_at_parameter (look, link);
    else if (look->reach[(guint) link->target * n + link->source]) {
      look_note (look, fabs (link->weight) > 1.0, "loop above 1");
      look_note (look, fabs (link->weight) < 1.0, "loop below 1");
    }
  }
  look_note (look, n_out > 1, "several to the output");
  look_note (look, n_out == 0, "nothing to the output");
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

    look_note_number (look, "waves", (gint) MIN (waves, 6));
    look_note (look, count_drives (look, index, KROMO_PARAM_MIX, numbers, &distinct) == 0,
        "wavetable without mix");
  } else {
    const guint n = count_drives (look, index, KROMO_PARAM_PARTIAL_BUFFER, numbers, &distinct);
    const guint n_envelopes =
        count_drives (look, index, KROMO_PARAM_PARTIAL_GAIN_ENVELOPE, numbers, &distinct_envelopes);

    look_note (look, n > 1, "partials");
    look_note (look, distinct < n || distinct_envelopes < n_envelopes, "duplicate partials");
    look_note (look, distinct_envelopes > distinct, "surplus envelopes");
    look_note (look, distinct_envelopes < distinct, "too few envelopes");
  }
}

static void
look_at_node (Look *look, guint index)
{
  const KromoPatchNode *node = &look->patch->nodes[index];
  const guint n = look->patch->n_nodes;
  gboolean linked = FALSE, heard = FALSE, one = FALSE, six = FALSE, ends = FALSE;

  look_note (look, TRUE, kromo_node_kind_get_name (node->kind));
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
  look_note (look, !linked, "orphan");
  look_note (look, !heard, "cannot be heard");
  look_note (
      look, node->kind == KROMO_NODE_DELAY && one && six, "mono and six channels into a delay");
  look_note (
      look, node->kind == KROMO_NODE_BIQUAD_FILTER && ends, "filter behind a source that ends");
  if (node->kind == KROMO_NODE_BIQUAD_FILTER)
    look_note_number (look, "filter type", (gint) node->shape);
  if (node->kind == KROMO_NODE_OSCILLATOR)
    look_note_number (look, "oscillator type", (gint) node->shape);
  if (node->kind == KROMO_NODE_WAVETABLE || node->kind == KROMO_NODE_ADDITIVE)
    look_at_composite (look, index);
  look_note (look, !isnan (node->max_delay_time), "maxDelayTime");
  look_note (look, node->values[KROMO_PARAM_DELAY_TIME] > 1.0, "longer than a second");
  look_note (look, node->oversample == 2, "oversample 2");
  look_note (look, node->oversample == 4, "oversample 4");
  look_note (look, !node->normalize, "not normalized");
  look_note (look, node->loop, "looping");
  look_note (look, node->values[KROMO_PARAM_PLAYBACK_RATE] < 0.0, "backwards");
  look_note (look, g_str_equal (node->key, "0"), "fade 0");
  look_note (look, g_str_equal (node->key, "0-"), "fade 0-");
  look_note (look, node->key[0] >= '1' && strspn (node->key, "0123456789") == strlen (node->key),
      "id like an index");
}

void
look_at_nodes (Look *look)
{
  guint n = 0;

  for (guint i = 0; i < look->patch->n_nodes; i++) {
    if (look->patch->nodes[i].is_weight)
      continue;
    look_at_node (look, i);
    n++;
  }
  look_note (look, n >= 50, "50 nodes");
}

/* ---- drives ---- */

static void
look_at_drive (Look *look, const KromoNetworkOutput *output, const KromoDrive *drive)
{
  const KromoPatchNode *node = drive->node >= 0 ? &look->patch->nodes[drive->node] : NULL;

  look_note (look, !drive->enabled, "disabled");
  look_note (look, drive->node == KROMO_DESTINATION, "drives the output");
  look_note (look, node != NULL && drive->param == KROMO_PARAM_NONE, "drives nothing");
  look_note (look, drive->inharmonicity_factor != 0.0, "inharmonicity");
  look_note (look, !drive->has_range, "null range");
  /* what the asNEAT form makes of a missing one; no buffer is given it */
  look_note (look,
      !look->plain && drive->param == KROMO_PARAM_BUFFER && drive->has_range
          && drive->range[0] == 0.0 && drive->range[1] == 1.0,
      "missing range");
  look_note (look, drive->has_range && drive->range[0] > drive->range[1], "range backwards");
  look_note (look, drive->has_range && drive->range[0] == drive->range[1], "range of a point");
  if (output->output < 0) {
    look_note_number (look, "noise", output->output);
    look_note (look,
        node != NULL && node->kind != KROMO_NODE_BUFFER_SOURCE
            && (drive->param == KROMO_PARAM_BUFFER || drive->param == KROMO_PARAM_CURVE),
        "noise as response or curve");
  }
  if (node == NULL)
    return;
  look_note (look, drive->param == KROMO_PARAM_DETUNE, "curve on detune");
  look_note (look, drive->param == KROMO_PARAM_PLAYBACK_RATE, "curve on playbackRate");
  look_note (look, drive->param == KROMO_PARAM_Q, "curve on Q");
  look_note (look, drive->param == KROMO_PARAM_GAIN, "curve on gain");
  look_note (look, drive->param == KROMO_PARAM_DELAY_TIME, "curve on delayTime");
  look_note (look, drive->param == KROMO_PARAM_FREQUENCY, "curve on frequency");
  look_note (look, node->kind == KROMO_NODE_DYNAMICS_COMPRESSOR && drive->param != KROMO_PARAM_NONE,
      "curve on compressor");
  look_note (look,
      drive->param == KROMO_PARAM_FREQUENCY && drive->has_range && drive->range[1] > 96000.0,
      "filter frequency beyond Nyquist");
}

void
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
      look_note (look, count_drives (look, i, p, numbers, &distinct) > 1, "rivals");
  }
}
