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

/* Whether a vertex's edges do not count in the order. */
static gboolean
is_cut (const KromoVertex *v)
{
  return v->broken || v->deferred;
}

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

    if (!is_cut (v) && search->next_edge[top] < v->edges->len) {
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

static Search
search_new (KromoVertex *vertices, guint n)
{
  const Search search = { vertices, g_new (guint, n), g_new (guint, n), 0, g_new (guint, n),
    g_new (gboolean, n), g_new (guint, n), 0 };

  return search;
}

static void
search_clear (Search *search)
{
  g_free (search->path);
  g_free (search->next_edge);
  g_free (search->place);
  g_free (search->visited);
  g_free (search->emitted);
}

static guint
reverse_emitted (const Search *search, guint *order)
{
  guint n = 0;

  for (guint i = search->n_emitted; i-- > 0;) {
    if (!search->vertices[search->emitted[i]].dropped)
      order[n++] = search->emitted[i];
  }
  return n;
}

guint
kromo_order_vertices (KromoVertex *vertices, guint n, guint *order)
{
  Search search = search_new (vertices, n);
  guint n_kept;

  while (!search_all (&search, n))
    ; /* at most once for each delay */
  n_kept = reverse_emitted (&search, order);
  search_clear (&search);
  return n_kept;
}

/* ---- standard ---- */

/* Tarjan's strongly connected components, with a stack of its own as above. */
typedef struct {
  const KromoVertex *vertices;
  guint *index, *low; /* 1 + order of discovery, 0: not yet */
  guint *component;   /* by vertex, from 1; 0: not yet */
  guint *size;        /* by component */
  guint *stack, *path, *next_edge;
  guint stack_depth, depth, n_found, n_components;
} Components;

static void
components_enter (Components *c, guint vertex)
{
  c->index[vertex] = c->low[vertex] = ++c->n_found;
  c->stack[c->stack_depth++] = vertex;
  c->path[c->depth] = vertex;
  c->next_edge[c->depth++] = 0;
}

static void
components_leave (Components *c)
{
  const guint vertex = c->path[--c->depth];

  if (c->low[vertex] == c->index[vertex]) {
    guint member;

    c->size[++c->n_components] = 0;
    do {
      member = c->stack[--c->stack_depth];
      c->component[member] = c->n_components;
      c->size[c->n_components]++;
    } while (member != vertex);
  }
  if (c->depth > 0) {
    const guint parent = c->path[c->depth - 1];

    c->low[parent] = MIN (c->low[parent], c->low[vertex]);
  }
}

static void
components_visit (Components *c, guint root)
{
  components_enter (c, root);
  while (c->depth > 0) {
    const guint vertex = c->path[c->depth - 1];
    const KromoVertex *v = &c->vertices[vertex];
    guint target;

    if (is_cut (v) || c->next_edge[c->depth - 1] == v->edges->len) {
      components_leave (c);
      continue;
    }
    target = g_array_index (v->edges, guint, c->next_edge[c->depth - 1]++);
    if (c->index[target] == 0)
      components_enter (c, target);
    else if (c->component[target] == 0)
      c->low[vertex] = MIN (c->low[vertex], c->index[target]);
  }
}

static void
components_find (Components *c, guint n)
{
  c->n_found = c->n_components = 0;
  for (guint i = 0; i < n; i++)
    c->index[i] = c->component[i] = 0;
  for (guint i = 0; i < n; i++) {
    if (c->index[i] == 0)
      components_visit (c, i);
  }
}

/* Whether the vertex is in a cycle. */
static gboolean
components_cyclic (const Components *c, guint vertex)
{
  const KromoVertex *v = &c->vertices[vertex];

  if (c->size[c->component[vertex]] > 1)
    return TRUE;
  for (guint e = 0; !is_cut (v) && e < v->edges->len; e++) {
    if (g_array_index (v->edges, guint, e) == vertex)
      return TRUE;
  }
  return FALSE;
}

guint
kromo_order_vertices_standard (KromoVertex *vertices, guint n, guint *order)
{
  Components c = { vertices, g_new (guint, n), g_new (guint, n), g_new (guint, n),
    g_new (guint, n + 1), g_new (guint, n), g_new (guint, n), g_new (guint, n), 0, 0, 0, 0 };
  Search search = search_new (vertices, n);
  guint n_kept;

  components_find (&c, n);
  for (guint i = 0; i < n; i++) {
    KromoVertex *v = &vertices[i];

    v->broken = v->breaker && c.component[i] == c.component[g_array_index (v->edges, guint, 0)];
  }
  components_find (&c, n);
  for (guint i = 0; i < n; i++)
    vertices[i].deferred = vertices[i].delay_time && components_cyclic (&c, i);
  components_find (&c, n);
  if (!search_all (&search, n))
    g_assert_not_reached (); /* what could be cut is */
  for (guint i = 0; i < n; i++)
    vertices[i].dropped = components_cyclic (&c, i);
  n_kept = reverse_emitted (&search, order);
  search_clear (&search);
  g_free (c.index);
  g_free (c.low);
  g_free (c.component);
  g_free (c.size);
  g_free (c.stack);
  g_free (c.path);
  g_free (c.next_edge);
  return n_kept;
}
