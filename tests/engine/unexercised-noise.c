/* What no stored genome exercises, in noise: its colours recomputed from the white one, seeds, and
 * readers that ask for any sample (2-RENDERING 2.4).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "rendered-documents.h"

#define FRAMES 9600
#define NOISE(colour, node, rest) DRIVE ("'" colour "'", "0", node, "'paramName':'buffer'" rest)
#define ONE "'b':['bufferSource','output']"
#define TWO "'b':['bufferSource','output'],'c':['bufferSource',[]]"

static float *
render (const char *text)
{
  const KromoNote note = note_of (FRAMES, RATE);
  gsize n;
  float *out = render_quoted (text, &note, 1, &n);

  g_assert_cmpuint (n, ==, FRAMES);
  return out;
}

static double
correlation (const float *a, const float *b)
{
  double ab = 0.0, aa = 0.0, bb = 0.0;

  for (guint i = 0; i < FRAMES; i++) {
    ab += (double) a[i] * b[i];
    aa += (double) a[i] * a[i];
    bb += (double) b[i] * b[i];
  }
  return ab / sqrt (aa * bb);
}

static void
assert_same (const float *a, const float *b)
{
  g_assert_cmpmem (a, FRAMES * sizeof (float), b, FRAMES * sizeof (float));
}

/* ---- colours ---- */

static void
test_white (void)
{
  g_autofree float *w = render (PLAIN (ONE, NOISE ("noiseWhite", "b", "")));
  double sum = 0.0, squares = 0.0, products = 0.0;
  guint quarters[4] = { 0 };

  for (guint i = 0; i < FRAMES; i++) {
    g_assert_true (w[i] >= -1.0f && w[i] < 1.0f);
    sum += w[i];
    squares += (double) w[i] * w[i];
    products += i > 0 ? (double) w[i] * w[i - 1] : 0.0;
    quarters[(guint) ((w[i] + 1.0f) * 2.0f)]++;
  }
  /* four standard deviations and more */
  g_assert_cmpfloat (fabs (sum / FRAMES), <, 0.025);
  g_assert_cmpfloat (fabs (squares / FRAMES - 1.0 / 3.0), <, 0.013);
  g_assert_cmpfloat (fabs (products / squares), <, 0.042);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat (fabs (quarters[i] / (double) FRAMES - 0.25), <, 0.018);
}

static void
test_pink (void)
{
  g_autofree float *white = render (PLAIN (ONE, NOISE ("noiseWhite", "b", "")));
  g_autofree float *pink = render (PLAIN (ONE, NOISE ("noisePink", "b", "")));
  double b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0, b6 = 0;

  for (guint i = 0; i < FRAMES; i++) {
    const double w = white[i];
    double out;

    b0 = .99886 * b0 + .0555179 * w;
    b1 = .99332 * b1 + .0750759 * w;
    b2 = .969 * b2 + .153852 * w;
    b3 = .8665 * b3 + .3104856 * w;
    b4 = .55 * b4 + .5329522 * w;
    b5 = -.7616 * b5 - .016898 * w;
    out = .11 * (b0 + b1 + b2 + b3 + b4 + b5 + b6 + .5362 * w);
    b6 = .115926 * w;
    g_assert_cmpfloat (fabs (pink[i] - out), <, 1e-7);
  }
}

static void
test_brown (void)
{
  g_autofree float *white = render (PLAIN (ONE, NOISE ("noiseWhite", "b", "")));
  g_autofree float *brown = render (PLAIN (ONE, NOISE ("noiseBrown", "b", "")));
  double l = 0;

  for (guint i = 0; i < FRAMES; i++) {
    l = (l + .02 * white[i]) / 1.02;
    g_assert_cmpfloat (fabs (brown[i] - 3.5 * l), <, 1e-7);
  }
}

/* ---- seeds ---- */

