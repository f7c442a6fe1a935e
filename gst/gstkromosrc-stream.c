/* kromosrc: the streaming thread, from a genome to buffers
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * No lock is held while rendering. Whatever interrupts a chunk leaves what is rendered of it in the
 * scratch, and the next call goes on from there.
 */

#include "gstkromosrc.h"

#include <fenv.h>
#include <stdlib.h>

#define GST_CAT_DEFAULT gst_kromo_src_debug

#define PROBE_PIECE (8 * KROMO_QUANTUM)
/* With a controller bound, or a change to come. */
#define SHORT_CHUNK (100 * GST_MSECOND)

static gboolean
is_interrupted (GstKromoSrc *self)
{
  return g_atomic_int_get (&self->interrupt) != 0;
}

/* ---- real-time factors from other times ---- */

static void
get_estimate_key (GstKromoSrc *self, KromoEstimateKey *key)
{
  const GstKromoSettings *settings = &self->sound->settings;
  const guint64 *digest = kromo_genome_get_digest (self->sound->genome);

  *key = (KromoEstimateKey){
    .digest = { digest[0], digest[1] },
    .rate = self->info.rate,
    .channels = self->info.channels,
    .settings = (settings->rendering << 3) | (settings->note.oversample << 2)
        | (settings->note.inharmonicity << 1) | settings->note.transpose_all,
  };
}

/* Before the sound or its format is another one. */
void
gst_kromo_src_remember_rtf (GstKromoSrc *self)
{
  KromoEstimateKey key;

  if (!self->sound || self->info.rate == 0)
    return;
  get_estimate_key (self, &key);
  kromo_estimates_remember (&key, self->pacing.rtf);
}

/* The next chunk is a first one, of a sound that may be as fast as it was before. */
void
gst_kromo_src_restart_pacing (GstKromoSrc *self)
{
  KromoEstimateKey key;
  double rtf;

  kromo_pacing_restart (&self->pacing);
  if (self->info.rate == 0)
    return;
  get_estimate_key (self, &key);
  rtf = kromo_estimates_recall (&key);
  kromo_pacing_recall (&self->pacing, rtf);
  self->probed = rtf > 0;
}

/* ---- the renderer ---- */

static GstFlowReturn
make_renderer (GstKromoSrc *self)
{
  GstKromoSound *sound = self->sound;
  g_autoptr (GError) error = NULL;

  gst_kromo_settings_get_format (&sound->settings, &self->info, &sound->format);
  if (kromo_count_frames (sound->format.rate, sound->settings.note.duration) == 0)
    g_set_error (&error, KROMO_ERROR, KROMO_ERROR_SETTINGS,
        "duration is %" G_GUINT64_FORMAT
        " ns, less than one sample at %u Hz; times are in nanoseconds",
        sound->settings.note.duration, sound->format.rate);
  else
    sound->renderer =
        kromo_renderer_new (sound->genome, &sound->settings.note, &sound->format, &error);
  if (!sound->renderer) {
    gst_kromo_src_post_error (self, error);
    return gst_kromo_src_fail (self);
  }
  kromo_renderer_set_interrupt (sound->renderer, &self->interrupt);
  kromo_renderer_keep_checkpoints (sound->renderer, sound->settings.checkpoint_memory);
  gst_kromo_src_restart_pacing (self);

  return GST_FLOW_OK;
}

static void
on_scan_progress (double done, gpointer user_data)
{
  gst_kromo_src_post_progress (user_data, "scan", done);
}

static void
on_seek_progress (double done, gpointer user_data)
{
  gst_kromo_src_post_progress (user_data, "seek", done);
}

/* FLUSHING if it was interrupted. */
static GstFlowReturn
stop_for (GstKromoSrc *self, const GError *error)
{
  if (g_error_matches (error, KROMO_ERROR, KROMO_ERROR_CANCELLED))
    return GST_FLOW_FLUSHING;
  gst_kromo_src_post_error (self, error);

  return gst_kromo_src_fail (self);
}

static GstFlowReturn
prepare_renderer (GstKromoSrc *self)
{
  KromoRenderer *renderer = self->sound->renderer;
  g_autoptr (GError) error = NULL;

  if (!kromo_renderer_needs_preparation (renderer))
    return GST_FLOW_OK;
  gst_kromo_src_use_threads (self);
  gst_kromo_src_begin_progress (self);
  gst_kromo_src_post_progress (self, "scan", 0);
  kromo_renderer_prepare (renderer, on_scan_progress, self, &error);
  gst_kromo_src_end_progress (self, "scan", error);

  return error ? stop_for (self, error) : GST_FLOW_OK;
}

