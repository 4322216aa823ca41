// SPDX-License-Identifier: Apache-2.0
/* A real directory through walk, tar and codec, and what comes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "scratch.h"
#include "core/alloc.h"
#include "core/file.h"
#include "layout/layer/pipeline.h"
#include "layout/layer/pyc.h"
#include "layout/layer/from_dir.h"
#include "layout/layer/hardlinks.h"

static struct ohc_error err;

static void put(const char *path, const char *text, mode_t mode, time_t mtime)
{
	struct timespec times[2] = { { mtime, 0 }, { mtime, 0 } };

	assert_int_equal(ohc_file_write(path, text, strlen(text), 0600, &err), 0);
	assert_int_equal(chmod(path, mode), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* The names of the layer, and with each what it is, one a line. */
static int list(struct ohc_from_dir *t, size_t threads, struct ohc_buf *out, char *diff_id)
{
	struct ohc_codec codec = { OHC_COMPRESSION_GZIP, OHC_LEVEL_DEFAULT, false };
	struct ohc_source *layer = ohc_layer_source(ohc_from_dir_write, t, &codec, threads);
	ohc_cleanup(ohc_source_closep) struct ohc_source *plain =
		ohc_codec_decompress(layer, true, "layer");
	ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r =
		ohc_tar_reader_new(plain, "layer");
	struct ohc_layer_result result;
	struct ohc_tar_entry e;
	char rest[64];
	int rc;

	while ((rc = ohc_tar_next(r, &e, &err)) > 0) {
		ohc_buf_addf(out, "%s %o %u:%u %lld%s%s", e.path, e.mode, e.uid, e.gid,
			     (long long)e.mtime, e.link ? e.hardlink ? " link " : " -> " : "",
			     e.link ? e.link : "");
		for (size_t i = 0; i < e.n_xattrs; i++)
			ohc_buf_addf(out, " %s=%.*s", e.xattrs[i].name, (int)e.xattrs[i].size,
				     (const char *)e.xattrs[i].value);
		ohc_buf_addc(out, '\n');
	}
	while (rc == 0 && (rc = (int)ohc_source_read(plain, rest, sizeof(rest), &err)) > 0)
		rc = 0;
	if (rc == 0 && diff_id) {
		ohc_layer_result(layer, &result);
		strcpy(diff_id, result.diff_id);
	}
	return rc;
}

static struct ohc_from_dir tree(void)
{
	return (struct ohc_from_dir){
		.dir = "p", .prefix = "/openhands", .uid = 1000, .gid = 1001
	};
}

static void test_entries(void **state)
{
	static const char want[] = "openhands/ 40755 1000:1001 5\n"
				   "openhands/a-b 100644 1000:1001 3\n"
				   "openhands/a.c 100600 1000:1001 1\n"
				   "openhands/a/ 42775 1000:1001 4\n"
				   "openhands/a/s 104755 1000:1001 2\n"
				   "openhands/h 4755 1000:1001 2 link openhands/a/s\n"
				   "openhands/l 120777 1000:1001 7 -> a/../nowhere\n";
	struct timespec five[2] = { { 5, 0 }, { 5, 0 } }, four[2] = { { 4, 0 }, { 4, 0 } };
	struct timespec seven[2] = { { 7, 9 }, { 7, 9 } };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct ohc_from_dir t = tree();

	(void)state;
	mkdir("p", 0755);
	mkdir("p/a", 0755);
	put("p/a/s", "suid", 04755, 2);
	put("p/a-b", "", 0644, 3);
	put("p/a.c", "x", 0600, 1);
	assert_int_equal(link("p/a/s", "p/h"), 0);
	assert_int_equal(symlink("a/../nowhere", "p/l"), 0);
	utimensat(AT_FDCWD, "p/l", seven, AT_SYMLINK_NOFOLLOW);
	chmod("p/a", 02775);
	utimensat(AT_FDCWD, "p/a", four, 0);
	utimensat(AT_FDCWD, "p", five, 0);
	assert_int_equal(list(&t, 2, &got, NULL), 0);
	assert_string_equal(got.data, want);
}

static void test_same_bytes_for_any_threads_and_folder(void **state)
{
	char digests[3][OHC_DIGEST_MAX];
	struct ohc_from_dir t = tree();
	char name[64];

	(void)state;
	mkdir("p", 0755);
	for (int i = 0; i < 300; i++) {
		ohc_cleanup(ohc_freep) char *text = malloc(20001);

		memset(text, 'a' + i % 26, 20000);
		text[20000] = '\0';
		snprintf(name, sizeof(name), "p/%d", i);
		put(name, text, 0644, 1);
	}
	for (size_t i = 0; i < 3; i++) {
		static const size_t threads[] = { 1, 2, 5 };
		ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;

		if (i == 2) {
			assert_int_equal(rename("p", "q"), 0);
			t.dir = "./q";
		}
		assert_int_equal(list(&t, threads[i], &got, digests[i]), 0);
	}
	assert_string_equal(digests[0], digests[1]);
	assert_string_equal(digests[0], digests[2]);
}

