/* What no stored genome exercises, in the levels: the fade and how it explodes, filters that make NaN
 * and what becomes of it, the compressor's look-ahead (2-RENDERING 2.7 and 2.8, 3-WEB-AUDIO 2.6.4,
 * 3.3 and 3.6).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "rendered-documents.h"

#include <float.h>

/* ---- the fade ---- */

/* What set 0 at 0, target 1 at 0, target 0 at D - 0.03 amount to, quantum by quantum.
 * Returns: the greatest value held before the second target */
static float
expect_fade (float *fade, gsize n, double duration, double rate)
{
  const double tau = (float) 0.015, end = duration - 0.03;
  float before = 0.0f, glitch = 0.0f, peak = 0.0f; /* peak: what the second target starts from */
  enum {
    RISING,
    SETTLED,
    HELD,
    FALLING
  } phase = RISING;

  for (gsize block = 0; block < n; block += KROMO_QUANTUM) {
    const double start = (double) block / rate, next = start + KROMO_QUANTUM * (1.0 / rate);
    const gsize turn = (gsize) round (fmax (0.0, end - start) / (1.0 / rate));

    for (gsize i = block; i < MIN (n, block + KROMO_QUANTUM); i++) {
      const double t = time_of (i, rate);

      if (phase == RISING && (end >= next || i - block < turn))
        fade[i] = fmaf (0.0f - 1.0f, (float) exp (-(t / tau)), 1.0f);
      else if (phase == SETTLED || (phase == HELD && t < end))
        fade[i] = before;
      else
        fade[i] =
            fmaf ((phase == RISING ? fmaf (-1.0f, (float) exp (-(end / tau)), 1.0f) : peak) - 0.0f,
                (float) exp (-((t - end) / tau)), 0.0f);
    }
    if (phase == RISING && end < next) {
      peak = fmaf (-1.0f, (float) exp (-(end / tau)), 1.0f);
      phase = FALLING;
    } else if (phase == RISING
        && fabs (1.0 - (double) fmaf (-1.0f, (float) exp (-(next / tau)), 1.0f)) < 1e-10) {
      before = peak = 1.0f; /* it has arrived and becomes a set, which the next quantum consumes */
      phase = SETTLED;
    } else if (phase == SETTLED) {
      /* the quirk: before its start; a parameter is clamped to what is finite */
      before = glitch = fminf ((float) exp (-((next - end) / tau)), FLT_MAX);
      phase = HELD;
    } else if (phase == HELD && end < next) {
      phase = FALLING;
    }
  }
  return glitch;
}

static float
check_fade (const char *text, guint n_frames)
{
  const KromoNote note = note_of (n_frames, RATE);
  const double duration = (double) note.duration / 1e9;
  gsize n;
  g_autofree float *out = render_quoted (text, &note, 1, &n);
  g_autofree float *expected = g_new (float, n);
  const float glitch = expect_fade (expected, n, duration, RATE);

  for (gsize i = 0; i < n; i++) {
    if (out[i] != expected[i])
      g_error ("frame %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " is %.9g, expected %.9g", i, n,
          out[i], expected[i]);
  }
  return glitch;
}

#define FADED                                                                                      \
  PLAIN ("'b':['bufferSource','0'],'0':['gain',['output','g']],'g':['gain','output',{'gain':9}]",  \
      CONSTANT ("b", "1"))

static void
test_fade (void)
{
  /* too short to arrive at 1: as meant */
  g_assert_cmpfloat (check_fade (FADED, 4800), ==, 0.0f);
  g_assert_cmpfloat (check_fade (FADED, 9600), ==, 0.0f);
  /* after some 17 time constants the rest of the sound is held at exp ((D - 0.03 - t) / 0.015) */
  g_assert_cmpfloat (check_fade (FADED, 17000), >, 10.0f);
  g_assert_cmpfloat (check_fade (FADED, 24000), >, 1e5f);
  g_assert_cmpfloat (check_fade (FADED, 48000), >, 1e15f);
  g_assert_cmpfloat (check_fade (FADED, 96000), ==, FLT_MAX);
}