/* Brings the renderer to a frame of a pass, which it is at already but for seeks, passes' ends and
 * reverse play. */
static GstFlowReturn
bring_to (GstKromoSrc *self, guint64 frame)
{
  KromoRenderer *renderer = self->sound->renderer;
  guint64 position = kromo_renderer_get_position (renderer);
  g_autoptr (GError) error = NULL;

  if (position == frame)
    return GST_FLOW_OK;
  GST_LOG_OBJECT (self, "from frame %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, position, frame);
  gst_kromo_src_use_threads (self);
  gst_kromo_src_begin_progress (self);
  kromo_renderer_seek (renderer, frame, on_seek_progress, self, &error);
  gst_kromo_src_end_progress (self, "seek", error);

  return error ? stop_for (self, error) : GST_FLOW_OK;
}

/* What is to be played of the timeline: where a seek, a new rate or a new sound leads to. A segment has the
 * frames whose timestamps lie in it, up to its stop. */
void
gst_kromo_src_set_range (GstKromoSrc *self)
{
  guint64 end = gst_kromo_src_get_end (self, self->info.rate);
  gint rate = self->info.rate;

  self->start_frame =
      MAX (gst_util_uint64_scale_int_ceil (self->start, rate, GST_SECOND), self->origin);
  self->stop_frame = end;
  if (GST_CLOCK_TIME_IS_VALID (self->stop))
    self->stop_frame = MIN (gst_util_uint64_scale_int_ceil (self->stop, rate, GST_SECOND), end);
  if (self->moved)
    self->frame = gst_util_uint64_scale_int_ceil (self->position, rate, GST_SECOND);
  self->frame =
      self->backwards ? MIN (self->frame, self->stop_frame) : MAX (self->frame, self->origin);
}

/* ---- chunks ---- */

static gboolean
ensure_scratch (GstKromoSrc *self, gsize n_frames)
{
  GstKromoChunk *chunk = &self->chunk;
  gsize capacity, c;

  /* Every channel starts aligned. */
  capacity = GST_ROUND_UP_16 (n_frames);
  if (chunk->capacity < capacity) {
    free (chunk->samples);
    chunk->capacity = 0;
    chunk->samples = aligned_alloc (
        GST_KROMO_ALIGNMENT, capacity * (KROMO_MAX_CHANNELS * sizeof (float) + sizeof (gdouble)));
    if (!chunk->samples) {
      GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT,
          ("no memory for a chunk of %" G_GSIZE_FORMAT " frames; make max-chunk-duration or "
           "chunk-duration smaller",
              n_frames),
          (NULL));
      return FALSE;
    }
    chunk->capacity = capacity;
    for (c = 0; c < KROMO_MAX_CHANNELS; c++)
      chunk->channels[c] = chunk->samples + c * capacity;
    chunk->gains = (gdouble *) (gpointer) (chunk->samples + KROMO_MAX_CHANNELS * capacity);
  }

  return TRUE;
}

/* Renders up to n frames into the scratch from frame start. Nothing at all without an interruption
 * would be a fault of the engine; it must not become an endless loop. */
static GstFlowReturn
render (GstKromoSrc *self, gsize start, gsize n_frames, gsize *rendered)
{
  gint unlocks = g_atomic_int_get (&self->unlocks);
  float *channels[KROMO_MAX_CHANNELS];
  guint c;

  if (is_interrupted (self))
    return GST_FLOW_FLUSHING;
  for (c = 0; c < KROMO_MAX_CHANNELS; c++)
    channels[c] = self->chunk.channels[c] + start;
  *rendered = kromo_renderer_render (self->sound->renderer, channels, n_frames);
  if (*rendered == 0 && !is_interrupted (self) && unlocks == g_atomic_int_get (&self->unlocks)) {
    GST_ELEMENT_ERROR (self, STREAM, FAILED, (NULL),
        ("no frames from the renderer at %" G_GUINT64_FORMAT,
            kromo_renderer_get_position (self->sound->renderer)));
    return gst_kromo_src_fail (self);
  }

  return GST_FLOW_OK;
}

