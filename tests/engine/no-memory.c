/* When memory runs out: what is large fails with an error, or is done without, and nothing is lost.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each case is run with its first large block refused, then with the second, and so on until none is; that one
 * alone, and with all that come after it. Small blocks, with which GLib ends the program, are never refused.
 */
#include "failing-memory.h"
#include "rendered-documents.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define LARGE (64 * 1024)
#define N_FRAMES RATE
#define MAX_BLOCKS 1000

typedef struct {
  void (*begin) (gconstpointer data); /* with all the memory that it wants; nullable */
  gboolean (*attempt) (gconstpointer data, GError **error);
  void (*end) (void); /* nullable */
} Case;

/* Returns: whether it went well, though block @n was refused */
static gboolean
attempt (const Case *c, gconstpointer data, guint n, gboolean lasting, guint *n_asked)
{
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (c->begin != NULL)
    c->begin (data);
  test_memory_fail (n, lasting, LARGE);
  ok = c->attempt (data, &error);
  *n_asked = test_memory_count ();
  test_memory_fail (0, FALSE, G_MAXSIZE);
  if (c->end != NULL)
    c->end ();
  g_assert_true (ok == (error == NULL));
  if (!ok) {
    g_assert_error (error, KROMO_ERROR, KROMO_ERROR_NO_MEMORY);
    g_assert_nonnull (strstr (error->message, "the system has no memory for "));
  }
  return ok;
}

/* Returns: without how many blocks it did not go well */
static guint
refuse_each (const Case *c, gconstpointer data, gboolean lasting)
{
  guint n_needed = 0, n_asked;

  g_assert_true (attempt (c, data, 0, FALSE, &n_asked));
  for (guint n = 1; n < MAX_BLOCKS; n++) {
    const gboolean ok = attempt (c, data, n, lasting, &n_asked);
    gint before;

    if (n_asked < n) {
      g_assert_true (ok);
      return n_needed;
    }
    if (ok)
      continue;
    n_needed++;
    before = test_memory_in_use ();
    g_assert_false (attempt (c, data, n, lasting, &n_asked));
    g_assert_cmpint (test_memory_in_use (), ==, before);
  }
  g_assert_not_reached ();
}

static void
check (const Case *c, gconstpointer data, guint least_needed)
{
  if (!test_memory_can_fail ()) {
    g_test_skip ("something else stands in for the C library's functions");
    return;
  }
  g_assert_cmpuint (refuse_each (c, data, FALSE), >=, least_needed);
  g_assert_cmpuint (refuse_each (c, data, TRUE), >=, least_needed);
}

/* ---- documents ---- */

enum {
  AS_FILE = 1,
  AS_GZIP = 2,
  AS_TEXT = 4 /* the genome in a string, which is parsed by itself */
};

static GBytes *document;
static char *path;

