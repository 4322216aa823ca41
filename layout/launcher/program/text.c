// SPDX-License-Identifier: Apache-2.0
#include "layout/launcher/program/launch.h"
#include "layout/launcher/program/sys.h"

size_t length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

bool same(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] || !b[i])
			return false;
	return !b[n];
}

void *take(struct launch *l, size_t n)
{
	char *p = l->at;

	n = (n + sizeof(long) - 1) & ~(sizeof(long) - 1);
	if (n > (size_t)(l->end - l->at))
		fail(l, CANNOT, ": '", l->config, "' makes it too long", NULL);
	l->at += n;
	return p;
}

char *copy(struct launch *l, const char *s, size_t n)
{
	char *to = take(l, n + 1);

	for (size_t i = 0; i < n; i++)
		to[i] = s[i];
	to[n] = '\0';
	return to;
}

char *join(struct launch *l, const char *a, const char *b)
{
	size_t n = length(a);
	char *to = take(l, n + length(b) + 1), *p = to;

	while (*a)
		*p++ = *a++;
	while (*b)
		*p++ = *b++;
	*p = '\0';
	return to;
}

const char *reason(long error)
{
	switch (error < 0 ? -error : error) {
	case NOT_PERMITTED:
		return "operation not permitted";
	case NO_ENT:
		return "no such file or directory";
	case IN_OUT:
		return "input/output error";
	case TOO_BIG:
		return "arguments and environment are too long";
	case EXEC_FORMAT:
		return "not a program of this machine (exec format error)";
	case NO_MEM:
		return "out of memory";
	case ACCES:
		return "permission denied";
	case NOT_DIR:
		return "not a directory";
	case IS_DIR:
		return "is a directory";
	case TEXT_BUSY:
		return "text file busy";
	case NAME_LONG:
		return "file name too long";
	case LOOP:
		return "too many levels of symbolic links";
	case LIB_BAD:
		return "its loader is damaged";
	}
	return "the kernel refuses";
}

static size_t put(char *out, size_t n, size_t max, const char *s)
{
	while (*s && n < max)
		out[n++] = *s++;
	return n;
}

_Noreturn void fail(const struct launch *l, int status, const char *a, const char *b, const char *c,
		    const char *d)
{
	const char *const parts[] = { l->name, ": cannot start", a, b, c, d };
	char out[2 * PATH_SIZE];
	size_t n = 0;

	/* Writes in one piece, so that it does not mix with the output of other processes. */
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && parts[i]; i++)
		n = put(out, n, sizeof(out) - 1, parts[i]);
	out[n++] = '\n';
	sys_write(2, out, n);
	sys_exit(status);
}
