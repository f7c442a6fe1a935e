/* The block loops of the graph and its nodes, one table for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All tables are compiled from the same files and give the same bits. An array is a quantum
 * (KROMO_QUANTUM values) unless it says otherwise, of any alignment. @y may be one of the arrays that are read,
 * and must not overlap them otherwise.
 */
#pragma once

#include "../kromo.h"
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
  void (*mix_surround) (float *y, const float *l, const float *r, const float *c, const float *sl,
      const float *sr);

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

/* ---- convolution ---- */

/* Transforms of pairs of blocks of @n values, a power of 2, n >= 128. A spectrum is n real parts, then as many
 * imaginary ones. The product of the transforms of (x, x') and (h, 0) is that of (., y), where y is the
 * part of the convolution of x, x' with h that falls on x'. Pointers are aligned to 64 bytes. */
typedef struct {
  gsize (*get_size) (guint n); /* of the tables, in floats */
  void (*plan) (float *tables, guint n);

  void (*forward) (const float *tables, float *spectrum, const float *x, const float *next, guint n);

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
  const KromoFourierOps *fourier;
} KromoOps;

/* The table for @cpu, or for the best that this CPU has if that is less. */
const KromoOps *kromo_ops_find (KromoCpu cpu);

/* The table to use: that of kromo_cpu_get(). */
const KromoOps *kromo_ops_get (void);

G_END_DECLS
