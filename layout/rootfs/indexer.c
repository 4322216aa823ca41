// SPDX-License-Identifier: Apache-2.0
#include "layout/rootfs/indexer.h"

#include <linux/limits.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "layout/rootfs/entry_path.h"
#include "layout/rootfs/kept_files.h"
#include "oci/tar/xattrs.h"

/* The limit on what is kept of one layer's files; nothing more is kept beyond it. */
#define KEPT_MAX (16u << 20)

/* The limit for one entry; real ones have less than a tenth of that. */
#define XATTRS_MAX 256

#define WH     ".wh."
#define WH_OPQ ".wh..wh..opq"
#define WH_OWN ".wh..wh."

/* The part of the current file that is wanted next. */
enum indexer_stage {
	HEAD, /* OHC_SCAN_HEAD bytes, which show what it is */
	KEEP, /* as many as are kept */
	FEED, /* what the hook wants */
};

struct ohc_indexer {
	const struct ohc_scan *scan;
	const struct ohc_scan_limits *limits;
	struct ohc_layer_index index;
	struct ohc_layer_index_iter *before; /* NULL: this is the first time */
	struct ohc_layer_entry was;          /* the entry that it stands at, whose number is … */
	uint64_t n_before;                   /* … one less than this */
	struct ohc_base_path path, link;
	size_t kept;

	/* The current entry: */
	const struct ohc_tar_entry *tar; /* the caller's */
	struct ohc_layer_entry entry;
	bool is_one;  /* it comes into the index */
	bool is_file; /* its bytes are of interest */
	bool take;    /* the taker wants them */
	enum indexer_stage stage;
	size_t keep;
	void *state; /* the hook's; NULL: it wants no more */
	struct ohc_buf data, facts, xattrs;
};

static void end_hook(struct ohc_indexer *x)
{
	if (x->state)
		x->scan->hook->end(ohc_take(x->state), &x->facts);
}

struct ohc_indexer *ohc_indexer_new(const struct ohc_scan *scan)
{
	struct ohc_indexer *x = ohc_xcalloc(1, sizeof(*x));

	x->scan = scan;
	x->limits = scan->limits ? scan->limits : &ohc_scan_limits_default;
	if (scan->before) {
		x->before = ohc_xcalloc(1, sizeof(*x->before));
		ohc_layer_index_iter_start(x->before, ohc_buf_str(&scan->before->bytes),
					   scan->before->bytes.len, scan->what);
	}
	return x;
}

void ohc_indexer_free(struct ohc_indexer *x)
{
	if (!x)
		return;
	end_hook(x);
	ohc_layer_index_clear(&x->index);
	ohc_buf_clear(&x->data);
	ohc_buf_clear(&x->facts);
	ohc_buf_clear(&x->xattrs);
	free(x->before);
	free(x);
}

static int refuse(const struct ohc_indexer *x, const char *why, struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT, "%s: '%.200s' %s", x->scan->what, x->tar->path,
			     why);
}

/* Reads a whiteout's name.  The path becomes that of the hidden file; is_one becomes false where
 * the entry hides nothing. */
static int whiteout(struct ohc_indexer *x, struct ohc_error *err)
{
	struct ohc_base_path *p = &x->path;
	char *name = p->text + (p->name - p->text);
	const char *hidden = name + strlen(WH);

	if (strcmp(name, WH_OPQ) == 0) {
		x->entry.kind = OHC_LAYER_OPAQUE;
		name[name > p->text ? -1 : 0] = '\0';
		return 0;
	}
	x->entry.kind = OHC_LAYER_WHITEOUT;
	if (strncmp(name, WH_OWN, strlen(WH_OWN)) == 0)
		x->is_one = false;
	else if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return refuse(x, "is a whiteout that hides nothing by name", err);
	else
		memmove(name, hidden, strlen(hidden) + 1);
	return 0;
}

/* The facts that an earlier pass found of the next entry of the index; NULL where that was no
 * such entry. */
static const struct ohc_layer_entry *before(struct ohc_indexer *x)
{
	while (x->before && x->n_before <= x->index.n_entries) {
		if (ohc_layer_index_iter_next(x->before, &x->was, NULL) <= 0)
			return NULL;
		x->n_before++;
	}
	return x->before && strcmp(x->was.path, x->path.text) == 0 ? &x->was : NULL;
}

