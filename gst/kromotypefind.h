/* Finds genome files among all the streams that there are
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The media type of a genome file: JSON text, plain or gzipped. */
#define GST_KROMO_GENOME_MEDIA_TYPE "application/x-kromosynth-genome"

gboolean gst_kromo_type_find_register (GstPlugin *plugin);

G_END_DECLS
