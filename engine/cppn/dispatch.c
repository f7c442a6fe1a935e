/* Which kernels to use on this CPU.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "kernels.h"

#include "../math/cpu.h"

extern const KromoKernels kromo_kernels_baseline;
#ifdef __x86_64__
extern const KromoKernels kromo_kernels_avx2;
extern const KromoKernels kromo_kernels_avx512;
#endif

static const KromoKernels *const tables[] = {
  [KROMO_CPU_BASELINE] = &kromo_kernels_baseline,
#ifdef __x86_64__
  [KROMO_CPU_AVX2] = &kromo_kernels_avx2,
  [KROMO_CPU_AVX512] = &kromo_kernels_avx512,
#endif
};

const KromoKernels *const *
kromo_kernels_list (guint *n)
{
  *n = kromo_cpu_get_best () + 1;
  return tables;
}

const KromoKernels *
kromo_kernels_find (const char *name)
{
  return tables[kromo_cpu_find (name)];
}

const KromoKernels *
kromo_kernels_get (void)
{
  return tables[kromo_cpu_get ()];
}
