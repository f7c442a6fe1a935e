/* JSON: a text parsed within limits into an array of values, read as JavaScript would.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The values of a text lie in one array, in the order of the text: a container in front of what is in
 * it, a member's name in front of its value. Strings and numbers stay in the text. So a document costs
 * two allocations, and what nobody asks for costs nothing.
 */
#pragma once

#include "path.h"

G_BEGIN_DECLS

/* A member is found by looking through all of an object's: one with n members may cost n * n steps. This
 * bounds n, and its square the sum of the squares over a document. It is what the largest plain patch
 * needs: its nodes and one weight node for each connection. */
#define KROMO_MAX_JSON_MEMBERS (KROMO_MAX_PATCH_NODES + KROMO_MAX_PATCH_CONNECTIONS)

typedef enum {
  KROMO_JSON_NULL,
  KROMO_JSON_FALSE,
  KROMO_JSON_TRUE,
  KROMO_JSON_NUMBER,
  KROMO_JSON_STRING,
  KROMO_JSON_ARRAY,
  KROMO_JSON_OBJECT
} KromoJsonType;

typedef struct {
  union {
    const char
        *text; /* a string, unescaped and NUL-terminated; a number as written, up to what follows */
    gsize n;   /* a container: how many elements or members */
  };
  guint32 size; /* how many values further the one behind it is */
  guint32 type; /* KromoJsonType */
} KromoJson;

/* A container's first element or first member's name, and what follows one. */
static inline const KromoJson *
kromo_json_first (const KromoJson *container)
{
  return container + 1;
}

static inline const KromoJson *
kromo_json_next (const KromoJson *value)
{
  return value + value->size;
}

/* What is left of the limits that hold for a document with all the texts inside it. */
typedef struct {
  guint64 tokens;
  guint64 member_squares;
} KromoJsonBudget;

/* Bytes that must be there behind a text, and be NUL. */
#define KROMO_JSON_PADDING 8

/* Parses @text, one strict JSON value, in place: strings are unescaped where they stand.
 *
 * Returns: (transfer full) (nullable): the values, which point into @text, or NULL with @error set */
KromoJson *kromo_json_parse (
    char *text, gsize size, KromoJsonBudget *budget, const KromoPath *path, GError **error);

/* The state of one loading. */
typedef struct {
  KromoJsonBudget budget;
  GPtrArray *memory;   /* every parsed text and its values, and ids that were numbers */
  GPtrArray *warnings; /* char* */
} KromoReader;

void kromo_reader_init (KromoReader *reader);
void kromo_reader_clear (KromoReader *reader);
void kromo_reader_warn (KromoReader *reader, const KromoPath *path, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* The values live as long as @reader. */
const KromoJson *kromo_reader_parse (
    KromoReader *reader, const char *text, gsize size, const KromoPath *path, GError **error);

/* The value that @value is or, while it is a string, that the string holds as JSON; it must be an object,
 * or an array. NULL is missing. Counts the strings opened in @path. */
const KromoJson *kromo_reader_object (
    KromoReader *reader, const KromoJson *value, KromoPath *path, GError **error);
const KromoJson *kromo_reader_array (
    KromoReader *reader, const KromoJson *value, KromoPath *path, GError **error);

/* The member of that name, the last one of several, or NULL. */
const KromoJson *kromo_json_get (const KromoJson *object, const char *name);

/* A member that is neither missing nor null, or NULL. */
const KromoJson *kromo_json_member (const KromoJson *object, const char *name);

/* An element, or NULL where there is none. */
const KromoJson *kromo_json_element (const KromoJson *array, guint index);

gboolean kromo_json_is (const KromoJson *value, KromoJsonType type); /* NULL is nothing */
gboolean kromo_json_is_boolean (const KromoJson *value);
gboolean kromo_json_truthy (const KromoJson *value);    /* as in JavaScript; NULL is not */
const char *kromo_json_string (const KromoJson *value); /* NULL if it is no string */
double kromo_json_get_number (const KromoJson *number); /* may be infinite */

/* FALSE with @error if @value is not a finite number. */
gboolean kromo_json_number (
    const KromoJson *value, const KromoPath *path, double *number, GError **error);

/* A number, or 0 for null; a missing one gives @fallback. */
gboolean kromo_json_number_member (const KromoJson *object, const char *name, const KromoPath *up,
    double fallback, double *number, GError **error);

/* A string or a number as the string that JavaScript makes of it, which lives as long as @reader; else
 * NULL with @error. */
const char *kromo_json_id (
    KromoReader *reader, const KromoJson *value, const KromoPath *path, GError **error);

typedef struct {
  const char *name;
  const KromoJson *value;
} KromoJsonMember;

/* An object's members in JavaScript's order: names that are array indices ascending, then the others as
 * they came. A name that comes twice has its first place and its last value. */
GArray *kromo_json_members (const KromoJson *object);
gboolean kromo_js_array_index (const char *key, guint32 *index);

G_END_DECLS
