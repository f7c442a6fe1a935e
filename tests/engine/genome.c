/* Genomes: containers and both stored forms.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-documents.h"

#include <glib/gstdio.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef KROMO_HAVE_SQLITE
#include <sqlite3.h>
#endif

#define assert_load(text) g_autoptr (KromoGenome) g = load_quoted (text)

static void
assert_small (const KromoGenome *g)
{
  const KromoPatch *p = &g->patch;

  g_assert_cmpuint (p->n_nodes, ==, 3);
  g_assert_cmpstr (p->nodes[0].key, ==, "b");
  g_assert_cmpint (p->nodes[0].kind, ==, KROMO_NODE_BUFFER_SOURCE);
  g_assert_cmpuint (p->nodes[0].n_connections, ==, 1);
  g_assert_cmpint (p->nodes[0].connections[0].target, ==, 2);
  g_assert_cmpstr (p->nodes[1].key, ==, "g");
  g_assert_cmpint (p->nodes[1].connections[0].target, ==, KROMO_DESTINATION);
  g_assert_cmpstr (p->nodes[2].key, ==, "b_g-weight");
  g_assert_true (p->nodes[2].is_weight);
  g_assert_cmpfloat (p->nodes[2].values[KROMO_PARAM_GAIN], ==, 0.75);
  g_assert_cmpint (p->nodes[2].connections[0].target, ==, 1);
  g_assert_cmpuint (p->n_outputs, ==, 1);
  g_assert_cmpint (p->outputs[0].output, ==, 1);
  g_assert_cmpfloat (p->outputs[0].frequency, ==, 3.5);
  g_assert_cmpint (p->outputs[0].drives[0].param, ==, KROMO_PARAM_BUFFER);
  g_assert_cmpfloat (p->outputs[0].drives[0].weight, ==, 0.25);
  g_assert_cmpuint (g->n_networks, ==, 1);
}

/* ---- containers ---- */

static void
test_containers (void)
{
  g_autofree char *text = json (SMALL), *encoded = encode (text), *twice = encode (encoded);
  g_autofree char *member = g_strdup_printf ("{\"genome\":%s}", twice);
  g_autofree char *bom = g_strconcat ("\xef\xbb\xbf", text, NULL);
  g_autofree char *spaced = NULL, *patch = NULL, *packed = NULL;
  g_autoptr (GBytes) zipped = gzip (text, strlen (text));
  g_autoptr (GByteArray) double_zipped = g_byte_array_new ();
  g_autoptr (KromoGenome) plain = load_text (text);
  const char *wrapped[] = { "{'genome':%s}", "{'data':%s}", "{'data':{'genome':%s}}",
    "{'x':1,'genome':{'data':{'genome':%s}}}", "{'genome':3,'data':%s}" };
  GString *encoded_patch;

  assert_small (plain);
  for (guint i = 0; i < G_N_ELEMENTS (wrapped); i++) {
    g_auto (GStrv) parts = g_strsplit (wrapped[i], "%s", 2);
    g_autofree char *document = g_strconcat (parts[0], SMALL, parts[1], NULL);
    g_autoptr (KromoGenome) g = load_quoted (document);

    assert_small (g);
    g_assert_cmphex (g->patch.noise_seed, ==, plain->patch.noise_seed);
  }
  {
    const char *texts[] = { encoded, twice, member, bom };
    for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
      g_autoptr (KromoGenome) g = load_text (texts[i]);
      assert_small (g);
      g_assert_cmphex (g->patch.noise_seed, ==, plain->patch.noise_seed);
    }
  }
  {
    g_autoptr (KromoGenome) g = kromo_genome_new_from_data (
        g_bytes_get_data (zipped, NULL), g_bytes_get_size (zipped), NULL);
    assert_small (g);
  }
  {
    /* concatenated members of gzip */
    g_autofree char *head = g_strndup (text, 100);
    g_autoptr (GBytes) a = gzip (head, strlen (head)), b = gzip (text + 100, strlen (text + 100));
    g_autoptr (KromoGenome) g = NULL;
    g_byte_array_append (double_zipped, g_bytes_get_data (a, NULL), (guint) g_bytes_get_size (a));
    g_byte_array_append (double_zipped, g_bytes_get_data (b, NULL), (guint) g_bytes_get_size (b));
    g = kromo_genome_new_from_data (double_zipped->data, double_zipped->len, NULL);
    assert_small (g);
  }

  /* nodes and patch as strings, the patch several times */
  patch = json (SMALL_PATCH);
  for (int times = 1; times <= 4; times++) {
    g_autofree char *inner = patch, *document = NULL, *head = json ("{" WAVE ",'asNEATPatch':");
    patch = encode (inner);
    document = g_strconcat (head, patch, "}", NULL);
    {
      g_autoptr (KromoGenome) g = load_text (document);
      assert_small (g);
      g_assert_cmphex (g->patch.noise_seed, ==, plain->patch.noise_seed);
    }
  }
  packed = json (GAIN ("g"));
  spaced = encode (packed);
  encoded_patch = g_string_new (NULL);
  {
    g_autofree char *head = json ("{" WAVE ",\n\t 'asNEATPatch' : {'connections':[],'nodes':[");
    g_string_append_printf (encoded_patch, "%s%s]}}\r\n ", head, spaced);
  }
  {
    g_autoptr (KromoGenome) g = load_text (encoded_patch->str);
    g_assert_cmpuint (g->patch.n_nodes, ==, 1);
  }
  g_string_free (encoded_patch, TRUE);
}

