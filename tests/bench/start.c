/* How soon the element sounds, how much memory it takes, and what a buffer costs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Through GStreamer: from gst_element_set_state (PLAYING) in READY to the first buffer at the sink's
 * pad; the peak memory of a whole process that plays, each in a process of its own; and the overhead of
 * buffers of 256 samples, beside audiotestsrc.
 */
#include "bench-common.h"

#include <gst/audio/audio.h>
#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

#define SECOND G_GUINT64_CONSTANT (1000000000)
#define MINUTES_20 (20 * 60 * SECOND)
#define N_GENOMES 5
#define TIMEOUT (300 * GST_SECOND)
#define FORMAT "audio/x-raw,format=" GST_AUDIO_NE (F32) ",rate=48000,channels=1"

/* Both sources give the same 5120000 samples in buffers of 256 and of 5120. */
#define SMALL_BUFFERS 20000
#define LARGE_BUFFERS 1000

static char *play = NULL, *start = NULL;
static int runs = 30;
static int stream_runs = 5;

static const GOptionEntry options[] = {
  { "runs", 'r', 0, G_OPTION_ARG_INT, &runs, "Starts of each genome and duration (30)", "N" },
  { "stream-runs", 0, 0, G_OPTION_ARG_INT, &stream_runs, "Runs for the cost of buffers (5)", "N" },
  { "play", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &play,
      "Play a pipeline and print its peak memory", "PIPELINE" },
  { "start", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &start,
      "Start a pipeline and print how long that took", "PIPELINE" },
  { NULL },
};

static const char *const preferred[] = { "ev097_m0", "ev110_m20", "ev023_m60", "ev016_m28",
  "ev041_m32", "ev103_m5_nz", "ev118_m55", "ev120_m0", "ev044_m45" };

typedef struct {
  const char *name;
  char *source; /* for gst_parse_launch() */
} Sound;

/* ---- pipelines ---- */

typedef struct {
  GstElement *pipeline;
  GstBus *bus;
  GstPad *pad;                     /* the sink's */
  double wall, cpu_start, cpu_end; /* at the first buffer, and at the end */
} Player;

/* In the streaming thread. */
static GstPadProbeReturn
on_first_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Player *player = data;

  player->wall = bench_wall_time ();
  player->cpu_start = bench_cpu_time ();
  gst_element_post_message (player->pipeline,
      gst_message_new_application (
          GST_OBJECT (player->pipeline), gst_structure_new_empty ("first-buffer")));
  return GST_PAD_PROBE_REMOVE;
}

static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Player *player = data;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS)
    player->cpu_end = bench_cpu_time ();
  return GST_PAD_PROBE_OK;
}

static void
give_up (const char *description, const char *message)
{
  g_printerr ("%s: %s: %s\n", g_get_prgname (), description, message);
  exit (1);
}

static void
player_open (Player *player, const char *source)
{
  g_autofree char *description = g_strdup_printf ("%s ! fakesink name=sink sync=false", source);
  g_autoptr (GstElement) sink = NULL;
  GError *error = NULL;

  memset (player, 0, sizeof *player);
  player->pipeline = gst_parse_launch (description, &error);
  if (error != NULL)
    give_up (description, error->message);
  player->bus = gst_element_get_bus (player->pipeline);
  sink = gst_bin_get_by_name (GST_BIN (player->pipeline), "sink");
  player->pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (player->pad, GST_PAD_PROBE_TYPE_BUFFER, on_first_buffer, player, NULL);
  gst_pad_add_probe (player->pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, player, NULL);
  gst_element_set_state (player->pipeline, GST_STATE_READY);
}

static void
player_wait (Player *player, GstMessageType type)
{
  g_autoptr (GstMessage) message =
      gst_bus_timed_pop_filtered (player->bus, TIMEOUT, type | GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message == NULL)
    give_up ("pipeline", "nothing happens");
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return;
  gst_message_parse_error (message, &error, NULL);
  give_up (GST_OBJECT_NAME (GST_MESSAGE_SRC (message)), error->message);
}

/* In the streaming thread. */
static GstBusSyncReply
drop_element_message (GstBus *bus, GstMessage *message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT)
    return GST_BUS_PASS;
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
player_close (Player *player)
{
  gst_element_set_state (player->pipeline, GST_STATE_NULL);
  gst_object_unref (player->pad);
  gst_object_unref (player->bus);
  gst_object_unref (player->pipeline);
}

