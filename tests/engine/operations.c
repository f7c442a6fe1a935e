/* The bound on the work for one frame: what is counted, and what happens at the bound.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "genome-documents.h"

static const KromoFormat mono = { 48000, 1, KROMO_NORMALIZE_LIMIT };

static guint64
count_with (const char *document, const KromoNote *note, const KromoFormat *format)
{
  g_autoptr (KromoGenome) genome = load_quoted (document);
  g_autoptr (KromoRenderer) renderer = renderer_of (genome, note, format);

  return kromo_renderer_get_operations (renderer);
}

static guint64
count (const char *document)
{
  const KromoNote note = KROMO_NOTE_INIT;

  return count_with (document, &note, &mono);
}

#define BUFFER_OF(node) "'audioGraphNodes':{'" node "':[{'paramName':'buffer'}]}}"
#define CURVE_OF(nodes) "'audioGraphNodes':{" nodes "}}"
#define CURVE "[{'paramName':'curve'}]"
#define SIGNAL(output, rest) "{'networkOutput':" output ",'frequency':300," rest

/* ---- what is counted ---- */

/* Every node goes to the output: 2 for its connection there. */
static void
test_nodes (void)
{
  /* output 1 is the constant cos (0): 2 for its signal, which the source reads (twice, at most) */
  static const char source[] =
      PLAIN_DOCUMENT ("'s':['bufferSource','output']", SIGNAL ("1", BUFFER_OF ("s")));

  g_assert_cmpuint (count (PLAIN_DOCUMENT ("'g':['gain','output']", "")), ==, 0);
  g_assert_cmpuint (count (PLAIN_DOCUMENT ("'o':['oscillator','output']", "")), ==, 40 + 2);
  g_assert_cmpuint (
      count (PLAIN_DOCUMENT ("'o':['oscillator','g'],'g':['gain','output']", "")), ==, 40 + 4 + 2);
  g_assert_cmpuint (
      count (PLAIN_DOCUMENT ("'o':['oscillator','f'],'f':['biquadFilter','output']", "")), ==,
      40 + 2 + 150 + 2);
  g_assert_cmpuint (count (PLAIN_DOCUMENT ("'o':['oscillator','d'],'d':['delay','output']", "")),
      ==, 40 + 2 + 15 + 2);
  g_assert_cmpuint (
      count (PLAIN_DOCUMENT ("'o':['oscillator','c'],'c':['dynamicsCompressor','output']", "")), ==,
      40 + 2 + 80 + 2);
  g_assert_cmpuint (count (source), ==, 2 + 5 + 2 * 2 + 2);
  /* a parameter that moves */
  g_assert_cmpuint (
      count (PLAIN_DOCUMENT (
          "'o':['oscillator','g'],'m':['oscillator',{'key':'g','destination':'gain'}],"
          "'g':['gain','output']",
          "")),
      ==, 40 + 40 + 2 + 20 + 4 + 2);
}

/* The network: 10 for an activation, 1 for a multiply-add, 2 for the signal. Output 0 is sin (0.5 + g (-2 sin)). */
static void
test_network (void)
{
  static const char document[] =
      PLAIN_DOCUMENT ("'s':['bufferSource','output']", SIGNAL ("0", BUFFER_OF ("s")));
  const guint64 network = 3 * 10 + 2 + 2, node = 5 + 2 * 2 + 2;
  KromoNote note = KROMO_NOTE_INIT;

  g_assert_cmpuint (count (document), ==, network + node);
  note.oversample = TRUE; /* twice the network, and a filter of 64 taps */
  g_assert_cmpuint (count_with (document, &note, &mono), ==, 2 * network + 64 + node);
}