static void
test_seeds (void)
{
  g_autofree float *first =
      render (PLAIN (TWO, NOISE ("noiseWhite", "b", "") "," NOISE ("noiseWhite", "c", "")));
  g_autofree float *second =
      render (PLAIN (TWO, NOISE ("noiseWhite", "c", "") "," NOISE ("noiseWhite", "b", "")));
  g_autofree float *place = render (PLAIN (
      TWO, DRIVE ("0", "10", "c", "'paramName':'buffer'") "," NOISE ("noiseWhite", "b", "")));
  g_autofree float *weight = render (
      PLAIN (TWO, NOISE ("noiseWhite", "b", "") "," NOISE ("noiseWhite", "c", ",'weight':0.5")));
  g_autofree float *key = render (PLAIN ("'b':['bufferSource','output'],'d':['bufferSource',[]]",
      NOISE ("noiseWhite", "b", "") "," NOISE ("noiseWhite", "d", "")));

  assert_same (second, place); /* the place in the list counts, not what comes before */
  g_assert_cmpfloat (fabs (correlation (first, second)), <, 0.05);
  g_assert_cmpfloat (fabs (correlation (first, weight)), <, 0.05);
  g_assert_cmpfloat (fabs (correlation (first, key)), <, 0.05);
}

/* One output is one sequence, whatever it drives; several outputs are several. */
static void
test_independence (void)
{
  g_autofree float *one = render (PLAIN ("'b':['bufferSource','output'],'c':['bufferSource',[]]",
      "{'networkOutput':'noisePink','frequency':0,'audioGraphNodes':{"
      "'b':[{'paramName':'buffer'}],'c':[{'paramName':'buffer'}]}}"));
  g_autofree float *both =
      render (PLAIN ("'b':['bufferSource','output'],'c':['bufferSource','output']",
          "{'networkOutput':'noisePink','frequency':0,'audioGraphNodes':{"
          "'b':[{'paramName':'buffer'}],'c':[{'paramName':'buffer'}]}}"));

  for (guint i = 0; i < FRAMES; i++)
    g_assert_cmpfloat (both[i], ==, 2.0f * one[i]);
}

/* Noise has no frequency and no direction, and velocity is the network's. */
static void
test_note (void)
{
  g_autoptr (KromoGenome) genome = load_quoted (PLAIN (ONE, NOISE ("noiseBrown", "b", "")));
  KromoNote note = note_of (FRAMES, RATE);
  gsize n;
  g_autofree float *before = render_genome (genome, &note, RATE, 1, &n), *after = NULL;

  note.reverse = note.transpose_all = TRUE;
  note.note_delta = 5.0;
  note.velocity = 0.25;
  after = render_genome (genome, &note, RATE, 1, &n);
  assert_same (before, after);
}

/* ---- readers of any sample ---- */

/* A playback rate of 1, though said, changes nothing. */
static void
test_said_rate (void)
{
  static const char *colours[] = { "noiseWhite", "noisePink", "noiseBrown" };

  for (guint i = 0; i < G_N_ELEMENTS (colours); i++) {
    g_autofree char *output = g_strdup_printf (NOISE ("%s", "b", ""), colours[i]);
    g_autofree char *plain = g_strdup_printf (PLAIN (ONE, "%s"), output);
    g_autofree char *said =
        g_strdup_printf (PLAIN ("'b':['bufferSource','output',{'playbackRate':1}]", "%s"), output);
    g_autofree float *a = render (plain), *b = render (said);

    assert_same (a, b);
  }
}

/* At half the rate every other frame is a sample, and those between are means. */
static void
test_half_rate (void)
{
  g_autofree float *pink = render (PLAIN (ONE, NOISE ("noisePink", "b", "")));
  g_autofree float *slow = render (
      PLAIN ("'b':['bufferSource','output',{'playbackRate':0.5}]", NOISE ("noisePink", "b", "")));

  for (guint i = 0; i < FRAMES; i++) {
    const float expected = i % 2 ? (pink[i / 2] + pink[i / 2 + 1]) / 2.0f : pink[i / 2];

    g_assert_cmpfloat (fabsf (slow[i] - expected), <, 1e-6f);
  }
}

/* The same patch, of which the noise, the ramp or the ramp shaped by the noise is heard. */
#define SHAPED(noise, ramp, shaped)                                                                \
  PLAIN ("'p':['bufferSource','gp'],'r':['bufferSource',['gr','s']],'s':['waveShaper','gs'],"      \
         "'gp':['gain','output',{'gain':" noise "}],'gr':['gain','output',{'gain':" ramp "}],"     \
         "'gs':['gain','output',{'gain':" shaped "}]",                                             \
      "{'networkOutput':'noisePink','frequency':0,'audioGraphNodes':{"                             \
      "'p':[{'paramName':'buffer'}],'s':[{'paramName':'curve'}]}}," DRIVE (                        \
          "0", "1", "r", "'paramName':'buffer'"))

