/* What a buffer costs, beside audiotestsrc.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Both sources give the same 5,120,000 samples in buffers of 256 and of 5120: what the small ones cost more is
 * the buffers' own share.
 */
#include "bench-player.h"

#include <gst/audio/audio.h>

#define SMALL_BUFFERS 20000
#define LARGE_BUFFERS 1000

static int runs = 5;

static const GOptionEntry options[] = {
  { "runs", 'r', 0, G_OPTION_ARG_INT, &runs, "Runs, of which the median counts (5)", "N" },
  { NULL },
};

/* In the streaming thread. */
static GstBusSyncReply
drop_element_message (GstBus *bus, GstMessage *message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT)
    return GST_BUS_PASS;
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* Seconds of the streaming thread's CPU from the first buffer to the end. @listen: for the element's
 * messages, of which kromosrc posts one for each buffer. */
static double
time_stream (const char *source, gboolean listen)
{
  BenchPlayer player;

  bench_player_open (&player, source);
  if (!listen)
    gst_bus_set_sync_handler (player.bus, drop_element_message, NULL, NULL);
  gst_element_set_state (player.pipeline, GST_STATE_PLAYING);
  bench_player_wait (&player, GST_MESSAGE_EOS);
  bench_player_close (&player);
  return player.cpu_end - player.cpu_start;
}

/* Small and large ones by turns. */
static void
print_buffers (const char *name, const char *small, const char *large, gboolean listen)
{
  g_autofree double *small_times = g_new (double, runs), *large_times = g_new (double, runs);
  g_autofree double *shares = g_new (double, runs);

  for (int i = 0; i < runs; i++) {
    small_times[i] = time_stream (small, listen);
    large_times[i] = time_stream (large, listen);
    shares[i] = (small_times[i] - large_times[i]) / (SMALL_BUFFERS - LARGE_BUFFERS);
  }
  g_print ("%-28s%14.0f%14.0f%14.0f\n", name,
      bench_summarize (small_times, runs).median / SMALL_BUFFERS * 1e9,
      bench_summarize (large_times, runs).median / LARGE_BUFFERS * 1e9,
      bench_summarize (shares, runs).median * 1e9);
}

/* One of the tests' genomes, which is next to nothing to render. */
static char *
get_sound (void)
{
  const char *data = g_getenv ("G_TEST_SRCDIR");
  g_autofree char *path =
      g_build_filename (data != NULL ? data : "tests/data", "gst", "tone.json", NULL);

  return g_strdup_printf ("kromosrc location=\"%s\" adaptive=false duration=106666666667", path);
}

int
main (int argc, char **argv)
{
  g_autofree char *sound = NULL, *small = NULL, *large = NULL;

  bench_parse_options (&argc, &argv, options, "Times what a buffer costs.");
  gst_init (NULL, NULL);
  runs = MAX (runs, 1);
  sound = get_sound ();
  small = g_strdup_printf ("%s chunk-duration=5333333 ! " BENCH_FORMAT, sound);
  large = g_strdup_printf ("%s chunk-duration=106666667 ! " BENCH_FORMAT, sound);
  bench_print_machine ("of the streaming thread's CPU");
  g_print (
      "ns a buffer of 256 and of 5120 samples, medians of %d runs, and the buffer's own share, "
      "which is what the same samples\ncost more in more buffers; goal: 2000. Unheard: element "
      "messages dropped from the bus; who hears them pays for waking.\n\n%-28s%14s%14s%14s\n",
      runs, "source", "256 samples", "5120 samples", "own share");
  print_buffers ("audiotestsrc",
      "audiotestsrc samplesperbuffer=256 num-buffers=20000 ! " BENCH_FORMAT,
      "audiotestsrc samplesperbuffer=5120 num-buffers=1000 ! " BENCH_FORMAT, TRUE);
  print_buffers ("kromosrc, unheard", small, large, FALSE);
  print_buffers ("kromosrc", small, large, TRUE);
  return 0;
}
