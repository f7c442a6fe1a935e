/* The audio graph.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "graph.h"

#include "fpmode.h"
#include "order.h"

#include <string.h>

typedef enum {
  VERTEX_DESTINATION,
  VERTEX_NODE,
  VERTEX_PARAM
} VertexKind;

/* What the ordering does not know of a vertex. */
typedef struct {
  VertexKind kind;
  KromoNode *node;
  guint owner; /* of a parameter: its node's vertex */
  guint param;
  GArray *inputs; /* guint: vertices that contribute, in the order of their sum */
  gboolean sounds, heard;
  guint step; /* 1 + index, or 0 */
} Vertex;

typedef struct {
  guint input, output, params; /* vertices; parameters follow one another */
} Handle;

typedef struct {
  guint n;
  guint *steps; /* indices of the steps that contribute */
} Inputs;

/* A node that runs. */
typedef struct {
  KromoNode *node;
  Inputs inputs;
  Inputs params[KROMO_NODE_MAX_PARAMS];
  gsize param_states[KROMO_NODE_MAX_PARAMS];
  gsize own; /* scratch: a quantum for each channel */
} Step;

struct _KromoGraph {
  guint rate, channels;
  KromoBank *bank;
  GArray *orders;   /* KromoVertex */
  GArray *vertices; /* Vertex, likewise indexed */
  GArray *handles;  /* Handle */
  GArray *steps;    /* Step */
  Inputs destination;
  gsize destination_own; /* scratch */
  gsize buses;           /* scratch: KromoBus[n_steps] */
  gsize work;            /* scratch: KROMO_BUS_CHANNELS quanta, twice, and the parameters' */
};

#define QUANTUM_BYTES (KROMO_QUANTUM * sizeof (float))

