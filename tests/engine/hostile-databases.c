/* Bad genome databases, and good ones that others write to.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostile.h"

#ifdef KROMO_HAVE_SQLITE

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#define WANTED " (wanted: a table genomes with the columns id and data)"
#define TABLE "CREATE TABLE genomes (id TEXT PRIMARY KEY, data BLOB);"

typedef struct {
  const char *name;
  const char *sql;
  void (*damage) (const char *path); /* nullable: what happens to the file then */
  gint code;
  const char *message;
  const char *list; /* what asking for the ids says; NULL: it would take as long */
  gint list_code;
  guint mib;
} DatabaseRow;

static sqlite3 *
open_database (const char *path)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_busy_timeout (db, 10000);
  return db;
}

static void
execute (sqlite3 *db, const char *sql)
{
  char *message = NULL;

  if (sqlite3_exec (db, sql, NULL, NULL, &message) != SQLITE_OK)
    g_error ("%s: %s", sql, message);
}

/* ---- damage ---- */

static char *
read_file (const char *path, gsize *size)
{
  char *data;

  g_assert_true (g_file_get_contents (path, &data, size, NULL));
  return data;
}

static void
keep_header (const char *path)
{
  g_assert_cmpint (truncate (path, 16), ==, 0);
}

static void
keep_half (const char *path)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (truncate (path, status.st_size / 2), ==, 0);
}

static void
make_tebibyte (const char *path)
{
  hostile_write (path, "SQLite format 3\0\xff\xff", 18);
  g_assert_cmpint (truncate (path, G_GINT64_CONSTANT (1) << 40), ==, 0);
}

static void
spoil_page_size (const char *path)
{
  gsize size;
  g_autofree char *data = read_file (path, &size);

  data[16] = 3;
  hostile_write (path, data, size);
}

/* All pages but the first. */
static void
spoil_pages (const char *path)
{
  gsize size;
  g_autofree char *data = read_file (path, &size);

  memset (data + 4096, 0x5a, size - 4096);
  hostile_write (path, data, size);
}

static guint
get_root (const char *path)
{
  sqlite3 *db = open_database (path);
  sqlite3_stmt *statement;
  guint root;

  sqlite3_prepare_v2 (
      db, "SELECT rootpage FROM sqlite_master WHERE name = 'genomes'", -1, &statement, NULL);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  root = (guint) sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return root;
}

/* The root page's cells become many, all of them the first: the table is that much longer. */
#define CELLS 10000
static void
repeat_cells (const char *path)
{
  const gsize root = (gsize) (get_root (path) - 1) * 65536;
  gsize size;
  g_autofree char *data = read_file (path, &size);
  guint8 *page = (guint8 *) data + root;

  g_assert_cmpint (page[0], ==, 5); /* a table's inner page */
  page[3] = (guint8) (CELLS >> 8);
  page[4] = (guint8) (CELLS & 0xff);
  for (guint i = 1; i < CELLS; i++)
    memcpy (page + 12 + 2 * i, page + 12, 2);
  hostile_write (path, data, size);
}

/* The root is its own child. */
static void
make_circular (const char *path)
{
  const guint number = get_root (path);
  gsize size;
  g_autofree char *data = read_file (path, &size);
  guint8 *page = (guint8 *) data + (gsize) (number - 1) * 65536;
  guint8 *cell = page + (page[12] << 8 | page[13]);

  g_assert_cmpint (page[0], ==, 5);
  cell[0] = cell[1] = 0;
  cell[2] = (guint8) (number >> 8);
  cell[3] = (guint8) number;
  hostile_write (path, data, size);
}

static void
add_journal (const char *path)
{
  g_autofree char *journal = g_strconcat (path, "-journal", NULL);
  g_autofree char *junk = g_strnfill (8192, 'j');

  hostile_write (journal, junk, 8192);
}

static void
add_log (const char *path)
{
  g_autofree char *journal = g_strconcat (path, "-wal", NULL);
  g_autofree char *junk = g_strnfill (100000, 'w');

  hostile_write (journal, junk, 100000);
}

/* ---- rows ---- */

