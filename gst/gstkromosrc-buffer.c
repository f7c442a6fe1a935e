/* kromosrc: from a rendered chunk to a buffer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstkromosrc.h"

#include <string.h>

#include "pack.h"

#define GST_CAT_DEFAULT gst_kromo_src_debug

/* As GStreamer's own allocator, which ends the program where there is no memory. */
static GstBuffer *
allocate_system (gsize size, const GstAllocationParams *params)
{
  const gsize behind = params->prefix + size, total = behind + params->padding;
  guint8 *block = g_try_malloc (total + params->align), *data;

  if (!block)
    return NULL;
  data = block + (-(guintptr) block & params->align);
  memset (data, 0, params->prefix);
  memset (data + behind, 0, params->padding);

  return gst_buffer_new_wrapped_full (
      params->flags, data, total, params->prefix, size, block, g_free);
}

/* Downstream's pool if its buffers are large enough, else its allocator. */
static GstFlowReturn
allocate (GstKromoSrc *self, gsize size, GstBuffer **buffer)
{
  g_autoptr (GstBufferPool) pool = gst_base_src_get_buffer_pool (GST_BASE_SRC (self));
  GstAllocator *allocator = NULL;
  GstAllocationParams params;
  GstFlowReturn ret;

  if (pool) {
    GstStructure *config = gst_buffer_pool_get_config (pool);
    guint pool_size = 0;

    gst_buffer_pool_config_get_params (config, NULL, &pool_size, NULL, NULL);
    gst_structure_free (config);
    if (pool_size >= size) {
      ret = gst_buffer_pool_acquire_buffer (pool, buffer, NULL);
      if (ret == GST_FLOW_OK)
        gst_buffer_set_size (*buffer, size);
      return ret;
    }
    GST_CAT_LOG_OBJECT (gst_kromo_src_performance, self,
        "downstream's buffers of %u bytes are too small for a chunk of %" G_GSIZE_FORMAT, pool_size,
        size);
  }

  gst_base_src_get_allocator (GST_BASE_SRC (self), &allocator, &params);
  params.align = MAX (params.align, GST_KROMO_ALIGNMENT - 1);
  if (!allocator || g_str_equal (allocator->mem_type, GST_ALLOCATOR_SYSMEM))
    *buffer = allocate_system (size, &params);
  else
    *buffer = gst_buffer_new_allocate (allocator, size, &params);
  if (allocator)
    gst_object_unref (allocator);
  if (!*buffer) {
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("no memory for a buffer of %" G_GSIZE_FORMAT " bytes", size));
    return gst_kromo_src_fail (self);
  }

  return GST_FLOW_OK;
}

/* Gains for each frame from the controller. Times are counted from whole quanta of the sound, so that
 * they do not depend on where chunks begin. */
static gboolean
get_controlled_gains (GstKromoSrc *self, gdouble volume)
{
  g_autoptr (GstControlBinding) binding =
      gst_object_get_control_binding (GST_OBJECT (self), "volume");
  GstKromoChunk *chunk = &self->chunk;
  GstClockTime interval = GST_SECOND / self->info.rate;
  gsize i, n;

  if (!binding || gst_control_binding_is_disabled (binding))
    return FALSE;
  for (i = 0; i < chunk->n_frames; i++)
    chunk->gains[i] = volume;
  for (i = 0; i < chunk->n_frames; i += n) {
    guint64 frame = chunk->frame + i, offset = frame % KROMO_QUANTUM;
    GstClockTime start =
        gst_util_uint64_scale_int (frame - offset, GST_SECOND, self->info.rate) + offset * interval;

    n = MIN (KROMO_QUANTUM - offset, chunk->n_frames - i);
    gst_control_binding_get_value_array (binding, start, interval, (guint) n, chunk->gains + i);
  }

  return TRUE;
}

static void
apply_volume (GstKromoSrc *self)
{
  GstKromoChunk *chunk = &self->chunk;
  gdouble volume;
  gboolean mute, controlled;
  gsize i;
  guint c;

  GST_OBJECT_LOCK (self);
  volume = self->settings.volume;
  mute = self->settings.mute;
  GST_OBJECT_UNLOCK (self);

  controlled = get_controlled_gains (self, volume);
  for (c = 0; c < (guint) self->info.channels; c++) {
    float *samples = chunk->channels[c];

    if (mute) {
      memset (samples, 0, chunk->n_frames * sizeof (float));
    } else if (controlled) {
      for (i = 0; i < chunk->n_frames; i++)
        samples[i] *= (float) chunk->gains[i];
    } else if (volume != 1) {
      for (i = 0; i < chunk->n_frames; i++)
        samples[i] *= (float) volume;
    }
  }
}

