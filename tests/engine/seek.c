/* Seeking: what comes next is what comes there when everything is rendered from frame 0 on, to the bit,
 * wherever it is come from and whatever checkpoints there are.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "render/renderer-private.h"
#include "samples.h"

#include <math.h>
#include <string.h>

#define RATE 16000
#define FRAMES 9600 /* 0.6 s, 75 quanta */
#define CHANNELS 2
#define WILD_SEEDS 30

typedef struct {
  KromoRendering rendering;
  KromoNormalize normalize;
  gboolean oversample;
} Setting;

static const Setting settings[] = {
  { KROMO_RENDERING_REFERENCE, KROMO_NORMALIZE_NONE, FALSE },
  { KROMO_RENDERING_REFERENCE, KROMO_NORMALIZE_LIMIT, TRUE },
  { KROMO_RENDERING_REFERENCE, KROMO_NORMALIZE_PEAK, FALSE },
  { KROMO_RENDERING_STANDARD, KROMO_NORMALIZE_NONE, TRUE },
  { KROMO_RENDERING_STANDARD, KROMO_NORMALIZE_LIMIT, FALSE },
  { KROMO_RENDERING_STANDARD, KROMO_NORMALIZE_PEAK, TRUE },
};

/* The whole sound, rendered straight, and a renderer to seek with. */
typedef struct {
  KromoRenderer *renderer;
  GRand *rand;
  float straight[CHANNELS][FRAMES];
} Sought;

static KromoRenderer *
make_renderer (KromoGenome *genome, const Setting *setting, guint64 duration)
{
  const KromoFormat format = { .rate = RATE,
    .channels = CHANNELS,
    .normalize = setting->normalize,
    .rendering = setting->rendering,
    .edge_fade = 20000000 };
  g_autoptr (GError) error = NULL;
  KromoNote note = KROMO_NOTE_INIT;
  KromoRenderer *renderer;

  note.duration = duration;
  note.oversample = setting->oversample;
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  g_assert_no_error (error);
  return renderer;
}

static Sought *
sought_new (KromoGenome *genome, const Setting *setting)
{
  Sought *sought = g_new0 (Sought, 1);
  float *channels[CHANNELS] = { sought->straight[0], sought->straight[1] };
  g_autoptr (KromoRenderer) straight = make_renderer (genome, setting, 600000000);

  g_assert_cmpuint (kromo_renderer_render (straight, channels, FRAMES), ==, FRAMES);
  sought->renderer = make_renderer (genome, setting, 600000000);
  sought->rand = g_rand_new_with_seed (1);
  return sought;
}

static void
sought_free (Sought *sought)
{
  kromo_renderer_free (sought->renderer);
  g_rand_free (sought->rand);
  g_free (sought);
}

/* Intervals of one quantum at least, so that many checkpoints meet in a short sound. */
static void
keep (KromoRenderer *renderer, guint64 bytes)
{
  const gsize size = kromo_renderer_get_state_size (renderer);

  kromo_renderer_keep_checkpoints (renderer, bytes);
  g_assert_true ((renderer->checkpoints != NULL) == (bytes >= size));
  if (renderer->checkpoints == NULL)
    return;
  kromo_checkpoints_free (renderer->checkpoints);
  renderer->checkpoints = kromo_checkpoints_new (size, bytes, FRAMES / KROMO_QUANTUM, 1);
}

static void
check_chunk (Sought *sought, guint64 frame, gsize n)
{
  float samples[CHANNELS][FRAMES];
  float *channels[CHANNELS] = { samples[0], samples[1] };

  n = (gsize) MIN (n, FRAMES - frame);
  g_assert_cmpuint (kromo_renderer_get_position (sought->renderer), ==, frame);
  g_assert_cmpuint (kromo_renderer_render (sought->renderer, channels, n), ==, n);
  for (guint c = 0; c < CHANNELS; c++)
    g_assert_cmpmem (
        samples[c], n * sizeof (float), sought->straight[c] + frame, n * sizeof (float));
}

static void
check_seek (Sought *sought, guint64 frame, gsize n)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (kromo_renderer_seek (sought->renderer, frame, NULL, NULL, &error));
  g_assert_no_error (error);
  check_chunk (sought, frame, n);
}

static gsize
draw_chunk (GRand *rand)
{
  return (gsize) g_rand_int_range (rand, 1, g_rand_boolean (rand) ? 900 : 200);
}

