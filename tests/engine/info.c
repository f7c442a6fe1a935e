/* kromo-info, as a program.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "info-common.h"

#include "genome-documents.h"
#include "samples.h"

#include <glib/gstdio.h>
#include <math.h>
#ifdef KROMO_HAVE_SQLITE
#include <sqlite3.h>
#endif

#define RATE 48000

static char *folder;

static char *
write_file (const char *name, const char *text, gssize size)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, size, &error);
  g_assert_no_error (error);
  return path;
}

static float *
render (KromoGenome *genome, guint64 duration, gsize *n_frames, gsize *memory)
{
  KromoNote note = KROMO_NOTE_INIT;
  const KromoFormat format = { .rate = RATE, .channels = 1, .normalize = KROMO_NORMALIZE_LIMIT };
  g_autoptr (KromoRenderer) renderer = NULL;
  g_autoptr (GError) error = NULL;
  float *samples;

  note.duration = duration;
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  g_assert_no_error (error);
  *n_frames = (gsize) kromo_renderer_get_n_frames (renderer);
  *memory = kromo_renderer_get_memory (renderer);
  samples = g_new (float, *n_frames);
  g_assert_cmpuint (kromo_renderer_render (renderer, &samples, *n_frames), ==, *n_frames);
  return samples;
}

/* ---- what it says of genomes ---- */

static void
check_rendering (JsonNode *root, KromoGenome *genome)
{
  JsonObject *said = json_object_get_object_member (json_node_get_object (root), "rendering");
  gsize n_frames, memory;

  g_free (render (genome, 200000000, &n_frames, &memory));
  g_assert_cmpint (json_object_get_int_member (said, "frames"), ==, (gint64) n_frames);
  g_assert_cmpint (json_object_get_int_member (said, "memory"), ==, (gint64) memory);
  g_assert_cmpfloat (json_object_get_double_member (said, "rtf"), >, 0.0);
  g_assert_cmpfloat (json_object_get_double_member (said, "measured"), <=, 0.2);
}

/* An octave up, only buffers and partials move. */
static void
check_transposed (const char *path, const KromoGenome *genome)
{
  g_autoptr (JsonNode) root =
      run_info_json ("--json", "--note-delta=12", "--duration", "0.2", path, NULL);
  JsonObject *patch = json_object_get_object_member (json_node_get_object (root), "patch");
  JsonArray *outputs = json_object_get_array_member (patch, "network-outputs");

  for (guint i = 0; i < genome->patch.n_outputs; i++) {
    JsonObject *output = json_array_get_object_element (outputs, i);
    const double stored = genome->patch.outputs[i].frequency;
    JsonObject *played;

    if (genome->patch.outputs[i].output < 0)
      continue;
    played = json_object_get_object_member (output, "played-at");
    if (json_object_has_member (played, "buffer"))
      g_assert_cmpfloat (json_object_get_double_member (played, "buffer"), ==, 2.0 * stored);
    if (json_object_has_member (played, "other"))
      g_assert_cmpfloat (json_object_get_double_member (played, "other"), ==, stored);
    g_assert_true ((json_object_get_size (played) > 0) == (genome->patch.outputs[i].n_drives > 0));
  }
}

static void
check_genome (const char *path, KromoGenome *genome)
{
  g_autoptr (JsonNode) root = run_info_json ("--json", "--duration=0.2", path, NULL);
  g_auto (Output) text = run_info ("--duration=0.2", path, NULL);
  g_auto (Output) dot = run_info ("--dot", path, NULL);
  g_autofree char *name = g_filename_display_name (path);

  assert_facts (root, genome);
  check_rendering (root, genome);
  check_transposed (path, genome);
  g_assert_cmpstr (text.err, ==, "");
  g_assert_cmpint (text.status, ==, 0);
  g_assert_nonnull (strstr (text.out, name));
  g_assert_nonnull (strstr (text.out, "\nRendering\n"));
  assert_visible (text.out);
  g_assert_cmpint (dot.status, ==, 0);
  assert_dot (dot.out, genome);
}

