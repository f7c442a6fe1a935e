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
GST_DEBUG_CATEGORY_EXTERN (gst_kromo_src_performance); /* GStreamer's, for copies */

#define GST_KROMO_ALIGNMENT 64

/* Which of the settings that metadata could give, or that have other defaults when live, the user has
 * set. */
typedef enum {
  GST_KROMO_USER_DURATION = 1 << 0,
  GST_KROMO_USER_NOTE_DELTA = 1 << 1,
  GST_KROMO_USER_VELOCITY = 1 << 2,
  GST_KROMO_USER_REVERSE = 1 << 3,
  GST_KROMO_USER_MIN_CHUNK = 1 << 4,
  GST_KROMO_USER_MAX_CHUNK = 1 << 5
} GstKromoUserSet;

/* Every property's value. */
typedef struct {
  char *location;
  char *genome_id;
  char *genome;
  char *next_location;
  guint64 seed;
  guint source_serial; /* counts settings of the genome's source, also to the same value */
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
  guint64 max_operations;
  gdouble volume;
  gboolean mute;
} GstKromoSettings;

/* A genome with the settings that it is played with; what plays, or is made ready to. */
typedef struct {
  GstKromoSettings settings; /* volume and mute unused */
  KromoGenome *genome;
  guint loading;           /* counts loadings of genomes, also of what is equal */
  KromoRenderer *renderer; /* NULL: to be made for the current format */
  KromoFormat format;      /* the renderer's */
  gboolean is_same;        /* as what it was to replace */
} GstKromoSound;

/* Makes sounds ready outside the streaming thread: changes of what plays, and what comes next. */
typedef struct {
  GMutex lock;
  GCond cond;
  GThread *thread; /* NULL until there is work */
  gboolean active; /* between READY->PAUSED and PAUSED->READY */
  gboolean quit;   /* the thread is to end */
  gint interrupt;  /* atomic; polled while scanning */
  gboolean change_wanted, next_wanted;
  gboolean change_under_way, next_under_way;
  gboolean next_failed;         /* not told yet */
  GstKromoSound *change, *next; /* ready to be taken */
  guint generation;             /* counts the sounds that were played on with */
  GstKromoSound *base;          /* what plays once what is ready has been taken; no renderer */
  GstKromoSettings next_source; /* of next_wanted */
} GstKromoCompiler;

/* What the properties rtf and stats tell. */
typedef struct {
  gdouble rtf;
  guint64 chunk_duration;
  guint64 chunks;
  guint64 frames;
  GstClockTime first_chunk_latency;
  GstClockTime render_time;
  guint64 underruns;
  guint64 changes;           /* of what plays, while it played */
  guint64 memory;            /* bytes of the renderer */
  guint64 checkpoint_memory; /* bytes of states that it keeps */
  guint n_threads;           /* that render */
} GstKromoStats;

/* A chunk is rendered into planar scratch, in as many calls as interruptions make it, and leaves it
 * whole. */