static void
check_seeks (Sought *sought)
{
  const gsize chunk = draw_chunk (sought->rand);

  for (guint i = 0; i < 6; i++)
    check_seek (
        sought, (guint64) g_rand_int_range (sought->rand, 0, FRAMES), draw_chunk (sought->rand));
  for (guint64 end = FRAMES; end > 0; end -= MIN (end, chunk))
    check_seek (sought, end - MIN (end, chunk), (gsize) MIN (end, chunk));
  kromo_renderer_reset (sought->renderer);
  check_chunk (sought, 0, draw_chunk (sought->rand));
  check_seek (sought, FRAMES, 0);
  check_seek (sought, FRAMES + 1000 > FRAMES ? FRAMES : 0, 10);
  check_seek (sought, 0, FRAMES);
}

static void
check_genome (KromoGenome *genome, const Setting *setting)
{
  Sought *sought = sought_new (genome, setting);
  const guint64 size = kromo_renderer_get_state_size (sought->renderer);
  const guint64 bounds[] = { 0, size - 1, size, 9 * size, 8 << 20 };

  for (guint i = 0; i < G_N_ELEMENTS (bounds); i++) {
    if (i == 3 && bounds[i] > 64 << 20)
      continue;
    kromo_renderer_reset (sought->renderer);
    keep (sought->renderer, bounds[i]);
    check_seeks (sought);
  }
  sought_free (sought);
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

static void
test_wild (void)
{
  for (guint seed = 1; seed <= WILD_SEEDS; seed++) {
    g_autoptr (KromoGenome) genome = kromo_genome_new_random (seed, KROMO_RANDOM_WILD);

    g_test_message ("seed %u", seed);
    check_genome (genome, &settings[seed % G_N_ELEMENTS (settings)]);
  }
}

/* ---- interruption ---- */

static void
interrupt_now (double done, gpointer user_data)
{
  g_assert_true (done > 0.0 && done <= 1.0);
  g_atomic_int_set ((gint *) user_data, TRUE);
}

static void
test_interrupt (void)
{
  const Setting setting = { KROMO_RENDERING_REFERENCE, KROMO_NORMALIZE_LIMIT, FALSE };
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  Sought *sought = sought_new (genome, &setting);
  gint interrupt = TRUE;

  keep (sought->renderer, 8 << 20);
  for (guint i = 0; i < 10; i++) {
    const guint64 frame = (guint64) g_rand_int_range (sought->rand, 2000, FRAMES);
    g_autoptr (GError) error = NULL;

    check_seek (sought, 100 * i, 10 * i);
    keep (sought->renderer, 8 << 20); /* else it would be there at once */
    kromo_renderer_set_interrupt (sought->renderer, &interrupt);
    g_assert_false (kromo_renderer_seek (sought->renderer, frame, NULL, NULL, &error));
    g_assert_error (error, KROMO_ERROR, KROMO_ERROR_CANCELLED);
    g_assert_cmpuint (kromo_renderer_get_position (sought->renderer), <, frame);
    kromo_renderer_set_interrupt (sought->renderer, NULL);
    if (i % 2)
      check_seek (sought, frame, 500);
    else
      check_chunk (sought, kromo_renderer_get_position (sought->renderer), 500);
  }
  sought_free (sought);
}

/* On a long way that is interrupted on the way, and goes on. */
static void
test_interrupt_midway (void)
{
  const Setting setting = { KROMO_RENDERING_REFERENCE, KROMO_NORMALIZE_NONE, FALSE };
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) a = make_renderer (genome, &setting, 20000000000);
  g_autoptr (KromoRenderer) b = make_renderer (genome, &setting, 20000000000);
  g_autoptr (GError) error = NULL;
  float x[2][500], y[2][500];
  float *xs[] = { x[0], x[1] }, *ys[] = { y[0], y[1] };
  gint interrupt = FALSE;
  guint64 position = 0, before;
  guint n_calls = 0;

  kromo_renderer_keep_checkpoints (a, 8 << 20);
  kromo_renderer_set_interrupt (a, &interrupt);
  while (!kromo_renderer_seek (a, 200000, interrupt_now, &interrupt, &error)) {
    before = position;
    position = kromo_renderer_get_position (a);
    g_assert_error (error, KROMO_ERROR, KROMO_ERROR_CANCELLED);
    g_assert_cmpuint (position, >, before); /* it goes on, not anew */
    g_clear_error (&error);
    g_atomic_int_set (&interrupt, FALSE);
    n_calls++;
  }
  g_assert_cmpuint (n_calls, >=, 2);
  g_assert_true (kromo_renderer_seek (b, 200000, NULL, NULL, NULL));
  g_assert_cmpuint (kromo_renderer_render (a, xs, 500), ==, 500);
  g_assert_cmpuint (kromo_renderer_render (b, ys, 500), ==, 500);
  g_assert_cmpmem (x, sizeof x, y, sizeof y);
}

