/* What the files of this room share: containers, networks, and the patch under construction.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "json.h"

G_BEGIN_DECLS

#define KROMO_MAX_WARNINGS 100

/* ---- containers ---- */

gboolean kromo_is_sqlite (const void *data, gsize size);

/* Memory whose size is that of a document. It may be had or not: KROMO_ERROR_NO_MEMORY. @memory: (nullable): to make
 * larger, else left as it is */
gpointer kromo_document_alloc (gpointer memory, gsize size, GError **error);
GBytes *kromo_document_copy (const void *data, gsize size, GError **error);

/* Returns: (transfer full) (nullable): the JSON text, which may be @bytes itself */
GBytes *kromo_container_open (GBytes *bytes, GError **error);

/* The contents of a regular file; no bytes, but TRUE, if it is a database. */
gboolean kromo_file_read (const char *filename, GBytes **bytes, GError **error);

/* A genome's bytes and its id from a database; @id NULL takes the first. */
GBytes *kromo_database_load (const char *filename, const char *id, char **found_id, GError **error);
char **kromo_database_list (const char *filename, GError **error);

/* ---- networks ---- */

gboolean kromo_read_wave_network (KromoReader *reader, const KromoJson *node, const KromoPath *path,
    KromoGenome *genome, GError **error);
gboolean kromo_activation_from_name (const char *name, KromoActivation *activation);

/* ---- patches ---- */

KromoParam kromo_param_from_name (const char *name);        /* NULL and "" give KROMO_PARAM_NONE */
KromoNodeKind kromo_node_kind_from_name (const char *name); /* KROMO_N_NODE_KINDS if unknown */
gboolean kromo_node_kind_has_param (KromoNodeKind kind, KromoParam param);

typedef struct {
  KromoPatchNode node; /* its connections are still in the array */
  GArray *connections; /* KromoPatchConnection */
} KromoPatchDraft;

typedef struct {
  KromoNetworkOutput output;
  GArray *drives; /* KromoDrive, as they come */
} KromoOutputDraft;

typedef struct {
  KromoReader *reader;
  GPtrArray *nodes;   /* KromoPatchDraft */
  GPtrArray *outputs; /* KromoOutputDraft */
  GTree *keys;        /* key of a node -> its index + 1; a tree, as keys are not to be trusted */
  guint n_networks_outputs; /* CPPN outputs to choose from */
  guint n_weight_nodes;
  guint n_connections;
  guint64 seed;
} KromoPatchBuilder;

void kromo_patch_builder_init (
    KromoPatchBuilder *builder, KromoReader *reader, guint n_networks_outputs);
void kromo_patch_builder_clear (KromoPatchBuilder *builder);

/* The node of that key, made anew in its place if there is one already. */
KromoPatchNode *kromo_patch_builder_add_node (KromoPatchBuilder *builder, const char *key,
    KromoNodeKind kind, gboolean is_weight, const KromoPath *path, guint *index, GError **error);
KromoOutputDraft *kromo_patch_builder_add_output (
    KromoPatchBuilder *builder, const char *id, const KromoPath *path, GError **error);
gboolean kromo_patch_builder_find (KromoPatchBuilder *builder, const char *key, gint *index);
gboolean kromo_patch_builder_count (
    KromoPatchBuilder *builder, const KromoPath *path, GError **error);
void kromo_patch_builder_connect (KromoPatchBuilder *builder, guint source, gint target,
    const char *param_name, gboolean enabled);

/* Numbers, shape and output as both forms store them. */
void kromo_patch_builder_set_shape (
    KromoPatchBuilder *builder, KromoPatchNode *node, const KromoJson *type, const KromoPath *path);
gboolean kromo_patch_builder_read_output (KromoPatchBuilder *builder, const KromoJson *node,
    const KromoPath *path, gint *output, GError **error);
gboolean kromo_read_range (
    const KromoJson *node, const KromoPath *path, double range[2], GError **error);

void kromo_patch_builder_seed_string (KromoPatchBuilder *builder, const char *text);
void kromo_patch_builder_seed_double (KromoPatchBuilder *builder, double value);

/* Puts everything in its order and moves it to @patch. @group_drives sorts each output's drives by
 * their nodes' keys, as a JavaScript object does. */
void kromo_patch_builder_finish (
    KromoPatchBuilder *builder, gboolean group_drives, KromoPatch *patch);
void kromo_patch_clear (KromoPatch *patch);

gboolean kromo_read_asneat (
    KromoPatchBuilder *builder, const KromoJson *patch, const KromoPath *path, GError **error);
gboolean kromo_read_plain (
    KromoPatchBuilder *builder, const KromoJson *patch, const KromoPath *path, GError **error);

G_END_DECLS
