/* The signals of a graph.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bank.h"

#include "fpmode.h"
#include "noise.h"

#include <math.h>
#include <string.h>

#define NO_BLOCK G_MAXUINT64

/* Signals that one program evaluates: the steady ones of a network and direction, or one random one. */
typedef struct {
  const KromoNetwork *network;
  gboolean reverse, random;
  GArray *signals; /* KromoSignal */
  KromoProgram *program;
  gsize tags;     /* scratch, steady only: which blocks are cached: guint64[2] */
  gsize cache;    /* scratch, steady only: float[2][n_signals][KROMO_QUANTUM] */
  gsize pointers; /* scratch: float *[n_signals] */
} Group;

typedef struct {
  KromoNoise noise;
  guint64 seed;
  gsize state;      /* NoiseRing */
  gboolean random;  /* white needs no table for it */
  float *table;     /* coloured and random: N samples */
  guint64 n_filled; /* of the table */
  KromoNoiseState fill_state;
} Noise;

typedef struct {
  guint64 next_block;
  KromoNoiseState filter;
  float values[2][KROMO_QUANTUM];
} NoiseRing;

struct _KromoBank {
  gatomicrefcount ref_count;
  KromoSpan span;
  GArray *groups; /* Group */
  GArray *noises; /* Noise */
  gsize program_scratch;
};

static void
group_clear (gpointer data)
{
  Group *group = data;

  g_array_unref (group->signals);
  g_clear_pointer (&group->program, kromo_program_unref);
}

static void
noise_clear (gpointer data)
{
  g_free (((Noise *) data)->table);
}

KromoBank *
kromo_bank_new (const KromoSpan *span)
{
  KromoBank *bank = g_new0 (KromoBank, 1);

  g_atomic_ref_count_init (&bank->ref_count);
  bank->span = *span;
  bank->groups = g_array_new (FALSE, TRUE, sizeof (Group));
  g_array_set_clear_func (bank->groups, group_clear);
  bank->noises = g_array_new (FALSE, TRUE, sizeof (Noise));
  g_array_set_clear_func (bank->noises, noise_clear);
  return bank;
}

KromoBank *
kromo_bank_ref (KromoBank *bank)
{
  g_atomic_ref_count_inc (&bank->ref_count);
  return bank;
}

void
kromo_bank_unref (KromoBank *bank)
{
  if (!g_atomic_ref_count_dec (&bank->ref_count))
    return;
  g_array_unref (bank->groups);
  g_array_unref (bank->noises);
  g_free (bank);
}

static gboolean
signal_equal (const KromoSignal *a, const KromoSignal *b)
{
  return a->output == b->output && memcmp (&a->frequency, &b->frequency, sizeof (double)) == 0;
}

static guint
find_group (KromoBank *bank, const KromoNetwork *network, const KromoSignal *signal,
    gboolean reverse, gboolean random)
{
  Group group = { network, reverse, random, NULL, NULL, 0, 0, 0 };

  for (guint i = 0; i < bank->groups->len; i++) {
    const Group *g = &g_array_index (bank->groups, Group, i);

    if (g->network == network && g->reverse == reverse && g->random == random
        && (!random || signal_equal (&g_array_index (g->signals, KromoSignal, 0), signal)))
      return i;
  }
  group.signals = g_array_new (FALSE, FALSE, sizeof (KromoSignal));
  g_array_append_val (bank->groups, group);
  return bank->groups->len - 1;
}

void
kromo_bank_add_signal (KromoBank *bank, const KromoNetwork *network, const KromoSignal *signal,
    gboolean reverse, gboolean random, KromoView *view)
{
  const guint source = find_group (bank, network, signal, reverse, random);
  GArray *signals = g_array_index (bank->groups, Group, source).signals;
  guint slot;

  for (slot = 0; slot < signals->len; slot++) {
    if (signal_equal (&g_array_index (signals, KromoSignal, slot), signal))
      break;
  }
  if (slot == signals->len)
    g_array_append_val (signals, *signal);
  memset (view, 0, sizeof *view);
  view->kind = random ? KROMO_VIEW_RANDOM : KROMO_VIEW_STEADY;
  view->source = source;
  view->slot = slot;
  view->n_values = bank->span.n_frames;
}

