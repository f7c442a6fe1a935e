/* The block loops of the graph and its nodes, one table for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All tables are compiled from the same files and give the same bits. An array is a quantum
 * (KROMO_QUANTUM values) unless it says otherwise, of any alignment. @y may be one of the arrays that are read,
 * and must not overlap them otherwise.
 */
#pragma once

#include "../genome/genome.h"
#include "../math/cpu.h"

G_BEGIN_DECLS

/* ---- arithmetic of blocks ---- */

typedef struct {
  void (*scale) (float *y, const float *x, float gain);
  void (*multiply) (float *y, const float *a, const float *b);
  void (*add) (float *y, const float *a, const float *b);

  /* 0.5 (l + r) */
  void (*mix_stereo) (float *y, const float *l, const float *r);

  /* fma (h, l + r, fma (0.5, sl + sr, c)), h being sqrt (1/2) */
  void (*mix_surround) (
      float *y, const float *l, const float *r, const float *c, const float *sl, const float *sr);

  /* f + h (c + s) */
  void (*fold) (float *y, const float *f, const float *c, const float *s);

  /* Within [min, max]; @replacement for NaN. */
  void (*clamp) (float *y, const float *x, float replacement, float min, float max);

  gboolean (*is_zero) (const float *x);
  gboolean (*is_finite) (const float *x);
  /* Whether any value is neither zero, subnormal, infinite nor NaN. */
  gboolean (*any_normal) (const float *x);
} KromoBlockOps;

/* ---- value curves ---- */

/* The gain of one wave of a wavetable (2-RENDERING 2.6). */
typedef struct {
  double start, end, middle, width;
  gboolean idle_at_zero;
} KromoWaveWindow;

typedef struct {
  /* (x + 1) / 2 * width + a, in double; @n values */
  void (*map_range) (float *y, const float *x, guint n, double a, double width);
  void (*map_wave) (float *y, const float *x, guint n, const KromoWaveWindow *window);

  /* (last * (time - start)) / duration */
  void (*find_positions) (
      double *positions, const double *times, double start, double last, double duration);

  /* Whole and fractional part of position - first, which is >= 0. Returns whether the whole parts follow one
   * another. */
  gboolean (*split) (gint32 *whole, float *phase, const double *positions, double first);

  /* fma (window[k + 1] - window[k], phase, window[k]); for k, @whole, or from 0 on. @y overlaps none. */
  void (*interpolate) (float *y, const float *window, const gint32 *whole, const float *phase);
  void (*interpolate_steady) (float *y, const float *window, const float *phase);
} KromoCurveOps;

/* ---- oscillators (3-WEB-AUDIO 3.8) ---- */

typedef struct {
  /* 2^(cents / 1200) */
  void (*find_factors) (double *y, const float *cents);

  /* Cycles a frame: frequency * factor, within the Nyquist frequency, / rate. */
  void (*find_increments) (double *y, const float *frequency, const double *factor, double rate);

  /* For each KromoShape: at phases in cycles, below 1, which may run away below 0. */
  void (*shapes[KROMO_SHAPE_TRIANGLE + 1]) (float *y, const double *phase, const double *increment);
} KromoOscillatorOps;

/* ---- filters (3-WEB-AUDIO 3.3) ---- */

/* What the coefficients of frames are made from: cosine and sine of the frequency, Q, 10^(Q/20), 10^(gain/40). */
typedef struct {
  double cosine[KROMO_QUANTUM], sine[KROMO_QUANTUM];
  double q[KROMO_QUANTUM], resonance[KROMO_QUANTUM], amplitude[KROMO_QUANTUM];
} KromoFilterShape;

typedef struct {
  double b0[KROMO_QUANTUM], b1[KROMO_QUANTUM], b2[KROMO_QUANTUM];
  double a1[KROMO_QUANTUM], a2[KROMO_QUANTUM];
} KromoFilterCoefficients;

/* Those of one frame. */
typedef struct {
  double b0, b1, b2, a1, a2;
} KromoFilterSection;

typedef struct {
  double x1, x2, y1, y2;
} KromoFilterHistory;

