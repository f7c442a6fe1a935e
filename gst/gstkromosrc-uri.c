/* kromosrc: URIs that say what to play and how it sounds
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   kromo:default
 *   kromo:random?seed=7
 *   kromo:///path/genome.json?note-delta=-12&duration=20
 *   kromo:///path/genomes.sqlite?velocity=0.8#ID
 *
 * Keys are names of properties; times are in seconds. A URI sets what it names and the genome's
 * source as a whole, and leaves the rest. What is set has one URI, without what is at its default;
 * a genome given as text has none.
 */

#include "gstkromosrc.h"

#include <string.h>

#include "uri-value.h"

#define MAX_SHOWN 200 /* characters of a URI in an error */

/* In the order in which they are written. */
static const struct {
  const char *name;
  GstKromoUriUnit unit;
  guint user_flag; /* what metadata could give: said when the user has set it */
} keys[] = {
  { "seed", GST_KROMO_URI_INTEGER, 0 }, /* of a random genome alone */
  { "use-metadata", GST_KROMO_URI_INTEGER, 0 },
  { "note-delta", GST_KROMO_URI_INTEGER, GST_KROMO_USER_NOTE_DELTA },
  { "tuning-ratio", GST_KROMO_URI_INTEGER, 0 },
  { "velocity", GST_KROMO_URI_INTEGER, GST_KROMO_USER_VELOCITY },
  { "duration", GST_KROMO_URI_SECONDS, GST_KROMO_USER_DURATION },
  { "reverse", GST_KROMO_URI_INTEGER, GST_KROMO_USER_REVERSE },
  { "oversample", GST_KROMO_URI_INTEGER, 0 },
  { "inharmonicity", GST_KROMO_URI_INTEGER, 0 },
  { "transpose-all", GST_KROMO_URI_INTEGER, 0 },
  { "rendering", GST_KROMO_URI_INTEGER, 0 },
  { "normalize", GST_KROMO_URI_INTEGER, 0 },
  { "edge-fade", GST_KROMO_URI_SECONDS, 0 },
  { "loops", GST_KROMO_URI_INTEGER, 0 },
  { "volume", GST_KROMO_URI_INTEGER, 0 },
  { "mute", GST_KROMO_URI_INTEGER, 0 },
  { "next-location", GST_KROMO_URI_INTEGER, 0 },
};
#define KEY_SEED 0

/* A URI being read. */
typedef struct {
  GObjectClass *class;
  const char *uri;
  GError **error;
  gboolean is_random;
  char *location, *genome_id;
  GValue values[G_N_ELEMENTS (keys)]; /* not initialised: not named */
} Reading;

