// SPDX-License-Identifier: Apache-2.0
/* Archives as stores: what is written is read again, and what strangers write is not believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/range.h"
#include "images.h"
#include "oci/archive/docker.h"
#include "oci/archive/files.h"
#include "oci/archive/oci.h"
#include "oci/archive/write.h"
#include "oci/documents/manifest.h"
#include "oci/tar/tar.h"
#include "oci/tar/out.h"

static struct ohc_error err;

static struct ohc_name named(const char *transport, const char *file, const char *rest)
{
	ohc_cleanup(ohc_freep) char *text =
		ohc_xasprintf("%s:%s%s", transport, images_path(file), rest);
	struct ohc_name name;

	assert_int_equal(ohc_name_parse(text, &name, &err), 0);
	return name;
}

static struct ohc_store *create(const char *transport, const char *file, const char *rest)
{
	struct ohc_name name = named(transport, file, rest);
	struct ohc_store *s = NULL;
	int rc = ohc_archive_create(&name, &s, &err);

	assert_int_equal(rc, 0);
	ohc_name_clear(&name);
	return s;
}

static struct ohc_store *open_docker(const char *file, const char *rest)
{
	struct ohc_name name = named("docker-archive", file, rest);
	struct ohc_store *s = NULL;
	int rc;

	memset(&err, 0, sizeof(err));
	rc = ohc_docker_archive_open(&name, NULL, &s, &err);
	ohc_name_clear(&name);
	if (rc < 0)
		assert_null(s);
	return s;
}

static struct ohc_store *open_oci(const char *file)
{
	struct ohc_store *s = NULL;

	memset(&err, 0, sizeof(err));
	ohc_oci_archive_open(images_path(file), NULL, &s, &err);
	return s;
}

static void finish(struct ohc_store *s)
{
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);
}

static void assert_message(const char *want)
{
	if (!strstr(err.msg, want))
		assert_string_equal(err.msg, want);
}

static void test_oci_archive_round_trip(void **state)
{
	struct ohc_store *s = create("oci-archive", "a.tar", "");
	struct ohc_descriptor one, two;
	struct ohc_strv tags = OHC_STRV_INIT;

	(void)state;
	one = images_put(s, "one", "a", 100000);
	two = images_put(s, "two", "b", 513);
	assert_false(images_exists("a.tar"));
	finish(s);
	s = open_oci("a.tar");
	assert_non_null(s);
	images_assert(s, "one", &one);
	images_assert(s, "two", &two);
	assert_int_equal(ohc_store_list_tags(s, &tags, &err), 0);
	assert_int_equal(tags.n, 2);
	ohc_strv_clear(&tags);
	ohc_store_close(s);
}

static void test_docker_archive_round_trip(void **state)
{
	struct ohc_store *s = create("docker-archive", "d.tar", ":localhost:5000/x/y:1");
	struct ohc_descriptor one = images_put(s, "1", "a", 1000), two, got;
	struct ohc_strv tags = OHC_STRV_INIT;

	(void)state;
	two = images_put(s, "2", "b", 1000);
	finish(s);
	s = open_docker("d.tar", ":localhost:5000/x/y:1");
	images_assert(s, "1", &one);
	images_assert(s, "2", &two);
	assert_int_equal(ohc_store_list_tags(s, &tags, &err), 0);
	assert_int_equal(tags.n, 2);
	ohc_strv_clear(&tags);
	ohc_store_close(s);
	s = open_docker("d.tar", ":localhost:5000/x/y:3");
	assert_int_equal(s->ops->resolve(s, "3", &got, &err), -OHC_E_NOT_FOUND);
	assert_message("has no image 'localhost:5000/x/y:3'");
	ohc_store_close(s);
	s = open_docker("d.tar", ":other:1");
	assert_int_equal(s->ops->resolve(s, "1", &got, &err), -OHC_E_NOT_FOUND);
	assert_message("has no image 'docker.io/library/other:1': it has "
		       "'localhost:5000/x/y:1', 'localhost:5000/x/y:2'");
	ohc_store_close(s);
	s = open_docker("d.tar", "");
	assert_int_equal(s->ops->resolve(s, NULL, &got, &err), -OHC_E_NOT_FOUND);
	assert_message("has several images");
	ohc_store_close(s);
	s = open_oci("d.tar"); /* it is one of those as well */
	images_assert(s, "1", &one);
	ohc_store_close(s);
}