void
kromo_bank_add_noise (
    KromoBank *bank, KromoNoise noise, guint64 seed, gboolean random, KromoView *view)
{
  Noise n = { noise, seed, 0, random, NULL, 0, { { 0 }, 0 } };

  memset (view, 0, sizeof *view);
  view->kind = random ? KROMO_VIEW_NOISE_TABLE : KROMO_VIEW_NOISE;
  view->n_values = bank->span.n_frames;
  for (view->source = 0; view->source < bank->noises->len; view->source++) {
    const Noise *other = &g_array_index (bank->noises, Noise, view->source);

    if (other->noise == noise && other->seed == seed && other->random == random)
      return;
  }
  g_array_append_val (bank->noises, n);
}

void
kromo_view_init_memory (KromoView *view, const float *values, guint64 n_values)
{
  memset (view, 0, sizeof *view);
  view->kind = KROMO_VIEW_MEMORY;
  view->memory = values;
  view->n_values = n_values;
}

gboolean
kromo_bank_compile (KromoBank *bank, KromoLayout *layout, GError **error)
{
  gsize work = 0;

  for (guint i = 0; i < bank->groups->len; i++) {
    Group *g = &g_array_index (bank->groups, Group, i);
    const guint n = g->signals->len;

    g->program =
        kromo_program_new (g->network, &g_array_index (g->signals, KromoSignal, 0), n, &bank->span);
    g->network = NULL;
    if (g->program == NULL) {
      g_set_error (error, KROMO_ERROR, KROMO_ERROR_LIMIT,
          "the wave network is too large to be compiled for its %u signals", n);
      return FALSE;
    }
    work = MAX (work, kromo_program_get_scratch_size (g->program));
    g->pointers = kromo_layout_take (&layout->scratch, n * sizeof (float *));
    if (!g->random) {
      g->tags = kromo_layout_take (&layout->scratch, 2 * sizeof (guint64));
      g->cache =
          kromo_layout_take (&layout->scratch, (gsize) n * 2 * KROMO_QUANTUM * sizeof (float));
    }
  }
  for (guint i = 0; i < bank->noises->len; i++) {
    Noise *n = &g_array_index (bank->noises, Noise, i);

    if (!n->random)
      n->state = kromo_layout_take (&layout->state, sizeof (NoiseRing));
  }
  bank->program_scratch = kromo_layout_take (&layout->scratch, work);
  return TRUE;
}

static gboolean
needs_table (const Noise *n)
{
  return n->random && n->noise != KROMO_NOISE_WHITE;
}

gsize
kromo_bank_get_memory (const KromoBank *bank)
{
  gsize total = 0;

  for (guint i = 0; i < bank->groups->len; i++)
    total += kromo_program_get_memory (g_array_index (bank->groups, Group, i).program);
  for (guint i = 0; i < bank->noises->len; i++) {
    if (needs_table (&g_array_index (bank->noises, Noise, i)))
      total += bank->span.n_frames * sizeof (float);
  }
  return total;
}

gboolean
kromo_bank_fill_tables (KromoBank *bank, const gint *interrupt)
{
  for (guint i = 0; i < bank->noises->len; i++) {
    Noise *n = &g_array_index (bank->noises, Noise, i);

    if (!needs_table (n))
      continue;
    if (n->table == NULL)
      n->table = g_new (float, bank->span.n_frames);
    while (n->n_filled < bank->span.n_frames) {
      const guint count = MIN (bank->span.n_frames - n->n_filled, KROMO_QUANTUM);

      if (interrupt != NULL && g_atomic_int_get (interrupt))
        return FALSE;
      kromo_noise_fill (
          n->noise, n->seed, n->n_filled, &n->fill_state, count, n->table + n->n_filled);
      n->n_filled += count;
    }
  }
  return TRUE;
}

/* ---- reading ---- */

