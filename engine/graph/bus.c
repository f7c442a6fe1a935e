/* Channel mixing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bus.h"

#include "../ops/ops.h"

#include <string.h>

const float kromo_zeros[KROMO_QUANTUM] __attribute__ ((aligned (64)));

#define HALF_POWER 0.70710678118654752440f /* sqrt (1/2) */

void
kromo_bus_set_silent (KromoBus *bus)
{
  kromo_bus_set_zero (bus, 1);
  bus->silent = TRUE;
}

void
kromo_bus_set_zero (KromoBus *bus, guint n_channels)
{
  bus->n_channels = n_channels;
  bus->silent = FALSE;
  bus->zero = (1u << n_channels) - 1;
  for (guint c = 0; c < n_channels; c++)
    bus->data[c] = kromo_zeros;
}

void
kromo_bus_set_channel (KromoBus *bus, guint channel, const float *data)
{
  bus->data[channel] = data;
  bus->zero &= ~(1u << channel);
}

static void
place (KromoBus *to, guint channel, const KromoBus *from, guint source)
{
  if (!(from->zero & (1u << source)))
    kromo_bus_set_channel (to, channel, from->data[source]);
}

static void
up_mix (KromoBus *to, const KromoBus *from, guint n)
{
  if (from->n_channels == 1) {
    place (to, n == 6 ? 2 : 0, from, 0);
    if (n == 2 || n == 4)
      place (to, 1, from, 0);
  } else if (from->n_channels == 2 && n == 3) {
    place (to, 1, from, 0); /* a quirk of the reference */
    place (to, 2, from, 1);
  } else {
    for (guint c = 0; c < from->n_channels; c++)
      place (to, c, from, c);
  }
}

static void
stereo_to_mono (KromoBus *to, const KromoBus *from, float *out)
{
  kromo_ops_get ()->blocks->mix_stereo (out, from->data[0], from->data[1]);
  kromo_bus_set_channel (to, 0, out);
}

static void
surround_to_mono (KromoBus *to, const KromoBus *from, float *out)
{
  const KromoBlockOps *ops = kromo_ops_get ()->blocks;

  if ((from->zero | 1u) == 0x3f) /* the left channel alone, as a merger makes it */
    ops->scale (out, from->data[0], HALF_POWER);
  else
    ops->mix_surround (
        out, from->data[0], from->data[1], from->data[2], from->data[4], from->data[5]);
  kromo_bus_set_channel (to, 0, out);
}

/* front + sqrt (1/2) * (centre + surround), for one side */
static void
fold (KromoBus *to, guint channel, const KromoBus *from, guint surround, float *out)
{
  const guint others = (1u << 2) | (surround ? 1u << surround : 0);
  const float *s = surround ? from->data[surround] : kromo_zeros;

  if ((from->zero & others) == others) {
    place (to, channel, from, channel);
    return;
  }
  kromo_ops_get ()->blocks->fold (out, from->data[channel], from->data[2], s);
  kromo_bus_set_channel (to, channel, out);
}

static void
down_mix (KromoBus *to, const KromoBus *from, guint n, float *scratch)
{
  if (from->n_channels == 2) {
    stereo_to_mono (to, from, scratch);
  } else if (n == 1) {
    surround_to_mono (to, from, scratch);
  } else if (n == 2) {
    fold (to, 0, from, 4, scratch);
    fold (to, 1, from, 5, scratch + KROMO_QUANTUM);
  } else if (n == 4) {
    fold (to, 0, from, 0, scratch);
    fold (to, 1, from, 0, scratch + KROMO_QUANTUM);
    place (to, 2, from, 4);
    place (to, 3, from, 5);
  } else {
    for (guint c = 0; c < n; c++)
      place (to, c, from, c);
  }
}

void
kromo_bus_mix (KromoBus *to, const KromoBus *from, guint n_channels, float *scratch)
{
  if (from->n_channels == n_channels) {
    *to = *from;
    return;
  }
  g_assert (from->n_channels == 1 || from->n_channels == 2 || from->n_channels == 6);
  kromo_bus_set_zero (to, n_channels);
  if (from->zero == (1u << from->n_channels) - 1)
    return;
  if (from->n_channels < n_channels)
    up_mix (to, from, n_channels);
  else
    down_mix (to, from, n_channels, scratch);
}

void
kromo_bus_mix_standard (KromoBus *to, const KromoBus *from, guint n_channels, float *scratch)
{
  if (from->n_channels == 2 && n_channels == 3) {
    kromo_bus_set_zero (to, 3);
    place (to, 0, from, 0);
    place (to, 1, from, 1);
  } else {
    kromo_bus_mix (to, from, n_channels, scratch);
  }
}

/* A channel that points into another channel's place in @own, or into scratch memory, moves to its
 * own place, for both will be written again. */
static void
settle (KromoBus *bus, float *own, const float *scratch)
{
  const float *own_end = own + bus->n_channels * KROMO_QUANTUM;
  const float *scratch_end = scratch + KROMO_BUS_CHANNELS * KROMO_QUANTUM;

  for (guint c = bus->n_channels; c-- > 0;) {
    const float *data = bus->data[c];
    float *place_of_c = own + c * KROMO_QUANTUM;

    if ((bus->zero & (1u << c)) || data == place_of_c)
      continue;
    if ((data >= own && data < own_end) || (data >= scratch && data < scratch_end)) {
      memcpy (place_of_c, data, KROMO_QUANTUM * sizeof (float));
      bus->data[c] = place_of_c;
    }
  }
}

void
kromo_bus_add (KromoBus *sum, const KromoBus *from, KromoBusMix mix, KromoCountMode mode,
    guint count, float *own, float *scratch)
{
  const KromoBlockOps *ops = kromo_ops_get ()->blocks;
  const guint n = kromo_bus_count (MAX (sum->n_channels, from->n_channels), mode, count);
  KromoBus other;

  if (from->silent)
    return;
  mix (&other, from, n, scratch);
  if (sum->silent) {
    *sum = other;
    settle (sum, own, scratch);
    return;
  }
  if (sum->n_channels != n) {
    KromoBus narrow = *sum;

    mix (sum, &narrow, n, NULL); /* up-mixing needs no scratch memory */
    settle (sum, own, scratch);
  }
  for (guint c = 0; c < n; c++) {
    float *out = own + c * KROMO_QUANTUM;
    const float *a = sum->data[c], *b = other.data[c];

    if (other.zero & (1u << c))
      continue;
    if (sum->zero & (1u << c)) {
      if (b >= scratch && b < scratch + KROMO_BUS_CHANNELS * KROMO_QUANTUM)
        b = memcpy (out, b, KROMO_QUANTUM * sizeof (float));
      kromo_bus_set_channel (sum, c, b);
      continue;
    }
    ops->add (out, a, b);
    sum->data[c] = out;
  }
}
