/* Convolution with a signal as long as the sound.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Uniformly partitioned overlap-save with partitions of one quantum, so without latency. Partition p of
 * the response meets audio for the first time in quantum p, and is evaluated only then; what must be
 * known before the first frame is the response's loudness alone.
 */
#include "fft.h"
#include "nodes.h"

#include <math.h>
#include <string.h>

#define FFT_SIZE (2 * KROMO_QUANTUM)
#define N_BINS (KROMO_QUANTUM + 1)
#define BIN_STRIDE 144 /* N_BINS, rounded up for alignment */
#define MIN_POWER 0.000125f
#define CALIBRATION 0.00125f
#define CALIBRATION_RATE 44100.0
#define BLOCKS_PER_PREPARATION 512

/* Real and imaginary parts apart, for the sums over all partitions. */
typedef struct {
  float re[BIN_STRIDE], im[BIN_STRIDE];
} Spectrum;

typedef struct {
  KromoView response; /* kind KROMO_VIEW_NOTHING: none */
  KromoView scan;
  gboolean normalize;
  guint64 n_partitions;
  gsize forward, inverse; /* scratch: FFT plans */
  gsize time, bins, sum;  /* scratch */

  /* The loudness scan; done when it is. */
  float scale;
  gboolean prepared;
  KromoScan *scanning;
  guint64 n_scanned;
  float power;
} Convolver;

/* The node's state: this, the response's Spectrum[n_partitions], then for each channel its Channel and
 * a ring of Spectrum[n_partitions]. */
typedef struct {
  guint64 n_ready; /* how many partitions of the response are evaluated */
  guint64 padding[7];
} ConvolverState;

typedef struct {
  guint64 n_blocks;  /* that this channel has run */
  guint64 last_loud; /* 1 + the last of them that was not zero; 0: none */
  guint64 padding[6];
  float previous[KROMO_QUANTUM];
} Channel;

static Channel *
get_channel (const KromoNode *node, const KromoArena *arena, guint c)
{
  const Convolver *convolver = node->config;
  const gsize spectra = convolver->n_partitions * sizeof (Spectrum);
  guint8 *state = kromo_node_state (node, arena);

  return (gpointer) (state + sizeof (ConvolverState) + spectra + c * (sizeof (Channel) + spectra));
}

static Spectrum *
get_spectrum (const Convolver *convolver, Channel *channel, guint64 block)
{
  return (Spectrum *) (gpointer) (channel + 1) + block % convolver->n_partitions;
}

static void
transform (const Convolver *convolver, const KromoArena *arena, const float *first,
    const float *second, Spectrum *spectrum)
{
  float *time = kromo_arena_scratch (arena, convolver->time);
  kiss_fft_cpx *bins = kromo_arena_scratch (arena, convolver->bins);

  memcpy (time, first, KROMO_QUANTUM * sizeof (float));
  memcpy (time + KROMO_QUANTUM, second, KROMO_QUANTUM * sizeof (float));
  kiss_fftr (kromo_arena_scratch (arena, convolver->forward), time, bins);
  for (guint i = 0; i < N_BINS; i++) {
    spectrum->re[i] = bins[i].r;
    spectrum->im[i] = bins[i].i;
  }
}

/* The second half of the inverse transform: where the circular convolution is the linear one. */
static void
transform_back (
    const Convolver *convolver, const KromoArena *arena, const Spectrum *sum, float *out)
{
  float *time = kromo_arena_scratch (arena, convolver->time);
  kiss_fft_cpx *bins = kromo_arena_scratch (arena, convolver->bins);

  for (guint i = 0; i < N_BINS; i++) {
    bins[i].r = sum->re[i];
    bins[i].i = sum->im[i];
  }
  kiss_fftri (kromo_arena_scratch (arena, convolver->inverse), bins, time);
  for (guint i = 0; i < KROMO_QUANTUM; i++)
    out[i] = time[KROMO_QUANTUM + i] * (1.0f / FFT_SIZE);
}

