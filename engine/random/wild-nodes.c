/* Wild nodes: any kind, with any members.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "random-private.h"

#include <string.h>

#define MAX_CONVOLVERS 2 /* they cost most */
#define MAX_WAVES 6
#define MAX_PARTIALS 8

static const KromoKnob knobs[] = {
  { KROMO_NODE_GAIN, "gain", 0.0, 1.0 },
  { KROMO_NODE_OSCILLATOR, "frequency", 20.0, 2000.0 },
  { KROMO_NODE_OSCILLATOR, "detune", -1200.0, 1200.0 },
  { KROMO_NODE_DELAY, "delayTime", 0.0, 0.05 },
  { KROMO_NODE_BIQUAD_FILTER, "frequency", 100.0, 8000.0 },
  { KROMO_NODE_BIQUAD_FILTER, "detune", -1200.0, 1200.0 },
  { KROMO_NODE_BIQUAD_FILTER, "Q", 0.1, 10.0 },
  { KROMO_NODE_BIQUAD_FILTER, "gain", -20.0, 20.0 },
  { KROMO_NODE_DYNAMICS_COMPRESSOR, "threshold", -60.0, 0.0 },
  { KROMO_NODE_DYNAMICS_COMPRESSOR, "knee", 0.0, 40.0 },
  { KROMO_NODE_DYNAMICS_COMPRESSOR, "ratio", 1.0, 20.0 },
  { KROMO_NODE_DYNAMICS_COMPRESSOR, "attack", 0.0, 0.1 },
  { KROMO_NODE_DYNAMICS_COMPRESSOR, "release", 0.01, 0.5 },
  { KROMO_NODE_BUFFER_SOURCE, "playbackRate", 0.25, 2.0 },
  { KROMO_NODE_BUFFER_SOURCE, "detune", -1200.0, 1200.0 },
};

const KromoKnob *
kromo_wild_choose_knob (KromoWild *wild, guint node)
{
  const KromoNodeKind kind = kromo_patch_sketch_get (wild->sketch, node)->kind;
  const KromoKnob *found[G_N_ELEMENTS (knobs)];
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (knobs); i++) {
    if (knobs[i].kind == kind)
      found[n++] = &knobs[i];
  }
  return n > 0 ? found[kromo_dice_below (wild->dice, n)] : NULL;
}

gboolean
kromo_wild_is_source (const KromoWild *wild, guint node)
{
  const KromoNodeKind kind = kromo_patch_sketch_get (wild->sketch, node)->kind;

  return kind == KROMO_NODE_OSCILLATOR || kind == KROMO_NODE_BUFFER_SOURCE
      || kind == KROMO_NODE_WAVETABLE || kind == KROMO_NODE_ADDITIVE;
}

guint
kromo_wild_choose (KromoWild *wild)
{
  return g_array_index (wild->audio, guint, kromo_dice_below (wild->dice, wild->audio->len));
}

guint
kromo_wild_choose_processor (KromoWild *wild)
{
  const guint start = kromo_dice_below (wild->dice, wild->audio->len);

  for (guint i = 0; i < wild->audio->len; i++) {
    const guint node = g_array_index (wild->audio, guint, (start + i) % wild->audio->len);

    if (!kromo_wild_is_source (wild, node))
      return node;
  }
  return kromo_wild_add (wild, KROMO_NODE_GAIN);
}

/* Many look like array indices, which sorts them before the others. */
static char *
make_id (KromoWild *wild)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_ 0123456789";
  const guint n = wild->sketch->nodes->len; /* no two are the same */
  GString *id;

  if (kromo_dice_chance (wild->dice, 25))
    return g_strdup_printf ("%u", (n * 7919) % 10007);
  id = g_string_new (NULL);
  for (guint i = kromo_dice_from (wild->dice, 1, 8); i > 0; i--)
    g_string_append_c (id, letters[kromo_dice_below (wild->dice, sizeof letters - 1)]);
  g_string_append_printf (id, ".%u", n);
  return g_string_free (id, FALSE);
}

/* ---- members ---- */

/* Now and then missing, 0 or null: the latter two count as missing in the asNEAT form. */
static void
number (KromoWild *wild, GString *members, const char *name, double low, double high)
{
  const guint roll = kromo_dice_below (wild->dice, 100);
  const double value = kromo_dice_between (wild->dice, low, high);

  if (roll < 70)
    kromo_text_number (members, name, value);
  else if (roll < 78)
    kromo_text_number (members, name, 0.0);
  else if (roll < 82)
    kromo_text_literal (members, name, "null");
}

