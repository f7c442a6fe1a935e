/* The nodes that are little graphs of their own (2-RENDERING 2.6).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "build-private.h"

#include "../nodes/nodes.h"

#define FEEDBACK_DELAY_MAX 5.0 /* seconds */
#define FEEDBACK_DELAY_RATIO 0.2

/* The drives of @param in list order. */
static GPtrArray *
collect (KromoBuilder *builder, guint index, KromoParam param)
{
  GArray *driven = g_ptr_array_index (builder->parts.nodes, index);
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < driven->len; i++) {
    KromoDriven *d = &g_array_index (driven, KromoDriven, i);

    if (d->drive->param == param)
      g_ptr_array_add (found, d);
  }
  return found;
}

static guint
add_source (KromoBuilder *builder, const KromoDriven *driven)
{
  KromoView view;

  kromo_builder_get_buffer_view (builder, driven, FALSE, &view);
  return kromo_graph_add (builder->graph, builder->rules->buffer_source (&view, FALSE));
}

void
kromo_build_wavetable (KromoBuilder *builder, guint index)
{
  g_autoptr (GPtrArray) buffers = collect (builder, index, KROMO_PARAM_BUFFER);
  g_autoptr (GPtrArray) mixes = collect (builder, index, KROMO_PARAM_MIX);
  KromoBuilt *built = &builder->built[index];
  g_autofree guint *gains = NULL;

  if (buffers->len == 0 || mixes->len == 0) {
    built->removed = TRUE;
    return;
  }
  gains = g_new (guint, buffers->len);
  for (guint j = 0; j < buffers->len; j++) {
    const guint source = add_source (builder, g_ptr_array_index (buffers, j));
    KromoView mix;

    kromo_builder_get_view (builder, g_ptr_array_index (mixes, 0), FALSE, &mix);
    mix.map.wave = j;
    mix.map.n_waves = buffers->len;
    mix.map.idle_at_zero = builder->rules->idle_waves_at_zero;
    gains[j] = kromo_builder_add_curve_gain (builder, &mix);
    kromo_graph_connect (builder->graph, source, gains[j]);
  }
  built->out = kromo_graph_add (builder->graph, kromo_merger_new ());
  for (guint j = 0; j < buffers->len; j++)
    kromo_graph_connect (builder->graph, gains[j], built->out);
}

/* Of drives with the same partial number the last one counts, in the place of the first. */
static void
replace_duplicates (GPtrArray *driven)
{
  for (guint i = 0; i < driven->len; i++) {
    const KromoDriven *first = g_ptr_array_index (driven, i);

    for (guint k = i + 1; k < driven->len;) {
      KromoDriven *other = g_ptr_array_index (driven, k);

      if (other->drive->partial_number == first->drive->partial_number) {
        g_ptr_array_index (driven, i) = other;
        g_ptr_array_remove_index (driven, k);
      } else {
        k++;
      }
    }
  }
}

/* Where disabled connections do not count, a partial may be without its envelope, and is silent; the
 * others keep theirs. */
static void
match_envelopes (GPtrArray *partials, GPtrArray *envelopes)
{
  GPtrArray *matching = g_ptr_array_new ();

  for (guint i = 0; i < partials->len;) {
    const KromoDriven *partial = g_ptr_array_index (partials, i);
    guint k = 0;

    while (k < envelopes->len
        && ((KromoDriven *) g_ptr_array_index (envelopes, k))->drive->partial_number
            != partial->drive->partial_number)
      k++;
    if (k < envelopes->len) {
      g_ptr_array_add (matching, g_ptr_array_index (envelopes, k));
      i++;
    } else {
      g_ptr_array_remove_index (partials, i);
    }
  }
  g_ptr_array_set_size (envelopes, 0);
  g_ptr_array_extend_and_steal (envelopes, matching);
}

