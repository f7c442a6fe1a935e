/* What seeking takes, and what checkpoints cost.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * For every genome of the parity data whose state is not above a bound, at 48 kHz mono, normalize=limit: a
 * first seek to the end; seeks to random frames of what has been rendered, with the default bound of
 * checkpoints; the whole sound in descending chunks of a second, against forward; and rendering straight with
 * and without checkpoints, in turns.
 */
#include "bench-common.h"
#include "kromo.h"

#include <math.h>

#define RATE 48000
#define CHUNK RATE
#define SEED 1
#define CHECKPOINTS (G_GUINT64_CONSTANT (8) << 20)
#define KIB 1024.0

static char *filter = NULL;
static double seconds = 60.0, largest = 200.0;
static int n_seeks = 50, n_pairs = 3;
static gboolean all = FALSE;

static const GOptionEntry options[] = {
  { "filter", 'f', 0, G_OPTION_ARG_STRING, &filter, "Only genomes whose id contains TEXT", "TEXT" },
  { "seconds", 's', 0, G_OPTION_ARG_DOUBLE, &seconds, "Length of the sound (60)", "N" },
  { "seeks", 'n', 0, G_OPTION_ARG_INT, &n_seeks, "Random seeks of each genome (50)", "N" },
  { "pairs", 'p', 0, G_OPTION_ARG_INT, &n_pairs, "Runs with and without checkpoints (3)", "N" },
  { "largest", 'l', 0, G_OPTION_ARG_DOUBLE, &largest, "Only states up to N KiB (200)", "N" },
  { "all", 'a', 0, G_OPTION_ARG_NONE, &all, "Not only evolved genomes", NULL },
  { NULL },
};

static float samples[CHUNK];

static KromoRenderer *
make_renderer (const BenchGenome *entry, guint64 checkpoints)
{
  const KromoFormat format = { RATE, 1, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE };
  g_autoptr (GBytes) text = bench_load_genome (entry);
  g_autoptr (KromoGenome) genome =
      kromo_genome_new_from_data (g_bytes_get_data (text, NULL), g_bytes_get_size (text), NULL);
  g_autoptr (GError) error = NULL;
  KromoNote note = KROMO_NOTE_INIT;
  KromoRenderer *renderer;

  note.duration = (guint64) llround (seconds * 1e9);
  note.inharmonicity = entry->inharmonicity;
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  if (renderer == NULL) {
    g_print ("%s: %s\n", entry->id, error->message);
    return NULL;
  }
  kromo_renderer_prepare (renderer, NULL, NULL, NULL);
  kromo_renderer_keep_checkpoints (renderer, checkpoints);
  return renderer;
}

static void
render (KromoRenderer *renderer, gsize n)
{
  kromo_renderer_render (renderer, (float *[]){ samples }, n);
}

static double
time_seek (KromoRenderer *renderer, guint64 frame)
{
  const double start = bench_cpu_time ();

  kromo_renderer_seek (renderer, frame, NULL, NULL, NULL);
  return bench_cpu_time () - start;
}

static double
time_forward (KromoRenderer *renderer)
{
  const double start = bench_cpu_time ();

  for (guint64 frame = 0; frame < kromo_renderer_get_n_frames (renderer); frame += CHUNK)
    render (renderer, CHUNK);
  return bench_cpu_time () - start;
}

static double
time_reverse (KromoRenderer *renderer)
{
  const double start = bench_cpu_time ();

  for (guint64 end = kromo_renderer_get_n_frames (renderer); end > 0; end -= MIN (end, CHUNK)) {
    kromo_renderer_seek (renderer, end - MIN (end, CHUNK), NULL, NULL, NULL);
    render (renderer, CHUNK);
  }
  return bench_cpu_time () - start;
}

/* Seconds, and parts of a straight run's time. */
typedef struct {
  double first;   /* seek to the end, a minute of sound */
  double forward; /* a minute of sound */
  double reverse, cost;
  BenchFigures seeks;
} Row;

