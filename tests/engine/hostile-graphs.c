/* Graphs and networks in circles, and such as are too much work.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "hostile.h"

#define GRAPH(graph) PLAIN_DOCUMENT ("'o':['oscillator','a']," graph, "")
#define TO_PARAM(key, name) "{'key':'" key "','destination':'" name "'}"
#define BUFFER_OF(node) "'audioGraphNodes':{'" node "':[{'paramName':'buffer'}]}"

/* ---- circles of nodes ---- */

#define GRAPH_BEGIN "{" WAVE ",'patch':{'audioGraph':{'o':['oscillator',['n0','output']]"

/* @n nodes, each of which goes to the @reach after it. */
static void
write_circulant (const char *path, const char *kind, guint n, guint reach)
{
  GString *text = g_string_new (GRAPH_BEGIN);

  for (guint i = 0; i < n; i++) {
    g_string_append_printf (text, ",'n%u':['%s',['output'", i, kind);
    for (guint k = 1; k <= reach; k++)
      g_string_append_printf (text, ",'n%u'", (i + k) % n);
    g_string_append (text, "]]");
  }
  g_string_append (text, "}}}");
  hostile_write_quoted (path, text);
}

static void
make_ring_of_gains (const char *path)
{
  write_circulant (path, "gain", 4000, 1);
}

static void
make_ring_of_delays (const char *path)
{
  write_circulant (path, "delay", 300, 1);
}

static void
make_all_to_all_gains (const char *path)
{
  write_circulant (path, "gain", 120, 120);
}

static void
make_all_to_all_delays (const char *path)
{
  write_circulant (path, "delay", 100, 100);
}

static void
make_ring_of_combs (const char *path)
{
  write_circulant (path, "feedbackDelay", 100, 3);
}

static void
make_ring_of_shapers (const char *path)
{
  write_circulant (path, "waveShaper", 1000, 2);
}

static void
make_chain (const char *path)
{
  GString *text = g_string_new (GRAPH_BEGIN);

  for (guint i = 0; i < 4000; i++)
    g_string_append_printf (text, ",'n%u':['gain','n%u']", i, i + 1);
  g_string_append (text, ",'n4000':['gain','output']}}}");
  hostile_write_quoted (path, text);
}

/* ---- circles in networks ---- */

static void
begin_network (GString *text, guint n_outputs, guint n_hidden, const char *activation)
{
  g_string_append (text,
      "{'waveNetwork':{'nodes':[{'gid':'b','type':'bias'},{'gid':'i','type':'input'},"
      "{'gid':'j','type':'input'}");
  for (guint i = 0; i < n_outputs; i++)
    g_string_append_printf (text, ",{'gid':'o%u','type':'output','activationFunction':'Sine'}", i);
  for (guint i = 0; i < n_hidden; i++)
    g_string_append_printf (
        text, ",{'gid':%u,'type':'hidden','activationFunction':'%s'}", i, activation);
  g_string_append_printf (
      text, "],'inputNodeCount':2,'outputNodeCount':%u,'connections':[", n_outputs);
}

#define PLAYED                                                                                     \
  "]},'patch':{'audioGraph':{'s':['bufferSource','output']},'networkOutputs':[{'networkOutput':0," \
  "'frequency':440," BUFFER_OF ("s") "}]}}"
#define FROM_TO(from, to) "{'sourceID':" from ",'targetID':" to ",'weight':0.5}"

static void
make_network_ring (const char *path)
{
  GString *text = g_string_new (NULL);

  begin_network (text, 1, 60000, "cos");
  g_string_append (text, FROM_TO ("'i'", "0") "," FROM_TO ("59999", "'o0'"));
  for (guint i = 0; i < 60000; i++)
    g_string_append_printf (text, "," FROM_TO ("%u", "%u"), i, (i + 1) % 60000);
  g_string_append (text, PLAYED);
  hostile_write_quoted (path, text);
}

static void
make_network_all_to_all (const char *path)
{
  GString *text = g_string_new (NULL);

  begin_network (text, 1, 500, "triangle");
  g_string_append (
      text, FROM_TO ("'i'", "7") "," FROM_TO ("3", "'o0'") "," FROM_TO ("'o0'", "'o0'"));
  for (guint i = 0; i < 500; i++) {
    for (guint k = 0; k < 500; k++)
      g_string_append_printf (text, "," FROM_TO ("%u", "%u"), i, k);
  }
  g_string_append (text, PLAYED);
  hostile_write_quoted (path, text);
}

/* Outputs that feed each other, backwards. */
static void
make_outputs_all_to_all (const char *path)
{
  GString *text = g_string_new (NULL);

  begin_network (text, 18, 0, "cos");
  g_string_append (text, FROM_TO ("'i'", "'o17'"));
  for (guint i = 0; i < 18; i++) {
    for (guint k = 0; k < 18; k++)
      g_string_append_printf (text, "," FROM_TO ("'o%u'", "'o%u'"), i, k);
  }
  g_string_append (text, PLAYED);
  hostile_write_quoted (path, text);
}

