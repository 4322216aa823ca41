/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as compact bytes and back, for what is cached: numbers as LEB128 (seven bits a byte,
 * lowest first), texts and bytes with their length before them.
 *
 *	ohc_record_put_number(&b, entry->size);
 *	ohc_record_put_text(&b, entry->link);			NULL is kept apart from ""
 *
 *	struct ohc_record_reader u = ohc_record_read(data, n);
 *
 *	entry->size = ohc_record_get_number(&u);
 *	entry->link = ohc_record_get_text(&u, PATH_MAX);
 *	if (u.bad) ...					asked once, at the end
 *
 * A cache file may be cut or changed by anyone, so nothing is read past the end and nothing is
 * allocated that is not there: the first fault makes the reader bad, and a bad reader gives zeros
 * and NULLs from then on.  What was read before must still be freed.
 */
#ifndef OHC_CORE_RECORD_H
#define OHC_CORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/strv.h"

void ohc_record_put_number(struct ohc_buf *b, uint64_t v);
void ohc_record_put_bytes(struct ohc_buf *b, const void *data, size_t n);
void ohc_record_put_text(struct ohc_buf *b, const char *s);
void ohc_record_put_texts(struct ohc_buf *b, const struct ohc_strv *list);

struct ohc_record_reader {
	const unsigned char *p, *end;
	bool bad;
};

struct ohc_record_reader ohc_record_read(const void *data, size_t n);

/* All was read, and nothing was wrong. */
bool ohc_record_done(const struct ohc_record_reader *u);

uint64_t ohc_record_get_long_number(struct ohc_record_reader *u);

/* Most numbers are of one byte, and hundreds of thousands are read. */
static inline uint64_t ohc_record_get_number(struct ohc_record_reader *u)
{
	return u->p < u->end && *u->p < 0x80 ? *u->p++ : ohc_record_get_long_number(u);
}

/* A number that is more than max makes the reader bad. */
uint64_t ohc_record_get_number_max(struct ohc_record_reader *u, uint64_t max);

/* Borrowed from what is read; NULL when bad.  More than max bytes make the reader bad. */
const void *ohc_record_get_bytes(struct ohc_record_reader *u, size_t max, size_t *ret_n);

/* The caller frees it; NULL when NULL was put, or when bad.
 * A NUL in it makes the reader bad. */
char *ohc_record_get_text(struct ohc_record_reader *u, size_t max);

/* Adds to *ret, which the caller clears. */
void ohc_record_get_texts(struct ohc_record_reader *u, size_t max_texts, size_t max_text,
			  struct ohc_strv *ret);

#endif
