/* Real-time factors of what was played before.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "estimates.h"

#include <math.h>

typedef struct {
  KromoEstimateKey key;
  double rtf;
  guint64 last_use; /* that of @uses then; 0 in an entry that holds nothing */
} Entry;

static GMutex mutex;
static Entry entries[KROMO_ESTIMATES_MAX];
static guint64 uses;

static gboolean
is_of (const Entry *entry, const KromoEstimateKey *key)
{
  return entry->last_use != 0 && entry->key.digest[0] == key->digest[0]
      && entry->key.digest[1] == key->digest[1] && entry->key.rate == key->rate
      && entry->key.channels == key->channels && entry->key.settings == key->settings;
}

static Entry *
find (const KromoEstimateKey *key)
{
  for (guint i = 0; i < KROMO_ESTIMATES_MAX; i++) {
    if (is_of (&entries[i], key))
      return &entries[i];
  }
  return NULL;
}

/* One that holds nothing, as long as there is one. */
static Entry *
find_least_recent (void)
{
  Entry *found = &entries[0];

  for (guint i = 1; i < KROMO_ESTIMATES_MAX; i++) {
    if (entries[i].last_use < found->last_use)
      found = &entries[i];
  }
  return found;
}

double
kromo_estimates_recall (const KromoEstimateKey *key)
{
  double rtf = 0;
  Entry *entry;

  g_return_val_if_fail (key != NULL, 0);

  g_mutex_lock (&mutex);
  entry = find (key);
  if (entry != NULL) {
    rtf = entry->rtf;
    entry->last_use = ++uses;
  }
  g_mutex_unlock (&mutex);
  return rtf;
}

void
kromo_estimates_remember (const KromoEstimateKey *key, double rtf)
{
  Entry *entry;

  g_return_if_fail (key != NULL);

  if (!isfinite (rtf) || rtf <= 0)
    return;

  g_mutex_lock (&mutex);
  entry = find (key);
  if (entry == NULL) {
    entry = find_least_recent ();
    entry->key = *key;
  }
  entry->rtf = rtf;
  entry->last_use = ++uses;
  g_mutex_unlock (&mutex);
}
