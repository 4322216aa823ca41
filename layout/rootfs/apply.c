// SPDX-License-Identifier: Apache-2.0
/* Lays one layer over those before it. */
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/record.h"
#include "layout/rootfs/layer_index.h"
#include "layout/rootfs/entry_path.h"
#include "layout/rootfs/resolve.h"

/* Symlinks may lead deeper than a path of a layer may be. */
#define DEPTH_MAX (2 * OHC_BASE_DEPTH_MAX)

/*
 * Entries stand beside their siblings, so the directories on the way to the last one are kept:
 * dirs[i] is that of the path's first end[i] bytes.
 */
struct applier {
	struct ohc_rootfs *fs;
	const char *what;
	uint16_t layer;
	size_t n; /* of dirs; the first is the root's */
	uint32_t dirs[OHC_BASE_DEPTH_MAX + 2];
	size_t ends[OHC_BASE_DEPTH_MAX + 2];
	bool too_deep;
	uint32_t number; /* of the entry */
	enum { LAYER, TAR, LATE } mode;
	struct ohc_layer_index
		late; /* TAR: hard links to files that are not there yet; LATE makes them */
	struct ohc_layer_index_iter it;
};

static int bad(const struct applier *a, const struct ohc_layer_entry *e, const char *why,
	       struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT, "%s cannot be unpacked: '%.200s' %s", a->what,
			     e->path, why);
}

static int full(const struct applier *a, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT,
			     "%s: with it the image has more than the limits of %u entries and %u "
			     "bytes of their names",
			     a->what, OHC_ROOTFS_MAX, OHC_ROOTFS_STRINGS_MAX);
}

/* Forgets remembered paths, which may lead through directories that are gone. */
static void forget_dirs(struct applier *a)
{
	a->n = 1;
}

static bool is_dir(const struct applier *a, uint32_t node)
{
	return S_ISDIR(ohc_rootfs_node_inode(a->fs, node)->mode);
}

/* Removes everything there; with lower, only what the layers below this one have: a directory of
 * theirs in which this layer has an entry stays as an implied one. */
static bool hide(struct applier *a, uint32_t node, bool lower)
{
	struct ohc_node *n = &a->fs->nodes[node];
	bool any = false;

	a->fs->work++;
	if (!n->inode)
		return false;
	for (uint32_t c = n->child; c; c = a->fs->nodes[c].sibling)
		any |= hide(a, c, lower);
	if (lower && n->layer == a->layer)
		return true;
	if (any)
		*ohc_rootfs_node_inode(a->fs, node) =
			(struct ohc_inode_data){ .mode = S_IFDIR | 0755,
						 .flags = OHC_INODE_IMPLIED };
	else
		n->inode = 0;
	return any;
}

static void hide_children(struct applier *a, uint32_t dir, bool lower)
{
	for (uint32_t c = a->fs->nodes[dir].child; c; c = a->fs->nodes[c].sibling)
		hide(a, c, lower);
	forget_dirs(a);
}

/* Gives the node of that name an inode to fill; nothing is below it any more. */
static uint32_t make_room(struct applier *a, uint32_t dir, const char *name, size_t len)
{
	uint32_t node = ohc_rootfs_node_make(a->fs, dir, name, len), old;

	if (!node)
		return 0;
	old = a->fs->nodes[node].inode;
	if (old && is_dir(a, node))
		hide_children(a, node, false);
	if (old && S_ISLNK(a->fs->inodes[old].mode))
		forget_dirs(a);
	if (!old || (a->fs->inodes[old].flags & OHC_INODE_SHARED))
		a->fs->nodes[node].inode = ohc_rootfs_inode_make(a->fs);
	a->fs->nodes[node].layer = a->layer;
	return a->fs->nodes[node].inode ? node : 0;
}

