/* A WebSocket's wire, from the client's end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "wire.h"

static void
append_number (GByteArray *out, guint64 value, guint n_bytes)
{
  while (n_bytes-- > 0) {
    const guint8 byte = (guint8) (value >> (8 * n_bytes));

    g_byte_array_append (out, &byte, 1);
  }
}

void
wire_append (GByteArray *out, guint8 first, const void *data, gsize size)
{
  static const guint8 mask[4] = { 0x5a, 0x00, 0xff, 0x81 };
  const guint8 *bytes = data;

  append_number (out, first, 1);
  if (size < 126) {
    append_number (out, WIRE_MASKED | size, 1);
  } else if (size < 65536) {
    append_number (out, WIRE_MASKED | 126, 1);
    append_number (out, size, 2);
  } else {
    append_number (out, WIRE_MASKED | 127, 1);
    append_number (out, size, 8);
  }
  g_byte_array_append (out, mask, 4);
  for (gsize i = 0; i < size; i++) {
    const guint8 byte = bytes[i] ^ mask[i % 4];

    g_byte_array_append (out, &byte, 1);
  }
}

gsize
wire_read (const guint8 *data, gsize size, WireFrame *frame)
{
  gsize head = 2, length;

  if (size < head)
    return 0;
  g_assert_cmpuint (data[0] & 0xf0, ==, WIRE_FIN);
  g_assert_cmpuint (data[1] & WIRE_MASKED, ==, 0);
  length = data[1];
  if (length >= 126) {
    const guint n = length == 126 ? 2 : 8;

    head += n;
    if (size < head)
      return 0;
    length = 0;
    for (guint i = 0; i < n; i++)
      length = length << 8 | data[2 + i];
  }
  g_assert_cmpuint (length, <, 1u << 30);
  if (size - head < length)
    return 0;
  *frame = (WireFrame){ data[0] & 0x0f, data + head, length };
  return head + length;
}
