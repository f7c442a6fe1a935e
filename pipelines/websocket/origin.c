/* kromo-websocket: who may connect
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "origin.h"

#include <gio/gio.h>

static gboolean
has (char *const *origins, const char *origin)
{
  for (; origins && *origins; origins++) {
    if (g_str_equal (*origins, "*") || g_ascii_strcasecmp (*origins, origin) == 0)
      return TRUE;
  }

  return FALSE;
}

/* Whether @origin is http://@host or https://@host. */
static gboolean
is_of_host (const char *origin, const char *host)
{
  g_autofree char *plain = g_strconcat ("http://", host, NULL);
  g_autofree char *secure = g_strconcat ("https://", host, NULL);

  return g_ascii_strcasecmp (origin, plain) == 0 || g_ascii_strcasecmp (origin, secure) == 0;
}

gboolean
origin_is_known_host (const char *host, char *const *origins)
{
  g_autofree char *text = g_strconcat ("http://", host ? host : "", "/", NULL);
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
  const char *name = uri ? g_uri_get_host (uri) : NULL;

  if (!name || g_uri_get_userinfo (uri))
    return FALSE;
  if (g_ascii_strcasecmp (name, "localhost") == 0 || g_hostname_is_ip_address (name))
    return TRUE;
  if (has (origins, "*"))
    return TRUE;
  for (; origins && *origins; origins++) {
    if (is_of_host (*origins, host))
      return TRUE;
  }

  return FALSE;
}

gboolean
origin_is_allowed (const char *origin, const char *host, char *const *origins)
{
  return !origin || is_of_host (origin, host) || has (origins, origin);
}
