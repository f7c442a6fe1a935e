/* kromo-websocket: kromosrc into an appsink
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who does not pull makes the appsink full, and that holds up the element: no sleeping, no polling.
 */

#include "player.h"

#include <gst/app/gstappsink.h>

#include "settings.h"

/* The first chunk is the shortest, for the first sound to come soon. */
#define MIN_CHUNK (40 * GST_MSECOND)
#define TARGET_LATENCY (250 * GST_MSECOND)

/* State changes open files and wait for threads to end, so they are made here and not in the main thread. */
#define N_WORKERS 8

struct _Player {
  GstElement *pipeline, *source;
  GstAppSink *sink;
  gint wake_pending, eos; /* atomic */

  GMutex state_lock; /* one state change at a time */
  gint stopped;      /* atomic */
  gboolean worked;

  GMutex error_lock;
  char *error; /* the first one */

  /* The main thread's */
  PlayerFunc wake, gone;
  gpointer user_data;
};

static void
player_free (gpointer data)
{
  Player *self = data;

  gst_object_unref (self->pipeline);
  g_free (self->error);
  g_mutex_clear (&self->state_lock);
  g_mutex_clear (&self->error_lock);
}

static void
player_unref (gpointer self)
{
  g_atomic_rc_box_release_full (self, player_free);
}

/* ---- to the main thread ---- */

static gboolean
on_wake (gpointer user_data)
{
  Player *self = user_data;

  g_atomic_int_set (&self->wake_pending, 0);
  if (self->wake)
    self->wake (self->user_data);

  return G_SOURCE_REMOVE;
}

static void
wake (Player *self)
{
  if (g_atomic_int_compare_and_exchange (&self->wake_pending, 0, 1))
    g_idle_add_full (G_PRIORITY_DEFAULT, on_wake, g_atomic_rc_box_acquire (self), player_unref);
}

static GstFlowReturn
on_new_sample (GstAppSink *sink, gpointer user_data)
{
  wake (user_data);

  return GST_FLOW_OK;
}

static void
on_eos (GstAppSink *sink, gpointer user_data)
{
  Player *self = user_data;

  g_atomic_int_set (&self->eos, 1);
  wake (self);
}

static void
set_error (Player *self, const char *text)
{
  g_mutex_lock (&self->error_lock);
  if (!self->error)
    self->error = g_strdup (text);
  g_mutex_unlock (&self->error_lock);
  wake (self);
}

static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    set_error (user_data, error->message);
  }
  gst_message_unref (message);

  return GST_BUS_DROP;
}

/* ---- in a thread ---- */

static gboolean
on_gone (gpointer user_data)
{
  Player *self = user_data;

  self->gone (self->user_data);

  return G_SOURCE_REMOVE;
}

/* The first job starts it, unless it is to stop already, and the second one stops it; which is which does not
 * matter, as a thread may overtake another. */
static void
work (gpointer data, gpointer user_data)
{
  Player *self = data;
  gboolean is_last;

  g_mutex_lock (&self->state_lock);
  is_last = self->worked;
  self->worked = TRUE;
  if (is_last)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  else if (!g_atomic_int_get (&self->stopped)
      && gst_element_set_state (self->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    set_error (self, "The sound could not be started");
  g_mutex_unlock (&self->state_lock);

  if (is_last)
    g_idle_add_full (G_PRIORITY_DEFAULT, on_gone, g_atomic_rc_box_acquire (self), player_unref);
  player_unref (self);
}

static void
push_work (Player *self)
{
  static GThreadPool *pool = NULL;

  if (!pool)
    pool = g_thread_pool_new (work, NULL, N_WORKERS, FALSE, NULL);
  g_thread_pool_push (pool, g_atomic_rc_box_acquire (self), NULL);
}

/* ---- for the main thread ---- */

static GstElement *
add (Player *self, const char *factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  gst_bin_add (GST_BIN (self->pipeline), element);

  return element;
}

static void
build (Player *self)
{
  GstAppSinkCallbacks callbacks = { .new_sample = on_new_sample, .eos = on_eos };
  g_autoptr (GstCaps) caps =
      gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING, "F32LE", "layout", G_TYPE_STRING,
          "interleaved", "rate", G_TYPE_INT, SAMPLE_RATE, "channels", G_TYPE_INT, 1, NULL);
  GstBus *bus;

  self->pipeline = gst_pipeline_new (NULL);
  self->source = add (self, "kromosrc");
  self->sink = GST_APP_SINK (add (self, "appsink"));
  gst_element_link (self->source, GST_ELEMENT (self->sink));
  g_object_set (
      self->sink, "caps", caps, "max-buffers", 1, "sync", FALSE, "enable-last-sample", FALSE, NULL);
  /* Neither outlives the pipeline, which the player outlives. */
  gst_app_sink_set_callbacks (self->sink, &callbacks, self, NULL);
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, on_message, self, NULL);
  gst_object_unref (bus);
}

Player *
player_new (const PlayerSound *sound, PlayerFunc wake_func, gpointer user_data)
{
  Player *self = g_atomic_rc_box_new0 (Player);

  g_mutex_init (&self->state_lock);
  g_mutex_init (&self->error_lock);
  self->wake = wake_func;
  self->user_data = user_data;
  build (self);

  g_object_set (self->source, "note-delta", sound->note_delta, "velocity", sound->velocity,
      "duration", sound->duration, "max-memory", sound->max_memory, "checkpoint-memory",
      G_GUINT64_CONSTANT (0), "min-chunk-duration", MIN (MIN_CHUNK, sound->max_chunk),
      "max-chunk-duration", sound->max_chunk, "target-latency", TARGET_LATENCY, NULL);
  if (sound->genome)
    g_object_set (self->source, "genome", sound->genome, NULL);
  else
    g_object_set (self->source, "location", sound->location, "genome-id", sound->genome_id, NULL);
  push_work (self);

  return self;
}

PlayerState
player_pull (Player *self, GstSample **sample)
{
  gboolean eos = g_atomic_int_get (&self->eos), failed;

  *sample = gst_app_sink_try_pull_sample (self->sink, 0);
  if (*sample)
    return PLAYER_CHUNK;

  /* An error comes before the end that follows it. */
  g_mutex_lock (&self->error_lock);
  failed = self->error != NULL;
  g_mutex_unlock (&self->error_lock);

  return failed ? PLAYER_FAILED : eos ? PLAYER_ENDED : PLAYER_WAITS;
}

const char *
player_get_error (Player *self)
{
  return self->error;
}

void
player_change (Player *self, const double *note_delta, const double *velocity)
{
  if (note_delta)
    g_object_set (self->source, "note-delta", *note_delta, NULL);
  if (velocity)
    g_object_set (self->source, "velocity", *velocity, NULL);
}

void
player_stop (Player *self, PlayerFunc gone, gpointer user_data)
{
  self->wake = NULL;
  self->gone = gone;
  self->user_data = user_data;
  g_atomic_int_set (&self->stopped, 1);
  push_work (self);
  player_unref (self);
}
