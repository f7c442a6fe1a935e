/* Genomes that are none: what is said about them, the limits, and damage of every kind.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-documents.h"

static char *
repeat (const char *head, const char *text, guint n, const char *tail)
{
  GString *all = g_string_new (head);

  for (guint i = 0; i < n; i++)
    g_string_append (all, text);
  g_string_append (all, tail);
  return g_strdelimit (g_string_free (all, FALSE), "'", '"');
}

/* ---- not JSON ---- */

static void
test_not_json (void)
{
  static const char *const texts[] = { "", " ", "{", "[1,]", "{'a':1,}", "{'a' 1}", "{a:1}",
    "{'a':1}x", "/* */{}", "{} // x", "# x\n{}", "[01]", "[1.]", "[.5]", "[1e]", "[+1]", "[- 1]",
    "[0x10]", "[NaN]", "[Infinity]", "[nul]", "[True]", "['\\x']", "['\\u12']", "['\\ud800']",
    "['\\ud800\\u0041']", "['\\udc00']", "['\\u0000']", "['a\nb']", "['abc", "['abc\\",
    "var x = {}", "[1 2]", "{'a':1 'b':2}", "]", "[}", "\xef\xbb\xbf", "\xff", "['\xc3']" };
  static const char nul[] = "{\0}";

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_fails (texts[i], KROMO_ERROR_PARSE, "");
  assert_fails_bytes (nul, 3, KROMO_ERROR_PARSE, "not UTF-8 at byte 1");
  assert_fails ("{'a':[1,2}", KROMO_ERROR_PARSE, "$: not JSON: an array does not end, at byte 9");
  /* strict JSON gets through to the next question */
  assert_fails (" \t\r\n{'a':[-0.0,1E+5,1e-7,true,false,null,'\\ud83d\\ude00\\/\\b'],'':{}}",
      KROMO_ERROR_INVALID, "asNEATPatch");
}

/* ---- JSON, but no genome ---- */

#define NODES(nodes) ASNEAT_DOCUMENT (nodes, "")
#define CONNECTIONS(connections)                                                                   \
  ASNEAT_DOCUMENT (GAIN ("g") "," OUTPUT ("n", "0") "," OUT, connections)
#define GRAPH(graph) PLAIN_DOCUMENT (graph, "")
#define OUTPUTS(outputs) PLAIN_DOCUMENT ("'g':['gain','output']", outputs)
#define NETWORK(nodes, connections, rest)                                                          \
  "{'waveNetwork':{'offspring':{'nodes':[" nodes "],'connections':[" connections "]" rest "}},"    \
  "'patch':{'audioGraph':{}}}"
#define IN "{'gid':'a','type':'input'},{'gid':'b','type':'input'}"
#define SINE "{'gid':'c','type':'output','activationFunction':'Sine'}"
#define COUNTS ",'inputNodeCount':2,'outputNodeCount':1"

