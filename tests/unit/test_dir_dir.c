// SPDX-License-Identifier: Apache-2.0
/* The image layout as a store: what it writes, what it reads, what it leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/interrupt.h"
#include "core/newfile.h"
#include "oci/dir/dir.h"
#include "oci/documents/index_table.h"

static char *in(const char *name)
{
	return ohc_xasprintf("%s/%s", scratch_dir, name);
}

static void write_file(const char *name, const char *text)
{
	ohc_cleanup(ohc_freep) char *path = in(name);
	struct ohc_error err = OHC_ERROR_INIT;

	assert_int_equal(ohc_file_write(path, text, strlen(text), 0644, &err), 0);
}

static bool exists(const char *name)
{
	ohc_cleanup(ohc_freep) char *path = in(name);
	struct stat st;

	return lstat(path, &st) == 0;
}

static size_t files_below(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	size_t n = 0;

	if (!d)
		return 0;
	while ((entry = readdir(d))) {
		ohc_cleanup(ohc_freep) char *sub = ohc_xasprintf("%s/%s", path, entry->d_name);

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		n += entry->d_type == DT_DIR ? files_below(sub) : 1;
	}
	closedir(d);
	return n;
}

static struct ohc_store *open_layout(const char *name, enum ohc_dir_mode mode)
{
	ohc_cleanup(ohc_freep) char *dir = in(name);
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = NULL;
	int rc = ohc_dir_open(dir, mode, NULL, &s, &err);

	assert_string_equal(err.msg, "");
	assert_int_equal(rc, 0);
	return s;
}

/* A manifest with the given annotation, so that different ones have different digests. */
static void make_document(struct ohc_document *doc, const char *note)
{
	ohc_buf_addf(
		&doc->bytes,
		"{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"%s\","
		"\"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61c"
		"aaff8a\",\"size\":2},\"layers\":[],\"annotations\":{\"note\":\"%s\"}}",
		OHC_MEDIA_OCI_MANIFEST, OHC_MEDIA_OCI_EMPTY, note);
	ohc_descriptor_of(&doc->d, OHC_MEDIA_OCI_MANIFEST, doc->bytes.data, doc->bytes.len);
}

static struct ohc_descriptor put_image(struct ohc_store *s, const char *tag, const char *note)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	assert_int_equal(ohc_store_put_bytes(s, "{}", 2, OHC_MEDIA_OCI_EMPTY, NULL, &err), 0);
	make_document(&doc, note);
	assert_int_equal(ohc_store_put_manifest(s, tag, &doc, &err), 0);
	return doc.d;
}

static void assert_image(struct ohc_store *s, const char *ref, const struct ohc_descriptor *want)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	int rc = ohc_store_get_manifest(s, ref, &doc, &err);

	assert_string_equal(err.msg, "");
	assert_int_equal(rc, 0);
	assert_string_equal(doc.d.digest, want->digest);
}

static void assert_no_image(struct ohc_store *s, const char *ref, int code, const char *message)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	assert_int_equal(ohc_store_get_manifest(s, ref, &doc, &err), -code);
	if (!strstr(err.msg, message))
		assert_string_equal(err.msg, message);
}

static void assert_not_opened(const char *name, enum ohc_dir_mode mode, int code,
			      const char *message)
{
	ohc_cleanup(ohc_freep) char *dir = in(name);
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = NULL;

	assert_int_equal(ohc_dir_open(dir, mode, NULL, &s, &err), -code);
	assert_null(s);
	if (!strstr(err.msg, message))
		assert_string_equal(err.msg, message);
}

static void test_write_then_read(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_descriptor a, b;
	struct ohc_store *s = open_layout("x/y/l", OHC_LAYOUT_WRITE);
	struct ohc_strv tags = OHC_STRV_INIT;

	(void)state;
	assert_false(exists("x"));
	a = put_image(s, "one", "a");
	b = put_image(s, "two", "b");
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);

	s = open_layout("x/y/l", OHC_LAYOUT_READ);
	assert_image(s, "one", &a);
	assert_image(s, "two", &b);
	assert_image(s, a.digest, &a);
	assert_no_image(s, "three", OHC_E_NOT_FOUND,
			"has no tag 'three': it has the tags 'one' and 'two'");
	assert_no_image(s, NULL, OHC_E_NOT_FOUND, "several images: say which by tag or digest");
	assert_int_equal(ohc_store_list_tags(s, &tags, &err), 0);
	assert_int_equal(tags.n, 2);
	assert_string_equal(tags.v[0], "one");
	ohc_strv_clear(&tags);
	ohc_store_close(s);
}

