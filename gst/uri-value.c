/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "uri-value.h"

#include <string.h>

#define DECIMALS 9 /* of a second, down to nanoseconds */

static gboolean
read_seconds (const char *text, guint64 *ns)
{
  guint decimals = 0;
  gboolean point = FALSE, digits = FALSE;

  for (*ns = 0; *text; text++) {
    if (*text == '.' && !point) {
      point = TRUE;
      continue;
    }
    if (!g_ascii_isdigit (*text))
      return FALSE;
    digits = TRUE;
    if (decimals == DECIMALS) {
      if (*text != '0')
        return FALSE;
      continue;
    }
    if (!g_uint64_checked_mul (ns, *ns, 10)
        || !g_uint64_checked_add (ns, *ns, (guint64) (*text - '0')))
      return FALSE;
    if (point)
      decimals++;
  }
  for (; decimals < DECIMALS; decimals++) {
    if (!g_uint64_checked_mul (ns, *ns, 10))
      return FALSE;
  }

  return digits;
}

static void
write_uint64 (GString *out, GstKromoUriUnit unit, guint64 value)
{
  if (unit == GST_KROMO_URI_INTEGER) {
    g_string_append_printf (out, "%" G_GUINT64_FORMAT, value);
    return;
  }
  g_string_append_printf (out, "%" G_GUINT64_FORMAT, value / GST_SECOND);
  if (value % GST_SECOND == 0)
    return;
  g_string_append_printf (out, ".%0*u", DECIMALS, (guint) (value % GST_SECOND));
  while (out->str[out->len - 1] == '0')
    g_string_truncate (out, out->len - 1);
}

static gboolean
read_double (const char *text, gdouble min, gdouble max, gdouble *value)
{
  char *end;

  /* neither infinities, NaN nor hexadecimals */
  if (text[0] == '\0' || text[strspn (text, "0123456789+-.eE")] != '\0')
    return FALSE;
  *value = g_ascii_strtod (text, &end);

  return *end == '\0' && *value >= min && *value <= max;
}

/* With no more digits than it takes to read the same value. */
static void
write_double (GString *out, gdouble value)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_ascii_formatd (text, sizeof text, formats[i], value);
    if (g_ascii_strtod (text, NULL) == value)
      break;
  }
  g_string_append (out, text);
}

static gboolean
read_boolean (const char *text, gboolean *value)
{
  static const char *const words[][2] = { { "false", "true" }, { "0", "1" }, { "no", "yes" } };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (words); i++) {
    *value = g_ascii_strcasecmp (text, words[i][1]) == 0;
    if (*value || g_ascii_strcasecmp (text, words[i][0]) == 0)
      return TRUE;
  }

  return FALSE;
}

static gboolean
read_uint64 (GParamSpecUInt64 *range, GstKromoUriUnit unit, const char *text, guint64 *value)
{
  if (unit == GST_KROMO_URI_SECONDS)
    return read_seconds (text, value) && *value >= range->minimum && *value <= range->maximum;

  return g_ascii_string_to_unsigned (text, 10, range->minimum, range->maximum, value, NULL);
}

