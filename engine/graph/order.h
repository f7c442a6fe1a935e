/* The order in which the vertices of an audio graph are rendered (3-WEB-AUDIO 1.1 and 1.3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A node, a half of a delay, or a parameter. */
typedef struct {
  GArray *edges;    /* guint: targets, in the order of connection */
  gboolean breaker; /* a delay writer: its edges may be cut to break a cycle ... */
  gboolean broken;  /* ... and were (out) */
  gboolean dropped; /* in a cycle without a delay: never runs (out) */
  gboolean
      delay_time; /* a delay's own parameter: in standard rendering, if it closes a cycle that its
                          writer is not in ... */
  gboolean deferred; /* ... it hears the quantum before (out) */
} KromoVertex;

/**
 * kromo_order_vertices:
 * @order: (out caller-allocates): room for @n indices
 *
 * Depth first from each vertex in ascending order, each emitted after all it leads to, then reversed.
 * Cuts cycles at their first delay writer, or drops their members.
 *
 * Returns: how many vertices are in @order: those that are not dropped
 */
guint kromo_order_vertices (KromoVertex *vertices, guint n, guint *order);

/* The same as the W3C specification has it: every delay in a cycle breaks it, also one whose own delay
 * time is in the cycle; only members of cycles without any delay are dropped. */
guint kromo_order_vertices_standard (KromoVertex *vertices, guint n, guint *order);

G_END_DECLS
