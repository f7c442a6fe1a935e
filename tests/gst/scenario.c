/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scenario.h"

#include <gst/check/gstharness.h>
#include <gst/check/gsttestclock.h>

#include "gstkromosrc.h"
#include "scenario-log.h"
#include "scenario-text.h"

/* No scenario takes that long; without it a failure would be a hang. */
#define PATIENCE (30 * G_TIME_SPAN_SECOND)

#define DEFAULT_STEP GST_MSECOND

/* More buffers than any scenario has. */
#define MANY 1000000

struct _Scenario {
  GstHarness *harness;
  GstElement *src;
  GstTestClock *clock;
  GstBus *bus;
  GstPad *pad;
  ScenarioLog *log;
  GThread *thread;        /* the scenario's own */
  guint last_action;      /* a line in the log */
  gboolean asked;         /* for a buffer that waits for the clock */
  char *property, *value; /* to be set in about-to-finish; NULL: nothing */
  GstSegment segment;     /* the streaming thread's */

  GMutex lock;
  GCond cond;
  GstClockTime time, step; /* the timer's */
  guint arrived;           /* buffers so far */
  guint wanted;            /* how many the scenario asked for; the last of them is held */
  guint drops;             /* counts flushes and stops, which drop a buffer that is held */
};

static void
add (Scenario *scenario, char *line)
{
  if (line)
    scenario_log_add (scenario->log, line);
  g_free (line);
}

/* In vain: with all that came before. */
static void
give_up (Scenario *scenario, const char *what)
{
  g_autofree char *text = scenario_log_to_text (scenario->log);

  g_printerr ("%s", text);
  fail ("waited in vain for %s after the above", what);
}

/* ---- what the element does ---- */

static GstClockTime
read_timer (gpointer user_data)
{
  Scenario *scenario = user_data;
  GstClockTime now;

  g_mutex_lock (&scenario->lock);
  now = scenario->time += scenario->step;
  g_mutex_unlock (&scenario->lock);

  return now;
}

static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  add (user_data, scenario_describe_message (message));
  gst_message_unref (message);

  return GST_BUS_DROP;
}

static void
drop_held (Scenario *scenario)
{
  g_mutex_lock (&scenario->lock);
  scenario->drops++;
  scenario->wanted = scenario->arrived;
  g_cond_broadcast (&scenario->cond);
  g_mutex_unlock (&scenario->lock);
}

static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  Scenario *scenario = user_data;

  add (scenario, scenario_describe_event (scenario->src, event));
  if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT)
    gst_event_copy_segment (event, &scenario->segment);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    drop_held (scenario);

  return GST_PAD_PROBE_OK;
}

/* Holds the buffer. Dropped, it is as if a flush had come while it was on its way. */
static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Scenario *scenario = user_data;
  guint drops, number;
  gboolean dropped;

  add (scenario, scenario_describe_buffer (&scenario->segment, GST_PAD_PROBE_INFO_BUFFER (info)));

  g_mutex_lock (&scenario->lock);
  drops = scenario->drops;
  number = ++scenario->arrived;
  g_cond_broadcast (&scenario->cond);
  while (number >= scenario->wanted && scenario->drops == drops)
    g_cond_wait (&scenario->cond, &scenario->lock);
  dropped = scenario->drops != drops;
  g_mutex_unlock (&scenario->lock);

  if (!dropped)
    return GST_PAD_PROBE_OK;
  gst_clear_buffer ((GstBuffer **) &info->data);
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GST_FLOW_FLUSHING;

  return GST_PAD_PROBE_HANDLED;
}

/* What the scenario sets itself is no news. */
static void
on_notify (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  Scenario *scenario = user_data;

  if (g_thread_self () != scenario->thread)
    add (scenario, g_strdup_printf ("notify %s", pspec->name));
}

static void
on_about_to_finish (GstElement *src, gpointer user_data)
{
  g_autofree char *property = NULL, *value = NULL;
  Scenario *scenario = user_data;

  property = g_steal_pointer (&scenario->property);
  value = g_steal_pointer (&scenario->value);
  add (scenario, g_strdup ("signal about-to-finish"));
  if (property)
    gst_util_set_object_arg (G_OBJECT (src), property, value);
}

/* ---- beginning and end ---- */

