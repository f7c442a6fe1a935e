/* Mutations of JSON documents.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "input.h"

G_BEGIN_DECLS

/* Changes the @header bytes before the document, or one thing in the document; where it is none, any bytes.
 * Returns: the new size */
gsize fuzz_mutate (guint8 *data, gsize size, gsize max_size, gsize header, guint seed);

G_END_DECLS
