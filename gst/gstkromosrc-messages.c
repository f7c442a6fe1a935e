/* kromosrc: what it tells the application and the elements downstream
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstkromosrc.h"

#define MAX_LISTED_WARNINGS 20
#define PERCENT_STEP 5

static void
post (GstKromoSrc *self, GstMessageType type, GQuark domain, gint code, const char *text)
{
  gst_element_message_full (GST_ELEMENT (self), type, domain, code, g_strdup (text), NULL, __FILE__,
      GST_FUNCTION, __LINE__);
}

/* GStreamer's words for an error of the engine. */
static void
get_code (const GError *error, GQuark *domain, gint *code)
{
  *domain = GST_STREAM_ERROR;
  *code = GST_STREAM_ERROR_DECODE;

  if (error->domain == KROMO_ERROR) {
    switch ((KromoError) error->code) {
    case KROMO_ERROR_NOT_FOUND:
      *domain = GST_RESOURCE_ERROR;
      *code = GST_RESOURCE_ERROR_NOT_FOUND;
      break;
    case KROMO_ERROR_READ:
      *domain = GST_RESOURCE_ERROR;
      *code = GST_RESOURCE_ERROR_OPEN_READ;
      break;
    case KROMO_ERROR_SETTINGS:
    case KROMO_ERROR_MEMORY:
      *domain = GST_RESOURCE_ERROR;
      *code = GST_RESOURCE_ERROR_SETTINGS;
      break;
    case KROMO_ERROR_NO_MEMORY:
      *domain = GST_RESOURCE_ERROR;
      *code = GST_RESOURCE_ERROR_NO_SPACE_LEFT;
      break;
    case KROMO_ERROR_PARSE:
    case KROMO_ERROR_INVALID:
    case KROMO_ERROR_UNSUPPORTED:
    case KROMO_ERROR_LIMIT:
    case KROMO_ERROR_CANCELLED:
      break;
    }
  }
}

void
gst_kromo_src_post_error (GstKromoSrc *self, const GError *error)
{
  GQuark domain;
  gint code;

  get_code (error, &domain, &code);
  post (self, GST_MESSAGE_ERROR, domain, code, error->message);
}

/* For what could not be done, while the rest goes on. */
void
gst_kromo_src_post_warning (GstKromoSrc *self, const GError *error, const char *consequence)
{
  g_autofree char *text = g_strdup_printf ("%s; %s", error->message, consequence);
  GQuark domain;
  gint code;

  get_code (error, &domain, &code);
  post (self, GST_MESSAGE_WARNING, domain, code, text);
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

  n = append_warnings (list, 0, kromo_genome_get_warnings (self->sound->genome));
  n = append_warnings (list, n, kromo_renderer_get_warnings (self->sound->renderer));
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

/* ---- what takes long ---- */

static void
post_progress (GstKromoSrc *self, GstProgressType type, const char *code)
{
  gint percent = MAX (self->last_percent, 0);
  g_autofree char *text = g_strdup_printf ("%s: %d %%",
      g_str_equal (code, "scan") ? "Scanning the sound" : "Rendering up to the position", percent);
  GstMessage *message = gst_message_new_progress (GST_OBJECT (self), type, code, text);

  gst_structure_set (
      gst_message_writable_structure (message), "percent", G_TYPE_INT, percent, NULL);
  gst_element_post_message (GST_ELEMENT (self), message);
}

void
gst_kromo_src_begin_progress (GstKromoSrc *self)
{
  self->last_percent = -1;
}

/* @done: 0..1; the first one tells that it has begun. */
void
gst_kromo_src_post_progress (GstKromoSrc *self, const char *code, double done)
{
  gint percent = (gint) (CLAMP (done, 0, 1) * 100);

  if (self->last_percent == -1) {
    self->last_percent = 0;
    post_progress (self, GST_PROGRESS_TYPE_START, code);
  }
  if (percent < self->last_percent + PERCENT_STEP)
    return;
  self->last_percent = percent;
  post_progress (self, GST_PROGRESS_TYPE_CONTINUE, code);
}

/* @error: (nullable): why it ended early */
void
gst_kromo_src_end_progress (GstKromoSrc *self, const char *code, const GError *error)
{
  if (self->last_percent == -1)
    return;
  if (!error)
    self->last_percent = 100;
  post_progress (self,
      !error                                                            ? GST_PROGRESS_TYPE_COMPLETE
          : g_error_matches (error, KROMO_ERROR, KROMO_ERROR_CANCELLED) ? GST_PROGRESS_TYPE_CANCELED
                                                                        : GST_PROGRESS_TYPE_ERROR,
      code);
}

/* ---- chunks ---- */

/* The names in what is posted with every chunk. gst_structure_new() would look each of them up, and every
 * value's type as well. */
static struct {
  GQuark name, rendered, total, progress, rtf, chunk_duration;
} progress_quarks;

void
gst_kromo_src_init_messages (void)
{
  progress_quarks.name = g_quark_from_static_string ("kromosrc-progress");
  progress_quarks.rendered = g_quark_from_static_string ("rendered");
  progress_quarks.total = g_quark_from_static_string ("total");
  progress_quarks.progress = g_quark_from_static_string ("progress");
  progress_quarks.rtf = g_quark_from_static_string ("rtf");
  progress_quarks.chunk_duration = g_quark_from_static_string ("chunk-duration");
}

static void
add_uint64 (GstStructure *structure, GQuark field, guint64 number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_UINT64);
  g_value_set_uint64 (&value, number);
  gst_structure_id_take_value (structure, field, &value);
}

