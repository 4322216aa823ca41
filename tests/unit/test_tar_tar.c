// SPDX-License-Identifier: Apache-2.0
/* The tar writer's bytes, field by field: they are what a diff ID is made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "dribble.h"
#include "core/hash.h"
#include "oci/documents/digest.h"
#include "oci/tar/tar.h"

static struct ohc_error err;

static void write_one(struct ohc_buf *out, const struct ohc_tar_entry *e, const char *data)
{
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(out);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);

	assert_int_equal(ohc_tar_write_header(w, e, &err), 0);
	if (data)
		assert_int_equal(ohc_tar_write_data(w, data, strlen(data), &err), 0);
	assert_int_equal(ohc_tar_finish(w, &err), 0);
}

/* A header's numeric or text field. */
static void assert_field(const char *block, size_t at, const char *want)
{
	assert_memory_equal(block + at, want, strlen(want) + 1);
}

static void test_plain_file_is_one_ustar_header(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
	struct ohc_tar_entry e = { .path = "openhands/a",
				   .mode = S_IFREG | 04755,
				   .uid = 1000,
				   .gid = 1001,
				   .size = 3,
				   .mtime = 1700000000 };

	(void)state;
	write_one(&out, &e, "abc");
	assert_int_equal(out.len, 512 + 512 + 1024);
	assert_field(out.data, 0, "openhands/a");
	assert_field(out.data, 100, "004755 ");
	assert_field(out.data, 108, "001750 ");
	assert_field(out.data, 116, "001751 ");
	assert_memory_equal(out.data + 124, "00000000003 ", 12);
	assert_memory_equal(out.data + 136, "14524770400 ", 12);
	assert_int_equal(out.data[156], '0');
	assert_memory_equal(out.data + 257, "ustar\00000", 8);
	assert_field(out.data, 265, ""); /* uname */
	assert_field(out.data, 297, ""); /* gname */
	assert_memory_equal(out.data + 512, "abc\0", 4);
}

static void test_golden_digest(void **state)
{
	static const struct ohc_xattr x[] = { { "security.capability", "\1\0\0\2\0\4\0\0", 8 },
					      { "user.a", "b", 1 } };
	struct ohc_tar_entry entries[] = {
		{ .path = "openhands",
		  .mode = S_IFDIR | 0755,
		  .uid = 1000,
		  .gid = 1000,
		  .mtime = 1 },
		{ .path = "openhands/f",
		  .mode = S_IFREG | 0644,
		  .uid = 1000,
		  .gid = 1000,
		  .mtime = 1,
		  .xattrs = x,
		  .n_xattrs = 2 },
		{ .path = "openhands/h",
		  .mode = S_IFREG | 0644,
		  .link = "openhands/f",
		  .hardlink = true,
		  .uid = 1000,
		  .gid = 1000,
		  .mtime = 1 },
		{ .path = "openhands/l",
		  .mode = S_IFLNK | 0777,
		  .link = "f",
		  .uid = 1000,
		  .gid = 1000,
		  .mtime = 1 },
		{ .path = "openhands/\xc3\xa9",
		  .mode = S_IFREG | 0600,
		  .uid = 1000,
		  .gid = 1000,
		  .mtime = 1 },
		{ .path = "openhands/\xff\xfe",
		  .mode = S_IFREG | 0600,
		  .uid = 3000000,
		  .gid = 1000,
		  .mtime = 1 },
	};
	const char *locales[] = { "C", "C.UTF-8", "POSIX" };
	char digest[OHC_DIGEST_MAX];

	(void)state;
	for (size_t l = 0; l < OHC_ARRAY_SIZE(locales); l++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
		ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&out);
		ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w =
			ohc_tar_writer_new(sink);

		setlocale(LC_ALL, locales[l]);
		for (size_t i = 0; i < OHC_ARRAY_SIZE(entries); i++)
			assert_int_equal(ohc_tar_write_header(w, &entries[i], &err), 0);
		assert_int_equal(ohc_tar_finish(w, &err), 0);
		ohc_digest_of(out.data, out.len, digest);
		assert_string_equal(digest, "sha256:71471060f384b1c1c3e05ab1dbafaa64206a5bb27ad6c5f"
					    "bdefc202ec4f763d4");
	}
	setlocale(LC_ALL, "C");
}

