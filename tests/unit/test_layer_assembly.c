// SPDX-License-Identifier: Apache-2.0
/* Layers put together from files, bytes and spools: order, conflicts, several names, patches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/spool.h"
#include "layout/files/facts.h"
#include "layout/layer/assembly_internal.h"
#include "oci/tar/tar.h"

static struct ohc_error err;

static void put(const char *path, const char *text, time_t mtime)
{
	struct timespec times[2] = { { mtime, 0 }, { mtime, 0 } };

	assert_int_equal(ohc_file_write(path, text, strlen(text), 0644, &err), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static int add_bytes(struct ohc_assembly *b, const char *path, mode_t mode, const char *text)
{
	return ohc_assembly_file(b, &(struct ohc_assembly_item){ path, mode, 7, "a text", NULL, 0 },
				 &(struct ohc_content){ .kind = OHC_CONTENT_BYTES,
							.bytes = text,
							.size = strlen(text) },
				 NULL, &err);
}

static int add_file(struct ohc_assembly *b, const char *path, const char *from,
		    const struct ohc_patch *patch)
{
	return ohc_assembly_file(b, &(struct ohc_assembly_item){ path, 0755, 9, from, NULL, 0 },
				 &(struct ohc_content){ .kind = OHC_CONTENT_FILE, .path = from },
				 patch, &err);
}

static int add_dir(struct ohc_assembly *b, const char *path, mode_t mode)
{
	return ohc_assembly_dir(
		b, &(struct ohc_assembly_item){ path, mode, 8, "a directory", NULL, 0 }, &err);
}

static int add_symlink(struct ohc_assembly *b, const char *path, const char *target)
{
	return ohc_assembly_symlink(b, &(struct ohc_assembly_item){ path, 0, 6, "a link", NULL, 0 },
				    target, &err);
}

/* The index that was made by the way is the one that reading the layer makes. */
static void assert_indexed(const struct ohc_assembly_layer *layer, const struct ohc_buf *tar)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_source_memory(tar->data, tar->len);
	ohc_cleanup(ohc_layer_index_clear) struct ohc_layer_index read = OHC_LAYER_INDEX_INIT;
	struct ohc_scan s = *layer->scan;

	s.size = (int64_t)tar->len;
	assert_int_equal(ohc_scan_layer(src, &s, &read, &err), 0);
	assert_int_equal(layer->index.n_entries, read.n_entries);
	assert_int_equal(layer->index.bytes.len, read.bytes.len);
	assert_memory_equal(layer->index.bytes.data, read.bytes.data, read.bytes.len);
}

/* The layer's entries, one a line, with what is in their files. */
static int list(struct ohc_assembly_layer *layer, struct ohc_buf *out)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf tar = OHC_BUF_INIT;
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&tar);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = NULL;
	struct ohc_tar_entry e;
	char data[256];
	int rc = ohc_assembly_write(layer, w, &err);

	if (rc == 0)
		rc = ohc_tar_finish(w, &err);
	if (rc < 0)
		return rc;
	if (layer->scan)
		assert_indexed(layer, &tar);
	src = ohc_source_memory(tar.data, tar.len);
	r = ohc_tar_reader_new(src, "layer");
	while ((rc = ohc_tar_next(r, &e, &err)) > 0) {
		ssize_t n = ohc_tar_read(r, data, sizeof(data), &err);

		ohc_buf_addf(out, "%s %o %u %lld%s%s", e.path, e.mode & 07777, e.uid,
			     (long long)e.mtime, e.link ? e.hardlink ? " link " : " -> " : "",
			     e.link ? e.link : "");
		if (n > 0)
			ohc_buf_addf(out, " [%.*s]", (int)n, data);
		ohc_buf_addc(out, '\n');
	}
	return rc;
}

static const struct ohc_scan with_facts = { .what = "layer", .hook = &ohc_facts_hook };

static void assert_lists(struct ohc_assembly *b, const char *want)
{
	struct ohc_assembly_layer layer = {
		.assembly = b, .uid = 5, .gid = 5, .scan = &with_facts
	};
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;

	assert_int_equal(list(&layer, &out), 0);
	assert_string_equal(ohc_buf_str(&out), want);
	ohc_layer_index_clear(&layer.index);
}

