/* Decimation by two: a half-band filter.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "halfband.h"

/* sin (pi x) / (2 pi x) times a Kaiser window (beta 10.5, which ends KROMO_HALFBAND_REACH frames to
 * either side), scaled to a sum of 1/4, so that constants stay what they are. */
const double kromo_halfband_taps[KROMO_HALFBAND_REACH] = {
  0.31792262026183638,
  -0.10494510514530399,
  0.061748393268059178,
  -0.04282883800219911,
  0.032027338545757983,
  -0.024942567209074291,
  0.019885656337821387,
  -0.016071019846527607,
  0.013084177054735007,
  -0.010685665270258221,
  0.0087270141475973093,
  -0.007110598143192092,
  0.0057688181507954432,
  -0.0046526072535231205,
  0.0037247714058727204,
  -0.0029559885185360519,
  0.0023223404653772185,
  -0.0018037631326556546,
  0.0013830621349178443,
  -0.0010452836364529987,
  0.00077730984714995501,
  -0.0005675959817386917,
  0.0004059944454136475,
  -0.00028363049472891099,
  0.00019280585776789222,
  -0.00012691516031803835,
  8.0365862990351591e-05,
  -4.8496573840209614e-05,
  2.7491550621704778e-05,
  -1.4291254279726875e-05,
  6.5001658646779913e-06,
  -2.2938799498403831e-06,
};

#define LANES 8 /* frames that are summed side by side */

static void
decimate (const float *halves, guint n, float *values)
{
  double sums[LANES] = { 0.0 };

  /* from the outermost pair of taps inwards */
  for (guint k = 0; k < KROMO_HALFBAND_REACH; k++) {
    const double tap = kromo_halfband_taps[KROMO_HALFBAND_REACH - 1 - k];
    const float *before = halves + k, *after = halves + 2 * KROMO_HALFBAND_REACH - 1 - k;

    for (guint i = 0; i < n; i++)
      sums[i] += tap * ((double) before[i] + after[i]);
  }
  for (guint i = 0; i < n; i++)
    values[i] = (float) (sums[i] + 0.5 * values[i]);
}

void
kromo_halfband_decimate (const float *halves, guint n, float *values)
{
  for (; n >= LANES; n -= LANES, halves += LANES, values += LANES)
    decimate (halves, LANES, values);
  if (n > 0)
    decimate (halves, n, values);
}
