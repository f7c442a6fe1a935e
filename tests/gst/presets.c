/* kromosrc: presets
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "comma-locale.h"
#include "common.h"

#include <glib/gstdio.h>
#include <string.h>

#define NEW(...) GST_ELEMENT (gst_object_ref_sink (make_src (__VA_ARGS__, NULL)))

/* Where the presets are kept, in a folder of this run's own. */
static char *data_home;

static void
save (GstElement *src, const char *name)
{
  fail_unless (gst_preset_save_preset (GST_PRESET (src), name));
}

static void
load (GstElement *src, const char *name)
{
  fail_unless (gst_preset_load_preset (GST_PRESET (src), name));
}

static gboolean
is_setting (GParamSpec *pspec)
{
  return pspec->owner_type != GST_TYPE_BASE_SRC && pspec->owner_type != GST_TYPE_OBJECT
      && (pspec->flags & G_PARAM_WRITABLE);
}

/* All settings of both are the same. */
static void
assert_same_settings (GstElement *a, GstElement *b)
{
  g_autofree GParamSpec **pspecs = NULL;
  guint i, n, n_settings = 0;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (a), &n);
  for (i = 0; i < n; i++) {
    GValue x = G_VALUE_INIT, y = G_VALUE_INIT;

    if (!is_setting (pspecs[i]))
      continue;
    g_value_init (&x, pspecs[i]->value_type);
    g_value_init (&y, pspecs[i]->value_type);
    g_object_get_property (G_OBJECT (a), pspecs[i]->name, &x);
    g_object_get_property (G_OBJECT (b), pspecs[i]->name, &y);
    fail_unless (g_param_values_cmp (pspecs[i], &x, &y) == 0, "%s", pspecs[i]->name);
    g_value_unset (&x);
    g_value_unset (&y);
    n_settings++;
  }
  fail_unless (n_settings >= 30, "%u", n_settings);
}

/* Every setting away from its default. */
static GstElement *
make_unusual (void)
{
  return NEW ("location", "/a/plain-name.sqlite", "genome-id", "NULL", "use-metadata", TRUE,
      "note-delta", -0.1, "tuning-ratio", 1.0 / 3, "velocity", 0.7, "duration",
      G_GUINT64_CONSTANT (12345678901234567), "reverse", TRUE, "oversample", TRUE, "inharmonicity",
      TRUE, "transpose-all", TRUE, "rendering", 1, "normalize", 1, "edge-fade",
      G_GUINT64_CONSTANT (1), "volume", 0.1, "mute", TRUE, "loops", -1, "next-location",
      "/b/one two.json", "is-live", TRUE, "adaptive", FALSE, "measure-rtf", FALSE, "target-latency",
      G_GUINT64_CONSTANT (20000001), "min-chunk-duration", G_GUINT64_CONSTANT (1000001),
      "max-chunk-duration", G_GUINT64_CONSTANT (2000001), "chunk-duration",
      G_GUINT64_CONSTANT (3000001), "n-threads", 3u, "checkpoint-memory", G_MAXUINT64, "max-memory",
      G_GUINT64_CONSTANT (1048577), "max-operations", G_GUINT64_CONSTANT (123456));
}

GST_START_TEST (test_names)
{
  GstElement *src = NEW (NULL);
  static const char *const in[] = { "location", "genome-id", "genome", "seed", "use-metadata",
    "note-delta", "duration", "normalize", "volume", "loops", "next-location", "chunk-duration",
    "max-memory", "max-operations" };
  static const char *const out[] = { "name", "parent", "blocksize", "num-buffers", "do-timestamp",
    "typefind", "genome-ids", "rtf", "stats" };
  g_auto (GStrv) names = gst_preset_get_property_names (GST_PRESET (src));
  guint i;

  for (i = 0; i < G_N_ELEMENTS (in); i++)
    fail_unless (g_strv_contains ((const char *const *) names, in[i]), "%s", in[i]);
  for (i = 0; i < G_N_ELEMENTS (out); i++)
    fail_if (g_strv_contains ((const char *const *) names, out[i]), "%s", out[i]);
  fail_if (gst_preset_is_editable (GST_PRESET (src)) == FALSE);
  gst_object_unref (src);
}
GST_END_TEST

