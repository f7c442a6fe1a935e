/* Fuzz target: what an application may do with the element, in any order.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each byte pair is an act: a state, a property, a seek, a query, an event. The sink takes what comes as fast
 * as it can. Errors that the element posts are looked at; what must not happen is a crash, a hang, a
 * critical warning, or a reference that is left.
 */
#include "input.h"

#include <gst/gst.h>
#include <string.h>

#define MAX_ACTS 24
#define PATIENCE (GST_SECOND / 2) /* a state after an error may never come */

typedef struct {
  GstElement *pipeline, *src, *filter, *sink;
  FuzzInput *input;
} Play;

/* ---- what properties are set to ---- */

static const char *const texts[] = { NULL, "", "{", "/nowhere", "\xc3\xa4", "tone" };

static char *
take_text (Play *play, const char *property)
{
  const char *text = texts[fuzz_choose (play->input, G_N_ELEMENTS (texts))];
  char *contents = NULL;

  if (g_strcmp0 (text, "tone") != 0)
    return g_strdup (text);
  if (strcmp (property, "genome") != 0)
    return g_build_filename (g_getenv ("KROMO_TEST_DATA"), "gst", "tone.json", NULL);
  contents = kromo_random_genome_to_json (1 + fuzz_take (play->input, 1), KROMO_RANDOM_WILD);
  return contents;
}

static guint64
take_wide (FuzzInput *input)
{
  static const guint64 some[] = { 0, 1, 1000, 1000000, 20000000, 100000000, 500000000, 1000000000,
    G_MAXUINT32, G_MAXINT64, G_MAXUINT64 };

  return some[fuzz_choose (input, G_N_ELEMENTS (some))] + fuzz_take (input, 1);
}

static void
take_value (Play *play, GParamSpec *pspec, GValue *value)
{
  FuzzInput *input = play->input;

  g_value_init (value, pspec->value_type);
  if (G_IS_PARAM_SPEC_STRING (pspec))
    g_value_take_string (value, take_text (play, pspec->name));
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (value, fuzz_choose (input, 2) != 0);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    g_value_set_double (value,
        fuzz_take_double (
            input, G_PARAM_SPEC_DOUBLE (pspec)->minimum, G_PARAM_SPEC_DOUBLE (pspec)->maximum));
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    g_value_set_uint64 (value, take_wide (input));
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    g_value_set_uint (value, fuzz_choose (input, 5));
  else if (G_IS_PARAM_SPEC_INT (pspec))
    g_value_set_int (value, (gint) fuzz_choose (input, 5) - 1);
  else if (G_IS_PARAM_SPEC_ENUM (pspec))
    g_value_set_enum (value, (gint) fuzz_choose (input, 3));
  g_param_value_validate (pspec, value);
}

static void
set_property (Play *play)
{
  guint n, i;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (play->src), &n);
  GValue value = G_VALUE_INIT;
  GParamSpec *pspec;

  for (i = fuzz_choose (play->input, n); pspecs[i]->owner_type != G_OBJECT_TYPE (play->src)
       || !(pspecs[i]->flags & G_PARAM_WRITABLE);)
    i = (i + 1) % n;
  pspec = pspecs[i];
  /* What would take its full length of time, or all memory, is not for here. */
  if (strcmp (pspec->name, "is-live") == 0 || strcmp (pspec->name, "max-memory") == 0
      || strcmp (pspec->name, "max-operations") == 0 || strcmp (pspec->name, "duration") == 0)
    return;
  take_value (play, pspec, &value);
  g_object_set_property (G_OBJECT (play->src), pspec->name, &value);
  g_value_unset (&value);
}

static void
read_property (Play *play)
{
  guint n;
  g_autofree GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (play->src), &n);
  GParamSpec *pspec = pspecs[fuzz_choose (play->input, n)];
  GValue value = G_VALUE_INIT;

  if (!(pspec->flags & G_PARAM_READABLE))
    return;
  g_value_init (&value, pspec->value_type);
  g_object_get_property (G_OBJECT (play->src), pspec->name, &value);
  g_value_unset (&value);
}

/* ---- events and queries ---- */

/* Without the undefined one, which core does not allow. */
static const GstFormat formats[] = { GST_FORMAT_TIME, GST_FORMAT_DEFAULT, GST_FORMAT_BYTES,
  GST_FORMAT_PERCENT };

static gint64
take_time (FuzzInput *input)
{
  return (gint64) fuzz_take (input, 4) * 100 - (fuzz_choose (input, 8) == 0 ? GST_SECOND : 0);
}

