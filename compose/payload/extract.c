// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <sys/stat.h>

#include "compose/layers/memo.h"
#include "compose/payload/extract_internal.h"
#include "core/alloc.h"

/* Reads the bytes before an upload begins, so that no upload waits for them. */
static int prepare(void *ctx, struct ohc_error *err)
{
	struct ohc_extract *x =
		OHC_CONTAINER_OF((struct ohc_from_rootfs_layer *)ctx, struct ohc_extract, layer);

	int rc = x->layer.spooled ? 0 : x->read(x, err);

	if (rc == 0)
		x->total = ohc_spooled_bytes(x->layer.spooled);
	return rc;
}

void ohc_extract_init(struct ohc_extract *x, const struct ohc_payload *p, const char *what,
		      const char *identity, ohc_extract_read_fn read)
{
	const struct ohc_making_rules *rules = p->rules;
	ohc_cleanup(ohc_freep) char *entries = ohc_xasprintf("%s %s", identity, p->target);

	x->payload = p;
	x->read = read;
	x->title = ohc_xasprintf("payload %s", p->target);
	x->key = identity ? ohc_memo_key(rules, entries) : NULL;
	x->layer = (struct ohc_from_rootfs_layer){ .tree = &x->tree,
						   .uid = rules->uid,
						   .gid = rules->gid,
						   .mtime = rules->mtime,
						   .time = rules->time };
	x->making = (struct ohc_making){ .title = x->title,
					 .what = what,
					 .key = x->key,
					 .prepare = prepare,
					 .total = &x->total,
					 .write = ohc_from_rootfs_write,
					 .ctx = &x->layer,
					 .task = &x->layer.task,
					 .files = &x->layer.files,
					 .bytes = &x->bytes };
}

void ohc_extract_clear(struct ohc_extract *x)
{
	free(x->title);
	free(x->key);
	memset(x, 0, sizeof(*x));
}

bool ohc_extract_tree_has(const struct ohc_rootfs *fs, const char *path)
{
	struct ohc_rootfs_place place;
	bool has;

	ohc_rootfs_find(fs, path, OHC_NOFOLLOW, &place);
	has = place.found == OHC_FOUND && !S_ISDIR(place.file.mode);
	ohc_rootfs_place_clear(&place);
	return has;
}

bool ohc_extract_has(const struct ohc_extract *x, const char *path)
{
	const char *root = strcmp(x->tree.root, "/") == 0 ? "" : x->tree.root;
	ohc_cleanup(ohc_freep) char *there =
		ohc_xasprintf("%s%s", root, path + strlen(x->payload->target));

	return ohc_extract_tree_has(x->tree.fs, there);
}

int ohc_extract_assembly(struct ohc_extract *x, struct ohc_assembly **ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_assembly_freep) struct ohc_assembly *a =
		ohc_assembly_new(x->payload->target, NULL);
	int rc = prepare(&x->layer, err);

	if (rc == 0)
		rc = ohc_from_rootfs_assembly(&x->tree, x->layer.spooled, a, err);
	if (rc == 0)
		*ret = ohc_take(a);
	return rc;
}
