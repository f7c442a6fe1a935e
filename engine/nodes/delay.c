/* Delays: a writer and a reader that share a ring of blocks.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Outside of cycles the writer runs first and any delay from 0 is possible; in a cycle the reader
 * does, and the delay is at least one quantum. Quirk of the reference: the whole ring is re-mixed when
 * the input's channel count changes.
 */
#include "nodes.h"

#include <math.h>
#include <string.h>

typedef struct {
  double max_delay_time;
  guint n_blocks; /* of the ring; set by plan */
} Delay;

/* Followed by the ring: float[max_in][n_blocks][KROMO_QUANTUM]. */
typedef struct {
  guint n_channels;
  /* Consecutive zero blocks written last; n_blocks: all are zero, whatever the ring holds. */
  guint quiet[KROMO_BUS_CHANNELS];
} DelayState;

#define RING_OFFSET 64

static float *
ring_channel (const KromoNode *writer, const KromoArena *arena, guint channel)
{
  const Delay *delay = writer->config;
  guint8 *state = kromo_node_state (writer, arena);

  return (float *) (gpointer) (state + RING_OFFSET)
      + (gsize) channel * delay->n_blocks * KROMO_QUANTUM;
}

static void
get_block (const KromoNode *writer, const KromoArena *arena, const DelayState *state, guint block,
    KromoBus *bus)
{
  const Delay *delay = writer->config;

  kromo_bus_set_zero (bus, state->n_channels);
  for (guint c = 0; c < state->n_channels; c++) {
    if (state->quiet[c] < delay->n_blocks)
      kromo_bus_set_channel (
          bus, c, ring_channel (writer, arena, c) + (gsize) block * KROMO_QUANTUM);
  }
}

/* A ring is cleared when it begins to sound: one that never does is never touched. */
static void
clear_ring (const KromoNode *writer, const KromoArena *arena, guint channel)
{
  const Delay *delay = writer->config;

  memset (ring_channel (writer, arena, channel), 0,
      (gsize) delay->n_blocks * KROMO_QUANTUM * sizeof (float));
}

static void
put_channel (const KromoNode *writer, const KromoArena *arena, DelayState *state, guint block,
    guint channel, const float *data)
{
  const Delay *delay = writer->config;
  float *place = ring_channel (writer, arena, channel) + (gsize) block * KROMO_QUANTUM;

  if (data != NULL) {
    if (state->quiet[channel] >= delay->n_blocks)
      clear_ring (writer, arena, channel);
    memmove (place, data, KROMO_QUANTUM * sizeof (float));
    state->quiet[channel] = 0;
  } else if (state->quiet[channel] < delay->n_blocks) {
    memset (place, 0, KROMO_QUANTUM * sizeof (float));
    state->quiet[channel]++;
  }
}

static const float *
channel_or_null (const KromoBus *bus, guint channel)
{
  return bus->zero & (1u << channel) ? NULL : bus->data[channel];
}

static gboolean
is_quiet (const Delay *delay, const DelayState *state)
{
  for (guint c = 0; c < state->n_channels; c++) {
    if (state->quiet[c] < delay->n_blocks)
      return FALSE;
  }
  return TRUE;
}

/* Mixes every block of the ring to another channel count, in place. */
static void
remix (const KromoNode *writer, KromoRun *run, DelayState *state, guint n_channels)
{
  const Delay *delay = writer->config;
  const DelayState before = *state;
  float copy[KROMO_BUS_CHANNELS][KROMO_QUANTUM];
  guint sounding = 0; /* a bit for each channel */

  g_assert (n_channels <= KROMO_BUS_CHANNELS);
  state->n_channels = n_channels;
  if (is_quiet (delay, &before)) {
    for (guint c = 0; c < n_channels; c++)
      state->quiet[c] = delay->n_blocks;
    return;
  }
  for (guint c = 0; c < n_channels; c++)
    state->quiet[c] = 0; /* so that every block is written */
  for (guint b = 0; b < delay->n_blocks; b++) {
    KromoBus from, to;

    get_block (writer, &run->arena, &before, b, &from);
    kromo_bus_mix (&to, &from, n_channels, run->scratch);
    sounding |= ~to.zero;
    for (guint c = 0; c < n_channels; c++) {
      if (!(to.zero & (1u << c)))
        memcpy (copy[c], to.data[c], sizeof copy[c]);
    }
    for (guint c = 0; c < n_channels; c++)
      put_channel (writer, &run->arena, state, b, c, to.zero & (1u << c) ? NULL : copy[c]);
  }
  for (guint c = 0; c < n_channels; c++)
    state->quiet[c] =
        sounding & (1u << c) ? 0 : delay->n_blocks; /* blocks were not in their order */
}

static void
write_block (const KromoNode *node, KromoRun *run, const KromoBus *in, guint n_channels)
{
  const Delay *delay = node->config;
  DelayState *state = kromo_node_state (node, &run->arena);
  const guint block = run->block % delay->n_blocks;

  if (n_channels != state->n_channels)
    remix (node, run, state, n_channels);
  for (guint c = 0; c < n_channels; c++)
    put_channel (
        node, &run->arena, state, block, c, c < in->n_channels ? channel_or_null (in, c) : NULL);
}

static void
writer_process (const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  write_block (node, run, in, in->n_channels);
}

