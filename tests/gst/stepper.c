/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "stepper.h"

#include <string.h>

#include "gstkromosrc.h"

/* Nothing here takes that long; without it a failure would be a hang. */
#define PATIENCE (60 * G_TIME_SPAN_SECOND)

struct _Stepper {
  Rig *rig;
  GMutex lock;
  GCond cond;
  guint arrived; /* buffers so far */
  guint allowed; /* how many of them may go */
  guint64 frame; /* of the last one */
  gboolean open; /* all may go */
  gboolean flushing;
  gboolean ended;
  guint n_warnings, n_released; /* of those that are held */
};

/* ---- the gate ---- */

static void
hold (Stepper *stepper, GstBuffer *buffer)
{
  g_mutex_lock (&stepper->lock);
  stepper->arrived++;
  stepper->frame = GST_BUFFER_OFFSET (buffer);
  g_cond_broadcast (&stepper->cond);
  while (stepper->arrived > stepper->allowed && !stepper->open && !stepper->flushing)
    g_cond_wait (&stepper->cond, &stepper->lock);
  g_mutex_unlock (&stepper->lock);
}

static void
note_event (Stepper *stepper, GstEvent *event)
{
  g_mutex_lock (&stepper->lock);
  switch (GST_EVENT_TYPE (event)) {
  case GST_EVENT_FLUSH_START:
    stepper->flushing = TRUE;
    break;
  case GST_EVENT_FLUSH_STOP:
    stepper->flushing = FALSE;
    stepper->ended = FALSE;
    stepper->allowed = stepper->arrived;
    break;
  case GST_EVENT_EOS:
  case GST_EVENT_SEGMENT_DONE:
    stepper->ended = TRUE;
    break;
  default:
    break;
  }
  g_cond_broadcast (&stepper->cond);
  g_mutex_unlock (&stepper->lock);
}

static GstPadProbeReturn
on_data (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  if (GST_IS_BUFFER (info->data))
    hold (user_data, GST_BUFFER (info->data));
  else
    note_event (user_data, GST_EVENT (info->data));

  return GST_PAD_PROBE_OK;
}

/* After the rig's own probe: what is held is captured already. */
Stepper *
stepper_new (GstElement *src, const char *caps)
{
  Stepper *stepper = g_new0 (Stepper, 1);
  GstPad *pad;

  g_mutex_init (&stepper->lock);
  g_cond_init (&stepper->cond);
  stepper->rig = rig_new (src, caps ? caps : STEPPER_CAPS);
  /* a seek while the pipeline is still on its way to PLAYING would leave it in PAUSED */
  g_object_set (stepper->rig->sink, "async", FALSE, NULL);
  pad = gst_element_get_static_pad (stepper->rig->sink, "sink");
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
          | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      on_data, stepper, NULL);
  gst_object_unref (pad);

  return stepper;
}

/* With the lock: until a buffer is held or the stream has ended. */
static gboolean
wait_for_buffer (Stepper *stepper)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  gboolean in_time = TRUE;

  while (stepper->arrived <= stepper->allowed && !stepper->ended && in_time)
    in_time = g_cond_wait_until (&stepper->cond, &stepper->lock, deadline);
  fail_unless (in_time, "no buffer after frame %" G_GUINT64_FORMAT, stepper->frame);

  return stepper->arrived > stepper->allowed;
}

void
stepper_start (Stepper *stepper, GstState state)
{
  fail_unless (gst_element_set_state (stepper->rig->pipeline, state) != GST_STATE_CHANGE_FAILURE);
  g_mutex_lock (&stepper->lock);
  wait_for_buffer (stepper);
  g_mutex_unlock (&stepper->lock);
}

void
stepper_let_go (Stepper *stepper)
{
  g_mutex_lock (&stepper->lock);
  stepper->allowed = stepper->arrived;
  g_cond_broadcast (&stepper->cond);
  g_mutex_unlock (&stepper->lock);
}

gboolean
stepper_pull (Stepper *stepper)
{
  gboolean is_held;

  g_mutex_lock (&stepper->lock);
  stepper->allowed = stepper->arrived;
  g_cond_broadcast (&stepper->cond);
  is_held = wait_for_buffer (stepper);
  g_mutex_unlock (&stepper->lock);

  return is_held;
}

void
stepper_pull_to (Stepper *stepper, guint64 frame)
{
  while (stepper_frame (stepper) < frame)
    fail_unless (stepper_pull (stepper), "ended before frame %" G_GUINT64_FORMAT, frame);
}

/* Lets go whatever is held. */
static void
set_open (Stepper *stepper, gboolean open)
{
  g_mutex_lock (&stepper->lock);
  stepper->open = open;
  stepper->allowed = stepper->arrived;
  stepper->ended = stepper->ended && open;
  g_cond_broadcast (&stepper->cond);
  g_mutex_unlock (&stepper->lock);
}