static const struct {
  const char *text;
  KromoError code;
  const char *message;
} bad[] = {
  { "[]", KROMO_ERROR_INVALID, "$: is not an object" },
  { "3", KROMO_ERROR_INVALID, "$: is not an object" },
  { "null", KROMO_ERROR_INVALID, "$: is not an object" },
  { "'x'", KROMO_ERROR_PARSE, "$: not JSON" },
  { "{}", KROMO_ERROR_INVALID, "$: is no genome: asNEATPatch" },
  { "{'genome':{'data':{}}}", KROMO_ERROR_INVALID, "$.genome.data: is no genome" },
  { "{'genome':'{}'}", KROMO_ERROR_INVALID, "$.genome: is no genome" },
  { "{'genome':'nonsense'}", KROMO_ERROR_PARSE, "$.genome: not JSON" },
  { "{'data':'{}'}", KROMO_ERROR_INVALID, "$: is no genome" },
  { "{'data':{'data':{'data':{'data':" SMALL "}}}}", KROMO_ERROR_INVALID,
      "$.data.data.data: asNEATPatch" },
  { "{'genome':{'asNEATPatch':" SMALL_PATCH "}}", KROMO_ERROR_INVALID,
      "$.genome.waveNetwork: is missing" },
  { "{" WAVE ",'asNEATPatch':3}", KROMO_ERROR_INVALID, "$.asNEATPatch: is not an object" },
  { "{" WAVE ",'asNEATPatch':''}", KROMO_ERROR_PARSE, "$.asNEATPatch: not JSON" },
  { "{" WAVE ",'asNEATPatch':{}}", KROMO_ERROR_INVALID, "$.asNEATPatch.nodes: is missing" },
  { "{" WAVE ",'asNEATPatch':{'nodes':{}}}", KROMO_ERROR_INVALID, "nodes: is not an array" },
  { "{" WAVE ",'asNEATPatch':{'nodes':[]}}", KROMO_ERROR_INVALID,
      "$.asNEATPatch.connections: is missing" },
  { NODES ("3"), KROMO_ERROR_INVALID, "$.asNEATPatch.nodes[0]: is not an object" },
  { NODES ("{}"), KROMO_ERROR_INVALID, "$.asNEATPatch.nodes[0].name: is missing" },
  { NODES ("{'name':'GainNode'}"), KROMO_ERROR_INVALID, ".nodes[0].id: is missing" },
  { NODES ("{'name':'PannerNode','id':'x'}"), KROMO_ERROR_UNSUPPORTED,
      ".nodes[0].name: \"PannerNode\" is no kind of node" },
  { NODES ("{'name':'GainNode','id':[]}"), KROMO_ERROR_INVALID, "nodes[0].id: is neither" },
  { NODES ("{'name':'GainNode','id':'x','gain':'1'}"), KROMO_ERROR_INVALID,
      "nodes[0].gain: is not a number" },
  { NODES ("{'name':'GainNode','id':'x','gain':1e400}"), KROMO_ERROR_INVALID,
      "nodes[0].gain: is too large" },
  { NODES ("{'name':'GainNode','id':'x','gain':[1]}"), KROMO_ERROR_INVALID, ".gain: is not" },
  { NODES ("{'name':'NoteOscillatorNode','id':'x','noteOffset':1e6}"), KROMO_ERROR_INVALID,
      ".noteOffset: makes a frequency" },
  { NODES ("{'name':'FilterNode','id':'x','q':'y'}"), KROMO_ERROR_INVALID, ".q: is not a number" },
  { NODES ("{'name':'NetworkOutputNode','id':'x','frequency':1}"), KROMO_ERROR_INVALID,
      "nodes[0].type: is missing" },
  { NODES (OUTPUT ("x", "'2'")), KROMO_ERROR_INVALID, ".type: there is no network output 2" },
  { NODES (OUTPUT ("x", "'-1'")), KROMO_ERROR_INVALID, ".type: \"-1\" is neither" },
  { NODES (OUTPUT ("x", "0.5")), KROMO_ERROR_INVALID, ".type: this number is neither" },
  { NODES (OUTPUT ("x", "1e400")), KROMO_ERROR_INVALID, ".type: this number is neither" },
  { NODES (OUTPUT ("x", "'noiseGrey'")), KROMO_ERROR_INVALID, ".type: \"noiseGrey\" is neither" },
  { NODES ("{'name':'NetworkOutputNode','id':'x','type':0}"), KROMO_ERROR_INVALID,
      "nodes[0].frequency: is missing" },
  { NODES (OUTPUT ("x", "0") "," GAIN ("x")), KROMO_ERROR_INVALID, "nodes[1].id: is the id of" },
  { NODES ("'{\\'name\\':\\'GainNode\\',\\'id\\':}'"), KROMO_ERROR_PARSE,
      "$.asNEATPatch.nodes[0]: not JSON: not a JSON value, at byte 24" },
  { CONNECTIONS ("{}"), KROMO_ERROR_INVALID, "connections[0].sourceNode: is missing" },
  { CONNECTIONS (CONNECT ("'g'", "'q'", "")), KROMO_ERROR_INVALID,
      "$.asNEATPatch.connections[0].targetNode: \"q\" is no node of this patch" },
  { CONNECTIONS (CONNECT ("'q'", "'g'", "")), KROMO_ERROR_INVALID, ".sourceNode: \"q\" is no" },
  { CONNECTIONS (CONNECT ("'g'", "null", "")), KROMO_ERROR_INVALID, ".targetNode: is missing" },
  { CONNECTIONS (CONNECT ("'g'", "'g'", ",'weight':'1'")), KROMO_ERROR_INVALID,
      "connections[0].weight: is not a number" },
  { CONNECTIONS (CONNECT ("'n'", "'g'", ",'targetParameter':7")), KROMO_ERROR_INVALID,
      "connections[0].targetParameter: is neither" },
  { CONNECTIONS (CONNECT ("'n'", "'g'", ",'targetParameterRange':[1]")), KROMO_ERROR_INVALID,
      "connections[0].targetParameterRange: is not a range" },
  { CONNECTIONS (CONNECT ("'n'", "'g'", ",'targetParameterRange':[1,null]")), KROMO_ERROR_INVALID,
      "targetParameterRange[1]: is not a number" },
  { "{" WAVE ",'patch':{}}", KROMO_ERROR_INVALID, "$.patch.audioGraph: is missing" },
  { GRAPH ("'g':{}"), KROMO_ERROR_INVALID, "$.patch.audioGraph.g: is not an array" },
  { GRAPH ("'a b':[]"), KROMO_ERROR_INVALID, "$.patch.audioGraph[\"a b\"][0]: is missing" },
  { GRAPH ("'g':['panner']"), KROMO_ERROR_UNSUPPORTED, "audioGraph.g[0]: \"panner\"" },
  { GRAPH ("'g':['gain','x']"), KROMO_ERROR_INVALID, "audioGraph.g[1]: \"x\" is no node" },
  { GRAPH ("'g':['gain',['output',[]]]"), KROMO_ERROR_INVALID, "audioGraph.g[1][1]: is neither" },
  { GRAPH ("'g':['gain',{'key':'x'}]"), KROMO_ERROR_INVALID, "g[1].key: \"x\" is no node" },
  { GRAPH ("'g':['gain',{'key':'g','destination':3}]"), KROMO_ERROR_INVALID, "[1].destination" },
  { GRAPH ("'g':['gain','output',3]"), KROMO_ERROR_INVALID, "g[2]: is not an object" },
  { GRAPH ("'g':['gain','output',{'gain':[['setValueAtTime',0,0]]}]"), KROMO_ERROR_UNSUPPORTED,
      "$.patch.audioGraph.g[2].gain: automation of a parameter is not supported" },
  { GRAPH ("'g':['oscillator','output',{'startTime':1}]"), KROMO_ERROR_UNSUPPORTED,
      "g[2].startTime: is not supported" },
  { GRAPH ("'g':['oscillator','output',{'stopTime':0}]"), KROMO_ERROR_UNSUPPORTED, "stopTime" },
  { GRAPH ("'g':['channelMerger','output',{'numberOfInputs':2}]"), KROMO_ERROR_UNSUPPORTED,
      "g[2].numberOfInputs: is not supported" },
  { GRAPH ("'g':['delay','output',{'maxDelayTime':180}]"), KROMO_ERROR_INVALID,
      "g[2].maxDelayTime: is not between" },
  { OUTPUTS ("3"), KROMO_ERROR_INVALID, "$.patch.networkOutputs[0]: is not an object" },
  { OUTPUTS ("{'networkOutput':9}"), KROMO_ERROR_INVALID,
      "networkOutputs[0].networkOutput: there" },
  { OUTPUTS ("{'networkOutput':1}"), KROMO_ERROR_INVALID, "[0].frequency: is missing" },
  { OUTPUTS ("{'networkOutput':1,'frequency':1,'audioGraphNodes':{'x':[]}}"), KROMO_ERROR_INVALID,
      "audioGraphNodes.x: its key is no node" },
  { OUTPUTS ("{'networkOutput':1,'frequency':1,'audioGraphNodes':{'g':{}}}"), KROMO_ERROR_INVALID,
      "audioGraphNodes.g: is not an array" },
  { OUTPUTS ("{'networkOutput':1,'frequency':1,'audioGraphNodes':{'g':[{'range':7}]}}"),
      KROMO_ERROR_INVALID, "$.patch.networkOutputs[0].audioGraphNodes.g[0].range: is not a range" },
  { NETWORK ("", "", ""), KROMO_ERROR_INVALID,
      "$.waveNetwork.offspring.inputNodeCount: is missing" },
  { NETWORK ("", "", ",'inputNodeCount':2,'outputNodeCount':0"), KROMO_ERROR_INVALID,
      "outputNodeCount: is not a count" },
  { NETWORK ("", "", ",'inputNodeCount':3,'outputNodeCount':1"), KROMO_ERROR_UNSUPPORTED,
      "inputNodeCount: is 3; only networks with 2 inputs" },
  { NETWORK (IN, "", COUNTS), KROMO_ERROR_INVALID, "offspring.nodes: has 2 nodes, too few" },
  { NETWORK (SINE, "", COUNTS), KROMO_ERROR_INVALID, "nodes[0]: is a node of type output where" },
  { NETWORK (IN "," IN, "", COUNTS), KROMO_ERROR_INVALID, "nodes[2]: is a node of type input" },
  { NETWORK (IN ",{'gid':'a','type':'output','activationFunction':'Sine'}", "", COUNTS),
      KROMO_ERROR_INVALID, "nodes[2].gid: is another node's" },
  { NETWORK (IN ",{'gid':'c','type':'output','activationFunction':'sine'}", "", COUNTS),
      KROMO_ERROR_INVALID, "nodes[2].activationFunction: \"sine\" is no known" },
  { NETWORK (IN ",{'gid':'c','type':'output'}", "", COUNTS), KROMO_ERROR_INVALID,
      "nodes[2].activationFunction: is missing" },
  { NETWORK ("{'gid':'a','type':'deep'}", "", COUNTS), KROMO_ERROR_INVALID,
      "type: \"deep\" is no" },
  { NETWORK ("{'gid':'a'}", "", COUNTS), KROMO_ERROR_INVALID, "nodes[0].nodeType: is missing" },
  { NETWORK (IN "," SINE, "{'sourceID':'a','targetID':'z','weight':1}", COUNTS),
      KROMO_ERROR_INVALID, "offspring.connections[0].targetID: \"z\" is no node" },
  { NETWORK (IN "," SINE, "{'sourceID':'a','targetID':'c','weight':null}", COUNTS),
      KROMO_ERROR_INVALID, "connections[0].weight: is not a number" },
  { NETWORK (IN "," SINE, "{'sourceID':'a','targetID':'c'}", COUNTS), KROMO_ERROR_INVALID,
      "connections[0].weight: is missing" },
  { "{'waveNetwork':{'oneCPPNPerFrequency':true,'CPPNs':{}},'patch':{}}", KROMO_ERROR_INVALID,
      "$.waveNetwork.CPPNs: has no network" },
  { "{'waveNetwork':{'oneCPPNPerFrequency':true,'CPPNs':{'inf':" CPPN "}},'patch':{}}",
      KROMO_ERROR_INVALID, "$.waveNetwork.CPPNs.inf: its key is not a frequency" },
  { "{'waveNetwork':{'oneCPPNPerFrequency':true},'patch':{}}", KROMO_ERROR_INVALID,
      "$.waveNetwork.CPPNs: is missing" },
  { "{'waveNetwork':{},'patch':{}}", KROMO_ERROR_INVALID, "$.waveNetwork.offspring: is missing" },
};

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_fails (bad[i].text, bad[i].code, bad[i].message);
}

