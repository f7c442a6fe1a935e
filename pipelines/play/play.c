/* kromo-play: plays genomes to a sound device, with keys
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <glib-unix.h>

#include "keyboard.h"
#include "player.h"

#define LINE_INTERVAL_MS 100
#define BAR_WIDTH 20
#define SEEK_STEP (1 * GST_SECOND)
#define VOLUME_STEP 0.05
#define DEFAULT_COLUMNS 80

static const char keys_help[] =
    "up/down: note, page up/down: octave, left/right: seek by 1 s, home: from the start, "
    "space: pause,\n+/-: volume, m: mute, n/p: next, previous genome, q: quit";

typedef struct {
  GMainLoop *loop;
  Player *player;
  gboolean has_keys, has_line; /* a line that is drawn over again */
  gboolean has_failed;
  gint signal;
} App;

/* ---- what is shown ---- */

static void
clear_line (const App *app)
{
  if (app->has_line)
    g_print ("\r\033[K");
}

static char *
format_time (GstClockTime time)
{
  guint64 tenths;

  if (!GST_CLOCK_TIME_IS_VALID (time))
    return g_strdup ("-:--");
  tenths = time / (GST_SECOND / 10);

  return g_strdup_printf (
      "%u:%02u.%u", (guint) (tenths / 600), (guint) (tenths / 10 % 60), (guint) (tenths % 10));
}

static guint
get_columns (void)
{
  struct winsize size;

  return ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                          : DEFAULT_COLUMNS;
}

/* At most @columns characters. */
static void
truncate_line (GString *line, guint columns)
{
  if (g_utf8_strlen (line->str, (gssize) line->len) > (glong) columns)
    g_string_truncate (line, (gsize) (g_utf8_offset_to_pointer (line->str, columns) - line->str));
}

static gboolean
draw_line (gpointer data)
{
  App *app = data;
  PlayerState s;
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *position = NULL, *duration = NULL, *name = NULL;
  gint filled = 0;

  if (!app->has_line)
    return G_SOURCE_CONTINUE;
  player_get_state (app->player, &s);
  position = format_time (s.position);
  duration = format_time (s.duration);
  name = genome_describe (s.genome);
  if (GST_CLOCK_TIME_IS_VALID (s.position) && GST_CLOCK_TIME_IS_VALID (s.duration) && s.duration)
    filled = (gint) MIN (gst_util_uint64_scale (s.position, BAR_WIDTH, s.duration), BAR_WIDTH);
  g_string_append_printf (line, "%s %s/%s [%.*s%*s] note %+g, volume %.0f %%%s, RTF %.3f",
      s.is_paused ? "paused " : "playing", position, duration, filled, "####################",
      BAR_WIDTH - filled, "", s.note_delta, s.volume * 100, s.is_muted ? " (mute)" : "", s.rtf);
  if (s.rtf > 1)
    g_string_append (line, " (too slow to play)");
  g_string_append_printf (line, " %s", name);
  truncate_line (line, get_columns () - 1);
  g_print ("\r%s\033[K", line->str);

  return G_SOURCE_CONTINUE;
}

static void
on_started (Player *player, GstClockTime latency, gpointer data)
{
  App *app = data;
  PlayerState s;
  g_autofree char *name = NULL;

  player_get_state (player, &s);
  name = genome_describe (s.genome);
  clear_line (app);
  g_print ("%s (%u of %u): first sound after %.1f ms\n", name, s.index + 1, s.n_genomes,
      (double) latency / GST_MSECOND);
  draw_line (app);
}

static void
on_warned (Player *player G_GNUC_UNUSED, const char *message, gpointer data)
{
  clear_line (data);
  g_printerr ("%s\n", message);
}

static void
on_failed (Player *player G_GNUC_UNUSED, const char *message, gboolean is_fatal, gpointer data)
{
  App *app = data;

  clear_line (app);
  g_printerr ("%s\n", message);
  app->has_failed = TRUE;
  if (is_fatal)
    g_main_loop_quit (app->loop);
}

static void
on_ended (Player *player G_GNUC_UNUSED, gpointer data)
{
  g_main_loop_quit (((App *) data)->loop);
}

/* ---- keys and signals ---- */

static void
on_key (gint key, gpointer data)
{
  App *app = data;

  switch (key) {
  case KEY_UP:
    player_add_note (app->player, 1);
    break;
  case KEY_DOWN:
    player_add_note (app->player, -1);
    break;
  case KEY_PAGE_UP:
    player_add_note (app->player, 12);
    break;
  case KEY_PAGE_DOWN:
    player_add_note (app->player, -12);
    break;
  case KEY_RIGHT:
    player_seek (app->player, (GstClockTimeDiff) SEEK_STEP);
    break;
  case KEY_LEFT:
    player_seek (app->player, -(GstClockTimeDiff) SEEK_STEP);
    break;
  case KEY_HOME:
    player_seek (app->player, G_MININT32 * (GstClockTimeDiff) GST_SECOND);
    break;
  case ' ':
    player_toggle_pause (app->player);
    break;
  case '+':
  case '=':
    player_add_volume (app->player, VOLUME_STEP);
    break;
  case '-':
    player_add_volume (app->player, -VOLUME_STEP);
    break;
  case 'm':
    player_toggle_mute (app->player);
    break;
  case 'n':
    player_skip (app->player, 1);
    break;
  case 'p':
    player_skip (app->player, -1);
    break;
  case 'q':
  case 'Q':
  case 4: /* Ctrl-D */
    g_main_loop_quit (app->loop);
    break;
  case '?':
  case 'h':
    clear_line (app);
    g_print ("%s\n", keys_help);
    break;
  default:
    return;
  }
  draw_line (app);
}

