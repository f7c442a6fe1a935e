/* Which of the features that wild genomes should have does a genome have?
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "genome/genome.h"

#define MAX_FEATURES 200

typedef struct {
  guint counts[MAX_FEATURES]; /* genomes that have it */
} Features;

guint features_get_n (void);
const char *features_get_name (guint feature);

guint features_count (const Features *features, const char *name); /* genomes that have it */

void features_add (Features *features, const char *text, const KromoGenome *genome);
