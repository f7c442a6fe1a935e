/* Levels: what each way to normalize does to the raw sound (2-RENDERING 2.8), fades at the ends, and
 * that default playback clips nowhere. Over the genomes of the parity data.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "kromo.h"
#include "samples.h"

#include <math.h>
#include <string.h>

#define RATE 48000
#define FRAMES 7000
#define FADE 1000      /* frames */
#define LOOK_AHEAD 240 /* frames: 5 ms */
#define PLAYED 192000  /* frames of default playback: 4 s */

static const guint channel_counts[] = { 1, 2, 4, 6 };

static guint n_limited, n_over; /* limited sounds, and those of them that leave [-1, 1] when raw */

static float *
render (KromoGenome *genome, guint channels, KromoNormalize normalize, guint fade, gsize n)
{
  const KromoFormat format = { RATE, channels, normalize, KROMO_RENDERING_REFERENCE,
    (guint64) fade * 1000000000 / RATE, 0 };
  KromoNote note = KROMO_NOTE_INIT;
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoRenderer) renderer = NULL;
  float *planes[KROMO_MAX_CHANNELS], *samples = g_new (float, channels *n);

  note.duration = (guint64) n * 1000000000 / RATE;
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  g_assert_no_error (error);
  for (guint c = 0; c < channels; c++)
    planes[c] = samples + c * n;
  g_assert_cmpuint (kromo_renderer_render (renderer, planes, n), ==, n);
  return samples;
}

static KromoGenome *
load (const char *file)
{
  g_autoptr (GError) error = NULL;
  KromoGenome *genome = kromo_genome_load (file, NULL, &error);

  g_assert_no_error (error);
  return genome;
}

/* The raw sound as the levels see it: what is not a number or infinite has become 0. */
static float *
render_finite (KromoGenome *genome, guint channels, guint fade, gsize n)
{
  float *samples = render (genome, channels, KROMO_NORMALIZE_NONE, fade, n);

  for (gsize i = 0; i < channels * n; i++) {
    if (!isfinite (samples[i]))
      samples[i] = 0.0f;
  }
  return samples;
}

static float
peak_of (const float *samples, gsize n)
{
  float peak = 0.0f;

  for (gsize i = 0; i < n; i++)
    peak = fmaxf (peak, fabsf (samples[i]));
  return peak;
}

/* ---- peak ---- */

/* One affine map for all channels, from the extremes of all of them, which begin at 0. */
static void
check_peak (KromoGenome *genome, guint channels)
{
  const gsize n = (gsize) channels * FRAMES;
  g_autofree float *raw = render_finite (genome, channels, 0, FRAMES);
  g_autofree float *got = render (genome, channels, KROMO_NORMALIZE_PEAK, 0, FRAMES);
  float min = 0.0f, max = 0.0f;

  for (gsize i = 0; i < n; i++) {
    min = fminf (min, raw[i]);
    max = fmaxf (max, raw[i]);
  }
  if (min >= -1.0f && max <= 1.0f) {
    g_assert_cmpmem (got, n * sizeof (float), raw, n * sizeof (float));
    return;
  }
  for (gsize i = 0; i < n; i++) {
    g_assert_true (got[i] == (float) (((double) raw[i] - min) / ((double) max - min) * 2.0 - 1.0));
    g_assert_true (fabsf (got[i]) <= 1.0f);
  }
}

static void
test_peak (gconstpointer data)
{
  g_autoptr (KromoGenome) genome = load (data);

  for (guint i = 0; i < G_N_ELEMENTS (channel_counts); i++)
    check_peak (genome, channel_counts[i]);
}

/* ---- limit ---- */

/* g(i), the mean of h over the last L + 1 frames, where h(i) = min (1, 1 / p(i)) and p(i) is the peak of all
 * channels up to frame i + L. */
