/* Changes while it sounds: where a renderer goes on, what fades into what, and what is kept.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "allocations.h"
#include "genome-documents.h"
#include "render/renderer-private.h"
#include "samples.h"

#include <math.h>

#define RATE 16000
#define FRAMES 9600 /* 0.6 s */
#define CHANNELS 2
#define FADE 160
#define WILD_SEEDS 20

typedef float Samples[CHANNELS][FRAMES];

static const KromoFormat formats[] = {
  { .rate = RATE, .channels = CHANNELS, .normalize = KROMO_NORMALIZE_NONE },
  { .rate = RATE, .channels = CHANNELS, .normalize = KROMO_NORMALIZE_PEAK, .edge_fade = 300000000 },
  { .rate = RATE,
      .channels = CHANNELS,
      .normalize = KROMO_NORMALIZE_NONE,
      .rendering = KROMO_RENDERING_STANDARD },
  { .rate = RATE,
      .channels = CHANNELS,
      .normalize = KROMO_NORMALIZE_PEAK,
      .rendering = KROMO_RENDERING_STANDARD },
};
static const KromoFormat limited = {
  .rate = RATE, .channels = CHANNELS, .normalize = KROMO_NORMALIZE_LIMIT
};

static KromoNote
make_note (double note_delta, double velocity)
{
  KromoNote note = KROMO_NOTE_INIT;

  note.duration = 600000000;
  note.note_delta = note_delta;
  note.velocity = velocity;
  return note;
}

static KromoRenderer *
make_renderer (KromoGenome *genome, const KromoFormat *format, double note_delta, double velocity)
{
  const KromoNote note = make_note (note_delta, velocity);
  g_autoptr (GError) error = NULL;
  KromoRenderer *renderer = kromo_renderer_new (genome, &note, format, &error);

  g_assert_no_error (error);
  g_assert_true (kromo_renderer_prepare (renderer, NULL, NULL, NULL));
  return renderer;
}

/* Frames from the position to @end. */
static void
render (KromoRenderer *renderer, Samples samples, gsize end)
{
  const gsize start = (gsize) kromo_renderer_get_position (renderer);
  float *channels[CHANNELS] = { samples[0] + start, samples[1] + start };

  g_assert_cmpuint (kromo_renderer_render (renderer, channels, end - start), ==, end - start);
}

static void
render_in_chunks (KromoRenderer *renderer, Samples samples, gsize chunk)
{
  for (gsize end = 0; end < FRAMES;) {
    end = MIN ((gsize) kromo_renderer_get_position (renderer) + chunk, FRAMES);
    render (renderer, samples, end);
  }
}

static void
check_equal (Samples a, Samples b, gsize start, gsize end)
{
  for (guint c = 0; c < CHANNELS; c++)
    g_assert_cmpmem (
        a[c] + start, (end - start) * sizeof (float), b[c] + start, (end - start) * sizeof (float));
}

