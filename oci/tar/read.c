// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/tar/libarchive.h"
#include "oci/tar/tar.h"
#include "oci/tar/locale.h"
#include "oci/tar/window.h"

struct ohc_tar_reader {
	struct archive *a;
	char *what;
	uint64_t header; /* where the entry's header started, while it is read */
	bool in_header, has_entry;
	struct ohc_error src_error;
	int src_rc;
	struct ohc_xattr *xattrs; /* of the current entry */
	struct ohc_tar_window window;
	int64_t holes_left; /* bytes of a sparse file that were not read yet */
};

/* libarchive keeps the whole map of a sparse file, however long it is. */
static int header_too_large(struct ohc_tar_reader *r)
{
	return ohc_error_set(&r->src_error, OHC_E_FORMAT,
			     "%s has an entry whose header is larger than the limit of %d bytes "
			     "(near byte %llu)",
			     r->what, OHC_TAR_HEADER_MAX, (unsigned long long)r->header);
}

static la_ssize_t on_read(struct archive *a, void *ctx, const void **ret)
{
	struct ohc_tar_reader *r = ctx;
	ssize_t n;

	if (r->in_header && r->window.pos - r->header > OHC_TAR_HEADER_MAX)
		n = header_too_large(r);
	else
		n = ohc_tar_window_read(&r->window, ret, &r->src_error);
	if (n >= 0)
		return (la_ssize_t)n;
	r->src_rc = (int)n;
	ohc_libarchive.set_error(a, EIO, "the input failed");
	return -1;
}

static la_int64_t on_skip(struct archive *a, void *ctx, la_int64_t request)
{
	struct ohc_tar_reader *r = ctx;

	(void)a;
	/* libarchive reads everything that is not skipped here. */
	return (la_int64_t)ohc_tar_window_skip(&r->window, (uint64_t)request);
}

/* Errors of loading and of the first read show at the first ohc_tar_next(). */
struct ohc_tar_reader *ohc_tar_reader_new(struct ohc_source *src, const char *what)
{
	struct ohc_tar_reader *r = ohc_xcalloc(1, sizeof(*r));

	r->window.src = src;
	r->what = ohc_xstrdup(what);
	r->src_rc = ohc_libarchive_load(&r->src_error);
	if (r->src_rc < 0)
		return r;
	r->a = ohc_libarchive.read_new();
	if (!r->a || ohc_libarchive.read_support_format_tar(r->a) != ARCHIVE_OK)
		abort();
	ohc_libarchive.read_open2(r->a, r, NULL, on_read, on_skip, NULL);
	return r;
}

static int failed(struct ohc_tar_reader *r, struct ohc_error *err)
{
	const char *why;

	if (r->src_rc < 0)
		return ohc_error_copy(err, &r->src_error, r->src_rc);
	why = ohc_libarchive.error_string(r->a);
	return ohc_error_set(err, OHC_E_FORMAT, "%s is not a valid tar: %s (near byte %lld)",
			     r->what, why ? why : "it is cut off or damaged",
			     (long long)ohc_libarchive.filter_bytes(r->a, -1));
}

static int read_xattrs(struct ohc_tar_reader *r, struct archive_entry *e, struct ohc_tar_entry *t,
		       struct ohc_error *err)
{
	size_t total = 0, n = (size_t)ohc_libarchive.entry_xattr_reset(e);

	free(ohc_take(r->xattrs));
	if (n == 0)
		return 0;
	r->xattrs = ohc_xcalloc(n, sizeof(*r->xattrs));
	/* libarchive keeps them last in, first out. */
	for (size_t i = n; i-- > 0;) {
		struct ohc_xattr *x = &r->xattrs[i];

		ohc_libarchive.entry_xattr_next(e, &x->name, &x->value, &x->size);
		total += x->size + strlen(x->name);
	}
	if (total > OHC_TAR_XATTR_MAX)
		return ohc_error_set(err, OHC_E_FORMAT, "%s: '%s' has more than %d bytes of xattrs",
				     r->what, t->path, OHC_TAR_XATTR_MAX);
	t->xattrs = r->xattrs;
	t->n_xattrs = n;
	return 0;
}

static uint32_t id_of(la_int64_t id)
{
	return id < 0 || id > UINT32_MAX ? UINT32_MAX : (uint32_t)id;
}

/* Where the header is not right before the data (because the map of a sparse file is), the
 * permissions come from the ACL's mask, which has what the group's permissions were. */
static mode_t mode_by_mask(struct archive_entry *e)
{
	const int access = ARCHIVE_ENTRY_ACL_TYPE_ACCESS;
	mode_t mode = ohc_libarchive.entry_mode(e);
	int type, permset, tag, id;
	const char *name;

	if (ohc_libarchive.entry_acl_reset(e, access) == 0)
		return mode;
	while (ohc_libarchive.entry_acl_next(e, access, &type, &permset, &tag, &id, &name) ==
	       ARCHIVE_OK)
		if (tag == ARCHIVE_ENTRY_ACL_MASK)
			mode = (mode & ~070u) | ((mode_t)permset & 7) << 3;
	return mode;
}

