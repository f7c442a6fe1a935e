/* How fast whole genomes are rendered.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * For every genome of the parity data: construction (JSON text in memory to the first quantum, without
 * the scan of the whole sound that a convolver asks for), the same again from a text that is known by then, that
 * scan, and the real-time factor (RTF) of scan and rendering at 48 kHz mono.
 */
#include "bench-common.h"
#include "genome/cache.h"
#include "kromo.h"
#include "render/build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 48000
#define CHUNK (32 * KROMO_QUANTUM)

static char *filter = NULL;
static double seconds = 10.0;
static int runs = 3;

static const GOptionEntry options[] = {
  { "filter", 'f', 0, G_OPTION_ARG_STRING, &filter, "Only genomes whose id contains TEXT", "TEXT" },
  { "seconds", 's', 0, G_OPTION_ARG_DOUBLE, &seconds, "Length of the sound (10)", "N" },
  { "runs", 'r', 0, G_OPTION_ARG_INT, &runs, "Runs, of which the median counts (3)", "N" },
  { NULL },
};

/* Seconds that the reference takes for 10 s of sound. They are of another run
 * than ours: an idle machine of the same kind (2 cores with AVX-512), node 20 on the CPU, without the
 * import of its modules. */
static const struct {
  const char *id;
  double seconds;
} reference[] = {
  { "t01_buffer", 0.59 },
  { "t40_wavetable3", 1.35 },
  { "ev097_m0", 2.3 },
  { "ev110_m20", 15.1 },
  { "ev023_m60", 42.4 },
};

#define REFERENCE_DURATION 10.0

/* Seconds. */
typedef struct {
  double construction, again, scan, rendering;
} Times;

typedef struct {
  const BenchGenome *genome;
  guint n_running;
  double construction, again, scan,
      total; /* total: from the text to the last sample, normalize none */
  double rtf, rtf_limited;
} Row;

static KromoNote
get_note (const BenchGenome *genome)
{
  KromoNote note = KROMO_NOTE_INIT;

  note.duration = (guint64) llround (seconds * 1e9);
  note.inharmonicity = genome->inharmonicity;
  return note;
}

static void
check (gconstpointer made, const BenchGenome *genome, const GError *error)
{
  if (made != NULL)
    return;
  g_printerr ("%s: %s\n", genome->id, error->message);
  exit (1);
}

static guint
count_running (const BenchGenome *entry, GBytes *text)
{
  const KromoNote note = get_note (entry);
  const KromoFormat format = { RATE, 1, KROMO_NORMALIZE_NONE, KROMO_RENDERING_REFERENCE };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome =
      kromo_genome_new_from_data (g_bytes_get_data (text, NULL), g_bytes_get_size (text), &error);
  g_autoptr (KromoBank) bank = NULL;
  g_autoptr (KromoGraph) graph = NULL;
  KromoLayout layout = { 0, 0 };

  check (genome, entry, error);
  graph = kromo_build_graph (genome, &note, &format, kromo_count_frames (RATE, note.duration),
      &bank, &layout, warnings, NULL, &error);
  check (graph, entry, error);
  return kromo_graph_count_running (graph);
}

/* Up to the first quantum; @times: its construction and scan are set. */
static KromoRenderer *
construct (const BenchGenome *entry, GBytes *text, KromoNormalize normalize, Times *times)
{
  const KromoNote note = get_note (entry);
  const KromoFormat format = { RATE, 1, normalize, KROMO_RENDERING_REFERENCE };
  float samples[KROMO_QUANTUM], *channels[] = { samples };
  const double start = bench_cpu_time ();
  double made, prepared;
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome =
      kromo_genome_new_from_data (g_bytes_get_data (text, NULL), g_bytes_get_size (text), &error);
  KromoRenderer *renderer;

  check (genome, entry, error);
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  check (renderer, entry, error);
  made = bench_cpu_time ();
  kromo_renderer_prepare (renderer, NULL, NULL, NULL);
  prepared = bench_cpu_time ();
  kromo_renderer_render (renderer, channels, KROMO_QUANTUM);
  times->construction = made - start + bench_cpu_time () - prepared;
  times->scan = prepared - made;
  return renderer;
}

static Times
run (const BenchGenome *entry, GBytes *text, KromoNormalize normalize)
{
  static float samples[CHUNK];
  float *channels[] = { samples };
  g_autoptr (KromoRenderer) renderer = NULL, other = NULL;
  Times times, again;
  double start;

  kromo_genome_cache_clear ();
  renderer = construct (entry, text, normalize, &times);
  start = bench_cpu_time ();
  while (kromo_renderer_render (renderer, channels, CHUNK) > 0)
    ;
  times.rendering = bench_cpu_time () - start;
  other = construct (entry, text, normalize, &again);
  times.again = again.construction;
  return times;
}

