/* Fades at both ends of a sound.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "edge-fade.h"

#include "../kromo.h"

void
kromo_edge_fade_init (KromoEdgeFade *fade, guint rate, guint64 duration, guint64 n_frames)
{
  fade->n_frames = n_frames;
  fade->length = MIN (kromo_count_frames (rate, duration), n_frames / 2);
}

void
kromo_edge_fade_apply (const KromoEdgeFade *fade, guint64 start, float *samples, guint n)
{
  const double length = (double) fade->length;

  if (start >= fade->length && start + n <= fade->n_frames - fade->length)
    return;
  for (guint i = 0; i < n; i++) {
    const guint64 frame = start + i;
    const guint64 k = MIN (frame, fade->n_frames - 1 - frame);
    const double t = (double) k / length;

    if (k < fade->length)
      samples[i] = (float) (samples[i] * (t * t * (3.0 - 2.0 * t)));
  }
}