static mode_t mode_of(struct ohc_tar_reader *r, struct archive_entry *e, uint64_t data_offset)
{
	mode_t mode;

	if (!ohc_tar_window_mode(&r->window, data_offset, &mode))
		return mode_by_mask(e);
	return (ohc_libarchive.entry_mode(e) & ~07777u) | mode;
}

static int fill(struct ohc_tar_reader *r, struct archive_entry *e, struct ohc_tar_entry *t,
		struct ohc_error *err)
{
	t->path = ohc_libarchive.entry_pathname(e);
	if (!t->path)
		return ohc_error_set(err, OHC_E_FORMAT, "%s has an entry without a name", r->what);
	t->link = ohc_libarchive.entry_hardlink(e);
	t->hardlink = t->link != NULL;
	if (!t->link)
		t->link = ohc_libarchive.entry_symlink(e);
	if (strlen(t->path) > OHC_TAR_PATH_MAX || (t->link && strlen(t->link) > OHC_TAR_PATH_MAX))
		return ohc_error_set(err, OHC_E_FORMAT,
				     "%s has a path of more than %d bytes: '%.100s…'", r->what,
				     OHC_TAR_PATH_MAX, t->path);
	if (ohc_libarchive.entry_size(e) < 0)
		return ohc_error_set(err, OHC_E_FORMAT, "%s has '%.100s' with a size below zero",
				     r->what, t->path);
	t->uid = id_of(ohc_libarchive.entry_uid(e));
	t->gid = id_of(ohc_libarchive.entry_gid(e));
	t->size = ohc_libarchive.entry_size(e);
	t->mtime = ohc_libarchive.entry_mtime(e);
	t->dev_major = (uint32_t)ohc_libarchive.entry_rdevmajor(e);
	t->dev_minor = (uint32_t)ohc_libarchive.entry_rdevminor(e);
	t->data_offset = (uint64_t)ohc_libarchive.filter_bytes(r->a, -1);
	t->sparse = ohc_libarchive.entry_sparse_count(e) > 0;
	t->mode = mode_of(r, e, t->data_offset);
	r->window.data_end = t->sparse ? UINT64_MAX : t->data_offset + (uint64_t)t->size;
	return read_xattrs(r, e, t, err);
}

/* Skips the rest of the last entry's data first, because it is no part of the next header. */
static int next_header(struct ohc_tar_reader *r, struct archive_entry **ret)
{
	int rc = !r->a          ? ARCHIVE_FATAL
		 : r->has_entry ? ohc_libarchive.read_data_skip(r->a)
				: ARCHIVE_OK;

	r->has_entry = false;
	if (rc != ARCHIVE_OK && rc != ARCHIVE_EOF && rc != ARCHIVE_WARN)
		return rc;
	r->header = r->window.pos;
	r->in_header = true;
	rc = ohc_libarchive.read_next_header(r->a, ret);
	r->in_header = false;
	r->has_entry = rc == ARCHIVE_OK || rc == ARCHIVE_WARN;
	return rc;
}

int ohc_tar_next(struct ohc_tar_reader *r, struct ohc_tar_entry *ret, struct ohc_error *err)
{
	struct ohc_tar_entry t;
	struct archive_entry *e;
	locale_t old = ohc_tar_enter_to_read();
	int rc = next_header(r, &e);

	memset(&t, 0, sizeof(t));
	if (rc == ARCHIVE_OK || rc == ARCHIVE_WARN)
		rc = fill(r, e, &t, err);
	else
		rc = rc == ARCHIVE_EOF ? 1 : failed(r, err);
	ohc_tar_leave(old);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	r->holes_left = t.sparse ? t.size : 0;
	*ret = t;
	return 1;
}

ssize_t ohc_tar_read(struct ohc_tar_reader *r, void *buf, size_t n, struct ohc_error *err)
{
	la_ssize_t got = ohc_libarchive.read_data(r->a, buf, n);

	/* libarchive stops before the hole that a file ends with, and goes on when asked again. */
	if (got == 0 && n > 0 && r->holes_left > 0)
		got = ohc_libarchive.read_data(r->a, buf, n);
	if (got < 0)
		return failed(r, err);
	r->holes_left -= r->holes_left > 0 ? (int64_t)got : 0;
	return (ssize_t)got;
}

void ohc_tar_reader_free(struct ohc_tar_reader *r)
{
	if (!r)
		return;
	if (r->a)
		ohc_libarchive.read_free(r->a);
	free(r->xattrs);
	free(r->what);
	free(r);
}

void ohc_tar_reader_freep(struct ohc_tar_reader **r)
{
	ohc_tar_reader_free(*r);
}
