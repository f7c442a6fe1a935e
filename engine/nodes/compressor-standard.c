/* The compressor of the standard rendering: the W3C specification's algorithm.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The knee, the detector curve and the envelope rates are free in the specification; ours are in
 * docs/standard-nodes.md. Levels are binary logarithms of amplitudes here, in octaves of 6.02 dB. No
 * function of the C library is called, so that the bits are the same on every CPU.
 */
#include "nodes-private.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define PRE_DELAY 0.006 /* seconds */
#define SILENCE 0.0001f /* amplitudes below are not attenuated */
#define OCTAVES_PER_DB 0.16609640474436811739
#define LOG2_E 1.44269504088896340736
#define MAGIC 0x1.8p52 /* adding it rounds to an integer, which is then in the low bits */

/* The gain falls by 10 dB in the attack time if its target is far below: ln (10) / 4. */
#define ATTACK 0.57564627324851143
/* It rises from -10 dB to 0 dB in the release time: ln (2 sqrt (10) - 1) / 2. */
#define RELEASE 0.83616460009526452

typedef struct {
  guint delay; /* frames; set by plan */
  guint lag;   /* the same in blocks, rounded up */
} Compressor;

/* Followed by the ring of delayed blocks. */
typedef struct {
  double gain; /* compressor gain, without make-up */
} CompressorState;

/* ---- logarithm and power ---- */

/* Of a normal number > 0; to 1e-11. */
static double
log2_of (double x)
{
  const guint64 half = G_GUINT64_CONSTANT (0x3fe6a09e667f3bcd); /* bits of sqrt (1/2) */
  guint64 bits;
  gint64 exponent;
  double m, s, y, sum;

  memcpy (&bits, &x, sizeof bits);
  exponent = (gint64) (bits - half) >> 52;
  bits -= (guint64) exponent << 52;
  memcpy (&m, &bits, sizeof m);
  s = (m - 1.0) / (m + 1.0); /* |s| < 0.172, ln m = 2 artanh s */
  y = s * s;
  sum = 1.0 / 3 + y * (1.0 / 5 + y * (1.0 / 7 + y * (1.0 / 9 + y * (1.0 / 11 + y * (1.0 / 13)))));
  return (double) exponent + 2.0 * LOG2_E * (s + s * y * sum);
}

/* |x| < 1000; to 1e-11. */
static double
exp2_of (double x)
{
  const double shifted = x + MAGIC, z = (x - (shifted - MAGIC)) * G_LN2;
  guint64 bits;
  double power, sum;

  memcpy (&bits, &shifted, sizeof bits);
  bits = (bits + 1023) << 52;
  memcpy (&power, &bits, sizeof power);
  sum = 1.0 / 5040 + z * (1.0 / 40320 + z * (1.0 / 362880));
  sum = 1.0 / 24 + z * (1.0 / 120 + z * (1.0 / 720 + z * sum));
  return power * (1.0 + z * (1.0 + z * (0.5 + z * (1.0 / 6 + z * sum))));
}

/* ---- the compression curve ---- */

typedef struct {
  double threshold; /* linear */
  double low, width, slope;
  double attack, release; /* of the envelope rates */
  double make_up;
} Settings;

/* What the curve takes from a level above the threshold, <= 0. */
static double
reduction (const Settings *s, double level)
{
  const double above = level - s->low;

  if (above < s->width)
    return s->slope * above * above / (2.0 * s->width);
  return s->slope * (above - s->width / 2.0);
}

static double
attenuation_of (const Settings *s, float amplitude)
{
  if (amplitude < SILENCE || !(amplitude > s->threshold))
    return 1.0;
  return MIN (exp2_of (reduction (s, log2_of (amplitude))), 1.0);
}

static Settings
get_settings (const KromoRun *run)
{
  const double attack = run->params[KROMO_COMPRESSOR_ATTACK].values[0] * run->rate;
  const double release = run->params[KROMO_COMPRESSOR_RELEASE].values[0] * run->rate;
  Settings s;

  s.low = run->params[KROMO_COMPRESSOR_THRESHOLD].values[0] * OCTAVES_PER_DB;
  s.width = run->params[KROMO_COMPRESSOR_KNEE].values[0] * OCTAVES_PER_DB;
  s.slope = 1.0 / run->params[KROMO_COMPRESSOR_RATIO].values[0] - 1.0;
  s.threshold = exp2_of (s.low);
  s.attack = attack > ATTACK ? ATTACK / attack : 1.0;
  s.release = release > 0.0 ? RELEASE / release : G_MAXFLOAT;
  s.make_up = exp2_of (-0.6 * reduction (&s, 0.0));
  return s;
}

