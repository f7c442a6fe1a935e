/* Convolution with a signal as long as the sound.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Partitioned overlap-save without latency, after Gardner (1995): the first frames of the response in
 * partitions of one quantum, later ones in partitions that are larger by steps, so that the cost of a
 * frame grows with the logarithm of the response's length. A level with partitions of B frames covers the
 * response from frame B on: when it has collected B frames of input, what comes of them is due from then
 * on. A partition of the response that begins at frame i is first needed at frame i of the input, and
 * is evaluated only then; before the first frame only the response's loudness must be known.
 */
#include "nodes.h"

#include <math.h>
#include <string.h>

#define GROWTH 8     /* from one level's partitions to the next one's */
#define MAX_LAST 24  /* partitions in the last level: rather than another level */
#define MAX_LEVELS 6 /* the last one takes what is left, in partitions of 4 million frames */
#define MIN_POWER 0.000125f
#define CALIBRATION 0.00125f
#define CALIBRATION_RATE 44100.0
#define BLOCKS_PER_PREPARATION 512
#define LEVEL_OPERATIONS 50 /* of a frame: two FFTs of twice a partition */
#define PARTITION_OPERATIONS 4

/* Partitions of one size. */
typedef struct {
  guint size;       /* B, frames in a partition */
  guint first, end; /* partitions of the response, counted in B: [first, end) */
  gsize spectrum;   /* floats in a spectrum */
  gsize responses;  /* state, relative to the node's: spectra of the response */
  gsize history; /* relative to a channel's: a ring of spectra of the input, end - first of them */
  gsize output;  /* relative to a channel's: what is due, size frames */
  gsize tables;  /* scratch: of the transforms */
  gsize planned; /* scratch: guint32, whether they are made */
} Level;

typedef struct {
  KromoView response; /* kind KROMO_VIEW_NOTHING: none */
  gboolean normalize;
  guint n_levels;
  Level levels[MAX_LEVELS];
  gsize ring; /* relative to a channel's: the input, ring_size frames */
  gsize ring_size;
  gsize channel;   /* size of a channel's state */
  gsize channels;  /* relative to the node's: where the first one is */
  gsize time, sum; /* scratch */

  /* The loudness scan; done when it is. */
  float scale;
  gboolean prepared;
  KromoScan *scanning;
  guint64 n_scanned;
  float power;
} Convolver;

/* Counts that tell what of the state is valid; spectra are written before they are read. */
typedef struct {
  guint32 n_ready[MAX_LEVELS]; /* partitions of the response that are evaluated, from first on */
} ConvolverState;

typedef struct {
  guint64 n_blocks;  /* quanta that this channel has run */
  guint64 last_loud; /* 1 + the last of them that was not zero; 0: none */
} Channel;

/* ---- layout ---- */

static gsize
take_floats (gsize *part, guint64 n)
{
  return kromo_layout_take (
      part, (gsize) MIN (n, KROMO_LAYOUT_MAX / sizeof (float)) * sizeof (float));
}

/* Levels until the response is covered. */
static void
plan_levels (Convolver *convolver)
{
  const guint64 n = convolver->response.n_values;
  guint64 size = KROMO_QUANTUM;

  for (convolver->n_levels = 0;; size *= GROWTH) {
    Level *level = &convolver->levels[convolver->n_levels++];
    const guint64 needed = (n + size - 1) / size;

    level->size = (guint) size;
    level->first = size > KROMO_QUANTUM;
    level->spectrum = 2 * (gsize) size;
    if (needed <= MAX_LAST || convolver->n_levels == MAX_LEVELS) {
      level->end = (guint) needed;
      break;
    }
    level->end = GROWTH;
  }
}

