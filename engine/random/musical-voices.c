/* The instruments of musical genomes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "musical-private.h"

#define PI 3.14159265358979
#define TO_OFFSET 7.81795 /* 12 log2 (pi / 2): the pitch heard is the frequency / pi */

char *
kromo_tune_name (KromoTune *tune, const char *what)
{
  return g_strdup_printf ("%s %u", what, ++tune->n_names);
}

guint
kromo_tune_add_gain (KromoTune *tune, const char *what, double gain)
{
  const guint node =
      kromo_patch_sketch_add (tune->patch, KROMO_NODE_GAIN, kromo_tune_name (tune, what));

  kromo_text_number (kromo_patch_sketch_members (tune->patch, node), "gain", gain);
  return node;
}

gint
kromo_tune_get_pitch (const KromoTune *tune, guint degree)
{
  return tune->root + tune->scale[degree % tune->n_degrees]
      + 12 * (gint) (degree / tune->n_degrees);
}

/* pi * 220 Hz * 2^(pitch / 12), without pow() */
static double
frequency_of (gint pitch)
{
  static const double semitones[] = { 1.0, 1.0594630943593, 1.1224620483094, 1.1892071150027,
    1.2599210498949, 1.3348398541700, 1.4142135623731, 1.4983070768767, 1.5874010519682,
    1.6817928305074, 1.7817974362807, 1.8877486253634 };
  double frequency = PI * 220.0;

  for (; pitch < 0; pitch += 12)
    frequency *= 0.5;
  for (; pitch >= 12; pitch -= 12)
    frequency *= 2.0;
  return kromo_round_decimals (frequency * semitones[pitch]);
}

static void
write_type (KromoTune *tune, guint node, guint output)
{
  g_autofree char *digits = g_strdup_printf ("%u", output);

  kromo_text_string (kromo_patch_sketch_members (tune->patch, node), "type", digits);
}

static void
connect (KromoTune *tune, guint source, guint target, double weight)
{
  kromo_patch_sketch_connect (tune->patch, source, target, NULL)->weight =
      kromo_round_decimals (weight);
}

void
kromo_tune_curve (KromoTune *tune, guint output, double hertz, guint target, const char *param,
    double low, double high)
{
  const guint node = kromo_patch_sketch_add_output (
      tune->patch, KROMO_SKETCH_NETWORK_OUTPUT, kromo_tune_name (tune, "curve"));

  write_type (tune, node, output);
  kromo_text_number (kromo_patch_sketch_members (tune->patch, node), "frequency",
      kromo_round_decimals (PI * hertz));
  kromo_patch_sketch_drive (tune->patch, node, target, param, low, high);
}

/* A buffer source that plays @wave at that pitch, detuned by cents. */
static guint
add_source (KromoTune *tune, const char *what, guint wave, gint pitch, double cents)
{
  const guint node = kromo_patch_sketch_add_output (
      tune->patch, KROMO_SKETCH_NOTE_OUTPUT, kromo_tune_name (tune, what));
  const guint source =
      kromo_patch_sketch_add (tune->patch, KROMO_NODE_BUFFER_SOURCE, kromo_tune_name (tune, what));

  write_type (tune, node, wave);
  kromo_text_number (kromo_patch_sketch_members (tune->patch, node), "noteOffset",
      kromo_round_decimals (pitch + TO_OFFSET + cents / 100.0));
  kromo_text_number (
      kromo_patch_sketch_members (tune->patch, node), "frequency", frequency_of (pitch));
  kromo_patch_sketch_drive (tune->patch, node, source, "buffer", -1.0, 1.0);
  return source;
}

static void
add_to_bus (KromoTune *tune, guint node, double gain, double amplitude)
{
  connect (tune, node, tune->bus, gain);
  tune->amplitude += amplitude;
}

/* The six channels of a composite have all in the first, the left. To put it elsewhere, what is left of
 * centre is added to, or taken from, a mono copy: a constant times a gain that is the sound. In mono
 * all positions are the same. */
