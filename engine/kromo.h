/* kromo: evolved sounds, from genome to samples
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public face of the engine: bytes become a KromoGenome, a genome, a note and a format become a
 * KromoRenderer, and a renderer gives frames, any number at a time. The samples do not depend on how
 * many frames are asked for in one call.
 *
 * Units: frequencies in Hz, pitch in semitones, times in nanoseconds (guint64) unless a name says
 * seconds, positions and lengths in frames (one sample of every channel).
 */
#pragma once

#include <glib.h>

#include "math/cpu.h"
#include "pacing/estimates.h"
#include "pacing/pacing.h"

G_BEGIN_DECLS

#define KROMO_ERROR (kromo_error_quark ())
GQuark kromo_error_quark (void);

/**
 * KromoError:
 * @KROMO_ERROR_NOT_FOUND: no such file, or no such genome in a database
 * @KROMO_ERROR_READ: the file is there but could not be read
 * @KROMO_ERROR_PARSE: the document is not JSON, not gzip, or not UTF-8
 * @KROMO_ERROR_INVALID: JSON, but not a genome; the message has the JSON path
 * @KROMO_ERROR_UNSUPPORTED: a genome that uses what this engine does not play; with the JSON path
 * @KROMO_ERROR_LIMIT: larger than a documented limit (size, depth, counts)
 * @KROMO_ERROR_SETTINGS: the note or the format is out of range, or a frame would take more operations than the
 *   format allows
 * @KROMO_ERROR_MEMORY: the renderer would not fit into its bound
 * @KROMO_ERROR_NO_MEMORY: the system has no memory, or no threads, for what is within all bounds
 * @KROMO_ERROR_CANCELLED: interrupted through the flag given to kromo_renderer_set_interrupt()
 *
 * Every failure of the engine.
 */
typedef enum {
  KROMO_ERROR_NOT_FOUND,
  KROMO_ERROR_READ,
  KROMO_ERROR_PARSE,
  KROMO_ERROR_INVALID,
  KROMO_ERROR_UNSUPPORTED,
  KROMO_ERROR_LIMIT,
  KROMO_ERROR_SETTINGS,
  KROMO_ERROR_MEMORY,
  KROMO_ERROR_NO_MEMORY,
  KROMO_ERROR_CANCELLED
} KromoError;

/* ---- genomes ---- */

/**
 * KromoGenome:
 *
 * One stored sound: an immutable, reference-counted value that any thread may use.
 *
 * The process keeps those that were made last, at most 16 and 8 MiB of them and their documents. Whoever asks for
 * what is made of the same bytes gets the same genome, without reading them again. Files are read each
 * time, so that a changed one is another genome.
 */
typedef struct _KromoGenome KromoGenome;

/**
 * KromoMetadata:
 * @has_duration: and so on: whether the document said it
 * @duration: seconds, finite and > 0
 * @note_delta: semitones
 * @velocity: 0..1
 * @reverse: play the CPPN backwards
 *
 * What a stored genome says about how it was last played. Values that are out of range or of the
 * wrong type count as not said.
 */
typedef struct {
  gboolean has_duration, has_note_delta, has_velocity, has_reverse;
  double duration;
  double note_delta;
  double velocity;
  gboolean reverse;
} KromoMetadata;

/**
 * kromo_genome_load:
 * @filename: (type filename): a genome file: JSON, gzipped JSON, or a genome database (SQLite);
 *   decided by content, not by name
 * @id: (nullable): which genome of a database; %NULL takes the first by id. Ignored for JSON files.
 *
 * Returns: (transfer full) (nullable): the genome, or %NULL with @error set
 */
KromoGenome *kromo_genome_load (const char *filename, const char *id, GError **error);

/**
 * kromo_genome_new_from_data:
 * @data: (array length=size): JSON text or gzipped JSON text; needs no terminating NUL
 *
 * Returns: (transfer full) (nullable): the genome, or %NULL with @error set
 */
KromoGenome *kromo_genome_new_from_data (const void *data, gsize size, GError **error);

