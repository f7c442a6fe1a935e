/* Threads that help.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "threads.h"

#include <fenv.h>

struct _KromoThreads {
  GMutex lock;
  GCond cond;
  GQueue tasks; /* KromoTask, by their links */
  gboolean quit;
  guint n_helpers;
  GThread *helpers[KROMO_MAX_THREADS - 1];
};

/* With the lock: the next task, or NULL when all are done and no more will come. */
static KromoTask *
wait_for_task (KromoThreads *threads)
{
  GList *link;

  while ((link = g_queue_pop_head_link (&threads->tasks)) == NULL && !threads->quit)
    g_cond_wait (&threads->cond, &threads->lock);
  return link != NULL ? link->data : NULL;
}

/* A thread begins with the floating-point environment of the one that made it. */
static gpointer
run_tasks (gpointer data)
{
  KromoThreads *threads = data;
  KromoTask *task;

  fesetenv (FE_DFL_ENV);
  g_mutex_lock (&threads->lock);
  while ((task = wait_for_task (threads)) != NULL) {
    g_mutex_unlock (&threads->lock);
    task->run (task->data);
    g_mutex_lock (&threads->lock);
  }
  g_mutex_unlock (&threads->lock);
  return NULL;
}

KromoThreads *
kromo_threads_new (guint n, GError **error)
{
  const guint n_helpers = CLAMP (n, 2, KROMO_MAX_THREADS) - 1;
  KromoThreads *threads = g_new0 (KromoThreads, 1);
  g_autoptr (GError) failure = NULL;

  g_mutex_init (&threads->lock);
  g_cond_init (&threads->cond);
  g_queue_init (&threads->tasks);
  while (threads->n_helpers < n_helpers && failure == NULL) {
    GThread *helper = g_thread_try_new ("kromo-ahead", run_tasks, threads, &failure);

    if (helper != NULL)
      threads->helpers[threads->n_helpers++] = helper;
  }
  if (failure != NULL && threads->n_helpers == 0) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_NO_MEMORY, "there are no threads to be had: %s",
        failure->message);
    g_clear_pointer (&threads, kromo_threads_free);
  }
  return threads;
}

void
kromo_threads_free (KromoThreads *threads)
{
  g_mutex_lock (&threads->lock);
  threads->quit = TRUE;
  g_cond_broadcast (&threads->cond);
  g_mutex_unlock (&threads->lock);
  for (guint i = 0; i < threads->n_helpers; i++)
    g_thread_join (threads->helpers[i]);
  g_cond_clear (&threads->cond);
  g_mutex_clear (&threads->lock);
  g_free (threads);
}

guint
kromo_threads_get_n (const KromoThreads *threads)
{
  return threads->n_helpers + 1;
}

void
kromo_threads_push (KromoThreads *threads, KromoTask *task)
{
  task->link = (GList){ .data = task };
  g_mutex_lock (&threads->lock);
  g_queue_push_tail_link (&threads->tasks, &task->link);
  g_mutex_unlock (&threads->lock);
  g_cond_signal (&threads->cond);
}
