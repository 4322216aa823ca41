/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tar, written by our rules and read with a stranger's in mind; the one door to libarchive.
 *
 * Writing (image-spec layer.md): ustar, with pax records only for what ustar cannot say: names
 * over its fields or not ASCII, sizes of 8 GiB and more, ids over 2097151, xattrs (as SCHILY.xattr,
 * which is what containerd, docker, umoci and Go's archive/tar read).  Owners are numeric and
 * without names, times are whole seconds and only mtime is there.  The same entries give the same
 * bytes, whatever the machine, its locale and the day.
 *
 *	w = ohc_tar_writer_new(sink);
 *	rc = ohc_tar_write_header(w, &entry, err);
 *	rc = ohc_tar_write_data(w, buf, n, err);	entry.size bytes in all, for regular files
 *	rc = ohc_tar_finish(w, err);		two blocks of zeros; the sink is not finished
 *	ohc_tar_writer_freep(&w);
 *
 * Reading: plain tar only (decompress before, oci/codec/codec.h), of any dialect that tars of
 * layers and archives come in.
 *
 *	r = ohc_tar_reader_new(src, "layer sha256:…");
 *	while ((rc = ohc_tar_next(r, &entry, err)) > 0)
 *		n = ohc_tar_read(r, buf, sizeof(buf), err);	what is not read is skipped
 *	ohc_tar_reader_free(r);
 */
#ifndef OHC_OCI_TAR_TAR_H
#define OHC_OCI_TAR_TAR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/io.h"

/* Ceilings for what is read; a file that goes past one is OHC_E_FORMAT. */
#define OHC_TAR_PATH_MAX   4096
#define OHC_TAR_XATTR_MAX  (64 * 1024)
#define OHC_TAR_HEADER_MAX (2 * 1024 * 1024) /* of one entry, with the map of a sparse file */

struct ohc_xattr {
	const char *name; /* "security.capability" */
	const void *value;
	size_t size;
};

struct ohc_tar_entry {
	const char *path; /* bytes; written: no '/' at its start or end; read: as it stands */
	const char *link; /* target of a symlink; of a hard link the path of the first entry */
	bool hardlink;    /* then mode's type is not meant, and there is no data */
	mode_t mode;      /* type and permissions, as st_mode */
	uint32_t uid, gid;
	int64_t size; /* bytes of data, regular files only */
	int64_t mtime;
	uint32_t dev_major, dev_minor; /* devices */
	const struct ohc_xattr *xattrs;
	size_t n_xattrs;
	uint64_t data_offset; /* read: where the data starts in the tar; contiguous unless sparse */
	bool sparse;          /* read: the data is not contiguous in the tar */
};

struct ohc_tar_writer;

/* The sink stays the caller's and must live as long. */
struct ohc_tar_writer *ohc_tar_writer_new(struct ohc_sink *sink);
int ohc_tar_write_header(struct ohc_tar_writer *w, const struct ohc_tar_entry *entry,
			 struct ohc_error *err);
int ohc_tar_write_data(struct ohc_tar_writer *w, const void *data, size_t n, struct ohc_error *err);
/* Where the sink takes the next data without a copy (core/io.h), or NULL. */
void *ohc_tar_room(struct ohc_tar_writer *w, size_t *ret_n);
int ohc_tar_finish(struct ohc_tar_writer *w, struct ohc_error *err);
void ohc_tar_writer_freep(struct ohc_tar_writer **w);

struct ohc_tar_reader;

/* The source stays the caller's.  what names the tar in messages. */
struct ohc_tar_reader *ohc_tar_reader_new(struct ohc_source *src, const char *what);

/* 1: *ret is the next entry, its strings valid until the next call; 0: the end; or a code. */
int ohc_tar_next(struct ohc_tar_reader *r, struct ohc_tar_entry *ret, struct ohc_error *err);

/* Data of the current entry: a count, 0 at its end, or a code. */
ssize_t ohc_tar_read(struct ohc_tar_reader *r, void *buf, size_t n, struct ohc_error *err);

void ohc_tar_reader_free(struct ohc_tar_reader *r);
void ohc_tar_reader_freep(struct ohc_tar_reader **r);

#endif
