/* JSON text, written by hand: no library's number format changes it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "random-private.h"

static void
append_quoted (GString *text, const char *value)
{
  g_string_append_c (text, '"');
  for (; *value; value++) {
    if (*value == '"' || *value == '\\')
      g_string_append_c (text, '\\');
    g_string_append_c (text, *value);
  }
  g_string_append_c (text, '"');
}

static void
begin (GString *text, const char *key)
{
  const char *last = text->len > 0 ? text->str + text->len - 1 : "{";

  if (*last != '{' && *last != '[')
    g_string_append_c (text, ',');
  if (key != NULL) {
    append_quoted (text, key);
    g_string_append_c (text, ':');
  }
}

void
kromo_text_open (GString *text, const char *key, char bracket)
{
  begin (text, key);
  g_string_append_c (text, bracket);
}

void
kromo_text_close (GString *text, char bracket)
{
  g_string_append_c (text, bracket);
}

void
kromo_text_string (GString *text, const char *key, const char *value)
{
  begin (text, key);
  append_quoted (text, value);
}

void
kromo_text_number (GString *text, const char *key, double value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  begin (text, key);
  /* fewer digits than a double has: what was rounded to decimals shows them only */
  g_string_append (
      text, value == 0.0 ? "0" : g_ascii_formatd (digits, sizeof digits, "%.12g", value));
}

void
kromo_text_literal (GString *text, const char *key, const char *value)
{
  begin (text, key);
  g_string_append (text, value);
}

void
kromo_text_json (GString *text, const char *key, const char *json, guint encodings)
{
  g_autoptr (GString) inner = g_string_new (json);

  for (guint i = 0; i < encodings; i++) {
    g_autofree char *value = g_strdup (inner->str);

    g_string_truncate (inner, 0);
    append_quoted (inner, value);
  }
  begin (text, key);
  g_string_append_len (text, inner->str, (gssize) inner->len);
}