static void
seek (Play *play)
{
  static const double rates[] = { 1.0, 1.0, -1.0, 0.5, 2.0, -2.0 };
  FuzzInput *input = play->input;
  GstSeekFlags flags = GST_SEEK_FLAG_FLUSH | (fuzz_choose (input, 2) ? GST_SEEK_FLAG_ACCURATE : 0);
  GstFormat format = formats[fuzz_choose (input, 3)];
  GstSeekType start_type = (GstSeekType) fuzz_choose (input, 3);
  gint64 start = take_time (input), stop = take_time (input);

  /* Core asserts on what makes no sense by itself; a stop that is left as it was may come before the start. */
  if (start_type == GST_SEEK_TYPE_SET && start < 0)
    start = 0;
  if (start_type != GST_SEEK_TYPE_SET || stop < start)
    stop = -1;
  gst_element_send_event (play->pipeline,
      gst_event_new_seek (rates[fuzz_choose (input, G_N_ELEMENTS (rates))], format, flags,
          start_type, start, GST_SEEK_TYPE_SET, stop));
}

static void
query (Play *play)
{
  GstFormat format = formats[fuzz_choose (play->input, G_N_ELEMENTS (formats))];
  GstQuery *q = NULL;

  switch (fuzz_choose (play->input, 7)) {
  case 0:
    q = gst_query_new_duration (format);
    break;
  case 1:
    q = gst_query_new_position (format);
    break;
  case 2:
    q = gst_query_new_seeking (format);
    break;
  case 3:
    q = gst_query_new_convert (format, take_time (play->input),
        formats[fuzz_choose (play->input, G_N_ELEMENTS (formats))]);
    break;
  case 4:
    q = gst_query_new_latency ();
    break;
  case 5:
    q = gst_query_new_uri ();
    break;
  default:
    q = gst_query_new_segment (format);
  }
  gst_element_query (play->src, q);
  gst_query_unref (q);
}

static void
set_caps (Play *play)
{
  static const char *const some[] = { "audio/x-raw, format=S16LE, rate=8000, channels=1",
    "audio/x-raw, format=F32LE, rate=48000, channels=2",
    "audio/x-raw, format=F64BE, rate=192000, channels=8",
    "audio/x-raw, layout=non-interleaved, channels=3", "audio/x-raw", "video/x-raw" };

  gst_util_set_object_arg (
      G_OBJECT (play->filter), "caps", some[fuzz_choose (play->input, G_N_ELEMENTS (some))]);
}

/* ---- all of it ---- */

static void
set_state (Play *play)
{
  GstState state = (GstState) (GST_STATE_NULL + fuzz_choose (play->input, 4));

  if (gst_element_set_state (play->pipeline, state) == GST_STATE_CHANGE_ASYNC
      && fuzz_choose (play->input, 2) == 0)
    gst_element_get_state (play->pipeline, NULL, NULL, PATIENCE);
}

/* To the base class of a source whose buffer waits in a paused sink it would wait as long. */
static void
send_eos (Play *play)
{
  GstState state, pending;

  gst_element_get_state (play->pipeline, &state, &pending, PATIENCE);
  if (state == GST_STATE_PLAYING && pending == GST_STATE_VOID_PENDING)
    gst_element_send_event (play->pipeline, gst_event_new_eos ());
}

static void
act (Play *play)
{
  switch (fuzz_choose (play->input, 10)) {
  case 0:
  case 1:
    set_state (play);
    break;
  case 2:
  case 3:
  case 4:
    set_property (play);
    break;
  case 5:
    read_property (play);
    break;
  case 6:
    seek (play);
    break;
  case 7:
    query (play);
    break;
  case 8:
    set_caps (play);
    break;
  default:
    send_eos (play);
  }
}

static void
drop_messages (Play *play)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (play->pipeline);

  gst_bus_set_flushing (bus, TRUE);
  gst_bus_set_flushing (bus, FALSE);
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  gst_init (argc, argv);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR | G_LOG_LEVEL_WARNING);
  return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  Play play = { .input = &input };

  play.pipeline = gst_pipeline_new (NULL);
  play.src = gst_element_factory_make ("kromosrc", NULL);
  play.filter = gst_element_factory_make ("capsfilter", NULL);
  play.sink = gst_element_factory_make ("fakesink", NULL);
  g_assert_true (play.src && play.filter && play.sink);
  g_object_set (play.src, "duration", 300 * GST_MSECOND, NULL);
  g_object_set (play.sink, "sync", FALSE, NULL);
  gst_bin_add_many (GST_BIN (play.pipeline), play.src, play.filter, play.sink, NULL);
  g_assert_true (gst_element_link_many (play.src, play.filter, play.sink, NULL));

  for (guint i = 0; i < MAX_ACTS && input.size > 0; i++) {
    act (&play);
    drop_messages (&play);
  }
  gst_element_set_state (play.pipeline, GST_STATE_NULL);
  gst_object_unref (play.pipeline);
  return 0;
}
