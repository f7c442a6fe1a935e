/* What happens to levels on the way out of the ring.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "renderer-private.h"

#include <math.h>
#include <string.h>

#define RING_FRAMES KROMO_RING_FRAMES

void
kromo_levels_map (KromoRenderer *renderer, guint64 start, guint n)
{
  const KromoSound *sound = renderer->sound;
  const double min = sound->min, max = sound->max;

  if (sound->format.normalize != KROMO_NORMALIZE_PEAK || (min >= -1.0 && max <= 1.0))
    return;
  for (guint c = 0; c < sound->format.channels; c++) {
    float *x = kromo_renderer_ring_at (renderer, c, start);

    for (guint i = 0; i < n; i++)
      x[i] = (float) ((x[i] - min) / (max - min) * 2.0 - 1.0);
  }
}

static void
put_plain (const KromoRenderer *renderer, float *const *channels, gsize offset, gsize n)
{
  const KromoSound *sound = renderer->sound;
  const guint64 start = renderer->output->position;

  for (guint c = 0; c < sound->format.channels; c++) {
    for (gsize i = 0; i < n;) {
      const gsize count = MIN (n - i, RING_FRAMES - (start + i) % RING_FRAMES);

      memcpy (channels[c] + offset + i, kromo_renderer_ring_at (renderer, c, start + i),
          count * sizeof (float));
      i += count;
    }
  }
}

/* The greatest magnitude in any channel of @n frames from @start on, 0 past the end. */
static float
magnitude_of (const KromoRenderer *renderer, guint64 start, gsize n)
{
  const guint64 n_frames = renderer->sound->n_frames;
  float magnitude = 0.0f;

  if (start >= n_frames)
    return 0.0f;
  n = (gsize) MIN (n, n_frames - start);
  for (guint c = 0; c < renderer->sound->format.channels; c++) {
    for (gsize i = 0; i < n;) {
      const gsize count = MIN (n - i, RING_FRAMES - (start + i) % RING_FRAMES);
      const float *x = kromo_renderer_ring_at (renderer, c, start + i);

      for (gsize k = 0; k < count; k++)
        magnitude = fabsf (x[k]) > magnitude ? fabsf (x[k]) : magnitude;
      i += count;
    }
  }
  return magnitude;
}

static void
put_limited (KromoRenderer *renderer, float *const *channels, gsize offset, gsize n)
{
  KromoOutput *output = renderer->output;
  KromoLimiter *limiter = &output->limiter;

  if (output->n_scanned == 0) {
    output->n_scanned = limiter->look_ahead;
    kromo_limiter_look (limiter, magnitude_of (renderer, 0, limiter->look_ahead));
  }
  put_plain (renderer, channels, offset, n);
  if (kromo_limiter_is_idle (limiter) && magnitude_of (renderer, output->n_scanned, n) <= 1.0f) {
    output->n_scanned += n; /* nothing to do, and nothing of it to remember */
    return;
  }
  for (gsize i = 0; i < n; i++) {
    const double gain =
        kromo_limiter_next (limiter, magnitude_of (renderer, output->n_scanned++, 1));

    if (gain == 1.0)
      continue;
    for (guint c = 0; c < renderer->sound->format.channels; c++)
      channels[c][offset + i] = kromo_limiter_apply (channels[c][offset + i], gain);
  }
}

void
kromo_levels_put (KromoRenderer *renderer, float *const *channels, gsize offset, gsize n)
{
  if (renderer->sound->format.normalize == KROMO_NORMALIZE_LIMIT)
    put_limited (renderer, channels, offset, n);
  else
    put_plain (renderer, channels, offset, n);
}

guint
kromo_levels_get_look_ahead (const KromoRenderer *renderer)
{
  return renderer->sound->format.normalize == KROMO_NORMALIZE_LIMIT
      ? renderer->output->limiter.look_ahead
      : 0;
}

gsize
kromo_levels_count_ready (const KromoRenderer *renderer)
{
  const KromoOutput *output = renderer->output;
  const guint64 ahead =
      output->n_rendered < renderer->sound->n_frames ? kromo_levels_get_look_ahead (renderer) : 0;
  const guint64 available = output->n_rendered - output->position;

  return (gsize) (available > ahead ? available - ahead : 0);
}
