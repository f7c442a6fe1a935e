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
  guint in, out;         /* handles; KROMO_NO_HANDLE where nothing can be connected */
  guint delay, feedback; /* of a feedback delay, likewise */
  gboolean removed;
} KromoBuilt;

typedef struct {
  const KromoGenome *genome;
  const KromoPatch *patch;
  const KromoNote *note;
  const KromoFormat *format;
  const KromoRules *rules;
  KromoParts parts;
  KromoBank *bank;
  KromoGraph *graph;
  double duration;   /* seconds */
  KromoBuilt *built; /* by patch node */
  GPtrArray *warnings;
  const KromoDriven *table; /* the first that needs a table of coloured noise, or NULL */
} KromoBuilder;

/* The signal of a part as one reader sees it, with the range of the drive. */
void kromo_builder_get_view (
    KromoBuilder *builder, const KromoDriven *driven, gboolean random, KromoView *view);

/* The same for what a buffer source plays, oversampled if the note says so. */
void kromo_builder_get_buffer_view (
    KromoBuilder *builder, const KromoDriven *driven, gboolean random, KromoView *view);

/* A gain whose value is @view over the whole sound. */
guint kromo_builder_add_curve_gain (KromoBuilder *builder, const KromoView *view);

/* The AudioParam that a patch node's parameter is: a node's handle and the parameter's index. FALSE where there is none
 * that can be connected to or driven. */
gboolean kromo_builder_find_param (
    const KromoBuilder *builder, guint index, KromoParam param, guint *handle, guint *param_index);

/* The last drive of the parameter becomes its value curve. Returns FALSE if nothing drives it. */
gboolean kromo_builder_drive (
    KromoBuilder *builder, guint index, KromoParam param, KromoParamPlan *plan);

void kromo_builder_warn (KromoBuilder *builder, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The composite nodes, composites.c. Without what they need they are removed. */
void kromo_build_wavetable (KromoBuilder *builder, guint index);
gboolean kromo_build_additive (KromoBuilder *builder, guint index, GError **error);
void kromo_build_feedback_delay (KromoBuilder *builder, guint index);

/* After the graph has been planned, memory.c. */
void kromo_builder_find_largest (const KromoBuilder *builder, KromoLargest *largest);

G_END_DECLS