static void
one_of (KromoWild *wild, GString *members, const char *name, const char *const *choices)
{
  if (kromo_dice_chance (wild->dice, 90))
    kromo_text_string (
        members, name, choices[kromo_dice_below (wild->dice, g_strv_length ((char **) choices))]);
}

static void
write_oscillator (KromoWild *wild, guint node)
{
  static const char *const shapes[] = { "sine", "square", "sawtooth", "triangle", NULL };
  GString *members = kromo_patch_sketch_members (wild->sketch, node);

  one_of (wild, members, "type", shapes);
  if (!wild->sketch->plain && kromo_dice_chance (wild->dice, 40)) {
    kromo_patch_sketch_get (wild->sketch, node)->name = "NoteOscillatorNode";
    number (wild, members, "noteOffset", -36.0, 24.0);
  } else if (kromo_dice_chance (wild->dice, 30)) {
    number (wild, members, "frequency", 0.1, 20.0);
  } else {
    number (wild, members, "frequency", 20.0, 3000.0);
  }
  number (wild, members, "detune", -1200.0, 1200.0);
}

static void
write_filter (KromoWild *wild, guint node)
{
  static const char *const types[] = { "lowpass", "highpass", "bandpass", "lowshelf", "highshelf",
    "peaking", "notch", "allpass", NULL };
  GString *members = kromo_patch_sketch_members (wild->sketch, node);

  one_of (wild, members, "type", types);
  number (wild, members, "frequency", 20.0, 12000.0);
  number (wild, members, "detune", -1200.0, 1200.0);
  number (wild, members, "gain", -24.0, 24.0);
  /* a plain Q of 0 makes NaN for ever */
  if (!wild->sketch->plain || kromo_dice_chance (wild->dice, 2))
    number (wild, members, wild->sketch->plain ? "Q" : "q", 0.1, 15.0);
  else
    kromo_text_number (members, "Q", kromo_dice_between (wild->dice, 0.1, 15.0));
}

static void
write_delay (KromoWild *wild, guint node)
{
  GString *members = kromo_patch_sketch_members (wild->sketch, node);
  const guint roll = kromo_dice_below (wild->dice, 100);

  number (wild, members, "delayTime", 0.0, roll < 35 ? 0.003 : roll < 90 ? 0.08 : 2.0);
  if (wild->sketch->plain && kromo_dice_chance (wild->dice, 40))
    kromo_text_number (members, "maxDelayTime", kromo_dice_between (wild->dice, 0.001, 3.0));
}

static void
write_compressor (KromoWild *wild, guint node)
{
  GString *members = kromo_patch_sketch_members (wild->sketch, node);

  number (wild, members, "threshold", -70.0, 0.0);
  number (wild, members, "knee", 0.0, 40.0);
  number (wild, members, "ratio", 1.0, 20.0);
  number (wild, members, "attack", 0.0, 0.3);
  number (wild, members, "release", 0.0, 0.6);
}

static void
write_flag (KromoWild *wild, GString *members, const char *name)
{
  if (wild->sketch->plain && kromo_dice_chance (wild->dice, 60))
    kromo_text_literal (members, name, kromo_dice_chance (wild->dice, 50) ? "true" : "false");
}

static void
write_buffer_source (KromoWild *wild, guint node)
{
  GString *members = kromo_patch_sketch_members (wild->sketch, node);

  write_flag (wild, members, "loop");
  if (!wild->sketch->plain || kromo_dice_chance (wild->dice, 60))
    return;
  number (wild, members, "playbackRate", -0.5, 2.0);
  number (wild, members, "detune", -1200.0, 1200.0);
}

