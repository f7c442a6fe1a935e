/* The pacing on synthetic timings.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "kromo.h"

#include <math.h>

#define MSECOND G_GUINT64_CONSTANT (1000000)
#define SECOND (1000 * MSECOND)

static const KromoPacingSettings defaults = {
  .adaptive = TRUE,
  .target_latency = SECOND,
  .min_chunk = 100 * MSECOND,
  .max_chunk = 5 * SECOND,
  .fixed_chunk = 500 * MSECOND,
  .rate = 48000,
};

static KromoPacing
make (KromoPacingSettings settings, double rtf)
{
  KromoPacing pacing;

  kromo_pacing_init (&pacing, &settings);
  if (rtf > 0)
    kromo_pacing_measure (&pacing, settings.rate, (guint64) (rtf * 1e9 + 0.5));

  return pacing;
}

/* The chunk after as much growth as there will be. */
static guint64
grown (KromoPacingSettings settings, double rtf)
{
  KromoPacing pacing = make (settings, rtf);
  guint64 chunk = 0;
  int i;

  for (i = 0; i < 20; i++)
    chunk = kromo_pacing_next_chunk (&pacing);

  return chunk;
}

static void
test_reference_examples (void)
{
  KromoPacingSettings short_target = defaults;

  short_target.target_latency = 100 * MSECOND;
  g_assert_cmpuint (grown (defaults, 0.01), ==, 240000);
  g_assert_cmpuint (grown (short_target, 0.139), ==, 269 * 128); /* 0.717 s, 0.72 to a quantum */
  g_assert_cmpuint (grown (defaults, 0.2), ==, 240000);
  g_assert_cmpuint (grown (defaults, 1), ==, 48000);
  g_assert_cmpuint (grown (defaults, 5), ==, 9600);
  g_assert_cmpuint (grown (defaults, 1000), ==, 4800);
}

static void
test_growth (void)
{
  static const guint64 expected[] = { 4800, 9600, 19200, 38400, 76800, 153600, 240000, 240000 };
  KromoPacing pacing = make (defaults, 0.01);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, expected[i]);

  kromo_pacing_restart (&pacing);
  g_assert_cmpfloat (pacing.rtf, >, 0);
  for (i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, expected[i]);
}

/* The first chunk never waits for a measurement, and without one chunks grow to the fixed one. */
static void
test_unmeasured (void)
{
  static const guint64 expected[] = { 4800, 9600, 19200, 24000, 24000 };
  KromoPacing pacing = make (defaults, 0);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, expected[i]);
}

static void
test_slower_at_once (void)
{
  KromoPacing pacing = make (defaults, 0.1);
  int i;

  for (i = 0; i < 10; i++)
    kromo_pacing_next_chunk (&pacing);
  kromo_pacing_measure (&pacing, 48000, 4 * SECOND);
  g_assert_cmpfloat_with_epsilon (pacing.rtf, 4.0, 1e-12);
  g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, 93 * 128); /* 0.25 s */
}

static void
test_faster_gradually (void)
{
  KromoPacing pacing = make (defaults, 4);
  double before;
  int i;

  for (i = 0; i < 60; i++) {
    before = pacing.rtf;
    kromo_pacing_measure (&pacing, 48000, SECOND / 10);
    g_assert_cmpfloat (pacing.rtf, <, before);
    g_assert_cmpfloat (pacing.rtf, >=, 0.1);
    if (i == 0)
      g_assert_cmpfloat (pacing.rtf, >, 2);
  }
  g_assert_cmpfloat_with_epsilon (pacing.rtf, 0.1, 1e-5);
}

static void
test_fixed (void)
{
  KromoPacingSettings settings = defaults;
  KromoPacing pacing;
  int i;

  settings.adaptive = FALSE;
  settings.rate = 44100;
  settings.fixed_chunk = 20 * MSECOND;
  pacing = make (settings, 3);
  for (i = 0; i < 5; i++)
    g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, 882);

  settings.fixed_chunk = 1;
  pacing = make (settings, 0);
  g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, 1);
  /* nearest: 0.6 frames is one, 1.4 frames is one, 1.6 frames are two */
  settings.fixed_chunk = 31746;
  pacing = make (settings, 0);
  g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, 1);
  settings.fixed_chunk = 36281;
  pacing = make (settings, 0);
  g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, 2);
}

