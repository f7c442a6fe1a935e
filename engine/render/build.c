/* From a patch to an audio graph.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "build-private.h"

#include "../genome/hash.h"
#include "../nodes/nodes.h"

#include <math.h>

#define SHAPER_OVERSAMPLING 2
#define FADE_TIME_CONSTANT 0.015 /* seconds */
#define FADE_OUT 0.03            /* seconds before the end */

/* ---- parameters ---- */

static gboolean
has_value (const KromoPatchNode *patch, KromoParam param)
{
  return patch->present >> param & 1;
}

/* Whether a node's input is fed through a stored connection, looking through its weight node. */
static gboolean
feeds_an_input (const KromoBuilder *builder, const KromoPatchNode *patch)
{
  for (guint i = 0; i < patch->n_connections; i++) {
    const KromoPatchConnection *c = &patch->connections[i];
    const KromoPatchNode *weight;

    if (c->param != KROMO_PARAM_NONE)
      continue;
    if (c->target == KROMO_DESTINATION)
      return TRUE;
    weight = &builder->patch->nodes[c->target];
    if (!weight->is_weight)
      return TRUE;
    for (guint k = 0; k < weight->n_connections; k++) {
      if (weight->connections[k].param == KROMO_PARAM_NONE)
        return TRUE;
    }
  }
  return FALSE;
}

/* What a parameter starts from when nothing drives it: the stored number. */
static gboolean
get_constant (const KromoBuilder *builder, const KromoPatchNode *patch, KromoParam param,
    const KromoParamPlan *plan, double *value)
{
  const gboolean stored = has_value (patch, param);

  *value = stored ? patch->values[param] : plan->default_value;
  if (patch->kind == KROMO_NODE_OSCILLATOR && param == KROMO_PARAM_FREQUENCY
      && feeds_an_input (builder, patch)) {
    *value *= kromo_note_get_ratio (builder->note);
    return TRUE;
  }
  if (patch->kind == KROMO_NODE_BIQUAD_FILTER && param == KROMO_PARAM_Q && !stored
      && builder->rules->applies_q && !isnan (patch->filter_q)) {
    *value = patch->filter_q;
    return TRUE;
  }
  return stored;
}

/* The stored constant, or the value curve that replaces it. */
static void
set_param (KromoBuilder *builder, guint index, KromoNode *node, KromoParam param)
{
  const KromoPatchNode *patch = &builder->patch->nodes[index];
  guint handle, place;
  double value;

  if (!kromo_builder_find_param (builder, index, param, &handle, &place))
    return;
  if (!kromo_builder_drive (builder, index, param, &node->params[place])
      && get_constant (builder, patch, param, &node->params[place], &value))
    kromo_param_plan_set_value (&node->params[place], value);
}

static void
warn_of_unused_drives (KromoBuilder *builder, guint index)
{
  const KromoPatchNode *patch = &builder->patch->nodes[index];
  const GArray *driven = g_ptr_array_index (builder->parts.nodes, index);
  const KromoNodeKind kind = patch->kind;

  for (guint i = 0; i < driven->len; i++) {
    const KromoDrive *drive = g_array_index (driven, KromoDriven, i).drive;
    const KromoParam p = drive->param;
    guint handle, place;
    const gboolean used = kromo_builder_find_param (builder, index, p, &handle, &place)
        || (p == KROMO_PARAM_BUFFER
            && (kind == KROMO_NODE_BUFFER_SOURCE || kind == KROMO_NODE_CONVOLVER))
        || (p == KROMO_PARAM_CURVE && kind == KROMO_NODE_WAVE_SHAPER);

    if (!used)
      kromo_builder_warn (builder,
          "a network output drives %s of %s node %s, which has none: ignored",
          drive->param_name != NULL ? drive->param_name : "the input",
          kromo_node_kind_get_name (kind), patch->key);
  }
}

/* ---- nodes ---- */

