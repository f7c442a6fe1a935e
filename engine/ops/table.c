/* The table of an instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "set.h"

extern const KromoBlockOps KROMO_TABLE (kromo_block_ops);
extern const KromoCurveOps KROMO_TABLE (kromo_curve_ops);
extern const KromoOscillatorOps KROMO_TABLE (kromo_oscillator_ops);
extern const KromoFilterOps KROMO_TABLE (kromo_filter_ops);
extern const KromoDelayOps KROMO_TABLE (kromo_delay_ops);
extern const KromoLevelOps KROMO_TABLE (kromo_level_ops);
extern const KromoShaperOps KROMO_TABLE (kromo_shaper_ops);
extern const KromoFourierOps KROMO_TABLE (kromo_fourier_ops);

extern const KromoOps KROMO_TABLE (kromo_ops);

const KromoOps KROMO_TABLE (kromo_ops) = {
  .name = G_STRINGIFY (KROMO_SET),
  .blocks = &KROMO_TABLE (kromo_block_ops),
  .curves = &KROMO_TABLE (kromo_curve_ops),
  .oscillators = &KROMO_TABLE (kromo_oscillator_ops),
  .filters = &KROMO_TABLE (kromo_filter_ops),
  .delays = &KROMO_TABLE (kromo_delay_ops),
  .levels = &KROMO_TABLE (kromo_level_ops),
  .shapers = &KROMO_TABLE (kromo_shaper_ops),
  .fourier = &KROMO_TABLE (kromo_fourier_ops),
};
