/* Finds genome files among all the streams that there are: JSON text, plain or gzipped
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A genome is known by the names of its members, which are looked for where the engine looks for them:
 * in the outermost object and in those that a genome may be wrapped in. All else is skipped, by its
 * quotes and brackets alone.
 *
 * Genome databases (SQLite) are not found: only a file can be opened as a database, not a stream. They
 * are for kromosrc's location.
 */

#include "kromotypefind.h"

#include "kromotypefind-text.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (gst_kromo_type_find_debug);
#define GST_CAT_DEFAULT gst_kromo_type_find_debug

#define MAX_WRAPPERS 3
#define MAX_ENCODINGS 3 /* JSON inside a string inside JSON ... */
#define MAX_NAME 31

/* More than for any gzipped stream or text. */
#define PROBABILITY_OF_A_BEGINNING (GST_TYPE_FIND_LIKELY + 5)

typedef struct {
  enum {
    LOOKING,
    GENOME,
    NO_JSON
  } finding;
  gboolean hinted; /* what was seen may be the beginning of a genome */
} Search;

/* What is wrong is not JSON, unless it is only that there is no more of it (yet). */
static void
give_up (Search *search, GstKromoText *text)
{
  if (!text->stream->ran_out)
    search->finding = NO_JSON;
}

/* Goes past a value; past as many closing brackets as @depth says if it is inside of one already. */
static void
skip_value (Search *search, GstKromoText *text, gsize depth)
{
  int c = gst_kromo_text_look_past_space (text);
  gboolean first = depth == 0;

  for (;; c = gst_kromo_text_look (text), first = FALSE) {
    if (depth == 0 && !first && (c == ',' || c == '}' || gst_kromo_is_space (c)))
      return;
    if (c == GST_KROMO_TEXT_END || (depth == 0 && strchr (first ? "]},:" : "]", c))) {
      give_up (search, text);
      return;
    }
    if (c == '"') {
      gst_kromo_text_skip_string (text);
      continue;
    }
    if (c == '{' || c == '[')
      depth++;
    else if (c == '}' || c == ']')
      depth--;
    gst_kromo_text_take (text);
  }
}

/* Goes to the value of an object's next member; FALSE after the last one. */
static gboolean
next_member (Search *search, GstKromoText *text, char name[MAX_NAME + 1])
{
  int c = gst_kromo_text_look_past_space (text);
  GstKromoText string;
  gsize n = 0;

  if (c == '{' || c == ',') {
    gst_kromo_text_take (text);
    c = gst_kromo_text_look_past_space (text);
  }
  if (c == '}') {
    gst_kromo_text_take (text);
    return FALSE;
  }
  if (c != '"') {
    give_up (search, text);
    return FALSE;
  }
  string = gst_kromo_text_open_string (text);
  while ((c = gst_kromo_text_take (&string)) != GST_KROMO_TEXT_END)
    if (n <= MAX_NAME)
      name[n++] = (char) c;
  name[n <= MAX_NAME ? n : 0] = 0; /* one that is too long is none of ours */
  if (gst_kromo_text_look_past_space (text) != ':') {
    give_up (search, text);
    return FALSE;
  }
  gst_kromo_text_take (text);

  return TRUE;
}

/* Whether the value is an object with one of these members, as itself or as JSON in a string. Goes past
 * it, but not when it has one and this @is_enough. */
static gboolean
value_has_member (Search *search, GstKromoText *text, const char *const *names, gboolean is_enough,
    guint encodings)
{
  int c = gst_kromo_text_look_past_space (text);
  char name[MAX_NAME + 1];
  gboolean has = FALSE;

  if (c == '"' && encodings < MAX_ENCODINGS) {
    GstKromoText string = gst_kromo_text_open_string (text);
    Search inner = { LOOKING }; /* a string may hold anything, but must end */

    has = value_has_member (&inner, &string, names, is_enough, encodings + 1);
    if (!has || !is_enough)
      gst_kromo_text_skip (&string);
  } else if (c == '{') {
    while (search->finding == LOOKING && next_member (search, text, name)) {
      if (g_strv_contains (names, name)) {
        if (!is_enough)
          skip_value (search, text, 1);
        return TRUE;
      }
      skip_value (search, text, 0);
    }
  } else {
    skip_value (search, text, 0);
  }

  return has;
}

