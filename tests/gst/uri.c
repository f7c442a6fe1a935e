/* kromosrc: URIs, what plays them, and the stream ids that are made of them
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "comma-locale.h"
#include "common.h"

#include <string.h>

/* A new kromosrc, referenced; properties as in g_object_set(). */
#define NEW(...) GST_ELEMENT (gst_object_ref_sink (make_src (__VA_ARGS__, NULL)))

static char *
get_uri (GstElement *src)
{
  return gst_uri_handler_get_uri (GST_URI_HANDLER (src));
}

static void
set_uri (GstElement *src, const char *uri)
{
  GError *error = NULL;

  fail_unless (gst_uri_handler_set_uri (GST_URI_HANDLER (src), uri, &error), "%s: %s", uri,
      error ? error->message : "no error");
  fail_unless (error == NULL);
}

static void
assert_uri (GstElement *src, const char *expected)
{
  g_autofree char *uri = get_uri (src);

  fail_unless (g_strcmp0 (uri, expected) == 0, "%s, not %s", uri, expected);
}

static guint64
get_uint64 (GstElement *src, const char *name)
{
  guint64 value;

  g_object_get (src, name, &value, NULL);

  return value;
}

/* ---- reading and writing ---- */

static const struct {
  const char *uri, *canonical; /* NULL: as it is */
} accepted[] = {
  { "kromo:default", NULL },
  { "KROMO:default?", "kromo:default" },
  { "kromo:random?seed=18446744073709551615", NULL },
  { "kromo:random?velocity=0.5&seed=007", "kromo:random?seed=7&velocity=0.5" },
  { "kromo:///a/b.json", NULL },
  { "kromo:/a/b.json", "kromo:///a/b.json" },
  { "kromo:///a/./c/../b.json", "kromo:///a/b.json" },
  { "kromo:///a/my%20%C3%A6%FF%23%3F%25.json", NULL },
  { "kromo:///a/my sound.json", "kromo:///a/my%20sound.json" },
  { "kromo:///a/(1)+2,3;4=5&6@7:8!$'*~.json", NULL },
  { "kromo:///a/b.sqlite#01ABC", NULL },
  { "kromo:///a/b.sqlite#", NULL },
  { "kromo:///a/b.sqlite?note-delta=-12#x%2Fy%20%23%3F%25%FF", NULL },
  { "kromo:///a/b.sqlite#a=b&c/d", "kromo:///a/b.sqlite#a%3Db%26c%2Fd" },
  { "kromo:default?n%6Fte-delta=-1%32.50", "kromo:default?note-delta=-12.5" },
  { "kromo:default?note-delta=1e1", "kromo:default?note-delta=10" },
  { "kromo:default?tuning-ratio=0.1&velocity=0.3333333333333333", NULL },
  { "kromo:default?reverse=1&oversample=YES&inharmonicity=True&mute=no&transpose-all=0",
      "kromo:default?reverse=true&oversample=true&inharmonicity=true" },
  { "kromo:default?normalize=peak&rendering=standard",
      "kromo:default?rendering=standard&normalize=peak" },
  { "kromo:default?loops=-1&volume=0.5&mute=true", NULL },
  { "kromo:default?next-location=/a/my%20sound%26.json", NULL },
  { "kromo:default?next-location=/b/../a.json", "kromo:default?next-location=/a.json" },
  { "kromo:default?duration=20&edge-fade=.005", "kromo:default?duration=20&edge-fade=0.005" },
  { "kromo:default?duration=4&velocity=1", "kromo:default" },
  { "kromo:default?use-metadata=true&duration=4&velocity=1&note-delta=0&reverse=false",
      "kromo:default?use-metadata=true&note-delta=0&velocity=1&duration=4&reverse=false" },
};

/* Setting what an element gives, on another or on itself, changes nothing. */
GST_START_TEST (test_accepted)
{
  const char *uri = accepted[__i__].uri, *canonical = accepted[__i__].canonical;
  GstElement *src = NEW (NULL), *other = NEW (NULL);

  set_uri (src, uri);
  assert_uri (src, canonical ? canonical : uri);
  set_uri (src, canonical ? canonical : uri);
  assert_uri (src, canonical ? canonical : uri);
  set_uri (other, canonical ? canonical : uri);
  assert_uri (other, canonical ? canonical : uri);
  gst_object_unref (src);
  gst_object_unref (other);
}
GST_END_TEST

