/* kromosrc: from the settings to a genome
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstkromosrc.h"

#include <string.h>

#define GST_CAT_DEFAULT gst_kromo_src_debug

static void
copy_settings (GstKromoSettings *dest, const GstKromoSettings *src)
{
  *dest = *src;
  dest->location = g_strdup (src->location);
  dest->genome_id = g_strdup (src->genome_id);
  dest->genome = g_strdup (src->genome);
  dest->next_location = g_strdup (src->next_location);
}

void
gst_kromo_settings_clear (GstKromoSettings *settings)
{
  g_clear_pointer (&settings->location, g_free);
  g_clear_pointer (&settings->genome_id, g_free);
  g_clear_pointer (&settings->genome, g_free);
  g_clear_pointer (&settings->next_location, g_free);
}

/* Properties that are there, but with nothing behind them yet. */
static gboolean
check_supported (GstKromoSrc *self, const GstKromoSettings *s)
{
  GstKromoSettings d;
  guint i;

  gst_kromo_settings_init (&d);
  {
    const struct {
      gboolean away;
      const char *name, *only;
    } checks[] = {
      { s->loops != d.loops, "loops", "1" },
      { s->next_location != d.next_location, "next-location", "NULL" },
      { s->is_live != d.is_live, "is-live", "false" },
      { s->n_threads != d.n_threads, "n-threads", "1" },
      { s->checkpoint_memory != d.checkpoint_memory, "checkpoint-memory", "8388608" },
    };

    for (i = 0; i < G_N_ELEMENTS (checks); i++) {
      if (checks[i].away) {
        gst_kromo_src_post_settings_error (self,
            "%s is not supported by this version; leave it at %s", checks[i].name, checks[i].only);
        return FALSE;
      }
    }
  }

  return TRUE;
}

static KromoGenome *
load_genome (const GstKromoSettings *settings, GError **error)
{
  if (settings->location)
    return kromo_genome_load (settings->location, settings->genome_id, error);
  if (settings->genome)
    return kromo_genome_new_from_data (settings->genome, strlen (settings->genome), error);
  if (settings->seed)
    return kromo_genome_new_random (settings->seed, KROMO_RANDOM_MUSICAL);

  return kromo_genome_new_default ();
}

static void
take_metadata (KromoNote *note, guint user_set, const KromoMetadata *metadata)
{
  if (metadata->has_duration && !(user_set & GST_KROMO_USER_DURATION)) {
    /* Too long for 64 bits stays too long, and is an error like any other. */
    double duration = metadata->duration * 1e9;

    note->duration = duration < 0x1p63 ? (guint64) (duration + 0.5) : G_MAXUINT64;
  }
  if (metadata->has_note_delta && !(user_set & GST_KROMO_USER_NOTE_DELTA))
    note->note_delta = metadata->note_delta;
  if (metadata->has_velocity && !(user_set & GST_KROMO_USER_VELOCITY))
    note->velocity = metadata->velocity;
  if (metadata->has_reverse && !(user_set & GST_KROMO_USER_REVERSE))
    note->reverse = metadata->reverse;
}

/* What is impossible at any sample rate. */
static gboolean
check_settings (GstKromoSrc *self, const GstKromoSettings *settings)
{
  const KromoNote *note = &settings->note;

  if (kromo_count_frames (KROMO_MAX_RATE, note->duration) == 0) {
    gst_kromo_src_post_settings_error (self,
        "duration is %" G_GUINT64_FORMAT " ns, less than one sample; times are in nanoseconds",
        note->duration);
    return FALSE;
  }
  if (note->duration > KROMO_MAX_DURATION) {
    gst_kromo_src_post_settings_error (self,
        "duration is %" G_GUINT64_FORMAT
        " ns, more than the %d hours that are possible; times are in nanoseconds",
        note->duration, (int) (KROMO_MAX_DURATION / (3600 * GST_SECOND)));
    return FALSE;
  }
  if (settings->adaptive && settings->min_chunk > settings->max_chunk) {
    gst_kromo_src_post_settings_error (self,
        "min-chunk-duration (%" G_GUINT64_FORMAT
        " ns) is larger than max-chunk-duration (%" G_GUINT64_FORMAT " ns)",
        settings->min_chunk, settings->max_chunk);
    return FALSE;
  }

  return TRUE;
}

/* The streaming thread does not run yet; only what others read needs the lock. */
static void
init_stream (GstKromoSrc *self)
{
  const GstKromoSettings *s = &self->playing;
  KromoPacingSettings pacing = {
    .adaptive = s->adaptive,
    .target_latency = s->target_latency,
    .min_chunk = s->min_chunk,
    .max_chunk = s->max_chunk,
    .fixed_chunk = s->fixed_chunk,
    .rate = KROMO_MAX_RATE, /* until caps are known */
  };

  kromo_pacing_init (&self->pacing, &pacing);
  self->frame = 0;
  self->stop_frame = 0;
  gst_kromo_src_move (self, 0, GST_CLOCK_TIME_NONE);
  self->failed = FALSE;
  self->probed = FALSE;
  self->warned = FALSE;
  self->warned_non_finite = FALSE;
  self->tags = GST_KROMO_TAGS_DUE;
  g_atomic_int_set (&self->interrupt, 0);

  GST_OBJECT_LOCK (self);
  gst_audio_info_init (&self->info);
  self->duration = s->note.duration;
  self->stats = (GstKromoStats){ 0 };
  GST_OBJECT_UNLOCK (self);
}

gboolean
gst_kromo_src_open (GstKromoSrc *self)
{
  g_autoptr (GError) error = NULL;

  gst_kromo_src_close (self);
  self->opened_at = gst_kromo_src_now (self);

  GST_OBJECT_LOCK (self);
  copy_settings (&self->playing, &self->settings);
  GST_OBJECT_UNLOCK (self);

  if (!check_supported (self, &self->playing))
    return FALSE;
  self->genome = load_genome (&self->playing, &error);
  if (!self->genome) {
    gst_kromo_src_post_error (self, error);
    return FALSE;
  }
  if (self->playing.use_metadata)
    take_metadata (
        &self->playing.note, self->playing.user_set, kromo_genome_get_metadata (self->genome));
  if (!check_settings (self, &self->playing)) {
    gst_kromo_src_close (self);
    return FALSE;
  }
  init_stream (self);

  return TRUE;
}

void
gst_kromo_src_close (GstKromoSrc *self)
{
  gst_kromo_src_drop_renderer (self);
  g_clear_pointer (&self->genome, kromo_genome_unref);
  gst_kromo_settings_clear (&self->playing);
  g_clear_pointer (&self->chunk.samples, free);
  g_clear_pointer (&self->chunk.gains, g_free);
  self->chunk = (GstKromoChunk){ 0 };

  GST_OBJECT_LOCK (self);
  gst_audio_info_init (&self->info);
  self->duration = 0;
  GST_OBJECT_UNLOCK (self);
}
