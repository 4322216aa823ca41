// SPDX-License-Identifier: Apache-2.0
/* layout/rootfs/rootfs.h: what a container would see of layers laid over one another. */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "tars.h"

#include "core/alloc.h"
#include "layout/rootfs/entry_path.h"
#include "layout/rootfs/rootfs.h"
#include "layout/rootfs/scan.h"

static struct ohc_error err;

/* Each test lays its layers over one another here. */
static struct ohc_rootfs *fs;
static struct ohc_buf tar;

static int make_fs(void **state)
{
	(void)state;
	fs = ohc_rootfs_new();
	return 0;
}

static int free_fs(void **state)
{
	(void)state;
	ohc_rootfs_free(fs);
	ohc_buf_clear(&tar);
	return 0;
}

/* Makes a layer of the entries that were added to `tar` since the last call. */
static int apply(void)
{
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
	struct ohc_scan s = { .what = "layer x", .size = 1 << 20 };
	struct ohc_source *src;
	int rc;

	tar_end(&tar);
	src = ohc_source_memory(tar.data, tar.len);
	assert_ok(ohc_scan_layer(src, &s, &x, &err), &err);
	rc = ohc_rootfs_apply(fs, ohc_buf_str(&x.bytes), x.bytes.len, "layer x", &err);
	ohc_source_close(src);
	ohc_layer_index_clear(&x);
	ohc_buf_truncate(&tar, 0);
	return rc;
}

static void layer(void)
{
	assert_ok(apply(), &err);
}

static int add_line(void *ctx, const char *path, const struct ohc_file *f)
{
	ohc_buf_addf(ctx, "%u %s%s", f->layer, path, S_ISDIR(f->mode) ? "/" : "");
	if (f->link)
		ohc_buf_addf(ctx, " -> %s", f->link);
	if (f->implied)
		ohc_buf_adds(ctx, " implied");
	ohc_buf_addc(ctx, '\n');
	return 0;
}

static void assert_tree(const char *want)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	assert_int_equal(ohc_rootfs_walk(fs, "/", add_line, &b), 0);
	assert_string_equal(ohc_buf_str(&b), want);
}

static struct ohc_file file_at(const char *path)
{
	struct ohc_rootfs_place p;
	struct ohc_file file;

	ohc_rootfs_find(fs, path, OHC_NOFOLLOW, &p);
	if (p.found != OHC_FOUND)
		fail_msg("'%s' is not there", path);
	file = p.file;
	ohc_rootfs_place_clear(&p);
	return file;
}

static void assert_found(const char *path, enum ohc_follow follow, enum ohc_found found,
			 const char *at)
{
	struct ohc_rootfs_place p;

	ohc_rootfs_find(fs, path, follow, &p);
	if (p.found != found || strcmp(p.path, at) != 0)
		fail_msg("'%s' was found (%d) at '%s', not (%d) at '%s'", path, (int)p.found,
			 p.path, (int)found, at);
	ohc_rootfs_place_clear(&p);
}

static void test_one_layer(void **state)
{
	(void)state;
	assert_tree("");
	assert_found("/", OHC_FOLLOW, OHC_FOUND, "/");
	assert_true(file_at("/").implied);
	tar_dir(&tar, ".", 0700);
	tar_dir(&tar, "a", 0755);
	tar_file(&tar, "a/f", 04755, "12345");
	tar_file(&tar, "a-b", 0644, "");
	tar_file(&tar, "b/c/d", 0644, "");
	tar_file(&tar, "a/e", 0644, "");
	layer();
	assert_tree("0 /a-b\n0 /a/\n0 /a/e\n0 /a/f\n0 /b/ implied\n0 /b/c/ implied\n0 /b/c/d\n");
	assert_int_equal(file_at("").mode, S_IFDIR | 0700);
	assert_int_equal(file_at("/a/f").mode, S_IFREG | 04755);
	assert_int_equal(file_at("a/f").size, 5);
	assert_int_equal(file_at("a/f").mtime, 1700000000);
	assert_int_equal(file_at("b/c").mode, S_IFDIR | 0755);
	assert_int_equal(ohc_rootfs_layers(fs), 1);
}

