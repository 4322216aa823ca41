/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a tar, found by name and read where they lie: an index of offsets is made once, and
 * nothing is unpacked.
 *
 *	rc = ohc_archive_open("images.tar", report, &a, err);	"-" is standard input
 *	file = ohc_archive_find(a, "index.json");
 *	rc = ohc_archive_read(a, file, max, &bytes, err);
 *	src = ohc_archive_source(a, file);
 *	ohc_archive_close(a);
 *
 * A plain tar is read at random.  A compressed one (gzip, zstd, xz, bzip2) is a stream: it is
 * decompressed once for the index, which keeps the small files, and again for the large ones; a
 * file that lies behind the last one that was read goes on from there, so that reading in the
 * archive's order costs one pass.  A pipe, which cannot be read twice, is copied to a nameless
 * temporary file.
 *
 * Names lose a leading "./".  A name that is absolute or has "..", two files of one name, more than
 * OHC_ARCHIVE_MAX entries and an archive that is cut off are OHC_E_FORMAT.  Links within the
 * archive are followed: `docker save` has used them for layers that it wrote before.
 *
 * Everything but open and close may be called from several threads at once.
 */
#ifndef OHC_OCI_ARCHIVE_FILES_H
#define OHC_OCI_ARCHIVE_FILES_H

#include "core/io.h"
#include "core/report.h"
#include "oci/documents/media.h"

#define OHC_ARCHIVE_MAX 100000

struct ohc_archive;

struct ohc_archive_file {
	char *path;
	char *link;      /* where it points, for links; relative to the archive's root */
	uint64_t offset; /* in the plain tar */
	int64_t size;
	char *bytes; /* the whole of a small file of a compressed archive, or NULL */
	enum ohc_compression compression; /* by its first bytes */
};

int ohc_archive_open(const char *path, struct ohc_report *report, struct ohc_archive **ret,
		     struct ohc_error *err);
void ohc_archive_close(struct ohc_archive *a);
/* The path as it was given, or "standard input". */
const char *ohc_archive_name(const struct ohc_archive *a);

/* Is it slower to read several files at a time than one after another? */
bool ohc_archive_is_stream(const struct ohc_archive *a);

/* Writes a name as the files here have theirs, without "./"; NULL: it leads out.  The caller frees
 * it. */
char *ohc_archive_clean(const char *path);

/* The file of that name, through links; NULL when there is none. */
const struct ohc_archive_file *ohc_archive_find(const struct ohc_archive *a, const char *path);

/* The whole file, at most max bytes; adds to *ret. */
int ohc_archive_read(struct ohc_archive *a, const struct ohc_archive_file *f, size_t max,
		     struct ohc_buf *ret, struct ohc_error *err);

/* Its bytes; the caller closes it, before the archive. */
struct ohc_source *ohc_archive_source(struct ohc_archive *a, const struct ohc_archive_file *f);

#endif
