// SPDX-License-Identifier: Apache-2.0
/* core/: sources, sinks, files that appear whole. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/ahead.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/io.h"
#include "core/newfile.h"
#include "scratch.h"

/* Nothing is left behind by what these tests do. */
static int leave_empty(void **state)
{
	return rmdir(scratch_dir) || scratch_leave(state);
}

static void test_memory(void **state)
{
	struct ohc_source *src = ohc_source_memory("0123456789", 10);
	struct ohc_error err = OHC_ERROR_INIT;
	char buf[16];

	(void)state;
	assert_true(ohc_source_can_seek(src));
	assert_int_equal(ohc_source_read(src, buf, 4, &err), 4);
	assert_memory_equal(buf, "0123", 4);
	assert_int_equal(ohc_source_read_full(src, buf, 16, &err), 6);
	assert_memory_equal(buf, "456789", 6);
	assert_int_equal(ohc_source_read(src, buf, 4, &err), 0);
	assert_ok(ohc_source_seek(src, 8, &err), &err);
	assert_int_equal(ohc_source_read(src, buf, 4, &err), 2);
	assert_memory_equal(buf, "89", 2);
	assert_ok(ohc_source_seek(src, 10, &err), &err);
	assert_int_equal(ohc_source_read(src, buf, 4, &err), 0);
	assert_fails(ohc_source_seek(src, 11, &err), OHC_E_FAILED, &err, "byte 11 of 10");
	ohc_source_close(src);
	ohc_source_close(NULL);
	src = ohc_source_memory(NULL, 0);
	assert_int_equal(ohc_source_read(src, buf, 4, &err), 0);
	ohc_source_close(src);
}

static void test_read_all(void **state)
{
	struct ohc_source *src = ohc_source_memory("0123456789", 10);
	struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	ohc_buf_adds(&b, "had ");
	assert_ok(ohc_source_read_all(src, 10, &b, &err), &err);
	assert_string_equal(b.data, "had 0123456789");
	assert_ok(ohc_source_seek(src, 0, &err), &err);
	assert_fails(ohc_source_read_all(src, 9, &b, &err), OHC_E_FORMAT, &err, "limit of 9 bytes");
	ohc_buf_clear(&b);
	assert_ok(ohc_source_seek(src, 3, &err), &err);
	assert_ok(ohc_source_drain(src, &err), &err);
	ohc_source_close(src);
}

static void test_drain_fails(void **state)
{
	struct ohc_source *src = ohc_source_fd(open("/", O_RDONLY | O_CLOEXEC), "root");
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_fails(ohc_source_drain(src, &err), OHC_E_FAILED, &err, "cannot read 'root'");
	ohc_source_close(src);
}

static void test_fd(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_source *src;
	char buf[16];
	int fd;

	(void)state;
	assert_ok(ohc_file_write("f", "0123456789", 10, 0644, &err), &err);
	fd = open("f", O_RDONLY);
	assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
	src = ohc_source_fd(fd, "f");
	assert_true(ohc_source_can_seek(src));
	assert_int_equal(ohc_source_read_full(src, buf, 16, &err), 8);
	assert_ok(ohc_source_seek(src, 1, &err), &err); /* from where it stood */
	assert_int_equal(ohc_source_read(src, buf, 1, &err), 1);
	assert_int_equal(buf[0], '3');
	ohc_source_close(src);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	unlink("f");
}

static void test_pipe(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_source *src;
	char buf[16];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "abc", 3), 3);
	close(fds[1]);
	src = ohc_source_fd(fds[0], "pipe");
	assert_false(ohc_source_can_seek(src));
	assert_fails(ohc_source_seek(src, 0, &err), OHC_E_UNSUPPORTED, &err, "only once");
	assert_int_equal(ohc_source_read_full(src, buf, 16, &err), 3);
	ohc_source_close(src);
}

static void test_fd_error(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_source *src = ohc_source_fd(open(".", O_RDONLY), "the folder");
	char buf[16];

	(void)state;
	assert_fails((int)ohc_source_read(src, buf, 16, &err), OHC_E_FAILED, &err,
		     "cannot read 'the folder'");
	ohc_source_close(src);
}

