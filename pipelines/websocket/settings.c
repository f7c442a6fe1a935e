/* kromo-websocket: its options
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "settings.h"

#include <gst/gst.h>
#include <math.h>

static gboolean
check_range (
    const char *option, double value, double min, double max, const char *unit, GError **error)
{
  if (value >= min && value <= max)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "--%s is %g; it must be between %g and %g%s", option, value, min, max, unit);

  return FALSE;
}

static gboolean
check (const Settings *self, GError **error)
{
  if ((self->folder != NULL) == (self->database != NULL)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "Say what to serve, with either --folder=FOLDER or --database=FILE; --help lists all "
        "options");
    return FALSE;
  }

  return check_range ("port", self->port, 0, 65535, "", error)
      && check_range ("ahead", self->ahead, 0.1, 60, " seconds", error)
      && check_range ("max-clients", self->max_clients, 1, 10000, "", error)
      && check_range ("max-duration", self->max_duration, 0.1, 86400, " seconds", error)
      && check_range (
          "max-genome-bytes", self->max_genome_bytes, 1000, 32 * 1024 * 1024, " bytes", error)
      && check_range ("max-memory", self->max_memory, 1, 1 << 20, " MiB", error)
      && check_range ("rate", self->rate, 1, 10000, " messages a second", error)
      && check_range ("timeout", self->timeout, 1, 3600, " seconds", error);
}

gboolean
settings_parse (Settings *self, int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = NULL;

  *self = (Settings){
    .port = 8080,
    .ahead = 2,
    .max_clients = 50,
    .max_duration = 60,
    .max_genome_bytes = 1024 * 1024,
    .max_memory = 128,
    .rate = 50,
    .timeout = 30,
  };
  const GOptionEntry entries[] = {
    { "folder", 'f', 0, G_OPTION_ARG_FILENAME, &self->folder,
        "Serve the genome files (.json, .json.gz) of a folder", "FOLDER" },
    { "database", 'd', 0, G_OPTION_ARG_FILENAME, &self->database,
        "Serve a genome database (SQLite)", "FILE" },
    { "port", 'p', 0, G_OPTION_ARG_INT, &self->port, "Port, 0: any that is free (default: 8080)",
        "N" },
    { "address", 'a', 0, G_OPTION_ARG_STRING, &self->address,
        "Address to listen on (default: 127.0.0.1)", "IP" },
    { "ahead", 0, 0, G_OPTION_ARG_DOUBLE, &self->ahead,
        "Seconds to send ahead of the reported position (default: 2)", "S" },
    { "max-clients", 0, 0, G_OPTION_ARG_INT, &self->max_clients, "Clients at once (default: 50)",
        "N" },
    { "max-duration", 0, 0, G_OPTION_ARG_DOUBLE, &self->max_duration,
        "Seconds of the longest sound (default: 60)", "S" },
    { "max-genome-bytes", 0, 0, G_OPTION_ARG_INT, &self->max_genome_bytes,
        "Bytes of the largest genome in a request (default: 1048576)", "N" },
    { "max-memory", 0, 0, G_OPTION_ARG_INT, &self->max_memory,
        "MiB that rendering one sound may need (default: 128)", "N" },
    { "rate", 0, 0, G_OPTION_ARG_DOUBLE, &self->rate,
        "Messages a second read from one client; a render counts as ten (default: 50)", "N" },
    { "timeout", 0, 0, G_OPTION_ARG_DOUBLE, &self->timeout,
        "Seconds after which a client that stalls is let go (default: 30)", "S" },
    { "origin", 'o', 0, G_OPTION_ARG_STRING_ARRAY, &self->origins,
        "A web origin that may connect, such as https://example.org; '*': any; may be repeated",
        "ORIGIN" },
    { NULL },
  };

  context = g_option_context_new (NULL);
  g_option_context_set_summary (context,
      "Plays evolved sounds in browsers: serves a page and the WebSocket that it plays from.");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "What is %s? --help lists all options", (*argv)[1]);
    return FALSE;
  }
  if (!self->address)
    self->address = g_strdup ("127.0.0.1");

  return check (self, error);
}

void
settings_clear (Settings *self)
{
  g_free (self->folder);
  g_free (self->database);
  g_free (self->address);
  g_strfreev (self->origins);
}
