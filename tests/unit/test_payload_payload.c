// SPDX-License-Identifier: Apache-2.0
/* One tree as a directory, a tar and an image: whoever asks gets the same answers. */
#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compose/payload/source.h"
#include "compose/push/push.h"
#include "core/alloc.h"
#include "layout/files/facts.h"
#include "tree.h"

#define TREE                                                                       \
	"elf /bin/x needed=libc.so.6 interp=/lib64/ld-linux-x86-64.so.2 pie=1\n"   \
	"file /lib/plain.txt 'nothing of interest'\n"                              \
	"link /bin/link x\n"                                                       \
	"file /py/a-1.dist-info/METADATA 'Name: a\\nRequires-Dist: b\\n\\nLong'\n" \
	"dir /empty\n"

static struct ohc_error err;
static struct test_tree tree;
static struct ohc_transports *transports;
static struct ohc_peek *peek;
static char old_cwd[4096];
static const struct ohc_making_rules rules = {
	.uid = 5, .gid = 6, .codec = { OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, false }
};

static void make_image(void)
{
	struct ohc_push_options o = OHC_PUSH_OPTIONS_INIT;
	struct ohc_image_result r = OHC_IMAGE_RESULT_INIT;

	o.base = "scratch";
	o.dest = "oci:image:1";
	o.profile = "none";
	o.owner = "5:6";
	ohc_strv_add(&o.payloads, "d:/p/q");
	assert_ok(ohc_push(transports, &o, &r, &err), &err);
	ohc_strv_clear(&o.payloads);
	ohc_image_result_clear(&r);
}

static int setup(void **state)
{
	static const struct ohc_registry_options none = { 0 };
	static const struct ohc_peek_options options = { .hook = &ohc_facts_hook };

	(void)state;
	tree_make(&tree, TREE);
	if (!getcwd(old_cwd, sizeof(old_cwd)) || chdir(tree.dir) || mkdir("d", 0755) ||
	    system("mv bin lib py empty d && tar -C d -cf d.tar ."))
		return -1;
	transports = ohc_transports_new(&none, &none);
	peek = ohc_peek_new(&options);
	make_image();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ohc_peek_free(peek);
	ohc_transports_free(transports);
	if (chdir(old_cwd))
		return -1;
	tree_remove(&tree);
	return 0;
}

struct opened {
	struct ohc_payload_source source;
	struct ohc_payload *payload;
};

static struct opened open_payload(const char *spec, enum ohc_payload_look look)
{
	const struct ohc_payload_opener opener = { transports, peek, &rules, look };
	struct opened o = { .payload = NULL };
	struct ohc_platform host;

	ohc_platform_host(&host);
	assert_ok(ohc_payload_spec_parse(spec, &o.source.spec, &err), &err);
	assert_ok(ohc_payload_source_look(&o.source, &rules, &err), &err);
	assert_ok(ohc_payload_open(&opener, &o.source, &host, false, &o.payload, &err), &err);
	return o;
}

static void close_payload(struct opened *o)
{
	ohc_payload_free(o->payload);
	ohc_payload_source_clear(&o->source);
}

static void assert_entry(const struct ohc_layer_entry *a, const struct ohc_layer_entry *b)
{
	assert_string_equal(a->path, b->path);
	assert_int_equal(a->mode, b->mode);
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->gid, b->gid);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->mtime, b->mtime);
	assert_int_equal(!a->link, !b->link);
	if (a->link)
		assert_string_equal(a->link, b->link);
	assert_int_equal(a->n_facts, b->n_facts);
	if (a->n_facts)
		assert_memory_equal(a->facts, b->facts, a->n_facts);
}

static void assert_entries(const struct ohc_buf *a, const struct ohc_buf *b)
{
	static struct ohc_layer_index_iter x, y;
	struct ohc_layer_entry e, f;
	size_t n = 0;
	int more;

	ohc_layer_index_iter_start(&x, a->data, a->len, "a");
	ohc_layer_index_iter_start(&y, b->data, b->len, "b");
	while ((more = ohc_layer_index_iter_next(&x, &e, &err)) > 0) {
		assert_int_equal(ohc_layer_index_iter_next(&y, &f, &err), 1);
		assert_entry(&e, &f);
		n++;
	}
	assert_int_equal(more, 0);
	assert_int_equal(ohc_layer_index_iter_next(&y, &f, &err), 0);
	assert_int_equal(n, 10);
}

