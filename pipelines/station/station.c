/* kromo-station: plays genomes for ever to an Icecast server
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Three parts that know nothing of each other: the sound (a kromosrc that plays on and on), the encoder (a
 * pipeline for each Ogg stream, one for all of MP3) and the outlet (a pipeline for each connection, or a
 * file). The streaming thread of the sound feeds the encoder, whose own thread feeds the outlet.
 */
#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "encoder.h"
#include "options.h"
#include "outlet.h"
#include "sound.h"

GST_DEBUG_CATEGORY (station_debug);

#define MISSING                                                                                    \
  "GST_PLUGIN_PATH tells GStreamer where kromosrc is; the others are in Debian's "                 \
  "gstreamer1.0-plugins-base and gstreamer1.0-plugins-good"

typedef struct {
  Options *options;
  GMainLoop *loop;
  Sound *sound;
  Outlet *outlet;
  FILE *raw; /* or NULL */
  gint exit_status;

  /* the sound's streaming thread */
  Encoder *encoder;
  GstTagList *tags; /* of what plays */
  gboolean wants_stream;
  gboolean has_failed;
  guint64 n_genomes;
} Station;

static void
fail (Station *station, const char *what, const char *why)
{
  g_printerr ("kromo-station: %s%s%s\n", what, why ? ": " : "", why ? why : "");
  station->exit_status = EXIT_FAILURE;
  g_main_loop_quit (station->loop);
}

/* ---- from the sound to the encoder ---- */

static void
on_bytes (GstBuffer *buffer, gpointer user_data)
{
  Station *station = user_data;

  outlet_push (station->outlet, buffer);
}

static void
on_tags (GstEvent *event, gpointer user_data)
{
  Station *station = user_data;

  outlet_push_tags (station->outlet, event);
}

/* Control characters of a genome's id are not the terminal's. */
static void
tell_title (Station *station)
{
  g_autofree char *title = NULL;

  if (station->options->quiet || !gst_tag_list_get_string (station->tags, GST_TAG_TITLE, &title))
    return;
  for (char *p = title; *p; p++) {
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  }
  g_print ("playing %s\n", title);
}

static void
on_genome (GstTagList *tags, gpointer user_data)
{
  Station *station = user_data;

  g_clear_pointer (&station->tags, gst_tag_list_unref);
  station->tags = gst_tag_list_copy (tags);
  /* Without an artist, shout2send makes one up. */
  gst_tag_list_add (
      station->tags, GST_TAG_MERGE_KEEP, GST_TAG_ARTIST, station->options->name, NULL);
  station->n_genomes++;
  tell_title (station);
  if (station->options->format == FORMAT_OPUS)
    station->wants_stream = TRUE;
  else if (station->encoder)
    encoder_push_tags (station->encoder, station->tags);
}

static gboolean
finish_encoder (Station *station, GError **error)
{
  Encoder *encoder = g_steal_pointer (&station->encoder);

  return !encoder || encoder_finish (encoder, error);
}

/* The old stream goes to the old connection to its end, the new one to what is there now. */
static gboolean
begin_stream (Station *station, GError **error)
{
  const EncoderCallbacks callbacks = { .bytes = on_bytes, .tags = on_tags };

  if (!finish_encoder (station, error))
    return FALSE;
  outlet_begin (station->outlet);
  station->encoder = encoder_new (station->options, station->tags, &callbacks, station, error);
  station->wants_stream = FALSE;

  return station->encoder != NULL;
}

static gboolean
write_raw (Station *station, GstBuffer *samples, GError **error)
{
  GstMapInfo map;
  gboolean good;

  if (!station->raw)
    return TRUE;
  gst_buffer_map (samples, &map, GST_MAP_READ);
  good = fwrite (map.data, 1, map.size, station->raw) == map.size;
  if (!good)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s cannot be written: %s",
        station->options->raw, g_strerror (errno));
  gst_buffer_unmap (samples, &map);

  return good;
}

