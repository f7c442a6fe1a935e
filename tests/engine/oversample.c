/* Oversampling: what the filter rejects and passes, measured; the same values for every way of reading;
 * and only where buffers play.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-documents.h"
#include "graph/bank.h"
#include "graph/halfband.h"
#include "samples.h"

#include <math.h>

#define RATE 48000
#define FRAMES 4096
#define PASS 0.46  /* of the rate: up to here within PASS_DB */
#define STOP 0.552 /* of the rate: from here on at most STOP_DB */
#define PASS_DB 0.1
#define STOP_DB (-100.0)

/* ---- the filter ---- */

static double
bessel_i0 (double x)
{
  double sum = 1.0, term = 1.0;

  for (guint k = 1; term > 1e-20 * sum; k++) {
    term *= x * x / (4.0 * k * k);
    sum += term;
  }
  return sum;
}

/* The taps are what their comment says. */
static void
test_taps (void)
{
  double wanted[KROMO_HALFBAND_REACH], sum = 0.0, total = 0.0;

  for (guint k = 0; k < KROMO_HALFBAND_REACH; k++) {
    const double x = k + 0.5, edge = x / KROMO_HALFBAND_REACH;

    wanted[k] = sin (G_PI * x) / (2.0 * G_PI * x) * bessel_i0 (10.5 * sqrt (1.0 - edge * edge));
    sum += wanted[k];
    total += kromo_halfband_taps[k];
  }
  g_assert_cmpfloat (fabs (total - 0.25), <=, 1e-15);
  for (guint k = 0; k < KROMO_HALFBAND_REACH; k++)
    g_assert_cmpfloat (fabs (kromo_halfband_taps[k] - wanted[k] * 0.25 / sum), <=, 1e-15);
}

/* ---- sines, measured ---- */

/* A source whose buffer is sin (weight m): @frequency in parts of the rate, at any rate. */
static KromoGenome *
make_sine (double frequency, const char *source)
{
  char weight[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *text = NULL;

  g_ascii_dtostr (weight, sizeof weight, frequency * G_PI * (FRAMES - 1));
  text = g_strdup_printf (
      "{'waveNetwork':{'offspring':{'nodes':[{'gid':'b','nodeType':'Bias'},"
      "{'gid':'p','nodeType':'Input'},{'gid':'m','nodeType':'Input'},"
      "{'gid':'o','nodeType':'Output','activationFunction':'Sine'}],"
      "'connections':[{'sourceID':'m','targetID':'o','weight':%s},"
      "{'sourceID':'b','targetID':'o','weight':0.3}],"
      "'inputNodeCount':2,'outputNodeCount':1}},"
      "'patch':{'audioGraph':{'9':['gain','output',{'gain':1}],'1':['bufferSource','9'%s]},"
      "'networkOutputs':[{'id':'n','networkOutput':0,'frequency':1,'audioGraphNodes':"
      "{'1':[{'paramName':'buffer','range':null,'weight':1}]}}]}}",
      weight, source);
  return load_quoted (text);
}

static float *
render (KromoGenome *genome, gboolean oversample, gboolean reverse)
{
  const KromoFormat format = { RATE, 1, KROMO_NORMALIZE_NONE, KROMO_RENDERING_REFERENCE, 0, 0 };
  KromoNote note = KROMO_NOTE_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoRenderer) renderer = NULL;
  float *samples = g_new (float, FRAMES);

  note.duration = (guint64) FRAMES * 1000000000 / RATE;
  note.oversample = oversample;
  note.reverse = reverse;
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (kromo_renderer_render (renderer, &samples, FRAMES), ==, FRAMES);
  return samples;
}

static double
decibels (double x)
{
  return 20.0 * log10 (fmax (x, 1e-20));
}

/* From 0.552 to 1 of the rate nothing above -100 dB comes out, of a sine at full level that without
 * oversampling is folded to between 0 and 0.448 of it. */
