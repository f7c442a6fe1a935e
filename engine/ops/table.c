/* The table of an instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "set.h"

extern const KromoBlockOps KROMO_TABLE (kromo_block_ops);
extern const KromoCurveOps KROMO_TABLE (kromo_curve_ops);
extern const KromoFourierOps KROMO_TABLE (kromo_fourier_ops);

extern const KromoOps KROMO_TABLE (kromo_ops);

const KromoOps KROMO_TABLE (kromo_ops) = {
  .name = G_STRINGIFY (KROMO_SET),
  .blocks = &KROMO_TABLE (kromo_block_ops),
  .curves = &KROMO_TABLE (kromo_curve_ops),
  .fourier = &KROMO_TABLE (kromo_fourier_ops),
};