static void test_blob_round_trip(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf back = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *data = ohc_xcalloc(1, 3000000);
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = ohc_source_memory(data, 3000000);
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);
	struct ohc_descriptor d;
	bool there = true;

	(void)state;
	memset(data, 'x', 3000000);
	assert_int_equal(ohc_store_put_blob(s, src, NULL, OHC_MEDIA_OCI_LAYER, &d, &err), 0);
	assert_int_equal(d.size, 3000000);
	assert_int_equal(ohc_store_has_blob(s, &d, &there, &err), 0);
	assert_true(there);
	assert_int_equal(ohc_store_read_blob(s, &d, &back, &err), 0);
	assert_int_equal(back.len, 3000000);
	assert_memory_equal(back.data, data, back.len);
	d.size++;
	assert_int_equal(ohc_store_has_blob(s, &d, &there, &err), 0);
	assert_false(there);
	d.size--;
	d.digest[70] = d.digest[70] == '0' ? '1' : '0';
	assert_int_equal(ohc_store_has_blob(s, &d, &there, &err), 0);
	assert_false(there);
	assert_int_equal(ohc_store_read_blob(s, &d, &back, &err), -OHC_E_NOT_FOUND);
	ohc_store_close(s);
}

static void test_broken_blob(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf back = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *name = NULL, *path = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);
	struct ohc_descriptor m = put_image(s, "t", "a"), d;
	bool there = true;

	(void)state;
	assert_int_equal(ohc_store_put_bytes(s, "hello", 5, "x/y", &d, &err), 0);
	name = ohc_xasprintf("l/blobs/sha256/%s", d.digest + 7);
	write_file(name, "hellO");
	assert_int_equal(ohc_store_read_blob(s, &d, &back, &err), -OHC_E_DIGEST);
	write_file(name, "hell");
	assert_int_equal(ohc_store_read_blob(s, &d, &back, &err), -OHC_E_DIGEST);
	assert_non_null(strstr(err.msg, "fewer bytes"));
	assert_int_equal(ohc_store_has_blob(s, &d, &there, &err), 0);
	assert_false(there); /* so that it is written again */
	free(name);
	name = ohc_xasprintf("l/blobs/sha256/%s", m.digest + 7);
	write_file(name, "{\"schemaVersion\":2}");
	assert_no_image(s, "t", OHC_E_DIGEST, "has 19 bytes");
	path = in(name);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_no_image(s, "t", OHC_E_FORMAT, "is not a regular file");
	ohc_store_close(s);
}

static void test_tag_moves(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *path = in("l/index.json");
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);
	struct ohc_descriptor b;

	(void)state;
	put_image(s, "t", "a");
	b = put_image(s, "t", "b");
	assert_image(s, "t", &b);
	assert_image(s, NULL, &b);
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);
	assert_int_equal(ohc_file_read(path, 10000, &text, &err), 0);
	assert_non_null(strstr(text.data, b.digest));
	assert_null(strstr(strstr(text.data, "sha256:") + 1, "sha256:"));
}

static void test_strangers_survive(void **state)
{
	static const char *const wanted[] = { "\"x-top\":[1]", "\"x-entry\":{\"a\":true}",
					      "application/xml", "blake3:00", "\"other\"" };
	struct ohc_error err = OHC_ERROR_INIT;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	ohc_cleanup(ohc_freep) char *path = in("l/index.json"), *dir = in("l");
	struct ohc_descriptor a;
	struct ohc_store *s;

	(void)state;
	assert_int_equal(mkdir(dir, 0755), 0);
	write_file("l/oci-layout", "{ \"imageLayoutVersion\" : \"1.0.0\" }\n");
	write_file("l/index.json",
		   "{\"schemaVersion\":2,\"x-top\":[1],\"manifests\":[{\"mediaType\":\"application/"
		   "xml\","
		   "\"digest\":\"blake3:00\",\"size\":1,\"x-entry\":{\"a\":true},\"annotations\":"
		   "{\"org.opencontainers.image.ref.name\":\"other\"}}]}");
	s = open_layout("l", OHC_LAYOUT_WRITE);
	a = put_image(s, "t", "a");
	assert_image(s, NULL, &a);
	assert_no_image(s, "other", OHC_E_FORMAT, "manifests[0] of");
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);
	assert_int_equal(ohc_file_read(path, 10000, &text, &err), 0);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(wanted); i++)
		assert_non_null(strstr(text.data, wanted[i]));
}

