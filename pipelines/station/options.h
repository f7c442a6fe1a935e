/* kromo-station: what its command line says
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FORMAT_OPUS,
  FORMAT_MP3
} Format;

typedef struct {
  /* what plays */
  char *folder; /* this one or the other */
  char *database;
  gboolean shuffle;
  guint32 seed;    /* of the shuffling */
  double duration; /* seconds; 0: as the genome's metadata say */
  gboolean use_metadata;
  char **settings; /* PROPERTY=VALUE of kromosrc, or NULL */
  gboolean once;

  /* how it is encoded */
  Format format;
  gint bitrate;  /* kbit/s */
  gint channels; /* 1 or 2 */

  /* where it goes to */
  char *output; /* a file in place of the server, or NULL */
  char *raw;    /* gets what goes into the encoder, or NULL */
  char *host;
  gint port;
  char *mount; /* begins with a slash */
  char *user;
  char *password;
  gboolean wait; /* for a server that is not there yet */

  /* what the server tells about the station */
  char *name;
  char *genre;
  char *description;
  char *url;
  gboolean is_public;

  gboolean quiet;
} Options;

/**
 * options_parse:
 *
 * Takes GStreamer's own options away, too, and initializes GStreamer. Ends the program after --help and
 * --version.
 *
 * Returns: (transfer full) (nullable): to be freed with options_free()
 */
Options *options_parse (int *argc, char ***argv, GError **error);
void options_free (Options *options);

G_END_DECLS
