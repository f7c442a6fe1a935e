/* A list of genomes, played one after the other, with everything that can be changed meanwhile
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "player.h"

#include <math.h>

/* What has left the source plays as it is: short chunks make keys be heard soon. */
#define MIN_CHUNK (20 * GST_MSECOND)
#define MAX_CHUNK (50 * GST_MSECOND)

#define MAX_NOTE_DELTA 128.0
#define MAX_VOLUME 10.0

struct _Player {
  GPtrArray *genomes;
  guint index;
  guint n_failed_in_row;
  gboolean repeat;

  GstElement *pipeline, *src;
  guint watch;
  gboolean is_paused;
  gboolean has_started; /* the genome that plays is heard */
  gint64 asked_at;
  gint64 target; /* where it is, while a seek or a pause is under way */

  PlayerFuncs funcs;
  gpointer user_data;
};

static void play (Player *self, gint64 asked_at);

/* ---- the list ---- */

static void
go_on (Player *self, gint by)
{
  gint n = (gint) self->genomes->len;
  gint next = (gint) self->index + by;

  if (self->repeat)
    next = (next + n) % n;
  if (next >= n) {
    self->funcs.ended (self, self->user_data);
    return;
  }
  self->index = (guint) MAX (next, 0);
  play (self, g_get_monotonic_time ());
}

static void
on_failure (Player *self, GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  gboolean is_source;

  gst_message_parse_error (message, &error, NULL);
  line = make_printable (error->message);
  is_source = GST_MESSAGE_SRC (message) == GST_OBJECT (self->src);
  gst_element_set_state (self->pipeline, GST_STATE_READY);
  if (!is_source) {
    self->funcs.failed (self, line, TRUE, self->user_data);
    return;
  }
  self->funcs.failed (self, line, FALSE, self->user_data);
  if (++self->n_failed_in_row < self->genomes->len)
    go_on (self, 1);
  else
    self->funcs.ended (self, self->user_data);
}

static void
on_playing (Player *self)
{
  if (self->has_started)
    return;
  self->has_started = TRUE;
  self->n_failed_in_row = 0;
  self->funcs.started (self,
      (GstClockTime) (g_get_monotonic_time () - self->asked_at) * GST_USECOND, self->user_data);
}

static gboolean
on_message (GstBus *bus G_GNUC_UNUSED, GstMessage *message, gpointer data)
{
  Player *self = data;
  GstState state;

  switch (GST_MESSAGE_TYPE (message)) {
  case GST_MESSAGE_EOS:
    go_on (self, 1);
    break;
  case GST_MESSAGE_ERROR:
    on_failure (self, message);
    break;
  case GST_MESSAGE_WARNING: {
    g_autoptr (GError) warning = NULL;
    g_autofree char *line = NULL;

    gst_message_parse_warning (message, &warning, NULL);
    line = make_printable (warning->message);
    self->funcs.warned (self, line, self->user_data);
    break;
  }
  case GST_MESSAGE_STATE_CHANGED:
    gst_message_parse_state_changed (message, NULL, &state, NULL);
    if (GST_MESSAGE_SRC (message) == GST_OBJECT (self->pipeline) && state == GST_STATE_PLAYING)
      on_playing (self);
    break;
  case GST_MESSAGE_LATENCY:
    gst_bin_recalculate_latency (GST_BIN (self->pipeline));
    break;
  default:
    break;
  }

  return G_SOURCE_CONTINUE;
}

/* From its beginning; what was playing ends. */
static void
play (Player *self, gint64 asked_at)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  g_autoptr (GError) error = NULL;

  gst_element_set_state (self->pipeline, GST_STATE_READY);
  /* what the last one still had to say */
  gst_bus_set_flushing (bus, TRUE);
  gst_bus_set_flushing (bus, FALSE);
  self->asked_at = asked_at;
  self->has_started = FALSE;
  self->target = 0;
  self->is_paused = FALSE;
  if (!genome_set_on (self->genomes->pdata[self->index], self->src, &error)) {
    self->funcs.failed (self, error->message, TRUE, self->user_data);
    return;
  }
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING); /* a failure comes as a message */
}

void
player_start (Player *self, gint64 asked_at)
{
  play (self, asked_at);
}

void
player_set_repeat (Player *self, gboolean repeat)
{
  self->repeat = repeat;
}

void
player_skip (Player *self, gint by)
{
  go_on (self, by);
}

/* ---- changes while it plays ---- */

void
player_toggle_pause (Player *self)
{
  if (self->has_started
      && gst_element_get_state (self->pipeline, NULL, NULL, 0) != GST_STATE_CHANGE_ASYNC)
    gst_element_query_position (self->pipeline, GST_FORMAT_TIME, &self->target);
  self->is_paused = !self->is_paused;
  gst_element_set_state (self->pipeline, self->is_paused ? GST_STATE_PAUSED : GST_STATE_PLAYING);
}

void
player_toggle_mute (Player *self)
{
  gboolean muted;

  g_object_get (self->src, "mute", &muted, NULL);
  g_object_set (self->src, "mute", !muted, NULL);
}

