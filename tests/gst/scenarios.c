/* kromosrc: what it does in ten scenarios, event by event, compared with logs in the data
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The logs are a specification: KROMO_SCENARIOS_UPDATE=1 in the environment rewrites them, and every line
 * that then differs is to be read.
 */

#include "scenario.h"

#define ANY "audio/x-raw, format=F32LE"
#define CHUNK (100 * GST_MSECOND)
#define ACCURATE (GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE)

/* A genome of the data, one second long, with chunks of a tenth. */
static GstElement *
make_tone (void)
{
  g_autofree char *path = data_path ("tone.json");

  return make_src ("location", path, "duration", (guint64) GST_SECOND, "adaptive", FALSE,
      "chunk-duration", (guint64) CHUNK, NULL);
}

/* From nothing to the end, with the default properties: chunks grow after the first one is measured. */
GST_START_TEST (test_start)
{
  g_autofree char *path = data_path ("tone.json");
  GstElement *src = make_src ("location", path, "duration", (guint64) GST_SECOND, NULL);
  Scenario *scenario = scenario_new (src, ANY);

  scenario_query_position (scenario);
  scenario_state (scenario, GST_STATE_READY);
  scenario_state (scenario, GST_STATE_PAUSED);
  scenario_pull (scenario, 1);
  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_query_position (scenario);
  scenario_query_latency (scenario);
  scenario_pull (scenario, 1);
  scenario_query_position (scenario);
  scenario_run_until (scenario, "event eos");
  scenario_query_position (scenario);
  /* all over again */
  scenario_state (scenario, GST_STATE_READY);
  scenario_state (scenario, GST_STATE_PAUSED);
  scenario_pull (scenario, 2);
  scenario_finish (scenario, "start");
}
GST_END_TEST

/* Flushing seeks while playing, with and without a stop, to a frame within a chunk, and after the end. */
GST_START_TEST (test_seek)
{
  Scenario *scenario = scenario_new (make_tone (), ANY);

  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 3);
  scenario_seek (scenario, 1, ACCURATE, 700 * GST_MSECOND, GST_CLOCK_TIME_NONE);
  scenario_pull (scenario, 2);
  scenario_query_position (scenario);
  scenario_seek (scenario, 1, ACCURATE, 0, 250 * GST_MSECOND);
  scenario_run_until (scenario, "event eos");
  scenario_query_position (scenario);
  scenario_seek (scenario, 1, ACCURATE, 123456789, 400 * GST_MSECOND);
  scenario_run_until (scenario, "event eos");
  scenario_seek (scenario, 2, ACCURATE, 800 * GST_MSECOND, GST_CLOCK_TIME_NONE);
  scenario_run_until (scenario, "event eos");
  scenario_seek (scenario, 1, ACCURATE, GST_SECOND, GST_CLOCK_TIME_NONE);
  scenario_run_until (scenario, "event eos");
  scenario_finish (scenario, "seek");
}
GST_END_TEST

/* To between two frames, and until there: no frame of the segment is missing, none is outside. */
GST_START_TEST (test_seek_between)
{
  Scenario *scenario = scenario_new (make_tone (), ANY);

  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 1);
  /* frames 5926.08 to 10726.08 */
  scenario_seek (scenario, 1, ACCURATE, 123460000, 223460000);
  scenario_run_until (scenario, "event eos");
  scenario_seek (scenario, -1, ACCURATE, 123460000, 223460000);
  scenario_run_until (scenario, "event eos");
  scenario_finish (scenario, "seek-between");
}
GST_END_TEST

/* A loop of a segment, without a flush and without a gap in running time. */
GST_START_TEST (test_segment)
{
  const GstSeekFlags loop = GST_SEEK_FLAG_SEGMENT | GST_SEEK_FLAG_ACCURATE;
  Scenario *scenario = scenario_new (make_tone (), ANY);
  guint i;

  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 1);
  scenario_seek (scenario, 1, loop | GST_SEEK_FLAG_FLUSH, 300 * GST_MSECOND, 550 * GST_MSECOND);
  scenario_run_until (scenario, "event segment-done");
  for (i = 0; i < 2; i++) {
    scenario_seek (scenario, 1, loop, 300 * GST_MSECOND, 550 * GST_MSECOND);
    scenario_run_until (scenario, "event segment-done");
  }
  /* and out of the loop, to the end */
  scenario_seek (scenario, 1, GST_SEEK_FLAG_ACCURATE, 550 * GST_MSECOND, GST_CLOCK_TIME_NONE);
  scenario_run_until (scenario, "event eos");
  scenario_finish (scenario, "segment");
}
GST_END_TEST

