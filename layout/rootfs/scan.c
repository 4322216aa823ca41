// SPDX-License-Identifier: Apache-2.0
#include "layout/rootfs/scan.h"

#include <linux/limits.h>
#include <string.h>
#include <sys/stat.h>

#include "core/ahead.h"
#include "core/alloc.h"
#include "layout/rootfs/kept_files.h"
#include "layout/rootfs/entry_path.h"
#include "oci/codec/codec.h"
#include "oci/tar/xattrs.h"

#define PIECE (256 * 1024)

/* The limit on what is kept of one layer's files; nothing more is kept beyond it. */
#define KEPT_MAX (16u << 20)

/* The limit for one entry; real ones have less than a tenth of that. */
#define XATTRS_MAX 256

#define WH     ".wh."
#define WH_OPQ ".wh..wh..opq"
#define WH_OWN ".wh..wh."

const struct ohc_scan_limits ohc_scan_limits_default = {
	.entries = 2000000,
	.index_size = 44 << 20,
	.plain_size = UINT64_C(1) << 38,
	.hole_ratio = 200,
	.holes_from = UINT64_C(1) << 30,
};

/* From this size on, decompressing and reading the tar get a thread each. */
#define LARGE (1 << 20)

/* The blob, which stays the caller's. */
struct lent {
	struct ohc_source source;
	struct ohc_source *below;
};

/* The tar's bytes, counted.  It cannot seek, because skipped bytes would not be hashed. */
struct guard {
	struct ohc_source source;
	struct ohc_source *below;
	const struct ohc_scan *scan;
	const struct ohc_scan_limits *limits;
	uint64_t count;
};

struct scanner {
	const struct ohc_scan *scan;
	const struct ohc_scan_limits *limits;
	struct ohc_tar_reader *tar;
	struct ohc_layer_index index;
	struct ohc_layer_index_iter *before; /* NULL: this is the first time */
	struct ohc_layer_entry was;          /* the entry that it stands at, whose number is … */
	uint64_t n_before;                   /* … one less than this */
	struct ohc_buf data, facts, xattrs;  /* of the current entry */
	struct ohc_base_path path, link;
	size_t kept;
	uint64_t at;    /* the current file's data, in the tar */
	uint64_t read;  /* of all files' data */
	uint64_t holes; /* of these, in sparse files */
	bool sparse;    /* the current file is */
	bool take;      /* the current file's data */
	char piece[PIECE];
};

static ssize_t lent_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	return ohc_source_read(((struct lent *)src)->below, buf, n, err);
}

static int check_size(const struct ohc_scan *scan, const struct ohc_scan_limits *l, uint64_t count,
		      struct ohc_error *err)
{
	if (count <= l->plain_size)
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "%s is larger than the limit of %llu bytes when unpacked: "
			     "--max-layer-size raises it",
			     scan->what, (unsigned long long)l->plain_size);
}

static ssize_t guard_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct guard *g = (struct guard *)src;
	ssize_t got = ohc_source_read(g->below, buf, n, err);
	int rc;

	if (got <= 0)
		return got;
	g->count += (uint64_t)got;
	rc = check_size(g->scan, g->limits, g->count, err);
	return rc < 0 ? rc : got;
}

static void borrowed_close(struct ohc_source *src)
{
	(void)src;
}

/* Does nothing: the caller closes the blob. */
static struct ohc_source *maybe_ahead(const struct ohc_scan *scan, struct ohc_source *src)
{
	return scan->size < 0 || scan->size >= LARGE ? ohc_ahead_source(src) : src;
}

static int refuse(const struct scanner *s, const struct ohc_tar_entry *e, const char *why,
		  struct ohc_error *err)
{
	return ohc_error_set(err, OHC_E_FORMAT, "%s: '%.200s' %s", s->scan->what, e->path, why);
}

/* Reads a whiteout's name.  The path becomes that of the hidden file; false where the entry hides
 * nothing. */
