// SPDX-License-Identifier: Apache-2.0
/* oci/store/store.c proves what passes through it, whatever the store below says. */
#include "unit.h"

#include "memory_store.h"

#include "core/alloc.h"
#include "core/cache.h"
#include "oci/documents/manifest.h"
#include "oci/store/documents.h"
#include "oci/store/held_tags.h"

#define MANIFEST "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}"

static struct ohc_store *store;

static int make_store(void **state)
{
	(void)state;
	store = memory_store_new("mem");
	return 0;
}

static int close_store(void **state)
{
	(void)state;
	ohc_store_close(store);
	return 0;
}

static int read_blob(const struct ohc_descriptor *d, struct ohc_buf *ret, struct ohc_error *err)
{
	ohc_buf_truncate(ret, 0);
	return ohc_store_read_blob(store, d, ret, err);
}

static void test_blob(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	struct ohc_descriptor d, lie;
	struct ohc_error err = OHC_ERROR_INIT;
	bool there = false;

	(void)state;
	memory_store_blob(store, "a/b", "hello", &d);
	assert_ok(ohc_store_has_blob(store, &d, &there, &err), &err);
	assert_true(there);
	assert_ok(read_blob(&d, &b, &err), &err);
	assert_string_equal(b.data, "hello");
	assert_int_equal(store->stats.downloaded, 5);
	assert_int_equal(store->stats.uploaded, 5);

	lie = d;
	lie.size = 4;
	assert_fails(read_blob(&lie, &b, &err), OHC_E_DIGEST, &err, "more bytes than the 4");
	lie.size = 6;
	assert_fails(read_blob(&lie, &b, &err), OHC_E_DIGEST, &err, "fewer bytes than the 6");
	memory_store_raw(store, d.digest, "hellO", 5);
	assert_fails(read_blob(&d, &b, &err), OHC_E_DIGEST, &err, "its digest is sha256:");
	memory_store_raw(store, d.digest, "", 0);
	assert_fails(read_blob(&d, &b, &err), OHC_E_DIGEST, &err, "fewer bytes");
	lie.size = OHC_DOCUMENT_MAX + 1;
	assert_fails(read_blob(&lie, &b, &err), OHC_E_FORMAT, &err, "larger than the limit");
	ohc_descriptor_set(&lie, "a/b", SHA_A, 1);
	assert_fails(read_blob(&lie, &b, &err), OHC_E_NOT_FOUND, &err, SHA_A);
}

/* A source that failed at its end does not end well when it is asked again. */
static void test_failure_stays(void **state)
{
	struct ohc_descriptor d;
	struct ohc_source *src;
	struct ohc_error err = OHC_ERROR_INIT;
	char buf[16];

	(void)state;
	memory_store_blob(store, "a/b", "hello", &d);
	memory_store_raw(store, d.digest, "hellO", 5);
	assert_ok(ohc_store_open_blob(store, &d, &src, &err), &err);
	assert_int_equal(ohc_source_read(src, buf, 16, &err), 5);
	assert_fails((int)ohc_source_read(src, buf, 16, &err), OHC_E_DIGEST, &err, "its digest");
	assert_fails((int)ohc_source_read(src, buf, 16, &err), OHC_E_DIGEST, &err, "its digest");
	ohc_source_close(src);
}

static void test_sha512(void **state)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
	ohc_cleanup(ohc_hash_freep) struct ohc_hash *h = ohc_hash_new(OHC_SHA512);
	struct ohc_descriptor d = { .media_type = "a/b", .size = 5 };
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	ohc_hash_update(h, "hello", 5);
	ohc_digest_end(h, OHC_SHA512, d.digest);
	memory_store_raw(store, d.digest, "hello", 5);
	assert_ok(read_blob(&d, &b, &err), &err);
	memory_store_raw(store, d.digest, "hellO", 5);
	assert_fails(read_blob(&d, &b, &err), OHC_E_DIGEST, &err, "its digest is sha512:");
}

static void test_put(void **state)
{
	struct ohc_source *src = ohc_source_memory("hello", 5);
	struct ohc_descriptor d, got;
	struct ohc_error err = OHC_ERROR_INIT;
	size_t before;

	(void)state;
	ohc_descriptor_of(&d, "a/b", "hello", 5);
	assert_ok(ohc_store_put_blob(store, src, NULL, "c/d", &got, &err), &err);
	assert_string_equal(got.digest, d.digest);
	assert_string_equal(got.media_type, "c/d");
	assert_int_equal(got.size, 5);

	/* A blob that is not what was promised does not appear. */
	before = memory_store_count(store);
	ohc_descriptor_of(&d, "a/b", "other", 5);
	assert_ok(ohc_source_seek(src, 0, &err), &err);
	assert_fails(ohc_store_put_blob(store, src, &d, NULL, &got, &err), OHC_E_DIGEST, &err,
		     "its digest is");
	d.size = 9;
	assert_ok(ohc_source_seek(src, 0, &err), &err);
	assert_fails(ohc_store_put_blob(store, src, &d, NULL, &got, &err), OHC_E_DIGEST, &err,
		     "fewer bytes");
	assert_int_equal(memory_store_count(store), before);
	ohc_source_close(src);
}

