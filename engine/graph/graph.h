/* The audio graph: nodes, connections, order.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Built by adding nodes in their order of creation and connecting them in order, as a Web Audio
 * context would be; both orders matter (3-WEB-AUDIO 1.1). Then it is planned, once, and is immutable
 * from then on; everything that changes lives in an arena.
 */
#pragma once

#include "node.h"

G_BEGIN_DECLS

typedef struct _KromoGraph KromoGraph;

#define KROMO_GRAPH_DESTINATION 0 /* the handle of the destination */

/* Takes a reference to @bank. */
KromoGraph *kromo_graph_new (guint rate, guint channels, KromoBank *bank);
void kromo_graph_free (KromoGraph *graph);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KromoGraph, kromo_graph_free)

/* ---- building ---- */

/* From here on by the W3C specification: orders, sums, parameters, and a node whose output is not finite is
 * silent for the quantum and starts anew. */
void kromo_graph_set_standard (KromoGraph *graph);

/* Adds @node, which the graph then owns (g_free()d after its class's clear).
 * Returns: its handle. A delay is two nodes, writer and reader: kromo_graph_add_delay(). */
guint kromo_graph_add (KromoGraph *graph, KromoNode *node);

/* Adds a delay's two halves. The handle is good for both: input goes to the writer, what is connected
 * onwards and parameters belong to the reader. */
guint kromo_graph_add_delay (KromoGraph *graph, KromoNode *writer, KromoNode *reader);

/* The node of a handle: a delay's reader. */
KromoNode *kromo_graph_get_node (KromoGraph *graph, guint handle);

void kromo_graph_connect (KromoGraph *graph, guint from, guint to);
void kromo_graph_connect_param (KromoGraph *graph, guint from, guint to, guint param);

/* The nodes that are added from now on belong to @owner, some number that kromo_graph_get_fates() knows
 * them by. */
#define KROMO_NO_OWNER G_MAXUINT
void kromo_graph_set_owner (KromoGraph *graph, guint owner);

/* Orders the nodes, drops what cannot be heard, and lays out the arena. After kromo_bank_compile(). */
void kromo_graph_plan (KromoGraph *graph, KromoLayout *layout);

/* Whether kromo_graph_prepare() has something to do. */
gboolean kromo_graph_needs_preparation (const KromoGraph *graph);

/* Prepares the nodes that run, @progress (nullable) being told what part (0..1) is done. Stops early
 * when *@interrupt (nullable) is not 0, to be called again; returns whether all is done. */
gboolean kromo_graph_prepare (KromoGraph *graph, const KromoArena *arena, const gint *interrupt,
    void (*progress) (double done, gpointer user_data), gpointer user_data);

/* ---- running ---- */

void kromo_graph_reset (const KromoGraph *graph, const KromoArena *arena);

/* The state just before @block of a graph that was not heard before: nodes are at rest, but what is a function
 * of time alone is where it would be. With @before (nullable), the state of @graph_before, whose nodes differ
 * from these by their signals and numbers alone, nodes go on from there. The bank is started too. */
void kromo_graph_start (const KromoGraph *graph, const KromoArena *arena, guint64 block,
    const KromoGraph *graph_before, const KromoArena *before);

/* Whether the states of two graphs are of the same nodes and lie in the same places. */
gboolean kromo_graph_has_same_states (const KromoGraph *a, const KromoGraph *b);

/* Renders quantum @block (they come in ascending order). @out: one quantum a channel of the
 * destination. Sets the floating-point mode and restores it. */
void kromo_graph_run (
    const KromoGraph *graph, const KromoArena *arena, guint64 block, float *const *out);

/* The node with most state among those that run, or NULL; @owner: (out): whom it belongs to, or KROMO_NO_OWNER. */
const KromoNode *kromo_graph_get_largest_node (const KromoGraph *graph, guint *owner);

/* What became of an owner's nodes, in the planned graph. */
typedef enum {
  KROMO_FATE_ABSENT,  /* there are none */
  KROMO_FATE_DROPPED, /* in a cycle without a delay */
  KROMO_FATE_UNHEARD, /* they do not reach the destination */
  KROMO_FATE_SILENT,  /* no sound reaches them */
  KROMO_FATE_RUNS
} KromoFate;

/* @fates: (array length=n): by owner: the best that became of one of its nodes */
void kromo_graph_get_fates (const KromoGraph *graph, KromoFate *fates, guint n);

/* Of a planned graph: about how many multiply-adds a frame is worth, on average, if all nodes sound: those of the
 * networks, 10 for each of their activations, 2 for each value that is copied, mapped or mixed, 20 for each parameter that
 * moves and for noise, and for each channel of a node what its class says. What is read at random is counted for
 * each reader. */
guint64 kromo_graph_count_operations (const KromoGraph *graph);

/* Nodes that run, of those that were added. */
guint kromo_graph_count_running (const KromoGraph *graph);

G_END_DECLS
