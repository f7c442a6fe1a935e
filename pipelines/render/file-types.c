/* The kinds of files that sounds are rendered to
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "file-types.h"

#include <string.h>

#define DEFAULT_RATE 48000
#define DEFAULT_OPUS_KBITS 128
#define DEFAULT_MP3_KBITS 192

static const FileType types[] = {
  { "wav", FALSE, { "wavenc" } },
  { "flac", FALSE, { "flacenc" } },
  { "opus", TRUE, { "opusenc", "oggmux" } },
  { "ogg", TRUE, { "opusenc", "oggmux" } },
  { "mp3", TRUE, { "lamemp3enc", "id3v2mux" } },
};

static gboolean
is_mp3 (const FileFormat *format)
{
  return g_str_equal (format->type->extension, "mp3");
}

static gboolean
check_bits (const FileFormat *format, GError **error)
{
  gboolean is_wav = g_str_equal (format->type->extension, "wav");

  if (format->bits == 16 || (format->bits == 24 && !format->type->is_lossy)
      || (format->bits == 32 && is_wav))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "--bits: %s files have %s bits, not %d", format->type->extension,
      is_wav                       ? "16, 24 or 32 (float)"
          : format->type->is_lossy ? "a --bitrate, not a number of"
                                   : "16 or 24",
      format->bits);

  return FALSE;
}

static gboolean
check_bitrate (const FileFormat *format, GError **error)
{
  static const gint mp3[] = { 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320 };
  gboolean good = !format->type->is_lossy || (format->bitrate >= 6 && format->bitrate <= 510);

  if (is_mp3 (format)) {
    good = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS (mp3); i++)
      good |= format->bitrate == mp3[i];
  }
  if (!good)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--bitrate: %s files have %s kbit/s, not %d", format->type->extension,
        is_mp3 (format) ? "32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256 or 320"
                        : "6 to 510",
        format->bitrate);

  return good;
}

/* Whether the encoder takes that rate and that many channels. */
static gboolean
check_caps (const FileFormat *format, const GstCaps *caps, GError **error)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (format->type->elements[0]);
  g_autoptr (GstCaps) wanted = gst_caps_copy (caps);
  gint rate = DEFAULT_RATE, channels = 1;
  gboolean good;

  gst_structure_get_int (gst_caps_get_structure (wanted, 0), "rate", &rate);
  gst_structure_get_int (gst_caps_get_structure (wanted, 0), "channels", &channels);
  gst_caps_set_simple (wanted, "format", G_TYPE_STRING, file_format_get_samples (format), "rate",
      G_TYPE_INT, rate, "channels", G_TYPE_INT, channels, NULL);
  good = gst_element_factory_can_sink_any_caps (factory, wanted);
  if (!good)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "%s files cannot have %d channel%s at %d Hz%s", format->type->extension, channels,
        channels == 1 ? "" : "s", rate,
        is_mp3 (format)              ? "; at most 2 channels, and a usual rate up to 48000 Hz"
            : format->type->is_lossy ? "; Opus has 8000, 12000, 16000, 24000 or 48000 Hz"
                                     : "");

  return good;
}

gboolean
file_format_init (FileFormat *format, const char *extension, gint bits, gint bitrate,
    const GstCaps *caps, GError **error)
{
  g_autofree char *lower = g_ascii_strdown (extension, -1);

  *format = (FileFormat){ .bits = bits ? bits : 16, .bitrate = bitrate };
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (lower, types[i].extension))
      format->type = &types[i];
  if (!format->type) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "\"%s\" is not a kind of file that is rendered to; there are " FILE_TYPES, extension);
    return FALSE;
  }
  if (!bitrate)
    format->bitrate = is_mp3 (format) ? DEFAULT_MP3_KBITS : DEFAULT_OPUS_KBITS;
  else if (!format->type->is_lossy) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--bitrate: %s files are lossless; they have --bits", extension);
    return FALSE;
  }
  for (const char *const *name = format->type->elements; *name; name++) {
    g_autoptr (GstElementFactory) factory = gst_element_factory_find (*name);

    if (!factory) {
      g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
          "%s files need the GStreamer element %s, which is not installed (on Debian: the packages "
          "gstreamer1.0-plugins-base and gstreamer1.0-plugins-good)",
          extension, *name);
      return FALSE;
    }
  }

  return check_bits (format, error) && check_bitrate (format, error)
      && check_caps (format, caps, error);
}

const char *
file_format_get_samples (const FileFormat *format)
{
  return format->bits == 16 ? "S16LE" : format->bits == 24 ? "S24LE" : "F32LE";
}

GstElement *
file_format_make_encoder (const FileFormat *format, GError **error)
{
  g_autofree char *description = NULL;

  if (is_mp3 (format))
    description = g_strdup_printf (
        "lamemp3enc target=bitrate cbr=true bitrate=%d ! id3v2mux", format->bitrate);
  else if (format->type->is_lossy)
    description =
        g_strdup_printf ("opusenc bitrate-type=vbr bitrate=%d ! oggmux", format->bitrate * 1000);
  else
    description = g_strdup (format->type->elements[0]);

  return gst_parse_bin_from_description_full (
      description, TRUE, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
}
