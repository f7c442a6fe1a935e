/* Torture of kromosrc: what the threads beside the state changes do
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pauses between the acts are there so that one thread does not keep the others from running; nothing
 * depends on their length.
 */

#include "torture.h"

#include <gst/check/gsttestclock.h>
#include <gst/controller/controller.h>
#include <string.h>

#define MAX_PAUSE 2000       /* microseconds */
#define MAX_SEEK_PAUSE 20000 /* something is to be heard in between */
#define MAX_LONG_PAUSE 500000
#define N_VALUES 8

typedef enum {
  AS_WRITTEN,
  PATH, /* of a file in the test data, or NULL */
  TEXT  /* of that file, or NULL */
} Kind;

/* Short sounds and small numbers, so that much happens. Some values make a sound impossible, alone or
 * with others: then there is an error before any data, or a warning when it already plays. */
static const struct {
  const char *name;
  Kind kind;
  const char *values[N_VALUES];
} table[] = {
  { "location", PATH, { "tone.json", "no-id.json", "warned.json", "missing.json", "NULL" } },
  { "genome", TEXT, { "tone.json", "non-finite.json", "not-json.json", "no-patch.json", "NULL" } },
  { "genome-id", AS_WRITTEN, { "NULL", "tone-1" } },
  { "seed", AS_WRITTEN, { "0", "0", "1", "6" } },
  { "next-location", PATH, { "tone.json", "no-id.json", "missing.json", "NULL", "NULL" } },
  { "use-metadata", AS_WRITTEN, { "true", "false" } },
  { "note-delta", AS_WRITTEN, { "-128", "-12", "-0.5", "0", "7", "128" } },
  { "tuning-ratio", AS_WRITTEN, { "0.0001", "0.9", "1", "1.5", "10000" } },
  { "velocity", AS_WRITTEN, { "0", "0.25", "0.8", "1" } },
  { "duration", AS_WRITTEN,
      { "10000000", "123456789", "300000000", "500000000", "1000000000", "1500000000", "30" } },
  { "reverse", AS_WRITTEN, { "true", "false" } },
  { "oversample", AS_WRITTEN, { "true", "false", "false" } },
  { "inharmonicity", AS_WRITTEN, { "true", "false" } },
  { "transpose-all", AS_WRITTEN, { "true", "false" } },
  { "rendering", AS_WRITTEN, { "reference", "standard" } },
  { "normalize", AS_WRITTEN, { "none", "peak", "limit", "limit" } },
  { "edge-fade", AS_WRITTEN, { "0", "1000000", "5000000000" } },
  { "volume", AS_WRITTEN, { "0", "0.5", "1", "10" } },
  { "mute", AS_WRITTEN, { "true", "false" } },
  { "loops", AS_WRITTEN, { "1", "1", "2", "3", "-1", "-1", "0" } },
  { "is-live", AS_WRITTEN, { "false", "false", "true" } },
  { "adaptive", AS_WRITTEN, { "true", "false" } },
  { "measure-rtf", AS_WRITTEN, { "true", "false" } },
  { "target-latency", AS_WRITTEN, { "1", "1000000", "1000000000", "60000000000" } },
  { "min-chunk-duration", AS_WRITTEN, { "1", "2666667", "10000000", "100000000" } },
  { "max-chunk-duration", AS_WRITTEN, { "5000000", "100000000", "500000000", "5000000000" } },
  { "chunk-duration", AS_WRITTEN, { "1", "1000000", "20000000", "500000000" } },
  { "n-threads", AS_WRITTEN, { "0", "1", "1", "2", "4" } },
  { "checkpoint-memory", AS_WRITTEN, { "0", "1000", "100000", "8388608" } },
  { "max-memory", AS_WRITTEN, { "0", "1000", "100000000", "100000000", "1073741824" } },
  { "max-operations", AS_WRITTEN, { "0", "10", "1000000", "1000000", "18446744073709551615" } },
};

static const char *const formats[] = {
  "audio/x-raw, format=F32LE, rate=8000, channels=1",
  "audio/x-raw, format=S16LE, rate=8000, channels=2, layout=interleaved",
  "audio/x-raw, format=S16LE, rate=11025, channels=2, layout=non-interleaved",
  "audio/x-raw, format=F64LE, rate=22050, channels=1",
  "audio/x-raw, format=S24LE, rate=16000, channels=1",
  "audio/x-raw, rate=[ 8000, 12000 ]",
};

