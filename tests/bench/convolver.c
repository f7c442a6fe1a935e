/* A convolver whose response is as long as the sound: what it costs as the sound gets longer.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bench-common.h"
#include "kromo.h"

#define GENOME "t20_convolver"
#define PIECE 48000

static double longest = 300.0;

static const GOptionEntry entries[] = {
  { "longest", 'l', 0, G_OPTION_ARG_DOUBLE, &longest, "Up to this many seconds (300)", "N" },
  { NULL },
};

typedef struct {
  double first, scan, render; /* seconds: to the first quantum, of it the scan, and the rest */
  double memory;              /* MiB */
} Row;

static gboolean
measure (KromoGenome *genome, double seconds, Row *row)
{
  const KromoFormat format = { .rate = 48000, .channels = 1, .normalize = KROMO_NORMALIZE_NONE };
  static float samples[PIECE];
  float *channels[] = { samples };
  g_autoptr (KromoRenderer) renderer = NULL;
  g_autoptr (GError) error = NULL;
  KromoNote note = KROMO_NOTE_INIT;
  double start = bench_cpu_time (), prepared;

  note.duration = (guint64) (seconds * 1e9);
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  if (renderer == NULL) {
    g_print ("%8.0f s: %s\n", seconds, error->message);
    return FALSE;
  }
  prepared = bench_cpu_time ();
  kromo_renderer_prepare (renderer, NULL, NULL, NULL);
  row->scan = bench_cpu_time () - prepared;
  kromo_renderer_render (renderer, channels, KROMO_QUANTUM);
  row->first = bench_cpu_time () - start;
  start = bench_cpu_time ();
  while (kromo_renderer_render (renderer, channels, PIECE) > 0)
    ;
  row->render = bench_cpu_time () - start;
  row->memory = kromo_renderer_get_memory (renderer) / 1048576.0;
  return TRUE;
}

int
main (int argc, char **argv)
{
  const double durations[] = { 1.0, 10.0, 60.0, 300.0 };
  g_autoptr (GPtrArray) genomes = NULL;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (KromoGenome) genome = NULL;
  gsize size;

  bench_parse_options (&argc, &argv, entries, "- a convolver's cost by the sound's length");
  genomes = bench_list_genomes (GENOME);
  text = bench_load_genome (g_ptr_array_index (genomes, 0));
  genome =
      kromo_genome_new_from_data (g_bytes_get_data (text, &size), g_bytes_get_size (text), NULL);
  bench_print_machine ("of the one thread's CPU");
  g_print ("\n%10s%14s%14s%18s%12s%12s%12s%12s\n", "seconds", "first ms", "scan ms",
      "scan ms/minute", "render s", "RTF", "ns/frame", "MiB");
  for (guint i = 0; i < G_N_ELEMENTS (durations) && durations[i] <= longest; i++) {
    const double d = durations[i];
    Row row;

    if (measure (genome, d, &row))
      g_print ("%10.0f%14.2f%14.2f%18.2f%12.3f%12.5f%12.1f%12.1f\n", d, row.first * 1e3,
          row.scan * 1e3, row.scan * 1e3 * 60.0 / d, row.render, row.render / d,
          row.render * 1e9 / (d * 48000.0), row.memory);
  }
  return 0;
}