/* ---- too much work ---- */

/* A layered network: @n hidden nodes, each fed by the three before it. */
static void
append_layers (GString *text, guint n, const char *source, const char *activation)
{
  begin_network (text, 1, n, activation);
  g_string_append_printf (text, FROM_TO ("'%s'", "0"), source);
  for (guint i = 1; i < n; i++) {
    for (guint k = 1; k <= 3 && k <= i; k++)
      g_string_append_printf (text, "," FROM_TO ("%u", "%u"), i - k, i);
  }
  g_string_append_printf (text, "," FROM_TO ("%u", "'o0'"), n - 1);
}

/* What the default bound lets through in networks: as much work as there may be. */
static void
make_heaviest_network (const char *path)
{
  GString *text = g_string_new (NULL);

  append_layers (text, 50000, "i", "Gaussian");
  g_string_append (text, PLAYED);
  hostile_write_quoted (path, text);
}

static void
append_shapers (GString *text, guint n)
{
  g_string_append (text, "]},'patch':{'audioGraph':{'o':['oscillator',['n0'");
  for (guint i = 1; i < n; i++)
    g_string_append_printf (text, ",'n%u'", i);
  g_string_append (text, "]]");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, ",'n%u':['waveShaper','output']", i);
  g_string_append (text, "},'networkOutputs':[");
}

/* One network that many nodes read at random. */
static void
make_shapers_of_one_curve (const char *path)
{
  GString *text = g_string_new (NULL);

  append_layers (text, 5000, "i", "cos");
  append_shapers (text, 4000);
  g_string_append (
      text, "{'networkOutput':0,'frequency':1,'audioGraphNodes':{'n0':[{'paramName':'curve'}]");
  for (guint i = 1; i < 4000; i++)
    g_string_append_printf (text, ",'n%u':[{'paramName':'curve'}]", i);
  g_string_append (text, "}}]}}");
  hostile_write_quoted (path, text);
}

/* Many programs of one large network, which is constant: no work, once they are made. */
static void
write_shapers_of_many_curves (const char *path, guint n_nodes, guint n_shapers, const char *source)
{
  GString *text = g_string_new (NULL);

  append_layers (text, n_nodes, source, "cos");
  append_shapers (text, n_shapers);
  for (guint i = 0; i < n_shapers; i++)
    g_string_append_printf (text,
        "%s{'networkOutput':0,'frequency':%u,'audioGraphNodes':{'n%u':[{'paramName':'curve'}]}}",
        i > 0 ? "," : "", i + 1, i);
  g_string_append (text, "]}}");
  hostile_write_quoted (path, text);
}

static void
make_constant_curves (const char *path)
{
  write_shapers_of_many_curves (path, 50000, 2000, "b");
}

static void
make_many_curves (const char *path)
{
  write_shapers_of_many_curves (path, 50000, 2000, "i");
}

static void
make_small_curves (const char *path)
{
  write_shapers_of_many_curves (path, 10, 2000, "i");
}

/* One steady network at many frequencies. */
static void
write_frequencies (const char *path, guint n_nodes, guint n, const char *source)
{
  GString *text = g_string_new (NULL);

  append_layers (text, n_nodes, source, "cos");
  g_string_append (text,
      "]},'patch':{'audioGraph':{'w':['wavetable','output']},'networkOutputs':["
      "{'networkOutput':0,'frequency':1,'audioGraphNodes':{'w':[{'paramName':'mix'}]}}");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, ",{'networkOutput':0,'frequency':%u," BUFFER_OF ("w") "}", i + 1);
  g_string_append (text, "]}}");
  hostile_write_quoted (path, text);
}

static void
make_frequencies (const char *path)
{
  write_frequencies (path, 50000, 4000, "i");
}

static void
make_constant_frequencies (const char *path)
{
  write_frequencies (path, 50000, 4000, "b");
}

static void
make_wavetable (const char *path)
{
  write_frequencies (path, 2, 2000, "i");
}

static void
make_partials (const char *path)
{
  GString *text = g_string_new (
      "{" WAVE ",'patch':{'audioGraph':{'a':['additive','output']},'networkOutputs':[");

  for (guint i = 0; i < 2000; i++)
    g_string_append_printf (text,
        "%s{'networkOutput':0,'frequency':10,'audioGraphNodes':{'a':[{'paramName':'partialBuffer',"
        "'partialNumber':%u}]}},{'networkOutput':1,'frequency':10,'audioGraphNodes':{'a':[{'"
        "paramName':"
        "'partialGainEnvelope','partialNumber':%u}]}}",
        i > 0 ? "," : "", i + 1, i + 1);
  g_string_append (text, "]}}");
  hostile_write_quoted (path, text);
}