static void assert_same(struct ohc_payload *dir, struct ohc_payload *other)
{
	static const struct {
		const char *path;
		bool has;
	} cases[] = {
		{ "/p/q/bin/x", true },     { "/p/q/bin/link", true }, { "/p/q/bin", false },
		{ "/p/q/bin/none", false }, { "/p/q/empty", false },
	};
	const struct ohc_buf *a, *b;

	assert_ok(ohc_payload_entries(dir, &a, &err), &err);
	assert_ok(ohc_payload_entries(other, &b, &err), &err);
	assert_entries(a, b);
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		assert_int_equal(ohc_payload_has(dir, cases[i].path), cases[i].has);
		assert_int_equal(ohc_payload_has(other, cases[i].path), cases[i].has);
	}
}

static void all_answer_alike(void **state)
{
	static const struct {
		const char *spec;
		enum ohc_payload_look look;
		enum ohc_part_kind kind;
	} cases[] = {
		{ "d.tar:/p/q", OHC_PAYLOAD_TRUST, OHC_PART_MADE },
		{ "oci:image:1:/p/q", OHC_PAYLOAD_TRUST, OHC_PART_STORED },
		{ "oci:image:1:/p/q", OHC_PAYLOAD_EXTRACT, OHC_PART_MADE },
	};
	struct opened dir = open_payload("d:/p/q", OHC_PAYLOAD_TRUST);

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		struct opened o = open_payload(cases[i].spec, cases[i].look);
		struct ohc_parts parts = { .n = 0 };

		assert_same(dir.payload, o.payload);
		ohc_payload_add_parts(o.payload, &parts);
		assert_int_equal(parts.n, 1);
		assert_int_equal(parts.v[0].kind, cases[i].kind);
		ohc_parts_clear(&parts);
		close_payload(&o);
	}
	close_payload(&dir);
}

/* The layer is the same tar, however it is made. */
static void layers_are_the_same(void **state)
{
	static const char *const specs[] = { "d:/p/q", "d.tar:/p/q", "oci:image:1:/p/q" };
	char first[OHC_DIGEST_MAX] = "";

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(specs); i++) {
		struct opened o = open_payload(specs[i], OHC_PAYLOAD_EXTRACT);
		struct ohc_parts parts = { .n = 0 };
		const struct ohc_making *m;
		struct ohc_source *src;
		ohc_cleanup(ohc_buf_clear) struct ohc_buf bytes = OHC_BUF_INIT;
		char digest[OHC_DIGEST_MAX];

		ohc_payload_add_parts(o.payload, &parts);
		m = parts.v[0].making;
		assert_ok(m->prepare ? m->prepare(m->ctx, &err) : 0, &err);
		src = ohc_layer_source(m->write, m->ctx, &rules.codec, 1);
		assert_ok(ohc_source_read_all(src, 1 << 20, &bytes, &err), &err);
		ohc_source_close(src);
		ohc_digest_of(bytes.data, bytes.len, digest);
		if (i == 0)
			memcpy(first, digest, sizeof(first));
		assert_string_equal(digest, first);
		ohc_parts_clear(&parts);
		close_payload(&o);
	}
}

/* One owner after another lets it go; the last one frees it (as AddressSanitizer sees). */
static void several_own_one(void **state)
{
	struct opened o = open_payload("d.tar:/p/q", OHC_PAYLOAD_TRUST);

	(void)state;
	assert_ptr_equal(o.payload, o.source.local);
	assert_int_equal(o.payload->refs, 2);
	ohc_payload_free(o.payload);
	assert_true(ohc_payload_has(o.source.local, "/p/q/bin/x"));
	ohc_payload_source_clear(&o.source);
}

static struct opened open_by(const struct ohc_making_rules *r, const char *spec)
{
	const struct ohc_payload_opener opener = { transports, peek, r, OHC_PAYLOAD_TRUST };
	struct opened o = { .payload = NULL };
	struct ohc_platform host;

	ohc_platform_host(&host);
	assert_ok(ohc_payload_spec_parse(spec, &o.source.spec, &err), &err);
	assert_ok(ohc_payload_source_look(&o.source, r, &err), &err);
	assert_ok(ohc_payload_open(&opener, &o.source, &host, false, &o.payload, &err), &err);
	return o;
}

/* With these rules and what is remembered the payload is as without a memory. */
static void assert_as_without_cache(const struct ohc_making_rules *with, const char *spec)
{
	struct ohc_making_rules without = *with;
	struct opened a, b;
	const struct ohc_buf *x, *y;

	without.cache = NULL;
	a = open_by(with, spec);
	b = open_by(&without, spec);
	assert_ok(ohc_payload_entries(a.payload, &x, &err), &err);
	assert_ok(ohc_payload_entries(b.payload, &y, &err), &err);
	assert_entries(x, y);
	close_payload(&a);
	close_payload(&b);
}

