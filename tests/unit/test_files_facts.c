// SPDX-License-Identifier: Apache-2.0
/* The facts of files, from a layer and from a directory, and questions to the image's tree. */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "layout/files/facts_of_dir.h"
#include "layout/files/facts.h"
#include "layout/files/of_image.h"
#include "layout/layer/from_dir.h"
#include "tree.h"

#define TREE                                                                                      \
	"elf /bin/x needed=libc.so.6 interp=/lib64/ld-linux-x86-64.so.2 pie=1\n"                  \
	"elf /lib/libx.so soname=libx.so.1\n"                                                     \
	"file /lib/damaged.so '\\x7fELF'\n"                                                       \
	"file /bin/script '#!/bin/sh -e\\necho hello\\n'\nmode 755 /bin/script\n"                 \
	"file /lib/plain.txt 'nothing of interest'\n"                                             \
	"file /lib/pointer.so 'version https://git-lfs.github.com/spec/v1'\n"                     \
	"file /lib/empty\n"                                                                       \
	"link /bin/link x\n"                                                                      \
	"file /py/a-1.dist-info/METADATA 'Name: a\\nRequires-Dist: b\\n\\nLong description'\n"    \
	"file /py/a-1.dist-info/LICENSE text\n"                                                   \
	"file /py/__pycache__/a.cpython-312.pyc '\\x01\\x02\\r\\n0000111122223333444455556666'\n" \
	"file /py/__pycache__/short.cpython-312.pyc 'ab'\n"                                       \
	"file /py/__pycache__/lines.cpython-312.pyc '\\x01\\x02\\n\\n000011112222rest'\n"         \
	"file /py/b.egg-info/requires.txt 'c\\n\\n[x]\\nd\\n'\n"                                  \
	"file /etc/passwd 'root:x:0:0::/:/bin/sh\\n'\n"

/* The directory's layer, scanned. */
static void scan_layer(const struct test_tree *t, struct ohc_layer_index *ret)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf tar = OHC_BUF_INIT;
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&tar);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	struct ohc_from_dir tree = { .dir = t->dir, .prefix = "/p/q", .uid = 5, .gid = 6 };
	struct ohc_scan scan = { .what = "layer", .hook = &ohc_facts_hook };
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_from_dir_write(&tree, w, &err), &err);
	assert_ok(ohc_tar_finish(w, &err), &err);
	scan.size = (int64_t)tar.len;
	for (int times = 0; times == 0 || (ret->unfinished && times < OHC_SCAN_TIMES); times++) {
		ohc_cleanup(ohc_layer_index_clear) struct ohc_layer_index before = *ret;

		*ret = (struct ohc_layer_index)OHC_LAYER_INDEX_INIT;
		scan.before = times ? &before : NULL;
		ohc_source_closep(&src);
		src = ohc_source_memory(tar.data, tar.len);
		assert_ok(ohc_scan_layer(src, &scan, ret, &err), &err);
	}
}

static void a_directory_is_as_its_layer(void **state)
{
	struct ohc_layer_index from_dir = OHC_LAYER_INDEX_INIT, from_tar = OHC_LAYER_INDEX_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct test_tree t;

	(void)state;
	tree_make(&t, TREE);
	scan_layer(&t, &from_tar);
	assert_ok(ohc_facts_of_dir(t.dir, NULL, "/p/q", 5, 6, &from_dir, &err), &err);
	assert_int_equal(from_dir.n_entries, from_tar.n_entries);
	assert_int_equal(from_dir.bytes.len, from_tar.bytes.len);
	assert_memory_equal(from_dir.bytes.data, from_tar.bytes.data, from_tar.bytes.len);
	ohc_layer_index_clear(&from_dir);
	ohc_layer_index_clear(&from_tar);
	tree_remove(&t);
}

/* Large programs, whose facts lie where nobody expects them, and what is no ELF file by such a
 * name. */
