/* The mathematical functions of the graph: their errors against long double, and their bits.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome/hash.h"
#include "math/exponential.h"
#include "math/single.h"
#include "math/trigonometry.h"

#include <float.h>

#define N_POINTS 1000000
#define N_CHECKED 100000 /* against the oracle, which is slow */

static double
sine (double x)
{
  double s, c;

  kromo_sine_cosine (x, &s, &c);
  return s;
}

static double
cosine (double x)
{
  double s, c;

  kromo_sine_cosine (x, &s, &c);
  return c;
}

static double
semitones (double x)
{
  return kromo_pow (1.0594630943592953, x);
}

static double
root (double x)
{
  return kromo_pow (x, 0.37);
}

static long double
exact_exp10 (long double x)
{
  return powl (10.0L, x);
}

static long double
exact_semitones (long double x)
{
  return powl ((long double) 1.0594630943592953, x);
}

static long double
exact_root (long double x)
{
  return powl (x, (long double) 0.37);
}

typedef struct {
  const char *name;
  double (*f) (double x);
  long double (*exact) (long double x);
  double low, high;
  double bound; /* ulp */
  guint64 hash;
} Function;

static const Function functions[] = {
  { "sine", sine, sinl, -1e5, 1e5, 0.506, G_GUINT64_CONSTANT (0xa8acea6877bb12bd) },
  { "cosine", cosine, cosl, -1e5, 1e5, 0.506, G_GUINT64_CONSTANT (0xe73fd0d3f4248980) },
  { "sine, filters", sine, sinl, 0.0, 3.2, 0.506, G_GUINT64_CONSTANT (0x9ef72c931e57097e) },
  { "cosine, filters", cosine, cosl, 0.0, 3.2, 0.506, G_GUINT64_CONSTANT (0x04ddc9ea6ff725ba) },
  { "cosine, near 0", cosine, cosl, 0.0, 3e-4, 0.501, G_GUINT64_CONSTANT (0x5e427961aaa60a3c) },
  { "exp", kromo_exp, expl, -708.0, 709.0, 0.502, G_GUINT64_CONSTANT (0xcaede79113b3e882) },
  { "exp2", kromo_exp2, exp2l, -1022.0, 1023.9, 0.502, G_GUINT64_CONSTANT (0x7f47b75fabf5544b) },
  { "exp10", kromo_exp10, exact_exp10, -307.0, 308.0, 0.502,
      G_GUINT64_CONSTANT (0xe9dbd1fb893562b2) },
  { "pow of a semitone", semitones, exact_semitones, -720.0, 720.0, 0.502,
      G_GUINT64_CONSTANT (0x2f8bdb7bfa61744e) },
  { "pow of 0.37", root, exact_root, 1e-300, 50.0, 0.502, G_GUINT64_CONSTANT (0x37c670cdbd7531a7) },
};

typedef struct {
  const char *name;
  float (*f) (float x);
  long double (*exact) (long double x);
  double low, high;
  double bound; /* ulp; the reference's logarithm is poor */
  guint64 hash;
} SingleFunction;

static float
single_root (float x)
{
  return kromo_single_pow (x, 0.6f);
}

static long double
exact_single_root (long double x)
{
  return powl (x, (long double) 0.6f);
}

static const SingleFunction single_functions[] = {
  { "exp2", kromo_single_exp2, exp2l, -126.0, 128.0, 0.503,
      G_GUINT64_CONSTANT (0x333769246b5f0fe0) },
  { "exp", kromo_single_exp, expl, -87.0, 88.7, 0.503, G_GUINT64_CONSTANT (0x40c2da7eb616923d) },
  { "exp10", kromo_single_exp10, exact_exp10, -37.9, 38.5, 0.503,
      G_GUINT64_CONSTANT (0x482196c3d38d0245) },
  { "pow of 0.6", single_root, exact_single_root, 1e-30, 1e5, 0.503,
      G_GUINT64_CONSTANT (0x0ce39a3e6b50b2fc) },
  { "log", kromo_single_log, logl, 1e-5, 4.0, 0.85, G_GUINT64_CONSTANT (0x202ecfca307f273f) },
  { "log10", kromo_single_log10, log10l, 1e-5, 4.0, 2.2, G_GUINT64_CONSTANT (0x6a1db7feab178e7a) },
};

