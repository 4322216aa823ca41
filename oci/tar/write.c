// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/alloc.h"
#include "oci/tar/libarchive.h"
#include "oci/tar/tar.h"
#include "oci/tar/locale.h"

struct ohc_tar_writer {
	struct archive *a;
	struct archive_entry *entry;
	struct ohc_sink *sink;
	struct ohc_error sink_error; /* libarchive can pass on only that the sink failed */
	int sink_rc;
	int64_t left;   /* of the current entry's data */
	bool abandoned; /* libarchive ends every tar when it is freed: to nowhere, then */
};

static la_ssize_t on_write(struct archive *a, void *ctx, const void *data, size_t n)
{
	struct ohc_tar_writer *w = ctx;

	if (w->abandoned)
		return (la_ssize_t)n;
	w->sink_rc = ohc_sink_write(w->sink, data, n, &w->sink_error);
	if (w->sink_rc == 0)
		return (la_ssize_t)n;
	ohc_libarchive.set_error(a, EIO, "the output failed");
	return -1;
}

/* When configuring fails, libarchive was built without what this file needs. */
static void must(int rc)
{
	if (rc != ARCHIVE_OK)
		abort();
}

/* That it cannot be loaded shows with the first entry. */
struct ohc_tar_writer *ohc_tar_writer_new(struct ohc_sink *sink)
{
	struct ohc_tar_writer *w = ohc_xcalloc(1, sizeof(*w));
	struct archive *a;

	w->sink = sink;
	w->sink_rc = ohc_libarchive_load(&w->sink_error);
	if (w->sink_rc < 0)
		return w;
	a = w->a = ohc_libarchive.write_new();
	w->entry = ohc_libarchive.entry_new();
	if (!w->a || !w->entry)
		abort();
	must(ohc_libarchive.write_set_format_pax_restricted(a));
	must(ohc_libarchive.write_set_format_option(a, "pax", "xattrheader", "SCHILY"));
	must(ohc_libarchive.write_set_bytes_per_block(a, 0)); /* no blocking, no padding, no copy */
	must(ohc_libarchive.write_open(a, w, NULL, on_write, NULL));
	return w;
}

static int failed(struct ohc_tar_writer *w, const char *path, struct ohc_error *err)
{
	if (w->sink_rc < 0)
		return ohc_error_copy(err, &w->sink_error, w->sink_rc);
	return ohc_error_set(err, OHC_E_FAILED, "cannot write '%s' into the tar: %s", path,
			     ohc_libarchive.error_string(w->a));
}

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static void fill(struct archive_entry *e, const struct ohc_tar_entry *t)
{
	ohc_libarchive.entry_clear(e);
	ohc_libarchive.entry_copy_pathname(e, t->path);
	ohc_libarchive.entry_set_mode(e, t->mode);
	ohc_libarchive.entry_set_uid(e, t->uid);
	ohc_libarchive.entry_set_gid(e, t->gid);
	ohc_libarchive.entry_set_mtime(e, (time_t)t->mtime, 0);
	ohc_libarchive.entry_set_size(e, 0);
	if (t->hardlink) {
		ohc_libarchive.entry_copy_hardlink(e, t->link);
		return;
	}
	if (S_ISREG(t->mode))
		ohc_libarchive.entry_set_size(e, t->size);
	else if (S_ISLNK(t->mode))
		ohc_libarchive.entry_copy_symlink(e, t->link);
	else if (S_ISCHR(t->mode) || S_ISBLK(t->mode))
		ohc_libarchive.entry_set_rdev(e, makedev(t->dev_major, t->dev_minor));
	/* libarchive writes them last in, first out. */
	for (size_t i = t->n_xattrs; i-- > 0;)
		ohc_libarchive.entry_xattr_add_entry(e, t->xattrs[i].name, t->xattrs[i].value,
						     t->xattrs[i].size);
}

/* Entries that our own reader would refuse are not written. */
static int check_readable(const struct ohc_tar_entry *t, struct ohc_error *err)
{
	size_t xattrs = 0;

	for (size_t i = 0; i < t->n_xattrs; i++)
		xattrs += t->xattrs[i].size + strlen(t->xattrs[i].name);
	if (strlen(t->path) > OHC_TAR_PATH_MAX || (t->link && strlen(t->link) > OHC_TAR_PATH_MAX))
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "cannot write '%.100s…' into the tar: its path or target has "
				     "more than %d bytes",
				     t->path, OHC_TAR_PATH_MAX);
	if (xattrs > OHC_TAR_XATTR_MAX)
		return ohc_error_set(
			err, OHC_E_UNSUPPORTED,
			"cannot write '%.200s' into the tar: it has more than %d bytes "
			"of xattrs",
			t->path, OHC_TAR_XATTR_MAX);
	return 0;
}

int ohc_tar_write_header(struct ohc_tar_writer *w, const struct ohc_tar_entry *t,
			 struct ohc_error *err)
{
	locale_t old;
	int rc = check_readable(t, err);

	if (w->left > 0)
		return ohc_error_set(err, OHC_E_FAILED,
				     "'%s' comes before the end of the file before it", t->path);
	if (rc < 0)
		return rc;
	if (!w->a)
		return failed(w, t->path, err);
	if (!ohc_tar_has_utf8() && !(is_ascii(t->path) && (!t->link || is_ascii(t->link))))
		return ohc_error_set(
			err, OHC_E_UNSUPPORTED,
			"cannot write the name '%s': this machine has no C.UTF-8 locale", t->path);
	fill(w->entry, t);
	old = ohc_tar_enter_to_write();
	rc = ohc_libarchive.write_header(w->a, w->entry);
	ohc_tar_leave(old);
	/* ARCHIVE_WARN: the name is no UTF-8, and was written as the bytes it is. */
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
		return failed(w, t->path, err);
	w->left = S_ISREG(t->mode) && !t->hardlink ? t->size : 0;
	return 0;
}

void *ohc_tar_room(struct ohc_tar_writer *w, size_t *ret_n)
{
	return ohc_sink_room(w->sink, ret_n);
}

int ohc_tar_write_data(struct ohc_tar_writer *w, const void *data, size_t n, struct ohc_error *err)
{
	if (n > (uint64_t)w->left)
		return ohc_error_set(err, OHC_E_FAILED, "more data than the tar entry's size");
	if (n && ohc_libarchive.write_data(w->a, data, n) != (la_ssize_t)n)
		return failed(w, ohc_libarchive.entry_pathname(w->entry), err);
	w->left -= (int64_t)n;
	return 0;
}

int ohc_tar_finish(struct ohc_tar_writer *w, struct ohc_error *err)
{
	if (w->left > 0)
		return ohc_error_set(err, OHC_E_FAILED, "less data than the tar entry's size");
	if (!w->a || ohc_libarchive.write_close(w->a) != ARCHIVE_OK)
		return failed(w, "the end", err);
	return 0;
}

static void writer_free(struct ohc_tar_writer *w)
{
	if (!w)
		return;
	w->abandoned = true;
	if (w->a) {
		ohc_libarchive.write_free(w->a);
		ohc_libarchive.entry_free(w->entry);
	}
	free(w);
}

void ohc_tar_writer_freep(struct ohc_tar_writer **w)
{
	writer_free(*w);
}