static void
multiply_add (Spectrum *restrict sum, const Spectrum *a, const Spectrum *b)
{
  for (guint i = 0; i < BIN_STRIDE; i++) {
    const float re = a->re[i] * b->re[i] - a->im[i] * b->im[i];
    const float im = a->re[i] * b->im[i] + a->im[i] * b->re[i];

    sum->re[i] += re;
    sum->im[i] += im;
  }
}

/* Evaluates the response's partitions up to that of this quantum. */
static void
evaluate_response (const KromoNode *node, const KromoRun *run)
{
  const Convolver *convolver = node->config;
  const guint64 n_values = convolver->response.n_values;
  ConvolverState *state = kromo_node_state (node, &run->arena);
  Spectrum *responses = (Spectrum *) (gpointer) (state + 1);

  for (; state->n_ready <= run->block && state->n_ready < convolver->n_partitions;
       state->n_ready++) {
    const guint64 start = state->n_ready * KROMO_QUANTUM;
    const guint n = (guint) MIN (n_values - start, KROMO_QUANTUM);
    float values[KROMO_QUANTUM] = { 0 };

    kromo_view_read (&convolver->response, run->bank, &run->arena, start, n, values);
    for (guint i = 0; i < n; i++)
      values[i] *= convolver->scale;
    transform (convolver, &run->arena, values, kromo_zeros, &responses[state->n_ready]);
  }
}

static gboolean
is_zero (const float *x)
{
  for (guint i = 0; i < KROMO_QUANTUM; i++) {
    if (x[i] != 0.0f)
      return FALSE;
  }
  return TRUE;
}

static void
convolve (const KromoNode *node, const KromoRun *run, Channel *channel, const float *x, float *y)
{
  const Convolver *convolver = node->config;
  const ConvolverState *state = kromo_node_state (node, &run->arena);
  const Spectrum *responses = (const Spectrum *) (gconstpointer) (state + 1);
  Spectrum *sum = kromo_arena_scratch (&run->arena, convolver->sum);
  const guint64 block = channel->n_blocks++;
  const guint64 n = MIN (block + 1, convolver->n_partitions);

  transform (
      convolver, &run->arena, channel->previous, x, get_spectrum (convolver, channel, block));
  memcpy (channel->previous, x, sizeof channel->previous);
  if (!is_zero (x))
    channel->last_loud = block + 1;
  memset (sum, 0, sizeof *sum);
  for (guint64 p = 0; p < n; p++)
    multiply_add (sum, get_spectrum (convolver, channel, block - p), &responses[p]);
  transform_back (convolver, &run->arena, sum, y);
}

/* Whether all that the channel has heard has rung out. */
static gboolean
has_rung_out (const Convolver *convolver, const Channel *channel)
{
  return channel->last_loud == 0
      || channel->n_blocks > channel->last_loud + convolver->n_partitions;
}

static void
convolver_process (
    const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const Convolver *convolver = node->config;

  if (convolver->response.kind == KROMO_VIEW_NOTHING) {
    *out = *in;
    return;
  }
  evaluate_response (node, run);
  if (in->silent && has_rung_out (convolver, get_channel (node, &run->arena, 0)))
    return;
  kromo_bus_set_zero (out, in->n_channels);
  for (guint c = 0; c < in->n_channels; c++) {
    Channel *channel = get_channel (node, &run->arena, c);
    float *y = own + c * KROMO_QUANTUM;

    if ((in->zero & (1u << c)) && has_rung_out (convolver, channel))
      continue;
    convolve (node, run, channel, in->data[c], y);
    kromo_bus_set_channel (out, c, y);
  }
}

