/* Genomes: the patch in the asNEAT form and in the plain form, and both against each other.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-documents.h"

#include <json-glib/json-glib.h>
#include <math.h>

#define assert_load(text) g_autoptr (KromoGenome) g = load_quoted (text)

static void
assert_keys (const KromoGenome *g, const char *expected)
{
  GString *keys = g_string_new (NULL);

  for (guint i = 0; i < g->patch.n_nodes; i++)
    g_string_append_printf (keys, "%s%s", i ? " " : "", g->patch.nodes[i].key);
  g_assert_cmpstr (keys->str, ==, expected);
  g_string_free (keys, TRUE);
}

/* Key, parameter and so on of all of a node's connections, to compare at once. */
static void
assert_connections (const KromoGenome *g, guint node, const char *expected)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g->patch.nodes[node].n_connections; i++) {
    const KromoPatchConnection *c = &g->patch.nodes[node].connections[i];

    g_string_append_printf (text, "%s%s", i ? " " : "",
        c->target == KROMO_DESTINATION ? "output" : g->patch.nodes[c->target].key);
    if (c->param != KROMO_PARAM_NONE)
      g_string_append_printf (text, ".%s:%d", c->param_name, c->param);
    if (!c->enabled)
      g_string_append_c (text, '!');
  }
  g_assert_cmpstr (text->str, ==, expected);
  g_string_free (text, TRUE);
}

static void
test_order (void)
{
  assert_load (ASNEAT_DOCUMENT (
      OUTPUT ("n", "0") "," GAIN ("b") "," GAIN ("10") "," GAIN ("a") "," GAIN ("9") "," GAIN (
          "4294967295") "," GAIN ("07") "," GAIN ("4294967294") "," OUT,
      CONNECT ("'n'", "'b'", ",'targetParameter':'gain'") "," CONNECT (
          "'n'", "'10'", ",'targetParameter':'gain'") "," CONNECT ("'n'", "0",
          "") "," CONNECT ("'n'", "'a'", "") "," CONNECT ("'n'", "'b'", "") "," CONNECT ("'b'", "9",
          "") "," CONNECT ("'10'", "'b'", "")));
  const KromoDrive *d = g->patch.outputs[0].drives;

  assert_keys (g, "9 10 4294967294 b a 4294967295 07 b_9-weight 10_b-weight");
  g_assert_cmpuint (g->patch.outputs[0].n_drives, ==, 5);
  g_assert_cmpint (d[0].node, ==, KROMO_DESTINATION); /* key "0" */
  g_assert_cmpint (d[0].param, ==, KROMO_PARAM_NONE);
  g_assert_cmpint (d[1].node, ==, 1);
  g_assert_cmpint (d[2].node, ==, 3);
  g_assert_cmpint (d[2].param, ==, KROMO_PARAM_GAIN);
  g_assert_cmpint (d[3].node, ==, 3);
  g_assert_cmpint (d[3].param, ==, KROMO_PARAM_NONE);
  g_assert_cmpint (d[4].node, ==, 4);
  assert_connections (g, 3, "b_9-weight");
  assert_connections (g, 7, "9");
  assert_connections (g, 1, "10_b-weight");
}

