// SPDX-License-Identifier: Apache-2.0
/* layout/rootfs/scan.h and layout/rootfs/layer_index.h: what stays of a layer,
 * and what is refused. */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "tars.h"

#include "core/alloc.h"
#include "layout/rootfs/entry_path.h"
#include "layout/rootfs/scan.h"
#include "oci/tar/xattrs.h"
#include "oci/codec/codec.h"

static struct ohc_error err;

static int scan_with(const struct ohc_buf *tar, const struct ohc_scan_limits *limits,
		     const struct ohc_scan_hook *hook, struct ohc_layer_index *ret)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_source_memory(ohc_buf_str(tar), tar->len);
	struct ohc_scan s = {
		.what = "layer x", .size = (int64_t)tar->len, .limits = limits, .hook = hook
	};

	return ohc_scan_layer(src, &s, ret, &err);
}

static void add_xattrs(struct ohc_buf *b, const struct ohc_layer_entry *e)
{
	struct ohc_xattrs x = OHC_XATTRS_INIT;

	assert_true(ohc_xattrs_decode(e->xattrs, e->n_xattrs, &x));
	for (size_t i = 0; i < x.n; i++)
		ohc_buf_addf(b, " %s=%.*s", x.v[i].name, (int)x.v[i].size,
			     (const char *)x.v[i].value);
	ohc_xattrs_clear(&x);
}

/* The index as text, a line an entry. */
static char *text_of(const struct ohc_layer_index *x)
{
	struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_layer_index_iter it;
	struct ohc_layer_entry e;
	int rc;

	ohc_layer_index_iter_start(&it, ohc_buf_str(&x->bytes), x->bytes.len, "layer x");
	while ((rc = ohc_layer_index_iter_next(&it, &e, &err)) > 0) {
		ohc_buf_addf(&b, "%d /%s", (int)e.kind, e.path);
		if (e.kind == OHC_LAYER_FILE)
			ohc_buf_addf(&b, " %o %u:%u %llu @%lld", e.mode, e.uid, e.gid,
				     (unsigned long long)e.size, (long long)e.mtime);
		if (e.link)
			ohc_buf_addf(&b, " -> %s", e.link);
		if (e.data)
			ohc_buf_addf(&b, " [%.*s]", (int)e.n_data, (const char *)e.data);
		if (e.facts)
			ohc_buf_addf(&b, " {%.*s}", (int)e.n_facts, (const char *)e.facts);
		add_xattrs(&b, &e);
		ohc_buf_addc(&b, '\n');
	}
	assert_ok(rc, &err);
	return ohc_buf_detach(&b);
}

static void assert_scan(const struct ohc_buf *tar, const struct ohc_scan_hook *hook,
			const char *want)
{
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
	ohc_cleanup(ohc_freep) char *text = NULL;

	assert_ok(scan_with(tar, NULL, hook, &x), &err);
	text = text_of(&x);
	assert_string_equal(text, want);
	ohc_layer_index_clear(&x);
}

static void assert_refused(struct ohc_buf *tar, const char *why)
{
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;

	tar_end(tar);
	assert_fails(scan_with(tar, NULL, NULL, &x), OHC_E_FORMAT, &err, why);
	assert_null(x.bytes.data);
	ohc_buf_clear(tar);
}

