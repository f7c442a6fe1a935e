/* What all renderers of one sound share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "build.h"
#include "edge-fade.h"
#include "limiter.h"

G_BEGIN_DECLS

#define KROMO_RING_FRAMES 2048 /* a power of two, above the limiter's look-ahead and a quantum */

/* Immutable but for what kromo_renderer_prepare() does. */
typedef struct {
  gatomicrefcount ref_count;
  KromoFormat format;
  guint64 n_frames;
  KromoBank *bank;
  KromoGraph *graph;
  KromoLayout layout;
  KromoEdgeFade fade;
  gsize output;       /* state: KromoOutput */
  gsize ring;         /* state: float[channels][KROMO_RING_FRAMES] */
  guint64 memory;     /* bytes of a renderer: its arena and what the sound has */
  guint64 operations; /* a frame */
  char **warnings;
  gboolean graph_prepared, prepared;
  float min, max; /* of the whole sound, with normalize=peak */
} KromoSound;

/* A renderer's own state, apart from the graph's. */
typedef struct {
  guint64 n_rendered; /* frames that the graph has made */
  guint64 position;   /* frames that have left */
  guint64 n_scanned;  /* frames that the limiter has looked at */
  guint64 n_non_finite;
  KromoLimiter limiter;
} KromoOutput;

/**
 * kromo_sound_new:
 *
 * Returns: (transfer full) (nullable): the sound, or %NULL with @error set, which is KROMO_ERROR_MEMORY where
 *   a renderer of it would be larger than the format's bound, KROMO_ERROR_SETTINGS where it would work harder, and
 *   KROMO_ERROR_NO_MEMORY where the system has none
 */
KromoSound *kromo_sound_new (
    const KromoGenome *genome, const KromoNote *note, const KromoFormat *format, GError **error);
KromoSound *kromo_sound_ref (KromoSound *sound);
void kromo_sound_unref (KromoSound *sound);

/* Bytes of a renderer's arena, with room to align it. */
gsize kromo_sound_get_arena_size (const KromoSound *sound);

/* Bytes that its format's bound leaves. */
guint64 kromo_sound_get_spare (const KromoSound *sound);

G_END_DECLS