static void
write_members (KromoWild *wild, guint node)
{
  static const char *const oversamplings[] = { "none", "2x", "4x", NULL };
  GString *members = kromo_patch_sketch_members (wild->sketch, node);

  switch (kromo_patch_sketch_get (wild->sketch, node)->kind) {
  case KROMO_NODE_GAIN:
    number (wild, members, "gain", kromo_dice_chance (wild->dice, 15) ? -1.0 : 0.1, 1.2);
    break;
  case KROMO_NODE_OSCILLATOR:
    write_oscillator (wild, node);
    break;
  case KROMO_NODE_BIQUAD_FILTER:
    write_filter (wild, node);
    break;
  case KROMO_NODE_DELAY:
    write_delay (wild, node);
    break;
  case KROMO_NODE_FEEDBACK_DELAY:
    number (wild, members, "delayTime", 0.0, 1.0);
    number (wild, members, "feedbackRatio", 0.0, 0.9);
    break;
  case KROMO_NODE_DYNAMICS_COMPRESSOR:
    write_compressor (wild, node);
    break;
  case KROMO_NODE_BUFFER_SOURCE:
    write_buffer_source (wild, node);
    break;
  case KROMO_NODE_CONVOLVER:
    write_flag (wild, members, "normalize");
    break;
  case KROMO_NODE_WAVE_SHAPER:
    if (wild->sketch->plain)
      one_of (wild, members, "oversample", oversamplings);
    break;
  default:
    break;
  }
}

/* ---- what drives a node ---- */

static void
add_partials (KromoWild *wild, guint node, KromoSketchOutputKind kind, const char *param, guint n)
{
  const gboolean doubles = kromo_dice_chance (wild->dice, 15);

  for (guint i = 1; i <= n + (doubles ? 1 : 0); i++) {
    const guint output = kromo_wild_add_output (wild, kind);
    KromoSketchNode *sketch = kromo_patch_sketch_get (wild->sketch, output);

    sketch->partial_number = i <= n ? i : kromo_dice_from (wild->dice, 1, n);
    if (kromo_dice_chance (wild->dice, 40))
      sketch->inharmonicity = kromo_dice_between (wild->dice, -0.1, 0.1);
    kromo_wild_drive (wild, output, node, param, -1.0, 1.0);
    if (wild->sketch->connections->len > 0)
      g_array_index (
          wild->sketch->connections, KromoSketchConnection, wild->sketch->connections->len - 1)
          .weight = kromo_dice_between (wild->dice, -1.0, 1.0);
  }
}

void
kromo_wild_add_composite (KromoWild *wild, guint node)
{
  if (kromo_patch_sketch_get (wild->sketch, node)->kind == KROMO_NODE_WAVETABLE) {
    for (guint n = kromo_dice_from (wild->dice, 1, MAX_WAVES); n > 0; n--)
      kromo_wild_drive (wild, kromo_wild_add_output (wild, KROMO_SKETCH_NETWORK_OUTPUT), node,
          "buffer", -1.0, 1.0);
    if (kromo_dice_chance (wild->dice, 95)) /* else it goes */
      kromo_wild_drive (
          wild, kromo_wild_add_output (wild, KROMO_SKETCH_NETWORK_OUTPUT), node, "mix", -1.0, 1.0);
    if (kromo_dice_chance (wild->dice, 10))
      kromo_wild_drive (
          wild, kromo_wild_add_output (wild, KROMO_SKETCH_NETWORK_OUTPUT), node, "mix", -1.0, 1.0);
  } else {
    const guint n = kromo_dice_from (wild->dice, 1, MAX_PARTIALS);
    const guint surplus = kromo_dice_chance (wild->dice, 10) ? 1 : 0;
    /* too few envelopes is an error, which few genomes are to be */
    const guint lack = n > 1 && !surplus && kromo_dice_chance (wild->dice, 2) ? 1 : 0;

    add_partials (wild, node, KROMO_SKETCH_PARTIAL_OUTPUT, "partialBuffer", n);
    add_partials (
        wild, node, KROMO_SKETCH_ENVELOPE_OUTPUT, "partialGainEnvelope", n + surplus - lack);
  }
}

