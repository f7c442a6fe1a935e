/* Measures of a sound.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

typedef struct {
  double peak, rms, mean;
  double zeros;      /* share of samples that are 0 */
  double head, tail; /* peaks of the first and of the last 5 ms */
  double change; /* mean difference of the spectra of a quarter of a second and the next, 0..1 */
  double range;  /* the loudest such quarter's level over the quietest's, in dB */
} Sound;

void sound_measure (const float *samples, gsize n, guint rate, Sound *sound);