/* Whether anything but the default touches a buffer source's rate. */
static gboolean
rate_is_touched (const KromoBuilder *builder, guint index)
{
  const KromoPatch *patch = builder->patch;
  const KromoPatchNode *node = &patch->nodes[index];

  if (has_value (node, KROMO_PARAM_PLAYBACK_RATE) || has_value (node, KROMO_PARAM_DETUNE)
      || kromo_parts_find (&builder->parts, index, KROMO_PARAM_PLAYBACK_RATE) != NULL
      || kromo_parts_find (&builder->parts, index, KROMO_PARAM_DETUNE) != NULL)
    return TRUE;
  for (guint i = 0; i < patch->n_nodes; i++) {
    for (guint k = 0; k < patch->nodes[i].n_connections; k++) {
      const KromoPatchConnection *c = &patch->nodes[i].connections[k];

      if (c->target == (gint) index && c->param != KROMO_PARAM_NONE)
        return TRUE;
    }
  }
  return FALSE;
}

static KromoNode *
make_buffer_source (KromoBuilder *builder, guint index)
{
  const KromoDriven *driven = kromo_parts_find (&builder->parts, index, KROMO_PARAM_BUFFER);
  KromoView view;

  if (driven != NULL)
    kromo_builder_get_buffer_view (builder, driven, rate_is_touched (builder, index), &view);
  return builder->rules->buffer_source (
      driven != NULL ? &view : NULL, builder->patch->nodes[index].loop);
}

static KromoNode *
make_convolver (KromoBuilder *builder, guint index)
{
  const KromoDriven *driven = kromo_parts_find (&builder->parts, index, KROMO_PARAM_BUFFER);
  KromoView view;

  if (driven != NULL)
    kromo_builder_get_view (builder, driven, TRUE, &view);
  return builder->rules->convolver (
      driven != NULL ? &view : NULL, builder->patch->nodes[index].normalize);
}

/* In standard rendering, oversampling is for wave shapers as well. */
static guint
shaper_oversampling (const KromoBuilder *builder, const KromoPatchNode *patch)
{
  const gboolean wanted = builder->rules->oversamples_shapers && builder->note->oversample;

  return wanted ? MAX (patch->oversample, SHAPER_OVERSAMPLING) : patch->oversample;
}

static KromoNode *
make_wave_shaper (KromoBuilder *builder, guint index)
{
  const KromoDriven *driven = kromo_parts_find (&builder->parts, index, KROMO_PARAM_CURVE);
  KromoView view;

  if (driven != NULL)
    kromo_builder_get_view (builder, driven, TRUE, &view);
  return kromo_wave_shaper_new (
      driven != NULL ? &view : NULL, shaper_oversampling (builder, &builder->patch->nodes[index]));
}

static void
build_delay (KromoBuilder *builder, guint index)
{
  const KromoPatchNode *patch = &builder->patch->nodes[index];
  const double max =
      isnan (patch->max_delay_time) ? builder->rules->max_delay_time : patch->max_delay_time;
  KromoBuilt *built = &builder->built[index];
  KromoNode *writer, *reader;

  builder->rules->delay (max, &writer, &reader);
  set_param (builder, index, reader, KROMO_PARAM_DELAY_TIME);
  warn_of_unused_drives (builder, index);
  built->in = built->out = kromo_graph_add_delay (builder->graph, writer, reader);
}

static KromoNode *
make_node (KromoBuilder *builder, guint index)
{
  const KromoPatchNode *patch = &builder->patch->nodes[index];
  const KromoRules *rules = builder->rules;
  const double rate = builder->format->rate;

  switch (patch->kind) {
  case KROMO_NODE_OSCILLATOR:
    return rules->oscillator (patch->shape, rate);
  case KROMO_NODE_BUFFER_SOURCE:
    return make_buffer_source (builder, index);
  case KROMO_NODE_BIQUAD_FILTER:
    return rules->biquad (patch->shape, rate);
  case KROMO_NODE_WAVE_SHAPER:
    return make_wave_shaper (builder, index);
  case KROMO_NODE_DYNAMICS_COMPRESSOR:
    return rules->compressor ();
  case KROMO_NODE_CONVOLVER:
    return make_convolver (builder, index);
  case KROMO_NODE_CHANNEL_MERGER:
    return kromo_merger_new ();
  case KROMO_NODE_GAIN:
  default:
    return rules->gain ();
  }
}

