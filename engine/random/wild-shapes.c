/* Wild shapes of graphs: loops, modulation, and what one would not expect in a patch.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "random-private.h"

static void
link_weighted (KromoWild *wild, guint source, guint target, const char *param, double weight)
{
  kromo_patch_sketch_connect (wild->sketch, source, target, param)->weight = weight;
}

/* ---- loops ---- */

/* A node whose members do not change the level by themselves. */
static guint
add_bare (KromoWild *wild, KromoNodeKind kind)
{
  char *id = g_strdup_printf ("loop %u", wild->sketch->nodes->len);
  const guint node = kromo_patch_sketch_add (wild->sketch, kind, id);

  g_array_append_val (wild->audio, node);
  return node;
}

static guint
add_delay (KromoWild *wild)
{
  const guint node = add_bare (wild, KROMO_NODE_DELAY);
  const guint roll = kromo_dice_below (wild->dice, 100);
  GString *members = kromo_patch_sketch_members (wild->sketch, node);

  if (roll < 40) /* around one quantum and below */
    kromo_text_number (members, "delayTime", kromo_dice_between (wild->dice, 0.0001, 0.004));
  else if (roll < 95)
    kromo_text_number (members, "delayTime", kromo_dice_between (wild->dice, 0.004, 0.09));
  return node;
}

/* From one node to the next and back to the first; the whole has that gain. */
static void
close_loop (KromoWild *wild, const guint *nodes, guint n, double gain)
{
  const guint in = kromo_wild_choose (wild);

  g_assert (n > 0);
  for (guint i = 0; i < n; i++)
    link_weighted (wild, nodes[i], nodes[(i + 1) % n], NULL, i == 0 ? gain : 1.0);
  kromo_wild_link (wild, in, nodes[0]);
  if (kromo_dice_chance (wild->dice, 70))
    kromo_patch_sketch_connect (
        wild->sketch, nodes[kromo_dice_below (wild->dice, n)], KROMO_SKETCH_OUT, NULL);
}

static double
choose_loop_gain (KromoWild *wild)
{
  const guint roll = kromo_dice_below (wild->dice, 100);

  if (roll < 60)
    return kromo_dice_between (wild->dice, 0.2, 0.95);
  if (roll < 75)
    return kromo_dice_between (wild->dice, -0.95, -0.2);
  if (roll < 80)
    return 1.0;
  return kromo_dice_between (wild->dice, 1.01, 2.0);
}

static void
add_delay_loop (KromoWild *wild)
{
  const gboolean many = kromo_dice_chance (wild->dice, 35);
  guint nodes[6], n = 0;

  for (guint i = many ? kromo_dice_from (wild->dice, 2, 4) : 1; i > 0; i--)
    nodes[n++] = add_delay (wild);
  if (kromo_dice_chance (wild->dice, 60))
    nodes[n++] = add_bare (wild, KROMO_NODE_GAIN);
  if (kromo_dice_chance (wild->dice, 25))
    nodes[n++] = add_bare (wild, KROMO_NODE_BIQUAD_FILTER);
  kromo_dice_shuffle (wild->dice, nodes, n);
  close_loop (wild, nodes, n, choose_loop_gain (wild));
}

static void
add_bare_loop (KromoWild *wild)
{
  guint nodes[4], n = kromo_dice_from (wild->dice, 1, 4);

  for (guint i = 0; i < n; i++)
    nodes[i] = add_bare (
        wild, kromo_dice_chance (wild->dice, 60) ? KROMO_NODE_GAIN : KROMO_NODE_BIQUAD_FILTER);
  close_loop (wild, nodes, n, choose_loop_gain (wild));
}

/* Sound into the parameter of the node that it comes from. */
static void
add_parameter_loop (KromoWild *wild)
{
  const gboolean is_delay = kromo_dice_chance (wild->dice, 50);
  const guint node = is_delay ? add_delay (wild) : add_bare (wild, KROMO_NODE_GAIN);
  guint from = node;

  kromo_wild_link (wild, kromo_wild_choose (wild), node);
  if (kromo_dice_chance (wild->dice, 40)) { /* on the way, perhaps another delay */
    from = kromo_dice_chance (wild->dice, 50) ? add_delay (wild) : add_bare (wild, KROMO_NODE_GAIN);
    link_weighted (wild, node, from, NULL, 1.0);
  }
  link_weighted (wild, from, node, is_delay ? "delayTime" : "gain",
      kromo_dice_between (wild->dice, 0.001, is_delay ? 0.01 : 0.9));
  kromo_patch_sketch_connect (wild->sketch, node, KROMO_SKETCH_OUT, NULL);
}

static void
add_oscillator_loop (KromoWild *wild)
{
  const guint oscillator = kromo_wild_add (wild, KROMO_NODE_OSCILLATOR);
  const guint delay = add_delay (wild);

  link_weighted (wild, oscillator, delay, NULL, 1.0);
  link_weighted (
      wild, delay, oscillator, "frequency", kromo_dice_between (wild->dice, 10.0, 400.0));
  kromo_patch_sketch_connect (wild->sketch, oscillator, KROMO_SKETCH_OUT, NULL);
}