static void
count_calls (double done, gpointer user_data)
{
  g_assert_true (done > 0.0 && done <= 1.0);
  ++*(guint *) user_data;
}

/* Progress is told on long ways, from where the way begins. */
static void
test_progress (void)
{
  const Setting setting = { KROMO_RENDERING_REFERENCE, KROMO_NORMALIZE_LIMIT, FALSE };
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &setting, 20000000000);
  guint n = 0;

  kromo_renderer_keep_checkpoints (renderer, 8 << 20);
  g_assert_true (kromo_renderer_seek (renderer, 4 * RATE, count_calls, &n, NULL));
  g_assert_cmpuint (n, ==, 0);
  g_assert_true (kromo_renderer_seek (renderer, 20 * RATE, count_calls, &n, NULL));
  g_assert_cmpuint (n, >=, 16 * RATE / KROMO_QUANTUM / 256);
  n = 0;
  g_assert_true (kromo_renderer_seek (renderer, 19 * RATE, count_calls, &n, NULL));
  g_assert_cmpuint (n, ==, 0); /* it was there already */
}

/* What a scan of the whole sound passes is kept as well. */
static void
test_scan_leaves_checkpoints (void)
{
  const Setting setting = { KROMO_RENDERING_STANDARD, KROMO_NORMALIZE_PEAK, FALSE };
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &setting, 5000000000);
  g_autoptr (KromoRenderer) other = make_renderer (genome, &setting, 5000000000);
  float x[2][500], y[2][500];
  const guint8 *state;
  const KromoOutput *output;
  guint64 found;

  kromo_renderer_keep_checkpoints (renderer, 8 << 20);
  g_assert_true (kromo_renderer_prepare (renderer, NULL, NULL, NULL));
  g_assert_cmpuint (kromo_renderer_get_position (renderer), ==, 0);
  state = kromo_checkpoints_find (renderer->checkpoints, 600, &found);
  g_assert_nonnull (state);
  output = (gconstpointer) (state + renderer->sound->output);
  g_assert_cmpuint (output->position, ==, found * KROMO_QUANTUM);
  g_assert_cmpuint (found, >, 300);
  g_assert_true (kromo_renderer_seek (renderer, 77777, NULL, NULL, NULL));
  g_assert_true (kromo_renderer_seek (other, 77777, NULL, NULL, NULL));
  g_assert_cmpuint (kromo_renderer_render (renderer, (float *[]){ x[0], x[1] }, 500), ==, 500);
  g_assert_cmpuint (kromo_renderer_render (other, (float *[]){ y[0], y[1] }, 500), ==, 500);
  g_assert_cmpmem (x, sizeof x, y, sizeof y);
}

/* Seconds between checkpoints of a minute, where there is room for all. */
static double
get_interval (KromoGenome *genome)
{
  const KromoFormat format = { .rate = 48000, .channels = 1 };
  g_autoptr (KromoRenderer) renderer = NULL;
  KromoNote note = KROMO_NOTE_INIT;

  note.duration = 60000000000;
  renderer = kromo_renderer_new (genome, &note, &format, NULL);
  kromo_renderer_keep_checkpoints (renderer, G_GUINT64_CONSTANT (1) << 30);
  return (double) kromo_checkpoints_get_interval (renderer->checkpoints) * KROMO_QUANTUM / 48000;
}

/* What is quickly rendered again has fewer. */
static void
test_interval (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "parity", "genomes", NULL);
  static const struct {
    const char *name;
    double least, most;
  } cases[] = { { "t36_fm.json.gz", 0.9, 1.1 }, { "ev117_m50_pf.json.gz", 0.2, 0.4 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_build_filename (folder, cases[i].name, NULL);
    g_autoptr (KromoGenome) genome = kromo_genome_load (path, NULL, NULL);
    const double interval = get_interval (genome);

    g_test_message ("%s: %g s", cases[i].name, interval);
    g_assert_cmpfloat (interval, >=, cases[i].least);
    g_assert_cmpfloat (interval, <=, cases[i].most);
  }
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;

  g_test_init (&argc, &argv, NULL);
  folder = test_parity_folder ();
  g_test_add_func ("/seek/interrupt", test_interrupt);
  g_test_add_func ("/seek/interrupt-midway", test_interrupt_midway);
  g_test_add_func ("/seek/progress", test_progress);
  g_test_add_func ("/seek/interval", test_interval);
  g_test_add_func ("/seek/scan", test_scan_leaves_checkpoints);
  g_test_add_func ("/seek/wild", test_wild);
  test_add_for_genomes (folder, "/seek/genomes", test_genome);
  return g_test_run ();
}
