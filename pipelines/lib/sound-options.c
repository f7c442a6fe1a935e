/* The command line's options about the sound, which become properties of kromosrc and caps
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sound-options.h"

#include <math.h>
#include <string.h>

#include <gst/audio/audio.h>

void
sound_options_init (SoundOptions *options)
{
  *options = (SoundOptions){
    .names = g_ptr_array_new_with_free_func (g_free),
    .values = g_array_new (FALSE, FALSE, sizeof (GValue)),
  };
  g_array_set_clear_func (options->values, (GDestroyNotify) g_value_unset);
}

void
sound_options_clear (SoundOptions *options)
{
  g_ptr_array_unref (options->names);
  g_array_unref (options->values);
}

gboolean
have_kromosrc (GError **error)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find ("kromosrc");

  if (!factory)
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "GStreamer does not find the element kromosrc; set GST_PLUGIN_PATH to the folder of "
        "libgstkromo.so");

  return factory != NULL;
}

/* ---- values ---- */

static gboolean
fail (GError **error, const char *option, const char *value, const char *wanted)
{
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: \"%s\" is not %s", option,
      value, wanted);

  return FALSE;
}

/* What the values of a property are, for people. */
static char *
describe (GParamSpec *spec)
{
  if (G_IS_PARAM_SPEC_DOUBLE (spec)) {
    GParamSpecDouble *range = G_PARAM_SPEC_DOUBLE (spec);

    return range->maximum < 1e9
        ? g_strdup_printf ("a number from %g to %g", range->minimum, range->maximum)
        : g_strdup_printf ("a number from %g on", range->minimum);
  }
  if (G_IS_PARAM_SPEC_ENUM (spec)) {
    GEnumClass *class = G_PARAM_SPEC_ENUM (spec)->enum_class;
    GString *text = g_string_new ("one of");

    for (guint i = 0; i < class->n_values; i++)
      g_string_append_printf (text, "%s %s", i ? "," : "", class->values[i].value_nick);
    return g_string_free (text, FALSE);
  }
  if (G_IS_PARAM_SPEC_UINT64 (spec))
    return g_strdup_printf ("a whole number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
        G_PARAM_SPEC_UINT64 (spec)->minimum, G_PARAM_SPEC_UINT64 (spec)->maximum);
  if (G_IS_PARAM_SPEC_INT (spec))
    return g_strdup_printf ("a whole number from %d to %d", G_PARAM_SPEC_INT (spec)->minimum,
        G_PARAM_SPEC_INT (spec)->maximum);

  return g_strdup_printf ("a value of the type %s", g_type_name (spec->value_type));
}

static GParamSpec *
find_property (const char *name)
{
  GstElement *src = gst_element_factory_make ("kromosrc", NULL);
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (src), name);

  gst_object_unref (src); /* the class stays */

  return spec && (spec->flags & G_PARAM_WRITABLE) ? spec : NULL;
}

gboolean
sound_options_set (
    SoundOptions *options, const char *option, const char *name, const char *value, GError **error)
{
  GParamSpec *spec = find_property (name);
  GValue parsed = G_VALUE_INIT, valid = G_VALUE_INIT;
  g_autofree char *stripped = g_strstrip (g_strdup (value));
  gboolean good;
  guint i;

  if (!spec)
    return fail (error, option, name, "a property of kromosrc that can be set");
  g_value_init (&parsed, spec->value_type);
  good = spec->value_type == G_TYPE_STRING
      || gst_value_deserialize_with_pspec (&parsed, stripped, spec);
  if (spec->value_type == G_TYPE_STRING)
    g_value_set_string (&parsed, value);
  if (good) {
    g_value_init (&valid, spec->value_type);
    g_value_copy (&parsed, &valid);
    good = !g_param_value_validate (spec, &valid)
        && !(G_VALUE_HOLDS_DOUBLE (&parsed) && isnan (g_value_get_double (&parsed)));
    g_value_unset (&valid);
  }
  if (!good) {
    g_autofree char *wanted = describe (spec);

    g_value_unset (&parsed);
    return fail (error, option, stripped, wanted);
  }

  if (g_ptr_array_find_with_equal_func (options->names, name, g_str_equal, &i)) {
    g_ptr_array_remove_index (options->names, i);
    g_array_remove_index (options->values, i);
  }
  g_ptr_array_add (options->names, g_strdup (name));
  g_array_append_val (options->values, parsed);

  return TRUE;
}

