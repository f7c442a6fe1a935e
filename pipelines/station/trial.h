/* kromo-station: whether a genome can be played
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "lib/genomes.h"

G_BEGIN_DECLS

typedef struct _Trial Trial;

Trial *trial_new (gint channels, GError **error);
void trial_free (Trial *trial);

/* The kromosrc that tries, to be given the settings of the one that plays. */
GstElement *trial_get_source (Trial *trial);

/* Renders the first chunk. */
gboolean trial_play (Trial *trial, const Genome *genome, GError **error);

G_END_DECLS
