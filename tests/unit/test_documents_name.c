// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "oci/documents/name.h"
#include "scratch.h"

#define AT "@" SHA_A

struct row {
	const char *text;
	enum ohc_transport transport;
	const char *host, *repo, *path, *tag, *digest;
	const char *full; /* ohc_name_text(); NULL: as text */
};

static void same(const char *got, const char *want)
{
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
}

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		struct ohc_name name;
		char *full;

		assert_ok(ohc_name_parse(rows[i].text, &name, &err), &err);
		assert_int_equal(name.transport, rows[i].transport);
		assert_string_equal(name.given, rows[i].text);
		same(name.host, rows[i].host);
		same(name.repo, rows[i].repo);
		same(name.path, rows[i].path);
		same(name.tag, rows[i].tag);
		same(name.digest, rows[i].digest);
		same(ohc_name_ref(&name), rows[i].digest ? rows[i].digest : rows[i].tag);
		full = ohc_name_text(&name);
		assert_string_equal(full, rows[i].full ? rows[i].full : rows[i].text);
		free(full);
		ohc_name_clear(&name);
	}
}

static void test_registry(void **state)
{
	static const struct row rows[] = {
		{ "ubuntu", OHC_REGISTRY, "docker.io", "library/ubuntu", NULL, "latest", NULL,
		  "docker.io/library/ubuntu:latest" },
		{ "ubuntu:22.04", OHC_REGISTRY, "docker.io", "library/ubuntu", NULL, "22.04", NULL,
		  "docker.io/library/ubuntu:22.04" },
		{ "docker:24", OHC_REGISTRY, "docker.io", "library/docker", NULL, "24", NULL,
		  "docker.io/library/docker:24" },
		{ "docker://u/x", OHC_REGISTRY, "docker.io", "u/x", NULL, "latest", NULL,
		  "docker.io/u/x:latest" },
		{ "index.docker.io/x", OHC_REGISTRY, "docker.io", "library/x", NULL, "latest", NULL,
		  "docker.io/library/x:latest" },
		{ "registry-1.docker.io/a/b", OHC_REGISTRY, "docker.io", "a/b", NULL, "latest",
		  NULL, "docker.io/a/b:latest" },
		{ "localhost/x", OHC_REGISTRY, "localhost", "x", NULL, "latest", NULL,
		  "localhost/x:latest" },
		{ "host:5000/x:y", OHC_REGISTRY, "host:5000", "x", NULL, "y", NULL, NULL },
		{ "h.io/a/b_c/d__e/f-g/h--i/j.k:T_.-9", OHC_REGISTRY, "h.io",
		  "a/b_c/d__e/f-g/h--i/j.k", NULL, "T_.-9", NULL, NULL },
		{ "[::1]:5000/x:y", OHC_REGISTRY, "[::1]:5000", "x", NULL, "y", NULL, NULL },
		{ "[fe80::1]/x:y", OHC_REGISTRY, "[fe80::1]", "x", NULL, "y", NULL, NULL },
		{ "x" AT, OHC_REGISTRY, "docker.io", "library/x", NULL, NULL, SHA_A,
		  "docker.io/library/x" AT },
		{ "h.io/x:t" AT, OHC_REGISTRY, "h.io", "x", NULL, "t", SHA_A, NULL },
		{ "docker://oci:5000/x:y", OHC_REGISTRY, "oci:5000", "x", NULL, "y", NULL, NULL },
		{ "docker://docker-archive:5000/x" AT, OHC_REGISTRY, "docker-archive:5000", "x",
		  NULL, NULL, SHA_A, NULL },
		{ "docker://sif:1/a", OHC_REGISTRY, "sif:1", "a", NULL, "latest", NULL,
		  "docker://sif:1/a:latest" },
		{ "docker://docker:5000/x:y", OHC_REGISTRY, "docker:5000", "x", NULL, "y", NULL,
		  "docker:5000/x:y" },
		{ "my_registry:5000/x:y", OHC_REGISTRY, "my_registry:5000", "x", NULL, "y", NULL,
		  NULL },
	};

	(void)state;
	check_rows(rows, OHC_ARRAY_SIZE(rows));
}

