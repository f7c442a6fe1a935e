/* Wild genomes: all that is valid.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "random-private.h"

#define MAX_OUTPUTS 18
#define MAX_AUDIO_NODES 60

void
kromo_wild_link (KromoWild *wild, guint source, guint target)
{
  static const double weights[] = { 1.0, 0.5, -0.7, 1.0, 0.9999995, 5e-7 };
  const guint roll = kromo_dice_below (wild->dice, 100);
  KromoSketchConnection *connection =
      kromo_patch_sketch_connect (wild->sketch, source, target, NULL);

  if (roll < 4)
    connection->weight = 0.0;
  else if (roll < 30)
    connection->weight = weights[kromo_dice_below (wild->dice, G_N_ELEMENTS (weights))];
  else
    connection->weight = kromo_dice_between (wild->dice, 0.05, 1.0);
}

static void
add_nodes (KromoWild *wild)
{
  static const KromoNodeKind sources[] = { KROMO_NODE_OSCILLATOR, KROMO_NODE_BUFFER_SOURCE,
    KROMO_NODE_BUFFER_SOURCE, KROMO_NODE_WAVETABLE, KROMO_NODE_ADDITIVE };
  static const KromoNodeKind processors[] = { KROMO_NODE_GAIN, KROMO_NODE_GAIN, KROMO_NODE_DELAY,
    KROMO_NODE_BIQUAD_FILTER, KROMO_NODE_BIQUAD_FILTER, KROMO_NODE_WAVE_SHAPER,
    KROMO_NODE_DYNAMICS_COMPRESSOR, KROMO_NODE_CONVOLVER, KROMO_NODE_FEEDBACK_DELAY,
    KROMO_NODE_CHANNEL_MERGER };

  while (wild->audio->len < wild->n_wanted) {
    if (wild->audio->len == 0 || kromo_dice_chance (wild->dice, 35))
      kromo_wild_add (wild, sources[kromo_dice_below (wild->dice, G_N_ELEMENTS (sources))]);
    else
      kromo_wild_add (wild, processors[kromo_dice_below (wild->dice, G_N_ELEMENTS (processors))]);
  }
}

/* Forwards, in an order that is not that of creation. */
static void
link_nodes (KromoWild *wild)
{
  const guint n = wild->audio->len;
  g_autofree guint *order = g_memdup2 (wild->audio->data, n * sizeof (guint));

  kromo_dice_shuffle (wild->dice, order, n);
  for (guint i = 0; i < n; i++) { /* what sounds goes first */
    for (guint k = i; k > 0 && kromo_wild_is_source (wild, order[k])
         && !kromo_wild_is_source (wild, order[k - 1]);
         k--) {
      const guint node = order[k];

      order[k] = order[k - 1];
      order[k - 1] = node;
    }
  }
  for (guint i = 0; i < n; i++) {
    const gboolean orphan = kromo_dice_chance (wild->dice, 4);
    guint n_targets = kromo_dice_from (wild->dice, 1, 10) < 9 ? 1 : 3;

    for (; n_targets > 0 && i + 1 < n && !orphan; n_targets--) {
      const guint target = order[kromo_dice_from (wild->dice, i + 1, n - 1)];

      if (!kromo_wild_is_source (wild, target))
        kromo_wild_link (wild, order[i], target);
    }
    if (!orphan && kromo_dice_chance (wild->dice, 25))
      kromo_patch_sketch_connect (wild->sketch, order[i], KROMO_SKETCH_OUT, NULL);
  }
  if (kromo_dice_chance (wild->dice, 96))
    kromo_patch_sketch_connect (wild->sketch, order[n - 1], KROMO_SKETCH_OUT, NULL);
}

/* The last gain, whose key makes the reference fade it: all that went to the output goes there. */
static void
add_fade (KromoWild *wild)
{
  const guint fade = kromo_patch_sketch_add (
      wild->sketch, KROMO_NODE_GAIN, g_strdup (wild->sketch->plain ? "0" : "0-"));

  for (guint i = 0; i < wild->sketch->connections->len; i++) {
    KromoSketchConnection *c = &g_array_index (wild->sketch->connections, KromoSketchConnection, i);

    if (c->target == KROMO_SKETCH_OUT)
      c->target = fade;
  }
  kromo_patch_sketch_connect (wild->sketch, fade, KROMO_SKETCH_OUT, NULL);
  wild->fades = wild->sketch->plain;
}