Scenario *
scenario_new (GstElement *src, const char *caps)
{
  Scenario *scenario = g_new0 (Scenario, 1);
  GstKromoSrc *self = (GstKromoSrc *) src; /* its type is in a plugin, out of the linker's reach */

  g_mutex_init (&scenario->lock);
  g_cond_init (&scenario->cond);
  scenario->step = DEFAULT_STEP;
  scenario->log = scenario_log_new ();
  gst_segment_init (&scenario->segment, GST_FORMAT_TIME);
  scenario->src = gst_object_ref_sink (src);
  self->timer = (GstKromoTimer){ read_timer, scenario };

  scenario->bus = gst_bus_new ();
  gst_bus_set_sync_handler (scenario->bus, on_message, scenario, NULL);
  gst_element_set_bus (src, scenario->bus);
  scenario->pad = gst_element_get_static_pad (src, "src");
  gst_pad_add_probe (scenario->pad,
      GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH, on_event, scenario,
      NULL);
  gst_pad_add_probe (scenario->pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, scenario, NULL);

  scenario->thread = g_thread_self ();
  g_signal_connect (src, "notify", G_CALLBACK (on_notify), scenario);
  g_signal_connect (src, "about-to-finish", G_CALLBACK (on_about_to_finish), scenario);

  scenario->harness = gst_harness_new_with_element (src, NULL, "src");
  gst_harness_set_drop_buffers (scenario->harness, TRUE);
  gst_harness_set_sink_caps_str (scenario->harness, caps);
  gst_harness_use_testclock (scenario->harness);
  scenario->clock = gst_harness_get_testclock (scenario->harness);

  return scenario;
}

static void
scenario_free (Scenario *scenario)
{
  gst_element_set_bus (scenario->src, NULL);
  gst_harness_teardown (scenario->harness);
  gst_object_unref (scenario->clock);
  gst_object_unref (scenario->bus);
  gst_object_unref (scenario->pad);
  gst_object_unref (scenario->src);
  scenario_log_free (scenario->log);
  g_free (scenario->property);
  g_free (scenario->value);
  g_cond_clear (&scenario->cond);
  g_mutex_clear (&scenario->lock);
  g_free (scenario);
}

void
scenario_finish (Scenario *scenario, const char *name)
{
  g_autofree char *base = g_strconcat (name, ".log", NULL), *file = NULL, *filename = NULL,
                  *difference = NULL;

  scenario_log_close (scenario->log);
  drop_held (scenario);
  fail_unless_equals_int (
      gst_element_set_state (scenario->src, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);

  file = g_build_filename ("scenarios", base, NULL);
  filename = data_path (file);
  difference = scenario_log_compare (scenario->log, filename);
  scenario_free (scenario);
  /* longer than what a failure can tell */
  if (difference)
    g_printerr ("%s:\n%s", filename, difference);
  fail_unless (difference == NULL, "%s is not as expected, see above", name);
}

/* ---- actions ---- */

static guint G_GNUC_PRINTF (2, 3) act (Scenario *scenario, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  scenario->last_action = scenario_log_add (scenario->log, line);

  return scenario->last_action;
}

void
scenario_state (Scenario *scenario, GstState state)
{
  static const char *const results[] = { " -> failure", " -> success", " -> async",
    " -> no preroll" };
  guint line = act (scenario, "action state %s", gst_element_state_get_name (state));

  if (state <= GST_STATE_READY)
    drop_held (scenario);
  scenario_log_append (scenario->log, line, results[gst_element_set_state (scenario->src, state)]);
}

void
scenario_seek (
    Scenario *scenario, gdouble rate, GstSeekFlags flags, GstClockTime start, GstClockTime stop)
{
  g_autofree char *names = scenario_describe_flags (GST_TYPE_SEEK_FLAGS, flags);
  guint line;
  gboolean done;

  line = act (scenario,
      "action seek rate=%g flags=%s start=%" GST_TIME_FORMAT " stop=%" GST_TIME_FORMAT, rate, names,
      GST_TIME_ARGS (start), GST_TIME_ARGS (stop));
  done = gst_element_seek (scenario->src, rate, GST_FORMAT_TIME, flags, GST_SEEK_TYPE_SET,
      (gint64) start, GST_SEEK_TYPE_SET, (gint64) stop);
  scenario_log_append (scenario->log, line, done ? " -> done" : " -> refused");
}

void
scenario_set (Scenario *scenario, const char *property, const char *value)
{
  act (scenario, "action set %s=%s", property, value);
  gst_util_set_object_arg (G_OBJECT (scenario->src), property, value);
}

void
scenario_set_when_about_to_finish (Scenario *scenario, const char *property, const char *value)
{
  act (scenario, "action set %s=%s when about to finish", property, value);
  scenario->property = g_strdup (property);
  scenario->value = g_strdup (value);
}

void
scenario_accept (Scenario *scenario, const char *caps)
{
  act (scenario, "action accept %s", caps);
  gst_harness_set_sink_caps_str (scenario->harness, caps);
}

void
scenario_set_step (Scenario *scenario, GstClockTime step)
{
  act (scenario, "action step %" GST_TIME_FORMAT, GST_TIME_ARGS (step));
  g_mutex_lock (&scenario->lock);
  scenario->step = step;
  g_mutex_unlock (&scenario->lock);
}

void
scenario_set_base_time (Scenario *scenario, GstClockTime base_time)
{
  act (scenario, "action base-time %" GST_TIME_FORMAT, GST_TIME_ARGS (base_time));
  gst_element_set_base_time (scenario->src, base_time);
}

void
scenario_set_time (Scenario *scenario, GstClockTime time)
{
  act (scenario, "action time %" GST_TIME_FORMAT, GST_TIME_ARGS (time));
  gst_test_clock_set_time (scenario->clock, time);
}

void
scenario_query_latency (Scenario *scenario)
{
  g_autofree char *latency = scenario_describe_latency (scenario->src);

  act (scenario, "query %s", latency);
}

void
scenario_query_position (Scenario *scenario)
{
  g_autofree char *position = scenario_describe_position (scenario->src);

  act (scenario, "query %s", position);
}

/* ---- waiting ---- */

/* Lets what is held through, until n more have come. */
static guint
ask_for (Scenario *scenario, guint n)
{
  guint wanted;

  g_mutex_lock (&scenario->lock);
  wanted = scenario->wanted += n;
  g_cond_broadcast (&scenario->cond);
  g_mutex_unlock (&scenario->lock);

  return wanted;
}

static void
wait_for_buffers (Scenario *scenario, guint n)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  gboolean in_time = TRUE;

  g_mutex_lock (&scenario->lock);
  while (scenario->arrived < n && in_time)
    in_time = g_cond_wait_until (&scenario->cond, &scenario->lock, deadline);
  g_mutex_unlock (&scenario->lock);
  if (!in_time)
    give_up (scenario, "a buffer");
}