static void large_files_of_a_directory_are_as_its_layer(void **state)
{
#define LARGE                                                                   \
	"interp=/lib64/ld-linux-x86-64.so.2 pie=1 needed=libdl.so.2,libc.so.6 " \
	"needs=libc.so.6:GLIBC_2.34 "
	static const char tree[] =
		"elf /bin/go lead=12000000 pad=9000000 " LARGE "\n"
		"elf /bin/node names=6000000 pad=5000000 " LARGE "\n"
		"elf /bin/patched late=1 lead=11000000 pad=5000000 " LARGE "\n"
		"elf /lib/libLLVM.so names=11000000 pad=3000000 soname=libLLVM.so.17 defs=LLVM_17\n"
		"file /lib/libpointer.so 'version https://git-lfs.github.com/spec/v1\\n'\n"
		"file /lib/libnone.so\nfile /bin/text 'hello there'\nmode 755 /bin/text\n";
	struct ohc_layer_index from_dir = OHC_LAYER_INDEX_INIT, from_tar = OHC_LAYER_INDEX_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct test_tree t;

	(void)state;
	tree_make(&t, tree);
	scan_layer(&t, &from_tar);
	assert_ok(ohc_facts_of_dir(t.dir, NULL, "/p/q", 5, 6, &from_dir, &err), &err);
	assert_int_equal(from_tar.unfinished, 0);
	assert_int_equal(from_dir.bytes.len, from_tar.bytes.len);
	assert_memory_equal(from_dir.bytes.data, from_tar.bytes.data, from_tar.bytes.len);
	ohc_layer_index_clear(&from_dir);
	ohc_layer_index_clear(&from_tar);
	tree_remove(&t);
}

/* How much of a text is kept. */
static size_t kept(const struct ohc_facts_text *of, const char *text)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf encoded = OHC_BUF_INIT;
	struct ohc_facts facts;
	size_t n;

	ohc_facts_encode_text(of, text, strlen(text), &encoded);
	ohc_facts_read(encoded.data, encoded.len, &facts);
	assert_int_equal(facts.kind, OHC_FACTS_TEXT);
	n = facts.n_text;
	ohc_facts_clear(&facts);
	return n;
}

/* A header ends at its first empty line, whichever kind of line ends it has. */
static void the_end_of_a_header(void **state)
{
	static const struct ohc_facts_text head = { 4096, true }, all = { 4096, false };
	static const char crlf[] = "A: b\r\n\r\nlong\n\nmore";

	(void)state;
	assert_int_equal(kept(&head, crlf), strlen("A: b") + 1);
	assert_int_equal(kept(&head, "A: b\n\nlong\r\n\r\nmore"), strlen("A: b") + 1);
	assert_int_equal(kept(&head, "A: b"), 4);
	assert_int_equal(kept(&all, crlf), strlen(crlf));
}

static struct ohc_files_place place_of(struct ohc_files *f, const char *path)
{
	struct ohc_files_place place;
	struct ohc_error err = OHC_ERROR_INIT;

	assert_ok(ohc_files_find(f, path, OHC_FILES_FOLLOW, &place, &err), &err);
	return place;
}

static void expect_text(struct ohc_files *f, const char *path, size_t max, int rc, const char *text)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	assert_int_equal(ohc_files_read_path(f, path, max, &got, &err), rc);
	assert_string_equal(ohc_buf_str(&got), text);
}

static int count(void *ctx, const char *path, const struct ohc_files_node *node,
		 struct ohc_error *err)
{
	(void)node, (void)err;
	++*(int *)ctx;
	return strcmp(path, "/p/q/lib") == 0 ? OHC_FILES_SKIP : 0;
}