static void
convolver_plan (KromoNode *node, KromoLayout *layout, double rate)
{
  const KromoFourierOps *ops = kromo_ops_get ()->fourier;
  Convolver *convolver = node->config;
  gsize total = 0;
  guint64 size;
  const Level *last;

  if (convolver->response.kind == KROMO_VIEW_NOTHING)
    return;
  plan_levels (convolver);
  kromo_layout_take (&total, sizeof (ConvolverState));
  kromo_layout_take (&convolver->channel, sizeof (Channel));
  for (guint k = 0; k < convolver->n_levels; k++) {
    Level *level = &convolver->levels[k];
    const guint64 n = level->end - level->first;

    level->responses = take_floats (&total, n * level->spectrum);
    level->history = take_floats (&convolver->channel, n * level->spectrum);
    level->output = take_floats (&convolver->channel, level->size);
    level->tables = take_floats (&layout->scratch, ops->get_size (level->size));
    level->planned = kromo_layout_take (&layout->scratch, sizeof (guint32));
  }
  last = &convolver->levels[convolver->n_levels - 1];
  convolver->ring_size = 2 * (gsize) last->size;
  convolver->ring = take_floats (&convolver->channel, convolver->ring_size);
  convolver->channels = total;
  convolver->time = take_floats (&layout->scratch, 2 * (gsize) last->size);
  convolver->sum = take_floats (&layout->scratch, last->spectrum);
  size = total + (guint64) node->max_in * convolver->channel;
  kromo_node_take_state (node, layout, (gsize) MIN (size, KROMO_LAYOUT_MAX));
}

static float *
floats_at (gpointer base, gsize offset)
{
  return __builtin_assume_aligned ((guint8 *) base + offset, KROMO_ALIGNMENT);
}

static const float *
const_floats_at (gconstpointer base, gsize offset)
{
  return __builtin_assume_aligned ((const guint8 *) base + offset, KROMO_ALIGNMENT);
}

static Channel *
get_channel (const KromoNode *node, const KromoArena *arena, guint c)
{
  const Convolver *convolver = node->config;

  return (Channel *) (gpointer) floats_at (
      kromo_node_state (node, arena), convolver->channels + c * convolver->channel);
}

static void
convolver_reset (const KromoNode *node, const KromoArena *arena)
{
  const Convolver *convolver = node->config;

  if (convolver->response.kind == KROMO_VIEW_NOTHING)
    return;
  memset (kromo_node_state (node, arena), 0, sizeof (ConvolverState));
  for (guint c = 0; c < node->max_in; c++)
    memset (get_channel (node, arena, c), 0, sizeof (Channel)); /* its counts say what is valid */
  for (guint k = 0; k < convolver->n_levels; k++)
    *(guint32 *) kromo_arena_scratch (arena, convolver->levels[k].planned) = FALSE;
}

/* ---- the response ---- */

/* Large tables take long to make, and are not needed at first. */
static const float *
get_tables (const Level *level, const KromoRun *run)
{
  guint32 *planned = kromo_arena_scratch (&run->arena, level->planned);
  float *tables = kromo_arena_scratch (&run->arena, level->tables);

  if (!*planned)
    run->ops->fourier->plan (tables, level->size);
  *planned = TRUE;
  return tables;
}

/* The spectra of the response's partitions before @end, which are evaluated as far as they are not. */
static const float *
get_responses (const KromoNode *node, const KromoRun *run, guint k, guint end)
{
  const Convolver *convolver = node->config;
  const Level *level = &convolver->levels[k];
  ConvolverState *state = kromo_node_state (node, &run->arena);
  float *responses = floats_at (state, level->responses);
  float *time = kromo_arena_scratch (&run->arena, convolver->time);

  for (; level->first + state->n_ready[k] < end; state->n_ready[k]++) {
    const guint64 start = (guint64) (level->first + state->n_ready[k]) * level->size;
    const guint64 n = MIN (convolver->response.n_values - start, level->size);

    for (guint64 i = 0; i < n; i += KROMO_QUANTUM)
      kromo_view_read (&convolver->response, run->bank, &run->arena, start + i,
          (guint) MIN (n - i, KROMO_QUANTUM), time + i);
    for (guint64 i = 0; i < n; i++)
      time[i] *= convolver->scale;
    memset (time + n, 0, (2 * (gsize) level->size - n) * sizeof (float));
    run->ops->fourier->forward (get_tables (level, run),
        responses + state->n_ready[k] * level->spectrum, time, time + level->size, level->size);
  }
  return responses;
}

