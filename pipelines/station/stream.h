/* kromo-station: samples of one genome after the other to encoded streams
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "options.h"
#include "outlet.h"

G_BEGIN_DECLS

typedef struct _Stream Stream;

Stream *stream_new (const Options *options, Outlet *outlet, GError **error);

/* From the sound's thread: what is pushed from now on is another genome. */
void stream_begin_genome (Stream *stream, GstTagList *tags);

/* From the sound's thread. After a failure nothing else is to be pushed. */
gboolean stream_push (Stream *stream, GstBuffer *samples, GError **error);

/* When nothing is pushed any more: everything has gone to the outlet when it returns. Frees it. */
gboolean stream_finish (Stream *stream, GError **error);

guint64 stream_get_n_genomes (const Stream *stream);

G_END_DECLS
