/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits for a condition for some time at most, by a clock that nobody sets (core/clock.h):
 *
 *	ohc_cond_init(&cond);
 *	until = ohc_clock_ms() + 500;
 *	while (!ended && ohc_cond_wait_until(&cond, &lock, until))
 *		;
 *	pthread_cond_destroy(&cond);
 */
#ifndef OHC_CORE_COND_H
#define OHC_CORE_COND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* For ohc_cond_wait_until(), and for pthread_cond_wait(). */
void ohc_cond_init(pthread_cond_t *cond);

/* Under the lock.  until: milliseconds as of ohc_clock_ms().  False: that time has come. */
bool ohc_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until);

#endif
