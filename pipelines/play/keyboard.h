/* Keys from a terminal, one by one
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A key is a byte as it was typed, or one of these. */
enum {
  KEY_UP = 256,
  KEY_DOWN,
  KEY_RIGHT,
  KEY_LEFT,
  KEY_HOME,
  KEY_PAGE_UP,
  KEY_PAGE_DOWN
};

typedef void (*KeyFunc) (gint key, gpointer user_data);

/**
 * keyboard_open:
 *
 * Takes the terminal that is the standard input out of line mode and calls @func in the main loop for each
 * key. Ctrl-C and Ctrl-Z stay signals. The terminal is as it was after keyboard_close(), while the
 * process is stopped (Ctrl-Z), and after a crash.
 *
 * Returns: %FALSE where the standard input is no terminal, or this is a background process
 */
gboolean keyboard_open (KeyFunc func, gpointer user_data);

/* Safe to call when it is not open. */
void keyboard_close (void);

G_END_DECLS
