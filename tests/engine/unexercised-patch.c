/* What no stored genome exercises, in the patch: additive nodes, duplicate connections, the order of
 * creation, mergers, missing members, zeros, lengths (2-RENDERING 2.5 to 2.7, 1-GENOME 1.4).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "rendered-documents.h"

#define FRAMES 480

/* All frames of one channel are @expected. */
static void
check_constant (const char *text, guint n_channels, guint channel, float expected)
{
  const KromoNote note = note_of (FRAMES, RATE);
  gsize n;
  g_autofree float *out = render_quoted (text, &note, n_channels, &n);

  g_assert_cmpuint (n, ==, FRAMES);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat (out[channel * n + i], ==, expected);
}

/* ---- additive ---- */

#define ADDITIVE "'a':['additive','output']"
#define PARTIAL(number, value)                                                                     \
  DRIVE ("2", "1", "a",                                                                            \
      "'paramName':'partialBuffer','partialNumber':" number ",'range':[0," value "]")
#define ENVELOPE(number, value, weight)                                                            \
  DRIVE ("2", "1", "a",                                                                            \
      "'paramName':'partialGainEnvelope','partialNumber':" number ",'range':[0," value             \
      "],'weight':" weight)

/* A second partial or envelope of a number takes the place of the first; weights are those of the
 * envelopes' connections in list order, replaced ones included, and the first is 1. */
static void
test_duplicate_partials (void)
{
  check_constant (
      PLAIN (ADDITIVE,
          PARTIAL ("1", "0.25") "," PARTIAL ("2", "0.5") "," PARTIAL ("1", "0.125") "," ENVELOPE (
              "1", "1", "3") "," ENVELOPE ("1", "0.75", "5") "," ENVELOPE ("2", "0.5", "7")),
      1, 0, HALF_POWER * (0.125f * 0.75f + 0.5f * 0.5f * 5.0f));
}

/* More envelopes than partials: the first ones count. */
static void
test_spare_envelopes (void)
{
  check_constant (
      PLAIN (ADDITIVE,
          PARTIAL ("1", "0.25") "," ENVELOPE ("4", "0.5", "3") "," ENVELOPE ("1", "0.75", "5")),
      1, 0, HALF_POWER * (0.25f * 0.5f));
}

static void
test_too_few_envelopes (void)
{
  const KromoNote note = note_of (FRAMES, RATE);
  const KromoFormat format = { .rate = RATE, .channels = 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome = load_quoted (PLAIN (ADDITIVE,
      PARTIAL ("1", "1") "," PARTIAL ("2", "1") "," ENVELOPE ("1", "1", "1") "," ENVELOPE (
          "1", "1", "1")));

  g_assert_null (kromo_renderer_new (genome, &note, &format, &error));
  g_assert_error (error, KROMO_ERROR, KROMO_ERROR_INVALID);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "additive node a has 2 partials but only 1 envelopes"));
}

/* Without any envelope, or without any partial, the node and its weight nodes go; the rest sounds. */
static void
test_removed_additive (void)
{
  const char *graph_and_dry = "'a':['additive','a_g-weight'],'a_g-weight':['gain','g'],"
                              "'s':['bufferSource','g'],'g':['gain','output']";
  g_autofree char *no_envelope =
      g_strdup_printf (PLAIN ("%s", PARTIAL ("1", "1") "," CONSTANT ("s", "0.5")), graph_and_dry);
  g_autofree char *no_partial = g_strdup_printf (
      PLAIN ("%s", ENVELOPE ("1", "1", "1") "," CONSTANT ("s", "0.5")), graph_and_dry);

  check_constant (no_envelope, 1, 0, 0.5f);
  check_constant (no_partial, 1, 0, 0.5f);
}

/* ---- connections ---- */

#define CONSTANT_NODE(id) OUTPUT (id, "2")
#define PLAYS(from, to, value)                                                                     \
  CONNECT ("'" from "'", "'" to "'",                                                               \
      ",'targetParameter':'buffer','targetParameterRange':[0," value "]")

