/* The genomes that are kept: the same for the same bytes, bounded, and from any thread.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-documents.h"

#include <glib/gstdio.h>

#include "genome/cache.h"

static KromoGenome *
load (const char *text)
{
  g_autoptr (GError) error = NULL;
  KromoGenome *genome = kromo_genome_new_from_data (text, strlen (text), &error);

  g_assert_no_error (error);
  return genome;
}

/* A document of its own, with @padding spaces behind it. */
static char *
make_document (guint number, gsize padding)
{
  g_autofree char *text = json (SMALL), *spaces = g_strnfill (padding, ' ');

  text[strlen (text) - 1] = 0;
  return g_strdup_printf ("%s,\"id\":\"%u\"}%s", text, number, spaces);
}

static void
test_same (void)
{
  g_autofree char *text = make_document (1, 0), *copy = g_strdup (text),
                  *other = make_document (1, 1);
  g_autoptr (KromoGenome) a = load (text), b = load (copy), c = load (other);

  g_assert_true (a == b);
  g_assert_true (a != c);
  kromo_genome_cache_clear ();
  {
    g_autoptr (KromoGenome) d = load (text);

    g_assert_true (d != a);
    g_assert_cmpstr (kromo_genome_get_id (d), ==, kromo_genome_get_id (a));
    g_assert_cmpmem (kromo_genome_get_digest (d), 16, kromo_genome_get_digest (a), 16);
  }
}

static void
test_errors (void)
{
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (kromo_genome_new_from_data ("[]", 2, &error));
    g_assert_error (error, KROMO_ERROR, KROMO_ERROR_INVALID);
  }
}

/* Of the same name, size and time. */
static void
test_changed_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("kromo-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "genome.json", NULL);
  g_autofree char *one = make_document (1, 0), *two = make_document (2, 0);
  g_autoptr (KromoGenome) a = NULL, b = NULL, c = NULL;

  g_assert_true (g_file_set_contents (file, one, -1, NULL));
  a = kromo_genome_load (file, NULL, NULL);
  b = kromo_genome_load (file, NULL, NULL);
  g_assert_true (a != NULL && a == b);
  g_assert_true (g_file_set_contents (file, two, -1, NULL));
  c = kromo_genome_load (file, NULL, NULL);
  g_assert_cmpstr (kromo_genome_get_id (a), ==, "1");
  g_assert_cmpstr (kromo_genome_get_id (c), ==, "2");
  g_unlink (file);
  g_rmdir (folder);
}

/* Whether it is still kept; asking makes it the last to go. */
static gboolean
is_kept (const char *text)
{
  g_autoptr (KromoGenome) genome = kromo_genome_cache_get (text, strlen (text), NULL);

  return genome != NULL;
}

static void
test_number (void)
{
  char *texts[KROMO_CACHE_GENOMES + 1];

  kromo_genome_cache_clear ();
  for (guint i = 0; i <= KROMO_CACHE_GENOMES; i++) {
    texts[i] = make_document (i, 0);
    kromo_genome_unref (load (texts[i]));
    g_assert_true (is_kept (texts[0])); /* as it is asked for again and again */
  }
  g_assert_false (is_kept (texts[1]));
  for (guint i = 2; i <= KROMO_CACHE_GENOMES; i++)
    g_assert_true (is_kept (texts[i]));
  for (guint i = 0; i <= KROMO_CACHE_GENOMES; i++)
    g_free (texts[i]);
}

static void
test_bytes (void)
{
  g_autofree char *large = make_document (1, KROMO_CACHE_BYTES / 2 + 1);
  g_autofree char *other = make_document (2, KROMO_CACHE_BYTES / 2 + 1);
  g_autofree char *small = make_document (3, 0), *too_large = make_document (4, KROMO_CACHE_BYTES);
  g_autoptr (KromoGenome) a = NULL, b = NULL, c = NULL, d = NULL;

  kromo_genome_cache_clear ();
  a = load (large);
  b = load (small);
  g_assert_true (is_kept (large) && is_kept (small));
  c = load (too_large);
  g_assert_true (!is_kept (too_large) && is_kept (large) && is_kept (small));
  d = load (other);
  g_assert_true (is_kept (other) && is_kept (small) && !is_kept (large));
}

static gpointer
load_many (gpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (GPOINTER_TO_UINT (data));

  for (guint i = 0; i < 500; i++) {
    g_autofree char *text =
        make_document ((guint) g_rand_int_range (rand, 0, 2 * KROMO_CACHE_GENOMES), 0);
    g_autoptr (KromoGenome) a = load (text), b = load (text);

    g_assert_cmpstr (kromo_genome_get_id (a), ==, kromo_genome_get_id (b));
    if (i % 100 == 0)
      kromo_genome_cache_clear ();
  }
  return NULL;
}

static void
test_threads (void)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("loader", load_many, GUINT_TO_POINTER (i));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cache/same", test_same);
  g_test_add_func ("/cache/errors", test_errors);
  g_test_add_func ("/cache/changed-file", test_changed_file);
  g_test_add_func ("/cache/number", test_number);
  g_test_add_func ("/cache/bytes", test_bytes);
  g_test_add_func ("/cache/threads", test_threads);
  result = g_test_run ();
  kromo_genome_cache_clear ();
  return result;
}