static void test_whiteouts_hide_lower_layers_only(void **state)
{
	(void)state;
	tar_file(&tar, "d/a", 0644, "");
	tar_file(&tar, "d/b", 0644, "");
	tar_file(&tar, "d/sub/x", 0644, "");
	tar_file(&tar, "d/sub/y", 0644, "");
	layer();
	tar_whiteout(&tar, "d/a");
	tar_whiteout(&tar, "d/nothing");
	tar_whiteout(&tar, "none/nothing");
	tar_file(&tar, "d/b", 0644, "new");
	tar_whiteout(&tar, "d/b");
	tar_file(&tar, "d/sub/z", 0644, "");
	tar_whiteout(&tar, "d/sub");
	layer();
	assert_tree("0 /d/ implied\n1 /d/b\n0 /d/sub/ implied\n1 /d/sub/z\n1 /none/ implied\n");
	assert_int_equal(file_at("d/b").size, 3);
	tar_whiteout(&tar, "d");
	layer();
	assert_tree("1 /none/ implied\n");
	tar_file(&tar, "d/again", 0644, "");
	layer();
	assert_tree("3 /d/ implied\n3 /d/again\n1 /none/ implied\n");
}

/* image-spec: a file of the whiteout's own layer is not hidden, in whichever order they stand. */
static void test_whiteout_before_its_own_layers_file(void **state)
{
	(void)state;
	tar_file(&tar, "a", 0644, "1");
	tar_file(&tar, "d/x", 0644, "");
	layer();
	tar_whiteout(&tar, "a");
	tar_file(&tar, "a", 0644, "22");
	tar_whiteout(&tar, "d");
	tar_dir(&tar, "d", 0700);
	layer();
	assert_tree("1 /a\n1 /d/\n");
	assert_int_equal(file_at("a").size, 2);
}

static void test_opaque_directories(void **state)
{
	(void)state;
	tar_dir(&tar, "d", 0700);
	tar_file(&tar, "d/a", 0644, "");
	tar_file(&tar, "d/s/b", 0644, "");
	tar_file(&tar, "other", 0644, "");
	layer();
	tar_file(&tar, "d/new", 0644, "");
	tar_opaque(&tar, "d");
	tar_file(&tar, "d/s/late", 0644, "");
	layer();
	assert_tree("0 /d/\n1 /d/new\n1 /d/s/ implied\n1 /d/s/late\n0 /other\n");
	assert_int_equal(file_at("d").mode, S_IFDIR | 0700);
	tar_opaque(&tar, ".");
	layer();
	assert_tree("");
	tar_opaque(&tar, "made");
	layer();
	assert_tree("3 /made/ implied\n");
}

/* overlayfs writes this where a symlink became a directory: the symlink's target is not meant. */
static void test_opaque_where_a_symlink_was(void **state)
{
	(void)state;
	tar_file(&tar, "x/keep", 0644, "");
	tar_symlink(&tar, "a", "x");
	layer();
	tar_dir(&tar, "a", 0755);
	tar_opaque(&tar, "a");
	tar_whiteout(&tar, "a/keep");
	tar_file(&tar, "a/f", 0644, "");
	layer();
	assert_tree("1 /a/\n1 /a/f\n0 /x/ implied\n0 /x/keep\n");
}

static void test_a_file_becomes_a_directory_and_back(void **state)
{
	(void)state;
	tar_file(&tar, "p", 0644, "");
	tar_dir(&tar, "q", 0755);
	tar_file(&tar, "q/in", 0644, "");
	tar_file(&tar, "r", 0644, "");
	layer();
	tar_dir(&tar, "p", 0711);
	tar_file(&tar, "p/in", 0644, "");
	tar_file(&tar, "q", 0644, "file");
	tar_file(&tar, "r/in", 0644, "");
	layer();
	assert_tree("1 /p/\n1 /p/in\n1 /q\n1 /r/ implied\n1 /r/in\n");
	tar_file(&tar, "p", 0644, "back");
	tar_dir(&tar, "q", 0755);
	layer();
	assert_tree("2 /p\n2 /q/\n1 /r/ implied\n1 /r/in\n");
	tar_dir(&tar, "p", 0755);
	layer();
	assert_tree("3 /p/\n2 /q/\n1 /r/ implied\n1 /r/in\n");
}