static int whiteout(struct scanner *s, const struct ohc_tar_entry *t, struct ohc_layer_entry *e,
		    bool *ret_is, struct ohc_error *err)
{
	struct ohc_base_path *p = &s->path;
	char *name = p->text + (p->name - p->text);
	const char *hidden = name + strlen(WH);

	*ret_is = true;
	if (strcmp(name, WH_OPQ) == 0) {
		e->kind = OHC_LAYER_OPAQUE;
		name[name > p->text ? -1 : 0] = '\0';
		return 0;
	}
	e->kind = OHC_LAYER_WHITEOUT;
	if (strncmp(name, WH_OWN, strlen(WH_OWN)) == 0)
		*ret_is = false;
	else if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return refuse(s, t, "is a whiteout that hides nothing by name", err);
	else
		memmove(name, hidden, strlen(hidden) + 1);
	return 0;
}

/* The holes of a sparse file take no bytes in the tar, and its header may claim any number of
 * them. */
static int check_holes(const struct scanner *s, struct ohc_error *err)
{
	const struct ohc_scan_limits *l = s->limits;
	uint64_t compressed = s->scan->size < 0 ? s->at : (uint64_t)s->scan->size;

	if (s->holes <= l->holes_from || s->holes / l->hole_ratio <= compressed)
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "%s has sparse files of more than %llu times its size, and of more "
			     "than %llu bytes: not read on; --max-layer-size raises the latter",
			     s->scan->what, (unsigned long long)l->hole_ratio,
			     (unsigned long long)l->holes_from);
}

/* Reads bytes of the current file; the taker gets them first. */
static ssize_t read_data(struct scanner *s, size_t n, struct ohc_error *err)
{
	ssize_t got = ohc_tar_read(s->tar, s->piece, n < PIECE ? n : PIECE, err);
	int rc = 0;

	if (got > 0) {
		s->read += (uint64_t)got;
		s->holes += s->sparse ? (uint64_t)got : 0;
		rc = check_size(s->scan, s->limits, s->read, err);
	}
	if (rc == 0)
		rc = check_holes(s, err);
	if (rc == 0 && got > 0 && s->take)
		rc = s->scan->taker->data(s->scan->taker->ctx, s->piece, (size_t)got, err);
	return rc < 0 ? rc : got;
}

static int read_up_to(struct scanner *s, size_t want, struct ohc_error *err)
{
	ssize_t n = 1;

	while (s->data.len < want && n > 0) {
		n = read_data(s, want - s->data.len, err);
		if (n > 0)
			ohc_buf_add(&s->data, s->piece, (size_t)n);
	}
	return n < 0 ? (int)n : 0;
}

/* Gives the hook all of the file, beginning with what was read before. */
static int feed_hook(struct scanner *s, void *state, struct ohc_error *err)
{
	bool more = s->scan->hook->feed(state, ohc_buf_str(&s->data), s->data.len);
	ssize_t n = 1;

	while (more && n > 0) {
		n = read_data(s, PIECE, err);
		if (n > 0)
			more = s->scan->hook->feed(state, s->piece, (size_t)n);
	}
	return n < 0 ? (int)n : 0;
}

/* The facts that an earlier pass found of the next entry of the index; NULL where that was no
 * such entry. */
static const struct ohc_layer_entry *before(struct scanner *s)
{
	while (s->before && s->n_before <= s->index.n_entries) {
		if (ohc_layer_index_iter_next(s->before, &s->was, NULL) <= 0)
			return NULL;
		s->n_before++;
	}
	return s->before && strcmp(s->was.path, s->path.text) == 0 ? &s->was : NULL;
}

static int ask_hook(struct scanner *s, const struct ohc_tar_entry *t, struct ohc_error *err)
{
	const struct ohc_scan_hook *hook = s->scan->hook;
	size_t head = s->data.len < OHC_SCAN_HEAD ? s->data.len : OHC_SCAN_HEAD;
	void *state;
	int rc;

	if (!hook)
		return 0;
	state = hook->begin(hook->ctx, s->path.text, t, before(s), ohc_buf_str(&s->data), head);
	if (!state)
		return 0;
	rc = feed_hook(s, state, err);
	hook->end(state, &s->facts);
	return rc;
}

