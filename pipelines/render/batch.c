/* kromo-batch: renders a folder or a database of genomes to audio files
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "batch.h"
#include "part-file.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <unistd.h>

typedef struct {
  char *format;
  char *notes;
  gint bits, bitrate;
  gint jobs;
  char *shard;
  gint item;
  gboolean list, again, verbose, quiet;
  char **arguments; /* GENOMES FOLDER */
} Options;

static gboolean
parse (Options *o, SoundOptions *sound, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_STRING, &o->format, FILE_TYPES " (wav)", "TYPE" },
    { "note-delta", 'n', 0, G_OPTION_ARG_STRING, &o->notes,
        "Transpositions, each a file of its own (0)", "SEMITONES,..." },
    { "bits", 'b', 0, G_OPTION_ARG_INT, &o->bits,
        "Of a sample: 16, 24 (wav, flac) or 32, which is float (wav) (16)", "N" },
    { "bitrate", 'B', 0, G_OPTION_ARG_INT, &o->bitrate, "Opus (128) and MP3 (192), in kbit/s",
        "N" },
    { "jobs", 'j', 0, G_OPTION_ARG_INT, &o->jobs, "How many at a time (one a core)", "N" },
    { "list", 'l', 0, G_OPTION_ARG_NONE, &o->list,
        "Print the items, a line each: number, done or todo, file, genome; with tabs between",
        NULL },
    { "shard", 's', 0, G_OPTION_ARG_STRING, &o->shard,
        "Only every Nth item, from item I on; I counts from 1", "I/N" },
    { "item", 'i', 0, G_OPTION_ARG_INT, &o->item, "Only the item with this number in the list",
        "N" },
    { "again", 'a', 0, G_OPTION_ARG_NONE, &o->again, "Render also what is there already", NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &o->verbose, "Tell what is not played as written",
        NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &o->quiet, "Print failures only", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->arguments, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("GENOMES FOLDER");

  g_option_context_set_summary (context,
      "Renders every genome of GENOMES, a folder or a genome database, to an audio file in FOLDER. "
      "Files that are\nthere already are left alone, so that the same command goes on with what "
      "was "
      "interrupted.");
  g_option_context_set_description (context,
      "Exit status: 0 when all files are there, 1 when some could not be rendered, 2 for a wrong "
      "command, 128 and the\nsignal's number when interrupted.");
  g_option_context_set_main_group (context, sound_options_get_group (sound));
  g_option_context_add_main_entries (context, entries, NULL);

  return g_option_context_parse_strv (context, argv, error);
}

static gboolean
fail (GError **error, const char *text)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, text);

  return FALSE;
}

/* Which items, by their numbers. */
static gboolean
choose (const Options *o, guint n_items, GArray *numbers, GError **error)
{
  guint64 first = 1, step = 1;

  if (o->shard && o->item)
    return fail (error, "--shard and --item do not go together");
  if (o->item && (o->item < 0 || (guint) o->item > n_items)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--item: there is no item %d; there are items 1 to %u", o->item, n_items);
    return FALSE;
  }
  if (o->shard) {
    g_auto (GStrv) parts = g_strsplit (o->shard, "/", 2);

    if (g_strv_length (parts) != 2
        || !g_ascii_string_to_unsigned (parts[1], 10, 1, G_MAXINT, &step, NULL)
        || !g_ascii_string_to_unsigned (parts[0], 10, 1, step, &first, NULL))
      return fail (error, "--shard: wanted is I/N with I from 1 to N, such as 2/8");
  }
  for (guint64 i = o->item ? (guint64) o->item : first; i <= n_items; i += step) {
    guint number = (guint) i;

    g_array_append_val (numbers, number);
    if (o->item)
      break;
  }

  return TRUE;
}

