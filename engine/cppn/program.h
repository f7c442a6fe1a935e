/* What a compiled program consists of, and the order in which a network's nodes are evaluated.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "cppn.h"
#include "kernels.h"

G_BEGIN_DECLS

/* ---- order.c ---- */

#define KROMO_DROPPED G_MAXUINT32

typedef struct {
  guint32 source; /* KROMO_DROPPED for a back edge of a cycle */
  double weight;
} KromoIncoming;

typedef struct {
  guint32 *first;          /* [n_nodes + 1]: where a node's connections begin in @incoming */
  KromoIncoming *incoming; /* in order of the connections */
  guint32 *order; /* the nodes that outputs reach, but for bias and inputs; sources come first */
  guint n_order;
} KromoNetworkOrder;

void kromo_network_order_init (KromoNetworkOrder *order, const KromoNetwork *network);
void kromo_network_order_clear (KromoNetworkOrder *order);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KromoNetworkOrder, kromo_network_order_clear)

/* ---- programs ---- */

typedef enum {
  KROMO_INSTRUCTION_RAMP,     /* target = m of the frames */
  KROMO_INSTRUCTION_INPUT,    /* target = sin (number * source) * velocity */
  KROMO_INSTRUCTION_NODE,     /* target = activation (number + sum of terms) */
  KROMO_INSTRUCTION_STORE,    /* signal target = source, in single precision */
  KROMO_INSTRUCTION_CONSTANT, /* signal target = number */
} KromoInstructionKind;

typedef struct {
  double number;
  guint32 target;  /* register, or signal */
  guint32 source;  /* register; of a NODE: index of the first term */
  guint32 n_terms; /* of a NODE */
  guint8 kind;
  guint8 activation;
  guint8
      bounded; /* of INPUT and NODE: whether the argument is, as long as the ramp is; see kernels.h */
} KromoInstruction;

struct _KromoProgram {
  gatomicrefcount ref_count;
  const KromoKernels *kernels;
  double last; /* N - 1 */
  double velocity;
  guint n_signals;
  guint n_registers; /* the first holds ones, by which constants become terms */
  gboolean has_ones; /* whether there are such terms */
  guint n_activations;
  guint n_instructions, n_terms;
  KromoInstruction *instructions;
  KromoTerm *terms;
};

#define KROMO_REGISTER_ONES 0

/* ---- bounds.c ---- */

/* Says whether the argument of an INPUT or a NODE is bounded. Its sources are values, up to @bounds.
 * Returns: how large its value can get, about */
double kromo_instruction_find_bound (
    KromoInstruction *instruction, const KromoTerm *terms, const double *bounds);

/* ---- registers.c ---- */

/* Turns the values 0..@n_values - 1 of which the program speaks, each assigned once, into registers.
 * Value 0 is the ones. */
void kromo_program_assign_registers (KromoProgram *program, guint n_values);

G_END_DECLS
