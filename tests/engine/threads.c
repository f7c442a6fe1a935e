/* Threads: whatever they evaluate ahead, the samples are the same bits as without them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "math/fpmode.h"
#include "render/renderer-private.h"
#include "samples.h"

#include <fenv.h>
#include <string.h>

#define RATE 16000
#define FRAMES 9600 /* 0.6 s, 75 quanta */
#define CHANNELS 2
#define WILD_SEEDS 60
#define PATIENCE (10 * G_USEC_PER_SEC)

typedef struct {
  KromoRendering rendering;
  KromoNormalize normalize;
  gboolean oversample, reverse;
} Setting;

static const Setting settings[] = {
  { KROMO_RENDERING_REFERENCE, KROMO_NORMALIZE_NONE, FALSE, FALSE },
  { KROMO_RENDERING_REFERENCE, KROMO_NORMALIZE_LIMIT, TRUE, FALSE },
  { KROMO_RENDERING_STANDARD, KROMO_NORMALIZE_PEAK, FALSE, TRUE },
  { KROMO_RENDERING_STANDARD, KROMO_NORMALIZE_LIMIT, TRUE, TRUE },
};

static const guint thread_counts[] = { 2, 3, 8 };

static KromoThreads *pools[G_N_ELEMENTS (thread_counts)];

typedef float Samples[CHANNELS][FRAMES];

static KromoRenderer *
try_renderer (KromoGenome *genome, const Setting *setting, double note_delta, GError **error)
{
  const KromoFormat format = { .rate = RATE,
    .channels = CHANNELS,
    .normalize = setting->normalize,
    .rendering = setting->rendering,
    .edge_fade = 20000000 };
  KromoNote note = KROMO_NOTE_INIT;

  note.duration = 600000000;
  note.note_delta = note_delta;
  note.oversample = setting->oversample;
  note.reverse = setting->reverse;
  return kromo_renderer_new (genome, &note, &format, error);
}

static KromoRenderer *
make_renderer (KromoGenome *genome, const Setting *setting, double note_delta)
{
  g_autoptr (GError) error = NULL;
  KromoRenderer *renderer = try_renderer (genome, setting, note_delta, &error);

  g_assert_no_error (error);
  return renderer;
}

/* Also where it is not worth while. */
static void
use_threads (KromoRenderer *renderer, KromoThreads *threads)
{
  kromo_renderer_set_threads (renderer, threads);
  if (threads != NULL && renderer->ahead == NULL)
    renderer->ahead = kromo_ahead_new (
        renderer->sound->bank, threads, (FRAMES + KROMO_QUANTUM - 1) / KROMO_QUANTUM, 64 << 20);
}

static void
render_at (KromoRenderer *renderer, Samples samples, guint64 frame, gsize n)
{
  float *channels[CHANNELS];

  for (guint c = 0; c < CHANNELS; c++)
    channels[c] = samples[c] + frame;
  g_assert_cmpuint (kromo_renderer_get_position (renderer), ==, frame);
  g_assert_cmpuint (kromo_renderer_render (renderer, channels, n), ==, n);
}

/* Frames from where @renderer is, as many as @n, are those of @straight. */
static void
check_next (KromoRenderer *renderer, Samples straight, gsize n)
{
  const guint64 frame = kromo_renderer_get_position (renderer);
  Samples samples;

  n = (gsize) MIN (n, FRAMES - frame);
  render_at (renderer, samples, frame, n);
  for (guint c = 0; c < CHANNELS; c++)
    g_assert_cmpmem (
        samples[c] + frame, n * sizeof (float), straight[c] + frame, n * sizeof (float));
}

static void
check_rest (KromoRenderer *renderer, Samples straight, GRand *rand)
{
  while (kromo_renderer_get_position (renderer) < FRAMES)
    check_next (
        renderer, straight, (gsize) g_rand_int_range (rand, 1, g_rand_boolean (rand) ? 2000 : 200));
}

