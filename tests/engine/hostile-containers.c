/* Bad containers: gzip, other formats, other encodings.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostile.h"

static void
write_bytes (const char *path, GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  hostile_write (path, data, size);
}

static GBytes *
compress_small (void)
{
  g_autofree char *text = json (SMALL);

  return gzip (text, strlen (text));
}

/* A gibibyte of zeros, in members of 32 MiB. */
static void
make_bomb (const char *path)
{
  g_autofree char *zeros = g_malloc0 (KROMO_MAX_DOCUMENT_BYTES);
  g_autoptr (GBytes) member = gzip (zeros, KROMO_MAX_DOCUMENT_BYTES);
  g_autoptr (GByteArray) all = g_byte_array_new ();

  for (guint i = 0; i < 32; i++)
    g_byte_array_append (all, g_bytes_get_data (member, NULL), (guint) g_bytes_get_size (member));
  hostile_write (path, all->data, all->len);
}

/* What is in it is not opened once more. */
static void
make_bomb_in_gzip (const char *path)
{
  g_autofree char *zeros = g_malloc0 (KROMO_MAX_DOCUMENT_BYTES);
  g_autoptr (GBytes) inner = gzip (zeros, KROMO_MAX_DOCUMENT_BYTES);
  g_autoptr (GBytes) outer = gzip (g_bytes_get_data (inner, NULL), g_bytes_get_size (inner));

  write_bytes (path, outer);
}

static void
make_members (const char *path)
{
  g_autoptr (GBytes) member = gzip ("", 0);
  g_autoptr (GByteArray) all = g_byte_array_new ();

  while (all->len + g_bytes_get_size (member) <= KROMO_MAX_DOCUMENT_BYTES)
    g_byte_array_append (all, g_bytes_get_data (member, NULL), (guint) g_bytes_get_size (member));
  hostile_write (path, all->data, all->len);
}

static void
make_cut (const char *path)
{
  g_autoptr (GBytes) small = compress_small ();

  hostile_write (path, g_bytes_get_data (small, NULL), g_bytes_get_size (small) - 9);
}

static void
make_wrong_sum (const char *path)
{
  g_autoptr (GBytes) small = compress_small ();
  gsize size = g_bytes_get_size (small);
  g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (small, NULL), size);

  copy[size - 8] ^= 1;
  hostile_write (path, copy, size);
}

static void
make_trailing (const char *path)
{
  g_autoptr (GBytes) small = compress_small ();
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autofree guint8 *zeros = g_malloc0 (512);

  g_byte_array_append (all, g_bytes_get_data (small, NULL), (guint) g_bytes_get_size (small));
  g_byte_array_append (all, zeros, 512);
  hostile_write (path, all->data, all->len);
}

static void
make_twice (const char *path)
{
  g_autoptr (GBytes) small = compress_small ();
  g_autoptr (GByteArray) all = g_byte_array_new ();

  for (guint i = 0; i < 2; i++)
    g_byte_array_append (all, g_bytes_get_data (small, NULL), (guint) g_bytes_get_size (small));
  hostile_write (path, all->data, all->len);
}

/* A name in the header that never ends. */
static void
make_endless_name (const char *path)
{
  g_autofree guint8 *data = g_malloc (KROMO_MAX_DOCUMENT_BYTES);
  static const guint8 header[] = { 0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3 };

  memset (data, 'x', KROMO_MAX_DOCUMENT_BYTES);
  memcpy (data, header, sizeof header);
  hostile_write (path, data, KROMO_MAX_DOCUMENT_BYTES);
}

static void
make_unknown_method (const char *path)
{
  hostile_write (path, "\x1f\x8b\x07\0\0\0\0\0\0\3....", 14);
}

static void
make_gzipped_database (const char *path)
{
  static const char head[] = "SQLite format 3\0....";
  g_autoptr (GBytes) bytes = gzip (head, sizeof head);

  write_bytes (path, bytes);
}

static void
make_encoded (const char *path, const char *charset)
{
  g_autofree char *text = json (SMALL);
  gsize size;
  g_autofree char *encoded = g_convert (text, -1, charset, "UTF-8", NULL, &size, NULL);

  g_assert_nonnull (encoded);
  hostile_write (path, encoded, size);
}

static void
make_utf16 (const char *path)
{
  make_encoded (path, "UTF-16");
}