/* The list has what was not asked for by a tag, too, and no blob is there twice. */
static void test_oci_archive_holds_all_once(void **state)
{
	ohc_cleanup(ohc_freep) char *bytes = ohc_xcalloc(1, 100000);
	struct ohc_descriptor d, untagged;
	struct stat once, twice;

	(void)state;
	for (int n = 1; n <= 2; n++) {
		struct ohc_store *s = create("oci-archive", n == 1 ? "1.tar" : "2.tar", "");

		for (int i = 0; i < n; i++) {
			ohc_cleanup(ohc_source_closep) struct ohc_source *src =
				ohc_source_memory(bytes, 100000);

			assert_int_equal(ohc_store_put_blob(s, src, NULL, "x/y", &d, &err), 0);
		}
		untagged = images_put(s, NULL, "a", 10);
		finish(s);
		s = open_oci(n == 1 ? "1.tar" : "2.tar");
		images_assert(s, NULL, &untagged);
		ohc_store_close(s);
	}
	assert_int_equal(stat(images_path("1.tar"), &once), 0);
	assert_int_equal(stat(images_path("2.tar"), &twice), 0);
	assert_int_equal(once.st_size, twice.st_size);
}

/* A descriptor that promises another size is of another blob. */
static void test_size_of_a_blob(void **state)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	struct ohc_store *s = create("docker-archive", "d.tar", ":x:1");
	struct ohc_descriptor d;
	bool there = false;

	(void)state;
	images_put(s, "1", "a", 1000);
	finish(s);
	s = open_docker("d.tar", ":x:1");
	assert_int_equal(ohc_store_get_manifest(s, "1", &doc, &err), 0);
	assert_int_equal(ohc_manifest_parse(&doc, &m, &err), 0);
	d = m.layers[0];
	assert_int_equal(ohc_store_has_blob(s, &d, &there, &err), 0);
	assert_true(there);
	d.size++;
	assert_int_equal(ohc_store_has_blob(s, &d, &there, &err), 0);
	assert_false(there);
	ohc_store_close(s);
}

static void test_docker_archive_takes_no_foreign_layer(void **state)
{
	struct ohc_store *s = create("docker-archive", "d.tar", ":x:1");
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;

	(void)state;
	ohc_buf_addf(&doc.bytes,
		     "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"%s\","
		     "\"digest\":\"sha256:%064d\",\"size\":1},\"layers\":[{\"mediaType\":\"%s\","
		     "\"digest\":\"sha256:%064d\",\"size\":1}]}",
		     OHC_MEDIA_DOCKER_MANIFEST, OHC_MEDIA_DOCKER_CONFIG, 1,
		     OHC_MEDIA_DOCKER_FOREIGN, 2);
	ohc_descriptor_of(&doc.d, OHC_MEDIA_DOCKER_MANIFEST, doc.bytes.data, doc.bytes.len);
	assert_int_equal(ohc_store_put_manifest(s, "1", &doc, &err), -OHC_E_UNSUPPORTED);
	assert_message("is kept elsewhere");
	ohc_store_close(s);
}

static void test_docker_archive_takes_no_index(void **state)
{
	struct ohc_store *s = create("docker-archive", "d.tar", ":x");
	struct ohc_document doc = OHC_DOCUMENT_INIT;

	(void)state;
	ohc_buf_adds(&doc.bytes, "{\"schemaVersion\":2,\"manifests\":[]}");
	ohc_descriptor_of(&doc.d, OHC_MEDIA_OCI_INDEX, doc.bytes.data, doc.bytes.len);
	assert_int_equal(ohc_store_put_manifest(s, "x", &doc, &err), -OHC_E_UNSUPPORTED);
	assert_message("say which with --platform");
	ohc_document_clear(&doc);
	ohc_store_close(s);
	assert_false(images_exists("d.tar"));
}

