/* kromo-websocket: what comes in waits while what goes out cannot
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gate.h"

struct _Gate {
  GFilterInputStream parent;
  GPollableOutputStream *output;
  gsize limit;
  gsize n_bytes; /* since the last message */
  gint64 paused_until;
};

typedef enum {
  WAIT_NONE,
  WAIT_INPUT,
  WAIT_OUTPUT,
  WAIT_TIME
} Wait;

typedef struct {
  GSource source;
  Gate *gate;
  GSource *child; /* of the input or the output */
  Wait wait;
} GateSource;

static void gate_init_pollable (GPollableInputStreamInterface *iface);

G_DEFINE_TYPE_WITH_CODE (Gate, gate, G_TYPE_FILTER_INPUT_STREAM,
    G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, gate_init_pollable))

static GPollableInputStream *
get_input (Gate *self)
{
  return G_POLLABLE_INPUT_STREAM (
      g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (self)));
}

/* What has to come before something is read. */
static Wait
what_to_wait_for (Gate *self)
{
  if (g_get_monotonic_time () < self->paused_until)
    return WAIT_TIME;

  return g_pollable_output_stream_is_writable (self->output) ? WAIT_INPUT : WAIT_OUTPUT;
}

static gboolean
gate_is_readable (GPollableInputStream *stream)
{
  Gate *self = KROMO_GATE (stream);

  return what_to_wait_for (self) == WAIT_INPUT
      && g_pollable_input_stream_is_readable (get_input (self));
}

static gssize
gate_read (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  Gate *self = KROMO_GATE (stream);
  gssize n;

  if (what_to_wait_for (self) != WAIT_INPUT) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "Not now");
    return -1;
  }
  n = g_pollable_input_stream_read_nonblocking (get_input (self), buffer, count, NULL, error);
  if (n > 0)
    self->n_bytes += n;
  if (self->n_bytes > self->limit) {
    g_set_error_literal (
        error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "More than a message may have");
    return -1;
  }

  return n;
}

/* ---- the source ---- */

static gboolean
keep (GObject *stream, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
set_wait (GateSource *self, Wait wait)
{
  if (wait == self->wait)
    return;
  if (self->child)
    g_source_remove_child_source (&self->source, self->child);
  g_clear_pointer (&self->child, g_source_unref);
  self->wait = wait;
  g_source_set_ready_time (&self->source, wait == WAIT_TIME ? self->gate->paused_until : -1);
  if (wait == WAIT_TIME)
    return;

  self->child = wait == WAIT_OUTPUT
      ? g_pollable_output_stream_create_source (self->gate->output, NULL)
      : g_pollable_input_stream_create_source (get_input (self->gate), NULL);
  g_source_set_callback (self->child, G_SOURCE_FUNC (keep), NULL, NULL);
  g_source_add_child_source (&self->source, self->child);
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  GateSource *self = (GateSource *) source;

  set_wait (self, what_to_wait_for (self->gate));
  if (!gate_is_readable (G_POLLABLE_INPUT_STREAM (self->gate)))
    return G_SOURCE_CONTINUE;

  return ((GPollableSourceFunc) callback) (G_OBJECT (self->gate), user_data);
}

static void
finalize_source (GSource *source)
{
  GateSource *self = (GateSource *) source;

  g_clear_pointer (&self->child, g_source_unref);
  g_clear_object (&self->gate);
}

static GSourceFuncs source_funcs = { NULL, NULL, dispatch, finalize_source, NULL, NULL };

static GSource *
gate_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  GSource *source = g_source_new (&source_funcs, sizeof (GateSource));
  GateSource *self = (GateSource *) source;

  self->gate = g_object_ref (KROMO_GATE (stream));
  set_wait (self, WAIT_INPUT);

  return source;
}

static void
gate_init_pollable (GPollableInputStreamInterface *iface)
{
  iface->is_readable = gate_is_readable;
  iface->read_nonblocking = gate_read;
  iface->create_source = gate_create_source;
}

/* ---- the stream ---- */

static void
gate_finalize (GObject *object)
{
  g_clear_object (&KROMO_GATE (object)->output);
  G_OBJECT_CLASS (gate_parent_class)->finalize (object);
}

static void
gate_class_init (GateClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gate_finalize;
}

static void
gate_init (Gate *self)
{
}

Gate *
gate_new (GIOStream *stream, gsize limit)
{
  Gate *self = g_object_new (TYPE_GATE, "base-stream", g_io_stream_get_input_stream (stream),
      "close-base-stream", FALSE, NULL);

  self->output = g_object_ref (G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream)));
  self->limit = limit;

  return self;
}

void
gate_reset (Gate *self)
{
  self->n_bytes = 0;
}

void
gate_pause (Gate *self, gint64 time)
{
  self->paused_until = time;
}