/* When the input falls silent, what is still delayed keeps its channels. */
static void
writer_process_standard (
    const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const DelayState *state = kromo_node_state (node, &run->arena);

  write_block (node, run, in, in->silent ? state->n_channels : in->n_channels);
}

static void
writer_plan (KromoNode *node, KromoLayout *layout, double rate)
{
  Delay *delay = node->config;

  G_STATIC_ASSERT (sizeof (DelayState) <= RING_OFFSET);
  delay->n_blocks = (guint) ceil (delay->max_delay_time * rate / KROMO_QUANTUM) + 1;
  kromo_node_take_state (node, layout,
      RING_OFFSET + (gsize) node->max_in * delay->n_blocks * KROMO_QUANTUM * sizeof (float));
}

static void
writer_reset (const KromoNode *node, const KromoArena *arena)
{
  const Delay *delay = node->config;
  DelayState *state = kromo_node_state (node, arena);

  state->n_channels = 1;
  for (guint c = 0; c < KROMO_BUS_CHANNELS; c++)
    state->quiet[c] = delay->n_blocks;
}

/* ---- reader ---- */

/* Where the frames of a block are read: between frame @whole of the ring, counted from the block's start, and
 * the next. */
typedef struct {
  gint32 whole[KROMO_QUANTUM];
  float phase[KROMO_QUANTUM];
} Taps;

/* A delay that is the same throughout. */
static void
read_steady (const KromoDelayOps *ops, const float *ring, guint length, guint start, gint32 whole,
    float phase, float *y)
{
  const guint first = (guint) (whole + (gint32) start + (gint32) length) % length;
  const guint count = MIN (length - first, KROMO_QUANTUM + 1);
  float window[KROMO_QUANTUM + 1];

  if (count > KROMO_QUANTUM) {
    ops->blend (y, ring + first, phase);
    return;
  }
  memcpy (window, ring + first, count * sizeof (float));
  memcpy (window + count, ring, (KROMO_QUANTUM + 1 - count) * sizeof (float));
  ops->blend (y, window, phase);
}

static void
reader_process (const KromoNode *node, KromoRun *run, const KromoBus *in, KromoBus *out, float *own)
{
  const KromoNode *writer = node->peer;
  const Delay *delay = writer->config;
  const DelayState *state = kromo_node_state (writer, &run->arena);
  const KromoValues *time = &run->params[KROMO_DELAY_DELAY_TIME];
  const KromoDelayOps *ops = run->ops->delays;
  const guint length = delay->n_blocks * KROMO_QUANTUM;
  const guint start = run->block % delay->n_blocks * KROMO_QUANTUM;
  const double least = node->in_cycle ? KROMO_QUANTUM * run->time.period : 0.0;
  gboolean audible = FALSE;
  Taps taps;

  kromo_bus_set_zero (out, state->n_channels);
  if (time->single) {
    const double p = -(fmax (time->values[0], least) * run->rate);

    taps.whole[0] = (gint32) floor (p);
    taps.phase[0] = (float) (p - floor (p));
  } else {
    ops->find_taps (taps.whole, taps.phase, time->values, least, run->rate);
  }
  for (guint c = 0; c < state->n_channels; c++) {
    const float *x = ring_channel (writer, &run->arena, c);
    float *y = own + c * KROMO_QUANTUM;

    if (state->quiet[c] >= delay->n_blocks)
      continue;
    if (time->single)
      read_steady (ops, x, length, start, taps.whole[0], taps.phase[0], y);
    else
      ops->read_taps (y, x, (gint32) length, (gint32) start, taps.whole, taps.phase);
    kromo_bus_set_channel (out, c, y);
    audible = audible || run->ops->blocks->any_normal (y);
  }
  if (!audible)
    kromo_bus_set_silent (out);
}

static const KromoNodeClass writer_class = {
  .name = "delay writer",
  .plan = writer_plan,
  .reset = writer_reset,
  .process = writer_process,
  .operations = 5,
  .count_mode = KROMO_COUNT_MAX,
  .channel_count = 2,
};

static const KromoNodeClass writer_standard_class = {
  .name = "delay writer",
  .plan = writer_plan,
  .reset = writer_reset,
  .process = writer_process_standard,
  .operations = 5,
  .count_mode = KROMO_COUNT_MAX,
  .channel_count = 2,
};

static const KromoNodeClass reader_class = {
  .name = "delay",
  .process = reader_process,
  .operations = 10,
};

static void
delay_new (
    const KromoNodeClass *klass, double max_delay_time, KromoNode **writer, KromoNode **reader)
{
  Delay *delay = g_new0 (Delay, 1);
  KromoNode *w = g_new0 (KromoNode, 1), *r = g_new0 (KromoNode, 1);

  delay->max_delay_time = max_delay_time;
  w->klass = klass;
  w->config = delay;
  r->klass = &reader_class;
  r->n_params = 1;
  kromo_param_plan_init (
      &r->params[KROMO_DELAY_DELAY_TIME], 0.0f, 0.0f, (float) max_delay_time, FALSE);
  *writer = w;
  *reader = r;
}

void
kromo_delay_new (double max_delay_time, KromoNode **writer, KromoNode **reader)
{
  delay_new (&writer_class, max_delay_time, writer, reader);
}

void
kromo_delay_standard_new (double max_delay_time, KromoNode **writer, KromoNode **reader)
{
  delay_new (&writer_standard_class, max_delay_time, writer, reader);
}
