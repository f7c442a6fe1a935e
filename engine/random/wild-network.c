/* Wild networks: any activation, deep, wide, recurrent; one, or one for each frequency.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "random-private.h"

#define MAX_CHAIN 40

static const char *const functions[] = { "Sine", "Sine2", "cos", "arctan", "triangle", "sawtooth",
  "StepFunction", "spike", "BipolarSigmoid", "PlainSigmoid", "Gaussian", "Linear", "NullFn",
  "undefined" };

static const char *
choose_function (KromoDice *dice)
{
  return functions[kromo_dice_below (dice,
      kromo_dice_chance (dice, 60) ? 5 /* what evolution uses by default */
                                   : (guint) G_N_ELEMENTS (functions))];
}

static double
choose_weight (KromoDice *dice)
{
  const guint roll = kromo_dice_below (dice, 100);

  if (roll < 3)
    return 0.0;
  if (roll < 8)
    return kromo_dice_between (dice, -30.0, 30.0);
  if (roll < 25) /* with all its digits */
    return ((double) (kromo_dice_next (dice) >> 40) - 8388608.0) / 4194304.0;
  return kromo_dice_between (dice, -3.0, 3.0);
}

static void
connect (KromoNetworkSketch *sketch, KromoDice *dice, guint source, guint target)
{
  kromo_network_sketch_connect (sketch, source, target, choose_weight (dice));
}

/* Hidden neurons after each other, each fed by the one before and an early one. */
static void
add_hidden (KromoNetworkSketch *sketch, KromoDice *dice, guint first_output, guint n_outputs)
{
  const guint roll = kromo_dice_below (dice, 100);
  const gboolean chain = roll < 25;
  const guint n = roll < 15 ? kromo_dice_from (dice, MAX_CHAIN / 2, MAX_CHAIN)
      : roll < 80           ? kromo_dice_below (dice, 8)
                            : kromo_dice_below (dice, 30);
  const guint first = sketch->neurons->len;

  for (guint i = 0; i < n; i++) {
    const guint hidden =
        kromo_network_sketch_add (sketch, KROMO_SKETCH_HIDDEN, choose_function (dice));

    if (chain && i > 0)
      connect (sketch, dice, hidden - 1, hidden);
    if (!chain || i == 0 || kromo_dice_chance (dice, 20))
      connect (sketch, dice, kromo_dice_below (dice, first_output), hidden);
    if (i > 0 && !chain)
      connect (sketch, dice, kromo_dice_from (dice, first, hidden - 1), hidden);
    if (!chain || i + 1 == n)
      connect (sketch, dice, hidden, first_output + kromo_dice_below (dice, n_outputs));
  }
}

/* Back edges and edges into what takes none, and the same edge again. */
static void
add_oddities (KromoNetworkSketch *sketch, KromoDice *dice, guint first_output)
{
  const guint n = sketch->neurons->len;

  if (kromo_dice_chance (dice, 30)) {
    for (guint i = kromo_dice_from (dice, 1, 6); i > 0; i--) {
      const guint source = kromo_dice_below (dice, n);

      connect (sketch, dice, source, first_output + kromo_dice_below (dice, n - first_output));
    }
  }
  if (kromo_dice_chance (dice, 8)) {
    const guint source = kromo_dice_below (dice, n);

    connect (sketch, dice, source, kromo_dice_below (dice, first_output));
  }
  if (kromo_dice_chance (dice, 20)) {
    const KromoSketchSynapse s = g_array_index (
        sketch->synapses, KromoSketchSynapse, kromo_dice_below (dice, sketch->synapses->len));

    connect (sketch, dice, s.source, s.target);
  }
}

static char *
make_network (KromoDice *dice, guint n_outputs)
{
  const guint roll = kromo_dice_below (dice, 100);
  const guint n_bias = roll < 5 ? 0 : roll < 15 ? kromo_dice_from (dice, 2, 3) : 1;
  g_autoptr (KromoNetworkSketch) sketch = kromo_network_sketch_new (n_bias);
  const guint sine = n_bias, ramp = n_bias + 1, first_output = n_bias + 2;

  sketch->encodings = kromo_dice_chance (dice, 10) ? 1 : 0;
  sketch->numbers = kromo_dice_chance (dice, 20);
  sketch->short_names = kromo_dice_chance (dice, 20);
  for (guint i = 0; i < n_outputs; i++) {
    const guint output =
        kromo_network_sketch_add (sketch, KROMO_SKETCH_OUTPUT, choose_function (dice));

    if (kromo_dice_chance (dice, 85))
      connect (sketch, dice, sine, output);
    if (kromo_dice_chance (dice, 50))
      connect (sketch, dice, ramp, output);
    if (n_bias > 0 && kromo_dice_chance (dice, 40))
      connect (sketch, dice, kromo_dice_below (dice, n_bias), output);
    if (i > 0 && kromo_dice_chance (dice, 5))
      connect (sketch, dice, output - 1, output);
  }
  if (sketch->synapses->len == 0)
    connect (sketch, dice, sine, first_output);
  add_hidden (sketch, dice, first_output, n_outputs);
  add_oddities (sketch, dice, first_output);
  return kromo_network_sketch_to_json (sketch);
}

static void
write_offspring (GString *text, const char *key, KromoDice *dice, guint n_outputs)
{
  g_autofree char *network = make_network (dice, n_outputs);

  kromo_text_open (text, key, '{');
  kromo_text_json (text, "offspring", network, kromo_dice_chance (dice, 8) ? 1 : 0);
  kromo_text_close (text, '}');
}

char *
kromo_wild_network_to_json (KromoDice *dice, guint n_outputs, gboolean per_frequency)
{
  /* 220 is as near to 210 as to 230, and 440 to 430 and 450 */
  static const char *const keys[] = { "210", "230", "430", "450", "110", "13", "440", "880.5" };
  guint order[G_N_ELEMENTS (keys)];
  const guint n = kromo_dice_from (dice, 2, 5);
  GString *text = g_string_new (NULL);

  if (!per_frequency) {
    write_offspring (text, NULL, dice, n_outputs);
    return g_string_free (text, FALSE);
  }
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    order[i] = i;
  kromo_dice_shuffle (dice, order, G_N_ELEMENTS (keys));
  kromo_text_open (text, NULL, '{');
  kromo_text_literal (text, "oneCPPNPerFrequency", "true");
  kromo_text_open (text, "CPPNs", '{');
  for (guint i = 0; i < n; i++)
    write_offspring (text, keys[order[i]], dice, n_outputs);
  kromo_text_close (text, '}');
  kromo_text_close (text, '}');
  return g_string_free (text, FALSE);
}
