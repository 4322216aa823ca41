// SPDX-License-Identifier: Apache-2.0
/* layout/layer/from_rootfs.h, layout/layer/from_tar.h, layout/layer/spooled.h: layers made of a
 * tar, and of a part of an image. */
#include "unit.h"

#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory_store.h"
#include "scratch.h"
#include "tars.h"

#include "core/alloc.h"
#include "core/file.h"
#include "layout/files/facts.h"
#include "layout/layer/pipeline.h"
#include "layout/layer/from_dir.h"
#include "layout/layer/from_tar.h"

#define T "1700000000" /* of every entry of tars.h */

static struct ohc_error err;
static struct ohc_buf tar;
static struct ohc_from_tar tree;
static struct ohc_assembly *assembly;

static int teardown(void **state)
{
	(void)state;
	ohc_assembly_free(ohc_take(assembly));
	ohc_from_tar_clear(&tree);
	ohc_buf_clear(&tar);
	return 0;
}

/* All bytes of the layer's tar, which is not compressed. */
static void write_layer(struct ohc_assembly_layer *layer, struct ohc_buf *ret)
{
	const struct ohc_codec codec = { OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, false };
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_layer_source(ohc_assembly_write, layer, &codec, 1);

	assert_ok(ohc_source_read_all(src, 1 << 24, ret, &err), &err);
}

/* The same without an assembly. */
static void write_tree(const struct ohc_from_rootfs_layer *layer, struct ohc_buf *ret)
{
	const struct ohc_codec codec = { OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, false };
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_layer_source(ohc_from_rootfs_write, (void *)layer, &codec, 1);

	assert_ok(ohc_source_read_all(src, 1 << 24, ret, &err), &err);
}

/* An entry a line: "path mode mtime", and what there is of: "-> target", "= name", "'content'". */
static void list(const struct ohc_buf *bytes, struct ohc_buf *out)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_source_memory(bytes->data, bytes->len);
	ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = ohc_tar_reader_new(src, "t");
	struct ohc_tar_entry e;
	char data[64];
	ssize_t n;
	int rc;

	while ((rc = ohc_tar_next(r, &e, &err)) > 0) {
		assert_int_equal(e.uid, 1000);
		assert_int_equal(e.gid, 1001);
		ohc_buf_addf(out, "%s %o %lld", e.path, e.mode, (long long)e.mtime);
		if (e.link)
			ohc_buf_addf(out, " %s %s", e.hardlink ? "=" : "->", e.link);
		for (size_t i = 0; i < e.n_xattrs; i++)
			ohc_buf_addf(out, " %s=%.*s", e.xattrs[i].name, (int)e.xattrs[i].size,
				     (const char *)e.xattrs[i].value);
		n = ohc_tar_read(r, data, sizeof(data), &err);
		if (n > 0)
			ohc_buf_addf(out, " '%.*s'", (int)n, data);
		ohc_buf_addc(out, '\n');
	}
	assert_ok(rc, &err);
}

static void assert_layer(const char *want)
{
	struct ohc_assembly_layer layer = { .assembly = assembly, .uid = 1000, .gid = 1001 };
	struct ohc_from_rootfs_layer direct = {
		.tree = &tree.tree, .spooled = tree.spooled, .uid = 1000, .gid = 1001
	};
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT, got = OHC_BUF_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf same = OHC_BUF_INIT;

	write_layer(&layer, &bytes);
	write_tree(&direct, &same);
	assert_int_equal(same.len, bytes.len);
	assert_memory_equal(same.data, bytes.data, bytes.len);
	list(&bytes, &got);
	assert_string_equal(ohc_buf_str(&got), want);
}

/* Makes `assembly` of the entries that were added to `tar`. */
static int read_tar(void)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_source_memory(tar.data, tar.len);
	const struct ohc_tar_input in = { .src = src,
					  .what = "'x.tar'",
					  .size = -1,
					  .prefix = "/openhands",
					  .hook = &ohc_facts_hook };
	int rc = ohc_from_tar_read(&in, &tree, &err);

	if (rc < 0)
		return rc;
	assembly = ohc_assembly_new("/openhands", NULL);
	return ohc_from_rootfs_assembly(&tree.tree, tree.spooled, assembly, &err);
}