static void
test_stop_band (void)
{
  float worst = 0.0f;

  for (double f = STOP; f <= 1.0; f += 0.004) {
    g_autoptr (KromoGenome) genome = make_sine (f, "");
    g_autofree float *on = render (genome, TRUE, FALSE), *off = render (genome, FALSE, FALSE);
    float folded = 0.0f;

    for (guint i = 0; i < FRAMES; i++) {
      worst = fmaxf (worst, fabsf (on[i]));
      folded = fmaxf (folded, fabsf (off[i]));
    }
    g_assert_cmpfloat (folded, >, 0.25); /* at f = 1 a constant, sin 0.3 */
  }
  g_test_message ("what is folded is at most %.1f dB", decibels (worst));
  g_assert_cmpfloat (decibels (worst), <=, STOP_DB);
}

/* Up to 0.46 of the rate the sine is the same but for a gain within 0.1 dB: no delay, no distortion. */
static void
test_pass_band (void)
{
  double lowest = 1.0, highest = 1.0, rest = 0.0;

  for (double f = 0.001; f <= PASS; f += 0.003) {
    g_autoptr (KromoGenome) genome = make_sine (f, "");
    g_autofree float *on = render (genome, TRUE, FALSE), *off = render (genome, FALSE, FALSE);
    double product = 0.0, power = 0.0, gain;

    for (guint i = 0; i < FRAMES; i++) {
      product += (double) on[i] * off[i];
      power += (double) off[i] * off[i];
    }
    gain = product / power;
    lowest = fmin (lowest, gain);
    highest = fmax (highest, gain);
    for (guint i = 0; i < FRAMES; i++)
      rest = MAX (rest, fabs (on[i] - gain * off[i]));
  }
  g_test_message ("the pass band lies within %.4f and %.4f dB, the rest at %.1f dB",
      decibels (lowest), decibels (highest), decibels (rest));
  g_assert_cmpfloat (decibels (lowest), >=, -PASS_DB);
  g_assert_cmpfloat (decibels (highest), <=, PASS_DB);
  g_assert_cmpfloat (decibels (rest), <=, -110.0);
}

static void
test_reversed (void)
{
  g_autoptr (KromoGenome) genome = make_sine (0.4, "");
  g_autofree float *forward = render (genome, TRUE, FALSE), *reversed = render (genome, TRUE, TRUE);

  for (guint i = 0; i < FRAMES; i++)
    g_assert_true (reversed[i] == forward[FRAMES - 1 - i]);
}

/* A playback rate that is 1 but was touched makes the source a random reader. */
static void
test_touched_rate (void)
{
  g_autoptr (KromoGenome) steady = make_sine (0.47, ""),
                          random = make_sine (0.47, ",{'playbackRate':1}");
  g_autofree float *a = render (steady, TRUE, FALSE), *b = render (random, TRUE, FALSE);
  g_autofree float *off = render (steady, FALSE, FALSE);

  g_assert_cmpmem (a, FRAMES * sizeof (float), b, FRAMES * sizeof (float));
  g_assert_true (memcmp (a, off, FRAMES * sizeof (float)) != 0);
}

/* ---- one signal, read in every way ---- */

#define N_FRAMES 1000
#define N_SIGNALS 3

typedef struct {
  KromoGenome *genome;
  KromoBank *bank;
  KromoView steady[N_SIGNALS], random[N_SIGNALS];
  KromoArena arena;
} Bank;

static const KromoSignal signals[N_SIGNALS] = { { 0, 4000.0 }, { 1, 30.0 }, { 0, 70000.0 } };

