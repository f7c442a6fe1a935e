/* Bad JSON: numbers, depth, sizes, keys and ids.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostile.h"

#define GRAPH(graph) PLAIN_DOCUMENT (graph, "")
#define OSCILLATOR(rest) GRAPH ("'o':['oscillator','output'," rest "]")
#define WEIGHT(weight)                                                                             \
  "{'waveNetwork':{'offspring':{'nodes':[{'gid':'b','type':'bias'},{'gid':'i','type':'input'},"    \
  "{'gid':'j','type':'input'},{'gid':'o','type':'output','activationFunction':'Sine'}],"           \
  "'connections':[{'sourceID':'b','targetID':'o','weight':" weight                                 \
  "},{'sourceID':'i','targetID':'o','weight':1}],"                                                 \
  "'inputNodeCount':2,'outputNodeCount':1}},"                                                      \
  "'patch':{'audioGraph':{'s':['bufferSource','output']},'networkOutputs':[" BUFFER_AT (           \
      "440") "]}}"
#define BUFFER_AT(frequency)                                                                       \
  "{'networkOutput':0,'frequency':" frequency ",'audioGraphNodes':{'s':[{'paramName':'buffer'}]}}"
#define PITCH(frequency) PLAIN_DOCUMENT ("'s':['bufferSource','output']", BUFFER_AT (frequency))
#define DRIVEN(node, drive)                                                                        \
  PLAIN_DOCUMENT ("'o':['oscillator','s'],'s':['" node "','output']",                              \
      "{'networkOutput':0,'frequency':440,'audioGraphNodes':{'s':[{" drive "}]}}")

/* @head, @text @n times, @tail, with ' for ". */
static void
write_repeated (const char *path, const char *head, const char *text, guint n, const char *tail)
{
  GString *all = g_string_new (head);

  for (guint i = 0; i < n; i++)
    g_string_append (all, text);
  g_string_append (all, tail);
  hostile_write_quoted (path, all);
}

static void
make_deep_arrays (const char *path)
{
  write_repeated (path, "", "[", 30000000, "");
}

static void
make_deep_objects (const char *path)
{
  write_repeated (path, "", "{'data':", 1000000, "");
}

static void
make_deep_mixture (const char *path)
{
  write_repeated (path,
      "{" WAVE ",'asNEATPatch':{'nodes':[{'name':'GainNode','id':'g','x':", "[{'a':", 1000000, "");
}

/* Each level of strings in strings doubles the backslashes. */
static void
make_deep_strings (const char *path)
{
  g_autofree char *text = json (SMALL);

  for (guint i = 0; i < 16; i++) {
    char *encoded = encode (text);
    g_free (text);
    text = encoded;
  }
  hostile_write (path, text, strlen (text));
}

static void
make_digits (const char *path)
{
  write_repeated (path, "{" WAVE ",'patch':{'audioGraph':{'g':['gain','output',{'gain':1", "0",
      1000000, "}]}}}");
}

static void
make_fraction (const char *path)
{
  write_repeated (path, "{" WAVE ",'patch':{'audioGraph':{'g':['gain','output',{'gain':0.", "0",
      30000000, "1}]}}}");
}

static void
make_exponent (const char *path)
{
  write_repeated (path, "{" WAVE ",'patch':{'audioGraph':{'g':['gain','output',{'gain':1e", "9",
      1000000, "}]}}}");
}

static void
make_long_string (const char *path)
{
  write_repeated (path, "{'tags':'", "x", 30000000, "'}");
}

static void
make_unended_string (const char *path)
{
  write_repeated (path, "{'tags':'", "\\\\", 15000000, "");
}

static void
make_long_key (const char *path)
{
  write_repeated (
      path, "{" WAVE ",'patch':{'audioGraph':{'", "x", 1000000, "':['gain','nowhere']}}}");
}

static void
make_spaces (const char *path)
{
  write_repeated (path, "", " ", KROMO_MAX_DOCUMENT_BYTES, "");
}

static void
make_values (const char *path)
{
  write_repeated (path, "[0", ",0", 10000000, "]");
}

static void
make_members (const char *path)
{
  write_repeated (path, "{'a':0", ",'a':0", 500000, "}");
}

static void
make_nodes (const char *path)
{
  GString *text = g_string_new ("{" WAVE ",'asNEATPatch':{'connections':[],'nodes':[" OUT);

  g_strdelimit (text->str, "'", '"');
  for (guint i = 0; i < 800000; i++) /* in a string each: few tokens */
    g_string_append_printf (text, ",\"{\\\"name\\\":\\\"GainNode\\\",\\\"id\\\":%u}\"", i);
  g_string_append (text, "]}}");
  hostile_write (path, text->str, text->len);
  g_string_free (text, TRUE);
}