static void
vertex_clear (gpointer data)
{
  Vertex *vertex = data;

  if (vertex->kind == VERTEX_NODE) {
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
  Step *step = data;

  g_free (step->inputs.steps);
  for (guint p = 0; p < KROMO_NODE_MAX_PARAMS; p++)
    g_free (step->params[p].steps);
}

static guint
add_vertex (KromoGraph *graph, VertexKind kind, KromoNode *node, guint owner, guint param)
{
  KromoVertex order = { g_array_new (FALSE, FALSE, sizeof (guint)), FALSE, FALSE, FALSE };
  Vertex vertex = { kind, node, owner, param, g_array_new (FALSE, FALSE, sizeof (guint)), FALSE,
    FALSE, 0 };

  g_array_append_val (graph->orders, order);
  g_array_append_val (graph->vertices, vertex);
  return graph->vertices->len - 1;
}

static void
add_edge (KromoGraph *graph, guint from, guint to)
{
  g_array_append_val (g_array_index (graph->orders, KromoVertex, from).edges, to);
}

static Vertex *
get_vertex (const KromoGraph *graph, guint index)
{
  return &g_array_index (graph->vertices, Vertex, index);
}

KromoGraph *
kromo_graph_new (guint rate, guint channels, KromoBank *bank)
{
  KromoGraph *graph = g_new0 (KromoGraph, 1);
  const Handle destination = { 0, 0, 0 };

  graph->rate = rate;
  graph->channels = channels;
  graph->bank = kromo_bank_ref (bank);
  graph->orders = g_array_new (FALSE, TRUE, sizeof (KromoVertex));
  g_array_set_clear_func (graph->orders, order_clear);
  graph->vertices = g_array_new (FALSE, TRUE, sizeof (Vertex));
  g_array_set_clear_func (graph->vertices, vertex_clear);
  graph->handles = g_array_new (FALSE, TRUE, sizeof (Handle));
  graph->steps = g_array_new (FALSE, TRUE, sizeof (Step));
  g_array_set_clear_func (graph->steps, step_clear);
  add_vertex (graph, VERTEX_DESTINATION, NULL, 0, 0);
  g_array_append_val (graph->handles, destination);
  return graph;
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
  const Handle handle = { input, output, graph->vertices->len };

  for (guint p = 0; p < node->n_params; p++)
    add_edge (graph, add_vertex (graph, VERTEX_PARAM, NULL, output, p), output);
  g_array_append_val (graph->handles, handle);
  return graph->handles->len - 1;
}

guint
kromo_graph_add (KromoGraph *graph, KromoNode *node)
{
  const guint vertex = add_vertex (graph, VERTEX_NODE, node, 0, 0);

  return add_handle (graph, vertex, vertex, node);
}

guint
kromo_graph_add_delay (KromoGraph *graph, KromoNode *writer, KromoNode *reader)
{
  const guint in = add_vertex (graph, VERTEX_NODE, writer, 0, 0);
  const guint out = add_vertex (graph, VERTEX_NODE, reader, 0, 0);

  reader->peer = writer;
  g_array_index (graph->orders, KromoVertex, in).breaker = TRUE;
  add_edge (graph, in, out);
  return add_handle (graph, in, out, reader);
}

KromoNode *
kromo_graph_get_node (KromoGraph *graph, guint handle)
{
  return get_vertex (graph, g_array_index (graph->handles, Handle, handle).output)->node;
}

void
kromo_graph_connect (KromoGraph *graph, guint from, guint to)
{
  add_edge (graph, g_array_index (graph->handles, Handle, from).output,
      g_array_index (graph->handles, Handle, to).input);
}

void
kromo_graph_connect_param (KromoGraph *graph, guint from, guint to, guint param)
{
  add_edge (graph, g_array_index (graph->handles, Handle, from).output,
      g_array_index (graph->handles, Handle, to).params + param);
}

/* ---- planning ---- */

/* Contributions in the order of the sum: that of the sources, then of their connections. */
static void
collect_inputs (KromoGraph *graph, const guint *order, guint n)
{
  for (guint i = 0; i < n; i++) {
    const KromoVertex *v = &g_array_index (graph->orders, KromoVertex, order[i]);

    if (v->breaker || get_vertex (graph, order[i])->kind != VERTEX_NODE)
      continue; /* a writer's and a parameter's edges carry no audio */
    for (guint e = 0; e < v->edges->len; e++)
      g_array_append_val (get_vertex (graph, g_array_index (v->edges, guint, e))->inputs, order[i]);
  }
}

static guint
writer_of (const KromoGraph *graph, guint vertex)
{
  const Vertex *v = get_vertex (graph, vertex);

  return v->kind == VERTEX_NODE && v->node->peer != NULL ? vertex - 1 : 0;
}

static gboolean
any_input_sounds (const KromoGraph *graph, const Vertex *v)
{
  for (guint i = 0; i < v->inputs->len; i++) {
    if (get_vertex (graph, g_array_index (v->inputs, guint, i))->sounds)
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
      Vertex *v = get_vertex (graph, order[i]);
      const guint writer = writer_of (graph, order[i]);

      if (v->sounds || v->kind != VERTEX_NODE)
        continue;
      v->sounds = v->node->klass->is_source
          || (writer ? get_vertex (graph, writer)->sounds : any_input_sounds (graph, v));
      changed |= v->sounds;
    }
  }
}

static void
mark_heard_one (KromoGraph *graph, guint vertex, GArray *todo)
{
  Vertex *v = get_vertex (graph, vertex);

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
    const Vertex *v = get_vertex (graph, vertex);
    const guint writer = writer_of (graph, vertex);

    g_array_set_size (todo, todo->len - 1);
    for (guint i = 0; i < v->inputs->len; i++)
      mark_heard_one (graph, g_array_index (v->inputs, guint, i), todo);
    if (writer)
      mark_heard_one (graph, writer, todo);
    for (guint p = 0; v->kind == VERTEX_NODE && p < v->node->n_params; p++)
      mark_heard_one (graph, vertex + 1 + p, todo);
  }
  g_array_unref (todo);
}

static gboolean
runs (const KromoGraph *graph, guint vertex)
{
  const Vertex *v = get_vertex (graph, vertex);

  return v->kind == VERTEX_NODE && v->sounds && v->heard
      && !g_array_index (graph->orders, KromoVertex, vertex).dropped;
}