static void
test_metadata (void)
{
  {
    assert_load ("{'_id':'outer','duration':2,'velocity':0.5,'reverse':true,'noteDelta':1,"
                 "'genome':{'id':12,'duration':3,'noteDelta':900,'reverse':'x'," WAVE
                 ",'asNEATPatch':" SMALL_PATCH "}}");
    const KromoMetadata *m = kromo_genome_get_metadata (g);

    g_assert_cmpstr (kromo_genome_get_id (g), ==, "12");
    g_assert_true (m->has_duration && m->has_velocity && m->has_reverse && m->has_note_delta);
    g_assert_cmpfloat (m->duration, ==, 3);
    g_assert_cmpfloat (m->velocity, ==, 0.5);
    g_assert_cmpfloat (m->note_delta, ==, 1); /* the inner one is out of range */
    g_assert_true (m->reverse);
  }
  {
    assert_load ("{'_id':{'$oid':1},'duration':0,'velocity':1.5,'reverse':1,'noteDelta':'1'," WAVE
                 ",'patch':{'audioGraph':{},'duration':7}}");
    const KromoMetadata *m = kromo_genome_get_metadata (g);

    g_assert_null (kromo_genome_get_id (g));
    g_assert_true (m->has_duration);
    g_assert_cmpfloat (m->duration, ==, 7);
    g_assert_false (m->has_velocity || m->has_reverse || m->has_note_delta);
  }
}

static void
test_files (void)
{
  g_autofree char *dir = g_dir_make_tmp ("kromo-XXXXXX", NULL);
  g_autofree char *name = g_build_filename (dir, "any name.txt", NULL);
  g_autofree char *fifo = g_build_filename (dir, "fifo", NULL);
  g_autofree char *text = json (SMALL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) ids = NULL;
  g_autoptr (GBytes) zipped = gzip (text, strlen (text));

  g_assert_true (g_file_set_contents (
      name, g_bytes_get_data (zipped, NULL), (gssize) g_bytes_get_size (zipped), NULL));
  {
    g_autoptr (KromoGenome) g = kromo_genome_load (name, "ignored", &error);
    g_assert_no_error (error);
    assert_small (g);
  }
  ids = kromo_genome_list_ids (name, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (ids), ==, 0);

  g_assert_null (kromo_genome_load (dir, NULL, &error));
  g_assert_error (error, KROMO_ERROR, KROMO_ERROR_READ);
  g_assert_cmpstr (g_quark_to_string (error->domain), ==, "kromo-error-quark");
  g_clear_error (&error);
  g_assert_null (kromo_genome_load ("/dev/zero", NULL, &error));
  g_assert_error (error, KROMO_ERROR, KROMO_ERROR_READ);
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_null (kromo_genome_load (fifo, NULL, &error));
  g_assert_error (error, KROMO_ERROR, KROMO_ERROR_READ);
  g_clear_error (&error);
  g_remove (fifo);
  g_assert_null (kromo_genome_list_ids (fifo, &error));
  g_assert_error (error, KROMO_ERROR, KROMO_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (name, "{\"genome\":{}}", -1, NULL));
  g_assert_null (kromo_genome_load (name, NULL, &error));
  g_assert_error (error, KROMO_ERROR, KROMO_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "any name.txt: $.genome: "));
  g_clear_error (&error);

  { /* larger than is read, without its bytes on the disk */
    FILE *file = g_fopen (name, "w");
    g_assert_cmpint (ftruncate (fileno (file), KROMO_MAX_DOCUMENT_BYTES + 1), ==, 0);
    fclose (file);
    g_assert_null (kromo_genome_load (name, NULL, &error));
    g_assert_error (error, KROMO_ERROR, KROMO_ERROR_LIMIT);
  }
  g_remove (name);
  g_rmdir (dir);
}

