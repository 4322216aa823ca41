// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "layout/elf/derived.h"
#include "layout/elf/stream.h"

static void load(const char *name, struct ohc_buf *ret)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("testdata/elf/%s", name);
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_read_file(path, 1 << 20, ret, &err), &err);
}

static void read_elf(const char *name, struct ohc_elf *ret)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	int rc;

	load(name, &b);
	rc = ohc_elf_read_memory(b.data, b.len, name, ret, &err);
	assert_ok(rc, &err);
	assert_int_equal(rc, 1);
}

static void every_architecture(void **state)
{
	static const struct {
		const char *arch, *interp;
		unsigned int bits;
		bool big;
	} cases[] = {
		{ "386", "/lib/ld-linux.so.2", 32, false },
		{ "amd64", "/lib/ld-linux-x86-64.so.2", 64, false },
		{ "arm", "/lib/ld-linux-armhf.so.3", 32, false },
		{ "arm64", "/lib/ld-linux-aarch64.so.1", 64, false },
		{ "mips", "/lib/ld.so.1", 32, true },
		{ "ppc64", "/lib/ld64.so.1", 64, true },
		{ "ppc64le", "/lib/ld64.so.2", 64, false },
		{ "riscv64", "/lib/ld-linux-riscv64-lp64d.so.1", 64, false },
		{ "s390x", "/lib/ld64.so.1", 64, true },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_freep) char *name = ohc_xasprintf("program-%s", cases[i].arch);
		ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;

		read_elf(name, &e);
		assert_string_equal(ohc_elf_arch(&e), cases[i].arch);
		assert_int_equal(e.bits, cases[i].bits);
		assert_int_equal(e.big_endian, cases[i].big);
		assert_string_equal(e.interp, cases[i].interp);
		assert_int_equal(e.needed.n, 2);
		assert_string_equal(e.needed.v[0], "libm.so.6");
		assert_string_equal(e.needed.v[1], "libc.so.6");
		assert_int_equal(e.n_needs, 1);
		assert_string_equal(e.needs[0].file, "libc.so.6");
		assert_string_equal(ohc_elf_highest_need(&e, "GLIBC_"), "2.34");
		assert_true(ohc_elf_is_program(&e));
		assert_false(ohc_elf_is_static(&e));
		assert_int_equal(ohc_elf_libc(&e), OHC_LIBC_GLIBC);
		assert_int_equal(e.stack, OHC_ELF_STACK_PLAIN);
	}
}

static void a_library(void **state)
{
	ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;

	(void)state;
	read_elf("library", &e);
	assert_false(ohc_elf_is_program(&e));
	assert_string_equal(e.soname, "libx.so.1");
	assert_string_equal(e.rpath, "/a:/b");
	assert_string_equal(e.runpath, "$ORIGIN/../lib");
	assert_null(e.interp);
	assert_int_equal(e.n_needs, 2);
	/* The weak one is not there. */
	assert_int_equal(e.needs[0].versions.n, 2);
	assert_string_equal(ohc_elf_highest_need(&e, "GLIBC_"), "2.14");
	assert_string_equal(ohc_elf_highest_need(&e, "GLIBCXX_"), "3.4.30");
	assert_string_equal(ohc_elf_highest_need(&e, "CXXABI_"), "1.3.9");
	assert_null(ohc_elf_highest_need(&e, "OPENSSL_"));
	/* Nor is the base version. */
	assert_int_equal(e.defs.n, 4);
	assert_string_equal(ohc_elf_version_highest(&e.defs, "X_"), "1.10");
	assert_int_equal(ohc_elf_libc(&e), OHC_LIBC_GLIBC);
}

