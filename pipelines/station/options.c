/* kromo-station: what its command line says
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "options.h"

#include <gio/gio.h>
#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD_VARIABLE "KROMO_STATION_PASSWORD"
#define NOT_GIVEN (-1.0)
#define DEFAULT_DURATION 20.0
#define MIN_DURATION 0.05 /* an Opus stream of one packet would be cut short */
#define MAX_DURATION 86400.0

/* What needs a second look after parsing. */
typedef struct {
  char *shuffle;
  char *format;
  char *crossfade;
  char *password_file;
  gboolean version;
} Raw;

static gboolean G_GNUC_PRINTF (2, 3) fail (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_clear_error (error);
  if (error)
    *error = g_error_new_valist (G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, format, args);
  va_end (args);

  return FALSE;
}

/* ---- single options ---- */

static gboolean
take_source (const Options *options, GError **error)
{
  const char *path = options->folder ? options->folder : options->database;

  if (!options->folder == !options->database)
    return fail (error, "Say what to play: either --folder DIR or --database FILE");
  if (options->folder && !g_file_test (path, G_FILE_TEST_IS_DIR))
    return fail (error, "There is no folder %s", path);
  if (options->database && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return fail (error, "There is no genome database %s", path);

  return TRUE;
}

static gboolean
take_shuffle (Options *options, const char *text, GError **error)
{
  guint64 seed;

  if (!text)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &seed, NULL))
    return fail (error, "--shuffle takes a seed, a number from 0 to 4294967295, not %s", text);
  options->shuffle = TRUE;
  options->seed = (guint32) seed;

  return TRUE;
}

static gboolean
take_duration (Options *options, GError **error)
{
  if (options->duration == NOT_GIVEN) {
    options->duration = options->use_metadata ? 0 : DEFAULT_DURATION;
    return TRUE;
  }
  if (options->duration >= MIN_DURATION && options->duration <= MAX_DURATION)
    return TRUE;

  return fail (error, "--duration takes seconds, from 0.05 to 86400");
}

/* Opus: what its encoder takes. MP3: what the standard has for 48 kHz. */
static gboolean
take_bitrate (Options *options, GError **error)
{
  static const gint mp3[] = { 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320 };

  if (options->bitrate == 0)
    options->bitrate = options->format == FORMAT_OPUS ? 96 : 128;
  if (options->format == FORMAT_OPUS) {
    if (options->bitrate < 6 || options->bitrate > 510)
      return fail (error, "--bitrate takes 6 to 510 kbit/s for Opus");
    return TRUE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (mp3); i++) {
    if (options->bitrate == mp3[i])
      return TRUE;
  }

  return fail (error,
      "--bitrate takes 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256 or 320 kbit/s for "
      "MP3");
}

static gboolean
take_format (Options *options, const char *text, GError **error)
{
  if (!text || g_str_equal (text, "opus"))
    options->format = FORMAT_OPUS;
  else if (g_str_equal (text, "mp3"))
    options->format = FORMAT_MP3;
  else
    return fail (error, "--format is opus or mp3, not %s", text);
  if (options->channels < 1 || options->channels > 2)
    return fail (error, "--channels is 1 or 2");

  return take_bitrate (options, error);
}

/* ---- the server ---- */

/* The first line of a file. */
static char *
read_password (const char *path, GError **error)
{
  char *text;

  if (!g_file_get_contents (path, &text, NULL, error)) {
    g_prefix_error (error, "--password-file: ");
    return NULL;
  }
  text[strcspn (text, "\r\n")] = '\0';

  return text;
}

static gboolean
take_password (Options *options, const char *file, GError **error)
{
  if (options->password)
    return TRUE;
  if (file)
    options->password = read_password (file, error);
  else if (g_getenv (PASSWORD_VARIABLE))
    options->password = g_strdup (g_getenv (PASSWORD_VARIABLE));
  else
    fail (error,
        "The server wants a password: --password-file FILE, or " PASSWORD_VARIABLE
        " in the environment");

  return options->password != NULL;
}

static gboolean
take_server (Options *options, const char *password_file, GError **error)
{
  g_autofree char *mount = NULL;

  if (options->output)
    return TRUE;
  if (options->port < 1 || options->port > 65535)
    return fail (error, "--port is a number from 1 to 65535");
  mount = g_steal_pointer (&options->mount);
  if (!mount)
    options->mount = g_strdup (options->format == FORMAT_OPUS ? "/kromo.opus" : "/kromo.mp3");
  else
    options->mount = g_strconcat (*mount == '/' ? "" : "/", mount, NULL);

  return take_password (options, password_file, error);
}

static gboolean
take (Options *options, const Raw *raw, GError **error)
{
  if (raw->crossfade && !g_str_equal (raw->crossfade, "none"))
    return fail (error, "--crossfade is none: sounds follow each other to the sample; not %s",
        raw->crossfade);

  return take_source (options, error) && take_shuffle (options, raw->shuffle, error)
      && take_duration (options, error) && take_format (options, raw->format, error)
      && take_server (options, raw->password_file, error);
}

/* ---- all of them ---- */

static void
set_default (char **option, const char *value)
{
  if (!*option)
    *option = g_strdup (value);
}

