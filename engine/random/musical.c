/* Musical genomes: a key, chords, a rhythm, some instruments, and a room.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "musical-private.h"

#define LOUDNESS 0.8 /* what all voices at once may reach */

static void
choose_key (KromoTune *tune)
{
  static const struct {
    guint n;
    guint8 degrees[KROMO_TUNE_MAX_DEGREES];
  } scales[] = {
    { 7, { 0, 2, 4, 5, 7, 9, 11 } }, /* major */
    { 7, { 0, 2, 3, 5, 7, 8, 10 } }, /* minor */
    { 7, { 0, 2, 3, 5, 7, 9, 10 } }, /* dorian */
    { 7, { 0, 2, 4, 6, 7, 9, 11 } }, /* lydian */
    { 7, { 0, 2, 4, 5, 7, 9, 10 } }, /* mixolydian */
    { 7, { 0, 2, 3, 5, 7, 8, 11 } }, /* harmonic minor */
    { 5, { 0, 2, 4, 7, 9 } },        /* major pentatonic */
    { 5, { 0, 3, 5, 7, 10 } },       /* minor pentatonic */
    { 5, { 0, 2, 3, 7, 8 } },        /* hirajoshi */
    { 6, { 0, 2, 4, 6, 8, 10 } },    /* whole tones */
  };
  const guint scale = kromo_dice_below (tune->dice, G_N_ELEMENTS (scales));

  tune->root = (gint) kromo_dice_below (tune->dice, 12) - 9;
  tune->scale = scales[scale].degrees;
  tune->n_degrees = scales[scale].n;
}

/* One chord, or up to four that follow each other. */
static void
choose_chords (KromoTune *tune)
{
  tune->n_chords = kromo_dice_chance (tune->dice, 35) ? 1 : kromo_dice_from (tune->dice, 2, 4);
  tune->chords[0] = 0;
  for (guint c = 0; c < tune->n_chords; c++) {
    const double centre = (2.0 * c + 1.0) / tune->n_chords - 1.0;

    if (c > 0) /* another than before */
      tune->chords[c] = (tune->chords[c - 1] + kromo_dice_from (tune->dice, 1, tune->n_degrees - 1))
          % tune->n_degrees;
    if (tune->n_chords > 1)
      tune->chord_outputs[c] = kromo_tune_add_bump (tune, centre, 1.05 / tune->n_chords);
  }
}

/* At least one voice that sounds all the time, and others while there are outputs for them. */
static void
add_voices (KromoTune *tune)
{
  static const struct {
    void (*add) (KromoTune *, double);
    guint needs; /* outputs of the network, at most */
    double level;
  } sustained[] = {
    { kromo_tune_add_drone, 2, 1.0 },
    { kromo_tune_add_pad, 4, 1.0 },
    { kromo_tune_add_choir, 3, 0.9 },
    { kromo_tune_add_wavetable, 6, 0.9 },
  }, others[] = {
    { kromo_tune_add_arpeggio, 6, 1.0 },
    { kromo_tune_add_shimmer, 2, 0.5 },
    { kromo_tune_add_whistle, 1, 0.5 },
    { kromo_tune_add_arpeggio, 6, 1.0 },
    { kromo_tune_add_breath, 2, 0.5 },
  };
  guint order[G_N_ELEMENTS (others)];
  guint n_others = kromo_dice_from (tune->dice, 2, 4);
  const guint first = kromo_dice_below (tune->dice, G_N_ELEMENTS (sustained));
  const guint second = kromo_dice_below (tune->dice, G_N_ELEMENTS (sustained));

  sustained[first].add (tune, sustained[first].level);
  if (second != first && kromo_dice_chance (tune->dice, 45)
      && kromo_tune_get_room (tune) >= sustained[second].needs + 3)
    sustained[second].add (tune, 0.7 * sustained[second].level);
  if (tune->n_chords == 1) { /* something must happen */
    kromo_tune_add_arpeggio (tune, kromo_dice_between (tune->dice, 0.7, 1.1));
    n_others--;
  }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    order[i] = i;
  kromo_dice_shuffle (tune->dice, order, G_N_ELEMENTS (others));
  for (guint i = 0; i < G_N_ELEMENTS (others) && n_others > 0; i++) {
    if (kromo_tune_get_room (tune) < others[order[i]].needs + 1)
      continue;
    others[order[i]].add (tune, others[order[i]].level * kromo_dice_between (tune->dice, 0.6, 1.1));
    n_others--;
  }
}