static void
bank_init (Bank *b, gboolean reverse)
{
  const KromoSpan span = { N_FRAMES, RATE, 1.0 };
  KromoLayout layout = { 0, 0 };
  gsize size;

  b->genome = load_quoted (SMALL);
  b->bank = kromo_bank_new (&span);
  for (guint i = 0; i < N_SIGNALS; i++) {
    kromo_bank_add_oversampled (
        b->bank, b->genome->networks, &signals[i], reverse, FALSE, &b->steady[i]);
    kromo_bank_add_oversampled (
        b->bank, b->genome->networks, &signals[i], reverse, TRUE, &b->random[i]);
  }
  g_assert_true (kromo_bank_compile (b->bank, &layout, NULL));
  size = layout.state + layout.scratch + KROMO_ALIGNMENT;
  b->arena.state = g_aligned_alloc (1, size, KROMO_ALIGNMENT);
  memset (b->arena.state, 0xa5, size);
  b->arena.scratch = b->arena.state + layout.state;
  kromo_bank_reset (b->bank, &b->arena);
}

static void
bank_clear (Bank *b)
{
  g_aligned_free (b->arena.state);
  kromo_bank_unref (b->bank);
  kromo_genome_unref (b->genome);
}

/* The definition: sample i = sum of h[k] s ((2 i + k) / 2), summed from the outside inwards. */
static void
evaluate_directly (const Bank *b, guint signal, gboolean reverse, float *values)
{
  const KromoSpan span = { N_FRAMES, RATE, 1.0 };
  g_autoptr (KromoProgram) program =
      kromo_program_new (b->genome->networks, &signals[signal], 1, &span);
  gpointer work = g_aligned_alloc (
      1, kromo_program_get_scratch_size (program) + KROMO_ALIGNMENT, KROMO_ALIGNMENT);

  for (guint i = 0; i < N_FRAMES; i++) {
    const double frame = reverse ? N_FRAMES - 1 - i : i;
    double sum = 0.0, frames[2 * KROMO_HALFBAND_REACH + 1];
    float points[2 * KROMO_HALFBAND_REACH + 1], *p = points;

    frames[2 * KROMO_HALFBAND_REACH] = frame;
    for (guint k = 0; k < KROMO_HALFBAND_REACH; k++) {
      frames[2 * k] = frame - k - 0.5;
      frames[2 * k + 1] = frame + k + 0.5;
    }
    kromo_program_eval (program, work, frames, G_N_ELEMENTS (frames), &p);
    for (guint k = KROMO_HALFBAND_REACH; k-- > 0;)
      sum += kromo_halfband_taps[k] * ((double) points[2 * k] + points[2 * k + 1]);
    values[i] = (float) (sum + 0.5 * points[2 * KROMO_HALFBAND_REACH]);
  }
  g_aligned_free (work);
}

static void
check_steady (const Bank *b, guint signal, const float *wanted, gboolean invalidate)
{
  float values[N_FRAMES];

  kromo_bank_reset (b->bank, &b->arena);
  for (guint start = 0; start < N_FRAMES; start += KROMO_QUANTUM) {
    const guint n = MIN (N_FRAMES - start, KROMO_QUANTUM);
    const guint back = start > 0 ? 40 : 0; /* into the quantum before */

    kromo_bank_evaluate (b->bank, &b->arena, start / KROMO_QUANTUM);
    if (invalidate)
      kromo_bank_invalidate (b->bank, &b->arena);
    kromo_view_read (
        &b->steady[signal], b->bank, &b->arena, start - back, n + back, values + start - back);
  }
  g_assert_cmpmem (values, sizeof values, wanted, sizeof values);
}

static void
check_random (const Bank *b, guint signal, const float *wanted, GRand *rand, guint spread)
{
  for (guint trial = 0; trial < 20; trial++) {
    const guint n = (guint) g_rand_int_range (rand, 1, KROMO_QUANTUM + 1);
    const guint from = (guint) g_rand_int_range (rand, 0, (gint) (N_FRAMES + 1 - spread));
    guint64 indices[KROMO_QUANTUM];
    float values[KROMO_QUANTUM];

    for (guint i = 0; i < n; i++)
      indices[i] = from + (guint) g_rand_int_range (rand, 0, (gint) spread);
    kromo_view_gather (&b->random[signal], b->bank, &b->arena, indices, n, values);
    for (guint i = 0; i < n; i++)
      g_assert_true (values[i] == wanted[indices[i]]);
  }
}

