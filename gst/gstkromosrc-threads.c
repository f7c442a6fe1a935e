/* kromosrc: threads that help to render
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One pool from the first time that they are of use until PAUSED->READY, for every renderer that plays
 * meanwhile. Only the streaming thread hands work to them, and it does not wait for it.
 */

#include "gstkromosrc.h"

#define GST_CAT_DEFAULT gst_kromo_src_debug

static void
make_threads (GstKromoSrc *self)
{
  guint n = self->sound->settings.n_threads;
  g_autoptr (GError) error = NULL;

  if (n == 0)
    n = g_get_num_processors ();
  if (n == 1)
    return;
  self->threads = kromo_threads_new (n, &error);
  if (!self->threads) {
    gst_kromo_src_post_warning (self, error, "one thread renders");
    return;
  }

  n = kromo_threads_get_n (self->threads);
  GST_DEBUG_OBJECT (self, "%u threads render", n);
  GST_OBJECT_LOCK (self);
  self->stats.n_threads = n;
  GST_OBJECT_UNLOCK (self);
}

/* Has them help the renderer that plays. Making them takes time, so not before the first chunk has left, but
 * for what is longer than a chunk. */
void
gst_kromo_src_use_threads (GstKromoSrc *self)
{
  if (!self->tried_threads)
    make_threads (self);
  self->tried_threads = TRUE;
  if (self->threads)
    kromo_renderer_set_threads (self->sound->renderer, self->threads);
}

/* All renderers have been freed. */
void
gst_kromo_src_end_threads (GstKromoSrc *self)
{
  g_clear_pointer (&self->threads, kromo_threads_free);
  self->tried_threads = FALSE;
}
