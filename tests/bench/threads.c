/* What threads gain.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * For every genome of the parity data: real time to render it with one thread and with more, in turns, and what
 * part of the one thread's time the signals take that others can evaluate ahead.
 */
#include "bench-common.h"
#include "kromo.h"
#include "render/build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 48000
#define CHUNK (32 * KROMO_QUANTUM)
#define DOMINATED 0.7 /* from this part of the time on, a genome is dominated by its network */

static char *filter = NULL;
static double seconds = 5.0;
static int runs = 7;
static int n_threads = 0;
static int n_seeds = 40;
static gboolean all = FALSE;

static const GOptionEntry options[] = {
  { "filter", 'f', 0, G_OPTION_ARG_STRING, &filter, "Only genomes whose id contains TEXT", "TEXT" },
  { "seconds", 's', 0, G_OPTION_ARG_DOUBLE, &seconds, "Length of the sound (5)", "N" },
  { "runs", 'r', 0, G_OPTION_ARG_INT, &runs, "Pairs of runs, of which the median counts (7)", "N" },
  { "threads", 't', 0, G_OPTION_ARG_INT, &n_threads, "How many threads; 0: as many as cores (0)",
      "N" },
  { "all", 'a', 0, G_OPTION_ARG_NONE, &all, "Also genomes made to test something", NULL },
  { "seeds", 'S', 0, G_OPTION_ARG_INT, &n_seeds, "So many random genomes (40)", "N" },
  { NULL },
};

typedef struct {
  double rtf;       /* of one thread */
  double share;     /* of signals that can be evaluated ahead, in its time */
  double ratio;     /* how many times faster with threads */
  double cpu_ratio; /* how many times less its own thread runs, which never waits for the others */
} Row;

static void
check (gconstpointer made, const GError *error)
{
  if (made != NULL)
    return;
  g_printerr ("%s: %s\n", g_get_prgname (), error->message);
  exit (1);
}

static const KromoFormat format = { RATE, 1, KROMO_NORMALIZE_NONE, KROMO_RENDERING_REFERENCE };

typedef struct {
  double wall, cpu;
} Times;

/* Seconds, without the scan before the first frame. */
static Times
render (KromoGenome *genome, const KromoNote *note, KromoThreads *threads)
{
  static float samples[CHUNK];
  float *channels[] = { samples };
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoRenderer) renderer = kromo_renderer_new (genome, note, &format, &error);
  Times start;

  check (renderer, error);
  kromo_renderer_prepare (renderer, NULL, NULL, NULL);
  start = (Times){ bench_wall_time (), bench_cpu_time () };
  kromo_renderer_set_threads (renderer, threads);
  while (kromo_renderer_render (renderer, channels, CHUNK) > 0)
    ;
  return (Times){ bench_wall_time () - start.wall, bench_cpu_time () - start.cpu };
}

/* Seconds for the signals alone. */
static double
evaluate (KromoGenome *genome, const KromoNote *note)
{
  const guint64 n_frames = kromo_count_frames (RATE, note->duration);
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoBank) bank = NULL;
  KromoLayout layout = { 0, 0 };
  g_autoptr (KromoGraph) graph =
      kromo_build_graph (genome, note, &format, n_frames, &bank, &layout, warnings, NULL, &error);
  g_autofree float *values = NULL;
  KromoArena arena = { NULL, NULL };
  KromoSteady steady;
  double start;

  check (graph, error);
  kromo_bank_get_steady (bank, &steady);
  values = g_new (float, steady.block_length);
  arena.scratch = g_aligned_alloc (1, steady.scratch_size, KROMO_ALIGNMENT);
  kromo_bank_invalidate (bank, &arena);
  start = bench_cpu_time ();
  for (guint64 b = 0; b * KROMO_QUANTUM < n_frames; b++)
    kromo_bank_fill (bank, &arena, b, values);
  start = bench_cpu_time () - start;
  g_aligned_free (arena.scratch);
  return start;
}

static Row
measure (KromoGenome *genome, gboolean inharmonicity, KromoThreads *threads)
{
  KromoNote note = KROMO_NOTE_INIT;
  g_autofree double *alone = g_new (double, runs), *shares = g_new (double, runs);
  g_autofree double *ratios = g_new (double, runs), *cpu_ratios = g_new (double, runs);

  note.duration = (guint64) llround (seconds * 1e9);
  note.inharmonicity = inharmonicity;
  for (int i = 0; i < runs; i++) {
    const Times one = render (genome, &note, NULL), more = render (genome, &note, threads);

    alone[i] = one.cpu;
    ratios[i] = one.wall / more.wall;
    cpu_ratios[i] = one.cpu / more.cpu;
    shares[i] = evaluate (genome, &note) / one.cpu;
  }
  return (Row){ bench_summarize (alone, runs).median / seconds,
    bench_summarize (shares, runs).median, bench_summarize (ratios, runs).median,
    bench_summarize (cpu_ratios, runs).median };
}