static void test_every_kind_of_entry(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;

	(void)state;
	tar_dir(&t, "./", 0755);
	tar_dir(&t, "./usr/", 01777);
	tar_header(&t, '0', "/usr//./a", NULL, 06755, 1000, 70000, 0);
	tar_file(&t, "usr/b", 0644, "hello");
	tar_header(&t, '2', "usr/l", "../../x//y/", 0601, 0, 0, 0);
	tar_hardlink(&t, "usr/h", "./usr/b");
	tar_header(&t, '3', "dev/null", NULL, 0666, 0, 0, 0);
	tar_header(&t, '4', "dev/disk", NULL, 0660, 0, 6, 0);
	tar_header(&t, '6', "dev/pipe", NULL, 0600, 0, 0, 0);
	tar_whiteout(&t, "usr/gone");
	tar_whiteout(&t, "top");
	tar_opaque(&t, "var/lib");
	tar_file(&t, "usr/.wh..wh.plnk", 0, "");
	tar_file(&t, "name with \n and \xff\xfe", 0644, "");
	tar_end(&t);
	assert_scan(&t, NULL,
		    "0 / 40755 0:0 0 @1700000000\n"
		    "0 /usr 41777 0:0 0 @1700000000\n"
		    "0 /usr/a 106755 1000:70000 0 @1700000000\n"
		    "0 /usr/b 100644 0:0 5 @1700000000\n"
		    "0 /usr/l 120777 0:0 0 @1700000000 -> ../../x//y/\n"
		    "1 /usr/h -> usr/b\n"
		    "0 /dev/null 20666 0:0 0 @1700000000\n"
		    "0 /dev/disk 60660 0:6 0 @1700000000\n"
		    "0 /dev/pipe 10600 0:0 0 @1700000000\n"
		    "2 /usr/gone\n"
		    "2 /top\n"
		    "3 /var/lib\n"
		    "0 /name with \n and \xff\xfe 100644 0:0 0 @1700000000\n");
}

static void test_what_matters_is_kept(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;

	(void)state;
	tar_file(&t, "etc/passwd", 0644, "p\n");
	tar_file(&t, "usr/etc/shadow", 0640, "s\n");
	tar_file(&t, "usr/bin/passwd", 04755, "binary");
	tar_file(&t, "usr/lib/os-release", 0644, "ID=x\n");
	tar_file(&t, "etc/ld.so.conf", 0644, "/l\n");
	tar_file(&t, "etc/ld.so.conf.d/a.conf", 0644, "/a\n");
	tar_file(&t, "etc/ld-musl-x86_64.path", 0644, "/m\n");
	tar_file(&t, "etc/skel/.bashrc", 0644, "rc\n");
	tar_file(&t, "etc/other", 0644, "o\n");
	tar_file(&t, "bin/script", 0755, "#!/bin/sh -e\necho\n");
	tar_file(&t, "bin/data", 0644, "#!/bin/sh -e\necho\n");
	tar_file(&t, "bin/line", 0755, "#!/x");
	tar_file(&t, "group", 0644, "at the root\n");
	tar_end(&t);
	assert_scan(&t, NULL,
		    "0 /etc/passwd 100644 0:0 2 @1700000000 [p\n]\n"
		    "0 /usr/etc/shadow 100640 0:0 2 @1700000000 [s\n]\n"
		    "0 /usr/bin/passwd 104755 0:0 6 @1700000000\n"
		    "0 /usr/lib/os-release 100644 0:0 5 @1700000000 [ID=x\n]\n"
		    "0 /etc/ld.so.conf 100644 0:0 3 @1700000000 [/l\n]\n"
		    "0 /etc/ld.so.conf.d/a.conf 100644 0:0 3 @1700000000 [/a\n]\n"
		    "0 /etc/ld-musl-x86_64.path 100644 0:0 3 @1700000000 [/m\n]\n"
		    "0 /etc/skel/.bashrc 100644 0:0 3 @1700000000 [rc\n]\n"
		    "0 /etc/other 100644 0:0 2 @1700000000\n"
		    "0 /bin/script 100755 0:0 18 @1700000000 [#!/bin/sh -e]\n"
		    "0 /bin/data 100644 0:0 18 @1700000000\n"
		    "0 /bin/line 100755 0:0 4 @1700000000 [#!/x]\n"
		    "0 /group 100644 0:0 12 @1700000000 [at the root\n]\n");
}

/* The whole of a file that is at its limit, and nothing of one beyond. */
/* Attributes of directories and of kept files; overlayfs' own are no part of an image. */
static void test_xattrs_that_are_kept(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;

	(void)state;
	tar_xattr(&t, "user.of", "home");
	tar_dir(&t, "home", 0711);
	tar_xattr(&t, "trusted.overlay.opaque", "y");
	tar_dir(&t, "opaque", 0755);
	tar_xattr(&t, "security.selinux", "x");
	tar_file(&t, "etc/passwd", 0644, "root\n");
	tar_xattr(&t, "user.of", "nothing");
	tar_file(&t, "etc/hosts", 0644, "x\n");
	tar_dir(&t, "opt", 0755);
	tar_end(&t);
	assert_scan(&t, NULL,
		    "0 /home 40711 0:0 0 @1700000000 user.of=home\n"
		    "0 /opaque 40755 0:0 0 @1700000000\n"
		    "0 /etc/passwd 100644 0:0 5 @1700000000 [root\n] security.selinux=x\n"
		    "0 /etc/hosts 100644 0:0 2 @1700000000\n"
		    "0 /opt 40755 0:0 0 @1700000000\n");
}