static void
test_genomes (void)
{
  g_autofree char *parity = test_parity_folder ();
  g_autofree char *genomes = g_build_filename (parity, "genomes", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (genomes, 0, &error);
  const char *name;
  guint n = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (genomes, name, NULL);
    g_autoptr (KromoGenome) genome = kromo_genome_load (path, NULL, &error);

    g_assert_no_error (error);
    check_genome (path, genome);
    n++;
  }
  g_assert_cmpuint (n, >, 10);
}

static void
test_default (void)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (JsonNode) root = run_info_json ("--json", "--duration=0.2", NULL);
  g_autoptr (JsonNode) named = run_info_json ("--json", "--default", "--duration=0.2", NULL);
  g_auto (Output) dot = run_info ("--dot", NULL);
  JsonObject *object = json_node_get_object (root);

  assert_facts (root, genome);
  assert_facts (named, genome);
  check_rendering (root, genome);
  assert_dot (dot.out, genome);
  g_assert_cmpstr (json_object_get_string_member (object, "id"), ==, "kromo-default");
  g_assert_cmpstr (json_object_get_string_member (object, "form"), ==, "asNEAT");
}

/* Numbers that have an exponent and no fraction. */
static void
test_exponents (void)
{
  static const double velocities[] = { 1e-300, 1e-296, 1e-5, 9.5367431640625e-07 };

  for (guint i = 0; i < G_N_ELEMENTS (velocities); i++) {
    g_autofree char *option = g_strdup_printf ("--velocity=%.17g", velocities[i]);
    g_autoptr (JsonNode) root = run_info_json ("--json", option, "--duration=0.2", NULL);
    JsonObject *settings = json_object_get_object_member (json_node_get_object (root), "settings");

    g_assert_cmpfloat (json_object_get_double_member (settings, "velocity"), ==, velocities[i]);
  }
}

/* What is dropped, unheard, silent, missing something, and in a loop, in a patch that has it all. */
static void
test_states (void)
{
  g_autofree char *text =
      json ("{'waveNetwork':{'offspring':{'nodes':["
            "{'gid':'i','nodeType':'Input'},{'gid':'j','nodeType':'Input'},{'gid':'o','nodeType':'"
            "Output','activationFunction':'cos'},"
            "{'gid':'a','nodeType':'Hidden','activationFunction':'Sine'},"
            "{'gid':'b','nodeType':'Hidden','activationFunction':'Sine'}],"
            "'connections':[{'sourceID':'a','targetID':'o','weight':1},"
            "{'sourceID':'b','targetID':'a','weight':1},{'sourceID':'a','targetID':'b','weight':1},"
            "{'sourceID':'i','targetID':'b','weight':1}],'inputNodeCount':2,'outputNodeCount':1}},"
            "'patch':{'audioGraph':{'osc':['oscillator',['delay','apart','loop1']],"
            "'delay':['delay','output',{'delayTime':0.25}],'apart':['gain',[]],"
            "'silent':['gain','output'],'table':['wavetable','output'],"
            "'loop1':['gain','loop2'],'loop2':['gain',['loop1','output']]},'networkOutputs':[]}}");
  g_autofree char *path = write_file ("states.json", text, -1);
  g_autoptr (JsonNode) root = run_info_json ("--json", path, NULL);
  JsonObject *object = json_node_get_object (root);
  JsonObject *network =
      json_array_get_object_element (json_object_get_array_member (object, "networks"), 0);
  JsonArray *nodes =
      json_object_get_array_member (json_object_get_object_member (object, "patch"), "nodes");
  JsonObject *rendering = json_object_get_object_member (object, "rendering");
  const char *const states[] = { "runs", "runs", "unheard", "silent", "absent", "loop", "loop" };
  const char *const said[] = { "runs", "does not reach the output", "no sound reaches it",
    "lacks what it needs", "in a loop without a delay" };
  g_auto (Output) shown = run_info (path, NULL);

  g_assert_cmpint (json_object_get_int_member (network, "dropped"), ==, 1);
  g_assert_cmpuint (json_array_get_length (nodes), ==, G_N_ELEMENTS (states));
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    g_assert_cmpstr (
        json_object_get_string_member (json_array_get_object_element (nodes, i), "state"), ==,
        states[i]);
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    g_assert_nonnull (strstr (shown.out, said[i]));
  g_assert_cmpfloat (json_object_get_double_member (rendering, "longest-delay"), ==, 0.25);
  g_assert_cmpstr (json_object_get_string_member (object, "form"), ==, "plain");
  g_unlink (path);
}

