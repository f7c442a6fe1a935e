/* The CPPN kernels against long double (or the formulas in double), for every instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "activations.h"
#include "math/functions.h"
#include "cppn/kernels.h"

#include <float.h>

#define N_POINTS (128 * 1200)

static const char *const names[KROMO_N_ACTIVATIONS] = { "sine", "sine2", "cos", "arctan",
  "triangle", "sawtooth", "step", "spike", "bipolar-sigmoid", "plain-sigmoid", "gaussian", "linear",
  "null" };

static double *points; /* [N_POINTS] */

static const double edges[] = { 0.0, 0x1p-1074, 1e-320, DBL_MIN, 1e-300, 1e-100, 1e-20, 1e-9, 1e-8,
  0.1, 0.25, 0.3, 0.5, 0.5625, 0.7, 1.0, 1.5, 1.5707963267948966, 2.0, 2.5, 3.0, 3.141592653589793,
  4.0, 6.283185307179586, 7.0, 22.0, 36.0, 100.0, 144.0, 145.0, 152.0, 599.0, 601.0, 707.9, 708.1,
  709.7, 709.782712893384, 709.7827128933841, 709.9, 710.0, 719.0, 721.0, 745.0, 746.0, 1e3, 1e6,
  1e9, 2e9, 4e9, 4294967295.5, 4294967296.0, 4294967296.5, 5e9, 1e13, 0x1p52, 0x1p53, 0x1p54, 1e22,
  1e100, 1e300, 0x1.6ac5b262ca1ffp+849, /* the double closest to a multiple of pi/2, relatively */
  6381956970095103.0 * 0x1p797, 1.7e308, DBL_MAX, INFINITY };

static void
make_points (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20240607);
  gsize n = 0;

  points = g_new (double, N_POINTS);
  for (guint i = 0; i < G_N_ELEMENTS (edges); i++) {
    points[n++] = edges[i];
    points[n++] = -edges[i];
    points[n++] = nextafter (edges[i], INFINITY);
    points[n++] = -nextafter (edges[i], 0.0);
  }
  points[n++] = NAN;
  points[n++] = -NAN;
  for (guint i = 0; n < N_POINTS; i++) {
    double u = g_rand_double_range (rand, -1, 1), x;

    switch (i % 8) {
    case 0:
      x = 4.0 * u;
      break;
    case 1:
      x = 40.0 * u;
      break;
    case 2:
      x = 4.3e9 * u;
      break;
    case 3:
      x = copysign (exp (1e3 * u), g_rand_double (rand) - 0.5);
      break;
    case 4: /* near multiples of pi/2 */
      x = floor (exp2 (32.0 * fabs (u))) * 1.5707963267948966;
      x = nextafter (x, g_rand_boolean (rand) ? 0 : INFINITY);
      break;
    case 5: /* near multiples of pi/2 below 40 */
      x = floor (25.0 * u) * 1.5707963267948966 + ldexp (u, -(gint) g_rand_int_range (rand, 0, 60));
      break;
    case 6:
      x = 750.0 * u;
      break;
    default:
      x = copysign (exp2 (32.0 * fabs (u)), u);
      break;
    }
    points[n++] = x;
  }
}

/* ---- oracles ---- */

static double
ulp (double x)
{
  int exponent;

  frexp (x, &exponent);
  return ldexp (1.0, MAX (exponent - 53, -1074));
}

/* Error of a kernel that is held to ulps, against the exact value. */
static double
ulps (double got, long double exact)
{
  if (isnan (exact) || isnan (got))
    return isnan (exact) && isnan (got) ? 0.0 : INFINITY;
  return (double) (fabsl (got - exact) / (long double) ulp ((double) exact));
}

static void
report (const char *what, double worst, double at)
{
  g_test_message ("%s: worst %.3g at %a", what, worst, at);
}

