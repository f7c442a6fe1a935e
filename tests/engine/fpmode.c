/* The floating-point mode of a thread that is not ours: it has no influence, and is left as it was.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-documents.h"

#include "math/fpmode.h"

#include <fenv.h>

#define FRAMES 6000
#define OVERFLOWING                                                                                \
  PLAIN_DOCUMENT ("'o':['oscillator','a'],'a':['gain','b',{'gain':1e30}],'b':['gain','c',{'gain'"  \
                  ":-1e30}],'c':['delay',['a','d','output'],{'delayTime':0.004}],"                 \
                  "'d':['biquadFilter','output',{'Q':-1e30}]",                                     \
      "")
#define EVERYTHING                                                                                 \
  PLAIN_DOCUMENT (                                                                                 \
      "'w':['wavetable',['f','s']],'f':['biquadFilter',['c','r'],{'frequency':700.7}],"            \
      "'s':['waveShaper','r',{'oversample':'4x'}],'c':['dynamicsCompressor',['d','output']],"      \
      "'d':['delay',['f','output'],{'delayTime':0.0123}],'r':['convolver','output'],"              \
      "'o':['oscillator','r',{'detune':7.3}],'n':['bufferSource','d',{'playbackRate':0.7}]",       \
      "{'networkOutput':0,'frequency':300.3,'audioGraphNodes':{'w':[{'paramName':'buffer',"        \
      "'range':[-2,2]}],'r':[{'paramName':'buffer'}],'f':[{'paramName':'frequency','range':"       \
      "[0.1,3000]}]}},{'networkOutput':1,'frequency':0.3,'audioGraphNodes':{'w':[{'paramName':"    \
      "'mix','range':[-1,1]}],'s':[{'paramName':'curve'}]}},{'networkOutput':'noisePink',"         \
      "'audioGraphNodes':{'n':[{'paramName':'buffer'}]}}")
#define TINY                                                                                       \
  PLAIN_DOCUMENT ("'o':['oscillator','a',{'frequency':3.3e-39}],'a':['gain','b',{'gain':1e-30}],"  \
                  "'b':['gain','c',{'gain':1e-12}],'c':['gain','output',{'gain':1e38}]",           \
      "")

/* Flags of what happened in any computation, such as an inexact result; they are no mode. */
#ifdef __SSE2__
#define FLAGS G_GUINT64_CONSTANT (0x3f)
#else
#define FLAGS G_GUINT64_CONSTANT (0)
#endif

/* Calls something of the public face, which must leave the mode as it is. */
#define LEAVES_MODE(call)                                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const KromoFpMode before = kromo_fp_get_mode ();                                               \
    call;                                                                                          \
    g_assert_cmphex (kromo_fp_get_mode () & ~FLAGS, ==, before & ~FLAGS);                          \
  }                                                                                                \
  G_STMT_END

typedef struct {
  float *samples;
  gsize n;
} Sound;

static void
render (KromoRenderer *renderer, gsize n, Sound *sound)
{
  gsize done;

  LEAVES_MODE (
      done = kromo_renderer_render (renderer, (float *[]){ sound->samples + sound->n }, n));
  sound->n += done;
}

/* All that there is to be done with a genome, and the sound of it. */
static void
use (KromoGenome *genome, const KromoFormat *format, gboolean oversample, Sound *sound)
{
  KromoNote note = KROMO_NOTE_INIT;
  KromoRenderer *renderer, *copy, *next;
  GError *error = NULL;
  gboolean ok;

  note.note_delta = 0.7;
  note.velocity = 0.9;
  note.duration = G_GUINT64_CONSTANT (400000000);
  note.oversample = oversample;
  LEAVES_MODE (renderer = kromo_renderer_new (genome, &note, format, &error));
  g_assert_no_error (error);
  LEAVES_MODE (kromo_renderer_keep_checkpoints (renderer, 1 << 22));
  LEAVES_MODE (ok = kromo_renderer_prepare (renderer, NULL, NULL, &error));
  g_assert_true (ok);
  render (renderer, FRAMES, sound);
  LEAVES_MODE (copy = kromo_renderer_copy (renderer));
  render (copy, 777, sound);
  LEAVES_MODE (ok = kromo_renderer_seek (renderer, 1234, NULL, NULL, &error));
  g_assert_true (ok);
  render (renderer, 777, sound);
  note.note_delta = 7.1;
  LEAVES_MODE (next = kromo_renderer_new (genome, &note, format, &error));
  g_assert_no_error (error);
  LEAVES_MODE (ok = kromo_renderer_prepare (next, NULL, NULL, &error));
  g_assert_true (ok);
  LEAVES_MODE (kromo_renderer_take_over (next, renderer, TRUE));
  render (next, 1111, sound);
  LEAVES_MODE (kromo_renderer_reset (copy));
  render (copy, 777, sound);
  LEAVES_MODE (kromo_renderer_free (copy));
  LEAVES_MODE (kromo_renderer_free (next));
}

