/* The two renderings.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "rules.h"

static const KromoRules reference = {
  .gain = kromo_gain_new,
  .oscillator = kromo_oscillator_new,
  .buffer_source = kromo_buffer_source_new,
  .delay = kromo_delay_new,
  .biquad = kromo_biquad_new,
  .compressor = kromo_compressor_new,
  .convolver = kromo_convolver_new,
  .max_delay_time = 1.0,
  .disabled_sounds = TRUE,
  .reverses_each_entry = TRUE,
};

static const KromoRules standard = {
  .gain = kromo_gain_standard_new,
  .oscillator = kromo_oscillator_standard_new,
  .buffer_source = kromo_buffer_source_standard_new,
  .delay = kromo_delay_standard_new,
  .biquad = kromo_biquad_standard_new,
  .compressor = kromo_compressor_standard_new,
  .convolver = kromo_convolver_standard_new,
  .standard_graph = TRUE,
  .max_delay_time = 5.0,
  .feedback_delay_sounds = TRUE,
  .applies_q = TRUE,
  .idle_waves_at_zero = TRUE,
  .oversamples_shapers = TRUE,
  .matches_envelopes = TRUE,
};

const KromoRules *
kromo_rules_get (KromoRendering rendering)
{
  return rendering == KROMO_RENDERING_STANDARD ? &standard : &reference;
}
