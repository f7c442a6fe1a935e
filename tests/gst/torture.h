/* What the two halves of the torture test share: a pipeline and the threads that get at it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "common.h"

typedef struct {
  GstElement *pipeline, *src, *filter;
  GstPad *pad;      /* the source's */
  GstClock *clock;  /* a GstTestClock, or NULL */
  gboolean is_live; /* fixed: not written */
  guint32 seed;
  GMutex seeking; /* one of those that seek or flush */
  guint n_races;  /* of GStreamer's own that were seen */
  gint stop;      /* atomic: the threads end */
  gint n_buffers, n_writes, n_seeks, n_queries, n_swaps, n_flushes; /* atomic */
  gint n_sent; /* atomic; buffers of the source since it started */
  gint n_late; /* atomic; errors of the source after the first of these */
} Torture;

/* What goes on beside the state changes. Each has random numbers of its own, and ends at stop. */
gpointer torture_write (gpointer torture);
gpointer torture_seek (gpointer torture);
gpointer torture_query (gpointer torture);
gpointer torture_swap (gpointer torture);

/* Every property that may be written has values to write. */
void torture_check_table (GstElement *src);
/* Control sources for those that take them, disabled at first. */
void torture_add_controls (GstElement *src);
void torture_remove_controls (GstElement *src);
/* As they are in a new element. */
void torture_reset_properties (GstElement *src);
GstEvent *torture_random_seek (GRand *rand, GstSeekFlags flags);