static gboolean
on_interrupt (gpointer data)
{
  App *app = data;

  app->signal = SIGINT;
  g_main_loop_quit (app->loop);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_hangup (gpointer data)
{
  App *app = data;

  app->signal = SIGHUP;
  g_main_loop_quit (app->loop);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_terminate (gpointer data)
{
  App *app = data;

  app->signal = SIGTERM;
  g_main_loop_quit (app->loop);

  return G_SOURCE_CONTINUE;
}

/* ---- */

typedef struct {
  SoundOptions sound;
  char *sink, *genome_id, *note_delta;
  gboolean repeat, no_keys;
  char **arguments; /* [GENOME] [SECONDS] [NOTE-DELTA] [LEVEL] */
} Options;

/* The arguments after the genome are those of the options of the same names. */
static gboolean
take_arguments (Options *o, GError **error)
{
  guint n = o->arguments ? g_strv_length (o->arguments) : 0;

  if (n > 4) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "too many arguments; wanted are [GENOME] [SECONDS] [NOTE-DELTA] [LEVEL]");
    return FALSE;
  }

  return (n < 2
             || sound_options_set_seconds (
                 &o->sound, "SECONDS", "duration", o->arguments[1], error))
      && (n < 3
          || sound_options_set (&o->sound, "NOTE-DELTA", "note-delta", o->arguments[2], error))
      && (n < 4 || sound_options_set (&o->sound, "LEVEL", "volume", o->arguments[3], error));
}

static gboolean
parse (Options *o, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "note-delta", 'n', 0, G_OPTION_ARG_STRING, &o->note_delta, "As NOTE-DELTA (0)", "SEMITONES" },
    { "genome-id", 'i', 0, G_OPTION_ARG_STRING, &o->genome_id,
        "Only this genome of a database (all)", "ID" },
    { "repeat", 'r', 0, G_OPTION_ARG_NONE, &o->repeat, "Begin again after the last genome", NULL },
    { "sink", 's', 0, G_OPTION_ARG_STRING, &o->sink,
        "Where to play, as gst-launch-1.0 takes it (autoaudiosink)", "ELEMENTS" },
    { "no-keys", 0, 0, G_OPTION_ARG_NONE, &o->no_keys, "Leave the keyboard alone", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->arguments, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("[GENOME] [SECONDS] [NOTE-DELTA] [LEVEL]");
  g_autofree char *description = g_strconcat ("Keys:\n", keys_help, NULL);

  g_option_context_set_summary (context,
      "Plays genomes. GENOME is a genome file, a genome database, a folder of them, a kromo: URI, "
      "or "
      "\"default\".\nSECONDS is the length of the sound (4), NOTE-DELTA a transposition in "
      "semitones "
      "(0), LEVEL a factor on\nthe samples, 0 to 10 (1).");
  g_option_context_set_description (context, description);
  g_option_context_set_main_group (context, sound_options_get_group (&o->sound));
  g_option_context_add_main_entries (context, entries, NULL);

  return g_option_context_parse_strv (context, argv, error)
      && (!o->note_delta
          || sound_options_set (&o->sound, "--note-delta", "note-delta", o->note_delta, error))
      && take_arguments (o, error);
}

static GPtrArray *
get_genomes (const Options *o, GError **error)
{
  const char *path = o->arguments ? o->arguments[0] : NULL;
  GPtrArray *genomes = genomes_list (path, error);
  Genome *first;

  if (!genomes || !o->genome_id)
    return genomes;
  first = genomes->pdata[0];
  if (!first->location || g_file_test (path, G_FILE_TEST_IS_DIR)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--genome-id needs a database");
    g_ptr_array_unref (genomes);
    return NULL;
  }
  g_ptr_array_set_size (genomes, 1);
  g_free (first->id);
  first->id = g_strdup (o->genome_id);

  return genomes;
}

static int
play (Options *o, char ***argv, gint64 started_at, GError **error)
{
  const PlayerFuncs funcs = { on_started, on_failed, on_warned, on_ended };
  g_autoptr (GPtrArray) genomes = NULL;
  App app = { 0 };

  if (!have_kromosrc (error) || !parse (o, argv, error))
    return 2;
  genomes = get_genomes (o, error);
  if (!genomes)
    return 1;
  app.player = player_new (genomes, &o->sound, o->sink, &funcs, &app, error);
  if (!app.player)
    return 1;
  player_set_repeat (app.player, o->repeat);
  app.loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGINT, on_interrupt, &app);
  g_unix_signal_add (SIGHUP, on_hangup, &app);
  g_unix_signal_add (SIGTERM, on_terminate, &app);
  app.has_line = isatty (STDOUT_FILENO);
  app.has_keys = !o->no_keys && keyboard_open (on_key, &app);
  if (app.has_keys)
    g_print ("%s\n", keys_help);
  g_timeout_add (LINE_INTERVAL_MS, draw_line, &app);
  player_start (app.player, started_at);
  g_main_loop_run (app.loop);
  clear_line (&app);
  keyboard_close ();
  player_free (app.player);
  g_main_loop_unref (app.loop);

  return app.signal ? 128 + app.signal : app.has_failed ? 1 : 0;
}

int
main (int argc G_GNUC_UNUSED, char **argv)
{
  gint64 started_at = g_get_monotonic_time ();
  g_auto (GStrv) arguments = separate_numbers (argv);
  g_autoptr (GError) error = NULL;
  Options options = { 0 };
  int status;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  gst_init (NULL, NULL);
  sound_options_init (&options.sound);
  status = play (&options, &arguments, started_at, &error);
  if (error)
    g_printerr ("%s\n", error->message);
  sound_options_clear (&options.sound);
  g_free (options.sink);
  g_free (options.genome_id);
  g_free (options.note_delta);
  g_strfreev (options.arguments);

  return status;
}
