/* kromo-station: the genomes of a folder or a database, round after round
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "lib/genomes.h"
#include "options.h"

G_BEGIN_DECLS

typedef struct _Playlist Playlist;

/* Of the folder or the database that @options names, in the order that they say. */
Playlist *playlist_new (const Options *options);
void playlist_free (Playlist *playlist);

/**
 * playlist_next:
 *
 * The first call of each round looks at the folder or the database again.
 *
 * Returns: (nullable): valid until the round is over; NULL when it is, after which the next one begins. A round
 *   may be empty.
 */
const Genome *playlist_next (Playlist *playlist);

/* Whether the next call is not the first one of a round. */
gboolean playlist_is_in_round (const Playlist *playlist);

G_END_DECLS
