/* What the two renderings' nodes share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "nodes.h"

#include <string.h>

G_BEGIN_DECLS

/* Nodes with an oscillator's and a compressor's parameters; @config is taken over. */
KromoNode *kromo_oscillator_make (const KromoNodeClass *klass, gpointer config, double rate);
KromoNode *kromo_compressor_make (const KromoNodeClass *klass, gpointer config);

/* A block of a compressor's delay line, which lies behind its state. */
typedef struct {
  guint32 n_channels;           /* 0: silent */
  float data[2][KROMO_QUANTUM]; /* of mono blocks, the second is unused */
} KromoDelayedBlock;

static inline KromoDelayedBlock *
kromo_compressor_get_blocks (const KromoNode *node, const KromoArena *arena)
{
  guint8 *state = kromo_node_state (node, arena);

  return (gpointer) (state + KROMO_ALIGNMENT);
}

static inline void
kromo_delayed_block_put (KromoDelayedBlock *block, const KromoBus *in)
{
  block->n_channels = in->silent ? 0 : in->n_channels;
  for (guint c = 0; c < block->n_channels; c++)
    memcpy (block->data[c], in->data[c], sizeof block->data[c]);
}

G_END_DECLS