static gboolean
build_node (KromoBuilder *builder, guint index, GError **error)
{
  const KromoPatchNode *patch = &builder->patch->nodes[index];
  KromoBuilt *built = &builder->built[index];
  KromoNode *node;

  switch (patch->kind) {
  case KROMO_NODE_WAVETABLE:
    kromo_build_wavetable (builder, index);
    return TRUE;
  case KROMO_NODE_ADDITIVE:
    return kromo_build_additive (builder, index, error);
  case KROMO_NODE_FEEDBACK_DELAY:
    kromo_build_feedback_delay (builder, index);
    return TRUE;
  case KROMO_NODE_DELAY:
    build_delay (builder, index);
    return TRUE;
  default:
    break;
  }
  node = make_node (builder, index);
  for (KromoParam p = KROMO_PARAM_GAIN; p < KROMO_N_NUMERIC_PARAMS; p++)
    set_param (builder, index, node, p);
  warn_of_unused_drives (builder, index);
  built->in = built->out = kromo_graph_add (builder->graph, node);
  if (patch->kind == KROMO_NODE_OSCILLATOR || patch->kind == KROMO_NODE_BUFFER_SOURCE)
    built->in = KROMO_NO_HANDLE;
  return TRUE;
}

/* ---- connections ---- */

static gboolean
is_composite (KromoNodeKind kind)
{
  return kind == KROMO_NODE_WAVETABLE || kind == KROMO_NODE_ADDITIVE
      || kind == KROMO_NODE_FEEDBACK_DELAY;
}

/* Weight nodes whose source or target is gone go too. */
static void
remove_weights (KromoBuilder *builder)
{
  const KromoPatch *patch = builder->patch;

  for (guint i = 0; i < patch->n_nodes; i++) {
    const KromoPatchNode *node = &patch->nodes[i];

    for (guint k = 0; k < node->n_connections; k++) {
      const gint target = node->connections[k].target;

      if (target < 0)
        continue;
      if (node->is_weight && builder->built[target].removed)
        builder->built[i].removed = TRUE;
      if (patch->nodes[target].is_weight && builder->built[i].removed && !node->is_weight)
        builder->built[target].removed = TRUE;
    }
  }
}

static void
connect_to (KromoBuilder *builder, guint from, const KromoPatchConnection *connection)
{
  const KromoBuilt *target;
  const KromoPatchNode *patch;
  guint handle, place;

  if (connection->target == KROMO_DESTINATION) {
    kromo_graph_connect (builder->graph, from, KROMO_GRAPH_DESTINATION);
    return;
  }
  patch = &builder->patch->nodes[connection->target];
  target = &builder->built[connection->target];
  if (target->removed)
    return;
  if (connection->param == KROMO_PARAM_NONE && target->in != KROMO_NO_HANDLE)
    kromo_graph_connect (builder->graph, from, target->in);
  else if (kromo_builder_find_param (
               builder, (guint) connection->target, connection->param, &handle, &place))
    kromo_graph_connect_param (builder->graph, from, handle, place);
  /* The reference drops audio into a composite without a word, and throws at the rest. */
  else if (!is_composite (patch->kind) || connection->param == KROMO_PARAM_GAIN
      || connection->param == KROMO_PARAM_DELAY_TIME)
    kromo_builder_warn (builder, "%s of %s node %s takes no audio: connection ignored",
        connection->param_name != NULL ? connection->param_name : "the input",
        kromo_node_kind_get_name (patch->kind), patch->key);
}

/* A node with one of two keys goes to the output through a fade, and nowhere else. */
static gboolean
is_faded (const KromoPatchNode *node)
{
  return g_str_equal (node->key, "0") || g_str_equal (node->key, "0-");
}

