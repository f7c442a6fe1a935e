/* Whether all objects that were made are gone again: GStreamer's tracer of leaks, asked from within a test.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The tracer is there when the environment says GST_TRACERS=leaks; without that nothing is looked for.
 */
#pragma once

#include <glib.h>

typedef struct _Leaks Leaks;

Leaks *leaks_begin (void);
/* Fails if there are more objects of a type than there were, and go on to be. Frees it. */
void leaks_end (Leaks *leaks);