static void
test_truthiness (void)
{
  assert_load (ASNEAT_DOCUMENT (
      "{'name':'GainNode','id':'g','gain':0},{'name':'GainNode','id':'h','gain':null},"
      "{'name':'CompressorNode','id':'c','ratio':0,'knee':-0.0,'threshold':-1,'attack':'',"
      "'release':false},{'name':'OscillatorNode','id':'o','type':'','frequency':0,'detune':3},"
      "{'name':'FilterNode','id':'f','type':'notch','frequency':10,'gain':0,'q':7,'Q':8},"
      "{'name':'AudioBufferSourceNode','id':'b','playbackRate':2},"
      "{'name':'FeedbackDelayNode','id':'d','delayTime':1e-3,'feedbackRatio':0.5}",
      ""));
  const KromoPatchNode *n = g->patch.nodes;

  g_assert_cmphex (n[0].present, ==, 0);
  g_assert_cmphex (n[1].present, ==, 0);
  g_assert_cmphex (n[2].present, ==, 1u << KROMO_PARAM_THRESHOLD);
  g_assert_cmphex (n[3].present, ==, 1u << KROMO_PARAM_DETUNE);
  g_assert_cmpuint (n[3].shape, ==, KROMO_SHAPE_SINE);
  g_assert_cmphex (n[4].present, ==, 1u << KROMO_PARAM_FREQUENCY);
  g_assert_cmpuint (n[4].shape, ==, KROMO_FILTER_NOTCH);
  g_assert_cmpfloat (n[4].filter_q, ==, 7);
  g_assert_true (isnan (n[0].filter_q) && isnan (n[0].max_delay_time));
  g_assert_cmphex (n[5].present, ==, 0);
  g_assert_cmphex (
      n[6].present, ==, 1u << KROMO_PARAM_DELAY_TIME | 1u << KROMO_PARAM_FEEDBACK_RATIO);
  g_assert_cmpfloat (n[6].values[KROMO_PARAM_DELAY_TIME], ==, 1e-3);
  g_assert_null (g->warnings[0]);
}

static void
test_notes (void)
{
  double semitone = pow (2, 1.0 / 12.0);
  assert_load (ASNEAT_DOCUMENT (
      "{'name':'NoteOscillatorNode','id':'a','noteOffset':-7,'frequency':1,'type':'square'},"
      "{'name':'NoteOscillatorNode','id':'b','noteOffset':0,'frequency':1},"
      "{'name':'NoteNetworkOutputNode','id':'c','noteOffset':3,'frequency':1,'type':1},"
      "{'name':'NoteNetworkOutputNode','id':'d','noteOffset':0,'frequency':220,'type':'0'},"
      "{'name':'NetworkOutputNode','id':'e','noteOffset':5,'frequency':2,'type':'noisePink'},"
      "{'name':'PartialEnvelopeNetworkOutputNode','id':'f','frequency':2,'type':'noiseBrown'},"
      "{'name':'PartialNetworkOutputNode','id':'h','frequency':null,'type':1.0}",
      ""));
  const KromoPatch *p = &g->patch;

  g_assert_cmpfloat (p->nodes[0].values[KROMO_PARAM_FREQUENCY], ==, 440 * pow (semitone, -7));
  g_assert_cmpuint (p->nodes[0].shape, ==, KROMO_SHAPE_SQUARE);
  g_assert_cmphex (p->nodes[1].present, ==, 0);
  g_assert_cmpfloat (p->outputs[0].frequency, ==, 440 * pow (semitone, 3));
  g_assert_cmpint (p->outputs[0].output, ==, 1);
  g_assert_cmpfloat (p->outputs[1].frequency, ==, 220);
  g_assert_cmpint (p->outputs[2].output, ==, KROMO_OUTPUT_NOISE_PINK);
  g_assert_cmpfloat (p->outputs[2].frequency, ==, 0);
  g_assert_cmpint (p->outputs[3].output, ==, KROMO_OUTPUT_NOISE_BROWN);
  g_assert_cmpint (p->outputs[4].output, ==, 1);
}

