/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "live-rig.h"

#include "gstkromosrc.h"

/* Rendering takes no real time, and states do not wait for a first buffer, with which the pipeline would
 * take a new base time. */
Live *
live_new (GstElement *src, const char *caps)
{
  Live *live = g_new0 (Live, 1);

  g_object_set (src, "is-live", TRUE, NULL);
  live->burner = burner_new (src, 0.01);
  live->rig = rig_new (src, caps);
  g_object_set (live->rig->sink, "async", FALSE, NULL);
  live->clock = GST_TEST_CLOCK (gst_test_clock_new_with_start_time (LIVE_START));
  gst_pipeline_use_clock (GST_PIPELINE (live->rig->pipeline), GST_CLOCK (live->clock));

  return live;
}

void
live_set_state (Live *live, GstState state)
{
  fail_unless (gst_element_set_state (live->rig->pipeline, state) != GST_STATE_CHANGE_FAILURE);
}

Capture *
live_free (Live *live)
{
  Capture *capture = rig_stop (live->rig);

  rig_free (live->rig);
  gst_object_unref (live->clock);
  burner_free (live->burner);
  g_free (live);

  return capture;
}

/* Until the streaming thread waits for the clock; what it did until then can be looked at. Returns the
 * time that it waits for, from the clock's start. */
GstClockTime
live_wait (Live *live)
{
  GstClockTime time;
  GstClockID id;

  gst_test_clock_wait_for_next_pending_id (live->clock, &id);
  time = gst_clock_id_get_time (id) - LIVE_START;
  gst_clock_id_unref (id);

  return time;
}

void
live_step (Live *live)
{
  fail_unless (gst_test_clock_crank (live->clock));
}

GstClockTime
live_now (Live *live)
{
  return gst_clock_get_time (GST_CLOCK (live->clock)) - LIVE_START;
}

guint64
live_get_stat (GstElement *src, const char *name)
{
  GstStructure *stats;
  guint64 value = 0;

  g_object_get (src, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  gst_structure_free (stats);

  return value;
}

/* Timestamps from the sample counter, without a gap, from frame start on. */
void
live_assert_contiguous (const Capture *capture, guint64 start)
{
  guint64 next = start;
  guint i;

  for (i = 0; i < capture->buffers->len; i++) {
    const BufferRecord *buffer = capture_buffer (capture, i);

    fail_unless_equals_uint64 (buffer->offset, next);
    fail_unless_equals_uint64 (buffer->pts, gst_util_uint64_scale (next, GST_SECOND, LIVE_RATE));
    next = buffer->offset_end;
    fail_unless_equals_uint64 (
        buffer->pts + buffer->duration, gst_util_uint64_scale (next, GST_SECOND, LIVE_RATE));
  }
}

/* The running time of frame 0, as the last segment says. */
GstClockTime
live_get_base (const Capture *capture)
{
  const GstSegment *segment = NULL;
  guint i;

  for (i = 0; i < capture->events->len; i++) {
    if (GST_EVENT_TYPE (g_ptr_array_index (capture->events, i)) == GST_EVENT_SEGMENT)
      gst_event_parse_segment (g_ptr_array_index (capture->events, i), &segment);
  }
  fail_unless (segment != NULL);

  return segment->base;
}
