// SPDX-License-Identifier: Apache-2.0
#include "oci/tar/xattrs.h"

#include <linux/limits.h>
#include <string.h>

#include "core/alloc.h"
#include "core/record.h"

/* The index of the name, or where it would be inserted. */
static size_t place_of(const struct ohc_xattrs *x, const char *name)
{
	size_t i = x->n;

	while (i > 0 && strcmp(x->v[i - 1].name, name) >= 0)
		i--;
	return i;
}

static void make_room(struct ohc_xattrs *x, size_t i, const char *name)
{
	x->v = ohc_xrealloc(x->v, x->n + 1, sizeof(*x->v));
	memmove(&x->v[i + 1], &x->v[i], (x->n - i) * sizeof(*x->v));
	x->v[i] = (struct ohc_xattr){ ohc_xstrdup(name), NULL, 0 };
	x->n++;
}

void ohc_xattrs_put(struct ohc_xattrs *x, const struct ohc_xattr *from)
{
	size_t i = place_of(x, from->name);
	char *value = ohc_xmalloc(from->size + 1);

	if (from->size)
		memcpy(value, from->value, from->size);
	if (i == x->n || strcmp(x->v[i].name, from->name) != 0)
		make_room(x, i, from->name);
	free((void *)x->v[i].value);
	x->v[i].value = value;
	x->v[i].size = from->size;
}

void ohc_xattrs_clear(struct ohc_xattrs *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free((char *)x->v[i].name);
		free((void *)x->v[i].value);
	}
	free(x->v);
	*x = (struct ohc_xattrs)OHC_XATTRS_INIT;
}

void ohc_xattrs_encode(const struct ohc_xattrs *x, struct ohc_buf *ret)
{
	for (size_t i = 0; i < x->n; i++) {
		ohc_record_put_text(ret, x->v[i].name);
		ohc_record_put_bytes(ret, x->v[i].value, x->v[i].size);
	}
}

bool ohc_xattrs_decode(const void *bytes, size_t n, struct ohc_xattrs *ret)
{
	struct ohc_record_reader u = ohc_record_read(bytes, n);
	struct ohc_xattrs x = OHC_XATTRS_INIT;

	while (!u.bad && !ohc_record_done(&u)) {
		ohc_cleanup(ohc_freep) char *name = ohc_record_get_text(&u, XATTR_NAME_MAX);
		size_t size;
		const void *value = ohc_record_get_bytes(&u, OHC_TAR_XATTR_MAX, &size);

		u.bad |= !name || (x.n && strcmp(x.v[x.n - 1].name, name) >= 0);
		if (!u.bad)
			ohc_xattrs_put(&x, &(struct ohc_xattr){ name, value, size });
	}
	if (u.bad || !ret)
		ohc_xattrs_clear(&x);
	if (!u.bad && ret)
		*ret = x;
	return !u.bad;
}