static int get(const char *ref, struct ohc_error *err)
{
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc = ohc_store_get_manifest(store, ref, &doc, err);

	ohc_document_clear(&doc);
	return rc;
}

static void test_manifest(void **state)
{
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_descriptor d;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memory_store_manifest(store, "t", "", MANIFEST, &d);
	assert_ok(ohc_store_get_manifest(store, "t", &doc, &err), &err);
	assert_string_equal(doc.bytes.data, MANIFEST);
	assert_string_equal(doc.d.digest, d.digest);
	assert_string_equal(doc.d.media_type, OHC_MEDIA_OCI_MANIFEST);
	ohc_document_clear(&doc);
	assert_ok(get(d.digest, &err), &err);
	d.size++;
	assert_fails(ohc_store_get_child(store, &d, &doc, &err), OHC_E_DIGEST, &err,
		     "were promised");
	memory_store_raw(store, d.digest, MANIFEST " ", strlen(MANIFEST) + 1);
	assert_fails(get(d.digest, &err), OHC_E_DIGEST, &err, "its digest is sha256:");
	assert_fails(get("nobody", &err), OHC_E_NOT_FOUND, &err, "nobody");
}

static void test_bad_manifests(void **state)
{
	static const struct {
		const char *media_type, *text, *message;
	} rows[] = {
		{ "", "<html>", "line 1" },
		{ "", "{}", "no schemaVersion 2" },
		{ "", "{\"schemaVersion\":\"2\",\"layers\":[]}", "no schemaVersion 2" },
		{ "", "{\"schemaVersion\":3,\"layers\":[]}", "no schemaVersion 2" },
		{ "", "{\"schemaVersion\":1,\"fsLayers\":[]}", "Docker schema 1" },
		{ "", "{\"schemaVersion\":2}", "neither a manifest nor an index" },
		{ "", "{\"schemaVersion\":2,\"layers\":[],\"manifests\":[]}", "both an index" },
		{ "", "{\"schemaVersion\":2,\"config\":{},\"manifests\":[]}", "both an index" },
		{ "",
		  "{\"schemaVersion\":2,\"mediaType\":\"" OHC_MEDIA_OCI_INDEX "\",\"layers\":[]}",
		  "which it is not" },
		{ "",
		  "{\"schemaVersion\":2,\"mediaType\":\"" OHC_MEDIA_OCI_MANIFEST
		  "\",\"manifests\":[]}",
		  "which it is not" },
		{ "", "{\"schemaVersion\":2,\"mediaType\":7,\"layers\":[]}", "'mediaType'" },
		{ OHC_MEDIA_OCI_INDEX, MANIFEST, "but says of itself that it is" },
		{ OHC_MEDIA_DOCKER_MANIFEST,
		  "{\"schemaVersion\":2,\"mediaType\":\"" OHC_MEDIA_OCI_MANIFEST
		  "\",\"layers\":[]}",
		  "but says of itself that it is" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(rows); i++) {
		struct ohc_error err = OHC_ERROR_INIT;

		memory_store_manifest(store, "t", rows[i].media_type, rows[i].text, NULL);
		assert_fails(get("t", &err), OHC_E_FORMAT, &err, rows[i].message);
	}
}

static void test_large_manifest(void **state)
{
	size_t n = OHC_DOCUMENT_MAX + 1;
	ohc_cleanup(ohc_freep) char *text = ohc_xmalloc(n + 1);
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	memset(text, ' ', n);
	text[n] = '\0';
	memory_store_manifest(store, "t", "", text, NULL);
	assert_fails(get("t", &err), OHC_E_FORMAT, &err, "larger than the limit");
}

static int put_text(const char *tag, const char *media_type, const char *text,
		    struct ohc_error *err)
{
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	int rc;

	ohc_buf_adds(&doc.bytes, text);
	ohc_descriptor_of(&doc.d, media_type, text, strlen(text));
	rc = ohc_store_put_manifest(store, tag, &doc, err);
	ohc_document_clear(&doc);
	return rc;
}

#define EMPTY_INDEX "{\"schemaVersion\":2,\"manifests\":[]}"

/* A document that our own reader would refuse is not written; both sides of each limit. */
static void test_only_what_can_be_read_is_written(void **state)
{
	ohc_cleanup(ohc_freep) char *many = NULL, *large = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_descriptor d;

	(void)state;
	assert_ok(put_text("t", OHC_MEDIA_OCI_INDEX, EMPTY_INDEX, &err), &err);
	assert_ok(put_text("h.io/a:1", OHC_MEDIA_OCI_INDEX, EMPTY_INDEX, &err), &err);
	assert_fails(put_text("../x", OHC_MEDIA_OCI_INDEX, EMPTY_INDEX, &err), OHC_E_USAGE, &err,
		     "malformed name");
	assert_fails(put_text("t", OHC_MEDIA_OCI_MANIFEST, MANIFEST, &err), OHC_E_FORMAT, &err,
		     "config");
	assert_fails(put_text("t", OHC_MEDIA_OCI_INDEX, "{", &err), OHC_E_FORMAT, &err, "JSON");
	many = ohc_xmalloc(OHC_JSON_VALUES_MAX + 100);
	/* One more than there may be. */
	strcpy(many, "{\"manifests\":[],\"a\":[");
	memset(many + strlen(many), ',', OHC_JSON_VALUES_MAX - 3);
	strcpy(many + strlen("{\"manifests\":[],\"a\":[") + OHC_JSON_VALUES_MAX - 3, "]}");
	assert_fails(put_text("t", OHC_MEDIA_OCI_INDEX, many, &err), OHC_E_UNSUPPORTED, &err,
		     "more than 150000 JSON values, and could not be read again");
	large = ohc_xasprintf("{\"a\":\"%*s\"}", (int)OHC_DOCUMENT_MAX - 8, "");
	assert_int_equal(strlen(large), OHC_DOCUMENT_MAX);
	assert_ok(
		ohc_store_put_bytes(store, large, OHC_DOCUMENT_MAX, OHC_MEDIA_OCI_CONFIG, &d, &err),
		&err);
	free(large);
	large = ohc_xasprintf("{\"a\":\"%*s\"}", (int)OHC_DOCUMENT_MAX - 7, "");
	assert_fails(ohc_store_put_bytes(store, large, OHC_DOCUMENT_MAX + 1, OHC_MEDIA_OCI_CONFIG,
					 &d, &err),
		     OHC_E_UNSUPPORTED, &err, "could not be read again: the limit is 4194304");
	assert_fails(put_text("t", OHC_MEDIA_OCI_INDEX, large, &err), OHC_E_UNSUPPORTED, &err,
		     "the index would have 4194305 bytes");
	assert_ok(ohc_store_put_bytes(store, large, OHC_DOCUMENT_MAX + 1, "x/y", &d, &err), &err);
}

static int put_layers(size_t n, const char *config, struct ohc_error *err)
{
	ohc_cleanup(ohc_manifest_clear) struct ohc_manifest m = OHC_MANIFEST_INIT;
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_descriptor d;

	ohc_manifest_init(&m, OHC_FAMILY_OCI);
	ohc_descriptor_set(&d, OHC_MEDIA_OCI_LAYER, SHA_A, 1);
	for (size_t i = 0; i < n; i++)
		ohc_manifest_add_layer(&m, &d);
	if (config) {
		ohc_descriptor_set(&d, OHC_MEDIA_OCI_CONFIG, config, 1);
		ohc_manifest_set_config(&m, &d);
	}
	ohc_manifest_write(&m, &doc);
	return ohc_store_put_manifest(store, "t", &doc, err);
}

/* Also of those that are not parsed again, because our own code wrote them. */
static void test_only_what_can_be_read_is_written_of_ours(void **state)
{
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_ok(put_layers(OHC_LAYERS_MAX, SHA_A, &err), &err);
	assert_fails(put_layers(OHC_LAYERS_MAX + 1, SHA_A, &err), OHC_E_FORMAT, &err,
		     "has 4097 layers, the limit is 4096");
	assert_fails(put_layers(1, NULL, &err), OHC_E_FORMAT, &err, "config");
}

/* A store that tells a tag's digest, or does not, and counts what it is asked. */
static const char *told;
static unsigned int heads, gets;

static int head_tag(struct ohc_store *s, const char *tag, struct ohc_descriptor *ret,
		    struct ohc_error *err)
{
	(void)s, (void)err;
	heads++;
	if (strcmp(tag, "gone") == 0)
		return ohc_error_set(err, OHC_E_NOT_FOUND, "there is no image 'r.io/a:gone'");
	if (told)
		ohc_descriptor_set(ret, OHC_MEDIA_OCI_INDEX, told, sizeof(EMPTY_INDEX) - 1);
	return 0;
}

static int get_index(struct ohc_store *s, const char *ref, struct ohc_buf *ret, char *media,
		     struct ohc_error *err)
{
	(void)s, (void)ref, (void)media, (void)err;
	gets++;
	ohc_buf_adds(ret, EMPTY_INDEX);
	return 0;
}

static void test_recall(void **state)
{
	static const struct ohc_store_ops ops = { .head = head_tag, .get_manifest = get_index };
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *cache = NULL;
	struct ohc_store r = { .ops = &ops, .name = "r.io/a" };
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_descriptor d, index;

	(void)state;
	ohc_descriptor_of(&index, OHC_MEDIA_OCI_INDEX, EMPTY_INDEX, sizeof(EMPTY_INDEX) - 1);
	assert_ok(ohc_store_recall(&r, SHA_A, &d, &err), &err);
	assert_string_equal(d.digest, SHA_A); /* a digest says itself what it names */
	ohc_cache_open_own(NULL, &cache);
	r.documents = cache;
	r.held = ohc_held_tags_new();
	told = index.digest;

	assert_ok(ohc_store_recall(&r, "1", &d, &err), &err);
	assert_string_equal(d.digest, ""); /* nobody read it before: a HEAD would come on top */
	assert_int_equal(heads, 0);
	assert_ok(ohc_store_get_manifest(&r, "1", &doc, &err), &err);
	ohc_document_clear(&doc);
	assert_ok(ohc_store_recall(&r, "1", &d, &err), &err);
	assert_string_equal(d.digest, index.digest); /* it is held */
	assert_int_equal(heads + gets, 1);

	ohc_held_tags_free(r.held); /* the next run */
	r.held = ohc_held_tags_new();
	assert_ok(ohc_store_recall(&r, "1", &d, &err), &err);
	assert_string_equal(d.digest, index.digest);
	assert_ok(ohc_store_get_manifest(&r, "1", &doc, &err), &err);
	ohc_document_clear(&doc);
	assert_int_equal(heads, 1);
	assert_int_equal(gets, 1);
	assert_ok(ohc_store_resolve(&r, "2", &d, &err), &err);
	assert_ok(ohc_store_recall(&r, "2", &d, &err), &err); /* it is read by its digest now, … */
	assert_false(ohc_held_tags_read(r.held, r.name, "2"));
	assert_true(ohc_held_tags_read(r.held, r.name, "3"));
	ohc_held_tags_free(r.held);
	r.held = ohc_held_tags_new();
	assert_true(ohc_documents_knows(cache, r.name, "2")); /* … so the next run asks by HEAD */
	ohc_documents_know(cache, r.name, "gone");
	assert_fails(ohc_store_recall(&r, "gone", &d, &err), OHC_E_NOT_FOUND, &err, "a:gone");

	ohc_held_tags_free(r.held); /* a store that does not tell is not asked a second time */
	r.held = ohc_held_tags_new();
	told = NULL;
	heads = gets = 0;
	assert_ok(ohc_store_recall(&r, "1", &d, &err), &err);
	assert_string_equal(d.digest, "");
	assert_ok(ohc_store_get_manifest(&r, "1", &doc, &err), &err);
	ohc_document_clear(&doc);
	assert_int_equal(heads, 1);
	assert_int_equal(gets, 1);
	ohc_held_tags_free(r.held);
}

static void test_what_a_store_cannot(void **state)
{
	struct ohc_document doc = OHC_DOCUMENT_INIT;
	struct ohc_descriptor d;
	struct ohc_error err = OHC_ERROR_INIT;
	bool done = true;

	(void)state;
	assert_fails(ohc_store_get_referrers(store, SHA_A, &doc, &err), OHC_E_UNSUPPORTED, &err,
		     "'mem' cannot list referrers");
	assert_fails(ohc_store_delete_manifest(store, SHA_A, &err), OHC_E_UNSUPPORTED, &err,
		     "'mem' cannot delete");
	assert_ok(ohc_store_lists_referrers(store, &done, &err), &err);
	assert_true(done); /* it is not a tag that has them */
	ohc_descriptor_set(&d, "a/b", SHA_A, 1);
	assert_ok(ohc_store_mount_blob(store, &d, store, &done, &err), &err);
	assert_false(done);
	assert_ok(ohc_store_finish(store, &err), &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_blob, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_failure_stays, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_sha512, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_put, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_manifest, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_bad_manifests, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_large_manifest, make_store, close_store),
		cmocka_unit_test_setup_teardown(test_only_what_can_be_read_is_written, make_store,
						close_store),
		cmocka_unit_test_setup_teardown(test_only_what_can_be_read_is_written_of_ours,
						make_store, close_store),
		cmocka_unit_test(test_recall),
		cmocka_unit_test_setup_teardown(test_what_a_store_cannot, make_store, close_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