static void
add_panned (KromoTune *tune, guint node, double gain, double amplitude)
{
  const guint output = kromo_patch_sketch_add_output (
      tune->patch, KROMO_SKETCH_NETWORK_OUTPUT, kromo_tune_name (tune, "one"));
  const guint one =
      kromo_patch_sketch_add (tune->patch, KROMO_NODE_BUFFER_SOURCE, kromo_tune_name (tune, "one"));
  const guint centre = kromo_tune_add_gain (tune, "centre", 1.0);
  const double right = kromo_dice_between (tune->dice, 0.45, 0.95);

  write_type (tune, output, tune->still);
  kromo_text_number (kromo_patch_sketch_members (tune->patch, output), "frequency", 1.0);
  kromo_patch_sketch_drive (tune->patch, output, one, "buffer", 1.0, 1.0);
  kromo_tune_curve (tune, tune->still, 1.0, centre, "gain", 0.0, 0.0);
  connect (tune, one, centre, 1.0);
  kromo_patch_sketch_connect (tune->patch, node, centre, "gain");
  connect (tune, centre, tune->bus, 1.4142 * right * gain);
  connect (tune, node, tune->bus, (1.4142 - 2.0 * right) * gain);
  tune->amplitude += amplitude;
}

static guint
add_filter (KromoTune *tune, const char *type, double frequency)
{
  const guint node =
      kromo_patch_sketch_add (tune->patch, KROMO_NODE_BIQUAD_FILTER, kromo_tune_name (tune, type));
  GString *members = kromo_patch_sketch_members (tune->patch, node);

  kromo_text_string (members, "type", type);
  kromo_text_number (members, "frequency", frequency);
  return node;
}

/* ---- what sounds all the time ---- */

/* Low notes, one or two for each chord. */
void
kromo_tune_add_drone (KromoTune *tune, double amplitude)
{
  const guint wave = kromo_tune_add_wave (tune);
  const guint n_voices = kromo_dice_from (tune->dice, 1, 2);
  const gint octave = kromo_dice_chance (tune->dice, 60) ? -12 : 0;

  for (guint c = 0; c < tune->n_chords; c++) {
    const guint level = kromo_tune_add_gain (tune, "drone level", 1.0);

    for (guint v = 0; v < n_voices; v++) {
      const gint pitch = kromo_tune_get_pitch (tune, tune->chords[c] + (v == 0 ? 0 : 4));

      connect (tune, add_source (tune, "drone", wave, pitch + octave, 0.0), level, 1.0);
    }
    if (tune->n_chords > 1)
      kromo_tune_curve (tune, tune->chord_outputs[c], 1.0, level, "gain", 0.0, 1.0);
    else
      kromo_tune_curve (tune, kromo_tune_add_swell (tune), 1.0, level, "gain", 0.5, 1.0);
    connect (tune, level, tune->bus, amplitude / n_voices);
  }
  tune->amplitude += amplitude;
}

