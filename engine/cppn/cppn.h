/* CPPNs compiled to straight-line programs over blocks of frames.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A program evaluates a set of signals of one network. A signal is one network output at one
 * frequency; it is a pure function of the frame index i (which may be a fraction):
 *
 *     m = -1 + (i / (N - 1)) * 2          (m = -1 when N = 1)
 *     P = f * (N / rate)
 *     network inputs: [ sin (P * m) * v, m ], bias 1
 *     value = the network's output, rounded to single
 *
 * all in double precision, in this order of operations. The sine is that of the rounded product P * m.
 * Every other operation may be off by 2 ulp, but is the same to the last bit on every CPU, for every
 * compiler, and whatever the other frames and signals in the call.
 */
#pragma once

#include "../genome/genome.h"

G_BEGIN_DECLS

typedef struct {
  guint output;     /* network output index */
  double frequency; /* Hz, already transposed */
} KromoSignal;

typedef struct {
  guint64 n_frames; /* N, > 0: length of the whole sound */
  double rate;      /* frames per second */
  double velocity;  /* v, 0..1 */
} KromoSpan;

/* Immutable and reference-counted; any thread may evaluate it with scratch memory of its own. */
typedef struct _KromoProgram KromoProgram;

/**
 * kromo_program_new:
 * @signals: (array length=n_signals): all of one network; duplicates are allowed
 *
 * Compiles only the nodes that the signals need; what depends on m alone is computed once for all
 * frequencies. Does not keep @network.
 *
 * Returns: (transfer full): the program, which has no more instructions and terms than @network has nodes and
 *   connections, times @n_signals
 */
KromoProgram *kromo_program_new (const KromoNetwork *network, const KromoSignal *signals,
    guint n_signals, const KromoSpan *span);
KromoProgram *kromo_program_ref (KromoProgram *program);
void kromo_program_unref (KromoProgram *program);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KromoProgram, kromo_program_unref)

/* Bytes of scratch memory that one evaluation needs, to be aligned to 64 bytes. */
gsize kromo_program_get_scratch_size (const KromoProgram *program);

/* Bytes of the program itself. */
gsize kromo_program_get_memory (const KromoProgram *program);

guint kromo_program_get_n_signals (const KromoProgram *program);

/* What one frame costs, for estimates: number of activations (input sines included) and of
 * multiply-adds. */
void kromo_program_count (
    const KromoProgram *program, guint *n_activations, guint *n_multiply_adds);

/**
 * kromo_program_eval:
 * @scratch: kromo_program_get_scratch_size() bytes, contents irrelevant
 * @frames: (array length=n): frame indices, in any order
 * @n: 1..KROMO_QUANTUM
 * @values: (array): for each signal an array that takes @n values; need not be aligned
 *
 * Evaluates all signals at the given frames. Runs in the caller's floating-point mode, which must be
 * the default one (round to nearest, no flush-to-zero).
 */
void kromo_program_eval (const KromoProgram *program, void *scratch, const double *frames, guint n,
    float *const *values);

G_END_DECLS
