/* Lists of genomes: what a user means by a file, a folder or a database
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * Genome:
 * @uri: (nullable): a kromo: URI, or %NULL
 * @location: (nullable) (type filename): a file; %NULL where there is a @uri
 * @id: (nullable): which one of a database
 * @name: what a file made from it is called, without an extension: UTF-8, without '/', control
 *   characters and a leading '.', at most 200 bytes, and different for each genome of a list
 */
typedef struct {
  char *uri;
  char *location;
  char *id;
  char *name;
} Genome;

/**
 * genomes_list:
 * @path: (nullable): a genome file, a genome database, a folder of them, a kromo: URI, or "default"
 *   or %NULL for the built-in genome
 *
 * The members of a folder are its files *.json, *.json.gz, *.sqlite, *.sqlite3 and *.db, sorted by
 * their bytes; folders in it are left out. Whether a file that is listed holds a genome is not
 * looked at.
 *
 * Returns: (transfer full) (element-type Genome): at least one, or %NULL with @error set
 */
GPtrArray *genomes_list (const char *path, GError **error);

/* Makes a kromosrc that is in NULL or READY play it. */
gboolean genome_set_on (const Genome *genome, GstElement *src, GError **error);

/* (transfer full): for people: the file's name with the id, or the URI; always printable. */
char *genome_describe (const Genome *genome);

/* (transfer full): the text as one line of valid UTF-8 without control characters. */
char *make_printable (const char *text);

G_END_DECLS