/* overlayfs' attributes are about the machine that the layer was made on. */
static bool is_kept_xattr(const char *name)
{
	return *name && strlen(name) <= XATTR_NAME_MAX &&
	       strncmp(name, "trusted.overlay.", 16) != 0 &&
	       strncmp(name, "user.overlay.", 13) != 0;
}

static void keep_xattrs(struct scanner *s, const struct ohc_tar_entry *t, struct ohc_layer_entry *e)
{
	struct ohc_xattrs x = OHC_XATTRS_INIT;

	if ((!S_ISDIR(e->mode) && !e->data) || t->n_xattrs > XATTRS_MAX)
		return;
	for (size_t i = 0; i < t->n_xattrs; i++)
		if (is_kept_xattr(t->xattrs[i].name))
			ohc_xattrs_put(&x, &t->xattrs[i]);
	ohc_buf_truncate(&s->xattrs, 0);
	ohc_xattrs_encode(&x, &s->xattrs);
	ohc_xattrs_clear(&x);
	if (s->kept + s->xattrs.len > KEPT_MAX)
		return;
	e->xattrs = s->xattrs.data;
	e->n_xattrs = s->xattrs.len;
	s->kept += e->n_xattrs;
}

static int take_rest(struct scanner *s, struct ohc_error *err)
{
	ssize_t n = s->take;

	while (n > 0)
		n = read_data(s, PIECE, err);
	return (int)n;
}

static void keep_facts(struct scanner *s, struct ohc_layer_entry *e)
{
	const struct ohc_scan_hook *hook = s->scan->hook;

	if (s->facts.len > OHC_INDEX_DATA_MAX || s->kept + e->n_data + s->facts.len > KEPT_MAX) {
		if (hook->shorten)
			hook->shorten(&s->facts);
		else
			ohc_buf_truncate(&s->facts, 0);
	}
	e->facts = s->facts.len ? s->facts.data : NULL;
	e->n_facts = s->facts.len;
	if (e->facts && hook->unfinished)
		s->index.unfinished += hook->unfinished(e->facts, e->n_facts);
}

static int read_file(struct scanner *s, const struct ohc_tar_entry *t, struct ohc_layer_entry *e,
		     struct ohc_error *err)
{
	size_t keep;
	int rc;

	s->at = t->data_offset;
	s->sparse = t->sparse;
	ohc_buf_truncate(&s->data, 0);
	ohc_buf_truncate(&s->facts, 0);
	rc = read_up_to(s, OHC_SCAN_HEAD, err);
	if (rc < 0)
		return rc;
	keep = ohc_kept_files_wanted(s->path.text, t, ohc_buf_str(&s->data), s->data.len);
	rc = read_up_to(s, keep, err);
	if (rc == 0)
		rc = ask_hook(s, t, err);
	if (rc == 0)
		rc = take_rest(s, err);
	if (rc < 0)
		return rc;
	if (keep && keep <= s->data.len && s->kept + keep <= KEPT_MAX) {
		e->data = s->data.data;
		e->n_data = keep;
	}
	keep_facts(s, e);
	s->kept += e->n_data + e->n_facts;
	return 0;
}

static int set_link(struct scanner *s, const struct ohc_tar_entry *t, struct ohc_layer_entry *e,
		    struct ohc_error *err)
{
	e->link = t->link;
	e->mode = S_IFLNK | 0777; /* Linux has no other mode for them, whatever the tar says */
	if (!t->hardlink)
		return t->link ? 0 : refuse(s, t, "is a symlink to nowhere", err);
	if (!ohc_entry_path_normalize(t->link, &s->link))
		return refuse(s, t, "is a hard link to a path with '..', or too deep", err);
	e->kind = OHC_LAYER_HARDLINK;
	e->link = s->link.text;
	e->mode = 0;
	return 0;
}

static int offer(struct scanner *s, const struct ohc_tar_entry *t, struct ohc_error *err)
{
	const struct ohc_scan_taker *taker = s->scan->taker;
	int rc = taker ? taker->entry(taker->ctx, (uint32_t)s->index.n_entries, t, err) : 0;

	s->take = rc > 0;
	return rc < 0 ? rc : 0;
}