static void test_untagged(void **state)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);
	struct ohc_descriptor child, alone;

	(void)state;
	alone = put_image(s, NULL, "alone");
	child = put_image(s, NULL, "child");
	assert_no_image(s, NULL, OHC_E_NOT_FOUND, "lists no image");
	ohc_buf_addf(&doc.bytes,
		     "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\","
		     "\"size\":%lld}]}",
		     child.media_type, child.digest, (long long)child.size);
	ohc_descriptor_of(&doc.d, OHC_MEDIA_OCI_INDEX, doc.bytes.data, doc.bytes.len);
	assert_int_equal(ohc_store_put_manifest(s, NULL, &doc, &err), 0);
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);

	s = open_layout("l", OHC_LAYOUT_WRITE); /* two entries: `alone` and the index */
	assert_no_image(s, NULL, OHC_E_NOT_FOUND, "it has no tags");
	assert_image(s, child.digest, &child);
	assert_int_equal(ohc_store_delete_manifest(s, alone.digest, &err), 0);
	assert_image(s, NULL, &doc.d);
	ohc_store_close(s);
}

static void test_referrers(void **state)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT, list = doc;
	ohc_cleanup(ohc_document_clear) struct ohc_document old = OHC_DOCUMENT_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);
	struct ohc_descriptor image = put_image(s, "t", "image");

	(void)state;
	ohc_buf_addf(
		&doc.bytes,
		"{\"schemaVersion\":2,\"mediaType\":\"%s\",\"artifactType\":\"a/sbom\",\"config\":"
		"{\"mediaType\":\"%s\",\"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4f"
		"c21fe77e8310c060f61caaff8a\",\"size\":2},\"layers\":[],\"annotations\":{\"k\":"
		"\"v\"},"
		"\"subject\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%lld}}",
		OHC_MEDIA_OCI_MANIFEST, OHC_MEDIA_OCI_EMPTY, image.media_type, image.digest,
		(long long)image.size);
	ohc_descriptor_of(&doc.d, OHC_MEDIA_OCI_MANIFEST, doc.bytes.data, doc.bytes.len);
	assert_int_equal(ohc_store_put_manifest(s, NULL, &doc, &err), 0);
	assert_int_equal(ohc_store_finish(s, &err), 0);
	assert_int_equal(ohc_store_get_referrers(s, image.digest, &list, &err), 0);
	assert_non_null(strstr(list.bytes.data, doc.d.digest));
	assert_non_null(strstr(list.bytes.data, "\"artifactType\":\"a/sbom\""));
	assert_non_null(strstr(list.bytes.data, "\"annotations\":{\"k\":\"v\"}"));
	ohc_document_clear(&list);
	ohc_buf_addf(
		&old.bytes,
		"{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"a/config\","
		"\"digest\":\"%s\",\"size\":2},\"layers\":[],"
		"\"subject\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%lld}}",
		OHC_MEDIA_OCI_MANIFEST, image.digest, image.media_type, image.digest,
		(long long)image.size);
	ohc_descriptor_of(&old.d, OHC_MEDIA_OCI_MANIFEST, old.bytes.data, old.bytes.len);
	assert_int_equal(ohc_store_put_manifest(s, NULL, &old, &err), 0);
	assert_int_equal(ohc_store_finish(s, &err), 0);
	assert_int_equal(ohc_store_get_referrers(s, image.digest, &list, &err), 0);
	assert_non_null(strstr(list.bytes.data, "\"artifactType\":\"a/config\""));
	ohc_document_clear(&list);
	assert_int_equal(ohc_store_get_referrers(s, doc.d.digest, &list, &err), 0);
	assert_non_null(strstr(list.bytes.data, "\"manifests\":[]"));
	assert_image(s, NULL, &image); /* the only one with a tag */
	ohc_store_close(s);
}