static void test_account_files_have_a_limit(void **state)
{
	ohc_cleanup(ohc_freep) char *big = ohc_xmalloc(OHC_INDEX_DATA_MAX + 2);
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;
	struct ohc_layer_index_iter it;
	struct ohc_layer_entry e;

	(void)state;
	memset(big, 'x', OHC_INDEX_DATA_MAX + 1);
	big[OHC_INDEX_DATA_MAX + 1] = '\0';
	tar_file(&t, "etc/passwd", 0644, big);
	tar_file(&t, "etc/group", 0644, big + 1);
	tar_end(&t);
	assert_ok(scan_with(&t, NULL, NULL, &x), &err);
	ohc_layer_index_iter_start(&it, x.bytes.data, x.bytes.len, "x");
	assert_int_equal(ohc_layer_index_iter_next(&it, &e, &err), 1);
	assert_null(e.data);
	assert_int_equal(ohc_layer_index_iter_next(&it, &e, &err), 1);
	assert_int_equal(e.n_data, OHC_INDEX_DATA_MAX);
	assert_memory_equal(e.data, big, OHC_INDEX_DATA_MAX);
	ohc_layer_index_clear(&x);
}

/* A hook that counts the bytes of files that begin with E, up to 1000. */
struct counter {
	char path[16];
	size_t n;
	char last;
};

static int asked, alive;

static void *begin_e(void *ctx, const char *path, const struct ohc_tar_entry *t,
		     const struct ohc_layer_entry *before, const void *head, size_t n)
{
	struct counter *c;

	(void)t;
	assert_null(before);
	assert_ptr_equal(ctx, &asked);
	assert_true(n <= OHC_SCAN_HEAD);
	asked++;
	if (!n || *(const char *)head != 'E')
		return NULL;
	c = ohc_xcalloc(1, sizeof(*c));
	snprintf(c->path, sizeof(c->path), "%s", path);
	alive++;
	return c;
}

static bool feed_e(void *state, const void *data, size_t n)
{
	struct counter *c = state;

	if (n > 1000 - c->n)
		n = 1000 - c->n;
	c->n += n;
	c->last = ((const char *)data)[n - 1];
	return c->n < 1000;
}

static void end_e(void *state, struct ohc_buf *ret)
{
	struct counter *c = state;

	if (c->n > 2)
		ohc_buf_addf(ret, "%s has %zu, ends in %c", c->path, c->n, c->last);
	alive--;
	free(c);
}

static void test_the_hook_gets_what_it_wants(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;
	char big[1500];
	struct ohc_scan_hook hook = { "e1", begin_e, feed_e, end_e, &asked, NULL, NULL };
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;

	(void)state;
	memset(big, 'E', sizeof(big));
	big[999] = 'y';
	big[1499] = '\0';
	tar_file(&t, "a", 0644, big);
	tar_file(&t, "b", 0644, "Exy");
	tar_file(&t, "c", 0644, "E");
	tar_file(&t, "d", 0644, "no");
	tar_file(&t, "e", 0644, "");
	tar_dir(&t, "f", 0755);
	tar_end(&t);
	assert_scan(&t, &hook,
		    "0 /a 100644 0:0 1499 @1700000000 {a has 1000, ends in y}\n"
		    "0 /b 100644 0:0 3 @1700000000 {b has 3, ends in y}\n"
		    "0 /c 100644 0:0 1 @1700000000\n"
		    "0 /d 100644 0:0 2 @1700000000\n"
		    "0 /e 100644 0:0 0 @1700000000\n"
		    "0 /f 40755 0:0 0 @1700000000\n");
	assert_int_equal(asked, 5);
	assert_int_equal(alive, 0);
	ohc_buf_truncate(&t, 1024); /* a header, 512 bytes of 1499 */
	assert_fails(scan_with(&t, NULL, &hook, &x), OHC_E_FORMAT, &err, "layer x");
	assert_int_equal(alive, 0);
}

