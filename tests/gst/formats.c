/* kromosrc: sample formats, layouts, volume
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#include <gst/audio/streamvolume.h>
#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

/* Written apart from the element's: the bytes of one sample, from what the format's name says. */
static guint
expected_sample (GstAudioFormat format, float x, guint8 bytes[8])
{
  const char *name = gst_audio_format_to_string (format);
  gboolean big = g_str_has_suffix (name, "BE");
  guint depth = (guint) strtoul (name + 1, NULL, 10), width, i;
  guint64 bits = 0;
  double y, limit = ldexp (1, (int) depth - 1);

  width = strstr (name, "24_32") ? 4 : depth / 8;
  if (name[0] == 'S') {
    y = isnan (x) ? 0 : CLAMP (ldexp (x, (int) depth - 1), -limit, limit);
    y = floor (y) + (y - floor (y) > 0.5 || (y - floor (y) == 0.5 && fmod (floor (y), 2) != 0));
    bits = (guint64) (gint64) MIN (y, limit - 1);
  } else if (width == 4) {
    guint32 word;

    memcpy (&word, &x, 4);
    bits = word;
  } else {
    double wide = x;

    memcpy (&bits, &wide, 8);
  }
  g_assert (width <= sizeof bits);
  for (i = 0; i < width; i++)
    bytes[big ? width - 1 - i : i] = (guint8) (bits >> (8 * i));

  return width;
}

static const char *const formats[] = { "F32LE", "F32BE", "F64LE", "F64BE", "S16LE", "S16BE",
  "S24LE", "S24BE", "S24_32LE", "S24_32BE", "S32LE", "S32BE" };

/* Half-way cases, limits and what is no number. */
GST_START_TEST (test_pack_values)
{
  static const float values[] = { 0, 0.5f, -0.5f, 1, -1, 0.99999f, 1.5f, -1.5f, 1e30f, -1e30f,
    0.5f / 32768, 1.5f / 32768, 2.5f / 32768, -0.5f / 32768, -1.5f / 32768, -2.5f / 32768,
    0.5f / 8388608, 1.5f / 8388608, -2.5f / 8388608, 32767.5f / 32768, 32766.5f / 32768, 0x1p-32f,
    1e-40f, INFINITY, -INFINITY, NAN };
  GstAudioFormat format = gst_audio_format_from_string (formats[__i__]);
  float left[200], right[200], *channels[] = { left, right };
  guint8 data[200 * 2 * 8], bytes[8];
  GstAudioInfo info;
  guint i, layout, width;

  for (i = 0; i < 200; i++) {
    left[i] = values[i % G_N_ELEMENTS (values)];
    right[i] = values[(i + 7) % G_N_ELEMENTS (values)];
  }
  for (layout = 0; layout < 2; layout++) {
    gst_audio_info_set_format (&info, format, 48000, 2, NULL);
    info.layout = layout ? GST_AUDIO_LAYOUT_NON_INTERLEAVED : GST_AUDIO_LAYOUT_INTERLEAVED;
    memset (data, 0xa5, sizeof data);
    gst_kromo_pack (&info, channels, 199, data);
    width = (guint) info.bpf / 2;
    for (i = 0; i < 2 * 199; i++) {
      guint channel = layout ? i / 199 : i % 2, frame = layout ? i % 199 : i / 2;
      float x = channels[channel][frame];

      fail_unless_equals_int (expected_sample (format, x, bytes), width);
      /* which NaN does not matter */
      if (isnan (x) && formats[__i__][0] == 'F')
        continue;
      if (format == GST_AUDIO_FORMAT_S24_32LE)
        bytes[3] = data[i * width + 3]; /* the padding byte is the sign or 0 */
      else if (format == GST_AUDIO_FORMAT_S24_32BE)
        bytes[0] = data[i * width];
      fail_unless (memcmp (data + i * width, bytes, width) == 0, "%s of %.9g: %02x %02x %02x %02x",
          formats[__i__], x, data[i * width], data[i * width + 1], data[i * width + 2],
          data[i * width + 3]);
    }
    fail_unless_equals_int (data[199 * info.bpf], 0xa5);
  }
}
GST_END_TEST

