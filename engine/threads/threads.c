/* Threads that help.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "threads.h"

#include <fenv.h>
#include <pthread.h>

struct _KromoThreads {
  GThreadPool *pool;
  guint n_helpers;
};

/* For those who look at a process's threads; the pool gives its own the program's name. */
static void
name_thread (void)
{
#ifdef __GLIBC__
  static _Thread_local gboolean named = FALSE;

  if (!named)
    pthread_setname_np (pthread_self (), "kromo-ahead");
  named = TRUE;
#endif
}

/* A thread begins with the floating-point environment of the one that made it. */
static void
run_task (gpointer data, gpointer user_data)
{
  const KromoTask *task = data;

  name_thread ();
  fesetenv (FE_DFL_ENV);
  task->run (task->data);
}

KromoThreads *
kromo_threads_new (guint n, GError **error)
{
  const guint n_helpers = CLAMP (n, 2, KROMO_MAX_THREADS) - 1;
  g_autoptr (GError) failure = NULL;
  GThreadPool *pool = g_thread_pool_new (run_task, NULL, (gint) n_helpers, TRUE, &failure);
  KromoThreads *threads;
  guint n_made;

  n_made = g_thread_pool_get_num_threads (pool);
  if (n_made == 0) {
    g_thread_pool_free (pool, TRUE, TRUE);
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_MEMORY, "there are no threads to be had: %s",
        failure->message);
    return NULL;
  }
  g_thread_pool_set_max_threads (pool, (gint) n_made, NULL); /* those that there are will do */
  threads = g_new0 (KromoThreads, 1);
  threads->pool = pool;
  threads->n_helpers = n_made;
  return threads;
}

void
kromo_threads_free (KromoThreads *threads)
{
  g_thread_pool_free (threads->pool, FALSE, TRUE);
  g_free (threads);
}

guint
kromo_threads_get_n (const KromoThreads *threads)
{
  return threads->n_helpers + 1;
}

gboolean
kromo_threads_push (KromoThreads *threads, const KromoTask *task)
{
  return g_thread_pool_push (threads->pool, (gpointer) task, NULL);
}
