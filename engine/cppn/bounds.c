/* How large the values of a program can get: what is known to be small takes the faster kernels.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Roundings are not counted; the kernels' own limits are far enough beyond the bounds.
 */
#include "program.h"

#include "../math/functions.h"

/* What an activation of a value up to @bound is up to. */
static double
bound_activation (guint activation, double bound)
{
  switch (activation) {
  case KROMO_ACTIVATION_ARCTAN:
    return 0.5 * KROMO_PI;
  case KROMO_ACTIVATION_LINEAR:
    return bound;
  default:
    return 1.0;
  }
}

double
kromo_instruction_find_bound (
    KromoInstruction *instruction, const KromoTerm *terms, const double *bounds)
{
  double bound = fabs (instruction->number);

  if (instruction->kind == KROMO_INSTRUCTION_INPUT) {
    instruction->bounded = bound * KROMO_RAMP_BOUND <= KROMO_SINE_LIMIT;
    return 1.0;
  }
  for (guint i = 0; i < instruction->n_terms; i++)
    bound += fabs (terms[i].weight) * bounds[terms[i].source];
  instruction->bounded = bound <= KROMO_BOUND;
  return bound_activation (instruction->activation, bound);
}
