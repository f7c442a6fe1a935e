/* The genomes that were loaded last.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "cache.h"

#include <string.h>

typedef struct {
  GBytes *bytes;
  char *id; /* nullable */
  KromoGenome *genome;
  gsize size; /* of document and genome */
} Entry;

static GMutex lock;
static Entry entries[KROMO_CACHE_GENOMES]; /* the one asked for last is first */
static guint n_entries;
static gsize total;

/* Roughly: what grows with the genome. */
static gsize
get_genome_size (const KromoGenome *genome)
{
  const KromoPatch *patch = &genome->patch;
  gsize size = sizeof *genome;

  for (guint i = 0; i < genome->n_networks; i++)
    size += sizeof (KromoNetwork) + genome->networks[i].n_nodes
        + genome->networks[i].n_connections * sizeof (KromoNetworkConnection);
  for (guint i = 0; i < patch->n_nodes; i++)
    size += sizeof (KromoPatchNode) + patch->nodes[i].n_connections * sizeof (KromoPatchConnection);
  for (guint i = 0; i < patch->n_outputs; i++)
    size += sizeof (KromoNetworkOutput) + patch->outputs[i].n_drives * sizeof (KromoDrive);
  return size;
}

static gboolean
matches (const Entry *entry, const void *data, gsize size, const char *id)
{
  return g_bytes_get_size (entry->bytes) == size && g_strcmp0 (entry->id, id) == 0
      && memcmp (g_bytes_get_data (entry->bytes, NULL), data, size) == 0;
}

/* With the lock: the last one goes. */
static void
drop_last (void)
{
  Entry *entry = &entries[--n_entries];

  total -= entry->size;
  g_bytes_unref (entry->bytes);
  g_free (entry->id);
  kromo_genome_unref (entry->genome);
}

/* With the lock: @entry becomes the first, before those that were before place @n. */
static void
insert_first (Entry entry, guint n)
{
  memmove (&entries[1], &entries[0], n * sizeof (Entry));
  entries[0] = entry;
}

KromoGenome *
kromo_genome_cache_get (const void *data, gsize size, const char *id)
{
  KromoGenome *genome = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; i < n_entries && genome == NULL; i++) {
    if (!matches (&entries[i], data, size, id))
      continue;
    genome = kromo_genome_ref (entries[i].genome);
    insert_first (entries[i], i);
  }
  g_mutex_unlock (&lock);
  return genome;
}

void
kromo_genome_cache_put (GBytes *bytes, const char *id, KromoGenome *genome)
{
  const gsize size = g_bytes_get_size (bytes) + get_genome_size (genome);

  if (size > KROMO_CACHE_BYTES)
    return;
  g_mutex_lock (&lock);
  while (n_entries == KROMO_CACHE_GENOMES || total + size > KROMO_CACHE_BYTES)
    drop_last ();
  insert_first (
      (Entry){ g_bytes_ref (bytes), g_strdup (id), kromo_genome_ref (genome), size }, n_entries);
  n_entries++;
  total += size;
  g_mutex_unlock (&lock);
}

void
kromo_genome_cache_clear (void)
{
  g_mutex_lock (&lock);
  while (n_entries > 0)
    drop_last ();
  g_mutex_unlock (&lock);
}