static int add_entry(struct scanner *s, const struct ohc_tar_entry *t, struct ohc_error *err)
{
	struct ohc_layer_entry e = { .path = s->path.text,
				     .mode = t->mode & (S_IFMT | 07777),
				     .uid = t->uid,
				     .gid = t->gid,
				     .mtime = t->mtime };
	bool is_one = true;
	int rc = 0;

	if (!ohc_entry_path_normalize(t->path, &s->path))
		return refuse(s, t, "is a path with '..', or too deep", err);
	rc = offer(s, t, err);
	if (rc < 0)
		return rc;
	if (strncmp(s->path.name, WH, strlen(WH)) == 0)
		rc = whiteout(s, t, &e, &is_one, err);
	else if (t->hardlink || S_ISLNK(t->mode))
		rc = set_link(s, t, &e, err);
	else if (S_ISREG(t->mode))
		rc = read_file(s, t, &e, err);
	else if (!(S_ISDIR(t->mode) || S_ISCHR(t->mode) || S_ISBLK(t->mode) || S_ISFIFO(t->mode)))
		rc = refuse(s, t, "is of a type that no layer can have", err);
	if (rc < 0 || !is_one)
		return rc;
	if (S_ISREG(e.mode) && e.kind == OHC_LAYER_FILE)
		e.size = (uint64_t)t->size;
	if (e.kind == OHC_LAYER_FILE)
		keep_xattrs(s, t, &e);
	if (s->index.n_entries >= s->limits->entries)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s has more than the limit of %llu entries", s->scan->what,
				     (unsigned long long)s->limits->entries);
	ohc_layer_index_add(&s->index, &e);
	if (s->index.bytes.len > s->limits->index_size)
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s has paths that are more than the limit of %llu bytes",
				     s->scan->what, (unsigned long long)s->limits->index_size);
	return 0;
}

static int scan_tar(struct scanner *s, struct ohc_source *plain, struct ohc_error *err)
{
	struct ohc_tar_entry t;
	int rc;

	while ((rc = ohc_tar_next(s->tar, &t, err)) > 0) {
		rc = add_entry(s, &t, err);
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? rc : ohc_source_drain(plain, err);
}

int ohc_scan_layer(struct ohc_source *blob, const struct ohc_scan *scan,
		   struct ohc_layer_index *ret, struct ohc_error *err)
{
	static const struct ohc_source_ops ops = { guard_read, NULL, borrowed_close };
	static const struct ohc_source_ops lent_ops = { lent_read, NULL, borrowed_close };
	struct lent lent = { .source = { &lent_ops }, .below = blob };
	ohc_cleanup(ohc_source_closep) struct ohc_source *ahead = maybe_ahead(scan, &lent.source);
	ohc_cleanup(ohc_source_closep) struct ohc_source *plain =
		ohc_codec_decompress(ahead, false, scan->what);
	struct guard guard = { .source = { &ops }, .below = plain, .scan = scan };
	ohc_cleanup(ohc_source_closep) struct ohc_source *tar = NULL;
	struct scanner *s = ohc_xcalloc(1, sizeof(*s));
	int rc;

	s->scan = scan;
	s->limits = guard.limits = scan->limits ? scan->limits : &ohc_scan_limits_default;
	if (scan->before) {
		s->before = ohc_xcalloc(1, sizeof(*s->before));
		ohc_layer_index_iter_start(s->before, ohc_buf_str(&scan->before->bytes),
					   scan->before->bytes.len, scan->what);
	}
	tar = maybe_ahead(scan, &guard.source);
	s->tar = ohc_tar_reader_new(tar, scan->what);
	rc = scan_tar(s, tar, err);
	if (rc == 0) {
		*ret = s->index;
		s->index = (struct ohc_layer_index)OHC_LAYER_INDEX_INIT;
	}
	ohc_tar_reader_free(s->tar);
	ohc_layer_index_clear(&s->index);
	ohc_buf_clear(&s->data);
	ohc_buf_clear(&s->facts);
	ohc_buf_clear(&s->xattrs);
	free(s->before);
	free(s);
	return rc;
}