static void
check_reading (gboolean reverse)
{
  GRand *rand = g_rand_new_with_seed (1);
  Bank b;

  bank_init (&b, reverse);
  for (guint i = 0; i < N_SIGNALS; i++) {
    float wanted[N_FRAMES], values[N_FRAMES];

    evaluate_directly (&b, i, reverse, wanted);
    check_steady (&b, i, wanted, FALSE);
    check_steady (&b, i, wanted, TRUE);
    for (guint start = 0; start < N_FRAMES; start += 100)
      kromo_view_read (&b.random[i], b.bank, &b.arena, start, 100, values + start);
    g_assert_cmpmem (values, sizeof values, wanted, sizeof wanted);
    check_random (&b, i, wanted, rand, 1);
    check_random (&b, i, wanted, rand, 100);
    check_random (&b, i, wanted, rand, 500);
    check_random (&b, i, wanted, rand, N_FRAMES);
  }
  bank_clear (&b);
  g_rand_free (rand);
}

static void
test_reading (void)
{
  check_reading (FALSE);
}

static void
test_reading_reversed (void)
{
  check_reading (TRUE);
}

/* ---- where it applies ---- */

#define OUTPUT_TO(output, frequency, node, param)                                                  \
  "{'networkOutput':" output ",'frequency':" frequency ",'audioGraphNodes':{'" node                \
  "':[{'paramName':'" param "','range':[-1,1]}]}}"
#define PARTIAL_TO(output, param)                                                                  \
  "{'networkOutput':" output ",'frequency':9000,'audioGraphNodes':{'1':[{'paramName':'" param      \
  "','range':[-1,1],'partialNumber':1,'weight':1}]}}"
#define NOISE_TO(node) OUTPUT_TO ("'noiseWhite'", "0", node, "buffer")

static const struct {
  const char *name, *document;
  gboolean changes;
} places[] = {
  { "buffer",
      PLAIN_DOCUMENT ("'1':['bufferSource','output']", OUTPUT_TO ("0", "9000", "1", "buffer")),
      TRUE },
  { "curve",
      PLAIN_DOCUMENT ("'2':['gain','output'],'1':['bufferSource','2']",
          NOISE_TO ("1") "," OUTPUT_TO ("0", "9000", "2", "gain")),
      FALSE },
  { "k-rate-curve",
      PLAIN_DOCUMENT ("'1':['bufferSource','output']",
          NOISE_TO ("1") "," OUTPUT_TO ("0", "9000", "1", "playbackRate")),
      FALSE },
  { "impulse-response",
      PLAIN_DOCUMENT ("'2':['convolver','output'],'1':['bufferSource','2']",
          NOISE_TO ("1") "," OUTPUT_TO ("0", "9000", "2", "buffer")),
      FALSE },
  { "shaper-curve",
      PLAIN_DOCUMENT ("'2':['waveShaper','output'],'1':['bufferSource','2']",
          NOISE_TO ("1") "," OUTPUT_TO ("0", "9000", "2", "curve")),
      FALSE },
  { "wavetable-wave",
      PLAIN_DOCUMENT ("'1':['wavetable','output']",
          OUTPUT_TO ("0", "9000", "1", "buffer") "," OUTPUT_TO ("1", "1", "1", "mix")),
      TRUE },
  { "additive-partial",
      PLAIN_DOCUMENT ("'1':['additive','output']",
          PARTIAL_TO ("0", "partialBuffer") "," PARTIAL_TO ("1", "partialGainEnvelope")),
      TRUE },
  { "additive-envelope",
      PLAIN_DOCUMENT ("'1':['additive','output']",
          PARTIAL_TO ("'noiseWhite'", "partialBuffer") "," PARTIAL_TO ("0", "partialGainEnvelope")),
      FALSE },
  { "wavetable-mix",
      PLAIN_DOCUMENT (
          "'1':['wavetable','output']", NOISE_TO ("1") "," OUTPUT_TO ("0", "9000", "1", "mix")),
      FALSE },
};

