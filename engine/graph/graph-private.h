/* What the files of the graph share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "graph.h"

#include "order.h"

G_BEGIN_DECLS

typedef enum {
  KROMO_VERTEX_DESTINATION,
  KROMO_VERTEX_NODE,
  KROMO_VERTEX_PARAM
} KromoVertexKind;

/* What the ordering does not know of a vertex. */
typedef struct {
  KromoVertexKind kind;
  KromoNode *node;
  GArray *inputs; /* guint: vertices that contribute, in the order of their sum */
  gboolean sounds, heard;
  guint step; /* 1 + index, or 0 */
} KromoGraphVertex;

typedef struct {
  guint input, output, params; /* vertices; parameters follow one another */
  guint owner;
} KromoGraphHandle;

typedef struct {
  guint n;
  guint *steps; /* indices of the steps that contribute */
} KromoGraphInputs;

/* What differs between the reference's rendering and the specification's. */
typedef struct {
  gboolean unique_connections;  /* a second connection between the same two is ignored */
  gboolean silences_non_finite; /* see kromo_graph_set_standard() */
  gboolean standard_times;      /* of a block's frames */
  KromoBusMix mix;
  guint (*order) (KromoVertex *vertices, guint n, guint *order);
  gboolean (*compute_param) (const KromoParamPlan *plan, KromoParamState *state,
      KromoBlockTime *time, const KromoBank *bank, const KromoArena *arena, const float *input,
      float *values);

  /* One channel of a contribution to a parameter; @scratch has room for a quantum. */
  const float *(*to_mono) (const KromoBus *bus, float *scratch);
} KromoGraphRules;

/* What a parameter of a delay heard in the quantum before. */
typedef struct {
  guint32 sounds;
  float values[KROMO_QUANTUM];
} KromoDeferred;

/* A node that runs. */
typedef struct {
  KromoNode *node;
  KromoGraphInputs inputs;
  KromoGraphInputs params[KROMO_NODE_MAX_PARAMS];
  gsize param_states[KROMO_NODE_MAX_PARAMS];
  guint constant; /* a bit for each parameter that has one value from the second quantum on: ... */
  float constants[KROMO_NODE_MAX_PARAMS]; /* ... this */
  gsize own;                              /* scratch: a quantum for each channel */
  gboolean is_deferred;                   /* its parameter 0 hears the quantum before ... */
  gsize deferred;                         /* ... from here; state: KromoDeferred */
} KromoGraphStep;

struct _KromoGraph {
  guint owner; /* of the nodes that are added now */
  guint rate, channels;
  const KromoGraphRules *rules;
  KromoBank *bank;
  GArray *orders;   /* KromoVertex */
  GArray *vertices; /* KromoGraphVertex, likewise indexed */
  GArray *handles;  /* KromoGraphHandle */
  GArray *steps;    /* KromoGraphStep */
  KromoGraphInputs destination;
  gsize destination_own; /* scratch */
  gsize buses;           /* scratch: KromoBus[n_steps] */
  gsize work;            /* scratch: KROMO_BUS_CHANNELS quanta, twice, and the parameters' */
};

#define KROMO_QUANTUM_BYTES (KROMO_QUANTUM * sizeof (float))

static inline KromoGraphVertex *
kromo_graph_get_vertex (const KromoGraph *graph, guint index)
{
  return &g_array_index (graph->vertices, KromoGraphVertex, index);
}

G_END_DECLS
