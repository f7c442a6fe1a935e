/* KromoGenome: from the bytes of a document to the decoded genome.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "cache.h"
#include "genome-private.h"
#include "hash.h"

#include <fenv.h>
#include <math.h>
#include <string.h>

/* clang-format off */
G_DEFINE_QUARK (kromo-error-quark, kromo_error)
/* clang-format on */

#define MAX_WRAPPERS 3
#define MAX_NOTE_DELTA 128

static const char *const patch_names[] = { "asNEATPatch", "patch", "synthIsPatch" };

/* The genome object and what is wrapped around it. */
typedef struct {
  const KromoJson *levels[MAX_WRAPPERS + 1]; /* outermost first */
  KromoPath paths[MAX_WRAPPERS + 1];
  guint n_levels;
  const char *patch_name; /* of patch_names */
} Document;

static const char *
find_patch (const KromoJson *object)
{
  for (guint i = 0; i < G_N_ELEMENTS (patch_names); i++)
    if (kromo_json_member (object, patch_names[i]))
      return patch_names[i];
  return NULL;
}

static const KromoJson *
find_inner (const KromoJson *object, const char **name)
{
  const KromoJson *node = kromo_json_member (object, "genome");

  *name = "genome";
  if (kromo_json_is (node, KROMO_JSON_OBJECT) || kromo_json_is (node, KROMO_JSON_STRING))
    return node;
  node = kromo_json_member (object, "data");
  *name = "data";
  return kromo_json_is (node, KROMO_JSON_OBJECT) ? node : NULL;
}

static gboolean
unwrap (KromoReader *reader, const KromoJson *root, Document *document, GError **error)
{
  const KromoJson *node = root;

  document->paths[0] = KROMO_PATH_ROOT;
  for (guint i = 0;; i++) {
    KromoPath *path = &document->paths[i];
    const KromoJson *object = kromo_reader_object (reader, node, path, error);
    const char *name;

    if (object == NULL)
      return FALSE;
    document->levels[i] = object;
    document->n_levels = i + 1;
    document->patch_name = find_patch (object);
    if (document->patch_name)
      return TRUE;
    node = find_inner (object, &name);
    if (node == NULL)
      return kromo_fail (error, path, KROMO_ERROR_INVALID,
          "is no genome: asNEATPatch (or patch, or synthIsPatch) is missing, and there is no "
          "object genome or data to look into");
    if (i == MAX_WRAPPERS)
      return kromo_fail (error, path, KROMO_ERROR_INVALID,
          "asNEATPatch (or patch, or synthIsPatch) is missing, and this is inside of %d objects "
          "already",
          MAX_WRAPPERS);
    document->paths[i + 1] = KROMO_PATH_KEY (path, name);
  }
}

static gboolean
get_number (
    const KromoJson *object, const char *name, double minimum, double maximum, double *value)
{
  const KromoJson *node = kromo_json_member (object, name);
  double number;

  if (!kromo_json_is (node, KROMO_JSON_NUMBER))
    return FALSE;
  number = kromo_json_get_number (node);
  if (!isfinite (number) || number < minimum || number > maximum)
    return FALSE;
  *value = number;
  return TRUE;
}

static void
read_metadata_level (KromoReader *reader, KromoGenome *genome, const KromoJson *object)
{
  KromoMetadata *m = &genome->metadata;
  const KromoJson *reverse = kromo_json_member (object, "reverse");

  if (genome->id == NULL)
    genome->id = g_strdup (
        kromo_json_id (reader, kromo_json_member (object, "_id"), &KROMO_PATH_ROOT, NULL));
  if (genome->id == NULL)
    genome->id =
        g_strdup (kromo_json_id (reader, kromo_json_member (object, "id"), &KROMO_PATH_ROOT, NULL));
  if (!m->has_duration)
    m->has_duration = get_number (object, "duration", G_MINDOUBLE, G_MAXDOUBLE, &m->duration);
  if (!m->has_note_delta)
    m->has_note_delta =
        get_number (object, "noteDelta", -MAX_NOTE_DELTA, MAX_NOTE_DELTA, &m->note_delta);
  if (!m->has_velocity)
    m->has_velocity = get_number (object, "velocity", 0.0, 1.0, &m->velocity);
  if (!m->has_reverse && kromo_json_is_boolean (reverse)) {
    m->has_reverse = TRUE;
    m->reverse = kromo_json_is (reverse, KROMO_JSON_TRUE);
  }
}

