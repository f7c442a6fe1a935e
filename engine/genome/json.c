/* JSON values: opened when they are strings of JSON, read as JavaScript would.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "json.h"

#include <math.h>
#include <string.h>

/* ---- texts ---- */

void
kromo_reader_init (KromoReader *reader)
{
  reader->budget.tokens = KROMO_MAX_JSON_TOKENS;
  reader->budget.member_squares = (guint64) KROMO_MAX_JSON_MEMBERS * KROMO_MAX_JSON_MEMBERS;
  reader->memory = g_ptr_array_new_with_free_func (g_free);
  reader->warnings = g_ptr_array_new_with_free_func (g_free);
}

void
kromo_reader_clear (KromoReader *reader)
{
  g_clear_pointer (&reader->memory, g_ptr_array_unref);
  g_clear_pointer (&reader->warnings, g_ptr_array_unref);
}

const KromoJson *
kromo_reader_parse (
    KromoReader *reader, const char *text, gsize size, const KromoPath *path, GError **error)
{
  char *copy = g_try_malloc (size + KROMO_JSON_PADDING);
  KromoJson *values;

  if (copy == NULL) {
    kromo_fail (error, path, KROMO_ERROR_NO_MEMORY,
        "the system has no memory for a text of %" G_GSIZE_FORMAT " bytes", size);
    return NULL;
  }
  g_ptr_array_add (reader->memory, copy);
  if (size > 0) /* else there may be no text */
    memcpy (copy, text, size);
  memset (copy + size, 0, KROMO_JSON_PADDING);
  values = kromo_json_parse (copy, size, &reader->budget, path, error);
  if (values)
    g_ptr_array_add (reader->memory, values);
  return values;
}

static const KromoJson *
open_string (KromoReader *reader, const KromoJson *value, KromoPath *path, GError **error)
{
  const char *text;

  while (value && (text = kromo_json_string (value)) != NULL) {
    if (path->encodings >= KROMO_MAX_JSON_ENCODINGS) {
      kromo_fail (error, path, KROMO_ERROR_LIMIT,
          "JSON inside of strings of JSON, more than %d times", KROMO_MAX_JSON_ENCODINGS);
      return NULL;
    }
    path->encodings++;
    value = kromo_reader_parse (reader, text, strlen (text), path, error);
  }
  return value;
}

/* The value, opened, if it is there and is what it should be. */
static const KromoJson *
open_as (KromoReader *reader, const KromoJson *value, KromoJsonType type, const char *wrong,
    KromoPath *path, GError **error)
{
  if (value == NULL) {
    kromo_fail (error, path, KROMO_ERROR_INVALID, "is missing");
    return NULL;
  }
  value = open_string (reader, value, path, error);
  if (value != NULL && value->type != type) {
    kromo_fail (error, path, KROMO_ERROR_INVALID, "%s", wrong);
    return NULL;
  }
  return value;
}

const KromoJson *
kromo_reader_object (KromoReader *reader, const KromoJson *value, KromoPath *path, GError **error)
{
  return open_as (reader, value, KROMO_JSON_OBJECT, "is not an object", path, error);
}

const KromoJson *
kromo_reader_array (KromoReader *reader, const KromoJson *value, KromoPath *path, GError **error)
{
  return open_as (reader, value, KROMO_JSON_ARRAY, "is not an array", path, error);
}

/* ---- values ---- */

const KromoJson *
kromo_json_get (const KromoJson *object, const char *name)
{
  const KromoJson *member = kromo_json_first (object), *found = NULL;

  for (gsize i = 0; i < object->n; i++, member = kromo_json_next (member + 1)) {
    if (*member->text == *name && strcmp (member->text, name) == 0)
      found = member + 1;
  }
  return found;
}

const KromoJson *
kromo_json_member (const KromoJson *object, const char *name)
{
  const KromoJson *value = kromo_json_get (object, name);

  return kromo_json_is (value, KROMO_JSON_NULL) ? NULL : value;
}

const KromoJson *
kromo_json_element (const KromoJson *array, guint index)
{
  const KromoJson *element = kromo_json_first (array);

  if (index >= array->n)
    return NULL;
  for (; index > 0; index--)
    element = kromo_json_next (element);
  return element;
}

gboolean
kromo_json_is (const KromoJson *value, KromoJsonType type)
{
  return value != NULL && value->type == type;
}

gboolean
kromo_json_is_boolean (const KromoJson *value)
{
  return kromo_json_is (value, KROMO_JSON_FALSE) || kromo_json_is (value, KROMO_JSON_TRUE);
}

const char *
kromo_json_string (const KromoJson *value)
{
  return kromo_json_is (value, KROMO_JSON_STRING) ? value->text : NULL;
}

double
kromo_json_get_number (const KromoJson *number)
{
  return g_ascii_strtod (number->text, NULL);
}