static void
write_many (const char *path, const char *kind, const char *members, guint n, const char *outputs)
{
  GString *text = g_string_new ("{" WAVE ",'patch':{'audioGraph':{'o':['oscillator',['output'");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, ",'n%u'", i);
  g_string_append (text, "]]");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, ",'n%u':['%s','output',{%s}]", i, kind, members);
  g_string_append (text, "},'networkOutputs':[");
  for (guint i = 0; i < n && outputs != NULL; i++)
    g_string_append_printf (text,
        "%s{'networkOutput':0,'frequency':%u,'audioGraphNodes':{'n%u':[%s]}}", i > 0 ? "," : "",
        i + 1, i, outputs);
  g_string_append (text, "]}}");
  hostile_write_quoted (path, text);
}

static void
make_convolvers (const char *path)
{
  write_many (path, "convolver", "", 1000, "{'paramName':'buffer'}");
}

static void
make_long_delays (const char *path)
{
  write_many (path, "delay", "'maxDelayTime':179,'delayTime':100", 4000, NULL);
}

static void
make_filters (const char *path)
{
  write_many (path, "biquadFilter", "", 2000, "{'paramName':'frequency','range':[20,2000]}");
}

static void
make_oversampled_shapers (const char *path)
{
  write_many (path, "waveShaper", "'oversample':'4x'", 2000, "{'paramName':'curve'}");
}

/* Connections that cannot be made are told, each once. */
static void
make_impossible_connections (const char *path)
{
  write_many (path, "oscillator", "", 2000, "{'paramName':'threshold'},{'paramName':'knee'}");
}

/* As many entries as there may be, each to be compared with the others when played in reverse. */
static void
make_entries (const char *path)
{
  GString *text =
      g_string_new ("{" WAVE ",'patch':{'audioGraph':{'g':['gain','output']},'networkOutputs':[");

  for (guint i = 0; i < 4000; i++)
    g_string_append_printf (text,
        "%s{'networkOutput':0,'frequency':440,'audioGraphNodes':{'g':[{'paramName':'buffer'},{'"
        "paramName':"
        "'partialBuffer','partialNumber':1},{'paramName':'gain'}]}}",
        i > 0 ? "," : "");
  g_string_append (text, "]}}");
  hostile_write_quoted (path, text);
}

static void
make_networks (const char *path)
{
  GString *text = g_string_new ("{'waveNetwork':{'oneCPPNPerFrequency':true,'CPPNs':{");

  for (guint i = 0; i < KROMO_MAX_NETWORKS; i++)
    g_string_append_printf (text, "%s'%u':" CPPN, i > 0 ? "," : "", i * 10);
  g_string_append (text,
      "}},'patch':{'audioGraph':{'w':['wavetable','output']},'networkOutputs':["
      "{'networkOutput':0,'frequency':1,'audioGraphNodes':{'w':[{'paramName':'mix'}]}}");
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (
        text, ",{'networkOutput':0,'frequency':%u," BUFFER_OF ("w") "}", i * 10);
  g_string_append (text, "]}}");
  hostile_write_quoted (path, text);
}

#define TOO_MUCH                                                                                   \
  KROMO_ERROR_SETTINGS,                                                                            \
      "a frame would take about * operations, above the bound (max-operations) of 1000000; *"
#define TOO_LARGE                                                                                  \
  KROMO_ERROR_LIMIT,                                                                               \
      "the wave network is too large for its * signals: together they are * nodes and "            \
      "connections to compile, more than 4194304"

