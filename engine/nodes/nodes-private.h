/* What the two renderings' nodes share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "nodes.h"

G_BEGIN_DECLS

/* Nodes with an oscillator's and a compressor's parameters; @config is taken over. */
KromoNode *kromo_oscillator_make (const KromoNodeClass *klass, gpointer config, double rate);
KromoNode *kromo_compressor_make (const KromoNodeClass *klass, gpointer config);

G_END_DECLS
