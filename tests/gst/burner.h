/* A timer for the element by which rendering takes as long as a test says.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

typedef struct _Burner Burner;

/* Takes the place of @src's timer; @src is in NULL. Rendering has the real-time factor @rtf. */
Burner *burner_new (GstElement *src, double rtf);
/* Once @src is in NULL. */
void burner_free (Burner *burner);
/* From the frame on, of the timeline. Set before it plays, or while it is held. */
void burner_change (Burner *burner, guint64 frame, double rtf);
/* Frames that were rendered on a copy, to measure. */
guint64 burner_probed (const Burner *burner);