static const struct {
  const char *uri;
  GstURIError code;
  const char *text; /* in the error, besides the URI */
} rejected[] = {
  { "kromo:", GST_URI_ERROR_BAD_REFERENCE, "absolute path" },
  { "kromo://", GST_URI_ERROR_BAD_REFERENCE, "absolute path" },
  { "kromo:///", GST_URI_ERROR_BAD_REFERENCE, "absolute path" },
  { "kromo:?velocity=1", GST_URI_ERROR_BAD_REFERENCE, "absolute path" },
  { "kromo:Default", GST_URI_ERROR_BAD_REFERENCE, "kromo:default" },
  { "kromo:a.json", GST_URI_ERROR_BAD_REFERENCE, "absolute path" },
  { "kromo://default", GST_URI_ERROR_BAD_URI, "host, default, but" },
  { "kromo://localhost/a.json", GST_URI_ERROR_BAD_URI, "host, localhost, but" },
  { "kromo://me@:80/a.json", GST_URI_ERROR_BAD_URI, "host, me@:80, but" },
  { "kromo:///a%", GST_URI_ERROR_BAD_URI, "path /a% has" },
  { "kromo:///a%4", GST_URI_ERROR_BAD_URI, "path" },
  { "kromo:///a%zz", GST_URI_ERROR_BAD_URI, "%25" },
  { "kromo:///a%00b", GST_URI_ERROR_BAD_URI, "path" },
  { "kromo:///a%2Fb", GST_URI_ERROR_BAD_URI, "path" },
  { "kromo:///a#%00", GST_URI_ERROR_BAD_URI, "fragment" },
  { "kromo:///a#b?velocity=1", GST_URI_ERROR_BAD_URI, "before the id" },
  { "kromo:default#b", GST_URI_ERROR_BAD_URI, "#b" },
  { "kromo:random?seed=1#", GST_URI_ERROR_BAD_URI, "database" },
  { "kromo:default?velocity=%0", GST_URI_ERROR_BAD_URI, "value %0" },
  { "kromo:default?velocit%79%=1", GST_URI_ERROR_BAD_URI, "key" },
  { "kromo:default?a=1", GST_URI_ERROR_BAD_URI, "velocity, duration," },
  { "kromo:default?=1", GST_URI_ERROR_BAD_URI, "key \"\"" },
  { "kromo:default?velocity=1&", GST_URI_ERROR_BAD_URI, "key \"\"" },
  { "kromo:default?Velocity=1", GST_URI_ERROR_BAD_URI, "key \"Velocity\"" },
  { "kromo:default?location=/a", GST_URI_ERROR_BAD_URI, "key \"location\"" },
  { "kromo:default?max-memory=1", GST_URI_ERROR_BAD_URI, "key \"max-memory\"" },
  { "kromo:default?velocity=1&reverse=1&velocity=1", GST_URI_ERROR_BAD_URI, "velocity is there" },
  { "kromo:default?seed=7", GST_URI_ERROR_BAD_URI, "kromo:random?seed=7" },
  { "kromo:///a?seed=7", GST_URI_ERROR_BAD_URI, "kromo:random?seed=7" },
  { "kromo:random", GST_URI_ERROR_BAD_URI, "kromo:random?seed=1" },
  { "kromo:random?seed=0", GST_URI_ERROR_BAD_URI, "other than 0" },
  { "kromo:random?seed=18446744073709551616", GST_URI_ERROR_BAD_URI, "18446744073709551615" },
  { "kromo:random?seed=-1", GST_URI_ERROR_BAD_URI, "an integer from 0" },
  { "kromo:random?seed=1.5", GST_URI_ERROR_BAD_URI, "an integer from 0" },
  { "kromo:default?velocity", GST_URI_ERROR_BAD_URI, "velocity is \"\"" },
  { "kromo:default?velocity=", GST_URI_ERROR_BAD_URI, "a number from 0 to 1" },
  { "kromo:default?velocity=1.01", GST_URI_ERROR_BAD_URI, "a number from 0 to 1" },
  { "kromo:default?velocity=-0.1", GST_URI_ERROR_BAD_URI, "a number from 0 to 1" },
  { "kromo:default?velocity=0,5", GST_URI_ERROR_BAD_URI, "velocity is \"0,5\"" },
  { "kromo:default?velocity=nan", GST_URI_ERROR_BAD_URI, "a number" },
  { "kromo:default?velocity=0x1", GST_URI_ERROR_BAD_URI, "a number" },
  { "kromo:default?velocity=%201", GST_URI_ERROR_BAD_URI, "a number" },
  { "kromo:default?velocity=1e", GST_URI_ERROR_BAD_URI, "a number" },
  { "kromo:default?note-delta=129", GST_URI_ERROR_BAD_URI, "a number from -128 to 128" },
  { "kromo:default?tuning-ratio=0", GST_URI_ERROR_BAD_URI, "a number from 0.0001 to 10000" },
  { "kromo:default?tuning-ratio=1e999", GST_URI_ERROR_BAD_URI, "a number" },
  { "kromo:default?duration=", GST_URI_ERROR_BAD_URI, "seconds" },
  { "kromo:default?duration=.", GST_URI_ERROR_BAD_URI, "seconds" },
  { "kromo:default?duration=1.2.3", GST_URI_ERROR_BAD_URI, "seconds" },
  { "kromo:default?duration=-1", GST_URI_ERROR_BAD_URI, "seconds" },
  { "kromo:default?duration=20s", GST_URI_ERROR_BAD_URI, "seconds" },
  { "kromo:default?duration=1e3", GST_URI_ERROR_BAD_URI, "seconds" },
  { "kromo:default?duration=0.0000000001", GST_URI_ERROR_BAD_URI, "9 decimals" },
  { "kromo:default?duration=18446744073.709551616", GST_URI_ERROR_BAD_URI,
      "18446744073.709551615" },
  { "kromo:default?edge-fade=99999999999999999999999", GST_URI_ERROR_BAD_URI, "seconds" },
  { "kromo:default?reverse=2", GST_URI_ERROR_BAD_URI, "true or false" },
  { "kromo:default?reverse=", GST_URI_ERROR_BAD_URI, "true or false" },
  { "kromo:default?rendering=0", GST_URI_ERROR_BAD_URI, "reference or standard" },
  { "kromo:default?normalize=Peak", GST_URI_ERROR_BAD_URI, "none or peak or limit" },
  { "kromo:default?loops=-2", GST_URI_ERROR_BAD_URI, "an integer from -1 to 2147483647" },
  { "kromo:default?loops=2147483648", GST_URI_ERROR_BAD_URI, "an integer" },
  { "kromo:default?loops=1.0", GST_URI_ERROR_BAD_URI, "an integer" },
  { "kromo:default?next-location=a.json", GST_URI_ERROR_BAD_URI, "absolute path" },
  /* what comes before the fault is not set either */
  { "kromo:///other.json?velocity=0.1&note-delta=1&reverse=x#id", GST_URI_ERROR_BAD_URI,
      "reverse" },
};