/* A tag that moves within one archive. */
static void test_docker_tag_moves(void **state)
{
	struct ohc_store *s = create("docker-archive", "d.tar", ":x:1");
	struct ohc_descriptor two;

	(void)state;
	images_put(s, "1", "a", 10);
	two = images_put(s, "1", "b", 10);
	finish(s);
	s = open_docker("d.tar", ":x:1");
	images_assert(s, "1", &two);
	ohc_store_close(s);
}

/* One image for docker, two for us. */
static void test_docker_same_image_other_annotations(void **state)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_document_clear) struct ohc_document other = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	struct ohc_store *s = create("oci-archive", "o.tar", "");
	struct ohc_descriptor d = images_put(s, "1", "a", 10);

	(void)state;
	finish(s);
	s = open_oci("o.tar");
	assert_int_equal(ohc_store_get_manifest(s, "1", &doc, &err), 0);
	ohc_store_close(s);
	assert_int_equal(ohc_manifest_parse(&doc, &m, &err), 0);
	ohc_manifest_annotate(&m, "other", "1");
	ohc_manifest_write(&m, &other);
	s = create("docker-archive", "d.tar", ":x:1");
	images_put(s, "1", "a", 10);
	assert_int_equal(ohc_store_put_manifest(s, "2", &other, &err), 0);
	finish(s);
	s = open_docker("d.tar", ":x");
	images_assert(s, "1", &d);
	images_assert(s, "2", &other.d);
	images_assert(s, NULL, &d); /* docker's list has one item */
	ohc_store_close(s);
}

/* ---- what others write ---- */

struct file {
	const char *path, *data, *link;
};

static void make_tar(const char *name, const struct file *files, size_t n)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf out = OHC_BUF_INIT;
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(&out);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);

	for (size_t i = 0; i < n; i++) {
		struct ohc_tar_entry e = { .path = files[i].path,
					   .link = files[i].link,
					   .mode = files[i].link ? S_IFLNK | 0777
								 : S_IFREG | 0644 };

		e.size = files[i].data ? (int64_t)strlen(files[i].data) : 0;
		assert_int_equal(ohc_tar_write_header(w, &e, &err), 0);
		if (files[i].data)
			assert_int_equal(ohc_tar_write_data(w, files[i].data, (size_t)e.size, &err),
					 0);
	}
	assert_int_equal(ohc_tar_finish(w, &err), 0);
	images_write(name, out.data, out.len);
}

#define MAKE_TAR(name, files) make_tar(name, files, OHC_ARRAY_SIZE(files))

#define HELLO        "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define CONFIG(ids)  "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" ids "]}}"
#define ITEM(layers) "[{\"Config\":\"c.json\",\"RepoTags\":[\"x:1\"],\"Layers\":[" layers "]}]"

/* docker save of old: a layer that was written before is a link to it. */
static void test_docker_save_of_old(void **state)
{
	static const struct file files[] = {
		{ "aa/VERSION", "1.0", NULL },
		{ "aa/layer.tar", "hello", NULL },
		{ "bb/layer.tar", NULL, "../aa/layer.tar" },
		{ "c.json", CONFIG("\"" HELLO "\",\"" HELLO "\""), NULL },
		{ "manifest.json", ITEM("\"aa/layer.tar\",\"bb/layer.tar\""), NULL },
		{ "repositories", "{}", NULL },
	};
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	struct ohc_store *s;

	(void)state;
	MAKE_TAR("d.tar", files);
	s = open_docker("d.tar", ":x:1");
	assert_non_null(s);
	assert_int_equal(ohc_store_get_manifest(s, "1", &doc, &err), 0);
	assert_string_equal(doc.d.media_type, OHC_MEDIA_DOCKER_MANIFEST);
	assert_int_equal(ohc_manifest_parse(&doc, &m, &err), 0);
	assert_int_equal(m.n_layers, 2);
	assert_string_equal(m.layers[1].digest, HELLO);
	assert_string_equal(m.layers[1].media_type, OHC_MEDIA_DOCKER_LAYER_TAR);
	assert_int_equal(m.layers[1].size, 5);
	assert_int_equal(ohc_store_read_blob(s, &m.layers[1], &bytes, &err), 0);
	assert_string_equal(bytes.data, "hello");
	ohc_store_close(s);
}