#define NO_GENOMES "has no genomes in its table"
#define UNSUITABLE "its table genomes is a view, virtual, or has columns that are computed"
#define TOO_LONG "takes more than 3 s of computing to look through"
#define ROWS                                                                                       \
  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO "      \
  "genomes SELECT "

static const DatabaseRow rows[] = {
  { "no-table", "CREATE TABLE other (id, data)", NULL, KROMO_ERROR_INVALID,
      "no such table: genomes" WANTED, "no such table: genomes" WANTED, KROMO_ERROR_INVALID },
  { "no-column-id", "CREATE TABLE genomes (key, data)", NULL, KROMO_ERROR_INVALID,
      "no such column: id" WANTED, "no such column: id" WANTED, KROMO_ERROR_INVALID },
  { "no-column-data", "CREATE TABLE genomes (id, blob); INSERT INTO genomes VALUES (1, 2)", NULL,
      KROMO_ERROR_INVALID, "no such column: data" WANTED, "1 ids", HOSTILE_ACCEPTED },
  { "no-rows", TABLE, NULL, KROMO_ERROR_NOT_FOUND, NO_GENOMES, "0 ids", HOSTILE_ACCEPTED },
  { "id-null", TABLE "INSERT INTO genomes VALUES (NULL, 'a'), (NULL, 'b')", NULL,
      KROMO_ERROR_NOT_FOUND, NO_GENOMES, "0 ids", HOSTILE_ACCEPTED },
  { "id-number", "CREATE TABLE genomes (id INTEGER, data); INSERT INTO genomes VALUES (7, '[')",
      NULL, KROMO_ERROR_PARSE, "genome \"7\": $: not JSON: *", "1 ids", HOSTILE_ACCEPTED },
  { "id-not-utf-8", TABLE "INSERT INTO genomes VALUES (CAST (x'ff41' AS TEXT), '[')", NULL,
      KROMO_ERROR_PARSE, "genome \"*A\": $: not JSON: *", "0 ids", HOSTILE_ACCEPTED },
  { "id-long", TABLE "INSERT INTO genomes VALUES (hex (zeroblob (1000000)), '[')", NULL,
      KROMO_ERROR_NOT_FOUND, NO_GENOMES, "0 ids", HOSTILE_ACCEPTED },
  { "id-twice",
      "CREATE TABLE genomes (id, data); INSERT INTO genomes VALUES ('a', '['), ('a', '{')", NULL,
      KROMO_ERROR_PARSE, "genome \"a\": $: not JSON: *", "2 ids", HOSTILE_ACCEPTED },
  { "data-null", TABLE "INSERT INTO genomes VALUES ('a', NULL)", NULL, KROMO_ERROR_INVALID,
      "the genome \"a\" has neither bytes nor text in its column data", "1 ids", HOSTILE_ACCEPTED },
  { "data-number", TABLE "INSERT INTO genomes VALUES ('a', 1e999)", NULL, KROMO_ERROR_INVALID,
      "the genome \"a\" has neither bytes nor text in its column data", "1 ids", HOSTILE_ACCEPTED },
  { "data-empty", TABLE "INSERT INTO genomes VALUES ('a', '')", NULL, KROMO_ERROR_PARSE,
      "genome \"a\": empty: *", "1 ids", HOSTILE_ACCEPTED },
  { "data-no-genome", TABLE "INSERT INTO genomes VALUES ('a', x'89504e470d0a1a0a')", NULL,
      KROMO_ERROR_PARSE, "genome \"a\": $: not UTF-8 at byte 0*", "1 ids", HOSTILE_ACCEPTED },
  { "data-database",
      TABLE "INSERT INTO genomes VALUES ('a', CAST ('SQLite format 3' AS BLOB) || x'00')", NULL,
      KROMO_ERROR_UNSUPPORTED, "genome \"a\": a genome database can only be read from a file*",
      "1 ids", HOSTILE_ACCEPTED },
  { "data-too-large", TABLE "INSERT INTO genomes VALUES ('a', zeroblob (40000000))", NULL,
      KROMO_ERROR_LIMIT, "string or blob too big" WANTED, "1 ids", HOSTILE_ACCEPTED },
  { "data-largest", TABLE "INSERT INTO genomes VALUES ('a', zeroblob (33000000))", NULL,
      KROMO_ERROR_PARSE, "genome \"a\": $: not UTF-8 at byte 0*", "1 ids", HOSTILE_ACCEPTED, 130 },
  { "utf-16", "PRAGMA encoding = 'UTF-16'; " TABLE "INSERT INTO genomes VALUES ('a', '[')", NULL,
      KROMO_ERROR_PARSE, "genome \"a\": $: not *", "1 ids", HOSTILE_ACCEPTED },
  { "view",
      "CREATE VIEW genomes AS WITH RECURSIVE c(id, data) AS (SELECT 1, 2 UNION ALL SELECT id + 1, "
      "2 "
      "FROM c) SELECT * FROM c",
      NULL, KROMO_ERROR_UNSUPPORTED, UNSUITABLE, UNSUITABLE, KROMO_ERROR_UNSUPPORTED },
  { "virtual", "CREATE VIRTUAL TABLE GENOMES USING fts5 (id, data)", NULL, KROMO_ERROR_UNSUPPORTED,
      UNSUITABLE, UNSUITABLE, KROMO_ERROR_UNSUPPORTED },
  { "generated-id",
      "CREATE TABLE genomes (x, data, id TEXT AS (replace (hex (zeroblob (x)), '0', '00'))); "
      "INSERT INTO genomes VALUES (7000000, 1), (7000000, 2), (7000000, 3)",
      NULL, KROMO_ERROR_UNSUPPORTED, UNSUITABLE, UNSUITABLE, KROMO_ERROR_UNSUPPORTED },
  { "generated-data",
      "CREATE TABLE genomes (id, Data AS (hex (zeroblob (15000000))) STORED); INSERT INTO genomes "
      "VALUES "
      "('a')",
      NULL, KROMO_ERROR_UNSUPPORTED, UNSUITABLE, UNSUITABLE, KROMO_ERROR_UNSUPPORTED },
  { "header-alone", TABLE, keep_header, KROMO_ERROR_READ, "*" WANTED, "*" WANTED,
      KROMO_ERROR_READ },
  { "page-size-wrong", TABLE, spoil_page_size, KROMO_ERROR_READ, "file is not a database" WANTED,
      "file is not a database" WANTED, KROMO_ERROR_READ },
  { "cut", TABLE ROWS "i, zeroblob (4096) FROM n", keep_half, KROMO_ERROR_READ,
      "database disk image is malformed" WANTED, "*", KROMO_ERROR_READ },
  { "pages-spoilt", TABLE ROWS "i, zeroblob (4096) FROM n", spoil_pages, KROMO_ERROR_READ,
      "database disk image is malformed" WANTED, "database disk image is malformed" WANTED,
      KROMO_ERROR_READ },
  { "tebibyte", TABLE, make_tebibyte, KROMO_ERROR_READ, "file is not a database" WANTED,
      "file is not a database" WANTED, KROMO_ERROR_READ },
  { "tree-circular",
      "PRAGMA page_size = 65536; CREATE TABLE genomes (id, data);" ROWS
      "'x', zeroblob (20000) FROM n",
      make_circular, KROMO_ERROR_READ, "database disk image is malformed" WANTED,
      "database disk image is malformed" WANTED, KROMO_ERROR_READ },
  { "tree-repeats-itself",
      "PRAGMA page_size = 65536; CREATE TABLE genomes (id, data);" ROWS
      "hex (zeroblob (1000000)), zeroblob (20000) FROM n",
      repeat_cells, KROMO_ERROR_LIMIT, TOO_LONG, NULL },
  { "schema-spoilt",
      TABLE
      "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = 'CREATE TABLE genomes (' WHERE "
      "name = 'genomes'",
      NULL, KROMO_ERROR_READ, "malformed database schema (genomes)*" WANTED,
      "malformed database schema (genomes)*" WANTED, KROMO_ERROR_READ },
  { "journal-spoilt", TABLE, add_journal, KROMO_ERROR_NOT_FOUND, NO_GENOMES, "0 ids",
      HOSTILE_ACCEPTED },
  { "log-spoilt", "PRAGMA journal_mode = WAL; " TABLE, add_log, KROMO_ERROR_NOT_FOUND, NO_GENOMES,
      "0 ids", HOSTILE_ACCEPTED },
};

