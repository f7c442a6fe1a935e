/* Value curves: the one kind of event whose values come from a signal (3-WEB-AUDIO 2.5).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "param.h"

G_BEGIN_DECLS

/* The curve's value at @time, also before its start (where the position counts as 0 with its fraction). */
float kromo_curve_value (
    const KromoEvent *event, const KromoBank *bank, const KromoArena *arena, double time);

/* Its values at @n <= KROMO_QUANTUM ascending times, none before its start. */
void kromo_curve_fill (const KromoEvent *event, const KromoBank *bank, const KromoArena *arena,
    const double *times, guint n, float *values);

/* Its values at the frames of a block that lies in it. Returns whether that could be done: neither in its last
 * block nor if it has more values than frames. */
gboolean kromo_curve_fill_block (const KromoEvent *event, const KromoBank *bank,
    const KromoArena *arena, KromoBlockTime *time, float *values);

G_END_DECLS
