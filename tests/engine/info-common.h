/* Running kromo-info, and what its output should say, computed another way.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

#include "genome/genome.h"

G_BEGIN_DECLS

typedef struct {
  char *out, *err;
  int status; /* of the exit */
} Output;

void output_clear (Output *output);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Output, output_clear)

/* Runs kromo-info with these arguments, up to NULL. */
Output run_info (const char *argument, ...) G_GNUC_NULL_TERMINATED;

/* The same, which must succeed without a word on stderr, and give JSON. */
JsonNode *run_info_json (const char *argument, ...) G_GNUC_NULL_TERMINATED;

/* It must fail with one line on stderr that has @message in it. */
void assert_exits (const Output *output, const char *message);

/* Visible characters and line breaks only. */
void assert_visible (const char *text);

/* Connections that close a cycle, in a walk from the outputs. */
guint count_recurrent (const KromoNetwork *network);

/* [n_nodes]: whether outputs depend on it, themselves included */
gboolean *find_reached (const KromoNetwork *network);

/* Checks @dot's syntax as far as braces and strings go, and that it has every node. */
void assert_dot (const char *dot, const KromoGenome *genome);

void assert_facts (JsonNode *root, const KromoGenome *genome);

G_END_DECLS