static void
add_drives (KromoWild *wild, guint node)
{
  const KromoNodeKind kind = kromo_patch_sketch_get (wild->sketch, node)->kind;
  const KromoKnob *knob;

  switch (kind) {
  case KROMO_NODE_BUFFER_SOURCE:
  case KROMO_NODE_CONVOLVER:
  case KROMO_NODE_WAVE_SHAPER:
    if (kromo_dice_chance (wild->dice, 93))
      kromo_wild_drive (wild,
          kromo_wild_add_output (wild,
              kromo_dice_chance (wild->dice, 50) ? KROMO_SKETCH_NETWORK_OUTPUT
                                                 : KROMO_SKETCH_NOTE_OUTPUT),
          node, kind == KROMO_NODE_WAVE_SHAPER ? "curve" : "buffer", -1.0, 1.0);
    break;
  case KROMO_NODE_WAVETABLE:
  case KROMO_NODE_ADDITIVE:
    if (kromo_dice_chance (wild->dice, 95))
      kromo_wild_add_composite (wild, node);
    break;
  default:
    break;
  }
  knob = kromo_dice_chance (wild->dice, 25) ? kromo_wild_choose_knob (wild, node) : NULL;
  if (knob != NULL)
    kromo_wild_drive (wild, kromo_wild_add_output (wild, KROMO_SKETCH_NETWORK_OUTPUT), node,
        knob->param, knob->low, knob->high);
}

guint
kromo_wild_add (KromoWild *wild, KromoNodeKind kind)
{
  guint node;

  if (kind == KROMO_NODE_CHANNEL_MERGER && !wild->sketch->plain)
    kind = KROMO_NODE_WAVETABLE;
  if (kind == KROMO_NODE_CONVOLVER && wild->n_convolvers++ >= MAX_CONVOLVERS)
    kind = KROMO_NODE_BIQUAD_FILTER;
  node = kromo_patch_sketch_add (wild->sketch, kind, make_id (wild));
  g_array_append_val (wild->audio, node);
  write_members (wild, node);
  add_drives (wild, node);
  return node;
}

/* ---- network outputs ---- */

static double
choose_frequency (KromoWild *wild)
{
  static const double few[] = { 220.0, 440.0, 225.0, 110.0, 880.0, 12.5, 443.0 };

  if (wild->per_frequency || kromo_dice_chance (wild->dice, 10))
    return few[kromo_dice_below (wild->dice, G_N_ELEMENTS (few))];
  if (kromo_dice_chance (wild->dice, 20))
    return kromo_dice_between (wild->dice, 0.0, 30.0);
  return kromo_dice_between (wild->dice, 30.0, 2500.0);
}

guint
kromo_wild_add_output (KromoWild *wild, KromoSketchOutputKind kind)
{
  static const char *const noises[] = { "noiseWhite", "noisePink", "noiseBrown" };
  const guint output = kromo_patch_sketch_add_output (wild->sketch, kind, make_id (wild));
  GString *members = kromo_patch_sketch_members (wild->sketch, output);
  const char *name = wild->sketch->plain ? "networkOutput" : "type";

  if (kromo_dice_chance (wild->dice, 6)) {
    kromo_text_string (members, name, noises[kromo_dice_below (wild->dice, 3)]);
  } else {
    const guint index = kromo_dice_below (wild->dice, wild->n_outputs);
    g_autofree char *digits = g_strdup_printf ("%u", index);

    if (kromo_dice_chance (wild->dice, 70))
      kromo_text_string (members, name, digits);
    else
      kromo_text_number (members, name, index);
  }
  if (kind == KROMO_SKETCH_NOTE_OUTPUT && !wild->sketch->plain)
    number (wild, members, "noteOffset", -36.0, 24.0);
  kromo_text_number (members, "frequency", choose_frequency (wild));
  return output;
}

void
kromo_wild_drive (
    KromoWild *wild, guint output, guint target, const char *param, double low, double high)
{
  const guint roll = kromo_dice_below (wild->dice, 100);
  KromoSketchConnection *connection =
      kromo_patch_sketch_connect (wild->sketch, output, target, param);

  connection->weight = kromo_dice_between (wild->dice, -1.5, 1.5);
  connection->range_kind = KROMO_SKETCH_RANGE_GIVEN;
  connection->range[0] = low;
  connection->range[1] = high;
  if (roll < 8) {
    connection->range_kind = KROMO_SKETCH_RANGE_MISSING;
  } else if (roll < 16) {
    connection->range_kind = KROMO_SKETCH_RANGE_NULL;
  } else if (roll < 20) { /* backwards */
    connection->range[0] = high;
    connection->range[1] = low;
  } else if (roll < 23) { /* a point */
    connection->range[1] = low;
  } else if (roll < 26) { /* far too wide */
    connection->range[0] = low - 100.0 * (high - low);
    connection->range[1] = high + 1000.0 * (high - low);
  }
}
