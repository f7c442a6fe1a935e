/* The audio graph: building and running.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "graph-private.h"

#include "../math/fpmode.h"

#include <string.h>

static void
vertex_clear (gpointer data)
{
  KromoGraphVertex *vertex = data;

  if (vertex->kind == KROMO_VERTEX_NODE) {
    KromoNode *node = vertex->node;

    if (node->klass->clear != NULL)
      node->klass->clear (node);
    for (guint i = 0; i < node->n_params; i++)
      kromo_param_plan_clear (&node->params[i]);
    g_free (node->config);
    g_free (node);
  }
  g_array_unref (vertex->inputs);
}

static void
order_clear (gpointer data)
{
  g_array_unref (((KromoVertex *) data)->edges);
}

static void
step_clear (gpointer data)
{
  KromoGraphStep *step = data;

  g_free (step->inputs.steps);
  for (guint p = 0; p < KROMO_NODE_MAX_PARAMS; p++)
    g_free (step->params[p].steps);
}

static guint
add_vertex (KromoGraph *graph, KromoVertexKind kind, KromoNode *node)
{
  KromoVertex order = { g_array_new (FALSE, FALSE, sizeof (guint)) };
  KromoGraphVertex vertex = { kind, node, g_array_new (FALSE, FALSE, sizeof (guint)), FALSE, FALSE,
    0 };

  g_array_append_val (graph->orders, order);
  g_array_append_val (graph->vertices, vertex);
  return graph->vertices->len - 1;
}

static gboolean
has_edge (const KromoGraph *graph, guint from, guint to)
{
  const GArray *edges = g_array_index (graph->orders, KromoVertex, from).edges;

  for (guint i = 0; i < edges->len; i++) {
    if (g_array_index (edges, guint, i) == to)
      return TRUE;
  }
  return FALSE;
}

static void
add_edge (KromoGraph *graph, guint from, guint to)
{
  if (graph->rules->unique_connections && has_edge (graph, from, to))
    return;
  g_array_append_val (g_array_index (graph->orders, KromoVertex, from).edges, to);
}

static const float *
first_channel (const KromoBus *bus, float *scratch)
{
  return bus->data[0];
}

static const float *
down_mixed (const KromoBus *bus, float *scratch)
{
  KromoBus mono;

  kromo_bus_mix_standard (&mono, bus, 1, scratch);
  return mono.data[0];
}

static const KromoGraphRules reference_rules = {
  .mix = kromo_bus_mix,
  .order = kromo_order_vertices,
  .compute_param = kromo_param_compute,
  .to_mono = first_channel,
};

static const KromoGraphRules standard_rules = {
  .unique_connections = TRUE,
  .silences_non_finite = TRUE,
  .standard_times = TRUE,
  .mix = kromo_bus_mix_standard,
  .order = kromo_order_vertices_standard,
  .compute_param = kromo_param_compute_standard,
  .to_mono = down_mixed,
};

KromoGraph *
kromo_graph_new (guint rate, guint channels, KromoBank *bank)
{
  KromoGraph *graph = g_new0 (KromoGraph, 1);
  const KromoGraphHandle destination = { 0, 0, 0, KROMO_NO_OWNER };

  graph->owner = KROMO_NO_OWNER;
  graph->rate = rate;
  graph->channels = channels;
  graph->rules = &reference_rules;
  graph->bank = kromo_bank_ref (bank);
  graph->orders = g_array_new (FALSE, TRUE, sizeof (KromoVertex));
  g_array_set_clear_func (graph->orders, order_clear);
  graph->vertices = g_array_new (FALSE, TRUE, sizeof (KromoGraphVertex));
  g_array_set_clear_func (graph->vertices, vertex_clear);
  graph->handles = g_array_new (FALSE, TRUE, sizeof (KromoGraphHandle));
  graph->steps = g_array_new (FALSE, TRUE, sizeof (KromoGraphStep));
  g_array_set_clear_func (graph->steps, step_clear);
  add_vertex (graph, KROMO_VERTEX_DESTINATION, NULL);
  g_array_append_val (graph->handles, destination);
  return graph;
}

void
kromo_graph_set_standard (KromoGraph *graph)
{
  graph->rules = &standard_rules;
}

void
kromo_graph_free (KromoGraph *graph)
{
  g_array_unref (graph->steps);
  g_array_unref (graph->handles);
  g_array_unref (graph->vertices);
  g_array_unref (graph->orders);
  g_free (graph->destination.steps);
  kromo_bank_unref (graph->bank);
  g_free (graph);
}

static guint
add_handle (KromoGraph *graph, guint input, guint output, KromoNode *node)
{
  const KromoGraphHandle handle = { input, output, graph->vertices->len, graph->owner };

  for (guint p = 0; p < node->n_params; p++)
    add_edge (graph, add_vertex (graph, KROMO_VERTEX_PARAM, NULL), output);
  g_array_append_val (graph->handles, handle);
  return graph->handles->len - 1;
}

guint
kromo_graph_add (KromoGraph *graph, KromoNode *node)
{
  const guint vertex = add_vertex (graph, KROMO_VERTEX_NODE, node);

  return add_handle (graph, vertex, vertex, node);
}

guint
kromo_graph_add_delay (KromoGraph *graph, KromoNode *writer, KromoNode *reader)
{
  const guint in = add_vertex (graph, KROMO_VERTEX_NODE, writer);
  const guint out = add_vertex (graph, KROMO_VERTEX_NODE, reader);
  guint handle;

  reader->peer = writer;
  g_array_index (graph->orders, KromoVertex, in).breaker = TRUE;
  add_edge (graph, in, out);
  handle = add_handle (graph, in, out, reader);
  g_array_index (graph->orders, KromoVertex, out + 1).delay_time = TRUE;
  return handle;
}

KromoNode *
kromo_graph_get_node (KromoGraph *graph, guint handle)
{
  return kromo_graph_get_vertex (
      graph, g_array_index (graph->handles, KromoGraphHandle, handle).output)
      ->node;
}

void
kromo_graph_connect (KromoGraph *graph, guint from, guint to)
{
  add_edge (graph, g_array_index (graph->handles, KromoGraphHandle, from).output,
      g_array_index (graph->handles, KromoGraphHandle, to).input);
}

void
kromo_graph_connect_param (KromoGraph *graph, guint from, guint to, guint param)
{
  add_edge (graph, g_array_index (graph->handles, KromoGraphHandle, from).output,
      g_array_index (graph->handles, KromoGraphHandle, to).params + param);
}

/* ---- preparing ---- */

