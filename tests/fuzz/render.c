/* Fuzz target: genomes as they are rendered.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Settings, then a genome as JSON. What renders gives the same bits in chunks of any length, after a seek
 * and from a copy, and finite ones where that is promised. Mutations change the document rather than its text
 * (mutate.c).
 */
#include "input.h"
#include "mutate.h"

#include <math.h>
#include <string.h>

#define MAX_FRAMES 3000

static float expected[KROMO_MAX_CHANNELS][MAX_FRAMES + 1],
    actual[KROMO_MAX_CHANNELS][MAX_FRAMES + 1];

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return 0;
}

size_t
LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
  return fuzz_mutate (data, size, max_size, FUZZ_SETTINGS_SIZE, seed);
}

static gsize
render (KromoRenderer *renderer, float planes[][MAX_FRAMES + 1], gsize offset, gsize n)
{
  float *channels[KROMO_MAX_CHANNELS];

  for (guint c = 0; c < KROMO_MAX_CHANNELS; c++)
    channels[c] = planes[c] + offset;
  return kromo_renderer_render (renderer, channels, n);
}

static void
check_same (const KromoFormat *format, gsize start, gsize end)
{
  for (guint c = 0; c < format->channels; c++)
    g_assert_cmpmem (expected[c] + start, (end - start) * sizeof (float), actual[c] + start,
        (end - start) * sizeof (float));
}

static void
check_levels (const KromoFormat *format, gsize n)
{
  if (format->normalize == KROMO_NORMALIZE_NONE)
    return;
  for (guint c = 0; c < format->channels; c++)
    for (gsize i = 0; i < n; i++)
      g_assert_true (fabsf (expected[c][i]) <= 1.0f);
}

static void
check_chunks (KromoRenderer *renderer, const KromoFormat *format, gsize n_frames, FuzzInput *chunks)
{
  g_autoptr (KromoRenderer) copy = NULL;
  gsize done = 0;

  kromo_renderer_reset (renderer);
  while (done < n_frames / 2)
    done += render (renderer, actual, done, 1 + fuzz_take (chunks, 1));
  copy = kromo_renderer_copy (renderer);
  g_assert_nonnull (copy);
  g_assert_cmpuint (done + render (copy, actual, done, n_frames), ==, n_frames);
  check_same (format, 0, n_frames);
}

static void
check_seek (KromoRenderer *renderer, const KromoFormat *format, gsize n_frames, FuzzInput *chunks)
{
  const gsize to = fuzz_take (chunks, 2) % n_frames;
  g_autoptr (GError) error = NULL;

  kromo_renderer_keep_checkpoints (renderer, 1 << 20);
  kromo_renderer_seek (renderer, to, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (render (renderer, actual, to, n_frames), ==, n_frames - to);
  check_same (format, to, n_frames);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzInput input = { data, size }, chunks = { data, MIN (size, FUZZ_SETTINGS_SIZE) };
  g_autoptr (KromoRenderer) renderer = NULL;
  g_autoptr (KromoGenome) genome = NULL;
  g_autoptr (GError) error = NULL;
  KromoFormat format;
  KromoNote note;
  gsize n_frames;

  fuzz_take_settings (&input, MAX_FRAMES, &note, &format);
  genome = kromo_genome_new_from_data (input.data, input.size, NULL);
  if (genome == NULL)
    return -1; /* not worth keeping: genome.c is for these */
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  g_assert_true ((renderer == NULL) == (error != NULL));
  if (renderer == NULL)
    return 0;
  n_frames = (gsize) kromo_renderer_get_n_frames (renderer);
  g_assert_cmpuint (n_frames, <=, MAX_FRAMES + 1);
  g_assert_cmpuint (render (renderer, expected, 0, n_frames), ==, n_frames);
  check_levels (&format, n_frames);
  check_chunks (renderer, &format, n_frames, &chunks);
  check_seek (renderer, &format, n_frames, &chunks);
  return 0;
}
