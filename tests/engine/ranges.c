/* Everything that a note and a format may be: every rate, channel count and duration, notes at their
 * ends, and the bound on memory. Sounds are right or refused with an error; nothing else happens.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-documents.h"

#include <math.h>
#include <stdlib.h>

#define SECOND G_GUINT64_CONSTANT (1000000000)
#define MAX_FRAMES KROMO_MAX_RATE

static const guint rates[] = { 8000, 8001, 11025, 12000, 16000, 22050, 24000, 32000, 37800, 44056,
  44100, 47952, 48000, 50000, 64000, 88200, 96000, 131071, 176400, 191999, 192000 };

static float samples[KROMO_MAX_CHANNELS][MAX_FRAMES];

static gsize
render (KromoRenderer *renderer, gsize n)
{
  float *channels[KROMO_MAX_CHANNELS];

  for (guint c = 0; c < KROMO_MAX_CHANNELS; c++)
    channels[c] = samples[c];
  g_assert_cmpuint (n, <=, MAX_FRAMES);
  return kromo_renderer_render (renderer, channels, n);
}

static void
check_range (guint n_channels, gsize n)
{
  for (guint c = 0; c < n_channels; c++) {
    for (gsize i = 0; i < n; i++)
      g_assert_true (fabsf (samples[c][i]) <= 1.0f); /* not NaN either */
  }
}

static guint32
checksum (guint n_channels, gsize n)
{
  guint32 sum = 2166136261;

  for (guint c = 0; c < n_channels; c++) {
    for (gsize i = 0; i < n; i++) {
      guint32 bits;

      memcpy (&bits, &samples[c][i], sizeof bits);
      sum = (sum ^ bits) * 16777619;
    }
  }
  return sum;
}

/* ---- rates, channels, durations ---- */

/* A sound with every kind of node that mixes or keeps channels: six from a wavetable, a delay, a filter,
 * a compressor. */
#define RICH                                                                                       \
  PLAIN_DOCUMENT (                                                                                 \
      "'1':['wavetable',['2','3','4']],'2':['delay','output',{'delayTime':0.01}],"                 \
      "'3':['biquadFilter','output',{'frequency':900}],'4':['dynamicsCompressor','output']",       \
      "{'networkOutput':0,'frequency':300,'audioGraphNodes':{'1':[{'paramName':'buffer',"          \
      "'range':[-2,2]}]}},{'networkOutput':1,'frequency':400,'audioGraphNodes':{'1':[{"            \
      "'paramName':'buffer','range':[-2,2]}]}},{'networkOutput':0,'frequency':1,"                  \
      "'audioGraphNodes':{'1':[{'paramName':'mix','range':[-1,1]}]}}")

static void
check_formats (KromoGenome *genome)
{
  KromoNote note = KROMO_NOTE_INIT;

  note.duration = SECOND / 50;
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (guint channels = 1; channels <= KROMO_MAX_CHANNELS; channels++) {
      const KromoFormat format = { rates[r], channels, KROMO_NORMALIZE_LIMIT,
        KROMO_RENDERING_REFERENCE, 0, 0 };
      g_autoptr (KromoRenderer) renderer = renderer_of (genome, &note, &format);
      const gsize n = (gsize) kromo_count_frames (rates[r], note.duration);

      g_assert_cmpuint (kromo_renderer_get_n_frames (renderer), ==, n);
      g_assert_cmpuint (render (renderer, MAX_FRAMES), ==, n);
      check_range (channels, n);
    }
  }
}

static void
test_formats (void)
{
  g_autoptr (KromoGenome) simple = kromo_genome_new_default ();
  g_autoptr (KromoGenome) rich = load_quoted (RICH);

  check_formats (simple);
  check_formats (rich);
}