/* ---- a quantum ---- */

/* What the level's partitions make of its blocks of input up to @block goes to its output. */
static void
work_off (const KromoNode *node, const KromoRun *run, Channel *channel, guint k, guint64 block)
{
  const Convolver *convolver = node->config;
  const Level *level = &convolver->levels[k];
  const guint n_partitions = level->end - level->first;
  const guint n = (guint) MIN (block + 1, n_partitions);
  const float *responses = get_responses (node, run, k, level->first + n);
  float *sum = kromo_arena_scratch (&run->arena, convolver->sum);

  run->ops->fourier->sum_products (sum, floats_at (channel, level->history),
      (guint) (block % n_partitions), n_partitions, responses, n, level->size);
  run->ops->fourier->inverse (
      get_tables (level, run), sum, floats_at (channel, level->output), level->size);
}

/* Takes in the level's newest block of input, the one that ends with quantum n_blocks - 1. Its output is
 * that of the next B frames (for level 0, whose first partition has no delay, of the quantum itself). */
static void
run_level (const KromoNode *node, const KromoRun *run, Channel *channel, guint k)
{
  const Convolver *convolver = node->config;
  const Level *level = &convolver->levels[k];
  const guint size = level->size;
  const guint64 frames = channel->n_blocks * KROMO_QUANTUM, block = frames / size - 1;
  const float *ring = floats_at (channel, convolver->ring);
  float *history = floats_at (channel, level->history);
  float *zeros = kromo_arena_scratch (&run->arena, convolver->time);

  if (block == 0)
    memset (zeros, 0, size * sizeof (float));
  run->ops->fourier->forward (get_tables (level, run),
      history + block % (level->end - level->first) * level->spectrum,
      block == 0 ? zeros : ring + (frames - 2 * (guint64) size) % convolver->ring_size,
      ring + (frames - size) % convolver->ring_size, size);
  work_off (node, run, channel, k, block);
}

static void
convolve (const KromoNode *node, const KromoRun *run, Channel *channel, const float *x, float *y)
{
  const Convolver *convolver = node->config;
  const guint64 frame = channel->n_blocks * KROMO_QUANTUM;
  float *ring = floats_at (channel, convolver->ring);
  const gboolean loud = !run->ops->blocks->is_zero (x);

  memcpy (ring + frame % convolver->ring_size, x, KROMO_QUANTUM * sizeof (float));
  channel->n_blocks++;
  if (loud)
    channel->last_loud = channel->n_blocks;
  run_level (node, run, channel, 0);
  memcpy (y, floats_at (channel, convolver->levels[0].output), KROMO_QUANTUM * sizeof (float));
  for (guint k = 1; k < convolver->n_levels; k++) {
    const Level *level = &convolver->levels[k];
    const float *due = floats_at (channel, level->output) + frame % level->size;

    if (frame < level->size)
      break; /* nothing is due yet, of this level and the larger ones */
    run->ops->blocks->add (y, y, due);
  }
  for (guint k = 1; k < convolver->n_levels; k++) {
    if (channel->n_blocks * KROMO_QUANTUM % convolver->levels[k].size == 0)
      run_level (node, run, channel, k);
  }
}

/* Whether all that the channel has heard has rung out. */
static gboolean
has_rung_out (const Convolver *convolver, const Channel *channel)
{
  const guint64 length = convolver->response.n_values / KROMO_QUANTUM + 2; /* quanta */

  return channel->last_loud == 0 || channel->n_blocks > channel->last_loud + length;
}

