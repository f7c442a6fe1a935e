/* Signals evaluated ahead of the quantum that needs them, by threads that help.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A ring of slots, each of which holds what kromo_bank_fill() makes of some blocks that follow one another, a
 * batch. A slot is empty, claimed by the thread that fills it, or ready; whoever claims an empty one fills
 * it with the next batch that nobody has. Slots say what they hold, and values are functions of the block
 * alone, so that nothing depends on who is faster: the renderer takes what is ready and evaluates the rest
 * itself. It never waits, nor takes a lock but that of the pool's queue when it wakes a thread.
 */
#pragma once

#include "../threads/threads.h"
#include "bank.h"

G_BEGIN_DECLS

typedef struct _KromoAhead KromoAhead;

/**
 * kromo_ahead_new:
 * @bank: compiled; a reference is taken
 * @threads: must outlive it
 * @n_blocks: of the whole sound
 * @max_bytes: bound on its memory
 *
 * Returns: (transfer full) (nullable): one for one renderer; %NULL where there is nothing to evaluate, or no memory
 */
KromoAhead *kromo_ahead_new (
    KromoBank *bank, KromoThreads *threads, guint64 n_blocks, guint64 max_bytes);

/* Whether there is so much to evaluate that handing it over costs less. */
gboolean kromo_ahead_is_worth_while (const KromoBank *bank);

/* Does not wait for the threads: they end within a quantum, and the last one frees what they use. */
void kromo_ahead_free (KromoAhead *ahead);

/* Bytes. */
gsize kromo_ahead_get_memory (const KromoAhead *ahead);

/* Before the bank is evaluated for @block: lends it the values if they are ready, and has threads work on those that
 * come next. @arena is the renderer's. */
void kromo_ahead_lend (KromoAhead *ahead, const KromoArena *arena, guint64 block);

/* ---- for tests ---- */

/* Whether no thread is at work. */
gboolean kromo_ahead_is_idle (const KromoAhead *ahead);

/* Blocks that were ready when they were needed. */
guint64 kromo_ahead_count_lent (const KromoAhead *ahead);

G_END_DECLS
