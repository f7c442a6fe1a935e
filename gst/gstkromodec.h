/* kromodec: plays a genome that comes as a stream
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_KROMO_DEC (gst_kromo_dec_get_type ())
G_DECLARE_FINAL_TYPE (GstKromoDec, gst_kromo_dec, GST, KROMO_DEC, GstBin)
GST_ELEMENT_REGISTER_DECLARE (kromodec)

G_END_DECLS