static char *
make_patch (KromoDice *dice, gboolean plain, gboolean per_frequency, guint n_outputs)
{
  g_autoptr (KromoPatchSketch) sketch = kromo_patch_sketch_new (plain);
  g_autoptr (GArray) audio = g_array_new (FALSE, FALSE, sizeof (guint));
  const guint most = kromo_dice_chance (dice, 15) ? MAX_AUDIO_NODES - 10 : 16;
  KromoWild wild = { dice, sketch, n_outputs, per_frequency, FALSE, audio,
    kromo_dice_from (dice, 1, most), 0 };

  sketch->numbers = kromo_dice_chance (dice, 30);
  if (kromo_dice_chance (dice, 15))
    sketch->encodings[0] = kromo_dice_from (dice, 1, 2);
  if (kromo_dice_chance (dice, 15))
    sketch->encodings[1] = 1;
  add_nodes (&wild);
  link_nodes (&wild);
  kromo_wild_add_loops (&wild);
  kromo_wild_add_modulation (&wild);
  if (kromo_dice_chance (dice, plain ? 25 : 4))
    add_fade (&wild);
  kromo_wild_add_oddities (&wild);
  return kromo_patch_sketch_to_json (sketch);
}

static void
write_metadata (KromoDice *dice, GString *text, const char *id)
{
  kromo_text_string (text, kromo_dice_chance (dice, 50) ? "_id" : "id", id);
  if (kromo_dice_chance (dice, 30))
    kromo_text_number (text, "duration", kromo_dice_between (dice, 0.1, 10.0));
  if (kromo_dice_chance (dice, 30))
    kromo_text_number (text, "noteDelta", kromo_dice_from (dice, 0, 24) - 12.0);
  if (kromo_dice_chance (dice, 30))
    kromo_text_number (text, "velocity", kromo_dice_between (dice, 0.0, 1.0));
  if (kromo_dice_chance (dice, 30))
    kromo_text_literal (text, "reverse", kromo_dice_chance (dice, 50) ? "true" : "false");
}

char *
kromo_random_wild (KromoDice *dice, const char *id)
{
  const gboolean plain = kromo_dice_chance (dice, 30);
  const gboolean per_frequency = kromo_dice_chance (dice, 20);
  const guint n_outputs =
      kromo_dice_chance (dice, 70) ? MAX_OUTPUTS : kromo_dice_from (dice, 1, MAX_OUTPUTS);
  g_autofree char *network = kromo_wild_network_to_json (dice, n_outputs, per_frequency);
  g_autofree char *patch = make_patch (dice, plain, per_frequency, n_outputs);
  const gboolean older = plain && kromo_dice_chance (dice, 50);
  const guint wrapping = kromo_dice_below (dice, 4);
  g_autoptr (GString) genome = g_string_new (NULL);
  GString *text = g_string_new (NULL);

  kromo_text_open (genome, NULL, '{');
  if (wrapping == 0)
    write_metadata (dice, genome, id);
  kromo_text_json (
      genome, older ? "member" : "waveNetwork", network, kromo_dice_chance (dice, 5) ? 1 : 0);
  kromo_text_literal (genome, !plain ? "asNEATPatch" : older ? "patch" : "synthIsPatch", patch);
  kromo_text_close (genome, '}');
  if (wrapping == 0) {
    g_string_append_len (text, genome->str, (gssize) genome->len);
  } else {
    kromo_text_open (text, NULL, '{');
    write_metadata (dice, text, id);
    /* an object called genome or data, or a text called genome */
    kromo_text_json (text, wrapping == 2 ? "data" : "genome", genome->str, wrapping == 3 ? 1 : 0);
    kromo_text_close (text, '}');
  }
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}
