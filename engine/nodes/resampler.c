/* Resampling of quanta.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "resampler.h"

#include "../kromo.h"
#include "../math/trigonometry.h"

#include <math.h>
#include <string.h>

/* Cut-off of the sinc for @n taps, relative to Nyquist. */
static double
cutoff (double n)
{
  return 1.0
      / (13.745202940783823 / n + 121.73532586374934 / (n * n) + 5964.163279612051 / (n * n * n)
          + 1.0);
}

/* Blackman-Harris window, periodic, squared. */
static double
window (guint x, guint n)
{
  const double phase = 2.0 * G_PI * x / n;
  double cosines[3], sine, w;

  for (guint k = 0; k < 3; k++)
    kromo_sine_cosine ((k + 1) * phase, &sine, &cosines[k]);
  w = 0.35875 - 0.48829 * cosines[0] + 0.14128 * cosines[1] - 0.01168 * cosines[2];
  return w * w;
}

static double
sinc (double x)
{
  double sine, cosine;

  kromo_sine_cosine (G_PI * x, &sine, &cosine);
  return x == 0.0 ? 1.0 : sine / (G_PI * x);
}

static void
make_taps (float *taps, guint n_in, guint n_out)
{
  const double fc = cutoff (MIN (n_in, n_out)) * fmin (1.0, (double) n_out / n_in);
  double sum = 0.0;

  for (guint x = 0; x < n_in; x++)
    sum += window (x, n_in) * sinc (((double) x - n_in / 2.0) * fc);
  for (guint x = 0; x < n_in; x++)
    taps[x] =
        (float) (window (x, n_in) * sinc (((double) x - n_in / 2.0) * fc) / sum / (2.0 * n_in));
}

static kiss_fft_cpx *
make_response (guint n_in, guint n_out)
{
  float *taps = g_new0 (float, 2 * n_in);
  kiss_fft_cpx *response = g_new (kiss_fft_cpx, n_in + 1);
  kiss_fftr_cfg plan = kiss_fftr_alloc (2 * (int) n_in, FALSE, NULL, NULL);

  make_taps (taps, n_in, n_out);
  kiss_fftr (plan, taps, response);
  kiss_fftr_free (plan);
  g_free (taps);
  return response;
}

/* There are but few, which take long to make: each is made once for the process. */
static const kiss_fft_cpx *
get_response (guint n_in, guint n_out)
{
  static kiss_fft_cpx *responses[2][KROMO_RESAMPLER_MAX_FACTOR + 1];
  const gboolean is_up = n_in < n_out;
  kiss_fft_cpx **place = &responses[is_up][is_up ? n_out / n_in : n_in / n_out];

  if (g_once_init_enter (place))
    g_once_init_leave (place, make_response (n_in, n_out));
  return *place;
}

void
kromo_resampler_init (KromoResampler *resampler, guint n_in, guint n_out)
{
  g_assert (MIN (n_in, n_out) == KROMO_QUANTUM);
  g_assert (MAX (n_in, n_out) <= KROMO_RESAMPLER_MAX_FACTOR * KROMO_QUANTUM);
  memset (resampler, 0, sizeof *resampler);
  resampler->n_in = n_in;
  resampler->n_out = n_out;
  resampler->response = get_response (n_in, n_out);
}

void
kromo_resampler_plan (KromoResampler *resampler, KromoLayout *layout)
{
  const gsize n = MAX (resampler->n_in, resampler->n_out);

  resampler->forward = kromo_layout_take (&layout->scratch, kromo_fft_size (2 * resampler->n_in));
  resampler->inverse = kromo_layout_take (&layout->scratch, kromo_fft_size (2 * resampler->n_out));
  resampler->time = kromo_layout_take (&layout->scratch, 2 * n * sizeof (float));
  resampler->bins = kromo_layout_take (&layout->scratch, (n + 1) * sizeof (kiss_fft_cpx));
}

void
kromo_resampler_reset (const KromoResampler *resampler, const KromoArena *arena)
{
  kromo_fft_init (kromo_arena_scratch (arena, resampler->forward), 2 * resampler->n_in, FALSE);
  kromo_fft_init (kromo_arena_scratch (arena, resampler->inverse), 2 * resampler->n_out, TRUE);
}

void
kromo_resampler_run (const KromoResampler *resampler, const KromoArena *arena, const float *in,
    float *out, float *overlap)
{
  const guint n_in = resampler->n_in, n_out = resampler->n_out;
  const guint kept = n_in < n_out ? n_in + 1 : n_out;
  float *time = kromo_arena_scratch (arena, resampler->time);
  kiss_fft_cpx *bins = kromo_arena_scratch (arena, resampler->bins);

  memcpy (time, in, n_in * sizeof (float));
  memset (time + n_in, 0, n_in * sizeof (float));
  kiss_fftr (kromo_arena_scratch (arena, resampler->forward), time, bins);
  for (guint i = 0; i < kept; i++) {
    const kiss_fft_cpx a = bins[i], b = resampler->response[i];

    bins[i].r = a.r * b.r - a.i * b.i;
    bins[i].i = a.r * b.i + a.i * b.r;
  }
  for (guint i = kept; i < n_out + 1; i++)
    bins[i].r = bins[i].i = 0.0f;
  kiss_fftri (kromo_arena_scratch (arena, resampler->inverse), bins, time);
  for (guint i = 0; i < n_out; i++)
    out[i] = time[i] + overlap[i];
  memcpy (overlap, time + n_out, n_out * sizeof (float));
}
