/* Which instruction set to use.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "cpu.h"

static const char *const names[KROMO_N_CPUS] = {
  [KROMO_CPU_BASELINE] = "baseline",
  [KROMO_CPU_AVX2] = "avx2",
  [KROMO_CPU_AVX512] = "avx512",
};

const char *
kromo_cpu_get_name (KromoCpu cpu)
{
  return names[cpu];
}

KromoCpu
kromo_cpu_get_best (void)
{
#ifdef __x86_64__
  __builtin_cpu_init ();
  if (!__builtin_cpu_supports ("avx2") || !__builtin_cpu_supports ("fma"))
    return KROMO_CPU_BASELINE;
  if (!__builtin_cpu_supports ("avx512f") || !__builtin_cpu_supports ("avx512dq")
      || !__builtin_cpu_supports ("avx512vl"))
    return KROMO_CPU_AVX2;
  return KROMO_CPU_AVX512;
#else
  return KROMO_CPU_BASELINE;
#endif
}

KromoCpu
kromo_cpu_find (const char *name)
{
  KromoCpu best = kromo_cpu_get_best ();

  for (guint i = 0; i <= best; i++)
    if (g_strcmp0 (names[i], name) == 0)
      return (KromoCpu) i;
  return best;
}

KromoCpu
kromo_cpu_get (void)
{
  static gsize chosen;

  if (g_once_init_enter (&chosen))
    g_once_init_leave (&chosen, (gsize) kromo_cpu_find (g_getenv ("KROMO_CPU")) + 1);
  return (KromoCpu) (chosen - 1);
}
