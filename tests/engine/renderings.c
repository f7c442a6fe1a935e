/* Quirk by quirk, what the reference rendering does and what the standard one: figures that are also the
 * table in docs/renderings.md, which is read and compared.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "harness.h"
#include "rendered-documents.h"

#include <math.h>
#include <string.h>

#define N 4800 /* frames: 0.1 s */

typedef double (*Measure) (gboolean standard);

static void
begin (Harness *h, guint channels, gboolean standard)
{
  harness_init (h, channels);
  if (standard)
    kromo_graph_set_standard (h->graph);
}

static KromoNode *
gain_new (gboolean standard)
{
  return standard ? kromo_gain_standard_new () : kromo_gain_new ();
}

static guint
add_gain (Harness *h, double gain, gboolean standard)
{
  KromoNode *node = gain_new (standard);

  kromo_param_plan_set_value (&node->params[KROMO_GAIN_GAIN], gain);
  return kromo_graph_add (h->graph, node);
}

static guint
add_delay (Harness *h, double frames, gboolean standard)
{
  KromoNode *writer, *reader;

  if (standard)
    kromo_delay_standard_new (1.0, &writer, &reader);
  else
    kromo_delay_new (1.0, &writer, &reader);
  kromo_param_plan_set_value (&reader->params[KROMO_DELAY_DELAY_TIME], frames / HARNESS_RATE);
  return kromo_graph_add_delay (h->graph, writer, reader);
}

static guint
add_constant (Harness *h, float value, guint n)
{
  g_autofree float *x = g_new (float, n);

  for (guint i = 0; i < n; i++)
    x[i] = value;
  return harness_add_source (h, x, n);
}

static guint
add_stereo (Harness *h, float left, float right, guint n)
{
  g_autofree float *l = g_new (float, n), *r = g_new (float, n);

  for (guint i = 0; i < n; i++) {
    l[i] = left;
    r[i] = right;
  }
  return harness_add_stereo (h, l, r, n);
}

/* One sample of one channel. */
static double
sample_of (Harness *h, guint channel, guint frame)
{
  guint stride;
  g_autofree float *out = harness_run (h, MAX (N, frame + 1), &stride);

  return out[channel * stride + frame];
}

static double
peak_of (Harness *h, guint n)
{
  guint stride;
  g_autofree float *out = harness_run (h, n, &stride);
  float peak = 0.0f;

  for (guint i = 0; i < n; i++)
    peak = fmaxf (peak, fabsf (out[i]));
  return peak;
}

/* ---- parameters ---- */

static double
gap_before_target (gboolean standard)
{
  KromoNode *offset = gain_new (standard);
  Harness h;

  begin (&h, 1, standard);
  kromo_param_plan_target (&offset->params[KROMO_GAIN_GAIN], 3.0, 0.05, 0.01);
  kromo_graph_connect (h.graph, add_constant (&h, 1.0f, N), harness_add_heard (&h, offset));
  return sample_of (&h, 0, 1000);
}

static double
k_rate_lag (gboolean standard)
{
  float ramp[N];
  KromoNode *source;
  KromoView view;
  Harness h;
  guint stride, i;
  g_autofree float *out = NULL;

  for (i = 0; i < N; i++)
    ramp[i] = (float) i;
  begin (&h, 1, standard);
  view = harness_view (&h, ramp, N);
  source = kromo_buffer_source_new (&view, FALSE);
  kromo_param_plan_set (
      &source->params[KROMO_BUFFER_SOURCE_PLAYBACK_RATE], 2.0, 512.0 / HARNESS_RATE);
  harness_add_heard (&h, source);
  out = harness_run (&h, 2000, &stride);
  for (i = 1; i < 2000 && out[i] - out[i - 1] < 1.5f; i++)
    ;
  return i - 1;
}

static double
parameter_of_stereo (gboolean standard)
{
  Harness h;
  guint gain;

  begin (&h, 1, standard);
  gain = add_gain (&h, 1.0, standard);
  kromo_graph_connect (h.graph, add_constant (&h, 0.5f, N), gain);
  kromo_graph_connect_param (h.graph, add_stereo (&h, 2.0f, 10.0f, N), gain, KROMO_GAIN_GAIN);
  harness_to_output (&h, gain);
  return sample_of (&h, 0, 300);
}

