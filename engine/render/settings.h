/* Notes and formats: their ranges.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "../kromo.h"

G_BEGIN_DECLS

/* FALSE with KROMO_ERROR_SETTINGS where a value is out of its range. */
gboolean kromo_check_settings (const KromoNote *note, const KromoFormat *format, GError **error);

G_END_DECLS
