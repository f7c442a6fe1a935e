/* kromosrc: what plays gives way to something else
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * In the streaming thread, between two chunks.
 */

#include "gstkromosrc.h"

#define GST_CAT_DEFAULT gst_kromo_src_debug

/* How long before its end the application is asked what comes next: time to load it. */
#define ASK_AHEAD (2 * GST_SECOND)

/* Bytes of state that can be taken over within a live chunk. Only long convolvers have more, whose response
 * would have to be made up to now. */
#define MAX_LIVE_STATE (4 << 20)

/* ---- changes while it plays ---- */

static gboolean
is_controlled (GstKromoSrc *self, const char *name)
{
  g_autoptr (GstControlBinding) binding = gst_object_get_control_binding (GST_OBJECT (self), name);

  return binding && !gst_control_binding_is_disabled (binding);
}

gboolean
gst_kromo_src_has_controlled_note (GstKromoSrc *self)
{
  return gst_object_has_active_control_bindings (GST_OBJECT (self))
      && (is_controlled (self, "note-delta") || is_controlled (self, "tuning-ratio")
          || is_controlled (self, "velocity"));
}

/* Whether the graphs are the same, so that one goes on where the other is. */
static gboolean
keeps_graph (const GstKromoSound *from, const GstKromoSound *to)
{
  const KromoNote *a = &from->settings.note, *b = &to->settings.note;

  return from->loading == to->loading && from->settings.rendering == to->settings.rendering
      && a->oversample == b->oversample && a->inharmonicity == b->inharmonicity
      && a->transpose_all == b->transpose_all;
}

static gboolean
is_same_note (const GstKromoSound *from, const GstKromoSound *to)
{
  const KromoNote *a = &from->settings.note, *b = &to->settings.note;

  return keeps_graph (from, to) && a->note_delta == b->note_delta
      && a->tuning_ratio == b->tuning_ratio && a->velocity == b->velocity;
}

static gboolean
fits (GstKromoSrc *self, const GstKromoSound *sound)
{
  return sound->renderer && sound->format.rate == (guint) self->info.rate
      && sound->format.channels == (guint) self->info.channels;
}

static void
begin_sound (GstKromoSrc *self, GstKromoSound *sound)
{
  if (sound->loading != self->sound->loading) {
    self->warned = self->warned_non_finite = FALSE;
    self->tags = GST_KROMO_TAGS_DUE;
  }
  gst_kromo_src_remember_rtf (self);
  gst_kromo_sound_free (self->sound);
  self->sound = sound;
  gst_kromo_src_restart_pacing (self);
}

static gboolean
can_keep_states (GstKromoSrc *self, const GstKromoSound *sound)
{
  return keeps_graph (self->sound, sound)
      && (!sound->settings.is_live
          || kromo_renderer_get_state_size (sound->renderer) <= MAX_LIVE_STATE);
}

static void
apply (GstKromoSrc *self, GstKromoSound *sound)
{
  KromoRenderer *old = self->sound->renderer;

  GST_DEBUG_OBJECT (self, "something else from frame %" G_GUINT64_FORMAT " on", self->frame);
  if (!fits (self, sound)) {
    g_clear_pointer (&sound->renderer, kromo_renderer_free);
  } else {
    kromo_renderer_set_interrupt (sound->renderer, &self->interrupt);
    /* Where there is nothing to cross-fade from, it plays straight. */
    if (old && !self->moved && !self->backwards) {
      kromo_renderer_take_over (sound->renderer, old, can_keep_states (self, sound));
      self->sound->renderer = NULL;
    }
  }
  begin_sound (self, sound);
  GST_OBJECT_LOCK (self);
  self->stats.changes++;
  GST_OBJECT_UNLOCK (self);
}

/* A seek leads to the sound as it is set now, and so do controllers: they wait. Others get what is
 * ready. */
GstFlowReturn
gst_kromo_src_apply_changes (GstKromoSrc *self)
{
  gboolean wait = self->moved || gst_kromo_src_has_controlled_note (self);
  KromoRenderer *renderer = self->sound->renderer;
  GstKromoSound *sound;

  if (renderer && !self->moved && kromo_renderer_is_fading (renderer))
    return GST_FLOW_OK;
  sound = gst_kromo_compiler_take_change (self, wait);
  if (sound && is_same_note (self->sound, sound))
    g_clear_pointer (&sound, gst_kromo_sound_free);
  if (sound)
    apply (self, sound);

  return g_atomic_int_get (&self->interrupt) ? GST_FLOW_FLUSHING : GST_FLOW_OK;
}

/* ---- playing on ---- */

static void
set_plays_on (GstKromoSrc *self, gboolean plays_on)
{
  gboolean changed;

  GST_OBJECT_LOCK (self);
  changed = self->plays_on != plays_on;
  self->plays_on = plays_on;
  GST_OBJECT_UNLOCK (self);
  gst_kromo_src_update_duration (self);
  if (changed)
    gst_element_post_message (
        GST_ELEMENT (self), gst_message_new_duration_changed (GST_OBJECT (self)));
}