/* Times a little of what comes next on a copy, so that the second chunk can already be a good one. */
static GstFlowReturn
probe (GstKromoSrc *self)
{
  GstClockTime start, elapsed, budget = self->sound->settings.target_latency / 100;
  guint64 frames = 0, limit = self->info.rate / 2;
  KromoRenderer *copy;
  gsize rendered;

  if (!ensure_scratch (self, PROBE_PIECE))
    return gst_kromo_src_fail (self);
  copy = kromo_renderer_copy (self->sound->renderer);
  if (!copy) /* no memory for a second one: chunks are measured all the same */
    return GST_FLOW_OK;
  kromo_renderer_set_interrupt (copy, &self->interrupt);
  start = gst_kromo_src_now (self);
  do {
    rendered = kromo_renderer_render (copy, self->chunk.channels, PROBE_PIECE);
    frames += rendered;
    elapsed = gst_kromo_src_now (self) - start;
  } while (rendered == PROBE_PIECE && frames < limit && elapsed < budget);
  kromo_renderer_free (copy);

  kromo_pacing_measure (&self->pacing, frames, elapsed);
  GST_DEBUG_OBJECT (self, "%" G_GUINT64_FORMAT " frames in %" GST_TIME_FORMAT ": rtf %f", frames,
      GST_TIME_ARGS (elapsed), self->pacing.rtf);

  return is_interrupted (self) ? GST_FLOW_FLUSHING : GST_FLOW_OK;
}

static gboolean
needs_probe (GstKromoSrc *self)
{
  const GstKromoSettings *settings = &self->sound->settings;

  return settings->adaptive && settings->measure_rtf && !settings->is_live && !self->probed
      && self->pacing.last_chunk != 0;
}

/* Notes are controlled in cells of the timeline, wherever chunks begin. */
static guint64
get_cell (GstKromoSrc *self)
{
  return gst_util_uint64_scale_int (SHORT_CHUNK, self->info.rate, GST_SECOND);
}

/* Shorter where something else may come soon. */
static guint64
limit_chunk (GstKromoSrc *self, guint64 n_frames)
{
  guint64 limit = get_cell (self);

  if (gst_kromo_src_has_controlled_note (self)) {
    guint64 over = self->frame % limit;

    if (!self->backwards)
      limit -= over;
    else if (over > 0)
      limit = over;
  } else if (!gst_object_has_active_control_bindings (GST_OBJECT (self))
      && !gst_kromo_compiler_has_change (self, NULL)) {
    return n_frames;
  }

  return MIN (n_frames, limit);
}

static GstFlowReturn
begin_chunk (GstKromoSrc *self)
{
  GstKromoChunk *chunk = &self->chunk;
  guint64 n_frames;
  GstFlowReturn ret;

  if (needs_probe (self)) {
    self->probed = TRUE;
    ret = probe (self);
    if (ret != GST_FLOW_OK)
      return ret;
  }

  if (self->stats.chunks > 0)
    gst_kromo_src_use_threads (self);
  n_frames = limit_chunk (self, kromo_pacing_next_chunk (&self->pacing));
  n_frames = MIN (
      n_frames, self->backwards ? self->frame - self->start_frame : self->stop_frame - self->frame);
  if (!ensure_scratch (self, n_frames))
    return gst_kromo_src_fail (self);
  gst_kromo_src_ask_for_next (self, n_frames);
  chunk->frame = self->backwards ? self->frame - n_frames : self->frame;
  chunk->n_frames = n_frames;
  chunk->done = 0;
  chunk->elapsed = 0;

  return GST_FLOW_OK;
}

/* A chunk may go over the ends of passes. */
static GstFlowReturn
render_chunk (GstKromoSrc *self)
{
  guint64 length = kromo_renderer_get_n_frames (self->sound->renderer);
  GstKromoChunk *chunk = &self->chunk;
  GstFlowReturn ret;
  gsize rendered;

  while (chunk->done < chunk->n_frames) {
    guint64 frame = (chunk->frame + chunk->done - self->origin) % length;
    GstClockTime start;

    ret = bring_to (self, frame);
    if (ret != GST_FLOW_OK)
      return ret;
    start = gst_kromo_src_now (self);
    ret =
        render (self, chunk->done, MIN (chunk->n_frames - chunk->done, length - frame), &rendered);
    if (ret != GST_FLOW_OK)
      return ret;
    chunk->elapsed += gst_kromo_src_now (self) - start;
    chunk->done += rendered;
  }

  return GST_FLOW_OK;
}

static gboolean
is_at_end (GstKromoSrc *self)
{
  return self->backwards ? self->frame <= self->start_frame : self->frame >= self->stop_frame;
}

