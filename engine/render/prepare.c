/* Scans of the whole sound before its first frame.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "renderer-private.h"

#include "../math/fpmode.h"

#include <math.h>

#define SCAN_QUANTA 256 /* between two reports of progress */

void
kromo_progress_report (double done, gpointer user_data)
{
  const KromoProgress *progress = user_data;

  if (progress->report != NULL)
    progress->report (progress->from + (progress->to - progress->from) * done, progress->user_data);
}

static void
take_extremes (KromoRenderer *renderer, guint n)
{
  KromoSound *sound = renderer->sound;
  const guint64 start = renderer->output->n_rendered - n;

  for (guint c = 0; c < sound->format.channels; c++) {
    const float *x = kromo_renderer_ring_at (renderer, c, start);

    for (guint i = 0; i < n; i++) {
      sound->min = fminf (sound->min, x[i]);
      sound->max = fmaxf (sound->max, x[i]);
    }
  }
}

/* The graph's states are those of any run, so that the scan leaves checkpoints too: as if all that was
 * rendered had left. */
static void
leave_checkpoint (KromoRenderer *renderer)
{
  KromoOutput *output = renderer->output;

  output->position = output->n_rendered;
  kromo_renderer_leave_checkpoint (renderer);
  output->position = 0;
}

/* Renders the whole sound for its extremes. Goes on where it was interrupted. */
static gboolean
scan_peak (KromoRenderer *renderer, KromoProgress *progress)
{
  KromoSound *sound = renderer->sound;
  KromoOutput *output = renderer->output;

  for (guint k = 1; output->n_rendered < sound->n_frames; k++) {
    if (kromo_renderer_is_interrupted (renderer))
      return FALSE;
    leave_checkpoint (renderer);
    take_extremes (renderer, kromo_renderer_run_graph (renderer));
    if (k % SCAN_QUANTA == 0)
      kromo_progress_report ((double) output->n_rendered / sound->n_frames, progress);
  }
  kromo_renderer_reset (renderer);
  return TRUE;
}

/* A key that no convolver's response has: a view of nothing. */
static gboolean
get_peak_key (const KromoSound *sound, KromoScanKey *key)
{
  const KromoView nothing = { 0 };

  return kromo_bank_get_key (sound->bank, &nothing, key);
}

static gboolean
recall_peak (KromoSound *sound)
{
  KromoScanKey key;
  float found[2];

  if (!get_peak_key (sound, &key) || !kromo_scan_cache_get (&key, found))
    return FALSE;
  sound->min = found[0];
  sound->max = found[1];
  return TRUE;
}

static void
remember_peak (const KromoSound *sound)
{
  const float found[2] = { sound->min, sound->max };
  KromoScanKey key;

  if (get_peak_key (sound, &key))
    kromo_scan_cache_put (&key, found);
}

gboolean
kromo_renderer_needs_preparation (const KromoRenderer *renderer)
{
  const KromoSound *sound = renderer->sound;

  return !sound->prepared
      && (sound->format.normalize == KROMO_NORMALIZE_PEAK
          || kromo_graph_needs_preparation (sound->graph));
}

static gboolean
scan (
    KromoRenderer *renderer, void (*progress) (double done, gpointer user_data), gpointer user_data)
{
  KromoSound *sound = renderer->sound;
  const gboolean peak = sound->format.normalize == KROMO_NORMALIZE_PEAK;
  const gboolean graph = kromo_graph_needs_preparation (sound->graph);
  KromoProgress part = { progress, user_data, 0.0, peak ? 0.5 : 1.0 };
  gboolean ok = TRUE;

  if (!sound->graph_prepared) {
    ok = kromo_bank_fill_tables (sound->bank, renderer->interrupt)
        && kromo_graph_prepare (
            sound->graph, &renderer->arena, renderer->interrupt, kromo_progress_report, &part);
    sound->graph_prepared = ok;
  }
  if (ok && peak && !recall_peak (sound)) {
    part.from = graph ? 0.5 : 0.0;
    part.to = 1.0;
    ok = scan_peak (renderer, &part);
    if (ok)
      remember_peak (sound);
  }
  return ok;
}

gboolean
kromo_renderer_prepare (KromoRenderer *renderer, void (*progress) (double done, gpointer user_data),
    gpointer user_data, GError **error)
{
  KromoSound *sound = renderer->sound;
  KromoFpMode mode;

  if (sound->prepared)
    return TRUE;
  mode = kromo_fp_begin (KROMO_FP_USUAL);
  sound->prepared = scan (renderer, progress, user_data);
  kromo_fp_set_mode (mode);
  if (!sound->prepared)
    g_set_error_literal (error, KROMO_ERROR, KROMO_ERROR_CANCELLED, "preparation was interrupted");
  return sound->prepared;
}
