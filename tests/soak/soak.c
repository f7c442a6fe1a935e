/* Plays one genome for very long and looks at everything that comes: times without a gap, memory that stays
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * As fast as it renders, or live in chunks of 10 ms by the system's clock. Prints a line at each of 24 equal
 * parts of the sound and one at the end; fails at the first wrong timestamp, at memory that grew, and live at
 * more underruns than are allowed.
 */
#include "../lateness.h"

#include <stdlib.h>
#include <unistd.h>

#define RATE 48000
#define CAPS "audio/x-raw, format=F32LE, rate=48000, channels=1"
#define PARTS 24
/* What is warm is so after half of it; then it stays, but for the allocator's changes of mind, and for the states
 * for seeking, which have a bound of their own. */
#define WARM (PARTS / 2)
#define MAX_GROWTH (1 << 20)
#define LIVE_CHUNK (10 * GST_MSECOND)

static char *location = NULL;
static double seconds = 60;
static gboolean live = FALSE;
static gint max_underruns = 0;

static const GOptionEntry options[] = {
  { "location", 'l', 0, G_OPTION_ARG_FILENAME, &location, "Genome file (the built-in one)",
      "FILE" },
  { "seconds", 's', 0, G_OPTION_ARG_DOUBLE, &seconds, "Length of the sound (60)", "SECONDS" },
  { "live", 0, 0, G_OPTION_ARG_NONE, &live, "In real time, in chunks of 10 ms", NULL },
  { "max-underruns", 0, 0, G_OPTION_ARG_INT, &max_underruns,
      "So many chunks may take longer than they last (0)", "N" },
  { NULL },
};

/* What the streaming thread has seen. */
typedef struct {
  GstElement *pipeline, *src;
  GstPad *pad; /* the sink's */
  guint64 n_frames, next, n_buffers;
  guint part;              /* the last one that was told of */
  gsize base, peak;        /* resident bytes when it was warm, and the most since */
  guint64 states, most;    /* bytes of states for seeking, likewise */
  GstClockTimeDiff latest; /* how much after its time a buffer came to the sink */
  guint n_late;            /* by more than a chunk */
  gint64 start;
} Soak;

static void G_GNUC_PRINTF (1, 2) fail (const char *format, ...)
{
  va_list args;
  g_autofree char *text = NULL;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("%s: %s\n", g_get_prgname (), text);
  exit (1);
}

static gsize
get_resident (void)
{
  g_autofree char *text = NULL;
  char *rest;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    fail ("no /proc/self/statm");
  g_ascii_strtoull (text, &rest, 10);

  return g_ascii_strtoull (rest, NULL, 10) * (gsize) sysconf (_SC_PAGESIZE);
}

static double
to_mib (gsize bytes)
{
  return (double) bytes / (1 << 20);
}

static guint64
get_stat (GstElement *src, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (src, "stats", &stats, NULL);
  if (!gst_structure_get_uint64 (stats, name, &value))
    fail ("no %s in stats", name);

  return value;
}

static void
check_times (Soak *soak, GstBuffer *buffer)
{
  guint64 end = soak->next + gst_buffer_get_size (buffer) / sizeof (float);
  GstClockTime time = gst_util_uint64_scale_int (soak->next, GST_SECOND, RATE);
  GstClockTime end_time = gst_util_uint64_scale_int (end, GST_SECOND, RATE);

  if (GST_BUFFER_OFFSET (buffer) != soak->next || GST_BUFFER_OFFSET_END (buffer) != end
      || GST_BUFFER_PTS (buffer) != time || GST_BUFFER_DURATION (buffer) != end_time - time
      || GST_BUFFER_IS_DISCONT (buffer) != (soak->next == 0))
    fail ("wrong after frame %" G_GUINT64_FORMAT ": %" GST_PTR_FORMAT, soak->next, buffer);
  soak->next = end;
}

static void
check_lateness (Soak *soak, GstBuffer *buffer)
{
  const GstClockTimeDiff late = test_get_lateness (soak->pipeline, soak->pad, buffer);

  soak->latest = MAX (soak->latest, late);
  if (late > (GstClockTimeDiff) LIVE_CHUNK)
    soak->n_late++;
}

