// SPDX-License-Identifier: Apache-2.0
#include "layout/layer/listing.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void ohc_listing_clear(struct ohc_listing *list)
{
	free(list->spans);
	ohc_sheets_clear(&list->sheets);
	memset(list, 0, sizeof(*list));
}

size_t ohc_listing_size(const struct ohc_listing *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n_spans; i++)
		n += list->spans[i].n;
	return n;
}

void ohc_listing_start(struct ohc_listing_iter *it, const struct ohc_listing *list)
{
	*it = (struct ohc_listing_iter){ .list = list };
}

/* The path of what lies in the directory at depth - 1 that was given last. */
static void set_path(struct ohc_listing_iter *it, size_t depth, const char *name)
{
	for (; it->depth >= depth && it->depth > 0; it->depth--) {
		const char *slash = strrchr(it->path.data, '/');

		ohc_buf_truncate(&it->path, slash ? (size_t)(slash - it->path.data) : 0);
	}
	ohc_buf_addf(&it->path, "%s%s", it->path.len ? "/" : "", name);
	it->depth = depth;
}

bool ohc_listing_next(struct ohc_listing_iter *it, struct ohc_listing_entry *ret)
{
	struct ohc_record_reader *in = &it->in;
	size_t n;

	while (in->p == in->end) {
		const struct ohc_listing_span *span;

		if (it->span == it->list->n_spans)
			return false;
		span = &it->list->spans[it->span++];
		*in = ohc_record_read(span->data, span->n);
	}
	memset(ret, 0, sizeof(*ret));
	ret->depth = ohc_record_get_number(in);
	ret->name = ohc_record_get_bytes(in, SIZE_MAX, &n);
	ohc_fingerprint_get(in, &ret->st);
	set_path(it, ret->depth, ret->name);
	ret->path = ohc_buf_str(&it->path);
	return true;
}

void ohc_listing_end(struct ohc_listing_iter *it)
{
	ohc_buf_clear(&it->path);
	memset(it, 0, sizeof(*it));
}
