/* Keys from a terminal, one by one
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "keyboard.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <glib-unix.h>

#define MAX_SEQUENCE 16
#define ESCAPE '\033'

static struct termios before, during; /* written before the handlers are there */
static volatile sig_atomic_t is_open;

static KeyFunc key_func;
static gpointer key_data;
static guint source;
static char sequence[MAX_SEQUENCE]; /* of an escape sequence that has begun */
static gsize n_sequence;

/* ---- signals ---- */

static void
on_crash (int signum)
{
  tcsetattr (STDIN_FILENO, TCSANOW, &before);
  raise (signum); /* the handler was for once */
}

static void
on_stop (int signum G_GNUC_UNUSED)
{
  int code = errno;

  if (is_open)
    tcsetattr (STDIN_FILENO, TCSANOW, &before);
  raise (SIGSTOP);
  /* here again when continued; not in the background, where it would stop again at once */
  if (is_open && tcgetpgrp (STDIN_FILENO) == getpgrp ())
    tcsetattr (STDIN_FILENO, TCSANOW, &during);
  errno = code;
}

/* With no @handler, as it was at first. */
static void
handle (int signum, void (*handler) (int), int flags)
{
  struct sigaction action = { .sa_handler = handler ? handler : SIG_DFL, .sa_flags = flags };

  sigemptyset (&action.sa_mask);
  sigaction (signum, &action, NULL);
}

static void
handle_all (gboolean on)
{
  static const int crashes[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV };

  for (guint i = 0; i < G_N_ELEMENTS (crashes); i++)
    handle (crashes[i], on ? on_crash : NULL, (int) SA_RESETHAND);
  handle (SIGTSTP, on ? on_stop : NULL, SA_RESTART);
}

/* ---- keys ---- */

/* What comes after ESC [ or ESC O */
static gint
parse_sequence (void)
{
  static const struct {
    const char *text;
    gint key;
  } known[] = {
    { "A", KEY_UP },
    { "B", KEY_DOWN },
    { "C", KEY_RIGHT },
    { "D", KEY_LEFT },
    { "H", KEY_HOME },
    { "1~", KEY_HOME },
    { "7~", KEY_HOME },
    { "5~", KEY_PAGE_UP },
    { "6~", KEY_PAGE_DOWN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strlen (known[i].text) == n_sequence - 2
        && !memcmp (known[i].text, sequence + 2, n_sequence - 2))
      return known[i].key;

  return 0;
}

static void
take_byte (char byte)
{
  gint key;

  if (byte == ESCAPE || n_sequence == MAX_SEQUENCE)
    n_sequence = 0;
  else if (n_sequence == 1 && byte != '[' && byte != 'O') {
    n_sequence = 0; /* Alt and a key */
    return;
  }
  if (n_sequence == 0 && byte != ESCAPE) {
    key_func ((guchar) byte, key_data);
    return;
  }
  sequence[n_sequence++] = byte;
  if (n_sequence < 3 || byte < '@' || byte > '~')
    return;
  key = parse_sequence ();
  n_sequence = 0;
  if (key)
    key_func (key, key_data);
}

static gboolean
on_readable (gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  char bytes[64];
  gssize n = read (fd, bytes, sizeof bytes);

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  if (n <= 0) { /* the terminal is gone */
    source = 0;
    return G_SOURCE_REMOVE;
  }
  for (gssize i = 0; i < n && source; i++)
    take_byte (bytes[i]);

  return G_SOURCE_CONTINUE;
}

/* ---- */

gboolean
keyboard_open (KeyFunc func, gpointer user_data)
{
  if (!isatty (STDIN_FILENO) || tcgetpgrp (STDIN_FILENO) != getpgrp ()
      || tcgetattr (STDIN_FILENO, &before) != 0)
    return FALSE;
  during = before;
  during.c_lflag &= ~(tcflag_t) (ICANON | ECHO);
  during.c_cc[VMIN] = 1;
  during.c_cc[VTIME] = 0;
  handle_all (TRUE);
  is_open = 1;
  if (tcsetattr (STDIN_FILENO, TCSADRAIN, &during) != 0) {
    keyboard_close ();
    return FALSE;
  }
  key_func = func;
  key_data = user_data;
  source = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_readable, NULL);

  return TRUE;
}

void
keyboard_close (void)
{
  if (!is_open)
    return;
  is_open = 0;
  tcsetattr (STDIN_FILENO, TCSADRAIN, &before);
  handle_all (FALSE);
  if (source)
    g_source_remove (source);
  source = 0;
}