/* What a genome says of how it is to be played, and its noises. */
static void
test_metadata (void)
{
  g_autofree char *text =
      json ("{'duration':1.5,'noteDelta':-3,'velocity':0.25,'reverse':true," WAVE
            ",'patch':{'audioGraph':{'b':['bufferSource','output']},'networkOutputs':["
            "{'networkOutput':'noisePink','audioGraphNodes':{'b':[{'paramName':'buffer'}]}},"
            "{'networkOutput':'noiseBrown','audioGraphNodes':{'b':[{'paramName':'detune'}]}},"
            "{'networkOutput':'noiseWhite','audioGraphNodes':{'b':[{'paramName':'detune'}]}}]}}");
  g_autofree char *path = write_file ("metadata.json", text, -1);
  g_autoptr (JsonNode) root = run_info_json ("--json", "--rendering=standard", path, NULL);
  JsonObject *metadata = json_object_get_object_member (json_node_get_object (root), "metadata");
  g_auto (Output) shown = run_info ("--rendering=reference", path, NULL);
  g_auto (Output) dot = run_info ("--dot", path, NULL);
  const char *const said[] = {
    "metadata: duration 1.5 s, note delta -3, velocity 0.25, reverse yes\n", ": pink noise",
    ": brown noise", ": white noise"
  };

  g_assert_cmpfloat (json_object_get_double_member (metadata, "duration"), ==, 1.5);
  g_assert_cmpfloat (json_object_get_double_member (metadata, "note-delta"), ==, -3.0);
  g_assert_cmpfloat (json_object_get_double_member (metadata, "velocity"), ==, 0.25);
  g_assert_true (json_object_get_boolean_member (metadata, "reverse"));
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    g_assert_nonnull (strstr (shown.out, said[i]));
  g_assert_nonnull (strstr (dot.out, "pink noise"));
  g_unlink (path);
}

/* ---- text that is not to be trusted ---- */

