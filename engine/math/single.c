/* Tables of the functions in single precision.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "single.h"

#include "trigonometry.h"

#include <stdlib.h>

/* 2^(i/32) */
const double kromo_single_roots[32] = {
  1.0,
  0x1.059b0d3158574p+0,
  0x1.0b5586cf9890fp+0,
  0x1.11301d0125b51p+0,
  0x1.172b83c7d517bp+0,
  0x1.1d4873168b9aap+0,
  0x1.2387a6e756238p+0,
  0x1.29e9df51fdee1p+0,
  0x1.306fe0a31b715p+0,
  0x1.371a7373aa9cbp+0,
  0x1.3dea64c123422p+0,
  0x1.44e086061892dp+0,
  0x1.4bfdad5362a27p+0,
  0x1.5342b569d4f82p+0,
  0x1.5ab07dd485429p+0,
  0x1.6247eb03a5585p+0,
  0x1.6a09e667f3bcdp+0,
  0x1.71f75e8ec5f74p+0,
  0x1.7a11473eb0187p+0,
  0x1.82589994cce13p+0,
  0x1.8ace5422aa0dbp+0,
  0x1.93737b0cdc5e5p+0,
  0x1.9c49182a3f090p+0,
  0x1.a5503b23e255dp+0,
  0x1.ae89f995ad3adp+0,
  0x1.b7f76f2fb5e47p+0,
  0x1.c199bdd85529cp+0,
  0x1.cb720dcef9069p+0,
  0x1.d5818dcfba487p+0,
  0x1.dfc97337b9b5fp+0,
  0x1.ea4afa2a490dap+0,
  0x1.f50765b6e4540p+0,
};

/* 1/c and ln c for a c in each of the 16 intervals: its middle, but 1 where that is in it, and in the next one
 * what the reference's results tell. */
const double kromo_single_reciprocals[16] = {
  0x1.661ec6a5122f9p+0,
  0x1.571ed3c506b3ap+0,
  0x1.49539e3b2d067p+0,
  0x1.3c995a47babe7p+0,
  0x1.30d190130d190p+0,
  0x1.25e22708092f1p+0,
  0x1.1bb4a4046ed29p+0,
  0x1.12358e75d3033p+0,
  0x1.0953f39010954p+0,
  1.0,
  0x1.e603b094f3a62p-1,
  0x1.ca4b3055ee191p-1,
  0x1.b2036406c80d9p-1,
  0x1.9c2d14ee4a102p-1,
  0x1.886e5f0abb04ap-1,
  0x1.767dce434a9b1p-1,
};

const double kromo_single_logarithms[16] = {
  -0x1.57bf753c8d1fbp-2,
  -0x1.2bef07cdc9355p-2,
  -0x1.01eae5626c691p-2,
  -0x1.b31d8575bce3bp-3,
  -0x1.6574ebe8c1339p-3,
  -0x1.1aa2b7e23f729p-3,
  -0x1.a4e7640b1bc38p-4,
  -0x1.1973bd1465561p-4,
  -0x1.252f32f8d1840p-5,
  0.0,
  0x1.aab0fb74fa172p-5,
  0x1.c5e548f5bc743p-4,
  0x1.526e5e3a1b438p-3,
  0x1.bc286742d8cd4p-3,
  0x1.1058bf9ae4ad4p-2,
  0x1.404308686a7e4p-2,
};

/* Entries of the sine table that the reference has one ulp farther from 0 (or, negative, nearer to it) than the
 * rounded values. */
static const gint16 off_by_one[] = {
  244,
  248,
  312,
  318,
  356,
  380,
  384,
  414,
  532,
  -579,
  -619,
  -623,
  -638,
  -645,
  -658,
  -678,
  -713,
  -736,
  -740,
  -751,
  -782,
  883,
  956,
  963,
  965,
  1960,
  2357,
  3115,
  3138,
  3154,
  3160,
  3192,
  3206,
  3210,
  3230,
  -3279,
  -3329,
  -3352,
  -3432,
  -3443,
  -3445,
  -3487,
  -3514,
  -3522,
  3567,
  3624,
  3638,
  3665,
  3739,
  3761,
  3822,
  3827,
  3854,
  4212,
  4290,
  4301,
  4307,
  4312,
  4313,
  4322,
  4334,
  4337,
  4346,
  4450,
  4471,
  4472,
  4504,
  4507,
  4532,
  4598,
  -4661,
  -4685,
  -4690,
  -4697,
  -4716,
  -4718,
  -4731,
  -4791,
  -4868,
  -4881,
  4994,
  5016,
  5033,
  5035,
  5037,
  5051,
  -7174,
  -7179,
  7260,
  7268,
  -7428,
  -7436,
  -7506,
  -7513,
  -7525,
  -7547,
  -7581,
  -7586,
  -7587,
  7667,
  7686,
  7718,
  7827,
  7860,
  7868,
  7889,
  7892,
  7928,
  7939,
  8005,
  8030,
  8108,
};

float kromo_sine_table[KROMO_SINE_TABLE_SIZE + 1];

static void
fill_sine_table (void)
{
  float *table = kromo_sine_table;

  for (guint i = 0; i <= KROMO_SINE_TABLE_SIZE; i++) {
    const guint j = i % KROMO_SINE_TABLE_SIZE;
    const float angle = ((float) j * 2.0f * (float) G_PI) * (1.0f / KROMO_SINE_TABLE_SIZE);
    double sine, cosine;

    kromo_sine_cosine (angle, &sine, &cosine);
    table[i] = (float) sine;
  }
  for (guint k = 0; k < G_N_ELEMENTS (off_by_one); k++) {
    const guint i = (guint) abs (off_by_one[k]);

    table[i] = nextafterf (table[i], off_by_one[k] > 0 ? copysignf (INFINITY, table[i]) : 0.0f);
  }
}

void
kromo_sine_table_init (void)
{
  static gsize ready = 0;

  if (g_once_init_enter (&ready)) {
    fill_sine_table ();
    g_once_init_leave (&ready, 1);
  }
}
