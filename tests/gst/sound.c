/* kromosrc: properties that make another sound of the same genome, random genomes, and whose memory a sound is in
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#include <string.h>

#define DURATION (500 * GST_MSECOND)
#define FRAMES 24000
#define FADE 480

/* Plays half a second of 32 bit float, one channel. */
static Capture *
play (GstElement *src)
{
  Capture *capture;

  g_object_set (src, "duration", (guint64) DURATION, NULL);
  capture = capture_run (src, "audio/x-raw,format=" GST_AUDIO_NE (F32) ",rate=48000,channels=1");
  fail_unless_equals_int (capture_count (capture, GST_MESSAGE_ERROR), 0);
  fail_unless_equals_uint64 (capture_frames (capture), FRAMES);

  return capture;
}

static gboolean
same_sound (Capture *a, Capture *b)
{
  gboolean same =
      a->data->len == b->data->len && memcmp (a->data->data, b->data->data, a->data->len) == 0;

  capture_free (a);
  capture_free (b);

  return same;
}

static float
sample (const Capture *capture, guint i)
{
  float value;

  memcpy (&value, capture->data->data + i * sizeof value, sizeof value);

  return value;
}

GST_START_TEST (test_oversample)
{
  fail_unless (
      same_sound (play (make_src ("oversample", FALSE, NULL)), play (make_src (NULL, NULL))));
  fail_unless (same_sound (
      play (make_src ("oversample", TRUE, NULL)), play (make_src ("oversample", TRUE, NULL))));
  fail_if (same_sound (play (make_src ("oversample", TRUE, NULL)), play (make_src (NULL, NULL))));
}
GST_END_TEST

/* 10 ms at either end, where t runs from 0 to 1 from the end inwards. */
GST_START_TEST (test_edge_fade)
{
  g_autofree char *path = data_path ("tone.json");
  Capture *plain = play (make_src ("location", path, NULL));
  Capture *faded =
      play (make_src ("location", path, "edge-fade", (guint64) (10 * GST_MSECOND), NULL));
  guint i;

  for (i = 0; i < FRAMES; i++) {
    gdouble t = (gdouble) MIN (i, FRAMES - 1 - i) / FADE;
    gdouble gain = t < 1 ? t * t * (3 - 2 * t) : 1;

    fail_unless (sample (faded, i) == (float) (sample (plain, i) * gain));
  }
  fail_unless (sample (plain, 0) != 0 && sample (plain, FRAMES - 1) != 0);
  capture_free (plain);
  capture_free (faded);
}
GST_END_TEST

GST_START_TEST (test_edge_fade_longest)
{
  fail_unless (same_sound (play (make_src ("edge-fade", G_MAXUINT64, NULL)),
      play (make_src ("edge-fade", (guint64) DURATION / 2, NULL))));
}
GST_END_TEST

GST_START_TEST (test_max_memory)
{
  Capture *capture = capture_run (make_src ("max-memory", G_GUINT64_CONSTANT (100000), NULL), NULL);

  assert_one_error (
      capture, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, "above the bound of 100000");
  capture_free (capture);
  /* 0 is the default */
  fail_unless (same_sound (
      play (make_src ("max-memory", G_GUINT64_CONSTANT (0), NULL)), play (make_src (NULL, NULL))));
}
GST_END_TEST

GST_START_TEST (test_max_operations)
{
  Capture *capture = capture_run (make_src ("max-operations", G_GUINT64_CONSTANT (10), NULL), NULL);

  assert_one_error (capture, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "operations, above the bound (max-operations) of 10; raise it");
  capture_free (capture);
  /* 0 is the default */
  fail_unless (same_sound (play (make_src ("max-operations", G_GUINT64_CONSTANT (0), NULL)),
      play (make_src (NULL, NULL))));
}
GST_END_TEST

GST_START_TEST (test_standard_rendering)
{
  capture_free (play (make_src ("rendering", 1, NULL)));
}
GST_END_TEST

