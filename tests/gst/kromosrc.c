/* kromosrc: caps, length, time, chunks, states
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#include <gst/base/gstbasesrc.h>
#include <gst/check/gstharness.h>
#include <string.h>

static void
assert_fixated (const char *filter, const char *expected)
{
  Capture *capture =
      capture_run (make_src ("duration", 100 * GST_MSECOND, "num-buffers", 1, NULL), filter);
  GstCaps *caps = gst_caps_from_string (expected);
  g_autofree char *got = gst_caps_to_string (capture->caps);

  fail_unless (gst_caps_is_equal (capture->caps, caps), "%s gave %s", filter, got);
  gst_caps_unref (caps);
  capture_free (capture);
}

GST_START_TEST (test_fixation)
{
#define MONO ", layout=interleaved, rate=48000, channels=1"
  assert_fixated (NULL, "audio/x-raw, format=" GST_AUDIO_NE (F32) MONO);
  assert_fixated ("audio/x-raw, format={ S16LE, S32LE }", "audio/x-raw, format=S16LE" MONO);
  assert_fixated ("audio/x-raw, rate=[ 8000, 44100 ]",
      "audio/x-raw, format=" GST_AUDIO_NE (F32) ", layout=interleaved, rate=44100, channels=1");
  assert_fixated ("audio/x-raw, rate=[ 96000, 192000 ], channels=[ 2, 8 ]",
      "audio/x-raw, format=" GST_AUDIO_NE (F32) ", layout=interleaved, rate=96000, channels=2");
  assert_fixated ("audio/x-raw, layout=non-interleaved",
      "audio/x-raw, format=" GST_AUDIO_NE (F32) ", layout=non-interleaved, rate=48000, channels=1");
  assert_fixated ("audio/x-raw, channels=6",
      "audio/x-raw, format=" GST_AUDIO_NE (F32) ", layout=interleaved, rate=48000, channels=6, "
                                                "channel-mask=(bitmask)0x3f");
  assert_fixated ("audio/x-raw, channels=8, channel-mask=(bitmask)0xff",
      "audio/x-raw, format=" GST_AUDIO_NE (F32) ", layout=interleaved, rate=48000, channels=8, "
                                                "channel-mask=(bitmask)0xff");
}
GST_END_TEST

GST_START_TEST (test_template)
{
  GstElement *src = gst_object_ref_sink (make_src (NULL, NULL));
  GstPad *pad = gst_element_get_static_pad (src, "src");
  GstCaps *caps = gst_pad_get_pad_template_caps (pad);
  static const char *const inside[] = { "format=F64BE, layout=interleaved, rate=8000, channels=1",
    "format=S24LE, layout=non-interleaved, rate=192000, channels=8" };
  static const char *const outside[] = { "format=U8, layout=interleaved, rate=8000, channels=1",
    "format=S16LE, layout=interleaved, rate=7999, channels=1",
    "format=S16LE, layout=interleaved, rate=192001, channels=1",
    "format=S16LE, layout=interleaved, rate=48000, channels=9" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (inside) + G_N_ELEMENTS (outside); i++) {
    gboolean in = i < G_N_ELEMENTS (inside);
    g_autofree char *text =
        g_strconcat ("audio/x-raw, ", in ? inside[i] : outside[i - G_N_ELEMENTS (inside)], NULL);
    GstCaps *one = gst_caps_from_string (text);

    fail_unless_equals_int (gst_caps_can_intersect (caps, one), in);
    gst_caps_unref (one);
  }
  gst_caps_unref (caps);
  gst_object_unref (pad);
  gst_object_unref (src);
}
GST_END_TEST

static const struct {
  guint rate;
  guint64 duration;
  guint64 frames;
} lengths[] = {
  { 48000, G_GUINT64_CONSTANT (1000000000), 48000 },
  { 44100, G_GUINT64_CONSTANT (333333333), 14700 },
  { 44100, G_GUINT64_CONSTANT (123456789), 5444 },
  { 22050, G_GUINT64_CONSTANT (777777777), 17150 },
  { 8000, G_GUINT64_CONSTANT (62500), 1 },  /* exactly half a frame rounds up */
  { 8000, G_GUINT64_CONSTANT (187499), 1 }, /* just below one and a half */
  { 8000, G_GUINT64_CONSTANT (187500), 2 },
  { 192000, G_GUINT64_CONSTANT (1000000007), 192000 },
  { 96000, G_GUINT64_CONSTANT (2000005209), 192001 },
};

