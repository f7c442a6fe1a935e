/* Checkpoints.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "checkpoints.h"

#include "../graph/arena.h"
#include "pages.h"

#include <string.h>

#define NONE G_MAXUINT32

struct _KromoCheckpoints {
  gsize size;
  gpointer memory; /* what is before the slab, and it */
  gsize n_bytes;
  guint8 *slab;
  guint n_grid, n_local; /* slots: first those of the grid; untouched until they fill */
  guint n_grid_filled, n_local_filled; /* of either, the first ones that ever were */
  guint64 interval;
  guint32 *grid;   /* [n_grid]: the slot of the state at (i + 1) * interval, or NONE */
  guint32 *unused; /* [n_unused]: slots of the grid */
  guint n_unused;
  guint64 *local; /* [n_local]: where the state in slot n_grid + i is; 0: none */

  /* Local checkpoints that are yet to be left: */
  guint64 *planned;    /* [n_planned]: where, ascending */
  guint32 *to_replace; /* [n_planned]: which ones take the place of */
  guint n_planned, next_planned;
};

/* A quarter of the slots, and more of few. More would help reverse play little, and cost what the grid
 * gives to all seeks. */
static guint
count_local (guint n_slots)
{
  return n_slots < 3 ? 0 : MAX (n_slots / 4, MIN (6, (n_slots + 1) / 2));
}

/* The shortest interval that, doubled some times, makes the most of the slots at the sound's end. */
static guint64
choose_interval (guint64 n_quanta, guint n_grid, guint64 least)
{
  guint64 interval = n_quanta / (n_grid + 1) + 1;
  guint64 factor = 1;

  least = MAX (least, 1);
  if (interval <= least)
    return least;
  while (interval / (2 * factor) >= least)
    factor *= 2;
  return (interval + factor - 1) / factor;
}

KromoCheckpoints *
kromo_checkpoints_new (gsize size, guint64 bytes, guint64 n_quanta, guint64 least)
{
  const guint64 fitting = MIN (bytes, G_MAXSIZE) / size;
  const guint n_slots = (guint) MIN (fitting, MIN (n_quanta, NONE - 1));
  const guint n_local = count_local (n_slots), n_grid = n_slots - n_local;
  const gsize lists =
      n_local * (2 * sizeof (guint64) + sizeof (guint32)) + n_grid * 2 * sizeof (guint32);
  const gsize before = kromo_align (lists);
  const gsize n_bytes = before + n_slots * size;
  gpointer memory = n_slots > 0 ? kromo_pages_alloc (n_bytes) : NULL;
  KromoCheckpoints *checkpoints;

  if (memory == NULL)
    return NULL;
  checkpoints = g_new0 (KromoCheckpoints, 1);
  checkpoints->memory = memory;
  checkpoints->n_bytes = n_bytes;
  checkpoints->size = size;
  checkpoints->n_local = n_local;
  checkpoints->n_grid = n_grid;
  checkpoints->interval = choose_interval (n_quanta, n_grid, least);
  checkpoints->local = memory;
  checkpoints->planned = checkpoints->local + n_local;
  checkpoints->grid = (guint32 *) (checkpoints->planned + n_local);
  checkpoints->unused = checkpoints->grid + n_grid;
  checkpoints->to_replace = checkpoints->unused + n_grid;
  checkpoints->slab = (guint8 *) memory + before;
  for (guint i = 0; i < checkpoints->n_grid; i++) {
    checkpoints->grid[i] = NONE;
    checkpoints->unused[i] = checkpoints->n_grid - 1 - i; /* the first slot is taken first */
  }
  checkpoints->n_unused = checkpoints->n_grid;
  return checkpoints;
}

void
kromo_checkpoints_free (KromoCheckpoints *checkpoints)
{
  kromo_pages_free (checkpoints->memory, checkpoints->n_bytes);
  g_free (checkpoints);
}

static guint8 *
slot_at (const KromoCheckpoints *checkpoints, guint slot)
{
  return checkpoints->slab + slot * checkpoints->size;
}

/* ---- the grid ---- */

static void
double_interval (KromoCheckpoints *checkpoints)
{
  for (guint i = 1; i <= checkpoints->n_grid; i++) {
    const guint32 slot = checkpoints->grid[i - 1];

    checkpoints->grid[i - 1] = NONE;
    if (i % 2 == 0)
      checkpoints->grid[i / 2 - 1] = slot;
    else if (slot != NONE)
      checkpoints->unused[checkpoints->n_unused++] = slot;
  }
  checkpoints->interval *= 2;
}

/* So that there is a place for @quantum, or for the last one before it. */
static void
reach (KromoCheckpoints *checkpoints, guint64 quantum)
{
  while (quantum / checkpoints->interval > checkpoints->n_grid)
    double_interval (checkpoints);
}

static void
pass_grid (KromoCheckpoints *checkpoints, guint64 quantum, gconstpointer state)
{
  guint32 *place;

  if (quantum % checkpoints->interval != 0)
    return;
  reach (checkpoints, quantum);
  if (quantum % checkpoints->interval != 0)
    return;
  place = &checkpoints->grid[quantum / checkpoints->interval - 1];
  if (*place != NONE)
    return;
  *place = checkpoints->unused[--checkpoints->n_unused];
  checkpoints->n_grid_filled = MAX (checkpoints->n_grid_filled, *place + 1);
  memcpy (slot_at (checkpoints, *place), state, checkpoints->size);
}

