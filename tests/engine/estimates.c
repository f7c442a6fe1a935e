/* What the process remembers of real-time factors.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "kromo.h"

#include <math.h>

#define N_THREADS 4
#define N_OWN 60 /* keys of each thread: with the shared one no more than are kept */
#define N_ROUNDS 50

/* The table is the process's: every test takes keys that no other one has. */
static KromoEstimateKey
make_key (void)
{
  static guint64 n_keys;

  n_keys++;

  return (KromoEstimateKey){
    .digest = { n_keys, 7 * n_keys }, .rate = 48000, .channels = 1, .settings = 3
  };
}

static void
test_unknown (void)
{
  KromoEstimateKey key = make_key (), none = { .rate = 0 };

  g_assert_cmpfloat (kromo_estimates_recall (&key), ==, 0);
  g_assert_cmpfloat (kromo_estimates_recall (&none), ==, 0);
}

static void
test_last_wins (void)
{
  KromoEstimateKey key = make_key ();

  kromo_estimates_remember (&key, 0.25);
  g_assert_cmpfloat (kromo_estimates_recall (&key), ==, 0.25);
  g_assert_cmpfloat (kromo_estimates_recall (&key), ==, 0.25);
  kromo_estimates_remember (&key, 3);
  g_assert_cmpfloat (kromo_estimates_recall (&key), ==, 3);
  kromo_estimates_remember (&key, 0.125);
  g_assert_cmpfloat (kromo_estimates_recall (&key), ==, 0.125);
}

static void
test_no_number (void)
{
  static const double values[] = { 0, -1, NAN, INFINITY };
  KromoEstimateKey key = make_key (), other = make_key ();

  kromo_estimates_remember (&other, 0.5);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    kromo_estimates_remember (&key, values[i]);
    g_assert_cmpfloat (kromo_estimates_recall (&key), ==, 0);
    kromo_estimates_remember (&other, values[i]);
    g_assert_cmpfloat (kromo_estimates_recall (&other), ==, 0.5);
  }
}

static void
test_every_field (void)
{
  KromoEstimateKey key = make_key ();
  KromoEstimateKey others[5] = { key, key, key, key, key };

  others[0].digest[0] ^= G_GUINT64_CONSTANT (1) << 63;
  others[1].digest[1] ^= 1;
  others[2].rate = 44100;
  others[3].channels = 2;
  others[4].settings |= G_GUINT64_CONSTANT (1) << 32;

  kromo_estimates_remember (&key, 1);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_cmpfloat (kromo_estimates_recall (&others[i]), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    kromo_estimates_remember (&others[i], 2 + i);
  g_assert_cmpfloat (kromo_estimates_recall (&key), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_cmpfloat (kromo_estimates_recall (&others[i]), ==, 2 + i);
}

/* Recalling and remembering again are both uses. */
static void
test_eviction (void)
{
  KromoEstimateKey keys[KROMO_ESTIMATES_MAX + 2];

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    keys[i] = make_key ();
  for (guint i = 0; i < KROMO_ESTIMATES_MAX; i++)
    kromo_estimates_remember (&keys[i], 1 + i);

  kromo_estimates_recall (&keys[0]);
  kromo_estimates_remember (&keys[1], 1000);
  kromo_estimates_remember (&keys[KROMO_ESTIMATES_MAX], 2000);
  kromo_estimates_remember (&keys[KROMO_ESTIMATES_MAX + 1], 3000);

  g_assert_cmpfloat (kromo_estimates_recall (&keys[2]), ==, 0);
  g_assert_cmpfloat (kromo_estimates_recall (&keys[3]), ==, 0);
  g_assert_cmpfloat (kromo_estimates_recall (&keys[0]), ==, 1);
  g_assert_cmpfloat (kromo_estimates_recall (&keys[1]), ==, 1000);
  for (guint i = 4; i < KROMO_ESTIMATES_MAX; i++)
    g_assert_cmpfloat (kromo_estimates_recall (&keys[i]), ==, 1 + i);
  g_assert_cmpfloat (kromo_estimates_recall (&keys[KROMO_ESTIMATES_MAX]), ==, 2000);
  g_assert_cmpfloat (kromo_estimates_recall (&keys[KROMO_ESTIMATES_MAX + 1]), ==, 3000);
}

typedef struct {
  gint *n_ready;
  KromoEstimateKey shared;
  KromoEstimateKey own[N_OWN];
  gboolean is_right;
} Worker;

/* Asserts nothing itself: the main thread does, where a failure can be reported. */
static gpointer
work (gpointer user_data)
{
  Worker *worker = user_data;

  /* All begin together, else each would be done before the next one is there. */
  g_atomic_int_inc (worker->n_ready);
  while (g_atomic_int_get (worker->n_ready) < N_THREADS)
    g_thread_yield ();

  worker->is_right = TRUE;
  for (guint i = 0; i < N_OWN; i++) {
    kromo_estimates_remember (&worker->own[i], i + 1);
    kromo_estimates_remember (&worker->shared, i + 1);
    if (kromo_estimates_recall (&worker->own[i]) != i + 1
        || kromo_estimates_recall (&worker->shared) < 1)
      worker->is_right = FALSE;
  }
  return NULL;
}

/* Threads that put in what none of the others does lose nothing of it. */
static void
test_threads (void)
{
  G_STATIC_ASSERT (N_THREADS * N_OWN + 1 <= KROMO_ESTIMATES_MAX);
  GThread *threads[N_THREADS];
  Worker workers[N_THREADS];

  for (guint round = 0; round < N_ROUNDS; round++) {
    KromoEstimateKey shared = make_key ();
    gint n_ready = 0;

    for (guint t = 0; t < N_THREADS; t++) {
      workers[t].n_ready = &n_ready;
      workers[t].shared = shared;
      for (guint i = 0; i < N_OWN; i++)
        workers[t].own[i] = make_key ();
    }
    for (guint t = 0; t < N_THREADS; t++)
      threads[t] = g_thread_new ("estimates", work, &workers[t]);
    for (guint t = 0; t < N_THREADS; t++)
      g_thread_join (threads[t]);

    g_assert_cmpfloat (kromo_estimates_recall (&shared), ==, N_OWN);
    for (guint t = 0; t < N_THREADS; t++) {
      g_assert_true (workers[t].is_right);
      for (guint i = 0; i < N_OWN; i++)
        g_assert_cmpfloat (kromo_estimates_recall (&workers[t].own[i]), ==, i + 1);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/estimates/unknown", test_unknown);
  g_test_add_func ("/estimates/last-wins", test_last_wins);
  g_test_add_func ("/estimates/no-number", test_no_number);
  g_test_add_func ("/estimates/every-field", test_every_field);
  g_test_add_func ("/estimates/eviction", test_eviction);
  g_test_add_func ("/estimates/threads", test_threads);

  return g_test_run ();
}