static void odd_ones(void **state)
{
	ohc_cleanup(ohc_elf_clear) struct ohc_elf odd = OHC_ELF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf unsaid = OHC_ELF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf musl = OHC_ELF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf none = OHC_ELF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf pie = OHC_ELF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf object = OHC_ELF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf py = OHC_ELF_INIT;
	char text[OHC_ELF_ARCH_TEXT];

	(void)state;
	read_elf("library-odd", &odd);
	assert_int_equal(odd.stack, OHC_ELF_STACK_EXECUTABLE);
	assert_true(odd.textrel);
	assert_true(odd.nodeflib);
	assert_false(ohc_elf_same_arch(&odd, &unsaid));
	read_elf("library-unsaid", &unsaid);
	assert_int_equal(unsaid.stack, OHC_ELF_STACK_UNSAID);
	read_elf("program-musl", &musl);
	assert_int_equal(ohc_elf_libc(&musl), OHC_LIBC_MUSL);
	assert_true(ohc_elf_same_arch(&musl, &unsaid));
	read_elf("program-none", &none);
	assert_null(ohc_elf_arch(&none));
	assert_string_equal(ohc_elf_arch_text(&none, text), "ELF machine 65278");
	assert_string_equal(ohc_elf_arch_text(&musl, text), "amd64");
	assert_true(ohc_elf_is_program(&none));
	assert_true(ohc_elf_is_static(&none));
	assert_false(none.dynamic);
	read_elf("static-pie", &pie);
	assert_true(ohc_elf_is_program(&pie));
	assert_true(ohc_elf_is_static(&pie));
	read_elf("object", &object);
	assert_int_equal(object.type, OHC_ELF_REL);
	assert_false(ohc_elf_is_program(&object));
	read_elf("pyinstaller", &py);
	assert_true(py.pyinstaller);
	assert_false(pie.pyinstaller);
}

static void no_elf(void **state)
{
	struct ohc_elf e = OHC_ELF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_int_equal(ohc_elf_read_memory("", 0, "x", &e, &err), 0);
	assert_int_equal(ohc_elf_read_memory("\177EL", 3, "x", &e, &err), 0);
	assert_int_equal(ohc_elf_read_memory("#!/bin/sh\n", 10, "x", &e, &err), 0);
}

/* The machine's own programs, through a descriptor. */
static void real_programs(void **state)
{
	static const char *const paths[] = { "/bin/ls", "/bin/sh", "/usr/bin/python3" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(paths); i++) {
		ohc_cleanup(ohc_closep) int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;
		struct ohc_error err = OHC_ERROR_INIT;
		int rc;

		if (fd < 0)
			continue;
		rc = ohc_elf_read_fd(fd, paths[i], &e, &err);
		assert_ok(rc, &err);
		assert_int_equal(rc, 1);
		assert_true(ohc_elf_is_program(&e));
		if (e.interp)
			assert_int_equal(access(e.interp, X_OK), 0);
	}
}

/* Cut anywhere, a file is refused or has fewer facts; nothing behind its end is looked at. */
static void every_cut(void **state)
{
	static const char *const names[] = { "library", "program-s390x", "program-arm" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

		load(names[i], &b);
		for (size_t n = 0; n < b.len; n++) {
			ohc_cleanup(ohc_freep) char *cut = ohc_xmalloc(n);
			ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;
			struct ohc_error err = OHC_ERROR_INIT;
			int rc;

			memcpy(cut, b.data, n);
			rc = ohc_elf_read_memory(cut, n, "cut", &e, &err);
			if (n < OHC_ELF_MAGIC_N)
				assert_int_equal(rc, 0);
			else
				assert_fails(rc, OHC_E_FORMAT, &err, "'cut' is a damaged ELF file");
		}
	}
}