static void
make_utf32 (const char *path)
{
  make_encoded (path, "UTF-32BE");
}

static void
make_latin1 (const char *path)
{
  hostile_write (path, "{\"tags\":\"\xe4\"}", 12);
}

static void
make_overlong (const char *path)
{
  hostile_write (path, "{\"tags\":\"\xc0\xaf\"}", 13);
}

static void
make_surrogate (const char *path)
{
  hostile_write (path, "{\"tags\":\"\xed\xa0\x80\"}", 14);
}

static void
make_zeros (const char *path)
{
  g_autofree char *zeros = g_malloc0 (KROMO_MAX_DOCUMENT_BYTES);

  hostile_write (path, zeros, KROMO_MAX_DOCUMENT_BYTES);
}

static void
make_zlib (const char *path)
{
  hostile_write (path, "\x78\x9c\x03\0\0\0\0\1", 8);
}

static void
make_xz (const char *path)
{
  hostile_write (path,
      "\xfd"
      "7zXZ\0\0\4",
      8);
}

static void
make_zip (const char *path)
{
  hostile_write (path, "PK\3\4\x14\0\0\0", 8);
}

static void
make_nothing (const char *path)
{
  hostile_write (path, "", 0);
}

static void
make_mark (const char *path)
{
  hostile_write (path, "\xef\xbb\xbf", 3);
}

#define DAMAGED "damaged or incomplete gzip data: *"

static const HostileRow rows[] = {
  { "empty", make_nothing, NULL, KROMO_ERROR_PARSE,
      "empty: neither JSON, gzipped JSON nor a genome database" },
  { "gzip-bomb", make_bomb, NULL, KROMO_ERROR_LIMIT, "larger than 32 MiB decompressed", 130 },
  { "gzip-bomb-in-gzip", make_bomb_in_gzip, NULL, KROMO_ERROR_PARSE, "$: not UTF-8 at byte 1" },
  { "gzip-million-members", make_members, NULL, KROMO_ERROR_PARSE, "$: not JSON: *", 80 },
  { "gzip-cut", make_cut, NULL, KROMO_ERROR_PARSE, DAMAGED },
  { "gzip-wrong-sum", make_wrong_sum, NULL, KROMO_ERROR_PARSE, DAMAGED },
  { "gzip-trailing-zeros", make_trailing, NULL, KROMO_ERROR_PARSE,
      "512 bytes follow the gzip data" },
  { "gzip-twice", make_twice, NULL, KROMO_ERROR_PARSE, "$: not JSON: *" },
  { "gzip-endless-name", make_endless_name, NULL, KROMO_ERROR_PARSE, DAMAGED, 80 },
  { "gzip-unknown-method", make_unknown_method, NULL, KROMO_ERROR_PARSE, DAMAGED },
  { "gzip-of-database", make_gzipped_database, NULL, KROMO_ERROR_PARSE, "$: not UTF-8 at byte 15" },
  { "zlib", make_zlib, NULL, KROMO_ERROR_PARSE, "$: not UTF-8 at byte *" },
  { "xz", make_xz, NULL, KROMO_ERROR_PARSE, "$: not UTF-8 at byte 0*" },
  { "zip", make_zip, NULL, KROMO_ERROR_PARSE, "$: not *" },
  { "utf-16", make_utf16, NULL, KROMO_ERROR_PARSE, "$: not UTF-8 at byte 0*" },
  { "utf-32", make_utf32, NULL, KROMO_ERROR_PARSE, "$: not *" },
  { "latin-1", make_latin1, NULL, KROMO_ERROR_PARSE, "$: not UTF-8 at byte 9*" },
  { "utf-8-overlong", make_overlong, NULL, KROMO_ERROR_PARSE, "$: not UTF-8 at byte 9*" },
  { "utf-8-surrogate", make_surrogate, NULL, KROMO_ERROR_PARSE, "$: not UTF-8 at byte 9*" },
  { "zeros", make_zeros, NULL, KROMO_ERROR_PARSE, "$: not UTF-8 at byte 0*", 80 },
  { "byte-order-mark-alone", make_mark, NULL, KROMO_ERROR_PARSE, "$: not JSON: *" },
};

void
hostile_add_containers (void)
{
  hostile_add_rows ("containers", rows, G_N_ELEMENTS (rows));
}