static void
test_long_names (void)
{
  g_autofree char *text =
      repeat ("{" WAVE ",'patch':{'audioGraph':{'", "\xc3\xa4\\n", 100000, "':['what']}}}");

  assert_fails (text, KROMO_ERROR_UNSUPPORTED, "\xc3\xa4\\u000a\xc3\xa4");
  {
    g_autoptr (GError) error = NULL;
    g_assert_null (kromo_genome_new_from_data (text, strlen (text), &error));
    g_assert_cmpuint (strlen (error->message), <, 600);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  }
}

/* ---- numbers ---- */

static void
test_numbers (void)
{
  static const struct {
    const char *text;
    double value;
  } numbers[] = { { "9223372036854775808", 9223372036854775808.0 },
    { "-123456789012345678901234567890", -123456789012345678901234567890.0 },
    { "9007199254740993", 9007199254740992.0 }, { "1E2", 100 }, { "0.1", 0.1 },
    { "5e-324", 5e-324 }, { "1e-400", 0 }, { "-1.7976931348623157e308", -G_MAXDOUBLE } };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autofree char *text = g_strconcat (
        "{" WAVE ",'patch':{'audioGraph':{'g':['gain','output',{'gain':", numbers[i].text, "}]}}}",
        NULL);
    g_autoptr (KromoGenome) g = load_quoted (text);
    g_assert_cmpfloat (g->patch.nodes[0].values[KROMO_PARAM_GAIN], ==, numbers[i].value);
  }
}