static void
assert_round_trips (void)
{
  GstElement *unusual = make_unusual (), *plain = NEW (NULL), *src = NEW (NULL);

  save (unusual, "unusual");
  save (plain, "plain");
  load (src, "unusual");
  assert_same_settings (src, unusual);
  load (src, "plain");
  assert_same_settings (src, plain);
  load (src, "unusual");
  assert_same_settings (src, unusual);
  fail_if (gst_preset_load_preset (GST_PRESET (src), "none of these"));
  assert_same_settings (src, unusual);
  gst_object_unref (unusual);
  gst_object_unref (plain);
  gst_object_unref (src);
}

GST_START_TEST (test_round_trip)
{
  assert_round_trips ();
}
GST_END_TEST

/* Where there is such a locale. */
GST_START_TEST (test_comma_locale)
{
  GstElement *src = NEW (NULL), *unusual = make_unusual ();

  save (unusual, "without comma");
  if (!set_comma_locale ())
    GST_INFO ("there is no locale with a decimal comma");
  assert_round_trips ();
  load (src, "without comma");
  assert_same_settings (src, unusual);
  unset_comma_locale ();
  load (src, "plain");
  load (src, "unusual");
  assert_same_settings (src, unusual);
  gst_object_unref (src);
  gst_object_unref (unusual);
}
GST_END_TEST

static const char *const strings[] = {
  "",
  "plain",
  "NULL",
  "with space",
  " at the edges ",
  "\"quoted\"",
  "back\\slash\\n",
  "%41",
  "two\nlines\t=[x];#",
  "\xc3\xa6\xc3\xb8\xc3\xa5",
  "not UTF-8: \xff",
};

/* Over each other in one preset, and through the file. */
GST_START_TEST (test_strings)
{
  GstElement *src = NEW (NULL), *other = NEW (NULL);
  g_autofree char *path = NULL, *contents = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  guint i;

  for (i = 0; i < 2 * G_N_ELEMENTS (strings); i++) {
    const char *text = strings[i % G_N_ELEMENTS (strings)];

    g_object_set (
        src, i % 2 ? "location" : "genome", text, "genome-id", text, "next-location", text, NULL);
    save (src, "strings");
    load (other, "strings");
    assert_same_settings (src, other);
  }

  path = g_build_filename (data_home, "gstreamer-1.0", "presets", "GstKromoSrc.prs", NULL);
  fail_unless (g_file_get_contents (path, &contents, NULL, NULL));
  fail_unless (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL));
  fail_unless (g_key_file_has_group (file, "strings"));
  /* nothing that would be loaded as something else first */
  fail_if (g_key_file_has_key (file, "strings", "location", NULL));
  gst_object_unref (src);
  gst_object_unref (other);
}
GST_END_TEST

/* Of location, genome and seed the preset's replaces what was there. */
GST_START_TEST (test_source)
{
  GstElement *sources[] = { NEW ("location", "/a.json"), NEW ("location", "/a b.json"),
    NEW ("genome", "{\"a\": 1}"), NEW ("genome", "{}"), NEW ("seed", G_GUINT64_CONSTANT (7)),
    NEW (NULL) };
  guint i, k;

  for (i = 0; i < G_N_ELEMENTS (sources); i++) {
    g_autofree char *name = g_strdup_printf ("source %u", i);

    save (sources[i], name);
  }
  for (i = 0; i < G_N_ELEMENTS (sources); i++) {
    for (k = 0; k < G_N_ELEMENTS (sources); k++) {
      g_autofree char *first = g_strdup_printf ("source %u", i);
      g_autofree char *then = g_strdup_printf ("source %u", k);
      GstElement *src = NEW (NULL);

      load (src, first);
      load (src, then);
      assert_same_settings (src, sources[k]);
      gst_object_unref (src);
    }
  }
  for (i = 0; i < G_N_ELEMENTS (sources); i++)
    gst_object_unref (sources[i]);
}
GST_END_TEST