struct failing_sink {
	struct ohc_sink sink;
	size_t room;
};

static int failing_write(struct ohc_sink *sink, const void *data, size_t n, struct ohc_error *err)
{
	struct failing_sink *f = (struct failing_sink *)sink;

	(void)data;
	if (n > f->room)
		return ohc_error_set(err, OHC_E_FAILED, "no room");
	f->room -= n;
	return 0;
}

static void failing_close(struct ohc_sink *sink)
{
	(void)sink;
}

static void test_pump(void **state)
{
	static const struct ohc_sink_ops ops = { .write = failing_write, .close = failing_close };
	size_t n = 1000000;
	ohc_cleanup(ohc_freep) char *data = ohc_xcalloc(1, n);
	struct ohc_source *src = ohc_source_memory(data, n);
	struct failing_sink small = { { &ops }, 300000 };
	struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_sink *sink = ohc_sink_buf(&b);
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < n; i++)
		data[i] = (char)(i * 7);
	assert_ok(ohc_io_pump(src, sink, &err), &err);
	assert_ok(ohc_sink_finish(sink, &err), &err);
	assert_int_equal(b.len, n);
	assert_memory_equal(b.data, data, n);
	assert_ok(ohc_source_seek(src, 0, &err), &err);
	assert_fails(ohc_io_pump(src, &small.sink, &err), OHC_E_FAILED, &err, "no room");
	ohc_sink_close(sink);
	ohc_sink_close(NULL);
	ohc_source_close(src);
	ohc_buf_clear(&b);
}

static size_t count_files(void)
{
	DIR *d = opendir(".");
	size_t n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void test_newfile(void **state)
{
	struct ohc_newfile f = OHC_NEWFILE_INIT;
	struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct stat st;
	mode_t old = umask(027);

	(void)state;
	assert_ok(ohc_newfile_open(&f, "new", 0644, &err), &err);
	assert_ok(ohc_newfile_write(&f, "abc", 3, &err), &err);
	assert_int_equal(access("new", F_OK), -1);
	assert_int_equal(count_files(), 1);
	assert_int_equal(strncmp(f.tmp, "./" OHC_TMP_PREFIX, 2 + strlen(OHC_TMP_PREFIX)), 0);
	assert_ok(ohc_newfile_commit(&f, &err), &err);
	ohc_newfile_close(&f);
	assert_int_equal(stat("new", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	umask(old);

	/* A file that was not committed goes, and the old one stays. */
	assert_ok(ohc_newfile_open(&f, "new", 0644, &err), &err);
	assert_ok(ohc_newfile_write(&f, "other", 5, &err), &err);
	ohc_newfile_close(&f);
	ohc_newfile_close(&f);
	assert_int_equal(count_files(), 1);
	assert_ok(ohc_file_read("new", 3, &b, &err), &err);
	assert_string_equal(b.data, "abc");
	assert_fails(ohc_file_read("new", 2, &b, &err), OHC_E_FORMAT, &err, "'new'");
	ohc_buf_clear(&b);
	unlink("new");

	assert_fails(ohc_newfile_open(&f, "no/such/dir", 0644, &err), OHC_E_NOT_FOUND, &err,
		     "cannot create 'no/such/dir'");
	assert_fails(ohc_file_read("nobody", 2, &b, &err), OHC_E_NOT_FOUND, &err,
		     "cannot open 'nobody'");
}

static void read_back(const char *path, const char *want)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_file_read(path, 100, &b, &err), &err);
	assert_string_equal(b.data, want);
}

static bool has_nameless(void)
{
	ohc_cleanup(ohc_closep) int fd = open(".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);

	return fd >= 0 && access("/proc/self/fd", F_OK) == 0;
}

/* While they are open, a kill would leave nothing behind. */
static void test_newfile_not_seen(void **state)
{
	struct ohc_newfile f = OHC_NEWFILE_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	mode_t old = umask(027);
	struct stat st;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_ok(ohc_newfile_open_nameless(&f, "new", 0666, &err), &err);
		assert_ok(ohc_newfile_write(&f, "abc", 3, &err), &err);
		assert_int_equal(count_files(), i + (has_nameless() ? 0 : 1));
		assert_ok(ohc_newfile_commit(&f, &err), &err);
		ohc_newfile_close(&f);
		read_back("new", "abc");
	}
	assert_int_equal(stat("new", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	umask(old);

	for (int i = 0; i < 2; i++) {
		assert_ok(ohc_newfile_open_ahead(&f, "new", 0644, &err), &err);
		assert_int_equal(count_files(), 1);
		ohc_newfile_close(&f);
		read_back("new", "abc");
	}
	assert_ok(ohc_newfile_open_ahead(&f, "new", 0644, &err), &err);
	assert_ok(ohc_newfile_begin(&f, &err), &err);
	assert_ok(ohc_newfile_write(&f, "later", 5, &err), &err);
	assert_ok(ohc_newfile_commit(&f, &err), &err);
	ohc_newfile_close(&f);
	read_back("new", "later");
	assert_int_equal(count_files(), 1);
	unlink("new");
	assert_fails(ohc_newfile_open_ahead(&f, "no/such/dir", 0644, &err), OHC_E_NOT_FOUND, &err,
		     "cannot create 'no/such/dir'");
}

/* The target of a link is replaced, never the link. */
static void test_link(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("d", 0755) | symlink("d/file", "link"), 0);
	assert_ok(ohc_file_write("link", "new", 3, 0644, &err), &err);
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode)); /* which led to nothing yet */
	read_back("d/file", "new");
	assert_int_equal(unlink("link") | unlink("d/file") | symlink("none/file", "link"), 0);
	assert_fails(ohc_file_write("link", "new", 3, 0644, &err), OHC_E_NOT_FOUND, &err,
		     "cannot create './none/file', where the link 'link' leads: No such file");
	unlink("link");
	assert_ok(ohc_file_write("d/file", "old", 3, 0644, &err), &err);
	assert_int_equal(symlink("d/file", "link"), 0);
	assert_ok(ohc_file_write("link", "newer", 5, 0644, &err), &err);
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	read_back("d/file", "newer");
	assert_int_equal(unlink("link") | unlink("d/file") | rmdir("d"), 0);
}

