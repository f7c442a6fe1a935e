/* Fuzz target: a client of the WebSocket server, from the end of the handshake to the last thread of its sound.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each byte or two is an act: a message made of what the protocol knows, a frame of any kind, any bytes, reading or not
 * reading, a second that passes, an end. What the server says is checked (answers.c). The two are the ends of a pair of
 * sockets; the seconds of the server's timer are acts too: on_tick() is called from here.
 */
#include "answers.h"
#include "input.h"
#include "pipelines/websocket/client.h"

#include <gst/gst.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_ACTS 24
#define MAX_DURATION 0.3
#define PATIENCE (20 * G_USEC_PER_SEC)

typedef struct {
  FuzzInput *input;
  Settings settings;
  Client *client; /* NULL: gone */
  int fd;         /* the client's end, -1: closed */
  gboolean reads;
  GByteArray *out, *in;
  Answers answers;
  guint n_batches;
} Play;

static Library *library;
static GUri *uri;
static char *genome;

/* The client's timer of a second. */
static guint tick_id;
static GSourceFunc tick;
static gpointer tick_data;

/* In the place of g_timeout_add_seconds(), by its name (meson.build). */
guint
fuzz_add_tick (guint interval, GSourceFunc func, gpointer data)
{
  g_autoptr (GSource) source = g_timeout_source_new_seconds (interval);

  tick = func;
  tick_data = data;
  g_source_set_callback (source, func, data, NULL);
  tick_id = g_source_attach (source, NULL);
  return tick_id;
}

static void
pass_second (void)
{
  GSource *source = g_main_context_find_source_by_id (NULL, tick_id);

  if (source != NULL && tick (tick_data) == G_SOURCE_REMOVE)
    g_source_destroy (source);
}

/* ---- what is around a client ---- */

static gboolean
take_batch (gpointer user_data)
{
  Play *play = user_data;

  if (play->n_batches == 1)
    return FALSE;
  play->n_batches++;
  return TRUE;
}

static void
return_batch (gpointer user_data)
{
  Play *play = user_data;

  g_assert_cmpuint (play->n_batches, ==, 1);
  play->n_batches--;
  if (play->client != NULL)
    client_poke (play->client);
}

static void
on_gone (Client *client, gpointer user_data)
{
  Play *play = user_data;

  g_assert_true (client == play->client);
  play->client = NULL;
  client_free (client);
}

static void
open_client (Play *play)
{
  const ClientHost host = { &play->settings, library, take_batch, return_batch, on_gone, play };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = NULL;
  int ends[2];

  g_assert_cmpint (
      socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), ==, 0);
  /* One chunk fills it, so that what it is to be full comes about. */
  setsockopt (ends[0], SOL_SOCKET, SO_SNDBUF, (int[]){ 4096 }, sizeof (int));
  socket = g_socket_new_from_fd (ends[0], &error);
  g_assert_no_error (error);
  play->fd = ends[1];
  play->client = client_new (
      &host, G_IO_STREAM (g_socket_connection_factory_create_connection (socket)), uri, NULL);
}

/* ---- the wire ---- */

static void
shut (Play *play)
{
  if (play->fd >= 0)
    close (play->fd);
  play->fd = -1;
}

static void
flush (Play *play)
{
  gssize n;

  if (play->fd < 0 || play->out->len == 0)
    return;
  n = send (play->fd, play->out->data, play->out->len, MSG_NOSIGNAL);
  if (n > 0)
    g_byte_array_remove_range (play->out, 0, (guint) n);
}

static void
take_frames (Play *play)
{
  gsize done = 0, n;
  WireFrame frame;

  while ((n = wire_read (play->in->data + done, play->in->len - done, &frame)) > 0) {
    answers_take (&play->answers, &frame);
    done += n;
  }
  g_byte_array_remove_range (play->in, 0, (guint) done);
}

