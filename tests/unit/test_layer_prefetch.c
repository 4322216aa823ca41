// SPDX-License-Identifier: Apache-2.0
/* Reading ahead of a walk over a listing: that it starts where reads are slow, runs as far ahead as
 * it may, and ends whatever the reader does. */
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "layout/layer/prefetch.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define MANY   (2 * OHC_PREFETCH_FILES)
#define ENOUGH 32 /* reads that wait, for it to start */

struct seen {
	_Atomic size_t asked;
	uint64_t each;
};

static uint64_t want(void *ctx, const struct ohc_listing_entry *e)
{
	struct seen *s = ctx;

	s->asked += S_ISREG(e->st.st_mode) ? 1 : MANY;
	return s->each;
}

static int make_files(void **state)
{
	char name[128];

	if (scratch_make(state))
		return -1;
	for (size_t i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "%s/%04zu", scratch_dir, i);
		if (ohc_file_write(name, "x", 1, 0644, NULL) < 0)
			return -1;
	}
	return 0;
}

static struct ohc_listing files(void)
{
	struct ohc_listing list = { .settled = false };

	assert_int_equal(ohc_listing_read(scratch_dir, &list, NULL), 0);
	return list;
}

static void wait_a_little(void)
{
	usleep(1);
}

/* As long as a disk takes, and longer. */
static void compute(void)
{
	for (double end = ohc_clock_seconds() + 1e-3; ohc_clock_seconds() < end;)
		;
}

static void take_no_time(void)
{
}

static void read_files(struct ohc_prefetch *p, size_t n, void (*read)(void))
{
	for (size_t i = 0; i < n; i++) {
		ohc_prefetch_pass(p);
		ohc_prefetch_read_begins(p);
		read();
		ohc_prefetch_read_ends(p);
	}
}

static bool reaches(const struct seen *s, size_t n)
{
	for (int64_t end = ohc_clock_ms() + 10000; s->asked < n && ohc_clock_ms() < end;)
		usleep(1000);
	return s->asked >= n;
}

static void starts_where_reads_wait(void **state)
{
	ohc_cleanup(ohc_listing_clear) struct ohc_listing list = files();
	ohc_cleanup(ohc_prefetch_freep) struct ohc_prefetch *p =
		ohc_prefetch_new(scratch_dir, &list, NULL, NULL);

	(void)state;
	read_files(p, 5, wait_a_little);
	assert_false(ohc_prefetch_runs(p)); /* a few are no disk */
	read_files(p, ENOUGH - 5, wait_a_little);
	assert_true(ohc_prefetch_runs(p));
}

static void does_not_start_where_they_only_take_long(void **state)
{
	ohc_cleanup(ohc_listing_clear) struct ohc_listing list = files();
	ohc_cleanup(ohc_prefetch_freep) struct ohc_prefetch *p =
		ohc_prefetch_new(scratch_dir, &list, NULL, NULL);

	(void)state;
	read_files(p, 2 * ENOUGH, compute);
	assert_false(ohc_prefetch_runs(p));
}

static void runs_as_far_ahead_as_it_may(void **state)
{
	ohc_cleanup(ohc_listing_clear) struct ohc_listing list = files();
	struct seen seen = { .each = 1 };
	struct ohc_prefetch *p = ohc_prefetch_new(scratch_dir, &list, want, &seen);

	(void)state;
	read_files(p, ENOUGH, wait_a_little);
	assert_true(ohc_prefetch_runs(p));
	assert_true(reaches(&seen, OHC_PREFETCH_FILES));
	usleep(20000);
	assert_true(seen.asked <= OHC_PREFETCH_FILES + ENOUGH + 1); /* and one that waits */
	read_files(p, MANY - ENOUGH + 1, take_no_time);
	assert_true(reaches(&seen, MANY));
	ohc_prefetch_free(p);
	assert_int_equal(seen.asked, MANY);
}

static void asks_for_nothing_that_is_not_read(void **state)
{
	ohc_cleanup(ohc_listing_clear) struct ohc_listing list = files();
	struct seen seen = { .each = 0 };
	struct ohc_prefetch *p = ohc_prefetch_new(scratch_dir, &list, want, &seen);

	(void)state;
	read_files(p, ENOUGH, wait_a_little);
	assert_true(reaches(&seen, MANY)); /* nothing is ahead, so nothing waits */
	ohc_prefetch_free(p);
}

static void ends_with_the_reader(void **state)
{
	ohc_cleanup(ohc_listing_clear) struct ohc_listing list = files();
	struct ohc_prefetch *p = ohc_prefetch_new(scratch_dir, &list, NULL, NULL);

	(void)state;
	read_files(p, ENOUGH, wait_a_little);
	assert_true(ohc_prefetch_runs(p));
	ohc_prefetch_free(p);
	ohc_prefetch_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_where_reads_wait),
		cmocka_unit_test(does_not_start_where_they_only_take_long),
		cmocka_unit_test(runs_as_far_ahead_as_it_may),
		cmocka_unit_test(asks_for_nothing_that_is_not_read),
		cmocka_unit_test(ends_with_the_reader),
	};

	return cmocka_run_group_tests(tests, make_files, scratch_remove);
}
