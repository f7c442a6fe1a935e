/* How late a buffer is, by the clock of a pipeline that plays.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* How much later than its running time @buffer, which is at @pad, is now; negative when it is early. */
static inline GstClockTimeDiff
test_get_lateness (GstElement *pipeline, GstPad *pad, GstBuffer *buffer)
{
  g_autoptr (GstEvent) event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  g_autoptr (GstClock) clock = gst_element_get_clock (pipeline);
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  return GST_CLOCK_DIFF (
      gst_segment_to_running_time (segment, GST_FORMAT_TIME, GST_BUFFER_PTS (buffer)),
      gst_clock_get_time (clock) - gst_element_get_base_time (pipeline));
}

G_END_DECLS
