/* Random genomes: seeds become texts, texts become genomes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "random-private.h"

#include "../genome/hash.h"

#include <fenv.h>
#include <math.h>
#include <string.h>

void
kromo_dice_init (KromoDice *dice, guint64 seed)
{
  dice->state = seed;
}

guint64
kromo_dice_next (KromoDice *dice)
{
  const guint64 z = kromo_splitmix64 (dice->state);

  dice->state += KROMO_GOLDEN_GAMMA;
  return z;
}

guint
kromo_dice_below (KromoDice *dice, guint n)
{
  return (guint) (((kromo_dice_next (dice) >> 32) * n) >> 32);
}

guint
kromo_dice_from (KromoDice *dice, guint low, guint high)
{
  return low + kromo_dice_below (dice, high - low + 1);
}

gboolean
kromo_dice_chance (KromoDice *dice, guint percent)
{
  return kromo_dice_below (dice, 100) < percent;
}

double
kromo_round_decimals (double value)
{
  return floor (value * 10000.0 + 0.5) / 10000.0;
}

double
kromo_dice_between (KromoDice *dice, double low, double high)
{
  const double unit = (double) (kromo_dice_next (dice) >> 40) / 16777216.0;

  return kromo_round_decimals (low + (high - low) * unit);
}

void
kromo_dice_shuffle (KromoDice *dice, guint *values, guint n)
{
  for (guint i = n; i > 1; i--) {
    const guint k = kromo_dice_below (dice, i);
    const guint value = values[i - 1];

    values[i - 1] = values[k];
    values[k] = value;
  }
}

char *
kromo_random_genome_to_json (guint64 seed, KromoRandomKind kind)
{
  g_autofree char *id = g_strdup_printf (
      "kromo-%s-%" G_GUINT64_FORMAT, kind == KROMO_RANDOM_MUSICAL ? "musical" : "wild", seed);
  KromoDice dice;
  fenv_t environment;
  char *text;

  g_return_val_if_fail (kind == KROMO_RANDOM_MUSICAL || kind == KROMO_RANDOM_WILD, NULL);

  /* all of it, as the C library writes numbers by the rounding of the x87 */
  fegetenv (&environment);
  fesetenv (FE_DFL_ENV);
  kromo_dice_init (&dice, seed);
  /* neighbouring seeds are states of the same sequence otherwise */
  kromo_dice_init (&dice, kromo_dice_next (&dice) ^ ((guint64) kind << 32));
  text = kind == KROMO_RANDOM_MUSICAL ? kromo_random_musical (&dice, id)
                                      : kromo_random_wild (&dice, id);
  fesetenv (&environment);
  return text;
}

KromoGenome *
kromo_genome_new_random (guint64 seed, KromoRandomKind kind)
{
  g_autofree char *text = kromo_random_genome_to_json (seed, kind);
  g_autoptr (GError) error = NULL;
  KromoGenome *genome;

  g_return_val_if_fail (text != NULL, NULL);

  genome = kromo_genome_new_from_data (text, strlen (text), &error);
  if (genome == NULL)
    g_error (
        "the random genome of seed %" G_GUINT64_FORMAT " cannot be read: %s", seed, error->message);
  return genome;
}
