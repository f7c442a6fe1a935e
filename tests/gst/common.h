/* What the element's tests share: running a kromosrc to its end and keeping all that comes out.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>

typedef struct {
  GstClockTime pts, duration;
  guint64 offset, offset_end;
  gsize size;
  gboolean discont, has_audio_meta;
  guint events_before; /* how many downstream events came before it */
} BufferRecord;

typedef struct {
  GByteArray *data;
  GArray *buffers;     /* BufferRecord */
  GPtrArray *events;   /* GstEvent, downstream */
  GPtrArray *messages; /* GstMessage */
  GstCaps *caps;       /* the last ones */
  GstAudioInfo info;
  gboolean eos;
} Capture;

typedef struct {
  GstElement *pipeline, *src, *filter, *sink;
  Capture *capture;
} Rig;

/* A pipeline kromosrc ! capsfilter ! fakesink around an element that the caller has set up. Takes the
 * floating reference. */
Rig *rig_new (GstElement *src, const char *caps);
/* To PAUSED or PLAYING; FALSE if the state change fails. */
gboolean rig_start (Rig *rig, GstState state);
/* Until EOS or an error is posted, or a segment is done. */
void rig_wait (Rig *rig);
/* Down to READY and takes the messages. The capture is the caller's. */
Capture *rig_stop (Rig *rig);
void rig_free (Rig *rig);

/* All of it: starts, waits, stops, frees. */
Capture *capture_run (GstElement *src, const char *caps);
Capture *capture_new (void);
void capture_free (Capture *capture);

const BufferRecord *capture_buffer (const Capture *capture, guint i);
guint64 capture_frames (const Capture *capture);
guint capture_count (const Capture *capture, GstMessageType type);
/* The i-th message of a type, or NULL. */
GstMessage *capture_message (const Capture *capture, GstMessageType type, guint i);
/* Bytes from frame start on equal those of a straight run. */
void assert_same_bytes (const Capture *capture, const Capture *straight, guint64 start);
/* Exactly one error with that domain and code, nothing else of note, and no data. */
void assert_one_error (const Capture *capture, GQuark domain, gint code, const char *text);

/* A new kromosrc, floating; properties as in g_object_set(). */
GstElement *make_src (const char *first, ...) G_GNUC_NULL_TERMINATED;
char *data_path (const char *name);

/* What another thread counts. All 0 at first. */
typedef struct {
  GMutex lock;
  GCond cond;
  guint n;
} Counter;

void counter_add (Counter *counter);
/* FALSE if it is not so far by then, in monotonic time. */
gboolean counter_reaches (Counter *counter, guint n, gint64 deadline);
/* For a minute at most. */
void counter_wait (Counter *counter, guint n);
