/* kromo-render: renders a genome to an audio file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib-unix.h>

#include "render.h"

#define BAR_WIDTH 40
#define BAR_INTERVAL_MS 100

typedef struct {
  SoundOptions sound;
  char *note_delta;
  char *genome_id;
  gint bits, bitrate;
  gboolean quiet;
  char **arguments; /* GENOME OUTPUT */
} Options;

typedef struct {
  RenderJob job;
  GCancellable *cancellable;
  GMainLoop *loop;
  GError *error;
  gint signal;
} Run;

static gboolean
on_done (gpointer data)
{
  g_main_loop_quit (((Run *) data)->loop);

  return G_SOURCE_REMOVE;
}

static gpointer
render_thread (gpointer data)
{
  Run *run = data;

  render_job_run (&run->job, run->cancellable, &run->error);
  g_idle_add (on_done, run);

  return NULL;
}

static gboolean
on_bar (gpointer data)
{
  Run *run = data;
  gint permille = g_atomic_int_get (&run->job.permille);
  gint filled = permille * BAR_WIDTH / 1000;

  g_printerr ("\r[%.*s%*s] %3d %%", filled, "########################################",
      BAR_WIDTH - filled, "", permille / 10);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer data)
{
  Run *run = data;

  run->signal = SIGINT;
  g_cancellable_cancel (run->cancellable);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_terminate (gpointer data)
{
  Run *run = data;

  run->signal = SIGTERM;
  g_cancellable_cancel (run->cancellable);

  return G_SOURCE_CONTINUE;
}

/* Returns: the exit status */
static int
render (Run *run, gboolean quiet)
{
  gint64 start = g_get_monotonic_time ();
  gboolean show_bar = !quiet && isatty (STDERR_FILENO);
  GThread *thread;

  run->cancellable = g_cancellable_new ();
  run->loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGINT, on_interrupt, run);
  g_unix_signal_add (SIGHUP, on_terminate, run);
  g_unix_signal_add (SIGTERM, on_terminate, run);
  if (show_bar)
    g_timeout_add (BAR_INTERVAL_MS, on_bar, run);
  thread = g_thread_new ("render", render_thread, run);
  g_main_loop_run (run->loop);
  g_thread_join (thread);
  g_main_loop_unref (run->loop);
  g_object_unref (run->cancellable);
  if (show_bar)
    g_printerr ("\r\033[K");

  if (run->job.warnings && !quiet)
    g_printerr ("%s\n", run->job.warnings);
  if (run->error) {
    g_autofree char *line = make_printable (run->error->message);

    g_printerr ("%s\n", line);
    return run->signal ? 128 + run->signal : 1;
  }
  if (!quiet)
    printf ("%s: %.3f s of sound in %.3f s\n", run->job.output, (double) run->job.audio_time / 1e9,
        (double) (g_get_monotonic_time () - start) / 1e6);

  return 0;
}

static gboolean
parse (Options *o, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "note-delta", 'n', 0, G_OPTION_ARG_STRING, &o->note_delta, "Transposition (0)", "SEMITONES" },
    { "genome-id", 'i', 0, G_OPTION_ARG_STRING, &o->genome_id,
        "Which genome of a database (the first by id)", "ID" },
    { "bits", 'b', 0, G_OPTION_ARG_INT, &o->bits,
        "Of a sample: 16, 24 (wav, flac) or 32, which is float (wav) (16)", "N" },
    { "bitrate", 'B', 0, G_OPTION_ARG_INT, &o->bitrate, "Opus (128) and MP3 (192), in kbit/s",
        "N" },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &o->quiet, "Print errors only", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->arguments, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("GENOME OUTPUT.{wav,flac,opus,mp3}");

  g_option_context_set_summary (context,
      "Renders a genome to an audio file; the extension says which kind.\n"
      "GENOME is a genome file, a genome database, a kromo: URI, or \"default\".");
  g_option_context_set_main_group (context, sound_options_get_group (&o->sound));
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, argv, error))
    return FALSE;
  if (!o->arguments || g_strv_length (o->arguments) != 2) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "wanted are a GENOME and an OUTPUT; --help tells more");
    return FALSE;
  }

  return !o->note_delta
      || sound_options_set (&o->sound, "--note-delta", "note-delta", o->note_delta, error);
}

static Genome *
choose_genome (const Options *o, GPtrArray *genomes, GError **error)
{
  Genome *genome = genomes->pdata[0];

  if (g_file_test (o->arguments[0], G_FILE_TEST_IS_DIR)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR,
        "%s: is a folder; render-batch.sh renders all that is in it", o->arguments[0]);
    return NULL;
  }
  if (o->genome_id && genome->location) {
    g_free (genome->id);
    genome->id = g_strdup (o->genome_id);
  }

  return genome;
}

static int
run (Options *o, char ***argv, GError **error)
{
  g_autoptr (GPtrArray) genomes = NULL;
  g_autoptr (GstCaps) caps = NULL;
  g_autofree char *base = NULL;
  FileFormat format;
  Run run = { .job = { .options = &o->sound, .format = &format, .replace = TRUE } };
  const char *extension;
  int status;

  if (!have_kromosrc (error) || !parse (o, argv, error))
    return 1;
  caps = sound_options_get_caps (&o->sound, NULL);
  base = g_path_get_basename (o->arguments[1]);
  extension = strrchr (base, '.');
  if (!file_format_init (&format, extension ? extension + 1 : "", o->bits, o->bitrate, caps, error))
    return 1;
  genomes = genomes_list (o->arguments[0], error);
  if (!genomes)
    return 1;
  run.job.genome = choose_genome (o, genomes, error);
  if (!run.job.genome)
    return 1;
  run.job.output = o->arguments[1];
  status = render (&run, o->quiet);
  render_job_clear (&run.job);
  g_clear_error (&run.error);

  return status;
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) arguments = separate_numbers (argv);
  g_autoptr (GError) error = NULL;
  Options options = { 0 };
  int status;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  gst_init (NULL, NULL);
  sound_options_init (&options.sound);
  status = run (&options, &arguments, &error);
  if (error)
    g_printerr ("kromo-render: %s\n", error->message);
  sound_options_clear (&options.sound);
  g_free (options.note_delta);
  g_free (options.genome_id);
  g_strfreev (options.arguments);

  return status;
}