static void
test_hostile_text (void)
{
  static const char key[] = "\\u001b[31m\\\"}{\\n&lt;\\\\\\u202e\\u0085";
  g_autofree char *wave = json (WAVE);
  g_autofree char *text =
      g_strdup_printf ("{\"_id\":\"%s\",%s,\"patch\":{\"audioGraph\":{"
                       "\"%s\":[\"gain\",[{\"key\":\"%s\",\"destination\":\"%s\"},"
                       "\"output\"]]},\"networkOutputs\":[{\"id\":\"%s\","
                       "\"networkOutput\":0,\"frequency\":1,\"audioGraphNodes\":"
                       "{\"%s\":[{\"paramName\":\"%s\"}]}}]}}",
          key, wave, key, key, key, key, key, key);
  g_autofree char *path = write_file ("a {name}\n\"x\" \xc3\xa9.json", text, -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome = kromo_genome_load (path, NULL, &error);
  g_auto (Output) shown = run_info (path, NULL);
  g_auto (Output) dot = run_info ("--dot", path, NULL);
  g_autoptr (JsonNode) root = run_info_json ("--json", path, NULL);
  g_autofree char *missing = g_strconcat (path, "\x1b[0m", NULL);
  g_auto (Output) failed = run_info (missing, NULL);

  g_assert_no_error (error);
  g_assert_cmpint (shown.status, ==, 0);
  assert_visible (shown.out);
  g_assert_nonnull (strstr (shown.out, "\\u{1b}[31m\"}{\\u{a}&lt;\\\\\\u{202e}\\u{85}"));
  g_assert_nonnull (strstr (shown.out, "\xc3\xa9.json"));
  assert_dot (dot.out, genome);
  g_assert_nonnull (strstr (dot.out, "&amp;lt;"));
  g_assert_cmpstr (
      json_object_get_string_member (json_node_get_object (root), "id"), ==, genome->id);
  assert_exits (&failed, "No such file");
  g_unlink (path);
}

/* ---- failures ---- */

static void
test_failures (void)
{
  g_autofree char *bad = write_file ("bad.json", "{\"genome\": [", -1);
  g_autofree char *gzip = write_file ("bad.gz", "\x1f\x8b\x08\x00nothing", 11);
  g_autofree char *empty = write_file ("empty", "", 0);
  g_autofree char *database = write_file ("bad.sqlite", "SQLite format 3\0nothing", 24);
  const struct {
    const char *arguments[3], *message;
  } cases[] = {
    { { "/nowhere/at/all" }, "No such file" },
    { { folder }, "is a directory" },
    { { bad }, "not JSON" },
    { { gzip }, "gzip" },
    { { empty }, "empty" },
    { { database }, "bad.sqlite" },
    { { "--list", "/nowhere/at/all" }, "No such file" },
    { { "--list" }, "--list needs a FILE" },
    { { "--dot", "--json" }, "choose one of" },
    { { "--default", bad }, "choose one of" },
    { { "--save", bad }, "--save needs" },
    { { "--save=x", "--default", "--dot" }, "--save does not go with" },
    { { "--force" }, "--force needs" },
    { { "--no-such-option" }, "--no-such-option" },
    { { "--channels=9" }, "channels" },
    { { "--rate=-1" }, "rate" },
    { { "--duration=nan" }, "duration" },
    { { "--duration=1e300" }, "duration" },
    { { "--duration=0" }, "duration" },
    { { "--velocity=2" }, "velocity" },
    { { "--note-delta=129" }, "note delta" },
    { { "--rendering=loud" }, "rendering" },
    { { "1", "2", "3" }, "too many" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const char *const *a = cases[i].arguments;
    g_auto (Output) output = run_info (a[0], a[1], a[1] != NULL ? a[2] : NULL, NULL);

    g_test_message ("%s", a[0]);
    assert_exits (&output, cases[i].message);
    g_assert_cmpstr (output.out, ==, "");
  }
  g_unlink (bad);
  g_unlink (gzip);
  g_unlink (empty);
  g_unlink (database);
}

/* A genome that loads but cannot be rendered: what can be said is said. */
static void
test_unrenderable (void)
{
  g_autofree char *text = json (PLAIN_DOCUMENT ("'b':['bufferSource','output']",
      "{'networkOutput':0,'frequency':9e8,'audioGraphNodes':{'b':[{'paramName':'buffer'}]}}"));
  g_autofree char *path = write_file ("high.json", text, -1);
  g_auto (Output) shown = run_info (path, NULL), high = run_info ("--note-delta=12", path, NULL);
  g_auto (Output) as_json = run_info ("--json", "--note-delta=12", path, NULL);
  g_autoptr (JsonNode) root = json_from_string (as_json.out, NULL);

  g_assert_cmpint (shown.status, ==, 0);
  assert_exits (&high, "Hz");
  g_assert_nonnull (strstr (high.out, "bufferSource"));
  g_assert_null (strstr (high.out, "real-time factor"));
  assert_exits (&as_json, "Hz");
  g_assert_true (json_object_has_member (
      json_object_get_object_member (json_node_get_object (root), "rendering"), "error"));
  g_unlink (path);
}

static void
test_help (void)
{
  g_auto (Output) help = run_info ("--help", NULL), version = run_info ("--version", NULL);

  g_assert_cmpint (help.status, ==, 0);
  g_assert_nonnull (strstr (help.out, "--note-delta"));
  g_assert_cmpint (version.status, ==, 0);
  g_assert_true (g_str_has_prefix (version.out, "kromo-info "));
}

/* ---- saving ---- */

/* Saves to a new file, which must load to the genome that @original is. */
static void
check_saved (const char *what, KromoGenome *original)
{
  g_autofree char *path = g_build_filename (folder, "saved genome.json", NULL);
  g_auto (Output) saved = run_info (what, "--save", path, NULL);
  g_auto (Output) again = run_info (what, "--save", path, NULL);
  g_auto (Output) forced = run_info (what, "--force", "--save", path, NULL);
  g_autoptr (KromoGenome) loaded = NULL;
  g_autofree float *a = NULL, *b = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_a, n_b, memory;

  g_assert_cmpint (saved.status, ==, 0);
  assert_exits (&again, "exists already");
  g_assert_cmpint (forced.status, ==, 0);
  loaded = kromo_genome_load (path, NULL, &error);
  g_assert_no_error (error);
  a = render (original, 100000000, &n_a, &memory);
  b = render (loaded, 100000000, &n_b, &memory);
  g_assert_cmpmem (a, n_a * sizeof (float), b, n_b * sizeof (float));
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
test_save_default (void)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();

  check_saved ("--default", genome);
}

static void
test_seeds (void)
{
  static const guint64 seeds[] = { 0, 1, 7, G_MAXUINT64 };
  static const char *const bad[] = { "--seed=-1", "--seed=18446744073709551616", "--seed=x",
    "--seed=" };

  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++) {
    g_autofree char *option = g_strdup_printf ("--seed=%" G_GUINT64_FORMAT, seeds[i]);
    g_autoptr (KromoGenome) genome = kromo_genome_new_random (seeds[i], KROMO_RANDOM_MUSICAL);
    g_autoptr (JsonNode) root = run_info_json ("--json", option, "--duration=0.2", NULL);

    assert_facts (root, genome);
    check_saved (option, genome);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_auto (Output) output = run_info (bad[i], NULL);

    assert_exits (&output, "umber"); /* in GLib's words */
  }
}

/* ---- databases ---- */

#ifdef KROMO_HAVE_SQLITE
static void
insert (sqlite3 *db, const char *id, const char *text)
{
  sqlite3_stmt *statement;

  g_assert_cmpint (
      sqlite3_prepare_v2 (db, "INSERT INTO genomes VALUES (?1, ?2)", -1, &statement, NULL), ==,
      SQLITE_OK);
  sqlite3_bind_text (statement, 1, id, -1, SQLITE_STATIC);
  sqlite3_bind_blob (statement, 2, text, (int) strlen (text), SQLITE_STATIC);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_DONE);
  sqlite3_finalize (statement);
}