/* What the renderers would give by themselves, and together. */
static void
check_fade (KromoRenderer *old, KromoRenderer *renderer, gsize at, gboolean keep, gboolean kept)
{
  static Samples before, after, mixed, chunked, copied;
  const gboolean clips = old->sound->format.normalize == KROMO_NORMALIZE_PEAK;
  const gsize start = (at + KROMO_QUANTUM - 1) / KROMO_QUANTUM * KROMO_QUANTUM;
  KromoRenderer *alone, *copy, *in_chunks;

  render (old, before, at);
  memcpy (mixed, before, sizeof before);
  memcpy (chunked, before, sizeof before);
  alone = kromo_renderer_copy (old);
  render (alone, before, FRAMES);
  kromo_renderer_free (alone);

  g_assert_cmpint (kromo_renderer_take_over (renderer, old, keep), ==, kept);
  g_assert_cmpuint (kromo_renderer_get_position (renderer), ==, at);
  g_assert_true (kromo_renderer_is_fading (renderer));
  g_assert_cmpuint (renderer->fade_start, ==, start);
  alone = kromo_renderer_copy (renderer);
  kromo_renderer_end_fade (alone);
  render (alone, after, FRAMES);
  kromo_renderer_free (alone);
  in_chunks = kromo_renderer_copy (renderer);
  g_assert_true (kromo_renderer_is_fading (in_chunks));
  render_in_chunks (in_chunks, chunked, 37);
  kromo_renderer_free (in_chunks);

  render (renderer, mixed, start + FADE / 2);
  g_assert_true (kromo_renderer_is_fading (renderer));
  copy = kromo_renderer_copy (renderer);
  memcpy (copied, mixed, sizeof mixed);
  render (copy, copied, FRAMES);
  kromo_renderer_free (copy);
  render (renderer, mixed, FRAMES);
  g_assert_false (kromo_renderer_is_fading (renderer));

  check_equal (mixed, before, 0, start);
  check_equal (mixed, after, start + FADE, FRAMES);
  check_equal (mixed, chunked, 0, FRAMES);
  check_equal (mixed, copied, 0, FRAMES);
  for (guint c = 0; c < CHANNELS; c++) {
    for (gsize i = 0; i < FADE; i++) {
      const double angle = (i + 0.5) / FADE * G_PI_2;
      const double a = before[c][start + i], b = after[c][start + i];
      const double y = a * cos (angle) + b * sin (angle);
      const double expected = clips ? CLAMP (y, -1.0, 1.0) : y;

      if (isfinite (expected)) /* the reference's raw output may be anything */
        g_assert_cmpfloat_with_epsilon (
            mixed[c][start + i], expected, 1e-6 * (1.0 + fabs (a) + fabs (b)));
    }
  }
}

/* ---- all kinds of genomes ---- */

/* The same sound goes on as if nothing had happened, and after a reset is as new. */
static void
check_same (KromoGenome *genome, const KromoFormat *format, gsize at)
{
  static Samples straight, changed;
  KromoRenderer *old = make_renderer (genome, format, 0.0, 1.0);
  KromoRenderer *renderer = make_renderer (genome, format, 0.0, 1.0);

  render (old, straight, FRAMES);
  kromo_renderer_reset (old);
  render (old, changed, at);
  g_assert_true (kromo_renderer_take_over (renderer, old, TRUE));
  render (renderer, changed, FRAMES);
  at = (at + KROMO_QUANTUM - 1) / KROMO_QUANTUM * KROMO_QUANTUM;
  check_equal (straight, changed, 0, at);
  check_equal (straight, changed, at + FADE, FRAMES);
  kromo_renderer_reset (renderer);
  render (renderer, changed, FRAMES);
  check_equal (straight, changed, 0, FRAMES);
  kromo_renderer_free (renderer);
}

static void
check_seek (KromoRenderer *renderer, Samples straight, gsize frame)
{
  static Samples sought;

  g_assert_true (kromo_renderer_seek (renderer, frame, NULL, NULL, NULL));
  render (renderer, sought, FRAMES);
  check_equal (straight, sought, frame, FRAMES);
}

/* Each note with its own states, and after a seek the new note's straight run, whatever was kept before. */
static void
check_change (KromoGenome *genome, const KromoFormat *format, gboolean keep, gsize at)
{
  static Samples straight;
  KromoRenderer *renderer = make_renderer (genome, format, 7.0, 0.5), *copy;

  render (renderer, straight, FRAMES);
  kromo_renderer_reset (renderer);
  kromo_renderer_keep_checkpoints (renderer, 64 << 20);
  check_fade (make_renderer (genome, format, 0.0, 1.0), renderer, at, keep, keep);
  copy = kromo_renderer_copy (renderer);
  check_seek (copy, straight, FRAMES - 1);
  check_seek (renderer, straight, FRAMES - 100);
  check_seek (renderer, straight, at);
  kromo_renderer_free (copy);
  kromo_renderer_free (renderer);
}

