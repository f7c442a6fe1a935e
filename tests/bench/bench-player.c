/* What the element's benchmarks share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bench-player.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT (600 * GST_SECOND)

/* In the streaming thread. */
static GstPadProbeReturn
on_first_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  BenchPlayer *player = data;

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
  BenchPlayer *player = data;

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

void
bench_player_open (BenchPlayer *player, const char *source)
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

void
bench_player_wait (BenchPlayer *player, GstMessageType types)
{
  g_autoptr (GstMessage) message =
      gst_bus_timed_pop_filtered (player->bus, TIMEOUT, types | GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message == NULL)
    give_up ("pipeline", "nothing happens");
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return;
  gst_message_parse_error (message, &error, NULL);
  give_up (GST_OBJECT_NAME (GST_MESSAGE_SRC (message)), error->message);
}

void
bench_player_close (BenchPlayer *player)
{
  gst_element_set_state (player->pipeline, GST_STATE_NULL);
  gst_object_unref (player->pad);
  gst_object_unref (player->bus);
  gst_object_unref (player->pipeline);
}

void
bench_spawn (const char *option, const char *source, double *figures, guint n)
{
  const char *argv[] = { "/proc/self/exe", option, source, NULL };
  g_autofree char *output = NULL, *complaint = NULL;
  g_autoptr (GError) error = NULL;
  char *rest;
  int status;

  if (!g_spawn_sync (
          NULL, (char **) argv, NULL, 0, NULL, NULL, &output, &complaint, &status, &error))
    give_up (source, error->message);
  if (!g_spawn_check_wait_status (status, &error))
    give_up (source, complaint);
  rest = output;
  for (guint i = 0; i < n; i++)
    figures[i] = g_ascii_strtod (rest, &rest);
}

/* ---- sounds ---- */

static const char *const preferred[] = { "ev097_m0", "ev110_m20", "ev023_m60", "ev016_m28",
  "ev041_m32", "ev103_m5_nz", "ev118_m55", "ev120_m0", "ev044_m45" };

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

guint
bench_choose_sounds (GPtrArray *genomes, BenchSound sounds[BENCH_N_SOUNDS])
{
  guint n = 0;

  sounds[n++] = (BenchSound){ "(built-in)", g_strdup ("kromosrc") };
  for (guint i = 0; i < G_N_ELEMENTS (preferred) && n < BENCH_N_SOUNDS; i++) {
    const BenchGenome *genome = find_genome (genomes, preferred[i]);

    if (genome != NULL)
      sounds[n++] =
          (BenchSound){ genome->id, g_strdup_printf ("kromosrc location=\"%s\"", genome->path) };
  }
  return n;
}