/* The error says what, where and what to do, and nothing is changed. */
GST_START_TEST (test_rejected)
{
  const char *uri = rejected[__i__].uri;
  const char *before = "kromo:///a/b.sqlite?note-delta=3&velocity=0.5&duration=9#id";
  GstElement *src = NEW (NULL);
  GError *error = NULL;

  set_uri (src, before);
  fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (src), uri, &error), "%s", uri);
  fail_unless (error != NULL);
  fail_unless (error->domain == GST_URI_ERROR && error->code == (gint) rejected[__i__].code,
      "%s: %s %d", uri, g_quark_to_string (error->domain), error->code);
  fail_unless (strstr (error->message, rejected[__i__].text) != NULL, "%s", error->message);
  fail_unless (strstr (error->message, uri) != NULL, "%s", error->message);
  g_error_free (error);
  assert_uri (src, before);
  fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (src), uri, NULL));
  gst_object_unref (src);
}
GST_END_TEST

/* Errors are UTF-8 and of bounded length, whatever the URI is. */
GST_START_TEST (test_odd_errors)
{
  g_autofree char *many = g_strnfill (1000000, 'x');
  g_autofree char *path = g_strconcat ("kromo:///a\xff\xc3%zz", many, NULL);
  g_autofree char *key = g_strconcat ("kromo:default?\xff", many, "=1", NULL);
  g_autofree char *value = g_strconcat ("kromo:default?velocity=%FF", many, NULL);
  const char *const uris[] = { path, key, value };
  GstElement *src = NEW (NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (uris); i++) {
    GError *error = NULL;

    fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (src), uris[i], &error));
    fail_unless (g_utf8_validate (error->message, -1, NULL));
    fail_unless (strlen (error->message) < 2000);
    g_error_free (error);
  }
  gst_object_unref (src);
}
GST_END_TEST

