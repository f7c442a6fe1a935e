/* A scenario: a kromosrc in a harness, driven step by step, with all that it does in a log.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Every buffer is held on its way out of the element until the scenario asks for the next one. So at any
 * time either the scenario acts or the streaming thread does, and the log has one order only. What the
 * element times its rendering by is a clock that goes on by a fixed step each time it is read.
 */
#pragma once

#include "common.h"

typedef struct _Scenario Scenario;

/* Takes the floating reference; @caps: what is accepted downstream. The first step is scenario_state(). */
Scenario *scenario_new (GstElement *src, const char *caps);
/* Ends it and compares the log with the data's scenarios/NAME.log. */
void scenario_finish (Scenario *scenario, const char *name);

/* ---- actions; each is a line in the log ---- */

void scenario_state (Scenario *scenario, GstState state);
void scenario_seek (
    Scenario *scenario, gdouble rate, GstSeekFlags flags, GstClockTime start, GstClockTime stop);
void scenario_set (Scenario *scenario, const char *property, const char *value);
/* Other caps are accepted from now on. */
void scenario_accept (Scenario *scenario, const char *caps);
/* In the signal about-to-finish, once. */
void scenario_set_when_about_to_finish (
    Scenario *scenario, const char *property, const char *value);
/* How long each reading of the timer takes, for live scenarios where rendering is slow. */
void scenario_set_step (Scenario *scenario, GstClockTime step);
/* What GstPipeline does when it goes on after a pause: running time has stood still. */
void scenario_set_base_time (Scenario *scenario, GstClockTime base_time);
/* Lets time pass. */
void scenario_set_time (Scenario *scenario, GstClockTime time);
void scenario_query_latency (Scenario *scenario);
void scenario_query_position (Scenario *scenario);

/* ---- waiting ---- */

/* Until a line has come since the last action that begins like this. */
void scenario_wait_for (Scenario *scenario, const char *prefix);
/* Until n more buffers have come; the last one is held. */
void scenario_pull (Scenario *scenario, guint n);
/* The same where each of them waits for the clock. */
void scenario_pull_live (Scenario *scenario, guint n);
/* Until the element waits for the clock, which stands still. The buffer is the next one to be pulled. */
void scenario_wait_for_clock (Scenario *scenario);
/* Lets everything through until such a line has come, after which the stream must rest. */
void scenario_run_until (Scenario *scenario, const char *prefix);
/* Until what was set is ready to be played with the next chunk. */
void scenario_settle (Scenario *scenario);
