/* Genome files are found, and nothing else is taken for one
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>
#include <gst/base/gsttypefindhelper.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#define MEDIA_TYPE "application/x-kromosynth-genome"
#define A_BEGINNING (GST_TYPE_FIND_LIKELY + 5)

static GBytes *
convert (GConverter *converter, const void *data, gsize size)
{
  g_autoptr (GInputStream) memory = g_memory_input_stream_new_from_data (data, (gssize) size, NULL);
  g_autoptr (GInputStream) input = g_converter_input_stream_new (memory, converter);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();

  fail_unless (
      g_output_stream_splice (output, input, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL) >= 0);
  g_object_unref (converter);

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}

static GBytes *
gzip (const void *data, gsize size)
{
  return convert (
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6)), data, size);
}

static GBytes *
gunzip (const void *data, gsize size)
{
  return convert (
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP)), data, size);
}

/* How probable it is for GStreamer, with all of its type finders, that this is a genome; 0 if it is
 * something else or nothing. */
static guint
find_in_bytes (GBytes *bytes)
{
  GstTypeFindProbability probability = 0;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  GstCaps *caps = gst_type_find_helper_for_data (NULL, data, size, &probability);

  if (!caps || !gst_structure_has_name (gst_caps_get_structure (caps, 0), MEDIA_TYPE))
    probability = 0;
  gst_clear_caps (&caps);

  return probability;
}

static void
assert_found (const char *name, const char *text, gsize size, guint probability)
{
  g_autoptr (GBytes) plain = g_bytes_new_static (text, size);
  g_autoptr (GBytes) gzipped = gzip (text, size);

  fail_unless (find_in_bytes (plain) == probability, "%s: %u", name, find_in_bytes (plain));
  fail_unless (
      find_in_bytes (gzipped) == probability, "%s, gzipped: %u", name, find_in_bytes (gzipped));
}