static void an_image(void **state)
{
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = ohc_rootfs_new();
	ohc_cleanup(ohc_files_freep) struct ohc_files *f = ohc_files_image(fs);
	struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	const struct ohc_elf *elf = NULL, *again = NULL;
	struct ohc_files_place place;
	struct test_tree t;
	int n = 0;

	(void)state;
	tree_make(&t, TREE);
	assert_ok(ohc_facts_of_dir(t.dir, NULL, "/p/q", 5, 6, &index, &err), &err);
	assert_ok(ohc_rootfs_apply(fs, index.bytes.data, index.bytes.len, "payload", &err), &err);

	place = place_of(f, "/p/q/bin/link");
	assert_int_equal(place.found, OHC_FILES_THERE);
	assert_string_equal(place.path, "/p/q/bin/x");
	assert_int_equal(place.node.uid, 5);
	assert_int_equal(ohc_files_elf(f, &place, &elf, &err), 1);
	assert_string_equal(elf->needed.v[0], "libc.so.6");
	assert_int_equal(ohc_files_elf(f, &place, &again, &err), 1);
	assert_ptr_equal(elf, again);
	ohc_files_place_clear(&place);

	place = place_of(f, "/p/q/lib/damaged.so");
	assert_int_equal(ohc_files_elf(f, &place, &elf, &err), -OHC_E_FORMAT);
	ohc_files_place_clear(&place);
	/* The kernel and a directory of this machine give the same answers. */
	place = place_of(f, "/p/q/none/../lib/empty");
	assert_int_equal(place.found, OHC_FILES_ABSENT);
	assert_null(place.link);
	ohc_files_place_clear(&place);
	place = place_of(t.files, "/none/../lib/empty");
	assert_int_equal(place.found, OHC_FILES_ABSENT);
	ohc_files_place_clear(&place);
	place = place_of(f, "/p/q/none/x/../../lib/empty");
	assert_int_equal(place.found, OHC_FILES_ABSENT);
	ohc_files_place_clear(&place);
	place = place_of(f, "/p/q/py/../lib/empty");
	assert_int_equal(place.found, OHC_FILES_THERE);
	ohc_files_place_clear(&place);
	place = place_of(f, "/p/q/lib/none");
	assert_int_equal(place.found, OHC_FILES_ABSENT);
	assert_int_equal(ohc_files_elf(f, &place, &elf, &err), 0);
	ohc_files_place_clear(&place);

	expect_text(f, "/p/q/lib/pointer.so", 100, 0, "vers");
	expect_text(f, "/p/q/bin/script", 9, 1, "#!/bin/sh");
	expect_text(f, "/p/q/bin/script", 100, 0, "#!/bin/sh -e");
	expect_text(f, "/p/q/lib/plain.txt", 4, 0, "");
	expect_text(f, "/p/q/lib/empty", 4, 1, "");
	expect_text(f, "/p/q/bin/x", 4, 1, "\177ELF");
	expect_text(f, "/p/q/py/a-1.dist-info/METADATA", 4096, 0, "Name: a\nRequires-Dist: b\n");
	expect_text(f, "/p/q/py/a-1.dist-info/LICENSE", 4096, 0, "");
	expect_text(f, "/p/q/py/__pycache__/a.cpython-312.pyc", 16, 1, "\1\2\r\n000011112222");
	/* An empty line ends a head, and nothing else. */
	expect_text(f, "/p/q/py/__pycache__/lines.cpython-312.pyc", 16, 1, "\1\2\n\n000011112222");
	expect_text(f, "/p/q/py/b.egg-info/requires.txt", 4096, 1, "c\n\n[x]\nd\n");

	assert_ok(ohc_files_walk(f, "/p", count, &n, &err), &err);
	assert_int_equal(n, 18); /* nothing below lib */
	ohc_layer_index_clear(&index);
	tree_remove(&t);
}

static void bytes_that_are_no_facts(void **state)
{
	static const char *const wrong[] = { "", "\x09", "\x01", "\x01\x01", "\x04\x05xx" };
	struct ohc_facts facts;

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(wrong); i++) {
		ohc_facts_read(wrong[i], strlen(wrong[i]), &facts);
		assert_int_equal(facts.kind, OHC_FACTS_NONE);
		ohc_facts_clear(&facts);
	}
}

/* Keeps entries of another version apart, instead of meeting them as unknown. */
static void the_version_tells_both_formats(void **state)
{
	struct ohc_buf bytes = OHC_BUF_INIT;
	struct ohc_elf elf = OHC_ELF_INIT;
	ohc_cleanup(ohc_freep) char *end = NULL;

	(void)state;
	ohc_elf_encode(&elf, &bytes);
	end = ohc_xasprintf("-%d", bytes.data[0]);
	assert_non_null(strstr(ohc_facts_hook.version, end));
	ohc_buf_clear(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_of_a_header),
		cmocka_unit_test(a_directory_is_as_its_layer),
		cmocka_unit_test(large_files_of_a_directory_are_as_its_layer),
		cmocka_unit_test(an_image),
		cmocka_unit_test(the_version_tells_both_formats),
		cmocka_unit_test(bytes_that_are_no_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
