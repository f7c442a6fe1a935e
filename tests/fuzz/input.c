/* What a fuzzer's bytes say.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "input.h"

#include <math.h>

guint64
fuzz_take (FuzzInput *input, guint n_bytes)
{
  guint64 value = 0;

  for (guint i = 0; i < n_bytes && input->size > 0; i++) {
    value |= (guint64) *input->data << (8 * i);
    input->data++;
    input->size--;
  }
  return value;
}

guint
fuzz_choose (FuzzInput *input, guint n)
{
  return (guint) fuzz_take (input, n > 256 ? 2 : 1) % n;
}

double
fuzz_take_double (FuzzInput *input, double min, double max)
{
  const guint64 bits = fuzz_take (input, 4);

  switch (bits & 7) {
  case 0:
    return min;
  case 1:
    return max;
  case 2:
    return CLAMP (0.0, min, max);
  case 3:
    return nextafter (min, max);
  case 4:
    return nextafter (max, min);
  default:
    return min + (max - min) * ((double) (bits >> 3) / (double) (1u << 29));
  }
}

static guint64
take_duration (FuzzInput *input, guint rate, guint64 max_frames)
{
  const guint64 frames = 1 + fuzz_take (input, 2) % max_frames;

  /* Anything between two whole numbers of frames. */
  return MAX (
      frames * 1000000000 / rate + fuzz_take (input, 2) % (1000000000 / rate), 1000000000 / rate);
}

void
fuzz_take_settings (FuzzInput *input, guint64 max_frames, KromoNote *note, KromoFormat *format)
{
  static const guint rates[] = { 48000, 44100, 8000, 11025, 192000, 96000, 22050, 47999 };
  const guint8 *start = input->data;
  const gsize size = input->size;
  guint flags;

  *note = (KromoNote) KROMO_NOTE_INIT;
  *format = (KromoFormat){ .max_memory = 64 << 20 };
  format->rate = rates[fuzz_choose (input, G_N_ELEMENTS (rates))];
  format->channels = 1 + fuzz_choose (input, KROMO_MAX_CHANNELS);
  format->normalize = (KromoNormalize) fuzz_choose (input, 3);
  flags = (guint) fuzz_take (input, 1);
  format->rendering = flags & 1 ? KROMO_RENDERING_STANDARD : KROMO_RENDERING_REFERENCE;
  note->reverse = (flags & 2) != 0;
  note->inharmonicity = (flags & 4) != 0;
  note->transpose_all = (flags & 8) != 0;
  note->oversample = (flags & 16) != 0;
  format->edge_fade = flags & 32 ? fuzz_take (input, 4) : 0;
  note->duration = take_duration (input, format->rate, max_frames);
  note->note_delta = fuzz_take_double (input, -128.0, 128.0);
  note->velocity = fuzz_take_double (input, 0.0, 1.0);
  note->tuning_ratio = fuzz_take_double (input, 1e-4, 1e4);
  /* The rest always begins at the same place. */
  input->data = start + MIN (size, FUZZ_SETTINGS_SIZE);
  input->size = size - MIN (size, FUZZ_SETTINGS_SIZE);
}
