/* kromo-station: the genomes of a folder or a database, round after round
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

#include "options.h"

G_BEGIN_DECLS

typedef struct _Playlist Playlist;

/* A genome, as kromosrc's properties of these names say. */
typedef struct {
  char *location;
  char *genome_id; /* NULL in a folder */
} PlaylistEntry;

/**
 * playlist_new:
 * @options: whose folder or database it is of, and the order
 */
Playlist *playlist_new (const Options *options);
void playlist_free (Playlist *playlist);

/**
 * playlist_next:
 *
 * The first call of each round looks at the folder or the database again.
 *
 * Returns: (nullable): valid until the next call; NULL when the round is over, after which the next one
 *   begins. A round may be empty.
 */
const PlaylistEntry *playlist_next (Playlist *playlist);

/* Whether the next call is not the first one of a round. */
gboolean playlist_is_in_round (const Playlist *playlist);

/* What a person calls it: the path, and the id after a '#'. */
char *playlist_entry_get_name (const PlaylistEntry *entry);

G_END_DECLS
