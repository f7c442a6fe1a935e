/* kromodec: genome files play like any media file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#include <gst/check/gstharness.h>
#include <string.h>

#define CAPS "application/x-kromosynth-genome"
#define STREAM_DECODE GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE

static char *
genome_path (const char *name)
{
  return g_build_filename (g_getenv ("KROMO_TEST_DATA"), "parity", "genomes", name, NULL);
}

static char *
other_path (const char *name)
{
  return g_build_filename (g_getenv ("KROMO_TEST_DATA"), "gst", name, NULL);
}

/* A bin with a src pad; in the description $path and $uri stand for the file. */
static GstElement *
make_bin (const char *description, const char *path)
{
  g_autofree char *real = g_canonicalize_filename (path, NULL);
  g_autofree char *uri = g_filename_to_uri (real, NULL, NULL);
  g_autoptr (GString) text = g_string_new (description);
  GError *error = NULL;
  GstElement *bin;
  GstPad *pad;

  g_string_replace (text, "$path", real, 0);
  g_string_replace (text, "$uri", uri, 0);
  bin = gst_parse_bin_from_description (text->str, FALSE, &error);
  fail_unless (bin && !error, "%s: %s", text->str, error ? error->message : "");
  pad = gst_bin_find_unlinked_pad (GST_BIN (bin), GST_PAD_SRC);
  if (pad) {
    gst_element_add_pad (bin, gst_ghost_pad_new ("src", pad));
    gst_object_unref (pad);
  }

  return bin;
}

static Capture *
run_straight (const char *path)
{
  Capture *capture = capture_run (make_src ("location", path, NULL), NULL);

  fail_unless (capture->eos);
  fail_unless_equals_uint64 (capture_frames (capture), 4 * 48000);

  return capture;
}

static void
assert_same (const Capture *capture, const Capture *straight)
{
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_WARNING), 0);
  fail_unless (capture->eos);
  fail_unless (gst_caps_is_equal (capture->caps, straight->caps));
  fail_unless_equals_uint64 (capture->data->len, straight->data->len);
  assert_same_bytes (capture, straight, 0);
}

static const char *const ways[] = {
  "filesrc location=$path ! kromodec",
  "filesrc location=$path ! decodebin ! identity",
  "filesrc location=$path ! decodebin3 ! identity",
  "filesrc location=$path ! queue ! decodebin ! identity",
  "pushfilesrc location=$path ! decodebin ! identity",
  "uridecodebin uri=$uri ! identity",
  "uridecodebin3 uri=$uri ! identity",
};

GST_START_TEST (test_ways)
{
  g_autofree char *gzipped = genome_path ("t36_fm.json.gz");
  g_autofree char *plain = other_path ("tone.json");
  const char *const paths[] = { gzipped, plain };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (paths); i++) {
    Capture *straight = run_straight (paths[i]);
    Capture *capture = capture_run (make_bin (ways[__i__], paths[i]), NULL);

    assert_same (capture, straight);
    capture_free (capture);
    capture_free (straight);
  }
}
GST_END_TEST

static void
on_handoff (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer user_data)
{
  GByteArray *data = user_data;
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_byte_array_append (data, map.data, (guint) map.size);
  gst_buffer_unmap (buffer, &map);
}

static const char *const players[] = { "playbin", "playbin3" };

