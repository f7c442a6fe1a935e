/* Lists of genomes: what a user means by a file, a folder or a database
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "genomes.h"

#include <stdio.h>
#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#define DEFAULT_URI "kromo:default"
#define MAX_NAME_BYTES 200
#define HASH_DIGITS 8
#define MAX_LISTED_IDS 10000 /* of the property genome-ids */

static const char *const genome_suffixes[] = { ".json.gz", ".json" };
static const char *const database_suffixes[] = { ".sqlite3", ".sqlite", ".db" };

char *
make_printable (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *line = g_string_sized_new (strlen (valid));

  for (const char *c = valid; *c; c = g_utf8_next_char (c)) {
    gunichar code = g_utf8_get_char (c);

    if (g_unichar_iscntrl (code) || g_unichar_type (code) == G_UNICODE_FORMAT)
      g_string_append_c (line, ' ');
    else
      g_string_append_unichar (line, code);
  }

  return g_string_free (line, FALSE);
}

char *
genome_describe (const Genome *genome)
{
  g_autofree char *base = NULL, *text = NULL;

  if (genome->uri)
    return make_printable (
        g_str_equal (genome->uri, DEFAULT_URI) ? "the built-in genome" : genome->uri);
  base = g_path_get_basename (genome->location);
  text = genome->id ? g_strconcat (base, "#", genome->id, NULL) : g_strdup (base);

  return make_printable (text);
}

gboolean
genome_set_on (const Genome *genome, GstElement *src, GError **error)
{
  if (genome->uri)
    return gst_uri_handler_set_uri (GST_URI_HANDLER (src), genome->uri, error);
  g_object_set (src, "location", genome->location, "genome-id", genome->id, NULL);

  return TRUE;
}

/* ---- names ---- */

/* Different texts stay different: what cannot be in a file's name is written as %XX, as is '%'. */
static char *
escape_name (const char *text)
{
  GString *name = g_string_new (NULL);
  const char *end = text + strlen (text);

  for (const char *c = text; c < end;) {
    gunichar code = g_utf8_get_char_validated (c, end - c);
    const char *next = code < (gunichar) -2 ? g_utf8_next_char (c) : c + 1;
    gboolean kept = code < (gunichar) -2 && !g_unichar_iscntrl (code) && code != '/' && code != '%'
        && code != '\\' && !(code == '.' && c == text);

    for (; c < next; c++) {
      if (kept)
        g_string_append_c (name, *c);
      else
        g_string_append_printf (name, "%%%02X", (guchar) *c);
    }
  }

  return g_string_free (name, FALSE);
}

/* The name with a hash of what it stands for, for names that are too long or not the only ones. */
static char *
add_hash (const char *name, const Genome *genome)
{
  g_autofree char *base = g_path_get_basename (genome->location ? genome->location : genome->uri);
  g_autofree char *text = g_strconcat (base, "#", genome->id ? genome->id : "", NULL);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA1, text, -1);
  gsize length = MIN (strlen (name), MAX_NAME_BYTES - HASH_DIGITS - 1);

  while (length > 0 && !g_utf8_validate (name, (gssize) length, NULL))
    length--;

  return g_strdup_printf ("%.*s-%.*s", (int) length, name, HASH_DIGITS, hash);
}

static char *
get_stem (const char *path)
{
  char *base = g_path_get_basename (path);

  for (guint i = 0; i < G_N_ELEMENTS (genome_suffixes); i++)
    if (g_str_has_suffix (base, genome_suffixes[i])) {
      base[strlen (base) - strlen (genome_suffixes[i])] = '\0';
      break;
    }
  for (guint i = 0; i < G_N_ELEMENTS (database_suffixes); i++)
    if (g_str_has_suffix (base, database_suffixes[i])) {
      base[strlen (base) - strlen (database_suffixes[i])] = '\0';
      break;
    }

  return base;
}

/* Names that several have get a hash, so that no name depends on the order of the list. */
static void
make_names_differ (GPtrArray *genomes)
{
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < genomes->len; i++) {
    Genome *genome = genomes->pdata[i];
    guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, genome->name));

    g_hash_table_insert (counts, g_strdup (genome->name), GUINT_TO_POINTER (n + 1));
  }
  for (guint i = 0; i < genomes->len; i++) {
    Genome *genome = genomes->pdata[i];
    char *name;

    if (GPOINTER_TO_UINT (g_hash_table_lookup (counts, genome->name)) == 1
        && strlen (genome->name) <= MAX_NAME_BYTES)
      continue;
    name = add_hash (genome->name, genome);
    g_free (genome->name);
    genome->name = name;
  }
}