/* ---- limits ---- */

static void
test_limits (void)
{
  g_autofree char *deepest = repeat ("", "[", 32, ""), *deep = repeat ("", "[", 1000000, "");
  g_autofree char *tokens = repeat ("[1", ",1", KROMO_MAX_JSON_TOKENS / 2, "]");
  g_autofree char *members = repeat ("{'a':1", ",'b':1", 20480, "}");
  g_autofree char *objects = NULL, *nodes = NULL, *weights = NULL, *connections = NULL;
  g_autofree char *large = g_strnfill (KROMO_MAX_DOCUMENT_BYTES + 1, ' ');
  g_autofree char *many = NULL;
  GString *text = g_string_new ("{}");

  assert_fails (deepest, KROMO_ERROR_PARSE, "ends too early");
  assert_fails (deep, KROMO_ERROR_LIMIT, "nested deeper than 32 levels");
  assert_fails (tokens, KROMO_ERROR_LIMIT, "more than 4000000 JSON tokens");
  assert_fails (members, KROMO_ERROR_LIMIT, "too many members");
  {
    g_autofree char *one = repeat ("{'a':1", ",'b':1", 12000, "}");
    objects = g_strconcat ("[", one, ",", one, ",", one, "]", NULL);
    assert_fails (objects, KROMO_ERROR_LIMIT, "too many members");
  }
  assert_fails_bytes (large, KROMO_MAX_DOCUMENT_BYTES + 1, KROMO_ERROR_LIMIT, "larger than 32 MiB");

  /* strings in strings: 8 are opened */
  g_string_assign (text, SMALL);
  g_strdelimit (text->str, "'", '"');
  for (guint i = 1; i <= KROMO_MAX_JSON_ENCODINGS + 1; i++) {
    g_autofree char *encoded = encode (text->str);
    g_string_assign (text, encoded);
    if (i <= KROMO_MAX_JSON_ENCODINGS) {
      g_autoptr (KromoGenome) g = load_text (text->str);
      g_assert_cmpuint (g->patch.n_nodes, ==, 3);
    }
  }
  assert_fails_bytes (
      text->str, text->len, KROMO_ERROR_LIMIT, "$: JSON inside of strings of JSON, more than 8");
  g_string_free (text, TRUE);

  /* a limit inside of a string has its path */
  {
    g_autofree char *inner = repeat ("", "[", 100, "");
    many =
        g_strconcat ("{" WAVE ",'asNEATPatch':{'connections':[],'nodes':['", inner, "']}}", NULL);
    assert_fails (many, KROMO_ERROR_LIMIT, "$.asNEATPatch.nodes[0]: nested deeper");
  }

  text = g_string_new ("{" WAVE ",'asNEATPatch':{'nodes':[");
  for (guint i = 0; i <= KROMO_MAX_PATCH_NODES; i++)
    g_string_append_printf (text, "%s{'name':'GainNode','id':%u}", i ? "," : "", i);
  g_string_append (text, "],'connections':[]}}");
  nodes = g_string_free (text, FALSE);
  assert_fails (nodes, KROMO_ERROR_LIMIT, "nodes[4096]: more than 4096 audio nodes");

  text = g_string_new ("{" WAVE ",'asNEATPatch':{'nodes':[" GAIN ("a") "],'connections':[");
  for (guint i = 0; i <= KROMO_MAX_PATCH_CONNECTIONS; i++)
    g_string_append (
        text, i ? ",{'sourceNode':'a','targetNode':'a'}" : "{'sourceNode':'a','targetNode':'a'}");
  g_string_append (text, "]}}");
  connections = g_string_free (text, FALSE);
  assert_fails (connections, KROMO_ERROR_LIMIT, "connections[16384]: more than 16384 connections");

  text = g_string_new ("{" WAVE ",'patch':{'audioGraph':{");
  for (guint i = 0; i <= KROMO_MAX_PATCH_CONNECTIONS; i++)
    g_string_append_printf (text, "%s'%u-weight':['gain']", i ? "," : "", i);
  g_string_append (text, "}}}");
  weights = g_string_free (text, FALSE);
  assert_fails (weights, KROMO_ERROR_LIMIT, "more than 16384 weight nodes");
}

