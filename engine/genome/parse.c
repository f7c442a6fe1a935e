/* A strict JSON parser with limits: one pass, in place.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "json.h"

#include <string.h>

typedef struct {
  char *start, *p, *end;
  guint depth;
  KromoJsonBudget *budget;
  KromoJson *values;
  guint32 n_values, n_allocated;
  KromoError code;
  const char *what; /* of the failure, at p */
} Parse;

static gboolean parse_value (Parse *s);

#define NO_MEMORY "the system has no memory for the values"

static gboolean
wrong (Parse *s, const char *what)
{
  s->code = KROMO_ERROR_PARSE;
  s->what = what;
  return FALSE;
}

static gboolean
over (Parse *s, const char *what)
{
  s->code = KROMO_ERROR_LIMIT;
  s->what = what;
  return FALSE;
}

static void
skip_space (Parse *s)
{
  while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
    s->p++;
}

static gboolean
at (const Parse *s, char c)
{
  return s->p < s->end && *s->p == c;
}

static gboolean
at_digit (const Parse *s)
{
  return s->p < s->end && g_ascii_isdigit (*s->p);
}

static gboolean
make_room (Parse *s)
{
  KromoJson *values;

  if (s->n_values < s->n_allocated)
    return TRUE;
  values = g_try_renew (KromoJson, s->values, 2 * s->n_allocated);
  if (values == NULL) {
    s->code = KROMO_ERROR_NO_MEMORY;
    s->what = NO_MEMORY;
    return FALSE;
  }
  s->values = values;
  s->n_allocated *= 2;
  return TRUE;
}

/* Before a value is added. */
static gboolean
count_tokens (Parse *s, guint n)
{
  if (s->budget->tokens < n)
    return over (s, "more than " G_STRINGIFY (KROMO_MAX_JSON_TOKENS) " JSON tokens");
  s->budget->tokens -= n;
  return make_room (s);
}

/* The token limit bounds how many there can be. */
static KromoJson *
add_value (Parse *s, KromoJsonType type)
{
  KromoJson *value = &s->values[s->n_values++];

  value->text = NULL;
  value->size = 1;
  value->type = type;
  return value;
}

/* ---- strings ---- */

#define EACH_BYTE(c) (G_GUINT64_CONSTANT (0x0101010101010101) * (c))

/* Whether a byte of eight is zero. A byte above a zero one may count as one too. */
static guint64
has_zero (guint64 word)
{
  return (word - EACH_BYTE (0x01)) & ~word & EACH_BYTE (0x80);
}

/* Whether one of eight bytes ends what can be copied as it is: a quote, a backslash, a control character. */
static gboolean
has_special (guint64 word)
{
  const guint64 control = (word - EACH_BYTE (0x20)) & ~word & EACH_BYTE (0x80);

  return (control | has_zero (word ^ EACH_BYTE ('"')) | has_zero (word ^ EACH_BYTE ('\\'))) != 0;
}

/* Copies up to the next special byte, eight at a time while there are as many. The padding is special. */
static char *
copy_plain (Parse *s, char *to)
{
  guint64 word;

  while (s->p < s->end) {
    memcpy (&word, s->p, sizeof word);
    if (has_special (word))
      break;
    memcpy (to, &word, sizeof word);
    to += sizeof word;
    s->p += sizeof word;
  }
  while ((guchar) *s->p >= 0x20 && *s->p != '"' && *s->p != '\\')
    *to++ = *s->p++;
  return to;
}