static gboolean
read_patch (KromoReader *reader, const Document *document, KromoGenome *genome, GError **error)
{
  const KromoJson *object = document->levels[document->n_levels - 1];
  KromoPath path = KROMO_PATH_KEY (&document->paths[document->n_levels - 1], document->patch_name);
  gboolean asneat = g_str_equal (document->patch_name, "asNEATPatch");
  const KromoJson *patch =
      kromo_reader_object (reader, kromo_json_member (object, document->patch_name), &path, error);
  guint n_outputs = G_MAXUINT;
  KromoPatchBuilder builder;
  gboolean ok;

  if (patch == NULL)
    return FALSE;
  for (guint i = 0; i < genome->n_networks; i++)
    n_outputs = MIN (n_outputs, genome->networks[i].n_outputs);
  kromo_patch_builder_init (&builder, reader, n_outputs);
  ok = asneat ? kromo_read_asneat (&builder, patch, &path, error)
              : kromo_read_plain (&builder, patch, &path, error);
  if (ok) {
    genome->is_asneat = asneat;
    kromo_patch_builder_finish (&builder, asneat, &genome->patch);
    if (!asneat && !genome->metadata.has_duration)
      genome->metadata.has_duration =
          get_number (patch, "duration", G_MINDOUBLE, G_MAXDOUBLE, &genome->metadata.duration);
  }
  kromo_patch_builder_clear (&builder);
  return ok;
}

static gboolean
read_document (KromoReader *reader, GBytes *text, KromoGenome *genome, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (text, &size);
  Document document = { { NULL } };
  KromoPath wave_path;
  const KromoJson *object;
  const KromoJson *root, *wave;
  const char *wave_name;

  if (size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
    data += 3;
    size -= 3;
  }
  root = kromo_reader_parse (reader, data, size, &KROMO_PATH_ROOT, error);
  if (root == NULL || !unwrap (reader, root, &document, error))
    return FALSE;

  object = document.levels[document.n_levels - 1];
  wave_name = kromo_json_member (object, "waveNetwork") || !kromo_json_member (object, "member")
      ? "waveNetwork"
      : "member";
  wave_path = KROMO_PATH_KEY (&document.paths[document.n_levels - 1], wave_name);
  wave = kromo_json_member (object, wave_name);
  for (guint i = document.n_levels; i-- > 0;) /* what is said further inside goes first */
    read_metadata_level (reader, genome, document.levels[i]);
  return kromo_read_wave_network (reader, wave, &wave_path, genome, error)
      && read_patch (reader, &document, genome, error);
}

static void
digest_text (GBytes *text, guint64 digest[2])
{
  gsize size;
  const void *bytes = g_bytes_get_data (text, &size);

  digest[0] = kromo_hash (size, bytes, size);
  digest[1] = kromo_hash (~(guint64) size, bytes, size);
}

static KromoGenome *
read_genome (GBytes *text, GError **error)
{
  KromoGenome *genome = g_new0 (KromoGenome, 1);
  KromoReader reader;
  fenv_t environment;
  gboolean ok;

  /* Whatever mode the caller's thread is in; all of it, as the C library reads numbers by the rounding of the x87. */
  fegetenv (&environment);
  fesetenv (FE_DFL_ENV);
  g_atomic_ref_count_init (&genome->ref_count);
  digest_text (text, genome->digest);
  kromo_reader_init (&reader);
  ok = read_document (&reader, text, genome, error);
  g_ptr_array_add (reader.warnings, NULL);
  genome->warnings = (char **) g_ptr_array_free (g_steal_pointer (&reader.warnings), FALSE);
  kromo_reader_clear (&reader);
  fesetenv (&environment);
  if (!ok)
    g_clear_pointer (&genome, kromo_genome_unref);
  return genome;
}

