/* A strict JSON checker with limits. It allocates nothing but the list it is given.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-private.h"

#include <string.h>

typedef struct {
  const char *start, *p, *end;
  guint depth;
  KromoScanBudget *budget;
  GArray *wide_integers;
  KromoError code;
  const char *what; /* of the failure, at p */
} Scan;

static gboolean scan_value (Scan *s);

static gboolean
wrong (Scan *s, const char *what)
{
  s->code = KROMO_ERROR_PARSE;
  s->what = what;
  return FALSE;
}

static gboolean
over (Scan *s, const char *what)
{
  s->code = KROMO_ERROR_LIMIT;
  s->what = what;
  return FALSE;
}

static void
skip_space (Scan *s)
{
  while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
    s->p++;
}

static gboolean
at (const Scan *s, char c)
{
  return s->p < s->end && *s->p == c;
}

static gboolean
at_digit (const Scan *s)
{
  return s->p < s->end && g_ascii_isdigit (*s->p);
}

static gboolean
count_token (Scan *s)
{
  if (s->budget->tokens == 0)
    return over (s, "more than " G_STRINGIFY (KROMO_MAX_JSON_TOKENS) " JSON tokens");
  s->budget->tokens--;
  return TRUE;
}

static gboolean
scan_hex4 (Scan *s, guint *code)
{
  *code = 0;
  for (int i = 0; i < 4; i++, s->p++) {
    if (s->p == s->end || !g_ascii_isxdigit (*s->p))
      return wrong (s, "\\u needs four hexadecimal digits");
    *code = *code * 16 + (guint) g_ascii_xdigit_value (*s->p);
  }
  return TRUE;
}

static gboolean
scan_escape (Scan *s)
{
  guint code;

  s->p++; /* the backslash */
  if (s->p == s->end)
    return wrong (s, "a string does not end");
  if (*s->p != 'u') {
    if (*s->p == 0 || !strchr ("\"\\/bfnrt", *s->p))
      return wrong (s, "unknown escape in a string");
    s->p++;
    return TRUE;
  }
  s->p++;
  if (!scan_hex4 (s, &code))
    return FALSE;
  if (code == 0)
    return wrong (s, "a NUL character in a string");
  if (code >= 0xdc00 && code <= 0xdfff)
    return wrong (s, "half a surrogate pair in a string");
  if (code >= 0xd800 && code <= 0xdbff) {
    if (s->end - s->p < 2 || s->p[0] != '\\' || s->p[1] != 'u')
      return wrong (s, "half a surrogate pair in a string");
    s->p += 2;
    if (!scan_hex4 (s, &code))
      return FALSE;
    if (code < 0xdc00 || code > 0xdfff)
      return wrong (s, "half a surrogate pair in a string");
  }
  return TRUE;
}

static gboolean
scan_string (Scan *s)
{
  if (!count_token (s))
    return FALSE;
  s->p++;
  while (s->p < s->end) {
    guchar c = (guchar) *s->p;

    if (c == '"') {
      s->p++;
      return TRUE;
    }
    if (c < 0x20)
      return wrong (s, "a control character in a string");
    if (c == '\\') {
      if (!scan_escape (s))
        return FALSE;
    } else {
      s->p++;
    }
  }
  return wrong (s, "a string does not end");
}

static gboolean
scan_number (Scan *s)
{
  const char *start = s->p, *digits;

  if (!count_token (s))
    return FALSE;
  if (at (s, '-'))
    s->p++;
  digits = s->p;
  if (!at_digit (s))
    return wrong (s, "a number without digits");
  if (*s->p == '0')
    s->p++;
  else
    while (at_digit (s))
      s->p++;
  if (at_digit (s))
    return wrong (s, "a number with leading zeros");
  if ((s->p - digits > 15 || (digits > start && *digits == '0')) && !at (s, '.') && !at (s, 'e')
      && !at (s, 'E')) {
    gsize offset = (gsize) (s->p - s->start);
    g_array_append_val (s->wide_integers, offset);
  }
  if (at (s, '.')) {
    s->p++;
    if (!at_digit (s))
      return wrong (s, "a number without digits behind the point");
    while (at_digit (s))
      s->p++;
  }
  if (at (s, 'e') || at (s, 'E')) {
    s->p++;
    if (at (s, '+') || at (s, '-'))
      s->p++;
    if (!at_digit (s))
      return wrong (s, "a number without digits in its exponent");
    while (at_digit (s))
      s->p++;
  }
  return TRUE;
}