static void test_what_is_no_layout(void **state)
{
	static const struct {
		const char *name, *oci_layout, *index, *message;
		int code;
	} cases[] = {
		{ "a", NULL, "{\"schemaVersion\":2,\"manifests\":[]}",
		  "is no OCI image layout: it has no 'oci-layout' file", OHC_E_FORMAT },
		{ "b", "{\"imageLayoutVersion\":\"2.0\"}", NULL,
		  "is '2.0', and only 1.0.0 is known", OHC_E_FORMAT },
		{ "c", "{}", NULL, "and only 1.0.0 is known", OHC_E_FORMAT },
		{ "d", "1.0.0", NULL, "is not valid JSON", OHC_E_FORMAT },
		{ "e", "{\"imageLayoutVersion\":1}", NULL, "is not a string", OHC_E_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		ohc_cleanup(ohc_freep) char *dir = in(cases[i].name);
		ohc_cleanup(ohc_freep) char *a = ohc_xasprintf("%s/oci-layout", cases[i].name);
		ohc_cleanup(ohc_freep) char *b = ohc_xasprintf("%s/index.json", cases[i].name);

		assert_int_equal(mkdir(dir, 0755), 0);
		if (cases[i].oci_layout)
			write_file(a, cases[i].oci_layout);
		if (cases[i].index)
			write_file(b, cases[i].index);
		assert_not_opened(cases[i].name, OHC_LAYOUT_READ, cases[i].code, cases[i].message);
	}
	assert_not_opened("none", OHC_LAYOUT_READ, OHC_E_NOT_FOUND, "No such file or directory");
	assert_not_opened("b", OHC_LAYOUT_WRITE, OHC_E_FORMAT, "only 1.0.0 is known");
	write_file("a/other", "x");
	assert_not_opened("a", OHC_LAYOUT_WRITE, OHC_E_FORMAT, "other things are in it");
	assert_not_opened("a/other", OHC_LAYOUT_WRITE, OHC_E_NOT_FOUND, "Not a directory");
}

static void test_bad_index(void **state)
{
	static const struct {
		const char *index, *message;
	} cases[] = {
		{ "{", "index.json' is not valid JSON: line 1" },
		{ "[]", "index.json' is not a JSON object" },
		{ "{\"schemaVersion\":1,\"manifests\":[]}", "has no schemaVersion 2" },
		{ "{\"schemaVersion\":2,\"manifests\":{}}", "'manifests' is not an array" },
		{ "{\"schemaVersion\":2,\"manifests\":[7]}", "manifests[0] is not a JSON object" },
		{ "{\"schemaVersion\":2,\"manifests\":[],\"manifests\":[]}", "duplicate" },
		{ "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}", "is a manifest" },
		{ "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:ABC\",\"size\":1}]}",
		  "malformed digest 'sha256:ABC'" },
		{ "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:../../"
		  "x\",\"size\":1}]}",
		  "manifests[0] of '" },
		{ "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:"
		  "44136fa355b3678a1146ad16f7e"
		  "8649e94fb4fc21fe77e8310c060f61caaff8a\",\"size\":-1}]}",
		  "has no valid size" },
		{ "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:"
		  "44136fa355b3678a1146ad16f7e"
		  "8649e94fb4fc21fe77e8310c060f61caaff8a\",\"size\":9223372036854775808}]}",
		  "too big integer" },
	};
	struct ohc_store *s;

	(void)state;
	s = open_layout("l", OHC_LAYOUT_WRITE);
	put_image(s, "t", "a");
	assert_int_equal(ohc_store_finish(s, NULL), 0);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		write_file("l/index.json", cases[i].index);
		assert_no_image(s, NULL, OHC_E_FORMAT, cases[i].message);
	}
	ohc_store_close(s);
}

static bool set_tag(json_t *index, const char *tag, const struct ohc_descriptor *d)
{
	ohc_cleanup(ohc_index_table_freep) struct ohc_index_table *t = ohc_index_table_new(index);

	return ohc_index_table_put(t, tag, d);
}