static void test_hostile_entries_are_refused(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;
	char deep[2 * OHC_BASE_DEPTH_MAX + 8] = "";

	(void)state;
	tar_file(&t, "../../etc/passwd", 0644, "x");
	assert_refused(&t, "layer x: '../../etc/passwd' is a path with '..'");
	tar_file(&t, "a/../b", 0644, "x");
	assert_refused(&t, "'a/../b' is a path with '..'");
	tar_dir(&t, "a/..", 0755);
	assert_refused(&t, "'..'");
	tar_hardlink(&t, "a", "../../etc/shadow");
	assert_refused(&t, "'a' is a hard link to a path with '..'");
	tar_file(&t, "a/.wh.", 0644, "");
	assert_refused(&t, "'a/.wh.' is a whiteout that hides nothing by name");
	tar_file(&t, ".wh..", 0644, "");
	assert_refused(&t, "'.wh..' is a whiteout");
	tar_file(&t, "a/.wh...", 0644, "");
	assert_refused(&t, "'a/.wh...' is a whiteout");
	for (size_t i = 0; i <= OHC_BASE_DEPTH_MAX; i++)
		memcpy(deep + 2 * i, "d/", 3);
	tar_dir(&t, deep, 0755);
	assert_refused(&t, "too deep");
}

/* libarchive keeps all of it in memory. */
static void test_the_map_of_a_sparse_file_has_a_limit(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;

	(void)state;
	tar_sparse_map(&t, "few", 10);
	tar_end(&t);
	assert_scan(&t, NULL, "0 /few 100644 0:0 0 @1700000000\n");
	ohc_buf_truncate(&t, 0);
	tar_sparse_map(&t, "many", 10000);
	assert_refused(&t, "layer x has an entry whose header is larger than the limit");
}

static bool feed_all(void *state, const void *data, size_t n)
{
	feed_e(state, data, n);
	return true;
}

/* Its zeros are nowhere in the tar: a hook that wants all of them would be at it for days. */
static void test_holes_count_as_bytes(void **state)
{
	const struct ohc_scan_hook hook = { "e2", begin_e, feed_all, end_e, &asked, NULL, NULL };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;

	(void)state;
	tar_sparse(&t, "a", "not an E", UINT64_C(7) << 30);
	tar_end(&t);
	assert_scan(&t, &hook, "0 /a 100644 0:0 7516192768 @1700000000\n");
	ohc_buf_truncate(&t, 0);
	tar_sparse(&t, "a", "E", UINT64_C(7) << 30);
	tar_end(&t);
	assert_fails(scan_with(&t, NULL, &hook, &x), OHC_E_FORMAT, &err,
		     "layer x has sparse files of more than 200 times its size");
	assert_int_equal(alive, 0);
}

static void test_absolute_paths_begin_at_the_root(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;

	(void)state;
	tar_dir(&t, "///", 0700);
	tar_file(&t, "//a", 0600, "");
	tar_hardlink(&t, "b", "/a");
	tar_end(&t);
	assert_scan(&t, NULL,
		    "0 / 40700 0:0 0 @1700000000\n0 /a 100600 0:0 0 @1700000000\n1 /b -> a\n");
}

static void test_no_tar(void **state)
{
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;

	(void)state;
	tar_end(&t); /* the empty layer */
	assert_ok(scan_with(&t, NULL, NULL, &x), &err);
	assert_int_equal(x.n_entries, 0);
	ohc_buf_truncate(&t, 0);
	while (t.len < 2048)
		ohc_buf_adds(&t, "this is no tar, but long enough to be the begin of one");
	assert_fails(scan_with(&t, NULL, NULL, &x), OHC_E_FORMAT, &err, "layer x");
	ohc_buf_truncate(&t, 0);
	tar_header(&t, '0', "a", NULL, 0644, 0, 0, 5000);
	ohc_buf_adds(&t, "cut");
	assert_fails(scan_with(&t, NULL, NULL, &x), OHC_E_FORMAT, &err, "layer x");
}

