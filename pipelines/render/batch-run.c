/* Many sounds to files: several at a time, with a bar
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Workers render; all that is told and counted is in the main thread, to which they hand their results.
 */

#include "batch.h"
#include "part-file.h"

#include <math.h>

#include <glib-unix.h>

#define BAR_WIDTH 30
#define BAR_INTERVAL_MS 200

typedef struct {
  BatchRun *run;
  RenderJob *jobs; /* one for each number */
  guint n_ended;
  GCancellable *cancellable;
  GMainLoop *loop;
  gint64 started;
} Work;

typedef struct {
  Work *work;
  guint index;
  GError *error;
} Result;

static const BatchItem *
get_item (const Work *work, guint index)
{
  guint number = g_array_index (work->run->numbers, guint, index);

  return &g_array_index (work->run->batch->items, BatchItem, number - 1);
}

/* ---- what is told ---- */

static void
clear_bar (const Work *work)
{
  if (work->run->show_bar)
    g_printerr ("\r\033[K");
}

/* A line on the standard error, above the bar. */
static void
tell (const Work *work, const BatchItem *item, const char *text)
{
  g_autofree char *base = g_path_get_basename (item->output);
  g_autofree char *output = make_printable (base);
  g_autofree char *line = make_printable (text);

  clear_bar (work);
  g_printerr ("%s: %s\n", output, line);
}

static gboolean
on_bar (gpointer data)
{
  Work *work = data;
  const BatchRun *run = work->run;
  guint n = run->numbers->len;
  double under_way = 0, done, seconds = (double) (g_get_monotonic_time () - work->started) / 1e6;
  guint rendered = work->n_ended - run->n_present;
  double parts;
  gint filled;
  g_autofree char *left = NULL;

  for (guint i = 0; i < n; i++)
    under_way += (double) g_atomic_int_get (&work->jobs[i].permille) / 1000.0;
  done = n ? ((double) work->n_ended + under_way) / n : 1.0;
  parts = rendered + under_way;
  if (parts > 0)
    left =
        g_strdup_printf (", %.0f s left", ceil (seconds * (n - work->n_ended - under_way) / parts));
  filled = (gint) (CLAMP (done, 0, 1) * BAR_WIDTH);
  g_printerr ("\r[%.*s%*s] %u/%u, %u failed%s\033[K", filled, "##############################",
      BAR_WIDTH - filled, "", work->n_ended, n, run->n_failed, left ? left : "");

  return G_SOURCE_CONTINUE;
}

/* ---- rendering ---- */

static void
count_error (Work *work, const BatchItem *item, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY)) {
    work->run->n_busy++;
    return;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS)) {
    work->run->n_present++;
    return;
  }
  work->run->n_failed++;
  tell (work, item, error->message);
}

static gboolean
on_result (gpointer data)
{
  Result *result = data;
  Work *work = result->work;
  RenderJob *job = &work->jobs[result->index];

  if (result->error) {
    count_error (work, get_item (work, result->index), result->error);
  } else {
    work->run->n_rendered++;
    work->run->audio_time += job->audio_time;
    work->run->n_warned += job->warnings != NULL;
    if (job->warnings && work->run->verbose)
      tell (work, get_item (work, result->index), job->warnings);
  }
  render_job_clear (job);
  g_atomic_int_set (&job->permille, 0);
  g_clear_error (&result->error);
  g_free (result);
  if (++work->n_ended == work->run->numbers->len)
    g_main_loop_quit (work->loop);

  return G_SOURCE_REMOVE;
}

static void
render_item (gpointer data, gpointer user_data)
{
  Work *work = user_data;
  Result *result = g_new0 (Result, 1);

  result->work = work;
  result->index = GPOINTER_TO_UINT (data) - 1;
  render_job_run (&work->jobs[result->index], work->cancellable, &result->error);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_result, result, NULL);
}

/* ---- signals ---- */

static void
interrupt (Work *work, gint signal)
{
  work->run->signal = signal;
  g_cancellable_cancel (work->cancellable);
}

static gboolean
on_interrupt (gpointer data)
{
  interrupt (data, SIGINT);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_hangup (gpointer data)
{
  interrupt (data, SIGHUP);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_terminate (gpointer data)
{
  interrupt (data, SIGTERM);

  return G_SOURCE_CONTINUE;
}

/* ---- */

/* What is not there yet goes to the workers, in order. */
static void
push_items (Work *work, GThreadPool *pool)
{
  BatchRun *run = work->run;

  for (guint i = 0; i < run->numbers->len; i++) {
    const BatchItem *item = get_item (work, i);

    if (!run->again && part_file_exists (item->output)) {
      run->n_present++;
      work->n_ended++;
      continue;
    }
    work->jobs[i] = (RenderJob){
      .genome = item->genome,
      .options = &run->batch->sound,
      .format = &run->batch->format,
      .output = item->output,
      .has_note_delta = TRUE,
      .note_delta = item->note_delta,
      .replace = run->again,
      .is_lasting = TRUE,
    };
    g_thread_pool_push (pool, GUINT_TO_POINTER (i + 1), NULL);
  }
}

void
batch_run (BatchRun *run)
{
  Work work = {
    .run = run,
    .jobs = g_new0 (RenderJob, run->numbers->len),
    .cancellable = g_cancellable_new (),
    .loop = g_main_loop_new (NULL, FALSE),
    .started = g_get_monotonic_time (),
  };
  guint sources[] = {
    g_unix_signal_add (SIGINT, on_interrupt, &work),
    g_unix_signal_add (SIGHUP, on_hangup, &work),
    g_unix_signal_add (SIGTERM, on_terminate, &work),
    run->show_bar ? g_timeout_add (BAR_INTERVAL_MS, on_bar, &work) : 0,
  };
  GThreadPool *pool = g_thread_pool_new (render_item, &work, (gint) run->jobs, TRUE, NULL);

  push_items (&work, pool);
  if (run->show_bar)
    on_bar (&work);
  if (work.n_ended < run->numbers->len)
    g_main_loop_run (work.loop);
  if (run->show_bar && !run->signal)
    on_bar (&work);
  if (run->show_bar)
    g_printerr ("\n");
  g_thread_pool_free (pool, FALSE, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    if (sources[i])
      g_source_remove (sources[i]);
  g_main_loop_unref (work.loop);
  g_object_unref (work.cancellable);
  g_free (work.jobs);
}
