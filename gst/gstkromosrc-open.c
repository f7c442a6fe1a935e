/* kromosrc: READY->PAUSED and back
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstkromosrc.h"

/* A genome that was just loaded. */
void
gst_kromo_sound_take_genome (GstKromoSound *sound, KromoGenome *genome)
{
  static gint n_loadings = 0;

  g_clear_pointer (&sound->genome, kromo_genome_unref);
  sound->genome = genome;
  sound->loading = (guint) g_atomic_int_add (&n_loadings, 1);
}

GstKromoSound *
gst_kromo_sound_new (const GstKromoSettings *settings, KromoGenome *genome)
{
  GstKromoSound *sound = g_new0 (GstKromoSound, 1);

  gst_kromo_settings_copy (&sound->settings, settings);
  gst_kromo_sound_take_genome (sound, kromo_genome_ref (genome));

  return sound;
}

/* The same genome and settings, without a renderer. */
GstKromoSound *
gst_kromo_sound_copy (const GstKromoSound *sound)
{
  GstKromoSound *copy = g_new0 (GstKromoSound, 1);

  gst_kromo_settings_copy (&copy->settings, &sound->settings);
  copy->genome = kromo_genome_ref (sound->genome);
  copy->loading = sound->loading;

  return copy;
}

void
gst_kromo_sound_free (GstKromoSound *sound)
{
  g_clear_pointer (&sound->renderer, kromo_renderer_free);
  kromo_genome_unref (sound->genome);
  gst_kromo_settings_clear (&sound->settings);
  g_free (sound);
}

/* The sound as the settings say, or NULL. */
static GstKromoSound *
make_sound (const GstKromoSettings *settings, GError **error)
{
  g_autoptr (KromoGenome) genome = NULL;
  GstKromoSound *sound;

  if (!gst_kromo_settings_check (settings, error))
    return NULL;
  genome = gst_kromo_settings_load (settings, error);
  if (!genome)
    return NULL;
  sound = gst_kromo_sound_new (settings, genome);
  if (settings->use_metadata)
    gst_kromo_settings_take_metadata (&sound->settings, kromo_genome_get_metadata (genome), FALSE);
  if (!gst_kromo_settings_check_sound (&sound->settings, error))
    g_clear_pointer (&sound, gst_kromo_sound_free);

  return sound;
}

static void
init_pacing (GstKromoSrc *self)
{
  const GstKromoSettings *s = &self->sound->settings;
  KromoPacingSettings pacing = {
    .adaptive = s->adaptive,
    .live = s->is_live,
    .target_latency = s->target_latency,
    .min_chunk = s->min_chunk,
    .max_chunk = s->max_chunk,
    .fixed_chunk = s->fixed_chunk,
    .rate = KROMO_MAX_RATE, /* until caps are known */
  };

  if (s->is_live && !(s->user_set & GST_KROMO_USER_MAX_CHUNK))
    pacing.max_chunk = KROMO_PACING_LIVE_MAX;
  /* A longest chunk that is set below it says more than the usual shortest one. */
  if (s->is_live && !(s->user_set & GST_KROMO_USER_MIN_CHUNK))
    pacing.min_chunk = MIN (KROMO_PACING_LIVE_MIN, pacing.max_chunk);
  kromo_pacing_init (&self->pacing, &pacing);
}

/* The streaming thread does not run yet; only what others read needs the lock. */
static void
init_stream (GstKromoSrc *self)
{
  const GstKromoSettings *s = &self->sound->settings;

  init_pacing (self);
  self->origin = 0;
  self->frame = self->start_frame = self->stop_frame = 0;
  self->backwards = FALSE;
  self->start = 0;
  self->stop = GST_CLOCK_TIME_NONE;
  gst_kromo_src_move (self, 0);
  self->rate = GST_KROMO_RATE_STEADY;
  self->failed = FALSE;
  self->probed = FALSE;
  self->asked_for_next = FALSE;
  self->warned = FALSE;
  self->warned_non_finite = FALSE;
  self->tags = GST_KROMO_TAGS_DUE;
  g_atomic_int_set (&self->interrupt, 0);

  GST_OBJECT_LOCK (self);
  gst_audio_info_init (&self->info);
  self->duration = s->note.duration;
  self->loops = s->loops;
  self->plays_on = FALSE;
  self->origin_time = 0;
  self->stats = (GstKromoStats){ .n_threads = 1 };
  GST_OBJECT_UNLOCK (self);
  gst_kromo_src_update_latency (self);
}

gboolean
gst_kromo_src_open (GstKromoSrc *self)
{
  g_autoptr (GError) error = NULL;
  GstKromoSettings settings;

  gst_kromo_src_close (self);
  self->opened_at = gst_kromo_src_now (self);

  /* What is set from now on is a change of what plays. */
  GST_OBJECT_LOCK (self);
  gst_kromo_settings_copy (&settings, &self->settings);
  self->is_open = TRUE;
  GST_OBJECT_UNLOCK (self);

  self->opened_note = settings.note;
  self->opened_user_set = settings.user_set;
  self->sound = make_sound (&settings, &error);
  gst_kromo_settings_clear (&settings);
  if (!self->sound) {
    gst_kromo_src_post_error (self, error);
    gst_kromo_src_close (self);
    return FALSE;
  }
  init_stream (self);
  gst_base_src_set_live (GST_BASE_SRC (self), self->sound->settings.is_live);
  gst_kromo_compiler_start (self);

  return TRUE;
}

void
gst_kromo_src_close (GstKromoSrc *self)
{
  gst_kromo_src_remember_rtf (self);
  GST_OBJECT_LOCK (self);
  self->is_open = FALSE;
  gst_audio_info_init (&self->info);
  self->duration = 0;
  self->plays_on = FALSE;
  GST_OBJECT_UNLOCK (self);

  gst_kromo_compiler_stop (self);
  g_clear_pointer (&self->sound, gst_kromo_sound_free);
  gst_kromo_src_end_threads (self);
  g_clear_pointer (&self->chunk.samples, free);
  self->chunk = (GstKromoChunk){ 0 };
}
