// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/strv.h"
#include "layout/files/of_dir.h"
#include "scratch.h"

static int make_root(void **state)
{
	ohc_cleanup(ohc_freep) char *script = NULL;

	if (scratch_make(state))
		return -1;
	script = ohc_xasprintf(
		"cd %s && mkdir -p usr/lib/sub usr/bin a/b etc && ln -s usr/lib lib && "
		"ln -s /usr/bin bin && ln -s ../../../../../usr/bin up && ln -s loop loop && "
		"ln -s /nowhere/x dangling && ln -s ../lib/sub usr/bin/sub && "
		"printf hello >usr/lib/text && "
		"ln -s /etc usr/abs && mkdir usr/l && ln -s /etc usr/l/1 && "
		"for i in $(seq 40); do ln -s $i usr/l/$((i + 1)); done && "
		"cp \"$OLDPWD\"/testdata/elf/library usr/lib/libx.so && "
		"ln -s libx.so usr/lib/libx.so.1 && : >a-b && : >a/b/c",
		scratch_dir);
	return system(script) == 0 ? 0 : -1;
}

static struct ohc_files *open_root(void)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_files *f = NULL;

	assert_ok(ohc_files_dir(scratch_dir, &f, &err), &err);
	return f;
}

static void paths(void **state)
{
	static const struct {
		const char *path;
		enum ohc_files_follow follow;
		enum ohc_files_found found;
		const char *at;
	} cases[] = {
		{ "/", OHC_FILES_FOLLOW, OHC_FILES_THERE, "/" },
		{ "/..", OHC_FILES_FOLLOW, OHC_FILES_THERE, "/" },
		{ "/lib/text", OHC_FILES_FOLLOW, OHC_FILES_THERE, "/usr/lib/text" },
		{ "//lib/./sub/..//text", OHC_FILES_FOLLOW, OHC_FILES_THERE, "/usr/lib/text" },
		{ "/bin/sub/../text", OHC_FILES_FOLLOW, OHC_FILES_THERE, "/usr/lib/text" },
		{ "/bin", OHC_FILES_NOFOLLOW, OHC_FILES_THERE, "/bin" },
		{ "/bin/", OHC_FILES_NOFOLLOW, OHC_FILES_THERE, "/usr/bin" },
		{ "/up", OHC_FILES_FOLLOW, OHC_FILES_THERE, "/usr/bin" },
		{ "/lib/libx.so.1", OHC_FILES_FOLLOW, OHC_FILES_THERE, "/usr/lib/libx.so" },
		{ "/lib/libx.so.1", OHC_FILES_NOFOLLOW, OHC_FILES_THERE, "/usr/lib/libx.so.1" },
		{ "/lib/none", OHC_FILES_FOLLOW, OHC_FILES_ABSENT, "/usr/lib/none" },
		{ "/lib/none/x", OHC_FILES_FOLLOW, OHC_FILES_ABSENT, "/usr/lib/none/x" },
		{ "/dangling", OHC_FILES_FOLLOW, OHC_FILES_ABSENT, "/nowhere/x" },
		{ "/dangling", OHC_FILES_NOFOLLOW, OHC_FILES_THERE, "/dangling" },
		{ "/lib/text/x", OHC_FILES_FOLLOW, OHC_FILES_NOT_DIR, "/usr/lib/text" },
		{ "/usr/abs", OHC_FILES_FOLLOW, OHC_FILES_THERE, "/etc" },
		/* As many symlinks as the kernel follows, and one more. */
		{ "/usr/l/40", OHC_FILES_FOLLOW, OHC_FILES_THERE, "/etc" },
		{ "/usr/l/41", OHC_FILES_FOLLOW, OHC_FILES_LOOP, NULL },
		{ "/loop", OHC_FILES_FOLLOW, OHC_FILES_LOOP, NULL },
		{ "/loop/x", OHC_FILES_NOFOLLOW, OHC_FILES_LOOP, NULL },
	};
	ohc_cleanup(ohc_files_freep) struct ohc_files *f = open_root();

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
		struct ohc_error err = OHC_ERROR_INIT;

		assert_ok(ohc_files_find(f, cases[i].path, cases[i].follow, &place, &err), &err);
		assert_int_equal(place.found, cases[i].found);
		if (cases[i].at)
			assert_string_equal(place.path, cases[i].at);
	}
}