static double
target_then_ramp (gboolean standard)
{
  KromoNode *offset = gain_new (standard);
  KromoParamPlan *plan = &offset->params[KROMO_GAIN_GAIN];
  Harness h;

  begin (&h, 1, standard);
  kromo_param_plan_set (plan, 0.0, 0.0);
  kromo_param_plan_target (plan, 1.0, 0.05, 0.01);
  kromo_param_plan_ramp (plan, FALSE, 3.0, 0.1);
  kromo_graph_connect (h.graph, add_constant (&h, 1.0f, N), harness_add_heard (&h, offset));
  return sample_of (&h, 0, 1200);
}

/* ---- the graph ---- */

static double
duplicate_connection (gboolean standard)
{
  Harness h;
  guint source;

  begin (&h, 1, standard);
  source = add_constant (&h, 0.25f, N);
  harness_to_output (&h, source);
  harness_to_output (&h, source);
  return sample_of (&h, 0, 10);
}

static double
own_delay_time (gboolean standard)
{
  Harness h;
  guint delay, gain;

  begin (&h, 1, standard);
  delay = add_delay (&h, 100.0, standard);
  gain = add_gain (&h, 0.001, standard);
  kromo_graph_connect (h.graph, add_constant (&h, 0.5f, N), delay);
  kromo_graph_connect (h.graph, delay, gain);
  kromo_graph_connect_param (h.graph, gain, delay, KROMO_DELAY_DELAY_TIME);
  harness_to_output (&h, delay);
  return sample_of (&h, 0, 2000);
}

/* Frames in which an impulse goes round a loop of two delays. */
static double
loop_of_delays (gboolean standard)
{
  const float impulse[] = { 1.0f };
  Harness h;
  guint a, b, stride, first = 0;
  g_autofree float *out = NULL;

  begin (&h, 1, standard);
  a = add_delay (&h, 10.0, standard);
  b = add_delay (&h, 20.0, standard);
  kromo_graph_connect (h.graph, harness_add_source (&h, impulse, 1), a);
  kromo_graph_connect (h.graph, a, b);
  kromo_graph_connect (h.graph, b, a);
  harness_to_output (&h, a);
  out = harness_run (&h, 2000, &stride);
  for (guint i = 0; i < 2000; i++) {
    if (fabsf (out[i]) < 0.9f)
      continue;
    if (first > 0)
      return i - first;
    first = i;
  }
  return 0.0;
}

static double
stereo_in_three (gboolean standard)
{
  Harness h;

  begin (&h, 3, standard);
  harness_to_output (&h, add_stereo (&h, 0.25f, 0.5f, N));
  return sample_of (&h, 0, 10);
}

static double
tiny_gain (gboolean standard)
{
  Harness h;
  guint gain;

  begin (&h, 1, standard);
  gain = add_gain (&h, 1e-6, standard);
  kromo_graph_connect (h.graph, add_constant (&h, 1.0f, N), gain);
  harness_to_output (&h, gain);
  return sample_of (&h, 0, 200);
}

/* ---- nodes ---- */

static KromoNode *
oscillator (KromoShape shape, double frequency, gboolean standard)
{
  KromoNode *node = standard ? kromo_oscillator_standard_new (shape, HARNESS_RATE)
                             : kromo_oscillator_new (shape, HARNESS_RATE);

  kromo_param_plan_set_value (&node->params[KROMO_OSCILLATOR_FREQUENCY], frequency);
  return node;
}

static double
negative_frequency (gboolean standard)
{
  Harness h;
  double peak;

  begin (&h, 1, standard);
  harness_add_heard (&h, oscillator (KROMO_SHAPE_TRIANGLE, -100.0, standard));
  peak = peak_of (&h, 9000);
  return round (peak); /* a band-limited triangle's is a little below 1 */
}

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

/* A sawtooth of 5 kHz: whether its fifth harmonic, above Nyquist, comes back above -60 dB. */
static double
aliases (gboolean standard)
{
  const guint n = 4096, bin = 427; /* 5003.9 Hz */
  Harness h;
  guint stride;
  g_autofree float *out = NULL;

  begin (&h, 1, standard);
  harness_add_heard (
      &h, oscillator (KROMO_SHAPE_SAWTOOTH, bin * (double) HARNESS_RATE / n, standard));
  out = harness_run (&h, n, &stride);
  return power_at (out, n, n - 5.0 * bin) > 1e-6 * power_at (out, n, bin);
}

