/* Copies of a renderer's state, to start from when seeking.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All lie in one slab. Most make a grid: the states at every interval, as far as was rendered; where there
 * are no slots for that the interval doubles and every other one is dropped. The others are local: they
 * divide the way to the target of a seek, for who will seek to a bit before it next (reverse play). A
 * grid alone would let each chunk of it start from the same distant state.
 *
 * Positions are counted in quanta.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _KromoCheckpoints KromoCheckpoints;

/**
 * kromo_checkpoints_new:
 * @size: bytes of a state
 * @bytes: bound on all of them
 * @n_quanta: the length of the sound
 * @least: no interval is shorter
 *
 * Returns: (transfer full) (nullable): %NULL where there is no memory, or not even one state fits
 */
KromoCheckpoints *kromo_checkpoints_new (
    gsize size, guint64 bytes, guint64 n_quanta, guint64 least);
void kromo_checkpoints_free (KromoCheckpoints *checkpoints);

/* Tells that @state is that before quantum @quantum; keeps it if it is due. */
void kromo_checkpoints_pass (KromoCheckpoints *checkpoints, guint64 quantum, gconstpointer state);

/* The last state that is not after @quantum, or NULL; @found: (out): which one it is. */
gconstpointer kromo_checkpoints_find (
    const KromoCheckpoints *checkpoints, guint64 quantum, guint64 *found);

/* A run from @from to @to is to come, and after it runs to what is @chunk before @to, and so on: prepares
 * the grid and plans local checkpoints. */
void kromo_checkpoints_plan (
    KromoCheckpoints *checkpoints, guint64 from, guint64 to, guint64 chunk);

/* Bytes that states have taken so far, of all that may be. */
gsize kromo_checkpoints_get_memory (const KromoCheckpoints *checkpoints);

/* ---- for tests ---- */

guint64 kromo_checkpoints_get_interval (const KromoCheckpoints *checkpoints);
guint kromo_checkpoints_get_n_slots (const KromoCheckpoints *checkpoints);
guint kromo_checkpoints_count_grid (const KromoCheckpoints *checkpoints);
guint kromo_checkpoints_count_local (const KromoCheckpoints *checkpoints);

G_END_DECLS
