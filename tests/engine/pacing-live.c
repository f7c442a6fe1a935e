/* Live pacing on synthetic timings: how long chunks may be, and so how much latency is announced.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "kromo.h"

#define MSECOND G_GUINT64_CONSTANT (1000000)
#define SECOND (1000 * MSECOND)

/* target_latency and fixed_chunk would make other chunks: they do not count here. */
static const KromoPacingSettings defaults = {
  .adaptive = TRUE,
  .live = TRUE,
  .target_latency = SECOND,
  .min_chunk = KROMO_PACING_LIVE_MIN,
  .max_chunk = KROMO_PACING_LIVE_MAX,
  .fixed_chunk = 500 * MSECOND,
  .rate = 48000,
};

static KromoPacing
make (KromoPacingSettings settings)
{
  KromoPacing pacing;

  kromo_pacing_init (&pacing, &settings);

  return pacing;
}

/* Plays a chunk that takes @load of its own length. Returns: its length */
static guint64
play (KromoPacing *pacing, double load)
{
  guint64 bound = kromo_pacing_get_bound (pacing);
  guint64 chunk = kromo_pacing_next_chunk (pacing);

  g_assert_cmpuint (chunk, ==, bound);
  g_assert_cmpuint (kromo_pacing_get_bound (pacing), ==, bound);
  kromo_pacing_measure (
      pacing, chunk, (guint64) (load * (double) chunk * SECOND / pacing->settings.rate));

  return chunk;
}

/* Plays easy chunks until the bound changes. Returns: how many frames that took */
static guint64
play_until_change (KromoPacing *pacing)
{
  guint64 bound = kromo_pacing_get_bound (pacing), frames = 0;

  while (kromo_pacing_get_bound (pacing) == bound) {
    frames += play (pacing, 0.1);
    g_assert_cmpuint (frames, <, 11 * (guint64) pacing->settings.rate);
  }

  return frames;
}

static void
test_start (void)
{
  KromoPacing pacing = make (defaults);
  guint i;

  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 480);
  for (i = 0; i < 5000; i++)
    g_assert_cmpuint (play (&pacing, 0.01), ==, 480);
  g_assert_cmpfloat_with_epsilon (pacing.rtf, 0.01, 1e-6);
}

static void
test_growth (void)
{
  static const guint64 expected[] = { 480, 960, 1920, 3840, 4800, 4800 };
  KromoPacing pacing = make (defaults);
  guint i;

  for (i = 0; i < 10; i++)
    g_assert_cmpuint (play (&pacing, 0.5), ==, 480); /* half is not over half */
  for (i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (play (&pacing, 0.51), ==, expected[i]);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 4800);
}

/* By each chunk's own time: the estimate stays high for long after one slow chunk. */
static void
test_one_slow_chunk (void)
{
  KromoPacing pacing = make (defaults);

  play (&pacing, 20);
  g_assert_cmpuint (play (&pacing, 0.1), ==, 960);
  g_assert_cmpfloat (pacing.rtf, >, 1);
  g_assert_cmpuint (play (&pacing, 0.1), ==, 960);
  g_assert_cmpuint (play (&pacing, 0.1), ==, 960);
}

/* What is remembered of another time does not make the first chunks longer. */
static void
test_recall (void)
{
  KromoPacing pacing = make (defaults);

  kromo_pacing_recall (&pacing, 0.9);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 480);
  g_assert_cmpuint (play (&pacing, 0.1), ==, 480);
}

static void
test_calm (void)
{
  static const guint64 expected[] = { 2400, 1200, 600, 480 };
  KromoPacing pacing = make (defaults);
  guint64 frames, chunk;
  guint i;

  for (i = 0; i < 5; i++)
    play (&pacing, 1);
  for (i = 0; i < G_N_ELEMENTS (expected); i++) {
    chunk = kromo_pacing_get_bound (&pacing);
    frames = play_until_change (&pacing);
    g_assert_cmpuint (frames, >=, 480000);
    g_assert_cmpuint (frames, <, 480000 + chunk);
    g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, expected[i]);
  }
  for (i = 0; i < 2500; i++)
    g_assert_cmpuint (play (&pacing, 0.1), ==, 480);
}

/* A slow chunk at the maximum does not lengthen the chunks, but ends the calm. */
static void
test_calm_ends (void)
{
  KromoPacing pacing = make (defaults);
  guint i;

  for (i = 0; i < 5; i++)
    play (&pacing, 1);
  for (i = 0; i < 99; i++)
    g_assert_cmpuint (play (&pacing, 0.1), ==, 4800);
  g_assert_cmpuint (play (&pacing, 0.6), ==, 4800);
  for (i = 0; i < 100; i++)
    g_assert_cmpuint (play (&pacing, 0.1), ==, 4800);
  g_assert_cmpuint (play (&pacing, 0.1), ==, 2400);
}