/* Detuned pairs behind a filter that opens and closes, with a chorus. */
void
kromo_tune_add_pad (KromoTune *tune, double amplitude)
{
  const guint wave = kromo_tune_add_wave (tune);
  const guint veil = add_filter (tune, "lowpass", 900.0);
  const guint level = kromo_tune_add_gain (tune, "pad level", 1.0);
  const guint n_voices = kromo_dice_from (tune->dice, 2, 3);
  const double wide = kromo_dice_between (tune->dice, 3.0, 12.0);
  const double closed = kromo_dice_between (tune->dice, 250.0, 500.0);

  for (guint c = 0; c < tune->n_chords; c++) {
    const guint chord = tune->n_chords > 1 ? kromo_tune_add_gain (tune, "chord", 1.0) : veil;

    for (guint v = 0; v < n_voices; v++) {
      const gint pitch = kromo_tune_get_pitch (tune, tune->chords[c] + 2 * v);

      connect (
          tune, add_source (tune, "pad", wave, pitch, v % 2 ? wide : -wide), chord, 1.0 / n_voices);
    }
    if (tune->n_chords > 1) {
      kromo_tune_curve (tune, tune->chord_outputs[c], 1.0, chord, "gain", 0.0, 1.0);
      connect (tune, chord, veil, 1.0);
    }
  }
  connect (tune, veil, level, 1.0);
  kromo_tune_curve (tune, kromo_tune_add_swell (tune), 1.0, veil, "frequency", closed, 3800.0);
  if (kromo_tune_get_room (tune) > 2)
    kromo_tune_curve (tune, kromo_tune_add_swell (tune), 1.0, level, "gain", 0.3, 1.0);
  if (kromo_tune_get_room (tune) > 2 && kromo_dice_chance (tune->dice, 60)) {
    const guint chorus =
        kromo_patch_sketch_add (tune->patch, KROMO_NODE_DELAY, kromo_tune_name (tune, "chorus"));

    kromo_text_number (kromo_patch_sketch_members (tune->patch, chorus), "delayTime", 0.014);
    kromo_tune_curve (tune, kromo_tune_add_wobble (tune), 0.4, chorus, "delayTime", 0.009, 0.017);
    connect (tune, level, chorus, 1.0);
    connect (tune, chorus, tune->bus, 0.5 * amplitude);
    amplitude *= 1.5;
  }
  add_to_bus (tune, level, amplitude, amplitude);
}

/* Partials of one note, each with its own envelope. */
void
kromo_tune_add_choir (KromoTune *tune, double amplitude)
{
  const guint wave = kromo_tune_add_wave (tune);
  const guint wobble = kromo_tune_add_wobble (tune);
  const guint swell = kromo_tune_add_swell (tune);
  const guint node =
      kromo_patch_sketch_add (tune->patch, KROMO_NODE_ADDITIVE, kromo_tune_name (tune, "choir"));
  const guint n = kromo_dice_from (tune->dice, 3, 6);
  const gint pitch = kromo_tune_get_pitch (tune, tune->chords[0]);
  const gboolean odd = kromo_dice_chance (tune->dice, 35);

  for (guint i = 0; i < n; i++) {
    const double hertz = kromo_dice_between (tune->dice, 0.2, 1.8);
    const guint partial = kromo_patch_sketch_add_output (
        tune->patch, KROMO_SKETCH_PARTIAL_OUTPUT, kromo_tune_name (tune, "partial"));
    const guint envelope = kromo_patch_sketch_add_output (
        tune->patch, KROMO_SKETCH_ENVELOPE_OUTPUT, kromo_tune_name (tune, "envelope"));
    const guint number = odd ? 2 * i + 1 : i + 1;

    write_type (tune, partial, wave);
    kromo_text_number (
        kromo_patch_sketch_members (tune->patch, partial), "frequency", frequency_of (pitch));
    write_type (tune, envelope, kromo_dice_chance (tune->dice, 65) ? wobble : swell);
    kromo_text_number (kromo_patch_sketch_members (tune->patch, envelope), "frequency",
        kromo_round_decimals (PI * hertz));
    kromo_patch_sketch_get (tune->patch, partial)->partial_number = number;
    kromo_patch_sketch_get (tune->patch, partial)->inharmonicity =
        kromo_round_decimals (0.002 * number * number);
    kromo_patch_sketch_get (tune->patch, envelope)->partial_number = number;
    kromo_patch_sketch_drive (tune->patch, partial, node, "partialBuffer", -1.0, 1.0);
    kromo_patch_sketch_drive (tune->patch, envelope, node, "partialGainEnvelope", 0.05, 1.0);
    g_array_index (
        tune->patch->connections, KromoSketchConnection, tune->patch->connections->len - 1)
        .weight = kromo_round_decimals (1.0 / (i + 1.0));
  }
  add_panned (tune, node, 0.57 * amplitude, amplitude);
}

