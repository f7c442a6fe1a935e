/* kromosrc: seeks, and queries of times
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstkromosrc.h"

#define GST_CAT_DEFAULT gst_kromo_src_debug

/* Sounds that would go on for longer go on for ever: timestamps are 64 bits. */
#define MAX_TOTAL (G_MAXINT64 / 2)

/* The next chunk begins (in reverse, ends) at the first frame that is not before a position; the streaming
 * thread works out which, because the rate may not be known yet. */
void
gst_kromo_src_move (GstKromoSrc *self, GstClockTime position)
{
  self->moved = TRUE;
  self->position = position;
  self->chunk.n_frames = 0;
}

/* ---- how long it is ---- */

/* Frames of all passes; G_MAXUINT64: for ever. */
static guint64
count_all (guint rate, guint64 duration, gint loops)
{
  guint64 n_frames = kromo_count_frames (rate, duration);

  if (loops < 0 || (guint64) loops > MAX_TOTAL / duration)
    return G_MAXUINT64;

  return n_frames * loops;
}

/* Where what plays ends on the timeline, in frames; G_MAXUINT64: never. */
guint64
gst_kromo_src_get_end (GstKromoSrc *self, guint rate)
{
  const GstKromoSettings *settings = &self->sound->settings;
  guint64 n_frames = count_all (rate, settings->note.duration, settings->loops);

  return n_frames == G_MAXUINT64 ? n_frames : self->origin + n_frames;
}

typedef struct {
  GstAudioInfo info;
  guint64 duration, origin_time;
  gint loops;
  gboolean plays_on;
} Times;

static void
get_times (GstKromoSrc *self, Times *times)
{
  GST_OBJECT_LOCK (self);
  times->info = self->info;
  times->duration = self->duration;
  times->origin_time = self->origin_time;
  times->loops = self->loops;
  times->plays_on = self->plays_on;
  GST_OBJECT_UNLOCK (self);
}

/* ns; exact once there is a rate. -1 when unknown */
static gint64
get_total (const Times *times)
{
  guint64 n_frames;

  if (times->duration == 0 || times->plays_on)
    return -1;
  n_frames = count_all (
      times->info.rate ? (guint) times->info.rate : KROMO_MAX_RATE, times->duration, times->loops);
  if (n_frames == G_MAXUINT64)
    return -1;
  if (times->info.rate == 0)
    return times->duration * times->loops;

  return gst_util_uint64_scale_int (n_frames, GST_SECOND, times->info.rate);
}

/* The base class takes seeks relative to the end, and reverse play from it, from its segment. In the streaming
 * thread, which reads it without a lock, or before it runs. */
void
gst_kromo_src_update_duration (GstKromoSrc *self)
{
  GstSegment *segment = &GST_BASE_SRC (self)->segment;
  gint64 total;
  Times times;

  get_times (self, &times);
  total = get_total (&times);
  GST_OBJECT_LOCK (self);
  segment->duration = total;
  GST_OBJECT_UNLOCK (self);
}

/* ---- seeks ---- */

/* Where backwards from the end is, by the time that the streaming thread has stopped: what is to be played
 * on with may have made the whole unknown after the seek was let in. */
static gboolean
fill_in_stop (GstKromoSrc *self, GstSegment *segment)
{
  gint64 total;
  Times times;

  if (segment->rate > 0 || GST_CLOCK_TIME_IS_VALID (segment->stop))
    return TRUE;
  get_times (self, &times);
  times.plays_on = FALSE;
  total = get_total (&times);
  if (total == -1)
    return FALSE;
  segment->stop = segment->position = times.origin_time + (guint64) total;

  return TRUE;
}

gboolean
gst_kromo_src_do_seek (GstBaseSrc *src, GstSegment *segment)
{
  GstKromoSrc *self = GST_KROMO_SRC (src);

  GST_DEBUG_OBJECT (self, "to %" GST_SEGMENT_FORMAT, segment);
  if (!fill_in_stop (self, segment))
    return FALSE;
  self->backwards = segment->rate < 0;
  self->start = segment->start;
  self->stop = segment->stop;
  gst_kromo_src_move (self, segment->position);
  gst_kromo_src_forget_lateness (self);
  g_atomic_int_compare_and_exchange (
      (gint *) &self->rate, GST_KROMO_RATE_CHANGED, GST_KROMO_RATE_TO_END);
  /* Who said nothing about what comes next is asked again. */
  if (!gst_kromo_compiler_has_next (self))
    self->asked_for_next = FALSE;
  if (segment->flags & GST_SEGMENT_FLAG_RESET) {
    kromo_pacing_restart (&self->pacing);
    /* What is queued and has not left is dropped by a flush. */
    if (self->tags == GST_KROMO_TAGS_QUEUED)
      self->tags = GST_KROMO_TAGS_DUE;
  }

  return TRUE;
}