/* crane's: compressed layers, some called after their digest. */
static void test_compressed_layers(void **state)
{
	static const char gz[] = "\x1f\x8b\x08rest";
	static const struct file files[] = {
		{ "sha256:0000000000000000000000000000000000000000000000000000000000000000.tar.gz",
		  gz, NULL },
		{ "layer.tar.gz", gz, NULL },
		{ "0000000000000000000000000000000000000000000000000000000000000000-2.tar.gz", gz,
		  NULL },
		{ "c.json", CONFIG("\"" HELLO "\",\"" HELLO "\",\"" HELLO "\""), NULL },
		{ "manifest.json",
		  ITEM("\"sha256:0000000000000000000000000000000000000000000000000000000000000000"
		       ".tar.gz\",\"layer.tar.gz\",\"0000000000000000000000000000000000000000000000"
		       "000000000000000000-2.tar.gz\""),
		  NULL },
	};
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	char digest[OHC_DIGEST_MAX];
	struct ohc_store *s;

	(void)state;
	MAKE_TAR("d.tar", files);
	s = open_docker("d.tar", "");
	assert_non_null(s);
	assert_int_equal(ohc_store_get_manifest(s, NULL, &doc, &err), 0);
	assert_int_equal(ohc_manifest_parse(&doc, &m, &err), 0);
	assert_string_equal(m.layers[0].media_type, OHC_MEDIA_DOCKER_LAYER);
	ohc_digest_of(gz, strlen(gz), digest);
	assert_string_equal(m.layers[1].digest, digest);
	assert_string_equal(m.layers[2].digest, digest); /* more than a digest is another name */
	assert_int_equal(ohc_store_read_blob(s, &m.layers[1], &bytes, &err), 0);
	/* The first one's name is a lie, which shows when it is read. */
	assert_int_equal(ohc_store_read_blob(s, &m.layers[0], &bytes, &err), -OHC_E_DIGEST);
	ohc_store_close(s);
}

static void test_bad_docker_archives(void **state)
{
	static const struct {
		struct file files[4];
		const char *message;
		bool opens;
	} cases[] = {
		{ { { "x", "y", NULL } }, "has no 'manifest.json'", false },
		{ { { "repositories", "{}", NULL } }, "before Docker 1.10", false },
		{ { { "oci-layout", "{}", NULL } }, "looks like an oci-archive", false },
		{ { { "manifest.json", "{}", NULL } }, "is not a JSON array", false },
		{ { { "manifest.json", "[7]", NULL } }, "[0] is not a JSON object", false },
		{ { { "manifest.json", "[{}]", NULL } }, "[0] of manifest.json of", false },
		{ { { "manifest.json", "[{\"Config\":\"c\",\"Layers\":[1]}]", NULL } },
		  "'Layers' is not a list of strings",
		  false },
		{ { { "manifest.json", "[]", NULL } }, "holds no image", true },
		{ { { "manifest.json", ITEM(""), NULL } }, "has no 'c.json'", true },
		{ { { "manifest.json", ITEM(""), NULL }, { "c.json", "[", NULL } },
		  "c.json is not valid JSON",
		  true },
		{ { { "manifest.json", ITEM("\"l\""), NULL }, { "c.json", CONFIG(""), NULL } },
		  "has 0 diff_ids, but manifest.json lists 1 layers",
		  true },
		{ { { "manifest.json", ITEM("\"l\""), NULL },
		    { "c.json", CONFIG("\"" HELLO "\""), NULL } },
		  "has no 'l', which its manifest.json names as a layer",
		  true },
		{ { { "manifest.json", ITEM("\"l\""), NULL },
		    { "l", "x", NULL },
		    { "c.json", CONFIG("\"sha256:ABC\""), NULL } },
		  "malformed digest",
		  true },
		{ { { "manifest.json", ITEM("\"l\""), NULL },
		    { "l", NULL, "m" },
		    { "m", NULL, "l" },
		    { "c.json", CONFIG("\"" HELLO "\""), NULL } },
		  "has no 'l'",
		  true },
		{ { { "manifest.json", ITEM("\"l\""), NULL },
		    { "l", NULL, "../../etc/passwd" },
		    { "c.json", CONFIG("\"" HELLO "\""), NULL } },
		  "has no 'l'",
		  true },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		struct ohc_document doc = OHC_DOCUMENT_INIT;
		struct ohc_store *s;
		size_t n = 0;

		while (n < 4 && cases[i].files[n].path)
			n++;
		make_tar("d.tar", cases[i].files, n);
		s = open_docker("d.tar", "");
		assert_int_equal(s != NULL, cases[i].opens);
		if (s)
			assert_true(ohc_store_get_manifest(s, NULL, &doc, &err) < 0);
		assert_message(cases[i].message);
		ohc_store_close(s);
	}
}

