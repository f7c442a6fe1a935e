/* The signals that a graph reads: CPPN outputs, noise, and arrays in memory.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A bank holds what all renderers of a sound share. What changes lives in the renderer's arena: a cache
 * of the last two quanta of every signal, and the state of coloured noise.
 *
 * A view is one reader's access to a signal, with the map that turns its samples into the values of a
 * curve. Steady readers follow the quanta one after the other; random readers ask for any index.
 */
#pragma once

#include "../cppn/cppn.h"
#include "arena.h"
#include "scan-cache.h"

G_BEGIN_DECLS

typedef struct _KromoBank KromoBank;

typedef enum {
  KROMO_NOISE_WHITE,
  KROMO_NOISE_PINK,
  KROMO_NOISE_BROWN
} KromoNoise;

/* sample s -> value of a curve, all in double, each step's result rounded to single:
 *   has_range:   s = (s + 1) / 2 * (b - a) + a
 *   n_waves > 0: s = the gain of one wave of a wavetable whose mix is s (2-RENDERING 2.6)
 */
typedef struct {
  gboolean has_range;
  double a, b;
  guint wave, n_waves;
  gboolean idle_at_zero; /* an idle wave's gain is 0 rather than the reference's 0.5 */
} KromoMap;

typedef enum {
  KROMO_VIEW_NOTHING,
  KROMO_VIEW_STEADY,
  KROMO_VIEW_RANDOM,
  KROMO_VIEW_NOISE,
  KROMO_VIEW_NOISE_TABLE,
  KROMO_VIEW_MEMORY
} KromoViewKind;

typedef struct {
  KromoViewKind kind;
  guint source; /* which group of signals, or which noise */
  guint slot;   /* the signal's place in its group */
  const float *memory;
  guint64 n_values; /* N: valid indices are 0..N-1 */
  KromoMap map;
} KromoView;

/* ---- building ---- */

KromoBank *kromo_bank_new (const KromoSpan *span);
KromoBank *kromo_bank_ref (KromoBank *bank);
void kromo_bank_unref (KromoBank *bank);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KromoBank, kromo_bank_unref)

/**
 * kromo_bank_add_signal:
 * @network: must live until kromo_bank_compile()
 * @reverse: sample i is that of frame N-1-i
 * @random: whether any index may be read at any time
 * @view: (out): the view, without a map
 */
void kromo_bank_add_signal (KromoBank *bank, const KromoNetwork *network, const KromoSignal *signal,
    gboolean reverse, gboolean random, KromoView *view);

/* The same of a signal that is evaluated at every half frame, at the sound's ends also outside of it, and
 * decimated (halfband.h): frequencies too high for the rate fall silent instead of being folded. */
void kromo_bank_add_oversampled (KromoBank *bank, const KromoNetwork *network,
    const KromoSignal *signal, gboolean reverse, gboolean random, KromoView *view);

/* Noise is a function of the frame index and @seed. Coloured noise for random readers is kept as a
 * table of N samples. */
void kromo_bank_add_noise (
    KromoBank *bank, KromoNoise noise, guint64 seed, gboolean random, KromoView *view);

/* A view of values in memory, which must live as long as the view. */
void kromo_view_init_memory (KromoView *view, const float *values, guint64 n_values);

/* After the last signal: compiles the programs and takes room in an arena's layout. FALSE with
 * KROMO_ERROR_LIMIT if the programs would be too large. */
gboolean kromo_bank_compile (KromoBank *bank, KromoLayout *layout, GError **error);

/* Bytes of programs and tables, the latter counted before they are there. */
guint64 kromo_bank_get_memory (const KromoBank *bank);

/* Bytes of one table of coloured noise, should there be any. */
guint64 kromo_bank_get_table_size (const KromoBank *bank);

/* Takes memory for the tables. FALSE if there is none. */
gboolean kromo_bank_allocate_tables (KromoBank *bank);

/* Fills the tables of random noise. Stops early when *@interrupt is not 0; returns whether all is done. */
gboolean kromo_bank_fill_tables (KromoBank *bank, const gint *interrupt);

