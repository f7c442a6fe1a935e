/* kromo-station: one genome after the other, as samples
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * kromosrc asks what comes next before a sound ends (about-to-finish), and begins it with the very next
 * sample. Each genome is tried first, because a stream ends where the next sound cannot be loaded. Where it
 * ends all the same (a file went away in between), the source is started anew, which costs no sample but
 * some time.
 */
#include "sound.h"

#include "bus.h"
#include "lib/sound-options.h"
#include "playlist.h"
#include "trial.h"

#include <gst/app/gstappsink.h>

/* Rendered ahead, against genomes that are slow to begin or to render. */
#define AHEAD "5000000000"
/* What is later than this is not caught up with. */
#define MAX_LATENESS (5 * GST_SECOND)
#define SECONDS_BETWEEN_LOOKS 5

struct _Sound {
  GstElement *pipeline;
  GstElement *source;
  GstElement *pace; /* NULL: not paced */
  Playlist *playlist;
  Trial *trial;
  gboolean once;
  SoundCallbacks callbacks;
  gpointer user_data;
  guint watch, timeout;

  gint n_skipped; /* atomic */
  gint is_over;   /* atomic: the end of the stream is meant */
};

typedef enum {
  CHOICE_MADE,
  CHOICE_OVER,   /* the only round has ended */
  CHOICE_NOTHING /* in a whole round */
} Choice;

/* ---- what comes next ---- */

/* kromosrc's words begin with the file, in which a database has many. */
static void
tell_skipped (Sound *sound, const Genome *genome, const char *reason)
{
  g_autofree char *name = genome_describe (genome);
  g_autofree char *text = make_printable (reason);

  g_atomic_int_inc (&sound->n_skipped);
  g_printerr ("skipped %s: %s\n", name, text);
}

static Choice
choose (Sound *sound)
{
  gboolean whole_round = !playlist_is_in_round (sound->playlist);

  for (;;) {
    const Genome *genome = playlist_next (sound->playlist);
    g_autoptr (GError) error = NULL;

    if (!genome) {
      if (sound->once)
        return CHOICE_OVER;
      if (whole_round)
        return CHOICE_NOTHING;
      whole_round = TRUE;
    } else if (trial_play (sound->trial, genome, &error)) {
      genome_set_on (genome, sound->source, NULL);
      return CHOICE_MADE;
    } else {
      tell_skipped (sound, genome, error->message);
    }
  }
}

/* In kromosrc's streaming thread. */
static void
on_about_to_finish (GstElement *source, gpointer user_data)
{
  Sound *sound = user_data;

  if (choose (sound) == CHOICE_OVER)
    g_atomic_int_set (&sound->is_over, TRUE);
}

/* ---- samples ---- */

/* A machine that slept, or genomes slower than real time: time goes on from now, in place of a rush of what
 * was missed. */
static void
forgive_lateness (Sound *sound, GstSample *sample)
{
  GstClockTime now, due;
  gint64 offset;

  due = gst_segment_to_running_time (gst_sample_get_segment (sample), GST_FORMAT_TIME,
      GST_BUFFER_PTS (gst_sample_get_buffer (sample)));
  now = gst_element_get_current_running_time (sound->pipeline);
  if (!sound->pace || !GST_CLOCK_TIME_IS_VALID (now) || !GST_CLOCK_TIME_IS_VALID (due))
    return;
  g_object_get (sound->pace, "ts-offset", &offset, NULL);
  if (GST_CLOCK_DIFF (due, now) - offset < (gint64) MAX_LATENESS)
    return;
  g_printerr ("the sound is %.1f s late; going on from there\n",
      (double) (GST_CLOCK_DIFF (due, now) - offset) / GST_SECOND);
  g_object_set (sound->pace, "ts-offset", GST_CLOCK_DIFF (due, now), NULL);
}

static GstFlowReturn
on_sample (GstAppSink *sink, gpointer user_data)
{
  Sound *sound = user_data;
  GstSample *sample = gst_app_sink_pull_sample (sink);

  if (!sample)
    return GST_FLOW_EOS;
  forgive_lateness (sound, sample);
  sound->callbacks.samples (gst_sample_get_buffer (sample), sound->user_data);
  gst_sample_unref (sample);

  return GST_FLOW_OK;
}

/* kromosrc sends its tags between the last sample of one sound and the first of the next. */
static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  Sound *sound = user_data;
  GstTagList *tags;

  if (GST_EVENT_TYPE (event) == GST_EVENT_TAG) {
    gst_event_parse_tag (event, &tags);
    sound->callbacks.begin_genome (tags, sound->user_data);
  }

  return GST_PAD_PROBE_OK;
}

/* ---- when the stream ends ---- */

static gboolean start (Sound *sound, GError **error);

static gboolean
on_timeout (gpointer user_data)
{
  Sound *sound = user_data;

  sound->timeout = 0;
  start (sound, NULL);

  return G_SOURCE_REMOVE;
}

static void
start_later (Sound *sound, guint seconds)
{
  if (!sound->timeout)
    sound->timeout = g_timeout_add_seconds (seconds, on_timeout, sound);
}

