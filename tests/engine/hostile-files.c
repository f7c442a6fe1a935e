/* Files that are none, or not there, or not for us, or that change.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostile.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void
must (int result)
{
  g_assert_cmpint (result, ==, 0);
}

static void
make_missing (const char *path)
{
}

static void
make_good_link (const char *path)
{
  g_autofree char *target = g_strconcat (path, ".target", NULL);
  g_autofree char *text = json (SMALL);

  hostile_write (target, text, strlen (text));
  must (symlink ("input.target", path));
}

static void
make_dangling_link (const char *path)
{
  must (symlink ("nowhere", path));
}

static void
make_loop (const char *path)
{
  must (symlink ("input", path));
}

static void
make_long_chain (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  for (guint i = 0; i < 50; i++) {
    g_autofree char *from = g_strdup_printf ("%s/link%u", folder, i);
    g_autofree char *to = g_strdup_printf ("link%u", i + 1);
    must (symlink (to, from));
  }
  must (symlink ("link0", path));
}

static void
make_link_to_fifo (const char *path)
{
  g_autofree char *target = g_strconcat (path, ".fifo", NULL);

  must (mkfifo (target, 0666));
  must (symlink ("input.fifo", path));
}

static void
make_directory (const char *path)
{
  must (g_mkdir (path, 0777));
}

static void
make_fifo (const char *path)
{
  must (mkfifo (path, 0666));
}

static void
make_socket (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const int fd = socket (AF_UNIX, SOCK_STREAM, 0);

  g_assert_cmpuint (
      g_strlcpy (address.sun_path, path, sizeof address.sun_path), <, sizeof address.sun_path);
  must (bind (fd, (struct sockaddr *) &address, sizeof address));
  close (fd);
}

static void
make_link_to (const char *path, const char *target)
{
  must (symlink (target, path));
}

static void
make_null (const char *path)
{
  make_link_to (path, "/dev/null");
}

static void
make_zero (const char *path)
{
  make_link_to (path, "/dev/zero");
}

static void
make_random (const char *path)
{
  make_link_to (path, "/dev/random");
}

static void
make_terminal (const char *path)
{
  make_link_to (path, "/dev/tty");
}

/* Files of the kernel, which say that they are empty. */
static void
make_status (const char *path)
{
  make_link_to (path, "/proc/self/status");
}

static void
make_memory (const char *path)
{
  make_link_to (path, "/proc/self/mem");
}

static void
make_standard_input (const char *path)
{
  make_link_to (path, "/proc/self/fd/99999");
}

static void
make_unreadable (const char *path)
{
  hostile_write (path, "{}", 2);
  must (g_chmod (path, 0));
}

static void
make_write_only (const char *path)
{
  hostile_write (path, "{}", 2);
  must (g_chmod (path, 0222));
}

static void
make_huge (const char *path)
{
  hostile_write (path, "{}", 2);
  must (truncate (path, G_GINT64_CONSTANT (1) << 40));
}

static void
make_just_too_large (const char *path)
{
  hostile_write (path, "{}", 2);
  must (truncate (path, KROMO_MAX_DOCUMENT_BYTES + 1));
}

#define NOT_REGULAR KROMO_ERROR_READ, "is not a regular file", 0, HOSTILE_LISTED
#define MISSING KROMO_ERROR_NOT_FOUND, "No such file or directory", 0, HOSTILE_LISTED

static const HostileRow rows[] = {
  { "missing", make_missing, NULL, MISSING },
  { "link", make_good_link, NULL, HOSTILE_ACCEPTED, "" },
  { "link-dangling", make_dangling_link, NULL, MISSING },
  { "link-loop", make_loop, NULL, KROMO_ERROR_READ, "Too many levels of symbolic links", 0,
      HOSTILE_LISTED },
  { "link-chain", make_long_chain, NULL, KROMO_ERROR_READ, "Too many levels of symbolic links", 0,
      HOSTILE_LISTED },
  { "directory", make_directory, NULL, KROMO_ERROR_READ, "is a directory; a genome file is needed",
      0, HOSTILE_LISTED },
  { "fifo", make_fifo, NULL, NOT_REGULAR },
  { "link-to-fifo", make_link_to_fifo, NULL, NOT_REGULAR },
  { "socket", make_socket, NULL, NOT_REGULAR },
  { "dev-null", make_null, NULL, NOT_REGULAR },
  { "dev-zero", make_zero, NULL, NOT_REGULAR },
  { "dev-random", make_random, NULL, NOT_REGULAR },
  { "dev-tty", make_terminal, NULL, KROMO_ERROR_READ, "*" },
  { "proc-status", make_status, NULL, KROMO_ERROR_PARSE, "$: not JSON: *" },
  { "proc-memory", make_memory, NULL, KROMO_ERROR_READ, "*" },
  { "proc-closed-file", make_standard_input, NULL, MISSING },
  { "unreadable", make_unreadable, NULL, KROMO_ERROR_READ, "Permission denied", 0,
      HOSTILE_LISTED | HOSTILE_UNPRIVILEGED },
  { "write-only", make_write_only, NULL, KROMO_ERROR_READ, "Permission denied", 0,
      HOSTILE_LISTED | HOSTILE_UNPRIVILEGED },
  { "tebibyte", make_huge, NULL, KROMO_ERROR_LIMIT, "larger than 32 MiB", 0, HOSTILE_LISTED },
  { "just-too-large", make_just_too_large, NULL, KROMO_ERROR_LIMIT, "larger than 32 MiB", 0,
      HOSTILE_LISTED },
};

