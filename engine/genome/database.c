/* Genome databases: SQLite files with a table genomes (id TEXT PRIMARY KEY, data BLOB, ...).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-private.h"

#include <glib/gstdio.h>
#include <string.h>

#ifdef KROMO_HAVE_SQLITE

#include <sqlite3.h>
#include <time.h>

#define MAX_ID_BYTES 1024
#define LISTABLE "id IS NOT NULL AND length (id) <= " G_STRINGIFY (MAX_ID_BYTES)
#define BUSY_MS 2000
#define PROGRESS_STEPS 100
/* A damaged file can be a table without end, with rows that are larger than the file: give up after so much
 * processor time. Listing a table of a million rows takes less than one second. */
#define MAX_SECONDS 3

typedef struct {
  sqlite3 *db;
  char *name; /* for messages */
  double start;
} Database;

static double
get_processor_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static int
on_progress (void *data)
{
  return get_processor_time () - ((const Database *) data)->start > MAX_SECONDS;
}

static void
database_clear (Database *database)
{
  sqlite3_close (database->db);
  g_free (database->name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Database, database_clear)

static gboolean
fail_sqlite (Database *d, int result, GError **error)
{
  /* It may quote names from the file. */
  g_autofree char *reason =
      g_utf8_make_valid (d->db ? sqlite3_errmsg (d->db) : sqlite3_errstr (result), -1);
  KromoError code = KROMO_ERROR_READ;

  if ((result & 0xff) == SQLITE_INTERRUPT) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_LIMIT,
        "%s: takes more than %d s of computing to look through", d->name, MAX_SECONDS);
    return FALSE;
  }
  if ((result & 0xff) == SQLITE_ERROR)
    code = KROMO_ERROR_INVALID; /* no such table or column */
  else if ((result & 0xff) == SQLITE_TOOBIG)
    code = KROMO_ERROR_LIMIT;
  g_set_error (error, KROMO_ERROR, (gint) code,
      "%s: %s (wanted: a table genomes with the columns id and data)", d->name, reason);
  return FALSE;
}

/* A database in write-ahead mode that lies where we may not write can only be read as one that nobody
 * changes. That is true enough if nothing waits in its log. */
static gboolean
may_be_immutable (int result, const char *path)
{
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  GStatBuf info;

  if ((result & 0xff) != SQLITE_CANTOPEN && (result & 0xff) != SQLITE_READONLY)
    return FALSE;
  return g_stat (log, &info) != 0 || info.st_size == 0;
}

