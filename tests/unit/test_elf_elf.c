// SPDX-License-Identifier: Apache-2.0
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "layout/elf/derived.h"
#include "layout/elf/section.h"
#include "layout/elf/stream.h"
#include "tree.h"

static void load(const char *name, struct ohc_buf *ret)
{
	ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("testdata/elf/%s", name);
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_file_read(path, 1 << 20, ret, &err), &err);
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

/* Libraries that have an interpreter, or that name no libc of glibc's. */
static void libraries_of_a_libc(void **state)
{
	static const struct {
		const char *line;
		bool program;
		enum ohc_libc libc;
	} cases[] = {
		{ "elf /x soname=libc.so.6 interp=/lib64/ld-linux-x86-64.so.2\n", false,
		  OHC_LIBC_GLIBC },
		{ "elf /x interp=/lib64/ld-linux-x86-64.so.2\n", true, OHC_LIBC_GLIBC },
		{ "elf /x needed=libc.so.6\n", false, OHC_LIBC_GLIBC },
		{ "elf /x needed=libz.so,libc.musl-x86_64.so.1\n", false, OHC_LIBC_MUSL },
		{ "elf /x needed=libz.so\n", false, OHC_LIBC_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
		struct ohc_error err = OHC_ERROR_INIT;
		const struct ohc_elf *e = NULL;
		struct test_tree t;

		tree_make(&t, cases[i].line);
		assert_ok(ohc_files_find(t.files, "/x", OHC_FILES_FOLLOW, &place, &err), &err);
		assert_int_equal(ohc_files_elf(t.files, &place, &e, &err), 1);
		assert_int_equal(ohc_elf_is_program(e), cases[i].program);
		assert_int_equal(ohc_elf_libc(e), cases[i].libc);
		tree_remove(&t);
	}
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

static void encode_and_decode(void **state)
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
		ohc_elf_encode(&e, &once);
		u = ohc_record_read(once.data, once.len);
		assert_true(ohc_elf_decode(&u, &back));
		assert_true(ohc_record_done(&u));
		ohc_elf_encode(&back, &twice);
		assert_int_equal(once.len, twice.len);
		assert_memory_equal(once.data, twice.data, once.len);
		assert_int_equal(back.pyinstaller, strcmp(names[i], "pyinstaller") == 0);
		for (size_t n = 0; n < once.len; n++) {
			struct ohc_elf cut = OHC_ELF_INIT;

			u = ohc_record_read(once.data, n);
			assert_false(ohc_elf_decode(&u, &cut));
		}
	}
}

/* The facts by a stream that is fed in pieces; where it has to be, again by a further stream. */
static int stream(const struct ohc_buf *b, uint64_t head, uint64_t tail, size_t window,
		  size_t piece, struct ohc_elf *ret, int *ret_times)
{
	ohc_cleanup(ohc_elf_stream_freep) struct ohc_elf_stream *s =
		ohc_elf_stream_keeping("x", b->len, head, tail, window);
	struct ohc_error err = OHC_ERROR_INIT;

	for (*ret_times = 1;; ++*ret_times) {
		struct ohc_elf_stream *next;
		uint64_t start, end;
		size_t at = 0, n = 0;
		int rc;

		for (size_t i = 0; i < b->len; i += piece)
			ohc_elf_stream_feed(s, b->data + i,
					    b->len - i < piece ? b->len - i : piece);
		rc = ohc_elf_stream_finish(s, ret, &err);
		if (rc != -OHC_E_UNSUPPORTED)
			return rc;
		next = ohc_elf_stream_keeping("x", b->len, head, tail, window);
		for (; ohc_elf_stream_wanted(s, &at, &start, &end); n++)
			ohc_elf_stream_want(next, start, end);
		ohc_elf_stream_free(s);
		s = next;
		if (n == 0)
			return rc;
	}
}

static void assert_same(const struct ohc_elf *a, const struct ohc_elf *b)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf x = OHC_BUF_INIT, y = OHC_BUF_INIT;

	ohc_elf_encode(a, &x);
	ohc_elf_encode(b, &y);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.data, y.data, x.len);
}

static void expect_stream(const struct ohc_buf *b, uint64_t head, uint64_t tail, size_t window,
			  size_t piece, int times)
{
	ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT, want = OHC_ELF_INIT;
	int done;

	assert_int_equal(ohc_elf_read_memory(b->data, b->len, "x", &want, NULL), 1);
	assert_int_equal(stream(b, head, tail, window, piece, &e, &done), 1);
	assert_same(&e, &want);
	if (times)
		assert_int_equal(done, times);
	else
		assert_true(done <= 20);
}

/* Little is kept of small files, as of large ones: every part lies where nobody expects it. */
static void streams_that_keep_little(void **state)
{
	static const char *const names[] = { "program-amd64", "program-386", "program-s390x",
					     "program-musl",  "library",     "library-odd",
					     "pyinstaller",   "static-pie" };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

		load(names[i], &b);
		for (size_t head = 4; head < 600; head = head * 2 + 1)
			for (size_t window = 16; window <= 256; window *= 4)
				for (size_t piece = 1; piece < 300; piece = piece * 7 + 4)
					expect_stream(&b, head, head % 5, window, piece, 0);
	}
}