void
player_add_note (Player *self, double semitones)
{
  double note;

  g_object_get (self->src, "note-delta", &note, NULL);
  g_object_set (
      self->src, "note-delta", CLAMP (note + semitones, -MAX_NOTE_DELTA, MAX_NOTE_DELTA), NULL);
}

void
player_add_volume (Player *self, double by)
{
  double volume;

  g_object_get (self->src, "volume", &volume, NULL);
  volume = round ((volume + by) * 100) / 100;
  g_object_set (self->src, "volume", CLAMP (volume, 0, MAX_VOLUME), NULL);
}

void
player_seek (Player *self, GstClockTimeDiff by)
{
  gint64 position, duration;

  if (!self->has_started)
    return;
  /* while the last one is under way, keys add up */
  if (gst_element_get_state (self->pipeline, NULL, NULL, 0) == GST_STATE_CHANGE_ASYNC)
    position = self->target;
  else if (!gst_element_query_position (self->pipeline, GST_FORMAT_TIME, &position))
    return;
  self->target = MAX (position + by, 0);
  if (gst_element_query_duration (self->pipeline, GST_FORMAT_TIME, &duration) && duration >= 0)
    self->target = MIN (self->target, duration);
  gst_element_seek_simple (
      self->pipeline, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, self->target);
}

void
player_get_state (Player *self, PlayerState *state)
{
  gint64 position, duration;

  *state = (PlayerState){
    .genome = self->genomes->pdata[self->index],
    .index = self->index,
    .n_genomes = self->genomes->len,
    .is_paused = self->is_paused,
    .position = GST_CLOCK_TIME_NONE,
    .duration = GST_CLOCK_TIME_NONE,
  };
  if (gst_element_query_position (self->pipeline, GST_FORMAT_TIME, &position) && position >= 0)
    state->position = (GstClockTime) position;
  if (gst_element_query_duration (self->pipeline, GST_FORMAT_TIME, &duration) && duration >= 0)
    state->duration = (GstClockTime) duration;
  g_object_get (self->src, "note-delta", &state->note_delta, "volume", &state->volume, "mute",
      &state->is_muted, "rtf", &state->rtf, NULL);
}

/* ---- the pipeline ---- */

/* autoaudiosink takes a fakesink where it finds no device, and says so to nobody who listens. */
static gboolean
is_silent (GstElement *sink)
{
  g_autoptr (GstIterator) elements =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (sink), "fakesink");
  g_auto (GValue) value = G_VALUE_INIT;

  return gst_iterator_next (elements, &value) == GST_ITERATOR_OK;
}

static gboolean
open_sink (Player *self, GstElement *sink, gboolean is_default, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  GstStateChangeReturn result = gst_element_set_state (self->pipeline, GST_STATE_READY);
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) reason = NULL;

  if (is_default && (result == GST_STATE_CHANGE_FAILURE || is_silent (sink))) {
    g_set_error_literal (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND,
        "There is no sound device here that GStreamer can use. Choose a sink with --sink, or "
        "render to "
        "a file with render.sh.");
    return FALSE;
  }
  if (result != GST_STATE_CHANGE_FAILURE)
    return TRUE;
  if (message)
    gst_message_parse_error (message, &reason, NULL);
  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_WRITE,
      "--sink: it cannot be used: %s", reason ? reason->message : "no reason is given");

  return FALSE;
}

Player *
player_new (GPtrArray *genomes, const SoundOptions *options, const char *sink_description,
    const PlayerFuncs *funcs, gpointer user_data, GError **error)
{
  gboolean is_default = sink_description == NULL;
  g_autofree char *description = NULL;
  GstElement *sink, *filter;
  g_autoptr (GstCaps) caps = sound_options_get_caps (options, NULL);
  g_autoptr (GstBus) bus = NULL;
  Player *self;

  description = g_strconcat (
      "audioconvert ! audioresample ! ", is_default ? "autoaudiosink" : sink_description, NULL);
  sink = gst_parse_bin_from_description_full (
      description, TRUE, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (!sink) {
    g_prefix_error (error, "--sink: ");
    return NULL;
  }

  self = g_new0 (Player, 1);
  self->genomes = genomes;
  self->funcs = *funcs;
  self->user_data = user_data;
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  self->src = gst_element_factory_make ("kromosrc", NULL);
  filter = gst_element_factory_make ("capsfilter", NULL);
  g_object_set (self->src, "min-chunk-duration", MIN_CHUNK, "max-chunk-duration", MAX_CHUNK, NULL);
  sound_options_apply (options, self->src);
  g_object_set (filter, "caps", caps, NULL);
  gst_bin_add_many (GST_BIN (self->pipeline), self->src, filter, sink, NULL);
  if (!gst_element_link_many (self->src, filter, sink, NULL)) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION,
        "--sink: it does not take sound; it must have an audio input that is not linked");
    player_free (self);
    return NULL;
  }
  if (!open_sink (self, sink, is_default, error)) {
    player_free (self);
    return NULL;
  }
  bus = gst_element_get_bus (self->pipeline);
  self->watch = gst_bus_add_watch (bus, on_message, self);

  return self;
}

void
player_free (Player *self)
{
  if (self->watch)
    g_source_remove (self->watch);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->pipeline);
  g_free (self);
}