/* The largest document that is read: in bytes as it is stored, and again decompressed. */
#define KROMO_MAX_DOCUMENT_BYTES (32 * 1024 * 1024)

/**
 * kromo_container_to_text:
 * @data: (array length=size): JSON text or gzipped JSON text; needs no terminating NUL
 *
 * Returns: (transfer full) (nullable): the JSON text, not looked at, or %NULL with @error set
 */
GBytes *kromo_container_to_text (const void *data, gsize size, GError **error);

/**
 * kromo_genome_new_default:
 *
 * Returns: (transfer full): the built-in genome
 */
KromoGenome *kromo_genome_new_default (void);

/**
 * KromoRandomKind:
 * @KROMO_RANDOM_MUSICAL: a sound for people: audible, in range, evolving
 * @KROMO_RANDOM_WILD: anything that is valid: every node, every shape of graph and network
 *
 * What random genomes are made for.
 */
typedef enum {
  KROMO_RANDOM_MUSICAL,
  KROMO_RANDOM_WILD
} KromoRandomKind;

/**
 * kromo_random_genome_to_json:
 *
 * Returns: (transfer full): a genome file's text, the same for the same arguments in every version that
 *   keeps its major number
 */
char *kromo_random_genome_to_json (guint64 seed, KromoRandomKind kind);

/**
 * kromo_genome_new_random:
 *
 * Returns: (transfer full): the genome that kromo_random_genome_to_json() writes
 */
KromoGenome *kromo_genome_new_random (guint64 seed, KromoRandomKind kind);

KromoGenome *kromo_genome_ref (KromoGenome *genome);
void kromo_genome_unref (KromoGenome *genome);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KromoGenome, kromo_genome_unref)

/**
 * kromo_genome_get_id:
 *
 * Returns: (transfer none) (nullable): the genome's id as its document or its database has it
 */
const char *kromo_genome_get_id (const KromoGenome *genome);

/**
 * kromo_genome_get_digest:
 *
 * Returns: (transfer none) (array fixed-size=2): a hash of the genome's text: what the process remembers
 *   of a genome is found by it
 */
const guint64 *kromo_genome_get_digest (const KromoGenome *genome);

/**
 * kromo_genome_get_metadata:
 *
 * Returns: (transfer none): what the document says about how to play it
 */
const KromoMetadata *kromo_genome_get_metadata (const KromoGenome *genome);

/**
 * kromo_genome_get_warnings:
 *
 * Returns: (transfer none) (array zero-terminated=1): what in the document was ignored, and where
 */
const char *const *kromo_genome_get_warnings (const KromoGenome *genome);

#define KROMO_MAX_LISTED_IDS 10000

/**
 * kromo_genome_list_ids:
 * @filename: (type filename): a genome database
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the ids of a database in ascending
 *   order, at most %KROMO_MAX_LISTED_IDS; an empty array for a file that holds one genome as JSON;
 *   %NULL with @error set if the file cannot be read
 */
char **kromo_genome_list_ids (const char *filename, GError **error);

/* ---- rendering ---- */

/**
 * KromoNote:
 * @note_delta: transposition in semitones, -128..128
 * @tuning_ratio: a further factor on frequency, > 0
 * @velocity: 0..1, scales the CPPN's periodic input
 * @duration: nanoseconds; at least one frame, at most KROMO_MAX_DURATION
 * @reverse: run the CPPN's signals backwards
 * @inharmonicity: apply the partials' inharmonicity factors
 * @transpose_all: transpose every network output, not only those that feed buffers
 * @oversample: evaluate what buffers play at twice the rate and decimate it: less aliasing. In the standard
 *   rendering, wave shapers work at twice the rate as well, and delay by a quantum.
 */
typedef struct {
  double note_delta;
  double tuning_ratio;
  double velocity;
  guint64 duration;
  gboolean reverse;
  gboolean inharmonicity;
  gboolean transpose_all;
  gboolean oversample;
} KromoNote;

