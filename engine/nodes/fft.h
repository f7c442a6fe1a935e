/* Real FFTs for the nodes: kissfft in memory of the arena.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A kissfft plan has work space inside, so that each renderer needs its own; it lies in scratch
 * memory and is made anew whenever the node is reset.
 */
#pragma once

#include "../graph/arena.h"

#include <kissfft/kiss_fftr.h>

G_BEGIN_DECLS

static inline gsize
kromo_fft_size (guint n)
{
  gsize size = 0;

  kiss_fftr_alloc ((int) n, 0, NULL, &size);
  return size;
}

static inline void
kromo_fft_init (gpointer memory, guint n, gboolean inverse)
{
  gsize size = kromo_fft_size (n);
  kiss_fftr_cfg plan = kiss_fftr_alloc ((int) n, inverse, memory, &size);

  g_assert (plan == memory);
}

G_END_DECLS