/* A connection made twice plays with the last weight, once for each. */
static void
test_duplicate_connections (void)
{
  check_constant (
      STORED (CONSTANT_NODE ("n") "," BUFFER ("b") ",{'name':'GainNode','id':'g'}," OUT,
          PLAYS ("n", "b", "0.5") "," CONNECT ("'b'", "'g'", ",'weight':0.25") "," CONNECT (
              "'g'", "0", "") "," CONNECT ("'b'", "'g'", ",'weight':0.75")),
      1, 0, 2.0f * (0.75f * 0.5f));
  /* likewise to a parameter, whose own value is added */
  check_constant (
      STORED (CONSTANT_NODE ("n") "," BUFFER ("b") "," GAIN ("g") "," OUT,
          PLAYS ("n", "b", "0.5") "," CONNECT ("'b'", "'g'", ",'weight':1") "," CONNECT (
              "'b'", "'g'", ",'weight':0.25,'targetParameter':'gain'") "," CONNECT ("'b'", "'g'",
              ",'weight':0.75,'targetParameter':'gain'") "," CONNECT ("'g'", "0", "")),
      1, 0, 0.5f * (0.5f + 2.0f * (0.75f * 0.5f)));
  check_constant (
      PLAIN ("'b':['bufferSource',['output','output','output']]", CONSTANT ("b", "0.5")), 1, 0,
      1.5f);
}

static void
test_disabled_connections (void)
{
  check_constant (
      STORED (CONSTANT_NODE ("n") "," BUFFER ("b") ",{'name':'GainNode','id':'g'}," OUT,
          CONNECT ("'n'", "'b'",
              ",'targetParameter':'buffer','targetParameterRange':[0,0.5],'enabled':"
              "false") "," CONNECT ("'b'", "'g'",
              ",'weight':0.5,'enabled':false") "," CONNECT ("'g'", "0", ",'enabled':false")),
      1, 0, 0.25f);
}

/* The weight of a connection to the OutNode, and that of a network output, is not applied. */
static void
test_unapplied_weights (void)
{
  check_constant (STORED (CONSTANT_NODE ("n") "," BUFFER ("b") "," OUT,
                      CONNECT ("'n'", "'b'",
                          ",'targetParameter':'buffer','targetParameterRange':[0,0.5],'weight':0."
                          "125") "," CONNECT ("'b'", "0", ",'weight':0.25")),
      1, 0, 0.5f);
}

/* A stored gain of 0 plays as 1 in the asNEAT form, as 0 in the plain form; a weight of 0 is 0. */
static void
test_zeros (void)
{
  check_constant (
      STORED (CONSTANT_NODE ("n") "," BUFFER ("b") ",{'name':'GainNode','id':'g','gain':0}," OUT,
          PLAYS ("n", "b", "0.5") "," CONNECT ("'b'", "'g'", ",'weight':1") "," CONNECT (
              "'g'", "0", "")),
      1, 0, 0.5f);
  check_constant (STORED (CONSTANT_NODE ("n") "," BUFFER ("b") "," GAIN ("g") "," OUT,
                      PLAYS ("n", "b", "0.5") "," CONNECT (
                          "'b'", "'g'", ",'weight':0") "," CONNECT ("'g'", "0", "")),
      1, 0, 0.0f);
  check_constant (
      PLAIN ("'b':['bufferSource','g'],'g':['gain','output',{'gain':0}]", CONSTANT ("b", "0.5")), 1,
      0, 0.0f);
}

/* ---- order of creation ---- */

/* Three sources whose single-precision sum depends on the order: the last created comes first, and
 * ids that look like array indices are created before all others, in ascending order. */
