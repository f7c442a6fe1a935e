/* What building nodes and composites have in common.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "build-private.h"

#include "../graph/noise.h"
#include "../nodes/nodes.h"

void
kromo_builder_warn (KromoBuilder *builder, const char *format, ...)
{
  va_list args;
  char *text;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (g_ptr_array_find_with_equal_func (builder->warnings, text, g_str_equal, NULL))
    g_free (text);
  else
    g_ptr_array_add (builder->warnings, text);
}

void
kromo_builder_get_view (
    KromoBuilder *builder, const KromoDriven *driven, gboolean random, KromoView *view)
{
  const KromoPart *part = &g_array_index (builder->parts.parts, KromoPart, driven->part);

  if (part->output < 0) {
    const KromoNoise noise = part->output == KROMO_OUTPUT_NOISE_WHITE ? KROMO_NOISE_WHITE
        : part->output == KROMO_OUTPUT_NOISE_PINK                     ? KROMO_NOISE_PINK
                                                                      : KROMO_NOISE_BROWN;

    kromo_bank_add_noise (builder->bank, noise,
        kromo_splitmix64 (builder->patch->noise_seed + part->place), random, view);
  } else {
    const KromoSignal signal = { (guint) part->output, part->frequency };

    kromo_bank_add_signal (builder->bank, &builder->genome->networks[part->network], &signal,
        part->reverse, random, view);
  }
  view->map.has_range = driven->drive->has_range;
  view->map.a = driven->drive->range[0];
  view->map.b = driven->drive->range[1];
}

guint
kromo_builder_add_curve_gain (KromoBuilder *builder, const KromoView *view)
{
  KromoNode *gain = kromo_gain_new ();

  kromo_param_plan_curve (&gain->params[KROMO_GAIN_GAIN], view, 0.0, builder->duration);
  return kromo_graph_add (builder->graph, gain);
}
