/* Threads that help: a pool that runs tasks.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "../kromo.h"

G_BEGIN_DECLS

/* What a thread runs, in the default floating-point environment. */
typedef struct {
  void (*run) (gpointer data);
  gpointer data;
} KromoTask;

/* Any thread. The task must live until it has run. Returns whether it will. */
gboolean kromo_threads_push (KromoThreads *threads, const KromoTask *task);

G_END_DECLS
