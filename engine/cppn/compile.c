/* From a network and the wanted signals to a program.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Instructions are first made with values (each assigned once) instead of registers, for one distinct
 * frequency after the other: so what is live at a time is little more than what one frequency needs.
 * What depends on the ramp alone, and whatever else is computed from equal operands, is found again
 * by its hash. Then values get registers (registers.c).
 */
#include "program.h"

#include "../math/functions.h"

#define NO_VALUE G_MAXUINT32
#define VALUE_ONES KROMO_REGISTER_ONES

/* What a node depends on; each includes those before it. */
enum {
  CONSTANT,
  ON_RAMP,
  ON_SINE
};

typedef struct {
  const KromoNetwork *network;
  const KromoSpan *span;
  KromoNetworkOrder order;
  guint8 *depends;      /* [n_nodes] */
  guint8 *needed;       /* [n_nodes]: for the frequency at hand */
  double *constants;    /* [n_nodes]: where depends is CONSTANT */
  guint32 *values;      /* [n_nodes]: those on the sine, for the frequency at hand */
  GArray *bounds;       /* of double, by value: the most that its absolute value can be, about */
  guint32 ramp;         /* value of m, or NO_VALUE */
  GArray *instructions; /* of KromoInstruction, registers being values for now */
  GArray *terms;        /* of KromoTerm, likewise */
  guint32 *buckets;     /* instruction index + 1 by hash of INPUT and NODE, 0 where free */
  guint n_buckets;      /* a power of 2 */
  guint n_hashed;
} Compiler;

/* ---- what depends on what ---- */

static double
fold (const Compiler *compiler, guint32 node)
{
  const KromoNetworkOrder *order = &compiler->order;
  _Alignas(KROMO_BLOCK_ALIGN) double x[KROMO_BLOCK_ROUND] = { 0 };

  for (guint32 i = order->first[node]; i < order->first[node + 1]; i++)
    if (order->incoming[i].source != KROMO_DROPPED)
      x[0] += order->incoming[i].weight * compiler->constants[order->incoming[i].source];
  kromo_kernels_get ()->activations[compiler->network->activations[node]](x, KROMO_BLOCK_ROUND);
  return x[0];
}

static void
find_dependencies (Compiler *compiler)
{
  const KromoNetwork *network = compiler->network;
  const KromoNetworkOrder *order = &compiler->order;

  for (guint i = 0; i < network->n_bias; i++)
    compiler->constants[i] = 1.0;
  for (guint i = 0; i < MIN (network->n_inputs, 2); i++)
    compiler->depends[network->n_bias + i] = i == 0 ? ON_SINE : ON_RAMP;

  for (guint i = 0; i < order->n_order; i++) {
    guint32 node = order->order[i];
    guint8 depends = CONSTANT;

    if (network->activations[node] != KROMO_ACTIVATION_NULL) {
      for (guint32 k = order->first[node]; k < order->first[node + 1]; k++)
        if (order->incoming[k].source != KROMO_DROPPED)
          depends = MAX (depends, compiler->depends[order->incoming[k].source]);
      if (depends == CONSTANT)
        compiler->constants[node] = fold (compiler, node);
    }
    compiler->depends[node] = depends;
  }
}

/* Marks what the marked outputs need and what has no value yet. */
static void
mark_needed (Compiler *compiler)
{
  const KromoNetworkOrder *order = &compiler->order;

  for (guint i = order->n_order; i-- > 0;) {
    guint32 node = order->order[i];

    if (!compiler->needed[node])
      continue;
    if (compiler->depends[node] == CONSTANT
        || (compiler->depends[node] == ON_RAMP && compiler->values[node] != NO_VALUE))
      continue;
    for (guint32 k = order->first[node]; k < order->first[node + 1]; k++)
      if (order->incoming[k].source != KROMO_DROPPED)
        compiler->needed[order->incoming[k].source] = 1;
  }
}

/* ---- making values ---- */