static int
open_path (Database *d, const char *path, gboolean immutable)
{
  g_autofree char *uri = NULL;
  int result, flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;

  if (immutable) {
    g_autofree char *plain = g_filename_to_uri (path, NULL, NULL);
    uri = g_strconcat (plain, "?immutable=1", NULL);
    flags |= SQLITE_OPEN_URI;
  }
  g_clear_pointer (&d->db, sqlite3_close);
  result = sqlite3_open_v2 (uri ? uri : path, &d->db, flags, NULL);
  if (result != SQLITE_OK)
    return result;

  sqlite3_extended_result_codes (d->db, 1);
  sqlite3_busy_timeout (d->db, BUSY_MS);
  sqlite3_limit (d->db, SQLITE_LIMIT_LENGTH, KROMO_MAX_DOCUMENT_BYTES);
  sqlite3_progress_handler (d->db, PROGRESS_STEPS, on_progress, d);
#ifdef SQLITE_DBCONFIG_DEFENSIVE
  sqlite3_db_config (d->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
#endif
#ifdef SQLITE_DBCONFIG_TRUSTED_SCHEMA
  sqlite3_db_config (d->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
#endif
#ifdef SQLITE_DBCONFIG_ENABLE_VIEW
  sqlite3_db_config (d->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
#endif
  return sqlite3_exec (d->db, "SELECT 1 FROM sqlite_master LIMIT 1", NULL, NULL, NULL);
}

/* The statement, on its first row if there is one. */
static sqlite3_stmt *
database_query (Database *d, const char *sql, const char *text, int *result, GError **error)
{
  sqlite3_stmt *statement = NULL;

  *result = sqlite3_prepare_v2 (d->db, sql, -1, &statement, NULL);
  if (*result == SQLITE_OK && text)
    *result = sqlite3_bind_text (statement, 1, text, -1, SQLITE_TRANSIENT);
  if (*result == SQLITE_OK)
    *result = sqlite3_step (statement);
  if (*result == SQLITE_ROW || *result == SQLITE_DONE)
    return statement;
  fail_sqlite (d, *result, error);
  sqlite3_finalize (statement);
  return NULL;
}

/* Only what lies in the file is read: a view, a virtual table or a computed column could be any computation, some
 * of which cannot be interrupted. */
static gboolean
check_table (Database *d, GError **error)
{
  int result;
  sqlite3_stmt *statement = database_query (d,
      "SELECT 1 FROM sqlite_master WHERE name = 'genomes' COLLATE NOCASE AND type IN ('table', "
      "'view')"
      " AND rootpage = 0 UNION ALL SELECT 1 FROM pragma_table_xinfo ('genomes') WHERE hidden <> 0",
      NULL, &result, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_finalize (statement);
  if (result == SQLITE_ROW)
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_UNSUPPORTED,
        "%s: its table genomes is a view, virtual, or has columns that are computed", d->name);
  return result == SQLITE_DONE;
}

static gboolean
database_open (Database *d, const char *filename, GError **error)
{
  /* absolute, so that no name looks like a URI or like a special one */
  g_autofree char *path = g_canonicalize_filename (filename, NULL);
  int result;

  d->name = g_filename_display_name (filename);
  d->start = get_processor_time ();
  result = open_path (d, path, FALSE);
  if (result != SQLITE_OK && may_be_immutable (result, path))
    result = open_path (d, path, TRUE);
  if (result != SQLITE_OK)
    return fail_sqlite (d, result, error);
  return check_table (d, error);
}

static char *
first_id (Database *d, GError **error)
{
  char *id = NULL;
  int result;
  sqlite3_stmt *statement = database_query (
      d, "SELECT id FROM genomes WHERE " LISTABLE " ORDER BY id LIMIT 1", NULL, &result, error);

  if (statement == NULL)
    return NULL;
  if (result == SQLITE_ROW)
    id = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_finalize (statement);
  if (id == NULL)
    g_set_error (
        error, KROMO_ERROR, KROMO_ERROR_NOT_FOUND, "%s: has no genomes in its table", d->name);
  return id;
}

GBytes *
kromo_database_load (const char *filename, const char *id, char **found_id, GError **error)
{
  g_auto (Database) d = { NULL };
  g_autofree char *wanted = NULL, *quoted = NULL;
  sqlite3_stmt *statement;
  GBytes *bytes = NULL;
  int result;

  if (!database_open (&d, filename, error))
    return NULL;
  wanted = id ? g_strdup (id) : first_id (&d, error);
  if (wanted == NULL)
    return NULL;
  statement =
      database_query (&d, "SELECT data FROM genomes WHERE id = ?1 LIMIT 1", wanted, &result, error);
  if (statement == NULL)
    return NULL;

  {
    g_autofree char *valid = g_utf8_make_valid (wanted, -1);
    quoted = kromo_quote (valid);
    if (result != SQLITE_ROW) {
      g_set_error (error, KROMO_ERROR, KROMO_ERROR_NOT_FOUND, "%s: has no genome with the id %s",
          d.name, quoted);
    } else if (sqlite3_column_type (statement, 0) != SQLITE_BLOB
        && sqlite3_column_type (statement, 0) != SQLITE_TEXT) {
      g_set_error (error, KROMO_ERROR, KROMO_ERROR_INVALID,
          "%s: the genome %s has neither bytes nor text in its column data", d.name, quoted);
    } else {
      const void *data = sqlite3_column_blob (statement, 0);
      int size = sqlite3_column_bytes (statement, 0);

      bytes = kromo_document_copy (data, data ? (gsize) size : 0, error);
      if (bytes != NULL)
        *found_id = g_steal_pointer (&valid);
    }
  }
  sqlite3_finalize (statement);
  return bytes;
}

char **
kromo_database_list (const char *filename, GError **error)
{
  g_auto (Database) d = { NULL };
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *statement;
  int result;

  if (!database_open (&d, filename, error))
    return NULL;
  statement = database_query (&d,
      "SELECT id FROM genomes WHERE " LISTABLE
      " ORDER BY id LIMIT " G_STRINGIFY (KROMO_MAX_LISTED_IDS),
      NULL, &result, error);
  if (statement == NULL)
    return NULL;
  for (; result == SQLITE_ROW; result = sqlite3_step (statement)) {
    const char *id = (const char *) sqlite3_column_text (statement, 0);

    if (id && g_utf8_validate (id, -1, NULL))
      g_ptr_array_add (ids, g_strdup (id));
  }
  if (result != SQLITE_DONE)
    fail_sqlite (&d, result, error);
  sqlite3_finalize (statement);
  if (result != SQLITE_DONE)
    return NULL;
  g_ptr_array_add (ids, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&ids), FALSE);
}

#else

static void
fail_unsupported (const char *filename, GError **error)
{
  g_autofree char *name = g_filename_display_name (filename);

  g_set_error (error, KROMO_ERROR, KROMO_ERROR_UNSUPPORTED,
      "%s: is a genome database, and this build was made without SQLite", name);
}

GBytes *
kromo_database_load (const char *filename, const char *id, char **found_id, GError **error)
{
  fail_unsupported (filename, error);
  return NULL;
}

char **
kromo_database_list (const char *filename, GError **error)
{
  fail_unsupported (filename, error);
  return NULL;
}

#endif
