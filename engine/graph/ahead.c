/* Signals evaluated ahead.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "ahead.h"

#include "../math/fpmode.h"

#include <stdlib.h>

#define MIN_SLOTS 8
#define MAX_SLOTS 32
#define USUAL_BYTES (1 << 20) /* of the slots, where this is enough for MIN_SLOTS */

/* Blocks in a batch. */
#define MAX_BATCH 8
#define OVERSAMPLED_BATCH 4

/* Nanoseconds of evaluation, roughly: for one value, and in a batch, which costs some hundred to hand over.
 * Nothing is interrupted in the midst of one, so they are no longer than need be. */
#define ACTIVATION_TIME 0.7
#define MULTIPLY_ADD_TIME 0.12
#define LEAST_TIME 1200.0
#define ENOUGH_TIME 16000.0

enum {
  SLOT_EMPTY,
  SLOT_CLAIMED,
  SLOT_READY
};

/* Batch and values belong to who has claimed the slot, and to the renderer when it is ready. */
typedef struct {
  gint state;    /* atomic */
  guint32 batch; /* what it holds */
  float *values; /* [batch_blocks][block_length] */
} Slot;

/* Room for one thread at a time. */
typedef struct {
  KromoTask task;
  KromoAhead *ahead;
  gint busy; /* atomic; set by the renderer, cleared by the thread at its end */
  KromoArena arena;
} Helper;

struct _KromoAhead {
  gint ref_count; /* atomic: the renderer's and one for each busy helper */
  gint stop;      /* atomic */
  gint next;      /* atomic: the first batch that the renderer has not come to */

  KromoBank *bank;
  KromoThreads *threads;
  guint32 n_batches;
  guint n_slots; /* a power of two */
  guint batch_blocks;
  gsize block_length; /* floats */
  guint n_helpers;
  Slot *slots;
  Helper *helpers;
  gpointer memory;
  gsize n_bytes;

  /* the renderer's */
  guint64 last_block;
  Slot *lent[2]; /* nullable: where the values of the last even and odd block are */
  guint64 n_lent;
};

/* ---- any thread ---- */

static Slot *
get_slot (const KromoAhead *ahead, guint32 batch)
{
  return &ahead->slots[batch & (ahead->n_slots - 1)];
}

static guint32
get_next (const KromoAhead *ahead)
{
  return (guint32) g_atomic_int_get (&ahead->next);
}

/* The slot of the first batch that nobody has, or NULL. What the renderer has come to meanwhile is of no
 * use to it. */
static Slot *
claim (const KromoAhead *ahead)
{
  const guint32 first = get_next (ahead), end = MIN (first + ahead->n_slots, ahead->n_batches);

  for (guint32 batch = first; batch < end; batch++) {
    Slot *slot = get_slot (ahead, batch);

    if (g_atomic_int_get (&slot->state) != SLOT_EMPTY
        || !g_atomic_int_compare_and_exchange (&slot->state, SLOT_EMPTY, SLOT_CLAIMED))
      continue;
    if (batch >= get_next (ahead)) {
      slot->batch = batch;
      return slot;
    }
    g_atomic_int_set (&slot->state, SLOT_EMPTY);
  }
  return NULL;
}

/* Does not go on when nobody will read it. */
static void
fill (const KromoAhead *ahead, Slot *slot, const KromoArena *arena)
{
  for (guint i = 0; i < ahead->batch_blocks; i++) {
    const guint64 block = (guint64) slot->batch * ahead->batch_blocks + i;

    if (g_atomic_int_get (&ahead->stop))
      return;
    kromo_bank_fill (ahead->bank, arena, block, slot->values + i * ahead->block_length);
  }
  g_atomic_int_set (&slot->state, SLOT_READY);
}

static void
ahead_unref (KromoAhead *ahead)
{
  if (!g_atomic_int_dec_and_test (&ahead->ref_count))
    return;
  kromo_bank_unref (ahead->bank);
  g_free (ahead->slots);
  g_free (ahead->helpers);
  free (ahead->memory);
  g_free (ahead);
}

