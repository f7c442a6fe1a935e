/* A locale in which numbers have a decimal comma
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

/* Sets one of the system's, or one that is compiled for the purpose. FALSE if there is none. */
gboolean set_comma_locale (void);
/* Back to that of C. */
void unset_comma_locale (void);