static void
test_connections (void)
{
  assert_load (ASNEAT_DOCUMENT (GAIN ("a") "," GAIN ("b") "," OUTPUT ("n", "0") "," OUT,
      CONNECT ("'a'", "'b'", ",'weight':0.1,'enabled':false") "," CONNECT (
          "'a'", "'b'", ",'weight':0.2,'targetParameter':'gain'") "," CONNECT ("'a'", "0",
          ",'weight':0.3") "," CONNECT ("'a'", "'b'", ",'weight':0,'enabled':0") "," CONNECT ("'b'",
          "'n'", ",'weight':0.5") "," CONNECT ("0", "'b'", "") "," CONNECT ("'b'", "'a'",
          ",'targetParameter':'pan','enabled':false") "," CONNECT ("'b'", "'b'",
          ",'weight':null")));
  const KromoPatchNode *n = g->patch.nodes;

  assert_keys (g, "a b a_b-weight a_b-gain-weight b_a-pan-weight b_b-weight");
  assert_connections (g, 0, "a_b-weight! a_b-gain-weight output a_b-weight");
  assert_connections (g, 1, "b_a-pan-weight! b_b-weight");
  assert_connections (g, 2, "b");
  assert_connections (g, 3, "b.gain:1");
  assert_connections (g, 4, "a.pan:18");
  g_assert_cmpint (n[4].connections[0].param, ==, KROMO_PARAM_UNKNOWN);
  g_assert_cmphex (n[2].present, ==, 1u << KROMO_PARAM_GAIN);
  g_assert_cmpfloat (n[2].values[KROMO_PARAM_GAIN], ==, 0); /* the last weight, 0 included */
  g_assert_true (n[2].weight_enabled);                      /* one of the two is */
  g_assert_false (n[4].weight_enabled);
  g_assert_cmphex (n[4].present, ==, 0);
  g_assert_cmphex (n[5].present, ==, 1u << KROMO_PARAM_GAIN);
  g_assert_cmpuint (g_strv_length (g->warnings), ==, 2);
  g_assert_nonnull (strstr (g->warnings[0], "$.asNEATPatch.connections[4]: "));
  g_assert_nonnull (strstr (g->warnings[1], "$.asNEATPatch.connections[5]: "));
}

static void
test_duplicates (void)
{
  assert_load (ASNEAT_DOCUMENT (GAIN ("a") "," GAIN ("b") "," OUTPUT ("n", "0") "," BUFFER (
                                    "a") "," OUTPUT ("m", "0") "," OUTPUT ("n", "1"),
      CONNECT ("'n'", "'a'", ",'targetParameter':'buffer'")));

  assert_keys (g, "a b");
  g_assert_cmpint (g->patch.nodes[0].kind, ==, KROMO_NODE_BUFFER_SOURCE);
  g_assert_cmphex (g->patch.nodes[0].present, ==, 0);
  g_assert_cmpuint (g->patch.n_outputs, ==, 2);
  g_assert_cmpstr (g->patch.outputs[0].id, ==, "n");
  g_assert_cmpint (g->patch.outputs[0].output, ==, 1);
  g_assert_cmpuint (g->patch.outputs[0].n_drives, ==, 1);
  g_assert_cmpuint (g_strv_length (g->warnings), ==, 2);
}

static void
test_drives (void)
{
  assert_load (ASNEAT_DOCUMENT (
      "{'name':'PartialNetworkOutputNode','id':'p','type':0,'frequency':440,'partialNumber':3,"
      "'inharmonicityFactor':0.01}," OUTPUT ("n", "0") ",{'name':'AdditiveNode','id':'a'}",
      CONNECT ("'p'", "'a'",
          ",'targetParameter':'partialBuffer','targetParameterRange':[-1,1]") "," CONNECT ("'n'",
          "'a'",
          ",'targetParameter':'partialGainEnvelope','targetParameterRange':null,"
          "'weight':0.5,'enabled':false") "," CONNECT ("'n'", "'a'", ",'targetParameter':'odd'")));
  const KromoDrive *p = g->patch.outputs[0].drives, *n = g->patch.outputs[1].drives;

  g_assert_true (p->has_range && p->has_partial && p->enabled);
  g_assert_cmpfloat (p->range[0], ==, -1);
  g_assert_cmpfloat (p->partial_number, ==, 3);
  g_assert_cmpfloat (p->inharmonicity_factor, ==, 0.01);
  g_assert_cmpfloat (p->weight, ==, 1);
  g_assert_cmpint (p->param, ==, KROMO_PARAM_PARTIAL_BUFFER);
  g_assert_false (n[0].has_range || n[0].has_partial || n[0].enabled);
  g_assert_cmpint (n[0].param, ==, KROMO_PARAM_PARTIAL_GAIN_ENVELOPE);
  g_assert_cmpfloat (n[0].weight, ==, 0.5);
  g_assert_true (n[1].has_range);
  g_assert_cmpfloat (n[1].range[1], ==, 1);
  g_assert_cmpint (n[1].param, ==, KROMO_PARAM_UNKNOWN);
  g_assert_cmpstr (n[1].param_name, ==, "odd");
}