static KromoNode *
biquad (KromoFilter type, double frequency, double q, double detune, gboolean standard)
{
  KromoNode *node = standard ? kromo_biquad_standard_new (type, HARNESS_RATE)
                             : kromo_biquad_new (type, HARNESS_RATE);

  kromo_param_plan_set_value (&node->params[KROMO_BIQUAD_FREQUENCY], frequency);
  kromo_param_plan_set_value (&node->params[KROMO_BIQUAD_Q], q);
  kromo_param_plan_set_value (&node->params[KROMO_BIQUAD_DETUNE], detune);
  return node;
}

/* A lowpass detuned past Nyquist passes everything, or is unstable. */
static double
detuned_filter (gboolean standard)
{
  Harness h;

  begin (&h, 1, standard);
  kromo_graph_connect (h.graph, add_constant (&h, 0.5f, N),
      harness_add_heard (&h, biquad (KROMO_FILTER_LOWPASS, 20000.0, 1.0, 1200.0, standard)));
  return sample_of (&h, 0, 10);
}

static double
filter_without_q (gboolean standard)
{
  Harness h;

  begin (&h, 1, standard);
  kromo_graph_connect (h.graph, add_constant (&h, 0.5f, N),
      harness_add_heard (&h, biquad (KROMO_FILTER_BANDPASS, 1000.0, 0.0, 0.0, standard)));
  return sample_of (&h, 0, 10);
}

static double
delayed_stereo (gboolean standard)
{
  Harness h;
  guint delay;

  begin (&h, 2, standard);
  delay = add_delay (&h, 256.0, standard);
  kromo_graph_connect (h.graph, add_stereo (&h, 1.0f, 0.25f, 512), delay);
  harness_to_output (&h, delay);
  return sample_of (&h, 1, 522);
}

/* The right channel's tail over the left one's. */
static double
convolved_stereo (gboolean standard)
{
  float response[1024];
  Harness h;
  KromoView view;
  guint convolver, stride;
  g_autofree float *out = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (response); i++)
    response[i] = 1.0f;
  begin (&h, 2, standard);
  view = harness_view (&h, response, G_N_ELEMENTS (response));
  convolver = harness_add_heard (&h,
      standard ? kromo_convolver_standard_new (&view, FALSE) : kromo_convolver_new (&view, FALSE));
  kromo_graph_connect (h.graph, add_stereo (&h, 1.0f, 0.25f, 512), convolver);
  out = harness_run (&h, 1024, &stride);
  return round (out[stride + 900] / out[900] * 1e4) / 1e4;
}

static double
compressor_latency (gboolean standard)
{
  Harness h;
  guint stride, i;
  g_autofree float *out = NULL;

  begin (&h, 1, standard);
  kromo_graph_connect (h.graph, add_constant (&h, 0.5f, N),
      harness_add_heard (
          &h, standard ? kromo_compressor_standard_new () : kromo_compressor_new ()));
  out = harness_run (&h, N, &stride);
  for (i = 0; i < N && out[i] == 0.0f; i++)
    ;
  return i;
}

static double
loop_backwards (gboolean standard)
{
  const float buffer[] = { 0.125f, 0.25f, 0.5f, 1.0f };
  Harness h;
  KromoView view;
  KromoNode *source;

  begin (&h, 1, standard);
  view = harness_view (&h, buffer, 4);
  source = standard ? kromo_buffer_source_standard_new (&view, TRUE)
                    : kromo_buffer_source_new (&view, TRUE);
  kromo_param_plan_set_value (&source->params[KROMO_BUFFER_SOURCE_PLAYBACK_RATE], -1.0);
  harness_add_heard (&h, source);
  return round (sample_of (&h, 0, 5) * 1e4) / 1e4; /* the fourth */
}

