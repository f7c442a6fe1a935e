/* Value curves.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "curve.h"

#include <math.h>

typedef struct {
  guint64 k;
  float phase;
} Position;

static Position
curve_position (const KromoEvent *event, double time)
{
  const double last = (double) (event->curve.n_values - 1);
  const double position = (last * (time - event->time)) / event->duration;
  Position p;

  if (event->curve.n_values == 1) {
    p.k = 0;
    p.phase = 0.0f;
  } else if (time - event->time >= event->duration || position >= last) {
    p.k = event->curve.n_values - 2;
    p.phase = 2.0f; /* stands for the last value itself */
  } else {
    p.k = position > 0.0 ? (guint64) position : 0;
    p.phase = (float) (position - floor (position));
  }
  return p;
}

static float
interpolate (Position p, float a, float b)
{
  return p.phase == 2.0f ? b : fmaf (b - a, p.phase, a);
}

float
kromo_curve_value (
    const KromoEvent *event, const KromoBank *bank, const KromoArena *arena, double time)
{
  const Position p = curve_position (event, time);
  float pair[2];

  kromo_view_read (&event->curve, bank, arena, p.k, 2, pair);
  return interpolate (p, pair[0], pair[1]);
}

static void
find_taps (const KromoEvent *event, KromoBlockTime *time, KromoCurveTaps *taps)
{
  const KromoCurveOps *ops = kromo_ops_get ()->curves;
  const double last = (double) (event->curve.n_values - 1);
  double positions[KROMO_QUANTUM];

  taps->n_values = event->curve.n_values;
  taps->start = event->time;
  taps->duration = event->duration;
  taps->n_needed = 0;
  ops->find_positions (
      positions, kromo_block_time_get_times (time), event->time, last, event->duration);
  taps->first = (guint64) positions[0];
  if (!(positions[KROMO_QUANTUM - 1] < last)
      || positions[KROMO_QUANTUM - 1] - positions[0] > KROMO_QUANTUM)
    return;
  taps->n_needed = (guint) ((guint64) positions[KROMO_QUANTUM - 1] + 2 - taps->first);
  taps->is_steady = ops->split (taps->whole, taps->phase, positions, (double) taps->first);
}

gboolean
kromo_curve_fill_block (const KromoEvent *event, const KromoBank *bank, const KromoArena *arena,
    KromoBlockTime *time, float *values)
{
  const KromoCurveOps *ops = kromo_ops_get ()->curves;
  KromoCurveTaps *taps = &time->taps;
  float window[KROMO_QUANTUM + 3];

  if (taps->n_values != event->curve.n_values || taps->start != event->time
      || taps->duration != event->duration)
    find_taps (event, time, taps);
  if (taps->n_needed == 0)
    return FALSE;
  kromo_view_read (&event->curve, bank, arena, taps->first, taps->n_needed, window);
  if (taps->is_steady)
    ops->interpolate_steady (values, window + taps->whole[0], taps->phase);
  else
    ops->interpolate (values, window, taps->whole, taps->phase);
  return TRUE;
}

void
kromo_curve_fill (const KromoEvent *event, const KromoBank *bank, const KromoArena *arena,
    const double *times, guint n, float *values)
{
  const double last = (double) (event->curve.n_values - 1);
  double positions[KROMO_QUANTUM];
  float window[KROMO_QUANTUM + 2];
  guint64 k0, n_values;

  if (n == 0)
    return;
  for (guint i = 0; i < n; i++)
    positions[i] = (last * (times[i] - event->time)) / event->duration;
  k0 = (guint64) positions[0];
  n_values = positions[n - 1] < last ? (guint64) positions[n - 1] + 2 - k0 : G_MAXUINT64;
  if (n_values > G_N_ELEMENTS (window)) { /* its end, or more values than frames */
    for (guint i = 0; i < n; i++)
      values[i] = kromo_curve_value (event, bank, arena, times[i]);
    return;
  }
  kromo_view_read (&event->curve, bank, arena, k0, (guint) n_values, window);
  for (guint i = 0; i < n; i++) {
    const double position = positions[i] - (double) k0; /* exact, as is its fraction */
    const gint k = (gint) position;

    values[i] = fmaf (window[k + 1] - window[k], (float) (position - k), window[k]);
  }
}
