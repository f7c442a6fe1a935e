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
  limiter->sum = limiter->look_ahead + 1.0;
  for (guint i = 0; i <= limiter->look_ahead; i++)
    limiter->h[i] = 1.0;
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

double
kromo_limiter_next (KromoLimiter *limiter, float magnitude)
{
  const guint32 length = limiter->look_ahead + 1;
  const guint32 last = (limiter->next + limiter->look_ahead) % length;
  double h;

  kromo_limiter_look (limiter, magnitude);
  h = fmin (1.0, 1.0 / limiter->peak);
  if (h == limiter->h[last] && limiter->n_same == length)
    return limiter->sum / length;
  limiter->n_same = h == limiter->h[last] ? limiter->n_same + 1 : 1;
  limiter->sum += h - limiter->h[limiter->next];
  limiter->h[limiter->next] = h;
  limiter->next = (limiter->next + 1) % length;
  if (limiter->n_same == length)
    limiter->sum = h * length; /* without the rounding errors on the way */
  return limiter->sum / length;
}

float
kromo_limiter_apply (float x, double gain)
{
  const double y = x * gain;

  return (float) CLAMP (y, -1.0, 1.0);
}