static void contents(void **state)
{
	ohc_cleanup(ohc_files_freep) struct ohc_files *f = open_root();
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	const struct ohc_elf *elf = NULL, *again = NULL;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_int_equal(ohc_files_read_path(f, "/lib/text", 4, &text, &err), 1);
	assert_string_equal(text.data, "hell");
	assert_int_equal(ohc_files_read_path(f, "/lib", 4, &text, &err), 0);
	assert_int_equal(ohc_files_read_path(f, "/none", 4, &text, &err), 0);

	assert_ok(ohc_files_find(f, "/lib/libx.so.1", OHC_FILES_FOLLOW, &place, &err), &err);
	assert_int_equal(ohc_files_elf(f, &place, &elf, &err), 1);
	assert_string_equal(elf->soname, "libx.so.1");
	assert_int_equal(ohc_files_elf(f, &place, &again, &err), 1);
	assert_ptr_equal(elf, again);
	ohc_files_place_clear(&place);

	assert_ok(ohc_files_find(f, "/dangling", OHC_FILES_NOFOLLOW, &place, &err), &err);
	assert_string_equal(place.link, "/nowhere/x");
	assert_int_equal(ohc_files_elf(f, &place, &again, &err), 0);

	assert_int_equal(ohc_files_is(f, "/lib", S_IFDIR, &err), 1);
	assert_int_equal(ohc_files_is(f, "/lib", S_IFREG, &err), 0);
	assert_int_equal(ohc_files_is(f, "/lib/text", 0, &err), 1);
	assert_int_equal(ohc_files_is(f, "/loop", 0, &err), 0);
}

static int note(void *ctx, const char *path, const struct ohc_files_node *node,
		struct ohc_error *err)
{
	(void)err;
	(void)node;
	ohc_strv_add(ctx, path);
	return strcmp(path, "/usr") == 0 ? OHC_FILES_SKIP : 0;
}

static void walks(void **state)
{
	static const char *const all[] = { "/a-b", "/a",   "/a/b",  "/a/b/c", "/bin", "/dangling",
					   "/etc", "/lib", "/loop", "/up",    "/usr" };
	static const char *const lib[] = { "libx.so", "libx.so.1", "sub", "text" };
	ohc_cleanup(ohc_files_freep) struct ohc_files *f = open_root();
	ohc_cleanup(ohc_strv_clear) struct ohc_strv paths_seen = OHC_STRV_INIT;
	ohc_cleanup(ohc_strv_clear) struct ohc_strv names = OHC_STRV_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_ok(ohc_files_walk(f, "/", note, &paths_seen, &err), &err);
	assert_int_equal(paths_seen.n, OHC_ARRAY_SIZE(all));
	for (size_t i = 0; i < paths_seen.n; i++)
		assert_string_equal(paths_seen.v[i], all[i]);
	assert_ok(ohc_files_list(f, "/lib", note, &names, &err), &err);
	assert_int_equal(names.n, OHC_ARRAY_SIZE(lib));
	for (size_t i = 0; i < names.n; i++)
		assert_string_equal(names.v[i], lib[i]);
	assert_ok(ohc_files_walk(f, "/none", note, &names, &err), &err);
	assert_int_equal(names.n, OHC_ARRAY_SIZE(lib));
}

static void no_directory(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_files *f = NULL;

	(void)state;
	assert_fails(ohc_files_dir("/nowhere/x", &f, &err), OHC_E_NOT_FOUND, &err, "/nowhere/x");
	assert_null(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(contents),
		cmocka_unit_test(walks),
		cmocka_unit_test(no_directory),
	};

	return cmocka_run_group_tests(tests, make_root, scratch_remove);
}
