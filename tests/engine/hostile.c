/* A table of bad inputs: each with its exact error, and bounds on time and memory.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each input is a file that is loaded, and played if it is accepted, in a process of its own. One that crashes
 * or blocks fails its test alone. The rows are in hostile-*.c by what is bad about them; small documents that are
 * wrong in one place are in genome-errors.c.
 */
#include "hostile.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define BLOCKED                                                                                    \
  100 /* seconds of real time, on however busy a machine, after which a child is ended */
#define FRAMES 4800
#define NOBODY 65534

static char *folder;

/* ---- in a child ---- */

static double
processor_time (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double
peak_mib (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) usage.ru_maxrss / 1024.0;
}

void
hostile_in_child (void (*function) (gpointer data, HostileOutcome *outcome), gpointer data,
    HostileOutcome *outcome)
{
  int ends[2], status = 0;
  gssize size;
  pid_t child;

  g_assert_cmpint (pipe (ends), ==, 0);
  fflush (NULL);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0) {
    HostileOutcome own = { HOSTILE_ACCEPTED };
    const double before = peak_mib (), time = processor_time ();
    const gint64 start = g_get_monotonic_time ();

    alarm (BLOCKED);
    function (data, &own);
    own.seconds = processor_time () - time;
    own.waited = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
    own.mib = peak_mib () - before;
    _exit (write (ends[1], &own, sizeof own) == sizeof own ? 0 : 1);
  }
  close (ends[1]);
  size = read (ends[0], outcome, sizeof *outcome);
  close (ends[0]);
  while (waitpid (child, &status, 0) < 0 && errno == EINTR)
    ;
  if (WIFSIGNALED (status))
    g_error ("the process was ended by signal %d (%s)", WTERMSIG (status),
        g_strsignal (WTERMSIG (status)));
  g_assert_cmpint (size, ==, sizeof *outcome);
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
take_error (GError *error, const char *path, HostileOutcome *outcome)
{
  g_autofree char *name = g_filename_display_name (path);
  const char *message = error->message;

  outcome->code = error->code;
  outcome->right_domain = error->domain == KROMO_ERROR;
  if (g_str_has_prefix (message, name) && g_str_has_prefix (message + strlen (name), ": "))
    message += strlen (name) + 2;
  g_strlcpy (outcome->message, message, sizeof outcome->message);
  g_error_free (error);
}

static gboolean
play (KromoGenome *genome, const KromoNote *note, const KromoFormat *format, GError **error)
{
  g_autoptr (KromoRenderer) renderer = kromo_renderer_new (genome, note, format, error);
  static float samples[FRAMES];

  if (renderer == NULL)
    return FALSE;
  g_assert_cmpuint (kromo_renderer_render (renderer, (float *[]){ samples }, FRAMES), ==, FRAMES);
  for (guint i = 0; i < FRAMES; i++)
    g_assert_true (fabsf (samples[i]) <= 1.0f);
  return TRUE;
}

void
hostile_load_and_play (const char *path, const char *id, HostileOutcome *outcome)
{
  const KromoFormat reference = { 48000, 1, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE };
  const KromoFormat standard = { 48000, 1, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_STANDARD };
  KromoNote note = KROMO_NOTE_INIT;
  GError *error = NULL;
  g_autoptr (KromoGenome) genome = kromo_genome_load (path, id, &error);

  if (genome == NULL || !play (genome, &note, &reference, &error)) {
    take_error (error, path, outcome);
    return;
  }
  /* whatever comes of it */
  note.reverse = note.oversample = note.transpose_all = note.inharmonicity = TRUE;
  play (genome, &note, &standard, NULL);
  play (genome, &note, &reference, NULL);
}

void
hostile_list (const char *path, HostileOutcome *outcome)
{
  GError *error = NULL;
  g_auto (GStrv) ids = kromo_genome_list_ids (path, &error);

  if (ids != NULL)
    g_snprintf (outcome->message, sizeof outcome->message, "%u ids", g_strv_length (ids));
  else
    take_error (error, path, outcome);
}