static void
convolve_channels (const KromoNode *node, KromoRun *run, const KromoBus *in, guint n_channels,
    KromoBus *out, float *own)
{
  const Convolver *convolver = node->config;

  kromo_bus_set_zero (out, n_channels);
  for (guint c = 0; c < n_channels; c++) {
    Channel *channel = get_channel (node, &run->arena, c);
    const guint source = MIN (c, in->n_channels - 1); /* a mono input is in both */
    const gboolean zero = in->zero & (1u << source);
    float *y = own + c * KROMO_QUANTUM;

    if (zero && has_rung_out (convolver, channel))
      continue;
    convolve (node, run, channel, in->data[source], y);
    kromo_bus_set_channel (out, c, y);
  }
}

static void
convolver_process (
    const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const Convolver *convolver = node->config;

  if (convolver->response.kind == KROMO_VIEW_NOTHING)
    *out = *in;
  else if (!in->silent || !has_rung_out (convolver, get_channel (node, &run->arena, 0)))
    convolve_channels (node, run, in, in->n_channels, out, own);
}

/* When the input falls silent, each channel rings on by itself. */
static void
convolver_process_standard (
    const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const Convolver *convolver = node->config;
  guint n_ringing = 0;

  if (convolver->response.kind == KROMO_VIEW_NOTHING) {
    *out = *in;
    return;
  }
  for (guint c = 0; c < node->max_in; c++) {
    if (!has_rung_out (convolver, get_channel (node, &run->arena, c)))
      n_ringing = c + 1;
  }
  if (!in->silent || n_ringing > 0)
    convolve_channels (
        node, run, in, in->silent ? n_ringing : MAX (n_ringing, in->n_channels), out, own);
}

/* ---- going on ---- */

/* As much of a level's memory as is valid. */
static void
copy_level (const Convolver *convolver, guint k, Channel *channel, const Channel *before)
{
  const Level *level = &convolver->levels[k];
  const guint64 n_blocks = before->n_blocks * KROMO_QUANTUM / level->size;
  const gsize n = (gsize) MIN (n_blocks, level->end - level->first);

  memcpy (floats_at (channel, level->history), const_floats_at (before, level->history),
      n * level->spectrum * sizeof (float));
}

/* What the input was goes on, and nothing of what another response made of it. */
static void
convolver_go_on (const KromoNode *node, const KromoRun *run, gconstpointer state)
{
  const Convolver *convolver = node->config;

  for (guint c = 0; convolver->response.kind != KROMO_VIEW_NOTHING && c < node->max_in; c++) {
    const Channel *before =
        (gconstpointer) const_floats_at (state, convolver->channels + c * convolver->channel);
    Channel *channel = get_channel (node, &run->arena, c);
    const guint64 frames = before->n_blocks * KROMO_QUANTUM;

    *channel = *before;
    memcpy (floats_at (channel, convolver->ring), const_floats_at (before, convolver->ring),
        (gsize) MIN (frames, convolver->ring_size) * sizeof (float));
    for (guint k = 0; k < convolver->n_levels; k++) {
      const Level *level = &convolver->levels[k];

      copy_level (convolver, k, channel, before);
      if (k > 0 && frames >= level->size)
        work_off (node, run, channel, k, frames / level->size - 1);
    }
  }
}

/* ---- loudness ---- */