GST_START_TEST (test_frame_count)
{
  guint64 duration = lengths[__i__].duration, rate = lengths[__i__].rate;
  g_autofree char *filter = g_strdup_printf ("audio/x-raw, rate=%u", (guint) rate);
  Capture *capture = capture_run (make_src ("duration", duration, NULL), filter);
  const BufferRecord *last;

  fail_unless_equals_uint64 (capture_frames (capture), lengths[__i__].frames);
  fail_unless (capture->eos);
  last = capture_buffer (capture, capture->buffers->len - 1);
  fail_unless_equals_uint64 (last->offset_end, lengths[__i__].frames);
  fail_unless_equals_uint64 (last->pts + last->duration, lengths[__i__].frames * GST_SECOND / rate);
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_timestamps)
{
  Capture *capture = capture_run (
      make_src ("adaptive", FALSE, "chunk-duration", 7 * GST_MSECOND, "duration", GST_SECOND, NULL),
      "audio/x-raw, rate=44100, channels=2, format=S16LE");
  guint64 next = 0;
  guint i;

  fail_unless_equals_int (capture->buffers->len, 143); /* 309 frames each, 142.7 of them */
  for (i = 0; i < capture->buffers->len; i++) {
    const BufferRecord *buffer = capture_buffer (capture, i);

    fail_unless_equals_uint64 (buffer->offset, next);
    next = buffer->offset_end;
    fail_unless_equals_uint64 (next - buffer->offset, i == 142 ? 44100 - 142 * 309 : 309);
    fail_unless_equals_uint64 (buffer->size, (next - buffer->offset) * 4);
    fail_unless_equals_uint64 (buffer->pts, buffer->offset * GST_SECOND / 44100);
    fail_unless_equals_uint64 (buffer->pts + buffer->duration, next * GST_SECOND / 44100);
    fail_unless_equals_int (buffer->discont, i == 0);
    fail_unless (!buffer->has_audio_meta);
  }
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_segment)
{
  Capture *capture = capture_run (make_src ("duration", GST_SECOND, NULL), NULL);
  const GstSegment *segment = NULL;
  guint i;

  for (i = 0; i < capture->events->len; i++) {
    GstEvent *event = g_ptr_array_index (capture->events, i);

    if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT) {
      fail_unless (segment == NULL);
      gst_event_parse_segment (event, &segment);
    }
  }
  fail_unless (segment != NULL);
  fail_unless_equals_int (segment->format, GST_FORMAT_TIME);
  fail_unless_equals_uint64 (segment->start, 0);
  fail_unless_equals_uint64 (segment->time, 0);
  fail_unless_equals_float (segment->rate, 1.0);
  capture_free (capture);
}
GST_END_TEST

/* The sound is no silence, and any chunks give the bytes of one that holds it all. */
GST_START_TEST (test_chunk_schedules)
{
  static const guint64 chunks[] = { 1 * GST_MSECOND, 2667 * GST_USECOND, 13 * GST_MSECOND,
    100 * GST_MSECOND, 999 * GST_MSECOND };
  const char *caps = "audio/x-raw, rate=44100, channels=2";
  Capture *whole, *capture;
  guint i, n_loud = 0;

  whole = capture_run (make_src ("adaptive", FALSE, "chunk-duration", 60 * GST_SECOND, "duration",
                           1500 * GST_MSECOND, NULL),
      caps);
  fail_unless_equals_int (whole->buffers->len, 1);
  for (i = 0; i < whole->data->len / 4; i++)
    n_loud += ABS (((float *) (gpointer) whole->data->data)[i]) > 1e-3;
  fail_unless (n_loud > 1000, "only %u samples are above 0.001", n_loud);

  for (i = 0; i < G_N_ELEMENTS (chunks); i++) {
    capture = capture_run (make_src ("adaptive", FALSE, "chunk-duration", chunks[i], "duration",
                               1500 * GST_MSECOND, NULL),
        caps);
    fail_unless (capture->buffers->len > 1);
    fail_unless_equals_uint64 (capture->data->len, whole->data->len);
    assert_same_bytes (capture, whole, 0);
    capture_free (capture);
  }
  capture = capture_run (make_src ("duration", 1500 * GST_MSECOND, NULL), caps);
  fail_unless_equals_uint64 (capture->data->len, whole->data->len);
  assert_same_bytes (capture, whole, 0);
  capture_free (capture);
  capture_free (whole);
}
GST_END_TEST