gboolean
sound_options_set_seconds (
    SoundOptions *options, const char *option, const char *name, const char *text, GError **error)
{
  char *end;
  double seconds = g_ascii_strtod (text, &end);
  g_autofree char *nanoseconds = NULL;

  if (end == text || *end || !(seconds >= 0 && seconds <= 86400))
    return fail (error, option, text, "a number of seconds from 0 to 86400");
  nanoseconds = g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) floor (seconds * 1e9 + 0.5));

  return sound_options_set (options, option, name, nanoseconds, error);
}

void
sound_options_apply (const SoundOptions *options, GstElement *src)
{
  for (guint i = 0; i < options->names->len; i++)
    g_object_set_property (
        G_OBJECT (src), options->names->pdata[i], &g_array_index (options->values, GValue, i));
}

GstCaps *
sound_options_get_caps (const SoundOptions *options, const char *formats)
{
  GstCaps *caps = gst_caps_new_simple ("audio/x-raw", "layout", G_TYPE_STRING, "interleaved", NULL);

  if (formats) {
    g_auto (GStrv) names = g_strsplit (formats, ",", -1);
    GValue list = G_VALUE_INIT;

    gst_value_list_init (&list, 1);
    for (char **name = names; *name; name++) {
      GValue value = G_VALUE_INIT;

      g_value_init (&value, G_TYPE_STRING);
      g_value_set_string (&value, *name);
      gst_value_list_append_and_take_value (&list, &value);
    }
    gst_caps_set_value (caps, "format", &list);
    g_value_unset (&list);
  }
  if (options->rate)
    gst_caps_set_simple (caps, "rate", G_TYPE_INT, options->rate, NULL);
  if (options->channels)
    gst_caps_set_simple (caps, "channels", G_TYPE_INT, options->channels, NULL);
  if (options->channels > 2)
    gst_caps_set_simple (caps, "channel-mask", GST_TYPE_BITMASK,
        gst_audio_channel_get_fallback_mask (options->channels), NULL);

  return caps;
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
sound_options_to_string (const SoundOptions *options)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < options->names->len; i++) {
    g_autofree char *value = gst_value_serialize (&g_array_index (options->values, GValue, i));

    g_ptr_array_add (lines, g_strconcat (options->names->pdata[i], "=", value, NULL));
  }
  if (options->rate)
    g_ptr_array_add (lines, g_strdup_printf ("rate=%d", options->rate));
  if (options->channels)
    g_ptr_array_add (lines, g_strdup_printf ("channels=%d", options->channels));
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);

  return g_strjoinv (" ", (char **) lines->pdata);
}

/* ---- options ---- */

typedef struct {
  const char *option, *property, *argument, *help;
  enum {
    AS_IT_IS,
    SECONDS,
    FLAG
  } kind;
} Known;

static const Known known[] = {
  { "seconds", "duration", "SECONDS", "Length of the sound (4)", SECONDS },
  { "velocity", "velocity", "VELOCITY", "0 to 1; timbre as well as level (1)", AS_IT_IS },
  { "tuning-ratio", "tuning-ratio", "RATIO", "A further factor on frequency (1)", AS_IT_IS },
  { "volume", "volume", "LEVEL", "0 to 10, 1 is unchanged (1)", AS_IT_IS },
  { "normalize", "normalize", "HOW", "Levels above 1: none, peak or limit (limit)", AS_IT_IS },
  { "rendering", "rendering", "HOW", "reference or standard (reference)", AS_IT_IS },
  { "edge-fade", "edge-fade", "SECONDS", "Fade in and out (0)", SECONDS },
  { "loops", "loops", "N", "How many times the sound is in it (1)", AS_IT_IS },
  { "reverse", "reverse", NULL, "Run the network backwards", FLAG },
  { "oversample", "oversample", NULL, "Less aliasing, more work", FLAG },
  { "inharmonicity", "inharmonicity", NULL, "Apply the partials' inharmonicity factors", FLAG },
  { "transpose-all", "transpose-all", NULL, "Transpose every output of the network", FLAG },
  { "use-metadata", "use-metadata", NULL, "Take what is not given from the genome's metadata",
      FLAG },
};

