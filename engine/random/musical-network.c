/* The networks of musical genomes, put together from known shapes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is added to the sine moves with the ramp, so timbres change slowly; rhythms and chords are
 * functions of the ramp alone, so they stretch with the duration.
 */
#include "musical-private.h"

#define BIAS 0
#define SINE 1
#define RAMP 2
#define PI 3.14159265358979

static guint
add_hidden (KromoTune *tune, const char *activation)
{
  return kromo_network_sketch_add (tune->network, KROMO_SKETCH_HIDDEN, activation);
}

/* Its neuron; the number of the output is what n_outputs was before. */
static guint
add_output (KromoTune *tune, const char *activation)
{
  tune->n_outputs++;
  return kromo_network_sketch_add (tune->network, KROMO_SKETCH_OUTPUT, activation);
}

static void
connect (KromoTune *tune, guint source, guint target, double weight)
{
  kromo_network_sketch_connect (tune->network, source, target, kromo_round_decimals (weight));
}

static void
connect_random (KromoTune *tune, guint source, guint target, double low, double high)
{
  connect (tune, source, target, kromo_dice_between (tune->dice, low, high));
}

guint
kromo_tune_get_room (const KromoTune *tune)
{
  return KROMO_TUNE_OUTPUTS - tune->n_outputs;
}

/* ---- waves ---- */

/* The sine of a sine, whose harmonics the ramp turns from odd to even. */
static void
add_warm (KromoTune *tune)
{
  const guint wave = add_output (tune, kromo_dice_chance (tune->dice, 50) ? "Sine" : "cos");

  connect_random (tune, SINE, wave, 1.1, 2.6);
  connect_random (tune, RAMP, wave, 0.7, 2.2);
  connect_random (tune, BIAS, wave, 0.2, 1.4);
}

/* With an overtone of higher index, which fades or moves. */
static void
add_glass (KromoTune *tune)
{
  const guint overtone = add_hidden (tune, kromo_dice_chance (tune->dice, 60) ? "Sine" : "Sine2");
  const guint wave = add_output (tune, "Sine");

  connect_random (tune, SINE, overtone, 1.8, 4.2);
  connect_random (tune, RAMP, overtone, 1.0, 3.5);
  connect_random (tune, SINE, wave, 0.9, 1.4);
  connect_random (tune, overtone, wave, 0.3, 0.8);
  connect_random (tune, RAMP, wave, 0.5, 1.6);
  connect_random (tune, BIAS, wave, 0.0, 1.0);
}

/* A soft pulse whose width the ramp moves. */
static void
add_reed (KromoTune *tune)
{
  const guint vowel = add_hidden (tune, "Sine");
  const guint wave = add_output (tune, "BipolarSigmoid");

  connect_random (tune, RAMP, vowel, 2.5, 7.0);
  connect_random (tune, BIAS, vowel, -1.5, 1.5);
  connect_random (tune, SINE, wave, 0.4, 1.3);
  connect_random (tune, vowel, wave, 0.4, 1.0);
}

/* A folded triangle. */
static void
add_hollow (KromoTune *tune)
{
  const guint wave = add_output (tune, "triangle");

  connect_random (tune, SINE, wave, 1.0, 2.8);
  connect_random (tune, RAMP, wave, 0.9, 2.4);
  connect_random (tune, BIAS, wave, -0.5, 0.8);
}

/* Bends through a hidden curve and back. */
static void
add_throat (KromoTune *tune)
{
  const guint bend = add_hidden (tune, kromo_dice_chance (tune->dice, 50) ? "arctan" : "triangle");
  const guint shade = add_hidden (tune, "Gaussian");
  const guint wave = add_output (tune, "Sine");

  connect_random (tune, SINE, bend, 1.5, 3.5);
  connect_random (tune, RAMP, bend, -1.2, 1.2);
  connect_random (tune, SINE, shade, 0.3, 0.7);
  connect_random (tune, RAMP, shade, 0.4, 0.9);
  connect_random (tune, bend, wave, 0.8, 1.5);
  connect_random (tune, shade, wave, 0.6, 1.4);
}

