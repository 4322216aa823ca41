// SPDX-License-Identifier: Apache-2.0
/* Half a million entries, from the tar's bytes to the merged tree: under 64 MiB and in seconds. */
#include "unit.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tars.h"

#include "core/alloc.h"
#include "layout/rootfs/rootfs.h"
#include "layout/rootfs/scan.h"

#define ENTRIES 500000u

/* A tar without end or memory: a header an entry, made when it is read. */
struct many {
	struct ohc_source source;
	unsigned int n, of;
	struct ohc_buf header;
	size_t given;
};

static ssize_t many_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct many *m = (struct many *)src;
	char path[100];

	(void)err;
	if (m->given == m->header.len) {
		if (m->n > m->of)
			return 0;
		ohc_buf_truncate(&m->header, 0);
		m->given = 0;
		for (int i = 0; i < 200 && m->n < m->of; i++, m->n++) {
			snprintf(path, sizeof(path),
				 "usr/lib/python3/dist-packages/package%04u/module_%06u.py",
				 m->n / 40, m->n);
			tar_header(&m->header, '0', path, NULL, 0644, 0, 0, 0);
		}
		if (m->n == m->of) {
			tar_end(&m->header);
			m->n++;
		}
	}
	if (n > m->header.len - m->given)
		n = m->header.len - m->given;
	memcpy(buf, m->header.data + m->given, n);
	m->given += n;
	return (ssize_t)n;
}

static void many_close(struct ohc_source *src)
{
	ohc_buf_clear(&((struct many *)src)->header);
}

static int scan(unsigned int n, struct ohc_layer_index *ret, struct ohc_error *err)
{
	static const struct ohc_source_ops ops = { many_read, NULL, many_close };
	struct many m = { .source = { &ops }, .of = n };
	struct ohc_scan s = { .what = "layer x", .size = 1 << 30 };
	int rc = ohc_scan_layer(&m.source, &s, ret, err);

	many_close(&m.source);
	return rc;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

/* Memory that sanitizers add does not count. */
static void assert_small(void)
{
#ifndef SANITIZED
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	assert_in_range(u.ru_maxrss, 1, 64 * 1024);
#endif
}

static void test_half_a_million_entries(void **state)
{
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = ohc_rootfs_new();
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_rootfs_place place;

	(void)state;
	assert_ok(scan(ENTRIES, &x, &err), &err);
	assert_int_equal(x.n_entries, ENTRIES);
	assert_ok(ohc_rootfs_apply(fs, x.bytes.data, x.bytes.len, "layer x", &err), &err);
	ohc_layer_index_clear(&x);
	ohc_rootfs_find(fs, "/usr/lib/python3/dist-packages/package12499/module_499999.py",
			OHC_FOLLOW, &place);
	assert_int_equal(place.found, OHC_FOUND);
	ohc_rootfs_place_clear(&place);
	assert_small();
}

/* Scripts and programs, of which facts are kept. */
static void test_half_a_million_entries_with_facts(void **state)
{
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = ohc_rootfs_new();
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_layer_entry e = { .mode = S_IFREG | 0755, .size = 20 };
	struct ohc_rootfs_place place;
	char path[100];

	(void)state;
	for (unsigned int i = 0; i < ENTRIES; i++) {
		snprintf(path, sizeof(path), "usr/lib/package%04u/script_%06u", i / 40, i);
		e.path = path;
		e.facts = "#!/bin/sh";
		e.n_facts = 9;
		ohc_layer_index_add(&x, &e);
	}
	assert_ok(ohc_rootfs_apply(fs, x.bytes.data, x.bytes.len, "layer x", &err), &err);
	ohc_layer_index_clear(&x);
	ohc_rootfs_find(fs, "/usr/lib/package12499/script_499999", OHC_FOLLOW, &place);
	assert_int_equal(place.found, OHC_FOUND);
	assert_int_equal(place.file.n_facts, 9);
	assert_memory_equal(place.file.facts, "#!/bin/sh", 9);
	ohc_rootfs_place_clear(&place);
	assert_small();
}

/* Refused at the limit, which bounds the time as well. */
static void test_ten_million_entries(void **state)
{
	struct ohc_layer_index x = OHC_LAYER_INDEX_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	(void)state;
	assert_fails(scan(10000000, &x, &err), OHC_E_FORMAT, &err, "layer x has");
	assert_small();
}

int main(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 1 << 20); /* as the program has it */
#endif
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_half_a_million_entries),
		cmocka_unit_test(test_half_a_million_entries_with_facts),
		cmocka_unit_test(test_ten_million_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
