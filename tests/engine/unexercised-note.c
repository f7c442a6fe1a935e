/* What no stored genome exercises, in the note: partials' inharmonicity, transposition, tuning,
 * direction, networks by frequency (2-RENDERING 2.1 to 2.3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "rendered-documents.h"

#define FRAMES 480
#define CLOSE 5e-7f

/* The sound is @gain times an output at @frequency, @reverse or not. */
static void
check_signal (const char *text, const KromoNote *note, guint output, double frequency,
    gboolean reverse, float gain)
{
  gsize n;
  g_autofree float *out = render_quoted (text, note, 1, &n);

  g_assert_cmpuint (n, ==, FRAMES);
  for (gsize i = 0; i < n; i++) {
    const float expected = gain * signal_at (output, frequency, reverse ? n - 1 - i : i, n, RATE);

    if (!(fabsf (out[i] - expected) <= CLOSE))
      g_error ("frame %" G_GSIZE_FORMAT " is %.9g, expected %.9g", i, out[i], expected);
  }
}

/* ---- frequencies ---- */

#define FULL_ENVELOPE DRIVE ("2", "1", "a", "'paramName':'partialGainEnvelope','partialNumber':1")
#define ONE_PARTIAL(number)                                                                        \
  PLAIN ("'a':['additive','output']",                                                              \
      DRIVE ("1", "300", "a",                                                                      \
          "'paramName':'partialBuffer','partialNumber':" number                                    \
          ",'inharmonicityFactor':0.03") "," FULL_ENVELOPE)

static void
test_partials (void)
{
  KromoNote note = note_of (FRAMES, RATE);

  check_signal (ONE_PARTIAL ("2"), &note, 1, 300.0 * 2, FALSE, HALF_POWER);
  check_signal (ONE_PARTIAL ("1"), &note, 1, 300.0, FALSE, HALF_POWER);
  check_signal (ONE_PARTIAL ("0.5"), &note, 1, 300.0, FALSE, HALF_POWER);
  note.inharmonicity = TRUE;
  check_signal (ONE_PARTIAL ("2"), &note, 1, 300.0 * 2 + 300.0 * 0.03, FALSE, HALF_POWER);
  check_signal (ONE_PARTIAL ("1"), &note, 1, 300.0, FALSE, HALF_POWER);
  note.note_delta = 12.0;
  check_signal (ONE_PARTIAL ("2"), &note, 1, 600.0 * 2 + 600.0 * 0.03, FALSE, HALF_POWER);
}

/* The number of the first connection counts for all. */
static void
test_first_partial (void)
{
  KromoNote note = note_of (FRAMES, RATE);

  check_signal (PLAIN ("'z':['additive',[]],'a':['additive','output']",
                    "{'networkOutput':1,'frequency':300,'audioGraphNodes':{"
                    "'z':[{'paramName':'partialBuffer','partialNumber':3}],"
                    "'a':[{'paramName':'partialBuffer','partialNumber':2}]}}," FULL_ENVELOPE),
      &note, 1, 900.0, FALSE, HALF_POWER);
}

/* A buffer at 300 Hz through a gain that follows a signal at 200 Hz. */
static void
check_transposition (const KromoNote *note, double buffer, double curve)
{
  gsize n;
  g_autofree float *out =
      render_quoted (PLAIN ("'b':['bufferSource','g'],'g':['gain','output']",
                         DRIVE ("1", "300", "b", "'paramName':'buffer'") "," DRIVE (
                             "1", "200", "g", "'paramName':'gain'")),
          note, 1, &n);
  g_autofree float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = signal_at (1, curve, i, n, RATE);
  for (gsize i = 0; i < n; i++) {
    const float gain = curve_at (values, n, (double) n / RATE, time_of (i, RATE));
    const float expected = signal_at (1, buffer, i, n, RATE) * gain;

    g_assert_cmpfloat (fabsf (out[i] - expected), <=, CLOSE);
  }
}

static void
test_transposition (void)
{
  KromoNote note = note_of (FRAMES, RATE);

  note.note_delta = 7.0;
  note.tuning_ratio = 1.01;
  check_transposition (&note, 300.0 * pow (2.0, 700.0 / 1200.0) * 1.01, 200.0);
  note.transpose_all = TRUE;
  check_transposition (
      &note, 300.0 * pow (2.0, 700.0 / 1200.0) * 1.01, 200.0 * pow (2.0, 700.0 / 1200.0) * 1.01);
}

