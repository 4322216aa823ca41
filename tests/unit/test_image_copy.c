// SPDX-License-Identifier: Apache-2.0
/* Copying blobs between stores: what moves, what is told of it, what stops it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/meter.h"
#include "oci/image/copy.h"
#include "oci/dir/dir.h"

#define N_BLOBS 20

static struct ohc_store *from, *to;
static struct ohc_descriptor blobs[N_BLOBS];
static struct ohc_error err;

static struct ohc_store *open_layout(const char *name)
{
	ohc_cleanup(ohc_freep) char *dir = ohc_xasprintf("%s/%s", scratch_dir, name);
	struct ohc_store *s = NULL;

	assert_int_equal(ohc_dir_open(dir, OHC_LAYOUT_WRITE, NULL, &s, &err), 0);
	return s;
}

static int setup(void **state)
{
	ohc_cleanup(ohc_freep) char *data = ohc_xcalloc(1, 70000);

	memset(&err, 0, sizeof(err));
	if (scratch_make(state))
		return -1;
	from = open_layout("from");
	to = open_layout("to");
	for (size_t i = 0; i < N_BLOBS; i++) {
		data[0] = (char)i;
		assert_int_equal(ohc_store_put_bytes(from, data, 70000, OHC_MEDIA_OCI_LAYER_GZIP,
						     &blobs[i], &err),
				 0);
	}
	return 0;
}

static int teardown(void **state)
{
	ohc_store_close(from);
	ohc_store_close(to);
	return scratch_remove(state);
}

/* A report that adds up. */
struct counting {
	struct ohc_report report;
	_Atomic uint64_t bytes, total;
	atomic_int begun, kept, copied, foreign, failed;
	atomic_int now, most; /* under way */
	bool slow;
};

static struct ohc_task *begin(struct ohc_report *r, const char *verb, const char *subject,
			      uint64_t total)
{
	struct counting *c = (struct counting *)r;

	assert_string_equal(verb, "copy");
	assert_non_null(strstr(subject, " sha256:"));
	atomic_fetch_add(&c->begun, 1);
	if (atomic_fetch_add(&c->now, 1) >= c->most)
		c->most = c->now;
	if (c->slow)
		usleep(50000);
	atomic_fetch_add(&c->total, total);
	return ohc_xcalloc(1, sizeof(struct ohc_task));
}

static void advance(struct ohc_task *t, uint64_t n)
{
	atomic_fetch_add(&((struct counting *)t->report)->bytes, n);
}

static void end(struct ohc_task *t, const char *outcome)
{
	struct counting *c = (struct counting *)t->report;

	atomic_fetch_add(!outcome                         ? &c->failed
			 : strcmp(outcome, "kept") == 0   ? &c->kept
			 : strcmp(outcome, "copied") == 0 ? &c->copied
							  : &c->foreign,
			 1);
	atomic_fetch_sub(&c->now, 1);
	free(t);
}

static void message(struct ohc_report *r, enum ohc_level level, const char *text)
{
	(void)r;
	(void)level;
	(void)text;
}

static const struct ohc_report_ops counting_ops = { message, begin, advance, end };

static void test_only_what_is_missing(void **state)
{
	struct counting c = { .report = { &counting_ops, OHC_NOTICE } };
	enum ohc_copy_action actions[N_BLOBS];

	(void)state;
	assert_int_equal(ohc_copy_blob(from, to, &blobs[3], NULL, &actions[0], &err), 0);
	assert_int_equal(actions[0], OHC_COPY_COPIED);
	assert_int_equal(ohc_copy_blobs(from, to, blobs, N_BLOBS, 4, &c.report, actions, &err), 0);
	for (size_t i = 0; i < N_BLOBS; i++)
		assert_int_equal(actions[i], i == 3 ? OHC_COPY_KEPT : OHC_COPY_COPIED);
	assert_int_equal(c.begun, N_BLOBS);
	assert_int_equal(c.kept, 1);
	assert_int_equal(c.copied, N_BLOBS - 1);
	assert_int_equal(c.total, 70000 * N_BLOBS);
	assert_int_equal(c.bytes, 70000 * (N_BLOBS - 1));
	for (size_t i = 0; i < N_BLOBS; i++) {
		ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;

		assert_int_equal(ohc_store_read_blob(to, &blobs[i], &b, &err), 0);
		assert_int_equal(b.data[0], (char)i);
	}
}

static void test_same_digest_twice(void **state)
{
	struct ohc_descriptor twice[6] = { blobs[0], blobs[0], blobs[1],
					   blobs[0], blobs[1], blobs[2] };
	struct counting c = { .report = { &counting_ops, OHC_NOTICE } };
	enum ohc_copy_action actions[6];

	(void)state;
	assert_int_equal(ohc_copy_blobs(from, to, twice, 6, 6, &c.report, actions, &err), 0);
	assert_int_equal(c.bytes, 3 * 70000);
	assert_int_equal(actions[0], OHC_COPY_COPIED);
	assert_int_equal(actions[1], OHC_COPY_KEPT);
	assert_int_equal(actions[3], OHC_COPY_KEPT);
	assert_int_equal(actions[5], OHC_COPY_COPIED);
}

static void test_foreign_layers_stay_where_they_are(void **state)
{
	struct counting c = { .report = { &counting_ops, OHC_NOTICE } };
	enum ohc_copy_action action;
	struct ohc_descriptor d;
	bool there = true;

	(void)state;
	ohc_descriptor_of(&d, OHC_MEDIA_DOCKER_FOREIGN, "nowhere", 7);
	assert_int_equal(ohc_copy_blobs(from, to, &d, 1, 2, &c.report, &action, &err), 0);
	assert_int_equal(action, OHC_COPY_FOREIGN);
	assert_int_equal(c.foreign, 1);
	assert_int_equal(ohc_store_has_blob(to, &d, &there, &err), 0);
	assert_false(there);
}

