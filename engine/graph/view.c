/* Views: how the nodes read signals.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "../math/fpmode.h"
#include "../ops/ops.h"
#include "bank-private.h"

#include <string.h>

/* @values may be @samples. */
static void
map_values (const KromoMap *map, float *values, const float *samples, guint n)
{
  const KromoCurveOps *ops = kromo_ops_get ()->curves;

  if (map->has_range)
    ops->map_range (values, samples, n, map->a, map->b - map->a);
  else if (values != samples && map->n_waves == 0)
    memcpy (values, samples, n * sizeof (float));
  if (map->n_waves > 0) {
    const double w = 2.0 / map->n_waves, j = map->wave;
    const KromoWaveWindow window = {
      .start = j * w - 1.0 - (map->wave > 0 ? w / 2.0 : 0.0),
      .end = (j + 1.0) * w - 1.0 + (map->wave + 1 < map->n_waves ? w / 2.0 : 0.0),
      .middle = j * w - 1.0 + w / 2.0,
      .width = w,
      .idle_at_zero = map->idle_at_zero,
    };

    ops->map_wave (values, map->has_range ? values : samples, n, &window);
  }
}

static void
steady_read (const KromoView *view, const KromoBank *bank, const KromoArena *arena, guint64 start,
    guint n, float *values)
{
  const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, view->source);

  while (n > 0) {
    const guint offset = start % KROMO_QUANTUM;
    const guint count = MIN (n, KROMO_QUANTUM - offset);
    const float *block = kromo_bank_get_block (bank, g, arena, start / KROMO_QUANTUM);

    map_values (&view->map, values, block + (gsize) view->slot * KROMO_QUANTUM + offset, count);
    values += count;
    start += count;
    n -= count;
  }
}

static void
noise_read (const KromoView *view, const KromoBank *bank, const KromoArena *arena, guint64 start,
    guint n, float *values)
{
  const KromoBankNoise *noise = &g_array_index (bank->noises, KromoBankNoise, view->source);
  const KromoBankRing *ring = kromo_arena_state (arena, noise->state);

  for (guint i = 0; i < n; i++) {
    const guint64 k = MIN (start + i, view->n_values - 1);

    values[i] = ring->values[k / KROMO_QUANTUM & 1][k % KROMO_QUANTUM];
  }
  map_values (&view->map, values, values, n);
}

static void
random_read (const KromoView *view, const KromoBank *bank, const KromoArena *arena,
    const guint64 *indices, guint n, float *values)
{
  const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, view->source);
  double frames[KROMO_QUANTUM];

  if (g->oversampled) {
    kromo_bank_gather_oversampled (bank, g, arena, indices, n, values);
    return;
  }
  for (guint i = 0; i < n; i++)
    frames[i] = kromo_bank_get_frame (bank, g, indices[i]);
  kromo_program_eval (
      g->program, kromo_arena_scratch (arena, bank->program_scratch), frames, n, &values);
}

static float
table_value (const KromoBankNoise *noise, guint64 index)
{
  float value;

  if (noise->table != NULL)
    return noise->table[index];
  kromo_noise_fill (KROMO_NOISE_WHITE, noise->seed, index, NULL, 1, &value);
  return value;
}

void
kromo_view_gather (const KromoView *view, const KromoBank *bank, const KromoArena *arena,
    const guint64 *indices, guint n, float *values)
{
  const KromoFpMode mode = kromo_fp_begin (KROMO_FP_USUAL);

  g_assert (n <= KROMO_QUANTUM);
  switch (view->kind) {
  case KROMO_VIEW_RANDOM:
    random_read (view, bank, arena, indices, n, values);
    break;
  case KROMO_VIEW_NOISE_TABLE:
    for (guint i = 0; i < n; i++)
      values[i] =
          table_value (&g_array_index (bank->noises, KromoBankNoise, view->source), indices[i]);
    break;
  case KROMO_VIEW_MEMORY:
    for (guint i = 0; i < n; i++)
      values[i] = view->memory[indices[i]];
    break;
  default:
    g_assert_not_reached ();
  }
  map_values (&view->map, values, values, n);
  kromo_fp_set_mode (mode);
}