void
stepper_run (Stepper *stepper)
{
  set_open (stepper, TRUE);
  gst_element_set_state (stepper->rig->pipeline, GST_STATE_PLAYING);
  rig_wait (stepper->rig);
  set_open (stepper, FALSE);
}

static gint64
get_time (gint64 frame)
{
  return frame < 0 ? -1
                   : (gint64) gst_util_uint64_scale_int ((guint64) frame, GST_SECOND, STEPPER_RATE);
}

gboolean
stepper_seek (Stepper *stepper, gdouble rate, gint64 start, gint64 stop)
{
  gboolean done = gst_element_seek (stepper->rig->src, rate, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET, get_time (start),
      GST_SEEK_TYPE_SET, get_time (stop));

  if (done) {
    g_mutex_lock (&stepper->lock);
    wait_for_buffer (stepper);
    g_mutex_unlock (&stepper->lock);
  }

  return done;
}

void
stepper_restart (Stepper *stepper)
{
  Capture *capture = stepper->rig->capture;

  set_open (stepper, TRUE);
  fail_unless_equals_int (
      gst_element_set_state (stepper->rig->pipeline, GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  set_open (stepper, FALSE);
  g_byte_array_set_size (capture->data, 0);
  g_array_set_size (capture->buffers, 0);
  g_ptr_array_set_size (capture->events, 0);
  capture->eos = FALSE;
  stepper_start (stepper, GST_STATE_PAUSED);
}

Capture *
stepper_finish (Stepper *stepper)
{
  Capture *capture;

  set_open (stepper, TRUE);
  capture = rig_stop (stepper->rig);
  rig_free (stepper->rig);
  g_cond_clear (&stepper->cond);
  g_mutex_clear (&stepper->lock);
  g_free (stepper);

  return capture;
}

/* ---- changes ---- */

void
stepper_settle (Stepper *stepper)
{
  /* its type is in a plugin, out of the linker's reach */
  GstKromoCompiler *compiler = &((GstKromoSrc *) stepper->rig->src)->compiler;
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  gboolean in_time = TRUE;

  g_mutex_lock (&compiler->lock);
  while (in_time
      && (compiler->change_wanted || compiler->change_under_way || compiler->next_wanted
          || compiler->next_under_way))
    in_time = g_cond_wait_until (&compiler->cond, &compiler->lock, deadline);
  g_mutex_unlock (&compiler->lock);
  fail_unless (in_time, "what was set never became ready");
}

guint64
stepper_change (Stepper *stepper)
{
  guint64 changes = stepper_count_changes (stepper);

  stepper_settle (stepper);
  fail_unless (stepper_pull (stepper));
  fail_unless_equals_uint64 (stepper_count_changes (stepper), changes + 1);

  return stepper_frame (stepper);
}

static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Stepper *stepper = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
    g_mutex_lock (&stepper->lock);
    stepper->n_warnings++;
    g_cond_broadcast (&stepper->cond);
    while (stepper->n_released < stepper->n_warnings)
      g_cond_wait (&stepper->cond, &stepper->lock);
    g_mutex_unlock (&stepper->lock);
  }

  return GST_BUS_PASS;
}

void
stepper_hold_warnings (Stepper *stepper)
{
  GstBus *bus = gst_element_get_bus (stepper->rig->pipeline);

  gst_bus_set_sync_handler (bus, on_message, stepper, NULL);
  gst_object_unref (bus);
}

void
stepper_wait_for_warning (Stepper *stepper)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  gboolean in_time = TRUE;

  g_mutex_lock (&stepper->lock);
  while (stepper->n_warnings == stepper->n_released && in_time)
    in_time = g_cond_wait_until (&stepper->cond, &stepper->lock, deadline);
  g_mutex_unlock (&stepper->lock);
  fail_unless (in_time, "no warning");
}

void
stepper_release_warning (Stepper *stepper)
{
  g_mutex_lock (&stepper->lock);
  stepper->n_released++;
  g_cond_broadcast (&stepper->cond);
  g_mutex_unlock (&stepper->lock);
}

GstElement *
stepper_src (Stepper *stepper)
{
  return stepper->rig->src;
}

Capture *
stepper_capture (Stepper *stepper)
{
  GstBus *bus = gst_element_get_bus (stepper->rig->pipeline);
  GstMessage *message;

  while ((message = gst_bus_pop (bus)))
    g_ptr_array_add (stepper->rig->capture->messages, message);
  gst_object_unref (bus);

  return stepper->rig->capture;
}

guint64
stepper_frame (Stepper *stepper)
{
  guint64 frame;

  g_mutex_lock (&stepper->lock);
  frame = stepper->frame;
  g_mutex_unlock (&stepper->lock);

  return frame;
}

