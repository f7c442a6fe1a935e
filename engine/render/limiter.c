/* The limiter.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "limiter.h"

#include <math.h>

void
kromo_limiter_reset (KromoLimiter *limiter, guint rate)
{
  limiter->look_ahead = (guint32) floor (0.005 * rate + 0.5);
  g_assert (limiter->look_ahead <= KROMO_LIMITER_MAX_LOOK_AHEAD);
  limiter->next = 0;
  limiter->n_same = limiter->look_ahead + 1;
  limiter->peak = 0.0;
  limiter->sum = 0.0;
  limiter->last = 1.0;
  for (guint i = 0; i <= limiter->look_ahead; i++)
    limiter->h[i] = limiter->look_ahead + 1.0 - i;
}

gboolean
kromo_limiter_is_idle (const KromoLimiter *limiter)
{
  return limiter->peak <= 1.0;
}

void
kromo_limiter_look (KromoLimiter *limiter, float magnitude)
{
  limiter->peak = magnitude > limiter->peak ? magnitude : limiter->peak;
}

/* The sum over a window that slides, of positive numbers and without a difference: where they fall by many
 * orders of magnitude, what a difference leaves is rounding errors. The window is the end of one round
 * of the ring and the beginning of the next, whose sums are kept. Rounds begin at the first frame that needs
 * a gain. */
double
kromo_limiter_next (KromoLimiter *limiter, float magnitude)
{
  const guint32 length = limiter->look_ahead + 1;
  double h, before;

  kromo_limiter_look (limiter, magnitude);
  if (kromo_limiter_is_idle (limiter))
    return 1.0;
  h = 1.0 / limiter->peak;
  limiter->n_same = h == limiter->last ? MIN (limiter->n_same + 1, length) : 1;
  limiter->last = h;
  limiter->sum += h;
  limiter->h[limiter->next++] = h;
  before = limiter->next < length ? limiter->h[limiter->next] : 0.0;
  h = limiter->n_same == length ? limiter->last : (limiter->sum + before) / length;
  if (limiter->next == length) {
    for (guint i = length - 1; i-- > 0;)
      limiter->h[i] += limiter->h[i + 1];
    limiter->next = 0;
    limiter->sum = 0.0;
  }
  return h;
}

float
kromo_limiter_apply (float x, double gain)
{
  const double y = x * gain;

  return (float) CLAMP (y, -1.0, 1.0);
}