void
scenario_pull (Scenario *scenario, guint n)
{
  wait_for_buffers (scenario, ask_for (scenario, n));
}

static GstClockTime
wait_for_clock (Scenario *scenario)
{
  GList *ids = NULL;
  GstClockTime time = GST_CLOCK_TIME_NONE;

  if (gst_test_clock_timed_wait_for_multiple_pending_ids (
          scenario->clock, 1, PATIENCE / G_TIME_SPAN_MILLISECOND, &ids))
    time = gst_clock_id_get_time (ids->data);
  else
    give_up (scenario, "the clock");
  act (scenario, "clock wait until %" GST_TIME_FORMAT, GST_TIME_ARGS (time));
  g_list_free_full (ids, gst_clock_id_unref);

  return time;
}

void
scenario_wait_for_clock (Scenario *scenario)
{
  ask_for (scenario, 1);
  scenario->asked = TRUE;
  wait_for_clock (scenario);
}

void
scenario_pull_live (Scenario *scenario, guint n)
{
  guint wanted;

  for (; n > 0; n--) {
    wanted = ask_for (scenario, scenario->asked ? 0 : 1);
    scenario->asked = FALSE;
    wait_for_clock (scenario);
    fail_unless (gst_test_clock_crank (scenario->clock));
    wait_for_buffers (scenario, wanted);
  }
}

void
scenario_wait_for (Scenario *scenario, const char *prefix)
{
  if (!scenario_log_wait (scenario->log, scenario->last_action, prefix))
    give_up (scenario, prefix);
}

void
scenario_run_until (Scenario *scenario, const char *prefix)
{
  ask_for (scenario, MANY);
  scenario_wait_for (scenario, prefix);
  g_mutex_lock (&scenario->lock);
  scenario->wanted = scenario->arrived;
  g_mutex_unlock (&scenario->lock);
}

/* The element's own record of what its compiler has still to do; it tells when that changes. */
void
scenario_settle (Scenario *scenario)
{
  GstKromoCompiler *compiler = &((GstKromoSrc *) scenario->src)->compiler;
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  gboolean in_time = TRUE;

  g_mutex_lock (&compiler->lock);
  while ((compiler->change_wanted || compiler->change_under_way) && in_time)
    in_time = g_cond_wait_until (&compiler->cond, &compiler->lock, deadline);
  g_mutex_unlock (&compiler->lock);
  if (!in_time)
    give_up (scenario, "the compiler");
}
