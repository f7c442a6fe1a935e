/* What the files that look for features in a genome share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "random-features.h"

/* A connection between audio nodes, weight nodes looked through. */
typedef struct {
  guint source;
  gint target;
  KromoParam param;
  double weight;
  gboolean enabled;
} Link;

typedef struct {
  const KromoGenome *genome;
  const KromoPatch *patch;
  const char *text; /* without backslashes */
  gboolean plain;
  GArray *links;
  gboolean *reach, *reach_without_delays; /* [n * n] */
  gboolean has[MAX_FEATURES];
} Look;

/* Notes that the genome has a feature. */
void look_note (Look *look, gboolean has, const char *name);
void look_note_number (Look *look, const char *what, gint number);

/* In this order. */
void look_at_links (Look *look);
void look_at_nodes (Look *look);
void look_at_drives (Look *look);
