/* Frames, any number at a time.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "../math/fpmode.h"
#include "pages.h"
#include "renderer-private.h"
#include "settings.h"

#include <math.h>
#include <string.h>

/* ---- making one ---- */

/* Takes over @sound's reference. Memory that is never touched, such as that of a long response's last
 * partitions, is never made real. */
static KromoRenderer *
renderer_new (KromoSound *sound, GError **error)
{
  KromoRenderer *renderer = g_new0 (KromoRenderer, 1);

  renderer->sound = sound;
  renderer->memory = kromo_pages_alloc (kromo_sound_get_arena_size (sound));
  if (renderer->memory == NULL) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_NO_MEMORY,
        "the system has no memory for rendering, which takes %" G_GUINT64_FORMAT " bytes",
        sound->memory);
    kromo_renderer_free (renderer);
    return NULL;
  }
  renderer->arena.state = (guint8 *) (((guintptr) renderer->memory + KROMO_ALIGNMENT - 1)
      & ~(guintptr) (KROMO_ALIGNMENT - 1));
  renderer->arena.scratch = renderer->arena.state + sound->layout.state;
  renderer->output = kromo_arena_state (&renderer->arena, sound->output);
  renderer->ring = kromo_arena_state (&renderer->arena, sound->ring);
  kromo_renderer_reset (renderer);
  return renderer;
}

KromoRenderer *
kromo_renderer_new (
    KromoGenome *genome, const KromoNote *note, const KromoFormat *format, GError **error)
{
  const KromoFpMode mode = kromo_fp_begin (KROMO_FP_USUAL);
  KromoRenderer *renderer = NULL;
  KromoSound *sound = NULL;

  if (kromo_check_settings (note, format, error))
    sound = kromo_sound_new (genome, note, format, error);
  if (sound != NULL)
    renderer = renderer_new (sound, error);
  kromo_fp_set_mode (mode);
  return renderer;
}

KromoRenderer *
kromo_renderer_copy (const KromoRenderer *renderer)
{
  KromoSound *sound = renderer->sound;
  KromoRenderer *copy = renderer_new (kromo_sound_ref (sound), NULL);

  if (copy == NULL)
    return NULL;
  memcpy (copy->arena.state, renderer->arena.state, sound->layout.state);
  copy->straight = renderer->straight;
  copy->fade_start = renderer->fade_start;
  copy->fade_length = renderer->fade_length;
  if (renderer->old != NULL) {
    copy->old = kromo_renderer_copy (renderer->old);
    if (copy->old == NULL)
      g_clear_pointer (&copy, kromo_renderer_free);
  }
  return copy;
}

void
kromo_renderer_free (KromoRenderer *renderer)
{
  kromo_renderer_end_fade (renderer);
  g_clear_pointer (&renderer->ahead, kromo_ahead_free);
  g_clear_pointer (&renderer->checkpoints, kromo_checkpoints_free);
  kromo_pages_free (renderer->memory, kromo_sound_get_arena_size (renderer->sound));
  kromo_sound_unref (renderer->sound);
  g_free (renderer);
}

void
kromo_renderer_reset (KromoRenderer *renderer)
{
  const KromoSound *sound = renderer->sound;
  KromoOutput *output = renderer->output;
  const KromoFpMode mode = kromo_fp_begin (KROMO_FP_USUAL);

  kromo_renderer_end_fade (renderer);
  renderer->straight = TRUE;
  output->n_rendered = output->position = output->n_scanned = output->n_non_finite = 0;
  kromo_limiter_reset (&output->limiter, sound->format.rate);
  kromo_bank_reset (sound->bank, &renderer->arena);
  kromo_graph_reset (sound->graph, &renderer->arena);
  kromo_fp_set_mode (mode);
}

/* ---- quanta ---- */

/* The reference's raw output has them. */
static gboolean
lets_non_finite_through (const KromoFormat *format)
{
  return format->rendering == KROMO_RENDERING_REFERENCE
      && format->normalize == KROMO_NORMALIZE_NONE;
}

static guint
replace_non_finite (float *samples, guint n)
{
  guint count = 0;

  for (guint i = 0; i < n; i++) {
    if (!isfinite (samples[i])) {
      samples[i] = 0.0f;
      count++;
    }
  }
  return count;
}

