/* A kromosrc whose every buffer is held in front of the sink until the test lets it go, so that a test says
 * between which two chunks something happens.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "common.h"

#define STEPPER_RATE 48000
#define STEPPER_CAPS "audio/x-raw, rate=48000, channels=1, format=F32LE"
#define STEPPER_CHUNK 4800 /* frames: 100 ms */

typedef struct _Stepper Stepper;

/* Takes the floating reference. @caps: NULL for STEPPER_CAPS */
Stepper *stepper_new (GstElement *src, const char *caps);
/* Asks for a state and, if that makes data flow, waits until a buffer is held or the stream has ended. */
void stepper_start (Stepper *stepper, GstState state);
/* Lets the buffer that is held go and waits for the next one: FALSE at EOS or SEGMENT_DONE. */
gboolean stepper_pull (Stepper *stepper);
/* Lets it go without waiting for another. */
void stepper_let_go (Stepper *stepper);
/* Until the buffer that is held is the one that begins at or after @frame. */
void stepper_pull_to (Stepper *stepper, guint64 frame);
/* Lets all go until the end, which is EOS, SEGMENT_DONE or an error. */
void stepper_run (Stepper *stepper);
/* A flushing, accurate seek; waits like stepper_start(). Frames; @stop: -1 for none. */
gboolean stepper_seek (Stepper *stepper, gdouble rate, gint64 start, gint64 stop);
/* To READY and up again, with nothing captured; waits like stepper_start(). */
void stepper_restart (Stepper *stepper);
/* The end of it all; the capture is the caller's. */
Capture *stepper_finish (Stepper *stepper);

/* Until what was set, or comes next, is ready to be taken. */
void stepper_settle (Stepper *stepper);
/* Settles, pulls, and asserts that exactly one change was made; the first frame that it may be heard in. */
guint64 stepper_change (Stepper *stepper);

/* From now on whoever posts a warning stays in it until it is released: the thread that makes changes
 * ready is then in the middle of one. */
void stepper_hold_warnings (Stepper *stepper);
void stepper_wait_for_warning (Stepper *stepper);
void stepper_release_warning (Stepper *stepper);

GstElement *stepper_src (Stepper *stepper);
/* With all messages so far. */
Capture *stepper_capture (Stepper *stepper);
/* OFFSET of what is held. */
guint64 stepper_frame (Stepper *stepper);
guint64 stepper_count_changes (Stepper *stepper);

/* ---- sounds ---- */

#define SECONDS(n) ((guint64) (n) *GST_SECOND)
#define QUANTUM 128
#define FADE 480 /* the crossfade's frames */

/* Made with chunks of 100 ms whatever the machine; properties as in g_object_set(). */
GstElement *make_steady (const char *first, ...) G_GNUC_NULL_TERMINATED;
/* no-memory.json for two seconds: every frame is a function of its index alone. */
GstElement *make_still (const char *normalize);
/* A location is the name of a file of the data. */
typedef struct {
  const char *name, *value;
} Setting;
void set_one (GstElement *src, const Setting *setting);
/* Where a change that comes at a frame is heard. */
guint64 next_quantum (guint64 frame);

/* ---- what came out ---- */

const float *capture_samples (const Capture *capture);
guint capture_count_events (const Capture *capture, GstEventType type);
/* One stream from frame @start on: times and offsets run on, one segment, one caps, no flush, no gap. */
void assert_runs_on (const Capture *capture, guint64 start, guint n_tags);
/* Frames @from to @to (-1: the last) are the same bits. */
void assert_same_frames (const Capture *capture, const Capture *straight, guint64 from, gint64 to);
/* Whether any of those is another. */
gboolean differs (const Capture *capture, const Capture *straight, guint64 from, gint64 to);
