/* kromo-station: samples of one genome after the other to encoded streams
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Ogg/Opus has a stream for each genome, MP3 one that goes on with other tags; both begin a new one with each
 * connection.
 *
 * libshout, which paces what shout2send sends, counts Opus packets, and does not know that a stream may end
 * within its last one. To a server streams are therefore cut where a packet ends, at most 20 ms before
 * the next genome's first sample; otherwise libshout would hold up each stream a bit longer than the one
 * before.
 */
#include "stream.h"

#include "encoder.h"
#include "lib/genomes.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <gst/base/gstadapter.h>
#include <stdio.h>

/* Frames. The first packet is shorter by what decoders leave out. */
#define OPUS_PACKET 960
#define OPUS_PRE_SKIP 312

struct _Stream {
  const Options *options;
  Outlet *outlet;
  FILE *raw;        /* or NULL */
  guint frame_size; /* bytes */
  gboolean in_packets;
  GstAdapter *held;

  Encoder *encoder;
  guint64 n_fed;    /* frames, to this encoder */
  GstTagList *tags; /* of what plays */
  gboolean wants_new;
  guint64 n_genomes;
};

static GError *
make_raw_error (const Stream *stream)
{
  return g_error_new (G_FILE_ERROR, g_file_error_from_errno (errno), "%s cannot be written: %s",
      stream->options->raw, g_strerror (errno));
}

Stream *
stream_new (const Options *options, Outlet *outlet, GError **error)
{
  Stream *stream = g_new0 (Stream, 1);

  stream->options = options;
  stream->outlet = outlet;
  stream->frame_size = 2 * (guint) options->channels;
  stream->in_packets = options->format == FORMAT_OPUS && !options->output;
  stream->held = gst_adapter_new ();
  if (options->raw && !(stream->raw = g_fopen (options->raw, "wb"))) {
    g_propagate_error (error, make_raw_error (stream));
    stream_finish (stream, NULL);
    return NULL;
  }

  return stream;
}

guint64
stream_get_n_genomes (const Stream *stream)
{
  return stream->n_genomes;
}

/* ---- tags ---- */

static void
tell_title (const Stream *stream)
{
  g_autofree char *title = NULL, *printable = NULL;

  if (stream->options->quiet || !gst_tag_list_get_string (stream->tags, GST_TAG_TITLE, &title))
    return;
  printable = make_printable (title);
  g_print ("playing %s\n", printable);
}

void
stream_begin_genome (Stream *stream, GstTagList *tags)
{
  g_clear_pointer (&stream->tags, gst_tag_list_unref);
  stream->tags = gst_tag_list_copy (tags);
  /* Without an artist, shout2send makes one up. */
  gst_tag_list_add (stream->tags, GST_TAG_MERGE_KEEP, GST_TAG_ARTIST, stream->options->name, NULL);
  /* shout2send does not tell the server. */
  if (stream->options->url)
    gst_tag_list_add (
        stream->tags, GST_TAG_MERGE_KEEP, GST_TAG_CONTACT, stream->options->url, NULL);
  stream->n_genomes++;
  tell_title (stream);
  if (stream->options->format == FORMAT_OPUS)
    stream->wants_new = TRUE;
  else if (stream->encoder)
    encoder_push_tags (stream->encoder, stream->tags);
}

/* ---- samples ---- */

static void
on_bytes (GstBuffer *buffer, gpointer user_data)
{
  Stream *stream = user_data;

  outlet_push (stream->outlet, buffer);
}

static void
on_tags (GstEvent *event, gpointer user_data)
{
  Stream *stream = user_data;

  outlet_push_tags (stream->outlet, event);
}

static gboolean
finish_encoder (Stream *stream, GError **error)
{
  Encoder *encoder = g_steal_pointer (&stream->encoder);

  return !encoder || encoder_finish (encoder, error);
}

/* The old stream goes to the old connection to its end, the new one to what is there now. */
static gboolean
begin_encoder (Stream *stream, GError **error)
{
  const EncoderCallbacks callbacks = { .bytes = on_bytes, .tags = on_tags };

  if (!finish_encoder (stream, error))
    return FALSE;
  outlet_begin (stream->outlet);
  stream->encoder = encoder_new (stream->options, stream->tags, &callbacks, stream, error);
  stream->n_fed = 0;
  stream->wants_new = FALSE;

  return stream->encoder != NULL;
}

/* What of @n held frames the encoder may have now. */
static guint64
whole_packets (const Stream *stream, guint64 n)
{
  guint64 end = stream->n_fed + n + OPUS_PRE_SKIP;

  end -= end % OPUS_PACKET;

  return end > stream->n_fed + OPUS_PRE_SKIP ? end - OPUS_PRE_SKIP - stream->n_fed : 0;
}

static gboolean
feed (Stream *stream, gboolean everything, GError **error)
{
  guint64 n = gst_adapter_available (stream->held) / stream->frame_size;
  GstBuffer *buffer;
  gboolean good;

  if (!everything)
    n = whole_packets (stream, n);
  if (n == 0)
    return TRUE;
  stream->n_fed += n;
  buffer = gst_adapter_take_buffer (stream->held, n * stream->frame_size);
  good = encoder_push (stream->encoder, buffer);
  gst_buffer_unref (buffer);

  return good || finish_encoder (stream, error);
}

static gboolean
write_raw (const Stream *stream, GstBuffer *samples, GError **error)
{
  GstMapInfo map;
  gboolean good;

  gst_buffer_map (samples, &map, GST_MAP_READ);
  good = fwrite (map.data, 1, map.size, stream->raw) == map.size;
  if (!good)
    g_propagate_error (error, make_raw_error (stream));
  gst_buffer_unmap (samples, &map);

  return good;
}

gboolean
stream_push (Stream *stream, GstBuffer *samples, GError **error)
{
  if (stream->wants_new || !stream->encoder || outlet_is_waiting (stream->outlet)) {
    if (!begin_encoder (stream, error))
      return FALSE;
  }
  if (stream->raw && !write_raw (stream, samples, error))
    return FALSE;
  gst_adapter_push (stream->held, gst_buffer_ref (samples));

  return feed (stream, !stream->in_packets, error);
}

gboolean
stream_finish (Stream *stream, GError **error)
{
  gboolean good = TRUE;

  if (stream->encoder)
    good = feed (stream, TRUE, error) && finish_encoder (stream, error);
  if (stream->raw && fclose (stream->raw) != 0 && good) {
    g_propagate_error (error, make_raw_error (stream));
    good = FALSE;
  }
  g_clear_pointer (&stream->tags, gst_tag_list_unref);
  g_object_unref (stream->held);
  g_free (stream);

  return good;
}
