// SPDX-License-Identifier: Apache-2.0
/*
 * An entry: the bits below, the bytes shared with the last path, the rest of the path; then, where
 * its kind and bits have them: mode, uid and gid, mtime (its difference, zigzag), size, link, data,
 * facts, extended attributes.
 */
#include "layout/rootfs/layer_index.h"

#include <string.h>
#include <sys/stat.h>

#include "core/path.h"
#include "layout/rootfs/entry_path.h"
#include "oci/tar/xattrs.h"

#define KIND       3u
#define SAME_MODE  4u
#define SAME_OWNER 8u
#define SAME_MTIME 16u
#define HAS_DATA   32u
#define HAS_FACTS  64u
#define HAS_XATTRS 128u
#define ALL_BITS   255u

static size_t shared_bytes(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

static uint64_t zigzag(int64_t to, int64_t from)
{
	uint64_t d = (uint64_t)to - (uint64_t)from;

	return d << 1 ^ (d >> 63 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t z, int64_t from)
{
	uint64_t d = z >> 1 ^ (z & 1 ? UINT64_MAX : 0);

	return (int64_t)((uint64_t)from + d);
}

static unsigned int bits_of(const struct ohc_layer_index *x, const struct ohc_layer_entry *e)
{
	unsigned int bits = e->kind;

	if (e->kind != OHC_LAYER_FILE)
		return bits;
	if (e->mode == x->mode)
		bits |= SAME_MODE;
	if (e->uid == x->uid && e->gid == x->gid)
		bits |= SAME_OWNER;
	if (e->mtime == x->mtime)
		bits |= SAME_MTIME;
	if (S_ISREG(e->mode) && e->data)
		bits |= HAS_DATA;
	if (S_ISREG(e->mode) && e->facts)
		bits |= HAS_FACTS;
	if (e->n_xattrs)
		bits |= HAS_XATTRS;
	return bits;
}

static void add_file(struct ohc_layer_index *x, const struct ohc_layer_entry *e, unsigned int bits)
{
	struct ohc_buf *b = &x->bytes;

	if (!(bits & SAME_MODE))
		ohc_record_put_number(b, e->mode);
	if (!(bits & SAME_OWNER)) {
		ohc_record_put_number(b, e->uid);
		ohc_record_put_number(b, e->gid);
	}
	if (!(bits & SAME_MTIME))
		ohc_record_put_number(b, zigzag(e->mtime, x->mtime));
	if (S_ISREG(e->mode))
		ohc_record_put_number(b, e->size);
	if (S_ISLNK(e->mode))
		ohc_record_put_bytes(b, e->link, strlen(e->link));
	if (bits & HAS_DATA)
		ohc_record_put_bytes(b, e->data, e->n_data);
	if (bits & HAS_FACTS)
		ohc_record_put_bytes(b, e->facts, e->n_facts);
	if (bits & HAS_XATTRS)
		ohc_record_put_bytes(b, e->xattrs, e->n_xattrs);
	x->mode = e->mode;
	x->uid = e->uid;
	x->gid = e->gid;
	x->mtime = e->mtime;
}

void ohc_layer_index_add(struct ohc_layer_index *x, const struct ohc_layer_entry *e)
{
	size_t shared = shared_bytes(ohc_buf_str(&x->path), e->path), len = strlen(e->path);
	unsigned int bits = bits_of(x, e);

	ohc_record_put_number(&x->bytes, bits);
	ohc_record_put_number(&x->bytes, shared);
	ohc_record_put_bytes(&x->bytes, e->path + shared, len - shared);
	if (e->kind == OHC_LAYER_FILE)
		add_file(x, e, bits);
	else if (e->kind == OHC_LAYER_HARDLINK)
		ohc_record_put_bytes(&x->bytes, e->link, strlen(e->link));
	ohc_buf_truncate(&x->path, shared);
	ohc_buf_adds(&x->path, e->path + shared);
	x->n_entries++;
}

void ohc_layer_index_clear(struct ohc_layer_index *x)
{
	ohc_buf_clear(&x->bytes);
	ohc_buf_clear(&x->path);
	*x = (struct ohc_layer_index)OHC_LAYER_INDEX_INIT;
}

void ohc_layer_index_iter_start(struct ohc_layer_index_iter *it, const void *bytes, size_t n,
				const char *what)
{
	it->in = ohc_record_read(bytes, n);
	it->what = what;
	it->path[0] = '\0';
	it->path_len = it->slashes = 0;
	it->mode = 0;
	it->uid = it->gid = 0;
	it->mtime = 0;
}

/* Reads a string behind the first `at` bytes of text, which stay; returns its length, or 0 and the
 * reader is bad. */
static size_t read_text(struct ohc_record_reader *u, char text[OHC_TAR_PATH_MAX + 1], size_t at)
{
	size_t n;
	const void *p = ohc_record_get_bytes(u, OHC_TAR_PATH_MAX - at, &n);

	if (n && memchr(p, '\0', n))
		u->bad = true;
	if (u->bad)
		return 0;
	memcpy(text + at, p, n);
	text[at + n] = '\0';
	return at + n;
}

static bool known_type(mode_t mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISCHR(mode) || S_ISBLK(mode) ||
	       S_ISFIFO(mode);
}

static void read_file(struct ohc_layer_index_iter *it, unsigned int bits, struct ohc_layer_entry *e)
{
	struct ohc_record_reader *u = &it->in;

	if (!(bits & SAME_MODE))
		it->mode = (mode_t)ohc_record_get_number_max(u, S_IFMT | 07777);
	if (!(bits & SAME_OWNER)) {
		it->uid = (uint32_t)ohc_record_get_number_max(u, UINT32_MAX);
		it->gid = (uint32_t)ohc_record_get_number_max(u, UINT32_MAX);
	}
	if (!(bits & SAME_MTIME))
		it->mtime = unzigzag(ohc_record_get_number(u), it->mtime);
	e->mode = it->mode;
	e->uid = it->uid;
	e->gid = it->gid;
	e->mtime = it->mtime;
	if (S_ISREG(e->mode))
		e->size = ohc_record_get_number_max(u, INT64_MAX);
	if (S_ISLNK(e->mode)) {
		read_text(u, it->link, 0);
		e->link = it->link;
	}
	if (bits & HAS_DATA)
		e->data = ohc_record_get_bytes(u, OHC_INDEX_DATA_MAX, &e->n_data);
	if (bits & HAS_FACTS)
		e->facts = ohc_record_get_bytes(u, OHC_INDEX_DATA_MAX, &e->n_facts);
	if (bits & HAS_XATTRS) {
		e->xattrs = ohc_record_get_bytes(u, OHC_INDEX_DATA_MAX, &e->n_xattrs);
		u->bad |= !ohc_xattrs_decode(e->xattrs, e->n_xattrs, NULL);
	}
	u->bad |= !known_type(e->mode) || e->n_data > e->size ||
		  (!S_ISREG(e->mode) && (bits & (HAS_DATA | HAS_FACTS)));
}

static size_t count_slashes(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == '/';
	return n;
}

/* Reads a path; what it shares with the one before was looked at already. */
static void read_path(struct ohc_layer_index_iter *it, size_t shared)
{
	size_t from = shared;

	it->slashes -= count_slashes(it->path + shared);
	it->path_len = read_text(&it->in, it->path, shared);
	it->slashes += count_slashes(it->path + shared);
	while (from > 0 && it->path[from - 1] != '/')
		from--;
	it->in.bad |= it->path_len && (it->slashes >= OHC_BASE_DEPTH_MAX ||
				       !ohc_path_is_normal_below(it->path + from));
}

static void read_entry(struct ohc_layer_index_iter *it, struct ohc_layer_entry *e)
{
	struct ohc_record_reader *u = &it->in;
	unsigned int bits = (unsigned int)ohc_record_get_number_max(u, ALL_BITS);

	e->kind = (enum ohc_layer_kind)(bits & KIND);
	e->shared = (size_t)ohc_record_get_number_max(u, it->path_len);
	read_path(it, e->shared);
	e->path = it->path;
	if (e->kind == OHC_LAYER_FILE) {
		read_file(it, bits, e);
	} else if (e->kind == OHC_LAYER_HARDLINK) {
		read_text(u, it->link, 0);
		e->link = it->link;
		u->bad |= !ohc_entry_path_is_normal(it->link);
	}
}

int ohc_layer_index_iter_next(struct ohc_layer_index_iter *it, struct ohc_layer_entry *ret,
			      struct ohc_error *err)
{
	struct ohc_layer_entry e;

	if (ohc_record_done(&it->in))
		return 0;
	memset(&e, 0, sizeof(e));
	if (!it->in.bad)
		read_entry(it, &e);
	if (it->in.bad)
		return ohc_error_set(err, OHC_E_FORMAT, "the index of %s is damaged", it->what);
	*ret = e;
	return 1;
}

bool ohc_layer_index_is_sound(const void *bytes, size_t n)
{
	struct ohc_layer_entry entry;
	struct ohc_layer_index_iter it;
	int rc;

	ohc_layer_index_iter_start(&it, bytes, n, "");
	while ((rc = ohc_layer_index_iter_next(&it, &entry, NULL)) > 0)
		;
	return rc == 0;
}