typedef struct {
  const DatabaseRow *row;
  const char *path;
} Trial;

static void
make_in_child (gpointer data, HostileOutcome *outcome)
{
  const Trial *trial = data;
  sqlite3 *db = open_database (trial->path);

  execute (db, trial->row->sql);
  sqlite3_close (db);
  if (trial->row->damage != NULL)
    trial->row->damage (trial->path);
}

static void
load_in_child (gpointer data, HostileOutcome *outcome)
{
  hostile_load_and_play (((const Trial *) data)->path, NULL, outcome);
}

static void
list_in_child (gpointer data, HostileOutcome *outcome)
{
  hostile_list (((const Trial *) data)->path, outcome);
}

static void
test_row (gconstpointer data)
{
  const DatabaseRow *row = data;
  g_autofree char *path = hostile_path (row->name);
  Trial trial = { row, path };
  HostileOutcome outcome;

  hostile_in_child (make_in_child, &trial, &outcome);
  hostile_in_child (load_in_child, &trial, &outcome);
  hostile_check (&outcome, path, row->code, row->message, row->mib);
  if (row->list != NULL) {
    hostile_in_child (list_in_child, &trial, &outcome);
    hostile_check (&outcome, path, row->list_code, row->list, row->mib);
  }
  g_remove (path);
}

