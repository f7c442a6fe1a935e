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
#define SKIP_PIECE (64 * KROMO_QUANTUM)
/* With a controller bound. */
#define CONTROLLED_CHUNK (100 * GST_MSECOND)
#define PERCENT_STEP 5

static gboolean
is_interrupted (GstKromoSrc *self)
{
  return g_atomic_int_get (&self->interrupt) != 0;
}

void
gst_kromo_src_drop_renderer (GstKromoSrc *self)
{
  g_clear_pointer (&self->renderer, kromo_renderer_free);
}

/* The next buffer starts at the frame nearest to a position; the streaming thread works out which,
 * because the rate may not be known yet. */
void
gst_kromo_src_move (GstKromoSrc *self, GstClockTime position, GstClockTime stop)
{
  self->moved = TRUE;
  self->position = position;
  self->stop = stop;
  self->chunk.n_frames = 0;
}

static GstFlowReturn
make_renderer (GstKromoSrc *self)
{
  const GstKromoSettings *settings = &self->playing;
  KromoPacingSettings pacing = self->pacing.settings;
  KromoFormat format = {
    .rate = self->info.rate,
    .channels = self->info.channels,
    .normalize = settings->normalize,
    .rendering = settings->rendering,
    .edge_fade = settings->edge_fade,
    .max_memory = settings->max_memory,
  };
  g_autoptr (GError) error = NULL;

  if (kromo_count_frames (format.rate, settings->note.duration) == 0) {
    gst_kromo_src_post_settings_error (self,
        "duration is %" G_GUINT64_FORMAT
        " ns, less than one sample at %u Hz; times are in nanoseconds",
        settings->note.duration, format.rate);
    return gst_kromo_src_fail (self);
  }
  self->renderer = kromo_renderer_new (self->genome, &settings->note, &format, &error);
  if (!self->renderer) {
    gst_kromo_src_post_error (self, error);
    return gst_kromo_src_fail (self);
  }
  kromo_renderer_set_interrupt (self->renderer, &self->interrupt);
  pacing.rate = format.rate;
  kromo_pacing_init (&self->pacing, &pacing);
  self->probed = FALSE;

  if (!self->warned)
    gst_kromo_src_post_warnings (self);
  self->warned = TRUE;

  return GST_FLOW_OK;
}

static void
on_scan_progress (double done, gpointer user_data)
{
  GstKromoSrc *self = user_data;
  gint percent = (gint) (CLAMP (done, 0, 1) * 100);

  if (percent < self->last_percent + PERCENT_STEP)
    return;
  self->last_percent = percent;
  gst_kromo_src_post_scan (self, GST_PROGRESS_TYPE_CONTINUE, percent);
}

static GstFlowReturn
prepare_renderer (GstKromoSrc *self)
{
  g_autoptr (GError) error = NULL;

  if (!kromo_renderer_needs_preparation (self->renderer))
    return GST_FLOW_OK;

  self->last_percent = 0;
  gst_kromo_src_post_scan (self, GST_PROGRESS_TYPE_START, 0);
  if (kromo_renderer_prepare (self->renderer, on_scan_progress, self, &error)) {
    gst_kromo_src_post_scan (self, GST_PROGRESS_TYPE_COMPLETE, 100);
    return GST_FLOW_OK;
  }
  if (g_error_matches (error, KROMO_ERROR, KROMO_ERROR_CANCELLED)) {
    gst_kromo_src_post_scan (self, GST_PROGRESS_TYPE_CANCELED, self->last_percent);
    return GST_FLOW_FLUSHING;
  }
  gst_kromo_src_post_scan (self, GST_PROGRESS_TYPE_ERROR, self->last_percent);
  gst_kromo_src_post_error (self, error);

  return gst_kromo_src_fail (self);
}

/* Where a seek or a new rate leads to. */
static void
resolve_move (GstKromoSrc *self)
{
  guint64 n_frames = kromo_renderer_get_n_frames (self->renderer);
  gint rate = self->info.rate;

  if (!self->moved)
    return;
  self->moved = FALSE;
  self->frame = gst_util_uint64_scale_int_round (self->position, rate, GST_SECOND);
  self->stop_frame = n_frames;
  if (GST_CLOCK_TIME_IS_VALID (self->stop))
    self->stop_frame =
        MIN (gst_util_uint64_scale_int_round (self->stop, rate, GST_SECOND), n_frames);
}

