/* Random genomes: wild ones render the same bits whatever the chunks, finite and without allocations;
 * musical ones are worth hearing; the text hangs on the seed alone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "allocations.h"
#include "kromo.h"
#include "random-features.h"
#include "sound.h"

#include <math.h>
#include <string.h>

#if defined(TEST_HAS_SANITIZER) || !defined(__OPTIMIZE__)
#define WILD_SEEDS 60
#define MUSICAL_SEEDS 10
#define FEATURE_SEEDS 400
#else
#define WILD_SEEDS 1000
#define MUSICAL_SEEDS 300
#define FEATURE_SEEDS 400
#endif

#define WILD_PARTS 10 /* tests, so that a failure says roughly where */
#define MAX_FRAMES 20000
#define SECOND G_GUINT64_CONSTANT (1000000000)

/* One sound, twice: as it should be, and as it is. */
static float expected[KROMO_MAX_CHANNELS][MAX_FRAMES], actual[KROMO_MAX_CHANNELS][MAX_FRAMES];

static KromoGenome *
load (const char *text)
{
  g_autoptr (GError) error = NULL;
  KromoGenome *genome = kromo_genome_new_from_data (text, strlen (text), &error);

  g_assert_no_error (error);
  return genome;
}

static gsize
render (KromoRenderer *renderer, float planes[][MAX_FRAMES], gsize offset, gsize n)
{
  float *channels[KROMO_MAX_CHANNELS];

  for (guint c = 0; c < KROMO_MAX_CHANNELS; c++)
    channels[c] = planes[c] + offset;
  return kromo_renderer_render (renderer, channels, n);
}

/* ---- wild ---- */

typedef struct {
  KromoRendering rendering;
  guint first;
} WildPart;

static void
choose_settings (GRand *rand, KromoNote *note, KromoFormat *format)
{
  static const guint rates[] = { 8000, 11025, 16000, 22050, 32000, 44100, 48000, 48000, 96000,
    192000 };

  format->rate = rates[g_rand_int_range (rand, 0, G_N_ELEMENTS (rates))];
  format->channels = (guint) g_rand_int_range (rand, 1, KROMO_MAX_CHANNELS + 1);
  format->normalize = KROMO_NORMALIZE_LIMIT;
  format->edge_fade = g_rand_int_range (rand, 0, 4) == 0 ? SECOND / 100 : 0;
  /* seldom a whole number of frames */
  note->duration = SECOND / 10
      + (guint64) g_rand_int_range (rand, 0, format->rate > 48000 ? 1000000 : 200000000);
  if (g_rand_boolean (rand))
    note->note_delta = g_rand_double_range (rand, -24.0, 24.0);
  if (g_rand_boolean (rand))
    note->velocity = g_rand_double (rand);
  if (g_rand_int_range (rand, 0, 4) == 0)
    note->tuning_ratio = g_rand_double_range (rand, 0.5, 2.0);
  note->reverse = g_rand_boolean (rand);
  note->inharmonicity = g_rand_boolean (rand);
  note->transpose_all = g_rand_int_range (rand, 0, 4) == 0;
  note->oversample = g_rand_int_range (rand, 0, 4) == 0;
}

static void
check_samples (guint seed, guint n_channels, gsize n)
{
  for (guint c = 0; c < n_channels; c++) {
    for (gsize i = 0; i < n; i++) {
      if (!(fabsf (expected[c][i]) <= 1.0f))
        g_error ("seed %u: channel %u, frame %" G_GSIZE_FORMAT " is %g", seed, c, i,
            (double) expected[c][i]);
    }
  }
}

static void
check_chunks (guint seed, const char *what, KromoRenderer *renderer, GRand *rand, guint n_channels)
{
  const gsize total = kromo_renderer_get_n_frames (renderer);
  gsize done = 0;

  while (done < total) {
    const gsize n = (gsize) g_rand_int_range (rand, 1, g_rand_boolean (rand) ? 1500 : 50);
    const gsize got = render (renderer, actual, done, MIN (n, total - done));

    g_assert_cmpuint (got, ==, MIN (n, total - done));
    done += got;
  }
  for (guint c = 0; c < n_channels; c++) {
    if (memcmp (expected[c], actual[c], total * sizeof (float)) != 0)
      g_error ("seed %u: other bits %s, in channel %u", seed, what, c);
  }
}