/* A genome, and every beginning of it that the typefind element may be given from a stream. */
static void
check_file (const char *path)
{
  g_autofree char *contents = NULL;
  g_autoptr (GBytes) file = NULL, text = NULL, gzipped = NULL;
  gsize size, n;

  fail_unless (g_file_get_contents (path, &contents, &size, NULL), "%s", path);
  file = g_bytes_new_static (contents, size);
  text = g_str_has_suffix (path, ".gz") ? gunzip (contents, size) : g_bytes_ref (file);
  fail_unless (find_in_bytes (file) == GST_TYPE_FIND_MAXIMUM, "%s", path);
  assert_found (
      path, g_bytes_get_data (text, NULL), g_bytes_get_size (text), GST_TYPE_FIND_MAXIMUM);

  gzipped = gzip (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  for (n = 2048; n < size; n *= 2) {
    g_autoptr (GBytes) beginning = g_bytes_new_from_bytes (text, 0, n);

    fail_unless (find_in_bytes (beginning) == GST_TYPE_FIND_MAXIMUM, "%s: %u", path, (guint) n);
  }
  for (n = 512; n < g_bytes_get_size (gzipped); n *= 2) {
    g_autoptr (GBytes) beginning = g_bytes_new_from_bytes (gzipped, 0, n);

    fail_unless (
        find_in_bytes (beginning) == GST_TYPE_FIND_MAXIMUM, "%s, gzipped: %u", path, (guint) n);
  }
}

static guint
check_folder (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  fail_unless (dir != NULL, "%s", path);
  for (; (name = g_dir_read_name (dir)); n++) {
    g_autofree char *file = g_build_filename (path, name, NULL);

    check_file (file);
  }
  g_dir_close (dir);

  return n;
}

GST_START_TEST (test_files)
{
  const char *data = g_getenv ("KROMO_TEST_DATA");
  g_autofree char *folder = g_build_filename (data, "parity", "genomes", NULL);
  g_autofree char *built_in =
      g_build_filename (data, "..", "..", "engine", "genome", "default-genome.json", NULL);

  fail_unless (check_folder (folder) > 10);
  check_file (built_in);
  if (g_getenv ("KROMO_PARITY_DATA")) {
    g_autofree char *more = g_build_filename (g_getenv ("KROMO_PARITY_DATA"), "genomes", NULL);

    fail_unless (check_folder (more) > 100);
  }
}
GST_END_TEST

#define NETWORK "{\"offspring\":{\"nodes\":[]}}"
#define PLAIN_PATCH "{\"duration\":4,\"audioGraph\":{},\"networkOutputs\":[]}"

static const char *const genomes[] = {
  "{\"waveNetwork\":" NETWORK "}",
  "{\"waveNetwork\":{\"oneCPPNPerFrequency\":true,\"CPPNs\":{}}}",
  "{\"waveNetwork\":{\"more\":[{\"offspring\":1},\"]}\"],\"nodes\":[]}}",
  "{\"asNEATPatch\":{\"nodes\":[]}}",
  "{\"asNEATPatch\":\"{}\"}",
  "{\"synthIsPatch\":{}}",
  "\xef\xbb\xbf \r\n\t{ \"a\" : [ 1 , { } ] ,\n \"synthIsPatch\" : { } }",
  "{\"member\":" NETWORK ",\"patch\":" PLAIN_PATCH "}",
  "{\"patch\":" PLAIN_PATCH ",\"x\":-1.5e3,\"member\":" NETWORK "}",
  "{\"member\":\"{\\\"offspring\\\":{}}\",\"y\":null,\"patch\":" PLAIN_PATCH ",\"z\":true}",
  "{\"_id\":\"a \\\"genome\\\" {\",\"tags\":[\"[\",\"\\\\\"],\"genome\":{\"asNEATPatch\":{}}}",
  "{\"data\":{\"data\":{\"genome\":{\"waveNetwork\":" NETWORK "}}}}",
  "{\"genome\":{\"unlike\":{}},\"data\":{\"asNEATPatch\":{}}}",
  "{\"genome\":\"{\\\"_id\\\":\\\"a\\\\\\\"b\\\",\\\"asNEATPatch\\\":{}}\"}",
  "\"{\\\"asNEATPatch\\\":{}}\"",
  "\"\\\"{\\\\\\\"asNEATPatch\\\\\\\":{}}\\\"\"",
  "{\"waveNetwork\":\"{\\\"a\\\":\\\"}\\\",\\\"offspring\\\":{}}\"}",
  "{\"waveNetwork\":\"a name\",\"asNEATPatch\":{}}",
  "{\"asNEAT\\u0050atch\":{}}",
  "{\"\\u00e6\\ud83d\\ude00 \xc3\xa6\":\"\\u0022\\u005C\",\"asNEATPatch\":{}}",
};

GST_START_TEST (test_forms)
{
  assert_found (genomes[__i__], genomes[__i__], strlen (genomes[__i__]), GST_TYPE_FIND_MAXIMUM);
}
GST_END_TEST

/* What comes before may be long. */
GST_START_TEST (test_long_beginning)
{
  g_autoptr (GString) text = g_string_new ("{\"evolutionHistory\":[");
  guint i;

  for (i = 0; text->len < 400 * 1024; i++)
    g_string_append_printf (text, "{\"operation\":\"mutation %u, \\\"large\\\"\"},", i);
  g_string_append (text, "0],\"asNEATPatch\":{}}");
  assert_found ("a long beginning", text->str, text->len, GST_TYPE_FIND_MAXIMUM);
}
GST_END_TEST

/* More may come that makes these genomes. They win over gzip and text, which are found too. */
static const char *const beginnings[] = {
  "{\"_id\":\"x\",\"evolutionRunId\":\"y\",\"tags\":[\"",
  "{\"_id\":\"x\",\"parentGenomes\":[",
  "{\"genome\":{\"virtualAudioGraph\":{\"audioGraph\":",
  "{\"genome\":\"{\\\"virtualAudioGraph\\\":{\\\"audioGraph\\\":",
  "{\"waveNetwork\":{\"",
  "{\"waveNetwork\":\"{\\\"a\\",
  "{\"patch\":" PLAIN_PATCH ",\"tags\":[",
  "{\"member\":" NETWORK ",\"patch\":{\"du",
};

GST_START_TEST (test_beginnings)
{
  assert_found (beginnings[__i__], beginnings[__i__], strlen (beginnings[__i__]), A_BEGINNING);
}
GST_END_TEST

static const char *const others[] = {
  "{}",
  "[]",
  "\"asNEATPatch\"",
  "{\"name\":\"kromo\",\"version\":\"1.0.0\",\"main\":\"index.js\",\"scripts\":{\"test\":\"x\"},"
  "\"data\":{\"a\":1},\"dependencies\":{\"kromosynth\":\"^1.0.36\"}}",
  "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"geometry\":{\"type\":"
  "\"Point\",\"coordinates\":[1,2]},\"properties\":{\"genome\":\"x\"}}]}",
  "{\"asset\":{\"version\":\"2.0\"},\"scene\":0,\"nodes\":[{\"mesh\":0}],\"meshes\":[]}",
  "{\"v\":\"5.5.7\",\"fr\":60,\"ip\":0,\"op\":60,\"w\":512,\"h\":512,\"layers\":[],\"assets\":[]}",
  "{\"patch\":[{\"op\":\"add\",\"path\":\"/a\",\"value\":1}],\"member\":\"someone\"}",
  "{\"patch\":{\"spec\":{\"networkOutputs\":[]}},\"member\":{\"name\":\"offspring\"}}",
  "{\"patch\":" PLAIN_PATCH "}",
  "{\"member\":" NETWORK "}",
  "{\"genome\":{\"organism\":\"E. coli\",\"nodes\":[],\"length\":4641652},\"data\":{}}",
  "{\"genome\":\"GATTACA\"}",
  "{\"genome\":\"{\"}",
  "{\"genome\":\"{\\\"asNEATPatch\\\":null}\"}",
  "{\"data\":\"{\\\"asNEATPatch\\\":{}}\"}",
  "{\"genomes\":[{\"asNEATPatch\":{}}]}",
  "{\"elite\":{\"asNEATPatch\":{}}}",
  "{\"data\":{\"data\":{\"data\":{\"data\":{\"asNEATPatch\":{}}}}}}",
  "[{\"asNEATPatch\":{}}]",
  "{\"asNEATPatch\":null,\"synthIsPatch\":0,\"waveNetwork\":1}",
  "{\"waveNetwork\":{\"speed\":3}}",
  "{\"waveNetwork\":\"a name\"}",
  "{\"title\":\"asNEATPatch\",\"text\":\"\\\"waveNetwork\\\":{\\\"offspring\\\":{}}\"}",
  "{\"evolutionRunId\":\"x\",\"parentGenomes\":[],\"generations\":[]}",
  /* not JSON */
  "asNEATPatch: {}",
  "{asNEATPatch: {}}",
  "{\"a\":1;\"asNEATPatch\":{}}",
  "{\"a\" \"asNEATPatch\":{}}",
  "{\"a\":]\"asNEATPatch\":{}}",
  "{'a':1,\"asNEATPatch\":{}}",
  "{\\rtf1 \"asNEATPatch\":{}}",
  "{{\"asNEATPatch\":{}}}",
  "\"name\",\"asNEATPatch\",\"{\"",
  /* only the beginning of what nobody knows */
  "{\"_id\":\"x\",\"tags\":[\"",
  "{\"data\":{\"patch\":{\"a\":",
  "{\"evolution",
};

GST_START_TEST (test_other_files)
{
  assert_found (others[__i__], others[__i__], strlen (others[__i__]), 0);
}
GST_END_TEST

/* A stream of any length that counts what is looked at. */
typedef struct {
  GstTypeFind find;
  const char *pattern; /* again and again behind the beginning */
  const guint8 *data;  /* the beginning */
  gsize size;
  guint64 length; /* 0: not told, and without end */
  guint64 looked_at;
  guint n_peeks;
  guint probability;
  guint8 block[65536];
} Source;

static const guint8 *
source_peek (gpointer data, gint64 offset, guint size)
{
  Source *source = data;
  guint64 start = (guint64) offset, i;

  source->n_peeks++;
  fail_unless (offset >= 0 && size <= sizeof source->block);
  if (source->length != 0 && start + size > source->length)
    return NULL;
  for (i = 0; i < size; i++)
    source->block[i] = start + i < source->size
        ? source->data[start + i]
        : (guint8) source->pattern[(start + i - source->size) % strlen (source->pattern)];
  source->looked_at = MAX (source->looked_at, start + size);

  return source->block;
}

static guint64
source_get_length (gpointer data)
{
  return ((Source *) data)->length;
}

static void
source_suggest (gpointer data, guint probability, GstCaps *caps)
{
  ((Source *) data)->probability = probability;
}

static GstTypeFindFactory *
get_factory (void)
{
  GstPluginFeature *feature =
      gst_registry_find_feature (gst_registry_get (), MEDIA_TYPE, GST_TYPE_TYPE_FIND_FACTORY);

  fail_unless (feature != NULL);

  return GST_TYPE_FIND_FACTORY (feature);
}

/* With this type finder alone. */
static void
find_in_source (Source *source)
{
  GstTypeFindFactory *factory = get_factory ();

  source->find = (GstTypeFind){
    .peek = source_peek,
    .suggest = source_suggest,
    .data = source,
    .get_length = source_get_length,
  };
  gst_type_find_factory_call_function (factory, &source->find);
  gst_object_unref (factory);
}

static const struct {
  const char *beginning, *pattern;
  guint64 most; /* bytes looked at */
} endless[] = {
  { "", "{", 4096 },
  { "", "[", 4096 },
  { "", "\"", 4096 },
  { "", "\"{", 4096 },
  { "", "\\", 4096 },
  { "\"", "\\", 512 * 1024 },
  { "\"{\\\"", "\\", 512 * 1024 },
  { "", " ", 512 * 1024 },
  { "{\"", "a", 512 * 1024 },
  { "{\"a\":\"", "b", 512 * 1024 },
  { "{\"a\":\"", "\\\"", 512 * 1024 },
  { "{\"a\":", "{\"a\":", 512 * 1024 },
  { "{\"a\":", "[", 512 * 1024 },
  { "{\"a\":", "1", 512 * 1024 },
  { "{\"a\":1", "}", 4096 },
  { "{\"genome\":", "{\"genome\":", 512 * 1024 },
  { "{\"genome\":\"", "{\\\"genome\\\":\\\"", 512 * 1024 },
  { "{\"data\":", "{\"data\":{\"x\":{},\"genome\":", 512 * 1024 },
  { "", "{\"a\":1,\"b\":{},", 8192 },
  { "", "\x1f\x8b\x08", 512 * 1024 },
};

/* Text without an end is given up within bounds, and is no genome. */
GST_START_TEST (test_endless)
{
  guint i;

  for (i = 0; i < 2; i++) {
    Source source = { .pattern = endless[__i__].pattern,
      .data = (const guint8 *) endless[__i__].beginning,
      .size = strlen (endless[__i__].beginning),
      .length = i ? G_GUINT64_CONSTANT (1) << 40 : 0 };

    find_in_source (&source);
    fail_unless_equals_int (source.probability, 0);
    fail_unless (source.looked_at <= endless[__i__].most, "%s: %u bytes", endless[__i__].pattern,
        (guint) source.looked_at);
    fail_unless (source.n_peeks <= 150, "%u peeks", source.n_peeks);
  }
}
GST_END_TEST

/* 64 MiB of text in 64 KiB of gzip: only what the bound on text needs is read. */
GST_START_TEST (test_gzip_bomb)
{
  gsize size = 64 * 1024 * 1024;
  g_autofree char *text = g_strnfill (size, ' ');
  g_autoptr (GBytes) bomb = NULL;
  Source source = { .pattern = "\n" };

  memcpy (text, "{\"a\":", 5);
  bomb = gzip (text, size);
  source.data = g_bytes_get_data (bomb, &source.size);
  source.length = source.size;
  find_in_source (&source);
  fail_unless_equals_int (source.probability, 0);
  fail_unless (source.size > 32 * 1024);
  fail_unless (source.looked_at <= 8192, "%u bytes", (guint) source.looked_at);
}
GST_END_TEST

/* A header whose file name never ends makes no text at all. */
GST_START_TEST (test_gzip_header)
{
  static const guint8 header[] = { 0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3 };
  Source source = { .pattern = "name", .data = header, .size = sizeof header };

  find_in_source (&source);
  fail_unless_equals_int (source.probability, 0);
  fail_unless (source.looked_at <= 512 * 1024);
}
GST_END_TEST

/* Cut anywhere, a genome is found once enough of it is there, and stays found; with the length told and
 * without. */
GST_START_TEST (test_cut)
{
  g_autofree char *path = g_build_filename (
      g_getenv ("KROMO_TEST_DATA"), "parity", "genomes", "t10_biquad_lowpass.json.gz", NULL);
  g_autofree char *contents = NULL;
  gsize size, n, found_at = 0;

  fail_unless (g_file_get_contents (path, &contents, &size, NULL));
  for (n = 0; n <= size; n++) {
    g_autoptr (GBytes) beginning = g_bytes_new (contents, n);
    Source source = {
      .pattern = "x", .data = g_bytes_get_data (beginning, NULL), .size = n, .length = MAX (n, 1)
    };
    guint probability;

    find_in_source (&source);
    probability = n < 2 ? 0 : find_in_bytes (beginning);
    fail_unless_equals_int (source.probability, probability);
    fail_unless (source.n_peeks <= 2, "%u peeks", source.n_peeks);
    if (probability == GST_TYPE_FIND_MAXIMUM && found_at == 0)
      found_at = n;
    fail_unless (found_at == 0 || probability == GST_TYPE_FIND_MAXIMUM, "%u bytes", (guint) n);
  }
  fail_unless (found_at > 0 && found_at < 512, "%u bytes", (guint) found_at);
}
GST_END_TEST

/* Damaged bytes are nothing worse than unknown. */
GST_START_TEST (test_damage)
{
  g_autofree char *path = g_build_filename (
      g_getenv ("KROMO_TEST_DATA"), "parity", "genomes", "t10_biquad_lowpass.json.gz", NULL);
  g_autofree char *contents = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  gsize size;
  guint i;

  fail_unless (g_file_get_contents (path, &contents, &size, NULL));
  for (i = 0; i < 2000; i++) {
    g_autoptr (GBytes) gzipped = g_bytes_new_static (contents, size);
    g_autoptr (GBytes) text = gunzip (contents, size);
    gboolean plain = i % 2;
    Source source = { .pattern = "x" };
    g_autofree guint8 *copy = NULL;
    guint k;

    source.size = source.length = plain ? g_bytes_get_size (text) : size;
    copy = g_memdup2 (g_bytes_get_data (plain ? text : gzipped, NULL), source.size);
    for (k = 0; k < 4; k++)
      copy[g_rand_int_range (random, plain ? 0 : 2, 200)] = (guint8) g_rand_int (random);
    source.data = copy;
    find_in_source (&source);
    fail_unless (source.looked_at <= source.length);
  }
}
GST_END_TEST

/* Files with these names are looked at by this type finder first. */
GST_START_TEST (test_extensions)
{
  static const char *const expected[] = { "json", "gz", NULL };
  GstTypeFindFactory *factory = get_factory ();
  const char *const *extensions = gst_type_find_factory_get_extensions (factory);

  fail_unless (extensions && g_strv_equal (extensions, expected));
  gst_object_unref (factory);
}
GST_END_TEST

static Suite *
typefind_suite (void)
{
  Suite *suite = suite_create ("typefind");
  TCase *tcase = tcase_create ("genomes");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_files);
  tcase_add_loop_test (tcase, test_forms, 0, G_N_ELEMENTS (genomes));
  tcase_add_test (tcase, test_long_beginning);
  tcase_add_loop_test (tcase, test_beginnings, 0, G_N_ELEMENTS (beginnings));
  tcase_add_loop_test (tcase, test_other_files, 0, G_N_ELEMENTS (others));
  tcase_add_loop_test (tcase, test_endless, 0, G_N_ELEMENTS (endless));
  tcase_add_test (tcase, test_gzip_bomb);
  tcase_add_test (tcase, test_gzip_header);
  tcase_add_test (tcase, test_cut);
  tcase_add_test (tcase, test_damage);
  tcase_add_test (tcase, test_extensions);

  return suite;
}

GST_CHECK_MAIN (typefind)