/* One that is not in the cache; @id: (nullable): the one it can be asked for with, whatever it says itself. */
static KromoGenome *
genome_new (GBytes *bytes, const char *id, GError **error)
{
  g_autoptr (GBytes) text = kromo_container_open (bytes, error);
  KromoGenome *genome = text ? read_genome (text, error) : NULL;

  if (genome == NULL)
    return NULL;
  if (id) {
    g_free (genome->id);
    genome->id = g_strdup (id);
  }
  kromo_genome_cache_put (bytes, id, genome);
  return genome;
}

KromoGenome *
kromo_genome_new_from_data (const void *data, gsize size, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  KromoGenome *genome;

  g_return_val_if_fail (data != NULL || size == 0, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  genome = kromo_genome_cache_get (data, size, NULL);
  if (genome)
    return genome;
  if (size > KROMO_MAX_DOCUMENT_BYTES) /* will be refused */
    bytes = g_bytes_new_static (data, size);
  else
    bytes = kromo_document_copy (data, size, error);
  if (bytes == NULL)
    return NULL;
  return genome_new (bytes, NULL, error);
}

KromoGenome *
kromo_genome_load (const char *filename, const char *id, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *found_id = NULL, *name = NULL;
  KromoGenome *genome;

  g_return_val_if_fail (filename != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!kromo_file_read (filename, &bytes, error))
    return NULL;
  if (bytes == NULL && (bytes = kromo_database_load (filename, id, &found_id, error)) == NULL)
    return NULL;
  genome =
      kromo_genome_cache_get (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), found_id);
  if (genome == NULL)
    genome = genome_new (bytes, found_id, error);
  if (genome)
    return genome;
  name = g_filename_display_name (filename);
  if (found_id) {
    g_autofree char *quoted = kromo_quote (found_id);
    g_prefix_error (error, "%s: genome %s: ", name, quoted);
  } else {
    g_prefix_error (error, "%s: ", name);
  }
  return NULL;
}

char **
kromo_genome_list_ids (const char *filename, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (filename != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!kromo_file_read (filename, &bytes, error))
    return NULL;
  return bytes ? g_new0 (char *, 1) : kromo_database_list (filename, error);
}

KromoGenome *
kromo_genome_ref (KromoGenome *genome)
{
  g_return_val_if_fail (genome != NULL, NULL);

  g_atomic_ref_count_inc (&genome->ref_count);
  return genome;
}

void
kromo_genome_unref (KromoGenome *genome)
{
  g_return_if_fail (genome != NULL);

  if (!g_atomic_ref_count_dec (&genome->ref_count))
    return;
  for (guint i = 0; i < genome->n_networks; i++) {
    g_free (genome->networks[i].activations);
    g_free (genome->networks[i].connections);
  }
  g_free (genome->networks);
  g_free (genome->network_keys);
  kromo_patch_clear (&genome->patch);
  g_strfreev (genome->warnings);
  g_free (genome->id);
  g_free (genome);
}

const guint64 *
kromo_genome_get_digest (const KromoGenome *genome)
{
  return genome->digest;
}

const char *
kromo_genome_get_id (const KromoGenome *genome)
{
  g_return_val_if_fail (genome != NULL, NULL);
  return genome->id;
}

const KromoMetadata *
kromo_genome_get_metadata (const KromoGenome *genome)
{
  g_return_val_if_fail (genome != NULL, NULL);
  return &genome->metadata;
}

const char *const *
kromo_genome_get_warnings (const KromoGenome *genome)
{
  g_return_val_if_fail (genome != NULL, NULL);
  return (const char *const *) genome->warnings;
}
