/* The real-time factor and the memory of a renderer, on this machine.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "info.h"

#define SOUND 0.25                            /* seconds to render */
#define RENDER_TIME (G_USEC_PER_SEC / 20)     /* but not for longer */
#define PREPARATION_TIME (2 * G_USEC_PER_SEC) /* after that it is given up */

/* Interrupts a renderer after a time. */
typedef struct {
  GMutex lock;
  GCond over;
  gboolean is_over;
  gint64 until;
  gint interrupt;
} Watch;

static gpointer
keep_watch (gpointer data)
{
  Watch *watch = data;

  g_mutex_lock (&watch->lock);
  while (!watch->is_over) {
    if (!g_cond_wait_until (&watch->over, &watch->lock, watch->until)) {
      g_atomic_int_set (&watch->interrupt, 1);
      break;
    }
  }
  g_mutex_unlock (&watch->lock);
  return NULL;
}

static gboolean
prepare (KromoRenderer *renderer)
{
  Watch watch = { .until = g_get_monotonic_time () + PREPARATION_TIME };
  GThread *thread;
  gboolean ok;

  g_mutex_init (&watch.lock);
  g_cond_init (&watch.over);
  thread = g_thread_new ("watch", keep_watch, &watch);
  kromo_renderer_set_interrupt (renderer, &watch.interrupt);
  ok = kromo_renderer_prepare (renderer, NULL, NULL, NULL);
  kromo_renderer_set_interrupt (renderer, NULL);

  g_mutex_lock (&watch.lock);
  watch.is_over = TRUE;
  g_cond_signal (&watch.over);
  g_mutex_unlock (&watch.lock);
  g_thread_join (thread);
  g_mutex_clear (&watch.lock);
  g_cond_clear (&watch.over);
  return ok;
}

static void
render (InfoFacts *facts, KromoRenderer *renderer)
{
  const gint64 start = g_get_monotonic_time ();
  const guint64 wanted = MAX ((guint64) (facts->format.rate * SOUND), 1);
  float samples[KROMO_MAX_CHANNELS][KROMO_QUANTUM];
  float *channels[KROMO_MAX_CHANNELS];
  guint64 n_frames = 0;
  gint64 elapsed = 0;

  for (guint c = 0; c < KROMO_MAX_CHANNELS; c++)
    channels[c] = samples[c];
  while (n_frames < wanted && elapsed < RENDER_TIME) {
    const gsize n = kromo_renderer_render (renderer, channels, KROMO_QUANTUM);

    n_frames += n;
    elapsed = g_get_monotonic_time () - start;
    if (n < KROMO_QUANTUM)
      break;
  }
  facts->measured = (double) n_frames / facts->format.rate;
  if (n_frames > 0)
    facts->rtf = (double) elapsed / G_USEC_PER_SEC / facts->measured;
}

gboolean
info_facts_measure (InfoFacts *facts)
{
  g_autoptr (KromoRenderer) renderer =
      kromo_renderer_new (facts->genome, &facts->note, &facts->format, &facts->error);
  gint64 start;

  if (renderer == NULL)
    return FALSE;
  facts->n_frames = kromo_renderer_get_n_frames (renderer);
  facts->memory = kromo_renderer_get_memory (renderer);
  g_strfreev (facts->warnings);
  facts->warnings = g_strdupv ((char **) (gpointer) kromo_renderer_get_warnings (renderer));
  start = g_get_monotonic_time ();
  if (!prepare (renderer)) {
    facts->preparation_time = -1.0;
    return TRUE;
  }
  facts->preparation_time = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  render (facts, renderer);
  return TRUE;
}
