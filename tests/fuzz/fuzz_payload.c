// SPDX-License-Identifier: Apache-2.0
/* Tars as payloads, from the bytes to the layer: whatever is let pass lies below the prefix,
 * once and in order, and its index says what a scan of the layer says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "layout/files/facts.h"
#include "layout/layer/pipeline.h"
#include "layout/layer/from_tar.h"
#include "tests/fuzz/scan_limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct last {
	char path[OHC_TAR_PATH_MAX + 2];
};

static void check_path(struct last *last, const struct ohc_layer_entry *e)
{
	char path[OHC_TAR_PATH_MAX + 2];

	snprintf(path, sizeof(path), "%s%s", e->path, S_ISDIR(e->mode) ? "/" : "");
	if (strncmp(path, "p/q", 3) != 0 || (path[3] && path[3] != '/') || strstr(path, "/../"))
		abort();
	if (strcmp(last->path, path) >= 0)
		abort();
	memcpy(last->path, path, sizeof(path));
}

static void check_index(const struct ohc_layer_index *x)
{
	ohc_cleanup(ohc_freep) struct ohc_layer_index_iter *it = ohc_xcalloc(1, sizeof(*it));
	struct last last = { "" };
	struct ohc_layer_entry e;
	struct ohc_error err = OHC_ERROR_INIT;
	int rc;

	ohc_layer_index_iter_start(it, ohc_buf_str(&x->bytes), x->bytes.len, "index");
	while ((rc = ohc_layer_index_iter_next(it, &e, &err)) > 0)
		check_path(&last, &e);
	if (rc < 0)
		abort();
}

static void compare(const struct ohc_from_tar *t, struct ohc_assembly *b)
{
	const struct ohc_codec codec = { OHC_COMPRESSION_NONE, OHC_LEVEL_DEFAULT, false };
	const struct ohc_scan scan = { .what = "layer", .size = 1 << 30, .hook = &ohc_facts_hook };
	struct ohc_assembly_layer layer = { .assembly = b, .uid = 7, .gid = 7 };
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_layer_source(ohc_assembly_write, &layer, &codec, 1);
	struct ohc_layer_index of_tree = OHC_LAYER_INDEX_INIT, of_layer = OHC_LAYER_INDEX_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	if (ohc_from_rootfs_index(&t->tree, 7, 7, &of_tree, NULL, &err) < 0)
		abort();
	check_index(&of_tree);
	if (ohc_scan_layer(src, &scan, &of_layer, &err) < 0)
		abort();
	check_index(&of_layer);
	if (of_tree.n_entries != of_layer.n_entries)
		abort();
	ohc_layer_index_clear(&of_tree);
	ohc_layer_index_clear(&of_layer);
}

/* The tree that is made of its index is the same. */
static void make_again(struct ohc_from_tar *t)
{
	struct ohc_layer_index first = OHC_LAYER_INDEX_INIT, second = OHC_LAYER_INDEX_INIT;
	struct ohc_error err = OHC_ERROR_INIT;

	if (ohc_from_tar_index(t, 7, 7, &first, &err) < 0 ||
	    ohc_from_tar_tree(t, &first, &err) < 0 ||
	    ohc_from_rootfs_index(&t->tree, 7, 7, &second, NULL, &err) < 0 ||
	    first.bytes.len != second.bytes.len ||
	    memcmp(ohc_buf_str(&first.bytes), ohc_buf_str(&second.bytes), first.bytes.len) != 0)
		abort();
	ohc_layer_index_clear(&first);
	ohc_layer_index_clear(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = ohc_source_memory(data, size);
	const struct ohc_tar_input in = { .src = src,
					  .what = "input",
					  .size = (int64_t)size,
					  .prefix = "/p/q",
					  .hook = &ohc_facts_hook,
					  .limits = &scan_limits };
	struct ohc_from_tar t = { .fs = NULL };
	struct ohc_error err = OHC_ERROR_INIT;
	struct ohc_assembly *b = ohc_assembly_new("/p/q", NULL);
	int rc = ohc_from_tar_read(&in, &t, &err);

	if (rc == 0)
		rc = ohc_from_rootfs_assembly(&t.tree, t.spooled, b, &err);
	if (rc < 0 && strstr(err.msg, "cannot be read"))
		abort();
	if (rc == 0) {
		compare(&t, b);
		make_again(&t);
	}
	ohc_assembly_free(b);
	ohc_from_tar_clear(&t);
	return 0;
}
