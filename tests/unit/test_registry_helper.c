// SPDX-License-Identifier: Apache-2.0
#include "unit.h"
#include "scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "registry/helper.h"

static void script(const char *name, const char *text)
{
	ohc_cleanup(ohc_freep) char *path =
		ohc_xasprintf("%s/docker-credential-%s", scratch_dir, name);
	ohc_cleanup(ohc_freep) char *all = ohc_xasprintf("#!/bin/sh\n%s\n", text);
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_file_write(path, all, strlen(all), 0755, &err), &err);
}

static int get(const char *name, struct ohc_credentials *c, struct ohc_error *err)
{
	struct ohc_helper h = { .name = name, .wanted = "credsStore of '/f'", .seconds = 1 };

	return ohc_helper_get(&h, "h.example:5000", c, err);
}

static void test_get(void **state)
{
	ohc_cleanup(ohc_credentials_clear) struct ohc_credentials c = OHC_CREDENTIALS_INIT;
	ohc_cleanup(ohc_credentials_clear) struct ohc_credentials t = OHC_CREDENTIALS_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	script("good", "read s; [ \"$1 $s\" = 'get h.example:5000' ] || exit 9\n"
		       "echo '{\"ServerURL\":\"x\",\"Username\":\"me\",\"Secret\":\"s3cret\"}'");
	assert_ok(get("good", &c, &err), &err);
	assert_string_equal(c.user, "me");
	assert_string_equal(c.password, "s3cret");
	assert_string_equal(c.from, "'docker-credential-good' (credsStore of '/f')");
	script("token", "echo '{\"Username\":\"<token>\",\"Secret\":\"refresh\"}'");
	assert_ok(get("token", &t, &err), &err);
	assert_null(t.user);
	assert_string_equal(t.identity_token, "refresh");
}

static void test_none(void **state)
{
	struct ohc_credentials c = OHC_CREDENTIALS_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	script("none", "echo 'credentials not found in native keychain'; exit 1");
	assert_ok(get("none", &c, &err), &err);
	assert_null(c.from);
	script("nobody", "echo '{\"ServerURL\":\"\",\"Username\":\"\",\"Secret\":\"\"}'");
	assert_ok(get("nobody", &c, &err), &err);
	assert_null(c.from);
	script("no-secret", "echo '{\"Username\":\"me\",\"Secret\":\"\"}'");
	assert_ok(get("no-secret", &c, &err), &err);
	assert_null(c.from);
	script("no-user", "echo '{\"Username\":\"\",\"Secret\":\"s3cret\"}'");
	assert_ok(get("no-user", &c, &err), &err);
	assert_null(c.from);
}

static void test_bad(void **state)
{
	static const struct {
		const char *name, *text, *says;
		enum ohc_code code;
	} rows[] = {
		{ "locked", "echo 'the vault is s3cret'; exit 3", "status 3", OHC_E_DENIED },
		{ "fails-late", "echo '{\"Username\":\"me\",\"Secret\":\"s3cret\"}'; exit 1",
		  "status 1", OHC_E_DENIED },
		{ "rubbish", "echo 's3cret rubbish'", "something else than credentials",
		  OHC_E_FORMAT },
		{ "empty", "cat >/dev/null", "something else than credentials", OHC_E_FORMAT },
		{ "array", "echo '[]'", "something else", OHC_E_FORMAT },
		{ "half", "echo '{\"Username\":\"me\"}'", "something else", OHC_E_FORMAT },
		{ "types", "echo '{\"Username\":1,\"Secret\":\"s3cret\"}'", "something else",
		  OHC_E_FORMAT },
		{ "killed", "kill -9 $$", "status -1", OHC_E_DENIED },
		{ "endless", "yes s3cret", "prints more than", OHC_E_FORMAT },
		{ "deaf", "exec <&-; sleep 0.1; exit 1", "status 1", OHC_E_DENIED },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_credentials c = OHC_CREDENTIALS_INIT;
		struct ohc_error err = OHC_ERROR_INIT;

		script(rows[i].name, rows[i].text);
		assert_fails(get(rows[i].name, &c, &err), rows[i].code, &err, rows[i].says);
		assert_non_null(strstr(err.msg, rows[i].name));
		assert_non_null(strstr(err.msg, "credsStore of '/f'"));
		assert_null(strstr(err.msg, "s3cret"));
	}
}