static guint
mix (guint64 hash, guint64 x)
{
  hash = (hash ^ x) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return (guint) (hash >> 32) ^ (guint) hash;
}

static const KromoTerm *
get_terms (const Compiler *compiler, const KromoInstruction *instruction)
{
  if (instruction->kind != KROMO_INSTRUCTION_NODE)
    return NULL;
  return &g_array_index (compiler->terms, KromoTerm, instruction->source);
}

static guint
hash_instruction (const Compiler *compiler, const KromoInstruction *instruction)
{
  const KromoTerm *terms = get_terms (compiler, instruction);
  guint hash =
      mix (instruction->kind * 16U + instruction->activation, kromo_bits (instruction->number));

  for (guint i = 0; i < instruction->n_terms; i++)
    hash = mix (mix (hash, terms[i].source), kromo_bits (terms[i].weight));
  return hash;
}

static gboolean
same_instruction (const Compiler *compiler, const KromoInstruction *a, const KromoInstruction *b)
{
  const KromoTerm *s, *t;

  if (a->kind != b->kind || a->activation != b->activation || a->n_terms != b->n_terms
      || kromo_bits (a->number) != kromo_bits (b->number))
    return FALSE;
  s = get_terms (compiler, a);
  t = get_terms (compiler, b);
  for (guint i = 0; i < a->n_terms; i++)
    if (s[i].source != t[i].source || kromo_bits (s[i].weight) != kromo_bits (t[i].weight))
      return FALSE;
  return TRUE;
}

static void
grow_buckets (Compiler *compiler)
{
  guint n = MAX (compiler->n_buckets * 2, 256);

  g_free (compiler->buckets);
  compiler->buckets = g_new0 (guint32, n);
  compiler->n_buckets = n;
  for (guint i = 0; i < compiler->instructions->len; i++) {
    const KromoInstruction *instruction =
        &g_array_index (compiler->instructions, KromoInstruction, i);
    guint slot;

    if (instruction->kind != KROMO_INSTRUCTION_INPUT && instruction->kind != KROMO_INSTRUCTION_NODE)
      continue;
    slot = hash_instruction (compiler, instruction) & (n - 1);
    while (compiler->buckets[slot] != 0)
      slot = (slot + 1) & (n - 1);
    compiler->buckets[slot] = i + 1;
  }
}

static guint32
new_value (Compiler *compiler, double bound)
{
  g_array_append_val (compiler->bounds, bound);
  return compiler->bounds->len - 1;
}

/* Appends an instruction for a new value, or finds the value that already is the same and takes the
 * instruction's terms back. */
static guint32
add_value (Compiler *compiler, KromoInstruction *instruction)
{
  guint slot;

  if (compiler->n_hashed * 2 >= compiler->n_buckets)
    grow_buckets (compiler);
  slot = hash_instruction (compiler, instruction) & (compiler->n_buckets - 1);
  while (compiler->buckets[slot] != 0) {
    const KromoInstruction *other =
        &g_array_index (compiler->instructions, KromoInstruction, compiler->buckets[slot] - 1);

    if (same_instruction (compiler, instruction, other)) {
      if (instruction->kind == KROMO_INSTRUCTION_NODE)
        g_array_set_size (compiler->terms, instruction->source);
      return other->target;
    }
    slot = (slot + 1) & (compiler->n_buckets - 1);
  }
  instruction->target = new_value (compiler,
      kromo_instruction_find_bound (instruction, get_terms (compiler, instruction),
          &g_array_index (compiler->bounds, double, 0)));
  g_array_append_val (compiler->instructions, *instruction);
  compiler->buckets[slot] = compiler->instructions->len;
  compiler->n_hashed++;
  return instruction->target;
}

static guint32
get_ramp (Compiler *compiler)
{
  if (compiler->ramp == NO_VALUE) {
    KromoInstruction instruction = { .kind = KROMO_INSTRUCTION_RAMP };

    compiler->ramp = instruction.target = new_value (compiler, KROMO_RAMP_BOUND);
    g_array_append_val (compiler->instructions, instruction);
  }
  return compiler->ramp;
}

