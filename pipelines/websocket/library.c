/* kromo-websocket: a folder of genomes, or a database
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "library.h"

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

struct _Library {
  char *path;
  gboolean is_database;
  GHashTable *files; /* id -> file name in the folder */
  struct timespec modified;
  char **ids; /* of a database */
  gint64 listed_at;
};

/* Listing a large database takes a moment. */
#define LIST_EVERY (5 * G_USEC_PER_SEC)

static const char *const endings[] = { ".json", ".json.gz" };

/* The id of a file, or NULL for one that is no genome. */
static char *
make_id (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    gsize length = strlen (name), tail = strlen (endings[i]);

    if (name[0] != '.' && length > tail && g_str_has_suffix (name, endings[i]))
      return g_utf8_validate (name, -1, NULL) ? g_strndup (name, length - tail) : NULL;
  }

  return NULL;
}

/* Where a.json and a.json.gz are both there, the second keeps its whole name. */
static void
add_file (Library *self, const char *name)
{
  g_autofree char *id = make_id (name), *path = g_build_filename (self->path, name, NULL);

  if (!id || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return;
  if (g_hash_table_contains (self->files, id) && g_str_has_suffix (name, ".gz"))
    g_hash_table_insert (self->files, g_strdup (name), g_strdup (name));
  else
    g_hash_table_insert (self->files, g_steal_pointer (&id), g_strdup (name));
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

/* Reads the folder again when something was put into it or taken away. */
static gboolean
scan (Library *self, GError **error)
{
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  GStatBuf now;

  if (g_stat (self->path, &now) == 0 && now.st_mtim.tv_sec == self->modified.tv_sec
      && now.st_mtim.tv_nsec == self->modified.tv_nsec)
    return TRUE;
  dir = g_dir_open (self->path, 0, error);
  if (!dir)
    return FALSE;
  while ((name = g_dir_read_name (dir)) && names->len < 2 * LIBRARY_MAX_GENOMES)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare);

  g_hash_table_remove_all (self->files);
  for (guint i = 0; i < names->len && g_hash_table_size (self->files) < LIBRARY_MAX_GENOMES; i++)
    add_file (self, names->pdata[i]);
  self->modified = now.st_mtim;

  return TRUE;
}

Library *
library_new_folder (const char *folder, GError **error)
{
  Library *self = g_new0 (Library, 1);

  self->path = g_canonicalize_filename (folder, NULL);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!scan (self, error)) {
    g_clear_pointer (&self, library_free);
  } else if (g_hash_table_size (self->files) == 0) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
        "There is no genome (*.json, *.json.gz) in the folder %s", folder);
    g_clear_pointer (&self, library_free);
  }

  return self;
}

static char **
list_database (const char *filename)
{
  GstElement *source = gst_element_factory_make ("kromosrc", NULL);
  char **ids = NULL;

  g_object_set (source, "location", filename, NULL);
  g_object_get (source, "genome-ids", &ids, NULL);
  gst_object_unref (source);

  return ids ? ids : g_new0 (char *, 1);
}

Library *
library_new_database (const char *filename, GError **error)
{
  g_auto (GStrv) ids = NULL;
  Library *self;

  if (!g_file_test (filename, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "There is no file %s", filename);
    return NULL;
  }
  ids = list_database (filename);
  if (!ids[0]) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "%s is no genome database, or an empty one; for genome files use --folder", filename);
    return NULL;
  }
  self = g_new0 (Library, 1);
  self->path = g_canonicalize_filename (filename, NULL);
  self->is_database = TRUE;
  self->ids = g_steal_pointer (&ids);
  self->listed_at = g_get_monotonic_time ();

  return self;
}

void
library_free (Library *self)
{
  g_free (self->path);
  g_clear_pointer (&self->files, g_hash_table_unref);
  g_strfreev (self->ids);
  g_free (self);
}

char **
library_get_ids (Library *self)
{
  g_autofree gpointer *keys = NULL;
  char **ids;
  guint n;

  if (self->is_database) {
    if (g_get_monotonic_time () - self->listed_at > LIST_EVERY) {
      g_strfreev (self->ids);
      self->ids = list_database (self->path);
      self->listed_at = g_get_monotonic_time ();
    }
    return g_strdupv (self->ids);
  }

  scan (self, NULL);
  keys = g_hash_table_get_keys_as_array (self->files, &n);
  qsort (keys, n, sizeof (gpointer), compare);
  ids = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    ids[i] = g_strdup (keys[i]);

  return ids;
}

gboolean
library_find (Library *self, const char *id, char **location, char **genome_id)
{
  const char *name;

  if (self->is_database) {
    *location = g_strdup (self->path);
    *genome_id = g_strdup (id);
    return TRUE;
  }

  scan (self, NULL);
  name = g_hash_table_lookup (self->files, id);
  if (!name)
    return FALSE;
  *location = g_build_filename (self->path, name, NULL);
  *genome_id = NULL;

  return TRUE;
}

char *
library_hide_path (Library *self, const char *text)
{
  g_autofree char *folder =
      self->is_database ? g_path_get_dirname (self->path) : g_strdup (self->path);
  GString *result = g_string_new (text);
  g_autofree char *prefix =
      g_str_has_suffix (folder, "/") ? g_strdup (folder) : g_strconcat (folder, "/", NULL);

  /* In a folder "/" there is nothing to hide. */
  if (strlen (prefix) > 1)
    g_string_replace (result, prefix, "", 0);

  return g_string_free (result, FALSE);
}
