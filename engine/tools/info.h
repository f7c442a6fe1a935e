/* kromo-info: what is in a genome, and what it takes to render it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "render/parts.h"

#include "graph/graph.h"

G_BEGIN_DECLS

#define INFO_ERROR (info_error_quark ())
GQuark info_error_quark (void);

/* ---- source.c: where the genome comes from, and saving it ---- */

typedef struct {
  const char *filename; /* NULL: a seed, or the built-in genome */
  const char *id;
  gboolean has_seed;
  guint64 seed;
} InfoSource;

/* For people: a file's name or a description. */
char *info_source_get_name (const InfoSource *source);
KromoGenome *info_source_load (const InfoSource *source, GError **error);

/* Writes a genome that comes from no file as a genome file. Refuses to overwrite without @force. */
gboolean info_source_save (
    const InfoSource *source, const char *filename, gboolean force, GError **error);

/* ---- facts.c: what the genome says ---- */

typedef struct {
  guint n_hidden;
  guint n_dropped;                        /* recurrent connections, which rendering drops */
  guint n_reached;                        /* outputs, and the hidden nodes that they depend on */
  guint activations[KROMO_N_ACTIVATIONS]; /* of those */
  gboolean *dropped;                      /* [n_connections] */
} InfoNetwork;

typedef struct {
  guint n, n_running;
} InfoCount;

typedef struct {
  char *source;
  KromoGenome *genome;
  KromoNote note;
  KromoFormat format;
  InfoNetwork *networks;               /* by network of the genome */
  InfoCount kinds[KROMO_N_NODE_KINDS]; /* without weight nodes */
  InfoCount weights;
  guint n_connections; /* between audio nodes; one through a weight node is one */
  guint n_drives;

  /* measure.c; all of it missing where error is set */
  GError *error;    /* why it cannot be rendered like this */
  KromoFate *fates; /* by node of the patch; NULL where there is none to tell */
  KromoParts parts;
  GArray *frequencies; /* double, distinct, ascending */
  guint n_signals;
  guint64 n_activations, n_multiply_adds;
  gint longest_delay_node; /* index, or -1 */
  double longest_delay;    /* seconds */
  InfoCount convolvers;    /* those with a response */
  char **warnings;
  guint64 n_frames;
  gsize memory;
  double preparation_time; /* seconds; negative: given up */
  double rtf;              /* NAN if it was not measured */
  double measured;         /* seconds of sound */
} InfoFacts;

InfoFacts *info_facts_new (
    const char *source, KromoGenome *genome, const KromoNote *note, const KromoFormat *format);
void info_facts_free (InfoFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (InfoFacts, info_facts_free)

/* The part's frequency that a drive sees, or NULL. */
const KromoPart *info_facts_find_part (const InfoFacts *facts, guint output, KromoPartKind kind);

/* Builds the graph, without measuring anything. FALSE with facts->error set if that fails. */
gboolean info_facts_build (InfoFacts *facts);

/* ---- measure.c ---- */

/* Renders for a moment on this machine. FALSE with facts->error set if there can be no renderer. */
gboolean info_facts_measure (InfoFacts *facts);

/* ---- names.c ---- */

const char *info_fate_get_name (KromoFate fate);
const char *info_fate_get_reason (KromoFate fate);
const char *info_part_get_name (KromoPartKind kind);
const char *info_noise_get_name (gint output);
const char *info_rendering_get_name (KromoRendering rendering);

/* @text with everything that a terminal could take for more than a visible character written as
 * \u{HEX}, and a backslash as two. */
char *info_escape (const char *text);

/* ---- how it is told ---- */

void info_write_text (const InfoFacts *facts, GString *out);
void info_write_json (const InfoFacts *facts, GString *out);
void info_write_dot (const InfoFacts *facts, GString *out);

/* An array of strings. */
void info_write_json_list (const char *const *strings, GString *out);

G_END_DECLS
