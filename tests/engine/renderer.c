/* Renderers: the same bits in any chunks, after a reset, from a copy; lengths, settings, interruption;
 * nothing allocated while rendering. Over the genomes of the parity data.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "allocations.h"
#include "kromo.h"
#include "samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES 9600 /* 0.2 s */
#define CHANNELS 2
#define SCHEDULES 4

static const KromoFormat format = { 48000, CHANNELS, KROMO_NORMALIZE_LIMIT,
  KROMO_RENDERING_REFERENCE };

static KromoRenderer *
make_renderer (KromoGenome *genome, const KromoFormat *f, guint64 duration)
{
  g_autoptr (GError) error = NULL;
  KromoNote note = KROMO_NOTE_INIT;
  KromoRenderer *renderer;

  note.duration = duration;
  renderer = kromo_renderer_new (genome, &note, f, &error);
  g_assert_no_error (error);
  g_assert_nonnull (renderer);
  return renderer;
}

static gsize
render (KromoRenderer *renderer, float *planes, gsize stride, gsize offset, gsize n)
{
  float *channels[KROMO_MAX_CHANNELS];

  for (guint c = 0; c < KROMO_MAX_CHANNELS; c++)
    channels[c] = planes + c * stride + offset;
  return kromo_renderer_render (renderer, channels, n);
}

/* Renders all that is left, in chunks of 1 to 1000 frames. */
static void
render_in_chunks (KromoRenderer *renderer, GRand *rand, float *planes, gsize offset)
{
  while (offset < FRAMES) {
    const gsize n = (gsize) g_rand_int_range (rand, 1, g_rand_boolean (rand) ? 1000 : 20);
    const gsize got = render (renderer, planes, FRAMES, offset, n);

    g_assert_cmpuint (got, ==, MIN (n, FRAMES - offset));
    offset += got;
  }
  g_assert_cmpuint (render (renderer, planes, FRAMES, 0, 10), ==, 0);
}

static void
test_chunks (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome = kromo_genome_load (data, NULL, &error);
  g_autoptr (KromoRenderer) renderer = NULL, copy = NULL;
  g_autofree float *whole = g_new0 (float, FRAMES *KROMO_MAX_CHANNELS);
  g_autofree float *parts = g_new0 (float, FRAMES *KROMO_MAX_CHANNELS);
  const gsize bytes = FRAMES * CHANNELS * sizeof (float);
  GRand *rand = g_rand_new_with_seed (1);

  g_assert_no_error (error);
  renderer = make_renderer (genome, &format, 200000000);
  g_assert_cmpuint (kromo_renderer_get_n_frames (renderer), ==, FRAMES);
  g_assert_cmpuint (render (renderer, whole, FRAMES, 0, FRAMES + 100), ==, FRAMES);
  for (guint i = 0; i < SCHEDULES; i++) {
    const gsize half = (gsize) g_rand_int_range (rand, 1, FRAMES);

    kromo_renderer_reset (renderer);
    memset (parts, 0, bytes);
    render_in_chunks (renderer, rand, parts, 0);
    g_assert_cmpmem (whole, bytes, parts, bytes);

    /* a copy goes on where the original is */
    kromo_renderer_reset (renderer);
    g_assert_cmpuint (render (renderer, parts, FRAMES, 0, half), ==, half);
    copy = kromo_renderer_copy (renderer);
    g_assert_cmpuint (kromo_renderer_get_position (copy), ==, half);
    for (guint c = 0; c < CHANNELS; c++)
      memset (parts + c * FRAMES + half, 0, (FRAMES - half) * sizeof (float));
    render_in_chunks (copy, rand, parts, half);
    g_assert_cmpmem (whole, bytes, parts, bytes);
    g_clear_pointer (&copy, kromo_renderer_free);
  }
  g_rand_free (rand);
}

static void
test_allocations (gconstpointer data)
{
  g_autoptr (KromoGenome) genome = kromo_genome_load (data, NULL, NULL);
  g_autoptr (KromoRenderer) renderer = NULL;
  g_autofree float *planes = g_new0 (float, FRAMES *KROMO_MAX_CHANNELS);
  gint before;

  if (!test_counts_allocations ()) {
    g_test_skip ("a sanitizer has taken the place of malloc");
    return;
  }
  renderer = make_renderer (genome, &format, 200000000);
  g_assert_true (kromo_renderer_prepare (renderer, NULL, NULL, NULL));
  before = test_get_n_allocations ();
  g_assert_cmpint (before, >, 0); /* counting works */
  render (renderer, planes, FRAMES, 0, FRAMES);
  g_assert_cmpint (test_get_n_allocations (), ==, before);
}