static double *
find_gains (const float *raw, guint channels)
{
  g_autofree double *h = g_new (double, FRAMES);
  double *gains = g_new (double, FRAMES);
  double peak = 0.0;
  gsize seen = 0;

  for (gsize i = 0; i < FRAMES; i++) {
    for (; seen <= i + LOOK_AHEAD && seen < FRAMES; seen++) {
      for (guint c = 0; c < channels; c++)
        peak = fmax (peak, fabs (raw[c * FRAMES + seen]));
    }
    h[i] = peak > 1.0 ? 1.0 / peak : 1.0;
  }
  for (gsize i = 0; i < FRAMES; i++) {
    double sum = i < LOOK_AHEAD ? (double) (LOOK_AHEAD - i) : 0.0;

    for (gsize k = i < LOOK_AHEAD ? 0 : i - LOOK_AHEAD; k <= i; k++)
      sum += h[k];
    gains[i] = sum / (double) (LOOK_AHEAD + 1);
  }
  return gains;
}

static void
check_limit (KromoGenome *genome, guint channels)
{
  const gsize n = (gsize) channels * FRAMES;
  g_autofree float *raw = render_finite (genome, channels, 0, FRAMES);
  g_autofree float *got = render (genome, channels, KROMO_NORMALIZE_LIMIT, 0, FRAMES);
  g_autofree double *gains = find_gains (raw, channels);

  n_limited++;
  if (peak_of (raw, n) <= 1.0f) {
    g_assert_cmpmem (got, n * sizeof (float), raw, n * sizeof (float));
    return;
  }
  n_over++;
  for (gsize i = 0; i < n; i++) {
    const double gain = gains[i % FRAMES];

    g_assert_true (fabsf (got[i]) <= 1.0f);
    g_assert_cmpfloat (fabs (got[i] - CLAMP (raw[i] * gain, -1.0, 1.0)), <=, 1e-6);
    if (gain == 1.0) /* before the first peak above 1 comes in sight */
      g_assert_true (got[i] == raw[i]);
  }
}

static void
test_limit (gconstpointer data)
{
  g_autoptr (KromoGenome) genome = load (data);

  for (guint i = 0; i < G_N_ELEMENTS (channel_counts); i++)
    check_limit (genome, channel_counts[i]);
}

/* ---- fades ---- */

static double
fade_gain (gsize i, gsize n, gsize length)
{
  const gsize k = MIN (i, n - 1 - i);
  const double t = (double) k / (double) length;

  return k < length ? t * t * (3.0 - 2.0 * t) : 1.0;
}

/* Before the levels: those see the faded sound. */
static void
test_fade (gconstpointer data)
{
  g_autoptr (KromoGenome) genome = load (data);
  g_autofree float *raw = render_finite (genome, 2, 0, FRAMES);
  g_autofree float *faded = render_finite (genome, 2, FADE, FRAMES);
  g_autofree float *peak = render (genome, 2, KROMO_NORMALIZE_PEAK, FADE, FRAMES);
  g_autofree float *limited = render (genome, 2, KROMO_NORMALIZE_LIMIT, FADE, FRAMES);
  float min = 0.0f, max = 0.0f;

  for (gsize i = 0; i < 2 * FRAMES; i++) {
    g_assert_true (faded[i] == (float) (raw[i] * fade_gain (i % FRAMES, FRAMES, FADE)));
    min = fminf (min, faded[i]);
    max = fmaxf (max, faded[i]);
  }
  if (min >= -1.0f && max <= 1.0f) {
    g_assert_cmpmem (peak, 2 * FRAMES * sizeof (float), faded, 2 * FRAMES * sizeof (float));
    g_assert_cmpmem (limited, 2 * FRAMES * sizeof (float), faded, 2 * FRAMES * sizeof (float));
    return;
  }
  for (gsize i = 0; i < 2 * FRAMES; i++)
    g_assert_true (
        peak[i] == (float) (((double) faded[i] - min) / ((double) max - min) * 2.0 - 1.0));
}

/* Ends at 0, rises and falls the same way, at most half the sound each. */
static void
test_fade_shape (void)
{
  static const gsize lengths[] = { 1, 2, 3, 10, 127, 128, 129, 1000 };
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();

  for (guint k = 0; k < G_N_ELEMENTS (lengths); k++) {
    const gsize n = lengths[k];
    g_autofree float *raw = render_finite (genome, 1, 0, n);
    g_autofree float *longest = render_finite (genome, 1, 10 * RATE, n);
    g_autofree float *three = render_finite (genome, 1, 3, n);

    for (gsize i = 0; i < n; i++) {
      g_assert_true (longest[i] == (float) (raw[i] * (n > 1 ? fade_gain (i, n, n / 2) : 1.0)));
      g_assert_true (
          three[i] == (float) (raw[i] * (n > 1 ? fade_gain (i, n, MIN (3, n / 2)) : 1.0)));
    }
    if (n > 1)
      g_assert_true (longest[0] == 0.0f && longest[n - 1] == 0.0f);
  }
  g_assert_cmpfloat (fade_gain (500, 10000, 1000), ==, 0.5);
}

