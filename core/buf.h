/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte buffer that grows: data[0..len) with a NUL behind it, so that text in it is a C string.
 *
 *	ohc_cleanup(ohc_buf_clear) struct ohc_buf b = OHC_BUF_INIT;
 *
 *	ohc_buf_addf(&b, "%s:%s", algorithm, hex);
 *	*ret = ohc_buf_detach(&b);
 *
 * For bytes of a stranger there is a limit: ohc_buf_add_max() refuses to grow past it.
 */
#ifndef OHC_CORE_BUF_H
#define OHC_CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct ohc_buf {
	char *data; /* never NULL after the first addition */
	size_t len;
	size_t cap;
};

#define OHC_BUF_INIT       \
	{                  \
		NULL, 0, 0 \
	}

void ohc_buf_add(struct ohc_buf *b, const void *data, size_t n);
void ohc_buf_adds(struct ohc_buf *b, const char *s);
void ohc_buf_addc(struct ohc_buf *b, char c);
void ohc_buf_addf(struct ohc_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* False, and b unchanged, when more than max bytes would stand in it. */
bool ohc_buf_add_max(struct ohc_buf *b, const void *data, size_t n, size_t max);

void ohc_buf_truncate(struct ohc_buf *b, size_t len);

/* The bytes, "" when there are none; b keeps them. */
const char *ohc_buf_str(const struct ohc_buf *b);

/* The bytes, which the caller then frees; b is empty afterwards. */
char *ohc_buf_detach(struct ohc_buf *b);

/* Gives the bytes to b, in place of what it has; there must be room for a NUL behind them. */
void ohc_buf_take(struct ohc_buf *b, char *data, size_t len);

/* Frees the bytes.  b can be used again. */
void ohc_buf_clear(struct ohc_buf *b);

#endif