static gboolean
take_samples (Station *station, GstBuffer *samples, GError **error)
{
  if (station->wants_stream || !station->encoder || outlet_is_waiting (station->outlet)) {
    if (!begin_stream (station, error))
      return FALSE;
  }
  if (!write_raw (station, samples, error))
    return FALSE;
  if (encoder_push (station->encoder, samples))
    return TRUE;

  return finish_encoder (station, error);
}

typedef struct {
  Station *station;
  GError *error;
} Failure;

static gboolean
tell_failure (gpointer user_data)
{
  Failure *failure = user_data;

  fail (failure->station, failure->error->message, NULL);
  g_error_free (failure->error);
  g_free (failure);

  return G_SOURCE_REMOVE;
}

static void
on_samples (GstBuffer *samples, gpointer user_data)
{
  Station *station = user_data;
  GError *error = NULL;

  if (station->has_failed || take_samples (station, samples, &error))
    return;
  station->has_failed = TRUE;
  if (error) {
    Failure *failure = g_new0 (Failure, 1);

    failure->station = station;
    failure->error = error;
    g_idle_add (tell_failure, failure);
  }
}

/* ---- the main thread ---- */

static void
on_end (gpointer user_data)
{
  Station *station = user_data;

  g_main_loop_quit (station->loop);
}

static void
on_outlet_failed (const GError *error, gpointer user_data)
{
  fail (user_data, error->message, NULL);
}

static gboolean
on_signal (gpointer user_data)
{
  Station *station = user_data;

  g_main_loop_quit (station->loop);

  return G_SOURCE_CONTINUE;
}

static gboolean
open_all (Station *station, GError **error)
{
  const SoundCallbacks callbacks = {
    .begin_genome = on_genome, .samples = on_samples, .end = on_end
  };
  Options *options = station->options;

  if (options->raw && !(station->raw = g_fopen (options->raw, "wb"))) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s cannot be written: %s",
        options->raw, g_strerror (errno));
    return FALSE;
  }
  station->sound = sound_new (options, !options->output, &callbacks, station, error);
  if (!station->sound)
    return FALSE;
  station->outlet = outlet_new (options, on_outlet_failed, station, error);

  return station->outlet && sound_start (station->sound, error);
}

static void
close_all (Station *station)
{
  g_autoptr (GError) error = NULL;

  if (station->sound)
    sound_stop (station->sound);
  if (!finish_encoder (station, &error) && station->exit_status == EXIT_SUCCESS)
    fail (station, "encoder", error->message);
  g_clear_error (&error);
  if (station->outlet && !outlet_close (station->outlet, &error)
      && station->exit_status == EXIT_SUCCESS)
    fail (station, "closing", error->message);
  if (station->raw && fclose (station->raw) != 0 && station->exit_status == EXIT_SUCCESS)
    fail (station, station->options->raw, g_strerror (errno));
  if (station->sound && !station->options->quiet && station->n_genomes > 0)
    g_print ("%" G_GUINT64_FORMAT " sounds played, %" G_GUINT64_FORMAT " genomes skipped\n",
        station->n_genomes, sound_get_n_skipped (station->sound));
  g_clear_pointer (&station->sound, sound_free);
  g_clear_pointer (&station->tags, gst_tag_list_unref);
}

int
main (int argc, char **argv)
{
  Station station = { 0 };
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  setvbuf (stdout, NULL, _IOLBF, 0);
  signal (SIGPIPE, SIG_IGN);
  station.options = options_parse (&argc, &argv, &error);
  if (!station.options) {
    g_printerr ("kromo-station: %s\nkromo-station --help-all tells the options.\n", error->message);
    return EXIT_FAILURE;
  }
  GST_DEBUG_CATEGORY_INIT (station_debug, "station", 0, "kromo-station");
  station.loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGINT, on_signal, &station);
  g_unix_signal_add (SIGTERM, on_signal, &station);

  if (open_all (&station, &error))
    g_main_loop_run (station.loop);
  else if (error->domain == GST_PARSE_ERROR)
    fail (&station, error->message, MISSING);
  else
    fail (&station, error->message, NULL);
  close_all (&station);
  g_main_loop_unref (station.loop);
  options_free (station.options);

  return station.exit_status;
}
