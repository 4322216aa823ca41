/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time that has passed, by a clock that nobody sets (CLOCK_MONOTONIC): for limits and for how
 * long something took, never for a date.
 *
 *	int64_t end = ohc_clock_ms() + 1000;
 *
 *	while (ohc_clock_ms() < end)
 *		...
 *
 * Both may be called in a signal handler.
 */
#ifndef OHC_CORE_CLOCK_H
#define OHC_CORE_CLOCK_H

#include <stdint.h>

/* Milliseconds, and seconds with a fraction, since a point in the past. */
int64_t ohc_clock_ms(void);
double ohc_clock_seconds(void);

#endif