static void test_xattrs(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct ohc_from_dir t = tree();

	(void)state;
	mkdir("p", 0755);
	put("p/f", "x", 0644, 1);
	if (setxattr("p/f", "user.z", "1", 1, 0) < 0)
		skip(); /* a file system without them */
	setxattr("p/f", "user.a", "2", 1, 0);
	assert_int_equal(list(&t, 1, &got, NULL), 0);
	assert_non_null(strstr(got.data, "openhands/f 100644 1000:1001 1 user.a=2 user.z=1\n"));
}

/* Others speak of the machine: who is on it, what its overlays are. */
static void test_only_portable_xattrs(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct ohc_from_dir t = tree();

	(void)state;
	mkdir("p", 0755);
	put("p/f", "x", 0644, 1);
	if (setxattr("p/f", "trusted.z", "1", 1, 0) < 0)
		skip(); /* not root, or a file system without them */
	assert_int_equal(list(&t, 1, &got, NULL), 0);
	assert_non_null(strstr(got.data, "openhands/f 100644 1000:1001 1\n"));
}

static void test_an_inode_is_of_its_device(void **state)
{
	struct ohc_hardlinks set = { .n = 0 };

	(void)state;
	assert_null(ohc_hardlinks_add(&set, 1, 5, "a"));
	assert_null(ohc_hardlinks_add(&set, 2, 5, "b"));
	assert_null(ohc_hardlinks_add(&set, 1, 6, "c"));
	assert_string_equal(ohc_hardlinks_add(&set, 1, 5, "d"), "a");
	assert_string_equal(ohc_hardlinks_add(&set, 2, 5, "d"), "b");
	ohc_hardlinks_clear(&set);
}

struct warnings {
	struct ohc_report report;
	char text[512];
};

static void on_message(struct ohc_report *r, enum ohc_level level, const char *text)
{
	assert_int_equal(level, OHC_WARNING);
	snprintf(((struct warnings *)r)->text, sizeof(((struct warnings *)r)->text), "%s", text);
}

static void test_socket_is_left_out_with_a_warning(void **state)
{
	static const struct ohc_report_ops ops = { .message = on_message };
	struct warnings w = { .report = { &ops, OHC_WARNING } };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = "p/sock" };
	ohc_cleanup(ohc_closep) int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct ohc_from_dir t = tree();

	(void)state;
	mkdir("p", 0755);
	assert_int_equal(mkfifo("p/fifo", 0600), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	t.report = &w.report;
	assert_int_equal(list(&t, 1, &got, NULL), 0);
	assert_null(strstr(got.data, "sock"));
	assert_non_null(strstr(got.data, "openhands/fifo 10600"));
	assert_string_equal(w.text, "socket 'p/sock' is left out");
}

static void test_refusals_name_the_file(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct ohc_from_dir t = tree();

	(void)state;
	assert_int_equal(list(&t, 1, &got, NULL), -OHC_E_NOT_FOUND);
	assert_non_null(strstr(err.msg, "'p'"));
	mkdir("p", 0755);
	put("p/.wh.x", "", 0644, 1);
	assert_int_equal(list(&t, 1, &got, NULL), -OHC_E_FAILED);
	assert_non_null(strstr(err.msg, "'p/.wh.x'"));
}

/* The same tar through a sink that has no room of its own. */
static void write_copied(struct ohc_from_dir *t, struct ohc_buf *ret)
{
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(ret);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);

	assert_int_equal(ohc_from_dir_write(t, w, &err), 0);
	assert_int_equal(ohc_tar_finish(w, &err), 0);
}

