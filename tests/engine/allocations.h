/* Counts allocations by standing in for the C library's functions.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

/* FALSE where a sanitizer has taken that place: then the count stays 0. */
gboolean test_counts_allocations (void);
gint test_get_n_allocations (void);