/* For estimates, once compiled: distinct signals, and activations and multiply-adds that they cost a
 * frame if each is read once a frame. */
void kromo_bank_count (
    const KromoBank *bank, guint *n_signals, guint64 *n_activations, guint64 *n_multiply_adds);

/* What the results of scans are remembered by; without one they are not. */
void kromo_bank_set_key (KromoBank *bank, const KromoScanKey *key);
gboolean kromo_bank_get_key (const KromoBank *bank, const KromoView *view, KromoScanKey *key);

/* ---- evaluating ---- */

void kromo_bank_reset (const KromoBank *bank, const KromoArena *arena);

/* Forgets what is cached in scratch memory, after the state has been replaced. */
void kromo_bank_invalidate (const KromoBank *bank, const KromoArena *arena);

/* The state just before @block, whatever was evaluated until now. */
void kromo_bank_start (const KromoBank *bank, const KromoArena *arena, guint64 block);

/* Evaluates all signals with steady readers for quantum @block, and steps the noises to it. Blocks come
 * in ascending order from 0 or from where kromo_bank_start() says. Needs the default floating-point mode. */
void kromo_bank_evaluate (const KromoBank *bank, const KromoArena *arena, guint64 block);

/* ---- evaluating apart from a renderer ---- */

/* What it takes to evaluate the signals with steady readers. */
typedef struct {
  gsize scratch_size;                     /* bytes of scratch in an arena of nothing else */
  gsize block_length;                     /* floats of a block of all of them */
  guint64 n_activations, n_multiply_adds; /* a frame */
  gboolean oversampled;                   /* or some of them */
} KromoSteady;

/* Once compiled. */
void kromo_bank_get_steady (const KromoBank *bank, KromoSteady *steady);

/* Evaluates all signals with steady readers for any block. Needs the default floating-point mode;
 * the arena may be one of scratch alone, in which kromo_bank_invalidate() comes first.
 * @values: float[block_length] */
void kromo_bank_fill (const KromoBank *bank, const KromoArena *arena, guint64 block, float *values);

/* Has @values, as kromo_bank_fill() made them, read in place of the arena's own of @block. They must be there until
 * block @block + 2 is lent or evaluated, or until kromo_bank_invalidate(). */
void kromo_bank_lend (
    const KromoBank *bank, const KromoArena *arena, guint64 block, const float *values);

/* ---- reading signals ---- */

/* @n values, at most two quanta, from index @start on. For steady readers and noise they lie in the
 * quantum evaluated last and the one before. Past the end the last value goes on (an oversampled signal
 * itself does, and is not read there). */
void kromo_view_read (const KromoView *view, const KromoBank *bank, const KromoArena *arena,
    guint64 start, guint n, float *values);

/* The quantum of values from index @start on as it lies in memory, to be read until the quantum is over, or NULL if
 * it has to be made or goes past the end: kromo_view_read(). */
const float *kromo_view_peek (
    const KromoView *view, const KromoBank *bank, const KromoArena *arena, guint64 start);

/* Values at any @n <= KROMO_QUANTUM indices below N; not for steady views and steady noise. */
void kromo_view_gather (const KromoView *view, const KromoBank *bank, const KromoArena *arena,
    const guint64 *indices, guint n, float *values);

gboolean kromo_view_is_steady (const KromoView *view);

/* Of one value, for kromo_graph_count_operations(): of a steady signal, only reading it. */
guint64 kromo_view_count_operations (const KromoView *view, const KromoBank *bank);

/* ---- scanning a whole signal, whatever the renderer's state ---- */

typedef struct _KromoScan KromoScan;

/* For random and memory views and all noise; not for steady CPPN signals. */
KromoScan *kromo_scan_new (const KromoBank *bank, const KromoView *view);
void kromo_scan_free (KromoScan *scan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KromoScan, kromo_scan_free)

/* The next values, up to a quantum; returns how many, 0 at the end. Of the arena only the scratch is used. */
guint kromo_scan_next (KromoScan *scan, const KromoArena *arena, float *values);

G_END_DECLS