/* Of @n frames. */
typedef struct {
  /* The frequency times the factor of the detune; of the two, the factor is kept below Nyquist, or in standard
   * rendering the product. */
  void (*find_frequencies) (
      float *y, const float *frequency, const float *cents, float nyquist, guint n);
  void (*find_frequencies_standard) (
      float *y, const float *frequency, const float *cents, float nyquist, guint n);

  void (*find_angles) (double *cosine, double *sine, const float *frequency, double rate, guint n);

  /* 10^(x / divisor) */
  void (*exp10) (double *y, const float *x, double divisor, guint n);

  /* For each KromoFilter, which needs not all of the shape: resonance of the first two, amplitude of shelves and
   * peaking, q of the others and of peaking. */
  void (*find_coefficients[KROMO_FILTER_ALLPASS + 1]) (
      KromoFilterCoefficients *k, const KromoFilterShape *shape, guint n);

  /* How many frames from the first on have finite coefficients. */
  guint (*count_finite) (const KromoFilterCoefficients *k, guint n);

  /* A quantum in direct form I, all in double; the latter from frame @start on, with nothing before it. */
  void (*run_steady) (
      const KromoFilterSection *k, KromoFilterHistory *h, const float *in, float *out);
  void (*run) (const KromoFilterCoefficients *k, guint start, KromoFilterHistory *h,
      const float *in, float *out);
} KromoFilterOps;

/* ---- delays (3-WEB-AUDIO 3.2) ---- */

typedef struct {
  /* Whole and fractional part of i - max (delay, least) rate */
  void (*find_taps) (gint32 *whole, float *phase, const float *delay, double least, double rate);

  /* Between @ring[start + whole] and the next; both modulo @length. */
  void (*read_taps) (float *y, const float *ring, gint32 length, gint32 start, const gint32 *whole,
      const float *phase);

  /* Between @window[i] and the next. */
  void (*blend) (float *y, const float *window, float phase);
} KromoDelayOps;

/* ---- compressors (3-WEB-AUDIO 3.6) ---- */

/* Levels in dB; @threshold is the knee's centre, @width its width. */
typedef struct {
  float threshold, width, ratio, k;
} KromoCompression;

typedef struct {
  /* The larger of the amplitudes; NaN if one is. */
  void (*find_peaks) (float *y, const float *left, const float *right);

  /* What the curve takes from the peaks, dB. */
  void (*find_reductions) (float *y, const float *peak, const KromoCompression *curve);

  /* make_up - reduction, made linear */
  void (*find_gains) (float *y, const float *reduction, float make_up);
} KromoLevelOps;

/* ---- wave shapers (3-WEB-AUDIO 3.4) ---- */

typedef struct {
  /* Where each x, -1 to 1, falls on a curve of last + 1 points: between @left and @right, at phase 0 to 1. NaN is at
   * phase NaN. */
  void (*find_points) (guint64 *left, guint64 *right, float *phase, const float *x, guint64 last);

  /* Each product and the sum are rounded. @y may be @left or @right. */
  void (*blend) (float *y, const float *left, const float *right, const float *phase);
} KromoShaperOps;

/* ---- convolution ---- */

/* Transforms of pairs of blocks of @n values, a power of 2, n >= 128. A spectrum is n real parts, then as many
 * imaginary ones. The product of the transforms of (x, x') and (h, 0) is that of (., y), where y is the
 * part of the convolution of x, x' with h that falls on x'. Pointers are aligned to 64 bytes. */
typedef struct {
  gsize (*get_size) (guint n); /* of the tables, in floats */
  void (*plan) (float *tables, guint n);

  void (*forward) (
      const float *tables, float *spectrum, const float *x, const float *next, guint n);

  /* Overwrites @spectrum. @y: y, n values */
  void (*inverse) (const float *tables, float *spectrum, float *y, guint n);

  /* sum = a[newest] b[0] + a[newest - 1] b[1] + ..., spectra; @a is a ring of @ring of them */
  void (*sum_products) (float *sum, const float *a, guint newest, guint ring, const float *b,
      guint n_products, guint n);
} KromoFourierOps;

typedef struct {
  const char *name; /* "baseline", "avx2", "avx512" */
  const KromoBlockOps *blocks;
  const KromoCurveOps *curves;
  const KromoOscillatorOps *oscillators;
  const KromoFilterOps *filters;
  const KromoDelayOps *delays;
  const KromoLevelOps *levels;
  const KromoShaperOps *shapers;
  const KromoFourierOps *fourier;
} KromoOps;

/* The table for @cpu, or for the best that this CPU has if that is less. */
const KromoOps *kromo_ops_find (KromoCpu cpu);

/* The table to use: that of kromo_cpu_get(). */
const KromoOps *kromo_ops_get (void);

G_END_DECLS
