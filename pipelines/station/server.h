/* kromo-station: the connection to an Icecast server
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "outlet.h"

G_BEGIN_DECLS

typedef struct _Server Server;

/* As the functions of the outlet; @failed is called only where the server was not there at the start. */
Server *server_new (
    const Options *options, OutletFailed failed, gpointer user_data, GError **error);
gboolean server_close (Server *server, GError **error);
gboolean server_is_waiting (Server *server);
void server_begin (Server *server);
void server_push (Server *server, GstBuffer *bytes);
void server_push_tags (Server *server, GstEvent *event);

G_END_DECLS
