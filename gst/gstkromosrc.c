/* kromosrc: the class, its states, caps, seeks and queries
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-kromosrc
 * @title: kromosrc
 *
 * Plays evolved sounds: a genome, which is a small network that makes all waves and control curves
 * and an audio graph that they drive, becomes a sound of any duration, pitch and format.
 *
 * Without a genome it plays a built-in one. Times are in nanoseconds.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 kromosrc ! autoaudiosink
 * ]| The built-in sound, for 4 seconds.
 * |[
 * gst-launch-1.0 kromosrc location=genome.json.gz note-delta=-12 duration=20000000000 ! audioconvert ! opusenc ! oggmux ! filesink location=low.ogg
 * ]| A stored genome, an octave lower and 20 seconds long, into an Ogg file.
 * |[
 * gst-launch-1.0 -m kromosrc location=genomes.sqlite genome-id=01JF2N9RZ07V06EJ4DJ9ZGCM2D use-metadata=true ! fakesink
 * ]| One genome of a database as it was last played, as fast as it renders, with messages of how fast
 * that is.
 */

#include "gstkromosrc.h"

GST_DEBUG_CATEGORY (gst_kromo_src_debug);
GST_DEBUG_CATEGORY (gst_kromo_src_performance);
#define GST_CAT_DEFAULT gst_kromo_src_debug

#define PREFERRED_RATE 48000
#define NEGOTIATION_TRIES 3

#define FORMATS                                                                                    \
  "{ F32LE, F32BE, F64LE, F64BE, S16LE, S16BE, S24LE, S24BE, S24_32LE, S24_32BE, S32LE, S32BE }"

static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
        GST_STATIC_CAPS ("audio/x-raw, format = (string) " FORMATS
                         ", layout = (string) { interleaved, non-interleaved }"
                         ", rate = (int) [ 8000, 192000 ], channels = (int) [ 1, 8 ]"));

#define gst_kromo_src_parent_class parent_class
G_DEFINE_TYPE_WITH_CODE (
    GstKromoSrc, gst_kromo_src, GST_TYPE_PUSH_SRC,
    G_IMPLEMENT_INTERFACE (GST_TYPE_STREAM_VOLUME, NULL);
    G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER, gst_kromo_src_init_uri_handler);
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_kromo_src_init_preset);
    GST_DEBUG_CATEGORY_INIT (gst_kromo_src_debug, "kromosrc", 0, "evolved sounds");
    GST_DEBUG_CATEGORY_GET (gst_kromo_src_performance, "GST_PERFORMANCE"))
GST_ELEMENT_REGISTER_DEFINE (kromosrc, "kromosrc", GST_RANK_NONE, GST_TYPE_KROMO_SRC)

static GstCaps *
gst_kromo_src_fixate (GstBaseSrc *src, GstCaps *caps)
{
  GstStructure *structure;
  gint channels = 0;

  caps = gst_caps_truncate (gst_caps_make_writable (caps));
  structure = gst_caps_get_structure (caps, 0);
  gst_structure_fixate_field_string (structure, "format", GST_AUDIO_NE (F32));
  gst_structure_fixate_field_string (structure, "layout", "interleaved");
  gst_structure_fixate_field_nearest_int (structure, "rate", PREFERRED_RATE);
  gst_structure_fixate_field_nearest_int (structure, "channels", 1);
  if (gst_structure_get_int (structure, "channels", &channels) && channels > 2
      && !gst_structure_has_field (structure, "channel-mask"))
    gst_structure_set (structure, "channel-mask", GST_TYPE_BITMASK,
        gst_audio_channel_get_fallback_mask (channels), NULL);

  return GST_BASE_SRC_CLASS (parent_class)->fixate (src, caps);
}

