/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "comma-locale.h"

#include <locale.h>

#include <glib/gstdio.h>

static gboolean
try_locale (const char *name)
{
  return setlocale (LC_ALL, name) && localeconv ()->decimal_point[0] == ',';
}

/* Once it is set its files are no longer needed. */
static gboolean
try_compiled (void)
{
  g_autofree char *folder = g_dir_make_tmp ("kromosrc-XXXXXX", NULL);
  const char *compile[] = { "localedef", "-i", "de_DE", "-f", "UTF-8", "./de_DE.UTF-8", NULL };
  const char *remove[] = { "rm", "-r", folder, NULL };
  const GSpawnFlags flags =
      G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL;
  gboolean found;

  g_spawn_sync (folder, (char **) compile, NULL, flags, NULL, NULL, NULL, NULL, NULL, NULL);
  g_setenv ("LOCPATH", folder, TRUE);
  found = try_locale ("de_DE.UTF-8");
  g_spawn_sync (NULL, (char **) remove, NULL, flags, NULL, NULL, NULL, NULL, NULL, NULL);

  return found;
}

gboolean
set_comma_locale (void)
{
  static const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "da_DK.UTF-8", "is_IS.UTF-8" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    if (try_locale (names[i]))
      return TRUE;
  }

  return try_compiled ();
}

void
unset_comma_locale (void)
{
  setlocale (LC_ALL, "C");
}