/* The key by which the layer is remembered. */
static char *key_of(const struct ohc_making_rules *r, const char *spec)
{
	struct opened o = open_by(r, spec);
	struct ohc_parts parts = { .n = 0 };
	char *key;

	ohc_payload_add_parts(o.payload, &parts);
	key = ohc_xstrdup(parts.v[0].making->key);
	ohc_parts_clear(&parts);
	close_payload(&o);
	return key;
}

/* Another owner, another place: what was remembered is of the first. */
static void what_is_remembered_is_of_its_rules(void **state)
{
	static const char *const sources[] = { "d", "d.tar" };
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *cache = NULL;
	struct ohc_making_rules first = rules, uid, gid;

	(void)state;
	ohc_cache_open("cache", 0, NULL, &cache);
	first.cache = cache;
	uid = gid = first;
	uid.uid = 70;
	gid.gid = 80;
	sleep(4); /* until what was made here is at rest */
	for (size_t i = 0; i < OHC_ARRAY_SIZE(sources); i++) {
		ohc_cleanup(ohc_freep) char *here = ohc_xasprintf("%s:/p/q", sources[i]);
		ohc_cleanup(ohc_freep) char *there = ohc_xasprintf("%s:/p/r", sources[i]);
		ohc_cleanup(ohc_freep) char *one = NULL, *other = NULL;

		assert_as_without_cache(&first, here);
		assert_as_without_cache(&first, here);
		assert_as_without_cache(&uid, here);
		assert_as_without_cache(&gid, here);
		assert_as_without_cache(&first, there);
		one = key_of(&first, here);
		other = key_of(&first, there);
		assert_non_null(one);
		assert_string_not_equal(one, other);
	}
}

static void assert_votes(const struct ohc_making_rules *r, const char *spec, const char *expected)
{
	struct opened o = open_by(r, spec);
	const struct ohc_arch_votes *votes = NULL, *again = NULL;
	ohc_cleanup(ohc_freep) char *text = NULL;

	assert_ok(ohc_payload_votes(o.payload, &votes, &err), &err);
	text = ohc_arch_votes_text(votes);
	assert_string_equal(text, expected);
	assert_ok(ohc_payload_votes(o.payload, &again, &err), &err);
	assert_ptr_equal(votes, again);
	close_payload(&o);
}

/* The cache tells the next run for which processors the files are, and none of their entries is
 * read for that; what it does not tell as it should is counted. */
static void votes_are_counted_once(void **state)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *cache = NULL;
	struct ohc_making_rules mine = rules;
	ohc_cleanup(ohc_freep) char *key = NULL;
	struct opened o;

	(void)state;
	ohc_cache_open("votes", 0, NULL, &cache);
	mine.cache = cache;
	assert_votes(&mine, "d:/p/q", "amd64 1\n");
	o = open_by(&mine, "d:/p/q");
	key = ohc_xasprintf("%s %s", ohc_facts_hook.version, ohc_payload_identity(o.payload));
	close_payload(&o);
	ohc_cache_put(cache, "payload-votes", key, "arm64 7\n", 8);
	assert_votes(&mine, "d:/p/q", "arm64 7\n");
	ohc_cache_put(cache, "payload-votes", key, "arm64 7\nmany", 12);
	assert_votes(&mine, "d:/p/q", "amd64 1\n");
}

/* It may change again, and keep its times. */
static void nothing_is_remembered_of_what_just_changed(void **state)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *cache = NULL;
	struct ohc_making_rules mine = rules;
	struct opened o;

	(void)state;
	ohc_cache_open("cache", 0, NULL, &cache);
	mine.cache = cache;
	assert_int_equal(chmod("d/lib/plain.txt", 0644), 0);
	o = open_by(&mine, "d:/p/q");
	assert_null(ohc_payload_identity(o.payload));
	close_payload(&o);
	assert_int_equal(chmod("d.tar", 0644), 0);
	o = open_by(&mine, "d.tar:/p/q");
	assert_null(ohc_payload_identity(o.payload));
	close_payload(&o);
}

static void what_is_neither_is_refused(void **state)
{
	struct ohc_payload_source s = { .local = NULL };

	(void)state;
	assert_ok(ohc_payload_spec_parse("/dev/null:/p/q", &s.spec, &err), &err);
	assert_fails(ohc_payload_source_look(&s, &rules, &err), OHC_E_USAGE, &err,
		     "'/dev/null' is neither a directory nor a tar");
	ohc_payload_source_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_answer_alike),
		cmocka_unit_test(layers_are_the_same),
		cmocka_unit_test(several_own_one),
		cmocka_unit_test(what_is_remembered_is_of_its_rules),
		cmocka_unit_test(votes_are_counted_once),
		cmocka_unit_test(nothing_is_remembered_of_what_just_changed),
		cmocka_unit_test(what_is_neither_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