static guint
add_partial (
    KromoBuilder *builder, const KromoDriven *partial, const KromoDriven *envelope, double weight)
{
  const guint source = add_source (builder, partial);
  KromoNode *branch = builder->rules->gain ();
  KromoView view;
  guint gain, handle;

  kromo_builder_get_view (builder, envelope, FALSE, &view);
  gain = kromo_builder_add_curve_gain (builder, &view);
  kromo_param_plan_set_value (&branch->params[KROMO_GAIN_GAIN], weight);
  handle = kromo_graph_add (builder->graph, branch);
  kromo_graph_connect (builder->graph, source, gain);
  kromo_graph_connect (builder->graph, gain, handle);
  return handle;
}

gboolean
kromo_build_additive (KromoBuilder *builder, guint index, GError **error)
{
  const gboolean matched = builder->rules->matches_envelopes;
  g_autoptr (GPtrArray) partials = collect (builder, index, KROMO_PARAM_PARTIAL_BUFFER);
  g_autoptr (GPtrArray) envelopes = collect (builder, index, KROMO_PARAM_PARTIAL_GAIN_ENVELOPE);
  g_autoptr (GPtrArray) weights = collect (builder, index, KROMO_PARAM_PARTIAL_GAIN_ENVELOPE);
  KromoBuilt *built = &builder->built[index];
  g_autofree guint *branches = NULL;

  replace_duplicates (partials);
  replace_duplicates (envelopes);
  if (matched)
    match_envelopes (partials, envelopes);
  if (partials->len == 0 || envelopes->len == 0) {
    built->removed = TRUE;
    return TRUE;
  }
  if (envelopes->len < partials->len) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_INVALID,
        "additive node %s has %u partials but only %u envelopes", builder->patch->nodes[index].key,
        partials->len, envelopes->len);
    return FALSE;
  }
  branches = g_new (guint, partials->len);
  for (guint i = 0; i < partials->len; i++) {
    const KromoDriven *weight = g_ptr_array_index (matched ? envelopes : weights, i);

    branches[i] = add_partial (builder, g_ptr_array_index (partials, i),
        g_ptr_array_index (envelopes, i), i == 0 ? 1.0 : weight->drive->weight);
  }
  built->out = kromo_graph_add (builder->graph, kromo_merger_new ());
  for (guint i = 0; i < partials->len; i++)
    kromo_graph_connect (builder->graph, branches[i], built->out);
  return TRUE;
}

static void
set_param (
    KromoBuilder *builder, guint index, KromoParam param, double initial, KromoParamPlan *plan)
{
  const KromoPatchNode *patch = &builder->patch->nodes[index];

  if (builder->rules->feedback_delay_sounds && kromo_builder_drive (builder, index, param, plan))
    return;
  kromo_param_plan_set_value (plan, patch->present >> param & 1 ? patch->values[param] : initial);
}

/* A comb. In the reference nothing that is connected to it arrives, so that it is silent; yet its nodes
 * take part in the ordering. */
void
kromo_build_feedback_delay (KromoBuilder *builder, guint index)
{
  const KromoRules *rules = builder->rules;
  KromoGraph *graph = builder->graph;
  KromoBuilt *built = &builder->built[index];
  const guint through = kromo_graph_add (graph, rules->gain ());
  KromoNode *writer, *reader, *gain = rules->gain ();

  rules->delay (FEEDBACK_DELAY_MAX, &writer, &reader);
  set_param (builder, index, KROMO_PARAM_DELAY_TIME, 0.0, &reader->params[KROMO_DELAY_DELAY_TIME]);
  set_param (builder, index, KROMO_PARAM_FEEDBACK_RATIO, FEEDBACK_DELAY_RATIO,
      &gain->params[KROMO_GAIN_GAIN]);
  built->delay = kromo_graph_add_delay (graph, writer, reader);
  built->feedback = kromo_graph_add (graph, gain);
  kromo_graph_connect (graph, through, built->delay);
  kromo_graph_connect (graph, built->delay, built->feedback);
  kromo_graph_connect (graph, built->feedback, through);
  built->out = through;
  if (rules->feedback_delay_sounds)
    built->in = through;
}