static void test_a_directory_over_a_directory_keeps_its_content(void **state)
{
	(void)state;
	tar_dir(&tar, "d", 0755);
	tar_file(&tar, "d/a", 0644, "");
	layer();
	tar_header(&tar, '5', "d/", NULL, 01777, 5, 6, 0);
	layer();
	assert_tree("1 /d/\n0 /d/a\n");
	assert_int_equal(file_at("d").mode, S_IFDIR | 01777);
	assert_int_equal(file_at("d").gid, 6);
}

static void test_hard_links(void **state)
{
	(void)state;
	tar_file(&tar, "a", 0600, "12345");
	tar_hardlink(&tar, "b", "a");
	tar_symlink(&tar, "s", "a");
	tar_hardlink(&tar, "hs", "s");
	layer();
	assert_int_equal(file_at("a").id, file_at("b").id);
	assert_int_equal(file_at("b").size, 5);
	assert_int_equal(file_at("b").mode, S_IFREG | 0600);
	assert_string_equal(file_at("hs").link, "a");
	tar_hardlink(&tar, "c", "/b"); /* into a lower layer */
	tar_file(&tar, "a", 0644, "other");
	layer();
	assert_tree("1 /a\n0 /b\n1 /c\n0 /hs -> a\n0 /s -> a\n");
	assert_int_equal(file_at("c").id, file_at("b").id);
	assert_int_not_equal(file_at("a").id, file_at("b").id);
	assert_int_equal(file_at("b").mode, S_IFREG | 0600);
	tar_whiteout(&tar, "b");
	tar_dir(&tar, "c", 0755);
	tar_dir(&tar, "d/e", 0755);
	tar_hardlink(&tar, "d", "a");
	layer();
	assert_tree("1 /a\n2 /c/\n2 /d\n0 /hs -> a\n0 /s -> a\n");
}

static void test_bad_hard_links(void **state)
{
	(void)state;
	tar_hardlink(&tar, "a", "none");
	assert_fails(apply(), OHC_E_FORMAT, &err,
		     "layer x cannot be unpacked: 'a' is a hard link to what is not there");
	tar_dir(&tar, "d", 0755);
	tar_hardlink(&tar, "a", "d");
	assert_fails(apply(), OHC_E_FORMAT, &err, "no file");
	tar_file(&tar, "d/x", 0644, "");
	tar_hardlink(&tar, "d", "d/x");
	assert_fails(apply(), OHC_E_FORMAT, &err, "a hard link to what it replaces");
	tar_hardlink(&tar, "/", "d/x");
	assert_fails(apply(), OHC_E_FORMAT, &err, "hard link");
}

static void test_entries_go_through_symlinks(void **state)
{
	(void)state;
	tar_dir(&tar, "usr/bin", 0755);
	tar_symlink(&tar, "bin", "usr/bin");
	tar_symlink(&tar, "abs", "/usr/bin");
	tar_symlink(&tar, "up", "../../../usr");
	tar_symlink(&tar, "two", "up/./bin/..//bin");
	tar_symlink(&tar, "dangling", "no/where");
	layer();
	tar_file(&tar, "bin/a", 0644, "");
	tar_file(&tar, "bin/b", 0644, "");
	tar_file(&tar, "abs/c", 0644, "");
	tar_file(&tar, "up/d", 0644, "");
	tar_file(&tar, "two/e", 0644, "");
	tar_file(&tar, "dangling/f", 0644, "");
	layer();
	assert_tree("0 /abs -> /usr/bin\n0 /bin -> usr/bin\n0 /dangling -> no/where\n"
		    "1 /no/ implied\n1 /no/where/ implied\n1 /no/where/f\n"
		    "0 /two -> up/./bin/..//bin\n0 /up -> ../../../usr\n"
		    "0 /usr/ implied\n0 /usr/bin/\n1 /usr/bin/a\n1 /usr/bin/b\n1 /usr/bin/c\n"
		    "1 /usr/bin/e\n1 /usr/d\n");
	/* The last component is replaced, not followed. */
	tar_dir(&tar, "bin", 0755);
	tar_file(&tar, "abs", 0644, "");
	tar_whiteout(&tar, "two");
	layer();
	assert_found("bin/a", OHC_FOLLOW, OHC_ABSENT, "/bin/a");
	assert_found("usr/bin/a", OHC_FOLLOW, OHC_FOUND, "/usr/bin/a");
	assert_int_equal(file_at("abs").mode, S_IFREG | 0644);
}

