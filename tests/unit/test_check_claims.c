// SPDX-License-Identifier: Apache-2.0
/* compose/check/claims.h: what a payload claims to need, on both sides of what a base has. */
#include "unit.h"

#include "compose/check/claims.h"
#include "core/alloc.h"
#include "tree.h"

#define GLIBC                                                               \
	"elf /lib64/ld-linux-x86-64.so.2 soname=ld-linux-x86-64.so.2\n"     \
	"elf /lib64/libc.so.6 soname=libc.so.6 defs=GLIBC_2.9,GLIBC_2.36\n" \
	"elf /lib64/libstdc++.so.6 soname=libstdc++.so.6 defs=GLIBCXX_3.4.30\n"
#define MUSL "elf /lib/ld-musl-x86_64.so.1 soname=libc.musl-x86_64.so.1\n"

static void check(const char *base, struct ohc_payload_label label, const char *want)
{
	struct ohc_findings list = OHC_FINDINGS_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct test_tree t;

	tree_make(&t, base);
	label.prefix = (char *)"/openhands";
	assert_ok(ohc_check_claims(&label, t.files, "amd64", &list, &err), &err);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.v[0].code, want);
	assert_int_equal(list.v[0].level,
			 strcmp(want, "libraries") == 0 ? OHC_FINDING_OK : OHC_FINDING_ERROR);
	ohc_findings_clear(&list);
	tree_remove(&t);
}

static struct ohc_payload_label needs(enum ohc_payload_libc libc, const char *glibc,
				      const char *glibcxx)
{
	return (struct ohc_payload_label){ .libc = libc,
					   .glibc = (char *)glibc,
					   .glibcxx = (char *)glibcxx };
}

static void test_libc(void **state)
{
	(void)state;
	check(MUSL, needs(OHC_PAYLOAD_OWN, NULL, NULL), "libraries");
	check(MUSL, needs(OHC_PAYLOAD_NONE, NULL, NULL), "libraries");
	check(MUSL, needs(OHC_PAYLOAD_MUSL, NULL, NULL), "libraries");
	check(MUSL, needs(OHC_PAYLOAD_GLIBC, NULL, NULL), "libc-family");
	check(GLIBC, needs(OHC_PAYLOAD_GLIBC, NULL, NULL), "libraries");
	check(GLIBC, needs(OHC_PAYLOAD_MUSL, NULL, NULL), "libc-family");
}

static void test_versions(void **state)
{
	(void)state;
	check(GLIBC, needs(OHC_PAYLOAD_GLIBC, "2.9", NULL), "libraries");
	check(GLIBC, needs(OHC_PAYLOAD_GLIBC, "2.35", NULL), "libraries");
	check(GLIBC, needs(OHC_PAYLOAD_GLIBC, "2.36", NULL), "libraries");
	check(GLIBC, needs(OHC_PAYLOAD_GLIBC, "2.37", NULL), "libc-version");
	check(GLIBC, needs(OHC_PAYLOAD_GLIBC, "2.36", "3.4.30"), "libraries");
	check(GLIBC, needs(OHC_PAYLOAD_GLIBC, "2.36", "3.4.31"), "libstdcxx-version");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_libc),
		cmocka_unit_test(test_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
