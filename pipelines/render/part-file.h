/* Files that have their name only once they are whole
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What is written goes to .NAME.part beside the file called NAME, which is locked meanwhile: the lock
 * ends with the process, and what a killed one left is written over. */
typedef struct {
  char *target;
  char *path;
  gint fd; /* -1: closed */
} PartFile;

/* Whether there is a file with something in it. */
gboolean part_file_exists (const char *target);

/* @error is %G_IO_ERROR_BUSY where someone else is writing this file, and %G_IO_ERROR_EXISTS where it
 * exists and may not be replaced. */
gboolean part_file_open (PartFile *file, const char *target, gboolean replace, GError **error);

/* The file has its name, and with @sync the bytes were on the disk before; or @error is set and nothing is
 * left. */
gboolean part_file_finish (PartFile *file, gboolean sync, GError **error);

void part_file_discard (PartFile *file);

G_END_DECLS
