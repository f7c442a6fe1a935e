/* Decimation by two: a half-band filter.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A signal known at every half frame becomes one at every frame, without what the frame rate cannot
 * carry. The filter is symmetric about its sample, so that it delays nothing. With fs frames per second
 * it passes what lies below 0.46 fs within 0.1 dB (22 kHz at 48 kHz), and of what lies above
 * 0.552 fs (26.5 kHz) it leaves at most -100 dB; half-way, at fs / 2, it leaves -6 dB.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Samples at half frames that count on either side: those at -REACH + 1/2, ... REACH - 1/2. */
#define KROMO_HALFBAND_REACH 32

/* Of samples at half frames that @n frames in a row need. */
#define KROMO_HALFBAND_SPAN(n) ((n) + 2 * KROMO_HALFBAND_REACH - 1)

/* The taps at 1/2, 3/2, ... frames from the sample, on either side. That at the sample itself is 1/2, and all
 * others at whole frames are 0. */
extern const double kromo_halfband_taps[KROMO_HALFBAND_REACH];

/**
 * kromo_halfband_decimate:
 * @halves: (array length=KROMO_HALFBAND_SPAN (n)): the samples at half frames, the first one at
 *   -KROMO_HALFBAND_REACH + 1/2
 * @values: (array length=n) (inout): the samples at the frames 0, 1, ... n - 1, and what becomes of them
 *
 * The sums are in double precision and in an order that does not depend on the place in the arrays, nor
 * on the direction of time.
 */
void kromo_halfband_decimate (const float *halves, guint n, float *values);

G_END_DECLS