/* One digest, first as a layer that lies elsewhere, then as one of the image's own. */
static void test_foreign_and_then_ordinary(void **state)
{
	struct ohc_descriptor both[2] = { blobs[0], blobs[0] };
	enum ohc_copy_action actions[2];
	bool there = false;

	(void)state;
	ohc_descriptor_set(&both[0], OHC_MEDIA_DOCKER_FOREIGN, blobs[0].digest, blobs[0].size);
	assert_int_equal(ohc_copy_blobs(from, to, both, 2, 2, NULL, actions, &err), 0);
	assert_int_equal(actions[0], OHC_COPY_FOREIGN);
	assert_int_equal(actions[1], OHC_COPY_COPIED);
	assert_int_equal(ohc_store_has_blob(to, &both[1], &there, &err), 0);
	assert_true(there);
}

/* A pipe or an archive in the making gives and takes one blob at a time. */
static void test_one_at_a_time(void **state)
{
	struct counting c = { .report = { &counting_ops, OHC_NOTICE }, .slow = true };

	(void)state;
	assert_int_equal(ohc_copy_blobs(from, to, blobs, 8, 4, &c.report, NULL, &err), 0);
	assert_true(c.most > 1);
	c.most = 0;
	from->serial = true;
	assert_int_equal(ohc_copy_blobs(from, to, blobs + 8, 8, 4, &c.report, NULL, &err), 0);
	assert_int_equal(c.most, 1);
	c.most = 0;
	from->serial = false;
	to->serial = true;
	assert_int_equal(ohc_copy_blobs(from, to, blobs + 16, 4, 4, &c.report, NULL, &err), 0);
	assert_int_equal(c.most, 1);
}

static void test_a_broken_blob_arrives_nowhere(void **state)
{
	ohc_cleanup(ohc_freep) char *path =
		ohc_xasprintf("%s/from/blobs/sha256/%s", scratch_dir, blobs[5].digest + 7);
	ohc_cleanup(ohc_freep) char *data = ohc_xcalloc(1, 70000);
	struct counting c = { .report = { &counting_ops, OHC_NOTICE } };
	bool there = true;

	(void)state;
	data[0] = 'x';
	assert_int_equal(ohc_file_write(path, data, 70000, 0644, &err), 0);
	assert_int_equal(ohc_copy_blobs(from, to, blobs, N_BLOBS, 1, &c.report, NULL, &err),
			 -OHC_E_DIGEST);
	assert_non_null(strstr(err.msg, blobs[5].digest));
	assert_non_null(strstr(err.msg, "is not what its name promises"));
	assert_int_equal(c.copied, 5); /* in order, and none after the failure */
	assert_int_equal(c.failed, 1);
	assert_int_equal(ohc_store_has_blob(to, &blobs[5], &there, &err), 0);
	assert_false(there);
}

static void test_meter_counts_each_byte_once(void **state)
{
	struct counting c = { .report = { &counting_ops, OHC_NOTICE } };
	struct ohc_task *t = ohc_task_begin(&c.report, "copy", "blob sha256:", 10);
	struct ohc_source *below = ohc_source_memory("0123456789", 10);
	struct ohc_source *src = ohc_meter_source(below, t);
	char buf[16];

	(void)state;
	assert_true(ohc_source_can_seek(src));
	assert_int_equal(ohc_source_read(src, buf, 6, &err), 6);
	assert_int_equal(ohc_source_seek(src, 2, &err), 0);
	assert_int_equal(ohc_source_read(src, buf, 3, &err), 3);
	assert_int_equal(c.bytes, 6);
	assert_int_equal(ohc_source_read(src, buf, 16, &err), 5);
	assert_memory_equal(buf, "56789", 5);
	assert_int_equal(c.bytes, 10);
	assert_int_equal(ohc_source_read(src, buf, 16, &err), 0);
	ohc_task_end(t, "copied");
	ohc_source_close(src);
	ohc_source_close(below);
}

static void test_titles(void **state)
{
	static const struct {
		const char *media, *title;
	} cases[] = {
		{ OHC_MEDIA_DOCKER_LAYER, "layer sha256:2cf24dba5fb0" },
		{ OHC_MEDIA_OCI_CONFIG, "config sha256:2cf24dba5fb0" },
		{ OHC_MEDIA_OCI_MANIFEST, "manifest sha256:2cf24dba5fb0" },
		{ OHC_MEDIA_DOCKER_LIST, "index sha256:2cf24dba5fb0" },
		{ "text/plain", "blob sha256:2cf24dba5fb0" },
	};

	(void)state;
	for (size_t i = 0; i < OHC_ARRAY_SIZE(cases); i++) {
		struct ohc_descriptor d;
		ohc_cleanup(ohc_freep) char *title = NULL;

		ohc_descriptor_of(&d, cases[i].media, "hello", 5);
		title = ohc_copy_blob_title(&d);
		assert_string_equal(title, cases[i].title);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_only_what_is_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same_digest_twice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign_layers_stay_where_they_are, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_foreign_and_then_ordinary, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_broken_blob_arrives_nowhere, setup,
						teardown),
		cmocka_unit_test(test_meter_counts_each_byte_once),
		cmocka_unit_test(test_titles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
