/* A CPPN under construction, and its text (1-GENOME 1.2).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "random-private.h"

KromoNetworkSketch *
kromo_network_sketch_new (guint n_bias)
{
  KromoNetworkSketch *sketch = g_new0 (KromoNetworkSketch, 1);

  sketch->neurons = g_array_new (FALSE, FALSE, sizeof (KromoSketchNeuron));
  sketch->synapses = g_array_new (FALSE, FALSE, sizeof (KromoSketchSynapse));
  for (guint i = 0; i < n_bias; i++)
    kromo_network_sketch_add (sketch, KROMO_SKETCH_BIAS, "NullFn");
  kromo_network_sketch_add (sketch, KROMO_SKETCH_INPUT, "NullFn");
  kromo_network_sketch_add (sketch, KROMO_SKETCH_INPUT, "NullFn");
  return sketch;
}

void
kromo_network_sketch_free (KromoNetworkSketch *sketch)
{
  g_array_unref (sketch->neurons);
  g_array_unref (sketch->synapses);
  g_free (sketch);
}

guint
kromo_network_sketch_add (KromoNetworkSketch *sketch, KromoSketchRole role, const char *activation)
{
  const KromoSketchNeuron neuron = { role, activation };

  g_array_append_val (sketch->neurons, neuron);
  return sketch->neurons->len - 1;
}

void
kromo_network_sketch_connect (KromoNetworkSketch *sketch, guint source, guint target, double weight)
{
  const KromoSketchSynapse synapse = { source, target, weight };

  g_array_append_val (sketch->synapses, synapse);
}

static void
write_id (const KromoNetworkSketch *sketch, GString *text, const char *key, guint neuron)
{
  g_autofree char *id = g_strdup_printf ("n%u", neuron);

  if (sketch->numbers)
    kromo_text_number (text, key, neuron);
  else
    kromo_text_string (text, key, id);
}

static guint
write_neurons (const KromoNetworkSketch *sketch, GString *text, KromoSketchRole role)
{
  static const char *const names[] = { "Bias", "Input", "Output", "Hidden" };
  static const char *const short_names[] = { "bias", "input", "output", "hidden" };
  guint n = 0;

  for (guint i = 0; i < sketch->neurons->len; i++) {
    const KromoSketchNeuron *neuron = &g_array_index (sketch->neurons, KromoSketchNeuron, i);
    g_autoptr (GString) object = g_string_new (NULL);

    if (neuron->role != role)
      continue;
    kromo_text_open (object, NULL, '{');
    write_id (sketch, object, "gid", i);
    kromo_text_string (object, "activationFunction", neuron->activation);
    if (sketch->short_names)
      kromo_text_string (object, "type", short_names[role]);
    else
      kromo_text_string (object, "nodeType", names[role]);
    kromo_text_close (object, '}');
    kromo_text_json (text, NULL, object->str, sketch->encodings);
    n++;
  }
  return n;
}

static void
write_synapses (const KromoNetworkSketch *sketch, GString *text)
{
  for (guint i = 0; i < sketch->synapses->len; i++) {
    const KromoSketchSynapse *synapse = &g_array_index (sketch->synapses, KromoSketchSynapse, i);
    g_autoptr (GString) object = g_string_new (NULL);

    kromo_text_open (object, NULL, '{');
    write_id (sketch, object, "sourceID", synapse->source);
    write_id (sketch, object, "targetID", synapse->target);
    kromo_text_number (object, "weight", synapse->weight);
    kromo_text_close (object, '}');
    kromo_text_json (text, NULL, object->str, sketch->encodings);
  }
}

char *
kromo_network_sketch_to_json (const KromoNetworkSketch *sketch)
{
  GString *text = g_string_new (NULL);
  guint counts[KROMO_N_SKETCH_ROLES];

  kromo_text_open (text, NULL, '{');
  kromo_text_open (text, "nodes", '[');
  for (guint role = 0; role < KROMO_N_SKETCH_ROLES; role++)
    counts[role] = write_neurons (sketch, text, role);
  kromo_text_close (text, ']');
  kromo_text_open (text, "connections", '[');
  write_synapses (sketch, text);
  kromo_text_close (text, ']');
  kromo_text_number (text, "inputNodeCount", counts[KROMO_SKETCH_INPUT]);
  kromo_text_number (text, "outputNodeCount", counts[KROMO_SKETCH_OUTPUT]);
  kromo_text_close (text, '}');
  return g_string_free (text, FALSE);
}