static void
update_stats (GstKromoSrc *self, GstClockTime duration, gboolean underrun)
{
  GST_OBJECT_LOCK (self);
  if (self->stats.chunks == 0)
    self->stats.first_chunk_latency = gst_kromo_src_now (self) - self->opened_at;
  self->stats.rtf = self->pacing.rtf;
  self->stats.chunk_duration = duration;
  self->stats.chunks++;
  self->stats.frames += self->chunk.n_frames;
  self->stats.render_time += self->chunk.elapsed;
  self->stats.underruns += underrun;
  self->stats.memory = kromo_renderer_get_memory (self->sound->renderer);
  self->stats.checkpoint_memory = kromo_renderer_get_checkpoint_memory (self->sound->renderer);
  GST_OBJECT_UNLOCK (self);
}

/* A live chunk that took longer than it lasts. What is cut to less than a quantum takes a quantum's work. */
static gboolean
is_underrun (GstKromoSrc *self)
{
  guint64 n_frames = MAX (self->chunk.n_frames, KROMO_QUANTUM);

  return self->sound->settings.is_live
      && self->chunk.elapsed > gst_util_uint64_scale_int (n_frames, GST_SECOND, self->info.rate);
}

/* What follows from how long the chunk took. */
static void
measure (GstKromoSrc *self, const GstBuffer *buffer)
{
  GstClockTime duration = GST_BUFFER_DURATION (buffer);
  gboolean underrun = is_underrun (self);

  kromo_pacing_measure (&self->pacing, self->chunk.n_frames, self->chunk.elapsed);
  update_stats (self, duration, underrun);
  gst_kromo_src_post_chunk (self, duration);
  if (underrun)
    gst_kromo_src_post_underrun (self, GST_BUFFER_PTS (buffer), duration);
  gst_kromo_src_update_latency (self);
}

static void
stamp (GstKromoSrc *self, GstBuffer *buffer)
{
  guint64 frame = self->chunk.frame, next = frame + self->chunk.n_frames;

  GST_BUFFER_PTS (buffer) = gst_util_uint64_scale_int (frame, GST_SECOND, self->info.rate);
  GST_BUFFER_DURATION (buffer) =
      gst_util_uint64_scale_int (next, GST_SECOND, self->info.rate) - GST_BUFFER_PTS (buffer);
  GST_BUFFER_OFFSET (buffer) = frame;
  GST_BUFFER_OFFSET_END (buffer) = next;
}

/* The rendered chunk becomes a buffer. */
GstFlowReturn
gst_kromo_src_finish_chunk (GstKromoSrc *self, GstBuffer **buffer)
{
  GstKromoChunk *chunk = &self->chunk;
  gsize n_frames = chunk->n_frames;
  GstFlowReturn ret;
  GstMapInfo map;

  ret = allocate (self, n_frames * self->info.bpf, buffer);
  if (ret != GST_FLOW_OK)
    return ret;

  apply_volume (self);
  if (!gst_buffer_map (*buffer, &map, GST_MAP_WRITE)) {
    gst_clear_buffer (buffer);
    GST_ELEMENT_ERROR (self, RESOURCE, WRITE, (NULL), ("a buffer cannot be written"));
    return gst_kromo_src_fail (self);
  }
  GST_CAT_LOG_OBJECT (
      gst_kromo_src_performance, self, "copying %" G_GSIZE_FORMAT " bytes", map.size);
  gst_kromo_pack (&self->info, chunk->channels, n_frames, map.data);
  gst_buffer_unmap (*buffer, &map);
  if (self->info.layout == GST_AUDIO_LAYOUT_NON_INTERLEAVED)
    gst_buffer_add_audio_meta (*buffer, &self->info, n_frames, NULL);
  stamp (self, *buffer);

  self->frame = self->backwards ? chunk->frame : chunk->frame + n_frames;
  measure (self, *buffer);
  chunk->n_frames = 0;
  if (!self->warned_non_finite && kromo_renderer_get_non_finite (self->sound->renderer) > 0) {
    self->warned_non_finite = TRUE;
    gst_kromo_src_post_non_finite (self);
  }

  return GST_FLOW_OK;
}
