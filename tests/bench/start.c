/* How soon the element sounds.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From gst_element_set_state (PLAYING) in READY to the first buffer at the sink's pad: in a process that has
 * played nothing yet, and in one that has played the same before.
 */
#include "bench-player.h"

#include <gst/audio/audio.h>

#define SECOND G_GUINT64_CONSTANT (1000000000)

static char *start = NULL;
static int runs = 30;

static const GOptionEntry options[] = {
  { "runs", 'r', 0, G_OPTION_ARG_INT, &runs, "Starts of each genome and duration (30)", "N" },
  { "start", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &start,
      "Start a pipeline and print how long that took", "PIPELINE" },
  { NULL },
};

/* Seconds from READY to the first buffer. */
static double
time_start (const char *source)
{
  BenchPlayer player;
  double begin;

  bench_player_open (&player, source);
  begin = bench_wall_time ();
  gst_element_set_state (player.pipeline, GST_STATE_PLAYING);
  bench_player_wait (&player, GST_MESSAGE_APPLICATION);
  bench_player_close (&player);
  return player.wall - begin;
}

static double
time_cold_start (const char *source)
{
  double time;

  bench_spawn ("--start", source, &time, 1);
  return time;
}

static BenchFigures
summarize_starts (const char *source, double (*time) (const char *source))
{
  g_autofree double *times = g_new (double, runs);

  for (int i = 0; i < runs; i++)
    times[i] = time (source);
  return bench_summarize (times, runs);
}

static void
print_starts (const BenchSound *sound, const char *length, guint64 duration)
{
  g_autofree char *source =
      g_strdup_printf ("%s duration=%" G_GUINT64_FORMAT, sound->source, duration);
  const BenchFigures cold = summarize_starts (source, time_cold_start);
  const BenchFigures warm = summarize_starts (source, time_start);

  g_print ("%-20s%10s%14.2f%12.2f%14.2f%12.2f\n", sound->name, length, cold.median * 1e3,
      cold.worst * 1e3, warm.median * 1e3, warm.worst * 1e3);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) genomes = NULL;
  BenchSound sounds[BENCH_N_SOUNDS];
  guint n;

  bench_parse_options (&argc, &argv, options, "Times the element's start.");
  gst_init (NULL, NULL);
  if (start != NULL) {
    g_print ("%.9f\n", time_start (start));
    return 0;
  }
  runs = MAX (runs, 1);
  genomes = bench_list_genomes (NULL);
  n = bench_choose_sounds (genomes, sounds);
  bench_print_machine ("real ones");
  g_print (
      "Milliseconds from set_state (PLAYING) in READY to the first buffer, %d starts each: cold, "
      "in "
      "a fresh process, and\nwarm, in one that has played it before. Goal: median 5, worst 20, "
      "whatever the duration.\n\n%-20s%10s%14s%12s%14s%12s\n",
      runs, "genome", "length", "cold median", "cold worst", "warm median", "warm worst");
  for (guint i = 0; i < n; i++) {
    print_starts (&sounds[i], "1 s", SECOND);
    print_starts (&sounds[i], "20 min", 20 * 60 * SECOND);
    print_starts (&sounds[i], "24 h", 24 * 3600 * SECOND);
    g_free (sounds[i].source);
  }
  return 0;
}
