/* The activation functions as plain double operations with the C library's functions.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "genome/genome.h"

#include <math.h>

static inline double
activation_formula (guint activation, double x)
{
  switch (activation) {
  case KROMO_ACTIVATION_SINE:
    return sin (x);
  case KROMO_ACTIVATION_SINE2:
    return sin (2.0 * x);
  case KROMO_ACTIVATION_COS:
    return cos (x);
  case KROMO_ACTIVATION_ARCTAN:
    return atan (x);
  case KROMO_ACTIVATION_TRIANGLE:
    return 2.0 / G_PI * asin (sin (x));
  case KROMO_ACTIVATION_SAWTOOTH:
    return 2.0 * (x / (2.0 * G_PI) - floor (0.5 + x / (2.0 * G_PI)));
  case KROMO_ACTIVATION_STEP:
    return x <= 0.0 ? -1.0 : 1.0;
  case KROMO_ACTIVATION_SPIKE:
    return fmod (floor (x), 2.0) == 0.0 ? 1.0 - 2.0 * (x - floor (x))
                                        : -1.0 + 2.0 * (x - floor (x));
  case KROMO_ACTIVATION_BIPOLAR_SIGMOID:
    return 2.0 / (1.0 + exp (-4.9 * x)) - 1.0;
  case KROMO_ACTIVATION_PLAIN_SIGMOID:
    return 1.0 / (1.0 + exp (-x));
  case KROMO_ACTIVATION_GAUSSIAN:
    return 2.0 * exp (-((2.5 * x) * (2.5 * x))) - 1.0;
  case KROMO_ACTIVATION_LINEAR:
    return fabs (x);
  default:
    return 0.0;
  }
}