/* In any chunks. */
static void
test_fade_chunks (void)
{
  const KromoFormat format = { RATE, 1, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE, 20000000,
    0 };
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autofree float *whole = render (genome, 1, KROMO_NORMALIZE_LIMIT, 960, FRAMES);
  g_autofree float *parts = g_new (float, FRAMES);
  g_autoptr (KromoRenderer) renderer = NULL;
  KromoNote note = KROMO_NOTE_INIT;
  gsize done = 0;

  note.duration = (guint64) FRAMES * 1000000000 / RATE;
  renderer = kromo_renderer_new (genome, &note, &format, NULL);
  for (gsize n = 1; done < FRAMES; n = n % 333 + 7) {
    float *plane = parts + done;

    done += kromo_renderer_render (renderer, &plane, n);
  }
  g_assert_cmpmem (whole, FRAMES * sizeof (float), parts, FRAMES * sizeof (float));
}

/* ---- default playback in 16 bits ---- */

#define MAX_RUN 3

static gint
to_16_bits (float sample)
{
  return (gint) llrint (CLAMP ((double) sample * 32768.0, -32768.0, 32767.0));
}

/* Whether frames @start to @end - 1 of a sound are as good as constant: within a step of the 16 bit
 * scale, at its own level. */
static gboolean
is_flat (const float *raw, gsize start, gsize end)
{
  float min = raw[start], max = raw[start];

  for (gsize i = start; i < end; i++) {
    min = fminf (min, raw[i]);
    max = fmaxf (max, raw[i]);
  }
  return max - min <= fmaxf (fabsf (min), fabsf (max)) / 16384.0f;
}

/* To clip is to cut off what is above full scale, so that a top becomes flat. The 16 bit scale has no
 * +1.0: such a sample becomes 32767, the nearest value there is, a step of quantization and no clip. So: no
 * sample lies outside [-1, 1], and no more than three in a row lie at the same full scale, unless the raw
 * sound is flat there. But a sound that begins above 1 is cut off in its first 5 ms, for the gain begins at 1. */
static void
test_16_bits (gconstpointer data)
{
  g_autoptr (KromoGenome) genome = load (data);
  g_autofree float *played = render (genome, 1, KROMO_NORMALIZE_LIMIT, 0, PLAYED);
  g_autofree float *raw = render_finite (genome, 1, 0, PLAYED);
  gint before = 0;
  gsize run = 0;

  for (gsize i = 0; i < PLAYED; i++) {
    const double exact = played[i] * 32768.0;
    const gint sample = to_16_bits (played[i]);

    g_assert_cmpfloat (fabs (exact - sample), <=, exact > 32767.0 ? 1.0 : 0.5);
    run = sample == before ? run + 1 : 1;
    before = sample;
    if (run > MAX_RUN && i >= LOOK_AHEAD + run && (sample == 32767 || sample == -32768)
        && !is_flat (raw, i + 1 - run, i + 1))
      g_error ("%" G_GSIZE_FORMAT " samples at full scale up to frame %" G_GSIZE_FORMAT, run, i);
  }
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = test_parity_folder ();
  g_test_add_func ("/levels/fade-shape", test_fade_shape);
  g_test_add_func ("/levels/fade-chunks", test_fade_chunks);
  test_add_for_genomes (folder, "/levels/peak", test_peak);
  test_add_for_genomes (folder, "/levels/limit", test_limit);
  test_add_for_genomes (folder, "/levels/fade", test_fade);
  test_add_for_genomes (folder, "/levels/16-bits", test_16_bits);
  status = g_test_run ();
  g_print ("# limited: %u sounds, %u of which leave -1..1 when raw\n", n_limited, n_over);
  return n_limited > 0 && n_over == 0 ? 1 : status; /* the limiter must have been put to the test */
}