static void
test_network_limits (void)
{
  g_autofree char *nodes =
      repeat ("{'waveNetwork':{'inputNodeCount':2,'outputNodeCount':1,'nodes':[0", ",0",
          KROMO_MAX_NETWORK_NODES, "]},'patch':{'audioGraph':{}}}");
  g_autofree char *connections = repeat ("{'waveNetwork':{'inputNodeCount':2,'outputNodeCount':1,"
                                         "'nodes':[" IN "," SINE "],'connections':[0",
      ",0", KROMO_MAX_NETWORK_CONNECTIONS, "]},'patch':{}}");
  GString *text = g_string_new ("{'waveNetwork':{'oneCPPNPerFrequency':1,'CPPNs':{");
  g_autofree char *networks = NULL;

  assert_fails (nodes, KROMO_ERROR_LIMIT, "$.waveNetwork.nodes: more than 65536 nodes");
  assert_fails (connections, KROMO_ERROR_LIMIT, "$.waveNetwork.connections: more than 262144");
  for (guint i = 0; i <= KROMO_MAX_NETWORKS; i++)
    g_string_append_printf (text, "%s'%u':{}", i ? "," : "", i);
  g_string_append (text, "}},'patch':{}}");
  networks = g_string_free (text, FALSE);
  assert_fails (networks, KROMO_ERROR_LIMIT, "$.waveNetwork.CPPNs: more than 4096 networks");
}