static void test_pax_only_where_ustar_cannot_say_it(void **state)
{
	char path[400];
	struct ohc_tar_entry e = { .path = path, .mode = S_IFREG | 0644 };
	static const struct {
		size_t dir, file;
		bool pax;
	} names[] = {
		{ 10, 80, false },  /* within the 100 bytes of the name field */
		{ 120, 90, false }, /* split at a '/' into prefix and name */
		{ 120, 110, true }, /* the name part alone is too long */
		{ 200, 90, true },  /* the prefix is */
		{ 200, 150, true },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;

		memset(path, 'd', names[i].dir);
		path[names[i].dir] = '/';
		memset(path + names[i].dir + 1, 'f', names[i].file);
		path[names[i].dir + 1 + names[i].file] = '\0';
		write_one(&out, &e, NULL);
		assert_int_equal(out.data[156] == 'x', names[i].pax);
	}
}

static void test_size_of_8_gib_is_a_pax_record(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&out);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);
	struct ohc_tar_entry e = { .path = "a", .mode = S_IFREG | 0644, .size = 8LL << 30 };

	(void)state;
	assert_int_equal(ohc_tar_write_header(w, &e, &err), 0);
	assert_int_equal(out.data[156], 'x');
	assert_memory_equal(out.data + 512, "19 size=8589934592\n", 19);
}

static void test_size_and_data_must_agree(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&out);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);
	struct ohc_tar_entry e = { .path = "a", .mode = S_IFREG | 0644, .size = 3 };

	(void)state;
	assert_int_equal(ohc_tar_write_header(w, &e, &err), 0);
	assert_int_equal(ohc_tar_write_data(w, "ab", 2, &err), 0);
	assert_true(ohc_tar_write_header(w, &e, &err) < 0);
	assert_true(ohc_tar_finish(w, &err) < 0);
	assert_int_equal(ohc_tar_write_data(w, "cd", 2, &err), -OHC_E_FAILED);
	assert_string_equal(err.msg, "more data than the tar entry's size");
}

static void test_reader_gives_what_the_writer_took(void **state)
{
	static const struct ohc_xattr x[] = { { "user.a", "b", 1 } };
	struct ohc_tar_entry e = { .path = "p/\xc3\xa9",
				   .mode = S_IFREG | 0640,
				   .uid = 3,
				   .gid = 4,
				   .size = 5,
				   .mtime = 6,
				   .xattrs = x,
				   .n_xattrs = 1 };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = NULL;
	struct ohc_tar_entry got;
	char data[16];

	(void)state;
	write_one(&out, &e, "hello");
	src = ohc_source_memory(out.data, out.len);
	r = ohc_tar_reader_new(src, "the tar");
	assert_int_equal(ohc_tar_next(r, &got, &err), 1);
	assert_string_equal(got.path, e.path);
	assert_int_equal(got.mode, e.mode);
	assert_int_equal(got.uid, 3);
	assert_int_equal(got.gid, 4);
	assert_int_equal(got.mtime, 6);
	assert_int_equal(got.size, 5);
	assert_int_equal(got.n_xattrs, 1);
	assert_string_equal(got.xattrs[0].name, "user.a");
	assert_false(got.sparse);
	assert_memory_equal(out.data + got.data_offset, "hello", 5);
	assert_int_equal(ohc_tar_read(r, data, sizeof(data), &err), 5);
	assert_memory_equal(data, "hello", 5);
	assert_int_equal(ohc_tar_next(r, &got, &err), 0);
}

/* Both sides of what the reader takes. */
static void test_writer_refuses_what_the_reader_would(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&out);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);
	static char value[OHC_TAR_XATTR_MAX], path[OHC_TAR_PATH_MAX + 2];
	struct ohc_xattr x = { "user.a", value, OHC_TAR_XATTR_MAX - 6 };
	struct ohc_tar_entry e = {
		.path = path, .mode = S_IFLNK | 0777, .link = "x", .xattrs = &x, .n_xattrs = 1
	};

	(void)state;
	memset(path, 'a', OHC_TAR_PATH_MAX);
	assert_int_equal(ohc_tar_write_header(w, &e, &err), 0);
	e.link = path;
	assert_int_equal(ohc_tar_write_header(w, &e, &err), 0);
	path[OHC_TAR_PATH_MAX] = 'a';
	assert_int_equal(ohc_tar_write_header(w, &e, &err), -OHC_E_UNSUPPORTED);
	assert_non_null(strstr(err.msg, "has more than 4096 bytes"));
	e.path = "short";
	assert_int_equal(ohc_tar_write_header(w, &e, &err), -OHC_E_UNSUPPORTED);
	e.link = "x";
	x.size++;
	assert_int_equal(ohc_tar_write_header(w, &e, &err), -OHC_E_UNSUPPORTED);
	assert_non_null(strstr(err.msg, "bytes of xattrs"));
}