static void
measure_cost (const BenchGenome *entry, Row *row)
{
  g_autofree double *forward = g_new (double, n_pairs), *costs = g_new (double, n_pairs);

  for (int i = 0; i < n_pairs; i++) {
    g_autoptr (KromoRenderer) without = make_renderer (entry, 0);
    g_autoptr (KromoRenderer) with = make_renderer (entry, CHECKPOINTS);
    const double kept = i % 2 ? time_forward (with) : 0.0;

    forward[i] = time_forward (without);
    costs[i] = (i % 2 ? kept : time_forward (with)) / forward[i] - 1.0;
  }
  row->forward = bench_summarize (forward, (guint) n_pairs).median;
  row->cost = bench_summarize (costs, (guint) n_pairs).median;
}

static void
measure (const BenchGenome *entry, GRand *rand, double *times, Row *row)
{
  g_autoptr (KromoRenderer) renderer = make_renderer (entry, CHECKPOINTS);
  const guint64 n_frames = kromo_renderer_get_n_frames (renderer);
  g_autofree double *sorted = NULL;

  measure_cost (entry, row);
  row->first = time_seek (renderer, n_frames) * 60.0 / seconds;
  for (int i = 0; i < n_seeks; i++) {
    times[i] = time_seek (renderer, (guint64) (g_rand_double (rand) * (double) n_frames));
    render (renderer, KROMO_QUANTUM);
  }
  sorted = g_memdup2 (times, (gsize) n_seeks * sizeof *times);
  row->seeks = bench_summarize (sorted, (guint) n_seeks);
  row->reverse = time_reverse (renderer) / row->forward;
  row->forward *= 60.0 / seconds;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) genomes = NULL;
  g_autofree double *times = NULL, *costs = NULL, *reverses = NULL;
  GRand *rand = g_rand_new_with_seed (SEED);
  guint n = 0, n_too_large = 0;
  BenchFigures figures;

  bench_parse_options (&argc, &argv, options, "- what seeking takes, and what checkpoints cost");
  genomes = bench_list_genomes (filter);
  times = g_new (double, genomes->len *(guint) n_seeks);
  costs = g_new (double, genomes->len);
  reverses = g_new (double, genomes->len);
  bench_print_machine ("of the one thread's CPU");
  g_print ("%.0f s of sound, checkpoints of %.0f MiB in all.\n\n", seconds,
      (double) CHECKPOINTS / KIB / KIB);
  g_print ("%-16s%10s%14s%14s%12s%12s%10s%14s\n", "genome", "state KiB", "forward ms/min",
      "first ms/min", "seek ms", "worst ms", "reverse", "checkpoints");
  for (guint i = 0; i < genomes->len; i++) {
    const BenchGenome *entry = g_ptr_array_index (genomes, i);
    g_autoptr (KromoRenderer) renderer = NULL;
    double state;
    Row row;

    if (!entry->evolved && !all)
      continue;
    renderer = make_renderer (entry, 0);
    if (renderer == NULL)
      continue;
    state = (double) kromo_renderer_get_state_size (renderer) / KIB;
    if (state > largest) {
      g_print ("%-16s%10.0f\n", entry->id, state);
      n_too_large++;
      continue;
    }
    measure (entry, rand, times + n * (guint) n_seeks, &row);
    g_print ("%-16s%10.0f%14.0f%14.0f%12.2f%12.2f%9.2fx%+13.2f%%\n", entry->id, state,
        row.forward * 1e3, row.first * 1e3, row.seeks.median * 1e3, row.seeks.worst * 1e3,
        row.reverse, row.cost * 1e2);
    reverses[n] = row.reverse;
    costs[n++] = row.cost;
  }
  g_rand_free (rand);
  figures = bench_summarize (times, n * (guint) n_seeks);
  g_print ("\n%u genomes, %u with a larger state.\n"
           "A seek into what was rendered: median %.2f ms, worst %.2f ms\n",
      n, n_too_large, figures.median * 1e3, figures.worst * 1e3);
  g_print ("Descending chunks of a second: median %.2f times a straight run\n",
      bench_summarize (reverses, n).median);
  g_print (
      "Checkpoints on a straight run: median %+.2f %%\n", bench_summarize (costs, n).median * 1e2);
  return 0;
}