#ifdef KROMO_HAVE_SQLITE
static void
assert_load_fails (const char *name, const char *id, KromoError code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (kromo_genome_load (name, id, &error));
  g_assert_error (error, KROMO_ERROR, (gint) code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, part));
}

#endif

static void
test_database (void)
{
#ifdef KROMO_HAVE_SQLITE
  g_autofree char *dir = g_dir_make_tmp ("kromo-XXXXXX", NULL);
  g_autofree char *name = g_build_filename (dir, "a ?b#%20.db", NULL);
  g_autofree char *text = json (SMALL);
  g_autoptr (GBytes) zipped = gzip (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) ids = NULL;
  sqlite3_stmt *insert;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (name, &db), ==, SQLITE_OK);
  sqlite3_exec (db, "CREATE TABLE other (x); INSERT INTO other VALUES (1)", NULL, NULL, NULL);
  assert_load_fails (name, NULL, KROMO_ERROR_INVALID, "no such table: genomes");
  sqlite3_exec (
      db, "CREATE TABLE genomes (id TEXT PRIMARY KEY, data BLOB, more INT)", NULL, NULL, NULL);
  assert_load_fails (name, NULL, KROMO_ERROR_NOT_FOUND, "no genomes");
  sqlite3_prepare_v2 (db, "INSERT INTO genomes VALUES (?1, ?2, 0)", -1, &insert, NULL);
  sqlite3_bind_text (insert, 1, "zipped", -1, SQLITE_STATIC);
  sqlite3_bind_blob (
      insert, 2, g_bytes_get_data (zipped, NULL), (int) g_bytes_get_size (zipped), SQLITE_STATIC);
  g_assert_cmpint (sqlite3_step (insert), ==, SQLITE_DONE);
  sqlite3_reset (insert);
  sqlite3_bind_text (insert, 1, "as text", -1, SQLITE_STATIC);
  sqlite3_bind_text (insert, 2, text, -1, SQLITE_STATIC);
  g_assert_cmpint (sqlite3_step (insert), ==, SQLITE_DONE);
  sqlite3_finalize (insert);
  sqlite3_exec (db,
      "INSERT INTO genomes VALUES ('bad', '{', 0), ('none', NULL, 0), ('empty', x'', 0),"
      " (NULL, '{}', 0)",
      NULL, NULL, NULL);
  sqlite3_close (db);

  {
    g_autoptr (KromoGenome) first = kromo_genome_load (name, NULL, &error);
    g_autoptr (KromoGenome) second = kromo_genome_load (name, "zipped", NULL);
    g_assert_no_error (error);
    assert_small (first);
    assert_small (second);
    g_assert_cmpstr (kromo_genome_get_id (first), ==, "as text");
    g_assert_cmpstr (kromo_genome_get_id (second), ==, "zipped");
    g_assert_cmphex (first->patch.noise_seed, ==, second->patch.noise_seed);
  }
  assert_load_fails (name, "missing", KROMO_ERROR_NOT_FOUND, "no genome with the id \"missing\"");
  assert_load_fails (name, "bad", KROMO_ERROR_PARSE, "genome \"bad\": $: not JSON");
  assert_load_fails (name, "none", KROMO_ERROR_INVALID, "neither bytes nor text");
  assert_load_fails (name, "empty", KROMO_ERROR_PARSE, "empty");
  ids = kromo_genome_list_ids (name, &error);
  g_assert_no_error (error);
  {
    g_autofree char *joined = g_strjoinv ("|", ids);
    g_assert_cmpstr (joined, ==, "as text|bad|empty|none|zipped");
  }

  /* a view that never ends is not looked at, a damaged file is an error */
  sqlite3_open (name, &db);
  sqlite3_exec (db,
      "DROP TABLE genomes; CREATE VIEW genomes AS WITH RECURSIVE c(id, data) AS (SELECT 1, 2 "
      "UNION ALL SELECT id + 1, 2 FROM c) SELECT * FROM c",
      NULL, NULL, NULL);
  sqlite3_close (db);
  assert_load_fails (name, NULL, KROMO_ERROR_UNSUPPORTED, "genomes is a view");
  g_file_set_contents (name, "SQLite format 3\0 and what not", 29, NULL);
  assert_load_fails (name, NULL, KROMO_ERROR_READ, "a ?b#%20.db");
  g_remove (name);
  g_rmdir (dir);