static void test_two_manifests_of_one_tag(void **state)
{
	ohc_cleanup(ohc_json_decref) json_t *index = ohc_index_json_new();
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_descriptor a, b, got;
	json_t *copy;

	(void)state;
	ohc_descriptor_of(&a, OHC_MEDIA_OCI_MANIFEST, "a", 1);
	ohc_descriptor_of(&b, OHC_MEDIA_OCI_MANIFEST, "b", 1);
	assert_true(set_tag(index, "t", &a));
	assert_false(set_tag(index, "t", &a));
	copy = json_deep_copy(json_array_get(json_object_get(index, "manifests"), 0));
	json_array_append_new(json_object_get(index, "manifests"), copy);
	assert_int_equal(ohc_index_json_find(index, "t", "x", &got, &err), 0);
	json_object_set_new(copy, "digest", json_string(b.digest));
	assert_int_equal(ohc_index_json_find(index, "t", "x", &got, &err), -OHC_E_FORMAT);
	assert_string_equal(err.msg, "x names different manifests with the one tag 't'");
	assert_true(set_tag(index, "t", &a)); /* mends it */
	assert_int_equal(ohc_index_json_find(index, "t", "x", &got, &err), 0);
	assert_string_equal(got.digest, a.digest);
	assert_true(ohc_index_json_list(index, &b));
	assert_false(ohc_index_json_list(index, &b));
	assert_true(set_tag(index, "t", &b)); /* the untagged entry becomes it */
	assert_int_equal(json_array_size(json_object_get(index, "manifests")), 1);
	assert_true(ohc_index_json_remove(index, "t"));
	assert_false(ohc_index_json_remove(index, "t"));
}

struct failing_source {
	struct ohc_source source;
	size_t left;
};

static ssize_t failing_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct failing_source *f = (struct failing_source *)src;

	if (f->left == 0)
		return ohc_error_set(err, OHC_E_NETWORK, "the line went dead");
	if (n > f->left)
		n = f->left;
	memset(buf, 'x', n);
	f->left -= n;
	return (ssize_t)n;
}

static void failing_close(struct ohc_source *src)
{
	(void)src;
}

static const struct ohc_source_ops failing = { failing_read, NULL, failing_close };

static void test_failure_leaves_nothing(void **state)
{
	struct failing_source f = { { &failing }, 2000000 };
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("deep/l", OHC_LAYOUT_WRITE);

	(void)state;
	assert_int_equal(ohc_store_put_bytes(s, "hello", 5, "x/y", NULL, &err), 0);
	assert_true(exists("deep/l/oci-layout"));
	assert_int_equal(ohc_store_put_blob(s, &f.source, NULL, "x/y", NULL, &err), -OHC_E_NETWORK);
	ohc_store_close(s);
	assert_false(exists("deep"));
}

static void test_failure_keeps_what_was_there(void **state)
{
	ohc_cleanup(ohc_freep) char *dir = in("l");
	struct failing_source f = { { &failing }, 2000000 };
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);
	ohc_cleanup(ohc_source_closep) struct ohc_source *again = ohc_source_memory("older", 5);
	struct ohc_descriptor a = put_image(s, "t", "a"), older;
	bool there = false;
	size_t before;

	(void)state;
	assert_int_equal(ohc_store_put_bytes(s, "older", 5, "x/y", &older, &err), 0);
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);
	before = files_below(dir);
	s = open_layout("l", OHC_LAYOUT_WRITE);
	assert_int_equal(ohc_store_put_bytes(s, "hello", 5, "x/y", NULL, &err), 0);
	/* A stream's digest is known at its end alone, when the blob may prove to be an old one. */
	assert_int_equal(ohc_store_put_blob(s, again, NULL, "x/y", NULL, &err), 0);
	assert_int_equal(ohc_store_put_blob(s, &f.source, NULL, "x/y", NULL, &err), -OHC_E_NETWORK);
	ohc_store_close(s);
	assert_int_equal(files_below(dir), before);
	s = open_layout("l", OHC_LAYOUT_READ);
	assert_image(s, "t", &a);
	assert_int_equal(ohc_store_has_blob(s, &older, &there, &err), 0);
	assert_true(there);
	ohc_store_close(s);
}

/* A list of images that is larger than what we read would be a layout that nobody can read: both
 * sides of the limit. */
static void test_too_many_images(void **state)
{
	static const char head[] =
		"{\"schemaVersion\":2,\"manifests\":[],\"annotations\":{\"a\":\"";
	ohc_cleanup(ohc_freep) char *index = NULL, *path = in("l/index.json");
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);

	(void)state;
	put_image(s, "t", "a");
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);
	index = ohc_xasprintf("%s%*s\"}}", head, (int)(OHC_INDEX_JSON_MAX - sizeof(head) - 2), "");
	assert_int_equal(strlen(index), OHC_INDEX_JSON_MAX);
	write_file("l/index.json", index);
	s = open_layout("l", OHC_LAYOUT_WRITE);
	put_image(s, "u", "b");
	assert_int_equal(ohc_store_finish(s, &err), -OHC_E_UNSUPPORTED);
	ohc_store_close(s);
	assert_int_equal(ohc_file_read(path, OHC_INDEX_JSON_MAX, &text, &err), 0);
	assert_string_equal(ohc_buf_str(&text), index);

	strcpy(index + OHC_INDEX_JSON_MAX - 1000, "\"}}");
	write_file("l/index.json", index);
	s = open_layout("l", OHC_LAYOUT_WRITE);
	put_image(s, "u", "b");
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);
}