static void
check_point (guint activation, double x, double got, double *worst, double *at)
{
  double want, error, bound;

  switch (activation) {
  case KROMO_ACTIVATION_SINE:
    error = ulps (got, sinl (x));
    bound = 2.0;
    break;
  case KROMO_ACTIVATION_SINE2:
    error = ulps (got, sinl (2.0 * x));
    bound = 2.0;
    break;
  case KROMO_ACTIVATION_COS:
    error = ulps (got, cosl (x));
    bound = 2.0;
    break;
  case KROMO_ACTIVATION_ARCTAN:
    error = ulps (got, atanl (x));
    bound = 2.0;
    break;
  case KROMO_ACTIVATION_SAWTOOTH:
  case KROMO_ACTIVATION_STEP:
  case KROMO_ACTIVATION_SPIKE:
  case KROMO_ACTIVATION_LINEAR:
  case KROMO_ACTIVATION_NULL: /* exactly the formula */
    want = activation_formula (activation, x);
    error = want == got || (isnan (want) && isnan (got)) ? 0.0 : fabs (want - got);
    /* the quotient of a sawtooth may be a denormal off by one */
    bound = activation == KROMO_ACTIVATION_SAWTOOTH ? 0x1p-1072 : 0.0;
    break;
  case KROMO_ACTIVATION_PLAIN_SIGMOID: /* small values count relatively, denormals included */
    want = activation_formula (activation, x);
    error = ulps (got, want);
    bound = 4.0;
    break;
  default:
    want = activation_formula (activation, x);
    error = want == got || (isnan (want) && isnan (got)) ? 0.0 : fabs (want - got);
    bound = 1e-15;
    /* Near its peaks, an ulp of the sine is that much of the triangle. */
    if (activation == KROMO_ACTIVATION_TRIANGLE && isfinite (x) && error > bound)
      bound += 0x1p-53 / (double) fabsl (cosl (x));
    break;
  }
  if (!(error <= *worst)) {
    *worst = error;
    *at = x;
  }
  if (!(error <= bound))
    g_error ("%s (%a = %.17g): %.17g, off by %g", names[activation], x, x, got, error);
}

static void
test_activation (gconstpointer data)
{
  guint activation = GPOINTER_TO_UINT (data), n_kernels;
  const KromoKernels *const *kernels = kromo_kernels_list (&n_kernels);
  _Alignas(64) double x[KROMO_QUANTUM], first[KROMO_QUANTUM];
  double worst = 0, at = 0;

  for (gsize i = 0; i < N_POINTS; i += KROMO_QUANTUM) {
    memcpy (first, points + i, sizeof first);
    kernels[0]->activations[activation](first, KROMO_QUANTUM);
    for (guint k = 0; k < KROMO_QUANTUM; k++)
      check_point (activation, points[i + k], first[k], &worst, &at);

    for (guint v = 0; v < n_kernels; v++) {
      gsize n = 8 + i / 128 * 8 % 128;

      /* one call of n, and one of the rest */
      memcpy (x, points + i, sizeof x);
      kernels[v]->activations[activation](x, n);
      if (n < KROMO_QUANTUM) {
        _Alignas(64) double rest[KROMO_QUANTUM];

        memcpy (rest, x + n, (KROMO_QUANTUM - n) * sizeof *x);
        kernels[v]->activations[activation](rest, KROMO_QUANTUM - n);
        memcpy (x + n, rest, (KROMO_QUANTUM - n) * sizeof *x);
      }
      for (guint k = 0; k < KROMO_QUANTUM; k++) {
        if (isnan (x[k]) && isnan (first[k]))
          continue;
        if (kromo_bits (x[k]) != kromo_bits (first[k]))
          g_error ("%s (%a): %a with %s, %a with %s", names[activation], points[i + k], first[k],
              kernels[0]->name, x[k], kernels[v]->name);
      }
    }
  }
  report (names[activation], worst, at);
}

static void
test_exp (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  double worst = 0, at = 0;

  for (guint i = 0; i < 200000; i++) {
    double x = g_rand_double_range (rand, -1, 1) * (i % 2 ? 708.0 : 2.0), error;

    error = ulps (kromo_exp_normal (x), expl (x));
    if (x > -600.0)
      g_assert_true (kromo_bits (kromo_exp_high (x)) == kromo_bits (kromo_exp_normal (x)));
    if (error > worst) {
      worst = error;
      at = x;
    }
  }
  report ("exp", worst, at);
  g_assert_cmpfloat (worst, <=, 1.3);
  g_assert_cmpfloat (kromo_exp_high (709.782712893384), <, INFINITY);
  g_assert_cmpfloat (kromo_exp_high (709.7827128933841), ==, INFINITY);
  g_assert_cmpfloat (kromo_exp_high (720.0), ==, INFINITY);
}