/* In a process of its own, which prints two figures. */
static gboolean
spawn (const char *option, const char *source, double figures[2], GError **error)
{
  const char *argv[] = { "/proc/self/exe", option, source, NULL };
  g_autofree char *output = NULL, *complaint = NULL;
  char *rest;
  int status;

  if (!g_spawn_sync (
          NULL, (char **) argv, NULL, 0, NULL, NULL, &output, &complaint, &status, error))
    return FALSE;
  if (!g_spawn_check_wait_status (status, error)) {
    g_prefix_error (error, "%s", complaint);
    return FALSE;
  }
  figures[0] = g_ascii_strtod (output, &rest);
  figures[1] = g_ascii_strtod (rest, NULL);
  return TRUE;
}

/* ---- the first buffer ---- */

/* Seconds from READY to the first buffer. */
static double
time_start (const char *source)
{
  Player player;
  double begin;

  player_open (&player, source);
  begin = bench_wall_time ();
  gst_element_set_state (player.pipeline, GST_STATE_PLAYING);
  player_wait (&player, GST_MESSAGE_APPLICATION);
  player_close (&player);
  return player.wall - begin;
}

/* The same in a process that has played nothing yet. */
static double
time_cold_start (const char *source)
{
  g_autoptr (GError) error = NULL;
  double times[2];

  if (!spawn ("--start", source, times, &error))
    give_up (source, error->message);
  return times[0];
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
print_starts (const Sound *sound, const char *length, guint64 duration)
{
  g_autofree char *source =
      g_strdup_printf ("%s duration=%" G_GUINT64_FORMAT, sound->source, duration);
  const BenchFigures cold = summarize_starts (source, time_cold_start);
  const BenchFigures warm = summarize_starts (source, time_start);

  g_print ("%-20s%10s%12.2f%12.2f%12.2f%12.2f\n", sound->name, length, cold.median * 1e3,
      cold.worst * 1e3, warm.median * 1e3, warm.worst * 1e3);
}

static void
print_all_starts (const Sound *sounds, guint n)
{
  g_print (
      "Milliseconds from set_state (PLAYING) in READY to the first buffer, real time, %d starts "
      "each: cold, in a fresh process,\nand warm, in one that has played it before; goal: median "
      "5, "
      "worst 20, whatever the duration.\n\n%-20s%10s%12s%12s%12s%12s\n",
      runs, "genome", "length", "cold median", "worst", "warm median", "worst");
  for (guint i = 0; i < n; i++) {
    print_starts (&sounds[i], "1 s", SECOND);
    print_starts (&sounds[i], "20 min", MINUTES_20);
    print_starts (&sounds[i], "24 h", 24 * 3600 * SECOND);
  }
}

/* ---- memory ---- */

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

/* In the child: plays to the end; prints MiB and seconds. */
static void
play_pipeline (const char *source)
{
  const double begin = bench_wall_time ();
  Player player;

  player_open (&player, source);
  gst_element_set_state (player.pipeline, GST_STATE_PLAYING);
  player_wait (&player, GST_MESSAGE_EOS);
  player_close (&player);
  g_print ("%.2f %.3f\n", get_peak_memory (), bench_wall_time () - begin);
}

static void
print_memory (const char *name, const char *length, const char *settings, const char *source)
{
  g_autoptr (GError) error = NULL;
  double figures[2];

  if (!spawn ("--play", source, figures, &error))
    give_up (source, error->message);
  g_print ("%-20s%10s%12s%12.2f%12.2f\n", name, length, settings, figures[0], figures[1]);
}

static void
print_sound_memory (const Sound *sound, const char *name, const char *settings)
{
  static const struct {
    const char *name;
    guint64 duration;
  } lengths[] = { { "10 s", 10 * SECOND }, { "20 min", MINUTES_20 } };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    g_autofree char *source = g_strdup_printf (
        "%s duration=%" G_GUINT64_FORMAT " %s", sound->source, lengths[i].duration, settings);

    print_memory (sound->name, lengths[i].name, name, source);
  }
}

static void
print_all_memory (const Sound *sounds, guint n)
{
  static const char plain[] = "adaptive=false checkpoint-memory=0";

  g_print (
      "\nPeak memory (VmHWM, MiB) of a process of its own that plays as fast as it can, and its "
      "real seconds; plain is\n%s. Goal for 20 minutes: 32; plain within 1 of 10 s, default "
      "within checkpoint-memory + 3.\n\n%-20s%10s%12s%12s%12s\n",
      plain, "genome", "length", "settings", "MiB", "s");
  print_memory ("audiotestsrc", "10 s", "-", "audiotestsrc num-buffers=469 ! " FORMAT);
  print_memory ("audiotestsrc", "20 min", "-", "audiotestsrc num-buffers=56250 ! " FORMAT);
  for (guint i = 0; i < n; i++) {
    print_sound_memory (&sounds[i], "plain", plain);
    print_sound_memory (&sounds[i], "default", "");
  }
}

