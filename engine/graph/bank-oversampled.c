/* Oversampled signals: evaluated at every half frame, and decimated.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Half frame p is the one at p + 1/2. Steady readers need those around a block of frames: half-block q is
 * the half frames 128 q - 96 to 128 q + 31, and block b needs half-blocks b and b + 1, of which the
 * first one is cached from the block before.
 */
#include "bank-private.h"
#include "halfband.h"

#include <string.h>

#define LEAD (KROMO_QUANTUM - KROMO_HALFBAND_REACH) /* of a half-block, before its block */
#define REACH KROMO_HALFBAND_REACH

G_STATIC_ASSERT (KROMO_HALFBAND_REACH <= KROMO_QUANTUM);

/* The frame of a group's signals at @index, which may lie before or after the sound. */
static double
frame_at (const KromoBank *bank, const KromoBankGroup *g, double index)
{
  return g->reverse ? (double) (bank->span.n_frames - 1) - index : index;
}

static void
evaluate (const KromoBank *bank, const KromoBankGroup *g, const KromoArena *arena, double first,
    float *values)
{
  float **pointers = kromo_arena_scratch (arena, g->pointers);
  double frames[KROMO_QUANTUM];

  for (guint i = 0; i < KROMO_QUANTUM; i++)
    frames[i] = frame_at (bank, g, first + i);
  for (guint s = 0; s < g->signals->len; s++)
    pointers[s] = values + (gsize) s * KROMO_QUANTUM;
  kromo_program_eval (g->program, kromo_arena_scratch (arena, bank->program_scratch), frames,
      KROMO_QUANTUM, pointers);
}

static const float *
get_half_block (
    const KromoBank *bank, const KromoBankGroup *g, const KromoArena *arena, guint64 block)
{
  KromoBankCache *cache = kromo_arena_scratch (arena, g->half_cache);
  float *halves = (float *) kromo_arena_scratch (arena, g->halves)
      + (block & 1) * (gsize) g->signals->len * KROMO_QUANTUM;

  if (cache->blocks[block & 1] != block) {
    evaluate (bank, g, arena, (double) block * KROMO_QUANTUM - LEAD + 0.5, halves);
    cache->blocks[block & 1] = block;
    cache->values[block & 1] = halves;
  }
  return halves;
}

void
kromo_bank_fill_oversampled (const KromoBank *bank, const KromoBankGroup *g,
    const KromoArena *arena, guint64 block, float *values)
{
  const float *before = get_half_block (bank, g, arena, block);
  const float *after = get_half_block (bank, g, arena, block + 1);

  evaluate (bank, g, arena, (double) block * KROMO_QUANTUM, values);
  for (guint s = 0; s < g->signals->len; s++) {
    const gsize signal = (gsize) s * KROMO_QUANTUM;
    float halves[2 * REACH + KROMO_QUANTUM];

    memcpy (halves, before + signal + KROMO_QUANTUM - 2 * REACH, 2 * REACH * sizeof (float));
    memcpy (halves + 2 * REACH, after + signal, KROMO_QUANTUM * sizeof (float));
    kromo_halfband_decimate (halves, KROMO_QUANTUM, values + signal);
  }
}

/* ---- any index ---- */

/* Frames that are decimated together have no more than this between the first and the last. */
#define MAX_DISTANCE 384

/* How many of the next indices to decimate together: as long as one more does not ask for more half frames
 * than it would alone. */
static guint
count_near (const guint64 *indices, guint n, guint64 *first, guint64 *last)
{
  guint count;

  *first = *last = indices[0];
  for (count = 1; count < n; count++) {
    const guint64 a = MIN (*first, indices[count]), b = MAX (*last, indices[count]);

    if (b - a > MAX_DISTANCE || b - a > *last - *first + 2 * REACH)
      break;
    *first = a;
    *last = b;
  }
  return count;
}

static void
gather_near (const KromoBank *bank, const KromoBankGroup *g, gpointer work, const guint64 *indices,
    guint n, guint64 first, guint64 last, float *values)
{
  const guint n_halves = KROMO_HALFBAND_SPAN ((guint) (last - first) + 1);
  float halves[KROMO_HALFBAND_SPAN (MAX_DISTANCE + 1)];
  double frames[KROMO_QUANTUM];

  for (guint start = 0; start < n_halves; start += KROMO_QUANTUM) {
    const guint count = MIN (n_halves - start, KROMO_QUANTUM);
    float *part = halves + start;

    for (guint i = 0; i < count; i++)
      frames[i] = frame_at (bank, g, (double) first - REACH + (start + i) + 0.5);
    kromo_program_eval (g->program, work, frames, count, &part);
  }
  for (guint i = 0; i < n; i++)
    frames[i] = frame_at (bank, g, (double) indices[i]);
  kromo_program_eval (g->program, work, frames, n, &values);
  for (guint i = 0; i < n; i++)
    kromo_halfband_decimate (halves + (indices[i] - first), 1, values + i);
}

void
kromo_bank_gather_oversampled (const KromoBank *bank, const KromoBankGroup *g,
    const KromoArena *arena, const guint64 *indices, guint n, float *values)
{
  gpointer work = kromo_arena_scratch (arena, bank->program_scratch);

  while (n > 0) {
    guint64 first, last;
    const guint count = count_near (indices, n, &first, &last);

    gather_near (bank, g, work, indices, count, first, last, values);
    indices += count;
    values += count;
    n -= count;
  }
}