/* Everywhere the sound is within [-1, 1], and where the raw output is, it is that. */
static void
test_limit (gconstpointer data)
{
  g_autoptr (KromoGenome) genome = kromo_genome_load (data, NULL, NULL);
  KromoFormat raw = format;
  g_autoptr (KromoRenderer) limited = make_renderer (genome, &format, 200000000), plain = NULL;
  g_autofree float *a = g_new0 (float, FRAMES *KROMO_MAX_CHANNELS);
  g_autofree float *b = g_new0 (float, FRAMES *KROMO_MAX_CHANNELS);
  float peak = 0.0f;

  raw.normalize = KROMO_NORMALIZE_NONE;
  plain = make_renderer (genome, &raw, 200000000);
  render (limited, a, FRAMES, 0, FRAMES);
  render (plain, b, FRAMES, 0, FRAMES);
  for (guint i = 0; i < FRAMES * CHANNELS; i++) {
    peak = fmaxf (peak, isfinite (b[i]) ? fabsf (b[i]) : 1e9f);
    g_assert_true (fabsf (a[i]) <= 1.0f);
  }
  if (peak <= 1.0f)
    g_assert_cmpmem (a, FRAMES * CHANNELS * sizeof (float), b, FRAMES * CHANNELS * sizeof (float));
}

static void
test_frame_counts (void)
{
  const guint64 second = G_GUINT64_CONSTANT (1000000000);

  g_assert_cmpuint (kromo_count_frames (48000, second), ==, 48000);
  g_assert_cmpuint (kromo_count_frames (44100, second / 10), ==, 4410);
  g_assert_cmpuint (kromo_count_frames (48000, 10416), ==, 0);
  g_assert_cmpuint (kromo_count_frames (48000, 10417), ==, 1);
  g_assert_cmpuint (kromo_count_frames (48000, 31249), ==, 1);
  g_assert_cmpuint (kromo_count_frames (48000, 31250), ==, 2); /* 1.5 is rounded up */
  g_assert_cmpuint (kromo_count_frames (192000, KROMO_MAX_DURATION), ==, 24ull * 3600 * 192000);
  g_assert_cmpuint (
      kromo_count_frames (44100, 24ull * 3600 * second - 1), ==, 24ull * 3600 * 44100);
}

static void
check_length (KromoGenome *genome, guint rate, guint64 duration, guint64 frames)
{
  const KromoFormat f = { rate, 1, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE };
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &f, duration);
  float planes[KROMO_MAX_CHANNELS * 1000];
  guint64 total = 0;
  gsize n;

  g_assert_cmpuint (kromo_renderer_get_n_frames (renderer), ==, frames);
  while ((n = render (renderer, planes, 1000, 0, 1000)) > 0)
    total += n;
  g_assert_cmpuint (total, ==, frames);
  g_assert_cmpuint (kromo_renderer_get_position (renderer), ==, frames);
}

static void
test_lengths (void)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();

  check_length (genome, 48000, 20834, 1);
  check_length (genome, 48000, 41667, 2);
  check_length (genome, 8000, 16000000, 128);
  check_length (genome, 8000, 16125000, 129);
  check_length (genome, 44100, 100000000, 4410);
  check_length (genome, 192000, 10000000, 1920);
  check_length (genome, 11025, 333333333, 3675);
}

static void
check_settings (const KromoNote *note, const KromoFormat *f, const char *words)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (GError) error = NULL;

  g_assert_null (kromo_renderer_new (genome, note, f, &error));
  g_assert_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_settings (void)
{
  const KromoNote good = KROMO_NOTE_INIT;
  KromoNote note = good;
  KromoFormat f = format;

  note.duration = 30;
  check_settings (&note, &f, "30 ns, less than one sample; times are in nanoseconds");
  note.duration = KROMO_MAX_DURATION + 1;
  check_settings (&note, &f, "24 hours");
  note = good;
  note.note_delta = 129.0;
  check_settings (&note, &f, "-128..128");
  note.note_delta = NAN;
  check_settings (&note, &f, "-128..128");
  note = good;
  note.tuning_ratio = 0.0;
  check_settings (&note, &f, "tuning ratio");
  note = good;
  note.velocity = 1.5;
  check_settings (&note, &f, "velocity");
  note = good;
  note.note_delta = 128.0;
  note.tuning_ratio = 1e6;
  check_settings (&note, &f, "Hz with note delta 128 and tuning ratio 1e+06, above 1e+09 Hz");
  check_settings (&note, &f, "transpose it less");
  f.rate = 7999;
  check_settings (&good, &f, "8000..192000");
  f = format;
  f.channels = 9;
  check_settings (&good, &f, "1 to 8");
}

/* Interrupted renderers give less, and go on as if nothing had happened. */
static void
test_interrupt (void)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, &format, 200000000);
  g_autofree float *whole = g_new0 (float, FRAMES *KROMO_MAX_CHANNELS);
  g_autofree float *parts = g_new0 (float, FRAMES *KROMO_MAX_CHANNELS);
  gint interrupt = FALSE;
  gsize n;

  g_assert_cmpuint (render (renderer, whole, FRAMES, 0, FRAMES), ==, FRAMES);
  kromo_renderer_reset (renderer);
  kromo_renderer_set_interrupt (renderer, &interrupt);
  n = render (renderer, parts, FRAMES, 0, 1000);
  g_assert_cmpuint (n, ==, 1000);
  g_atomic_int_set (&interrupt, TRUE);
  n += render (renderer, parts, FRAMES, n, 5000);
  g_assert_cmpuint (n, <, 1000 + 1024); /* what was rendered ahead, at most */
  g_assert_cmpuint (kromo_renderer_get_position (renderer), ==, n);
  g_atomic_int_set (&interrupt, FALSE);
  g_assert_cmpuint (render (renderer, parts, FRAMES, n, FRAMES), ==, FRAMES - n);
  g_assert_cmpmem (
      whole, FRAMES * CHANNELS * sizeof (float), parts, FRAMES * CHANNELS * sizeof (float));
}