/* Nearest frames, so that the timestamp of a frame leads back to it. */
static gboolean
convert (const GstAudioInfo *info, GstFormat from, gint64 value, GstFormat to, gint64 *result)
{
  guint64 magnitude = value < 0 ? -(guint64) value : (guint64) value;

  if (from == to || value == -1) {
    *result = value;
    return TRUE;
  }
  if (info->rate == 0 || info->bpf == 0)
    return FALSE;

  switch (from) {
  case GST_FORMAT_TIME:
    magnitude = gst_util_uint64_scale_int_round (magnitude, info->rate, GST_SECOND);
    break;
  case GST_FORMAT_BYTES:
    magnitude /= info->bpf;
    break;
  case GST_FORMAT_DEFAULT:
    break;
  default:
    return FALSE;
  }
  switch (to) {
  case GST_FORMAT_TIME:
    magnitude = gst_util_uint64_scale_int (magnitude, GST_SECOND, info->rate);
    break;
  case GST_FORMAT_BYTES:
    magnitude *= info->bpf;
    break;
  case GST_FORMAT_DEFAULT:
    break;
  default:
    return FALSE;
  }
  *result = value < 0 ? -(gint64) magnitude : (gint64) magnitude;

  return TRUE;
}

/* Refused before the base class flushes, so that a refused seek leaves the stream alone. */
static gboolean
is_refused (GstKromoSrc *self, GstEvent *event, const Times *times)
{
  GstSeekType start_type, stop_type;
  gint64 start, stop, first = 0;
  GstFormat format;
  gdouble rate;

  gst_event_parse_seek (event, &rate, &format, NULL, &start_type, &start, &stop_type, &stop);
  if (format != GST_FORMAT_TIME && times->info.rate == 0) {
    GST_WARNING_OBJECT (self, "seek refused: only times mean something before there are caps");
    return TRUE;
  }
  if (rate < 0 && get_total (times) == -1 && (stop_type != GST_SEEK_TYPE_SET || stop == -1)) {
    GST_WARNING_OBJECT (self, "seek refused: where to play backwards from is unknown");
    return TRUE;
  }
  if (rate > 0 && start_type == GST_SEEK_TYPE_SET
      && convert (&times->info, format, start, GST_FORMAT_TIME, &first)
      && first < (gint64) times->origin_time) {
    GST_WARNING_OBJECT (self, "seek refused: what played before %" GST_TIME_FORMAT " is gone",
        GST_TIME_ARGS (times->origin_time));
    return TRUE;
  }

  return FALSE;
}

/* Takes the event. A sink makes nothing of it before the segment, after which the pad sends what it has
 * stored. */
static gboolean
send_rate_change (GstPad *pad, GstEvent *change)
{
  GstEvent *segment = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  GstFlowReturn ret;

  if (segment) {
    gst_event_unref (segment);
    return gst_pad_push_event (pad, change);
  }
  ret = gst_pad_store_sticky_event (pad, change);
  gst_event_unref (change);

  return ret == GST_FLOW_OK;
}

/* Downstream goes through the same data at another rate. Not live: it could not come faster. */
static gboolean
change_rate (GstKromoSrc *self, GstEvent *event)
{
  GstBaseSrc *src = GST_BASE_SRC (self);
  gdouble rate, current;
  GstEvent *change;
  GstSeekFlags flags;
  gboolean is_open;

  gst_event_parse_seek (event, &rate, NULL, &flags, NULL, NULL, NULL, NULL);
  GST_OBJECT_LOCK (self);
  current = src->segment.rate;
  is_open = self->is_open;
  GST_OBJECT_UNLOCK (self);
  if (!is_open || gst_base_src_is_live (src) || (rate < 0) != (current < 0)) {
    GST_WARNING_OBJECT (self, "instant rate change to %g refused", rate);
    return FALSE;
  }
  change = gst_event_new_instant_rate_change (rate / current, (GstSegmentFlags) flags);
  gst_event_set_seqnum (change, gst_event_get_seqnum (event));
  g_atomic_int_set (&self->rate, GST_KROMO_RATE_CHANGED);

  return send_rate_change (GST_BASE_SRC_PAD (src), change);
}