/* From one frame on, at every rate; the shortest duration is the one that is rounded up to a frame. */
static void
test_short (void)
{
  static const guint lengths[] = { 1, 2, 3, 127, 128, 129, 255, 256, 257 };
  g_autoptr (KromoGenome) genome = load_quoted (RICH);
  KromoNote note = KROMO_NOTE_INIT;

  note.oversample = TRUE;
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    const KromoFormat format = { rates[r], 2, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE,
      SECOND / 100, 0 };
    g_autoptr (GError) error = NULL;

    for (guint k = 0; k < G_N_ELEMENTS (lengths); k++) {
      g_autoptr (KromoRenderer) renderer = NULL;

      note.duration = (2 * lengths[k] - 1) * (SECOND / 2) / rates[r] + 1;
      renderer = renderer_of (genome, &note, &format);
      g_assert_cmpuint (kromo_renderer_get_n_frames (renderer), ==, lengths[k]);
      g_assert_cmpuint (render (renderer, MAX_FRAMES), ==, lengths[k]);
      check_range (2, lengths[k]);
      g_assert_cmpuint (render (renderer, MAX_FRAMES), ==, 0);
    }
    note.duration = SECOND / 2 / rates[r] - 1;
    g_assert_null (kromo_renderer_new (genome, &note, &format, &error));
    g_assert_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS);
  }
}

/* 24 hours start as fast as anything, and start again. */
static void
test_long (void)
{
  g_autoptr (KromoGenome) genome = load_quoted (RICH);
  KromoNote note = KROMO_NOTE_INIT;

  note.duration = KROMO_MAX_DURATION;
  for (guint k = 0; k < 8; k++) {
    const KromoFormat format = { k & 1 ? 192000 : 8000, 2, KROMO_NORMALIZE_LIMIT,
      KROMO_RENDERING_REFERENCE, k & 2 ? KROMO_MAX_DURATION : 0, 0 };
    g_autoptr (KromoRenderer) renderer = NULL;
    guint32 before;

    note.oversample = note.reverse = (k & 4) != 0;
    renderer = renderer_of (genome, &note, &format);
    g_assert_cmpuint (kromo_renderer_get_n_frames (renderer), ==, 86400 * (guint64) format.rate);
    g_assert_cmpuint (render (renderer, format.rate), ==, format.rate);
    check_range (2, format.rate);
    before = checksum (2, format.rate);
    kromo_renderer_reset (renderer);
    g_assert_cmpuint (kromo_renderer_get_position (renderer), ==, 0);
    g_assert_cmpuint (render (renderer, format.rate), ==, format.rate);
    g_assert_cmpuint (checksum (2, format.rate), ==, before);
  }
}

/* ---- notes ---- */

/* A renderer, whose sound is in range, or the error that says which network output is too high. */
static gboolean
play (KromoGenome *genome, const KromoNote *note)
{
  const KromoFormat format = { 48000, 2, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE, 0, 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoRenderer) renderer = kromo_renderer_new (genome, note, &format, &error);

  if (renderer == NULL) {
    g_assert_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS);
    g_assert_nonnull (strstr (error->message, "transpose it less"));
    return FALSE;
  }
  g_assert_cmpuint (render (renderer, MAX_FRAMES), ==, 4800);
  check_range (2, 4800);
  return TRUE;
}

static void
test_notes (void)
{
  static const double deltas[] = { -128.0, -127.9, -1e-300, 0.0, 0.5, 127.9, 128.0 };
  static const double velocities[] = { 0.0, 1e-300, 0.5, 1.0 };
  static const double ratios[] = { 1e-300, 1e-4, 1.0, 1e4, 1e9, 1e300 };
  g_autoptr (KromoGenome) genome = load_quoted (RICH);
  KromoNote note = KROMO_NOTE_INIT;

  note.duration = SECOND / 10;
  for (guint d = 0; d < G_N_ELEMENTS (deltas); d++) {
    for (guint r = 0; r < G_N_ELEMENTS (ratios); r++) {
      for (guint v = 0; v < G_N_ELEMENTS (velocities); v++) {
        gboolean plays;

        note.note_delta = deltas[d];
        note.tuning_ratio = ratios[r];
        note.velocity = velocities[v];
        note.oversample = note.transpose_all = note.inharmonicity = v & 1;
        plays = play (genome, &note);
        g_assert_cmpint (plays, ==, 400.0 * exp2 (deltas[d] / 12.0) * ratios[r] <= 1e9);
      }
    }
  }
}

