// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/interrupt.h"
#include "layout/layer/assembly_internal.h"
#include "layout/layer/xattrs.h"

#define PIECE (64 * 1024)

struct ohc_xattr *ohc_assembly_xattrs(const struct ohc_xattr *v, size_t n)
{
	struct ohc_xattr *ret = n ? ohc_xcalloc(n, sizeof(*ret)) : NULL;

	for (size_t i = 0; i < n; i++) {
		void *value = ohc_xmalloc(v[i].size ? v[i].size : 1);

		memcpy(value, v[i].value, v[i].size);
		ret[i] = (struct ohc_xattr){ ohc_xstrdup(v[i].name), value, v[i].size };
	}
	return ret;
}

void ohc_assembly_xattrs_free(struct ohc_xattr *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free((void *)v[i].name);
		free((void *)v[i].value);
	}
	free(v);
}

static int changed(const struct ohc_assembly_node *node, struct ohc_error *err)
{
	return ohc_stamp_changed(err, "'%s'", node->path);
}

/* O_NONBLOCK, so that a FIFO that has replaced the file does not block. */
static int open_file(const char *path, struct stat *st, struct ohc_error *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return ohc_error_sys(err, "cannot open '%s'", path);
	if (fstat(fd, st) < 0) {
		int rc = ohc_error_sys(err, "cannot read '%s'", path);

		close(fd);
		return rc;
	}
	if (S_ISREG(st->st_mode))
		return fd;
	close(fd);
	return ohc_error_set(err, OHC_E_FAILED, "'%s' is not a regular file", path);
}

static int look_at_file(struct ohc_assembly_node *node, const char *path, struct ohc_error *err)
{
	struct ohc_xattrs xattrs = { NULL, 0 };
	struct stat st;
	ohc_cleanup(ohc_closep) int fd = open_file(path, &st, err);
	int rc;

	if (fd < 0)
		return fd;
	node->path = ohc_xstrdup(path);
	node->st = ohc_stamp_of(&st);
	node->links = st.st_nlink;
	node->size = (uint64_t)st.st_size;
	rc = node->n_xattrs ? 0 : ohc_xattrs_read(fd, path, &xattrs, err);
	if (rc == 0 && xattrs.n) {
		node->xattrs = ohc_assembly_xattrs(xattrs.v, xattrs.n);
		node->n_xattrs = xattrs.n;
	}
	ohc_xattrs_clear(&xattrs);
	return rc;
}

static struct ohc_patch *copy_patch(const struct ohc_patch *patch)
{
	struct ohc_patch *p = ohc_xcalloc(1, sizeof(*p));

	p->size = patch->size;
	for (size_t i = 0; i < patch->n; i++)
		ohc_patch_set(p, patch->v[i].offset, patch->v[i].data, patch->v[i].n);
	return p;
}

int ohc_assembly_node_new(const struct ohc_assembly_item *item, const struct ohc_content *content,
			  const struct ohc_patch *patch, struct ohc_assembly_node **ret,
			  struct ohc_error *err)
{
	struct ohc_assembly_node *node = ohc_xcalloc(1, sizeof(*node));
	int rc = 0;

	node->kind = content->kind;
	node->mode = item->mode & 07777;
	node->mtime = item->mtime;
	node->xattrs = ohc_assembly_xattrs(item->xattrs, item->n_xattrs);
	node->n_xattrs = item->n_xattrs;
	node->size = content->size;
	node->fd = content->fd;
	node->offset = content->offset;
	if (content->kind == OHC_CONTENT_FILE) {
		rc = look_at_file(node, content->path, err);
	} else if (content->kind == OHC_CONTENT_BYTES) {
		node->bytes = ohc_xmalloc(content->size ? content->size : 1);
		memcpy(node->bytes, content->bytes, content->size);
	}
	if (patch && (patch->n || patch->size != node->size))
		node->patch = copy_patch(patch);
	if (rc < 0)
		ohc_assembly_node_free(node);
	else
		*ret = node;
	return rc;
}

void ohc_assembly_node_free(struct ohc_assembly_node *node)
{
	if (node->patch)
		ohc_patch_clear(node->patch);
	free(node->patch);
	ohc_assembly_xattrs_free(node->xattrs, node->n_xattrs);
	free(node->path);
	free(node->bytes);
	free(node);
}

uint64_t ohc_assembly_node_size(const struct ohc_assembly_node *node)
{
	return node->patch ? node->patch->size : node->size;
}