static void order(void **state)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new("/oh", NULL);

	(void)state;
	assert_int_equal(add_bytes(b, "/oh/a/x", 0644, "x"), 0);
	assert_int_equal(add_bytes(b, "/oh/a-b", 0600, "-"), 0);
	assert_int_equal(add_symlink(b, "/oh/a.so", "a-b"), 0);
	assert_int_equal(add_dir(b, "/oh/a", 0700), 0);
	assert_int_equal(add_dir(b, "/oh/a", 0711), 0); /* the first has said how it is */
	assert_lists(b, "oh/ 755 5 0\n"
			"oh/a-b 600 5 7 [-]\n"
			"oh/a.so 777 5 6 -> a-b\n"
			"oh/a/ 700 5 8\n"
			"oh/a/x 644 5 7 [x]\n");
	assert_int_equal(ohc_assembly_count(b), 5);
	assert_int_equal(ohc_assembly_bytes(b), 2);
	assert_int_equal(ohc_assembly_find(b, "/oh/a").mode, S_IFDIR | 0700);
	assert_string_equal(ohc_assembly_find(b, "/oh/a.so").link, "a-b");
	assert_int_equal(ohc_assembly_find(b, "/oh/no").mode, 0);
}

static void contents(void **state)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new("/oh", NULL);
	ohc_cleanup(ohc_closep) int fd = -1;
	ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
	char head[3];

	(void)state;
	put("file", "0123456789", 1);
	assert_int_equal(link("file", "other"), 0);
	assert_int_equal(ohc_spool_open(&fd, &err), 0);
	assert_int_equal(pwrite(fd, "__spool__", 9, 0), 9);
	patch.size = 14;
	ohc_patch_set(&patch, 2, "AB", 2);
	ohc_patch_set(&patch, 3, "C", 1);
	ohc_patch_set(&patch, 9, "YZ", 2);
	ohc_patch_set(&patch, 11, "...", 3);
	assert_int_equal(add_file(b, "/oh/a", "file", NULL), 0);
	assert_int_equal(add_file(b, "/oh/b", "other", NULL), 0);
	assert_int_equal(add_file(b, "/oh/patched", "other", &patch), 0);
	assert_int_equal(
		ohc_assembly_file(
			b, &(struct ohc_assembly_item){ "/oh/s", 0640, 1, "a tar", NULL, 0 },
			&(struct ohc_content){
				.kind = OHC_CONTENT_SPOOL, .fd = fd, .offset = 2, .size = 5 },
			NULL, &err),
		0);
	assert_int_equal(
		ohc_assembly_link(b, &(struct ohc_assembly_item){ "/oh/0", 0, 0, "a tar", NULL, 0 },
				  "/oh/s", &err),
		0);
	assert_lists(b, "oh/ 755 5 0\n"
			"oh/0 640 5 1 [spool]\n"
			"oh/a 755 5 9 [0123456789]\n"
			"oh/b 755 5 9 link oh/a\n"
			"oh/patched 755 5 9 [01AC45678YZ...]\n"
			"oh/s 640 5 1 link oh/0\n");
	assert_int_equal(ohc_assembly_read(b, "/oh/patched", head, 3, &err), 3);
	assert_memory_equal(head, "01A", 3);
}

static void conflicts(void **state)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *below = ohc_assembly_new("/oh", NULL);
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new("/oh", below);

	(void)state;
	put("same", "text", 1);
	put("else", "tExt", 1);
	assert_int_equal(add_bytes(below, "/oh/lib/x", 0755, "text"), 0);
	assert_int_equal(add_symlink(below, "/oh/lib/y", "x"), 0);
	assert_int_equal(add_file(b, "/oh/lib/x", "same", NULL), 0);
	assert_int_equal(add_symlink(b, "/oh/lib/y", "x"), 0);
	assert_int_equal(add_dir(b, "/oh/lib", 0700), 0);
	assert_lists(b, "");
	assert_int_equal(add_file(b, "/oh/lib/x", "else", NULL), -OHC_E_FAILED);
	assert_string_equal(err.msg,
			    "'/oh/lib/x' comes from 'a text' and, with other content, from 'else'");
	assert_int_equal(add_symlink(b, "/oh/lib/y", "z"), -OHC_E_FAILED);
	assert_int_equal(add_bytes(b, "/oh/lib", 0644, ""), -OHC_E_FAILED);
	assert_int_equal(add_bytes(b, "/oh/lib/x/y", 0644, ""), -OHC_E_FAILED);
	assert_non_null(strstr(err.msg, "'/oh/lib/x' (from 'a text') is no directory"));
	assert_int_equal(add_bytes(b, "/ohm", 0644, ""), -OHC_E_FAILED);
	assert_string_equal(err.msg, "'/ohm' (from 'a text') is not below '/oh'");
	assert_int_equal(add_bytes(b, "/oh/.wh.x", 0644, ""), -OHC_E_FAILED);
	assert_non_null(strstr(err.msg, "'/oh/.wh.x' (from 'a text') cannot be put there"));
	assert_int_equal(add_bytes(b, "/oh/.wh..wh..opq/x", 0644, ""), -OHC_E_FAILED);
	assert_int_equal(add_dir(b, "/oh/.wh.d", 0755), -OHC_E_FAILED);
	assert_int_equal(add_symlink(b, "/oh/.wh.l", "x"), -OHC_E_FAILED);
	assert_int_equal(add_file(b, "/oh/z", "nothing", NULL), -OHC_E_NOT_FOUND);
	assert_int_equal(add_file(b, "/oh/z", ".", NULL), -OHC_E_FAILED);
	assert_string_equal(err.msg, "'.' is not a regular file");
	assert_int_equal(ohc_assembly_link(b, &(struct ohc_assembly_item){ .path = "/oh/z" },
					   "/oh/no", &err),
			 -OHC_E_FAILED);
	assert_lists(b, "");
}

