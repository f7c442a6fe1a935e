/* The signals of a graph: their values, block by block.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bank-private.h"

#include <string.h>

static void
forget (const KromoArena *arena, gsize offset)
{
  KromoBankCache *cache = kromo_arena_scratch (arena, offset);

  cache->blocks[0] = cache->blocks[1] = KROMO_NO_BLOCK;
}

void
kromo_bank_invalidate (const KromoBank *bank, const KromoArena *arena)
{
  for (guint i = 0; i < bank->groups->len; i++) {
    const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, i);

    if (!g->random)
      forget (arena, g->cache);
    if (!g->random && g->oversampled)
      forget (arena, g->half_cache);
  }
}

void
kromo_bank_reset (const KromoBank *bank, const KromoArena *arena)
{
  kromo_bank_invalidate (bank, arena);
  for (guint i = 0; i < bank->noises->len; i++) {
    const KromoBankNoise *n = &g_array_index (bank->noises, KromoBankNoise, i);

    if (!n->random)
      memset (kromo_arena_state (arena, n->state), 0, sizeof (KromoBankRing));
  }
}

static void
fill_group (const KromoBank *bank, const KromoBankGroup *g, const KromoArena *arena, guint64 block,
    float *values)
{
  float **pointers = kromo_arena_scratch (arena, g->pointers);
  double frames[KROMO_QUANTUM];

  if (g->oversampled) {
    kromo_bank_fill_oversampled (bank, g, arena, block, values);
    return;
  }
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    frames[i] = kromo_bank_get_frame (bank, g, block * KROMO_QUANTUM + i);
  for (guint s = 0; s < g->signals->len; s++)
    pointers[s] = values + (gsize) s * KROMO_QUANTUM;
  kromo_program_eval (g->program, kromo_arena_scratch (arena, bank->program_scratch), frames,
      KROMO_QUANTUM, pointers);
}

const float *
kromo_bank_get_block (
    const KromoBank *bank, const KromoBankGroup *g, const KromoArena *arena, guint64 block)
{
  KromoBankCache *cache = kromo_arena_scratch (arena, g->cache);
  const guint parity = block & 1;

  if (cache->blocks[parity] != block) {
    float *values = (float *) kromo_arena_scratch (arena, g->values)
        + parity * (gsize) g->signals->len * KROMO_QUANTUM;

    fill_group (bank, g, arena, block, values);
    cache->values[parity] = values;
    cache->blocks[parity] = block;
  }
  return cache->values[parity];
}

void
kromo_bank_evaluate (const KromoBank *bank, const KromoArena *arena, guint64 block)
{
  for (guint i = 0; i < bank->groups->len; i++) {
    const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, i);

    if (!g->random)
      kromo_bank_get_block (bank, g, arena, block);
  }
  for (guint i = 0; i < bank->noises->len; i++) {
    const KromoBankNoise *n = &g_array_index (bank->noises, KromoBankNoise, i);
    KromoBankRing *ring;

    if (n->random)
      continue;
    ring = kromo_arena_state (arena, n->state);
    if (ring->next_block == block) {
      kromo_noise_fill (n->noise, n->seed, block * KROMO_QUANTUM, &ring->filter, KROMO_QUANTUM,
          ring->values[block & 1]);
      ring->next_block++;
    }
  }
}

/* ---- apart from a renderer ---- */

void
kromo_bank_get_steady (const KromoBank *bank, KromoSteady *steady)
{
  *steady = (KromoSteady){ .scratch_size = bank->scratch_end, .block_length = bank->block_length };
  for (guint i = 0; i < bank->groups->len; i++) {
    const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, i);
    const guint times = g->oversampled ? 2 : 1;
    guint n_activations, n_multiply_adds;

    if (g->random)
      continue;
    kromo_program_count (g->program, &n_activations, &n_multiply_adds);
    steady->n_activations += (guint64) times * n_activations;
    steady->n_multiply_adds += (guint64) times * n_multiply_adds;
    steady->oversampled |= g->oversampled;
  }
}

void
kromo_bank_fill (const KromoBank *bank, const KromoArena *arena, guint64 block, float *values)
{
  for (guint i = 0; i < bank->groups->len; i++) {
    const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, i);

    if (!g->random)
      fill_group (bank, g, arena, block, values + g->place);
  }
}

void
kromo_bank_lend (const KromoBank *bank, const KromoArena *arena, guint64 block, const float *values)
{
  for (guint i = 0; i < bank->groups->len; i++) {
    const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, i);
    KromoBankCache *cache;

    if (g->random)
      continue;
    cache = kromo_arena_scratch (arena, g->cache);
    cache->values[block & 1] = values + g->place;
    cache->blocks[block & 1] = block;
  }
}
