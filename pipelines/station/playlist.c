/* kromo-station: the genomes of a folder or a database, round after round
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "playlist.h"

#include <gst/gst.h>
#include <string.h>

struct _Playlist {
  char *path;
  gboolean is_database;
  GRand *random;    /* NULL: sorted */
  GPtrArray *names; /* of this round: file names, or ids */
  char *last;       /* what the round before ended with, or NULL */
  guint position;
  gboolean in_round;
  PlaylistEntry entry;
};

Playlist *
playlist_new (const Options *options)
{
  Playlist *playlist = g_new0 (Playlist, 1);

  playlist->path = g_strdup (options->folder ? options->folder : options->database);
  playlist->is_database = options->database != NULL;
  playlist->names = g_ptr_array_new_with_free_func (g_free);
  if (options->shuffle)
    playlist->random = g_rand_new_with_seed (options->seed);

  return playlist;
}

void
playlist_free (Playlist *playlist)
{
  g_free (playlist->entry.location);
  g_free (playlist->entry.genome_id);
  g_free (playlist->last);
  g_ptr_array_unref (playlist->names);
  g_clear_pointer (&playlist->random, g_rand_free);
  g_free (playlist->path);
  g_free (playlist);
}

/* ---- a round ---- */

static gint
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Files as they are; what a genome is, is not told by names. Hidden ones are somebody else's. */
static void
list_folder (Playlist *playlist)
{
  g_autoptr (GDir) dir = g_dir_open (playlist->path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (playlist->path, name, NULL);

    if (*name != '.' && g_file_test (path, G_FILE_TEST_IS_REGULAR))
      g_ptr_array_add (playlist->names, g_strdup (name));
  }
}

static void
list_database (Playlist *playlist)
{
  GstElement *source = gst_element_factory_make ("kromosrc", NULL);
  g_auto (GStrv) ids = NULL;

  if (!source)
    return;
  gst_object_ref_sink (source);
  g_object_set (source, "location", playlist->path, NULL);
  g_object_get (source, "genome-ids", &ids, NULL);
  gst_object_unref (source);
  for (char **id = ids; id && *id; id++)
    g_ptr_array_add (playlist->names, g_strdup (*id));
}

/* Every order is as likely as any other, but for one that would play the same thing twice in a row. */
static void
shuffle (Playlist *playlist)
{
  gpointer *names = playlist->names->pdata;
  guint n = playlist->names->len;

  for (guint i = n; i > 1; i--) {
    guint j = (guint) g_rand_int_range (playlist->random, 0, (gint32) i);
    gpointer name = names[i - 1];

    names[i - 1] = names[j];
    names[j] = name;
  }
  if (n > 1 && g_strcmp0 (names[0], playlist->last) == 0) {
    gpointer name = names[0];

    names[0] = names[n - 1];
    names[n - 1] = name;
  }
}

static void
begin_round (Playlist *playlist)
{
  g_ptr_array_set_size (playlist->names, 0);
  if (playlist->is_database)
    list_database (playlist);
  else
    list_folder (playlist);
  g_ptr_array_sort (playlist->names, compare);
  if (playlist->random)
    shuffle (playlist);
  playlist->position = 0;
  playlist->in_round = TRUE;
}

const PlaylistEntry *
playlist_next (Playlist *playlist)
{
  PlaylistEntry *entry = &playlist->entry;
  const char *name;

  if (!playlist->in_round)
    begin_round (playlist);
  g_clear_pointer (&entry->location, g_free);
  g_clear_pointer (&entry->genome_id, g_free);
  if (playlist->position == playlist->names->len) {
    playlist->in_round = FALSE;
    return NULL;
  }

  name = g_ptr_array_index (playlist->names, playlist->position++);
  g_free (playlist->last);
  playlist->last = g_strdup (name);
  if (playlist->is_database) {
    entry->location = g_strdup (playlist->path);
    entry->genome_id = g_strdup (name);
  } else {
    entry->location = g_build_filename (playlist->path, name, NULL);
  }

  return entry;
}

gboolean
playlist_is_in_round (const Playlist *playlist)
{
  return playlist->in_round;
}

char *
playlist_entry_get_name (const PlaylistEntry *entry)
{
  g_autofree char *path = g_filename_display_name (entry->location);

  return entry->genome_id ? g_strdup_printf ("%s#%s", path, entry->genome_id)
                          : g_steal_pointer (&path);
}
