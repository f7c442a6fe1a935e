/* Notes and formats.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "settings.h"

#include <math.h>

guint64
kromo_count_frames (guint rate, guint64 duration)
{
  const guint64 second = G_GUINT64_CONSTANT (1000000000);

  return duration / second * rate + (duration % second * rate + second / 2) / second;
}

gboolean
kromo_check_settings (const KromoNote *note, const KromoFormat *format, GError **error)
{
  const char *wrong = NULL;

  if (!(note->note_delta >= -128.0 && note->note_delta <= 128.0))
    wrong = "the note delta must lie in -128..128 semitones";
  else if (!(note->tuning_ratio > 0.0) || !isfinite (note->tuning_ratio))
    wrong = "the tuning ratio must be above 0";
  else if (!(note->velocity >= 0.0 && note->velocity <= 1.0))
    wrong = "the velocity must lie in 0..1";
  else if (note->duration > KROMO_MAX_DURATION)
    wrong = "the duration must not be above 24 hours";
  else if (format->rate < KROMO_MIN_RATE || format->rate > KROMO_MAX_RATE)
    wrong = "the rate must lie in 8000..192000 Hz";
  else if (format->channels < 1 || format->channels > KROMO_MAX_CHANNELS)
    wrong = "there must be 1 to 8 channels";
  else if ((guint) format->normalize > KROMO_NORMALIZE_LIMIT)
    wrong = "there is no such way to normalize";
  else if ((guint) format->rendering > KROMO_RENDERING_STANDARD)
    wrong = "there is no such rendering";
  if (wrong != NULL) {
    g_set_error_literal (error, KROMO_ERROR, KROMO_ERROR_SETTINGS, wrong);
    return FALSE;
  }
  if (kromo_count_frames (format->rate, note->duration) == 0) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS,
        "duration is %" G_GUINT64_FORMAT " ns, less than one sample; times are in nanoseconds",
        note->duration);
    return FALSE;
  }
  return TRUE;
}
