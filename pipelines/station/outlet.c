/* kromo-station: where the encoded stream goes to, a server or a file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "outlet.h"

#include "server.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>

struct _Outlet {
  Server *server; /* or the file */
  FILE *file;
  const char *path;
  gboolean has_begun;
  gboolean has_failed; /* the encoder's thread */
  GError *error;       /* why; for the main thread */
  OutletFailed failed;
  gpointer user_data;
};

static GError *
make_file_error (const char *path)
{
  return g_error_new (G_FILE_ERROR, g_file_error_from_errno (errno), "%s cannot be written: %s",
      path, g_strerror (errno));
}

Outlet *
outlet_new (const Options *options, OutletFailed failed, gpointer user_data, GError **error)
{
  Outlet *outlet = g_new0 (Outlet, 1);

  outlet->failed = failed;
  outlet->user_data = user_data;
  outlet->path = options->output;
  if (!options->output) {
    outlet->server = server_new (options, failed, user_data, error);
  } else {
    outlet->file = g_fopen (options->output, "wb");
    if (!outlet->file)
      g_propagate_error (error, make_file_error (options->output));
  }
  if (!outlet->server && !outlet->file)
    g_clear_pointer (&outlet, g_free);

  return outlet;
}

gboolean
outlet_close (Outlet *outlet, GError **error)
{
  gboolean good = TRUE;

  if (outlet->server) {
    good = server_close (outlet->server, error);
  } else if (fclose (outlet->file) != 0 && !outlet->has_failed) {
    g_propagate_error (error, make_file_error (outlet->path));
    good = FALSE;
  }
  g_clear_error (&outlet->error);
  g_free (outlet);

  return good;
}

gboolean
outlet_is_waiting (Outlet *outlet)
{
  return outlet->server ? server_is_waiting (outlet->server) : !outlet->has_begun;
}

void
outlet_begin (Outlet *outlet)
{
  outlet->has_begun = TRUE;
  if (outlet->server)
    server_begin (outlet->server);
}

static gboolean
tell_failure (gpointer user_data)
{
  Outlet *outlet = user_data;

  outlet->failed (outlet->error, outlet->user_data);

  return G_SOURCE_REMOVE;
}

static void
write_bytes (Outlet *outlet, GstBuffer *bytes)
{
  GstMapInfo map;

  if (outlet->has_failed || !gst_buffer_map (bytes, &map, GST_MAP_READ))
    return;
  if (fwrite (map.data, 1, map.size, outlet->file) != map.size) {
    outlet->error = make_file_error (outlet->path);
    outlet->has_failed = TRUE;
    g_idle_add (tell_failure, outlet);
  }
  gst_buffer_unmap (bytes, &map);
}

void
outlet_push (Outlet *outlet, GstBuffer *bytes)
{
  if (outlet->server)
    server_push (outlet->server, bytes);
  else
    write_bytes (outlet, bytes);
}

void
outlet_push_tags (Outlet *outlet, GstEvent *event)
{
  if (outlet->server)
    server_push_tags (outlet->server, event);
}