/* Uniformly distributed, or every other time towards 0, if that is in the range. */
static double
point (guint64 i, double low, double high)
{
  const guint64 bits = kromo_splitmix64 (i * KROMO_GOLDEN_GAMMA);
  const double u = (double) (bits >> 11) * 0x1p-53;
  const double x = low + (high - low) * u;

  return i % 2 && low <= 0.0 ? x * (double) (bits & 0xff) * 0x1p-20 : x;
}

static double
ulp_of (long double x, int mantissa, int least)
{
  int exponent;

  frexpl (x, &exponent);
  return ldexp (1.0, MAX (exponent - mantissa, least));
}

static void
test_errors (gconstpointer data)
{
  const Function *function = data;
  double worst = 0.0, at = 0.0;

  if (LDBL_MANT_DIG < 64) {
    g_test_skip ("long double is no more exact than double");
    return;
  }
  for (guint64 i = 0; i < N_CHECKED; i++) {
    const double x = point (i, function->low, function->high), y = function->f (x);
    const long double exact = function->exact (x);
    const double error = (double) fabsl (y - exact) / ulp_of (exact, DBL_MANT_DIG, -1074);

    if (!(error <= worst)) {
      worst = error;
      at = x;
    }
  }
  g_test_message ("%s: worst %.4f ulp at %a", function->name, worst, at);
  g_assert_cmpfloat (worst, <=, function->bound);
}

static void
test_single_errors (gconstpointer data)
{
  const SingleFunction *function = data;
  double worst = 0.0, at = 0.0;

  for (guint64 i = 0; i < N_CHECKED; i++) {
    const float x = (float) point (i, function->low, function->high), y = function->f (x);
    const long double exact = function->exact (x);
    const double error = (double) fabsl (y - exact) / ulp_of (exact, FLT_MANT_DIG, -149);

    if (!(error <= worst)) {
      worst = error;
      at = x;
    }
  }
  g_test_message ("%s: worst %.4f ulp at %a", function->name, worst, at);
  g_assert_cmpfloat (worst, <=, function->bound);
}

/* ---- bits: the same from every compiler, optimised or not ---- */

static const double edges[] = { 0.0, -0.0, 0x1p-1074, -1e-320, DBL_MIN, 1e-300, 1e-20, 1e-9, 0.25,
  0.5, 1.0, -1.0, 1.5, 2.0, 3.0, 10.0, -37.5, 100.0, 127.9, 128.0, -126.5, -149.0, -150.0, 308.2,
  -323.0, 709.7, 710.0, -745.0, -746.0, 1023.9, 1024.0, -1074.0, -1100.0, 1e9, -1e9, 1e300, DBL_MAX,
  -DBL_MAX, INFINITY, -INFINITY, NAN };

static void
add (guint64 *hash, double y)
{
  const double value = isnan (y) ? G_MAXDOUBLE : y; /* the bits of a NaN are not defined */

  *hash = kromo_hash (*hash, &value, sizeof value);
}

static void
check_hash (const char *name, guint64 hash, guint64 expected)
{
  if (hash != expected)
    g_error ("%s: the hash is 0x%016" G_GINT64_MODIFIER "x", name, hash);
}

static void
test_bits (gconstpointer data)
{
  const Function *function = data;
  guint64 hash = 1;

  for (guint64 i = 0; i < N_POINTS; i++)
    add (&hash, function->f (point (i, function->low, function->high)));
  for (guint i = 0; i < G_N_ELEMENTS (edges) && function->low < 0.0 && fabs (function->low) < 1e5;
       i++)
    add (&hash, function->f (edges[i]));
  check_hash (function->name, hash, function->hash);
}

