/* Memory that runs out.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "failing-memory.h"

#include "engine/allocations.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static gint n_large;          /* atomic */
static gint failing, lasting; /* atomic */
static gsize least = G_MAXSIZE;

void
test_memory_fail (guint n, gboolean for_good, gsize size)
{
  least = G_MAXSIZE;
  g_atomic_int_set (&n_large, 0);
  g_atomic_int_set (&failing, (gint) n);
  g_atomic_int_set (&lasting, for_good);
  least = size;
}

guint
test_memory_count (void)
{
  return (guint) g_atomic_int_get (&n_large);
}

gboolean
test_memory_can_fail (void)
{
  void *volatile memory;

  test_memory_fail (1, FALSE, 1 << 20);
  memory = malloc (1 << 20);
  test_memory_fail (0, FALSE, G_MAXSIZE);
  free (memory);
  return memory == NULL;
}

#ifdef TEST_HAS_SANITIZER
gint
test_memory_in_use (void)
{
  return 0;
}
#else
static gint n_used; /* atomic */

void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *memory, size_t size);
void *__libc_memalign (size_t alignment, size_t size);
void __libc_free (void *memory);

gint
test_memory_in_use (void)
{
  return g_atomic_int_get (&n_used);
}

static gboolean
fails (gsize size)
{
  gint n, wanted;

  if (size < least)
    return FALSE;
  n = g_atomic_int_add (&n_large, 1) + 1;
  wanted = g_atomic_int_get (&failing);
  if (wanted == 0 || n < wanted || (n > wanted && !g_atomic_int_get (&lasting)))
    return FALSE;
  errno = ENOMEM;
  return TRUE;
}

static void *
count (void *memory)
{
  if (memory != NULL)
    g_atomic_int_inc (&n_used);
  return memory;
}

/* gcc's analyzer takes malloc() for its own here, too, and loses the block. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

#define EXPORT __attribute__ ((visibility ("default")))

EXPORT void *
malloc (size_t size)
{
  return fails (size) ? NULL : count (__libc_malloc (size));
}

EXPORT void *
calloc (size_t n, size_t size)
{
  if (size > 0 && fails (n <= G_MAXSIZE / size ? n * size : G_MAXSIZE))
    return NULL;
  return count (__libc_calloc (n, size));
}

EXPORT void *
realloc (void *memory, size_t size)
{
  void *other;

  if (fails (size))
    return NULL;
  other = __libc_realloc (memory, size);
  if (memory == NULL)
    count (other);
  else if (size == 0)
    g_atomic_int_add (&n_used, -1);
  return other;
}

EXPORT void *
aligned_alloc (size_t alignment, size_t size)
{
  return fails (size) ? NULL : count (__libc_memalign (alignment, size));
}

EXPORT int
posix_memalign (void **memory, size_t alignment, size_t size)
{
  void *found = aligned_alloc (alignment, size);

  if (found == NULL)
    return ENOMEM;
  *memory = found;
  return 0;
}

EXPORT void
free (void *memory)
{
  if (memory != NULL)
    g_atomic_int_add (&n_used, -1);
  __libc_free (memory);
}

EXPORT void *
mmap (void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
  if ((flags & MAP_ANONYMOUS) != 0 && fails (size))
    return MAP_FAILED;
  g_atomic_int_inc (&n_used);
  return (void *) syscall (SYS_mmap, address, size, protection, flags, fd, offset);
}

EXPORT int
munmap (void *address, size_t size)
{
  g_atomic_int_add (&n_used, -1);
  return (int) syscall (SYS_munmap, address, size);
}
#endif