static char *
get_title (const Capture *capture)
{
  char *title = NULL;
  guint i;

  for (i = 0; i < capture->events->len && !title; i++) {
    GstEvent *event = g_ptr_array_index (capture->events, i);
    GstTagList *tags;

    if (GST_EVENT_TYPE (event) != GST_EVENT_TAG)
      continue;
    gst_event_parse_tag (event, &tags);
    gst_tag_list_get_string (tags, GST_TAG_TITLE, &title);
  }

  return title;
}

static Capture *
play_seed (guint64 seed)
{
  return play (make_src ("seed", seed, NULL));
}

GST_START_TEST (test_seed)
{
  g_autofree char *path = data_path ("tone.json"), *title = NULL, *tone = NULL;
  Capture *capture = play_seed (G_MAXUINT64);

  title = get_title (capture);
  fail_unless_equals_string (title, "kromo random 18446744073709551615");
  capture_free (capture);

  fail_unless (same_sound (play_seed (7), play_seed (7)));
  fail_if (same_sound (play_seed (7), play_seed (8)));
  fail_if (same_sound (play_seed (7), play (make_src (NULL, NULL))));
  /* 0 is none */
  fail_unless (same_sound (play_seed (0), play (make_src (NULL, NULL))));
  /* the last one set counts */
  fail_unless (same_sound (
      play (make_src ("location", path, "seed", G_GUINT64_CONSTANT (7), NULL)), play_seed (7)));
  capture = play (make_src ("seed", G_GUINT64_CONSTANT (7), "location", path, NULL));
  tone = get_title (capture);
  fail_unless_equals_string (tone, "tone-1");
  fail_unless (same_sound (capture, play (make_src ("location", path, NULL))));
}
GST_END_TEST

typedef struct {
  GstBufferPool *pool;
  guint size, n_from_pool, n_others;
} Offer;

static GstPadProbeReturn
on_allocation (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (info);
  Offer *offer = user_data;

  if (GST_QUERY_TYPE (query) != GST_QUERY_ALLOCATION)
    return GST_PAD_PROBE_OK;
  gst_query_add_allocation_pool (query, offer->pool, offer->size, 1, 0);
  return GST_PAD_PROBE_HANDLED;
}

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Offer *offer = user_data;

  *(GST_PAD_PROBE_INFO_BUFFER (info)->pool == offer->pool ? &offer->n_from_pool
                                                          : &offer->n_others) += 1;
  return GST_PAD_PROBE_OK;
}

/* Downstream's pool is used where its buffers hold a chunk; the sound is the same anyway. */
GST_START_TEST (test_pool)
{
  Offer offer = { gst_buffer_pool_new (), __i__ ? 8 << 20 : 64, 0, 0 };
  Rig *rig = rig_new (make_src ("duration", GST_SECOND, NULL), NULL);
  GstPad *pad = gst_element_get_static_pad (rig->src, "src");
  Capture *straight = capture_run (make_src ("duration", GST_SECOND, NULL), NULL), *capture;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, on_allocation, &offer, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, &offer, NULL);
  rig_start (rig, GST_STATE_PLAYING);
  rig_wait (rig);
  capture = rig_stop (rig);
  fail_unless ((offer.n_from_pool > 0) == (__i__ == 1));
  fail_unless ((offer.n_others > 0) == (__i__ == 0));
  fail_unless_equals_uint64 (capture_frames (capture), 48000);
  assert_same_bytes (capture, straight, 0);
  gst_object_unref (pad);
  rig_free (rig);
  gst_object_unref (offer.pool);
  capture_free (capture);
  capture_free (straight);
}
GST_END_TEST

static Suite *
sound_suite (void)
{
  Suite *suite = suite_create ("kromosrc-sound");
  TCase *tcase = tcase_create ("sound");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_oversample);
  tcase_add_test (tcase, test_edge_fade);
  tcase_add_test (tcase, test_edge_fade_longest);
  tcase_add_test (tcase, test_max_memory);
  tcase_add_test (tcase, test_max_operations);
  tcase_add_test (tcase, test_standard_rendering);
  tcase_add_test (tcase, test_seed);
  tcase_add_loop_test (tcase, test_pool, 0, 2);

  return suite;
}

GST_CHECK_MAIN (sound)