GST_START_TEST (test_adaptive_chunks)
{
  Capture *capture =
      capture_run (make_src ("duration", 10 * GST_SECOND, "min-chunk-duration", 50 * GST_MSECOND,
                       "max-chunk-duration", 400 * GST_MSECOND, NULL),
          NULL);
  guint64 before = 0;
  guint i;

  fail_unless_equals_uint64 (capture_buffer (capture, 0)->offset_end, 2400);
  for (i = 0; i + 1 < capture->buffers->len; i++) {
    const BufferRecord *buffer = capture_buffer (capture, i);
    guint64 frames = buffer->offset_end - buffer->offset;

    fail_unless (frames >= 2400 && frames <= 19200, "%" G_GUINT64_FORMAT, frames);
    fail_unless (i == 0 || frames <= 2 * before);
    before = frames;
  }
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_num_buffers)
{
  Capture *capture = capture_run (
      make_src ("num-buffers", 3, "adaptive", FALSE, "chunk-duration", 10 * GST_MSECOND, NULL),
      NULL);

  fail_unless_equals_int (capture->buffers->len, 3);
  fail_unless_equals_uint64 (capture_frames (capture), 3 * 480);
  fail_unless (capture->eos);
  capture_free (capture);
}
GST_END_TEST

/* PAUSED->READY forgets everything, so that the same sound comes again. */
GST_START_TEST (test_reuse)
{
  Rig *rig = rig_new (make_src ("duration", 700 * GST_MSECOND, NULL), NULL);
  Capture *capture = rig->capture;
  GByteArray *once;
  int i;

  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  rig_stop (rig);
  once = g_byte_array_new ();
  g_byte_array_append (once, capture->data->data, capture->data->len);
  fail_unless_equals_int (once->len, 700 * 48 * 4);

  for (i = 0; i < 2; i++) {
    g_byte_array_set_size (capture->data, 0);
    /* once cut short in PAUSED */
    fail_unless (rig_start (rig, GST_STATE_PAUSED));
    rig_stop (rig);
    g_byte_array_set_size (capture->data, 0);
    g_ptr_array_set_size (capture->messages, 0);
    fail_unless (rig_start (rig, GST_STATE_PLAYING));
    rig_wait (rig);
    rig_stop (rig);
    fail_unless_equals_int (capture->data->len, once->len);
    fail_unless (memcmp (capture->data->data, once->data, once->len) == 0);
  }
  g_byte_array_unref (once);
  rig_free (rig);
  capture_free (capture);
}
GST_END_TEST

/* A new sample rate goes on at the same time, a new format at the same sample. */
GST_START_TEST (test_renegotiation)
{
  GstHarness *h;
  GstElement *src = make_src (
      "adaptive", FALSE, "chunk-duration", 100 * GST_MSECOND, "duration", GST_SECOND, NULL);
  Capture *straight = capture_run (make_src ("adaptive", FALSE, "chunk-duration", 100 * GST_MSECOND,
                                       "duration", GST_SECOND, NULL),
      "audio/x-raw, rate=24000");
  GstBuffer *buffer;
  GstMapInfo map;
  guint i;

  h = gst_harness_new_with_element (src, NULL, "src");
  gst_object_unref (src);
  gst_harness_set_sink_caps_str (h, "audio/x-raw, rate=48000, format=" GST_AUDIO_NE (F32));
  gst_harness_use_testclock (h);
  /* nothing may be rendered ahead of what is pulled */
  gst_harness_set_blocking_push_mode (h);
  gst_harness_play (h);
  for (i = 0; i < 3; i++) {
    buffer = gst_harness_pull (h);
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), i * 4800);
    gst_buffer_unref (buffer);
  }
  gst_harness_set_sink_caps_str (h, "audio/x-raw, rate=24000, format=" GST_AUDIO_NE (F32));
  for (; i < 10; i++) {
    buffer = gst_harness_pull (h);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), i * 100 * GST_MSECOND);
    fail_unless_equals_uint64 (GST_BUFFER_DURATION (buffer), 100 * GST_MSECOND);
    /* what was on its way when the caps changed may still be in the old rate */
    if (GST_BUFFER_OFFSET (buffer) == i * 2400) {
      fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
      fail_unless_equals_int (map.size, 2400 * 4);
      fail_unless (memcmp (map.data, straight->data->data + i * 2400 * 4, map.size) == 0);
      gst_buffer_unmap (buffer, &map);
    } else {
      fail_unless (i < 6, "buffer %u is still in the old rate", i);
      fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), i * 4800);
    }
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
  capture_free (straight);
}
GST_END_TEST

