/* JSON values: what a text parsed in place holds.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <string.h>

#include "genome/json.h"

typedef struct {
  KromoReader reader;
  const KromoJson *root;
} Document;

static void
document_init (Document *document, const char *text)
{
  g_autoptr (GError) error = NULL;

  kromo_reader_init (&document->reader);
  document->root =
      kromo_reader_parse (&document->reader, text, strlen (text), &KROMO_PATH_ROOT, &error);
  g_assert_no_error (error);
}

static void
document_clear (Document *document)
{
  kromo_reader_clear (&document->reader);
}

/* ---- strings ---- */

static void
assert_string (const char *text, const char *expected)
{
  Document document;

  document_init (&document, text);
  g_assert_cmpstr (kromo_json_string (document.root), ==, expected);
  document_clear (&document);
}

static void
test_strings (void)
{
  assert_string ("\"\"", "");
  assert_string ("\"plain\"", "plain");
  assert_string ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
  assert_string (
      "\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  assert_string ("\"\xc3\xa9 \x7f\"", "\xc3\xa9 \x7f");
}

/* Runs of every length around eight before, between and behind escapes. */
static void
test_runs (void)
{
  for (guint before = 0; before < 20; before++) {
    for (guint behind = 0; behind < 20; behind++) {
      g_autofree char *a = g_strnfill (before, 'a'), *b = g_strnfill (behind, 'b');
      g_autofree char *text = g_strdup_printf ("\"%s\\n%s\\u0063%s\"", a, b, a);
      g_autofree char *expected = g_strdup_printf ("%s\n%sc%s", a, b, a);

      assert_string (text, expected);
    }
  }
}

/* ---- numbers ---- */

static void
test_numbers (void)
{
  static const char *const texts[] = { "0", "-0", "1", "-12", "0.1", "1e2", "-1.5E-3",
    "9007199254740993", "123456789012345678901234567890", "4.9e-324", "1e400", "1e-400" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    const double expected = g_ascii_strtod (texts[i], NULL);
    g_autofree char *list = g_strdup_printf ("[%s,%s\t]", texts[i], texts[i]);
    Document document;
    double number;

    document_init (&document, list);
    for (guint k = 0; k < 2; k++) {
      number = kromo_json_get_number (kromo_json_element (document.root, k));
      g_assert_cmpmem (&number, sizeof number, &expected, sizeof expected);
    }
    document_clear (&document);
  }
}

/* ---- containers ---- */

static void
test_walk (void)
{
  const KromoJson *value;
  Document document;

  document_init (
      &document, " [ [ ] , {\"a\":[1,{\"b\":[]}],\"c\":{}} , true , [[[]]], null, \"x\" ] ");
  value = document.root;
  g_assert_true (kromo_json_is (value, KROMO_JSON_ARRAY));
  g_assert_cmpuint (value->n, ==, 6);
  value = kromo_json_first (value);
  g_assert_cmpuint (value->n, ==, 0);
  value = kromo_json_next (value);
  g_assert_true (kromo_json_is (value, KROMO_JSON_OBJECT));
  g_assert_cmpuint (value->n, ==, 2);
  g_assert_true (kromo_json_is (kromo_json_get (value, "c"), KROMO_JSON_OBJECT));
  g_assert_null (kromo_json_get (value, "b"));
  value = kromo_json_next (value);
  g_assert_true (kromo_json_is_boolean (value) && kromo_json_truthy (value));
  value = kromo_json_next (kromo_json_next (value));
  g_assert_true (kromo_json_is (value, KROMO_JSON_NULL) && !kromo_json_truthy (value));
  g_assert_cmpstr (kromo_json_string (kromo_json_next (value)), ==, "x");
  g_assert_null (kromo_json_element (document.root, 6));
  document_clear (&document);
}

/* As JavaScript's objects: indices first, the first place and the last value of a name. */
static void
test_members (void)
{
  static const char *const names[] = { "0", "2", "10", "4294967294", "b", "a", "01", "4294967295",
    "9999999999", "" };
  static const double values[] = { 7, 2, 6, 8, 9, 3, 5, 10, 11, 12 };
  g_autoptr (GArray) members = NULL;
  Document document;

  document_init (&document,
      "{\"b\":1,\"2\":2,\"a\":3,\"10\":4,\"01\":5,\"\\u0031\\u0030\":6,\"0\":7,\"4294967294\":8,"
      "\"b\":9,\"4294967295\":10,\"9999999999\":11,\"\":12}");
  members = kromo_json_members (document.root);
  g_assert_cmpuint (members->len, ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < members->len; i++) {
    const KromoJsonMember *member = &g_array_index (members, KromoJsonMember, i);

    g_assert_cmpstr (member->name, ==, names[i]);
    g_assert_cmpfloat (kromo_json_get_number (member->value), ==, values[i]);
    g_assert_true (kromo_json_get (document.root, names[i]) == member->value);
  }
  document_clear (&document);
}

/* A string that holds JSON may be opened more than once. */
static void
test_opened (void)
{
  KromoPath path = KROMO_PATH_ROOT;
  Document document;

  document_init (&document, "[\"{\\\"a\\\":\\\"\\\\u0062\\\"}\"]");
  for (guint i = 1; i <= 2; i++) {
    const KromoJson *object =
        kromo_reader_object (&document.reader, kromo_json_first (document.root), &path, NULL);

    g_assert_nonnull (object);
    g_assert_cmpstr (kromo_json_string (kromo_json_get (object, "a")), ==, "b");
    g_assert_cmpuint (path.encodings, ==, i);
  }
  document_clear (&document);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/strings", test_strings);
  g_test_add_func ("/json/runs", test_runs);
  g_test_add_func ("/json/numbers", test_numbers);
  g_test_add_func ("/json/walk", test_walk);
  g_test_add_func ("/json/members", test_members);
  g_test_add_func ("/json/opened", test_opened);
  return g_test_run ();
}
