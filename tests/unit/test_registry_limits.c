// SPDX-License-Identifier: Apache-2.0
/* Rates that the user gives to hosts, and who goes first. */
#include "unit.h"

#include <pthread.h>

#include "core/alloc.h"
#include "core/interrupt.h"
#include "registry/limits.h"

static struct ohc_error err;

static void setting(struct ohc_limits *l, const char *text)
{
	assert_int_equal(ohc_limits_set(l, text, &err), 0);
}

/* Requests a minute; 0: none are given. */
static double a_minute(struct ohc_limits *l, const char *host)
{
	struct ohc_limits_view v;

	return ohc_limits_find(l, host, &v) ? v.a_minute : 0;
}

static void test_which_rate(void **state)
{
	struct ohc_limits *l = ohc_limits_new();

	(void)state;
	setting(l, "a.example=60/m");
	setting(l, "1/s");
	setting(l, "b.example:5000=7200/h");
	setting(l, "120/m");
	setting(l, "a.example=2880/d");
	assert_int_equal((int)(a_minute(l, "a.example") + 0.5), 2);
	assert_int_equal((int)(a_minute(l, "b.example:5000") + 0.5), 120);
	assert_int_equal((int)(a_minute(l, "b.example") + 0.5), 120);
	ohc_limits_free(l);
	l = ohc_limits_new();
	setting(l, "b.example=30/m");
	setting(l, "60/m");
	setting(l, "240/m");
	assert_int_equal((int)(a_minute(l, "b.example") + 0.5), 30);
	assert_int_equal((int)(a_minute(l, "c.example") + 0.5), 240);
	ohc_limits_free(l);
	l = ohc_limits_new();
	setting(l, "b.example=30/m");
	assert_int_equal((int)a_minute(l, "c.example"), 0);
	ohc_limits_free(l);
}

static void test_docker_hub(void **state)
{
	struct ohc_limits *l = ohc_limits_new();
	struct ohc_limits_view v;

	(void)state;
	setting(l, "docker.io=100/m");
	assert_int_equal((int)(a_minute(l, "registry-1.docker.io") + 0.5), 100);
	assert_int_equal((int)(a_minute(l, "docker.io") + 0.5), 100);
	assert_int_equal(ohc_limits_look(l, &v, 1), 0); /* to look at a host is not to ask it */
	ohc_limits_free(l);
}

static void test_what_is_no_rate(void **state)
{
	static const char *const bad[] = { "0/s", "h=0/m", "", "/s", "1", "1/w", "1/ss", "=1/s" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(bad); i++)
		assert_int_equal(ohc_limits_check(bad[i], &err), -OHC_E_USAGE);
	assert_int_equal(ohc_limits_check("1/s", &err), 0);
}

static void leave(struct ohc_limits_pass *pass)
{
	const struct ohc_pace_answer good = { .kind = OHC_PACE_GOOD, .asked = -1 };

	ohc_limits_leave(pass, &good);
}

struct comer {
	struct ohc_limits *l;
	bool bulk, entered;
};

static void *come(void *arg)
{
	struct comer *c = arg;
	struct ohc_limits_pass pass = { .host = NULL };

	if (ohc_limits_enter(c->l, "a.example", c->bulk, NULL, &pass, NULL) == 0)
		__atomic_store_n(&c->entered, true, __ATOMIC_SEQ_CST);
	leave(&pass);
	return NULL;
}

static bool has_entered(const struct comer *c)
{
	return __atomic_load_n(&c->entered, __ATOMIC_SEQ_CST);
}

/* The host has as many requests as it gets, so that one waits; a transfer of many bytes, which
 * would find room at once, waits behind it. */
static void test_who_comes_first(void **state)
{
	struct ohc_limits *l = ohc_limits_new();
	struct ohc_limits_pass held[OHC_PACE_WINDOW_FIRST];
	struct comer small = { .l = l }, bulk = { .l = l, .bulk = true };
	pthread_t first, second;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(held); i++)
		assert_int_equal(ohc_limits_enter(l, "a.example", false, NULL, &held[i], &err), 0);
	assert_int_equal(pthread_create(&first, NULL, come, &small), 0);
	assert_int_equal(ohc_interrupt_wait(500, &err), 0);
	assert_int_equal(pthread_create(&second, NULL, come, &bulk), 0);
	assert_int_equal(ohc_interrupt_wait(500, &err), 0);
	assert_false(has_entered(&small));
	assert_false(has_entered(&bulk));
	for (size_t i = 0; i < OHC_ARRAY_SIZE(held); i++)
		leave(&held[i]);
	pthread_join(first, NULL);
	pthread_join(second, NULL);
	assert_true(has_entered(&small));
	assert_true(has_entered(&bulk));
	ohc_limits_free(l);
}

static char said[512];

static void keep_said(struct ohc_report *r, enum ohc_level level, const char *text)
{
	(void)r;
	assert_int_equal(level, OHC_NOTICE);
	assert_string_equal(said, "");
	snprintf(said, sizeof(said), "%s", text);
}

/* That a host is asked for nothing for more than five seconds is said, and why. */
static void test_long_wait(void **state)
{
	static const struct ohc_report_ops ops = { .message = keep_said };
	struct ohc_report report = { &ops, OHC_NOTICE };
	struct ohc_limits *l = ohc_limits_new();
	struct ohc_limits_pass pass = { .host = NULL };

	(void)state;
	setting(l, "11/m");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ohc_limits_enter(l, "a.example", false, &report, &pass, &err), 0);
		leave(&pass);
	}
	assert_string_equal(said, "'a.example' is asked for nothing for 6 s: its rate was set so");
	ohc_limits_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_rate),      cmocka_unit_test(test_docker_hub),
		cmocka_unit_test(test_what_is_no_rate), cmocka_unit_test(test_who_comes_first),
		cmocka_unit_test(test_long_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
