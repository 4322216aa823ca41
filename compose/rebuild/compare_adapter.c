// SPDX-License-Identifier: Apache-2.0
/* Two adapter layers, entry by entry. */
#include <string.h>
#include <sys/stat.h>

#include "compose/rebuild/compare.h"
#include "core/alloc.h"
#include "oci/codec/codec.h"
#include "oci/tar/tar.h"
#include "oci/tar/xattrs.h"

/* An adapter layer is made in memory (compose/layers/move.c): what is larger is none. */
#define PACKED_MAX (16u << 20)
#define PLAIN_MAX  (64u << 20)

struct listed_entry {
	char *path, *link;
	struct ohc_tar_entry head; /* its strings are not used */
	struct ohc_buf data, xattrs;
	bool met;
};

struct listed_entries {
	struct listed_entry *v;
	size_t n;
	char diff_id[OHC_DIGEST_MAX];
};

static void list_clear(struct listed_entries *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].path);
		free(l->v[i].link);
		ohc_buf_clear(&l->v[i].data);
		ohc_buf_clear(&l->v[i].xattrs);
	}
	free(l->v);
}

static void keep_xattrs(const struct ohc_tar_entry *e, struct ohc_buf *ret)
{
	ohc_cleanup(ohc_xattrs_clear) struct ohc_xattrs x = OHC_XATTRS_INIT;

	for (size_t i = 0; i < e->n_xattrs; i++)
		ohc_xattrs_put(&x, &e->xattrs[i]);
	ohc_xattrs_encode(&x, ret);
}

/* A path of a tar names the same file with and without '/' or "./" before it. */
static const char *plain_path(const char *path)
{
	while (*path == '/' || strncmp(path, "./", 2) == 0)
		path += *path == '/' ? 1 : 2;
	return path;
}

static int keep_entry(struct listed_entries *l, struct ohc_tar_reader *r,
		      const struct ohc_tar_entry *e, struct ohc_error *err)
{
	struct listed_entry *to;
	char piece[16 * 1024];
	ssize_t n;
	size_t len;

	l->v = ohc_xrealloc(l->v, l->n + 1, sizeof(*l->v));
	to = &l->v[l->n++];
	*to = (struct listed_entry){ .path = ohc_xstrdup(plain_path(e->path)),
				     .link = ohc_xstrdup(e->link),
				     .head = *e };
	len = strlen(to->path);
	if (len && to->path[len - 1] == '/')
		to->path[len - 1] = '\0';
	keep_xattrs(e, &to->xattrs);
	while ((n = ohc_tar_read(r, piece, sizeof(piece), err)) > 0)
		ohc_buf_add(&to->data, piece, (size_t)n);
	return (int)n;
}

static int read_list(const struct ohc_buf *packed, struct listed_entries *ret,
		     struct ohc_error *err)
{
	struct ohc_source *below = ohc_source_memory(packed->data, packed->len);
	ohc_cleanup(ohc_source_closep) struct ohc_source *src =
		ohc_codec_decompress(below, true, "the layer");
	ohc_cleanup(ohc_source_closep) struct ohc_source *plain = NULL;
	ohc_cleanup(ohc_tar_reader_freep) struct ohc_tar_reader *r = NULL;
	ohc_cleanup(ohc_buf_clear) struct ohc_buf tar = OHC_BUF_INIT;
	struct ohc_tar_entry e;
	int rc = ohc_source_read_all(src, PLAIN_MAX, &tar, err);

	if (rc < 0)
		return rc;
	ohc_digest_of(tar.data, tar.len, ret->diff_id);
	plain = ohc_source_memory(tar.data, tar.len);
	r = ohc_tar_reader_new(plain, "the layer");
	while ((rc = ohc_tar_next(r, &e, err)) > 0)
		if ((rc = keep_entry(ret, r, &e, err)) < 0)
			break;
	return rc;
}

static struct listed_entry *find(struct listed_entries *l, const char *path)
{
	for (size_t i = 0; i < l->n; i++)
		if (!l->v[i].met && strcmp(l->v[i].path, path) == 0)
			return &l->v[i];
	return NULL;
}

