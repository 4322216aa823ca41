// SPDX-License-Identifier: Apache-2.0
#include "core/alloc.h"

#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The only code besides cmd/ that prints, because no error can be returned from here. */
static void *check(void *p)
{
	static const char text[] = "ohcompose: out of memory\n";

	if (p)
		return p;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	_exit(1);
}

void *ohc_xmalloc(size_t n)
{
	return check(malloc(n ? n : 1));
}

void *ohc_xcalloc(size_t n, size_t size)
{
	return check(calloc(n ? n : 1, size ? size : 1));
}

void *ohc_xrealloc(void *p, size_t n, size_t size)
{
	return check(reallocarray(p, n ? n : 1, size ? size : 1));
}

char *ohc_xstrdup(const char *s)
{
	return s ? check(strdup(s)) : NULL;
}

char *ohc_xstrndup(const char *s, size_t n)
{
	return check(strndup(s, n));
}

char *ohc_xasprintf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return check(s);
}

void ohc_closep(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

void ohc_alloc_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
