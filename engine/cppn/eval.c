/* Programs: counting references, and evaluation.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "program.h"

#include <math.h>
#include <string.h>

KromoProgram *
kromo_program_ref (KromoProgram *program)
{
  g_atomic_ref_count_inc (&program->ref_count);
  return program;
}

void
kromo_program_unref (KromoProgram *program)
{
  if (!g_atomic_ref_count_dec (&program->ref_count))
    return;
  g_free (program->terms);
  g_free (program->instructions);
  g_free (program);
}

gsize
kromo_program_get_scratch_size (const KromoProgram *program)
{
  return (gsize) program->n_registers * KROMO_QUANTUM * sizeof (double);
}

gsize
kromo_program_get_memory (const KromoProgram *program)
{
  return sizeof *program + program->n_instructions * sizeof *program->instructions
      + program->n_terms * sizeof *program->terms;
}

guint
kromo_program_get_n_signals (const KromoProgram *program)
{
  return program->n_signals;
}

void
kromo_program_count (const KromoProgram *program, guint *n_activations, guint *n_multiply_adds)
{
  *n_activations = program->n_activations;
  *n_multiply_adds = program->n_terms;
}

static void
fill (float *values, float value, guint n)
{
  for (guint i = 0; i < n; i++)
    values[i] = value;
}

/* @tame: whether the ramp is within its bound, and so is all that was called bounded because of it. */
static void
eval_node (const KromoProgram *program, const KromoInstruction *instruction, double *registers,
    gboolean tame, gsize n)
{
  const KromoKernels *kernels = program->kernels;
  const KromoTerm *terms = program->terms + instruction->source;
  double *target = registers + (gsize) instruction->target * KROMO_QUANTUM;

  if (tame && instruction->bounded) {
    kernels->nodes[instruction->activation](
        target, registers, instruction->number, terms, instruction->n_terms, n);
    return;
  }
  kernels->sum (target, registers, instruction->number, terms, instruction->n_terms, n);
  kernels->activations[instruction->activation](target, n);
}

void
kromo_program_eval (
    const KromoProgram *program, void *scratch, const double *frames, guint n, float *const *values)
{
  const KromoKernels *kernels = program->kernels;
  double *registers = __builtin_assume_aligned (scratch, KROMO_BLOCK_ALIGN);
  gsize rounded = (n + KROMO_BLOCK_ROUND - 1) & ~(gsize) (KROMO_BLOCK_ROUND - 1);
  gboolean tame = TRUE;

  g_assert (n > 0 && n <= KROMO_QUANTUM);
  g_assert ((guintptr) scratch % KROMO_BLOCK_ALIGN == 0);

  if (program->has_ones)
    for (gsize i = 0; i < rounded; i++)
      registers[KROMO_REGISTER_ONES * KROMO_QUANTUM + i] = 1.0;

  for (guint i = 0; i < program->n_instructions; i++) {
    const KromoInstruction *instruction = &program->instructions[i];
    double *target = registers + (gsize) instruction->target * KROMO_QUANTUM;
    const double *source = registers + (gsize) instruction->source * KROMO_QUANTUM;

    switch ((KromoInstructionKind) instruction->kind) {
    case KROMO_INSTRUCTION_RAMP:
      memmove (target, frames, n * sizeof *frames); /* gcc makes slow code of memcpy here */
      for (gsize k = n; k < rounded; k++)
        target[k] = 0.0;
      tame = kernels->ramp (target, program->last, rounded);
      break;
    case KROMO_INSTRUCTION_INPUT:
      (tame && instruction->bounded ? kernels->bounded_input : kernels->input) (
          target, source, instruction->number, program->velocity, rounded);
      break;
    case KROMO_INSTRUCTION_NODE:
      eval_node (program, instruction, registers, tame, rounded);
      break;
    case KROMO_INSTRUCTION_STORE:
      kernels->store (values[instruction->target], source, n);
      break;
    case KROMO_INSTRUCTION_CONSTANT:
      fill (values[instruction->target],
          isnan (instruction->number) ? (float) NAN : (float) instruction->number, n);
      break;
    }
  }
}
