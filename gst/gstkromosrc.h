/* kromosrc: a source element that plays evolved sounds
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Three groups of state, by who may touch them: settings (any thread, object lock), stream (the
 * streaming thread, or others while it cannot run), shared (written by the stream, read by anyone,
 * object lock).
 */
#pragma once

#include <gst/audio/audio.h>
#include <gst/base/gstpushsrc.h>
#include <gst/gst.h>

#include "kromo.h"

G_BEGIN_DECLS

#define GST_TYPE_KROMO_SRC (gst_kromo_src_get_type ())
G_DECLARE_FINAL_TYPE (GstKromoSrc, gst_kromo_src, GST, KROMO_SRC, GstPushSrc)
GST_ELEMENT_REGISTER_DECLARE (kromosrc)

GST_DEBUG_CATEGORY_EXTERN (gst_kromo_src_debug);

#define GST_KROMO_ALIGNMENT 64

/* Which of the settings that metadata could give the user has set. */
typedef enum {
  GST_KROMO_USER_DURATION = 1 << 0,
  GST_KROMO_USER_NOTE_DELTA = 1 << 1,
  GST_KROMO_USER_VELOCITY = 1 << 2,
  GST_KROMO_USER_REVERSE = 1 << 3
} GstKromoUserSet;

/* Every property's value. */
typedef struct {
  char *location;
  char *genome_id;
  char *genome;
  char *next_location;
  guint64 seed;
  KromoNote note;
  guint user_set;
  gboolean use_metadata;
  KromoRendering rendering;
  KromoNormalize normalize;
  guint64 edge_fade;
  gint loops;
  gboolean is_live;
  gboolean adaptive;
  gboolean measure_rtf;
  guint64 target_latency;
  guint64 min_chunk;
  guint64 max_chunk;
  guint64 fixed_chunk;
  guint n_threads;
  guint64 checkpoint_memory;
  guint64 max_memory;
  gdouble volume;
  gboolean mute;
} GstKromoSettings;

/* What the properties rtf and stats tell. */
typedef struct {
  gdouble rtf;
  guint64 chunk_duration;
  guint64 chunks;
  guint64 frames;
  GstClockTime first_chunk_latency;
  GstClockTime render_time;
  guint64 underruns;
} GstKromoStats;

/* A chunk is rendered into planar scratch, in as many calls as interruptions make it, and leaves it
 * whole. */
typedef struct {
  float *samples;
  float *channels[KROMO_MAX_CHANNELS];
  gdouble *gains;
  gsize capacity;       /* frames */
  gsize n_frames;       /* 0: no chunk is under way */
  gsize done;           /* frames of it that are rendered */
  GstClockTime elapsed; /* spent on rendering them */
} GstKromoChunk;

/* What rendering is timed by: the system's clock, or a test's. */
typedef struct {
  GstClockTime (*now) (gpointer user_data);
  gpointer user_data;
} GstKromoTimer;

struct _GstKromoSrc {
  GstPushSrc parent;

  GstKromoTimer timer; /* set in NULL */
  GstKromoSettings settings;

  /* stream */
  GstKromoSettings playing; /* the settings as they were at READY->PAUSED; volume and mute unused */
  KromoGenome *genome;
  KromoRenderer *renderer; /* NULL: to be made for the current format */
  KromoPacing pacing;
  GstKromoChunk chunk;
  guint64 frame; /* the first frame of the chunk that is under way or comes next */
  guint64 stop_frame;
  gboolean moved; /* frame and stop_frame follow from position and stop below */
  GstClockTime position;
  GstClockTime stop;
  GstClockTime opened_at;
  gboolean failed; /* an error was posted: no more data until READY */
  gboolean probed;
  gboolean warned;
  gboolean warned_non_finite;
  enum {
    GST_KROMO_TAGS_DUE,
    GST_KROMO_TAGS_QUEUED,
    GST_KROMO_TAGS_SENT
  } tags;
  gint last_percent;

  gint interrupt; /* atomic; polled by the renderer */
  gint unlocks;   /* atomic; how often interrupt was set */

  /* shared */
  GstAudioInfo info; /* format UNKNOWN before negotiation */
  guint64 duration;  /* ns; 0 when closed */
  GstKromoStats stats;
};

static inline GstClockTime
gst_kromo_src_now (GstKromoSrc *self)
{
  return self->timer.now (self->timer.user_data);
}

/* gstkromosrc-properties.c */
void gst_kromo_src_install_properties (GObjectClass *klass);
void gst_kromo_settings_init (GstKromoSettings *settings);

/* gstkromosrc-open.c: from the settings to a genome, with its errors posted */
gboolean gst_kromo_src_open (GstKromoSrc *self);
void gst_kromo_src_close (GstKromoSrc *self);
void gst_kromo_settings_clear (GstKromoSettings *settings);

/* gstkromosrc-stream.c: from the genome to buffers */
GstFlowReturn gst_kromo_src_create (GstPushSrc *src, GstBuffer **buffer);
void gst_kromo_src_drop_renderer (GstKromoSrc *self);
void gst_kromo_src_move (GstKromoSrc *self, GstClockTime position, GstClockTime stop);

/* gstkromosrc-buffer.c: from a rendered chunk to a buffer */
GstFlowReturn gst_kromo_src_finish_chunk (GstKromoSrc *self, GstBuffer **buffer);

/* gstkromosrc-messages.c: what is told to the application and downstream */
void gst_kromo_src_post_error (GstKromoSrc *self, const GError *error);
void gst_kromo_src_post_settings_error (GstKromoSrc *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
GstFlowReturn gst_kromo_src_fail (GstKromoSrc *self);
void gst_kromo_src_post_warnings (GstKromoSrc *self);
void gst_kromo_src_post_non_finite (GstKromoSrc *self);
void gst_kromo_src_post_scan (GstKromoSrc *self, GstProgressType type, gint percent);
void gst_kromo_src_post_chunk (GstKromoSrc *self, guint64 frames);
void gst_kromo_src_queue_tags (GstKromoSrc *self);
GstStructure *gst_kromo_stats_to_structure (const GstKromoStats *stats);

G_END_DECLS