/* The tree that was read, and the one that is made of its index, give the same layer. */
static void assert_tar(const char *want)
{
	struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;

	tar_end(&tar);
	assert_ok(read_tar(), &err);
	assert_layer(want);
	assert_ok(ohc_from_tar_index(&tree, 1000, 1001, &index, &err), &err);
	assert_null(tree.fs);
	assert_ok(ohc_from_tar_tree(&tree, &index, &err), &err);
	assert_layer(want);
	ohc_layer_index_clear(&index);
}

static void test_members_are_placed_below(void **state)
{
	(void)state;
	tar_dir(&tar, "./", 0750);
	tar_file(&tar, "./b/x", 04755, "b");
	tar_file(&tar, "/a", 0644, "a");
	tar_symlink(&tar, "./b/l", "/etc/../passwd");
	tar_hardlink(&tar, "./c", "./b/x");
	assert_tar("openhands/ 40750 " T "\n"
		   "openhands/a 100644 " T " 'a'\n"
		   "openhands/b/ 40755 0\n"
		   "openhands/b/l 120777 " T " -> /etc/../passwd\n"
		   "openhands/b/x 104755 " T " 'b'\n"
		   "openhands/c 4755 " T " = openhands/b/x\n");
}

static void test_xattrs_come_along(void **state)
{
	(void)state;
	tar_xattr(&tar, "user.d", "of a directory");
	tar_dir(&tar, "d", 0755);
	tar_xattr(&tar, "security.capability", "x");
	tar_file(&tar, "d/f", 0755, "f");
	tar_hardlink(&tar, "d/g", "d/f");
	tar_file(&tar, "e", 0644, "e");
	assert_tar("openhands/ 40755 0\n"
		   "openhands/d/ 40755 " T " user.d=of a directory\n"
		   "openhands/d/f 100755 " T " security.capability=x 'f'\n"
		   "openhands/d/g 755 " T " = openhands/d/f\n"
		   "openhands/e 100644 " T " 'e'\n");
}

/* They are kept in memory. */
static void test_xattrs_have_a_limit(void **state)
{
	const size_t size = 60000, most = OHC_SPOOLED_XATTRS / (size + strlen("user.a"));
	ohc_cleanup(ohc_freep) char *value = ohc_xmalloc(size + 1);
	char path[16];

	memset(value, 'x', size);
	value[size] = '\0';
	for (size_t n = most; n <= most + 1; n++) {
		for (size_t i = 0; i < n; i++) {
			snprintf(path, sizeof(path), "f%zu", i);
			tar_xattr(&tar, "user.a", value);
			tar_file(&tar, path, 0644, "");
		}
		tar_end(&tar);
		if (n == most)
			assert_ok(read_tar(), &err);
		else
			assert_fails(read_tar(), OHC_E_FORMAT, &err,
				     "has more than the limit of 16777216 bytes of extended");
		teardown(state);
	}
}

static void test_a_layer_is_taken_as_it_stands(void **state)
{
	(void)state;
	tar_dir(&tar, "./", 0700);
	tar_dir(&tar, "openhands/", 0711);
	tar_file(&tar, "openhands/a", 0644, "a");
	assert_tar("openhands/ 40711 " T "\n"
		   "openhands/a 100644 " T " 'a'\n");
}

static void test_one_member_elsewhere(void **state)
{
	(void)state;
	tar_file(&tar, "openhands/a", 0644, "a");
	tar_file(&tar, "openhands-not", 0644, "");
	assert_tar("openhands/ 40755 0\n"
		   "openhands/openhands-not 100644 " T "\n"
		   "openhands/openhands/ 40755 0\n"
		   "openhands/openhands/a 100644 " T " 'a'\n");
}

static void test_a_file_by_the_prefix_name(void **state)
{
	(void)state;
	tar_file(&tar, "openhands", 0755, "a");
	assert_tar("openhands/ 40755 0\n"
		   "openhands/openhands 100755 " T " 'a'\n");
}

