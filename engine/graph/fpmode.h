/* The floating-point mode: the graph runs with denormals flushed to zero, CPPNs without.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

typedef guint64 KromoFpMode;

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
  return 0;
#endif
}

static inline void
kromo_fp_set_mode (KromoFpMode mode)
{
#if defined(__SSE2__)
  _mm_setcsr ((unsigned int) mode);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(mode));
#else
  (void) mode;
#endif
}

/* The mode with denormal inputs and results taken as zero. */
static inline KromoFpMode
kromo_fp_flushing (KromoFpMode mode)
{
#if defined(__SSE2__)
  return mode | 0x8040; /* FTZ, DAZ */
#elif defined(__aarch64__)
  return mode | (G_GUINT64_CONSTANT (1) << 24); /* FZ */
#else
  return mode;
#endif
}

static inline KromoFpMode
kromo_fp_not_flushing (KromoFpMode mode)
{
#if defined(__SSE2__)
  return mode & ~(KromoFpMode) 0x8040;
#elif defined(__aarch64__)
  return mode & ~(G_GUINT64_CONSTANT (1) << 24);
#else
  return mode;
#endif
}