/* The bounds hold to the frame, whole quanta or not. */
static void
test_bounds (void)
{
  KromoPacingSettings settings = defaults;

  settings.min_chunk = 1001 * SECOND / 48000;
  settings.max_chunk = 1501 * SECOND / 48000;
  g_assert_cmpuint (grown (settings, 1000), ==, 1001);
  g_assert_cmpuint (grown (settings, 0.001), ==, 1501);
  /* target 1010 frames: 7 quanta are less than min */
  settings.target_latency = 1010 * SECOND / 48000;
  g_assert_cmpuint (grown (settings, 1), ==, 1001);
  /* target 1200 frames: 9 quanta */
  settings.target_latency = 1200 * SECOND / 48000;
  g_assert_cmpuint (grown (settings, 1), ==, 1152);
  /* a minimum above the maximum wins */
  settings.max_chunk = SECOND / 1000;
  g_assert_cmpuint (grown (settings, 0.001), ==, 1001);
  settings.target_latency = G_MAXUINT64;
  settings.max_chunk = 60 * SECOND;
  g_assert_cmpuint (grown (settings, 1e-9), ==, 60 * 48000);
}

static void
test_odd_measurements (void)
{
  KromoPacing pacing = make (defaults, 0);

  kromo_pacing_measure (&pacing, 0, SECOND);
  g_assert_cmpfloat (pacing.rtf, ==, 0);
  kromo_pacing_measure (&pacing, 48000, 0);
  g_assert_cmpfloat (pacing.rtf, >, 0);
  g_assert_cmpfloat (pacing.rtf, <, 1e-8);
  kromo_pacing_measure (&pacing, 1, G_MAXUINT64);
  kromo_pacing_next_chunk (&pacing);
  g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, 4800);
}

/* A clock that rendering advances: a quantum costs its length times the load at its first frame. */
typedef struct {
  KromoPacing pacing;
  guint64 now;       /* ns */
  guint64 frame;     /* of the sound */
  guint64 slow_from; /* frames */
  guint64 slow_until;
  double fast, slow; /* loads */
} Playing;

static Playing
start_playing (KromoPacingSettings settings, double fast, double slow)
{
  Playing playing = {
    .slow_from = G_MAXUINT64, .slow_until = G_MAXUINT64, .fast = fast, .slow = slow
  };

  kromo_pacing_init (&playing.pacing, &settings);

  return playing;
}

/* Returns: the length of the chunk that played */
static guint64
play_chunk (Playing *playing)
{
  guint64 chunk = kromo_pacing_next_chunk (&playing->pacing);
  guint64 start = playing->now, end = playing->frame + chunk, n;

  g_assert_cmpuint (chunk, <=, kromo_pacing_get_bound (&playing->pacing));
  for (; playing->frame < end; playing->frame += n) {
    gboolean is_slow = playing->frame >= playing->slow_from && playing->frame < playing->slow_until;

    n = MIN (128, end - playing->frame);
    playing->now += (guint64) ((is_slow ? playing->slow : playing->fast) * (double) n * SECOND
        / playing->pacing.settings.rate);
  }
  kromo_pacing_measure (&playing->pacing, chunk, playing->now - start);

  return chunk;
}

static guint64
play_chunks (Playing *playing, guint n)
{
  guint64 chunk = 0;

  while (n-- > 0)
    chunk = play_chunk (playing);

  return chunk;
}

/* Slow from somewhere in a chunk on: the next one is shorter by as much as was slow of it, the one
 * after that is right. Then fast again: back to the longest within as many as the weight tells. */
