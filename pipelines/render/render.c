/* One sound to one file
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "render.h"

#include <string.h>

#include "part-file.h"

#define SOURCE_NAME "source"
#define POLL_INTERVAL (100 * GST_MSECOND)

/* kromosrc ! caps ! encoder ! fdsink, or NULL */
static GstElement *
make_pipeline (const RenderJob *job, gint fd, GError **error)
{
  g_autoptr (GstCaps) caps =
      sound_options_get_caps (job->options, file_format_get_samples (job->format));
  g_autoptr (GstElement) pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  GstElement *src = gst_element_factory_make ("kromosrc", SOURCE_NAME);
  GstElement *filter = gst_element_factory_make ("capsfilter", NULL);
  GstElement *sink = gst_element_factory_make ("fdsink", NULL);
  GstElement *encoder = file_format_make_encoder (job->format, error);

  if (!encoder) {
    gst_object_unref (src);
    gst_object_unref (filter);
    gst_object_unref (sink);
    return NULL;
  }
  sound_options_apply (job->options, src);
  if (job->has_note_delta)
    g_object_set (src, "note-delta", job->note_delta, NULL);
  g_object_set (filter, "caps", caps, NULL);
  g_object_set (sink, "fd", fd, "sync", FALSE, NULL);
  gst_bin_add_many (GST_BIN (pipeline), src, filter, encoder, sink, NULL);
  if (!genome_set_on (job->genome, src, error))
    return NULL;
  if (!gst_element_link_many (src, filter, encoder, sink, NULL)) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION,
        "the encoder does not take what kromosrc gives");
    return NULL;
  }

  return g_steal_pointer (&pipeline);
}

static void
add_warning (RenderJob *job, GstMessage *message)
{
  g_autoptr (GError) warning = NULL;
  g_autofree char *before = g_steal_pointer (&job->warnings);
  g_autofree char *line = NULL;

  gst_message_parse_warning (message, &warning, NULL);
  line = make_printable (warning->message);
  job->warnings = before ? g_strconcat (before, "\n", line, NULL) : g_strdup (line);
}

/* kromosrc says what, where and what to do; of what the others say, the reason is in the debug text. */
static void
take_error (const RenderJob *job, GstMessage *message, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree char *debug = NULL;
  const char *detail;

  gst_message_parse_error (message, &reason, &debug);
  if (g_str_equal (GST_OBJECT_NAME (GST_MESSAGE_SRC (message)), SOURCE_NAME)) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return;
  }
  detail = debug ? strrchr (debug, '\n') : NULL;
  g_set_error (error, reason->domain, reason->code, "%s: cannot be written: %s%s%s", job->output,
      reason->message, detail ? " " : "", detail ? detail + 1 : "");
}

/* Returns: whether the stream goes on */
static gboolean
on_message (RenderJob *job, GstMessage *message, GError **error)
{
  const GstStructure *structure;
  gdouble progress;

  switch (GST_MESSAGE_TYPE (message)) {
  case GST_MESSAGE_EOS:
    return FALSE;
  case GST_MESSAGE_ERROR:
    take_error (job, message, error);
    return FALSE;
  case GST_MESSAGE_WARNING:
    add_warning (job, message);
    return TRUE;
  case GST_MESSAGE_ELEMENT:
    structure = gst_message_get_structure (message);
    if (gst_structure_has_name (structure, "kromosrc-progress")
        && gst_structure_get_double (structure, "progress", &progress))
      g_atomic_int_set (&job->permille, (gint) (progress * 1000));
    return TRUE;
  default:
    return TRUE;
  }
}

static gboolean
run_pipeline (RenderJob *job, GstElement *pipeline, GCancellable *cancellable, GError **error)
{
  g_autoptr (GstElement) src = gst_bin_get_by_name (GST_BIN (pipeline), SOURCE_NAME);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GError *failure = NULL;
  gboolean running = TRUE;
  gint64 position;

  gst_element_set_state (pipeline, GST_STATE_PLAYING); /* a failure comes as a message */
  while (running && !g_cancellable_set_error_if_cancelled (cancellable, &failure)) {
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus, POLL_INTERVAL,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING | GST_MESSAGE_ELEMENT);

    if (message)
      running = on_message (job, message, &failure);
  }
  if (!failure && gst_element_query_position (src, GST_FORMAT_TIME, &position))
    job->audio_time = (GstClockTime) position;
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (failure)
    g_propagate_error (error, failure);

  return failure == NULL;
}

gboolean
render_job_run (RenderJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (GstElement) pipeline = NULL;
  PartFile file;

  if (!part_file_open (&file, job->output, job->replace, error))
    return FALSE;
  pipeline = make_pipeline (job, file.fd, error);
  if (!pipeline || !run_pipeline (job, pipeline, cancellable, error)) {
    part_file_discard (&file);
    return FALSE;
  }

  return part_file_finish (&file, job->is_lasting, error);
}

void
render_job_clear (RenderJob *job)
{
  g_clear_pointer (&job->warnings, g_free);
}