typedef struct {
  float *samples;
  float *channels[KROMO_MAX_CHANNELS];
  gdouble *gains;       /* behind the samples */
  gsize capacity;       /* frames */
  guint64 frame;        /* its first one, on the timeline */
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
  GstKromoSound *sound;  /* NULL when closed */
  KromoThreads *threads; /* NULL: none */
  gboolean tried_threads;
  KromoPacing pacing;
  GstKromoChunk chunk;
  guint64
      origin;    /* frame of the timeline at which the sound begins; more than 0 after playing on */
  guint64 frame; /* where the next chunk begins; in reverse, where it ends */
  guint64 start_frame, stop_frame; /* of the segment and the sound */
  gboolean backwards;
  gboolean moved; /* the frames above follow from the times below */
  GstClockTime position, start, stop;
  GstClockTime opened_at;
  gboolean failed; /* an error was posted: no more data until READY */
  gboolean probed;
  gboolean asked_for_next;
  KromoNote opened_note; /* as the properties said at READY->PAUSED */
  guint opened_user_set; /* likewise */
  gboolean warned;
  gboolean warned_non_finite;
  enum {
    GST_KROMO_TAGS_DUE,
    GST_KROMO_TAGS_QUEUED,
    GST_KROMO_TAGS_SENT
  } tags;
  gint last_percent; /* -1: no progress was posted */

  /* live lock */
  gboolean aligned;       /* with the clock, since PAUSED->PLAYING */
  GstClockTimeDiff late;  /* of the last chunk, by the clock; NONE after a seek */
  GstClockTime base_time; /* then */

  gint interrupt; /* atomic; polled by the renderer */
  gint unlocks;   /* atomic; how often interrupt was set */

  /* atomic; what was sent of it stays on the pad */
  enum {
    GST_KROMO_RATE_STEADY,
    GST_KROMO_RATE_CHANGED, /* instantly, within the segment */
    GST_KROMO_RATE_TO_END   /* by a seek */
  } rate;

  GstKromoCompiler compiler; /* has a lock of its own */

  /* shared */
  GstAudioInfo info; /* format UNKNOWN before negotiation */
  gboolean is_open;  /* between READY->PAUSED and PAUSED->READY */
  guint64 duration;  /* of one pass, ns; 0 when closed */
  gint loops;        /* of what plays; -1: for ever */
  gboolean
      plays_on; /* something comes or came after the first sound: the whole has no known length */
  guint64 origin_time;  /* of origin */
  GstClockTime latency; /* the longest chunk that may come */
  GThread *asking;      /* who emits about-to-finish */
  gboolean was_told;    /* and has been told what comes next */
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

/* gstkromosrc-uri.c and gstkromosrc-preset.c: interfaces */
void gst_kromo_src_init_uri_handler (gpointer iface, gpointer data);
void gst_kromo_src_init_preset (gpointer iface, gpointer data);

/* gstkromosrc-settings.c: what they hold, whether they are possible, what metadata adds */
void gst_kromo_settings_copy (GstKromoSettings *dest, const GstKromoSettings *src);
void gst_kromo_settings_clear (GstKromoSettings *settings);
void gst_kromo_settings_copy_source (GstKromoSettings *dest, const GstKromoSettings *src);
void gst_kromo_settings_set_next (GstKromoSettings *settings, const char *location);
KromoGenome *gst_kromo_settings_load (const GstKromoSettings *settings, GError **error);
gboolean gst_kromo_settings_check (const GstKromoSettings *settings, GError **error);
gboolean gst_kromo_settings_check_sound (const GstKromoSettings *settings, GError **error);
void gst_kromo_settings_take_metadata (
    GstKromoSettings *settings, const KromoMetadata *metadata, gboolean is_playing);
void gst_kromo_settings_get_format (
    const GstKromoSettings *settings, const GstAudioInfo *info, KromoFormat *format);

/* gstkromosrc-open.c: READY->PAUSED and back */
gboolean gst_kromo_src_open (GstKromoSrc *self);
void gst_kromo_src_close (GstKromoSrc *self);
GstKromoSound *gst_kromo_sound_new (const GstKromoSettings *settings, KromoGenome *genome);
GstKromoSound *gst_kromo_sound_copy (const GstKromoSound *sound);
void gst_kromo_sound_take_genome (GstKromoSound *sound, KromoGenome *genome);
void gst_kromo_sound_free (GstKromoSound *sound);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstKromoSound, gst_kromo_sound_free)

/* gstkromosrc-compiler.c: sounds made ready outside the streaming thread */
void gst_kromo_compiler_init (GstKromoCompiler *compiler);
void gst_kromo_compiler_clear (GstKromoCompiler *compiler);
void gst_kromo_compiler_start (GstKromoSrc *self);
void gst_kromo_compiler_stop (GstKromoSrc *self);
void gst_kromo_compiler_want_change (GstKromoSrc *self);
void gst_kromo_compiler_want_next (GstKromoSrc *self, const GstKromoSettings *source);
gboolean gst_kromo_compiler_has_change (GstKromoSrc *self, gboolean *is_ready);
gboolean gst_kromo_compiler_has_next (GstKromoSrc *self);
gboolean gst_kromo_compiler_take_failure (GstKromoSrc *self);
void gst_kromo_compiler_wake (GstKromoSrc *self);
GstKromoSound *gst_kromo_compiler_take_change (GstKromoSrc *self, gboolean wait);
GstKromoSound *gst_kromo_compiler_take_next (GstKromoSrc *self);