/* In the streaming thread: after the segment of a seek the pad would send the old change again. What is
 * only stored leaves in its place. */
void
gst_kromo_src_end_rate_change (GstKromoSrc *self)
{
  const GstSegmentFlags flags = GST_BASE_SRC (self)->segment.flags;
  GstEvent *event;

  if (!g_atomic_int_compare_and_exchange (
          (gint *) &self->rate, GST_KROMO_RATE_TO_END, GST_KROMO_RATE_STEADY))
    return;
  event = gst_event_new_instant_rate_change (1, flags);
  gst_pad_store_sticky_event (GST_BASE_SRC_PAD (self), event);
  gst_event_unref (event);
}

/* Whether an event is a seek that the base class must not see; @done: (out): whether it did something */
gboolean
gst_kromo_src_takes_seek (GstKromoSrc *self, GstEvent *event, gboolean *done)
{
  GstSeekFlags flags;
  Times times;

  *done = FALSE;
  if (GST_EVENT_TYPE (event) != GST_EVENT_SEEK)
    return FALSE;
  gst_event_parse_seek (event, NULL, NULL, &flags, NULL, NULL, NULL, NULL);
  if (flags & GST_SEEK_FLAG_INSTANT_RATE_CHANGE) {
    *done = change_rate (self, event);
    return TRUE;
  }
  get_times (self, &times);

  return is_refused (self, event, &times);
}

/* ---- queries ---- */

static gboolean
answer_duration (const Times *times, GstQuery *query)
{
  gint64 total = get_total (times);
  GstFormat format;

  gst_query_parse_duration (query, &format, NULL);
  if (total == -1 || (format != GST_FORMAT_TIME && times->info.rate == 0))
    return FALSE;
  if (!convert (&times->info, GST_FORMAT_TIME, total, format, &total))
    return FALSE;
  gst_query_set_duration (query, format, total);

  return TRUE;
}

static gboolean
answer_seeking (const Times *times, GstQuery *query)
{
  gint64 start, stop;
  GstFormat format;

  gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
  if (times->duration == 0
      || !convert (&times->info, GST_FORMAT_TIME, times->origin_time, format, &start)
      || !convert (&times->info, GST_FORMAT_TIME, get_total (times), format, &stop))
    return FALSE;
  gst_query_set_seeking (query, format, TRUE, start, stop);

  return TRUE;
}

static gboolean
answer_convert (const Times *times, GstQuery *query)
{
  gint64 value, result;
  GstFormat from, to;

  gst_query_parse_convert (query, &from, &value, &to, NULL);
  if (!convert (&times->info, from, value, to, &result))
    return FALSE;
  gst_query_set_convert (query, from, value, to, result);

  return TRUE;
}

static gboolean
answer_latency (GstKromoSrc *self, GstQuery *query)
{
  GstClockTime latency;

  GST_OBJECT_LOCK (self);
  latency = self->latency;
  GST_OBJECT_UNLOCK (self);
  gst_query_set_latency (query, TRUE, latency, GST_CLOCK_TIME_NONE);

  return TRUE;
}

/* FALSE where the base class is to answer. */
gboolean
gst_kromo_src_answer (GstKromoSrc *self, GstQuery *query)
{
  Times times;

  get_times (self, &times);
  switch (GST_QUERY_TYPE (query)) {
  case GST_QUERY_DURATION:
    return answer_duration (&times, query);
  case GST_QUERY_SEEKING:
    return answer_seeking (&times, query);
  case GST_QUERY_CONVERT:
    return answer_convert (&times, query);
  case GST_QUERY_LATENCY:
    return gst_base_src_is_live (GST_BASE_SRC (self)) && answer_latency (self, query);
  default:
    return FALSE;
  }
}
