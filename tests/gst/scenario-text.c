/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "scenario-text.h"

#include <string.h>

#define HASH_LENGTH 8

/* ---- values ---- */

static void
append_time (GString *text, const char *name, GstClockTime time)
{
  if (GST_CLOCK_TIME_IS_VALID (time))
    g_string_append_printf (text, " %s=%" GST_TIME_FORMAT, name, GST_TIME_ARGS (time));
  else
    g_string_append_printf (text, " %s=none", name);
}

static void
append_double (GString *text, const char *name, gdouble value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (
      text, " %s=%s", name, g_ascii_formatd (buffer, sizeof buffer, "%.6g", value));
}

static gboolean
append_field (GQuark field, const GValue *value, gpointer user_data)
{
  const char *name = g_quark_to_string (field);
  g_autofree char *serialized = NULL;
  GString *text = user_data;

  if (G_VALUE_HOLDS_DOUBLE (value)) {
    append_double (text, name, g_value_get_double (value));
  } else if (G_VALUE_HOLDS_STRING (value)) {
    g_string_append_printf (text, " %s=\"%s\"", name, g_value_get_string (value));
  } else {
    serialized = gst_value_serialize (value);
    g_string_append_printf (text, " %s=%s", name, serialized);
  }

  return TRUE;
}

char *
scenario_describe_flags (GType type, guint flags)
{
  g_autoptr (GFlagsClass) klass = g_type_class_ref (type);
  GString *text = g_string_new (NULL);

  for (; flags != 0; flags &= flags - 1) {
    const GFlagsValue *value = g_flags_get_first_value (klass, flags & -flags);

    g_string_append_printf (text, "%s%s", text->len ? "+" : "", value ? value->value_nick : "?");
  }

  return g_string_free (text, FALSE);
}

static void
append_flags (GString *text, GType type, guint flags)
{
  g_autofree char *names = scenario_describe_flags (type, flags);

  if (*names)
    g_string_append_printf (text, " flags=%s", names);
}

/* ---- events ---- */

/* The id is a hash of the URI, which may have the path of this machine in it, or random. */
static void
append_stream_start (GString *text, GstElement *element, GstEvent *event)
{
  GstQuery *query = gst_query_new_uri ();
  g_autofree char *uri = NULL, *hash = NULL;
  const char *id;
  guint group;

  gst_event_parse_stream_start (event, &id);
  if (gst_element_query (element, query))
    gst_query_parse_uri (query, &uri);
  gst_query_unref (query);
  if (uri)
    hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, uri, -1);
  if (g_strcmp0 (id, hash) == 0)
    g_string_append_printf (text, " stream-id=hash of %s", uri);
  else
    g_string_append (text, " stream-id=random");
  if (gst_event_parse_group_id (event, &group))
    g_string_append (text, " group-id");
}

static void
append_segment (GString *text, GstEvent *event)
{
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  append_double (text, "rate", segment->rate);
  append_double (text, "applied-rate", segment->applied_rate);
  append_flags (text, GST_TYPE_SEGMENT_FLAGS, segment->flags);
  append_time (text, "base", segment->base);
  append_time (text, "start", segment->start);
  append_time (text, "stop", segment->stop);
  append_time (text, "time", segment->time);
  append_time (text, "position", segment->position);
  append_time (text, "duration", segment->duration);
  if (segment->format != GST_FORMAT_TIME)
    g_string_append (text, " format is not TIME");
}

/* The plugin's version changes with every release, and the log must not. */
static void
append_tag (const GstTagList *tags, const char *tag, gpointer user_data)
{
  g_autoptr (GstPlugin) plugin = gst_registry_find_plugin (gst_registry_get (), "kromo");
  g_autofree char *value = NULL;
  GString *text = user_data;
  GString *line;

  if (!gst_tag_list_get_string (tags, tag, &value))
    return;
  line = g_string_new (value);
  g_string_replace (line, gst_plugin_get_version (plugin), "VERSION", 1);
  g_string_append_printf (text, " %s=\"%s\"", tag, line->str);
  g_string_free (line, TRUE);
}

static void
append_tags (GString *text, GstEvent *event)
{
  GstTagList *tags;

  gst_event_parse_tag (event, &tags);
  g_string_append (
      text, gst_tag_list_get_scope (tags) == GST_TAG_SCOPE_STREAM ? " stream" : " global");
  gst_tag_list_foreach (tags, append_tag, text);
}

static void
append_caps (GString *text, GstEvent *event)
{
  g_autofree char *string = NULL;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  string = gst_caps_to_string (caps);
  g_string_append_printf (text, " %s", string);
}

