/* Wave shapers; compiled once for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "set.h"

#include <math.h>

extern const KromoShaperOps KROMO_TABLE (kromo_shaper_ops);

static void
find_points (guint64 *left, guint64 *right, float *phase, const float *x, guint64 last)
{
  const float top = (float) last, half = top / 2.0f;

  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const float v = half * (x[i] + 1.0f), whole = floorf (v);
    const gboolean inside = (v > 0.0f) & (v < top), above = (v >= top) & (v > 0.0f);
    const guint64 first = (guint64) (gint64) (inside ? whole : 0.0f);
    const guint64 next = first < last ? first + 1 : last;
    const float rest = v == v ? 0.0f : v;

    left[i] = above ? last : first;
    right[i] = inside ? next : left[i];
    phase[i] = inside ? v - whole : rest;
  }
}

static void
blend (float *y, const float *left, const float *right, const float *phase)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = (1.0f - phase[i]) * left[i] + phase[i] * right[i];
}

const KromoShaperOps KROMO_TABLE (kromo_shaper_ops) = {
  .find_points = find_points,
  .blend = blend,
};
