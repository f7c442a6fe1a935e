/* Counts allocations by standing in for the C library's functions, which sanitizers do as well.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "allocations.h"

#include <stdlib.h>

static gint n_allocations;

gint
test_get_n_allocations (void)
{
  return g_atomic_int_get (&n_allocations);
}

#ifdef TEST_HAS_SANITIZER
gboolean
test_counts_allocations (void)
{
  return FALSE;
}
#else
void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *memory, size_t size);

gboolean
test_counts_allocations (void)
{
  return TRUE;
}

__attribute__ ((visibility ("default"))) void *
malloc (size_t size)
{
  g_atomic_int_inc (&n_allocations);
  return __libc_malloc (size);
}

__attribute__ ((visibility ("default"))) void *
calloc (size_t n, size_t size)
{
  g_atomic_int_inc (&n_allocations);
  return __libc_calloc (n, size);
}

__attribute__ ((visibility ("default"))) void *
realloc (void *memory, size_t size)
{
  g_atomic_int_inc (&n_allocations);
  return __libc_realloc (memory, size);
}
#endif
