/* The block kernels behind programs, one table for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All tables are compiled from the one kernels.c and give the same bits (but for the sign of a NaN).
 * Blocks are aligned to 64 bytes, and n is a multiple of KROMO_BLOCK_ROUND, so callers pad them.
 */
#pragma once

#include "../genome/genome.h"

G_BEGIN_DECLS

#define KROMO_BLOCK_ROUND 8
#define KROMO_BLOCK_ALIGN 64

/* The ramp is within -1..1 in the sound, and further out only in filters that look beyond its ends. */
#define KROMO_RAMP_BOUND 2.0

/* What a weighted sum adds up: weight * register. */
typedef struct {
  double weight;
  guint32 source; /* register number: the block of KROMO_QUANTUM doubles of that index */
} KromoTerm;

typedef struct {
  const char *name; /* "baseline", "avx2", "avx512" */

  /* x = f (x), for each KromoActivation and any argument */
  void (*activations[KROMO_N_ACTIVATIONS]) (double *x, gsize n);

  /* x = -1 + (x / last) * 2, or -1 if last is 0. Returns whether all |x| <= KROMO_RAMP_BOUND then. */
  gboolean (*ramp) (double *x, double last, gsize n);

  /* The same of sums: out = f (((start + weight[0] * source[0]) + weight[1] * source[1]) + ...), the sum
   * as below, in one pass over memory where terms are few. The sums lie in -KROMO_BOUND..KROMO_BOUND. */
  void (*nodes[KROMO_N_ACTIVATIONS]) (double *restrict out, const double *registers, double start,
      const KromoTerm *terms, gsize n_terms, gsize n);

  /* out = sin (ramp * phase) * velocity */
  void (*input) (double *restrict out, const double *ramp, double phase, double velocity, gsize n);

  /* The same, where |ramp * phase| <= KROMO_SINE_LIMIT */
  void (*bounded_input) (
      double *restrict out, const double *ramp, double phase, double velocity, gsize n);

  /* out = ((start + weight[0] * source[0]) + weight[1] * source[1]) + ..., each operation rounded; out
   * is none of the sources */
  void (*sum) (double *restrict out, const double *registers, double start, const KromoTerm *terms,
      gsize n_terms, gsize n);

  /* to single precision; a NaN becomes the positive quiet one. Any n, any alignment of out. */
  void (*store) (float *restrict out, const double *x, gsize n);
} KromoKernels;

/* The tables that this CPU can run, the best one last; @n gets their number. */
const KromoKernels *const *kromo_kernels_list (guint *n);

/* The table that @name asks for, or the best one if @name is NULL, unknown or not for this CPU. */
const KromoKernels *kromo_kernels_find (const char *name);

/* The table to use, chosen once: kromo_kernels_find() of the environment variable KROMO_CPU
 * ("baseline", "avx2" or "avx512"). */
const KromoKernels *kromo_kernels_get (void);

G_END_DECLS
