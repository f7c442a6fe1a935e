/* One renderer going on where another is: a change while it sounds.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Ring, limiter and positions are the old one's, the graph is the new one's, and for the length of the fade both
 * graphs run. Their quanta meet in the ring, before the limiter, with what belongs to each alone done:
 * non-finite samples replaced, the sound's edges faded, the map of normalize=peak applied.
 */
#include "renderer-private.h"

#include <string.h>

/* sin (pi / 2 * t) for 0 <= t <= 1, Taylor's series: the same on every CPU. */
static double
quarter_sine (double t)
{
  const double x = t * (G_PI / 2.0), y = -x * x;
  double sum = 1.0;

  for (int n = 22; n > 0; n -= 2)
    sum = 1.0 + sum * y / (n * (n + 1));
  return x * sum;
}

void
kromo_renderer_end_fade (KromoRenderer *renderer)
{
  g_clear_pointer (&renderer->old, kromo_renderer_free);
}

static void
mix (const KromoRenderer *renderer, guint channel, guint64 start, guint n)
{
  const double length = (double) renderer->fade_length;
  const gboolean in_range = renderer->sound->format.normalize == KROMO_NORMALIZE_PEAK;
  const float *from = kromo_renderer_ring_at (renderer->old, channel, start);
  float *to = kromo_renderer_ring_at (renderer, channel, start);

  for (guint i = 0; i < n && start + i - renderer->fade_start < renderer->fade_length; i++) {
    const double t = ((double) (start + i - renderer->fade_start) + 0.5) / length;
    const double y = from[i] * quarter_sine (1.0 - t) + to[i] * quarter_sine (t);

    to[i] = (float) (in_range ? CLAMP (y, -1.0, 1.0) : y);
  }
}

void
kromo_renderer_crossfade (KromoRenderer *renderer, guint64 start, guint n)
{
  const KromoOutput *output = renderer->output;

  kromo_renderer_step (renderer->old);
  for (guint c = 0; c < renderer->sound->format.channels; c++)
    mix (renderer, c, start, n);
  if (output->n_rendered >= renderer->fade_start + renderer->fade_length
      || output->n_rendered == renderer->sound->n_frames)
    kromo_renderer_end_fade (renderer);
}

static gboolean
have_same_states (const KromoSound *a, const KromoSound *b)
{
  return a->layout.state == b->layout.state && kromo_graph_has_same_states (a->graph, b->graph);
}

/* Nothing of it sounded: also a scan that was interrupted. */
static gboolean
is_at_start (const KromoRenderer *renderer)
{
  return renderer->output->n_rendered == 0 || kromo_renderer_needs_preparation (renderer);
}

gboolean
kromo_renderer_take_over (KromoRenderer *renderer, KromoRenderer *old, gboolean keep_states)
{
  const KromoSound *sound = renderer->sound, *before = old->sound;
  const gboolean kept = keep_states && have_same_states (sound, before);
  const guint64 block = old->output->n_rendered / KROMO_QUANTUM;

  g_assert (old->old == NULL && !kromo_renderer_needs_preparation (renderer));
  g_assert (sound->n_frames == before->n_frames && sound->format.rate == before->format.rate
      && sound->format.channels == before->format.channels
      && sound->format.normalize == before->format.normalize);
  kromo_renderer_prepare (renderer, NULL, NULL, NULL); /* no scans, but maybe tables of noise */
  kromo_renderer_reset (renderer);
  if (is_at_start (old)) {
    kromo_renderer_free (old);
    return kept;
  }
  *renderer->output = *old->output;
  memcpy (renderer->ring, old->ring,
      (gsize) sound->format.channels * KROMO_RING_FRAMES * sizeof (float));
  renderer->straight = FALSE;
  renderer->fade_start = old->output->n_rendered;
  renderer->fade_length = (sound->format.rate + 50) / 100;
  if (renderer->fade_start < sound->n_frames)
    kromo_graph_start (sound->graph, &renderer->arena, block, kept ? before->graph : NULL,
        kept ? &old->arena : NULL);
  renderer->old = old;
  g_clear_pointer (&old->checkpoints, kromo_checkpoints_free);
  if (renderer->fade_start == sound->n_frames)
    kromo_renderer_end_fade (renderer);
  return kept;
}

gboolean
kromo_renderer_is_fading (const KromoRenderer *renderer)
{
  return renderer->old != NULL;
}