/* A tuning ratio is a note delta by another name, within 1e-12 of the frequency. */
static void
test_tuning (void)
{
  const char *text =
      PLAIN ("'b':['bufferSource','output']", DRIVE ("1", "3000", "b", "'paramName':'buffer'"));
  KromoNote by_delta = note_of (FRAMES, RATE), by_ratio = by_delta, plain = by_delta;
  gsize n;
  g_autofree float *a = NULL, *b = NULL, *c = NULL;
  float difference = 0.0f;

  by_delta.note_delta = -5.0;
  by_ratio.tuning_ratio = exp2 (-5.0 / 12.0);
  a = render_quoted (text, &by_delta, 1, &n);
  b = render_quoted (text, &by_ratio, 1, &n);
  c = render_quoted (text, &plain, 1, &n);
  for (gsize i = 0; i < n; i++) {
    g_assert_cmpfloat (fabsf (a[i] - b[i]), <=, 1.2e-7f);
    difference = fmaxf (difference, fabsf (a[i] - c[i]));
  }
  g_assert_cmpfloat (difference, >, 0.1f);
  check_signal (text, &by_ratio, 1, 3000.0 * exp2 (-5.0 / 12.0), FALSE, 1.0f);
}

/* Oscillators that feed an input are tuned, those that only modulate are not; a frequency of 0 is the
 * default in the asNEAT form. Triangles start as 4 f t. */
static void
check_oscillator (const char *text, const KromoNote *note, double frequency)
{
  gsize n;
  g_autofree float *out = render_quoted (text, note, 1, &n);

  for (gsize i = 0; i < 20; i++)
    g_assert_cmpfloat (fabs (out[i] - 4.0 * i * frequency / RATE), <=, 1e-6);
}

static void
test_tuned_oscillators (void)
{
  KromoNote note = note_of (FRAMES, RATE);

  note.tuning_ratio = 1.25;
  check_oscillator (
      STORED ("{'name':'OscillatorNode','id':'o','type':'triangle','frequency':0}," OUT,
          CONNECT ("'o'", "0", "")),
      &note, 550.0);
  check_oscillator (STORED ("{'name':'OscillatorNode','id':'o','type':'triangle','frequency':100},"
                            "{'name':'GainNode','id':'g','gain':1}," OUT,
                        CONNECT ("'o'", "'g'", ",'weight':1") "," CONNECT ("'g'", "0", "")),
      &note, 125.0);
  /* a constant 1 into a gain of nearly nothing, to which the oscillator is added */
  check_oscillator (
      STORED (OUTPUT ("n", "2") "," BUFFER ("b") ",{'name':'OscillatorNode','id':'o',"
                                                 "'type':'triangle','frequency':100},"
                                                 "{'name':'GainNode','id':'g','gain':1e-9}," OUT,
          CONNECT ("'n'", "'b'", ",'targetParameter':'buffer'") "," CONNECT (
              "'b'", "'g'", ",'weight':1") "," CONNECT ("'o'", "'g'",
              ",'weight':1,'targetParameter':'gain'") "," CONNECT ("'g'", "0", "")),
      &note, 100.0);
}

/* ---- direction ---- */

#define SOURCES "'b':['bufferSource','output'],'c':['bufferSource',[]],'d':['bufferSource',[]]"
#define TO(node, frequency) DRIVE ("1", frequency, node, "'paramName':'buffer'")

/* Reversed once for each entry with the same output and frequency: an even number plays forward. */
static void
test_reverse (void)
{
  KromoNote note = note_of (FRAMES, RATE);

  note.reverse = TRUE;
  check_signal (PLAIN (SOURCES, TO ("b", "300")), &note, 1, 300.0, TRUE, 1.0f);
  check_signal (PLAIN (SOURCES, TO ("b", "300") "," TO ("c", "300")), &note, 1, 300.0, FALSE, 1.0f);
  check_signal (PLAIN (SOURCES, TO ("b", "300") "," TO ("c", "300") "," TO ("d", "300")), &note, 1,
      300.0, TRUE, 1.0f);
  check_signal (PLAIN (SOURCES, TO ("b", "300") "," TO ("c", "301")), &note, 1, 300.0, TRUE, 1.0f);
  note.reverse = FALSE;
  check_signal (PLAIN (SOURCES, TO ("b", "300")), &note, 1, 300.0, FALSE, 1.0f);
}

#define BUFFER_AND_CURVE                                                                           \
  PLAIN ("'b':['bufferSource','output'],'g':['gain',[]]",                                          \
      "{'networkOutput':1,'frequency':300,'audioGraphNodes':{"                                     \
      "'b':[{'paramName':'buffer'}],'g':[{'paramName':'gain'}]}}")

