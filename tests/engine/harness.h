/* Little audio graphs for tests, with sources that play arrays.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "graph/graph.h"
#include "nodes/nodes.h"

G_BEGIN_DECLS

#define HARNESS_RATE 48000

typedef struct {
  KromoBank *bank;
  KromoGraph *graph;
  GPtrArray *arrays; /* what views look at */
  guint channels;
} Harness;

void harness_init (Harness *h, guint channels);

/* A view of a copy of @n values. */
KromoView harness_view (Harness *h, const float *values, guint n);

/* A buffer source that plays a copy of @n values. */
guint harness_add_source (Harness *h, const float *values, guint n);

/* A source of @n frames with two channels. */
guint harness_add_stereo (Harness *h, const float *left, const float *right, guint n);

/* A gain with a constant value. */
guint harness_add_gain (Harness *h, double gain);

guint harness_add_delay (Harness *h, double seconds);

/* Adds @node and connects it to the output. */
guint harness_add_heard (Harness *h, KromoNode *node);

void harness_to_output (Harness *h, guint handle);

/* Runs whole quanta that hold @n_frames and takes everything down.
 * Returns: (transfer full): channel after channel, *@stride frames each */
float *harness_run (Harness *h, guint n_frames, guint *stride);

G_END_DECLS