static const struct {
  const char *seconds;
  guint64 ns;
} durations[] = {
  { "0", 0 },
  { "1", GST_SECOND },
  { "0.1", 100000000 },
  { "0.3", 300000000 },
  { "1.000000001", 1000000001 },
  { "123456789.123456789", G_GUINT64_CONSTANT (123456789123456789) },
  { "18446744073.709551615", G_MAXUINT64 },
  { "0.0000000010000", 1 },
  { "00007.", 7 * GST_SECOND },
};

static void
assert_durations (void)
{
  GstElement *src = NEW (NULL), *other = NEW (NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (durations); i++) {
    g_autofree char *uri = g_strconcat ("kromo:default?duration=", durations[i].seconds, NULL);
    g_autofree char *canonical = NULL;

    set_uri (src, uri);
    fail_unless_equals_uint64 (get_uint64 (src, "duration"), durations[i].ns);
    canonical = get_uri (src);
    set_uri (other, canonical);
    fail_unless_equals_uint64 (get_uint64 (other, "duration"), durations[i].ns);
  }
  gst_object_unref (src);
  gst_object_unref (other);
}

GST_START_TEST (test_durations)
{
  assert_durations ();
}
GST_END_TEST

/* Where there is such a locale. */
GST_START_TEST (test_comma_locale)
{
  GstElement *src = NEW (NULL);

  if (!set_comma_locale ())
    GST_INFO ("there is no locale with a decimal comma");
  assert_durations ();
  set_uri (src, "kromo:default?note-delta=-0.1&velocity=0.25&duration=0.5");
  assert_uri (src, "kromo:default?note-delta=-0.1&velocity=0.25&duration=0.5");
  fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (src), "kromo:default?velocity=0,5", NULL));
  gst_object_unref (src);
  unset_comma_locale ();
}
GST_END_TEST

/* A URI sets the source as a whole, and of the rest what it names. */
GST_START_TEST (test_leaves_the_rest)
{
  GstElement *src = NEW ("genome", "{}", "genome-id", "x", "note-delta", 3.0, "velocity", 0.5,
      "chunk-duration", 7 * GST_MSECOND, "adaptive", FALSE);

  fail_unless (get_uri (src) == NULL);
  set_uri (src, "kromo:///a.json?velocity=0.25");
  assert_uri (src, "kromo:///a.json?note-delta=3&velocity=0.25");
  set_uri (src, "kromo:///b.json#y");
  assert_uri (src, "kromo:///b.json?note-delta=3&velocity=0.25#y");
  set_uri (src, "kromo:random?seed=3");
  assert_uri (src, "kromo:random?seed=3&note-delta=3&velocity=0.25");
  set_uri (src, "kromo:///b.json");
  assert_uri (src, "kromo:///b.json?note-delta=3&velocity=0.25");
  set_uri (src, "kromo:default?note-delta=0");
  assert_uri (src, "kromo:default?velocity=0.25");
  fail_unless_equals_uint64 (get_uint64 (src, "chunk-duration"), 7 * GST_MSECOND);
  gst_object_unref (src);
}
GST_END_TEST

GST_START_TEST (test_from_properties)
{
  g_autofree char *folder = g_get_current_dir (), *location = NULL, *expected = NULL;
  GstElement *src = NEW (NULL), *other = NEW (NULL);

  assert_uri (src, "kromo:default");
  g_object_set (src, "genome-id", "of nothing", NULL);
  assert_uri (src, "kromo:default");

  g_object_set (src, "location", "/a/\xff \xc3\xa6.sqlite", "genome-id", "a b/#?\xe6", NULL);
  assert_uri (src, "kromo:///a/%FF%20%C3%A6.sqlite#a%20b%2F%23%3F%E6");
  set_uri (other, "kromo:///a/%FF%20%C3%A6.sqlite#a%20b%2F%23%3F%E6");
  g_object_get (other, "location", &location, NULL);
  fail_unless_equals_string (location, "/a/\xff \xc3\xa6.sqlite");

  g_object_set (src, "location", "../a.json", "genome-id", NULL, NULL);
  g_clear_pointer (&location, g_free);
  location = g_canonicalize_filename ("../a.json", folder);
  expected = g_strconcat ("kromo://", location, NULL);
  assert_uri (src, expected);

  /* nothing that a URI could name */
  g_object_set (src, "location", "", NULL);
  assert_uri (src, NULL);
  g_object_set (src, "location", "/", NULL);
  assert_uri (src, NULL);
  g_object_set (src, "genome", "{}", NULL);
  assert_uri (src, NULL);
  g_object_set (src, "seed", G_GUINT64_CONSTANT (7), "duration", G_GUINT64_CONSTANT (1), NULL);
  assert_uri (src, "kromo:random?seed=7&duration=0.000000001");
  gst_object_unref (src);
  gst_object_unref (other);
}
GST_END_TEST

