/* Fuzz target: files of any kind, genome databases above all.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The first byte says which genome is asked for; the rest is the file.
 */
#include "input.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define MAX_LOADED 3

static char *path;

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_autofree char *folder = g_dir_make_tmp ("kromo-fuzz-XXXXXX", NULL);

  g_assert_nonnull (folder);
  path = g_build_filename (folder, "file", NULL);
  return 0;
}

static void
load (const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome = kromo_genome_load (path, id, &error);

  g_assert_true ((genome == NULL) == (error != NULL));
  g_assert_true (error == NULL || g_utf8_validate (error->message, -1, NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  const guint which = (guint) fuzz_take (&input, 1);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) ids = NULL;

  if (!g_file_set_contents_full (path, (const char *) input.data, (gssize) input.size,
          G_FILE_SET_CONTENTS_NONE, 0600, NULL))
    g_error ("%s cannot be written", path);
  ids = kromo_genome_list_ids (path, &error);
  g_assert_true ((ids == NULL) == (error != NULL));
  load (which == 0 ? "no such genome" : NULL);
  for (guint i = 0; ids != NULL && ids[i] != NULL && i < MAX_LOADED; i++)
    load (ids[i]);
  g_unlink (path);
  return 0;
}