/* The stream in every format is the conversion of the stream in F32. */
GST_START_TEST (test_formats)
{
  const char *name = formats[__i__ / 2];
  gboolean planar = __i__ % 2;
  GstAudioFormat format = gst_audio_format_from_string (name);
  g_autofree char *caps =
      g_strdup_printf ("audio/x-raw, format=%s, channels=3, channel-mask=(bitmask)0x7, layout=%s",
          name, planar ? "non-interleaved" : "interleaved");
  Capture *floats, *capture;
  const float *samples;
  guint64 frame;
  guint8 bytes[8];
  guint i, c, width;
  gsize base = 0;

  floats = capture_run (make_src ("duration", 300 * GST_MSECOND, "adaptive", FALSE, NULL),
      "audio/x-raw, channels=3, format=" GST_AUDIO_NE (F32));
  capture = capture_run (make_src ("duration", 300 * GST_MSECOND, "adaptive", FALSE,
                             "chunk-duration", 70 * GST_MSECOND, NULL),
      caps);
  samples = (const float *) (gpointer) floats->data->data;
  fail_unless_equals_uint64 (capture_frames (capture), capture_frames (floats));
  fail_unless_equals_int (capture->buffers->len, 5);
  for (i = 0; i < capture->buffers->len; i++) {
    const BufferRecord *buffer = capture_buffer (capture, i);
    guint64 n = buffer->offset_end - buffer->offset;

    fail_unless_equals_int (buffer->has_audio_meta, planar);
    for (frame = 0; frame < n; frame++) {
      for (c = 0; c < 3; c++) {
        width = expected_sample (format, samples[3 * (buffer->offset + frame) + c], bytes);
        fail_unless (
            memcmp (capture->data->data + base + (planar ? c * n + frame : 3 * frame + c) * width,
                bytes, (format == GST_AUDIO_FORMAT_S24_32LE ? 3 : width))
                == 0
            || format == GST_AUDIO_FORMAT_S24_32BE);
      }
    }
    base += buffer->size;
  }
  capture_free (capture);
  capture_free (floats);
}
GST_END_TEST

static float
sample (const Capture *capture, guint64 i)
{
  return ((const float *) (gpointer) capture->data->data)[i];
}

GST_START_TEST (test_volume)
{
  Capture *plain = capture_run (make_src ("duration", 500 * GST_MSECOND, NULL), NULL);
  Capture *soft = capture_run (make_src ("duration", 500 * GST_MSECOND, "volume", 0.3, NULL), NULL);
  Capture *mute = capture_run (make_src ("duration", 500 * GST_MSECOND, "mute", TRUE, NULL), NULL);
  guint64 i, n_loud = 0;

  for (i = 0; i < 24000; i++) {
    n_loud += sample (plain, i) != 0;
    fail_unless (sample (soft, i) == sample (plain, i) * 0.3f);
    fail_unless (sample (mute, i) == 0);
  }
  fail_unless (n_loud > 1000);
  capture_free (plain);
  capture_free (soft);
  capture_free (mute);
}
GST_END_TEST

GST_START_TEST (test_stream_volume)
{
  GstElement *src = gst_object_ref_sink (make_src (NULL, NULL));
  gdouble volume;
  gboolean mute;

  fail_unless (GST_IS_STREAM_VOLUME (src));
  gst_stream_volume_set_volume (GST_STREAM_VOLUME (src), GST_STREAM_VOLUME_FORMAT_CUBIC, 0.5);
  gst_stream_volume_set_mute (GST_STREAM_VOLUME (src), TRUE);
  g_object_get (src, "volume", &volume, "mute", &mute, NULL);
  fail_unless_equals_float (volume, 0.125);
  fail_unless (mute);
  gst_object_unref (src);
}
GST_END_TEST

typedef struct {
  GstElement *src;
  guint n;
} Changer;

static GstPadProbeReturn
change_volume (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Changer *changer = user_data;

  if (++changer->n == 3)
    g_object_set (changer->src, "volume", 2.0, NULL);

  return GST_PAD_PROBE_OK;
}

/* In PLAYING a new volume holds from the next chunk's first frame on. */
GST_START_TEST (test_volume_while_playing)
{
  Capture *plain = capture_run (make_src ("duration", 500 * GST_MSECOND, NULL), NULL), *capture;
  Rig *rig = rig_new (make_src ("duration", 500 * GST_MSECOND, "adaptive", FALSE, "chunk-duration",
                          50 * GST_MSECOND, NULL),
      NULL);
  GstPad *pad = gst_element_get_static_pad (rig->src, "src");
  Changer changer = { rig->src, 0 };
  guint64 i;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, change_volume, &changer, NULL);
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  capture = rig_stop (rig);
  gst_object_unref (pad);
  rig_free (rig);
  for (i = 0; i < 24000; i++)
    fail_unless (sample (capture, i) == sample (plain, i) * (i < 3 * 2400 ? 1.0f : 2.0f));
  capture_free (capture);
  capture_free (plain);
}
GST_END_TEST

