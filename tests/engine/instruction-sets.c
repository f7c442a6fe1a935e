/* Whole sounds have the same bits with every instruction set: the genomes of the parity data and random
 * ones, rendered by a process for each setting of KROMO_CPU.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * With --render as its argument this program is such a process: it prints a line for each sound.
 */
#include "genome/hash.h"
#include "kromo.h"
#include "samples.h"
#include "wrapper.h"

#define N_RANDOM 10 /* of each kind */
#define FRAMES 4800
#define SOUNDS "the sounds:\n"

static const char *self;

/* ---- rendering ---- */

static void
print_hash (const char *name, KromoGenome *genome, KromoRendering rendering)
{
  const KromoFormat format = { 48000, 2, KROMO_NORMALIZE_LIMIT, rendering };
  static float planes[2][FRAMES];
  float *channels[] = { planes[0], planes[1] };
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoRenderer) renderer = NULL;
  KromoNote note = KROMO_NOTE_INIT;

  note.duration = (guint64) FRAMES * 1000000000 / 48000;
  note.note_delta = -5.0;
  note.velocity = 0.7;
  note.inharmonicity = TRUE;
  renderer = kromo_renderer_new (genome, &note, &format, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (kromo_renderer_render (renderer, channels, FRAMES), ==, FRAMES);
  g_print ("%s: %016" G_GINT64_MODIFIER "x\n", name, kromo_hash (0, planes, sizeof planes));
}

/* In both renderings. */
static void
print_hashes (const char *name, KromoGenome *genome)
{
  g_autofree char *standard = g_strconcat (name, ", standard", NULL);

  print_hash (name, genome, KROMO_RENDERING_REFERENCE);
  print_hash (standard, genome, KROMO_RENDERING_STANDARD);
}

static void
render_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoGenome) genome = kromo_genome_load (path, NULL, &error);
  g_autofree char *name = g_path_get_basename (path);

  g_assert_no_error (error);
  print_hashes (name, genome);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static int
render_all (void)
{
  g_autofree char *folder = test_parity_folder ();
  g_autofree char *genomes = g_build_filename (folder, "genomes", NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (genomes, 0, NULL);

  for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
    if (strstr (name, ".json") != NULL)
      g_ptr_array_add (names, g_build_filename (genomes, name, NULL));
  g_ptr_array_sort (names, compare_names);
  g_print (SOUNDS);
  for (guint i = 0; i < names->len; i++)
    render_file (g_ptr_array_index (names, i));
  for (guint i = 0; i < 2 * N_RANDOM; i++) {
    const guint64 seed = 1 + i / 2;
    const KromoRandomKind kind = i % 2 ? KROMO_RANDOM_WILD : KROMO_RANDOM_MUSICAL;
    g_autoptr (KromoGenome) genome = kromo_genome_new_random (seed, kind);
    g_autofree char *name = g_strdup_printf ("%s %u", i % 2 ? "wild" : "musical", (guint) seed);

    print_hashes (name, genome);
  }
  return 0;
}

/* ---- comparing ---- */

/* Returns: (transfer full): the lines of a process with @cpu */
static char **
render_with (const char *cpu)
{
  g_autoptr (GPtrArray) argv = test_argv_new (self);
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "KROMO_CPU", cpu, TRUE);
  g_autofree char *out = NULL;
  g_autoptr (GError) error = NULL;
  char *sounds;
  int status;

  g_ptr_array_add (argv, g_strdup ("--render"));
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL, (char **) argv->pdata, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
      NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  sounds = strstr (out, SOUNDS); /* after what the test framework has to say */
  g_assert_nonnull (sounds);
  return g_strsplit (g_strchomp (sounds), "\n", -1);
}

static void
test_same_bits (void)
{
  const char *best = kromo_cpu_get_name (kromo_cpu_get_best ());
  g_auto (GStrv) first = render_with (best);

  g_assert_cmpuint (g_strv_length (first), >=, 4 * N_RANDOM + 20);
  for (KromoCpu cpu = 0; cpu < kromo_cpu_get_best (); cpu++) {
    g_auto (GStrv) other = render_with (kromo_cpu_get_name (cpu));

    g_assert_cmpuint (g_strv_length (other), ==, g_strv_length (first));
    for (guint i = 0; first[i] != NULL; i++)
      if (!g_str_equal (first[i], other[i]))
        g_error ("%s with %s, %s with %s", first[i], best, other[i], kromo_cpu_get_name (cpu));
  }
  g_test_message ("%u sounds", g_strv_length (first));
}

int
main (int argc, char **argv)
{
  self = argv[0];
  g_test_init (&argc, &argv, NULL);
  if (argc > 1 && g_str_equal (argv[1], "--render"))
    return render_all ();
  g_test_add_func ("/instruction-sets/same-bits", test_same_bits);
  return g_test_run ();
}