/* One after the other, by all threads: the values of string lists end at the first NULL. */
static const char *
choose (GRand *rand, const char *const *values)
{
  guint n = 0;

  while (n < N_VALUES && values[n])
    n++;

  return values[g_rand_int_range (rand, 0, (gint32) n)];
}

static void
rest (GRand *rand, gint32 max)
{
  g_usleep ((gulong) g_rand_int_range (rand, 0, max));
}

static gboolean
has_ended (Torture *torture)
{
  return g_atomic_int_get (&torture->stop);
}

static void
set_from_file (GstElement *src, const char *name, Kind kind, const char *file)
{
  g_autofree char *path = data_path (file);
  g_autofree char *text = NULL;

  if (strcmp (file, "NULL") == 0) {
    g_object_set (src, name, NULL, NULL);
  } else if (kind == PATH) {
    g_object_set (src, name, path, NULL);
  } else {
    fail_unless (g_file_get_contents (path, &text, NULL, NULL));
    g_object_set (src, name, text, NULL);
  }
}

static void
write_property (Torture *torture, GRand *rand)
{
  guint i = (guint) g_rand_int_range (rand, 0, G_N_ELEMENTS (table));
  const char *value = choose (rand, table[i].values);

  if (torture->is_live && strcmp (table[i].name, "is-live") == 0)
    return;
  if (table[i].kind == AS_WRITTEN)
    gst_util_set_object_arg (G_OBJECT (torture->src), table[i].name, value);
  else
    set_from_file (torture->src, table[i].name, table[i].kind, value);
}

static const char *const controlled[] = { "volume", "velocity", "note-delta" };

void
torture_add_controls (GstElement *src)
{
  GstControlSource *source = gst_lfo_control_source_new ();
  guint i;

  g_object_set (source, "frequency", 7.0, "amplitude", 0.4, "offset", 0.5, NULL);
  for (i = 0; i < G_N_ELEMENTS (controlled); i++) {
    fail_unless (gst_object_add_control_binding (GST_OBJECT (src),
        gst_direct_control_binding_new (GST_OBJECT (src), controlled[i], source)));
    gst_object_set_control_binding_disabled (GST_OBJECT (src), controlled[i], TRUE);
  }
  gst_object_unref (source);
}

void
torture_remove_controls (GstElement *src)
{
  GstControlBinding *binding;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (controlled); i++) {
    binding = gst_object_get_control_binding (GST_OBJECT (src), controlled[i]);
    gst_object_remove_control_binding (GST_OBJECT (src), binding);
    gst_object_unref (binding);
  }
}

/* GStreamer does not allow for bindings that come and go while values are taken from them. */
static void
write_control (Torture *torture, GRand *rand)
{
  gst_object_set_control_binding_disabled (GST_OBJECT (torture->src),
      controlled[g_rand_int_range (rand, 0, G_N_ELEMENTS (controlled))],
      g_rand_int_range (rand, 0, 3) > 0);
}

static void
write_format (Torture *torture, GRand *rand)
{
  gst_util_set_object_arg (G_OBJECT (torture->filter), "caps",
      formats[g_rand_int_range (rand, 0, G_N_ELEMENTS (formats))]);
}

gpointer
torture_write (gpointer user_data)
{
  Torture *torture = user_data;
  GRand *rand = g_rand_new_with_seed (torture->seed + 1);

  while (!has_ended (torture)) {
    gint what = g_rand_int_range (rand, 0, 40);

    if (what == 0)
      write_control (torture, rand);
    else if (what < 3)
      write_format (torture, rand);
    else
      write_property (torture, rand);
    g_atomic_int_inc (&torture->n_writes);
    rest (rand, MAX_PAUSE);
  }
  g_rand_free (rand);

  return NULL;
}

/* The stop is always given: left as it was it could come before the start, which GStreamer does not
 * allow. */
