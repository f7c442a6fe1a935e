/* Frames, any number at a time.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The graph makes quanta; they go to a ring, faded at the sound's ends, as far ahead as the limiter
 * looks, and leave it through the levels. Everything that changes is in the arena: the state of a renderer is a copy of it.
 */
#include "settings.h"
#include "sound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RING_FRAMES KROMO_RING_FRAMES
#define SCAN_QUANTA 256 /* of a peak scan, between two reports of progress */

struct _KromoRenderer {
  KromoSound *sound;
  gpointer memory;
  KromoArena arena;
  KromoOutput *output;
  float *ring;
  const gint *interrupt;
};

/* ---- making one ---- */

/* Takes over @sound's reference. Memory that is never touched, such as that of a long response's last
 * partitions, is never made real: calloc() and no clearing. */
static KromoRenderer *
renderer_new (KromoSound *sound, GError **error)
{
  KromoRenderer *renderer = g_new0 (KromoRenderer, 1);

  renderer->sound = sound;
  renderer->memory = calloc (1, kromo_sound_get_arena_size (sound));
  if (renderer->memory == NULL) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_MEMORY,
        "the system has no memory for rendering, which takes %" G_GUINT64_FORMAT " bytes",
        kromo_sound_get_memory (sound));
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
  KromoSound *sound;

  if (!kromo_check_settings (note, format, error))
    return NULL;
  sound = kromo_sound_new (genome, note, format, error);
  return sound != NULL ? renderer_new (sound, error) : NULL;
}

KromoRenderer *
kromo_renderer_copy (const KromoRenderer *renderer)
{
  KromoSound *sound = renderer->sound;
  KromoRenderer *copy = renderer_new (kromo_sound_ref (sound), NULL);

  if (copy != NULL)
    memcpy (copy->arena.state, renderer->arena.state, sound->layout.state);
  return copy;
}

void
kromo_renderer_free (KromoRenderer *renderer)
{
  kromo_sound_unref (renderer->sound);
  free (renderer->memory);
  g_free (renderer);
}

void
kromo_renderer_reset (KromoRenderer *renderer)
{
  const KromoSound *sound = renderer->sound;
  KromoOutput *output = renderer->output;

  output->n_rendered = output->position = output->n_scanned = output->n_non_finite = 0;
  kromo_limiter_reset (&output->limiter, sound->format.rate);
  kromo_bank_reset (sound->bank, &renderer->arena);
  kromo_graph_reset (sound->graph, &renderer->arena);
}

/* ---- quanta ---- */

static gboolean
is_interrupted (const KromoRenderer *renderer)
{
  return renderer->interrupt != NULL && g_atomic_int_get (renderer->interrupt);
}

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

static float *
ring_at (const KromoRenderer *renderer, guint channel, guint64 frame)
{
  return renderer->ring + (gsize) channel * RING_FRAMES + frame % RING_FRAMES;
}

/* The graph's next quantum, into the ring: positions there are whole quanta. */
static void
render_quantum (KromoRenderer *renderer)
{
  const KromoSound *sound = renderer->sound;
  KromoOutput *output = renderer->output;
  const guint n = (guint) MIN (sound->n_frames - output->n_rendered, KROMO_QUANTUM);
  float *channels[KROMO_MAX_CHANNELS];

  for (guint c = 0; c < sound->format.channels; c++)
    channels[c] = ring_at (renderer, c, output->n_rendered);
  kromo_graph_run (sound->graph, &renderer->arena, output->n_rendered / KROMO_QUANTUM, channels);
  for (guint c = 0; !lets_non_finite_through (&sound->format) && c < sound->format.channels; c++)
    output->n_non_finite += replace_non_finite (channels[c], n);
  for (guint c = 0; sound->fade.length > 0 && c < sound->format.channels; c++)
    kromo_edge_fade_apply (&sound->fade, output->n_rendered, channels[c], n);
  output->n_rendered += n;
}

/* ---- preparing ---- */

typedef struct {
  void (*report) (double done, gpointer user_data);
  gpointer user_data;
  double from, to;
} Progress;

static void
report_part (double done, gpointer user_data)
{
  const Progress *progress = user_data;

  if (progress->report != NULL)
    progress->report (progress->from + (progress->to - progress->from) * done, progress->user_data);
}

static void
take_extremes (KromoRenderer *renderer, guint n)
{
  KromoSound *sound = renderer->sound;
  const guint64 start = renderer->output->n_rendered - n;

  for (guint c = 0; c < sound->format.channels; c++) {
    const float *x = ring_at (renderer, c, start);

    for (guint i = 0; i < n; i++) {
      sound->min = fminf (sound->min, x[i]);
      sound->max = fmaxf (sound->max, x[i]);
    }
  }
}

/* Renders the whole sound for its extremes. Goes on where it was interrupted. */
static gboolean
scan_peak (KromoRenderer *renderer, Progress *progress)
{
  KromoSound *sound = renderer->sound;
  KromoOutput *output = renderer->output;

  for (guint k = 1; output->n_rendered < sound->n_frames; k++) {
    const guint64 before = output->n_rendered;

    if (is_interrupted (renderer))
      return FALSE;
    render_quantum (renderer);
    take_extremes (renderer, (guint) (output->n_rendered - before));
    if (k % SCAN_QUANTA == 0)
      report_part ((double) output->n_rendered / sound->n_frames, progress);
  }
  kromo_renderer_reset (renderer);
  return TRUE;
}

