/* kromo-station: what pipelines tell
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bus.h"

GST_DEBUG_CATEGORY_EXTERN (station_debug);
#define GST_CAT_DEFAULT station_debug

static GstBusSyncReply
sift (GstBus *bus, GstMessage *message, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
  case GST_MESSAGE_ERROR:
  case GST_MESSAGE_EOS:
    return GST_BUS_PASS;
  case GST_MESSAGE_WARNING:
    gst_message_parse_warning (message, &error, NULL);
    GST_INFO ("%s", error->message);
    break;
  default:
    break;
  }
  gst_message_unref (message);

  return GST_BUS_DROP;
}

GstBus *
bus_get_sifted (GstElement *pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);

  gst_bus_set_sync_handler (bus, sift, NULL, NULL);

  return bus;
}
