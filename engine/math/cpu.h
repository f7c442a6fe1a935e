/* Which instruction set to use.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Kernels are compiled once for each of them, see meson.build, and give the same bits.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  KROMO_CPU_BASELINE, /* what the compiler may assume of every CPU of the architecture */
  KROMO_CPU_AVX2,     /* with FMA */
  KROMO_CPU_AVX512,   /* F, DQ and VL, with FMA */
  KROMO_N_CPUS
} KromoCpu;

/* "baseline", "avx2", "avx512" */
const char *kromo_cpu_get_name (KromoCpu cpu);

/* The best one that this CPU has. It has all before it, too. */
KromoCpu kromo_cpu_get_best (void);

/* The one that @name asks for, or the best one if @name is NULL, unknown or not for this CPU. */
KromoCpu kromo_cpu_find (const char *name);

/* The one to use, chosen once: kromo_cpu_find() of the environment variable KROMO_CPU. */
KromoCpu kromo_cpu_get (void);

G_END_DECLS