static void
check_genome (KromoGenome *genome)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    check_same (genome, &formats[i], 3000 + 37 * i);
    check_change (genome, &formats[i], TRUE, 2000 + 111 * i);
    check_change (genome, &formats[i], FALSE, 4000 + 111 * i);
  }
}

static void
test_genome (gconstpointer data)
{
  g_autoptr (KromoGenome) genome = kromo_genome_load (data, NULL, NULL);

  check_genome (genome);
}

/* Some are for one rendering only. */
static gboolean
can_be_rendered (KromoGenome *genome)
{
  const KromoNote note = make_note (0.0, 1.0);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autoptr (KromoRenderer) renderer = kromo_renderer_new (genome, &note, &formats[i], NULL);

    n += renderer != NULL;
  }
  return n == G_N_ELEMENTS (formats);
}

static void
test_wild (void)
{
  guint n = 0;

  for (guint seed = 101; seed < 101 + WILD_SEEDS; seed++) {
    g_autoptr (KromoGenome) genome = kromo_genome_new_random (seed, KROMO_RANDOM_WILD);

    if (!can_be_rendered (genome))
      continue;
    g_test_message ("seed %u", seed);
    check_genome (genome);
    n++;
  }
  g_assert_cmpuint (n, >, WILD_SEEDS / 2);
}

/* ---- little genomes ---- */

/* Outputs: 0: sin (2.5 m), 1 and 2: sin and cos of the periodic input, which velocity scales */
#define SIGNALS                                                                                    \
  "'waveNetwork':{'offspring':{'nodes':[{'gid':'b','nodeType':'Bias'},"                            \
  "{'gid':'p','nodeType':'Input'},{'gid':'m','nodeType':'Input'},"                                 \
  "{'gid':'o0','nodeType':'Output','activationFunction':'Sine'},"                                  \
  "{'gid':'o1','nodeType':'Output','activationFunction':'Sine'},"                                  \
  "{'gid':'o2','nodeType':'Output','activationFunction':'cos'}],"                                  \
  "'connections':[{'sourceID':'m','targetID':'o0','weight':2.5},"                                  \
  "{'sourceID':'p','targetID':'o1','weight':1},{'sourceID':'p','targetID':'o2','weight':1}],"      \
  "'inputNodeCount':2,'outputNodeCount':3}}"
#define DRIVE(output, frequency, node, rest)                                                       \
  "{'networkOutput':" output ",'frequency':" frequency ",'audioGraphNodes':{'" node "':[{" rest    \
  "}]}}"
#define BUFFER_OF(output, node) DRIVE (output, "50", node, "'paramName':'buffer'")
#define DOCUMENT(graph, outputs)                                                                   \
  "{" SIGNALS ",'patch':{'audioGraph':{" graph "},'networkOutputs':[" outputs "]}}"

/* ---- at rest ---- */

static void
check_at_rest (const char *document, const KromoFormat *format, double tolerance)
{
  static Samples straight, changed;
  g_autoptr (KromoGenome) genome = load_quoted (document), other = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, format, 0.0, 1.0);
  KromoRenderer *old = make_renderer (other, format, 0.0, 1.0);
  float loudest = 0.0f;

  render (renderer, straight, FRAMES);
  render (old, changed, 5000);
  g_assert_false (kromo_renderer_take_over (renderer, old, TRUE)); /* another genome */
  render (renderer, changed, FRAMES);
  for (guint c = 0; c < CHANNELS; c++) {
    for (gsize i = 5120 + FADE; i < FRAMES; i++) {
      g_assert_cmpfloat (fabs (straight[c][i] - changed[c][i]), <=, tolerance);
      loudest = fmaxf (loudest, fabsf (straight[c][i]));
    }
  }
  g_assert_cmpfloat (loudest, >, 1e-2f); /* there is something to compare */
}

/* Without memory there is nothing that could be at rest: curves, noise and sources are where they
 * would be. */
