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
} KromoGraphHandle;

typedef struct {
  guint n;
  guint *steps; /* indices of the steps that contribute */
} KromoGraphInputs;

/* A node that runs. */
typedef struct {
  KromoNode *node;
  KromoGraphInputs inputs;
  KromoGraphInputs params[KROMO_NODE_MAX_PARAMS];
  gsize param_states[KROMO_NODE_MAX_PARAMS];
  gsize own; /* scratch: a quantum for each channel */
} KromoGraphStep;

struct _KromoGraph {
  guint rate, channels;
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