static gboolean
gst_kromo_src_set_caps (GstBaseSrc *src, GstCaps *caps)
{
  GstKromoSrc *self = GST_KROMO_SRC (src);
  GstAudioInfo info, old = self->info;
  gboolean is_same;

  if (!gst_audio_info_from_caps (&info, caps)) {
    GST_ERROR_OBJECT (self, "not audio: %" GST_PTR_FORMAT, caps);
    return FALSE;
  }
  GST_DEBUG_OBJECT (self, "caps %" GST_PTR_FORMAT, caps);
  /* Another sample format or layout is a matter of packing alone. */
  is_same = GST_AUDIO_INFO_FORMAT (&old) == GST_AUDIO_FORMAT_UNKNOWN
      || (old.rate == info.rate && old.channels == info.channels);
  if (!is_same)
    gst_kromo_src_remember_rtf (self);

  GST_OBJECT_LOCK (self);
  self->info = info;
  GST_OBJECT_UNLOCK (self);
  gst_kromo_src_update_duration (self);
  if (is_same)
    return TRUE;

  if (!self->moved)
    gst_kromo_src_move (self, gst_util_uint64_scale_int (self->frame, GST_SECOND, old.rate));
  self->origin = gst_util_uint64_scale_int_round (self->origin, info.rate, old.rate);
  g_clear_pointer (&self->sound->renderer, kromo_renderer_free);

  return TRUE;
}

/* After a start that failed the pad may have caps of which the base class tells nothing, as they do not
 * change. */
static gboolean
ensure_info (GstKromoSrc *self)
{
  GstBaseSrc *src = GST_BASE_SRC (self);
  GstCaps *caps;
  gboolean ok;

  if (self->info.rate > 0)
    return TRUE;
  caps = gst_pad_get_current_caps (GST_BASE_SRC_PAD (src));
  ok = caps && gst_kromo_src_set_caps (src, caps);
  gst_clear_caps (&caps);

  return ok;
}

/* The base class would follow a failure with an error of its own that says nothing, so tell what is
 * wrong and let the stream end. What downstream wants may change on the way. */
static gboolean
gst_kromo_src_negotiate (GstBaseSrc *src)
{
  GstKromoSrc *self = GST_KROMO_SRC (src);
  GstCaps *offered, *peer;
  guint i;

  for (i = 0; i < NEGOTIATION_TRIES; i++) {
    if (GST_BASE_SRC_CLASS (parent_class)->negotiate (src))
      return ensure_info (self);
    if (self->failed || GST_PAD_IS_FLUSHING (GST_BASE_SRC_PAD (src)))
      return self->failed;
  }

  offered = gst_pad_query_caps (GST_BASE_SRC_PAD (src), NULL);
  peer = gst_pad_peer_query_caps (GST_BASE_SRC_PAD (src), NULL);
  GST_ELEMENT_ERROR (self, CORE, NEGOTIATION,
      ("No audio format in common with the element downstream; put an audioconvert and an "
       "audioresample between, or check the caps filter."),
      ("offered %" GST_PTR_FORMAT ", wanted %" GST_PTR_FORMAT, offered, peer));
  gst_caps_unref (offered);
  gst_caps_unref (peer);
  self->failed = TRUE;

  return TRUE;
}

static gboolean
gst_kromo_src_is_seekable (GstBaseSrc *src)
{
  return TRUE;
}

static gboolean
gst_kromo_src_event (GstBaseSrc *src, GstEvent *event)
{
  gboolean done;

  if (gst_kromo_src_takes_seek (GST_KROMO_SRC (src), event, &done))
    return done;

  return GST_BASE_SRC_CLASS (parent_class)->event (src, event);
}

static gboolean
gst_kromo_src_send_event (GstElement *element, GstEvent *event)
{
  gboolean done;

  if (gst_kromo_src_takes_seek (GST_KROMO_SRC (element), event, &done)) {
    gst_event_unref (event);
    return done;
  }

  return GST_ELEMENT_CLASS (parent_class)->send_event (element, event);
}

static gboolean
gst_kromo_src_query (GstBaseSrc *src, GstQuery *query)
{
  return gst_kromo_src_answer (GST_KROMO_SRC (src), query)
      || GST_BASE_SRC_CLASS (parent_class)->query (src, query);
}