/* The same as tar -x does. */
static void test_the_last_member_wins(void **state)
{
	(void)state;
	tar_file(&tar, "a", 0644, "one");
	tar_file(&tar, "d/b", 0644, "gone");
	tar_hardlink(&tar, "h", "a");
	tar_file(&tar, "a", 0600, "two");
	tar_dir(&tar, "e", 0755);
	tar_dir(&tar, "e", 0700);
	tar_file(&tar, "d", 0644, "a file");
	assert_tar("openhands/ 40755 0\n"
		   "openhands/a 100600 " T " 'two'\n"
		   "openhands/d 100644 " T " 'a file'\n"
		   "openhands/e/ 40700 " T "\n"
		   "openhands/h 100644 " T " 'one'\n");
}

static void test_a_hard_link_before_its_file(void **state)
{
	(void)state;
	tar_file(&tar, "z", 0644, "was there");
	tar_hardlink(&tar, "z", "later");
	tar_hardlink(&tar, "a", "later");
	tar_hardlink(&tar, "b", "later");
	tar_file(&tar, "later", 0644, "now");
	tar_file(&tar, "b", 0644, "comes after");
	assert_tar("openhands/ 40755 0\n"
		   "openhands/a 100644 " T " 'now'\n"
		   "openhands/b 100644 " T " 'comes after'\n"
		   "openhands/later 644 " T " = openhands/a\n"
		   "openhands/z 644 " T " = openhands/a\n");
}

static void test_a_member_behind_a_symlink_within(void **state)
{
	(void)state;
	tar_dir(&tar, "lib", 0755);
	tar_symlink(&tar, "lib64", "lib");
	tar_file(&tar, "lib64/x", 0644, "x");
	assert_tar("openhands/ 40755 0\n"
		   "openhands/lib/ 40755 " T "\n"
		   "openhands/lib/x 100644 " T " 'x'\n"
		   "openhands/lib64 120777 " T " -> lib\n");
}

static void test_symlinks_of_several_names(void **state)
{
	(void)state;
	tar_symlink(&tar, "a", "x");
	tar_hardlink(&tar, "b", "a");
	assert_tar("openhands/ 40755 0\n"
		   "openhands/a 120777 " T " -> x\n"
		   "openhands/b 120777 " T " -> x\n");
}

static void add_outside(struct ohc_buf *t)
{
	tar_symlink(t, "etc", "/etc");
	tar_file(t, "etc/passwd", 0644, "x");
}

static void add_outside_relative(struct ohc_buf *t)
{
	tar_symlink(t, "a", "b/../../etc");
	tar_symlink(t, "c", "a");
	tar_file(t, "c/passwd", 0644, "x");
}

static void add_dotdot(struct ohc_buf *t)
{
	tar_file(t, "a/../../b", 0644, "x");
}

static void add_link_out(struct ohc_buf *t)
{
	tar_hardlink(t, "a", "../../etc/passwd");
}

static void add_link_to_nothing(struct ohc_buf *t)
{
	tar_file(t, "b", 0644, "");
	tar_hardlink(t, "a", "etc/passwd");
}

static void add_whiteout(struct ohc_buf *t)
{
	tar_whiteout(t, "openhands/x");
}

static void add_opaque(struct ohc_buf *t)
{
	tar_opaque(t, "openhands");
}

static void add_device(struct ohc_buf *t)
{
	tar_header(t, '3', "dev/null", NULL, 0666, 0, 0, 0);
}

static void add_fifo(struct ohc_buf *t)
{
	tar_header(t, '6', "run/pipe", NULL, 0666, 0, 0, 0);
}

static void add_long(struct ohc_buf *t)
{
	char path[4091];

	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 200 ? 'x' : i ? '/' : 'x';
	path[sizeof(path) - 1] = '\0';
	tar_file(t, path, 0644, "");
}

static void add_nothing(struct ohc_buf *t)
{
	tar_dir(t, "./", 0755);
}

static void add_cut(struct ohc_buf *t)
{
	tar_header(t, '0', "a", NULL, 0644, 0, 0, 100000);
	ohc_buf_adds(t, "x");
}