/* ---- lists ---- */

static void
genome_free (gpointer data)
{
  Genome *genome = data;

  g_free (genome->uri);
  g_free (genome->location);
  g_free (genome->id);
  g_free (genome->name);
  g_free (genome);
}

/* @name is escaped here. */
static void
add (GPtrArray *genomes, const char *uri, const char *location, const char *id, const char *name)
{
  Genome *genome = g_new0 (Genome, 1);

  genome->uri = g_strdup (uri);
  genome->location = g_strdup (location);
  genome->id = g_strdup (id);
  genome->name = escape_name (*name ? name : "genome");
  g_ptr_array_add (genomes, genome);
}

static gboolean
is_database (const char *path)
{
  static const char magic[16] = "SQLite format 3";
  char head[sizeof magic];
  FILE *file;
  gboolean found;

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR) || !(file = fopen (path, "rbe")))
    return FALSE;
  found = fread (head, 1, sizeof head, file) == sizeof head && !memcmp (head, magic, sizeof magic);
  fclose (file);

  return found;
}

/* Where there are no ids, one genome without: playing it tells why. */
static void
add_file (GPtrArray *genomes, const char *path, gboolean in_folder)
{
  g_autofree char *stem = get_stem (path);
  g_auto (GStrv) ids = NULL;

  if (is_database (path)) {
    GstElement *src = gst_element_factory_make ("kromosrc", NULL);

    g_object_set (src, "location", path, NULL);
    g_object_get (src, "genome-ids", &ids, NULL);
    gst_object_unref (src);
  }
  if (!ids || !*ids)
    add (genomes, NULL, path, NULL, stem);
  for (char **id = ids; id && *id; id++) {
    g_autofree char *name = in_folder ? g_strconcat (stem, ".", *id, NULL) : g_strdup (*id);

    add (genomes, NULL, path, *id, name);
  }
  if (ids && g_strv_length (ids) == MAX_LISTED_IDS)
    g_printerr (
        "%s: only its first " G_STRINGIFY (MAX_LISTED_IDS) " genomes are taken; "
                                                           "divide the database to have them all\n",
        path);
}

static gboolean
has_suffix_of (const char *name, const char *const *suffixes, guint n)
{
  for (guint i = 0; i < n; i++)
    if (g_str_has_suffix (name, suffixes[i]))
      return TRUE;

  return FALSE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
add_folder (GPtrArray *genomes, const char *path, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *printable = make_printable (path);
  const char *name;

  if (!dir)
    return FALSE;
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *file = g_build_filename (path, name, NULL);

    if (*name != '.' && !g_file_test (file, G_FILE_TEST_IS_DIR)
        && (has_suffix_of (name, genome_suffixes, G_N_ELEMENTS (genome_suffixes))
            || has_suffix_of (name, database_suffixes, G_N_ELEMENTS (database_suffixes))))
      g_ptr_array_add (names, g_strdup (name));
  }
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *file = g_build_filename (path, names->pdata[i], NULL);

    add_file (genomes, file, TRUE);
  }
  if (genomes->len == 0)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
        "%s: has no genomes in it; looked for are *.json, *.json.gz and databases (*.sqlite, "
        "*.sqlite3, *.db)",
        printable);

  return genomes->len > 0;
}

GPtrArray *
genomes_list (const char *path, GError **error)
{
  g_autoptr (GPtrArray) genomes = g_ptr_array_new_with_free_func (genome_free);

  if (!path || g_str_equal (path, "default") || g_str_equal (path, DEFAULT_URI)) {
    add (genomes, DEFAULT_URI, NULL, NULL, "default");
  } else if (g_str_has_prefix (path, "kromo:")) {
    add (genomes, path, NULL, NULL, path);
  } else if (g_file_test (path, G_FILE_TEST_IS_DIR)) {
    if (!add_folder (genomes, path, error))
      return NULL;
  } else if (g_access (path, R_OK) != 0) {
    int code = errno;
    g_autofree char *printable = make_printable (path);

    g_set_error (error, G_FILE_ERROR, (gint) g_file_error_from_errno (code),
        "%s: no genome can be read there: %s", printable, g_strerror (code));
    return NULL;
  } else {
    add_file (genomes, path, FALSE);
  }
  make_names_differ (genomes);

  return g_steal_pointer (&genomes);
}