/* Its standard error is the reason, but for what may be a secret.  A terminal would get it. */
static void test_says(void **state)
{
	static const struct {
		const char *text, *says, *not ;
	} rows[] = {
		{ "echo 'pass not initialized' >&2; exit 1", ": pass not initialized", "by hand" },
		{ "printf '\\n first\\033[1m\\nsecond\\n' >&2; exit 1", ": first?[1m", "second" },
		{ "echo '{\"Secret\":\"s3cret\"}'; echo 'no s3cret' >&2; exit 1", "by hand",
		  "s3cret" },
		{ "echo 'bad token eyJhbGciOiJIUzI1NiJ9.e30' >&2; exit 1", ": bad token ….e30",
		  "eyJ" },
		{ "yes 'vault is locked' | head -c 100000 >&2; exit 1", ": vault is locked",
		  "by hand" },
		{ "exit 1", "by hand", "(null)" },
	};
	const int tty = open("/dev/tty", O_RDWR | O_NOCTTY);

	(void)state;
	for (size_t i = 0; tty < 0 && i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_credentials c = OHC_CREDENTIALS_INIT;
		struct ohc_error err = OHC_ERROR_INIT;

		script("says", rows[i].text);
		assert_fails(get("says", &c, &err), OHC_E_DENIED, &err, rows[i].says);
		assert_null(strstr(err.msg, rows[i].not ));
	}
	if (tty >= 0)
		close(tty);
}

static void test_missing(void **state)
{
	struct ohc_credentials c = OHC_CREDENTIALS_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_fails(get("missing", &c, &err), OHC_E_DENIED, &err,
		     "'docker-credential-missing' is not installed");
	assert_fails(get("../good", &c, &err), OHC_E_FORMAT, &err, "name of a credential helper");
	assert_fails(get("", &c, &err), OHC_E_FORMAT, &err, "name of a credential helper");
}

/* A signal that a parent ignores is ignored here, too, until ohc_interrupt_init(). */
static void test_parent_ignores_children(void **state)
{
	ohc_cleanup(ohc_credentials_clear) struct ohc_credentials c = OHC_CREDENTIALS_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	assert_fails(get("good", &c, &err), OHC_E_FAILED, &err, "status of");
	assert_null(strstr(err.msg, "s3cret"));
	ohc_interrupt_init();
	assert_ok(get("good", &c, &err), &err);
	assert_string_equal(c.password, "s3cret");
}

/* One that hangs is killed, and its children cannot hold us either. */
static void test_hangs(void **state)
{
	struct ohc_credentials c = OHC_CREDENTIALS_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	time_t begin = time(NULL);

	(void)state;
	script("hangs", "sleep 30 & sleep 30");
	assert_fails(get("hangs", &c, &err), OHC_E_DENIED, &err, "did not end within 1 seconds");
	script("silent", "exec >&-; exec sleep 30");
	assert_fails(get("silent", &c, &err), OHC_E_DENIED, &err, "did not end within 1 seconds");
	assert_true(time(NULL) - begin < 8);
}

static void test_store_erase(void **state)
{
	struct ohc_helper h = { .name = "keeps", .wanted = "credsStore of '/f'", .seconds = 5 };
	ohc_cleanup(ohc_freep) char *kept = ohc_xasprintf("%s/kept", scratch_dir);
	ohc_cleanup(ohc_freep) char *text = ohc_xasprintf(
		"case $1 in store) cat >%s;; erase) read s; [ \"$s\" = h ] || exit 1; "
		"rm %s;; esac",
		kept, kept);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	script("keeps", text);
	assert_ok(ohc_helper_store(&h, "h", "me", "a\"b", &err), &err);
	assert_ok(ohc_file_read(kept, 1000, &b, &err), &err);
	assert_string_equal(b.data,
			    "{\"ServerURL\":\"h\",\"Username\":\"me\",\"Secret\":\"a\\\"b\"}");
	assert_ok(ohc_helper_erase(&h, "h", &err), &err);
	assert_int_equal(access(kept, F_OK), -1);
	assert_fails(ohc_helper_erase(&h, "x", &err), OHC_E_DENIED, &err, "'erase' with status 1");
}

static int make_dir(void **state)
{
	ohc_cleanup(ohc_freep) char *path = NULL;

	ohc_interrupt_init();
	if (scratch_make(state))
		return -1;
	path = ohc_xasprintf("%s:%s", scratch_dir, getenv("PATH"));
	return setenv("PATH", path, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),         cmocka_unit_test(test_none),
		cmocka_unit_test(test_bad),         cmocka_unit_test(test_says),
		cmocka_unit_test(test_missing),     cmocka_unit_test(test_hangs),
		cmocka_unit_test(test_store_erase), cmocka_unit_test(test_parent_ignores_children),
	};

	return cmocka_run_group_tests(tests, make_dir, scratch_remove);
}