static gboolean
gst_kromo_src_unlock (GstBaseSrc *src)
{
  GstKromoSrc *self = GST_KROMO_SRC (src);

  /* In this order: who was interrupted and finds the flag down again finds it counted. */
  g_atomic_int_set (&self->interrupt, 1);
  g_atomic_int_inc (&self->unlocks);
  gst_kromo_compiler_wake (self);

  return TRUE;
}

static gboolean
gst_kromo_src_unlock_stop (GstBaseSrc *src)
{
  g_atomic_int_set (&GST_KROMO_SRC (src)->interrupt, 0);

  return TRUE;
}

/* Seeks that are sent to the pad come at any time; they hold its stream lock. */
static gboolean
open_stream (GstKromoSrc *self)
{
  gboolean ok;

  GST_PAD_STREAM_LOCK (GST_BASE_SRC_PAD (self));
  ok = gst_kromo_src_open (self);
  GST_PAD_STREAM_UNLOCK (GST_BASE_SRC_PAD (self));

  return ok;
}

static void
close_stream (GstKromoSrc *self)
{
  GST_PAD_STREAM_LOCK (GST_BASE_SRC_PAD (self));
  gst_kromo_src_close (self);
  GST_PAD_STREAM_UNLOCK (GST_BASE_SRC_PAD (self));
}

/* The genome is loaded here rather than in start(), because the base class would post a second error
 * for a start() that fails. */
static GstStateChangeReturn
gst_kromo_src_change_state (GstElement *element, GstStateChange transition)
{
  GstKromoSrc *self = GST_KROMO_SRC (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !open_stream (self))
    return GST_STATE_CHANGE_FAILURE;

  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    gst_kromo_src_restart_clock (self);

  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED && ret == GST_STATE_CHANGE_FAILURE))
    close_stream (self);

  return ret;
}

static void
gst_kromo_src_finalize (GObject *object)
{
  GstKromoSrc *self = GST_KROMO_SRC (object);

  gst_kromo_src_close (self);
  gst_kromo_compiler_clear (&self->compiler);
  gst_kromo_settings_clear (&self->settings);

  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_kromo_src_class_init (GstKromoSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  object_class->finalize = gst_kromo_src_finalize;
  gst_kromo_src_init_messages ();
  gst_kromo_src_install_properties (object_class);

  /**
   * GstKromoSrc::about-to-finish:
   * @self: the element
   *
   * Emitted about two seconds before the last frame. Setting #GstKromoSrc:location,
   * #GstKromoSrc:genome or #GstKromoSrc:seed in the handler says what plays on from the very next frame.
   * Comes from the streaming thread: the handler must not change states.
   */
  g_signal_new ("about-to-finish", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 0);

  element_class->change_state = gst_kromo_src_change_state;
  element_class->send_event = gst_kromo_src_send_event;
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Kromo source", "Source/Audio",
      "Plays evolved sounds, rendered from genomes", "The kromo authors");

  base_class->fixate = gst_kromo_src_fixate;
  base_class->set_caps = gst_kromo_src_set_caps;
  base_class->negotiate = gst_kromo_src_negotiate;
  base_class->is_seekable = gst_kromo_src_is_seekable;
  base_class->do_seek = gst_kromo_src_do_seek;
  base_class->event = gst_kromo_src_event;
  base_class->query = gst_kromo_src_query;
  base_class->unlock = gst_kromo_src_unlock;
  base_class->unlock_stop = gst_kromo_src_unlock_stop;
  GST_PUSH_SRC_CLASS (klass)->create = gst_kromo_src_create;
}

static GstClockTime
get_system_time (gpointer user_data)
{
  return gst_util_get_timestamp ();
}

static void
gst_kromo_src_init (GstKromoSrc *self)
{
  self->timer.now = get_system_time;
  gst_kromo_compiler_init (&self->compiler);
  gst_kromo_settings_init (&self->settings);
  gst_audio_info_init (&self->info);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
}
