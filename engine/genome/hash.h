/* Numbers that look random, made of other numbers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

#define KROMO_GOLDEN_GAMMA G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)

/* A step of Steele, Lea and Flood's SplitMix64, whose state is @x before it and @x + KROMO_GOLDEN_GAMMA after. */
static inline guint64
kromo_splitmix64 (guint64 x)
{
  x += KROMO_GOLDEN_GAMMA;
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

/* Mixes @size bytes, eight at a time, into a hash, which starts as any number. Tells things apart; does not guard them. */
static inline guint64
kromo_hash (guint64 hash, const void *data, gsize size)
{
  const guint8 *bytes = data;

  for (; size > 0; size -= MIN (size, 8), bytes += 8) {
    guint64 word = 0;

    memcpy (&word, bytes, MIN (size, 8));
    hash = (hash ^ word) * KROMO_GOLDEN_GAMMA;
    hash ^= hash >> 32;
  }
  return hash;
}

G_END_DECLS