/* Waves that pass into each other. */
void
kromo_tune_add_wavetable (KromoTune *tune, double amplitude)
{
  const guint node = kromo_patch_sketch_add (
      tune->patch, KROMO_NODE_WAVETABLE, kromo_tune_name (tune, "wavetable"));
  const guint level = kromo_tune_add_gain (tune, "wavetable level", 1.0);
  const guint n = kromo_dice_from (tune->dice, 2, MIN (4, kromo_tune_get_room (tune) - 2));
  const double hertz = kromo_dice_between (tune->dice, 0.3, 2.0);
  const gint pitch = kromo_tune_get_pitch (tune, tune->chords[0]);

  for (guint i = 0; i < n; i++) {
    const guint wave = kromo_patch_sketch_add_output (
        tune->patch, KROMO_SKETCH_NETWORK_OUTPUT, kromo_tune_name (tune, "wave"));

    write_type (tune, wave, kromo_tune_add_wave (tune));
    kromo_text_number (kromo_patch_sketch_members (tune->patch, wave), "frequency",
        frequency_of (pitch + (i == 1 ? 12 : 0)));
    kromo_patch_sketch_drive (tune->patch, wave, node, "buffer", -1.0, 1.0);
  }
  kromo_tune_curve (tune, kromo_tune_add_swell (tune), 1.0, node, "mix", -1.0, 1.0);
  kromo_tune_curve (tune, kromo_tune_add_wobble (tune), hertz, level, "gain", 0.4, 1.0);
  connect (tune, node, level, 1.0);
  add_panned (tune, level, amplitude / n, amplitude);
}

/* High and quiet, trembling. */
void
kromo_tune_add_shimmer (KromoTune *tune, double amplitude)
{
  const guint wave = kromo_tune_add_wave (tune);
  const guint tremor = kromo_tune_add_wobble (tune);

  for (guint i = 0; i < 2; i++) {
    const guint level = kromo_tune_add_gain (tune, "shimmer level", 1.0);
    const guint degree = tune->chords[0] + 2 * (kromo_dice_below (tune->dice, 2) + 2 * i);
    const gint pitch = kromo_tune_get_pitch (tune, degree) + 24;

    connect (tune, add_source (tune, "shimmer", wave, pitch, 0.0), level, 1.0);
    kromo_tune_curve (
        tune, tremor, kromo_dice_between (tune->dice, 0.5, 5.0), level, "gain", 0.0, 1.0);
    connect (tune, level, tune->bus, 0.25 * amplitude);
  }
  tune->amplitude += 0.5 * amplitude;
}

/* ---- what comes and goes ---- */

/* Notes of the chords that take turns, or each in its own rhythm. */
void
kromo_tune_add_arpeggio (KromoTune *tune, double amplitude)
{
  const gboolean turns = kromo_dice_chance (tune->dice, 60);
  const guint room = kromo_tune_get_room (tune);
  const guint n = kromo_dice_from (tune->dice, 2, CLAMP (room - 2, 2, 5));
  const guint wave = kromo_tune_add_wave (tune);
  const guint stride = kromo_dice_from (tune->dice, 1, 2);
  const guint octave = kromo_dice_chance (tune->dice, 60) ? 12 : 24;
  guint order[5] = { 0, 1, 2, 3, 4 };

  kromo_dice_shuffle (tune->dice, order, n);
  for (guint i = 0; i < n; i++) {
    const guint level = kromo_tune_add_gain (tune, "note level", 1.0);
    const guint degree = tune->chords[0] + stride * order[i];
    const gint pitch = kromo_tune_get_pitch (tune, degree) + (gint) octave;
    const double pulses =
        turns ? tune->n_pulses / (double) n : kromo_dice_from (tune->dice, 2, tune->n_pulses);

    connect (tune, add_source (tune, "note", wave, pitch, 0.0), level, 1.0);
    kromo_tune_curve (tune, kromo_tune_add_pluck (tune, pulses, turns ? (double) i / n : 0.13 * i),
        1.0, level, "gain", 0.0, 1.0);
    connect (tune, level, tune->bus, amplitude * kromo_dice_between (tune->dice, 0.7, 1.0));
  }
  tune->amplitude += amplitude * (turns ? 1.4 : 1.0 + 0.3 * n);
}

