/* A log of what happened, line by line, and its comparison with an expected one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

typedef struct _ScenarioLog ScenarioLog;

ScenarioLog *scenario_log_new (void);
void scenario_log_free (ScenarioLog *log);

/* Any thread may. Returns the line's number. The folder of the data becomes DATA. */
guint scenario_log_add (ScenarioLog *log, const char *line);
/* Completes a line that was added before its end was known. */
void scenario_log_append (ScenarioLog *log, guint line, const char *text);
/* Nothing is added any more. */
void scenario_log_close (ScenarioLog *log);
/* Waits for a line that begins with a prefix, from a line's number on; FALSE if it does not come. */
gboolean scenario_log_wait (ScenarioLog *log, guint from, const char *prefix);
char *scenario_log_to_text (ScenarioLog *log);

/* Compares with the file of that name, exactly. Returns NULL or the difference. With
 * KROMO_SCENARIOS_UPDATE=1 in the environment it writes the file instead. */
char *scenario_log_compare (ScenarioLog *log, const char *filename);
