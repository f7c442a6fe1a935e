/* What a fuzzer's bytes say: numbers from the front, the rest as it is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Every sequence of bytes is a valid input; where they end, zeros follow.
 */
#pragma once

#include <stdint.h>

#include "kromo.h"

G_BEGIN_DECLS

typedef struct {
  const guint8 *data;
  gsize size;
} FuzzInput;

guint64 fuzz_take (FuzzInput *input, guint n_bytes);

/* 0..n-1 */
guint fuzz_choose (FuzzInput *input, guint n);

/* Often one of the ends of the range, or beside them. */
double fuzz_take_double (FuzzInput *input, double min, double max);

/* A note of at most @max_frames frames, and a format, both in their ranges. */
void fuzz_take_settings (
    FuzzInput *input, guint64 max_frames, KromoNote *note, KromoFormat *format);

/* Bytes of what fuzz_take_settings() takes. */
#define FUZZ_SETTINGS_SIZE 40

/* What libFuzzer, or replay.c, calls; each target defines them. */
int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Where a target knows better than to change single bytes: render.c. */
size_t LLVMFuzzerCustomMutator (uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerMutate (uint8_t *data, size_t size, size_t max_size); /* libFuzzer's own */

G_END_DECLS
