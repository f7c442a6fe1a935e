/* kromo-websocket: the page, the list of genomes, and the sockets
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All in the main thread. Connections are accepted here rather than by libsoup, to bound their number and
 * the time that a silent one is kept.
 */

#include "server.h"

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "client.h"
#include "message.h"
#include "origin.h"

/* Connections besides those of the clients, each for the page or on its way. */
#define MAX_OTHER_CONNECTIONS 64
#define HTTP_TIMEOUT 20 /* seconds */

/* A batch is in memory as a whole, twice while it is sent. */
#define MAX_BATCHES 4

#define PAGE "/kromo/websocket/"

struct _Server {
  const Settings *settings;
  Library *library;
  SoupServer *soup;
  GSocketService *service;
  guint16 port;
  GHashTable *connections; /* GSocketConnection, not owned */
  GPtrArray *clients;
  guint n_batches;
  guint trim; /* what clients left behind goes back to the system a little later */
  void (*closed) (gpointer user_data);
  gpointer user_data;
};

static const struct {
  const char *path, *resource, *type;
} files[] = {
  { "/", PAGE "index.html", "text/html; charset=utf-8" },
  { "/style.css", PAGE "style.css", "text/css; charset=utf-8" },
  { "/page.js", PAGE "page.js", "text/javascript; charset=utf-8" },
  { "/stream.js", PAGE "stream.js", "text/javascript; charset=utf-8" },
  { "/scope.js", PAGE "scope.js", "text/javascript; charset=utf-8" },
  { "/ring.js", PAGE "ring.js", "text/javascript; charset=utf-8" },
  { "/icon.svg", PAGE "icon.svg", "image/svg+xml" },
};

/* ---- clients ---- */

static gboolean
take_batch (gpointer user_data)
{
  Server *self = user_data;

  if (self->n_batches == MAX_BATCHES)
    return FALSE;
  self->n_batches++;

  return TRUE;
}

static void
return_batch (gpointer user_data)
{
  Server *self = user_data;

  self->n_batches--;
  for (guint i = 0; i < self->clients->len; i++)
    client_poke (self->clients->pdata[i]);
}

static void
check_closed (Server *self)
{
  if (self->closed && self->clients->len == 0)
    self->closed (self->user_data);
}

static gboolean
on_trim (gpointer user_data)
{
  Server *self = user_data;

  self->trim = 0;
#ifdef __GLIBC__
  malloc_trim (0);
#endif

  return G_SOURCE_REMOVE;
}

static void
on_client_gone (Client *client, gpointer user_data)
{
  Server *self = user_data;

  g_ptr_array_remove (self->clients, client);
  client_free (client);
  if (!self->trim)
    self->trim = g_timeout_add_seconds (1, on_trim, self);
  check_closed (self);
}

static guint
count_places (Server *self)
{
  guint n = 0;

  for (guint i = 0; i < self->clients->len; i++)
    n += client_has_place (self->clients->pdata[i]);

  return n;
}

static void
on_upgraded (SoupServerMessage *message, gpointer user_data)
{
  Server *self = user_data;
  ClientHost host = { self->settings, self->library, take_batch, return_batch, on_client_gone,
    self };
  const char *origin =
      soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Origin");
  g_autoptr (GIOStream) connection = NULL;
  GUri *uri = soup_server_message_get_uri (message);
  gboolean is_full = count_places (self) >= (guint) self->settings->max_clients;
  GIOStream *stream;
  Client *client;

  g_object_ref (message);
  stream = soup_server_message_steal_connection (message);
  /* libsoup's stream is around what was accepted. */
  g_object_get (stream, "base-iostream", &connection, NULL);
  g_socket_set_timeout (g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection)), 0);
  client = client_new (&host, stream, uri, origin);
  g_object_unref (message);
  g_ptr_array_add (self->clients, client);

  if (is_full) {
    g_autofree char *reason =
        g_strdup_printf ("All %d places are taken; try again later", self->settings->max_clients);

    client_refuse (client, reason);
  }
}

/* ---- HTTP ---- */

static void
answer (SoupServerMessage *message, guint status, const char *type, GBytes *bytes)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_message_headers_replace (headers, "Content-Type", type);
  soup_message_headers_replace (headers, "Cache-Control", "no-cache");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace (headers, "Content-Security-Policy",
      "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; frame-ancestors 'none'; "
      "form-action 'none'");
  soup_message_body_append_bytes (soup_server_message_get_response_body (message), bytes);
  soup_server_message_set_status (message, status, NULL);
}

static void
answer_text (SoupServerMessage *message, guint status, const char *text)
{
  g_autofree char *line = g_strconcat (text, "\n", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (line, strlen (line));

  answer (message, status, "text/plain; charset=utf-8", bytes);
}

static void
answer_genomes (Server *self, SoupServerMessage *message)
{
  g_auto (GStrv) ids = library_get_ids (self->library);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *text;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "maxDuration");
  json_builder_add_double_value (builder, self->settings->max_duration);
  json_builder_set_member_name (builder, "ahead");
  json_builder_add_double_value (builder, self->settings->ahead);
  json_builder_set_member_name (builder, "genomes");
  json_builder_begin_array (builder);
  for (char **id = ids; *id; id++)
    json_builder_add_string_value (builder, *id);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  bytes = g_bytes_new_take (text, strlen (text));
  answer (message, SOUP_STATUS_OK, "application/json", bytes);
}

