/* Gain, and the merger that stands behind it in wavetable and additive nodes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "nodes.h"

#include <float.h>
#include <math.h>

#define INAUDIBLE 1e-6f /* a constant gain this close to 0 or 1 mutes or does nothing */

static void
multiply (const KromoValues *gain, const KromoBlockOps *ops, const KromoBus *in, KromoBus *out,
    float *own)
{
  kromo_bus_set_zero (out, in->n_channels);
  for (guint c = 0; c < in->n_channels; c++) {
    float *y = own + c * KROMO_QUANTUM;

    if (in->zero & (1u << c))
      continue;
    if (gain->single)
      ops->scale (y, in->data[c], gain->values[0]);
    else
      ops->multiply (y, in->data[c], gain->values);
    kromo_bus_set_channel (out, c, y);
  }
}

static void
gain_process (const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const KromoValues *gain = &run->params[KROMO_GAIN_GAIN];
  const float g = gain->values[0];

  if (in->silent || (gain->single && fabsf (g) <= INAUDIBLE))
    return;
  if (gain->single && fabsf (1.0f - g) <= INAUDIBLE)
    *out = *in;
  else
    multiply (gain, run->ops->blocks, in, out, own);
}

/* The exact product, however near to nothing or to the input. */
static void
gain_process_standard (
    const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const KromoValues *gain = &run->params[KROMO_GAIN_GAIN];

  if (in->silent)
    return;
  if (gain->single && gain->values[0] == 1.0f)
    *out = *in;
  else
    multiply (gain, run->ops->blocks, in, out, own);
}

static const KromoNodeClass gain_class = {
  .name = "gain",
  .process = gain_process,
  .operations = 2,
  .count_mode = KROMO_COUNT_MAX,
  .channel_count = 2,
};

static const KromoNodeClass gain_standard_class = {
  .name = "gain",
  .process = gain_process_standard,
  .operations = 2,
  .count_mode = KROMO_COUNT_MAX,
  .channel_count = 2,
};

static KromoNode *
gain_new (const KromoNodeClass *klass)
{
  KromoNode *node = g_new0 (KromoNode, 1);

  node->klass = klass;
  node->n_params = 1;
  kromo_param_plan_init (&node->params[KROMO_GAIN_GAIN], 1.0f, -FLT_MAX, FLT_MAX, FALSE);
  return node;
}

KromoNode *
kromo_gain_new (void)
{
  return gain_new (&gain_class);
}

KromoNode *
kromo_gain_standard_new (void)
{
  return gain_new (&gain_standard_class);
}

static void
merger_process (const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  if (in->silent)
    return;
  kromo_bus_set_zero (out, 6);
  if (!(in->zero & 1u))
    kromo_bus_set_channel (out, 0, in->data[0]);
}

static guint
six_channels (guint max_in)
{
  return 6;
}

static const KromoNodeClass merger_class = {
  .name = "channelMerger",
  .process = merger_process,
  .operations = 1,
  .count_mode = KROMO_COUNT_EXPLICIT,
  .channel_count = 1,
  .max_out = six_channels,
};

KromoNode *
kromo_merger_new (void)
{
  KromoNode *node = g_new0 (KromoNode, 1);

  node->klass = &merger_class;
  return node;
}