/* What the user has set is known again after loading. */
GST_START_TEST (test_user_set)
{
  static const char *const names[] = { "duration", "note-delta", "velocity", "reverse",
    "min-chunk-duration", "max-chunk-duration" };
  GstElement *other = NEW (NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    GstElement *src = NEW (NULL);
    GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (src), names[i]);
    char *set = NULL, *again = NULL;

    g_object_set_property (G_OBJECT (src), names[i], g_param_spec_get_default_value (pspec));
    save (src, "set");
    load (other, "set");
    save (other, "again");
    gst_preset_get_meta (GST_PRESET (src), "set", "user-set", &set);
    gst_preset_get_meta (GST_PRESET (src), "again", "user-set", &again);
    fail_unless_equals_string (set, names[i]);
    fail_unless_equals_string (again, names[i]);
    g_free (set);
    g_free (again);
    gst_object_unref (src);
  }
  gst_object_unref (other);
}
GST_END_TEST

static guint64
count_frames (GstElement *src)
{
  Capture *capture = capture_run (src, NULL);
  guint64 frames = capture_frames (capture);

  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  capture_free (capture);

  return frames;
}

/* The file says 2.5 s. A preset keeps whether the user has set a duration, even to the default. */
GST_START_TEST (test_metadata)
{
  g_autofree char *path = data_path ("tone.json");
  GstElement *unset = NEW ("location", path, "use-metadata", TRUE), *src;
  GstElement *set =
      NEW ("location", path, "use-metadata", TRUE, "duration", 4 * GST_SECOND, "velocity", 1.0);

  save (unset, "unset");
  save (set, "set");
  gst_object_unref (unset);
  gst_object_unref (set);

  src = make_src ("duration", GST_SECOND, NULL);
  load (src, "unset");
  fail_unless_equals_uint64 (count_frames (src), 120000);
  src = make_src (NULL, NULL);
  load (src, "set");
  fail_unless_equals_uint64 (count_frames (src), 4 * 48000);
  src = make_src (NULL, NULL);
  load (src, "set");
  load (src, "unset");
  fail_unless_equals_uint64 (count_frames (src), 120000);
}
GST_END_TEST

/* A preset that somebody wrote, with what matters to them; it is read before any is saved. */
GST_START_TEST (test_written)
{
  g_autofree char *folder = g_build_filename (data_home, "gstreamer-1.0", "presets", NULL);
  g_autofree char *file = g_build_filename (folder, "GstKromoSrc.prs", NULL);
  g_autofree char *path = data_path ("tone.json");
  g_autofree char *text = g_strdup_printf ("[_presets_]\nversion=1.22\nelement-name=GstKromoSrc\n\n"
                                           "[low]\nlocation=%s\nduration=1000000000\n"
                                           "normalize=peak\nnote-delta=-12\nuse-metadata=true\n",
      path);
  GstElement *src = make_src ("seed", G_GUINT64_CONSTANT (7), "velocity", 0.25, NULL);
  GstElement *expected = NEW ("location", path, "duration", GST_SECOND, "normalize", 1,
      "note-delta", -12.0, "use-metadata", TRUE, "velocity", 0.25);

  fail_unless (g_mkdir_with_parents (folder, 0700) == 0);
  fail_unless (g_file_set_contents (file, text, -1, NULL));
  load (src, "low");
  assert_same_settings (src, expected);
  fail_unless_equals_uint64 (count_frames (src), 48000);
  gst_object_unref (expected);
}
GST_END_TEST

static void
remove_tree (const char *path)
{
  GDir *folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder && (name = g_dir_read_name (folder))) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    remove_tree (child);
  }
  if (folder)
    g_dir_close (folder);
  g_remove (path);
}

static Suite *
presets_suite (void)
{
  Suite *suite = suite_create ("kromosrc-presets");
  TCase *tcase = tcase_create ("presets");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_written);
  tcase_add_test (tcase, test_names);
  tcase_add_test (tcase, test_round_trip);
  tcase_add_test (tcase, test_comma_locale);
  tcase_add_test (tcase, test_strings);
  tcase_add_test (tcase, test_source);
  tcase_add_test (tcase, test_user_set);
  tcase_add_test (tcase, test_metadata);

  return suite;
}

/* The folder must be known before GLib first asks for it. */
int
main (int argc, char **argv)
{
  int failed;

  data_home = g_dir_make_tmp ("kromosrc-XXXXXX", NULL);
  g_setenv ("XDG_DATA_HOME", data_home, TRUE);
  gst_check_init (&argc, &argv);
  failed = gst_check_run_suite (presets_suite (), "presets", __FILE__);
  remove_tree (data_home);
  g_free (data_home);

  return failed;
}
