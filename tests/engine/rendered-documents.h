/* Documents rendered whole, and what their signals and curves should be: the formulas of 2-RENDERING
 * 2.3 and 3-WEB-AUDIO 2.5, sample by sample.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "genome-documents.h"

#include <math.h>

#define RATE 48000
#define HALF_POWER 0.70710678118654752440f

/* A network whose outputs are easily told:
 * 0: sin (2.5 m), 1: sin of the periodic input, 2: 1, 3: -1 in the first half and 1 in the second */
#define SIGNALS                                                                                    \
  "{'nodes':[{'gid':'b','nodeType':'Bias'},{'gid':'p','nodeType':'Input'},"                        \
  "{'gid':'m','nodeType':'Input'},"                                                                \
  "{'gid':'o0','nodeType':'Output','activationFunction':'Sine'},"                                  \
  "{'gid':'o1','nodeType':'Output','activationFunction':'Sine'},"                                  \
  "{'gid':'o2','nodeType':'Output','activationFunction':'cos'},"                                   \
  "{'gid':'o3','nodeType':'Output','activationFunction':'StepFunction'}],"                         \
  "'connections':[{'sourceID':'m','targetID':'o0','weight':2.5},"                                  \
  "{'sourceID':'p','targetID':'o1','weight':1},{'sourceID':'m','targetID':'o3','weight':1}],"      \
  "'inputNodeCount':2,'outputNodeCount':4}"
#define SIGNALS_WAVE "'waveNetwork':{'offspring':" SIGNALS "}"

#define PLAIN(graph, outputs)                                                                      \
  "{" SIGNALS_WAVE ",'patch':{'audioGraph':{" graph "},'networkOutputs':[" outputs "]}}"
#define STORED(nodes, connections)                                                                 \
  "{" SIGNALS_WAVE ",'asNEATPatch':" ASNEAT (nodes, connections) "}"

/* A network output of the plain form that drives one parameter of one node. */
#define DRIVE(output, frequency, node, rest)                                                       \
  "{'networkOutput':" output ",'frequency':" frequency ",'audioGraphNodes':{'" node "':[{" rest    \
  "}]}}"
/* A buffer of one value. */
#define CONSTANT(node, value) DRIVE ("2", "1", node, "'paramName':'buffer','range':[0," value "]")

/* Renders at 48 kHz or another rate, without normalisation.
 * Returns: (transfer full): channel after channel, *@n_frames samples each */
static inline float *
render_genome (
    KromoGenome *genome, const KromoNote *note, guint rate, guint n_channels, gsize *n_frames)
{
  const KromoFormat format = { .rate = rate,
    .channels = n_channels,
    .normalize = KROMO_NORMALIZE_NONE,
    .rendering = KROMO_RENDERING_REFERENCE };
  g_autoptr (GError) error = NULL;
  g_autoptr (KromoRenderer) renderer = kromo_renderer_new (genome, note, &format, &error);
  float *channels[KROMO_MAX_CHANNELS], *samples;

  g_assert_no_error (error);
  *n_frames = (gsize) kromo_renderer_get_n_frames (renderer);
  samples = g_new0 (float, *n_frames *n_channels);
  for (guint c = 0; c < n_channels; c++)
    channels[c] = samples + c * *n_frames;
  g_assert_cmpuint (kromo_renderer_render (renderer, channels, *n_frames), ==, *n_frames);
  return samples;
}

static inline float *
render_quoted (const char *text, const KromoNote *note, guint n_channels, gsize *n_frames)
{
  g_autoptr (KromoGenome) genome = load_quoted (text);

  return render_genome (genome, note, RATE, n_channels, n_frames);
}

/* A note of so many frames. */
static inline KromoNote
note_of (guint n_frames, guint rate)
{
  KromoNote note = KROMO_NOTE_INIT;

  note.duration = ((guint64) n_frames * 1000000000 + rate / 2) / rate;
  return note;
}

/* Sample @i of @n of an output of the network above. */
static inline float
signal_at (guint output, double frequency, gsize i, gsize n, double rate)
{
  const double m = -1.0 + ((double) i / (double) (n - 1)) * 2.0;
  const double p = frequency * ((double) n / rate);

  switch (output) {
  case 0:
    return (float) sin (2.5 * m);
  case 1:
    return (float) sin (sin (p * m));
  case 2:
    return 1.0f;
  default:
    return m <= 0.0 ? -1.0f : 1.0f;
  }
}

static inline float
in_range (float s, double a, double b)
{
  return (float) ((s + 1.0) / 2.0 * (b - a) + a);
}

/* The time of a frame as it is summed up within its quantum. */
static inline double
time_of (gsize frame, double rate)
{
  double t = (double) (frame / KROMO_QUANTUM * KROMO_QUANTUM) / rate;

  for (gsize i = 0; i < frame % KROMO_QUANTUM; i++)
    t += 1.0 / rate;
  return t;
}

/* A curve from time 0 over @duration seconds, at a time. */
static inline float
curve_at (const float *values, gsize n, double duration, double time)
{
  const double position = ((double) (n - 1) * time) / duration;
  const gsize k = (gsize) position;

  if (time >= duration)
    return values[n - 1];
  return fmaf (values[k + 1] - values[k], (float) (position - floor (position)), values[k]);
}
