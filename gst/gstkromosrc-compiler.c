/* kromosrc: sounds made ready outside the streaming thread
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A thread that loads genomes and makes renderers of them, one job after the other. A newer wish
 * replaces an older one. The compiler's lock is never held while it works, nor while it posts.
 */

#include "gstkromosrc.h"

#define GST_CAT_DEFAULT gst_kromo_src_debug

void
gst_kromo_compiler_init (GstKromoCompiler *compiler)
{
  g_mutex_init (&compiler->lock);
  g_cond_init (&compiler->cond);
}

void
gst_kromo_compiler_clear (GstKromoCompiler *compiler)
{
  gst_kromo_settings_clear (&compiler->next_source);
  g_mutex_clear (&compiler->lock);
  g_cond_clear (&compiler->cond);
}

/* ---- making ---- */

/* A renderer for the current format, with all scans done. Without a format there is none. */
static gboolean
make_renderer (GstKromoSrc *self, GstKromoSound *sound, GError **error)
{
  GstAudioInfo info;

  GST_OBJECT_LOCK (self);
  info = self->info;
  GST_OBJECT_UNLOCK (self);

  if (info.rate == 0)
    return TRUE;
  gst_kromo_settings_get_format (&sound->settings, &info, &sound->format);
  sound->renderer =
      kromo_renderer_new (sound->genome, &sound->settings.note, &sound->format, error);
  if (!sound->renderer)
    return FALSE;
  kromo_renderer_set_interrupt (sound->renderer, &self->compiler.interrupt);
  if (!kromo_renderer_prepare (sound->renderer, NULL, NULL, error))
    return FALSE;
  kromo_renderer_keep_checkpoints (sound->renderer, sound->settings.checkpoint_memory);

  return TRUE;
}

/* What changes while it plays, from what the properties say now. */
static void
take_changes (GstKromoSettings *settings, const GstKromoSettings *now)
{
  settings->user_set = now->user_set;
  settings->note.note_delta = now->note.note_delta;
  settings->note.tuning_ratio = now->note.tuning_ratio;
  settings->note.velocity = now->note.velocity;
  settings->note.oversample = now->note.oversample;
  settings->note.inharmonicity = now->note.inharmonicity;
  settings->note.transpose_all = now->note.transpose_all;
  settings->rendering = now->rendering;
}

static gboolean
sounds_alike (const GstKromoSettings *a, const GstKromoSettings *b)
{
  return a->note.note_delta == b->note.note_delta && a->note.tuning_ratio == b->note.tuning_ratio
      && a->note.velocity == b->note.velocity && a->note.oversample == b->note.oversample
      && a->note.inharmonicity == b->note.inharmonicity
      && a->note.transpose_all == b->note.transpose_all && a->rendering == b->rendering;
}

/* What the properties say now, in place of @base; NULL where that cannot be. A new source that cannot be
 * loaded leaves the genome of @base. */
static GstKromoSound *
make_change (GstKromoSrc *self, const GstKromoSound *base)
{
  g_autoptr (GstKromoSound) sound = gst_kromo_sound_copy (base);
  g_autoptr (GError) error = NULL;
  GstKromoSettings now;

  GST_OBJECT_LOCK (self);
  gst_kromo_settings_copy (&now, &self->settings);
  GST_OBJECT_UNLOCK (self);

  if (now.source_serial != base->settings.source_serial) {
    KromoGenome *genome = gst_kromo_settings_load (&now, &error);

    if (genome) {
      gst_kromo_sound_take_genome (sound, genome);
      gst_kromo_settings_copy_source (&sound->settings, &now);
    } else {
      gst_kromo_src_post_warning (self, error, "what plays goes on");
      g_clear_error (&error);
      sound->settings.source_serial = now.source_serial;
    }
  }
  take_changes (&sound->settings, &now);
  gst_kromo_settings_clear (&now);
  if (sound->settings.use_metadata)
    gst_kromo_settings_take_metadata (
        &sound->settings, kromo_genome_get_metadata (sound->genome), TRUE);

  if (sound->loading == base->loading && sounds_alike (&sound->settings, &base->settings)) {
    GST_DEBUG_OBJECT (self, "nothing changes");
    sound->is_same = TRUE;
    return g_steal_pointer (&sound);
  }
  if (!make_renderer (self, sound, &error)) {
    if (!g_error_matches (error, KROMO_ERROR, KROMO_ERROR_CANCELLED))
      gst_kromo_src_post_warning (self, error, "what plays goes on");
    return NULL;
  }

  return g_steal_pointer (&sound);
}