/* Past the end the last value goes on. */
static void
memory_read (const KromoView *view, guint64 start, guint n, float *values)
{
  const guint count = start < view->n_values ? (guint) MIN (view->n_values - start, n) : 0;

  if (count > 0)
    map_values (&view->map, values, view->memory + start, count);
  if (count < n)
    map_values (&view->map, values + count, view->memory + view->n_values - 1, 1);
  for (guint i = count + 1; i < n; i++)
    values[i] = values[count];
}

const float *
kromo_view_peek (
    const KromoView *view, const KromoBank *bank, const KromoArena *arena, guint64 start)
{
  if (view->map.has_range || view->map.n_waves > 0 || view->n_values < KROMO_QUANTUM
      || start > view->n_values - KROMO_QUANTUM)
    return NULL;
  if (view->kind == KROMO_VIEW_MEMORY)
    return view->memory + start;
  if (view->kind == KROMO_VIEW_STEADY && start % KROMO_QUANTUM == 0) {
    const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, view->source);
    const KromoFpMode mode = kromo_fp_begin (KROMO_FP_USUAL);
    const float *block = kromo_bank_get_block (bank, g, arena, start / KROMO_QUANTUM);

    kromo_fp_set_mode (mode);
    return block + (gsize) view->slot * KROMO_QUANTUM;
  }
  return NULL;
}

void
kromo_view_read (const KromoView *view, const KromoBank *bank, const KromoArena *arena,
    guint64 start, guint n, float *values)
{
  KromoFpMode mode;

  if (!kromo_view_is_steady (view) && view->kind != KROMO_VIEW_MEMORY) {
    while (n > 0) {
      const guint count = MIN (n, KROMO_QUANTUM);
      guint64 indices[KROMO_QUANTUM];

      for (guint i = 0; i < count; i++)
        indices[i] = MIN (start + i, view->n_values - 1);
      kromo_view_gather (view, bank, arena, indices, count, values);
      values += count;
      start += count;
      n -= count;
    }
    return;
  }
  mode = kromo_fp_begin (KROMO_FP_USUAL);
  if (view->kind == KROMO_VIEW_MEMORY)
    memory_read (view, start, n, values);
  else if (view->kind == KROMO_VIEW_STEADY)
    steady_read (view, bank, arena, start, n, values);
  else
    noise_read (view, bank, arena, start, n, values);
  kromo_fp_set_mode (mode);
}

gboolean
kromo_view_is_steady (const KromoView *view)
{
  return view->kind == KROMO_VIEW_STEADY || view->kind == KROMO_VIEW_NOISE;
}

/* ---- scans ---- */

struct _KromoScan {
  const KromoBank *bank;
  KromoView view;
  guint64 next;
  KromoNoiseState noise_state;
};

KromoScan *
kromo_scan_new (const KromoBank *bank, const KromoView *view)
{
  KromoScan *scan = g_new0 (KromoScan, 1);

  g_assert (view->kind != KROMO_VIEW_STEADY);
  scan->bank = bank;
  scan->view = *view;
  return scan;
}

void
kromo_scan_free (KromoScan *scan)
{
  g_free (scan);
}

guint
kromo_scan_next (KromoScan *scan, const KromoArena *arena, float *values)
{
  const KromoView *view = &scan->view;
  const guint n = MIN (view->n_values - scan->next, KROMO_QUANTUM);

  if (n == 0)
    return 0;
  if (view->kind == KROMO_VIEW_NOISE || view->kind == KROMO_VIEW_NOISE_TABLE) {
    const KromoBankNoise *noise = &g_array_index (scan->bank->noises, KromoBankNoise, view->source);

    kromo_noise_fill (noise->noise, noise->seed, scan->next, &scan->noise_state, n, values);
    map_values (&view->map, values, values, n);
  } else {
    kromo_view_read (view, scan->bank, arena, scan->next, n, values);
  }
  scan->next += n;
  return n;
}