GstEvent *
torture_random_seek (GRand *rand, GstSeekFlags flags)
{
  static const gdouble rates[] = { 1, 1, 1, 0.5, 2, -1, -1, -2 };
  GstFormat format = g_rand_int_range (rand, 0, 4) ? GST_FORMAT_TIME : GST_FORMAT_DEFAULT;
  gint32 length = format == GST_FORMAT_TIME ? 1100 * GST_MSECOND : 50000;
  gint64 start = g_rand_int_range (rand, 0, length), stop = -1;
  GstSeekType type = GST_SEEK_TYPE_SET;

  if (g_rand_int_range (rand, 0, 8) == 0) {
    type = GST_SEEK_TYPE_END;
    start = -start / 2;
  } else if (g_rand_boolean (rand)) {
    stop = start + g_rand_int_range (rand, 0, length);
  }
  /* A paused sink waits for ever for the data of a segment that has none: there is no EOS. */
  if (!(flags & GST_SEEK_FLAG_FLUSH) && g_rand_int_range (rand, 0, 3) == 0)
    flags |= GST_SEEK_FLAG_SEGMENT;
  if (g_rand_boolean (rand))
    flags |= GST_SEEK_FLAG_ACCURATE;

  return gst_event_new_seek (rates[g_rand_int_range (rand, 0, G_N_ELEMENTS (rates))], format, flags,
      type, start, GST_SEEK_TYPE_SET, stop);
}

/* Through the pipeline and flushing: a seek that does not flush waits for a paused sink, and keeps the
 * pipeline's state lock meanwhile. To the source's pad, without any state lock, the base class can be made
 * to start its task while it is being activated. The more of them come to nothing, the longer the pauses: on a
 * machine that cannot follow, a paused sink would never have its first buffer. */
gpointer
torture_seek (gpointer user_data)
{
  Torture *torture = user_data;
  GRand *rand = g_rand_new_with_seed (torture->seed + 2);
  gint32 pause = MAX_SEEK_PAUSE;

  while (!has_ended (torture)) {
    gint n_buffers;

    g_mutex_lock (&torture->seeking);
    gst_element_send_event (torture->pipeline, torture_random_seek (rand, GST_SEEK_FLAG_FLUSH));
    g_mutex_unlock (&torture->seeking);
    g_atomic_int_inc (&torture->n_seeks);
    n_buffers = g_atomic_int_get (&torture->n_buffers);
    rest (rand, pause);
    pause = n_buffers == g_atomic_int_get (&torture->n_buffers) ? MIN (2 * pause, MAX_LONG_PAUSE)
                                                                : MAX_SEEK_PAUSE;
  }
  g_rand_free (rand);

  return NULL;
}

/* Beside its seeks an application may flush. Both events are one act, so no seek and no state change
 * may come between them; and a live source that is not playing keeps its stream lock, for which the base
 * class would wait. */
static void
flush (Torture *torture, GRand *rand)
{
  gboolean reset_time = g_rand_boolean (rand);

  g_mutex_lock (&torture->seeking);
  GST_STATE_LOCK (torture->pipeline);
  if (GST_STATE (torture->src) == GST_STATE_PLAYING) {
    gst_element_send_event (torture->src, gst_event_new_flush_start ());
    rest (rand, MAX_PAUSE);
    gst_element_send_event (torture->src, gst_event_new_flush_stop (reset_time));
    g_atomic_int_inc (&torture->n_flushes);
  }
  GST_STATE_UNLOCK (torture->pipeline);
  g_mutex_unlock (&torture->seeking);
}

/* Those that can be played: what plays is another genome in the next chunk. */
static void
swap (Torture *torture, GRand *rand)
{
  static const char *const files[] = { "tone.json", "no-id.json", "warned.json" };
  const char *file = files[g_rand_int_range (rand, 0, G_N_ELEMENTS (files))];

  if (g_rand_int_range (rand, 0, 4) == 0)
    g_object_set (torture->src, "seed", (guint64) g_rand_int_range (rand, 1, 20), NULL);
  else if (g_rand_boolean (rand))
    set_from_file (torture->src, "location", PATH, file);
  else
    set_from_file (torture->src, "genome", TEXT, file);
  g_atomic_int_inc (&torture->n_swaps);
}

