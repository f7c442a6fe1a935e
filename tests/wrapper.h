/* Programs of the build that tests start, also where an emulator must run them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full) (element-type utf8): the arguments so far: meson's exe_wrapper if there is one,
 * then @program */
static inline GPtrArray *
test_argv_new (const char *program)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  const char *wrapper = g_getenv ("MESON_EXE_WRAPPER");
  g_auto (GStrv) words = NULL;

  if (wrapper != NULL && g_shell_parse_argv (wrapper, NULL, &words, NULL))
    for (guint i = 0; words[i] != NULL; i++)
      g_ptr_array_add (argv, g_strdup (words[i]));
  g_ptr_array_add (argv, g_strdup (program));
  return argv;
}

G_END_DECLS