static void
convolver_plan (KromoNode *node, KromoLayout *layout, double rate)
{
  Convolver *convolver = node->config;
  gsize spectra;

  if (convolver->response.kind == KROMO_VIEW_NOTHING)
    return;
  G_STATIC_ASSERT (sizeof (Channel) % KROMO_ALIGNMENT == 0);
  convolver->n_partitions = (convolver->response.n_values + KROMO_QUANTUM - 1) / KROMO_QUANTUM;
  convolver->forward = kromo_layout_take (&layout->scratch, kromo_fft_size (FFT_SIZE));
  convolver->inverse = kromo_layout_take (&layout->scratch, kromo_fft_size (FFT_SIZE));
  convolver->time = kromo_layout_take (&layout->scratch, FFT_SIZE * sizeof (float));
  convolver->bins = kromo_layout_take (&layout->scratch, N_BINS * sizeof (kiss_fft_cpx));
  convolver->sum = kromo_layout_take (&layout->scratch, sizeof (Spectrum));
  spectra = convolver->n_partitions * sizeof (Spectrum);
  kromo_node_take_state (node, layout,
      sizeof (ConvolverState) + spectra + node->max_in * (sizeof (Channel) + spectra));
}

static void
convolver_reset (const KromoNode *node, const KromoArena *arena)
{
  const Convolver *convolver = node->config;

  if (convolver->response.kind == KROMO_VIEW_NOTHING)
    return;
  ((ConvolverState *) kromo_node_state (node, arena))->n_ready = 0;
  for (guint c = 0; c < node->max_in; c++)
    memset (get_channel (node, arena, c), 0,
        sizeof (Channel)); /* spectra are written before they are read */
  kromo_fft_init (kromo_arena_scratch (arena, convolver->forward), FFT_SIZE, FALSE);
  kromo_fft_init (kromo_arena_scratch (arena, convolver->inverse), FFT_SIZE, TRUE);
}

/* The reference's loudness: a single-precision sum in the order of the samples. */
static gboolean
convolver_prepare (
    KromoNode *node, const KromoBank *bank, double rate, const gint *interrupt, double *done)
{
  Convolver *convolver = node->config;
  float values[KROMO_QUANTUM];
  float power;

  if (convolver->prepared || convolver->response.kind == KROMO_VIEW_NOTHING
      || !convolver->normalize)
    return TRUE;
  if (convolver->scanning == NULL)
    convolver->scanning = kromo_scan_new (bank, &convolver->scan);
  for (guint k = 0; k < BLOCKS_PER_PREPARATION; k++) {
    const guint n = kromo_scan_next (convolver->scanning, values);

    for (guint i = 0; i < n; i++)
      convolver->power += values[i] * values[i];
    convolver->n_scanned += n;
    if (n == 0)
      break;
    if (interrupt != NULL && g_atomic_int_get (interrupt))
      break;
  }
  *done = (double) convolver->n_scanned / convolver->scan.n_values;
  if (convolver->n_scanned < convolver->scan.n_values)
    return FALSE;
  g_clear_pointer (&convolver->scanning, kromo_scan_free);
  power = sqrtf (convolver->power / (float) convolver->scan.n_values);
  if (!isfinite (power) || power < MIN_POWER)
    power = MIN_POWER;
  convolver->scale = 1.0f / power * CALIBRATION * (float) (CALIBRATION_RATE / rate);
  convolver->prepared = TRUE;
  return TRUE;
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
  .process = convolver_process,
  .clear = convolver_clear,
  .count_mode = KROMO_COUNT_CLAMPED_MAX,
  .channel_count = 2,
};

KromoNode *
kromo_convolver_new (const KromoView *response, const KromoView *scan, gboolean normalize)
{
  KromoNode *node = g_new0 (KromoNode, 1);
  Convolver *convolver = g_new0 (Convolver, 1);

  if (response != NULL)
    convolver->response = *response;
  if (scan != NULL)
    convolver->scan = *scan;
  convolver->normalize = normalize && response != NULL;
  convolver->scale = 1.0f;
  node->klass = &convolver_class;
  node->config = convolver;
  return node;
}