/* Another writer may have found our blob and counts on it. */
static void test_failure_beside_another_writer(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE), *other;
	struct ohc_descriptor d;
	bool there = false;

	(void)state;
	assert_int_equal(ohc_store_put_bytes(s, "hello", 5, "x/y", &d, &err), 0);
	other = open_layout("l", OHC_LAYOUT_WRITE);
	assert_int_equal(ohc_store_has_blob(other, &d, &there, &err), 0);
	assert_true(there);
	ohc_store_close(s);
	assert_int_equal(ohc_store_has_blob(other, &d, &there, &err), 0);
	assert_true(there);
	put_image(other, "t", "a");
	assert_int_equal(ohc_store_finish(other, &err), 0);
	ohc_store_close(other);

	/* And one that came and went meanwhile: index.json is not as it was. */
	s = open_layout("l", OHC_LAYOUT_WRITE);
	assert_int_equal(ohc_store_put_bytes(s, "world", 5, "x/y", &d, &err), 0);
	other = open_layout("l", OHC_LAYOUT_WRITE);
	put_image(other, "u", "b");
	assert_int_equal(ohc_store_finish(other, &err), 0);
	ohc_store_close(other);
	ohc_store_close(s);
	s = open_layout("l", OHC_LAYOUT_READ);
	assert_int_equal(ohc_store_has_blob(s, &d, &there, &err), 0);
	assert_true(there);
	ohc_store_close(s);
}

static void test_full_disk(void **state)
{
	ohc_cleanup(ohc_freep) char *data = ohc_xcalloc(1, 3000000);
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = ohc_source_memory(data, 3000000);
	struct rlimit old, small = { 1000000, RLIM_INFINITY };
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);
	struct ohc_descriptor d;
	int rc;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rc = ohc_store_put_blob(s, src, NULL, "x/y", NULL, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(rc, -OHC_E_FAILED);
	assert_int_equal(err.sys, EFBIG);

	ohc_descriptor_of(&d, "x/y", data, 3000000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(ohc_source_seek(src, 0, &err), 0);
	rc = ohc_store_put_blob(s, src, &d, NULL, NULL, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(rc, -OHC_E_FAILED);
	assert_non_null(strstr(err.msg, ": File too large"));
	ohc_store_close(s);
	assert_false(exists("l"));
}

static void test_read_only(void **state)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);

	(void)state;
	put_image(s, "t", "a");
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);
	s = open_layout("l", OHC_LAYOUT_READ);
	make_document(&doc, "b");
	assert_int_equal(ohc_store_put_manifest(s, "t", &doc, &err), -OHC_E_UNSUPPORTED);
	ohc_store_close(s);
}

#define WRITERS 4
#define IMAGES  12

static void *writer(void *arg)
{
	long id = (long)arg;

	for (int i = 0; i < IMAGES; i++) {
		struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);
		ohc_cleanup(ohc_freep) char *tag = ohc_xasprintf("w%ld-%d", id, i);
		struct ohc_error err = OHC_ERROR_INIT;

		put_image(s, tag, tag);
		assert_int_equal(ohc_store_finish(s, &err), 0);
		ohc_store_close(s);
	}
	return NULL;
}

/* Threads and processes at once, from no directory on: no tag is lost. */
static void test_many_writers(void **state)
{
	pthread_t threads[WRITERS];
	struct ohc_strv tags = OHC_STRV_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		writer((void *)100);
		_exit(0);
	}
	for (long i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, writer, (void *)i), 0);
	for (long i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	s = open_layout("l", OHC_LAYOUT_READ);
	assert_int_equal(ohc_store_list_tags(s, &tags, &err), 0);
	assert_int_equal(tags.n, (WRITERS + 1) * IMAGES);
	for (size_t i = 0; i < tags.n; i++) {
		ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;

		assert_int_equal(ohc_store_get_manifest(s, tags.v[i], &doc, &err), 0);
		assert_non_null(strstr(doc.bytes.data, tags.v[i]));
	}
	ohc_strv_clear(&tags);
	ohc_store_close(s);
}