static void
test_faded_keys (void)
{
  const char *plain = PLAIN ("'b':['bufferSource','0-'],'0-':['gain',[]]", CONSTANT ("b", "1"));
  const char *stored = STORED (
      OUTPUT ("n", "2") "," BUFFER ("b") ","
                                         "{'name':'GainNode','id':'0-'},"
                                         "{'name':'GainNode','id':'g'}," OUT,
      CONNECT ("'n'", "'b'", ",'targetParameter':'buffer'") "," CONNECT ("'b'", "'0-'",
          ",'weight':1") "," CONNECT ("'0-'", "'g'", ",'weight':5") "," CONNECT ("'g'", "0", ""));

  g_assert_cmpfloat (check_fade (plain, 4800), ==, 0.0f);
  g_assert_cmpfloat (check_fade (plain, 24000), >, 1e5f);
  g_assert_cmpfloat (check_fade (stored, 24000), >, 1e5f);
}

/* ---- what is not finite ---- */

#define FRAMES 1000

static float *
render_levels (const char *text, KromoNormalize normalize, guint n_channels, guint64 *non_finite)
{
  const KromoFormat format = { .rate = RATE,
    .channels = n_channels,
    .normalize = normalize,
    .rendering = KROMO_RENDERING_REFERENCE };
  const KromoNote note = note_of (FRAMES, RATE);
  g_autoptr (KromoGenome) genome = load_quoted (text);
  g_autoptr (KromoRenderer) renderer = kromo_renderer_new (genome, &note, &format, NULL);
  float *out = g_new0 (float, FRAMES *n_channels), *channels[KROMO_MAX_CHANNELS];

  for (guint c = 0; c < n_channels; c++)
    channels[c] = out + (gsize) c * FRAMES;
  g_assert_cmpuint (kromo_renderer_render (renderer, channels, FRAMES), ==, FRAMES);
  *non_finite = kromo_renderer_get_non_finite (renderer);
  return out;
}

/* With Q = 0 some filters divide by it and are NaN for ever. */
static void
check_zero_q (const char *type, gboolean poisoned)
{
  g_autofree char *text = g_strdup_printf (
      PLAIN ("'b':['bufferSource','f'],'f':['biquadFilter','output',{'type':'%s','Q':0}]",
          DRIVE ("0", "1", "b", "'paramName':'buffer'")),
      type);
  guint64 none, limited, peak;
  g_autofree float *raw = render_levels (text, KROMO_NORMALIZE_NONE, 2, &none);
  g_autofree float *limit = render_levels (text, KROMO_NORMALIZE_LIMIT, 2, &limited);
  g_autofree float *normal = render_levels (text, KROMO_NORMALIZE_PEAK, 2, &peak);

  g_assert_cmpuint (none, ==, 0);
  g_assert_cmpuint (limited, ==, poisoned ? 2 * FRAMES : 0);
  g_assert_cmpuint (peak, ==, poisoned ? 2 * FRAMES : 0);
  for (guint i = 0; i < 2 * FRAMES; i++) {
    g_assert_true (poisoned ? isnan (raw[i]) : isfinite (raw[i]));
    g_assert_true (isfinite (limit[i]) && isfinite (normal[i]));
    if (poisoned)
      g_assert_cmpfloat (fabsf (limit[i]) + fabsf (normal[i]), ==, 0.0f);
  }
}

static void
test_zero_q (void)
{
  check_zero_q ("bandpass", TRUE);
  check_zero_q ("notch", TRUE);
  check_zero_q ("allpass", TRUE);
  check_zero_q ("peaking", TRUE);
  check_zero_q ("lowpass", FALSE);
  check_zero_q ("highpass", FALSE);
  check_zero_q ("lowshelf", FALSE);
  check_zero_q ("highshelf", FALSE);
}