static void add_words(struct ohc_buf *t)
{
	for (int i = 0; i < 100; i++)
		ohc_buf_adds(t, "this is no tar\n");
}

static void test_refused(void **state)
{
	static const struct {
		void (*add)(struct ohc_buf *t);
		enum ohc_code code;
		const char *text;
	} bad[] = {
		{ add_outside, OHC_E_FORMAT, "'etc/passwd' lies behind a symlink that leads out" },
		{ add_outside_relative, OHC_E_FORMAT, "'c/passwd' lies behind a symlink" },
		{ add_dotdot, OHC_E_FORMAT, "'a/../../b' is a path with '..'" },
		{ add_link_out, OHC_E_FORMAT, "'a' is a hard link to a path with '..'" },
		{ add_link_to_nothing, OHC_E_FORMAT, "'a' is a hard link to what is not there" },
		{ add_whiteout, OHC_E_FORMAT, "'openhands/x' would be deleted by a whiteout" },
		{ add_opaque, OHC_E_FORMAT, "'openhands' would be deleted by a whiteout" },
		{ add_device, OHC_E_UNSUPPORTED, "'dev/null' is a device or a FIFO" },
		{ add_fifo, OHC_E_UNSUPPORTED, "'run/pipe' is a device or a FIFO" },
		{ add_long, OHC_E_FORMAT, "would become a path of more than 4096 bytes" },
		{ add_nothing, OHC_E_FORMAT, "'x.tar' has no files" },
		{ add_cut, OHC_E_FORMAT, "'x.tar' is not a valid tar" },
		{ add_words, OHC_E_FORMAT, "'x.tar' is not a valid tar" },
	};

	for (size_t i = 0; i < OHC_ARRAY_SIZE(bad); i++) {
		bad[i].add(&tar);
		if (bad[i].add != add_cut && bad[i].add != add_words)
			tar_end(&tar);
		assert_fails(read_tar(), bad[i].code, &err, bad[i].text);
		assert_non_null(strstr(err.msg, "'x.tar'"));
		teardown(state);
	}
}

/* --- the same tree as a directory --- */