static void
check_copy (const KromoRenderer *renderer, Samples straight, KromoThreads *threads, GRand *rand)
{
  g_autoptr (KromoRenderer) copy = kromo_renderer_copy (renderer);

  g_assert_null (copy->ahead);
  if (g_rand_boolean (rand))
    use_threads (copy, threads);
  check_next (copy, straight, 1000);
}

static void
check_seeks (KromoRenderer *renderer, Samples straight, KromoThreads *threads, GRand *rand)
{
  kromo_renderer_keep_checkpoints (renderer, 1 << 20);
  for (guint i = 0; i < 8; i++) {
    const guint64 frame = (guint64) g_rand_int_range (rand, 0, FRAMES);

    g_assert_true (kromo_renderer_seek (renderer, frame, NULL, NULL, NULL));
    check_next (renderer, straight, (gsize) g_rand_int_range (rand, 1, 1500));
    if (i % 4 == 1)
      check_copy (renderer, straight, threads, rand);
    if (i % 4 == 2)
      use_threads (renderer, NULL);
    if (i % 4 == 3)
      use_threads (renderer, threads);
  }
}

static void
check_genome (KromoGenome *genome, const Setting *setting)
{
  g_autoptr (KromoRenderer) alone = make_renderer (genome, setting, 0.0);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  Samples straight;

  render_at (alone, straight, 0, FRAMES);
  for (guint i = 0; i < G_N_ELEMENTS (pools); i++) {
    g_autoptr (KromoRenderer) renderer = make_renderer (genome, setting, 0.0);

    use_threads (renderer, pools[i]);
    check_rest (renderer, straight, rand);
    kromo_renderer_reset (renderer);
    check_rest (renderer, straight, rand);
    check_seeks (renderer, straight, pools[i], rand);
  }
}

static void
test_genome (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome = kromo_genome_load (data, NULL, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    check_genome (genome, &settings[i]);
}

/* The reference refuses some of them. */
static void
test_wild (void)
{
  guint n_rendered = 0;

  for (guint seed = 1; seed <= WILD_SEEDS; seed++) {
    const Setting *setting = &settings[seed % G_N_ELEMENTS (settings)];
    g_autoptr (KromoGenome) genome = kromo_genome_new_random (seed, KROMO_RANDOM_WILD);
    g_autoptr (KromoRenderer) trial = try_renderer (genome, setting, 0.0, NULL);

    if (trial == NULL)
      continue;
    g_test_message ("seed %u", seed);
    check_genome (genome, setting);
    n_rendered++;
  }
  g_assert_cmpuint (n_rendered, >=, WILD_SEEDS * 9 / 10);
}

/* ---- taking over ---- */

static void
render_changes (KromoGenome *genome, const Setting *setting, KromoThreads *threads, Samples samples)
{
  KromoRenderer *renderer = make_renderer (genome, setting, 0.0);
  guint64 frame = 0;

  use_threads (renderer, threads);
  for (guint change = 1; change <= 3; change++) {
    KromoRenderer *next = make_renderer (genome, setting, change);

    render_at (renderer, samples, frame, 2345);
    frame += 2345;
    use_threads (next, change % 2 ? threads : NULL);
    g_assert_true (kromo_renderer_prepare (next, NULL, NULL, NULL));
    kromo_renderer_take_over (next, renderer, change != 2);
    renderer = next;
    if (change == 2)
      use_threads (renderer, threads); /* while both sound */
  }
  render_at (renderer, samples, frame, FRAMES - frame);
  kromo_renderer_free (renderer);
}

static void
test_take_over (void)
{
  for (guint seed = 1; seed <= 20; seed++) {
    const Setting *setting = &settings[seed % G_N_ELEMENTS (settings)];
    g_autoptr (KromoGenome) genome = kromo_genome_new_random (seed, KROMO_RANDOM_MUSICAL);
    Samples alone, together;

    g_test_message ("seed %u", seed);
    render_changes (genome, setting, NULL, alone);
    for (guint i = 0; i < G_N_ELEMENTS (pools); i++) {
      render_changes (genome, setting, pools[i], together);
      g_assert_cmpmem (alone, sizeof alone, together, sizeof together);
    }
  }
}

/* ---- what is behind it ---- */

static void
wait_until_idle (const KromoAhead *ahead)
{
  const gint64 end = g_get_monotonic_time () + PATIENCE;

  while (!kromo_ahead_is_idle (ahead) && g_get_monotonic_time () < end)
    g_usleep (100);
  g_assert_true (kromo_ahead_is_idle (ahead));
}

/* The threads do work ahead, no further than the ring is long, and what they have done is used; but for what the
 * renderer had begun itself. */
static void
test_ahead (void)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) alone = make_renderer (genome, &settings[0], 0.0);
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &settings[0], 0.0);
  Samples straight;

  render_at (alone, straight, 0, FRAMES);
  use_threads (renderer, pools[0]);
  g_assert_true (kromo_ahead_is_idle (renderer->ahead));
  for (guint i = 0; i < 4; i++) {
    check_next (renderer, straight, KROMO_QUANTUM);
    wait_until_idle (renderer->ahead);
    check_next (renderer, straight, 7 * KROMO_QUANTUM);
    g_assert_cmpuint (kromo_ahead_count_lent (renderer->ahead), >=, 7 * i);
  }
  kromo_renderer_seek (renderer, 8000, NULL, NULL, NULL); /* what is ready may be of no use */
  check_next (renderer, straight, FRAMES);
}

