/* What scans of whole sounds have found, remembered for the next renderer of the same.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Genome, note and format, and which scan of them. */
typedef struct {
  guint64 words[4];
} KromoScanKey;

/* A bounded table of this process; any thread. */
gboolean kromo_scan_cache_get (const KromoScanKey *key, float result[2]);
void kromo_scan_cache_put (const KromoScanKey *key, const float result[2]);

G_END_DECLS