/* How many entries there are, or a code; every file's data is read when `read` is set. */
static int count_entries(struct ohc_source *src, bool read)
{
	ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = ohc_tar_reader_new(src, "tar");
	struct ohc_tar_entry got;
	char data[100];
	ssize_t bytes = 0;
	int rc, n = 0;

	while ((rc = ohc_tar_next(r, &got, &err)) > 0) {
		n++;
		while (read && (bytes = ohc_tar_read(r, data, sizeof(data), &err)) > 0)
			;
		if (bytes < 0)
			return (int)bytes;
	}
	return rc < 0 ? rc : n;
}

/* umoci's have neither padding nor end; whatever else is cut, is cut. */
static void test_where_a_tar_may_end(void **state)
{
	struct ohc_tar_entry e = { .path = "a", .mode = S_IFREG | 0644, .size = 700 };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
	static const size_t steps[] = { 7, 512, 100000 };
	char data[701];

	(void)state;
	memset(data, 'x', 700);
	data[700] = '\0';
	write_one(&out, &e, data);
	assert_int_equal(out.len, 5 * 512);
	for (size_t len = 0; len <= out.len; len++) {
		bool cut = len < 512 + 700 || (len > 3 * 512 && len < 4 * 512);
		int want = len == 0 ? 0 : cut ? -1 : 1;

		for (size_t i = 0; i < OHC_ARRAY_SIZE(steps); i++) {
			struct ohc_source *pieces = dribble_new(out.data, len, steps[i]);
			struct ohc_source *memory = ohc_source_memory(out.data, len);
			int seen = count_entries(pieces, i % 2), skipped;

			ohc_source_close(pieces);
			assert_int_equal(seen < 0 ? -1 : seen, want);
			skipped = count_entries(memory, false);
			assert_int_equal(skipped < 0 ? -1 : skipped, want);
			ohc_source_close(memory);
		}
	}
}

static void set_sum(char *header)
{
	unsigned int sum = 0;

	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum);
}

/* A header of one file with the records before it, as star and GNU tar --acls write them. */
static void put_with_record(struct ohc_buf *out, const char *record, mode_t mode)
{
	struct ohc_tar_entry x = { .path = "x",
				   .mode = S_IFREG | 0644,
				   .size = (int)strlen(record) };
	struct ohc_tar_entry e = { .path = "a", .mode = S_IFREG | mode };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf file = OHC_BUF_INIT;

	write_one(out, &x, record);
	out->data[156] = 'x';
	set_sum(out->data);
	ohc_buf_truncate(out, 512 + (strlen(record) + 511) / 512 * 512);
	write_one(&file, &e, "");
	ohc_buf_add(out, file.data, file.len);
}

/* Ids that no system has, and on both sides of how much an entry's attributes may hold. */
static void test_records_beyond_limits(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf ids = OHC_BUF_INIT;
	struct ohc_tar_entry got;

	(void)state;
	put_with_record(&ids, "18 uid=4294967296\n18 gid=4294967295\n", 0644);
	for (int over = 0; over < 2; over++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
		const int n = OHC_TAR_XATTR_MAX - 6 + over;
		ohc_cleanup(ohc_freep) char *record =
			ohc_xasprintf("%d SCHILY.xattr.user.a=%0*d\n", n + 27, n, 0);
		ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
		ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = NULL;

		assert_int_equal(strlen(record), n + 27);
		put_with_record(&out, record, 0644);
		src = ohc_source_memory(out.data, out.len);
		r = ohc_tar_reader_new(src, "the tar");
		assert_int_equal(ohc_tar_next(r, &got, &err), over ? -OHC_E_FORMAT : 1);
	}
	assert_non_null(strstr(err.msg, "bytes of xattrs"));
	{
		ohc_cleanup(ohc_source_closep) struct ohc_source *src =
			ohc_source_memory(ids.data, ids.len);
		ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r =
			ohc_tar_reader_new(src, "the tar");

		assert_int_equal(ohc_tar_next(r, &got, &err), 1);
		assert_int_equal(got.uid, UINT32_MAX);
		assert_int_equal(got.gid, UINT32_MAX);
	}
}

