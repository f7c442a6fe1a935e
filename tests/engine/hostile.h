/* Bad inputs, each in a process of its own that is measured.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "genome-documents.h"

G_BEGIN_DECLS

#define HOSTILE_ACCEPTED (-1)
#define HOSTILE_SECONDS 10.0
#define HOSTILE_USUAL_MIB 24

typedef enum {
  HOSTILE_UNPRIVILEGED = 1 << 0, /* to be read by somebody who is not root */
  HOSTILE_LISTED = 1 << 1        /* asking for its ids is the same error */
} HostileFlags;

/* One input. What is accepted is played as well, in both renderings; what refuses it may be
 * kromo_genome_load() or kromo_renderer_new(). */
typedef struct {
  const char *name;
  void (*make) (const char *path); /* makes the file, or: */
  const char *text;                /* its contents, with ' for " */
  gint code;                       /* KromoError or HOSTILE_ACCEPTED */
  const char *message; /* a pattern (*, ?) of all of the message, without the path before it */
  guint mib;           /* that it may take; 0: HOSTILE_USUAL_MIB */
  HostileFlags flags;
} HostileRow;

typedef struct {
  gint code;
  gboolean right_domain;
  char message[1024];
  double seconds; /* of processor time */
  double waited;  /* of real time */
  double mib;
} HostileOutcome;

/* Runs @function in a child and waits for it, at most @seconds. */
void hostile_in_child (void (*function) (gpointer data, HostileOutcome *outcome), gpointer data,
    HostileOutcome *outcome);

/* In the child: the calls to be measured, on @path. */
void hostile_load_and_play (const char *path, const char *id, HostileOutcome *outcome);
void hostile_list (const char *path, HostileOutcome *outcome);

/* What came of it is what is expected, in the time and the memory that it may take. */
void hostile_check (
    const HostileOutcome *outcome, const char *path, gint code, const char *message, guint mib);

/* Adds a test for each row. */
void hostile_add_rows (const char *group, const HostileRow *rows, guint n);

/* A path in the folder of the tests. */
char *hostile_path (const char *name);

void hostile_write (const char *path, gconstpointer data, gsize size);

/* A document, with ' for "; takes @text. */
void hostile_write_quoted (const char *path, GString *text);

void hostile_add_documents (void);
void hostile_add_graphs (void);
void hostile_add_containers (void);
void hostile_add_files (void);
void hostile_add_databases (void);

G_END_DECLS
