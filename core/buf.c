// SPDX-License-Identifier: Apache-2.0
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

static void reserve(struct ohc_buf *b, size_t extra)
{
	size_t want = b->len + extra + 1;

	if (want <= b->cap)
		return;
	if (want < b->cap * 2)
		want = b->cap * 2;
	if (want < 64)
		want = 64;
	b->data = ohc_xrealloc(b->data, want, 1);
	b->cap = want;
}

void ohc_buf_add(struct ohc_buf *b, const void *data, size_t n)
{
	reserve(b, n);
	if (n)
		memcpy(b->data + b->len, data, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void ohc_buf_adds(struct ohc_buf *b, const char *s)
{
	ohc_buf_add(b, s, strlen(s));
}

void ohc_buf_addc(struct ohc_buf *b, char c)
{
	ohc_buf_add(b, &c, 1);
}

void ohc_buf_addf(struct ohc_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	reserve(b, (size_t)n);
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

bool ohc_buf_add_max(struct ohc_buf *b, const void *data, size_t n, size_t max)
{
	if (b->len > max || n > max - b->len)
		return false;
	ohc_buf_add(b, data, n);
	return true;
}

void ohc_buf_truncate(struct ohc_buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->data[len] = '\0';
}

const char *ohc_buf_str(const struct ohc_buf *b)
{
	return b->data ? b->data : "";
}

char *ohc_buf_detach(struct ohc_buf *b)
{
	char *s = b->data ? b->data : ohc_xstrdup("");

	*b = (struct ohc_buf)OHC_BUF_INIT;
	return s;
}

void ohc_buf_take(struct ohc_buf *b, char *data, size_t len)
{
	ohc_buf_clear(b);
	data[len] = '\0';
	*b = (struct ohc_buf){ data, len, len + 1 };
}

void ohc_buf_clear(struct ohc_buf *b)
{
	free(b->data);
	*b = (struct ohc_buf)OHC_BUF_INIT;
}
