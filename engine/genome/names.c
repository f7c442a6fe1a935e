/* Names in the stored forms and what they stand for.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-private.h"

static const char *const activation_names[KROMO_N_ACTIVATIONS] = {
  [KROMO_ACTIVATION_SINE] = "Sine",
  [KROMO_ACTIVATION_SINE2] = "Sine2",
  [KROMO_ACTIVATION_COS] = "cos",
  [KROMO_ACTIVATION_ARCTAN] = "arctan",
  [KROMO_ACTIVATION_TRIANGLE] = "triangle",
  [KROMO_ACTIVATION_SAWTOOTH] = "sawtooth",
  [KROMO_ACTIVATION_STEP] = "StepFunction",
  [KROMO_ACTIVATION_SPIKE] = "spike",
  [KROMO_ACTIVATION_BIPOLAR_SIGMOID] = "BipolarSigmoid",
  [KROMO_ACTIVATION_PLAIN_SIGMOID] = "PlainSigmoid",
  [KROMO_ACTIVATION_GAUSSIAN] = "Gaussian",
  [KROMO_ACTIVATION_LINEAR] = "Linear",
  [KROMO_ACTIVATION_NULL] = "NullFn",
};

static const char *const kind_names[KROMO_N_NODE_KINDS] = {
  [KROMO_NODE_GAIN] = "gain",
  [KROMO_NODE_OSCILLATOR] = "oscillator",
  [KROMO_NODE_BUFFER_SOURCE] = "bufferSource",
  [KROMO_NODE_WAVETABLE] = "wavetable",
  [KROMO_NODE_ADDITIVE] = "additive",
  [KROMO_NODE_DELAY] = "delay",
  [KROMO_NODE_BIQUAD_FILTER] = "biquadFilter",
  [KROMO_NODE_WAVE_SHAPER] = "waveShaper",
  [KROMO_NODE_DYNAMICS_COMPRESSOR] = "dynamicsCompressor",
  [KROMO_NODE_CONVOLVER] = "convolver",
  [KROMO_NODE_FEEDBACK_DELAY] = "feedbackDelay",
  [KROMO_NODE_CHANNEL_MERGER] = "channelMerger",
};

static const char *const param_names[KROMO_N_PARAMS] = {
  [KROMO_PARAM_NONE] = "none",
  [KROMO_PARAM_GAIN] = "gain",
  [KROMO_PARAM_FREQUENCY] = "frequency",
  [KROMO_PARAM_DETUNE] = "detune",
  [KROMO_PARAM_Q] = "Q",
  [KROMO_PARAM_DELAY_TIME] = "delayTime",
  [KROMO_PARAM_PLAYBACK_RATE] = "playbackRate",
  [KROMO_PARAM_THRESHOLD] = "threshold",
  [KROMO_PARAM_KNEE] = "knee",
  [KROMO_PARAM_RATIO] = "ratio",
  [KROMO_PARAM_ATTACK] = "attack",
  [KROMO_PARAM_RELEASE] = "release",
  [KROMO_PARAM_FEEDBACK_RATIO] = "feedbackRatio",
  [KROMO_PARAM_BUFFER] = "buffer",
  [KROMO_PARAM_CURVE] = "curve",
  [KROMO_PARAM_MIX] = "mix",
  [KROMO_PARAM_PARTIAL_BUFFER] = "partialBuffer",
  [KROMO_PARAM_PARTIAL_GAIN_ENVELOPE] = "partialGainEnvelope",
  [KROMO_PARAM_UNKNOWN] = "unknown",
};

#define BIT(param) (1u << KROMO_PARAM_##param)

/* Which numbers a node has. */
static const guint32 kind_params[KROMO_N_NODE_KINDS] = {
  [KROMO_NODE_GAIN] = BIT (GAIN),
  [KROMO_NODE_OSCILLATOR] = BIT (FREQUENCY) | BIT (DETUNE),
  [KROMO_NODE_BUFFER_SOURCE] = BIT (DETUNE) | BIT (PLAYBACK_RATE),
  [KROMO_NODE_DELAY] = BIT (DELAY_TIME),
  [KROMO_NODE_BIQUAD_FILTER] = BIT (FREQUENCY) | BIT (DETUNE) | BIT (Q) | BIT (GAIN),
  [KROMO_NODE_DYNAMICS_COMPRESSOR] =
      BIT (THRESHOLD) | BIT (KNEE) | BIT (RATIO) | BIT (ATTACK) | BIT (RELEASE),
  [KROMO_NODE_FEEDBACK_DELAY] = BIT (DELAY_TIME) | BIT (FEEDBACK_RATIO),
};

const char *
kromo_node_kind_get_name (KromoNodeKind kind)
{
  g_return_val_if_fail ((guint) kind < KROMO_N_NODE_KINDS, "unknown");
  return kind_names[kind];
}

const char *
kromo_param_get_name (KromoParam param)
{
  g_return_val_if_fail ((guint) param < KROMO_N_PARAMS, "unknown");
  return param_names[param];
}

const char *
kromo_activation_get_name (KromoActivation activation)
{
  g_return_val_if_fail ((guint) activation < KROMO_N_ACTIVATIONS, "unknown");
  return activation_names[activation];
}

KromoParam
kromo_param_from_name (const char *name)
{
  if (name == NULL || *name == 0)
    return KROMO_PARAM_NONE;
  for (guint i = KROMO_PARAM_NONE + 1; i < KROMO_PARAM_UNKNOWN; i++)
    if (g_str_equal (name, param_names[i]))
      return (KromoParam) i;
  return KROMO_PARAM_UNKNOWN;
}

KromoNodeKind
kromo_node_kind_from_name (const char *name)
{
  guint i;

  for (i = 0; i < KROMO_N_NODE_KINDS; i++)
    if (g_str_equal (name, kind_names[i]))
      break;
  return (KromoNodeKind) i;
}

gboolean
kromo_node_kind_has_param (KromoNodeKind kind, KromoParam param)
{
  return param < KROMO_N_NUMERIC_PARAMS && (kind_params[kind] & (1u << param)) != 0;
}

gboolean
kromo_activation_from_name (const char *name, KromoActivation *activation)
{
  /* the reference registers a plain sine under this name by mistake */
  if (g_str_equal (name, "undefined")) {
    *activation = KROMO_ACTIVATION_SINE;
    return TRUE;
  }
  for (guint i = 0; i < KROMO_N_ACTIVATIONS; i++)
    if (g_str_equal (name, activation_names[i])) {
      *activation = (KromoActivation) i;
      return TRUE;
    }
  return FALSE;
}