static bool same_bytes(const struct ohc_buf *a, const struct ohc_buf *b)
{
	return a->len == b->len && memcmp(ohc_buf_str(a), ohc_buf_str(b), a->len) == 0;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void compare_entry(struct ohc_compare *c, const char *where, const struct listed_entry *is,
			  const struct listed_entry *should)
{
	const struct ohc_tar_entry *a = &is->head, *b = &should->head;

	if (a->mode != b->mode || a->hardlink != b->hardlink)
		ohc_compare_tell(c, where, "has mode %06o, and should have %06o",
				 (unsigned int)a->mode, (unsigned int)b->mode);
	if (a->uid != b->uid || a->gid != b->gid)
		ohc_compare_tell(c, where, "belongs to %u:%u, and should to %u:%u", a->uid, a->gid,
				 b->uid, b->gid);
	if (a->mtime != b->mtime)
		ohc_compare_tell(c, where, "has the time %lld, and should have %lld",
				 (long long)a->mtime, (long long)b->mtime);
	if (!same_text(is->link, should->link))
		ohc_compare_tell(c, where, "leads to '%s', and should to '%s'",
				 is->link ? is->link : "", should->link ? should->link : "");
	if (!same_bytes(&is->data, &should->data))
		ohc_compare_tell(c, where, "has another content");
	if (!same_bytes(&is->xattrs, &should->xattrs))
		ohc_compare_tell(c, where, "has other extended attributes");
}

static void compare_lists(struct ohc_compare *c, struct listed_entries *is,
			  struct listed_entries *should)
{
	for (size_t i = 0; i < is->n; i++) {
		struct listed_entry *e = &is->v[i], *other = find(should, e->path);
		ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("adapter layer, /%s", e->path);

		if (!other) {
			ohc_compare_tell(c, where, "should not be there");
			continue;
		}
		other->met = true;
		compare_entry(c, where, e, other);
	}
	for (size_t i = 0; i < should->n; i++) {
		ohc_cleanup(ohc_freep) char *where =
			ohc_xasprintf("adapter layer, /%s", should->v[i].path);

		if (!should->v[i].met)
			ohc_compare_tell(c, where, "is missing");
	}
}

/* Nothing that an entry holds differs, but the bytes do. */
static void tell_packing(struct ohc_compare *c, const char *where, const struct listed_entries *is,
			 const struct listed_entries *should)
{
	if (strcmp(is->diff_id, should->diff_id) != 0)
		ohc_compare_tell(c, where, "has the same entries, but not in the same tar");
	else if (strcmp(c->codec, c->our_codec) != 0)
		c->packed_elsewhere = true;
	else
		ohc_compare_tell(c, where, "has the same tar, but %s packs it otherwise",
				 c->our_codec);
}

int ohc_compare_adapter(struct ohc_compare *c, size_t i, const struct ohc_part *part,
			struct ohc_error *err)
{
	const struct ohc_descriptor *d = &c->is->manifest.layers[i];
	ohc_cleanup(ohc_freep) char *where = ohc_xasprintf("layers[%zu]", i);
	ohc_cleanup(list_clear) struct listed_entries is = { .n = 0 }, should = { .n = 0 };
	ohc_cleanup(ohc_buf_clear) struct ohc_buf packed = OHC_BUF_INIT;
	ohc_cleanup(ohc_source_closep) struct ohc_source *src = NULL;
	struct ohc_error why = OHC_ERROR_INIT;
	size_t before = c->n;
	int rc = ohc_store_open_blob(c->store, d, &src, &why);

	if (rc == 0)
		rc = ohc_source_read_all(src, PACKED_MAX, &packed, &why);
	if (rc == 0)
		rc = read_list(&packed, &is, &why);
	if (rc == -OHC_E_FORMAT || rc == -OHC_E_DIGEST || rc == -OHC_E_NOT_FOUND) {
		ohc_compare_tell(c, where, "is not the adapter layer %s: %s", part->layer.d.digest,
				 why.msg);
		return 0;
	}
	if (rc < 0)
		return ohc_error_copy(err, &why, rc);
	rc = read_list(&part->bytes, &should, err);
	if (rc < 0)
		return rc;
	compare_lists(c, &is, &should);
	if (c->n == before)
		tell_packing(c, where, &is, &should);
	return 0;
}
