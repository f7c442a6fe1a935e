/* Where in a document, for what is said about it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "genome.h"

G_BEGIN_DECLS

/* A path is a chain of steps on the C stack, written out only when something is to be said. */
typedef struct _KromoPath KromoPath;
struct _KromoPath {
  const KromoPath *up; /* NULL: the document */
  const char *key;     /* NULL: an array element */
  guint index;
  guint encodings; /* how many strings of JSON were opened on the way */
};

#define KROMO_PATH_ROOT ((KromoPath){ NULL, NULL, 0, 0 })
#define KROMO_PATH_KEY(parent, name) ((KromoPath){ (parent), (name), 0, (parent)->encodings })
#define KROMO_PATH_INDEX(parent, i) ((KromoPath){ (parent), NULL, (i), (parent)->encodings })

char *kromo_path_to_string (const KromoPath *path);

/* A string from the document, shortened and escaped for a message. */
char *kromo_quote (const char *text);

/* Sets @error to "PATH: MESSAGE"; always FALSE. */
gboolean kromo_fail (GError **error, const KromoPath *path, KromoError code, const char *format,
    ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
