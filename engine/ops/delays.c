/* Delay lines; compiled once for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "set.h"

#include <math.h>

extern const KromoDelayOps KROMO_TABLE (kromo_delay_ops);

static void
find_taps (gint32 *whole, float *phase, const float *delay, double least, double rate)
{
  for (gint i = 0; i < KROMO_QUANTUM; i++) {
    const double d = delay[i] > least ? delay[i] : least, position = i - d * rate;
    const double below = floor (position);

    whole[i] = (gint32) below;
    phase[i] = (float) (position - below);
  }
}

static void
read_taps (float *y, const float *ring, gint32 length, gint32 start, const gint32 *whole,
    const float *phase)
{
  float a[KROMO_QUANTUM], b[KROMO_QUANTUM];

  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    gint32 m = whole[i] + start;

    m += m < 0 ? length : 0;
    m -= m >= length ? length : 0;
    a[i] = ring[m];
    b[i] = ring[m + 1 == length ? 0 : m + 1];
  }
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = fmaf (1.0f - phase[i], a[i], phase[i] * b[i]);
}

static void
blend (float *restrict y, const float *window, float phase)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = fmaf (1.0f - phase, window[i], phase * window[i + 1]);
}

const KromoDelayOps KROMO_TABLE (kromo_delay_ops) = {
  .find_taps = find_taps,
  .read_taps = read_taps,
  .blend = blend,
};