static void
test_place (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autoptr (KromoGenome) genome = load_quoted (places[i].document);
  g_autofree float *on = render (genome, TRUE, FALSE), *off = render (genome, FALSE, FALSE);
  gboolean sounds = FALSE;

  for (guint k = 0; k < FRAMES; k++)
    sounds |= off[k] != 0.0f;
  g_assert_true (sounds);
  g_assert_cmpint (memcmp (on, off, FRAMES * sizeof (float)) != 0, ==, places[i].changes);
}

/* ---- whole genomes ---- */

#define CHANNELS 2

static void
render_chunks (KromoRenderer *renderer, float *samples, GRand *rand)
{
  gsize done = 0;

  while (done < FRAMES) {
    float *channels[CHANNELS] = { samples + done, samples + FRAMES + done };
    const gsize n =
        rand != NULL ? (gsize) g_rand_int_range (rand, 1, g_rand_boolean (rand) ? 700 : 9) : FRAMES;
    const gsize got = kromo_renderer_render (renderer, channels, n);

    g_assert_cmpuint (got, ==, MIN (n, FRAMES - done));
    done += got;
  }
}

static void
test_chunks (gconstpointer data)
{
  const KromoFormat format = { RATE, CHANNELS, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE, 0,
    0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome = kromo_genome_load (data, NULL, &error);
  g_autoptr (KromoRenderer) renderer = NULL, copy = NULL;
  g_autofree float *whole = g_new (float, CHANNELS *FRAMES);
  g_autofree float *parts = g_new (float, CHANNELS *FRAMES);
  const gsize bytes = CHANNELS * FRAMES * sizeof (float), half = FRAMES / 2 + 37;
  KromoNote note = KROMO_NOTE_INIT;
  GRand *rand = g_rand_new_with_seed (7);
  float *channels[CHANNELS] = { parts, parts + FRAMES };

  g_assert_no_error (error);
  note.duration = (guint64) FRAMES * 1000000000 / RATE;
  note.oversample = TRUE;
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  g_assert_no_error (error);
  render_chunks (renderer, whole, NULL);
  kromo_renderer_reset (renderer);
  render_chunks (renderer, parts, rand);
  g_assert_cmpmem (whole, bytes, parts, bytes);

  kromo_renderer_reset (renderer);
  g_assert_cmpuint (kromo_renderer_render (renderer, channels, half), ==, half);
  copy = kromo_renderer_copy (renderer);
  channels[0] += half;
  channels[1] += half;
  memset (channels[0], 0, (FRAMES - half) * sizeof (float));
  g_assert_cmpuint (kromo_renderer_render (copy, channels, FRAMES), ==, FRAMES - half);
  g_assert_cmpmem (whole, bytes, parts, bytes);
  g_rand_free (rand);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;

  g_test_init (&argc, &argv, NULL);
  folder = test_parity_folder ();
  g_test_add_func ("/oversample/taps", test_taps);
  g_test_add_func ("/oversample/stop-band", test_stop_band);
  g_test_add_func ("/oversample/pass-band", test_pass_band);
  g_test_add_func ("/oversample/reversed", test_reversed);
  g_test_add_func ("/oversample/touched-rate", test_touched_rate);
  g_test_add_func ("/oversample/reading", test_reading);
  g_test_add_func ("/oversample/reading-reversed", test_reading_reversed);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autofree char *path = g_strdup_printf ("/oversample/place/%s", places[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_place);
  }
  test_add_for_genomes (folder, "/oversample/chunks", test_chunks);
  return g_test_run ();
}