static gboolean
scan_word (Scan *s, const char *word)
{
  gsize length = strlen (word);

  if (!count_token (s))
    return FALSE;
  if ((gsize) (s->end - s->p) < length || memcmp (s->p, word, length) != 0)
    return wrong (s, "not a JSON value");
  s->p += length;
  return TRUE;
}

/* Squares, because that is what a member costs in the worst case: see KROMO_MAX_JSON_MEMBERS. */
static gboolean
count_members (Scan *s, guint64 n)
{
  if (n > KROMO_MAX_JSON_MEMBERS || n * n > s->budget->member_squares)
    return over (s, "too many members in its objects");
  s->budget->member_squares -= n * n;
  return TRUE;
}

static gboolean
scan_member (Scan *s)
{
  if (!at (s, '"'))
    return wrong (s, "a member's name is missing");
  if (!scan_string (s))
    return FALSE;
  skip_space (s);
  if (!at (s, ':'))
    return wrong (s, "a colon is missing");
  s->p++;
  skip_space (s);
  return count_token (s) && scan_value (s);
}

static gboolean
scan_container (Scan *s, gboolean object)
{
  char close = object ? '}' : ']';
  guint64 n = 0;

  if (!count_token (s) || !count_token (s))
    return FALSE;
  if (s->depth == KROMO_MAX_JSON_DEPTH)
    return over (s, "nested deeper than " G_STRINGIFY (KROMO_MAX_JSON_DEPTH) " levels");
  s->depth++;
  s->p++;
  skip_space (s);
  while (!at (s, close) || n > 0) {
    if (object ? !scan_member (s) : !scan_value (s))
      return FALSE;
    n++;
    skip_space (s);
    if (at (s, close))
      break;
    if (!at (s, ','))
      return wrong (s, object ? "an object does not end" : "an array does not end");
    if (!count_token (s))
      return FALSE;
    s->p++;
    skip_space (s);
  }
  s->p++;
  s->depth--;
  return !object || count_members (s, n);
}

static gboolean
scan_value (Scan *s)
{
  if (s->p == s->end)
    return wrong (s, "it ends too early");
  switch (*s->p) {
  case '{':
    return scan_container (s, TRUE);
  case '[':
    return scan_container (s, FALSE);
  case '"':
    return scan_string (s);
  case 't':
    return scan_word (s, "true");
  case 'f':
    return scan_word (s, "false");
  case 'n':
    return scan_word (s, "null");
  default:
    if (*s->p == '-' || g_ascii_isdigit (*s->p))
      return scan_number (s);
    return wrong (s, "not a JSON value");
  }
}

gboolean
kromo_scan_json (const char *text, gsize size, KromoScanBudget *budget, GArray *wide_integers,
    const KromoPath *path, GError **error)
{
  Scan s = { .start = text, .p = text, .end = text + size, .budget = budget };
  const char *bad;

  s.wide_integers = wide_integers;
  if (size > KROMO_MAX_DOCUMENT_BYTES)
    return kromo_fail (error, path, KROMO_ERROR_LIMIT, "larger than %d MiB",
        KROMO_MAX_DOCUMENT_BYTES / (1024 * 1024));
  if (!g_utf8_validate_len (text, size, &bad))
    return kromo_fail (
        error, path, KROMO_ERROR_PARSE, "not UTF-8 at byte %" G_GSIZE_FORMAT, (gsize) (bad - text));
  skip_space (&s);
  if (!scan_value (&s))
    goto failed;
  skip_space (&s);
  if (s.p < s.end) {
    wrong (&s, "something follows the value");
    goto failed;
  }
  return TRUE;

failed:
  return kromo_fail (error, path, s.code, "%s%s, at byte %" G_GSIZE_FORMAT,
      s.code == KROMO_ERROR_PARSE ? "not JSON: " : "", s.what, (gsize) (s.p - s.start));
}