static void test_paths(void **state)
{
	static const struct row rows[] = {
		{ "scratch", OHC_SCRATCH, NULL, NULL, NULL, NULL, NULL, NULL },
		{ "oci:dir", OHC_LAYOUT, NULL, NULL, "dir", NULL, NULL, NULL },
		{ "oci:dir:tag", OHC_LAYOUT, NULL, NULL, "dir", "tag", NULL, NULL },
		{ "oci:a:b/c", OHC_LAYOUT, NULL, NULL, "a", "b/c", NULL, NULL },
		{ "oci:a:b/c:", OHC_LAYOUT, NULL, NULL, "a:b/c", NULL, NULL, NULL },
		{ "oci:dir:localhost/app:1.0", OHC_LAYOUT, NULL, NULL, "dir", "localhost/app:1.0",
		  NULL, NULL },
		{ "oci-archive:f.tar:h.io:5000/a/b:t", OHC_OCI_ARCHIVE, NULL, NULL, "f.tar",
		  "h.io:5000/a/b:t", NULL, NULL },
		{ "oci-archive:-:h.io/a:t", OHC_OCI_ARCHIVE, NULL, NULL, "-", "h.io/a:t", NULL,
		  NULL },
		{ "oci:dir:h.io/a:t" AT, OHC_LAYOUT, NULL, NULL, "dir", "h.io/a:t", SHA_A, NULL },
		{ "oci:/a b/c:tag", OHC_LAYOUT, NULL, NULL, "/a b/c", "tag", NULL, NULL },
		{ "oci:a:b:", OHC_LAYOUT, NULL, NULL, "a:b", NULL, NULL, NULL },
		{ "oci:d" AT, OHC_LAYOUT, NULL, NULL, "d", NULL, SHA_A, NULL },
		{ "oci:d:t" AT, OHC_LAYOUT, NULL, NULL, "d", "t", SHA_A, NULL },
		{ "oci:a@b", OHC_LAYOUT, NULL, NULL, "a@b", NULL, NULL, NULL },
		{ "oci-archive:f.tar:t", OHC_OCI_ARCHIVE, NULL, NULL, "f.tar", "t", NULL, NULL },
		{ "oci-archive:-", OHC_OCI_ARCHIVE, NULL, NULL, "-", NULL, NULL, NULL },
		{ "docker-archive:f.tar", OHC_DOCKER_ARCHIVE, NULL, NULL, "f.tar", NULL, NULL,
		  NULL },
		{ "docker-archive:f.tar:x:1", OHC_DOCKER_ARCHIVE, "docker.io", "library/x", "f.tar",
		  "1", NULL, "docker-archive:f.tar:docker.io/library/x:1" },
		{ "docker-archive:f.tar:h:5/x", OHC_DOCKER_ARCHIVE, "h:5", "x", "f.tar", "latest",
		  NULL, "docker-archive:f.tar:h:5/x:latest" },
	};

	(void)state;
	check_rows(rows, OHC_ARRAY_SIZE(rows));
}