/* What is read at random is evaluated by everybody who reads it. */
static void
test_random (void)
{
  const guint64 once = count (PLAIN_DOCUMENT (
      "'o':['oscillator','a'],'a':['waveShaper','output']", SIGNAL ("0", CURVE_OF ("'a':" CURVE))));
  const guint64 twice =
      count (PLAIN_DOCUMENT ("'o':['oscillator',['a','b']],'a':['waveShaper','output'],"
                             "'b':['waveShaper','output']",
          SIGNAL ("0", CURVE_OF ("'a':" CURVE ",'b':" CURVE))));
  const guint64 four_fold = count (
      PLAIN_DOCUMENT ("'o':['oscillator','a'],'a':['waveShaper','output',{'oversample':'4x'}]",
          SIGNAL ("0", CURVE_OF ("'a':" CURVE))));
  const guint64 shaper = 20 + 2 * (3 * 10 + 2 + 2);

  g_assert_cmpuint (once, ==, 40 + 2 + shaper + 2);
  g_assert_cmpuint (twice, ==, 40 + 2 * (2 + shaper + 2));
  g_assert_cmpuint (four_fold, ==, 40 + 2 + 4 * (240 + shaper) + 2);
}

/* Channels count each by itself. */
static void
test_channels (void)
{
  static const char document[] = PLAIN_DOCUMENT (
      "'o':['oscillator','m'],'m':['channelMerger','f'],'f':['biquadFilter','output']", "");
  const KromoNote note = KROMO_NOTE_INIT;
  const KromoFormat stereo = { 48000, 2, KROMO_NORMALIZE_LIMIT };

  g_assert_cmpuint (count (document), ==, 40 + 6 * (2 + 1) + 6 * (2 + 150) + 2);
  g_assert_cmpuint (count_with (document, &note, &stereo), ==, count (document) + 2);
}

/* A convolver costs more with its response, and slowly so. */
static void
test_convolver (void)
{
  static const char document[] = PLAIN_DOCUMENT (
      "'o':['oscillator','c'],'c':['convolver','output']", SIGNAL ("1", BUFFER_OF ("c")));
  KromoNote note = KROMO_NOTE_INIT;
  guint64 last = 0;

  note.duration = G_GUINT64_CONSTANT (100000000);
  for (guint k = 0; k < 4; k++, note.duration *= 10) {
    const guint64 operations = count_with (document, &note, &mono);

    g_assert_cmpuint (operations, >, last);
    g_assert_cmpuint (operations, <, 1000);
    last = operations;
  }
}

/* ---- the bound ---- */

static void
test_bound (void)
{
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  const KromoNote note = KROMO_NOTE_INIT;
  KromoFormat format = mono;
  g_autoptr (KromoRenderer) renderer = renderer_of (genome, &note, &format), same = NULL;
  const guint64 operations = kromo_renderer_get_operations (renderer);
  g_autofree char *message =
      g_strdup_printf ("a frame would take about %" G_GUINT64_FORMAT
                       " operations, above the bound (max-operations) of %" G_GUINT64_FORMAT
                       "; raise it if rendering may take that long",
          operations, operations - 1);
  g_autoptr (GError) error = NULL;

  format.max_operations = operations;
  same = renderer_of (genome, &note, &format);
  g_assert_cmpuint (kromo_renderer_get_operations (same), ==, operations);
  format.max_operations--;
  g_assert_null (kromo_renderer_new (genome, &note, &format, &error));
  g_assert_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS);
  g_assert_cmpstr (error->message, ==, message);
}

/* The default is far above what was bred. */
static void
test_bred (void)
{
  const char *name;
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "parity", "genomes", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autoptr (KromoGenome) genome = kromo_genome_load (path, NULL, NULL);

    g_assert_nonnull (genome);
    for (guint k = 0; k < 4; k++, n++) {
      const KromoFormat format = { 48000, 2, KROMO_NORMALIZE_LIMIT, k / 2, 0, 0,
        KROMO_DEFAULT_MAX_OPERATIONS / 100 };
      KromoNote note = KROMO_NOTE_INIT;
      g_autoptr (KromoRenderer) renderer = NULL;

      note.oversample = k % 2;
      renderer = renderer_of (genome, &note, &format);
    }
  }
  g_assert_cmpuint (n, >=, 4 * 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/operations/nodes", test_nodes);
  g_test_add_func ("/operations/network", test_network);
  g_test_add_func ("/operations/random", test_random);
  g_test_add_func ("/operations/channels", test_channels);
  g_test_add_func ("/operations/convolver", test_convolver);
  g_test_add_func ("/operations/bound", test_bound);
  g_test_add_func ("/operations/bred", test_bred);
  return g_test_run ();
}