/* Backwards from the end, from within, as a loop, and forwards again. */
GST_START_TEST (test_reverse)
{
  const GstSeekFlags loop = GST_SEEK_FLAG_SEGMENT | GST_SEEK_FLAG_ACCURATE;
  Scenario *scenario = scenario_new (make_tone (), ANY);

  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 2);
  scenario_seek (scenario, -1, ACCURATE, 0, GST_SECOND);
  scenario_pull (scenario, 2);
  scenario_query_position (scenario);
  scenario_run_until (scenario, "event eos");
  scenario_query_position (scenario);
  scenario_seek (scenario, -1, loop | GST_SEEK_FLAG_FLUSH, 200 * GST_MSECOND, 450 * GST_MSECOND);
  scenario_run_until (scenario, "event segment-done");
  scenario_seek (scenario, -1, loop, 200 * GST_MSECOND, 450 * GST_MSECOND);
  scenario_run_until (scenario, "event segment-done");
  scenario_seek (scenario, 1, ACCURATE, 700 * GST_MSECOND, GST_CLOCK_TIME_NONE);
  scenario_run_until (scenario, "event eos");
  scenario_finish (scenario, "reverse");
}
GST_END_TEST

/* Another sample format, another rate, another number of channels, back to the first, and one that there
 * is not: the sound goes on at the same time. */
GST_START_TEST (test_renegotiate)
{
  Scenario *scenario = scenario_new (make_tone (), ANY);

  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 2);
  scenario_accept (scenario, "audio/x-raw, format=S16LE");
  scenario_pull (scenario, 1);
  scenario_accept (scenario, "audio/x-raw, format=F32LE, rate=44100");
  scenario_pull (scenario, 2);
  scenario_accept (scenario, "audio/x-raw, format=F32LE, channels=2, layout=non-interleaved");
  scenario_pull (scenario, 1);
  scenario_accept (scenario, "audio/x-raw, format=F32LE, rate=48000, channels=1");
  scenario_pull (scenario, 2);
  scenario_query_position (scenario);
  scenario_accept (scenario, "audio/x-raw, format=F32LE, rate=7999");
  scenario_run_until (scenario, "event eos");
  scenario_finish (scenario, "renegotiate");
}
GST_END_TEST

/* A file that is not there, one that is not a genome, a genome of an unknown function, and after all of
 * them a good one. */
GST_START_TEST (test_error)
{
  static const char *const names[] = { "no-such-file.json", "not-json.json",
    "unknown-function.json", "tone.json" };
  Scenario *scenario = scenario_new (make_tone (), ANY);
  guint i;

  scenario_state (scenario, GST_STATE_READY);
  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = data_path (names[i]);

    scenario_set (scenario, "location", path);
    scenario_state (scenario, GST_STATE_PAUSED);
  }
  scenario_pull (scenario, 1);
  scenario_finish (scenario, "error");
}
GST_END_TEST

/* The end after a number of buffers, and what a seek makes of it. */
GST_START_TEST (test_num_buffers)
{
  Scenario *scenario = scenario_new (make_tone (), ANY);

  scenario_set (scenario, "num-buffers", "3");
  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_run_until (scenario, "event eos");
  scenario_query_position (scenario);
  scenario_seek (scenario, 1, ACCURATE, 800 * GST_MSECOND, GST_CLOCK_TIME_NONE);
  scenario_run_until (scenario, "event eos");
  scenario_finish (scenario, "num-buffers");
}
GST_END_TEST