static KromoGenome *
read_document (const char *text)
{
  KromoGenome *genome;

  LEAVES_MODE (genome = load_text (text));
  return genome;
}

static KromoGenome *
make_random (guint64 seed)
{
  KromoGenome *genome;
  char *text;

  LEAVES_MODE (text = kromo_random_genome_to_json (seed, KROMO_RANDOM_WILD));
  g_free (text);
  LEAVES_MODE (genome = kromo_genome_new_random (seed, KROMO_RANDOM_WILD));
  return genome;
}

#define N_DOCUMENTS 3
#define N_GENOMES (N_DOCUMENTS + 6)

/* So that every run begins without any: a space more, and the text is another. */
static KromoGenome *
get_genome (guint i, guint run)
{
  static const char *const documents[N_DOCUMENTS] = { OVERFLOWING, EVERYTHING, TINY };
  g_autofree char *text = i < N_DOCUMENTS ? json (documents[i]) : NULL;
  g_autofree char *spaces = g_strnfill (run, ' ');
  g_autofree char *document = NULL;

  if (i >= N_DOCUMENTS)
    return make_random (i);
  document = g_strconcat (spaces, text, NULL);
  return read_document (document);
}

static Sound
use_genomes (guint run)
{
  static const KromoNormalize ways[] = { KROMO_NORMALIZE_LIMIT, KROMO_NORMALIZE_PEAK };
  Sound sound = { g_new (float, 10000 * N_GENOMES * 4), 0 };

  for (guint i = 0; i < N_GENOMES; i++) {
    g_autoptr (KromoGenome) genome = get_genome (i, run);

    for (guint k = 0; k < 4; k++) {
      const KromoFormat format = { 48000, 1, ways[k % 2],
        k / 2 ? KROMO_RENDERING_STANDARD : KROMO_RENDERING_REFERENCE, 1000000, 0 };

      use (genome, &format, k / 2, &sound);
    }
  }
  g_assert_cmpuint (sound.n, <=, 10000 * N_GENOMES * 4);
  return sound;
}

/* ---- modes ---- */

static void
set_flushing (void)
{
  kromo_fp_set_mode (KROMO_FP_FLUSHING);
}

static void
set_upward (void)
{
  fesetround (FE_UPWARD);
}

static void
set_toward_zero_with_flags (void)
{
  fesetround (FE_TOWARDZERO);
  feraiseexcept (FE_DIVBYZERO | FE_UNDERFLOW);
}

static void
set_trapping (void)
{
  feenableexcept (FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
}

static void
test_modes (void)
{
  static void (*const modes[]) (
      void) = { set_flushing, set_upward, set_toward_zero_with_flags, set_trapping };
  Sound usual = use_genomes (0);
  fenv_t before;

  g_assert_cmpuint (usual.n, >, 8000 * N_GENOMES * 4);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    Sound sound;

    fegetenv (&before);
    modes[i]();
    sound = use_genomes (i + 1);
    fesetenv (&before);
    g_assert_cmpmem (
        sound.samples, sound.n * sizeof (float), usual.samples, usual.n * sizeof (float));
    g_free (sound.samples);
  }
  g_free (usual.samples);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fpmode/modes", test_modes);
  return g_test_run ();
}
