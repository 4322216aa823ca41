// SPDX-License-Identifier: Apache-2.0
#include "layout/files/facts_of_dir.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "layout/rootfs/kept_files.h"
#include "layout/rootfs/scan.h"
#include "layout/files/facts.h"

struct walk {
	struct ohc_files *dir;
	const char *prefix; /* without its '/' */
	uint32_t uid, gid;
	struct ohc_layer_index *index;
	struct ohc_buf path, data, kept, facts;
};

static int read_facts(struct walk *w, const struct ohc_files_place *place, struct ohc_error *err)
{
	const struct ohc_facts_text *of = ohc_facts_text_of(w->path.data);
	const struct ohc_elf *elf = NULL;
	struct ohc_buf *text = &w->data;
	int rc;

	if (text->len >= OHC_ELF_MAGIC_N &&
	    memcmp(text->data, OHC_ELF_MAGIC, OHC_ELF_MAGIC_N) == 0) {
		rc = ohc_files_elf(w->dir, place, &elf, err);
		ohc_facts_pack_elf(rc, elf, &w->facts);
		return rc == -OHC_E_FORMAT || rc > 0 ? 0 : rc;
	}
	if (!of)
		return 0;
	rc = 1;
	if (of->max <= text->len) {
		ohc_buf_truncate(text, of->max);
	} else if (text->len < place->node.size) {
		ohc_buf_truncate(text, 0);
		rc = ohc_files_read(w->dir, place, of->max, text, err);
	}
	ohc_facts_pack_text(of, ohc_buf_str(text), text->len, &w->facts);
	return rc < 0 ? rc : 0;
}

static int read_file(struct walk *w, const struct ohc_files_place *place, struct ohc_layer_entry *e,
		     struct ohc_error *err)
{
	struct ohc_tar_entry entry = { .path = w->path.data,
				       .mode = place->node.mode,
				       .size = (int64_t)place->node.size };
	size_t keep;
	int rc;

	ohc_buf_truncate(&w->data, 0);
	ohc_buf_truncate(&w->facts, 0);
	if (!ohc_facts_wanted(w->path.data, place->node.mode) &&
	    !ohc_kept_files_wanted(w->path.data, &entry, "", 0))
		return 0;
	rc = ohc_files_read(w->dir, place, OHC_SCAN_HEAD, &w->data, err);
	if (rc < 0)
		return rc;
	keep = ohc_kept_files_wanted(w->path.data, &entry, ohc_buf_str(&w->data), w->data.len);
	if (keep > 0) {
		ohc_buf_truncate(&w->kept, 0);
		rc = ohc_files_read(w->dir, place, keep, &w->kept, err);
		e->data = w->kept.data;
		e->n_data = w->kept.len;
	}
	if (rc >= 0)
		rc = read_facts(w, place, err);
	e->facts = w->facts.len ? w->facts.data : NULL;
	e->n_facts = w->facts.len;
	return rc;
}

static int add(void *ctx, const char *path, const struct ohc_files_node *node,
	       struct ohc_error *err)
{
	struct walk *w = ctx;
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	struct ohc_layer_entry e = { .mode = node->mode,
				     .uid = w->uid,
				     .gid = w->gid,
				     .size = node->size,
				     .mtime = node->mtime };
	int rc = 0;

	if (S_ISSOCK(node->mode))
		return 0;
	ohc_buf_truncate(&w->path, 0);
	ohc_buf_addf(&w->path, "%s%s", w->prefix, *w->prefix ? path : path + 1);
	e.path = w->path.data;
	if (S_ISLNK(node->mode)) {
		rc = ohc_files_find(w->dir, path, OHC_FILES_NOFOLLOW, &place, err);
		e.link = place.link;
	} else if (S_ISREG(node->mode)) {
		/* The walk's path has no symlinks in it, so nothing is to be found. */
		place.path = ohc_xstrdup(path);
		place.node = *node;
		rc = read_file(w, &place, &e, err);
	}
	if (rc == 0 && (!S_ISLNK(node->mode) || e.link))
		ohc_layer_index_add(w->index, &e);
	return rc;
}

int ohc_facts_of_dir(struct ohc_files *dir, const char *prefix, uint32_t uid, uint32_t gid,
		     struct ohc_layer_index *ret, struct ohc_error *err)
{
	struct walk w = { .dir = dir, .prefix = prefix + 1, .uid = uid, .gid = gid, .index = ret };
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	struct ohc_layer_entry root = { .path = w.prefix, .uid = uid, .gid = gid };
	int rc = ohc_files_find(dir, "/", OHC_FILES_FOLLOW, &place, err);

	if (rc < 0)
		return rc;
	root.mode = place.node.mode;
	root.mtime = place.node.mtime;
	ohc_layer_index_add(ret, &root);
	rc = ohc_files_walk(dir, "/", add, &w, err);
	ohc_buf_clear(&w.path);
	ohc_buf_clear(&w.data);
	ohc_buf_clear(&w.kept);
	ohc_buf_clear(&w.facts);
	return rc;
}
