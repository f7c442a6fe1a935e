/* Samples in files.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "samples.h"

#include <json-glib/json-glib.h>

char *
test_parity_folder (void)
{
  const char *folder = g_getenv ("KROMO_PARITY_DATA");

  if (folder != NULL && *folder != '\0')
    return g_strdup (folder);
  return g_test_build_filename (G_TEST_DIST, "parity", NULL);
}

gboolean
test_has_samples (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *packed = g_strconcat (path, ".gz", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (packed, G_FILE_TEST_EXISTS);
}

float *
test_load_samples (const char *folder, const char *name, gsize *n_samples)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *packed = g_strconcat (path, ".gz", NULL);
  const gboolean plain = g_file_test (path, G_FILE_TEST_EXISTS);
  g_autoptr (GFile) file = g_file_new_for_path (plain ? path : packed);
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = G_INPUT_STREAM (g_file_read (file, NULL, &error));
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();

  g_assert_no_error (error);
  if (!plain) {
    g_autoptr (GConverter) gunzip =
        G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    GInputStream *unpacked = g_converter_input_stream_new (stream, gunzip);

    g_object_unref (stream);
    stream = unpacked;
  }
  g_output_stream_splice (memory, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error);
  g_assert_no_error (error);
  *n_samples =
      g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory)) / sizeof (float);
  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (memory));
}

void
test_add_for_genomes (const char *folder, const char *prefix, GTestDataFunc test)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *index = g_build_filename (folder, "index.json", NULL);
  JsonArray *genomes;

  g_assert_true (json_parser_load_from_file (parser, index, NULL));
  genomes = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (genomes); i++) {
    JsonObject *genome = json_array_get_object_element (genomes, i);
    g_autofree char *path =
        g_strdup_printf ("%s/%s", prefix, json_object_get_string_member (genome, "id"));

    g_test_add_data_func_full (path,
        g_build_filename (folder, json_object_get_string_member (genome, "genome"), NULL), test,
        g_free);
  }
}
