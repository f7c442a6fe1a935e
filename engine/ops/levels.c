/* The compressor's levels; compiled once for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "../math/single.h"
#include "set.h"

#define SILENCE_DB (-1000.0f)

extern const KromoLevelOps KROMO_TABLE (kromo_level_ops);

static inline float
to_linear (float db)
{
  return kromo_single_exp10 (db / 20.0f);
}

static inline float
to_db (float linear)
{
  const float db = 20.0f * kromo_single_log10 (linear);

  return linear == 0.0f ? SILENCE_DB : db;
}

static void
find_peaks (float *y, const float *left, const float *right)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const float a = fabsf (left[i]), b = fabsf (right[i]);
    const gboolean take_b = (b > a) | (b != b);

    y[i] = take_b ? b : a;
  }
}

static void
find_reductions (float *y, const float *peak, const KromoCompression *curve)
{
  const float threshold = curve->threshold, half = curve->width / 2.0f, k = curve->k;
  const float ratio = curve->ratio;

  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    const float level = to_db (peak[i]), x = level - threshold + half;
    const float knee = level + x * x * k, above = threshold + (level - threshold) / ratio;
    const float out = level <= threshold + half ? knee : above;

    y[i] = level - (level <= threshold - half ? level : out);
  }
}

static void
find_gains (float *y, const float *reduction, float make_up)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    y[i] = to_linear (-reduction[i] + make_up);
}

const KromoLevelOps KROMO_TABLE (kromo_level_ops) = {
  .find_peaks = find_peaks,
  .find_reductions = find_reductions,
  .find_gains = find_gains,
};
