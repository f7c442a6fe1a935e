/* Serves a sound by WebRTC: a page for browsers, and offers and answers over HTTP as WHEP has them
 *
 * A listener posts an offer to /listen and gets the answer, with all candidates in it, and the address of its
 * connection, which DELETE ends. GET / is a page that does so.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib-unix.h>
#include <libsoup/soup.h>
#include <locale.h>
#include <stdio.h>

#include "listener.h"
#include "webrtc-resources.h"

#define MAX_OFFER 65536 /* bytes */

typedef struct {
  SoundOptions sound;
  char *address, *note_delta;
  char **arguments;
  int port, bitrate, max_listeners;
  gboolean once;
} Options;

typedef struct {
  const Options *options;
  ListenerSettings settings;
  GMainLoop *loop;
  SoupServer *server;
  GPtrArray *connections; /* of Connection * */
  guint n_served;
} App;

typedef struct {
  App *app;
  guint id;
  Listener *listener;
  SoupServerMessage *message; /* until it is answered */
} Connection;

static void
connection_free (Connection *connection)
{
  if (connection->listener)
    listener_free (connection->listener);
  g_clear_object (&connection->message);
  g_free (connection);
}

static void
respond (SoupServerMessage *message, guint status, const char *text)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (
      message, "text/plain; charset=utf-8", SOUP_MEMORY_COPY, text, strlen (text));
}

static void
on_answered (Listener *listener, const char *sdp, const char *reason, gpointer data)
{
  Connection *connection = data;
  SoupServerMessage *message = g_steal_pointer (&connection->message);
  g_autofree char *location = g_strdup_printf ("/listen/%u", connection->id);

  if (sdp) {
    soup_server_message_set_status (message, SOUP_STATUS_CREATED, NULL);
    soup_message_headers_append (
        soup_server_message_get_response_headers (message), "Location", location);
    soup_server_message_set_response (
        message, "application/sdp", SOUP_MEMORY_COPY, sdp, strlen (sdp));
    g_print ("listener %u has an answer\n", connection->id);
  } else {
    respond (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, reason);
  }
  soup_server_message_unpause (message);
  g_object_unref (message);
}

static void
on_ended (Listener *listener, const char *reason, gpointer data)
{
  Connection *connection = data;
  App *app = connection->app;

  g_print ("listener %u %s\n", connection->id, reason);
  g_ptr_array_remove_fast (app->connections, connection);
  if (app->options->once)
    g_main_loop_quit (app->loop);
}

static void
on_offer (App *app, SoupServerMessage *message)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autofree char *offer = g_strndup (body->data ? body->data : "", body->length);
  g_autoptr (GError) error = NULL;
  Connection *connection;

  if (app->connections->len >= (guint) app->options->max_listeners) {
    respond (message, SOUP_STATUS_SERVICE_UNAVAILABLE, "as many listen as may; try again later");
    return;
  }
  connection = g_new0 (Connection, 1);
  connection->app = app;
  connection->id = ++app->n_served;
  connection->message = g_object_ref (message);
  g_ptr_array_add (app->connections, connection);
  connection->listener =
      listener_new (&app->settings, offer, on_answered, on_ended, connection, &error);
  if (connection->listener) {
    soup_server_message_pause (message);
  } else {
    g_print ("listener %u: %s\n", connection->id, error->message);
    respond (message, SOUP_STATUS_BAD_REQUEST, error->message);
    g_ptr_array_remove_fast (app->connections, connection);
  }
}

static void
on_leave (App *app, SoupServerMessage *message, const char *path)
{
  guint64 id;

  if (g_ascii_string_to_unsigned (path, 10, 1, G_MAXUINT, &id, NULL))
    for (guint i = 0; i < app->connections->len; i++) {
      Connection *connection = app->connections->pdata[i];

      if (connection->id == id && !connection->message) {
        respond (message, SOUP_STATUS_OK, "");
        on_ended (connection->listener, "left", connection);
        return;
      }
    }
  respond (message, SOUP_STATUS_NOT_FOUND, "no such listener");
}

/* A body that is too long is not read to its end. */
static void
on_got_headers (SoupServerMessage *message, gpointer data)
{
  goffset length =
      soup_message_headers_get_content_length (soup_server_message_get_request_headers (message));

  if (length > MAX_OFFER
      || soup_message_headers_get_encoding (soup_server_message_get_request_headers (message))
          == SOUP_ENCODING_CHUNKED)
    respond (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "an offer has at most 64 KiB");
}

static void
on_request_started (SoupServer *server, SoupServerMessage *message, gpointer data)
{
  g_signal_connect (message, "got-headers", G_CALLBACK (on_got_headers), NULL);
}

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer data)
{
  App *app = data;
  const char *method = soup_server_message_get_method (message);

  /* A connection that was kept would stay open when its answer came late and the other end has closed it. */
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Connection", "close");
  if (g_str_equal (path, "/") && g_str_equal (method, "GET")) {
    g_autoptr (GBytes) page =
        g_resources_lookup_data ("/kromo/webrtc/index.html", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

    soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
    soup_server_message_set_response (message, "text/html; charset=utf-8", SOUP_MEMORY_COPY,
        g_bytes_get_data (page, NULL), g_bytes_get_size (page));
  } else if (g_str_equal (path, "/listen") && g_str_equal (method, "POST")) {
    on_offer (app, message);
  } else if (g_str_has_prefix (path, "/listen/") && g_str_equal (method, "DELETE")) {
    on_leave (app, message, path + strlen ("/listen/"));
  } else {
    respond (message, SOUP_STATUS_NOT_FOUND, "not here");
  }
}

static gboolean
on_interrupt (gpointer data)
{
  g_main_loop_quit (data);

  return G_SOURCE_CONTINUE;
}

static gboolean
listen_on (App *app, GError **error)
{
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string (app->options->address, app->options->port);
  GSList *uris;

  if (!address) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--address: \"%s\" is not a numeric address", app->options->address);
    return FALSE;
  }
  if (!soup_server_listen (app->server, address, 0, error)) {
    g_prefix_error (
        error, "Cannot listen on %s port %d: ", app->options->address, app->options->port);
    return FALSE;
  }
  uris = soup_server_get_uris (app->server);
  for (GSList *item = uris; item; item = item->next) {
    g_autofree char *text = g_uri_to_string (item->data);

    g_print ("%s\n", text);
  }
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  return TRUE;
}