/* ---- the envelope follower ---- */

/* The loudest channel's amplitudes; NaN counts as silence, infinity as the greatest number. */
static void
find_amplitudes (const KromoBus *in, float *amplitudes)
{
  memset (amplitudes, 0, KROMO_QUANTUM * sizeof (float));
  for (guint c = 0; c < in->n_channels; c++) {
    const float *x = in->data[c];

    for (guint i = 0; i < KROMO_QUANTUM; i++) {
      const float a = fabsf (x[i]);

      amplitudes[i] = a > amplitudes[i] ? MIN (a, FLT_MAX) : amplitudes[i];
    }
  }
}

/* One frame. The detector rate is 1, so that the detector average is the attenuation. */
static double
follow (const Settings *s, double gain, double attenuation)
{
  if (attenuation > gain) {
    const double rate = 1.0 + s->release * (2.0 - gain / attenuation);

    return MIN (gain * rate, attenuation);
  }
  if (attenuation < gain) {
    const double rate = MIN (s->attack * (2.0 - attenuation / gain), 1.0);

    return gain * (1.0 - rate) + attenuation * rate;
  }
  return gain;
}

static void
compute_gains (const Settings *s, CompressorState *state, const KromoBus *in, float *gains)
{
  float amplitudes[KROMO_QUANTUM];
  double attenuations[KROMO_QUANTUM], gain = state->gain;

  find_amplitudes (in, amplitudes);
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    attenuations[i] = attenuation_of (s, amplitudes[i]);
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    gain = follow (s, gain, attenuations[i]);
    gains[i] = (float) (gain * s->make_up);
  }
  state->gain = gain;
}

/* ---- the node ---- */

/* Mono sounds from all channels. */
static const float *
block_channel (const KromoDelayedBlock *block, guint channel)
{
  return block->n_channels == 0 ? kromo_zeros : block->data[MIN (channel, block->n_channels - 1)];
}

static void
compressor_process (
    const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const Compressor *compressor = node->config;
  CompressorState *state = kromo_node_state (node, &run->arena);
  KromoDelayedBlock *ring = kromo_compressor_get_blocks (node, &run->arena);
  const guint n_blocks = compressor->lag + 1;
  const guint skip = compressor->lag * KROMO_QUANTUM - compressor->delay; /* of the older block */
  const KromoDelayedBlock *older = &ring[(run->block + 1) % n_blocks];
  const KromoDelayedBlock *newer = &ring[(run->block + 2) % n_blocks];
  const Settings settings = get_settings (run);
  guint n_channels;
  float gains[KROMO_QUANTUM];

  compute_gains (&settings, state, in, gains);
  kromo_delayed_block_put (&ring[run->block % n_blocks], in);
  n_channels = skip > 0 ? MAX (older->n_channels, newer->n_channels) : older->n_channels;
  if (n_channels == 0)
    return;
  kromo_bus_set_zero (out, n_channels);
  for (guint c = 0; c < n_channels; c++) {
    const guint n_older = KROMO_QUANTUM - skip;
    float *y = own + c * KROMO_QUANTUM;

    memcpy (y, block_channel (older, c) + skip, n_older * sizeof (float));
    memcpy (y + n_older, block_channel (newer, c), skip * sizeof (float));
    for (guint i = 0; i < KROMO_QUANTUM; i++) {
      const float product = y[i] * gains[i];

      y[i] = CLAMP (product, -FLT_MAX, FLT_MAX);
    }
    kromo_bus_set_channel (out, c, y);
  }
}

static void
compressor_plan (KromoNode *node, KromoLayout *layout, double rate)
{
  Compressor *compressor = node->config;

  compressor->delay = (guint) floor (PRE_DELAY * rate + 0.5);
  compressor->lag = MAX ((compressor->delay + KROMO_QUANTUM - 1) / KROMO_QUANTUM, 1);
  kromo_node_take_state (
      node, layout, KROMO_ALIGNMENT + (compressor->lag + 1) * sizeof (KromoDelayedBlock));
}

static void
compressor_reset (const KromoNode *node, const KromoArena *arena)
{
  CompressorState *state = kromo_node_state (node, arena);

  memset (state, 0, node->state_size);
  state->gain = 1.0;
}

static const KromoNodeClass compressor_class = {
  .name = "dynamicsCompressor",
  .plan = compressor_plan,
  .reset = compressor_reset,
  .process = compressor_process,
  .operations = 80,
  .count_mode = KROMO_COUNT_CLAMPED_MAX,
  .channel_count = 2,
};

KromoNode *
kromo_compressor_standard_new (void)
{
  return kromo_compressor_make (&compressor_class, g_new0 (Compressor, 1));
}
