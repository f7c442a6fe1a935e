/* kromo-station: where the encoded stream goes to, a server or a file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "options.h"

G_BEGIN_DECLS

typedef struct _Outlet Outlet;

/* It cannot go on: the file cannot be written, or the server was not there at the start. In the main
 * thread. */
typedef void (*OutletFailed) (const GError *error, gpointer user_data);

/* Connects to the server, or opens the file. */
Outlet *outlet_new (
    const Options *options, OutletFailed failed, gpointer user_data, GError **error);

/* Waits until everything has been sent, but not for long. Frees it. */
gboolean outlet_close (Outlet *outlet, GError **error);

/* From the thread that feeds the encoder. Whether there is a new connection, which wants a stream from its
 * beginning. */
gboolean outlet_is_waiting (Outlet *outlet);

/* Likewise, while there is no encoder. What is pushed from now on goes to the new connection, if there is
 * one. */
void outlet_begin (Outlet *outlet);

/* From the encoder's thread. They never wait for the server: what it cannot take is lost. */
void outlet_push (Outlet *outlet, GstBuffer *bytes);
void outlet_push_tags (Outlet *outlet, GstEvent *event);

G_END_DECLS
