/* The estimate of the real-time factor, and chunk lengths from it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "pacing.h"

#include <math.h>

#define QUANTUM 128
#define SECOND 1e9

/* How much of the way a faster chunk pulls the estimate down. One fast chunk in a slow passage must
 * not make the next one long; four in a row take two thirds of the way. */
#define FASTER_WEIGHT 0.25

/* Sound without a slow chunk, in seconds, after which the live bound halves. */
#define CALM_SECONDS 10

/* Quotients that are whole quanta but for their rounding count as whole. */
#define SLACK 1e-9

/* The nearest whole frame, at least one. */
static guint64
to_frames (guint64 duration, guint rate)
{
  guint64 seconds = duration / G_GUINT64_CONSTANT (1000000000);
  guint64 rest = duration % G_GUINT64_CONSTANT (1000000000);
  guint64 frames = seconds * rate
      + (rest * rate + G_GUINT64_CONSTANT (500000000)) / G_GUINT64_CONSTANT (1000000000);

  return MAX (frames, 1);
}

static guint64
get_min (const KromoPacingSettings *settings)
{
  return to_frames (settings->min_chunk, settings->rate);
}

/* A minimum above the maximum wins. */
static guint64
get_max (const KromoPacingSettings *settings)
{
  return MAX (to_frames (settings->max_chunk, settings->rate), get_min (settings));
}

void
kromo_pacing_init (KromoPacing *pacing, const KromoPacingSettings *settings)
{
  g_return_if_fail (pacing != NULL);
  g_return_if_fail (settings != NULL);

  *pacing = (KromoPacing){ .settings = *settings };
}

void
kromo_pacing_restart (KromoPacing *pacing)
{
  g_return_if_fail (pacing != NULL);

  pacing->last_chunk = 0;
}

/* Live chunks are a delay that all of the pipeline waits for, so they grow by need alone. */
static void
update_live_bound (KromoPacing *pacing, guint64 frames, guint64 elapsed)
{
  const KromoPacingSettings *settings = &pacing->settings;
  guint64 min = get_min (settings);
  guint64 bound = kromo_pacing_get_bound (pacing);
  gboolean is_slow = 2.0 * (double) elapsed * settings->rate > (double) frames * SECOND;

  /* What the end of the sound cuts short costs whole quanta all the same, and no bound helps. */
  if (is_slow && frames >= min) {
    bound = MIN (2 * bound, get_max (settings));
    pacing->calm = 0;
  } else {
    pacing->calm += frames;
    if (pacing->calm >= (guint64) CALM_SECONDS * settings->rate) {
      bound = MAX ((bound + 1) / 2, min);
      pacing->calm = 0;
    }
  }
  pacing->live_bound = bound;
}

void
kromo_pacing_measure (KromoPacing *pacing, guint64 frames, guint64 elapsed)
{
  double rtf;

  g_return_if_fail (pacing != NULL);

  if (frames == 0)
    return;

  if (pacing->settings.live && pacing->settings.adaptive)
    update_live_bound (pacing, frames, elapsed);

  /* Rendering goes by quanta: less than one says nothing else than a whole one. A clock too coarse
   * to see the work still tells that there was some. */
  rtf =
      (double) MAX (elapsed, 1) * pacing->settings.rate / ((double) MAX (frames, QUANTUM) * SECOND);
  if (pacing->rtf == 0 || rtf >= pacing->rtf)
    pacing->rtf = rtf;
  else
    pacing->rtf += FASTER_WEIGHT * (rtf - pacing->rtf);
}

void
kromo_pacing_recall (KromoPacing *pacing, double rtf)
{
  g_return_if_fail (pacing != NULL);

  if (isfinite (rtf) && rtf > 0)
    pacing->rtf = rtf;
}

guint64
kromo_pacing_get_bound (const KromoPacing *pacing)
{
  const KromoPacingSettings *settings;

  g_return_val_if_fail (pacing != NULL, 1);

  settings = &pacing->settings;
  if (!settings->adaptive)
    return to_frames (settings->fixed_chunk, settings->rate);
  if (!settings->live)
    return get_max (settings);

  return pacing->live_bound != 0 ? pacing->live_bound : get_min (settings);
}

/* Where the chunks grow to. */
static guint64
goal (const KromoPacing *pacing, guint64 min, guint64 max)
{
  const KromoPacingSettings *settings = &pacing->settings;
  double frames;

  if (pacing->rtf == 0)
    return CLAMP (to_frames (settings->fixed_chunk, settings->rate), min, max);

  frames = (double) settings->target_latency * settings->rate / (pacing->rtf * SECOND);
  if (frames >= (double) max)
    return max;
  frames = floor (frames / QUANTUM * (1 + SLACK)) * QUANTUM;

  return frames > (double) min ? (guint64) frames : min;
}

guint64
kromo_pacing_next_chunk (KromoPacing *pacing)
{
  const KromoPacingSettings *settings;
  guint64 min, max, chunk;

  g_return_val_if_fail (pacing != NULL, 1);

  settings = &pacing->settings;
  min = get_min (settings);
  max = get_max (settings);
  if (!settings->adaptive)
    chunk = to_frames (settings->fixed_chunk, settings->rate);
  else if (settings->live)
    chunk = pacing->live_bound = kromo_pacing_get_bound (pacing);
  else if (pacing->last_chunk == 0)
    chunk = min;
  else
    chunk = MAX (MIN (goal (pacing, min, max), 2 * pacing->last_chunk), min);
  pacing->last_chunk = chunk;

  return chunk;
}