static void
test_stateless (void)
{
  const struct {
    const char *document;
    double tolerance;
  } cases[] = {
    { DOCUMENT ("'s':['bufferSource','output']", BUFFER_OF ("1", "s")), 0.0 },
    { DOCUMENT ("'s':['bufferSource','output']", BUFFER_OF ("'noiseWhite'", "s")), 0.0 },
    { DOCUMENT ("'s':['bufferSource','output']", BUFFER_OF ("'noisePink'", "s")), 0.0 },
    { DOCUMENT ("'s':['bufferSource','output']", BUFFER_OF ("'noiseBrown'", "s")), 0.0 },
    { DOCUMENT ("'s':['bufferSource','0'],'0':['gain','output']", BUFFER_OF ("1", "s")), 0.0 },
    { DOCUMENT ("'s':['bufferSource','g'],'g':['gain','output']",
          BUFFER_OF ("1", "s") "," DRIVE ("0", "1", "g", "'paramName':'gain'")),
        0.0 },
    { DOCUMENT ("'s':['bufferSource','output',{'playbackRate':1.5,'detune':-300,'loop':true}]",
          BUFFER_OF ("1", "s")),
        1e-5 },
    { DOCUMENT ("'o':['oscillator','output',{'type':'sine','frequency':441}]", ""), 1e-5 },
    { DOCUMENT ("'o':['oscillator','output',{'type':'triangle','frequency':-100}]", ""), 1e-3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_test_message ("%u", i);
    check_at_rest (cases[i].document, &formats[0], cases[i].tolerance);
    check_at_rest (cases[i].document, &formats[2], cases[i].tolerance);
  }
}

/* The filters of noise have forgotten where they started, to the last bit. */
static void
test_noise (void)
{
  const KromoSpan span = { 1 << 24, 48000, 1.0 };
  const KromoNoise kinds[] = { KROMO_NOISE_WHITE, KROMO_NOISE_PINK, KROMO_NOISE_BROWN };
  g_autoptr (KromoBank) bank = kromo_bank_new (&span);
  KromoLayout layout = { 0, 0 };
  KromoView views[30];
  KromoArena a, b;

  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    kromo_bank_add_noise (bank, kinds[i % 3], i, FALSE, &views[i]);
  g_assert_true (kromo_bank_compile (bank, &layout, NULL));
  a.state = g_aligned_alloc0 (1, layout.state, KROMO_ALIGNMENT);
  b.state = g_aligned_alloc0 (1, layout.state, KROMO_ALIGNMENT);
  a.scratch = b.scratch = NULL;
  kromo_bank_reset (bank, &a);
  for (guint64 block = 0; block < 1500; block++)
    kromo_bank_evaluate (bank, &a, block);
  kromo_bank_start (bank, &b, 1500);
  g_assert_cmpmem (a.state, layout.state, b.state, layout.state);
  g_aligned_free (a.state);
  g_aligned_free (b.state);
}

/* ---- what belongs to the note ---- */

/* After a change with states kept, a genome whose nodes hear the same at every velocity sounds as if it had
 * been at the new one all the time. */
static void
check_as_if_always (const char *document, double from, double to)
{
  static Samples straight, changed;
  g_autoptr (KromoGenome) genome = load_quoted (document);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i += 2) {
    g_autoptr (KromoRenderer) renderer = make_renderer (genome, &formats[i], 0.0, to);
    KromoRenderer *old = make_renderer (genome, &formats[i], 0.0, from);
    float loudest = 0.0f;

    render (renderer, straight, FRAMES);
    render (old, changed, 5000);
    g_assert_true (kromo_renderer_take_over (renderer, old, TRUE));
    render (renderer, changed, FRAMES);
    check_equal (straight, changed, 5120 + FADE, FRAMES);
    for (gsize k = 5120 + FADE; k < FRAMES; k++)
      loudest = fmaxf (loudest, fabsf (straight[0][k]));
    g_assert_cmpfloat (loudest, >, 1e-3f); /* there is something to compare */
  }
}

