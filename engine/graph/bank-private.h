/* What the files of the bank share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bank.h"
#include "noise.h"

G_BEGIN_DECLS

/* Signals that one program evaluates: the steady ones of a network and direction, or one random one. */
typedef struct {
  const KromoNetwork *network;
  gboolean reverse, random, oversampled;
  GArray *signals; /* KromoSignal */
  KromoProgram *program;
  gsize pointers;           /* scratch: float *[n_signals] */
  gsize cache;              /* scratch, steady only: KromoBankCache ... */
  gsize values;             /* ... and its own memory: float[2][n_signals][KROMO_QUANTUM] */
  gsize half_cache, halves; /* scratch, steady and oversampled only: as above, of half-blocks */
  gsize place;              /* steady only: of its values in a block of all steady signals */
} KromoBankGroup;

/* A group's values in an even and an odd block. */
typedef struct {
  guint64 blocks[2]; /* which ones */
  const float *values[2];
} KromoBankCache;

#define KROMO_NO_BLOCK G_MAXUINT64

typedef struct {
  KromoNoise noise;
  guint64 seed;
  gsize state;      /* KromoBankRing */
  gboolean random;  /* white needs no table for it */
  float *table;     /* coloured and random: N samples */
  guint64 n_filled; /* of the table */
  KromoNoiseState fill_state;
} KromoBankNoise;

typedef struct {
  guint64 next_block;
  KromoNoiseState filter;
  float values[2][KROMO_QUANTUM];
} KromoBankRing;

struct _KromoBank {
  gatomicrefcount ref_count;
  KromoSpan span;
  GArray *groups; /* KromoBankGroup */
  GArray *noises; /* KromoBankNoise */
  gsize program_scratch;
  gsize scratch_end;
  gsize block_length; /* floats of a block of all steady signals */
  gboolean has_key;
  KromoScanKey key;
};

/* The frame that is sample @index of a group's signals. */
static inline double
kromo_bank_get_frame (const KromoBank *bank, const KromoBankGroup *g, guint64 index)
{
  const guint64 last = bank->span.n_frames - 1;

  index = MIN (index, last);
  return (double) (g->reverse ? last - index : index);
}

/* The values of all of a steady group's signals in a block, evaluated first if they are not cached. Needs the
 * default floating-point mode. */
const float *kromo_bank_get_block (
    const KromoBank *bank, const KromoBankGroup *g, const KromoArena *arena, guint64 block);

/* ---- bank-oversampled.c ---- */

/* The values of all of a steady group's signals in a block, float[n_signals][KROMO_QUANTUM]. */
void kromo_bank_fill_oversampled (const KromoBank *bank, const KromoBankGroup *g,
    const KromoArena *arena, guint64 block, float *values);

/* Those of a random group's signal at any @n <= KROMO_QUANTUM indices. */
void kromo_bank_gather_oversampled (const KromoBank *bank, const KromoBankGroup *g,
    const KromoArena *arena, const guint64 *indices, guint n, float *values);

G_END_DECLS
