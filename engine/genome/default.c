/* The built-in genome, default-genome.json, which is compiled in as a GResource.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-private.h"

#include <gio/gio.h>

#include "genome/kromo-genome-resources.h"

KromoGenome *
kromo_genome_new_default (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = g_resource_lookup_data (kromo_genome_get_resource (),
      "/kromo/default-genome.json", G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  KromoGenome *genome = NULL;

  if (text)
    genome =
        kromo_genome_new_from_data (g_bytes_get_data (text, NULL), g_bytes_get_size (text), &error);
  if (genome == NULL)
    g_error ("the built-in genome cannot be read: %s", error->message);
  return genome;
}
