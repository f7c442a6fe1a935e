/* The audio graph: what runs, in which order, and in which memory.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "graph-private.h"

/* Contributions in the order of the sum: that of the sources, then of their connections. */
static void
collect_inputs (KromoGraph *graph, const guint *order, guint n)
{
  for (guint i = 0; i < n; i++) {
    const KromoVertex *v = &g_array_index (graph->orders, KromoVertex, order[i]);

    if (v->breaker || kromo_graph_get_vertex (graph, order[i])->kind != KROMO_VERTEX_NODE)
      continue; /* a writer's and a parameter's edges carry no audio */
    for (guint e = 0; e < v->edges->len; e++)
      g_array_append_val (
          kromo_graph_get_vertex (graph, g_array_index (v->edges, guint, e))->inputs, order[i]);
  }
}

static guint
writer_of (const KromoGraph *graph, guint vertex)
{
  const KromoGraphVertex *v = kromo_graph_get_vertex (graph, vertex);

  return v->kind == KROMO_VERTEX_NODE && v->node->peer != NULL ? vertex - 1 : 0;
}

static gboolean
any_input_sounds (const KromoGraph *graph, const KromoGraphVertex *v)
{
  for (guint i = 0; i < v->inputs->len; i++) {
    if (kromo_graph_get_vertex (graph, g_array_index (v->inputs, guint, i))->sounds)
      return TRUE;
  }
  return FALSE;
}

/* Marks what can ever be other than silence: sources and what they reach. */
static void
mark_sounding (KromoGraph *graph, const guint *order, guint n)
{
  gboolean changed = TRUE;

  while (changed) {
    changed = FALSE;
    for (guint i = 0; i < n; i++) {
      KromoGraphVertex *v = kromo_graph_get_vertex (graph, order[i]);
      const guint writer = writer_of (graph, order[i]);

      if (v->sounds || v->kind != KROMO_VERTEX_NODE)
        continue;
      v->sounds = v->node->klass->is_source
          || (writer ? kromo_graph_get_vertex (graph, writer)->sounds
                     : any_input_sounds (graph, v));
      changed |= v->sounds;
    }
  }
}

static void
mark_heard_one (KromoGraph *graph, guint vertex, GArray *todo)
{
  KromoGraphVertex *v = kromo_graph_get_vertex (graph, vertex);

  if (!v->heard) {
    v->heard = TRUE;
    g_array_append_val (todo, vertex);
  }
}

/* Marks what the destination depends on. */
static void
mark_heard (KromoGraph *graph)
{
  GArray *todo = g_array_new (FALSE, FALSE, sizeof (guint));

  mark_heard_one (graph, 0, todo);
  while (todo->len > 0) {
    const guint vertex = g_array_index (todo, guint, todo->len - 1);
    const KromoGraphVertex *v = kromo_graph_get_vertex (graph, vertex);
    const guint writer = writer_of (graph, vertex);

    g_array_set_size (todo, todo->len - 1);
    for (guint i = 0; i < v->inputs->len; i++)
      mark_heard_one (graph, g_array_index (v->inputs, guint, i), todo);
    if (writer)
      mark_heard_one (graph, writer, todo);
    for (guint p = 0; v->kind == KROMO_VERTEX_NODE && p < v->node->n_params; p++)
      mark_heard_one (graph, vertex + 1 + p, todo);
  }
  g_array_unref (todo);
}

static gboolean
runs (const KromoGraph *graph, guint vertex)
{
  const KromoGraphVertex *v = kromo_graph_get_vertex (graph, vertex);

  return v->kind == KROMO_VERTEX_NODE && v->sounds && v->heard
      && !g_array_index (graph->orders, KromoVertex, vertex).dropped;
}

static guint
widest_input (const KromoGraph *graph, const KromoGraphVertex *v)
{
  const KromoNodeClass *klass = v->node->klass;
  guint widest = 1;

  if (klass->count_mode == KROMO_COUNT_EXPLICIT)
    return klass->channel_count;
  for (guint i = 0; i < v->inputs->len; i++) {
    const guint input = g_array_index (v->inputs, guint, i);

    if (runs (graph, input))
      widest = MAX (widest, kromo_graph_get_vertex (graph, input)->node->max_out);
  }
  return klass->count_mode == KROMO_COUNT_CLAMPED_MAX ? MIN (widest, klass->channel_count) : widest;
}