static void test_loops(void **state)
{
	(void)state;
	tar_symlink(&tar, "a", "b");
	tar_symlink(&tar, "b", "a");
	tar_symlink(&tar, "self", "self/x");
	layer();
	assert_found("a", OHC_NOFOLLOW, OHC_FOUND, "/a");
	assert_found("a", OHC_FOLLOW, OHC_LOOP, "/");
	assert_found("self", OHC_FOLLOW, OHC_LOOP, "/");
	tar_file(&tar, "a/x", 0644, "");
	assert_fails(apply(), OHC_E_FORMAT, &err, "'a/x' lies behind a loop of symlinks");
	tar_hardlink(&tar, "h", "a/x");
	assert_fails(apply(), OHC_E_FORMAT, &err, "hard link");
}

static void test_find(void **state)
{
	(void)state;
	tar_file(&tar, "usr/bin/dash", 0755, "");
	tar_symlink(&tar, "usr/bin/sh", "dash");
	tar_symlink(&tar, "bin", "usr/bin");
	tar_symlink(&tar, "home", "/var/home");
	tar_symlink(&tar, "far", "home/u/../v");
	layer();
	assert_found("/bin/sh", OHC_FOLLOW, OHC_FOUND, "/usr/bin/dash");
	assert_found("/bin/sh", OHC_NOFOLLOW, OHC_FOUND, "/usr/bin/sh");
	assert_found("//bin//./sh/", OHC_FOLLOW, OHC_FOUND, "/usr/bin/dash");
	assert_found("bin/../../../usr", OHC_FOLLOW, OHC_FOUND, "/usr");
	assert_found("/..", OHC_FOLLOW, OHC_FOUND, "/");
	assert_found("", OHC_FOLLOW, OHC_FOUND, "/");
	assert_found("/home/me/x", OHC_FOLLOW, OHC_ABSENT, "/var/home/me/x");
	assert_found("/home", OHC_FOLLOW, OHC_ABSENT, "/var/home");
	assert_found("/far/w", OHC_FOLLOW, OHC_ABSENT, "/var/home/v/w");
	assert_found("/usr/none/../bin", OHC_FOLLOW, OHC_FOUND, "/usr/bin");
	assert_found("/usr/bin/dash/x", OHC_FOLLOW, OHC_NOT_DIR, "/usr/bin/dash");
	assert_found("/bin/sh/..", OHC_FOLLOW, OHC_NOT_DIR, "/usr/bin/dash");
}

static void test_forty_symlinks_and_no_more(void **state)
{
	char name[16], target[16];

	(void)state;
	tar_file(&tar, "l0", 0644, "");
	for (int i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "l%d", i - 1);
		tar_symlink(&tar, name, target);
	}
	layer();
	assert_found("l40", OHC_FOLLOW, OHC_FOUND, "/l0");
	assert_found("l41", OHC_FOLLOW, OHC_LOOP, "/");
}

static void test_walk_of_a_part(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

	(void)state;
	tar_file(&tar, "etc/skel/.profile", 0644, "x");
	tar_file(&tar, "etc/skel/d/e", 0644, "x");
	tar_file(&tar, "etc/skeleton", 0644, "x");
	layer();
	assert_int_equal(ohc_rootfs_walk(fs, "/etc/skel", add_line, &b), 0);
	assert_string_equal(ohc_buf_str(&b),
			    "0 /etc/skel/.profile\n0 /etc/skel/d/ implied\n0 /etc/skel/d/e\n");
	assert_int_equal(ohc_rootfs_walk(fs, "/none", add_line, &b), 0);
	assert_int_equal(ohc_rootfs_walk(fs, "/etc/skeleton", add_line, &b), 0);
}