/* Threads that have other things to do are not waited for. */
static void
occupy (gpointer data)
{
  while (!g_atomic_int_get ((gint *) data))
    g_usleep (100);
}

static void
test_occupied (void)
{
  g_autoptr (KromoThreads) threads = kromo_threads_new (2, NULL);
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) alone = make_renderer (genome, &settings[0], 0.0);
  KromoRenderer *renderer = make_renderer (genome, &settings[0], 0.0);
  gint go_on = FALSE;
  KromoTask task = { .run = occupy, .data = &go_on };
  Samples straight;

  render_at (alone, straight, 0, FRAMES);
  g_assert_cmpuint (kromo_threads_get_n (threads), ==, 2);
  kromo_threads_push (threads, &task);
  use_threads (renderer, threads);
  check_next (renderer, straight, FRAMES);
  g_assert_cmpuint (kromo_ahead_count_lent (renderer->ahead), ==, 0);
  kromo_renderer_free (renderer); /* its task has not begun */
  g_atomic_int_set (&go_on, TRUE);
}

/* Renderers end whenever they like. */
static void
test_short_lives (void)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) alone = make_renderer (genome, &settings[1], 0.0);
  Samples straight;

  render_at (alone, straight, 0, FRAMES);
  for (guint i = 0; i < 200; i++) {
    g_autoptr (KromoThreads) threads = i % 10 == 0 ? kromo_threads_new (3, NULL) : NULL;
    g_autoptr (KromoRenderer) renderer = make_renderer (genome, &settings[1], 0.0);

    use_threads (renderer, threads != NULL ? threads : pools[i % G_N_ELEMENTS (pools)]);
    check_next (renderer, straight, 50 * (i % 20));
  }
}

static void
test_interrupt (void)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) alone = make_renderer (genome, &settings[0], 0.0);
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &settings[0], 0.0);
  gint interrupt = FALSE;
  Samples straight;

  render_at (alone, straight, 0, FRAMES);
  use_threads (renderer, pools[1]);
  kromo_renderer_set_interrupt (renderer, &interrupt);
  for (guint i = 0; i < 10; i++) {
    float nowhere[CHANNELS][KROMO_QUANTUM];

    check_next (renderer, straight, 5 * KROMO_QUANTUM);
    g_atomic_int_set (&interrupt, TRUE);
    g_assert_cmpuint (
        kromo_renderer_render (renderer, (float *[]){ nowhere[0], nowhere[1] }, KROMO_QUANTUM), ==,
        0);
    g_atomic_int_set (&interrupt, FALSE);
  }
  check_next (renderer, straight, FRAMES);
}

