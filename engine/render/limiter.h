/* The gain that never rises: normalize=limit (2-RENDERING 2.8).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * With L frames of look-ahead, p(i) the greatest magnitude in any channel of frames 0..i+L, and
 * h(i) = min (1, 1 / p(i)) (1 before frame 0): the gain of frame i is the mean of h(i-L)..h(i).
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define KROMO_LIMITER_MAX_LOOK_AHEAD 960 /* frames: 5 ms at 192 kHz */

/* State: no pointers. */
typedef struct {
  guint32 look_ahead; /* L */
  guint32 next;       /* where in the ring h(i) goes */
  guint32 n_same;     /* how many values are equal to the last one, with it, at most L + 1 */
  double peak;        /* p */
  double last;        /* h (i - 1) */
  double sum;         /* of the ring's part before next */
  /* before next: h of this round; from there on: of the round before, the sum from each to its end */
  double h[KROMO_LIMITER_MAX_LOOK_AHEAD + 1];
} KromoLimiter;

void kromo_limiter_reset (KromoLimiter *limiter, guint rate);

/* Whether frames may pass as they are as long as none above 1 is met: the gain is and stays 1. */
gboolean kromo_limiter_is_idle (const KromoLimiter *limiter);

/* The gain of the next frame, @magnitude being that of the frame L later (0 past the end). */
double kromo_limiter_next (KromoLimiter *limiter, float magnitude);

/* Takes the magnitude of a frame that comes before L frames later than the first: call it for frames
 * 0..L-1 before the first kromo_limiter_next(). */
void kromo_limiter_look (KromoLimiter *limiter, float magnitude);

/* x * gain as a sample in [-1, 1] */
float kromo_limiter_apply (float x, double gain);

G_END_DECLS
