// SPDX-License-Identifier: Apache-2.0
/* Gets bytes of an ELF file: through windows, checked against its end. */
#include "layout/elf/elf_internal.h"

#include <string.h>

#include "core/alloc.h"

#define PADDING_MAX (64u << 10) /* the largest page */

uint64_t ohc_elf_get(const struct ohc_elf_reader *r, const unsigned char *p, unsigned int width)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < width; i++)
		v |= (uint64_t)p[r->elf.big_endian ? width - 1 - i : i] << (8 * i);
	return v;
}

int ohc_elf_bad(struct ohc_elf_reader *r, const char *part, const char *why)
{
	return ohc_error_set(r->err, OHC_E_FORMAT, "'%s' is a damaged ELF file: %s %s", r->in->name,
			     part, why);
}

/* The window ends early at the end of the file, or where the input has a gap. */
static int fill_window(struct ohc_elf_reader *r, uint64_t at)
{
	ssize_t got = r->in->read_at(r->in->ctx, at, r->window, sizeof(r->window), r->err);

	r->window_at = at;
	r->window_n = got < 0 ? 0 : (size_t)got;
	return got < 0 ? (int)got : 0;
}

static bool in_window(const struct ohc_elf_reader *r, uint64_t at, size_t n)
{
	return at >= r->window_at && at - r->window_at <= r->window_n &&
	       n <= r->window_n - (size_t)(at - r->window_at);
}

/* Most reads lie close together, so a whole window is read. */
int ohc_elf_fetch(struct ohc_elf_reader *r, uint64_t at, void *buf, size_t n, const char *part)
{
	char *to = buf;
	ssize_t got = 0;

	if (at > r->in->size || n > r->in->size - at)
		return ohc_elf_bad(r, part, "would lie behind its end");
	if (n <= sizeof(r->window) && !in_window(r, at, n))
		got = fill_window(r, at);
	if (got < 0)
		return (int)got;
	if (in_window(r, at, n)) {
		memcpy(to, r->window + (at - r->window_at), n);
		return 0;
	}
	for (; n > 0; at += (uint64_t)got, to += got, n -= (size_t)got) {
		got = r->in->read_at(r->in->ctx, at, to, n, r->err);
		if (got <= 0)
			return got < 0 ? (int)got
				       : ohc_elf_bad(r, part, "would lie behind its end");
	}
	return 0;
}

int ohc_elf_is_zero(struct ohc_elf_reader *r, uint64_t from, uint64_t to, bool *ret)
{
	unsigned char bytes[256];
	int rc = 0;

	*ret = from >= to || to - from <= PADDING_MAX;
	while (rc == 0 && *ret && from < to) {
		size_t n = to - from < sizeof(bytes) ? (size_t)(to - from) : sizeof(bytes);

		rc = ohc_elf_fetch(r, from, bytes, n, "its padding");
		for (size_t i = 0; rc == 0 && i < n; i++)
			*ret &= bytes[i] == 0;
		from += n;
	}
	return rc;
}

int ohc_elf_text(struct ohc_elf_reader *r, uint64_t at, uint64_t end, size_t max, const char *part,
		 char **ret)
{
	ohc_cleanup(ohc_buf_clear) struct ohc_buf text = OHC_BUF_INIT;
	char piece[256];

	for (;;) {
		size_t n = at < end ? (size_t)(end - at < sizeof(piece) ? end - at : sizeof(piece))
				    : 0;
		const char *nul;
		int rc;

		if (n == 0)
			return ohc_elf_bad(r, part, "does not end");
		rc = ohc_elf_fetch(r, at, piece, n, part);
		if (rc < 0)
			return rc;
		nul = memchr(piece, '\0', n);
		if (nul)
			n = (size_t)(nul - piece);
		if (!ohc_buf_add_max(&text, piece, n, max))
			return ohc_elf_bad(r, part, "is longer than any would be");
		if (nul)
			break;
		at += n;
	}
	*ret = ohc_buf_detach(&text);
	return 0;
}

int ohc_elf_string(struct ohc_elf_reader *r, uint64_t offset, size_t max, const char *part,
		   char **ret)
{
	if (offset >= r->strsz)
		return ohc_elf_bad(r, part, "lies outside the string table");
	return ohc_elf_text(r, r->strtab + offset, r->strtab + r->strsz, max, part, ret);
}

int ohc_elf_locate(struct ohc_elf_reader *r, uint64_t address, const char *part, uint64_t *ret)
{
	for (size_t i = 0; i < r->n_loads; i++) {
		const struct ohc_elf_load *l = &r->loads[i];

		if (address >= l->address && address - l->address < l->size) {
			*ret = l->offset + (address - l->address);
			return 0;
		}
	}
	return ohc_elf_bad(r, part, "is in no part of it that is loaded");
}