/* A key that no convolver's response has: a view of nothing. */
static gboolean
get_peak_key (const KromoSound *sound, KromoScanKey *key)
{
  const KromoView nothing = { 0 };

  return kromo_bank_get_key (sound->bank, &nothing, key);
}

static gboolean
recall_peak (KromoSound *sound)
{
  KromoScanKey key;
  float found[2];

  if (!get_peak_key (sound, &key) || !kromo_scan_cache_get (&key, found))
    return FALSE;
  sound->min = found[0];
  sound->max = found[1];
  return TRUE;
}

static void
remember_peak (const KromoSound *sound)
{
  const float found[2] = { sound->min, sound->max };
  KromoScanKey key;

  if (get_peak_key (sound, &key))
    kromo_scan_cache_put (&key, found);
}

gboolean
kromo_renderer_needs_preparation (const KromoRenderer *renderer)
{
  const KromoSound *sound = renderer->sound;

  return !sound->prepared
      && (sound->format.normalize == KROMO_NORMALIZE_PEAK
          || kromo_graph_needs_preparation (sound->graph));
}

gboolean
kromo_renderer_prepare (KromoRenderer *renderer, void (*progress) (double done, gpointer user_data),
    gpointer user_data, GError **error)
{
  KromoSound *sound = renderer->sound;
  const gboolean peak = sound->format.normalize == KROMO_NORMALIZE_PEAK;
  const gboolean graph = kromo_graph_needs_preparation (sound->graph);
  Progress part = { progress, user_data, 0.0, peak ? 0.5 : 1.0 };
  gboolean ok = TRUE;

  if (sound->prepared)
    return TRUE;
  if (!sound->graph_prepared) {
    ok = kromo_bank_fill_tables (sound->bank, renderer->interrupt)
        && kromo_graph_prepare (sound->graph, renderer->interrupt, report_part, &part);
    sound->graph_prepared = ok;
  }
  if (ok && peak && !recall_peak (sound)) {
    part.from = graph ? 0.5 : 0.0;
    part.to = 1.0;
    ok = scan_peak (renderer, &part);
    if (ok)
      remember_peak (sound);
  }
  if (!ok) {
    g_set_error_literal (error, KROMO_ERROR, KROMO_ERROR_CANCELLED, "preparation was interrupted");
    return FALSE;
  }
  sound->prepared = TRUE;
  return TRUE;
}

/* ---- levels ---- */

static void
put_plain (const KromoRenderer *renderer, float *const *channels, gsize offset, gsize n)
{
  const KromoSound *sound = renderer->sound;
  const guint64 start = renderer->output->position;

  for (guint c = 0; c < sound->format.channels; c++) {
    for (gsize i = 0; i < n;) {
      const gsize count = MIN (n - i, RING_FRAMES - (start + i) % RING_FRAMES);

      memcpy (channels[c] + offset + i, ring_at (renderer, c, start + i), count * sizeof (float));
      i += count;
    }
  }
}

static void
put_normalized (const KromoRenderer *renderer, float *const *channels, gsize offset, gsize n)
{
  const KromoSound *sound = renderer->sound;
  const double min = sound->min, max = sound->max;

  put_plain (renderer, channels, offset, n);
  if (min >= -1.0 && max <= 1.0)
    return;
  for (guint c = 0; c < sound->format.channels; c++) {
    float *x = channels[c] + offset;

    for (gsize i = 0; i < n; i++)
      x[i] = (float) ((x[i] - min) / (max - min) * 2.0 - 1.0);
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
      const float *x = ring_at (renderer, c, start + i);

      for (gsize k = 0; k < count; k++)
        magnitude = fabsf (x[k]) > magnitude ? fabsf (x[k]) : magnitude;
      i += count;
    }
  }
  return magnitude;
}

static void
put_limited (const KromoRenderer *renderer, float *const *channels, gsize offset, gsize n)
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

/* ---- rendering ---- */

/* How many frames can leave now. */
static gsize
count_ready (const KromoRenderer *renderer)
{
  const KromoSound *sound = renderer->sound;
  const KromoOutput *output = renderer->output;
  const guint64 ahead =
      sound->format.normalize == KROMO_NORMALIZE_LIMIT && output->n_rendered < sound->n_frames
      ? output->limiter.look_ahead
      : 0;
  const guint64 available = output->n_rendered - output->position;

  return (gsize) (available > ahead ? available - ahead : 0);
}

gsize
kromo_renderer_render (KromoRenderer *renderer, float *const *channels, gsize n_frames)
{
  KromoSound *sound = renderer->sound;
  KromoOutput *output = renderer->output;
  gsize done = 0;

  if (!kromo_renderer_prepare (renderer, NULL, NULL, NULL))
    return 0;
  while (done < n_frames && output->position < sound->n_frames) {
    const gsize ready = MIN (count_ready (renderer), n_frames - done);

    if (ready == 0) {
      if (is_interrupted (renderer))
        break;
      render_quantum (renderer);
      continue;
    }
    switch (sound->format.normalize) {
    case KROMO_NORMALIZE_PEAK:
      put_normalized (renderer, channels, done, ready);
      break;
    case KROMO_NORMALIZE_LIMIT:
      put_limited (renderer, channels, done, ready);
      break;
    case KROMO_NORMALIZE_NONE:
    default:
      put_plain (renderer, channels, done, ready);
      break;
    }
    output->position += ready;
    done += ready;
  }
  return done;
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
  return (gsize) kromo_sound_get_memory (renderer->sound);
}

const char *const *
kromo_renderer_get_warnings (const KromoRenderer *renderer)
{
  return (const char *const *) renderer->sound->warnings;
}
