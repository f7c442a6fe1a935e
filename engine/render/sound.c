/* Sounds, and whether there is memory for them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sound.h"

#define MILLISECOND G_GUINT64_CONSTANT (1000000) /* in nanoseconds */
#define MAX_TRIALS 64

void
kromo_sound_unref (KromoSound *sound)
{
  if (!g_atomic_ref_count_dec (&sound->ref_count))
    return;
  g_clear_pointer (&sound->graph, kromo_graph_free);
  g_clear_pointer (&sound->bank, kromo_bank_unref);
  g_strfreev (sound->warnings);
  g_free (sound);
}

KromoSound *
kromo_sound_ref (KromoSound *sound)
{
  g_atomic_ref_count_inc (&sound->ref_count);
  return sound;
}

gsize
kromo_sound_get_arena_size (const KromoSound *sound)
{
  return sound->layout.state + sound->layout.scratch + KROMO_ALIGNMENT;
}

/* Takes no memory that grows with the duration yet. */
static KromoSound *
lay_out (const KromoGenome *genome, const KromoNote *note, const KromoFormat *format,
    KromoLargest *largest, GError **error)
{
  GPtrArray *warnings = g_ptr_array_new_with_free_func (g_free);
  KromoSound *sound = g_new0 (KromoSound, 1);

  g_atomic_ref_count_init (&sound->ref_count);
  sound->format = *format;
  sound->n_frames = kromo_count_frames (format->rate, note->duration);
  kromo_edge_fade_init (&sound->fade, format->rate, format->edge_fade, sound->n_frames);
  sound->output = kromo_layout_take (&sound->layout.state, sizeof (KromoOutput));
  sound->ring = kromo_layout_take (
      &sound->layout.state, (gsize) format->channels * KROMO_RING_FRAMES * sizeof (float));
  sound->graph = kromo_build_graph (genome, note, format, sound->n_frames, &sound->bank,
      &sound->layout, warnings, largest, error);
  g_ptr_array_set_free_func (warnings, NULL);
  g_ptr_array_add (warnings, NULL);
  sound->warnings = (char **) g_ptr_array_free (warnings, FALSE);
  if (sound->graph == NULL) {
    kromo_sound_unref (sound);
    return NULL;
  }
  sound->memory = kromo_sound_get_arena_size (sound) + kromo_bank_get_memory (sound->bank);
  sound->operations = kromo_graph_count_operations (sound->graph);
  return sound;
}

/* ---- the bound ---- */

static guint64
get_bound (const KromoFormat *format)
{
  return format->max_memory != 0 ? format->max_memory : KROMO_DEFAULT_MAX_MEMORY;
}

guint64
kromo_sound_get_spare (const KromoSound *sound)
{
  return get_bound (&sound->format) - sound->memory;
}

/* Bytes at another duration; more than any bound where there is no such sound. */
static guint64
measure (
    const KromoGenome *genome, const KromoNote *note, const KromoFormat *format, guint64 duration)
{
  KromoNote other = *note;
  KromoSound *sound;
  guint64 bytes;

  other.duration = duration;
  sound = lay_out (genome, &other, format, NULL, NULL);
  if (sound == NULL)
    return G_MAXUINT64;
  bytes = sound->memory;
  kromo_sound_unref (sound);
  return bytes;
}

/* The longest duration that fits, in whole milliseconds unless it is that of one frame; 0: none. What is
 * needed is nearly a line over the duration, so that following it leads there soon; halving, in
 * turns with it, leads there always. */
static guint64
find_longest (
    const KromoGenome *genome, const KromoNote *note, const KromoFormat *format, guint64 bytes)
{
  const guint64 bound = get_bound (format);
  guint64 low = (G_GUINT64_CONSTANT (1000000000) + format->rate - 1) / format->rate;
  guint64 high = note->duration, low_bytes = measure (genome, note, format, low);
  guint64 high_bytes = bytes;

  if (low_bytes > bound)
    return 0;
  for (guint i = 0; i < MAX_TRIALS; i++) {
    const guint64 from = low / MILLISECOND + 1, to = (high - 1) / MILLISECOND; /* to try */
    guint64 middle, middle_bytes;

    if (high <= low || from > to)
      break;
    middle = from + (to - from) / 2;
    if (i % 2 == 0 && high_bytes > low_bytes)
      middle = from
          + (guint64) ((double) (to - from) * (double) (bound - low_bytes)
              / (double) (high_bytes - low_bytes));
    middle = MIN (middle, to) * MILLISECOND;
    middle_bytes = measure (genome, note, format, middle);
    if (middle_bytes <= bound) {
      low = middle;
      low_bytes = middle_bytes;
    } else {
      high = middle;
      high_bytes = middle_bytes;
    }
  }
  return low;
}

static char *
describe_longest (guint64 duration)
{
  if (duration == 0)
    return g_strdup ("no duration fits");
  if (duration % MILLISECOND != 0)
    return g_strdup_printf (
        "the longest duration that fits is %" G_GUINT64_FORMAT " ns, one frame", duration);
  return g_strdup_printf ("the longest duration that fits is %" G_GUINT64_FORMAT
                          ".%03" G_GUINT64_FORMAT " s",
      duration / MILLISECOND / 1000, duration / MILLISECOND % 1000);
}

static void
set_memory_error (GError **error, const KromoGenome *genome, const KromoNote *note,
    const KromoFormat *format, guint64 bytes, const KromoLargest *largest)
{
  g_autofree char *longest = describe_longest (find_longest (genome, note, format, bytes));

  g_set_error (error, KROMO_ERROR, KROMO_ERROR_MEMORY,
      "rendering would take %" G_GUINT64_FORMAT " bytes, above the bound of %" G_GUINT64_FORMAT
      "; most of it is for %s, %" G_GUINT64_FORMAT " bytes; %s",
      bytes, get_bound (format), largest->name, largest->bytes, longest);
}

static gboolean
check_operations (const KromoSound *sound, GError **error)
{
  const guint64 wanted = sound->format.max_operations;
  const guint64 bound = wanted != 0 ? wanted : KROMO_DEFAULT_MAX_OPERATIONS;

  if (sound->operations <= bound)
    return TRUE;
  g_set_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS,
      "a frame would take about %" G_GUINT64_FORMAT
      " operations, above the bound (max-operations) of %" G_GUINT64_FORMAT
      "; raise it if rendering may take that long",
      sound->operations, bound);
  return FALSE;
}

KromoSound *
kromo_sound_new (
    const KromoGenome *genome, const KromoNote *note, const KromoFormat *format, GError **error)
{
  KromoLargest largest = { NULL, 0 };
  KromoSound *sound = lay_out (genome, note, format, &largest, error);
  guint64 bytes;

  if (sound == NULL)
    return NULL;
  bytes = sound->memory;
  if (!check_operations (sound, error)) {
    g_clear_pointer (&sound, kromo_sound_unref);
  } else if (bytes > get_bound (format)) {
    set_memory_error (error, genome, note, format, bytes, &largest);
    g_clear_pointer (&sound, kromo_sound_unref);
  } else if (!kromo_bank_allocate_tables (sound->bank)) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_NO_MEMORY,
        "the system has no memory for rendering, which takes %" G_GUINT64_FORMAT " bytes", bytes);
    g_clear_pointer (&sound, kromo_sound_unref);
  }
  g_free (largest.name);
  return sound;
}