static void test_bad_tars(void **state)
{
	static const struct {
		struct file files[2];
		const char *message;
	} cases[] = {
		{ { { "a", "1", NULL }, { "./a", "2", NULL } }, "has two entries named 'a'" },
		{ { { "../a", "1", NULL } }, "leads out of it: '../a'" },
		{ { { "b/../../a", "1", NULL } }, "leads out of it" },
	};
	char garbage[4096];

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		make_tar("a.tar", cases[i].files, cases[i].files[1].path ? 2 : 1);
		assert_null(open_oci("a.tar"));
		assert_message(cases[i].message);
		assert_int_equal(err.code, OHC_E_FORMAT);
	}
	memset(garbage, 'x', sizeof(garbage));
	images_write("a.tar", garbage, sizeof(garbage));
	assert_null(open_oci("a.tar"));
	assert_message("is not a valid tar");
	images_write("a.tar", "", 0);
	assert_null(open_oci("a.tar"));
	assert_message("is empty, and no archive");
	assert_null(open_oci("none.tar"));
	assert_int_equal(err.code, OHC_E_NOT_FOUND);
	assert_null(open_oci("."));
	assert_message("is a directory, and no archive");
}

/* Wherever it is cut, nothing but the whole is taken for an image. */
static void test_cut_anywhere(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf all = OHC_BUF_INIT;
	struct ohc_store *s = create("oci-archive", "a.tar", "");
	struct ohc_descriptor d;

	(void)state;
	d = images_put(s, "t", "abc", 5000);
	finish(s);
	assert_int_equal(ohc_file_read(images_path("a.tar"), 1 << 20, &all, &err), 0);
	for (size_t cut = 0; cut < all.len - 1024; cut += 97) {
		images_write("cut.tar", all.data, cut);
		s = open_oci("cut.tar");
		if (s) /* cut behind index.json's text */
			images_assert(s, "t", &d);
		ohc_store_close(s);
		assert_true(s || err.code == OHC_E_FORMAT || err.code == OHC_E_NOT_FOUND);
	}
}

static void compress(const char *tool, const char *from, const char *to)
{
	ohc_cleanup(ohc_freep) char *cmd =
		ohc_xasprintf("%s -c '%s' >'%s'", tool, images_path(from), images_path(to));

	assert_int_equal(system(cmd), 0);
}