/* A note has its value of the cell's beginning. */
static void
sync_controllers (GstKromoSrc *self)
{
  guint64 frame = self->frame;

  if (!gst_object_has_active_control_bindings (GST_OBJECT (self)))
    return;
  if (gst_kromo_src_has_controlled_note (self)) {
    if (self->backwards && frame > 0)
      frame--;
    frame -= frame % get_cell (self);
  }
  gst_object_sync_values (
      GST_OBJECT (self), gst_util_uint64_scale_int (frame, GST_SECOND, self->info.rate));
}

/* Chunks are counted in frames of the negotiated rate, whoever makes the renderer. */
static void
follow_rate (GstKromoSrc *self)
{
  KromoPacingSettings pacing = self->pacing.settings;

  if (self->info.rate == 0 || pacing.rate == (guint) self->info.rate)
    return;
  pacing.rate = self->info.rate;
  kromo_pacing_init (&self->pacing, &pacing);
  gst_kromo_src_restart_pacing (self);
  gst_kromo_src_update_latency (self);
}

/* At the end: what plays on, as it is set by now. */
static GstFlowReturn
play_on (GstKromoSrc *self)
{
  GstFlowReturn ret = gst_kromo_src_play_on (self);

  return ret == GST_FLOW_OK ? gst_kromo_src_apply_changes (self) : ret;
}

/* The sound that the next chunk is of, with a renderer that is ready. */
static GstFlowReturn
settle (GstKromoSrc *self)
{
  GstFlowReturn ret;

  follow_rate (self);
  gst_kromo_src_look_for_failure (self);
  gst_kromo_src_end_rate_change (self);
  if (self->moved)
    gst_kromo_src_set_range (self);
  sync_controllers (self);
  if ((ret = gst_kromo_src_apply_changes (self)) != GST_FLOW_OK)
    return ret;
  self->moved = FALSE;
  if (!self->sound->renderer && (ret = make_renderer (self)) != GST_FLOW_OK)
    return ret;
  if (is_at_end (self) && (ret = play_on (self)) != GST_FLOW_OK)
    return ret;
  if (!self->sound->renderer && (ret = make_renderer (self)) != GST_FLOW_OK)
    return ret;
  if (!self->warned)
    gst_kromo_src_post_warnings (self);
  self->warned = TRUE;

  return prepare_renderer (self);
}

/* Pads that wait to be linked (decodebin's) are so after the caps have been sent: better look again than
 * have a first chunk in the wrong format. */
static GstFlowReturn
renegotiate (GstKromoSrc *self)
{
  GstBaseSrc *src = GST_BASE_SRC (self);

  if (!gst_pad_needs_reconfigure (GST_BASE_SRC_PAD (src)) || gst_base_src_negotiate (src))
    return GST_FLOW_OK;

  return GST_PAD_IS_FLUSHING (GST_BASE_SRC_PAD (src)) ? GST_FLOW_FLUSHING : GST_FLOW_NOT_NEGOTIATED;
}

static GstFlowReturn
create_chunk (GstKromoSrc *self, GstBuffer **buffer)
{
  GstFlowReturn ret;

  if (is_interrupted (self))
    return GST_FLOW_FLUSHING;
  if ((ret = renegotiate (self)) != GST_FLOW_OK)
    return ret;
  if (self->failed)
    return GST_FLOW_EOS;
  if (self->chunk.n_frames == 0
      && ((ret = settle (self)) != GST_FLOW_OK || (ret = begin_chunk (self)) != GST_FLOW_OK))
    return ret;
  if ((ret = render_chunk (self)) != GST_FLOW_OK)
    return ret;
  if ((ret = gst_kromo_src_wait_for_clock (self)) != GST_FLOW_OK)
    return ret;
  if ((ret = gst_kromo_src_finish_chunk (self, buffer)) != GST_FLOW_OK)
    return ret;

  /* Queued events leave before the buffer does, and are known to have left when this comes round. */
  if (self->tags == GST_KROMO_TAGS_DUE) {
    gst_kromo_src_queue_tags (self);
    self->tags = GST_KROMO_TAGS_QUEUED;
  } else {
    self->tags = GST_KROMO_TAGS_SENT;
  }

  return GST_FLOW_OK;
}

/* Elements downstream run in the same thread, and what they leave in the floating-point mode (Orc's
 * code: denormals flushed to zero) must not show in the sound. */
GstFlowReturn
gst_kromo_src_create (GstPushSrc *src, GstBuffer **buffer)
{
  GstFlowReturn ret;
  fenv_t theirs;

  fegetenv (&theirs);
  fesetenv (FE_DFL_ENV);
  ret = create_chunk (GST_KROMO_SRC (src), buffer);
  fesetenv (&theirs);

  return ret;
}