/* Files of many sizes, so that they end and begin at all places of a block. */
static void test_files_read_in_place_are_whole(void **state)
{
	static const size_t sizes[] = { 0, 1, 511, 512, 4095, 4096, 4097, 9000, 300000, 517633 };
	const struct ohc_codec none = { OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, false };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf noise = OHC_BUF_INIT, copied = OHC_BUF_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf in_place = OHC_BUF_INIT;
	ohc_cleanup(ohc_source_closep) struct ohc_source *layer = NULL;
	struct ohc_from_dir t = tree();
	char path[32];

	(void)state;
	mkdir("p", 0755);
	for (size_t i = 0; i < 600000; i++)
		ohc_buf_addc(&noise, (char)random());
	for (size_t i = 0; i < 120; i++) {
		size_t n = sizes[i % OHC_ARRAY_SIZE(sizes)] + i;

		snprintf(path, sizeof(path), "p/%03zu", i);
		assert_int_equal(ohc_file_write(path, noise.data + i, n, 0644, &err), 0);
	}
	write_copied(&t, &copied);
	layer = ohc_layer_source(ohc_from_dir_write, &t, &none, 2);
	assert_int_equal(ohc_source_read_all(layer, copied.len + 1, &in_place, &err), 0);
	assert_int_equal(in_place.len, copied.len);
	assert_memory_equal(in_place.data, copied.data, copied.len);
}

/* A sink that changes the file when its header comes by, before its data is read. */
struct meddler {
	struct ohc_sink sink;
	bool done;
};

static int meddle(struct ohc_sink *sink, const void *data, size_t n, struct ohc_error *e)
{
	struct meddler *m = (struct meddler *)sink;

	(void)e;
	if (!m->done && n >= 11 && memcmp(data, "openhands/f", 11) == 0) {
		m->done = true;
		put("p/f", "grown since", 0644, 9);
	}
	return 0;
}

static void test_a_file_that_changes_is_an_error(void **state)
{
	static const struct ohc_sink_ops ops = { .write = meddle };
	struct meddler m = { .sink = { &ops } };
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(&m.sink);
	struct ohc_from_dir t = tree();

	(void)state;
	mkdir("p", 0755);
	put("p/f", "text", 0644, 1);
	assert_int_equal(ohc_from_dir_write(&t, w, &err), -OHC_E_FAILED);
	assert_true(m.done);
	assert_non_null(strstr(err.msg, "'p/f' changed while it was read"));
}

/* Files that came after the listing are not in the layer; files that changed since are an error. */
static void test_what_was_listed_is_written(void **state)
{
	struct ohc_listing listing = { .settled = false };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct ohc_from_dir t = tree();

	(void)state;
	mkdir("p", 0755);
	put("p/f", "text", 0644, 1);
	assert_int_equal(ohc_listing_read("p", &listing, &err), 0);
	t.listing = &listing;
	put("p/g", "later", 0644, 1);
	assert_int_equal(list(&t, 1, &got, NULL), 0);
	assert_non_null(strstr(got.data, "openhands/f "));
	assert_null(strstr(got.data, "openhands/g "));
	put("p/f", "longer", 0644, 1);
	assert_int_equal(list(&t, 1, &got, NULL), -OHC_E_FAILED);
	assert_non_null(strstr(err.msg, "'p/f' changed while it was read"));
	unlink("p/f");
	assert_int_equal(list(&t, 1, &got, NULL), -OHC_E_NOT_FOUND);
	assert_non_null(strstr(err.msg, "'p/f'"));
	assert_int_equal(mkfifo("p/f", 0644), 0);
	assert_int_equal(list(&t, 1, &got, NULL), -OHC_E_FAILED);
	assert_non_null(strstr(err.msg, "'p/f' changed while it was read"));
	ohc_listing_clear(&listing);
}

static void assert_source(const char *path, const char *want)
{
	ohc_cleanup(ohc_freep) char *source = ohc_pyc_source(path);

	assert_string_equal(source ? source : "none", want);
}

static void test_the_source_of_bytecode(void **state)
{
	(void)state;
	assert_source("/p/__pycache__/x.cpython-312.pyc", "/p/x.py");
	assert_source("p/__pycache__/a.b.cpython-312.opt-1.pyc", "p/a.b.py");
	assert_source("/__pycache__/x.pypy39.pyc", "/x.py");
	assert_source("/p/__pycache__/x.pyc", "none");
	assert_source("/p/__pycache__/x.cpython-312.so", "none");
	assert_source("/p/__pycache__/.cpython-312.pyc", "none");
	assert_source("__pycache__/x.cpython-312.pyc", "none");
	assert_source("x.cpython-312.pyc", "none");
}

struct source {
	int64_t mtime;
	uint64_t size;
};

static bool find_source(void *ctx, const char *path, int64_t *ret_mtime, uint64_t *ret_size)
{
	const struct source *s = ctx;

	assert_string_equal(path, "p/x.py");
	*ret_mtime = s->mtime;
	*ret_size = s->size;
	return s->mtime != 0;
}