/* What is accepted has a URI that says the same; nothing crashes. */
GST_START_TEST (test_mutations)
{
  static const char pieces[] = "kromo:/?#&=%.,;+-0123456789aeEfFxX\xff \n";
  g_autoptr (GRand) random = g_rand_new_with_seed (20);
  GstElement *src = NEW (NULL), *other = NEW (NULL);
  guint i, k, n_accepted = 0;

  for (i = 0; i < 20000; i++) {
    g_autoptr (GString) uri = g_string_new (accepted[i % G_N_ELEMENTS (accepted)].uri);
    g_autofree char *canonical = NULL;

    for (k = g_rand_int_range (random, 1, 4); k > 0; k--) {
      gsize at = g_rand_int_range (random, 6, (gint) uri->len + 1);

      if (g_rand_boolean (random) && at < uri->len)
        g_string_erase (uri, at, 1);
      else
        g_string_insert_c (uri, at, pieces[g_rand_int_range (random, 0, (gint) sizeof pieces - 1)]);
    }
    if (!gst_uri_handler_set_uri (GST_URI_HANDLER (src), uri->str, NULL))
      continue;
    n_accepted++;
    canonical = get_uri (src);
    fail_unless (canonical != NULL, "%s", uri->str);
    gst_object_unref (other);
    other = NEW (NULL);
    set_uri (other, canonical);
    assert_uri (other, canonical);
  }
  fail_unless (n_accepted > 1000 && n_accepted < 19000, "%u", n_accepted);
  gst_object_unref (src);
  gst_object_unref (other);
}
GST_END_TEST

/* ---- playing ---- */

GST_START_TEST (test_state)
{
  Rig *rig = rig_new (make_src (NULL, NULL), NULL);
  GError *error = NULL;
  Capture *capture;

  set_uri (rig->src, "kromo:default?duration=0.1");
  fail_unless (rig_start (rig, GST_STATE_READY));
  set_uri (rig->src, "kromo:default?duration=0.2");
  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (rig->src), "kromo:///a", &error));
  fail_unless (g_error_matches (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE));
  fail_unless (strstr (error->message, "READY") != NULL, "%s", error->message);
  g_error_free (error);
  assert_uri (rig->src, "kromo:default?duration=0.2");
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  capture = rig_stop (rig);
  fail_unless_equals_uint64 (capture_frames (capture), 9600);
  set_uri (rig->src, "kromo:///a");
  rig_free (rig);
  capture_free (capture);
}
GST_END_TEST

static GstElement *
make_from_uri (const char *uri)
{
  GError *error = NULL;
  GstElement *src = gst_element_make_from_uri (GST_URI_SRC, uri, NULL, &error);

  fail_unless (src != NULL, "%s", error ? error->message : "no error");

  return src;
}

static guint64
count_frames (const char *path, const char *query)
{
  g_autofree char *uri = g_strconcat ("kromo://", path, query, NULL);
  Capture *capture = capture_run (make_from_uri (uri), NULL);
  guint64 frames = capture_frames (capture);

  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  capture_free (capture);

  return frames;
}

/* The file says 2.5 s. What the URI says counts as set by the user, even when it is the default. */
GST_START_TEST (test_metadata)
{
  g_autofree char *path = data_path ("tone.json");

  fail_unless_equals_uint64 (count_frames (path, ""), 4 * 48000);
  fail_unless_equals_uint64 (count_frames (path, "?use-metadata=yes"), 120000);
  fail_unless_equals_uint64 (count_frames (path, "?duration=4&use-metadata=1"), 4 * 48000);
  fail_unless_equals_uint64 (count_frames (path, "?use-metadata=1&velocity=1"), 120000);
}
GST_END_TEST

