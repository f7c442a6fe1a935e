/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gstkromodec.h"
#include "gstkromosrc.h"
#include "kromotypefind.h"

static gboolean
plugin_init (GstPlugin *plugin)
{
  return GST_ELEMENT_REGISTER (kromosrc, plugin) && GST_ELEMENT_REGISTER (kromodec, plugin)
      && gst_kromo_type_find_register (plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, kromo, "Evolved sounds", plugin_init,
    PACKAGE_VERSION, "LGPL", "kromo", "https://gstreamer.freedesktop.org/")
