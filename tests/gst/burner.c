/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "burner.h"

#include "gstkromosrc.h"

/* Frames of a probe between two looks at the timer. */
#define PROBE_PIECE (8 * KROMO_QUANTUM)

#define MAX_CHANGES 8

struct _Burner {
  GstKromoSrc *src;
  GstClockTime now;
  gboolean rendering; /* the next call ends what the last one began */
  gboolean probing;
  guint64 probed;
  guint n_changes;
  struct {
    guint64 frame;
    double rtf;
  } changes[MAX_CHANGES];
};

static void
burn (Burner *burner, guint64 frame, guint64 n_frames)
{
  double rtf = burner->changes[0].rtf;
  guint i;

  for (i = 1; i < burner->n_changes; i++) {
    if (frame >= burner->changes[i].frame)
      rtf = burner->changes[i].rtf;
  }
  burner->now += (GstClockTime) (rtf * n_frames * GST_SECOND / burner->src->info.rate);
}

/* What is asked for next has not been added to what is done, so it is known how much was rendered. Other
 * calls take no time. */
static GstClockTime
now (gpointer user_data)
{
  Burner *burner = user_data;
  GstKromoSrc *src = burner->src;
  const GstKromoChunk *chunk = &src->chunk;

  if (chunk->n_frames == 0) {
    if (!src->sound || !src->sound->renderer)
      return burner->now;
    if (burner->probing) {
      burn (burner, src->frame, PROBE_PIECE);
      burner->probed += PROBE_PIECE;
    }
    burner->probing = TRUE;
  } else if (chunk->done < chunk->n_frames) {
    guint64 at = chunk->frame + chunk->done;

    burner->probing = FALSE;
    if (burner->rendering)
      burn (burner, at, chunk->n_frames - chunk->done);
    burner->rendering = !burner->rendering;
  }

  return burner->now;
}

Burner *
burner_new (GstElement *src, double rtf)
{
  Burner *burner = g_new0 (Burner, 1);

  burner->src = (GstKromoSrc *) src;
  burner->src->timer = (GstKromoTimer){ now, burner };
  burner_change (burner, 0, rtf);

  return burner;
}

void
burner_free (Burner *burner)
{
  g_free (burner);
}

void
burner_change (Burner *burner, guint64 frame, double rtf)
{
  g_assert (burner->n_changes < MAX_CHANGES);
  burner->changes[burner->n_changes].frame = frame;
  burner->changes[burner->n_changes].rtf = rtf;
  burner->n_changes++;
}

guint64
burner_probed (const Burner *burner)
{
  return burner->probed;
}
