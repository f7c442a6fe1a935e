/* kromo-websocket: the genomes that are served, found by their ids
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _Library Library;

/* The most genomes that a folder or a listing may have; more are left out. */
#define LIBRARY_MAX_GENOMES 10000

/**
 * library_new_folder:
 *
 * The genomes of a folder: its files *.json and *.json.gz, known by their names without that ending. Hidden
 * files and folders in it are left out.
 *
 * Returns: (nullable): a library, or %NULL with @error set
 */
Library *library_new_folder (const char *folder, GError **error);

/**
 * library_new_database:
 *
 * Returns: (nullable): a library of the genomes of a database, or %NULL with @error set
 */
Library *library_new_database (const char *filename, GError **error);

void library_free (Library *self);

/**
 * library_get_ids:
 *
 * Returns: (transfer full) (array zero-terminated=1): the ids of now, sorted
 */
char **library_get_ids (Library *self);

/**
 * library_find:
 * @id: what a client says; never used as a path
 * @location: (out) (transfer full): what to set as kromosrc's location
 * @genome_id: (out) (transfer full) (nullable): and as its genome-id
 *
 * Returns: whether there may be such a genome; a database is asked by the element itself
 */
gboolean library_find (Library *self, const char *id, char **location, char **genome_id);

/**
 * library_hide_path:
 *
 * Returns: (transfer full): @text without the folders of this machine that it names
 */
char *library_hide_path (Library *self, const char *text);

G_END_DECLS