/* The mode is the header's, whatever an ACL says: engines know none. */
static void test_acls_leave_the_mode(void **state)
{
	static const char *const records[] = {
		"77 SCHILY.acl.access=user::rw-,user:1000:rwx,group::---,mask::rwx,other::r--\n",
		"53 SCHILY.acl.access=user::rwx,group::rwx,other::---\n",
		"54 SCHILY.acl.default=user::rwx,group::rwx,other::---\n",
		"77 SCHILY.acl.access=user::rw-,user:1000:rwx,group::---,mask::---,other::---\n",
	};
	static const mode_t modes[] = { 0674, 0604, 04755, 01777, 0 };
	static const size_t steps[] = { 7, 500, 512, 513, 100000 };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(records); i++)
		for (size_t k = 0; k < OHC_ARRAY_SIZE(modes); k++) {
			ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
			ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
			ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = NULL;
			struct ohc_tar_entry got;

			put_with_record(&out, records[i], modes[k]);
			src = dribble_new(out.data, out.len, steps[k]);
			r = ohc_tar_reader_new(src, "the tar");
			assert_int_equal(ohc_tar_next(r, &got, &err), 1);
			assert_int_equal(got.mode, S_IFREG | modes[k]);
		}
}

/* Composed and not: two files, for the kernel and for every engine. */
static void test_names_are_bytes(void **state)
{
	static const char *const names[] = { "n/e\xcc\x81",    "n/\xc3\xa9",
					     "n/\xea\xb0\x80", "n/\xe1\x84\x80\xe1\x85\xa1",
					     "n/\xff\xfe",     "n/\xef\xbc\xa1" };
	static const char *const locales[] = { "C", "C.UTF-8" };

	(void)state;
	for (size_t l = 0; l < OHC_ARRAY_SIZE(locales); l++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
		ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&out);
		ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w =
			ohc_tar_writer_new(sink);
		ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
		ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = NULL;
		struct ohc_tar_entry got;

		setlocale(LC_ALL, locales[l]);
		for (size_t i = 0; i < OHC_ARRAY_SIZE(names); i++) {
			struct ohc_tar_entry e = { .path = names[i],
						   .mode = S_IFLNK | 0777,
						   .link = names[i] };

			assert_int_equal(ohc_tar_write_header(w, &e, &err), 0);
			e.hardlink = true;
			assert_int_equal(ohc_tar_write_header(w, &e, &err), 0);
		}
		assert_int_equal(ohc_tar_finish(w, &err), 0);
		src = ohc_source_memory(out.data, out.len);
		r = ohc_tar_reader_new(src, "the tar");
		for (size_t i = 0; i < 2 * OHC_ARRAY_SIZE(names); i++) {
			assert_int_equal(ohc_tar_next(r, &got, &err), 1);
			assert_string_equal(got.path, names[i / 2]);
			assert_string_equal(got.link, names[i / 2]);
			assert_int_equal(got.hardlink, i % 2);
		}
	}
	setlocale(LC_ALL, "C");
}

static void test_reader_refuses_a_cut_tar(void **state)
{
	struct ohc_tar_entry e = { .path = "a", .mode = S_IFREG | 0644, .size = 5 };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = NULL;
	struct ohc_tar_entry got;
	char data[16];

	(void)state;
	write_one(&out, &e, "hello");
	src = ohc_source_memory(out.data, 514);
	r = ohc_tar_reader_new(src, "the tar");
	assert_int_equal(ohc_tar_next(r, &got, &err), 1);
	while (true) {
		ssize_t n = ohc_tar_read(r, data, sizeof(data), &err);

		assert_int_not_equal(n, 0);
		if (n < 0)
			break;
	}
	assert_non_null(strstr(err.msg, "the tar is not a valid tar"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_file_is_one_ustar_header),
		cmocka_unit_test(test_golden_digest),
		cmocka_unit_test(test_pax_only_where_ustar_cannot_say_it),
		cmocka_unit_test(test_size_of_8_gib_is_a_pax_record),
		cmocka_unit_test(test_size_and_data_must_agree),
		cmocka_unit_test(test_reader_gives_what_the_writer_took),
		cmocka_unit_test(test_writer_refuses_what_the_reader_would),
		cmocka_unit_test(test_where_a_tar_may_end),
		cmocka_unit_test(test_records_beyond_limits),
		cmocka_unit_test(test_acls_leave_the_mode),
		cmocka_unit_test(test_names_are_bytes),
		cmocka_unit_test(test_reader_refuses_a_cut_tar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