static gboolean
ensure_scratch (GstKromoSrc *self, gsize n_frames)
{
  GstKromoChunk *chunk = &self->chunk;
  gsize capacity, c;

  /* Every channel starts aligned. */
  capacity = GST_ROUND_UP_16 (n_frames);
  if (chunk->capacity < capacity) {
    free (chunk->samples);
    g_clear_pointer (&chunk->gains, g_free);
    chunk->capacity = 0;
    chunk->samples =
        aligned_alloc (GST_KROMO_ALIGNMENT, capacity * KROMO_MAX_CHANNELS * sizeof (float));
    if (!chunk->samples) {
      gst_kromo_src_post_settings_error (self,
          "no memory for a chunk of %" G_GSIZE_FORMAT " frames; make max-chunk-duration or "
          "chunk-duration smaller",
          n_frames);
      return FALSE;
    }
    chunk->capacity = capacity;
    for (c = 0; c < KROMO_MAX_CHANNELS; c++)
      chunk->channels[c] = chunk->samples + c * capacity;
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
  *rendered = kromo_renderer_render (self->renderer, channels, n_frames);
  if (*rendered == 0 && unlocks == g_atomic_int_get (&self->unlocks)) {
    GST_ELEMENT_ERROR (self, STREAM, FAILED, (NULL),
        ("no frames from the renderer at %" G_GUINT64_FORMAT,
            kromo_renderer_get_position (self->renderer)));
    return gst_kromo_src_fail (self);
  }

  return GST_FLOW_OK;
}

/* Brings the renderer to the frame that comes next. */
static GstFlowReturn
catch_up (GstKromoSrc *self)
{
  guint64 target = self->frame + (self->chunk.n_frames ? self->chunk.done : 0);
  guint64 position = kromo_renderer_get_position (self->renderer);
  GstFlowReturn ret;
  gsize rendered;

  if (position == target)
    return GST_FLOW_OK;
  GST_DEBUG_OBJECT (
      self, "from frame %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, position, target);
  if (position > target)
    kromo_renderer_reset (self->renderer);
  if (!ensure_scratch (self, SKIP_PIECE))
    return gst_kromo_src_fail (self);
  while ((position = kromo_renderer_get_position (self->renderer)) < target) {
    ret = render (self, 0, MIN (target - position, SKIP_PIECE), &rendered);
    if (ret != GST_FLOW_OK)
      return ret;
  }

  return GST_FLOW_OK;
}

/* Times a little of what comes next on a copy, so that the second chunk can already be a good one. */
static GstFlowReturn
probe (GstKromoSrc *self)
{
  GstClockTime start, elapsed, budget = self->playing.target_latency / 100;
  guint64 frames = 0, limit = self->info.rate / 2;
  KromoRenderer *copy;
  gsize rendered;

  if (!ensure_scratch (self, PROBE_PIECE))
    return gst_kromo_src_fail (self);
  copy = kromo_renderer_copy (self->renderer);
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

static GstFlowReturn
begin_chunk (GstKromoSrc *self)
{
  guint64 n_frames;
  GstFlowReturn ret;

  if (self->playing.adaptive && self->playing.measure_rtf && !self->probed
      && self->pacing.last_chunk != 0) {
    self->probed = TRUE;
    ret = probe (self);
    if (ret != GST_FLOW_OK)
      return ret;
  }

  n_frames = kromo_pacing_next_chunk (&self->pacing);
  if (gst_object_has_active_control_bindings (GST_OBJECT (self)))
    n_frames =
        MIN (n_frames, gst_util_uint64_scale_int (CONTROLLED_CHUNK, self->info.rate, GST_SECOND));
  n_frames = MIN (n_frames, self->stop_frame - self->frame);
  if (!ensure_scratch (self, n_frames))
    return gst_kromo_src_fail (self);
  self->chunk.n_frames = n_frames;
  self->chunk.done = 0;
  self->chunk.elapsed = 0;

  return GST_FLOW_OK;
}

static GstFlowReturn
render_chunk (GstKromoSrc *self)
{
  GstKromoChunk *chunk = &self->chunk;
  GstFlowReturn ret;
  gsize rendered;

  while (chunk->done < chunk->n_frames) {
    GstClockTime start = gst_kromo_src_now (self);

    ret = render (self, chunk->done, chunk->n_frames - chunk->done, &rendered);
    if (ret != GST_FLOW_OK)
      return ret;
    chunk->elapsed += gst_kromo_src_now (self) - start;
    chunk->done += rendered;
  }

  return GST_FLOW_OK;
}

static GstFlowReturn
create_chunk (GstKromoSrc *self, GstBuffer **buffer)
{
  GstFlowReturn ret;

  if (is_interrupted (self))
    return GST_FLOW_FLUSHING;
  if (self->failed)
    return GST_FLOW_EOS;
  if (!self->renderer && (ret = make_renderer (self)) != GST_FLOW_OK)
    return ret;
  resolve_move (self);
  if (self->frame >= self->stop_frame)
    return GST_FLOW_EOS;
  if ((ret = prepare_renderer (self)) != GST_FLOW_OK)
    return ret;
  if ((ret = catch_up (self)) != GST_FLOW_OK)
    return ret;
  if (self->chunk.n_frames == 0 && (ret = begin_chunk (self)) != GST_FLOW_OK)
    return ret;
  if ((ret = render_chunk (self)) != GST_FLOW_OK)
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
