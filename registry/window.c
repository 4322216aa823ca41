// SPDX-License-Identifier: Apache-2.0
#include "registry/window.h"

#include <string.h>

#include "core/alloc.h"
#include "core/interrupt.h"

/* The ring holds [kept, end); byte n lies at n modulo size. */
static void keep(struct ohc_window *w, const char *data, size_t n)
{
	size_t offset = (size_t)(w->end % w->size), first;

	if (n > w->size) { /* only the last of them fit */
		w->end += n - w->size;
		data += n - w->size;
		n = w->size;
		offset = (size_t)(w->end % w->size);
	}
	first = n < w->size - offset ? n : w->size - offset;
	memcpy(w->ring + offset, data, first);
	memcpy(w->ring, data + first, n - first);
	w->end += n;
	if (w->end - w->kept > w->size)
		w->kept = w->end - w->size;
}

static size_t give(struct ohc_window *w, char *buf, size_t n)
{
	size_t offset = (size_t)(w->at % w->size), first;

	if (n > w->end - w->at)
		n = (size_t)(w->end - w->at);
	first = n < w->size - offset ? n : w->size - offset;
	memcpy(buf, w->ring + offset, first);
	memcpy(buf + first, w->ring, n - first);
	w->at += n;
	return n;
}

/* Reads from below into buf and the ring.  A source that knows its end may fail there: so it is
 * read to its end before its last bytes are sent, because a registry takes the blob for complete
 * with them. */
static ssize_t take(struct ohc_window *w, char *buf, size_t n, struct ohc_error *err)
{
	char more;
	ssize_t got = ohc_source_read(w->below, buf, n, err), rest = 1;

	if (got <= 0) {
		w->ended = got == 0;
		return got;
	}
	if (w->end + (uint64_t)got == w->total)
		rest = ohc_source_read(w->below, &more, 1, err);
	if (rest < 0)
		return rest;
	w->ended = rest == 0;
	keep(w, buf, (size_t)got);
	return got;
}

static ssize_t take_next(struct ohc_window *w, char *buf, size_t n, struct ohc_error *err)
{
	ssize_t got = take(w, buf, n, err);

	if (got > 0)
		w->at = w->end;
	return got;
}

static ssize_t window_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct ohc_window *w = (struct ohc_window *)src;
	ssize_t got;

	if (w->at >= w->limit)
		return 0;
	if (n > w->limit - w->at)
		n = (size_t)(w->limit - w->at);
	if (w->at < w->end)
		return (ssize_t)give(w, buf, n);
	if (w->ended || w->failed)
		return 0;
	if (w->total != UINT64_MAX)
		return take_next(w, buf, n, err);
	got = ohc_interrupt_check(&w->why);
	if (got == 0)
		got = take_next(w, buf, n, &w->why);
	if (got < 0)
		w->failed = (int)got;
	return got < 0 ? 0 : got;
}

int ohc_window_failure(const struct ohc_window *w, struct ohc_error *err)
{
	return w->failed ? ohc_error_copy(err, &w->why, w->failed) : 0;
}

void ohc_window_init(struct ohc_window *w, struct ohc_source *below, uint64_t total, size_t size)
{
	/* Does nothing: the owner closes the window. */
	static const struct ohc_source_ops ops = { window_read, NULL, NULL };

	*w = (struct ohc_window){ .source.ops = &ops, .below = below, .total = total };
	w->size = total < size ? (size_t)total + 1 : size;
	w->limit = UINT64_MAX;
	w->ring = ohc_xmalloc(w->size);
}

void ohc_window_clear(struct ohc_window *w)
{
	free(w->ring);
	w->ring = NULL;
}

int ohc_window_go(struct ohc_window *w, uint64_t offset, struct ohc_error *err)
{
	int rc;

	w->limit = UINT64_MAX;
	if (offset >= w->kept && offset <= w->end) {
		w->at = offset;
		return 0;
	}
	if (offset > w->end)
		return ohc_error_set(err, OHC_E_NETWORK,
				     "the registry claims to have more bytes than were sent");
	if (!ohc_source_can_seek(w->below))
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "the upload would have to start over, and its input can be "
				     "read only once");
	rc = ohc_source_seek(w->below, offset, err);
	if (rc < 0)
		return rc;
	w->at = w->end = w->kept = offset;
	w->ended = false;
	return 0;
}

ssize_t ohc_window_fill(struct ohc_window *w, size_t max, struct ohc_error *err)
{
	char piece[16 * 1024];

	if (max > w->size)
		max = w->size;
	while (w->end - w->at < max && !w->ended) {
		size_t n = max - (size_t)(w->end - w->at);
		ssize_t got = take(w, piece, n < sizeof(piece) ? n : sizeof(piece), err);

		if (got < 0)
			return got;
	}
	return w->end - w->at < max ? (ssize_t)(w->end - w->at) : (ssize_t)max;
}

void ohc_window_limit(struct ohc_window *w, uint64_t n)
{
	w->limit = n == UINT64_MAX ? n : w->at + n;
}

bool ohc_window_ended(const struct ohc_window *w)
{
	return w->ended && w->at == w->end;
}