typedef struct {
  GstBaseSrc *src;
  Capture *capture;
  gint done; /* atomic */
  guint n_flushing;
} Puller;

static gpointer
pull_all (gpointer user_data)
{
  Puller *puller = user_data;
  GstBaseSrcClass *klass = GST_BASE_SRC_GET_CLASS (puller->src);
  GstFlowReturn ret;
  GstBuffer *buffer;
  GstMapInfo map;

  do {
    buffer = NULL;
    ret = klass->create (puller->src, -1, 4096, &buffer);
    if (ret == GST_FLOW_OK) {
      gst_buffer_map (buffer, &map, GST_MAP_READ);
      g_byte_array_append (puller->capture->data, map.data, (guint) map.size);
      gst_buffer_unmap (buffer, &map);
      gst_buffer_unref (buffer);
    } else if (ret == GST_FLOW_FLUSHING) {
      puller->n_flushing++;
    }
  } while (ret == GST_FLOW_OK || ret == GST_FLOW_FLUSHING);
  g_atomic_int_set (&puller->done, 1);

  return GINT_TO_POINTER (ret);
}

/* Interrupted everywhere by unlock(), create() loses and doubles nothing. With its pad taken from the
 * element the base class has no task, and the test is the only one to call create(). */
GST_START_TEST (test_interruption)
{
  Capture *straight, *capture = capture_new ();
  GstElement *element = gst_object_ref_sink (make_src ("duration", 3 * GST_SECOND, NULL));
  GstBaseSrc *src = GST_BASE_SRC (element);
  GstBaseSrcClass *klass = GST_BASE_SRC_GET_CLASS (src);
  Puller puller = { src, capture, 0, 0 };
  GstCaps *caps = gst_caps_from_string (
      "audio/x-raw, format=" GST_AUDIO_NE (F32) ", layout=interleaved, rate=192000, channels=2");
  GstBuffer *buffer = NULL;
  GstSegment segment;
  GThread *thread;
  GstPad *pad;
  guint n = 0;

  gst_audio_info_from_caps (&capture->info, caps);
  straight = capture_run (make_src ("duration", 3 * GST_SECOND, NULL),
      "audio/x-raw, rate=192000, channels=2, format=" GST_AUDIO_NE (F32));

  pad = gst_object_ref (GST_BASE_SRC_PAD (src));
  fail_unless (gst_element_remove_pad (element, pad));
  fail_unless_equals_int (
      gst_element_set_state (element, GST_STATE_PAUSED), GST_STATE_CHANGE_SUCCESS);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.position = 0;
  fail_unless (klass->set_caps (src, caps));
  fail_unless (klass->do_seek (src, &segment));

  fail_unless (klass->unlock (src));
  fail_unless_equals_int (klass->create (src, -1, 4096, &buffer), GST_FLOW_FLUSHING);
  fail_unless (buffer == NULL);
  fail_unless (klass->unlock_stop (src));

  thread = g_thread_new ("puller", pull_all, &puller);
  while (!g_atomic_int_get (&puller.done)) {
    klass->unlock (src);
    if (++n % 3 == 0)
      g_thread_yield ();
    klass->unlock_stop (src);
    g_thread_yield ();
  }
  fail_unless_equals_int (GPOINTER_TO_INT (g_thread_join (thread)), GST_FLOW_EOS);

  fail_unless (puller.n_flushing > 0, "never interrupted");
  fail_unless_equals_uint64 (capture->data->len, straight->data->len);
  assert_same_bytes (capture, straight, 0);

  gst_element_set_state (element, GST_STATE_NULL);
  gst_object_unref (pad);
  gst_caps_unref (caps);
  gst_object_unref (element);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

static Suite *
kromosrc_suite (void)
{
  Suite *suite = suite_create ("kromosrc");
  TCase *tcase = tcase_create ("stream");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_template);
  tcase_add_test (tcase, test_fixation);
  tcase_add_loop_test (tcase, test_frame_count, 0, G_N_ELEMENTS (lengths));
  tcase_add_test (tcase, test_timestamps);
  tcase_add_test (tcase, test_segment);
  tcase_add_test (tcase, test_chunk_schedules);
  tcase_add_test (tcase, test_adaptive_chunks);
  tcase_add_test (tcase, test_num_buffers);
  tcase_add_test (tcase, test_reuse);
  tcase_add_test (tcase, test_renegotiation);
  tcase_add_test (tcase, test_interruption);

  return suite;
}

GST_CHECK_MAIN (kromosrc)