static void test_what_was_kept_is_there(void **state)
{
	struct ohc_file f;

	(void)state;
	tar_file(&tar, "etc/passwd", 0644, "root\n");
	tar_file(&tar, "etc/group", 0644, "");
	tar_hardlink(&tar, "etc/passwd-", "etc/passwd");
	layer();
	tar_file(&tar, "etc/group", 0644, "staff\n");
	layer();
	f = file_at("etc/passwd-");
	assert_int_equal(f.n_data, f.size);
	assert_memory_equal(f.data, "root\n", 5);
	assert_memory_equal(file_at("etc/group").data, "staff\n", 6);
	assert_null(file_at("etc").data);
}

/* A directory that its own whiteout takes away under the entry that stands in it. */
static void test_a_tree_that_saws_off_its_branch(void **state)
{
	(void)state;
	tar_symlink(&tar, "a/l", "..");
	layer();
	tar_file(&tar, "a/l/f", 0644, "");
	tar_whiteout(&tar, "a/l/a");
	tar_file(&tar, "a/l/g", 0644, "");
	layer();
	assert_tree("1 /a/ implied\n1 /a/l/ implied\n1 /a/l/g\n1 /f\n");
}

/* Symlinks that lead ever deeper: refused before anything overflows. */
static void test_depth_has_a_limit(void **state)
{
	static char down[2 * 1000], path[2 * 1000 + 8];
	int rc = 0;

	(void)state;
	for (size_t i = 0; i < 999; i++)
		memcpy(down + 2 * i, "/d", 3);
	tar_dir(&tar, "t", 0755);
	tar_symlink(&tar, "l0", "t");
	for (int i = 0; rc == 0 && i < 4; i++) {
		char name[3] = { 'l', (char)('1' + i) };

		snprintf(path, sizeof(path), "l%d%s", i, down);
		tar_dir(&tar, path, 0755);
		tar_symlink(&tar, name, path);
		rc = apply();
	}
	assert_fails(rc, OHC_E_FORMAT, &err, "lies too deep");
}

/* Few links, but of many components each. */
static void test_a_lookup_has_a_limit(void **state)
{
	static char target[5 * 700 + 2];

	(void)state;
	for (size_t i = 0; i < 700; i++)
		memcpy(target + 5 * i, "d/../", 5);
	target[5 * 700] = 'd';
	tar_dir(&tar, "d", 0755);
	tar_symlink(&tar, "long", target);
	tar_symlink(&tar, "d/six", "../long/../long/../long/../long/../long/../long");
	layer();
	assert_found("long", OHC_FOLLOW, OHC_FOUND, "/d");
	assert_found("d/six/../long/../long", OHC_FOLLOW, OHC_LOOP, "/d");
	tar_file(&tar, "d/six/f", 0644, "");
	assert_fails(apply(), OHC_E_FORMAT, &err, "behind a loop of symlinks");
}

/* Fifteen thousand names that are hidden, or shown not to be, fifteen thousand times. */
static void test_hiding_has_a_limit(void **state)
{
	char name[32];

	(void)state;
	for (int i = 0; i < 15000; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		tar_file(&tar, name, 0644, "");
	}
	for (int i = 0; i < 15000; i++)
		tar_opaque(&tar, "d");
	assert_fails(apply(), OHC_E_FORMAT, &err, "hide and replace one another more than");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_fs, free_fs)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_layer),
		TEST(test_whiteouts_hide_lower_layers_only),
		TEST(test_whiteout_before_its_own_layers_file),
		TEST(test_opaque_directories),
		TEST(test_opaque_where_a_symlink_was),
		TEST(test_a_file_becomes_a_directory_and_back),
		TEST(test_a_directory_over_a_directory_keeps_its_content),
		TEST(test_hard_links),
		TEST(test_bad_hard_links),
		TEST(test_entries_go_through_symlinks),
		TEST(test_loops),
		TEST(test_find),
		TEST(test_forty_symlinks_and_no_more),
		TEST(test_walk_of_a_part),
		TEST(test_what_was_kept_is_there),
		TEST(test_a_tree_that_saws_off_its_branch),
		TEST(test_depth_has_a_limit),
		TEST(test_a_lookup_has_a_limit),
		TEST(test_hiding_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