static void
add_double (GstStructure *structure, GQuark field, gdouble number)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, number);
  gst_structure_id_take_value (structure, field, &value);
}

static gboolean
has_bus (GstKromoSrc *self)
{
  gboolean has_bus;

  GST_OBJECT_LOCK (self);
  has_bus = GST_ELEMENT_BUS (self) != NULL;
  GST_OBJECT_UNLOCK (self);

  return has_bus;
}

/* Where on the timeline the chunk that has just been made leads to. */
void
gst_kromo_src_post_chunk (GstKromoSrc *self, GstClockTime duration)
{
  guint64 end = gst_kromo_src_get_end (self, self->info.rate);
  guint64 total = end == G_MAXUINT64 ? 0 : end - self->origin;
  guint64 rendered = self->frame - self->origin;
  GstStructure *structure;

  if (!has_bus (self))
    return;
  structure = gst_structure_new_id_empty (progress_quarks.name);
  add_uint64 (structure, progress_quarks.rendered, rendered);
  add_uint64 (structure, progress_quarks.total, total);
  add_double (structure, progress_quarks.progress, total ? (gdouble) rendered / total : 0.0);
  add_double (structure, progress_quarks.rtf, self->pacing.rtf);
  add_uint64 (structure, progress_quarks.chunk_duration, duration);
  gst_element_post_message (
      GST_ELEMENT (self), gst_message_new_element (GST_OBJECT (self), structure));
}

/* A live chunk took longer than it lasts. */
void
gst_kromo_src_post_underrun (GstKromoSrc *self, GstClockTime timestamp, GstClockTime duration)
{
  const GstSegment *segment = &GST_BASE_SRC (self)->segment;
  GstStructure *structure;
  guint64 underruns;

  GST_OBJECT_LOCK (self);
  underruns = self->stats.underruns;
  GST_OBJECT_UNLOCK (self);
  structure = gst_structure_new ("kromosrc-underrun", "timestamp", G_TYPE_UINT64, timestamp,
      "running-time", G_TYPE_UINT64,
      gst_segment_to_running_time (segment, GST_FORMAT_TIME, timestamp), "stream-time",
      G_TYPE_UINT64, gst_segment_to_stream_time (segment, GST_FORMAT_TIME, timestamp), "duration",
      G_TYPE_UINT64, gst_util_uint64_scale_int (self->chunk.n_frames, GST_SECOND, self->info.rate),
      "render-time", G_TYPE_UINT64, self->chunk.elapsed, "underruns", G_TYPE_UINT64, underruns,
      NULL);
  gst_element_post_message (
      GST_ELEMENT (self), gst_message_new_element (GST_OBJECT (self), structure));
}

/* ---- tags ---- */

static char *
make_title (GstKromoSrc *self)
{
  const GstKromoSettings *settings = &self->sound->settings;
  const char *id = kromo_genome_get_id (self->sound->genome);

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
  const KromoNote *note = &self->sound->settings.note;
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
      G_TYPE_UINT64, stats->underruns, "changes", G_TYPE_UINT64, stats->changes, "memory",
      G_TYPE_UINT64, stats->memory, "checkpoint-memory", G_TYPE_UINT64, stats->checkpoint_memory,
      "n-threads", G_TYPE_UINT, stats->n_threads, "cpu", G_TYPE_STRING,
      kromo_cpu_get_name (kromo_cpu_get ()), NULL);
}