static void put(const char *path, const void *data, size_t n, mode_t mode, time_t mtime)
{
	struct timespec times[2] = { { mtime, 0 }, { mtime, 0 } };

	assert_ok(ohc_file_write(path, data, n, 0600, &err), &err);
	assert_int_equal(chmod(path, mode), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void make_dir(const char *dir)
{
	/* Python's header of bytecode: no flags, the source's time 2000 and size 3. */
	static const char pyc[32] = { 1, 2, 3, 4, 0, 0, 0, 0, (char)0xd0, 7, 0, 0, 3, 0, 0, 0 };
	struct timespec old[2] = { { -5, 0 }, { -5, 0 } };

	assert_int_equal(chdir(dir), 0);
	mkdir("p", 0755);
	mkdir("p/a", 02775);
	mkdir("p/a/__pycache__", 0755);
	put("p/a/m.py", "x=1", 3, 0644, 2000);
	put("p/a/__pycache__/m.cpython-312.pyc", pyc, sizeof(pyc), 0644, 2001);
	put("p/a-b", "", 0, 0600, 3);
	put("p/s", "suid", 4, 04755, 1500);
	assert_int_equal(link("p/s", "p/a/s"), 0);
	assert_int_equal(symlink("a/../nowhere", "p/l"), 0);
	put("p/ancient", "1969", 4, 0444, -3);
	assert_int_equal(utimensat(AT_FDCWD, "p", old, 0), 0);
}

static void layer_of_dir(const struct ohc_from_dir *t, struct ohc_buf *ret)
{
	const struct ohc_codec codec = { OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, false };
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_layer_source(ohc_from_dir_write, (void *)t, &codec, 1);

	assert_ok(ohc_source_read_all(src, 1 << 24, ret, &err), &err);
}

static void test_as_a_directory(void **state)
{
	static const enum ohc_mtime policies[] = { OHC_MTIME_PRESERVE, OHC_MTIME_CLAMP,
						   OHC_MTIME_EPOCH };
	struct ohc_from_dir t = { .dir = "p", .prefix = "/openhands", .uid = 1000, .gid = 1001 };

	(void)state;
	assert_int_equal(scratch_make(state), 0);
	make_dir(scratch_dir);
	layer_of_dir(&t, &tar);
	assert_ok(read_tar(), &err);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(policies); i++) {
		struct ohc_assembly_layer layer = {
			.assembly = assembly, .uid = 5, .gid = 6, .mtime = policies[i], .time = 1000
		};
		struct ohc_from_rootfs_layer direct = { .tree = &tree.tree,
							.spooled = tree.spooled,
							.uid = 5,
							.gid = 6,
							.mtime = policies[i],
							.time = 1000 };
		ohc_cleanup(ohc_buf_clear) struct ohc_buf want = OHC_BUF_INIT, got = OHC_BUF_INIT;
		ohc_cleanup(ohc_buf_clear) struct ohc_buf same = OHC_BUF_INIT;

		t.uid = 5;
		t.gid = 6;
		t.mtime = policies[i];
		t.time = 1000;
		layer_of_dir(&t, &want);
		write_layer(&layer, &got);
		assert_int_equal(got.len, want.len);
		assert_memory_equal(got.data, want.data, want.len);
		write_tree(&direct, &same);
		assert_int_equal(same.len, want.len);
		assert_memory_equal(same.data, want.data, want.len);
	}
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(scratch_remove(state), 0);
}

/* --- so many entries that their list is not kept in memory --- */

#define PYC "a/__pycache__/m.cpython-312.pyc"

/* Python's header of bytecode: no flags, the source's time and its size, 20: more than its own. */
static void add_bytecode(void)
{
	static const unsigned char pyc[16] = { 1,    2,    3,    4,    0,  0, 0, 0,
					       0x00, 0xf1, 0x53, 0x65, 20, 0, 0, 0 };

	tar_file(&tar, "a/m.py", 0644, "x = 1 # a long line\n");
	tar_header(&tar, '0', PYC, NULL, 0644, 0, 0, sizeof(pyc));
	ohc_buf_add(&tar, (const char *)pyc, sizeof(pyc));
	ohc_buf_add(&tar, (const char[512]){ 0 }, 512 - sizeof(pyc));
}

static void assert_bytecode(struct ohc_from_rootfs_layer *layer, uint32_t want)
{
	const struct ohc_codec codec = { OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, false };
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_layer_source(ohc_from_rootfs_write, layer, &codec, 1);
	ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = ohc_tar_reader_new(src, "t");
	struct ohc_tar_entry e;
	uint32_t header[4];
	int rc;

	do
		assert_int_equal(ohc_tar_next(r, &e, &err), 1);
	while (strcmp(e.path, "openhands/" PYC) != 0);
	assert_int_equal(e.mtime, want);
	assert_int_equal(ohc_tar_read(r, header, sizeof(header), &err), sizeof(header));
	assert_int_equal(le32toh(header[2]), want);
	while ((rc = ohc_tar_next(r, &e, &err)) > 0)
		;
	assert_ok(rc, &err);
}

static void test_bytecode_among_many(void **state)
{
	char path[32];

	(void)state;
	add_bytecode();
	for (int i = 0; i < 65536; i++) {
		snprintf(path, sizeof(path), "many/%d", i);
		tar_file(&tar, path, 0644, "");
	}
	tar_end(&tar);
	assert_ok(read_tar(), &err);
	assert_bytecode(&(struct ohc_from_rootfs_layer){ .tree = &tree.tree,
							 .spooled = tree.spooled,
							 .mtime = OHC_MTIME_EPOCH,
							 .time = 1000 },
			1000);
}

/* --- images --- */

static struct ohc_store *store;
static struct ohc_descriptor layers[4];
static struct ohc_rootfs *fs;
static size_t n_layers;
static char *root;

static int image_setup(void **state)
{
	(void)state;
	store = memory_store_new("mem");
	fs = ohc_rootfs_new();
	n_layers = 0;
	return 0;
}

static int image_teardown(void **state)
{
	ohc_store_close(store);
	ohc_rootfs_free(fs);
	free(ohc_take(root));
	return teardown(state);
}

static void add_layer(void)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	const struct ohc_scan scan = { .what = "layer", .size = 1 << 20, .hook = &ohc_facts_hook };
	struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;

	tar_end(&tar);
	ohc_descriptor_of(&layers[n_layers], OHC_MEDIA_OCI_LAYER, tar.data, tar.len);
	memory_store_raw(store, layers[n_layers++].digest, tar.data, tar.len);
	src = ohc_source_memory(tar.data, tar.len);
	assert_ok(ohc_scan_layer(src, &scan, &index, &err), &err);
	assert_ok(ohc_rootfs_apply(fs, index.bytes.data, index.bytes.len, "layer", &err), &err);
	ohc_layer_index_clear(&index);
	ohc_buf_truncate(&tar, 0);
}