/* overlayfs' attributes are about the machine that the layer was made on. */
static bool is_kept_xattr(const char *name)
{
	return *name && strlen(name) <= XATTR_NAME_MAX &&
	       strncmp(name, "trusted.overlay.", 16) != 0 &&
	       strncmp(name, "user.overlay.", 13) != 0;
}

static void keep_xattrs(struct ohc_indexer *x)
{
	const struct ohc_tar_entry *t = x->tar;
	struct ohc_layer_entry *e = &x->entry;
	struct ohc_xattrs kept = OHC_XATTRS_INIT;

	if ((!S_ISDIR(e->mode) && !e->data) || t->n_xattrs > XATTRS_MAX)
		return;
	for (size_t i = 0; i < t->n_xattrs; i++)
		if (is_kept_xattr(t->xattrs[i].name))
			ohc_xattrs_put(&kept, &t->xattrs[i]);
	ohc_buf_truncate(&x->xattrs, 0);
	ohc_xattrs_encode(&kept, &x->xattrs);
	ohc_xattrs_clear(&kept);
	if (x->kept + x->xattrs.len > KEPT_MAX)
		return;
	e->xattrs = x->xattrs.data;
	e->n_xattrs = x->xattrs.len;
	x->kept += e->n_xattrs;
}

static void keep_facts(struct ohc_indexer *x)
{
	const struct ohc_scan_hook *hook = x->scan->hook;
	struct ohc_layer_entry *e = &x->entry;

	if (x->facts.len > OHC_INDEX_DATA_MAX || x->kept + e->n_data + x->facts.len > KEPT_MAX) {
		if (hook->shorten)
			hook->shorten(&x->facts);
		else
			ohc_buf_truncate(&x->facts, 0);
	}
	e->facts = x->facts.len ? x->facts.data : NULL;
	e->n_facts = x->facts.len;
	if (e->facts && hook->unfinished)
		x->index.unfinished += hook->unfinished(e->facts, e->n_facts);
}

static int set_link(struct ohc_indexer *x, struct ohc_error *err)
{
	const struct ohc_tar_entry *t = x->tar;
	struct ohc_layer_entry *e = &x->entry;

	e->link = t->link;
	e->mode = S_IFLNK | 0777; /* Linux has no other mode for them, whatever the tar says */
	if (!t->hardlink)
		return t->link ? 0 : refuse(x, "is a symlink to nowhere", err);
	if (!ohc_entry_path_normalize(t->link, &x->link))
		return refuse(x, "is a hard link to a path with '..', or too deep", err);
	e->kind = OHC_LAYER_HARDLINK;
	e->link = x->link.text;
	e->mode = 0;
	return 0;
}

static int offer(struct ohc_indexer *x, struct ohc_error *err)
{
	const struct ohc_scan_taker *taker = x->scan->taker;
	int rc = taker ? taker->entry(taker->ctx, (uint32_t)x->index.n_entries, x->tar, err) : 0;

	x->take = rc > 0;
	return rc < 0 ? rc : 0;
}

static int set_kind(struct ohc_indexer *x, struct ohc_error *err)
{
	const struct ohc_tar_entry *t = x->tar;

	if (strncmp(x->path.name, WH, strlen(WH)) == 0)
		return whiteout(x, err);
	if (t->hardlink || S_ISLNK(t->mode))
		return set_link(x, err);
	x->is_file = S_ISREG(t->mode);
	if (x->is_file || S_ISDIR(t->mode) || S_ISCHR(t->mode) || S_ISBLK(t->mode) ||
	    S_ISFIFO(t->mode))
		return 0;
	return refuse(x, "is of a type that no layer can have", err);
}

int ohc_indexer_begin(struct ohc_indexer *x, const struct ohc_tar_entry *t, struct ohc_error *err)
{
	int rc;

	x->tar = t;
	x->is_one = true;
	x->is_file = false;
	x->stage = HEAD;
	x->keep = 0;
	ohc_buf_truncate(&x->data, 0);
	ohc_buf_truncate(&x->facts, 0);
	x->entry = (struct ohc_layer_entry){ .path = x->path.text,
					     .mode = t->mode & (S_IFMT | 07777),
					     .uid = t->uid,
					     .gid = t->gid,
					     .mtime = t->mtime };
	if (!ohc_entry_path_normalize(t->path, &x->path))
		return refuse(x, "is a path with '..', or too deep", err);
	rc = offer(x, err);
	if (rc == 0)
		rc = set_kind(x, err);
	if (x->is_file)
		x->entry.size = (uint64_t)t->size;
	return rc;
}