static const HostileRow rows[] = {
  { "self", NULL, GRAPH ("'a':['gain',['a','output']]"), HOSTILE_ACCEPTED, "" },
  { "self-delayed", NULL, GRAPH ("'a':['delay',['a','output'],{'delayTime':0}]"), HOSTILE_ACCEPTED,
      "" },
  { "pair", NULL, GRAPH ("'a':['gain','b'],'b':['gain',['a','output']]"), HOSTILE_ACCEPTED, "" },
  { "pair-delayed", NULL, GRAPH ("'a':['gain','b'],'b':['delay',['a','output']]"), HOSTILE_ACCEPTED,
      "" },
  { "pair-exploding", NULL, GRAPH ("'a':['gain','b',{'gain':1e30}],'b':['delay',['a','output']]"),
      HOSTILE_ACCEPTED, "" },
  { "own-parameter", NULL, GRAPH ("'a':['gain',[" TO_PARAM ("a", "gain") ",'output']]"),
      HOSTILE_ACCEPTED, "" },
  { "own-delay-time", NULL, GRAPH ("'a':['delay',[" TO_PARAM ("a", "delayTime") ",'output']]"),
      HOSTILE_ACCEPTED, "" },
  { "own-frequency", NULL,
      PLAIN_DOCUMENT ("'o':['oscillator',[" TO_PARAM ("o", "frequency") ",'output']]", ""),
      HOSTILE_ACCEPTED, "" },
  { "each-other's-frequency", NULL,
      PLAIN_DOCUMENT (
          "'o':['oscillator',[" TO_PARAM ("p", "frequency") ",'output']],"
                                                            "'p':['oscillator',[" TO_PARAM (
                                                                "o", "frequency") ",'output']]",
          ""),
      HOSTILE_ACCEPTED, "" },
  { "through-parameter-and-delay", NULL,
      GRAPH ("'a':['delay',[" TO_PARAM ("b", "gain") ",'b']],'b':['gain',['a','output']]"),
      HOSTILE_ACCEPTED, "" },
  { "eight-through-one-delay", NULL,
      GRAPH (
          "'a':['delay',['b','c','output']],'b':['gain',['a','c']],'c':['biquadFilter',['a','b']]"),
      HOSTILE_ACCEPTED, "" },
  { "unheard", NULL, GRAPH ("'a':['delay','b'],'b':['delay','a']"), HOSTILE_ACCEPTED, "" },
  { "merger", NULL, GRAPH ("'a':['channelMerger',['a','b','output']],'b':['delay',['a','b']]"),
      HOSTILE_ACCEPTED, "" },
  { "convolver", NULL,
      PLAIN_DOCUMENT ("'o':['oscillator','a'],'a':['convolver',['b','output']],'b':['delay','a']",
          "{'networkOutput':0,'frequency':440," BUFFER_OF ("a") "}"),
      HOSTILE_ACCEPTED, "" },
  { "ring-of-gains", make_ring_of_gains, NULL, HOSTILE_ACCEPTED, "", 48 },
  { "ring-of-delays", make_ring_of_delays, NULL, HOSTILE_ACCEPTED, "", 130 },
  { "all-to-all-gains", make_all_to_all_gains, NULL, HOSTILE_ACCEPTED, "" },
  { "all-to-all-delays", make_all_to_all_delays, NULL, HOSTILE_ACCEPTED, "", 130 },
  { "ring-of-combs", make_ring_of_combs, NULL, HOSTILE_ACCEPTED, "", 130 },
  { "ring-of-shapers", make_ring_of_shapers, NULL, HOSTILE_ACCEPTED, "", 48 },
  { "chain", make_chain, NULL, HOSTILE_ACCEPTED, "", 48 },
  { "network-ring", make_network_ring, NULL, HOSTILE_ACCEPTED, "", 130 },
  { "network-all-to-all", make_network_all_to_all, NULL, HOSTILE_ACCEPTED, "", 130 },
  { "outputs-all-to-all", make_outputs_all_to_all, NULL, HOSTILE_ACCEPTED, "" },

  { "heaviest-network", make_heaviest_network, NULL, HOSTILE_ACCEPTED, "", 130 },
  { "shapers-of-one-curve", make_shapers_of_one_curve, NULL, TOO_MUCH, 130 },
  { "shapers-of-constant-curves", make_constant_curves, NULL, TOO_LARGE, 130 },
  { "shapers-of-many-curves", make_many_curves, NULL, TOO_LARGE, 130 },
  { "shapers-of-small-curves", make_small_curves, NULL, HOSTILE_ACCEPTED, "", 100 },
  { "frequencies", make_frequencies, NULL, TOO_LARGE, 130 },
  { "constant-frequencies", make_constant_frequencies, NULL, TOO_LARGE, 130 },
  { "wavetable", make_wavetable, NULL, HOSTILE_ACCEPTED, "", 100 },
  { "partials", make_partials, NULL, HOSTILE_ACCEPTED, "", 100 },
  { "convolvers", make_convolvers, NULL, KROMO_ERROR_MEMORY,
      "rendering would take * bytes, above the bound of 1073741824; most of it is for convolver *",
      130 },
  { "long-delays", make_long_delays, NULL, KROMO_ERROR_MEMORY,
      "rendering would take * bytes, above the bound of 1073741824; most of it is for delay *; no "
      "duration fits",
      100 },
  { "filters", make_filters, NULL, HOSTILE_ACCEPTED, "", 100 },
  { "oversampled-shapers", make_oversampled_shapers, NULL, TOO_MUCH, 100 },
  { "impossible-connections", make_impossible_connections, NULL, HOSTILE_ACCEPTED, "", 100 },
  { "entries", make_entries, NULL, HOSTILE_ACCEPTED, "", 100 },
  { "networks", make_networks, NULL, HOSTILE_ACCEPTED, "", 130 },
};

void
hostile_add_graphs (void)
{
  hostile_add_rows ("graphs", rows, G_N_ELEMENTS (rows));
}