static void
print_figures (const char *what, const Row *rows, guint n, double least, double most, gsize offset)
{
  g_autofree double *ratios = g_new (double, n);
  guint count = 0;
  BenchFigures figures;

  for (guint i = 0; i < n; i++) {
    if (rows[i].share >= least && rows[i].share < most)
      ratios[count++] = G_STRUCT_MEMBER (double, &rows[i], offset);
  }
  if (count == 0)
    return;
  figures = bench_summarize (ratios, count);
  g_print ("%-44s%4u   median %5.2f, worst %5.2f, best %5.2f\n", what, count, figures.median,
      figures.best, figures.worst);
}

static void
print_summary (const char *what, const Row *rows, guint n, double least, double most)
{
  print_figures (what, rows, n, least, most, G_STRUCT_OFFSET (Row, ratio));
  print_figures ("  by CPU", rows, n, least, most, G_STRUCT_OFFSET (Row, cpu_ratio));
}

static void
print_row (const char *name, const Row *row)
{
  g_print ("%-32s%12.5f%9.0f%%%10.2f%10.2f\n", name, row->rtf, row->share * 100.0, row->ratio,
      row->cpu_ratio);
}

/* Adds the parity data's genomes to @rows. */
static void
measure_stored (GArray *rows, KromoThreads *threads)
{
  g_autoptr (GPtrArray) genomes = bench_list_genomes (filter);

  for (guint i = 0; i < genomes->len; i++) {
    const BenchGenome *entry = g_ptr_array_index (genomes, i);
    g_autoptr (KromoGenome) genome = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) text = NULL;
    Row row;

    if (!entry->evolved && !all)
      continue;
    text = bench_load_genome (entry);
    genome =
        kromo_genome_new_from_data (g_bytes_get_data (text, NULL), g_bytes_get_size (text), &error);
    check (genome, error);
    row = measure (genome, entry->inharmonicity, threads);
    print_row (entry->id, &row);
    g_array_append_val (rows, row);
  }
}

static gboolean
can_be_rendered (KromoGenome *genome)
{
  const KromoNote note = KROMO_NOTE_INIT;
  KromoRenderer *renderer = kromo_renderer_new (genome, &note, &format, NULL);

  const gboolean made = renderer != NULL;

  g_clear_pointer (&renderer, kromo_renderer_free);
  return made;
}

/* Random ones, whose networks are larger; the reference refuses some. */
static void
measure_random (GArray *rows, KromoThreads *threads)
{
  for (int seed = 1; seed <= n_seeds; seed++) {
    g_autoptr (KromoGenome) genome = kromo_genome_new_random ((guint64) seed, KROMO_RANDOM_WILD);
    g_autofree char *name = g_strdup_printf ("random %d", seed);
    Row row;

    if (!can_be_rendered (genome) || (filter != NULL && strstr (name, filter) == NULL))
      continue;
    row = measure (genome, FALSE, threads);
    print_row (name, &row);
    g_array_append_val (rows, row);
  }
}

static void
print_summaries (const Row *rows, guint n)
{
  print_summary ("share of 70 % and more (goal 1.7 with 2):", rows, n, DOMINATED, INFINITY);
  print_summary ("share of 20 % to 70 %:", rows, n, 0.2, DOMINATED);
  print_summary ("less:", rows, n, 0.0, 0.2);
}

int
main (int argc, char **argv)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Row));
  g_autoptr (KromoThreads) threads = NULL;
  g_autoptr (GError) error = NULL;
  guint n_stored;

  bench_parse_options (&argc, &argv, options, "Times rendering with threads.");
  runs = MAX (runs, 1);
  threads = kromo_threads_new (n_threads > 0 ? (guint) n_threads : g_get_num_processors (), &error);
  check (threads, error);
  bench_print_machine ("real; they mean little on a machine that does other things");
  g_print (
      "%g s of sound at 48 kHz, mono, 1 thread and %u; medians of %d pairs. The share is that of "
      "signals that\nare evaluated ahead, in the time of 1 thread.\n\n",
      seconds, kromo_threads_get_n (threads), runs);
  g_print ("%-32s%12s%10s%10s%10s\n", "genome", "RTF, 1", "share", "faster", "CPU");
  measure_stored (rows, threads);
  n_stored = rows->len;
  measure_random (rows, threads);
  g_print ("\nParity data\n");
  print_summaries ((const Row *) (gpointer) rows->data, n_stored);
  g_print ("\nRandom\n");
  print_summaries (&g_array_index (rows, Row, n_stored), rows->len - n_stored);
  g_free (filter);
  return 0;
}
