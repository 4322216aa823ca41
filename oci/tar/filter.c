// SPDX-License-Identifier: Apache-2.0
#include "oci/tar/filter.h"

#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "oci/tar/libarchive.h"

#define PIECE (128 * 1024)

struct filter {
	struct ohc_source source;
	struct archive *a;
	struct ohc_source *below;
	const char *kind;
	char *what;
	bool started, ended;
	bool below_ended;
	uint64_t count; /* of below's bytes */
	char head[16];  /* the first of them */
	struct ohc_error below_error;
	int below_rc;
	char piece[PIECE];
};

static la_ssize_t on_read(struct archive *a, void *ctx, const void **ret)
{
	struct filter *u = ctx;
	ssize_t n = ohc_source_read(u->below, u->piece, PIECE, &u->below_error);

	*ret = u->piece;
	u->below_ended = n == 0;
	for (ssize_t i = 0; i < n && u->count + (uint64_t)i < sizeof(u->head); i++)
		u->head[u->count + (uint64_t)i] = u->piece[i];
	u->count += n > 0 ? (uint64_t)n : 0;
	if (n >= 0)
		return (la_ssize_t)n;
	u->below_rc = (int)n;
	ohc_libarchive.set_error(a, EIO, "the input failed");
	return -1;
}

static int failed(struct filter *u, struct ohc_error *err)
{
	const char *why = ohc_libarchive.error_string(u->a);

	if (u->below_rc < 0)
		return ohc_error_copy(err, &u->below_error, u->below_rc);
	return ohc_error_set(err, OHC_E_FORMAT, "%s: the %s data is damaged or cut off: %s",
			     u->what, u->kind, why ? why : "it ends too early");
}

/* Sets this filter and no other, because the decompressed bytes may be compressed again.
 * ARCHIVE_OK: the decoder is built in; anything else stands for a program. */
static int set_filter(struct filter *u)
{
	return ohc_libarchive.read_append_filter(
		u->a, strcmp(u->kind, "xz") == 0 ? ARCHIVE_FILTER_XZ : ARCHIVE_FILTER_BZIP2);
}

/* Where there is no plain byte, libarchive cannot tell a whole stream from one that is cut: an
 * empty one is known by the bytes where its first block would be, and by its length. */
static bool is_nothing(const struct filter *u)
{
	if (strcmp(u->kind, "xz") == 0)
		return u->count >= 32 && u->head[12] == 0;
	return u->count >= 14 && memcmp(u->head + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0;
}

static int start(struct filter *u, struct ohc_error *err)
{
	struct archive_entry *entry;
	int rc = ohc_libarchive_load(err);

	if (rc < 0)
		return rc;
	u->started = true;
	u->a = ohc_libarchive.read_new();
	if (!u->a)
		abort();
	if (set_filter(u) != ARCHIVE_OK)
		return ohc_error_set(err, OHC_E_UNSUPPORTED,
				     "%s is compressed with %s, which libarchive cannot read here: "
				     "decompress it before",
				     u->what, u->kind);
	ohc_libarchive.read_support_format_raw(u->a);
	rc = ohc_libarchive.read_open(u->a, u, NULL, on_read, NULL);
	if (rc == ARCHIVE_OK)
		rc = ohc_libarchive.read_next_header(u->a, &entry);
	u->ended = rc != ARCHIVE_OK && u->below_rc == 0 && is_nothing(u);
	return rc == ARCHIVE_OK || u->ended ? 0 : failed(u, err);
}

/* Reads what lies behind the last stream, too, because a checked source proves itself at its
 * end. */
static int drain(struct filter *u, struct ohc_error *err)
{
	ssize_t n = 1;

	while (!u->below_ended && n > 0)
		n = ohc_source_read(u->below, u->piece, PIECE, err);
	return n < 0 ? (int)n : 0;
}

static ssize_t filter_read(struct ohc_source *src, void *buf, size_t n, struct ohc_error *err)
{
	struct filter *u = (struct filter *)src;
	la_ssize_t got;
	int rc = u->started ? 0 : start(u, err);

	if (rc < 0)
		return rc;
	got = u->ended ? 0 : ohc_libarchive.read_data(u->a, buf, n);
	if (got < 0)
		return failed(u, err);
	u->ended = got == 0;
	return got > 0 ? (ssize_t)got : drain(u, err);
}

static void filter_close(struct ohc_source *src)
{
	struct filter *u = (struct filter *)src;

	if (u->a)
		ohc_libarchive.read_free(u->a);
	free(u->what);
	free(u);
}

struct ohc_source *ohc_tar_filter(struct ohc_source *below, const char *kind, const char *what)
{
	static const struct ohc_source_ops ops = { filter_read, NULL, filter_close };
	struct filter *u = ohc_xcalloc(1, sizeof(*u));

	u->source.ops = &ops;
	u->below = below;
	u->kind = kind;
	u->what = ohc_xstrdup(what);
	return &u->source;
}