/* Not live, a pause is downstream's affair: data flows as it is asked for. */
GST_START_TEST (test_pause)
{
  Scenario *scenario = scenario_new (make_tone (), ANY);

  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 2);
  scenario_state (scenario, GST_STATE_PAUSED);
  scenario_query_position (scenario);
  scenario_pull (scenario, 1);
  scenario_seek (scenario, 1, ACCURATE, 500 * GST_MSECOND, GST_CLOCK_TIME_NONE);
  scenario_pull (scenario, 1);
  scenario_query_position (scenario);
  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 1);
  /* down and up again: from the beginning */
  scenario_state (scenario, GST_STATE_READY);
  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 2);
  scenario_finish (scenario, "pause");
}
GST_END_TEST

/* Everything that sounds otherwise while it plays; then back, which gives what a straight run gives. */
GST_START_TEST (test_swap)
{
  g_autofree char *other = data_path ("scenarios/other.json");
  g_autofree char *missing = data_path ("no-such-file.json");
  Scenario *scenario = scenario_new (make_tone (), ANY);

  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 2);
  scenario_set (scenario, "location", other);
  scenario_settle (scenario);
  scenario_pull (scenario, 2);
  scenario_set (scenario, "note-delta", "12");
  scenario_settle (scenario);
  scenario_pull (scenario, 2);
  /* the old one plays on */
  scenario_set (scenario, "location", missing);
  scenario_settle (scenario);
  scenario_set (scenario, "genome", "{}");
  scenario_settle (scenario);
  scenario_pull (scenario, 1);
  scenario_set (scenario, "mute", "true");
  scenario_pull (scenario, 1);
  scenario_set (scenario, "mute", "false");
  scenario_pull (scenario, 1);
  scenario_seek (scenario, 1, ACCURATE, 200 * GST_MSECOND, GST_CLOCK_TIME_NONE);
  scenario_pull (scenario, 2);
  scenario_set (scenario, "location", other);
  scenario_settle (scenario);
  scenario_pull (scenario, 2);
  scenario_state (scenario, GST_STATE_READY);
  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 9);
  scenario_finish (scenario, "swap");
}
GST_END_TEST

/* Another genome follows at the last frame, from next-location and from the application. */
GST_START_TEST (test_play_on)
{
  g_autofree char *other = data_path ("scenarios/other.json");
  g_autofree char *tone = data_path ("tone.json");
  GstElement *src = make_tone ();
  Scenario *scenario;

  g_object_set (src, "duration", (guint64) (250 * GST_MSECOND), NULL);
  scenario = scenario_new (src, ANY);
  scenario_set (scenario, "next-location", other);
  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 3);
  scenario_query_position (scenario);
  scenario_set_when_about_to_finish (scenario, "location", tone);
  scenario_pull (scenario, 1);
  scenario_query_position (scenario);
  scenario_run_until (scenario, "event eos");
  scenario_query_position (scenario);
  scenario_finish (scenario, "play-on");
}
GST_END_TEST

/* Passes of two chunks each, with a seek into the second one. */
GST_START_TEST (test_loops)
{
  GstElement *src = make_tone ();
  Scenario *scenario;

  g_object_set (src, "duration", (guint64) (200 * GST_MSECOND), "loops", 3, NULL);
  scenario = scenario_new (src, ANY);
  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 1);
  scenario_query_position (scenario);
  scenario_run_until (scenario, "event eos");
  scenario_query_position (scenario);
  scenario_seek (scenario, 1, ACCURATE, 350 * GST_MSECOND, GST_CLOCK_TIME_NONE);
  scenario_run_until (scenario, "event eos");
  scenario_seek (scenario, -1, ACCURATE, 100 * GST_MSECOND, 500 * GST_MSECOND);
  scenario_run_until (scenario, "event eos");
  scenario_finish (scenario, "loops");
}
GST_END_TEST

static Scenario *
new_live (GstClockTime duration)
{
  g_autofree char *path = data_path ("tone.json");
  GstElement *src =
      make_src ("location", path, "duration", (guint64) duration, "is-live", TRUE, NULL);

  return scenario_new (src, ANY);
}

