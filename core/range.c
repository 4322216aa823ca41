// SPDX-License-Identifier: Apache-2.0
#include "core/range.h"

#include <errno.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/interrupt.h"

struct range {
	struct ohc_source source;
	int fd;
	uint64_t start, len, pos;
	char *name;
};

static ssize_t range_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct range *r = (struct range *)src;
	ssize_t got;
	int rc;

	if (n > r->len - r->pos)
		n = (size_t)(r->len - r->pos);
	if (n == 0)
		return 0;
	do {
		rc = ohc_interrupt_check(err);
		if (rc < 0)
			return rc;
		got = pread(r->fd, buf, n, (off_t)(r->start + r->pos));
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return ohc_error_sys(err, "cannot read '%s'", r->name);
	if (got == 0)
		return ohc_error_set(err, OHC_E_FORMAT, "'%s' is cut off", r->name);
	r->pos += (uint64_t)got;
	return got;
}

static int range_seek(struct ohc_source *src, uint64_t offset, struct ohc_error *err)
{
	struct range *r = (struct range *)src;

	if (offset > r->len)
		return ohc_error_set(err, OHC_E_FAILED, "cannot go to byte %llu of '%s'",
				     (unsigned long long)offset, r->name);
	r->pos = offset;
	return 0;
}

static void range_close(struct ohc_source *src)
{
	struct range *r = (struct range *)src;

	free(r->name);
	free(r);
}

struct ohc_source *ohc_range_source(int fd, uint64_t start, uint64_t len, const char *name)
{
	static const struct ohc_source_ops ops = { range_read, range_seek, range_close };
	struct range *r = ohc_xcalloc(1, sizeof(*r));

	r->source.ops = &ops;
	r->fd = fd;
	r->start = start;
	r->len = len;
	r->name = ohc_xstrdup(name);
	return &r->source;
}
