/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs work(ctx, i, err) for every i below n, at most `jobs` at a time, on threads of its own (on
 * the caller's when one is enough).  Items start in order.  After the first failure no further item
 * starts; the items under way end, and that failure is returned.  No item sees another's error.
 */
#ifndef OHC_CORE_PARALLEL_H
#define OHC_CORE_PARALLEL_H

#include <stddef.h>

#include "core/error.h"

typedef int (*ohc_work_fn)(void *ctx, size_t i, struct ohc_error *err);

int ohc_parallel(size_t n, size_t jobs, ohc_work_fn work, void *ctx, struct ohc_error *err);

/* Processors this process may run on, at least 1. */
size_t ohc_parallel_processors(void);

/* As many jobs as there are processors, at most max. */
size_t ohc_parallel_jobs(size_t max);

#endif