/* A layout that a kill left half made is completed. */
static void test_half_made(void **state)
{
	ohc_cleanup(ohc_freep) char *a = in("l"), *b = in("l/blobs");
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_descriptor d;
	struct ohc_store *s;

	(void)state;
	assert_int_equal(mkdir(a, 0755), 0);
	assert_int_equal(mkdir(b, 0755), 0);
	write_file("l/" OHC_TMP_PREFIX "0000", "{");
	s = open_layout("l", OHC_LAYOUT_WRITE);
	assert_no_image(s, "t", OHC_E_NOT_FOUND, "holds no image yet");
	d = put_image(s, "t", "a");
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);
	s = open_layout("l", OHC_LAYOUT_READ);
	assert_image(s, "t", &d);
	ohc_store_close(s);
}

static void test_sha512_is_read(void **state)
{
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA512);
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = ohc_source_memory("hello", 5);
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);
	struct ohc_descriptor d;
	bool there = false;

	(void)state;
	ohc_hash_update(h, "hello", 5);
	ohc_descriptor_of(&d, "x/y", "hello", 5);
	ohc_digest_end(h, OHC_SHA512, d.digest);
	assert_int_equal(ohc_store_put_blob(s, src, &d, NULL, NULL, &err), 0);
	assert_int_equal(ohc_store_has_blob(s, &d, &there, &err), 0);
	assert_true(there);
	assert_true(exists("l/blobs/sha512"));
	ohc_store_close(s);
	assert_false(exists("l"));
}

static ino_t inode_of(const char *name)
{
	ohc_cleanup(ohc_freep) char *path = in(name);
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_ino;
}

static int transfer(const char *to, const struct ohc_descriptor *d, struct ohc_error *err)
{
	struct ohc_store *from = open_layout("from", OHC_LAYOUT_READ);
	struct ohc_store *s = open_layout(to, OHC_LAYOUT_WRITE);
	int rc = ohc_store_transfer(from, s, d, NULL, err);

	if (rc == 0)
		rc = ohc_store_finish(s, err);
	ohc_store_close(s);
	ohc_store_close(from);
	return rc;
}

static void assert_blob_is(const char *name, const struct ohc_descriptor *d, const char *text)
{
	struct ohc_store *s = open_layout(name, OHC_LAYOUT_READ);
	ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	assert_int_equal(ohc_store_read_blob(s, d, &bytes, &err), 0);
	assert_string_equal(ohc_buf_str(&bytes), text);
	ohc_store_close(s);
}

/* From layout to layout a blob may be a clone of the file (tests/integration/layout_share.sh),
 * never another name of it, and what it holds is read and proved. */
static void test_shared_blob(void **state)
{
	ohc_cleanup(ohc_freep) char *from = NULL, *other = NULL;
	struct ohc_store *s = open_layout("from", OHC_LAYOUT_WRITE);
	struct ohc_error err = OHC_ERROR_INIT;
	ohc_cleanup(ohc_freep) char *bad = in("bad");
	struct ohc_descriptor d;
	size_t n;

	(void)state;
	assert_int_equal(ohc_store_put_bytes(s, "some bytes", 10, "x/y", &d, &err), 0);
	assert_int_equal(ohc_store_finish(s, &err), 0);
	ohc_store_close(s);
	from = ohc_xasprintf("from/blobs/sha256/%s", ohc_digest_hex(d.digest));
	other = ohc_xasprintf("other/blobs/sha256/%s", ohc_digest_hex(d.digest));

	assert_int_equal(transfer("to", &d, &err), 0);
	assert_blob_is("to", &d, "some bytes");
	n = files_below(scratch_dir);
	assert_int_equal(transfer("to", &d, &err), 0); /* once more: no other name stays */
	assert_int_equal(files_below(scratch_dir), n);

	assert_int_equal(transfer("other", &d, &err), 0);
	assert_blob_is("other", &d, "some bytes");
	assert_int_not_equal(inode_of(other), inode_of(from));

	write_file(from, "same size!");
	assert_int_equal(transfer("bad", &d, &err), -OHC_E_DIGEST);
	assert_non_null(strstr(err.msg, "is not what its name promises"));
	assert_int_equal(files_below(bad), 0);
}