static gboolean
parse_hex4 (Parse *s, guint *code)
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
parse_unicode_escape (Parse *s, char **to)
{
  guint code, low;

  s->p++;
  if (!parse_hex4 (s, &code))
    return FALSE;
  if (code == 0)
    return wrong (s, "a NUL character in a string");
  if (code >= 0xdc00 && code <= 0xdfff)
    return wrong (s, "half a surrogate pair in a string");
  if (code >= 0xd800 && code <= 0xdbff) {
    if (s->end - s->p < 2 || s->p[0] != '\\' || s->p[1] != 'u')
      return wrong (s, "half a surrogate pair in a string");
    s->p += 2;
    if (!parse_hex4 (s, &low))
      return FALSE;
    if (low < 0xdc00 || low > 0xdfff)
      return wrong (s, "half a surrogate pair in a string");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  *to += g_unichar_to_utf8 (code, *to);
  return TRUE;
}

static gboolean
parse_escape (Parse *s, char **to)
{
  static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  const char *found;

  s->p++; /* the backslash */
  if (s->p == s->end)
    return wrong (s, "a string does not end");
  if (*s->p == 'u')
    return parse_unicode_escape (s, to);
  found = *s->p != 0 ? strchr (escapes, *s->p) : NULL;
  if (found == NULL)
    return wrong (s, "unknown escape in a string");
  *(*to)++ = meanings[found - escapes];
  s->p++;
  return TRUE;
}

/* What a string stands for is never longer than how it is written. */
static gboolean
parse_string (Parse *s)
{
  char *to;

  if (!count_tokens (s, 1))
    return FALSE;
  to = ++s->p;
  add_value (s, KROMO_JSON_STRING)->text = to;
  while (TRUE) {
    to = copy_plain (s, to);
    if (s->p >= s->end)
      return wrong (s, "a string does not end");
    if (*s->p == '"')
      break;
    if (*s->p != '\\')
      return wrong (s, "a control character in a string");
    if (!parse_escape (s, &to))
      return FALSE;
  }
  s->p++;
  *to = 0;
  return TRUE;
}

/* ---- other values ---- */

static gboolean
parse_number (Parse *s)
{
  if (!count_tokens (s, 1))
    return FALSE;
  add_value (s, KROMO_JSON_NUMBER)->text = s->p;
  if (at (s, '-'))
    s->p++;
  if (!at_digit (s))
    return wrong (s, "a number without digits");
  if (*s->p == '0')
    s->p++;
  else
    while (at_digit (s))
      s->p++;
  if (at_digit (s))
    return wrong (s, "a number with leading zeros");
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
parse_word (Parse *s, const char *word, KromoJsonType type)
{
  gsize length = strlen (word);

  if (!count_tokens (s, 1))
    return FALSE;
  if ((gsize) (s->end - s->p) < length || memcmp (s->p, word, length) != 0)
    return wrong (s, "not a JSON value");
  add_value (s, type);
  s->p += length;
  return TRUE;
}

/* Squares, because that is what a member costs in the worst case: see KROMO_MAX_JSON_MEMBERS. */
static gboolean
count_members (Parse *s, guint64 n)
{
  if (n > KROMO_MAX_JSON_MEMBERS || n * n > s->budget->member_squares)
    return over (s, "too many members in its objects");
  s->budget->member_squares -= n * n;
  return TRUE;
}

static gboolean
parse_member (Parse *s)
{
  if (!at (s, '"'))
    return wrong (s, "a member's name is missing");
  if (!parse_string (s))
    return FALSE;
  skip_space (s);
  if (!at (s, ':'))
    return wrong (s, "a colon is missing");
  s->p++;
  skip_space (s);
  return count_tokens (s, 1) && parse_value (s);
}

static gboolean
parse_container (Parse *s, gboolean object)
{
  const guint32 index = s->n_values;
  char close = object ? '}' : ']';
  guint64 n = 0;

  if (!count_tokens (s, 2))
    return FALSE;
  if (s->depth == KROMO_MAX_JSON_DEPTH)
    return over (s, "nested deeper than " G_STRINGIFY (KROMO_MAX_JSON_DEPTH) " levels");
  s->depth++;
  s->p++;
  add_value (s, object ? KROMO_JSON_OBJECT : KROMO_JSON_ARRAY);
  skip_space (s);
  while (!at (s, close) || n > 0) {
    if (object ? !parse_member (s) : !parse_value (s))
      return FALSE;
    n++;
    skip_space (s);
    if (at (s, close))
      break;
    if (!at (s, ','))
      return wrong (s, object ? "an object does not end" : "an array does not end");
    if (!count_tokens (s, 1))
      return FALSE;
    s->p++;
    skip_space (s);
  }
  s->p++;
  s->depth--;
  s->values[index].n = n;
  s->values[index].size = s->n_values - index;
  return !object || count_members (s, n);
}

static gboolean
parse_value (Parse *s)
{
  if (s->p == s->end)
    return wrong (s, "it ends too early");
  switch (*s->p) {
  case '{':
    return parse_container (s, TRUE);
  case '[':
    return parse_container (s, FALSE);
  case '"':
    return parse_string (s);
  case 't':
    return parse_word (s, "true", KROMO_JSON_TRUE);
  case 'f':
    return parse_word (s, "false", KROMO_JSON_FALSE);
  case 'n':
    return parse_word (s, "null", KROMO_JSON_NULL);
  default:
    if (*s->p == '-' || g_ascii_isdigit (*s->p))
      return parse_number (s);
    return wrong (s, "not a JSON value");
  }
}

/* Eight at a time while all are ASCII. */
static gboolean
is_utf8 (const char *text, gsize size, gsize *bad)
{
  const char *p = text, *end = text + size, *first_bad;
  guint64 word;

  for (; end - p >= (gssize) sizeof word; p += sizeof word) {
    memcpy (&word, p, sizeof word);
    if ((word & EACH_BYTE (0x80)) != 0 || has_zero (word))
      break;
  }
  if (g_utf8_validate_len (p, (gsize) (end - p), &first_bad))
    return TRUE;
  *bad = (gsize) (first_bad - text);
  return FALSE;
}

KromoJson *
kromo_json_parse (
    char *text, gsize size, KromoJsonBudget *budget, const KromoPath *path, GError **error)
{
  Parse s = { .start = text, .p = text, .end = text + size, .budget = budget };
  gsize bad;

  if (size > KROMO_MAX_DOCUMENT_BYTES) {
    kromo_fail (error, path, KROMO_ERROR_LIMIT, "larger than %d MiB",
        KROMO_MAX_DOCUMENT_BYTES / (1024 * 1024));
    return NULL;
  }
  if (!is_utf8 (text, size, &bad)) {
    kromo_fail (error, path, KROMO_ERROR_PARSE, "not UTF-8 at byte %" G_GSIZE_FORMAT, bad);
    return NULL;
  }
  s.n_allocated = (guint32) (size / 8 + 4);
  s.values = g_try_new (KromoJson, s.n_allocated);
  if (s.values == NULL) {
    kromo_fail (error, path, KROMO_ERROR_NO_MEMORY, NO_MEMORY);
    return NULL;
  }
  skip_space (&s);
  if (parse_value (&s)) {
    skip_space (&s);
    if (s.p == s.end)
      return s.values;
    wrong (&s, "something follows the value");
  }
  g_free (s.values);
  kromo_fail (error, path, s.code, "%s%s, at byte %" G_GSIZE_FORMAT,
      s.code == KROMO_ERROR_PARSE ? "not JSON: " : "", s.what, (gsize) (s.p - s.start));
  return NULL;
}
