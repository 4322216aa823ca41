// SPDX-License-Identifier: Apache-2.0
/*
 * Prints the merged tree of an image in a layout, for the scripts beside it:
 *
 *	peek_driver [--cache DIR] DIR TAG
 *
 * Each entry is nine fields with a NUL behind each: path, mode in octal, uid, gid, size, mtime,
 * layer, id (the same for all names of a file), link target.  With --quiet only their number is
 * printed, and how many blobs' bytes were read and how long it took.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/alloc.h"
#include "layout/rootfs/peek.h"
#include "oci/dir/dir.h"
#include "oci/documents/manifest.h"

static bool quiet;
static size_t count;

static int print(void *ctx, const char *path, const struct ohc_file *f)
{
	(void)ctx;
	count++;
	if (quiet)
		return 0;
	printf("%s%c%o%c%u%c%u%c%llu%c%lld%c%u%c%u%c%s%c", path, 0, f->mode, 0, f->uid, 0, f->gid,
	       0, (unsigned long long)f->size, 0, (long long)f->mtime, 0, f->layer, 0, f->id, 0,
	       f->link ? f->link : "", 0);
	return 0;
}

static int peek(const char *dir, const char *tag, struct ohc_cache *cache, struct ohc_error *err)
{
	ohc_cleanup(ohc_document_clear) struct ohc_document doc = OHC_DOCUMENT_INIT;
	ohc_cleanup(ohc_store_closep) struct ohc_store *store = NULL;
	ohc_cleanup(ohc_rootfs_freep) struct ohc_rootfs *fs = NULL;
	ohc_cleanup(ohc_peek_freep) struct ohc_peek *p = NULL;
	const struct ohc_peek_options o = { .cache = cache };
	struct ohc_manifest m = OHC_MANIFEST_INIT;
	struct timespec a, b;
	struct rusage usage;
	int rc = ohc_dir_open(dir, OHC_LAYOUT_READ, NULL, &store, err);

	if (rc == 0)
		rc = ohc_store_get_manifest(store, tag, &doc, err);
	if (rc == 0)
		rc = ohc_manifest_parse(&doc, &m, err);
	if (rc < 0)
		return rc;
	store->stats.downloaded = 0;
	p = ohc_peek_new(&o);
	clock_gettime(CLOCK_MONOTONIC, &a);
	rc = ohc_peek_layers(p, store, m.layers, m.n_layers, &fs, err);
	clock_gettime(CLOCK_MONOTONIC, &b);
	if (rc == 0)
		ohc_rootfs_walk(fs, "/", print, NULL);
	getrusage(RUSAGE_SELF, &usage);
	if (rc == 0 && quiet)
		printf("%zu entries, %llu bytes, %.1f ms, %ld kB\n", count,
		       (unsigned long long)store->stats.downloaded,
		       (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6,
		       usage.ru_maxrss);
	ohc_manifest_clear(&m);
	return rc;
}

int main(int argc, char **argv)
{
	ohc_cleanup(ohc_cache_closep) struct ohc_cache *cache = NULL;
	struct ohc_error err = OHC_ERROR_INIT;
	int rc;

	for (; argc > 1 && strncmp(argv[1], "--", 2) == 0; argc--, argv++) {
		if (strcmp(argv[1], "--quiet") == 0) {
			quiet = true;
			continue;
		}
		ohc_cache_open(argv[2], 0, NULL, &cache);
		argc--, argv++;
	}
	if (argc != 3)
		return 2;
	rc = peek(argv[1], argv[2], cache, &err);
	if (rc < 0)
		fprintf(stderr, "peek_driver: %s\n", err.msg);
	return ohc_error_exit_status(rc);
}
