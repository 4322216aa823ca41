/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of a layer, low enough that an input which comes near them is still looked at soon. */
#ifndef OHC_TESTS_FUZZ_SCAN_LIMITS_H
#define OHC_TESTS_FUZZ_SCAN_LIMITS_H

#include "layout/rootfs/scan.h"

static const struct ohc_scan_limits scan_limits = {
	.entries = 10000,
	.index_size = 1 << 20,
	.plain_size = 8 << 20,
	.hole_ratio = 200,
	.holes_from = 1 << 20,
};

#endif