static void
test_curve (void)
{
  g_autofree float *pink = render (SHAPED ("1", "0", "0"));
  g_autofree float *ramp = render (SHAPED ("0", "1", "0"));
  g_autofree float *shaped = render (SHAPED ("0", "0", "1"));

  for (guint i = 0; i < FRAMES; i++) {
    const float v = (FRAMES - 1) / 2.0f * (ramp[i] + 1.0f);
    const guint k = (guint) v;
    const float phase = v - (float) k;
    float before, after;

    if (v <= 0.0f || v >= FRAMES - 1) {
      g_assert_cmpfloat (shaped[i], ==, v <= 0.0f ? pink[0] : pink[FRAMES - 1]);
      continue;
    }
    before = (1.0f - phase) * pink[k];
    after = phase * pink[k + 1];
    g_assert_cmpfloat (shaped[i], ==, before + after);
  }
}

/* The same bits after a reset and from a copy made half way, steady and tabled. */
static void
test_again (void)
{
  g_autoptr (KromoGenome) genome = load_quoted (SHAPED ("1", "0", "1"));
  const KromoNote note = note_of (FRAMES, RATE);
  const KromoFormat format = { .rate = RATE,
    .channels = 1,
    .normalize = KROMO_NORMALIZE_NONE,
    .rendering = KROMO_RENDERING_REFERENCE };
  g_autoptr (KromoRenderer) renderer = kromo_renderer_new (genome, &note, &format, NULL);
  g_autoptr (KromoRenderer) copy = NULL;
  g_autofree float *whole = render (SHAPED ("1", "0", "1"));
  g_autofree float *parts = g_new0 (float, FRAMES);
  const gsize half = FRAMES / 2 + 77;

  g_assert_cmpuint (kromo_renderer_render (renderer, &parts, half), ==, half);
  copy = kromo_renderer_copy (renderer);
  for (guint i = 0; i < 2; i++) {
    float *rest = parts + half;

    g_assert_cmpuint (kromo_renderer_render (copy, &rest, FRAMES), ==, FRAMES - half);
    assert_same (whole, parts);
    memset (parts, 0, FRAMES * sizeof (float));
    kromo_renderer_reset (copy);
    g_assert_cmpuint (kromo_renderer_render (copy, &parts, half), ==, half);
  }
}

/* The same patch, of which the noise or a step through a convolver that responds with it is heard. */
#define RESPONDING(noise, response)                                                                \
  PLAIN ("'p':['bufferSource','gp'],'s':['bufferSource','r'],'r':['convolver','gr'],"              \
         "'gp':['gain','output',{'gain':" noise "}],'gr':['gain','output',{'gain':" response "}]", \
      "{'networkOutput':'noisePink','frequency':0,'audioGraphNodes':{"                             \
      "'p':[{'paramName':'buffer'}],'r':[{'paramName':'buffer'}]}}," CONSTANT ("s", "1"))

/* The step's differences are the noise, at 0.00125 * 44100 / rate over its loudness. */
static void
test_response (void)
{
  g_autofree float *pink = render (RESPONDING ("1", "0"));
  g_autofree float *step = render (RESPONDING ("0", "1"));
  double squares = 0.0, scale;

  for (guint i = 0; i < FRAMES; i++)
    squares += (double) pink[i] * pink[i];
  scale = 0.00125 * 44100.0 / RATE / sqrt (squares / FRAMES);
  for (guint i = 1; i < FRAMES; i++)
    g_assert_cmpfloat (fabs (step[i] - step[i - 1] - scale * pink[i]), <, 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/noise/white", test_white);
  g_test_add_func ("/noise/pink", test_pink);
  g_test_add_func ("/noise/brown", test_brown);
  g_test_add_func ("/noise/seeds", test_seeds);
  g_test_add_func ("/noise/independence", test_independence);
  g_test_add_func ("/noise/note", test_note);
  g_test_add_func ("/noise/said-rate", test_said_rate);
  g_test_add_func ("/noise/half-rate", test_half_rate);
  g_test_add_func ("/noise/curve", test_curve);
  g_test_add_func ("/noise/again", test_again);
  g_test_add_func ("/noise/response", test_response);
  return g_test_run ();
}