static void
test_nearest_frame (void)
{
  static const guint64 grown[] = { 110, 220, 440, 880, 1103 };
  static const guint64 shrunk[] = { 552, 276, 138, 110 };
  KromoPacingSettings settings = defaults;
  KromoPacing pacing;
  guint i;

  settings.rate = 11025;
  pacing = make (settings);
  for (i = 0; i < G_N_ELEMENTS (grown); i++)
    g_assert_cmpuint (play (&pacing, 1), ==, grown[i]);
  for (i = 0; i < G_N_ELEMENTS (shrunk); i++) {
    play_until_change (&pacing);
    g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, shrunk[i]);
  }
}

/* A flushing seek must not change the latency that was announced, nor end the calm. */
static void
test_restart (void)
{
  KromoPacing pacing = make (defaults);
  guint i;

  play (&pacing, 1);
  play (&pacing, 1);
  kromo_pacing_restart (&pacing);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 1920);
  for (i = 0; i < 249; i++)
    g_assert_cmpuint (play (&pacing, 0.1), ==, 1920);
  kromo_pacing_restart (&pacing);
  g_assert_cmpuint (play (&pacing, 0.1), ==, 1920);
  g_assert_cmpuint (play (&pacing, 0.1), ==, 960);
}

static void
test_fixed (void)
{
  KromoPacingSettings settings = defaults;
  KromoPacing pacing;
  guint i;

  settings.adaptive = FALSE;
  settings.fixed_chunk = 20 * MSECOND;
  pacing = make (settings);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 960);
  for (i = 0; i < 10; i++)
    g_assert_cmpuint (play (&pacing, 2), ==, 960);
  g_assert_cmpfloat_with_epsilon (pacing.rtf, 2, 1e-6);
}

static void
test_user_bounds (void)
{
  static const guint64 expected[] = { 96, 192, 384, 768, 1536, 3072, 6144, 9600, 9600 };
  KromoPacingSettings settings = defaults;
  KromoPacing pacing;
  guint i;

  settings.min_chunk = 2 * MSECOND;
  settings.max_chunk = 200 * MSECOND;
  pacing = make (settings);
  for (i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (play (&pacing, 1), ==, expected[i]);

  /* a maximum below the minimum counts as it */
  settings.min_chunk = 30 * MSECOND;
  settings.max_chunk = 20 * MSECOND;
  pacing = make (settings);
  for (i = 0; i < 10; i++)
    g_assert_cmpuint (play (&pacing, 1), ==, 1440);
}

/* The few frames before the end of the sound cost a whole quantum; no longer bound would help. */
static void
test_short_end (void)
{
  KromoPacing pacing = make (defaults);

  play (&pacing, 0.1);
  kromo_pacing_measure (&pacing, 5, 128 * SECOND / 48000 / 10);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 480);
  /* one that is cut to no less than the minimum tells */
  play (&pacing, 1);
  kromo_pacing_measure (&pacing, 500, 8 * MSECOND);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 1920);
}

static void
test_odd_measurements (void)
{
  KromoPacing pacing = make (defaults);

  kromo_pacing_measure (&pacing, 0, SECOND);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 480);
  kromo_pacing_measure (&pacing, 480, 0);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 480);
  kromo_pacing_measure (&pacing, 480, G_MAXUINT64);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 960);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pacing-live/start", test_start);
  g_test_add_func ("/pacing-live/growth", test_growth);
  g_test_add_func ("/pacing-live/one-slow-chunk", test_one_slow_chunk);
  g_test_add_func ("/pacing-live/recall", test_recall);
  g_test_add_func ("/pacing-live/calm", test_calm);
  g_test_add_func ("/pacing-live/calm-ends", test_calm_ends);
  g_test_add_func ("/pacing-live/nearest-frame", test_nearest_frame);
  g_test_add_func ("/pacing-live/restart", test_restart);
  g_test_add_func ("/pacing-live/fixed", test_fixed);
  g_test_add_func ("/pacing-live/user-bounds", test_user_bounds);
  g_test_add_func ("/pacing-live/short-end", test_short_end);
  g_test_add_func ("/pacing-live/odd-measurements", test_odd_measurements);

  return g_test_run ();
}
