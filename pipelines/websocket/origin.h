/* kromo-websocket: who may connect
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * origin_is_known_host:
 * @host: (nullable): a Host header
 * @origins: (nullable): what --origin says
 *
 * A page that was loaded from elsewhere may have its own name lead here (DNS rebinding) and then is of the
 * same origin. It cannot have an address for a name, nor localhost.
 *
 * Returns: whether the host is localhost, an IP address, or that of one of @origins
 */
gboolean origin_is_known_host (const char *host, char *const *origins);

/**
 * origin_is_allowed:
 * @origin: (nullable): an Origin header; programs other than browsers have none
 * @host: the Host header, a known one
 */
gboolean origin_is_allowed (const char *origin, const char *host, char *const *origins);

G_END_DECLS