static double
oversampled_latency (gboolean standard)
{
  const float impulse[] = { 1.0f }, line[] = { -1.0f, 1.0f };
  Harness h;
  KromoView view;
  guint shaper, stride, at = 0;
  g_autofree float *out = NULL;

  begin (&h, 1, standard);
  view = harness_view (&h, line, 2);
  shaper = harness_add_heard (&h, kromo_wave_shaper_new (&view, 2));
  kromo_graph_connect (h.graph, harness_add_source (&h, impulse, 1), shaper);
  /* a source that goes on, so that the latent frames come out */
  kromo_graph_connect (h.graph, add_constant (&h, 0.0f, N), shaper);
  out = harness_run (&h, 512, &stride);
  for (guint i = 0; i < 512; i++)
    at = fabsf (out[i]) > fabsf (out[at]) ? i : at;
  return at;
}

/* ---- patches ---- */

/* One channel of a document's sound. */
static float *
render (const char *quoted, gboolean standard, gboolean reverse, guint64 duration)
{
  const KromoFormat format = { 48000, 1, KROMO_NORMALIZE_NONE,
    standard ? KROMO_RENDERING_STANDARD : KROMO_RENDERING_REFERENCE };
  g_autoptr (KromoGenome) genome = load_quoted (quoted);
  g_autoptr (KromoRenderer) renderer = NULL;
  g_autoptr (GError) error = NULL;
  KromoNote note = KROMO_NOTE_INIT;
  float *samples;
  gsize n;

  note.duration = duration;
  note.reverse = reverse;
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  g_assert_no_error (error);
  n = kromo_renderer_get_n_frames (renderer);
  samples = g_new (float, n);
  g_assert_cmpuint (kromo_renderer_render (renderer, &samples, n), ==, n);
  return samples;
}

static double
frame_of_document (const char *quoted, gboolean standard, guint frame)
{
  g_autofree float *samples = render (quoted, standard, FALSE, 1000000000);

  return samples[frame];
}

/* 0.5 through a comb of the default ratio, 0.2, and 0.1 s: its first echo is there. */
static double
feedback_delay (gboolean standard)
{
  return frame_of_document (
      PLAIN ("'f':['feedbackDelay','output',{'delayTime':0.1}],'s':['bufferSource','f']",
          CONSTANT ("s", "0.5")),
      standard, 6000);
}

/* A delay of 3 s: whether its input is heard after 1.5 s. */
static double
long_delay (gboolean standard)
{
  g_autofree float *samples =
      render (PLAIN ("'d':['delay','output',{'delayTime':3}],'s':['bufferSource','d']",
                  CONSTANT ("s", "0.5")),
          standard, FALSE, G_GUINT64_CONSTANT (2000000000));

  return samples[72000];
}

#define NODE(name, id, rest) "{'name':'" name "','id':" id rest "}"
#define SOURCE_NODES                                                                               \
  NODE ("NetworkOutputNode", "'n'", ",'type':2,'frequency':1")                                     \
  "," NODE ("AudioBufferSourceNode", "'s'", "") "," NODE ("OutNode", "0", "")
#define DRIVE_SOURCE                                                                               \
  "{'sourceNode':'n','targetNode':'s','targetParameter':'buffer','targetParameterRange':[0,0.5],"  \
  "'weight':1}"

/* A notch at 12 kHz, whose gain at 0 Hz is 1 whatever Q, but whose first output is not. */
static double
stored_q (gboolean standard)
{
  return round (frame_of_document (
                    STORED (SOURCE_NODES
                        "," NODE ("FilterNode", "'f'", ",'type':'notch','frequency':12000,'q':0.5"),
                        DRIVE_SOURCE ",{'sourceNode':'s','targetNode':'f','weight':1},"
                                     "{'sourceNode':'f','targetNode':0,'weight':1}"),
                    standard, 0)
             * 1e4)
      / 1e4;
}

static double
disabled_connection (gboolean standard)
{
  return frame_of_document (
      STORED (SOURCE_NODES,
          DRIVE_SOURCE ",{'sourceNode':'s','targetNode':0,'weight':1,'enabled':false}"),
      standard, 100);
}

/* Two waves of 0.5, the mix at the first one's middle: the second is idle. */
static double
idle_wave (gboolean standard)
{
  return round (frame_of_document (
                    PLAIN ("'w':['wavetable','output',{}]",
                        DRIVE ("2", "1", "w", "'paramName':'buffer','range':[0,0]") "," DRIVE (
                            "2", "1", "w", "'paramName':'buffer','range':[0,0.5]") "," DRIVE ("2",
                            "1", "w", "'paramName':'mix','range':[0,-0.5]")),
                    standard, 1000)
             * 1e4)
      / 1e4;
}

