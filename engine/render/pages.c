/* Large memory that is zero and becomes real page by page.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "pages.h"

#include <stdlib.h>
#include <sys/mman.h>

/* What is smaller is not worth a mapping, and address sanitizers watch its ends. */
#define LEAST_MAPPING (256 * 1024)

gpointer
kromo_pages_alloc (gsize size)
{
  gpointer memory;

  if (size < LEAST_MAPPING)
    return calloc (1, size);
  memory = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory != MAP_FAILED ? memory : NULL;
}

void
kromo_pages_free (gpointer memory, gsize size)
{
  if (size < LEAST_MAPPING)
    free (memory);
  else if (memory != NULL)
    munmap (memory, size);
}
