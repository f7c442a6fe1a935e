/* kromodec: plays a genome that comes as a stream
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-kromodec
 * @title: kromodec
 *
 * Makes genome files play wherever a media file does. It collects a stream until it ends, takes it for
 * the text of a genome, plain or gzipped, and plays that through a kromosrc of its own.
 *
 * The kromosrc is there from the beginning as the child `source`, so that all its properties can be set.
 * Two of them are not for setting: what to play is what the stream brings, and that is not live.
 *
 * Genome databases cannot be opened from a stream; kromosrc's location takes them.
 *
 * ## Example launch lines
 * |[
 * gst-play-1.0 genome.json.gz
 * ]| A genome file, like any other media file.
 * |[
 * gst-launch-1.0 filesrc location=genome.json ! kromodec source::note-delta=-12 ! audioconvert ! audioresample ! autoaudiosink
 * ]| An octave lower.
 */

#include "gstkromodec.h"

#include "gstkromosrc.h"
#include "kromotypefind.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (gst_kromo_dec_debug);
#define GST_CAT_DEFAULT gst_kromo_dec_debug

#define MEBIBYTE (1024 * 1024)

struct _GstKromoDec {
  GstBin parent;

  GstPad *sinkpad;
  GstElement *source; /* locked, in NULL, but while it plays */

  /* the streaming thread's, or of others while it cannot run */
  GByteArray *document;
  gboolean is_complete; /* or has failed: nothing more is taken */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_KROMO_GENOME_MEDIA_TYPE));

#define gst_kromo_dec_parent_class parent_class
G_DEFINE_TYPE_WITH_CODE (GstKromoDec, gst_kromo_dec, GST_TYPE_BIN,
    GST_DEBUG_CATEGORY_INIT (gst_kromo_dec_debug, "kromodec", 0, "genome files"))
GST_ELEMENT_REGISTER_DEFINE (kromodec, "kromodec", GST_RANK_PRIMARY, GST_TYPE_KROMO_DEC)

static void
drop_document (GstKromoDec *self)
{
  g_byte_array_unref (self->document);
  self->document = g_byte_array_new ();
}

/* The document as text that a property can hold. */
static char *
get_text (GstKromoDec *self, GError **error)
{
  g_autoptr (GBytes) text = NULL;
  const char *data;
  gsize size;

  text = kromo_container_to_text (self->document->data, self->document->len, error);
  if (!text)
    return NULL;
  data = g_bytes_get_data (text, &size);
  if (size > 0 && memchr (data, 0, size)) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_PARSE,
        "neither JSON nor gzipped JSON: there is a zero byte in it");
    return NULL;
  }

  return g_strndup (data, size);
}

static void
stop (GstKromoDec *self)
{
  gst_element_set_locked_state (self->source, TRUE);
  gst_element_set_state (self->source, GST_STATE_NULL);
  g_object_set (self->source, "genome", NULL, NULL);
}

static void
play (GstKromoDec *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = get_text (self, &error);

  GST_DEBUG_OBJECT (self, "%u bytes", self->document->len);
  self->is_complete = TRUE;
  drop_document (self);
  if (!text) {
    GST_ELEMENT_ERROR (
        self, STREAM, DECODE, ("Cannot read this genome: %s.", error->message), (NULL));
    return;
  }

  g_object_set (self->source, "genome", text, "is-live", FALSE, NULL);
  /* If this fails it has told why, and must not try again when the state of all changes: which may be at this
   * moment, so it stays locked until it has begun. */
  if (gst_element_set_state (self->source, GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE) {
    stop (self);
    return;
  }
  gst_element_set_locked_state (self->source, FALSE);
  if (!gst_element_sync_state_with_parent (self->source))
    stop (self);
}

static GstFlowReturn
gst_kromo_dec_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstKromoDec *self = GST_KROMO_DEC (parent);
  gsize size = gst_buffer_get_size (buffer);
  guint old_size = self->document->len;

  if (!self->is_complete && size > KROMO_MAX_DOCUMENT_BYTES - old_size) {
    GST_ELEMENT_ERROR (self, STREAM, DECODE,
        ("Cannot read this genome: larger than %d MiB.", KROMO_MAX_DOCUMENT_BYTES / MEBIBYTE),
        (NULL));
    self->is_complete = TRUE;
    drop_document (self);
  }
  if (!self->is_complete) {
    g_byte_array_set_size (self->document, old_size + (guint) size);
    gst_buffer_extract (buffer, 0, self->document->data + old_size, size);
  }
  gst_buffer_unref (buffer);

  /* After an error of ours another one from upstream would say nothing new. */
  return self->is_complete ? GST_FLOW_EOS : GST_FLOW_OK;
}

