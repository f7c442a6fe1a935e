/* kromosrc: what its settings hold, whether they are possible, what a genome's metadata adds
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstkromosrc.h"

#include <string.h>

#define HOUR (3600 * GST_SECOND)

static void
replace_string (char **dest, const char *src)
{
  char *copy = g_strdup (src);

  g_free (*dest);
  *dest = copy;
}

/* dest holds nothing yet. */
void
gst_kromo_settings_copy (GstKromoSettings *dest, const GstKromoSettings *src)
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

/* Where the genome comes from. */
void
gst_kromo_settings_copy_source (GstKromoSettings *dest, const GstKromoSettings *src)
{
  replace_string (&dest->location, src->location);
  replace_string (&dest->genome_id, src->genome_id);
  replace_string (&dest->genome, src->genome);
  dest->seed = src->seed;
  dest->source_serial = src->source_serial;
}

/* A file becomes the source, as next-location does when its time has come. */
void
gst_kromo_settings_set_next (GstKromoSettings *settings, const char *location)
{
  replace_string (&settings->location, location);
  g_clear_pointer (&settings->genome_id, g_free);
  g_clear_pointer (&settings->genome, g_free);
  settings->seed = 0;
}

KromoGenome *
gst_kromo_settings_load (const GstKromoSettings *settings, GError **error)
{
  if (settings->location)
    return kromo_genome_load (settings->location, settings->genome_id, error);
  if (settings->genome)
    return kromo_genome_new_from_data (settings->genome, strlen (settings->genome), error);
  if (settings->seed)
    return kromo_genome_new_random (settings->seed, KROMO_RANDOM_MUSICAL);

  return kromo_genome_new_default ();
}

/* A sound that plays keeps its length and its direction. */
void
gst_kromo_settings_take_metadata (
    GstKromoSettings *settings, const KromoMetadata *metadata, gboolean is_playing)
{
  KromoNote *note = &settings->note;
  guint user_set = settings->user_set;

  if (metadata->has_note_delta && !(user_set & GST_KROMO_USER_NOTE_DELTA))
    note->note_delta = metadata->note_delta;
  if (metadata->has_velocity && !(user_set & GST_KROMO_USER_VELOCITY))
    note->velocity = metadata->velocity;
  if (is_playing)
    return;
  if (metadata->has_duration && !(user_set & GST_KROMO_USER_DURATION)) {
    /* Too long for 64 bits stays too long, and is an error like any other. */
    double duration = metadata->duration * 1e9;

    note->duration = duration < 0x1p63 ? (guint64) (duration + 0.5) : G_MAXUINT64;
  }
  if (metadata->has_reverse && !(user_set & GST_KROMO_USER_REVERSE))
    note->reverse = metadata->reverse;
}

/* What is impossible at any sample rate, once the genome is known. */
gboolean
gst_kromo_settings_check_sound (const GstKromoSettings *settings, GError **error)
{
  guint64 duration = settings->note.duration;

  if (kromo_count_frames (KROMO_MAX_RATE, duration) == 0) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS,
        "duration is %" G_GUINT64_FORMAT " ns, less than one sample; times are in nanoseconds",
        duration);
    return FALSE;
  }
  if (duration > KROMO_MAX_DURATION) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS,
        "duration is %" G_GUINT64_FORMAT
        " ns, more than the %d hours that are possible; times are in nanoseconds",
        duration, (int) (KROMO_MAX_DURATION / HOUR));
    return FALSE;
  }

  return TRUE;
}

static gboolean
has_own_bounds (const GstKromoSettings *settings)
{
  const guint both = GST_KROMO_USER_MIN_CHUNK | GST_KROMO_USER_MAX_CHUNK;

  return !settings->is_live || (settings->user_set & both) == both;
}

/* What is impossible with any genome. */
gboolean
gst_kromo_settings_check (const GstKromoSettings *settings, GError **error)
{
  if (settings->loops == 0) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS,
        "loops is 0, which would play nothing; 1 plays the sound once, -1 for ever");
    return FALSE;
  }
  if (settings->adaptive && has_own_bounds (settings)
      && settings->min_chunk > settings->max_chunk) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS,
        "min-chunk-duration (%" G_GUINT64_FORMAT
        " ns) is larger than max-chunk-duration (%" G_GUINT64_FORMAT " ns)",
        settings->min_chunk, settings->max_chunk);
    return FALSE;
  }

  return TRUE;
}

void
gst_kromo_settings_get_format (
    const GstKromoSettings *settings, const GstAudioInfo *info, KromoFormat *format)
{
  *format = (KromoFormat){
    .rate = info->rate,
    .channels = info->channels,
    .normalize = settings->normalize,
    .rendering = settings->rendering,
    .edge_fade = settings->edge_fade,
    .max_memory = settings->max_memory,
    .max_operations = settings->max_operations,
  };
}