static gboolean
on_known (const char *option, const char *value, gpointer data, GError **error)
{
  const Known *found = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (option + 2, known[i].option))
      found = &known[i];
  g_assert (found);

  if (found->kind == SECONDS)
    return sound_options_set_seconds (data, option, found->property, value, error);

  return sound_options_set (data, option, found->property, value ? value : "true", error);
}

static gboolean
on_set (const char *option, const char *value, gpointer data, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (value, "=", 2);

  if (g_strv_length (parts) != 2)
    return fail (error, option, value, "of the form PROPERTY=VALUE");

  return sound_options_set (data, option, parts[0], parts[1], error);
}

static gboolean
parse_whole (
    const char *option, const char *value, gint min, gint max, gint *result, GError **error)
{
  gint64 number;

  if (!g_ascii_string_to_signed (value, 10, min, max, &number, NULL)) {
    g_autofree char *wanted = g_strdup_printf ("a whole number from %d to %d", min, max);

    return fail (error, option, value, wanted);
  }
  *result = (gint) number;

  return TRUE;
}

static gboolean
on_rate (const char *option, const char *value, gpointer data, GError **error)
{
  return parse_whole (option, value, 8000, 192000, &((SoundOptions *) data)->rate, error);
}

static gboolean
on_channels (const char *option, const char *value, gpointer data, GError **error)
{
  return parse_whole (option, value, 1, 8, &((SoundOptions *) data)->channels, error);
}

GOptionGroup *
sound_options_get_group (SoundOptions *options)
{
  const GOptionEntry others[] = {
    { "rate", 0, 0, G_OPTION_ARG_CALLBACK, on_rate, "Frames per second (48000)", "HZ" },
    { "channels", 0, 0, G_OPTION_ARG_CALLBACK, on_channels, "1 to 8 (1)", "N" },
    { "set", 0, 0, G_OPTION_ARG_CALLBACK, on_set,
        "Any other property of kromosrc, times in nanoseconds", "PROPERTY=VALUE" },
    G_OPTION_ENTRY_NULL,
  };
  GOptionEntry entries[G_N_ELEMENTS (known) + 1] = { 0 };
  GOptionGroup *group = g_option_group_new ("sound", "The sound:", "The sound", options, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    entries[i] = (GOptionEntry){
      .long_name = known[i].option,
      .flags = known[i].kind == FLAG ? G_OPTION_FLAG_NO_ARG : 0,
      .arg = G_OPTION_ARG_CALLBACK,
      .arg_data = on_known,
      .description = known[i].help,
      .arg_description = known[i].argument,
    };
  g_option_group_add_entries (group, entries);
  g_option_group_add_entries (group, others);

  return group;
}

static gboolean
is_number (const char *text)
{
  text += *text == '-';

  return g_ascii_isdigit (*text) || (*text == '.' && g_ascii_isdigit (text[1]));
}

static void
add_argument (GPtrArray *arguments, const char *text)
{
  gboolean is_negative = *text == '-' && is_number (text);

  g_ptr_array_add (arguments, g_strconcat (is_negative ? " " : "", text, NULL));
}

char **
separate_numbers (char **argv)
{
  GPtrArray *arguments = g_ptr_array_new ();

  for (char **arg = argv; *arg; arg++) {
    if ((*arg)[0] == '-' && g_ascii_isalpha ((*arg)[1]) && is_number (*arg + 2)) {
      g_ptr_array_add (arguments, g_strndup (*arg, 2));
      add_argument (arguments, *arg + 2);
    } else {
      add_argument (arguments, *arg);
    }
  }
  g_ptr_array_add (arguments, NULL);

  return (char **) g_ptr_array_free (arguments, FALSE);
}