static void
test_gzip (void)
{
  g_autofree char *zeros = g_malloc0 (KROMO_MAX_DOCUMENT_BYTES + 1), *text = json (SMALL);
  g_autoptr (GBytes) bomb = gzip (zeros, KROMO_MAX_DOCUMENT_BYTES + 1);
  g_autoptr (GBytes) good = gzip (text, strlen (text));
  gsize size;
  const guint8 *data = g_bytes_get_data (good, &size);
  g_autofree guint8 *copy = g_malloc (size + 1);

  assert_fails_bytes (g_bytes_get_data (bomb, NULL), g_bytes_get_size (bomb), KROMO_ERROR_LIMIT,
      "larger than 32 MiB decompressed");
  for (gsize i = 2; i < size; i++) {
    g_autofree guint8 *head = g_memdup2 (data, i);
    assert_fails_bytes (head, i, KROMO_ERROR_PARSE, "gzip");
  }
  memcpy (copy, data, size);
  copy[size] = 'x';
  assert_fails_bytes (copy, size + 1, KROMO_ERROR_PARSE, "1 bytes follow the gzip data");
  for (gsize i = 0; i < size; i++) { /* damage in the header's time and name goes unnoticed */
    g_autoptr (KromoGenome) g = NULL;
    copy[i] ^= 0x55;
    g = kromo_genome_new_from_data (copy, size, NULL);
    copy[i] ^= 0x55;
  }
  assert_fails_bytes ("SQLite format 3\0....", 20, KROMO_ERROR_UNSUPPORTED, "from a file");
}

