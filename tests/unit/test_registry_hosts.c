// SPDX-License-Identifier: Apache-2.0
#include "unit.h"
#include "scratch.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "registry/hosts.h"

#define NOW INT64_C(1700000000)
#define DAY (24 * 3600)

static struct ohc_cache *cache;

static int setup(void **state)
{
	if (scratch_make(state))
		return -1;
	ohc_cache_open(scratch_dir, 0, NULL, &cache);
	return cache ? 0 : -1;
}

static int teardown(void **state)
{
	ohc_cache_close(cache);
	return scratch_remove(state);
}

static char realm[] = "https://auth.example/token", service[] = "s";

static const struct ohc_host_traits bearer = {
	.ask = OHC_ASK_BEARER, .realm = realm, .service = service, .refused = 5, .chunk = 1 << 20
};

static void test_kept(void **state)
{
	ohc_cleanup(ohc_host_traits_clear) struct ohc_host_traits f = OHC_HOST_TRAITS_INIT;
	ohc_cleanup(ohc_host_traits_clear) struct ohc_host_traits other = OHC_HOST_TRAITS_INIT;

	(void)state;
	ohc_hosts_keep(cache, "a.example", NOW, &bearer);
	assert_true(ohc_hosts_look(cache, "a.example", NOW, &f));
	assert_true(ohc_host_traits_equal(&f, &bearer));
	assert_false(ohc_hosts_look(cache, "b.example", NOW, &other));
}

/* Both sides of the day. */
static void test_day(void **state)
{
	static const struct {
		int64_t later;
		bool known;
	} rows[] = {
		{ 0, true }, { 1, true }, { DAY, true }, { DAY + 1, false }, { -1, false },
	};

	(void)state;
	ohc_hosts_keep(cache, "day.example", NOW, &bearer);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		ohc_cleanup(ohc_host_traits_clear) struct ohc_host_traits f = OHC_HOST_TRAITS_INIT;

		assert_int_equal(ohc_hosts_look(cache, "day.example", NOW + rows[i].later, &f),
				 rows[i].known);
	}
}

static void test_rubbish(void **state)
{
	static const char *const texts[] = {
		"", "rubbish", "[]", "{}", "{\"at\":\"x\"}", "{\"at\":1700000000,\"ask\":7}",
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(texts); i++) {
		ohc_cleanup(ohc_host_traits_clear) struct ohc_host_traits f = OHC_HOST_TRAITS_INIT;

		ohc_cache_put(cache, "host", "1 rubbish", texts[i], strlen(texts[i]));
		if (ohc_hosts_look(cache, "rubbish", NOW, &f))
			assert_int_equal(f.ask, OHC_ASK_UNKNOWN);
	}
}

/* Bearer without a realm is nothing that could be asked. */
static void test_no_realm(void **state)
{
	const char *text = "{\"at\":1700000000,\"ask\":\"bearer\",\"chunk\":-5}";
	ohc_cleanup(ohc_host_traits_clear) struct ohc_host_traits f = OHC_HOST_TRAITS_INIT;

	(void)state;
	ohc_cache_put(cache, "host", "1 realm", text, strlen(text));
	assert_true(ohc_hosts_look(cache, "realm", NOW, &f));
	assert_int_equal(f.ask, OHC_ASK_UNKNOWN);
	assert_int_equal(f.chunk, 0);
}

static void test_equal(void **state)
{
	struct ohc_host_traits f = bearer;

	(void)state;
	assert_true(ohc_host_traits_equal(&f, &bearer));
	f.http = true;
	assert_false(ohc_host_traits_equal(&f, &bearer));
	f = bearer;
	f.ask = OHC_ASK_BASIC;
	assert_false(ohc_host_traits_equal(&f, &bearer));
	f = bearer;
	f.realm = NULL;
	assert_false(ohc_host_traits_equal(&f, &bearer));
	f = bearer;
	f.service = realm;
	assert_false(ohc_host_traits_equal(&f, &bearer));
	f = bearer;
	f.refused = 1;
	assert_false(ohc_host_traits_equal(&f, &bearer));
	f = bearer;
	f.chunk = 0;
	assert_false(ohc_host_traits_equal(&f, &bearer));
}

static void test_no_cache(void **state)
{
	ohc_cleanup(ohc_host_traits_clear) struct ohc_host_traits f = OHC_HOST_TRAITS_INIT;

	(void)state;
	ohc_hosts_keep(NULL, "a.example", NOW, &bearer);
	assert_false(ohc_hosts_look(NULL, "a.example", NOW, &f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),    cmocka_unit_test(test_day),
		cmocka_unit_test(test_rubbish), cmocka_unit_test(test_no_realm),
		cmocka_unit_test(test_equal),   cmocka_unit_test(test_no_cache),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
