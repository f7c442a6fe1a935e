/* The kinds of files that sounds are rendered to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct {
  const char *extension;
  gboolean is_lossy; /* has a bit rate instead of a sample size */
  const char *elements[3];
} FileType;

typedef struct {
  const FileType *type;
  gint bits;    /* of a sample: 16, 24, or 32 (float); lossless types */
  gint bitrate; /* kbit/s; lossy types */
} FileFormat;

/* "wav, flac, ..." */
#define FILE_TYPES "wav, flac, opus, ogg (Opus too) or mp3"

/**
 * file_format_init:
 * @extension: one of %FILE_TYPES
 * @bits: 0 for 16
 * @bitrate: kbit/s, 0 for what the type has
 * @caps: the rate and the channels that are wanted, to be looked at
 *
 * Returns: %FALSE with @error set if there cannot be such files, or the encoder is not installed
 */
gboolean file_format_init (FileFormat *format, const char *extension, gint bits, gint bitrate,
    const GstCaps *caps, GError **error);

/* The sample format in kromosrc's words */
const char *file_format_get_samples (const FileFormat *format);

/* (transfer floating): a bin from raw audio to the bytes of the file */
GstElement *file_format_make_encoder (const FileFormat *format, GError **error);

G_END_DECLS
