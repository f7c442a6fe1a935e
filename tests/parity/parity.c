/* Every render of the parity data against the reference's.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Without noise and convolver the samples must be those of the reference to the last bit; with a
 * convolver, within 1e-5 (relative RMSE); noise has its level compared. The data is the folder
 * KROMO_PARITY_DATA, else the small part of it in tests/data/parity.
 */
#include "kromo.h"
#include "samples.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

typedef struct {
  const char *folder;
  JsonObject *genome, *render;
} Case;

static guint n_close, n_all, n_identical, n_exact;

static float *
load_reference (const Case *c, gsize n)
{
  gsize n_samples;
  float *samples =
      test_load_samples (c->folder, json_object_get_string_member (c->render, "file"), &n_samples);

  g_assert_cmpuint (n_samples, ==, n);
  return samples;
}

static KromoRenderer *
make_renderer (const Case *c, KromoNormalize normalize)
{
  JsonObject *r = c->render;
  g_autofree char *path =
      g_build_filename (c->folder, json_object_get_string_member (c->genome, "genome"), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome = kromo_genome_load (path, NULL, &error);
  KromoNote note = KROMO_NOTE_INIT;
  KromoFormat format = { (guint) json_object_get_int_member (r, "rate"),
    (guint) json_object_get_int_member (r, "channels"), normalize, KROMO_RENDERING_REFERENCE };
  KromoRenderer *renderer;

  g_assert_no_error (error);
  note.duration = (guint64) round (json_object_get_double_member (r, "duration") * 1e9);
  note.note_delta = json_object_get_double_member (r, "note_delta");
  note.velocity = json_object_get_double_member (r, "velocity");
  note.reverse = json_object_get_boolean_member (r, "reverse");
  note.inharmonicity = json_object_get_boolean_member (r, "inharmonicity");
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  g_assert_no_error (error);
  return renderer;
}

/* Interleaved, for the reference's are. */
static float *
render (const Case *c, gsize n, guint channels, KromoNormalize normalize)
{
  g_autoptr (KromoRenderer) renderer = make_renderer (c, normalize);
  g_autofree float *planes = g_new (float, n *channels);
  float *planar[KROMO_MAX_CHANNELS];
  float *samples = g_new (float, n *channels);

  g_assert_cmpuint (kromo_renderer_get_n_frames (renderer), ==, n);
  for (guint k = 0; k < channels; k++)
    planar[k] = planes + k * n;
  g_assert_cmpuint (kromo_renderer_render (renderer, planar, n), ==, n);
  for (gsize i = 0; i < n; i++) {
    for (guint k = 0; k < channels; k++)
      samples[i * channels + k] = planar[k][i];
  }
  return samples;
}

static gboolean
has_node (const Case *c, const char *name)
{
  JsonArray *nodes = json_object_get_array_member (c->genome, "nodes");

  for (guint i = 0; i < json_array_get_length (nodes); i++) {
    if (g_str_equal (json_array_get_string_element (nodes, i), name))
      return TRUE;
  }
  return FALSE;
}

static double
rms (const float *x, gsize n)
{
  double sum = 0.0;

  for (gsize i = 0; i < n; i++)
    sum += (double) x[i] * x[i];
  return n > 0 ? sqrt (sum / n) : 0.0;
}

static double
relative_error (const float *ours, const float *theirs, gsize n)
{
  const double level = rms (theirs, n);
  double sum = 0.0;

  for (gsize i = 0; i < n; i++)
    sum += ((double) ours[i] - theirs[i]) * ((double) ours[i] - theirs[i]);
  sum = n > 0 ? sqrt (sum / n) : 0.0;
  return level > 0.0 ? sum / level : sum;
}

static void
describe_difference (const float *ours, const float *theirs, gsize n, guint channels)
{
  for (gsize i = 0; i < n; i++) {
    if (ours[i] != theirs[i]) {
      g_test_message ("first differs at frame %" G_GSIZE_FORMAT " channel %u: %.9g, reference %.9g",
          i / channels, (guint) (i % channels), ours[i], theirs[i]);
      return;
    }
  }
}

static void
check_finite (const float *x, gsize n)
{
  for (gsize i = 0; i < n; i++)
    g_assert_true (isfinite (x[i]));
}

static void
test_render (gconstpointer data)
{
  const Case *c = data;
  const guint channels = (guint) json_object_get_int_member (c->render, "channels");
  const gsize frames = (gsize) json_object_get_int_member (c->render, "frames");
  const gsize comparable = (gsize) json_object_get_int_member (c->render, "comparable_frames");
  const gsize n = comparable * channels;
  const gboolean noise = json_object_get_boolean_member (c->genome, "has_noise");
  const gboolean convolver = has_node (c, "ConvolverNode");
  g_autofree float *theirs = load_reference (c, frames * channels);
  g_autofree float *ours = render (c, frames, channels, KROMO_NORMALIZE_NONE);
  const double error = relative_error (ours, theirs, n);

  n_all++;
  check_finite (ours, n);
  if (noise) {
    if (comparable == frames)
      g_assert_cmpfloat (fabs (rms (ours, n) - rms (theirs, n)), <=, 0.1 * rms (theirs, n));
    n_close++;
    return;
  }
  if (error > 0.0)
    describe_difference (ours, theirs, n, channels);
  n_exact += !convolver;
  n_identical += !convolver && error == 0.0;
  n_close += error <= (convolver ? 1e-5 : 1e-7);
  g_assert_cmpfloat (error, <=, convolver ? 1e-5 : 0.0);
}

/* The same with normalize=peak, where the reference's normalized buffer is there. */
static void
test_normalized (gconstpointer data)
{
  const Case *c = data;
  const gsize frames = (gsize) json_object_get_int_member (c->render, "frames");
  const gboolean noise = json_object_get_boolean_member (c->genome, "has_noise");
  g_autofree float *theirs = load_reference (c, frames);
  g_autofree float *ours = render (c, frames, 1, KROMO_NORMALIZE_PEAK);
  const double error = relative_error (ours, theirs, frames);

  if (noise) {
    g_assert_cmpfloat (
        fabs (rms (ours, frames) - rms (theirs, frames)), <=, 0.1 * rms (theirs, frames));
    return;
  }
  if (error > 0.0)
    describe_difference (ours, theirs, frames, 1);
  g_assert_cmpfloat (error, <=, has_node (c, "ConvolverNode") ? 1e-5 : 0.0);
}

static void
add_case (const char *folder, JsonObject *genome, JsonObject *render, gboolean normalized)
{
  Case *c = g_new (Case, 1);
  g_autofree char *path =
      g_strdup_printf ("/parity/%s/%s%s", json_object_get_string_member (genome, "id"),
          json_object_get_string_member (render, "variant"), normalized ? ".norm" : "");

  c->folder = folder;
  c->genome = genome;
  c->render = render;
  g_test_add_data_func_full (path, c, normalized ? test_normalized : test_render, g_free);
}

/* A copy of a render's entry whose file is the normalized one, if there is such a file. */
static JsonObject *
find_normalized (const char *folder, JsonObject *render)
{
  const char *file = json_object_get_string_member (render, "file");
  g_autofree char *name = g_strdup_printf ("%.*s.norm.f32", (int) strlen (file) - 4, file);
  JsonObject *copy;

  if (!test_has_samples (folder, name))
    return NULL;
  copy = json_object_new ();
  for (GList *members = json_object_get_members (render), *l = members; l != NULL;
       l = l->next != NULL ? l->next : (g_list_free (members), NULL))
    json_object_set_member (copy, l->data, json_object_dup_member (render, l->data));
  json_object_set_string_member (copy, "file", name);
  return copy;
}

int
main (int argc, char **argv)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL, *index = NULL;
  JsonArray *genomes;
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = test_parity_folder ();
  index = g_build_filename (folder, "index.json", NULL);
  if (!json_parser_load_from_file (parser, index, &error))
    g_error ("%s", error->message);
  genomes = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (genomes); i++) {
    JsonObject *genome = json_array_get_object_element (genomes, i);
    JsonArray *renders = json_object_get_array_member (genome, "renders");

    for (guint k = 0; k < json_array_get_length (renders); k++) {
      JsonObject *render = json_array_get_object_element (renders, k);
      JsonObject *normalized = find_normalized (folder, render);

      add_case (folder, genome, render, FALSE);
      if (normalized != NULL)
        add_case (folder, genome, normalized, TRUE);
    }
  }
  status = g_test_run ();
  g_print (
      "# parity: %u of %u close, %u of %u bit-identical\n", n_close, n_all, n_identical, n_exact);
  return status;
}
