/* Little audio graphs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "harness.h"

#include <string.h>

void
harness_init (Harness *h, guint channels)
{
  const KromoSpan span = { 1, HARNESS_RATE, 1.0 };

  h->channels = channels;
  h->bank = kromo_bank_new (&span);
  h->graph = kromo_graph_new (HARNESS_RATE, channels, h->bank);
  h->arrays = g_ptr_array_new_with_free_func (g_free);
}

KromoView
harness_view (Harness *h, const float *values, guint n)
{
  KromoView view;
  float *copy = g_memdup2 (values, n * sizeof (float));

  g_ptr_array_add (h->arrays, copy);
  kromo_view_init_memory (&view, copy, n);
  return view;
}

guint
harness_add_source (Harness *h, const float *values, guint n)
{
  const KromoView view = harness_view (h, values, n);

  return kromo_graph_add (h->graph, kromo_buffer_source_new (&view, FALSE));
}

/* ---- a stereo source, which no genome has ---- */

typedef struct {
  KromoView channels[2];
} Stereo;

static void
stereo_process (const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const Stereo *stereo = node->config;
  const guint64 start = run->block * KROMO_QUANTUM, length = stereo->channels[0].n_values;

  if (start >= length)
    return;
  kromo_bus_set_zero (out, 2);
  memset (own, 0, 2 * KROMO_QUANTUM * sizeof (float));
  for (guint c = 0; c < 2; c++) {
    memcpy (own + c * KROMO_QUANTUM, stereo->channels[c].memory + start,
        MIN (length - start, KROMO_QUANTUM) * sizeof (float));
    kromo_bus_set_channel (out, c, own + c * KROMO_QUANTUM);
  }
}

static guint
two_channels (guint max_in)
{
  return 2;
}

static const KromoNodeClass stereo_class = {
  .name = "stereo source",
  .process = stereo_process,
  .is_source = TRUE,
  .max_out = two_channels,
};

guint
harness_add_stereo (Harness *h, const float *left, const float *right, guint n)
{
  KromoNode *node = g_new0 (KromoNode, 1);
  Stereo *stereo = g_new0 (Stereo, 1);

  stereo->channels[0] = harness_view (h, left, n);
  stereo->channels[1] = harness_view (h, right, n);
  node->klass = &stereo_class;
  node->config = stereo;
  return kromo_graph_add (h->graph, node);
}

guint
harness_add_gain (Harness *h, double gain)
{
  KromoNode *node = kromo_gain_new ();

  kromo_param_plan_set_value (&node->params[KROMO_GAIN_GAIN], gain);
  return kromo_graph_add (h->graph, node);
}

guint
harness_add_delay (Harness *h, double seconds)
{
  KromoNode *writer, *reader;

  kromo_delay_new (1.0, &writer, &reader);
  kromo_param_plan_set_value (&reader->params[KROMO_DELAY_DELAY_TIME], seconds);
  return kromo_graph_add_delay (h->graph, writer, reader);
}

guint
harness_add_heard (Harness *h, KromoNode *node)
{
  const guint handle = kromo_graph_add (h->graph, node);

  harness_to_output (h, handle);
  return handle;
}

void
harness_to_output (Harness *h, guint handle)
{
  kromo_graph_connect (h->graph, handle, KROMO_GRAPH_DESTINATION);
}

float *
harness_run (Harness *h, guint n_frames, guint *stride)
{
  const guint n_blocks = (n_frames + KROMO_QUANTUM - 1) / KROMO_QUANTUM;
  float *out = g_new0 (float, (gsize) h->channels *n_blocks *KROMO_QUANTUM);
  KromoLayout layout = { 0, 0 };
  KromoArena arena;

  g_assert_true (kromo_bank_compile (h->bank, &layout, NULL));
  kromo_graph_plan (h->graph, &layout);
  arena.state =
      g_aligned_alloc (1, layout.state + layout.scratch + KROMO_ALIGNMENT, KROMO_ALIGNMENT);
  memset (arena.state, 0xa5, layout.state + layout.scratch); /* nothing may rely on zeros */
  arena.scratch = arena.state + layout.state;
  g_assert_true (kromo_graph_prepare (h->graph, &arena, NULL, NULL, NULL));
  kromo_bank_reset (h->bank, &arena);
  kromo_graph_reset (h->graph, &arena);
  for (guint b = 0; b < n_blocks; b++) {
    float *channels[KROMO_MAX_CHANNELS];

    for (guint c = 0; c < h->channels; c++)
      channels[c] = out + ((gsize) c * n_blocks + b) * KROMO_QUANTUM;
    kromo_graph_run (h->graph, &arena, b, channels);
  }
  *stride = n_blocks * KROMO_QUANTUM;
  g_aligned_free (arena.state);
  kromo_graph_free (h->graph);
  kromo_bank_unref (h->bank);
  g_ptr_array_unref (h->arrays);
  return out;
}