static void
reading_clear (Reading *reading)
{
  guint i;

  g_free (reading->location);
  g_free (reading->genome_id);
  for (i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (G_IS_VALUE (&reading->values[i]))
      g_value_unset (&reading->values[i]);
  }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

static gboolean fail (const Reading *reading, GstURIError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Returns FALSE. */
static gboolean
fail (const Reading *reading, GstURIError code, const char *format, ...)
{
  g_autofree char *uri = g_utf8_make_valid (reading->uri, -1), *what = NULL, *valid = NULL;
  gboolean is_long = g_utf8_strlen (uri, -1) > MAX_SHOWN;
  va_list args;

  if (is_long)
    *g_utf8_offset_to_pointer (uri, MAX_SHOWN) = '\0';
  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  valid = g_utf8_make_valid (what, -1);
  g_set_error (reading->error, GST_URI_ERROR, (gint) code, "%s (in the URI %s%s)", valid, uri,
      is_long ? "..." : "");

  return FALSE;
}

static gboolean
fail_encoding (const Reading *reading, const char *part, const char *text)
{
  return fail (reading, GST_URI_ERROR_BAD_URI,
      "The %s %.*s has a %% that does not begin two hexadecimal digits other than 00; write %%25 "
      "for a %%",
      part, MAX_SHOWN, text);
}

/* What follows the separator, or NULL if it is not there. The text then ends before it. */
static char *
cut (char *text, char separator)
{
  char *found = strchr (text, separator);

  if (!found)
    return NULL;
  *found = '\0';

  return found + 1;
}

static gboolean
has_file_name (const char *path)
{
  return path[0] == '/' && path[strspn (path, "/")] != '\0';
}

static gboolean
read_source (Reading *reading, const char *path)
{
  g_autofree char *location = NULL, *canonical = NULL;
  const char *slash;

  if (g_str_has_prefix (path, "//")) {
    path += 2;
    slash = strchr (path, '/');
    if (path[0] != '\0' && slash != path)
      return fail (reading, GST_URI_ERROR_BAD_URI,
          "There is a host, %.*s, but only local files can be played; write kromo:///path, "
          "kromo:default or kromo:random",
          slash ? (int) MIN (slash - path, MAX_SHOWN) : MAX_SHOWN, path);
  } else if (g_str_equal (path, "default")) {
    return TRUE;
  } else if (g_str_equal (path, "random")) {
    reading->is_random = TRUE;
    return TRUE;
  }

  location = g_uri_unescape_string (path, "/");
  if (!location)
    return fail_encoding (reading, "path", path);
  /* Of a path such as /. nothing is left. */
  canonical = g_path_is_absolute (location) ? g_canonicalize_filename (location, NULL) : NULL;
  if (!canonical || !has_file_name (canonical))
    return fail (reading, GST_URI_ERROR_BAD_REFERENCE,
        "It says nothing to play: write kromo:///path with the absolute path of a genome file, "
        "kromo:default or kromo:random?seed=1");
  reading->location = g_steal_pointer (&location);

  return TRUE;
}

static gboolean
read_fragment (Reading *reading, const char *fragment)
{
  if (!reading->location)
    return fail (reading, GST_URI_ERROR_BAD_URI,
        "The fragment #%.*s is the id of a genome in a database, which takes a path before it",
        MAX_SHOWN, fragment);
  if (strchr (fragment, '?'))
    return fail (reading, GST_URI_ERROR_BAD_URI,
        "There is a ? after the #: settings come before the id, path?key=value#id; write %%3F for "
        "a "
        "? in an id");
  reading->genome_id = g_uri_unescape_string (fragment, NULL);

  return reading->genome_id || fail_encoding (reading, "fragment", fragment);
}

static gboolean
fail_key (const Reading *reading, const char *key)
{
  g_autoptr (GString) known = g_string_new (NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (keys); i++)
    g_string_append_printf (known, "%s%s", i ? ", " : "", keys[i].name);

  return fail (reading, GST_URI_ERROR_BAD_URI, "There is no key \"%.*s\"; there are %s", MAX_SHOWN,
      key, known->str);
}

static gboolean
read_setting (Reading *reading, const char *key, const char *text)
{
  g_autofree char *possible = NULL;
  GParamSpec *pspec;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (keys) && !g_str_equal (key, keys[i].name); i++)
    ;
  if (i == G_N_ELEMENTS (keys))
    return fail_key (reading, key);
  if (i == KEY_SEED && !reading->is_random)
    return fail (reading, GST_URI_ERROR_BAD_URI,
        "seed goes with a random genome alone; write kromo:random?seed=%.*s", MAX_SHOWN, text);
  if (G_IS_VALUE (&reading->values[i]))
    return fail (reading, GST_URI_ERROR_BAD_URI, "%s is there twice; leave one of them away", key);

  pspec = g_object_class_find_property (reading->class, key);
  if (gst_kromo_uri_value_read (pspec, keys[i].unit, text, &reading->values[i]))
    return TRUE;
  possible = gst_kromo_uri_value_describe (pspec, keys[i].unit);

  return fail (reading, GST_URI_ERROR_BAD_URI, "%s is \"%.*s\" and must be %s", key, MAX_SHOWN,
      text, possible);
}

static gboolean
read_query (Reading *reading, const char *query)
{
  g_auto (GStrv) pairs = g_strsplit (query, "&", -1);
  char **pair;

  for (pair = pairs; *pair; pair++) {
    g_autofree char *key = NULL, *text = NULL;
    const char *value = cut (*pair, '=');

    key = g_uri_unescape_string (*pair, NULL);
    if (!key)
      return fail_encoding (reading, "key", *pair);
    text = g_uri_unescape_string (value ? value : "", NULL);
    if (!text)
      return fail_encoding (reading, "value", value);
    if (!read_setting (reading, key, text))
      return FALSE;
  }

  return TRUE;
}

static gboolean
read_uri (Reading *reading)
{
  g_autofree char *path = g_strdup (strchr (reading->uri, ':') + 1);
  const char *fragment = cut (path, '#'), *query = cut (path, '?');
  const GValue *seed = &reading->values[KEY_SEED];

  if (!read_source (reading, path) || (fragment && !read_fragment (reading, fragment))
      || (query && !read_query (reading, query)))
    return FALSE;
  if (reading->is_random && (!G_IS_VALUE (seed) || g_value_get_uint64 (seed) == 0))
    return fail (reading, GST_URI_ERROR_BAD_URI,
        "A random genome takes a seed other than 0; write kromo:random?seed=1");

  return TRUE;
}

static void
apply (GstKromoSrc *self, const Reading *reading)
{
  GObject *object = G_OBJECT (self);
  guint i;

  g_object_freeze_notify (object);
  /* Of location, genome and seed the one that is not nothing wins. */
  g_object_set (object, "genome", NULL, "seed", G_GUINT64_CONSTANT (0), "genome-id",
      reading->genome_id, "location", reading->location, NULL);
  for (i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (G_IS_VALUE (&reading->values[i]))
      g_object_set_property (object, keys[i].name, &reading->values[i]);
  }
  g_object_thaw_notify (object);
}

static gboolean
gst_kromo_src_set_uri (GstURIHandler *handler, const char *uri, GError **error)
{
  GstKromoSrc *self = GST_KROMO_SRC (handler);
  g_auto (Reading) reading = {
    .class = G_OBJECT_GET_CLASS (self),
    .uri = uri,
    .error = error,
  };
  GstState state;

  GST_OBJECT_LOCK (self);
  state = GST_STATE (self);
  GST_OBJECT_UNLOCK (self);
  if (state > GST_STATE_READY)
    return fail (&reading, GST_URI_ERROR_BAD_STATE,
        "The URI of a kromosrc in state %s cannot be changed; set it to READY first, or set its "
        "properties",
        gst_element_state_get_name (state));

  if (!read_uri (&reading))
    return FALSE;
  apply (self, &reading);
  GST_DEBUG_OBJECT (self, "URI %s", uri);

  return TRUE;
}

/* The genome's source, without a seed. NULL if there is no URI for it. */
static GString *
write_source (const char *location, const char *genome, guint64 seed)
{
  g_autofree char *path = NULL;
  GString *out;

  if (!location)
    return genome ? NULL : g_string_new (seed ? "kromo:random" : "kromo:default");
  path = location[0] ? g_canonicalize_filename (location, NULL) : NULL;
  if (!path || !has_file_name (path))
    return NULL;
  out = g_string_new ("kromo://");
  g_string_append_uri_escaped (out, path, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH, FALSE);

  return out;
}

static void
write_settings (GString *out, GObject *object, guint user_flags)
{
  char separator = '?';
  guint i;

  for (i = 0; i < G_N_ELEMENTS (keys); i++) {
    GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), keys[i].name);
    g_auto (GValue) value = G_VALUE_INIT;

    g_value_init (&value, pspec->value_type);
    g_object_get_property (object, pspec->name, &value);
    if (g_param_value_defaults (pspec, &value) && !(user_flags & keys[i].user_flag))
      continue;
    g_string_append_printf (out, "%c%s=", separator, pspec->name);
    gst_kromo_uri_value_write (out, keys[i].unit, &value);
    separator = '&';
  }
}