void
kromo_bank_invalidate (const KromoBank *bank, const KromoArena *arena)
{
  for (guint i = 0; i < bank->groups->len; i++) {
    const Group *g = &g_array_index (bank->groups, Group, i);

    if (!g->random) {
      guint64 *tags = kromo_arena_scratch (arena, g->tags);
      tags[0] = tags[1] = NO_BLOCK;
    }
  }
}

void
kromo_bank_reset (const KromoBank *bank, const KromoArena *arena)
{
  kromo_bank_invalidate (bank, arena);
  for (guint i = 0; i < bank->noises->len; i++) {
    const Noise *n = &g_array_index (bank->noises, Noise, i);

    if (!n->random)
      memset (kromo_arena_state (arena, n->state), 0, sizeof (NoiseRing));
  }
}

static double
frame_of (const KromoBank *bank, const Group *g, guint64 index)
{
  const guint64 last = bank->span.n_frames - 1;

  index = MIN (index, last);
  return (double) (g->reverse ? last - index : index);
}

/* The cached block, evaluated first if need be. Needs the default floating-point mode. */
static const float *
group_block (const KromoBank *bank, const Group *g, const KromoArena *arena, guint64 block)
{
  const guint n = g->signals->len;
  guint64 *tags = kromo_arena_scratch (arena, g->tags);
  float *cache =
      (float *) kromo_arena_scratch (arena, g->cache) + (block & 1) * (gsize) n * KROMO_QUANTUM;

  if (tags[block & 1] != block) {
    float **pointers = kromo_arena_scratch (arena, g->pointers);
    double frames[KROMO_QUANTUM];

    for (guint i = 0; i < KROMO_QUANTUM; i++)
      frames[i] = frame_of (bank, g, block * KROMO_QUANTUM + i);
    for (guint s = 0; s < n; s++)
      pointers[s] = cache + (gsize) s * KROMO_QUANTUM;
    kromo_program_eval (g->program, kromo_arena_scratch (arena, bank->program_scratch), frames,
        KROMO_QUANTUM, pointers);
    tags[block & 1] = block;
  }
  return cache;
}