#define KROMO_NOTE_INIT                                                                            \
  {                                                                                                \
    0.0, 1.0, 1.0, G_GUINT64_CONSTANT (4000000000), FALSE, FALSE, FALSE, FALSE                     \
  }
#define KROMO_MAX_DURATION (G_GUINT64_CONSTANT (24) * 3600 * 1000000000)

/**
 * KromoNormalize:
 * @KROMO_NORMALIZE_NONE: the raw output
 * @KROMO_NORMALIZE_PEAK: the affine map that takes the whole sound's [min, max] to [-1, 1], if it
 *   leaves that range; found by a scan of the whole sound, see kromo_renderer_prepare()
 * @KROMO_NORMALIZE_LIMIT: a gain that starts at 1 and never rises, with 5 ms of look-ahead
 */
typedef enum {
  KROMO_NORMALIZE_NONE,
  KROMO_NORMALIZE_PEAK,
  KROMO_NORMALIZE_LIMIT
} KromoNormalize;

/**
 * KromoRendering:
 * @KROMO_RENDERING_REFERENCE: like kromosynth 1.0.36, quirks included
 * @KROMO_RENDERING_STANDARD: as the Web Audio standard and the patch mean it
 */
typedef enum {
  KROMO_RENDERING_REFERENCE,
  KROMO_RENDERING_STANDARD
} KromoRendering;

/**
 * KromoFormat:
 * @rate: frames per second, 8000..192000
 * @channels: 1..KROMO_MAX_CHANNELS; the graph is mixed to them as Web Audio's speakers rules say
 * @normalize: how levels above 1 are treated
 * @rendering: which rules
 * @edge_fade: nanoseconds of fade in and out, before the levels are treated; 0: none. The gain is
 *   3 t^2 - 2 t^3 with t from 0 to 1, 0 at the first and the last frame; longer than half the sound, the
 *   two fades meet in the middle
 * @max_memory: bound on the bytes of one renderer; 0: KROMO_DEFAULT_MAX_MEMORY
 * @max_operations: bound on kromo_renderer_get_operations(); 0: KROMO_DEFAULT_MAX_OPERATIONS
 */
typedef struct {
  guint rate;
  guint channels;
  KromoNormalize normalize;
  KromoRendering rendering;
  guint64 edge_fade;
  guint64 max_memory;
  guint64 max_operations;
} KromoFormat;

#define KROMO_DEFAULT_MAX_MEMORY (G_GUINT64_CONSTANT (1) << 30)
#define KROMO_DEFAULT_MAX_OPERATIONS G_GUINT64_CONSTANT (1000000)

#define KROMO_MIN_RATE 8000
#define KROMO_MAX_RATE 192000
#define KROMO_MAX_CHANNELS 8
#define KROMO_QUANTUM 128

/**
 * kromo_count_frames:
 * @rate: frames per second
 * @duration: nanoseconds
 *
 * Returns: floor (rate * duration / 1e9 + 1/2), exactly
 */
guint64 kromo_count_frames (guint rate, guint64 duration);

/**
 * KromoThreads:
 *
 * Threads that help renderers, any number of them. They sleep when there is nothing to do.
 */
typedef struct _KromoThreads KromoThreads;

#define KROMO_MAX_THREADS 64

/**
 * kromo_threads_new:
 * @n: how many threads render one sound, its own among them: 2..KROMO_MAX_THREADS, others count as the
 *   nearest of these
 *
 * Returns: (transfer full) (nullable): @n - 1 threads, or as many as can be made; %NULL with @error set if there
 *   are none
 */
KromoThreads *kromo_threads_new (guint n, GError **error);

/** kromo_threads_free: joins the threads, which takes some quanta at most once their renderers have been freed */
void kromo_threads_free (KromoThreads *threads);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KromoThreads, kromo_threads_free)

/** kromo_threads_get_n: how many threads render one sound, its own among them */
guint kromo_threads_get_n (const KromoThreads *threads);

/**
 * KromoRenderer:
 *
 * One sound being rendered. Not thread safe; different renderers are independent of each other.
 */
typedef struct _KromoRenderer KromoRenderer;

