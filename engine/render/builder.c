/* What building nodes and composites have in common.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "build-private.h"

#include "../genome/hash.h"
#include "../nodes/nodes.h"

#define NO_PARAM (-1)

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

static void
get_view (KromoBuilder *builder, const KromoDriven *driven, gboolean random, gboolean oversampled,
    KromoView *view)
{
  const KromoPart *part = &g_array_index (builder->parts.parts, KromoPart, driven->part);

  if (part->output < 0) {
    const KromoNoise noise = part->output == KROMO_OUTPUT_NOISE_WHITE ? KROMO_NOISE_WHITE
        : part->output == KROMO_OUTPUT_NOISE_PINK                     ? KROMO_NOISE_PINK
                                                                      : KROMO_NOISE_BROWN;

    kromo_bank_add_noise (builder->bank, noise,
        kromo_splitmix64 (builder->patch->noise_seed + part->place), random, view);
    if (random && noise != KROMO_NOISE_WHITE && builder->table == NULL)
      builder->table = driven;
  } else {
    const KromoSignal signal = { (guint) part->output, part->frequency };

    (oversampled ? kromo_bank_add_oversampled : kromo_bank_add_signal) (builder->bank,
        &builder->genome->networks[part->network], &signal, part->reverse, random, view);
  }
  view->map.has_range = driven->drive->has_range;
  view->map.a = driven->drive->range[0];
  view->map.b = driven->drive->range[1];
}

void
kromo_builder_get_view (
    KromoBuilder *builder, const KromoDriven *driven, gboolean random, KromoView *view)
{
  get_view (builder, driven, random, FALSE, view);
}

void
kromo_builder_get_buffer_view (
    KromoBuilder *builder, const KromoDriven *driven, gboolean random, KromoView *view)
{
  get_view (builder, driven, random, builder->note->oversample, view);
}

guint
kromo_builder_add_curve_gain (KromoBuilder *builder, const KromoView *view)
{
  KromoNode *gain = builder->rules->gain ();

  kromo_param_plan_curve (&gain->params[KROMO_GAIN_GAIN], view, 0.0, builder->duration);
  return kromo_graph_add (builder->graph, gain);
}

gboolean
kromo_builder_drive (KromoBuilder *builder, guint index, KromoParam param, KromoParamPlan *plan)
{
  const KromoDriven *driven = kromo_parts_find (&builder->parts, index, param);
  KromoView view;

  if (driven == NULL)
    return FALSE;
  kromo_builder_get_view (builder, driven, plan->k_rate, &view);
  kromo_param_plan_curve (plan, &view, 0.0, builder->duration);
  return TRUE;
}

/* The place of a parameter among a node's AudioParams, or NO_PARAM. */
static gint
param_index (KromoNodeKind kind, KromoParam param)
{
  static const struct {
    KromoNodeKind kind;
    KromoParam param;
    gint index;
  } table[] = {
    { KROMO_NODE_GAIN, KROMO_PARAM_GAIN, KROMO_GAIN_GAIN },
    { KROMO_NODE_OSCILLATOR, KROMO_PARAM_FREQUENCY, KROMO_OSCILLATOR_FREQUENCY },
    { KROMO_NODE_OSCILLATOR, KROMO_PARAM_DETUNE, KROMO_OSCILLATOR_DETUNE },
    { KROMO_NODE_BUFFER_SOURCE, KROMO_PARAM_DETUNE, KROMO_BUFFER_SOURCE_DETUNE },
    { KROMO_NODE_BUFFER_SOURCE, KROMO_PARAM_PLAYBACK_RATE, KROMO_BUFFER_SOURCE_PLAYBACK_RATE },
    { KROMO_NODE_DELAY, KROMO_PARAM_DELAY_TIME, KROMO_DELAY_DELAY_TIME },
    { KROMO_NODE_BIQUAD_FILTER, KROMO_PARAM_Q, KROMO_BIQUAD_Q },
    { KROMO_NODE_BIQUAD_FILTER, KROMO_PARAM_DETUNE, KROMO_BIQUAD_DETUNE },
    { KROMO_NODE_BIQUAD_FILTER, KROMO_PARAM_FREQUENCY, KROMO_BIQUAD_FREQUENCY },
    { KROMO_NODE_BIQUAD_FILTER, KROMO_PARAM_GAIN, KROMO_BIQUAD_GAIN },
    { KROMO_NODE_DYNAMICS_COMPRESSOR, KROMO_PARAM_ATTACK, KROMO_COMPRESSOR_ATTACK },
    { KROMO_NODE_DYNAMICS_COMPRESSOR, KROMO_PARAM_KNEE, KROMO_COMPRESSOR_KNEE },
    { KROMO_NODE_DYNAMICS_COMPRESSOR, KROMO_PARAM_RATIO, KROMO_COMPRESSOR_RATIO },
    { KROMO_NODE_DYNAMICS_COMPRESSOR, KROMO_PARAM_RELEASE, KROMO_COMPRESSOR_RELEASE },
    { KROMO_NODE_DYNAMICS_COMPRESSOR, KROMO_PARAM_THRESHOLD, KROMO_COMPRESSOR_THRESHOLD },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    if (table[i].kind == kind && table[i].param == param)
      return table[i].index;
  }
  return NO_PARAM;
}

gboolean
kromo_builder_find_param (
    const KromoBuilder *builder, guint index, KromoParam param, guint *handle, guint *param_place)
{
  const KromoNodeKind kind = builder->patch->nodes[index].kind;
  const KromoBuilt *built = &builder->built[index];
  const gint place = param_index (kind, param);

  if (kind == KROMO_NODE_FEEDBACK_DELAY && builder->rules->feedback_delay_sounds) {
    if (param == KROMO_PARAM_DELAY_TIME) {
      *handle = built->delay;
      *param_place = KROMO_DELAY_DELAY_TIME;
      return TRUE;
    }
    if (param == KROMO_PARAM_FEEDBACK_RATIO) {
      *handle = built->feedback;
      *param_place = KROMO_GAIN_GAIN;
      return TRUE;
    }
  }
  *handle = built->out;
  *param_place = place == NO_PARAM ? 0 : (guint) place;
  return place != NO_PARAM;
}
