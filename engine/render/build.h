/* From genome, note and format to an audio graph.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "../graph/graph.h"

G_BEGIN_DECLS

/* What of a graph takes most memory: a node of the patch, by kind and key. */
typedef struct {
  char *name;
  guint64 bytes;
} KromoLargest;

/**
 * kromo_build_graph:
 * @n_frames: length of the sound
 * @bank: (out) (transfer full): the signals that the graph reads
 * @layout: (inout): takes the arena's layout
 * @warnings: (element-type utf8): gets what was ignored
 * @largest: (out) (optional): its name is to be freed; set only with a graph
 *
 * Creates and connects the nodes as the reference does (2-RENDERING 2.5 to 2.7), then plans the graph.
 *
 * Returns: (transfer full) (nullable): the graph, or %NULL with @error set
 */
KromoGraph *kromo_build_graph (const KromoGenome *genome, const KromoNote *note,
    const KromoFormat *format, guint64 n_frames, KromoBank **bank, KromoLayout *layout,
    GPtrArray *warnings, KromoLargest *largest, GError **error);

G_END_DECLS