static int watch(const char *name)
{
	ohc_cleanup(ohc_freep) char *dir = in(name);
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(inotify_add_watch(fd, dir, IN_MOVED_TO) >= 0);
	return fd;
}

/* How often index.json was replaced since the watch began or was asked last. */
static unsigned int replaced(int watch)
{
	char buf[4096] __attribute__((aligned(8)));
	unsigned int n = 0;
	ssize_t len;

	while ((len = read(watch, buf, sizeof(buf))) > 0)
		for (char *p = buf; p < buf + len;) {
			const struct inotify_event *e = (const void *)p;

			n += strcmp(e->name, "index.json") == 0;
			p += sizeof(*e) + e->len;
		}
	return n;
}

/* Tags wait for the end, and are set together with what has none; who asks meanwhile sees them. */
static void test_one_edit(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);
	struct ohc_descriptor old, second;
	struct ohc_strv tags = OHC_STRV_INIT;
	int fd;

	(void)state;
	old = put_image(s, "old", "old");
	assert_int_equal(ohc_store_finish(s, &err), 0);
	fd = watch("l");
	put_image(s, "t", "a");
	second = put_image(s, "t", "b");
	put_image(s, NULL, "c");
	assert_image(s, "t", &second);
	assert_no_image(s, "none", OHC_E_NOT_FOUND, "has no tag 'none'");
	assert_int_equal(replaced(fd), 0);
	assert_int_equal(ohc_store_finish(s, &err), 0);
	assert_int_equal(replaced(fd), 1);
	assert_int_equal(ohc_store_finish(s, &err), 0);
	assert_int_equal(replaced(fd), 0);
	assert_image(s, "t", &second);
	assert_no_image(s, NULL, OHC_E_NOT_FOUND, "lists several images");
	assert_image(s, "old", &old);
	assert_int_equal(ohc_store_list_tags(s, &tags, &err), 0);
	assert_int_equal(tags.n, 2);
	ohc_strv_clear(&tags);
	close(fd);
	ohc_store_close(s);
}

/* Where index.json cannot be edited, further tags are refused, and nothing else happens; when it
 * can be edited again, all that were taken are set. */
static void test_more_tags_than_wait(void **state)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_strv tags = OHC_STRV_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_store *s = open_layout("l", OHC_LAYOUT_WRITE);
	size_t taken = 0;

	(void)state;
	put_image(s, "first", "a");
	assert_int_equal(ohc_store_finish(s, &err), 0);
	write_file("l/index.json", "broken");
	make_document(&doc, "a");
	for (int i = 0; i < 1200; i++) {
		ohc_cleanup(ohc_freep) char *tag = ohc_xasprintf("t%d", i);
		int rc = ohc_store_put_manifest(s, tag, &doc, &err);

		assert_true(rc == 0 || rc == -OHC_E_FORMAT);
		taken += rc == 0;
	}
	assert_in_range(taken, 1, 1199);
	write_file("l/index.json", "{\"schemaVersion\":2,\"manifests\":[]}");
	assert_int_equal(ohc_store_put_manifest(s, "last", &doc, &err), 0);
	assert_int_equal(ohc_store_list_tags(s, &tags, &err), 0);
	assert_int_equal(tags.n, taken + 1);
	ohc_strv_clear(&tags);
	ohc_store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_write_then_read, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_blob_round_trip, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_broken_blob, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_tag_moves, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_strangers_survive, scratch_make,
						scratch_remove),
		cmocka_unit_test_setup_teardown(test_untagged, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_referrers, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_what_is_no_layout, scratch_make,
						scratch_remove),
		cmocka_unit_test_setup_teardown(test_bad_index, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_two_manifests_of_one_tag, scratch_make,
						scratch_remove),
		cmocka_unit_test_setup_teardown(test_failure_leaves_nothing, scratch_make,
						scratch_remove),
		cmocka_unit_test_setup_teardown(test_too_many_images, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_failure_keeps_what_was_there, scratch_make,
						scratch_remove),
		cmocka_unit_test_setup_teardown(test_failure_beside_another_writer, scratch_make,
						scratch_remove),
		cmocka_unit_test_setup_teardown(test_full_disk, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_read_only, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_many_writers, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_half_made, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_sha512_is_read, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_shared_blob, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_one_edit, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(test_more_tags_than_wait, scratch_make,
						scratch_remove),
	};

	ohc_interrupt_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
