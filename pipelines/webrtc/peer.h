/* What both ends of a WebRTC connection do with their webrtcbin
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>
#define GST_USE_UNSTABLE_API /* GStreamer 1.22 says so of all of WebRTC */
#include <gst/webrtc/webrtc.h>

G_BEGIN_DECLS

/* The name of the application messages that peer_watch () posts. Their field "what", a string, is
 *   "gathered"   all candidates are in the local description
 *   "connected"  media may flow
 *   "closed"     the connection has ended, or could not be made
 *   "goodbye"    the other end said that its sound is over (RTCP BYE) */
#define PEER_MESSAGE "kromo-peer"

/* Posts messages of what becomes of @rtc on @pipeline's bus. With @address, a numeric one, connections go
 * over the interface that has it and no other. Before the states change. */
gboolean peer_watch (GstElement *rtc, GstElement *pipeline, const char *address, GError **error);

void peer_post (GstElement *pipeline, const char *what);

/* The field "what" of @message, or NULL: it is none of ours */
const char *peer_message_what (GstMessage *message);

/* Waits for the answer, some milliseconds; @signal is "create-offer" or "create-answer". The
 * description becomes the local one. */
gboolean peer_describe (GstElement *rtc, const char *signal, GError **error);

/* @text is the SDP of the other end. */
gboolean peer_set_remote (GstElement *rtc, GstWebRTCSDPType type, const char *text, GError **error);

/* (transfer full): the SDP of this end, with its candidates once they are gathered */
char *peer_local_text (GstElement *rtc);

/* The payload type that @offer has for Opus, or -1 */
int peer_find_opus (const char *offer);

G_END_DECLS