static void
allow_origin (SoupServerMessage *message, const char *origin)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  if (!origin)
    return;
  soup_message_headers_replace (headers, "Access-Control-Allow-Origin", origin);
  soup_message_headers_replace (headers, "Vary", "Origin");
}

static void
upgrade (Server *self, SoupServerMessage *message)
{
  if (soup_websocket_server_process_handshake (message, NULL, NULL, NULL, NULL))
    g_signal_connect (message, "wrote-informational", G_CALLBACK (on_upgraded), self);
}

static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer user_data)
{
  Server *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *host = soup_message_headers_get_one (headers, "Host");
  const char *origin = soup_message_headers_get_one (headers, "Origin");
  const char *method = soup_server_message_get_method (message);

  if (!origin_is_known_host (host, self->settings->origins)
      || !origin_is_allowed (origin, host, self->settings->origins)) {
    answer_text (message, SOUP_STATUS_FORBIDDEN,
        "This server does not know that name or that origin; its option --origin allows it.");
    return;
  }
  if (!g_str_equal (method, "GET") && !g_str_equal (method, "HEAD")) {
    answer_text (message, SOUP_STATUS_METHOD_NOT_ALLOWED, "Only GET is answered here.");
    return;
  }
  allow_origin (message, origin);
  if (g_str_equal (path, "/") && soup_message_headers_get_one (headers, "Upgrade")) {
    upgrade (self, message);
    return;
  }
  if (g_str_equal (path, "/genomes")) {
    answer_genomes (self, message);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    if (g_str_equal (path, files[i].path)) {
      g_autoptr (GBytes) bytes = g_resources_lookup_data (files[i].resource, 0, NULL);

      answer (message, SOUP_STATUS_OK, files[i].type, bytes);
      return;
    }
  }
  answer_text (message, SOUP_STATUS_NOT_FOUND, "There is nothing at this address.");
}

/* Nothing that is sent along with a request is kept. */
static void
on_request_started (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
}

/* ---- connections ---- */

static void
on_connection_finalized (gpointer user_data, GObject *connection)
{
  Server *self = user_data;

  g_hash_table_remove (self->connections, connection);
}

static gboolean
on_incoming (
    GSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  Server *self = user_data;
  g_autoptr (GSocketAddress) local = g_socket_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);

  if (g_hash_table_size (self->connections)
      >= (guint) self->settings->max_clients + MAX_OTHER_CONNECTIONS) {
    g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
    return TRUE;
  }
  g_hash_table_add (self->connections, connection);
  g_object_weak_ref (G_OBJECT (connection), on_connection_finalized, self);
  g_socket_set_timeout (g_socket_connection_get_socket (connection), HTTP_TIMEOUT);
  soup_server_accept_iostream (self->soup, G_IO_STREAM (connection), local, remote, NULL);

  return TRUE;
}

static gboolean
listen_on (Server *self, GError **error)
{
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string (self->settings->address, (guint) self->settings->port);
  g_autoptr (GSocketAddress) effective = NULL;

  if (!address) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "--address=%s is no IP address; 127.0.0.1 is this machine alone, 0.0.0.0 every network",
        self->settings->address);
    return FALSE;
  }
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address,
          G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &effective, error)) {
    g_prefix_error (error,
        "Cannot listen on %s port %d; --port=0 takes one that is free: ", self->settings->address,
        self->settings->port);
    return FALSE;
  }
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));

  return TRUE;
}

Server *
server_new (const Settings *settings, Library *library, GError **error)
{
  Server *self = g_new0 (Server, 1);

  self->settings = settings;
  self->library = library;
  self->clients = g_ptr_array_new ();
  self->connections = g_hash_table_new (NULL, NULL);
  self->service = g_socket_service_new ();
  self->soup = soup_server_new ("server-header", "kromo ", NULL);
  soup_server_add_handler (self->soup, NULL, on_request, self, NULL);
  g_signal_connect (self->soup, "request-started", G_CALLBACK (on_request_started), self);
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  if (!listen_on (self, error))
    g_clear_pointer (&self, server_free);

  return self;
}

char *
server_get_uri (Server *self)
{
  const char *address = self->settings->address;

  return strchr (address, ':') ? g_strdup_printf ("http://[%s]:%u/", address, self->port)
                               : g_strdup_printf ("http://%s:%u/", address, self->port);
}

void
server_close (Server *self, void (*closed) (gpointer user_data), gpointer user_data)
{
  self->closed = closed;
  self->user_data = user_data;
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  for (guint i = self->clients->len; i > 0; i--)
    client_close (self->clients->pdata[i - 1], SOUP_WEBSOCKET_CLOSE_GOING_AWAY,
        "The server is shutting down");
  check_closed (self);
}

void
server_free (Server *self)
{
  GHashTableIter iter;
  gpointer connection;

  g_clear_handle_id (&self->trim, g_source_remove);
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    g_object_weak_unref (connection, on_connection_finalized, self);
  g_hash_table_unref (self->connections);
  soup_server_disconnect (self->soup);
  g_object_unref (self->soup);
  g_object_unref (self->service);
  g_ptr_array_unref (self->clients);
  g_free (self);
}
