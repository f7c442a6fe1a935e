/* What the element does live: render times of its chunks, underruns, and how late buffers are.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * First on a clock that goes as fast as chunks are ready, then on the system's, beside whatever else the
 * machine does. The genome is the parity data's evolved one of the median real-time factor.
 */
#include "../lateness.h"
#include "bench-common.h"

#include <gst/check/gsttestclock.h>
#include <gst/gst.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT (60 * GST_SECOND)

static char *location = NULL;
static double simulated = 600;
static double real = 30;

static const GOptionEntry options[] = {
  { "location", 'l', 0, G_OPTION_ARG_FILENAME, &location, "Genome file (the median one)", "FILE" },
  { "simulated", 's', 0, G_OPTION_ARG_DOUBLE, &simulated, "Seconds on a simulated clock (600)",
      "SECONDS" },
  { "real", 'r', 0, G_OPTION_ARG_DOUBLE, &real, "Seconds of real time (30)", "SECONDS" },
  { NULL },
};

/* ---- pipelines ---- */

typedef struct {
  GstElement *pipeline, *src;
  GstPad *pad; /* the sink's */
  GstBus *bus;
  guint64 last_render_time, longest; /* ns */
  GArray *render_times;              /* of each chunk, seconds */
  GArray *lateness;                  /* of each buffer at the sink, seconds */
} Player;

static guint64
get_stat (GstElement *src, const char *name)
{
  GstStructure *stats = NULL;
  guint64 value = 0;

  g_object_get (src, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, name, &value);
  gst_structure_free (stats);
  return value;
}

/* In the streaming thread. */
static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Player *player = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  const guint64 render_time = get_stat (player->src, "render-time");
  const double seconds = (double) (render_time - player->last_render_time) / GST_SECOND;

  player->last_render_time = render_time;
  player->longest = MAX (player->longest, GST_BUFFER_DURATION (buffer));
  g_array_append_val (player->render_times, seconds);
  if (gst_element_get_base_time (player->pipeline) != 0) {
    const double late =
        (double) test_get_lateness (player->pipeline, player->pad, buffer) / GST_SECOND;

    g_array_append_val (player->lateness, late);
  }
  return GST_PAD_PROBE_OK;
}

static void
fail (const char *what)
{
  g_printerr ("%s: %s\n", g_get_prgname (), what);
  exit (1);
}

static Player *
player_new (const char *file, double seconds, gboolean is_live)
{
  Player *player = g_new0 (Player, 1);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);

  player->src = gst_element_factory_make ("kromosrc", NULL);
  if (player->src == NULL || sink == NULL)
    fail ("no kromosrc or no fakesink; set GST_PLUGIN_PATH, or run this through meson");
  g_object_set (player->src, "location", file, "duration", (guint64) (seconds * GST_SECOND),
      "is-live", is_live, NULL);
  g_object_set (sink, "sync", FALSE, "async", FALSE, NULL);
  player->pipeline = gst_pipeline_new (NULL);
  gst_bin_add_many (GST_BIN (player->pipeline), player->src, sink, NULL);
  gst_element_link (player->src, sink);
  player->bus = gst_element_get_bus (player->pipeline);
  player->pad = gst_element_get_static_pad (sink, "sink");
  player->render_times = g_array_new (FALSE, FALSE, sizeof (double));
  player->lateness = g_array_new (FALSE, FALSE, sizeof (double));
  if (is_live)
    gst_pad_add_probe (player->pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, player, NULL);
  return player;
}

static void
player_free (Player *player)
{
  gst_element_set_state (player->pipeline, GST_STATE_NULL);
  gst_object_unref (player->pad);
  gst_object_unref (player->bus);
  gst_object_unref (player->pipeline);
  g_array_unref (player->render_times);
  g_array_unref (player->lateness);
  g_free (player);
}

/* Whether it has ended, after at most @timeout. */
static gboolean
has_ended (Player *player, GstClockTime timeout)
{
  GstMessage *message = gst_bus_timed_pop_filtered (player->bus, timeout, GST_MESSAGE_ANY);
  gboolean ended = FALSE;

  for (; message != NULL && !ended; message = gst_bus_pop (player->bus)) {
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      fail ("the pipeline fails");
    ended = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
    gst_message_unref (message);
  }
  return ended;
}

/* ---- which genome ---- */

