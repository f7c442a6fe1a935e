/* Samples in files, for tests.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The folder of parity data: KROMO_PARITY_DATA, else the part of it that is kept with the tests. */
char *test_parity_folder (void);

/* Raw single-precision samples of @folder/@name, or of @folder/@name.gz. Fails the test if neither is
 * there. */
float *test_load_samples (const char *folder, const char *name, gsize *n_samples);

gboolean test_has_samples (const char *folder, const char *name);

/* Adds a test "PREFIX/ID" for each genome of the folder; its data is the genome file's path. */
void test_add_for_genomes (const char *folder, const char *prefix, GTestDataFunc test);

G_END_DECLS
