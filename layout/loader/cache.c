// SPDX-License-Identifier: Apache-2.0
/*
 * Reads /etc/ld.so.cache, which ldconfig writes, as glibc's loader does
 * (sysdeps/generic/dl-cache.h).  Only the newer form is read, which every ldconfig of this century
 * writes, some behind an older one:
 *
 *	magic 20, number of entries 4, length of the texts 4, ... 20
 *	entries of 24: flags 4, name 4, path 4, version 4, hwcap 8
 *
 * Texts are given by their offset from magic.
 */
#include "layout/loader/loader_internal.h"

#include <string.h>

#include "core/alloc.h"

#define CACHE "/etc/ld.so.cache"
/* The limit is what is kept of a layer's file (OHC_INDEX_DATA_MAX); the cache of a desktop has some
 * 200 KiB. */
#define CACHE_MAX (1u << 20)

#define OLD_MAGIC  "ld.so-1.7.0"
#define OLD_HEADER 16
#define OLD_ENTRY  12
#define MAGIC      "glibc-ld.so.cache1.1"
#define HEADER     48
#define ENTRY      24

/* In the low byte of an entry's flags: a library for this C library. */
#define ELF_LIBC6 3

struct cache_reader {
	const unsigned char *data;
	size_t n;
	bool big;
};

static uint32_t get(const struct cache_reader *r, size_t at)
{
	const unsigned char *p = r->data + at;

	return r->big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
		      : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static bool begins(const struct cache_reader *r, const char *magic, size_t size)
{
	return r->n >= size && memcmp(r->data, magic, strlen(magic)) == 0;
}

static void skip(struct cache_reader *r, uint64_t n)
{
	n = n < r->n ? n : r->n;
	r->data += n;
	r->n -= (size_t)n;
}

/* Skips the old form; the new one begins at the next multiple of 8, or of 4 where a processor
 * aligns 8 bytes so. */
static bool find_magic(struct cache_reader *r)
{
	if (begins(r, OLD_MAGIC, OLD_HEADER)) {
		uint64_t old = OLD_HEADER + (uint64_t)get(r, 12) * OLD_ENTRY;

		skip(r, old);
		if (!begins(r, MAGIC, HEADER))
			skip(r, old % 8);
	}
	return begins(r, MAGIC, HEADER) && get(r, 20) <= (r->n - HEADER) / ENTRY;
}

/* NULL where the text does not lie in the file. */
static const char *text_at(const struct cache_reader *r, uint32_t at)
{
	return at < r->n && memchr(r->data + at, '\0', r->n - at) ? (const char *)r->data + at
								  : NULL;
}

static int compare(const void *a, const void *b)
{
	const struct ohc_cached_lib *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : x->at < y->at ? -1 : x->at > y->at;
}

/* Sorts variants for some processors only (hwcap) behind those for all. */
static void read_entries(const struct cache_reader *r, struct ohc_loader *libs)
{
	uint32_t n = get(r, 20);

	libs->cached = ohc_xcalloc(n, sizeof(*libs->cached));
	for (uint32_t i = 0; i < n; i++) {
		size_t at = HEADER + (size_t)i * ENTRY;
		const char *name = text_at(r, get(r, at + 4)), *path = text_at(r, get(r, at + 8));
		bool special = get(r, at + 16) || get(r, at + 20);

		if (name && path && *path == '/' && (get(r, at) & 0xff) == ELF_LIBC6)
			libs->cached[libs->n_cached++] =
				(struct ohc_cached_lib){ name, path, i + (special ? n : 0) };
	}
	if (libs->n_cached)
		qsort(libs->cached, libs->n_cached, sizeof(*libs->cached), compare);
}

static void parse(struct ohc_loader *libs)
{
	for (int big = 0; big < 2 && !libs->cache_known; big++) {
		struct cache_reader r = { (const unsigned char *)ohc_buf_str(&libs->cache_text),
					  libs->cache_text.len, big };

		libs->cache_known = find_magic(&r);
		if (libs->cache_known)
			read_entries(&r, libs);
	}
}

static int read_cache(struct ohc_loader *libs, struct ohc_error *err)
{
	ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
	int rc = ohc_files_find(libs->files, CACHE, OHC_FILES_FOLLOW, &place, err);

	if (rc == 0 && place.found == OHC_FILES_THERE) {
		libs->cache_there = true;
		libs->cache_layer = place.node.layer;
		rc = ohc_files_read(libs->files, &place, CACHE_MAX, &libs->cache_text, err);
	}
	if (rc < 0)
		return rc;
	if (rc > 0)
		parse(libs);
	libs->cache_read = true;
	return 0;
}

/* The directories are searched, too, because the cache lacks files that came after it (a
 * payload's). */
static int add_by_conf(struct ohc_loader *libs, const char *name, struct ohc_strv *ret,
		       struct ohc_error *err)
{
	ohc_cleanup(ohc_strv_clear) struct ohc_strv dirs = OHC_STRV_INIT;
	int rc = ohc_loader_conf(libs, &dirs, err);

	for (size_t i = 0; rc == 0 && i < dirs.n; i++) {
		ohc_cleanup(ohc_files_place_clear) struct ohc_files_place place = { .path = NULL };
		ohc_cleanup(ohc_freep) char *path = ohc_xasprintf("%s/%s", dirs.v[i], name);

		rc = ohc_files_find(libs->files, path, OHC_FILES_FOLLOW, &place, err);
		if (rc == 0 && place.found == OHC_FILES_THERE &&
		    place.node.layer <= libs->cache_layer)
			ohc_strv_add(ret, path);
	}
	return rc;
}

int ohc_loader_cached(struct ohc_loader *libs, const char *name, struct ohc_strv *ret,
		      struct ohc_error *err)
{
	size_t low = 0, high;
	int rc = libs->cache_read ? 0 : read_cache(libs, err);

	if (rc < 0 || !libs->cache_there)
		return rc;
	if (!libs->cache_known)
		return add_by_conf(libs, name, ret, err);
	for (high = libs->n_cached; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(libs->cached[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < libs->n_cached && strcmp(libs->cached[low].name, name) == 0; low++)
		ohc_strv_add(ret, libs->cached[low].path);
	return 0;
}
