/* Names, and how text from a genome is written.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "info.h"

const char *
info_fate_get_name (KromoFate fate)
{
  switch (fate) {
  case KROMO_FATE_RUNS:
    return "runs";
  case KROMO_FATE_SILENT:
    return "silent";
  case KROMO_FATE_UNHEARD:
    return "unheard";
  case KROMO_FATE_DROPPED:
    return "loop";
  case KROMO_FATE_ABSENT:
  default:
    return "absent";
  }
}

const char *
info_fate_get_reason (KromoFate fate)
{
  switch (fate) {
  case KROMO_FATE_RUNS:
    return "runs";
  case KROMO_FATE_SILENT:
    return "no sound reaches it";
  case KROMO_FATE_UNHEARD:
    return "does not reach the output";
  case KROMO_FATE_DROPPED:
    return "in a loop without a delay";
  case KROMO_FATE_ABSENT:
  default:
    return "lacks what it needs";
  }
}

const char *
info_part_get_name (KromoPartKind kind)
{
  switch (kind) {
  case KROMO_PART_BUFFER:
    return "buffer";
  case KROMO_PART_PARTIAL:
    return "partialBuffer";
  case KROMO_PART_OTHER:
  default:
    return "other";
  }
}

const char *
info_noise_get_name (gint output)
{
  switch (output) {
  case KROMO_OUTPUT_NOISE_WHITE:
    return "white";
  case KROMO_OUTPUT_NOISE_PINK:
    return "pink";
  case KROMO_OUTPUT_NOISE_BROWN:
  default:
    return "brown";
  }
}

const char *
info_rendering_get_name (KromoRendering rendering)
{
  return rendering == KROMO_RENDERING_STANDARD ? "standard" : "reference";
}

static gboolean
is_visible (gunichar c)
{
  const GUnicodeType type = g_unichar_type (c);

  return g_unichar_isprint (c) && type != G_UNICODE_LINE_SEPARATOR
      && type != G_UNICODE_PARAGRAPH_SEPARATOR && type != G_UNICODE_PRIVATE_USE;
}

char *
info_escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *escaped = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    const gunichar c = g_utf8_get_char (p);

    if (c == '\\')
      g_string_append (escaped, "\\\\");
    else if (is_visible (c))
      g_string_append_unichar (escaped, c);
    else
      g_string_append_printf (escaped, "\\u{%x}", c);
  }
  return g_string_free (escaped, FALSE);
}
