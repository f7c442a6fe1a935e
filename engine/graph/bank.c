/* The signals of a graph: programs, caches, noise.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bank-private.h"

#include "../genome/hash.h"

#include <string.h>

static void
group_clear (gpointer data)
{
  KromoBankGroup *group = data;

  g_array_unref (group->signals);
  g_clear_pointer (&group->program, kromo_program_unref);
}

static void
noise_clear (gpointer data)
{
  g_free (((KromoBankNoise *) data)->table);
}

KromoBank *
kromo_bank_new (const KromoSpan *span)
{
  KromoBank *bank = g_new0 (KromoBank, 1);

  g_atomic_ref_count_init (&bank->ref_count);
  bank->span = *span;
  bank->groups = g_array_new (FALSE, TRUE, sizeof (KromoBankGroup));
  g_array_set_clear_func (bank->groups, group_clear);
  bank->noises = g_array_new (FALSE, TRUE, sizeof (KromoBankNoise));
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
    gboolean reverse, gboolean random, gboolean oversampled)
{
  KromoBankGroup group = { network, reverse, random, oversampled };

  for (guint i = 0; i < bank->groups->len; i++) {
    const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, i);

    if (g->network == network && g->reverse == reverse && g->random == random
        && g->oversampled == oversampled
        && (!random || signal_equal (&g_array_index (g->signals, KromoSignal, 0), signal)))
      return i;
  }
  group.signals = g_array_new (FALSE, FALSE, sizeof (KromoSignal));
  g_array_append_val (bank->groups, group);
  return bank->groups->len - 1;
}

static void
add_signal (KromoBank *bank, const KromoNetwork *network, const KromoSignal *signal,
    gboolean reverse, gboolean random, gboolean oversampled, KromoView *view)
{
  const guint source = find_group (bank, network, signal, reverse, random, oversampled);
  GArray *signals = g_array_index (bank->groups, KromoBankGroup, source).signals;
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
kromo_bank_add_signal (KromoBank *bank, const KromoNetwork *network, const KromoSignal *signal,
    gboolean reverse, gboolean random, KromoView *view)
{
  add_signal (bank, network, signal, reverse, random, FALSE, view);
}

void
kromo_bank_add_oversampled (KromoBank *bank, const KromoNetwork *network, const KromoSignal *signal,
    gboolean reverse, gboolean random, KromoView *view)
{
  add_signal (bank, network, signal, reverse, random, TRUE, view);
}

void
kromo_bank_add_noise (
    KromoBank *bank, KromoNoise noise, guint64 seed, gboolean random, KromoView *view)
{
  KromoBankNoise n = { noise, seed, 0, random, NULL, 0, { { 0 }, 0 } };

  memset (view, 0, sizeof *view);
  view->kind = random ? KROMO_VIEW_NOISE_TABLE : KROMO_VIEW_NOISE;
  view->n_values = bank->span.n_frames;
  for (view->source = 0; view->source < bank->noises->len; view->source++) {
    const KromoBankNoise *other = &g_array_index (bank->noises, KromoBankNoise, view->source);

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

static void
take_cache (KromoLayout *layout, guint n_signals, gsize *cache, gsize *values)
{
  *cache = kromo_layout_take (&layout->scratch, sizeof (KromoBankCache));
  *values =
      kromo_layout_take (&layout->scratch, (gsize) n_signals * 2 * KROMO_QUANTUM * sizeof (float));
}

/* Nodes and connections to be looked at, for each signal anew: it bounds the time that compiling takes, and the size of
 * the programs. A network of 300 nodes may have thousands of signals. */
#define MAX_COMPILED (1 << 22)

static gboolean
check_size (const KromoBank *bank, GError **error)
{
  guint64 size = 0;
  guint n_signals = 0;

  for (guint i = 0; i < bank->groups->len; i++) {
    const KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, i);

    n_signals += g->signals->len;
    size += g->signals->len * ((guint64) g->network->n_nodes + g->network->n_connections);
  }
  if (size <= MAX_COMPILED)
    return TRUE;
  g_set_error (error, KROMO_ERROR, KROMO_ERROR_LIMIT,
      "the wave network is too large for its %u signals: together they are %" G_GUINT64_FORMAT
      " nodes and connections to compile, more than %d",
      n_signals, size, MAX_COMPILED);
  return FALSE;
}

