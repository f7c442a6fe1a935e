/* What the files of this room share: JSON values with their paths, and the patch under construction.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

#include "genome.h"

G_BEGIN_DECLS

/* JSON objects are hash tables whose hash anyone can collide, so one with n members may cost n * n
 * steps: this bounds n, and its square the sum of the squares over a document. It is what the largest
 * plain patch needs: its nodes and one weight node for each connection. */
#define KROMO_MAX_JSON_MEMBERS (KROMO_MAX_PATCH_NODES + KROMO_MAX_PATCH_CONNECTIONS)

#define KROMO_MAX_WARNINGS 100

/* ---- where in the document ---- */

/* A path is a chain of steps on the C stack, written out only when something is to be said. */
typedef struct _KromoPath KromoPath;
struct _KromoPath {
  const KromoPath *up; /* NULL: the document */
  const char *key;     /* NULL: an array element */
  guint index;
  guint encodings; /* how many strings of JSON were opened on the way */
};

#define KROMO_PATH_ROOT ((KromoPath){ NULL, NULL, 0, 0 })
#define KROMO_PATH_KEY(parent, name) ((KromoPath){ (parent), (name), 0, (parent)->encodings })
#define KROMO_PATH_INDEX(parent, i) ((KromoPath){ (parent), NULL, (i), (parent)->encodings })

char *kromo_path_to_string (const KromoPath *path);

/* A string from the document, shortened and escaped for a message. */
char *kromo_quote (const char *text);

/* Sets @error to "PATH: MESSAGE"; always FALSE. */
gboolean kromo_fail (GError **error, const KromoPath *path, KromoError code, const char *format,
    ...) G_GNUC_PRINTF (4, 5);

/* ---- reading JSON ---- */

/* What is left of the limits that hold for a document with all the texts inside it. */
typedef struct {
  guint64 tokens;
  guint64 member_squares;
} KromoScanBudget;

/* Checks that @text is one strict JSON value within the limits, which recursive and lenient parsers
 * can then read without harm. @wide_integers gets the offsets (gsize) just behind the integers that a
 * signed 64 bit integer does not hold exactly as JavaScript would: those and "-0". */
gboolean kromo_scan_json (const char *text, gsize size, KromoScanBudget *budget,
    GArray *wide_integers, const KromoPath *path, GError **error);

/* The state of one loading. */
typedef struct {
  KromoScanBudget budget;
  GPtrArray *texts;    /* JsonNode: every parsed text; the nodes below live as long as it */
  GPtrArray *warnings; /* char* */
} KromoReader;

void kromo_reader_init (KromoReader *reader);
void kromo_reader_clear (KromoReader *reader);
void kromo_reader_warn (KromoReader *reader, const KromoPath *path, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

JsonNode *kromo_reader_parse (
    KromoReader *reader, const char *text, gsize size, const KromoPath *path, GError **error);

/* The value that @node is or, while it is a string, that the string holds as JSON. Counts the
 * strings opened in @path. */
JsonNode *kromo_reader_open (KromoReader *reader, JsonNode *node, KromoPath *path, GError **error);
JsonObject *kromo_reader_object (
    KromoReader *reader, JsonNode *node, KromoPath *path, GError **error);
JsonArray *kromo_reader_array (
    KromoReader *reader, JsonNode *node, KromoPath *path, GError **error);

/* A member that is neither missing nor null, or NULL. */
JsonNode *kromo_json_member (JsonObject *object, const char *name);
gboolean kromo_json_truthy (JsonNode *node);    /* as in JavaScript; NULL is not */
const char *kromo_json_string (JsonNode *node); /* NULL if it is no string */
gboolean kromo_json_is_number (JsonNode *node);

/* FALSE with @error if @node is not a finite number. */
gboolean kromo_json_number (JsonNode *node, const KromoPath *path, double *value, GError **error);

/* A number, or 0 for null; a missing one gives @fallback. */
gboolean kromo_json_number_member (JsonObject *object, const char *name, const KromoPath *up,
    double fallback, double *value, GError **error);

/* A string or a number as the string that JavaScript makes of it, else NULL with @error. */
char *kromo_json_id (JsonNode *node, const KromoPath *path, GError **error);

/* Keys in JavaScript's order: array indices ascending, then the others as they came. */
gboolean kromo_js_array_index (const char *key, guint32 *index);
GPtrArray *kromo_json_keys (JsonObject *object); /* const char*, owned by @object */

/* ---- containers ---- */

gboolean kromo_is_sqlite (const void *data, gsize size);

/* The contents of a regular file; no bytes, but TRUE, if it is a database. */
gboolean kromo_file_read (const char *filename, GBytes **bytes, GError **error);

/* A genome's bytes and its id from a database; @id NULL takes the first. */
GBytes *kromo_database_load (const char *filename, const char *id, char **found_id, GError **error);
char **kromo_database_list (const char *filename, GError **error);

/* ---- networks ---- */

gboolean kromo_read_wave_network (KromoReader *reader, JsonNode *node, const KromoPath *path,
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
    KromoPatchBuilder *builder, char *id, const KromoPath *path, GError **error);
gboolean kromo_patch_builder_find (KromoPatchBuilder *builder, const char *key, gint *index);
gboolean kromo_patch_builder_count (
    KromoPatchBuilder *builder, const KromoPath *path, GError **error);
void kromo_patch_builder_connect (KromoPatchBuilder *builder, guint source, gint target,
    const char *param_name, gboolean enabled);

/* Numbers, shape and output as both forms store them. */
void kromo_patch_builder_set_shape (
    KromoPatchBuilder *builder, KromoPatchNode *node, JsonNode *type, const KromoPath *path);
gboolean kromo_patch_builder_read_output (KromoPatchBuilder *builder, JsonNode *node,
    const KromoPath *path, gint *output, GError **error);
gboolean kromo_read_range (JsonNode *node, const KromoPath *path, double range[2], GError **error);

void kromo_patch_builder_seed_string (KromoPatchBuilder *builder, const char *text);
void kromo_patch_builder_seed_double (KromoPatchBuilder *builder, double value);

/* Puts everything in its order and moves it to @patch. @group_drives sorts each output's drives by
 * their nodes' keys, as a JavaScript object does. */
void kromo_patch_builder_finish (
    KromoPatchBuilder *builder, gboolean group_drives, KromoPatch *patch);
void kromo_patch_clear (KromoPatch *patch);

gboolean kromo_read_asneat (
    KromoPatchBuilder *builder, JsonObject *patch, const KromoPath *path, GError **error);
gboolean kromo_read_plain (
    KromoPatchBuilder *builder, JsonObject *patch, const KromoPath *path, GError **error);

G_END_DECLS
