// SPDX-License-Identifier: Apache-2.0
#include "core/cond.h"

#include <errno.h>
#include <time.h>

void ohc_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

bool ohc_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until)
{
	const struct timespec at = { .tv_sec = until / 1000,
				     .tv_nsec = (long)(until % 1000) * 1000000 };

	return pthread_cond_timedwait(cond, lock, &at) != ETIMEDOUT;
}