/* ---- a database that others write to ---- */

static void
make_database (const char *path, const char *mode)
{
  sqlite3 *db = open_database (path);
  g_autofree char *text = json (SMALL), *sql = NULL;

  execute (db, mode);
  execute (db, TABLE);
  sql = g_strdup_printf ("INSERT INTO genomes VALUES ('a', '%s')", text);
  execute (db, sql);
  sqlite3_close (db);
}

/* A process that does something with the database, and says so when it has begun. */
static pid_t
start_writer (const char *path, void (*work) (sqlite3 *db, int begun))
{
  int ends[2];
  char byte;
  pid_t writer;

  g_assert_cmpint (pipe (ends), ==, 0);
  writer = fork ();
  if (writer == 0) {
    work (open_database (path), ends[1]);
    _exit (0);
  }
  close (ends[1]);
  g_assert_cmpint (read (ends[0], &byte, 1), ==, 1);
  close (ends[0]);
  return writer;
}

static void
end_writer (pid_t writer)
{
  kill (writer, SIGKILL);
  waitpid (writer, NULL, 0);
}

static void
say_begun (int begun)
{
  g_assert_cmpint (write (begun, "", 1), ==, 1);
}

static void
hold_lock (sqlite3 *db, int begun)
{
  execute (db, "BEGIN EXCLUSIVE; INSERT INTO genomes VALUES ('b', 'half done')");
  say_begun (begun);
  pause ();
}

static void
keep_writing (sqlite3 *db, int begun)
{
  execute (db, "PRAGMA synchronous = OFF");
  for (guint i = 0;; i++) {
    g_autofree char *sql = g_strdup_printf (
        "BEGIN; INSERT INTO genomes SELECT 'n%u', data FROM genomes WHERE id = 'a'; DELETE FROM "
        "genomes WHERE id <> 'a' AND random () %% 8 = 0; COMMIT",
        i);
    execute (db, sql);
    if (i == 0)
      say_begun (begun);
    g_usleep (500);
  }
}

/* What is read is whole, or an error says that there was no getting at it. */
static void
load_id_often (gpointer data, HostileOutcome *outcome)
{
  guint n_loaded = 0, n_listed = 0;

  for (guint i = 0; i < 50; i++) {
    g_autoptr (GError) error = NULL, list_error = NULL;
    g_autoptr (KromoGenome) genome = kromo_genome_load (data, "a", &error);
    g_auto (GStrv) ids = kromo_genome_list_ids (data, &list_error);

    g_assert_true (genome != NULL || g_error_matches (error, KROMO_ERROR, KROMO_ERROR_READ));
    g_assert_true (ids != NULL || g_error_matches (list_error, KROMO_ERROR, KROMO_ERROR_READ));
    g_assert_true (ids == NULL || g_str_equal (ids[0], "a"));
    n_loaded += genome != NULL;
    n_listed += ids != NULL;
  }
  g_snprintf (outcome->message, sizeof outcome->message, "%s, %s",
      n_loaded > 0 ? "loaded" : "never loaded", n_listed > 0 ? "listed" : "never listed");
}