/* Returns: FALSE at the first start with nothing to play */
static gboolean
start (Sound *sound, GError **error)
{
  switch (choose (sound)) {
  case CHOICE_MADE:
    if (sound->pace)
      g_object_set (sound->pace, "ts-offset", (gint64) 0, NULL);
    gst_element_set_state (sound->pipeline, GST_STATE_PLAYING);
    return TRUE;
  case CHOICE_OVER:
    if (error)
      break;
    sound->callbacks.end (sound->user_data);
    return TRUE;
  case CHOICE_NOTHING:
    if (error)
      break;
    g_printerr ("nothing can be played now; looking again in %d s\n", SECONDS_BETWEEN_LOOKS);
    start_later (sound, SECONDS_BETWEEN_LOOKS);
    return TRUE;
  }
  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
      "There is nothing that can be played");

  return FALSE;
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Sound *sound = user_data;
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    g_printerr ("a sound did not play: %s\n", error->message);
  } else if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS) {
    return G_SOURCE_CONTINUE;
  }
  if (!error && g_atomic_int_get (&sound->is_over)) {
    sound->callbacks.end (sound->user_data);
    return G_SOURCE_CONTINUE;
  }
  gst_element_set_state (sound->pipeline, GST_STATE_READY);
  start_later (sound, error ? 1 : 0);

  return G_SOURCE_CONTINUE;
}

/* ---- making it ---- */

static gboolean
apply_settings (Sound *sound, const Options *options, GError **error)
{
  GstElement *sources[] = { sound->source, trial_get_source (sound->trial) };
  gboolean good = TRUE;
  SoundOptions all;

  sound_options_init (&all);
  for (char **setting = options->settings; good && setting && *setting; setting++) {
    g_auto (GStrv) parts = g_strsplit (*setting, "=", 2);

    good = sound_options_set (&all, "--set", parts[0], parts[1] ? parts[1] : "", error);
  }
  for (guint i = 0; good && i < G_N_ELEMENTS (sources); i++) {
    sound_options_apply (&all, sources[i]);
    if (options->duration > 0)
      g_object_set (sources[i], "duration", (guint64) (options->duration * GST_SECOND + 0.5), NULL);
    g_object_set (sources[i], "use-metadata", options->use_metadata, NULL);
  }
  sound_options_clear (&all);

  return good;
}

/* Chunks are short where they are paced, so that what is sent is never far from what is due. */
static char *
describe (gint channels, gboolean paced)
{
  return g_strdup_printf ("kromosrc name=source %s ! audio/x-raw,format=S16LE,layout=interleaved,"
                          "rate=%d,channels=%d ! queue max-size-buffers=0 max-size-bytes=0 "
                          "max-size-time=%s ! %s appsink name=out sync=false async=false",
      paced ? "max-chunk-duration=100000000" : "", SOUND_RATE, channels,
      paced ? AHEAD : "1000000000", paced ? "clocksync name=pace !" : "");
}

static void
connect_all (Sound *sound)
{
  GstAppSinkCallbacks callbacks = { .new_sample = on_sample };
  GstElement *sink = gst_bin_get_by_name (GST_BIN (sound->pipeline), "out");
  GstPad *pad = gst_element_get_static_pad (sink, "sink");
  GstBus *bus = bus_get_sifted (sound->pipeline);

  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, sound, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, sound, NULL);
  g_signal_connect (sound->source, "about-to-finish", G_CALLBACK (on_about_to_finish), sound);
  sound->watch = gst_bus_add_watch (bus, on_message, sound);
  gst_object_unref (bus);
  gst_object_unref (pad);
  gst_object_unref (sink);
}

Sound *
sound_new (const Options *options, gboolean paced, const SoundCallbacks *callbacks,
    gpointer user_data, GError **error)
{
  g_autofree char *description = describe (options->channels, paced);
  Sound *sound;
  Trial *trial = trial_new (options->channels, error);

  if (!trial)
    return NULL;
  sound = g_new0 (Sound, 1);
  sound->trial = trial;
  sound->playlist = playlist_new (options);
  sound->once = options->once;
  sound->callbacks = *callbacks;
  sound->user_data = user_data;
  sound->pipeline = gst_parse_launch_full (description, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (sound->pipeline) {
    sound->source = gst_bin_get_by_name (GST_BIN (sound->pipeline), "source");
    sound->pace = gst_bin_get_by_name (GST_BIN (sound->pipeline), "pace");
    connect_all (sound);
  }
  if (!sound->pipeline || !apply_settings (sound, options, error))
    g_clear_pointer (&sound, sound_free);

  return sound;
}

gboolean
sound_start (Sound *sound, GError **error)
{
  return start (sound, error);
}

void
sound_stop (Sound *sound)
{
  g_clear_handle_id (&sound->timeout, g_source_remove);
  g_clear_handle_id (&sound->watch, g_source_remove);
  if (sound->pipeline)
    gst_element_set_state (sound->pipeline, GST_STATE_NULL);
}

void
sound_free (Sound *sound)
{
  sound_stop (sound);
  g_clear_pointer (&sound->playlist, playlist_free);
  g_clear_pointer (&sound->trial, trial_free);
  gst_clear_object (&sound->source);
  gst_clear_object (&sound->pace);
  gst_clear_object (&sound->pipeline);
  g_free (sound);
}

guint64
sound_get_n_skipped (Sound *sound)
{
  return (guint64) g_atomic_int_get (&sound->n_skipped);
}