/* Large enough that not everything is kept in memory, read out of order and at the same time. */
static void test_compressed_archives(void **state)
{
	static const char *const tools[] = { "gzip -1", "zstd -q" };
	struct ohc_store *s = create("oci-archive", "a.tar", "");
	struct ohc_descriptor d[4];
	char tag[8];

	(void)state;
	for (int i = 0; i < 4; i++) {
		snprintf(tag, sizeof(tag), "t%d", i);
		d[i] = images_put(s, tag, tag, 3000000);
	}
	finish(s);
	for (size_t k = 0; k < OHC_ARRAY_SIZE(tools); k++) {
		struct ohc_source *a, *b;
		struct ohc_archive *files = NULL;
		const struct ohc_archive_file *f;
		char x[10], y[10];

		compress(tools[k], "a.tar", "a.tar.z");
		s = open_oci("a.tar.z");
		assert_non_null(s);
		assert_true(s->serial);
		for (int i = 3; i >= 0; i--) {
			snprintf(tag, sizeof(tag), "t%d", i);
			images_assert(s, tag, &d[i]);
		}
		ohc_store_close(s);
		assert_int_equal(ohc_archive_open(images_path("a.tar.z"), NULL, &files, &err), 0);
		f = ohc_archive_find(files, "oci-layout");
		assert_non_null(f);
		a = ohc_archive_source(files, f);
		b = ohc_archive_source(files, f);
		assert_int_equal(ohc_source_read_full(a, x, 10, &err), 10);
		assert_int_equal(ohc_source_read_full(b, y, 10, &err), 10);
		assert_memory_equal(x, y, 10);
		ohc_source_close(a);
		ohc_source_close(b);
		ohc_archive_close(files);
	}
}

static void test_stream_seeks(void **state)
{
	struct ohc_store *s = create("oci-archive", "a.tar", "");
	struct ohc_archive *files = NULL;
	const struct ohc_archive_file *f = NULL;
	ohc_cleanup(ohc_freep) char *path = NULL;
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	struct ohc_source *src;
	char buf[4];

	(void)state;
	images_put(s, "t", "0123456789", 3000000);
	finish(s);
	compress("gzip -1", "a.tar", "a.tar.gz");
	s = open_oci("a.tar.gz");
	assert_int_equal(ohc_store_get_manifest(s, "t", &doc, &err), 0);
	assert_int_equal(ohc_manifest_parse(&doc, &m, &err), 0);
	ohc_store_close(s);
	assert_int_equal(ohc_archive_open(images_path("a.tar.gz"), NULL, &files, &err), 0);
	path = ohc_xasprintf("blobs/sha256/%s", m.layers[0].digest + 7);
	f = ohc_archive_find(files, path);
	assert_non_null(f);
	src = ohc_archive_source(files, f);
	for (size_t i = 0; i < 5; i++) {
		static const uint64_t offsets[] = { 2000005, 3, 3, 2999997, 0 };

		assert_int_equal(ohc_source_seek(src, offsets[i], &err), 0);
		assert_int_equal(ohc_source_read_full(src, buf, 3, &err), 3);
		assert_int_equal(buf[0], '0' + (char)(offsets[i] % 10));
	}
	assert_true(ohc_source_seek(src, 3000001, &err) < 0);
	ohc_source_close(src);
	ohc_archive_close(files);
}

/* ---- writing where there is no going back ---- */

static char *fixed_path(void *ctx)
{
	return ohc_xstrdup(ctx);
}

struct failing_source {
	struct ohc_source source;
	size_t left;
};

static ssize_t failing_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *e)
{
	struct failing_source *f = (struct failing_source *)src;

	if (f->left == 0)
		return ohc_error_set(e, OHC_E_NETWORK, "the line went dead");
	n = n < f->left ? n : f->left;
	memset(buf, 'x', n);
	f->left -= n;
	return (ssize_t)n;
}

static const struct ohc_source_ops failing = { failing_read, NULL, NULL };

