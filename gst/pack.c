/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pack.h"

#include <math.h>
#include <string.h>

#include "kromo.h"

#define BLOCK_FRAMES 64
#define BLOCK_SAMPLES (BLOCK_FRAMES * KROMO_MAX_CHANNELS)

/* Orc's version flushes denormals to zero, and leaves the thread doing so ever after. */
static void
pack_f32 (float *const *channels, guint n_channels, gsize n_frames, gboolean swap, guint8 *data)
{
  gsize i;
  guint c;

  if (n_channels == 1 && !swap) {
    memcpy (data, channels[0], n_frames * sizeof (float));
    return;
  }
  for (c = 0; c < n_channels; c++) {
    for (i = 0; i < n_frames; i++) {
      guint32 word;

      memcpy (&word, &channels[c][i], sizeof word);
      if (swap)
        word = GUINT32_SWAP_LE_BE (word);
      memcpy (data + (i * n_channels + c) * sizeof word, &word, sizeof word);
    }
  }
}

/* The pack functions take integers left-justified in 32 bits. */
static gint32
to_integer (float sample, guint depth)
{
  double scale = (double) (G_GUINT64_CONSTANT (1) << (depth - 1));
  double x = (double) sample * scale;

  if (isnan (x))
    return 0;
  x = CLAMP (x, -scale, scale - 1);

  /* llrint() rounds half to even; the product keeps the shift of negative numbers defined. */
  return (gint32) (llrint (x) * (G_GINT64_CONSTANT (1) << (32 - depth)));
}

/* Through the format's own pack function, interleaved in blocks. */
static void
pack_any (const GstAudioFormatInfo *finfo, float *const *channels, guint n_channels, gsize n_frames,
    guint8 *data)
{
  gboolean integer = finfo->unpack_format == GST_AUDIO_FORMAT_S32;
  gsize bpf = (gsize) n_channels * (finfo->width / 8);
  union {
    double f[BLOCK_SAMPLES];
    gint32 i[BLOCK_SAMPLES];
  } block;
  gsize start, n, i;
  guint c;

  for (start = 0; start < n_frames; start += n) {
    n = MIN (n_frames - start, BLOCK_FRAMES);
    for (c = 0; c < n_channels; c++) {
      const float *samples = channels[c] + start;

      if (integer) {
        for (i = 0; i < n; i++)
          block.i[i * n_channels + c] = to_integer (samples[i], finfo->depth);
      } else {
        for (i = 0; i < n; i++)
          block.f[i * n_channels + c] = samples[i];
      }
    }
    finfo->pack_func (
        finfo, GST_AUDIO_PACK_FLAG_NONE, &block, data + start * bpf, (gint) (n * n_channels));
  }
}

static void
pack_interleaved (const GstAudioFormatInfo *finfo, float *const *channels, guint n_channels,
    gsize n_frames, guint8 *data)
{
  if (GST_AUDIO_FORMAT_INFO_IS_FLOAT (finfo) && finfo->width == 32)
    pack_f32 (channels, n_channels, n_frames, finfo->format != GST_AUDIO_FORMAT_F32, data);
  else
    pack_any (finfo, channels, n_channels, n_frames, data);
}

void
gst_kromo_pack (const GstAudioInfo *info, float *const *channels, gsize n_frames, guint8 *data)
{
  const GstAudioFormatInfo *finfo = info->finfo;
  guint n_channels = GST_AUDIO_INFO_CHANNELS (info);
  gsize plane;
  guint c;

  g_return_if_fail (n_channels <= KROMO_MAX_CHANNELS);
  g_return_if_fail (
      finfo->unpack_format == GST_AUDIO_FORMAT_S32 || finfo->unpack_format == GST_AUDIO_FORMAT_F64);

  if (GST_AUDIO_INFO_LAYOUT (info) == GST_AUDIO_LAYOUT_INTERLEAVED) {
    pack_interleaved (finfo, channels, n_channels, n_frames, data);
    return;
  }
  /* A plane is a stream of one channel. */
  plane = n_frames * (finfo->width / 8);
  for (c = 0; c < n_channels; c++)
    pack_interleaved (finfo, channels + c, 1, n_frames, data + c * plane);
}