guint
kromo_tune_add_wave (KromoTune *tune)
{
  static void (*const waves[]) (
      KromoTune *) = { add_warm, add_glass, add_reed, add_hollow, add_throat };
  const guint number = tune->n_outputs;

  waves[kromo_dice_below (tune->dice, G_N_ELEMENTS (waves))](tune);
  return number;
}

/* ---- curves ---- */

/* Pulses: a sawtooth in the ramp whose start is smoothed, and which falls slower or faster. @phase is
 * in periods. */
guint
kromo_tune_add_pluck (KromoTune *tune, double n_pulses, double phase)
{
  const guint number = tune->n_outputs;
  const guint saw = add_hidden (tune, "sawtooth");
  const guint rise = add_hidden (tune, "BipolarSigmoid");
  const guint pluck = add_output (tune, "Gaussian");
  const double fall = kromo_dice_between (tune->dice, 0.35, 0.8);

  connect (tune, RAMP, saw, PI * n_pulses);
  connect (tune, BIAS, saw, -2.0 * PI * phase);
  connect_random (tune, saw, rise, 9.0, 14.0);
  connect (tune, BIAS, rise, 8.4);
  /* at the top of the rise the sum is near 0; before it, and with the fall, far from it */
  connect (tune, rise, pluck, 0.9);
  connect (tune, saw, pluck, fall);
  connect (tune, BIAS, pluck, 0.85 * fall - 0.85);
  return number;
}

guint
kromo_tune_add_bump (KromoTune *tune, double centre, double width)
{
  const guint number = tune->n_outputs;
  const guint bump = add_output (tune, "Gaussian");

  connect (tune, RAMP, bump, 0.4 / width);
  connect (tune, BIAS, bump, -0.4 / width * centre);
  return number;
}

guint
kromo_tune_add_swell (KromoTune *tune)
{
  const guint number = tune->n_outputs;
  const guint swell = add_output (tune, "Sine");

  if (kromo_dice_chance (tune->dice, 50)) {
    const guint pace = add_hidden (tune, "Gaussian");

    connect_random (tune, RAMP, pace, 0.25, 0.5);
    connect_random (tune, BIAS, pace, -0.15, 0.15);
    connect_random (tune, pace, swell, 3.0, 6.0);
  } else {
    connect_random (tune, RAMP, swell, 3.0, 10.0);
  }
  connect_random (tune, BIAS, swell, -1.5, 1.5);
  return number;
}

/* From silence and back to it. */
guint
kromo_tune_add_edges (KromoTune *tune)
{
  const guint number = tune->n_outputs;
  const guint opening = add_hidden (tune, "BipolarSigmoid");
  const guint closing = add_hidden (tune, "BipolarSigmoid");
  const guint edges = add_output (tune, "BipolarSigmoid");
  const double in = kromo_dice_between (tune->dice, 12.0, 60.0);
  const double out = kromo_dice_between (tune->dice, 9.0, 30.0);

  connect (tune, RAMP, opening, in);
  connect (tune, BIAS, opening, in - 2.0);
  connect (tune, RAMP, closing, -out);
  connect (tune, BIAS, closing, out - 2.0);
  connect (tune, opening, edges, 2.0);
  connect (tune, closing, edges, 2.0);
  connect (tune, BIAS, edges, -2.0);
  return number;
}

guint
kromo_tune_add_wobble (KromoTune *tune)
{
  const guint number = tune->n_outputs;
  const guint wobble = add_output (tune, kromo_dice_chance (tune->dice, 50) ? "Gaussian" : "Sine");

  connect_random (tune, SINE, wobble, 0.4, 0.9);
  connect_random (tune, RAMP, wobble, -0.6, 0.6);
  connect_random (tune, BIAS, wobble, -0.4, 0.4);
  return number;
}
