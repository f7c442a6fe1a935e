/* JSON values: parsed within limits, opened when they are strings of JSON, read as JavaScript would.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-private.h"

#include <math.h>
#include <string.h>

void
kromo_reader_init (KromoReader *reader)
{
  reader->budget.tokens = KROMO_MAX_JSON_TOKENS;
  reader->budget.member_squares = (guint64) KROMO_MAX_JSON_MEMBERS * KROMO_MAX_JSON_MEMBERS;
  reader->texts = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  reader->warnings = g_ptr_array_new_with_free_func (g_free);
}

void
kromo_reader_clear (KromoReader *reader)
{
  g_clear_pointer (&reader->texts, g_ptr_array_unref);
  g_clear_pointer (&reader->warnings, g_ptr_array_unref);
}

/* json-glib wraps integers beyond 64 bits around and has no -0: with a ".0" it reads them as doubles. */
static GString *
widen_integers (const char *text, gsize size, const GArray *ends)
{
  GString *widened = g_string_sized_new (size + 2 * ends->len + 1);
  gsize done = 0;

  for (guint i = 0; i < ends->len; i++) {
    gsize end = g_array_index (ends, gsize, i);

    g_string_append_len (widened, text + done, (gssize) (end - done));
    g_string_append (widened, ".0");
    done = end;
  }
  g_string_append_len (widened, text + done, (gssize) (size - done));
  return widened;
}

JsonNode *
kromo_reader_parse (
    KromoReader *reader, const char *text, gsize size, const KromoPath *path, GError **error)
{
  g_autoptr (GArray) wide_integers = g_array_new (FALSE, FALSE, sizeof (gsize));
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) parse_error = NULL;
  GString *widened = NULL;
  JsonNode *root;
  gboolean ok;

  if (!kromo_scan_json (text, size, &reader->budget, wide_integers, path, error))
    return NULL;

  if (wide_integers->len > 0) {
    widened = widen_integers (text, size, wide_integers);
    text = widened->str;
    size = widened->len;
  }
  parser = json_parser_new ();
  ok = json_parser_load_from_data (parser, text, (gssize) size, &parse_error);
  if (widened)
    g_string_free (widened, TRUE);
  root = ok ? json_parser_steal_root (parser) : NULL;
  if (root == NULL) {
    kromo_fail (error, path, KROMO_ERROR_PARSE, "not JSON: %s",
        parse_error ? parse_error->message : "no value");
    return NULL;
  }
  g_ptr_array_add (reader->texts, root);
  return root;
}

JsonNode *
kromo_reader_open (KromoReader *reader, JsonNode *node, KromoPath *path, GError **error)
{
  const char *text;

  while (node && (text = kromo_json_string (node)) != NULL) {
    if (path->encodings >= KROMO_MAX_JSON_ENCODINGS) {
      kromo_fail (error, path, KROMO_ERROR_LIMIT,
          "JSON inside of strings of JSON, more than %d times", KROMO_MAX_JSON_ENCODINGS);
      return NULL;
    }
    path->encodings++;
    node = kromo_reader_parse (reader, text, strlen (text), path, error);
  }
  return node;
}

/* The node, opened, if it is there and holds what it should. */
static JsonNode *
open_as (KromoReader *reader, JsonNode *node, JsonNodeType type, const char *wrong, KromoPath *path,
    GError **error)
{
  if (node == NULL) {
    kromo_fail (error, path, KROMO_ERROR_INVALID, "is missing");
    return NULL;
  }
  node = kromo_reader_open (reader, node, path, error);
  if (node != NULL && json_node_get_node_type (node) != type) {
    kromo_fail (error, path, KROMO_ERROR_INVALID, "%s", wrong);
    return NULL;
  }
  return node;
}

JsonObject *
kromo_reader_object (KromoReader *reader, JsonNode *node, KromoPath *path, GError **error)
{
  node = open_as (reader, node, JSON_NODE_OBJECT, "is not an object", path, error);
  return node != NULL ? json_node_get_object (node) : NULL;
}

JsonArray *
kromo_reader_array (KromoReader *reader, JsonNode *node, KromoPath *path, GError **error)
{
  node = open_as (reader, node, JSON_NODE_ARRAY, "is not an array", path, error);
  return node != NULL ? json_node_get_array (node) : NULL;
}

JsonNode *
kromo_json_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node == NULL || JSON_NODE_HOLDS_NULL (node) ? NULL : node;
}

const char *
kromo_json_string (JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

gboolean
kromo_json_is_number (JsonNode *node)
{
  return node && JSON_NODE_HOLDS_VALUE (node)
      && (json_node_get_value_type (node) == G_TYPE_INT64
          || json_node_get_value_type (node) == G_TYPE_DOUBLE);
}

gboolean
kromo_json_truthy (JsonNode *node)
{
  const char *text = kromo_json_string (node);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return FALSE;
  if (text)
    return *text != 0;
  if (kromo_json_is_number (node))
    return json_node_get_double (node) != 0.0;
  if (JSON_NODE_HOLDS_VALUE (node))
    return json_node_get_boolean (node);
  return TRUE;
}

gboolean
kromo_json_number (JsonNode *node, const KromoPath *path, double *value, GError **error)
{
  if (node == NULL)
    return kromo_fail (error, path, KROMO_ERROR_INVALID, "is missing");
  if (!kromo_json_is_number (node))
    return kromo_fail (error, path, KROMO_ERROR_INVALID, "is not a number");
  *value = json_node_get_double (node);
  if (!isfinite (*value))
    return kromo_fail (
        error, path, KROMO_ERROR_INVALID, "is too large for a double precision number");
  return TRUE;
}

gboolean
kromo_json_number_member (JsonObject *object, const char *name, const KromoPath *up,
    double fallback, double *value, GError **error)
{
  KromoPath path = KROMO_PATH_KEY (up, name);
  JsonNode *node = json_object_get_member (object, name);

  *value = node ? 0.0 : fallback;
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  return kromo_json_number (node, &path, value, error);
}

char *
kromo_json_id (JsonNode *node, const KromoPath *path, GError **error)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  double number;

  if (kromo_json_string (node))
    return g_strdup (kromo_json_string (node));
  if (!kromo_json_is_number (node)) {
    kromo_fail (error, path, KROMO_ERROR_INVALID, "%s",
        node ? "is neither a string nor a number" : "is missing");
    return NULL;
  }
  if (!kromo_json_number (node, path, &number, error))
    return NULL;
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
compare_keys (const void *a, const void *b)
{
  guint32 i = 0, k = 0;

  kromo_js_array_index (*(const char *const *) a, &i);
  kromo_js_array_index (*(const char *const *) b, &k);
  return (i > k) - (i < k);
}

GPtrArray *
kromo_json_keys (JsonObject *object)
{
  GPtrArray *keys = g_ptr_array_new ();
  GList *members = json_object_get_members (object);
  guint32 index;

  for (GList *l = members; l; l = l->next)
    if (kromo_js_array_index (l->data, &index))
      g_ptr_array_add (keys, l->data);
  if (keys->len > 1)
    qsort (keys->pdata, keys->len, sizeof (gpointer), compare_keys);
  for (GList *l = members; l; l = l->next)
    if (!kromo_js_array_index (l->data, &index))
      g_ptr_array_add (keys, l->data);
  g_list_free (members);
  return keys;
}
