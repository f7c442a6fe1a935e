/* Where the genome comes from: a file, a seed, or the program itself.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "info.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

/* clang-format off */
G_DEFINE_QUARK (info-error-quark, info_error)
/* clang-format on */

char *
info_source_get_name (const InfoSource *source)
{
  if (source->filename != NULL)
    return g_filename_display_name (source->filename);
  if (source->has_seed)
    return g_strdup_printf ("the random genome of seed %" G_GUINT64_FORMAT, source->seed);
  return g_strdup ("the built-in genome");
}

/* The genome file's text, of what is not in a file. */
static char *
get_text (const InfoSource *source)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = NULL;

  if (source->has_seed)
    return kromo_random_genome_to_json (source->seed, KROMO_RANDOM_MUSICAL);
  text =
      g_resources_lookup_data ("/kromo/default-genome.json", G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  if (text == NULL)
    g_error ("the built-in genome is missing: %s", error->message);
  return g_strndup (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
}

KromoGenome *
info_source_load (const InfoSource *source, GError **error)
{
  if (source->filename != NULL)
    return kromo_genome_load (source->filename, source->id, error);
  if (source->has_seed)
    return kromo_genome_new_random (source->seed, KROMO_RANDOM_MUSICAL);
  return kromo_genome_new_default ();
}

gboolean
info_source_save (const InfoSource *source, const char *filename, gboolean force, GError **error)
{
  g_autofree char *text = get_text (source);
  const gsize size = strlen (text);
  g_autoptr (KromoGenome) genome = NULL;
  GStatBuf info;

  genome =
      kromo_genome_new_from_data (text, size, error); /* nothing is written that cannot be read */
  if (genome == NULL)
    return FALSE;
  if (!force && g_lstat (filename, &info) == 0) {
    g_autofree char *name = g_filename_display_name (filename);

    g_set_error (error, INFO_ERROR, 0, "%s: exists already; --force overwrites it", name);
    return FALSE;
  }
  return g_file_set_contents_full (filename, text, (gssize) size,
      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666, error);
}