static gboolean
read_some (Play *play)
{
  guint8 block[8192];
  gssize n;

  if (play->fd < 0 || !play->reads)
    return FALSE;
  n = recv (play->fd, block, sizeof block, 0);
  if (n <= 0)
    return FALSE;
  g_byte_array_append (play->in, block, (guint) n);
  take_frames (play);
  return TRUE;
}

/* Until nothing is to be done, or for so long. */
static void
run (Play *play, gint64 time)
{
  const gint64 end = g_get_monotonic_time () + time;
  gboolean busy;

  do {
    flush (play);
    busy = g_main_context_iteration (NULL, FALSE);
    busy |= read_some (play);
    if (!busy && time > 0)
      g_usleep (100);
  } while (busy || g_get_monotonic_time () < end);
}

/* ---- messages ---- */

static void
append_member (Play *play, GString *text)
{
  static const char *const names[] = { "requestId", "genomeId", "duration", "noteDelta", "velocity",
    "ahead", "format", "batch", "position", "type", "genome" };
  static const char *const values[] = { "1", "\"tone\"", "0.1", "0", "null", "true", "\"json\"",
    "\"binary\"", "false", "-1e9", "1e999", "0.05", "{}", "[[[]]]", "\"\\ud800\"", "\"no-patch\"",
    "-12.5", "\"\"", "0.3" };
  const guint name = fuzz_choose (play->input, G_N_ELEMENTS (names));
  const guint value = fuzz_choose (play->input, G_N_ELEMENTS (values) + 1);

  g_string_append_printf (
      text, ",\"%s\":%s", names[name], value < G_N_ELEMENTS (values) ? values[value] : genome);
}

static void
send_text (Play *play, const char *text)
{
  wire_append (play->out, WIRE_FIN | WIRE_TEXT, text, strlen (text));
}

static void
send_render (Play *play)
{
  const guint how = fuzz_choose (play->input, 16);
  g_autoptr (GString) text = g_string_new ("{\"type\":\"render\"");

  g_string_append_printf (text, ",\"requestId\":%u,\"duration\":%g,\"ahead\":%g", how,
      how & 1 ? MAX_DURATION : 0.02, how & 2 ? 0.05 : 0.2);
  if (how & 4)
    g_string_append (text, ",\"batch\":true");
  if (how & 8)
    g_string_append (text, ",\"format\":\"json\"");
  if (fuzz_choose (play->input, 2) == 0)
    g_string_append (text, ",\"genomeId\":\"tone\"");
  else
    g_string_append_printf (text, ",\"genome\":%s", genome);
  for (guint n = fuzz_choose (play->input, 3); n > 0; n--)
    append_member (play, text);
  g_string_append_c (text, '}');
  send_text (play, text->str);
}

static void
send_message (Play *play)
{
  static const char *const types[] = { "change", "stop", "playback-position", "render", "welcome",
    "" };
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (
      text, "{\"type\":\"%s\"", types[fuzz_choose (play->input, G_N_ELEMENTS (types))]);
  for (guint n = fuzz_choose (play->input, 4); n > 0; n--)
    append_member (play, text);
  g_string_append_c (text, '}');
  /* append_member() may have told a position, the sound's length at most. */
  play->answers.latest = MAX_DURATION;
  send_text (play, text->str);
}

static void
send_position (Play *play)
{
  const double position = fuzz_choose (play->input, 256) / 255.0 * MAX_DURATION;
  g_autofree char *text =
      g_strdup_printf ("{\"type\":\"playback-position\",\"position\":%.17g}", position);

  play->answers.latest = MAX (play->answers.latest, position);
  send_text (play, text);
}

/* So many as the next byte says, whatever is in them. */
static const guint8 *
take_bytes (Play *play, gsize *n)
{
  const gsize wanted = fuzz_take (play->input, 1);
  const guint8 *bytes = play->input->data;

  *n = MIN (wanted, play->input->size);
  play->input->data += *n;
  play->input->size -= *n;
  play->answers.latest = MAX_DURATION;
  return bytes;
}

