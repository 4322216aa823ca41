// SPDX-License-Identifier: Apache-2.0
/*
 * Layers as they come from a registry, read once each and laid over one another: lengths as in
 * fuzz_index.c, but the bytes are tars.  What the scan lets pass, the reader of its index takes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/rootfs/rootfs.h"
#include "layout/rootfs/scan.h"
#include "layout/files/facts.h"
#include "tests/fuzz/scan_limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int apply(struct ohc_rootfs *fs, const uint8_t *data, size_t n)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = ohc_source_memory(data, n);
	struct ohc_scan scan = {
		.what = "input", .size = (int64_t)n, .limits = &scan_limits, .hook = &ohc_facts_hook
	};
	struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;
	struct ohc_error err = OHC_ERROR_INIT;
	int rc = ohc_scan_layer(src, &scan, &index, &err);

	if (rc == 0)
		rc = ohc_rootfs_apply(fs, ohc_buf_str(&index.bytes), index.bytes.len, "input",
				      &err);
	if (rc < 0 && strstr(err.msg, "the index of"))
		abort();
	ohc_layer_index_clear(&index);
	return rc;
}

static int check_file(void *ctx, const char *path, const struct ohc_file *f)
{
	struct ohc_facts facts;

	(void)ctx;
	if (*path != '/' || strstr(path, "/../") || f->n_data > f->size)
		abort();
	ohc_facts_read(f->facts, f->n_facts, &facts);
	ohc_facts_clear(&facts);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = ohc_rootfs_new();
	const uint8_t *end = data + size;
	size_t n;

	for (; end - data > 2; data += n) {
		n = data[0] + 256u * data[1];
		data += 2;
		if (n > (size_t)(end - data))
			n = (size_t)(end - data);
		if (apply(fs, data, n) < 0)
			return 0;
	}
	ohc_rootfs_walk(fs, "/", check_file, NULL);
	return 0;
}