/* What comes downstream is of the document; the sound has events of its own. */
static gboolean
gst_kromo_dec_sink_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstKromoDec *self = GST_KROMO_DEC (parent);

  GST_DEBUG_OBJECT (self, "%" GST_PTR_FORMAT, event);
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS && !self->is_complete)
    play (self);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP && !self->is_complete)
    drop_document (self);
  gst_event_unref (event);

  return TRUE;
}

/* A seek goes to the element rather than to its pad, because it remembers one until it starts. */
static gboolean
gst_kromo_dec_src_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstKromoDec *self = GST_KROMO_DEC (parent);

  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK)
    return gst_element_send_event (self->source, event);

  return gst_pad_event_default (pad, parent, event);
}

/* To the sound's own tags come those that upstream has for the document. */
static GstEvent *
merge_tags (GstKromoDec *self, GstEvent *event)
{
  GstEvent *upstream, *merged;
  GstTagList *tags, *more;
  guint i;

  gst_event_parse_tag (event, &tags);
  tags = gst_tag_list_copy (tags);
  for (i = 0; (upstream = gst_pad_get_sticky_event (self->sinkpad, GST_EVENT_TAG, i)); i++) {
    gst_event_parse_tag (upstream, &more);
    gst_tag_list_insert (tags, more, GST_TAG_MERGE_KEEP);
    gst_event_unref (upstream);
  }
  merged = gst_event_new_tag (tags);
  gst_event_set_seqnum (merged, gst_event_get_seqnum (event));
  gst_event_unref (event);

  return merged;
}

/* The sound is the stream that comes from upstream, in another form. */
static GstPadProbeReturn
on_source_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstKromoDec *self = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info), *upstream;

  if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START) {
    upstream = gst_pad_get_sticky_event (self->sinkpad, GST_EVENT_STREAM_START, 0);
    if (upstream) {
      gst_event_unref (event);
      info->data = upstream;
    }
  } else if (GST_EVENT_TYPE (event) == GST_EVENT_TAG) {
    info->data = merge_tags (self, event);
  }

  return GST_PAD_PROBE_OK;
}

/* A demuxer is not asked for other caps than it has begun with, so decodebin3 answers that none would do. */
static GstPadProbeReturn
on_source_query (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (info);
  GstCaps *answer, *current;

  if (GST_QUERY_TYPE (query) == GST_QUERY_CAPS) {
    gst_query_parse_caps_result (query, &answer);
    current = gst_pad_get_current_caps (pad);
    if (current && gst_caps_is_empty (answer))
      gst_query_set_caps_result (query, current);
    gst_clear_caps (&current);
  }

  return GST_PAD_PROBE_OK;
}

static GstStateChangeReturn
gst_kromo_dec_change_state (GstElement *element, GstStateChange transition)
{
  GstKromoDec *self = GST_KROMO_DEC (element);
  GstStateChangeReturn ret;

  /* The streaming thread must not start the source while this stops it. */
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_pad_set_active (self->sinkpad, FALSE);

  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    stop (self);
    drop_document (self);
    self->is_complete = FALSE;
  }

  return ret;
}

static void
gst_kromo_dec_finalize (GObject *object)
{
  g_byte_array_unref (GST_KROMO_DEC (object)->document);

  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_kromo_dec_class_init (GstKromoDecClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstElementClass *source_class = g_type_class_ref (GST_TYPE_KROMO_SRC);
  GstCaps *caps =
      gst_pad_template_get_caps (gst_element_class_get_pad_template (source_class, "src"));

  G_OBJECT_CLASS (klass)->finalize = gst_kromo_dec_finalize;
  element_class->change_state = gst_kromo_dec_change_state;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_pad_template (
      element_class, gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
  gst_element_class_set_static_metadata (element_class, "Kromo decoder", "Codec/Demuxer/Audio",
      "Plays evolved sounds from genome files", "The kromo authors");

  gst_caps_unref (caps);
  g_type_class_unref (source_class);
}

static void
gst_kromo_dec_init (GstKromoDec *self)
{
  GstElementClass *klass = GST_ELEMENT_GET_CLASS (self);
  GstPad *pad, *srcpad;

  self->document = g_byte_array_new ();

  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad, gst_kromo_dec_chain);
  gst_pad_set_event_function (self->sinkpad, gst_kromo_dec_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);

  self->source = g_object_new (GST_TYPE_KROMO_SRC, "name", "source", NULL);
  gst_element_set_locked_state (self->source, TRUE);
  gst_bin_add (GST_BIN (self), self->source);
  pad = gst_element_get_static_pad (self->source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_source_event, self, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM | GST_PAD_PROBE_TYPE_PULL,
      on_source_query, NULL, NULL);
  srcpad = gst_ghost_pad_new_from_template (
      "src", pad, gst_element_class_get_pad_template (klass, "src"));
  gst_pad_set_event_function (srcpad, gst_kromo_dec_src_event);
  gst_element_add_pad (GST_ELEMENT (self), srcpad);
  gst_object_unref (pad);
}
