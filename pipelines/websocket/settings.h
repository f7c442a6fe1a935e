/* kromo-websocket: what its options say
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Frames per second of everything that is sent. */
#define SAMPLE_RATE 48000

/**
 * Settings:
 * @folder: (nullable): a folder of genome files, or
 * @database: (nullable): a genome database; exactly one of the two
 * @address: the address to listen on
 * @port: 0: any that is free
 * @ahead: seconds that a sound is sent ahead of the position that its client reports
 * @max_clients: how many WebSocket clients there may be at once
 * @max_duration: seconds of the longest sound
 * @max_genome_bytes: the largest genome in a request
 * @max_memory: MiB that one sound may need for rendering
 * @rate: messages a second from one client
 * @timeout: seconds after which a client that stalls is let go
 * @origins: (nullable) (array zero-terminated=1): web origins that may connect, besides our own page
 */
typedef struct {
  char *folder, *database;
  char *address;
  gint port;
  double ahead;
  gint max_clients;
  double max_duration;
  gint max_genome_bytes;
  gint max_memory;
  double rate;
  double timeout;
  char **origins;
} Settings;

/* Reads the command line. FALSE with @error set when it makes no sense. --help ends the program. */
gboolean settings_parse (Settings *settings, int *argc, char ***argv, GError **error);
void settings_clear (Settings *settings);

G_END_DECLS
