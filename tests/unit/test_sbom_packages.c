// SPDX-License-Identifier: Apache-2.0
/* layout/sbom/packages.h: which package of a root each file is of. */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "layout/sbom/packages.h"

/* A root of a few files, which counts how often each is read. */
struct text_file {
	const char *path, *text;
	unsigned int reads;
};

struct text_files {
	struct ohc_files files;
	struct text_file *v;
	size_t n;
};

static int find(struct ohc_files *f, const char *path, enum ohc_files_follow follow,
		struct ohc_files_place *ret, struct ohc_error *err)
{
	struct text_files *t = (struct text_files *)f;

	(void)follow;
	(void)err;
	*ret = (struct ohc_files_place){ .found = OHC_FILES_ABSENT, .path = ohc_xstrdup(path) };
	if (strcmp(path, "/var/lib/dpkg/status.d") == 0) {
		ret->found = OHC_FILES_THERE;
		ret->node.mode = S_IFDIR | 0755;
	}
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->v[i].path, path) == 0) {
			ret->found = OHC_FILES_THERE;
			ret->node = (struct ohc_files_node){ .mode = S_IFREG | 0644,
							     .size = strlen(t->v[i].text),
							     .id = &t->v[i] };
		}
	return 0;
}

static int walk(struct ohc_files *f, const char *dir, ohc_files_fn fn, void *ctx,
		struct ohc_error *err)
{
	const struct ohc_files_node node = { .mode = S_IFREG | 0644 };
	struct text_files *t = (struct text_files *)f;
	size_t below = strlen(dir);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < t->n; i++)
		if (strncmp(t->v[i].path, dir, below) == 0 && t->v[i].path[below] == '/')
			rc = fn(ctx, t->v[i].path, &node, err);
	return rc;
}

static int read_file(struct ohc_files *f, const struct ohc_files_place *place, size_t max,
		     struct ohc_buf *ret, struct ohc_error *err)
{
	struct text_file *file = (struct text_file *)place->node.id;

	(void)f;
	(void)err;
	assert_true(strlen(file->text) <= max);
	ohc_buf_adds(ret, file->text);
	file->reads++;
	return 1;
}

static const struct ohc_files_ops ops = { .find = find, .walk = walk, .read = read_file };

#define LICENSE "Format: x\n\nFiles: *\nLicense: MIT\n"

static void test_a_copyright_file_is_read_once(void **state)
{
	struct text_file v[] = {
		{ "/var/lib/dpkg/status", "Package: a\nVersion: 1\n\nPackage: b\nVersion: 2\n", 0 },
		{ "/var/lib/dpkg/info/a.list", "/usr/bin/a\n", 0 },
		{ "/var/lib/dpkg/info/b.list", "/usr/bin/b\n", 0 },
		{ "/usr/share/doc/a/copyright", "in words\n", 0 },
		{ "/usr/share/doc/b/copyright", LICENSE, 0 },
	};
	struct text_files t = { { &ops }, v, OHC_ARRAY_SIZE(v) };
	ohc_cleanup(ohc_packages_freep) struct ohc_packages *p = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_package *a, *b;

	(void)state;
	assert_ok(ohc_packages_read(&t.files, &p, &err), &err);
	a = ohc_packages_owner(p, "/usr/bin/a");
	b = ohc_packages_owner(p, "/usr/bin/b");
	for (int i = 0; i < 3; i++) {
		assert_ok(ohc_packages_license(&t.files, a, &err), &err);
		assert_ok(ohc_packages_license(&t.files, b, &err), &err);
	}
	assert_null(a->license);
	assert_string_equal(b->license, "MIT");
	assert_int_equal(v[3].reads, 1);
	assert_int_equal(v[4].reads, 1);
}

/* Distroless images have a record and a list of sums for each package, and no database. */
static void test_status_d(void **state)
{
#define STATUS_D "/var/lib/dpkg/status.d/"
	struct text_file v[] = {
		{ STATUS_D "libssl3", "Package: libssl3\nVersion: 3.0\n", 0 },
		{ STATUS_D "libssl3.md5sums",
		  "d41d8cd98f00b204e9800998ecf8427e  usr/lib/libssl.so.3\n", 0 },
		{ STATUS_D "python3.11", "Package: python3.11\nVersion: 3.11.2\n", 0 },
		{ STATUS_D "python3.11.md5sums",
		  "d41d8cd98f00b204e9800998ecf8427e  usr/bin/python3.11\n"
		  "short\n"
		  "d41d8cd98f00b204e9800998ecf8427e  usr/share/a b\n",
		  0 },
	};
	struct text_files t = { { &ops }, v, OHC_ARRAY_SIZE(v) };
	ohc_cleanup(ohc_packages_freep) struct ohc_packages *p = NULL;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_ok(ohc_packages_read(&t.files, &p, &err), &err);
	assert_string_equal(ohc_packages_owner(p, "/usr/lib/libssl.so.3")->name, "libssl3");
	assert_string_equal(ohc_packages_owner(p, "/usr/bin/python3.11")->version, "3.11.2");
	assert_string_equal(ohc_packages_owner(p, "/usr/share/a b")->name, "python3.11");
	assert_null(ohc_packages_owner(p, "/usr/bin/other"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_copyright_file_is_read_once),
		cmocka_unit_test(test_status_d),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
