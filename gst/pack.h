/* From planar single-precision samples to any format of GstAudioFormatInfo.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/audio/audio.h>

G_BEGIN_DECLS

/**
 * gst_kromo_pack:
 * @info: format, layout and channels of the result
 * @channels: (array): @n_frames samples for each channel
 * @data: (out caller-allocates): @n_frames * bpf bytes
 *
 * Writes frames in the format and layout of @info. Floats keep their value, NaN and infinity included.
 * Integers: scaled by 2^(depth-1), rounded half to even, clipped; no dither, and NaN becomes 0.
 */
void gst_kromo_pack (
    const GstAudioInfo *info, float *const *channels, gsize n_frames, guint8 *data);

G_END_DECLS
