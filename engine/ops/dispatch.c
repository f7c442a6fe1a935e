/* Which block loops to use on this CPU.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "ops.h"

extern const KromoOps kromo_ops_baseline;
#ifdef __x86_64__
extern const KromoOps kromo_ops_avx2;
extern const KromoOps kromo_ops_avx512;
#endif

static const KromoOps *const tables[] = {
  [KROMO_CPU_BASELINE] = &kromo_ops_baseline,
#ifdef __x86_64__
  [KROMO_CPU_AVX2] = &kromo_ops_avx2,
  [KROMO_CPU_AVX512] = &kromo_ops_avx512,
#endif
};

const KromoOps *
kromo_ops_find (KromoCpu cpu)
{
  return tables[MIN (cpu, kromo_cpu_get_best ())];
}

const KromoOps *
kromo_ops_get (void)
{
  return tables[kromo_cpu_get ()];
}