/* ---- buffers ---- */

/* Median seconds of the streaming thread's CPU from the first buffer to the end. @listen: for the element's
 * messages, of which kromosrc posts one for each buffer. */
static double
time_stream (const char *source, gboolean listen)
{
  g_autofree double *times = g_new (double, stream_runs);

  for (int i = 0; i < stream_runs; i++) {
    Player player;

    player_open (&player, source);
    if (!listen)
      gst_bus_set_sync_handler (player.bus, drop_element_message, NULL, NULL);
    gst_element_set_state (player.pipeline, GST_STATE_PLAYING);
    player_wait (&player, GST_MESSAGE_EOS);
    player_close (&player);
    times[i] = player.cpu_end - player.cpu_start;
  }
  return bench_summarize (times, stream_runs).median;
}

/* Of the same samples in small and in large buffers. */
static void
print_buffers (const char *name, const char *small, const char *large, gboolean listen)
{
  const double small_time = time_stream (small, listen);
  const double large_time = time_stream (large, listen);

  g_print ("%-28s%14.0f%14.0f%14.0f\n", name, small_time / SMALL_BUFFERS * 1e9,
      large_time / LARGE_BUFFERS * 1e9,
      (small_time - large_time) / (SMALL_BUFFERS - LARGE_BUFFERS) * 1e9);
}

static void
print_all_buffers (void)
{
  static const char
      small[] = "kromosrc adaptive=false duration=106666666667 chunk-duration=5333333 ! " FORMAT,
      large[] = "kromosrc adaptive=false duration=106666666667 chunk-duration=106666667 ! " FORMAT;

  g_print (
      "\nns of the streaming thread's CPU a buffer of 256 and of 5120 samples, medians of %d runs, "
      "and the buffer's own share,\nwhich is what the same samples cost more in more buffers; "
      "goal: 2000. Unheard: element messages dropped from the bus.\n\n%-28s%14s%14s%14s\n",
      stream_runs, "source", "256 samples", "5120 samples", "own share");
  print_buffers ("audiotestsrc", "audiotestsrc samplesperbuffer=256 num-buffers=20000 ! " FORMAT,
      "audiotestsrc samplesperbuffer=5120 num-buffers=1000 ! " FORMAT, TRUE);
  print_buffers ("kromosrc", small, large, TRUE);
  print_buffers ("kromosrc, unheard", small, large, FALSE);
}

/* ---- */

static const BenchGenome *
find_genome (GPtrArray *genomes, const char *id)
{
  for (guint i = 0; i < genomes->len; i++) {
    const BenchGenome *genome = g_ptr_array_index (genomes, i);

    if (g_str_equal (genome->id, id) && !genome->has_convolver)
      return genome;
  }
  return NULL;
}

/* The default one and evolved ones without convolver; returns how many. */
static guint
choose_sounds (GPtrArray *genomes, Sound *sounds)
{
  guint n = 0;

  sounds[n++] = (Sound){ "(default)", g_strdup ("kromosrc") };
  for (guint i = 0; i < G_N_ELEMENTS (preferred) && n < 1 + N_GENOMES; i++) {
    const BenchGenome *genome = find_genome (genomes, preferred[i]);

    if (genome != NULL)
      sounds[n++] =
          (Sound){ genome->id, g_strdup_printf ("kromosrc location=\"%s\"", genome->path) };
  }
  return n;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) genomes = NULL;
  Sound sounds[1 + N_GENOMES];
  guint n;

  bench_parse_options (&argc, &argv, options, "Times the element's start, its memory and buffers.");
  gst_init (NULL, NULL);
  if (play != NULL) {
    play_pipeline (play);
    return 0;
  }
  if (start != NULL) {
    g_print ("%.9f 0\n", time_start (start));
    return 0;
  }
  runs = MAX (runs, 1);
  stream_runs = MAX (stream_runs, 1);
  genomes = bench_list_genomes (NULL);
  n = choose_sounds (genomes, sounds);
  bench_print_machine ("real or of a thread's CPU, as said below");
  print_all_starts (sounds, n);
  print_all_memory (sounds, n);
  print_all_buffers ();
  for (guint i = 0; i < n; i++)
    g_free (sounds[i].source);
  return 0;
}
