/* kromo-station: what pipelines tell
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * bus_get_sifted:
 *
 * Only errors and ends of streams stay on the bus. kromosrc tells its progress with every chunk, and sinks tell
 * every title; where nobody takes messages from the bus, they would pile up.
 *
 * Returns: (transfer full): the pipeline's bus
 */
GstBus *bus_get_sifted (GstElement *pipeline);

G_END_DECLS