static void
make_network_nodes (const char *path)
{
  write_repeated (path, "{'waveNetwork':{'inputNodeCount':2,'outputNodeCount':1,'nodes':[0", ",0",
      1000000, "],'connections':[]},'patch':{}}");
}

static void
make_network_connections (const char *path)
{
  write_repeated (path,
      "{'waveNetwork':{'inputNodeCount':2,'outputNodeCount':1,'nodes':[{'gid':1,'type':'input'},"
      "{'gid':2,'type':'input'},{'gid':3,'type':'output','activationFunction':'cos'}],"
      "'connections':[0",
      ",0", 1000000, "]},'patch':{}}");
}

/* What was ignored is told, and not a million times. */
static void
make_unknown_drives (const char *path)
{
  write_repeated (path,
      "{" WAVE
      ",'patch':{'audioGraph':{'g':['gain','output']},'networkOutputs':[{'networkOutput':0,"
      "'frequency':440,'audioGraphNodes':{'g':[{'paramName':'gain'}",
      ",{'paramName':'what'}", 16000, "]}}]}}");
}

static const HostileRow rows[] = {
  /* ---- numbers ---- */
  { "gain-nan-string", NULL, OSCILLATOR ("{'frequency':'NaN'}"), KROMO_ERROR_INVALID,
      "$.patch.audioGraph.o[2].frequency: is not a number" },
  { "gain-infinity-string", NULL, OSCILLATOR ("{'detune':'-Infinity'}"), KROMO_ERROR_INVALID,
      "$.patch.audioGraph.o[2].detune: is not a number" },
  { "nan-literal", NULL, OSCILLATOR ("{'detune':-NaN}"), KROMO_ERROR_PARSE,
      "$: not JSON: a number without digits, at byte *" },
  { "duration-nan-string", NULL,
      "{" WAVE ",'duration':'NaN','noteDelta':'NaN','velocity':'1e999',"
      "'reverse':'NaN','asNEATPatch':" SMALL_PATCH "}",
      HOSTILE_ACCEPTED, "" },
  { "duration-infinite", NULL,
      "{" WAVE ",'duration':1e400,'velocity':-1e400,'asNEATPatch':" SMALL_PATCH "}",
      HOSTILE_ACCEPTED, "" },
  { "network-weight-infinite", NULL, WEIGHT ("1e309"), KROMO_ERROR_INVALID,
      "$.waveNetwork.offspring.connections[0].weight: is too large for a double precision number" },
  { "network-weight-largest", NULL, WEIGHT ("1.7976931348623157e308"), HOSTILE_ACCEPTED, "" },
  { "network-weight-smallest", NULL, WEIGHT ("-5e-324"), HOSTILE_ACCEPTED, "" },
  { "network-weight-nan-string", NULL, WEIGHT ("'nan'"), KROMO_ERROR_INVALID,
      "$.waveNetwork.offspring.connections[0].weight: is not a number" },
  { "pitch-highest", NULL, PITCH ("1e9"), HOSTILE_ACCEPTED, "" },
  { "pitch-too-high", NULL, PITCH ("1000000001"), KROMO_ERROR_SETTINGS,
      "network output 0 (without id) would run at 1e+09 Hz *; transpose it less" },
  { "pitch-largest", NULL, PITCH ("-1.7e308"), KROMO_ERROR_SETTINGS,
      "network output 0 (without id) would run at -1.7e+308 Hz *; transpose it less" },
  { "pitch-nan-string", NULL, PITCH ("'NaN'"), KROMO_ERROR_INVALID,
      "$.patch.networkOutputs[0].frequency: is not a number" },
  { "oscillator-largest", NULL, OSCILLATOR ("{'frequency':1.7e308,'detune':-1.7e308}"),
      HOSTILE_ACCEPTED, "" },
  { "filter-largest", NULL,
      GRAPH ("'o':['oscillator','f'],'f':['biquadFilter','output',{'frequency':1e308,'Q':-1e308,"
             "'gain':1e308,'detune':1e308}]"),
      HOSTILE_ACCEPTED, "" },
  { "gain-largest", NULL,
      GRAPH ("'o':['oscillator','f'],'f':['gain','g',{'gain':1e308}],'g':['gain','output',{'gain':-"
             "1e308}]"),
      HOSTILE_ACCEPTED, "" },
  { "delay-largest", NULL,
      GRAPH ("'o':['oscillator','d'],'d':['delay','output',{'delayTime':1e308}]"), HOSTILE_ACCEPTED,
      "" },
  { "delay-negative", NULL,
      GRAPH ("'o':['oscillator','d'],'d':['delay','output',{'delayTime':-1e308}]"),
      HOSTILE_ACCEPTED, "" },
  { "max-delay-negative", NULL,
      GRAPH ("'o':['oscillator','d'],'d':['delay','output',{'maxDelayTime':-1}]"),
      KROMO_ERROR_INVALID, "$.patch.audioGraph.d[2].maxDelayTime: is not between 0 and 180*" },
  { "max-delay-tiny", NULL,
      GRAPH ("'o':['oscillator','d'],'d':['delay','output',{'maxDelayTime':5e-324}]"),
      HOSTILE_ACCEPTED, "" },
  { "rate-largest", NULL,
      PLAIN_DOCUMENT (
          "'s':['bufferSource','output',{'playbackRate':1e308,'detune':1e308,'loop':true}]",
          BUFFER_AT ("440")),
      HOSTILE_ACCEPTED, "" },
  { "rate-backwards", NULL,
      PLAIN_DOCUMENT (
          "'s':['bufferSource','output',{'playbackRate':-1e30,'loop':true}]", BUFFER_AT ("440")),
      HOSTILE_ACCEPTED, "" },
  { "compressor-largest", NULL,
      GRAPH ("'o':['oscillator','c'],'c':['dynamicsCompressor','output',{'threshold':-1e308,'knee':"
             "1e308,"
             "'ratio':1e308,'attack':-1e308,'release':1e308}]"),
      HOSTILE_ACCEPTED, "" },
  { "range-largest", NULL, DRIVEN ("gain", "'paramName':'gain','range':[1.7e308,-1.7e308]"),
      HOSTILE_ACCEPTED, "" },
  { "range-infinite", NULL, DRIVEN ("gain", "'paramName':'gain','range':[0,1e309]"),
      KROMO_ERROR_INVALID,
      "*.audioGraphNodes.s[0].range[1]: is too large for a double precision number" },
  { "partial-number-largest", NULL,
      PLAIN_DOCUMENT ("'s':['additive','output']",
          "{'networkOutput':0,'frequency':440,'audioGraphNodes':{'s':[{'paramName':'partialBuffer',"
          "'partialNumber':1e308},{'paramName':'partialGainEnvelope','partialNumber':1e308}]}}"),
      KROMO_ERROR_SETTINGS,
      "network output 0 (without id) would run at inf Hz *; transpose it less" },
  { "million-digits", make_digits, NULL, KROMO_ERROR_INVALID,
      "$.patch.audioGraph.g[2].gain: is too large for a double precision number" },
  { "million-zeros", make_fraction, NULL, HOSTILE_ACCEPTED, "", 130 },
  { "million-digit-exponent", make_exponent, NULL, KROMO_ERROR_INVALID,
      "$.patch.audioGraph.g[2].gain: is too large for a double precision number" },
  { "counts-wrap", NULL,
      "{'waveNetwork':{'nodes':[],'connections':[],'inputNodeCount':4294967298,"
      "'outputNodeCount':18446744073709551617},'patch':{}}",
      KROMO_ERROR_INVALID, "$.waveNetwork.inputNodeCount: is not a count of nodes" },
  { "output-number-wraps", NULL,
      PLAIN_DOCUMENT ("'s':['bufferSource','output']", "{'networkOutput':4294967296}"),
      KROMO_ERROR_INVALID, "$.patch.networkOutputs[0].networkOutput: *" },

  /* ---- depth and size ---- */
  { "deep-arrays", make_deep_arrays, NULL, KROMO_ERROR_LIMIT, "$: nested deeper than 32 levels*",
      80 },
  { "deep-objects", make_deep_objects, NULL, KROMO_ERROR_LIMIT,
      "$: nested deeper than 32 levels*" },
  { "deep-mixture", make_deep_mixture, NULL, KROMO_ERROR_LIMIT,
      "$: nested deeper than 32 levels*" },
  { "deep-strings", make_deep_strings, NULL, KROMO_ERROR_LIMIT,
      "$: JSON inside of strings of JSON, more than 8 times", 80 },
  { "long-string", make_long_string, NULL, KROMO_ERROR_INVALID, "$: is no genome: asNEATPatch *",
      80 },
  { "unended-string", make_unended_string, NULL, KROMO_ERROR_PARSE, "$: not JSON: *", 80 },
  { "long-key", make_long_key, NULL, KROMO_ERROR_INVALID,
      "$.patch.audioGraph[\"xxxx*xxx...\"][1]: \"nowhere\" is no node of this audio graph" },
  { "spaces", make_spaces, NULL, KROMO_ERROR_PARSE, "$: not JSON: *", 80 },
  { "million-values", make_values, NULL, KROMO_ERROR_LIMIT, "$: more than 4000000 JSON tokens*",
      130 },
  { "many-members", make_members, NULL, KROMO_ERROR_LIMIT, "$: too many members in its objects*",
      80 },
  { "most-nodes", make_nodes, NULL, KROMO_ERROR_LIMIT, "$*nodes[*]: more than 4096 audio nodes*",
      130 },
  { "million-network-nodes", make_network_nodes, NULL, KROMO_ERROR_LIMIT,
      "$.waveNetwork.nodes: more than 65536 nodes", 130 },
  { "million-network-connections", make_network_connections, NULL, KROMO_ERROR_LIMIT,
      "$.waveNetwork.connections: more than 262144 connections", 130 },
  { "many-unknown-drives", make_unknown_drives, NULL, HOSTILE_ACCEPTED, "" },

  /* ---- keys and ids ---- */
  { "duplicate-key-last-counts", NULL,
      "{'waveNetwork':3," WAVE ",'asNEATPatch':{},'asNEATPatch':" SMALL_PATCH "}", HOSTILE_ACCEPTED,
      "" },
  { "duplicate-key-last-is-bad", NULL, "{" WAVE ",'asNEATPatch':" SMALL_PATCH ",'asNEATPatch':[]}",
      KROMO_ERROR_INVALID, "$.asNEATPatch: is not an object" },
  { "duplicate-node-key", NULL, GRAPH ("'g':['panner'],'g':['gain','output']"), HOSTILE_ACCEPTED,
      "" },
  { "escaped-key-is-the-same", NULL,
      "{" WAVE ",'asNEATPatch':" SMALL_PATCH ",'\\u0061sNEATPatch':7}", KROMO_ERROR_INVALID,
      "$.asNEATPatch: is not an object" },
  { "id-number-and-string", NULL,
      ASNEAT_DOCUMENT ("{'name':'GainNode','id':7},{'name':'GainNode','id':'7'}", ""),
      HOSTILE_ACCEPTED, "" },
  { "id-of-a-node-and-an-output", NULL,
      ASNEAT_DOCUMENT (OUTPUT ("7", "0") ",{'name':'GainNode','id':7.0}", ""), KROMO_ERROR_INVALID,
      "$.asNEATPatch.nodes[1].id: is the id of *" },
  { "id-of-output-node", NULL, ASNEAT_DOCUMENT (GAIN ("0") "," OUT, CONNECT ("'0'", "0", "")),
      HOSTILE_ACCEPTED, "" },
  { "id-of-weight", NULL,
      ASNEAT_DOCUMENT (GAIN ("a") "," GAIN ("b") "," GAIN ("a_b-weight") "," OUT,
          CONNECT ("'a'", "'b'", ",'weight':2") "," CONNECT (
              "'a_b-weight'", "'a'", "") "," CONNECT ("'b'", "0", "")),
      HOSTILE_ACCEPTED, "" },
  { "id-of-javascript", NULL,
      ASNEAT_DOCUMENT (GAIN ("__proto__") "," GAIN ("constructor") "," OUT,
          CONNECT ("'__proto__'", "'constructor'", "") "," CONNECT ("'constructor'", "0", "")),
      HOSTILE_ACCEPTED, "" },
  { "id-empty", NULL, ASNEAT_DOCUMENT (GAIN ("") "," OUT, CONNECT ("''", "0", "")),
      HOSTILE_ACCEPTED, "" },
  { "id-infinite", NULL, ASNEAT_DOCUMENT ("{'name':'GainNode','id':1e400}", ""),
      KROMO_ERROR_INVALID, "$.asNEATPatch.nodes[0].id: *" },
  { "network-id-number-and-string", NULL,
      "{'waveNetwork':{'nodes':[{'gid':'1','type':'input'},{'gid':1,'type':'input'},"
      "{'gid':3,'type':'output','activationFunction':'cos'}],'connections':[],'inputNodeCount':2,"
      "'outputNodeCount':1},'patch':{}}",
      KROMO_ERROR_INVALID, "$.waveNetwork.nodes[1].gid: is another node's*" },
  { "genome-in-itself", NULL, "{'genome':{'genome':{'genome':{'genome':{'asNEATPatch':1}}}}}",
      KROMO_ERROR_INVALID, "$.genome.genome.genome: *" },
};

void
hostile_add_documents (void)
{
  hostile_add_rows ("documents", rows, G_N_ELEMENTS (rows));
}
