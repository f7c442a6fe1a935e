/* kromo-station: the genomes of a folder or a database, round after round
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "playlist.h"

struct _Playlist {
  char *path;
  GRand *random;    /* NULL: sorted */
  GPtrArray *round; /* of Genome; NULL between rounds, or where there is none */
  char *last;       /* what the round before ended with, or NULL */
  guint position;
  gboolean in_round;
};

Playlist *
playlist_new (const Options *options)
{
  Playlist *playlist = g_new0 (Playlist, 1);

  playlist->path = g_strdup (options->folder ? options->folder : options->database);
  if (options->shuffle)
    playlist->random = g_rand_new_with_seed (options->seed);

  return playlist;
}

void
playlist_free (Playlist *playlist)
{
  g_free (playlist->last);
  g_clear_pointer (&playlist->round, g_ptr_array_unref);
  g_clear_pointer (&playlist->random, g_rand_free);
  g_free (playlist->path);
  g_free (playlist);
}

static void
swap (GPtrArray *array, guint i, guint j)
{
  gpointer item = array->pdata[i];

  array->pdata[i] = array->pdata[j];
  array->pdata[j] = item;
}

/* Every order is as likely as any other, but for one that would play the same thing twice in a row. */
static void
shuffle (Playlist *playlist)
{
  GPtrArray *round = playlist->round;

  for (guint i = round->len; i > 1; i--)
    swap (round, i - 1, (guint) g_rand_int_range (playlist->random, 0, (gint32) i));
  if (round->len > 1 && g_strcmp0 (((Genome *) round->pdata[0])->name, playlist->last) == 0)
    swap (round, 0, round->len - 1);
}

static void
begin_round (Playlist *playlist)
{
  playlist->round = genomes_list (playlist->path, NULL);
  if (playlist->round && playlist->random)
    shuffle (playlist);
  playlist->position = 0;
  playlist->in_round = TRUE;
}

static void
end_round (Playlist *playlist)
{
  GPtrArray *round = g_steal_pointer (&playlist->round);

  playlist->in_round = FALSE;
  if (!round)
    return;
  g_free (playlist->last);
  playlist->last = g_strdup (((Genome *) round->pdata[round->len - 1])->name);
  g_ptr_array_unref (round);
}

const Genome *
playlist_next (Playlist *playlist)
{
  if (!playlist->in_round)
    begin_round (playlist);
  if (playlist->round && playlist->position < playlist->round->len)
    return playlist->round->pdata[playlist->position++];
  end_round (playlist);

  return NULL;
}

gboolean
playlist_is_in_round (const Playlist *playlist)
{
  return playlist->in_round;
}
