/* One listener of a WebRTC sender: a pipeline of its own, in which the sound begins when the connection stands
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "../lib/sound-options.h"

G_BEGIN_DECLS

typedef struct {
  const SoundOptions *sound;
  const char *genome;  /* a genome file, or NULL: the built-in one */
  const char *address; /* a numeric one: connections only over the interface that has it; or NULL */
  int bitrate;         /* of Opus, bits a second, a multiple of 400 */
} ListenerSettings;

typedef struct _Listener Listener;

/* @sdp is the answer to the listener's offer; NULL: there is none, because of @reason. */
typedef void (*ListenerAnswered) (
    Listener *listener, const char *sdp, const char *reason, gpointer data);
/* The listener may be freed in here. @reason is for people. */
typedef void (*ListenerEnded) (Listener *listener, const char *reason, gpointer data);

/* @offer is SDP that asks for audio. Callbacks come in the default main context, the answer first and
 * once, then the end once. NULL with @error set where the offer cannot be answered at all. */
Listener *listener_new (const ListenerSettings *settings, const char *offer,
    ListenerAnswered answered, ListenerEnded ended, gpointer data, GError **error);

/* The connection is closed. No callback comes after this. */
void listener_free (Listener *listener);

G_END_DECLS