/* What comes after @base. */
static GstKromoSound *
make_next (GstKromoSrc *self, const GstKromoSound *base, const GstKromoSettings *source)
{
  g_autoptr (GstKromoSound) sound = NULL;
  g_autoptr (KromoGenome) genome = NULL;
  g_autoptr (GError) error = NULL;

  genome = gst_kromo_settings_load (source, &error);
  if (genome) {
    sound = gst_kromo_sound_new (&base->settings, genome);
    gst_kromo_settings_copy_source (&sound->settings, source);
    sound->settings.note = source->note;
    sound->settings.user_set = source->user_set;
    sound->settings.rendering = source->rendering;
    if (sound->settings.use_metadata)
      gst_kromo_settings_take_metadata (
          &sound->settings, kromo_genome_get_metadata (genome), FALSE);
  }
  if (sound && gst_kromo_settings_check_sound (&sound->settings, &error)
      && make_renderer (self, sound, &error))
    return g_steal_pointer (&sound);
  if (!g_error_matches (error, KROMO_ERROR, KROMO_ERROR_CANCELLED))
    gst_kromo_src_post_warning (self, error, "nothing is played after this sound");

  return NULL;
}

/* ---- the thread ---- */

/* With the lock. What is made is for what plays now, or it is thrown away. */
static void
work_on_change (GstKromoSrc *self)
{
  GstKromoCompiler *compiler = &self->compiler;
  GstKromoSound *base = gst_kromo_sound_copy (compiler->base);
  GstKromoSound *sound;
  guint generation = compiler->generation;

  compiler->change_wanted = FALSE;
  compiler->change_under_way = TRUE;
  g_mutex_unlock (&compiler->lock);
  sound = make_change (self, base);
  g_mutex_lock (&compiler->lock);
  compiler->change_under_way = FALSE;
  gst_kromo_sound_free (base);

  if (sound && generation == compiler->generation) {
    gst_kromo_sound_free (compiler->base);
    compiler->base = gst_kromo_sound_copy (sound);
    if (sound->is_same) {
      gst_kromo_sound_free (sound);
    } else {
      g_clear_pointer (&compiler->change, gst_kromo_sound_free);
      compiler->change = sound;
    }
  } else if (sound) {
    gst_kromo_sound_free (sound);
  }
}

/* Likewise. */
static void
work_on_next (GstKromoSrc *self)
{
  GstKromoCompiler *compiler = &self->compiler;
  GstKromoSound *base = gst_kromo_sound_copy (compiler->base);
  GstKromoSettings source = compiler->next_source;
  GstKromoSound *sound;

  compiler->next_source = (GstKromoSettings){ 0 };
  compiler->next_wanted = FALSE;
  compiler->next_under_way = TRUE;
  g_mutex_unlock (&compiler->lock);
  sound = make_next (self, base, &source);
  gst_kromo_settings_clear (&source);
  g_mutex_lock (&compiler->lock);
  compiler->next_under_way = FALSE;
  gst_kromo_sound_free (base);
  g_clear_pointer (&compiler->next, gst_kromo_sound_free);
  compiler->next = sound;
  compiler->next_failed = !sound;
}

static gpointer
run (gpointer data)
{
  GstKromoSrc *self = data;
  GstKromoCompiler *compiler = &self->compiler;

  g_mutex_lock (&compiler->lock);
  while (!compiler->quit) {
    if (compiler->next_wanted)
      work_on_next (self);
    else if (compiler->change_wanted)
      work_on_change (self);
    else
      g_cond_wait (&compiler->cond, &compiler->lock);
    g_cond_broadcast (&compiler->cond);
  }
  g_mutex_unlock (&compiler->lock);

  return NULL;
}

/* With the lock. */
static void
ensure_thread (GstKromoSrc *self)
{
  GstKromoCompiler *compiler = &self->compiler;
  g_autoptr (GError) error = NULL;

  if (!compiler->active)
    return;
  if (!compiler->thread)
    compiler->thread = g_thread_try_new ("kromosrc-compiler", run, self, &error);
  if (!compiler->thread) {
    GST_WARNING_OBJECT (self, "nothing can change: no thread: %s", error->message);
    compiler->change_wanted = compiler->next_wanted = FALSE;
  }
  g_cond_broadcast (&compiler->cond);
}

void
gst_kromo_compiler_start (GstKromoSrc *self)
{
  GstKromoCompiler *compiler = &self->compiler;

  g_mutex_lock (&compiler->lock);
  compiler->base = gst_kromo_sound_copy (self->sound);
  compiler->active = TRUE;
  compiler->quit = FALSE;
  g_atomic_int_set (&compiler->interrupt, 0);
  if (compiler->change_wanted)
    ensure_thread (self);
  g_mutex_unlock (&compiler->lock);
}

/* Forgets everything. Scans that are under way end early. */
void
gst_kromo_compiler_stop (GstKromoSrc *self)
{
  GstKromoCompiler *compiler = &self->compiler;
  GThread *thread;

  g_mutex_lock (&compiler->lock);
  compiler->active = FALSE;
  compiler->quit = TRUE;
  g_atomic_int_set (&compiler->interrupt, 1);
  thread = g_steal_pointer (&compiler->thread);
  g_cond_broadcast (&compiler->cond);
  g_mutex_unlock (&compiler->lock);
  if (thread)
    g_thread_join (thread);

  g_mutex_lock (&compiler->lock);
  compiler->change_wanted = compiler->next_wanted = compiler->next_failed = FALSE;
  g_clear_pointer (&compiler->change, gst_kromo_sound_free);
  g_clear_pointer (&compiler->next, gst_kromo_sound_free);
  g_clear_pointer (&compiler->base, gst_kromo_sound_free);
  gst_kromo_settings_clear (&compiler->next_source);
  g_mutex_unlock (&compiler->lock);
}