static void
test_plain (void)
{
  assert_load (PLAIN_DOCUMENT (
      "'x':['oscillator',['7',{'key':'2','destination':'gain'},'output'],{'type':'wobble',"
      "'frequency':0,'detune':null,'noteOffset':3}],"
      "'7':['gain',7],'2':['gain','output',{'gain':0}],"
      "'0':['delay',null,{'maxDelayTime':2.5,'delayTime':1,'x':[1]}],"
      "'w-weight':['gain',{'key':0,'destination':'delayTime'}],"
      "'s':['waveShaper',[{'key':'m','inputs':[0],'outputs':[1]}],{'oversample':'4x'}],"
      "'c':['convolver','m',{'normalize':false}],'b':['bufferSource','m',{'loop':true,"
      "'playbackRate':2,'startTime':0,'stopTime':null}],'m':['channelMerger','output'],"
      "'f':['biquadFilter',[],{'type':'peaking','Q':3}]",
      "{'networkOutput':1,'frequency':2,'audioGraphNodes':{'b':[{'paramName':'buffer'}],"
      "'0':[{'paramName':'delayTime','range':[0,2],'weight':null,'partialNumber':2}]}},"
      "{'id':'i','networkOutput':'noiseWhite'}"));
  const KromoPatchNode *n = g->patch.nodes;
  const KromoNetworkOutput *o = g->patch.outputs;

  assert_keys (g, "0 2 7 x w-weight s c b m f");
  assert_connections (g, 2, "7");
  assert_connections (g, 3, "7 2.gain:1 output");
  assert_connections (g, 4, "0.delayTime:5");
  assert_connections (g, 5, "");
  g_assert_cmphex (n[3].present, ==, 1u << KROMO_PARAM_FREQUENCY | 1u << KROMO_PARAM_DETUNE);
  g_assert_cmpfloat (n[3].values[KROMO_PARAM_FREQUENCY], ==, 0);
  g_assert_cmpfloat (n[3].values[KROMO_PARAM_DETUNE], ==, 0);
  g_assert_cmphex (n[1].present, ==, 1u << KROMO_PARAM_GAIN);
  g_assert_cmpfloat (n[0].max_delay_time, ==, 2.5);
  g_assert_true (n[4].is_weight && !n[2].is_weight);
  g_assert_cmpuint (n[5].oversample, ==, 4);
  g_assert_cmpuint (n[0].oversample, ==, 1);
  g_assert_false (n[6].normalize);
  g_assert_true (n[7].normalize && n[7].loop);
  g_assert_cmpuint (n[9].shape, ==, KROMO_FILTER_PEAKING);
  g_assert_cmpfloat (n[9].values[KROMO_PARAM_Q], ==, 3);
  g_assert_cmpuint (o[0].n_drives, ==, 2);
  g_assert_null (o[0].id);
  g_assert_cmpint (o[0].drives[0].node, ==, 0);
  g_assert_cmpfloat (o[0].drives[0].weight, ==, 0);
  g_assert_true (o[0].drives[0].has_partial && o[0].drives[0].has_range);
  g_assert_false (o[0].drives[1].has_partial || o[0].drives[1].has_range);
  g_assert_cmpstr (o[1].id, ==, "i");
  g_assert_cmpuint (o[1].n_drives, ==, 0);
  g_assert_cmpuint (g_strv_length (g->warnings), ==, 3);
  g_assert_nonnull (strstr (g->warnings[1], "$.patch.audioGraph.x[2].type: \"wobble\""));
}

static void
test_plain_alternatives (void)
{
  {
    assert_load ("{'member':{'offspring':" CPPN "},'synthIsPatch':{'audioGraph':{},"
                 "'networkOutputs':[{'networkOutput':0,'frequency':null,'audioGraphNodes':"
                 "{'0':[{'paramName':null}]}}]}}");
    g_assert_cmpint (g->patch.outputs[0].drives[0].node, ==, KROMO_DESTINATION);
  }
  {
    assert_load ("{'genome':{'member':" CPPN ",'asNEATPatch':null,'patch':{'audioGraph':{}}}}");
    g_assert_cmpuint (g->networks[0].n_nodes, ==, 6);
  }
}