GST_START_TEST (test_players)
{
  g_autofree char *path = genome_path ("t36_fm.json.gz");
  g_autofree char *real = g_canonicalize_filename (path, NULL);
  g_autofree char *uri = g_filename_to_uri (real, NULL, NULL);
  g_autoptr (GByteArray) data = g_byte_array_new ();
  GstElement *player = gst_element_factory_make (players[__i__], NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstElement *video = gst_element_factory_make ("fakesink", NULL);
  Capture *straight = run_straight (path);
  GstMessage *message;
  GstBus *bus;
  guint i;

  g_object_set (sink, "signal-handoffs", TRUE, NULL);
  g_signal_connect (sink, "handoff", G_CALLBACK (on_handoff), data);
  g_object_set (player, "uri", uri, "audio-sink", sink, "video-sink", video, NULL);
  bus = gst_element_get_bus (player);
  for (i = 0; i < 2; i++) {
    g_byte_array_set_size (data, 0);
    gst_element_set_state (player, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered (
        bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
    gst_message_unref (message);
    gst_element_set_state (player, GST_STATE_READY);
    fail_unless_equals_int (data->len, straight->data->len);
    fail_unless (memcmp (data->data, straight->data->data, data->len) == 0);
  }
  gst_element_set_state (player, GST_STATE_NULL);

  gst_object_unref (bus);
  gst_object_unref (player);
  capture_free (straight);
}
GST_END_TEST

#define OTHER_CAPS "audio/x-raw,format=S16LE,rate=22050,channels=2"

static const char *const formats[] = {
  "filesrc location=$path ! kromodec",
  "filesrc location=$path ! decodebin ! capsfilter caps=" OTHER_CAPS,
};

/* decodebin's pads are linked when the first caps have been sent. */
GST_START_TEST (test_caps)
{
  g_autofree char *path = other_path ("tone.json");
  Capture *straight = capture_run (make_src ("location", path, NULL), OTHER_CAPS);
  Capture *capture = capture_run (make_bin (formats[__i__], path), OTHER_CAPS);

  assert_same (capture, straight);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

/* The source can be set up from the beginning, as a child; but a file is not live. */
GST_START_TEST (test_child)
{
  g_autofree char *path = other_path ("tone.json");
  Capture *straight = capture_run (
      make_src ("location", path, "duration", GST_SECOND, "note-delta", -12.0, NULL), NULL);
  GstElement *bin = make_bin ("filesrc location=$path ! kromodec name=decoder", path);
  GstElement *decoder = gst_bin_get_by_name (GST_BIN (bin), "decoder");
  GObject *source = gst_child_proxy_get_child_by_name (GST_CHILD_PROXY (decoder), "source");
  Capture *capture;

  fail_unless (source != NULL);
  fail_unless_equals_int (GST_STATE (source), GST_STATE_NULL);
  gst_child_proxy_set (GST_CHILD_PROXY (decoder), "source::duration", GST_SECOND,
      "source::note-delta", -12.0, "source::is-live", TRUE, NULL);
  g_object_unref (source);
  gst_object_unref (decoder);
  capture = capture_run (bin, NULL);
  assert_same (capture, straight);
  fail_unless_equals_uint64 (capture_frames (capture), 48000);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

static gboolean
seek (GstElement *element, GstClockTime start, GstClockTime stop)
{
  return gst_element_seek (element, 1.0, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET, (gint64) start,
      stop == GST_CLOCK_TIME_NONE ? GST_SEEK_TYPE_NONE : GST_SEEK_TYPE_SET, (gint64) stop);
}

/* Seeks once it is there, and back once it has ended. */
GST_START_TEST (test_seek)
{
  g_autofree char *path = genome_path ("t36_fm.json.gz");
  Capture *straight = run_straight (path), *capture;
  Rig *rig = rig_new (make_bin (ways[__i__], path), NULL);
  gint64 duration = 0, position = -1;

  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  fail_unless (gst_element_query_duration (rig->pipeline, GST_FORMAT_TIME, &duration));
  fail_unless_equals_uint64 (duration, 4 * GST_SECOND);
  fail_unless (seek (rig->pipeline, 2500 * GST_MSECOND, GST_CLOCK_TIME_NONE));
  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  fail_unless (gst_element_query_position (rig->pipeline, GST_FORMAT_TIME, &position));
  fail_unless_equals_uint64 (position, 2500 * GST_MSECOND);
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  fail_unless_equals_uint64 (capture_frames (rig->capture), 72000);
  assert_same_bytes (rig->capture, straight, 120000);

  fail_unless (seek (rig->pipeline, GST_SECOND, 2 * GST_SECOND));
  rig_wait (rig);
  capture = rig_stop (rig);
  fail_unless_equals_uint64 (capture_frames (capture), 48000);
  assert_same_bytes (capture, straight, 48000);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  rig_free (rig);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

static GstBuffer *
read_file (const char *path)
{
  char *contents;
  gsize size;

  fail_unless (g_file_get_contents (path, &contents, &size, NULL), "%s", path);

  return gst_buffer_new_wrapped (contents, size);
}

/* In buffers of @step bytes; up to the last but one if not @all. */
static void
push_document (GstHarness *h, const char *path, gsize step, gboolean all)
{
  GstBuffer *document = read_file (path);
  gsize size = gst_buffer_get_size (document), i;

  for (i = 0; i < size - (all ? 0 : step); i += step)
    fail_unless_equals_int (
        gst_harness_push (
            h, gst_buffer_copy_region (document, GST_BUFFER_COPY_ALL, i, MIN (step, size - i))),
        GST_FLOW_OK);
  gst_buffer_unref (document);
}

/* All that comes out until it ends. */
static Capture *
pull_all (GstHarness *h, const Capture *straight)
{
  Capture *capture = capture_new ();
  GstEvent *event;
  GstBuffer *buffer;
  GstMapInfo map;

  while (!capture->eos) {
    event = gst_harness_pull_event (h);
    fail_unless (event != NULL);
    capture->eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  while ((buffer = gst_harness_try_pull (h))) {
    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    g_byte_array_append (capture->data, map.data, (guint) map.size);
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  capture->info = straight->info;

  return capture;
}

/* The document comes in any pieces; what came before a flush does not count; a seek before its end is
 * where the sound begins. */
GST_START_TEST (test_pieces)
{
  g_autofree char *path = genome_path ("t36_fm.json.gz");
  Capture *straight = run_straight (path), *capture;
  guint64 start = __i__ == 2 ? 48000 : 0;
  GstHarness *h = gst_harness_new ("kromodec");
  GstSegment segment;

  gst_harness_set_src_caps_str (h, CAPS);
  gst_harness_set_sink_caps_str (h, "audio/x-raw, rate=48000, channels=1, format=F32LE");
  if (__i__ == 1) {
    push_document (h, path, 100, FALSE);
    fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
    fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
    gst_segment_init (&segment, GST_FORMAT_BYTES);
    fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
  }
  push_document (h, path, 7, TRUE);
  if (__i__ == 2)
    fail_unless (gst_harness_push_upstream_event (h,
        gst_event_new_seek (1.0, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET,
            GST_SECOND, GST_SEEK_TYPE_NONE, -1)));
  fail_unless_equals_int (gst_harness_buffers_received (h), 0);
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  /* and nothing after the end */
  fail_unless_equals_int (
      gst_harness_push (h, gst_buffer_new_allocate (NULL, 1, NULL)), GST_FLOW_EOS);

  capture = pull_all (h, straight);
  fail_unless_equals_uint64 (capture_frames (capture), 4 * 48000 - start);
  assert_same_bytes (capture, straight, start);
  gst_harness_teardown (h);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

static const struct {
  const char *way, *file, *text;
} errors[] = {
  { "filesrc location=$path ! kromodec", "unknown-function.json", "SineX" },
  { "filesrc location=$path ! decodebin ! identity", "unknown-function.json", "SineX" },
  { "filesrc location=$path ! decodebin3 ! identity", "unknown-function.json", "SineX" },
  { "uridecodebin uri=$uri ! identity", "unknown-function.json", "SineX" },
  { "uridecodebin3 uri=$uri ! identity", "unknown-function.json", "SineX" },
  { "filesrc location=$path ! kromodec", "no-patch.json", "asNEATPatch" },
  { "filesrc location=$path ! kromodec", "not-json.json", "not JSON" },
  { "filesrc location=$path num-buffers=0 ! kromodec", "tone.json", "empty" },
  { "filesrc location=$path blocksize=500 num-buffers=1 ! kromodec",
      "../parity/genomes/t36_fm.json.gz", "incomplete gzip" },
  { "fakesrc num-buffers=1 sizetype=fixed sizemax=10 filltype=zero ! kromodec", "", "zero byte" },
  { "fakesrc num-buffers=40 sizetype=fixed sizemax=1048576 ! kromodec", "", "larger than 32 MiB" },
  { "fakesrc num-buffers=4 sizetype=fixed sizemax=1000000000 filltype=nothing ! kromodec", "",
      "larger than 32 MiB" },
};

GST_START_TEST (test_errors)
{
  g_autofree char *path = other_path (errors[__i__].file);
  Rig *rig = rig_new (make_bin (errors[__i__].way, path), NULL);
  Capture *capture;

  gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
  rig_wait (rig);
  capture = rig_stop (rig);
  rig_free (rig);
  assert_one_error (capture, STREAM_DECODE, errors[__i__].text);
  capture_free (capture);
}
GST_END_TEST

typedef struct {
  GstElement *dec;
  GThread *thread;
  gint n_errors; /* atomic */
} Impatience;

static gpointer
play_now (gpointer dec)
{
  gst_element_set_state (dec, GST_STATE_PLAYING);

  return NULL;
}

/* In the thread that starts the sound; the other one waits for it as soon as it has begun. */
static GstBusSyncReply
play_at_error (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Impatience *impatience = user_data;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return GST_BUS_PASS;
  if (g_atomic_int_add (&impatience->n_errors, 1) == 0) {
    impatience->thread = g_thread_new ("impatient", play_now, impatience->dec);
    while (GST_STATE_TARGET (impatience->dec) != GST_STATE_PLAYING)
      g_thread_yield ();
  }

  return GST_BUS_PASS;
}

/* The state of all changes in another thread while the sound begins: it is not tried twice. */
GST_START_TEST (test_error_while_state_changes)
{
  g_autofree char *path = other_path ("unknown-function.json");
  Rig *rig = rig_new (make_bin ("filesrc location=$path ! kromodec name=dec", path), NULL);
  Impatience impatience = { gst_bin_get_by_name (GST_BIN (rig->src), "dec"), NULL, 0 };
  GstBus *bus = gst_element_get_bus (rig->pipeline);

  gst_bus_set_sync_handler (bus, play_at_error, &impatience, NULL);
  gst_element_set_state (rig->pipeline, GST_STATE_PAUSED);
  rig_wait (rig);
  g_thread_join (impatience.thread);
  capture_free (rig_stop (rig));
  fail_unless_equals_int (impatience.n_errors, 1);

  gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  gst_object_unref (bus);
  gst_object_unref (impatience.dec);
  rig_free (rig);
}
GST_END_TEST

static void
run_again (Rig *rig)
{
  g_byte_array_set_size (rig->capture->data, 0);
  g_ptr_array_set_size (rig->capture->messages, 0);
  rig->capture->eos = FALSE;
  gst_element_set_state (rig->pipeline, GST_STATE_PLAYING);
  rig_wait (rig);
  rig_stop (rig);
}

/* PAUSED->READY forgets everything, also what has failed. */
GST_START_TEST (test_reuse)
{
  g_autofree char *path = genome_path ("t36_fm.json.gz");
  g_autofree char *broken = other_path ("unknown-function.json");
  Capture *straight = run_straight (path);
  Rig *rig = rig_new (make_bin ("filesrc name=file location=$path ! kromodec", path), NULL);
  GstElement *file = gst_bin_get_by_name (GST_BIN (rig->pipeline), "file");
  guint i;

  for (i = 0; i < 2; i++) {
    run_again (rig);
    assert_same (rig->capture, straight);
    /* once cut short in PAUSED */
    fail_unless (rig_start (rig, GST_STATE_PAUSED));
    rig_stop (rig);

    g_object_set (file, "location", broken, NULL);
    run_again (rig);
    fail_unless_equals_int (capture_count (rig->capture, GST_MESSAGE_ERROR), 1);
    g_object_set (file, "location", path, NULL);
  }
  run_again (rig);
  assert_same (rig->capture, straight);

  gst_object_unref (file);
  capture_free (rig->capture);
  rig_free (rig);
  capture_free (straight);
}
GST_END_TEST

/* What has failed does not fail again when the state changes. */
GST_START_TEST (test_one_error)
{
  g_autofree char *path = other_path ("unknown-function.json");
  GstHarness *h = gst_harness_new ("kromodec");
  GstBus *bus = gst_bus_new ();
  GstMessage *message;

  gst_element_set_bus (h->element, bus);
  gst_harness_set_src_caps_str (h, CAPS);
  push_document (h, path, 100, TRUE);
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);
  fail_unless_equals_int (
      gst_element_set_state (h->element, GST_STATE_PAUSED), GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (
      gst_element_set_state (h->element, GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);

  gst_bus_set_flushing (bus, TRUE);
  gst_harness_teardown (h);
  gst_object_unref (bus);
}
GST_END_TEST

/* The sound is upstream's stream, and has upstream's tags besides its own. */
GST_START_TEST (test_stream)
{
  g_autofree char *path = other_path ("tone.json");
  Rig *rig = rig_new (
      make_bin ("filesrc name=file location=$path ! taginject tags=\"artist=Someone,title=Other\" "
                "! kromodec",
          path),
      NULL);
  GstElement *file = gst_bin_get_by_name (GST_BIN (rig->pipeline), "file");
  GstPad *pad = gst_element_get_static_pad (file, "src");
  guint group = 0, upstream_group = 1, i, n_starts = 0;
  g_autofree char *id = NULL, *artist = NULL, *title = NULL;
  GstEvent *upstream;
  Capture *capture;

  fail_unless (rig_start (rig, GST_STATE_PAUSED));
  id = gst_pad_get_stream_id (pad);
  upstream = gst_pad_get_sticky_event (pad, GST_EVENT_STREAM_START, 0);
  fail_unless (id && upstream);
  fail_unless (gst_event_parse_group_id (upstream, &upstream_group));
  capture = rig_stop (rig);
  for (i = 0; i < capture->events->len; i++) {
    GstEvent *event = g_ptr_array_index (capture->events, i);
    GstTagList *tags;
    const char *own;

    if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START) {
      gst_event_parse_stream_start (event, &own);
      fail_unless_equals_string (own, id);
      fail_unless (gst_event_parse_group_id (event, &group));
      fail_unless_equals_int (group, upstream_group);
      n_starts++;
    } else if (GST_EVENT_TYPE (event) == GST_EVENT_TAG) {
      gst_event_parse_tag (event, &tags);
      g_free (g_steal_pointer (&artist));
      g_free (g_steal_pointer (&title));
      gst_tag_list_get_string (tags, GST_TAG_ARTIST, &artist);
      gst_tag_list_get_string (tags, GST_TAG_TITLE, &title);
    }
  }
  fail_unless_equals_int (n_starts, 1);
  fail_unless_equals_string (artist, "Someone");
  fail_unless (title && !g_str_equal (title, "Other"));

  gst_event_unref (upstream);
  gst_object_unref (pad);
  gst_object_unref (file);
  rig_free (rig);
  capture_free (capture);
}
GST_END_TEST

static Suite *
decoder_suite (void)
{
  Suite *suite = suite_create ("decoder");
  TCase *tcase = tcase_create ("play");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, test_ways, 0, G_N_ELEMENTS (ways));
  tcase_add_loop_test (tcase, test_players, 0, G_N_ELEMENTS (players));
  tcase_add_loop_test (tcase, test_caps, 0, G_N_ELEMENTS (formats));
  tcase_add_test (tcase, test_child);
  tcase_add_loop_test (tcase, test_seek, 0, G_N_ELEMENTS (ways));
  tcase_add_loop_test (tcase, test_pieces, 0, 3);
  tcase_add_loop_test (tcase, test_errors, 0, G_N_ELEMENTS (errors));
  tcase_add_test (tcase, test_error_while_state_changes);
  tcase_add_test (tcase, test_reuse);
  tcase_add_test (tcase, test_one_error);
  tcase_add_test (tcase, test_stream);

  return suite;
}

GST_CHECK_MAIN (decoder)