/* Makes a directory that has no entry, for ohc_resolve_step(). */
static uint32_t imply_dir(void *ctx, uint32_t dir, const char *name, size_t len)
{
	struct applier *a = ctx;
	uint32_t node;

	if (a->fs->nodes[dir].depth >= DEPTH_MAX) {
		a->too_deep = true;
		return 0;
	}
	node = make_room(a, dir, name, len);
	if (node)
		*ohc_rootfs_node_inode(a->fs, node) =
			(struct ohc_inode_data){ .mode = S_IFDIR | 0755,
						 .flags = OHC_INODE_IMPLIED };
	return node;
}

/* Notes that the entry's path goes through that name in `dir`, for which this layer may have no
 * entry. */
static void note_passed(struct applier *a, uint32_t dir, const char *name, size_t len)
{
	uint32_t node = ohc_rootfs_node_find(a->fs, dir, name, len);

	if (node && a->fs->nodes[node].inode && a->fs->nodes[node].layer != a->layer)
		ohc_rootfs_node_inode(a->fs, node)->implied_by = (uint16_t)(a->layer + 1);
}

/* Finds the directory that the path's first `len` bytes lead to, from the last one that is
 * known. */
static int enter_dir(struct applier *a, const struct ohc_layer_entry *e, size_t len, uint32_t *ret,
		     struct ohc_error *err)
{
	struct ohc_resolve r = {
		.fs = a->fs, .contained = a->mode != LAYER, .make = imply_dir, .ctx = a
	};
	size_t at, name_len;

	while (a->n > 1 && (a->ends[a->n - 1] > e->shared || a->ends[a->n - 1] > len ||
			    (e->path[a->ends[a->n - 1]] && e->path[a->ends[a->n - 1]] != '/')))
		a->n--;
	r.at = a->dirs[a->n - 1];
	at = a->ends[a->n - 1];
	while (at < len) {
		at += e->path[at] == '/';
		name_len = strcspn(e->path + at, "/");
		note_passed(a, r.at, e->path + at, name_len);
		r.links = 0;
		if (!ohc_resolve_step(&r, e->path + at, name_len))
			break;
		at += name_len;
		a->dirs[a->n] = r.at;
		a->ends[a->n++] = at;
	}
	ohc_buf_clear(&r.missing);
	a->fs->work += r.steps;
	if (r.found == OHC_LOOP)
		return bad(a, e, "lies behind a loop of symlinks", err);
	if (r.found == OHC_NOT_DIR)
		return bad(a, e, "lies behind a symlink that leads out of the tar", err);
	if (a->too_deep)
		return bad(a, e, "lies too deep", err);
	if (r.found != OHC_FOUND)
		return full(a, err);
	*ret = r.at;
	return 0;
}

static uint32_t clamp(int64_t mtime)
{
	return mtime < 0 ? 0 : mtime > UINT32_MAX ? UINT32_MAX : (uint32_t)mtime;
}

/* Adds to strings what few files have; 0 where there is no room. */
static uint32_t add_record(struct ohc_buf *strings, const struct ohc_layer_entry *e)
{
	const size_t numbers = 64, at = strings->len;
	const size_t room = OHC_ROOTFS_STRINGS_MAX - at;

	if (room < numbers || e->n_data + e->n_facts + e->n_xattrs >= room - numbers)
		return 0;
	ohc_record_put_number(strings, e->size);
	ohc_record_put_number(strings, (e->data ? OHC_RECORD_DATA : 0) |
					       (e->facts ? OHC_RECORD_FACTS : 0) |
					       (e->n_xattrs ? OHC_RECORD_XATTRS : 0));
	if (e->data)
		ohc_record_put_bytes(strings, e->data, e->n_data);
	if (e->facts)
		ohc_record_put_bytes(strings, e->facts, e->n_facts);
	if (e->n_xattrs)
		ohc_record_put_bytes(strings, e->xattrs, e->n_xattrs);
	return (uint32_t)at;
}

