/* What the benchmarks share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bench-common.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double
read_clock (clockid_t clock)
{
  struct timespec t;

  clock_gettime (clock, &t);
  return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
}

double
bench_wall_time (void)
{
  return read_clock (CLOCK_MONOTONIC);
}

double
bench_cpu_time (void)
{
  return read_clock (CLOCK_THREAD_CPUTIME_ID);
}

static int
compare (const void *a, const void *b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

BenchFigures
bench_summarize (double *values, guint n)
{
  if (n == 0)
    return (BenchFigures){ NAN, NAN, NAN };
  qsort (values, n, sizeof *values, compare);
  return (BenchFigures){ values[0], (values[(n - 1) / 2] + values[n / 2]) / 2, values[n - 1] };
}

static void
fail_on (const GError *error)
{
  if (error == NULL)
    return;
  g_printerr ("%s: %s\n", g_get_prgname (), error->message);
  exit (1);
}

void
bench_parse_options (int *argc, char ***argv, const GOptionEntry *entries, const char *summary)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  GError *error = NULL;

  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_parse (context, argc, argv, &error);
  fail_on (error);
}

/* The value of "model name", or the architecture's silence. */
static char *
get_processor (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL))
    return g_strdup ("unknown processor");
  line = strstr (text, "model name");
  line = line != NULL ? strchr (line, ':') : NULL;
  if (line == NULL)
    return g_strdup ("unknown processor");
  return g_strndup (line + 2, strcspn (line + 2, "\n"));
}

void
bench_print_machine (const char *clock)
{
  g_autofree char *processor = get_processor ();
  double load[1] = { 0.0 };

  if (getloadavg (load, 1) < 1)
    load[0] = NAN;
  g_print (
      "%s, %u cores, load %.1f. Times are %s.\n"
      "Machines are noisy: compare medians of several runs, and doubt differences of 10 %%.\n\n",
      processor, g_get_num_processors (), load[0], clock);
}

/* ---- genomes ---- */

static void
genome_free (gpointer data)
{
  BenchGenome *genome = data;

  g_free (genome->id);
  g_free (genome->path);
  g_free (genome);
}

static BenchGenome *
genome_new (const char *folder, JsonObject *entry)
{
  BenchGenome *genome = g_new0 (BenchGenome, 1);
  JsonArray *nodes = json_object_get_array_member (entry, "nodes");
  JsonArray *renders = json_object_get_array_member (entry, "renders");

  genome->id = g_strdup (json_object_get_string_member (entry, "id"));
  genome->path = g_build_filename (folder, json_object_get_string_member (entry, "genome"), NULL);
  genome->evolved = g_str_has_prefix (genome->id, "ev");
  for (guint i = 0; i < json_array_get_length (nodes); i++)
    genome->has_convolver |=
        g_str_equal (json_array_get_string_element (nodes, i), "ConvolverNode");
  genome->inharmonicity =
      json_object_get_boolean_member (json_array_get_object_element (renders, 0), "inharmonicity");
  return genome;
}

/* As test_parity_folder() does, without the test framework, which talks and makes warnings fatal. */
static char *
get_folder (void)
{
  const char *folder = g_getenv ("KROMO_PARITY_DATA"), *data = g_getenv ("G_TEST_SRCDIR");

  if (folder != NULL && *folder != '\0')
    return g_strdup (folder);
  if (data == NULL) {
    g_printerr ("%s: set KROMO_PARITY_DATA, or run this through meson\n", g_get_prgname ());
    exit (1);
  }
  return g_build_filename (data, "parity", NULL);
}

GPtrArray *
bench_list_genomes (const char *filter)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (genome_free);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *folder = get_folder ();
  g_autofree char *index = g_build_filename (folder, "index.json", NULL);
  GError *error = NULL;
  JsonArray *genomes;

  json_parser_load_from_file (parser, index, &error);
  fail_on (error);
  genomes = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (genomes); i++) {
    JsonObject *entry = json_array_get_object_element (genomes, i);

    if (filter == NULL || strstr (json_object_get_string_member (entry, "id"), filter) != NULL)
      g_ptr_array_add (list, genome_new (folder, entry));
  }
  return list;
}

GBytes *
bench_load_genome (const BenchGenome *genome)
{
  g_autoptr (GFile) file = g_file_new_for_path (genome->path);
  g_autoptr (GOutputStream) text = g_memory_output_stream_new_resizable ();
  g_autoptr (GInputStream) stream = NULL;
  GError *error = NULL;

  stream = G_INPUT_STREAM (g_file_read (file, NULL, &error));
  fail_on (error);
  if (g_str_has_suffix (genome->path, ".gz")) {
    g_autoptr (GConverter) gunzip =
        G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    GInputStream *unpacked = g_converter_input_stream_new (stream, gunzip);

    g_object_unref (stream);
    stream = unpacked;
  }
  g_output_stream_splice (text, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error);
  fail_on (error);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (text));
}