static void
test_convolver (void)
{
  check_as_if_always (DOCUMENT ("'c':['convolver','output'],'s':['bufferSource','c']",
                          BUFFER_OF ("'noiseWhite'", "s") "," BUFFER_OF ("1", "c")),
      1.0, 0.25);
}

/* What a delay time in a cycle of its own heard last. */
static void
test_deferred (void)
{
  g_autoptr (KromoGenome) genome = load_quoted (
      DOCUMENT ("'s':['bufferSource','d'],"
                "'d':['delay',['output',{'key':'d','destination':'delayTime'}],{'delayTime':0.02}]",
          BUFFER_OF ("1", "s")));

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    check_same (genome, &formats[i], 3000);
}

/* Whether silence is shaped to silence depends on the curve: here the cosine between the two in the
 * middle, less 1. */
static void
test_wave_shaper (void)
{
  check_as_if_always (DOCUMENT ("'w':['waveShaper','output']",
                          DRIVE ("2", "5000", "w", "'paramName':'curve','range':[-1,0]")),
      0.0, 1.0);
}

/* The phase goes on at another frequency. */
static void
test_oscillator (void)
{
  static Samples before, after;
  g_autoptr (KromoGenome) genome =
      load_quoted (DOCUMENT ("'o':['oscillator','output',{'type':'sine','frequency':300}]", ""));
  KromoRenderer *old = make_renderer (genome, &formats[0], 0.0, 1.0), *alone;
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &formats[0], 12.0, 1.0);

  render (old, before, 5120);
  alone = kromo_renderer_copy (old);
  render (alone, before, FRAMES);
  kromo_renderer_free (alone);
  g_assert_true (kromo_renderer_take_over (renderer, old, TRUE));
  kromo_renderer_end_fade (renderer);
  render (renderer, after, FRAMES);
  g_assert_cmpfloat_with_epsilon (before[0][5120], after[0][5120], 1e-6f);
  g_assert_cmpfloat_with_epsilon (before[0][5124], after[0][5122], 1e-3f); /* twice as fast */
}

/* ---- limits ---- */

/* The gain goes on from what was, never rises, and positions are those of what has left. */
static void
test_limiter (void)
{
  static Samples samples;
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &limited, 5.0, 1.0);
  KromoRenderer *old = make_renderer (genome, &limited, 0.0, 1.0);
  gint interrupt = TRUE;

  render (old, samples, 3000);
  old->output->limiter.peak = 4.0; /* as if it had been loud */
  kromo_renderer_take_over (renderer, old, TRUE);
  g_assert_cmpuint (kromo_renderer_get_position (renderer), ==, 3000);
  g_assert_cmpfloat (renderer->output->limiter.peak, ==, 4.0);
  kromo_renderer_set_interrupt (renderer, &interrupt);
  g_assert_cmpuint (
      kromo_renderer_render (renderer, (float *[]){ samples[0], samples[1] }, FRAMES), <, 200);
  g_assert_true (kromo_renderer_is_fading (renderer));
  g_atomic_int_set (&interrupt, FALSE);
  render (renderer, samples, FRAMES);
  g_assert_false (kromo_renderer_is_fading (renderer));
  for (gsize i = 4000; i < FRAMES; i++)
    g_assert_cmpfloat (fabsf (samples[0][i]), <=, 1.0f);
}

/* What has not begun, or has all been rendered, is not faded. */
static void
test_ends (void)
{
  static Samples straight, changed;
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) a = make_renderer (genome, &limited, 0.0, 1.0);
  g_autoptr (KromoRenderer) b = make_renderer (genome, &limited, 0.0, 1.0);

  render (a, straight, FRAMES);
  kromo_renderer_reset (a);
  g_assert_true (kromo_renderer_take_over (a, make_renderer (genome, &limited, 3.0, 1.0), TRUE));
  g_assert_false (kromo_renderer_is_fading (a));
  g_assert_true (a->straight);
  render (a, changed, FRAMES);
  check_equal (straight, changed, 0, FRAMES);

  kromo_renderer_take_over (b, g_steal_pointer (&a), FALSE);
  g_assert_false (kromo_renderer_is_fading (b));
  g_assert_cmpuint (kromo_renderer_get_position (b), ==, FRAMES);
  g_assert_cmpuint (kromo_renderer_render (b, (float *[]){ changed[0], changed[1] }, 1), ==, 0);
  g_assert_true (kromo_renderer_seek (b, 100, NULL, NULL, NULL));
  render (b, changed, FRAMES);
  check_equal (straight, changed, 100, FRAMES);
}