static void
load_path (gpointer data, HostileOutcome *outcome)
{
  hostile_load_and_play (data, NULL, outcome);
}

static void
list_path (gpointer data, HostileOutcome *outcome)
{
  hostile_list (data, outcome);
}

/* Somebody who locks it and does not let go: an error after 2 s. */
static void
test_locked (void)
{
  g_autofree char *path = hostile_path ("locked");
  HostileOutcome outcome;
  pid_t writer;

  make_database (path, "PRAGMA journal_mode = DELETE");
  writer = start_writer (path, hold_lock);
  hostile_in_child (load_path, path, &outcome);
  hostile_check (&outcome, path, KROMO_ERROR_READ, "database is locked" WANTED, 0);
  g_assert_cmpfloat (outcome.waited, >, 1.0);
  hostile_in_child (list_path, path, &outcome);
  hostile_check (&outcome, path, KROMO_ERROR_READ, "database is locked" WANTED, 0);
  end_writer (writer);
  hostile_in_child (load_path, path, &outcome);
  hostile_check (&outcome, path, HOSTILE_ACCEPTED, "", 0);
}

/* With a log, readers see what was there before. */
static void
test_locked_with_log (void)
{
  g_autofree char *path = hostile_path ("locked with log");
  HostileOutcome outcome;
  pid_t writer;

  make_database (path, "PRAGMA journal_mode = WAL");
  writer = start_writer (path, hold_lock);
  hostile_in_child (load_path, path, &outcome);
  hostile_check (&outcome, path, HOSTILE_ACCEPTED, "", 0);
  hostile_in_child (list_path, path, &outcome);
  hostile_check (&outcome, path, HOSTILE_ACCEPTED, "1 ids", 0);
  end_writer (writer);
}

static void
test_written (void)
{
  static const char *const modes[] = { "PRAGMA journal_mode = DELETE",
    "PRAGMA journal_mode = WAL" };

  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    g_autofree char *path = hostile_path (i == 0 ? "written" : "written with log");
    HostileOutcome outcome;
    pid_t writer;

    make_database (path, modes[i]);
    writer = start_writer (path, keep_writing);
    hostile_in_child (load_id_often, path, &outcome);
    hostile_check (&outcome, path, HOSTILE_ACCEPTED, "loaded, listed", 0);
    end_writer (writer);
  }
}

/* A thread of the same process, with a connection of its own. */
static gpointer
write_in_thread (gpointer data)
{
  sqlite3 *db = open_database (data);

  for (guint i = 0; i < 300; i++)
    execute (db, "INSERT OR REPLACE INTO genomes VALUES ('b', hex (randomblob (5000)))");
  sqlite3_close (db);
  return NULL;
}

static void
load_beside_thread (gpointer data, HostileOutcome *outcome)
{
  GThread *thread = g_thread_new ("writer", write_in_thread, data);

  load_id_often (data, outcome);
  g_thread_join (thread);
}

static void
test_written_by_thread (void)
{
  g_autofree char *path = hostile_path ("written by a thread");
  HostileOutcome outcome;

  make_database (path, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
  hostile_in_child (load_beside_thread, path, &outcome);
  hostile_check (&outcome, path, HOSTILE_ACCEPTED, "loaded, listed", 0);
}

void
hostile_add_databases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *name = g_strdup_printf ("/hostile/databases/%s", rows[i].name);
    g_test_add_data_func (name, &rows[i], test_row);
  }
  g_test_add_func ("/hostile/databases/locked", test_locked);
  g_test_add_func ("/hostile/databases/locked-with-log", test_locked_with_log);
  g_test_add_func ("/hostile/databases/written", test_written);
  g_test_add_func ("/hostile/databases/written-by-thread", test_written_by_thread);
}

#else

void
hostile_add_databases (void)
{
}

#endif