/* Each layer has the directories on the way to what it holds, as they are in the end. */
static void directories_of_layers(void **state)
{
	struct ohc_assembly *v[4] = { NULL };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		v[i] = ohc_assembly_new("/oh", i ? v[i - 1] : NULL);
	assert_int_equal(add_bytes(v[0], "/oh/lib/deep/x", 0644, "x"), 0);
	assert_int_equal(add_dir(v[1], "/oh/bin", 0711), 0);
	assert_int_equal(add_dir(v[1], "/oh/lib", 0750), 0);
	assert_int_equal(add_dir(v[2], "/oh/lib", 0700), 0); /* too late */
	assert_int_equal(add_bytes(v[2], "/oh/lib/deep/x", 0644, "x"), 0);
	assert_int_equal(add_bytes(v[3], "/oh/bin/y", 0644, "y"), 0);
	assert_int_equal(add_bytes(v[3], "/oh/lib/deep/y", 0644, "y"), 0);
	ohc_assembly_settle(v, 4);
	assert_lists(v[0], "oh/ 755 5 0\n"
			   "oh/lib/ 750 5 8\n"
			   "oh/lib/deep/ 755 5 0\n"
			   "oh/lib/deep/x 644 5 7 [x]\n");
	assert_lists(v[1], "oh/ 755 5 0\noh/bin/ 711 5 8\n");
	assert_int_equal(ohc_assembly_count(v[2]), 0);
	assert_lists(v[3], "oh/ 755 5 0\n"
			   "oh/bin/ 711 5 8\n"
			   "oh/bin/y 644 5 7 [y]\n"
			   "oh/lib/ 750 5 8\n"
			   "oh/lib/deep/ 755 5 0\n"
			   "oh/lib/deep/y 644 5 7 [y]\n");
	for (size_t i = 4; i-- > 0;)
		ohc_assembly_free(v[i]);
}

static void changes(void **state)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new("/oh", NULL);
	struct ohc_assembly_layer layer = { .assembly = b };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
	char first[OHC_DIGEST_MAX], second[OHC_DIGEST_MAX];
	bool settled;

	(void)state;
	put("f", "one", 1);
	assert_int_equal(add_file(b, "/oh/f", "f", NULL), 0);
	ohc_assembly_fingerprint(b, first, &settled);
	assert_false(settled); /* its ctime is now */
	ohc_assembly_fingerprint(b, second, &settled);
	assert_string_equal(first, second);
	assert_int_equal(add_bytes(b, "/oh/g", 0644, ""), 0);
	ohc_assembly_fingerprint(b, second, &settled);
	assert_string_not_equal(first, second);
	put("f", "two", 2);
	assert_int_equal(list(&layer, &out), -OHC_E_FAILED);
	assert_non_null(strstr(err.msg, "'f' changed while it was read"));
}

/* A layer of one of everything, in which one thing is another one. */
enum other { NOTHING, MODE, BYTES, TARGET, DIR_MODE, XATTR, PATCH, PATCH_PLACE };