static char *
gst_kromo_src_get_uri (GstURIHandler *handler)
{
  GstKromoSrc *self = GST_KROMO_SRC (handler);
  g_autofree char *location = NULL, *genome_id = NULL;
  guint user_flags = 0;
  GString *out;

  GST_OBJECT_LOCK (self);
  location = g_strdup (self->settings.location);
  genome_id = g_strdup (self->settings.genome_id);
  out = write_source (location, self->settings.genome, self->settings.seed);
  if (self->settings.use_metadata)
    user_flags = self->settings.user_set;
  GST_OBJECT_UNLOCK (self);

  if (!out)
    return NULL;
  write_settings (out, G_OBJECT (self), user_flags);
  if (location && genome_id) {
    g_string_append_c (out, '#');
    g_string_append_uri_escaped (out, genome_id, NULL, FALSE);
  }

  return g_string_free (out, FALSE);
}

static GstURIType
gst_kromo_src_get_uri_type (GType type)
{
  return GST_URI_SRC;
}

static const char *const *
gst_kromo_src_get_protocols (GType type)
{
  static const char *const protocols[] = { "kromo", NULL };

  return protocols;
}

void
gst_kromo_src_init_uri_handler (gpointer iface, gpointer data)
{
  GstURIHandlerInterface *handler = iface;

  handler->get_type = gst_kromo_src_get_uri_type;
  handler->get_protocols = gst_kromo_src_get_protocols;
  handler->get_uri = gst_kromo_src_get_uri;
  handler->set_uri = gst_kromo_src_set_uri;
}