static void
test_seed (void)
{
  /* FNV-1a 64 of "nbg0" and of the doubles 0.25, 0.75 and 1 */
  guint64 seed = G_GUINT64_CONSTANT (0xcbf29ce484222325);
  static const guint8 bytes[] = { 'n', 'b', 'g', '0', 0, 0, 0, 0, 0, 0, 0xd0, 0x3f, 0, 0, 0, 0, 0,
    0, 0xe8, 0x3f, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f };
  assert_load (SMALL);

  for (guint i = 0; i < sizeof bytes; i++)
    seed = (seed ^ bytes[i]) * G_GUINT64_CONSTANT (0x100000001b3);
  g_assert_cmphex (g->patch.noise_seed, ==, seed);
}

static void
test_default (void)
{
  g_autoptr (KromoGenome) g = kromo_genome_new_default ();
  g_autoptr (KromoGenome) again = kromo_genome_ref (g);

  g_assert_cmpuint (g->patch.n_nodes, >, 0);
  g_assert_true (again == g);
  g_assert_cmpstr (
      kromo_node_kind_get_name (KROMO_NODE_DYNAMICS_COMPRESSOR), ==, "dynamicsCompressor");
  g_assert_cmpstr (kromo_param_get_name (KROMO_PARAM_FEEDBACK_RATIO), ==, "feedbackRatio");
}

/* ---- against the stored plain form of evolved genomes ---- */

/* V8's pow() and the C library's differ in the last bit for some note offsets (-15, -2 and 20 among
 * those in the data). */
static void
assert_same_frequency (double a, double b)
{
  if (fabs (a - b) > fabs (a) * 4.5e-16)
    g_assert_cmpfloat (a, ==, b);
}

static void
assert_same_patch (const KromoPatch *a, const KromoPatch *b)
{
  g_assert_cmpuint (a->n_nodes, ==, b->n_nodes);
  g_assert_cmpuint (a->n_outputs, ==, b->n_outputs);
  for (guint i = 0; i < a->n_nodes; i++) {
    const KromoPatchNode *m = &a->nodes[i], *n = &b->nodes[i];

    g_assert_cmpstr (m->key, ==, n->key);
    g_assert_cmpint (m->kind, ==, n->kind);
    g_assert_cmphex (m->present, ==, n->present);
    for (guint k = 0; k < KROMO_N_NUMERIC_PARAMS; k++)
      if (k == KROMO_PARAM_FREQUENCY && (m->present & (1u << k)))
        assert_same_frequency (m->values[k], n->values[k]);
      else if (m->present & (1u << k))
        g_assert_cmpfloat (m->values[k], ==, n->values[k]);
    g_assert_cmpuint (m->shape, ==, n->shape);
    g_assert_true (isnan (m->max_delay_time) && isnan (n->max_delay_time));
    g_assert_cmpuint (m->oversample, ==, n->oversample);
    g_assert_true (m->normalize == n->normalize && m->loop == n->loop);
    g_assert_true (m->is_weight == n->is_weight);
    g_assert_cmpuint (m->n_connections, ==, n->n_connections);
    for (guint k = 0; k < m->n_connections; k++) {
      g_assert_cmpint (m->connections[k].target, ==, n->connections[k].target);
      g_assert_cmpint (m->connections[k].param, ==, n->connections[k].param);
      g_assert_cmpstr (m->connections[k].param_name, ==, n->connections[k].param_name);
    }
  }
  for (guint i = 0; i < a->n_outputs; i++) {
    const KromoNetworkOutput *m = &a->outputs[i], *n = &b->outputs[i];

    g_assert_cmpstr (m->id, ==, n->id);
    g_assert_cmpint (m->output, ==, n->output);
    assert_same_frequency (m->frequency, n->frequency);
    g_assert_cmpuint (m->n_drives, ==, n->n_drives);
    for (guint k = 0; k < m->n_drives; k++) {
      const KromoDrive *d = &m->drives[k], *e = &n->drives[k];

      g_assert_cmpint (d->node, ==, e->node);
      g_assert_cmpint (d->param, ==, e->param);
      g_assert_cmpstr (d->param_name, ==, e->param_name);
      g_assert_true (d->has_range == e->has_range && d->has_partial == e->has_partial);
      g_assert_cmpfloat (d->range[0], ==, e->range[0]);
      g_assert_cmpfloat (d->range[1], ==, e->range[1]);
      g_assert_cmpfloat (d->weight, ==, e->weight);
      g_assert_cmpfloat (d->partial_number, ==, e->partial_number);
      g_assert_cmpfloat (d->inharmonicity_factor, ==, e->inharmonicity_factor);
    }
  }
}

