/* How much memory a process takes that plays.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The largest resident size (VmHWM) of a process of its own, and what the element's stats say of the
 * renderer. Of a day of sound only the first 20 minutes are played: what they need is all there is.
 */
#include "bench-player.h"

#include <gst/audio/audio.h>
#include <string.h>

#define MIB (1024.0 * 1024.0)

static char *play = NULL;

static const GOptionEntry options[] = {
  { "play", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &play,
      "Play a pipeline and print the memory it took", "PIPELINE" },
  { NULL },
};

typedef struct {
  double peak, renderer, checkpoints; /* MiB */
} Memory;

static double
get_peak_memory (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0.0;
  line = strstr (text, "VmHWM:");
  return line != NULL ? g_ascii_strtod (line + strlen ("VmHWM:"), NULL) / 1024.0 : 0.0;
}

static void
get_stats (GstElement *pipeline, Memory *memory)
{
  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (pipeline), "kromo");
  g_autoptr (GstStructure) stats = NULL;
  guint64 renderer = 0, checkpoints = 0;

  if (source == NULL)
    return;
  g_object_get (source, "stats", &stats, NULL);
  gst_structure_get (stats, "memory", G_TYPE_UINT64, &renderer, "checkpoint-memory", G_TYPE_UINT64,
      &checkpoints, NULL);
  memory->renderer = (double) renderer / MIB;
  memory->checkpoints = (double) checkpoints / MIB;
}

/* In the child: plays to the end. */
static void
play_pipeline (const char *source)
{
  Memory memory = { 0.0, 0.0, 0.0 };
  BenchPlayer player;

  bench_player_open (&player, source);
  gst_element_set_state (player.pipeline, GST_STATE_PLAYING);
  bench_player_wait (&player, GST_MESSAGE_EOS);
  get_stats (player.pipeline, &memory);
  bench_player_close (&player);
  memory.peak = get_peak_memory ();
  g_print ("%.3f %.3f %.3f\n", memory.peak, memory.renderer, memory.checkpoints);
}

static Memory
measure (const char *source)
{
  Memory memory;
  double figures[3];

  bench_spawn ("--play", source, figures, G_N_ELEMENTS (figures));
  memory = (Memory){ figures[0], figures[1], figures[2] };
  return memory;
}

static void
print_row (const char *name, const char *settings, const Memory *memory, guint n)
{
  g_print ("%-16s%10s", name, settings);
  for (guint i = 0; i < n; i++)
    g_print ("%8.2f", memory[i].peak);
  g_print ("%10.2f%13.2f\n", memory[n - 1].renderer, memory[n - 1].checkpoints);
}

static void
print_sound (const BenchSound *sound, const char *name, const char *settings)
{
  static const char *const lengths[] = {
    "duration=1000000000",
    "duration=10000000000",
    "duration=60000000000",
    "duration=1200000000000",
    /* in chunks of at most 5 s */
    "duration=86400000000000 num-buffers=240",
  };
  Memory memory[G_N_ELEMENTS (lengths)];

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    g_autofree char *source =
        g_strdup_printf ("%s name=kromo %s %s", sound->source, lengths[i], settings);

    memory[i] = measure (source);
  }
  print_row (sound->name, name, memory, G_N_ELEMENTS (lengths));
}

static void
print_other (void)
{
  static const guint n_buffers[] = { 47, 469, 2813, 56250, 56250 }; /* of 1024 samples */
  Memory memory[G_N_ELEMENTS (n_buffers)];

  for (guint i = 0; i < G_N_ELEMENTS (n_buffers); i++) {
    g_autofree char *source =
        g_strdup_printf ("audiotestsrc num-buffers=%u ! " BENCH_FORMAT, n_buffers[i]);

    memory[i] = measure (source);
  }
  print_row ("audiotestsrc", "-", memory, G_N_ELEMENTS (n_buffers));
}

int
main (int argc, char **argv)
{
  static const char plain[] = "adaptive=false checkpoint-memory=0";
  g_autoptr (GPtrArray) genomes = NULL;
  BenchSound sounds[BENCH_N_SOUNDS];
  guint n;

  bench_parse_options (&argc, &argv, options, "Measures the memory of processes that play.");
  gst_init (NULL, NULL);
  if (play != NULL) {
    play_pipeline (play);
    return 0;
  }
  genomes = bench_list_genomes (NULL);
  n = bench_choose_sounds (genomes, sounds);
  g_print (
      "Peak memory (MiB) of a process of its own that plays as fast as it can, and of that, for "
      "the "
      "last length, what stats\nsays of renderer and checkpoints. Plain is %s. Of 24 h 20 minutes "
      "are played.\nGoal for 20 minutes: 32; plain within 1 of 10 s; default within "
      "checkpoint-memory (8) + 3.\n\n%-16s%10s%8s%8s%8s%8s%8s%10s%13s\n",
      plain, "genome", "settings", "1 s", "10 s", "1 min", "20 min", "24 h", "renderer",
      "checkpoints");
  print_other ();
  for (guint i = 0; i < n; i++) {
    print_sound (&sounds[i], "plain", plain);
    print_sound (&sounds[i], "default", "");
    g_free (sounds[i].source);
  }
  return 0;
}