static void
connect_faded (KromoBuilder *builder, guint from)
{
  KromoNode *fade = builder->rules->gain ();
  KromoParamPlan *plan = &fade->params[KROMO_GAIN_GAIN];
  guint handle;

  kromo_param_plan_set (plan, 0.0, 0.0);
  kromo_param_plan_target (plan, 1.0, 0.0, FADE_TIME_CONSTANT);
  kromo_param_plan_target (plan, 0.0, fmax (0.0, builder->duration - FADE_OUT), FADE_TIME_CONSTANT);
  handle = kromo_graph_add (builder->graph, fade);
  kromo_graph_connect (builder->graph, from, handle);
  kromo_graph_connect (builder->graph, handle, KROMO_GRAPH_DESTINATION);
}

static gboolean
is_enabled (const KromoPatchNode *node, const KromoPatchConnection *connection)
{
  return connection->enabled && (!node->is_weight || node->weight_enabled);
}

static void
connect_all (KromoBuilder *builder)
{
  for (guint i = 0; i < builder->patch->n_nodes; i++) {
    const KromoPatchNode *node = &builder->patch->nodes[i];
    const KromoBuilt *built = &builder->built[i];

    if (built->removed)
      continue;
    if (is_faded (node)) {
      connect_faded (builder, built->out);
      continue;
    }
    for (guint k = 0; k < node->n_connections; k++) {
      if (builder->rules->disabled_sounds || is_enabled (node, &node->connections[k]))
        connect_to (builder, built->out, &node->connections[k]);
    }
  }
}

static gboolean
build_nodes (KromoBuilder *builder, GError **error)
{
  for (guint i = 0; i < builder->patch->n_nodes; i++) {
    KromoBuilt *built = &builder->built[i];

    built->in = built->out = KROMO_NO_HANDLE;
    kromo_graph_set_owner (builder->graph, i);
    if (!build_node (builder, i, error))
      return FALSE;
  }
  kromo_graph_set_owner (builder->graph, KROMO_NO_OWNER);
  return TRUE;
}

/* What a scan's result depends on, and a little more. */
static void
set_key (KromoBuilder *builder)
{
  const KromoNote *note = builder->note;
  const KromoFormat *format = builder->format;
  const double numbers[] = { note->note_delta, note->tuning_ratio, note->velocity };
  const guint64 words[] = { note->duration, (guint64) note->reverse, (guint64) note->inharmonicity,
    (guint64) note->transpose_all, (guint64) note->oversample, format->rate, format->channels,
    format->rendering, format->edge_fade };
  KromoScanKey key = { { builder->genome->digest[0], builder->genome->digest[1] } };

  key.words[2] = kromo_hash (kromo_hash (1, numbers, sizeof numbers), words, sizeof words);
  kromo_bank_set_key (builder->bank, &key);
}

KromoGraph *
kromo_build_graph (const KromoGenome *genome, const KromoNote *note, const KromoFormat *format,
    guint64 n_frames, KromoBank **bank, KromoLayout *layout, GPtrArray *warnings,
    KromoLargest *largest, GError **error)
{
  const KromoSpan span = { n_frames, format->rate, note->velocity };
  const KromoRules *rules = kromo_rules_get (format->rendering);
  KromoBuilder builder = { genome, &genome->patch, note, format, rules, { NULL, NULL }, NULL, NULL,
    (double) note->duration / 1e9, NULL, warnings };
  gboolean ok;

  if (!kromo_parts_init (&builder.parts, genome, note, rules, error))
    return NULL;
  builder.bank = kromo_bank_new (&span);
  set_key (&builder);
  builder.graph = kromo_graph_new (format->rate, format->channels, builder.bank);
  if (rules->standard_graph)
    kromo_graph_set_standard (builder.graph);
  builder.built = g_new0 (KromoBuilt, genome->patch.n_nodes);
  ok = build_nodes (&builder, error);
  if (ok) {
    remove_weights (&builder);
    connect_all (&builder);
    ok = kromo_bank_compile (builder.bank, layout, error);
  }
  if (ok) {
    kromo_graph_plan (builder.graph, layout);
    if (largest != NULL)
      kromo_builder_find_largest (&builder, largest);
    *bank = builder.bank;
  } else {
    g_clear_pointer (&builder.graph, kromo_graph_free);
    kromo_bank_unref (builder.bank);
  }
  g_free (builder.built);
  kromo_parts_clear (&builder.parts);
  return builder.graph;
}