/* ---- damage: nothing is asked of the outcome but that there is one ---- */

static void
try_bytes (const char *data, gsize size)
{
  g_autofree char *exact = g_memdup2 (data, size); /* so that reading beyond it is seen */
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) g = kromo_genome_new_from_data (exact, size, &error);

  g_assert_true ((g == NULL) == (error != NULL));
  g_assert_true (error == NULL || g_utf8_validate (error->message, -1, NULL));
}

static const char *const damaged[] = { SMALL,
  PLAIN_DOCUMENT ("'7':['delay',['g',{'key':'g','destination':'gain'}],{'maxDelayTime':2}],"
                  "'g':['gain','output',{'gain':0.5}]",
      "{'id':'n','networkOutput':'1','frequency':44,'audioGraphNodes':{'7':[{'paramName':"
      "'delayTime','range':[0,1],'weight':2,'partialNumber':1}]}}") };

static void
test_truncated (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++) {
    g_autofree char *text = json (damaged[i]), *string = encode (text);

    for (gsize size = 0; size < strlen (text); size++)
      try_bytes (text, size);
    for (gsize size = 0; size < strlen (string); size++)
      try_bytes (string, size);
  }
}

static void
test_mutated (void)
{
  static const char tokens[] = "{}[],:\"\\0-e.tn'9 \x80\xff\x01";
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint round = 0; round < 4000; round++) {
    g_autofree char *text = json (damaged[round % G_N_ELEMENTS (damaged)]);
    gsize size = strlen (text);
    gint n = g_rand_int_range (rand, 1, 4);

    for (gint i = 0; i < n; i++)
      text[g_rand_int_range (rand, 0, (gint) size)] =
          tokens[g_rand_int_range (rand, 0, (gint) sizeof tokens)];
    try_bytes (text, size);
  }
}

/* Every value in turn by one of another type. */
static void
test_swapped_values (void)
{
  static const char *const values[] = { "null", "0", "-1", "1e400", "\"\"", "\"x\"", "[]", "{}",
    "[[0]]", "{\"a\":null}", "true", "\"7\"", "18446744073709551616" };

  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++) {
    g_autofree char *text = json (damaged[i]);

    for (char *p = text; *p; p++) {
      char *end;

      if ((*p != ':' && *p != '[' && *p != ',') || p[1] == '[' || p[1] == '{')
        continue;
      end = p + 1 + strcspn (p + 1, ",]}:");
      for (guint k = 0; k < G_N_ELEMENTS (values); k++) {
        g_autofree char *head = g_strndup (text, (gsize) (p + 1 - text));
        g_autofree char *swapped = g_strconcat (head, values[k], end, NULL);
        try_bytes (swapped, strlen (swapped));
      }
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/genome-errors/not-json", test_not_json);
  g_test_add_func ("/genome-errors/bad", test_bad);
  g_test_add_func ("/genome-errors/long-names", test_long_names);
  g_test_add_func ("/genome-errors/numbers", test_numbers);
  g_test_add_func ("/genome-errors/limits", test_limits);
  g_test_add_func ("/genome-errors/network-limits", test_network_limits);
  g_test_add_func ("/genome-errors/gzip", test_gzip);
  g_test_add_func ("/genome-errors/truncated", test_truncated);
  g_test_add_func ("/genome-errors/mutated", test_mutated);
  g_test_add_func ("/genome-errors/swapped-values", test_swapped_values);
  return g_test_run ();
}