static void test_pipe(void **state)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *hello = ohc_source_memory("hello", 5);
	ohc_cleanup(ohc_source_closep) struct ohc_source *read = NULL;
	struct failing_source dead = { { &failing }, 100 };
	struct ohc_tar_reader *r;
	struct ohc_tar_out *t = NULL;
	struct ohc_tar_entry e;
	char path[32], data[8];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[1]);
	assert_int_equal(ohc_tar_out_open(path, &t, &err), 0);
	close(fds[1]);
	/* Its size shows at its end, so it waits in a temporary file. */
	assert_int_equal(ohc_tar_out_source(t, hello, -1, fixed_path, "a/b", &err), 0);
	/* Over 8 GiB, which breaks off. */
	assert_int_equal(ohc_tar_out_source(t, &dead.source, 9ll << 30, fixed_path, "big", &err),
			 -OHC_E_NETWORK);
	assert_int_equal(ohc_tar_out_bytes(t, "c", "", 0, &err), -OHC_E_FAILED);
	assert_message("broke off within a file");
	assert_int_equal(ohc_tar_out_finish(t, &err), -OHC_E_FAILED);
	ohc_tar_out_free(t);

	read = ohc_source_fd(fds[0], "pipe");
	r = ohc_tar_reader_new(read, "pipe");
	assert_int_equal(ohc_tar_next(r, &e, &err), 1);
	assert_string_equal(e.path, "a/b");
	assert_int_equal(ohc_tar_read(r, data, 8, &err), 5);
	assert_memory_equal(data, "hello", 5);
	assert_int_equal(ohc_tar_next(r, &e, &err), 1);
	assert_string_equal(e.path, "big");
	assert_true(e.size == 9ll << 30);
	ohc_tar_reader_free(r);
}

static void test_file_goes_back(void **state)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *hello = ohc_source_memory("hello", 5);
	ohc_cleanup(ohc_source_closep) struct ohc_source *again = ohc_source_memory("hello", 5);
	struct failing_source dead = { { &failing }, 100000 }, dead2 = { { &failing }, 3000 };
	struct ohc_archive *a = NULL;
	struct ohc_tar_out *t = NULL;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf got = OHC_BUF_INIT;

	(void)state;
	assert_int_equal(ohc_tar_out_open(images_path("t.tar"), &t, &err), 0);
	assert_int_equal(ohc_tar_out_source(t, &dead.source, -1, fixed_path, "dead", &err),
			 -OHC_E_NETWORK);
	assert_int_equal(ohc_tar_out_source(t, hello, -1, fixed_path, "a", &err), 0);
	assert_int_equal(ohc_tar_out_source(t, &dead2.source, 5000, fixed_path, "dead", &err),
			 -OHC_E_NETWORK);
	assert_int_equal(ohc_tar_out_source(t, again, 6, fixed_path, "short", &err), -OHC_E_DIGEST);
	assert_int_equal(ohc_tar_out_bytes(t, "b", "bye", 3, &err), 0);
	assert_int_equal(ohc_tar_out_finish(t, &err), 0);
	ohc_tar_out_free(t);
	assert_int_equal(ohc_archive_open(images_path("t.tar"), NULL, &a, &err), 0);
	assert_null(ohc_archive_find(a, "dead"));
	assert_null(ohc_archive_find(a, "short"));
	assert_int_equal(ohc_archive_read(a, ohc_archive_find(a, "a"), 5, &got, &err), 0);
	assert_int_equal(ohc_archive_read(a, ohc_archive_find(a, "b"), 3, &got, &err), 0);
	assert_string_equal(got.data, "hellobye");
	ohc_archive_close(a);
}

static void test_same_inputs_same_bytes(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf a = OHC_BUF_INIT, b = OHC_BUF_INIT;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct ohc_store *s = create("docker-archive", i ? "b.tar" : "a.tar", ":x:1");

		images_put(s, "1", "a", 1000);
		finish(s);
	}
	assert_int_equal(ohc_file_read(images_path("a.tar"), 1 << 20, &a, &err), 0);
	assert_int_equal(ohc_file_read(images_path("b.tar"), 1 << 20, &b, &err), 0);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, images_setup, images_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_oci_archive_round_trip),
		TEST(test_docker_archive_round_trip),
		TEST(test_oci_archive_holds_all_once),
		TEST(test_size_of_a_blob),
		TEST(test_docker_archive_takes_no_foreign_layer),
		TEST(test_docker_archive_takes_no_index),
		TEST(test_docker_tag_moves),
		TEST(test_docker_same_image_other_annotations),
		TEST(test_docker_save_of_old),
		TEST(test_compressed_layers),
		TEST(test_bad_docker_archives),
		TEST(test_bad_tars),
		TEST(test_cut_anywhere),
		TEST(test_compressed_archives),
		TEST(test_stream_seeks),
		TEST(test_pipe),
		TEST(test_file_goes_back),
		TEST(test_same_inputs_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