static void
check_sum (const char *a, const char *b, const char *c, float expected)
{
  g_autofree char *text = g_strdup_printf (
      STORED (CONSTANT_NODE ("n") "," OUT "," BUFFER ("%s") "," BUFFER ("%s") "," BUFFER ("%s"),
          PLAYS ("n", "%s", "1e8") "," PLAYS ("n", "%s", "-1e8") "," PLAYS (
              "n", "%s", "3") "," CONNECT ("'%s'", "0", "") "," CONNECT ("'%s'", "0",
              "") "," CONNECT ("'%s'", "0", "")),
      a, b, c, a, b, c, a, b, c);

  check_constant (text, 1, 0, expected);
}

static void
test_order_of_sums (void)
{
  const float x = 1e8f, y = -1e8f, z = 3.0f;

  g_assert_cmpfloat ((z + y) + x, ==, 0.0f);
  g_assert_cmpfloat ((y + x) + z, ==, 3.0f);
  check_sum ("x", "y", "z", (z + y) + x);
  check_sum ("x", "y", "7", (y + x) + z);
  check_sum ("3", "20", "1", (y + x) + z); /* numbers, not strings */
  check_sum ("20", "3", "1", (x + y) + z);
  check_sum ("1", "2", "3", (z + y) + x);
  check_sum ("x", "y", "07", (z + y) + x); /* not an index */
}

/* A six-channel, a stereo and a mono signal meet: a merger, a merger behind a convolver without a
 * buffer, which takes at most two channels, and a source, created last or first. */
static void
check_meeting (const char *mono, guint n_channels, float expected)
{
  g_autofree char *text = g_strdup_printf (
      PLAIN ("'six':['bufferSource','m6'],'m6':['channelMerger','g'],"
             "'two':['bufferSource','m2'],'m2':['channelMerger','c2'],"
             "'c2':['convolver','g'],'%s':['bufferSource','g'],"
             "'g':['gain','output']",
          CONSTANT ("six", "0.5") "," CONSTANT ("two", "0.25") "," CONSTANT ("%s", "0.125")),
      mono, mono);

  check_constant (text, n_channels, 0, expected);
}

static void
test_order_of_mixing (void)
{
  const float six = 0.5f, two = 0.25f, one = 0.125f;

  /* mono meets stereo and becomes both sides of it */
  check_meeting ("one", 1, HALF_POWER * ((one + two + six) + one));
  check_meeting ("one", 2, one + two + six);
  /* mono meets six channels and goes to their centre */
  check_meeting ("1", 1, fmaf (HALF_POWER, two + six, one));
  check_meeting ("1", 2, two + six + HALF_POWER * one);
}

/* The mono shortcut needs a signal whose channels are all one and the same. No genome makes one: only
 * the first input of a merger can be connected. Nearest are six connections to that input, and a mono
 * signal with nothing else at all. */
static void
test_no_mono_shortcut (void)
{
  check_constant (PLAIN ("'s':['bufferSource',['m','m','m','m','m','m']],"
                         "'m':['channelMerger','output']",
                      CONSTANT ("s", "0.125")),
      1, 0, HALF_POWER * 0.75f);
  check_constant (PLAIN ("'s':['bufferSource','m'],'m':['channelMerger','n'],"
                         "'n':['channelMerger','output']",
                      CONSTANT ("s", "0.5")),
      1, 0, HALF_POWER * (HALF_POWER * 0.5f));
  /* numbered inputs make no connection at all */
  check_constant (PLAIN ("'s':['bufferSource',[{'key':'m','inputs':[0,1],'outputs':[0,0]}]],"
                         "'m':['channelMerger','output']",
                      CONSTANT ("s", "0.5")),
      1, 0, 0.0f);
}

/* ---- ranges and lengths ---- */

/* A missing range is [0, 1], null is none, in the asNEAT form; in the plain form missing is none. */
static void
check_range (const char *text, double a, double b)
{
  const KromoNote note = note_of (FRAMES, RATE);
  gsize n;
  g_autofree float *out = render_quoted (text, &note, 1, &n);

  for (gsize i = 0; i < n; i++) {
    const float s = signal_at (0, 1.0, i, n, RATE);
    const float expected = a == b ? s : in_range (s, a, b);

    g_assert_cmpfloat (fabsf (out[i] - expected), <=, 2e-7f);
  }
}

