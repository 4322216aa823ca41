// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/spooled.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/spool.h"

#define PIECE (256u << 10)

/* The list of more entries goes into the spool, too, once it is complete. */
#define LISTED_MAX 65536

struct ohc_spooled {
	struct ohc_spooled_entry *v; /* by layer and entry */
	size_t n, cap;
	bool all, sorted;
	struct ohc_xattrs **xattrs;
	size_t n_xattrs, xattr_bytes;
	int fd;
	uint64_t end; /* of the files in the spool, where the list lies that is */
	bool away;    /* from memory, with n entries */

	/* Of the layer that is read. */
	uint32_t layer;
	const char *what;
	struct ohc_spooled_entry *current;
	size_t at; /* the next that is wanted */
};

struct ohc_spooled *ohc_spooled_new(void)
{
	struct ohc_spooled *t = ohc_xcalloc(1, sizeof(*t));

	t->fd = -1;
	t->all = true;
	return t;
}

void ohc_spooled_free(struct ohc_spooled *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_xattrs; i++) {
		ohc_xattrs_clear(t->xattrs[i]);
		free(t->xattrs[i]);
	}
	free(t->xattrs);
	free(t->v);
	ohc_closep(&t->fd);
	free(t);
}

static int compare(const void *a, const void *b)
{
	const struct ohc_spooled_entry *x = a, *y = b;

	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

static struct ohc_spooled_entry *add(struct ohc_spooled *t, uint32_t layer, uint32_t entry)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap + t->cap / 2 : 256;
		t->v = ohc_xrealloc(t->v, t->cap, sizeof(*t->v));
	}
	t->v[t->n] = (struct ohc_spooled_entry){ .layer = layer, .entry = entry };
	return &t->v[t->n++];
}

void ohc_spooled_want(struct ohc_spooled *t, uint32_t layer, uint32_t entry)
{
	t->all = t->sorted = false;
	add(t, layer, entry);
}

/* A file with several names may be asked for several times. */
static void sort(struct ohc_spooled *t)
{
	size_t n = 0;

	if (t->sorted || t->n == 0)
		return;
	qsort(t->v, t->n, sizeof(*t->v), compare);
	for (size_t i = 0; i < t->n; i++)
		if (n == 0 || compare(&t->v[n - 1], &t->v[i]) != 0)
			t->v[n++] = t->v[i];
	t->n = n;
	t->sorted = true;
}

static struct ohc_spooled_entry entry_at(const struct ohc_spooled *t, size_t i)
{
	struct ohc_spooled_entry e;

	if (!t->away)
		return t->v[i];
	if (ohc_file_read_at(t->fd, &e, sizeof(e), t->end + i * sizeof(e)) != (ssize_t)sizeof(e))
		e = (struct ohc_spooled_entry){ .was = false };
	return e;
}

