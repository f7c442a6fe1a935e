/* kromosrc: what it tells the application and the elements downstream
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstkromosrc.h"

#define GST_CAT_DEFAULT gst_kromo_src_debug

#define MAX_LISTED_WARNINGS 20

static void
post (GstKromoSrc *self, GstMessageType type, GQuark domain, gint code, const char *text)
{
  gst_element_message_full (GST_ELEMENT (self), type, domain, code, g_strdup (text), NULL, __FILE__,
      GST_FUNCTION, __LINE__);
}

void
gst_kromo_src_post_error (GstKromoSrc *self, const GError *error)
{
  GQuark domain = GST_STREAM_ERROR;
  gint code = GST_STREAM_ERROR_DECODE;

  if (error->domain == KROMO_ERROR) {
    switch ((KromoError) error->code) {
    case KROMO_ERROR_NOT_FOUND:
      domain = GST_RESOURCE_ERROR;
      code = GST_RESOURCE_ERROR_NOT_FOUND;
      break;
    case KROMO_ERROR_READ:
      domain = GST_RESOURCE_ERROR;
      code = GST_RESOURCE_ERROR_OPEN_READ;
      break;
    case KROMO_ERROR_SETTINGS:
    case KROMO_ERROR_MEMORY:
      domain = GST_RESOURCE_ERROR;
      code = GST_RESOURCE_ERROR_SETTINGS;
      break;
    case KROMO_ERROR_PARSE:
    case KROMO_ERROR_INVALID:
    case KROMO_ERROR_UNSUPPORTED:
    case KROMO_ERROR_LIMIT:
    case KROMO_ERROR_CANCELLED:
      break;
    }
  }
  post (self, GST_MESSAGE_ERROR, domain, code, error->message);
}

void
gst_kromo_src_post_settings_error (GstKromoSrc *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  post (self, GST_MESSAGE_ERROR, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, text);
}

/* After an error was posted. GST_FLOW_ERROR would make the base class post a second one; like it, this
 * ends the stream. */
GstFlowReturn
gst_kromo_src_fail (GstKromoSrc *self)
{
  self->failed = TRUE;

  return GST_FLOW_EOS;
}

static guint
append_warnings (GString *text, guint n, const char *const *warnings)
{
  for (; warnings && *warnings; warnings++, n++) {
    if (n < MAX_LISTED_WARNINGS)
      g_string_append_printf (text, "%s%s", n ? "; " : "", *warnings);
  }

  return n;
}

void
gst_kromo_src_post_warnings (GstKromoSrc *self)
{
  g_autoptr (GString) list = g_string_new (NULL);
  guint n;

  n = append_warnings (list, 0, kromo_genome_get_warnings (self->genome));
  n = append_warnings (list, n, kromo_renderer_get_warnings (self->renderer));
  if (n == 0)
    return;
  if (n > MAX_LISTED_WARNINGS)
    g_string_append_printf (list, "; and %u more", n - MAX_LISTED_WARNINGS);
  g_string_prepend (list, "Not played as written: ");
  post (self, GST_MESSAGE_WARNING, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE, list->str);
}

void
gst_kromo_src_post_non_finite (GstKromoSrc *self)
{
  post (self, GST_MESSAGE_WARNING, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
      "The sound has samples that are infinite or not numbers; they are played as silence.");
}

void
gst_kromo_src_post_scan (GstKromoSrc *self, GstProgressType type, gint percent)
{
  g_autofree char *text = g_strdup_printf ("Scanning the sound: %d %%", percent);
  GstMessage *message = gst_message_new_progress (GST_OBJECT (self), type, "scan", text);

  gst_structure_set (
      gst_message_writable_structure (message), "percent", G_TYPE_INT, percent, NULL);
  gst_element_post_message (GST_ELEMENT (self), message);
}

void
gst_kromo_src_post_chunk (GstKromoSrc *self, guint64 frames)
{
  guint64 total = kromo_renderer_get_n_frames (self->renderer);
  GstStructure *structure;

  structure = gst_structure_new ("kromosrc-progress", "rendered", G_TYPE_UINT64, self->frame,
      "total", G_TYPE_UINT64, total, "progress", G_TYPE_DOUBLE, (gdouble) self->frame / total,
      "rtf", G_TYPE_DOUBLE, self->pacing.rtf, "chunk-duration", G_TYPE_UINT64,
      gst_util_uint64_scale_int (frames, GST_SECOND, self->info.rate), NULL);
  gst_element_post_message (
      GST_ELEMENT (self), gst_message_new_element (GST_OBJECT (self), structure));
}

static char *
make_title (GstKromoSrc *self)
{
  const GstKromoSettings *settings = &self->playing;
  const char *id = kromo_genome_get_id (self->genome);

  if (!settings->location && !settings->genome)
    return settings->seed ? g_strdup_printf ("kromo random %" G_GUINT64_FORMAT, settings->seed)
                          : g_strdup ("kromo default");
  if (id && *id)
    return g_strdup (id);

  return settings->location ? g_filename_display_basename (settings->location)
                            : g_strdup ("kromo genome");
}

/* The number in the C locale. */
static const char *
number (char *buffer, double value)
{
  return g_ascii_formatd (buffer, G_ASCII_DTOSTR_BUF_SIZE, "%.10g", value);
}

/* The base class sends queued events in their right place, between segment and buffer. */
void
gst_kromo_src_queue_tags (GstKromoSrc *self)
{
  const KromoNote *note = &self->playing.note;
  char delta[G_ASCII_DTOSTR_BUF_SIZE], velocity[G_ASCII_DTOSTR_BUF_SIZE],
      duration[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *title = NULL, *comment = NULL;
  GstTagList *tags;

  title = make_title (self);
  comment = g_strdup_printf ("note-delta %s, velocity %s, duration %s s",
      number (delta, note->note_delta), number (velocity, note->velocity),
      number (duration, (double) note->duration / GST_SECOND));
  tags = gst_tag_list_new (GST_TAG_TITLE, title, GST_TAG_APPLICATION_NAME,
      "kromosrc " PACKAGE_VERSION, GST_TAG_COMMENT, comment, NULL);
  gst_tag_list_set_scope (tags, GST_TAG_SCOPE_STREAM);

  /* Not gst_element_send_event(): it takes the state lock, and a thread that has it may be waiting
   * for this one to end. */
  GST_ELEMENT_GET_CLASS (self)->send_event (GST_ELEMENT (self), gst_event_new_tag (tags));
}

GstStructure *
gst_kromo_stats_to_structure (const GstKromoStats *stats)
{
  return gst_structure_new ("kromosrc-stats", "rtf", G_TYPE_DOUBLE, stats->rtf, "chunk-duration",
      G_TYPE_UINT64, stats->chunk_duration, "chunks", G_TYPE_UINT64, stats->chunks, "frames",
      G_TYPE_UINT64, stats->frames, "first-chunk-latency", G_TYPE_UINT64,
      stats->first_chunk_latency, "render-time", G_TYPE_UINT64, stats->render_time, "underruns",
      G_TYPE_UINT64, stats->underruns, NULL);
}
