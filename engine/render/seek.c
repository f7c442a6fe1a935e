/* Going to any frame.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "renderer-private.h"

#include <string.h>

/* Seconds between checkpoints, at least: above the first chunk, which none delays, and of a sound that is
 * quick to render, so many that they take one part in so many of what rendering takes. */
#define LEAST_INTERVAL 0.2
#define LONGEST_LEAST_INTERVAL 1.0
#define COPY_PART 64
#define OPERATIONS_A_BYTE 15 /* to copy it into a page that was never touched; measured */

#define LONG_WAY 5.0 /* seconds; shorter ways report nothing */
#define REPORT_QUANTA 256
#define USUAL_CHUNK 1.0 /* seconds of reverse play at a time, until it is seen */
#define MAX_CHUNK 10.0

static guint64
count_quanta (guint64 n_frames)
{
  return (n_frames + KROMO_QUANTUM - 1) / KROMO_QUANTUM;
}

static guint64
quanta_of (const KromoRenderer *renderer, double seconds)
{
  return (guint64) (seconds * renderer->sound->format.rate / KROMO_QUANTUM) + 1;
}

static guint64
get_least_interval (const KromoRenderer *renderer)
{
  const KromoSound *sound = renderer->sound;
  const double copy = (double) sound->layout.state * OPERATIONS_A_BYTE;
  const double frames = copy * COPY_PART / (double) MAX (sound->operations, 1);

  return quanta_of (
      renderer, CLAMP (frames / sound->format.rate, LEAST_INTERVAL, LONGEST_LEAST_INTERVAL));
}

void
kromo_renderer_keep_checkpoints (KromoRenderer *renderer, guint64 bytes)
{
  const KromoSound *sound = renderer->sound;

  g_clear_pointer (&renderer->checkpoints, kromo_checkpoints_free);
  if (bytes > 0)
    renderer->checkpoints = kromo_checkpoints_new (
        sound->layout.state, bytes, count_quanta (sound->n_frames), get_least_interval (renderer));
}

void
kromo_renderer_leave_checkpoint (KromoRenderer *renderer)
{
  if (renderer->checkpoints != NULL && renderer->straight)
    kromo_checkpoints_pass (
        renderer->checkpoints, renderer->output->n_rendered / KROMO_QUANTUM, renderer->arena.state);
}

/* Makes the nearest state before @frame the renderer's; @last is the quantum of the last checkpoint that
 * would do. */
static void
start_from_nearest (KromoRenderer *renderer, guint64 frame, guint64 last)
{
  const KromoSound *sound = renderer->sound;
  const gboolean here = renderer->straight && renderer->output->position <= frame;
  guint64 quantum = 0;
  gconstpointer state = NULL;

  if (renderer->checkpoints != NULL)
    state = kromo_checkpoints_find (renderer->checkpoints, last, &quantum);
  if (here && quantum * KROMO_QUANTUM <= renderer->output->n_rendered)
    return;
  if (state == NULL) {
    kromo_renderer_reset (renderer);
    return;
  }
  kromo_renderer_end_fade (renderer);
  memcpy (renderer->arena.state, state, sound->layout.state);
  kromo_bank_invalidate (sound->bank, &renderer->arena);
  renderer->straight = TRUE;
}

/* How far before @frame the next seek goes, if it is one of a row of them. */
static guint64
guess_chunk (const KromoRenderer *renderer, guint64 frame)
{
  const guint64 step = renderer->last_target > frame ? renderer->last_target - frame : 0;

  if (step > 0 && step <= (guint64) (MAX_CHUNK * renderer->sound->format.rate))
    return (step + KROMO_QUANTUM - 1) / KROMO_QUANTUM;
  return quanta_of (renderer, USUAL_CHUNK);
}

static gboolean
render_to_nowhere (KromoRenderer *renderer, guint64 frame, const KromoProgress *progress)
{
  const guint64 start = renderer->output->position, way = frame - start;
  const gboolean is_long = way > (guint64) (LONG_WAY * renderer->sound->format.rate);
  float nowhere[KROMO_QUANTUM], *channels[KROMO_MAX_CHANNELS];

  for (guint c = 0; c < KROMO_MAX_CHANNELS; c++)
    channels[c] = nowhere;
  for (guint k = 1; renderer->output->position < frame; k++) {
    const gsize n = (gsize) MIN (frame - renderer->output->position, KROMO_QUANTUM);

    if (kromo_renderer_render (renderer, channels, n) < n)
      return FALSE;
    if (is_long && k % REPORT_QUANTA == 0)
      kromo_progress_report (
          (double) (renderer->output->position - start) / (double) way, (gpointer) progress);
  }
  return TRUE;
}

gboolean
kromo_renderer_seek (KromoRenderer *renderer, guint64 frame,
    void (*progress) (double done, gpointer user_data), gpointer user_data, GError **error)
{
  const gboolean prepares = kromo_renderer_needs_preparation (renderer);
  KromoProgress part = { progress, user_data, 0.0, prepares ? 0.5 : 1.0 };
  guint64 last;

  if (!kromo_renderer_prepare (renderer, kromo_progress_report, &part, error))
    return FALSE;
  part.from = prepares ? 0.5 : 0.0;
  part.to = 1.0;
  frame = MIN (frame, renderer->sound->n_frames);
  last = (frame + kromo_levels_get_look_ahead (renderer)) / KROMO_QUANTUM;
  start_from_nearest (renderer, frame, last);
  if (renderer->checkpoints != NULL)
    kromo_checkpoints_plan (renderer->checkpoints, renderer->output->n_rendered / KROMO_QUANTUM,
        MIN (last, count_quanta (renderer->sound->n_frames) - 1), guess_chunk (renderer, frame));
  renderer->last_target = frame;
  if (!render_to_nowhere (renderer, frame, &part)) {
    g_set_error_literal (error, KROMO_ERROR, KROMO_ERROR_CANCELLED, "seeking was interrupted");
    return FALSE;
  }
  return TRUE;
}
