/* kromosrc: when memory runs out it says so and stops, and the next start plays
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#include "../failing-memory.h"

#define LARGE (256 * 1024)
#define MAX_BLOCKS 100

/* 48 MB a second, so that every chunk is large. */
#define CAPS "audio/x-raw, rate=96000, channels=8, format=F64LE"

typedef struct {
  GstElement *pipeline, *src;
  GChecksum *sum;
  char *text; /* of all that came */
  GError *error;
} Play;

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Play *play = user_data;
  GstMapInfo map;

  fail_unless (gst_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), &map, GST_MAP_READ));
  g_checksum_update (play->sum, map.data, (gssize) map.size);
  gst_buffer_unmap (GST_PAD_PROBE_INFO_BUFFER (info), &map);

  return GST_PAD_PROBE_OK;
}

static Play *
play_new (void)
{
  Play *play = g_new0 (Play, 1);
  g_autofree char *location = g_build_filename (
      g_getenv ("KROMO_TEST_DATA"), "parity", "genomes", "t20_convolver.json.gz", NULL);
  g_autoptr (GstCaps) caps = gst_caps_from_string (CAPS);
  GstElement *filter = gst_element_factory_make ("capsfilter", NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

  play->sum = g_checksum_new (G_CHECKSUM_SHA256);
  play->pipeline = gst_pipeline_new (NULL);
  play->src = make_src ("location", location, "duration", 600 * GST_MSECOND, "adaptive", FALSE,
      "chunk-duration", 200 * GST_MSECOND, "checkpoint-memory", (guint64) 8 << 20, NULL);
  g_object_set (filter, "caps", caps, NULL);
  gst_bin_add_many (GST_BIN (play->pipeline), play->src, filter, sink, NULL);
  fail_unless (gst_element_link_many (play->src, filter, sink, NULL));
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, play, NULL);

  return play;
}

static void
play_free (Play *play)
{
  gst_object_unref (play->pipeline);
  g_checksum_free (play->sum);
  g_clear_error (&play->error);
  g_free (play->text);
  g_free (play);
}

/* Plays it all, once. Returns: how many large blocks were asked for */
static guint
play_run (Play *play, guint n, gboolean lasting)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (play->pipeline);
  GstMessage *message;
  guint n_asked;

  g_checksum_reset (play->sum);
  g_clear_error (&play->error);
  g_clear_pointer (&play->text, g_free);
  test_memory_fail (n, lasting, LARGE);
  gst_element_set_state (play->pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    fail_unless (GST_MESSAGE_SRC (message) == GST_OBJECT (play->src));
    gst_message_parse_error (message, &play->error, NULL);
  }
  gst_message_unref (message);
  gst_element_set_state (play->pipeline, GST_STATE_NULL);
  n_asked = test_memory_count ();
  test_memory_fail (0, FALSE, G_MAXSIZE);
  play->text = g_strdup (g_checksum_get_string (play->sum));

  return n_asked;
}

/* Whether a run with block @n refused fails, with the right error; if not, with the right samples. */
static gboolean
fails (guint n, gboolean lasting, const char *expected, guint *n_asked)
{
  Play *play = play_new ();
  gboolean failed;

  *n_asked = play_run (play, n, lasting);
  failed = play->error != NULL;
  if (failed)
    fail_unless (
        g_error_matches (play->error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT),
        "block %u: %s", n, play->error->message);
  else
    fail_unless_equals_string (play->text, expected);

  /* Then there is memory again. */
  play_run (play, 0, FALSE);
  fail_unless (play->error == NULL);
  fail_unless_equals_string (play->text, expected);
  play_free (play);

  return failed;
}

/* What is lost grows each time; what GStreamer makes once does not. */
static void
assert_nothing_lost (guint n, gboolean lasting, const char *expected)
{
  guint i, n_asked;

  for (i = 0; i < 10; i++) {
    gint before = test_memory_in_use ();

    fails (n, lasting, expected, &n_asked);
    if (test_memory_in_use () <= before)
      return;
  }
  fail ("something is lost where large block %u is refused", n);
}

static void
refuse_each (gboolean lasting)
{
  Play *play = play_new ();
  g_autofree char *expected = NULL;
  guint n, n_asked, n_failed = 0;

  play_run (play, 0, FALSE);
  fail_unless (play->error == NULL);
  expected = g_strdup (play->text);
  play_free (play);

  for (n = 1; n < MAX_BLOCKS; n++) {
    if (fails (n, lasting, expected, &n_asked)) {
      n_failed++;
      assert_nothing_lost (n, lasting, expected);
    }
    if (n_asked < n)
      break;
  }
  /* The renderer, the scratch of a chunk, and each chunk's buffer. */
  fail_unless (n < MAX_BLOCKS && n_failed >= 5, "%u of %u", n_failed, n);
}

GST_START_TEST (test_one)
{
  refuse_each (FALSE);
}

GST_END_TEST;

GST_START_TEST (test_all)
{
  refuse_each (TRUE);
}

GST_END_TEST;

static Suite *
no_memory_suite (void)
{
  Suite *suite = suite_create ("no-memory");
  TCase *tcase = tcase_create ("general");

  suite_add_tcase (suite, tcase);
  if (!test_memory_can_fail ())
    return suite;
  tcase_add_test (tcase, test_one);
  tcase_add_test (tcase, test_all);

  return suite;
}

GST_CHECK_MAIN (no_memory);
