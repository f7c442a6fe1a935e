/* kromo-station: plays genomes for ever to an Icecast server
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Three parts that know nothing of each other: the sound (a kromosrc that plays on and on), the stream (one
 * encoder after the other) and the outlet (one connection after the other, or a file). The sound's streaming
 * thread feeds the encoder, whose own thread feeds the outlet.
 */
#include <glib-unix.h>
#include <gst/gst.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "options.h"
#include "outlet.h"
#include "sound.h"
#include "stream.h"

GST_DEBUG_CATEGORY (station_debug);

#define MISSING                                                                                    \
  "GST_PLUGIN_PATH tells GStreamer where kromosrc is; the others are in Debian's "                 \
  "gstreamer1.0-plugins-base and gstreamer1.0-plugins-good"

typedef struct {
  Options *options;
  GMainLoop *loop;
  Sound *sound;
  Stream *stream;
  Outlet *outlet;
  gint exit_status;

  GError *stream_error; /* the sound's thread, until the main thread was told */
} Station;

/* The first failure is the one to tell. */
static void
fail (Station *station, const char *what, const char *why)
{
  if (station->exit_status == EXIT_SUCCESS)
    g_printerr ("kromo-station: %s%s%s\n", what, why ? ": " : "", why ? why : "");
  station->exit_status = EXIT_FAILURE;
  g_main_loop_quit (station->loop);
}

/* ---- the sound's thread ---- */

static gboolean
tell_stream_error (gpointer user_data)
{
  Station *station = user_data;

  fail (station, station->stream_error->message, NULL);

  return G_SOURCE_REMOVE;
}

static void
on_genome (GstTagList *tags, gpointer user_data)
{
  Station *station = user_data;

  stream_begin_genome (station->stream, tags);
}

static void
on_samples (GstBuffer *samples, gpointer user_data)
{
  Station *station = user_data;

  if (!station->stream_error && !stream_push (station->stream, samples, &station->stream_error))
    g_idle_add (tell_stream_error, station);
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

  station->sound = sound_new (options, !options->output, &callbacks, station, error);
  if (!station->sound)
    return FALSE;
  station->outlet = outlet_new (options, on_outlet_failed, station, error);
  if (!station->outlet)
    return FALSE;
  station->stream = stream_new (options, station->outlet, error);

  return station->stream && sound_start (station->sound, error);
}

static void
close_all (Station *station)
{
  g_autoptr (GError) stream_error = NULL;
  g_autoptr (GError) outlet_error = NULL;
  guint64 n_genomes = 0;

  if (station->sound)
    sound_stop (station->sound);
  if (station->stream) {
    n_genomes = stream_get_n_genomes (station->stream);
    if (!stream_finish (station->stream, &stream_error))
      fail (station, stream_error->message, NULL);
  }
  if (station->outlet && !outlet_close (station->outlet, &outlet_error))
    fail (station, outlet_error->message, NULL);
  if (n_genomes > 0 && !station->options->quiet)
    g_print ("%" G_GUINT64_FORMAT " sounds played, %" G_GUINT64_FORMAT " genomes skipped\n",
        n_genomes, sound_get_n_skipped (station->sound));
  g_clear_pointer (&station->sound, sound_free);
  g_clear_error (&station->stream_error);
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
  else
    fail (&station, error->message, error->domain == GST_PARSE_ERROR ? MISSING : NULL);
  close_all (&station);
  g_main_loop_unref (station.loop);
  options_free (station.options);

  return station.exit_status;
}