gboolean
kromo_bank_compile (KromoBank *bank, KromoLayout *layout, GError **error)
{
  gsize work = 0;

  if (!check_size (bank, error))
    return FALSE;
  for (guint i = 0; i < bank->groups->len; i++) {
    KromoBankGroup *g = &g_array_index (bank->groups, KromoBankGroup, i);
    const guint n = g->signals->len;

    g->program =
        kromo_program_new (g->network, &g_array_index (g->signals, KromoSignal, 0), n, &bank->span);
    g->network = NULL;
    work = MAX (work, kromo_program_get_scratch_size (g->program));
    g->pointers = kromo_layout_take (&layout->scratch, n * sizeof (float *));
    if (g->random)
      continue;
    take_cache (layout, n, &g->cache, &g->values);
    if (g->oversampled)
      take_cache (layout, n, &g->half_cache, &g->halves);
    g->place = bank->block_length;
    bank->block_length += (gsize) n * KROMO_QUANTUM;
  }
  for (guint i = 0; i < bank->noises->len; i++) {
    KromoBankNoise *n = &g_array_index (bank->noises, KromoBankNoise, i);

    if (!n->random)
      n->state = kromo_layout_take (&layout->state, sizeof (KromoBankRing));
  }
  bank->program_scratch = kromo_layout_take (&layout->scratch, work);
  bank->scratch_end = layout->scratch;
  return TRUE;
}

static gboolean
needs_table (const KromoBankNoise *n)
{
  return n->random && n->noise != KROMO_NOISE_WHITE;
}

guint64
kromo_bank_get_table_size (const KromoBank *bank)
{
  return bank->span.n_frames * sizeof (float);
}

guint64
kromo_bank_get_memory (const KromoBank *bank)
{
  guint64 total = 0;

  for (guint i = 0; i < bank->groups->len; i++)
    total += kromo_program_get_memory (g_array_index (bank->groups, KromoBankGroup, i).program);
  for (guint i = 0; i < bank->noises->len; i++) {
    if (needs_table (&g_array_index (bank->noises, KromoBankNoise, i)))
      total += kromo_bank_get_table_size (bank);
  }
  return total;
}

gboolean
kromo_bank_allocate_tables (KromoBank *bank)
{
  for (guint i = 0; i < bank->noises->len; i++) {
    KromoBankNoise *n = &g_array_index (bank->noises, KromoBankNoise, i);

    if (!needs_table (n) || n->table != NULL)
      continue;
    if (bank->span.n_frames <= G_MAXSIZE / sizeof (float))
      n->table = g_try_new (float, (gsize) bank->span.n_frames);
    if (n->table == NULL)
      return FALSE;
  }
  return TRUE;
}

gboolean
kromo_bank_fill_tables (KromoBank *bank, const gint *interrupt)
{
  for (guint i = 0; i < bank->noises->len; i++) {
    KromoBankNoise *n = &g_array_index (bank->noises, KromoBankNoise, i);

    if (!needs_table (n))
      continue;
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

/* ---- keys ---- */

void
kromo_bank_set_key (KromoBank *bank, const KromoScanKey *key)
{
  bank->key = *key;
  bank->has_key = TRUE;
}

gboolean
kromo_bank_get_key (const KromoBank *bank, const KromoView *view, KromoScanKey *key)
{
  const guint64 words[] = { view->kind, view->source, view->slot, view->n_values,
    (guint64) view->map.has_range, view->map.wave, view->map.n_waves };
  const double range[] = { view->map.a, view->map.b };

  *key = bank->key;
  key->words[3] = kromo_hash (kromo_hash (1, words, sizeof words), range, sizeof range);
  return bank->has_key;
}