static void
test_database (void)
{
  g_autofree char *path = g_build_filename (folder, "genomes.sqlite", NULL);
  g_autofree char *small = json (SMALL);
  g_auto (Output) output = { NULL }, unknown = { NULL }, broken = { NULL };
  g_autoptr (JsonNode) ids = NULL, first = NULL, second = NULL;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (db, "CREATE TABLE genomes (id TEXT PRIMARY KEY, data BLOB)", NULL, NULL, NULL),
      ==, SQLITE_OK);
  insert (db, "b\x1b[31m\n\\", small);
  insert (db, "a", small);
  insert (db, "c", "{");
  sqlite3_close (db);

  output = run_info ("--list", path, NULL);
  g_assert_cmpstr (output.out, ==, "a\nb\\u{1b}[31m\\u{a}\\\\\nc\n");
  ids = run_info_json ("--list", "--json", path, NULL);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (ids)), ==, 3);
  g_assert_cmpstr (
      json_array_get_string_element (json_node_get_array (ids), 1), ==, "b\x1b[31m\n\\");
  first = run_info_json ("--json", path, NULL);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (first), "id"), ==, "a");
  second = run_info_json ("--json", path, "b\x1b[31m\n\\", NULL);
  g_assert_cmpstr (
      json_object_get_string_member (json_node_get_object (second), "id"), ==, "b\x1b[31m\n\\");
  unknown = run_info (path, "z\n", NULL);
  assert_exits (&unknown, "has no genome with the id");
  broken = run_info (path, "c", NULL);
  assert_exits (&broken, "not JSON");
  g_unlink (path);
}
#endif

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("kromo-info-XXXXXX", NULL);
  g_test_add_func ("/info/genomes", test_genomes);
  g_test_add_func ("/info/default", test_default);
  g_test_add_func ("/info/exponents", test_exponents);
  g_test_add_func ("/info/states", test_states);
  g_test_add_func ("/info/metadata", test_metadata);
  g_test_add_func ("/info/hostile-text", test_hostile_text);
  g_test_add_func ("/info/failures", test_failures);
  g_test_add_func ("/info/unrenderable", test_unrenderable);
  g_test_add_func ("/info/help", test_help);
  g_test_add_func ("/info/save-default", test_save_default);
  g_test_add_func ("/info/seeds", test_seeds);
#ifdef KROMO_HAVE_SQLITE
  g_test_add_func ("/info/database", test_database);
#endif
  status = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return status;
}
