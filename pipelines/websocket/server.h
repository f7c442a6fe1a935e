/* kromo-websocket: the page, the list of genomes, and the sockets
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "library.h"
#include "settings.h"

G_BEGIN_DECLS

typedef struct _Server Server;

/**
 * server_new:
 * @library: kept as long as the server
 *
 * Returns: (nullable): a server that listens, or %NULL with @error set
 */
Server *server_new (const Settings *settings, Library *library, GError **error);

/** server_get_uri: (transfer full): the page's address */
char *server_get_uri (Server *self);

/**
 * server_close:
 * @closed: called once when the last client is gone
 */
void server_close (Server *self, void (*closed) (gpointer user_data), gpointer user_data);

/** server_free: after @closed */
void server_free (Server *self);

G_END_DECLS
