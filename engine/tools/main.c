/* kromo-info: look inside a genome.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "info.h"

#include "render/settings.h"

#include <errno.h>
#include <gio/gio.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  gboolean list, dot, json, builtin, force, reverse, version;
  char *save, *seed, *rendering;
  char **files; /* FILE, ID */
  double duration, note_delta, velocity;
  gint rate, channels;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->save);
  g_free (options->seed);
  g_free (options->rendering);
  g_strfreev (options->files);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Text from files and arguments may hold anything: see info_escape(). */
static void
say (const char *message)
{
  g_autofree char *escaped = info_escape (message);

  fprintf (stderr, "kromo-info: %s\n", escaped);
}

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, INFO_ERROR, 0, message);
  return FALSE;
}

static gboolean
write_out (const GString *out, GError **error)
{
  if (fwrite (out->str, 1, out->len, stdout) == out->len && fflush (stdout) == 0)
    return TRUE;
  g_set_error (error, INFO_ERROR, 0, "the output cannot be written: %s", g_strerror (errno));
  return FALSE;
}

/* ---- options ---- */

static gboolean
parse (Options *o, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "list", 0, 0, G_OPTION_ARG_NONE, &o->list, "List the ids in a genome database", NULL },
    { "dot", 0, 0, G_OPTION_ARG_NONE, &o->dot, "Write the genome as a graph for Graphviz", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Write everything as JSON", NULL },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &o->seed, "Take the random genome of this seed", "N" },
    { "default", 0, 0, G_OPTION_ARG_NONE, &o->builtin, "Take the built-in genome", NULL },
    { "save", 0, 0, G_OPTION_ARG_FILENAME, &o->save,
        "Save the random or built-in genome as a genome file", "FILE" },
    { "force", 0, 0, G_OPTION_ARG_NONE, &o->force, "Let --save overwrite", NULL },
    { "duration", 0, 0, G_OPTION_ARG_DOUBLE, &o->duration, "Length of the sound (4)", "SECONDS" },
    { "note-delta", 0, 0, G_OPTION_ARG_DOUBLE, &o->note_delta, "Transposition (0)", "SEMITONES" },
    { "velocity", 0, 0, G_OPTION_ARG_DOUBLE, &o->velocity, "0 to 1 (1)", "VELOCITY" },
    { "reverse", 0, 0, G_OPTION_ARG_NONE, &o->reverse, "Run the network backwards", NULL },
    { "rate", 0, 0, G_OPTION_ARG_INT, &o->rate, "Frames per second (48000)", "HZ" },
    { "channels", 0, 0, G_OPTION_ARG_INT, &o->channels, "1 to 8 (1)", "N" },
    { "rendering", 0, 0, G_OPTION_ARG_STRING, &o->rendering, "reference (default) or standard",
        "NAME" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &o->version, "Print the version", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->files, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("[FILE [ID]]");

  g_option_context_set_summary (context,
      "Tells what is in a genome and what it takes to render it. FILE is a genome file or a genome "
      "database,\nID one of a database's genomes (without it, the first). Without FILE it is the "
      "built-in genome.");
  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse (context, argc, argv, error);
}

static gboolean
get_source (const Options *o, InfoSource *source, GError **error)
{
  const guint n_files = o->files != NULL ? g_strv_length (o->files) : 0;

  if (n_files > 2)
    return fail (error, "too many arguments; wanted are FILE and perhaps an ID");
  if (o->list + o->dot + o->json > 1 && !(o->list && o->json && !o->dot))
    return fail (error, "choose one of --list, --dot and --json");
  if ((n_files > 0) + (o->seed != NULL) + (o->builtin != FALSE) > 1)
    return fail (error, "choose one of FILE, --seed and --default");
  if (o->list && n_files != 1)
    return fail (error, "--list needs a FILE, and nothing but it");
  if (o->save != NULL && o->seed == NULL && !o->builtin)
    return fail (error, "--save needs --seed or --default");
  if (o->save != NULL && (o->dot || o->json))
    return fail (error, "--save does not go with --dot and --json");
  if (o->force && o->save == NULL)
    return fail (error, "--force needs --save");
  source->filename = n_files > 0 ? o->files[0] : NULL;
  source->id = n_files > 1 ? o->files[1] : NULL;
  source->has_seed = o->seed != NULL;
  return o->seed == NULL
      || g_ascii_string_to_unsigned (o->seed, 10, 0, G_MAXUINT64, &source->seed, error);
}

static gboolean
get_settings (const Options *o, KromoNote *note, KromoFormat *format, GError **error)
{
  if (!(o->duration >= 0.0 && o->duration <= (double) KROMO_MAX_DURATION / 1e9))
    return fail (error, "the duration must lie between 0 and 86400 seconds");
  note->duration = (guint64) floor (o->duration * 1e9 + 0.5);
  note->note_delta = o->note_delta;
  note->velocity = o->velocity;
  note->reverse = o->reverse;
  format->rate = (guint) MAX (o->rate, 0);
  format->channels = (guint) MAX (o->channels, 0);
  format->normalize = KROMO_NORMALIZE_LIMIT;
  if (o->rendering != NULL && g_str_equal (o->rendering, "standard"))
    format->rendering = KROMO_RENDERING_STANDARD;
  else if (o->rendering != NULL && !g_str_equal (o->rendering, "reference"))
    return fail (error, "the rendering is either reference or standard");
  return kromo_check_settings (note, format, error);
}

/* ---- what it does ---- */

static gboolean
list (const char *filename, gboolean as_json, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_auto (GStrv) ids = kromo_genome_list_ids (filename, error);

  if (ids == NULL)
    return FALSE;
  if (as_json) {
    info_write_json_list ((const char *const *) ids, out);
  } else {
    for (char **id = ids; *id != NULL; id++) {
      g_autofree char *escaped = info_escape (*id);
      g_string_append_printf (out, "%s\n", escaped);
    }
  }
  if (g_strv_length (ids) == KROMO_MAX_LISTED_IDS)
    say ("only the first " G_STRINGIFY (KROMO_MAX_LISTED_IDS) " ids are listed");
  return write_out (out, error);
}

static gboolean
save (const InfoSource *source, const char *filename, gboolean force, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *name = g_filename_display_name (filename);
  g_autofree char *escaped = info_escape (name);

  if (!info_source_save (source, filename, force, error))
    return FALSE;
  g_string_append_printf (out, "saved: %s\n", escaped);
  return write_out (out, error);
}

static gboolean
show (const Options *o, const InfoSource *source, GError **error)
{
  g_autofree char *name = info_source_get_name (source);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (KromoGenome) genome = NULL;
  g_autoptr (InfoFacts) facts = NULL;
  KromoNote note = KROMO_NOTE_INIT;
  KromoFormat format = { 0 };

  if (!get_settings (o, &note, &format, error))
    return FALSE;
  genome = info_source_load (source, error);
  if (genome == NULL)
    return FALSE;
  facts = info_facts_new (name, genome, &note, &format);
  if (info_facts_build (facts) && !o->dot)
    info_facts_measure (facts);
  if (o->dot)
    info_write_dot (facts, out);
  else if (o->json)
    info_write_json (facts, out);
  else
    info_write_text (facts, out);
  if (!write_out (out, error))
    return FALSE;
  if (facts->error == NULL || o->dot)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&facts->error));
  return FALSE;
}

static gboolean
run (int argc, char **argv, GError **error)
{
  g_auto (Options) options = { .duration = 4.0, .velocity = 1.0, .rate = 48000, .channels = 1 };
  InfoSource source = { NULL };

  if (!parse (&options, &argc, &argv, error))
    return FALSE;
  if (options.version) {
    g_autoptr (GString) out = g_string_new ("kromo-info " VERSION "\n");
    return write_out (out, error);
  }
  if (!get_source (&options, &source, error))
    return FALSE;
  if (options.list)
    return list (source.filename, options.json, error);
  if (options.save != NULL)
    return save (&source, options.save, options.force, error);
  return show (&options, &source, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_CTYPE, ""); /* and nothing else: numbers have points */
  if (run (argc, argv, &error))
    return 0;
  say (error->message);
  return 1;
}