/* How many bytes must be in x->data before the next stage. */
static size_t gathered(const struct ohc_indexer *x)
{
	return x->stage == HEAD ? OHC_SCAN_HEAD : x->stage == KEEP ? x->keep : 0;
}

size_t ohc_indexer_wants(const struct ohc_indexer *x)
{
	if (!x->is_file)
		return 0;
	if (x->data.len < gathered(x))
		return gathered(x) - x->data.len;
	return x->state || x->take ? SIZE_MAX : 0;
}

/* The hook gets all of the file, beginning with what was gathered. */
static void begin_hook(struct ohc_indexer *x)
{
	const struct ohc_scan_hook *hook = x->scan->hook;
	size_t head = x->data.len < OHC_SCAN_HEAD ? x->data.len : OHC_SCAN_HEAD;

	if (hook)
		x->state = hook->begin(hook->ctx, x->path.text, x->tar, before(x),
				       ohc_buf_str(&x->data), head);
}

static void feed_hook(struct ohc_indexer *x, const void *data, size_t n)
{
	const struct ohc_scan_hook *hook = x->scan->hook;

	if (x->state && !hook->feed(x->state, data, n))
		end_hook(x);
}

/* Goes on as far as what was gathered allows; at the file's end that is all. */
static void advance(struct ohc_indexer *x, bool ended)
{
	if (x->stage == HEAD && (ended || x->data.len >= OHC_SCAN_HEAD)) {
		x->keep = ohc_kept_files_wanted(x->path.text, x->tar, ohc_buf_str(&x->data),
						x->data.len);
		x->stage = KEEP;
	}
	if (x->stage == KEEP && (ended || x->data.len >= x->keep)) {
		x->stage = FEED;
		begin_hook(x);
		feed_hook(x, ohc_buf_str(&x->data), x->data.len);
	}
}

/* Takes of the bytes what is to be gathered; returns how many that are. */
static size_t gather(struct ohc_indexer *x, const unsigned char *data, size_t n)
{
	size_t took = 0;

	while (took < n && x->stage != FEED) {
		size_t room = gathered(x) - x->data.len;
		size_t k = n - took < room ? n - took : room;

		ohc_buf_add(&x->data, data + took, k);
		took += k;
		advance(x, false);
	}
	return took;
}

int ohc_indexer_data(struct ohc_indexer *x, const void *data, size_t n, struct ohc_error *err)
{
	const struct ohc_scan_taker *taker = x->scan->taker;
	int rc = x->is_file && x->take ? taker->data(taker->ctx, data, n, err) : 0;
	size_t took;

	if (rc < 0 || !x->is_file)
		return rc;
	took = gather(x, data, n);
	if (took < n)
		feed_hook(x, (const unsigned char *)data + took, n - took);
	return 0;
}

/* Sets what stays of a file. */
static void end_file(struct ohc_indexer *x)
{
	struct ohc_layer_entry *e = &x->entry;

	advance(x, true);
	end_hook(x);
	if (x->keep && x->keep <= x->data.len && x->kept + x->keep <= KEPT_MAX) {
		e->data = x->data.data;
		e->n_data = x->keep;
	}
	keep_facts(x);
	x->kept += e->n_data + e->n_facts;
}

int ohc_indexer_end(struct ohc_indexer *x, struct ohc_error *err)
{
	if (x->is_file)
		end_file(x);
	if (!x->is_one)
		return 0;
	if (x->entry.kind == OHC_LAYER_FILE)
		keep_xattrs(x);
	if (x->index.n_entries >= x->limits->entries)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s has more than the limit of %llu entries", x->scan->what,
				     (unsigned long long)x->limits->entries);
	ohc_layer_index_add(&x->index, &x->entry);
	if (x->index.bytes.len > x->limits->index_size)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s has paths that are more than the limit of %llu bytes",
				     x->scan->what, (unsigned long long)x->limits->index_size);
	return 0;
}

void ohc_indexer_take(struct ohc_indexer *x, struct ohc_layer_index *ret)
{
	*ret = x->index;
	x->index = (struct ohc_layer_index)OHC_LAYER_INDEX_INIT;
}