char *
scenario_describe_event (GstElement *element, GstEvent *event)
{
  GString *text = g_string_new ("event ");
  const GstStructure *structure = gst_event_get_structure (event);

  g_string_append (text, GST_EVENT_TYPE_NAME (event));
  switch (GST_EVENT_TYPE (event)) {
  case GST_EVENT_STREAM_START:
    append_stream_start (text, element, event);
    break;
  case GST_EVENT_CAPS:
    append_caps (text, event);
    break;
  case GST_EVENT_SEGMENT:
    append_segment (text, event);
    break;
  case GST_EVENT_TAG:
    append_tags (text, event);
    break;
  default:
    if (structure)
      gst_structure_foreach (structure, append_field, text);
    break;
  }

  return g_string_free (text, FALSE);
}

/* ---- messages ---- */

/* The text is for the user; the debug text has lines of source files. */
static void
append_error (GString *text, GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GEnumClass) klass = NULL;
  const GEnumValue *value;
  GType type;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  type = error->domain == GST_RESOURCE_ERROR ? GST_TYPE_RESOURCE_ERROR
      : error->domain == GST_STREAM_ERROR    ? GST_TYPE_STREAM_ERROR
                                             : GST_TYPE_CORE_ERROR;
  klass = g_type_class_ref (type);
  value = g_enum_get_value (klass, error->code);
  g_string_append_printf (
      text, " %s %s \"%s\"", g_type_name (type), value ? value->value_nick : "?", error->message);
}

char *
scenario_describe_message (GstMessage *message)
{
  const GstMessageType none =
      GST_MESSAGE_STATE_CHANGED | GST_MESSAGE_STREAM_STATUS | GST_MESSAGE_STRUCTURE_CHANGE;
  const GstStructure *structure = gst_message_get_structure (message);
  GString *text;

  if (GST_MESSAGE_TYPE (message) & none)
    return NULL;
  text = g_string_new ("message ");
  g_string_append (text, GST_MESSAGE_TYPE_NAME (message));
  switch (GST_MESSAGE_TYPE (message)) {
  case GST_MESSAGE_ERROR:
  case GST_MESSAGE_WARNING:
    append_error (text, message);
    break;
  default:
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT)
      g_string_append_printf (text, " %s", gst_structure_get_name (structure));
    if (structure)
      gst_structure_foreach (structure, append_field, text);
    break;
  }

  return g_string_free (text, FALSE);
}

/* ---- buffers ---- */

/* Of what is heard first: backwards, that is the end, as far as it is in the segment. */
static GstClockTime
get_running_time (const GstSegment *segment, GstBuffer *buffer)
{
  GstClockTime time = GST_BUFFER_PTS (buffer);

  if (segment->rate < 0) {
    time += GST_BUFFER_DURATION (buffer);
    if (GST_CLOCK_TIME_IS_VALID (segment->stop))
      time = MIN (time, segment->stop);
  }

  return gst_segment_to_running_time (segment, GST_FORMAT_TIME, time);
}

char *
scenario_describe_buffer (const GstSegment *segment, GstBuffer *buffer)
{
  GString *text = g_string_new ("buffer");
  g_autofree char *hash = NULL;
  GstMapInfo map;

  append_time (text, "pts", GST_BUFFER_PTS (buffer));
  append_time (text, "duration", GST_BUFFER_DURATION (buffer));
  if (GST_BUFFER_DTS_IS_VALID (buffer))
    append_time (text, "dts", GST_BUFFER_DTS (buffer));
  g_string_append_printf (text, " offset=%" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT,
      GST_BUFFER_OFFSET (buffer), GST_BUFFER_OFFSET_END (buffer));
  append_time (text, "running-time", get_running_time (segment, buffer));
  append_flags (
      text, GST_TYPE_BUFFER_FLAGS, GST_BUFFER_FLAGS (buffer) & ~(guint) GST_BUFFER_FLAG_TAG_MEMORY);
  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, map.data, map.size);
    g_string_append_printf (
        text, " size=%" G_GSIZE_FORMAT " content=%.*s", map.size, HASH_LENGTH, hash);
    gst_buffer_unmap (buffer, &map);
  }

  return g_string_free (text, FALSE);
}

/* ---- queries ---- */

char *
scenario_describe_latency (GstElement *element)
{
  GString *text = g_string_new ("latency");
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min, max;
  gboolean live;

  if (gst_element_query (element, query)) {
    gst_query_parse_latency (query, &live, &min, &max);
    g_string_append (text, live ? " live" : " not live");
    append_time (text, "min", min);
    append_time (text, "max", max);
  } else {
    g_string_append (text, " unknown");
  }
  gst_query_unref (query);

  return g_string_free (text, FALSE);
}

char *
scenario_describe_position (GstElement *element)
{
  GString *text = g_string_new (NULL);
  gint64 position = -1, duration = -1;

  gst_element_query_position (element, GST_FORMAT_TIME, &position);
  gst_element_query_duration (element, GST_FORMAT_TIME, &duration);
  append_time (text, "position", (GstClockTime) position);
  append_time (text, "duration", (GstClockTime) duration);
  g_string_erase (text, 0, 1);

  return g_string_free (text, FALSE);
}