guint
kromo_renderer_run_graph (KromoRenderer *renderer)
{
  const KromoSound *sound = renderer->sound;
  KromoOutput *output = renderer->output;
  const guint n = (guint) MIN (sound->n_frames - output->n_rendered, KROMO_QUANTUM);
  const guint64 block = output->n_rendered / KROMO_QUANTUM;
  float *channels[KROMO_MAX_CHANNELS];

  for (guint c = 0; c < sound->format.channels; c++)
    channels[c] = kromo_renderer_ring_at (renderer, c, output->n_rendered);
  if (renderer->ahead != NULL)
    kromo_ahead_lend (renderer->ahead, &renderer->arena, block);
  kromo_graph_run (sound->graph, &renderer->arena, block, channels);
  for (guint c = 0; !lets_non_finite_through (&sound->format) && c < sound->format.channels; c++)
    output->n_non_finite += replace_non_finite (channels[c], n);
  for (guint c = 0; sound->fade.length > 0 && c < sound->format.channels; c++)
    kromo_edge_fade_apply (&sound->fade, output->n_rendered, channels[c], n);
  output->n_rendered += n;
  return n;
}

void
kromo_renderer_step (KromoRenderer *renderer)
{
  const guint64 start = renderer->output->n_rendered;
  guint n;

  kromo_renderer_leave_checkpoint (renderer);
  n = kromo_renderer_run_graph (renderer);
  kromo_levels_map (renderer, start, n);
  if (renderer->old != NULL)
    kromo_renderer_crossfade (renderer, start, n);
}

gsize
kromo_renderer_render (KromoRenderer *renderer, float *const *channels, gsize n_frames)
{
  KromoSound *sound = renderer->sound;
  KromoOutput *output = renderer->output;
  KromoFpMode mode;
  gsize done = 0;

  if (!kromo_renderer_prepare (renderer, NULL, NULL, NULL))
    return 0;
  mode = kromo_fp_begin (KROMO_FP_USUAL);
  while (done < n_frames && output->position < sound->n_frames) {
    const gsize ready = MIN (kromo_levels_count_ready (renderer), n_frames - done);

    if (ready == 0) {
      if (kromo_renderer_is_interrupted (renderer))
        break;
      kromo_renderer_step (renderer);
      continue;
    }
    kromo_levels_put (renderer, channels, done, ready);
    output->position += ready;
    done += ready;
  }
  kromo_fp_set_mode (mode);
  return done;
}

/* ---- threads ---- */

void
kromo_renderer_set_threads (KromoRenderer *renderer, KromoThreads *threads)
{
  KromoSound *sound = renderer->sound;

  if (threads == renderer->threads)
    return;
  renderer->threads = threads;
  if (renderer->ahead != NULL)
    kromo_bank_invalidate (sound->bank, &renderer->arena); /* what it has lent goes with it */
  g_clear_pointer (&renderer->ahead, kromo_ahead_free);
  if (threads != NULL && kromo_ahead_is_worth_while (sound->bank))
    renderer->ahead = kromo_ahead_new (sound->bank, threads,
        (sound->n_frames + KROMO_QUANTUM - 1) / KROMO_QUANTUM, kromo_sound_get_spare (sound));
}

/* ---- asking ---- */

void
kromo_renderer_set_interrupt (KromoRenderer *renderer, const gint *flag)
{
  renderer->interrupt = flag;
}

guint64
kromo_renderer_get_n_frames (const KromoRenderer *renderer)
{
  return renderer->sound->n_frames;
}

guint64
kromo_renderer_get_position (const KromoRenderer *renderer)
{
  return renderer->output->position;
}

guint64
kromo_renderer_get_non_finite (const KromoRenderer *renderer)
{
  return renderer->output->n_non_finite;
}

gsize
kromo_renderer_get_memory (const KromoRenderer *renderer)
{
  const gsize old = renderer->old != NULL ? kromo_renderer_get_memory (renderer->old) : 0;
  const gsize ahead = renderer->ahead != NULL ? kromo_ahead_get_memory (renderer->ahead) : 0;

  return (gsize) renderer->sound->memory + ahead + old;
}

guint64
kromo_renderer_get_operations (const KromoRenderer *renderer)
{
  return renderer->sound->operations;
}

gsize
kromo_renderer_get_checkpoint_memory (const KromoRenderer *renderer)
{
  return renderer->checkpoints != NULL ? kromo_checkpoints_get_memory (renderer->checkpoints) : 0;
}

gsize
kromo_renderer_get_state_size (const KromoRenderer *renderer)
{
  return renderer->sound->layout.state;
}

const char *const *
kromo_renderer_get_warnings (const KromoRenderer *renderer)
{
  return (const char *const *) renderer->sound->warnings;
}