/* Without its periodic input a network sounds the same at every pitch. */
static void
test_velocity_zero (void)
{
  g_autoptr (KromoGenome) genome = load_quoted (RICH);
  const KromoFormat format = { 48000, 1, KROMO_NORMALIZE_NONE, KROMO_RENDERING_REFERENCE, 0, 0 };
  KromoNote note = KROMO_NOTE_INIT;
  guint32 sums[4];

  note.duration = SECOND / 10;
  for (guint k = 0; k < 4; k++) {
    g_autoptr (KromoRenderer) renderer = NULL;

    note.velocity = k & 1;
    note.note_delta = k & 2 ? 7.0 : 0.0;
    renderer = renderer_of (genome, &note, &format);
    g_assert_cmpuint (render (renderer, MAX_FRAMES), ==, 4800);
    sums[k] = checksum (1, 4800);
  }
  g_assert_cmpuint (sums[0], ==, sums[2]);
  g_assert_cmpuint (sums[1], !=, sums[3]);
}

static void
assert_refused (const KromoNote *note, const KromoFormat *format)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (GError) error = NULL;

  g_assert_null (kromo_renderer_new (genome, note, format, &error));
  g_assert_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS);
  g_assert_cmpuint (strlen (error->message), >, 10);
}

static void
test_refused (void)
{
  static const double deltas[] = { -128.1, 128.1, NAN, INFINITY, -INFINITY };
  static const double ratios[] = { 0.0, -0.0, -1.0, NAN, INFINITY };
  static const double velocities[] = { -1e-300, 1.0000001, NAN, INFINITY };
  static const guint64 durations[] = { 0, 1, 10416, KROMO_MAX_DURATION + 1, G_MAXUINT64 };
  static const KromoFormat formats[] = { { 7999, 1, KROMO_NORMALIZE_NONE }, { 0, 1 }, { 192001, 1 },
    { G_MAXUINT, 1 }, { 48000, 0 }, { 48000, 9 }, { 48000, G_MAXUINT },
    { 48000, 1, (KromoNormalize) 3 }, { 48000, 1, (KromoNormalize) -1 },
    { 48000, 1, KROMO_NORMALIZE_NONE, (KromoRendering) 2 } };
  const KromoFormat good = { 48000, 1, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE, 0, 0 };
  KromoNote note = KROMO_NOTE_INIT;

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    assert_refused (&note, &formats[i]);
  for (guint i = 0; i < G_N_ELEMENTS (deltas); i++) {
    note.note_delta = deltas[i];
    assert_refused (&note, &good);
  }
  note.note_delta = 0.0;
  for (guint i = 0; i < G_N_ELEMENTS (ratios); i++) {
    note.tuning_ratio = ratios[i];
    assert_refused (&note, &good);
  }
  note.tuning_ratio = 1.0;
  for (guint i = 0; i < G_N_ELEMENTS (velocities); i++) {
    note.velocity = velocities[i];
    assert_refused (&note, &good);
  }
  note.velocity = 1.0;
  for (guint i = 0; i < G_N_ELEMENTS (durations); i++) {
    note.duration = durations[i];
    assert_refused (&note, &good);
  }
}

/* ---- memory ---- */

#define CONVOLVED                                                                                  \
  PLAIN_DOCUMENT ("'src':['bufferSource','room'],'room':['convolver','output']",                   \
      "{'networkOutput':0,'frequency':300,'audioGraphNodes':{'src':[{'paramName':'buffer'}],"      \
      "'room':[{'paramName':'buffer'}]}}")
#define DELAYED                                                                                    \
  PLAIN_DOCUMENT ("'src':['oscillator','long'],'long':['delay','output',{'maxDelayTime':179}]", "")
#define NOISY                                                                                      \
  PLAIN_DOCUMENT ("'hiss':['bufferSource','output',{'playbackRate':0.5}]",                         \
      "{'networkOutput':'noisePink','audioGraphNodes':{'hiss':[{'paramName':'buffer'}]}}")
#define LOOPED PLAIN_DOCUMENT ("'src':['oscillator','comb'],'comb':['feedbackDelay','output']", "")

#define LONGEST "the longest duration that fits is "

/* The longest duration that the error tells; 0: none. */
static guint64
assert_too_large (
    KromoGenome *genome, const KromoNote *note, const KromoFormat *format, const char *words)
{
  g_autoptr (GError) error = NULL;
  const char *longest;

  g_assert_null (kromo_renderer_new (genome, note, format, &error));
  g_assert_error (error, KROMO_ERROR, KROMO_ERROR_MEMORY);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
  longest = strstr (error->message, LONGEST);
  if (longest == NULL) {
    g_assert_nonnull (strstr (error->message, "no duration fits"));
    return 0;
  }
  return (guint64) llround (g_ascii_strtod (longest + strlen (LONGEST), NULL) * 1e9);
}

