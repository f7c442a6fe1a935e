/* kromo-station: whether a genome can be played
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A pipeline that goes to PAUSED has loaded the genome, made its graph and rendered its first chunk.
 */
#include "trial.h"

#include "sound.h"

/* Scans of the whole sound are part of it. */
#define MAX_TIME (30 * GST_SECOND)

struct _Trial {
  GstElement *pipeline;
  GstElement *source;
};

Trial *
trial_new (gint channels, GError **error)
{
  g_autofree char *description = g_strdup_printf (
      "kromosrc name=source measure-rtf=false checkpoint-memory=0 ! audio/x-raw,format=S16LE,"
      "layout=interleaved,rate=%d,channels=%d ! fakesink",
      SOUND_RATE, channels);
  GstElement *pipeline =
      gst_parse_launch_full (description, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  Trial *trial;

  if (!pipeline)
    return NULL;
  trial = g_new0 (Trial, 1);
  trial->pipeline = pipeline;
  trial->source = gst_bin_get_by_name (GST_BIN (pipeline), "source");

  return trial;
}

void
trial_free (Trial *trial)
{
  gst_element_set_state (trial->pipeline, GST_STATE_NULL);
  gst_object_unref (trial->source);
  gst_object_unref (trial->pipeline);
  g_free (trial);
}

GstElement *
trial_get_source (Trial *trial)
{
  return trial->source;
}

/* Also where it failed after the state had changed: such a stream ends, which is a state reached, too. */
static gboolean
take_error (Trial *trial, GError **error)
{
  GstBus *bus = gst_element_get_bus (trial->pipeline);
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

  gst_object_unref (bus);
  if (!message)
    return FALSE;
  gst_message_parse_error (message, error, NULL);
  gst_message_unref (message);

  return TRUE;
}

gboolean
trial_play (Trial *trial, const Genome *genome, GError **error)
{
  gboolean good;

  genome_set_on (genome, trial->source, NULL);
  gst_element_set_state (trial->pipeline, GST_STATE_PAUSED);
  good = gst_element_get_state (trial->pipeline, NULL, NULL, MAX_TIME) == GST_STATE_CHANGE_SUCCESS;
  if (take_error (trial, error))
    good = FALSE;
  else if (!good)
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_STATE_CHANGE,
        "it takes longer than %d s to begin", (int) (MAX_TIME / GST_SECOND));
  gst_element_set_state (trial->pipeline, GST_STATE_NULL);

  return good;
}
