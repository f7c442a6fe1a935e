/* Many sounds to files: the items of a batch
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "batch.h"

/* The note is in the name unless it is 0. */
static char *
make_output (const Batch *batch, const Genome *genome, double note_delta)
{
  g_autofree char *name = note_delta == 0
      ? g_strconcat (genome->name, ".", batch->format.type->extension, NULL)
      : g_strdup_printf ("%s_%+.10g.%s", genome->name, note_delta, batch->format.type->extension);

  return g_build_filename (batch->folder, name, NULL);
}

static gboolean
parse_notes (const char *text, GArray *notes, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text ? text : "0", ",", -1);

  for (char **part = parts; *part; part++) {
    char *end, *start = g_strstrip (*part);
    double note = g_ascii_strtod (start, &end);

    if (end == start || *end || !(note >= -128 && note <= 128)) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
          "--note-delta: \"%s\" is not a number of semitones from -128 to 128", start);
      return FALSE;
    }
    for (guint i = 0; i < notes->len; i++)
      if (g_array_index (notes, double, i) == note) {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
            "--note-delta: %s is there twice", start);
        return FALSE;
      }
    g_array_append_val (notes, note);
  }

  return TRUE;
}

static void
clear_item (gpointer data)
{
  g_free (((BatchItem *) data)->output);
}

gboolean
batch_init_items (Batch *batch, const char *notes, GError **error)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));

  if (!parse_notes (notes, values, error))
    return FALSE;
  batch->items = g_array_new (FALSE, FALSE, sizeof (BatchItem));
  g_array_set_clear_func (batch->items, clear_item);
  for (guint i = 0; i < batch->genomes->len; i++)
    for (guint j = 0; j < values->len; j++) {
      BatchItem item = { batch->genomes->pdata[i], g_array_index (values, double, j), NULL };

      item.output = make_output (batch, item.genome, item.note_delta);
      g_array_append_val (batch->items, item);
    }

  return TRUE;
}

void
batch_clear (Batch *batch)
{
  g_clear_pointer (&batch->items, g_array_unref);
  g_clear_pointer (&batch->genomes, g_ptr_array_unref);
  g_clear_pointer (&batch->folder, g_free);
  sound_options_clear (&batch->sound);
}

gboolean
batch_check_settings (const Batch *batch, gboolean again, GError **error)
{
  g_autofree char *name = g_strconcat (".kromo-", batch->format.type->extension, "-settings", NULL);
  g_autofree char *path = g_build_filename (batch->folder, name, NULL);
  g_autofree char *sound = sound_options_to_string (&batch->sound);
  g_autofree char *found = NULL, *now = NULL;

  if (batch->format.type->is_lossy)
    now = g_strdup_printf ("bitrate=%d %s", batch->format.bitrate, sound);
  else
    now = g_strdup_printf ("bits=%d %s", batch->format.bits, sound);
  g_strchomp (now);
  if (g_file_get_contents (path, &found, NULL, NULL) && !again) {
    if (g_str_equal (g_strchomp (found), now))
      return TRUE;
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "%s has %s files that were rendered with other settings (%s; now they are %s). Choose "
        "another folder, or --again to render everything anew",
        batch->folder, batch->format.type->extension, found, now);
    return FALSE;
  }

  return g_file_set_contents (path, now, -1, error);
}