/* Every single bit of a file, changed: an answer or a refusal, and the same from a stream. */
static void every_bit(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	(void)state;
	load("library", &b);
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		ohc_cleanup(ohc_elf_stream_freep) struct ohc_elf_stream *s =
			ohc_elf_stream_new("x", b.len);
		ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;
		ohc_cleanup(ohc_elf_clear) struct ohc_elf from_stream = OHC_ELF_INIT;
		int rc;

		b.data[bit / 8] = (char)(b.data[bit / 8] ^ 1 << bit % 8);
		rc = ohc_elf_read_memory(b.data, b.len, "x", &e, NULL);
		ohc_elf_stream_feed(s, b.data, b.len);
		assert_int_equal(ohc_elf_stream_finish(s, &from_stream, NULL), rc);
		b.data[bit / 8] = (char)(b.data[bit / 8] ^ 1 << bit % 8);
	}
}

static void hostile_numbers(void **state)
{
	/* offset in program-amd64, width, value, and what is said of it */
	static const struct {
		size_t at, n;
		uint64_t value;
		const char *text;
	} cases[] = {
		{ 4, 1, 3, "word size" },
		{ 5, 1, 0, "byte order" },
		{ 32, 8, UINT64_MAX - 8, "the program header would lie behind" },
		{ 54, 2, 8, "entries that are too small" },
		{ 56, 2, 1025, "more entries than any" },
		{ 64 + 56 + 8, 8, UINT64_MAX, "the interpreter's name" },
		{ 64 + 56 + 32, 8, 1 << 20, "the interpreter's name is longer" },
		{ 64 + 56 + 32, 8, 2, "the interpreter's name does not end" },
		{ 64 + 112 + 8, 8, UINT64_MAX - 15, "the dynamic section would lie behind" },
		{ 64 + 112 + 32, 8, 1 << 20, "the dynamic section is larger" },
	};
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	(void)state;
	load("program-amd64", &b);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_freep) char *data = ohc_xmalloc(b.len);
		struct ohc_error err = OHC_ERROR_INIT;
		struct ohc_elf e = OHC_ELF_INIT;

		memcpy(data, b.data, b.len);
		for (size_t k = 0; k < cases[i].n; k++)
			data[cases[i].at + k] = (char)(cases[i].value >> 8 * k);
		assert_fails(ohc_elf_read_memory(data, b.len, "x", &e, &err), OHC_E_FORMAT, &err,
			     cases[i].text);
	}
}

static void pack_and_unpack(void **state)
{
	static const char *const names[] = { "library", "library-odd", "program-s390x", "static",
					     "pyinstaller" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++) {
		ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;
		ohc_cleanup(ohc_elf_clear) struct ohc_elf back = OHC_ELF_INIT;
		ohc_cleanup(ohc_buf_clear) struct ohc_buf once = OHC_BUF_INIT;
		ohc_cleanup(ohc_buf_clear) struct ohc_buf twice = OHC_BUF_INIT;
		struct ohc_record_reader u;

		read_elf(names[i], &e);
		ohc_elf_pack(&e, &once);
		u = ohc_record_read(once.data, once.len);
		assert_true(ohc_elf_unpack(&u, &back));
		assert_true(ohc_record_done(&u));
		ohc_elf_pack(&back, &twice);
		assert_int_equal(once.len, twice.len);
		assert_memory_equal(once.data, twice.data, once.len);
		assert_int_equal(back.pyinstaller, strcmp(names[i], "pyinstaller") == 0);
		for (size_t n = 0; n < once.len; n++) {
			struct ohc_elf cut = OHC_ELF_INIT;

			u = ohc_record_read(once.data, n);
			assert_false(ohc_elf_unpack(&u, &cut));
		}
	}
}