static double
measure_rtf (const char *file)
{
  Player *player = player_new (file, 1.0, FALSE);
  double rtf;

  gst_element_set_state (player->pipeline, GST_STATE_PLAYING);
  while (!has_ended (player, TIMEOUT))
    ;
  rtf = (double) get_stat (player->src, "render-time") / GST_SECOND;
  player_free (player);
  return rtf;
}

typedef struct {
  double rtf;
  const char *path;
} Candidate;

static int
compare (const void *a, const void *b)
{
  const double x = ((const Candidate *) a)->rtf, y = ((const Candidate *) b)->rtf;

  return (x > y) - (x < y);
}

static char *
find_median (void)
{
  g_autoptr (GPtrArray) genomes = bench_list_genomes ("ev");
  g_autofree Candidate *candidates = g_new (Candidate, genomes->len);
  guint n = 0;

  for (guint i = 0; i < genomes->len; i++) {
    const BenchGenome *genome = g_ptr_array_index (genomes, i);

    if (genome->evolved)
      candidates[n++] = (Candidate){ measure_rtf (genome->path), genome->path };
  }
  if (n == 0)
    fail ("no evolved genomes in the parity data");
  qsort (candidates, n, sizeof *candidates, compare);
  return g_strdup (candidates[n / 2].path);
}

/* ---- figures ---- */

/* Sorts @values. */
static double
get_quantile (GArray *values, double quantile)
{
  bench_summarize ((double *) (void *) values->data, values->len);
  return g_array_index (values, double, (guint) ceil (quantile * (values->len - 1)));
}

static void
print_figures (Player *player, const char *what, double wall)
{
  GArray *times = player->render_times;
  GstQuery *query = gst_query_new_latency ();
  GstClockTime latency = GST_CLOCK_TIME_NONE;

  if (gst_element_query (player->src, query))
    gst_query_parse_latency (query, NULL, &latency, NULL);
  gst_query_unref (query);
  g_print ("%s: %u chunks in %.2f s, longest %.1f ms; underruns %" G_GUINT64_FORMAT
           ", latency %.1f ms at the end\n",
      what, times->len, wall, (double) player->longest / 1e6, get_stat (player->src, "underruns"),
      (double) latency / 1e6);
  g_print ("  rendering a chunk: median %.4f ms, 99.9 %% %.4f ms, worst %.4f ms\n",
      get_quantile (times, 0.5) * 1e3, get_quantile (times, 0.999) * 1e3,
      get_quantile (times, 1.0) * 1e3);
  if (player->lateness->len > 0)
    g_print ("  at the sink, after their time: median %.3f ms, 99.9 %% %.3f ms, worst %.3f ms\n",
        get_quantile (player->lateness, 0.5) * 1e3, get_quantile (player->lateness, 0.999) * 1e3,
        get_quantile (player->lateness, 1.0) * 1e3);
}

static void
run_simulated (void)
{
  Player *player = player_new (location, simulated, TRUE);
  GstClock *clock = gst_test_clock_new ();
  double start = bench_wall_time ();

  gst_pipeline_use_clock (GST_PIPELINE (player->pipeline), clock);
  gst_element_set_state (player->pipeline, GST_STATE_PLAYING);
  while (!has_ended (player, 0)) {
    if (gst_test_clock_timed_wait_for_multiple_pending_ids (GST_TEST_CLOCK (clock), 1, 10, NULL))
      gst_test_clock_crank (GST_TEST_CLOCK (clock));
  }
  print_figures (player, "simulated clock", bench_wall_time () - start);
  player_free (player);
  gst_object_unref (clock);
}

static void
run_real (void)
{
  Player *player = player_new (location, real, TRUE);
  double start = bench_wall_time ();

  gst_element_set_state (player->pipeline, GST_STATE_PLAYING);
  while (!has_ended (player, TIMEOUT))
    ;
  print_figures (player, "system's clock", bench_wall_time () - start);
  player_free (player);
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  bench_parse_options (&argc, &argv, options, "Plays a genome live.");
  bench_print_machine ("of real time");
  if (location == NULL)
    location = find_median ();
  g_print ("%s, 48 kHz, mono\n", location);
  if (simulated > 0)
    run_simulated ();
  if (real > 0)
    run_real ();
  g_free (location);
  return 0;
}
