/* A live kromosrc in a pipeline whose clock only the test moves.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "common.h"

#include <gst/check/gsttestclock.h>

#include "burner.h"

#define LIVE_RATE 48000
/* Times that are given and returned count from here. */
#define LIVE_START (1000 * GST_SECOND)

typedef struct {
  Rig *rig;
  GstTestClock *clock;
  Burner *burner;
} Live;

Live *live_new (GstElement *src, const char *caps);
/* The capture is the caller's. */
Capture *live_free (Live *live);
void live_set_state (Live *live, GstState state);
GstClockTime live_wait (Live *live);
/* To the time that the streaming thread waits for. */
void live_step (Live *live);
GstClockTime live_now (Live *live);
guint64 live_get_stat (GstElement *src, const char *name);
void live_assert_contiguous (const Capture *capture, guint64 start);
GstClockTime live_get_base (const Capture *capture);