/* A program larger than what is kept of it, whose facts lie at both ends. */
static void a_large_stream(void **state)
{
	static char zeros[64 << 10];
	const uint64_t size = 20 << 20;
	const size_t moved =
		6 << 20; /* of the dynamic section: neither in the head nor in the tail */
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;
	ohc_cleanup(ohc_elf_stream_freep) struct ohc_elf_stream *s = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	size_t at, n;

	(void)state;
	load("program-amd64", &b);
	memcpy(&at, b.data + 64 + 112 + 8, sizeof(at));
	memcpy(&n, b.data + 64 + 112 + 32, sizeof(n));
	memcpy(b.data + 64 + 112 + 8, &moved, sizeof(moved));
	s = ohc_elf_stream_new("large", size);
	ohc_elf_stream_feed(s, b.data, b.len);
	for (uint64_t fed = b.len; fed < size;) {
		uint64_t want = (fed < moved ? moved : size) - fed;
		size_t piece = want < sizeof(zeros) ? (size_t)want : sizeof(zeros);

		if (fed == moved) {
			ohc_elf_stream_feed(s, b.data + at, n);
			fed += n;
			continue;
		}
		ohc_elf_stream_feed(s, zeros, piece);
		fed += piece;
	}
	assert_false(ohc_elf_stream_enough(s));
	assert_int_equal(ohc_elf_stream_finish(s, &e, &err), 1);
	assert_string_equal(e.needed.v[1], "libc.so.6");
}

/* One whose texts are in the middle. */
static void too_large_a_stream(void **state)
{
	static char zeros[64 << 10];
	const size_t moved = 6 << 20;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_elf_stream_freep) struct ohc_elf_stream *s = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_elf e = OHC_ELF_INIT;

	(void)state;
	load("program-amd64", &b);
	memcpy(b.data + 64 + 56 + 8, &moved, sizeof(moved)); /* the interpreter's name */
	s = ohc_elf_stream_new("large", 20 << 20);
	ohc_elf_stream_feed(s, b.data, b.len);
	for (size_t fed = b.len; fed < 20 << 20; fed += sizeof(zeros))
		ohc_elf_stream_feed(s, zeros, sizeof(zeros));
	assert_fails(ohc_elf_stream_finish(s, &e, &err), OHC_E_UNSUPPORTED, &err, "too large");
}

static void a_stream_of_something_else(void **state)
{
	ohc_cleanup(ohc_elf_stream_freep) struct ohc_elf_stream *s = ohc_elf_stream_new("x", 8);
	struct ohc_elf e = OHC_ELF_INIT;

	(void)state;
	ohc_elf_stream_feed(s, "\177E", 2);
	assert_false(ohc_elf_stream_enough(s));
	ohc_elf_stream_feed(s, "lf", 2);
	assert_true(ohc_elf_stream_enough(s));
	ohc_elf_stream_feed(s, "1234", 4);
	assert_int_equal(ohc_elf_stream_finish(s, &e, NULL), 0);
}

static void compare_versions(void **state)
{
	(void)state;
	assert_true(ohc_elf_version_compare("2.34", "2.4") > 0);
	assert_true(ohc_elf_version_compare("2.4", "2.34") < 0);
	assert_true(ohc_elf_version_compare("2.2.5", "2.2") > 0);
	assert_true(ohc_elf_version_compare("3.4.30", "3.4.30") == 0);
	assert_true(ohc_elf_version_compare("3", "2.99") > 0);
	assert_true(ohc_elf_version_compare("2.3a", "2.3b") < 0);
}

/* The files in testdata/ are those that the script makes. */
static void the_script_makes_them(void **state)
{
	(void)state;
	if (system("command -v python3 >/dev/null") != 0)
		skip();
	assert_int_equal(system("d=$(mktemp -d) && python3 tests/make_elf.py --all $d && "
				"diff -r -x README testdata/elf $d && rm -rf $d"),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_architecture), cmocka_unit_test(a_library),
		cmocka_unit_test(odd_ones),           cmocka_unit_test(no_elf),
		cmocka_unit_test(real_programs),      cmocka_unit_test(every_cut),
		cmocka_unit_test(every_bit),          cmocka_unit_test(hostile_numbers),
		cmocka_unit_test(pack_and_unpack),    cmocka_unit_test(a_large_stream),
		cmocka_unit_test(too_large_a_stream), cmocka_unit_test(a_stream_of_something_else),
		cmocka_unit_test(compare_versions),   cmocka_unit_test(the_script_makes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
