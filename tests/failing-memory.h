/* Memory that runs out.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Stands in for the C library's functions. Only large blocks are counted and fail; with small ones GLib ends the program.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* FALSE where something else, a sanitizer or valgrind, has taken that place. */
gboolean test_memory_can_fail (void);

/* From now on the @n-th block of @size bytes or more cannot be had, nor, if @lasting, any after it; 0: all can. */
void test_memory_fail (guint n, gboolean lasting, gsize size);

/* How many were asked for since then. */
guint test_memory_count (void);

/* Blocks that are in use now, of any size. */
gint test_memory_in_use (void);

G_END_DECLS
