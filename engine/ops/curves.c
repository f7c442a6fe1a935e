/* Value curves; compiled once for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "set.h"

#include <math.h>

extern const KromoCurveOps KROMO_TABLE (kromo_curve_ops);

static void
map_range (float *y, const float *x, guint n, double a, double width)
{
  const double half = 0.5 * width; /* exact */

  for (guint i = 0; i < n; i++)
    y[i] = (float) ((x[i] + 1.0) * half + a);
}

static void
map_wave (float *y, const float *x, guint n, const KromoWaveWindow *window)
{
  const double start = window->start, end = window->end, middle = window->middle;
  const double width = window->width;
  const double lift = window->idle_at_zero ? 0.0 : 1.0, half = window->idle_at_zero ? 1.0 : 0.5;

  for (guint i = 0; i < n; i++) {
    const double s = x[i];
    const double ramp = 1.0 - fabs (middle - s) / width;
    const gboolean inside = (start < s) & (s < end);
    const float g = (float) (inside ? ramp : 0.0);

    y[i] = (float) ((g + lift) * half);
  }
}

static void
find_positions (double *positions, const double *times, double start, double last, double duration)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    positions[i] = (last * (times[i] - start)) / duration;
}

static gboolean
split (gint32 *whole, float *phase, const double *positions, double first)
{
  const gint32 start = (gint32) (positions[0] - first);
  guint32 any = 0;

  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const double position = positions[i] - first; /* exact, as is its fraction */
    const gint32 k = (gint32) position;

    whole[i] = k;
    phase[i] = (float) (position - k);
    any |= (guint32) (k - start) ^ i;
  }
  return any == 0;
}

static void
interpolate (float *restrict y, const float *window, const gint32 *whole, const float *phase)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const float a = window[whole[i]], b = window[whole[i] + 1];

    y[i] = fmaf (b - a, phase[i], a);
  }
}

static void
interpolate_steady (float *restrict y, const float *window, const float *phase)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = fmaf (window[i + 1] - window[i], phase[i], window[i]);
}

const KromoCurveOps KROMO_TABLE (kromo_curve_ops) = {
  .map_range = map_range,
  .map_wave = map_wave,
  .find_positions = find_positions,
  .split = split,
  .interpolate = interpolate,
  .interpolate_steady = interpolate_steady,
};