/* In the middle of a second, long after the fade in and before the fade out. */
static double
fade (gboolean standard)
{
  const double value = frame_of_document (
      PLAIN ("'0':['gain','output',{}],'s':['bufferSource','0']", CONSTANT ("s", "0.5")), standard,
      24000);

  return fabs (value) > 100.0 ? 100.0 : round (value * 1e4) / 1e4;
}

/* One output at one frequency that feeds a buffer and a gain (which turns it over): two entries. */
static double
even_reverse (gboolean standard)
{
  g_autofree float *samples = render (
      PLAIN ("'g':['gain','output',{}],'s':['bufferSource','g']",
          "{'networkOutput':0,'frequency':440,'audioGraphNodes':{"
          "'s':[{'paramName':'buffer','range':[-1,1]}],'g':[{'paramName':'gain','range':[1,1]}]}}"),
      standard, TRUE, 1000000000);

  return samples[0] < 0.0f ? -1.0 : 1.0;
}

/* Sources through a gain beyond all bounds: whether there are samples that are not finite. Two that only overflow
 * when they meet at the output, and one on its way. */
static double
overflow (gboolean standard)
{
  static const char *documents[] = {
    PLAIN ("'g':['gain','output',{'gain':3e38}],'h':['gain','output',{'gain':3e38}],"
           "'s':['bufferSource',['g','h']]",
        CONSTANT ("s", "1")),
    PLAIN ("'g':['gain','h',{'gain':3e38}],'h':['gain','output',{'gain':3e38}],"
           "'s':['bufferSource','g']",
        CONSTANT ("s", "1")),
  };
  double n = 0.0;

  for (guint i = 0; i < G_N_ELEMENTS (documents); i++) {
    g_autofree float *samples = render (documents[i], standard, FALSE, 100000000);

    for (guint k = 0; k < 4800; k++)
      n += !isfinite (samples[k]);
  }
  return n;
}

/* ---- the table ---- */

static const struct {
  const char *id;
  Measure measure;
} rows[] = {
  { "D1", gap_before_target },
  { "D2", k_rate_lag },
  { "D3", parameter_of_stereo },
  { "D4", duplicate_connection },
  { "D6", negative_frequency },
  { "D7", aliases },
  { "D8", detuned_filter },
  { "D9", filter_without_q },
  { "D10", delayed_stereo },
  { "D11", convolved_stereo },
  { "D12", compressor_latency },
  { "D13", own_delay_time },
  { "D14", loop_of_delays },
  { "D15", stereo_in_three },
  { "D17", target_then_ramp },
  { "D18", tiny_gain },
  { "D20", loop_backwards },
  { "D21", oversampled_latency },
  { "feedback delay", feedback_delay },
  { "long delay", long_delay },
  { "q", stored_q },
  { "disabled", disabled_connection },
  { "idle wave", idle_wave },
  { "fade", fade },
  { "even reverse", even_reverse },
  { "overflow", overflow },
};

static void
assert_figure (const char *id, const char *text, double value)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  const double written = g_str_equal (trimmed, "not finite") ? NAN : g_ascii_strtod (trimmed, NULL);

  if (isfinite (value) ? fabs (value - written) <= 1e-4 * fmax (1e-3, fabs (value))
                       : isnan (written))
    return;
  g_test_message ("%s: the table says %s, measured is %.9g", id, trimmed, value);
  g_test_fail ();
}

static void
test_row (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "..", "..", "docs", "renderings.md", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n_found = 0;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint l = 0; lines[l] != NULL; l++) {
    g_auto (GStrv) cells = g_strsplit (lines[l], "|", -1);

    if (g_strv_length (cells) < 6 || !g_str_equal (g_strstrip (cells[1]), rows[i].id))
      continue;
    n_found++;
    assert_figure (rows[i].id, cells[4], rows[i].measure (FALSE));
    assert_figure (rows[i].id, cells[5], rows[i].measure (TRUE));
  }
  g_assert_cmpuint (n_found, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strdup_printf ("/renderings/%s", rows[i].id);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_row);
  }
  return g_test_run ();
}
