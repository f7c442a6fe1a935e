/* The text of a stream, one character at a time, as a type finder reads it
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The stream is text or gzipped text. It is read once, in blocks, and up to a bound. A string of JSON in
 * a text is a text of its own, without the backslashes, so that JSON inside of strings needs no memory.
 */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_KROMO_TEXT_END (-1)

typedef struct {
  GstTypeFind *find;
  GConverter *gunzip; /* NULL: the stream is text */
  guint64 offset;     /* of what was not peeked yet */
  gsize step;         /* how much to peek at once */
  const guint8 *input;
  gsize n_input; /* peeked and not decompressed */
  const guint8 *text;
  gsize n_text;  /* not taken */
  gsize n_taken; /* in all */
  gboolean ran_out;
  guint8 block[4096];
} GstKromoStream;

/* The whole stream, or a string in another text. */
typedef struct _GstKromoText {
  GstKromoStream *stream;
  struct _GstKromoText *outer; /* NULL: the stream */
  gboolean ended;
  gboolean has_next;
  int next; /* looked at and not taken */
} GstKromoText;

void gst_kromo_stream_init (GstKromoStream *stream, GstTypeFind *find);
void gst_kromo_stream_clear (GstKromoStream *stream);

/* The next character, taken or only looked at, or GST_KROMO_TEXT_END for ever. */
int gst_kromo_text_take (GstKromoText *text);
int gst_kromo_text_look (GstKromoText *text);
int gst_kromo_text_look_past_space (GstKromoText *text);
gboolean gst_kromo_is_space (int c);

/* Of the string that comes next. @outer must not be used while this is, and goes on behind the string
 * once this has ended. */
GstKromoText gst_kromo_text_open_string (GstKromoText *outer);
void gst_kromo_text_skip_string (GstKromoText *text);
/* To its end. */
void gst_kromo_text_skip (GstKromoText *text);

G_END_DECLS