/* What the error advises is right to the millisecond. */
static void
check_advice (const char *document, guint rate, guint64 max_memory, const char *words)
{
  const guint64 bound = max_memory != 0 ? max_memory : KROMO_DEFAULT_MAX_MEMORY;
  const KromoFormat format = { rate, 2, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE, 0,
    max_memory };
  g_autoptr (KromoGenome) genome = load_quoted (document);
  g_autoptr (KromoRenderer) renderer = NULL;
  KromoNote note = KROMO_NOTE_INIT;
  guint64 longest;

  note.duration = KROMO_MAX_DURATION;
  longest = assert_too_large (genome, &note, &format, words);
  g_assert_cmpuint (longest, >, 0);
  note.duration = longest;
  renderer = renderer_of (genome, &note, &format);
  g_assert_cmpuint (kromo_renderer_get_memory (renderer), <=, bound);
  note.duration = longest + SECOND / 1000;
  assert_too_large (genome, &note, &format, words);
}

static void
test_memory_of_convolver (void)
{
  check_advice (CONVOLVED, 192000, 0, "convolver \"room\"");
  check_advice (CONVOLVED, 8000, 0, "convolver \"room\"");
  check_advice (CONVOLVED, 48000, 1 << 20, "convolver \"room\"");
  check_advice (CONVOLVED, 44100, 10 << 20, "convolver \"room\"");
}

static void
test_memory_of_noise (void)
{
  check_advice (NOISY, 192000, 0, "bufferSource \"hiss\"");
  check_advice (NOISY, 48000, 1 << 20, "bufferSource \"hiss\"");
}

/* A delay's ring does not depend on the duration. */
static void
check_fixed (const char *document, guint rate, guint64 max_memory, const char *words)
{
  const KromoFormat format = { rate, 1, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE, 0,
    max_memory };
  g_autoptr (KromoGenome) genome = load_quoted (document);
  const KromoNote note = KROMO_NOTE_INIT;

  g_assert_cmpuint (assert_too_large (genome, &note, &format, words), ==, 0);
}

static void
test_memory_of_delay (void)
{
  check_fixed (DELAYED, 192000, 1 << 24, "delay \"long\"");
  check_fixed (DELAYED, 48000, 1, "delay \"long\"");
}

static void
test_memory_of_feedback_delay (void)
{
  const KromoFormat format = { 192000, 1, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_STANDARD, 0,
    1 << 20 };
  g_autoptr (KromoGenome) genome = load_quoted (LOOPED);
  const KromoNote note = KROMO_NOTE_INIT;

  g_assert_cmpuint (assert_too_large (genome, &note, &format, "feedbackDelay \"comb\""), ==, 0);
}

/* The bound itself is enough. */
static void
test_bound_is_exact (void)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  KromoFormat format = { 48000, 1, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE, 0, 0 };
  const KromoNote note = KROMO_NOTE_INIT;
  g_autoptr (KromoRenderer) renderer = renderer_of (genome, &note, &format), other = NULL;

  format.max_memory = kromo_renderer_get_memory (renderer);
  other = renderer_of (genome, &note, &format);
  g_assert_nonnull (other);
  format.max_memory--;
  g_assert_cmpuint (assert_too_large (genome, &note, &format, ""), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ranges/formats", test_formats);
  g_test_add_func ("/ranges/short", test_short);
  g_test_add_func ("/ranges/long", test_long);
  g_test_add_func ("/ranges/notes", test_notes);
  g_test_add_func ("/ranges/velocity-zero", test_velocity_zero);
  g_test_add_func ("/ranges/refused", test_refused);
  g_test_add_func ("/ranges/memory/convolver", test_memory_of_convolver);
  g_test_add_func ("/ranges/memory/noise", test_memory_of_noise);
  g_test_add_func ("/ranges/memory/delay", test_memory_of_delay);
  g_test_add_func ("/ranges/memory/feedback-delay", test_memory_of_feedback_delay);
  g_test_add_func ("/ranges/memory/exact", test_bound_is_exact);
  return g_test_run ();
}
