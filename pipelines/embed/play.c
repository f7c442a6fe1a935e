/* Plays a genome. Needs GStreamer alone:
 *
 *     cc -o play play.c $(pkg-config --cflags --libs gstreamer-1.0)
 *     ./play PLUGIN [GENOME [SINK]]
 *
 * PLUGIN is the plugin's file, such as build/gst/libgstkromo.so; GENOME a genome file ("-": the built-in one); SINK a
 * launch description of where to ("autoaudiosink").
 */
#include <gst/gst.h>

/* Adds the plugin to those that GStreamer knows, in this process only. */
static void
load_plugin (const char *path)
{
  GError *error = NULL;
  GstPlugin *plugin = gst_plugin_load_file (path, &error);

  if (plugin == NULL) {
    g_printerr ("%s\n", error->message);
    exit (1);
  }
  gst_object_unref (plugin);
}

/* kromosrc ! audioconvert ! audioresample ! sink */
static GstElement *
make_pipeline (const char *genome, const char *sink_description)
{
  GError *error = NULL;
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *source = gst_element_factory_make ("kromosrc", NULL);
  GstElement *convert = gst_element_factory_make ("audioconvert", NULL);
  GstElement *resample = gst_element_factory_make ("audioresample", NULL);
  GstElement *sink = gst_parse_bin_from_description (sink_description, TRUE, &error);

  if (error != NULL || source == NULL || convert == NULL || resample == NULL) {
    g_printerr ("%s\n", error ? error->message : "GStreamer's base plugins are missing");
    exit (1);
  }
  if (genome != NULL)
    g_object_set (source, "location", genome, NULL);
  gst_bin_add_many (GST_BIN (pipeline), source, convert, resample, sink, NULL);
  gst_element_link_many (source, convert, resample, sink, NULL);
  return pipeline;
}

/* Until the sound is over. */
static gboolean
play (GstElement *pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  gboolean good;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message =
      gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  good = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
  if (!good) {
    GError *error = NULL;

    gst_message_parse_error (message, &error, NULL);
    g_printerr ("%s\n", error->message);
    g_error_free (error);
  }
  gst_message_unref (message);
  gst_object_unref (bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return good;
}

int
main (int argc, char **argv)
{
  GstElement *pipeline;
  gboolean good;

  gst_init (&argc, &argv);
  if (argc < 2 || argc > 4) {
    g_printerr ("usage: %s PLUGIN [GENOME [SINK]]\n", argv[0]);
    return 2;
  }
  load_plugin (argv[1]);
  pipeline = make_pipeline (argc > 2 && !g_str_equal (argv[2], "-") ? argv[2] : NULL,
      argc > 3 ? argv[3] : "autoaudiosink");
  good = play (pipeline);
  gst_object_unref (pipeline);
  return !good;
}