/* The two reductions agree where both are good. */
static void
test_large (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (6);
  double worst = 0, at = 0;

  for (guint i = 0; i < 200000; i++) {
    double x = copysign (exp2 (g_rand_double_range (rand, 32, 1023.9)), i % 2 ? 1 : -1), error;

    error = MAX (ulps (kromo_sine_of (kromo_reduce_large (x, 0)), sinl (x)),
        ulps (kromo_sine_of (kromo_reduce_large (x, 1)), cosl (x)));
    if (error > worst) {
      worst = error;
      at = x;
    }
  }
  report ("large sine and cosine", worst, at);
  g_assert_cmpfloat (worst, <=, 2.0);
  g_assert_true (isnan (kromo_sine_of (kromo_reduce_large (INFINITY, 0))));
  g_assert_true (isnan (kromo_sine_of (kromo_reduce_large (NAN, 1))));
}

/* Sine and cosine far out, where a sound of a day gets to. */
static void
test_far (void)
{
  static const double far[] = { 1e9, 2e9, 4e9, 1e13 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);
  guint n_kernels;
  const KromoKernels *const *kernels = kromo_kernels_list (&n_kernels);
  _Alignas(64) double x[KROMO_QUANTUM], sine[KROMO_QUANTUM], cosine[KROMO_QUANTUM];
  double worst = 0;

  for (guint i = 0; i < 400; i++) {
    for (guint k = 0; k < KROMO_QUANTUM; k++)
      sine[k] = cosine[k] = x[k] = far[i % 4] + g_rand_double_range (rand, -1e4, 1e4);
    kernels[n_kernels - 1]->activations[KROMO_ACTIVATION_SINE](sine, KROMO_QUANTUM);
    kernels[n_kernels - 1]->activations[KROMO_ACTIVATION_COS](cosine, KROMO_QUANTUM);
    for (guint k = 0; k < KROMO_QUANTUM; k++) {
      worst = MAX (worst, ulps (sine[k], sinl (x[k])));
      worst = MAX (worst, ulps (cosine[k], cosl (x[k])));
    }
  }
  g_test_message ("worst %.3g ulp", worst);
  g_assert_cmpfloat (worst, <=, 2.0);
}

/* How often the triangle is further off than its smooth bound. */
static void
test_triangle_peaks (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint n_kernels, n_off = 0;
  const KromoKernels *const *kernels = kromo_kernels_list (&n_kernels);
  _Alignas(64) double x[KROMO_QUANTUM], y[KROMO_QUANTUM];

  for (guint i = 0; i < 1000; i++) {
    for (guint k = 0; k < KROMO_QUANTUM; k++)
      y[k] = x[k] = ((gint) (k % 64) - 32 + 0.5) * G_PI
          + ldexp (g_rand_double_range (rand, -1, 1), -(gint) (i % 40));
    kernels[n_kernels - 1]->activations[KROMO_ACTIVATION_TRIANGLE](y, KROMO_QUANTUM);
    for (guint k = 0; k < KROMO_QUANTUM; k++) {
      double error = fabs (y[k] - activation_formula (KROMO_ACTIVATION_TRIANGLE, x[k]));

      g_assert_cmpfloat (error, <=, 1e-15 + 0x1p-53 / (double) fabsl (cosl (x[k])));
      n_off += error > 1e-15;
    }
  }
  g_test_message ("%u of 128000 points near peaks off by more than 1e-15", n_off);
  g_assert_cmpuint (n_off, <, 1280);
}

/* ---- what surrounds the activations ---- */

static void
test_sum (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (8);
  guint n_kernels;
  const KromoKernels *const *kernels = kromo_kernels_list (&n_kernels);
  double *registers = g_aligned_alloc (12 * KROMO_QUANTUM, sizeof (double), 64);
  _Alignas(64) double out[KROMO_QUANTUM];
  KromoTerm terms[11];

  for (guint i = 0; i < 12 * KROMO_QUANTUM; i++)
    registers[i] = g_rand_double_range (rand, -1, 1);
  for (guint i = 0; i < 11; i++)
    terms[i] = (KromoTerm){ g_rand_double_range (rand, -3, 3), (i * 5) % 12 };

  for (guint v = 0; v < n_kernels; v++) {
    for (guint n_terms = 0; n_terms <= 11; n_terms++) {
      for (gsize n = 8; n <= KROMO_QUANTUM; n += 8) {
        memset (out, 0x55, sizeof out);
        kernels[v]->sum (out, registers, 0.7, terms, n_terms, n);
        for (guint i = 0; i < KROMO_QUANTUM; i++) {
          volatile double want = 0.7; /* not to be contracted */

          for (guint t = 0; t < n_terms; t++)
            want += terms[t].weight * registers[terms[t].source * KROMO_QUANTUM + i];
          if (i < n)
            g_assert_true (kromo_bits (out[i]) == kromo_bits (want));
          else
            g_assert_true (kromo_bits (out[i]) == UINT64_C (0x5555555555555555));
        }
      }
    }
  }
  g_aligned_free (registers);
}

