/* kromosrc: genome databases
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "common.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#define CAPS "audio/x-raw,format=F32LE,rate=48000,channels=1"

static char *folder, *database;

static void
insert (sqlite3 *db, const char *id, const char *file)
{
  g_autofree char *path = data_path (file);
  g_autofree char *text = NULL;
  sqlite3_stmt *statement;
  gsize size;

  fail_unless (g_file_get_contents (path, &text, &size, NULL));
  fail_unless (sqlite3_prepare_v2 (db, "INSERT INTO genomes VALUES (?1, ?2)", -1, &statement, NULL)
      == SQLITE_OK);
  sqlite3_bind_text (statement, 1, id, -1, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 2, text, (int) size, SQLITE_STATIC);
  fail_unless (sqlite3_step (statement) == SQLITE_DONE);
  sqlite3_finalize (statement);
}

static void
setup (void)
{
  sqlite3 *db;

  folder = g_dir_make_tmp ("kromosrc-XXXXXX", NULL);
  fail_unless (folder != NULL);
  database = g_build_filename (folder, "some genomes.sqlite", NULL);
  fail_unless (sqlite3_open (database, &db) == SQLITE_OK);
  fail_unless (
      sqlite3_exec (db, "CREATE TABLE genomes (id TEXT PRIMARY KEY, data BLOB)", NULL, NULL, NULL)
      == SQLITE_OK);
  insert (db, "b quiet", "no-id.json");
  insert (db, "a tone", "tone.json");
  insert (db, "c broken", "not-json.json");
  sqlite3_close (db);
}

static void
teardown (void)
{
  g_unlink (database);
  g_rmdir (folder);
  g_clear_pointer (&database, g_free);
  g_clear_pointer (&folder, g_free);
}

static Capture *
play (const char *id)
{
  return capture_run (make_src ("location", database, "genome-id", id, "duration",
                          G_GUINT64_CONSTANT (100000000), NULL),
      CAPS);
}

static Capture *
play_file (const char *file)
{
  g_autofree char *path = data_path (file);

  return capture_run (
      make_src ("location", path, "duration", G_GUINT64_CONSTANT (100000000), NULL), CAPS);
}

static void
assert_same (Capture *a, Capture *b)
{
  fail_unless_equals_int (a->data->len, 4800 * sizeof (float));
  fail_unless_equals_int (a->data->len, b->data->len);
  fail_unless (memcmp (a->data->data, b->data->data, a->data->len) == 0);
  capture_free (a);
  capture_free (b);
}

GST_START_TEST (test_ids)
{
  GstElement *src = gst_object_ref_sink (make_src ("location", database, NULL));
  char **ids = NULL;

  g_object_get (src, "genome-ids", &ids, NULL);
  fail_unless (ids != NULL);
  fail_unless_equals_int (g_strv_length (ids), 3);
  fail_unless_equals_string (ids[0], "a tone");
  fail_unless_equals_string (ids[1], "b quiet");
  fail_unless_equals_string (ids[2], "c broken");
  g_strfreev (ids);
  gst_object_unref (src);
}
GST_END_TEST

GST_START_TEST (test_by_id)
{
  assert_same (play ("b quiet"), play_file ("no-id.json"));
}
GST_END_TEST

GST_START_TEST (test_first_by_id)
{
  assert_same (play (NULL), play_file ("tone.json"));
}
GST_END_TEST

GST_START_TEST (test_title)
{
  Capture *capture = play ("b quiet");
  guint n = 0;

  for (guint i = 0; i < capture->events->len; i++) {
    GstEvent *event = g_ptr_array_index (capture->events, i);
    GstTagList *tags;
    char *title = NULL;

    if (GST_EVENT_TYPE (event) != GST_EVENT_TAG)
      continue;
    gst_event_parse_tag (event, &tags);
    fail_unless (gst_tag_list_get_string (tags, GST_TAG_TITLE, &title));
    fail_unless_equals_string (title, "b quiet");
    g_free (title);
    n++;
  }
  fail_unless_equals_int (n, 1);
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_unknown_id)
{
  Capture *capture = play ("z");

  assert_one_error (capture, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, "\"z\"");
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_broken)
{
  Capture *capture = play ("c broken");

  assert_one_error (capture, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE, "c broken");
  capture_free (capture);
}
GST_END_TEST

static Suite *
database_suite (void)
{
  Suite *suite = suite_create ("kromosrc databases");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_ids);
  tcase_add_test (tc, test_by_id);
  tcase_add_test (tc, test_first_by_id);
  tcase_add_test (tc, test_title);
  tcase_add_test (tc, test_unknown_id);
  tcase_add_test (tc, test_broken);

  return suite;
}

GST_CHECK_MAIN (database)