static void
test_slow_midway (void)
{
  static const struct {
    double begin; /* of the chunk */
    guint64 next;
  } cases[] = {
    { 0, 93 * 128 }, { 0.01, 94 * 128 }, { 0.5, 183 * 128 },
    { 0.99, 240000 }, /* 0.139 is no more than the longest chunk may have */
  };
  guint64 longest = 240000, right = 93 * 128, chunk, last;
  guint i, n;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    Playing playing = start_playing (defaults, 0.1, 4);

    g_assert_cmpuint (play_chunks (&playing, 10), ==, longest);
    playing.slow_from = playing.frame + (guint64) (cases[i].begin * (double) longest);
    g_assert_cmpuint (play_chunk (&playing), ==, longest);
    g_assert_cmpuint (play_chunk (&playing), ==, cases[i].next);
    for (n = 0; n < 5; n++)
      g_assert_cmpuint (play_chunk (&playing), ==, right);

    playing.slow_until = playing.frame;
    last = play_chunk (&playing);
    g_assert_cmpuint (last, ==, right);
    for (n = 1; last < longest; n++) {
      chunk = play_chunk (&playing);
      g_assert_cmpuint (chunk, >, last);
      g_assert_cmpuint (chunk, <=, 2 * last);
      last = chunk;
    }
    /* 0.1 + 3.9 * 0.75^13 is less than 0.2, which lets the 14th be the longest. */
    g_assert_cmpuint (n, ==, 14);
  }
}

/* One slow chunk out of nothing, as when the machine was asleep. */
static void
test_one_slow_chunk (void)
{
  Playing playing = start_playing (defaults, 0.01, 0.01);
  guint n;

  g_assert_cmpuint (play_chunks (&playing, 10), ==, 240000);
  kromo_pacing_measure (&playing.pacing, 4800, 100 * SECOND);
  g_assert_cmpuint (play_chunk (&playing), ==, 4800);
  for (n = 1; play_chunk (&playing) < 240000; n++)
    g_assert_cmpuint (n, <=, 30);
}

/* The end of a sound costs a whole quantum, however few of its frames are heard. */
static void
test_short_end (void)
{
  KromoPacing pacing = make (defaults, 0.1);

  kromo_pacing_measure (&pacing, 1, 128 * SECOND / 48000 / 10);
  g_assert_cmpfloat_with_epsilon (pacing.rtf, 0.1, 1e-6);
}

static void
test_recall (void)
{
  static const double nothing[] = { 0, -1, NAN, INFINITY };
  KromoPacing pacing = make (defaults, 0);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (nothing); i++) {
    kromo_pacing_recall (&pacing, nothing[i]);
    g_assert_cmpfloat (pacing.rtf, ==, 0);
  }
  kromo_pacing_recall (&pacing, 5);
  g_assert_cmpfloat (pacing.rtf, ==, 5);
  g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, 4800);
  g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, 9600);
  g_assert_cmpuint (kromo_pacing_next_chunk (&pacing), ==, 9600);
  kromo_pacing_recall (&pacing, 0.5);
  g_assert_cmpfloat (pacing.rtf, ==, 0.5);
  kromo_pacing_recall (&pacing, 0);
  g_assert_cmpfloat (pacing.rtf, ==, 0.5);
}

static void
test_bound (void)
{
  KromoPacingSettings settings = defaults;
  KromoPacing pacing = make (settings, 0);

  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 240000);
  kromo_pacing_next_chunk (&pacing);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 240000);
  settings.max_chunk = MSECOND;
  pacing = make (settings, 0);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 4800);
  settings.adaptive = FALSE;
  pacing = make (settings, 0);
  g_assert_cmpuint (kromo_pacing_get_bound (&pacing), ==, 24000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pacing/reference-examples", test_reference_examples);
  g_test_add_func ("/pacing/growth", test_growth);
  g_test_add_func ("/pacing/unmeasured", test_unmeasured);
  g_test_add_func ("/pacing/slower-at-once", test_slower_at_once);
  g_test_add_func ("/pacing/faster-gradually", test_faster_gradually);
  g_test_add_func ("/pacing/fixed", test_fixed);
  g_test_add_func ("/pacing/bounds", test_bounds);
  g_test_add_func ("/pacing/odd-measurements", test_odd_measurements);
  g_test_add_func ("/pacing/slow-midway", test_slow_midway);
  g_test_add_func ("/pacing/one-slow-chunk", test_one_slow_chunk);
  g_test_add_func ("/pacing/short-end", test_short_end);
  g_test_add_func ("/pacing/recall", test_recall);
  g_test_add_func ("/pacing/bound", test_bound);

  return g_test_run ();
}