/* Four layers, of which the first and the last have nothing of it. */
static void add_layers(void)
{
	tar_file(&tar, "etc/os-release", 0644, "ID=x\n");
	tar_dir(&tar, "opt/", 0755);
	add_layer();
	tar_dir(&tar, "openhands/", 0755);
	tar_file(&tar, "openhands/kept", 0644, "kept");
	tar_file(&tar, "openhands/gone", 0644, "gone");
	tar_file(&tar, "openhands/changed", 0644, "old");
	tar_file(&tar, "openhands/dir/x", 0644, "x");
	tar_file(&tar, "usr/shared", 0755, "shared");
	tar_hardlink(&tar, "openhands/shared", "usr/shared");
	tar_symlink(&tar, "opt/oh", "../openhands");
	add_layer();
	tar_dir(&tar, "openhands/", 0700);
	tar_whiteout(&tar, "openhands/gone");
	tar_file(&tar, "openhands/changed", 0600, "new");
	tar_hardlink(&tar, "openhands/again", "openhands/shared");
	tar_opaque(&tar, "openhands/dir");
	tar_file(&tar, "openhands/dir/y", 0644, "#!/bin/sh\n");
	tar_symlink(&tar, "openhands/link", "/etc/passwd");
	add_layer();
	tar_file(&tar, "tmp/x", 0644, "");
	add_layer();
}

static int take(const char *path)
{
	const struct ohc_from_rootfs_layers l = { .store = store, .v = layers, .n = n_layers };
	int rc;

	free(ohc_take(root));
	rc = ohc_from_rootfs_find(fs, path, "image 'x'", &root, &err);

	tree.tree = (struct ohc_from_rootfs){
		.fs = fs, .root = root, .prefix = "/openhands", .what = "image 'x'"
	};
	tree.spooled = ohc_spooled_new();
	assembly = ohc_assembly_new("/openhands", NULL);
	if (rc == 0)
		rc = ohc_from_rootfs_take(&tree.tree, &l, tree.spooled, &err);
	if (rc == 0)
		rc = ohc_from_rootfs_assembly(&tree.tree, tree.spooled, assembly, &err);
	return rc;
}

static const char image_subtree[] = "openhands/ 40700 " T "\n"
				    "openhands/again 100755 " T " 'shared'\n"
				    "openhands/changed 100600 " T " 'new'\n"
				    "openhands/dir/ 40755 0\n"
				    "openhands/dir/y 100644 " T " '#!/bin/sh\n'\n"
				    "openhands/kept 100644 " T " 'kept'\n"
				    "openhands/link 120777 " T " -> /etc/passwd\n"
				    "openhands/shared 755 " T " = openhands/again\n";

static void test_of_an_image(void **state)
{
	unsigned int reads;

	(void)state;
	add_layers();
	reads = memory_store_reads(store);
	assert_ok(take("/openhands"), &err);
	assert_int_equal(memory_store_reads(store) - reads, 2);
	assert_layer(image_subtree);
}

static void test_behind_a_symlink(void **state)
{
	(void)state;
	add_layers();
	assert_ok(take("/opt/oh"), &err);
	assert_layer(image_subtree);
}

