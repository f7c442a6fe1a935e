/* Fuzz target: URIs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is taken reads back as a URI that means the same; what is not leaves the element as it was.
 */
#include "input.h"

#include <gst/gst.h>
#include <string.h>

static GstElement *src;

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  gst_init (argc, argv);
  src = gst_element_factory_make ("kromosrc", NULL);
  g_assert_nonnull (src);
  gst_object_ref_sink (src);
  return 0;
}

static gboolean
set (const char *uri)
{
  g_autofree char *before = gst_uri_handler_get_uri (GST_URI_HANDLER (src)), *after = NULL;
  g_autoptr (GError) error = NULL;
  const gboolean taken = gst_uri_handler_set_uri (GST_URI_HANDLER (src), uri, &error);

  g_assert_true (taken == (error == NULL));
  if (taken)
    return TRUE;
  g_assert_true (error->domain == GST_URI_ERROR && g_utf8_validate (error->message, -1, NULL));
  after = gst_uri_handler_get_uri (GST_URI_HANDLER (src));
  g_assert_cmpstr (before, ==, after);
  return FALSE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autofree char *uri = g_strconcat ("kromo:", text, NULL), *once = NULL, *twice = NULL;

  if (!set (uri))
    return 0;
  once = gst_uri_handler_get_uri (GST_URI_HANDLER (src));
  g_assert_nonnull (once);
  g_assert_true (set (once));
  twice = gst_uri_handler_get_uri (GST_URI_HANDLER (src));
  g_assert_cmpstr (once, ==, twice);
  g_assert_true (set ("kromo:default"));
  return 0;
}
