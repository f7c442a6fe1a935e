/* The floating-point mode: the graph runs with denormals flushed to zero, all else without.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whatever mode a thread of the application is in (another rounding, denormals flushed, exceptions that trap), what
 * we compute in it is the same, and it is in that mode again afterwards.
 */
#pragma once

#include <glib.h>

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

typedef guint64 KromoFpMode;

/* To nearest, and no exception traps. */
#if defined(__SSE2__)
#define KROMO_FP_USUAL G_GUINT64_CONSTANT (0x1f80)
#define KROMO_FP_FLUSHING (KROMO_FP_USUAL | 0x8040) /* FTZ, DAZ */
#elif defined(__aarch64__)
#define KROMO_FP_USUAL G_GUINT64_CONSTANT (0)
#define KROMO_FP_FLUSHING (KROMO_FP_USUAL | 1 << 24) /* FZ */
#else
#define KROMO_FP_USUAL G_GUINT64_CONSTANT (0)
#define KROMO_FP_FLUSHING KROMO_FP_USUAL
#endif

static inline KromoFpMode
kromo_fp_get_mode (void)
{
#if defined(__SSE2__)
  return _mm_getcsr ();
#elif defined(__aarch64__)
  guint64 mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
#else
  return KROMO_FP_USUAL;
#endif
}

static inline void
kromo_fp_set_mode (KromoFpMode mode)
{
#if defined(__SSE2__)
  _mm_setcsr ((unsigned int) mode);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(mode) : "memory");
#else
  (void) mode;
#endif
}

/* Returns: the mode until now, to be set again afterwards */
static inline KromoFpMode
kromo_fp_begin (KromoFpMode mode)
{
  const KromoFpMode before = kromo_fp_get_mode ();

  kromo_fp_set_mode (mode);
  return before;
}
