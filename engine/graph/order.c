/* Ordering.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "order.h"

typedef struct {
  KromoVertex *vertices;
  guint *path;      /* the vertices being visited ... */
  guint *next_edge; /* ... and for each the edge to follow next */
  guint depth;
  guint *place; /* by vertex: 1 + its place on the path, or 0 */
  gboolean *visited;
  guint *emitted;
  guint n_emitted;
} Search;

/* @vertex is on the path already. Returns whether an edge was cut, so that the search must restart. */
static gboolean
break_cycle (Search *search, guint vertex)
{
  const guint first = search->place[vertex] - 1;

  for (guint i = first; i < search->depth; i++) {
    KromoVertex *v = &search->vertices[search->path[i]];

    if (v->breaker && !v->broken) {
      v->broken = TRUE;
      return TRUE;
    }
  }
  for (guint i = first; i < search->depth; i++)
    search->vertices[search->path[i]].dropped = TRUE;
  return FALSE;
}

static void
enter (Search *search, guint vertex)
{
  search->visited[vertex] = TRUE;
  search->path[search->depth] = vertex;
  search->next_edge[search->depth] = 0;
  search->place[vertex] = ++search->depth;
}

/* Returns FALSE if a cycle was cut. An explicit stack, for a path may be as long as the patch. */
static gboolean
visit (Search *search, guint root)
{
  if (search->visited[root])
    return TRUE;
  enter (search, root);
  while (search->depth > 0) {
    const guint top = search->depth - 1, vertex = search->path[top];
    const KromoVertex *v = &search->vertices[vertex];

    if (!v->broken && search->next_edge[top] < v->edges->len) {
      const guint target = g_array_index (v->edges, guint, search->next_edge[top]++);

      if (search->place[target] > 0) {
        if (break_cycle (search, target))
          return FALSE;
      } else if (!search->visited[target]) {
        enter (search, target);
      }
    } else {
      search->emitted[search->n_emitted++] = vertex;
      search->place[vertex] = 0;
      search->depth--;
    }
  }
  return TRUE;
}

static gboolean
search_all (Search *search, guint n)
{
  search->depth = search->n_emitted = 0;
  for (guint i = 0; i < n; i++) {
    search->visited[i] = search->vertices[i].dropped = FALSE;
    search->place[i] = 0;
  }
  for (guint i = 0; i < n; i++) {
    if (!visit (search, i))
      return FALSE;
  }
  return TRUE;
}

guint
kromo_order_vertices (KromoVertex *vertices, guint n, guint *order)
{
  Search search = { vertices, g_new (guint, n), g_new (guint, n), 0, g_new (guint, n),
    g_new (gboolean, n), g_new (guint, n), 0 };
  guint n_kept = 0;

  while (!search_all (&search, n))
    ; /* at most once for each delay */
  for (guint i = search.n_emitted; i-- > 0;) {
    if (!vertices[search.emitted[i]].dropped)
      order[n_kept++] = search.emitted[i];
  }
  g_free (search.path);
  g_free (search.next_edge);
  g_free (search.place);
  g_free (search.visited);
  g_free (search.emitted);
  return n_kept;
}