/* Chunks leave when the clock says so, grow when rendering is slow, and may come late. */
GST_START_TEST (test_live)
{
  Scenario *scenario = new_live (150 * GST_MSECOND);

  scenario_state (scenario, GST_STATE_READY);
  scenario_query_latency (scenario);
  scenario_state (scenario, GST_STATE_PAUSED);
  scenario_wait_for (scenario, "event caps");
  scenario_query_latency (scenario);
  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 1);
  scenario_query_latency (scenario);
  scenario_pull_live (scenario, 2);
  scenario_set_step (scenario, 6 * GST_MSECOND);
  scenario_pull_live (scenario, 1);
  scenario_query_latency (scenario);
  scenario_pull_live (scenario, 1);
  scenario_set_step (scenario, 25 * GST_MSECOND);
  scenario_pull_live (scenario, 1);
  scenario_set_step (scenario, GST_MSECOND);
  scenario_query_latency (scenario);
  scenario_pull_live (scenario, 2);
  scenario_run_until (scenario, "event eos");
  scenario_finish (scenario, "live");
}
GST_END_TEST

/* Added to a pipeline that has played for a while; and a seek, after which running time begins again. */
GST_START_TEST (test_live_late)
{
  Scenario *scenario = new_live (GST_SECOND);

  scenario_set_time (scenario, 5 * GST_SECOND);
  scenario_set_base_time (scenario, GST_SECOND);
  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 1);
  scenario_pull_live (scenario, 1);
  scenario_query_position (scenario);
  scenario_set_base_time (scenario, 5010 * GST_MSECOND);
  scenario_seek (scenario, 1, ACCURATE, 500 * GST_MSECOND, GST_CLOCK_TIME_NONE);
  scenario_pull (scenario, 1);
  scenario_pull_live (scenario, 1);
  scenario_query_position (scenario);
  scenario_finish (scenario, "live-late");
}
GST_END_TEST

/* A pause while a buffer is on its way and one while a buffer waits for the clock; running time stands
 * still and nothing of the sound is lost. */
GST_START_TEST (test_pause_live)
{
  Scenario *scenario = new_live (GST_SECOND);

  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull (scenario, 1);
  scenario_pull_live (scenario, 2);
  scenario_state (scenario, GST_STATE_PAUSED);
  scenario_query_position (scenario);
  scenario_set_time (scenario, GST_SECOND);
  scenario_set_base_time (scenario, 980 * GST_MSECOND);
  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull_live (scenario, 2);
  scenario_wait_for_clock (scenario);
  scenario_state (scenario, GST_STATE_PAUSED);
  scenario_query_position (scenario);
  scenario_set_time (scenario, 2 * GST_SECOND);
  scenario_set_base_time (scenario, 1960 * GST_MSECOND);
  scenario_state (scenario, GST_STATE_PLAYING);
  scenario_pull_live (scenario, 3);
  scenario_finish (scenario, "pause-live");
}
GST_END_TEST

static Suite *
scenarios_suite (void)
{
  Suite *suite = suite_create ("kromosrc-scenarios");
  TCase *tcase = tcase_create ("scenarios");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, test_start);
  tcase_add_test (tcase, test_seek);
  tcase_add_test (tcase, test_seek_between);
  tcase_add_test (tcase, test_segment);
  tcase_add_test (tcase, test_reverse);
  tcase_add_test (tcase, test_renegotiate);
  tcase_add_test (tcase, test_error);
  tcase_add_test (tcase, test_num_buffers);
  tcase_add_test (tcase, test_pause);
  tcase_add_test (tcase, test_swap);
  tcase_add_test (tcase, test_play_on);
  tcase_add_test (tcase, test_loops);
  tcase_add_test (tcase, test_live);
  tcase_add_test (tcase, test_live_late);
  tcase_add_test (tcase, test_pause_live);

  return suite;
}

/* Each scenario is a process of its own, whatever the environment says: the plugin remembers how fast
 * genomes were. Texts of the system are in English. */
int
main (int argc, char **argv)
{
  g_unsetenv ("CK_FORK");
  g_setenv ("LC_ALL", "C", TRUE);
  gst_check_init (&argc, &argv);

  return gst_check_run_suite (scenarios_suite (), "scenarios", __FILE__);
}
