// SPDX-License-Identifier: Apache-2.0
#include "core/io.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/interrupt.h"

#define PIECE (256 * 1024)

ssize_t ohc_source_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	return src->ops->read(src, buf, n, err);
}

bool ohc_source_can_seek(const struct ohc_source *src)
{
	return src->ops->seek != NULL;
}

int ohc_source_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err)
{
	if (!src->ops->seek)
		return ohc_error_set(err, OHC_E_UNSUPPORTED, "this input can be read only once");
	return src->ops->seek(src, offset, err);
}

void ohc_source_close(struct ohc_source *src)
{
	if (src)
		src->ops->close(src);
}

void ohc_source_closep(struct ohc_source **src)
{
	ohc_source_close(*src);
}

ssize_t ohc_source_read_full(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	size_t have = 0;
	ssize_t got;

	while (have < n) {
		got = ohc_source_read(src, (char *)buf + have, n - have, err);
		if (got < 0)
			return got;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

int ohc_source_read_all(struct ohc_source *src, size_t max, struct ohc_buf *out,
			struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(PIECE);
	size_t limit = out->len + max;
	ssize_t n;

	while ((n = ohc_source_read(src, piece, PIECE, err)) > 0)
		if (!ohc_buf_add_max(out, piece, (size_t)n, limit))
			return ohc_error_set(err, OHC_E_FORMAT,
					     "larger than the limit of %zu bytes", max);
	return (int)n;
}

int ohc_source_drain(struct ohc_source *src, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(PIECE);
	ssize_t n;

	while ((n = ohc_source_read(src, piece, PIECE, err)) > 0)
		;
	return (int)n;
}

struct memory_source {
	struct ohc_source source;
	const char *data;
	size_t len;
	size_t pos;
};

static ssize_t memory_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct memory_source *m = (struct memory_source *)src;

	(void)err;
	if (n > m->len - m->pos)
		n = m->len - m->pos;
	if (n)
		memcpy(buf, m->data + m->pos, n);
	m->pos += n;
	return (ssize_t)n;
}

static int memory_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err)
{
	struct memory_source *m = (struct memory_source *)src;

	if (offset > m->len)
		return ohc_error_set(err, OHC_E_FAILED, "cannot go to byte %llu of %zu",
				     (unsigned long long)offset, m->len);
	m->pos = (size_t)offset;
	return 0;
}

static void memory_close(struct ohc_source *src)
{
	free(src);
}

struct ohc_source *ohc_source_memory(const void *data, size_t n)
{
	static const struct ohc_source_ops ops = { memory_read, memory_seek, memory_close };
	struct memory_source *m = ohc_xcalloc(1, sizeof(*m));

	m->source.ops = &ops;
	m->data = data;
	m->len = n;
	return &m->source;
}

struct fd_source {
	struct ohc_source source;
	int fd;
	off_t start;
	char *name;
};

static ssize_t fd_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct fd_source *f = (struct fd_source *)src;
	ssize_t got;

	do {
		int rc = ohc_interrupt_check(err);

		if (rc < 0)
			return rc;
		got = read(f->fd, buf, n);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return ohc_error_sys(err, "cannot read '%s'", f->name);
	return got;
}

static int fd_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err)
{
	struct fd_source *f = (struct fd_source *)src;

	if (lseek(f->fd, f->start + (off_t)offset, SEEK_SET) < 0)
		return ohc_error_sys(err, "cannot seek in '%s'", f->name);
	return 0;
}

static void fd_close(struct ohc_source *src)
{
	struct fd_source *f = (struct fd_source *)src;

	close(f->fd);
	free(f->name);
	free(f);
}

struct ohc_source *ohc_source_fd(int fd, const char *name)
{
	static const struct ohc_source_ops seekable = { fd_read, fd_seek, fd_close };
	static const struct ohc_source_ops once = { fd_read, NULL, fd_close };
	struct fd_source *f = ohc_xcalloc(1, sizeof(*f));

	f->fd = fd;
	f->start = lseek(fd, 0, SEEK_CUR);
	f->name = ohc_xstrdup(name);
	f->source.ops = f->start < 0 ? &once : &seekable;
	return &f->source;
}

int ohc_sink_write(struct ohc_sink *sink, const void *data, size_t n, struct ohc_error *err)
{
	return n ? sink->ops->write(sink, data, n, err) : 0;
}

void *ohc_sink_room(struct ohc_sink *sink, size_t *ret_n)
{
	return sink->ops->room ? sink->ops->room(sink, ret_n) : NULL;
}

int ohc_sink_finish(struct ohc_sink *sink, struct ohc_error *err)
{
	return sink->ops->finish ? sink->ops->finish(sink, err) : 0;
}

void ohc_sink_close(struct ohc_sink *sink)
{
	if (sink)
		sink->ops->close(sink);
}

void ohc_sink_closep(struct ohc_sink **sink)
{
	ohc_sink_close(*sink);
}

struct buf_sink {
	struct ohc_sink sink;
	struct ohc_buf *buf;
};

static int buf_write(struct ohc_sink *sink, const void *data, size_t n, struct ohc_error *err)
{
	(void)err;
	ohc_buf_add(((struct buf_sink *)sink)->buf, data, n);
	return 0;
}

static void buf_close(struct ohc_sink *sink)
{
	free(sink);
}

struct ohc_sink *ohc_sink_buf(struct ohc_buf *b)
{
	static const struct ohc_sink_ops ops = { .write = buf_write, .close = buf_close };
	struct buf_sink *s = ohc_xcalloc(1, sizeof(*s));

	s->sink.ops = &ops;
	s->buf = b;
	return &s->sink;
}

int ohc_io_pump(struct ohc_source *src, struct ohc_sink *sink, struct ohc_error *err)
{
	ohc_cleanup(ohc_freep) char *piece = ohc_xmalloc(PIECE);
	ssize_t n;
	int rc;

	while ((n = ohc_source_read(src, piece, PIECE, err)) > 0) {
		rc = ohc_sink_write(sink, piece, (size_t)n, err);
		if (rc == 0)
			rc = ohc_interrupt_check(err);
		if (rc < 0)
			return rc;
	}
	return (int)n;
}