#else
  g_test_skip ("built without SQLite");
#endif
}

/* ---- the wave network ---- */

static void
test_network (void)
{
  assert_load (
      "{'waveNetwork':{'offspring':{'inputNodeCount':2,'outputNodeCount':1,'nodes':["
      "{'gid':0,'type':'BIAS'},{'gid':1,'type':'bias','activationFunction':'what'},"
      "{'gid':'x','nodeType':'input'},{'gid':3,'nodeType':'INPUT'},"
      "{'gid':4,'nodeType':'Output','activationFunction':'undefined'},"
      "{'gid':5,'nodeType':'hidden','activationFunction':'spike'}],'connections':["
      "{'sourceID':'0','targetID':5,'weight':1},{'sourceID':5,'targetID':'x','weight':2},"
      "{'sourceID':'x','targetID':'4','weight':3},{'sourceID':0,'targetID':'5','weight':4},"
      "{'sourceID':5,'targetID':'5','weight':-0},"
      "{'sourceID':0,'targetID':5,'weight':5}]}},'patch':{'audioGraph':{}}}");
  const KromoNetwork *n = &g->networks[0];
  const KromoNetworkConnection *c = n->connections;

  g_assert_false (g->per_frequency);
  g_assert_null (g->network_keys);
  g_assert_cmpuint (n->n_bias, ==, 2);
  g_assert_cmpuint (n->n_inputs, ==, 2);
  g_assert_cmpuint (n->n_outputs, ==, 1);
  g_assert_cmpuint (n->n_nodes, ==, 6);
  g_assert_cmpuint (n->activations[4], ==, KROMO_ACTIVATION_SINE);
  g_assert_cmpuint (n->activations[5], ==, KROMO_ACTIVATION_SPIKE);
  g_assert_cmpuint (n->n_connections, ==, 5); /* not the one into an input */
  g_assert_cmpuint (c[0].source, ==, 0);
  g_assert_cmpuint (c[0].target, ==, 5);
  g_assert_cmpfloat (c[0].weight, ==, 5);
  g_assert_cmpfloat (c[1].weight, ==, 3);
  g_assert_cmpfloat (c[2].weight, ==, 5);
  g_assert_true (signbit (c[3].weight));
  g_assert_cmpfloat (c[4].weight, ==, 5);
}

static void
test_per_frequency (void)
{
  assert_load (
      "{'waveNetwork':{'oneCPPNPerFrequency':true,'CPPNs':{'4.5':" CPPN ",'440':{'offspring':" CPPN
      "},'19':{'offspring':" CPPN "}}},'asNEATPatch':" SMALL_PATCH "}");

  g_assert_true (g->per_frequency);
  g_assert_cmpuint (g->n_networks, ==, 3);
  g_assert_cmpfloat (g->network_keys[0], ==, 19);
  g_assert_cmpfloat (g->network_keys[1], ==, 440);
  g_assert_cmpfloat (g->network_keys[2], ==, 4.5);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (g->networks[i].n_connections, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/genome/containers", test_containers);
  g_test_add_func ("/genome/metadata", test_metadata);
  g_test_add_func ("/genome/files", test_files);
  g_test_add_func ("/genome/database", test_database);
  g_test_add_func ("/genome/network", test_network);
  g_test_add_func ("/genome/per-frequency", test_per_frequency);
  return g_test_run ();
}
