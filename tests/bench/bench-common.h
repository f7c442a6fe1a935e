/* What the benchmarks share: clocks, figures, and the genomes of the parity data.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Seconds of real time. */
double bench_wall_time (void);

/* Seconds that the calling thread has run: what one core takes, whatever else the machine does. */
double bench_cpu_time (void);

/* Of several measurements; NaN of none. */
typedef struct {
  double best, median, worst;
} BenchFigures;

/* Sorts @values. */
BenchFigures bench_summarize (double *values, guint n);

/* Parses the command line; exits on an error. */
void bench_parse_options (
    int *argc, char ***argv, const GOptionEntry *entries, const char *summary);

/* What the figures were measured on, and @clock, which says with what. */
void bench_print_machine (const char *clock);

typedef struct {
  char *id, *path;
  gboolean evolved; /* and not made to test something */
  gboolean has_convolver;
  gboolean inharmonicity; /* as the reference rendered it */
} BenchGenome;

/* The genomes of the parity data whose id contains @filter (nullable). Exits if there is no data. */
GPtrArray *bench_list_genomes (const char *filter);

/* The JSON text of a genome file, unpacked if need be. Exits on an error. */
GBytes *bench_load_genome (const BenchGenome *genome);

G_END_DECLS
