/* The parts of network outputs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "parts.h"

#include "../math/exponential.h"

#include <math.h>
#include <stdlib.h>

#define MAX_FREQUENCY 1e9 /* Hz */

double
kromo_note_get_ratio (const KromoNote *note)
{
  return kromo_exp2 ((100.0 * note->note_delta) / 1200.0) * note->tuning_ratio;
}

static KromoPartKind
part_kind (const KromoDrive *drive)
{
  switch (drive->param) {
  case KROMO_PARAM_BUFFER:
    return KROMO_PART_BUFFER;
  case KROMO_PARAM_PARTIAL_BUFFER:
    return KROMO_PART_PARTIAL;
  default:
    return KROMO_PART_OTHER;
  }
}

static double
part_frequency (const KromoNote *note, KromoPartKind kind, double stored, const KromoDrive *first)
{
  const double transposed = stored * kromo_note_get_ratio (note);

  switch (kind) {
  case KROMO_PART_BUFFER:
    return transposed;
  case KROMO_PART_PARTIAL:
    if (!(first->partial_number > 1.0))
      return transposed;
    return transposed * first->partial_number
        + (note->inharmonicity ? transposed * first->inharmonicity_factor : 0.0);
  default:
    return note->transpose_all ? transposed : stored;
  }
}

/* The CPPN for a stored frequency: that of the rounded frequency, or the nearest. */
static guint
find_network (const KromoGenome *genome, double stored)
{
  const double step = stored < 20.0 ? 1.0 : 10.0;
  const double key = floor (stored / step + 0.5) * step;
  guint nearest = 0;

  if (!genome->per_frequency)
    return 0;
  for (guint i = 1; i < genome->n_networks; i++) {
    if (fabs (genome->network_keys[i] - key) < fabs (genome->network_keys[nearest] - key))
      nearest = i;
  }
  return nearest;
}

static gboolean
add_part (KromoParts *parts, const KromoGenome *genome, const KromoNote *note,
    const KromoRules *rules, guint place, KromoPartKind kind, GError **error)
{
  const KromoNetworkOutput *output = &genome->patch.outputs[place];
  KromoPart part = { kind, place, output->output, 0, 0.0, FALSE };
  gboolean any = FALSE;

  for (guint i = 0; i < output->n_drives; i++) {
    const KromoDrive *drive = &output->drives[i];
    const KromoDriven driven = { parts->parts->len, drive };

    if (part_kind (drive) != kind || !(drive->enabled || rules->disabled_sounds))
      continue;
    if (!any && part.output >= 0) {
      part.network = find_network (genome, output->frequency);
      part.frequency = part_frequency (note, kind, output->frequency, drive);
    }
    any = TRUE;
    if (drive->node >= 0 && drive->param != KROMO_PARAM_NONE)
      g_array_append_val (g_ptr_array_index (parts->nodes, drive->node), driven);
  }
  if (!any)
    return TRUE;
  if (!(fabs (part.frequency) <= MAX_FREQUENCY)) {
    g_set_error (error, KROMO_ERROR, KROMO_ERROR_SETTINGS,
        "network output %u (%s) would run at %g Hz with note delta %g and tuning ratio %g, above "
        "%g "
        "Hz; transpose it less",
        place, output->id != NULL ? output->id : "without id", part.frequency, note->note_delta,
        note->tuning_ratio, MAX_FREQUENCY);
    return FALSE;
  }
  g_array_append_val (parts->parts, part);
  return TRUE;
}

static gint
compare_parts (gconstpointer a, gconstpointer b)
{
  const KromoPart *s = *(KromoPart *const *) a, *t = *(KromoPart *const *) b;

  if (s->output != t->output)
    return s->output < t->output ? -1 : 1;
  return (s->frequency > t->frequency) - (s->frequency < t->frequency);
}

/* The reference reverses a signal once for every entry of the list that shares its output and
 * frequency, so that an even number of them plays forward. */
static void
reverse_parts (KromoParts *parts, const KromoRules *rules)
{
  const guint n = parts->parts->len;
  g_autofree KromoPart **sorted = g_new (KromoPart *, n);
  guint begin, end;

  for (guint i = 0; i < n; i++)
    sorted[i] = &g_array_index (parts->parts, KromoPart, i);
  if (n > 0)
    qsort (sorted, n, sizeof *sorted, compare_parts);
  for (begin = 0; begin < n; begin = end) {
    for (end = begin + 1; end < n && compare_parts (&sorted[begin], &sorted[end]) == 0; end++)
      ;
    for (guint i = begin; i < end; i++)
      sorted[i]->reverse =
          sorted[i]->output >= 0 && (!rules->reverses_each_entry || (end - begin) % 2 == 1);
  }
}

static void
unref_array (gpointer array)
{
  g_array_unref (array);
}

gboolean
kromo_parts_init (KromoParts *parts, const KromoGenome *genome, const KromoNote *note,
    const KromoRules *rules, GError **error)
{
  parts->parts = g_array_new (FALSE, FALSE, sizeof (KromoPart));
  parts->nodes = g_ptr_array_new_full (genome->patch.n_nodes, unref_array);
  for (guint i = 0; i < genome->patch.n_nodes; i++)
    g_ptr_array_add (parts->nodes, g_array_new (FALSE, FALSE, sizeof (KromoDriven)));
  for (guint place = 0; place < genome->patch.n_outputs; place++) {
    for (guint kind = 0; kind < KROMO_N_PART_KINDS; kind++) {
      if (!add_part (parts, genome, note, rules, place, kind, error)) {
        kromo_parts_clear (parts);
        return FALSE;
      }
    }
  }
  if (note->reverse)
    reverse_parts (parts, rules);
  return TRUE;
}

void
kromo_parts_clear (KromoParts *parts)
{
  g_array_unref (parts->parts);
  g_ptr_array_unref (parts->nodes);
}

const KromoDriven *
kromo_parts_find (const KromoParts *parts, guint node, KromoParam param)
{
  const GArray *driven = g_ptr_array_index (parts->nodes, node);

  for (guint i = driven->len; i-- > 0;) {
    const KromoDriven *d = &g_array_index (driven, KromoDriven, i);

    if (d->drive->param == param)
      return d;
  }
  return NULL;
}
