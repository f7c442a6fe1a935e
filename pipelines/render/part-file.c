/* Files that have their name only once they are whole
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "part-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

static void
set_error (GError **error, const char *path, const char *what)
{
  int code = errno;
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, (gint) g_io_error_from_errno (code), "%s: cannot be %s: %s", name,
      what, g_strerror (code));
}

static void
close_all (PartFile *file)
{
  if (file->fd >= 0)
    close (file->fd);
  file->fd = -1;
  g_clear_pointer (&file->path, g_free);
  g_clear_pointer (&file->target, g_free);
}

/* Whether the name still stands for what is open: who had the lock before may have renamed it. */
static gboolean
is_named (const PartFile *file)
{
  struct stat opened, named;

  return fstat (file->fd, &opened) == 0 && stat (file->path, &named) == 0
      && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

gboolean
part_file_exists (const char *target)
{
  struct stat status;

  return stat (target, &status) == 0 && S_ISREG (status.st_mode) && status.st_size > 0;
}

gboolean
part_file_open (PartFile *file, const char *target, gboolean replace, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (target);
  g_autofree char *base = g_path_get_basename (target);
  g_autofree char *part = g_strconcat (".", base, ".part", NULL);
  struct stat status;

  *file = (PartFile){ .target = g_strdup (target), .fd = -1 };
  file->path = g_build_filename (folder, part, NULL);
  if (stat (target, &status) == 0 && !S_ISREG (status.st_mode)) {
    errno = S_ISDIR (status.st_mode) ? EISDIR : EEXIST;
    set_error (error, target, "written");
    close_all (file);
    return FALSE;
  }
  do {
    if (file->fd >= 0)
      close (file->fd);
    file->fd = open (file->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file->fd < 0) {
      set_error (error, target, "written");
      close_all (file);
      return FALSE;
    }
    if (flock (file->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s: is being written by another process", target);
      close_all (file);
      return FALSE;
    }
  } while (!is_named (file));
  /* looked at with the lock, as who had it before may have made it */
  if (!replace && part_file_exists (target)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s: is there", target);
    part_file_discard (file);
    return FALSE;
  }
  if (ftruncate (file->fd, 0) != 0) {
    set_error (error, target, "written");
    part_file_discard (file);
    return FALSE;
  }

  return TRUE;
}

gboolean
part_file_finish (PartFile *file, gboolean sync, GError **error)
{
  if ((sync && fsync (file->fd) != 0) || g_rename (file->path, file->target) != 0) {
    set_error (error, file->target, "written");
    part_file_discard (file);
    return FALSE;
  }
  close_all (file);

  return TRUE;
}

void
part_file_discard (PartFile *file)
{
  if (file->fd >= 0)
    g_unlink (file->path);
  close_all (file);
}