/* gstkromosrc-changes.c: what plays gives way to something else */
GstFlowReturn gst_kromo_src_apply_changes (GstKromoSrc *self);
gboolean gst_kromo_src_has_controlled_note (GstKromoSrc *self);
void gst_kromo_src_ask_for_next (GstKromoSrc *self, guint64 n_frames);
void gst_kromo_src_look_for_failure (GstKromoSrc *self);
GstFlowReturn gst_kromo_src_play_on (GstKromoSrc *self);

/* gstkromosrc-stream.c: from the genome to buffers */
GstFlowReturn gst_kromo_src_create (GstPushSrc *src, GstBuffer **buffer);
void gst_kromo_src_remember_rtf (GstKromoSrc *self);
void gst_kromo_src_restart_pacing (GstKromoSrc *self);
void gst_kromo_src_set_range (GstKromoSrc *self);

/* gstkromosrc-threads.c: threads that help to render */
void gst_kromo_src_use_threads (GstKromoSrc *self);
void gst_kromo_src_end_threads (GstKromoSrc *self);

/* gstkromosrc-time.c: seeks, and queries of times */
gboolean gst_kromo_src_do_seek (GstBaseSrc *src, GstSegment *segment);
gboolean gst_kromo_src_takes_seek (GstKromoSrc *self, GstEvent *event, gboolean *done);
gboolean gst_kromo_src_answer (GstKromoSrc *self, GstQuery *query);
void gst_kromo_src_end_rate_change (GstKromoSrc *self);
void gst_kromo_src_move (GstKromoSrc *self, GstClockTime position);
void gst_kromo_src_update_duration (GstKromoSrc *self);
guint64 gst_kromo_src_get_end (GstKromoSrc *self, guint rate);

/* gstkromosrc-live.c: paced by the clock */
GstFlowReturn gst_kromo_src_wait_for_clock (GstKromoSrc *self);
void gst_kromo_src_restart_clock (GstKromoSrc *self);
void gst_kromo_src_forget_lateness (GstKromoSrc *self);
void gst_kromo_src_update_latency (GstKromoSrc *self);

/* gstkromosrc-buffer.c: from a rendered chunk to a buffer */
GstFlowReturn gst_kromo_src_finish_chunk (GstKromoSrc *self, GstBuffer **buffer);

/* gstkromosrc-messages.c: what is told to the application and downstream */

/* After an error was posted. GST_FLOW_ERROR would make the base class post a second one; like it, this
 * ends the stream. */
static inline GstFlowReturn
gst_kromo_src_fail (GstKromoSrc *self)
{
  self->failed = TRUE;

  return GST_FLOW_EOS;
}

void gst_kromo_src_init_messages (void);
void gst_kromo_src_post_error (GstKromoSrc *self, const GError *error);
void gst_kromo_src_post_warning (GstKromoSrc *self, const GError *error, const char *consequence);
void gst_kromo_src_post_warnings (GstKromoSrc *self);
void gst_kromo_src_post_non_finite (GstKromoSrc *self);
void gst_kromo_src_begin_progress (GstKromoSrc *self);
void gst_kromo_src_post_progress (GstKromoSrc *self, const char *code, double done);
void gst_kromo_src_end_progress (GstKromoSrc *self, const char *code, const GError *error);
void gst_kromo_src_post_chunk (GstKromoSrc *self, GstClockTime duration);
void gst_kromo_src_post_underrun (GstKromoSrc *self, GstClockTime timestamp, GstClockTime duration);
void gst_kromo_src_queue_tags (GstKromoSrc *self);
GstStructure *gst_kromo_stats_to_structure (const GstKromoStats *stats);

G_END_DECLS