static gboolean
parse (Options *o, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "address", 'a', 0, G_OPTION_ARG_STRING, &o->address,
        "Where to listen; sound goes over that interface alone, unless it is 0.0.0.0 (127.0.0.1)",
        "ADDRESS" },
    { "port", 'p', 0, G_OPTION_ARG_INT, &o->port, "0 to 65535; 0: any that is free (8080)",
        "PORT" },
    { "note-delta", 'n', 0, G_OPTION_ARG_STRING, &o->note_delta, "Transposition (0)", "SEMITONES" },
    { "bitrate", 'b', 0, G_OPTION_ARG_INT, &o->bitrate,
        "Of Opus, bits a second, 6000 to 256000 (96000)", "BITS" },
    { "listeners", 'l', 0, G_OPTION_ARG_INT, &o->max_listeners, "At most so many, 1 to 1000 (16)",
        "N" },
    { "once", 0, 0, G_OPTION_ARG_NONE, &o->once, "End when a listener has left", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->arguments, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("[GENOME]");
  const char *wrong = NULL;

  g_option_context_set_summary (context,
      "Serves a sound by WebRTC, to browsers and others. GENOME is a genome file (the built-in "
      "one).");
  g_option_context_set_main_group (context, sound_options_get_group (&o->sound));
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, argv, error)
      || (o->note_delta
          && !sound_options_set (&o->sound, "--note-delta", "note-delta", o->note_delta, error)))
    return FALSE;

  if (o->arguments && o->arguments[1])
    wrong = "only one genome at a time";
  else if (o->arguments && !g_file_test (o->arguments[0], G_FILE_TEST_IS_REGULAR))
    wrong = "no such genome file";
  else if (o->port < 0 || o->port > 65535)
    wrong = "--port is from 0 to 65535";
  else if (o->bitrate < 6000 || o->bitrate > 256000)
    wrong = "--bitrate is from 6000 to 256000";
  else if (o->max_listeners < 1 || o->max_listeners > 1000)
    wrong = "--listeners is from 1 to 1000";
  else if (o->sound.channels > 2 || (o->sound.rate && o->sound.rate != 48000))
    wrong = "Opus has one or two channels, and 48000 Hz here";
  if (wrong)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s%s%s", wrong,
        o->arguments ? ": " : "", o->arguments ? o->arguments[0] : "");
  o->bitrate -= o->bitrate % 400; /* whole bytes in 20 ms */

  return !wrong;
}

/* What cannot be played is better known now than when somebody listens. */
static gboolean
can_play (const ListenerSettings *settings, GError **error)
{
  GstElement *pipeline = gst_parse_launch ("kromosrc name=source ! fakesink", error);
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstBus) bus = NULL;

  if (!pipeline)
    return FALSE;
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  if (settings->genome)
    g_object_set (source, "location", settings->genome, NULL);
  sound_options_apply (settings->sound, source);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  bus = gst_element_get_bus (pipeline);
  message = gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, error, NULL);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);

  return GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR;
}

static gboolean
serve (Options *options, GError **error)
{
  App app = { .options = options };
  gboolean good;

  app.settings = (ListenerSettings){
    .sound = &options->sound,
    .genome = options->arguments ? options->arguments[0] : NULL,
    .address = g_str_equal (options->address, "0.0.0.0") ? NULL : options->address,
    .bitrate = options->bitrate,
  };
  if (!can_play (&app.settings, error))
    return FALSE;
  app.loop = g_main_loop_new (NULL, FALSE);
  app.connections = g_ptr_array_new_with_free_func ((GDestroyNotify) connection_free);
  app.server = soup_server_new ("server-header", "kromo ", NULL);
  soup_server_add_handler (app.server, NULL, on_request, &app, NULL);
  g_signal_connect (app.server, "request-started", G_CALLBACK (on_request_started), NULL);
  g_unix_signal_add (SIGINT, on_interrupt, app.loop);
  g_unix_signal_add (SIGTERM, on_interrupt, app.loop);

  good = listen_on (&app, error);
  if (good)
    g_main_loop_run (app.loop);
  g_ptr_array_unref (app.connections);
  soup_server_disconnect (app.server);
  g_object_unref (app.server);
  g_main_loop_unref (app.loop);

  return good;
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) arguments = separate_numbers (argv);
  g_autoptr (GError) error = NULL;
  Options options = { .port = 8080, .bitrate = 96000, .max_listeners = 16 };

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  setvbuf (stdout, NULL, _IOLBF, 0);
  gst_init (NULL, NULL);
  sound_options_init (&options.sound);
  options.address = g_strdup ("127.0.0.1");
  if (have_kromosrc (&error) && parse (&options, &arguments, &error))
    serve (&options, &error);
  if (error)
    g_printerr ("%s\n", error->message);
  sound_options_clear (&options.sound);
  g_free (options.address);
  g_free (options.note_delta);
  g_strfreev (options.arguments);

  return error != NULL;
}
