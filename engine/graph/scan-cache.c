/* Results of scans.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "scan-cache.h"

#include <string.h>

#define N_ENTRIES 256

typedef struct {
  KromoScanKey key;
  float result[2];
} Entry;

static GMutex mutex;
static Entry entries[N_ENTRIES];
static guint n_entries, next_entry; /* the oldest is replaced */

static Entry *
find (const KromoScanKey *key)
{
  for (guint i = 0; i < n_entries; i++) {
    if (memcmp (&entries[i].key, key, sizeof *key) == 0)
      return &entries[i];
  }
  return NULL;
}

gboolean
kromo_scan_cache_get (const KromoScanKey *key, float result[2])
{
  const Entry *entry;

  g_mutex_lock (&mutex);
  entry = find (key);
  if (entry != NULL)
    memcpy (result, entry->result, sizeof entry->result);
  g_mutex_unlock (&mutex);
  return entry != NULL;
}

void
kromo_scan_cache_put (const KromoScanKey *key, const float result[2])
{
  g_mutex_lock (&mutex);
  if (find (key) == NULL) {
    Entry *entry = &entries[next_entry];

    entry->key = *key;
    memcpy (entry->result, result, sizeof entry->result);
    next_entry = (next_entry + 1) % N_ENTRIES;
    n_entries = MAX (n_entries, next_entry == 0 ? N_ENTRIES : next_entry);
  }
  g_mutex_unlock (&mutex);
}
