/* The difference of two texts, line by line.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

/* Returns NULL if they are the same, else lines with "-" (only in the first), "+" (only in the second) or
 * " " (in both, near a difference) before them, and "@@" with line numbers where some are left out. */
char *scenario_diff (const char *a, const char *b);