static void test_bad(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "", "it is empty" },
		{ "a\nb", "control character" },
		{ "oci:a\033[2Jb", "control character" },
		{ "docker://", "the repository is missing" },
		{ ":tag", "the repository is missing" },
		{ "https://h.io/x", "only docker://" },
		{ "Ubuntu", "'Ubuntu' is no repository component" },
		{ "h.io/", "'' is no repository component" },
		{ "h.io//x", "'' is no repository component" },
		{ "h.io/x/", "'' is no repository component" },
		{ "h.io/../x", "'..' is no repository component" },
		{ "h.io/a..b", "'a..b'" },
		{ "h.io/a___b", "'a___b'" },
		{ "h.io/a._b", "'a._b'" },
		{ "h.io/-a", "'-a'" },
		{ "h.io/a-", "'a-'" },
		{ "h.io/a b", "'a b'" },
		{ "h.io/\xc3\xa4", "no repository component" },
		{ "h.io:/x", "port" },
		{ "h.io:0/x", "port" },
		{ "h.io:65536/x", "port" },
		{ "h.io:5000000/x", "port" },
		{ "h.io:a/x", "port" },
		{ "h!.io/x", "characters that no host name has" },
		{ "[::1/x", "IPv6" },
		{ "[::g]/x", "IPv6" },
		{ "x:", "malformed tag ''" },
		{ "x:-a", "malformed tag '-a'" },
		{ "x:.a", "malformed tag '.a'" },
		{ "x:a!", "malformed tag 'a!'" },
		{ "x@", "digest" },
		{ "x@sha256:abc", "malformed digest" },
		{ "x@sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		  "malformed digest" },
		{ "x@md5:abc", "neither sha256 nor sha512" },
		{ "u:s3cret@h.io/x", "no user and password in front of the host" },
		{ "docker://u:s3cret@h.io/x", "no user and password in front of the host" },
		{ "https://u:s3cret@h.io/x:1", "no user and password in front of the host" },
		{ "s3cret@h.io/x", "no user and password in front of the host" },
		{ "dir:x", "there is no transport 'dir:', only docker://, oci:, oci-archive: and" },
		{ "containers-storage:x", "there is no transport 'containers-storage:'" },
		{ "docker-daemon:x:1", "there is no transport 'docker-daemon:'" },
		{ "./lay", "it is a path; oci:./lay would be an image layout" },
		{ "../lay:tag", "it is a path" },
		{ "/lay", "it is a path" },
		{ "~/lay", "it is a path" },
		{ ".", "it is a path" },
		{ "docker://./r:iv", "a part of the host's name is empty" },
		{ "docker://../r", "a part of the host's name is empty" },
		{ "..:80/r", "a part of the host's name is empty" },
		{ "a..b/r", "a part of the host's name is empty" },
		{ ".a/r", "a part of the host's name is empty" },
		{ "a.b./r", "a part of the host's name is empty" },
		{ "a.-b/r", "or does not begin and end with a letter or a digit" },
		{ "a-.b/r", "or does not begin and end with a letter or a digit" },
		{ "_:5000/r", "or does not begin and end with a letter or a digit" },
		{ "oci:", "the path is missing" },
		{ "oci::tag", "the path is missing" },
		{ "oci:d:a b", "malformed name of an image 'a b'" },
		{ "oci:d:../../x", "malformed name of an image '../../x'" },
		{ "oci:d:a//b", "malformed name" },
		{ "oci:d:a/", "malformed name" },
		{ "oci:d:a?n=1", "malformed name" },
		{ "oci:d:a---b/c", "malformed name" },
		{ "docker-archive:", "the path is missing" },
		{ "docker-archive::x", "the path is missing" },
		{ "docker-archive:f:X", "no repository component" },
		{ "docker-archive:f:x@sha256:"
		  "0000000000000000000000000000000000000000000000000000000000000000",
		  "by tags only" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		struct ohc_name name = { .tag = NULL };

		assert_fails(ohc_name_parse(rows[i].text, &name, &err), OHC_E_USAGE, &err,
			     rows[i].message);
		assert_null(strstr(err.msg, "s3cret"));
		assert_null(name.given);
	}
}

/* Names are split by the directories that exist; each row makes only its own directory. */
static void test_colons(void **state)
{
	static const struct {
		const char *make, *text, *path, *tag;
	} rows[] = {
		{ "a", "oci:a:b:c", "a", "b:c" },
		{ "a:b", "oci:a:b:c", "a:b", "c" },
		{ "a:b", "oci:a:b", "a:b", NULL },
		{ "a:b:c", "oci:a:b:c", "a:b:c", NULL },
		{ "a:b/l", "oci:a:b/l:h.io/x:1", "a:b/l", "h.io/x:1" },
		{ "a:b", "oci:a:b/new:h.io/x:1", "a:b/new", "h.io/x:1" },
		{ "a:b", "oci:a:b/new", "a:b/new", NULL },
		{ "other", "oci:a:b:c", "a", "b:c" },
	};
	char command[200];

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;
		struct ohc_name name;

		snprintf(command, sizeof(command), "mkdir -p '%s'", rows[i].make);
		assert_int_equal(system(command), 0);
		assert_ok(ohc_name_parse(rows[i].text, &name, &err), &err);
		assert_string_equal(name.path, rows[i].path);
		same(name.tag, rows[i].tag);
		ohc_name_clear(&name);
		assert_int_equal(system("rm -r ./*"), 0);
	}
}

static void test_lengths(void **state)
{
	char text[400];
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_name name;

	(void)state;
	memcpy(text, "h.io/", 5);
	memset(text + 5, 'a', 256);
	text[5 + 255] = '\0';
	assert_ok(ohc_name_parse(text, &name, &err), &err);
	ohc_name_clear(&name);
	text[5 + 255] = 'a';
	text[5 + 256] = '\0';
	assert_fails(ohc_name_parse(text, &name, &err), OHC_E_USAGE, &err, "longer than 255");

	memset(text, 'a', 129);
	text[128] = '\0';
	assert_ok(ohc_name_tag_check(text, &err), &err);
	text[128] = 'a';
	text[129] = '\0';
	assert_fails(ohc_name_tag_check(text, &err), OHC_E_USAGE, &err, "malformed tag");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registry),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test_setup_teardown(test_colons, scratch_enter, scratch_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
