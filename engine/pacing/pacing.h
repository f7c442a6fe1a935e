/* How long a chunk should be: pure functions of measured times, no clock of their own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bounds of live chunks where the user has not set others, ns. */
#define KROMO_PACING_LIVE_MIN G_GUINT64_CONSTANT (10000000)
#define KROMO_PACING_LIVE_MAX G_GUINT64_CONSTANT (100000000)

/**
 * KromoPacingSettings:
 * @adaptive: choose chunk durations from the measured real-time factor
 * @live: paced by a clock: chunks start at @min_chunk and grow only when rendering one took over
 *   half of its own length; @target_latency is ignored
 * @target_latency: time that rendering one chunk may take, ns
 * @min_chunk: ns
 * @max_chunk: ns
 * @fixed_chunk: ns; the chunk when @adaptive is %FALSE, or before a measurement
 * @rate: frames per second
 */
typedef struct {
  gboolean adaptive;
  gboolean live;
  guint64 target_latency;
  guint64 min_chunk;
  guint64 max_chunk;
  guint64 fixed_chunk;
  guint rate;
} KromoPacingSettings;

/**
 * KromoPacing:
 *
 * The state of one stream's pacing; a plain value, zero-initialised by kromo_pacing_init().
 */
typedef struct {
  KromoPacingSettings settings;
  double rtf;         /* estimate: seconds of rendering per second of audio; 0 when unknown */
  guint64 last_chunk; /* frames; 0 before the first chunk after a start */
  guint64 live_bound; /* frames; the longest live chunk that may come now; 0 before the first */
  guint64 calm;       /* frames of live chunks since one last took over half of its length */
} KromoPacing;

void kromo_pacing_init (KromoPacing *pacing, const KromoPacingSettings *settings);

/**
 * kromo_pacing_restart:
 *
 * The next chunk is a first one (start, flushing seek, swap); the estimate and the live bound stay.
 */
void kromo_pacing_restart (KromoPacing *pacing);

/**
 * kromo_pacing_measure:
 * @frames: how many frames were rendered
 * @elapsed: in how much time, ns
 *
 * Updates the estimate: slower chunks weigh at once, faster ones gradually; less than a quantum
 * counts as one. Live and adaptive, updates the bound too; a chunk that was cut to less than
 * min_chunk never makes it grow.
 */
void kromo_pacing_measure (KromoPacing *pacing, guint64 frames, guint64 elapsed);

/**
 * kromo_pacing_recall:
 *
 * Sets the estimate, as remembered from another time; what is no positive number changes nothing.
 */
void kromo_pacing_recall (KromoPacing *pacing, double rtf);

/**
 * kromo_pacing_get_bound:
 *
 * Returns: frames: the longest chunk that may come until the next kromo_pacing_measure(): live and
 *   adaptive, that of now, which doubles after a chunk that took over half of its length to render,
 *   up to max_chunk, and halves after each 10 s of sound without one, down to min_chunk; not
 *   adaptive, fixed_chunk; else max_chunk
 */
guint64 kromo_pacing_get_bound (const KromoPacing *pacing);

/**
 * kromo_pacing_next_chunk:
 *
 * Returns: the next chunk's length in frames, at least 1: live or not adaptive, that of
 *   kromo_pacing_get_bound(); else min_chunk first, then at most double the last one, up to
 *   clamp (target_latency / rtf, min_chunk, max_chunk) rounded down to whole quanta of 128 frames
 *   but not below min_chunk. min, max and fixed chunk are honoured to the nearest frame; a
 *   max_chunk below min_chunk counts as min_chunk.
 */
guint64 kromo_pacing_next_chunk (KromoPacing *pacing);

G_END_DECLS