static void
send_bytes (Play *play, guint8 first)
{
  gsize n;
  const guint8 *bytes = take_bytes (play, &n);

  wire_append (play->out, first, bytes, n);
}

static void
send_raw (Play *play)
{
  gsize n;
  const guint8 *bytes = take_bytes (play, &n);

  g_byte_array_append (play->out, bytes, (guint) n);
}

/* More than a message may have, in frames of which each is allowed. */
static void
send_long (Play *play)
{
  g_autofree char *text = g_strnfill (3000, ' ');
  const guint n = fuzz_choose (play->input, 16);

  wire_append (play->out, WIRE_TEXT, text, 3000);
  for (guint i = 0; i < n; i++)
    wire_append (play->out, WIRE_CONTINUATION, text, 3000);
  wire_append (play->out, WIRE_FIN | WIRE_CONTINUATION, "{}", 2);
}

/* ---- all of it ---- */

static void
act (Play *play)
{
  FuzzInput *input = play->input;

  switch (fuzz_choose (input, 16)) {
  case 0:
  case 1:
  case 2:
    send_render (play);
    break;
  case 3:
  case 4:
    send_message (play);
    break;
  case 5:
    send_position (play);
    break;
  case 6:
    send_bytes (play, WIRE_FIN | WIRE_TEXT);
    break;
  case 7:
    send_bytes (play, (guint8) fuzz_take (input, 1));
    break;
  case 8:
    send_raw (play);
    break;
  case 9:
    send_long (play);
    break;
  case 10:
    pass_second ();
    break;
  case 11:
    run (play, 0);
    break;
  case 12:
  case 13:
    run (play, 5000);
    break;
  case 14:
    play->reads = !play->reads;
    break;
  default:
    switch (fuzz_choose (input, 4)) {
    case 0:
      client_close (play->client, 1001, "The server is shutting down");
      break;
    case 1:
      client_refuse (play->client, "All places are taken");
      break;
    case 2:
      shutdown (play->fd, SHUT_WR);
      break;
    default:
      shut (play);
    }
  }
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_autofree char *folder = g_build_filename (g_getenv ("KROMO_TEST_DATA"), "gst", NULL);
  g_autofree char *tone = g_build_filename (folder, "tone.json", NULL);
  g_autoptr (GError) error = NULL;

  gst_init (argc, argv);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR | G_LOG_LEVEL_WARNING);
  library = library_new_folder (folder, &error);
  g_assert_no_error (error);
  uri = g_uri_parse ("http://localhost/", G_URI_FLAGS_NONE, NULL);
  g_file_get_contents (tone, &genome, NULL, &error);
  g_assert_no_error (error);
  return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size };
  Play play = { .input = &input, .reads = TRUE, .fd = -1 };
  const guint how = fuzz_choose (&input, 16);
  gint64 end;

  play.settings = (Settings){ .ahead = 0.1,
    .max_duration = MAX_DURATION,
    .max_genome_bytes = 16384,
    .max_memory = 16,
    .rate = how & 1 ? 1e9 : 500,
    .timeout = how & 14 ? 30 : 0.001 };
  answers_init (&play.answers, play.settings.ahead, MAX_DURATION);
  play.out = g_byte_array_new ();
  play.in = g_byte_array_new ();
  open_client (&play);
  for (guint i = 0; i < MAX_ACTS && input.size > 0 && play.client != NULL; i++) {
    act (&play);
    flush (&play);
    g_main_context_iteration (NULL, FALSE);
  }

  shut (&play);
  end = g_get_monotonic_time () + PATIENCE;
  while (play.client != NULL && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (play.client);
  g_assert_cmpuint (play.n_batches, ==, 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_byte_array_unref (play.out);
  g_byte_array_unref (play.in);
  return 0;
}