static void retime(unsigned char *pyc, enum ohc_mtime mtime, int64_t time, struct source s)
{
	const struct ohc_pyc_tree tree = { mtime, time, find_source, &s };

	ohc_pyc_retime(&tree, "p/__pycache__/x.cpython-312.pyc", pyc, 20);
}

static void test_mtime_policies_and_bytecode(void **state)
{
	unsigned char pyc[20] = { 0xcb, 0x0d, 0x0d, 0x0a, 0, 0, 0, 0, 100, 0, 0, 0, 7, 0, 0, 0 };

	(void)state;
	retime(pyc, OHC_MTIME_EPOCH, 5, (struct source){ 99, 7 }); /* stale: stays */
	assert_int_equal(pyc[8], 100);
	retime(pyc, OHC_MTIME_EPOCH, 5, (struct source){ 100, 8 }); /* of another size: stays */
	assert_int_equal(pyc[8], 100);
	retime(pyc, OHC_MTIME_EPOCH, 5, (struct source){ 0, 7 }); /* no source: stays */
	assert_int_equal(pyc[8], 100);
	retime(pyc, OHC_MTIME_PRESERVE, 5, (struct source){ 100, 7 });
	assert_int_equal(pyc[8], 100);
	retime(pyc, OHC_MTIME_CLAMP, 200, (struct source){ 100, 7 });
	assert_int_equal(pyc[8], 100);
	retime(pyc, OHC_MTIME_CLAMP, 50, (struct source){ 100, 7 });
	assert_int_equal(pyc[8], 50);
	retime(pyc, OHC_MTIME_EPOCH, 0x01020304, (struct source){ 50, 7 });
	assert_memory_equal(pyc + 8, "\4\3\2\1", 4);
	pyc[4] = 1; /* hash-based: no time in it */
	retime(pyc, OHC_MTIME_EPOCH, 5, (struct source){ 0x01020304, 7 });
	assert_memory_equal(pyc + 8, "\4\3\2\1", 4);
}

/* The bytes of the layer, not the function that makes them. */
static void test_bytecode_follows_its_source(void **state)
{
	static const unsigned char pyc[] = "\xcb\x0d\x0d\x0a\0\0\0\0\xd0\x07\0\0\x04\0\0\0code";
	static const unsigned char clamped[] = "\xcb\x0d\x0d\x0a\0\0\0\0\xe8\x03\0\0\x04\0\0\0code";
	const size_t n = sizeof(pyc) - 1;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf tar = OHC_BUF_INIT;
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&tar);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);
	struct ohc_from_dir t = tree();

	(void)state;
	mkdir("p", 0755);
	mkdir("p/__pycache__", 0755);
	put("p/m.py", "pass", 0644, 2000);
	assert_int_equal(ohc_file_write("p/__pycache__/m.cpython-312.pyc", pyc, n, 0644, &err), 0);
	t.mtime = OHC_MTIME_CLAMP;
	t.time = 1000;
	assert_int_equal(ohc_from_dir_write(&t, w, &err), 0);
	assert_null(memmem(tar.data, tar.len, pyc, n));
	assert_non_null(memmem(tar.data, tar.len, clamped, n));
}

static void test_clamp_changes_newer_files_only(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct ohc_from_dir t = tree();

	(void)state;
	mkdir("p", 0755);
	put("p/new", "", 0644, 2000);
	put("p/old", "", 0644, 10);
	t.mtime = OHC_MTIME_CLAMP;
	t.time = 1000;
	assert_int_equal(list(&t, 1, &got, NULL), 0);
	assert_non_null(strstr(got.data, "openhands/new 100644 1000:1001 1000\n"));
	assert_non_null(strstr(got.data, "openhands/old 100644 1000:1001 10\n"));
	ohc_buf_clear(&got);
	t.mtime = OHC_MTIME_EPOCH;
	assert_int_equal(list(&t, 1, &got, NULL), 0);
	assert_non_null(strstr(got.data, "openhands/old 100644 1000:1001 1000\n"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_enter, scratch_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_entries),
		TEST(test_same_bytes_for_any_threads_and_folder),
		TEST(test_xattrs),
		TEST(test_only_portable_xattrs),
		TEST(test_an_inode_is_of_its_device),
		TEST(test_socket_is_left_out_with_a_warning),
		TEST(test_refusals_name_the_file),
		TEST(test_files_read_in_place_are_whole),
		TEST(test_a_file_that_changes_is_an_error),
		TEST(test_what_was_listed_is_written),
		TEST(test_the_source_of_bytecode),
		TEST(test_mtime_policies_and_bytecode),
		TEST(test_bytecode_follows_its_source),
		TEST(test_clamp_changes_newer_files_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
