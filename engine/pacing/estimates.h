/* Real-time factors of what was played before, so that the next start need not measure.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many are kept. */
#define KROMO_ESTIMATES_MAX 256

/**
 * KromoEstimateKey:
 * @digest: the genome's
 * @rate: frames per second
 * @channels: of the output
 * @settings: whatever else makes it slower or faster, as some number
 *
 * What an estimate is of. Estimates are of this process, and so of one processor.
 */
typedef struct {
  guint64 digest[2];
  guint32 rate;
  guint32 channels;
  guint64 settings;
} KromoEstimateKey;

/**
 * kromo_estimates_recall:
 *
 * Returns: the real-time factor last remembered, or 0. Any thread.
 */
double kromo_estimates_recall (const KromoEstimateKey *key);

/**
 * kromo_estimates_remember:
 *
 * Replaces the estimate. The table is bounded: the one least recently recalled or remembered goes.
 * What is not a positive number is not remembered. Any thread.
 */
void kromo_estimates_remember (const KromoEstimateKey *key, double rtf);

G_END_DECLS