/* ---- rows ---- */

void
hostile_check (
    const HostileOutcome *outcome, const char *path, gint code, const char *message, guint mib)
{
#if defined KROMO_COVERAGE
  const double slower = 20.0; /* each line counts, by an atomic operation */
#elif defined __OPTIMIZE__
  const double slower = SANITIZED ? 5.0 : 1.0;
#else
  const double slower = 5.0;
#endif

  g_test_message ("code %d, \"%s\", %.3f s (%.3f s), %.1f MiB", outcome->code, outcome->message,
      outcome->seconds, outcome->waited, outcome->mib);
  if (outcome->code != code || !g_pattern_match_simple (message, outcome->message))
    g_error ("%s: expected code %d and \"%s\", got code %d and \"%s\"", path, code, message,
        outcome->code, outcome->message);
  g_assert_true (outcome->code == HOSTILE_ACCEPTED || outcome->right_domain);
  g_assert_true (g_utf8_validate (outcome->message, -1, NULL));
  g_assert_cmpfloat (outcome->seconds, <, HOSTILE_SECONDS * slower);
  if (!SANITIZED) /* which have memory of their own */
    g_assert_cmpfloat (outcome->mib, <, mib != 0 ? mib : HOSTILE_USUAL_MIB);
}

typedef struct {
  const HostileRow *row;
  const char *path;
} Trial;

static void
make_in_child (gpointer data, HostileOutcome *outcome)
{
  const Trial *trial = data;

  if (trial->row->make != NULL) {
    trial->row->make (trial->path);
  } else {
    g_autofree char *document = json (trial->row->text);
    hostile_write (trial->path, document, strlen (document));
  }
}

static void
drop_privileges (const HostileRow *row)
{
  if ((row->flags & HOSTILE_UNPRIVILEGED) && geteuid () == 0)
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
}

static void
load_in_child (gpointer data, HostileOutcome *outcome)
{
  const Trial *trial = data;

  drop_privileges (trial->row);
  hostile_load_and_play (trial->path, NULL, outcome);
}

static void
list_in_child (gpointer data, HostileOutcome *outcome)
{
  const Trial *trial = data;

  drop_privileges (trial->row);
  hostile_list (trial->path, outcome);
}

static void
remove_recursively (const char *path)
{
  g_autoptr (GDir) dir =
      g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *inner = g_build_filename (path, name, NULL);
    remove_recursively (inner);
  }
  g_remove (path);
}

static void
test_row (gconstpointer data)
{
  const HostileRow *row = data;
  g_autofree char *path = hostile_path ("input");
  Trial trial = { row, path };
  HostileOutcome outcome;

  hostile_in_child (make_in_child, &trial, &outcome);
  hostile_in_child (load_in_child, &trial, &outcome);
  hostile_check (&outcome, path, row->code, row->message, row->mib);
  if (row->flags & HOSTILE_LISTED) {
    hostile_in_child (list_in_child, &trial, &outcome);
    hostile_check (&outcome, path, row->code, row->message, row->mib);
  }
  remove_recursively (path);
}

void
hostile_add_rows (const char *group, const HostileRow *rows, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("/hostile/%s/%s", group, rows[i].name);
    g_test_add_data_func (name, &rows[i], test_row);
  }
}

/* ---- all of it ---- */

char *
hostile_path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

void
hostile_write (const char *path, gconstpointer data, gsize size)
{
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

void
hostile_write_quoted (const char *path, GString *text)
{
  g_strdelimit (text->str, "'", '"');
  hostile_write (path, text->str, text->len);
  g_string_free (text, TRUE);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("kromo-XXXXXX", NULL);
  g_assert_nonnull (folder);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  hostile_add_documents ();
  hostile_add_graphs ();
  hostile_add_containers ();
  hostile_add_files ();
  hostile_add_databases ();
  result = g_test_run ();
  remove_recursively (folder);
  g_free (folder);
  return result;
}
