/* The order of evaluation of a network, and which connections its cycles lose.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Depth first from every output in turn, following incoming connections in order, each node once; a
 * connection from a node that is still being evaluated is dropped. All outputs take part, whatever
 * signals are wanted, since what is dropped depends on where the walk began. Networks may be deep, so
 * the walk has a stack of its own.
 */
#include "program.h"

#include <string.h>

enum {
  NEW,
  OPEN,
  DONE
};

static void
sort_incoming (KromoNetworkOrder *order, const KromoNetwork *network)
{
  guint32 *next;

  order->first = g_new0 (guint32, (gsize) network->n_nodes + 1);
  order->incoming = g_new (KromoIncoming, network->n_connections);
  for (guint i = 0; i < network->n_connections; i++)
    order->first[network->connections[i].target + 1]++;
  for (guint i = 0; i < network->n_nodes; i++)
    order->first[i + 1] += order->first[i];

  next = g_memdup2 (order->first, network->n_nodes * sizeof *next);
  for (guint i = 0; i < network->n_connections; i++) {
    const KromoNetworkConnection *connection = &network->connections[i];
    KromoIncoming *incoming = &order->incoming[next[connection->target]++];

    incoming->source = connection->source;
    incoming->weight = connection->weight;
  }
  g_free (next);
}

void
kromo_network_order_init (KromoNetworkOrder *order, const KromoNetwork *network)
{
  guint n_leaves = network->n_bias + network->n_inputs;
  guint8 *state = g_new0 (guint8, network->n_nodes);
  guint32 *stack = g_new (guint32, network->n_nodes);
  guint32 *next; /* the connection of each open node to be followed next */

  sort_incoming (order, network);
  next = g_memdup2 (order->first, network->n_nodes * sizeof *next);
  order->order = g_new (guint32, network->n_nodes);
  order->n_order = 0;
  memset (state, DONE, n_leaves);

  for (guint i = 0; i < network->n_outputs; i++) {
    guint depth = 0;

    if (state[n_leaves + i] == DONE)
      continue;
    stack[depth++] = n_leaves + i;
    state[n_leaves + i] = OPEN;
    while (depth > 0) {
      guint32 node = stack[depth - 1];
      KromoIncoming *incoming;

      if (next[node] == order->first[node + 1]) {
        state[node] = DONE;
        order->order[order->n_order++] = node;
        depth--;
        continue;
      }
      incoming = &order->incoming[next[node]++];
      if (state[incoming->source] == NEW) {
        state[incoming->source] = OPEN;
        stack[depth++] = incoming->source;
      } else if (state[incoming->source] == OPEN) {
        incoming->source = KROMO_DROPPED;
      }
    }
  }
  g_free (next);
  g_free (stack);
  g_free (state);
}

void
kromo_network_order_clear (KromoNetworkOrder *order)
{
  g_clear_pointer (&order->first, g_free);
  g_clear_pointer (&order->incoming, g_free);
  g_clear_pointer (&order->order, g_free);
}
