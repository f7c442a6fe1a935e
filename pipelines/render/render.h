/* One sound to one file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "file-types.h"
#include "lib/genomes.h"
#include "lib/sound-options.h"

G_BEGIN_DECLS

/**
 * RenderJob:
 * @note_delta: semitones; takes the place of what @options have
 * @output: the file; it is there only once it is whole
 * @replace: an older file; else there is %G_IO_ERROR_EXISTS
 * @is_lasting: the file is on the disk before it has its name, so that it is whole even after a power
 *   failure; takes as long as the disk does
 * @permille: atomic, written while it renders
 * @audio_time: (out): length of the sound in the file, nanoseconds
 * @warnings: (out) (nullable): what was not played as written, a line each
 */
typedef struct {
  const Genome *genome;
  const SoundOptions *options;
  const FileFormat *format;
  const char *output;
  gboolean has_note_delta;
  gdouble note_delta;
  gboolean replace, is_lasting;

  gint permille;
  GstClockTime audio_time;
  char *warnings;
} RenderJob;

/* Renders in a thread of its own and waits for it. When it fails or is cancelled, no file is left. May
 * be called from several threads for several jobs. */
gboolean render_job_run (RenderJob *job, GCancellable *cancellable, GError **error);

void render_job_clear (RenderJob *job);

G_END_DECLS
