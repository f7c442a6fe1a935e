/* What the element's benchmarks share: pipelines that end in a fakesink, and what they play.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "bench-common.h"

G_BEGIN_DECLS

#define BENCH_FORMAT "audio/x-raw,format=" GST_AUDIO_NE (F32) ",rate=48000,channels=1"

typedef struct {
  GstElement *pipeline;
  GstBus *bus;
  GstPad *pad;                     /* the sink's */
  double wall, cpu_start, cpu_end; /* at the first buffer, and at the end */
} BenchPlayer;

/* A pipeline of @source, in READY. Exits on an error, as the others do. */
void bench_player_open (BenchPlayer *player, const char *source);

/* Until a message of these types is on the bus: APPLICATION is the first buffer. */
void bench_player_wait (BenchPlayer *player, GstMessageType types);

void bench_player_close (BenchPlayer *player);

/* Runs this program again with an option; it prints the figures. */
void bench_spawn (const char *option, const char *source, double *figures, guint n);

typedef struct {
  const char *name;
  char *source; /* for gst_parse_launch() */
} BenchSound;

#define BENCH_N_SOUNDS 6

/* The built-in genome, and evolved ones without convolver. Returns how many. */
guint bench_choose_sounds (GPtrArray *genomes, BenchSound sounds[BENCH_N_SOUNDS]);

G_END_DECLS