/* Neither fading nor seeking allocates, nor keeping checkpoints on the way. */
static void
test_allocations (void)
{
  static Samples samples;
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &limited, 7.0, 1.0);
  KromoRenderer *old = make_renderer (genome, &limited, 0.0, 1.0);
  gint before;

  if (!test_counts_allocations ()) {
    kromo_renderer_free (old);
    g_test_skip ("a sanitizer has taken the place of malloc");
    return;
  }
  kromo_renderer_keep_checkpoints (renderer, 8 << 20);
  render (old, samples, 3000);
  before = test_get_n_allocations ();
  kromo_renderer_take_over (renderer, old, TRUE);
  render (renderer, samples, FRAMES);
  g_assert_true (kromo_renderer_seek (renderer, 8000, NULL, NULL, NULL));
  g_assert_true (kromo_renderer_seek (renderer, 4000, NULL, NULL, NULL));
  render (renderer, samples, FRAMES);
  g_assert_cmpint (test_get_n_allocations (), ==, before);
}

/* A seek does not go on from where a change led, nor does that of a copy, also in the fade. */
static void
test_seek_forward (void)
{
  static Samples straight, before;
  g_autoptr (KromoGenome) genome = load_quoted (DOCUMENT (
      "'s':['bufferSource','d'],'d':['delay','output',{'delayTime':0.3}]", BUFFER_OF ("1", "s")));
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &formats[0], 7.0, 1.0);
  g_autoptr (KromoRenderer) copy = NULL;
  KromoRenderer *old = make_renderer (genome, &formats[0], 0.0, 1.0);

  render (renderer, straight, FRAMES);
  kromo_renderer_reset (renderer);
  render (old, before, 3000);
  kromo_renderer_take_over (renderer, old, FALSE);
  copy = kromo_renderer_copy (renderer);
  check_seek (renderer, straight, 3200);
  check_seek (copy, straight, 3000);
}

/* A change shortly before the end: both end there. */
static void
test_late (void)
{
  static Samples samples;
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &formats[0], 3.0, 1.0);
  KromoRenderer *old = make_renderer (genome, &formats[0], 0.0, 1.0);

  render (old, samples, FRAMES - 130);
  kromo_renderer_take_over (renderer, old, FALSE);
  g_assert_true (kromo_renderer_is_fading (renderer));
  render (renderer, samples, FRAMES);
  g_assert_false (kromo_renderer_is_fading (renderer));
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;

  g_test_init (&argc, &argv, NULL);
  folder = test_parity_folder ();
  g_test_add_func ("/take-over/stateless", test_stateless);
  g_test_add_func ("/take-over/noise", test_noise);
  g_test_add_func ("/take-over/convolver", test_convolver);
  g_test_add_func ("/take-over/deferred", test_deferred);
  g_test_add_func ("/take-over/wave-shaper", test_wave_shaper);
  g_test_add_func ("/take-over/oscillator", test_oscillator);
  g_test_add_func ("/take-over/limiter", test_limiter);
  g_test_add_func ("/take-over/ends", test_ends);
  g_test_add_func ("/take-over/allocations", test_allocations);
  g_test_add_func ("/take-over/seek-forward", test_seek_forward);
  g_test_add_func ("/take-over/late", test_late);
  g_test_add_func ("/take-over/wild", test_wild);
  test_add_for_genomes (folder, "/take-over/genomes", test_genome);
  return g_test_run ();
}