/* An oscillator with vibrato. */
void
kromo_tune_add_whistle (KromoTune *tune, double amplitude)
{
  static const char *const shapes[] = { "sine", "triangle", "sine", "sawtooth" };
  const guint oscillator = kromo_patch_sketch_add (
      tune->patch, KROMO_NODE_OSCILLATOR, kromo_tune_name (tune, "whistle"));
  const guint vibrato = kromo_patch_sketch_add (
      tune->patch, KROMO_NODE_OSCILLATOR, kromo_tune_name (tune, "vibrato"));
  const guint level = kromo_tune_add_gain (tune, "whistle level", 1.0);
  const guint soft = add_filter (tune, "lowpass", 2500.0);
  const guint degree = tune->chords[0] + kromo_dice_below (tune->dice, tune->n_degrees);
  GString *members = kromo_patch_sketch_members (tune->patch, oscillator);

  /* oscillators play their frequency: 440 Hz is an octave above A3 */
  kromo_patch_sketch_get (tune->patch, oscillator)->name = "NoteOscillatorNode";
  kromo_text_string (members, "type", shapes[kromo_dice_below (tune->dice, 4)]);
  kromo_text_number (members, "noteOffset", kromo_tune_get_pitch (tune, degree));
  kromo_text_number (kromo_patch_sketch_members (tune->patch, vibrato), "frequency",
      kromo_dice_between (tune->dice, 3.0, 6.5));
  kromo_patch_sketch_connect (tune->patch, vibrato, oscillator, "detune")->weight =
      kromo_dice_between (tune->dice, 4.0, 30.0);
  connect (tune, oscillator, soft, 1.0);
  connect (tune, soft, level, 1.0);
  kromo_tune_curve (tune,
      kromo_dice_chance (tune->dice, 50) ? kromo_tune_add_swell (tune)
                                         : kromo_tune_add_pluck (tune, tune->n_pulses * 0.5, 0.25),
      1.0, level, "gain", 0.0, 1.0);
  add_to_bus (tune, level, 0.6 * amplitude, 0.6 * amplitude);
}

/* A little coloured noise through a moving band. */
void
kromo_tune_add_breath (KromoTune *tune, double amplitude)
{
  static const char *const noises[] = { "noiseWhite", "noisePink" };
  const guint noise = kromo_patch_sketch_add_output (
      tune->patch, KROMO_SKETCH_NETWORK_OUTPUT, kromo_tune_name (tune, "noise"));
  const guint source = kromo_patch_sketch_add (
      tune->patch, KROMO_NODE_BUFFER_SOURCE, kromo_tune_name (tune, "breath"));
  const guint band = add_filter (tune, "bandpass", 1200.0);
  const guint level = kromo_tune_add_gain (tune, "breath level", 1.0);

  kromo_text_string (kromo_patch_sketch_members (tune->patch, noise), "type",
      noises[kromo_dice_below (tune->dice, 2)]);
  kromo_patch_sketch_drive (tune->patch, noise, source, "buffer", -1.0, 1.0);
  connect (tune, source, band, 1.0);
  connect (tune, band, level, 1.0);
  kromo_tune_curve (tune, kromo_tune_add_swell (tune), 1.0, band, "frequency", 400.0, 3000.0);
  kromo_tune_curve (
      tune, kromo_tune_add_pluck (tune, tune->n_pulses, 0.0), 1.0, level, "gain", 0.1, 1.0);
  add_to_bus (tune, level, 0.3 * amplitude, 0.2 * amplitude);
}
