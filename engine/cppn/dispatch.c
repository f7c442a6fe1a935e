/* Which kernels to use on this CPU.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "kernels.h"

extern const KromoKernels kromo_kernels_baseline;
#ifdef __x86_64__
extern const KromoKernels kromo_kernels_avx2;
extern const KromoKernels kromo_kernels_avx512;
#endif

static const KromoKernels *tables[3];
static guint n_tables;

static void
init_tables (void)
{
  static gsize initialized;

  if (!g_once_init_enter (&initialized))
    return;
  tables[n_tables++] = &kromo_kernels_baseline;
#ifdef __x86_64__
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma")) {
    tables[n_tables++] = &kromo_kernels_avx2;
    if (__builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512dq")
        && __builtin_cpu_supports ("avx512vl"))
      tables[n_tables++] = &kromo_kernels_avx512;
  }
#endif
  g_once_init_leave (&initialized, 1);
}

const KromoKernels *const *
kromo_kernels_list (guint *n)
{
  init_tables ();
  *n = n_tables;
  return tables;
}

const KromoKernels *
kromo_kernels_find (const char *name)
{
  init_tables ();
  for (guint i = 0; i < n_tables; i++)
    if (g_strcmp0 (tables[i]->name, name) == 0)
      return tables[i];
  return tables[n_tables - 1];
}

const KromoKernels *
kromo_kernels_get (void)
{
  static gsize chosen;

  if (g_once_init_enter (&chosen))
    g_once_init_leave (&chosen, (gsize) kromo_kernels_find (g_getenv ("KROMO_CPU")));
  return (const KromoKernels *) chosen;
}
