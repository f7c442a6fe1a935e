/* kromosrc: presets
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A preset has every setting that is the element's own. GstPreset's own code saves and loads all
 * but the strings: it leaves out those that are NULL, and does not read back those with spaces,
 * quotes and the like. They are kept as a preset's metadata, and so is which settings the user has
 * set, as use-metadata and is-live go by that.
 */

#include "gstkromosrc.h"

#include <string.h>

/* Metadata of presets saved by this code: the names of what the user has set, or "none". */
#define USER_SET "user-set"

/* Data of an element whose strings GstPreset's own code is not to save just now. */
#define HIDE_STRINGS "gst-kromo-hide-strings"

static const struct {
  guint flag;
  const char *name;
} user_flags[] = {
  { GST_KROMO_USER_DURATION, "duration" },
  { GST_KROMO_USER_NOTE_DELTA, "note-delta" },
  { GST_KROMO_USER_VELOCITY, "velocity" },
  { GST_KROMO_USER_REVERSE, "reverse" },
  { GST_KROMO_USER_MIN_CHUNK, "min-chunk-duration" },
  { GST_KROMO_USER_MAX_CHUNK, "max-chunk-duration" },
};

static GstPresetInterface *
get_default_interface (void)
{
  return g_type_default_interface_peek (GST_TYPE_PRESET);
}

static char **
list_settings (GstPreset *preset, gboolean strings, gboolean others)
{
  g_autofree GParamSpec **pspecs = NULL;
  GPtrArray *names = g_ptr_array_new ();
  guint i, n;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (preset), &n);
  for (i = 0; i < n; i++) {
    if (pspecs[i]->owner_type == GST_TYPE_KROMO_SRC
        && (pspecs[i]->flags & G_PARAM_READWRITE) == G_PARAM_READWRITE
        && (G_IS_PARAM_SPEC_STRING (pspecs[i]) ? strings : others))
      g_ptr_array_add (names, g_strdup (pspecs[i]->name));
  }
  g_ptr_array_add (names, NULL);

  return (char **) g_ptr_array_free (names, FALSE);
}

static char **
gst_kromo_src_get_property_names (GstPreset *preset)
{
  return list_settings (preset, !g_object_get_data (G_OBJECT (preset), HIDE_STRINGS), TRUE);
}

/* Each change is a write of the whole file. */
static void
set_meta (GstPreset *preset, const char *name, const char *tag, const char *value)
{
  g_autofree char *old = NULL;

  gst_preset_get_meta (preset, name, tag, &old);
  if (g_strcmp0 (old, value) != 0)
    gst_preset_set_meta (preset, name, tag, value);
}

/* Quoted, because there is no metadata that is empty, and percent-encoded. */
static void
save_strings (GstPreset *preset, const char *name)
{
  g_auto (GStrv) settings = list_settings (preset, TRUE, FALSE);
  char **setting;

  for (setting = settings; *setting; setting++) {
    g_autofree char *text = NULL, *encoded = NULL, *quoted = NULL;

    g_object_get (preset, *setting, &text, NULL);
    if (text) {
      encoded = g_uri_escape_string (text, "/", FALSE);
      quoted = g_strconcat ("\"", encoded, "\"", NULL);
    }
    set_meta (preset, name, *setting, quoted);
  }
}

static void
load_strings (GstPreset *preset, const char *name)
{
  g_auto (GStrv) settings = list_settings (preset, TRUE, FALSE);
  char **setting;

  for (setting = settings; *setting; setting++) {
    g_autofree char *quoted = NULL, *text = NULL;
    gsize length;

    gst_preset_get_meta (preset, name, *setting, &quoted);
    length = quoted ? strlen (quoted) : 0;
    if (length >= 2 && quoted[0] == '"' && quoted[length - 1] == '"')
      text = g_uri_unescape_segment (quoted + 1, quoted + length - 1, NULL);
    g_object_set (preset, *setting, text, NULL);
  }
}

static void
save_user_set (GstPreset *preset, const char *name)
{
  GstKromoSrc *self = GST_KROMO_SRC (preset);
  g_autoptr (GString) names = g_string_new (NULL);
  guint user_set, i;

  GST_OBJECT_LOCK (self);
  user_set = self->settings.user_set;
  GST_OBJECT_UNLOCK (self);

  for (i = 0; i < G_N_ELEMENTS (user_flags); i++) {
    if (user_set & user_flags[i].flag)
      g_string_append_printf (names, "%s%s", names->len ? " " : "", user_flags[i].name);
  }
  set_meta (preset, name, USER_SET, names->len ? names->str : "none");
}

/* After all settings were set, and so count as set by the user. */
static void
load_user_set (GstPreset *preset, const char *text)
{
  GstKromoSrc *self = GST_KROMO_SRC (preset);
  g_auto (GStrv) names = g_strsplit (text, " ", -1);
  gboolean is_open;
  guint i;

  GST_OBJECT_LOCK (self);
  for (i = 0; i < G_N_ELEMENTS (user_flags); i++) {
    if (!g_strv_contains ((const char *const *) names, user_flags[i].name))
      self->settings.user_set &= ~user_flags[i].flag;
  }
  is_open = self->is_open;
  GST_OBJECT_UNLOCK (self);

  if (is_open)
    gst_kromo_compiler_want_change (self);
}

static gboolean
gst_kromo_src_save_preset (GstPreset *preset, const char *name)
{
  gboolean saved;

  save_strings (preset, name);
  save_user_set (preset, name);
  g_object_set_data (G_OBJECT (preset), HIDE_STRINGS, GINT_TO_POINTER (TRUE));
  saved = get_default_interface ()->save_preset (preset, name);
  g_object_set_data (G_OBJECT (preset), HIDE_STRINGS, NULL);

  return saved;
}

/* Of location, genome and seed a saved preset has at most one; the others are set to nothing, which
 * leaves it alone in any order. A preset that somebody wrote sets what it has, all of it set by the
 * user. */
static gboolean
gst_kromo_src_load_preset (GstPreset *preset, const char *name)
{
  g_autofree char *user_set = NULL;
  gboolean loaded;

  gst_preset_get_meta (preset, name, USER_SET, &user_set);
  g_object_freeze_notify (G_OBJECT (preset));
  loaded = get_default_interface ()->load_preset (preset, name);
  if (loaded && user_set) {
    load_strings (preset, name);
    load_user_set (preset, user_set);
  }
  g_object_thaw_notify (G_OBJECT (preset));

  return loaded;
}

void
gst_kromo_src_init_preset (gpointer iface, gpointer data)
{
  GstPresetInterface *preset = iface;

  preset->get_property_names = gst_kromo_src_get_property_names;
  preset->save_preset = gst_kromo_src_save_preset;
  preset->load_preset = gst_kromo_src_load_preset;
}
