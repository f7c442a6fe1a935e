/* Events, messages and buffers as one line of text each.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What differs from run to run or from machine to machine is left out or replaced: group ids, ids of
 * streams that are random, the version.
 */
#pragma once

#include <gst/gst.h>

/* (transfer full): @element: whose event it is */
char *scenario_describe_event (GstElement *element, GstEvent *event);
/* NULL for those that come at no particular moment or do not matter: states, threads, links. */
char *scenario_describe_message (GstMessage *message);
/* With a hash of the content; @segment: the current one. */
char *scenario_describe_buffer (const GstSegment *segment, GstBuffer *buffer);
/* A query of the element's latency. */
char *scenario_describe_latency (GstElement *element);
/* Position and duration, as queried. */
char *scenario_describe_position (GstElement *element);
/* Their nicks. */
char *scenario_describe_flags (GType type, guint flags);