static void
list (const Batch *batch, const GArray *numbers)
{
  for (guint i = 0; i < numbers->len; i++) {
    guint number = g_array_index (numbers, guint, i);
    const BatchItem *item = &g_array_index (batch->items, BatchItem, number - 1);
    g_autofree char *genome = genome_describe (item->genome);

    /* not g_print(), which would change names to what the locale has */
    printf ("%u\t%s\t%s\t%s\n", number, part_file_exists (item->output) ? "done" : "todo",
        item->output, genome);
  }
}

static void
summarize (const BatchRun *run, double seconds)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_left = run->numbers->len - run->n_rendered - run->n_present - run->n_failed - run->n_busy;

  g_string_append_printf (text, "%u rendered", run->n_rendered);
  if (run->n_rendered)
    g_string_append_printf (
        text, " (%.0f s of sound in %.1f s)", (double) run->audio_time / 1e9, seconds);
  g_string_append_printf (text, ", %u were there, %u failed", run->n_present, run->n_failed);
  if (run->n_busy)
    g_string_append_printf (text, ", %u left to another process", run->n_busy);
  if (run->n_warned)
    g_string_append_printf (text, ", %u not quite as written", run->n_warned);
  if (run->signal)
    g_string_append_printf (
        text, "; interrupted with %u to go: the same command goes on from here", n_left);
  g_print ("%s\n", text->str);
}

static int
render (const Options *o, const Batch *batch, GArray *numbers, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  BatchRun run = {
    .batch = batch,
    .numbers = numbers,
    .jobs = o->jobs ? (guint) o->jobs : g_get_num_processors (),
    .again = o->again,
    .verbose = o->verbose,
    .show_bar = !o->quiet && isatty (STDERR_FILENO),
  };

  if (g_mkdir_with_parents (batch->folder, 0777) != 0) {
    int code = errno;

    g_set_error (error, G_FILE_ERROR, (gint) g_file_error_from_errno (code),
        "%s: the folder cannot be made: %s", batch->folder, g_strerror (code));
    return 2;
  }
  if (!batch_check_settings (batch, o->again, error))
    return 2;
  batch_run (&run);
  if (!o->quiet)
    summarize (&run, (double) (g_get_monotonic_time () - start) / 1e6);

  return run.signal ? 128 + run.signal : run.n_failed > 0 ? 1 : 0;
}

static int
run (Options *o, Batch *batch, char ***argv, GError **error)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GstCaps) caps = NULL;

  if (!have_kromosrc (error) || !parse (o, &batch->sound, argv, error))
    return 2;
  if (!o->arguments || g_strv_length (o->arguments) != 2) {
    fail (error, "wanted are GENOMES and a FOLDER for the files; --help tells more");
    return 2;
  }
  if (o->jobs < 0 || o->jobs > 1024) {
    fail (error, "--jobs: wanted is a number from 1 to 1024");
    return 2;
  }
  caps = sound_options_get_caps (&batch->sound, NULL);
  if (!file_format_init (
          &batch->format, o->format ? o->format : "wav", o->bits, o->bitrate, caps, error))
    return 2;
  batch->folder = g_strdup (o->arguments[1]);
  batch->genomes = genomes_list (o->arguments[0], error);
  if (!batch->genomes || !batch_init_items (batch, o->notes, error)
      || !choose (o, batch->items->len, numbers, error))
    return 2;
  if (o->list) {
    list (batch, numbers);
    return 0;
  }

  return render (o, batch, numbers, error);
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) arguments = separate_numbers (argv);
  g_autoptr (GError) error = NULL;
  Options options = { 0 };
  Batch batch = { 0 };
  int status;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  gst_init (NULL, NULL);
  sound_options_init (&batch.sound);
  status = run (&options, &batch, &arguments, &error);
  if (error)
    g_printerr ("kromo-batch: %s\n", error->message);
  batch_clear (&batch);
  g_free (options.format);
  g_free (options.notes);
  g_free (options.shard);
  g_strfreev (options.arguments);

  return status;
}
