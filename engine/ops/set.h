/* Names of what is compiled once for each instruction set.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * KROMO_SET comes from meson.build: baseline, avx2, avx512.
 */
#pragma once

#include "ops.h"

#ifndef KROMO_SET
#define KROMO_SET baseline
#endif

#define KROMO_JOIN_EXPANDED(name, set) name##_##set
#define KROMO_JOIN(name, set) KROMO_JOIN_EXPANDED (name, set)

/* The table @name of this instruction set. */
#define KROMO_TABLE(name) KROMO_JOIN (name, KROMO_SET)
