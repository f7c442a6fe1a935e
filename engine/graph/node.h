/* What the graph asks of an audio node.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bus.h"
#include "param.h"

G_BEGIN_DECLS

typedef struct _KromoNode KromoNode;
typedef struct _KromoRun KromoRun;

#define KROMO_NODE_MAX_PARAMS 5

/* A parameter's values in this quantum. */
typedef struct {
  const float *values; /* a quantum, or one value */
  gboolean single;
} KromoValues;

/* One quantum of work. */
struct _KromoRun {
  KromoArena arena;
  const KromoBank *bank;
  const KromoOps *ops;
  guint64 block;
  KromoBlockTime time;
  double rate;
  KromoValues params[KROMO_NODE_MAX_PARAMS];
  float *scratch; /* KROMO_BUS_CHANNELS quanta, free for the node that runs */
};

typedef struct {
  const char *name;

  /* Room in the arena; called once, after the graph has been ordered, when max_in is known.
   * Nullable. */
  void (*plan) (KromoNode *node, KromoLayout *layout, double rate);

  /* What takes time that grows with the sound's length and must come before the first frame, a
   * second of sound or so a call. Returns whether all is done, else what part (0..1) in @done; stops
   * early when *@interrupt (nullable) is not 0. The class member is NULL where there is nothing. */
  gboolean (*prepare) (KromoNode *node, const KromoBank *bank, const KromoArena *arena, double rate,
      const gint *interrupt, double *done);

  /* The state of frame 0, whatever the arena's memory holds; NULL: all bytes zero. */
  void (*reset) (const KromoNode *node, const KromoArena *arena);

  /* From the state of frame 0 to that of @run's block, as far as it does not depend on what was heard. @moving
   * has a bit for each parameter that is not its initial value throughout. Nullable. */
  void (*start) (const KromoNode *node, const KromoRun *run, guint moving);

  /* Takes over the state of a node that is the same but for its signals and numbers, of which nothing may be
   * taken, just before @run's block; called after reset. NULL: all bytes are copied. */
  void (*go_on) (const KromoNode *node, const KromoRun *run, gconstpointer state);

  /* Renders a quantum. @out comes silent and may be left so; @own has room for node->max_out
   * channels. Channels of @in may lie in @own, each at its own place. */
  void (*process) (
      const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own);

  /* Frees the config's own parts. Nullable. */
  void (*clear) (KromoNode *node);

  /* What a frame takes, for kromo_graph_count_operations(): of each channel, and beyond that, after the node has been
   * planned, what its config adds, such as signals that it reads at random. The latter is nullable. */
  guint operations;
  guint64 (*count_operations) (const KromoNode *node, const KromoBank *bank);

  KromoCountMode count_mode;
  guint channel_count;
  gboolean is_source;              /* sounds without an input */
  guint (*max_out) (guint max_in); /* channels made from at most so many; NULL: as many */
} KromoNodeClass;

struct _KromoNode {
  const KromoNodeClass *klass;
  gpointer config;  /* the kind's own immutable data, g_malloc()ed */
  gsize state;      /* offset in the arena, set by plan */
  gsize state_size; /* set by plan */
  guint n_params;
  KromoParamPlan params[KROMO_NODE_MAX_PARAMS];

  /* set by the graph */
  guint max_in, max_out;
  gboolean in_cycle; /* delay reader and writer: the reader comes first */
  KromoNode *peer;   /* delay reader: its writer */
};

static inline void
kromo_node_take_state (KromoNode *node, KromoLayout *layout, gsize size)
{
  node->state = kromo_layout_take (&layout->state, size);
  node->state_size = size;
}

static inline gpointer
kromo_node_state (const KromoNode *node, const KromoArena *arena)
{
  return kromo_arena_state (arena, node->state);
}

G_END_DECLS
