/* The standard rendering where the formulas end: filters at their edges, and wave shapers beyond Nyquist.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "harness.h"
#include "rendered-documents.h"

#include <math.h>
#include <string.h>

#define COMB_FRAMES 4800
#define RAMP_FRAMES 12000

/* ---- a filter's edges ---- */

/* The first frames of a filter's response to an impulse. */
static void
respond (KromoFilter type, double frequency, double q, gboolean standard, float *out, guint n)
{
  const float impulse[] = { 1.0f };
  KromoNode *node = standard ? kromo_biquad_standard_new (type, HARNESS_RATE)
                             : kromo_biquad_new (type, HARNESS_RATE);
  Harness h;
  guint stride;
  g_autofree float *all = NULL;

  kromo_param_plan_set_value (&node->params[KROMO_BIQUAD_FREQUENCY], frequency);
  kromo_param_plan_set_value (&node->params[KROMO_BIQUAD_Q], q);
  kromo_param_plan_set_value (&node->params[KROMO_BIQUAD_GAIN], 6.0);
  harness_init (&h, 1);
  kromo_graph_connect (h.graph, harness_add_source (&h, impulse, 1), harness_add_heard (&h, node));
  all = harness_run (&h, n, &stride);
  memcpy (out, all, n * sizeof (float));
}

/* At an edge, the standard filter responds as the plain formulas do very near to it. */
static void
check_edge (KromoFilter type, double edge, double near, double q_edge, double q_near)
{
  float limit[64], nearly[64];

  respond (type, edge, q_edge, TRUE, limit, 64);
  respond (type, near, q_near, FALSE, nearly, 64);
  for (guint i = 0; i < 64; i++) {
    if (!(fabsf (limit[i] - nearly[i]) <= 2e-3f))
      g_error ("type %u at %g Hz, Q %g: frame %u is %g, in the limit %g", type, edge, q_edge, i,
          limit[i], nearly[i]);
  }
}

static void
test_filter_edges (void)
{
  for (KromoFilter type = KROMO_FILTER_LOWPASS; type <= KROMO_FILTER_ALLPASS; type++) {
    check_edge (type, 0.0, 1e-2, 1.0, 1.0);
    check_edge (type, HARNESS_RATE / 2.0, HARNESS_RATE / 2.0 - 1.0, 1.0, 1.0);
    if (type != KROMO_FILTER_LOWPASS && type != KROMO_FILTER_HIGHPASS)
      check_edge (type, 1000.0, 1000.0, 0.0, 1e-6);
  }
}

/* ---- oversampling ---- */

static double
power_at (const float *x, guint n, double bin)
{
  double re = 0.0, im = 0.0;

  for (guint i = 0; i < n; i++) {
    re += x[i] * cos (2.0 * G_PI * bin * i / n);
    im += x[i] * sin (2.0 * G_PI * bin * i / n);
  }
  return re * re + im * im;
}

/* A sine of 4 kHz through a sine as the curve: the greatest alias of its odd harmonics, in dB of the fundamental. */
static double
shaper_alias (KromoRendering rendering, gboolean oversample)
{
  const guint n = 4096, bin = 341; /* 3996.1 Hz */
  const KromoFormat format = { 48000, 1, KROMO_NORMALIZE_NONE, rendering };
  g_autoptr (KromoGenome) genome = load_quoted (
      PLAIN ("'o':['oscillator','s',{'frequency':3996.09375}],'s':['waveShaper','output',{}]",
          DRIVE ("0", "1", "s", "'paramName':'curve','range':[-1,1]")));
  g_autoptr (KromoRenderer) renderer = NULL;
  KromoNote note = KROMO_NOTE_INIT;
  static float samples[3 * 4096];
  float *channels[] = { samples };
  double worst = 0.0;

  note.oversample = oversample;
  renderer = kromo_renderer_new (genome, &note, &format, NULL);
  g_assert_cmpuint (kromo_renderer_render (renderer, channels, 3 * n), ==, 3 * n);
  for (guint h = 7; h < 16; h += 2) {
    const guint at = h * bin % n;

    worst = fmax (worst, power_at (samples + n, n, MIN (at, n - at)));
  }
  return 10.0 * log10 (worst / power_at (samples + n, n, bin));
}