static const char *const sure_patches[] = { "asNEATPatch", "synthIsPatch", NULL };
static const char *const in_patch[] = { "audioGraph", "networkOutputs", NULL };
static const char *const in_network[] = { "offspring", "oneCPPNPerFrequency", "CPPNs", "nodes",
  NULL };
static const char *const hints[] = { "evolutionRunId", "parentGenomes", "virtualAudioGraph", NULL };

static void find_in_object (Search *search, GstKromoText *text, guint wrappers);

/* In a value that may be a genome or hold one. */
static void
find_in_value (Search *search, GstKromoText *text, guint wrappers, guint encodings)
{
  int c = gst_kromo_text_look_past_space (text);

  if (c == '"' && encodings < MAX_ENCODINGS) {
    GstKromoText string = gst_kromo_text_open_string (text);
    Search inner = { LOOKING };

    find_in_value (&inner, &string, wrappers, encodings + 1);
    search->hinted |= inner.hinted;
    if (inner.finding == GENOME)
      search->finding = GENOME;
    else
      gst_kromo_text_skip (&string);
  } else if (c == '{' && wrappers <= MAX_WRAPPERS) {
    find_in_object (search, text, wrappers);
  } else {
    skip_value (search, text, 0);
  }
}

static void
find_in_object (Search *search, GstKromoText *text, guint wrappers)
{
  gboolean has_network = FALSE, has_patch = FALSE;
  char name[MAX_NAME + 1];
  int c;

  while (search->finding == LOOKING && next_member (search, text, name)) {
    c = gst_kromo_text_look_past_space (text);
    if (g_strv_contains (sure_patches, name) && (c == '{' || c == '"')) {
      search->finding = GENOME;
    } else if (g_str_equal (name, "waveNetwork")) {
      search->hinted = TRUE;
      if (value_has_member (search, text, in_network, TRUE, 0))
        search->finding = GENOME;
    } else if (g_str_equal (name, "member")) {
      has_network |= value_has_member (search, text, in_network, has_patch, 0);
    } else if (g_str_equal (name, "patch")) {
      has_patch |= value_has_member (search, text, in_patch, has_network, 0);
    } else if (g_str_equal (name, "genome") || (g_str_equal (name, "data") && c == '{')) {
      find_in_value (search, text, wrappers + 1, 0);
    } else {
      search->hinted |= g_strv_contains (hints, name);
      skip_value (search, text, 0);
    }
    /* These two have names that anything may have. */
    search->hinted |= has_network || has_patch;
    if (has_network && has_patch)
      search->finding = GENOME;
  }
}

static void
find_in_stream (Search *search, GstKromoStream *stream)
{
  GstKromoText text = { .stream = stream };
  int c = gst_kromo_text_look (&text);

  if (c == 0xef) { /* a byte order mark */
    static const guint8 mark[] = { 0xef, 0xbb, 0xbf };

    for (guint i = 0; i < sizeof mark; i++)
      if (gst_kromo_text_take (&text) != mark[i])
        return;
  }
  c = gst_kromo_text_look_past_space (&text);
  if (c == '{' || c == '"')
    find_in_value (search, &text, 0, 0);
}

static void
type_find (GstTypeFind *find, gpointer user_data)
{
  Search search = { LOOKING };
  GstKromoStream stream;

  gst_kromo_stream_init (&stream, find);
  find_in_stream (&search, &stream);

  GST_DEBUG ("%s, after %" G_GSIZE_FORMAT " characters of %" G_GUINT64_FORMAT " bytes",
      search.finding == GENOME ? "a genome" : "no genome", stream.n_taken, stream.offset);
  if (search.finding == GENOME)
    gst_type_find_suggest_empty_simple (find, GST_TYPE_FIND_MAXIMUM, GST_KROMO_GENOME_MEDIA_TYPE);
  else if (search.finding == LOOKING && search.hinted && stream.ran_out)
    gst_type_find_suggest_empty_simple (
        find, PROBABILITY_OF_A_BEGINNING, GST_KROMO_GENOME_MEDIA_TYPE);

  gst_kromo_stream_clear (&stream);
}

gboolean
gst_kromo_type_find_register (GstPlugin *plugin)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple (GST_KROMO_GENOME_MEDIA_TYPE);

  GST_DEBUG_CATEGORY_INIT (gst_kromo_type_find_debug, "kromotypefind", 0, "finds genome files");

  return gst_type_find_register (plugin, GST_KROMO_GENOME_MEDIA_TYPE, GST_RANK_PRIMARY, type_find,
      "json,gz", caps, NULL, NULL);
}