static void
interrupt_at_half (double done, gpointer user_data)
{
  if (done >= 0.5)
    g_atomic_int_set ((gint *) user_data, TRUE);
}

/* A peak scan that is interrupted goes on where it was. */
static void
test_interrupted_scan (void)
{
  const KromoFormat f = { 48000, 1, KROMO_NORMALIZE_PEAK, KROMO_RENDERING_REFERENCE };
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) a = make_renderer (genome, &f, 4000000000);
  g_autoptr (KromoRenderer) b = make_renderer (genome, &f, 4000000000);
  g_autoptr (GError) error = NULL;
  float x[KROMO_MAX_CHANNELS * 1000], y[KROMO_MAX_CHANNELS * 1000];
  gint interrupt = FALSE;

  kromo_renderer_set_interrupt (a, &interrupt);
  g_assert_true (kromo_renderer_needs_preparation (a));
  g_assert_false (kromo_renderer_prepare (a, interrupt_at_half, &interrupt, &error));
  g_assert_error (error, KROMO_ERROR, KROMO_ERROR_CANCELLED);
  g_assert_cmpuint (render (a, x, 1000, 0, 1000), ==, 0);
  g_atomic_int_set (&interrupt, FALSE);
  g_assert_true (kromo_renderer_prepare (a, NULL, NULL, NULL));
  g_assert_false (kromo_renderer_needs_preparation (a));
  g_assert_cmpuint (render (a, x, 1000, 0, 1000), ==, 1000);
  g_assert_cmpuint (render (b, y, 1000, 0, 1000), ==, 1000);
  g_assert_cmpmem (x, 4000, y, 4000);
}

static void
count_reports (double done, gpointer user_data)
{
  ++*(guint *) user_data;
}

static guint
prepare (KromoGenome *genome, const KromoFormat *f, float *samples)
{
  g_autoptr (KromoRenderer) renderer = make_renderer (genome, f, 3000000000);
  guint n_reports = 0;

  g_assert_true (kromo_renderer_prepare (renderer, count_reports, &n_reports, NULL));
  g_assert_cmpuint (render (renderer, samples, 1000, 0, 1000), ==, 1000);
  return n_reports;
}

/* A scan is done once for a genome, note and format, also if the genome is loaded again. */
static void
test_remembered_scan (void)
{
  KromoFormat f = { 44100, 1, KROMO_NORMALIZE_PEAK, KROMO_RENDERING_REFERENCE };
  g_autoptr (KromoGenome) once = kromo_genome_new_default ();
  g_autoptr (KromoGenome) again = kromo_genome_new_default ();
  float x[KROMO_MAX_CHANNELS * 1000], y[KROMO_MAX_CHANNELS * 1000];

  g_assert_cmpuint (prepare (once, &f, x), >, 0);
  g_assert_cmpuint (prepare (again, &f, y), ==, 0);
  g_assert_cmpmem (x, 4000, y, 4000);
  f.rate = 32000;
  g_assert_cmpuint (prepare (once, &f, x), >, 0);
}

/* Memory does not grow with the duration, but for a convolver's response. */
static void
test_memory (void)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (KromoRenderer) shorter = make_renderer (genome, &format, 1000000000);
  g_autoptr (KromoRenderer) longer = make_renderer (genome, &format, KROMO_MAX_DURATION);

  g_assert_cmpuint (kromo_renderer_get_memory (longer), ==, kromo_renderer_get_memory (shorter));
  g_assert_cmpuint (kromo_renderer_get_memory (longer), <, 4 << 20);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;

  g_test_init (&argc, &argv, NULL);
  folder = test_parity_folder ();
  g_test_add_func ("/renderer/frame-counts", test_frame_counts);
  g_test_add_func ("/renderer/lengths", test_lengths);
  g_test_add_func ("/renderer/settings", test_settings);
  g_test_add_func ("/renderer/interrupt", test_interrupt);
  g_test_add_func ("/renderer/interrupted-scan", test_interrupted_scan);
  g_test_add_func ("/renderer/remembered-scan", test_remembered_scan);
  g_test_add_func ("/renderer/memory", test_memory);
  test_add_for_genomes (folder, "/renderer/chunks", test_chunks);
  test_add_for_genomes (folder, "/renderer/allocations", test_allocations);
  test_add_for_genomes (folder, "/renderer/limit", test_limit);
  return g_test_run ();
}
