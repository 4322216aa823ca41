// SPDX-License-Identifier: Apache-2.0
/*
 * Indexes of layers, as a damaged cache may have them, laid over one another: each is two bytes of
 * length, the lower one first, and so many bytes.  What can be read can be written, and is then
 * read as the same; what is found in the merged tree by walking it is found by its path.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "layout/rootfs/layer_index.h"
#include "layout/rootfs/rootfs.h"
#include "layout/files/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool rewrite(const void *bytes, size_t n, struct ohc_layer_index *ret)
{
	ohc_cleanup(ohc_freep) struct ohc_layer_index_iter *it = ohc_xmalloc(sizeof(*it));
	struct ohc_layer_entry e;
	int rc;

	ohc_layer_index_iter_start(it, bytes, n, "input");
	while ((rc = ohc_layer_index_iter_next(it, &e, NULL)) > 0)
		ohc_layer_index_add(ret, &e);
	return rc == 0;
}

static void check_rewritten(const void *bytes, size_t n)
{
	struct ohc_layer_index once = OHC_LAYER_INDEX_INIT, twice = OHC_LAYER_INDEX_INIT;

	if (rewrite(bytes, n, &once)) {
		if (!rewrite(ohc_buf_str(&once.bytes), once.bytes.len, &twice) ||
		    once.n_entries != twice.n_entries || once.bytes.len != twice.bytes.len ||
		    memcmp(ohc_buf_str(&once.bytes), ohc_buf_str(&twice.bytes), once.bytes.len) !=
			    0)
			abort();
	}
	ohc_layer_index_clear(&once);
	ohc_layer_index_clear(&twice);
}

static int check_file(void *ctx, const char *path, const struct ohc_file *f)
{
	struct ohc_facts facts;
	struct ohc_rootfs_place place;

	ohc_rootfs_find(ctx, path, OHC_NOFOLLOW, &place);
	if (place.found != OHC_FOUND || place.file.id != f->id || strcmp(place.path, path) != 0)
		abort();
	ohc_rootfs_place_clear(&place);
	ohc_rootfs_find(ctx, path, OHC_FOLLOW, &place);
	if (place.found == OHC_FOUND && place.file.link)
		abort();
	ohc_rootfs_place_clear(&place);
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
		check_rewritten(data, n);
		if (ohc_rootfs_apply(fs, data, n, "input", NULL) < 0)
			return 0;
	}
	ohc_rootfs_walk(fs, "/", check_file, fs);
	return 0;
}