static void
measure (Row *row, const BenchGenome *genome)
{
  g_autoptr (GBytes) text = bench_load_genome (genome);
  g_autofree double *construction = g_new (double, runs * 2), *scan = g_new (double, runs * 2);
  g_autofree double *again = g_new (double, runs * 2);
  g_autofree double *plain = g_new (double, runs), *limited = g_new (double, runs);
  BenchFigures time;

  row->genome = genome;
  row->n_running = count_running (genome, text);
  for (int i = 0; i < runs * 2; i++) {
    const gboolean limit = i % 2;
    const Times t = run (genome, text, limit ? KROMO_NORMALIZE_LIMIT : KROMO_NORMALIZE_NONE);

    construction[i] = t.construction;
    again[i] = t.again;
    scan[i] = t.scan;
    (limit ? limited : plain)[i / 2] = t.scan + t.rendering;
  }
  row->construction = bench_summarize (construction, runs * 2).median;
  row->again = bench_summarize (again, runs * 2).median;
  row->scan = bench_summarize (scan, runs * 2).median;
  time = bench_summarize (plain, runs);
  row->total = time.median + row->construction;
  row->rtf = time.median / seconds;
  row->rtf_limited = bench_summarize (limited, runs).median / seconds;
}

static void
print_row (const Row *row)
{
  g_print ("%-32s%8u%14.2f%10.2f%10.2f%12.5f%10.0f%12.5f\n", row->genome->id, row->n_running,
      row->construction * 1e3, row->again * 1e3, row->scan * 1e3, row->rtf, 1.0 / row->rtf,
      row->rtf_limited);
}

/* @offset: of a double in a Row. */
static BenchFigures
summarize_rows (const Row *rows, guint n, gboolean evolved, gsize offset)
{
  g_autofree double *values = g_new (double, n);
  guint count = 0;

  for (guint i = 0; i < n; i++) {
    if (!evolved || rows[i].genome->evolved)
      values[count++] = G_STRUCT_MEMBER (double, &rows[i], offset);
  }
  return bench_summarize (values, count);
}

static void
print_summary (const char *what, BenchFigures figures, double factor, const char *goal)
{
  g_print ("%-44s median %9.5f, worst %9.5f%s\n", what, figures.median * factor,
      figures.worst * factor, goal);
}

static void
print_summaries (const Row *rows, guint n)
{
  g_print ("\n");
  print_summary ("RTF, evolved genomes, normalize none:",
      summarize_rows (rows, n, TRUE, G_STRUCT_OFFSET (Row, rtf)), 1.0, "  (goal 0.003, 0.015)");
  print_summary ("RTF, evolved genomes, normalize limit:",
      summarize_rows (rows, n, TRUE, G_STRUCT_OFFSET (Row, rtf_limited)), 1.0, "");
  print_summary ("construction, evolved genomes, ms:",
      summarize_rows (rows, n, TRUE, G_STRUCT_OFFSET (Row, construction)), 1e3, "  (goal 3, 10)");
  print_summary ("construction again, evolved genomes, ms:",
      summarize_rows (rows, n, TRUE, G_STRUCT_OFFSET (Row, again)), 1e3, "");
  print_summary ("construction, all genomes, ms:",
      summarize_rows (rows, n, FALSE, G_STRUCT_OFFSET (Row, construction)), 1e3, "");
}

/* The reference's seconds for 10 s of sound, or 0. */
static double
get_reference (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (reference); i++) {
    if (g_str_equal (reference[i].id, id))
      return reference[i].seconds;
  }
  return 0.0;
}

static void
print_speed_ups (const Row *rows, guint n)
{
  if (seconds != REFERENCE_DURATION)
    return;
  g_print (
      "\nSpeed-up over the reference, from the text to the last of 10 s; goal 300, no less than "
      "100.\nIts seconds are another run's, on an idle machine of 2 cores, "
      "node 20.\n%-32s%12s%12s%12s\n",
      "genome", "its s", "our s", "times");
  for (guint i = 0; i < n; i++) {
    const double theirs = get_reference (rows[i].genome->id);

    if (theirs > 0.0)
      g_print ("%-32s%12.2f%12.4f%12.0f\n", rows[i].genome->id, theirs, rows[i].total,
          theirs / rows[i].total);
  }
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) genomes = NULL;
  g_autofree Row *rows = NULL;

  bench_parse_options (&argc, &argv, options, "Times the rendering of the parity data's genomes.");
  runs = MAX (runs, 1);
  genomes = bench_list_genomes (filter);
  rows = g_new0 (Row, genomes->len);
  bench_print_machine ("of the one thread's CPU");
  g_print (
      "%g s of sound at 48 kHz, mono, medians of %d runs. Construction is from JSON text to the "
      "first quantum, and again from a text\nthat is known by then; scan is what a convolver's "
      "loudness "
      "takes before it; RTF is of scan and rendering.\n\n",
      seconds, runs);
  g_print ("%-32s%8s%14s%10s%10s%12s%10s%12s\n", "genome", "nodes", "construct ms", "again ms",
      "scan ms", "RTF", "faster", "RTF limit");
  for (guint i = 0; i < genomes->len; i++) {
    measure (&rows[i], g_ptr_array_index (genomes, i));
    print_row (&rows[i]);
  }
  print_summaries (rows, genomes->len);
  print_speed_ups (rows, genomes->len);
  g_free (filter);
  return 0;
}
