/* The command line's options about the sound, which become properties of kromosrc and caps
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Property=value pairs in the order in which they came. */
typedef struct {
  GPtrArray *names; /* of char * */
  GArray *values;   /* of GValue, each of its property's type */
  gint rate;        /* Hz; 0: not given */
  gint channels;    /* 0: not given */
} SoundOptions;

void sound_options_init (SoundOptions *options);
void sound_options_clear (SoundOptions *options);

/* (transfer full): the group of --seconds and its kin, which parse into @options. GStreamer is
 * initialised, and there is a kromosrc. */
GOptionGroup *sound_options_get_group (SoundOptions *options);

/* As --set NAME=VALUE; @option names it in errors. A later value replaces an earlier one. */
gboolean sound_options_set (
    SoundOptions *options, const char *option, const char *name, const char *value, GError **error);

/* @text in seconds, as the property @name, which is in nanoseconds */
gboolean sound_options_set_seconds (
    SoundOptions *options, const char *option, const char *name, const char *text, GError **error);

void sound_options_apply (const SoundOptions *options, GstElement *src);

/* (transfer full): audio/x-raw of these sample formats, in interleaved layout, with the rate and the
 * channels that were asked for; @formats is a comma-separated list, or NULL for all. */
GstCaps *sound_options_get_caps (const SoundOptions *options, const char *formats);

/* (transfer full): all of it in one line, the same for the same sound */
char *sound_options_to_string (const SoundOptions *options);

/* (transfer full): the arguments as GOption wants them, which takes -12 for an option and does not know
 * -j4: a space is put before a negative number, and a number that follows a short option is an argument
 * of its own. */
char **separate_numbers (char **argv);

/* FALSE with @error set where the plugin is not found */
gboolean have_kromosrc (GError **error);

G_END_DECLS
