/* kromo-station: one genome after the other, as samples
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "options.h"

G_BEGIN_DECLS

#define SOUND_RATE 48000

typedef struct _Sound Sound;

/* begin_genome and samples are called in a streaming thread, one after the other. */
typedef struct {
  /* The samples that follow are of another genome. */
  void (*begin_genome) (GstTagList *tags, gpointer user_data);
  /* S16LE, interleaved. */
  void (*samples) (GstBuffer *buffer, gpointer user_data);
  /* In the main thread: nothing follows. */
  void (*end) (gpointer user_data);
} SoundCallbacks;

/**
 * sound_new:
 * @paced: by the clock, or as fast as the samples are taken
 */
Sound *sound_new (const Options *options, gboolean paced, const SoundCallbacks *callbacks,
    gpointer user_data, GError **error);

/* Returns: whether there is anything to play */
gboolean sound_start (Sound *sound, GError **error);

/* No callback is called any more once this has returned. */
void sound_stop (Sound *sound);
void sound_free (Sound *sound);

guint64 sound_get_n_skipped (Sound *sound);

G_END_DECLS
