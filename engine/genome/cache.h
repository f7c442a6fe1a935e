/* The genomes that were loaded last, by what they were made of.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Found by their bytes, all of which are compared: a changed file is another genome. At most
 * KROMO_CACHE_GENOMES of them, and KROMO_CACHE_BYTES of documents and genomes together; what was not
 * asked for the longest goes first. Any thread may use it.
 */
#pragma once

#include "genome.h"

G_BEGIN_DECLS

#define KROMO_CACHE_GENOMES 16
#define KROMO_CACHE_BYTES (8 * 1024 * 1024)

/**
 * kromo_genome_cache_get:
 * @id: (nullable): the id that a database gave it
 *
 * Returns: (transfer full) (nullable): the genome that was made of these bytes
 */
KromoGenome *kromo_genome_cache_get (const void *data, gsize size, const char *id);

/* One that was not there. */
void kromo_genome_cache_put (GBytes *bytes, const char *id, KromoGenome *genome);

void kromo_genome_cache_clear (void);

G_END_DECLS
