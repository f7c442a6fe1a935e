/* One block of memory for everything that changes while a renderer renders.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Its layout is planned once, as offsets into two parts. State holds no pointers, so that a checkpoint
 * is a copy of it. Scratch is caches and work space, whose contents may be lost between two quanta.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define KROMO_ALIGNMENT 64

/* What no layout exceeds: where more is asked for, it is just as much, and no memory can be had for it. */
#define KROMO_LAYOUT_MAX (G_MAXSIZE / 4 & ~(gsize) (KROMO_ALIGNMENT - 1))

typedef struct {
  gsize state;   /* bytes, a multiple of KROMO_ALIGNMENT */
  gsize scratch; /* likewise */
} KromoLayout;

typedef struct {
  guint8 *state;
  guint8 *scratch;
} KromoArena;

static inline gsize
kromo_align (gsize size)
{
  return (size + KROMO_ALIGNMENT - 1) & ~(gsize) (KROMO_ALIGNMENT - 1);
}

static inline gsize
kromo_layout_take (gsize *part, gsize size)
{
  const gsize offset = *part;

  if (size > KROMO_LAYOUT_MAX - offset)
    *part = KROMO_LAYOUT_MAX;
  else
    *part += kromo_align (size);
  return offset;
}

static inline gpointer
kromo_arena_state (const KromoArena *arena, gsize offset)
{
  return __builtin_assume_aligned (arena->state + offset, KROMO_ALIGNMENT);
}

static inline gpointer
kromo_arena_scratch (const KromoArena *arena, gsize offset)
{
  return __builtin_assume_aligned (arena->scratch + offset, KROMO_ALIGNMENT);
}

G_END_DECLS
