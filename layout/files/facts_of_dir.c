// SPDX-License-Identifier: Apache-2.0
#include "layout/files/facts_of_dir.h"

#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/interrupt.h"
#include "layout/rootfs/kept_files.h"
#include "layout/rootfs/scan.h"
#include "layout/files/facts.h"
#include "layout/files/of_dir.h"
#include "layout/layer/prefetch.h"

#define SMALL (64 * 1024)

struct facts_walk {
	struct ohc_files *dir;
	const char *prefix; /* without its '/' */
	uint32_t uid, gid;
	struct ohc_layer_index *index;
	struct ohc_prefetch *prefetch;
	struct ohc_buf path, data, kept, facts;
};

static int read_facts(struct facts_walk *w, const struct ohc_files_place *place,
		      struct ohc_error *err)
{
	const struct ohc_facts_text *of;
	const struct ohc_elf *elf = NULL;
	struct ohc_buf *text = &w->data;
	int rc;

	if (text->len >= OHC_ELF_MAGIC_N &&
	    memcmp(text->data, OHC_ELF_MAGIC, OHC_ELF_MAGIC_N) == 0) {
		rc = ohc_files_elf(w->dir, place, &elf, err);
		ohc_facts_encode_elf(rc, elf, &w->facts);
		return rc == -OHC_E_FORMAT || rc > 0 ? 0 : rc;
	}
	of = ohc_facts_text_wanted(w->path.data, place->node.mode, ohc_buf_str(text), text->len);
	if (!of)
		return 0;
	rc = 1;
	if (of->max <= text->len) {
		ohc_buf_truncate(text, of->max);
	} else if (text->len < place->node.size) {
		ohc_buf_truncate(text, 0);
		rc = ohc_files_read(w->dir, place, of->max, text, err);
	}
	ohc_facts_encode_text(of, ohc_buf_str(text), text->len, &w->facts);
	return rc < 0 ? rc : 0;
}

static int read_file(struct facts_walk *w, const struct ohc_files_place *place,
		     struct ohc_layer_entry *e, struct ohc_error *err)
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
	ohc_prefetch_read_begins(w->prefetch);
	rc = ohc_files_read(w->dir, place, OHC_SCAN_HEAD, &w->data, err);
	ohc_prefetch_read_ends(w->prefetch);
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

/* The place of a path in the tree, without looking it up: there are no symlinks in it. */
static struct ohc_files_place place_of(const struct ohc_listing_entry *e)
{
	return (struct ohc_files_place){
		.path = ohc_xasprintf("/%s", e->path),
		.node = { .mode = e->st.st_mode,
			  .size = S_ISREG(e->st.st_mode) ? (uint64_t)e->st.st_size : 0,
			  .mtime = e->st.st_mtime },
	};
}

static int read_link(struct facts_walk *w, struct ohc_files_place *place, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place found = { .path = NULL };
	int rc = ohc_files_find(w->dir, place->path, OHC_FILES_NOFOLLOW, &found, err);

	place->link = ohc_take(found.link);
	return rc;
}

static int add(struct facts_walk *w, const struct ohc_listing_entry *listed, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = place_of(listed);
	const mode_t mode = listed->st.st_mode;
	struct ohc_layer_entry e = { .mode = mode,
				     .uid = w->uid,
				     .gid = w->gid,
				     .size = place.node.size,
				     .mtime = place.node.mtime };
	int rc = 0;

	if (S_ISSOCK(mode))
		return 0;
	ohc_buf_truncate(&w->path, 0);
	ohc_buf_addf(&w->path, "%s%s%s", w->prefix, *w->prefix && *listed->path ? "/" : "",
		     listed->path);
	e.path = ohc_buf_str(&w->path);
	if (S_ISLNK(mode))
		rc = read_link(w, &place, err);
	else if (S_ISREG(mode))
		rc = read_file(w, &place, &e, err);
	e.link = place.link;
	if (rc == 0 && (!S_ISLNK(mode) || e.link))
		ohc_layer_index_add(w->index, &e);
	return rc;
}

static int add_all(struct facts_walk *w, const struct ohc_listing *list, struct ohc_error *err)
{
	struct ohc_listing_entry e;
	struct ohc_listing_iter it;
	int rc = 0;

	ohc_listing_start(&it, list);
	while (rc == 0 && ohc_listing_next(&it, &e)) {
		ohc_prefetch_pass(w->prefetch);
		rc = S_ISDIR(e.st.st_mode) ? ohc_interrupt_check(err) : 0;
		if (rc == 0)
			rc = add(w, &e, err);
	}
	ohc_listing_end(&it);
	return rc;
}

/* Of many files nothing is read here.  Small ones are asked for whole: the layer wants them
 * soon. */
static uint64_t bytes_read(void *ctx, const struct ohc_listing_entry *e)
{
	(void)ctx;
	return ohc_facts_wanted(e->path, e->st.st_mode) ? SMALL : 0;
}

int ohc_facts_of_dir(const char *dir, const struct ohc_listing *listing, const char *prefix,
		     uint32_t uid, uint32_t gid, struct ohc_layer_index *ret, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_freep) struct ohc_files *files = NULL;
	ohc_cleanup(ohc_listing_clear) struct ohc_listing own = { .settled = false };
	struct facts_walk w = { .prefix = prefix + 1, .uid = uid, .gid = gid, .index = ret };
	int rc = listing ? 0 : ohc_listing_read(dir, &own, err);

	if (rc == 0)
		rc = ohc_files_dir(dir, &files, err);
	w.dir = files;
	listing = listing ? listing : &own;
	w.prefetch = ohc_prefetch_new(dir, listing, bytes_read, NULL);
	if (rc == 0)
		rc = add_all(&w, listing, err);
	ohc_prefetch_free(w.prefetch);
	ohc_buf_clear(&w.path);
	ohc_buf_clear(&w.data);
	ohc_buf_clear(&w.kept);
	ohc_buf_clear(&w.facts);
	return rc;
}