int ohc_assembly_open(const struct ohc_assembly_node *node, struct ohc_assembly_reader *ret,
		      struct ohc_error *err)
{
	struct ohc_assembly_reader r = { .node = node, .fd = -1 };
	struct ohc_stamp now;
	struct stat st;

	if (node->kind == OHC_CONTENT_FILE) {
		r.fd = open_file(node->path, &st, err);
		if (r.fd < 0)
			return r.fd;
		now = ohc_stamp_of(&st);
		if (!ohc_stamp_same(&now, &node->st)) {
			close(r.fd);
			return changed(node, err);
		}
	}
	*ret = r;
	return 0;
}

/* Reads n bytes of the content, without the patch. */
static int read_plain(struct ohc_assembly_reader *r, unsigned char *buf, size_t n,
		      struct ohc_error *err)
{
	const struct ohc_assembly_node *node = r->node;
	bool spool = node->kind == OHC_CONTENT_SPOOL;
	ssize_t got;

	if (node->kind == OHC_CONTENT_BYTES) {
		memcpy(buf, node->bytes + r->at, n);
		return 0;
	}
	got = ohc_file_read_at(spool ? node->fd : r->fd, buf, n,
			       r->at + (spool ? node->offset : 0));
	if (got < 0)
		return ohc_error_sys(err, "cannot read '%s'",
				     spool ? "the spool file" : node->path);
	if ((size_t)got == n)
		return 0;
	return spool ? ohc_error_set(err, OHC_E_FAILED, "the spool file is too short")
		     : changed(node, err);
}

/* Without this its bytes could come from two versions of it. */
static int check_end(const struct ohc_assembly_reader *r, struct ohc_error *err)
{
	struct ohc_stamp now;
	struct stat st;

	if (r->node->kind != OHC_CONTENT_FILE)
		return 0;
	if (fstat(r->fd, &st) < 0)
		return ohc_error_sys(err, "cannot read '%s'", r->node->path);
	now = ohc_stamp_of(&st);
	return ohc_stamp_same(&now, &r->node->st) ? 0 : changed(r->node, err);
}

ssize_t ohc_assembly_next(struct ohc_assembly_reader *r, void *buf, size_t n, struct ohc_error *err)
{
	const struct ohc_assembly_node *node = r->node;
	uint64_t left = ohc_assembly_node_size(node) - r->at, plain = 0;
	int rc = ohc_interrupt_check(err);

	if (rc == 0 && left == 0)
		return check_end(r, err);
	if (n > left)
		n = left;
	if (r->at < node->size)
		plain = node->size - r->at < n ? node->size - r->at : n;
	if (rc == 0 && plain)
		rc = read_plain(r, buf, plain, err);
	if (rc < 0)
		return rc;
	memset((char *)buf + plain, 0, n - plain);
	if (node->patch)
		ohc_patch_apply(node->patch, r->at, buf, n);
	r->at += n;
	return (ssize_t)n;
}

void ohc_assembly_close(struct ohc_assembly_reader *r)
{
	ohc_closep(&r->fd);
	r->fd = -1;
}

static int same_bytes(struct ohc_assembly_reader *a, struct ohc_assembly_reader *b,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *p = ohc_xmalloc(PIECE), *q = ohc_xmalloc(PIECE);
	ssize_t n, m;

	do {
		n = ohc_assembly_next(a, p, PIECE, err);
		m = n < 0 ? n : ohc_assembly_next(b, q, PIECE, err);
		if (m < 0)
			return (int)m;
		if (n != m || memcmp(p, q, (size_t)n) != 0)
			return 0;
	} while (n > 0);
	return 1;
}

int ohc_assembly_node_same(const struct ohc_assembly_node *a, const struct ohc_assembly_node *b,
			   struct ohc_error *err)
{
	struct ohc_assembly_reader x, y;
	int rc;

	if (ohc_assembly_node_size(a) != ohc_assembly_node_size(b) ||
	    (a->mode & 0111) != (b->mode & 0111))
		return 0;
	if (a->kind == OHC_CONTENT_FILE && b->kind == OHC_CONTENT_FILE &&
	    ohc_stamp_same(&a->st, &b->st) && ohc_patch_same(a->patch, b->patch))
		return 1;
	rc = ohc_assembly_open(a, &x, err);
	if (rc < 0)
		return rc;
	rc = ohc_assembly_open(b, &y, err);
	if (rc == 0) {
		rc = same_bytes(&x, &y, err);
		ohc_assembly_close(&y);
	}
	ohc_assembly_close(&x);
	return rc;
}