GST_START_TEST (test_make_from_uri)
{
  GstElement *src = GST_ELEMENT (gst_object_ref_sink (make_from_uri ("kromo:random?seed=9")));
  GstElementFactory *factory = gst_element_get_factory (src);
  GError *error = NULL;

  fail_unless_equals_string (GST_OBJECT_NAME (factory), "kromosrc");
  fail_unless_equals_uint64 (get_uint64 (src, "seed"), 9);
  fail_unless (gst_uri_protocol_is_supported (GST_URI_SRC, "kromo"));
  fail_if (gst_uri_protocol_is_supported (GST_URI_SINK, "kromo"));
  /* With a higher rank, autoaudiosrc would take it for a microphone. */
  fail_unless_equals_int (
      gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (factory)), GST_RANK_NONE);
  gst_object_unref (src);

  fail_unless (
      gst_element_make_from_uri (GST_URI_SRC, "kromo:default?velocity=2", NULL, &error) == NULL);
  fail_unless (g_error_matches (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI));
  fail_unless (strstr (error->message, "from 0 to 1") != NULL, "%s", error->message);
  g_error_free (error);
}
GST_END_TEST

static GstPadProbeReturn
on_data (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Capture *capture = user_data;
  GstMapInfo map;
  GstCaps *caps;

  if (GST_IS_BUFFER (info->data)) {
    fail_unless (gst_buffer_map (info->data, &map, GST_MAP_READ));
    g_byte_array_append (capture->data, map.data, (guint) map.size);
    gst_buffer_unmap (info->data, &map);
  } else if (GST_EVENT_TYPE (info->data) == GST_EVENT_CAPS) {
    gst_event_parse_caps (info->data, &caps);
    gst_caps_replace (&capture->caps, caps);
  }

  return GST_PAD_PROBE_OK;
}

static GstElement *
make_sink (Capture *capture)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstPad *pad = gst_element_get_static_pad (sink, "sink");

  g_object_set (sink, "sync", FALSE, NULL);
  gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_data, capture, NULL);
  gst_object_unref (pad);

  return sink;
}

static void
on_pad (GstElement *player, GstPad *pad, GstElement *sink)
{
  GstPad *peer = gst_element_get_static_pad (sink, "sink");

  fail_unless (gst_pad_link (pad, peer) == GST_PAD_LINK_OK);
  gst_object_unref (peer);
}

static GstElement *
make_player (const char *name, const char *uri, Capture *capture)
{
  GstElement *player = gst_element_factory_make (name, NULL), *sink = make_sink (capture),
             *pipeline;

  fail_unless (player != NULL, "no %s", name);
  g_object_set (player, "uri", uri, NULL);
  if (GST_IS_PIPELINE (player)) {
    g_object_set (player, "audio-sink", sink, "video-sink",
        gst_element_factory_make ("fakesink", NULL), NULL);
    return player;
  }
  pipeline = gst_pipeline_new (NULL);
  gst_bin_add_many (GST_BIN (pipeline), player, sink, NULL);
  g_signal_connect (player, "pad-added", G_CALLBACK (on_pad), sink);

  return pipeline;
}

static const char *const players[] = { "uridecodebin", "uridecodebin3", "urisourcebin", "playbin",
  "playbin3" };

/* They play to the end, and give kromosrc's own bytes in the caps they have chosen. */
GST_START_TEST (test_player)
{
  g_autofree char *path = data_path ("tone.json"), *caps = NULL;
  g_autofree char *uri = g_strdup_printf ("kromo://%s?note-delta=-12&duration=1.5", path);
  Capture *played = capture_new (), *own;
  GstElement *pipeline = make_player (players[__i__], uri, played);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  GError *error = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message =
      gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  fail_unless (error == NULL, "%s: %s", players[__i__], error ? error->message : "");
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);

  fail_unless (played->caps != NULL);
  caps = gst_caps_to_string (played->caps);
  own = capture_run (
      make_src ("location", path, "note-delta", -12.0, "duration", 1500 * GST_MSECOND, NULL), caps);
  fail_unless_equals_int (capture_count (own, GST_MESSAGE_ERROR), 0);
  fail_unless_equals_uint64 (capture_frames (own), 3 * (guint64) own->info.rate / 2);
  fail_unless_equals_int (played->data->len, own->data->len);
  fail_unless (memcmp (played->data->data, own->data->data, own->data->len) == 0);
  capture_free (played);
  capture_free (own);
}
GST_END_TEST

