/* Checkpoints by themselves: a run whose state is nothing but where it is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "render/checkpoints.h"

#define SIZE sizeof (guint64)
#define SECOND 375 /* quanta at 48 kHz */

typedef struct {
  KromoCheckpoints *checkpoints;
  guint64 place;
  guint64 n_run; /* quanta, in all */
} Run;

static Run
run_new (guint n_slots, guint64 n_quanta)
{
  const Run run = { kromo_checkpoints_new (SIZE, n_slots * SIZE, n_quanta, SECOND / 5), 0, 0 };

  g_assert_nonnull (run.checkpoints);
  return run;
}

static void
advance (Run *run, guint64 to)
{
  for (; run->place < to; run->place++, run->n_run++)
    kromo_checkpoints_pass (run->checkpoints, run->place, &run->place);
}

static void
seek (Run *run, guint64 to, guint64 chunk)
{
  guint64 found;
  const guint64 *state = kromo_checkpoints_find (run->checkpoints, to, &found);

  if (state != NULL)
    g_assert_cmpuint (*state, ==, found); /* it is what it is said to be */
  g_assert_cmpuint (found, <=, to);
  if (run->place > to || found > run->place)
    run->place = found;
  kromo_checkpoints_plan (run->checkpoints, run->place, to, chunk);
  advance (run, to);
}

/* They are evenly spread over what was run, whatever its length, and use most of the slots at the end. */
static void
test_grid (void)
{
  const guint counts[] = { 1, 2, 3, 7, 8, 40, 300 };
  const guint64 lengths[] = { 100, 60 * SECOND, 1200 * SECOND, 86400 * SECOND };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    for (guint k = 0; k < G_N_ELEMENTS (lengths); k++) {
      Run run = run_new (counts[i], lengths[k]);
      guint64 interval, found;

      g_assert_cmpuint (kromo_checkpoints_get_n_slots (run.checkpoints), <=, counts[i]);
      for (guint64 to = 1000; run.place < lengths[k]; to += 1 + lengths[k] / 50) {
        advance (&run, MIN (to, lengths[k]));
        interval = kromo_checkpoints_get_interval (run.checkpoints);
        g_assert_cmpuint (interval, >=, SECOND / 5);
        g_assert_cmpuint (
            kromo_checkpoints_count_grid (run.checkpoints), ==, (run.place - 1) / interval);
        for (guint64 q = 0; q < run.place; q += 1 + run.place / 100) {
          kromo_checkpoints_find (run.checkpoints, q, &found);
          g_assert_cmpuint (found, ==, q / interval * interval);
        }
      }
      if (lengths[k] > (guint64) counts[i] * SECOND && counts[i] >= 40)
        g_assert_cmpuint (kromo_checkpoints_count_grid (run.checkpoints) * 3, >=, counts[i] * 2);
      kromo_checkpoints_free (run.checkpoints);
    }
  }
}

static void
test_no_slots (void)
{
  g_assert_null (kromo_checkpoints_new (1000, 999, 100, 1));
  g_assert_null (kromo_checkpoints_new (1000, 0, 100, 1));
}

/* What is run to play all in descending chunks, by what is run to play it straight. */
static double
measure_reverse (guint n_slots, guint64 length, guint64 chunk)
{
  Run run = run_new (n_slots, length);
  double factor;

  advance (&run, length);
  run.n_run = 0;
  for (guint64 end = length; end > 0; end -= MIN (end, chunk)) {
    seek (&run, end - MIN (end, chunk), chunk);
    advance (&run, end);
  }
  g_assert_cmpuint (kromo_checkpoints_count_grid (run.checkpoints)
          + kromo_checkpoints_count_local (run.checkpoints),
      <=, n_slots);
  factor = (double) run.n_run / (double) length;
  g_test_message ("%u slots, %.1f s in chunks of %.1f s: %.2f", n_slots, (double) length / SECOND,
      (double) chunk / SECOND, factor);
  kromo_checkpoints_free (run.checkpoints);
  return factor;
}

static void
test_reverse (void)
{
  g_assert_cmpfloat (measure_reverse (300, 60 * SECOND, SECOND), <, 1.3);
  g_assert_cmpfloat (measure_reverse (40, 60 * SECOND, SECOND), <, 2.2);
  g_assert_cmpfloat (measure_reverse (40, 60 * SECOND, SECOND / 10), <, 3.2);
  g_assert_cmpfloat (measure_reverse (40, 1200 * SECOND, SECOND), <, 3.2);
  g_assert_cmpfloat (measure_reverse (40, 1200 * SECOND, 5 * SECOND), <, 3.0);
  g_assert_cmpfloat (measure_reverse (16, 1200 * SECOND, SECOND), <, 4.6);
  g_assert_cmpfloat (measure_reverse (7, 60 * SECOND, SECOND), <, 3.5);
  g_assert_cmpfloat (measure_reverse (40, 14400 * SECOND, SECOND), <, 5.0);
}

/* Local ones are as good as the grid, and go when there are better places. */
static void
test_random (void)
{
  GRand *rand = g_rand_new_with_seed (1);
  Run run = run_new (20, 600 * SECOND);

  for (guint i = 0; i < 2000; i++) {
    seek (&run, (guint64) g_rand_int_range (rand, 0, 600 * SECOND),
        (guint64) g_rand_int_range (rand, 1, 3 * SECOND));
    advance (&run, run.place + (guint64) g_rand_int_range (rand, 0, 2 * SECOND));
  }
  kromo_checkpoints_free (run.checkpoints);
  g_rand_free (rand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/checkpoints/grid", test_grid);
  g_test_add_func ("/checkpoints/no-slots", test_no_slots);
  g_test_add_func ("/checkpoints/reverse", test_reverse);
  g_test_add_func ("/checkpoints/random", test_random);
  return g_test_run ();
}
