// SPDX-License-Identifier: Apache-2.0
#include "oci/tar/out.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/newfile.h"
#include "core/spool.h"
#include "oci/tar/tar.h"

#define BLOCK 512
#define PIECE (256 * 1024)

struct ohc_tar_out {
	char *name;
	int fd;
	bool can_seek;           /* it is ours alone, and a regular file */
	struct ohc_newfile file; /* where it is */
	uint64_t pos;
	bool broken; /* half of an entry went into a pipe */
};

/* Where no file or a regular file is, the new one takes its name when all is written. */
static int open_output(struct ohc_tar_out *t, const char *file, struct ohc_error *err)
{
	struct stat st;
	int rc;

	if (strcmp(file, "-") == 0) {
		if (isatty(STDOUT_FILENO))
			return ohc_error_set(err, OHC_E_USAGE,
					     "an archive is not for a terminal: redirect the "
					     "standard output");
		t->fd = dup(STDOUT_FILENO);
		return t->fd < 0 ? ohc_error_sys(err, "cannot write to standard output") : 0;
	}
	if (stat(file, &st) == 0 && S_ISDIR(st.st_mode))
		return ohc_error_set(err, OHC_E_USAGE,
				     "'%s' is a directory, and no archive (oci:%s?)", file, file);
	rc = ohc_newfile_open_nameless(&t->file, file, 0644, err);
	t->fd = t->file.fd;
	t->can_seek = t->file.tmp != NULL;
	return rc;
}

int ohc_tar_out_open(const char *file, struct ohc_tar_out **ret, struct ohc_error *err)
{
	struct ohc_tar_out *t = ohc_xcalloc(1, sizeof(*t));
	int rc;

	t->fd = -1;
	t->file = (struct ohc_newfile)OHC_NEWFILE_INIT;
	t->name = ohc_xstrdup(strcmp(file, "-") == 0 ? "standard output" : file);
	rc = open_output(t, file, err);
	if (rc < 0) {
		ohc_tar_out_free(t);
		return rc;
	}
	*ret = t;
	return 0;
}

const char *ohc_tar_out_name(const struct ohc_tar_out *t)
{
	return t->name;
}

void ohc_tar_out_free(struct ohc_tar_out *t)
{
	if (!t)
		return;
	if (t->file.path)
		ohc_newfile_close(&t->file);
	else
		ohc_closep(&t->fd);
	free(t->name);
	free(t);
}

static int put(struct ohc_tar_out *t, const void *data, size_t n, struct ohc_error *err)
{
	int rc = ohc_file_write_full(t->fd, data, n, t->name, err);

	if (rc == 0)
		t->pos += n;
	return rc;
}

static int pad(struct ohc_tar_out *t, struct ohc_error *err)
{
	static const char zeros[BLOCK];
	size_t over = (size_t)(t->pos % BLOCK);

	return over ? put(t, zeros, BLOCK - over, err) : 0;
}

/* Sizes that ustar's eleven octal digits do not hold, as GNU tar and star write them (base 256): so
 * the header stays one block, and room can be left for it. */
static void set_big_size(char *block, uint64_t size)
{
	unsigned int sum = 0;
	char text[8];

	block[124] = (char)0x80;
	for (int i = 0; i < 11; i++)
		block[135 - i] = i < 8 ? (char)(size >> (8 * i)) : 0;
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(text, sizeof(text), "%06o", sum);
	memcpy(block + 148, text, 7);
}

static int write_header(const char *path, mode_t mode, int64_t size, struct ohc_buf *ret,
			struct ohc_error *err)
{
	ohc_cleanup(ohc_sink_closep) struct ohc_sink *sink = ohc_sink_buf(ret);
	ohc_cleanup(ohc_tar_writer_freep) struct ohc_tar_writer *w = ohc_tar_writer_new(sink);
	struct ohc_tar_entry e = { .path = path, .mode = mode, .size = size };

	return ohc_tar_write_header(w, &e, err);
}

/* Writes the header as one block where that can hold it, else (the path of a sha512 blob) with pax
 * records. */
static int make_header(const char *path, mode_t mode, uint64_t size, struct ohc_buf *ret,
		       struct ohc_error *err)
{
	bool big = size >= (1ull << 33);
	int rc = write_header(path, mode, big ? 0 : (int64_t)size, ret, err);

	if (rc < 0 || !big)
		return rc;
	if (ret->len == BLOCK) {
		set_big_size(ret->data, size);
		return 0;
	}
	ohc_buf_truncate(ret, 0);
	return write_header(path, mode, (int64_t)size, ret, err);
}

static int put_header(struct ohc_tar_out *t, const char *path, mode_t mode, uint64_t size,
		      struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf header = OHC_BUF_INIT;
	int rc = make_header(path, mode, size, &header, err);

	return rc < 0 ? rc : put(t, header.data, header.len, err);
}

/* Writes the header into the block that was left for it. */
static int fill_header(struct ohc_tar_out *t, const char *path, uint64_t size, uint64_t at,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf header = OHC_BUF_INIT;
	int rc = make_header(path, S_IFREG | 0644, size, &header, err);

	if (rc < 0)
		return rc;
	if (header.len != BLOCK)
		return ohc_error_set(err, OHC_E_FAILED, "no plain tar header can hold '%s'", path);
	if (pwrite(t->fd, header.data, BLOCK, (off_t)at) != BLOCK)
		return ohc_error_sys(err, "cannot write '%s'", t->name);
	return 0;
}