/**
 * kromo_renderer_new:
 *
 * Compiles @genome for a note and a format. What takes time proportional to the duration (scans of
 * the whole sound) is left to kromo_renderer_prepare().
 *
 * Returns: (transfer full) (nullable): a renderer at frame 0, or %NULL with @error set
 */
KromoRenderer *kromo_renderer_new (
    KromoGenome *genome, const KromoNote *note, const KromoFormat *format, GError **error);

/**
 * kromo_renderer_copy:
 *
 * Returns: (transfer full) (nullable): a renderer in the same state that shares what is immutable, or
 *   %NULL where there is no memory for it. It has no interrupt flag.
 */
KromoRenderer *kromo_renderer_copy (const KromoRenderer *renderer);

void kromo_renderer_free (KromoRenderer *renderer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KromoRenderer, kromo_renderer_free)

/**
 * kromo_renderer_set_interrupt:
 * @flag: (nullable): polled with g_atomic_int_get() at least once a quantum by
 *   kromo_renderer_prepare() and kromo_renderer_render(); when it is not 0 they return early. Must
 *   outlive the renderer.
 */
void kromo_renderer_set_interrupt (KromoRenderer *renderer, const gint *flag);

/**
 * kromo_renderer_needs_preparation:
 *
 * Returns: whether kromo_renderer_prepare() has something to do (a convolver's loudness,
 *   normalize=peak)
 */
gboolean kromo_renderer_needs_preparation (const KromoRenderer *renderer);

/**
 * kromo_renderer_prepare:
 * @progress: (nullable) (scope call): called now and then with 0..1
 *
 * Does the scans of the whole sound that must come before the first frame. Called by
 * kromo_renderer_render() if it was not called before. After an interruption it can be called again.
 *
 * Returns: %TRUE when all is done, %FALSE with %KROMO_ERROR_CANCELLED if interrupted
 */
gboolean kromo_renderer_prepare (KromoRenderer *renderer,
    void (*progress) (double done, gpointer user_data), gpointer user_data, GError **error);

/**
 * kromo_renderer_render:
 * @channels: (array): one array of @n_frames samples for each channel of the format
 * @n_frames: how many frames to render, any number
 *
 * Renders the next frames. Allocates nothing (but see kromo_renderer_prepare()).
 *
 * Returns: how many frames were written: fewer than @n_frames at the end of the sound, or when
 *   interrupted
 */
gsize kromo_renderer_render (KromoRenderer *renderer, float *const *channels, gsize n_frames);

/**
 * kromo_renderer_set_threads:
 * @threads: (nullable): must outlive the renderer, or its next call of this function
 *
 * From now on @threads evaluate ahead what the next quanta need, where that is worth while. The samples
 * are the same, and kromo_renderer_render() never waits for @threads. A copy has none.
 */
void kromo_renderer_set_threads (KromoRenderer *renderer, KromoThreads *threads);

/** kromo_renderer_reset: back to frame 0, as new (what was prepared stays prepared) */
void kromo_renderer_reset (KromoRenderer *renderer);

/**
 * kromo_renderer_keep_checkpoints:
 * @bytes: bound on all states kept; 0 keeps none
 *
 * From now on @renderer keeps copies of its state, evenly spread over what it has rendered, for
 * kromo_renderer_seek(). Their interval adapts to the bound; a state larger than @bytes is not kept at
 * all. Memory is reserved at once, and is only touched as it fills. A copy of the renderer has none.
 */
void kromo_renderer_keep_checkpoints (KromoRenderer *renderer, guint64 bytes);

/**
 * kromo_renderer_seek:
 * @frame: where to, 0 to the length of the sound
 * @progress: (nullable) (scope call): called now and then with the part (0..1) of the way that is done, if
 *   the way is longer than some seconds of sound
 *
 * Goes to a frame: what comes next is what comes there when everything is rendered from frame 0 on. It
 * starts from the nearest state before it, that of now or a checkpoint, and renders from there to
 * nowhere, leaving checkpoints, some of them close before @frame for who comes from above (reverse
 * play).
 *
 * Returns: %TRUE when there; %FALSE with %KROMO_ERROR_CANCELLED if interrupted: another call goes on, or
 *   anywhere else
 */