static guint32
add_input (Compiler *compiler, double phase)
{
  KromoInstruction instruction = { .kind = KROMO_INSTRUCTION_INPUT, .number = phase };

  instruction.source = get_ramp (compiler);
  return add_value (compiler, &instruction);
}

/* Leading constants go into the number that the sum starts with. Others must keep their place in the sum,
 * as terms with the register of ones. */
static guint32
add_node (Compiler *compiler, guint32 node)
{
  const KromoNetworkOrder *order = &compiler->order;
  KromoInstruction instruction = { .kind = KROMO_INSTRUCTION_NODE };

  instruction.activation = compiler->network->activations[node];
  instruction.source = compiler->terms->len;
  for (guint32 i = order->first[node]; i < order->first[node + 1]; i++) {
    const KromoIncoming *incoming = &order->incoming[i];
    KromoTerm term = { incoming->weight, VALUE_ONES };

    if (incoming->source == KROMO_DROPPED)
      continue;
    if (compiler->depends[incoming->source] != CONSTANT) {
      term.source = compiler->values[incoming->source];
    } else {
      term.weight *= compiler->constants[incoming->source];
      if (instruction.n_terms == 0) {
        instruction.number += term.weight;
        continue;
      }
    }
    g_array_append_val (compiler->terms, term);
    instruction.n_terms++;
  }
  return add_value (compiler, &instruction);
}

/* ---- one frequency after the other ---- */

typedef struct {
  double phase;
  guint group; /* by distinct phase, in order of appearance */
  guint index;
} Signal;

static gint
compare_signals (gconstpointer a, gconstpointer b)
{
  const Signal *s = a, *t = b;

  if (s->group != t->group)
    return s->group < t->group ? -1 : 1;
  return s->index < t->index ? -1 : s->index > t->index;
}

static Signal *
sort_signals (const KromoSignal *signals, guint n_signals, const KromoSpan *span)
{
  GHashTable *groups = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  Signal *sorted = g_new (Signal, n_signals);

  for (guint i = 0; i < n_signals; i++) {
    gint64 key;
    gpointer group;

    sorted[i].phase = signals[i].frequency * ((double) span->n_frames / span->rate);
    sorted[i].index = i;
    key = (gint64) kromo_bits (sorted[i].phase);
    if (!g_hash_table_lookup_extended (groups, &key, NULL, &group)) {
      group = GUINT_TO_POINTER (g_hash_table_size (groups));
      g_hash_table_insert (groups, g_memdup2 (&key, sizeof key), group);
    }
    sorted[i].group = GPOINTER_TO_UINT (group);
  }
  g_hash_table_unref (groups);
  if (n_signals > 0)
    qsort (sorted, n_signals, sizeof *sorted, compare_signals);
  return sorted;
}

/* Stores the signals that are this node's, right after it was computed. Several may be. */
static void
add_stores (Compiler *compiler, guint32 node, const KromoSignal *signals, const Signal *group,
    guint n_group)
{
  guint output = node - compiler->network->n_bias - compiler->network->n_inputs;

  for (guint i = 0; i < n_group; i++) {
    KromoInstruction instruction = { .kind = KROMO_INSTRUCTION_STORE };

    if (signals[group[i].index].output != output)
      continue;
    instruction.target = group[i].index;
    if (compiler->depends[node] == CONSTANT) {
      instruction.kind = KROMO_INSTRUCTION_CONSTANT;
      instruction.number = compiler->constants[node];
    } else {
      instruction.source = compiler->values[node];
    }
    g_array_append_val (compiler->instructions, instruction);
  }
}

