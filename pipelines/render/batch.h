/* Many sounds to files: the items of a batch, and doing them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "render.h"

G_BEGIN_DECLS

/* A genome with a note. Its number, counted from 1, is that of its place in the whole list. */
typedef struct {
  const Genome *genome;
  double note_delta;
  char *output;
} BatchItem;

typedef struct {
  SoundOptions sound;
  FileFormat format;
  char *folder; /* of the outputs */
  GPtrArray *genomes;
  GArray *items; /* of BatchItem */
} Batch;

/**
 * batch_init_items: fills @items from @genomes, @folder and @format
 * @notes: (nullable): semitones, with commas between; %NULL for 0
 */
gboolean batch_init_items (Batch *batch, const char *notes, GError **error);

void batch_clear (Batch *batch);

/* Looks whether what is in the folder was rendered with the same settings, and notes them there.
 * @again: it does not matter */
gboolean batch_check_settings (const Batch *batch, gboolean again, GError **error);

/**
 * BatchRun: what to do, and what came of it
 * @numbers: (element-type guint): which items
 * @jobs: how many at a time
 * @again: also those that are done
 * @verbose: tell what was not played as written
 */
typedef struct {
  const Batch *batch;
  GArray *numbers;
  guint jobs;
  gboolean again, verbose, show_bar;

  guint n_rendered, n_present, n_failed, n_busy, n_warned;
  GstClockTime audio_time;
  gint signal; /* that interrupted it, or 0 */
} BatchRun;

/* Renders and tells of failures, a line each, on the standard error. */
void batch_run (BatchRun *run);

G_END_DECLS