static void
test_single_bits (gconstpointer data)
{
  const SingleFunction *function = data;
  guint64 hash = 1;

  for (guint64 i = 0; i < N_POINTS; i++)
    add (&hash, function->f ((float) point (i, function->low, function->high)));
  for (guint i = 0; i < G_N_ELEMENTS (edges) && function->low < 0.0; i++)
    add (&hash, function->f ((float) edges[i]));
  check_hash (function->name, hash, function->hash);
}

static void
test_sine_table (void)
{
  guint64 hash = 1;

  kromo_sine_table_init ();
  for (guint i = 0; i <= KROMO_SINE_TABLE_SIZE; i++) {
    const float angle = (float) (i % KROMO_SINE_TABLE_SIZE) * (float) G_PI / 4096.0f;

    g_assert_cmpfloat_with_epsilon (kromo_sine_table[i], sin (angle), 0x1.4p-24);
    add (&hash, kromo_sine_table[i]);
  }
  check_hash ("sine table", hash, G_GUINT64_CONSTANT (0xdf73ecc2606d7659));
}

static void
test_limits (void)
{
  g_assert_cmpfloat (kromo_exp (-INFINITY), ==, 0.0);
  g_assert_cmpfloat (kromo_exp (INFINITY), ==, INFINITY);
  g_assert_cmpfloat (kromo_exp (0.0), ==, 1.0);
  g_assert_cmpfloat (kromo_exp10 (2.0), ==, 100.0);
  g_assert_cmpfloat (kromo_exp2 (-1074.0), ==, 0x1p-1074);
  g_assert_cmpfloat (kromo_exp2 (1023.0), ==, 0x1p1023);
  g_assert_cmpfloat (kromo_exp2 (1024.0), ==, INFINITY);
  g_assert_cmpfloat (kromo_exp2 (1.0 / 12.0), ==, 1.0594630943592953);
  g_assert_cmpfloat (kromo_pow (2.0, 0.5), ==, G_SQRT2);
  g_assert_cmpfloat (kromo_pow (1.5, 1e300), ==, INFINITY);
  g_assert_cmpfloat (kromo_pow (1.5, -1e300), ==, 0.0);
  g_assert_true (isnan (kromo_exp (NAN)) && isnan (kromo_exp10 (NAN)) && isnan (sine (INFINITY)));
  g_assert_cmpfloat (kromo_single_exp (-INFINITY), ==, 0.0f);
  g_assert_cmpfloat (kromo_single_exp2 (128.0f), ==, INFINITY);
  g_assert_cmpfloat (kromo_single_log10 (INFINITY), ==, INFINITY);
  g_assert_cmpfloat (kromo_single_log10 (1.0f), ==, 0.0f);
  g_assert_cmpfloat (kromo_single_pow (0.0f, 0.5f), ==, 0.0f);
  g_assert_cmpfloat (kromo_single_pow (0.0f, 0.0f), ==, 1.0f);
  g_assert_true (isnan (kromo_single_log10 (NAN)) && isnan (kromo_single_exp10 (NAN)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++) {
    g_autofree char *errors = g_strconcat ("/math/errors/", functions[i].name, NULL);
    g_autofree char *bits = g_strconcat ("/math/bits/", functions[i].name, NULL);

    g_test_add_data_func (errors, &functions[i], test_errors);
    g_test_add_data_func (bits, &functions[i], test_bits);
  }
  for (guint i = 0; i < G_N_ELEMENTS (single_functions); i++) {
    g_autofree char *errors = g_strconcat ("/math/single/errors/", single_functions[i].name, NULL);
    g_autofree char *bits = g_strconcat ("/math/single/bits/", single_functions[i].name, NULL);

    g_test_add_data_func (errors, &single_functions[i], test_single_errors);
    g_test_add_data_func (bits, &single_functions[i], test_single_bits);
  }
  g_test_add_func ("/math/sine-table", test_sine_table);
  g_test_add_func ("/math/limits", test_limits);
  return g_test_run ();
}
