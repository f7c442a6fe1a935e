/* Files and containers: bytes that are JSON text or gzipped JSON text, or a database that holds such.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MIB (1024 * 1024)

gpointer
kromo_document_alloc (gpointer memory, gsize size, GError **error)
{
  gpointer larger = g_try_realloc (memory, MAX (size, 1));

  if (larger == NULL)
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_NO_MEMORY,
        "the system has no memory for a document of %" G_GSIZE_FORMAT " bytes", size);
  return larger;
}

GBytes *
kromo_document_copy (const void *data, gsize size, GError **error)
{
  gpointer copy = kromo_document_alloc (NULL, size, error);

  if (copy == NULL)
    return NULL;
  if (size > 0) /* else there may be no data */
    memcpy (copy, data, size);
  return g_bytes_new_take (copy, size);
}

gboolean
kromo_is_sqlite (const void *data, gsize size)
{
  return size >= 16 && memcmp (data, "SQLite format 3", 16) == 0;
}

static gboolean
is_gzip (const guint8 *data, gsize size)
{
  return size >= 2 && data[0] == 0x1f && data[1] == 0x8b;
}

/* Without what was too much, which a smaller block need not be had for. */
static GBytes *
take_text (guint8 *text, gsize length, gsize capacity)
{
  guint8 *smaller = length < capacity ? g_try_realloc (text, MAX (length, 1)) : NULL;

  return g_bytes_new_take (smaller != NULL ? smaller : text, length);
}

static GBytes *
decompress (const guint8 *data, gsize size, GError **error)
{
  g_autoptr (GConverter) gunzip =
      G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  g_autoptr (GError) zlib_error = NULL;
  g_autofree guint8 *text = NULL;
  gsize length = 0, capacity = 0;

  while (TRUE) {
    gsize n_read = 0, n_written = 0;
    GConverterResult result;

    if (length == capacity) {
      guint8 *larger;

      /* One byte too many is room enough to tell. */
      capacity = CLAMP (2 * capacity, 64 * 1024, KROMO_MAX_DOCUMENT_BYTES + 1);
      larger = kromo_document_alloc (text, capacity, error);
      if (larger == NULL)
        return NULL;
      text = larger;
    }
    result = g_converter_convert (gunzip, data, size, text + length, capacity - length,
        G_CONVERTER_INPUT_AT_END, &n_read, &n_written, &zlib_error);
    if (result == G_CONVERTER_ERROR) {
      g_set_error (error, KROMO_ERROR, KROMO_ERROR_PARSE, "damaged or incomplete gzip data: %s",
          zlib_error->message);
      return NULL;
    }
    length += n_written;
    if (length > KROMO_MAX_DOCUMENT_BYTES) {
      g_set_error (error, KROMO_ERROR, KROMO_ERROR_LIMIT, "larger than %d MiB decompressed",
          KROMO_MAX_DOCUMENT_BYTES / MIB);
      return NULL;
    }
    data += n_read;
    size -= n_read;
    if (result == G_CONVERTER_FINISHED) {
      if (size == 0)
        return take_text (g_steal_pointer (&text), length, capacity);
      if (!is_gzip (data, size)) {
        g_set_error (error, KROMO_ERROR, KROMO_ERROR_PARSE,
            "%" G_GSIZE_FORMAT " bytes follow the gzip data", size);
        return NULL;
      }
      g_converter_reset (gunzip); /* gzip files may be concatenated */
    }
  }
}

GBytes *
kromo_container_open (GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  if (size == 0) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_PARSE,
        "empty: neither JSON, gzipped JSON nor a genome database");
    return NULL;
  }
  if (size > KROMO_MAX_DOCUMENT_BYTES) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_LIMIT, "larger than %d MiB",
        KROMO_MAX_DOCUMENT_BYTES / MIB);
    return NULL;
  }
  if (kromo_is_sqlite (data, size)) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_UNSUPPORTED,
        "a genome database can only be read from a file, not from memory");
    return NULL;
  }
  if (is_gzip (data, size))
    return decompress (data, size, error);
  return g_bytes_ref (bytes);
}

GBytes *
kromo_container_to_text (const void *data, gsize size, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GBytes) text = kromo_container_open (bytes, error);

  if (text != bytes)
    return g_steal_pointer (&text);
  return kromo_document_copy (data, size, error);
}

static gboolean
fail_read (GError **error, const char *filename, int saved_errno)
{
  g_autofree char *name = g_filename_display_name (filename);

  g_set_error (error, KROMO_ERROR,
      saved_errno == ENOENT || saved_errno == ENOTDIR ? KROMO_ERROR_NOT_FOUND : KROMO_ERROR_READ,
      "%s: %s", name, g_strerror (saved_errno));
  return FALSE;
}

/* Only regular files: opening or reading a pipe or a device could block, or have effects. */
static int
open_regular (const char *filename, GStatBuf *info, GError **error)
{
  int fd;

  if (g_stat (filename, info) != 0) {
    fail_read (error, filename, errno);
    return -1;
  }
  if (S_ISREG (info->st_mode)) {
    fd = g_open (filename, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0);
    if (fd < 0) {
      fail_read (error, filename, errno);
      return -1;
    }
    if (fstat (fd, info) == 0 && S_ISREG (info->st_mode))
      return fd;
    close (fd);
  }
  {
    g_autofree char *name = g_filename_display_name (filename);

    g_set_error (error, KROMO_ERROR, KROMO_ERROR_READ, "%s: %s", name,
        S_ISDIR (info->st_mode) ? "is a directory; a genome file is needed"
                                : "is not a regular file");
  }
  return -1;
}

/* Up to @size bytes from the start; -1 on failure. */
static gssize
read_head (int fd, guint8 *data, gsize size)
{
  gsize done = 0;

  while (done < size) {
    gssize n = pread (fd, data + done, size - done, (off_t) done);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -1;
    if (n == 0)
      break;
    done += (gsize) n;
  }
  return (gssize) done;
}

gboolean
kromo_file_read (const char *filename, GBytes **bytes, GError **error)
{
  g_autofree guint8 *data = NULL;
  guint8 magic[16];
  GStatBuf info;
  gssize size;
  gsize capacity;
  gboolean ok = FALSE;
  int fd = open_regular (filename, &info, error);

  *bytes = NULL;
  if (fd < 0)
    return FALSE;
  size = read_head (fd, magic, sizeof magic);
  if (size < 0) {
    fail_read (error, filename, errno);
  } else if (kromo_is_sqlite (magic, (gsize) size)) {
    ok = TRUE; /* of any size, and not for us to read */
  } else if (info.st_size > KROMO_MAX_DOCUMENT_BYTES) {
    g_autofree char *name = g_filename_display_name (filename);
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_LIMIT, "%s: larger than %d MiB", name,
        KROMO_MAX_DOCUMENT_BYTES / MIB);
  } else {
    capacity = (gsize) info.st_size + 1; /* never more, even if it grows meanwhile */
    data = kromo_document_alloc (NULL, capacity, error);
    size = data != NULL ? read_head (fd, data, capacity) : 0;
    if (data == NULL) {
      g_autofree char *name = g_filename_display_name (filename);
      g_prefix_error (error, "%s: ", name);
    } else if (size < 0) {
      fail_read (error, filename, errno);
    } else {
      *bytes = g_bytes_new_take (g_steal_pointer (&data), (gsize) size);
      ok = TRUE;
    }
  }
  close (fd);
  return ok;
}