/* ---- wishes, from any thread ---- */

/* The properties say something new. */
void
gst_kromo_compiler_want_change (GstKromoSrc *self)
{
  GstKromoCompiler *compiler = &self->compiler;

  g_mutex_lock (&compiler->lock);
  compiler->change_wanted = TRUE;
  ensure_thread (self);
  g_mutex_unlock (&compiler->lock);
}

/* @source: what comes after what plays. */
void
gst_kromo_compiler_want_next (GstKromoSrc *self, const GstKromoSettings *source)
{
  GstKromoCompiler *compiler = &self->compiler;

  g_mutex_lock (&compiler->lock);
  gst_kromo_settings_clear (&compiler->next_source);
  gst_kromo_settings_copy (&compiler->next_source, source);
  compiler->next_wanted = TRUE;
  ensure_thread (self);
  g_mutex_unlock (&compiler->lock);
}

gboolean
gst_kromo_compiler_has_change (GstKromoSrc *self, gboolean *is_ready)
{
  GstKromoCompiler *compiler = &self->compiler;
  gboolean has_change;

  g_mutex_lock (&compiler->lock);
  has_change = compiler->change_wanted || compiler->change_under_way || compiler->change;
  if (is_ready)
    *is_ready = compiler->change && !compiler->change_wanted && !compiler->change_under_way;
  g_mutex_unlock (&compiler->lock);

  return has_change;
}

gboolean
gst_kromo_compiler_has_next (GstKromoSrc *self)
{
  GstKromoCompiler *compiler = &self->compiler;
  gboolean has_next;

  g_mutex_lock (&compiler->lock);
  has_next = compiler->next_wanted || compiler->next_under_way || compiler->next;
  g_mutex_unlock (&compiler->lock);

  return has_next;
}

/* Whether what was wanted next could not be made, and nothing else is wanted; told once. */
gboolean
gst_kromo_compiler_take_failure (GstKromoSrc *self)
{
  GstKromoCompiler *compiler = &self->compiler;
  gboolean failed;

  g_mutex_lock (&compiler->lock);
  failed = compiler->next_failed && !compiler->next_wanted && !compiler->next_under_way;
  if (failed)
    compiler->next_failed = FALSE;
  g_mutex_unlock (&compiler->lock);

  return failed;
}

/* After self->interrupt was set: whoever waits looks at it. */
void
gst_kromo_compiler_wake (GstKromoSrc *self)
{
  GstKromoCompiler *compiler = &self->compiler;

  g_mutex_lock (&compiler->lock);
  g_cond_broadcast (&compiler->cond);
  g_mutex_unlock (&compiler->lock);
}

/* ---- for the streaming thread ---- */

/* @wait: until nothing is under way any more, or the element is unlocked.
 * Returns: (transfer full) (nullable): what is to play from now on */
GstKromoSound *
gst_kromo_compiler_take_change (GstKromoSrc *self, gboolean wait)
{
  GstKromoCompiler *compiler = &self->compiler;
  GstKromoSound *sound;

  g_mutex_lock (&compiler->lock);
  while (wait && (compiler->change_wanted || compiler->change_under_way)
      && !g_atomic_int_get (&self->interrupt))
    g_cond_wait (&compiler->cond, &compiler->lock);
  sound = g_steal_pointer (&compiler->change);
  g_mutex_unlock (&compiler->lock);

  return sound;
}

/* Waits for what comes next, unless the element is unlocked. What was made for the sound before is thrown
 * away, and the properties are looked at again.
 * Returns: (transfer full) (nullable): what plays next */
GstKromoSound *
gst_kromo_compiler_take_next (GstKromoSrc *self)
{
  GstKromoCompiler *compiler = &self->compiler;
  GstKromoSound *sound;

  g_mutex_lock (&compiler->lock);
  while (
      (compiler->next_wanted || compiler->next_under_way) && !g_atomic_int_get (&self->interrupt))
    g_cond_wait (&compiler->cond, &compiler->lock);
  sound = g_steal_pointer (&compiler->next);
  if (sound) {
    GST_OBJECT_LOCK (self);
    sound->settings.source_serial = ++self->settings.source_serial;
    gst_kromo_settings_copy_source (&self->settings, &sound->settings);
    GST_OBJECT_UNLOCK (self);
    g_clear_pointer (&compiler->change, gst_kromo_sound_free);
    gst_kromo_sound_free (compiler->base);
    compiler->base = gst_kromo_sound_copy (sound);
    compiler->generation++;
    compiler->change_wanted = TRUE;
    ensure_thread (self);
  }
  g_mutex_unlock (&compiler->lock);

  return sound;
}