static void
add_group (Compiler *compiler, const KromoSignal *signals, const Signal *group, guint n_group)
{
  const KromoNetwork *network = compiler->network;
  const KromoNetworkOrder *order = &compiler->order;
  guint first_output = network->n_bias + network->n_inputs;
  guint sine = network->n_bias, ramp = network->n_bias + 1;

  memset (compiler->needed, 0, network->n_nodes);
  for (guint i = 0; i < n_group; i++)
    compiler->needed[first_output + signals[group[i].index].output] = 1;
  mark_needed (compiler);

  if (network->n_inputs > 1 && compiler->needed[ramp])
    compiler->values[ramp] = get_ramp (compiler);
  if (network->n_inputs > 0 && compiler->needed[sine])
    compiler->values[sine] = add_input (compiler, group[0].phase);
  for (guint i = 0; i < order->n_order; i++) {
    guint32 node = order->order[i];

    if (!compiler->needed[node])
      continue;
    if (compiler->depends[node] == ON_SINE
        || (compiler->depends[node] == ON_RAMP && compiler->values[node] == NO_VALUE))
      compiler->values[node] = add_node (compiler, node);
    if (node - first_output < network->n_outputs)
      add_stores (compiler, node, signals, group, n_group);
  }
}

/* ---- all of it ---- */

static KromoProgram *
finish (Compiler *compiler, guint n_signals)
{
  KromoProgram *program = g_new0 (KromoProgram, 1);
  gsize n_terms;

  g_atomic_ref_count_init (&program->ref_count);
  program->kernels = kromo_kernels_get ();
  program->last = (double) (compiler->span->n_frames - 1);
  program->velocity = compiler->span->velocity;
  program->n_signals = n_signals;
  program->n_instructions = compiler->instructions->len;
  program->instructions =
      g_memdup2 (compiler->instructions->data, sizeof (KromoInstruction) * program->n_instructions);
  n_terms = program->n_terms = compiler->terms->len;
  program->terms = g_memdup2 (compiler->terms->data, sizeof (KromoTerm) * n_terms);
  program->n_activations = compiler->n_hashed;
  kromo_program_assign_registers (program, compiler->bounds->len);
  return program;
}

KromoProgram *
kromo_program_new (
    const KromoNetwork *network, const KromoSignal *signals, guint n_signals, const KromoSpan *span)
{
  Compiler compiler = { .network = network, .span = span, .ramp = NO_VALUE };
  KromoProgram *program;
  Signal *sorted;
  guint begin, end;

  g_return_val_if_fail (span->n_frames > 0, NULL);
  for (guint i = 0; i < n_signals; i++)
    g_return_val_if_fail (signals[i].output < network->n_outputs, NULL);

  kromo_network_order_init (&compiler.order, network);
  compiler.depends = g_new0 (guint8, network->n_nodes);
  compiler.needed = g_new0 (guint8, network->n_nodes);
  compiler.constants = g_new0 (double, network->n_nodes);
  compiler.values = g_new (guint32, network->n_nodes);
  memset (compiler.values, 0xff, network->n_nodes * sizeof *compiler.values);
  compiler.instructions = g_array_sized_new (FALSE, FALSE, sizeof (KromoInstruction), 256);
  compiler.terms = g_array_sized_new (FALSE, FALSE, sizeof (KromoTerm), 512);
  compiler.bounds = g_array_sized_new (FALSE, FALSE, sizeof (double), 256);
  new_value (&compiler, 1.0); /* VALUE_ONES */
  find_dependencies (&compiler);

  sorted = sort_signals (signals, n_signals, span);
  for (begin = 0; begin < n_signals; begin = end) {
    for (end = begin + 1; end < n_signals && sorted[end].group == sorted[begin].group; end++)
      ;
    add_group (&compiler, signals, sorted + begin, end - begin);
  }
  program = finish (&compiler, n_signals);

  g_free (sorted);
  g_free (compiler.buckets);
  g_array_unref (compiler.bounds);
  g_array_unref (compiler.terms);
  g_array_unref (compiler.instructions);
  g_free (compiler.values);
  g_free (compiler.constants);
  g_free (compiler.needed);
  g_free (compiler.depends);
  kromo_network_order_clear (&compiler.order);
  return program;
}
