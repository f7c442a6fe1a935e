/* Fuzz target: what a client of the WebSocket server says, as text: messages, and the names in its handshake.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The first byte says which of the two. A message opens or there is an error; what is made of it is within the server's
 * limits; and its genome is cut out where a parser of the whole finds it.
 */
#include "input.h"
#include "pipelines/websocket/envelope.h"
#include "pipelines/websocket/message.h"
#include "pipelines/websocket/origin.h"
#include "pipelines/websocket/request.h"

#include <gst/gst.h>
#include <string.h>

static Settings settings = {
  .ahead = 2, .max_duration = 60, .max_genome_bytes = 4096, .max_memory = 128
};
static char *folder;
static Library *library;

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_autoptr (GError) error = NULL;

  folder = g_build_filename (g_getenv ("KROMO_TEST_DATA"), "gst", NULL);
  library = library_new_folder (folder, &error);
  g_assert_no_error (error);
  return 0;
}

/* What the server says is JSON, and has the request's id. */
static void
check_answer (char *text, JsonNode *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = json_from_string (text, &error);
  JsonNode *answered;

  g_assert_no_error (error);
  answered = json_object_get_member (json_node_get_object (root), "requestId");
  g_assert_nonnull (answered);
  if (id == NULL)
    g_assert_true (JSON_NODE_HOLDS_NULL (answered));
  else if (json_node_get_value_type (id)
      == G_TYPE_STRING) /* unless half a surrogate pair is in it */
    g_assert_cmpint (json_node_get_value_type (answered), ==, G_TYPE_STRING);
  else
    g_assert_cmpfloat (json_node_get_double (answered), ==, json_node_get_double (id));
  g_free (text);
}

static void
check_request (const Request *request, const char *genome)
{
  const PlayerSound *sound = &request->sound;
  const guint64 samples[] = { 0, 1, 48000 };

  g_assert_true ((sound->genome != NULL) == (genome != NULL));
  g_assert_true ((sound->location != NULL) == (genome == NULL) && sound->genome_id == NULL);
  if (genome != NULL) {
    g_assert_cmpuint (strlen (genome), <=, (gsize) settings.max_genome_bytes);
  } else {
    g_autofree char *of = g_path_get_dirname (sound->location);

    g_assert_cmpstr (of, ==, folder);
  }
  g_assert_true (sound->duration <= settings.max_duration * GST_SECOND);
  g_assert_true (sound->note_delta >= -128 && sound->note_delta <= 128);
  g_assert_true (sound->velocity >= 0 && sound->velocity <= 1);
  g_assert_true (request->ahead > 0 && request->ahead <= settings.ahead);
  g_assert_true (sound->max_chunk >= 40 * GST_MSECOND && sound->max_chunk <= 500 * GST_MSECOND);
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++) {
    check_answer (message_chunk (request->id, i, (double) i, samples[i], NULL), request->id);
    check_answer (message_batch_result (request->id, samples[i], NULL), request->id);
    check_answer (message_complete (request->id, i, samples[i]), request->id);
  }
}

/* json-glib also takes comments, which hide brackets and quotes. */
static void
check_cut (const char *text, gsize size, JsonObject *message, const char *genome)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (JsonNode) alone = NULL;
  g_autoptr (JsonObject) rest = NULL;

  if (genome == NULL || memchr (text, '/', size) != NULL || strlen (genome) > 1000)
    return;
  alone = json_from_string (genome, NULL);
  if (alone == NULL || !json_parser_load_from_data (parser, text, (gssize) size, NULL))
    return;
  rest = json_object_ref (json_node_get_object (json_parser_get_root (parser)));
  g_assert_true (json_node_equal (json_object_get_member (rest, "genome"), alone));
  json_object_set_null_member (rest, "genome");
  g_assert_true (json_object_equal (rest, message));
}

static void
read_message (const char *text, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) id = NULL;
  g_autoptr (JsonObject) message = NULL;
  char *genome = NULL;
  Request *request;
  gboolean ok;

  message = envelope_open (text, size, &genome, &error);
  g_assert_true ((message == NULL) == (error != NULL));
  if (message != NULL) {
    check_cut (text, size, message, genome);
    ok = request_read_id (message, &id, &error);
    g_assert_true (ok == (error == NULL));
    if (ok) {
      g_autofree char *copy = g_strdup (genome);

      request = request_new (&settings, library, message, g_steal_pointer (&genome), &error);
      g_assert_true ((request == NULL) == (error != NULL));
      if (request != NULL) {
        check_request (request, copy);
        request_free (request);
      }
    }
  }
  g_assert_true (message != NULL || genome == NULL);
  g_free (genome);
  if (error != NULL)
    check_answer (message_error (id, error->message), id);
}

/* Lines: the host, the origin, and the origins that may connect. */
static void
read_names (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 6);
  const guint n = g_strv_length (lines);
  const char *host = n > 0 ? lines[0] : NULL, *origin = n > 1 ? lines[1] : NULL;
  char **origins = n > 2 ? lines + 2 : NULL;
  const gboolean is_known = origin_is_known_host (host, origins);

  if (!is_known)
    return;
  if (!origin_is_allowed (origin, host, origins))
    g_assert_true (
        origin != NULL && (origins == NULL || !g_strv_contains ((void *) origins, origin)));
  /* What is known without a list is known with any. */
  if (origin_is_known_host (host, NULL))
    g_assert_true (origin_is_known_host (host, (char *[]){ (char *) "https://a", NULL }));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  const gboolean names = fuzz_choose (&input, 8) == 7;
  g_autofree char *text = g_strndup ((const char *) input.data, input.size);

  if (names)
    read_names (text);
  else
    read_message ((const char *) input.data, input.size);
  return 0;
}