/* The reference's: a single-precision sum in the order of the samples. */
static gboolean
convolver_prepare (KromoNode *node, const KromoBank *bank, const KromoArena *arena, double rate,
    const gint *interrupt, double *done)
{
  Convolver *convolver = node->config;
  float values[KROMO_QUANTUM], found[2] = { 0.0f, 0.0f };
  KromoScanKey key;
  gboolean has_key;
  float power;

  if (convolver->prepared || convolver->response.kind == KROMO_VIEW_NOTHING
      || !convolver->normalize)
    return TRUE;
  has_key = kromo_bank_get_key (bank, &convolver->response, &key);
  if (convolver->scanning == NULL) {
    if (has_key && kromo_scan_cache_get (&key, found)) {
      convolver->scale = found[0];
      convolver->prepared = TRUE;
      return TRUE;
    }
    convolver->scanning = kromo_scan_new (bank, &convolver->response);
  }
  for (guint k = 0; k < BLOCKS_PER_PREPARATION; k++) {
    const guint n = kromo_scan_next (convolver->scanning, arena, values);

    for (guint i = 0; i < n; i++)
      convolver->power += values[i] * values[i];
    convolver->n_scanned += n;
    if (n == 0 || (interrupt != NULL && g_atomic_int_get (interrupt)))
      break;
  }
  *done = (double) convolver->n_scanned / convolver->response.n_values;
  if (convolver->n_scanned < convolver->response.n_values)
    return FALSE;
  g_clear_pointer (&convolver->scanning, kromo_scan_free);
  power = sqrtf (convolver->power / (float) convolver->response.n_values);
  if (!isfinite (power) || power < MIN_POWER)
    power = MIN_POWER;
  convolver->scale = 1.0f / power * CALIBRATION * (float) (CALIBRATION_RATE / rate);
  convolver->prepared = TRUE;
  found[0] = convolver->scale;
  if (has_key)
    kromo_scan_cache_put (&key, found);
  return TRUE;
}

/* The response is evaluated for its loudness and again for its spectra. */
static guint64
convolver_count_operations (const KromoNode *node, const KromoBank *bank)
{
  const Convolver *convolver = node->config;
  guint64 channel = 0;

  if (convolver->response.kind == KROMO_VIEW_NOTHING)
    return 0;
  for (guint k = 0; k < convolver->n_levels; k++) {
    const Level *level = &convolver->levels[k];

    channel += LEVEL_OPERATIONS + (guint64) (level->end - level->first) * PARTITION_OPERATIONS;
  }
  return node->max_in * channel + 2 * kromo_view_count_operations (&convolver->response, bank);
}

static void
convolver_clear (KromoNode *node)
{
  Convolver *convolver = node->config;

  g_clear_pointer (&convolver->scanning, kromo_scan_free);
}

static const KromoNodeClass convolver_class = {
  .name = "convolver",
  .plan = convolver_plan,
  .prepare = convolver_prepare,
  .reset = convolver_reset,
  .go_on = convolver_go_on,
  .process = convolver_process,
  .count_operations = convolver_count_operations,
  .clear = convolver_clear,
  .count_mode = KROMO_COUNT_CLAMPED_MAX,
  .channel_count = 2,
};

static const KromoNodeClass convolver_standard_class = {
  .name = "convolver",
  .plan = convolver_plan,
  .prepare = convolver_prepare,
  .reset = convolver_reset,
  .go_on = convolver_go_on,
  .process = convolver_process_standard,
  .count_operations = convolver_count_operations,
  .clear = convolver_clear,
  .count_mode = KROMO_COUNT_CLAMPED_MAX,
  .channel_count = 2,
};

static KromoNode *
convolver_new (const KromoNodeClass *klass, const KromoView *response, gboolean normalize)
{
  KromoNode *node = g_new0 (KromoNode, 1);
  Convolver *convolver = g_new0 (Convolver, 1);

  if (response != NULL)
    convolver->response = *response;
  convolver->normalize = normalize && response != NULL;
  convolver->scale = 1.0f;
  node->klass = klass;
  node->config = convolver;
  return node;
}

KromoNode *
kromo_convolver_new (const KromoView *response, gboolean normalize)
{
  return convolver_new (&convolver_class, response, normalize);
}

KromoNode *
kromo_convolver_standard_new (const KromoView *response, gboolean normalize)
{
  return convolver_new (&convolver_standard_class, response, normalize);
}
