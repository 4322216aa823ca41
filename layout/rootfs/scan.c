// SPDX-License-Identifier: Apache-2.0
#include "layout/rootfs/scan.h"

#include "core/ahead.h"
#include "core/alloc.h"
#include "layout/rootfs/indexer.h"
#include "oci/codec/codec.h"

#define PIECE (256 * 1024)

const struct ohc_scan_limits ohc_scan_limits_default = {
	.entries = 2000000,
	.index_size = 44 << 20,
	.plain_size = UINT64_C(1) << 38,
	.hole_ratio = 200,
	.holes_from = UINT64_C(1) << 30,
};

/* From this size on, decompressing and reading the tar get a thread each. */
#define LARGE (1 << 20)

/* The blob, which stays the caller's. */
struct lent {
	struct ohc_source source;
	struct ohc_source *below;
};

/* The tar's bytes, counted.  It cannot seek, because skipped bytes would not be hashed. */
struct guard {
	struct ohc_source source;
	struct ohc_source *below;
	const struct ohc_scan *scan;
	const struct ohc_scan_limits *limits;
	uint64_t count;
};

struct scanner {
	const struct ohc_scan *scan;
	const struct ohc_scan_limits *limits;
	struct ohc_tar_reader *tar;
	struct ohc_indexer *indexer;
	uint64_t read;  /* of all files' data */
	uint64_t holes; /* of these, in sparse files */
	char piece[PIECE];
};

static ssize_t lent_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	return ohc_source_read(((struct lent *)src)->below, buf, n, err);
}

static int check_size(const struct ohc_scan *scan, const struct ohc_scan_limits *l, uint64_t count,
		      struct ohc_error *err)
{
	if (count <= l->plain_size)
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "%s is larger than the limit of %llu bytes when unpacked: "
			     "--max-layer-size raises it",
			     scan->what, (unsigned long long)l->plain_size);
}

static ssize_t guard_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct guard *g = (struct guard *)src;
	ssize_t got = ohc_source_read(g->below, buf, n, err);
	int rc;

	if (got <= 0)
		return got;
	g->count += (uint64_t)got;
	rc = check_size(g->scan, g->limits, g->count, err);
	return rc < 0 ? rc : got;
}

static void borrowed_close(struct ohc_source *src)
{
	(void)src;
}

/* Does nothing: the caller closes the blob. */
static struct ohc_source *maybe_ahead(const struct ohc_scan *scan, struct ohc_source *src)
{
	return scan->size < 0 || scan->size >= LARGE ? ohc_ahead_source(src) : src;
}

/* The holes of a sparse file take no bytes in the tar, and its header may claim any number of
 * them. */
static int check_holes(const struct scanner *s, const struct ohc_tar_entry *e,
		       struct ohc_error *err)
{
	const struct ohc_scan_limits *l = s->limits;
	uint64_t compressed = s->scan->size < 0 ? e->data_offset : (uint64_t)s->scan->size;

	if (s->holes <= l->holes_from || s->holes / l->hole_ratio <= compressed)
		return 0;
	return ohc_error_set(err, OHC_E_FORMAT,
			     "%s has sparse files of more than %llu times its size, and of more "
			     "than %llu bytes: not read on; --max-layer-size raises the latter",
			     s->scan->what, (unsigned long long)l->hole_ratio,
			     (unsigned long long)l->holes_from);
}

static ssize_t read_data(struct scanner *s, const struct ohc_tar_entry *e, size_t n,
			 struct ohc_error *err)
{
	ssize_t got = ohc_tar_read(s->tar, s->piece, n < PIECE ? n : PIECE, err);
	int rc = 0;

	if (got > 0) {
		s->read += (uint64_t)got;
		s->holes += e->sparse ? (uint64_t)got : 0;
		rc = check_size(s->scan, s->limits, s->read, err);
	}
	if (rc == 0)
		rc = check_holes(s, e, err);
	return rc < 0 ? rc : got;
}

/* Reads of the entry's data what the indexer wants. */
static int add_entry(struct scanner *s, const struct ohc_tar_entry *e, struct ohc_error *err)
{
	int rc = ohc_indexer_begin(s->indexer, e, err);
	ssize_t n = 1;
	size_t want;

	while (rc == 0 && n > 0 && (want = ohc_indexer_wants(s->indexer)) > 0) {
		n = read_data(s, e, want, err);
		rc = n < 0 ? (int)n : ohc_indexer_data(s->indexer, s->piece, (size_t)n, err);
	}
	return rc < 0 ? rc : ohc_indexer_end(s->indexer, err);
}

static int scan_tar(struct scanner *s, struct ohc_source *plain, struct ohc_error *err)
{
	struct ohc_tar_entry t;
	int rc;

	while ((rc = ohc_tar_next(s->tar, &t, err)) > 0) {
		rc = add_entry(s, &t, err);
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? rc : ohc_source_drain(plain, err);
}

int ohc_scan_layer(struct ohc_source *blob, const struct ohc_scan *scan,
		   struct ohc_layer_index *ret, struct ohc_error *err)
{
	static const struct ohc_source_ops ops = { guard_read, NULL, borrowed_close };
	static const struct ohc_source_ops lent_ops = { lent_read, NULL, borrowed_close };
	struct lent lent = { .source = { &lent_ops }, .below = blob };
	ohc_cleanup(ohc_source_closep) struct ohc_source *ahead = maybe_ahead(scan, &lent.source);
	ohc_cleanup(ohc_source_closep) struct ohc_source *plain =
		ohc_codec_decompress(ahead, false, scan->what);
	struct guard guard = { .source = { &ops }, .below = plain, .scan = scan };
	ohc_cleanup(ohc_source_closep) struct ohc_source *tar = NULL;
	struct scanner *s = ohc_xcalloc(1, sizeof(*s));
	int rc;

	s->scan = scan;
	s->limits = guard.limits = scan->limits ? scan->limits : &ohc_scan_limits_default;
	s->indexer = ohc_indexer_new(scan);
	tar = maybe_ahead(scan, &guard.source);
	s->tar = ohc_tar_reader_new(tar, scan->what);
	rc = scan_tar(s, tar, err);
	if (rc == 0)
		ohc_indexer_take(s->indexer, ret);
	ohc_tar_reader_free(s->tar);
	ohc_indexer_free(s->indexer);
	free(s);
	return rc;
}