static void
want_next (GstKromoSrc *self, GstKromoSettings *source)
{
  set_plays_on (self, TRUE);
  gst_kromo_compiler_want_next (self, source);
}

/* Where what was to come next cannot, what plays is the last sound, and the end is known after all. Here
 * rather than in the compiler's thread, because the segment is the streaming thread's. */
void
gst_kromo_src_look_for_failure (GstKromoSrc *self)
{
  if (gst_kromo_compiler_take_failure (self))
    set_plays_on (self, self->origin > 0);
}

/* Length and direction are read when the element opens, for what is played on with too. */
static void
keep_length (GstKromoSrc *self, GstKromoSettings *source)
{
  const guint read_then = GST_KROMO_USER_DURATION | GST_KROMO_USER_REVERSE;

  source->note.duration = self->opened_note.duration;
  source->note.reverse = self->opened_note.reverse;
  source->user_set = (source->user_set & ~read_then) | (self->opened_user_set & read_then);
}

/* What the application said in about-to-finish, or the property. */
static void
look_for_next (GstKromoSrc *self, gboolean was_told)
{
  GstKromoSettings source = { 0 };
  gboolean found = was_told;

  GST_OBJECT_LOCK (self);
  if (was_told || self->settings.next_location)
    gst_kromo_settings_copy (&source, &self->settings);
  if (!was_told && self->settings.next_location) {
    gst_kromo_settings_set_next (&source, self->settings.next_location);
    g_clear_pointer (&self->settings.next_location, g_free);
    found = TRUE;
  }
  GST_OBJECT_UNLOCK (self);

  if (!found)
    return;
  if (!was_told)
    g_object_notify (G_OBJECT (self), "next-location");
  keep_length (self, &source);
  want_next (self, &source);
  gst_kromo_settings_clear (&source);
}

/* Whether a seek said where to end, and that is where the sound ends or before. */
static gboolean
stops_by (GstKromoSrc *self, guint64 end)
{
  return GST_CLOCK_TIME_IS_VALID (self->stop)
      && gst_util_uint64_scale_int_ceil (self->stop, self->info.rate, GST_SECOND) <= end;
}

/* @n_frames: how long the next chunk may be. Segments end where they were told to. */
static gboolean
is_about_to_finish (GstKromoSrc *self, guint64 n_frames)
{
  guint64 end = gst_kromo_src_get_end (self, self->info.rate);
  guint64 ahead = gst_util_uint64_scale_int (ASK_AHEAD, self->info.rate, GST_SECOND);

  return !self->backwards && end != G_MAXUINT64 && !stops_by (self, end)
      && !(GST_BASE_SRC (self)->segment.flags & GST_SEGMENT_FLAG_SEGMENT)
      && end - self->frame <= n_frames + ahead;
}

void
gst_kromo_src_ask_for_next (GstKromoSrc *self, guint64 n_frames)
{
  gboolean was_told;

  if (self->asked_for_next || !is_about_to_finish (self, n_frames))
    return;
  self->asked_for_next = TRUE;

  GST_OBJECT_LOCK (self);
  self->asking = g_thread_self ();
  self->was_told = FALSE;
  GST_OBJECT_UNLOCK (self);
  g_signal_emit_by_name (self, "about-to-finish");
  GST_OBJECT_LOCK (self);
  self->asking = NULL;
  was_told = self->was_told;
  GST_OBJECT_UNLOCK (self);
  look_for_next (self, was_told);
}

/* At the end: the next sound, if there is one. */
GstFlowReturn
gst_kromo_src_play_on (GstKromoSrc *self)
{
  GstKromoSound *sound;

  if (!is_about_to_finish (self, 0))
    return GST_FLOW_EOS;
  gst_kromo_src_ask_for_next (self, 0);
  if (!gst_kromo_compiler_has_next (self))
    look_for_next (self, FALSE);
  sound = gst_kromo_compiler_take_next (self);
  gst_kromo_src_look_for_failure (self);
  if (!sound)
    return g_atomic_int_get (&self->interrupt) ? GST_FLOW_FLUSHING : GST_FLOW_EOS;

  GST_DEBUG_OBJECT (self, "playing on from frame %" G_GUINT64_FORMAT, self->frame);
  if (fits (self, sound))
    kromo_renderer_set_interrupt (sound->renderer, &self->interrupt);
  else
    g_clear_pointer (&sound->renderer, kromo_renderer_free);
  begin_sound (self, sound);
  self->warned = self->warned_non_finite = FALSE;
  self->tags = GST_KROMO_TAGS_DUE;
  self->asked_for_next = FALSE;
  self->origin = self->frame;
  GST_OBJECT_LOCK (self);
  self->duration = sound->settings.note.duration;
  self->origin_time = gst_util_uint64_scale_int (self->origin, GST_SECOND, self->info.rate);
  GST_OBJECT_UNLOCK (self);
  gst_kromo_src_set_range (self);
  g_object_notify (G_OBJECT (self), "location");

  return GST_FLOW_OK;
}