/* The most channels that each node may meet; cycles make it a fixed point. */
static void
bound_channels (KromoGraph *graph, const guint *order, guint n)
{
  gboolean changed = TRUE;

  while (changed) {
    changed = FALSE;
    for (guint i = 0; i < n; i++) {
      const KromoGraphVertex *v = kromo_graph_get_vertex (graph, order[i]);
      guint in, out;

      if (!runs (graph, order[i]))
        continue;
      in = v->node->peer != NULL ? MAX (1, v->node->peer->max_in) : widest_input (graph, v);
      out = v->node->klass->max_out != NULL ? v->node->klass->max_out (in) : in;
      changed |= in != v->node->max_in || out != v->node->max_out;
      v->node->max_in = in;
      v->node->max_out = out;
    }
  }
}

static void
resolve_inputs (const KromoGraph *graph, const KromoGraphVertex *v, KromoGraphInputs *inputs)
{
  inputs->steps = g_new (guint, v->inputs->len);
  inputs->n = 0;
  for (guint i = 0; i < v->inputs->len; i++) {
    const guint input = g_array_index (v->inputs, guint, i);

    if (runs (graph, input))
      inputs->steps[inputs->n++] = kromo_graph_get_vertex (graph, input)->step - 1;
  }
}

static void
add_step (KromoGraph *graph, guint vertex, KromoLayout *layout)
{
  const KromoGraphVertex *v = kromo_graph_get_vertex (graph, vertex);
  KromoNode *node = v->node;
  KromoGraphStep step = { .node = node };
  /* a down-mix of the input needs as much room as the input itself */
  const guint own = MAX (MAX (node->max_in, node->max_out), 2);

  resolve_inputs (graph, v, &step.inputs);
  for (guint p = 0; p < node->n_params; p++) {
    resolve_inputs (graph, kromo_graph_get_vertex (graph, vertex + 1 + p), &step.params[p]);
    step.param_states[p] = kromo_layout_take (&layout->state, sizeof (KromoParamState));
  }
  step.own = kromo_layout_take (&layout->scratch, own * KROMO_QUANTUM_BYTES);
  node->in_cycle =
      node->peer != NULL && g_array_index (graph->orders, KromoVertex, vertex - 1).broken;
  if (node->klass->plan != NULL)
    node->klass->plan (node, layout, graph->rate);
  step.is_deferred =
      node->n_params > 0 && g_array_index (graph->orders, KromoVertex, vertex + 1).deferred;
  if (step.is_deferred)
    step.deferred = kromo_layout_take (&layout->state, sizeof (KromoDeferred));
  for (guint p = 0; p < node->n_params; p++) {
    const gboolean alone = step.params[p].n == 0 && !(step.is_deferred && p == 0);

    if (alone && kromo_param_is_constant (&node->params[p], &step.constants[p]))
      step.constant |= 1u << p;
  }
  g_array_append_val (graph->steps, step);
}

void
kromo_graph_plan (KromoGraph *graph, KromoLayout *layout)
{
  const guint n_vertices = graph->vertices->len;
  guint *order = g_new (guint, n_vertices);
  const guint n =
      graph->rules->order ((KromoVertex *) (gpointer) graph->orders->data, n_vertices, order);
  guint n_steps = 0;

  collect_inputs (graph, order, n);
  mark_sounding (graph, order, n);
  mark_heard (graph);
  bound_channels (graph, order, n);
  for (guint i = 0; i < n; i++) {
    if (runs (graph, order[i]))
      kromo_graph_get_vertex (graph, order[i])->step = ++n_steps;
  }
  for (guint i = 0; i < n; i++) {
    if (runs (graph, order[i]))
      add_step (graph, order[i], layout);
  }
  resolve_inputs (graph, kromo_graph_get_vertex (graph, 0), &graph->destination);
  graph->destination_own =
      kromo_layout_take (&layout->scratch, KROMO_BUS_CHANNELS * KROMO_QUANTUM_BYTES);
  graph->buses = kromo_layout_take (&layout->scratch, graph->steps->len * sizeof (KromoBus));
  graph->work = kromo_layout_take (
      &layout->scratch, (2 * KROMO_BUS_CHANNELS + KROMO_NODE_MAX_PARAMS) * KROMO_QUANTUM_BYTES);
  g_free (order);
}
