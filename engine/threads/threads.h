/* Threads that help: a pool that runs tasks.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Not a GThreadPool: that allocates when something is pushed, its threads bear the program's name, and when it is
 * freed they are kept for other pools rather than joined.
 */
#pragma once

#include "../kromo.h"

G_BEGIN_DECLS

/* What a thread runs, in the default floating-point environment. */
typedef struct {
  void (*run) (gpointer data);
  gpointer data;
  GList link; /* the pool's, from when it is pushed until it runs */
} KromoTask;

/* Any thread. @task must live until it runs, and is not pushed again before. */
void kromo_threads_push (KromoThreads *threads, KromoTask *task);

G_END_DECLS
