// SPDX-License-Identifier: Apache-2.0
/* Which requests count among those that a host has at a time. */
#include "unit.h"

#include "core/alloc.h"
#include "registry/request.h"
#include "registry/request_pass.h"

#define HOST "r.io"

static unsigned int busy_with(const struct ohc_request *rq)
{
	struct ohc_wire wire = { .limits = ohc_limits_new() };
	ohc_cleanup(ohc_request_reply_clear) struct ohc_reply re = OHC_REPLY_INIT;
	struct ohc_limits_view v;

	assert_int_equal(ohc_request_pass_enter(&wire, rq, HOST, &re, NULL), 0);
	assert_true(ohc_limits_find(wire.limits, HOST, &v));
	ohc_request_pass_leave(&re);
	ohc_limits_free(wire.limits);
	return v.busy;
}

/* A body that is long is bulk, whether it is streamed or lies in memory. */
static void test_bulk(void **state)
{
	static const struct {
		size_t len;
		bool streamed;
		int64_t size;
		unsigned int busy;
	} rows[] = {
		{ 0, false, 0, 1 },
		{ 64 * 1024, false, 0, 1 },
		{ 64 * 1024 + 1, false, 0, 0 },
		{ 0, true, 64 * 1024, 1 },
		{ 0, true, 64 * 1024 + 1, 0 },
		{ 0, true, -1, 0 },
	};
	struct ohc_source *src = ohc_source_memory("", 0);

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_request rq = OHC_REQUEST_INIT;

		rq.len = rows[i].len;
		rq.body = rows[i].streamed ? src : NULL;
		rq.body_size = rows[i].size;
		if (busy_with(&rq) != rows[i].busy)
			fail_msg("row %zu", i);
	}
	ohc_source_close(src);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bulk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