gboolean kromo_renderer_seek (KromoRenderer *renderer, guint64 frame,
    void (*progress) (double done, gpointer user_data), gpointer user_data, GError **error);

/**
 * kromo_renderer_take_over:
 * @renderer: a new one, at frame 0; kromo_renderer_prepare() done
 * @old: (transfer full): what sounded until now, of the same rate, channels, length, normalize and edge
 *   fade
 * @keep_states: the nodes of @renderer go on from the states of those of @old. For a change of note_delta,
 *   tuning_ratio or velocity of the same genome, and nothing else
 *
 * Makes @renderer play on at the position of @old: from the next quantum that is not rendered yet (with
 * normalize limit up to its look-ahead after the position), crossfading to it in 10 ms at equal power, before the fade at the sound's
 * edges and the limiter, which go on. Without @keep_states nodes begin at rest; sources that run through
 * a buffer begin where they would be.
 *
 * Afterwards the states of @renderer are not those of a straight run: it leaves no checkpoints until it is
 * reset, or sought with, which starts at frame 0.
 *
 * Returns: whether the states were kept: %FALSE also where the two do not have the same nodes, which are then at rest
 */
gboolean kromo_renderer_take_over (
    KromoRenderer *renderer, KromoRenderer *old, gboolean keep_states);

/** kromo_renderer_is_fading: whether the crossfade of kromo_renderer_take_over() is still to end; until
 * then it cannot be taken over itself */
gboolean kromo_renderer_is_fading (const KromoRenderer *renderer);

/** kromo_renderer_get_n_frames: the length of the whole sound in frames */
guint64 kromo_renderer_get_n_frames (const KromoRenderer *renderer);

/** kromo_renderer_get_position: the next frame that kromo_renderer_render() will give */
guint64 kromo_renderer_get_position (const KromoRenderer *renderer);

/** kromo_renderer_get_non_finite: how many samples were NaN or infinite so far and became 0
 * (always 0 with the reference rendering and normalize none, which lets them through) */
guint64 kromo_renderer_get_non_finite (const KromoRenderer *renderer);

/** kromo_renderer_get_memory: bytes held by this renderer, without the genome and the checkpoints */
gsize kromo_renderer_get_memory (const KromoRenderer *renderer);

/**
 * kromo_renderer_get_operations:
 *
 * An estimate that depends on the genome, the note and the format alone, not on the machine. It sums up, for what runs:
 * in the networks 1 for each multiply-add, 10 for each activation and 2 for each signal, evaluated twice with
 * oversampling; 20 for each noise and each parameter that moves; 2 for each channel of each connection; and for
 * each channel of a node: merger 1, gain 2, buffer source 5 (and 30 where it may play at another rate), delay 15,
 * oscillator 40, compressor 80, biquad filter 150, wave shaper 20, or 260 times its oversampling, convolver 50 to 300 and
 * more with the length of the sound. A signal that is read at random (the curve of a wave shaper, a convolver's
 * response, a buffer at another rate) is counted for each time that it is read.
 *
 * Returns: how many multiply-adds rendering a frame is worth, on average
 */
guint64 kromo_renderer_get_operations (const KromoRenderer *renderer);

/** kromo_renderer_get_checkpoint_memory: bytes that checkpoints have taken so far */
gsize kromo_renderer_get_checkpoint_memory (const KromoRenderer *renderer);

/** kromo_renderer_get_state_size: bytes of one checkpoint */
gsize kromo_renderer_get_state_size (const KromoRenderer *renderer);

/**
 * kromo_renderer_get_warnings:
 *
 * Returns: (transfer none) (array zero-terminated=1): connections that cannot be made and were
 *   ignored, each once; the genome's own warnings are not repeated
 */
const char *const *kromo_renderer_get_warnings (const KromoRenderer *renderer);

G_END_DECLS