static void
test_oversampled_shaper (void)
{
  const double plain = shaper_alias (KROMO_RENDERING_STANDARD, FALSE);
  const double oversampled = shaper_alias (KROMO_RENDERING_STANDARD, TRUE);

  g_test_message ("aliases at %.1f dB, oversampled at %.1f dB", plain, oversampled);
  g_assert_cmpfloat (plain, >, -60.0);
  g_assert_cmpfloat (oversampled, <, -80.0);
  g_assert_cmpfloat (shaper_alias (KROMO_RENDERING_REFERENCE, TRUE), ==,
      shaper_alias (KROMO_RENDERING_REFERENCE, FALSE));
}

/* ---- ramps ---- */

/* After a curve, to another value, and to one that no exponential reaches. */
static void
test_exponential_ramps (void)
{
  const float curve[] = { 1.0f, 2.0f, 4.0f };
  const struct {
    guint frame;
    float value;
  } expected[] = { { 100, 1.0f }, { 3600, 2.0f }, { 4800, 4.0f }, { 6000, 2.0f }, { 7200, 1.0f },
    { 8400, 1.0f }, { 9599, 1.0f }, { 9600, -1.0f }, { 11000, -1.0f } };
  g_autofree float *one = g_new (float, RAMP_FRAMES);
  g_autofree float *out = NULL;
  KromoNode *offset = kromo_gain_standard_new ();
  KromoParamPlan *plan = &offset->params[KROMO_GAIN_GAIN];
  KromoView view;
  Harness h;
  guint stride;

  for (guint i = 0; i < RAMP_FRAMES; i++)
    one[i] = 1.0f;
  harness_init (&h, 1);
  kromo_graph_set_standard (h.graph);
  kromo_view_init_memory (&view, curve, G_N_ELEMENTS (curve));
  kromo_param_plan_curve (plan, &view, 0.05, 0.05);
  kromo_param_plan_ramp (plan, TRUE, 1.0, 0.15);
  kromo_param_plan_ramp (plan, TRUE, -1.0, 0.2);
  kromo_graph_connect (
      h.graph, harness_add_source (&h, one, RAMP_FRAMES), harness_add_heard (&h, offset));
  out = harness_run (&h, RAMP_FRAMES, &stride);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_test_message ("frame %u is %.9g", expected[i].frame, out[expected[i].frame]);
    g_assert_cmpfloat (fabsf (out[expected[i].frame] - expected[i].value), <, 1e-5f);
  }
}

/* ---- combs ---- */

static float *
render_standard (const char *quoted)
{
  const KromoFormat format = { RATE, 1, KROMO_NORMALIZE_NONE, KROMO_RENDERING_STANDARD };
  const KromoNote note = note_of (COMB_FRAMES, RATE);
  g_autoptr (KromoGenome) genome = load_quoted (quoted);
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoRenderer) renderer = kromo_renderer_new (genome, &note, &format, &error);
  float *samples = g_new0 (float, COMB_FRAMES);

  g_assert_no_error (error);
  g_assert_cmpuint (kromo_renderer_render (renderer, &samples, COMB_FRAMES), ==, COMB_FRAMES);
  return samples;
}

#define COMB(values, outputs)                                                                      \
  PLAIN ("'f':['feedbackDelay','output'," values "],'s':['bufferSource','f']", outputs)
#define COMB_SOURCE DRIVE ("0", "3", "s", "'paramName':'buffer'")

/* A comb whose parameters are driven by a constant is the comb with that constant. */
static void
test_driven_comb (void)
{
  g_autofree float *stored =
      render_standard (COMB ("{'delayTime':0.01,'feedbackRatio':0.5}", COMB_SOURCE));
  g_autofree float *other =
      render_standard (COMB ("{'delayTime':0.02,'feedbackRatio':0.1}", COMB_SOURCE));
  g_autofree float *driven = render_standard (COMB ("{'delayTime':0.02,'feedbackRatio':0.1}",
      COMB_SOURCE "," DRIVE ("2", "1", "f", "'paramName':'delayTime','range':[0,0.01]") "," DRIVE (
          "2", "1", "f", "'paramName':'feedbackRatio','range':[0,0.5]")));
  float difference = 0.0f;

  for (guint i = 0; i < COMB_FRAMES; i++) {
    g_assert_cmpfloat (fabsf (driven[i] - stored[i]), <, 1e-5f);
    difference = MAX (difference, fabsf (other[i] - stored[i]));
  }
  g_assert_cmpfloat (difference, >, 0.1f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/standard-limits/filter-edges", test_filter_edges);
  g_test_add_func ("/standard-limits/oversampled-shaper", test_oversampled_shaper);
  g_test_add_func ("/standard/ramps/exponential", test_exponential_ramps);
  g_test_add_func ("/standard/comb/driven", test_driven_comb);
  return g_test_run ();
}
