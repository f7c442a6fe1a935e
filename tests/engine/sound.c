/* Measures of a sound.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sound.h"

#include <math.h>
#include <string.h>

#define BANDS 9 /* octaves; the first is all below LOWEST */
#define LOWEST 80.0
#define MAX_PARTS 1000

static double
peak_of (const float *samples, gsize n)
{
  float peak = 0.0f;

  for (gsize i = 0; i < n; i++)
    peak = fmaxf (peak, fabsf (samples[i]));
  return peak;
}

/* Energies of the octaves, by differences of smoothed signals. */
static void
add_bands (double x, const double *factors, double *states, double *energies)
{
  double below = 0.0;

  for (guint b = 0; b < BANDS; b++) {
    states[b] += factors[b] * (x - states[b]);
    energies[b] += (states[b] - below) * (states[b] - below);
    below = states[b];
  }
}

static double
difference (const double *a, const double *b)
{
  double sum_a = 0.0, sum_b = 0.0, d = 0.0;

  for (guint i = 0; i < BANDS; i++) {
    sum_a += a[i];
    sum_b += b[i];
  }
  for (guint i = 0; i < BANDS; i++)
    d += fabs (a[i] / fmax (sum_a, 1e-30) - b[i] / fmax (sum_b, 1e-30));
  return d / 2.0;
}

static void
measure_change (const float *samples, gsize n, guint rate, Sound *sound)
{
  static double energies[MAX_PARTS][BANDS];
  double factors[BANDS], states[BANDS] = { 0.0 }, quietest = INFINITY, loudest = 0.0;
  const gsize part = rate / 4;
  const gsize n_parts = MIN (n / part, MAX_PARTS);

  memset (energies, 0, sizeof energies);
  for (guint b = 0; b < BANDS; b++)
    factors[b] = 1.0 - exp (-2.0 * G_PI * LOWEST * pow (2.0, b) / rate);
  for (gsize i = 0; i < n_parts * part; i++)
    add_bands ((double) samples[i], factors, states, energies[i / part]);
  sound->change = 0.0;
  for (gsize i = 1; i + 2 < n_parts; i++)
    sound->change += difference (energies[i], energies[i + 1]) / ((double) n_parts - 3.0);
  for (gsize i = 1; i + 1 < n_parts; i++) {
    double sum = 0.0;

    for (guint b = 0; b < BANDS; b++)
      sum += energies[i][b];
    quietest = fmin (quietest, sum);
    loudest = fmax (loudest, sum);
  }
  sound->range = 10.0 * log10 (loudest / fmax (quietest, 1e-30));
}

void
sound_measure (const float *samples, gsize n, guint rate, Sound *sound)
{
  const gsize edge = rate / 200;
  double sum = 0.0, squares = 0.0;
  gsize zeros = 0;

  for (gsize i = 0; i < n; i++) {
    sum += (double) samples[i];
    squares += (double) samples[i] * (double) samples[i];
    zeros += samples[i] == 0.0f;
  }
  sound->peak = peak_of (samples, n);
  sound->rms = sqrt (squares / (double) n);
  sound->mean = sum / (double) n;
  sound->zeros = (double) zeros / (double) n;
  sound->head = peak_of (samples, edge);
  sound->tail = peak_of (samples + n - edge, edge);
  measure_change (samples, n, rate, sound);
}
