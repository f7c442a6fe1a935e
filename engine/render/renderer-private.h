/* What the files of the renderer share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The graph makes quanta; they go to a ring, faded at the sound's ends, as far ahead as the limiter
 * looks, and leave it through the levels. Everything that changes is in the arena: the state of a
 * renderer is a copy of it.
 */
#pragma once

#include "../graph/ahead.h"
#include "checkpoints.h"
#include "sound.h"

G_BEGIN_DECLS

#define KROMO_RING_FRAMES_MASK (KROMO_RING_FRAMES - 1)

struct _KromoRenderer {
  KromoSound *sound;
  gpointer memory;
  KromoArena arena;
  KromoOutput *output;
  float *ring;
  const gint *interrupt;

  KromoThreads *threads; /* nullable */
  KromoAhead *ahead;     /* nullable: their work for it */

  gboolean straight;             /* whether the state is that of a run from frame 0 */
  KromoCheckpoints *checkpoints; /* nullable; states of straight runs */
  guint64 last_target;           /* frame of the last seek */

  KromoRenderer *old;  /* nullable: what fades out */
  guint64 fade_start;  /* the first frame in which both sound ... */
  guint64 fade_length; /* ... and how many there are */
};

static inline float *
kromo_renderer_ring_at (const KromoRenderer *renderer, guint channel, guint64 frame)
{
  return renderer->ring + (gsize) channel * KROMO_RING_FRAMES + (frame & KROMO_RING_FRAMES_MASK);
}

static inline gboolean
kromo_renderer_is_interrupted (const KromoRenderer *renderer)
{
  return renderer->interrupt != NULL && g_atomic_int_get (renderer->interrupt);
}

/* The graph's next quantum, into the ring: positions there are whole quanta. Returns its length, less
 * than a quantum at the end of the sound. */
guint kromo_renderer_run_graph (KromoRenderer *renderer);

/* The same, as it leaves the ring (but for the limiter). All frames that are ready must have left:
 * only then are states at the same quantum equal, and worth a checkpoint. */
void kromo_renderer_step (KromoRenderer *renderer);

/* ---- levels.c ---- */

/* Frames that are rendered before the first of them may leave. */
guint kromo_levels_get_look_ahead (const KromoRenderer *renderer);

/* How many frames can leave now. */
gsize kromo_levels_count_ready (const KromoRenderer *renderer);

/* Takes @n frames that are ready to @channels, from @offset on there. */
void kromo_levels_put (KromoRenderer *renderer, float *const *channels, gsize offset, gsize n);

/* With normalize=peak: the affine map of @n frames in the ring. */
void kromo_levels_map (KromoRenderer *renderer, guint64 start, guint n);

/* ---- prepare.c ---- */

typedef struct {
  void (*report) (double done, gpointer user_data);
  gpointer user_data;
  double from, to;
} KromoProgress;

/* A KromoProgress as the user data of one that reports to it. */
void kromo_progress_report (double done, gpointer user_data);

/* ---- checkpoints ---- */

void kromo_renderer_leave_checkpoint (KromoRenderer *renderer);

/* ---- take-over.c ---- */

/* Mixes the @n frames at @start with those of what fades out. */
void kromo_renderer_crossfade (KromoRenderer *renderer, guint64 start, guint n);

void kromo_renderer_end_fade (KromoRenderer *renderer);

G_END_DECLS
