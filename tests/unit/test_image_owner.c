// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "compose/image/owner.h"
#include "core/alloc.h"

static void test_owners(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint32_t uid, gid;
	} cases[] = {
		{ "1000:1001", true, 1000, 1001 },
		{ "7", true, 7, 7 },
		{ "0:0", true, 0, 0 },
		{ "4294967294:1", true, 4294967294u, 1 },
		{ "4294967295:1", false, 0, 0 },
		{ "a:1", false, 0, 0 },
		{ "1:", false, 0, 0 },
		{ "1:2:3", false, 0, 0 },
		{ "-1:2", false, 0, 0 },
		{ "", false, 0, 0 },
		{ "1 :2", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		uint32_t uid = 0, gid = 0;

		assert_int_equal(ohc_owner_parse(cases[i].text, &uid, &gid), cases[i].ok);
		assert_int_equal(uid, cases[i].uid);
		assert_int_equal(gid, cases[i].gid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