/* FALSE where the genome cannot be built, for a documented reason. */
static gboolean
check_wild (guint seed, KromoGenome *genome, KromoRendering rendering, GRand *rand)
{
  KromoNote note = KROMO_NOTE_INIT;
  KromoFormat format = { .rendering = rendering };
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoRenderer) renderer = NULL, fresh = NULL;
  gint before;
  gsize n;

  choose_settings (rand, &note, &format);
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  if (renderer == NULL) {
    g_assert_error (error, KROMO_ERROR, KROMO_ERROR_INVALID);
    g_assert_nonnull (strstr (error->message, "envelopes"));
    return FALSE;
  }
  n = kromo_renderer_get_n_frames (renderer);
  g_assert_cmpuint (n, <=, MAX_FRAMES);
  g_assert_true (kromo_renderer_prepare (renderer, NULL, NULL, NULL));
  before = test_get_n_allocations ();
  g_assert_true (before > 0 || !test_counts_allocations ()); /* counting works */
  g_assert_cmpuint (render (renderer, expected, 0, n), ==, n);
  if (test_get_n_allocations () != before)
    g_error ("seed %u: %d allocations while rendering", seed, test_get_n_allocations () - before);
  check_samples (seed, format.channels, n);
  kromo_renderer_reset (renderer);
  check_chunks (seed, "after a reset", renderer, rand, format.channels);
  fresh = kromo_renderer_new (genome, &note, &format, NULL);
  check_chunks (seed, "from a fresh renderer", fresh, rand, format.channels);
  return TRUE;
}

static void
test_wild (gconstpointer data)
{
  const WildPart *part = data;
  const guint n = WILD_SEEDS / WILD_PARTS;
  guint n_refused = 0;

  for (guint seed = part->first; seed < part->first + n; seed++) {
    g_autofree char *text = kromo_random_genome_to_json (seed, KROMO_RANDOM_WILD);
    g_autoptr (KromoGenome) genome = load (text);
    GRand *rand = g_rand_new_with_seed (seed);

    if (!check_wild (seed, genome, part->rendering, rand)) {
      Features features = { { 0 } };

      features_add (&features, text, genome);
      /* the standard rendering leaves out those that are disabled, too */
      g_assert_true (part->rendering == KROMO_RENDERING_STANDARD
          || features_count (&features, "too few envelopes") == 1);
      n_refused++;
    }
    g_rand_free (rand);
  }
  g_test_message ("%u of %u genomes have too few envelopes", n_refused, n);
  g_assert_cmpuint (n_refused, <=, n / 2);
}

/* Whether this version has that rendering. */
static gboolean
is_supported (KromoRendering rendering)
{
  const KromoNote note = KROMO_NOTE_INIT;
  const KromoFormat format = { 48000, 1, .rendering = rendering };
  g_autoptr (KromoGenome) genome = kromo_genome_new_default ();
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoRenderer) renderer = kromo_renderer_new (genome, &note, &format, &error);

  if (renderer == NULL)
    g_assert_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS);
  return renderer != NULL;
}

static void
test_rendering (gconstpointer data)
{
  const WildPart *part = data;

  if (is_supported (part->rendering))
    test_wild (data);
  else
    g_test_skip ("this rendering is not supported");
}

static void
test_features (void)
{
  Features features = { { 0 } };

  for (guint seed = 0; seed < FEATURE_SEEDS; seed++) {
    g_autofree char *text = kromo_random_genome_to_json (seed, KROMO_RANDOM_WILD);
    g_autoptr (KromoGenome) genome = load (text);

    features_add (&features, text, genome);
  }
  for (guint i = 0; i < features_get_n (); i++)
    g_test_message ("%s: %u of %d", features_get_name (i), features.counts[i], FEATURE_SEEDS);
  for (guint i = 0; i < features_get_n (); i++) {
    if (features_count (&features, features_get_name (i)) == 0)
      g_error ("no genome has: %s", features_get_name (i));
  }
}

/* ---- musical ---- */

static void
check_musical (guint seed)
{
  const KromoNote note = KROMO_NOTE_INIT;
  const KromoFormat format = { 48000, 1, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE, 0, 0 };
  const gsize n = 4 * 48000;
  g_autoptr (KromoGenome) genome = kromo_genome_new_random (seed, KROMO_RANDOM_MUSICAL);
  g_autoptr (KromoRenderer) renderer = kromo_renderer_new (genome, &note, &format, NULL);
  g_autofree float *samples = g_new (float, n);
  Sound sound;

  g_assert_null (kromo_genome_get_warnings (genome)[0]);
  g_assert_null (kromo_renderer_get_warnings (renderer)[0]);
  g_assert_cmpuint (kromo_renderer_render (renderer, &samples, n), ==, n);
  g_assert_cmpuint (kromo_renderer_get_non_finite (renderer), ==, 0);
  sound_measure (samples, n, format.rate, &sound);
  if (!(sound.peak >= 0.1 && sound.peak <= 1.0 && sound.rms >= 0.02 && sound.rms <= 0.4
          && fabs (sound.mean) < 0.02 && sound.zeros < 0.01 && sound.head < 0.005
          && sound.tail < 0.005 && sound.change > 0.02))
    g_error ("seed %u: peak %g, rms %g, mean %g, zeros %g, head %g, tail %g, change %g", seed,
        sound.peak, sound.rms, sound.mean, sound.zeros, sound.head, sound.tail, sound.change);
}

