/* Documents for the tests of the genome room. In all texts ' stands for ", for legibility.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>
#include <string.h>

#include "genome/genome.h"

#define CPPN                                                                                       \
  "{'nodes':[{'gid':'b','nodeType':'Bias','activationFunction':'NullFn'},"                         \
  "{'gid':'i0','nodeType':'Input'},{'gid':'i1','nodeType':'Input'},"                               \
  "{'gid':'o0','nodeType':'Output','activationFunction':'Sine'},"                                  \
  "{'gid':'o1','nodeType':'Output','activationFunction':'cos'},"                                   \
  "{'gid':7,'nodeType':'Hidden','activationFunction':'Gaussian'}],"                                \
  "'connections':[{'sourceID':'b','targetID':'o0','weight':0.5},"                                  \
  "{'sourceID':'i0','targetID':'7','weight':-2},"                                                  \
  "{'sourceID':7,'targetID':'o0','weight':1}],'inputNodeCount':2,'outputNodeCount':2}"
#define WAVE "'waveNetwork':{'offspring':" CPPN "}"

#define OUT "{'name':'OutNode','id':0}"
#define GAIN(id) "{'name':'GainNode','id':'" id "','gain':0.5}"
#define BUFFER(id) "{'name':'AudioBufferSourceNode','id':'" id "'}"
#define OUTPUT(id, type)                                                                           \
  "{'name':'NetworkOutputNode','id':'" id "','type':" type ",'frequency':3.5}"
#define CONNECT(from, to, rest) "{'sourceNode':" from ",'targetNode':" to rest "}"

#define ASNEAT(nodes, connections) "{'nodes':[" nodes "],'connections':[" connections "]}"
#define ASNEAT_DOCUMENT(nodes, connections)                                                        \
  "{" WAVE ",'asNEATPatch':" ASNEAT (nodes, connections) "}"
#define PLAIN_DOCUMENT(graph, outputs)                                                             \
  "{" WAVE ",'patch':{'audioGraph':{" graph "},'networkOutputs':[" outputs "]}}"

#define SMALL_PATCH                                                                                \
  ASNEAT (OUTPUT ("n", "'1'") "," BUFFER ("b") "," GAIN ("g") "," OUT,                             \
      CONNECT ("'n'", "'b'", ",'targetParameter':'buffer','weight':0.25") "," CONNECT (            \
          "'b'", "'g'", ",'weight':0.75") "," CONNECT ("'g'", "0", ""))
#define SMALL "{" WAVE ",'asNEATPatch':" SMALL_PATCH "}"

static inline char *
json (const char *text)
{
  return g_strdelimit (g_strdup (text), "'", '"');
}

/* @text as a JSON string */
static inline char *
encode (const char *text)
{
  GString *encoded = g_string_new ("\"");

  for (; *text; text++) {
    if (*text == '"' || *text == '\\')
      g_string_append_c (encoded, '\\');
    g_string_append_c (encoded, *text);
  }
  g_string_append_c (encoded, '"');
  return g_string_free (encoded, FALSE);
}

/* All of a stream. */
static inline GBytes *
read_all (GInputStream *stream)
{
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();

  g_output_stream_splice (memory, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static inline GBytes *
gzip (gconstpointer data, gsize size)
{
  g_autoptr (GConverter) compressor =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  g_autoptr (GInputStream) plain = g_memory_input_stream_new_from_data (data, (gssize) size, NULL);
  g_autoptr (GInputStream) stream = g_converter_input_stream_new (plain, compressor);

  return read_all (stream);
}

static inline KromoGenome *
load_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  KromoGenome *genome = kromo_genome_new_from_data (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (genome);
  return genome;
}

static inline KromoGenome *
load_quoted (const char *text)
{
  g_autofree char *document = json (text);

  return load_text (document);
}

static inline KromoRenderer *
renderer_of (KromoGenome *genome, const KromoNote *note, const KromoFormat *format)
{
  g_autoptr (GError) error = NULL;
  KromoRenderer *renderer = kromo_renderer_new (genome, note, format, &error);

  g_assert_no_error (error);
  return renderer;
}

/* Fails with that code and with @part in its message. */
static inline void
assert_fails_bytes (const void *data, gsize size, KromoError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome = kromo_genome_new_from_data (data, size, &error);

  g_assert_null (genome);
  g_test_message ("%s", error->message);
  if (error->code != (gint) code || strstr (error->message, part) == NULL)
    g_error ("expected code %d and \"%s\", got code %d and \"%s\"", code, part, error->code,
        error->message);
  g_assert_true (error->domain == KROMO_ERROR);
}

static inline void
assert_fails (const char *text, KromoError code, const char *part)
{
  g_autofree char *document = json (text);

  assert_fails_bytes (document, strlen (document), code, part);
}