static void print(enum other other, char ret[OHC_DIGEST_MAX])
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new("/oh", NULL);
	ohc_cleanup(ohc_patch_clear) struct ohc_patch patch = OHC_PATCH_INIT;
	const struct ohc_xattr xattr = { "user.a", other == XATTR ? "2" : "1", 1 };
	const struct ohc_assembly_item item = { "/oh/d", other == DIR_MODE ? 0700 : 0755,
						8,       "a directory",
						&xattr,  1 };
	bool settled;

	patch.size = 3;
	ohc_patch_set(&patch, other == PATCH_PLACE ? 0 : 1, other == PATCH ? "Y" : "X", 1);
	assert_int_equal(
		add_bytes(b, "/oh/b", other == MODE ? 0755 : 0644, other == BYTES ? "two" : "one"),
		0);
	assert_int_equal(add_symlink(b, "/oh/l", other == TARGET ? "c" : "b"), 0);
	assert_int_equal(ohc_assembly_dir(b, &item, &err), 0);
	assert_int_equal(add_file(b, "/oh/f", "f", &patch), 0);
	ohc_assembly_fingerprint(b, ret, &settled);
}

static void everything_is_in_the_fingerprint(void **state)
{
	char first[OHC_DIGEST_MAX], second[OHC_DIGEST_MAX];

	(void)state;
	put("f", "one", 1);
	print(NOTHING, first);
	print(NOTHING, second);
	assert_string_equal(first, second);
	for (enum other other = MODE; other <= PATCH_PLACE; other++) {
		print(other, second);
		if (strcmp(first, second) == 0)
			fail_msg("%d", other);
	}
}

/* Whatever of it was read before. */
static void changes_meanwhile(void **state)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new("/oh", NULL);
	struct ohc_assembly_reader r;
	char data[8];

	(void)state;
	put("f", "one", 1);
	assert_int_equal(add_file(b, "/oh/f", "f", NULL), 0);
	assert_int_equal(ohc_assembly_open(ohc_assembly_entry_of(b, "/oh/f")->node, &r, &err), 0);
	assert_int_equal(ohc_assembly_next(&r, data, 2, &err), 2);
	assert_int_equal(truncate("f", 3), 0);
	assert_int_equal(ohc_assembly_next(&r, data, 8, &err), 1);
	assert_int_equal(ohc_assembly_next(&r, data, 8, &err), -OHC_E_FAILED);
	assert_non_null(strstr(err.msg, "'f' changed while it was read"));
	ohc_assembly_close(&r);
}

static void times(void **state)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = ohc_assembly_new("/oh", NULL);
	struct ohc_assembly_layer layer = { .assembly = b, .mtime = OHC_MTIME_CLAMP, .time = 5 };
	static const unsigned char pyc[] = "\xcb\x0d\x0d\x0a\0\0\0\0\x07\0\0\0\x04\0\0\0code";
	ohc_cleanup(ohc_buf_clear) struct ohc_buf tar = OHC_BUF_INIT;
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&tar);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);

	(void)state;
	assert_int_equal(add_bytes(b, "/oh/m.py", 0644, "pass"), 0);
	assert_int_equal(
		ohc_assembly_file(b,
				  &(struct ohc_assembly_item){ "/oh/__pycache__/m.cpython-312.pyc",
							       0644, 3, "compiled", NULL, 0 },
				  &(struct ohc_content){ .kind = OHC_CONTENT_BYTES,
							 .bytes = pyc,
							 .size = sizeof(pyc) - 1 },
				  NULL, &err),
		0);
	assert_int_equal(ohc_assembly_write(&layer, w, &err), 0);
	assert_int_equal(ohc_tar_finish(w, &err), 0);
	assert_non_null(memmem(tar.data, tar.len, "\0\0\0\0\x05\0\0\0\x04\0\0\0code", 16));
	assert_non_null(memmem(tar.data, tar.len, "00000000005", 11)); /* the source's time */
}

/* A file of n bytes that begins with text. */
static void add_sized(struct ohc_assembly *b, const char *path, mode_t mode, const char *text,
		      size_t n)
{
	ohc_cleanup(ohc_freep) char *data = ohc_xcalloc(1, n + 1);

	memset(data, 'x', n);
	memcpy(data, text, strlen(text) < n ? strlen(text) : n);
	assert_int_equal(add_bytes(b, path, mode, data), 0);
}

/* Holds all that an index keeps of files (heads, some whole, facts, attributes), at the sizes where
 * it changes its mind. */