static guint
count_to_prepare (const KromoGraph *graph)
{
  guint n = 0;

  for (guint i = 0; i < graph->steps->len; i++)
    n += g_array_index (graph->steps, KromoGraphStep, i).node->klass->prepare != NULL;
  return n;
}

gboolean
kromo_graph_needs_preparation (const KromoGraph *graph)
{
  return count_to_prepare (graph) > 0;
}

gboolean
kromo_graph_prepare (KromoGraph *graph, const KromoArena *arena, const gint *interrupt,
    void (*progress) (double done, gpointer user_data), gpointer user_data)
{
  const guint n = count_to_prepare (graph);
  guint k = 0;

  for (guint i = 0; i < graph->steps->len; i++) {
    KromoNode *node = g_array_index (graph->steps, KromoGraphStep, i).node;
    double done = 0.0;

    if (node->klass->prepare == NULL)
      continue;
    while (!node->klass->prepare (node, graph->bank, arena, graph->rate, interrupt, &done)) {
      if (interrupt != NULL && g_atomic_int_get (interrupt))
        return FALSE;
      if (progress != NULL)
        progress ((k + done) / n, user_data);
    }
    k++;
  }
  return TRUE;
}

/* ---- running ---- */

static void
reset_node (const KromoNode *node, const KromoArena *arena)
{
  if (node->klass->reset != NULL)
    node->klass->reset (node, arena);
  else if (node->state_size > 0)
    memset (kromo_node_state (node, arena), 0, node->state_size);
}

void
kromo_graph_reset (const KromoGraph *graph, const KromoArena *arena)
{
  for (guint i = 0; i < graph->steps->len; i++) {
    const KromoGraphStep *step = &g_array_index (graph->steps, KromoGraphStep, i);
    const KromoNode *node = step->node;

    reset_node (node, arena);
    if (step->is_deferred)
      memset (kromo_arena_state (arena, step->deferred), 0, sizeof (KromoDeferred));
    for (guint p = 0; p < node->n_params; p++)
      kromo_param_reset (&node->params[p], kromo_arena_state (arena, step->param_states[p]));
  }
}

/* The sum of what is connected to a parameter; NULL is silence. @own and @scratch: a quantum each. */
static const float *
mix_param (const KromoGraphRules *rules, const KromoGraphInputs *inputs, const KromoBus *buses,
    float *own, float *scratch)
{
  const KromoBlockOps *ops = kromo_ops_get ()->blocks;
  const float *sum = NULL;

  for (guint i = 0; i < inputs->n; i++) {
    const KromoBus *bus = &buses[inputs->steps[i]];
    const float *data;

    if (bus->silent)
      continue;
    data = rules->to_mono (bus, sum == NULL ? own : scratch);
    if (sum != NULL) {
      ops->add (own, sum, data);
      data = own;
    }
    sum = data;
  }
  return sum;
}

static const float *
get_deferred (const KromoGraphStep *step, const KromoArena *arena)
{
  const KromoDeferred *deferred = kromo_arena_state (arena, step->deferred);

  return deferred->sounds ? deferred->values : NULL;
}

/* At the end of a quantum: what the delay times in cycles of their own hear in the next one. */
static void
defer_params (const KromoGraph *graph, const KromoArena *arena, const KromoBus *buses, float *mix)
{
  for (guint i = 0; i < graph->steps->len; i++) {
    const KromoGraphStep *step = &g_array_index (graph->steps, KromoGraphStep, i);
    KromoDeferred *deferred;
    const float *input;

    if (!step->is_deferred)
      continue;
    deferred = kromo_arena_state (arena, step->deferred);
    input = mix_param (graph->rules, &step->params[0], buses, mix, mix + KROMO_QUANTUM);
    deferred->sounds = input != NULL;
    if (input != NULL)
      memcpy (deferred->values, input, sizeof deferred->values);
  }
}