static void
run_helper (gpointer data)
{
  Helper *helper = data;
  KromoAhead *ahead = helper->ahead;
  Slot *slot;

  while (!g_atomic_int_get (&ahead->stop) && (slot = claim (ahead)) != NULL)
    fill (ahead, slot, &helper->arena);
  g_atomic_int_set (&helper->busy, FALSE);
  ahead_unref (ahead);
}

/* ---- making one ---- */

static double
estimate_time (const KromoSteady *steady)
{
  return KROMO_QUANTUM
      * (ACTIVATION_TIME * (double) steady->n_activations
          + MULTIPLY_ADD_TIME * (double) steady->n_multiply_adds);
}

/* Oversampled signals evaluate one block of half frames more than there are blocks in a batch, which its
 * neighbour evaluates as well (bank-oversampled.c). */
static guint
choose_batch (const KromoSteady *steady)
{
  const double time = estimate_time (steady);
  guint n_blocks = steady->oversampled ? OVERSAMPLED_BATCH : 1;

  while (n_blocks < MAX_BATCH && n_blocks * time < ENOUGH_TIME)
    n_blocks *= 2;
  return n_blocks;
}

gboolean
kromo_ahead_is_worth_while (const KromoBank *bank)
{
  KromoSteady steady;

  kromo_bank_get_steady (bank, &steady);
  return choose_batch (&steady) * estimate_time (&steady) >= LEAST_TIME;
}

static void
share_memory (KromoAhead *ahead, gsize slot_size, gsize scratch_size)
{
  guint8 *memory = ahead->memory;

  for (guint i = 0; i < ahead->n_slots; i++, memory += slot_size)
    ahead->slots[i].values = (float *) (gpointer) memory;
  for (guint i = 0; i < ahead->n_helpers; i++, memory += scratch_size) {
    Helper *helper = &ahead->helpers[i];

    helper->task = (KromoTask){ .run = run_helper, .data = helper };
    helper->ahead = ahead;
    helper->arena.scratch = memory;
    kromo_bank_invalidate (ahead->bank, &helper->arena);
  }
}

KromoAhead *
kromo_ahead_new (KromoBank *bank, KromoThreads *threads, guint64 n_blocks, guint64 max_bytes)
{
  guint batch_blocks, n_helpers, n_slots = MAX_SLOTS;
  gsize slot_size, scratch_size;
  KromoSteady steady;
  KromoAhead *ahead;

  kromo_bank_get_steady (bank, &steady);
  if (steady.block_length == 0)
    return NULL;
  batch_blocks = choose_batch (&steady);
  slot_size = kromo_align (batch_blocks * steady.block_length * sizeof (float));
  scratch_size = kromo_align (steady.scratch_size);
  while (n_slots > MIN_SLOTS && n_slots * slot_size > USUAL_BYTES)
    n_slots /= 2;
  n_helpers = MIN (kromo_threads_get_n (threads) - 1, n_slots / 2);
  while (n_helpers > 1 && n_slots * slot_size + n_helpers * scratch_size > max_bytes)
    n_helpers--;
  if (n_slots * slot_size + n_helpers * scratch_size > max_bytes)
    return NULL;
  ahead = g_new0 (KromoAhead, 1);
  ahead->n_bytes = n_slots * slot_size + n_helpers * scratch_size;
  ahead->memory = aligned_alloc (KROMO_ALIGNMENT, ahead->n_bytes);
  if (ahead->memory == NULL) {
    g_free (ahead);
    return NULL;
  }
  ahead->ref_count = 1;
  ahead->bank = kromo_bank_ref (bank);
  ahead->threads = threads;
  ahead->n_batches = (guint32) ((n_blocks + batch_blocks - 1) / batch_blocks);
  ahead->n_slots = n_slots;
  ahead->batch_blocks = batch_blocks;
  ahead->block_length = steady.block_length;
  ahead->n_helpers = n_helpers;
  ahead->slots = g_new0 (Slot, n_slots);
  ahead->helpers = g_new0 (Helper, n_helpers);
  ahead->last_block = G_MAXUINT64;
  share_memory (ahead, slot_size, scratch_size);
  return ahead;
}

void
kromo_ahead_free (KromoAhead *ahead)
{
  g_atomic_int_set (&ahead->stop, TRUE);
  ahead_unref (ahead);
}