/* The index says of the layer what a scan of it would say. */
static void test_index(void **state)
{
	struct ohc_assembly_layer layer = { .uid = 7, .gid = 8 };
	struct ohc_layer_index got = OHC_LAYER_INDEX_INIT, want = OHC_LAYER_INDEX_INIT;
	const struct ohc_scan scan = { .what = "layer", .size = 1 << 20, .hook = &ohc_facts_hook };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;

	(void)state;
	add_layers();
	assert_ok(take("/openhands"), &err);
	layer.assembly = assembly;
	write_layer(&layer, &bytes);
	src = ohc_source_memory(bytes.data, bytes.len);
	assert_ok(ohc_scan_layer(src, &scan, &want, &err), &err);
	assert_ok(ohc_from_rootfs_index(&tree.tree, 7, 8, &got, NULL, &err), &err);
	assert_int_equal(got.n_entries, want.n_entries);
	assert_int_equal(got.bytes.len, want.bytes.len);
	assert_memory_equal(got.bytes.data, want.bytes.data, want.bytes.len);
	ohc_layer_index_clear(&got);
	ohc_layer_index_clear(&want);
}

static void test_not_in_the_image(void **state)
{
	static const struct {
		const char *path, *text;
	} bad[] = {
		{ "/none", "image 'x' has no directory '/none': in '/' there is 'etc', "
			   "'openhands', 'opt', 'tmp', 'usr'" },
		{ "/openhands/dir/z/deep", "'/openhands/dir/z/deep': in '/openhands/dir' there is "
					   "'y'" },
		{ "/openhands/kept", "in '/openhands' there is 'again', 'changed'" },
		{ "/openhands/kept/x", "in '/openhands' there is" },
	};

	(void)state;
	add_layers();
	for (size_t i = 0; i < OHC_ARRAY_SIZE(bad); i++) {
		assert_fails(take(bad[i].path), OHC_E_NOT_FOUND, &err, bad[i].text);
		ohc_assembly_free(ohc_take(assembly));
		ohc_spooled_free(ohc_take(tree.spooled));
	}
}

static void test_a_device_in_the_image(void **state)
{
	(void)state;
	tar_header(&tar, '3', "openhands/null", NULL, 0666, 0, 0, 0);
	add_layer();
	assert_fails(take("/openhands"), OHC_E_UNSUPPORTED, &err,
		     "image 'x': '/openhands/null' is a device or a FIFO");
}

static void test_a_layer_that_breaks(void **state)
{
	(void)state;
	add_layers();
	memory_store_break(store, layers[2].digest);
	assert_true(take("/openhands") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_members_are_placed_below, teardown),
		cmocka_unit_test_teardown(test_xattrs_come_along, teardown),
		cmocka_unit_test_teardown(test_xattrs_have_a_limit, teardown),
		cmocka_unit_test_teardown(test_a_layer_is_taken_as_it_stands, teardown),
		cmocka_unit_test_teardown(test_one_member_elsewhere, teardown),
		cmocka_unit_test_teardown(test_a_file_by_the_prefix_name, teardown),
		cmocka_unit_test_teardown(test_the_last_member_wins, teardown),
		cmocka_unit_test_teardown(test_a_hard_link_before_its_file, teardown),
		cmocka_unit_test_teardown(test_a_member_behind_a_symlink_within, teardown),
		cmocka_unit_test_teardown(test_symlinks_of_several_names, teardown),
		cmocka_unit_test_teardown(test_refused, teardown),
		cmocka_unit_test_teardown(test_as_a_directory, teardown),
		cmocka_unit_test_teardown(test_bytecode_among_many, teardown),
		cmocka_unit_test_setup_teardown(test_of_an_image, image_setup, image_teardown),
		cmocka_unit_test_setup_teardown(test_behind_a_symlink, image_setup, image_teardown),
		cmocka_unit_test_setup_teardown(test_index, image_setup, image_teardown),
		cmocka_unit_test_setup_teardown(test_not_in_the_image, image_setup, image_teardown),
		cmocka_unit_test_setup_teardown(test_a_device_in_the_image, image_setup,
						image_teardown),
		cmocka_unit_test_setup_teardown(test_a_layer_that_breaks, image_setup,
						image_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