static struct ohc_assembly *many_kinds(void)
{
	static const size_t sizes[] = { 1, 4, 255, 256, 257, 4000, 300000 };
	struct ohc_assembly *b = ohc_assembly_new("/oh", NULL);
	const struct ohc_xattr xattrs[] = { { "security.capability", "cap", 3 },
					    { "trusted.overlay.opaque", "y", 1 },
					    { "user.a", "1", 1 } };
	const struct ohc_assembly_item with_xattrs[] = { { "/oh/d", 0700, 8, "d", xattrs, 3 },
							 { "/oh/d/f", 0755, 8, "f", xattrs, 3 },
							 { "/oh/d/passwd", 0644, 8, "p", xattrs,
							   3 } };
	const struct ohc_content root = { .kind = OHC_CONTENT_BYTES, .bytes = "root:x", .size = 6 };
	ohc_cleanup(ohc_freep) char *self = realpath("/proc/self/exe", NULL);
	char path[300];

	for (size_t i = 0; i < OHC_ARRAY_SIZE(sizes); i++) {
		snprintf(path, sizeof(path), "/oh/bin/script%zu", i);
		add_sized(b, path, 0755, "#!/bin/sh -e\nexit 0\n", sizes[i]);
		snprintf(path, sizeof(path), "/oh/bin/program%zu", i);
		add_sized(b, path, 0755, "\177ELF\2\1\1", sizes[i]);
		snprintf(path, sizeof(path), "/oh/lib/a%zu-1.0.dist-info/METADATA", i);
		add_sized(b, path, 0644, "Name: a\nVersion: 1.0\n\nlong text", sizes[i]);
		snprintf(path, sizeof(path), "/oh/x%zu/etc/launchers", i);
		add_sized(b, path, 0644, "1\n", sizes[i]);
		snprintf(path, sizeof(path), "/oh/plain%zu", i);
		add_sized(b, path, 04644, "text", sizes[i]);
	}
	add_sized(b, "/oh/etc/passwd", 0600, "root:x:0:0::/root:/bin/sh\n", 2000);
	assert_int_equal(add_bytes(b, "/oh/empty", 0755, ""), 0);
	assert_int_equal(add_bytes(b, "/oh/\xff\xfe\xe4", 0644, "no UTF-8"), 0);
	assert_non_null(self);
	assert_int_equal(add_file(b, "/oh/bin/elf", self, NULL), 0);
	assert_int_equal(ohc_assembly_link(b,
					   &(struct ohc_assembly_item){ "/oh/bin/elf2", 0755, 9,
									"elf", NULL, 0 },
					   "/oh/bin/elf", &err),
			 0);
	assert_int_equal(add_symlink(b, "/oh/s", "bin/elf"), 0);
	memset(path, 'n', 250);
	memcpy(path, "/oh/", 4);
	path[120] = '/';
	path[250] = '\0';
	assert_int_equal(add_bytes(b, path, 0644, "a long name"), 0);
	assert_int_equal(ohc_assembly_dir(b, &with_xattrs[0], &err), 0);
	for (int i = 1; i < 3; i++)
		assert_int_equal(ohc_assembly_file(b, &with_xattrs[i], &root, NULL, &err), 0);
	return b;
}

static void index_by_the_way(void **state)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *b = many_kinds();
	const struct ohc_scan_limits few = { .entries = 3, .index_size = 1 << 20, .plain_size = 1 };
	struct ohc_scan limited = with_facts;
	struct ohc_assembly_layer layer = { .assembly = b, .uid = 3000000, .scan = &with_facts };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf tar = OHC_BUF_INIT;
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&tar);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);

	(void)state;
	assert_int_equal(list(&layer, &out), 0);
	assert_int_equal(list(&layer, &out), 0); /* as after a seek */
	ohc_layer_index_clear(&layer.index);

	limited.limits = &few;
	layer.scan = &limited;
	assert_int_equal(ohc_assembly_write(&layer, w, &err), 0);
	assert_int_equal(layer.index.bytes.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(order, scratch_enter, scratch_leave),
		cmocka_unit_test_setup_teardown(contents, scratch_enter, scratch_leave),
		cmocka_unit_test_setup_teardown(conflicts, scratch_enter, scratch_leave),
		cmocka_unit_test_setup_teardown(directories_of_layers, scratch_enter,
						scratch_leave),
		cmocka_unit_test_setup_teardown(changes, scratch_enter, scratch_leave),
		cmocka_unit_test_setup_teardown(everything_is_in_the_fingerprint, scratch_enter,
						scratch_leave),
		cmocka_unit_test_setup_teardown(changes_meanwhile, scratch_enter, scratch_leave),
		cmocka_unit_test_setup_teardown(times, scratch_enter, scratch_leave),
		cmocka_unit_test_setup_teardown(index_by_the_way, scratch_enter, scratch_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