/* ---- stream ids ---- */

/* From PAUSED, where the stream has begun. */
static char *
get_stream_id (GstElement *src)
{
  Rig *rig = rig_new (src, NULL);
  Capture *capture = rig->capture;
  const char *id = NULL;
  char *copy;
  guint i;

  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  for (i = 0; i < capture->events->len; i++) {
    GstEvent *event = g_ptr_array_index (capture->events, i);

    if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START) {
      fail_unless (id == NULL);
      gst_event_parse_stream_start (event, &id);
    }
  }
  fail_unless (id != NULL);
  copy = g_strdup (id);
  rig_stop (rig);
  rig_free (rig);
  capture_free (capture);

  return copy;
}

GST_START_TEST (test_stream_id)
{
  g_autofree char *path = data_path ("tone.json"), *text = NULL;
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint i;

  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  for (i = 0; i < 2; i++) {
    g_hash_table_add (ids, get_stream_id (make_src (NULL, NULL)));
    g_hash_table_add (ids, get_stream_id (make_src ("seed", G_GUINT64_CONSTANT (1), NULL)));
    g_hash_table_add (ids, get_stream_id (make_src ("seed", G_GUINT64_CONSTANT (2), NULL)));
    g_hash_table_add (ids, get_stream_id (make_src ("location", path, NULL)));
    g_hash_table_add (ids, get_stream_id (make_src ("location", path, "velocity", 0.5, NULL)));
    /* how it is delivered is not what is delivered */
    g_hash_table_add (ids, get_stream_id (make_src ("location", path, "adaptive", FALSE, NULL)));
  }
  fail_unless_equals_int (g_hash_table_size (ids), 5);

  /* no URI, no lasting id */
  g_hash_table_add (ids, get_stream_id (make_src ("genome", text, NULL)));
  g_hash_table_add (ids, get_stream_id (make_src ("genome", text, NULL)));
  fail_unless_equals_int (g_hash_table_size (ids), 7);
}
GST_END_TEST

GST_START_TEST (test_two_sources)
{
  GstElement *pipeline = gst_parse_launch ("kromosrc name=a ! fakesink name=x "
                                           "kromosrc name=b note-delta=1 ! fakesink name=y",
      NULL);
  static const char *const sinks[] = { "x", "y" };
  char *ids[2];
  guint i;

  fail_unless (pipeline != NULL);
  fail_if (gst_element_set_state (pipeline, GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE);
  fail_unless (
      gst_element_get_state (pipeline, NULL, NULL, 60 * GST_SECOND) == GST_STATE_CHANGE_SUCCESS);
  for (i = 0; i < 2; i++) {
    GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), sinks[i]);
    GstPad *pad = gst_element_get_static_pad (sink, "sink");

    ids[i] = gst_pad_get_stream_id (pad);
    gst_object_unref (pad);
    gst_object_unref (sink);
  }
  fail_unless (ids[0] && ids[1] && !g_str_equal (ids[0], ids[1]));
  g_free (ids[0]);
  g_free (ids[1]);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}
GST_END_TEST

static Suite *
uri_suite (void)
{
  Suite *suite = suite_create ("kromosrc-uri");
  TCase *tcase = tcase_create ("uri");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, test_accepted, 0, G_N_ELEMENTS (accepted));
  tcase_add_loop_test (tcase, test_rejected, 0, G_N_ELEMENTS (rejected));
  tcase_add_test (tcase, test_odd_errors);
  tcase_add_test (tcase, test_durations);
  tcase_add_test (tcase, test_comma_locale);
  tcase_add_test (tcase, test_leaves_the_rest);
  tcase_add_test (tcase, test_from_properties);
  tcase_add_test (tcase, test_mutations);
  tcase_add_test (tcase, test_state);
  tcase_add_test (tcase, test_metadata);
  tcase_add_test (tcase, test_make_from_uri);
  tcase_add_loop_test (tcase, test_player, 0, G_N_ELEMENTS (players));
  tcase_add_test (tcase, test_stream_id);
  tcase_add_test (tcase, test_two_sources);

  return suite;
}

GST_CHECK_MAIN (uri)