void
kromo_wild_add_loops (KromoWild *wild)
{
  if (kromo_dice_chance (wild->dice, 35)) {
    for (guint n = kromo_dice_from (wild->dice, 1, 3); n > 0; n--)
      add_delay_loop (wild);
  }
  if (kromo_dice_chance (wild->dice, 12))
    add_bare_loop (wild);
  if (kromo_dice_chance (wild->dice, 15))
    add_parameter_loop (wild);
  if (kromo_dice_chance (wild->dice, 8))
    add_oscillator_loop (wild);
  if (kromo_dice_chance (wild->dice, 12)) { /* anything from anywhere */
    const guint source = kromo_wild_choose (wild);

    kromo_wild_link (wild, source, kromo_wild_choose_processor (wild));
  }
}

/* ---- modulation ---- */

void
kromo_wild_add_modulation (KromoWild *wild)
{
  for (guint n = kromo_dice_below (wild->dice, 5); n > 0; n--) {
    const guint source = kromo_wild_choose (wild);
    const guint target = kromo_wild_choose (wild);
    const KromoKnob *knob = kromo_wild_choose_knob (wild, target);

    /* its own output into its parameter is left to the loops */
    if (knob != NULL && source != target)
      link_weighted (wild, source, target, knob->param,
          kromo_dice_between (wild->dice, 0.05, 0.6) * (knob->high - knob->low));
  }
}

/* ---- oddities ---- */

static KromoSketchConnection *
choose_audio_connection (KromoWild *wild)
{
  GArray *connections = wild->sketch->connections;

  for (guint tries = 0; tries < 10 && connections->len > 0; tries++) {
    KromoSketchConnection *c = &g_array_index (
        connections, KromoSketchConnection, kromo_dice_below (wild->dice, connections->len));

    if (kromo_patch_sketch_get (wild->sketch, c->source)->kind != KROMO_N_NODE_KINDS)
      return c;
  }
  return NULL;
}

static void
add_duplicate (KromoWild *wild)
{
  const KromoSketchConnection *chosen = choose_audio_connection (wild);
  KromoSketchConnection copy;

  if (chosen == NULL)
    return;
  copy = *chosen;
  if (kromo_dice_chance (wild->dice, 50))
    copy.weight = kromo_dice_between (wild->dice, 0.1, 1.0);
  g_array_append_val (wild->sketch->connections, copy);
}

/* Two outputs on one parameter: the later one counts. */
static void
add_rival (KromoWild *wild)
{
  const guint node = kromo_wild_choose (wild);
  const KromoKnob *knob = kromo_wild_choose_knob (wild, node);

  for (guint i = 0; knob != NULL && i < 2; i++)
    kromo_wild_drive (wild, kromo_wild_add_output (wild, KROMO_SKETCH_NETWORK_OUTPUT), node,
        knob->param, knob->low, knob->high);
}

/* Drives nothing, yet counts. */
static void
add_idle_drive (KromoWild *wild)
{
  const guint output = kromo_wild_add_output (wild, KROMO_SKETCH_NETWORK_OUTPUT);

  if (kromo_dice_chance (wild->dice, 50) || wild->fades)
    kromo_wild_drive (wild, output, kromo_wild_choose (wild), NULL, 0.0, 1.0);
  else
    kromo_wild_drive (wild, output, KROMO_SKETCH_OUT, NULL, 0.0, 1.0);
}

/* Sound into a network output, or out of the output: ignored with a warning. */
static void
add_nonsense (KromoWild *wild)
{
  const guint node = kromo_wild_choose (wild);

  if (kromo_dice_chance (wild->dice, 50))
    link_weighted (
        wild, node, kromo_wild_add_output (wild, KROMO_SKETCH_NETWORK_OUTPUT), NULL, 0.5);
  else
    link_weighted (wild, KROMO_SKETCH_OUT, node, NULL, 0.5);
}

/* What no node takes: ignored with a warning. */
static void
add_misfit (KromoWild *wild)
{
  static const char *const params[] = { "buffer", "curve", "mix", "wobble", "feedbackRatio" };
  const char *param = params[kromo_dice_below (wild->dice, G_N_ELEMENTS (params))];
  const guint target = kromo_wild_choose_processor (wild);

  if (kromo_dice_chance (wild->dice, 50))
    link_weighted (wild, kromo_wild_choose (wild), target, param, 0.5);
  else
    kromo_wild_drive (
        wild, kromo_wild_add_output (wild, KROMO_SKETCH_NOTE_OUTPUT), target, param, 0.0, 1.0);
}

static void
disable_some (KromoWild *wild, guint percent)
{
  GArray *connections = wild->sketch->connections;

  for (guint i = 0; i < connections->len; i++) {
    if (kromo_dice_chance (wild->dice, percent))
      g_array_index (connections, KromoSketchConnection, i).disabled = TRUE;
  }
}

void
kromo_wild_add_oddities (KromoWild *wild)
{
  if (kromo_dice_chance (wild->dice, 20)) {
    for (guint n = kromo_dice_from (wild->dice, 1, 3); n > 0; n--)
      add_duplicate (wild);
  }
  if (kromo_dice_chance (wild->dice, 15))
    add_rival (wild);
  if (kromo_dice_chance (wild->dice, 15))
    add_idle_drive (wild);
  if (kromo_dice_chance (wild->dice, 8))
    add_misfit (wild);
  if (kromo_dice_chance (wild->dice, 5) && !wild->sketch->plain)
    add_nonsense (wild);
  if (kromo_dice_chance (wild->dice, 40) && !wild->sketch->plain)
    disable_some (wild, kromo_dice_from (wild->dice, 3, 20));
}