gpointer
torture_swap (gpointer user_data)
{
  Torture *torture = user_data;
  GRand *rand = g_rand_new_with_seed (torture->seed + 4);

  while (!has_ended (torture)) {
    if (g_rand_boolean (rand))
      flush (torture, rand);
    else
      swap (torture, rand);
    rest (rand, 10 * MAX_PAUSE);
  }
  g_rand_free (rand);

  return NULL;
}

static GstQuery *
random_query (GRand *rand)
{
  static const GstFormat some[] = { GST_FORMAT_TIME, GST_FORMAT_DEFAULT, GST_FORMAT_BYTES,
    GST_FORMAT_PERCENT };
  GstFormat format = some[g_rand_int_range (rand, 0, G_N_ELEMENTS (some))];

  switch (g_rand_int_range (rand, 0, 8)) {
  case 0:
    return gst_query_new_duration (format);
  case 1:
    return gst_query_new_position (format);
  case 2:
    return gst_query_new_latency ();
  case 3:
    return gst_query_new_convert (format, g_rand_int (rand), GST_FORMAT_TIME);
  case 4:
    return gst_query_new_seeking (format);
  case 5:
    return gst_query_new_segment (format);
  case 6:
    return gst_query_new_uri ();
  default:
    return gst_query_new_caps (NULL);
  }
}

static void
ask (Torture *torture, GRand *rand)
{
  GstQuery *query = random_query (rand);

  if (g_rand_boolean (rand))
    gst_element_query (torture->pipeline, query);
  else
    gst_pad_query (torture->pad, query);
  gst_query_unref (query);
}

static void
read_properties (Torture *torture)
{
  GParamSpec **pspecs;
  guint i, n;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (torture->src), &n);
  for (i = 0; i < n; i++) {
    GValue value = G_VALUE_INIT;

    if (!(pspecs[i]->flags & G_PARAM_READABLE))
      continue;
    g_value_init (&value, pspecs[i]->value_type);
    g_object_get_property (G_OBJECT (torture->src), pspecs[i]->name, &value);
    g_value_unset (&value);
  }
  g_free (pspecs);
}

/* Time goes on, and wakes one of those who wait for it. */
static void
advance (GstClock *clock, GRand *rand)
{
  GstClockID id;

  gst_test_clock_advance_time (
      GST_TEST_CLOCK (clock), g_rand_int_range (rand, 0, 100) * GST_MSECOND);
  id = gst_test_clock_process_next_clock_id (GST_TEST_CLOCK (clock));
  if (id)
    gst_clock_id_unref (id);
}

gpointer
torture_query (gpointer user_data)
{
  Torture *torture = user_data;
  GRand *rand = g_rand_new_with_seed (torture->seed + 3);

  while (!has_ended (torture)) {
    if (g_rand_int_range (rand, 0, 4) == 0)
      read_properties (torture);
    else
      ask (torture, rand);
    if (torture->clock)
      advance (torture->clock, rand);
    g_atomic_int_inc (&torture->n_queries);
    rest (rand, MAX_PAUSE);
  }
  g_rand_free (rand);

  return NULL;
}

static gboolean
is_ours (const GParamSpec *pspec, GstElement *src)
{
  return pspec->owner_type == G_OBJECT_TYPE (src) && (pspec->flags & G_PARAM_WRITABLE);
}

void
torture_check_table (GstElement *src)
{
  GParamSpec **pspecs;
  guint i, k, n;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (src), &n);
  for (i = 0; i < n; i++) {
    for (k = 0; k < G_N_ELEMENTS (table) && strcmp (table[k].name, pspecs[i]->name) != 0;)
      k++;
    fail_unless (k < G_N_ELEMENTS (table) || !is_ours (pspecs[i], src),
        "%s is not in the table of values", pspecs[i]->name);
  }
  g_free (pspecs);
}

void
torture_reset_properties (GstElement *src)
{
  GParamSpec **pspecs;
  guint i, n;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (src), &n);
  for (i = 0; i < n; i++) {
    if (is_ours (pspecs[i], src))
      g_object_set_property (
          G_OBJECT (src), pspecs[i]->name, g_param_spec_get_default_value (pspecs[i]));
  }
  g_free (pspecs);
}