static void
test_ramp_and_input (void)
{
  guint n_kernels;
  const KromoKernels *const *kernels = kromo_kernels_list (&n_kernels);
  _Alignas(64) double m[KROMO_QUANTUM], x[KROMO_QUANTUM], sine[KROMO_QUANTUM];

  for (guint v = 0; v < n_kernels; v++) {
    for (guint i = 0; i < KROMO_QUANTUM; i++)
      m[i] = i * 1234.5 - 700.0;
    kernels[v]->ramp (m, 191999.0, KROMO_QUANTUM);
    for (guint i = 0; i < KROMO_QUANTUM; i++) {
      volatile double want = (i * 1234.5 - 700.0) / 191999.0;

      want = want * 2.0;
      want = -1.0 + want;
      g_assert_true (kromo_bits (m[i]) == kromo_bits (want));
      sine[i] = m[i] * 440.0 * 4.0;
    }
    kernels[v]->input (x, m, 440.0 * 4.0, 0.3, KROMO_QUANTUM);
    kernels[v]->activations[KROMO_ACTIVATION_SINE](sine, KROMO_QUANTUM);
    for (guint i = 0; i < KROMO_QUANTUM; i++)
      g_assert_true (kromo_bits (x[i]) == kromo_bits (sine[i] * 0.3));

    kernels[v]->ramp (m, 0.0, 8);
    for (guint i = 0; i < 8; i++)
      g_assert_cmpfloat (m[i], ==, -1.0);
  }
}

static void
test_store (void)
{
  guint n_kernels;
  const KromoKernels *const *kernels = kromo_kernels_list (&n_kernels);
  _Alignas(64) double x[KROMO_QUANTUM];
  float out[KROMO_QUANTUM + 2];
  guint32 nan;

  for (guint i = 0; i < KROMO_QUANTUM; i++)
    x[i] = (i % 2 ? 1e-3 : -1e30) / 3.0 * i;
  x[5] = -NAN;
  x[6] = 1e300;
  x[7] = 1e-46;
  for (guint v = 0; v < n_kernels; v++) {
    for (gsize n = 1; n <= KROMO_QUANTUM; n++) {
      out[0] = out[n + 1] = 9.0F;
      kernels[v]->store (out + 1, x, n);
      g_assert_true (out[0] == 9.0F && out[n + 1] == 9.0F);
      for (gsize i = 0; i < n; i++)
        g_assert_true (out[i + 1] == (float) x[i] || (i == 5 && isnan (out[i + 1])));
      memcpy (&nan, out + 6, 4);
      g_assert_true (n < 6 || nan == 0x7fc00000);
    }
  }
}

static void
test_dispatch (void)
{
  guint n;
  const KromoKernels *const *kernels = kromo_kernels_list (&n);

  g_assert_cmpuint (n, >=, 1);
  g_assert_cmpstr (kernels[0]->name, ==, "baseline");
  for (guint i = 0; i < n; i++)
    g_assert_true (kromo_kernels_find (kernels[i]->name) == kernels[i]);
  g_assert_true (kromo_kernels_find (NULL) == kernels[n - 1]);
  g_assert_true (kromo_kernels_find ("mmx") == kernels[n - 1]);
  g_assert_true (kromo_kernels_find ("") == kernels[n - 1]);
  g_assert_true (kromo_kernels_get () == kromo_kernels_find (g_getenv ("KROMO_CPU")));
  g_test_message ("using %s of %u", kromo_kernels_get ()->name, n);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  make_points ();
  for (guint i = 0; i < KROMO_N_ACTIVATIONS; i++) {
    g_autofree char *path = g_strconcat ("/cppn/kernels/", names[i], NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_activation);
  }
  g_test_add_func ("/cppn/kernels/exp", test_exp);
  g_test_add_func ("/cppn/kernels/large", test_large);
  g_test_add_func ("/cppn/kernels/far", test_far);
  g_test_add_func ("/cppn/kernels/triangle-peaks", test_triangle_peaks);
  g_test_add_func ("/cppn/kernels/sum", test_sum);
  g_test_add_func ("/cppn/kernels/ramp-and-input", test_ramp_and_input);
  g_test_add_func ("/cppn/kernels/store", test_store);
  g_test_add_func ("/cppn/kernels/dispatch", test_dispatch);
  result = g_test_run ();
  g_free (points);
  return result;
}