void
kromo_bank_evaluate (const KromoBank *bank, const KromoArena *arena, guint64 block)
{
  for (guint i = 0; i < bank->groups->len; i++) {
    const Group *g = &g_array_index (bank->groups, Group, i);

    if (!g->random)
      group_block (bank, g, arena, block);
  }
  for (guint i = 0; i < bank->noises->len; i++) {
    const Noise *n = &g_array_index (bank->noises, Noise, i);
    NoiseRing *ring;

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

static void
map_values (const KromoMap *map, float *values, guint n)
{
  if (map->has_range) {
    for (guint i = 0; i < n; i++)
      values[i] = (float) ((values[i] + 1.0) / 2.0 * (map->b - map->a) + map->a);
  }
  if (map->n_waves > 0) {
    const double w = 2.0 / map->n_waves, j = map->wave;
    const double middle = j * w - 1.0 + w / 2.0;
    const double start = j * w - 1.0 - (map->wave > 0 ? w / 2.0 : 0.0);
    const double end = (j + 1.0) * w - 1.0 + (map->wave + 1 < map->n_waves ? w / 2.0 : 0.0);

    for (guint i = 0; i < n; i++) {
      const double s = values[i];
      const float g = (float) (start < s && s < end ? 1.0 - fabs (middle - s) / w : 0.0);

      values[i] = map->idle_at_zero ? g : (float) ((g + 1.0) / 2.0);
    }
  }
}

static void
steady_read (const KromoView *view, const KromoBank *bank, const KromoArena *arena, guint64 start,
    guint n, float *values)
{
  const Group *g = &g_array_index (bank->groups, Group, view->source);

  while (n > 0) {
    const guint offset = start % KROMO_QUANTUM;
    const guint count = MIN (n, KROMO_QUANTUM - offset);
    const float *block = group_block (bank, g, arena, start / KROMO_QUANTUM);

    memcpy (values, block + (gsize) view->slot * KROMO_QUANTUM + offset, count * sizeof (float));
    values += count;
    start += count;
    n -= count;
  }
}

static void
noise_read (const KromoView *view, const KromoBank *bank, const KromoArena *arena, guint64 start,
    guint n, float *values)
{
  const Noise *noise = &g_array_index (bank->noises, Noise, view->source);
  const NoiseRing *ring = kromo_arena_state (arena, noise->state);

  for (guint i = 0; i < n; i++) {
    const guint64 k = MIN (start + i, view->n_values - 1);

    values[i] = ring->values[k / KROMO_QUANTUM & 1][k % KROMO_QUANTUM];
  }
}

static void
random_read (const KromoView *view, const KromoBank *bank, const KromoArena *arena,
    const guint64 *indices, guint n, float *values)
{
  const Group *g = &g_array_index (bank->groups, Group, view->source);
  double frames[KROMO_QUANTUM];

  for (guint i = 0; i < n; i++)
    frames[i] = frame_of (bank, g, indices[i]);
  kromo_program_eval (
      g->program, kromo_arena_scratch (arena, bank->program_scratch), frames, n, &values);
}

static float
table_value (const Noise *noise, guint64 index)
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
  const KromoFpMode mode = kromo_fp_get_mode ();

  g_assert (n <= KROMO_QUANTUM);
  kromo_fp_set_mode (kromo_fp_not_flushing (mode));
  switch (view->kind) {
  case KROMO_VIEW_RANDOM:
    random_read (view, bank, arena, indices, n, values);
    break;
  case KROMO_VIEW_NOISE_TABLE:
    for (guint i = 0; i < n; i++)
      values[i] = table_value (&g_array_index (bank->noises, Noise, view->source), indices[i]);
    break;
  case KROMO_VIEW_MEMORY:
    for (guint i = 0; i < n; i++)
      values[i] = view->memory[indices[i]];
    break;
  default:
    g_assert_not_reached ();
  }
  map_values (&view->map, values, n);
  kromo_fp_set_mode (mode);
}

void
kromo_view_read (const KromoView *view, const KromoBank *bank, const KromoArena *arena,
    guint64 start, guint n, float *values)
{
  KromoFpMode mode;

  if (!kromo_view_is_steady (view)) {
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
  mode = kromo_fp_get_mode ();
  kromo_fp_set_mode (kromo_fp_not_flushing (mode));
  if (view->kind == KROMO_VIEW_STEADY)
    steady_read (view, bank, arena, start, n, values);
  else
    noise_read (view, bank, arena, start, n, values);
  map_values (&view->map, values, n);
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
  KromoArena arena;
};

KromoScan *
kromo_scan_new (const KromoBank *bank, const KromoView *view)
{
  KromoScan *scan = g_new0 (KromoScan, 1);

  g_assert (view->kind != KROMO_VIEW_STEADY);
  scan->bank = bank;
  scan->view = *view;
  if (view->kind == KROMO_VIEW_RANDOM) {
    const Group *g = &g_array_index (bank->groups, Group, view->source);

    /* an arena of nothing but the programs' work space, which lies at its end */
    scan->arena.scratch = g_aligned_alloc0 (1,
        bank->program_scratch + kromo_program_get_scratch_size (g->program) + KROMO_ALIGNMENT,
        KROMO_ALIGNMENT);
  }
  return scan;
}

void
kromo_scan_free (KromoScan *scan)
{
  if (scan->arena.scratch != NULL)
    g_aligned_free (scan->arena.scratch);
  g_free (scan);
}

guint
kromo_scan_next (KromoScan *scan, float *values)
{
  const KromoView *view = &scan->view;
  const guint n = MIN (view->n_values - scan->next, KROMO_QUANTUM);

  if (n == 0)
    return 0;
  if (view->kind == KROMO_VIEW_NOISE || view->kind == KROMO_VIEW_NOISE_TABLE) {
    const Noise *noise = &g_array_index (scan->bank->noises, Noise, view->source);

    kromo_noise_fill (noise->noise, noise->seed, scan->next, &scan->noise_state, n, values);
    map_values (&view->map, values, n);
  } else {
    kromo_view_read (view, scan->bank, &scan->arena, scan->next, n, values);
  }
  scan->next += n;
  return n;
}
