/* Which of the thread sanitizer's reports are about us
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * GStreamer counts references within itself, where the sanitizer does not see it and ordering.c does not get between.
 * What one thread reads of caps or a message, and another frees with the last reference, then looks unordered. So a race
 * is told of only if one of its two accesses was made by what is tested: the plugin or, in a program of the engine's,
 * the program. Accesses through free(), strcmp() and the like are those of who called them.
 *
 * What is missed are races between two calls of GLib's on memory of ours, such as g_free() and g_strdup().
 */

#include <dlfcn.h>
#include <glib.h>

#define MAX_FRAMES 8

/* The sanitizer's own: it asks OnReport() of each report whether it is to be left out. There is no name of it for C. */
int __tsan_get_report_data (void *report, const char **description, int *count, int *n_stacks,
    int *n_accesses, int *n_places, int *n_mutexes, int *n_threads, int *n_unique, void **trace,
    unsigned long trace_size);
int __tsan_get_report_mop (void *report, unsigned long index, int *tid, void **address, int *size,
    int *write, int *atomic, void **trace, unsigned long trace_size);
_Bool on_report (void *report, _Bool suppressed) __asm__("_ZN6__tsan8OnReportEPKNS_10ReportDescEb");

/* While it reports it cannot be asked. */
#define UNWATCHED __attribute__ ((no_sanitize ("thread")))

UNWATCHED static gboolean
is_tested (const Dl_info *library)
{
#ifdef KROMO_TESTED_LIBRARY
  return g_str_has_suffix (library->dli_fname, KROMO_TESTED_LIBRARY);
#else
  Dl_info program;

  return dladdr ((gconstpointer) on_report, &program) && library->dli_fbase == program.dli_fbase;
#endif
}

UNWATCHED static gboolean
made_by_tested (void *report, unsigned long access)
{
  void *trace[MAX_FRAMES] = { NULL }, *address;
  int tid, size, write, atomic;
  Dl_info sanitizer, library;

  dladdr ((gconstpointer) __tsan_get_report_mop, &sanitizer);
  __tsan_get_report_mop (report, access, &tid, &address, &size, &write, &atomic, trace, MAX_FRAMES);
  for (guint i = 0; i < MAX_FRAMES && trace[i]; i++)
    if (dladdr (trace[i], &library) && library.dli_fbase != sanitizer.dli_fbase)
      return is_tested (&library);
  return FALSE; /* who knows */
}

__attribute__ ((visibility ("default"))) UNWATCHED _Bool
on_report (void *report, _Bool suppressed)
{
  int count, n_stacks, n_accesses, n_places, n_mutexes, n_threads, n_unique;
  const char *description;
  void *trace[1];

  __tsan_get_report_data (report, &description, &count, &n_stacks, &n_accesses, &n_places,
      &n_mutexes, &n_threads, &n_unique, trace, 1);
  return suppressed
      || (g_str_equal (description, "data-race") && n_accesses == 2 && !made_by_tested (report, 0)
          && !made_by_tested (report, 1));
}
