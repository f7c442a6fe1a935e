/* Runs a fuzz target over files, where there is no fuzzer: what has been found stays mended.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Arguments: files, and folders of files. Prints TAP.
 */
#include "input.h"

#include <string.h>

static guint n_tests;

/* Only the fuzzer mutates. */
size_t
LLVMFuzzerMutate (uint8_t *data, size_t size, size_t max_size)
{
  return size;
}

static void
replay (const char *path)
{
  g_autofree char *contents = NULL, *name = g_path_get_basename (path);
  g_autoptr (GError) error = NULL;
  gsize size;

  if (!g_file_get_contents (path, &contents, &size, &error))
    g_error ("%s", error->message);
  LLVMFuzzerTestOneInput ((const guint8 *) contents, size);
  g_print ("ok %u - %s\n", ++n_tests, name);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
replay_folder (const char *folder)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;

  if (dir == NULL)
    g_error ("%s", error->message);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    replay (g_ptr_array_index (names, i));
}

int
main (int argc, char **argv)
{
  LLVMFuzzerInitialize (&argc, &argv);
  for (int i = 1; i < argc; i++) {
    if (g_file_test (argv[i], G_FILE_TEST_IS_DIR))
      replay_folder (argv[i]);
    else
      replay (argv[i]);
  }
  g_print ("1..%u\n", n_tests);
  return 0;
}