/* The first entry that is not before the number. */
static size_t lower_bound(const struct ohc_spooled *t, uint32_t layer, uint32_t entry)
{
	const struct ohc_spooled_entry key = { .layer = layer, .entry = entry };
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct ohc_spooled_entry e = entry_at(t, mid);

		if (compare(&e, &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool ohc_spooled_wants(struct ohc_spooled *t, uint32_t layer)
{
	size_t i;

	if (t->all)
		return true;
	sort(t);
	i = lower_bound(t, layer, 0);
	return i < t->n && t->v[i].layer == layer;
}

bool ohc_spooled_find(const struct ohc_spooled *t, uint32_t layer, uint32_t entry,
		      struct ohc_spooled_entry *ret)
{
	const struct ohc_spooled_entry key = { .layer = layer, .entry = entry };
	struct ohc_spooled_entry e = key;
	size_t i = entry; /* where it is when every entry was kept */

	if (i < t->n)
		e = entry_at(t, i);
	if (i >= t->n || compare(&e, &key) != 0) {
		i = lower_bound(t, layer, entry);
		if (i == t->n)
			return false;
		e = entry_at(t, i);
	}
	if (!e.was || compare(&e, &key) != 0)
		return false;
	*ret = e;
	return true;
}

static int take_xattrs(struct ohc_spooled *t, const struct ohc_tar_entry *e, struct ohc_error *err)
{
	struct ohc_xattrs x = { NULL, 0 }, *copy;

	ohc_xattrs_copy(e->xattrs, e->n_xattrs, &x);
	if (x.n == 0)
		return 0;
	for (size_t i = 0; i < x.n; i++)
		t->xattr_bytes += strlen(x.v[i].name) + x.v[i].size;
	copy = ohc_xcalloc(1, sizeof(*copy));
	*copy = x;
	t->xattrs = ohc_xrealloc(t->xattrs, t->n_xattrs + 1, sizeof(*t->xattrs));
	t->xattrs[t->n_xattrs++] = copy;
	t->current->xattrs = copy;
	if (t->xattr_bytes > OHC_SPOOLED_XATTRS)
		return ohc_error_set(
			err, OHC_E_FORMAT,
			"%s has more than the limit of %u bytes of extended attributes", t->what,
			OHC_SPOOLED_XATTRS);
	return 0;
}

/* The current entry if it is wanted, or NULL. */
static struct ohc_spooled_entry *wanted(struct ohc_spooled *t, uint32_t number)
{
	if (t->all) /* the number was used before, by an entry that does not count */
		return t->n > t->at && t->v[t->n - 1].entry == number ? &t->v[t->n - 1]
								      : add(t, t->layer, number);
	while (t->at < t->n && t->v[t->at].layer == t->layer && t->v[t->at].entry < number)
		t->at++;
	if (t->at == t->n || t->v[t->at].layer != t->layer || t->v[t->at].entry != number)
		return NULL;
	return &t->v[t->at];
}

static int take_entry(void *ctx, uint32_t number, const struct ohc_tar_entry *e,
		      struct ohc_error *err)
{
	struct ohc_spooled *t = ctx;
	int rc;

	t->current = wanted(t, number);
	if (!t->current)
		return 0;
	t->current->was = true;
	t->current->mtime = e->mtime;
	t->current->offset = t->end;
	t->current->size = 0;
	t->current->xattrs = NULL;
	rc = e->hardlink ? 0 : take_xattrs(t, e, err);
	if (rc < 0)
		return rc;
	return !e->hardlink && S_ISREG(e->mode);
}

static int write_at(struct ohc_spooled *t, const void *data, size_t n, uint64_t at,
		    struct ohc_error *err)
{
	const char *p = data;
	int rc = t->fd < 0 ? ohc_spool_open(&t->fd, err) : 0;

	while (rc == 0 && n > 0) {
		ssize_t done = pwrite(t->fd, p, n, (off_t)at);

		if (done < 0 && errno != EINTR)
			return ohc_error_sys(err, "cannot write a temporary file in '%s'",
					     ohc_spool_dir());
		if (done <= 0)
			continue;
		p += done;
		n -= (size_t)done;
		at += (uint64_t)done;
	}
	return rc;
}

static int take_data(void *ctx, const void *data, size_t n, struct ohc_error *err)
{
	struct ohc_spooled *t = ctx;
	int rc = write_at(t, data, n, t->end, err);

	t->end += n;
	t->current->size += n;
	return rc;
}

/* A tar is read whole, and its list is not written to any more. */
static int put_away(struct ohc_spooled *t, struct ohc_error *err)
{
	int rc = write_at(t, t->v, t->n * sizeof(*t->v), t->end, err);

	if (rc < 0)
		return rc;
	free(ohc_take(t->v));
	t->away = true;
	return 0;
}

/* Gives the hook the file again, from the spool. */
static int look_again(const struct ohc_spooled *t, const struct ohc_spooled_entry *spooled,
		      const struct ohc_scan_hook *hook, const struct ohc_layer_entry *e,
		      struct ohc_buf *ret, struct ohc_error *err)
{
	const struct ohc_tar_entry entry = { .path = e->path,
					     .mode = e->mode,
					     .size = (int64_t)spooled->size };
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(PIECE);
	void *state = NULL;
	bool more = true;

	for (uint64_t at = 0; more && at < spooled->size;) {
		size_t n = spooled->size - at < PIECE ? (size_t)(spooled->size - at) : PIECE;

		if (ohc_file_read_at(t->fd, piece, n, spooled->offset + at) != (ssize_t)n)
			return ohc_error_sys(err, "cannot read a temporary file");
		if (!state)
			state = hook->begin(hook->ctx, e->path, &entry, e, piece,
					    n < OHC_SCAN_HEAD ? n : OHC_SCAN_HEAD);
		more = state && hook->feed(state, piece, n);
		at += n;
	}
	if (state)
		hook->end(state, ret);
	return 0;
}

/* Writes the index again, with finished facts of the files whose facts were unfinished. */
static int finish_once(const struct ohc_spooled *t, uint32_t layer, const struct ohc_scan *scan,
		       struct ohc_layer_index *index, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) struct ohc_layer_index_iter *it = ohc_xcalloc(1, sizeof(*it));
	ohc_cleanup(ohc_buf_clear) struct ohc_buf facts = OHC_BUF_INIT;
	ohc_cleanup(ohc_layer_index_clear) struct ohc_layer_index old = *index;
	struct ohc_layer_entry e;
	int rc;

	*index = (struct ohc_layer_index)OHC_LAYER_INDEX_INIT;
	ohc_layer_index_iter_start(it, ohc_buf_str(&old.bytes), old.bytes.len, scan->what);
	while ((rc = ohc_layer_index_iter_next(it, &e, err)) > 0) {
		struct ohc_spooled_entry spooled;

		if (e.facts && scan->hook->unfinished(e.facts, e.n_facts) &&
		    ohc_spooled_find(t, layer, (uint32_t)index->n_entries, &spooled)) {
			ohc_buf_truncate(&facts, 0);
			rc = look_again(t, &spooled, scan->hook, &e, &facts, err);
			e.facts = facts.data;
			e.n_facts = facts.len;
			index->unfinished += scan->hook->unfinished(e.facts, e.n_facts);
		}
		if (rc < 0)
			break;
		ohc_layer_index_add(index, &e);
	}
	return rc;
}

int ohc_spooled_read(struct ohc_spooled *t, uint32_t layer, struct ohc_source *blob,
		     const struct ohc_scan *scan, struct ohc_layer_index *ret,
		     struct ohc_error *err)
{
	const struct ohc_scan_taker taker = { take_entry, take_data, t };
	ohc_cleanup(ohc_layer_index_clear) struct ohc_layer_index index = OHC_LAYER_INDEX_INIT;
	struct ohc_scan s = *scan;
	int rc;

	s.taker = &taker;
	if (!t->all)
		sort(t);
	t->layer = layer;
	t->what = scan->what;
	t->at = t->all ? t->n : lower_bound(t, layer, 0);
	rc = ohc_scan_layer(blob, &s, &index, err);
	for (int times = 1; rc == 0 && index.unfinished && times < OHC_SCAN_TIMES; times++)
		rc = finish_once(t, layer, scan, &index, err);
	if (rc == 0 && t->all && t->n > LISTED_MAX)
		rc = put_away(t, err);
	if (rc < 0)
		return rc;
	*ret = index;
	index = (struct ohc_layer_index)OHC_LAYER_INDEX_INIT;
	return 0;
}

int ohc_spooled_fd(const struct ohc_spooled *t)
{
	return t->fd;
}

uint64_t ohc_spooled_bytes(const struct ohc_spooled *t)
{
	return t->end;
}