static int check(const struct ohc_tar_out *t, struct ohc_error *err)
{
	return t->broken ? ohc_error_set(err, OHC_E_FAILED, "'%s' broke off within a file", t->name)
			 : 0;
}

/* Cuts off an entry that failed half-way, where the file can be truncated. */
static int undo(struct ohc_tar_out *t, uint64_t start, int rc)
{
	if (t->pos == start)
		return rc;
	t->broken = !t->can_seek || ftruncate(t->fd, (off_t)start) < 0 ||
		    lseek(t->fd, (off_t)start, SEEK_SET) < 0;
	t->pos = start;
	return rc;
}

static int entry(struct ohc_tar_out *t, const char *path, mode_t mode, const void *data, size_t n,
		 struct ohc_error *err)
{
	uint64_t start = t->pos;
	int rc = check(t, err);

	if (rc == 0)
		rc = put_header(t, path, mode, n, err);
	if (rc == 0)
		rc = put(t, data, n, err);
	if (rc == 0)
		rc = pad(t, err);
	return rc < 0 ? undo(t, start, rc) : 0;
}

int ohc_tar_out_dir(struct ohc_tar_out *t, const char *path, struct ohc_error *err)
{
	return entry(t, path, S_IFDIR | 0755, NULL, 0, err);
}

int ohc_tar_out_bytes(struct ohc_tar_out *t, const char *path, const void *data, size_t n,
		      struct ohc_error *err)
{
	return entry(t, path, S_IFREG | 0644, data, n, err);
}

static int known_size(struct ohc_tar_out *t, struct ohc_source *src, int64_t size, const char *path,
		      struct ohc_error *err)
{
	uint64_t start = t->pos, count = 0;
	int rc = put_header(t, path, S_IFREG | 0644, (uint64_t)size, err);

	if (rc == 0)
		rc = ohc_file_copy(src, t->fd, t->name, &count, err);
	t->pos += count;
	if (rc == 0 && count != (uint64_t)size)
		rc = ohc_error_set(err, OHC_E_DIGEST,
				   "'%s' has %llu bytes, where %lld were "
				   "promised",
				   path, (unsigned long long)count, (long long)size);
	if (rc == 0)
		rc = pad(t, err);
	return rc < 0 ? undo(t, start, rc) : 0;
}

/* Writes the data first, behind room for the header. */
static int seek_back(struct ohc_tar_out *t, struct ohc_source *src, ohc_path_fn path, void *ctx,
		     struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *name = NULL;
	char block[BLOCK] = { 0 };
	uint64_t start = t->pos, count = 0;
	int rc = put(t, block, BLOCK, err);

	if (rc == 0)
		rc = ohc_file_copy(src, t->fd, t->name, &count, err);
	t->pos += count;
	if (rc == 0)
		rc = pad(t, err);
	if (rc < 0)
		return undo(t, start, rc);
	name = path(ctx);
	if (!name)
		return undo(t, start, 0);
	rc = fill_header(t, name, count, start, err);
	return rc < 0 ? undo(t, start, rc) : 0;
}

static int through_spool(struct ohc_tar_out *t, struct ohc_source *src, ohc_path_fn path, void *ctx,
			 struct ohc_error *err)
{
	ohc_cleanup(ohc_source_closep) struct ohc_source *back = NULL;
	ohc_cleanup(ohc_freep) char *name = NULL;
	uint64_t count = 0;
	int fd, rc = ohc_spool_open(&fd, err);

	if (rc < 0)
		return rc;
	rc = ohc_file_copy(src, fd, ohc_spool_dir(), &count, err);
	if (lseek(fd, 0, SEEK_SET) < 0 && rc == 0)
		rc = ohc_error_sys(err, "cannot read a temporary file");
	back = ohc_source_fd(fd, "a temporary file");
	if (rc < 0)
		return rc;
	name = path(ctx);
	return name ? known_size(t, back, (int64_t)count, name, err) : 0;
}

int ohc_tar_out_source(struct ohc_tar_out *t, struct ohc_source *src, int64_t size,
		       ohc_path_fn path, void *ctx, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *name = NULL;
	int rc = check(t, err);

	if (rc < 0)
		return rc;
	if (size < 0)
		return t->can_seek ? seek_back(t, src, path, ctx, err)
				   : through_spool(t, src, path, ctx, err);
	name = path(ctx);
	return name ? known_size(t, src, size, name, err) : 0;
}

int ohc_tar_out_finish(struct ohc_tar_out *t, struct ohc_error *err)
{
	static const char end[2 * BLOCK];
	int rc = check(t, err);

	if (rc == 0)
		rc = put(t, end, sizeof(end), err);
	if (rc == 0 && t->can_seek)
		rc = ohc_newfile_commit(&t->file, err);
	if (rc == 0 && t->can_seek)
		rc = ohc_file_sync_parent(t->file.path, err);
	return rc;
}
