/* The value of a property as text in a URI
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Independent of the locale, and exact: what is written is read back as the same value.
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* How a property of type uint64 is written; the others have one way each. */
typedef enum {
  GST_KROMO_URI_INTEGER,
  GST_KROMO_URI_SECONDS /* of a property in nanoseconds */
} GstKromoUriUnit;

/* Initialises value. FALSE if text is not a value that the property can have; booleans are true,
 * yes, 1 and their contraries, enums are nicks, strings are absolute paths. */
gboolean gst_kromo_uri_value_read (
    GParamSpec *pspec, GstKromoUriUnit unit, const char *text, GValue *value);
/* Percent-encoded; paths are made absolute. */
void gst_kromo_uri_value_write (GString *out, GstKromoUriUnit unit, const GValue *value);
/* (transfer full): what gst_kromo_uri_value_read() takes, to follow "must be" */
char *gst_kromo_uri_value_describe (GParamSpec *pspec, GstKromoUriUnit unit);

G_END_DECLS
