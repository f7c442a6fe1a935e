/* kromo-station: samples to one stream of Ogg/Opus or MP3
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "options.h"

G_BEGIN_DECLS

typedef struct _Encoder Encoder;

/* Called in the encoder's own thread. What is given is the callback's only while it runs. */
typedef struct {
  void (*bytes) (GstBuffer *buffer, gpointer user_data);
  /* In their place among the bytes, where the format has none of its own (MP3). */
  void (*tags) (GstEvent *event, gpointer user_data);
} EncoderCallbacks;

/**
 * encoder_new:
 * @tags: (nullable): of what it begins with
 *
 * An Ogg stream begins with its headers, and is complete after encoder_finish().
 */
Encoder *encoder_new (const Options *options, GstTagList *tags, const EncoderCallbacks *callbacks,
    gpointer user_data, GError **error);

/* Another title from here on. Ogg/Opus takes none after its beginning. */
void encoder_push_tags (Encoder *encoder, GstTagList *tags);

/* Waits where the encoder is behind. The buffer's timestamps do not count.
 * Returns: FALSE when the encoder has failed */
gboolean encoder_push (Encoder *encoder, GstBuffer *samples);

/* All bytes have come when it returns. Frees the encoder, also when it has failed. */
gboolean encoder_finish (Encoder *encoder, GError **error);

G_END_DECLS