/* ---- paths ---- */

static void
load_in_child (gpointer data, HostileOutcome *outcome)
{
  hostile_load_and_play (data, NULL, outcome);
}

static void
check_path (char *path, gint code, const char *message)
{
  HostileOutcome outcome;

  hostile_in_child (load_in_child, path, &outcome);
  hostile_check (&outcome, path, code, message, 0);
}

static void
test_paths (void)
{
  g_autofree char *good = hostile_path ("caf\xe9 \xff\n?#%.json"); /* no UTF-8 */
  g_autofree char *missing = hostile_path ("\xff\xfe");
  g_autofree char *below = g_build_filename (good, "more", NULL);
  g_autofree char *slash = g_strconcat (good, "/", NULL);
  g_autofree char *long_name = g_strnfill (300, 'x'), *name = hostile_path (long_name);
  g_autofree char *long_path = g_strnfill (10000, '/');
  g_autofree char *bad = hostile_path ("\xf0\x28.json");
  g_autofree char *text = json (SMALL);

  hostile_write (good, text, strlen (text));
  hostile_write (bad, "[", 1);
  check_path (good, HOSTILE_ACCEPTED, "");
  check_path (bad, KROMO_ERROR_PARSE, "$: not JSON: *");
  check_path (missing, KROMO_ERROR_NOT_FOUND, "No such file or directory");
  check_path (below, KROMO_ERROR_NOT_FOUND, "Not a directory");
  check_path (slash, KROMO_ERROR_NOT_FOUND, "Not a directory");
  check_path ((char *) "", KROMO_ERROR_NOT_FOUND, "*No such file or directory");
  check_path (name, KROMO_ERROR_READ, "File name too long");
  check_path (long_path, KROMO_ERROR_READ, "*");
}

/* ---- a file that changes while it is read ---- */

static const char *const versions[] = { SMALL, PLAIN_DOCUMENT ("'g':['gain','output']", ""), "[",
  "" };

static void
keep_changing (const char *path)
{
  for (guint i = 0;; i++) {
    g_autofree char *text = json (versions[i % G_N_ELEMENTS (versions)]);
    FILE *file = g_fopen (path, "w"); /* in place, unlike g_file_set_contents() */

    if (file == NULL)
      g_error ("%s cannot be opened", path);
    for (const char *p = text; *p; p++) {
      fputc (*p, file);
      if (i % 2 == 0)
        fflush (file);
    }
    fclose (file);
    g_usleep (500);
  }
}

static void
load_often (gpointer data, HostileOutcome *outcome)
{
  guint n_loaded = 0, n_failed = 0;

  /* until there was either */
  for (guint i = 0; i < 500 || n_loaded == 0 || n_failed == 0; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (KromoGenome) genome = kromo_genome_load (data, NULL, &error);

    g_assert_true ((genome == NULL) == (error != NULL));
    g_assert_true (error == NULL || error->code == KROMO_ERROR_PARSE);
    n_loaded += genome != NULL;
    n_failed += error != NULL;
  }
}

static void
test_changing (void)
{
  g_autofree char *path = hostile_path ("changing");
  HostileOutcome outcome;
  pid_t writer;

  hostile_write (path, "", 0);
  writer = fork ();
  if (writer == 0)
    keep_changing (path);
  hostile_in_child (load_often, path, &outcome);
  kill (writer, SIGKILL);
  waitpid (writer, NULL, 0);
  hostile_check (&outcome, path, HOSTILE_ACCEPTED, "", 0);
}

void
hostile_add_files (void)
{
  hostile_add_rows ("files", rows, G_N_ELEMENTS (rows));
  g_test_add_func ("/hostile/paths", test_paths);
  g_test_add_func ("/hostile/changing", test_changing);
}
