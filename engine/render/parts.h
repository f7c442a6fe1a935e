/* The network outputs of a patch under a note: what is evaluated, and what it drives.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * 2-RENDERING 2.2 to 2.4: each network output becomes up to three parts, by what its drives are.
 */
#pragma once

#include "../genome/genome.h"
#include "rules.h"

G_BEGIN_DECLS

typedef enum {
  KROMO_PART_BUFFER,
  KROMO_PART_PARTIAL,
  KROMO_PART_OTHER,
  KROMO_N_PART_KINDS
} KromoPartKind;

typedef struct {
  KromoPartKind kind;
  guint place;      /* of the network output in the patch */
  gint output;      /* CPPN output or KROMO_OUTPUT_NOISE_* */
  guint network;    /* index; 0 for noise */
  double frequency; /* Hz, transposed; 0 for noise */
  gboolean reverse;
} KromoPart;

/* One drive of one part. */
typedef struct {
  guint part;
  const KromoDrive *drive;
} KromoDriven;

typedef struct {
  GArray *parts;    /* KromoPart, in the order of the list of activated outputs */
  GPtrArray *nodes; /* by patch node: GArray of KromoDriven, in list order */
} KromoParts;

/* Returns: %FALSE with KROMO_ERROR_SETTINGS if a frequency leaves the range that can be evaluated */
gboolean kromo_parts_init (KromoParts *parts, const KromoGenome *genome, const KromoNote *note,
    const KromoRules *rules, GError **error);
void kromo_parts_clear (KromoParts *parts);

/* The factor that transposes frequencies. */
double kromo_note_get_ratio (const KromoNote *note);

/* The last drive of a node's parameter, which is the one that counts, or NULL. */
const KromoDriven *kromo_parts_find (const KromoParts *parts, guint node, KromoParam param);

G_END_DECLS