static char *
read_json_file (const char *filename)
{
  g_autoptr (GFile) file = g_file_new_for_path (filename);
  g_autoptr (GInputStream) stream = G_INPUT_STREAM (g_file_read (file, NULL, NULL));
  g_autoptr (GConverter) gunzip = NULL;
  g_autoptr (GInputStream) plain = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (g_str_has_suffix (filename, ".gz")) {
    gunzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    plain = g_converter_input_stream_new (stream, gunzip);
  }
  bytes = read_all (plain ? plain : stream);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static gboolean
compare_forms (const char *filename, const KromoGenome *asneat)
{
  g_autofree char *text = read_json_file (filename), *converted = NULL;
  g_autoptr (JsonNode) root = json_from_string (text, NULL);
  JsonObject *object = json_node_get_object (root);

  if (json_object_has_member (object, "genome"))
    object = json_object_get_object_member (object, "genome");
  if (!json_object_has_member (object, "virtualAudioGraph"))
    return FALSE;
  json_object_remove_member (object, "asNEATPatch");
  json_object_set_member (
      object, "patch", json_node_copy (json_object_get_member (object, "virtualAudioGraph")));
  json_object_remove_member (object, "virtualAudioGraph");
  converted = json_to_string (root, FALSE);
  {
    g_autoptr (KromoGenome) plain = load_text (converted);
    assert_same_patch (&asneat->patch, &plain->patch);
  }
  return TRUE;
}

static void
test_parity_data (void)
{
  const char *folder = g_getenv ("KROMO_PARITY_DATA");
  g_autofree char *genomes = folder ? g_build_filename (folder, "genomes", NULL) : NULL;
  g_autoptr (GDir) dir = genomes ? g_dir_open (genomes, 0, NULL) : NULL;
  guint n_loaded = 0, n_compared = 0;
  const char *name;

  if (dir == NULL) {
    g_test_skip ("KROMO_PARITY_DATA does not name the folder of the parity data");
    return;
  }
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *filename = g_build_filename (genomes, name, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (KromoGenome) g = kromo_genome_load (filename, NULL, &error);

    g_test_message ("%s", name);
    g_assert_no_error (error);
    g_assert_cmpuint (g_strv_length (g->warnings), ==, 0);
    n_loaded++;
    n_compared += compare_forms (filename, g) ? 1 : 0;
  }
  g_test_message ("%u genomes loaded, %u compared with their plain form", n_loaded, n_compared);
  g_assert_cmpuint (n_loaded, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/genome/order", test_order);
  g_test_add_func ("/genome/truthiness", test_truthiness);
  g_test_add_func ("/genome/notes", test_notes);
  g_test_add_func ("/genome/connections", test_connections);
  g_test_add_func ("/genome/duplicates", test_duplicates);
  g_test_add_func ("/genome/drives", test_drives);
  g_test_add_func ("/genome/plain", test_plain);
  g_test_add_func ("/genome/plain-alternatives", test_plain_alternatives);
  g_test_add_func ("/genome/seed", test_seed);
  g_test_add_func ("/genome/default", test_default);
  g_test_add_func ("/genome/parity-data", test_parity_data);
  return g_test_run ();
}
