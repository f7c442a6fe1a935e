/* The text of a stream: from blocks and gzip to characters, and from strings to texts
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "kromotypefind-text.h"

#define MAX_INPUT_BYTES (512 * 1024)
#define MAX_TEXT_BYTES (1024 * 1024)

void
gst_kromo_stream_init (GstKromoStream *stream, GstTypeFind *find)
{
  const guint8 *magic = gst_type_find_peek (find, 0, 2);

  *stream = (GstKromoStream){ .find = find, .step = sizeof stream->block };
  if (magic && magic[0] == 0x1f && magic[1] == 0x8b)
    stream->gunzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
}

void
gst_kromo_stream_clear (GstKromoStream *stream)
{
  g_clear_object (&stream->gunzip);
}

static gboolean
peek_more (GstKromoStream *stream)
{
  guint64 length = gst_type_find_get_length (stream->find);
  gsize room = MAX_INPUT_BYTES - (gsize) stream->offset;

  if (length != 0)
    room = MIN (room, length > stream->offset ? length - stream->offset : 0);
  /* Of a stream without a length this much may not be there (yet). */
  for (; stream->step > 0; stream->step /= 2) {
    gsize size = MIN (stream->step, room);

    if (size == 0)
      break;
    stream->input = gst_type_find_peek (stream->find, (gint64) stream->offset, (guint) size);
    if (stream->input) {
      stream->n_input = size;
      stream->offset += size;
      return TRUE;
    }
  }

  return FALSE;
}

static gboolean
read_plain (GstKromoStream *stream)
{
  if (!peek_more (stream))
    return FALSE;
  stream->text = stream->input;
  stream->n_text = stream->n_input;

  return TRUE;
}

static gboolean
read_gzip (GstKromoStream *stream)
{
  GConverterResult result;
  gsize n_read, n_written;

  do {
    n_read = n_written = 0;
    result = g_converter_convert (stream->gunzip, stream->input, stream->n_input, stream->block,
        sizeof stream->block, G_CONVERTER_NO_FLAGS, &n_read, &n_written, NULL);
    stream->input += n_read;
    stream->n_input -= n_read;
    /* an error with nothing left to read: it may go on */
    if (result == G_CONVERTER_FINISHED
        || (result == G_CONVERTER_ERROR && (stream->n_input > 0 || !peek_more (stream))))
      break;
  } while (n_written == 0);
  stream->text = stream->block;
  stream->n_text = n_written;

  return n_written > 0;
}

static int
stream_take (GstKromoStream *stream)
{
  if (stream->n_taken == MAX_TEXT_BYTES
      || (stream->n_text == 0 && !(stream->gunzip ? read_gzip (stream) : read_plain (stream)))) {
    stream->ran_out = TRUE;
    return GST_KROMO_TEXT_END;
  }
  stream->n_text--;
  stream->n_taken++;

  return *stream->text++;
}

/* All that is looked for is ASCII, and what is not need not be told apart. */
static int
take_code_point (GstKromoText *text)
{
  int value = 0, digit, i;

  for (i = 0; i < 4; i++) {
    digit = gst_kromo_text_take (text);
    if (digit == GST_KROMO_TEXT_END)
      return GST_KROMO_TEXT_END;
    value = value * 16 + MAX (g_ascii_xdigit_value ((char) digit), 0);
  }

  return MIN (value, 0xff);
}

static int
take_escaped (GstKromoText *text)
{
  int c = gst_kromo_text_take (text);

  switch (c) {
  case 'b':
  case 'f':
  case 'n':
  case 'r':
  case 't':
    return ' ';
  case 'u':
    return take_code_point (text);
  default:
    return c;
  }
}

int
gst_kromo_text_take (GstKromoText *text)
{
  int c;

  if (text->has_next) {
    text->has_next = FALSE;
    return text->next;
  }
  if (text->ended)
    return GST_KROMO_TEXT_END;
  if (!text->outer) {
    c = stream_take (text->stream);
  } else {
    c = gst_kromo_text_take (text->outer);
    if (c == '"')
      c = GST_KROMO_TEXT_END;
    else if (c == '\\')
      c = take_escaped (text->outer);
  }
  text->ended = c == GST_KROMO_TEXT_END;

  return c;
}

int
gst_kromo_text_look (GstKromoText *text)
{
  if (!text->has_next) {
    text->next = gst_kromo_text_take (text);
    text->has_next = TRUE;
  }

  return text->next;
}

gboolean
gst_kromo_is_space (int c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int
gst_kromo_text_look_past_space (GstKromoText *text)
{
  while (gst_kromo_is_space (gst_kromo_text_look (text)))
    gst_kromo_text_take (text);

  return gst_kromo_text_look (text);
}

GstKromoText
gst_kromo_text_open_string (GstKromoText *outer)
{
  gst_kromo_text_take (outer); /* the quote */

  return (GstKromoText){ .stream = outer->stream, .outer = outer };
}

void
gst_kromo_text_skip (GstKromoText *text)
{
  while (gst_kromo_text_take (text) != GST_KROMO_TEXT_END)
    ;
}

void
gst_kromo_text_skip_string (GstKromoText *text)
{
  GstKromoText string = gst_kromo_text_open_string (text);

  gst_kromo_text_skip (&string);
}