/* ---- local ones ---- */

static void
pass_local (KromoCheckpoints *checkpoints, guint64 quantum, gconstpointer state)
{
  guint i;

  while (checkpoints->next_planned < checkpoints->n_planned
      && checkpoints->planned[checkpoints->next_planned] < quantum)
    checkpoints->next_planned++;
  i = checkpoints->next_planned;
  if (i == checkpoints->n_planned || checkpoints->planned[i] != quantum)
    return;
  checkpoints->local[checkpoints->to_replace[i]] = quantum;
  checkpoints->n_local_filled = MAX (checkpoints->n_local_filled, checkpoints->to_replace[i] + 1);
  memcpy (slot_at (checkpoints, checkpoints->n_grid + checkpoints->to_replace[i]), state,
      checkpoints->size);
}

/* n over k, or more than any number of chunks */
static double
choose (guint n, guint k)
{
  double product = 1.0;

  for (guint i = 1; i <= k; i++)
    product = product * (n - k + i) / i;
  return product;
}

/* Divides a way among @n checkpoints so that its chunks can be reached in descending order with no part of
 * it being run more often than need be, given that each checkpoint is used anew once it has been passed
 * (A. Griewank, A. Walther: Revolve, 2000). With n checkpoints and r runs there is room for
 * C (n + r, n) chunks, of which the first checkpoint has C (n + r - 1, n) before it, and so on with
 * one less. */
static void
divide (KromoCheckpoints *checkpoints, guint64 from, guint64 to, guint n, double n_chunks)
{
  const double length = (double) (to - from);
  guint64 last = from;
  double total, before = 0.0;
  guint n_runs = 1;

  while (choose (n + n_runs, n) < n_chunks)
    n_runs++;
  total = choose (n + n_runs, n);
  for (guint i = 0; i < n; i++) {
    guint64 place;

    before += choose (n - i + n_runs - 1, n - i);
    place = from + (guint64) (length * (before / total));
    if (place > last && place < to) {
      checkpoints->to_replace[checkpoints->n_planned] = checkpoints->to_replace[i];
      checkpoints->planned[checkpoints->n_planned++] = place;
      last = place;
    }
  }
}

void
kromo_checkpoints_plan (KromoCheckpoints *checkpoints, guint64 from, guint64 to, guint64 chunk)
{
  guint64 low;
  guint n = 0;

  reach (checkpoints, to);
  checkpoints->n_planned = checkpoints->next_planned = 0;
  low = to - to % checkpoints->interval; /* the grid's state before the target */
  if (to <= MAX (from, low) + MAX (chunk, 1))
    return;
  for (guint i = 0; i < checkpoints->n_local; i++) {
    if (checkpoints->local[i] > low && checkpoints->local[i] <= from)
      continue; /* will be of use */
    checkpoints->local[i] = 0;
    checkpoints->to_replace[n++] = i;
  }
  from = MAX (from, low);
  if (n > 0)
    divide (checkpoints, from, to, n, (double) (to - from) / (double) MAX (chunk, 1));
}

/* ---- both ---- */

void
kromo_checkpoints_pass (KromoCheckpoints *checkpoints, guint64 quantum, gconstpointer state)
{
  if (quantum == 0)
    return; /* a reset does it */
  pass_grid (checkpoints, quantum, state);
  pass_local (checkpoints, quantum, state);
}

gconstpointer
kromo_checkpoints_find (const KromoCheckpoints *checkpoints, guint64 quantum, guint64 *found)
{
  guint slot = NONE;

  *found = 0;
  for (guint64 i = MIN (quantum / checkpoints->interval, checkpoints->n_grid); i > 0; i--) {
    if (checkpoints->grid[i - 1] != NONE) {
      slot = checkpoints->grid[i - 1];
      *found = i * checkpoints->interval;
      break;
    }
  }
  for (guint i = 0; i < checkpoints->n_local; i++) {
    if (checkpoints->local[i] > *found && checkpoints->local[i] <= quantum) {
      slot = checkpoints->n_grid + i;
      *found = checkpoints->local[i];
    }
  }
  return slot != NONE ? slot_at (checkpoints, slot) : NULL;
}

gsize
kromo_checkpoints_get_memory (const KromoCheckpoints *checkpoints)
{
  return (checkpoints->n_grid_filled + checkpoints->n_local_filled) * checkpoints->size;
}

/* ---- for tests ---- */

guint64
kromo_checkpoints_get_interval (const KromoCheckpoints *checkpoints)
{
  return checkpoints->interval;
}

guint
kromo_checkpoints_get_n_slots (const KromoCheckpoints *checkpoints)
{
  return checkpoints->n_grid + checkpoints->n_local;
}

guint
kromo_checkpoints_count_grid (const KromoCheckpoints *checkpoints)
{
  return checkpoints->n_grid - checkpoints->n_unused;
}

guint
kromo_checkpoints_count_local (const KromoCheckpoints *checkpoints)
{
  guint n = 0;

  for (guint i = 0; i < checkpoints->n_local; i++)
    n += checkpoints->local[i] > 0;
  return n;
}