static guint
add_node (KromoTune *tune, KromoNodeKind kind, const char *name)
{
  return kromo_patch_sketch_add (tune->patch, kind, g_strdup (name));
}

static void
connect (KromoTune *tune, guint source, guint target, double weight)
{
  kromo_patch_sketch_connect (tune->patch, source, target, NULL)->weight =
      kromo_round_decimals (weight);
}

/* Bus, highpass, echo, and the fade at both ends, which is the last of all. */
static void
add_room (KromoTune *tune)
{
  const guint rumble = add_node (tune, KROMO_NODE_BIQUAD_FILTER, "rumble");
  const guint fade = add_node (tune, KROMO_NODE_GAIN, "fade");
  const double wet =
      kromo_dice_chance (tune->dice, 75) ? kromo_dice_between (tune->dice, 0.15, 0.5) : 0.0;
  const double again = kromo_dice_between (tune->dice, 0.2, 0.55);
  const double level = LOUDNESS / (tune->amplitude * (1.0 + 0.5 * wet / (1.0 - again)));
  GString *members = kromo_patch_sketch_members (tune->patch, rumble);

  kromo_text_string (members, "type", "highpass");
  kromo_text_number (members, "frequency", 40.0);
  kromo_text_number (kromo_patch_sketch_members (tune->patch, fade), "gain", 1.0);
  connect (tune, tune->bus, rumble, 1.0);
  connect (tune, rumble, fade, level);
  if (wet > 0.0) {
    const guint echo = add_node (tune, KROMO_NODE_DELAY, "echo");
    const guint dull = add_node (tune, KROMO_NODE_BIQUAD_FILTER, "dull");

    kromo_text_number (kromo_patch_sketch_members (tune->patch, echo), "delayTime",
        kromo_dice_between (tune->dice, 0.09, 0.45));
    kromo_text_string (kromo_patch_sketch_members (tune->patch, dull), "type", "lowpass");
    kromo_text_number (kromo_patch_sketch_members (tune->patch, dull), "frequency",
        kromo_dice_between (tune->dice, 1200.0, 5000.0));
    connect (tune, rumble, echo, level * wet);
    connect (tune, echo, dull, 1.0);
    connect (tune, dull, echo, 0.88 * again); /* its Q of 1 dB is above 1 near the edge */
    connect (tune, dull, fade, 1.0);
  }
  kromo_tune_curve (tune, kromo_tune_add_edges (tune), 1.0, fade, "gain", 0.0, 1.0);
  connect (tune, fade, KROMO_SKETCH_OUT, 1.0);
}

char *
kromo_random_musical (KromoDice *dice, const char *id)
{
  g_autoptr (KromoNetworkSketch) network = kromo_network_sketch_new (1);
  g_autoptr (KromoPatchSketch) patch = kromo_patch_sketch_new (FALSE);
  KromoTune tune = { .dice = dice, .network = network, .patch = patch };
  g_autofree char *network_json = NULL, *patch_json = NULL;
  GString *text = g_string_new (NULL);

  tune.still = tune.n_outputs++;
  kromo_network_sketch_add (network, KROMO_SKETCH_OUTPUT, "NullFn");
  choose_key (&tune);
  choose_chords (&tune);
  tune.n_pulses = kromo_dice_from (dice, 4, 18);
  tune.bus = kromo_tune_add_gain (&tune, "bus", 1.0);
  add_voices (&tune);
  add_room (&tune);
  while (tune.n_outputs < KROMO_TUNE_OUTPUTS) {
    kromo_network_sketch_add (network, KROMO_SKETCH_OUTPUT, "NullFn");
    tune.n_outputs++;
  }
  network_json = kromo_network_sketch_to_json (network);
  patch_json = kromo_patch_sketch_to_json (patch);

  kromo_text_open (text, NULL, '{');
  kromo_text_string (text, "_id", id);
  kromo_text_open (text, "genome", '{');
  kromo_text_open (text, "waveNetwork", '{');
  kromo_text_literal (text, "offspring", network_json);
  kromo_text_close (text, '}');
  kromo_text_literal (text, "asNEATPatch", patch_json);
  kromo_text_close (text, '}');
  kromo_text_close (text, '}');
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}
