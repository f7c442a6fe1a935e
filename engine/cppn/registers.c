/* Registers for a program's values, reused as soon as a value is no longer needed, the last freed one
 * first: so the working set is small and warm in the cache.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "program.h"

void
kromo_program_assign_registers (KromoProgram *program, guint n_values)
{
  guint32 *last_use = g_new0 (guint32, n_values); /* instruction, counting from 1 */
  guint32 *registers = g_new (guint32, n_values);
  guint32 *free_registers = g_new (guint32, n_values);
  guint n_free = 0;

  for (guint i = 0; i < program->n_instructions; i++) {
    const KromoInstruction *instruction = &program->instructions[i];

    if (instruction->kind == KROMO_INSTRUCTION_INPUT
        || instruction->kind == KROMO_INSTRUCTION_STORE)
      last_use[instruction->source] = i + 1;
    for (guint k = 0; k < instruction->n_terms; k++)
      last_use[program->terms[instruction->source + k].source] = i + 1;
  }
  program->has_ones = last_use[KROMO_REGISTER_ONES] != 0;
  last_use[KROMO_REGISTER_ONES] = 0; /* never given back */
  registers[KROMO_REGISTER_ONES] = KROMO_REGISTER_ONES;
  program->n_registers = 1;

  for (guint i = 0; i < program->n_instructions; i++) {
    KromoInstruction *instruction = &program->instructions[i];
    guint32 value;

    if (instruction->kind <= KROMO_INSTRUCTION_NODE) {
      value = instruction->target;
      registers[value] = n_free > 0 ? free_registers[--n_free] : program->n_registers++;
      instruction->target = registers[value];
    }
    if (instruction->kind == KROMO_INSTRUCTION_INPUT
        || instruction->kind == KROMO_INSTRUCTION_STORE) {
      value = instruction->source;
      instruction->source = registers[value];
      if (last_use[value] == i + 1)
        free_registers[n_free++] = registers[value];
    }
    for (guint k = 0; k < instruction->n_terms; k++) {
      KromoTerm *term = &program->terms[instruction->source + k];

      value = term->source;
      term->source = registers[value];
      if (last_use[value] == i + 1) {
        free_registers[n_free++] = registers[value];
        last_use[value] = 0; /* it may be among the terms again */
      }
    }
  }
  g_free (free_registers);
  g_free (registers);
  g_free (last_use);
}
