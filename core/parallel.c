// SPDX-License-Identifier: Apache-2.0
#include "core/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "core/alloc.h"

struct parallel_run {
	pthread_mutex_t lock;
	size_t next;
	size_t n;
	ohc_work_fn work;
	void *ctx;
	int rc;
	struct ohc_error err;
};

static bool take_item(struct parallel_run *r, size_t *ret_i)
{
	bool got;

	pthread_mutex_lock(&r->lock);
	got = r->rc == 0 && r->next < r->n;
	if (got)
		*ret_i = r->next++;
	pthread_mutex_unlock(&r->lock);
	return got;
}

static void *worker(void *arg)
{
	struct parallel_run *r = arg;
	size_t i;

	while (take_item(r, &i)) {
		struct ohc_error err = OHC_ERROR_INIT;
		int rc = r->work(r->ctx, i, &err);

		if (rc >= 0)
			continue;
		pthread_mutex_lock(&r->lock);
		if (r->rc == 0) {
			r->rc = rc;
			r->err = err;
		}
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

int ohc_parallel(size_t n, size_t jobs, ohc_work_fn work, void *ctx, struct ohc_error *err)
{
	struct parallel_run r = {
		.lock = PTHREAD_MUTEX_INITIALIZER, .n = n, .work = work, .ctx = ctx
	};
	ohc_cleanup(ohc_freep) pthread_t *threads = NULL;
	size_t started = 0;

	if (jobs > n)
		jobs = n;
	if (jobs > 1)
		threads = ohc_xcalloc(jobs - 1, sizeof(*threads));
	while (started + 1 < jobs && pthread_create(&threads[started], NULL, worker, &r) == 0)
		started++;
	worker(&r); /* the caller works too, so it goes on even where no thread could start */
	while (started > 0)
		pthread_join(threads[--started], NULL);
	pthread_mutex_destroy(&r.lock);
	return ohc_error_copy(err, r.rc < 0 ? &r.err : NULL, r.rc);
}

size_t ohc_parallel_processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (size_t)CPU_COUNT(&set);
}

size_t ohc_parallel_jobs(size_t max)
{
	const size_t n = ohc_parallel_processors();

	return n < max ? n : max;
}
