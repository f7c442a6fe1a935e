/* Fuzz target: documents. A genome loads or there is an error that says why, and never both.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * JSON and gzipped JSON, whatever the bytes are.
 */
#include "input.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL, again = NULL;
  KromoGenome *genome = kromo_genome_new_from_data (data, size, &error), *second;

  g_assert_true ((genome == NULL) == (error != NULL));
  second = kromo_genome_new_from_data (data, size, &again);
  g_assert_true ((second == NULL) == (genome == NULL));
  if (genome != NULL) {
    g_assert_cmpstr (kromo_genome_get_id (genome), ==, kromo_genome_get_id (second));
    g_assert_cmpmem (kromo_genome_get_digest (genome), 16, kromo_genome_get_digest (second), 16);
    for (const char *const *w = kromo_genome_get_warnings (genome); *w != NULL; w++)
      g_assert_true (g_utf8_validate (*w, -1, NULL));
    kromo_genome_unref (genome);
    kromo_genome_unref (second);
  } else {
    g_assert_true (error->domain == KROMO_ERROR && g_utf8_validate (error->message, -1, NULL));
    g_assert_cmpstr (error->message, ==, again->message);
  }
  return 0;
}