/* A negative Q makes a filter unstable: it overflows, then is NaN. */
static void
test_negative_q (void)
{
  guint64 none, limited;
  const char *text =
      PLAIN ("'b':['bufferSource','f'],'f':['biquadFilter','output',{'type':'bandpass','Q':-0.05}]",
          DRIVE ("0", "1", "b", "'paramName':'buffer'"));
  g_autofree float *raw = render_levels (text, KROMO_NORMALIZE_NONE, 1, &none);
  g_autofree float *limit = render_levels (text, KROMO_NORMALIZE_LIMIT, 1, &limited);
  guint finite = 0, infinite = 0;

  while (finite < FRAMES && isfinite (raw[finite]))
    finite++;
  for (guint i = finite; i < FRAMES; i++) {
    g_assert_false (isfinite (raw[i]));
    infinite += isinf (raw[i]) != 0;
  }
  g_assert_cmpuint (finite, >, 0);
  g_assert_cmpuint (finite, <, FRAMES);
  g_assert_cmpuint (infinite, >, 0);
  g_assert_true (isnan (raw[FRAMES - 1]));
  g_assert_cmpuint (limited, ==, FRAMES - finite);
  for (guint i = 0; i < FRAMES; i++)
    g_assert_true (fabsf (limit[i]) <= 1.0f);
}

/* The graph's arithmetic takes denormals as 0, of its input and of its results; the network has them. */
static void
test_denormals (void)
{
  guint64 n;
  g_autofree float *amplified =
      render_levels (PLAIN ("'b':['bufferSource','g'],'g':['gain','output',{'gain':1e10}]",
                         CONSTANT ("b", "1e-39")),
          KROMO_NORMALIZE_NONE, 1, &n);
  g_autofree float *reduced =
      render_levels (PLAIN ("'b':['bufferSource','g'],'g':['gain','h',{'gain':1e-20}],"
                            "'h':['gain','output',{'gain':1e20}]",
                         CONSTANT ("b", "1e-20")),
          KROMO_NORMALIZE_NONE, 1, &n);
  g_autofree float *network =
      render_levels (PLAIN ("'b':['bufferSource','output']", CONSTANT ("b", "1e-39")),
          KROMO_NORMALIZE_NONE, 1, &n);

  for (guint i = 0; i < FRAMES; i++) {
    g_assert_cmpfloat (amplified[i], ==, 0.0f);
    g_assert_cmpfloat (reduced[i], ==, 0.0f);
    g_assert_cmpfloat (network[i], ==, 1e-39f);
  }
}

/* ---- the compressor's look-ahead ---- */

/* With ratio 1, and a knee up to above the signal, it is nothing but a delay of ceil (0.006 rate / 128)
 * quanta. */
static void
check_look_ahead (guint rate, guint expected)
{
  const KromoNote note = note_of (2000, rate);
  g_autoptr (KromoGenome) dry = load_quoted (
      PLAIN ("'b':['bufferSource','output']", DRIVE ("1", "40", "b", "'paramName':'buffer'")));
  g_autoptr (KromoGenome) wet = load_quoted (
      PLAIN ("'b':['bufferSource','c'],'c':['dynamicsCompressor','output',{'ratio':1}]",
          DRIVE ("1", "40", "b", "'paramName':'buffer'")));
  gsize n;
  g_autofree float *x = render_genome (dry, &note, rate, 1, &n);
  g_autofree float *y = render_genome (wet, &note, rate, 1, &n);

  g_assert_cmpuint (n, ==, 2000);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat (y[i], ==, i < expected ? 0.0f : x[i - expected]);
}

static void
test_look_ahead (void)
{
  check_look_ahead (16000, 128);
  check_look_ahead (21333, 128); /* 127.998 */
  check_look_ahead (21334, 256); /* 128.004 */
  check_look_ahead (44100, 384);
  check_look_ahead (48000, 384);
  check_look_ahead (96000, 640);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/levels/fade", test_fade);
  g_test_add_func ("/levels/faded-keys", test_faded_keys);
  g_test_add_func ("/levels/zero-q", test_zero_q);
  g_test_add_func ("/levels/negative-q", test_negative_q);
  g_test_add_func ("/levels/denormals", test_denormals);
  g_test_add_func ("/levels/look-ahead", test_look_ahead);
  return g_test_run ();
}
