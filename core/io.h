/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How bytes move.  A source is pulled, a sink is pushed; both are bounded by whoever drives them.
 *
 *	while ((n = ohc_source_read(src, buf, sizeof(buf), err)) > 0)
 *		...
 *
 * A source gives all its bytes, then 0; a source that knows what it should have given (a blob)
 * fails at the end instead when that was not it.  So nothing that was read is proved before the 0
 * has been seen: whoever writes, writes to a temporary name until then.
 *
 * An implementation embeds struct ohc_source (or _sink) as its first member and points ops at its
 * table.  ohc_source_close() and ohc_sink_close() take NULL.
 */
#ifndef OHC_CORE_IO_H
#define OHC_CORE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/buf.h"
#include "core/error.h"

struct ohc_source;

struct ohc_source_ops {
	/* Up to n > 0 bytes: their count, 0 at the end, or a negative code. */
	ssize_t (*read)(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err);
	/* The next read gives the byte at offset.  NULL where the source can be read only once. */
	int (*seek)(struct ohc_source *src, uint64_t offset, struct ohc_error *err);
	void (*close)(struct ohc_source *src);
};

struct ohc_source {
	const struct ohc_source_ops *ops;
};

ssize_t ohc_source_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err);
bool ohc_source_can_seek(const struct ohc_source *src);
int ohc_source_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err);
void ohc_source_close(struct ohc_source *src);
void ohc_source_closep(struct ohc_source **src);

/* As many bytes as there are up to n: less than n only at the end.  Their count or a code. */
ssize_t ohc_source_read_full(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err);

/* Everything, at most max bytes: more is OHC_E_FORMAT.  Adds to *out. */
int ohc_source_read_all(struct ohc_source *src, size_t max, struct ohc_buf *out,
			struct ohc_error *err);

/* Reads to the end and drops what comes: a blob proves itself at its end, which lies behind that of
 * the tar in it. */
int ohc_source_drain(struct ohc_source *src, struct ohc_error *err);

/* A source over memory, which must stay until it is closed.  It can seek. */
struct ohc_source *ohc_source_memory(const void *data, size_t n);

/* A source over a file descriptor, which it closes.  It can seek when the file can: offsets count
 * from where the file stood.  name is for messages. */
struct ohc_source *ohc_source_fd(int fd, const char *name);

struct ohc_sink;

struct ohc_sink_ops {
	int (*write)(struct ohc_sink *sink, const void *data, size_t n, struct ohc_error *err);
	/* Memory for the next *ret_n bytes: what is put there need only be written from there to be
	 * taken without a copy.  Until then nothing else may be written.  NULL: it has none. */
	void *(*room)(struct ohc_sink *sink, size_t *ret_n);
	/* Everything was written.  NULL: nothing to do. */
	int (*finish)(struct ohc_sink *sink, struct ohc_error *err);
	/* Frees the sink; what was not finished is undone. */
	void (*close)(struct ohc_sink *sink);
};

struct ohc_sink {
	const struct ohc_sink_ops *ops;
};

int ohc_sink_write(struct ohc_sink *sink, const void *data, size_t n, struct ohc_error *err);

/* NULL where the sink has no room of its own. */
void *ohc_sink_room(struct ohc_sink *sink, size_t *ret_n);

int ohc_sink_finish(struct ohc_sink *sink, struct ohc_error *err);
void ohc_sink_close(struct ohc_sink *sink);
void ohc_sink_closep(struct ohc_sink **sink);

/* A sink that adds to *b, which must stay until it is closed. */
struct ohc_sink *ohc_sink_buf(struct ohc_buf *b);

/* Moves everything from src to sink in pieces of 256 KiB; asks for interrupts; does not finish. */
int ohc_io_pump(struct ohc_source *src, struct ohc_sink *sink, struct ohc_error *err);

#endif
