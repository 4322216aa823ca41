// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include "core/alloc.h"
#include "core/file.h"
#include "layout/elf/edit.h"
#include "layout/elf/derived.h"

#define INTERP "/openhands/lib/ld-linux-x86-64.so.2"
#define RPATH  "/openhands/lib:$ORIGIN/../lib"

static void load(const char *name, struct ohc_buf *ret)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("testdata/elf/%s", name);
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_file_read(path, 1 << 20, ret, &err), &err);
}

/* 1: b is the edited file. */
static int edit_as(struct ohc_buf *b, const struct ohc_elf_edit *want)
{
	ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	ohc_cleanup(ohc_freep) char *more = NULL;
	int rc = ohc_elf_edit_memory(b->data, b->len, "x", want, &patch, &err);

	assert_ok(rc, &err);
	if (rc == 0)
		return 0;
	assert_true(patch.size >= b->len);
	more = ohc_xcalloc(patch.size - b->len + 1, 1);
	ohc_buf_add(b, more, patch.size - b->len);
	ohc_patch_apply(&patch, 0, b->data, b->len);
	return 1;
}

static int edit(struct ohc_buf *b, const char *interp, const char *rpath)
{
	return edit_as(b, &(struct ohc_elf_edit){ .interp = interp, .rpath = rpath });
}

static void read_back(const struct ohc_buf *b, struct ohc_elf *ret)
{
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_elf_read_memory(b->data, b->len, "x", ret, &err), &err);
}

static void assert_same_texts(const struct ohc_strv *a, const struct ohc_strv *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_string_equal(a->v[i], b->v[i]);
}

/* All but what was to be set. */
static void assert_otherwise_same(const struct ohc_elf *a, const struct ohc_elf *b)
{
	assert_same_texts(&a->needed, &b->needed);
	assert_same_texts(&a->defs, &b->defs);
	assert_int_equal(a->n_needs, b->n_needs);
	for (size_t i = 0; i < a->n_needs; i++) {
		assert_string_equal(a->needs[i].file, b->needs[i].file);
		assert_same_texts(&a->needs[i].versions, &b->needs[i].versions);
	}
	assert_int_equal(!a->soname, !b->soname);
	if (a->soname)
		assert_string_equal(a->soname, b->soname);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->stack, b->stack);
	assert_int_equal(a->pie, b->pie);
	assert_int_equal(a->pyinstaller, b->pyinstaller);
}

static const char *const editable[] = {
	"program-386",     "program-amd64", "program-arm", "program-arm64",
	"program-musl",    "program-ppc64", "library",     "program-ppc64le",
	"program-riscv64", "program-s390x", "library-odd", "library-unsaid",
};

static void both_are_set(void **state)
{
	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(editable); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
		ohc_cleanup(ohc_elf_clear) struct ohc_elf before = OHC_ELF_INIT;
		ohc_cleanup(ohc_elf_clear) struct ohc_elf after = OHC_ELF_INIT;

		load(editable[i], &b);
		read_back(&b, &before);
		assert_int_equal(edit(&b, INTERP, RPATH), 1);
		read_back(&b, &after);
		assert_string_equal(after.rpath, RPATH);
		assert_null(after.runpath);
		if (before.interp)
			assert_string_equal(after.interp, INTERP);
		else
			assert_null(after.interp);
		assert_otherwise_same(&before, &after);
		/* Once more is not at all. */
		assert_int_equal(edit(&b, INTERP, RPATH), 0);
	}
}

/* Over and over with ever longer texts, and with short ones again. */
static void again_and_again(void **state)
{
	static const char *const paths[] = { "/a",
					     "/openhands/lib",
					     "/openhands/lib:/x/y/z",
					     "/b",
					     "/openhands/lib:/x/y/z:$ORIGIN",
					     "/c" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(editable); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

		load(editable[i], &b);
		for (size_t k = 0; k < OHC_ARRAY_SIZE(paths); k++) {
			ohc_cleanup(ohc_freep) char *interp =
				ohc_xasprintf("%s/ld-linux.so.1", paths[k]);
			ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;

			assert_int_equal(edit(&b, interp, paths[k]), 1);
			read_back(&b, &e);
			assert_string_equal(e.rpath, paths[k]);
			if (e.interp)
				assert_string_equal(e.interp, interp);
		}
	}
}

/* A text that fits over the old one makes no file longer. */
static void in_place(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;
	size_t n;

	(void)state;
	load("program-amd64", &b);
	n = b.len;
	assert_int_equal(edit(&b, "/lib/ld.so", NULL), 1);
	read_back(&b, &e);
	assert_string_equal(e.interp, "/lib/ld.so");
	assert_int_equal(b.len, n);
}