gboolean
gst_kromo_uri_value_read (GParamSpec *pspec, GstKromoUriUnit unit, const char *text, GValue *value)
{
  gboolean valid = FALSE, truth = FALSE;
  guint64 natural = 0;
  gint64 integer = 0;
  gdouble number = 0;
  GEnumValue *nick;

  g_value_init (value, pspec->value_type);
  if (G_IS_PARAM_SPEC_UINT64 (pspec)) {
    valid = read_uint64 (G_PARAM_SPEC_UINT64 (pspec), unit, text, &natural);
    g_value_set_uint64 (value, natural);
  } else if (G_IS_PARAM_SPEC_INT (pspec)) {
    GParamSpecInt *range = G_PARAM_SPEC_INT (pspec);

    valid = g_ascii_string_to_signed (text, 10, range->minimum, range->maximum, &integer, NULL);
    g_value_set_int (value, (gint) integer);
  } else if (G_IS_PARAM_SPEC_DOUBLE (pspec)) {
    GParamSpecDouble *range = G_PARAM_SPEC_DOUBLE (pspec);

    valid = read_double (text, range->minimum, range->maximum, &number);
    g_value_set_double (value, number);
  } else if (G_IS_PARAM_SPEC_BOOLEAN (pspec)) {
    valid = read_boolean (text, &truth);
    g_value_set_boolean (value, truth);
  } else if (G_IS_PARAM_SPEC_ENUM (pspec)) {
    nick = g_enum_get_value_by_nick (G_PARAM_SPEC_ENUM (pspec)->enum_class, text);
    valid = nick != NULL;
    if (nick)
      g_value_set_enum (value, nick->value);
  } else if (G_IS_PARAM_SPEC_STRING (pspec)) {
    valid = g_path_is_absolute (text);
    g_value_set_string (value, text);
  } else {
    g_assert_not_reached ();
  }

  return valid;
}

void
gst_kromo_uri_value_write (GString *out, GstKromoUriUnit unit, const GValue *value)
{
  if (G_VALUE_HOLDS_UINT64 (value)) {
    write_uint64 (out, unit, g_value_get_uint64 (value));
  } else if (G_VALUE_HOLDS_INT (value)) {
    g_string_append_printf (out, "%d", g_value_get_int (value));
  } else if (G_VALUE_HOLDS_DOUBLE (value)) {
    write_double (out, g_value_get_double (value));
  } else if (G_VALUE_HOLDS_BOOLEAN (value)) {
    g_string_append (out, g_value_get_boolean (value) ? "true" : "false");
  } else if (G_VALUE_HOLDS_ENUM (value)) {
    GEnumClass *class = g_type_class_peek (G_VALUE_TYPE (value));

    g_string_append (out, g_enum_get_value (class, g_value_get_enum (value))->value_nick);
  } else if (G_VALUE_HOLDS_STRING (value)) {
    g_autofree char *path = g_canonicalize_filename (g_value_get_string (value), NULL);

    g_string_append_uri_escaped (out, path, "/", FALSE);
  } else {
    g_assert_not_reached ();
  }
}

char *
gst_kromo_uri_value_describe (GParamSpec *pspec, GstKromoUriUnit unit)
{
  GString *out = g_string_new (NULL);
  guint i;

  if (G_IS_PARAM_SPEC_UINT64 (pspec)) {
    g_string_append (out,
        unit == GST_KROMO_URI_SECONDS ? "seconds, with at most 9 decimals, from "
                                      : "an integer from ");
    write_uint64 (out, unit, G_PARAM_SPEC_UINT64 (pspec)->minimum);
    g_string_append (out, " to ");
    write_uint64 (out, unit, G_PARAM_SPEC_UINT64 (pspec)->maximum);
  } else if (G_IS_PARAM_SPEC_INT (pspec)) {
    g_string_append_printf (out, "an integer from %d to %d", G_PARAM_SPEC_INT (pspec)->minimum,
        G_PARAM_SPEC_INT (pspec)->maximum);
  } else if (G_IS_PARAM_SPEC_DOUBLE (pspec)) {
    g_string_append (out, "a number from ");
    write_double (out, G_PARAM_SPEC_DOUBLE (pspec)->minimum);
    g_string_append (out, " to ");
    write_double (out, G_PARAM_SPEC_DOUBLE (pspec)->maximum);
  } else if (G_IS_PARAM_SPEC_BOOLEAN (pspec)) {
    g_string_append (out, "true or false");
  } else if (G_IS_PARAM_SPEC_ENUM (pspec)) {
    GEnumClass *class = G_PARAM_SPEC_ENUM (pspec)->enum_class;

    for (i = 0; i < class->n_values; i++)
      g_string_append_printf (out, "%s%s", i ? " or " : "", class->values[i].value_nick);
  } else {
    g_string_append (out, "the absolute path of a file");
  }

  return g_string_free (out, FALSE);
}