static void
compute_params (const KromoGraph *graph, const KromoGraphStep *step, KromoRun *run,
    const KromoBus *buses, float *values, float *mix)
{
  const KromoGraphRules *rules = graph->rules;

  for (guint p = 0; p < step->node->n_params; p++, values += KROMO_QUANTUM) {
    const float *input;

    if (run->block > 0 && (step->constant & (1u << p))) {
      run->params[p].values = &step->constants[p];
      run->params[p].single = TRUE;
      continue;
    }
    input = step->is_deferred && p == 0
        ? get_deferred (step, &run->arena)
        : mix_param (rules, &step->params[p], buses, mix, mix + KROMO_QUANTUM);

    run->params[p].values = values;
    run->params[p].single = rules->compute_param (&step->node->params[p],
        kromo_arena_state (&run->arena, step->param_states[p]), &run->time, run->bank, &run->arena,
        input, values);
  }
}

/* What is connected to an input: the one contribution as it is, or @sum. */
static const KromoBus *
mix_inputs (const KromoGraphRules *rules, const KromoGraphInputs *inputs, const KromoBus *buses,
    KromoCountMode mode, guint count, float *own, float *scratch, KromoBus *sum)
{
  if (inputs->n == 1) {
    const KromoBus *bus = &buses[inputs->steps[0]];

    if (bus->silent || bus->n_channels == kromo_bus_count (bus->n_channels, mode, count))
      return bus;
  }
  kromo_bus_set_silent (sum);
  for (guint i = 0; i < inputs->n; i++)
    kromo_bus_add (sum, &buses[inputs->steps[i]], rules->mix, mode, count, own, scratch);
  return sum;
}

static gboolean
is_finite (const KromoBus *bus)
{
  for (guint c = 0; c < bus->n_channels; c++) {
    if (!(bus->zero & (1u << c)) && !kromo_ops_get ()->blocks->is_finite (bus->data[c]))
      return FALSE;
  }
  return TRUE;
}

/* A node that overflows is silent for the quantum and starts anew; of a delay, the ring does. */
static void
silence_non_finite (const KromoNode *node, const KromoArena *arena, KromoBus *bus)
{
  if (is_finite (bus))
    return;
  kromo_bus_set_silent (bus);
  reset_node (node->peer != NULL ? node->peer : node, arena);
}

static void
run_nodes (const KromoGraph *graph, const KromoArena *arena, guint64 block, float *const *out)
{
  const KromoGraphRules *rules = graph->rules;
  KromoBus *buses = kromo_arena_scratch (arena, graph->buses);
  float *work = kromo_arena_scratch (arena, graph->work);
  float *mix = work + KROMO_BUS_CHANNELS * KROMO_QUANTUM;
  float *param_values = mix + KROMO_BUS_CHANNELS * KROMO_QUANTUM;
  const KromoBus *in;
  KromoBus sum;
  KromoRun run;

  run.arena = *arena;
  run.bank = graph->bank;
  run.ops = kromo_ops_get ();
  run.block = block;
  run.rate = graph->rate;
  run.scratch = work;
  kromo_block_time_init (&run.time, block, graph->rate, rules->standard_times);
  for (guint i = 0; i < graph->steps->len; i++) {
    const KromoGraphStep *step = &g_array_index (graph->steps, KromoGraphStep, i);
    const KromoNodeClass *klass = step->node->klass;
    float *own = kromo_arena_scratch (arena, step->own);

    compute_params (graph, step, &run, buses, param_values, mix);
    in = mix_inputs (
        rules, &step->inputs, buses, klass->count_mode, klass->channel_count, own, mix, &sum);
    kromo_bus_set_silent (&buses[i]);
    klass->process (step->node, &run, in, &buses[i], own);
    if (rules->silences_non_finite)
      silence_non_finite (step->node, arena, &buses[i]);
  }
  defer_params (graph, arena, buses, mix);
  in = mix_inputs (rules, &graph->destination, buses, KROMO_COUNT_EXPLICIT, graph->channels,
      kromo_arena_scratch (arena, graph->destination_own), mix, &sum);
  for (guint c = 0; c < graph->channels; c++)
    memcpy (out[c], c < in->n_channels ? in->data[c] : kromo_zeros, KROMO_QUANTUM_BYTES);
}

void
kromo_graph_run (const KromoGraph *graph, const KromoArena *arena, guint64 block, float *const *out)
{
  const KromoFpMode mode = kromo_fp_begin (KROMO_FP_USUAL);

  kromo_bank_evaluate (graph->bank, arena, block);
  kromo_fp_set_mode (KROMO_FP_FLUSHING);
  run_nodes (graph, arena, block, out);
  kromo_fp_set_mode (mode);
}

guint
kromo_graph_count_running (const KromoGraph *graph)
{
  return graph->steps->len;
}
