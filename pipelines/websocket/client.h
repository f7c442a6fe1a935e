/* kromo-websocket: one client
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <libsoup/soup.h>

#include "library.h"
#include "settings.h"

G_BEGIN_DECLS

typedef struct _Client Client;

/**
 * ClientHost:
 * @settings: what the limits are
 * @library: what there is
 * @take_batch: whether one more batch may be rendered now; each TRUE is given back once
 * @return_batch: gives it back; client_poke() then tells those that wait
 * @gone: the last that is heard of a client
 *
 * What a client needs of the server.
 */
typedef struct {
  const Settings *settings;
  Library *library;
  gboolean (*take_batch) (gpointer user_data);
  void (*return_batch) (gpointer user_data);
  void (*gone) (Client *client, gpointer user_data);
  gpointer user_data;
} ClientHost;

/**
 * client_new:
 * @stream: (transfer full): the connection, after the handshake
 */
Client *client_new (const ClientHost *host, GIOStream *stream, GUri *uri, const char *origin);

/** client_free: for @gone */
void client_free (Client *self);

/** client_close: says good-bye; the client is gone a little later */
void client_close (Client *self, gushort code, const char *reason);

/** client_refuse: an error message, then client_close(); for one that finds no place */
void client_refuse (Client *self, const char *reason);

/** client_has_place: whether it was not refused */
gboolean client_has_place (Client *self);

/** client_poke: a batch may go ahead now */
void client_poke (Client *self);

G_END_DECLS