static gboolean
parse (Options *options, Raw *raw, int *argc, char ***argv, GError **error)
{
  const GOptionEntry what[] = {
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &options->folder,
        "Play the genome files of this folder", "DIR" },
    { "database", 0, 0, G_OPTION_ARG_FILENAME, &options->database,
        "Play the genomes of this genome database", "FILE" },
    { "shuffle", 0, 0, G_OPTION_ARG_STRING, &raw->shuffle,
        "In a random order that follows from SEED, another one in each round; otherwise by name",
        "SEED" },
    { "duration", 0, 0, G_OPTION_ARG_DOUBLE, &options->duration, "Length of each sound (20)",
        "SECONDS" },
    { "use-metadata", 0, 0, G_OPTION_ARG_NONE, &options->use_metadata,
        "Length and note as the genome says, where it does; length otherwise 4 s, or --duration "
        "for all",
        NULL },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->settings,
        "Set a property of kromosrc; may be repeated", "PROPERTY=VALUE" },
    { "crossfade", 0, 0, G_OPTION_ARG_STRING, &raw->crossfade,
        "Only none (default): each sound follows the other to the sample", "none" },
    { "once", 0, 0, G_OPTION_ARG_NONE, &options->once, "End after one round", NULL },
    { "format", 0, 0, G_OPTION_ARG_STRING, &raw->format, "opus (default, in Ogg) or mp3",
        "FORMAT" },
    { "bitrate", 0, 0, G_OPTION_ARG_INT, &options->bitrate, "Opus 96 by default, MP3 128",
        "KBIT/S" },
    { "channels", 0, 0, G_OPTION_ARG_INT, &options->channels, "1 (default) or 2", "N" },
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &options->output,
        "Write to a file as fast as it goes, in place of the server", "FILE" },
    { "raw", 0, 0, G_OPTION_ARG_FILENAME, &options->raw,
        "Also write what goes into the encoder: samples of 16 bit (S16LE), 48 kHz", "FILE" },
    { "quiet", 0, 0, G_OPTION_ARG_NONE, &options->quiet, "Say only what goes wrong", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &raw->version, "Print the version", NULL },
    G_OPTION_ENTRY_NULL,
  };
  const GOptionEntry server[] = {
    { "host", 0, 0, G_OPTION_ARG_STRING, &options->host, "Name or address (localhost)", "HOST" },
    { "port", 0, 0, G_OPTION_ARG_INT, &options->port, "8000 by default", "PORT" },
    { "mount", 0, 0, G_OPTION_ARG_STRING, &options->mount, "/kromo.opus or /kromo.mp3 by default",
        "/PATH" },
    { "user", 0, 0, G_OPTION_ARG_STRING, &options->user, "source by default", "NAME" },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &raw->password_file,
        "The password is the first line of this file; without one it is in " PASSWORD_VARIABLE,
        "FILE" },
    { "password", 0, 0, G_OPTION_ARG_STRING, &options->password,
        "The password itself; everybody on this machine can see it here", "PASSWORD" },
    { "wait", 0, 0, G_OPTION_ARG_NONE, &options->wait,
        "Keep trying when the server is not there at the start, too", NULL },
    { "name", 0, 0, G_OPTION_ARG_STRING, &options->name, "The station's name (kromo)", "TEXT" },
    { "genre", 0, 0, G_OPTION_ARG_STRING, &options->genre, "The station's genre", "TEXT" },
    { "description", 0, 0, G_OPTION_ARG_STRING, &options->description, "The station's description",
        "TEXT" },
    { "url", 0, 0, G_OPTION_ARG_STRING, &options->url, "The station's page", "URL" },
    { "public", 0, 0, G_OPTION_ARG_NONE, &options->is_public,
        "Let the server list the station in its directories", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  GOptionGroup *group =
      g_option_group_new ("server", "The Icecast server:", "Show the server's options", NULL, NULL);

  g_option_context_set_summary (
      context, "Plays genomes for ever, one after the other without a gap, to an Icecast server.");
  g_option_context_add_main_entries (context, what, NULL);
  g_option_group_add_entries (group, server);
  g_option_context_add_group (context, group);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1)
    return fail (error, "%s is no option", (*argv)[1]);

  return TRUE;
}

static void
clear_raw (Raw *raw)
{
  g_free (raw->shuffle);
  g_free (raw->format);
  g_free (raw->crossfade);
  g_free (raw->password_file);
}

Options *
options_parse (int *argc, char ***argv, GError **error)
{
  Options *options = g_new0 (Options, 1);
  Raw raw = { 0 };
  gboolean good;

  options->duration = NOT_GIVEN;
  options->port = 8000;
  options->channels = 1;
  good = parse (options, &raw, argc, argv, error);
  if (good && raw.version) {
    g_print ("kromo-station " PACKAGE_VERSION "\n");
    exit (EXIT_SUCCESS);
  }
  set_default (&options->host, "localhost");
  set_default (&options->user, "source");
  set_default (&options->name, "kromo");
  set_default (&options->genre, "evolved sound");
  set_default (&options->description, "Evolved sounds, one after the other");
  good = good && take (options, &raw, error);
  clear_raw (&raw);
  if (!good)
    g_clear_pointer (&options, options_free);

  return options;
}

void
options_free (Options *options)
{
  g_free (options->folder);
  g_free (options->database);
  g_strfreev (options->settings);
  g_free (options->output);
  g_free (options->raw);
  g_free (options->host);
  g_free (options->mount);
  g_free (options->user);
  g_free (options->password);
  g_free (options->name);
  g_free (options->genre);
  g_free (options->description);
  g_free (options->url);
  g_free (options);
}