static void only_one_of_two(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;

	(void)state;
	load("library", &b);
	assert_int_equal(edit(&b, INTERP, NULL), 0);
	/* It had both, of which only RUNPATH counted. */
	assert_int_equal(edit(&b, NULL, "$ORIGIN/../lib"), 1);
	read_back(&b, &e);
	assert_null(e.runpath);
	assert_string_equal(e.rpath, "$ORIGIN/../lib");
}

static void more_libraries(void **state)
{
	char *names[] = { (char *)"libm.so.6", (char *)"libmore.so.1", (char *)"librt.so.1" };
	const struct ohc_strv needed = { names, OHC_ARRAY_SIZE(names) };
	struct ohc_elf_edit want = { .needed = &needed };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(editable); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
		ohc_cleanup(ohc_elf_clear) struct ohc_elf before = OHC_ELF_INIT;
		ohc_cleanup(ohc_elf_clear) struct ohc_elf after = OHC_ELF_INIT;
		bool had;

		load(editable[i], &b);
		read_back(&b, &before);
		had = ohc_strv_has(&before.needed, "libm.so.6");
		assert_int_equal(edit_as(&b, &want), 1);
		read_back(&b, &after);
		assert_int_equal(after.needed.n, before.needed.n + (had ? 2 : 3));
		for (size_t k = 0; k < before.needed.n; k++)
			assert_string_equal(after.needed.v[k], before.needed.v[k]);
		assert_string_equal(after.needed.v[after.needed.n - 2], "libmore.so.1");
		assert_string_equal(after.needed.v[after.needed.n - 1], "librt.so.1");
		assert_int_equal(edit_as(&b, &want), 0);
	}
}

static void executable_stack(void **state)
{
	struct ohc_elf_edit want = { .clear_exec_stack = true };
	ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	load("library-odd", &b);
	assert_int_equal(ohc_elf_edit_memory(b.data, b.len, "x", &want, &patch, &err), 1);
	assert_int_equal(patch.size, b.len);
	ohc_patch_apply(&patch, 0, b.data, b.len);
	read_back(&b, &e);
	assert_int_equal(e.stack, OHC_ELF_STACK_PLAIN);
}

static void left_alone(void **state)
{
	static const char *const names[] = { "static", "static-pie", "object" };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

		load(names[i], &b);
		assert_int_equal(edit(&b, INTERP, RPATH), 0);
	}
	ohc_buf_adds(&text, "#!/bin/sh\n");
	assert_int_equal(edit(&text, INTERP, RPATH), 0);
}

static void refused(void **state)
{
	struct ohc_elf_edit want = { .interp = INTERP, .rpath = RPATH };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf mips = OHC_BUF_INIT;
	struct ohc_patch patch = OHC_PATCH_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	load("program-mips", &mips);
	assert_fails(ohc_elf_edit_memory(mips.data, mips.len, "bin/x", &want, &patch, &err),
		     OHC_E_UNSUPPORTED, &err, "'bin/x' cannot be given another interpreter");
}

/* Data behind the file's own end stays where it is, and nothing is put behind it. */
static void data_stays_last(void **state)
{
	static const char data[] = "data that the program looks for from its end";
	struct ohc_elf_edit want = { .interp = INTERP, .rpath = RPATH };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(editable); i++) {
		ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
		struct ohc_error err = OHC_ERROR_INIT;
		int rc;

		load(editable[i], &b);
		ohc_buf_add(&b, data, sizeof(data));
		rc = ohc_elf_edit_memory(b.data, b.len, "bin/x", &want, &patch, &err);
		if (rc == 1) {
			assert_int_equal(patch.size, b.len);
			ohc_patch_apply(&patch, 0, b.data, b.len);
			assert_memory_equal(b.data + b.len - sizeof(data), data, sizeof(data));
		} else {
			assert_fails(rc, OHC_E_UNSUPPORTED, &err, "'bin/x' cannot be given");
		}
	}
}

/* Any file with one bit changed is edited or refused, and what was edited can be read. */
static void every_bit(void **state)
{
	static const char *const names[] = { "program-amd64", "library" };
	struct ohc_elf_edit want = { .interp = INTERP, .rpath = RPATH };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

		load(names[i], &b);
		for (size_t bit = 0; bit < b.len * 8; bit++) {
			ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
			int rc;

			b.data[bit / 8] = (char)(b.data[bit / 8] ^ 1 << bit % 8);
			rc = ohc_elf_edit_memory(b.data, b.len, "x", &want, &patch, NULL);
			assert_in_range(rc + 100, 0, 101);
			if (rc == 1)
				assert_true(patch.size >= b.len);
			b.data[bit / 8] = (char)(b.data[bit / 8] ^ 1 << bit % 8);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_are_set),   cmocka_unit_test(again_and_again),
		cmocka_unit_test(in_place),       cmocka_unit_test(only_one_of_two),
		cmocka_unit_test(more_libraries), cmocka_unit_test(executable_stack),
		cmocka_unit_test(left_alone),     cmocka_unit_test(refused),
		cmocka_unit_test(every_bit),      cmocka_unit_test(data_stays_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
