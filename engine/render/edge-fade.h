/* Fades at both ends of a sound.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Frame i of N, k = min (i, N-1-i) frames from the nearer end, is multiplied by 3 t^2 - 2 t^3 with t = k / L,
 * from L on by 1. So the first and the last frame are 0, and no libm takes part. L is at most N / 2, where the
 * two fades meet.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint64 n_frames; /* N */
  guint64 length;   /* L; 0: no fades */
} KromoEdgeFade;

/* @duration: nanoseconds of one fade */
void kromo_edge_fade_init (KromoEdgeFade *fade, guint rate, guint64 duration, guint64 n_frames);

/* Fades @n samples of one channel from frame @start on. They lie within the sound. */
void kromo_edge_fade_apply (const KromoEdgeFade *fade, guint64 start, float *samples, guint n);

G_END_DECLS