static guint
widest_input (const KromoGraph *graph, const Vertex *v)
{
  const KromoNodeClass *klass = v->node->klass;
  guint widest = 1;

  if (klass->count_mode == KROMO_COUNT_EXPLICIT)
    return klass->channel_count;
  for (guint i = 0; i < v->inputs->len; i++) {
    const guint input = g_array_index (v->inputs, guint, i);

    if (runs (graph, input))
      widest = MAX (widest, get_vertex (graph, input)->node->max_out);
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
      const Vertex *v = get_vertex (graph, order[i]);
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
resolve_inputs (const KromoGraph *graph, const Vertex *v, Inputs *inputs)
{
  inputs->steps = g_new (guint, v->inputs->len);
  inputs->n = 0;
  for (guint i = 0; i < v->inputs->len; i++) {
    const guint input = g_array_index (v->inputs, guint, i);

    if (runs (graph, input))
      inputs->steps[inputs->n++] = get_vertex (graph, input)->step - 1;
  }
}

static void
add_step (KromoGraph *graph, guint vertex, KromoLayout *layout)
{
  Vertex *v = get_vertex (graph, vertex);
  KromoNode *node = v->node;
  Step step = { node, { 0, NULL }, { { 0, NULL } }, { 0 }, 0 };
  /* a down-mix of the input needs as much room as the input itself */
  const guint own = MAX (MAX (node->max_in, node->max_out), 2);

  resolve_inputs (graph, v, &step.inputs);
  for (guint p = 0; p < node->n_params; p++) {
    resolve_inputs (graph, get_vertex (graph, vertex + 1 + p), &step.params[p]);
    step.param_states[p] = kromo_layout_take (&layout->state, sizeof (KromoParamState));
  }
  step.own = kromo_layout_take (&layout->scratch, own * QUANTUM_BYTES);
  node->in_cycle =
      node->peer != NULL && g_array_index (graph->orders, KromoVertex, vertex - 1).broken;
  if (node->klass->plan != NULL)
    node->klass->plan (node, layout, graph->rate);
  g_array_append_val (graph->steps, step);
  v->step = graph->steps->len;
}

void
kromo_graph_plan (KromoGraph *graph, KromoLayout *layout)
{
  const guint n_vertices = graph->vertices->len;
  guint *order = g_new (guint, n_vertices);
  const guint n =
      kromo_order_vertices ((KromoVertex *) (gpointer) graph->orders->data, n_vertices, order);

  collect_inputs (graph, order, n);
  mark_sounding (graph, order, n);
  mark_heard (graph);
  bound_channels (graph, order, n);
  for (guint i = 0; i < n; i++) {
    if (runs (graph, order[i]))
      add_step (graph, order[i], layout);
  }
  resolve_inputs (graph, get_vertex (graph, 0), &graph->destination);
  graph->destination_own = kromo_layout_take (&layout->scratch, KROMO_BUS_CHANNELS * QUANTUM_BYTES);
  graph->buses = kromo_layout_take (&layout->scratch, graph->steps->len * sizeof (KromoBus));
  graph->work = kromo_layout_take (
      &layout->scratch, (2 * KROMO_BUS_CHANNELS + KROMO_NODE_MAX_PARAMS) * QUANTUM_BYTES);
  g_free (order);
}

/* ---- preparing ---- */

static guint
count_to_prepare (const KromoGraph *graph)
{
  guint n = 0;

  for (guint i = 0; i < graph->steps->len; i++)
    n += g_array_index (graph->steps, Step, i).node->klass->prepare != NULL;
  return n;
}

gboolean
kromo_graph_needs_preparation (const KromoGraph *graph)
{
  return count_to_prepare (graph) > 0;
}

gboolean
kromo_graph_prepare (KromoGraph *graph, const gint *interrupt,
    void (*progress) (double done, gpointer user_data), gpointer user_data)
{
  const guint n = count_to_prepare (graph);
  guint k = 0;

  for (guint i = 0; i < graph->steps->len; i++) {
    KromoNode *node = g_array_index (graph->steps, Step, i).node;
    double done = 0.0;

    if (node->klass->prepare == NULL)
      continue;
    while (!node->klass->prepare (node, graph->bank, graph->rate, interrupt, &done)) {
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

void
kromo_graph_reset (const KromoGraph *graph, const KromoArena *arena)
{
  for (guint i = 0; i < graph->steps->len; i++) {
    const Step *step = &g_array_index (graph->steps, Step, i);
    const KromoNode *node = step->node;

    if (node->klass->reset != NULL)
      node->klass->reset (node, arena);
    else if (node->state_size > 0)
      memset (kromo_node_state (node, arena), 0, node->state_size);
    for (guint p = 0; p < node->n_params; p++)
      kromo_param_reset (&node->params[p], kromo_arena_state (arena, step->param_states[p]));
  }
}

/* A parameter's input is the first channel of each contribution; NULL is silence. */
static const float *
mix_param (const Inputs *inputs, const KromoBus *buses, float *own)
{
  const float *sum = NULL;

  for (guint i = 0; i < inputs->n; i++) {
    const KromoBus *bus = &buses[inputs->steps[i]];
    const float *data = bus->data[0];

    if (bus->silent)
      continue;
    if (sum == NULL) {
      sum = data;
      continue;
    }
    for (guint k = 0; k < KROMO_QUANTUM; k++)
      own[k] = sum[k] + data[k];
    sum = own;
  }
  return sum;
}

static void
compute_params (const Step *step, KromoRun *run, const KromoBus *buses, float *values, float *mix)
{
  for (guint p = 0; p < step->node->n_params; p++, values += KROMO_QUANTUM) {
    const float *input = mix_param (&step->params[p], buses, mix);

    run->params[p].values = values;
    run->params[p].single = kromo_param_compute (&step->node->params[p],
        kromo_arena_state (&run->arena, step->param_states[p]), &run->time, run->bank, &run->arena,
        input, values);
  }
}

static void
mix_inputs (const Inputs *inputs, const KromoBus *buses, KromoCountMode mode, guint count,
    float *own, float *scratch, KromoBus *sum)
{
  kromo_bus_set_silent (sum);
  for (guint i = 0; i < inputs->n; i++)
    kromo_bus_add (sum, &buses[inputs->steps[i]], mode, count, own, scratch);
}

static void
run_nodes (const KromoGraph *graph, const KromoArena *arena, guint64 block, float *const *out)
{
  const double rate = graph->rate, period = 1.0 / rate,
               start = (double) (block * KROMO_QUANTUM) / rate;
  KromoBus *buses = kromo_arena_scratch (arena, graph->buses);
  float *work = kromo_arena_scratch (arena, graph->work);
  float *mix = work + KROMO_BUS_CHANNELS * KROMO_QUANTUM;
  float *param_values = mix + KROMO_BUS_CHANNELS * KROMO_QUANTUM;
  KromoRun run = { *arena, graph->bank, block, { start, start + KROMO_QUANTUM * period, period },
    rate, { { NULL, FALSE } }, work };
  KromoBus in;

  for (guint i = 0; i < graph->steps->len; i++) {
    const Step *step = &g_array_index (graph->steps, Step, i);
    const KromoNodeClass *klass = step->node->klass;
    float *own = kromo_arena_scratch (arena, step->own);

    compute_params (step, &run, buses, param_values, mix);
    mix_inputs (&step->inputs, buses, klass->count_mode, klass->channel_count, own, mix, &in);
    kromo_bus_set_silent (&buses[i]);
    klass->process (step->node, &run, &in, &buses[i], own);
  }
  mix_inputs (&graph->destination, buses, KROMO_COUNT_EXPLICIT, graph->channels,
      kromo_arena_scratch (arena, graph->destination_own), mix, &in);
  for (guint c = 0; c < graph->channels; c++)
    memcpy (out[c], c < in.n_channels ? in.data[c] : kromo_zeros, QUANTUM_BYTES);
}

void
kromo_graph_run (const KromoGraph *graph, const KromoArena *arena, guint64 block, float *const *out)
{
  const KromoFpMode mode = kromo_fp_get_mode ();

  kromo_fp_set_mode (kromo_fp_not_flushing (mode));
  kromo_bank_evaluate (graph->bank, arena, block);
  kromo_fp_set_mode (kromo_fp_flushing (mode));
  run_nodes (graph, arena, block, out);
  kromo_fp_set_mode (mode);
}

guint
kromo_graph_count_running (const KromoGraph *graph)
{
  return graph->steps->len;
}
