/* What the files that build a graph share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "build.h"
#include "parts.h"

G_BEGIN_DECLS

#define KROMO_NO_HANDLE G_MAXUINT

/* What became of a patch node. */
typedef struct {
  guint in, out; /* handles; KROMO_NO_HANDLE where nothing can be connected */
  gboolean removed;
} KromoBuilt;

typedef struct {
  const KromoGenome *genome;
  const KromoPatch *patch;
  const KromoNote *note;
  const KromoFormat *format;
  KromoParts parts;
  KromoBank *bank;
  KromoGraph *graph;
  double duration;   /* seconds */
  KromoBuilt *built; /* by patch node */
  GPtrArray *warnings;
} KromoBuilder;

/* The signal of a part as one reader sees it, with the range of the drive. */
void kromo_builder_get_view (
    KromoBuilder *builder, const KromoDriven *driven, gboolean random, KromoView *view);

/* A gain whose value is @view over the whole sound. */
guint kromo_builder_add_curve_gain (KromoBuilder *builder, const KromoView *view);

void kromo_builder_warn (KromoBuilder *builder, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The composite nodes, composites.c. Without what they need they are removed. */
void kromo_build_wavetable (KromoBuilder *builder, guint index);
gboolean kromo_build_additive (KromoBuilder *builder, guint index, GError **error);
void kromo_build_feedback_delay (KromoBuilder *builder, guint index);

G_END_DECLS