static bool fill(struct applier *a, uint32_t node, const struct ohc_layer_entry *e)
{
	bool large = e->size >= UINT32_MAX;
	bool wants_other = large || e->data || e->facts || e->link || e->n_xattrs;
	struct ohc_inode_data in = {
		.mode = (uint16_t)e->mode,
		.uid = e->uid,
		.gid = e->gid,
		.mtime = clamp(e->mtime),
		.size = large ? UINT32_MAX : (uint32_t)e->size,
		.entry = a->number,
		.from = a->layer,
	};

	if (e->link)
		in.other = ohc_rootfs_string(a->fs, e->link, strlen(e->link));
	else if (wants_other)
		in.other = add_record(&a->fs->strings, e);
	*ohc_rootfs_node_inode(a->fs, node) = in;
	a->fs->nodes[node].layer = a->layer;
	return !wants_other || in.other;
}

static void remember(struct applier *a, const struct ohc_layer_entry *e, uint32_t node)
{
	if (a->n >= OHC_ARRAY_SIZE(a->dirs))
		return;
	a->dirs[a->n] = node;
	a->ends[a->n++] = strlen(e->path);
}

static int put_dir(struct applier *a, const struct ohc_layer_entry *e, uint32_t dir,
		   const char *name, struct ohc_error *err)
{
	uint32_t node = OHC_ROOT;

	if (*name) {
		node = ohc_rootfs_node_find(a->fs, dir, name, strlen(name));
		if (!node || !is_dir(a, node))
			node = make_room(a, dir, name, strlen(name));
	}
	if (!node || !fill(a, node, e))
		return full(a, err);
	if (*name)
		remember(a, e, node);
	return 0;
}

static int put_file(struct applier *a, const struct ohc_layer_entry *e, uint32_t dir,
		    const char *name, struct ohc_error *err)
{
	uint32_t node;

	if (S_ISDIR(e->mode))
		return put_dir(a, e, dir, name, err);
	if (!*name)
		return bad(a, e, "is the root, and no directory", err);
	node = make_room(a, dir, name, strlen(name));
	return node && fill(a, node, e) ? 0 : full(a, err);
}

/* Removes what stands there now; a later entry may put something there again. */
static int put_off(struct applier *a, const struct ohc_layer_entry *e, uint32_t dir,
		   const char *name)
{
	uint32_t node = ohc_rootfs_node_find(a->fs, dir, name, strlen(name));

	if (node)
		hide(a, node, false);
	forget_dirs(a);
	ohc_layer_index_add(&a->late, e);
	return 0;
}

static int put_hardlink(struct applier *a, const struct ohc_layer_entry *e, uint32_t dir,
			const char *name, struct ohc_error *err)
{
	struct ohc_resolve r = { .fs = a->fs, .at = OHC_ROOT };
	struct ohc_inode_data *in;
	uint32_t node, old;

	ohc_resolve_path(&r, e->link, OHC_NOFOLLOW);
	ohc_buf_clear(&r.missing);
	a->fs->work += r.steps;
	if (a->mode == TAR && *name && r.found != OHC_FOUND)
		return put_off(a, e, dir, name);
	if (!*name || r.found != OHC_FOUND || is_dir(a, r.at))
		return bad(a, e, "is a hard link to what is not there, or no file", err);
	in = ohc_rootfs_node_inode(a->fs, r.at);
	in->flags |= OHC_INODE_SHARED;
	node = ohc_rootfs_node_make(a->fs, dir, name, strlen(name));
	if (!node)
		return full(a, err);
	old = a->fs->nodes[node].inode;
	if (old && a->mode == LATE)
		return 0;
	if (old && (is_dir(a, node) || S_ISLNK(a->fs->inodes[old].mode)))
		hide_children(a, node, false);
	if (!a->fs->nodes[r.at].inode)
		return bad(a, e, "is a hard link to what it replaces", err);
	a->fs->nodes[node].inode = a->fs->nodes[r.at].inode;
	a->fs->nodes[node].layer = a->layer;
	return 0;
}