/* A layer of zeros, packed. */
static void bomb(struct ohc_buf *ret, size_t plain)
{
	struct ohc_codec gzip = { OHC_COMPRESSION_GZIP, OHC_LEVEL_DEFAULT, false };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;
	struct ohc_codec_encoder *enc = ohc_codec_encoder_new(&gzip);
	unsigned char edge[OHC_CODEC_EDGE];
	uint32_t crc;
	char *out, *zeros = ohc_xcalloc(1, plain);
	ssize_t n;

	tar_header(&t, '0', "a", NULL, 0644, 0, 0, plain);
	ohc_buf_add(&t, zeros, plain);
	tar_end(&t);
	out = ohc_xmalloc(ohc_codec_bound(&gzip, t.len));
	n = ohc_codec_encode(enc, t.data, t.len, true, out, &crc, &err);
	assert_true(n > 0);
	ohc_buf_add(ret, edge, ohc_codec_head(&gzip, edge));
	ohc_buf_add(ret, out, (size_t)n);
	crc = ohc_codec_join(0, crc, t.len);
	ohc_buf_add(ret, edge, ohc_codec_tail(&gzip, crc, t.len, edge));
	ohc_codec_encoder_free(enc);
	free(out);
	free(zeros);
}

static void test_limits(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT, packed = OHC_BUF_INIT;
	struct ohc_scan_limits l = ohc_scan_limits_default;
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;

	(void)state;
	for (int i = 0; i < 11; i++)
		tar_dir(&t, "d", 0755);
	tar_end(&t);
	l.entries = 10;
	assert_fails(scan_with(&t, &l, NULL, &x), OHC_E_FORMAT, &err,
		     "layer x has more than the limit of 10 entries");
	l.entries = 11;
	assert_ok(scan_with(&t, &l, NULL, &x), &err);
	ohc_layer_index_clear(&x);
	l.index_size = 10;
	assert_fails(scan_with(&t, &l, NULL, &x), OHC_E_FORMAT, &err,
		     "paths that are more than the limit of 10 bytes");
	l.index_size = 1000;
	l.plain_size = t.len - 1;
	assert_fails(scan_with(&t, &l, NULL, &x), OHC_E_FORMAT, &err, "larger than the limit");
	l.plain_size = t.len;
	assert_ok(scan_with(&t, &l, NULL, &x), &err);
	ohc_layer_index_clear(&x);

	/* Zeros that are there may be as many as the limit allows, however small they were. */
	bomb(&packed, 4 << 20);
	assert_true(packed.len < 20000);
	l = ohc_scan_limits_default;
	l.holes_from = 1 << 20;
	assert_ok(scan_with(&packed, &l, NULL, &x), &err);
	ohc_layer_index_clear(&x);
	l.plain_size = 4 << 20;
	assert_fails(
		scan_with(&packed, &l, NULL, &x), OHC_E_FORMAT, &err,
		"larger than the limit of 4194304 bytes when unpacked: --max-layer-size raises it");
}

/* One byte wrong, or too few of them: never more than an error. */
static void test_a_damaged_index_is_an_error_at_most(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf t = OHC_BUF_INIT;
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
	struct ohc_layer_index_iter it;
	struct ohc_layer_entry e;
	unsigned int failed = 0;
	int rc;

	(void)state;
	tar_file(&t, "etc/passwd", 0644, "root\n");
	tar_symlink(&t, "etc/l", "x");
	tar_hardlink(&t, "etc/h", "etc/passwd");
	tar_whiteout(&t, "etc/w");
	tar_end(&t);
	assert_ok(scan_with(&t, NULL, NULL, &x), &err);
	for (size_t i = 0; i < x.bytes.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			ohc_cleanup(ohc_freep) char *copy = ohc_xmalloc(x.bytes.len);

			memcpy(copy, x.bytes.data, x.bytes.len);
			copy[i] ^= (char)(1 << bit);
			ohc_layer_index_iter_start(&it, copy, x.bytes.len - (size_t)bit, "x");
			while ((rc = ohc_layer_index_iter_next(&it, &e, &err)) > 0)
				assert_true(ohc_entry_path_is_normal(e.path));
			failed += rc < 0;
			if (rc < 0)
				assert_string_equal(err.msg, "the index of x is damaged");
		}
	assert_true(failed > x.bytes.len);
	ohc_layer_index_clear(&x);
}