gsize
kromo_ahead_get_memory (const KromoAhead *ahead)
{
  return sizeof *ahead + ahead->n_slots * sizeof (Slot) + ahead->n_helpers * sizeof (Helper)
      + ahead->n_bytes;
}

gboolean
kromo_ahead_is_idle (const KromoAhead *ahead)
{
  for (guint i = 0; i < ahead->n_helpers; i++) {
    if (g_atomic_int_get (&ahead->helpers[i].busy))
      return FALSE;
  }
  return TRUE;
}

guint64
kromo_ahead_count_lent (const KromoAhead *ahead)
{
  return ahead->n_lent;
}

/* ---- the renderer's thread ---- */

/* What was lent for the last block but one goes back. */
static void
take_back (KromoAhead *ahead, guint parity)
{
  Slot *slot = ahead->lent[parity];

  ahead->lent[parity] = NULL;
  if (slot != NULL && slot != ahead->lent[!parity])
    g_atomic_int_set (&slot->state, SLOT_EMPTY);
}

/* The renderer has gone elsewhere: empties what is ready of where it was. What is claimed is found later. */
static void
jump (KromoAhead *ahead, const KromoArena *arena, guint32 batch)
{
  kromo_bank_invalidate (ahead->bank, arena);
  take_back (ahead, 0);
  take_back (ahead, 1);
  for (guint i = 0; i < ahead->n_slots; i++) {
    Slot *slot = &ahead->slots[i];

    if (g_atomic_int_get (&slot->state) == SLOT_READY && slot->batch - batch >= ahead->n_slots)
      g_atomic_int_set (&slot->state, SLOT_EMPTY);
  }
}

static void
wake_one (KromoAhead *ahead)
{
  for (guint i = 0; i < ahead->n_helpers; i++) {
    Helper *helper = &ahead->helpers[i];

    if (g_atomic_int_get (&helper->busy))
      continue;
    g_atomic_int_set (&helper->busy, TRUE);
    g_atomic_int_inc (&ahead->ref_count);
    kromo_threads_push (ahead->threads, &helper->task);
    return;
  }
}

/* When half of the ring has run empty, one more thread is woken, now and then: it takes a while to come. */
static void
wake (KromoAhead *ahead, guint32 batch, gboolean jumped)
{
  const guint32 middle = MIN (batch + ahead->n_slots / 2, ahead->n_batches - 1);

  if ((jumped || batch % (ahead->n_slots / 4) == 0) && middle > batch
      && g_atomic_int_get (&get_slot (ahead, middle)->state) == SLOT_EMPTY)
    wake_one (ahead);
}

/* The slot of a batch, if it is ready. While another thread makes it, this one makes a later one; if that is
 * not time enough, the other thread may not be running at all, and is not waited for. */
static Slot *
find_ready (KromoAhead *ahead, const KromoArena *arena, guint32 batch)
{
  Slot *slot = get_slot (ahead, batch), *other;

  if (g_atomic_int_get (&slot->state) == SLOT_CLAIMED && (other = claim (ahead)) != NULL)
    fill (ahead, other, arena);
  if (g_atomic_int_get (&slot->state) != SLOT_READY)
    return NULL;
  if (slot->batch == batch)
    return slot;
  g_atomic_int_set (&slot->state, SLOT_EMPTY);
  return NULL;
}

void
kromo_ahead_lend (KromoAhead *ahead, const KromoArena *arena, guint64 block)
{
  const guint32 batch = (guint32) (block / ahead->batch_blocks);
  const gboolean jumped = block != ahead->last_block + 1;
  const KromoFpMode mode = kromo_fp_begin (KROMO_FP_USUAL);
  Slot *slot;

  if (jumped)
    jump (ahead, arena, batch);
  ahead->last_block = block;
  take_back (ahead, block & 1);
  if (get_next (ahead) != batch + 1)
    g_atomic_int_set (&ahead->next, (gint) (batch + 1));
  wake (ahead, batch, jumped);
  slot = find_ready (ahead, arena, batch);
  kromo_fp_set_mode (mode);
  if (slot == NULL)
    return;
  kromo_bank_lend (
      ahead->bank, arena, block, slot->values + block % ahead->batch_blocks * ahead->block_length);
  ahead->lent[block & 1] = slot;
  ahead->n_lent++;
}