static int put_whiteout(struct applier *a, const struct ohc_layer_entry *e, uint32_t dir,
			const char *name, struct ohc_error *err)
{
	uint32_t node = ohc_rootfs_node_find(a->fs, dir, name, strlen(name));

	if (!*name)
		return bad(a, e, "hides the root", err);
	if (node)
		hide(a, node, true);
	forget_dirs(a);
	return 0;
}

static int put_opaque(struct applier *a, const struct ohc_layer_entry *e, uint32_t dir,
		      const char *name, struct ohc_error *err)
{
	(void)e, (void)name, (void)err;
	hide_children(a, dir, true);
	return 0;
}

static int apply_entry(struct applier *a, const struct ohc_layer_entry *e, struct ohc_error *err)
{
	static int (*const puts[])(struct applier *, const struct ohc_layer_entry *, uint32_t,
				   const char *, struct ohc_error *) = {
		[OHC_LAYER_FILE] = put_file,
		[OHC_LAYER_HARDLINK] = put_hardlink,
		[OHC_LAYER_WHITEOUT] = put_whiteout,
		[OHC_LAYER_OPAQUE] = put_opaque,
	};
	const char *slash = strrchr(e->path, '/'), *name = slash ? slash + 1 : e->path;
	size_t len = slash ? (size_t)(slash - e->path) : 0;
	uint32_t dir = 0;
	int rc;

	if (e->kind == OHC_LAYER_OPAQUE)
		len = strlen(e->path);
	/* The work of an entry: its path is read from the first byte on. */
	a->fs->work += 1 + len / 64;
	if (a->fs->work > OHC_ROOTFS_WORK_MAX)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s: its entries hide and replace one another more than the "
				     "limit of %u times",
				     a->what, OHC_ROOTFS_WORK_MAX);
	rc = enter_dir(a, e, len, &dir, err);
	if (rc == 0 && a->fs->nodes[dir].depth >= DEPTH_MAX)
		rc = bad(a, e, "lies too deep", err);
	return rc < 0 ? rc : puts[e->kind](a, e, dir, name, err);
}

static int apply_all(struct applier *a, const void *index, size_t n, struct ohc_error *err)
{
	struct ohc_layer_entry e;
	int rc;

	a->n = 1;
	a->dirs[0] = OHC_ROOT;
	ohc_layer_index_iter_start(&a->it, index, n, a->what);
	for (a->number = 0; (rc = ohc_layer_index_iter_next(&a->it, &e, err)) > 0; a->number++) {
		if (a->mode != LAYER && e.kind != OHC_LAYER_FILE && e.kind != OHC_LAYER_HARDLINK)
			rc = bad(a, &e, "would be deleted by a whiteout", err);
		else
			rc = apply_entry(a, &e, err);
		if (rc < 0)
			return rc;
	}
	return rc;
}

static int apply(struct ohc_rootfs *fs, bool tar, const void *index, size_t n, const char *what,
		 struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) struct applier *a = ohc_xcalloc(1, sizeof(*a));
	struct ohc_buf late;
	int rc;

	if (fs->layers >= UINT16_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "%s is one layer too many", what);
	a->fs = fs;
	a->what = what;
	a->layer = (uint16_t)fs->layers++;
	a->mode = tar ? TAR : LAYER;
	rc = apply_all(a, index, n, err);
	late = a->late.bytes;
	if (rc == 0 && late.len > 0) {
		a->mode = LATE;
		rc = apply_all(a, late.data, late.len, err);
	}
	ohc_layer_index_clear(&a->late);
	return rc;
}

int ohc_rootfs_apply(struct ohc_rootfs *fs, const void *index, size_t n, const char *what,
		     struct ohc_error *err)
{
	return apply(fs, false, index, n, what, err);
}

int ohc_rootfs_apply_tar(struct ohc_rootfs *fs, const void *index, size_t n, const char *what,
			 struct ohc_error *err)
{
	return apply(fs, true, index, n, what, err);
}
