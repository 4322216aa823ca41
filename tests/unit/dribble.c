// SPDX-License-Identifier: Apache-2.0
#include "dribble.h"

#include <string.h>

#include "core/alloc.h"

struct dribble {
	struct ohc_source source;
	const char *data;
	size_t left, step;
};

static ssize_t dribble_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct dribble *d = (struct dribble *)src;

	(void)err;
	n = n < d->step ? n : d->step;
	n = n < d->left ? n : d->left;
	if (n)
		memcpy(buf, d->data, n);
	d->data += n;
	d->left -= n;
	return (ssize_t)n;
}

static void dribble_close(struct ohc_source *src)
{
	free(src);
}

struct ohc_source *dribble_new(const void *data, size_t n, size_t step)
{
	static const struct ohc_source_ops ops = { dribble_read, NULL, dribble_close };
	struct dribble *d = ohc_xcalloc(1, sizeof(*d));

	d->source.ops = &ops;
	d->data = data;
	d->left = n;
	d->step = step;
	return &d->source;
}
