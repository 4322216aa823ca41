// SPDX-License-Identifier: Apache-2.0
/* compose/image/inputs.h: what options mean together, and what comes out when nothing was given. */
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "compose/image/inputs.h"
#include "core/alloc.h"
#include "core/file.h"

static struct ohc_transports *transports;
static struct ohc_error err;

static struct ohc_push_options options(const char *profile)
{
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;

	o.base = "scratch";
	o.dest = "oci:nowhere:1";
	o.profile = profile;
	return o;
}

static int read_inputs(const struct ohc_push_options *o, struct ohc_inputs *ret)
{
	memset(ret, 0, sizeof(*ret));
	return ohc_inputs_read(o, transports, NULL, ret, &err);
}

static void expect_owner(const struct ohc_push_options *o, uint32_t uid, uint32_t gid,
			 const char *account)
{
	struct ohc_inputs in;

	assert_ok(read_inputs(o, &in), &err);
	assert_int_equal(in.rules.uid, uid);
	assert_int_equal(in.rules.gid, gid);
	if (account)
		assert_string_equal(in.account.name, account);
	else
		assert_null(in.account.name);
	ohc_inputs_clear(&in);
}

/* The profile's files are its user's, also where the account is not to be added. */
static void test_owner(void **state)
{
	struct ohc_push_options o = options("openhands");

	(void)state;
	expect_owner(&o, 1000, 1000, "openhands");
	o.no_account = true;
	expect_owner(&o, 1000, 1000, NULL);
	o.owner = "7:8";
	expect_owner(&o, 7, 8, NULL);
	o = options("openhands");
	o.account = "me:500:501";
	expect_owner(&o, 500, 501, "me");
	o.owner = "7:8";
	expect_owner(&o, 7, 8, "me");
	o = options("none");
	expect_owner(&o, 0, 0, NULL);
	o.account = "me:500:501";
	expect_owner(&o, 500, 501, "me");
}

/* A profile whose user is the account's name, which is a number only by the account. */
static void test_owner_of_a_named_user(void **state)
{
	static const char text[] = "{\"name\":\"p\",\"account\":{\"name\":\"me\",\"uid\":500,"
				   "\"gid\":501},\"config\":{\"user\":\"me\"}}";
	char file[] = "/tmp/ohc-profile-XXXXXX.json";
	struct ohc_push_options o = options(file);

	(void)state;
	close(mkstemps(file, 5));
	assert_ok(ohc_file_write(file, text, strlen(text), 0600, &err), &err);
	expect_owner(&o, 500, 501, "me");
	o.no_account = true;
	expect_owner(&o, 500, 501, NULL);
	unlink(file);
}

static void expect_failure(const struct ohc_push_options *o, const char *text)
{
	struct ohc_inputs in;

	assert_fails(read_inputs(o, &in), OHC_E_USAGE, &err, text);
	ohc_inputs_clear(&in);
}

static void test_what_excludes_each_other(void **state)
{
	struct ohc_push_options o = options("openhands");

	(void)state;
	o.account = "me:500";
	o.no_account = true;
	expect_failure(&o, "'--account' and '--no-account'");
	o = options("openhands");
	o.check = "warn";
	o.no_check = true;
	expect_failure(&o, "'--check' and '--no-check'");
	o = options("none");
	o.dest = "scratch";
	expect_failure(&o, "not a destination");
	o.dest = "r.example/x@" SHA_A;
	expect_failure(&o, "has a digest");
}

static void expect_times(const struct ohc_push_options *o, bool given, int64_t created,
			 int64_t files)
{
	struct ohc_inputs in;

	assert_ok(read_inputs(o, &in), &err);
	assert_int_equal(in.created_given, given);
	assert_int_equal(in.created, created);
	assert_int_equal(in.rules.time, files);
	ohc_inputs_clear(&in);
}

static void test_times(void **state)
{
	struct ohc_push_options o = options("none");

	(void)state;
	unsetenv("SOURCE_DATE_EPOCH");
	expect_times(&o, false, 0, 0);
	o.created = "2020-01-01T00:00:00Z";
	expect_times(&o, true, 1577836800, 0);
	o.created = NULL;
	o.mtime = "clamp";
	expect_failure(&o, "--mtime clamp needs SOURCE_DATE_EPOCH");
	setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
	expect_times(&o, true, 1700000000, 1700000000);
	o.created = "2020-01-01T00:00:00Z";
	expect_times(&o, true, 1577836800, 1700000000);
	setenv("SOURCE_DATE_EPOCH", "-1", 1);
	expect_failure(&o, "SOURCE_DATE_EPOCH is '-1'");
	setenv("SOURCE_DATE_EPOCH", "1x", 1);
	expect_failure(&o, "SOURCE_DATE_EPOCH is '1x'");
	unsetenv("SOURCE_DATE_EPOCH");
}

static int setup(void **state)
{
	static const struct ohc_registry_options none = { 0 };

	(void)state;
	transports = ohc_transports_new(&none, &none);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ohc_transports_free(transports);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_owner_of_a_named_user),
		cmocka_unit_test(test_what_excludes_each_other),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
