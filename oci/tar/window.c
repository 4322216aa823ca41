// SPDX-License-Identifier: Apache-2.0
#include "oci/tar/window.h"

#include <stdlib.h>
#include <string.h>

/* Fields of a header (POSIX pax, "ustar Interchange Format"), which V7's had already. */
enum { MODE_AT = 100, SUM_AT = 148, FIELD = 8 };

/* Keeps the bytes before the piece, as many as a header may need. */
static void keep_last(struct ohc_tar_window *w)
{
	size_t all = w->kept + w->len, keep = all < OHC_TAR_BLOCK ? all : OHC_TAR_BLOCK;

	memmove(w->bytes + OHC_TAR_BLOCK - keep, w->bytes + OHC_TAR_BLOCK + w->len - keep, keep);
	w->kept = keep;
	w->len = 0;
}

/* Counts the zeros that are lacking where the source has ended. */
static size_t lacking(const struct ohc_tar_window *w)
{
	size_t over = (size_t)(w->pos % OHC_TAR_BLOCK);

	if (w->pos == 0)
		return (size_t)2 * OHC_TAR_BLOCK;
	if (over == 0 || w->pos < w->data_end)
		return 0;
	/* Only padding lies between the data and the next whole block. */
	return w->pos / OHC_TAR_BLOCK == (w->data_end - 1) / OHC_TAR_BLOCK ? OHC_TAR_BLOCK - over
									   : 0;
}

ssize_t ohc_tar_window_read(struct ohc_tar_window *w, const void **ret, struct ohc_error *err)
{
	char *piece = w->bytes + OHC_TAR_BLOCK;
	ssize_t n;

	keep_last(w);
	n = ohc_source_read(w->src, piece, OHC_TAR_PIECE, err);
	if (n == 0) {
		n = (ssize_t)lacking(w);
		memset(piece, 0, (size_t)n);
	}
	if (n < 0)
		return n;
	w->len = (size_t)n;
	w->pos += w->len;
	*ret = piece;
	return n;
}

/* Does not skip padding, which may be lacking. */
uint64_t ohc_tar_window_skip(struct ohc_tar_window *w, uint64_t n)
{
	uint64_t before = w->pos, to = w->pos + n;

	if (to > w->data_end && before < w->data_end)
		to = w->data_end;
	if (!ohc_source_can_seek(w->src) || ohc_source_seek(w->src, to, NULL) < 0)
		return 0;
	w->pos = to;
	w->len = w->kept = 0;
	return to - before;
}

static const char *header_at(const struct ohc_tar_window *w, uint64_t end)
{
	if (end < OHC_TAR_BLOCK || end > w->pos || w->pos - end > w->len ||
	    w->pos - end + OHC_TAR_BLOCK > w->len + w->kept)
		return NULL;
	return w->bytes + OHC_TAR_BLOCK + w->len - (w->pos - end) - OHC_TAR_BLOCK;
}

static bool octal(const char *field, unsigned long *ret)
{
	char text[FIELD + 1] = { 0 };
	char *end;

	memcpy(text, field, FIELD);
	*ret = strtoul(text, &end, 8);
	return end > text && (*end == '\0' || *end == ' ');
}

/* Does the checksum of the header fit?  It is the sum of all bytes, with blanks for the checksum's
 * own field. */
static bool is_header(const char *h)
{
	unsigned long sum = 0, stored;

	for (size_t i = 0; i < OHC_TAR_BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + FIELD ? ' ' : (unsigned char)h[i];
	return octal(h + SUM_AT, &stored) && stored == sum;
}

bool ohc_tar_window_mode(const struct ohc_tar_window *w, uint64_t offset, mode_t *ret)
{
	const char *h = header_at(w, offset);
	unsigned long mode;

	if (!h || !is_header(h) || !octal(h + MODE_AT, &mode))
		return false;
	*ret = (mode_t)(mode & 07777);
	return true;
}
