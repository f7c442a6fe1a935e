/* Takes a whole sound into memory, an octave down, and shows its shape. Needs GStreamer's app library:
 *
 *     cc -o samples samples.c $(pkg-config --cflags --libs gstreamer-app-1.0) -lm
 *     GST_PLUGIN_PATH=build/gst ./samples [GENOME]
 */
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <math.h>

enum {
  RATE = 48000,
  ROWS = 20,
  COLUMNS = 60
};

/* Takes the sample. */
static void
append (GArray *samples, GstSample *sample)
{
  GstMapInfo map;

  if (gst_buffer_map (gst_sample_get_buffer (sample), &map, GST_MAP_READ)) {
    g_array_append_vals (samples, map.data, map.size / sizeof (float));
    gst_buffer_unmap (gst_sample_get_buffer (sample), &map);
  }
  gst_sample_unref (sample);
}

/* All samples of `genome` (NULL: the built-in one), one channel; free with g_array_unref (). */
static GArray *
render (const char *genome, double note_delta, GstClockTime duration, GError **error)
{
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (float));
  /* sync=false: as fast as it renders. max-buffers: and no faster than it is taken. */
  GstElement *pipeline =
      gst_parse_launch ("kromosrc name=source ! appsink name=sink sync=false max-buffers=4", error);
  GstElement *source, *sink;
  GstCaps *caps;
  GstSample *sample;
  GstBus *bus;
  GstMessage *message;

  if (pipeline == NULL)
    return samples;
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_object_set (source, "note-delta", note_delta, "duration", duration, NULL);
  if (genome != NULL)
    g_object_set (source, "location", genome, NULL);
  caps = gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING,
      G_BYTE_ORDER == G_LITTLE_ENDIAN ? "F32LE" : "F32BE", "rate", G_TYPE_INT, RATE, "channels",
      G_TYPE_INT, 1, NULL);
  g_object_set (sink, "caps", caps, NULL);
  gst_caps_unref (caps);

  /* The sink has no sample at the end, nor after an error in the stream; where the start fails it would wait. */
  if (gst_element_set_state (pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
    while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (sink))) != NULL)
      append (samples, sample);

  bus = gst_element_get_bus (pipeline);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  if (message != NULL) {
    gst_message_parse_error (message, error, NULL);
    gst_message_unref (message);
  }
  gst_object_unref (bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (source);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  return samples;
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  GArray *samples;

  gst_init (&argc, &argv);
  samples = render (argc > 1 ? argv[1] : NULL, -12, 2 * GST_SECOND, &error);
  if (error != NULL) {
    g_printerr ("%s\n", error->message);
    return 1;
  }

  for (guint row = 0; row < ROWS; row++) {
    guint begin = samples->len * row / ROWS, end = samples->len * (row + 1) / ROWS;
    float peak = 0;

    for (guint i = begin; i < end; i++)
      peak = fmaxf (peak, fabsf (g_array_index (samples, float, i)));
    g_print ("%5.2f s  %.4f  ", (double) begin / RATE, peak);
    for (int i = 0; i < (int) (peak * COLUMNS + 0.5f); i++)
      g_print ("#");
    g_print ("\n");
  }
  g_print ("%u samples\n", samples->len);
  g_array_unref (samples);
  return 0;
}