/* One network output that drives a buffer and a curve is two entries, of the same frequency unless
 * it is transposed for one of them. */
static void
test_reverse_of_parts (void)
{
  KromoNote note = note_of (FRAMES, RATE);

  note.reverse = TRUE;
  check_signal (BUFFER_AND_CURVE, &note, 1, 300.0, FALSE, 1.0f);
  note.note_delta = 12.0;
  check_signal (BUFFER_AND_CURVE, &note, 1, 600.0, TRUE, 1.0f);
  note.transpose_all = TRUE;
  check_signal (BUFFER_AND_CURVE, &note, 1, 600.0, FALSE, 1.0f);
}

/* ---- networks by frequency ---- */

/* A network that is @value throughout. */
#define KEYED(key, value)                                                                          \
  "'" key "':{'offspring':{'nodes':[{'gid':'b','nodeType':'Bias'},{'gid':'p','nodeType':'Input'}," \
  "{'gid':'m','nodeType':'Input'},"                                                                \
  "{'gid':'o','nodeType':'Output','activationFunction':'Linear'}],"                                \
  "'connections':[{'sourceID':'b','targetID':'o','weight':" value "}],"                            \
  "'inputNodeCount':2,'outputNodeCount':1}}"

static void
check_network (const char *networks, const char *frequency, float expected)
{
  g_autofree char *text =
      g_strdup_printf ("{'waveNetwork':{'oneCPPNPerFrequency':true,'CPPNs':{%s}},"
                       "'patch':{'audioGraph':{'b':['bufferSource','output']},"
                       "'networkOutputs':[" DRIVE ("0", "%s", "b", "'paramName':'buffer'") "]}}",
          networks, frequency);
  KromoNote note = note_of (FRAMES, RATE);
  gsize n;
  g_autofree float *out = NULL;

  note.note_delta = 12.0; /* the key is that of the stored frequency */
  out = render_quoted (text, &note, 1, &n);
  g_test_message ("%s Hz: %g", frequency, out[0]);
  g_assert_cmpfloat (out[0], ==, expected);
  g_assert_cmpfloat (out[n - 1], ==, expected);
}

/* To 1 Hz below 20 Hz, to 10 Hz from there on; halves up. */
static void
test_rounding_of_keys (void)
{
  const char *low = KEYED ("12", "12") "," KEYED ("13", "13") "," KEYED ("14", "14");
  const char *edge = KEYED ("10", "10") "," KEYED ("19", "19") "," KEYED ("20", "20") "," KEYED (
      "21", "21") "," KEYED ("30", "30");

  check_network (low, "12.4999", 12.0f);
  check_network (low, "12.5", 13.0f);
  check_network (low, "13.5", 14.0f);
  check_network (edge, "19.4", 19.0f);
  check_network (edge, "19.5", 20.0f);
  check_network (edge, "20.9", 20.0f); /* not 21 */
  check_network (edge, "24.9", 20.0f);
  check_network (edge, "25", 30.0f);
}

/* Where the key is missing, the nearest; of two equally near ones the first in key order. */
static void
test_nearest_keys (void)
{
  const char *far = KEYED ("100", "1") "," KEYED ("430", "2") "," KEYED ("460", "3");

  check_network (far, "440", 2.0f);
  check_network (far, "450", 3.0f);
  check_network (far, "20", 1.0f);
  check_network (far, "9000", 3.0f);
  check_network (KEYED ("430", "1") "," KEYED ("450", "2"), "440", 1.0f);
  /* keys that look like array indices ascend ... */
  check_network (KEYED ("450", "2") "," KEYED ("430", "1"), "440", 1.0f);
  /* ... others stay in order of appearance */
  check_network (KEYED ("450.0", "2") "," KEYED ("430.0", "1"), "440", 2.0f);
  check_network (KEYED ("450.0", "2") "," KEYED ("430", "1"), "440", 1.0f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/note/partials", test_partials);
  g_test_add_func ("/note/first-partial", test_first_partial);
  g_test_add_func ("/note/transposition", test_transposition);
  g_test_add_func ("/note/tuning", test_tuning);
  g_test_add_func ("/note/tuned-oscillators", test_tuned_oscillators);
  g_test_add_func ("/note/reverse", test_reverse);
  g_test_add_func ("/note/reverse-of-parts", test_reverse_of_parts);
  g_test_add_func ("/note/keys/rounding", test_rounding_of_keys);
  g_test_add_func ("/note/keys/nearest", test_nearest_keys);
  return g_test_run ();
}