gboolean
kromo_json_truthy (const KromoJson *value)
{
  if (value == NULL || value->type == KROMO_JSON_NULL || value->type == KROMO_JSON_FALSE)
    return FALSE;
  if (value->type == KROMO_JSON_STRING)
    return *value->text != 0;
  return value->type != KROMO_JSON_NUMBER || kromo_json_get_number (value) != 0.0;
}

gboolean
kromo_json_number (const KromoJson *value, const KromoPath *path, double *number, GError **error)
{
  if (value == NULL)
    return kromo_fail (error, path, KROMO_ERROR_INVALID, "is missing");
  if (value->type != KROMO_JSON_NUMBER)
    return kromo_fail (error, path, KROMO_ERROR_INVALID, "is not a number");
  *number = kromo_json_get_number (value);
  if (!isfinite (*number))
    return kromo_fail (
        error, path, KROMO_ERROR_INVALID, "is too large for a double precision number");
  return TRUE;
}

gboolean
kromo_json_number_member (const KromoJson *object, const char *name, const KromoPath *up,
    double fallback, double *number, GError **error)
{
  KromoPath path = KROMO_PATH_KEY (up, name);
  const KromoJson *value = kromo_json_get (object, name);

  *number = value ? 0.0 : fallback;
  if (value == NULL || value->type == KROMO_JSON_NULL)
    return TRUE;
  return kromo_json_number (value, &path, number, error);
}

static char *
number_to_id (double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (number == 0.0)
    return g_strdup ("0");
  if (fabs (number) < 1e15 && floor (number) == number)
    return g_strdup_printf ("%.0f", number);
  /* the shortest digits that give the number back */
  for (int digits = 1; digits <= 17; digits++) {
    char format[8];

    g_snprintf (format, sizeof format, "%%.%dg", digits);
    g_ascii_formatd (text, sizeof text, format, number);
    if (g_ascii_strtod (text, NULL) == number)
      break;
  }
  return g_strdup (text);
}

const char *
kromo_json_id (KromoReader *reader, const KromoJson *value, const KromoPath *path, GError **error)
{
  double number;

  if (kromo_json_string (value))
    return value->text;
  if (!kromo_json_is (value, KROMO_JSON_NUMBER)) {
    kromo_fail (error, path, KROMO_ERROR_INVALID, "%s",
        value ? "is neither a string nor a number" : "is missing");
    return NULL;
  }
  if (!kromo_json_number (value, path, &number, error))
    return NULL;
  g_ptr_array_add (reader->memory, number_to_id (number));
  return g_ptr_array_index (reader->memory, reader->memory->len - 1);
}

/* ---- members in order ---- */

gboolean
kromo_js_array_index (const char *key, guint32 *index)
{
  gsize length = strlen (key);
  guint64 value;

  if (length == 0 || length > 10 || strspn (key, "0123456789") != length
      || (key[0] == '0' && length > 1))
    return FALSE;
  value = g_ascii_strtoull (key, NULL, 10);
  *index = (guint32) value;
  return value < G_MAXUINT32;
}

static int
compare_names (const void *a, const void *b)
{
  const KromoJsonMember *p = a, *q = b;
  const int order = strcmp (p->name, q->name);

  return order != 0 ? order : (p->name > q->name) - (p->name < q->name);
}

/* Of the same text: the one that stands further on in it comes later. */
static int
compare_places (const void *a, const void *b)
{
  const KromoJsonMember *p = a, *q = b;
  guint32 i, k;

  if (!kromo_js_array_index (p->name, &i))
    i = G_MAXUINT32; /* which is none */
  if (!kromo_js_array_index (q->name, &k))
    k = G_MAXUINT32;
  if (i != k)
    return i < k ? -1 : 1;
  return (p->name > q->name) - (p->name < q->name);
}

GArray *
kromo_json_members (const KromoJson *object)
{
  GArray *members = g_array_sized_new (FALSE, FALSE, sizeof (KromoJsonMember), (guint) object->n);
  const KromoJson *name = kromo_json_first (object);
  KromoJsonMember *all;
  guint n = 0;

  for (gsize i = 0; i < object->n; i++, name = kromo_json_next (name + 1)) {
    const KromoJsonMember member = { name->text, name + 1 };

    g_array_append_val (members, member);
  }
  if (members->len < 2)
    return members;
  all = &g_array_index (members, KromoJsonMember, 0);
  qsort (all, members->len, sizeof *all, compare_names);
  for (guint i = 0; i < members->len; i++) {
    if (n > 0 && strcmp (all[n - 1].name, all[i].name) == 0)
      all[n - 1].value = all[i].value;
    else
      all[n++] = all[i];
  }
  g_array_set_size (members, n);
  qsort (all, n, sizeof *all, compare_places);
  return members;
}