/* The reader looks only at what a path does not share with the one before. */
static void test_a_bad_path_is_found_behind_any_good_one(void **state)
{
	static const char *const pairs[][2] = { { "a/b", "a/.." },     { "a/..x", "a/.." },
						{ "a/.x", "a/." },     { "a/b", "a/b/" },
						{ "a", "a//b" },       { "..x", ".." },
						{ "a/b/c", "a/b/.." }, { "", "." },
						{ "a/b/c", "a//c" },   { "a/.x/b", "a/./b" } };

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(pairs); i++) {
		struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
		struct ohc_layer_entry e = { .mode = S_IFREG | 0644 }, got;
		struct ohc_layer_index_iter it;

		e.path = pairs[i][0];
		ohc_layer_index_add(&x, &e);
		e.path = pairs[i][1];
		ohc_layer_index_add(&x, &e);
		ohc_layer_index_iter_start(&it, x.bytes.data, x.bytes.len, "x");
		assert_int_equal(ohc_layer_index_iter_next(&it, &got, &err), 1);
		assert_string_equal(got.path, pairs[i][0]);
		if (ohc_layer_index_iter_next(&it, &got, &err) != -OHC_E_FORMAT)
			fail_msg("'%s' behind '%s'", pairs[i][1], pairs[i][0]);
		ohc_layer_index_clear(&x);
	}
}

static void test_a_path_is_as_deep_as_it_may_be(void **state)
{
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
	struct ohc_layer_entry e = { .mode = S_IFDIR | 0755 }, got;
	struct ohc_buf path = OHC_BUF_INIT;
	struct ohc_layer_index_iter it;

	(void)state;
	for (int i = 0; i <= OHC_BASE_DEPTH_MAX; i++) {
		ohc_buf_adds(&path, i ? "/a" : "a");
		e.path = path.data;
		ohc_layer_index_add(&x, &e);
		e.path = "b"; /* up again, each time */
		if (i < OHC_BASE_DEPTH_MAX)
			ohc_layer_index_add(&x, &e);
	}
	ohc_layer_index_iter_start(&it, x.bytes.data, x.bytes.len, "x");
	for (int i = 0; i < 2 * OHC_BASE_DEPTH_MAX; i++)
		assert_int_equal(ohc_layer_index_iter_next(&it, &got, &err), 1);
	assert_int_equal(ohc_layer_index_iter_next(&it, &got, &err), -OHC_E_FORMAT);
	ohc_buf_clear(&path);
	ohc_layer_index_clear(&x);
}

static void test_half_a_million_entries_are_small(void **state)
{
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
	struct ohc_layer_entry e = { .mode = S_IFREG | 0644, .size = 12345 };
	char path[64];

	(void)state;
	for (unsigned int i = 0; i < 500000; i++) {
		snprintf(path, sizeof(path), "usr/lib/python3/dist-packages/p%03u/module_%06u.py",
			 i / 1000, i);
		e.path = path;
		e.mtime = 1700000000 + i % 7;
		ohc_layer_index_add(&x, &e);
	}
	assert_true(x.bytes.len < 12000000);
	ohc_layer_index_clear(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_entry),
		cmocka_unit_test(test_what_matters_is_kept),
		cmocka_unit_test(test_xattrs_that_are_kept),
		cmocka_unit_test(test_account_files_have_a_limit),
		cmocka_unit_test(test_the_hook_gets_what_it_wants),
		cmocka_unit_test(test_hostile_entries_are_refused),
		cmocka_unit_test(test_holes_count_as_bytes),
		cmocka_unit_test(test_the_map_of_a_sparse_file_has_a_limit),
		cmocka_unit_test(test_absolute_paths_begin_at_the_root),
		cmocka_unit_test(test_no_tar),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_a_damaged_index_is_an_error_at_most),
		cmocka_unit_test(test_a_bad_path_is_found_behind_any_good_one),
		cmocka_unit_test(test_a_path_is_as_deep_as_it_may_be),
		cmocka_unit_test(test_half_a_million_entries_are_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