static void
test_musical (void)
{
  for (guint seed = 0; seed < MUSICAL_SEEDS; seed++)
    check_musical (seed);
}

/* What is made is what is written. */
static void
test_reload (gconstpointer data)
{
  const KromoRandomKind kind = GPOINTER_TO_UINT (data);
  const KromoNote note = { 3.0, 1.0, 0.9, SECOND / 5, FALSE, FALSE, FALSE, FALSE };
  const KromoFormat format = { 48000, 2, KROMO_NORMALIZE_LIMIT, KROMO_RENDERING_REFERENCE, 0, 0 };

  for (guint seed = 0; seed < 10; seed++) {
    g_autofree char *text = kromo_random_genome_to_json (seed, kind);
    g_autoptr (KromoGenome) a = load (text), b = kromo_genome_new_random (seed, kind);
    g_autoptr (KromoRenderer) p = kromo_renderer_new (a, &note, &format, NULL);
    g_autoptr (KromoRenderer) q = kromo_renderer_new (b, &note, &format, NULL);

    g_assert_cmpstr (kromo_genome_get_id (a), ==, kromo_genome_get_id (b));
    g_assert_cmpuint (render (p, expected, 0, MAX_FRAMES), ==, 9600);
    g_assert_cmpuint (render (q, actual, 0, MAX_FRAMES), ==, 9600);
    for (guint c = 0; c < format.channels; c++)
      g_assert_cmpmem (expected[c], 9600 * sizeof (float), actual[c], 9600 * sizeof (float));
  }
}

/* ---- texts ---- */

static void
test_texts (gconstpointer data)
{
  const KromoRandomKind kind = GPOINTER_TO_UINT (data);
  g_autoptr (GHashTable) hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint seed = 0; seed < 300; seed++) {
    g_autofree char *text = kromo_random_genome_to_json (seed, kind);
    g_autofree char *again = kromo_random_genome_to_json (seed, kind);
    g_autofree char *id =
        g_strdup_printf ("kromo-%s-%u", kind == KROMO_RANDOM_WILD ? "wild" : "musical", seed);
    char *found = strstr (text, id);

    g_assert_cmpstr (text, ==, again);
    g_assert_nonnull (found);
    memset (found, '-', strlen (id)); /* what differs is to be more than the id */
    g_assert_true (
        g_hash_table_add (hashes, g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1)));
  }
}

/* Texts are kept: whoever noted a seed finds the same sound again. */
static void
test_pinned (void)
{
  static const struct {
    guint64 seed;
    KromoRandomKind kind;
    const char *hash;
  } pinned[] = {
    { 0, KROMO_RANDOM_MUSICAL, "ac74c3e5eeeb1e2975bb0cfcaab7a9d27d4fd29c" },
    { 7, KROMO_RANDOM_MUSICAL, "8770b71a9258401738e5cd708e903aaceaaa4724" },
    { G_MAXUINT64, KROMO_RANDOM_MUSICAL, "c1614828c63433d1f889a12ff0ed188c229010d5" },
    { 0, KROMO_RANDOM_WILD, "1c0bbbc0dc75c9704e2c2aa1018eb490cb17511d" },
    { 7, KROMO_RANDOM_WILD, "e5d7b65ef4dedd6f699ef5e88e3f331f21666054" },
    { G_MAXUINT64, KROMO_RANDOM_WILD, "85c7a62edc61a02673bf629d674030ec0745937f" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pinned); i++) {
    g_autofree char *text = kromo_random_genome_to_json (pinned[i].seed, pinned[i].kind);
    g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA1, text, -1);

    g_assert_cmpstr (hash, ==, pinned[i].hash);
  }
}

static void
add_wild (KromoRendering rendering, const char *name)
{
  for (guint i = 0; i < WILD_PARTS; i++) {
    const WildPart part = { rendering, i * (WILD_SEEDS / WILD_PARTS) };
    g_autofree char *path = g_strdup_printf ("/random/wild/%s/%u", name, part.first);

    g_test_add_data_func_full (path, g_memdup2 (&part, sizeof part), test_rendering, g_free);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/features", test_features);
  g_test_add_func ("/random/pinned", test_pinned);
  g_test_add_data_func (
      "/random/texts/musical", GUINT_TO_POINTER (KROMO_RANDOM_MUSICAL), test_texts);
  g_test_add_data_func ("/random/texts/wild", GUINT_TO_POINTER (KROMO_RANDOM_WILD), test_texts);
  g_test_add_data_func (
      "/random/reload/musical", GUINT_TO_POINTER (KROMO_RANDOM_MUSICAL), test_reload);
  g_test_add_data_func ("/random/reload/wild", GUINT_TO_POINTER (KROMO_RANDOM_WILD), test_reload);
  add_wild (KROMO_RENDERING_REFERENCE, "reference");
  add_wild (KROMO_RENDERING_STANDARD, "standard");
  g_test_add_func ("/random/musical", test_musical);
  return g_test_run ();
}
