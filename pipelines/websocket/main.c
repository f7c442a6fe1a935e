/* kromo-websocket: plays evolved sounds in browsers
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib-unix.h>
#include <gst/gst.h>
#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/resource.h>

#include "library.h"
#include "server.h"
#include "settings.h"

typedef struct {
  Server *server;
  GMainLoop *loop;
} Program;

static void
on_closed (gpointer user_data)
{
  Program *program = user_data;

  g_main_loop_quit (program->loop);
}

/* The handler goes with the first signal, so that a second one ends the program at once. */
static gboolean
on_signal (gpointer user_data)
{
  Program *program = user_data;
  static gboolean closing = FALSE;

  if (closing)
    g_main_loop_quit (program->loop);
  else
    server_close (program->server, on_closed, program);
  closing = TRUE;

  return G_SOURCE_CONTINUE;
}

/* What clients leave behind goes back to the system: large blocks are mapped one by one, and the many threads
 * that come and go do not each keep a heap. Rendering allocates nothing that would make them wait for it. */
static void
give_memory_back (void)
{
#ifdef __GLIBC__
  mallopt (M_MMAP_THRESHOLD, 128 * 1024);
  mallopt (M_TRIM_THRESHOLD, 1024 * 1024);
  mallopt (M_ARENA_MAX, 2);
#endif
}

/* A client takes a handful of descriptors. */
static void
allow_many_files (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit (RLIMIT_NOFILE, &limit);
  }
}

static gboolean
has_element (const char *name, const char *remedy, GError **error)
{
  GstElementFactory *factory = gst_element_factory_find (name);

  if (!factory) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "GStreamer has no element %s; %s", name, remedy);
    return FALSE;
  }
  gst_object_unref (factory);

  return TRUE;
}

static gboolean
run (const Settings *settings, GError **error)
{
  Program program = { 0 };
  Library *library;
  g_autofree char *uri = NULL;

  if (!has_element ("kromosrc", "set GST_PLUGIN_PATH to the folder of libgstkromo.so", error)
      || !has_element ("appsink", "install gstreamer1.0-plugins-base", error))
    return FALSE;
  library = settings->folder ? library_new_folder (settings->folder, error)
                             : library_new_database (settings->database, error);
  if (!library)
    return FALSE;

  program.server = server_new (settings, library, error);
  if (program.server) {
    program.loop = g_main_loop_new (NULL, FALSE);
    g_unix_signal_add (SIGINT, on_signal, &program);
    g_unix_signal_add (SIGTERM, on_signal, &program);
    uri = server_get_uri (program.server);
    g_print ("Listening on %s\n", uri);
    g_main_loop_run (program.loop);
    g_main_loop_unref (program.loop);
    server_free (program.server);
  }
  library_free (library);

  return program.server != NULL;
}

int
main (int argc, char **argv)
{
  Settings settings;
  g_autoptr (GError) error = NULL;
  gboolean ok;

  setlocale (LC_ALL, "");
  give_memory_back ();
  allow_many_files ();
  ok = settings_parse (&settings, &argc, &argv, &error) && run (&settings, &error);
  if (!ok)
    g_printerr ("%s\n", error->message);
  settings_clear (&settings);

  return ok ? 0 : 1;
}