/* Threads made in an odd floating-point environment, for a renderer in another one. */
static void
test_environment (void)
{
  KromoThreads *threads;
  fenv_t usual;

  fegetenv (&usual);
  fesetround (FE_UPWARD);
  kromo_fp_set_mode (KROMO_FP_FLUSHING);
  threads = kromo_threads_new (3, NULL);
  fesetenv (&usual);
  for (guint seed = 1; seed <= 10; seed++) {
    g_autoptr (KromoGenome) genome = kromo_genome_new_random (seed, KROMO_RANDOM_WILD);
    g_autoptr (KromoRenderer) alone = make_renderer (genome, &settings[0], -100.0);
    g_autoptr (KromoRenderer) renderer = make_renderer (genome, &settings[0], -100.0);
    const KromoFpMode flushing = KROMO_FP_FLUSHING;
    Samples straight;

    render_at (alone, straight, 0, FRAMES);
    use_threads (renderer, threads);
    kromo_fp_set_mode (flushing);
    check_next (renderer, straight, FRAMES);
    g_assert_cmpuint (kromo_fp_get_mode () & flushing, ==, flushing);
    fesetenv (&usual);
  }
  kromo_threads_free (threads);
}

/* Memory is counted and bounded; where there is none, and where it is not worth while, there are no threads. */
static void
test_memory (void)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &settings[0], 0.0);
  const gsize before = kromo_renderer_get_memory (renderer);
  KromoFormat format = renderer->sound->format;
  const KromoNote note = KROMO_NOTE_INIT;
  g_autoptr (KromoRenderer) bound = NULL;
  gsize ahead;

  kromo_renderer_set_threads (renderer, pools[0]);
  g_assert_nonnull (renderer->ahead);
  ahead = kromo_renderer_get_memory (renderer) - before;
  g_assert_cmpuint (ahead, >, 10000);
  g_assert_cmpuint (ahead, <, 2 << 20);
  kromo_renderer_set_threads (renderer, NULL);
  g_assert_cmpuint (kromo_renderer_get_memory (renderer), ==, before);

  bound = kromo_renderer_new (genome, &note, &format, NULL);
  format.max_memory = kromo_renderer_get_memory (bound) + 5000;
  kromo_renderer_free (bound);
  bound = kromo_renderer_new (genome, &note, &format, NULL);
  kromo_renderer_set_threads (bound, pools[0]);
  g_assert_null (bound->ahead);
}

static void
test_light (void)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "parity", "genomes", "t36_fm.json.gz", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome = kromo_genome_load (path, NULL, &error);
  g_autoptr (KromoRenderer) renderer = NULL;

  g_assert_no_error (error);
  renderer = make_renderer (genome, &settings[0], 0.0);
  kromo_renderer_set_threads (renderer, pools[0]);
  g_assert_null (renderer->ahead);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = test_parity_folder ();
  for (guint i = 0; i < G_N_ELEMENTS (pools); i++)
    pools[i] = kromo_threads_new (thread_counts[i], NULL);
  g_test_add_func ("/threads/ahead", test_ahead);
  g_test_add_func ("/threads/occupied", test_occupied);
  g_test_add_func ("/threads/short-lives", test_short_lives);
  g_test_add_func ("/threads/interrupt", test_interrupt);
  g_test_add_func ("/threads/environment", test_environment);
  g_test_add_func ("/threads/memory", test_memory);
  g_test_add_func ("/threads/light", test_light);
  g_test_add_func ("/threads/take-over", test_take_over);
  g_test_add_func ("/threads/wild", test_wild);
  test_add_for_genomes (folder, "/threads/genomes", test_genome);
  result = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (pools); i++)
    kromo_threads_free (pools[i]);
  return result;
}
