/* kromo-websocket: cuts the genome out of a message
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A value's end is found by its brackets and quotes alone, without recursion. Whether the rest is JSON the
 * parser says; whether the genome is, the element.
 */

#include "envelope.h"

#include <string.h>

typedef struct {
  const char *at, *end;
  gssize digits; /* the most of a whole number in what skip_value() went over */
} Cursor;

static void
skip_space (Cursor *cursor)
{
  while (cursor->at < cursor->end && memchr (" \t\r\n", *cursor->at, 4))
    cursor->at++;
}

/* Behind the closing quote. */
static void
skip_string (Cursor *cursor)
{
  for (cursor->at++; cursor->at < cursor->end; cursor->at++) {
    if (*cursor->at == '"') {
      cursor->at++;
      return;
    }
    if (*cursor->at == '\\' && cursor->at + 1 < cursor->end)
      cursor->at++;
  }
}

/* Behind digits. Those of a fraction may be many. */
static void
skip_digits (Cursor *cursor)
{
  const char *start = cursor->at;

  while (cursor->at < cursor->end && g_ascii_isdigit (*cursor->at))
    cursor->at++;
  if (start[-1] != '.')
    cursor->digits = MAX (cursor->digits, cursor->at - start);
}

/* Behind a value: where a comma or a bracket of what is around it comes. Returns its depth. */
static guint
skip_value (Cursor *cursor)
{
  guint depth = 0, deepest = 0;

  cursor->digits = 0;
  while (cursor->at < cursor->end) {
    switch (*cursor->at) {
    case '"':
      skip_string (cursor);
      continue;
    case '{':
    case '[':
      depth++;
      deepest = MAX (deepest, depth);
      break;
    case '}':
    case ']':
      if (depth == 0)
        return deepest;
      depth--;
      break;
    case ',':
      if (depth == 0)
        return deepest;
      break;
    default:
      if (!g_ascii_isdigit (*cursor->at))
        break;
      skip_digits (cursor);
      continue;
    }
    cursor->at++;
  }

  return deepest;
}

static gboolean
fail (GError **error, const char *text)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, text);

  return FALSE;
}

/* Copies the object to @rest, with null for the genome. */
static gboolean
split (Cursor *cursor, GString *rest, char **genome, GError **error)
{
  skip_space (cursor);
  if (cursor->at == cursor->end || *cursor->at != '{')
    return fail (error, "A message must be a JSON object");
  g_string_append_c (rest, *cursor->at++);

  for (;;) {
    const char *start;
    gboolean is_genome;

    skip_space (cursor);
    start = cursor->at;
    if (cursor->at == cursor->end || *cursor->at != '"')
      break;
    skip_string (cursor);
    is_genome = cursor->at - start == 8 && memcmp (start, "\"genome\"", 8) == 0;
    skip_space (cursor);
    if (cursor->at == cursor->end || *cursor->at != ':')
      break;
    cursor->at++;
    if (is_genome) {
      g_string_append (rest, "\"genome\":null");
      skip_space (cursor);
      start = cursor->at;
      skip_value (cursor);
      g_free (*genome);
      *genome = g_strchomp (g_strndup (start, cursor->at - start));
    } else {
      if (skip_value (cursor) >= ENVELOPE_MAX_DEPTH)
        return fail (error, "The message is nested too deeply");
      if (cursor->digits > ENVELOPE_MAX_DIGITS)
        return fail (error, "There is a number of too many digits in the message");
      if (rest->len + (cursor->at - start) > ENVELOPE_MAX_BYTES)
        return fail (error, "The message is too long; only a genome may be");
      g_string_append_len (rest, start, cursor->at - start);
    }
    if (cursor->at == cursor->end || *cursor->at != ',')
      break;
    g_string_append_c (rest, *cursor->at++);
  }

  skip_space (cursor);
  if (cursor->at == cursor->end || *cursor->at != '}')
    return fail (error, "The message is not valid JSON");
  g_string_append_c (rest, *cursor->at++);
  skip_space (cursor);
  if (cursor->at != cursor->end)
    return fail (error, "There is something behind the JSON object of the message");

  return TRUE;
}

JsonObject *
envelope_open (const char *text, gsize size, char **genome, GError **error)
{
  g_autoptr (GString) rest = g_string_new (NULL);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autofree char *found = NULL;
  Cursor cursor = { text, text + size, 0 };
  JsonNode *root;

  if (memchr (text, 0, size)) {
    fail (error, "The message is not valid JSON: there is a zero byte in it");
    return NULL;
  }
  if (!split (&cursor, rest, &found, error))
    return NULL;
  if (!json_parser_load_from_data (parser, rest->str, rest->len, NULL)) {
    fail (error, "The message is not valid JSON");
    return NULL;
  }
  root = json_parser_get_root (parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT (root)) {
    fail (error, "A message must be a JSON object");
    return NULL;
  }
  if (g_strcmp0 (found, "null") != 0)
    *genome = g_steal_pointer (&found);

  return json_object_ref (json_node_get_object (root));
}