/* With a long list and a long string; each time another, so that it is not known. */
static char *
write_document (void)
{
  static guint serial = 0;
  g_autofree char *tone = g_test_build_filename (G_TEST_DIST, "gst", "tone.json", NULL);
  g_autofree char *genome = NULL, *blanks = g_strnfill (2 * LARGE, ' ');
  g_autoptr (GError) error = NULL;
  GString *text = g_string_new (NULL);

  g_file_get_contents (tone, &genome, NULL, &error);
  g_assert_no_error (error);
  *strrchr (genome, '}') = '\0';
  g_string_append_printf (
      text, "%s, \"serial\": %u, \"blanks\": \"%s\", \"list\": [0", genome, serial++, blanks);
  for (guint i = 0; i < LARGE; i++)
    g_string_append (text, ",1");
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

static GBytes *
compress (GBytes *bytes)
{
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GConverter) gzip =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 0));
  g_autoptr (GOutputStream) out = g_converter_output_stream_new (memory, gzip);
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (
      out, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (out, NULL, &error);
  g_assert_no_error (error);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static void
begin_document (gconstpointer data)
{
  const guint how = GPOINTER_TO_UINT (data);
  g_autofree char *text = write_document ();
  g_autoptr (GError) error = NULL;

  if (how & AS_TEXT) {
    g_autofree char *quoted = g_strescape (text, NULL), *outer = NULL;

    outer = g_strdup_printf ("{\"genome\":\"%s\"}", quoted);
    g_free (g_steal_pointer (&text));
    text = g_steal_pointer (&outer);
  }
  document = g_bytes_new (text, strlen (text));
  if (how & AS_GZIP) {
    GBytes *compressed = compress (document);

    g_bytes_unref (document);
    document = compressed;
  }
  if (how & AS_FILE) {
    g_file_set_contents (
        path, g_bytes_get_data (document, NULL), (gssize) g_bytes_get_size (document), &error);
    g_assert_no_error (error);
  }
}

static gboolean
load_document (gconstpointer data, GError **error)
{
  g_autoptr (KromoGenome) genome = GPOINTER_TO_UINT (data) & AS_FILE
      ? kromo_genome_load (path, NULL, error)
      : kromo_genome_new_from_data (
          g_bytes_get_data (document, NULL), g_bytes_get_size (document), error);

  return genome != NULL;
}

static void
end_document (void)
{
  g_clear_pointer (&document, g_bytes_unref);
}

static void
test_documents (gconstpointer data)
{
  const Case c = { begin_document, load_document, end_document };
  const guint how = GPOINTER_TO_UINT (data);

  /* Bytes, a copy to be parsed in place, values; twice where there are two texts; and some of what grows. */
  check (&c, data, 3 + (how & AS_GZIP ? 3 : 0) + (how & AS_TEXT ? 2 : 0));
}

/* ---- sounds ---- */

static float expected[N_FRAMES], actual[N_FRAMES];
static KromoGenome *genome;
static KromoThreads *threads;

static void
render (KromoRenderer *renderer, guint64 from, float *samples)
{
  float *channel = samples + from;

  g_assert_cmpuint (
      kromo_renderer_render (renderer, &channel, N_FRAMES - from), ==, N_FRAMES - from);
}

/* All that takes memory. Without what can be done without the samples are the same. */
static gboolean
play (gconstpointer data, GError **error)
{
  const KromoFormat format = { .rate = RATE, .channels = 1, .normalize = KROMO_NORMALIZE_LIMIT };
  KromoNote note = KROMO_NOTE_INIT;
  g_autoptr (KromoRenderer) renderer = NULL, copy = NULL;

  note.duration = 1000000000;
  renderer = kromo_renderer_new (genome, &note, &format, error);
  if (renderer == NULL || !kromo_renderer_prepare (renderer, NULL, NULL, error))
    return FALSE;
  kromo_renderer_keep_checkpoints (renderer, 8 << 20);
  kromo_renderer_set_threads (renderer, threads);
  copy = kromo_renderer_copy (renderer);
  render (renderer, 0, actual);
  g_assert_cmpmem (expected, sizeof expected, actual, sizeof actual);
  if (!kromo_renderer_seek (renderer, N_FRAMES / 2, NULL, NULL, error))
    return FALSE;
  memset (actual, 0, sizeof actual);
  render (renderer, N_FRAMES / 2, actual);
  if (copy != NULL)
    render (copy, 0, actual);
  g_assert_cmpmem (
      expected + N_FRAMES / 2, sizeof expected / 2, actual + N_FRAMES / 2, sizeof actual / 2);
  kromo_renderer_set_threads (renderer, NULL);
  return TRUE;
}

static void
check_sound (void)
{
  const Case c = { NULL, play, NULL };
  const KromoFormat format = { .rate = RATE, .channels = 1, .normalize = KROMO_NORMALIZE_LIMIT };
  KromoNote note = KROMO_NOTE_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoRenderer) renderer = NULL;

  threads = kromo_threads_new (2, &error);
  g_assert_no_error (error);
  note.duration = 1000000000;
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  g_assert_no_error (error);
  render (renderer, 0, expected);
  check (&c, NULL, 1);
  g_clear_pointer (&threads, kromo_threads_free);
  g_clear_pointer (&genome, kromo_genome_unref);
}

static void
test_sound (gconstpointer data)
{
  g_autofree char *file = g_strconcat (data, ".json.gz", NULL);
  g_autofree char *name = g_test_build_filename (G_TEST_DIST, "parity", "genomes", file, NULL);
  g_autoptr (GError) error = NULL;

  genome = kromo_genome_load (name, NULL, &error);
  g_assert_no_error (error);
  check_sound ();
}

/* Noise that is read at any place is made beforehand, as long as the sound. */
static void
test_noise (void)
{
  genome = load_quoted (PLAIN ("'b':['bufferSource','output']",
      DRIVE ("'noiseBrown'", "0", "b", "'paramName':'buffer'") "," DRIVE (
          "0", "1", "b", "'paramName':'playbackRate'")));
  check_sound ();
}

int
main (int argc, char **argv)
{
  static const char *const sounds[] = { "ev016_m28", "ev023_m60", "ev117_m50_pf", "t20_convolver",
    "t61_cycle_delay" };
  g_autofree char *folder = NULL;
  int result;

  /* Blocks of GLib's that are kept for later would look like leaks. */
  g_setenv ("G_SLICE", "always-malloc", TRUE);
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("kromo-no-memory-XXXXXX", NULL);
  path = g_build_filename (folder, "genome", NULL);
  for (guint how = 0; how < 8; how++) {
    g_autofree char *name =
        g_strdup_printf ("/no-memory/documents/%s%s%s", how & AS_FILE ? "file" : "data",
            how & AS_GZIP ? "-gzip" : "", how & AS_TEXT ? "-text" : "");

    g_test_add_data_func (name, GUINT_TO_POINTER (how), test_documents);
  }
  for (guint i = 0; i < G_N_ELEMENTS (sounds); i++) {
    g_autofree char *name = g_strconcat ("/no-memory/sounds/", sounds[i], NULL);

    g_test_add_data_func (name, sounds[i], test_sound);
  }
  g_test_add_func ("/no-memory/sounds/noise", test_noise);
  result = g_test_run ();
  g_unlink (path);
  g_rmdir (folder);
  g_free (path);
  return result;
}