guint64
stepper_count_changes (Stepper *stepper)
{
  GstStructure *stats = NULL;
  guint64 changes = 0;

  g_object_get (stepper->rig->src, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, "changes", &changes));
  gst_structure_free (stats);

  return changes;
}

/* ---- sounds ---- */

GstElement *
make_steady (const char *first, ...)
{
  GstElement *src = make_src ("adaptive", FALSE, "chunk-duration",
      (guint64) STEPPER_CHUNK * GST_SECOND / STEPPER_RATE, NULL);
  va_list args;

  va_start (args, first);
  if (first)
    g_object_set_valist (G_OBJECT (src), first, args);
  va_end (args);

  return src;
}

GstElement *
make_still (const char *normalize)
{
  g_autofree char *path = data_path ("no-memory.json");
  GstElement *src =
      make_steady ("location", path, "duration", SECONDS (2), "note-delta", 3.0, NULL);

  gst_util_set_object_arg (G_OBJECT (src), "normalize", normalize);

  return src;
}

void
set_one (GstElement *src, const Setting *setting)
{
  if (g_str_has_suffix (setting->name, "location")) {
    g_autofree char *path = data_path (setting->value);

    g_object_set (src, setting->name, path, NULL);
  } else {
    gst_util_set_object_arg (G_OBJECT (src), setting->name, setting->value);
  }
}

guint64
next_quantum (guint64 frame)
{
  return (frame + QUANTUM - 1) / QUANTUM * QUANTUM;
}

/* ---- what came out ---- */

const float *
capture_samples (const Capture *capture)
{
  return (const float *) (gconstpointer) capture->data->data;
}

guint
capture_count_events (const Capture *capture, GstEventType type)
{
  guint n = 0, i;

  for (i = 0; i < capture->events->len; i++)
    n += GST_EVENT_TYPE (g_ptr_array_index (capture->events, i)) == type;

  return n;
}

void
assert_runs_on (const Capture *capture, guint64 start, guint n_tags)
{
  guint64 next = start;
  guint i;

  for (i = 0; i < capture->buffers->len; i++) {
    const BufferRecord *buffer = capture_buffer (capture, i);
    guint64 pts = gst_util_uint64_scale_int (next, GST_SECOND, STEPPER_RATE);

    fail_unless_equals_uint64 (buffer->offset, next);
    fail_unless_equals_uint64 (buffer->pts, pts);
    next = buffer->offset_end;
    fail_unless_equals_uint64 (
        buffer->duration, gst_util_uint64_scale_int (next, GST_SECOND, STEPPER_RATE) - pts);
    fail_unless (buffer->discont == (i == 0), "discont at %" G_GUINT64_FORMAT, buffer->offset);
  }
  fail_unless_equals_uint64 (next, start + capture_frames (capture));
  fail_unless_equals_int (capture_count_events (capture, GST_EVENT_FLUSH_START), 0);
  fail_unless_equals_int (capture_count_events (capture, GST_EVENT_STREAM_START), 1);
  fail_unless_equals_int (capture_count_events (capture, GST_EVENT_CAPS), 1);
  fail_unless_equals_int (capture_count_events (capture, GST_EVENT_SEGMENT), 1);
  fail_unless_equals_int (capture_count_events (capture, GST_EVENT_GAP), 0);
  fail_unless_equals_int (capture_count_events (capture, GST_EVENT_TAG), n_tags);
}

static gsize
find_difference (
    const Capture *capture, const Capture *straight, guint64 from, gint64 to, gsize *end)
{
  const guint8 *a = capture->data->data, *b = straight->data->data;
  gsize i;

  *end = to < 0 ? capture->data->len : (gsize) to * capture->info.bpf;
  fail_unless (
      *end > from * capture->info.bpf && *end <= capture->data->len && *end <= straight->data->len,
      "frames %" G_GUINT64_FORMAT " to %" G_GINT64_FORMAT " of %" G_GUINT64_FORMAT
      " and %" G_GUINT64_FORMAT,
      from, to, capture_frames (capture), capture_frames (straight));
  for (i = from * capture->info.bpf; i < *end && a[i] == b[i]; i++)
    continue;

  return i;
}

void
assert_same_frames (const Capture *capture, const Capture *straight, guint64 from, gint64 to)
{
  gsize end, i = find_difference (capture, straight, from, to, &end);

  fail_unless (i == end,
      "frame %" G_GSIZE_FORMAT " differs, of %" G_GUINT64_FORMAT " to %" G_GSIZE_FORMAT,
      i / capture->info.bpf, from, end / capture->info.bpf);
}

gboolean
differs (const Capture *capture, const Capture *straight, guint64 from, gint64 to)
{
  gsize end, i = find_difference (capture, straight, from, to, &end);

  return i < end;
}