/* A ramp over half a second. The element has a floating reference for its bin. */
static GstElement *
make_ramped (guint64 chunk)
{
  GstElement *src =
      make_src ("duration", 500 * GST_MSECOND, "adaptive", FALSE, "chunk-duration", chunk, NULL);
  GstControlSource *source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *values = GST_TIMED_VALUE_CONTROL_SOURCE (source);

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_timed_value_control_source_set (values, 0, 0.0);
  gst_timed_value_control_source_set (values, 500 * GST_MSECOND, 1.0);
  fail_unless (gst_object_add_control_binding (GST_OBJECT (src),
      gst_direct_control_binding_new_absolute (GST_OBJECT (src), "volume", source)));
  gst_object_unref (source);

  return src;
}

GST_START_TEST (test_controlled_volume)
{
  Capture *plain = capture_run (make_src ("duration", 500 * GST_MSECOND, NULL), NULL);
  Capture *capture = capture_run (make_ramped (10 * GST_SECOND), NULL);
  Capture *pieces = capture_run (make_ramped (3 * GST_MSECOND), NULL);
  guint64 i;

  /* a bound controller keeps chunks to 100 ms */
  fail_unless_equals_int (capture->buffers->len, 5);
  fail_unless (pieces->buffers->len > 100);
  assert_same_bytes (pieces, capture, 0);
  for (i = 0; i < 24000; i++)
    fail_unless (fabs (sample (capture, i) - sample (plain, i) * (i / 24000.0))
            <= 1e-6 * fabs (sample (plain, i)),
        "%" G_GUINT64_FORMAT ": %g, not %g", i, sample (capture, i),
        sample (plain, i) * (i / 24000.0));
  capture_free (plain);
  capture_free (capture);
  capture_free (pieces);
}
GST_END_TEST

#ifdef __SSE2__
static GstPadProbeReturn
flush_denormals (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  _mm_setcsr (_mm_getcsr () | 0x8040);

  return GST_PAD_PROBE_OK;
}

/* As some elements downstream leave it. */
GST_START_TEST (test_floating_point_mode)
{
  Capture *plain = capture_run (make_src ("duration", 500 * GST_MSECOND, NULL), NULL), *capture;
  Rig *rig = rig_new (make_src ("duration", 500 * GST_MSECOND, "adaptive", FALSE, "chunk-duration",
                          50 * GST_MSECOND, "volume", 1e-39, NULL),
      NULL);
  GstPad *pad = gst_element_get_static_pad (rig->src, "src");
  guint64 i, n_denormal = 0;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, flush_denormals, NULL, NULL);
  fail_unless (rig_start (rig, GST_STATE_PLAYING));
  rig_wait (rig);
  capture = rig_stop (rig);
  gst_object_unref (pad);
  rig_free (rig);
  for (i = 0; i < 24000; i++) {
    fail_unless (sample (capture, i) == sample (plain, i) * 1e-39f);
    n_denormal += sample (capture, i) != 0;
  }
  fail_unless (n_denormal > 1000);
  capture_free (capture);
  capture_free (plain);
}
GST_END_TEST
#endif

static Suite *
formats_suite (void)
{
  Suite *suite = suite_create ("kromosrc-formats");
  TCase *tcase = tcase_create ("formats");

  suite_add_tcase (suite, tcase);
  tcase_add_loop_test (tcase, test_pack_values, 0, G_N_ELEMENTS (formats));
  tcase_add_loop_test (tcase, test_formats, 0, 2 * G_N_ELEMENTS (formats));
  tcase_add_test (tcase, test_volume);
  tcase_add_test (tcase, test_stream_volume);
  tcase_add_test (tcase, test_volume_while_playing);
  tcase_add_test (tcase, test_controlled_volume);
#ifdef __SSE2__
  tcase_add_test (tcase, test_floating_point_mode);
#endif

  return suite;
}

GST_CHECK_MAIN (formats)