static void
look (Soak *soak)
{
  guint64 states = get_stat (soak->src, "checkpoint-memory");
  gsize resident = get_resident ();

  soak->most = MAX (soak->most, states);
  if (soak->part == WARM) {
    soak->base = resident;
    soak->states = soak->most;
  }
  if (soak->part >= WARM)
    soak->peak = MAX (soak->peak, resident);
  g_print ("%9.1f s of sound, %7.1f s, %6.2f MiB\n", (double) soak->next / RATE,
      (double) (g_get_monotonic_time () - soak->start) / G_USEC_PER_SEC, to_mib (resident));
}

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  Soak *soak = user_data;

  check_times (soak, buffer);
  if (live)
    check_lateness (soak, buffer);
  soak->n_buffers++;
  if (soak->next >= (soak->part + 1) * (soak->n_frames / PARTS)) {
    soak->part++;
    look (soak);
  }

  return GST_PAD_PROBE_OK;
}

static void
open_pipeline (Soak *soak)
{
  GstElement *filter = gst_element_factory_make ("capsfilter", NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);

  soak->src = gst_element_factory_make ("kromosrc", NULL);
  if (!soak->src || !filter || !sink)
    fail ("no kromosrc or no fakesink; set GST_PLUGIN_PATH, or run this through tests/soak.sh");
  g_object_set (soak->src, "duration", (guint64) (seconds * GST_SECOND), "is-live", live, NULL);
  if (location)
    g_object_set (soak->src, "location", location, NULL);
  if (live)
    g_object_set (
        soak->src, "min-chunk-duration", LIVE_CHUNK, "max-chunk-duration", LIVE_CHUNK, NULL);
  g_object_set (sink, "sync", FALSE, "async", !live, NULL);
  gst_util_set_object_arg (G_OBJECT (filter), "caps", CAPS);
  soak->pipeline = gst_pipeline_new (NULL);
  gst_bin_add_many (GST_BIN (soak->pipeline), soak->src, filter, sink, NULL);
  if (!gst_element_link_many (soak->src, filter, sink, NULL))
    fail ("elements cannot be linked");
  soak->pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (soak->pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, soak, NULL);
}

static gboolean
is_end (GstMessage *message)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    fail ("%s", error->message);
  }

  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
}

static void
wait_for_end (Soak *soak)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (soak->pipeline);
  GstMessage *message;
  gboolean end = FALSE;

  while (!end && (message = gst_bus_timed_pop (bus, GST_CLOCK_TIME_NONE))) {
    end = is_end (message);
    gst_message_unref (message);
  }
}

static void
judge (const Soak *soak)
{
  double took = (double) (g_get_monotonic_time () - soak->start) / G_USEC_PER_SEC;
  guint64 underruns = get_stat (soak->src, "underruns");

  g_print ("%g s in %.1f s (RTF %.6f), %" G_GUINT64_FORMAT " buffers, times exact; "
           "%.2f MiB after half of it, then at most %.2f",
      seconds, took, took / seconds, soak->n_buffers, to_mib (soak->base), to_mib (soak->peak));
  if (live)
    g_print ("; %" G_GUINT64_FORMAT " underruns, %u buffers late by more than a chunk, at most "
             "%.3f ms",
        underruns, soak->n_late, (double) soak->latest / GST_MSECOND);
  g_print ("\n");
  if (soak->next != soak->n_frames)
    fail ("%" G_GUINT64_FORMAT " frames of %" G_GUINT64_FORMAT, soak->next, soak->n_frames);
  if (soak->peak > soak->base + (soak->most - soak->states) + MAX_GROWTH)
    fail ("memory grew");
  if (live && underruns > (guint64) max_underruns)
    fail ("underruns");
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- plays a genome for very long");
  g_autoptr (GError) error = NULL;
  Soak soak = { 0 };

  g_option_context_add_main_entries (context, options, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, &argc, &argv, &error))
    fail ("%s", error->message);
  if (!(seconds >= 1 && seconds <= 604800) || max_underruns < 0)
    fail ("seconds are from 1 to 604800, and underruns are not negative");
  soak.n_frames = gst_util_uint64_scale_round ((guint64) (seconds * GST_SECOND), RATE, GST_SECOND);
  open_pipeline (&soak);
  soak.start = g_get_monotonic_time ();
  gst_element_set_state (soak.pipeline, GST_STATE_PLAYING);
  wait_for_end (&soak);
  judge (&soak);
  gst_element_set_state (soak.pipeline, GST_STATE_NULL);
  gst_object_unref (soak.pad);
  gst_object_unref (soak.pipeline);
  g_free (location);

  return 0;
}
