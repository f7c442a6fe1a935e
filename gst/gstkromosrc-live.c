/* kromosrc: live, chunks leave when their time has come
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The base class would do this, with get_times(). But the buffer that waits when the element is paused
 * would be lost, and timestamps would be shifted at each start, by what is wrong after a seek. Here a
 * chunk that waits stays in the scratch, timestamps are those of the samples, and a sound that begins
 * late, or goes on after a stall, has a segment that does.
 */

#include "gstkromosrc.h"

#define GST_CAT_DEFAULT gst_kromo_src_debug

/* What is late by more at once is not caught up with: it would only be dropped. */
#define STALL GST_SECOND

/* When the chunk is to be heard. Rounding may lead out of the segment by less than a frame. */
static GstClockTime
get_running_time (GstKromoSrc *self)
{
  const GstSegment *segment = &GST_BASE_SRC (self)->segment;
  guint64 frame = self->chunk.frame + (self->backwards ? self->chunk.n_frames : 0);
  GstClockTime time = gst_util_uint64_scale_int (frame, GST_SECOND, self->info.rate);

  return gst_segment_to_running_time (
      segment, GST_FORMAT_TIME, CLAMP (time, segment->start, segment->stop));
}

static void
begin_later (GstKromoSrc *self, GstClockTime by)
{
  GstSegment segment = GST_BASE_SRC (self)->segment;

  GST_DEBUG_OBJECT (self, "later by %" GST_TIME_FORMAT, GST_TIME_ARGS (by));
  segment.base += by;
  gst_base_src_new_segment (GST_BASE_SRC (self), &segment);
}

/* After a start: a first chunk is in time whenever it is ready, others if the latency makes up for it. A
 * flush is no start: the pipeline's time may be about to be set anew. */
static GstClockTimeDiff
get_first_delay (GstKromoSrc *self, GstClockTimeDiff late)
{
  GstClockTimeDiff tolerance = self->stats.chunks == 0 ? 0 : (GstClockTimeDiff) self->latency;

  return late > tolerance ? late : 0;
}

/* So much later than the one before: downstream, the clock or the machine stood still. */
static GstClockTimeDiff
get_stall (GstKromoSrc *self, GstClockTimeDiff late)
{
  GstClockTimeDiff more;

  if (!GST_CLOCK_STIME_IS_VALID (self->late))
    return 0;
  more = late - MAX (self->late, 0);

  return more > STALL + (GstClockTimeDiff) self->latency ? more : 0;
}

static GstClockTime
align (GstKromoSrc *self, GstClockTime running_time, GstClockTime now, GstClockTime base_time)
{
  GstClockTimeDiff late = GST_CLOCK_DIFF (running_time, now), by = 0;

  if (!self->aligned)
    by = get_first_delay (self, late);
  else if (base_time == self->base_time)
    by = get_stall (self, late);
  self->aligned = TRUE;
  self->base_time = base_time;
  self->late = late - by;
  if (by > 0)
    begin_later (self, by);

  return running_time + by;
}

/* With the live lock, which is released while waiting. As the base class does with the clock's id, so that
 * it wakes us. UNSCHEDULED if it is to be looked at again. */
static GstClockReturn
wait_once (GstKromoSrc *self, GstClock *clock, GstClockTime base_time)
{
  GstBaseSrc *src = GST_BASE_SRC (self);
  GstClockTime time = get_running_time (self), now = gst_clock_get_time (clock);
  GstClockReturn status;

  if (!GST_CLOCK_TIME_IS_VALID (time))
    return GST_CLOCK_OK;
  if (now >= base_time)
    time = align (self, time, now - base_time, base_time);
  if (base_time + time <= now)
    return GST_CLOCK_OK;

  src->clock_id = gst_clock_new_single_shot_id (clock, base_time + time);
  g_mutex_unlock (&src->live_lock);
  status = gst_clock_id_wait (src->clock_id, NULL);
  g_mutex_lock (&src->live_lock);
  gst_clock_id_unref (src->clock_id);
  src->clock_id = NULL;

  /* It may be later than that. */
  return status == GST_CLOCK_OK || status == GST_CLOCK_EARLY ? GST_CLOCK_UNSCHEDULED : status;
}

/* Until it is time for the chunk and the element is playing. FLUSHING if it was unlocked. */
GstFlowReturn
gst_kromo_src_wait_for_clock (GstKromoSrc *self)
{
  GstBaseSrc *src = GST_BASE_SRC (self);
  GstClockReturn status = GST_CLOCK_UNSCHEDULED;
  gboolean interrupted = FALSE;

  if (!gst_base_src_is_live (src))
    return GST_FLOW_OK;

  g_mutex_lock (&src->live_lock);
  while (status == GST_CLOCK_UNSCHEDULED && !interrupted) {
    g_autoptr (GstClock) clock = gst_element_get_clock (GST_ELEMENT (self));

    if (g_atomic_int_get (&self->interrupt))
      interrupted = TRUE;
    else if (!src->live_running)
      g_cond_wait (&src->live_cond, &src->live_lock);
    else if (clock)
      status = wait_once (self, clock, gst_element_get_base_time (GST_ELEMENT (self)));
    else
      status = GST_CLOCK_OK;
  }
  g_mutex_unlock (&src->live_lock);

  return interrupted ? GST_FLOW_FLUSHING : GST_FLOW_OK;
}

/* After a seek the stream's time is another one, and the pipeline's may follow. */
void
gst_kromo_src_forget_lateness (GstKromoSrc *self)
{
  g_mutex_lock (&GST_BASE_SRC (self)->live_lock);
  self->late = GST_CLOCK_STIME_NONE;
  g_mutex_unlock (&GST_BASE_SRC (self)->live_lock);
}

/* Before PAUSED->PLAYING. */
void
gst_kromo_src_restart_clock (GstKromoSrc *self)
{
  g_mutex_lock (&GST_BASE_SRC (self)->live_lock);
  self->aligned = FALSE;
  g_mutex_unlock (&GST_BASE_SRC (self)->live_lock);
}

/* In the streaming thread, or before it runs. */
void
gst_kromo_src_update_latency (GstKromoSrc *self)
{
  GstClockTime latency = gst_util_uint64_scale_int_ceil (
      kromo_pacing_get_bound (&self->pacing), GST_SECOND, self->pacing.settings.rate);
  gboolean changed;

  GST_OBJECT_LOCK (self);
  changed = latency != self->latency;
  self->latency = latency;
  GST_OBJECT_UNLOCK (self);
  if (changed && self->pacing.settings.live)
    gst_element_post_message (GST_ELEMENT (self), gst_message_new_latency (GST_OBJECT (self)));
}