static void
test_ranges (void)
{
  check_range (
      STORED (OUTPUT ("n", "0") "," BUFFER ("b") "," OUT,
          CONNECT ("'n'", "'b'", ",'targetParameter':'buffer'") "," CONNECT ("'b'", "0", "")),
      0.0, 1.0);
  check_range (
      STORED (OUTPUT ("n", "0") "," BUFFER ("b") "," OUT,
          CONNECT ("'n'", "'b'",
              ",'targetParameter':'buffer','targetParameterRange':null") "," CONNECT ("'b'", "0",
              "")),
      0.0, 0.0);
  check_range (
      PLAIN ("'b':['bufferSource','output']", DRIVE ("0", "1", "b", "'paramName':'buffer'")), 0.0,
      0.0);
  check_range (PLAIN ("'b':['bufferSource','output']",
                   DRIVE ("0", "1", "b", "'paramName':'buffer','range':[0.25,-0.5]")),
      0.25, -0.5);
}

/* Where rate * D is not whole, there are round (rate * D) samples, and a curve takes D seconds. */
static void
check_fraction (guint64 duration, guint rate, gsize expected)
{
  KromoNote note = KROMO_NOTE_INIT;
  g_autoptr (KromoGenome) genome =
      load_quoted (PLAIN ("'b':['bufferSource','g'],'g':['gain','output']",
          CONSTANT ("b", "1") "," DRIVE ("0", "1", "g", "'paramName':'gain'")));
  g_autofree float *curve = g_new (float, expected);
  g_autofree float *out = NULL;
  float stretch = 0.0f;
  gsize n;

  note.duration = duration;
  out = render_genome (genome, &note, rate, 1, &n);
  g_assert_cmpuint (n, ==, expected);
  for (gsize i = 0; i < n; i++)
    curve[i] = signal_at (0, 1.0, i, n, rate);
  for (gsize i = 0; i < n; i++) {
    const double t = time_of (i, rate);
    const float y = curve_at (curve, n, (double) duration / 1e9, t);

    stretch = fmaxf (stretch, fabsf (y - curve_at (curve, n, (double) n / rate, t)));
    g_assert_cmpfloat (fabsf (out[i] - y), <=, 3e-7f);
  }
  g_assert_cmpfloat (stretch, >, 1e-4f); /* it makes a difference */
}

static void
test_fractional_lengths (void)
{
  check_fraction (10009000, 48000, 480); /* 480.432 */
  check_fraction (9990000, 48000, 480);  /* 479.52 */
  check_fraction (9989500, 48000, 479);  /* 479.496 */
  check_fraction (10000000, 11025, 110); /* 110.25 */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/patch/additive/duplicates", test_duplicate_partials);
  g_test_add_func ("/patch/additive/spare-envelopes", test_spare_envelopes);
  g_test_add_func ("/patch/additive/too-few-envelopes", test_too_few_envelopes);
  g_test_add_func ("/patch/additive/removed", test_removed_additive);
  g_test_add_func ("/patch/connections/duplicate", test_duplicate_connections);
  g_test_add_func ("/patch/connections/disabled", test_disabled_connections);
  g_test_add_func ("/patch/connections/unapplied-weights", test_unapplied_weights);
  g_test_add_func ("/patch/zeros", test_zeros);
  g_test_add_func ("/patch/order/sums", test_order_of_sums);
  g_test_add_func ("/patch/order/mixing", test_order_of_mixing);
  g_test_add_func ("/patch/no-mono-shortcut", test_no_mono_shortcut);
  g_test_add_func ("/patch/ranges", test_ranges);
  g_test_add_func ("/patch/fractional-lengths", test_fractional_lengths);
  return g_test_run ();
}