static void test_not_replaceable(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct stat st;
	char buf[8];
	int fd;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0644), 0);
	fd = open("fifo", O_RDWR | O_NONBLOCK);
	assert_ok(ohc_file_write("fifo", "abc", 3, 0644, &err), &err);
	assert_int_equal(read(fd, buf, 8), 3);
	close(fd);
	assert_int_equal(lstat("fifo", &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	unlink("fifo");
	if (access("/dev/shm", W_OK) == 0) {
		char shm[64];

		snprintf(shm, sizeof(shm), "/dev/shm/ohc-test-%d", (int)getpid());
		assert_ok(ohc_file_write(shm, "abc", 3, 0644, &err), &err);
		assert_int_equal(unlink(shm), 0);
	}
	assert_fails(ohc_file_write("/dev/full", "abc", 3, 0644, &err), OHC_E_FAILED, &err,
		     "cannot write '/dev/full': No space left");
	assert_int_equal(stat("/dev/full", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_fails(ohc_file_write(".", "abc", 3, 0644, &err), OHC_E_FAILED, &err, "'.'");
}

static void test_read_at(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	char buf[8] = "";
	int fd;

	(void)state;
	assert_ok(ohc_file_write("f", "0123456789", 10, 0600, &err), &err);
	fd = open("f", O_RDONLY);
	assert_int_equal(ohc_file_read_at(fd, buf, 4, 3), 4);
	assert_string_equal(buf, "3456");
	assert_int_equal(ohc_file_read_at(fd, buf, sizeof(buf), 7), 3);
	assert_memory_equal(buf, "7896", 4);
	assert_int_equal(ohc_file_read_at(fd, buf, sizeof(buf), 10), 0);
	close(fd);
	assert_int_equal(ohc_file_read_at(fd, buf, 4, 3), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(unlink("f"), 0);
}

static void test_mkdirs(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct stat st;

	(void)state;
	assert_ok(ohc_file_mkdirs("a/b//c/", 0755, &err), &err);
	assert_int_equal(stat("a/b/c", &st), 0);
	assert_ok(ohc_file_mkdirs("a/b/c", 0755, &err), &err);
	assert_ok(ohc_file_write("a/f", "", 0, 0644, &err), &err);
	assert_fails(ohc_file_mkdirs("a/f", 0755, &err), OHC_E_NOT_FOUND, &err, "'a/f'");
	assert_fails(ohc_file_mkdirs("a/f/g", 0755, &err), OHC_E_NOT_FOUND, &err, "'a/f/g'");
	assert_int_equal(unlink("a/f") | rmdir("a/b/c") | rmdir("a/b") | rmdir("a"), 0);
}

/* Gives odd pieces of its count, then fails or ends; says when it is closed. */
struct counting {
	struct ohc_source source;
	uint64_t given, of;
	int rc;
	bool closed;
};

static ssize_t counting_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct counting *c = (struct counting *)src;
	size_t piece = 1 + c->given % 9973;

	if (c->given == c->of)
		return c->rc ? ohc_error_set(err, OHC_E_NETWORK, "gone after %llu",
					     (unsigned long long)c->of)
			     : 0;
	if (piece > n)
		piece = n;
	if (piece > c->of - c->given)
		piece = (size_t)(c->of - c->given);
	for (size_t i = 0; i < piece; i++)
		((unsigned char *)buf)[i] = (unsigned char)((c->given + i) % 251);
	c->given += piece;
	return (ssize_t)piece;
}

static void counting_close(struct ohc_source *src)
{
	((struct counting *)src)->closed = true;
}

static void read_ahead(uint64_t of, int rc, uint64_t stop)
{
	static const struct ohc_source_ops ops = { counting_read, NULL, counting_close };
	struct counting c = { .source = { &ops }, .of = of, .rc = rc };
	struct ohc_source *src = ohc_ahead_source(&c.source);
	struct ohc_error err = OHC_ERROR_INIT;
	unsigned char buf[5000];
	uint64_t have = 0;
	ssize_t n = 1;

	assert_false(ohc_source_can_seek(src));
	while (have < stop && (n = ohc_source_read(src, buf, sizeof(buf), &err)) > 0)
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(buf[i], have++ % 251);
	for (int again = 0; again < 2 && have < stop; again++) {
		assert_int_equal(have, of);
		n = ohc_source_read(src, buf, sizeof(buf), &err);
		assert_int_equal(n, rc);
		if (rc)
			assert_non_null(strstr(err.msg, "gone after"));
	}
	assert_false(c.closed);
	ohc_source_close(src);
	assert_true(c.closed);
}

static void test_ahead(void **state)
{
	const uint64_t sizes[] = { 0,
				   1,
				   OHC_AHEAD_SIZE - 1,
				   OHC_AHEAD_SIZE,
				   OHC_AHEAD_SIZE + 1,
				   OHC_AHEAD_SIZE * OHC_AHEAD_BLOCKS,
				   3000000 };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(sizes); i++) {
		read_ahead(sizes[i], 0, UINT64_MAX);
		read_ahead(sizes[i], -OHC_E_NETWORK, UINT64_MAX);
		read_ahead(sizes[i], 0, sizes[i] / 2); /* closed before its end */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_read_all),
		cmocka_unit_test(test_fd),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_fd_error),
		cmocka_unit_test(test_pump),
		cmocka_unit_test(test_ahead),
		cmocka_unit_test(test_newfile),
		cmocka_unit_test(test_newfile_not_seen),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_not_replaceable),
		cmocka_unit_test(test_mkdirs),
		cmocka_unit_test(test_drain_fails),
		cmocka_unit_test(test_read_at),
	};

	return cmocka_run_group_tests(tests, scratch_enter, leave_empty);
}
