/* Large memory that is zero and becomes real page by page, as it is touched.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The C library's calloc() promises that only for memory that is fresh from the system: what the process
 * has used before it clears, which takes time and makes all of it real. And what is freed goes back to
 * the system, so that a process that has played many sounds is no larger than one that plays its first.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns: (nullable): @size bytes, aligned as for any type, or NULL where the system has none */
gpointer kromo_pages_alloc (gsize size);

/* @size: as it was asked for */
void kromo_pages_free (gpointer memory, gsize size);

G_END_DECLS
