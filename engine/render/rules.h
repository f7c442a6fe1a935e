/* What the two renderings do differently when a graph is built (2-RENDERING 2.9).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "../nodes/nodes.h"

G_BEGIN_DECLS

typedef struct {
  KromoNode *(*gain) (void);
  KromoNode *(*oscillator) (KromoShape shape, double rate);
  KromoNode *(*buffer_source) (const KromoView *buffer, gboolean loop);
  void (*delay) (double max_delay_time, KromoNode **writer, KromoNode **reader);
  KromoNode *(*biquad) (KromoFilter type, double rate);
  KromoNode *(*compressor) (void);
  KromoNode *(*convolver) (const KromoView *response, gboolean normalize);

  gboolean standard_graph;        /* see kromo_graph_set_standard() */
  double max_delay_time;          /* seconds, of a delay that does not say its own */
  gboolean disabled_sounds;       /* connections that are stored as disabled are made */
  gboolean feedback_delay_sounds; /* what is connected to a feedback delay arrives */
  gboolean applies_q;             /* a filter's `q` of the asNEAT form counts */
  gboolean idle_waves_at_zero;    /* of a wavetable */
  gboolean oversamples_shapers;   /* where the note asks for oversampling */
  gboolean matches_envelopes;     /* an additive node's, to partials by number rather than place */
  gboolean reverses_each_entry;   /* so that an even number of them plays forward */
} KromoRules;

const KromoRules *kromo_rules_get (KromoRendering rendering);

G_END_DECLS