/* A file like large programs: texts lie in the middle, and only what follows tells where. */
static void large_streams(void **state)
{
#define MANY                                                                                   \
	"interp=/lib64/ld-linux-x86-64.so.2 pie=1 needed=libdl.so.2,libstdc++.so.6,libc.so.6 " \
	"soname=x rpath=$ORIGIN/../lib needs=libc.so.6:GLIBC_2.2.5:GLIBC_2.34 defs=X_1,X_2 "
	static const struct {
		const char *file;
		int times;
	} cases[] = {
		{ "small", 1 },   { "node", 1 }, /* many symbols, at the beginning */
		{ "llvm", 2 },                   /* more of them than are kept */
		{ "go", 2 },                     /* behind the code, and before more of it */
		{ "huge", 2 },                   /* more texts than are wanted as a whole */
		{ "patched", 1 },
	};
	struct test_tree t;

	(void)state;
	tree_make(&t, "elf /small " MANY "\n"
		      "elf /node names=6000000 pad=3000000 " MANY "\n"
		      "elf /llvm names=10000000 pad=3000000 " MANY "\n"
		      "elf /go lead=12000000 names=3000 pad=9000000 pyinstaller=1 " MANY "\n"
		      "elf /huge lead=1000000 names=24000000 pad=2000000 " MANY "\n"
		      "elf /patched lead=20000000 late=1 pad=5000000 " MANY "\n");
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", t.dir, cases[i].file);
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
		struct ohc_error err = OHC_ERROR_INIT;

		assert_ok(ohc_file_read(path, 64 << 20, &b, &err), &err);
		expect_stream(&b, 8 << 20, 1 << 20, 4096, 256 << 10, cases[i].times);
	}
	tree_remove(&t);
}

/* A stranger's, whose parts are all over it, and too many: it is not known, and nothing more is
 * kept. */
static void a_stream_that_wants_too_much(void **state)
{
	ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT, want = OHC_ELF_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct test_tree t;
	ohc_cleanup(ohc_freep) char *path = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	int times;

	(void)state;
	tree_make(&t, "elf /x names=40000000 pad=4000 soname=x needs=libx.so:A:B defs=D_1\n");
	path = ohc_xasprintf("%s/x", t.dir);
	assert_ok(ohc_file_read(path, 64 << 20, &b, &err), &err);
	assert_int_equal(ohc_elf_read_memory(b.data, b.len, "x", &want, NULL), 1);
	/* The same with windows so large that two of them are too much. */
	assert_int_equal(stream(&b, 4096, 4096, 12 << 20, 1 << 20, &e, &times), -OHC_E_UNSUPPORTED);
	tree_remove(&t);
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

static ssize_t read_fd(void *ctx, uint64_t offset, void *buf, size_t n, struct ohc_error *e)
{
	(void)e;
	return ohc_file_read_at(*(int *)ctx, buf, n, offset);
}

static bool section_of(const char *path, const char *name, size_t max, struct ohc_buf *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const struct ohc_elf_input in = { .name = path,
					  .size = (uint64_t)lseek(fd, 0, SEEK_END),
					  .read_at = read_fd,
					  .ctx = &fd };
	bool found = ohc_elf_section(&in, name, max, ret);

	close(fd);
	return found;
}

static void a_section_by_its_name(void **state)
{
	ohc_cleanup(ohc_elf_clear) struct ohc_elf e = OHC_ELF_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	static const char self[] = "/proc/self/exe";
	int fd = open(self, O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(ohc_elf_read_fd(fd, self, &e, &err), 1);
	close(fd);
	assert_true(section_of(self, ".interp", 4096, &b));
	assert_int_equal(b.len, strlen(e.interp) + 1);
	assert_string_equal(b.data, e.interp);
	assert_false(section_of(self, ".interp", b.len - 1, &b));
	assert_false(section_of(self, ".none", 4096, &b));
	assert_false(section_of(self, ".bss", 1 << 20, &b)); /* has no bytes in the file */
	assert_false(section_of("/proc/self/status", ".interp", 4096, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_architecture),
		cmocka_unit_test(a_library),
		cmocka_unit_test(odd_ones),
		cmocka_unit_test(libraries_of_a_libc),
		cmocka_unit_test(no_elf),
		cmocka_unit_test(real_programs),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(hostile_numbers),
		cmocka_unit_test(encode_and_decode),
		cmocka_unit_test(streams_that_keep_little),
		cmocka_unit_test(large_streams),
		cmocka_unit_test(a_stream_that_wants_too_much),
		cmocka_unit_test(a_stream_of_something_else),
		cmocka_unit_test(compare_versions),
		cmocka_unit_test(a_section_by_its_name),
		cmocka_unit_test(the_script_makes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
